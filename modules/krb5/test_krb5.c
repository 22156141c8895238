// SPDX-License-Identifier: Apache-2.0
/*
 * test_krb5.c: log-ons with tickets: which are good, who comes of them, and rubbish.
 */
#include "test_logon.h"

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

TestSuite(krb5, .init = logon_setup, .fini = logon_teardown, .timeout = 60);

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
