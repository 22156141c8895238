// SPDX-License-Identifier: Apache-2.0
/*
 * test_users.c: the commands on accounts, and the rows of the store.
 */
#include "test_store.h"

#include "core.h"

#include <criterion/criterion.h>
#include <errno.h>

TestSuite(users, .init = module_setup, .fini = module_teardown);

Test(users, commands)
{
	struct smb3_account a;
	char line[128];

	snprintf(line, sizeof(line), "user add Alice unix=%s admin", test_mods_user());
	cr_assert(command("Password", line));
	cr_assert_not(command("Password", line), "she exists");
	cr_assert_eq(smb3_account_find(t->server, "alice", &a), 0);
	cr_assert_str_eq(a.name, "Alice");
	cr_assert_str_eq(a.unix_name, test_mods_user());
	cr_assert(a.admin && a.has_password);
	cr_assert(test_is_hex(a.nt_hash, 16, "a4f49c406510bdcab6824ee7c30fd852"));

	cr_assert(command("other", "user passwd ALICE"));
	cr_assert_eq(smb3_account_find(t->server, "alice", &a), 0);
	cr_assert_str_eq(a.name, "Alice");
	cr_assert(a.admin);
	cr_assert_neq(a.nt_hash[0], 0xa4);
	cr_assert(command(NULL, "user list"));
	cr_assert(command(NULL, "user del alice"));
	cr_assert_eq(smb3_account_find(t->server, "alice", &a), -ENOENT);
	cr_assert_not(command(NULL, "user del alice"));
	cr_assert_not(command("x", "user passwd alice"));
}

Test(users, states)
{
	struct smb3_account a;
	const char *reason;
	char line[128];

	snprintf(line, sizeof(line), "user add ann unix=%s", test_mods_user());
	cr_assert(command("Password", line));
	cr_assert(command(NULL, "user disable ANN"));
	cr_assert(command(NULL, "user lock ann"));
	cr_assert(command(NULL, "user expire ann now"));
	cr_assert(command(NULL, "user set ann must-change admin"));
	cr_assert_eq(smb3_account_find(t->server, "ann", &a), 0);
	cr_expect(a.disabled && a.locked && a.must_change && a.admin && a.expires);
	cr_expect_eq(smb3_account_status(&a, &reason), STATUS_ACCOUNT_DISABLED);
	cr_assert(command(NULL, "user enable ann"));
	cr_assert_eq(smb3_account_find(t->server, "ann", &a), 0);
	cr_expect_eq(smb3_account_status(&a, &reason), STATUS_ACCOUNT_LOCKED_OUT);
	cr_assert(command(NULL, "user unlock ann"));
	cr_assert_eq(smb3_account_find(t->server, "ann", &a), 0);
	cr_expect_eq(smb3_account_status(&a, &reason), STATUS_ACCOUNT_EXPIRED);
	cr_assert(command(NULL, "user expire ann +1d"));
	cr_assert_eq(smb3_account_find(t->server, "ann", &a), 0);
	cr_expect_eq(smb3_account_status(&a, &reason), STATUS_PASSWORD_MUST_CHANGE);
	cr_assert(command("other", "user password ann"));
	cr_assert_eq(smb3_account_find(t->server, "ann", &a), 0);
	cr_expect_eq(smb3_account_status(&a, &reason), (ntstatus)STATUS_SUCCESS);
	a.password_expires = 1;
	cr_expect_eq(smb3_account_status(&a, &reason), STATUS_PASSWORD_EXPIRED);
	cr_assert(command(NULL, "user expire ann 2030-02-28"));
	cr_assert_eq(smb3_account_find(t->server, "ann", &a), 0);
	cr_expect_eq(smb3_nttime_to_timespec(a.expires).tv_sec, 1898467200);
	cr_assert(command(NULL, "user expire ann never"));
	cr_assert(command(NULL, "user set ann no-admin"));
	cr_assert_eq(smb3_account_find(t->server, "ann", &a), 0);
	cr_expect(!a.expires && !a.admin);
	cr_assert_not(command(NULL, "user expire ann 2030-02-30"));
	cr_assert_not(command(NULL, "user expire ann +1"));
	cr_assert_not(command(NULL, "user set ann admin no-admin"));
	cr_assert_not(command(NULL, "user enable nobody-here"));
	cr_assert(command(NULL, "user show ann"));
	cr_assert_not(command(NULL, "user show nobody-here"));
	cr_assert(command(NULL, "user delete ann"));
}

#define ALICE "alice:h42AFGBs2ilnekTvoTU/xw==\n"
#define BOB   "bob:pPScQGUQvcq2gk7nwg/YUg==\n"

Test(users, import_all_or_none)
{
	struct smb3_account a;

	cr_assert_not(command(NULL, "user import x"), "the text has to come along");
	cr_assert_not(command(ALICE BOB "carol:rubbish\n", "user import x"));
	cr_expect_eq(smb3_account_find(t->server, "alice", &a), -ENOENT);
	cr_assert_not(command(ALICE BOB "ALICE:h42AFGBs2ilnekTvoTU/xw==\n", "user import x"),
		      "twice");
	cr_assert(command(ALICE BOB, "user import x dry-run"));
	cr_expect_eq(smb3_account_find(t->server, "alice", &a), -ENOENT);
	cr_assert(command(ALICE "carol:rubbish\n", "user import x skip-wrong"));
	cr_expect_eq(smb3_account_find(t->server, "alice", &a), 0);
	cr_expect_eq(smb3_account_find(t->server, "carol", &a), -ENOENT);
	cr_assert_not(command(ALICE, "user import x format=excel"));
	cr_assert_not(command(ALICE, "user import x format=smbpasswd"));
}

Test(users, import_overwrites_when_told_to)
{
	struct smb3_account a;

	cr_assert(command(ALICE, "user import x"));
	cr_assert(command(NULL, "user set alice unix= admin"));
	cr_assert(command(NULL, "user disable alice"));
	cr_assert(command("Alice:pPScQGUQvcq2gk7nwg/YUg==\n", "user import x"));
	cr_assert_eq(smb3_account_find(t->server, "alice", &a), 0);
	cr_expect(test_is_hex(a.nt_hash, 16, "878d8014606cda29677a44efa1353fc7"), "kept");
	cr_assert(command("Alice:pPScQGUQvcq2gk7nwg/YUg==\n", "user import x overwrite"));
	cr_assert_eq(smb3_account_find(t->server, "alice", &a), 0);
	cr_expect(test_is_hex(a.nt_hash, 16, "a4f49c406510bdcab6824ee7c20fd852"));
	cr_expect(a.admin && a.disabled, "what ksmbd says nothing of stays");
	cr_expect_str_eq(a.name, "alice");
}

Test(users, commands_that_are_refused)
{
	static const struct {
		const char *secret, *line;
	} cases[] = { { "x", "user add" },
		      { NULL, "user add ann" },
		      { "", "user add ann unix=root" },
		      { "\xff", "user add ann unix=root" },
		      { "x", "user add a/b unix=root" },
		      { "x", "user add ann unix=" },
		      { "x", "user add ann unix=a:b" },
		      { "x", "user add ann root" } };
	struct smb3_account a;

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++)
		cr_assert_not(command(cases[i].secret, cases[i].line), "%s", cases[i].line);
	cr_assert_eq(smb3_account_find(t->server, "ann", &a), -ENOENT);
}

Test(users, unix_user_must_exist_when_the_server_acts_as_it)
{
	bool root = smb3_server_can_switch(t->server);

	cr_assert_eq(!command("x", "user add no-such-unix-user"), root);
	cr_assert_eq(!command("x", "user add ann unix=no-such-unix-user"), root);
}

Test(users, rows_of_the_store)
{
	const struct smb3_accounts *row = smb3_row_name(t->server, SMB3_KIND_ACCOUNTS, "users");
	struct smb3_mod *mod = smb3_module_of(t->server, row);
	struct smb3_account a = { .name = "ann", .has_password = true }, found;

	cr_assert_eq(row->put(mod, &a), 0);
	a.disabled = true;
	cr_assert_eq(row->put(mod, &a), -EEXIST, "it may have been made meanwhile");
	cr_assert_eq(row->find(mod, "ANN", &found), 0);
	cr_assert_not(found.disabled);
	cr_assert_eq(row->remove(mod, "ann"), 0);
	cr_assert_eq(row->remove(mod, "ann"), -ENOENT);
}
