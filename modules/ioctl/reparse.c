// SPDX-License-Identifier: Apache-2.0
/*
 * reparse.c: reparse points. [MS-FSCC] 2.1.2, 2.3.5, 2.3.27, 2.3.67; [MS-FSA] 2.1.5.10.2, .14, .37
 *
 * A symbolic link that stays inside the share becomes one of the file system, and those of the file
 * system are shown as what the wire has for them. Everything else that clients set is data: it is
 * kept in an extended attribute and means nothing to the server.
 */
#include "ioctl.h"
#include "reparse.h"

#include <errno.h>
#include <limits.h>
#include <smb3/name.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define NFS_CHR  0x0000000000524843u
#define NFS_BLK  0x00000000004B4C42u
#define NFS_FIFO 0x000000004F464946u
#define NFS_SOCK 0x000000004B434F53u

/* ---- get ---- */

/* The header, with the length of what stands behind it. */
static void put_head(struct smb3_builder *b, uint32_t tag)
{
	smb3_put_u32(b, tag);
	smb3_put_u16(b, 0);
	smb3_put_u16(b, 0); /* Reserved */
}

static void put_nfs(struct smb3_builder *b, const struct smb3_stat *st)
{
	uint64_t type = S_ISCHR(st->mode)  ? NFS_CHR :
			S_ISBLK(st->mode)  ? NFS_BLK :
			S_ISFIFO(st->mode) ? NFS_FIFO :
					     NFS_SOCK;

	put_head(b, IO_REPARSE_TAG_NFS);
	smb3_put_u64(b, type);
	if (type == NFS_CHR || type == NFS_BLK) {
		smb3_put_u32(b, major(st->rdev));
		smb3_put_u32(b, minor(st->rdev));
	}
}

static int put_link(struct smb3_fsctl_call *call, struct smb3_builder *b)
{
	struct smb3_handle *h = call->open->handle;
	char target[PATH_MAX + 1];
	ssize_t n = smb3_vfs_readlink(h->mount->top, &call->req->ctx, h, target, PATH_MAX);

	if (n < 0)
		return (int)n;
	target[n] = '\0';
	put_head(b, IO_REPARSE_TAG_SYMLINK);
	smb3_put_symlink(b, target);
	return 0;
}

static int put_stored(struct smb3_fsctl_call *call, struct smb3_builder *b)
{
	struct smb3_handle *h = call->open->handle;
	uint8_t *blob = smb3_arena_alloc(call->req->arena, SMB3_REPARSE_MAX);
	ssize_t n = smb3_vfs_getxattr(h->mount->top, &call->req->ctx, h, SMB3_REPARSE_XATTR, blob,
				      SMB3_REPARSE_MAX);

	if (n < 0)
		return (int)n;
	smb3_put_bytes(b, blob, (size_t)n);
	return 0;
}

/* The reparse point of an object as it is. */
static ntstatus fetch(struct smb3_fsctl_call *call, struct smb3_builder *b)
{
	struct smb3_stat st;
	ntstatus status = ioctl_stat(call, &st);
	int err = 0;

	if (status)
		return status;
	if (!(st.attributes & FILE_ATTRIBUTE_REPARSE_POINT))
		return STATUS_NOT_A_REPARSE_POINT;
	*b = smb3_builder_arena(call->req->arena, 4 * SMB3_REPARSE_MAX);
	if (S_ISREG(st.mode) || S_ISDIR(st.mode))
		return smb3_status_from_errno(put_stored(call, b));
	if (S_ISLNK(st.mode))
		err = put_link(call, b);
	else
		put_nfs(b, &st);
	if (!err)
		smb3_set_u16(b, 4, (uint16_t)(b->len - SMB3_REPARSE_HEAD));
	return smb3_status_from_errno(err);
}

static ntstatus get_reparse_point(struct smb3_fsctl_call *call)
{
	struct smb3_builder b;
	ntstatus status = fetch(call, &b);

	if (status)
		return status;
	if (b.len <= call->max_out) {
		smb3_put_bytes(call->out, b.data, b.len);
		return STATUS_SUCCESS;
	}
	smb3_put_bytes(call->out, b.data, call->max_out);
	return STATUS_BUFFER_OVERFLOW;
}

/* ---- set and delete ---- */

/* What stands there must be of the same kind. */
static ntstatus check_same(struct smb3_fsctl_call *call, const struct reparse *rp)
{
	struct smb3_builder b;
	struct reparse old;
	ntstatus status = fetch(call, &b);

	if (!status && reparse_parse(b.data, b.len, &old))
		return STATUS_SUCCESS; /* damaged: anything may replace it */
	if (status)
		return status;
	if (old.tag != rp->tag)
		return STATUS_IO_REPARSE_TAG_MISMATCH;
	if (rp->has_guid && memcmp(&old.guid, &rp->guid, sizeof(rp->guid)))
		return STATUS_REPARSE_ATTRIBUTE_CONFLICT;
	return STATUS_SUCCESS;
}

static int mark(struct smb3_fsctl_call *call, bool on)
{
	struct smb3_handle *h = call->open->handle;
	struct smb3_setattr set = { .mask = SMB3_SET_ATTRIBUTES };
	struct smb3_stat st;
	int err = smb3_vfs_stat(h->mount->top, &call->req->ctx, h, &st);

	set.attributes = st.attributes & ~FILE_ATTRIBUTE_REPARSE_POINT;
	if (on)
		set.attributes |= FILE_ATTRIBUTE_REPARSE_POINT;
	return err ? err : smb3_vfs_setattr(h->mount->top, &call->req->ctx, h, &set);
}

/* The attribute comes last and goes first: it never stands without what it means. */
static ntstatus keep(struct smb3_fsctl_call *call, const void *data, size_t len)
{
	struct smb3_handle *h = call->open->handle;
	int err = data ? 0 : mark(call, false);

	if (!err)
		err = smb3_vfs_setxattr(h->mount->top, &call->req->ctx, h, SMB3_REPARSE_XATTR, data,
					len);
	if (!err && data)
		err = mark(call, true);
	return smb3_status_from_errno(err);
}

static ntstatus become(struct smb3_fsctl_call *call, const char *target)
{
	struct smb3_req *req = call->req;
	struct smb3_handle *h = call->open->handle;
	struct smb3_handle *root = smb3_handle_new(h->mount), *dir = root;
	const char *parent, *leaf;
	int err = smb3_vfs_root(h->mount->top, &req->ctx, root);

	smb3_name_split(req->arena, smb3_open_path(call->open, req->arena), &parent, &leaf);
	if (!err && *parent) {
		dir = smb3_handle_new(h->mount);
		err = smb3_vfs_walk(h->mount->top, &req->ctx, root, parent, dir);
		smb3_handle_free(root);
	}
	if (!err)
		err = smb3_vfs_become(h->mount->top, &req->ctx, dir, leaf, h, target);
	smb3_handle_free(dir);
	return smb3_status_from_errno(err);
}

/* Nobody else may have it open, or know it by another name: they would be left behind. */
static bool is_alone(struct smb3_open *o, const struct smb3_stat *st)
{
	bool alone;

	smb3_file_lock(o->file);
	alone = o->file->n_opens == 1;
	smb3_file_unlock(o->file);
	return alone && (S_ISDIR(st->mode) || st->links == 1);
}

/* The Unix link that says the same; NULL: there is none, or the file has contents to lose. */
static const char *unix_target(struct smb3_fsctl_call *call, const struct reparse *rp,
			       const struct smb3_stat *st)
{
	const char *path = smb3_open_path(call->open, call->req->arena), *target;
	bool relative;

	if (rp->tag != IO_REPARSE_TAG_SYMLINK || !*path || strchr(path, ':') || st->size ||
	    !is_alone(call->open, st))
		return NULL;
	if (!reparse_link(rp, call->req->arena, &target, &relative) || !relative)
		return NULL;
	return reparse_unix(call->req->arena, path, target);
}

static bool any_entry(void *arg, const struct smb3_dirent *entry)
{
	*(bool *)arg = true;
	return false;
}

/* [MS-FSA] 2.1.5.10.37 phase 1 */
static ntstatus check_set(struct smb3_fsctl_call *call, const struct reparse *rp)
{
	struct smb3_handle *h = call->open->handle;
	uint64_t cookie = 0;
	bool full = false;
	int err;

	if (rp->tag == IO_REPARSE_TAG_MOUNT_POINT && !call->open->directory)
		return STATUS_NOT_A_DIRECTORY;
	if (!call->open->directory)
		return STATUS_SUCCESS;
	err = smb3_vfs_readdir(h->mount->top, &call->req->ctx, h, &cookie, any_entry, &full);
	if (err < 0)
		return smb3_status_from_errno(err);
	return full ? STATUS_DIRECTORY_NOT_EMPTY : STATUS_SUCCESS;
}

static ntstatus take(struct smb3_fsctl_call *call, struct reparse *rp)
{
	size_t len = smb3_cursor_left(&call->in);

	return reparse_parse(smb3_get_bytes(&call->in, len), len, rp);
}

static bool is_damaged(struct smb3_fsctl_call *call, const struct reparse *rp)
{
	const char *target;
	bool relative;

	return rp->tag == IO_REPARSE_TAG_SYMLINK &&
	       !reparse_link(rp, call->req->arena, &target, &relative);
}

static ntstatus set_reparse_point(struct smb3_fsctl_call *call)
{
	const uint8_t *whole = call->in.pos;
	size_t len = smb3_cursor_left(&call->in);
	struct reparse rp;
	struct smb3_stat st;
	const char *target;
	ntstatus status = take(call, &rp);

	if (!status && is_damaged(call, &rp))
		status = STATUS_IO_REPARSE_DATA_INVALID;
	if (!status)
		status = ioctl_stat(call, &st);
	if (!status)
		status = check_same(call, &rp);
	if (status == STATUS_NOT_A_REPARSE_POINT)
		status = check_set(call, &rp);
	if (status)
		return status;
	target = unix_target(call, &rp, &st);
	status = target ? become(call, target) : STATUS_NOT_SUPPORTED;
	if (status != STATUS_NOT_SUPPORTED)
		return status;
	/* What is a link or a device of the file system stays one. */
	if (!S_ISREG(st.mode) && !S_ISDIR(st.mode))
		return STATUS_NOT_SUPPORTED;
	return keep(call, whole, len);
}

static ntstatus delete_reparse_point(struct smb3_fsctl_call *call)
{
	struct smb3_stat st;
	struct reparse rp;
	ntstatus status = take(call, &rp);

	if (!status && rp.len)
		status = STATUS_IO_REPARSE_DATA_INVALID;
	if (!status)
		status = check_same(call, &rp);
	if (!status)
		status = ioctl_stat(call, &st);
	if (status)
		return status;
	if (S_ISREG(st.mode) || S_ISDIR(st.mode))
		return keep(call, NULL, 0);
	return S_ISLNK(st.mode) ? become(call, NULL) : STATUS_NOT_SUPPORTED;
}

static ntstatus reparse_changed(struct smb3_fsctl_call *call)
{
	if (!call->req->status)
		smb3_changed(call->open, FILE_ACTION_MODIFIED, FILE_NOTIFY_CHANGE_ATTRIBUTES);
	return call->req->status;
}

const struct smb3_fsctl fsctl_get_reparse_point = {
	.name = "FSCTL_GET_REPARSE_POINT",
	.flags = SMB3_FSCTL_FILE | SMB3_FSCTL_WORK,
	.min_out = SMB3_REPARSE_HEAD,
	.run = get_reparse_point,
};

const struct smb3_fsctl fsctl_set_reparse_point = {
	.name = "FSCTL_SET_REPARSE_POINT",
	.flags = SMB3_FSCTL_FILE | SMB3_FSCTL_WORK | SMB3_FSCTL_SLOW,
	.any_access = FILE_WRITE_DATA | FILE_WRITE_ATTRIBUTES,
	.run = set_reparse_point,
	.done = reparse_changed,
};

const struct smb3_fsctl fsctl_delete_reparse_point = {
	.name = "FSCTL_DELETE_REPARSE_POINT",
	.flags = SMB3_FSCTL_FILE | SMB3_FSCTL_WORK | SMB3_FSCTL_SLOW,
	.any_access = FILE_WRITE_DATA | FILE_WRITE_ATTRIBUTES,
	.run = delete_reparse_point,
	.done = reparse_changed,
};
