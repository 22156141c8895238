// SPDX-License-Identifier: Apache-2.0
/*
 * test_smb3.c: keys of 3.0 against the example in Microsoft's "SMB 2 and SMB 3 security in
 * Windows 10: the anatomy of signing and cryptographic keys" (appendix). There, EncryptionKey is
 * the client's: what the server decrypts with.
 */
#include "testmods.h"

#include <criterion/criterion.h>
#include <errno.h>

static struct test_mods *t;

static void setup(void)
{
	t = test_mods_start("\"sign\", \"smb3\"", "");
	cr_assert_not_null(t->server);
}

static void teardown(void)
{
	test_mods_stop(t);
}

TestSuite(smb3, .init = setup, .fini = teardown);

static void first_channel(const struct smb3_dialect *row, struct smb3_channel *ch)
{
	struct smb3_session *s = ch->session;

	s->key_len = test_hex("7cd451825d0450d235424e44ba6e78cc", s->key, sizeof(s->key));
	cr_assert_eq(row->derive(ch, false), 0);
	cr_assert(test_is_hex(ch->sign_key, 16, "0b7e9c5cac36c0f6ea9ab275298cedce"));
	cr_assert(test_is_hex(s->dec_key, 16, "fad27796665b313ebb578f388632b4f7"));
	cr_assert(test_is_hex(s->enc_key, 16, "b0f0427f7ceb416d1d9dcc0cd4f99447"));
	cr_assert(test_is_hex(s->app_key, 16, "bb23a4575aa26c721af525af15a87b4f"));
}

Test(smb3, published_keys)
{
	static const uint16_t revisions[] = { SMB2_DIALECT_0300, SMB2_DIALECT_0302 };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(revisions); i++) {
		const struct smb3_dialect *row =
			smb3_row(t->server, SMB3_KIND_DIALECT, revisions[i]);
		struct smb3_channel *ch = test_mods_channel(t);

		cr_assert_eq(row->revision, revisions[i]);
		cr_assert_eq(row->sign_id, SMB2_SIGNING_AES_CMAC);
		first_channel(row, ch);
		test_mods_channel_free(t, ch);
	}
}

Test(smb3, second_channel_has_its_own_signing_key_only)
{
	const struct smb3_dialect *row = smb3_row(t->server, SMB3_KIND_DIALECT, 0x0300);
	struct smb3_channel *ch = test_mods_channel(t), second;
	struct smb3_auth auth = { .mech = NULL };

	first_channel(row, ch);
	second = *ch;
	second.auth = &auth;
	auth.key_len = test_hex("4e01a2b313bcf660cc250bef021aede6", auth.key, sizeof(auth.key));
	cr_assert_eq(row->derive(&second, true), 0);
	cr_assert(test_is_hex(second.sign_key, 16, "ba1a17dbbfec349bca105563d598952f"));
	cr_assert(test_is_hex(ch->session->key, 16, "7cd451825d0450d235424e44ba6e78cc"));
	cr_assert(test_is_hex(ch->session->dec_key, 16, "fad27796665b313ebb578f388632b4f7"));
	cr_assert(test_is_hex(ch->session->app_key, 16, "bb23a4575aa26c721af525af15a87b4f"));
	auth.key_len = 0;
	cr_assert_eq(row->derive(&second, true), -ENOKEY);
	second.auth = NULL;
	cr_assert_eq(row->derive(&second, true), -ENOKEY);
	test_mods_channel_free(t, ch);
}

Test(smb3, no_key_is_an_error)
{
	const struct smb3_dialect *row = smb3_row(t->server, SMB3_KIND_DIALECT, 0x0300);
	struct smb3_channel *ch = test_mods_channel(t);

	cr_assert_eq(row->derive(ch, false), -ENOKEY);
	test_mods_channel_free(t, ch);
}
