// SPDX-License-Identifier: Apache-2.0
/*
 * dir.c: module dir: QUERY_DIRECTORY. [MS-SMB2] 2.2.33, 2.2.34, 3.3.5.18
 */
#include "dir.h"

#include <stdlib.h>

#define QUERY_BUFFER   (SMB2_HEADER_SIZE + 32)
#define QUERY_REPLY    9 /* StructureSize; 8 bytes and the entries */
#define QUERY_REPLY_AT (SMB2_HEADER_SIZE + 8)

struct wanted {
	uint8_t class, flags;
	uint32_t index, max;
	const char *pattern;
};

/* A component of a name, wildcards allowed, or "", ".", "..". [MS-FSA] 2.1.5.6.3 */
static bool pattern_good(const char *pattern)
{
	for (const char *s = pattern; *s; s++)
		if ((unsigned char)*s < 0x20 || strchr("/\\:|", *s))
			return false;
	return smb3_utf16_size(pattern) <= SMB3_NAME_MAX * sizeof(uint16_t);
}

static ntstatus query_decode(struct smb3_req *req, struct wanted *w)
{
	struct smb3_cursor in = req->body, pattern;
	uint16_t at, len;

	smb3_get_skip(&in, 2); /* StructureSize */
	w->class = smb3_get_u8(&in);
	w->flags = smb3_get_u8(&in);
	w->index = smb3_get_u32(&in);
	smb3_get_skip(&in, 16); /* FileId */
	at = smb3_get_u16(&in);
	len = smb3_get_u16(&in);
	w->max = smb3_get_u32(&in);
	pattern = smb3_cursor_sub(&in, at, len);
	if (!smb3_cursor_ok(&in) || (len && at < QUERY_BUFFER) || len % 2)
		return STATUS_INVALID_PARAMETER;
	w->pattern = smb3_utf16_to_utf8(req->arena, pattern.base, len);
	if (!w->pattern || !pattern_good(w->pattern))
		return STATUS_OBJECT_NAME_INVALID;
	return STATUS_SUCCESS;
}

static ntstatus query_check(struct smb3_req *req, const struct wanted *w,
			    const struct smb3_info **ret_row)
{
	const struct smb3_info *row;

	if (req->open->pipe || !req->open->directory)
		return STATUS_INVALID_PARAMETER;
	row = smb3_row(req->server, SMB3_KIND_INFO, (uint64_t)SMB3_INFO_DIRECTORY << 8 | w->class);
	if (!row || !row->entry)
		return STATUS_INVALID_INFO_CLASS;
	if (w->max > req->conn->max_transact)
		return STATUS_INVALID_PARAMETER;
	if (!(req->open->access & FILE_LIST_DIRECTORY))
		return STATUS_ACCESS_DENIED;
	if (w->max < row->min_out)
		return STATUS_INFO_LENGTH_MISMATCH;
	*ret_row = row;
	return smb3_req_charge(req, w->max);
}

static void state_free(struct smb3_dir_state *state)
{
	free(state->pattern);
	free(state);
}

static void state_rewind(struct smb3_dir_state *state)
{
	state->dots = 0;
	state->ended = false;
	state->cookie = 0;
	state->index = 0;
}

/* Goes on behind the entry with that index; not where that is long ago, or unknown. */
static void state_resume(struct smb3_dir_state *state, uint32_t index)
{
	if (!index || index > state->index || state->index - index >= DIR_RECENT)
		return;
	state->dots = state->recent[index % DIR_RECENT].dots;
	state->cookie = state->recent[index % DIR_RECENT].cookie;
	state->index = index;
}

static void state_search(struct smb3_dir_state *state, const char *pattern)
{
	free(state->pattern);
	state->pattern = smb3_strdup(*pattern ? pattern : "*");
	state->wild = dir_wild(state->pattern) || !strcmp(state->pattern, ".") ||
		      !strcmp(state->pattern, "..");
	state_rewind(state);
}

/* The pattern stays that of the first query unless the client starts over. */
static struct smb3_dir_state *state_for(struct smb3_open *o, const struct wanted *w)
{
	if (!o->dir) {
		o->dir = smb3_alloc(sizeof(*o->dir));
		o->dir_free = state_free;
		state_search(o->dir, w->pattern);
	} else if (w->flags & SMB2_REOPEN) {
		state_search(o->dir, w->pattern);
		o->dir->answered = false;
	} else if (w->flags & SMB2_RESTART_SCANS) {
		if (*w->pattern)
			state_search(o->dir, w->pattern);
		else
			state_rewind(o->dir);
	} else if (w->flags & SMB2_INDEX_SPECIFIED) {
		state_resume(o->dir, w->index);
	}
	return o->dir;
}

/* NO_SUCH_FILE is an error, NO_MORE_FILES a warning: both are answered like errors. 2.2.2 */
static ntstatus query_empty(struct smb3_req *req)
{
	struct smb3_builder *out = smb3_req_out(req);

	req->payload->len = 0;
	smb3_put_u16(out, 9); /* StructureSize */
	smb3_put_zero(out, 7);
	return req->status;
}

static ntstatus query_done(struct smb3_req *req)
{
	struct dir_query *q = req->state;
	struct smb3_builder *out = smb3_req_out(req);

	if (req->status && req->status != STATUS_BUFFER_OVERFLOW)
		return query_empty(req);
	req->payload->len = q->out.len;
	smb3_put_u16(out, QUERY_REPLY);
	smb3_put_u16(out, QUERY_REPLY_AT);
	smb3_put_u32(out, (uint32_t)q->out.len);
	return req->status;
}

static ntstatus query_run(struct smb3_req *req)
{
	struct dir_query *q = smb3_arena_alloc(req->arena, sizeof(*q));
	struct wanted w = { 0 };
	ntstatus status = query_decode(req, &w);
	struct smb3_buf *buf;

	if (!status)
		status = query_check(req, &w, &q->row);
	if (status)
		return status;
	req->state = q;
	q->state = state_for(req->open, &w);
	q->single = w.flags & SMB2_RETURN_SINGLE_ENTRY;
	buf = smb3_req_payload(req, w.max);
	q->out = smb3_builder_init(buf->data, w.max);
	/* A large folder is not read on the loop. */
	return smb3_req_work(req, dir_scan, query_done,
			     q->state->wild ? SMB3_WORK_SLOW : SMB3_WORK_QUICK);
}

static const struct smb3_command query_directory_command = {
	.name = "QUERY_DIRECTORY",
	.body_size = 33,
	.fileid_offset = 8,
	.flags = SMB3_NEED_SESSION | SMB3_NEED_TREE | SMB3_NEED_OPEN | SMB3_DRAINS | SMB3_TRANSFER,
	.run = query_run,
};

static const struct smb3_provide dir_provides[] = {
	SMB3_COMMAND(SMB2_QUERY_DIRECTORY, &query_directory_command),
	SMB3_INFO(SMB3_INFO_DIRECTORY, FileDirectoryInformation, &dir_directory),
	SMB3_INFO(SMB3_INFO_DIRECTORY, FileFullDirectoryInformation, &dir_full),
	SMB3_INFO(SMB3_INFO_DIRECTORY, FileBothDirectoryInformation, &dir_both),
	SMB3_INFO(SMB3_INFO_DIRECTORY, FileNamesInformation, &dir_names),
	SMB3_INFO(SMB3_INFO_DIRECTORY, FileIdBothDirectoryInformation, &dir_id_both),
	SMB3_INFO(SMB3_INFO_DIRECTORY, FileIdFullDirectoryInformation, &dir_id_full),
	SMB3_INFO(SMB3_INFO_DIRECTORY, FileIdExtdDirectoryInformation, &dir_id_extd),
	SMB3_INFO(SMB3_INFO_DIRECTORY, FileIdExtdBothDirectoryInformation, &dir_id_extd_both),
	SMB3_INFO(SMB3_INFO_DIRECTORY, FileId64ExtdDirectoryInformation, &dir_id_64_extd),
	SMB3_INFO(SMB3_INFO_DIRECTORY, FileId64ExtdBothDirectoryInformation, &dir_id_64_extd_both),
	SMB3_INFO(SMB3_INFO_DIRECTORY, FileIdAllExtdDirectoryInformation, &dir_id_all_extd),
	SMB3_INFO(SMB3_INFO_DIRECTORY, FileIdAllExtdBothDirectoryInformation,
		  &dir_id_all_extd_both),
	SMB3_END,
};

SMB3_MODULE(dir, .summary = "lists folders", .provides = dir_provides);
