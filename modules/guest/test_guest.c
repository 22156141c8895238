// SPDX-License-Identifier: Apache-2.0
/*
 * test_guest.c: which strangers are let in, and as whom.
 */
#include "testmods.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

/* A server with these options of guest. */
static struct test_mods *server_with(const char *options)
{
	char groups[256];

	snprintf(groups, sizeof(groups), "guest = { %s };", options);
	return test_mods_start("\"guest\"", groups);
}

static bool lets_in(struct test_mods *t, const char *claimed, bool anonymous)
{
	struct smb3_identity *id = NULL;
	int err = smb3_account_guest(t->server, claimed, anonymous, &id);

	if (err) {
		cr_assert_eq(err, -EACCES);
		cr_assert_null(id);
		return false;
	}
	cr_assert_eq(id->anonymous, anonymous);
	cr_assert_eq(id->guest, !anonymous);
	cr_assert_not(id->admin);
	smb3_identity_unref(id);
	return true;
}

Test(guest, doors)
{
	static const struct {
		const char *options;
		bool unknown, anonymous;
	} cases[] = { { "", false, false },
		      { "map_unknown = true;", true, false },
		      { "anonymous = true;", false, true },
		      { "map_unknown = true; anonymous = true;", true, true } };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct test_mods *t = server_with(cases[i].options);

		cr_assert_not_null(t->server);
		cr_assert_eq(lets_in(t, "mallory", false), cases[i].unknown, "case %zu", i);
		cr_assert_eq(lets_in(t, "", true), cases[i].anonymous, "case %zu", i);
		test_mods_stop(t);
	}
}

Test(guest, act_as_the_configured_user)
{
	char options[128];
	struct smb3_identity *id;
	struct test_mods *t;

	snprintf(options, sizeof(options), "map_unknown = true; user = \"%s\";", test_mods_user());
	t = server_with(options);
	cr_assert_not_null(t->server);
	cr_assert_eq(smb3_account_guest(t->server, "mallory", false, &id), 0);
	cr_assert_str_eq(id->unix_name, test_mods_user());
	cr_assert_str_neq(id->name, "mallory", "nobody has shown to be mallory");
	smb3_identity_unref(id);
	test_mods_stop(t);
}

Test(guest, knows_no_accounts)
{
	struct test_mods *t = server_with("map_unknown = true;");
	struct smb3_account account;

	cr_assert_eq(smb3_account_find(t->server, "guest", &account), -ENOENT);
	test_mods_stop(t);
}

Test(guest, user_must_exist_when_a_door_is_open)
{
	struct test_mods *t = server_with("user = \"no-such-unix-user\";");
	bool root;

	cr_assert_not_null(t->server, "nobody needs that user");
	root = smb3_server_can_switch(t->server);
	test_mods_stop(t);
	t = server_with("user = \"no-such-unix-user\"; anonymous = true;");
	cr_assert_eq(t->server == NULL, root);
	test_mods_stop(t);
}

Test(guest, wrong_types_are_refused)
{
	static const char *const cases[] = { "anonymous = \"perhaps\";", "map_unknown = 7;",
					     "user = true;", "anonimous = true;" };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct test_mods *t = server_with(cases[i]);

		cr_assert_null(t->server, "%s", cases[i]);
		test_mods_stop(t);
	}
}
