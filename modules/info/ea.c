// SPDX-License-Identifier: Apache-2.0
/*
 * ea.c: extended attributes, kept as xattrs of the "user." kind. [MS-FSCC] 2.4.16
 */
#include "info.h"

#include <errno.h>
#include <strings.h>

#define EA_PREFIX    "user."
#define EA_HEADER    8     /* NextEntryOffset, Flags, EaNameLength, EaValueLength */
#define EA_VALUE_MAX 65535 /* what the length field can say */
#define EA_LIST_MAX  65536 /* what the kernel gives */

/* Names under which the server keeps things of its own. */
static bool is_ours(const char *name)
{
	return !strcasecmp(name, "DOSATTRIB") || !strcasecmp(name, "SmbReparse") ||
	       !strncasecmp(name, "DosStream.", 10) || !strncasecmp(name, "smb3.", 5);
}

/* ---- query ---- */

struct ea_list {
	struct smb3_info_call *call;
	size_t last;
	bool any;
};

/* Appends one; NULL value: the client asked for it by name and it is not there. */
static void put_ea(struct ea_list *list, const char *name, const void *value, size_t len)
{
	struct smb3_builder *out = list->call->out;
	size_t start, name_len = strlen(name);

	if (list->any)
		smb3_put_align(out, 4);
	start = out->len;
	if (list->any)
		smb3_set_u32(out, list->last, (uint32_t)(start - list->last));
	smb3_put_u32(out, 0);
	smb3_put_u8(out, 0); /* Flags */
	smb3_put_u8(out, (uint8_t)name_len);
	smb3_put_u16(out, (uint16_t)len);
	smb3_put_bytes(out, name, name_len + 1);
	smb3_put_bytes(out, value, len);
	list->last = start;
	list->any = true;
}

static int read_ea(struct ea_list *list, const char *xattr, bool asked)
{
	struct smb3_handle *h = list->call->open->handle;
	struct smb3_arena *a = list->call->req->arena;
	uint8_t *value = smb3_arena_alloc(a, EA_VALUE_MAX);
	ssize_t len = smb3_vfs_getxattr(h->mount->top, &list->call->req->ctx, h, xattr, value,
					EA_VALUE_MAX);

	if (len == -ENODATA && asked)
		len = 0;
	else if (len == -ENODATA || len == -ERANGE)
		return 0; /* gone meanwhile, or too large to be told */
	if (len < 0)
		return (int)len;
	put_ea(list, xattr + strlen(EA_PREFIX), value, (size_t)len);
	return 0;
}

/* All that there are. */
static ntstatus query_each(struct ea_list *list)
{
	struct smb3_handle *h = list->call->open->handle;
	char *names = smb3_arena_alloc(list->call->req->arena, EA_LIST_MAX + 1);
	ssize_t len =
		smb3_vfs_listxattr(h->mount->top, &list->call->req->ctx, h, names, EA_LIST_MAX);
	int err = 0;

	if (len == -EOPNOTSUPP)
		len = 0;
	if (len < 0)
		return smb3_status_from_errno((int)len);
	for (const char *name = names; name < names + len && !err; name += strlen(name) + 1) {
		const char *ea = name + strlen(EA_PREFIX);

		if (strncmp(name, EA_PREFIX, strlen(EA_PREFIX)) || is_ours(ea) ||
		    strlen(ea) > UINT8_MAX)
			continue;
		err = read_ea(list, name, false);
	}
	if (err)
		return smb3_status_from_errno(err);
	return list->any ? STATUS_SUCCESS : STATUS_NO_EAS_ON_FILE;
}

/* Those of a FILE_GET_EA_INFORMATION list. 2.4.16.1 */
static ntstatus query_named(struct ea_list *list, struct smb3_cursor in)
{
	struct smb3_arena *a = list->call->req->arena;
	uint32_t next;

	do {
		struct smb3_cursor entry = in;
		const uint8_t *name;
		uint8_t len;
		int err;

		next = smb3_get_u32(&entry);
		len = smb3_get_u8(&entry);
		name = smb3_get_bytes(&entry, len);
		if (!name || !len || memchr(name, 0, len))
			return STATUS_EA_LIST_INCONSISTENT;
		err = read_ea(list, smb3_arena_printf(a, EA_PREFIX "%.*s", len, (const char *)name),
			      true);
		if (err)
			return smb3_status_from_errno(err);
		smb3_get_skip(&in, next);
	} while (next && smb3_cursor_ok(&in));
	return smb3_cursor_ok(&in) ? STATUS_SUCCESS : STATUS_EA_LIST_INCONSISTENT;
}

static ntstatus query_full_ea(struct smb3_info_call *call)
{
	struct ea_list list = { .call = call };

	if (smb3_cursor_left(&call->in))
		return query_named(&list, call->in);
	return query_each(&list);
}

/* ---- set ---- */

struct ea {
	const char *xattr;
	const uint8_t *value;
	uint16_t len;
};

/* One entry; *ret_next is where the following one starts, 0 at the end. */
static ntstatus take_ea(struct smb3_info_call *call, struct smb3_cursor in, struct ea *ret_ea,
			uint32_t *ret_next)
{
	const uint8_t *name;
	uint8_t name_len;

	*ret_next = smb3_get_u32(&in);
	smb3_get_skip(&in, 1); /* Flags */
	name_len = smb3_get_u8(&in);
	ret_ea->len = smb3_get_u16(&in);
	name = smb3_get_bytes(&in, name_len);
	smb3_get_skip(&in, 1);
	ret_ea->value = smb3_get_bytes(&in, ret_ea->len);
	if (!smb3_cursor_ok(&in) || !name_len || memchr(name, 0, name_len))
		return STATUS_EA_LIST_INCONSISTENT;
	ret_ea->xattr =
		smb3_arena_printf(call->req->arena, EA_PREFIX "%.*s", name_len, (const char *)name);
	if (is_ours(ret_ea->xattr + strlen(EA_PREFIX)))
		return STATUS_ACCESS_DENIED;
	return STATUS_SUCCESS;
}

/* The whole list is read once before anything is set, then again to set it. */
static ntstatus walk_eas(struct smb3_info_call *call, bool set)
{
	struct smb3_handle *h = call->open->handle;
	struct smb3_cursor in = call->in;
	uint32_t next = 0;

	do {
		struct ea ea;
		ntstatus status = take_ea(call, in, &ea, &next);
		int err = 0;

		if (!status && set)
			err = smb3_vfs_setxattr(h->mount->top, &call->req->ctx, h, ea.xattr,
						ea.len ? ea.value : NULL, ea.len);
		if (err == -ENODATA) /* taking away what is not there */
			err = 0;
		if (status || err)
			return status ? status : smb3_status_from_errno(err);
		smb3_get_skip(&in, next);
	} while (next && smb3_cursor_ok(&in));
	return smb3_cursor_ok(&in) ? STATUS_SUCCESS : STATUS_EA_LIST_INCONSISTENT;
}

static ntstatus set_full_ea(struct smb3_info_call *call)
{
	ntstatus status = walk_eas(call, false);

	if (!status)
		status = walk_eas(call, true);
	if (!status)
		smb3_changed(call->open, FILE_ACTION_MODIFIED, FILE_NOTIFY_CHANGE_EA);
	return status;
}

const struct smb3_info info_full_ea = {
	.name = "FileFullEaInformation",
	.min_in = 0,
	.min_out = EA_HEADER,
	.query_access = FILE_READ_EA,
	.set_access = FILE_WRITE_EA,
	.query = query_full_ea,
	.set = set_full_ea,
};
