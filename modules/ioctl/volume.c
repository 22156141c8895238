// SPDX-License-Identifier: Apache-2.0
/*
 * volume.c: controls about the volume that a share is to its clients. [MS-FSCC] 2.3.24, 2.3.33,
 * 2.3.35; [MS-SMB2] 2.2.32.2, 3.3.5.15.1
 */
#include "ioctl.h"

#include <smb3/name.h>
#include <smb3/snapshot.h>

#define NTFS_VOLUME_DATA 96
#define SNAPSHOT_HEAD    12
#define SNAPSHOT_REPLY   16
#define SNAPSHOTS_MAX    (1u << 20)

/* There is no master file table: what would be said about it is zero. */
static ntstatus get_ntfs_volume_data(struct smb3_fsctl_call *call)
{
	struct smb3_handle *h = call->open->handle;
	struct smb3_fsinfo info;
	int err = smb3_vfs_statfs(h->mount->top, &call->req->ctx, h, &info);

	if (err)
		return smb3_status_from_errno(err);
	if (!info.block || !info.sector)
		return STATUS_INVALID_DEVICE_REQUEST;
	smb3_put_u64(call->out, info.serial);
	smb3_put_u64(call->out, info.total / info.sector);
	smb3_put_u64(call->out, info.total / info.block);
	smb3_put_u64(call->out, info.free / info.block);
	smb3_put_u64(call->out, (info.free - info.available) / info.block); /* TotalReserved */
	smb3_put_u32(call->out, info.sector);
	smb3_put_u32(call->out, info.block);
	smb3_put_zero(call->out, NTFS_VOLUME_DATA - 48);
	return STATUS_SUCCESS;
}

static ntstatus is_pathname_valid(struct smb3_fsctl_call *call)
{
	uint32_t len = smb3_get_u32(&call->in);
	const uint8_t *path = smb3_get_bytes(&call->in, len);
	struct smb3_name name;

	if (!path)
		return STATUS_INVALID_PARAMETER;
	return smb3_name_parse(call->req->arena, path, len, &name) ? STATUS_OBJECT_NAME_INVALID :
								     STATUS_SUCCESS;
}

/* Asked of the volume, which is the root. What is served is mounted, and so not dirty. */
static ntstatus is_volume_dirty(struct smb3_fsctl_call *call)
{
	if (*smb3_open_path(call->open, call->req->arena))
		return STATUS_INVALID_PARAMETER;
	smb3_put_u32(call->out, 0);
	return STATUS_SUCCESS;
}

struct versions {
	struct smb3_builder names;
	uint32_t count;
};

static bool versions_add(void *arg, smb3_nttime when)
{
	struct versions *v = arg;
	char name[SMB3_VERSION_NAME];

	smb3_version_name(when, name);
	smb3_put_utf16(&v->names, name);
	smb3_put_u16(&v->names, 0);
	v->count++;
	return smb3_builder_ok(&v->names);
}

/* Those of the share, whatever of it is open: clients look into each for what they want of it. A client
 * that has no room for all is told how many there are and what room they need; one that has 16 bytes
 * asks for just that. */
static ntstatus srv_enumerate_snapshots(struct smb3_fsctl_call *call)
{
	struct smb3_vfs *layer = smb3_vfs_versioned(call->open->handle->mount);
	struct versions v = { .names = smb3_builder_arena(call->req->arena, SNAPSHOTS_MAX) };
	bool all;
	int err;

	if (call->max_out < SNAPSHOT_REPLY)
		return STATUS_INVALID_PARAMETER;
	err = layer ? layer->ops->versions(layer, &call->req->ctx, versions_add, &v) : 0;
	if (err)
		return smb3_status_from_errno(err);
	smb3_put_u16(&v.names, 0);
	if (!v.count)
		smb3_put_u16(&v.names, 0);
	if (!smb3_builder_ok(&v.names))
		return STATUS_INSUFFICIENT_RESOURCES;
	all = v.count && v.names.len <= call->max_out - SNAPSHOT_HEAD;
	smb3_put_u32(call->out, v.count);
	smb3_put_u32(call->out, all ? v.count : 0);
	smb3_put_u32(call->out, v.count ? (uint32_t)v.names.len : 0);
	if (all)
		smb3_put_bytes(call->out, v.names.data, v.names.len);
	else
		smb3_put_u32(call->out, 0);
	return STATUS_SUCCESS;
}

const struct smb3_fsctl fsctl_get_ntfs_volume_data = {
	.name = "FSCTL_GET_NTFS_VOLUME_DATA",
	.flags = SMB3_FSCTL_FILE | SMB3_FSCTL_WORK,
	.min_out = NTFS_VOLUME_DATA,
	.run = get_ntfs_volume_data,
};

const struct smb3_fsctl fsctl_is_pathname_valid = {
	.name = "FSCTL_IS_PATHNAME_VALID",
	.flags = SMB3_FSCTL_FILE,
	.min_in = 4,
	.run = is_pathname_valid,
};

const struct smb3_fsctl fsctl_is_volume_dirty = {
	.name = "FSCTL_IS_VOLUME_DIRTY",
	.flags = SMB3_FSCTL_FILE,
	.min_out = 4,
	.run = is_volume_dirty,
};

const struct smb3_fsctl fsctl_srv_enumerate_snapshots = {
	.name = "FSCTL_SRV_ENUMERATE_SNAPSHOTS",
	.flags = SMB3_FSCTL_FILE | SMB3_FSCTL_WORK | SMB3_FSCTL_SLOW,
	.run = srv_enumerate_snapshots,
};
