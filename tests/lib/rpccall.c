// SPDX-License-Identifier: Apache-2.0
/*
 * rpccall.c: see rpccall.h.
 */
#include "rpccall.h"

#include "rpcpdu.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <smb3/module.h>

#define RUBBISH_MAX 1400

extern const struct smb3_module smb3_module;

static void keep(struct smb3_rpc_assoc *a, const uint8_t *pdu, size_t len)
{
	struct rpc_rig *rig = SMB3_CONTAINER(a->host, struct rpc_rig, host);

	cr_assert_leq(len, sizeof(rig->sent));
	memcpy(rig->sent, pdu, len);
	rig->len = len;
}

static int refuse(struct smb3_rpc_assoc *a, struct smb3_arena *arena, uint32_t question,
		  const struct smb3_builder *in, struct smb3_cursor *ret_answer)
{
	(void)a, (void)arena, (void)in;
	*ret_answer = smb3_cursor_init(NULL, 0);
	return question == SMB3_ASK_BIND ? 0 : -EACCES;
}

static void put_pdu(struct rpc_rig *rig, uint8_t type, const struct smb3_builder *body)
{
	const struct rpc_head head = { type, PFC_FIRST | PFC_LAST, .call_id = 7 };
	uint8_t pdu[8192];
	struct smb3_builder b = smb3_builder_init(pdu, sizeof(pdu));

	rpc_put_head(&b, &head, body->len);
	smb3_put_bytes(&b, body->data, body->len);
	cr_assert(smb3_builder_ok(&b));
	rig->len = 0;
	cr_assert(rpcd_assoc_input(rig->assoc, pdu, b.len), "the association goes on");
	cr_assert(rig->len >= RPC_STUB_AT, "there is an answer");
}

static void bind_to(struct rpc_rig *rig, const struct smb3_rpc_interface *i)
{
	uint8_t body[64];
	struct smb3_builder b = smb3_builder_init(body, sizeof(body));

	rpc_put_binding(&b, &(struct rpc_binding){ .uuid = &i->uuid, .version = i->major });
	put_pdu(rig, PDU_BIND, &b);
	cr_assert_eq(rig->sent[2], PDU_BIND_ACK);
}

void rpc_rig_open(struct rpc_rig *rig, enum rpc_who who, rpc_rig_ask *ask)
{
	const struct smb3_rpc_caller caller = { who == RPC_ANONYMOUS ? "" : "alice",
						"",
						"192.0.2.1",
						.session = 1,
						.admin = who == RPC_ADMIN,
						.anonymous = who == RPC_ANONYMOUS };

	*rig = (struct rpc_rig){ .ops = { .send = keep, .ask = ask ? ask : refuse } };
	rig->arena = smb3_arena_new();
	rpcd_host_init(&rig->host, &rig->ops);
	rig->host.limits = (struct rpcd_limits){ 100000, 100000, 100 };
	rig->host.facts = (struct smb3_rpc_facts){ "FILES", "WORKGROUP", "", "1", .started = 1 };
	rpcd_host_add(&rig->host, &smb3_module);
	cr_assert_neq(rig->host.n_interfaces, 0u);
	rig->assoc = rpcd_assoc_new(&rig->host, rig->host.interfaces[0]->pipes[0], &caller);
	bind_to(rig, rig->host.interfaces[0]);
}

void rpc_rig_close(struct rpc_rig *rig)
{
	rpcd_assoc_free(rig->assoc);
	rpcd_host_done(&rig->host);
	smb3_arena_free(rig->arena);
}

void rpc_rig_send(struct rpc_rig *rig, uint16_t opnum, const void *data, size_t len)
{
	uint8_t body[4096];
	struct smb3_builder b = smb3_builder_init(body, sizeof(body));

	rpc_put_request(&b, opnum, data, len);
	put_pdu(rig, PDU_REQUEST, &b);
}

uint32_t rpc_rig_status(const struct rpc_rig *rig)
{
	struct smb3_cursor c = smb3_cursor_init(rig->sent, rig->len);

	cr_assert_eq(rig->sent[2], PDU_RESPONSE);
	smb3_cursor_seek(&c, rig->len - 4);
	return smb3_get_u32(&c);
}

void rpc_rig_handle(const struct rpc_rig *rig, uint8_t ret_handle[RPC_HANDLE])
{
	cr_assert_eq(rpc_rig_status(rig), 0u);
	cr_assert_geq(rig->len, (size_t)RPC_STUB_AT + RPC_HANDLE);
	memcpy(ret_handle, rig->sent + RPC_STUB_AT, RPC_HANDLE);
}

struct smb3_ndr_out rpc_rig_args(struct rpc_rig *rig)
{
	return smb3_ndr_out_init(rig->arena, 1024);
}

struct smb3_ndr_in rpc_rig_call(struct rpc_rig *rig, uint16_t opnum, const struct smb3_ndr_out *in)
{
	rpc_rig_send(rig, opnum, in->b.data, in->b.len);
	cr_assert_eq(rig->sent[2], PDU_RESPONSE, "procedure %u: no response", opnum);
	return smb3_ndr_in_init(rig->assoc->arena, rig->sent + RPC_STUB_AT, rig->len - RPC_STUB_AT);
}

uint32_t rpc_rig_result(struct smb3_ndr_in *in)
{
	uint32_t result = smb3_ndr_u32(in);

	cr_expect(smb3_ndr_ok(in) && !smb3_cursor_left(&in->c));
	return result;
}

uint32_t rpc_rig_fault(struct rpc_rig *rig, uint16_t opnum, const struct smb3_ndr_out *in)
{
	struct smb3_cursor c;

	rpc_rig_send(rig, opnum, in->b.data, in->b.len);
	cr_assert_eq(rig->sent[2], PDU_FAULT, "procedure %u: no fault", opnum);
	c = smb3_cursor_init(rig->sent + RPC_STUB_AT, rig->len - RPC_STUB_AT);
	return smb3_get_u32(&c);
}

void rpc_rig_rubbish(struct rpc_rig *rig, uint16_t opnum, const uint8_t *handle)
{
	static const uint8_t fill[] = { 0x00, 0x01, 0x02, 0x10, 0x41, 0xff };
	uint8_t args[RUBBISH_MAX];

	for (size_t f = 0; f < sizeof(fill); f++) {
		memset(args, fill[f], sizeof(args));
		if (handle)
			memcpy(args, handle, RPC_HANDLE);
		for (size_t len = 0; len < sizeof(args); len += len < 100 ? 1 : 61) {
			rpc_rig_send(rig, opnum, args, len);
			cr_assert(rig->sent[2] == PDU_RESPONSE || rig->sent[2] == PDU_FAULT);
		}
	}
}

void rpc_rig_rubbish_all(struct rpc_rig *rig)
{
	for (uint16_t op = 0; op <= rig->host.interfaces[0]->n_ops; op++)
		rpc_rig_rubbish(rig, op, NULL);
}

void rpc_rig_no_handle(struct rpc_rig *rig, const uint16_t *without, size_t n)
{
	const struct smb3_rpc_interface *interface = rig->host.interfaces[0];
	static const uint8_t zeros[256];

	for (uint16_t op = 0; op < interface->n_ops; op++) {
		bool free = !interface->ops[op].run;

		for (size_t i = 0; i < n; i++)
			free |= without[i] == op;
		if (free)
			continue;
		rpc_rig_send(rig, op, zeros, sizeof(zeros));
		cr_expect_eq(rig->sent[2], PDU_FAULT, "%u", op);
	}
}
