// SPDX-License-Identifier: Apache-2.0
/*
 * test_vfs_readonly.c: times, paths, and every operation that changes something.
 */
#include "readonly.h"
#include "vfsrig.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MODULES "\"vfs_posix\", \"vfs_streams\", \"vfs_readonly\""
#define ALWAYS  "times = [ \"mon-sun\" ];"

static struct vfsrig *rig_with(const char *options)
{
	char share[400];

	snprintf(share, sizeof(share), "vfs_readonly = { %s };", options);
	return vfsrig_new(MODULES, share, NULL);
}

/* ---- times ---- */

Test(readonly, times_that_are_none)
{
	static const char *const bad[] = { "",
					   " ",
					   "day",
					   "mon-",
					   "mon,",
					   "08:00",
					   "08:00-",
					   "8:00-9:00",
					   "08:60-09:00",
					   "24:01-01:00",
					   "08:00-08:00",
					   "24:00-08:00",
					   "mon 08:00-09:00 x",
					   "mon08:00-9",
					   "08-09" };
	struct readonly_window w;

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(bad); i++)
		cr_expect_not(readonly_window_parse(bad[i], &w), "%s", bad[i]);
}

Test(readonly, times_that_are_some)
{
	static const struct {
		const char *text;
		int day, minute;
		bool inside;
	} cases[] = {
		{ "sat,sun", 6, 0, true },
		{ "sat,sun", 0, 1439, true },
		{ "sat,sun", 1, 0, false },
		{ "MON-fri 08:00-17:30", 1, 480, true },
		{ "mon-fri 08:00-17:30", 5, 1049, true },
		{ "mon-fri 08:00-17:30", 5, 1050, false },
		{ "mon-fri 08:00-17:30", 1, 479, false },
		{ "mon-fri 08:00-17:30", 6, 600, false },
		{ "fri-mon", 0, 0, true },
		{ "fri-mon", 2, 0, false },
		{ "22:00-06:00", 3, 1320, true },
		{ "22:00-06:00", 3, 359, true },
		{ "22:00-06:00", 3, 360, false },
		{ "fri 22:00-06:00", 6, 100, true },
		{ "fri 22:00-06:00", 5, 100, false },
		{ "sat 22:00-06:00", 0, 100, true },
		{ "00:00-24:00", 0, 1439, true },
	};
	struct readonly_window w;

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		cr_assert(readonly_window_parse(cases[i].text, &w), "%s", cases[i].text);
		cr_expect_eq(readonly_window_has(&w, cases[i].day, cases[i].minute),
			     cases[i].inside, "%s on %d at %d", cases[i].text, cases[i].day,
			     cases[i].minute);
	}
}

/* ---- the share ---- */

/* What each change of h, called name, comes to: all of them the same. */
static void expect_names(struct vfsrig *rig, const char *name, int err)
{
	struct smb3_handle *h = vfsrig_open(rig, NULL, name, SMB3_O_META, NULL);
	struct smb3_setattr set = { .mask = SMB3_SET_WRITTEN, .written = 1 };
	struct smb3_handle *root = rig->root;

	cr_assert_not_null(h, "%s", name);
	cr_expect_eq(smb3_vfs_setattr(rig->top, &rig->ctx, h, &set), err);
	cr_expect_eq(smb3_vfs_setxattr(rig->top, &rig->ctx, h, "user.t", "1", 1), err);
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, root, name, root, "other", 0), err);
	cr_expect_eq(smb3_vfs_link(rig->top, &rig->ctx, h, root, "second"), err);
	cr_expect_eq(smb3_vfs_become(rig->top, &rig->ctx, root, name, h, "elsewhere"), err);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, root, name, false), err);
	smb3_handle_free(h);
}

static void expect_data(struct vfsrig *rig, struct smb3_handle *h, int err)
{
	cr_expect_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, "x", 1, 0), err);
	cr_expect_eq(smb3_vfs_truncate(rig->top, &rig->ctx, h, 1), err);
	cr_expect_eq(smb3_vfs_alloc(rig->top, &rig->ctx, h, 0, 1, SMB3_ALLOC_ZERO), err);
	cr_expect_eq(smb3_vfs_copy(rig->top, &rig->ctx, h, 0, h, 2, 1, 0), err);
}

Test(readonly, nothing_can_be_changed)
{
	struct vfsrig *rig = rig_with("enabled = true;");
	struct smb3_how stream_how = { .flags = SMB3_O_CREATE | SMB3_O_WRITE };
	struct smb3_handle *h, *s = smb3_handle_new(rig->mount);
	int err;

	vfsrig_local(rig, "f", "text");
	cr_expect_str_eq(vfsrig_read(rig, "f"), "text");
	cr_expect_eq(vfsrig_make(rig, "new", "x"), -EROFS);
	cr_expect_eq(vfsrig_make(rig, "new", NULL), -EROFS);
	cr_expect_eq(vfsrig_make(rig, "f", "x"), -EEXIST);
	cr_expect_null(vfsrig_open(rig, NULL, "f", SMB3_O_READ | SMB3_O_WRITE, &err));
	cr_expect_eq(err, -EROFS);
	cr_expect_eq(smb3_vfs_make(rig->top, &rig->ctx, rig->root, "p", S_IFIFO | 0600, 0, NULL),
		     -EROFS);
	h = vfsrig_open(rig, NULL, "f", SMB3_O_READ, &err);
	expect_data(rig, h, -EROFS);
	cr_expect_eq(smb3_vfs_open_stream(rig->top, &rig->ctx, h, "s", &stream_how, s), -EROFS);
	smb3_handle_free(h);
	smb3_handle_free(s);
	expect_names(rig, "f", -EROFS);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "f ");
	cr_expect_str_eq(vfsrig_read(rig, "f"), "text");
	vfsrig_free(rig);
}

Test(readonly, at_these_times_only)
{
	struct vfsrig *rig = rig_with(ALWAYS);

	cr_expect_eq(vfsrig_make(rig, "f", "x"), -EROFS);
	vfsrig_free(rig);
	/* A quarter of an hour long past or far ahead, whenever this runs; the day before ends it. */
	time_t half_a_day = time(NULL) + 43200;
	struct tm tm;
	char times[100];

	localtime_r(&half_a_day, &tm);
	snprintf(times, sizeof(times), "times = [ \"%02d:00-%02d:15\" ];", tm.tm_hour, tm.tm_hour);
	rig = rig_with(times);
	cr_expect_eq(vfsrig_make(rig, "f", "x"), 0);
	vfsrig_free(rig);
}

Test(readonly, these_paths_only)
{
	struct vfsrig *rig = rig_with("paths = [ \"archive/2020\", \"*.pdf\" ]; "
				      "except = [ \"archive/2020/open\" ];");
	struct smb3_handle *d = smb3_handle_new(rig->mount), *o;

	mkdir(vfsrig_path(rig, "archive"), 0755);
	mkdir(vfsrig_path(rig, "archive/2020"), 0755);
	mkdir(vfsrig_path(rig, "archive/2020/in"), 0755);
	mkdir(vfsrig_path(rig, "archive/2020/open"), 0755);
	vfsrig_local(rig, "a.PDF", "x");
	expect_names(rig, "a.PDF", -EROFS);
	cr_expect_eq(vfsrig_make(rig, "plain", "x"), 0);
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "plain", rig->root, "b.pdf",
				     0),
		     -EROFS);
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "archive", rig->root, "x", 0),
		     -EROFS, "what is below would have another path");
	cr_assert_eq(smb3_vfs_walk(rig->top, &rig->ctx, rig->root, "Archive/2020/in", d), 0);
	cr_expect_null(vfsrig_open(rig, d, "n", SMB3_O_CREATE | SMB3_O_WRITE, NULL));
	o = smb3_handle_new(rig->mount);
	cr_assert_eq(smb3_vfs_walk(rig->top, &rig->ctx, rig->root, "archive/2020/open", o), 0);
	smb3_handle_free(vfsrig_open(rig, o, "n", SMB3_O_CREATE | SMB3_O_WRITE, NULL));
	cr_expect_eq(access(vfsrig_path(rig, "archive/2020/open/n"), F_OK), 0);
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, o, "n", d, "n", 0), -EROFS);
	smb3_handle_free(o);
	smb3_handle_free(d);
	vfsrig_free(rig);
}

/* A link would be another path to the same. */
Test(readonly, no_way_around_by_links)
{
	struct vfsrig *rig = rig_with("paths = [ \"kept\" ];");
	struct smb3_handle *h;

	vfsrig_local(rig, "kept", "x");
	vfsrig_local(rig, "link", "");
	h = vfsrig_open(rig, NULL, "link", SMB3_O_META, NULL);
	cr_expect_eq(smb3_vfs_become(rig->top, &rig->ctx, rig->root, "link", h, "kept"),
		     -EOPNOTSUPP);
	smb3_handle_free(h);
	h = vfsrig_open(rig, NULL, "kept", SMB3_O_META, NULL);
	cr_expect_eq(smb3_vfs_link(rig->top, &rig->ctx, h, rig->root, "hard"), -EROFS);
	smb3_handle_free(h);
	cr_expect_eq(smb3_vfs_make(rig->top, &rig->ctx, rig->root, "soft", 0, 0, "kept"),
		     -EOPNOTSUPP);
	vfsrig_free(rig);
}

/* What is made of a path while it may be changed is no way to change it later. */
Test(readonly, no_way_around_by_waiting)
{
	const smb3_nttime half_a_day = 43200ull * 10000000u;
	time_t then = time(NULL) + 43200;
	char options[200];
	struct smb3_handle *h, *d, *w;
	struct vfsrig *rig;
	struct tm tm;

	localtime_r(&then, &tm);
	snprintf(options, sizeof(options),
		 "times = [ \"%02d:00-%02d:30\", \"%02d:30-%02d:00\" ]; paths = [ \"kept\" ];",
		 tm.tm_hour, tm.tm_hour, tm.tm_hour, (tm.tm_hour + 2) % 24);
	rig = rig_with(options);
	mkdir(vfsrig_path(rig, "kept"), 0755);
	mkdir(vfsrig_path(rig, "free"), 0755);
	vfsrig_local(rig, "free/f", "x");
	vfsrig_local(rig, "plain", "x");
	d = smb3_handle_new(rig->mount);
	cr_assert_eq(smb3_vfs_walk(rig->top, &rig->ctx, rig->root, "kept", d), 0);
	h = vfsrig_open(rig, NULL, "plain", SMB3_O_READ | SMB3_O_WRITE, NULL);
	cr_expect_eq(smb3_vfs_link(rig->top, &rig->ctx, h, d, "second"), -EROFS);
	cr_expect_eq(smb3_vfs_link(rig->top, &rig->ctx, h, rig->root, "beside"), 0);
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "plain", d, "in", 0), 0);
	cr_expect_eq(smb3_vfs_link(rig->top, &rig->ctx, h, rig->root, "out"), -EROFS);
	smb3_handle_free(d);
	d = smb3_handle_new(rig->mount);
	cr_assert_eq(smb3_vfs_walk(rig->top, &rig->ctx, rig->root, "FREE", d), 0);
	w = vfsrig_open(rig, d, "f", SMB3_O_READ | SMB3_O_WRITE, NULL);
	cr_assert_eq(rmdir(vfsrig_path(rig, "kept")), -1);
	cr_assert_eq(rename(vfsrig_path(rig, "kept"), vfsrig_path(rig, "old")), 0);
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "free", rig->root, "kept", 0),
		     0);
	cr_expect_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, "y", 1, 0), 1);
	cr_expect_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, w, "y", 1, 0), 1);
	smb3_now_set(smb3_now() + half_a_day);
	expect_data(rig, h, -EROFS);
	expect_data(rig, w, -EROFS);
	cr_expect_null(vfsrig_open(rig, d, "n", SMB3_O_CREATE | SMB3_O_WRITE, NULL));
	smb3_now_set(0);
	smb3_handle_free(w);
	smb3_handle_free(h);
	smb3_handle_free(d);
	vfsrig_free(rig);
}

/* CREATE looks there before it lets a client delete: what is refused is said at once. */
Test(readonly, volumes_say_so)
{
	struct vfsrig *rig = rig_with("paths = [ \"kept\" ];");
	struct smb3_fsinfo info;
	struct smb3_handle *h;

	vfsrig_local(rig, "kept", "x");
	cr_assert_eq(smb3_vfs_statfs(rig->top, &rig->ctx, rig->root, &info), 0);
	cr_expect_not(info.features & FILE_READ_ONLY_VOLUME);
	h = vfsrig_open(rig, NULL, "kept", SMB3_O_META, NULL);
	cr_assert_eq(smb3_vfs_statfs(rig->top, &rig->ctx, h, &info), 0);
	cr_expect(info.features & FILE_READ_ONLY_VOLUME);
	smb3_handle_free(h);
	vfsrig_free(rig);
}

Test(readonly, in_the_way_only_when_asked_for)
{
	struct vfsrig *rig = rig_with("");

	cr_expect_str_neq(rig->top->ops->name, "readonly");
	cr_expect_eq(vfsrig_make(rig, "f", "x"), 0);
	vfsrig_free(rig);
}
