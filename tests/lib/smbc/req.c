// SPDX-License-Identifier: Apache-2.0
/*
 * req.c: requests: the pool, message ids and credits, sending, the table of those in flight.
 * [MS-SMB2] 3.2.4.1
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "session.h"

struct smbc_req *smbc_req_new(struct smbc_conn *conn, struct smbc_session *session,
			      uint16_t command)
{
	struct smbc_req *r = conn->pool;
	struct smbc_buf body, copy;

	if (r)
		conn->pool = r->next;
	else
		r = calloc(1, sizeof(*r));
	if (!r)
		abort();
	body = r->body;
	copy = r->copy;
	body.len = copy.len = 0;
	*r = (struct smbc_req){ .conn = conn, .session = session, .body = body, .copy = copy };
	r->hdr.structure_size = SMB2_HEADER_SIZE;
	r->hdr.command = command;
	r->hdr.pid = 0xfeff;
	r->hdr.sid = session ? session->id : 0;
	return r;
}

void smbc_req_free(struct smbc_req *req)
{
	if (!req)
		return;
	if (req->state == SMBC_FLIGHT) {
		req->abandoned = true;
		return;
	}
	req->next = req->conn->pool;
	req->conn->pool = req;
}

void req_pool_free(struct smbc_conn *conn)
{
	while (conn->pool) {
		struct smbc_req *r = conn->pool;

		conn->pool = r->next;
		smbc_buf_free(&r->body);
		smbc_buf_free(&r->copy);
		free(r);
	}
}

static struct smbc_req **slot(const struct smbc_conn *conn, uint64_t mid)
{
	return &conn->table[mid & (conn->table_size - 1)];
}

static void table_grow(struct smbc_conn *conn)
{
	struct smbc_req **old = conn->table;
	uint32_t old_size = conn->table_size;

	conn->table_size = old_size ? old_size * 4 : 64;
	conn->table = calloc(conn->table_size, sizeof(*conn->table));
	if (!conn->table)
		abort();
	for (uint32_t i = 0; i < old_size; i++) {
		while (old[i]) {
			struct smbc_req *r = old[i];
			struct smbc_req **at = slot(conn, r->hdr.mid);

			old[i] = r->next;
			r->next = *at;
			*at = r;
		}
	}
	free(old);
}

void req_add(struct smbc_req *req)
{
	struct smbc_conn *conn = req->conn;
	struct smbc_req **at;

	if (conn->inflight >= conn->table_size)
		table_grow(conn);
	at = slot(conn, req->hdr.mid);
	req->next = *at;
	*at = req;
	req->state = SMBC_FLIGHT;
	conn->inflight++;
}

struct smbc_req *req_find(const struct smbc_conn *conn, uint64_t mid)
{
	struct smbc_req *r = conn->table_size ? *slot(conn, mid) : NULL;

	while (r && r->hdr.mid != mid)
		r = r->next;
	return r;
}

struct smbc_req *req_take(struct smbc_conn *conn, uint64_t mid)
{
	struct smbc_req **at = slot(conn, mid), *r;

	while (*at && (*at)->hdr.mid != mid)
		at = &(*at)->next;
	r = *at;
	if (r) {
		*at = r->next;
		conn->inflight--;
	}
	return r;
}

void req_finish(struct smbc_req *req, int err)
{
	req->state = SMBC_DONE;
	req->err = err;
	if (req->abandoned) {
		smbc_req_free(req);
	} else if (req->done) {
		req->done(req, err);
	} else if (!err) {
		req->copy.len = 0;
		smbc_put_bytes(&req->copy, req->reply.pdu, req->reply.len);
		req->reply.pdu = req->copy.p;
	}
}

void req_fail_all(struct smbc_conn *conn, int err)
{
	for (uint32_t i = 0; i < conn->table_size; i++) {
		while (conn->table[i])
			req_finish(req_take(conn, conn->table[i]->hdr.mid), err);
	}
}

int smbc_submit_wait(struct smbc_req *req, int timeout_ms)
{
	int64_t end = smbc_now_ms() + timeout_ms;
	int err = smbc_submit(req);

	while (err == -EAGAIN) {
		err = smbc_pump(req->conn, (int)(end - smbc_now_ms()));
		if (!err)
			err = smbc_submit(req);
	}
	return err;
}

int smbc_wait(struct smbc_req *req, int timeout_ms)
{
	int64_t end = smbc_now_ms() + timeout_ms;

	while (req->state == SMBC_FLIGHT) {
		int64_t left = end - smbc_now_ms();
		int err = smbc_pump(req->conn, left > 0 ? (int)left : 0);

		if (err && req->state == SMBC_FLIGHT)
			return err;
	}
	return req->err;
}

int smbc_cancel(struct smbc_req *target)
{
	struct smbc_req *r = smbc_req_new(target->conn, target->session, SMB2_CANCEL);
	int err;

	r->set = SMBC_SET_MID | SMBC_SET_CHARGE | SMBC_SET_CREDITS;
	r->hdr.mid = target->hdr.mid;
	if (target->interim) {
		r->hdr.flags = SMB2_FLAGS_ASYNC_COMMAND;
		r->hdr.async_id = target->async_id;
	}
	smbc_put16(&r->body, 4);
	smbc_put16(&r->body, 0);
	err = smbc_submit(r);
	smbc_req_free(r);
	return err;
}
