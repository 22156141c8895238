// SPDX-License-Identifier: Apache-2.0
/*
 * info.c: module info: QUERY_INFO, SET_INFO, and the classes about files and file systems.
 * [MS-SMB2] 3.3.5.20, 3.3.5.21
 */
#include "info.h"

#include <stdio.h>

#define LABEL_MAX 32 /* characters; what volumes have */

#define FILE_CLASS(class, row) SMB3_INFO(SMB2_0_INFO_FILE, class, row)
#define FS_CLASS(class, row)   SMB3_INFO(SMB2_0_INFO_FILESYSTEM, class, row)

static const struct smb3_provide info_provides[] = {
	SMB3_COMMAND(SMB2_QUERY_INFO, &query_info_command),
	SMB3_COMMAND(SMB2_SET_INFO, &set_info_command),
	SMB3_CREATECTX(&createctx_exta),
	SMB3_SLOT(&ea_scan_slot),
	FILE_CLASS(FileBasicInformation, &info_basic),
	FILE_CLASS(FileStandardInformation, &info_standard),
	FILE_CLASS(FileInternalInformation, &info_internal),
	FILE_CLASS(FileEaInformation, &info_ea_size),
	FILE_CLASS(FileAccessInformation, &info_access),
	FILE_CLASS(FileNameInformation, &info_name),
	FILE_CLASS(FileRenameInformation, &info_rename),
	FILE_CLASS(FileLinkInformation, &info_link),
	FILE_CLASS(FileDispositionInformation, &info_disposition),
	FILE_CLASS(FilePositionInformation, &info_position),
	FILE_CLASS(FileFullEaInformation, &info_full_ea),
	FILE_CLASS(FileModeInformation, &info_mode),
	FILE_CLASS(FileAlignmentInformation, &info_alignment),
	FILE_CLASS(FileAllInformation, &info_all),
	FILE_CLASS(FileAllocationInformation, &info_allocation),
	FILE_CLASS(FileEndOfFileInformation, &info_end_of_file),
	FILE_CLASS(FileAlternateNameInformation, &info_alternate),
	FILE_CLASS(FileStreamInformation, &info_stream),
	FILE_CLASS(FilePipeInformation, &info_pipe),
	FILE_CLASS(FilePipeLocalInformation, &info_pipe_local),
	FILE_CLASS(FilePipeRemoteInformation, &info_pipe_remote),
	FILE_CLASS(FileMailslotQueryInformation, &info_local_query),
	FILE_CLASS(FileMailslotSetInformation, &info_local_query),
	FILE_CLASS(FileCompressionInformation, &info_compression),
	FILE_CLASS(FileObjectIdInformation, &info_local_query),
	FILE_CLASS(FileMoveClusterInformation, &info_local_query),
	FILE_CLASS(FileQuotaInformation, &info_quota),
	FILE_CLASS(FileReparsePointInformation, &info_local_query),
	FILE_CLASS(FileNetworkOpenInformation, &info_network_open),
	FILE_CLASS(FileAttributeTagInformation, &info_attribute_tag),
	FILE_CLASS(FileTrackingInformation, &info_local_query),
	FILE_CLASS(FileValidDataLengthInformation, &info_valid_data_length),
	FILE_CLASS(FileShortNameInformation, &info_short_name),
	FILE_CLASS(FileSfioReserveInformation, &info_local_query),
	FILE_CLASS(FileSfioVolumeInformation, &info_local_query),
	FILE_CLASS(FileHardLinkInformation, &info_hard_links),
	FILE_CLASS(FileNormalizedNameInformation, &info_normalized),
	FILE_CLASS(FileStandardLinkInformation, &info_standard_link),
	FILE_CLASS(FileIdInformation, &info_id),
	FILE_CLASS(FileDispositionInformationEx, &info_disposition_ex),
	FILE_CLASS(FileRenameInformationEx, &info_rename_ex),
	FILE_CLASS(FileStatInformation, &info_stat),
	FILE_CLASS(FileStatLxInformation, &info_stat_lx),
	FILE_CLASS(FileCaseSensitiveInformation, &info_case_sensitive),
	FILE_CLASS(FileLinkInformationEx, &info_link_ex),
	FILE_CLASS(FileCaseSensitiveInformationForceAccessCheck, &info_case_sensitive),
	FS_CLASS(FileFsVolumeInformation, &fs_volume),
	FS_CLASS(FileFsLabelInformation, &fs_label),
	FS_CLASS(FileFsSizeInformation, &fs_size),
	FS_CLASS(FileFsDeviceInformation, &fs_device),
	FS_CLASS(FileFsAttributeInformation, &fs_attribute),
	FS_CLASS(FileFsControlInformation, &fs_control),
	FS_CLASS(FileFsFullSizeInformation, &fs_full_size),
	FS_CLASS(FileFsObjectIdInformation, &fs_object_id),
	FS_CLASS(FileFsDriverPathInformation, &fs_local_query),
	FS_CLASS(FileFsVolumeFlagsInformation, &fs_local_query),
	FS_CLASS(FileFsSectorSizeInformation, &fs_sector_size),
	SMB3_END,
};

static const struct smb3_option info_options[] = {
	{ .name = "volume_label",
	  .type = SMB3_OPT_STRING,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct info_conf, volume_label),
	  .help = "Label of the volume that clients see; when empty, the share's name." },
	{ .name = "volume_serial",
	  .type = SMB3_OPT_INT,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct info_conf, volume_serial),
	  .value = "0",
	  .max = UINT32_MAX,
	  .help = "Serial number of the volume; 0 is one made from the file system's own." },
	{ .name = "fs_type",
	  .type = SMB3_OPT_STRING,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct info_conf, fs_type),
	  .help = "Kind of file system that clients are told, such as \"NTFS\"; when empty, what "
		  "the backend says. Some programs do not start on what is not NTFS." },
	SMB3_OPTION_END,
};

static bool info_check(struct smb3_mod *mod, const void *new_conf,
		       struct smb3_conf_wrong *ret_wrong)
{
	const struct info_conf *conf = new_conf;

	ret_wrong->option = "volume_label";
	snprintf(ret_wrong->why, sizeof(ret_wrong->why), "longer than %d characters", LABEL_MAX);
	if (smb3_utf16_size(conf->volume_label) > 2 * LABEL_MAX)
		return false;
	ret_wrong->option = "fs_type";
	return smb3_utf16_size(conf->fs_type) <= 2 * LABEL_MAX;
}

SMB3_MODULE(info, .summary = "queries and sets information about files and file systems",
	    .options = info_options, .conf_size = sizeof(struct info_conf),
	    .provides = info_provides, .check = info_check);
