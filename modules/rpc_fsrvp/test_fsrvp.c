// SPDX-License-Identifier: Apache-2.0
/*
 * test_fsrvp.c: the file in which exposed shadow copies are kept.
 */
#include "fsrvp.h"

#include <criterion/criterion.h>
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
