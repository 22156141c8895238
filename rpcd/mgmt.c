// SPDX-License-Identifier: Apache-2.0
/*
 * mgmt.c: the interface by which clients ask a server about itself. It is the runtime's own: it is found
 * on every pipe, is in no module and in no list. [C706] appendix Q
 */
#include "runtime.h"

#define ERROR_ACCESS_DENIED         5u
#define RPC_S_UNKNOWN_AUTHN_SERVICE 1747u

/* Interfaces of the pipe that was opened. */
static uint32_t on_this_pipe(const struct smb3_rpc_call *call,
			     const struct smb3_rpc_interface **ret_list)
{
	const struct rpcd_host *host = call->assoc->host;
	uint32_t n = 0;

	/* Whoever may not use one is not told of it. */
	for (size_t i = 0; i < host->n_interfaces; i++)
		if (interface_on_pipe(host->interfaces[i], call->pipe) &&
		    !interface_ask(call->assoc, host->interfaces[i], call->auth_level, true))
			ret_list[n++] = host->interfaces[i];
	return n;
}

/* rpc_if_id_vector_t */
static uint32_t inq_if_ids(struct smb3_rpc_call *call)
{
	const struct smb3_rpc_interface **list = smb3_arena_alloc(
		call->arena, (call->assoc->host->n_interfaces + 1) * sizeof(*list));
	struct smb3_ndr_out *out = call->out;
	uint32_t n = on_this_pipe(call, list);

	smb3_ndr_put_ptr(out, true);
	smb3_ndr_put_u32(out, n);
	smb3_ndr_put_u32(out, n);
	for (uint32_t i = 0; i < n; i++)
		smb3_ndr_put_ptr(out, true);
	for (uint32_t i = 0; i < n; i++) {
		smb3_ndr_put_guid(out, &list[i]->uuid);
		smb3_ndr_put_u16(out, list[i]->major);
		smb3_ndr_put_u16(out, list[i]->minor);
	}
	smb3_ndr_put_u32(out, 0);
	return SMB3_RPC_OK;
}

/* Calls that came and that were made (there are none), PDUs that came and went: as many of these as are
 * wanted. */
static uint32_t inq_stats(struct smb3_rpc_call *call)
{
	struct rpcd_counts *c = &call->assoc->host->counts;
	const uint32_t all[] = { atomic_load(&c->calls), 0, atomic_load(&c->pdus_in),
				 atomic_load(&c->pdus_out) };
	uint32_t n = smb3_ndr_u32(call->in);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (n > SMB3_ARRAY_SIZE(all))
		n = SMB3_ARRAY_SIZE(all);
	smb3_ndr_put_u32(call->out, n);
	smb3_ndr_put_u32(call->out, n);
	for (uint32_t i = 0; i < n; i++)
		smb3_ndr_put_u32(call->out, all[i]);
	smb3_ndr_put_u32(call->out, 0);
	return SMB3_RPC_OK;
}

static uint32_t is_listening(struct smb3_rpc_call *call)
{
	smb3_ndr_put_u32(call->out, 0);
	smb3_ndr_put_u32(call->out, true);
	return SMB3_RPC_OK;
}

static uint32_t stop_listening(struct smb3_rpc_call *call)
{
	smb3_ndr_put_u32(call->out, ERROR_ACCESS_DENIED);
	return SMB3_RPC_OK;
}

/* A client that wants to log on inside of a pipe knows whom it talks to from the session below; so there
 * are no names, and an empty string as far as one fits. */
static uint32_t inq_princ_name(struct smb3_rpc_call *call)
{
	uint32_t size, n;

	(void)smb3_ndr_u32(call->in); /* authn_proto */
	size = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	n = size ? 1 : 0;
	smb3_ndr_put_u32(call->out, size);
	smb3_ndr_put_u32(call->out, 0);
	smb3_ndr_put_u32(call->out, n);
	if (n)
		smb3_ndr_put_u8(call->out, 0);
	smb3_ndr_put_u32(call->out, RPC_S_UNKNOWN_AUTHN_SERVICE);
	return SMB3_RPC_OK;
}

static const struct smb3_rpc_op ops[] = {
	{ "rpc__mgmt_inq_if_ids", inq_if_ids },
	{ "rpc__mgmt_inq_stats", inq_stats },
	{ "rpc__mgmt_is_server_listening", is_listening },
	{ "rpc__mgmt_stop_server_listening", stop_listening },
	{ "rpc__mgmt_inq_princ_name", inq_princ_name },
};

static const char *const pipes[] = { NULL };

const struct smb3_rpc_interface rpcd_mgmt = {
	.name = "mgmt",
	.uuid = SMB3_RPC_UUID(0xafa8bd80, 0x7d8a, 0x11c9, 0xbe, 0xf4, 0x08, 0x00, 0x2b, 0x10, 0x29,
			      0x89),
	.major = 1,
	.pipes = pipes,
	.ops = ops,
	.n_ops = SMB3_ARRAY_SIZE(ops),
};
