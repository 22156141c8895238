// SPDX-License-Identifier: Apache-2.0
/*
 * test_limiter.c: a server that is guessed at.
 */
#include "ask.h"
#include "crypto.h"
#include "testserver.h"

#include <criterion/criterion.h>
#include <smb3/status.h>

#define WAIT 60000

static struct test_server *server;
static struct smbc_lib *lib;

static void start(const char *settings)
{
	static const char modules[] =
		"\"loop\", \"smb2\", \"smb3\", \"smb311\", \"sign\", \"setup\", \"tree\", \"file\", "
		"\"spnego\", \"ntlm\", \"users\", \"vfs_posix\", \"vfs_mem\", \"limiter\"";
	char groups[256];

	snprintf(groups, sizeof(groups), "limiter = { %s };", settings);
	server = test_server_start(
		&(struct test_server_conf){ .modules = modules, .groups = groups });
	cr_assert_eq(smbc_lib_new(&lib), 0);
}

static void stop(void)
{
	if (server)
		test_server_stop(server);
	smbc_lib_free(lib);
}

TestSuite(limiter, .fini = stop, .timeout = 120);

static struct smbc_conn *negotiated(void)
{
	return smbc_ask_conn(lib, test_server_connect(server));
}

static uint32_t log_on(struct smbc_conn *c, const char *user, const char *password)
{
	struct smbc_cred cred = {
		.user = user, .domain = "", .password = password, .anonymous = !*user
	};
	uint32_t status = 0;

	cr_assert_eq(smbc_session_setup(smbc_session_new(c), &cred, WAIT, &status), 0);
	return status;
}

static const struct smbc_cred wrong = { .user = "alice", .domain = "", .password = "wrong" };

struct guess {
	bool done;
	int err;
	uint32_t status;
};

static void guessed(struct smbc_session *session, int err, uint32_t status)
{
	struct guess *g = session->arg;

	g->done = true;
	g->err = err;
	g->status = status;
}

static void guess_start(struct smbc_conn *c, struct guess *g)
{
	*g = (struct guess){ .done = false };
	cr_assert_eq(smbc_session_start(smbc_session_new(c), &wrong, guessed, g), 0);
}

static uint32_t echo(struct smbc_conn *c)
{
	struct smbc_req *req = smbc_req_new(c, NULL, SMB2_ECHO);

	smbc_put_empty(req);
	return smbc_ask_free(req);
}

Test(limiter, failure_is_answered_late_and_holds_nothing_else_up)
{
	struct smbc_conn *c;
	int64_t began;
	struct guess g;

	start("delay = \"1500ms\"");
	c = negotiated();
	cr_assert_eq(log_on(c, "alice", "secret"), (uint32_t)STATUS_SUCCESS);
	began = smbc_now_ms();
	guess_start(c, &g);
	for (int i = 0; i < 20; i++)
		cr_assert_eq(echo(c), (uint32_t)STATUS_SUCCESS);
	while (!g.done)
		smbc_pump(c, 100);
	cr_assert_eq(g.err, 0);
	cr_assert_eq(g.status, STATUS_LOGON_FAILURE);
	cr_assert_geq(smbc_now_ms() - began, 1500);
	smbc_conn_free(c);
}

/* As the answer to a right password is not held back, only the debt keeps a burst from paying. */
Test(limiter, parallel_guesses_are_no_faster)
{
	enum { GUESSES = 12 };
	struct smbc_conn *c[GUESSES];
	struct guess g[GUESSES];
	int64_t began, last = 0;

	start("delay = \"100ms\"; ban_after = 0");
	for (int i = 0; i < GUESSES; i++)
		c[i] = negotiated();
	began = smbc_now_ms();
	for (int i = 0; i < GUESSES; i++)
		guess_start(c[i], &g[i]);
	for (int left = GUESSES; left > 0;) {
		left = 0;
		for (int i = 0; i < GUESSES; i++) {
			smbc_pump(c[i], 1);
			left += !g[i].done;
		}
	}
	last = smbc_now_ms();
	for (int i = 0; i < GUESSES; i++) {
		cr_expect_eq(g[i].status, STATUS_LOGON_FAILURE);
		smbc_conn_free(c[i]);
	}
	cr_assert_geq(last - began, GUESSES * 100);
}

/* Who does not wait for the answer owes it all the same. */
Test(limiter, hanging_up_saves_nothing)
{
	struct smbc_conn *c;
	int64_t began;
	struct guess g;

	start("delay = \"1s\"; ban_after = 0");
	began = smbc_now_ms();
	for (int i = 0; i < 3; i++) {
		c = negotiated();
		guess_start(c, &g);
		/* Until it is being looked into, or waits for that. */
		for (int n = 0; n < 2; n++)
			cr_assert_eq(echo(c), (uint32_t)STATUS_SUCCESS);
		smbc_conn_free(c);
	}
	c = negotiated();
	cr_assert_eq(log_on(c, "alice", "wrong"), STATUS_LOGON_FAILURE);
	cr_assert_geq(smbc_now_ms() - began, 1000);
	smbc_conn_free(c);
}

Test(limiter, cancel_does_not_hurry_the_answer)
{
	struct smbc_req *req;
	struct smbc_conn *c;
	int64_t began;
	struct guess g;

	start("delay = \"1s\"");
	c = negotiated();
	began = smbc_now_ms();
	guess_start(c, &g);
	cr_assert_eq(echo(c), (uint32_t)STATUS_SUCCESS);
	for (uint64_t mid = 1; mid < c->next_mid; mid++) {
		req = smbc_req_new(c, NULL, SMB2_CANCEL);
		smbc_put_empty(req);
		req->hdr.mid = mid;
		req->set |= SMBC_SET_MID;
		smbc_submit(req);
		smbc_req_free(req);
	}
	while (!g.done)
		smbc_pump(c, 100);
	cr_assert_geq(smbc_now_ms() - began, 1000);
	smbc_conn_free(c);
}

Test(limiter, ban)
{
	struct smbc_conn *c, *later;
	uint32_t status;

	start("delay = 0; ban_after = 4");
	c = negotiated();
	for (int i = 0; i < 4; i++)
		cr_assert_eq(log_on(c, "alice", "wrong"), STATUS_LOGON_FAILURE);
	cr_expect_eq(log_on(c, "alice", "secret"), STATUS_ACCESS_DENIED);
	later = smbc_conn_new(lib, test_server_connect(server));
	cr_expect_lt(smbc_negotiate(later, &smbc_negotiate_default, WAIT, &status), 0,
		     "the connection is closed");
	smbc_conn_free(later);
	smbc_conn_free(c);
}

Test(limiter, sessions_of_a_banned_address_go_on)
{
	struct smbc_cred right = { .user = "alice", .domain = "", .password = "secret" };
	struct smbc_conn *c;
	struct smbc_session *s;
	uint32_t status;

	start("delay = 0; ban_after = 2");
	c = negotiated();
	s = smbc_session_new(c);
	cr_assert_eq(smbc_session_setup(s, &right, WAIT, &status), 0);
	cr_assert_eq(status, (uint32_t)STATUS_SUCCESS);
	for (int i = 0; i < 2; i++)
		cr_assert_eq(log_on(c, "alice", "wrong"), STATUS_LOGON_FAILURE);
	cr_assert_eq(log_on(c, "alice", "secret"), STATUS_ACCESS_DENIED);
	cr_assert_eq(smbc_session_setup(s, &right, WAIT, &status), 0);
	cr_expect_eq(status, (uint32_t)STATUS_SUCCESS, "it proves itself again");
	smbc_conn_free(c);
}

Test(limiter, what_clients_do_by_themselves_does_not_count)
{
	struct smbc_conn *c;

	start("delay = 0; ban_after = 3");
	c = negotiated();
	for (int i = 0; i < 10; i++)
		cr_assert_eq(log_on(c, "", ""), STATUS_ACCESS_DENIED, "anonymous");
	for (int i = 0; i < 10; i++) {
		cr_assert_eq(log_on(c, "somebody", "x"), STATUS_LOGON_FAILURE);
		cr_assert_eq(log_on(c, "alice", "wrong"), STATUS_LOGON_FAILURE);
		cr_assert_eq(log_on(c, "alice", "secret"), (uint32_t)STATUS_SUCCESS);
	}
	smbc_conn_free(c);
}

/* The lock is put on by the pool: it is there soon. */
Test(limiter, account_is_locked)
{
	struct smbc_cred right = { .user = "ALICE", .domain = "", .password = "secret" };
	struct smbc_session *s;
	struct smbc_conn *c;
	uint32_t status;

	start("delay = 0; ban_after = 0; lock_after = 3");
	c = negotiated();
	for (int i = 0; i < 3; i++)
		cr_assert_eq(log_on(c, "alice", "wrong"), STATUS_LOGON_FAILURE);
	/* One session again and again, as a connection has only so many. */
	s = smbc_session_new(c);
	for (int64_t end = smbc_now_ms() + WAIT; smbc_now_ms() < end;) {
		cr_assert_eq(smbc_session_setup(s, &right, WAIT, &status), 0);
		if (status != STATUS_SUCCESS)
			break;
	}
	cr_expect_eq(status, STATUS_ACCOUNT_LOCKED_OUT);
	cr_expect_eq(log_on(c, "alice", "wrong"), STATUS_LOGON_FAILURE,
		     "only who knows the password is told");
	smbc_conn_free(c);
}

Test(limiter, stops_while_answers_are_held_back)
{
	struct smbc_conn *c[4];
	struct guess g[4];

	start("delay = \"60s\"; ban_after = 0");
	for (int i = 0; i < 4; i++) {
		c[i] = negotiated();
		guess_start(c[i], &g[i]);
		cr_assert_eq(echo(c[i]), (uint32_t)STATUS_SUCCESS);
	}
	for (int i = 0; i < 3; i++)
		smbc_conn_free(c[i]);
	test_server_stop(server);
	server = NULL;
	smbc_conn_free(c[3]);
}
