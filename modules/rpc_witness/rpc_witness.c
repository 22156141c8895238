// SPDX-License-Identifier: Apache-2.0
/*
 * rpc_witness.c: module rpc_witness: clients learn which addresses this server has, register, and wait
 * to be told that they should move, or that addresses come and go. [MS-SWN] 3.1.4
 */
#include "witness.h"

#include <errno.h>
#include <stdlib.h>

#define ERROR_SUCCESS             0u
#define ERROR_ACCESS_DENIED       5u
#define ERROR_OUTOFMEMORY         14u
#define ERROR_INVALID_PARAMETER   87u
#define ERROR_NO_MORE_ITEMS       259u
#define ERROR_NOT_FOUND           1168u
#define ERROR_REVISION_MISMATCH   1306u
#define ERROR_NO_SYSTEM_RESOURCES 1450u
#define ERROR_TIMEOUT             1460u
#define ERROR_INVALID_STATE       5023u

#define GROUP_NAME   260 /* characters */
#define INFO_V4      0x1u
#define INFO_V6      0x2u
#define INFO_WITNESS 0x4u
#define STATE_UP     1u
#define QUESTION_MAX 8192

/* What a context handle stands for. */
static const struct smb3_rpc_handle_type registration_type = { .name = "registration",
							       .free = free };

static uint32_t put_status(struct smb3_rpc_call *call, uint32_t status)
{
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

/* ---- interfaces ---- */

static uint32_t interfaces_ask(struct smb3_rpc_call *call, struct witness_addresses *ret_list)
{
	struct smb3_cursor c;

	ret_list->n = 0;
	if (smb3_rpc_ask(call, SMB3_ASK_WITNESS_INTERFACES, NULL, &c))
		return ERROR_OUTOFMEMORY;
	while (ret_list->n < WITNESS_ADDRESSES && smb3_rpc_next(&c, NULL)) {
		struct witness_address a = witness_address_get(&c);

		if (smb3_cursor_ok(&c))
			ret_list->list[ret_list->n++] = a;
	}
	return ret_list->n ? ERROR_SUCCESS : ERROR_NO_MORE_ITEMS;
}

/* The name is an array that is always there, with as many characters of it as fit before its end. */
static void put_group_name(struct smb3_ndr_out *out, const char *name)
{
	size_t end = out->b.len + 2 * GROUP_NAME;

	if (smb3_utf16_size(name) < 2 * GROUP_NAME)
		smb3_put_utf16(&out->b, name);
	smb3_put_zero(&out->b, end - out->b.len);
}

/* WITNESS_INTERFACE_INFO. That this server is the witness of its own addresses is what a single one can
 * offer; of several, each would be the witness of the others' (3.1.4.1). */
static void put_interface(struct smb3_rpc_call *call, const struct witness_address *a)
{
	struct smb3_ndr_out *out = call->out;
	static const uint8_t none[16];

	smb3_ndr_put_align(out, 4);
	put_group_name(out, call->facts->server);
	smb3_ndr_put_u32(out, WITNESS_V2);
	smb3_ndr_put_u16(out, STATE_UP);
	smb3_ndr_put_align(out, 4);
	smb3_ndr_put_bytes(out, a->family == 4 ? a->bytes : none, 4);
	smb3_ndr_put_bytes(out, a->family == 6 ? a->bytes : none, 16);
	smb3_ndr_put_u32(out, (a->family == 4 ? INFO_V4 : INFO_V6) | INFO_WITNESS);
}

static uint32_t get_interface_list(struct smb3_rpc_call *call)
{
	struct witness_addresses list;
	uint32_t status = interfaces_ask(call, &list);

	smb3_ndr_put_ptr(call->out, !status);
	if (!status) {
		smb3_ndr_put_u32(call->out, (uint32_t)list.n);
		smb3_ndr_put_ptr(call->out, true);
		smb3_ndr_put_u32(call->out, (uint32_t)list.n);
	}
	for (size_t i = 0; i < list.n; i++)
		put_interface(call, &list.list[i]);
	return put_status(call, status);
}

/* ---- registering ---- */

struct wanted {
	uint32_t version, flags, seconds;
	const char *net_name, *share, *address, *client; /* NULL: null */
	struct witness_addresses seen;                   /* the server's */
};

/* As it calls itself, or that name in some domain. */
static bool is_server(const char *name, const char *server)
{
	size_t len = strcspn(name, ".");
	struct smb3_arena *a = smb3_arena_new();
	bool same = smb3_name_equal(smb3_arena_printf(a, "%.*s", (int)len, name), server);

	smb3_arena_free(a);
	return same;
}

static bool share_exists(struct smb3_rpc_call *call, const char *name)
{
	struct smb3_builder in = smb3_builder_arena(call->arena, QUESTION_MAX);
	struct smb3_cursor c;

	smb3_put_text(&in, name);
	return *name && !smb3_rpc_ask(call, SMB3_ASK_SHARES, &in, &c) && smb3_rpc_next(&c, NULL);
}

static uint32_t judge(struct smb3_rpc_call *call, struct wanted *w, uint32_t version)
{
	struct witness_address address;

	if (w->version != version)
		return ERROR_REVISION_MISMATCH;
	if (!w->net_name || !w->address || !w->client || !*w->client ||
	    !is_server(w->net_name, call->facts->server) || w->flags & ~WITNESS_WANTS_IP ||
	    !witness_address_parse(w->address, &address))
		return ERROR_INVALID_PARAMETER;
	(void)interfaces_ask(call, &w->seen);
	if (!witness_address_in(&w->seen, &address) || (w->share && !share_exists(call, w->share)))
		return ERROR_INVALID_STATE;
	return ERROR_SUCCESS;
}

static uint32_t register_ask(struct smb3_rpc_call *call, const struct wanted *w, uint64_t *ret_id)
{
	struct smb3_builder in = smb3_builder_arena(call->arena, QUESTION_MAX);
	struct smb3_cursor c;
	int err;

	smb3_put_u32(&in, w->version);
	smb3_put_u32(&in, w->flags);
	smb3_put_u32(&in, w->seconds);
	smb3_put_text(&in, w->net_name);
	smb3_put_text(&in, w->share ? w->share : "");
	smb3_put_text(&in, w->address);
	smb3_put_text(&in, w->client);
	for (size_t i = 0; i < w->seen.n; i++)
		witness_address_put(&in, &w->seen.list[i]);
	err = smb3_rpc_ask(call, SMB3_ASK_WITNESS_REGISTER, &in, &c);
	if (!err)
		*ret_id = smb3_get_u64(&c);
	if (err == -ENOSPC)
		return ERROR_NO_SYSTEM_RESOURCES;
	return err == -EACCES ? ERROR_ACCESS_DENIED : err ? ERROR_INVALID_PARAMETER : ERROR_SUCCESS;
}

static uint32_t unregister_ask(struct smb3_rpc_call *call, uint64_t id)
{
	struct smb3_builder in = smb3_builder_arena(call->arena, 8);
	struct smb3_cursor c;

	smb3_put_u64(&in, id);
	return smb3_rpc_ask(call, SMB3_ASK_WITNESS_UNREGISTER, &in, &c) ? ERROR_INVALID_PARAMETER :
									  ERROR_SUCCESS;
}

static uint32_t register_as(struct smb3_rpc_call *call, struct wanted *w, uint32_t version)
{
	struct smb3_rpc_handle handle = { { 0 } };
	uint64_t id = 0, *kept;
	uint32_t status = judge(call, w, version);

	if (!status)
		status = register_ask(call, w, &id);
	if (!status) {
		kept = smb3_alloc(sizeof(*kept));
		*kept = id;
		if (!smb3_rpc_handle_new(call, &registration_type, kept, &handle)) {
			free(kept);
			unregister_ask(call, id);
			status = ERROR_NO_SYSTEM_RESOURCES;
		}
	}
	smb3_ndr_put_handle(call->out, &handle);
	return put_status(call, status);
}

static uint32_t witness_register_1(struct smb3_rpc_call *call)
{
	struct wanted w = { .share = NULL };

	w.version = smb3_ndr_u32(call->in);
	w.net_name = smb3_ndr_wstring_ptr(call->in);
	w.address = smb3_ndr_wstring_ptr(call->in);
	w.client = smb3_ndr_wstring_ptr(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	return register_as(call, &w, WITNESS_V1);
}

static uint32_t witness_register_ex(struct smb3_rpc_call *call)
{
	struct wanted w;

	w.version = smb3_ndr_u32(call->in);
	w.net_name = smb3_ndr_wstring_ptr(call->in);
	w.share = smb3_ndr_wstring_ptr(call->in);
	w.address = smb3_ndr_wstring_ptr(call->in);
	w.client = smb3_ndr_wstring_ptr(call->in);
	w.flags = smb3_ndr_u32(call->in);
	w.seconds = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	return register_as(call, &w, WITNESS_V2);
}

static uint32_t unregister(struct smb3_rpc_call *call, const struct smb3_rpc_handle *handle)
{
	const uint64_t *id = smb3_rpc_handle_find(call, &registration_type, handle);
	uint32_t status;

	if (!id)
		return ERROR_INVALID_PARAMETER;
	status = unregister_ask(call, *id);
	smb3_rpc_handle_close(call, &registration_type, handle);
	return status;
}

static uint32_t witness_unregister_1(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle handle = smb3_ndr_handle(call->in);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	return put_status(call, unregister(call, &handle));
}

static uint32_t witness_unregister_ex(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle handle = smb3_ndr_handle(call->in);
	static const struct smb3_rpc_handle none;
	uint32_t status;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	status = unregister(call, &handle);
	smb3_ndr_put_handle(call->out, status ? &handle : &none);
	return put_status(call, status);
}

/* ---- being told ---- */

static uint32_t notify_failed(struct smb3_rpc_call *call, uint32_t status)
{
	smb3_ndr_put_ptr(call->out, false);
	return put_status(call, status);
}

/* RESP_ASYNC_NOTIFY */
static uint32_t notify_ends(struct smb3_rpc_call *call, int err, struct smb3_cursor *answer)
{
	struct smb3_ndr_out *out = call->out;
	uint32_t type, n, len;

	if (err)
		return notify_failed(call, err == -ETIMEDOUT ? ERROR_TIMEOUT :
					   err == -ENOENT    ? ERROR_NOT_FOUND :
							       ERROR_NO_SYSTEM_RESOURCES);
	type = smb3_get_u32(answer);
	n = smb3_get_u32(answer);
	if (!smb3_cursor_ok(answer))
		return notify_failed(call, ERROR_NO_SYSTEM_RESOURCES);
	len = (uint32_t)smb3_cursor_left(answer);
	smb3_ndr_put_ptr(out, true);
	smb3_ndr_put_u32(out, type);
	smb3_ndr_put_u32(out, len);
	smb3_ndr_put_u32(out, n);
	smb3_ndr_put_ptr(out, true);
	smb3_ndr_put_u32(out, len);
	smb3_ndr_put_bytes(out, answer->pos, len);
	return put_status(call, ERROR_SUCCESS);
}

static uint32_t async_notify(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle handle = smb3_ndr_handle(call->in);
	struct smb3_builder in = smb3_builder_arena(call->arena, 8);
	const uint64_t *id;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	id = smb3_rpc_handle_find(call, &registration_type, &handle);
	if (!id)
		return notify_failed(call, ERROR_NOT_FOUND);
	smb3_put_u64(&in, *id);
	return smb3_rpc_ask_later(call, SMB3_ASK_WITNESS_NOTIFY, &in, notify_ends);
}

/* ---- the interface ---- */

static const struct smb3_rpc_op ops[] = {
	[0] = { "WitnessrGetInterfaceList", get_interface_list },
	[1] = { "WitnessrRegister", witness_register_1 },
	[2] = { "WitnessrUnRegister", witness_unregister_1 },
	[3] = { "WitnessrAsyncNotify", async_notify },
	[4] = { "WitnessrRegisterEx", witness_register_ex },
	[5] = { "WitnessrUnRegisterEx", witness_unregister_ex },
};

static const char *const pipes[] = { "witness", NULL };

/* Product behavior <4>: less than integrity is refused. */
static const struct smb3_rpc_interface witness = {
	.name = "witness",
	.uuid = SMB3_RPC_UUID(0xccd8c074, 0xd0e5, 0x4a40, 0x92, 0xb4, 0xd0, 0x74, 0xfa, 0xa6, 0xba,
			      0x28),
	.major = 1,
	.minor = 1,
	.pipes = pipes,
	.ops = ops,
	.n_ops = SMB3_ARRAY_SIZE(ops),
	.min_auth = SMB3_RPC_LEVEL_INTEGRITY,
};

#define OPTION(opt, kind, def, lo, hi, text)                                                      \
	{                                                                                         \
		.name = #opt, .type = kind, .scope = SMB3_GLOBAL,                                 \
		.offset = offsetof(struct witness_conf, opt), .value = def, .min = lo, .max = hi, \
		.help = text                                                                      \
	}

static const struct smb3_option options[] = {
	OPTION(registrations, SMB3_OPT_INT, "1000", 0, 100000,
	       "Clients that may be registered at a time."),
	OPTION(per_user, SMB3_OPT_INT, "32", 0, 100000, "Of them, registrations of one user."),
	OPTION(unused, SMB3_OPT_TIME, "30s", 1000, 86400 * 1000,
	       "How long a registration stays when its client does not wait."),
	OPTION(watch, SMB3_OPT_TIME, "5s", 1000, 3600 * 1000,
	       "How often this machine's addresses are looked at while clients are registered."),
	SMB3_OPTION_END,
};

static const struct smb3_provide provides[] = {
	SMB3_RPC(&witness),
	SMB3_ASK(SMB3_ASK_WITNESS_INTERFACES, &witness_ask_interfaces),
	SMB3_ASK(SMB3_ASK_WITNESS_REGISTER, &witness_ask_register),
	SMB3_ASK(SMB3_ASK_WITNESS_UNREGISTER, &witness_ask_unregister),
	SMB3_ASK(SMB3_ASK_WITNESS_NOTIFY, &witness_ask_notify),
	SMB3_HOOK(&witness_hook_tick),
	SMB3_CTL(&witness_ctl_move),
	SMB3_CTL(&witness_ctl_list),
	SMB3_END,
};
static const char *const needs[] = { "rpc", NULL };

SMB3_MODULE(rpc_witness, .summary = "tells clients to which address to move", .needs = needs,
	    .options = options, .conf_size = sizeof(struct witness_conf), .provides = provides,
	    .init = witness_init, .fini = witness_fini);
