// SPDX-License-Identifier: Apache-2.0
/*
 * create_version.c: CREATE of something in a previous version of the share, which is named by a
 * context (TWrp) or by a component of the path, "@GMT-...". To hooks it has the path that the live
 * file has, so that what they say of it holds for its versions; for VFS calls the version's name
 * stands in front. [MS-SMB2] 2.2.13.2.7, 3.3.5.9
 */
#include "file.h"

#include <errno.h>
#include <smb3/snapshot.h>

/* Takes the first component that names a version out of path. */
static smb3_nttime take_out(char *path)
{
	for (char *at = path, *next; at; at = next) {
		size_t len = strcspn(at, "/");
		smb3_nttime when = smb3_version_parse(at, len);

		next = at[len] ? at + len + 1 : NULL;
		if (!when)
			continue;
		if (next)
			memmove(at, next, strlen(next) + 1);
		else
			at[at > path ? -1 : 0] = '\0';
		return when;
	}
	return 0;
}

ntstatus create_version(struct create *cr)
{
	struct smb3_create *c = &cr->c;
	struct smb3_arena *a = c->req->arena;
	const struct smb3_share *share = c->req->tree->share;
	char name[SMB3_VERSION_NAME], *path;
	smb3_nttime named;

	c->req->path = c->path;
	if (share->pipe || !smb3_vfs_versioned(c->req->tree->mount))
		return c->snapshot ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_SUCCESS;
	if (!c->snapshot && !strstr(c->path, SMB3_VERSION_PREFIX))
		return STATUS_SUCCESS;
	path = smb3_arena_strdup(a, c->path);
	named = take_out(path);
	if (!c->snapshot)
		c->snapshot = named;
	if (!c->snapshot)
		return STATUS_SUCCESS;
	smb3_version_name(c->snapshot, name);
	if (!*name)
		return STATUS_OBJECT_NAME_NOT_FOUND;
	c->path = c->req->path = path;
	cr->name.path = *path ? smb3_name_join(a, name, path) : smb3_arena_strdup(a, name);
	smb3_name_split(a, cr->name.path, &cr->name.parent, &cr->name.leaf);
	return STATUS_SUCCESS;
}

ntstatus create_path_missing(struct create *cr)
{
	struct smb3_mount *mount = cr->c.req->tree->mount;
	const struct smb3_ctx *ctx = &cr->c.req->ctx;
	char name[SMB3_VERSION_NAME];
	struct smb3_handle *root;
	struct smb3_stat st;
	int err;

	if (!cr->c.snapshot)
		return STATUS_OBJECT_PATH_NOT_FOUND;
	smb3_version_name(cr->c.snapshot, name);
	root = smb3_handle_new(mount);
	err = smb3_vfs_root(mount->top, ctx, root);
	if (!err)
		err = smb3_vfs_lookup(mount->top, ctx, root, name, &st);
	smb3_handle_free(root);
	return err == -ENOENT ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_OBJECT_PATH_NOT_FOUND;
}
