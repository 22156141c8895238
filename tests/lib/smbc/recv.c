// SPDX-License-Identifier: Apache-2.0
/*
 * recv.c: from bytes to replies: frames, decryption, compounds, matching. [MS-SMB2] 3.2.5.1
 */
#include <errno.h>
#include <string.h>

#include "internal.h"
#include "session.h"

void smbc_hdr_parse(const uint8_t *p, struct smbc_hdr *ret_hdr)
{
	*ret_hdr = (struct smbc_hdr){
		.structure_size = smbc_load16(p + 4),
		.charge = smbc_load16(p + 6),
		.status = smbc_load32(p + 8),
		.command = smbc_load16(p + 12),
		.credits = smbc_load16(p + 14),
		.flags = smbc_load32(p + 16),
		.next = smbc_load32(p + 20),
		.mid = smbc_load64(p + 24),
		.async_id = smbc_load64(p + 32),
		.pid = smbc_load32(p + 32),
		.tid = smbc_load32(p + 36),
		.sid = smbc_load64(p + 40),
	};
	memcpy(ret_hdr->signature, p + 48, 16);
}

static enum smbc_sig verify(struct smbc_conn *conn, const struct smbc_req *req,
			    const struct smbc_reply *r)
{
	struct smbc_session *s = req ? req->session : NULL;
	uint8_t signature[16];

	if (!(r->hdr.flags & SMB2_FLAGS_SIGNED))
		return SMBC_SIG_NONE;
	if (!s || s->id != r->hdr.sid)
		s = session_find(conn, r->hdr.sid);
	if (!s || !s->signer.ready)
		return SMBC_SIG_UNKNOWN;
	smbc_signer_run(&s->signer, (struct smbc_part){ r->pdu, r->len },
			(struct smbc_part){ "", 0 }, signature);
	return memcmp(signature, r->hdr.signature, 16) ? SMBC_SIG_BAD : SMBC_SIG_GOOD;
}

static bool is_interim(const struct smbc_hdr *hdr)
{
	return hdr->status == SMBC_STATUS_PENDING && hdr->flags & SMB2_FLAGS_ASYNC_COMMAND;
}

static void deliver(struct smbc_conn *conn, struct smbc_reply *r)
{
	struct smbc_req *req = req_find(conn, r->hdr.mid);

	if (conn->trace)
		conn->trace(conn, false, r->pdu, r->len);
	conn->credits += r->hdr.credits;
	r->sig = verify(conn, req, r);
	if (!req) {
		if (conn->stray)
			conn->stray(conn, r, conn->stray_arg);
		return;
	}
	if (is_interim(&r->hdr)) {
		req->interim = true;
		req->async_id = r->hdr.async_id;
		req->interim_reply = *r;
		req->interim_reply.pdu = NULL;
		return;
	}
	req_take(conn, r->hdr.mid);
	req->reply = *r;
	req_finish(req, 0);
}

/* Splits a compound; a reply that breaks its own rules ends the connection. */
static int message(struct smbc_conn *conn, const uint8_t *p, size_t n, bool sealed)
{
	while (n) {
		struct smbc_reply r = { .pdu = p, .len = n, .sealed = sealed };

		if (n < SMB2_HEADER_SIZE || memcmp(p, "\xfeSMB", 4))
			return -EPROTO;
		smbc_hdr_parse(p, &r.hdr);
		if (r.hdr.next) {
			if (r.hdr.next % 8 || r.hdr.next < SMB2_HEADER_SIZE || r.hdr.next >= n)
				return -EPROTO;
			r.len = r.hdr.next;
		}
		deliver(conn, &r);
		p += r.len;
		n -= r.len;
	}
	return 0;
}

static int sealed_message(struct smbc_conn *conn, uint8_t *p, size_t n)
{
	struct smbc_session *s;

	if (n < SMB2_TRANSFORM_SIZE || smbc_load32(p + 36) != n - SMB2_TRANSFORM_SIZE)
		return -EPROTO;
	s = session_find(conn, smbc_load64(p + 44));
	if (!s || !s->sealer.ready)
		return -EBADMSG;
	if (smbc_unseal(&s->sealer, p, p + SMB2_TRANSFORM_SIZE, n - SMB2_TRANSFORM_SIZE))
		return -EBADMSG;
	return message(conn, p + SMB2_TRANSFORM_SIZE, n - SMB2_TRANSFORM_SIZE, true);
}

int recv_deliver(struct smbc_conn *conn)
{
	int err = 0;

	while (!err && conn->in.len - conn->in_done >= 4) {
		uint8_t *p = conn->in.p + conn->in_done;
		size_t n = (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];

		if (p[0])
			return -EPROTO;
		if (conn->in.len - conn->in_done - 4 < n)
			return 0;
		conn->in_done += 4 + n;
		if (n >= 4 && !memcmp(p + 4, "\xfdSMB", 4))
			err = sealed_message(conn, p + 4, n);
		else
			err = message(conn, p + 4, n, false);
	}
	return err;
}
