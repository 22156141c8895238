// SPDX-License-Identifier: Apache-2.0
/*
 * reach.c: from a path to its folder, for the classes that change names.
 */
#include "info.h"

#include <errno.h>

ntstatus info_reach(const struct smb3_info_call *call, const char *parent,
		    struct smb3_handle **ret_dir)
{
	struct smb3_mount *mount = call->open->handle->mount;
	const struct smb3_ctx *ctx = &call->req->ctx;
	struct smb3_handle *root = smb3_handle_new(mount), *dir = root;
	int err = smb3_vfs_root(mount->top, ctx, root);

	if (!err && *parent) {
		dir = smb3_handle_new(mount);
		err = smb3_vfs_walk(mount->top, ctx, root, parent, dir);
		smb3_handle_free(root);
	}
	if (!err) {
		*ret_dir = dir;
		return STATUS_SUCCESS;
	}
	smb3_handle_free(dir);
	return err == -ENOENT || err == -ENOTDIR ? STATUS_OBJECT_PATH_NOT_FOUND :
						   smb3_status_from_errno(err);
}
