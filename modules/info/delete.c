// SPDX-License-Identifier: Apache-2.0
/*
 * delete.c: the mark that a file goes when its last handle does.
 * [MS-FSCC] 2.4.11, 2.4.12; [MS-FSA] 2.1.5.15.3
 */
#include "info.h"

#define FILE_DISPOSITION_DELETE                    0x01u
#define FILE_DISPOSITION_POSIX_SEMANTICS           0x02u
#define FILE_DISPOSITION_ON_CLOSE                  0x08u
#define FILE_DISPOSITION_IGNORE_READONLY_ATTRIBUTE 0x10u
#define FILE_DISPOSITION_ALL                       0x1Fu /* 0x04: about programs that run */

static bool stop_at_first(void *arg, const struct smb3_dirent *entry)
{
	return false;
}

/* The open's own handle may not be one that reads. A folder that cannot be read is taken for
 * empty: its removal will tell. */
static ntstatus check_empty(const struct smb3_info_call *call)
{
	struct smb3_how how = { .flags = SMB3_O_READ | SMB3_O_DIRECTORY | SMB3_O_WHOLE };
	struct smb3_arena *a = call->req->arena;
	struct smb3_handle *dir, *h;
	const char *parent, *leaf;
	uint64_t cookie = 0;
	int more = 0;
	ntstatus status;

	smb3_name_split(a, info_path(call), &parent, &leaf);
	status = info_reach(call, parent, &dir);
	if (status)
		return status;
	h = smb3_handle_new(dir->mount);
	if (!smb3_vfs_open(dir->mount->top, &call->req->ctx, dir, leaf, &how, h))
		more = smb3_vfs_readdir(dir->mount->top, &call->req->ctx, h, &cookie, stop_at_first,
					NULL);
	smb3_handle_free(h);
	smb3_handle_free(dir);
	return more == 1 ? STATUS_DIRECTORY_NOT_EMPTY : STATUS_SUCCESS;
}

static ntstatus check_deletable(const struct smb3_info_call *call, bool ignore_readonly)
{
	struct smb3_handle *h = call->open->handle;
	struct smb3_stat st;
	int err;

	if (!*info_path(call))
		return smb3_req_deny(call->req, STATUS_ACCESS_DENIED,
				     "the root of a share cannot be deleted");
	err = smb3_vfs_stat(h->mount->top, &call->req->ctx, h, &st);
	if (err)
		return smb3_status_from_errno(err);
	if (st.attributes & FILE_ATTRIBUTE_READONLY && !ignore_readonly)
		return STATUS_CANNOT_DELETE;
	return call->open->directory ? check_empty(call) : STATUS_SUCCESS;
}

static ntstatus set_delete(struct smb3_info_call *call, uint32_t flags)
{
	struct smb3_open *o = call->open;
	bool on = flags & FILE_DISPOSITION_DELETE;
	ntstatus status = STATUS_SUCCESS;

	if (on)
		status = check_deletable(call, flags & FILE_DISPOSITION_IGNORE_READONLY_ATTRIBUTE);
	if (status)
		return status;
	smb3_file_lock(o->file);
	o->delete_posix = on && flags & FILE_DISPOSITION_POSIX_SEMANTICS;
	if (flags & FILE_DISPOSITION_ON_CLOSE)
		o->delete_on_close = on;
	else
		smb3_file_set_delete(o->file, o, on);
	smb3_file_unlock(o->file);
	return STATUS_SUCCESS;
}

static ntstatus set_disposition(struct smb3_info_call *call)
{
	return set_delete(call, smb3_get_u8(&call->in) ? FILE_DISPOSITION_DELETE : 0);
}

/* ON_CLOSE is about what CREATE asked for, and there is nothing to change where it did not. */
static ntstatus set_disposition_ex(struct smb3_info_call *call)
{
	uint32_t flags = smb3_get_u32(&call->in);

	if (flags & ~FILE_DISPOSITION_ALL)
		return STATUS_INVALID_PARAMETER;
	if (flags & FILE_DISPOSITION_ON_CLOSE && !(call->open->options & FILE_DELETE_ON_CLOSE))
		return STATUS_NOT_SUPPORTED;
	return set_delete(call, flags);
}

const struct smb3_info info_disposition = {
	.name = "FileDispositionInformation",
	.min_in = 1,
	.set_access = SMB3_DELETE,
	.set = set_disposition,
};

const struct smb3_info info_disposition_ex = {
	.name = "FileDispositionInformationEx",
	.min_in = 4,
	.set_access = SMB3_DELETE,
	.set = set_disposition_ex,
};
