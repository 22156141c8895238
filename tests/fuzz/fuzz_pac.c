// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_pac.c: the logon information of a PAC. Input: one byte, odd when the head of the NDR is to be made
 * right, so that what comes after it is reached; then the structure. Whatever it says: SIDs of domains
 * come out, whole ones, and not more than there may be. [MS-PAC] 2.5
 */
#include "fuzz.h"
#include "../../modules/krb5/kerberos.h"

#include <errno.h>

static void mend_head(uint8_t *data, size_t len)
{
	if (len < 20)
		return;
	memcpy(data, "\x01\x10\x08\x00\xcc\xcc\xcc\xcc", 8);
	smb3_store_u32(data + 8, (uint32_t)(len - 16));
	data[16] |= 1;
}

static void check(const uint8_t *sids, size_t len)
{
	struct smb3_cursor c = smb3_cursor_init(sids, len);

	CHECK(len <= (size_t)PAC_SIDS_MAX * 28);
	while (smb3_cursor_left(&c)) {
		CHECK(smb3_get_u8(&c) == 1 && smb3_get_u8(&c) == 5);
		CHECK(smb3_get_u32(&c) == 0 && smb3_get_u16(&c) == 0x500);
		CHECK(smb3_get_u32(&c) == 21);
		smb3_get_skip(&c, 16);
	}
	CHECK(smb3_cursor_ok(&c));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *copy, *sids;
	size_t n;
	int err;

	if (!len)
		return 0;
	copy = memcpy(smb3_alloc(len), data + 1, len - 1);
	copy = smb3_realloc(copy, len - 1 ? len - 1 : 1);
	if (data[0] & 1)
		mend_head(copy, len - 1);
	err = pac_sids(copy, len - 1, &sids, &n);
	if (!err) {
		check(sids, n);
		free(sids);
	} else {
		CHECK(err == -EBADMSG || err == -E2BIG);
	}
	free(copy);
	return 0;
}
