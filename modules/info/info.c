// SPDX-License-Identifier: Apache-2.0
/*
 * info.c: module info: QUERY_INFO, SET_INFO, and the classes about files and file systems.
 * [MS-SMB2] 3.3.5.20, 3.3.5.21
 */
#include "info.h"

#define FILE_CLASS(class, row) SMB3_INFO(SMB2_0_INFO_FILE, class, row)
#define FS_CLASS(class, row)   SMB3_INFO(SMB2_0_INFO_FILESYSTEM, class, row)

static const struct smb3_provide info_provides[] = {
	SMB3_COMMAND(SMB2_QUERY_INFO, &query_info_command),
	SMB3_COMMAND(SMB2_SET_INFO, &set_info_command),
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
	FILE_CLASS(FileCompressionInformation, &info_compression),
	FILE_CLASS(FileNetworkOpenInformation, &info_network_open),
	FILE_CLASS(FileAttributeTagInformation, &info_attribute_tag),
	FILE_CLASS(FileNormalizedNameInformation, &info_normalized),
	FILE_CLASS(FileStandardLinkInformation, &info_standard_link),
	FILE_CLASS(FileIdInformation, &info_id),
	FILE_CLASS(FileDispositionInformationEx, &info_disposition_ex),
	FILE_CLASS(FileRenameInformationEx, &info_rename_ex),
	FILE_CLASS(FileStatInformation, &info_stat),
	FILE_CLASS(FileLinkInformationEx, &info_link_ex),
	FS_CLASS(FileFsVolumeInformation, &fs_volume),
	FS_CLASS(FileFsSizeInformation, &fs_size),
	FS_CLASS(FileFsDeviceInformation, &fs_device),
	FS_CLASS(FileFsAttributeInformation, &fs_attribute),
	FS_CLASS(FileFsControlInformation, &fs_control),
	FS_CLASS(FileFsFullSizeInformation, &fs_full_size),
	FS_CLASS(FileFsObjectIdInformation, &fs_object_id),
	FS_CLASS(FileFsSectorSizeInformation, &fs_sector_size),
	SMB3_END,
};

SMB3_MODULE(info, .summary = "queries and sets information about files and file systems",
	    .provides = info_provides);
