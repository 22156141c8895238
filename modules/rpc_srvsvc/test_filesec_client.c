// SPDX-License-Identifier: Apache-2.0
/*
 * test_filesec_client.c: see test_filesec_client.h.
 */
#include "test_filesec_client.h"

#include "ask.h"
#include "testserver.h"

#include <criterion/criterion.h>
#include <string.h>

#define WAIT         10000
#define OPLOCK_BATCH 9
#define READ_SOME    0x00120089u
#define LEVEL_NONE   0

static struct smbc_lib *lib;
static struct smbc_conn *conn, *second;
static struct smbc_session *session;
static uint32_t held_tid;
static struct smbc_fid held;

void client_begin(struct test_server *server)
{
	cr_assert_eq(smbc_lib_new(&lib), 0);
	conn = smbc_ask_conn(lib, test_server_connect(server));
	session = smbc_ask_session(conn);
}

void client_connects_again(struct test_server *server)
{
	uint32_t status = 1;

	second = smbc_conn_new(lib, test_server_connect(server));
	memcpy(second->client_guid, conn->client_guid, sizeof(conn->client_guid));
	cr_assert_eq(smbc_negotiate(second, &smbc_negotiate_default, WAIT, &status), 0);
	cr_assert_eq(status, 0u);
}

void client_end(void)
{
	if (second)
		smbc_conn_free(second);
	smbc_conn_free(conn);
	smbc_lib_free(lib);
}

static bool broken;

static void on_stray(struct smbc_conn *c, const struct smbc_reply *reply, void *arg)
{
	(void)c, (void)arg;
	broken |= reply->hdr.command == SMB2_OPLOCK_BREAK;
}

void client_hold(const char *name)
{
	struct smbc_req *req;
	struct smbc_create c = { .name = name,
				 .oplock = OPLOCK_BATCH,
				 .impersonation = 2,
				 .access = READ_SOME,
				 .share = 7,
				 .disposition = 1 };
	struct smbc_created out;

	conn->stray = on_stray;
	held_tid = smbc_ask_tid(session, "share");
	req = smbc_tree_req(session, held_tid, SMB2_CREATE);
	smbc_put_create(req, &c);
	cr_assert_eq(smbc_ask(req), 0u);
	cr_assert_eq(smbc_create_reply(&req->reply, &out), 0);
	cr_assert_eq(out.oplock, OPLOCK_BATCH, "no oplock");
	smbc_req_free(req);
	held = out.fid;
}

void client_hears_break(void)
{
	while (!broken)
		cr_assert_eq(smbc_pump(conn, WAIT), 0);
}

void client_lets_go(void)
{
	struct smbc_req *req = smbc_tree_req(session, held_tid, SMB2_OPLOCK_BREAK);

	smbc_put_oplock_ack(req, held, LEVEL_NONE);
	cr_assert_eq(smbc_ask_free(req), 0u);
}

void client_echo(void)
{
	struct smbc_req *req = smbc_req_new(conn, session, SMB2_ECHO);

	smbc_put_empty(req);
	cr_assert_eq(smbc_ask_free(req), 0u);
}

void client_cancels(uint64_t n)
{
	uint64_t mid = conn->next_mid;

	for (uint64_t i = 0; i < n; i++) {
		struct smbc_req *req = smbc_req_new(conn, session, SMB2_CANCEL);

		req->set = SMBC_SET_MID;
		req->hdr.mid = i;
		smbc_put_empty(req);
		(void)smbc_submit(req);
		smbc_req_free(req);
	}
	conn->next_mid = mid;
}
