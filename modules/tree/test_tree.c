// SPDX-License-Identifier: Apache-2.0
/*
 * test_tree.c: paths with letters, and shares that are derived.
 */
#include "testmods.h"
#include "tree.h"

#include <criterion/criterion.h>
#include <grp.h>
#include <pwd.h>
#include <smb3/vfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char why[200];

static char *expand(const char *path, const char *user, const char *unix_name)
{
	static const struct smb3_identity nobody = { .domain = "" };
	struct test_mods *t = test_mods_start("\"tree\"", "");
	struct smb3_share share = { .server = t->server, .name = "desk", .path = path };
	struct smb3_conn *conn = test_mods_conn(t);
	struct smb3_identity who = nobody;
	char *expanded;

	who.name = user;
	who.unix_name = unix_name;
	who.gid = getegid();
	snprintf(conn->peer_name, sizeof(conn->peer_name), "fe80::5%%eth0");
	expanded = expand_path(&share, &who, conn, why, sizeof(why));
	free(conn);
	test_mods_stop(t);
	return expanded;
}

static void becomes(const char *path, const char *user, const char *wanted)
{
	char *got = expand(path, user, test_mods_user());

	cr_expect_not_null(got, "%s for %s: %s", path, user, why);
	if (got)
		cr_expect_str_eq(got, wanted);
	free(got);
}

Test(expand, letters)
{
	char wanted[400];

	becomes("/srv/%U", "alice", "/srv/alice");
	becomes("/srv/%U/%S", "alice", "/srv/alice/desk");
	becomes("/srv/%U.d", "Al Ice", "/srv/Al Ice.d");
	becomes("/srv/100%%", "alice", "/srv/100%");
	becomes("/srv/%M", "alice", "/srv/fe80::5");
	becomes("/srv/%I", "alice", "/srv/fe80::5");
	becomes("/srv/%D/%U", "alice", "/srv/WORKGROUP/alice");
	snprintf(wanted, sizeof(wanted), "/srv/%s", test_mods_user());
	becomes("/srv/%u", "alice", wanted);
	snprintf(wanted, sizeof(wanted), "%s", getpwuid(geteuid())->pw_dir);
	becomes("%H", "alice", wanted);
	snprintf(wanted, sizeof(wanted), "%s/smb", getpwuid(geteuid())->pw_dir);
	becomes("%H/smb", "alice", wanted);
	snprintf(wanted, sizeof(wanted), "/srv/%s", getgrgid(getegid())->gr_name);
	becomes("/srv/%G", "alice", wanted);
}

/* What comes of a letter is not looked at again, and no shell ever sees it. */
Test(expand, values_are_only_text)
{
	becomes("/srv/%U", "%H", "/srv/%H");
	becomes("/srv/%U", "$(id)", "/srv/$(id)");
	becomes("/srv/%U", "`id`; rm -rf *", "/srv/`id`; rm -rf *");
	becomes("/srv/%U", "...", "/srv/...");
}

Test(expand, no_value_leads_elsewhere)
{
	static const struct {
		const char *path, *user;
	} cases[] = {
		{ "/srv/%U", ".." },      { "/srv/%U", "." },      { "/srv/%U", "" },
		{ "/srv/%U", "../etc" },  { "/srv/%U", "/etc" },   { "/srv/%U", "a/b" },
		{ "/srv/.%U/x", "." },    { "/srv/%U./etc", "." }, { "/srv/x.%U", "/../../etc" },
		{ "/srv/%U%U/etc", "." },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		char *got = expand(cases[i].path, cases[i].user, test_mods_user());

		cr_expect_null(got, "%s for \"%s\" is %s", cases[i].path, cases[i].user, got);
		cr_expect_neq(strlen(why), 0u);
		free(got);
	}
}

Test(expand, who_is_not_there_has_no_home)
{
	cr_assert_null(expand("%H", "alice", "no-such-unix-user"));
	cr_assert_str_eq(why, "there is no %H for alice");
}

/* ---- derived shares ---- */

static bool count_one(struct smb3_share *share, void *arg)
{
	*(int *)arg += share->origin != NULL;
	return true;
}

static int derived(struct test_mods *t)
{
	int n = 0;

	smb3_share_each(t->server, count_one, &n);
	return n;
}

Test(derive, a_share_for_each_folder_while_it_is_used)
{
	struct test_mods *t = test_mods_start("\"vfs_mem\", \"tree\"",
					      "shares = ( { name = \"desk\"; path = \"/%U\"; "
					      "backend = \"mem\"; read_only = true; } );");
	struct smb3_share *desk, *a, *again, *b;
	struct smb3_mount *mount_a, *mount_b;

	cr_assert_not_null(t->server);
	desk = smb3_share_find(t->server, "desk");
	a = smb3_share_derive(desk, "desk", "/alice", 0);
	again = smb3_share_derive(desk, "DESK", "/alice", 0);
	b = smb3_share_derive(desk, "desk", "/bob", 0);
	cr_assert_eq(a, again);
	cr_assert_neq(a, b);
	cr_assert_eq(a->origin, desk);
	cr_assert_str_eq(a->path, "/alice");
	cr_assert(a->read_only);
	cr_assert_eq(smb3_share_mount(a, &mount_a), 0);
	cr_assert_eq(smb3_share_mount(b, &mount_b), 0);
	cr_assert_neq(mount_a, mount_b);
	cr_assert_eq(derived(t), 2);
	smb3_share_unref(a);
	cr_assert_eq(derived(t), 2);
	smb3_share_unref(again);
	cr_assert_eq(derived(t), 1);
	/* The one that it was made of may be gone from the list before. */
	smb3_share_unref(desk);
	smb3_share_unref(b);
	cr_assert_eq(derived(t), 0);
	test_mods_stop(t);
}

Test(derive, letters_are_checked_at_load)
{
	static const char *const wrong[] = { "/srv/%Z", "/srv/%", "/srv/%H", "srv/%U", "%U", "%h" };
	static const char *const right[] = { "/srv/%U", "%H", "%H/x", "/srv/%%", "/%S/%M%I%G%D%u" };
	char groups[200];
	struct test_mods *t;

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(wrong) + SMB3_ARRAY_SIZE(right); i++) {
		bool good = i >= SMB3_ARRAY_SIZE(wrong);
		const char *path = good ? right[i - SMB3_ARRAY_SIZE(wrong)] : wrong[i];

		snprintf(groups, sizeof(groups),
			 "shares = ( { name = \"desk\"; path = \"%s\"; } );", path);
		t = test_mods_start("\"vfs_posix\", \"tree\"", groups);
		cr_expect_eq(t->server != NULL, good, "%s", path);
		test_mods_stop(t);
	}
}
