// SPDX-License-Identifier: Apache-2.0
/*
 * rpc_fsrvp.c: module rpc_fsrvp: shadow copies of shares, for backup programs. What runs in smb3-rpcd
 * only translates: who may, what the state is and what happens is decided in smb3d. [MS-FSRVP]
 */
#include "fsrvp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define VERSION_1 1u
#define ASK_MAX   (SMB3_RPC_TEXT_MAX + 256)

/* ---- the server's part ---- */

/* What a step is asked with. */
struct ask {
	enum fsrvp_step step;
	struct smb3_guid set, copy;
	uint32_t number;
	const char *share; /* NULL: none */
};

/* False: it is too long. */
static bool step_put(struct smb3_builder *in, const struct ask *ask)
{
	smb3_put_u8(in, (uint8_t)ask->step);
	smb3_put_guid(in, &ask->set);
	smb3_put_guid(in, &ask->copy);
	smb3_put_u32(in, ask->number);
	smb3_put_text(in, ask->share ? ask->share : "");
	return smb3_builder_ok(in);
}

static uint32_t step_status(int err, struct smb3_cursor *answer)
{
	uint32_t status;

	if (err)
		return err == -EACCES ? E_ACCESS_DENIED : E_FAIL;
	status = smb3_get_u32(answer);
	return smb3_cursor_ok(answer) ? status : E_FAIL;
}

static uint32_t step_ask(struct smb3_rpc_call *call, const struct ask *ask,
			 struct smb3_cursor *ret_answer)
{
	struct smb3_builder in = smb3_builder_arena(call->arena, ASK_MAX);

	if (!step_put(&in, ask))
		return E_INVALID_ARGUMENT;
	return step_status(smb3_rpc_ask(call, SMB3_ASK_SHADOW, &in, ret_answer), ret_answer);
}

/* "\\SERVER\SHARE\" and what is below it: the share's name, or NULL. */
static const char *share_of(struct smb3_rpc_call *call, const char *unc)
{
	const char *name = strncmp(unc, "\\\\", 2) == 0 ? strchr(unc + 2, '\\') : NULL;

	if (!name || !name[1])
		return NULL;
	return smb3_arena_printf(call->arena, "%.*s", (int)strcspn(name + 1, "\\"), name + 1);
}

static uint32_t put_status(struct smb3_rpc_call *call, uint32_t status)
{
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

static uint32_t put_step(struct smb3_rpc_call *call, const struct ask *ask)
{
	struct smb3_cursor c;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	return put_status(call, step_ask(call, ask, &c));
}

static uint32_t slow_ends(struct smb3_rpc_call *call, int err, struct smb3_cursor *answer)
{
	return put_status(call, step_status(err, answer));
}

/* One that may take long. */
static uint32_t put_slow(struct smb3_rpc_call *call, const struct ask *ask, smb3_rpc_then then)
{
	struct smb3_builder in = smb3_builder_arena(call->arena, ASK_MAX);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!step_put(&in, ask))
		return put_status(call, E_INVALID_ARGUMENT);
	return smb3_rpc_ask_later(call, SMB3_ASK_SHADOW_SLOW, &in, then);
}

/* One that answers a GUID. */
static uint32_t put_step_guid(struct smb3_rpc_call *call, const struct ask *ask)
{
	struct smb3_guid id = { { 0 } };
	struct smb3_cursor c;
	uint32_t status;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	status = step_ask(call, ask, &c);
	if (!status)
		id = smb3_get_guid(&c);
	smb3_ndr_put_guid(call->out, &id);
	return put_status(call, status);
}

/* ---- the sequence ---- */

static uint32_t get_version(struct smb3_rpc_call *call)
{
	smb3_ndr_put_u32(call->out, VERSION_1);
	smb3_ndr_put_u32(call->out, VERSION_1);
	return put_step(call, &(struct ask){ .step = STEP_NONE });
}

static uint32_t set_context(struct smb3_rpc_call *call)
{
	const struct ask ask = { .step = STEP_CONTEXT, .number = smb3_ndr_u32(call->in) };

	return put_step(call, &ask);
}

static uint32_t start_set(struct smb3_rpc_call *call)
{
	(void)smb3_ndr_guid(call->in); /* ClientShadowCopySetId */
	return put_step_guid(call, &(struct ask){ .step = STEP_START });
}

static uint32_t add_to_set(struct smb3_rpc_call *call)
{
	struct ask ask = { .step = STEP_ADD };
	const char *unc;

	(void)smb3_ndr_guid(call->in); /* ClientShadowCopyId */
	ask.set = smb3_ndr_guid(call->in);
	unc = smb3_ndr_wstring(call->in);
	ask.share = unc ? share_of(call, unc) : NULL;
	return put_step_guid(call, &ask);
}

static struct ask of_set(struct smb3_rpc_call *call, enum fsrvp_step step, bool has_time)
{
	struct ask ask = { .step = step };

	ask.set = smb3_ndr_guid(call->in);
	if (has_time)
		ask.number = smb3_ndr_u32(call->in); /* TimeOutInMilliseconds */
	return ask;
}

static uint32_t prepare(struct smb3_rpc_call *call)
{
	const struct ask ask = of_set(call, STEP_PREPARE, true);

	return put_step(call, &ask);
}

static uint32_t commit(struct smb3_rpc_call *call)
{
	const struct ask ask = of_set(call, STEP_COMMIT, true);

	return put_slow(call, &ask, slow_ends);
}

static uint32_t expose(struct smb3_rpc_call *call)
{
	const struct ask ask = of_set(call, STEP_EXPOSE, true);

	return put_step(call, &ask);
}

static uint32_t recovery_complete(struct smb3_rpc_call *call)
{
	const struct ask ask = of_set(call, STEP_RECOVERED, false);

	return put_step(call, &ask);
}

static uint32_t abort_set(struct smb3_rpc_call *call)
{
	const struct ask ask = of_set(call, STEP_ABORT, false);

	return put_slow(call, &ask, slow_ends);
}

/* ---- about shares ---- */

/* A step about the share whose path the arguments have next; *ret_is is what it answers. */
static uint32_t share_ask(struct smb3_rpc_call *call, enum fsrvp_step step, bool *ret_is)
{
	const char *unc = smb3_ndr_wstring(call->in);
	struct ask ask = { .step = step };
	struct smb3_cursor c;
	uint32_t status;

	*ret_is = false;
	if (!unc)
		return E_INVALID_ARGUMENT;
	ask.share = share_of(call, unc);
	if (!ask.share)
		ask.step = STEP_NONE;
	status = step_ask(call, &ask, &c);
	if (!status && !ask.share)
		return E_INVALID_ARGUMENT;
	if (!status)
		*ret_is = smb3_get_u8(&c);
	return status;
}

static uint32_t is_supported(struct smb3_rpc_call *call)
{
	bool is;
	uint32_t status = share_ask(call, STEP_SUPPORTED, &is);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_u32(call->out, is);
	smb3_ndr_put_wstring_ptr(call->out, status ? NULL : call->facts->server);
	return put_status(call, status);
}

static uint32_t is_copied(struct smb3_rpc_call *call)
{
	bool is;
	uint32_t status = share_ask(call, STEP_COPIED, &is);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_u32(call->out, is);
	smb3_ndr_put_u32(call->out, 0); /* ShadowCopyCompatibility: nothing is hindered */
	return put_status(call, status);
}

/* FSSAGENT_SHARE_MAPPING_1, 2.2.3.1; unc is as the client wrote it. */
static void put_mapping(struct smb3_ndr_out *out, const struct ask *ask, const char *unc,
			const char *name, uint64_t when)
{
	smb3_ndr_put_align(out, 8);
	smb3_ndr_put_guid(out, &ask->set);
	smb3_ndr_put_guid(out, &ask->copy);
	smb3_ndr_put_ptr(out, true);
	smb3_ndr_put_ptr(out, true);
	smb3_ndr_put_u64(out, when);
	smb3_ndr_put_wstring(out, unc);
	smb3_ndr_put_wstring(out, name);
}

static uint32_t get_mapping(struct smb3_rpc_call *call)
{
	struct ask ask = { .step = STEP_MAPPING };
	const char *unc, *name = NULL;
	uint32_t level, status;
	struct smb3_cursor c;
	uint64_t when = 0;

	ask.copy = smb3_ndr_guid(call->in);
	ask.set = smb3_ndr_guid(call->in);
	unc = smb3_ndr_wstring(call->in);
	level = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	ask.share = share_of(call, unc);
	if (level != 1)
		ask.step = STEP_NONE;
	status = step_ask(call, &ask, &c);
	if (!status && level != 1)
		status = E_INVALID_ARGUMENT;
	if (!status) {
		name = smb3_get_text(&c, call->arena);
		when = smb3_get_u64(&c);
		status = smb3_cursor_ok(&c) ? FSRVP_OK : E_FAIL;
	}
	smb3_ndr_put_u32(call->out, level);
	if (level == 1)
		smb3_ndr_put_ptr(call->out, !status);
	if (!status)
		put_mapping(call->out, &ask, unc, name, when);
	return put_status(call, status);
}

static uint32_t delete_ends(struct smb3_rpc_call *call, int err, struct smb3_cursor *answer)
{
	uint32_t status = step_status(err, answer);
	struct smb3_cursor c;

	if (!status)
		(void)smb3_rpc_ask(call, SMB3_ASK_SHADOW_LEAVE, NULL, &c);
	return put_status(call, status);
}

static uint32_t delete_mapping(struct smb3_rpc_call *call)
{
	struct ask ask = { .step = STEP_DELETE };
	const char *unc;

	ask.set = smb3_ndr_guid(call->in);
	ask.copy = smb3_ndr_guid(call->in);
	unc = smb3_ndr_wstring(call->in);
	ask.share = unc ? share_of(call, unc) : NULL;
	return put_slow(call, &ask, delete_ends);
}

/* ---- the interface ---- */

static const struct smb3_rpc_op ops[] = {
	[0] = { "GetSupportedVersion", get_version },
	[1] = { "SetContext", set_context },
	[2] = { "StartShadowCopySet", start_set },
	[3] = { "AddToShadowCopySet", add_to_set },
	[4] = { "CommitShadowCopySet", commit },
	[5] = { "ExposeShadowCopySet", expose },
	[6] = { "RecoveryCompleteShadowCopySet", recovery_complete },
	[7] = { "AbortShadowCopySet", abort_set },
	[8] = { "IsPathSupported", is_supported },
	[9] = { "IsPathShadowCopied", is_copied },
	[10] = { "GetShareMapping", get_mapping },
	[11] = { "DeleteShareMapping", delete_mapping },
	[12] = { "PrepareShadowCopySet", prepare },
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

/* ---- the module ---- */

static int fsrvp_init(struct smb3_mod *mod)
{
	struct fsrvp *f = smb3_alloc(sizeof(*f));

	f->mod = mod;
	pthread_mutex_init(&f->lock, NULL);
	pthread_mutex_init(&f->keeping, NULL);
	smb3_list_init(&f->sets);
	smb3_list_init(&f->dropped);
	mod->data = f;
	return 0;
}

static int fsrvp_start(struct smb3_mod *mod)
{
	struct fsrvp *f = mod->data;
	int err;

	if (asprintf(&f->file, "%s/fsrvp", smb3_server_conf(mod->server)->state_dir) < 0)
		return -ENOMEM;
	err = fsrvp_load(f);
	if (err)
		smb3_log(SMB3_LOG_ERROR, "rpc_fsrvp: %s: %s", f->file, strerror(-err));
	return err;
}

static void fsrvp_fini(struct smb3_mod *mod)
{
	struct fsrvp *f = mod->data;

	if (f->making)
		fsrvp_set_free(f->making);
	SMB3_LIST_EACH(&f->sets, node) {
		smb3_list_remove(node);
		fsrvp_set_free(SMB3_CONTAINER(node, struct fsrvp_set, link));
	}
	SMB3_LIST_EACH(&f->dropped, node) {
		smb3_list_remove(node);
		smb3_log(SMB3_LOG_WARNING,
			 "rpc_fsrvp: the server ends before the snapshots of a set that failed "
			 "could be removed");
		fsrvp_set_free(SMB3_CONTAINER(node, struct fsrvp_set, link));
	}
	pthread_mutex_destroy(&f->keeping);
	pthread_mutex_destroy(&f->lock);
	free(f->file);
	free(f);
}

#define TIME(field, def, text)                                                           \
	{                                                                                \
		.name = #field, .type = SMB3_OPT_TIME, .scope = SMB3_GLOBAL,             \
		.offset = offsetof(struct fsrvp_conf, field), .value = def, .min = 1000, \
		.max = 86400 * 1000, .help = text                                        \
	}

static const struct smb3_option options[] = {
	TIME(sequence_time, "3m",
	     "How long a client that makes shadow copies may be silent before they are forgotten."),
	TIME(prepare_time, "30m",
	     "The same once it has named a share, until the snapshots are taken."),
	TIME(exposed_time, "24h",
	     "How long copies stay that were exposed and never said to be complete."),
	{ .name = "copies",
	  .type = SMB3_OPT_INT,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct fsrvp_conf, copies),
	  .value = "100",
	  .min = 1,
	  .max = 10000,
	  .help = "How many shadow copies there may be of all shares." },
	{ .name = "operators",
	  .type = SMB3_OPT_LIST,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct fsrvp_conf, operators),
	  .value = "",
	  .help = "Users, as NAME or DOMAIN\\NAME, and Unix groups, as @NAME, who may make shadow "
		  "copies and read them: backup operators. Administrators may in any case." },
	SMB3_OPTION_END,
};

static const struct smb3_provide provides[] = {
	SMB3_RPC(&fsrvp),
	SMB3_ASK(SMB3_ASK_SHADOW, &fsrvp_ask_step),
	SMB3_ASK(SMB3_ASK_SHADOW_LEAVE, &fsrvp_ask_leave),
	SMB3_ASK(SMB3_ASK_SHADOW_SLOW, &fsrvp_ask_slow),
	SMB3_HOOK(&fsrvp_hook_share),
	SMB3_HOOK(&fsrvp_hook_tree),
	SMB3_HOOK(&fsrvp_hook_tick),
	SMB3_END,
};
static const char *const needs[] = { "rpc", NULL };

SMB3_MODULE(rpc_fsrvp, .summary = "shadow copies of shares, for backup programs", .needs = needs,
	    .options = options, .conf_size = sizeof(struct fsrvp_conf), .provides = provides,
	    .init = fsrvp_init, .start = fsrvp_start, .fini = fsrvp_fini);
