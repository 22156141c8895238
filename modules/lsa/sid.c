// SPDX-License-Identifier: Apache-2.0
/*
 * sid.c: SIDs as people write them. [MS-DTYP] 2.4.2.1
 */
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

const char *lsa_sid_text(const struct smb3_rpc_sid *sid, char buf[LSA_SID_TEXT])
{
	unsigned long long authority = 0;
	int len;

	for (size_t i = 0; i < sizeof(sid->authority); i++)
		authority = authority << 8 | sid->authority[i];
	len = snprintf(buf, LSA_SID_TEXT, authority >> 32 ? "S-1-0x%012llx" : "S-1-%llu",
		       authority);
	for (uint8_t i = 0; i < sid->n_auths && i < SMB3_SID_AUTHS; i++)
		len += snprintf(buf + len, LSA_SID_TEXT - (size_t)len, "-%u", sid->auths[i]);
	return buf;
}

/* A number and what stands behind it; false for anything but digits. */
static bool number(const char **p, unsigned long long max, unsigned long long *ret_number)
{
	int base = (*p)[0] == '0' && (*p)[1] == 'x' ? 16 : 10;
	char *end;

	if (!isdigit((unsigned char)**p))
		return false;
	errno = 0;
	*ret_number = strtoull(*p, &end, base);
	if (errno || *ret_number > max)
		return false;
	*p = end;
	return true;
}

/* What can be read in several ways is refused by writing it again. */
bool lsa_sid_parse(const char *text, struct smb3_rpc_sid *ret_sid)
{
	struct smb3_rpc_sid sid = { .revision = 1 };
	unsigned long long n;
	char again[LSA_SID_TEXT];
	const char *p = text + 4;

	if (strncmp(text, "S-1-", 4) || !number(&p, 0xffffffffffffull, &n))
		return false;
	for (int i = 5; i >= 0; i--, n >>= 8)
		sid.authority[i] = (uint8_t)n;
	while (*p == '-' && sid.n_auths < SMB3_SID_AUTHS) {
		p++;
		if (!number(&p, UINT32_MAX, &n))
			return false;
		sid.auths[sid.n_auths++] = (uint32_t)n;
	}
	if (*p || strcmp(lsa_sid_text(&sid, again), text))
		return false;
	*ret_sid = sid;
	return true;
}
