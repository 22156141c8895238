// SPDX-License-Identifier: Apache-2.0
/*
 * pipe.c: controls of named pipes. [MS-FSCC] 2.3.49, 2.3.55, 2.3.56; [MS-SMB2] 3.3.5.15.10
 */
#include "ioctl.h"

#define FILE_PIPE_CONNECTED_STATE 3
#define PIPE_WAIT_HEADER          14 /* Timeout, NameLength, TimeoutSpecified, Padding */

/* One message there and one back. */
static ntstatus pipe_transceive(struct smb3_fsctl_call *call)
{
	struct smb3_pipe *pipe = call->open->pipe;
	const struct smb3_pipe_service *s = pipe->service;
	ntstatus status = STATUS_SUCCESS;

	if (s->transceive) {
		status = s->transceive(pipe, call->req, &call->in, call->out, call->max_out);
	} else {
		status = s->write(pipe, call->req, call->in.base, smb3_cursor_left(&call->in));
		if (!status)
			status = s->read(pipe, call->req, call->out, call->max_out);
	}
	if (status == STATUS_PENDING)
		call->req->complete = ioctl_done;
	return status;
}

static ntstatus pipe_peek(struct smb3_fsctl_call *call)
{
	const struct smb3_pipe *pipe = call->open->pipe;
	size_t available = pipe->service->peek ? pipe->service->peek(pipe) : 0;

	smb3_put_u32(call->out, FILE_PIPE_CONNECTED_STATE);
	smb3_put_u32(call->out, (uint32_t)available);
	smb3_put_u32(call->out, available ? 1 : 0); /* NumberOfMessages */
	smb3_put_u32(call->out, (uint32_t)available);
	return STATUS_SUCCESS;
}

/* A service takes any number of clients: there is nothing to wait for. */
static ntstatus pipe_wait(struct smb3_fsctl_call *call)
{
	struct smb3_req *req = call->req;
	const uint8_t *utf16;
	const char *name;
	uint32_t len;

	smb3_get_skip(&call->in, 8); /* Timeout */
	len = smb3_get_u32(&call->in);
	smb3_get_skip(&call->in, 2); /* TimeoutSpecified, Padding */
	utf16 = smb3_get_bytes(&call->in, len);
	if (!req->tree->share->pipe || !utf16)
		return STATUS_INVALID_PARAMETER;
	name = smb3_utf16_to_utf8(req->arena, utf16, len);
	if (!name)
		return STATUS_OBJECT_NAME_INVALID;
	return smb3_pipe_find(req->server, name) ? STATUS_SUCCESS : STATUS_OBJECT_NAME_NOT_FOUND;
}

const struct smb3_fsctl fsctl_pipe_transceive = {
	.name = "FSCTL_PIPE_TRANSCEIVE",
	.flags = SMB3_FSCTL_PIPE,
	.access = FILE_READ_DATA | FILE_WRITE_DATA,
	.run = pipe_transceive,
};

const struct smb3_fsctl fsctl_pipe_peek = {
	.name = "FSCTL_PIPE_PEEK",
	.flags = SMB3_FSCTL_PIPE,
	.min_out = 16,
	.access = FILE_READ_DATA,
	.run = pipe_peek,
};

const struct smb3_fsctl fsctl_pipe_wait = {
	.name = "FSCTL_PIPE_WAIT",
	.flags = SMB3_FSCTL_NO_OPEN,
	.min_in = PIPE_WAIT_HEADER,
	.run = pipe_wait,
};
