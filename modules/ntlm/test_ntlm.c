// SPDX-License-Identifier: Apache-2.0
/*
 * test_ntlm.c: the module, with a client of the test's own.
 */
#include "test_ntlm_client.h"
#include "testmods.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <smb3/smb3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t secret_hash[16] = { 0x87, 0x8d, 0x80, 0x14, 0x60, 0x6c, 0xda, 0x29,
					 0x67, 0x7a, 0x44, 0xef, 0xa1, 0x35, 0x3f, 0xc7 };

static int test_find(struct smb3_mod *mod, const char *name, struct smb3_account *ret_account)
{
	struct smb3_account a = { .has_password = true };

	(void)mod;
	snprintf(a.name, sizeof(a.name), "%s", name);
	snprintf(a.unix_name, sizeof(a.unix_name), "%s", test_mods_user());
	memcpy(a.nt_hash, secret_hash, sizeof(a.nt_hash));
	if (!strcmp(name, "broken"))
		return -EIO;
	if (!strcmp(name, "homeless"))
		snprintf(a.unix_name, sizeof(a.unix_name), "no-such-unix-user");
	a.admin = !strcmp(name, "admin");
	a.disabled = !strcmp(name, "disabled");
	a.locked = !strcmp(name, "locked");
	a.has_password = strcmp(name, "bare") != 0;
	a.expires = !strcmp(name, "expired") ? 1 : !strcmp(name, "later") ? ~0ull : 0;
	if (!a.admin && !a.disabled && !a.locked && a.has_password && !a.expires &&
	    strcmp(name, "alice") && strcmp(name, "homeless"))
		return -ENOENT;
	*ret_account = a;
	return 0;
}

/* "visitor" may come in as guest, and nobody else; anonymous users may. */
static int test_guest(struct smb3_mod *mod, const char *claimed, bool anonymous,
		      struct smb3_identity **ret_identity)
{
	int err;

	if (!anonymous && strcmp(claimed, "visitor"))
		return -EACCES;
	err = smb3_identity_new(mod->server, "guest", "", test_mods_user(), ret_identity);
	if (!err)
		(*ret_identity)->guest = true;
	return err;
}

static const struct smb3_accounts accounts = { .name = "test",
					       .find = test_find,
					       .guest = test_guest };
static const struct smb3_provide accounts_provides[] = { SMB3_ACCOUNTS(&accounts), SMB3_END };

static struct test_mods *t;
static struct ntlm_crypto *crypto;
static uint8_t out_data[4096];

static void setup(void)
{
	t = test_mods_start("\"ntlm\"", "");
	cr_assert_not_null(t->server);
	test_mods_add(t, accounts_provides);
	crypto = crypto_new();
}

static void teardown(void)
{
	ntlm_crypto_free(crypto);
	test_mods_stop(t);
}

TestSuite(ntlm, .init = setup, .fini = teardown);

static struct client client_of(const char *user)
{
	struct client c = { .user = user,
			    .domain = "WORKGROUP",
			    .flags = CLIENT_FLAGS,
			    .announce_mic = true,
			    .send_mic = true,
			    .key_len = 16 };

	memcpy(c.nt_hash, secret_hash, sizeof(c.nt_hash));
	return c;
}

static ntstatus step(struct smb3_auth *auth, const uint8_t *data, size_t len, size_t *ret_len)
{
	struct smb3_builder out = smb3_builder_init(out_data, sizeof(out_data));
	ntstatus status = auth->mech->step(auth, data, len, &out);

	*ret_len = out.len;
	return status;
}

/* The whole log-on; the caller frees *ret_auth. */
static ntstatus logon(struct client *c, struct smb3_auth **ret_auth)
{
	size_t len;

	client_negotiate(c);
	*ret_auth = smb3_auth_new(t->server, "192.0.2.7", c->negotiate, c->negotiate_len);
	cr_assert_not_null(*ret_auth);
	cr_assert_eq(step(*ret_auth, c->negotiate, c->negotiate_len, &len),
		     STATUS_MORE_PROCESSING_REQUIRED);
	client_authenticate(c, crypto, out_data, len);
	return step(*ret_auth, c->message, c->message_len, &len);
}

static void expect(struct client *c, ntstatus status, const char *reason)
{
	struct smb3_auth *auth;
	ntstatus got = logon(c, &auth);

	cr_assert_eq(got, status, "%s: %s (%s)", c->user, smb3_status_name(got), auth->reason);
	cr_assert_not_null(strstr(auth->reason, reason), "%s: \"%s\"", c->user, auth->reason);
	cr_assert_eq(status == STATUS_SUCCESS, auth->identity != NULL);
	if (status != STATUS_SUCCESS)
		cr_assert_eq(auth->key_len, 0);
	smb3_auth_free(auth);
}

Test(ntlm, password_opens)
{
	struct client c = client_of("alice");
	struct smb3_auth *auth;

	cr_assert_eq(logon(&c, &auth), STATUS_SUCCESS, "%s", auth->reason);
	cr_assert_str_eq(auth->identity->name, "alice");
	cr_assert_str_eq(auth->identity->unix_name, test_mods_user());
	cr_assert_not(auth->identity->admin);
	cr_assert_not(auth->identity->guest);
	cr_assert_str_eq(auth->who, "WORKGROUP\\alice");
	cr_assert_eq(auth->key_len, 16);
	cr_assert_eq(memcmp(auth->key, c.key, 16), 0);
	smb3_auth_free(auth);
}

/* Failures are counted by account: a client must not be able to hide which one it tries. */
Test(ntlm, a_long_domain_does_not_hide_the_user)
{
	struct client c = client_of("alice");
	struct smb3_auth *auth;
	char domain[601];

	for (size_t i = 0; i < sizeof(domain) - 1; i += 3)
		memcpy(domain + i, "\u20ac", 3);
	domain[sizeof(domain) - 1] = '\0';
	c.domain = domain;
	c.nt_hash[0] ^= 1;
	cr_assert_eq(logon(&c, &auth), STATUS_LOGON_FAILURE);
	cr_expect_not_null(strchr(auth->who, '\\'), "%s", auth->who);
	cr_expect_str_eq(strrchr(auth->who, '\\') ? strrchr(auth->who, '\\') + 1 : "", "alice");
	smb3_auth_free(auth);
}

Test(ntlm, administrators_are_marked)
{
	struct client c = client_of("admin");
	struct smb3_auth *auth;

	cr_assert_eq(logon(&c, &auth), STATUS_SUCCESS);
	cr_assert(auth->identity->admin);
	smb3_auth_free(auth);
}

Test(ntlm, key_without_exchange_is_the_base_key)
{
	struct client c = client_of("alice");
	struct smb3_auth *auth;

	c.flags &= ~NTLMSSP_NEGOTIATE_KEY_EXCH;
	c.key_len = 0;
	cr_assert_eq(logon(&c, &auth), STATUS_SUCCESS, "%s", auth->reason);
	cr_assert_eq(memcmp(auth->key, c.key, 16), 0);
	smb3_auth_free(auth);

	/* Exchange agreed on, but nothing to use the key for: none is sent. */
	c = client_of("alice");
	c.flags &= ~(NTLMSSP_NEGOTIATE_SIGN | NTLMSSP_NEGOTIATE_SEAL);
	c.key_len = 0;
	cr_assert_eq(logon(&c, &auth), STATUS_SUCCESS, "%s", auth->reason);
	cr_assert_eq(memcmp(auth->key, c.key, 16), 0);
	smb3_auth_free(auth);
}

Test(ntlm, session_key_of_a_wrong_size_is_refused)
{
	struct client c = client_of("alice");

	c.key_len = 15;
	expect(&c, STATUS_INVALID_PARAMETER, "session key");
	c.key_len = 17;
	expect(&c, STATUS_INVALID_PARAMETER, "session key");
	c.key_len = 0;
	expect(&c, STATUS_INVALID_PARAMETER, "session key");
}

Test(ntlm, wrong_password_unknown_user_and_no_password_look_alike)
{
	static const struct {
		const char *user, *reason;
		uint8_t spoil;
	} cases[] = { { "alice", "wrong password", 1 },
		      { "mallory", "no such account", 0 },
		      { "bare", "no password", 0 } };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct client c = client_of(cases[i].user);

		c.nt_hash[0] ^= cases[i].spoil;
		expect(&c, STATUS_LOGON_FAILURE, cases[i].reason);
	}
}

Test(ntlm, state_of_an_account_is_told_to_its_owner_only)
{
	static const struct {
		const char *user;
		ntstatus status;
	} cases[] = { { "disabled", STATUS_ACCOUNT_DISABLED },
		      { "locked", STATUS_ACCOUNT_LOCKED_OUT },
		      { "expired", STATUS_ACCOUNT_EXPIRED },
		      { "later", STATUS_SUCCESS } };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct client c = client_of(cases[i].user);

		expect(&c, cases[i].status, "");
		c = client_of(cases[i].user);
		c.nt_hash[3] ^= 0x80;
		expect(&c, STATUS_LOGON_FAILURE, "wrong password");
	}
}

Test(ntlm, store_that_fails_lets_nobody_in)
{
	struct client c = client_of("broken");

	expect(&c, STATUS_INTERNAL_ERROR, "account store");
}

Test(ntlm, account_without_unix_user_says_what_to_do)
{
	struct client c = client_of("homeless");

	if (!smb3_server_can_switch(t->server))
		cr_skip_test("only root looks Unix users up");
	expect(&c, STATUS_LOGON_FAILURE, "useradd");
}

Test(ntlm, mic)
{
	struct client c = client_of("alice");

	c.spoil_mic = true;
	expect(&c, STATUS_LOGON_FAILURE, "MIC is wrong");
	c = client_of("alice");
	c.announce_mic = false;
	c.send_mic = false;
	expect(&c, STATUS_SUCCESS, "");
	/* Announced, and then taken out on the way: what stands there is not a MIC. */
	c = client_of("alice");
	c.send_mic = false;
	expect(&c, STATUS_LOGON_FAILURE, "MIC is wrong");
}

Test(ntlm, lm_and_ntlmv1_are_refused)
{
	struct client c = client_of("alice");

	c.nt_len = 24;
	expect(&c, STATUS_LOGON_FAILURE, "NTLMv1");
	c = client_of("");
	c.lm_len = 24;
	expect(&c, STATUS_LOGON_FAILURE, "LM");
}

Test(ntlm, guests_and_anonymous_users_have_no_key)
{
	static const char *const users[] = { "visitor", "" };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(users); i++) {
		struct client c = client_of(users[i]);
		struct smb3_auth *auth;

		cr_assert_eq(logon(&c, &auth), STATUS_SUCCESS, "%s", auth->reason);
		cr_assert(auth->identity->guest);
		cr_assert_eq(auth->key_len, 0);
		cr_assert_eq(auth->mech->mic_check(auth, "x", 1, "0123456789abcdef", 16), -ENOKEY);
		smb3_auth_free(auth);
	}
}

Test(ntlm, signature_over_the_mechanisms)
{
	struct client c = client_of("alice");
	struct smb3_auth *auth;
	uint8_t mic[16];
	struct smb3_builder b = smb3_builder_init(out_data, sizeof(out_data));
	struct ntlm_field list = { (const uint8_t *)"list", 4 };

	cr_assert_eq(logon(&c, &auth), STATUS_SUCCESS);
	cr_assert(ntlm_signature(crypto, c.key, c.flags, false, list, mic));
	cr_assert_eq(auth->mech->mic_check(auth, "list", 4, mic, 16), 0);
	cr_assert_eq(auth->mech->mic_check(auth, "tsil", 4, mic, 16), -EBADMSG);
	cr_assert_eq(auth->mech->mic_check(auth, "list", 4, mic, 15), -EBADMSG);
	cr_assert_eq(auth->mech->mic_make(auth, "list", 4, &b), 0);
	cr_assert(ntlm_signature(crypto, c.key, c.flags, true, list, mic));
	cr_assert_eq(b.len, 16);
	cr_assert_eq(memcmp(b.data, mic, 16), 0);
	smb3_auth_free(auth);
}

Test(ntlm, messages_out_of_turn)
{
	struct client c = client_of("alice");
	struct smb3_auth *auth;
	size_t len;

	cr_assert_eq(logon(&c, &auth), STATUS_SUCCESS);
	cr_assert_eq(step(auth, c.message, c.message_len, &len), STATUS_INVALID_PARAMETER);
	smb3_auth_free(auth);

	client_negotiate(&c);
	auth = smb3_auth_new(t->server, "", c.negotiate, c.negotiate_len);
	cr_assert_eq(step(auth, c.message, c.message_len, &len), STATUS_INVALID_PARAMETER);
	smb3_auth_free(auth);

	auth = smb3_auth_new(t->server, "", c.negotiate, c.negotiate_len);
	cr_assert_eq(step(auth, c.negotiate, c.negotiate_len, &len),
		     STATUS_MORE_PROCESSING_REQUIRED);
	cr_assert_eq(step(auth, c.negotiate, c.negotiate_len, &len), STATUS_INVALID_PARAMETER);
	smb3_auth_free(auth);
}

Test(ntlm, answer_to_another_challenge_is_of_no_use)
{
	struct client c = client_of("alice");
	struct smb3_auth *auth;
	size_t len;

	cr_assert_eq(logon(&c, &auth), STATUS_SUCCESS);
	smb3_auth_free(auth);
	auth = smb3_auth_new(t->server, "", c.negotiate, c.negotiate_len);
	cr_assert_eq(step(auth, c.negotiate, c.negotiate_len, &len),
		     STATUS_MORE_PROCESSING_REQUIRED);
	cr_assert_eq(step(auth, c.message, c.message_len, &len), STATUS_LOGON_FAILURE);
	smb3_auth_free(auth);
}

Test(ntlm, client_without_unicode_is_refused)
{
	struct client c = client_of("alice");
	struct smb3_auth *auth;
	size_t len;

	c.flags &= ~NTLMSSP_NEGOTIATE_UNICODE;
	client_negotiate(&c);
	auth = smb3_auth_new(t->server, "", c.negotiate, c.negotiate_len);
	cr_assert_eq(step(auth, c.negotiate, c.negotiate_len, &len), STATUS_INVALID_PARAMETER);
	smb3_auth_free(auth);
}

/* Each byte of a good message changed, one at a time: an error, and nothing else. What is not
 * covered by the proof or the MIC may still be accepted. */
Test(ntlm, changed_messages)
{
	struct client c = client_of("alice");
	struct smb3_auth *auth;
	size_t len;

	for (size_t i = 0; i < 200; i++) {
		ntstatus status;

		c = client_of("alice");
		client_negotiate(&c);
		auth = smb3_auth_new(t->server, "", c.negotiate, c.negotiate_len);
		step(auth, c.negotiate, c.negotiate_len, &len);
		client_authenticate(&c, crypto, out_data, len);
		if (i >= c.message_len)
			break;
		c.message[i] ^= 0x41;
		status = step(auth, c.message, c.message_len, &len);
		cr_assert_neq(status, STATUS_SUCCESS, "byte %zu", i);
		cr_assert_neq(status, STATUS_MORE_PROCESSING_REQUIRED);
		smb3_auth_free(auth);
		auth = NULL;
	}
	smb3_auth_free(auth);
}
