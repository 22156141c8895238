// SPDX-License-Identifier: Apache-2.0
/*
 * rename.c: new names: rename and link. [MS-FSCC] 2.4.27, 2.4.43, [MS-FSA] 2.1.5.15.6,
 * 2.1.5.15.12
 */
#include "info.h"

#include <errno.h>

#define FILE_RENAME_REPLACE_IF_EXISTS         0x01u
#define FILE_RENAME_POSIX_SEMANTICS           0x02u
#define FILE_RENAME_IGNORE_READONLY_ATTRIBUTE 0x40u

struct renaming {
	struct smb3_info_call *call;
	uint32_t flags;
	struct smb3_name to;
	const char *old, *old_parent, *old_leaf;
	struct smb3_handle *from_dir, *to_dir;
	struct smb3_stat self, target;
	bool exists; /* the new name is taken, by something else than this file's same name */
};

static ntstatus decode(struct renaming *r, bool ex)
{
	struct smb3_cursor *in = &r->call->in, name;
	uint64_t root;
	uint32_t len;

	r->flags = ex ? smb3_get_u32(in) : smb3_get_u8(in) != 0;
	smb3_get_skip(in, ex ? 4 : 7);
	root = smb3_get_u64(in);
	len = smb3_get_u32(in);
	name = smb3_cursor_sub(in, smb3_cursor_at(in), len);
	if (!smb3_cursor_ok(&name) || root || !len)
		return STATUS_INVALID_PARAMETER;
	/* Some clients begin at the share's root. */
	if (len >= 2 && name.base[0] == '\\' && !name.base[1]) {
		name.base += 2;
		len -= 2;
	}
	return smb3_name_parse(r->call->req->arena, name.base, len, &r->to);
}

static bool same_object(const struct smb3_stat *a, const struct smb3_stat *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

/* The name that this handle stands for must still be this file's. */
static ntstatus find_source(struct renaming *r)
{
	struct smb3_info_call *call = r->call;
	struct smb3_vfs *top = call->open->handle->mount->top;
	const struct smb3_ctx *ctx = &call->req->ctx;
	struct smb3_stat st;
	ntstatus status;
	int err;

	r->old = info_path(call);
	if (!*r->old || strchr(r->old, ':'))
		return *r->old ? STATUS_NOT_SUPPORTED : STATUS_INVALID_PARAMETER;
	if (info_delete_pending(call->open))
		return STATUS_ACCESS_DENIED;
	smb3_name_split(call->req->arena, r->old, &r->old_parent, &r->old_leaf);
	status = info_reach(call, r->old_parent, &r->from_dir);
	if (status)
		return status;
	err = smb3_vfs_stat(top, ctx, call->open->handle, &r->self);
	if (!err)
		err = smb3_vfs_lookup(top, ctx, r->from_dir, r->old_leaf, &st);
	if (!err && !same_object(&st, &r->self))
		err = -ENOENT;
	return smb3_status_from_errno(err);
}

/* Who holds the target folder for deletion, or lets nobody write to it, is in the way, as if it were
 * opened for the time of the change: to add a name, and not shared for deletion. */
static ntstatus check_folder(struct renaming *r)
{
	struct smb3_server *server = r->call->req->server;
	struct smb3_file_key key = { 0 };
	struct smb3_stat st;
	struct smb3_file *file;
	ntstatus status;
	int err = smb3_vfs_stat(r->to_dir->mount->top, &r->call->req->ctx, r->to_dir, &st);

	if (err)
		return smb3_status_from_errno(err);
	key.dev = st.dev;
	key.ino = st.ino;
	file = smb3_file_find(server, &key);
	if (!file)
		return STATUS_SUCCESS;
	smb3_file_lock(file);
	status = smb3_file_check(file, FILE_ADD_FILE, FILE_SHARE_READ | FILE_SHARE_WRITE);
	smb3_file_unlock(file);
	smb3_file_unref(file);
	return status;
}

/* May the folder get the new name, or lose what has it (handle)? */
static ntstatus ask_entry(struct renaming *r, struct smb3_handle *handle, uint32_t access)
{
	struct smb3_req *req = r->call->req;
	struct smb3_event event = { .point = SMB3_HOOK_ENTRY,
				    .server = req->server,
				    .conn = req->conn,
				    .session = req->session,
				    .tree = req->tree,
				    .share = req->tree->share,
				    .open = r->call->open,
				    .req = req,
				    .who = req->ctx.who,
				    .path = r->to.path,
				    .handle = handle,
				    .parent = r->to_dir,
				    .access = access };

	if (smb3_hook_run(&event) != SMB3_DENY)
		return STATUS_SUCCESS;
	return smb3_req_deny(req, event.status, "%s", event.reason);
}

static ntstatus may_add(struct renaming *r)
{
	if (!smb3_hooked(r->call->req->server, SMB3_HOOK_ENTRY))
		return STATUS_SUCCESS;
	return ask_entry(r, NULL, r->call->open->directory ? FILE_ADD_SUBDIRECTORY : FILE_ADD_FILE);
}

static ntstatus may_replace(struct renaming *r)
{
	const struct smb3_how how = { .flags = SMB3_O_META | SMB3_O_NOFOLLOW };
	struct smb3_handle *h;
	ntstatus status;

	if (!smb3_hooked(r->call->req->server, SMB3_HOOK_ENTRY))
		return STATUS_SUCCESS;
	h = smb3_handle_new(r->to_dir->mount);
	status = smb3_status_from_errno(smb3_vfs_open(r->to_dir->mount->top, &r->call->req->ctx,
						      r->to_dir, r->to.leaf, &how, h));
	if (!status)
		status = ask_entry(r, h, SMB3_DELETE);
	smb3_handle_free(h);
	return status;
}

static bool target_is_open(struct renaming *r)
{
	struct smb3_file_key key = { .dev = r->target.dev, .ino = r->target.ino };
	struct smb3_file *file = smb3_file_find(r->call->req->server, &key);
	bool open;

	if (!file)
		return false;
	smb3_file_lock(file);
	open = file->n_opens > 0 || file->n_streams > 0;
	smb3_file_unlock(file);
	smb3_file_unref(file);
	return open;
}

static bool streams_are_open(struct smb3_file *file)
{
	bool open;

	smb3_file_lock(file);
	open = file->n_streams > 0;
	smb3_file_unlock(file);
	return open;
}

/* May what has the new name be replaced? */
static ntstatus check_target(struct renaming *r)
{
	bool ignore_readonly = r->flags & FILE_RENAME_IGNORE_READONLY_ATTRIBUTE;
	bool posix = r->flags & FILE_RENAME_POSIX_SEMANTICS, source = r->call->open->directory;
	bool folder = r->target.attributes & FILE_ATTRIBUTE_DIRECTORY;
	const char *why = NULL;

	if (!(r->flags & FILE_RENAME_REPLACE_IF_EXISTS))
		return STATUS_OBJECT_NAME_COLLISION;
	if ((folder || source) && !(posix && folder && source)) /* one that is empty */
		why = "folders are not replaced";
	else if (r->target.attributes & FILE_ATTRIBUTE_READONLY && !ignore_readonly)
		why = "it is read-only";
	else if (!posix && target_is_open(r))
		why = "it is open";
	if (!why)
		return may_replace(r);
	return smb3_req_deny(r->call->req, STATUS_ACCESS_DENIED, "%s is not replaced: %s",
			     r->to.path, why);
}

/* A folder cannot be moved to a place below itself, in whatever spelling. */
static bool inside_itself(const struct renaming *r)
{
	struct smb3_arena *a = r->call->req->arena;
	const char *up = r->to.parent, *leaf;

	while (r->call->open->directory && *up) {
		if (smb3_name_equal(up, r->old))
			return true;
		smb3_name_split(a, up, &up, &leaf);
	}
	return false;
}

static ntstatus find_target(struct renaming *r)
{
	struct smb3_info_call *call = r->call;
	ntstatus status;
	int err;

	if (r->to.stream || r->to.data)
		return STATUS_NOT_SUPPORTED;
	if (!*r->to.leaf)
		return STATUS_OBJECT_NAME_INVALID;
	if (inside_itself(r))
		return STATUS_INVALID_PARAMETER;
	status = info_reach(call, r->to.parent, &r->to_dir);
	if (!status)
		status = check_folder(r);
	if (!status)
		status = may_add(r);
	if (status)
		return status;
	err = smb3_vfs_lookup(r->to_dir->mount->top, &call->req->ctx, r->to_dir, r->to.leaf,
			      &r->target);
	if (err == -ENOENT)
		return STATUS_SUCCESS;
	if (err)
		return smb3_status_from_errno(err);
	/* Only the case of the name changes. */
	if (same_object(&r->target, &r->self) && smb3_name_equal(r->old, r->to.path))
		return STATUS_SUCCESS;
	r->exists = true;
	return check_target(r);
}

static void renamed_hook(struct renaming *r)
{
	struct smb3_req *req = r->call->req;
	struct smb3_event event = { .point = SMB3_HOOK_RENAMED,
				    .server = req->server,
				    .conn = req->conn,
				    .session = req->session,
				    .tree = req->tree,
				    .share = req->tree->share,
				    .open = r->call->open,
				    .file = r->call->open->file,
				    .req = req,
				    .who = req->ctx.who,
				    .path = r->old,
				    .new_path = r->to.path };

	if (smb3_hooked(req->server, SMB3_HOOK_RENAMED))
		smb3_hook_run(&event);
}

/* Before and after its name is taken away: whoever opens the target in this moment looks again. */
static void disturb_target(const struct renaming *r)
{
	const struct smb3_file_key key = { .dev = r->target.dev, .ino = r->target.ino };

	if (r->exists)
		smb3_file_disturb(r->call->req->server, &key);
}

/* What had the new name is gone. */
static void replaced(const struct renaming *r)
{
	disturb_target(r);
	if (r->exists)
		smb3_name_changed(r->call->req->tree->share, r->to.path, FILE_ACTION_REMOVED,
				  FILE_NOTIFY_CHANGE_FILE_NAME);
}

/* ---- rename ---- */

static ntstatus rename_now(struct renaming *r)
{
	struct smb3_info_call *call = r->call;
	struct smb3_mount *mount = call->open->handle->mount;
	int err;

	if (streams_are_open(call->open->file))
		return smb3_req_deny(call->req, STATUS_ACCESS_DENIED, "streams of %s are open",
				     r->old);
	if (call->open->directory &&
	    smb3_file_open_below(call->req->server, call->req->tree->share, r->old))
		return smb3_req_deny(call->req, STATUS_ACCESS_DENIED, "files below %s are open",
				     r->old);
	disturb_target(r);
	err = smb3_vfs_rename(mount->top, &call->req->ctx, r->from_dir, r->old_leaf, r->to_dir,
			      r->to.leaf, r->exists ? SMB3_RENAME_REPLACE : 0);
	if (err)
		return smb3_status_from_errno(err);
	smb3_file_renamed(call->open->file, mount, r->old, r->to.path);
	replaced(r);
	renamed_hook(r);
	return STATUS_SUCCESS;
}

static ntstatus run(struct smb3_info_call *call, bool ex, ntstatus (*change)(struct renaming *))
{
	struct renaming r = { .call = call };
	ntstatus status = decode(&r, ex);

	if (!status)
		status = find_source(&r);
	if (!status)
		status = find_target(&r);
	if (!status)
		status = change(&r);
	smb3_handle_free(r.from_dir);
	smb3_handle_free(r.to_dir);
	return status;
}

/* ---- rename of a stream: [MS-FSA] 2.1.5.15.11.1 ---- */

/* The new name begins with a colon: only then it is one of a stream. Another file's is refused as
 * Windows refuses it. */
static ntstatus check_stream_name(const struct renaming *r)
{
	if (*r->to.path)
		return r->to.stream ? STATUS_SHARING_VIOLATION : STATUS_INVALID_PARAMETER;
	if (!r->to.stream && !r->to.data)
		return STATUS_INVALID_PARAMETER;
	return STATUS_SUCCESS;
}

/* Nobody may have the target open; its place in the file table becomes this stream's, so that
 * nobody opens it meanwhile. The unnamed stream's is its file's, and stays so. */
static bool claim_stream(const struct renaming *r, uint64_t stream)
{
	return !stream || smb3_file_rekey(r->call->open->file, stream);
}

static ntstatus rename_stream_status(int err)
{
	return err == -ENOTEMPTY ? STATUS_INVALID_PARAMETER : smb3_status_from_errno(err);
}

static ntstatus rename_stream(struct renaming *r)
{
	struct smb3_info_call *call = r->call;
	struct smb3_handle *h = call->open->handle;
	const char *stream = r->to.stream ? r->to.stream : "", *base;
	uint64_t was = call->open->file->key.stream;
	ntstatus status = check_stream_name(r);
	char *colon;
	int err;

	if (!status && info_delete_pending(call->open))
		status = STATUS_ACCESS_DENIED;
	if (status)
		return status;
	if (!claim_stream(r, *stream ? smb3_name_hash(stream) | 1 : 0))
		return STATUS_INVALID_PARAMETER;
	err = smb3_vfs_rename_stream(
		h->mount->top, &call->req->ctx, h, stream,
		r->flags & FILE_RENAME_REPLACE_IF_EXISTS ? SMB3_RENAME_REPLACE : 0);
	if (err) {
		claim_stream(r, was);
		return rename_stream_status(err);
	}
	r->old = info_path(call);
	base = smb3_arena_strdup(call->req->arena, r->old);
	colon = strrchr(base, ':');
	if (colon)
		*colon = '\0';
	r->to.path = *stream ? smb3_arena_printf(call->req->arena, "%s:%s", base, stream) : base;
	smb3_file_renamed(call->open->file, h->mount, r->old, r->to.path);
	renamed_hook(r);
	return STATUS_SUCCESS;
}

static ntstatus rename_any(struct smb3_info_call *call, bool ex)
{
	struct renaming r = { .call = call };
	ntstatus status;

	if (!call->open->file->key.stream)
		return run(call, ex, rename_now);
	status = decode(&r, ex);
	return status ? status : rename_stream(&r);
}

static ntstatus set_rename(struct smb3_info_call *call)
{
	return rename_any(call, false);
}

static ntstatus set_rename_ex(struct smb3_info_call *call)
{
	return rename_any(call, true);
}

/* ---- link ---- */

/* The new link takes the old one's place in one step. */
static int link_over(struct renaming *r)
{
	struct smb3_vfs *top = r->to_dir->mount->top;
	const struct smb3_ctx *ctx = &r->call->req->ctx;
	uint64_t unique;
	const char *name;
	int err;

	smb3_random(&unique, sizeof(unique));
	name = smb3_arena_printf(r->call->req->arena, ".smb3-link-%016llx",
				 (unsigned long long)unique);
	err = smb3_vfs_link(top, ctx, r->call->open->handle, r->to_dir, name);
	if (err)
		return err;
	err = smb3_vfs_rename(top, ctx, r->to_dir, name, r->to_dir, r->to.leaf,
			      SMB3_RENAME_REPLACE);
	if (err)
		smb3_vfs_remove(top, ctx, r->to_dir, name, false);
	return err;
}

static ntstatus link_now(struct renaming *r)
{
	const struct smb3_tree *tree = r->call->req->tree;
	int err;

	if (tree->read_only || !(tree->max_access & FILE_ADD_FILE))
		return smb3_req_deny(r->call->req, STATUS_ACCESS_DENIED, "share %s is read-only",
				     tree->share->name);
	if (r->call->open->directory)
		return STATUS_FILE_IS_A_DIRECTORY;
	if (r->exists && same_object(&r->target, &r->self))
		return STATUS_SUCCESS;
	disturb_target(r);
	if (r->exists)
		err = link_over(r);
	else
		err = smb3_vfs_link(r->to_dir->mount->top, &r->call->req->ctx,
				    r->call->open->handle, r->to_dir, r->to.leaf);
	if (err)
		return smb3_status_from_errno(err);
	replaced(r);
	smb3_name_changed(tree->share, r->to.path, FILE_ACTION_ADDED, FILE_NOTIFY_CHANGE_FILE_NAME);
	return STATUS_SUCCESS;
}

static ntstatus set_link(struct smb3_info_call *call)
{
	return run(call, false, link_now);
}

static ntstatus set_link_ex(struct smb3_info_call *call)
{
	return run(call, true, link_now);
}

const struct smb3_info info_rename = {
	.name = "FileRenameInformation",
	.min_in = 20,
	.set_access = SMB3_DELETE,
	.set = set_rename,
};

const struct smb3_info info_rename_ex = {
	.name = "FileRenameInformationEx",
	.min_in = 20,
	.set_access = SMB3_DELETE,
	.set = set_rename_ex,
};

const struct smb3_info info_link = {
	.name = "FileLinkInformation",
	.min_in = 20,
	.set = set_link,
};

const struct smb3_info info_link_ex = {
	.name = "FileLinkInformationEx",
	.min_in = 20,
	.set = set_link_ex,
};
