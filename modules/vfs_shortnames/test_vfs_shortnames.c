// SPDX-License-Identifier: Apache-2.0
/*
 * test_vfs_shortnames.c: 8.3 names, and files found by them.
 */
#include <criterion/criterion.h>
#include <vfsrig.h>

#include <errno.h>
#include <string.h>

static struct vfsrig *rig;

static void setup(void)
{
	rig = vfsrig_new("\"vfs_mem\", \"vfs_shortnames\"",
			 "backend = \"mem\"; vfs_shortnames = { enabled = true; };", NULL);
}

static void teardown(void)
{
	vfsrig_free(rig);
}

TestSuite(shortnames, .init = setup, .fini = teardown);

static const char *made(const char *name)
{
	char *text = smb3_arena_alloc(rig->ctx.arena, SMB3_SHORT_NAME);

	cr_assert_eq(smb3_vfs_short_name(rig->top, name, text), 0);
	return text;
}

Test(shortnames, short_ones_stay)
{
	cr_expect_str_eq(made("a"), "A");
	cr_expect_str_eq(made("readme.txt"), "README.TXT");
	cr_expect_str_eq(made("ABCDEFGH.c"), "ABCDEFGH.C");
	cr_expect_str_eq(made("a~1"), "A~1");
}

/* Clients may keep them: they are the same for ever. */
Test(shortnames, long_ones_get_one)
{
	cr_expect_str_eq(made("Plan of the year.html"), made("PLAN OF THE YEAR.HTML"));
	cr_expect_str_neq(made("Plan of the year.html"), made("Plan of the week.html"));
	cr_expect_eq(strlen(made("Plan of the year.html")), 12u);
	cr_expect_str_eq(made("Plan of the year.html") + 6, "~1.HTM");
	cr_expect_eq(*made("Plan of the year.html"), 'P');
	cr_expect_eq(*made("\xc3\xa4.txt"), '_');
	cr_expect_str_eq(made(".profile") + 6, "~1");
	cr_expect_str_eq(made("two.dots.c") + 6, "~1.C");
	cr_expect_str_eq(made("a.\xc3\xa4\xc3\xb6") + 6, "~1");
	cr_expect_str_eq(made("trailing.") + 6, "~1");
}

Test(shortnames, files_are_reached_by_them)
{
	const char *name = "A folder with files", *file = "The only file in it.text";
	struct smb3_handle *dir = smb3_handle_new(rig->mount), *h;
	struct smb3_stat st;

	cr_assert_eq(vfsrig_make(rig, name, NULL), 0);
	cr_assert_eq(smb3_vfs_walk(rig->top, &rig->ctx, rig->root, made(name), dir), 0);
	cr_expect_str_eq(dir->name, name);
	cr_assert_eq(vfsrig_make(rig, file, "x"), 0);
	cr_assert_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, made(file), dir, file, 0), 0);
	cr_expect_eq(smb3_vfs_lookup(rig->top, &rig->ctx, dir, made(file), &st), 0);
	h = vfsrig_open(rig, dir, made(file), SMB3_O_READ, NULL);
	cr_assert(h);
	cr_expect_str_eq(h->name, file);
	smb3_handle_free(h);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, dir, made(file), false), 0);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, dir, made(file), false), -ENOENT);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, dir, "Z12345~1", false), -ENOENT);
	cr_expect_eq(smb3_vfs_lookup(rig->top, &rig->ctx, dir, made(file), &st), -ENOENT);
	smb3_handle_free(dir);
}

Test(shortnames, a_made_name_is_taken)
{
	cr_assert_eq(vfsrig_make(rig, "A name that is long", "x"), 0);
	cr_expect_eq(vfsrig_make(rig, made("A name that is long"), "y"), -EEXIST);
	cr_expect_eq(vfsrig_make(rig, "SOMEON~1", "y"), 0);
}

/* Deleted, and made anew by its short name: as old programs save. */
Test(shortnames, a_long_name_comes_back)
{
	const char *name = "Plan of the year.html";
	struct smb3_handle *dir = smb3_handle_new(rig->mount);

	cr_assert_eq(vfsrig_make(rig, name, "x"), 0);
	cr_assert_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, made(name), false), 0);
	cr_assert_eq(vfsrig_make(rig, made(name), "y"), 0);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "Plan of the year.html ");
	cr_assert_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, name, rig->root, "b", 0), 0);
	cr_assert_eq(vfsrig_make(rig, "d", NULL), 0);
	cr_assert_eq(smb3_vfs_walk(rig->top, &rig->ctx, rig->root, "d", dir), 0);
	smb3_handle_free(vfsrig_open(rig, dir, made(name), SMB3_O_CREATE | SMB3_O_WRITE, NULL));
	cr_expect_str_eq(vfsrig_list(rig, dir),
			 smb3_arena_printf(rig->ctx.arena, "%s ", made(name)),
			 "not in another folder");
	cr_assert_eq(vfsrig_make(rig, made(name), "z"), 0);
	cr_expect_str_eq(vfsrig_read(rig, name), "z");
	smb3_handle_free(dir);
}

Test(shortnames, off_by_default)
{
	struct vfsrig *plain =
		vfsrig_new("\"vfs_mem\", \"vfs_shortnames\"", "backend = \"mem\";", NULL);
	char name[SMB3_SHORT_NAME];

	cr_expect_eq(smb3_vfs_short_name(plain->top, "x", name), -EOPNOTSUPP);
	vfsrig_free(plain);
}
