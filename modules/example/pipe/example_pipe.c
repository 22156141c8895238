// SPDX-License-Identifier: Apache-2.0
/*
 * example_pipe.c: a pipe service: a named pipe of IPC$ with which programs talk to the server.
 * Here: it answers each message with its letters in upper case. A READ that finds no answer waits for one.
 */
#include <smb3/smb3.h>
#include <stdlib.h>

#define MESSAGE_MAX 4096 /* bytes; whatever a client can make grow has a limit */

/* What one open of the pipe has; touched by the open's worker only. */
struct example_pipe {
	uint8_t answer[MESSAGE_MAX];
	size_t len, at;
	bool full;               /* there is an answer, which may be empty */
	struct smb3_req *reader; /* a READ that waits */
	struct smb3_builder *reader_out;
	size_t reader_max;
};

static ntstatus example_pipe_open(struct smb3_pipe *pipe)
{
	pipe->data = smb3_alloc(sizeof(struct example_pipe));
	return STATUS_SUCCESS;
}

/* Requests that wait have been cancelled before. */
static void example_pipe_close(struct smb3_pipe *pipe)
{
	free(pipe->data);
	pipe->data = NULL;
}

/* A reader with little room gets the message in parts. */
static ntstatus answer_take(struct example_pipe *p, struct smb3_builder *out, size_t max)
{
	size_t n = p->len - p->at < max ? p->len - p->at : max;

	smb3_put_bytes(out, p->answer + p->at, n);
	p->at += n;
	if (p->at < p->len)
		return STATUS_BUFFER_OVERFLOW;
	p->full = false;
	return STATUS_SUCCESS;
}

static ntstatus example_pipe_write(struct smb3_pipe *pipe, struct smb3_req *req,
				   const uint8_t *data, size_t len)
{
	struct example_pipe *p = pipe->data;
	struct smb3_req *reader = p->reader;

	if (p->full)
		return STATUS_PIPE_BUSY;
	if (len > MESSAGE_MAX)
		return STATUS_INVALID_PARAMETER;
	for (size_t i = 0; i < len; i++)
		p->answer[i] = data[i] >= 'a' && data[i] <= 'z' ? data[i] - 32 : data[i];
	p->len = len;
	p->at = 0;
	p->full = true;
	if (!reader)
		return STATUS_SUCCESS;
	p->reader = NULL;
	smb3_req_finish(reader, answer_take(p, p->reader_out, p->reader_max));
	return STATUS_SUCCESS;
}

/* CANCEL, or the end of the open: core has set the status. */
static void reader_cancelled(struct smb3_req *req)
{
	struct example_pipe *p = req->open->pipe->data;

	p->reader = NULL;
	smb3_req_finish(req, req->status);
}

static ntstatus example_pipe_read(struct smb3_pipe *pipe, struct smb3_req *req,
				  struct smb3_builder *out, size_t max)
{
	struct example_pipe *p = pipe->data;

	if (p->full)
		return answer_take(p, out, max);
	if (p->reader)
		return STATUS_PIPE_BUSY;
	p->reader = req;
	p->reader_out = out;
	p->reader_max = max;
	return smb3_req_pend(req, reader_cancelled, false);
}

static size_t example_pipe_peek(const struct smb3_pipe *pipe)
{
	const struct example_pipe *p = pipe->data;

	return p->full ? p->len - p->at : 0;
}

static const struct smb3_pipe_service example_pipe_row = {
	.name = "example_pipe",
	.open = example_pipe_open,
	.close = example_pipe_close,
	.write = example_pipe_write,
	.read = example_pipe_read,
	.peek = example_pipe_peek,
};

static const struct smb3_provide example_pipe_provides[] = {
	SMB3_PIPE(&example_pipe_row),
	SMB3_END,
};

SMB3_MODULE(example_pipe, .summary = "a pipe that answers in upper case",
	    .provides = example_pipe_provides);
