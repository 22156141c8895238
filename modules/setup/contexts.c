// SPDX-License-Identifier: Apache-2.0
/*
 * contexts.c: the negotiate contexts of 3.1.1 are handed to the rows that own them.
 * [MS-SMB2] 2.2.3.1, 2.2.4.1, 3.3.5.4
 */
#include "setup.h"

#define SEEN_MAX 32

struct contexts {
	uint16_t seen[SEEN_MAX]; /* types, of rows that are loaded or not */
	size_t n;
};

static bool contexts_has(const struct contexts *all, uint16_t type)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->seen[i] == type)
			return true;
	return false;
}

static ntstatus context_parse(struct smb3_req *req, struct contexts *all, struct smb3_cursor *c)
{
	uint16_t type = smb3_get_u16(c), len = smb3_get_u16(c);
	const struct smb3_negctx *row = smb3_row(req->server, SMB3_KIND_NEGCTX, type);
	struct smb3_cursor data;

	smb3_get_u32(c);
	data = smb3_cursor_sub(c, smb3_cursor_at(c), len);
	smb3_get_skip(c, len);
	if (!smb3_cursor_ok(c))
		return STATUS_INVALID_PARAMETER;
	if (contexts_has(all, type) || all->n == SEEN_MAX)
		return STATUS_INVALID_PARAMETER;
	all->seen[all->n++] = type;
	return row ? row->parse(req->conn, &data) : STATUS_SUCCESS; /* unknown ones are ignored */
}

static ntstatus contexts_missing(struct smb3_req *req, const struct contexts *all)
{
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(req->server, SMB3_KIND_NEGCTX, &n);

	for (size_t i = 0; i < n; i++) {
		const struct smb3_negctx *row = rows[i]->row;

		if (contexts_has(all, row->type))
			continue;
		if (row->required)
			return smb3_req_deny(req, STATUS_INVALID_PARAMETER,
					     "no negotiate context %s", row->name);
		if (row->absent)
			row->absent(req->conn);
	}
	return STATUS_SUCCESS;
}

ntstatus contexts_parse(struct smb3_req *req, uint32_t offset, uint16_t count)
{
	struct smb3_cursor c = req->body;
	struct contexts all = { .n = 0 };

	if (!count)
		return STATUS_INVALID_PARAMETER;
	smb3_cursor_seek(&c, offset);
	for (uint16_t i = 0; i < count; i++) {
		ntstatus status;

		if (i) /* each starts at a multiple of eight */
			smb3_get_skip(&c, -smb3_cursor_at(&c) & 7);
		status = context_parse(req, &all, &c);
		if (status != STATUS_SUCCESS)
			return status;
	}
	return contexts_missing(req, &all);
}

uint16_t contexts_build(struct smb3_req *req)
{
	struct smb3_builder *out = &req->out;
	uint16_t count = 0;
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(req->server, SMB3_KIND_NEGCTX, &n);

	for (size_t i = 0; i < n; i++) {
		const struct smb3_negctx *row = rows[i]->row;
		size_t before = out->len, start;

		smb3_put_align(out, 8);
		start = out->len;
		smb3_put_u16(out, row->type);
		smb3_put_u16(out, 0);
		smb3_put_u32(out, 0);
		if (!row->build || !row->build(req->conn, out)) {
			smb3_builder_cut(out, before);
			continue;
		}
		smb3_set_u16(out, start + 2, (uint16_t)(out->len - start - 8));
		count++;
	}
	return count;
}
