// SPDX-License-Identifier: Apache-2.0
/*
 * test_sign.c: signatures that others have published or sent, and the choice among algorithms.
 */
#include "testmods.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const char *const modules = "\"sign\"";

/* A recorded SESSION_SETUP reply of a log-on with 3.1.1; the signature field is zeroed. */
static const char reply_pdu[] =
	"fe534d42400001000000000001000020190000000000000002000000000000000000000000000000"
	"c3b2c1490000000000000000000000000000000000000000 0900000048001d00a11b3019a0030a0100"
	"a312041001000000e429d18d6241654c00000000";
/* The TREE_CONNECT request that followed. */
static const char request_pdu[] =
	"fe534d42400001000000000003000100180000000000000003000000000000000000000000000000"
	"c3b2c1490000000000000000000000000000000000000000 09000000480020005c005c003100320037"
	"002e0030002e0030002e0031005c004900500043002400";

static const struct {
	uint16_t id;
	const char *key, *data;
	struct smb3_sign_info info;
	const char *signature;
} known[] = {
	/* RFC 4493 section 4, examples 1 to 4 */
	{ SMB2_SIGNING_AES_CMAC,
	  "2b7e151628aed2a6abf7158809cf4f3c",
	  "",
	  { 0 },
	  "bb1d6929e95937287fa37d129b756746" },
	{ SMB2_SIGNING_AES_CMAC,
	  "2b7e151628aed2a6abf7158809cf4f3c",
	  "6bc1bee22e409f96e93d7e117393172a",
	  { 0 },
	  "070a16b46b4d4144f79bdd9dd04a287c" },
	{ SMB2_SIGNING_AES_CMAC,
	  "2b7e151628aed2a6abf7158809cf4f3c",
	  "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411",
	  { 0 },
	  "dfa66747de9ae63030ca32611497c827" },
	{ SMB2_SIGNING_AES_CMAC,
	  "2b7e151628aed2a6abf7158809cf4f3c",
	  "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
	  "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
	  { 0 },
	  "51f0bebf7e3b9d92fc49741779363cfe" },
	/* "The anatomy of signing and cryptographic keys", appendix: last SESSION_SETUP reply of
	 * the 3.1.1 example, first and second channel */
	{ SMB2_SIGNING_AES_CMAC,
	  "73fe7a9a77bef0bde49c650d8ccb5f76",
	  "fe534d4240000100000000000100800009000000000000000300000000000000fffe000000000000"
	  "190000000010000000000000000000000000000000000000 0900000048001d00a11b3019a0030a01"
	  "00a3120410010000003b453cdc3524164200000000",
	  { 0 },
	  "ebe146da120ba25fc3376a49dfe31bc1" },
	{ SMB2_SIGNING_AES_CMAC,
	  "c962bca1a9dd1697b030644199705431",
	  "fe534d4240000100000000000100800009000000000000000300000000000000fffe000000000000"
	  "190000000010000000000000000000000000000000000000 0900000048001d00a11b3019a0030a01"
	  "00a312041001000000cfb046fc5d368e2200000000",
	  { 0 },
	  "8d604217ffbacf40635bf9d872992150" },
	/* RFC 4231 test case 2 has a short key; test case 1 a 20-byte one. This is the first 16
	 * bytes of HMAC-SHA256 with a key of 16 bytes 0b over "Hi There", by two other programs. */
	{ SMB2_SIGNING_HMAC_SHA256,
	  "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
	  "4869205468657265",
	  { 0 },
	  "492ce020fe2534a5789dc3848806c78f" },
	/* The recorded log-on: a reply, and a request */
	{ SMB2_SIGNING_AES_GMAC,
	  "a81cfc4dfb99d7237fc96651ddb07e98",
	  reply_pdu,
	  { .message_id = 2, .from_server = true },
	  "27a37eb4d9cf7484a9fd1a7f10f7c8d9" },
	{ SMB2_SIGNING_AES_GMAC,
	  "a81cfc4dfb99d7237fc96651ddb07e98",
	  request_pdu,
	  { .message_id = 3 },
	  "8586eb8d8af5fe6c1969d27b052dd6aa" },
};

static struct test_mods *t;

static void setup(void)
{
	t = test_mods_start(modules, "");
	cr_assert_not_null(t->server);
}

static void teardown(void)
{
	test_mods_stop(t);
}

TestSuite(sign, .init = setup, .fini = teardown);

/* Signs hex data that is cut into pieces of `piece` bytes. */
static void sign_pieces(const struct smb3_sign *row, void *ctx, const struct smb3_sign_info *info,
			const char *hex, size_t piece, uint8_t ret_signature[16])
{
	uint8_t data[512];
	size_t len = test_hex(hex, data, sizeof(data));
	struct iovec iov[512];
	int n = 0;

	for (size_t at = 0; at < len; at += piece)
		iov[n++] = (struct iovec){ data + at, len - at < piece ? len - at : piece };
	memset(ret_signature, 0, 16);
	cr_assert_eq(row->sign(ctx, info, iov, n, ret_signature), 0);
}

Test(sign, known_signatures)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(known); i++) {
		const struct smb3_sign *row = smb3_row(t->server, SMB3_KIND_SIGN, known[i].id);
		uint8_t key[16], signature[16];
		void *ctx;

		cr_assert_not_null(row);
		cr_assert_eq(row->id, known[i].id);
		test_hex(known[i].key, key, sizeof(key));
		ctx = row->key(key);
		cr_assert_not_null(ctx);
		/* Twice, and in pieces: a context must begin anew each time. */
		for (size_t piece = 512; piece; piece /= 7) {
			sign_pieces(row, ctx, &known[i].info, known[i].data, piece, signature);
			cr_assert(test_is_hex(signature, 16, known[i].signature), "case %zu, %s", i,
				  row->name);
		}
		row->free(ctx);
	}
}

/* Long messages, in pieces of every kind, against what another program computed. */
Test(sign, long_cmac)
{
	static const struct {
		size_t len;
		const char *signature;
	} cases[] = { { 10007, "e255e76c1c67f07e34e1905534f4ed26" },
		      { 8192, "0ef7c98240d26af6db09a8797c851f2d" } };
	static const size_t pieces[] = { 1, 7, 15, 16, 17, 48, 4095, 4096, 4097, 10007 };
	const struct smb3_sign *row = smb3_row(t->server, SMB3_KIND_SIGN, SMB2_SIGNING_AES_CMAC);
	static uint8_t data[10007];
	static struct iovec iov[10007];
	uint8_t key[16], signature[16];
	void *ctx;

	test_hex("2b7e151628aed2a6abf7158809cf4f3c", key, sizeof(key));
	ctx = row->key(key);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases) * SMB3_ARRAY_SIZE(pieces); i++) {
		size_t len = cases[i % 2].len, piece = pieces[i / 2];
		int n = 0;

		for (size_t at = 0; at < len; at += piece)
			iov[n++] = (struct iovec){ data + at, len - at < piece ? len - at : piece };
		cr_assert_eq(row->sign(ctx, &(struct smb3_sign_info){ 0 }, iov, n, signature), 0);
		cr_expect(test_is_hex(signature, 16, cases[i % 2].signature), "%zu by %zu", len,
			  piece);
	}
	row->free(ctx);
}

/* ---- one key, several threads ---- */

#define THREADS 6

struct crowd {
	const struct smb3_sign *row;
	void *ctx;
};

/* Counts the signatures that are not the known one. */
static void *sign_often(void *arg)
{
	static const struct smb3_sign_info info = { .message_id = 5 };
	const struct crowd *crowd = arg;
	static const uint8_t data[70000];
	struct iovec iov[2] = { { (void *)(uintptr_t)data, 33 },
				{ (void *)(uintptr_t)(data + 33), sizeof(data) - 33 } };
	uint8_t first[16], signature[16];
	uintptr_t wrong = 0;

	wrong += crowd->row->sign(crowd->ctx, &info, iov, 2, first) != 0;
	for (int i = 0; i < 100; i++)
		wrong += crowd->row->sign(crowd->ctx, &info, iov, 2, signature) != 0 ||
			 memcmp(first, signature, sizeof(first));
	return (void *)wrong;
}

Test(sign, one_key_on_several_threads)
{
	static const uint8_t key[16] = { 9 };
	static const uint16_t ids[] = { SMB2_SIGNING_HMAC_SHA256, SMB2_SIGNING_AES_CMAC,
					SMB2_SIGNING_AES_GMAC };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(ids); i++) {
		struct crowd crowd = { .row = smb3_row(t->server, SMB3_KIND_SIGN, ids[i]) };
		pthread_t threads[THREADS];
		void *wrong;

		crowd.ctx = crowd.row->key(key);
		for (int k = 0; k < THREADS; k++)
			cr_assert_eq(pthread_create(&threads[k], NULL, sign_often, &crowd), 0);
		for (int k = 0; k < THREADS; k++) {
			pthread_join(threads[k], &wrong);
			cr_expect_null(wrong, "%s", crowd.row->name);
		}
		crowd.row->free(crowd.ctx);
	}
}

Test(sign, gmac_nonce_has_direction_cancel_and_message_id)
{
	const struct smb3_sign *row = smb3_row(t->server, SMB3_KIND_SIGN, SMB2_SIGNING_AES_GMAC);
	static const struct smb3_sign_info infos[] = { { .message_id = 7 },
						       { .message_id = 7, .from_server = true },
						       { .message_id = 7, .cancel = true },
						       { .message_id = 7ull << 32 } };
	uint8_t key[16] = { 1 }, signatures[SMB3_ARRAY_SIZE(infos)][16];
	void *ctx = row->key(key);

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(infos); i++) {
		sign_pieces(row, ctx, &infos[i], request_pdu, 64, signatures[i]);
		for (size_t j = 0; j < i; j++)
			cr_assert_neq(memcmp(signatures[i], signatures[j], 16), 0);
	}
	row->free(ctx);
}

/* ---- the negotiate context ---- */

static ntstatus parse(struct smb3_conn *conn, const char *hex)
{
	const struct smb3_negctx *row =
		smb3_row(t->server, SMB3_KIND_NEGCTX, SMB2_SIGNING_CAPABILITIES);
	uint8_t data[64];
	size_t len = test_hex(hex, data, sizeof(data));
	struct smb3_cursor c = smb3_cursor_init(data, len);

	return row->parse(conn, &c);
}

static size_t build(struct smb3_conn *conn, uint8_t *ret_data, size_t size)
{
	const struct smb3_negctx *row =
		smb3_row(t->server, SMB3_KIND_NEGCTX, SMB2_SIGNING_CAPABILITIES);
	struct smb3_builder b = smb3_builder_init(ret_data, size);

	return row->build(conn, &b) ? b.len : 0;
}

Test(sign, our_order_decides)
{
	static const struct {
		const char *offer;
		uint16_t chosen;
		const char *reply;
	} cases[] = {
		{ "0300 0000 0100 0200", SMB2_SIGNING_AES_GMAC, "01000200" },
		{ "0200 0000 0100", SMB2_SIGNING_AES_CMAC, "01000100" },
		{ "0100 0000", SMB2_SIGNING_HMAC_SHA256, "01000000" },
		{ "0300 7700 8800 0000", SMB2_SIGNING_HMAC_SHA256, "01000000" },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct smb3_conn *conn = test_mods_conn(t);
		uint8_t reply[16];
		size_t len;

		cr_assert_eq(parse(conn, cases[i].offer), STATUS_SUCCESS);
		cr_assert_eq(conn->sign->id, cases[i].chosen);
		len = build(conn, reply, sizeof(reply));
		cr_assert(test_is_hex(reply, len, cases[i].reply));
		free(conn);
	}
}

Test(sign, nothing_in_common_leaves_the_dialects_own)
{
	struct smb3_conn *conn = test_mods_conn(t);
	const struct smb3_sign *cmac = smb3_row(t->server, SMB3_KIND_SIGN, SMB2_SIGNING_AES_CMAC);
	uint8_t reply[16];

	conn->sign = cmac;
	cr_assert_eq(parse(conn, "0100 7700"), STATUS_SUCCESS);
	cr_assert_eq(conn->sign, cmac);
	cr_assert_eq(build(conn, reply, sizeof(reply)), 0);
	free(conn);
}

Test(sign, malformed_contexts_are_refused)
{
	static const char *const cases[] = {
		"", "01", "0000", "0100", "0200 0000", "0100 00", "ffff 0000 0100 0200"
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct smb3_conn *conn = test_mods_conn(t);

		cr_assert_eq(parse(conn, cases[i]), STATUS_INVALID_PARAMETER, "case %zu", i);
		cr_assert_null(conn->sign);
		free(conn);
	}
}

Test(sign_conf, order_is_configured)
{
	struct test_mods *own =
		test_mods_start(modules, "sign = { order = [ \"aes-128-cmac\" ]; };");
	struct smb3_conn *conn;

	cr_assert_not_null(own->server);
	t = own;
	conn = test_mods_conn(own);
	cr_assert_eq(parse(conn, "0300 0000 0100 0200"), STATUS_SUCCESS);
	cr_assert_eq(conn->sign->id, SMB2_SIGNING_AES_CMAC);
	free(conn);
	test_mods_stop(own);
}

Test(sign_conf, signing_is_required_unless_configured_otherwise)
{
	static const struct {
		const char *groups;
		uint16_t mode;
	} cases[] = { { "", SMB2_NEGOTIATE_SIGNING_REQUIRED },
		      { "sign = { require = true; };", SMB2_NEGOTIATE_SIGNING_REQUIRED },
		      { "sign = { require = false; };", 0 } };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct test_mods *own = test_mods_start(modules, cases[i].groups);
		struct smb3_event event = { .point = SMB3_HOOK_NEGOTIATED, .server = own->server };

		event.conn = test_mods_conn(own);
		cr_assert_eq(smb3_hook_run(&event), SMB3_PASS);
		cr_assert_eq(event.conn->server_security_mode, cases[i].mode, "case %zu", i);
		free(event.conn);
		test_mods_stop(own);
	}
}

Test(sign_conf, bad_orders_are_refused)
{
	static const char *const cases[] = { "sign = { order = [ \"aes-512-gmac\" ]; };",
					     "sign = { order = [ ]; };", "sign = { order = 5; };",
					     "sign = { odrer = [ ]; };" };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct test_mods *own = test_mods_start(modules, cases[i]);

		cr_assert_null(own->server, "%s", cases[i]);
		test_mods_stop(own);
	}
}
