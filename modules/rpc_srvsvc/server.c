// SPDX-License-Identifier: Apache-2.0
/*
 * server.c: the server as a whole: what it is called, what it is, what time it has.
 * [MS-SRVS] 3.1.4.17, 3.1.4.19, 3.1.4.21; structures 2.2.4.40 to 2.2.4.42, 2.2.4.105
 */
#include "srvsvc.h"

#include <errno.h>
#include <time.h>

#define PLATFORM_NT 500u
#define VERSION     10u
/* workstation, server, Unix, NT, NT server: [MS-SRVS] 2.2.2.7 */
#define SERVER_TYPE   0x00009803u
#define NO_DISCONNECT 0xFFFFFFFFu

static void put_info(struct smb3_rpc_call *call, uint32_t level)
{
	struct smb3_ndr_out *out = call->out;

	smb3_ndr_put_u32(out, PLATFORM_NT);
	smb3_ndr_put_ptr(out, true);
	if (level >= 101) {
		smb3_ndr_put_u32(out, VERSION);
		smb3_ndr_put_u32(out, 0);
		smb3_ndr_put_u32(out, SERVER_TYPE);
		smb3_ndr_put_ptr(out, true);
	}
	if (level == 102) {
		smb3_ndr_put_u32(out, 0xFFFFFFFFu); /* users: no limit */
		smb3_ndr_put_u32(out, NO_DISCONNECT);
		smb3_ndr_put_u32(out, 0); /* hidden: no */
		smb3_ndr_put_u32(out, 0); /* announce, anndelta */
		smb3_ndr_put_u32(out, 0);
		smb3_ndr_put_u32(out, 0); /* licenses */
		smb3_ndr_put_ptr(out, true);
	}
	smb3_ndr_put_wstring(out, call->facts->server);
	if (level >= 101)
		smb3_ndr_put_wstring(out, call->facts->comment);
	if (level == 102)
		smb3_ndr_put_wstring(out, "C:\\");
}

uint32_t srvsvc_server_get_info(struct smb3_rpc_call *call)
{
	uint32_t level, status = NERR_SUCCESS;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	level = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (level < 100 || level > 102)
		status = ERROR_INVALID_LEVEL;
	smb3_ndr_put_u32(call->out, level);
	smb3_ndr_put_ptr(call->out, !status);
	if (!status)
		put_info(call, level);
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

/* TIME_OF_DAY_INFO: local fields are not wanted, but their distance from UTC is. */
uint32_t srvsvc_remote_tod(struct smb3_rpc_call *call)
{
	struct smb3_ndr_out *out = call->out;
	struct timespec now;
	struct tm utc, local;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	localtime_r(&now.tv_sec, &local);
	smb3_ndr_put_ptr(out, true);
	smb3_ndr_put_u32(out, (uint32_t)now.tv_sec);
	smb3_ndr_put_u32(out, (uint32_t)(smb3_clock() / 1000000));
	smb3_ndr_put_u32(out, (uint32_t)utc.tm_hour);
	smb3_ndr_put_u32(out, (uint32_t)utc.tm_min);
	smb3_ndr_put_u32(out, (uint32_t)utc.tm_sec);
	smb3_ndr_put_u32(out, (uint32_t)(now.tv_nsec / 10000000));
	smb3_ndr_put_u32(out, (uint32_t)(-local.tm_gmtoff / 60)); /* minutes west */
	smb3_ndr_put_u32(out, 310);                               /* tinterval */
	smb3_ndr_put_u32(out, (uint32_t)utc.tm_mday);
	smb3_ndr_put_u32(out, (uint32_t)utc.tm_mon + 1);
	smb3_ndr_put_u32(out, (uint32_t)utc.tm_year + 1900);
	smb3_ndr_put_u32(out, (uint32_t)utc.tm_wday);
	smb3_ndr_put_u32(out, NERR_SUCCESS);
	return SMB3_RPC_OK;
}

/* DISK_ENUM_CONTAINER: the one drive that paths of shares stand on, and an empty name as the end.
 * Entries are embedded arrays: offset and count each, in front of their characters. */
uint32_t srvsvc_disk_enum(struct smb3_rpc_call *call)
{
	struct smb3_ndr_out *out = call->out;
	uint32_t level, status, resume = 0;
	bool has_resume;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	level = smb3_ndr_u32(call->in);
	(void)smb3_ndr_u32(call->in); /* EntriesRead */
	if (smb3_ndr_ptr(call->in)) {
		if (smb3_ndr_conformance(call->in, 0)) /* entries sent by a client mean nothing */
			smb3_ndr_bad(call->in);
		smb3_ndr_variance(call->in, 0);
	}
	(void)smb3_ndr_u32(call->in); /* PreferedMaximumLength */
	has_resume = smb3_ndr_ptr(call->in);
	if (has_resume)
		resume = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	status = level               ? ERROR_INVALID_LEVEL :
		 call->caller->admin ? NERR_SUCCESS :
				       ERROR_ACCESS_DENIED;
	smb3_ndr_put_u32(out, status ? 0 : 2);
	smb3_ndr_put_ptr(out, !status);
	if (!status) {
		smb3_ndr_put_u32(out, 2); /* conformance, offset, count */
		smb3_ndr_put_u32(out, 0);
		smb3_ndr_put_u32(out, 2);
		smb3_ndr_put_u32(out, 0);
		smb3_ndr_put_u32(out, 3);
		smb3_put_utf16(&out->b, "C:");
		smb3_put_u16(&out->b, 0);
		smb3_ndr_put_u32(out, 0);
		smb3_ndr_put_u32(out, 1);
		smb3_put_u16(&out->b, 0);
	}
	smb3_ndr_put_u32(out, status ? 0 : 2); /* TotalEntries */
	smb3_ndr_put_ptr(out, has_resume);
	if (has_resume)
		smb3_ndr_put_u32(out, resume);
	smb3_ndr_put_u32(out, status);
	return SMB3_RPC_OK;
}

/* ---- transports ---- */

static int sessions_count(struct smb3_rpc_call *call, uint32_t *ret_n)
{
	struct smb3_cursor c;
	uint32_t n = 0;
	int err = smb3_rpc_ask(call, SMB3_ASK_SESSIONS, NULL, &c);

	while (!err && smb3_rpc_next(&c, NULL)) {
		smb3_get_skip(&c, 8);
		(void)smb3_get_text(&c, call->arena);
		(void)smb3_get_text(&c, call->arena);
		smb3_get_skip(&c, 16);
		if (!smb3_cursor_ok(&c))
			return -EBADMSG;
		n++;
	}
	*ret_n = n;
	return err;
}

/* SERVER_TRANSPORT_INFO_0 and _1, [MS-SRVS] 2.2.4.93, 2.2.4.94: TCP has no address of a network card. */
static void put_transport(struct smb3_rpc_call *call, uint32_t level, uint32_t sessions)
{
	struct smb3_ndr_out *out = call->out;

	smb3_ndr_put_u32(out, sessions);
	smb3_ndr_put_ptr(out, true);
	smb3_ndr_put_ptr(out, false);
	smb3_ndr_put_u32(out, 0);
	smb3_ndr_put_ptr(out, true);
	if (level == 1)
		smb3_ndr_put_ptr(out, true);
	smb3_ndr_put_wstring(out, "\\Device\\NetbiosSmb");
	smb3_ndr_put_wstring(out, "000000000000");
	if (level == 1)
		smb3_ndr_put_wstring(out, call->facts->workgroup);
}

/* The one there is: SMB directly over TCP, as Windows calls it. */
uint32_t srvsvc_transport_enum(struct smb3_rpc_call *call)
{
	static const uint32_t levels[] = { 0, 1 };
	uint32_t sessions = 0, status;
	struct srvsvc_list list;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	srvsvc_get_list(call, &list, levels, SMB3_ARRAY_SIZE(levels));
	srvsvc_get_resume(call, &list);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	status = !call->caller->admin ? ERROR_ACCESS_DENIED :
					srvsvc_error(sessions_count(call, &sessions), 0);
	srvsvc_choose(&list, status ? 0 : 1, 64);
	srvsvc_put_list(call, &list, status);
	if (!status && list.n)
		put_transport(call, list.level, sessions);
	srvsvc_put_end(call, &list, status);
	return SMB3_RPC_OK;
}

/* Longest names by type, [MS-SRVS] 3.1.4.33; 0: a type that is none. */
static const uint16_t name_max[] = {
	[1] = 256, [2] = 256, [3] = 256, [4] = 15,  [5] = 16, [6] = 15, [7] = 80,
	[8] = 259, [9] = 80,  [10] = 15, [11] = 15, [12] = 8, [13] = 15
};

#define LM_NAMES 0x80000000u /* flag: the older, stricter rules; ours are those */

uint32_t srvsvc_name_judge(const char *name, uint32_t type, uint32_t flags)
{
	size_t units = smb3_utf16_size(name) / 2;

	if (flags & ~LM_NAMES || type >= SMB3_ARRAY_SIZE(name_max) || !name_max[type])
		return ERROR_INVALID_PARAMETER;
	if (!units || units > name_max[type] || strpbrk(name, "\"/\\[]:|<>+=;,?*"))
		return ERROR_INVALID_NAME;
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c < ' ')
			return ERROR_INVALID_NAME;
	return NERR_SUCCESS;
}

uint32_t srvsvc_name_validate(struct smb3_rpc_call *call)
{
	const char *name;
	uint32_t type, flags;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	name = smb3_ndr_wstring(call->in);
	type = smb3_ndr_u32(call->in);
	flags = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_u32(call->out, srvsvc_name_judge(name, type, flags));
	return SMB3_RPC_OK;
}
