// SPDX-License-Identifier: Apache-2.0
/*
 * handle.c: classes about the open rather than the file. [MS-FSCC] 2.4.27, 2.4.36
 */
#include "info.h"

/* What may be changed after the open. [MS-FSA] 2.1.5.15.9 */
#define MODE_SETTABLE                                                            \
	(FILE_WRITE_THROUGH | FILE_SEQUENTIAL_ONLY | FILE_SYNCHRONOUS_IO_ALERT | \
	 FILE_SYNCHRONOUS_IO_NONALERT)
#define MODE_SYNCHRONOUS (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT)

static ntstatus query_position(struct smb3_info_call *call)
{
	smb3_put_u64(call->out, call->position);
	return STATUS_SUCCESS;
}

static ntstatus set_position(struct smb3_info_call *call)
{
	uint64_t position = smb3_get_u64(&call->in);

	if (position > INT64_MAX)
		return STATUS_INVALID_PARAMETER;
	call->open->position = position;
	return STATUS_SUCCESS;
}

static ntstatus query_mode(struct smb3_info_call *call)
{
	smb3_put_u32(call->out, call->mode);
	return STATUS_SUCCESS;
}

static ntstatus set_mode(struct smb3_info_call *call)
{
	uint32_t mode = smb3_get_u32(&call->in), was = call->open->mode;

	if (mode & ~MODE_SETTABLE || (mode & MODE_SYNCHRONOUS) == MODE_SYNCHRONOUS)
		return STATUS_INVALID_PARAMETER;
	call->open->mode = (was & ~MODE_SETTABLE) | mode;
	return STATUS_SUCCESS;
}

const struct smb3_info info_position = {
	.name = "FilePositionInformation",
	.min_in = 8,
	.min_out = 8,
	.flags = SMB3_INFO_ON_LOOP | SMB3_INFO_PIPE_OK,
	.query = query_position,
	.set = set_position,
};

const struct smb3_info info_mode = {
	.name = "FileModeInformation",
	.min_in = 4,
	.min_out = 4,
	.flags = SMB3_INFO_ON_LOOP | SMB3_INFO_PIPE_OK,
	.query = query_mode,
	.set = set_mode,
};
