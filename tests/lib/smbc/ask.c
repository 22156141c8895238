// SPDX-License-Identifier: Apache-2.0
/*
 * ask.c: see ask.h.
 */
#include "ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool well, const char *what, int err, uint32_t status)
{
	if (well)
		return;
	fprintf(stderr, "smbc: %s: %s, status %#x\n", what, strerror(err < 0 ? -err : 0), status);
	abort();
}

static uint32_t end(struct smbc_req *req)
{
	int err = smbc_wait(req, SMBC_ASK_WAIT);

	must(!err, "no reply", err, req->hdr.command);
	return req->reply.hdr.status;
}

uint32_t smbc_ask(struct smbc_req *req)
{
	int err = smbc_submit_wait(req, SMBC_ASK_WAIT);

	must(!err, "not sent", err, req->hdr.command);
	return end(req);
}

uint32_t smbc_ask_end(struct smbc_req *req)
{
	uint32_t status = end(req);

	smbc_req_free(req);
	return status;
}

uint32_t smbc_ask_free(struct smbc_req *req)
{
	uint32_t status = smbc_ask(req);

	smbc_req_free(req);
	return status;
}

static struct smbc_conn *negotiated(struct smbc_conn *conn, const struct smbc_negotiate *how)
{
	uint32_t status = 0;
	int err = smbc_negotiate(conn, how, SMBC_ASK_WAIT, &status);

	must(!err && !status, "NEGOTIATE", err, status);
	return conn;
}

struct smbc_conn *smbc_ask_conn(struct smbc_lib *lib, int fd)
{
	return negotiated(smbc_conn_new(lib, fd), &smbc_negotiate_default);
}

struct smbc_conn *smbc_ask_dialect(struct smbc_lib *lib, int fd, uint16_t dialect)
{
	struct smbc_negotiate how = smbc_negotiate_default;
	struct smbc_conn *conn;

	how.dialects[0] = dialect;
	how.dialect_count = 1;
	conn = negotiated(smbc_conn_new(lib, fd), &how);
	must(conn->dialect == dialect, "another dialect", 0, 0);
	return conn;
}

struct smbc_session *smbc_ask_session(struct smbc_conn *conn)
{
	static const struct smbc_cred alice = { .user = "alice",
						.domain = "",
						.password = "secret" };
	struct smbc_session *s = smbc_session_new(conn);
	uint32_t status = 0;
	int err = smbc_session_setup(s, &alice, SMBC_ASK_WAIT, &status);

	must(!err && !status, "SESSION_SETUP", err, status);
	return s;
}

uint32_t smbc_ask_tree(struct smbc_session *s, const char *share, struct smbc_tree_info *ret_info)
{
	struct smbc_req *req = smbc_req_new(s->conn, s, SMB2_TREE_CONNECT);
	uint32_t status;
	char path[128];

	snprintf(path, sizeof(path), "\\\\TEST\\%s", share);
	smbc_put_tree_connect(req, path);
	status = smbc_ask(req);
	if (!status)
		must(!smbc_tree_reply(&req->reply, ret_info), "TREE_CONNECT", 0, 0);
	smbc_req_free(req);
	return status;
}

uint32_t smbc_ask_tid(struct smbc_session *s, const char *share)
{
	struct smbc_tree_info info;
	uint32_t status = smbc_ask_tree(s, share, &info);

	must(!status, "TREE_CONNECT", 0, status);
	return info.tid;
}
