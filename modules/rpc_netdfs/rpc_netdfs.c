// SPDX-License-Identifier: Apache-2.0
/*
 * rpc_netdfs.c: module rpc_netdfs: management of DFS name spaces, on a server that has none. [MS-DFSNM]
 *
 * Version 1 of a server is the one that offers the procedures 0 to 5 and promises no others
 * (3.1.4.1.2); what they are asked for is not there.
 */
#include <smb3/smb3.h>

/* NET_API_STATUS [MS-ERREF] 2.2 */
#define ERROR_ACCESS_DENIED 5u
#define ERROR_NO_MORE_ITEMS 259u
#define ERROR_NOT_FOUND     1168u

#define VERSION_STAND_ALONE 1u

static uint32_t get_version(struct smb3_rpc_call *call)
{
	smb3_ndr_put_u32(call->out, VERSION_STAND_ALONE);
	return SMB3_RPC_OK;
}

/* Name spaces are changed by administrators; none of them has that link. */
static uint32_t change(struct smb3_rpc_call *call)
{
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_u32(call->out, call->caller->admin ? ERROR_NOT_FOUND : ERROR_ACCESS_DENIED);
	return SMB3_RPC_OK;
}

static uint32_t add(struct smb3_rpc_call *call)
{
	(void)smb3_ndr_wstring(call->in);     /* DfsEntryPath */
	(void)smb3_ndr_wstring(call->in);     /* ServerName */
	(void)smb3_ndr_wstring_ptr(call->in); /* ShareName */
	(void)smb3_ndr_wstring_ptr(call->in); /* Comment */
	(void)smb3_ndr_u32(call->in);         /* Flags */
	return change(call);
}

/* What most have first: DfsEntryPath, ServerName, ShareName */
static void skip_link(struct smb3_ndr_in *in)
{
	(void)smb3_ndr_wstring(in);
	(void)smb3_ndr_wstring_ptr(in);
	(void)smb3_ndr_wstring_ptr(in);
}

static uint32_t remove_link(struct smb3_rpc_call *call)
{
	skip_link(call->in);
	return change(call);
}

/* Whatever is to be set. */
static uint32_t set_info(struct smb3_rpc_call *call)
{
	uint32_t level;

	skip_link(call->in);
	level = smb3_ndr_u32(call->in);
	smb3_ndr_switch(call->in, level);
	return change(call);
}

/* Arms of the union DFS_INFO_STRUCT, 2.2.3.1, and of DFS_INFO_ENUM_STRUCT, 2.2.4.1 */
static const uint16_t info_arms[] = { 1,   2,   3,   4,   5,   6,   7,   8,   9,   50,
				      100, 101, 102, 103, 104, 105, 106, 107, 150, 0 };
static const uint16_t enum_arms[] = { 1, 2, 3, 4, 5, 6, 8, 9, 200, 300, 0 };

/* A union without that arm cannot be read, nor written. */
static void check_arm(struct smb3_ndr_in *in, const uint16_t *arms, uint32_t level)
{
	while (*arms && *arms != level)
		arms++;
	if (!*arms)
		smb3_ndr_bad(in);
}

static uint32_t get_info(struct smb3_rpc_call *call)
{
	uint32_t level;

	skip_link(call->in);
	level = smb3_ndr_u32(call->in);
	check_arm(call->in, info_arms, level);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_u32(call->out, level);
	smb3_ndr_put_ptr(call->out, false);
	smb3_ndr_put_u32(call->out, ERROR_NOT_FOUND);
	return SMB3_RPC_OK;
}

/* Entries that a client sends have no meaning, and it sends none. True: it wants to be told some. */
static bool get_container(struct smb3_ndr_in *in, uint32_t *ret_level)
{
	if (!smb3_ndr_ptr(in))
		return false;
	*ret_level = smb3_ndr_u32(in);
	smb3_ndr_switch(in, *ret_level);
	check_arm(in, enum_arms, *ret_level);
	if (smb3_ndr_ptr(in) && (smb3_ndr_u32(in) != 0 || smb3_ndr_ptr(in)) &&
	    smb3_ndr_conformance(in, 0))
		smb3_ndr_bad(in);
	return true;
}

static uint32_t enumerate(struct smb3_rpc_call *call)
{
	struct smb3_ndr_in *in = call->in;
	struct smb3_ndr_out *out = call->out;
	bool wanted, resumes;
	uint32_t level = 0;

	(void)smb3_ndr_u32(in); /* Level, which stands in the container once more */
	(void)smb3_ndr_u32(in); /* PrefMaxLen */
	wanted = get_container(in, &level);
	resumes = smb3_ndr_ptr(in);
	if (resumes)
		(void)smb3_ndr_u32(in);
	if (!smb3_ndr_ok(in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_ptr(out, wanted);
	if (wanted) {
		smb3_ndr_put_u32(out, level);
		smb3_ndr_put_u32(out, level);
		smb3_ndr_put_ptr(out, true);
		smb3_ndr_put_u32(out, 0); /* EntriesRead */
		smb3_ndr_put_ptr(out, false);
	}
	smb3_ndr_put_ptr(out, resumes);
	if (resumes)
		smb3_ndr_put_u32(out, 0);
	smb3_ndr_put_u32(out, ERROR_NO_MORE_ITEMS);
	return SMB3_RPC_OK;
}

/* ---- the interface ---- */

static const struct smb3_rpc_op ops[] = {
	[0] = { "NetrDfsManagerGetVersion", get_version },
	[1] = { "NetrDfsAdd", add },
	[2] = { "NetrDfsRemove", remove_link },
	[3] = { "NetrDfsSetInfo", set_info },
	[4] = { "NetrDfsGetInfo", get_info },
	[5] = { "NetrDfsEnum", enumerate },
};

static const char *const pipes[] = { "netdfs", NULL };

static const struct smb3_rpc_interface netdfs = {
	.name = "netdfs",
	.uuid = SMB3_RPC_UUID(0x4fc742e0, 0x4a10, 0x11cf, 0x82, 0x73, 0x00, 0xaa, 0x00, 0x4a, 0xe6,
			      0x73),
	.major = 3,
	.pipes = pipes,
	.ops = ops,
	.n_ops = SMB3_ARRAY_SIZE(ops),
};

static const struct smb3_provide provides[] = { SMB3_RPC(&netdfs), SMB3_END };
static const char *const needs[] = { "rpc", NULL };

SMB3_MODULE(rpc_netdfs, .summary = "says that there are no DFS name spaces", .needs = needs,
	    .provides = provides);
