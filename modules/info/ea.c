// SPDX-License-Identifier: Apache-2.0
/*
 * ea.c: extended attributes, kept as xattrs of the "user." kind: FileFullEaInformation,
 * FileEaInformation, and the create context ExtA. Names are found without case.
 * [MS-FSCC] 2.4.12, 2.4.15, [MS-FSA] 2.1.5.12.14, 2.1.5.15.5, [MS-SMB2] 2.2.13.2.1
 */
#include "ea_list.h"
#include "info.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define EA_HEADER    8     /* NextEntryOffset, Flags, EaNameLength, EaValueLength */
#define EA_VALUE_MAX 65535 /* what the length field can say */
#define EA_LIST_MORE 256   /* room for a name that comes meanwhile */
#define EA_TOTAL_MAX (65536 - 5)
#define EA_FIXED     5 /* what an attribute takes besides name and value, as FileEaInformation counts */
#define EA_LIST_HEAD 4 /* and the list itself */

#define SL_RESTART_SCAN        0x01
#define SL_RETURN_SINGLE_ENTRY 0x02
#define SL_INDEX_SPECIFIED     0x04

/* Where the next query of a handle goes on. */
struct ea_scan {
	_Atomic uint32_t next;
};

struct smb3_slot ea_scan_slot = {
	.kind = SMB3_SLOT_OPEN,
	.size = sizeof(struct ea_scan),
};

/* ---- the names that there are ---- */

struct ea_names {
	char *list;
	const char *at, *end;
};

static int names_begin(struct smb3_req *req, struct smb3_handle *h, struct ea_names **ret_names)
{
	struct ea_names *names = smb3_arena_alloc(req->arena, sizeof(*names));
	ssize_t len = smb3_vfs_listxattr(h->mount->top, &req->ctx, h, NULL, 0);

	if (len > 0) {
		size_t room = (size_t)len + EA_LIST_MORE;

		names->list = smb3_arena_alloc(req->arena, room + 1);
		len = smb3_vfs_listxattr(h->mount->top, &req->ctx, h, names->list, room);
	}
	if (len == -EOPNOTSUPP)
		len = 0;
	names->at = names->list;
	names->end = names->list + (len > 0 ? len : 0);
	*ret_names = names;
	return len < 0 ? (int)len : 0;
}

/* The next one that a client may see; NULL at the end. */
static const char *names_next(struct ea_names *names)
{
	while (names->at < names->end) {
		const char *xattr = names->at;

		names->at += strlen(xattr) + 1;
		if (!strncmp(xattr, EA_PREFIX, strlen(EA_PREFIX)) && !ea_is_ours(xattr) &&
		    strlen(xattr) > strlen(EA_PREFIX))
			return xattr;
	}
	return NULL;
}

/* The spelling on disk; as it was asked for when there is none. */
static int names_spell(struct ea_names *names, char xattr[EA_XATTR_SIZE])
{
	const char *found;

	names->at = names->list;
	while ((found = names_next(names)))
		if (strlen(found) < EA_XATTR_SIZE && !strcasecmp(found, xattr)) {
			memcpy(xattr, found, strlen(found) + 1);
			return 0;
		}
	return -ENODATA;
}

/* ---- FileEaInformation ---- */

ntstatus info_ea_total(struct smb3_req *req, struct smb3_handle *h, uint32_t *ret_total)
{
	struct ea_names *names;
	const char *xattr;
	uint64_t total = 0;
	int err = names_begin(req, h, &names);

	while (!err && (xattr = names_next(names))) {
		ssize_t len = smb3_vfs_getxattr(h->mount->top, &req->ctx, h, xattr, NULL, 0);

		if (len < 0 || len > EA_VALUE_MAX)
			continue;
		total += EA_FIXED + strlen(xattr + strlen(EA_PREFIX)) + (size_t)len;
	}
	if (total)
		total += EA_LIST_HEAD;
	*ret_total = total > UINT32_MAX ? UINT32_MAX : (uint32_t)total;
	return smb3_status_from_errno(err);
}

static ntstatus query_ea_size(struct smb3_info_call *call)
{
	uint32_t total = 0;
	ntstatus status = STATUS_SUCCESS;

	if (!call->open->pipe)
		status = info_ea_total(call->req, call->open->handle, &total);
	smb3_put_u32(call->out, total);
	return status;
}

/* ---- query ---- */

struct ea_query {
	struct smb3_info_call *call;
	size_t last;
	bool any;
};

/* Appends one; false when it does not fit any more. */
static bool put_ea(struct ea_query *q, const char *name, const void *value, size_t len)
{
	struct smb3_builder *out = q->call->out;
	size_t start, name_len = strlen(name);

	start = q->any ? (out->len + 3) & ~(size_t)3 : 0;
	if (start + EA_HEADER + name_len + 1 + len > q->call->max)
		return false;
	if (q->any)
		smb3_put_align(out, 4);
	if (q->any)
		smb3_set_u32(out, q->last, (uint32_t)(start - q->last));
	smb3_put_u32(out, 0);
	smb3_put_u8(out, 0); /* Flags */
	smb3_put_u8(out, (uint8_t)name_len);
	smb3_put_u16(out, (uint16_t)len);
	smb3_put_bytes(out, name, name_len + 1);
	smb3_put_bytes(out, value, len);
	q->last = start;
	q->any = true;
	return true;
}

/* What did not fit in the room that the client has. */
static ntstatus overflow(const struct ea_query *q)
{
	return q->any ? STATUS_BUFFER_OVERFLOW : STATUS_BUFFER_TOO_SMALL;
}

/* One that is gone meanwhile, or too large to be told, is left out unless it was asked for. */
static ntstatus query_one(struct ea_query *q, const char *xattr, bool asked)
{
	struct smb3_handle *h = q->call->open->handle;
	uint8_t *value = smb3_realloc(NULL, EA_VALUE_MAX);
	ssize_t len =
		smb3_vfs_getxattr(h->mount->top, &q->call->req->ctx, h, xattr, value, EA_VALUE_MAX);
	ntstatus status = STATUS_SUCCESS;

	if (len == -ENODATA && asked)
		len = 0;
	if (len < 0 && len != -ENODATA && len != -ERANGE)
		status = smb3_status_from_errno((int)len);
	else if (len >= 0 && !put_ea(q, xattr + strlen(EA_PREFIX), value, (size_t)len))
		status = overflow(q);
	free(value);
	return status;
}

/* Where the scan begins, as an index from 0. */
static uint32_t scan_start(const struct smb3_info_call *call)
{
	const struct ea_scan *scan = smb3_slot(&ea_scan_slot, call->open);

	if (call->flags & SL_INDEX_SPECIFIED)
		return call->additional ? call->additional - 1 : 0;
	return call->flags & SL_RESTART_SCAN ? 0 : atomic_load(&scan->next);
}

static ntstatus scan_nothing(const struct smb3_info_call *call, uint32_t count)
{
	if (!count)
		return STATUS_NO_EAS_ON_FILE;
	return call->flags & SL_INDEX_SPECIFIED ? STATUS_NONEXISTENT_EA_ENTRY : STATUS_NO_MORE_EAS;
}

static ntstatus query_scan(struct ea_query *q)
{
	struct smb3_info_call *call = q->call;
	struct ea_scan *scan = smb3_slot(&ea_scan_slot, call->open);
	uint32_t start = scan_start(call), at = 0;
	struct ea_names *names;
	const char *xattr;
	ntstatus status =
		smb3_status_from_errno(names_begin(call->req, call->open->handle, &names));

	while (!status && (xattr = names_next(names))) {
		if (at++ < start)
			continue;
		status = query_one(q, xattr, false);
		if (!status)
			atomic_store(&scan->next, at);
		if (q->any && call->flags & SL_RETURN_SINGLE_ENTRY)
			return status;
	}
	if (!status && !q->any)
		status = scan_nothing(call, at);
	return status;
}

/* Those of a FILE_GET_EA_INFORMATION list, found or not, in its order. 2.4.15.1 */
static ntstatus query_list(struct ea_query *q, struct smb3_cursor in)
{
	struct ea_names *names;
	ntstatus status = ea_check(in, true);

	if (!status)
		status = smb3_status_from_errno(
			names_begin(q->call->req, q->call->open->handle, &names));
	while (!status && smb3_cursor_left(&in)) {
		struct ea ea;

		status = ea_next(&in, true, &ea);
		if (status)
			break;
		if (names_spell(names, ea.xattr))
			status = put_ea(q, ea.xattr + strlen(EA_PREFIX), "", 0) ? STATUS_SUCCESS :
										  overflow(q);
		else
			status = query_one(q, ea.xattr, true);
	}
	return status;
}

static ntstatus query_full_ea(struct smb3_info_call *call)
{
	struct ea_query q = { .call = call };

	if (smb3_cursor_left(&call->in))
		return query_list(&q, call->in);
	return query_scan(&q);
}

/* ---- set ---- */

static ntstatus set_status(int err)
{
	switch (-err) {
	case ENODATA: /* taking away what is not there */
		return STATUS_SUCCESS;
	case EOPNOTSUPP:
		return STATUS_EAS_NOT_SUPPORTED;
	default:
		return smb3_status_from_errno(err);
	}
}

/* What the file has and what the list brings, as if nothing were replaced. */
static ntstatus check_total(struct smb3_req *req, struct smb3_handle *h, struct smb3_cursor in)
{
	uint32_t total;
	ntstatus status = info_ea_total(req, h, &total);

	while (!status && smb3_cursor_left(&in)) {
		struct ea ea;

		status = ea_next(&in, false, &ea);
		if (ea.len)
			total += EA_FIXED + (uint32_t)strlen(ea.xattr) + ea.len;
		if (total > EA_TOTAL_MAX)
			status = STATUS_EA_TOO_LARGE;
	}
	return status;
}

static ntstatus set_list(struct smb3_req *req, struct smb3_handle *h, struct smb3_cursor in)
{
	struct ea_names *names;
	int err = names_begin(req, h, &names);
	ntstatus status = err ? set_status(err) : check_total(req, h, in);

	while (!status && smb3_cursor_left(&in)) {
		struct ea ea;

		status = ea_next(&in, false, &ea);
		if (status)
			break;
		names_spell(names, ea.xattr);
		status = set_status(smb3_vfs_setxattr(h->mount->top, &req->ctx, h, ea.xattr,
						      ea.len ? ea.value : NULL, ea.len));
	}
	return status;
}

static ntstatus set_full_ea(struct smb3_info_call *call)
{
	ntstatus status = ea_check(call->in, false);

	if (!status && call->stat->attributes & FILE_ATTRIBUTE_REPARSE_POINT)
		status = STATUS_EAS_NOT_SUPPORTED;
	return status ? status : set_list(call->req, call->open->handle, call->in);
}

/* ---- ExtA: what a new file is given ---- */

static ntstatus exta_parse(struct smb3_create *c, struct smb3_cursor *data, void **ret_state)
{
	struct smb3_cursor *list = smb3_arena_alloc(c->req->arena, sizeof(*list));

	*list = *data;
	*ret_state = list;
	return ea_check(*data, false);
}

static ntstatus exta_opened(struct smb3_create *c, void *state)
{
	const struct smb3_cursor *list = state;

	if (c->action == FILE_OPENED)
		return STATUS_SUCCESS;
	return set_list(c->req, c->open->handle, *list);
}

const struct smb3_createctx createctx_exta = {
	.name = "ExtA",
	.tag = "ExtA",
	.tag_len = 4,
	.parse = exta_parse,
	.opened = exta_opened,
};

const struct smb3_info info_ea_size = {
	.name = "FileEaInformation",
	.min_out = 4,
	.flags = SMB3_INFO_PIPE_OK,
	.query = query_ea_size,
};

const struct smb3_info info_full_ea = {
	.name = "FileFullEaInformation",
	.min_in = 0,
	.min_out = EA_HEADER,
	.flags = SMB3_INFO_WANTS_STAT,
	.query_access = FILE_READ_EA,
	.set_access = FILE_WRITE_EA,
	.query = query_full_ea,
	.set = set_full_ea,
};
