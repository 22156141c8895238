// SPDX-License-Identifier: Apache-2.0
/*
 * test_lease.c: two clients and the promises made to them.
 */
#include "ask.h"
#include "crypto.h"
#include "testserver.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <smb3/status.h>

#define WAIT      10000
#define NONE      0x00
#define LEVEL_II  0x01
#define EXCLUSIVE 0x08
#define BATCH     0x09

#define READ_WRITE 0x0012019fu
#define READ_ONLY  0x00120089u
#define STAT_ONLY  0x00100080u

/* A client; the notification that came last. */
struct party {
	struct smbc_conn *conn;
	struct smbc_session *session;
	uint32_t tid;
	int breaks;
	uint8_t level;
};

static struct test_server *server;
static struct smbc_lib *lib;
static struct party one, two;

static void on_stray(struct smbc_conn *conn, const struct smbc_reply *reply, void *arg)
{
	struct party *p = arg;

	cr_assert_eq(reply->hdr.command, SMB2_OPLOCK_BREAK);
	cr_assert_eq(reply->hdr.mid, UINT64_MAX);
	p->breaks++;
	p->level = reply->pdu[64 + 2];
}

static void party_start(struct party *p)
{
	*p = (struct party){ .conn = smbc_ask_conn(lib, test_server_connect(server)) };
	p->conn->stray = on_stray;
	p->conn->stray_arg = p;
	p->session = smbc_ask_session(p->conn);
	p->tid = smbc_ask_tid(p->session, "share");
}

static void begin(const char *groups)
{
	struct test_server_conf conf = { .groups = groups };

	server = test_server_start(&conf);
	cr_assert_eq(smbc_lib_new(&lib), 0);
	party_start(&one);
	party_start(&two);
}

static void end(void)
{
	smbc_conn_free(one.conn);
	smbc_conn_free(two.conn);
	test_server_stop(server);
	smbc_lib_free(lib);
}

static struct smbc_req *open_send(struct party *p, uint32_t access, uint32_t disposition,
				  uint8_t oplock)
{
	struct smbc_req *req = smbc_tree_req(p->session, p->tid, SMB2_CREATE);
	struct smbc_create c = { .name = "promised",
				 .oplock = oplock,
				 .impersonation = 2,
				 .access = access,
				 .share = 7,
				 .disposition = disposition };

	smbc_put_create(req, &c);
	cr_assert_eq(smbc_submit_wait(req, WAIT), 0);
	cr_assert(smbc_flush(p->conn));
	return req;
}

static struct smbc_created open_wait(struct smbc_req *req)
{
	struct smbc_created created;

	cr_assert_eq(smbc_wait(req, WAIT), 0);
	cr_assert_eq(req->reply.hdr.status, (uint32_t)STATUS_SUCCESS, "%s",
		     smb3_status_name(req->reply.hdr.status));
	cr_assert_eq(smbc_create_reply(&req->reply, &created), 0);
	created.contexts = (struct smbc_part){ 0 };
	smbc_req_free(req);
	return created;
}

static struct smbc_created open_now(struct party *p, uint32_t access, uint8_t oplock)
{
	return open_wait(open_send(p, access, 3, oplock));
}

static void await_break(struct party *p, int count, uint8_t level)
{
	while (p->breaks < count)
		cr_assert_eq(smbc_pump(p->conn, WAIT), 0);
	cr_assert_eq(p->breaks, count);
	cr_assert_eq(p->level, level);
}

static uint32_t acknowledge(struct party *p, struct smbc_fid fid, uint8_t level)
{
	struct smbc_req *req = smbc_tree_req(p->session, p->tid, SMB2_OPLOCK_BREAK);

	smbc_put16(&req->body, 24);
	smbc_put8(&req->body, level);
	smbc_put8(&req->body, 0);
	smbc_put32(&req->body, 0);
	smbc_put64(&req->body, fid.persistent);
	smbc_put64(&req->body, fid.temporary);
	return smbc_ask_free(req);
}

static void shut(struct party *p, struct smbc_fid fid)
{
	struct smbc_req *req = smbc_tree_req(p->session, p->tid, SMB2_CLOSE);

	smbc_put_close(req, fid, 0);
	cr_assert_eq(smbc_ask(req), (uint32_t)STATUS_SUCCESS);
	smbc_req_free(req);
}

Test(lease, an_open_waits_until_the_holder_has_acknowledged, .timeout = 60)
{
	struct smbc_created mine, yours;
	struct smbc_req *req;

	begin(NULL);
	mine = open_now(&one, READ_WRITE, BATCH);
	cr_assert_eq(mine.oplock, BATCH);
	req = open_send(&two, READ_WRITE, 3, BATCH);
	await_break(&one, 1, LEVEL_II);
	cr_expect_eq(smbc_pump(two.conn, 50), -ETIMEDOUT, "the open has not waited");
	cr_expect_eq(acknowledge(&one, mine.fid, LEVEL_II), (uint32_t)STATUS_SUCCESS);
	yours = open_wait(req);
	cr_expect_eq(yours.oplock, LEVEL_II);
	cr_expect_eq(acknowledge(&one, mine.fid, NONE), STATUS_INVALID_DEVICE_STATE, "unasked");
	end();
}

Test(lease, closing_is_an_answer_as_well, .timeout = 60)
{
	struct smbc_created mine, yours;
	struct smbc_req *req;

	begin(NULL);
	mine = open_now(&one, READ_WRITE, BATCH);
	req = open_send(&two, READ_WRITE, 3, BATCH);
	await_break(&one, 1, LEVEL_II);
	shut(&one, mine.fid);
	yours = open_wait(req);
	cr_expect_eq(yours.oplock, BATCH, "nobody else is there any more");
	end();
}

Test(lease, a_lost_client_keeps_nobody_waiting, .timeout = 60)
{
	struct smbc_req *req;

	begin(NULL);
	open_now(&one, READ_WRITE, EXCLUSIVE);
	req = open_send(&two, READ_WRITE, 3, NONE);
	await_break(&one, 1, LEVEL_II);
	smbc_conn_free(one.conn);
	open_wait(req);
	party_start(&one);
	end();
}

Test(lease, who_does_not_answer_loses_the_promise, .timeout = 60)
{
	struct smbc_created mine;
	struct smbc_req *req;

	begin("lease = { break_time = \"1s\"; };");
	mine = open_now(&one, READ_WRITE, BATCH);
	req = open_send(&two, READ_WRITE, 3, NONE);
	await_break(&one, 1, LEVEL_II);
	open_wait(req);
	cr_expect_eq(acknowledge(&one, mine.fid, LEVEL_II), STATUS_INVALID_OPLOCK_PROTOCOL, "late");
	end();
}

Test(lease, a_write_takes_level_two_from_all, .timeout = 60)
{
	struct smbc_created mine, yours;
	struct smbc_io io = { .data = "text", .length = 4 };
	struct smbc_req *req;

	begin(NULL);
	mine = open_now(&one, READ_WRITE, LEVEL_II);
	yours = open_now(&two, READ_WRITE, LEVEL_II);
	cr_assert_eq(mine.oplock, LEVEL_II);
	cr_assert_eq(yours.oplock, LEVEL_II);
	io.fid = yours.fid;
	req = smbc_tree_req(two.session, two.tid, SMB2_WRITE);
	smbc_put_write(req, &io);
	cr_assert_eq(smbc_ask(req), (uint32_t)STATUS_SUCCESS);
	smbc_req_free(req);
	await_break(&one, 1, NONE);
	await_break(&two, 1, NONE);
	cr_expect_eq(acknowledge(&one, mine.fid, NONE), STATUS_INVALID_OPLOCK_PROTOCOL,
		     "level II goes without an answer");
	end();
}

Test(lease, attributes_disturb_nobody, .timeout = 60)
{
	struct smbc_created mine;

	begin(NULL);
	mine = open_now(&one, READ_WRITE, BATCH);
	open_now(&two, STAT_ONLY, BATCH);
	cr_expect_eq(mine.oplock, BATCH);
	cr_expect_eq(one.breaks, 0);
	end();
}

/* More than was offered, or a lease for an oplock: the promise is gone, and the waiter goes on. */
Test(lease, a_wrong_acknowledgement_ends_the_promise, .timeout = 60)
{
	static const struct {
		uint8_t level;
		uint32_t status;
	} wrong[] = { { BATCH, STATUS_INVALID_OPLOCK_PROTOCOL },
		      { EXCLUSIVE, STATUS_INVALID_OPLOCK_PROTOCOL },
		      { 0xff, STATUS_INVALID_PARAMETER },
		      { 0x77, STATUS_INVALID_OPLOCK_PROTOCOL } };

	begin(NULL);
	for (int i = 0; i < 4; i++) {
		struct smbc_created mine = open_now(&one, READ_WRITE, BATCH), yours;
		struct smbc_req *req = open_send(&two, READ_WRITE, 3, NONE);

		await_break(&one, i + 1, LEVEL_II);
		cr_expect_eq(acknowledge(&one, mine.fid, wrong[i].level), wrong[i].status, "%d", i);
		yours = open_wait(req);
		shut(&one, mine.fid);
		shut(&two, yours.fid);
	}
	end();
}

Test(lease, a_share_without_oplocks, .timeout = 60)
{
	begin("lease = { oplocks = false; };");
	cr_expect_eq(open_now(&one, READ_WRITE, BATCH).oplock, NONE);
	open_now(&two, READ_ONLY, NONE);
	cr_expect_eq(one.breaks, 0);
	end();
}
