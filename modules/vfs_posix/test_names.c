// SPDX-License-Identifier: Apache-2.0
/*
 * test_names.c: names without case on a file system that minds it, renaming, and odd names.
 */
#include "test_rig.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(names, .init = rig_setup, .fini = rig_teardown);

static int renames(const char *from, const char *to, uint32_t flags)
{
	return smb3_vfs_rename(rig->top, &rig->ctx, rig->root, from, rig->root, to, flags);
}

Test(names, any_case_reaches)
{
	static const char *const pairs[][2] = {
		{ "Readme.TXT", "rEADME.txt" },
		{ "\xc3\x84rger", "\xc3\xa4RGER" },
		{ "\xce\xa3igma", "\xcf\x83IGMA" },
		{ "\xd0\x96", "\xd0\xb6" },
		{ "\xf0\x90\x90\x80", "\xf0\x90\x90\xa8" },
		{ "plain", "PLAIN" },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(pairs); i++) {
		struct smb3_handle *h;

		cr_assert_eq(vfsrig_make(rig, pairs[i][0], pairs[i][0]), 0);
		cr_expect_str_eq(vfsrig_read(rig, pairs[i][1]), pairs[i][0]);
		h = vfsrig_open(rig, NULL, pairs[i][1], SMB3_O_META, NULL);
		cr_assert(h);
		cr_expect_str_eq(h->name, pairs[i][0], "as it stands on disk");
		smb3_handle_free(h);
		cr_expect(vfsrig_lookup(rig, pairs[i][1]).ino != 0);
		cr_expect_eq(vfsrig_make(rig, pairs[i][1], "other"), -EEXIST);
		cr_expect_eq(vfsrig_make(rig, pairs[i][1], NULL), -EEXIST);
	}
}

Test(names, the_exact_name_wins)
{
	int err;

	vfsrig_local(rig, "name", "lower");
	vfsrig_local(rig, "NAME", "upper");
	cr_expect_str_eq(vfsrig_read(rig, "name"), "lower");
	cr_expect_str_eq(vfsrig_read(rig, "NAME"), "upper");
	cr_expect(vfsrig_read(rig, "Name") != NULL);
	cr_expect_null(vfsrig_open(rig, NULL, "Name", SMB3_O_READ | SMB3_O_EXACT, &err));
	cr_expect_eq(err, -ENOENT);
}

Test(names, case_sensitive_shares)
{
	struct vfsrig *strict =
		vfsrig_new("\"vfs_posix\"", "vfs_posix = { case_sensitive = true; };", NULL);
	struct smb3_fsinfo info;
	int err;

	cr_assert_eq(vfsrig_make(strict, "name", "lower"), 0);
	cr_expect_null(vfsrig_open(strict, NULL, "NAME", SMB3_O_READ, &err));
	cr_expect_eq(err, -ENOENT);
	cr_assert_eq(vfsrig_make(strict, "NAME", "upper"), 0);
	cr_expect_str_eq(vfsrig_read(strict, "name"), "lower");
	cr_expect_eq(smb3_vfs_rename(strict->top, &strict->ctx, strict->root, "name", strict->root,
				     "NAME", 0),
		     -EEXIST);
	cr_expect_eq(smb3_vfs_rename(strict->top, &strict->ctx, strict->root, "name", strict->root,
				     "name", 0),
		     0);
	cr_assert_eq(smb3_vfs_statfs(strict->top, &strict->ctx, strict->root, &info), 0);
	cr_expect(info.features & FILE_CASE_SENSITIVE_SEARCH);
	vfsrig_free(strict);
}

Test(names, rename_plain)
{
	cr_assert_eq(vfsrig_make(rig, "a", "A"), 0);
	cr_assert_eq(vfsrig_make(rig, "b", "B"), 0);
	cr_expect_eq(renames("a", "b", 0), -EEXIST);
	cr_expect_eq(renames("a", "B", 0), -EEXIST);
	cr_expect_eq(renames("none", "c", 0), -ENOENT);
	cr_expect_eq(renames("A", "c", 0), 0);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "b c ");
	cr_expect_eq(renames("c", "b", SMB3_RENAME_REPLACE), 0);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "b ");
	cr_expect_str_eq(vfsrig_read(rig, "b"), "A");
}

Test(names, rename_of_the_case_only)
{
	cr_assert_eq(vfsrig_make(rig, "name", "x"), 0);
	cr_assert_eq(vfsrig_make(rig, "dir", NULL), 0);
	cr_expect_eq(renames("name", "Name", 0), 0);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "Name dir ");
	cr_expect_eq(renames("NAME", "NamE", SMB3_RENAME_REPLACE), 0);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "NamE dir ");
	cr_expect_eq(renames("dir", "DIR", 0), 0);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "DIR NamE ");
	cr_expect_eq(renames("DIR", "DIR", 0), 0);
	cr_expect_eq(renames("namE", "NamE", 0), 0);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "DIR NamE ");
}

Test(names, rename_over_another_spelling)
{
	cr_assert_eq(vfsrig_make(rig, "TARGET", "old"), 0);
	cr_assert_eq(vfsrig_make(rig, "source", "new"), 0);
	cr_expect_eq(renames("source", "target", 0), -EEXIST);
	cr_expect_eq(renames("source", "target", SMB3_RENAME_REPLACE), 0);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "target ");
	cr_expect_str_eq(vfsrig_read(rig, "target"), "new");
}

Test(names, rename_between_links_of_one_file)
{
	cr_assert_eq(vfsrig_make(rig, "a", "x"), 0);
	cr_assert_eq(link(vfsrig_path(rig, "a"), vfsrig_path(rig, "b")), 0);
	cr_expect_eq(renames("a", "b", SMB3_RENAME_REPLACE), 0);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "b ");
	cr_expect_eq(vfsrig_lookup(rig, "b").links, 1);
}

Test(names, rename_across_folders)
{
	struct smb3_handle *dir = smb3_handle_new(rig->mount);

	cr_assert_eq(vfsrig_make(rig, "dir", NULL), 0);
	cr_assert_eq(vfsrig_make(rig, "file", "x"), 0);
	cr_assert_eq(smb3_vfs_walk(rig->top, &rig->ctx, rig->root, "dir", dir), 0);
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "FILE", dir, "File", 0), 0);
	cr_expect_str_eq(vfsrig_list(rig, dir), "File ");
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "dir", dir, "inner", 0),
		     -EINVAL);
	cr_expect_eq(vfsrig_make(rig, "dir2", NULL), 0);
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "dir2", dir, "Dir2", 0), 0);
	cr_expect_str_eq(vfsrig_list(rig, dir), "Dir2 File ");
	smb3_handle_free(dir);
}

Test(names, a_backslash_is_never_a_path)
{
	struct smb3_handle *h;
	const char *list;

	vfsrig_local(rig, "..\\..\\evil", "evil");
	vfsrig_local(rig, "a\\b", "ab");
	vfsrig_local(rig, "plain", "");
	list = vfsrig_list(rig, NULL);
	cr_expect(!strchr(list, '\\'));
	cr_expect_str_eq(list, "..\xef\x80\xa6..\xef\x80\xa6"
			       "evil a\xef\x80\xa6"
			       "b plain ");
	h = vfsrig_open(rig, NULL,
			"A\xef\x80\xa6"
			"b",
			SMB3_O_READ, NULL);
	cr_assert(h);
	cr_expect_str_eq(h->name, "a\xef\x80\xa6"
				  "b");
	smb3_handle_free(h);
	cr_expect_eq(vfsrig_lookup(rig, "a\xef\x80\xa6"
					"b")
			     .size,
		     2);
	cr_expect_eq(renames("a\xef\x80\xa6"
			     "b",
			     "renamed", 0),
		     0);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root,
				     "..\xef\x80\xa6..\xef\x80\xa6"
				     "evil",
				     false),
		     0);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "plain renamed ");
}

Test(names, bytes_that_are_not_utf8)
{
	vfsrig_local(rig, "caf\xe9", "latin");
	vfsrig_local(rig, "caf\xe8", "grave");
	cr_expect_str_eq(vfsrig_list(rig, NULL), "caf\xef\x83\xa8 caf\xef\x83\xa9 ");
	cr_expect_str_eq(vfsrig_read(rig, "caf\xef\x83\xa9"), "latin");
	cr_expect_str_eq(vfsrig_read(rig, "CAF\xef\x83\xa8"), "grave");
	cr_expect_eq(renames("CAF\xef\x83\xa9", "caf\xc3\xa9", 0), 0);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "caf\xc3\xa9 caf\xef\x83\xa8 ");
}

/* On disk, and as clients see it. */
static const char *const shown[][2] = {
	{ "a:b", "a\xef\x80\xa2"
		 "b" },
	{ "<*?>|\"", "\xef\x80\xa3\xef\x80\xa1\xef\x80\xa5\xef\x80\xa4\xef\x80\xa7\xef\x80\xa0" },
	{ "line\nfeed", "line\xef\x80\x8a"
			"feed" },
	{ "trail ", "trail\xef\x80\xa8" },
	{ "dot.", "dot\xef\x80\xa9" },
	{ "two..", "two.\xef\x80\xa9" },
	{ "...", "..\xef\x80\xa9" },
	{ "a. b", "a. b" },
	{ "\xff\xfe", "\xef\x83\xbf\xef\x83\xbe" },
	{ "ok\xc3\xa4\xc3", "ok\xc3\xa4\xef\x83\x83" },
	{ "good\xef\xbf\xbd", "good\xef\xbf\xbd" },
};

Test(names, what_clients_cannot_name)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(shown); i++) {
		struct smb3_handle *h;

		vfsrig_local(rig, shown[i][0], shown[i][0]);
		cr_expect(strstr(vfsrig_list(rig, NULL), shown[i][1]), "%s", shown[i][0]);
		cr_expect_str_eq(vfsrig_read(rig, shown[i][1]), shown[i][0], "%s", shown[i][0]);
		cr_expect_str_eq(vfsrig_read(rig, shown[i][0]), shown[i][0], "%s", shown[i][0]);
		h = vfsrig_open(rig, NULL, shown[i][0], SMB3_O_META, NULL);
		cr_assert(h);
		cr_expect_str_eq(h->name, shown[i][1]);
		smb3_handle_free(h);
		cr_expect_eq(vfsrig_make(rig, shown[i][1], "x"), -EEXIST, "%s", shown[i][0]);
		cr_expect_eq(renames(shown[i][1], "x", 0), 0);
		cr_expect_str_eq(vfsrig_list(rig, NULL), "x ");
		cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "x", false), 0);
	}
}

/* 255 bytes on disk, and three times as many to who asks for them. */
Test(names, long_names_that_clients_cannot_name)
{
	char disk[NAME_MAX + 1] = "", asked[3 * NAME_MAX + 1] = "";

	for (size_t i = 0; i < NAME_MAX; i++) {
		disk[i] = '\x80';
		strcat(asked, "\xef\x82\x80");
	}
	vfsrig_local(rig, disk, "long");
	cr_expect_str_eq(vfsrig_read(rig, asked), "long");
	cr_expect_eq(vfsrig_lookup(rig, asked).size, 4);
	cr_expect_eq(renames(asked, "short", 0), 0);
	cr_expect_eq(renames(asked, "short", 0), -ENAMETOOLONG);
	cr_expect_eq(vfsrig_make(rig, asked, "x"), -ENAMETOOLONG);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "short ");
}

Test(names, odd_but_legal)
{
	static const char *const odd[] = { "a:b",      " lead", "trail ",           "dot.", "...",
					   "q?*<>|\"", "\x01",  "\xf0\x9f\x98\x80", "con",  "a\nb" };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(odd); i++) {
		cr_expect_eq(vfsrig_make(rig, odd[i], "x"), 0, "%s", odd[i]);
		cr_expect_str_eq(vfsrig_read(rig, odd[i]), "x", "%s", odd[i]);
	}
}

Test(names, changes_made_locally_are_seen)
{
	cr_expect_null(vfsrig_read(rig, "FILE"));
	vfsrig_local(rig, "file", "1");
	cr_expect_str_eq(vfsrig_read(rig, "FILE"), "1");
	cr_assert_eq(rename(vfsrig_path(rig, "file"), vfsrig_path(rig, "other")), 0);
	cr_expect_null(vfsrig_read(rig, "FILE"));
	cr_expect_str_eq(vfsrig_read(rig, "OTHER"), "1");
}

#define RACERS 4

static void *create_spelling(void *arg)
{
	static const char *const spellings[RACERS] = { "race", "Race", "rAce", "RACE" };
	struct smb3_handle *dir = smb3_handle_new(rig->mount), *h = smb3_handle_new(rig->mount);
	struct smb3_ctx ctx = { .arena = smb3_arena_new() };
	const struct smb3_how how = { .flags = SMB3_O_CREATE | SMB3_O_WRITE, .mode = 0644 };
	int err = smb3_vfs_root(rig->top, &ctx, dir);

	if (!err)
		err = smb3_vfs_open(rig->top, &ctx, dir, spellings[(size_t)arg], &how, h);
	smb3_handle_free(h);
	smb3_handle_free(dir);
	smb3_arena_free(ctx.arena);
	return (void *)(intptr_t)err;
}

/* Of several spellings that are created at once only one comes to be. */
Test(names, spellings_created_at_once)
{
	for (int round = 0; round < 50; round++) {
		pthread_t threads[RACERS];
		unsigned int made = 0;
		void *err;

		for (size_t i = 0; i < RACERS; i++)
			cr_assert_eq(pthread_create(&threads[i], NULL, create_spelling, (void *)i),
				     0);
		for (size_t i = 0; i < RACERS; i++) {
			pthread_join(threads[i], &err);
			made += (intptr_t)err == 0;
			cr_expect((intptr_t)err == 0 || (intptr_t)err == -EEXIST);
		}
		cr_assert_eq(made, 1);
		cr_assert_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "race", false), 0);
		cr_assert_str_eq(vfsrig_list(rig, NULL), "");
	}
}
