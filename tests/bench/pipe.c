// SPDX-License-Identifier: Apache-2.0
/*
 * pipe.c: remote procedures as work for smb3bench: lists of shares ([MS-SRVS] 3.1.4.8) and look-ups of a
 * name ([MS-LSAT] 3.1.4.8), over named pipes with FSCTL_PIPE_TRANSCEIVE. Each lane has a pipe, which
 * stays open or, with --reopen, is opened, bound and closed for each call.
 */
#include <stdio.h>
#include <string.h>

#include "bench.h"

#define FSCTL_PIPE_TRANSCEIVE 0x0011C017u
#define PIPE_ACCESS           0x0012019Fu
#define MAX_OUT               65536u
#define FRAGMENT              5840u
#define MAXIMUM_ALLOWED       0x02000000u

#define PDU_HEAD  16 /* of any PDU */
#define STUB_AT   24 /* of a request, a response */
#define HANDLE    20
#define LAST_FRAG 0x02

enum { PDU_REQUEST = 0, PDU_RESPONSE = 2, PDU_BIND = 11, PDU_BIND_ACK = 12 };
enum { SHARE_ENUM = 15, LOOKUP_NAMES = 14, OPEN_POLICY = 44 };
enum phase { PIPE_OPEN, PIPE_BIND, PIPE_POLICY, PIPE_CALL, PIPE_REST, PIPE_CLOSE, PIPE_DONE };

struct procedure {
	const char *pipe;
	uint8_t uuid[16];
	uint16_t major, opnum;
	bool policy; /* wants a handle first */
	void (*put)(const struct bench_lane *l, struct smbc_buf *stub);
	/* What it says; false: it failed. */
	bool (*take)(struct bench_lane *l, const uint8_t *stub, size_t len);
};

/* ---- PDUs ---- */

static void put_head(struct smbc_buf *b, uint8_t type)
{
	smbc_put32(b, 5 | (uint32_t)type << 16 | 3u << 24);
	smbc_put32(b, 0x10);
	smbc_put32(b, 0); /* length: see pdu_end() */
	smbc_put32(b, 1);
}

static void pdu_end(struct smbc_buf *b)
{
	smbc_set16(b, 8, (uint16_t)b->len);
}

static void put_bind(const struct procedure *proc, struct smbc_buf *b)
{
	static const uint8_t ndr[16] = { 0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11,
					 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60 };

	put_head(b, PDU_BIND);
	smbc_put32(b, FRAGMENT | FRAGMENT << 16);
	smbc_put32(b, 0);
	smbc_put32(b, 1);
	smbc_put32(b, 1u << 16);
	smbc_put_bytes(b, proc->uuid, sizeof(proc->uuid));
	smbc_put32(b, proc->major);
	smbc_put_bytes(b, ndr, sizeof(ndr));
	smbc_put32(b, 2);
	pdu_end(b);
}

static void put_request(struct smbc_buf *b, uint16_t opnum)
{
	put_head(b, PDU_REQUEST);
	smbc_put32(b, 0);
	smbc_put16(b, 0);
	smbc_put16(b, opnum);
}

/* A string with its end, conformant and varying. */
static void put_string(struct smbc_buf *b, const char *text)
{
	size_t at = b->len;
	uint32_t n;

	smbc_put_zero(b, 12);
	n = (uint32_t)smbc_put_utf16(b, text) / 2 + 1;
	smbc_put16(b, 0);
	smbc_set32(b, at, n);
	smbc_set32(b, at + 8, n);
	smbc_put_align(b, 0, 4);
}

/* ---- procedures ---- */

static void put_policy(struct smbc_buf *b)
{
	put_request(b, OPEN_POLICY);
	smbc_put32(b, 0); /* system name */
	smbc_put32(b, 24);
	smbc_put_zero(b, 20);
	smbc_put32(b, MAXIMUM_ALLOWED);
	pdu_end(b);
}

static void put_shares(const struct bench_lane *l, struct smbc_buf *b)
{
	char server[300];

	snprintf(server, sizeof(server), "\\\\%s", l->peer->bench->o->host);
	smbc_put32(b, 0x20000);
	put_string(b, server);
	smbc_put32(b, 1); /* level, and which arm */
	smbc_put32(b, 1);
	smbc_put32(b, 0x20004);
	smbc_put64(b, 0);
	smbc_put32(b, 0xFFFFFFFFu);
	smbc_put32(b, 0x20008);
	smbc_put32(b, 0);
}

static bool take_shares(struct bench_lane *l, const uint8_t *stub, size_t len)
{
	struct smbc_rd r = smbc_rd(stub, len);
	uint32_t n;

	smbc_get_skip(&r, 12);
	n = smbc_get32(&r);
	l->peer->bench->tally.entries += n;
	return !r.bad && n;
}

/* The one who has logged on. */
static void put_names(const struct bench_lane *l, struct smbc_buf *b)
{
	const char *name = l->peer->bench->o->user;
	size_t at;
	uint32_t n;

	smbc_put_bytes(b, l->handle, HANDLE);
	smbc_put32(b, 1);
	smbc_put32(b, 1);
	at = b->len;
	smbc_put32(b, 0);
	smbc_put32(b, 0x20000);
	smbc_put_zero(b, 12);
	n = (uint32_t)smbc_put_utf16(b, name);
	smbc_set32(b, at, n | n << 16);
	smbc_set32(b, at + 8, n / 2);
	smbc_set32(b, at + 16, n / 2);
	smbc_put_align(b, 0, 4);
	smbc_put64(b, 0); /* no SIDs yet */
	smbc_put32(b, 1); /* level, padding */
	smbc_put32(b, 0); /* mapped */
}

static bool take_names(struct bench_lane *l, const uint8_t *stub, size_t len)
{
	l->peer->bench->tally.entries++;
	return stub && len > 8 && smbc_load32(stub + len - 8) == 1; /* mapped */
}

static const struct procedure shares = {
	.pipe = "srvsvc",
	.uuid = { 0xc8, 0x4f, 0x32, 0x4b, 0x70, 0x16, 0xd3, 0x01, 0x12, 0x78, 0x5a, 0x47, 0xbf,
		  0x6e, 0xe1, 0x88 },
	.major = 3,
	.opnum = SHARE_ENUM,
	.put = put_shares,
	.take = take_shares,
};

static const struct procedure names = {
	.pipe = "lsarpc",
	.uuid = { 0x78, 0x57, 0x34, 0x12, 0x34, 0x12, 0xcd, 0xab, 0xef, 0x00, 0x01, 0x23, 0x45,
		  0x67, 0x89, 0xab },
	.opnum = LOOKUP_NAMES,
	.policy = true,
	.put = put_names,
	.take = take_names,
};

/* ---- what a phase sends ---- */

static void put_transceive(struct bench_lane *l, struct smbc_req *req, const struct smbc_buf *b)
{
	struct smbc_ioctl io = { .fid = l->fid,
				 .code = FSCTL_PIPE_TRANSCEIVE,
				 .max_out = MAX_OUT,
				 .flags = 1, /* an FSCTL */
				 .in = { b->p, b->len } };

	smbc_put_ioctl(req, &io);
}

static void put_pdu(struct bench_lane *l, const struct procedure *proc, struct smbc_req *req)
{
	struct smbc_buf b = { 0 };

	if (l->phase == PIPE_BIND) {
		put_bind(proc, &b);
	} else if (l->phase == PIPE_POLICY) {
		put_policy(&b);
	} else {
		struct smbc_buf stub = { 0 };

		put_request(&b, proc->opnum);
		proc->put(l, &stub);
		smbc_put_bytes(&b, stub.p, stub.len);
		smbc_buf_free(&stub);
		pdu_end(&b);
	}
	put_transceive(l, req, &b);
	smbc_buf_free(&b);
}

static uint16_t phase_command(const struct bench_lane *l)
{
	return l->phase == PIPE_OPEN  ? SMB2_CREATE :
	       l->phase == PIPE_CLOSE ? SMB2_CLOSE :
	       l->phase == PIPE_REST  ? SMB2_READ :
					SMB2_IOCTL;
}

static void phase_put(struct bench_lane *l, const struct procedure *proc, struct smbc_req *req)
{
	struct smbc_create c = { .name = proc->pipe,
				 .impersonation = 2,
				 .access = PIPE_ACCESS,
				 .share = 3,
				 .disposition = 1 };
	struct smbc_io io = { .fid = l->fid, .length = MAX_OUT };

	if (l->phase == PIPE_OPEN)
		smbc_put_create(req, &c);
	else if (l->phase == PIPE_CLOSE)
		smbc_put_close(req, l->fid, 0);
	else if (l->phase == PIPE_REST)
		smbc_put_read(req, &io);
	else
		put_pdu(l, proc, req);
}

/* ---- what it is answered ---- */

struct pdu {
	const uint8_t *body; /* the stub, or what else stands behind the head */
	size_t len;
	bool last;
};

/* False: it is not what was expected. */
static bool pdu_take(struct smbc_part out, uint8_t type, struct pdu *ret)
{
	size_t at = type == PDU_RESPONSE ? STUB_AT : PDU_HEAD;
	const uint8_t *p = out.p;

	if (out.n < at + 4 || p[0] != 5 || p[2] != type || smbc_load16(p + 8) != out.n)
		return false;
	*ret = (struct pdu){ p + at, out.n - at, p[3] & LAST_FRAG };
	return true;
}

static bool call_reply(struct bench_lane *l, const struct procedure *proc, struct smbc_part out)
{
	bool first = l->phase == PIPE_CALL;
	struct pdu pdu;

	if (!pdu_take(out, PDU_RESPONSE, &pdu))
		return false;
	if (!pdu.last)
		l->phase = PIPE_REST;
	else
		l->phase = l->peer->bench->o->reopen ? PIPE_CLOSE : PIPE_DONE;
	if (pdu.last && smbc_load32(pdu.body + pdu.len - 4))
		return false;
	return !first || proc->take(l, pdu.body, pdu.len);
}

static bool pdu_reply(struct bench_lane *l, const struct procedure *proc,
		      const struct smbc_reply *reply)
{
	struct smbc_part out;
	struct pdu pdu;
	int err = l->phase == PIPE_REST ? smbc_read_reply(reply, &out) :
					  smbc_ioctl_reply(reply, &out);

	if (err)
		return false;
	if (l->phase == PIPE_BIND) {
		l->phase = proc->policy ? PIPE_POLICY : PIPE_CALL;
		return pdu_take(out, PDU_BIND_ACK, &pdu);
	}
	if (l->phase != PIPE_POLICY)
		return call_reply(l, proc, out);
	l->phase = PIPE_CALL;
	if (!pdu_take(out, PDU_RESPONSE, &pdu) || pdu.len != HANDLE + 4 ||
	    smbc_load32(pdu.body + HANDLE))
		return false;
	memcpy(l->handle, pdu.body, HANDLE);
	return true;
}

static bool phase_reply(struct bench_lane *l, const struct procedure *proc,
			const struct smbc_req *req)
{
	struct smbc_created made;

	if (req->reply.hdr.status)
		return false;
	switch (l->phase) {
	case PIPE_OPEN:
		if (smbc_create_reply(&req->reply, &made))
			return false;
		l->fid = made.fid;
		l->phase = PIPE_BIND;
		return true;
	case PIPE_CLOSE:
		l->phase = PIPE_DONE;
		return true;
	default:
		return pdu_reply(l, proc, &req->reply);
	}
}

/* ---- works ---- */

static void prepare_lane(struct bench_lane *l, const struct procedure *proc)
{
	l->phase = PIPE_OPEN;
	while (l->phase != PIPE_CALL) {
		struct smbc_req *req =
			smbc_tree_req(l->peer->session, l->peer->tid, phase_command(l));

		phase_put(l, proc, req);
		bench_ask(req, proc->pipe);
		if (!phase_reply(l, proc, req))
			bench_die("pipe %s: the reply makes no sense", proc->pipe);
		smbc_req_free(req);
	}
}

static void prepare(struct bench_lane *first, const struct procedure *proc)
{
	const struct bench_options *o = first->peer->bench->o;

	for (unsigned i = 0; i < o->depth && !o->reopen; i++)
		prepare_lane(first + i, proc);
}

static unsigned step(struct bench_lane *l, unsigned i, const struct procedure *proc)
{
	if (!i)
		l->phase = l->peer->bench->o->reopen ? PIPE_OPEN : PIPE_CALL;
	if (l->phase == PIPE_DONE)
		return 0;
	phase_put(l, proc, bench_req(l, phase_command(l)));
	return 1;
}

static void prepare_shares(struct bench_lane *first)
{
	prepare(first, &shares);
}

static unsigned step_shares(struct bench_lane *l, unsigned i)
{
	return step(l, i, &shares);
}

static bool reply_shares(struct bench_lane *l, unsigned i, const struct smbc_req *req)
{
	return phase_reply(l, &shares, req);
}

static void prepare_lookup(struct bench_lane *first)
{
	prepare(first, &names);
}

static unsigned step_lookup(struct bench_lane *l, unsigned i)
{
	return step(l, i, &names);
}

static bool reply_lookup(struct bench_lane *l, unsigned i, const struct smbc_req *req)
{
	return phase_reply(l, &names, req);
}

const struct bench_work bench_pipe_works[] = {
	{ .name = "shares",
	  .help = "a remote procedure that lists shares; SHARE is IPC$; see --reopen",
	  .prepare = prepare_shares,
	  .step = step_shares,
	  .reply = reply_shares },
	{ .name = "names",
	  .help = "one that looks up the user's name; SHARE is IPC$; see --reopen",
	  .prepare = prepare_lookup,
	  .step = step_lookup,
	  .reply = reply_lookup },
	{ .name = NULL },
};
