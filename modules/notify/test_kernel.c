// SPDX-License-Identifier: Apache-2.0
/*
 * test_kernel.c: what the kernel tells and what the server reports itself: told once, whichever comes
 * first. No thread runs: events are read, and their time passes, when the test says so.
 */
#include "kernel.h"

#include "testmods.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECOND 1000000000ull
#define NAMES  (FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_DIR_NAME)

static char dir[64];
static struct test_mods *mods;
static struct smb3_share *share;
static struct smb3_mount *mount;
static struct notify n;
static struct watch first, second;
static struct smb3_arena *arena;

static void watch_begin(struct watch *w)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*w = (struct watch){ .refs = 1, .notify = &n, .share = share, .filter = NAMES };
	w->root = notify_root(share);
	w->path = smb3_strdup("");
	w->mount = mount;
	w->room = 4096;
	w->max_count = 100;
	w->since = smb3_clock();
	pthread_mutex_init(&w->lock, NULL);
	smb3_hash_add(&n.watches, &w->node, notify_key(w->root, w->path));
	atomic_fetch_add(&n.n_watches, 1);
	w->folder = folder_add(n.kernel, fd, mask_of_filter(NAMES, false));
	close(fd);
	cr_assert_not_null(w->folder);
	smb3_list_add(&w->folder->watches, &w->folder_link);
}

static void watch_done(struct watch *w)
{
	if (!w->folder)
		return;
	kernel_unwatch(n.kernel, w);
	smb3_hash_remove(&n.watches, &w->node);
	queue_clear(&w->queue);
	pthread_mutex_destroy(&w->lock);
	free(w->path);
}

static void setup(void)
{
	const char *tmp = getenv("TMPDIR");
	char shares[128];

	snprintf(dir, sizeof(dir), "%.40s/notify.XXXXXX", tmp ? tmp : "/tmp");
	cr_assert_not_null(mkdtemp(dir));
	snprintf(shares, sizeof(shares), "shares = ( { name = \"a\"; path = \"%s\"; } );", dir);
	mods = test_mods_start("\"vfs_posix\", \"notify\"", shares);
	cr_assert_not_null(mods->server);
	share = smb3_share_find(mods->server, "a");
	cr_assert_eq(smb3_share_mount(share, &mount), 0);
	memset(&n, 0, sizeof(n));
	memset(&second, 0, sizeof(second));
	n.mod = smb3_module_find(mods->server, "notify");
	n.kernel = kernel_new(&n);
	n.kernel->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	n.kernel->timing = true;
	pthread_rwlock_init(&n.index, NULL);
	smb3_hash_init(&n.watches);
	arena = smb3_arena_new();
	watch_begin(&first);
}

static void teardown(void)
{
	static const char *const names[] = { "a", "b" };

	watch_done(&first);
	watch_done(&second);
	kernel_free(n.kernel);
	smb3_hash_done(&n.watches);
	smb3_share_unref(share);
	smb3_arena_free(arena);
	test_mods_stop(mods);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(names); i++) {
		char path[80];

		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		remove(path);
	}
	cr_expect_eq(rmdir(dir), 0);
}

TestSuite(kernel, .init = setup, .fini = teardown);

/* ---- what happens ---- */

static const char *in_dir(const char *name)
{
	return smb3_arena_printf(arena, "%s/%s", dir, name);
}

static void make(const char *name)
{
	int fd = open(in_dir(name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	cr_assert_geq(fd, 0);
	close(fd);
}

static void drain(void)
{
	pthread_mutex_lock(&n.kernel->lock);
	kernel_drain(n.kernel);
	pthread_mutex_unlock(&n.kernel->lock);
}

/* What has come is told, as if so much time had gone by. */
static void after(uint64_t ns)
{
	drain();
	pthread_mutex_lock(&n.kernel->lock);
	kernel_settle(n.kernel, smb3_clock() + ns);
	pthread_mutex_unlock(&n.kernel->lock);
}

static void report(uint32_t action, const char *name)
{
	const struct told told = { .action = action,
				   .filter = FILE_NOTIFY_CHANGE_FILE_NAME,
				   .path = name };

	notify_tell(&n, share, &told);
}

/* "+a -b" */
static const char *said(struct watch *w)
{
	struct smb3_builder out = smb3_builder_arena(arena, 4096);
	const char *text = "";
	struct smb3_cursor in;
	uint32_t next = 1;

	cr_assert_eq(queue_put(&w->queue, &out, 4096), STATUS_SUCCESS);
	in = smb3_cursor_init(out.data, out.len);
	while (smb3_cursor_left(&in) && next) {
		size_t at = smb3_cursor_at(&in);
		uint32_t action, len;

		next = smb3_get_u32(&in);
		action = smb3_get_u32(&in);
		len = smb3_get_u32(&in);
		text = smb3_arena_printf(arena, "%s%s%c%s", text, *text ? " " : "",
					 "?+-*<>"[action],
					 smb3_utf16_to_utf8(arena, smb3_get_bytes(&in, len), len));
		smb3_cursor_seek(&in, at + next);
	}
	return text;
}

/* ---- tests ---- */

Test(kernel, a_change_of_others_is_told_after_a_while)
{
	make("a");
	after(0);
	cr_expect_str_eq(said(&first), "");
	after(SECOND);
	cr_expect_str_eq(said(&first), "+a");
}

/* It came while somebody else's were being told. */
Test(kernel, an_event_of_this_moment_is_held)
{
	uint64_t now = smb3_clock();

	make("a");
	drain();
	pthread_mutex_lock(&n.kernel->lock);
	kernel_settle(n.kernel, now);
	pthread_mutex_unlock(&n.kernel->lock);
	cr_expect_str_eq(said(&first), "");
	cr_expect_eq(n.kernel->n_held, 1u);
}

Test(kernel, a_report_claims_its_event)
{
	make("a");
	drain();
	report(FILE_ACTION_ADDED, "a");
	cr_expect_str_eq(said(&first), "+a");
	after(SECOND);
	cr_expect_str_eq(said(&first), "");
}

/* It came so late that its event was taken for one of others. */
Test(kernel, a_late_report_is_not_told_again)
{
	make("a");
	after(SECOND);
	cr_expect_str_eq(said(&first), "+a");
	report(FILE_ACTION_ADDED, "a");
	cr_expect_str_eq(said(&first), "");
	unlink(in_dir("a"));
	after(SECOND);
	report(FILE_ACTION_REMOVED, "a");
	cr_expect_str_eq(said(&first), "-a");
}

Test(kernel, a_late_rename_is_not_told_again)
{
	const struct told told = { .action = FILE_ACTION_RENAMED_OLD_NAME,
				   .filter = FILE_NOTIFY_CHANGE_FILE_NAME,
				   .path = "a",
				   .second = "b" };

	make("a");
	report(FILE_ACTION_ADDED, "a");
	cr_assert_eq(rename(in_dir("a"), in_dir("b")), 0);
	after(SECOND);
	cr_expect_str_eq(said(&first), "+a <a >b");
	notify_tell(&n, share, &told);
	cr_expect_str_eq(said(&first), "");
}

/* What others did before, with the same name, takes no report away. */
Test(kernel, a_report_in_time_is_told_whatever_was_before)
{
	make("a");
	unlink(in_dir("a"));
	after(SECOND);
	cr_expect_str_eq(said(&first), "+a -a");
	make("a");
	report(FILE_ACTION_ADDED, "a");
	cr_expect_str_eq(said(&first), "+a");
	unlink(in_dir("a"));
	report(FILE_ACTION_REMOVED, "a");
	cr_expect_str_eq(said(&first), "-a");
	after(SECOND);
	cr_expect_str_eq(said(&first), "");
}

Test(kernel, each_late_event_is_for_one_report)
{
	make("a");
	after(SECOND);
	cr_expect_str_eq(said(&first), "+a");
	report(FILE_ACTION_ADDED, "a");
	report(FILE_ACTION_ADDED, "a");
	cr_expect_str_eq(said(&first), "+a");
}

/* The second one is somebody else's, and the name is there in the end. */
Test(kernel, a_report_claims_one_event)
{
	make("a");
	unlink(in_dir("a"));
	make("a");
	report(FILE_ACTION_ADDED, "a");
	cr_expect_str_eq(said(&first), "+a");
	after(SECOND);
	cr_expect_str_eq(said(&first), "-a +a");
}

Test(kernel, who_watches_since_is_told_by_the_late_report)
{
	make("a");
	drain();
	watch_begin(&second);
	after(SECOND);
	cr_expect_str_eq(said(&first), "+a");
	cr_expect_str_eq(said(&second), "");
	report(FILE_ACTION_ADDED, "a");
	cr_expect_str_eq(said(&first), "");
	cr_expect_str_eq(said(&second), "+a");
}

Test(kernel, late_events_are_not_kept_for_ever)
{
	make("a");
	after(SECOND);
	cr_expect_str_eq(said(&first), "+a");
	cr_expect_eq(n.kernel->n_late, 1u);
	make("b");
	after(60 * SECOND);
	cr_expect_eq(n.kernel->n_late, 0u);
	report(FILE_ACTION_ADDED, "a");
	cr_expect_str_eq(said(&first), "+b +a");
}

Test(kernel, late_events_are_limited)
{
	for (int i = 0; i < 3000; i++) {
		make("a");
		unlink(in_dir("a"));
	}
	after(SECOND);
	cr_expect_leq(n.kernel->n_late, 1024u);
	cr_expect_eq(n.kernel->n_held, 0u);
}
