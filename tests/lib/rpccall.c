// SPDX-License-Identifier: Apache-2.0
/*
 * rpccall.c: see rpccall.h.
 */
#include "rpccall.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <smb3/module.h>

#define STUB_AT 24

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

static const struct rpcd_host_ops ops = { .send = keep, .ask = refuse };

static void put_pdu(struct rpc_rig *rig, uint8_t type, const struct smb3_builder *body)
{
	uint8_t pdu[8192];
	struct smb3_builder b = smb3_builder_init(pdu, sizeof(pdu));

	smb3_put_u32(&b, 5 | (uint32_t)type << 16 | (uint32_t)(PFC_FIRST | PFC_LAST) << 24);
	smb3_put_u32(&b, 0x10);
	smb3_put_u16(&b, (uint16_t)(PDU_HEADER + body->len));
	smb3_put_u16(&b, 0);
	smb3_put_u32(&b, 7);
	smb3_put_bytes(&b, body->data, body->len);
	cr_assert(smb3_builder_ok(&b));
	rig->len = 0;
	cr_assert(rpcd_assoc_input(rig->assoc, pdu, b.len), "the association goes on");
	cr_assert(rig->len >= STUB_AT, "there is an answer");
}

static void bind_to(struct rpc_rig *rig, const struct smb3_rpc_interface *i)
{
	static const struct smb3_guid ndr32 = SMB3_RPC_UUID(0x8a885d04, 0x1ceb, 0x11c9, 0x9f, 0xe8,
							    0x08, 0x00, 0x2b, 0x10, 0x48, 0x60);
	uint8_t body[64];
	struct smb3_builder b = smb3_builder_init(body, sizeof(body));

	smb3_put_u32(&b, 4280 | 4280u << 16);
	smb3_put_u32(&b, 0);
	smb3_put_u32(&b, 1);
	smb3_put_u32(&b, 1u << 16);
	smb3_put_guid(&b, &i->uuid);
	smb3_put_u32(&b, i->major);
	smb3_put_guid(&b, &ndr32);
	smb3_put_u32(&b, 2);
	put_pdu(rig, PDU_BIND, &b);
	cr_assert_eq(rig->sent[2], PDU_BIND_ACK);
}

void rpc_rig_open(struct rpc_rig *rig, bool admin)
{
	const struct smb3_rpc_caller who = { "alice", "", "192.0.2.1", .session = 1,
					     .admin = admin };

	*rig = (struct rpc_rig){ .len = 0 };
	rpcd_host_init(&rig->host, &ops);
	rig->host.limits = (struct rpcd_limits){ 100000, 100000, 100 };
	rig->host.facts = (struct smb3_rpc_facts){ "FILES", "WORKGROUP", "", "1", .started = 1 };
	rpcd_host_add(&rig->host, &smb3_module);
	rig->assoc = rpcd_assoc_new(&rig->host, rig->host.interfaces[0]->pipes[0], &who);
	bind_to(rig, rig->host.interfaces[0]);
}

void rpc_rig_close(struct rpc_rig *rig)
{
	rpcd_assoc_free(rig->assoc);
	rpcd_host_done(&rig->host);
}

static void request(struct rpc_rig *rig, uint16_t opnum, const void *data, size_t len)
{
	uint8_t body[4096];
	struct smb3_builder b = smb3_builder_init(body, sizeof(body));

	smb3_put_u32(&b, (uint32_t)len);
	smb3_put_u16(&b, 0);
	smb3_put_u16(&b, opnum);
	smb3_put_bytes(&b, data, len);
	put_pdu(rig, PDU_REQUEST, &b);
}

struct smb3_ndr_in rpc_rig_call(struct rpc_rig *rig, uint16_t opnum, const struct smb3_ndr_out *in)
{
	request(rig, opnum, in->b.data, in->b.len);
	cr_assert_eq(rig->sent[2], PDU_RESPONSE, "procedure %u: no response", opnum);
	return smb3_ndr_in_init(rig->assoc->arena, rig->sent + STUB_AT, rig->len - STUB_AT);
}

uint32_t rpc_rig_fault(struct rpc_rig *rig, uint16_t opnum, const struct smb3_ndr_out *in)
{
	struct smb3_cursor c;

	request(rig, opnum, in->b.data, in->b.len);
	cr_assert_eq(rig->sent[2], PDU_FAULT, "procedure %u: no fault", opnum);
	c = smb3_cursor_init(rig->sent + STUB_AT, rig->len - STUB_AT);
	return smb3_get_u32(&c);
}

void rpc_rig_rubbish(struct rpc_rig *rig)
{
	static const uint8_t fill[] = { 0x00, 0x01, 0x02, 0x10, 0x41, 0xff };
	uint8_t args[600];

	for (size_t f = 0; f < sizeof(fill); f++) {
		memset(args, fill[f], sizeof(args));
		for (uint16_t op = 0; op <= rig->host.interfaces[0]->n_ops; op++)
			for (size_t len = 0; len < sizeof(args); len += len < 100 ? 1 : 61) {
				request(rig, op, args, len);
				cr_assert(rig->sent[2] == PDU_RESPONSE ||
					  rig->sent[2] == PDU_FAULT);
			}
	}
}
