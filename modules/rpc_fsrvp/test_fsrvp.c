// SPDX-License-Identifier: Apache-2.0
/*
 * test_fsrvp.c: the file in which exposed shadow copies are kept, and snapshots that are taken back.
 */
#include "fsrvp.h"

#include "testmods.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <smb3/snapshot.h>
#include <stdlib.h>

static struct smb3_list sets;

static void begin(void)
{
	smb3_list_init(&sets);
}

static void end(void)
{
	SMB3_LIST_EACH(&sets, node) {
		smb3_list_remove(node);
		fsrvp_set_free(SMB3_CONTAINER(node, struct fsrvp_set, link));
	}
}

TestSuite(fsrvp, .init = begin, .fini = end);

static bool parse(const char *text)
{
	end();
	return fsrvp_parse(text, strlen(text), &sets);
}

#define ID "00112233445566778899aabbccddeeff"

Test(fsrvp, file_is_read_as_it_was_written)
{
	static const char text[] =
		"set " ID " 4\n"
		"copy " ID " @GMT-2026.11.23-05.30.00 docs and more\n"
		"copy ff112233445566778899aabbccddeeff @GMT-2026.11.23-05.30.01 b\n"
		"set 01112233445566778899aabbccddeeff 5\n";
	const struct fsrvp_set *set;
	const struct fsrvp_copy *copy;
	char *again;

	cr_assert(parse(text));
	set = SMB3_CONTAINER(sets.next, struct fsrvp_set, link);
	cr_assert_eq(set->status, SET_EXPOSED);
	cr_assert_eq(fsrvp_set_count(set), 2u);
	copy = fsrvp_copy_find(set, &set->id);
	cr_assert_not_null(copy);
	cr_assert_str_eq(copy->share, "docs and more");
	cr_assert_str_eq(copy->name, "docs and more@{33221100-5544-7766-8899-AABBCCDDEEFF}");
	again = fsrvp_build(&sets);
	cr_assert_str_eq(again, text);
	free(again);
}

Test(fsrvp, what_was_not_written_is_not_read)
{
	static const char *const wrong[] = {
		"set",
		"set " ID " 4",
		"set " ID " 3\n",
		"set " ID " 44\n",
		"set " ID "\n",
		"set 00112233445566778899aabbccddeefg 4\n",
		"set 0011 4\n",
		"copy " ID " @GMT-2026.11.23-05.30.00 docs\n",
		"set " ID " 4\ncopy " ID " @GMT-2026.13.23-05.30.00 docs\n",
		"set " ID " 4\ncopy " ID " @GMT-2026.11.23-05.30.00\n",
		"set " ID " 4\ncopy " ID " @GMT-2026.11.23-05.30.00 \n",
		"set " ID " 4\ncopy " ID " @GMT-2026.11.23-05.30.00xdocs\n",
		"set " ID " 4\ncopy " ID " @GMT-2026.11.23-05.30.00 \xff\n",
		"set " ID " 4\ncopy " ID " @GMT-2026.11.23-05.30.00 a\n"
		"copy " ID " @GMT-2026.11.23-05.30.00 b\n",
		"\n",
		"other\n",
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(wrong); i++)
		cr_expect_not(parse(wrong[i]), "%s", wrong[i]);
	cr_expect(parse(""));
	cr_expect_not(fsrvp_parse("set \0" ID " 4\n", 40, &sets));
}

/* ---- snapshots: of the share "bad" none can be taken ---- */

static unsigned int taken, removed;
static bool in_use;

static int take(struct smb3_mod *mod, struct smb3_share *share, const char *label, char *ret_name,
		size_t size)
{
	(void)mod, (void)label;
	if (!strcmp(share->name, "bad"))
		return -EIO;
	snprintf(ret_name, size, "@GMT-2026.11.23-05.30.0%u", taken++);
	return 0;
}

static int take_back(struct smb3_mod *mod, struct smb3_share *share, smb3_nttime when)
{
	(void)mod, (void)share;
	cr_expect_neq(when, 0u);
	if (in_use)
		return -EBUSY;
	removed++;
	return 0;
}

static const struct smb3_snapshots row = { .name = "test", .take = take, .remove = take_back };
static const struct smb3_provide provides[] = { SMB3_SNAPSHOTS(&row), SMB3_END };
static struct test_mods *mods;

static void begin_mods(void)
{
	begin();
	mods = test_mods_start("\"vfs_mem\"", "shares = ( { name = \"a\"; backend = \"mem\"; },"
					      " { name = \"b\"; backend = \"mem\"; },"
					      " { name = \"bad\"; backend = \"mem\"; } );");
	cr_assert_not_null(mods->server);
	test_mods_add(mods, provides);
}

static void end_mods(void)
{
	test_mods_stop(mods);
	end();
}

TestSuite(snapshots, .init = begin_mods, .fini = end_mods);

static struct fsrvp_set *set_of(const char *const *shares)
{
	struct smb3_guid id = { { 1 } };
	struct fsrvp_set *set = fsrvp_set_new(&id);

	for (; *shares; shares++, id.bytes[1]++)
		fsrvp_copy_add(set, *shares, &id);
	smb3_list_add(&sets, &set->link);
	return set;
}

Test(snapshots, of_a_set_that_failed_are_taken_back)
{
	static const char *const shares[] = { "a", "b", "bad", NULL };
	struct fsrvp_set *set = set_of(shares);

	cr_expect_eq(fsrvp_take(mods->server, set, 0, "x"), (uint32_t)E_FAIL);
	cr_expect_eq(taken, 2u);
	cr_expect_null(fsrvp_untake_all(mods->server, set));
	cr_expect_eq(removed, 2u);
	cr_expect_eq(fsrvp_set_count(set), 3u, "the set stays");
	cr_expect_null(fsrvp_untake_all(mods->server, set));
	cr_expect_eq(removed, 2u, "there are none");
}

Test(snapshots, in_use_are_removed_later)
{
	static const char *const shares[] = { "a", "b", "bad", NULL };
	struct fsrvp_set *set = set_of(shares), *left;
	const struct fsrvp_copy *first;

	cr_expect_eq(fsrvp_take(mods->server, set, 0, "x"), (uint32_t)E_FAIL);
	in_use = true;
	left = fsrvp_untake_all(mods->server, set);
	cr_assert_not_null(left);
	cr_expect_eq(fsrvp_set_count(left), 2u);
	first = SMB3_CONTAINER(left->copies.next, struct fsrvp_copy, link);
	cr_expect_str_eq(first->share, "a");
	left = fsrvp_set_drop(mods->server, left);
	cr_assert_not_null(left);
	cr_expect_eq(fsrvp_set_count(left), 2u);
	in_use = false;
	cr_expect_null(fsrvp_set_drop(mods->server, left));
	cr_expect_eq(removed, 2u);
}
