// SPDX-License-Identifier: Apache-2.0
/*
 * rpc_wkssvc.c: module rpc_wkssvc: what this machine is called, and to what it belongs. [MS-WKST]
 */
#include <smb3/smb3.h>

#define NERR_SUCCESS        0u
#define ERROR_ACCESS_DENIED 5u
#define ERROR_INVALID_LEVEL 124u

#define PLATFORM_NT         500u
#define VERSION             10u
#define JOINED_TO_WORKGROUP 2u /* NETSETUP_JOIN_STATUS [MS-WKST] 2.2.3.1 */

/* ---- NetrWkstaGetInfo [MS-WKST] 3.2.4.1, 2.2.5.1 to 2.2.5.3 ---- */

static void put_info(struct smb3_rpc_call *call, uint32_t level, uint32_t users)
{
	struct smb3_ndr_out *out = call->out;

	smb3_ndr_put_u32(out, PLATFORM_NT);
	smb3_ndr_put_ptr(out, true);
	smb3_ndr_put_ptr(out, true);
	smb3_ndr_put_u32(out, VERSION);
	smb3_ndr_put_u32(out, 0);
	if (level >= 101)
		smb3_ndr_put_ptr(out, true);
	if (level == 102)
		smb3_ndr_put_u32(out, users);
	smb3_ndr_put_wstring(out, call->facts->server);
	smb3_ndr_put_wstring(out, call->facts->workgroup);
	if (level >= 101)
		smb3_ndr_put_wstring(out, ""); /* where the system is: not told */
}

static uint32_t count_sessions(struct smb3_rpc_call *call)
{
	struct smb3_cursor c;
	uint32_t n = 0;

	if (smb3_rpc_ask(call, SMB3_ASK_SESSIONS, NULL, &c))
		return 0;
	for (; smb3_rpc_next(&c, NULL) && smb3_cursor_ok(&c); n++) {
		smb3_get_skip(&c, 8);
		(void)smb3_get_text(&c, call->arena);
		(void)smb3_get_text(&c, call->arena);
		smb3_get_skip(&c, 16);
	}
	return n;
}

/* 100 is for everybody, 101 for users, 102 for administrators. */
static uint32_t info_status(const struct smb3_rpc_call *call, uint32_t level)
{
	const struct smb3_rpc_caller *who = call->caller;

	if (level < 100 || level > 102)
		return ERROR_INVALID_LEVEL;
	if ((level > 100 && (who->anonymous || who->guest)) || (level > 101 && !who->admin))
		return ERROR_ACCESS_DENIED;
	return NERR_SUCCESS;
}

static uint32_t get_info(struct smb3_rpc_call *call)
{
	uint32_t level, status;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	level = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	status = info_status(call, level);
	smb3_ndr_put_u32(call->out, level);
	smb3_ndr_put_ptr(call->out, !status);
	if (!status)
		put_info(call, level, level == 102 ? count_sessions(call) : 0);
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

/* ---- NetrGetJoinInformation [MS-WKST] 3.2.4.13 ---- */

static uint32_t get_join(struct smb3_rpc_call *call)
{
	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	(void)smb3_ndr_wstring_ptr(call->in); /* NameBuffer: goes both ways, means nothing here */
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_wstring_ptr(call->out, call->facts->workgroup);
	smb3_ndr_put_u16(call->out, JOINED_TO_WORKGROUP);
	smb3_ndr_put_u32(call->out, NERR_SUCCESS);
	return SMB3_RPC_OK;
}

/* ---- the interface ---- */

static const struct smb3_rpc_op ops[] = {
	[0] = { "NetrWkstaGetInfo", get_info },
	[20] = { "NetrGetJoinInformation", get_join },
};

static const char *const pipes[] = { "wkssvc", NULL };

static const struct smb3_rpc_interface wkssvc = {
	.name = "wkssvc",
	.uuid = SMB3_RPC_UUID(0x6bffd098, 0xa112, 0x3610, 0x98, 0x33, 0x46, 0xc3, 0xf8, 0x7e, 0x34,
			      0x5a),
	.major = 1,
	.pipes = pipes,
	.ops = ops,
	.n_ops = SMB3_ARRAY_SIZE(ops),
};

static const struct smb3_provide provides[] = { SMB3_RPC(&wkssvc), SMB3_END };
static const char *const needs[] = { "rpc", NULL };

SMB3_MODULE(rpc_wkssvc, .summary = "what this machine is called, for clients", .needs = needs,
	    .provides = provides);
