// SPDX-License-Identifier: Apache-2.0
/*
 * test_client.c: see test_client.h.
 */
#include "test_client.h"

#include "ask.h"
#include "testserver.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define WAIT             10000
#define CLASS_ACCESS     8
#define SHARE_EVERYTHING 7

struct test_client {
	struct smbc_lib *lib;
	struct smbc_conn *conn;
	struct smbc_session *session;
	uint32_t tid;
};

struct test_client *test_client_new(struct test_server *server, const char *share)
{
	struct test_client *c = calloc(1, sizeof(*c));

	cr_assert_eq(smbc_lib_new(&c->lib), 0);
	c->conn = smbc_ask_conn(c->lib, test_server_connect(server));
	c->session = smbc_ask_session(c->conn);
	c->tid = smbc_ask_tid(c->session, share);
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

struct smbc_req *test_create_send(struct test_client *c, const char *name, uint32_t access,
				  uint32_t disposition)
{
	struct smbc_req *req = smbc_tree_req(c->session, c->tid, SMB2_CREATE);
	struct smbc_create create = { .name = name,
				      .impersonation = SMB2_IMPERSONATION,
				      .access = access,
				      .share = SHARE_EVERYTHING,
				      .disposition = disposition };

	smbc_put_create(req, &create);
	cr_assert_eq(smbc_submit_wait(req, WAIT), 0);
	smbc_flush(c->conn);
	return req;
}

uint32_t test_create_wait(struct smbc_req *req, struct test_open *ret_open)
{
	struct smbc_created made;
	uint32_t status;

	cr_assert_eq(smbc_wait(req, WAIT), 0);
	status = req->reply.hdr.status;
	if (!status && ret_open) {
		cr_assert_eq(smbc_create_reply(&req->reply, &made), 0);
		*ret_open = (struct test_open){ .action = made.action,
						.size = made.size,
						.persistent_id = made.fid.persistent,
						.volatile_id = made.fid.temporary };
	}
	smbc_req_free(req);
	return status;
}

uint32_t test_create(struct test_client *c, const char *name, uint32_t access, uint32_t disposition,
		     struct test_open *ret_open)
{
	return test_create_wait(test_create_send(c, name, access, disposition), ret_open);
}

void test_cancel(struct smbc_req *req)
{
	cr_assert_eq(smbc_cancel(req), 0);
}

void test_drop(struct smbc_req *req)
{
	smbc_req_free(req);
}

static struct smbc_fid fid_of(const struct test_open *o)
{
	return (struct smbc_fid){ o->persistent_id, o->volatile_id };
}

uint32_t test_write(struct test_client *c, const struct test_open *o, const char *text)
{
	struct smbc_req *req = smbc_tree_req(c->session, c->tid, SMB2_WRITE);
	struct smbc_io io = { .fid = fid_of(o), .data = text, .length = (uint32_t)strlen(text) };

	smbc_put_write(req, &io);
	return smbc_ask_free(req);
}

uint32_t test_close(struct test_client *c, const struct test_open *o)
{
	struct smbc_req *req = smbc_tree_req(c->session, c->tid, SMB2_CLOSE);

	smbc_put_close(req, fid_of(o), 0);
	return smbc_ask_free(req);
}

uint32_t test_read(struct test_client *c, const struct test_open *o, uint32_t length)
{
	struct smbc_req *req = smbc_tree_req(c->session, c->tid, SMB2_READ);
	struct smbc_io io = { .fid = fid_of(o), .length = length };

	smbc_put_read(req, &io);
	return smbc_ask_free(req);
}

uint32_t test_flush(struct test_client *c, const struct test_open *o)
{
	struct smbc_req *req = smbc_tree_req(c->session, c->tid, SMB2_FLUSH);

	smbc_put_flush(req, fid_of(o));
	return smbc_ask_free(req);
}

uint32_t test_list(struct test_client *c, const struct test_open *o, uint8_t info_class)
{
	struct smbc_req *req = smbc_tree_req(c->session, c->tid, SMB2_QUERY_DIRECTORY);
	struct smbc_query_directory q = {
		.fid = fid_of(o), .info_class = info_class, .max_out = 4096, .pattern = "*"
	};

	smbc_put_query_directory(req, &q);
	return smbc_ask_free(req);
}

uint32_t test_query(struct test_client *c, const struct test_open *o, uint8_t type,
		    uint8_t info_class)
{
	struct smbc_req *req = smbc_tree_req(c->session, c->tid, SMB2_QUERY_INFO);
	struct smbc_info info = {
		.fid = fid_of(o), .type = type, .info_class = info_class, .max_out = 4096
	};

	smbc_put_query_info(req, &info);
	return smbc_ask_free(req);
}

uint32_t test_set(struct test_client *c, const struct test_open *o, uint8_t type,
		  uint8_t info_class, const void *data, size_t len)
{
	struct smbc_req *req = smbc_tree_req(c->session, c->tid, SMB2_SET_INFO);
	struct smbc_info info = {
		.fid = fid_of(o), .type = type, .info_class = info_class, .in = { data, len }
	};

	smbc_put_set_info(req, &info);
	return smbc_ask_free(req);
}

uint32_t test_access(struct test_client *c, const struct test_open *o)
{
	struct smbc_req *req = smbc_tree_req(c->session, c->tid, SMB2_QUERY_INFO);
	struct smbc_info info = { .fid = fid_of(o),
				  .type = SMB2_0_INFO_FILE,
				  .info_class = CLASS_ACCESS,
				  .max_out = sizeof(uint32_t) };
	struct smbc_part out;
	uint32_t access;

	smbc_put_query_info(req, &info);
	smbc_ask(req);
	cr_assert_eq(smbc_output_reply(&req->reply, &out), 0);
	cr_assert_eq(out.n, sizeof(access));
	memcpy(&access, out.p, sizeof(access));
	smbc_req_free(req);
	return access;
}
