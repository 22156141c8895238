// SPDX-License-Identifier: Apache-2.0
/*
 * test_krb5.c: log-ons with tickets, straight into the mechanism and through SPNEGO.
 */
#include "test_ticket.h"
#include "testmods.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <gssapi/gssapi_krb5.h>
#include <smb3/smb3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECOND 10000000ull

static char dir[] = "/tmp/smb3-krb5.XXXXXX";
static struct realm *realm;
static struct test_mods *mods;

/* A server with these options of krb5, and groups beside it. */
static void serve(const char *options, const char *groups)
{
	char text[1024];

	snprintf(text, sizeof(text), "krb5 = { keytab = \"%s\"; %s };\n%s", realm_keytab(realm),
		 options, groups);
	mods = test_mods_start("\"krb5\", \"spnego\", \"ntlm\", \"users\"", text);
}

/* An account that acts as the user that runs the test. */
static void account(const char *name, bool disabled)
{
	const struct smb3_accounts *users =
		smb3_row_name(mods->server, SMB3_KIND_ACCOUNTS, "users");
	struct smb3_account a = { .disabled = disabled };

	snprintf(a.name, sizeof(a.name), "%s", name);
	snprintf(a.unix_name, sizeof(a.unix_name), "%s", test_mods_user());
	cr_assert_eq(users->put(smb3_module_of(mods->server, users), &a), 0);
}

static void serve_alice(const char *options)
{
	serve(options, "");
	cr_assert_not_null(mods->server);
	account("alice", false);
}

static void setup(void)
{
	cr_assert_not_null(mkdtemp(dir));
	realm = realm_new(dir);
}

static void teardown(void)
{
	char path[128];

	if (mods)
		test_mods_stop(mods);
	unlink(realm_keytab(realm));
	snprintf(path, sizeof(path), "%s/krb5.conf", dir);
	unlink(path);
	realm_free(realm);
	rmdir(dir);
}

TestSuite(krb5, .init = setup, .fini = teardown, .timeout = 60);

/* A log-on, one step of it, and what the server answered. */
struct attempt {
	struct smb3_auth *auth;
	struct smb3_builder out;
	ntstatus status;
};

static void step(struct attempt *a, const void *data, size_t len)
{
	/* On the heap, so that a sanitizer sees each byte too far. */
	uint8_t *copy = memcpy(smb3_alloc(len + 1), data, len);

	copy = smb3_realloc(copy, len ? len : 1);
	if (!a->auth)
		a->auth = smb3_auth_new(mods->server, "test", copy, len);
	a->status = STATUS_NOT_FOUND;
	if (a->auth) {
		a->out = smb3_builder_arena(a->auth->arena, 65535);
		a->status = a->auth->mech->step(a->auth, copy, len, &a->out);
	}
	free(copy);
}

static struct attempt attempt(const struct ticket_plan *plan)
{
	struct attempt a = { 0 };
	struct bytes token = ticket_request(realm, plan);

	step(&a, token.data, token.len);
	bytes_free(&token);
	return a;
}

static void done(struct attempt *a)
{
	smb3_auth_free(a->auth);
}

/* ---- tickets ---- */

Test(krb5, mutual_authentication_gives_both_sides_one_key)
{
	static const struct ticket_plan plans[] = { { .weak = false }, { .weak = true } };

	serve_alice("");
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(plans); i++) {
		struct attempt a = { 0 };
		struct gss_client client;
		struct bytes token;
		uint8_t key[32];
		size_t len;

		gss_client_init(realm, &plans[i], &client);
		token = gss_client_step(&client, NULL, 0);
		step(&a, token.data, token.len);
		bytes_free(&token);
		cr_assert_eq(a.status, (ntstatus)STATUS_SUCCESS, "%s", a.auth->reason);
		token = gss_client_step(&client, a.out.data, a.out.len);
		cr_assert_eq(token.len, 0, "the client has nothing more to say");
		len = gss_client_key(&client, key);
		cr_assert_eq(a.auth->key_len, len);
		cr_assert_eq(memcmp(a.auth->key, key, len), 0);
		cr_assert_str_eq(a.auth->who, "alice@TEST.REALM");
		cr_assert_str_eq(a.auth->identity->name, "alice");
		cr_assert_str_eq(a.auth->identity->mech, "krb5");
		bytes_free(&token);
		gss_client_done(realm, &client);
		done(&a);
	}
}

Test(krb5, a_key_of_128_bits_is_a_session_key)
{
	struct attempt a;

	serve_alice("");
	a = attempt(&(struct ticket_plan){ .weak = true });
	cr_assert_eq(a.status, (ntstatus)STATUS_SUCCESS, "%s", a.auth->reason);
	cr_assert_eq(a.auth->key_len, 16);
	done(&a);
}

/* The session ends when the ticket does: not earlier, and not later by the clock skew. */
Test(krb5, session_ends_with_the_ticket)
{
	smb3_nttime before = smb3_now();
	struct attempt a;

	serve_alice("");
	a = attempt(&(struct ticket_plan){ .ends = 90 });
	cr_assert_eq(a.status, (ntstatus)STATUS_SUCCESS, "%s", a.auth->reason);
	cr_assert_geq(a.auth->expires, before + 88 * SECOND);
	cr_assert_leq(a.auth->expires, smb3_now() + 90 * SECOND);
	done(&a);
}

static const struct {
	const char *name;
	struct ticket_plan plan;
	ntstatus status;
	const char *text;
} refused[] = {
	{ "a clock that is slow", { .clock = -900 }, STATUS_TIME_DIFFERENCE_AT_DC, "NTP" },
	{ "a clock that is fast", { .clock = 900 }, STATUS_TIME_DIFFERENCE_AT_DC, "NTP" },
	{ "a ticket of the past",
	  { .begins = -7200, .ends = -3600 },
	  STATUS_LOGON_FAILURE,
	  "has expired" },
	{ "a ticket of the future",
	  { .begins = 3600, .ends = 7200 },
	  STATUS_TIME_DIFFERENCE_AT_DC,
	  "not valid yet" },
	{ "another version of the key",
	  { .kvno = 7, .other_key = true },
	  STATUS_LOGON_FAILURE,
	  "key version" },
	{ "another key", { .other_key = true }, STATUS_LOGON_FAILURE, "the keytab" },
	{ "another service",
	  { .service = "nfs/files@TEST.REALM", .other_key = true },
	  STATUS_LOGON_FAILURE,
	  "service" },
	{ "another realm",
	  { .client = "alice@ELSEWHERE.REALM" },
	  STATUS_LOGON_FAILURE,
	  "krb5.realms" },
	{ "an instance", { .client = "alice/admin@TEST.REALM" }, STATUS_LOGON_FAILURE, "krb5.map" },
	{ "a user that nobody knows",
	  { .client = "no-such-user-here@TEST.REALM" },
	  STATUS_LOGON_FAILURE,
	  "no-such-user-here" },
	{ "an account that is disabled",
	  { .client = "bob@TEST.REALM" },
	  STATUS_ACCOUNT_DISABLED,
	  "disabled" },
	{ "root of the realm", { .client = "root@TEST.REALM" }, STATUS_LOGON_FAILURE, "" },
};

Test(krb5, what_is_refused_says_why)
{
	serve_alice("");
	account("bob", true);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(refused); i++) {
		struct attempt a = attempt(&refused[i].plan);

		cr_expect_eq(a.status, refused[i].status, "%s: %s (%s)", refused[i].name,
			     smb3_status_name(a.status), a.auth->reason);
		cr_expect_not_null(strstr(a.auth->reason, refused[i].text), "%s: \"%s\"",
				   refused[i].name, a.auth->reason);
		cr_expect_null(a.auth->identity);
		cr_expect_eq(a.auth->key_len, 0);
		done(&a);
	}
}

Test(krb5, a_request_that_comes_twice_is_refused)
{
	struct attempt a = { 0 }, again = { 0 };
	struct bytes token;

	serve_alice("");
	token = ticket_request(realm, &(struct ticket_plan){ .kvno = 1 });
	step(&a, token.data, token.len);
	cr_assert_eq(a.status, (ntstatus)STATUS_SUCCESS, "%s", a.auth->reason);
	step(&again, token.data, token.len);
	cr_expect_eq(again.status, STATUS_LOGON_FAILURE);
	cr_expect_not_null(strstr(again.auth->reason, "seen before"), "%s", again.auth->reason);
	step(&a, token.data, token.len);
	cr_expect_eq(a.status, STATUS_INVALID_PARAMETER, "after the end");
	done(&a);
	done(&again);
	bytes_free(&token);
}

/* A keytab may serve several programs; what is meant for another is not for us. */
Test(krb5, tickets_for_other_services_of_the_keytab_are_refused)
{
	struct attempt a;

	realm_keytab_add(realm, "nfs/files@TEST.REALM");
	serve_alice("");
	a = attempt(&(struct ticket_plan){ .service = "nfs/files@TEST.REALM", .other_key = true });
	cr_expect_eq(a.status, STATUS_LOGON_FAILURE);
	cr_expect_not_null(strstr(a.auth->reason, "krb5.services"), "%s", a.auth->reason);
	done(&a);
}

/* ---- who it is ---- */

static void expect_name(const char *principal, const char *name)
{
	struct attempt a = attempt(&(struct ticket_plan){ .client = principal });

	if (name) {
		cr_expect_eq(a.status, (ntstatus)STATUS_SUCCESS, "%s: %s", principal,
			     a.auth->reason);
		cr_expect_str_eq(a.auth->identity ? a.auth->identity->name : "", name);
	} else {
		cr_expect_eq(a.status, STATUS_LOGON_FAILURE, "%s", principal);
	}
	done(&a);
}

Test(krb5, principals_are_mapped_by_the_first_rule_that_fits)
{
	serve_alice(
		"realms = [ \"TEST.REALM\", \"OTHER.REALM\" ];"
		"map = [ \"alice/admin@TEST.REALM=alice\", \"mallory@PARTNER.REALM=nobody-at-all\","
		" \"*@PARTNER.REALM=alice\" ];");
	expect_name("alice@TEST.REALM", "alice");
	expect_name("alice@OTHER.REALM", "alice");
	expect_name("alice@FOREIGN.REALM", NULL);
	expect_name("alice/admin@TEST.REALM", "alice");
	expect_name("alice/admin@OTHER.REALM", NULL);
	expect_name("whoever@PARTNER.REALM", "alice");
	expect_name("whoever@FOREIGN\\@PARTNER.REALM", NULL);
	if (smb3_server_can_switch(mods->server))
		expect_name("mallory@PARTNER.REALM", NULL);
}

Test(krb5, accounts_can_be_demanded)
{
	serve_alice("accounts_only = true; min_uid = 0;");
	expect_name("alice@TEST.REALM", "alice");
	expect_name("daemon@TEST.REALM", NULL);
}

/* Unix users are let in without an account of the server's when their uid is large enough. */
Test(krb5, unix_users_need_no_account)
{
	serve_alice("min_uid = 1;");
	if (!smb3_server_can_switch(mods->server)) {
		expect_name("daemon@TEST.REALM", NULL);
		return;
	}
	expect_name("daemon@TEST.REALM", "daemon");
	expect_name("root@TEST.REALM", NULL);
}

Test(krb5, rules_that_say_nothing_are_refused_at_the_start)
{
	static const char *const cases[] = { "alice@TEST.REALM", "alice=alice", "=alice",
					     "alice@TEST.REALM=", "" };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		char options[128];

		snprintf(options, sizeof(options), "map = [ \"%s\" ];", cases[i]);
		serve(options, "");
		cr_expect_null(mods->server, "\"%s\"", cases[i]);
		test_mods_stop(mods);
	}
	mods = NULL;
}

/* SIDs count when the ticket's key signed them. */
Test(krb5, sids_of_a_pac_are_believed_when_it_is_signed)
{
	static const char sids[] = "010500000000000515000000e8030000d0070000b80b000051040000"
				   "010500000000000515000000e8030000d0070000b80b000001020000"
				   "010500000000000515000000e8030000d0070000b80b000001020000"
				   "010500000000000515000000e8030000d0070000b80b0000b0040000";
	uint8_t data[512], own[28];
	struct ticket_plan plan = { .logon = data };
	struct attempt a;

	serve_alice("");
	plan.logon_len = ticket_logon(data);
	a = attempt(&plan);
	cr_assert_eq(a.status, (ntstatus)STATUS_SUCCESS, "%s", a.auth->reason);
	cr_assert_eq(a.auth->identity->sids_len, strlen(sids) / 2 + sizeof(own));
	cr_expect(test_is_hex(a.auth->identity->sids, strlen(sids) / 2, sids));
	memcpy(own, a.auth->identity->sids + strlen(sids) / 2, sizeof(own));
	done(&a);
	plan.pac_forged = true;
	a = attempt(&plan);
	cr_assert_eq(a.status, (ntstatus)STATUS_SUCCESS, "%s", a.auth->reason);
	cr_assert_eq(a.auth->identity->sids_len, sizeof(own)); /* the account's own, and no other */
	cr_expect_arr_eq(a.auth->identity->sids, own, sizeof(own));
	done(&a);
}

/* Who is in which groups is not guessed: refused. */
Test(krb5, a_signed_pac_that_is_malformed_is_refused)
{
	struct attempt a;

	serve_alice("");
	a = attempt(&(struct ticket_plan){ .logon = "not in NDR", .logon_len = 10 });
	cr_expect_eq(a.status, STATUS_LOGON_FAILURE);
	cr_expect_not_null(strstr(a.auth->reason, "PAC"), "%s", a.auth->reason);
	done(&a);
}

/* ---- keytabs ---- */

Test(krb5, keytab_is_named_by_its_whole_path)
{
	mods = test_mods_start("\"krb5\"", "krb5 = { keytab = \"keytab\"; };");
	cr_expect_null(mods->server);
}

static void expect_no_keys(const char *text)
{
	const struct smb3_auth_mech *mech;
	struct attempt a;

	serve_alice("");
	mech = smb3_row_name(mods->server, SMB3_KIND_AUTH, "krb5");
	cr_expect_not(mech->available(mods->server));
	a = attempt(&(struct ticket_plan){ .kvno = 1 });
	cr_expect_eq(a.status, STATUS_NO_TRUST_LSA_SECRET);
	cr_expect_not_null(strstr(a.auth->reason, text), "%s", a.auth->reason);
	done(&a);
}

Test(krb5, missing_keytab)
{
	unlink(realm_keytab(realm));
	expect_no_keys("No such file");
}

Test(krb5, keytab_that_others_can_read)
{
	chmod(realm_keytab(realm), 0644);
	expect_no_keys("chmod 600");
}

Test(krb5, keytab_of_other_services)
{
	realm_keytab_write(realm, "nfs/files@TEST.REALM", 1);
	expect_no_keys("krb5.services");
}

/* A keytab that is replaced counts from the next log-on on. */
Test(krb5, new_keys_need_no_restart)
{
	struct attempt a;

	serve_alice("");
	realm_keytab_write(realm, "cifs/files@TEST.REALM", 2);
	a = attempt(&(struct ticket_plan){ .kvno = 2 });
	cr_expect_eq(a.status, (ntstatus)STATUS_SUCCESS, "%s", a.auth->reason);
	done(&a);
}

/* ---- rubbish ---- */

Test(krb5, truncated_tokens_are_refused)
{
	struct bytes token;

	serve_alice("replay_cache = false;");
	token = ticket_request(realm, &(struct ticket_plan){ .kvno = 1 });
	for (size_t len = 0; len < token.len; len += len < 40 ? 1 : 37) {
		struct attempt a = { 0 };

		step(&a, token.data, len);
		cr_expect_neq(a.status, (ntstatus)STATUS_SUCCESS, "%zu bytes", len);
		cr_expect(!a.auth || !a.auth->identity);
		done(&a);
	}
	bytes_free(&token);
}

/* One byte changed: refused, or, where it changes nothing that is protected, the same log-on. */
Test(krb5, changed_tokens_give_nobody_anything)
{
	struct bytes token;

	serve_alice("replay_cache = false;");
	token = ticket_request(realm, &(struct ticket_plan){ .kvno = 1 });
	for (size_t at = 0; at < token.len; at += at < 80 ? 1 : 23) {
		struct attempt a = { 0 };

		token.data[at] ^= 0x41;
		step(&a, token.data, token.len);
		token.data[at] ^= 0x41;
		if (a.status == STATUS_SUCCESS)
			cr_expect_str_eq(a.auth->who, "alice@TEST.REALM");
		else
			cr_expect(!a.auth || !a.auth->identity);
		done(&a);
	}
	bytes_free(&token);
}

Test(krb5, huge_tokens_are_refused)
{
	uint8_t *huge = smb3_alloc(65535);
	struct attempt a = { 0 };
	static const uint8_t head[] = { 0x60, 0x82, 0xff, 0xfb, 0x06, 0x09, 0x2a, 0x86, 0x48,
					0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x01, 0x00, 0x6e };

	serve_alice("");
	memset(huge, 0x30, 65535);
	memcpy(huge, head, sizeof(head));
	step(&a, huge, 65535);
	cr_assert_not_null(a.auth);
	cr_expect_eq(a.status, STATUS_LOGON_FAILURE, "%s", a.auth->reason);
	done(&a);
	free(huge);
}

/* ---- SPNEGO ---- */

static void append(struct bytes *b, const void *data, size_t len)
{
	b->data = smb3_realloc(b->data, b->len + len + 1);
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
}

/* All of it becomes the inside of an element. */
static void wrap(struct bytes *b, uint8_t tag)
{
	const uint8_t head[4] = { tag, 0x82, (uint8_t)(b->len >> 8), (uint8_t)b->len };
	struct bytes wrapped = { NULL, 0 };

	append(&wrapped, head, sizeof(head));
	append(&wrapped, b->data, b->len);
	free(b->data);
	*b = wrapped;
}

static void append_field(struct bytes *b, uint8_t field, const void *data, size_t len)
{
	struct bytes octets = { NULL, 0 };

	append(&octets, data, len);
	wrap(&octets, 0x04);
	wrap(&octets, field);
	append(b, octets.data, octets.len);
	bytes_free(&octets);
}

#define KRB5_OID    "06 09 2a864886f712010202"
#define WINDOWS_OID "06 09 2a864882f712010202"
#define NTLM_OID    "06 0a 2b06010401823702020a"
#define NEGOEX_OID  "06 0a 2b06010401823702021e"

/* The MechTypeList, which a mechListMIC covers. */
static struct bytes mech_list(const char *oids)
{
	uint8_t raw[128];
	struct bytes list = { NULL, 0 };

	append(&list, raw, test_hex(oids, raw, sizeof(raw)));
	wrap(&list, 0x30);
	return list;
}

static struct bytes first_token(const struct bytes *list, const struct bytes *token)
{
	struct bytes b = { NULL, 0 }, out = { NULL, 0 };

	append(&b, list->data, list->len);
	wrap(&b, 0xa0);
	if (token)
		append_field(&b, 0xa2, token->data, token->len);
	wrap(&b, 0x30);
	wrap(&b, 0xa0);
	append(&out, "\x06\x06\x2b\x06\x01\x05\x05\x02", 8);
	append(&out, b.data, b.len);
	wrap(&out, 0x60);
	bytes_free(&b);
	return out;
}

static struct bytes next_token(const struct bytes *token, const struct bytes *mic)
{
	struct bytes b = { NULL, 0 };

	if (token)
		append_field(&b, 0xa2, token->data, token->len);
	if (mic)
		append_field(&b, 0xa3, mic->data, mic->len);
	wrap(&b, 0x30);
	wrap(&b, 0xa1);
	return b;
}

/* A part of the server's NegTokenResp: of the field (0xa0: result, 0xa1: mechanism, 0xa2: token,
 * 0xa3: MIC), without its inner head; empty when it is not there. Elements are short of 64 KB. */
static struct bytes answer_part(const struct attempt *a, uint8_t field)
{
	struct smb3_cursor c = smb3_cursor_init(a->out.data, a->out.len);
	unsigned int depth = 0;

	while (smb3_cursor_left(&c)) {
		uint8_t tag = smb3_get_u8(&c);
		size_t n = smb3_get_u8(&c), more = n & 0x80 ? n & 0x7f : 0;

		for (n = more ? 0 : n; more; more--)
			n = n << 8 | smb3_get_u8(&c);
		if (depth++ < 2)
			continue;
		if (tag == field) {
			struct smb3_cursor in = smb3_cursor_init(smb3_get_bytes(&c, n), n);

			smb3_get_u8(&in);
			n = smb3_get_u8(&in);
			smb3_get_skip(&in, n & 0x80 ? n & 0x7f : 0);
			return (struct bytes){ (uint8_t *)(uintptr_t)in.pos,
					       smb3_cursor_left(&in) };
		}
		smb3_get_skip(&c, n);
	}
	return (struct bytes){ NULL, 0 };
}

static void step_bytes(struct attempt *a, struct bytes token)
{
	step(a, token.data, token.len);
	bytes_free(&token);
}

static void expect_mech(const struct attempt *a, const char *oid)
{
	struct bytes mech = answer_part(a, 0xa1);

	cr_expect(test_is_hex(mech.data, mech.len, oid + 5));
}

/* A ticket goes along with the first token, whichever of the two names the client prefers. */
Test(krb5, spnego_takes_the_ticket_of_the_first_token)
{
	static const char *const lists[][2] = {
		{ KRB5_OID, KRB5_OID NTLM_OID },
		{ WINDOWS_OID, WINDOWS_OID KRB5_OID NTLM_OID },
	};

	serve_alice("");
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(lists); i++) {
		struct bytes list = mech_list(lists[i][1]), token, end;
		struct attempt a = { 0 };
		struct gss_client client;

		gss_client_init(realm, &(struct ticket_plan){ .kvno = 1 }, &client);
		token = gss_client_step(&client, NULL, 0);
		step_bytes(&a, first_token(&list, &token));
		cr_assert_eq(a.status, (ntstatus)STATUS_SUCCESS, "%s", a.auth->reason);
		expect_mech(&a, lists[i][0]);
		end = answer_part(&a, 0xa2);
		end = gss_client_step(&client, end.data, end.len);
		cr_expect_eq(a.auth->key_len, 32);
		cr_expect_neq(a.auth->expires, 0);
		bytes_free(&end);
		bytes_free(&token);
		bytes_free(&list);
		gss_client_done(realm, &client);
		done(&a);
	}
}

/* Kerberos is not the first choice: the client is asked for it, and both prove the list. */
static void with_mic(bool honest)
{
	struct bytes list = mech_list(NEGOEX_OID WINDOWS_OID KRB5_OID), token, part, mic;
	struct bytes other = mech_list(WINDOWS_OID KRB5_OID);
	gss_buffer_desc message = { list.len, list.data }, made = GSS_C_EMPTY_BUFFER, got;
	struct attempt a = { 0 };
	struct gss_client client;
	OM_uint32 minor;

	gss_client_init(realm, &(struct ticket_plan){ .kvno = 1 }, &client);
	step_bytes(&a, first_token(&list, &(struct bytes){ (uint8_t *)"negoex", 6 }));
	cr_assert_eq(a.status, STATUS_MORE_PROCESSING_REQUIRED, "%s", a.auth->reason);
	expect_mech(&a, WINDOWS_OID);
	part = answer_part(&a, 0xa0);
	cr_expect(part.len == 1 && part.data[0] == 3, "request-mic");
	token = gss_client_step(&client, NULL, 0);
	step_bytes(&a, next_token(&token, NULL));
	bytes_free(&token);
	cr_assert_eq(a.status, STATUS_MORE_PROCESSING_REQUIRED, "%s", a.auth->reason);
	part = answer_part(&a, 0xa2);
	token = gss_client_step(&client, part.data, part.len);
	bytes_free(&token);
	part = answer_part(&a, 0xa3);
	got = (gss_buffer_desc){ part.len, part.data };
	cr_expect_eq(gss_verify_mic(&minor, client.gss, &message, &got, NULL), GSS_S_COMPLETE);
	if (!honest)
		message = (gss_buffer_desc){ other.len, other.data };
	cr_assert_eq(gss_get_mic(&minor, client.gss, 0, &message, &made), GSS_S_COMPLETE);
	mic = (struct bytes){ made.value, made.length };
	step_bytes(&a, next_token(NULL, &mic));
	cr_expect_eq(a.status, honest ? (ntstatus)STATUS_SUCCESS : STATUS_LOGON_FAILURE, "%s",
		     a.auth->reason);
	cr_expect_eq(a.auth->identity != NULL, honest);
	gss_release_buffer(&minor, &made);
	bytes_free(&list);
	bytes_free(&other);
	gss_client_done(realm, &client);
	done(&a);
}

Test(krb5, spnego_proves_the_list_when_kerberos_was_not_first)
{
	serve_alice("");
	with_mic(true);
	with_mic(false);
}

/* A first token that is of NTLM stays NTLM's; one that is rubbish for Kerberos is refused. */
Test(krb5, spnego_with_tokens_of_other_mechanisms)
{
	static const char ntlm[] = "4e544c4d53535000 01000000 15820862 0000000000000000"
				   "0000000000000000 060100000000000f";
	struct bytes list = mech_list(NTLM_OID KRB5_OID), raw = { smb3_alloc(64), 0 };
	struct attempt a = { 0 }, b = { 0 };

	serve_alice("");
	raw.len = test_hex(ntlm, raw.data, 64);
	step_bytes(&a, first_token(&list, &raw));
	cr_expect_eq(a.status, STATUS_MORE_PROCESSING_REQUIRED, "%s", a.auth->reason);
	expect_mech(&a, NTLM_OID);
	bytes_free(&list);
	list = mech_list(KRB5_OID NTLM_OID);
	step_bytes(&b, first_token(&list, &raw));
	cr_expect_eq(b.status, STATUS_INVALID_PARAMETER, "%s", b.auth->reason);
	bytes_free(&list);
	bytes_free(&raw);
	done(&a);
	done(&b);
}

static bool offers(const char *oid)
{
	const struct smb3_auth_mech *spnego = smb3_row_name(mods->server, SMB3_KIND_AUTH, "spnego");
	uint8_t data[256], wanted[16];
	struct smb3_builder b = smb3_builder_init(data, sizeof(data));
	size_t n = test_hex(oid, wanted, sizeof(wanted));

	return spnego->offer(mods->server, &b) && memmem(data, b.len, wanted, n);
}

/* Without keys there is no Kerberos to offer: clients that can go on with NTLM do. */
Test(krb5, spnego_falls_back_where_that_is_allowed)
{
	struct bytes list = mech_list(KRB5_OID NTLM_OID);
	struct attempt a = { 0 };

	unlink(realm_keytab(realm));
	serve_alice("");
	cr_expect(offers(NTLM_OID));
	cr_expect_not(offers(KRB5_OID));
	step_bytes(&a, first_token(&list, NULL));
	cr_expect_eq(a.status, STATUS_MORE_PROCESSING_REQUIRED, "%s", a.auth->reason);
	expect_mech(&a, NTLM_OID);
	bytes_free(&list);
	done(&a);
}

Test(krb5, ntlm_can_be_switched_off)
{
	static const char ntlm[] = "4e544c4d53535000 01000000 15820862 0000000000000000"
				   "0000000000000000 060100000000000f";
	struct bytes list = mech_list(NTLM_OID);
	struct attempt a = { 0 }, raw = { 0 };
	uint8_t token[64];

	serve("", "ntlm = { enabled = false; };");
	cr_assert_not_null(mods->server);
	cr_expect(offers(KRB5_OID) && offers(WINDOWS_OID));
	cr_expect_not(offers(NTLM_OID));
	step_bytes(&a, first_token(&list, NULL));
	cr_expect_eq(a.status, STATUS_LOGON_FAILURE, "%s", smb3_status_name(a.status));
	step(&raw, token, test_hex(ntlm, token, sizeof(token)));
	cr_expect_eq(raw.status, STATUS_NTLM_BLOCKED, "%s", smb3_status_name(raw.status));
	cr_expect_not_null(strstr(raw.auth->reason, "ntlm.enabled"));
	bytes_free(&list);
	done(&a);
	done(&raw);
}
