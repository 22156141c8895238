// SPDX-License-Identifier: Apache-2.0
/*
 * rpc_mdssvc.c: module rpc_mdssvc: what macOS asks a server before it searches a share (Spotlight). There
 * is no index: each share is answered like one that has none, and the client searches by itself. The
 * interface is Apple's and not documented; its handle is the null one for such shares.
 */
#include <smb3/smb3.h>

#define PATH_SIZE 1025 /* of the strings, with their terminators: on the wire, always */

static const struct smb3_rpc_handle no_handle;

static bool is_null(const struct smb3_rpc_handle *h)
{
	return !memcmp(h, &no_handle, sizeof(no_handle));
}

/* A handle, and the numbers that follow it: status, device, and such. No other handle than the null one
 * has been given out. */
static uint32_t get_head(struct smb3_ndr_in *in, unsigned int n_numbers)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(in);

	for (unsigned int i = 0; i < n_numbers; i++)
		(void)smb3_ndr_u32(in);
	if (!smb3_ndr_ok(in))
		return SMB3_RPC_FAULT_NDR;
	return is_null(&h) ? SMB3_RPC_OK : SMB3_RPC_FAULT_PROTOCOL;
}

/* device, two numbers, mount path, share -> the numbers, the share's path, handle */
static uint32_t open_share(struct smb3_rpc_call *call)
{
	uint32_t numbers[3];

	for (unsigned int i = 0; i < 3; i++)
		numbers[i] = smb3_ndr_u32(call->in);
	(void)smb3_ndr_string(call->in);
	(void)smb3_ndr_string(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	for (unsigned int i = 0; i < 3; i++)
		smb3_ndr_put_u32(call->out, numbers[i]);
	smb3_ndr_put_u32(call->out, PATH_SIZE);
	smb3_ndr_put_u32(call->out, 0);
	smb3_ndr_put_u32(call->out, 1);
	smb3_ndr_put_u8(call->out, 0);
	smb3_ndr_put_handle(call->out, &no_handle);
	return SMB3_RPC_OK;
}

/* handle, six numbers -> status, flags, a number */
static uint32_t unknown1(struct smb3_rpc_call *call)
{
	uint32_t fault = get_head(call->in, 6);

	for (unsigned int i = 0; i < 3; i++)
		smb3_ndr_put_u32(call->out, 0);
	return fault;
}

/* handle, five numbers, a query, six numbers -> fragment, an answer, a number. A query for a share without
 * index is not looked at, and its answer is empty. */
static uint32_t command(struct smb3_rpc_call *call)
{
	struct smb3_ndr_in *in = call->in;
	uint32_t fault = get_head(in, 5), length, size;

	length = smb3_ndr_u32(in);
	size = smb3_ndr_u32(in);
	if (smb3_ndr_ptr(in)) {
		if (smb3_ndr_conformance(in, size) != size || smb3_ndr_variance(in, size) != length)
			smb3_ndr_bad(in);
		(void)smb3_ndr_bytes(in, length);
	}
	for (unsigned int i = 0; i < 6; i++)
		(void)smb3_ndr_u32(in);
	for (unsigned int i = 0; i < 5; i++)
		smb3_ndr_put_u32(call->out, 0);
	return fault;
}

/* handle, four numbers -> the handle, status */
static uint32_t close_share(struct smb3_rpc_call *call)
{
	uint32_t fault = get_head(call->in, 4);

	smb3_ndr_put_handle(call->out, &no_handle);
	smb3_ndr_put_u32(call->out, 0);
	return fault;
}

static const struct smb3_rpc_op ops[] = {
	[0] = { "mdssvc_open", open_share },
	[1] = { "mdssvc_unknown1", unknown1 },
	[2] = { "mdssvc_cmd", command },
	[3] = { "mdssvc_close", close_share },
};

static const char *const pipes[] = { "mdssvc", NULL };

static const struct smb3_rpc_interface mdssvc = {
	.name = "mdssvc",
	.uuid = SMB3_RPC_UUID(0x885d85fb, 0xc754, 0x4062, 0xa0, 0xe7, 0x68, 0x72, 0xce, 0x00, 0x64,
			      0xf4),
	.major = 2,
	.pipes = pipes,
	.ops = ops,
	.n_ops = SMB3_ARRAY_SIZE(ops),
};

static const struct smb3_provide provides[] = { SMB3_RPC(&mdssvc), SMB3_END };
static const char *const needs[] = { "rpc", NULL };

SMB3_MODULE(rpc_mdssvc, .summary = "tells macOS that shares have no index", .needs = needs,
	    .provides = provides);
