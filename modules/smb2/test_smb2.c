// SPDX-License-Identifier: Apache-2.0
/*
 * test_smb2.c: limits and keys of 2.0.2 and 2.1.
 */
#include "testmods.h"

#include <criterion/criterion.h>
#include <errno.h>

static struct test_mods *t;

static void setup(void)
{
	t = test_mods_start("\"sign\", \"smb2\"", "");
	cr_assert_not_null(t->server);
}

static void teardown(void)
{
	test_mods_stop(t);
}

TestSuite(smb2, .init = setup, .fini = teardown);

Test(smb2, limits)
{
	const struct smb3_dialect *old = smb3_row(t->server, SMB3_KIND_DIALECT, 0x0202);
	const struct smb3_dialect *new = smb3_row(t->server, SMB3_KIND_DIALECT, 0x0210);

	cr_assert_eq(old->revision, 0x0202);
	cr_assert_eq(old->max_read, 65536);
	cr_assert_eq(old->max_write, 65536);
	cr_assert_eq(old->max_transact, 65536);
	cr_assert_not(old->multi_credit);
	cr_assert_not(old->capabilities & (SMB2_GLOBAL_CAP_LARGE_MTU | SMB2_GLOBAL_CAP_LEASING));
	cr_assert_eq(new->revision, 0x0210);
	cr_assert_eq(new->max_read, 8u << 20);
	cr_assert(new->multi_credit);
	cr_assert(new->capabilities &SMB2_GLOBAL_CAP_LARGE_MTU);
	cr_assert_not(new->capabilities &SMB2_GLOBAL_CAP_ENCRYPTION);
	cr_assert_eq(old->sign_id, SMB2_SIGNING_HMAC_SHA256);
	cr_assert_eq(new->sign_id, SMB2_SIGNING_HMAC_SHA256);
}

Test(smb2, session_key_signs)
{
	static const struct {
		size_t len;
		const char *sign_key;
	} cases[] = { { 16, "000102030405060708090a0b0c0d0e0f" },
		      { 32, "000102030405060708090a0b0c0d0e0f" },
		      { 8, "00010203040506070000000000000000" } };
	const struct smb3_dialect *row = smb3_row(t->server, SMB3_KIND_DIALECT, 0x0210);

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct smb3_channel *ch = test_mods_channel(t);

		for (uint8_t n = 0; n < cases[i].len; n++)
			ch->session->key[n] = n;
		ch->session->key_len = cases[i].len;
		cr_assert_eq(row->derive(ch, false), 0);
		cr_assert(test_is_hex(ch->sign_key, 16, cases[i].sign_key));
		test_mods_channel_free(t, ch);
	}
}

Test(smb2, no_key_no_signing_and_no_binding)
{
	const struct smb3_dialect *row = smb3_row(t->server, SMB3_KIND_DIALECT, 0x0202);
	struct smb3_channel *ch = test_mods_channel(t);

	cr_assert_eq(row->derive(ch, false), -ENOKEY);
	ch->session->key_len = 16;
	cr_assert_eq(row->derive(ch, true), -EOPNOTSUPP);
	test_mods_channel_free(t, ch);
}
