// SPDX-License-Identifier: Apache-2.0
/*
 * example_rpc.c: an RPC interface: remote procedures over a named pipe.
 * Here: one procedure that adds. It runs in smb3-rpcd, a process without files, network and rights; what it
 * wants to know of the server it asks (smb3-rpc(7)).
 */
#include <smb3/smb3.h>

/* uint32 a, uint32 b -> uint32 sum, uint32 status: 0, or 534 (ERROR_ARITHMETIC_OVERFLOW) */
static uint32_t add(struct smb3_rpc_call *call)
{
	uint32_t a = smb3_ndr_u32(call->in);
	uint32_t b = smb3_ndr_u32(call->in);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_u32(call->out, a + b);
	smb3_ndr_put_u32(call->out, a + b < a ? 534 : 0);
	return SMB3_RPC_OK;
}

/* By their numbers. */
static const struct smb3_rpc_op example_rpc_ops[] = {
	[0] = { "Add", add },
};

static const char *const example_rpc_pipes[] = { "example_rpc", NULL };

/* An interface of one's own has an UUID of its own: uuidgen makes one. */
static const struct smb3_rpc_interface example_rpc_interface = {
	.name = "example_rpc",
	.uuid = SMB3_RPC_UUID(0x7c2d9a14, 0x50e6, 0x4b0f, 0x93, 0x1e, 0x6a, 0x08, 0xc5, 0x77, 0xd2,
			      0x3b),
	.major = 1,
	.pipes = example_rpc_pipes,
	.ops = example_rpc_ops,
	.n_ops = SMB3_ARRAY_SIZE(example_rpc_ops),
};

static const struct smb3_provide example_rpc_provides[] = {
	SMB3_RPC(&example_rpc_interface),
	SMB3_END,
};

static const char *const example_rpc_needs[] = { "rpc", NULL };

SMB3_MODULE(example_rpc, .summary = "a procedure that adds", .needs = example_rpc_needs,
	    .provides = example_rpc_provides);
