// SPDX-License-Identifier: Apache-2.0
/*
 * test_vfs_recycle.c: where deleted files go, which ones, and when they go from there.
 */
#include "recycle.h"
#include "vfsrig.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define MODULES "\"vfs_posix\", \"vfs_streams\", \"vfs_recycle\""
#define PLAIN   "enabled = true; repository = \"bin\"; "
#define DAY     (86400ull * 10000000u)

static struct vfsrig *rig_with(const char *options)
{
	char share[400];

	snprintf(share, sizeof(share), "vfs_recycle = { %s };", options);
	return vfsrig_new(MODULES, share, NULL);
}

/* What stands in a file of the share's folder; "-" when there is none. */
static const char *content(struct vfsrig *rig, const char *name)
{
	char *text = smb3_arena_alloc(rig->ctx.arena, 256);
	FILE *f = fopen(vfsrig_path(rig, name), "r");

	if (!f)
		return "-";
	cr_assert_lt(fread(text, 1, 255, f), 255u);
	fclose(f);
	return text;
}

static int delete (struct vfsrig *rig, const char *name)
{
	return smb3_vfs_remove(rig->top, &rig->ctx, rig->root, name, false);
}

static int delete_in(struct vfsrig *rig, const char *folder, const char *name)
{
	struct smb3_handle *h = smb3_handle_new(rig->mount);
	int err = smb3_vfs_walk(rig->top, &rig->ctx, rig->root, folder, h);

	if (!err)
		err = smb3_vfs_remove(rig->top, &rig->ctx, h, name, false);
	smb3_handle_free(h);
	return err;
}

/* ---- names ---- */

Test(recycle, numbers_stand_before_the_extension)
{
	static const struct {
		const char *name, *version;
	} cases[] = {
		{ "report.txt", "report #12.txt" },
		{ "report", "report #12" },
		{ ".profile", ".profile #12" },
		{ "a.tar.gz", "a.tar #12.gz" },
		{ "dot.", "dot #12." },
	};
	char *text, name[300];

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		text = recycle_version(cases[i].name, 12);
		cr_expect_str_eq(text, cases[i].version);
		free(text);
	}
	for (size_t len = 240; len < 256; len++) {
		memset(name, 'x', len);
		snprintf(name + len - 4, 5, ".txt");
		text = recycle_version(name, UINT64_MAX);
		cr_expect(strlen(text) <= 255 && strstr(text, " #18446744073709551615.txt"));
		free(text);
		memset(name, '.', len);
		text = recycle_version(name, 7);
		cr_expect(strlen(text) <= 255 && strstr(text, " #7"), "%s", text);
		free(text);
	}
	for (size_t i = 0; i < 252; i += 2)
		strcpy(name + i, "\xc3\xa4");
	text = recycle_version(name, 1000);
	cr_expect(smb3_utf8_valid(text) && strlen(text) <= 255);
	free(text);
}

Test(recycle, what_lies_in_a_folder)
{
	cr_expect(recycle_inside("bin", "bin"));
	cr_expect(recycle_inside("BIN/a/b", "bin"));
	cr_expect_not(recycle_inside("bins", "bin"));
	cr_expect_not(recycle_inside("bi", "bin"));
	cr_expect_not(recycle_inside("a/bin", "bin"));
}

Test(recycle, repositories_that_are_none)
{
	static const char *const bad[] = { "",  "/bin",  "bin/", "a//b",   "../x", "a/..",
					   ".", "a/./b", "%U",   "bin/%H", "bin/%" };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(bad); i++) {
		struct recycle_conf conf = { .repository = bad[i] };
		struct smb3_conf_wrong wrong = { .option = NULL };
		struct vfsrig *rig = vfsrig_new(MODULES, NULL, NULL);
		struct smb3_mod *mod = smb3_module_find(rig->server, "vfs_recycle");

		cr_expect_not(mod->module->check(mod, &conf, &wrong), "%s", bad[i]);
		cr_expect_str_eq(wrong.option, "repository");
		vfsrig_free(rig);
	}
}

/* ---- where to ---- */

Test(recycle, a_deleted_file_is_there)
{
	struct vfsrig *rig = rig_with(PLAIN);
	struct stat before, after;

	vfsrig_local(rig, "f.txt", "text");
	cr_assert_eq(setxattr(vfsrig_path(rig, "f.txt"), "user.k", "v", 1, 0), 0);
	cr_assert_eq(stat(vfsrig_path(rig, "f.txt"), &before), 0);
	cr_expect_eq(delete (rig, "F.TXT"), 0);
	cr_expect_eq(access(vfsrig_path(rig, "f.txt"), F_OK), -1);
	cr_expect_str_eq(content(rig, "bin/f.txt"), "text");
	cr_assert_eq(stat(vfsrig_path(rig, "bin/f.txt"), &after), 0);
	cr_expect(before.st_ino == after.st_ino && before.st_mtime == after.st_mtime);
	cr_expect_eq(getxattr(vfsrig_path(rig, "bin/f.txt"), "user.k", NULL, 0), 1);
	cr_expect_eq(delete (rig, "f.txt"), -ENOENT);
	cr_expect_eq(delete_in(rig, "bin", "f.txt"), 0);
	cr_expect_str_eq(content(rig, "bin/f.txt"), "-", "in there it is for good");
	vfsrig_free(rig);
}

Test(recycle, with_its_streams)
{
	struct vfsrig *rig = rig_with(PLAIN);
	struct smb3_how how = { .flags = SMB3_O_CREATE | SMB3_O_READ | SMB3_O_WRITE };
	struct smb3_handle *h, *s = smb3_handle_new(rig->mount), *dir;
	char buf[8] = "";

	vfsrig_local(rig, "f", "text");
	h = vfsrig_open(rig, NULL, "f", SMB3_O_META, NULL);
	cr_assert_eq(smb3_vfs_open_stream(rig->top, &rig->ctx, h, "side", &how, s), 0);
	cr_assert_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, s, "more", 4, 0), 4);
	smb3_handle_free(s);
	smb3_handle_free(h);
	cr_expect_eq(delete (rig, "f"), 0);
	dir = smb3_handle_new(rig->mount);
	s = smb3_handle_new(rig->mount);
	cr_assert_eq(smb3_vfs_walk(rig->top, &rig->ctx, rig->root, "bin", dir), 0);
	h = vfsrig_open(rig, dir, "f", SMB3_O_META, NULL);
	how.flags = SMB3_O_READ;
	cr_assert_eq(smb3_vfs_open_stream(rig->top, &rig->ctx, h, "side", &how, s), 0);
	cr_expect_eq(smb3_vfs_pread(rig->top, &rig->ctx, s, buf, 8, 0), 4);
	cr_expect_str_eq(buf, "more");
	smb3_handle_free(s);
	smb3_handle_free(h);
	smb3_handle_free(dir);
	vfsrig_free(rig);
}

Test(recycle, the_tree_is_kept_or_not)
{
	struct vfsrig *rig = rig_with(PLAIN);

	mkdir(vfsrig_path(rig, "a"), 0755);
	mkdir(vfsrig_path(rig, "a/b"), 0755);
	vfsrig_local(rig, "a/b/f", "1");
	cr_expect_eq(delete_in(rig, "a/b", "f"), 0);
	cr_expect_str_eq(content(rig, "bin/a/b/f"), "1");
	vfsrig_free(rig);
	rig = rig_with(PLAIN "keep_tree = false;");
	mkdir(vfsrig_path(rig, "a"), 0755);
	vfsrig_local(rig, "a/f", "1");
	vfsrig_local(rig, "f", "2");
	cr_expect_eq(delete_in(rig, "a", "f"), 0);
	cr_expect_eq(delete (rig, "f"), 0);
	cr_expect_str_eq(content(rig, "bin/f"), "1");
	cr_expect_str_eq(content(rig, "bin/f #2"), "2");
	vfsrig_free(rig);
}

/* Neither a file that was kept nor a folder of the bin is in the way of what has its name. */
Test(recycle, files_and_folders_of_one_name)
{
	struct vfsrig *rig = rig_with(PLAIN "no_versions = [ \"*.o\" ];");

	vfsrig_local(rig, "a", "file");
	cr_expect_eq(delete (rig, "a"), 0);
	mkdir(vfsrig_path(rig, "a"), 0755);
	mkdir(vfsrig_path(rig, "a/b.o"), 0755);
	vfsrig_local(rig, "a/b.o/f", "1");
	cr_expect_eq(delete_in(rig, "a/b.o", "f"), 0);
	vfsrig_local(rig, "a/b.o/f", "2");
	cr_expect_eq(delete_in(rig, "a/b.o", "f"), 0);
	cr_expect_str_eq(content(rig, "bin/a"), "file");
	cr_expect_str_eq(content(rig, "bin/a #2/b.o/f"), "1");
	cr_expect_str_eq(content(rig, "bin/a #2/b.o/f #2"), "2");
	rmdir(vfsrig_path(rig, "a/b.o"));
	vfsrig_local(rig, "a/b.o", "object");
	cr_expect_eq(delete_in(rig, "a", "b.o"), 0);
	cr_expect_str_eq(content(rig, "bin/a #2/b #2.o"), "object");
	vfsrig_free(rig);
}

Test(recycle, each_user_has_a_bin)
{
	struct vfsrig *rig = rig_with("enabled = true; directory_mode = \"0750\";");
	struct smb3_identity alice = { .name = "alice",
				       .domain = "",
				       .unix_name = "al",
				       .uid = geteuid() },
			     other = { .name = "other", .domain = "", .uid = geteuid() + 1 },
			     none = { .name = "..", .domain = "", .uid = geteuid() };
	struct stat st;

	rig->ctx.who = &alice;
	vfsrig_local(rig, "f", "1");
	cr_expect_eq(delete (rig, "f"), 0);
	cr_expect_str_eq(content(rig, ".recycle/alice/f"), "1");
	cr_assert_eq(stat(vfsrig_path(rig, ".recycle"), &st), 0);
	cr_expect_eq(st.st_mode & 07777, 01777u);
	cr_assert_eq(stat(vfsrig_path(rig, ".recycle/alice"), &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0750u);
	vfsrig_local(rig, "g", "1");
	rig->ctx.who = &none;
	cr_expect_eq(delete (rig, "g"), -EINVAL);
	cr_expect_str_eq(content(rig, "g"), "1");
	if (smb3_server_can_switch(rig->server)) {
		mkdir(vfsrig_path(rig, ".recycle/other"), 0777);
		rig->ctx.who = &other;
		cr_expect_eq(delete (rig, "g"), -EPERM, "that bin is another user's");
		cr_expect_str_eq(content(rig, "g"), "1");
	}
	vfsrig_free(rig);
}

Test(recycle, no_links_are_followed_there)
{
	struct vfsrig *rig = rig_with(PLAIN);

	mkdir(vfsrig_path(rig, "else"), 0755);
	rmdir(vfsrig_path(rig, "bin"));
	cr_assert_eq(symlink("else", vfsrig_path(rig, "bin")), 0);
	vfsrig_local(rig, "f", "1");
	cr_expect_neq(delete (rig, "f"), 0);
	cr_expect_str_eq(content(rig, "f"), "1");
	vfsrig_free(rig);
	rig = rig_with(PLAIN "fallback = \"delete\";");
	rmdir(vfsrig_path(rig, "bin"));
	vfsrig_local(rig, "bin", "a file");
	vfsrig_local(rig, "f", "1");
	cr_expect_eq(delete (rig, "f"), 0);
	cr_expect_str_eq(content(rig, "f"), "-");
	vfsrig_free(rig);
}

/* ---- which ones ---- */

Test(recycle, versions)
{
	struct vfsrig *rig = rig_with(PLAIN "no_versions = [ \"*.o\" ];");
	char text[16], name[32];

	for (int i = 1; i <= 40; i++) {
		snprintf(text, sizeof(text), "%d", i);
		vfsrig_local(rig, "f.txt", text);
		cr_assert_eq(delete (rig, "f.txt"), 0);
		vfsrig_local(rig, "f.o", text);
		cr_assert_eq(delete (rig, "f.o"), 0);
	}
	cr_expect_str_eq(content(rig, "bin/f.txt"), "1");
	for (int i = 2; i <= 40; i++) {
		snprintf(text, sizeof(text), "%d", i);
		snprintf(name, sizeof(name), "bin/f #%d.txt", i);
		cr_expect_str_eq(content(rig, name), text);
	}
	cr_expect_str_eq(content(rig, "bin/f.o"), "40");
	cr_expect_str_eq(content(rig, "bin/f #2.o"), "-");
	vfsrig_free(rig);
}

Test(recycle, what_is_not_kept)
{
	struct vfsrig *rig = rig_with(PLAIN
				      "exclude = [ \"*.tmp\" ]; exclude_folders = [ \"cache\" "
				      "]; min_size = 2; max_file_size = 6;");

	mkdir(vfsrig_path(rig, "cache"), 0755);
	mkdir(vfsrig_path(rig, "cache/sub"), 0755);
	mkdir(vfsrig_path(rig, "empty"), 0755);
	vfsrig_local(rig, "cache/sub/f", "1234");
	vfsrig_local(rig, "a.TMP", "1234");
	vfsrig_local(rig, "small", "1");
	vfsrig_local(rig, "large", "1234567");
	vfsrig_local(rig, "kept", "123456");
	cr_assert_eq(symlink("kept", vfsrig_path(rig, "link")), 0);
	cr_expect_eq(delete_in(rig, "cache/sub", "f"), 0);
	cr_expect_eq(delete (rig, "a.TMP"), 0);
	cr_expect_eq(delete (rig, "small"), 0);
	cr_expect_eq(delete (rig, "large"), 0);
	cr_expect_eq(delete (rig, "link"), 0);
	cr_expect_eq(delete (rig, "kept"), 0);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "empty", true), 0);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "bin cache ");
	cr_expect_str_eq(content(rig, "bin/kept"), "123456");
	for (const char *const *n = (const char *const[]){ "bin/cache", "bin/a.TMP", "bin/small",
							   "bin/large", "bin/link", NULL };
	     *n; n++)
		cr_expect_eq(access(vfsrig_path(rig, *n), F_OK), -1, "%s", *n);
	vfsrig_free(rig);
}

Test(recycle, what_a_rename_replaces)
{
	struct vfsrig *rig = rig_with(PLAIN);

	vfsrig_local(rig, "old", "old");
	vfsrig_local(rig, "new", "new");
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "new", rig->root, "old", 0),
		     -EEXIST);
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "new", rig->root, "old",
				     SMB3_RENAME_REPLACE),
		     0);
	cr_expect_str_eq(content(rig, "old"), "new");
	cr_expect_str_eq(content(rig, "bin/old"), "old");
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "none", rig->root, "old",
				     SMB3_RENAME_REPLACE),
		     -ENOENT);
	cr_expect_str_eq(content(rig, "old"), "new", "it is back");
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "old", rig->root, "OLD",
				     SMB3_RENAME_REPLACE),
		     0);
	cr_expect_str_eq(content(rig, "OLD"), "new");
	cr_expect_str_eq(content(rig, "bin/old #2"), "-");
	vfsrig_free(rig);
	rig = rig_with(PLAIN "replaced = false;");
	vfsrig_local(rig, "old", "old");
	vfsrig_local(rig, "new", "new");
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "new", rig->root, "old",
				     SMB3_RENAME_REPLACE),
		     0);
	cr_expect_str_eq(content(rig, "bin/old"), "-");
	vfsrig_free(rig);
}

/* A link that is renamed over the file to which it leads is not that file. */
Test(recycle, what_a_link_replaces)
{
	struct vfsrig *rig = rig_with(PLAIN);

	vfsrig_local(rig, "old", "old");
	cr_assert_eq(symlink("old", vfsrig_path(rig, "link")), 0);
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "link", rig->root, "old",
				     SMB3_RENAME_REPLACE),
		     0);
	cr_expect_str_eq(content(rig, "bin/old"), "old");
	vfsrig_free(rig);
}

static bool has_module(const char *name)
{
	const char *dir = getenv("SMB3_MODULE_DIR");
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s.so", dir ? dir : ".", name);
	return !access(path, R_OK);
}

/* What cannot even be looked at is not deleted for good, unless that was asked for. */
Test(recycle, what_cannot_be_looked_at)
{
	static const char *const calls[] = { "open", "getattr" };
	static const char format[] = "vfs_recycle = { " PLAIN "fallback = \"%s\"; }; "
				     "vfs_fault = { rules = [ \"%s error=EMFILE path=f\" ]; };";
	char modules[] = MODULES ", \"admin\", \"vfs_fault\"", share[300];
	struct vfsrig *rig;

	if (!has_module("vfs_fault"))
		cr_skip_test("no vfs_fault");
	for (size_t i = 0; i < 2 * SMB3_ARRAY_SIZE(calls); i++) {
		bool go = i & 1;

		snprintf(share, sizeof(share), format, go ? "delete" : "refuse", calls[i / 2]);
		rig = vfsrig_new(modules, share, NULL);
		vfsrig_local(rig, "f", "1");
		vfsrig_local(rig, "new", "2");
		cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "new", rig->root, "f",
					     SMB3_RENAME_REPLACE),
			     go ? 0 : -EMFILE);
		cr_expect_str_eq(content(rig, "f"), go ? "2" : "1");
		cr_expect_eq(delete (rig, "f"), go ? 0 : -EMFILE);
		cr_expect_str_eq(content(rig, "f"), go ? "-" : "1");
		vfsrig_free(rig);
	}
}

/* ---- how it looks ---- */

Test(recycle, hidden_from_listings)
{
	struct vfsrig *rig = rig_with(PLAIN "hidden = true;");
	struct smb3_handle *h;
	int err;

	vfsrig_local(rig, "f", "1");
	cr_expect_eq(delete (rig, "f"), 0);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "");
	cr_expect_null(vfsrig_open(rig, NULL, "BIN", SMB3_O_META | SMB3_O_LISTED, &err));
	cr_expect_eq(err, -ENOENT);
	h = vfsrig_open(rig, NULL, "bin", SMB3_O_READ | SMB3_O_DIRECTORY, &err);
	cr_expect_str_eq(vfsrig_list(rig, h), "f ");
	smb3_handle_free(h);
	vfsrig_free(rig);
}

Test(recycle, times_of_deletion)
{
	struct vfsrig *rig = rig_with(PLAIN "touch_written = true;");
	const struct timespec past[2] = { { .tv_sec = 1000000 }, { .tv_sec = 1000000 } };
	struct stat st;

	vfsrig_local(rig, "f", "1");
	cr_assert_eq(utimensat(AT_FDCWD, vfsrig_path(rig, "f"), past, 0), 0);
	cr_expect_eq(delete (rig, "f"), 0);
	cr_assert_eq(stat(vfsrig_path(rig, "bin/f"), &st), 0);
	cr_expect_gt(st.st_mtime, 1600000000);
	cr_expect_eq(st.st_atime, 1000000);
	vfsrig_free(rig);
}

/* ---- when they go ---- */

Test(recycle, old_files_go)
{
	struct vfsrig *rig = rig_with(PLAIN "max_age = \"24h\"; prune_interval = 0;");

	mkdir(vfsrig_path(rig, "d"), 0755);
	vfsrig_local(rig, "d/f", "1");
	vfsrig_local(rig, "g", "1");
	vfsrig_local(rig, "h", "1");
	cr_expect_eq(delete_in(rig, "d", "f"), 0);
	cr_expect_eq(delete (rig, "g"), 0);
	cr_expect_str_eq(content(rig, "bin/d/f"), "1");
	smb3_now_set(smb3_now() + 2 * DAY);
	cr_expect_eq(delete (rig, "h"), 0);
	cr_expect_str_eq(content(rig, "bin/d/f"), "-");
	cr_expect_eq(access(vfsrig_path(rig, "bin/d"), F_OK), -1, "an empty folder goes, too");
	smb3_now_set(0);
	vfsrig_local(rig, "h", "2");
	cr_expect_eq(delete (rig, "h"), 0);
	cr_expect_str_eq(content(rig, "bin/h"), "2");
	vfsrig_free(rig);
}

Test(recycle, the_oldest_go_when_it_is_too_much)
{
	struct vfsrig *rig = rig_with(PLAIN "max_size = 10; prune_interval = 0;");
	char name[] = "a";
	struct timespec tick = { .tv_nsec = 20000000 };

	for (; *name < 'e'; ++*name) {
		vfsrig_local(rig, name, "1234");
		cr_expect_eq(delete (rig, name), 0);
		/* File systems keep times by the tick. */
		while (nanosleep(&tick, &tick))
			;
	}
	cr_expect_str_eq(content(rig, "bin/a"), "-");
	cr_expect_str_eq(content(rig, "bin/b"), "-");
	cr_expect_str_eq(content(rig, "bin/c"), "1234");
	cr_expect_str_eq(content(rig, "bin/d"), "1234");
	vfsrig_local(rig, "huge", "12345678901");
	cr_expect_eq(delete (rig, "huge"), 0);
	cr_expect_str_eq(content(rig, "bin/d"), "1234", "what has no room does not take any");
	vfsrig_free(rig);
}

/* One who deletes all the time does not keep the bins of others from being looked at. */
Test(recycle, each_bin_has_its_time)
{
	struct vfsrig *rig =
		rig_with("enabled = true; max_age = \"24h\"; prune_interval = \"1h\";");
	struct smb3_identity who[] = {
		{ .name = "alice", .domain = "", .uid = geteuid() },
		{ .name = "bob", .domain = "", .uid = geteuid() },
	};

	for (size_t i = 0; i < 2; i++) {
		const char *const old[] = { ".recycle/alice/old", ".recycle/bob/old" };
		const char *const dir[] = { ".recycle/alice", ".recycle/bob" };

		cr_assert_eq(mkdir(vfsrig_path(rig, dir[i]), 0755), 0);
		vfsrig_local(rig, old[i], "1");
		smb3_now_set(smb3_now() + 2 * DAY);
		rig->ctx.who = &who[i];
		vfsrig_local(rig, "f", "1");
		cr_expect_eq(delete (rig, "f"), 0);
		smb3_now_set(0);
		cr_expect_str_eq(content(rig, old[i]), "-");
		vfsrig_local(rig, old[i], "2");
		smb3_now_set(smb3_now() + 2 * DAY);
		vfsrig_local(rig, "f", "1");
		cr_expect_eq(delete (rig, "f"), 0);
		smb3_now_set(0);
		cr_expect_str_eq(content(rig, old[i]), "2", "not all the time");
	}
	vfsrig_free(rig);
}

Test(recycle, in_the_way_only_when_asked_for)
{
	struct vfsrig *rig = rig_with("");

	vfsrig_local(rig, "f", "1");
	cr_expect_eq(delete (rig, "f"), 0);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "");
	vfsrig_free(rig);
}
