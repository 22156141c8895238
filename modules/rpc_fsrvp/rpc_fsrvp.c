// SPDX-License-Identifier: Apache-2.0
/*
 * rpc_fsrvp.c: module rpc_fsrvp: shadow copies of shares, for backup programs: the sequence of calls,
 * and that no share can be copied so. [MS-FSRVP]
 */
#include "fsrvp.h"

#include <errno.h>

#define VERSION_1 1u
#define ASK_MAX   1024

/* ---- the server's part ---- */

static struct smb3_builder step(struct smb3_rpc_call *call, enum fsrvp_step what)
{
	struct smb3_builder in = smb3_builder_arena(call->arena, ASK_MAX);

	smb3_put_u32(&in, what);
	return in;
}

static uint32_t step_ask(struct smb3_rpc_call *call, const struct smb3_builder *in,
			 struct smb3_cursor *ret_answer)
{
	int err = smb3_rpc_ask(call, SMB3_ASK_SHADOW, in, ret_answer);
	uint32_t status;

	if (err)
		return err == -EACCES ? E_ACCESS_DENIED : E_FAIL;
	status = smb3_get_u32(ret_answer);
	return smb3_cursor_ok(ret_answer) ? status : E_FAIL;
}

/* "\\SERVER\SHARE\" and what is below it: the share's name, or NULL. */
static const char *share_of(struct smb3_rpc_call *call, const char *unc)
{
	const char *name = strncmp(unc, "\\\\", 2) == 0 ? strchr(unc + 2, '\\') : NULL;

	if (!name || !name[1])
		return NULL;
	return smb3_arena_printf(call->arena, "%.*s", (int)strcspn(name + 1, "\\"), name + 1);
}

static bool share_exists(struct smb3_rpc_call *call, const char *name)
{
	struct smb3_builder in = smb3_builder_arena(call->arena, ASK_MAX);
	struct smb3_cursor c;

	smb3_put_text(&in, name);
	return smb3_rpc_ask(call, SMB3_ASK_SHARES, &in, &c) == 0 && smb3_rpc_next(&c, NULL);
}

static uint32_t put_status(struct smb3_rpc_call *call, uint32_t status)
{
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

static uint32_t denied_or(const struct smb3_rpc_call *call, uint32_t status)
{
	return call->caller->admin ? status : E_ACCESS_DENIED;
}

/* ---- the sequence ---- */

static uint32_t get_version(struct smb3_rpc_call *call)
{
	smb3_ndr_put_u32(call->out, VERSION_1);
	smb3_ndr_put_u32(call->out, VERSION_1);
	return put_status(call, denied_or(call, FSRVP_OK));
}

static uint32_t set_context(struct smb3_rpc_call *call)
{
	struct smb3_builder in = step(call, STEP_CONTEXT);
	struct smb3_cursor c;

	smb3_put_u32(&in, smb3_ndr_u32(call->in));
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	return put_status(call, step_ask(call, &in, &c));
}

static uint32_t start_set(struct smb3_rpc_call *call)
{
	struct smb3_builder in = step(call, STEP_START);
	struct smb3_guid set = { { 0 } };
	struct smb3_cursor c;
	uint32_t status;

	(void)smb3_ndr_guid(call->in); /* ClientShadowCopySetId */
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	status = step_ask(call, &in, &c);
	if (!status)
		set = smb3_get_guid(&c);
	smb3_ndr_put_guid(call->out, &set);
	return put_status(call, status);
}

static uint32_t add_to_set(struct smb3_rpc_call *call)
{
	static const struct smb3_guid none;
	struct smb3_builder in = step(call, STEP_ADD);
	struct smb3_guid set;
	struct smb3_cursor c;
	const char *unc, *share;

	(void)smb3_ndr_guid(call->in); /* ClientShadowCopyId */
	set = smb3_ndr_guid(call->in);
	unc = smb3_ndr_wstring(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	share = share_of(call, unc);
	smb3_put_guid(&in, &set);
	smb3_put_text(&in, share ? share : "");
	smb3_ndr_put_guid(call->out, &none);
	return put_status(call, step_ask(call, &in, &c));
}

static uint32_t of_set(struct smb3_rpc_call *call, enum fsrvp_step what, bool has_time)
{
	struct smb3_builder in = step(call, what);
	struct smb3_guid set = smb3_ndr_guid(call->in);
	struct smb3_cursor c;

	if (has_time)
		(void)smb3_ndr_u32(call->in); /* TimeOutInMilliseconds */
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_put_guid(&in, &set);
	return put_status(call, step_ask(call, &in, &c));
}

static uint32_t next_with_time(struct smb3_rpc_call *call)
{
	return of_set(call, STEP_NEXT, true);
}

static uint32_t recovery_complete(struct smb3_rpc_call *call)
{
	return of_set(call, STEP_NEXT, false);
}

static uint32_t abort_set(struct smb3_rpc_call *call)
{
	return of_set(call, STEP_ABORT, false);
}

/* ---- about shares ---- */

/* The share of a path that the arguments have next; NULL and a status. */
static const char *get_share(struct smb3_rpc_call *call, uint32_t *ret_status)
{
	const char *unc = smb3_ndr_wstring(call->in);
	const char *share = smb3_ndr_ok(call->in) ? share_of(call, unc) : NULL;

	*ret_status = denied_or(call, FSRVP_OK);
	if (!*ret_status && !share)
		*ret_status = E_INVALID_ARGUMENT;
	else if (!*ret_status && !share_exists(call, share))
		*ret_status = FSRVP_OBJECT_NOT_FOUND;
	return *ret_status ? NULL : share;
}

static uint32_t is_supported(struct smb3_rpc_call *call)
{
	uint32_t status;

	get_share(call, &status);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_u32(call->out, false);
	smb3_ndr_put_wstring_ptr(call->out, status ? NULL : call->facts->server);
	return put_status(call, status);
}

static uint32_t is_copied(struct smb3_rpc_call *call)
{
	uint32_t status;

	get_share(call, &status);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_u32(call->out, false);
	smb3_ndr_put_u32(call->out, 0); /* ShadowCopyCompatibility */
	return put_status(call, status);
}

/* There are no mappings. */
static uint32_t get_mapping(struct smb3_rpc_call *call)
{
	uint32_t level;

	(void)smb3_ndr_guid(call->in);
	(void)smb3_ndr_guid(call->in);
	(void)smb3_ndr_wstring(call->in);
	level = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_u32(call->out, level);
	if (level == 1)
		smb3_ndr_put_ptr(call->out, false);
	return put_status(call, denied_or(call, level == 1 ? FSRVP_OBJECT_NOT_FOUND :
							     E_INVALID_ARGUMENT));
}

static uint32_t delete_mapping(struct smb3_rpc_call *call)
{
	(void)smb3_ndr_guid(call->in);
	(void)smb3_ndr_guid(call->in);
	(void)smb3_ndr_wstring(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	return put_status(call, denied_or(call, FSRVP_OBJECT_NOT_FOUND));
}

/* ---- the interface ---- */

static const struct smb3_rpc_op ops[] = {
	[0] = { "GetSupportedVersion", get_version },
	[1] = { "SetContext", set_context },
	[2] = { "StartShadowCopySet", start_set },
	[3] = { "AddToShadowCopySet", add_to_set },
	[4] = { "CommitShadowCopySet", next_with_time },
	[5] = { "ExposeShadowCopySet", next_with_time },
	[6] = { "RecoveryCompleteShadowCopySet", recovery_complete },
	[7] = { "AbortShadowCopySet", abort_set },
	[8] = { "IsPathSupported", is_supported },
	[9] = { "IsPathShadowCopied", is_copied },
	[10] = { "GetShareMapping", get_mapping },
	[11] = { "DeleteShareMapping", delete_mapping },
	[12] = { "PrepareShadowCopySet", next_with_time },
};

static const char *const pipes[] = { "FssagentRpc", NULL };

static const struct smb3_rpc_interface fsrvp = {
	.name = "FileServerVssAgent",
	.uuid = SMB3_RPC_UUID(0xa8e0653c, 0x2744, 0x4389, 0xa6, 0x1d, 0x73, 0x73, 0xdf, 0x8b, 0x22,
			      0x92),
	.major = 1,
	.pipes = pipes,
	.ops = ops,
	.n_ops = SMB3_ARRAY_SIZE(ops),
};

static const struct smb3_option options[] = {
	{ .name = "sequence_time",
	  .type = SMB3_OPT_TIME,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct fsrvp_conf, sequence_time),
	  .value = "3m",
	  .min = 1000,
	  .max = 3600 * 1000,
	  .help = "How long a client that makes a shadow copy may be silent before it is forgotten." },
	SMB3_OPTION_END,
};

static const struct smb3_provide provides[] = {
	SMB3_RPC(&fsrvp),
	SMB3_ASK(SMB3_ASK_SHADOW, &fsrvp_ask_step),
	SMB3_END,
};
static const char *const needs[] = { "rpc", NULL };

SMB3_MODULE(rpc_fsrvp, .summary = "tells backup programs what shares can be shadow-copied",
	    .needs = needs, .options = options, .conf_size = sizeof(struct fsrvp_conf),
	    .provides = provides, .init = fsrvp_init, .stop = fsrvp_stop, .fini = fsrvp_fini);
