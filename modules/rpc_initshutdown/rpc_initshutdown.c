// SPDX-License-Identifier: Apache-2.0
/*
 * rpc_initshutdown.c: module rpc_initshutdown: who wants to shut the machine down from afar is told
 * that he may not. [MS-RSP]
 */
#include <smb3/smb3.h>

#define ERROR_ACCESS_DENIED           5u
#define ERROR_NO_SHUTDOWN_IN_PROGRESS 1116u
#define TEXT_MAX                      65536u

/* REG_UNICODE_STRING behind a unique pointer [MS-RSP] 2.2.1 */
static void skip_message(struct smb3_ndr_in *in)
{
	struct smb3_ndr_counted head;

	if (!smb3_ndr_ptr(in))
		return;
	head = smb3_ndr_counted(in);
	if (!head.present)
		return;
	(void)smb3_ndr_conformance(in, TEXT_MAX);
	(void)smb3_ndr_bytes(in, (size_t)2 * smb3_ndr_variance(in, TEXT_MAX));
}

static void skip_name(struct smb3_ndr_in *in)
{
	if (smb3_ndr_ptr(in)) /* ServerName: one character that means nothing */
		(void)smb3_ndr_u16(in);
}

/* ServerName, lpMessage, dwTimeout, bForceAppsClosed, bRebootAfterShutdown. */
static void skip_order(struct smb3_ndr_in *in)
{
	skip_name(in);
	skip_message(in);
	(void)smb3_ndr_u32(in);
	(void)smb3_ndr_u8(in);
	(void)smb3_ndr_u8(in);
}

static uint32_t answer(struct smb3_rpc_call *call, uint32_t status)
{
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

static uint32_t initiate(struct smb3_rpc_call *call)
{
	skip_order(call->in);
	return answer(call, ERROR_ACCESS_DENIED);
}

static uint32_t initiate_ex(struct smb3_rpc_call *call)
{
	skip_order(call->in);
	(void)smb3_ndr_u32(call->in); /* dwReason */
	return answer(call, ERROR_ACCESS_DENIED);
}

static uint32_t abort_shutdown(struct smb3_rpc_call *call)
{
	skip_name(call->in);
	return answer(call,
		      call->caller->admin ? ERROR_NO_SHUTDOWN_IN_PROGRESS : ERROR_ACCESS_DENIED);
}

static const struct smb3_rpc_op ops[] = {
	[0] = { "BaseInitiateShutdown", initiate },
	[1] = { "BaseAbortShutdown", abort_shutdown },
	[2] = { "BaseInitiateShutdownEx", initiate_ex },
};

static const char *const pipes[] = { "InitShutdown", NULL };

static const struct smb3_rpc_interface initshutdown = {
	.name = "initshutdown",
	.uuid = SMB3_RPC_UUID(0x894de0c0, 0x0d55, 0x11d3, 0xa3, 0x22, 0x00, 0xc0, 0x4f, 0xa3, 0x21,
			      0xa1),
	.major = 1,
	.pipes = pipes,
	.ops = ops,
	.n_ops = SMB3_ARRAY_SIZE(ops),
};

static const struct smb3_provide provides[] = { SMB3_RPC(&initshutdown), SMB3_END };
static const char *const needs[] = { "rpc", NULL };

SMB3_MODULE(rpc_initshutdown, .summary = "refuses to shut the machine down", .needs = needs,
	    .provides = provides);
