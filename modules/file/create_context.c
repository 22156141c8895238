// SPDX-License-Identifier: Apache-2.0
/*
 * create_context.c: the chain of create contexts, and those that say what an object is.
 * [MS-SMB2] 2.2.13.2, 2.2.14.2, 3.3.5.9
 */
#include "file.h"

#define CONTEXT_HEADER 16
#define CONTEXT_ALIGN  8

/* ---- the chain ---- */

static const struct smb3_createctx *context_row(struct smb3_server *server, struct smb3_cursor *tag)
{
	size_t count, len = smb3_cursor_left(tag);
	const struct smb3_provide *const *rows = smb3_rows(server, SMB3_KIND_CREATECTX, &count);

	for (size_t i = 0; i < count; i++) {
		const struct smb3_createctx *row = rows[i]->row;

		if (row->tag_len == len && !memcmp(row->tag, tag->base, len))
			return row;
	}
	return NULL;
}

static bool context_seen(const struct create *cr, const struct smb3_createctx *row)
{
	for (const struct smb3_create_use *use = cr->c.contexts; use; use = use->next)
		if (use->row == row)
			return true;
	return false;
}

/* One context that is known; the first of a kind counts. */
static ntstatus context_add(struct create *cr, const struct smb3_createctx *row,
			    struct smb3_cursor *data)
{
	struct smb3_create_use *use, **end = &cr->c.contexts;
	void *state = NULL;
	ntstatus status;

	if (context_seen(cr, row))
		return STATUS_SUCCESS;
	status = row->parse(&cr->c, data, &state);
	if (status)
		return status;
	use = smb3_arena_alloc(cr->c.req->arena, sizeof(*use));
	use->row = row;
	use->state = state;
	while (*end)
		end = &(*end)->next;
	*end = use;
	return STATUS_SUCCESS;
}

/* entry is one context, up to the next one or the end of the chain. */
static ntstatus context_parse(struct create *cr, struct smb3_cursor entry)
{
	struct smb3_cursor tag, data;
	const struct smb3_createctx *row;
	uint16_t tag_at, tag_len, data_at;
	uint32_t data_len;

	smb3_get_skip(&entry, 4); /* Next */
	tag_at = smb3_get_u16(&entry);
	tag_len = smb3_get_u16(&entry);
	smb3_get_skip(&entry, 2); /* Reserved */
	data_at = smb3_get_u16(&entry);
	data_len = smb3_get_u32(&entry);
	tag = smb3_cursor_sub(&entry, tag_at, tag_len);
	data = smb3_cursor_sub(&entry, data_at, data_len);
	if (!smb3_cursor_ok(&entry) || tag_len < 4 || tag_at < CONTEXT_HEADER ||
	    (data_len && data_at < CONTEXT_HEADER))
		return STATUS_INVALID_PARAMETER;
	row = context_row(cr->c.req->server, &tag);
	return row ? context_add(cr, row, &data) : STATUS_SUCCESS;
}

ntstatus create_parse_contexts(struct create *cr, struct smb3_cursor chain)
{
	ntstatus status = STATUS_SUCCESS;

	while (smb3_cursor_left(&chain) && !status) {
		struct smb3_cursor peek = chain;
		uint32_t left = (uint32_t)smb3_cursor_left(&chain), next = smb3_get_u32(&peek);

		if (left < CONTEXT_HEADER || next > left || next % CONTEXT_ALIGN ||
		    (next && next < CONTEXT_HEADER))
			return STATUS_INVALID_PARAMETER;
		if (!next)
			next = left;
		status = context_parse(cr, smb3_cursor_init(chain.pos, next));
		smb3_get_skip(&chain, next);
	}
	return status;
}

/* True when the row has something to say; it then stands complete at the end of out. */
static bool context_put(struct create *cr, const struct smb3_create_use *use,
			struct smb3_builder *out)
{
	size_t start = out->len, data;

	smb3_put_u32(out, 0); /* Next */
	smb3_put_u16(out, CONTEXT_HEADER);
	smb3_put_u16(out, (uint16_t)use->row->tag_len);
	smb3_put_zero(out, 8); /* Reserved, DataOffset, DataLength */
	smb3_put_bytes(out, use->row->tag, use->row->tag_len);
	smb3_put_align(out, CONTEXT_ALIGN);
	data = out->len;
	if (!use->row->reply || !use->row->reply(&cr->c, use->state, out)) {
		smb3_builder_cut(out, start);
		return false;
	}
	if (out->len > data)
		smb3_set_u16(out, start + 10, (uint16_t)(data - start));
	smb3_set_u32(out, start + 12, (uint32_t)(out->len - data));
	return true;
}

/* CreateContextsOffset, CreateContextsLength, and the chain. */
void create_put_contexts(struct create *cr, struct smb3_builder *out)
{
	size_t field = out->len, first = field + 8, last = 0;

	smb3_put_zero(out, 8);
	for (const struct smb3_create_use *use = cr->c.contexts; use; use = use->next) {
		size_t start = (out->len + CONTEXT_ALIGN - 1) & ~(size_t)(CONTEXT_ALIGN - 1);
		size_t end = out->len;

		smb3_put_align(out, CONTEXT_ALIGN);
		if (!context_put(cr, use, out)) {
			smb3_builder_cut(out, end);
			continue;
		}
		if (last)
			smb3_set_u32(out, last, (uint32_t)(start - last));
		last = start;
	}
	if (!last)
		return;
	smb3_set_u32(out, field, (uint32_t)(SMB2_HEADER_SIZE + first));
	smb3_set_u32(out, field + 4, (uint32_t)(out->len - first));
}

/* ---- MxAc: what could I have? 2.2.13.2.5 ---- */

struct mxac {
	smb3_nttime known; /* the client has an answer that is valid unless the file is newer */
};

static ntstatus mxac_parse(struct smb3_create *c, struct smb3_cursor *data, void **ret_state)
{
	size_t len = smb3_cursor_left(data);
	struct mxac *m;

	if (len != 0 && len != sizeof(uint64_t))
		return STATUS_INVALID_PARAMETER;
	m = smb3_arena_alloc(c->req->arena, sizeof(*m));
	m->known = len ? smb3_get_u64(data) : 0;
	*ret_state = m;
	return STATUS_SUCCESS;
}

static bool mxac_reply(struct smb3_create *c, void *state, struct smb3_builder *out)
{
	const struct mxac *m = state;
	bool known = m->known && m->known == c->stat.written;

	smb3_put_u32(out, known ? STATUS_NONE_MAPPED : STATUS_SUCCESS);
	smb3_put_u32(out, known ? 0 : c->maximal);
	return true;
}

const struct smb3_createctx createctx_mxac = {
	.name = "MxAc",
	.tag = "MxAc",
	.tag_len = 4,
	.parse = mxac_parse,
	.reply = mxac_reply,
};

/* ---- QFid: the same number as FileInternalInformation, or clients lose track ---- */

static ntstatus qfid_parse(struct smb3_create *c, struct smb3_cursor *data, void **ret_state)
{
	*ret_state = c;
	return smb3_cursor_left(data) ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

static bool qfid_reply(struct smb3_create *c, void *state, struct smb3_builder *out)
{
	smb3_put_u64(out, c->stat.ino);
	smb3_put_u64(out, c->stat.dev);
	smb3_put_zero(out, 16);
	return true;
}

const struct smb3_createctx createctx_qfid = {
	.name = "QFid",
	.tag = "QFid",
	.tag_len = 4,
	.parse = qfid_parse,
	.reply = qfid_reply,
};

/* ---- AlSi: room to reserve. 2.2.13.2.6 ---- */

static ntstatus alsi_parse(struct smb3_create *c, struct smb3_cursor *data, void **ret_state)
{
	if (smb3_cursor_left(data) != sizeof(uint64_t))
		return STATUS_INVALID_PARAMETER;
	c->alloc = smb3_get_u64(data);
	*ret_state = c;
	return c->alloc > INT64_MAX ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

const struct smb3_createctx createctx_alsi = {
	.name = "AlSi",
	.tag = "AlSi",
	.tag_len = 4,
	.parse = alsi_parse,
};

/* ---- TWrp: a previous version. 2.2.13.2.7 ---- */

static ntstatus twrp_parse(struct smb3_create *c, struct smb3_cursor *data, void **ret_state)
{
	if (smb3_cursor_left(data) != sizeof(uint64_t))
		return STATUS_INVALID_PARAMETER;
	c->snapshot = smb3_get_u64(data);
	*ret_state = c;
	return STATUS_SUCCESS;
}

const struct smb3_createctx createctx_twrp = {
	.name = "TWrp",
	.tag = "TWrp",
	.tag_len = 4,
	.parse = twrp_parse,
};
