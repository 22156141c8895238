// SPDX-License-Identifier: Apache-2.0
/*
 * test_trace.c: what the trace module writes down.
 */
#include "trace.h"

#include <criterion/criterion.h>
#include <vfsrig.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct vfsrig *rig;

static void setup(void)
{
	rig = vfsrig_new("\"trace\", \"vfs_mem\"", "backend = \"mem\"; vfs = [ \"trace\" ];", NULL);
}

static void teardown(void)
{
	vfsrig_free(rig);
}

TestSuite(trace, .init = setup, .fini = teardown);

static struct trace *log_of(struct vfsrig *r)
{
	return smb3_module_find(r->server, "trace")->data;
}

/* The lines so far, which are forgotten. */
static const char *lines(void)
{
	struct trace *t = log_of(rig);
	const char *text = smb3_arena_strdup(rig->ctx.arena, t->text);

	t->len = 0;
	t->text[0] = '\0';
	return text;
}

Test(trace, a_file_from_first_to_last)
{
	struct smb3_handle *h;
	struct smb3_stat st;
	char buf[8];

	cr_expect_str_eq(lines(), "vfs mount \"rig\" = 0\nvfs root \"\" = 0\n");
	cr_assert_eq(vfsrig_make(rig, "f", "data"), 0);
	cr_expect_str_eq(lines(), "vfs create \"f\" = 0\n"
				  "vfs pwrite \"f\" 4 at 0 = 4\n"
				  "vfs close \"f\" = 0\n");
	h = vfsrig_open(rig, NULL, "F", SMB3_O_READ, NULL);
	smb3_vfs_stat(rig->top, &rig->ctx, h, &st);
	smb3_vfs_pread(rig->top, &rig->ctx, h, buf, 8, 2);
	smb3_handle_free(h);
	smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "f", rig->root, "g", 0);
	smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "f", false);
	cr_expect_str_eq(lines(), "vfs open \"F\" = 0\n"
				  "vfs stat \"f\" = 0\n"
				  "vfs pread \"f\" 8 at 2 = 2\n"
				  "vfs close \"f\" = 0\n"
				  "vfs rename \"f\" \"g\" = 0\n"
				  "vfs remove \"f\" = ENOENT\n");
}

Test(trace, every_other_call)
{
	uint64_t offset = 0, len = 0, cookie = 0;
	struct smb3_handle *h, *d = smb3_handle_new(rig->mount), *s = smb3_handle_new(rig->mount);
	struct smb3_how how = { .flags = SMB3_O_CREATE };
	struct smb3_setattr set = { 0 };
	struct smb3_fsinfo info;
	char buf[64];

	cr_assert_eq(vfsrig_make(rig, "d", NULL), 0);
	cr_assert_eq(vfsrig_make(rig, "f", "x"), 0);
	h = vfsrig_open(rig, NULL, "f", SMB3_O_READ | SMB3_O_WRITE, NULL);
	lines();
	smb3_vfs_walk(rig->top, &rig->ctx, rig->root, "d", d);
	smb3_vfs_open_stream(rig->top, &rig->ctx, h, "s", &how, s);
	smb3_vfs_setattr(rig->top, &rig->ctx, h, &set);
	smb3_vfs_flush(rig->top, &rig->ctx, h);
	smb3_vfs_truncate(rig->top, &rig->ctx, h, 10);
	smb3_vfs_alloc(rig->top, &rig->ctx, h, 1, 2, SMB3_ALLOC_ZERO);
	smb3_vfs_next_data(rig->top, &rig->ctx, h, &offset, &len);
	smb3_vfs_copy(rig->top, &rig->ctx, h, 0, s, 0, 3, 0);
	smb3_vfs_readdir(rig->top, &rig->ctx, d, &cookie, NULL, NULL);
	smb3_vfs_link(rig->top, &rig->ctx, h, d, "hard");
	smb3_vfs_make(rig->top, &rig->ctx, rig->root, "l", 0, 0, "a\"\n");
	smb3_vfs_readlink(rig->top, &rig->ctx, h, buf, sizeof(buf));
	smb3_vfs_setxattr(rig->top, &rig->ctx, h, "user.a", "12", 2);
	smb3_vfs_getxattr(rig->top, &rig->ctx, h, "user.a", buf, sizeof(buf));
	smb3_vfs_listxattr(rig->top, &rig->ctx, h, buf, sizeof(buf));
	smb3_vfs_statfs(rig->top, &rig->ctx, h, &info);
	smb3_vfs_fd(rig->top, h);
	cr_expect_str_eq(lines(), "vfs walk \"d\" = 0\n"
				  "vfs create_stream \"f\" \"s\" = 0\n"
				  "vfs setattr \"f\" = 0\n"
				  "vfs flush \"f\" = 0\n"
				  "vfs truncate \"f\" 0 at 10 = 0\n"
				  "vfs zero \"f\" 2 at 1 = 0\n"
				  "vfs next_data \"f\" 10 at 0 = 0\n"
				  "vfs copy \"f\" 3 at 0 = 3\n"
				  "vfs readdir \"d\" = 0\n"
				  "vfs link \"f\" \"hard\" = 0\n"
				  "vfs make \"l\" \"a\\x22\\x0a\" = 0\n"
				  "vfs readlink \"f\" = EINVAL\n"
				  "vfs setxattr \"f\" \"user.a\" = 0\n"
				  "vfs getxattr \"f\" \"user.a\" = 2\n"
				  "vfs listxattr \"f\" = 7\n"
				  "vfs statfs \"f\" = 0\n"
				  "vfs fd \"f\" = EOPNOTSUPP\n");
	smb3_handle_free(s);
	smb3_handle_free(d);
	smb3_handle_free(h);
}

Test(trace, hooks_are_written_down)
{
	struct smb3_event event = { .point = SMB3_HOOK_RENAMED,
				    .server = rig->server,
				    .share = rig->share,
				    .user = "alice",
				    .path = "a/b",
				    .new_path = "c",
				    .status = STATUS_ACCESS_DENIED };

	lines();
	for (int point = 0; point < SMB3_HOOK_POINTS; point++)
		cr_expect(smb3_hooked(rig->server, (enum smb3_hook_point)point) ==
			  (point != SMB3_HOOK_TICK));
	cr_expect_eq(smb3_hook_run(&event), SMB3_PASS);
	event = (struct smb3_event){ .point = SMB3_HOOK_CONN_OPEN, .server = rig->server };
	cr_expect_eq(smb3_hook_run(&event), SMB3_PASS);
	cr_expect_str_eq(lines(), "hook RENAMED user \"alice\" share \"rig\" path \"a/b\" to \"c\" "
				  "STATUS_ACCESS_DENIED\nhook CONN_OPEN\n");
}

Test(trace, the_oldest_lines_go_first)
{
	struct vfsrig *small = vfsrig_new("\"trace\", \"vfs_mem\"",
					  "backend = \"mem\"; vfs = [ \"trace\" ];",
					  "trace = { memory = \"8K\"; };");
	struct trace *t = log_of(small);
	char name[16], last[64];

	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "file%d", i);
		(void)vfsrig_lookup(small, name);
		snprintf(last, sizeof(last), "vfs lookup \"file%d\" = ENOENT\n", i);
		cr_assert(strlen(t->text) == t->len && t->len < 8192);
		cr_assert_str_eq(t->text + t->len - strlen(last), last);
		cr_assert(!strncmp(t->text, "vfs ", 4));
	}
	vfsrig_free(small);
}

Test(trace, only_what_is_asked_for)
{
	struct vfsrig *some =
		vfsrig_new("\"trace\", \"vfs_mem\"", "backend = \"mem\"; vfs = [ \"trace\" ];",
			   "trace = { calls = [ \"look*\", \"rename\" ]; names = [ \"*.db\" "
			   "]; durations = true; };");
	struct trace *t = log_of(some);
	unsigned int us;
	int end = 0;

	(void)vfsrig_lookup(some, "a.txt");
	(void)vfsrig_open(some, NULL, "a.db", SMB3_O_READ, NULL);
	cr_expect_str_eq(t->text, "");
	(void)vfsrig_lookup(some, "a.db");
	cr_expect(sscanf(t->text, "vfs lookup \"a.db\" = ENOENT %uus\n%n", &us, &end) == 1 && end,
		  "%s", t->text);
	t->len = 0;
	t->text[0] = '\0';
	smb3_vfs_rename(some->top, &some->ctx, some->root, "x", some->root, "b.db", 0);
	cr_expect(!strncmp(t->text, "vfs rename \"x\" \"b.db\" = ENOENT ", 31), "%s", t->text);
	vfsrig_free(some);
}

Test(trace, a_file_takes_the_lines)
{
	char groups[128], path[100], text[256] = "";
	struct vfsrig *r;
	struct stat st;
	FILE *f;

	snprintf(path, sizeof(path), "%s/trace.log", rig->home);
	snprintf(groups, sizeof(groups), "trace = { file = \"%s\"; };", path);
	r = vfsrig_new("\"trace\", \"vfs_mem\"", "backend = \"mem\"; vfs = [ \"trace\" ];", groups);
	(void)vfsrig_lookup(r, "none");
	vfsrig_free(r);
	f = fopen(path, "r");
	cr_assert(f && fstat(fileno(f), &st) == 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
	cr_expect(fread(text, 1, sizeof(text) - 1, f) > 0);
	fclose(f);
	cr_expect_str_eq(text, "vfs mount \"rig\" = 0\nvfs root \"\" = 0\n"
			       "vfs lookup \"none\" = ENOENT\nvfs close \"\" = 0\n"
			       "vfs unmount \"rig\" = 0\n");
}
