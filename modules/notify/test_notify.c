// SPDX-License-Identifier: Apache-2.0
/*
 * test_notify.c: the queue of an open: its form on the wire, what it leaves out, where it ends.
 */
#include "notify.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define ROOM 4096

static struct watch watch;
static struct smb3_arena *arena;
static struct smb3_builder out;

static void setup(void)
{
	memset(&watch, 0, sizeof(watch));
	watch.room = ROOM;
	watch.max_count = 100;
	arena = smb3_arena_new();
	out = smb3_builder_arena(arena, 1 << 20);
}

static void teardown(void)
{
	queue_clear(&watch.queue);
	smb3_arena_free(arena);
}

TestSuite(notify, .init = setup, .fini = teardown);

static bool add(uint32_t action, const char *path, size_t depth)
{
	const struct told told = { .action = action, .path = path };

	return queue_add(&watch.queue, &told, depth, &watch);
}

/* The next entry of the reply; false at the end. */
static bool entry(struct smb3_cursor *in, uint32_t *ret_action, const char **ret_name)
{
	struct smb3_cursor here = *in, name;
	uint32_t next = smb3_get_u32(&here), len;

	*ret_action = smb3_get_u32(&here);
	len = smb3_get_u32(&here);
	name = smb3_cursor_sub(&here, smb3_cursor_at(&here), len);
	cr_assert(smb3_cursor_ok(&name));
	cr_assert_eq(next % 4, 0u);
	*ret_name = smb3_utf16_to_utf8(arena, name.base, len);
	smb3_get_skip(in, next);
	return next;
}

Test(notify, entries_are_chained_and_aligned)
{
	static const char *const names[] = { "a", "bc", "\xc3\xbc\xf0\x9f\x98\x80", "d" };
	struct smb3_cursor in;
	uint32_t action;
	const char *name;

	for (uint32_t i = 0; i < 4; i++)
		cr_assert(add(i + 1, names[i], 0));
	cr_expect_eq(queue_put(&watch.queue, &out, ROOM), STATUS_SUCCESS);
	cr_expect_eq(out.len, 16u + 16 + 20 + 14);
	in = smb3_cursor_init(out.data, out.len);
	for (uint32_t i = 0; i < 4; i++) {
		cr_expect_eq(entry(&in, &action, &name), i < 3);
		cr_expect_eq(action, i + 1);
		cr_expect_str_eq(name, names[i]);
	}
	cr_expect(queue_empty(&watch.queue));
}

Test(notify, paths_begin_where_the_watch_is)
{
	struct smb3_cursor in;
	uint32_t action;
	const char *name;

	cr_assert(add(FILE_ACTION_ADDED, "above/here/below/name", 11));
	cr_expect_eq(queue_put(&watch.queue, &out, ROOM), STATUS_SUCCESS);
	in = smb3_cursor_init(out.data, out.len);
	cr_expect_not(entry(&in, &action, &name));
	cr_expect_str_eq(name, "below\\name");
}

Test(notify, a_rename_is_a_pair)
{
	const struct told told = { .action = FILE_ACTION_RENAMED_OLD_NAME,
				   .path = "d/old",
				   .second = "d/new" };
	struct smb3_cursor in;
	uint32_t action;
	const char *name;

	cr_assert(queue_add(&watch.queue, &told, 2, &watch));
	cr_expect_eq(queue_put(&watch.queue, &out, ROOM), STATUS_SUCCESS);
	in = smb3_cursor_init(out.data, out.len);
	cr_expect(entry(&in, &action, &name));
	cr_expect_str_eq(name, "old");
	cr_expect_not(entry(&in, &action, &name));
	cr_expect_eq(action, FILE_ACTION_RENAMED_NEW_NAME);
	cr_expect_str_eq(name, "new");
}

Test(notify, the_same_again_is_not_said_twice)
{
	cr_assert(add(FILE_ACTION_MODIFIED, "a", 0));
	cr_assert(add(FILE_ACTION_MODIFIED, "a", 0));
	cr_expect_eq(watch.queue.count, 1u);
	cr_assert(add(FILE_ACTION_MODIFIED, "b", 0));
	cr_assert(add(FILE_ACTION_MODIFIED, "a", 0));
	cr_expect_eq(watch.queue.count, 3u);
}

/* 12 bytes and the name, each entry but the last rounded up. */
Test(notify, bytes_are_limited)
{
	watch.room = 16 + 14;
	cr_expect(add(FILE_ACTION_ADDED, "a", 0));
	cr_expect(add(FILE_ACTION_ADDED, "b", 0));
	cr_expect_not(add(FILE_ACTION_ADDED, "c", 0));
	cr_expect(watch.queue.overflow);
	cr_expect_null(watch.queue.first);
	cr_expect_not(add(FILE_ACTION_ADDED, "d", 0), "nothing is kept behind what was lost");
	cr_expect_eq(queue_put(&watch.queue, &out, ROOM), STATUS_NOTIFY_ENUM_DIR);
	cr_expect_eq(out.len, 0u);
	cr_expect(add(FILE_ACTION_ADDED, "e", 0));
	cr_expect_eq(queue_put(&watch.queue, &out, 14), STATUS_SUCCESS);
}

Test(notify, changes_are_limited)
{
	char name[16];

	for (uint32_t i = 0; i < watch.max_count; i++) {
		snprintf(name, sizeof(name), "%u", i);
		cr_assert(add(FILE_ACTION_ADDED, name, 0));
	}
	cr_expect_not(add(FILE_ACTION_ADDED, "one more", 0));
	cr_expect(watch.queue.overflow);
}

Test(notify, a_reply_may_be_too_small)
{
	cr_expect(add(FILE_ACTION_ADDED, "name", 0));
	cr_expect_eq(queue_put(&watch.queue, &out, 19), STATUS_NOTIFY_ENUM_DIR);
	cr_expect(queue_empty(&watch.queue));
	cr_expect(add(FILE_ACTION_ADDED, "name", 0));
	cr_expect_eq(queue_put(&watch.queue, &out, 20), STATUS_SUCCESS);
	cr_expect_eq(out.len, 20u);
}
