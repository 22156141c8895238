// SPDX-License-Identifier: Apache-2.0
/*
 * clone.c: ranges that share their blocks. [MS-FSCC] 2.3.7, 2.3.9; [MS-FSA] 2.1.5.10.4, .5
 */
#include "ioctl.h"

#include <errno.h>

#define CLONE_INPUT    40
#define CLONE_INPUT_EX 56
#define UP(size, to)   (((size) + (to)-1) / (to) * (to))
#define EX_SIZE        0x30 /* as the specification has it, one field short */

struct cloning {
	struct smb3_open *source; /* a reference, and counted as working on it */
	uint64_t from, to, len;
	uint64_t dest_size; /* before; it does not grow */
};

static ntstatus clone_decode(struct smb3_fsctl_call *call, struct cloning *cl)
{
	uint64_t persistent = smb3_get_u64(&call->in), volatile_id = smb3_get_u64(&call->in);

	cl->from = smb3_get_u64(&call->in);
	cl->to = smb3_get_u64(&call->in);
	cl->len = smb3_get_u64(&call->in);
	if (cl->from > INT64_MAX || cl->to > INT64_MAX || cl->len > INT64_MAX - cl->from ||
	    cl->len > INT64_MAX - cl->to)
		return STATUS_INVALID_PARAMETER;
	cl->source = smb3_open_find(call->req->session, persistent, volatile_id);
	if (!cl->source)
		return STATUS_INVALID_HANDLE;
	return ioctl_transfer_check(cl->source, call->open, false);
}

/* Nothing is read beyond the end of the source, nor put beyond the last cluster of the
 * destination. */
static void clone_clamp(struct cloning *cl, uint64_t source_size, uint64_t dest_end)
{
	if (cl->from + cl->len > source_size)
		cl->len = cl->from < source_size ? source_size - cl->from : 0;
	if (cl->to + cl->len > dest_end)
		cl->len = cl->to < dest_end ? dest_end - cl->to : 0;
}

/* The end of the source counts as a whole cluster. */
static ntstatus clone_check(struct smb3_fsctl_call *call, struct cloning *cl)
{
	struct smb3_handle *from = cl->source->handle, *to = call->open->handle;
	struct smb3_stat source, dest;
	struct smb3_fsinfo info;
	ntstatus status = ioctl_stat(call, &dest);
	int err = smb3_vfs_stat(from->mount->top, &call->req->ctx, from, &source);

	if (!err)
		err = smb3_vfs_statfs(to->mount->top, &call->req->ctx, to, &info);
	if (status || err)
		return status ? status : smb3_status_from_errno(err);
	if (from->mount != to->mount)
		return STATUS_INVALID_PARAMETER;
	if (!(info.features & FILE_SUPPORTS_BLOCK_REFCOUNTING))
		return STATUS_INVALID_DEVICE_REQUEST;
	if (cl->from % info.block || cl->to % info.block)
		return STATUS_INVALID_PARAMETER;
	if (cl->from + cl->len > UP(source.size, info.block))
		return STATUS_NOT_SUPPORTED;
	if (source.attributes & ~dest.attributes & FILE_ATTRIBUTE_SPARSE_FILE)
		return STATUS_NOT_SUPPORTED;
	clone_clamp(cl, source.size, UP(dest.size, info.block));
	cl->dest_size = dest.size;
	if (cl->source->file == call->open->file && cl->from < cl->to + cl->len &&
	    cl->to < cl->from + cl->len)
		return STATUS_NOT_SUPPORTED;
	return STATUS_SUCCESS;
}

/* Locks of byte ranges do not count here. */
static ntstatus clone_work(struct smb3_req *req)
{
	struct ioctl_req *io = req->state;
	struct cloning *cl = io->state;
	struct smb3_handle *to = req->open->handle;
	ntstatus status = clone_check(&io->call, cl);
	ssize_t n;

	if (status || !cl->len)
		return status;
	n = smb3_vfs_copy(to->mount->top, &req->ctx, cl->source->handle, cl->from, to, cl->to,
			  cl->len, SMB3_COPY_CLONE);
	if (n >= 0 && cl->to + cl->len > cl->dest_size)
		n = smb3_vfs_truncate(to->mount->top, &req->ctx, to, cl->dest_size);
	if (n == -EOPNOTSUPP)
		return STATUS_INVALID_DEVICE_REQUEST;
	return smb3_status_from_errno(n < 0 ? (int)n : 0);
}

static ntstatus clone_done(struct smb3_req *req)
{
	struct ioctl_req *io = req->state;
	struct cloning *cl = io->state;

	smb3_open_work_end(cl->source);
	smb3_open_unref(cl->source);
	ioctl_modified(&io->call);
	return ioctl_done(req);
}

static ntstatus clone_start(struct smb3_fsctl_call *call)
{
	struct cloning *cl = smb3_arena_alloc(call->req->arena, sizeof(*cl));
	struct ioctl_req *io = call->req->state;
	ntstatus status = clone_decode(call, cl);

	if (status) {
		smb3_open_unref(cl->source);
		return status;
	}
	io->state = cl;
	smb3_open_work_begin(cl->source);
	return smb3_req_work(call->req, clone_work, clone_done, SMB3_WORK_SLOW);
}

static ntstatus duplicate_extents(struct smb3_fsctl_call *call)
{
	return smb3_cursor_left(&call->in) < CLONE_INPUT ? STATUS_BUFFER_TOO_SMALL :
							   clone_start(call);
}

/* One step of the kernel's: the source is as it was at one moment, with and without the flag that
 * asks for that. */
static ntstatus duplicate_extents_ex(struct smb3_fsctl_call *call)
{
	uint64_t size;

	if (smb3_cursor_left(&call->in) < CLONE_INPUT_EX)
		return STATUS_BUFFER_TOO_SMALL;
	size = smb3_get_u64(&call->in);
	if (size != EX_SIZE && size != CLONE_INPUT_EX)
		return STATUS_INVALID_PARAMETER;
	return clone_start(call);
}

const struct smb3_fsctl fsctl_duplicate_extents = {
	.name = "FSCTL_DUPLICATE_EXTENTS_TO_FILE",
	.flags = SMB3_FSCTL_FILE,
	.access = FILE_WRITE_DATA,
	.run = duplicate_extents,
};

const struct smb3_fsctl fsctl_duplicate_extents_ex = {
	.name = "FSCTL_DUPLICATE_EXTENTS_TO_FILE_EX",
	.flags = SMB3_FSCTL_FILE,
	.access = FILE_WRITE_DATA,
	.run = duplicate_extents_ex,
};
