// SPDX-License-Identifier: Apache-2.0
/*
 * test_client.c: see test_client.h.
 */
#include "test_client.h"

#include "cmd.h"
#include "testserver.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#define WAIT 10000

struct test_client {
	struct smbc_lib *lib;
	struct smbc_conn *conn;
	struct smbc_session *session;
};

struct test_client *test_client_new(struct test_server *server)
{
	struct smbc_cred cred = { .user = "alice", .domain = "", .password = "secret" };
	struct test_client *c = calloc(1, sizeof(*c));
	uint32_t status = 1;

	cr_assert_eq(smbc_lib_new(&c->lib), 0);
	c->conn = smbc_conn_new(c->lib, test_server_connect(server));
	cr_assert_eq(smbc_negotiate(c->conn, &smbc_negotiate_default, WAIT, &status), 0);
	c->session = smbc_session_new(c->conn);
	cr_assert_eq(smbc_session_setup(c->session, &cred, WAIT, &status), 0);
	cr_assert_eq(status, 0u);
	return c;
}

void test_client_free(struct test_client *c)
{
	if (!c)
		return;
	smbc_conn_free(c->conn);
	smbc_lib_free(c->lib);
	free(c);
}

static uint32_t answer(struct smbc_req *req)
{
	cr_assert_eq(smbc_submit_wait(req, WAIT), 0);
	cr_assert_eq(smbc_wait(req, WAIT), 0);
	return req->reply.hdr.status;
}

uint32_t test_connect(struct test_client *c, const char *share, struct test_tree *ret_tree)
{
	struct smbc_req *req = smbc_req_new(c->conn, c->session, SMB2_TREE_CONNECT);
	struct smbc_tree_info info;
	uint32_t status;
	char path[64];

	snprintf(path, sizeof(path), "\\\\TEST\\%s", share);
	smbc_put_tree_connect(req, path);
	status = answer(req);
	if (!status) {
		cr_assert_eq(smbc_tree_reply(&req->reply, &info), 0);
		*ret_tree = (struct test_tree){ info.tid, info.flags, info.max_access };
	}
	smbc_req_free(req);
	return status;
}

uint32_t test_disconnect(struct test_client *c, const struct test_tree *tree)
{
	struct smbc_req *req = smbc_tree_req(c->session, tree->tid, SMB2_TREE_DISCONNECT);
	uint32_t status;

	smbc_put_empty(req);
	status = answer(req);
	smbc_req_free(req);
	return status;
}
