// SPDX-License-Identifier: Apache-2.0
/*
 * rpc_mdssvc.c: module rpc_mdssvc: how macOS searches shares (Spotlight). The interface is Apple's
 * and not documented. A share that cannot be searched has the null handle, and the client goes
 * through its folders by itself.
 */
#include "mdssvc.h"

#include <errno.h>
#include <stdlib.h>

#define PATH_SIZE   1025        /* of the strings, with their terminators: on the wire, always */
#define FLAGS       0x6b000001u /* what servers of macOS say that they can */
#define NO_ANSWER   UINT32_MAX
#define BLOB_MAX    (1u << 20)
#define REPLY_LEAST 4096u

static const struct smb3_rpc_handle no_handle;

static void handle_free(void *object)
{
	struct spot_handle *h = object;

	free(h->share);
	free(h);
}

static const struct smb3_rpc_handle_type share_handle = { .name = "share", .free = handle_free };

/* ---- handles ---- */

/* A handle, and the numbers that follow it: status, device, and such. *ret_h: NULL for the null
 * one. */
static uint32_t get_head(struct smb3_rpc_call *call, unsigned int n_numbers,
			 struct smb3_rpc_handle *ret_handle, struct spot_handle **ret_h)
{
	*ret_handle = smb3_ndr_handle(call->in);
	*ret_h = NULL;
	for (unsigned int i = 0; i < n_numbers; i++)
		(void)smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!memcmp(ret_handle, &no_handle, sizeof(no_handle)))
		return SMB3_RPC_OK;
	*ret_h = smb3_rpc_handle_find(call, &share_handle, ret_handle);
	return *ret_h ? SMB3_RPC_OK : SMB3_RPC_FAULT_PROTOCOL;
}

static bool may_search(struct smb3_rpc_call *call, const struct spot_handle *h)
{
	struct smb3_builder in = smb3_builder_arena(call->arena, SPOT_ASK_MAX);
	struct smb3_cursor answer;

	smb3_put_u8(&in, SPOT_OPEN);
	smb3_put_u64(&in, h->volume);
	smb3_put_text(&in, h->share);
	return !smb3_rpc_ask(call, SMB3_ASK_SPOTLIGHT, &in, &answer);
}

/* False: that share has no handle. */
static bool new_handle(struct smb3_rpc_call *call, const char *share,
		       struct smb3_rpc_handle *ret_handle)
{
	struct spot_handle *h = smb3_alloc(sizeof(*h));

	smb3_random(&h->volume, sizeof(h->volume));
	h->share = smb3_strdup(share);
	if (may_search(call, h) && smb3_rpc_handle_new(call, &share_handle, h, ret_handle))
		return true;
	handle_free(h);
	return false;
}

/* ---- procedures ---- */

static void put_path(struct smb3_ndr_out *out, const char *path)
{
	uint32_t len = (uint32_t)strlen(path) + 1;

	smb3_ndr_put_u32(out, PATH_SIZE);
	smb3_ndr_put_u32(out, 0);
	smb3_ndr_put_u32(out, len);
	smb3_ndr_put_bytes(out, path, len);
}

/* device, two numbers, mount path, share -> the numbers, the share's path, handle. The path is what
 * paths of results and of queries begin with; where the share really lies is nobody's business. */
static uint32_t open_share(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle handle = no_handle;
	const char *share, *path = "";
	uint32_t numbers[3];

	for (unsigned int i = 0; i < 3; i++)
		numbers[i] = smb3_ndr_u32(call->in);
	(void)smb3_ndr_string(call->in);
	share = smb3_ndr_string(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (strlen(share) + 2 <= PATH_SIZE && new_handle(call, share, &handle))
		path = smb3_arena_printf(call->arena, "/%s", share);
	for (unsigned int i = 0; i < 3; i++)
		smb3_ndr_put_u32(call->out, numbers[i]);
	put_path(call->out, path);
	smb3_ndr_put_handle(call->out, &handle);
	return SMB3_RPC_OK;
}

/* handle, six numbers -> status, flags, a number */
static uint32_t unknown1(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle handle;
	struct spot_handle *h;
	uint32_t fault = get_head(call, 6, &handle, &h);

	smb3_ndr_put_u32(call->out, 0);
	smb3_ndr_put_u32(call->out, h ? FLAGS : 0);
	smb3_ndr_put_u32(call->out, 0);
	return fault;
}

/* length, size, bytes: a packet. NULL: there is none. */
static const uint8_t *get_blob(struct smb3_ndr_in *in, uint32_t *ret_len)
{
	uint32_t length = smb3_ndr_u32(in), size = smb3_ndr_u32(in);

	*ret_len = length;
	if (!smb3_ndr_ptr(in))
		return NULL;
	if (size > BLOB_MAX || smb3_ndr_conformance(in, size) != size ||
	    smb3_ndr_variance(in, size) != length)
		smb3_ndr_bad(in);
	return smb3_ndr_bytes(in, length);
}

static void put_answer(struct smb3_ndr_out *out, const struct smb3_builder *b)
{
	uint32_t len = b ? (uint32_t)b->len : 0;

	smb3_ndr_put_u32(out, 0); /* fragment: none follows */
	smb3_ndr_put_u32(out, len);
	smb3_ndr_put_u32(out, len);
	smb3_ndr_put_ptr(out, b != NULL);
	if (b) {
		smb3_ndr_put_u32(out, len);
		smb3_ndr_put_u32(out, 0);
		smb3_ndr_put_u32(out, len);
		smb3_ndr_put_bytes(out, b->data, len);
	}
}

/* handle, five numbers, a packet, six numbers, of which the second is what the client has room for
 * -> fragment, a packet, status. What is no packet has no answer, and no fault. */
static uint32_t command(struct smb3_rpc_call *call)
{
	struct smb3_ndr_in *in = call->in;
	struct smb3_builder reply = { .bad = true };
	struct smb3_rpc_handle handle;
	struct spot_handle *h;
	uint32_t fault = get_head(call, 5, &handle, &h), len, room = 0;
	const struct sl_value *values;
	const uint8_t *packet;

	if (fault)
		return fault;
	packet = get_blob(in, &len);
	for (unsigned int i = 0; i < 6; i++) {
		uint32_t n = smb3_ndr_u32(in);

		room = i == 1 ? n : room;
	}
	if (!smb3_ndr_ok(in))
		return SMB3_RPC_FAULT_NDR;
	values = h && packet ? sl_decode(call->arena, packet, len) : NULL;
	if (values)
		reply = command_run(call, h, values, room < REPLY_LEAST ? REPLY_LEAST : room);
	put_answer(call->out, smb3_builder_ok(&reply) ? &reply : NULL);
	smb3_ndr_put_u32(call->out, h && !smb3_builder_ok(&reply) ? NO_ANSWER : 0);
	return SMB3_RPC_OK;
}

static void close_volume(struct smb3_rpc_call *call, const struct spot_handle *h)
{
	struct smb3_builder in = smb3_builder_arena(call->arena, SPOT_ASK_MAX);
	struct smb3_cursor answer;

	smb3_put_u8(&in, SPOT_CLOSE);
	smb3_put_u64(&in, h->volume);
	smb3_put_text(&in, h->share);
	(void)smb3_rpc_ask(call, SMB3_ASK_SPOTLIGHT, &in, &answer);
}

/* handle, four numbers -> the handle, as it was, status */
static uint32_t close_share(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle handle;
	struct spot_handle *h;
	uint32_t fault = get_head(call, 4, &handle, &h);

	if (fault)
		return fault;
	if (h) {
		close_volume(call, h);
		(void)smb3_rpc_handle_close(call, &share_handle, &handle);
	}
	smb3_ndr_put_handle(call->out, &handle);
	smb3_ndr_put_u32(call->out, 0);
	return SMB3_RPC_OK;
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

#define OPTION(opt, kind, def, lo, hi, text)                                                   \
	{                                                                                      \
		.name = #opt, .type = kind, .scope = SMB3_GLOBAL,                              \
		.offset = offsetof(struct spot_conf, opt), .value = def, .min = lo, .max = hi, \
		.help = text,                                                                  \
	}

static const struct smb3_option options[] = {
	{ .name = "spotlight",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_GLOBAL | SMB3_SHARE,
	  .offset = offsetof(struct spot_conf, spotlight),
	  .value = "false",
	  .help = "Clients of macOS may have the server search the share." },
	OPTION(queries, SMB3_OPT_INT, "8", 1, 1000, "Searches that one session may have open."),
	OPTION(volumes, SMB3_OPT_INT, "8", 1, 1000,
	       "Shares that one session may have open for searching."),
	OPTION(results, SMB3_OPT_INT, "10000", 1, 10000000, "Files that one search finds at most."),
	OPTION(query_time, SMB3_OPT_TIME, "30s", 100, 3600 * 1000,
	       "How long the server works for one search; then what was found is all."),
	OPTION(idle, SMB3_OPT_TIME, "5m", 1000, 86400 * 1000,
	       "How long a search, and what the client was told, is kept when nobody asks for it."),
	OPTION(remember, SMB3_OPT_SIZE, "1M", 4096, 1 << 30,
	       "Memory, per session and share, for names that the client was told, by which it asks "
	       "for more about these files; the oldest are forgotten."),
	SMB3_OPTION_END,
};

static const struct smb3_provide provides[] = {
	SMB3_RPC(&mdssvc),
	SMB3_ASK(SMB3_ASK_SPOTLIGHT, &spot_ask),
	SMB3_HOOK(&spot_tick),
	SMB3_END,
};
static const char *const needs[] = { "rpc", NULL };

SMB3_MODULE(rpc_mdssvc, .summary = "searches shares for macOS", .needs = needs, .options = options,
	    .conf_size = sizeof(struct spot_conf), .provides = provides, .init = spot_init,
	    .stop = spot_stop, .fini = spot_fini);
