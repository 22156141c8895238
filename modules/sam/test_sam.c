// SPDX-License-Identifier: Apache-2.0
/*
 * test_sam.c: numbers of accounts, which must never change, and the arithmetic of passwords.
 */
#include "sam.h"

#include <criterion/criterion.h>

Test(sam, numbers_are_for_ever)
{
	uint32_t gid = 7;

	cr_expect_eq(smb3_account_rid("boss", NULL, 0), 0xfec23ed9u);
	cr_expect_eq(smb3_account_rid("BOSS", NULL, 0), 0xfec23ed9u, "case does not matter");
	cr_expect_neq(smb3_account_rid("bos", NULL, 0), smb3_account_rid("boss", NULL, 0));
	cr_expect_geq(smb3_account_rid("", NULL, 0), 0xF0000000u);
	cr_expect_eq(sam_rid_of_uid(1000), 3000u);
	cr_expect(sam_gid_of_rid(sam_rid_of_gid(1000), &gid));
	cr_expect_eq(gid, 1000u);
	cr_expect_not(sam_gid_of_rid(sam_rid_of_uid(1000), &gid), "a user's");
	cr_expect_not(sam_gid_of_rid(513, &gid));
	cr_expect_not(sam_gid_of_rid(0xF0000001u, &gid), "an account's");
	cr_expect_not(sam_gid_of_rid(SMB3_GROUP_RIDS + 1, &gid), "a group's of a store");
	cr_expect_eq(gid, 1000u);
	cr_expect_eq(smb3_account_rid("Boss", "boss", 7), 1014u);
	cr_expect_eq(smb3_account_rid("boss", "files", 7), 0xfec23ed9u);
	cr_expect_eq(smb3_account_rid("boss", "boss", SMB3_UNIX_ID_MAX + 1), 0xfec23ed9u);
	cr_expect_lt(smb3_account_rid("boss", "boss", SMB3_UNIX_ID_MAX), SMB3_GROUP_RIDS - 1);
}

static void bytes(const char *hex, uint8_t *out)
{
	for (; *hex; hex += 2)
		cr_assert_eq(sscanf(hex, "%2hhx", out++), 1);
}

static void expect_hex(const uint8_t *data, const char *hex)
{
	uint8_t want[64];

	bytes(hex, want);
	cr_expect_arr_eq(data, want, strlen(hex) / 2);
}

/* RFC 1320 A.5, RFC 6229 (the first bytes of a stream), [MS-NLMP] 4.2.2.1.2 */
Test(sam, known_answers)
{
	struct sam_crypto *c = sam_crypto_new();
	const struct sam_bytes zeros = { (const uint8_t[16]){ 0 }, 16 };
	uint8_t out[16], key[16];

	cr_assert_not_null(c, "OpenSSL's legacy provider");
	cr_assert(sam_md4(c, "abc", 3, out));
	expect_hex(out, "a448017aaf21d8525fc10ae87aa6729d");
	cr_assert(sam_md4(c, "P\0a\0s\0s\0w\0o\0r\0d\0", 16, out));
	expect_hex(out, "a4f49c406510bdcab6824ee7c30fd852");
	cr_assert(sam_md5(c, "abc", 3, out));
	expect_hex(out, "900150983cd24fb0d6963f7d28e17f72");
	bytes("0102030405060708090a0b0c0d0e0f10", key);
	cr_assert(sam_rc4(c, key, &zeros, out));
	expect_hex(out, "9ac7cc9a609d1ef7b2932899cde41b97");
	cr_expect(sam_same(key, key));
	cr_expect_not(sam_same(key, out));
	sam_crypto_free(c);
}

Test(sam, what_is_not_sealed_with_the_key_is_not_opened)
{
	struct sam_crypto *c = sam_crypto_new();
	uint8_t key[16] = { 1 }, salt[16] = { 2 }, auth[64] = { 3 }, text[32] = { 4 }, out[32];
	struct sam_sealed s = { salt, 5000, auth, text, sizeof(text) };
	size_t len = 77;

	cr_assert_not_null(c);
	cr_expect_not(sam_open(c, key, &s, out, &len));
	s.len = 17;
	cr_expect_not(sam_open(c, key, &s, out, &len), "no whole blocks");
	s.len = 0;
	cr_expect_not(sam_open(c, key, &s, out, &len));
	sam_crypto_free(c);
}

Test(sam, many_rounds_do_not_go_side_by_side)
{
	atomic_flag busy = ATOMIC_FLAG_INIT;

	cr_expect(sam_derive_begin(&busy, 1000000));
	cr_expect_not(sam_derive_begin(&busy, 100001));
	cr_expect(sam_derive_begin(&busy, 10000), "as most clients do");
	sam_derive_end(&busy, 10000);
	cr_expect_not(sam_derive_begin(&busy, 1000000));
	sam_derive_end(&busy, 1000000);
	cr_expect(sam_derive_begin(&busy, 1000000));
}
