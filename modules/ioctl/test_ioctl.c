// SPDX-License-Identifier: Apache-2.0
/*
 * test_ioctl.c: controls that need no file system: keys and limits of copies, pipes, compression.
 */
#include "ioctl.h"
#include "offload.h"
#include "reparse.h"

#include <criterion/criterion.h>

struct fixture {
	struct smb3_arena *arena;
	struct smb3_session session;
	struct smb3_req req;
	struct smb3_open open;
	struct ioctl_req io;
	struct smb3_fsctl_call call;
};

static const struct ioctl_conf conf = { .copy_chunks = 256,
					.copy_chunk_size = 1 << 20,
					.copy_size = 16 << 20 };

static void start(struct fixture *f)
{
	*f = (struct fixture){ .arena = smb3_arena_new() };
	smb3_hash_init(&f->session.opens);
	f->req.arena = f->arena;
	f->req.session = &f->session;
	f->req.state = &f->io;
	f->io.conf = &conf;
	f->io.out = smb3_builder_arena(f->arena, 4096);
	f->call = (struct smb3_fsctl_call){
		.req = &f->req, .open = &f->open, .out = &f->io.out, .max_out = 4096
	};
}

static void end(struct fixture *f)
{
	smb3_hash_done(&f->session.opens);
	smb3_arena_free(f->arena);
}

/* ioctl.c is not part of this program: the copy is refused before it would get there. */
ntstatus ioctl_done(struct smb3_req *req)
{
	return req->status;
}

/* ---- copies ---- */

static ntstatus copy(struct fixture *f, uint32_t count, uint32_t present, uint32_t len)
{
	struct smb3_builder b = smb3_builder_arena(f->arena, 1 << 16);

	smb3_put_zero(&b, 24); /* key */
	smb3_put_u32(&b, count);
	smb3_put_u32(&b, 0);
	for (uint32_t i = 0; i < present; i++) {
		smb3_put_u64(&b, 0);
		smb3_put_u64(&b, 0);
		smb3_put_u32(&b, len);
		smb3_put_u32(&b, 0);
	}
	f->io.out.len = 0;
	f->req.keep_body = false;
	f->call.in = smb3_cursor_init(b.data, b.len);
	return fsctl_srv_copychunk.run(&f->call);
}

static void expect_limits(struct fixture *f)
{
	struct smb3_cursor c = smb3_cursor_init(f->io.out.data, f->io.out.len);

	cr_expect(f->req.keep_body, "the limits are told");
	cr_expect_eq(smb3_get_u32(&c), 256u);
	cr_expect_eq(smb3_get_u32(&c), 1u << 20);
	cr_expect_eq(smb3_get_u32(&c), 16u << 20);
	cr_expect_eq(smb3_cursor_left(&c), 0u);
}

Test(ioctl, limits_of_copies)
{
	static const struct {
		uint32_t count, len;
	} cases[] = { { 257, 1 }, { 1, (1 << 20) + 1 }, { 17, 1 << 20 }, { 1, 0 } };
	struct fixture f;

	start(&f);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		cr_expect_eq(copy(&f, cases[i].count, cases[i].count, cases[i].len),
			     STATUS_INVALID_PARAMETER, "case %zu", i);
		expect_limits(&f);
	}
	end(&f);
}

Test(ioctl, a_chunk_list_that_is_cut_off)
{
	struct fixture f;

	start(&f);
	cr_expect_eq(copy(&f, 3, 2, 100), STATUS_INVALID_PARAMETER);
	cr_expect_not(f.req.keep_body);
	cr_expect_eq(copy(&f, UINT32_MAX, 2, 100), STATUS_INVALID_PARAMETER);
	end(&f);
}

Test(ioctl, a_key_that_is_no_open_of_the_session)
{
	struct fixture f;

	start(&f);
	cr_expect_eq(copy(&f, 1, 1, 100), STATUS_OBJECT_NAME_NOT_FOUND);
	end(&f);
}

Test(ioctl, the_resume_key_is_the_file_id)
{
	struct fixture f;
	struct smb3_cursor c;

	start(&f);
	f.open.persistent_id = 3;
	f.open.volatile_id = 4;
	cr_expect_eq(fsctl_srv_request_resume_key.run(&f.call), STATUS_SUCCESS);
	cr_expect_eq(f.io.out.len, 32u);
	c = smb3_cursor_init(f.io.out.data, f.io.out.len);
	cr_expect_eq(smb3_get_u64(&c), 3u);
	cr_expect_eq(smb3_get_u64(&c), 4u);
	f.call.max_out = 31;
	cr_expect_eq(fsctl_srv_request_resume_key.run(&f.call), STATUS_INVALID_PARAMETER);
	end(&f);
}

/* ---- pipes ---- */

static ntstatus echo_write(struct smb3_pipe *pipe, struct smb3_req *req, const uint8_t *data,
			   size_t len)
{
	pipe->data = smb3_arena_copy(req->arena, data, len);
	return len == 3 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

static ntstatus echo_read(struct smb3_pipe *pipe, struct smb3_req *req, struct smb3_builder *out,
			  size_t max)
{
	size_t len = max < 3 ? max : 3;

	smb3_put_bytes(out, pipe->data, len);
	return len < 3 ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

static size_t echo_peek(const struct smb3_pipe *pipe)
{
	return 5;
}

static const struct smb3_pipe_service echo = {
	.name = "echo", .write = echo_write, .read = echo_read, .peek = echo_peek
};

Test(ioctl, pipes)
{
	struct smb3_pipe pipe = { .service = &echo };
	struct fixture f;
	struct smb3_cursor c;

	start(&f);
	f.open.pipe = &pipe;
	f.call.in = smb3_cursor_init("abc", 3);
	cr_expect_eq(fsctl_pipe_transceive.run(&f.call), STATUS_SUCCESS);
	cr_expect_eq(f.io.out.len, 3u);
	cr_expect_arr_eq(f.io.out.data, "abc", 3);
	f.call.max_out = 2;
	cr_expect_eq(fsctl_pipe_transceive.run(&f.call), STATUS_BUFFER_OVERFLOW);
	f.call.in = smb3_cursor_init("abcd", 4);
	cr_expect_eq(fsctl_pipe_transceive.run(&f.call), STATUS_INVALID_PARAMETER);
	f.io.out.len = 0;
	cr_expect_eq(fsctl_pipe_peek.run(&f.call), STATUS_SUCCESS);
	c = smb3_cursor_init(f.io.out.data, f.io.out.len);
	cr_expect_eq(smb3_get_u32(&c), 3u, "connected");
	cr_expect_eq(smb3_get_u32(&c), 5u);
	end(&f);
}

/* ---- links ---- */

Test(ioctl, targets_that_stay_inside)
{
	static const struct {
		const char *path, *target, *text; /* NULL: not one for the file system */
	} cases[] = {
		{ "link", "file", "file" },
		{ "link", "a\\b", "a/b" },
		{ "d/link", "..\\file", "../file" },
		{ "d/e/link", "..\\..\\x\\..\\y", "../../x/../y" },
		{ "link", "\\x\\y", "x/y" },
		{ "d/e/link", "\\x", "../../x" },
		{ "d/link", "\\", "../." },
		{ "link", ".\\x", "./x" },
		{ "link", "..", NULL },
		{ "link", "..\\x", NULL },
		{ "d/link", "..\\..\\x", NULL },
		{ "d/link", "a\\..\\..\\..\\x", NULL },
		{ "d/link", "\\..\\x", NULL },
		{ "link", "\\\\server\\share", NULL },
		{ "link", "C:\\x", NULL },
		{ "link", "\\??\\C:\\x", NULL },
		{ "link", "/etc/passwd", NULL },
		{ "link", "a/../../x", NULL },
	};
	struct smb3_arena *a = smb3_arena_new();

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		const char *text = reparse_unix(a, cases[i].path, cases[i].target);

		if (cases[i].text)
			cr_expect_str_eq(text ? text : "(none)", cases[i].text, "%s",
					 cases[i].target);
		else
			cr_expect_null(text, "%s from %s", cases[i].target, cases[i].path);
	}
	smb3_arena_free(a);
}

Test(ioctl, a_unix_link_comes_back_as_it_went)
{
	static const char *const targets[] = { "a", "../b/c", "\xC3\xA4\xE2\x82\xAC" };
	struct smb3_arena *a = smb3_arena_new();

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(targets); i++) {
		struct smb3_builder b = smb3_builder_arena(a, 4096);
		struct reparse rp;
		const char *target;
		bool relative;

		smb3_put_u32(&b, IO_REPARSE_TAG_SYMLINK);
		smb3_put_u32(&b, 0);
		smb3_put_symlink(&b, targets[i]);
		smb3_set_u16(&b, 4, (uint16_t)(b.len - SMB3_REPARSE_HEAD));
		cr_assert_eq(reparse_parse(b.data, b.len, &rp), STATUS_SUCCESS);
		cr_assert(reparse_link(&rp, a, &target, &relative));
		cr_expect(relative);
		cr_expect_str_eq(reparse_unix(a, "d/link", target), targets[i]);
	}
	smb3_arena_free(a);
}

/* ---- tokens ---- */

Test(ioctl, tokens)
{
	struct offload_token token = { .persistent_id = 5, .volatile_id = 6, .secret = { 7, 8 } },
			     back;
	uint8_t buf[OFFLOAD_TOKEN_SIZE];
	struct smb3_builder b = smb3_builder_init(buf, sizeof(buf));
	struct smb3_cursor c = smb3_cursor_init(buf, sizeof(buf));

	offload_token_put(&b, &token);
	cr_assert_eq(b.len, sizeof(buf));
	back = offload_token_get(&c);
	cr_expect_eq(back.kind, OFFLOAD_RANGE);
	cr_expect_eq(back.persistent_id, 5u);
	cr_expect_eq(back.volatile_id, 6u);
	cr_expect_arr_eq(back.secret, token.secret, sizeof(token.secret));
	c = smb3_cursor_init(buf, sizeof(buf) - 1);
	cr_expect_eq(offload_token_get(&c).kind, OFFLOAD_UNKNOWN, "cut off");
	buf[7] ^= 1;
	c = smb3_cursor_init(buf, sizeof(buf));
	cr_expect_eq(offload_token_get(&c).kind, OFFLOAD_UNKNOWN, "another length");
}
