// SPDX-License-Identifier: Apache-2.0
/*
 * test_escape.c: nothing outside the share is ever reached.
 */
#include "test_rig.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* <home>/outside/secret beside <home>/share */
static void setup(void)
{
	rig_setup();
	cr_assert_eq(mkdir(vfsrig_path(rig, "../outside"), 0755), 0);
	vfsrig_local(rig, "../outside/secret", "secret");
	cr_assert_eq(vfsrig_make(rig, "dir", NULL), 0);
	cr_assert_eq(mkdir(vfsrig_path(rig, "dir/deep"), 0755), 0);
	cr_assert_eq(vfsrig_make(rig, "inside", "inside"), 0);
}

TestSuite(escape, .init = setup, .fini = rig_teardown);

static void make_link(const char *target, const char *name)
{
	cr_assert_eq(symlink(target, vfsrig_path(rig, name)), 0);
}

static void make_link_to(const char *path_in_share, const char *name)
{
	make_link(vfsrig_path(rig, path_in_share), name);
}

/* Opens path (its folders walked) and tells the error; the content goes to text. */
static int reach(const char *path, char text[16])
{
	char *copy = smb3_strdup(path), *name = strrchr(copy, '/');
	struct smb3_handle *dir = smb3_handle_new(rig->mount), *h = smb3_handle_new(rig->mount);
	const struct smb3_how how = { .flags = SMB3_O_READ };
	int err = 0;

	memset(text, 0, 16);
	if (name) {
		*name++ = '\0';
		err = smb3_vfs_walk(rig->top, &rig->ctx, rig->root, copy, dir);
	}
	if (!err)
		err = smb3_vfs_open(rig->top, &rig->ctx, name ? dir : rig->root, name ? name : copy,
				    &how, h);
	if (!err && !h->directory)
		cr_expect(smb3_vfs_pread(rig->top, &rig->ctx, h, text, 15, 0) >= 0);
	smb3_handle_free(h);
	smb3_handle_free(dir);
	free(copy);
	return err;
}

Test(escape, links_inside_are_followed)
{
	static const char *const good[] = {
		"rel",         "dir/up",        "dir/deep/up2",
		"abs",         "dir/abs",       "todir/up",
		"absdir/up",   "dir/chain",     "absdir/deep/up2",
		"dir/todots",  "dir/nested/up", "selfdir/inside",
		"dir/outback",
	};
	char text[16];

	make_link("inside", "rel");
	make_link("../inside", "dir/up");
	make_link("../../inside", "dir/deep/up2");
	make_link_to("inside", "abs");
	make_link_to("inside", "dir/abs");
	make_link("dir", "todir");
	make_link_to("dir", "absdir");
	make_link("../abs", "dir/chain");
	make_link("deep/../../todir/up", "dir/todots");
	make_link_to("absdir", "dir/nested");
	make_link_to("", "selfdir");
	/* A way that leaves the share and comes back is refused in the middle by the kernel; an
	 * absolute one that names the share is not such a way. */
	make_link_to("dir/../inside", "dir/outback");
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(good); i++) {
		int err = reach(good[i], text);

		cr_expect_eq(err, 0, "%s: %s", good[i], strerror(-err));
		cr_expect_str_eq(text, "inside", "%s", good[i]);
	}
}

/* Through a link the target is described, with what is stored for the target. */
Test(escape, attributes_through_links)
{
	const struct smb3_setattr set = { .mask = SMB3_SET_ATTRIBUTES,
					  .attributes = FILE_ATTRIBUTE_HIDDEN };
	static const char *const ways[] = { "inside", "INSIDE", "link", "Link", "abs" };

	make_link("inside", "link");
	make_link_to("inside", "abs");
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(ways); i++) {
		struct smb3_handle *h = vfsrig_open(rig, NULL, ways[i], SMB3_O_META, NULL);
		struct smb3_stat st;

		cr_assert(h, "%s", ways[i]);
		if (i == 0)
			cr_assert_eq(smb3_vfs_setattr(rig->top, &rig->ctx, h, &set), 0);
		for (int again = 0; again < 2; again++) {
			cr_assert_eq(smb3_vfs_stat(rig->top, &rig->ctx, h, &st), 0);
			cr_expect(S_ISREG(st.mode) && st.size == 6, "%s", ways[i]);
			cr_expect_eq(st.attributes, FILE_ATTRIBUTE_HIDDEN, "%s", ways[i]);
		}
		smb3_handle_free(h);
		cr_expect_eq(vfsrig_lookup(rig, ways[i]).attributes, FILE_ATTRIBUTE_HIDDEN, "%s",
			     ways[i]);
	}
}

Test(escape, links_outside_are_refused)
{
	static const char *const bad[] = { "rel",   "abs",          "dir/up",     "outdir/secret",
					   "root",  "proc/cwd",     "dir/prefix", "absout/secret",
					   "chain", "dir/deep/up2", "leaves" };
	char text[16], target[256];

	make_link("../outside/secret", "rel");
	make_link_to("../outside/secret", "abs");
	make_link("../../outside/secret", "dir/up");
	make_link("../outside", "outdir");
	make_link("/", "root");
	make_link("/proc/self", "proc");
	make_link_to("../outside", "absout");
	make_link("outdir/secret", "chain");
	make_link("../../../outside/secret", "dir/deep/up2");
	make_link("../share/inside", "leaves");
	/* A folder whose path begins like the share's. */
	snprintf(target, sizeof(target), "%s2", rig->folder);
	cr_assert_eq(mkdir(target, 0755), 0);
	make_link(target, "dir/prefix");
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(bad); i++) {
		int err = reach(bad[i], text);

		cr_expect_eq(err, -EXDEV, "%s: %d", bad[i], err);
		cr_expect_str_eq(text, "", "%s", bad[i]);
	}
}

Test(escape, links_to_nowhere)
{
	char text[16];

	make_link("missing", "dangling");
	make_link("loop2", "loop1");
	make_link("loop1", "loop2");
	make_link("dangling", "Chain");
	cr_expect_eq(reach("dangling", text), -ELOOP);
	cr_expect_eq(reach("DANGLING", text), -ELOOP);
	cr_expect_eq(reach("chain", text), -ELOOP);
	cr_expect_eq(reach("loop1", text), -ELOOP);
	cr_expect_eq(vfsrig_make(rig, "dangling", "x"), -EEXIST);
	cr_expect_eq(access(vfsrig_path(rig, "missing"), F_OK), -1);
	/* They are described as the links that they are, and can be removed. */
	cr_expect(S_ISLNK(vfsrig_lookup(rig, "dangling").mode));
	cr_expect(S_ISLNK(vfsrig_lookup(rig, "loop1").mode));
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "dangling", false), 0);
}

Test(escape, what_is_described)
{
	struct smb3_stat st;

	make_link("../outside/secret", "out");
	make_link("inside", "in");
	st = vfsrig_lookup(rig, "out");
	cr_expect(S_ISLNK(st.mode));
	cr_expect_eq(st.reparse_tag, IO_REPARSE_TAG_SYMLINK);
	cr_expect_eq(st.attributes, FILE_ATTRIBUTE_REPARSE_POINT);
	st = vfsrig_lookup(rig, "in");
	cr_expect(S_ISREG(st.mode));
	cr_expect_eq(st.size, 6);
}

Test(escape, changes_stay_inside)
{
	struct smb3_handle *out = vfsrig_open(rig, NULL, "..", SMB3_O_META, NULL), *h;
	int err;

	cr_expect_null(out);
	make_link("../outside", "outdir");
	make_link("../outside/secret", "outfile");
	h = smb3_handle_new(rig->mount);
	cr_expect_eq(smb3_vfs_walk(rig->top, &rig->ctx, rig->root, "outdir", h), -EXDEV);
	cr_expect_eq(smb3_vfs_walk(rig->top, &rig->ctx, rig->root, "OUTDIR", h), -EXDEV);
	smb3_handle_free(h);
	cr_expect_null(vfsrig_open(rig, NULL, "outfile", SMB3_O_WRITE, &err));
	cr_expect_eq(err, -EXDEV);
	cr_expect_null(vfsrig_open(rig, NULL, "outfile", SMB3_O_META, &err));
	cr_expect_eq(err, -EXDEV);
	cr_expect_eq(vfsrig_make(rig, "../new", "x"), -EINVAL);
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "inside", rig->root,
				     "../outside/x", 0),
		     -EINVAL);
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "../outside/secret", rig->root,
				     "x", 0),
		     -EINVAL);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "../outside/secret", false),
		     -EINVAL);
	cr_expect_eq(smb3_vfs_make(rig->top, &rig->ctx, rig->root, "../x", S_IFIFO, 0, NULL),
		     -EINVAL);
	/* Removing a link removes the link. */
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "outdir", true), 0);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "outfile", false), 0);
	cr_expect_eq(access(vfsrig_path(rig, "../outside/secret"), F_OK), 0);
	cr_expect_eq(access(vfsrig_path(rig, "../outside/x"), F_OK), -1);
}

Test(escape, links_can_be_left_unfollowed)
{
	struct vfsrig *strict =
		vfsrig_new("\"vfs_posix\"", "vfs_posix = { follow_symlinks = false; };", NULL);
	struct smb3_handle *h;
	int err;

	cr_assert_eq(vfsrig_make(strict, "f", "x"), 0);
	cr_assert_eq(vfsrig_make(strict, "d", NULL), 0);
	cr_assert_eq(symlink("f", vfsrig_path(strict, "link")), 0);
	cr_assert_eq(symlink("d", vfsrig_path(strict, "dlink")), 0);
	cr_assert_eq(symlink("../outside", vfsrig_path(strict, "out")), 0);
	cr_expect_null(vfsrig_open(strict, NULL, "link", SMB3_O_READ, &err));
	cr_expect_eq(err, -ELOOP);
	cr_expect_null(vfsrig_open(strict, NULL, "out", SMB3_O_READ, &err));
	cr_expect_eq(err, -ELOOP);
	h = smb3_handle_new(strict->mount);
	cr_expect_eq(smb3_vfs_walk(strict->top, &strict->ctx, strict->root, "dlink", h), -ELOOP);
	smb3_handle_free(h);
	cr_expect(S_ISLNK(vfsrig_lookup(strict, "link").mode));
	h = vfsrig_open(strict, NULL, "link", SMB3_O_META | SMB3_O_NOFOLLOW, NULL);
	cr_expect(h);
	smb3_handle_free(h);
	vfsrig_free(strict);
}

struct racer {
	_Atomic bool stop;
	char a[200], b[200];
};

/* Exchanges a folder and a link that leads out, over and over. */
static void *race(void *arg)
{
	struct racer *r = arg;

	while (!atomic_load(&r->stop))
		renameat2(AT_FDCWD, r->a, AT_FDCWD, r->b, RENAME_EXCHANGE);
	return NULL;
}

Test(escape, a_link_put_in_place_of_a_folder)
{
	struct racer r = { 0 };
	unsigned int inside = 0, refused = 0;
	pthread_t thread;
	char text[16];

	make_link("../outside", "out");
	cr_assert_eq(vfsrig_make(rig, "swap", NULL), 0);
	cr_assert_eq(link(vfsrig_path(rig, "inside"), vfsrig_path(rig, "swap/secret")), 0);
	snprintf(r.a, sizeof(r.a), "%s", vfsrig_path(rig, "swap"));
	snprintf(r.b, sizeof(r.b), "%s", vfsrig_path(rig, "out"));
	cr_assert_eq(pthread_create(&thread, NULL, race, &r), 0);
	for (int i = 0; i < 200000 && (inside < 200 || refused < 200); i++) {
		int err = reach("swap/secret", text);

		cr_assert_str_neq(text, "secret");
		inside += err == 0;
		refused += err == -EXDEV;
	}
	atomic_store(&r.stop, true);
	pthread_join(thread, NULL);
	cr_expect(inside && refused, "%u times inside, %u refused", inside, refused);
}
