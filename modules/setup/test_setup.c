// SPDX-License-Identifier: Apache-2.0
/*
 * test_setup.c: NEGOTIATE and SESSION_SETUP against a server in this process.
 */
#include "ask.h"
#include "crypto.h"
#include "testserver.h"

#include <criterion/criterion.h>
#include <smb3/auth.h>
#include <smb3/module.h>
#include <smb3/status.h>
#include <stdio.h>

#define WAIT 10000

static struct test_server *server;
static struct smbc_lib *lib;

static void setup(void)
{
	server = test_server_start(NULL);
	cr_assert_eq(smbc_lib_new(&lib), 0);
}

static void teardown(void)
{
	test_server_stop(server);
	smbc_lib_free(lib);
}

TestSuite(setup, .init = setup, .fini = teardown, .timeout = 60);

static struct smbc_conn *negotiated(uint16_t dialect)
{
	return smbc_ask_dialect(lib, test_server_connect(server), dialect);
}

static uint32_t log_on(struct smbc_conn *c, const char *user, const char *password,
		       uint64_t previous, struct smbc_session **ret_session)
{
	struct smbc_session *s = smbc_session_new(c);
	struct smbc_cred cred = { .user = user, .domain = "", .password = password };
	uint32_t status = 0;

	s->previous = previous;
	cr_assert_eq(smbc_session_setup(s, &cred, WAIT, &status), 0);
	if (ret_session)
		*ret_session = s;
	return status;
}

static uint32_t tree_status(struct smbc_session *s, const char *share)
{
	struct smbc_tree_info info;

	return smbc_ask_tree(s, share, &info);
}

Test(setup, every_dialect_logs_on)
{
	static const uint16_t dialects[] = { 0x0202, 0x0210, 0x0300, 0x0302, 0x0311 };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(dialects); i++) {
		struct smbc_conn *c = negotiated(dialects[i]);
		struct smbc_session *s;

		cr_expect_eq(log_on(c, "alice", "secret", 0, &s), (uint32_t)STATUS_SUCCESS);
		cr_expect_eq(tree_status(s, "share"), (uint32_t)STATUS_SUCCESS);
		cr_expect_eq(tree_status(s, "none"), (uint32_t)STATUS_BAD_NETWORK_NAME);
		smbc_conn_free(c);
	}
}

Test(setup, wrong_password_and_unknown_user_look_the_same)
{
	struct smbc_conn *c = negotiated(0x0311);

	cr_expect_eq(log_on(c, "alice", "wrong", 0, NULL), STATUS_LOGON_FAILURE);
	cr_expect_eq(log_on(c, "nobody-here", "secret", 0, NULL), STATUS_LOGON_FAILURE);
	cr_expect_eq(log_on(c, "alice", "secret", 0, NULL), (uint32_t)STATUS_SUCCESS,
		     "failures leave the connection usable");
	smbc_conn_free(c);
}

/* The session that a client lost is replaced, wherever it lives; nobody else's is. */
Test(setup, previous_session_of_the_same_user_is_replaced)
{
	struct smbc_conn *one = negotiated(0x0311), *two = negotiated(0x0311);
	struct smbc_session *first, *second;

	cr_assert_eq(log_on(one, "alice", "secret", 0, &first), (uint32_t)STATUS_SUCCESS);
	cr_assert_eq(log_on(two, "alice", "secret", first->id, &second), (uint32_t)STATUS_SUCCESS);
	cr_expect_eq(tree_status(first, "share"), STATUS_USER_SESSION_DELETED);
	cr_expect_eq(tree_status(second, "share"), (uint32_t)STATUS_SUCCESS);
	smbc_conn_free(one);
	smbc_conn_free(two);
}

/* A session is gone at once after LOGOFF, and another may follow. */
Test(setup, logoff_ends_the_session)
{
	struct smbc_conn *c = negotiated(0x0300);
	struct smbc_session *s;
	struct smbc_req *req;

	cr_assert_eq(log_on(c, "alice", "secret", 0, &s), (uint32_t)STATUS_SUCCESS);
	req = smbc_req_new(c, s, SMB2_LOGOFF);
	smbc_put_empty(req);
	cr_expect_eq(smbc_ask_free(req), (uint32_t)STATUS_SUCCESS);
	cr_expect_eq(tree_status(s, "share"), STATUS_USER_SESSION_DELETED);
	cr_expect_eq(log_on(c, "alice", "secret", 0, NULL), (uint32_t)STATUS_SUCCESS);
	smbc_conn_free(c);
}

Test(setup, logging_on_again_keeps_the_session)
{
	struct smbc_conn *c = negotiated(0x0311);
	struct smbc_cred cred = { .user = "alice", .domain = "", .password = "secret" };
	struct smbc_session *s;
	uint32_t status;

	cr_assert_eq(log_on(c, "alice", "secret", 0, &s), (uint32_t)STATUS_SUCCESS);
	cr_assert_eq(smbc_session_setup(s, &cred, WAIT, &status), 0);
	cr_expect_eq(status, (uint32_t)STATUS_SUCCESS);
	cr_expect_eq(tree_status(s, "share"), (uint32_t)STATUS_SUCCESS, "the old keys still hold");
	smbc_conn_free(c);
}

static struct smbc_req *create(struct smbc_session *s, uint32_t tid, unsigned int number)
{
	struct smbc_req *req = smbc_tree_req(s, tid, SMB2_CREATE);
	struct smbc_create c = { .impersonation = 2, .access = 0x1f01ff, .share = 7 };
	char name[32];

	snprintf(name, sizeof(name), "file-%u", number);
	c.name = name;
	c.disposition = 3; /* FILE_OPEN_IF */
	smbc_put_create(req, &c);
	cr_assert_eq(smbc_submit_wait(req, WAIT), 0);
	return req;
}

/* Requests keep the identity with which they began, whatever log-ons replace it meanwhile. */
Test(setup, logging_on_again_while_requests_are_at_work)
{
	struct smbc_conn *c = negotiated(0x0311);
	struct smbc_cred cred = { .user = "alice", .domain = "", .password = "secret" };
	struct smbc_session *s;
	struct smbc_req *reqs[12];
	uint32_t status, tid;

	cr_assert_eq(log_on(c, "alice", "secret", 0, &s), (uint32_t)STATUS_SUCCESS);
	tid = smbc_ask_tid(s, "share");
	for (unsigned int round = 0; round < 40; round++) {
		for (unsigned int i = 0; i < SMB3_ARRAY_SIZE(reqs); i++)
			reqs[i] = create(s, tid, i);
		cr_assert_eq(smbc_session_setup(s, &cred, WAIT, &status), 0);
		cr_assert_eq(status, (uint32_t)STATUS_SUCCESS);
		for (unsigned int i = 0; i < SMB3_ARRAY_SIZE(reqs); i++) {
			cr_assert_eq(smbc_wait(reqs[i], WAIT), 0);
			cr_expect_eq(reqs[i]->reply.hdr.status, (uint32_t)STATUS_SUCCESS);
			smbc_req_free(reqs[i]);
		}
	}
	smbc_conn_free(c);
}

static void account_add(const char *name)
{
	struct smb3_server *core = test_server_core(server);
	const struct smb3_accounts *users = smb3_row_name(core, SMB3_KIND_ACCOUNTS, "users");
	struct smb3_account a;

	cr_assert_eq(smb3_account_find(core, "alice", &a), 0);
	snprintf(a.name, sizeof(a.name), "%s", name);
	cr_assert_eq(users->put(smb3_module_of(core, users), &a), 0);
}

/* Shares have been opened to alice. */
Test(setup, a_session_is_not_taken_over_by_another_user)
{
	struct smbc_conn *c = negotiated(0x0311);
	struct smbc_cred bob = { .user = "bob", .domain = "", .password = "secret" };
	struct smbc_session *s;
	uint32_t status;

	account_add("bob");
	cr_assert_eq(log_on(c, "alice", "secret", 0, &s), (uint32_t)STATUS_SUCCESS);
	cr_assert_eq(smbc_session_setup(s, &bob, WAIT, &status), 0);
	cr_expect_eq(status, STATUS_ACCESS_DENIED, "%s", smb3_status_name(status));
	cr_expect_eq(tree_status(s, "share"), STATUS_USER_SESSION_DELETED,
		     "a log-on that fails ends its session");
	cr_expect_eq(log_on(c, "bob", "secret", 0, &s), (uint32_t)STATUS_SUCCESS);
	smbc_conn_free(c);
}

/* A session without a key must not become that of a user: nobody would have to sign for him. */
Test(setup_nameless, a_session_that_began_without_a_name_gets_none, .timeout = 60)
{
	static const char *const names[] = { "", "mallory" };
	struct smbc_cred alice = { .user = "alice", .domain = "", .password = "secret" };
	struct smbc_session *s;
	struct smbc_conn *c;
	uint32_t status;

	server = test_server_start(&(struct test_server_conf){
		.groups = "guest = { map_unknown = true; anonymous = true; };" });
	cr_assert_eq(smbc_lib_new(&lib), 0);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(names); i++) {
		struct smbc_cred cred = {
			.user = names[i], .domain = "", .password = "x", .anonymous = !*names[i]
		};

		c = negotiated(0x0311);
		s = smbc_session_new(c);
		cr_assert_eq(smbc_session_setup(s, &cred, WAIT, &status), 0);
		cr_assert_eq(status, (uint32_t)STATUS_SUCCESS, "%s", smb3_status_name(status));
		cr_assert_eq(smbc_session_setup(s, &alice, WAIT, &status), 0);
		cr_expect_eq(status, STATUS_ACCESS_DENIED, "%s", smb3_status_name(status));
		smbc_conn_free(c);
	}
	teardown();
}

Test(setup, nothing_before_negotiate)
{
	struct smbc_conn *c = smbc_conn_new(lib, test_server_connect(server));
	struct smbc_req *req = smbc_req_new(c, NULL, SMB2_ECHO);

	smbc_put_empty(req);
	cr_assert_eq(smbc_submit_wait(req, WAIT), 0);
	cr_expect_lt(smbc_wait(req, WAIT), 0, "the connection is closed");
	smbc_req_free(req);
	smbc_conn_free(c);
}

static uint32_t unsigned_echo(struct smbc_session *s)
{
	struct smbc_req *req = smbc_req_new(s->conn, s, SMB2_ECHO);

	smbc_put_empty(req);
	req->sign = SMBC_NEVER;
	return smbc_ask_free(req);
}

/* The client may want it for one session and not for the connection. 3.3.5.5.3 */
Test(setup_unsigned, a_session_that_asks_for_signing_must_sign, .timeout = 60)
{
	struct test_server_conf conf = { .groups = "sign = { require = false; };" };
	struct smbc_cred cred = { .user = "alice", .domain = "", .password = "secret" };
	struct smbc_session *strict, *easy;
	struct smbc_conn *c;
	uint32_t status = 1;

	server = test_server_start(&conf);
	cr_assert_eq(smbc_lib_new(&lib), 0);
	c = negotiated(0x0311);
	strict = smbc_session_new(c);
	strict->security_mode = SMB2_NEGOTIATE_SIGNING_REQUIRED;
	cr_assert_eq(smbc_session_setup(strict, &cred, WAIT, &status), 0);
	cr_assert_eq(status, (uint32_t)STATUS_SUCCESS);
	cr_assert_eq(log_on(c, "alice", "secret", 0, &easy), (uint32_t)STATUS_SUCCESS);
	cr_expect_eq(unsigned_echo(strict), STATUS_ACCESS_DENIED);
	cr_expect_eq(unsigned_echo(easy), (uint32_t)STATUS_SUCCESS);
	smbc_conn_free(c);
	test_server_stop(server);
	smbc_lib_free(lib);
}
