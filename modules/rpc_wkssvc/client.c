// SPDX-License-Identifier: Apache-2.0
/*
 * client.c: this machine as an SMB client. The server brings none: nothing is in use, nothing is
 * counted, nothing can be connected. [MS-WKST] 3.2.4.4 to 3.2.4.11
 */
#include "wkssvc.h"

#define USE_LEVELS     3
#define STAT_COUNTERS  12 /* 64 bits each, behind the time */
#define STAT_COUNTERS4 27 /* 32 bits each */

/* How TCP without NetBIOS is called. It has no address of its own. */
#define TRANSPORT_NAME    "\\Device\\NetbiosSmb"
#define TRANSPORT_ADDRESS "000000000000"

/* ---- uses ---- */

uint32_t wkssvc_use_add(struct smb3_rpc_call *call)
{
	uint32_t level;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	level = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_ptr(call->out, false); /* ErrorParameter: none in particular */
	smb3_ndr_put_u32(call->out, level < 1 || level > USE_LEVELS ? ERROR_INVALID_LEVEL :
								      ERROR_NOT_SUPPORTED);
	return SMB3_RPC_OK;
}

uint32_t wkssvc_use_get_info(struct smb3_rpc_call *call)
{
	uint32_t level;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	(void)smb3_ndr_wstring(call->in);     /* UseName */
	level = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_u32(call->out, level);
	if (level <= USE_LEVELS)
		smb3_ndr_put_ptr(call->out, false);
	smb3_ndr_put_u32(call->out, level > USE_LEVELS ? ERROR_INVALID_LEVEL : NERR_USE_NOT_FOUND);
	return SMB3_RPC_OK;
}

uint32_t wkssvc_use_del(struct smb3_rpc_call *call)
{
	uint32_t force;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	(void)smb3_ndr_wstring(call->in);     /* UseName */
	force = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_u32(call->out, force > 3 ? ERROR_INVALID_PARAMETER : NERR_USE_NOT_FOUND);
	return SMB3_RPC_OK;
}

uint32_t wkssvc_use_enum(struct smb3_rpc_call *call)
{
	struct wkssvc_list list;

	if (!wkssvc_get_list(call, &list, USE_LEVELS))
		return SMB3_RPC_FAULT_NDR;
	wkssvc_put_list(call, &list, 0);
	return wkssvc_put_end(call, &list, NERR_SUCCESS);
}

/* ---- NetrWorkstationStatisticsGet [MS-WKST] 3.2.4.11, 2.2.5.11 ---- */

uint32_t wkssvc_statistics(struct smb3_rpc_call *call)
{
	uint32_t options, status = NERR_SUCCESS;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	(void)smb3_ndr_wstring_ptr(call->in); /* ServiceName */
	(void)smb3_ndr_u32(call->in);         /* Reserved */
	options = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (call->caller->anonymous || call->caller->guest)
		status = ERROR_ACCESS_DENIED;
	else if (options)
		status = ERROR_INVALID_PARAMETER;
	smb3_ndr_put_ptr(call->out, !status);
	if (!status) {
		smb3_ndr_put_u64(call->out, call->facts->started);
		for (unsigned int i = 0; i < STAT_COUNTERS; i++)
			smb3_ndr_put_u64(call->out, 0);
		for (unsigned int i = 0; i < STAT_COUNTERS4; i++)
			smb3_ndr_put_u32(call->out, 0);
	}
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

/* ---- transports [MS-WKST] 3.2.4.4 to 3.2.4.6 ---- */

uint32_t wkssvc_transport_enum(struct smb3_rpc_call *call)
{
	struct wkssvc_list list;

	if (!wkssvc_get_list(call, &list, 0))
		return SMB3_RPC_FAULT_NDR;
	wkssvc_put_list(call, &list, 1);
	if (list.n) {
		smb3_ndr_put_u32(call->out, UINT16_MAX); /* quality of service: the first choice */
		smb3_ndr_put_u32(call->out, wkssvc_count_sessions(call));
		smb3_ndr_put_ptr(call->out, true);
		smb3_ndr_put_ptr(call->out, true);
		smb3_ndr_put_u32(call->out, false); /* a wide area network */
		smb3_ndr_put_wstring(call->out, TRANSPORT_NAME);
		smb3_ndr_put_wstring(call->out, TRANSPORT_ADDRESS);
	}
	return wkssvc_put_end(call, &list, NERR_SUCCESS);
}

/* There are no devices that could become a transport. */
uint32_t wkssvc_transport_add(struct smb3_rpc_call *call)
{
	uint32_t level, status = ERROR_INVALID_PARAMETER;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	level = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!call->caller->admin)
		status = ERROR_ACCESS_DENIED;
	else if (level)
		status = ERROR_INVALID_LEVEL;
	smb3_ndr_put_ptr(call->out, false); /* ErrorParameter */
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

/* Of a transport that is not bound nothing is left to be unbound. */
uint32_t wkssvc_transport_del(struct smb3_rpc_call *call)
{
	const char *name;
	uint32_t status = NERR_SUCCESS;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	name = smb3_ndr_wstring_ptr(call->in);
	(void)smb3_ndr_u32(call->in); /* ForceLevel */
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!call->caller->admin)
		status = ERROR_ACCESS_DENIED;
	else if (!name)
		status = ERROR_INVALID_PARAMETER;
	else if (smb3_name_equal(name, TRANSPORT_NAME))
		status = ERROR_NOT_SUPPORTED;
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}
