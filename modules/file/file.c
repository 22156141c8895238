// SPDX-License-Identifier: Apache-2.0
/*
 * file.c: module file: CREATE, CLOSE, READ, WRITE and FLUSH, and the create contexts that need
 * nothing else. [MS-SMB2] 3.3.5.9 to 3.3.5.13
 */
#include "file.h"

static const struct smb3_option file_options[] = {
	{
		.name = "create_mask",
		.type = SMB3_OPT_MODE,
		.scope = SMB3_SHARE,
		.offset = offsetof(struct file_conf, create_mask),
		.value = "0664",
		.help = "Permission bits of new files; the server's umask takes none away.",
	},
	{
		.name = "directory_mask",
		.type = SMB3_OPT_MODE,
		.scope = SMB3_SHARE,
		.offset = offsetof(struct file_conf, directory_mask),
		.value = "0775",
		.help = "Permission bits of new folders; the server's umask takes none away.",
	},
	{
		.name = "force_create_mode",
		.type = SMB3_OPT_MODE,
		.scope = SMB3_SHARE,
		.offset = offsetof(struct file_conf, force_create_mode),
		.value = "0000",
		.help = "Permission bits that new files have in any case.",
	},
	{
		.name = "force_directory_mode",
		.type = SMB3_OPT_MODE,
		.scope = SMB3_SHARE,
		.offset = offsetof(struct file_conf, force_directory_mode),
		.value = "0000",
		.help = "Permission bits that new folders have in any case.",
	},
	{
		.name = "inherit_permissions",
		.type = SMB3_OPT_BOOL,
		.scope = SMB3_SHARE,
		.offset = offsetof(struct file_conf, inherit_permissions),
		.value = "false",
		.help = "New folders get the permission bits of the folder that they are in, new "
			"files those for reading and writing, instead of the masks.",
	},
	SMB3_OPTION_END,
};

static const struct smb3_provide file_provides[] = {
	SMB3_COMMAND(SMB2_CREATE, &create_command),
	SMB3_COMMAND(SMB2_CLOSE, &close_command),
	SMB3_COMMAND(SMB2_READ, &read_command),
	SMB3_COMMAND(SMB2_WRITE, &write_command),
	SMB3_COMMAND(SMB2_FLUSH, &flush_command),
	SMB3_CREATECTX(&createctx_mxac),
	SMB3_CREATECTX(&createctx_qfid),
	SMB3_CREATECTX(&createctx_alsi),
	SMB3_CREATECTX(&createctx_twrp),
	SMB3_END,
};

SMB3_MODULE(file, .summary = "opens, reads and writes files", .options = file_options,
	    .conf_size = sizeof(struct file_conf), .provides = file_provides);
