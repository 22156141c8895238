// SPDX-License-Identifier: Apache-2.0
/*
 * test_spnego.c: tokens that clients and attackers send, and the negotiation with two mechanisms
 * of the test's own: "better" says one word and is content, "good" needs two.
 */
#include "spnego.h"
#include "testmods.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <smb3/smb3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool value_is(struct der_value v, const char *hex)
{
	return v.data && test_is_hex(v.data, v.len, hex);
}

/* ---- tokens ---- */

/* The first token of smbclient 4.17: NTLM only, with its NEGOTIATE. */
static const char smbclient_init[] =
	"604806062b0601050502a03e303ca00e300c060a2b06010401823702020aa22a04284e544c4d5353500001000000"
	"1582086200000000280000000000000028000000060100000000000f";

/* What Windows 10 offers, and smbd. */
static const char smbd_offer[] =
	"604806062b0601050502a03e303ca00e300c060a2b06010401823702020aa32a3028a0261b246e6f745f64656669"
	"6e65645f696e5f5246433431373840706c656173655f69676e6f7265";

Test(spnego_token, first_token_of_a_client)
{
	struct test_bytes b = test_bytes(smbclient_init);
	struct spnego_init init;

	cr_assert(spnego_begins(b.data, b.len));
	cr_assert(spnego_init_parse(b.data, b.len, &init));
	cr_assert(value_is(init.list, "300c060a2b06010401823702020a"));
	cr_assert_eq(init.n_mechs, 1);
	cr_assert(value_is(init.mechs[0], "2b06010401823702020a"));
	cr_assert_eq(init.token.len, 40);
	cr_assert_eq(memcmp(init.token.data, "NTLMSSP", 8), 0);
}

Test(spnego_token, hints_of_a_server_are_passed_over)
{
	struct test_bytes b = test_bytes(smbd_offer);
	struct spnego_init init;

	cr_assert(spnego_init_parse(b.data, b.len, &init));
	cr_assert_eq(init.n_mechs, 1);
	cr_assert_null(init.token.data);
}

Test(spnego_token, offer_is_what_others_send)
{
	const uint8_t ntlm[] = { 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a };
	const struct der_value mechs[] = { { ntlm, sizeof(ntlm) } };
	uint8_t data[256];
	struct smb3_builder b = smb3_builder_init(data, sizeof(data));

	spnego_offer_build(mechs, 1, &b);
	cr_assert(test_is_hex(data, b.len, smbd_offer));
}

Test(spnego_token, replies)
{
	static const uint8_t oid[] = { 0x2b, 0x06 };
	static uint8_t big[300];
	const struct {
		struct spnego_resp resp;
		const char *hex;
	} cases[] = {
		{ { .result = SPNEGO_ACCEPT_COMPLETED }, "a1073005a0030a0100" },
		{ { .result = SPNEGO_ACCEPT_INCOMPLETE, .mech = { oid, 2 }, .token = { oid, 1 } },
		  "a1123010a0030a0101a10406022b06a20304012b" },
		{ { .result = SPNEGO_NO_RESULT, .mic = { oid, 2 } }, "a1083006a30404022b06" },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		uint8_t data[64];
		struct smb3_builder b = smb3_builder_init(data, sizeof(data));

		spnego_resp_build(&cases[i].resp, &b);
		cr_assert(test_is_hex(data, b.len, cases[i].hex));
	}
	for (size_t size = 100; size < 300; size += 50) {
		struct spnego_resp resp = { .result = 1, .token = { big, size } }, back;
		uint8_t data[512];
		struct smb3_builder b = smb3_builder_init(data, sizeof(data));

		spnego_resp_build(&resp, &b);
		cr_assert(spnego_resp_parse(data, b.len, &back));
		cr_assert_eq(back.result, 1);
		cr_assert_eq(back.token.len, size);
		cr_assert_null(back.mic.data);
	}
}

Test(spnego_token, every_truncation_is_refused)
{
	struct test_bytes b = test_bytes(smbclient_init);

	for (size_t len = 0; len < b.len; len++) {
		/* On the heap, so that a sanitizer sees each byte too far. */
		uint8_t *copy = memcpy(smb3_alloc(len), b.data, len);
		struct spnego_init init;
		struct spnego_resp resp;

		cr_assert_not(spnego_init_parse(copy, len, &init), "at %zu", len);
		cr_assert_not(spnego_resp_parse(copy, len, &resp));
		free(copy);
	}
}

/* Tokens and parts of tokens that reach beyond what is there, or are not there twice. */
Test(spnego_token, malformed_first_tokens_are_refused)
{
	static const char *const cases[] = {
		"",
		"60",
		"6080",
		"6006 0604 2b060105",                                 /* another OID */
		"6008 0606 2b0601050502",                             /* nothing follows */
		"600a 0606 2b0601050502 a000",                        /* empty choice */
		"600c 0606 2b0601050502 a002 3000",                   /* no mechanisms */
		"6010 0606 2b0601050502 a006 3004 a002 3000",         /* an empty list of them */
		"6012 0606 2b0601050502 a008 3006 a004 3002 0601",    /* an OID that is cut off */
		"6013 0606 2b0601050502 a009 3007 a005 3003 060a 2a", /* one beyond its list */
		"6013 0606 2b0601050502 a009 3007 a005 3003 0401 2a", /* not an OID */
		"601e 0606 2b0601050502 a014 3012 a007 3005 0603 2a0304 a007 3005 0603 2a0304",
		"6017 0606 2b0601050502 a00d 300b a005 3003 0601 2a a202 0405",
		"601a 0606 2b0601050502 a010 300e a005 3003 0601 2a a204 0402 4142 a2",
		"6017 0606 2b0601050502 a00d 300b a005 3003 0601 2a a202 3000",
		"6080 0606 2b0601050502 a009 3007 a005 3003 0601 2a 0000", /* indefinite length */
		"6085 0000000013 0606 2b0601050502 a009 3007 a005 3003 0601 2a",
		"6084 ffffffff 0606 2b0601050502 a009 3007 a005 3003 0601 2a",
		"6013 0606 2b0601050502 a009 3084 7fffffff a005 3003 0601 2a",
		"7f60 0606 2b0601050502", /* a long tag */
	};
	struct test_bytes good = test_bytes("6013 0606 2b0601050502 a009 3007 a005 3003 0601 2a");
	struct spnego_init init;

	cr_assert(spnego_init_parse(good.data, good.len, &init));
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct test_bytes b = test_bytes(cases[i]);

		cr_assert_not(spnego_init_parse(b.data, b.len, &init), "case %zu", i);
	}
}

Test(spnego_token, too_many_mechanisms_are_refused)
{
	for (size_t n = SPNEGO_MECHS_MAX; n <= SPNEGO_MECHS_MAX + 1; n++) {
		struct der_value mechs[SPNEGO_MECHS_MAX + 1];
		uint8_t data[512];
		struct smb3_builder b = smb3_builder_init(data, sizeof(data));
		struct spnego_init init;

		for (size_t i = 0; i < n; i++)
			mechs[i] = (struct der_value){ (const uint8_t *)"\x2b", 1 };
		spnego_offer_build(mechs, n, &b);
		cr_assert_eq(spnego_init_parse(data, b.len, &init), n == SPNEGO_MECHS_MAX);
	}
}

Test(spnego_token, malformed_further_tokens_are_refused)
{
	static const char *const cases[] = {
		"",
		"a1",
		"a100",
		"a0023000",                     /* the other choice */
		"a1073005a0030a0104",           /* no such result */
		"a1083006a0040a020000",         /* a long one */
		"a10c300aa0030a0100a0030a0100", /* two of them */
		"a1063004a2020405",             /* a token beyond its field */
		"a1083006a20404014142",         /* and one short of it */
		"a1063004a2023000",             /* not an octet string */
		"a10a3008a2050403414243a3",
	};
	struct spnego_resp resp;

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct test_bytes b = test_bytes(cases[i]);

		cr_assert_not(spnego_resp_parse(b.data, b.len, &resp), "case %zu", i);
	}
}

/* ---- the negotiation ---- */

#define OID_BETTER "2a01"
#define OID_GOOD   "2a02"
#define OID_OTHER  "2a7f"

static const uint8_t better_oid[] = { 0x2a, 0x01 }, good_oid[] = { 0x2a, 0x02 };
static bool no_key, owes_mic;

/* Content with "yes", refuses "no"; "ask" gets a question. */
static ntstatus word_step(struct smb3_auth *auth, const uint8_t *in, size_t len,
			  struct smb3_builder *out)
{
	snprintf(auth->who, sizeof(auth->who), "somebody");
	if (len == 3 && !memcmp(in, "ask", 3)) {
		smb3_put_bytes(out, "who", 3);
		return STATUS_MORE_PROCESSING_REQUIRED;
	}
	if (len != 3 || memcmp(in, "yes", 3)) {
		snprintf(auth->reason, sizeof(auth->reason), "wrong word");
		return STATUS_ACCOUNT_DISABLED;
	}
	if (smb3_identity_new(auth->server, "alice", "", test_mods_user(), &auth->identity) < 0)
		return STATUS_INTERNAL_ERROR;
	auth->key_len = no_key ? 0 : 16;
	memset(auth->key, 0x77, 16);
	auth->expires = 12345;
	return STATUS_SUCCESS;
}

/* A MIC is the direction's letter and the length of the list. */
static int word_mic_make(struct smb3_auth *auth, const void *data, size_t len,
			 struct smb3_builder *ret_mic)
{
	(void)data;
	if (!auth->key_len)
		return -ENOKEY;
	smb3_put_u8(ret_mic, 's');
	smb3_put_u8(ret_mic, (uint8_t)len);
	return 0;
}

static int word_mic_check(struct smb3_auth *auth, const void *data, size_t len, const void *mic,
			  size_t mic_len)
{
	const uint8_t *m = mic;

	(void)data;
	if (!auth->key_len)
		return -ENOKEY;
	return mic_len == 2 && m[0] == 'c' && m[1] == len ? 0 : -EBADMSG;
}

static bool word_wants_mic(const struct smb3_auth *auth)
{
	(void)auth;
	return owes_mic;
}

static const struct smb3_auth_mech good = { .name = "good",
					    .oid = good_oid,
					    .oid_len = 2,
					    .order = 500,
					    .step = word_step,
					    .mic_make = word_mic_make,
					    .mic_check = word_mic_check,
					    .wants_mic = word_wants_mic };
static const struct smb3_auth_mech better = {
	.name = "better", .oid = better_oid, .oid_len = 2, .order = 100, .step = word_step
};
static const struct smb3_provide mechs_provides[] = { SMB3_AUTH(&good), SMB3_AUTH(&better),
						      SMB3_END };

static struct test_mods *t;
static uint8_t out_data[1024];
static size_t out_len;

static void setup(void)
{
	t = test_mods_start("\"spnego\"", "");
	cr_assert_not_null(t->server);
	test_mods_add(t, mechs_provides);
}

static void teardown(void)
{
	test_mods_stop(t);
}

TestSuite(spnego, .init = setup, .fini = teardown);

static ntstatus step(struct smb3_auth *auth, const char *hex)
{
	struct smb3_builder out = smb3_builder_init(out_data, sizeof(out_data));
	struct test_bytes b = test_bytes(hex);
	ntstatus status = auth->mech->step(auth, b.data, b.len, &out);

	out_len = out.len;
	return status;
}

static struct smb3_auth *begin(const char *hex)
{
	struct test_bytes b = test_bytes(hex);
	struct smb3_auth *auth = smb3_auth_new(t->server, "192.0.2.7", b.data, b.len);

	cr_assert_not_null(auth);
	cr_assert_str_eq(auth->mech->name, "spnego");
	return auth;
}

static bool replied(const char *hex)
{
	return test_is_hex(out_data, out_len, hex);
}

/* First tokens: "good" alone, with "ask" or "yes" or nothing. */
#define INIT_GOOD_ASK "601b 0606 2b0601050502 a011 300f a006 3004 0602 2a02 a205 0403 61736b"
#define INIT_GOOD_YES "601b 0606 2b0601050502 a011 300f a006 3004 0602 2a02 a205 0403 796573"
#define INIT_GOOD_NO  "601b 0606 2b0601050502 a011 300f a006 3004 0602 2a02 a205 0403 6e6f21"
#define INIT_GOOD     "6014 0606 2b0601050502 a00a 3008 a006 3004 0602 2a02"
/* An unknown one, with a token, and then "good"; an unknown one alone; "better", then "good" */
#define INIT_OTHER_GOOD \
	"601f 0606 2b0601050502 a015 3013 a00a 3008 0602 2a7f 0602 2a02 a205 0403 796573"
#define INIT_OTHER "6014 0606 2b0601050502 a00a 3008 a006 3004 0602 2a7f"
#define INIT_BETTER_GOOD_YES \
	"601f 0606 2b0601050502 a015 3013 a00a 3008 0602 2a01 0602 2a02 a205 0403 796573"
/* Further tokens, without and with a MIC over a list of 6 and of 10 bytes */
#define RESP_YES       "a109 3007 a205 0403 796573"
#define RESP_YES_MIC6  "a10f 300d a205 0403 796573 a304 0402 6306"
#define RESP_YES_MIC10 "a10f 300d a205 0403 796573 a304 0402 630a"
#define RESP_MIC10     "a108 3006 a304 0402 630a"
#define RESP_MIC6      "a108 3006 a304 0402 6306"

Test(spnego, offer_has_all_mechanisms_in_order)
{
	struct smb3_auth *auth = begin(INIT_GOOD);
	struct smb3_builder out = smb3_builder_init(out_data, sizeof(out_data));
	struct spnego_init init;

	cr_assert(auth->mech->offer(t->server, &out));
	cr_assert(spnego_init_parse(out.data, out.len, &init));
	cr_assert_eq(init.n_mechs, 2);
	cr_assert(value_is(init.mechs[0], OID_BETTER));
	cr_assert(value_is(init.mechs[1], OID_GOOD));
	smb3_auth_free(auth);
}

Test(spnego, two_rounds)
{
	struct smb3_auth *auth = begin(INIT_GOOD_ASK);

	cr_assert_eq(step(auth, INIT_GOOD_ASK), STATUS_MORE_PROCESSING_REQUIRED);
	cr_assert(replied("a114 3012 a0030a0101 a1040602 2a02 a205 0403 77686f"));
	cr_assert_eq(step(auth, RESP_YES), STATUS_SUCCESS);
	cr_assert(replied("a107 3005 a0030a0100"));
	cr_assert_str_eq(auth->identity->name, "alice");
	cr_assert_eq(auth->key_len, 16);
	cr_assert_eq(auth->key[15], 0x77);
	cr_assert_eq(auth->expires, 12345);
	cr_assert_str_eq(auth->who, "somebody");
	smb3_auth_free(auth);
}

Test(spnego, one_round)
{
	struct smb3_auth *auth = begin(INIT_GOOD_YES);

	cr_assert_eq(step(auth, INIT_GOOD_YES), STATUS_SUCCESS);
	cr_assert(replied("a10d 300b a0030a0100 a1040602 2a02"));
	smb3_auth_free(auth);
}

Test(spnego, first_choice_without_a_token)
{
	struct smb3_auth *auth = begin(INIT_GOOD);

	cr_assert_eq(step(auth, INIT_GOOD), STATUS_MORE_PROCESSING_REQUIRED);
	cr_assert(replied("a10d 300b a0030a0101 a1040602 2a02"));
	cr_assert_eq(step(auth, RESP_YES), STATUS_SUCCESS);
	smb3_auth_free(auth);
}

Test(spnego, mic_that_was_sent_is_checked_and_answered)
{
	struct smb3_auth *auth = begin(INIT_GOOD_ASK);

	step(auth, INIT_GOOD_ASK);
	cr_assert_eq(step(auth, RESP_YES_MIC6), STATUS_SUCCESS);
	cr_assert(replied("a10d 300b a0030a0100 a3040402 7306"));
	smb3_auth_free(auth);

	auth = begin(INIT_GOOD_ASK);
	step(auth, INIT_GOOD_ASK);
	cr_assert_eq(step(auth, RESP_YES_MIC10), STATUS_LOGON_FAILURE);
	cr_assert_not_null(strstr(auth->reason, "mechListMIC"));
	cr_assert_null(auth->identity);
	cr_assert_eq(auth->key_len, 0);
	smb3_auth_free(auth);
}

/* The client preferred something that we do not have: it must prove its list. */
Test(spnego, second_choice_needs_a_mic)
{
	struct smb3_auth *auth = begin(INIT_OTHER_GOOD);

	cr_assert_eq(step(auth, INIT_OTHER_GOOD), STATUS_MORE_PROCESSING_REQUIRED);
	cr_assert(replied("a10d 300b a0030a0103 a1040602 2a02"), "the token was of another mech");
	cr_assert_eq(step(auth, RESP_YES_MIC10), STATUS_SUCCESS);
	cr_assert(replied("a10d 300b a0030a0100 a3040402 730a"));
	smb3_auth_free(auth);
}

Test(spnego, mic_that_is_owed_is_asked_for)
{
	struct smb3_auth *auth = begin(INIT_OTHER_GOOD);

	step(auth, INIT_OTHER_GOOD);
	cr_assert_eq(step(auth, RESP_YES), STATUS_MORE_PROCESSING_REQUIRED);
	cr_assert(replied("a10d 300b a0030a0101 a3040402 730a"));
	cr_assert_null(auth->identity, "not logged on yet");
	cr_assert_eq(step(auth, RESP_MIC10), STATUS_SUCCESS);
	cr_assert(replied("a107 3005 a0030a0100"));
	cr_assert_not_null(auth->identity);
	smb3_auth_free(auth);
}

Test(spnego, mic_that_is_owed_must_come_and_be_right)
{
	static const char *const cases[] = { RESP_MIC6, RESP_YES, "a1073005a0030a0100" };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct smb3_auth *auth = begin(INIT_OTHER_GOOD);

		step(auth, INIT_OTHER_GOOD);
		step(auth, RESP_YES);
		cr_assert_eq(step(auth, cases[i]), STATUS_LOGON_FAILURE);
		cr_assert_null(auth->identity);
		smb3_auth_free(auth);
	}
}

Test(spnego, mechanism_may_ask_for_a_mic)
{
	struct smb3_auth *auth = begin(INIT_GOOD_YES);

	owes_mic = true;
	cr_assert_eq(step(auth, INIT_GOOD_YES), STATUS_MORE_PROCESSING_REQUIRED);
	cr_assert_eq(step(auth, RESP_MIC6), STATUS_SUCCESS);
	smb3_auth_free(auth);
}

/* Guests and anonymous users have no key to prove anything with. */
Test(spnego, no_key_no_mic)
{
	struct smb3_auth *auth = begin(INIT_GOOD_ASK);

	no_key = true;
	step(auth, INIT_GOOD_ASK);
	cr_assert_eq(step(auth, RESP_YES_MIC6), STATUS_SUCCESS);
	cr_assert(replied("a107 3005 a0030a0100"));
	smb3_auth_free(auth);

	auth = begin(INIT_OTHER_GOOD);
	step(auth, INIT_OTHER_GOOD);
	cr_assert_eq(step(auth, RESP_YES), STATUS_SUCCESS);
	smb3_auth_free(auth);
}

Test(spnego, clients_order_decides)
{
	struct smb3_auth *auth = begin(INIT_BETTER_GOOD_YES);

	cr_assert_eq(step(auth, INIT_BETTER_GOOD_YES), STATUS_SUCCESS);
	cr_assert(replied("a10d 300b a0030a0100 a1040602 2a01"));
	smb3_auth_free(auth);
}

Test(spnego, nothing_in_common)
{
	struct smb3_auth *auth = begin(INIT_OTHER);

	cr_assert_eq(step(auth, INIT_OTHER), STATUS_LOGON_FAILURE);
	cr_assert_not_null(strstr(auth->reason, "mechanism"));
	smb3_auth_free(auth);
}

Test(spnego, failure_is_the_mechanisms)
{
	struct smb3_auth *auth = begin(INIT_GOOD_NO);

	cr_assert_eq(step(auth, INIT_GOOD_NO), STATUS_ACCOUNT_DISABLED);
	cr_assert_str_eq(auth->reason, "wrong word");
	cr_assert_str_eq(auth->who, "somebody");
	smb3_auth_free(auth);
}

Test(spnego, rubbish_and_surrender)
{
	static const struct {
		const char *hex;
		ntstatus status;
	} cases[] = { { "", STATUS_INVALID_PARAMETER },
		      { "4e544c4d53535000", STATUS_INVALID_PARAMETER },
		      { INIT_GOOD_ASK, STATUS_INVALID_PARAMETER },
		      { "a1023000", STATUS_INVALID_PARAMETER },
		      { "a1073005a0030a0102", STATUS_LOGON_FAILURE } };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct smb3_auth *auth = begin(INIT_GOOD_ASK);

		cr_assert_eq(step(auth, INIT_GOOD_ASK), STATUS_MORE_PROCESSING_REQUIRED);
		cr_assert_eq(step(auth, cases[i].hex), cases[i].status, "case %zu", i);
		smb3_auth_free(auth);
	}
}

Test(spnego, rounds_are_limited)
{
	struct smb3_auth *auth = begin(INIT_GOOD_ASK);
	ntstatus status = step(auth, INIT_GOOD_ASK);
	int rounds = 0;

	while (status == STATUS_MORE_PROCESSING_REQUIRED && rounds++ < 100)
		status = step(auth, "a109 3007 a205 0403 61736b");
	cr_assert_eq(status, STATUS_INVALID_PARAMETER);
	cr_assert(rounds < 20);
	smb3_auth_free(auth);
}

Test(spnego, nothing_after_the_end)
{
	struct smb3_auth *auth = begin(INIT_GOOD_YES);

	cr_assert_eq(step(auth, INIT_GOOD_YES), STATUS_SUCCESS);
	cr_assert_eq(step(auth, RESP_YES), STATUS_INVALID_PARAMETER);
	smb3_auth_free(auth);
}

Test(spnego_alone, without_mechanisms_nothing_is_offered)
{
	struct test_mods *own = test_mods_start("\"spnego\"", "");
	const struct smb3_auth_mech *mech = smb3_row_name(own->server, SMB3_KIND_AUTH, "spnego");
	struct smb3_builder out = smb3_builder_init(out_data, sizeof(out_data));

	cr_assert_not(mech->offer(own->server, &out));
	cr_assert_eq(out.len, 0);
	test_mods_stop(own);
}
