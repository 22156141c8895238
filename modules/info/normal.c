// SPDX-License-Identifier: Apache-2.0
/*
 * normal.c: the path of a file as its folders spell it. [MS-FSCC] 2.4.34, [MS-FSA] 2.1.5.12.22
 */
#include "info.h"

/* The entry's own spelling; as it was asked for where that cannot be found out any more. The handle
 * moves on to it. */
static const char *spelling(struct smb3_info_call *call, struct smb3_handle **dir, const char *name)
{
	struct smb3_how how = { .flags = SMB3_O_META | SMB3_O_NOFOLLOW };
	struct smb3_handle *h;
	int err = -1;

	if (!*dir)
		return name;
	h = smb3_handle_new((*dir)->mount);
	err = smb3_vfs_open((*dir)->mount->top, &call->req->ctx, *dir, name, &how, h);
	smb3_handle_free(*dir);
	if (err) {
		smb3_handle_free(h);
		*dir = NULL;
		return name;
	}
	*dir = h;
	return h->name && *h->name ? smb3_arena_strdup(call->req->arena, h->name) : name;
}

/* Without a leading backslash, and known since 3.1.1 only. */
static ntstatus query_normalized(struct smb3_info_call *call)
{
	struct smb3_arena *a = call->req->arena;
	char *rest = smb3_arena_strdup(a, info_path(call)), *stream = strchr(rest, ':'), *name;
	struct smb3_handle *dir = NULL;
	const char *path = "";
	ntstatus status;

	if (call->req->conn->revision < SMB2_DIALECT_0311)
		return STATUS_NOT_SUPPORTED;
	status = info_reach(call, "", &dir);
	if (status)
		return status;
	if (stream)
		*stream++ = '\0';
	while ((name = strsep(&rest, "/")) && *name)
		path = smb3_name_join(a, path, spelling(call, &dir, name));
	smb3_handle_free(dir);
	path = info_shown(call, path);
	info_put_name(call, stream ? smb3_arena_printf(a, "%s:%s", path, stream) : path);
	return STATUS_SUCCESS;
}

const struct smb3_info info_normalized = {
	.name = "FileNormalizedNameInformation",
	.min_out = 8,
	.query = query_normalized,
};
