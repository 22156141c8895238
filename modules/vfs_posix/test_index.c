// SPDX-License-Identifier: Apache-2.0
/*
 * test_index.c: the index of a large folder answers, is never behind, and stays within its memory.
 */
#include "index.h"
#include "test_rig.h"

#include <criterion/criterion.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LARGE 1500 /* names of a folder that is worth an index */

TestSuite(index, .init = rig_setup, .fini = rig_teardown, .timeout = 120);

static struct posix_index *index_of(struct vfsrig *r)
{
	const struct posix_shared *shared = smb3_module_find(r->server, "vfs_posix")->data;

	return shared->index;
}

static struct posix_index_figures figures(struct vfsrig *r)
{
	struct posix_index_figures f;

	posix_index_figures(index_of(r), &f);
	return f;
}

static void local_at(const char *folder, const char *name)
{
	char path[400];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_CREAT | O_WRONLY, 0644);
	cr_assert(fd >= 0, "%s", path);
	close(fd);
}

static void local(const char *name)
{
	local_at(rig->folder, name);
}

static void fill(const char *folder, int count)
{
	char name[32];

	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "Entry-%d", i);
		local_at(folder, name);
	}
}

/* What opening says of a name: 0 or -errno; the entry's name must be this one. */
static int reach(struct vfsrig *r, const char *name, const char *entry)
{
	int err = 0;
	struct smb3_handle *h = vfsrig_open(r, NULL, name, SMB3_O_META, &err);

	if (h)
		cr_expect_str_eq(h->name, entry);
	smb3_handle_free(h);
	return h ? 0 : err;
}

Test(index, small_folders_have_none)
{
	fill(rig->folder, 100);
	cr_expect_eq(reach(rig, "ENTRY-7", "Entry-7"), 0);
	cr_expect_eq(reach(rig, "none", ""), -ENOENT);
	cr_expect_eq(figures(rig).built, 0u);
}

Test(index, exact_names_build_none)
{
	fill(rig->folder, LARGE);
	cr_expect_eq(reach(rig, "Entry-7", "Entry-7"), 0);
	cr_expect_eq(figures(rig).built, 0u);
}

Test(index, one_reading_answers_all)
{
	char name[32], entry[32];

	fill(rig->folder, LARGE);
	for (int i = 0; i < LARGE; i++) {
		snprintf(name, sizeof(name), "eNTRY-%d", i);
		snprintf(entry, sizeof(entry), "Entry-%d", i);
		cr_assert_eq(reach(rig, name, entry), 0);
		cr_assert_eq(vfsrig_make(rig, name, "x"), -EEXIST);
		snprintf(name, sizeof(name), "none-%d", i);
		cr_assert_eq(reach(rig, name, ""), -ENOENT);
	}
	cr_expect_eq(figures(rig).built, 1u);
	cr_expect_eq(figures(rig).names, LARGE);
	cr_expect_geq(figures(rig).answered, 3u * LARGE - 1);
}

/* On a loop nothing may block; with an index no folder must be read. */
Test(index, answers_without_waiting)
{
	struct smb3_ctx nowait = { .arena = rig->ctx.arena, .nowait = true };
	struct smb3_how how = { .flags = SMB3_O_META };
	struct smb3_handle *h = smb3_handle_new(rig->mount);

	fill(rig->folder, LARGE);
	cr_expect_eq(smb3_vfs_open(rig->top, &nowait, rig->root, "none", &how, h), -EAGAIN);
	cr_expect_eq(reach(rig, "none", ""), -ENOENT);
	cr_expect_eq(reach(rig, "ENTRY-3", "Entry-3"), 0, "the kernel knows both spellings now");
	cr_expect_eq(smb3_vfs_open(rig->top, &nowait, rig->root, "none", &how, h), -ENOENT);
	cr_expect_eq(smb3_vfs_open(rig->top, &nowait, rig->root, "ENTRY-3", &how, h), 0);
	smb3_handle_free(h);
}

Test(index, never_behind_local_changes)
{
	char name[64], other[64];

	fill(rig->folder, LARGE);
	cr_assert_eq(reach(rig, "none", ""), -ENOENT);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "Made-%d", i);
		local(name);
		cr_assert_eq(reach(rig, "mADE-0", i ? "" : "Made-0"), i ? -ENOENT : 0);
		snprintf(other, sizeof(other), "mADE-%d", i);
		cr_assert_eq(reach(rig, other, name), 0, "%s", other);
		snprintf(other, sizeof(other), "Moved-%d", i);
		cr_assert_eq(rename(vfsrig_path(rig, name), vfsrig_path(rig, other)), 0);
		snprintf(name, sizeof(name), "MOVED-%d", i);
		cr_assert_eq(reach(rig, name, other), 0, "%s", name);
		snprintf(name, sizeof(name), "MADE-%d", i);
		cr_assert_eq(reach(rig, name, ""), -ENOENT, "%s", name);
		cr_assert_eq(unlink(vfsrig_path(rig, other)), 0);
		snprintf(name, sizeof(name), "moved-%d", i);
		cr_assert_eq(reach(rig, name, ""), -ENOENT, "%s", name);
	}
	cr_expect_eq(figures(rig).built, 1u);
}

/* More changes than the kernel keeps: the index is given up, and made again. */
Test(index, lost_events)
{
	char a[64], b[64];

	fill(rig->folder, LARGE);
	local("A");
	cr_assert_eq(reach(rig, "none", ""), -ENOENT);
	strcpy(a, vfsrig_path(rig, "A"));
	strcpy(b, vfsrig_path(rig, "B"));
	for (int i = 0; i < 50001; i++)
		cr_assert_eq(i % 2 ? rename(b, a) : rename(a, b), 0);
	cr_expect_eq(reach(rig, "a", ""), -ENOENT);
	cr_expect_eq(reach(rig, "b", "B"), 0);
	cr_expect_eq(figures(rig).lost, 1u);
	cr_expect_eq(figures(rig).built, 2u);
}

/* A folder that is gone, and another that has its inode number. */
Test(index, folders_come_and_go)
{
	struct posix_index_figures f;

	for (int i = 0; i < 5; i++) {
		struct smb3_handle *dir = smb3_handle_new(rig->mount), *h;
		char name[64], wanted[64];

		cr_assert_eq(mkdir(vfsrig_path(rig, "dir"), 0755), 0);
		fill(vfsrig_path(rig, "dir"), LARGE);
		snprintf(wanted, sizeof(wanted), "Only-%d", i);
		local_at(vfsrig_path(rig, "dir"), wanted);
		cr_assert_eq(smb3_vfs_walk(rig->top, &rig->ctx, rig->root, "dir", dir), 0);
		for (int k = 0; k < 5; k++) {
			snprintf(name, sizeof(name), "oNLY-%d", k);
			h = vfsrig_open(rig, dir, name, SMB3_O_META, NULL);
			cr_assert_eq(h != NULL, k == i);
			smb3_handle_free(h);
		}
		smb3_handle_free(dir);
		snprintf(name, sizeof(name), "rm -r '%s'", vfsrig_path(rig, "dir"));
		cr_assert_eq(system(name), 0);
	}
	cr_assert_eq(reach(rig, "NONE", ""), -ENOENT);
	f = figures(rig);
	cr_expect_eq(f.built, 5u);
}

Test(index, as_much_memory_as_there_is)
{
	struct vfsrig *r =
		vfsrig_new("\"vfs_posix\"", NULL, "vfs_posix = { name_index_memory = \"256K\"; };");
	char folder[16], name[32];

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 6; i++) {
			struct smb3_handle *dir = smb3_handle_new(r->mount), *h;

			snprintf(folder, sizeof(folder), "d%d", i);
			if (!round) {
				cr_assert_eq(mkdir(vfsrig_path(r, folder), 0755), 0);
				fill(vfsrig_path(r, folder), LARGE);
			}
			cr_assert_eq(smb3_vfs_walk(r->top, &r->ctx, r->root, folder, dir), 0);
			snprintf(name, sizeof(name), "ENTRY-%d", i);
			h = vfsrig_open(r, dir, name, SMB3_O_META, NULL);
			cr_expect(h);
			smb3_handle_free(h);
			smb3_handle_free(dir);
			cr_expect_leq(figures(r).bytes, 256u << 10);
		}
	}
	cr_expect_gt(figures(r).evicted, 0u);
	cr_expect_gt(figures(r).folders, 0u);
	fill(r->folder, 10 * LARGE);
	for (int i = 0; i < 3; i++)
		cr_expect_eq(reach(r, "ENTRY-14999", "Entry-14999"), 0, "too large for an index");
	cr_expect_leq(figures(r).bytes, 256u << 10);
	vfsrig_free(r);
}

Test(index, grows_over_its_memory)
{
	struct vfsrig *r =
		vfsrig_new("\"vfs_posix\"", NULL, "vfs_posix = { name_index_memory = \"256K\"; };");

	fill(r->folder, LARGE);
	cr_expect_eq(reach(r, "ENTRY-1", "Entry-1"), 0);
	cr_expect_eq(figures(r).folders, 1u);
	fill(r->folder, 5 * LARGE);
	cr_expect_eq(reach(r, "ENTRY-7499", "Entry-7499"), 0);
	cr_expect_eq(figures(r).folders, 0u);
	cr_expect_eq(reach(r, "entry-7499", "Entry-7499"), 0);
	vfsrig_free(r);
}

Test(index, switched_off)
{
	static const char *const off[] = { "vfs_posix = { name_index = \"never\"; };",
					   "vfs_posix = { name_index_memory = 0; };" };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(off); i++) {
		struct vfsrig *r = vfsrig_new("\"vfs_posix\"", NULL, off[i]);

		fill(r->folder, LARGE);
		cr_expect_eq(reach(r, "ENTRY-1", "Entry-1"), 0);
		cr_expect_eq(reach(r, "NONE", ""), -ENOENT);
		cr_expect_eq(figures(r).folders, 0u);
		vfsrig_free(r);
	}
}

Test(index, two_spellings)
{
	fill(rig->folder, LARGE);
	local("both");
	local("BOTH");
	cr_expect_eq(reach(rig, "none", ""), -ENOENT);
	cr_expect_eq(reach(rig, "Both", "BOTH"), 0);
	cr_expect_eq(reach(rig, "both", "both"), 0);
	cr_assert_eq(unlink(vfsrig_path(rig, "BOTH")), 0);
	cr_expect_eq(reach(rig, "Both", "both"), 0);
	local("odd\xff name");
	cr_expect_eq(reach(rig, "ODD\xef\x83\xbf NAME", "odd\xef\x83\xbf name"), 0);
}

/* Who may not list a folder learns no more than without an index. */
Test(index, of_a_folder_that_may_not_be_listed)
{
	struct smb3_handle *h;
	int err = 0;

	if (geteuid())
		cr_skip_test("wants root");
	fill(rig->folder, LARGE);
	cr_expect_eq(reach(rig, "ENTRY-1", "Entry-1"), 0);
	cr_assert_eq(chmod(rig->folder, 0711), 0);
	cr_assert_eq(chmod(rig->home, 0755), 0);
	cr_assert_eq(seteuid(65534), 0);
	h = vfsrig_open(rig, NULL, "ENTRY-1", SMB3_O_META, &err);
	cr_assert_eq(seteuid(0), 0);
	cr_expect_null(h);
	cr_expect_eq(err, -ENOENT);
}

#define THREADS 4

static void *look(void *arg)
{
	struct smb3_handle *dir = smb3_handle_new(rig->mount);
	struct smb3_ctx ctx = { .arena = smb3_arena_new() };
	struct smb3_stat st;
	char name[32];
	size_t missed = 0;
	int n = *(int *)arg;

	if (smb3_vfs_root(rig->top, &ctx, dir))
		missed = 1;
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "Thread-%d", n);
		local(name);
		snprintf(name, sizeof(name), "tHREAD-%d", n);
		missed += smb3_vfs_lookup(rig->top, &ctx, dir, name, &st) != 0;
		missed += smb3_vfs_remove(rig->top, &ctx, dir, name, false) != 0;
		missed += smb3_vfs_lookup(rig->top, &ctx, dir, name, &st) != -ENOENT;
		if (i % 100 == n)
			posix_index_limit(index_of(rig), i % 200 ? 0 : 1 << 20);
	}
	smb3_handle_free(dir);
	smb3_arena_free(ctx.arena);
	return (void *)missed;
}

Test(index, many_threads)
{
	pthread_t threads[THREADS];
	int numbers[THREADS];
	void *missed;

	fill(rig->folder, LARGE);
	for (int i = 0; i < THREADS; i++) {
		numbers[i] = i;
		cr_assert_eq(pthread_create(&threads[i], NULL, look, &numbers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &missed);
		cr_expect_null(missed);
	}
}
