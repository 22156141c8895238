// SPDX-License-Identifier: Apache-2.0
/*
 * test_absent.c: that a name is not there is kept while its folder is the same, and never longer.
 */
#include "absent.h"
#include "test_rig.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SECOND 10000000ll /* of 100 ns */

/* ---- the table ---- */

static struct posix_mount mount_with(uint64_t names)
{
	return (struct posix_mount){ .absent = posix_absent_new(names), .dev = 7 };
}

static struct posix_search search(const char *name)
{
	return (struct posix_search){ .name = name, .shown = name };
}

static bool has(const struct posix_mount *m, struct posix_known_id folder, const char *name)
{
	const struct posix_search s = search(name);

	return posix_absent_has(m, &folder, &s);
}

static void keep(const struct posix_mount *m, struct posix_known_id folder, const char *name)
{
	const struct posix_search s = search(name);

	posix_absent_keep(m, &folder, &s);
}

Test(absent, belongs_to_a_folder_as_it_is)
{
	struct posix_mount m = mount_with(16);
	const struct posix_known_id folder = { 7, 20, 1000 }, later = { 7, 20, 1001 };

	cr_expect_not(has(&m, folder, "desktop.ini"));
	keep(&m, folder, "desktop.ini");
	cr_expect(has(&m, folder, "desktop.ini"));
	cr_expect_not(has(&m, later, "desktop.ini"));
	cr_expect_not(has(&m, (struct posix_known_id){ 7, 21, 1000 }, "desktop.ini"));
	cr_expect_not(has(&m, (struct posix_known_id){ 8, 20, 1000 }, "desktop.ini"));
	keep(&m, later, "desktop.ini");
	cr_expect(has(&m, later, "desktop.ini"));
	cr_expect_not(has(&m, folder, "desktop.ini"), "the later state takes its place");
	posix_absent_free(m.absent);
}

Test(absent, the_whole_name_in_any_case)
{
	static const char *const same[] = { "\xc3\xa4rger.ini", "\xc3\x84RGER.INI",
					    "\xc3\x84rger.Ini" };
	static const char *const other[] = { "\xc3\xa4rger.in", "\xc3\xa4rger.inix", "arger.ini",
					     "" };
	struct posix_mount m = mount_with(16);
	const struct posix_known_id folder = { 7, 20, 1000 };

	keep(&m, folder, same[0]);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(same); i++)
		cr_expect(has(&m, folder, same[i]), "%s", same[i]);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(other); i++)
		cr_expect_not(has(&m, folder, other[i]), "%s", other[i]);
	posix_absent_free(m.absent);
}

/* One place for all that are kept: only what is compared in full tells them apart. */
Test(absent, never_by_the_hash_alone)
{
	struct posix_mount m = mount_with(1);
	const struct posix_known_id folder = { 7, 20, 1000 };
	char name[16];

	keep(&m, folder, "desktop.ini");
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "desktop.%u", i);
		cr_expect_not(has(&m, folder, name));
	}
	cr_expect(has(&m, folder, "desktop.ini"));
	posix_absent_free(m.absent);
}

Test(absent, room_for_so_many_and_no_more)
{
	struct posix_mount m = mount_with(64), none = mount_with(0);
	const struct posix_known_id folder = { 7, 20, 1000 };
	unsigned kept = 0;
	char name[16];

	for (unsigned i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "name-%u", i);
		keep(&m, folder, name);
		cr_assert(has(&m, folder, name), "%s", name);
	}
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "NAME-%u", i);
		kept += has(&m, folder, name);
	}
	cr_expect_eq(kept, 64, "%u", kept);
	cr_expect(has(&m, folder, "name-999"), "the others have gone before");
	cr_expect_null(none.absent);
	cr_expect_not(has(&none, folder, "name-999"));
	posix_absent_free(m.absent);
}

Test(absent, what_may_be_kept)
{
	struct posix_mount m = mount_with(16), none = mount_with(0);
	struct posix_search s = search("desktop.ini");
	struct posix_known_id folder = { .dev = 7, .ino = 20 };
	char longest[104] = "", longer[105] = "";
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	folder.changed = smb3_nttime_from_timespec(&now);
	cr_expect_not(posix_absent_may(&m, &folder, &s), "its next change may have the same time");
	folder.changed -= 60 * SECOND;
	cr_expect(posix_absent_may(&m, &folder, &s));
	cr_expect_not(posix_absent_may(&none, &folder, &s));
	folder.dev = 8;
	cr_expect_not(posix_absent_may(&m, &folder, &s), "another file system");
	folder.dev = 7;
	s.exact = true;
	cr_expect_not(posix_absent_may(&m, &folder, &s), "there may be another spelling");
	s = search(memset(longest, 'x', sizeof(longest) - 1));
	cr_expect(posix_absent_may(&m, &folder, &s));
	keep(&m, folder, longest);
	cr_expect(has(&m, folder, longest));
	s = search(memset(longer, 'x', sizeof(longer) - 1));
	cr_expect_not(posix_absent_may(&m, &folder, &s));
	cr_expect_not(has(&m, folder, longer));
	folder.changed = 0;
	s = search("desktop.ini");
	cr_expect_not(posix_absent_may(&m, &folder, &s), "its time does not tell all changes");
	posix_absent_free(m.absent);
}

/* ---- a share ---- */

TestSuite(absent_share, .init = rig_setup, .fini = rig_teardown, .timeout = 60);

static const struct posix_mount *mount_of(const struct vfsrig *r)
{
	return r->top->data;
}

/* Where the tests' folder is on a file system that is not trusted nothing is kept. */
static void need_cache(void)
{
	if (!mount_of(rig)->absent)
		cr_skip_test("wants ext4, xfs or btrfs");
}

static struct posix_absent_figures figures(void)
{
	struct posix_absent_figures f;

	posix_absent_figures(mount_of(rig)->absent, &f);
	return f;
}

static bool settled(void)
{
	struct posix_known_id folder;

	cr_assert_eq(posix_absent_folder(mount_of(rig)->root, &folder), 0);
	return posix_table_may(&folder);
}

/* Until the folder is old enough. */
static void settle(void)
{
	while (!settled())
		usleep(1000);
}

static void local(const char *name)
{
	int fd = open(vfsrig_path(rig, name), O_CREAT | O_WRONLY, 0644);

	cr_assert(fd >= 0, "%s", name);
	close(fd);
}

/* What an opening answers; the same for each kind. */
static int reach(const char *name)
{
	static const uint32_t kinds[] = { SMB3_O_META, SMB3_O_READ };
	int errs[2] = { 0 };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(kinds); i++)
		smb3_handle_free(vfsrig_open(rig, NULL, name, kinds[i], &errs[i]));
	cr_expect_eq(errs[0], errs[1], "%s: %d, %d", name, errs[0], errs[1]);
	return errs[0];
}

/* Without waiting: -EAGAIN where the folder would have to be read. */
static int reach_at_once(const char *name)
{
	struct smb3_ctx nowait = { .arena = rig->ctx.arena, .nowait = true };
	const struct smb3_how how = { .flags = SMB3_O_META };
	struct smb3_handle *h = smb3_handle_new(rig->mount);
	int err = smb3_vfs_open(rig->top, &nowait, rig->root, name, &how, h);

	smb3_handle_free(h);
	return err;
}

Test(absent_share, looked_for_once)
{
	struct posix_absent_figures f;

	need_cache();
	local("file");
	settle();
	cr_expect_eq(reach_at_once("desktop.ini"), -EAGAIN);
	cr_expect_eq(reach("desktop.ini"), -ENOENT);
	f = figures();
	cr_expect_eq(f.kept, 1u);
	cr_expect_eq(f.answered, 1u, "the second kind of opening");
	cr_expect_eq(reach_at_once("desktop.ini"), -ENOENT);
	cr_expect_eq(vfsrig_lookup(rig, "Desktop.INI").ino, 0u);
	cr_expect_eq(reach("DESKTOP.ini"), -ENOENT);
	f = figures();
	cr_expect_eq(f.kept, 1u);
	cr_expect_eq(f.answered, 5u);
	cr_expect_eq(reach("FILE"), 0);
	cr_expect_eq(figures().kept, 1u, "what is there is not kept");
}

/* Right after the miss was kept, and after it was used. */
Test(absent_share, other_programs_are_seen_at_once)
{
	need_cache();
	for (unsigned i = 0; i < 20; i++) {
		uint64_t kept = figures().kept;

		settle();
		cr_assert_eq(reach("desktop.ini"), -ENOENT);
		cr_assert_eq(figures().kept, kept + 1);
		local("Desktop.ini");
		cr_assert_eq(reach("desktop.ini"), 0);
		cr_assert_eq(reach("DESKTOP.INI"), 0);
		cr_assert_eq(rename(vfsrig_path(rig, "Desktop.ini"), vfsrig_path(rig, "x")), 0);
		cr_assert_eq(reach("desktop.ini"), -ENOENT);
		cr_assert_eq(rename(vfsrig_path(rig, "x"), vfsrig_path(rig, "dESKTOP.ini")), 0);
		cr_assert_eq(reach("desktop.ini"), 0);
		cr_assert_eq(unlink(vfsrig_path(rig, "dESKTOP.ini")), 0);
	}
}

/* As fast as they come. */
Test(absent_share, never_the_change_before)
{
	for (unsigned i = 0; i < 2000; i++) {
		cr_assert_eq(reach("desktop.ini"), -ENOENT, "after %u changes", i);
		local("Desktop.ini");
		cr_assert_eq(reach("desktop.ini"), 0, "after %u changes", i);
		cr_assert_eq(unlink(vfsrig_path(rig, "Desktop.ini")), 0);
	}
}

Test(absent_share, of_a_young_folder_nothing_is_kept)
{
	unsigned looked = 0;

	need_cache();
	for (int i = 0; !looked && i < 1000; i++) {
		uint64_t kept = figures().kept;

		local("file");
		cr_assert_eq(unlink(vfsrig_path(rig, "file")), 0);
		cr_assert_eq(reach("desktop.ini"), -ENOENT);
		if (settled())
			continue; /* this took so long that it is not young any more */
		cr_assert_eq(figures().kept, kept);
		looked++;
	}
	cr_expect_eq(looked, 1u);
}

static int renames(const char *from, const char *to)
{
	return smb3_vfs_rename(rig->top, &rig->ctx, rig->root, from, rig->root, to, 0);
}

Test(absent_share, what_the_server_makes_is_seen)
{
	cr_assert_eq(vfsrig_make(rig, "file", "text"), 0);
	for (unsigned i = 0; i < 5; i++) {
		if (mount_of(rig)->absent)
			settle();
		cr_assert_eq(reach("thumbs.db"), -ENOENT);
		cr_assert_eq(vfsrig_make(rig, "Thumbs.db", "text"), 0);
		cr_assert_eq(reach("thumbs.db"), 0);
		cr_assert_eq(vfsrig_make(rig, "THUMBS.DB", "text"), -EEXIST);
		cr_assert_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "thumbs.db", false),
			     0);
		if (mount_of(rig)->absent)
			settle();
		cr_assert_eq(reach("thumbs.db"), -ENOENT);
		cr_assert_eq(renames("FILE", "Thumbs.db"), 0);
		cr_assert_eq(reach("thumbs.db"), 0);
		cr_assert_eq(renames("thumbs.db", "file"), 0);
	}
}

/* A name that leads nowhere is no name that is not there. */
Test(absent_share, links_that_lead_nowhere)
{
	if (mount_of(rig)->absent)
		settle();
	cr_expect_eq(reach("desktop.ini"), -ENOENT);
	cr_expect_eq(reach("2026"), -ENOENT);
	cr_assert_eq(symlink("nowhere", vfsrig_path(rig, "Desktop.ini")), 0);
	cr_assert_eq(symlink("nowhere", vfsrig_path(rig, "2026")), 0);
	cr_expect_eq(reach("desktop.ini"), -ELOOP);
	cr_expect_eq(reach("Desktop.ini"), -ELOOP);
	cr_expect_eq(reach("2026"), -ELOOP);
}

/* Who may not list the folder learns no more than without what others have learnt, and nobody learns
 * from him; who may not enter it nothing at all. */
Test(absent_share, of_a_folder_that_may_not_be_listed)
{
	int absent, there, shut;
	uint64_t kept;

	need_cache();
	if (geteuid())
		cr_skip_test("wants root");
	local("Entry");
	cr_assert_eq(chmod(rig->folder, 0711), 0);
	cr_assert_eq(chmod(rig->home, 0755), 0);
	settle();
	cr_expect_eq(reach("desktop.ini"), -ENOENT);
	kept = figures().kept;
	cr_assert_eq(seteuid(65534), 0);
	absent = reach("desktop.ini");
	there = reach("ENTRY");
	cr_assert_eq(seteuid(0), 0);
	cr_expect_eq(absent, -ENOENT);
	cr_expect_eq(there, -ENOENT);
	cr_expect_eq(figures().kept, kept);
	cr_expect_eq(reach("ENTRY"), 0);
	cr_assert_eq(chmod(rig->folder, 0700), 0);
	settle();
	cr_expect_eq(reach("desktop.ini"), -ENOENT);
	cr_assert_eq(seteuid(65534), 0);
	shut = reach("desktop.ini");
	cr_assert_eq(seteuid(0), 0);
	cr_expect_eq(shut, -EACCES);
}

/* An index is asked first; a folder without one is not read again, however large it is. */
Test(absent_share, of_large_folders)
{
	struct vfsrig *never =
		vfsrig_new("\"vfs_posix\"", "vfs_posix = { name_index = \"never\"; };", NULL);
	struct vfsrig *const rigs[] = { rig, never }, *usual = rig;
	char name[32];

	for (size_t r = 0; mount_of(usual)->absent && r < SMB3_ARRAY_SIZE(rigs); r++) {
		rig = rigs[r];
		for (int i = 0; i < 1500; i++) {
			snprintf(name, sizeof(name), "Entry-%d", i);
			local(name);
		}
		settle();
		for (int i = 0; i < 3; i++)
			cr_expect_eq(reach("desktop.ini"), -ENOENT);
		cr_expect_eq(figures().answered, r ? 5u : 0u);
		cr_expect_eq(reach_at_once("desktop.ini"), -ENOENT);
		local("Desktop.ini");
		cr_expect_eq(reach("desktop.ini"), 0);
	}
	rig = usual;
	vfsrig_free(never);
}

Test(absent_share, switched_off)
{
	struct vfsrig *usual = rig;

	rig = vfsrig_new("\"vfs_posix\"", NULL, "vfs_posix = { absent_cache = 0; };");
	cr_expect_null(mount_of(rig)->absent);
	for (int i = 0; i < 3; i++)
		cr_expect_eq(reach("desktop.ini"), -ENOENT);
	local("Desktop.ini");
	cr_expect_eq(reach("desktop.ini"), 0);
	vfsrig_free(rig);
	rig = usual;
}

Test(absent_share, names_that_mind_their_case)
{
	struct vfsrig *usual = rig;

	rig = vfsrig_new("\"vfs_posix\"", "vfs_posix = { case_sensitive = true; };", NULL);
	cr_expect_null(mount_of(rig)->absent);
	local("Desktop.ini");
	cr_expect_eq(reach("desktop.ini"), -ENOENT);
	cr_expect_eq(reach("Desktop.ini"), 0);
	vfsrig_free(rig);
	rig = usual;
}

#define THREADS 4

/* Makes and takes away a name of its own, which is there or not in any spelling. */
static void *look(void *arg)
{
	struct smb3_handle *dir = smb3_handle_new(rig->mount);
	struct smb3_ctx ctx = { .arena = smb3_arena_new() };
	char disk[200], name[32], other[32];
	size_t wrong = 0;
	struct smb3_stat st;
	int n = *(int *)arg;

	snprintf(disk, sizeof(disk), "%s/Thread-%d", rig->folder, n);
	snprintf(name, sizeof(name), "thread-%d", n);
	snprintf(other, sizeof(other), "THREAD-%d", n);
	wrong += smb3_vfs_root(rig->top, &ctx, dir) != 0;
	for (int i = 0; i < 200; i++) {
		wrong += smb3_vfs_lookup(rig->top, &ctx, dir, name, &st) != -ENOENT;
		wrong += smb3_vfs_lookup(rig->top, &ctx, dir, other, &st) != -ENOENT;
		wrong += mkdir(disk, 0755) != 0;
		wrong += smb3_vfs_lookup(rig->top, &ctx, dir, name, &st) != 0;
		wrong += smb3_vfs_lookup(rig->top, &ctx, dir, other, &st) != 0;
		wrong += rmdir(disk) != 0;
		if (i % 20 == 0)
			usleep(30000); /* the others do so, too: now and then the folder grows old */
	}
	smb3_handle_free(dir);
	smb3_arena_free(ctx.arena);
	return (void *)wrong;
}

Test(absent_share, many_threads)
{
	pthread_t threads[THREADS];
	int numbers[THREADS];
	void *wrong;

	for (int i = 0; i < THREADS; i++) {
		numbers[i] = i;
		cr_assert_eq(pthread_create(&threads[i], NULL, look, &numbers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &wrong);
		cr_expect_null(wrong);
	}
}
