// SPDX-License-Identifier: Apache-2.0
/*
 * pipe.c: the classes about named pipes. [MS-FSCC] 2.4.36 to 2.4.38. They exist for pipes only:
 * no file has them.
 *
 * All services speak in messages and have one instance an open.
 */
#include "info.h"

#define FILE_PIPE_MESSAGE_TYPE    1u
#define FILE_PIPE_FULL_DUPLEX     2u
#define FILE_PIPE_CONNECTED_STATE 3u
#define FILE_PIPE_CLIENT_END      0u
#define PIPE_INSTANCES            UINT32_MAX /* no limit */
#define PIPE_QUOTA                4096u

static ntstatus query_pipe(struct smb3_info_call *call)
{
	const struct smb3_pipe *pipe = call->open->pipe;

	if (!pipe)
		return STATUS_INVALID_PARAMETER;
	smb3_put_u32(call->out, !pipe->bytes);
	smb3_put_u32(call->out, pipe->no_wait);
	return STATUS_SUCCESS;
}

/* Who reads bytes cannot go back to messages. */
static ntstatus set_pipe(struct smb3_info_call *call)
{
	uint32_t messages = smb3_get_u32(&call->in), no_wait = smb3_get_u32(&call->in);
	struct smb3_pipe *pipe = call->open->pipe;

	if (!pipe || messages > 1 || no_wait > 1 || (messages && pipe->bytes))
		return STATUS_INVALID_PARAMETER;
	pipe->bytes = !messages;
	pipe->no_wait = no_wait;
	return STATUS_SUCCESS;
}

static ntstatus query_local(struct smb3_info_call *call)
{
	const struct smb3_pipe *pipe = call->open->pipe;
	struct smb3_builder *out = call->out;

	if (!pipe)
		return STATUS_INVALID_PARAMETER;
	smb3_put_u32(out, FILE_PIPE_MESSAGE_TYPE);
	smb3_put_u32(out, FILE_PIPE_FULL_DUPLEX);
	smb3_put_u32(out, PIPE_INSTANCES);
	smb3_put_u32(out, 1); /* CurrentInstances */
	smb3_put_u32(out, PIPE_QUOTA);
	smb3_put_u32(out, pipe->service->peek ? (uint32_t)pipe->service->peek(pipe) : 0);
	smb3_put_u32(out, PIPE_QUOTA);
	smb3_put_u32(out, PIPE_QUOTA); /* WriteQuotaAvailable */
	smb3_put_u32(out, FILE_PIPE_CONNECTED_STATE);
	smb3_put_u32(out, FILE_PIPE_CLIENT_END);
	return STATUS_SUCCESS;
}

/* Data is never collected before it is sent. */
static ntstatus query_remote(struct smb3_info_call *call)
{
	if (!call->open->pipe)
		return STATUS_INVALID_PARAMETER;
	smb3_put_zero(call->out, 12); /* CollectDataTime, MaximumCollectionCount */
	return STATUS_SUCCESS;
}

const struct smb3_info info_pipe = {
	.name = "FilePipeInformation",
	.min_in = 8,
	.min_out = 8,
	.flags = SMB3_INFO_PIPE_OK | SMB3_INFO_ON_LOOP,
	.query_access = FILE_READ_ATTRIBUTES,
	.set_access = FILE_WRITE_ATTRIBUTES,
	.query = query_pipe,
	.set = set_pipe,
};

const struct smb3_info info_pipe_local = {
	.name = "FilePipeLocalInformation",
	.min_out = 40,
	.flags = SMB3_INFO_PIPE_OK | SMB3_INFO_ON_LOOP,
	.query_access = FILE_READ_ATTRIBUTES,
	.query = query_local,
};

const struct smb3_info info_pipe_remote = {
	.name = "FilePipeRemoteInformation",
	.min_out = 12,
	.flags = SMB3_INFO_PIPE_OK | SMB3_INFO_ON_LOOP,
	.query_access = FILE_READ_ATTRIBUTES,
	.query = query_remote,
};
