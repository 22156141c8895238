// SPDX-License-Identifier: Apache-2.0
/*
 * test_smb311.c: preauthentication integrity and keys of 3.1.1 against the example in Microsoft's
 * "SMB 2 and SMB 3 security in Windows 10: the anatomy of signing and cryptographic keys"
 * (appendix). There, EncryptionKey is the client's: what the server decrypts with.
 */
#include "testmods.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* NEGOTIATE and its reply, SESSION_SETUP and its reply, the second SESSION_SETUP. */
static const char *const exchange[] = {
	"fe534d4240000100000000000000800000000000000000000100000000000000fffe00000000000000000000"
	"000000000000000000000000000000000000000024000500000000003f000000ecd86f326276024f9f7752b8"
	"9bb33f3a70000000020000000202100200030203110300000100260000000000010020000100fa49e6578f1f"
	"3a9f4cd3e9cc14a67aa884b3d05844e0e5a118225c15887f32ff00000200060000000000020002000100",
	"fe534d4240000100000000000000010001000000000000000100000000000000fffe00000000000000000000"
	"0000000000000000000000000000000000000000410001001103020039cbcaf329714942bdce5d60f09ab3fb"
	"2f000000000080000000800000008000d8dae5adcbaed00109094ab095aed00180004001c00100006082013c"
	"06062b0601050502a08201303082012ca01a3018060a2b06010401823702021e060a2b06010401823702020a"
	"a282010c048201084e45474f45585453010000000000000060000000700000007c7cc0fd06d6362d02dde1cf"
	"343bfe292900f49750b4aa97934d9c4296b26e51fd370471b235e15a50dae15bd5489c870000000000000000"
	"600000000100000000000000000000005c33530deaf90d4db2ec4ae3786ec3084e45474f4558545303000000"
	"0100000040000000980000007c7cc0fd06d6362d02dde1cf343bfe295c33530deaf90d4db2ec4ae3786ec308"
	"40000000580000003056a05430523027802530233121301f06035504031318546f6b656e205369676e696e67"
	"205075626c6963204b65793027802530233121301f06035504031318546f6b656e205369676e696e67205075"
	"626c6963204b6579010026000000000001002000010060a3c3b95c3c7ccd51ec536648d9b3ac74c483ca5b65"
	"385a251117beb30712e50000020004000000000001000200",
	"fe534d4240000100000000000100800000000000000000000200000000000000fffe00000000000000000000"
	"000000000000000000000000000000000000000019000001010000000000000058004a000000000000000000"
	"604806062b0601050502a03e303ca00e300c060a2b06010401823702020aa22a04284e544c4d535350000100"
	"0000978208e200000000000000000000000000000000060380250000000f",
	"fe534d4240000100160000c00100010001000000000000000200000000000000fffe00000000000019000000"
	"0010000000000000000000000000000000000000090000004800b300a181b03081ada0030a0101a10c060a2b"
	"06010401823702020aa281970481944e544c4d53535000020000000c000c003800000015828ae20d1d8ba311"
	"79d008000000000000000050005000440000000a0092270000000f53005500540033003100310002000c0053"
	"005500540033003100310001000c0053005500540033003100310004000c0053005500540033003100310003"
	"000c0053005500540033003100310007000800a1a1f5adcbaed00100000000",
	"fe534d4240000100000000000100800000000000000000000300000000000000fffe00000000000019000000"
	"00100000000000000000000000000000000000001900000101000000000000005800cf010000000000000000"
	"a18201cb308201c7a0030a0101a28201aa048201a64e544c4d53535000030000001800180090000000ee00ee"
	"00a80000000c000c00580000001a001a0064000000120012007e0000001000100096010000158288e2060380"
	"250000000fecac77a5f385a8bf9c38c706eeeddcd3530055005400330031003100610064006d0069006e0069"
	"00730074007200610074006f0072004400520049005600450052003300310031000000000000000000000000"
	"0000000000000000000000000063078eb639fe03e20a231c3ae3bf23080101000000000000a1a1f5adcbaed0"
	"01bc4ad05f223cc90f0000000002000c0053005500540033003100310001000c005300550054003300310031"
	"0004000c0053005500540033003100310003000c0053005500540033003100310007000800a1a1f5adcbaed0"
	"0106000400020000000800300030000000000000000000000000300000b61fefcaa857ea57bf1edcebf8974b"
	"8e0eba5a6dfd9d07a31d11b548f8c9d0cc0a0010000000000000000000000000000000000009001600630069"
	"00660073002f005300550054003300310031000000000000000000000000003b9bdff38f5ee8f9663f11a0f4"
	"c03a78a31204100100000063775a9a5fd97f0600000000",
};

static const char *const hashes[] = {
	"dd94efc5321bb618a2e208ba8920d2f422992526947a409b5037de1e0fe8c7362b8c47122594cde0ce26aa9d"
	"fc8bcdbde0621957672623351a7540f1e54a0426",
	"324bfa92a4f3a190e466ebea08d9c110dc88bfed758d9846ecc6f541cc1d02ae3c94a79f36011e997e13f841"
	"b91b50957ad07b19c8e2539c0b23fdae09d2c513",
	"ac0b0f2b9986257700365e416d142a6edc96df03594a19e52a15f6bd0d041cd5d432f8ed42c55e33197a50c9"
	"ec00f1462b50c592211b1471a04b56088fdfd5f9",
	"2729e3440dfddd839e37193f6e8f20c20cefb3469e453a70cd980eec06b8835740a73760085633364c898989"
	"5ece81bf102deeb14d4b7d48afa76901a7a38387",
	"0dd13628cc3ed218ef9df9772d436d0887ab9814bfae63a80aa845f36909db7928622dddad522d9751640a45"
	"9762c5a9d6bb084cbb3ce6bdadef5d5bce3c6c01",
};

static struct test_mods *t;
static const struct smb3_dialect *row;

static void setup(void)
{
	t = test_mods_start("\"sign\", \"smb311\"", "");
	cr_assert_not_null(t->server);
	row = smb3_row(t->server, SMB3_KIND_DIALECT, SMB2_DIALECT_0311);
}

static void teardown(void)
{
	test_mods_stop(t);
}

TestSuite(smb311, .init = setup, .fini = teardown);

Test(smb311, published_transcript)
{
	uint8_t hash[64] = { 0 }, pdu[1024];

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(exchange); i++) {
		size_t len = test_hex(exchange[i], pdu, sizeof(pdu));

		row->transcript(hash, pdu, len);
		cr_assert(test_is_hex(hash, 64, hashes[i]), "message %zu", i);
	}
}

static void first_channel(struct smb3_channel *ch)
{
	struct smb3_session *s = ch->session;

	s->key_len = test_hex("270e1ba896585eeb7af3472d3b4c75a7", s->key, sizeof(s->key));
	s->cipher_id = SMB2_ENCRYPTION_AES128_GCM;
	test_hex(hashes[4], ch->preauth, sizeof(ch->preauth));
	cr_assert_eq(row->derive(ch, false), 0);
	cr_assert(test_is_hex(ch->sign_key, 16, "73fe7a9a77bef0bde49c650d8ccb5f76"));
	cr_assert(test_is_hex(s->dec_key, 16, "629bcbc54422a0f572b97f45989b6073"));
	cr_assert(test_is_hex(s->enc_key, 16, "e2af0dcefac68da71a0dfbd0d1350d74"));
	cr_assert(test_is_hex(s->app_key, 16, "6d7ad7954e9ec61e907b4d473dc178ff"));
}

Test(smb311, published_keys)
{
	struct smb3_channel *ch = test_mods_channel(t);

	first_channel(ch);
	test_mods_channel_free(t, ch);
}

Test(smb311, second_channel_has_its_own_signing_key_only)
{
	struct smb3_channel *ch = test_mods_channel(t), second;
	struct smb3_auth auth = { .mech = NULL };

	first_channel(ch);
	second = *ch;
	second.auth = &auth;
	auth.key_len = test_hex("84b9dbb730116a8fa6e9889555c265f9", auth.key, sizeof(auth.key));
	test_hex("ea3bf912b11cbfec5b1889e8209614218687f82fa5294521ad3063425e49e88a"
		 "10bd022124ce25123bc9111f52d9566ba88bf46344e6063dc5e3ff0389026f6c",
		 second.preauth, sizeof(second.preauth));
	cr_assert_eq(row->derive(&second, true), 0);
	cr_assert(test_is_hex(second.sign_key, 16, "c962bca1a9dd1697b030644199705431"));
	cr_assert(test_is_hex(ch->session->dec_key, 16, "629bcbc54422a0f572b97f45989b6073"));
	test_mods_channel_free(t, ch);
}

/* Computed with another implementation of SP800-108. */
Test(smb311, long_ciphers_have_long_keys_and_all_of_the_session_key)
{
	struct smb3_channel *ch = test_mods_channel(t);
	struct smb3_session *s = ch->session;

	for (uint8_t i = 0; i < 32; i++)
		s->key[i] = i;
	s->key_len = 32;
	s->cipher_id = SMB2_ENCRYPTION_AES256_GCM;
	memset(ch->preauth, 0xab, sizeof(ch->preauth));
	cr_assert_eq(row->derive(ch, false), 0);
	cr_assert(test_is_hex(ch->sign_key, 16, "2825959ca6ee4deae576c0b659300e33"));
	cr_assert(test_is_hex(s->app_key, 16, "fe20900daf6b828c2b45e19ef74547d8"));
	cr_assert(test_is_hex(s->enc_key, 32,
			      "e913cd34f9cf6aeae4b3d6e7625607f824f29e9e16e388f29e6bd13726b3d617"));
	cr_assert(test_is_hex(s->dec_key, 32,
			      "260cac0b884ad2a12a342f72d72464813375072e0e4331b1eb9f9f29150f056c"));
	test_mods_channel_free(t, ch);
}

Test(smb311, no_key_is_an_error)
{
	struct smb3_channel *ch = test_mods_channel(t);

	cr_assert_eq(row->derive(ch, false), -ENOKEY);
	cr_assert_eq(row->derive(ch, true), -ENOKEY);
	test_mods_channel_free(t, ch);
}

/* ---- negotiate contexts ---- */

static ntstatus parse(uint16_t type, const char *hex)
{
	const struct smb3_negctx *ctx = smb3_row(t->server, SMB3_KIND_NEGCTX, type);
	struct smb3_conn *conn = test_mods_conn(t);
	uint8_t data[128];
	size_t len = test_hex(hex, data, sizeof(data));
	struct smb3_cursor c = smb3_cursor_init(data, len);
	ntstatus status = ctx->parse(conn, &c);

	free(conn);
	return status;
}

Test(smb311, preauth_context)
{
	static const struct {
		const char *data;
		ntstatus status;
	} cases[] = {
		{ "0100 0400 0100 aabbccdd", STATUS_SUCCESS },
		{ "0100 0000 0100", STATUS_SUCCESS },
		{ "0200 0000 7700 0100", STATUS_SUCCESS },
		{ "0100 0000 7700", STATUS_SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP },
		{ "0000 0000", STATUS_INVALID_PARAMETER },
		{ "", STATUS_INVALID_PARAMETER },
		{ "0100", STATUS_INVALID_PARAMETER },
		{ "0100 0000 01", STATUS_INVALID_PARAMETER },
		{ "0200 0000 0100", STATUS_INVALID_PARAMETER },
		{ "0100 2000 0100 aabbccdd", STATUS_INVALID_PARAMETER },
		{ "ffff ffff 0100", STATUS_INVALID_PARAMETER },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++)
		cr_assert_eq(parse(SMB2_PREAUTH_INTEGRITY_CAPABILITIES, cases[i].data),
			     cases[i].status, "case %zu", i);
}

Test(smb311, preauth_reply_has_new_salt_each_time)
{
	const struct smb3_negctx *ctx =
		smb3_row(t->server, SMB3_KIND_NEGCTX, SMB2_PREAUTH_INTEGRITY_CAPABILITIES);
	uint8_t one[64], two[64];
	struct smb3_builder a = smb3_builder_init(one, sizeof(one));
	struct smb3_builder b = smb3_builder_init(two, sizeof(two));

	cr_assert(ctx->required);
	cr_assert(ctx->build(NULL, &a));
	cr_assert(ctx->build(NULL, &b));
	cr_assert_eq(a.len, 38);
	cr_assert(test_is_hex(one, 6, "0100 2000 0100"));
	cr_assert_neq(memcmp(one, two, 38), 0);
}

Test(smb311, netname_is_taken_and_not_answered)
{
	const struct smb3_negctx *ctx =
		smb3_row(t->server, SMB3_KIND_NEGCTX, SMB2_NETNAME_NEGOTIATE_CONTEXT_ID);

	cr_assert_not(ctx->required);
	cr_assert_eq(parse(SMB2_NETNAME_NEGOTIATE_CONTEXT_ID, "4100 4200"), STATUS_SUCCESS);
	cr_assert_eq(parse(SMB2_NETNAME_NEGOTIATE_CONTEXT_ID, ""), STATUS_SUCCESS);
	cr_assert_not(ctx->build(NULL, NULL));
}
