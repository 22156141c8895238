// SPDX-License-Identifier: Apache-2.0
/*
 * file.c: the classes that say what a file is. [MS-FSCC] 2.4, [MS-FSA] 2.1.5.12
 */
#include "info.h"

#include <errno.h>
#include <sys/stat.h>

#define PIPE_ALLOCATED 4096

/* Also when the name is gone already, and only opens keep the file. */
static bool delete_pending(const struct smb3_info_call *call)
{
	return info_delete_pending(call->open) || !call->stat->links;
}

/* Other names of a folder are not counted: "." and ".." are no links to a client; and a name
 * that is about to go counts no more. */
static uint32_t link_count(const struct smb3_info_call *call)
{
	uint32_t links = S_ISDIR(call->stat->mode) ? 1 : call->stat->links;

	return links && delete_pending(call) ? links - 1 : links;
}

static void put_standard(const struct smb3_info_call *call)
{
	struct smb3_builder *out = call->out;

	smb3_put_u64(out, call->open->pipe ? PIPE_ALLOCATED : call->stat->alloc);
	smb3_put_u64(out, call->stat->size);
	smb3_put_u32(out, call->open->pipe ? 1 : link_count(call));
	smb3_put_u8(out, delete_pending(call));
	smb3_put_u8(out, call->open->directory);
	smb3_put_u16(out, 0); /* Reserved */
}

static ntstatus query_standard(struct smb3_info_call *call)
{
	put_standard(call);
	return STATUS_SUCCESS;
}

static ntstatus query_internal(struct smb3_info_call *call)
{
	const struct smb3_open *o = call->open;

	smb3_put_u64(call->out, o->pipe ? o->volatile_id : call->stat->ino);
	return STATUS_SUCCESS;
}

static ntstatus query_access(struct smb3_info_call *call)
{
	smb3_put_u32(call->out, call->open->access);
	return STATUS_SUCCESS;
}

static ntstatus query_alignment(struct smb3_info_call *call)
{
	smb3_put_u32(call->out, 0); /* FILE_BYTE_ALIGNMENT */
	return STATUS_SUCCESS;
}

/* The path with backslashes, after its length. */
void info_put_name(const struct smb3_info_call *call, const char *path)
{
	struct smb3_builder *out = call->out;
	size_t at = out->len;

	smb3_put_u32(out, 0);
	smb3_put_utf16(out, path);
	smb3_set_u32(out, at, (uint32_t)(out->len - at - 4));
	for (size_t i = at + 4; i + 1 < out->len; i += 2)
		if (out->data[i] == '/' && !out->data[i + 1])
			out->data[i] = '\\';
}

static ntstatus query_name(struct smb3_info_call *call)
{
	info_put_name(call, smb3_arena_printf(call->req->arena, "/%s",
					      info_shown(call, info_path(call))));
	return STATUS_SUCCESS;
}

static ntstatus query_all(struct smb3_info_call *call)
{
	struct smb3_builder *out = call->out;

	info_put_basic(call);
	put_standard(call);
	query_internal(call);
	info_ea_size.query(call);
	query_access(call);
	smb3_put_u64(out, call->position);
	smb3_put_u32(out, call->mode);
	query_alignment(call);
	return query_name(call);
}

/* One to eight characters, and up to three more behind a dot, of those that DOS allows. */
static bool name_is_short(const char *name)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		"!#$%&'()-@^_`{}~";
	size_t base = strspn(name, allowed), extension;

	if (base < 1 || base > 8 || !name[base])
		return base >= 1 && base <= 8;
	extension = strspn(name + base + 1, allowed);
	return name[base] == '.' && extension >= 1 && extension <= 3 && !name[base + 1 + extension];
}

/* Where 8.3 names are not made a name that is one has no other. */
static ntstatus query_alternate(struct smb3_info_call *call)
{
	const char *parent, *leaf;
	char name[SMB3_SHORT_NAME];

	smb3_name_split(call->req->arena, info_path(call), &parent, &leaf);
	if (*leaf && !smb3_vfs_short_name(call->open->handle->mount->top, leaf, name))
		leaf = name;
	else if (!name_is_short(leaf))
		return STATUS_OBJECT_NAME_NOT_FOUND;
	info_put_name(call, leaf);
	return STATUS_SUCCESS;
}

static ntstatus query_compression(struct smb3_info_call *call)
{
	smb3_put_u64(call->out,
		     call->stat->alloc < call->stat->size ? call->stat->alloc : call->stat->size);
	smb3_put_zero(call->out, 8); /* COMPRESSION_FORMAT_NONE, shifts, Reserved */
	return STATUS_SUCCESS;
}

static ntstatus query_network_open(struct smb3_info_call *call)
{
	smb3_put_times(call->out, call->stat);
	smb3_put_u64(call->out, call->stat->alloc);
	smb3_put_u64(call->out, call->stat->size);
	smb3_put_u32(call->out, smb3_stat_attributes(call->stat));
	smb3_put_u32(call->out, 0); /* Reserved */
	return STATUS_SUCCESS;
}

static ntstatus query_attribute_tag(struct smb3_info_call *call)
{
	smb3_put_u32(call->out, smb3_stat_attributes(call->stat));
	smb3_put_u32(call->out, call->stat->reparse_tag);
	return STATUS_SUCCESS;
}

static ntstatus query_standard_link(struct smb3_info_call *call)
{
	smb3_put_u32(call->out, link_count(call));
	smb3_put_u32(call->out, S_ISDIR(call->stat->mode) ? 1 : call->stat->links);
	smb3_put_u8(call->out, delete_pending(call));
	smb3_put_u8(call->out, call->open->directory);
	smb3_put_u16(call->out, 0); /* Reserved */
	return STATUS_SUCCESS;
}

static ntstatus query_id(struct smb3_info_call *call)
{
	smb3_put_u64(call->out, call->stat->dev);
	smb3_put_u64(call->out, call->stat->ino);
	smb3_put_u64(call->out, 0); /* upper half of FileId */
	return STATUS_SUCCESS;
}

ntstatus info_put_stat(struct smb3_info_call *call)
{
	smb3_put_u64(call->out, call->stat->ino);
	smb3_put_times(call->out, call->stat);
	smb3_put_u64(call->out, call->stat->alloc);
	smb3_put_u64(call->out, call->stat->size);
	smb3_put_u32(call->out, smb3_stat_attributes(call->stat));
	smb3_put_u32(call->out, call->stat->reparse_tag);
	smb3_put_u32(call->out, link_count(call));
	smb3_put_u32(call->out, call->open->access);
	return STATUS_SUCCESS;
}

/* ---- streams ---- */

struct stream_list {
	struct smb3_builder *out;
	size_t last; /* where the last entry starts */
	bool any;
};

static bool put_stream(void *arg, const char *name, uint64_t size, uint64_t alloc)
{
	struct stream_list *list = arg;
	struct smb3_builder *out = list->out;
	size_t start, name_at;

	if (list->any)
		smb3_put_align(out, 8);
	start = out->len;
	if (list->any)
		smb3_set_u32(out, list->last, (uint32_t)(start - list->last));
	smb3_put_zero(out, 8); /* NextEntryOffset, StreamNameLength */
	smb3_put_u64(out, size);
	smb3_put_u64(out, alloc);
	name_at = out->len;
	smb3_put_utf16(out, ":");
	smb3_put_utf16(out, name);
	smb3_put_utf16(out, ":$DATA");
	smb3_set_u32(out, start + 4, (uint32_t)(out->len - name_at));
	list->last = start;
	list->any = true;
	return smb3_builder_ok(out);
}

/* What a handle of a stream tells is the stream's; its file is looked up by its name, which cannot
 * change while the stream is open. */
static ntstatus stat_base(const struct smb3_info_call *call, struct smb3_stat *ret_stat)
{
	const char *path = info_path(call), *colon = strrchr(path, ':'), *parent, *leaf;
	struct smb3_handle *dir = NULL;
	ntstatus status;
	int err;

	if (colon) /* it may have become the unnamed one */
		path = smb3_arena_printf(call->req->arena, "%.*s", (int)(colon - path), path);
	smb3_name_split(call->req->arena, path, &parent, &leaf);
	status = info_reach(call, parent, &dir);
	if (status)
		return status;
	if (*leaf)
		err = smb3_vfs_lookup(dir->mount->top, &call->req->ctx, dir, leaf, ret_stat);
	else
		err = smb3_vfs_stat(dir->mount->top, &call->req->ctx, dir, ret_stat);
	smb3_handle_free(dir);
	return smb3_status_from_errno(err);
}

static ntstatus query_stream(struct smb3_info_call *call)
{
	struct smb3_handle *h = call->open->handle;
	struct stream_list list = { .out = call->out };
	struct smb3_stat st = *call->stat;
	int err;

	if (call->open->file->key.stream) {
		ntstatus status = stat_base(call, &st);

		if (status)
			return status;
	}
	if (!(st.attributes & FILE_ATTRIBUTE_DIRECTORY))
		put_stream(&list, "", st.size, st.alloc);
	err = smb3_vfs_list_streams(h->mount->top, &call->req->ctx, h, put_stream, &list);
	return smb3_status_from_errno(err == -EOPNOTSUPP ? 0 : err);
}

/* ---- rows ---- */

const struct smb3_info info_standard = {
	.name = "FileStandardInformation",
	.min_out = 24,
	.flags = SMB3_INFO_WANTS_STAT | SMB3_INFO_PIPE_OK,
	.query = query_standard,
};

const struct smb3_info info_internal = {
	.name = "FileInternalInformation",
	.min_out = 8,
	.flags = SMB3_INFO_WANTS_STAT | SMB3_INFO_PIPE_OK,
	.query = query_internal,
};

const struct smb3_info info_access = {
	.name = "FileAccessInformation",
	.min_out = 4,
	.flags = SMB3_INFO_PIPE_OK | SMB3_INFO_ON_LOOP,
	.query = query_access,
};

const struct smb3_info info_name = {
	.name = "FileNameInformation",
	.min_out = 8,
	.flags = SMB3_INFO_PIPE_OK,
	.query = query_name,
};

const struct smb3_info info_alignment = {
	.name = "FileAlignmentInformation",
	.min_out = 4,
	.flags = SMB3_INFO_ON_LOOP,
	.query = query_alignment,
};

const struct smb3_info info_all = {
	.name = "FileAllInformation",
	.min_out = 104,
	.flags = SMB3_INFO_WANTS_STAT | SMB3_INFO_PIPE_OK,
	.query_access = FILE_READ_ATTRIBUTES,
	.query = query_all,
};

const struct smb3_info info_alternate = {
	.name = "FileAlternateNameInformation",
	.min_out = 8,
	.flags = SMB3_INFO_ON_LOOP,
	.query = query_alternate,
};

const struct smb3_info info_stream = {
	.name = "FileStreamInformation",
	.min_out = 32,
	.flags = SMB3_INFO_WANTS_STAT,
	.query = query_stream,
};

const struct smb3_info info_compression = {
	.name = "FileCompressionInformation",
	.min_out = 16,
	.flags = SMB3_INFO_WANTS_STAT,
	.query = query_compression,
};

const struct smb3_info info_network_open = {
	.name = "FileNetworkOpenInformation",
	.min_out = 56,
	.flags = SMB3_INFO_WANTS_STAT,
	.query_access = FILE_READ_ATTRIBUTES,
	.query = query_network_open,
};

const struct smb3_info info_attribute_tag = {
	.name = "FileAttributeTagInformation",
	.min_out = 8,
	.flags = SMB3_INFO_WANTS_STAT,
	.query_access = FILE_READ_ATTRIBUTES,
	.query = query_attribute_tag,
};

const struct smb3_info info_standard_link = {
	.name = "FileStandardLinkInformation",
	.min_out = 12,
	.flags = SMB3_INFO_WANTS_STAT,
	.query = query_standard_link,
};

const struct smb3_info info_id = {
	.name = "FileIdInformation",
	.min_out = 24,
	.flags = SMB3_INFO_WANTS_STAT,
	.query = query_id,
};

const struct smb3_info info_stat = {
	.name = "FileStatInformation",
	.min_out = 72,
	.flags = SMB3_INFO_WANTS_STAT,
	.query_access = FILE_READ_ATTRIBUTES,
	.query = info_put_stat,
};
