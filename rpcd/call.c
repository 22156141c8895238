// SPDX-License-Identifier: Apache-2.0
/*
 * call.c: a call: its fragments come together, the procedure runs, the answer leaves in fragments.
 * [C706] 12.6.4.7 to 12.6.4.10, [MS-RPCE] 3.3.2.4
 */
#include "runtime.h"

#include <errno.h>
#include <stdlib.h>

#define REQUEST_GROW 4096u

void assoc_request_forget(struct smb3_rpc_assoc *a)
{
	free(a->request.data);
	a->request = (struct rpcd_request){ .begun = false };
}

void assoc_fault(struct smb3_rpc_assoc *a, const struct pdu *p, uint32_t status, uint8_t flags)
{
	struct smb3_builder b =
		pdu_begin(a->arena, PDU_FAULT, PFC_FIRST | PFC_LAST | flags, p->call_id);

	smb3_put_u32(&b, 0); /* alloc_hint */
	smb3_put_u16(&b, a->request.begun ? a->request.context : 0);
	smb3_put_u16(&b, 0); /* cancel_count, reserved */
	smb3_put_u32(&b, status);
	smb3_put_u32(&b, 0); /* reserved2 */
	/* Without a verifier, whatever the call had: clients take none with faults. */
	pdu_end(a, &b);
}

/* ---- the answer ---- */

static struct smb3_builder response_begin(struct smb3_rpc_assoc *a, uint8_t flags, size_t hint)
{
	struct smb3_builder b = pdu_begin(a->arena, PDU_RESPONSE, flags, a->request.call_id);

	smb3_put_u32(&b, (uint32_t)hint);
	smb3_put_u16(&b, a->request.context);
	smb3_put_u16(&b, 0); /* cancel_count, reserved */
	return b;
}

#define RESPONSE_HEAD (PDU_HEADER + 8)
#define AUTH_PAD      16

/* Stub bytes of one fragment: what is left beside headers and trailer, a multiple of 16 so that only
 * the last one needs padding. */
static size_t response_room(const struct smb3_rpc_assoc *a)
{
	size_t room = (size_t)a->max_send - RESPONSE_HEAD;

	if (auth_room(a))
		room -= auth_room(a) + AUTH_PAD;
	return room & ~(size_t)(AUTH_PAD - 1);
}

static void respond(struct smb3_rpc_assoc *a, const uint8_t *stub, size_t len)
{
	size_t room = response_room(a), at = 0;

	do {
		size_t n = len - at < room ? len - at : room;
		uint8_t flags = (at ? 0 : PFC_FIRST) | (at + n == len ? PFC_LAST : 0);
		struct smb3_builder b = response_begin(a, flags, len - at);
		size_t stub_at = b.len;

		smb3_put_bytes(&b, stub + at, n);
		if (!auth_protect(a, &b, stub_at)) {
			a->broken = true;
			return;
		}
		pdu_end(a, &b);
		at += n;
	} while (at < len && !a->broken);
}

/* ---- running it ---- */

static struct rpcd_context *context_find(struct smb3_rpc_assoc *a, uint16_t id)
{
	for (size_t n = 0; n < a->n_contexts; n++)
		if (a->contexts[n].id == id)
			return &a->contexts[n];
	return NULL;
}

uint32_t call_judge(const struct smb3_rpc_call *call, uint32_t fault)
{
	if (fault == SMB3_RPC_PENDING)
		return fault;
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	return fault || smb3_builder_ok(&call->out->b) ? fault : SMB3_RPC_FAULT_NO_MEMORY;
}

static uint32_t call_run(struct smb3_rpc_call *call)
{
	const struct smb3_rpc_interface *i = call->interface;
	uint32_t fault;

	if (call->opnum >= i->n_ops || !i->ops[call->opnum].run)
		return SMB3_RPC_FAULT_OP_RANGE;
	if (call->auth_level < i->min_auth)
		return SMB3_RPC_FAULT_ACCESS_DENIED;
	fault = i->ops[call->opnum].run(call);
	handles_release(call->assoc);
	return call_judge(call, fault);
}

/* In the arena: it may have to outlive what is going on now. */
static struct rpcd_call *call_new(struct smb3_rpc_assoc *a)
{
	struct rpcd_request *r = &a->request;
	const struct rpcd_auth *auth = r->auth;
	const struct rpcd_context *context = context_find(a, r->context);
	struct rpcd_call *c = smb3_arena_alloc(a->arena, sizeof(*c));

	c->in = smb3_ndr_in_init(a->arena, r->data ? (const void *)r->data : "", r->len);
	c->in.big = r->big;
	c->out = smb3_ndr_out_init(a->arena, a->host->limits.response);
	c->call = (struct smb3_rpc_call){
		.interface = context ? context->interface : NULL,
		.opnum = r->opnum,
		.auth_level = auth ? auth->level : 0,
		.arena = a->arena,
		.in = &c->in,
		.out = &c->out,
		.pipe = a->pipe,
		.object = r->has_object ? smb3_arena_copy(a->arena, &r->object, sizeof(r->object)) :
					  NULL,
		.caller = auth ? &auth->caller : &a->caller,
		.facts = &a->host->facts,
		.assoc = a,
	};
	return c;
}

void call_end(struct smb3_rpc_assoc *a, struct rpcd_call *c, uint32_t fault)
{
	const struct pdu p = { .call_id = a->request.call_id };

	if (fault == SMB3_RPC_PENDING) {
		wait_keep(a, c);
		return;
	}
	if (fault)
		assoc_fault(a, &p, fault,
			    fault == SMB3_RPC_FAULT_OP_RANGE || fault == SMB3_RPC_FAULT_UNKNOWN_IF ?
				    PFC_DID_NOT_EXECUTE :
				    0);
	else
		respond(a, c->out.b.data, c->out.b.len);
	assoc_request_forget(a);
}

static void request_run(struct smb3_rpc_assoc *a)
{
	struct rpcd_call *c = call_new(a);
	int err = c->call.interface ? context_admits(a, context_find(a, a->request.context)) :
				      -ENOENT;

	atomic_fetch_add(&a->host->counts.calls, 1);
	if (err == -ENOENT)
		call_end(a, c, SMB3_RPC_FAULT_UNKNOWN_IF);
	else if (err)
		call_end(a, c, SMB3_RPC_FAULT_ACCESS_DENIED);
	else
		call_end(a, c, call_run(&c->call));
}

/* ---- fragments ---- */

static bool request_add(struct smb3_rpc_assoc *a, const uint8_t *data, size_t len)
{
	struct rpcd_request *r = &a->request;

	if (len > a->host->limits.request - r->len)
		return false;
	if (len > r->size - r->len) {
		r->size = r->len + len + REQUEST_GROW;
		r->data = smb3_realloc(r->data, r->size);
	}
	if (len)
		memcpy(r->data + r->len, data, len);
	r->len += len;
	return true;
}

/* The first fragment says what it is about; the others must agree. */
static bool request_fragment(struct smb3_rpc_assoc *a, struct pdu *p)
{
	struct rpcd_request *r = &a->request;
	uint16_t context, opnum;

	smb3_get_skip(&p->body, 4); /* alloc_hint */
	context = pdu_u16(p);
	opnum = pdu_u16(p);
	if (p->flags & PFC_FIRST) {
		if (r->begun)
			return false;
		*r = (struct rpcd_request){ .begun = true,
					    .big = p->big,
					    .context = context,
					    .opnum = opnum,
					    .call_id = p->call_id };
		r->has_object = p->flags & PFC_OBJECT;
		if (r->has_object)
			r->object = smb3_get_guid(&p->body);
	}
	return r->begun && r->call_id == p->call_id && r->opnum == opnum && r->big == p->big &&
	       smb3_cursor_ok(&p->body);
}

bool assoc_request(struct smb3_rpc_assoc *a, struct pdu *p)
{
	uint32_t fault;
	size_t len;

	if (!a->group || !request_fragment(a, p)) {
		assoc_fault(a, p, SMB3_RPC_FAULT_PROTOCOL, PFC_DID_NOT_EXECUTE);
		return false;
	}
	fault = auth_check(a, p);
	if (fault) {
		assoc_fault(a, p, fault, PFC_DID_NOT_EXECUTE);
		return false;
	}
	len = smb3_cursor_left(&p->body);
	if (!request_add(a, p->body.pos, len)) {
		assoc_fault(a, p, SMB3_RPC_FAULT_NO_MEMORY, PFC_DID_NOT_EXECUTE);
		return false;
	}
	if (!(p->flags & PFC_LAST))
		return true;
	request_run(a);
	return true;
}
