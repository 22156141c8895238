// SPDX-License-Identifier: Apache-2.0
/*
 * send.c: from requests to bytes: header, credits, compound, signature, encryption, frame.
 * [MS-SMB2] 3.2.4.1
 */
#include <errno.h>
#include <string.h>

#include "internal.h"
#include "session.h"

void smbc_hdr_build(const struct smbc_hdr *hdr, uint8_t *p)
{
	memcpy(p, "\xfeSMB", 4);
	smbc_store16(p + 4, hdr->structure_size);
	smbc_store16(p + 6, hdr->charge);
	smbc_store32(p + 8, hdr->status);
	smbc_store16(p + 12, hdr->command);
	smbc_store16(p + 14, hdr->credits);
	smbc_store32(p + 16, hdr->flags);
	smbc_store32(p + 20, hdr->next);
	smbc_store64(p + 24, hdr->mid);
	if (hdr->flags & SMB2_FLAGS_ASYNC_COMMAND) {
		smbc_store64(p + 32, hdr->async_id);
	} else {
		smbc_store32(p + 32, hdr->pid);
		smbc_store32(p + 36, hdr->tid);
	}
	smbc_store64(p + 40, hdr->sid);
	memcpy(p + 48, hdr->signature, 16);
}

/* 2.0.2 has no charge field; later one credit pays for 64 KiB. [MS-SMB2] 3.2.4.1.5 */
static uint16_t charge_of(const struct smbc_req *req)
{
	if (req->set & SMBC_SET_CHARGE)
		return req->hdr.charge;
	if (req->conn->dialect <= SMB2_DIALECT_202 ||
	    !(req->conn->server_capabilities & SMB2_GLOBAL_CAP_LARGE_MTU))
		return req->conn->dialect > SMB2_DIALECT_202;
	return req->payload ? (uint16_t)((req->payload - 1) / 65536 + 1) : 1;
}

static uint32_t cost_of(uint16_t charge)
{
	return charge ? charge : 1;
}

/* Message id, charge and credits, unless the caller has set them by hand. */
static void header_fill(struct smbc_req *req)
{
	struct smbc_conn *conn = req->conn;
	uint16_t charge = charge_of(req);
	uint32_t cost = cost_of(charge), more = 0;

	if (!(req->set & SMBC_SET_MID)) {
		conn->credits -= cost;
		req->hdr.mid = conn->next_mid;
		conn->next_mid += cost;
	}
	if (conn->credits < conn->credits_goal)
		more = conn->credits_goal - conn->credits;
	req->hdr.charge = charge;
	if (!(req->set & SMBC_SET_CREDITS))
		req->hdr.credits = (uint16_t)(cost + more);
}

static bool wants_seal(const struct smbc_req *req)
{
	const struct smbc_session *s = req->session;

	if (req->seal != SMBC_AUTO || !s)
		return req->seal == SMBC_ALWAYS && s && s->sealer.ready;
	return s->seal && s->sealer.ready && req->hdr.command != SMB2_NEGOTIATE &&
	       req->hdr.command != SMB2_SESSION_SETUP;
}

/* 3.1.1 wants TREE_CONNECT signed whatever was agreed. [MS-SMB2] 3.3.5.7 */
static bool wants_sign(const struct smbc_req *req)
{
	const struct smbc_session *s = req->session;

	if (!s || !s->signer.ready || req->sign == SMBC_NEVER)
		return false;
	return req->sign == SMBC_ALWAYS || s->sign ||
	       (req->hdr.command == SMB2_TREE_CONNECT && req->conn->dialect >= SMB2_DIALECT_311);
}

/* Appends one PDU; `last` is false when another follows it in the compound. */
static void pdu_put(struct smbc_req *req, bool last, bool sealed)
{
	struct smbc_conn *conn = req->conn;
	struct smbc_buf *out = &conn->out;
	size_t start = out->len;
	bool sign = !sealed && wants_sign(req);
	uint8_t *p;

	smbc_put_zero(out, SMB2_HEADER_SIZE);
	smbc_put_bytes(out, req->body.p, req->body.len);
	smbc_put_bytes(out, req->data, req->data_len);
	if (!last)
		smbc_put_align(out, start, 8);
	if (!(req->set & SMBC_SET_NEXT))
		req->hdr.next = last ? 0 : (uint32_t)(out->len - start);
	if (sign)
		req->hdr.flags |= SMB2_FLAGS_SIGNED;
	p = out->p + start;
	smbc_hdr_build(&req->hdr, p);
	if (sign && !(req->set & SMBC_SET_SIGNATURE))
		smbc_signer_run(&req->session->signer, (struct smbc_part){ p, out->len - start },
				(struct smbc_part){ "", 0 }, p + 48);
	if (req->tamper && req->tamper < out->len - start)
		p[req->tamper] ^= 0xff;
	if (req->preauth)
		smbc_preauth(conn->lib, req->preauth, p, out->len - start);
	if (conn->trace)
		conn->trace(conn, true, p, out->len - start);
}

static void frame_finish(struct smbc_conn *conn, size_t start, struct smbc_session *seal)
{
	uint8_t *p = conn->out.p + start;
	size_t n = conn->out.len - start - 4;

	if (seal)
		smbc_seal(&seal->sealer, p + 4, seal->id, p + 4 + SMB2_TRANSFORM_SIZE,
			  n - SMB2_TRANSFORM_SIZE);
	p[1] = (uint8_t)(n >> 16);
	p[2] = (uint8_t)(n >> 8);
	p[3] = (uint8_t)n;
}

/* All credits of a compound, or none: a part of it alone must not be left behind. */
static int chain_fill(struct smbc_req *const *reqs, size_t n)
{
	struct smbc_conn *conn = reqs[0]->conn;
	uint32_t cost = 0;

	for (size_t i = 0; i < n; i++) {
		if (!(reqs[i]->set & SMBC_SET_MID))
			cost += cost_of(charge_of(reqs[i]));
	}
	if (cost > conn->credits)
		return -EAGAIN;
	for (size_t i = 0; i < n; i++)
		header_fill(reqs[i]);
	return 0;
}

int smbc_submit_chain(struct smbc_req *const *reqs, size_t n)
{
	struct smbc_conn *conn = reqs[0]->conn;
	bool sealed = wants_seal(reqs[0]);
	size_t start;
	int err = conn->err ? conn->err : chain_fill(reqs, n);

	if (err)
		return err;
	conn_compact(conn);
	conn_spare_take(conn, &conn->out);
	start = conn->out.len;
	smbc_put_zero(&conn->out, 4 + (sealed ? SMB2_TRANSFORM_SIZE : 0));
	for (size_t i = 0; i < n; i++)
		pdu_put(reqs[i], i + 1 == n, sealed);
	frame_finish(conn, start, sealed ? reqs[0]->session : NULL);
	for (size_t i = 0; i < n; i++) {
		if (reqs[i]->hdr.command == SMB2_CANCEL)
			reqs[i]->state = SMBC_DONE;
		else
			req_add(reqs[i]);
	}
	return 0;
}

int smbc_submit(struct smbc_req *req)
{
	return smbc_submit_chain(&req, 1);
}
