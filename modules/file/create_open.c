// SPDX-License-Identifier: Apache-2.0
/*
 * create_open.c: the steps of CREATE that find or make the object. In work.
 *
 * Making is always exclusive, so "open it, or else create it" is tried again when somebody else
 * came in between, a bounded number of times.
 */
#include "file.h"

#include <errno.h>

#define CREATE_TRIES 8

/* The system said no: what of, for whoever asks why. */
static ntstatus refuse(struct create *cr, const char *name)
{
	struct smb3_req *req = cr->c.req;
	struct smb3_stat st;
	const char *of = "";
	int err = -EACCES;

	if (cr->dir && name)
		err = smb3_vfs_lookup(cr->dir->mount->top, &req->ctx, cr->dir, name, &st);
	if (err == -ENOENT) {
		of = "the folder of ";
		err = smb3_vfs_stat(cr->dir->mount->top, &req->ctx, cr->dir, &st);
	}
	if (err)
		return smb3_req_deny(req, STATUS_ACCESS_DENIED, "no way to %.120s", cr->c.path);
	return smb3_req_deny(req, STATUS_ACCESS_DENIED, "mode %03o, owner %u:%u of %s%.100s",
			     st.mode & 07777, st.uid, st.gid, of, cr->c.path);
}

/* Failures on the way to the parent folder. */
static ntstatus reach_status(struct create *cr, int err)
{
	switch (-err) {
	case ENOENT:
		return create_path_missing(cr);
	case ENOTDIR: /* perhaps a link that is data */
	case EXDEV:
	case ELOOP:
		return create_stopped(cr, err);
	case EACCES:
		return refuse(cr, NULL);
	default:
		return smb3_status_from_errno(err);
	}
}

static ntstatus open_status(struct create *cr, int err)
{
	if (err == -EXDEV || err == -ELOOP)
		return create_stopped(cr, err);
	if (err == -ENOTDIR)
		return STATUS_NOT_A_DIRECTORY;
	if (err == -EACCES || err == -EPERM)
		return refuse(cr, cr->name.leaf);
	return smb3_status_from_errno(err);
}

static bool has_streams(const struct smb3_mount *mount)
{
	const struct smb3_vfs *vfs = mount->top;

	while (vfs && !vfs->ops->open_stream)
		vfs = vfs->next;
	return vfs;
}

ntstatus create_reach(struct create *cr)
{
	struct smb3_req *req = cr->c.req;
	struct smb3_mount *mount = req->tree->mount;
	struct smb3_handle *root = smb3_handle_new(mount);
	int err = smb3_vfs_root(mount->top, &req->ctx, root);

	/* Where there are no streams, no name can be one's. */
	if ((cr->name.stream || cr->name.data) && !has_streams(mount)) {
		cr->dir = root;
		return STATUS_OBJECT_NAME_INVALID;
	}
	if (err || !*cr->name.parent) {
		cr->dir = root;
		return reach_status(cr, err);
	}
	cr->dir = smb3_handle_new(mount);
	err = smb3_vfs_walk(mount->top, &req->ctx, root, cr->name.parent, cr->dir);
	smb3_handle_free(root);
	return reach_status(cr, err);
}

/* How the contents must be opened for what is asked. */
static uint32_t open_flags(const struct create *cr)
{
	uint32_t flags = cr->c.options & FILE_OPEN_REPARSE_POINT ? SMB3_O_NOFOLLOW : 0;

	if (cr->name.stream && !cr->base)
		return flags | SMB3_O_META;
	if (cr->wanted & ACCESS_READS || cr->maximum)
		flags |= SMB3_O_READ;
	if (cr->wanted & ACCESS_WRITES || cr->maximum || create_overwrites(cr))
		flags |= SMB3_O_WRITE;
	return flags & (SMB3_O_READ | SMB3_O_WRITE) ? flags : flags | SMB3_O_META;
}

/* One try. The handle is the base file's when a stream is wanted. */
static int open_once(struct create *cr, uint32_t flags)
{
	const struct smb3_ctx *ctx = &cr->c.req->ctx;
	struct smb3_how how = {
		.flags = flags,
		.mode = cr->mode,
		.attributes = create_attributes(cr),
		.alloc = flags & SMB3_O_CREATE && !cr->name.stream ? cr->c.alloc : 0,
	};
	struct smb3_handle *h = smb3_handle_new(cr->dir->mount);
	int err;

	if (*cr->name.leaf)
		err = smb3_vfs_open(h->mount->top, ctx, cr->dir, cr->name.leaf, &how, h);
	else if (flags & SMB3_O_CREATE)
		err = -EEXIST;
	else
		err = smb3_vfs_root(h->mount->top, ctx, h);
	if (err) {
		smb3_handle_free(h);
		return err;
	}
	cr->handle = h;
	cr->flags = flags;
	return 0;
}

static bool refused(int err)
{
	return err == -EACCES || err == -EPERM || err == -EROFS || err == -ETXTBSY;
}

/* A folder has no contents to write; and MAXIMUM_ALLOWED takes what it can get. */
static int open_existing(struct create *cr)
{
	uint32_t flags = open_flags(cr), keep = flags & SMB3_O_NOFOLLOW;
	int err = open_once(cr, flags);

	if (err == -EISDIR && !(cr->c.options & FILE_NON_DIRECTORY_FILE)) {
		flags = keep | SMB3_O_DIRECTORY |
			(cr->wanted & ACCESS_READS || cr->maximum ? SMB3_O_READ : SMB3_O_META);
		err = open_once(cr, flags);
	}
	/* To pass through a folder is not to read it. */
	if (err == -EACCES && (cr->wanted & (ACCESS_READS | ACCESS_WRITES)) == FILE_TRAVERSE &&
	    !open_once(cr, keep | SMB3_O_DIRECTORY | SMB3_O_META))
		return 0;
	if (!cr->maximum || !refused(err) || create_overwrites(cr))
		return err;
	if (flags & SMB3_O_WRITE && !(cr->wanted & ACCESS_READS)) {
		cr->no_read = true;
		err = open_once(cr, keep | SMB3_O_WRITE);
	}
	if (refused(err) && flags & SMB3_O_WRITE && !(cr->wanted & ACCESS_WRITES)) {
		cr->no_read = false;
		cr->no_write = true;
		err = open_once(cr, keep | SMB3_O_READ);
	}
	if (refused(err) && !(cr->wanted & (ACCESS_READS | ACCESS_WRITES))) {
		cr->no_read = true;
		err = open_once(cr, keep | SMB3_O_META);
	}
	return err;
}

static bool makes_folder(const struct create *cr)
{
	return cr->c.options & FILE_DIRECTORY_FILE || cr->name.directory;
}

static int open_new(struct create *cr)
{
	bool directory = makes_folder(cr);
	int err;

	err = open_once(cr, SMB3_O_CREATE | SMB3_O_READ |
				    (directory ? SMB3_O_DIRECTORY : SMB3_O_WRITE));
	if (err)
		return err;
	cr->made = true;
	cr->c.action = FILE_CREATED;
	/* From here on a second try would find the object there. */
	cr->c.req->ctx.nowait = false;
	return 0;
}

/* For a stream the disposition is about the stream; its file is made when it is not there. */
static bool opens(const struct create *cr)
{
	return cr->c.disposition != FILE_CREATE || cr->made || cr->name.stream;
}

static bool creates(const struct create *cr)
{
	return cr->c.disposition != FILE_OPEN && cr->c.disposition != FILE_OVERWRITE;
}

struct smb3_event create_event(struct create *cr, enum smb3_hook_point point)
{
	struct smb3_req *req = cr->c.req;

	return (struct smb3_event){ .point = point,
				    .server = req->server,
				    .conn = req->conn,
				    .session = req->session,
				    .tree = req->tree,
				    .share = req->tree->share,
				    .open = cr->c.open,
				    .req = req,
				    .ctx = &req->ctx,
				    .create = &cr->c,
				    .who = req->ctx.who,
				    .path = cr->c.path,
				    .parent = cr->dir,
				    .parent_stat = cr->parent.mode ? &cr->parent : NULL };
}

/* Permission bits of what is made. A default ACL of the folder may leave fewer. */
static ntstatus create_mode(struct create *cr, bool directory)
{
	const struct file_conf *conf = cr->conf;
	struct smb3_stat st;
	int err;

	cr->mode = directory ? conf->directory_mask : conf->create_mask;
	if (conf->inherit_permissions) {
		err = smb3_vfs_stat(cr->dir->mount->top, &cr->c.req->ctx, cr->dir, &st);
		if (err)
			return smb3_status_from_errno(err);
		cr->mode = st.mode & (directory ? 0777 : 0666);
	}
	cr->mode |= directory ? conf->force_directory_mode : conf->force_create_mode;
	return STATUS_SUCCESS;
}

/* An open that has to make something on a share, or in a folder, where nothing may be made. */
static ntstatus may_create(struct create *cr)
{
	struct smb3_req *req = cr->c.req;
	struct smb3_tree *tree = req->tree;
	bool directory = makes_folder(cr);
	struct smb3_event event;
	ntstatus status;

	if (tree->read_only || !(tree->max_access & FILE_ADD_FILE))
		return smb3_req_deny(req, STATUS_ACCESS_DENIED, "share %s is read-only",
				     tree->share->name);
	status = create_mode(cr, directory);
	if (status || cr->base || !smb3_hooked(req->server, SMB3_HOOK_ENTRY))
		return status;
	event = create_event(cr, SMB3_HOOK_ENTRY);
	event.access = directory ? FILE_ADD_SUBDIRECTORY : FILE_ADD_FILE;
	event.mode = cr->mode;
	if (smb3_hook_run(&event) == SMB3_DENY)
		return smb3_req_deny(req, event.status, "%s", event.reason);
	cr->mode = event.mode;
	return STATUS_SUCCESS;
}

/* The name is taken; perhaps by something that is on its way out. */
static ntstatus collision(struct create *cr)
{
	struct smb3_stat st;
	struct smb3_file_key key = { 0 };
	struct smb3_file *file;
	bool pending;

	if (!*cr->name.leaf ||
	    smb3_vfs_lookup(cr->dir->mount->top, &cr->c.req->ctx, cr->dir, cr->name.leaf, &st))
		return STATUS_OBJECT_NAME_COLLISION;
	key.dev = st.dev;
	key.ino = st.ino;
	file = smb3_file_find(cr->c.req->server, &key);
	if (!file)
		return STATUS_OBJECT_NAME_COLLISION;
	smb3_file_lock(file);
	pending = file->delete_pending;
	smb3_file_unlock(file);
	smb3_file_unref(file);
	return pending ? STATUS_DELETE_PENDING : STATUS_OBJECT_NAME_COLLISION;
}

static ntstatus open_or_make(struct create *cr)
{
	ntstatus status;
	int err = -EEXIST;

	for (int i = 0; i < CREATE_TRIES; i++) {
		err = opens(cr) ? open_existing(cr) : -ENOENT;
		if (err != -ENOENT || !creates(cr))
			return open_status(cr, err);
		status = may_create(cr);
		if (status)
			return status;
		err = open_new(cr);
		if (err != -EEXIST || !opens(cr))
			break;
	}
	return err == -EEXIST ? collision(cr) : open_status(cr, err);
}

/* MAXIMUM_ALLOWED takes what it can get here, too. */
static int open_old_stream(struct create *cr, struct smb3_how *how)
{
	const struct smb3_ctx *ctx = &cr->c.req->ctx;
	struct smb3_vfs *top = cr->base->mount->top;
	const char *name = cr->name.stream;
	int err;

	how->flags = open_flags(cr) & ~SMB3_O_NOFOLLOW;
	err = smb3_vfs_open_stream(top, ctx, cr->base, name, how, cr->handle);
	if (!cr->maximum || !refused(err) || create_overwrites(cr) || cr->wanted & ACCESS_WRITES)
		return err;
	cr->no_write = true;
	how->flags = SMB3_O_READ;
	err = smb3_vfs_open_stream(top, ctx, cr->base, name, how, cr->handle);
	if (!refused(err) || cr->wanted & ACCESS_READS)
		return err;
	how->flags = SMB3_O_META;
	return smb3_vfs_open_stream(top, ctx, cr->base, name, how, cr->handle);
}

static int open_new_stream(struct create *cr, struct smb3_how *how)
{
	int err;

	how->flags = SMB3_O_CREATE | SMB3_O_READ | SMB3_O_WRITE;
	how->alloc = cr->c.alloc;
	err = smb3_vfs_open_stream(cr->base->mount->top, &cr->c.req->ctx, cr->base, cr->name.stream,
				   how, cr->handle);
	if (err)
		return err;
	cr->made_stream = true;
	cr->c.action = FILE_CREATED;
	cr->c.req->ctx.nowait = false;
	return 0;
}

/* The stream of what open_or_make() found. */
static ntstatus open_stream(struct create *cr)
{
	struct smb3_how how = { 0 };
	ntstatus status;
	int err = -ENOENT;

	cr->base = cr->handle;
	cr->handle = smb3_handle_new(cr->base->mount);
	for (int i = 0; i < CREATE_TRIES; i++) {
		if (cr->c.disposition != FILE_CREATE || cr->made_stream)
			err = open_old_stream(cr, &how);
		if (err != -ENOENT || !creates(cr))
			break;
		status = may_create(cr);
		if (status)
			return status;
		err = open_new_stream(cr, &how);
		if (err != -EEXIST || cr->c.disposition == FILE_CREATE)
			break;
	}
	/* The file system turns out not to take any. */
	if (err == -EOPNOTSUPP)
		return STATUS_OBJECT_NAME_INVALID;
	cr->flags = how.flags;
	return smb3_status_from_errno(err);
}

ntstatus create_open(struct create *cr)
{
	ntstatus status;

	cr->since = smb3_clock();
	cr->c.req->ctx.opening = true;
	cr->c.action = cr->made || cr->made_stream ? FILE_CREATED : FILE_OPENED;
	cr->no_read = cr->no_write = false;
	status = open_or_make(cr);
	return status || !cr->name.stream ? status : open_stream(cr);
}

/* The right to delete depends on the folder; the root of a share cannot be deleted. */
static bool needs_parent(const struct create *cr)
{
	if (!*cr->name.leaf)
		return false;
	return cr->maximum || cr->wanted & SMB3_DELETE || cr->c.disposition == FILE_SUPERSEDE ||
	       smb3_create_context(&cr->c, &createctx_mxac);
}

/* What it is, and whether that is what was asked for. */
ntstatus create_stat(struct create *cr)
{
	struct smb3_vfs *top = cr->dir->mount->top;
	struct smb3_ctx *ctx = &cr->c.req->ctx, bare = *ctx;
	uint32_t options = cr->c.options;
	ntstatus status;
	bool directory;
	int err = smb3_vfs_stat(top, ctx, cr->handle, &cr->c.stat);

	bare.bare = true;
	if (!err && needs_parent(cr))
		err = smb3_vfs_stat(top, &bare, cr->dir, &cr->parent);
	if (err)
		return smb3_status_from_errno(err);
	status = create_check_reparse(cr);
	if (status)
		return status;
	directory = cr->c.stat.attributes & FILE_ATTRIBUTE_DIRECTORY;
	if (!directory && (options & FILE_DIRECTORY_FILE || cr->name.directory))
		return STATUS_NOT_A_DIRECTORY;
	if (directory && (options & FILE_NON_DIRECTORY_FILE || cr->name.data))
		return STATUS_FILE_IS_A_DIRECTORY;
	if (directory && create_overwrites(cr) && !cr->made)
		return STATUS_OBJECT_NAME_COLLISION;
	return STATUS_SUCCESS;
}
