// SPDX-License-Identifier: Apache-2.0
/*
 * rpc_wkssvc.c: module rpc_wkssvc: what this machine is called, and to what it belongs. [MS-WKST]
 */
#include "wkssvc.h"

#define PLATFORM_NT         500u
#define VERSION             10u
#define JOINED_TO_WORKGROUP 2u /* NETSETUP_JOIN_STATUS [MS-WKST] 2.2.3.1 */
#define LEVEL_CLIENT        502u
#define CLIENT_NUMBERS      35 /* of WKSTA_INFO_502 */

enum names { NAMES_PRIMARY, NAMES_ALTERNATE, NAMES_ALL };

/* ---- NetrWkstaGetInfo [MS-WKST] 3.2.4.1, 2.2.5.1 to 2.2.5.4 ---- */

static void put_info(struct smb3_rpc_call *call, uint32_t level)
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
		smb3_ndr_put_u32(out, wkssvc_count_sessions(call));
	smb3_ndr_put_wstring(out, call->facts->server);
	smb3_ndr_put_wstring(out, call->facts->workgroup);
	if (level >= 101)
		smb3_ndr_put_wstring(out, ""); /* where the system is: not told */
}

/* Time-outs, buffers and habits of the machine's SMB client, which does not exist. */
static void put_client(struct smb3_rpc_call *call)
{
	for (unsigned int i = 0; i < CLIENT_NUMBERS; i++)
		smb3_ndr_put_u32(call->out, 0);
}

/* 100 is for everybody, 101 for users, 102 and 502 for administrators. */
static uint32_t info_status(const struct smb3_rpc_call *call, uint32_t level)
{
	const struct smb3_rpc_caller *who = call->caller;

	if ((level < 100 || level > 102) && level != LEVEL_CLIENT)
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
	if (!status && level == LEVEL_CLIENT)
		put_client(call);
	else if (!status)
		put_info(call, level);
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

/* ---- NetrEnumerateComputerNames [MS-WKST] 3.2.4.22: there is one name ---- */

static uint32_t computer_names(struct smb3_rpc_call *call)
{
	uint32_t type, reserved, status = NERR_SUCCESS;
	bool named;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	type = smb3_ndr_u16(call->in);
	reserved = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (call->caller->anonymous || call->caller->guest)
		status = ERROR_ACCESS_DENIED;
	else if (type > NAMES_ALL || reserved)
		status = ERROR_INVALID_PARAMETER;
	named = !status && type != NAMES_ALTERNATE;
	smb3_ndr_put_ptr(call->out, !status);
	if (!status) {
		smb3_ndr_put_u32(call->out, named);
		smb3_ndr_put_ptr(call->out, named);
	}
	if (named) {
		smb3_ndr_put_u32(call->out, 1);
		smb3_ndr_put_counted(call->out, call->facts->server);
		smb3_ndr_put_counted_text(call->out, call->facts->server);
	}
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

/* ---- what would change the machine's name or domain: not from here ---- */

static uint32_t not_supported(struct smb3_rpc_call *call)
{
	smb3_ndr_put_u32(call->out, ERROR_NOT_SUPPORTED);
	return SMB3_RPC_OK;
}

static uint32_t not_from_afar(struct smb3_rpc_call *call)
{
	smb3_ndr_put_u32(call->out,
			 call->caller->admin ? RPC_E_REMOTE_DISABLED : ERROR_ACCESS_DENIED);
	return SMB3_RPC_OK;
}

/* OUCount and OUs stand before the status. */
static void put_no_units(struct smb3_rpc_call *call)
{
	smb3_ndr_put_u32(call->out, 0);
	smb3_ndr_put_ptr(call->out, false);
}

static uint32_t units_not_supported(struct smb3_rpc_call *call)
{
	put_no_units(call);
	return not_supported(call);
}

static uint32_t units_not_from_afar(struct smb3_rpc_call *call)
{
	put_no_units(call);
	return not_from_afar(call);
}

/* ---- the interface ---- */

static const struct smb3_rpc_op ops[] = {
	[0] = { "NetrWkstaGetInfo", get_info },
	[1] = { "NetrWkstaSetInfo", NULL },
	[2] = { "NetrWkstaUserEnum", wkssvc_user_enum },
	[3] = { "NetrWkstaUserGetInfo", wkssvc_user_get_info },
	[5] = { "NetrWkstaTransportEnum", wkssvc_transport_enum },
	[6] = { "NetrWkstaTransportAdd", wkssvc_transport_add },
	[7] = { "NetrWkstaTransportDel", wkssvc_transport_del },
	[8] = { "NetrUseAdd", wkssvc_use_add },
	[9] = { "NetrUseGetInfo", wkssvc_use_get_info },
	[10] = { "NetrUseDel", wkssvc_use_del },
	[11] = { "NetrUseEnum", wkssvc_use_enum },
	[12] = { "NetrMessageBufferSend", NULL },
	[13] = { "NetrWorkstationStatisticsGet", wkssvc_statistics },
	[14] = { "NetrLogonDomainNameAdd", not_supported },
	[15] = { "NetrLogonDomainNameDel", not_supported },
	[16] = { "NetrJoinDomain", not_supported },
	[17] = { "NetrUnjoinDomain", not_supported },
	[18] = { "NetrRenameMachineInDomain", not_supported },
	[19] = { "NetrValidateName", not_supported },
	[20] = { "NetrGetJoinInformation", get_join },
	[21] = { "NetrGetJoinableOUs", units_not_supported },
	[22] = { "NetrJoinDomain2", not_from_afar },
	[23] = { "NetrUnjoinDomain2", not_from_afar },
	[24] = { "NetrRenameMachineInDomain2", not_from_afar },
	[25] = { "NetrValidateName2", not_from_afar },
	[26] = { "NetrGetJoinableOUs2", units_not_from_afar },
	[27] = { "NetrAddAlternateComputerName", not_from_afar },
	[28] = { "NetrRemoveAlternateComputerName", not_from_afar },
	[29] = { "NetrSetPrimaryComputerName", not_from_afar },
	[30] = { "NetrEnumerateComputerNames", computer_names },
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
