// SPDX-License-Identifier: Apache-2.0
/*
 * test_users.c: the file of accounts: its lines, its rights, and that it is written whole.
 */
#include "nthash.h"
#include "users.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* [MS-NLMP] 4.2.2.1.2: the hash of "Password" */
Test(users, nt_hash_of_the_specification)
{
	static const uint8_t want[16] = { 0xa4, 0xf4, 0x9c, 0x40, 0x65, 0x10, 0xbd, 0xca,
					  0xb6, 0x82, 0x4e, 0xe7, 0xc3, 0x0f, 0xd8, 0x52 };
	uint8_t hash[16];

	cr_assert_eq(nthash("Password", hash), 0);
	cr_assert_arr_eq(hash, want, 16);
	cr_assert_eq(nthash("\xff", hash), -EINVAL, "not UTF-8");
}

Test(users, a_line_and_back)
{
	static const char line[] = "Ann Lee:ann:a4f49c406510bdcab6824ee7c30fd852:DA:1700000000:0";
	struct smb3_account a;
	char buf[1024];

	cr_assert(account_parse(line, &a));
	cr_assert_str_eq(a.name, "Ann Lee");
	cr_assert_str_eq(a.unix_name, "ann");
	cr_assert(a.has_password && a.disabled && a.admin && !a.locked);
	cr_assert_eq(a.expires, 0);
	cr_assert(account_format(&a, buf, sizeof(buf)));
	cr_assert_eq(strncmp(buf, line, strlen(line)), 0, "%s", buf);
}

Test(users, lines_that_are_none)
{
	static const char *const bad[] = {
		"ann",
		":x::::0",
		"ann:ann:12:::0",
		"ann:ann::X:0:0",
		"ann:ann:::0",
		"ann:ann:::0:0:0",
		"ann:ann:::a:0",
		"ann:ann:::0:-1",
		"a/b:ann:::0:0",
		"ann:ann:g4f49c406510bdcab6824ee7c30fd852::0:0",
	};
	struct smb3_account a;

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(bad); i++)
		cr_expect_not(account_parse(bad[i], &a), "%s", bad[i]);
}

Test(users, names)
{
	cr_expect_null(account_name_fault("ann"));
	cr_expect_null(account_name_fault("Ärzte"));
	cr_expect_not_null(account_name_fault(""));
	cr_expect_not_null(account_name_fault("a:b"));
	cr_expect_not_null(account_name_fault("a\nroot:0"));
	cr_expect_not_null(account_name_fault("\xff"));
}

static char *in_tmp(const char *name)
{
	const char *tmp = getenv("TMPDIR");
	char *path;

	cr_assert_geq(asprintf(&path, "%s/%s.%d", tmp ? tmp : "/tmp", name, (int)getpid()), 0);
	return path;
}

Test(users, written_and_read_again)
{
	char *path = in_tmp("users");
	struct user two = { .account = { .name = "bob", .unix_name = "bob" } };
	struct user one = { .next = &two, .account = { .name = "ann", .has_password = true } };
	struct user *list;
	struct stat st;

	unlink(path);
	cr_assert_eq(store_write(path, &one), 0);
	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0600, "for its owner only");
	cr_assert_eq(store_check(path), 0);
	cr_assert_eq(store_read(path, &list, &st), 0);
	cr_assert_str_eq(list->account.name, "ann");
	cr_assert(list->account.has_password);
	cr_assert_str_eq(list->next->account.name, "bob");
	cr_assert_not(list->next->account.has_password);
	cr_assert_null(list->next->next);
	store_free(list);
	cr_assert_eq(chmod(path, 0640), 0);
	cr_assert_eq(store_check(path), -EINVAL, "a group that can read hashes");
	unlink(path);
	free(path);
}

Test(users, a_missing_file_is_an_empty_one)
{
	char *path = in_tmp("missing");
	struct user *list = (struct user *)path;
	struct stat st;

	cr_assert_eq(store_check(path), 0);
	cr_assert_eq(store_read(path, &list, &st), 0);
	cr_assert_null(list);
	free(path);
}

Test(users, a_bad_line_spoils_the_file)
{
	char *path = in_tmp("bad");
	struct user *list = NULL;
	struct stat st;
	FILE *f = fopen(path, "w");

	fputs("ann:ann:::0:0\nrubbish\n", f);
	fclose(f);
	cr_assert_eq(store_read(path, &list, &st), -EINVAL);
	cr_assert_null(list);
	unlink(path);
	free(path);
}

Test(users, nothing_half_written)
{
	struct user one = { .account = { .name = "ann" } };

	cr_assert_lt(store_write("/nonexistent/users", &one), 0);
}
