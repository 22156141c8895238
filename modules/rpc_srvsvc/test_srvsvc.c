// SPDX-License-Identifier: Apache-2.0
/*
 * test_srvsvc.c: the file of shares that administrators made, and the folders in which they may be.
 */
#include "added.h"

#include <criterion/criterion.h>
#include <errno.h>

static struct smb3_arena *arena;

static void begin(void)
{
	arena = smb3_arena_new();
}

static void end(void)
{
	smb3_arena_free(arena);
}

TestSuite(srvsvc, .init = begin, .fini = end);

static int parse(const char *text, struct srvsvc_file *file)
{
	return srvsvc_file_parse(arena, text, strlen(text), file);
}

Test(srvsvc, file_is_read_as_it_was_written)
{
	struct srvsvc_added shares[3] = { { "music", "/srv/music", "" },
					  { "Bücher$", "/srv/a \"b\" \\c", "it is \"quoted\\\"" },
					  { "x", "/", "@include \"other\"" } };
	struct srvsvc_file file = { shares, 3, 0 }, again;
	struct smb3_builder out = smb3_builder_arena(arena, 65536);

	srvsvc_file_build(&file, &out);
	cr_assert(smb3_builder_ok(&out));
	cr_assert_eq(srvsvc_file_parse(arena, (const char *)out.data, out.len, &again), 0);
	cr_assert_eq(again.n, 3u);
	for (size_t i = 0; i < 3; i++) {
		cr_expect_str_eq(again.list[i].name, shares[i].name);
		cr_expect_str_eq(again.list[i].path, shares[i].path);
		cr_expect_str_eq(again.list[i].comment, shares[i].comment);
	}
	cr_expect_eq(srvsvc_added_find(&again, "MUSIC"), &again.list[0], "case does not count");
	cr_expect_null(srvsvc_added_find(&again, "musi"));
}

Test(srvsvc, no_value_leaves_its_line)
{
	struct srvsvc_added share = { "a", "/srv", "\"; path = \"/\"; }\\" };
	struct srvsvc_file file = { &share, 1, 0 }, again;
	struct smb3_builder out = smb3_builder_arena(arena, 65536);

	srvsvc_file_build(&file, &out);
	cr_assert_eq(srvsvc_file_parse(arena, (const char *)out.data, out.len, &again), 0);
	cr_assert_eq(again.n, 1u);
	cr_expect_str_eq(again.list[0].path, "/srv");
	cr_expect_str_eq(again.list[0].comment, share.comment);
}

Test(srvsvc, file_without_shares)
{
	struct srvsvc_file file;

	cr_expect_eq(parse("", &file), 0);
	cr_expect_eq(file.n, 0u);
	cr_expect_eq(parse("# nothing\n\n#\n", &file), 0);
	cr_expect_eq(file.n, 0u);
}

#define GOOD ", { name = \"a\"; path = \"/srv\"; comment = \"\"; }\n"

Test(srvsvc, what_somebody_else_wrote_is_refused)
{
	static const char *const bad[] = {
		"x\n",
		"{ name = \"a\"; path = \"/srv\"; comment = \"\"; }\n",
		", { name = \"a\"; path = \"/srv\"; comment = \"\"; }",
		", { name = \"a\"; path = \"/srv\"; comment = \"\"; guest = true; }\n",
		", { name = \"a\"; path = \"/srv\"; comment = \"\"; } \n",
		", { name = \"\"; path = \"/srv\"; comment = \"\"; }\n",
		", { name = \"a\"; path = \"srv\"; comment = \"\"; }\n",
		", { name = \"a\"; path = \"\"; comment = \"\"; }\n",
		", { name = \"a$\"; path = \"/srv\"; comment = \"\"; }\n",
		", { name = \"a\"; path = \"/srv\"; comment = \"\"; browseable = false; }\n",
		", { name = \"a\"; path = \"/srv\"; comment = \"\\n\"; }\n",
		", { name = \"a\"; path = \"/srv\"; comment = \"\\\n",
		", { name = \"a\"; path = \"/srv\"; comment = \"x\n",
		", { name = \"a\"; path = \"/srv\"; comment = \"\xff\"; }\n",
		", { name = \"a\"; path = \"/srv\"; comment = \"\t\"; }\n",
		", { name = \"a\r\"; path = \"/srv\"; comment = \"\"; }\n",
		GOOD GOOD,
		GOOD ", { name = \"A\"; path = \"/\"; comment = \"\"; }\n",
		"@include \"/etc/shadow\"\n",
	};
	struct srvsvc_file file;

	cr_expect_eq(parse(GOOD, &file), 0);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(bad); i++)
		cr_expect_eq(parse(bad[i], &file), -EBADMSG, "%zu: %s", i, bad[i]);
	cr_expect_eq(parse("#\n" GOOD "x\n", &file), -EBADMSG);
	cr_expect_eq(file.line, 3u, "the line is told");
	cr_expect_eq(srvsvc_file_parse(arena, "#\0\n", 3, &file), -EBADMSG, "a zero byte");
}

Test(srvsvc, every_shorter_file_is_refused_or_has_fewer)
{
	struct srvsvc_file file;

	for (size_t len = 1; len < strlen(GOOD); len++)
		cr_expect_eq(srvsvc_file_parse(arena, GOOD, len, &file), -EBADMSG, "%zu", len);
}

Test(srvsvc, long_values_are_refused)
{
	char text[2 * SRVSVC_PATH_MAX];
	struct srvsvc_file file;

	for (int more = 0; more < 2; more++) {
		snprintf(text, sizeof(text),
			 ", { name = \"a\"; path = \"/%0*d\"; comment = \"\"; }\n",
			 SRVSVC_PATH_MAX - 1 + more, 0);
		cr_expect_eq(parse(text, &file), more ? -EBADMSG : 0);
	}
}

Test(srvsvc, folders_are_compared_by_components)
{
	cr_expect(srvsvc_path_within("/srv", "/srv"));
	cr_expect(srvsvc_path_within("/srv/a", "/srv"));
	cr_expect(srvsvc_path_within("/srv/a", "/srv/"));
	cr_expect(srvsvc_path_within("/srv", "/"));
	cr_expect(srvsvc_path_within("/", "/"));
	cr_expect_not(srvsvc_path_within("/srvx", "/srv"));
	cr_expect_not(srvsvc_path_within("/sr", "/srv"));
	cr_expect_not(srvsvc_path_within("/", "/srv"));
	cr_expect_not(srvsvc_path_within("srv", "/"));
	cr_expect_not(srvsvc_path_within("", "/"));
}

Test(srvsvc, paths_that_may_mean_something_else)
{
	static const char *const bad[] = { "",       "srv",    "/srv/..", "/srv/../etc",
					   "/..",    "/./a",   "/srv/.",  "/srv/%U",
					   "/srv\n", "/a\x7f", "/\xff" };
	static const char *const good[] = { "/", "/srv", "/srv/..a", "/srv/a..", "/srv/.a", "/ü b" };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(bad); i++)
		cr_expect_not(srvsvc_path_plain(bad[i]), "%s", bad[i]);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(good); i++)
		cr_expect(srvsvc_path_plain(good[i]), "%s", good[i]);
}
