// SPDX-License-Identifier: Apache-2.0
/*
 * create_work.c: the steps of CREATE in their order. Nothing of an existing object is changed
 * before every check has passed, and what a failed CREATE made is taken away again.
 * [MS-FSA] 2.1.5.1
 */
#include "file.h"

#include <errno.h>
#include <stdlib.h>

/* What an overwrite needs besides what the client asks for. To supersede is to delete, but a folder
 * that lets its entries be deleted does not let them be emptied. */
static uint32_t implied_access(const struct create *cr)
{
	if (cr->made || !create_overwrites(cr))
		return 0;
	if (cr->c.disposition == FILE_SUPERSEDE)
		return SMB3_DELETE | FILE_WRITE_DATA;
	return FILE_WRITE_DATA | FILE_WRITE_EA | FILE_WRITE_ATTRIBUTES;
}

/* ACCESS hooks may replace what the mode says, take rights away, or refuse altogether. */
static ntstatus ask_hooks(struct create *cr)
{
	struct smb3_req *req = cr->c.req;
	struct smb3_event event;

	if (!smb3_hooked(req->server, SMB3_HOOK_ACCESS))
		return STATUS_SUCCESS;
	event = create_event(cr, SMB3_HOOK_ACCESS);
	event.handle = cr->base ? cr->base : cr->handle;
	event.stat = &cr->c.stat;
	event.access = cr->c.maximal;
	event.wanted = cr->needed;
	event.maximal = cr->maximum || smb3_create_context(&cr->c, &createctx_mxac);
	if (smb3_hook_run(&event) == SMB3_DENY)
		return smb3_req_deny(req, event.status, "%s", event.reason);
	cr->c.maximal = event.access;
	return STATUS_SUCCESS;
}

/* All that this user could have been given. */
static ntstatus find_maximal(struct create *cr)
{
	const struct smb3_tree *tree = cr->c.req->tree;
	uint32_t access = access_of_mode(&cr->c.stat, cr->parent.mode ? &cr->parent : NULL,
					 cr->c.req->ctx.who);
	ntstatus status;

	if (cr->flags & SMB3_O_READ)
		access |= FILE_READ_DATA | FILE_READ_EA;
	if (cr->flags & SMB3_O_WRITE)
		access |= FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_WRITE_EA |
			  FILE_WRITE_ATTRIBUTES;
	/* Who makes an object may do with it what it was made for. */
	if (cr->made)
		access |= FILE_ALL_ACCESS;
	cr->c.maximal = access;
	status = ask_hooks(cr);
	if (cr->no_read) /* to pass through a folder is not to read it */
		cr->c.maximal &= ~(cr->handle->directory ? FILE_LIST_DIRECTORY : ACCESS_READS);
	if (cr->no_write)
		cr->c.maximal &= ~ACCESS_WRITES;
	cr->c.maximal &= tree->max_access | ACCESS_SYSTEM_SECURITY;
	if (tree->read_only)
		cr->c.maximal &= ~ACCESS_CHANGES;
	return status;
}

/* Writing fails at the open on a file system that is mounted read-only; deleting would only at the
 * close, when nobody is told any more. */
static ntstatus check_volume(struct create *cr)
{
	struct smb3_handle *h = cr->handle;
	struct smb3_fsinfo info;

	if (!(cr->wanted & SMB3_DELETE) || cr->made)
		return STATUS_SUCCESS;
	if (smb3_vfs_statfs(h->mount->top, &cr->c.req->ctx, h, &info) < 0 ||
	    !(info.features & FILE_READ_ONLY_VOLUME))
		return STATUS_SUCCESS;
	return smb3_req_deny(cr->c.req, STATUS_MEDIA_WRITE_PROTECTED,
			     "%s: the file system is mounted read-only", cr->c.path);
}

/* Features that dress a new object do it before anybody else can open it. */
static ntstatus create_made(struct create *cr)
{
	struct smb3_req *req = cr->c.req;
	struct smb3_event event;

	if (!cr->made || !smb3_hooked(req->server, SMB3_HOOK_MADE))
		return STATUS_SUCCESS;
	event = create_event(cr, SMB3_HOOK_MADE);
	event.handle = cr->base ? cr->base : cr->handle;
	event.stat = &cr->c.stat;
	if (smb3_hook_run(&event) == SMB3_DENY)
		return smb3_req_deny(req, event.status, "%s", event.reason);
	return STATUS_SUCCESS;
}

static ntstatus create_grant(struct create *cr)
{
	uint32_t granted = cr->wanted, missing;
	ntstatus status = create_check_attributes(cr);

	if (status)
		return status;
	cr->needed = cr->wanted | implied_access(cr);
	status = find_maximal(cr);
	if (!status)
		status = check_volume(cr);
	if (status)
		return status;
	missing = cr->needed & ~cr->c.maximal;
	if (missing)
		return smb3_req_deny(cr->c.req, STATUS_ACCESS_DENIED,
				     "%s: mode %o of uid %u grants %#x, not %#x", cr->c.path,
				     cr->c.stat.mode, cr->c.stat.uid, cr->c.maximal, missing);
	if (cr->maximum) {
		granted |= cr->c.maximal;
		if (cr->c.stat.attributes & FILE_ATTRIBUTE_READONLY && !cr->made)
			granted &= ~(ACCESS_WRITES | FILE_DELETE_CHILD);
	}
	cr->c.granted = granted;
	return STATUS_SUCCESS;
}

/* The name as it stands on disk where that is known, otherwise as it was asked for. */
static char *open_path(const struct create *cr)
{
	struct smb3_arena *a = cr->c.req->arena;
	const struct smb3_handle *base = cr->base ? cr->base : cr->handle;
	const char *leaf = base->name && *base->name ? base->name : cr->name.leaf;
	char *path = smb3_name_join(a, cr->name.parent, leaf);

	if (cr->name.stream)
		path = smb3_arena_printf(a, "%s:%s", path,
					 cr->handle->name ? cr->handle->name : cr->name.stream);
	return smb3_strdup(path);
}

static void fill_open(struct create *cr)
{
	struct smb3_open *o = cr->c.open;
	const struct smb3_stat *st = &cr->c.stat;
	struct smb3_file_key key = { .dev = st->dev, .ino = st->ino };

	if (cr->name.stream)
		key.stream = smb3_name_hash(cr->name.stream) | 1;
	o->file = smb3_file_get(cr->c.req->server, &key);
	free(o->path);
	o->path = open_path(cr);
	o->snapshot = cr->c.snapshot;
	o->access = cr->c.granted;
	o->share_access = cr->c.share_access;
	o->options = cr->c.options;
	o->mode = cr->c.options &
		  (FILE_WRITE_THROUGH | FILE_SEQUENTIAL_ONLY | FILE_NO_INTERMEDIATE_BUFFERING |
		   FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT);
	o->directory = st->attributes & FILE_ATTRIBUTE_DIRECTORY;
	o->delete_on_close = cr->c.options & FILE_DELETE_ON_CLOSE;
	o->handle = cr->handle;
	cr->handle = NULL;
}

/* Under the file's mutex: features may object, or ask to wait for somebody. */
static ntstatus meet_others(struct create *cr)
{
	struct smb3_req *req = cr->c.req;
	struct smb3_file *file = cr->c.open->file;
	struct smb3_event event = { .point = SMB3_HOOK_OPEN_CONFLICT,
				    .server = req->server,
				    .conn = req->conn,
				    .session = req->session,
				    .tree = req->tree,
				    .share = req->tree->share,
				    .open = cr->c.open,
				    .file = file,
				    .req = req,
				    .create = &cr->c,
				    .who = req->ctx.who,
				    .path = cr->c.path,
				    .access = cr->needed | cr->c.open->access };

	if (!file->n_opens || !smb3_hooked(req->server, SMB3_HOOK_OPEN_CONFLICT))
		return STATUS_SUCCESS;
	switch (smb3_hook_run(&event)) {
	case SMB3_WAIT:
		return smb3_req_park(req, file);
	case SMB3_DENY:
		return event.status;
	default:
		return STATUS_SUCCESS;
	}
}

/* A stream cannot be opened when its file is about to go, and keeps it from going. */
static ntstatus join_base(struct create *cr)
{
	struct smb3_open *o = cr->c.open;
	struct smb3_file_key key = o->file->key;
	struct smb3_file *base;
	ntstatus status;

	if (!key.stream)
		return STATUS_SUCCESS;
	key.stream = 0;
	base = smb3_file_get(cr->c.req->server, &key);
	status = smb3_file_join_base(base, o);
	if (status)
		smb3_file_unref(base);
	return status;
}

/* An overwrite takes the streams along; who has one open may not want that. */
static bool streams_in_use(const struct create *cr)
{
	return create_overwrites(cr) && cr->c.open->file->n_pinned;
}

/* Share modes: the one place where sessions meet. */
static ntstatus create_join(struct create *cr)
{
	struct smb3_open *o;
	ntstatus status;

	cr->c.req->ctx.nowait = false;
	cr->c.req->ctx.opening = false;
	fill_open(cr);
	o = cr->c.open;
	status = join_base(cr);
	if (status)
		return status;
	smb3_file_lock(o->file);
	status = o->file->delete_pending ? STATUS_DELETE_PENDING : meet_others(cr);
	if (!status)
		status = smb3_file_check(o->file, cr->needed | o->access, o->share_access);
	if (!status && streams_in_use(cr))
		status = STATUS_SHARING_VIOLATION;
	if (!status) {
		smb3_file_join(o->file, o);
		cr->joined = true;
		/* What was seen before still holds when nobody was here meanwhile. */
		cr->c.req->ctx.opening = !cr->name.stream && smb3_file_alone(o->file, cr->since);
	}
	smb3_file_unlock(o->file);
	return status;
}

static ntstatus overwrite(struct create *cr)
{
	const struct smb3_ctx *ctx = &cr->c.req->ctx;
	struct smb3_handle *h = cr->c.open->handle;
	struct smb3_setattr set = { .mask = SMB3_SET_ATTRIBUTES,
				    .attributes = create_attributes(cr) };
	int err;

	err = smb3_vfs_truncate(h->mount->top, ctx, h, 0);
	if (!err && !cr->name.stream)
		err = smb3_vfs_setattr(h->mount->top, ctx, h, &set);
	if (!err && !cr->name.stream)
		err = smb3_vfs_remove_stream(h->mount->top, ctx, h);
	if (err == -EOPNOTSUPP) /* no streams here */
		err = 0;
	/* An allocation is a hint to file systems that know none. */
	if (!err && cr->c.alloc)
		err = smb3_vfs_alloc(h->mount->top, ctx, h, 0, cr->c.alloc, 0);
	if (err == -EOPNOTSUPP)
		err = 0;
	cr->c.action = cr->c.disposition == FILE_SUPERSEDE ? FILE_SUPERSEDED : FILE_OVERWRITTEN;
	return smb3_status_from_errno(err);
}

/* A new file is compressed as its folder says, unless the client says otherwise. */
static void settle_compression(struct create *cr)
{
	struct smb3_handle *h = cr->c.open->handle;
	const struct smb3_setattr off = { .mask = SMB3_SET_COMPRESSION };

	if (cr->made && cr->c.options & FILE_NO_COMPRESSION &&
	    cr->c.stat.attributes & FILE_ATTRIBUTE_COMPRESSED)
		smb3_vfs_setattr(h->mount->top, &cr->c.req->ctx, h, &off);
}

/* From here on the object cannot go away by itself. Had its last name gone before the open
 * joined, it would be an open of nothing. */
static ntstatus create_settle(struct create *cr)
{
	struct smb3_handle *h = cr->c.open->handle;
	ntstatus status = STATUS_SUCCESS;
	int err;

	if (create_overwrites(cr) && cr->c.action != FILE_CREATED)
		status = overwrite(cr);
	if (status)
		return status;
	settle_compression(cr);
	err = smb3_vfs_stat(h->mount->top, &cr->c.req->ctx, h, &cr->c.stat);
	if (!err && !cr->c.stat.links)
		return STATUS_DELETE_PENDING;
	return smb3_status_from_errno(err);
}

static ntstatus create_attach(struct create *cr)
{
	ntstatus status = STATUS_SUCCESS;

	cr->c.req->ctx.opening = false;
	for (struct smb3_create_use *use = cr->c.contexts; use && !status; use = use->next)
		if (use->row->opened)
			status = use->row->opened(&cr->c, use->state);
	return status;
}

/* Joined: the file's own rules take a new object away again, unless somebody else has it too. */
static void undo_joined(struct create *cr)
{
	struct smb3_open *o = cr->c.open;

	smb3_file_lock(o->file);
	o->delete_on_close = false;
	if ((cr->made || cr->made_stream) && o->file->n_opens == 1)
		smb3_file_set_delete(o->file, o, true);
	smb3_file_unlock(o->file);
	if (!o->base || !cr->made)
		return;
	smb3_file_lock(o->base);
	if (!o->base->n_opens && o->base->n_streams == 1)
		smb3_file_set_delete(o->base, o, true);
	smb3_file_unlock(o->base);
}

/* From here on others find the deletion pending, unless one of them has it open already. */
static bool undo_claim(const struct create *cr, struct smb3_file *f)
{
	bool ours;

	smb3_file_lock(f);
	ours = !f->n_opens && f->n_streams == (cr->c.open->base == f) && !f->delete_pending;
	f->delete_pending |= ours;
	smb3_file_unlock(f);
	return ours;
}

/* By its name only if that still leads to it. */
static void undo_remove(struct create *cr, struct smb3_handle *h, const struct smb3_file_key *key)
{
	struct smb3_vfs *top = cr->dir->mount->top;
	bool directory = cr->c.options & FILE_DIRECTORY_FILE || cr->name.directory;
	struct smb3_ctx bare = cr->c.req->ctx;
	struct smb3_stat st;

	bare.bare = true;
	if (!cr->made)
		smb3_vfs_remove_stream(top, &cr->c.req->ctx, h);
	else if (smb3_vfs_lookup(top, &bare, cr->dir, cr->name.leaf, &st) == 0 &&
		 st.dev == key->dev && st.ino == key->ino)
		smb3_vfs_remove(top, &cr->c.req->ctx, cr->dir, cr->name.leaf, directory);
}

/* Not joined; somebody else may have it open all the same, and then it stays. */
static void undo_made(struct create *cr)
{
	struct smb3_handle *h = cr->c.open->handle ? cr->c.open->handle : cr->handle;
	struct smb3_server *server = cr->c.req->server;
	struct smb3_file_key key = { 0 };
	struct smb3_file *f;
	struct smb3_stat st;

	if (smb3_vfs_stat(h->mount->top, &cr->c.req->ctx, h, &st) != 0)
		return;
	key.dev = st.dev;
	key.ino = st.ino;
	if (!cr->made)
		key.stream = smb3_name_hash(cr->name.stream) | 1;
	f = smb3_file_get(server, &key);
	if (undo_claim(cr, f)) {
		smb3_file_disturb(server, &key);
		undo_remove(cr, h, &key);
		smb3_file_disturb(server, &key);
		smb3_file_lock(f);
		f->delete_pending = false;
		smb3_file_unlock(f);
	}
	smb3_file_unref(f);
}

/* Leaves nothing of a CREATE that failed, or that will be run again from the top: another object may have
 * the name by then, which is not new. */
static void create_undo(struct create *cr, bool again)
{
	if (cr->joined)
		undo_joined(cr);
	else if ((cr->made || cr->made_stream) && !again)
		undo_made(cr);
	smb3_open_finish(cr->c.open);
	smb3_open_unref(cr->c.open);
	cr->c.open = NULL;
	cr->joined = cr->made = cr->made_stream = false;
}

static void create_release(struct create *cr)
{
	smb3_handle_free(cr->handle);
	smb3_handle_free(cr->base);
	smb3_handle_free(cr->dir);
	cr->handle = cr->base = cr->dir = NULL;
}

static ntstatus (*const create_steps[])(struct create *cr) = {
	create_reach, create_open, create_stat,   create_made,
	create_grant, create_join, create_settle, create_attach,
};

ntstatus create_work(struct smb3_req *req)
{
	struct create *cr = req->state;
	ntstatus status = STATUS_SUCCESS;

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(create_steps) && !status; i++)
		status = create_steps[i](cr);
	req->ctx.opening = false;
	/* A try that would have blocked is made again with the same open; after joining, nothing is
	 * tried again. */
	if (status == STATUS_RETRY && cr->c.open->file)
		status = STATUS_INSUFFICIENT_RESOURCES;
	if (status && status != STATUS_RETRY)
		create_undo(cr, status == STATUS_PENDING);
	create_release(cr);
	return status;
}
