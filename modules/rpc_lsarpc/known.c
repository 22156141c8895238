// SPDX-License-Identifier: Apache-2.0
/*
 * known.c: SIDs that are the same on all machines, and what they are called. [MS-DTYP] 2.4.2.4
 */
#include "lsarpc.h"

#include <stdio.h>
#include <stdlib.h>

#define NT      "NT AUTHORITY"
#define BUILTIN "BUILTIN"

static const struct lsa_known known[] = {
	{ "S-1-0-0", "", "NULL SID", SMB3_SID_WELL_KNOWN },
	{ "S-1-1-0", "", "Everyone", SMB3_SID_WELL_KNOWN },
	{ "S-1-2-0", "", "LOCAL", SMB3_SID_WELL_KNOWN },
	{ "S-1-3-0", "", "CREATOR OWNER", SMB3_SID_WELL_KNOWN },
	{ "S-1-3-1", "", "CREATOR GROUP", SMB3_SID_WELL_KNOWN },
	{ "S-1-3-2", "", "CREATOR OWNER SERVER", SMB3_SID_WELL_KNOWN },
	{ "S-1-3-3", "", "CREATOR GROUP SERVER", SMB3_SID_WELL_KNOWN },
	{ "S-1-3-4", "", "OWNER RIGHTS", SMB3_SID_WELL_KNOWN },
	{ "S-1-5", NT, "", SMB3_SID_DOMAIN },
	{ "S-1-5-1", NT, "DIALUP", SMB3_SID_WELL_KNOWN },
	{ "S-1-5-2", NT, "NETWORK", SMB3_SID_WELL_KNOWN },
	{ "S-1-5-3", NT, "BATCH", SMB3_SID_WELL_KNOWN },
	{ "S-1-5-4", NT, "INTERACTIVE", SMB3_SID_WELL_KNOWN },
	{ "S-1-5-6", NT, "SERVICE", SMB3_SID_WELL_KNOWN },
	{ "S-1-5-7", NT, "ANONYMOUS LOGON", SMB3_SID_WELL_KNOWN },
	{ "S-1-5-8", NT, "PROXY", SMB3_SID_WELL_KNOWN },
	{ "S-1-5-9", NT, "ENTERPRISE DOMAIN CONTROLLERS", SMB3_SID_WELL_KNOWN },
	{ "S-1-5-10", NT, "SELF", SMB3_SID_WELL_KNOWN },
	{ "S-1-5-11", NT, "Authenticated Users", SMB3_SID_WELL_KNOWN },
	{ "S-1-5-12", NT, "RESTRICTED", SMB3_SID_WELL_KNOWN },
	{ "S-1-5-13", NT, "TERMINAL SERVER USER", SMB3_SID_WELL_KNOWN },
	{ "S-1-5-14", NT, "REMOTE INTERACTIVE LOGON", SMB3_SID_WELL_KNOWN },
	{ "S-1-5-15", NT, "This Organization", SMB3_SID_WELL_KNOWN },
	{ "S-1-5-18", NT, "SYSTEM", SMB3_SID_WELL_KNOWN },
	{ "S-1-5-19", NT, "LOCAL SERVICE", SMB3_SID_WELL_KNOWN },
	{ "S-1-5-20", NT, "NETWORK SERVICE", SMB3_SID_WELL_KNOWN },
	{ "S-1-5-32", BUILTIN, "", SMB3_SID_DOMAIN },
	{ "S-1-5-32-544", BUILTIN, "Administrators", SMB3_SID_ALIAS },
	{ "S-1-5-32-545", BUILTIN, "Users", SMB3_SID_ALIAS },
	{ "S-1-5-32-546", BUILTIN, "Guests", SMB3_SID_ALIAS },
	{ "S-1-5-32-547", BUILTIN, "Power Users", SMB3_SID_ALIAS },
	{ "S-1-5-32-548", BUILTIN, "Account Operators", SMB3_SID_ALIAS },
	{ "S-1-5-32-549", BUILTIN, "Server Operators", SMB3_SID_ALIAS },
	{ "S-1-5-32-550", BUILTIN, "Print Operators", SMB3_SID_ALIAS },
	{ "S-1-5-32-551", BUILTIN, "Backup Operators", SMB3_SID_ALIAS },
	{ "S-1-5-32-552", BUILTIN, "Replicator", SMB3_SID_ALIAS },
	{ "S-1-5-64-10", NT, "NTLM Authentication", SMB3_SID_WELL_KNOWN },
	{ "S-1-5-64-14", NT, "SChannel Authentication", SMB3_SID_WELL_KNOWN },
	{ "S-1-5-64-21", NT, "Digest Authentication", SMB3_SID_WELL_KNOWN },
	{ "S-1-22-1", "Unix User", "", SMB3_SID_DOMAIN },
	{ "S-1-22-2", "Unix Group", "", SMB3_SID_DOMAIN },
};

struct smb3_rpc_sid lsa_sid_parse(const char *text)
{
	struct smb3_rpc_sid sid = { .revision = 1 };
	char *end;

	sid.authority[5] = (uint8_t)strtoul(text + 4, &end, 10);
	while (*end == '-' && sid.n_auths < SMB3_SID_AUTHS)
		sid.auths[sid.n_auths++] = (uint32_t)strtoul(end + 1, &end, 10);
	return sid;
}

const char *lsa_sid_text(const struct smb3_rpc_sid *sid, char buf[LSA_SID_TEXT])
{
	unsigned long long authority = 0;
	int len;

	for (size_t i = 0; i < sizeof(sid->authority); i++)
		authority = authority << 8 | sid->authority[i];
	len = snprintf(buf, LSA_SID_TEXT, authority >> 32 ? "S-1-0x%012llx" : "S-1-%llu",
		       authority);
	for (uint8_t i = 0; i < sid->n_auths; i++)
		len += snprintf(buf + len, LSA_SID_TEXT - (size_t)len, "-%u", sid->auths[i]);
	return buf;
}

const struct lsa_known *lsa_known_by_sid(const struct smb3_rpc_sid *sid)
{
	char text[LSA_SID_TEXT];

	lsa_sid_text(sid, text);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(known); i++)
		if (!strcmp(known[i].sid, text))
			return &known[i];
	return NULL;
}

const struct lsa_known *lsa_known_by_name(const char *domain, const char *name)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(known); i++) {
		const struct lsa_known *k = &known[i];

		if (domain && !smb3_name_equal(domain, k->domain))
			continue;
		if (smb3_name_equal(k->name, name) ||
		    (!domain && k->type == SMB3_SID_DOMAIN && smb3_name_equal(k->domain, name)))
			return k;
	}
	return NULL;
}

bool lsa_known_domain(const char *domain)
{
	return !smb3_name_equal(domain, "") && lsa_known_by_name(domain, "");
}
