// SPDX-License-Identifier: Apache-2.0
/*
 * fs.c: the classes about the file system. [MS-FSCC] 2.5, [MS-FSA] 2.1.5.13
 */
#include "info.h"

#define SECTOR 512u

static const struct info_conf *conf_of(const struct smb3_info_call *call)
{
	struct smb3_mod *mod = smb3_module_of(call->req->server, &query_info_command);

	return smb3_conf_of(mod, call->req->tree->share);
}

static ntstatus fs_info(struct smb3_info_call *call, struct smb3_fsinfo *ret_info)
{
	const struct info_conf *conf = conf_of(call);
	struct smb3_handle *h = call->open->handle;
	int err = smb3_vfs_statfs(h->mount->top, &call->req->ctx, h, ret_info);

	if (err)
		return smb3_status_from_errno(err);
	if (!ret_info->sector)
		ret_info->sector = SECTOR;
	if (ret_info->block < ret_info->sector)
		ret_info->block = ret_info->sector;
	if (conf->volume_serial)
		ret_info->serial = (uint64_t)conf->volume_serial;
	if (*conf->fs_type)
		ret_info->type = conf->fs_type;
	return STATUS_SUCCESS;
}

static ntstatus query_volume(struct smb3_info_call *call)
{
	const char *label = conf_of(call)->volume_label;
	struct smb3_builder *out = call->out;
	struct smb3_fsinfo info;
	ntstatus status = fs_info(call, &info);
	size_t at;

	if (status)
		return status;
	smb3_put_u64(out, info.created);
	smb3_put_u32(out, (uint32_t)(info.serial ^ info.serial >> 32));
	at = out->len;
	smb3_put_u32(out, 0); /* VolumeLabelLength */
	smb3_put_u16(out, 0); /* SupportsObjects, Reserved */
	smb3_put_utf16(out, *label ? label : call->req->tree->share->name);
	smb3_set_u32(out, at, (uint32_t)(out->len - at - 6));
	return STATUS_SUCCESS;
}

static void put_units(struct smb3_builder *out, const struct smb3_fsinfo *info)
{
	smb3_put_u32(out, info->block / info->sector);
	smb3_put_u32(out, info->sector);
}

static ntstatus query_size(struct smb3_info_call *call)
{
	struct smb3_fsinfo info;
	ntstatus status = fs_info(call, &info);

	if (status)
		return status;
	smb3_put_u64(call->out, info.total / info.block);
	smb3_put_u64(call->out, info.available / info.block);
	put_units(call->out, &info);
	return STATUS_SUCCESS;
}

static ntstatus query_full_size(struct smb3_info_call *call)
{
	struct smb3_fsinfo info;
	ntstatus status = fs_info(call, &info);

	if (status)
		return status;
	smb3_put_u64(call->out, info.total / info.block);
	smb3_put_u64(call->out, info.available / info.block);
	smb3_put_u64(call->out, info.free / info.block);
	put_units(call->out, &info);
	return STATUS_SUCCESS;
}

static ntstatus query_device(struct smb3_info_call *call)
{
	const struct smb3_tree *tree = call->req->tree;

	smb3_put_u32(call->out, FILE_DEVICE_DISK);
	smb3_put_u32(call->out,
		     FILE_DEVICE_IS_MOUNTED | (tree->read_only ? FILE_READ_ONLY_DEVICE : 0));
	return STATUS_SUCCESS;
}

static ntstatus query_attribute(struct smb3_info_call *call)
{
	struct smb3_builder *out = call->out;
	struct smb3_fsinfo info;
	ntstatus status = fs_info(call, &info);
	size_t at;

	if (status)
		return status;
	if (call->req->tree->read_only)
		info.features |= FILE_READ_ONLY_VOLUME;
	/* As NTFS says it, which looks names up without case, too: that they may differ in it. */
	smb3_put_u32(out, info.features | FILE_CASE_SENSITIVE_SEARCH);
	smb3_put_u32(out, info.max_name);
	at = out->len;
	smb3_put_u32(out, 0); /* FileSystemNameLength */
	smb3_put_utf16(out, info.type);
	smb3_set_u32(out, at, (uint32_t)(out->len - at - 4));
	return STATUS_SUCCESS;
}

/* The row of a module that knows of the file system's quotas. */
static const struct smb3_info *control_row(const struct smb3_info_call *call)
{
	return smb3_row(call->req->server, SMB3_KIND_INFO, SMB3_INFO_QUOTA_CONTROL << 8);
}

/* Where no quotas are kept: no limits, nothing tracked. 2.5.2 */
static ntstatus query_control(struct smb3_info_call *call)
{
	const struct smb3_info *row = control_row(call);
	ntstatus status = row ? row->query(call) : STATUS_VOLUME_NOT_UPGRADED;

	if (status != STATUS_VOLUME_NOT_UPGRADED)
		return status;
	smb3_put_zero(call->out, 24);        /* FreeSpace...Filtering */
	smb3_put_u64(call->out, UINT64_MAX); /* DefaultQuotaThreshold */
	smb3_put_u64(call->out, UINT64_MAX); /* DefaultQuotaLimit */
	smb3_put_zero(call->out, 8);         /* FileSystemControlFlags, padding */
	return STATUS_SUCCESS;
}

/* [MS-FSCC] 2.5.2: what there is of quotas is kept and enforced by the file system. */
static ntstatus set_control(struct smb3_info_call *call)
{
	const struct smb3_info *row = control_row(call);

	return row ? row->set(call) : STATUS_VOLUME_NOT_UPGRADED;
}

static ntstatus set_object_id(struct smb3_info_call *call)
{
	return STATUS_NOT_SUPPORTED;
}

/* Lasts as long as the server's own GUID and the file system do. */
static ntstatus query_object_id(struct smb3_info_call *call)
{
	const struct smb3_guid *guid = smb3_server_guid(call->req->server);
	struct smb3_fsinfo info;
	ntstatus status = fs_info(call, &info);

	if (status)
		return status;
	smb3_put_bytes(call->out, guid->bytes, 8);
	smb3_put_u64(call->out, info.serial);
	smb3_put_zero(call->out, 48); /* ExtendedInfo */
	return STATUS_SUCCESS;
}

static ntstatus query_sector_size(struct smb3_info_call *call)
{
	struct smb3_builder *out = call->out;
	struct smb3_fsinfo info;
	ntstatus status = fs_info(call, &info);

	if (status)
		return status;
	smb3_put_u32(out, info.sector); /* Logical */
	smb3_put_u32(out, info.block);  /* PhysicalBytesPerSectorForAtomicity */
	smb3_put_u32(out, info.block);  /* ...ForPerformance */
	smb3_put_u32(out, info.block);  /* FileSystemEffective...ForAtomicity */
	/* aligned device, partition aligned on it, trim */
	smb3_put_u32(out, info.features & FILE_SUPPORTS_SPARSE_FILES ? 0xB : 0x3);
	smb3_put_u32(out, 0); /* ByteOffsetForSectorAlignment */
	smb3_put_u32(out, 0); /* ByteOffsetForPartitionAlignment */
	return STATUS_SUCCESS;
}

const struct smb3_info fs_volume = {
	.name = "FileFsVolumeInformation",
	.min_out = 24,
	.query = query_volume,
};

const struct smb3_info fs_size = {
	.name = "FileFsSizeInformation",
	.min_out = 24,
	.query = query_size,
};

const struct smb3_info fs_device = {
	.name = "FileFsDeviceInformation",
	.min_out = 8,
	.query = query_device,
};

const struct smb3_info fs_attribute = {
	.name = "FileFsAttributeInformation",
	.min_out = 16,
	.query = query_attribute,
};

const struct smb3_info fs_control = {
	.name = "FileFsControlInformation",
	.min_in = 48,
	.min_out = 48,
	.set_access = FILE_WRITE_DATA,
	.query = query_control,
	.set = set_control,
};

const struct smb3_info fs_full_size = {
	.name = "FileFsFullSizeInformation",
	.min_out = 32,
	.query = query_full_size,
};

const struct smb3_info fs_object_id = {
	.name = "FileFsObjectIdInformation",
	.min_in = 64,
	.min_out = 64,
	.set_access = FILE_WRITE_DATA,
	.query = query_object_id,
	.set = set_object_id,
};

const struct smb3_info fs_sector_size = {
	.name = "FileFsSectorSizeInformation",
	.min_out = 28,
	.query = query_sector_size,
};
