// SPDX-License-Identifier: Apache-2.0
/*
 * test_pipe.c: named pipes in a whole server: what is meant for files meets a handle that has none.
 */
#include "core.h"
#include "test_client.h"
#include "testserver.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct test_server *server;
static struct test_client *client;
static struct test_open pipe_open;

/* A service that gives back what it was given. */
struct echo {
	size_t len;
	uint8_t data[64];
};

static ntstatus echo_open(struct smb3_pipe *pipe)
{
	pipe->data = smb3_alloc(sizeof(struct echo));
	return STATUS_SUCCESS;
}

static void echo_close(struct smb3_pipe *pipe)
{
	free(pipe->data);
}

static ntstatus echo_write(struct smb3_pipe *pipe, struct smb3_req *req, const uint8_t *data,
			   size_t len)
{
	struct echo *e = pipe->data;

	e->len = len < sizeof(e->data) ? len : sizeof(e->data);
	memcpy(e->data, data, e->len);
	return STATUS_SUCCESS;
}

static ntstatus echo_read(struct smb3_pipe *pipe, struct smb3_req *req, struct smb3_builder *out,
			  size_t max)
{
	struct echo *e = pipe->data;

	smb3_put_bytes(out, e->data, e->len < max ? e->len : max);
	e->len = 0;
	return STATUS_SUCCESS;
}

static size_t echo_peek(const struct smb3_pipe *pipe)
{
	const struct echo *e = pipe->data;

	return e->len;
}

static const struct smb3_pipe_service echo = {
	.name = "echo",
	.open = echo_open,
	.close = echo_close,
	.write = echo_write,
	.read = echo_read,
	.peek = echo_peek,
};

static const struct smb3_provide provide = SMB3_PIPE(&echo);

/* As if a module had declared it; the server is idle. */
static void declare(struct smb3_registry *r)
{
	size_t n = r->count[SMB3_KIND_PIPE]++;

	r->rows[SMB3_KIND_PIPE] = smb3_realloc(r->rows[SMB3_KIND_PIPE], (n + 1) * sizeof(void *));
	r->owners[SMB3_KIND_PIPE] =
		smb3_realloc(r->owners[SMB3_KIND_PIPE], (n + 1) * sizeof(void *));
	r->rows[SMB3_KIND_PIPE][n] = &provide;
	r->owners[SMB3_KIND_PIPE][n] = r->owners[SMB3_KIND_COMMAND][0];
}

static void setup(void)
{
	server = test_server_start(NULL);
	declare(&test_server_core(server)->registry);
	client = test_client_new(server, "IPC$");
	cr_assert_eq(test_create(client, "echo", GENERIC_READ | GENERIC_WRITE, FILE_OPEN,
				 &pipe_open),
		     0u);
}

static void teardown(void)
{
	test_client_free(client);
	test_server_stop(server);
}

TestSuite(pipe, .init = setup, .fini = teardown, .timeout = 60);

Test(pipe, no_class_takes_it_for_a_file)
{
	static const uint8_t zeros[128];

	for (unsigned int class = 0; class < 128; class ++) {
		for (uint8_t type = 0; type <= 5; type++) {
			test_query(client, &pipe_open, type, (uint8_t) class);
			test_set(client, &pipe_open, type, (uint8_t) class, zeros, sizeof(zeros));
		}
		EXPECT_STATUS(test_list(client, &pipe_open, (uint8_t) class) >> 30, 3);
	}
	/* It has been set to bytes meanwhile, and is there. */
	EXPECT_STATUS(test_write(client, &pipe_open, "hello"), STATUS_SUCCESS);
	EXPECT_STATUS(test_read(client, &pipe_open, 64), STATUS_SUCCESS);
	EXPECT_STATUS(test_flush(client, &pipe_open), STATUS_SUCCESS);
	EXPECT_STATUS(test_close(client, &pipe_open), STATUS_SUCCESS);
}

Test(pipe, classes_that_it_has)
{
	static const uint8_t has[] = { FileBasicInformation,     FileStandardInformation,
				       FileInternalInformation,  FileEaInformation,
				       FileAccessInformation,    FileNameInformation,
				       FilePositionInformation,  FileModeInformation,
				       FileAllInformation,       FilePipeInformation,
				       FilePipeLocalInformation, FilePipeRemoteInformation };
	static const uint8_t has_not[] = { FileStreamInformation,   FileNetworkOpenInformation,
					   FileHardLinkInformation, FileIdInformation,
					   FileFullEaInformation,   FileCompressionInformation };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(has); i++)
		EXPECT_STATUS(test_query(client, &pipe_open, SMB2_0_INFO_FILE, has[i]),
			      STATUS_SUCCESS);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(has_not); i++)
		EXPECT_STATUS(test_query(client, &pipe_open, SMB2_0_INFO_FILE, has_not[i]),
			      STATUS_INVALID_PARAMETER);
}

static uint32_t set_modes(uint8_t messages, uint8_t no_wait)
{
	const uint8_t modes[8] = { messages, 0, 0, 0, no_wait, 0, 0, 0 };

	return test_set(client, &pipe_open, SMB2_0_INFO_FILE, FilePipeInformation, modes,
			sizeof(modes));
}

Test(pipe, modes)
{
	EXPECT_STATUS(set_modes(1, 1), STATUS_SUCCESS);
	EXPECT_STATUS(test_read(client, &pipe_open, 64), STATUS_PIPE_EMPTY);
	EXPECT_STATUS(test_write(client, &pipe_open, "hello"), STATUS_SUCCESS);
	EXPECT_STATUS(test_read(client, &pipe_open, 64), STATUS_SUCCESS);
	EXPECT_STATUS(set_modes(2, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(set_modes(0, 2), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(set_modes(0, 0), STATUS_SUCCESS);
	EXPECT_STATUS(set_modes(1, 0), STATUS_INVALID_PARAMETER);
}
