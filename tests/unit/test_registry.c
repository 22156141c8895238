// SPDX-License-Identifier: Apache-2.0
/*
 * test_registry.c: rows are found by their keys, and none has two owners.
 */
#include "caught.h"
#include "core.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static ntstatus run(struct smb3_req *req)
{
	return STATUS_SUCCESS;
}

static ntstatus run_fsctl(struct smb3_fsctl_call *call)
{
	return STATUS_SUCCESS;
}

static ntstatus parse(struct smb3_create *c, struct smb3_cursor *data, void **ret_state)
{
	return STATUS_SUCCESS;
}

static ntstatus pipe_read(struct smb3_pipe *p, struct smb3_req *req, struct smb3_builder *out,
			  size_t max)
{
	return STATUS_SUCCESS;
}

static enum smb3_verdict run_hook(struct smb3_mod *mod, struct smb3_event *event)
{
	return SMB3_PASS;
}

static const struct smb3_command create = { .name = "CREATE", .run = run };
static const struct smb3_command echo = { .name = "ECHO", .run = run };
static const struct smb3_fsctl low = { .name = "LOW", .run = run_fsctl };
static const struct smb3_fsctl high = { .name = "HIGH", .run = run_fsctl };
static const struct smb3_info basic = { .name = "FileBasicInformation" };
static const struct smb3_createctx mxac = {
	.name = "MxAc", .tag = "MxAc", .tag_len = 4, .parse = parse
};
static const struct smb3_createctx zeros = {
	.name = "zeros", .tag = "M\0Ac", .tag_len = 4, .parse = parse
};
static const struct smb3_vfs_ops posix = { .name = "posix" };
static const struct smb3_pipe_service srvsvc = { .name = "srvsvc", .read = pipe_read };
static const struct smb3_hook hook = {
	.point = SMB3_HOOK_OPENED, .order = 300, .name = "acl", .run = run_hook
};
static struct smb3_slot slot = { .kind = SMB3_SLOT_OPEN, .size = 8 };

static const struct smb3_provide rows[] = {
	SMB3_COMMAND(SMB2_ECHO, &echo),
	SMB3_COMMAND(SMB2_CREATE, &create),
	SMB3_FSCTL(0xffffffffu, &high),
	SMB3_FSCTL(0x00060194u, &low),
	SMB3_INFO(SMB2_0_INFO_FILE, 4, &basic),
	SMB3_CREATECTX(&mxac),
	SMB3_CREATECTX(&zeros),
	SMB3_VFS(&posix),
	SMB3_PIPE(&srvsvc),
	SMB3_HOOK(&hook),
	SMB3_SLOT(&slot),
	SMB3_END,
};

static const struct smb3_module one_module = { .name = "one" }, two_module = { .name = "two" };
static struct smb3_mod one = { .module = &one_module }, two = { .module = &two_module };
static struct smb3_server *server;

static void setup(void)
{
	server = calloc(1, sizeof(*server));
	cr_assert_eq(smb3_registry_add(server, &one, rows), 0);
}

static void teardown(void)
{
	smb3_registry_free(&server->registry);
	free(server);
}

TestSuite(registry, .init = setup, .fini = teardown);

Test(registry, by_number)
{
	cr_expect_eq(smb3_row(server, SMB3_KIND_COMMAND, SMB2_CREATE), &create);
	cr_expect_eq(server->registry.commands[SMB2_ECHO], &echo);
	cr_expect_null(smb3_row(server, SMB3_KIND_COMMAND, SMB2_READ));
	cr_expect_null(smb3_row(server, SMB3_KIND_COMMAND, 0xffff));
	cr_expect_eq(smb3_row(server, SMB3_KIND_FSCTL, 0x00060194u), &low);
	cr_expect_eq(smb3_row(server, SMB3_KIND_FSCTL, 0xffffffffu), &high);
	cr_expect_null(smb3_row(server, SMB3_KIND_FSCTL, 0x00060195u));
	cr_expect_eq(smb3_row(server, SMB3_KIND_INFO, SMB2_0_INFO_FILE << 8 | 4), &basic);
	cr_expect_null(smb3_row(server, SMB3_KIND_SIGN, 0));
}

Test(registry, by_name)
{
	cr_expect_eq(smb3_row_name(server, SMB3_KIND_PIPE, "SrvSvc"), &srvsvc);
	cr_expect_null(smb3_row_name(server, SMB3_KIND_PIPE, "srvsv"));
	cr_expect_null(smb3_row_name(server, SMB3_KIND_PIPE, ""));
	cr_expect_eq(smb3_row_name(server, SMB3_KIND_CREATECTX, "MxAc"), &mxac);
	cr_expect_null(smb3_row_name(server, SMB3_KIND_CREATECTX, "mxac"), "tags are bytes");
	cr_expect_eq(smb3_row_name(server, SMB3_KIND_VFS, "posix"), &posix);
}

Test(registry, rows_in_load_order_and_owners)
{
	size_t n;
	const struct smb3_provide *const *list = smb3_rows(server, SMB3_KIND_COMMAND, &n);

	cr_assert_eq(n, 2);
	cr_expect_eq(list[0]->row, &echo);
	cr_expect_eq(list[1]->row, &create);
	cr_expect_eq(smb3_module_of(server, &hook), &one);
	cr_expect_null(smb3_module_of(server, &n));
	smb3_rows(server, SMB3_KIND_SIGN, &n);
	cr_expect_eq(n, 0);
}

/* The message must be one that helps: both modules and the row. */
static void refused(const struct smb3_provide *again, const char *what)
{
	const char *text;

	cr_expect_eq(smb3_registry_add(server, &two, again), -EEXIST);
	text = caught();
	cr_expect(strstr(text, "modules one and two both provide"), "%s", text);
	cr_expect(strstr(text, what), "%s", text);
}

Test(registry, no_two_owners)
{
	static const struct smb3_command other = { .name = "OTHER", .run = run };
	static const struct smb3_pipe_service upper = { .name = "SRVSVC", .read = pipe_read };
	static const struct smb3_createctx same = {
		.name = "x", .tag = "MxAc", .tag_len = 4, .parse = parse
	};
	static const struct smb3_provide command[] = { SMB3_COMMAND(SMB2_CREATE, &other),
						       SMB3_END };
	static const struct smb3_provide pipe[] = { SMB3_PIPE(&upper), SMB3_END };
	static const struct smb3_provide tag[] = { SMB3_CREATECTX(&same), SMB3_END };

	caught_begin();
	refused(command, "command 0x05");
	refused(pipe, "pipe");
	refused(tag, "create context");
	cr_expect_eq(smb3_row(server, SMB3_KIND_COMMAND, SMB2_CREATE), &create);
}

Test(registry, hooks_and_slots_may_repeat)
{
	static struct smb3_slot more = { .kind = SMB3_SLOT_OPEN, .size = 8 };
	const struct smb3_provide again[] = { SMB3_HOOK(&hook), SMB3_SLOT(&more), SMB3_END };

	cr_expect_eq(smb3_registry_add(server, &two, again), 0);
	cr_expect_eq(server->registry.count[SMB3_KIND_HOOK], 2);
}

/* Each tells its author what to mend. */
Test(registry, broken_rows_are_refused)
{
	static const struct smb3_createctx short_tag = { "x", "Mx", 2, parse, NULL, NULL };
	static const struct smb3_createctx no_tag = { "x", NULL, 4, parse, NULL, NULL };
	static const struct smb3_createctx no_parse = { "x", "MxAc", 4, NULL, NULL, NULL };
	static const struct smb3_pipe_service nameless = { .name = "", .read = pipe_read };
	static const struct smb3_command idle = { .name = "IDLE" };
	static const struct smb3_fsctl no_run = { .name = "NO_RUN" };
	const struct smb3_hook nowhere = { SMB3_HOOK_POINTS, 0, "x", run_hook };
	const struct smb3_hook deaf = { .point = SMB3_HOOK_OPENED, .name = "deaf" };
	static struct smb3_slot none = { .kind = SMB3_SLOT_KINDS, .size = 8 };
	const struct {
		struct smb3_provide rows[2];
		const char *says;
	} cases[] = {
		{ { SMB3_COMMAND(SMB2_COMMANDS, &echo), SMB3_END }, "no such command" },
		{ { { SMB3_KIND_COMMAND, 1, NULL, NULL }, SMB3_END }, "it has no row" },
		{ { { SMB3_KINDS, 1, NULL, &echo }, SMB3_END }, "end with SMB3_END" },
		{ { SMB3_CREATECTX(&short_tag), SMB3_END }, "4 or 16 bytes" },
		{ { SMB3_CREATECTX(&no_tag), SMB3_END }, "must have is NULL" },
		{ { SMB3_CREATECTX(&no_parse), SMB3_END }, "create context (x): what such" },
		{ { SMB3_PIPE(&nameless), SMB3_END }, "the row no name" },
		{ { SMB3_COMMAND(1, &idle), SMB3_END }, "command (IDLE): what such a row" },
		{ { SMB3_FSCTL(7, &no_run), SMB3_END }, "fsctl (NO_RUN): what such a row" },
		{ { SMB3_HOOK(&nowhere), SMB3_END }, "no such command, point" },
		{ { SMB3_HOOK(&deaf), SMB3_END }, "hook (deaf): what such a row" },
		{ { SMB3_SLOT(&none), SMB3_END }, "slot (): there is no such" },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct smb3_row_text text;
		const char *said;

		caught_begin();
		cr_expect_eq(smb3_registry_add(server, &two, cases[i].rows), -EINVAL, "case %zu",
			     i);
		said = caught();
		cr_expect(strstr(said, "module two: a row of kind "), "case %zu: %s", i, said);
		cr_expect(strstr(said, cases[i].says), "case %zu: %s", i, said);
		smb3_row_describe(&cases[i].rows[0], &text);
		cr_expect_str_eq(text.kind, "broken row");
	}
}

Test(registry, a_module_that_provides_a_row_twice)
{
	const struct smb3_provide twice[] = { SMB3_FSCTL(7, &low), SMB3_FSCTL(7, &high), SMB3_END };

	caught_begin();
	cr_expect_eq(smb3_registry_add(server, &two, twice), -EEXIST);
	cr_expect(strstr(caught(), "module two provides fsctl 0x07 HIGH twice"), "%s", caught());
}

/* All names of hook points and slots are those of the headers. */
Test(registry, points_and_objects_in_words)
{
	static const char *const names[] = {
		[SMB3_HOOK_CONN_OPEN] = "CONN_OPEN 7", [SMB3_HOOK_AUTH] = "AUTH 7",
		[SMB3_HOOK_MADE] = "MADE 7",           [SMB3_HOOK_DOOMED] = "DOOMED 7",
		[SMB3_HOOK_TICK] = "TICK 7",
	};

	for (unsigned int i = 0; i < SMB3_HOOK_POINTS; i++) {
		const struct smb3_hook h = { i, 7, "x", run_hook };
		struct smb3_row_text text;

		smb3_row_describe(&(struct smb3_provide)SMB3_HOOK(&h), &text);
		cr_expect_gt(strlen(text.key), 3u);
		if (names[i])
			cr_expect_str_eq(text.key, names[i]);
	}
	for (unsigned int i = 0; i < SMB3_SLOT_KINDS; i++) {
		const struct smb3_slot s = { .kind = i, .size = 8 };
		struct smb3_row_text text;

		smb3_row_describe(&(struct smb3_provide)SMB3_SLOT(&s), &text);
		cr_expect_gt(strlen(text.key), 2u);
		cr_expect(i != SMB3_SLOT_IDENTITY || !strcmp(text.key, "identity"));
	}
}

Test(registry, rows_in_words)
{
	static const struct {
		size_t row;
		const char *kind, *key, *name;
	} cases[] = {
		{ 1, "command", "0x05", "CREATE" },
		{ 3, "fsctl", "0x00060194", "LOW" },
		{ 4, "info", "file 4", "FileBasicInformation" },
		{ 5, "create context", "", "MxAc" },
		{ 8, "pipe", "", "srvsvc" },
		{ 9, "hook", "OPENED 300", "acl" },
		{ 10, "slot", "open", "" },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct smb3_row_text text;

		smb3_row_describe(&rows[cases[i].row], &text);
		cr_expect_str_eq(text.kind, cases[i].kind);
		cr_expect_str_eq(text.key, cases[i].key);
		cr_expect_str_eq(text.name, cases[i].name);
	}
}
