// SPDX-License-Identifier: Apache-2.0
/*
 * fscc.h: constants of [MS-FSCC]: attributes, information classes, file system controls.
 */
#ifndef SMB3_FSCC_H
#define SMB3_FSCC_H

/* 2.6 file attributes */
#define FILE_ATTRIBUTE_READONLY            0x00000001u
#define FILE_ATTRIBUTE_HIDDEN              0x00000002u
#define FILE_ATTRIBUTE_SYSTEM              0x00000004u
#define FILE_ATTRIBUTE_DIRECTORY           0x00000010u
#define FILE_ATTRIBUTE_ARCHIVE             0x00000020u
#define FILE_ATTRIBUTE_NORMAL              0x00000080u
#define FILE_ATTRIBUTE_TEMPORARY           0x00000100u
#define FILE_ATTRIBUTE_SPARSE_FILE         0x00000200u
#define FILE_ATTRIBUTE_REPARSE_POINT       0x00000400u
#define FILE_ATTRIBUTE_COMPRESSED          0x00000800u
#define FILE_ATTRIBUTE_OFFLINE             0x00001000u
#define FILE_ATTRIBUTE_NOT_CONTENT_INDEXED 0x00002000u
#define FILE_ATTRIBUTE_ENCRYPTED           0x00004000u
#define FILE_ATTRIBUTE_INTEGRITY_STREAM    0x00008000u
#define FILE_ATTRIBUTE_NO_SCRUB_DATA       0x00020000u

/* 2.7.1 FILE_NOTIFY_INFORMATION */
#define FILE_ACTION_ADDED            1u
#define FILE_ACTION_REMOVED          2u
#define FILE_ACTION_MODIFIED         3u
#define FILE_ACTION_RENAMED_OLD_NAME 4u
#define FILE_ACTION_RENAMED_NEW_NAME 5u
#define FILE_ACTION_ADDED_STREAM     6u
#define FILE_ACTION_REMOVED_STREAM   7u
#define FILE_ACTION_MODIFIED_STREAM  8u

/* [MS-SMB2] 2.2.35 CompletionFilter */
#define FILE_NOTIFY_CHANGE_FILE_NAME    0x00000001u
#define FILE_NOTIFY_CHANGE_DIR_NAME     0x00000002u
#define FILE_NOTIFY_CHANGE_ATTRIBUTES   0x00000004u
#define FILE_NOTIFY_CHANGE_SIZE         0x00000008u
#define FILE_NOTIFY_CHANGE_LAST_WRITE   0x00000010u
#define FILE_NOTIFY_CHANGE_LAST_ACCESS  0x00000020u
#define FILE_NOTIFY_CHANGE_CREATION     0x00000040u
#define FILE_NOTIFY_CHANGE_EA           0x00000080u
#define FILE_NOTIFY_CHANGE_SECURITY     0x00000100u
#define FILE_NOTIFY_CHANGE_STREAM_NAME  0x00000200u
#define FILE_NOTIFY_CHANGE_STREAM_SIZE  0x00000400u
#define FILE_NOTIFY_CHANGE_STREAM_WRITE 0x00000800u

/* 2.4 file information classes */
#define FileDirectoryInformation           1
#define FileFullDirectoryInformation       2
#define FileBothDirectoryInformation       3
#define FileBasicInformation               4
#define FileStandardInformation            5
#define FileInternalInformation            6
#define FileEaInformation                  7
#define FileAccessInformation              8
#define FileNameInformation                9
#define FileRenameInformation              10
#define FileLinkInformation                11
#define FileNamesInformation               12
#define FileDispositionInformation         13
#define FilePositionInformation            14
#define FileFullEaInformation              15
#define FileModeInformation                16
#define FileAlignmentInformation           17
#define FileAllInformation                 18
#define FileAllocationInformation          19
#define FileEndOfFileInformation           20
#define FileAlternateNameInformation       21
#define FileStreamInformation              22
#define FilePipeInformation                23
#define FilePipeLocalInformation           24
#define FilePipeRemoteInformation          25
#define FileMailslotQueryInformation       26
#define FileMailslotSetInformation         27
#define FileCompressionInformation         28
#define FileObjectIdInformation            29
#define FileMoveClusterInformation         31
#define FileQuotaInformation               32
#define FileReparsePointInformation        33
#define FileNetworkOpenInformation         34
#define FileAttributeTagInformation        35
#define FileTrackingInformation            36
#define FileIdBothDirectoryInformation     37
#define FileIdFullDirectoryInformation     38
#define FileValidDataLengthInformation     39
#define FileShortNameInformation           40
#define FileSfioReserveInformation         44
#define FileSfioVolumeInformation          45
#define FileHardLinkInformation            46
#define FileNormalizedNameInformation      48
#define FileIdGlobalTxDirectoryInformation 50
#define FileStandardLinkInformation        54
#define FileIdInformation                  59
#define FileIdExtdDirectoryInformation     60
#define FileIdExtdBothDirectoryInformation 63
#define FileDispositionInformationEx       64
#define FileRenameInformationEx            65
#define FileStatInformation                68
#define FileStatLxInformation              70
#define FileCaseSensitiveInformation       71
#define FileLinkInformationEx              72
/* [ntifs.h] the same, with the rights of the caller */
#define FileCaseSensitiveInformationForceAccessCheck 75
#define FileId64ExtdDirectoryInformation             78
#define FileId64ExtdBothDirectoryInformation         79
#define FileIdAllExtdDirectoryInformation            80
#define FileIdAllExtdBothDirectoryInformation        81

/* 2.5 file system information classes */
#define FileFsVolumeInformation      1
#define FileFsLabelInformation       2
#define FileFsSizeInformation        3
#define FileFsDeviceInformation      4
#define FileFsAttributeInformation   5
#define FileFsControlInformation     6
#define FileFsFullSizeInformation    7
#define FileFsObjectIdInformation    8
#define FileFsDriverPathInformation  9
#define FileFsVolumeFlagsInformation 10
#define FileFsSectorSizeInformation  11

/* 2.5.1 FileFsAttributeInformation */
#define FILE_CASE_SENSITIVE_SEARCH   0x00000001u
#define FILE_CASE_PRESERVED_NAMES    0x00000002u
#define FILE_UNICODE_ON_DISK         0x00000004u
#define FILE_PERSISTENT_ACLS         0x00000008u
#define FILE_FILE_COMPRESSION        0x00000010u
#define FILE_SUPPORTS_SPARSE_FILES   0x00000040u
#define FILE_SUPPORTS_REPARSE_POINTS 0x00000080u
#define FILE_NAMED_STREAMS           0x00040000u
#define FILE_READ_ONLY_VOLUME        0x00080000u

#define FILE_SUPPORTS_HARD_LINKS          0x00400000u
#define FILE_SUPPORTS_EXTENDED_ATTRIBUTES 0x00800000u
#define FILE_SUPPORTS_BLOCK_REFCOUNTING   0x08000000u

/* 2.5.9 FileFsDeviceInformation */
#define FILE_DEVICE_DISK       0x00000007u
#define FILE_DEVICE_NAMED_PIPE 0x00000011u
#define FILE_REMOTE_DEVICE     0x00000010u
#define FILE_DEVICE_IS_MOUNTED 0x00000020u
#define FILE_READ_ONLY_DEVICE  0x00000002u

/* 2.3 file system controls; [MS-SMB2] 2.2.31, [MS-RSVD] 2.2.3, [MS-SQOS] 2.2.1 */
#define FSCTL_DFS_GET_REFERRALS                 0x00060194u
#define FSCTL_DFS_GET_REFERRALS_EX              0x000601B0u
#define FSCTL_IS_PATHNAME_VALID                 0x0009002Cu
#define FSCTL_GET_COMPRESSION                   0x0009003Cu
#define FSCTL_SET_COMPRESSION                   0x0009C040u
#define FSCTL_QUERY_FAT_BPB                     0x00090058u
#define FSCTL_FILESYSTEM_GET_STATISTICS         0x00090060u
#define FSCTL_GET_NTFS_VOLUME_DATA              0x00090064u
#define FSCTL_GET_RETRIEVAL_POINTERS            0x00090073u
#define FSCTL_IS_VOLUME_DIRTY                   0x00090078u
#define FSCTL_FIND_FILES_BY_SID                 0x0009008Fu
#define FSCTL_SET_OBJECT_ID                     0x00090098u
#define FSCTL_GET_OBJECT_ID                     0x0009009Cu
#define FSCTL_DELETE_OBJECT_ID                  0x000900A0u
#define FSCTL_SET_REPARSE_POINT                 0x000900A4u
#define FSCTL_GET_REPARSE_POINT                 0x000900A8u
#define FSCTL_DELETE_REPARSE_POINT              0x000900ACu
#define FSCTL_SET_OBJECT_ID_EXTENDED            0x000900BCu
#define FSCTL_CREATE_OR_GET_OBJECT_ID           0x000900C0u
#define FSCTL_SET_SPARSE                        0x000900C4u
#define FSCTL_SET_ZERO_DATA                     0x000980C8u
#define FSCTL_QUERY_ALLOCATED_RANGES            0x000940CFu
#define FSCTL_SET_ENCRYPTION                    0x000900D7u
#define FSCTL_WRITE_RAW_ENCRYPTED               0x000900DFu
#define FSCTL_READ_RAW_ENCRYPTED                0x000900E3u
#define FSCTL_READ_FILE_USN_DATA                0x000900EBu
#define FSCTL_WRITE_USN_CLOSE_RECORD            0x000900EFu
#define FSCTL_MARK_HANDLE                       0x000900FCu
#define FSCTL_SIS_COPYFILE                      0x00090100u
#define FSCTL_RECALL_FILE                       0x00090117u
#define FSCTL_SET_DEFECT_MANAGEMENT             0x00098134u
#define FSCTL_QUERY_SPARING_INFO                0x00090138u
#define FSCTL_QUERY_ON_DISK_VOLUME_INFO         0x0009013Cu
#define FSCTL_SET_ZERO_ON_DEALLOCATION          0x00090194u
#define FSCTL_FILE_LEVEL_TRIM                   0x00098208u
#define FSCTL_OFFLOAD_READ                      0x00094264u
#define FSCTL_OFFLOAD_WRITE                     0x00098268u
#define FSCTL_GET_INTEGRITY_INFORMATION         0x0009027Cu
#define FSCTL_SET_INTEGRITY_INFORMATION         0x0009C280u
#define FSCTL_QUERY_FILE_REGIONS                0x00090284u
#define FSCTL_QUERY_SHARED_VIRTUAL_DISK_SUPPORT 0x00090300u
#define FSCTL_SVHDX_SYNC_TUNNEL_REQUEST         0x00090304u
#define FSCTL_DUPLICATE_EXTENTS_TO_FILE         0x00098344u
#define FSCTL_STORAGE_QOS_CONTROL               0x00090350u
#define FSCTL_SVHDX_ASYNC_TUNNEL_REQUEST        0x00090364u
#define FSCTL_SET_INTEGRITY_INFORMATION_EX      0x00090380u
#define FSCTL_DUPLICATE_EXTENTS_TO_FILE_EX      0x000983E8u
#define FSCTL_REFS_STREAM_SNAPSHOT_MANAGEMENT   0x00090440u
#define FSCTL_PIPE_PEEK                         0x0011400Cu
#define FSCTL_PIPE_WAIT                         0x00110018u
#define FSCTL_PIPE_TRANSCEIVE                   0x0011C017u
#define FSCTL_SRV_REQUEST_RESUME_KEY            0x00140078u
#define FSCTL_LMR_SET_LINK_TRACKING_INFORMATION 0x001400ECu
#define FSCTL_SRV_ENUMERATE_SNAPSHOTS           0x00144064u
#define FSCTL_SRV_COPYCHUNK                     0x001440F2u
#define FSCTL_SRV_COPYCHUNK_WRITE               0x001480F2u
#define FSCTL_SRV_NOTIFY_TRANSACTION            0x00148118u
#define FSCTL_SRV_READ_HASH                     0x001441BBu
#define FSCTL_LMR_REQUEST_RESILIENCY            0x001401D4u
#define FSCTL_QUERY_NETWORK_INTERFACE_INFO      0x001401FCu
#define FSCTL_VALIDATE_NEGOTIATE_INFO           0x00140204u

/* 2.1.2.1 reparse tags */
#define IO_REPARSE_TAG_MOUNT_POINT 0xA0000003u
#define IO_REPARSE_TAG_SYMLINK     0xA000000Cu
#define IO_REPARSE_TAG_NFS         0x80000014u
#define IO_REPARSE_TAG_LX_SYMLINK  0xA000001Du
#define IO_REPARSE_TAG_AF_UNIX     0x80000023u
#define IO_REPARSE_TAG_LX_FIFO     0x80000024u
#define IO_REPARSE_TAG_LX_CHR      0x80000025u
#define IO_REPARSE_TAG_LX_BLK      0x80000026u

#endif
