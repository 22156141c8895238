// SPDX-License-Identifier: Apache-2.0
/*
 * test_lock.c: locks of two clients on two workers.
 */
#include "ask.h"
#include "testserver.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define WAIT       10000
#define SHARED     0x01u
#define EXCLUSIVE  0x02u
#define UNLOCK     0x04u
#define AT_ONCE    0x10u
#define READ_WRITE 0x3u
#define OPEN_IF    3
#define SHARE_ALL  7

#define OK            0u
#define PENDING       0x103u
#define NOT_GRANTED   0xC0000055u
#define LOCK_CONFLICT 0xC0000054u
#define NOT_LOCKED    0xC000007Eu
#define NO_RESOURCES  0xC000009Au
#define CANCELLED     0xC0000120u

static struct test_server *server;
static struct smbc_lib *lib;

struct client {
	struct smbc_conn *conn;
	struct smbc_session *session;
	uint32_t tid;
	struct smbc_fid fid;
};

static void begin(void)
{
	static const struct test_server_conf conf = {
		.groups = "lock = { per_open = 100; per_file = 150; };",
	};

	server = test_server_start(&conf);
	cr_assert_eq(smbc_lib_new(&lib), 0);
}

static void end(void)
{
	test_server_stop(server);
	smbc_lib_free(lib);
}

TestSuite(lock, .init = begin, .fini = end, .timeout = 60);

static void open_file(struct client *c)
{
	struct smbc_req *req = smbc_tree_req(c->session, c->tid, SMB2_CREATE);
	struct smbc_create create = { .name = "file",
				      .impersonation = SMB2_IMPERSONATION,
				      .access = READ_WRITE,
				      .share = SHARE_ALL,
				      .disposition = OPEN_IF };
	struct smbc_created made;

	smbc_put_create(req, &create);
	smbc_ask(req);
	cr_assert_eq(smbc_create_reply(&req->reply, &made), 0);
	c->fid = made.fid;
	smbc_req_free(req);
}

static void connect_client(struct client *c)
{
	c->conn = smbc_ask_conn(lib, test_server_connect(server));
	c->session = smbc_ask_session(c->conn);
	c->tid = smbc_ask_tid(c->session, "mem");
	open_file(c);
}

static struct smbc_req *lock_send(struct client *c, const struct smbc_lock *locks, uint16_t n)
{
	struct smbc_req *req = smbc_tree_req(c->session, c->tid, SMB2_LOCK);

	smbc_put_lock(req, c->fid, 0, locks, n);
	cr_assert_eq(smbc_submit_wait(req, WAIT), 0);
	smbc_flush(c->conn);
	return req;
}

static uint32_t lock(struct client *c, uint64_t offset, uint64_t length, uint32_t flags)
{
	struct smbc_lock one = { offset, length, flags };

	return smbc_ask_end(lock_send(c, &one, 1));
}

static uint32_t write_at(struct client *c, uint64_t offset)
{
	struct smbc_req *req = smbc_tree_req(c->session, c->tid, SMB2_WRITE);
	struct smbc_io io = { .fid = c->fid, .offset = offset, .data = "x", .length = 1 };

	smbc_put_write(req, &io);
	return smbc_ask_free(req);
}

static uint32_t close_file(struct client *c)
{
	struct smbc_req *req = smbc_tree_req(c->session, c->tid, SMB2_CLOSE);

	smbc_put_close(req, c->fid, 0);
	return smbc_ask_free(req);
}

Test(lock, no_element_of_a_failed_request_stays)
{
	static const struct smbc_lock three[] = {
		{ 0, 1, EXCLUSIVE | AT_ONCE },
		{ 2, 1, EXCLUSIVE | AT_ONCE },
		{ 4, 1, EXCLUSIVE | AT_ONCE },
	};
	struct client a, b;

	connect_client(&a);
	connect_client(&b);
	cr_assert_eq(lock(&b, 4, 1, SHARED | AT_ONCE), OK);
	cr_expect_eq(smbc_ask_end(lock_send(&a, three, 3)), NOT_GRANTED);
	cr_expect_eq(write_at(&b, 0), OK);
	cr_expect_eq(write_at(&b, 2), OK);
	cr_expect_eq(lock(&b, 4, 1, UNLOCK), OK);
	cr_expect_eq(smbc_ask_end(lock_send(&a, three, 3)), OK);
	cr_expect_eq(write_at(&b, 2), LOCK_CONFLICT);
	smbc_conn_free(a.conn);
	smbc_conn_free(b.conn);
}

/* The open goes with a lock and somebody waiting for it on another worker. */
Test(lock, a_close_gives_to_who_waits)
{
	struct smbc_lock range = { 0, 10, EXCLUSIVE };
	struct smbc_req *waits, *own;
	struct client a, b;

	connect_client(&a);
	connect_client(&b);
	cr_assert_eq(lock(&a, 0, 10, EXCLUSIVE), OK);
	own = lock_send(&a, &range, 1); /* waits for itself: ends with the open */
	waits = lock_send(&b, &range, 1);
	cr_expect_eq(close_file(&a), OK);
	cr_expect_eq(smbc_ask_end(own), NOT_LOCKED);
	cr_expect_eq(smbc_ask_end(waits), OK);
	cr_expect_eq(lock(&b, 0, 10, UNLOCK), OK);
	smbc_conn_free(a.conn);
	smbc_conn_free(b.conn);
}

/* A connection that is lost with a request waiting leaves nothing behind. */
Test(lock, a_lost_connection_gives_up_its_place)
{
	struct smbc_lock range = { 0, 10, EXCLUSIVE };
	struct smbc_req *waits;
	struct client a, b, c;

	connect_client(&a);
	connect_client(&b);
	connect_client(&c);
	cr_assert_eq(lock(&a, 0, 10, EXCLUSIVE), OK);
	waits = lock_send(&b, &range, 1);
	smbc_req_free(waits);
	smbc_conn_free(b.conn);
	waits = lock_send(&c, &range, 1);
	cr_expect_eq(lock(&a, 0, 10, UNLOCK), OK);
	cr_expect_eq(smbc_ask_end(waits), OK);
	smbc_conn_free(a.conn);
	smbc_conn_free(c.conn);
}

Test(lock, cancel_and_unlock_may_meet)
{
	struct smbc_lock range = { 0, 10, EXCLUSIVE };
	struct client a, b;

	connect_client(&a);
	connect_client(&b);
	for (int i = 0; i < 200; i++) {
		struct smbc_req *waits;
		uint32_t status;

		cr_assert_eq(lock(&a, 0, 10, EXCLUSIVE), OK);
		waits = lock_send(&b, &range, 1);
		cr_assert_eq(smbc_cancel(waits), 0);
		smbc_flush(b.conn);
		cr_assert_eq(lock(&a, 0, 10, UNLOCK), OK);
		status = smbc_ask_end(waits);
		cr_assert(status == OK || status == CANCELLED, "%08x", status);
		/* What was answered is what is. */
		cr_assert_eq(lock(&b, 0, 10, UNLOCK), status == OK ? OK : NOT_LOCKED);
	}
	smbc_conn_free(a.conn);
	smbc_conn_free(b.conn);
}

Test(lock, limits)
{
	struct client a, b;

	connect_client(&a);
	connect_client(&b);
	for (uint64_t i = 0; i < 100; i++)
		cr_assert_eq(lock(&a, i, 1, SHARED), OK);
	cr_expect_eq(lock(&a, 100, 1, SHARED), NO_RESOURCES, "per_open");
	for (uint64_t i = 0; i < 50; i++)
		cr_assert_eq(lock(&b, i, 1, SHARED), OK);
	cr_expect_eq(lock(&b, 50, 1, SHARED), NO_RESOURCES, "per_file");
	cr_expect_eq(lock(&a, 0, 1, UNLOCK), OK);
	cr_expect_eq(lock(&b, 50, 1, SHARED), OK, "a place has become free");
	smbc_conn_free(a.conn);
	smbc_conn_free(b.conn);
}
