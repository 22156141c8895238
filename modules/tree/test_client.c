// SPDX-License-Identifier: Apache-2.0
/*
 * test_client.c: see test_client.h.
 */
#include "test_client.h"

#include "ask.h"
#include "testserver.h"

#include <criterion/criterion.h>
#include <stdlib.h>

struct test_client {
	struct smbc_lib *lib;
	struct smbc_conn *conn;
	struct smbc_session *session;
};

struct test_client *test_client_new(struct test_server *server)
{
	struct test_client *c = calloc(1, sizeof(*c));

	cr_assert_eq(smbc_lib_new(&c->lib), 0);
	c->conn = smbc_ask_conn(c->lib, test_server_connect(server));
	c->session = smbc_ask_session(c->conn);
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

uint32_t test_connect(struct test_client *c, const char *share, struct test_tree *ret_tree)
{
	struct smbc_tree_info info;
	uint32_t status = smbc_ask_tree(c->session, share, &info);

	if (!status)
		*ret_tree = (struct test_tree){ info.tid, info.flags, info.max_access };
	return status;
}

uint32_t test_disconnect(struct test_client *c, const struct test_tree *tree)
{
	struct smbc_req *req = smbc_tree_req(c->session, tree->tid, SMB2_TREE_DISCONNECT);

	smbc_put_empty(req);
	return smbc_ask_free(req);
}
