// SPDX-License-Identifier: Apache-2.0
/*
 * test_file.c: the file of accounts: its rights, that it is written whole and by one at a time.
 */
#include "test_store.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(users_store, .init = store_setup, .fini = store_teardown);

static bool has(struct store *s, const char *name)
{
	struct smb3_account a;

	return store_find(s, name, &a) == 0;
}

Test(users_store, missing_file_is_an_empty_store)
{
	struct store *s = store_of_file();

	cr_assert_eq(store_count(s), 0);
	cr_assert_not(has(s, "ann"));
	cr_assert_eq(access(here.path, F_OK), -1, "looking makes no file");
	store_free(s);
}

Test(users_store, written_for_its_owner_only_and_read_again)
{
	struct store *s = store_of_file(), *again;
	struct stat st;

	umask(0);
	cr_assert_eq(put(s, "Ann", STORE_ADD), 0, "%s", here.why);
	cr_assert_eq(stat(here.path, &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0600);
	cr_assert(has(s, "ANN"), "names have no case");
	again = store_of_file();
	cr_assert(has(again, "ann"));
	store_free(again);
	store_free(s);
}

Test(users_store, add_change_remove)
{
	struct store *s = store_of_file();

	cr_assert_eq(put(s, "ann", STORE_CHANGE), -ENOENT);
	cr_assert_eq(store_remove(s, "ann", here.why), -ENOENT);
	cr_assert_eq(put(s, "ann", STORE_ADD), 0);
	cr_assert_eq(put(s, "ANN", STORE_ADD), -EEXIST);
	cr_assert_eq(put(s, "ann", STORE_CHANGE), 0);
	cr_assert_eq(put(s, "bob", STORE_PUT), 0);
	cr_assert_eq(put(s, "bob", STORE_PUT), 0);
	cr_assert_eq(put(s, "b/b", STORE_PUT), -EINVAL);
	cr_assert_eq(store_count(s), 2);
	cr_assert_eq(store_remove(s, "ANN", here.why), 0);
	cr_assert_eq(put(s, "carol", STORE_ADD), 0);
	cr_assert_eq(store_count(s), 2);
	cr_assert(has(s, "bob") && has(s, "carol") && !has(s, "ann"));
	store_free(s);
}

Test(users_store, change_by_another_is_seen)
{
	struct store *s = store_of_file(), *other = store_of_file();

	cr_assert_eq(put(other, "ann", STORE_ADD), 0);
	cr_assert(has(s, "ann"));
	cr_assert_eq(store_remove(other, "ann", here.why), 0);
	cr_assert_not(has(s, "ann"));
	/* by hand, in place */
	file_is("bob::::0:0\n");
	cr_assert(has(s, "bob"));
	cr_assert_eq(unlink(here.path), 0);
	cr_assert_not(has(s, "bob"));
	store_free(other);
	store_free(s);
}

/* A mistake of the administrator locks nobody out, and lets nobody in. */
Test(users_store, bad_change_leaves_the_accounts_as_they_were)
{
	struct store *s = store_of_file();

	cr_assert_eq(put(s, "ann", STORE_ADD), 0);
	file_is("bob::::0:0\nrubbish\n");
	cr_assert(has(s, "ann"));
	cr_assert_not(has(s, "bob"));
	cr_assert_lt(put(s, "carol", STORE_ADD), 0, "it would overwrite what somebody wrote");
	cr_assert_not_null(strstr(here.why, "line 2"));
	store_free(s);
}

/* No descriptor is left, say: that is no fault of the file. */
Test(users_store, what_could_not_be_opened_is_tried_again)
{
	struct store *s = store_of_file(), *other = store_of_file();
	struct rlimit all, none = { 0 };

	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &all), 0);
	none.rlim_max = all.rlim_max;
	cr_assert_eq(put(other, "ann", STORE_ADD), 0);
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	cr_expect_not(has(s, "ann"));
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &all), 0);
	cr_expect(has(s, "ann"));
	store_free(other);
	store_free(s);
}

Test(users_store, files_that_are_refused)
{
	static const struct {
		const char *text, *why;
		mode_t mode;
	} cases[] = {
		{ "ann::::0:0\n", "chmod 600", 0640 },
		{ "ann::::0:0\n", "chmod 600", 0604 },
		{ "ann::::0:0\n", "chmod 600", 0620 },
		{ "# a comment\n\nann::::0:0\nbob\n", "line 4", 0600 },
		{ "ann::::0:0\nANN::::0:0\n", "another account", 0600 },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		file_is(cases[i].text);
		cr_assert_eq(chmod(here.path, cases[i].mode), 0);
		cr_assert_null(store_open(here.path, here.why), "case %zu", i);
		cr_assert_not_null(strstr(here.why, cases[i].why), "%s", here.why);
	}
}

Test(users_store, byte_zero_is_refused)
{
	FILE *f;

	file_is("");
	f = fopen(here.path, "a");
	fwrite("ann::::0:0\0bob::::0:0\n", 1, 22, f);
	fclose(f);
	cr_assert_null(store_open(here.path, here.why));
	cr_assert_not_null(strstr(here.why, "byte zero"));
}

Test(users_store, file_of_somebody_else_is_refused)
{
	if (geteuid() != 0)
		cr_skip_test("only root can make a file of somebody else");
	file_is("ann::::0:0\n");
	cr_assert_eq(chown(here.path, 65534, 65534), 0);
	cr_assert_null(store_open(here.path, here.why));
	cr_assert_not_null(strstr(here.why, "65534"));
}

Test(users_store, folder_is_no_store)
{
	cr_assert_eq(mkdir(here.path, 0700), 0);
	cr_assert_null(store_open(here.path, here.why));
	cr_assert_not_null(strstr(here.why, "regular file"));
	cr_assert_eq(rmdir(here.path), 0);
}

Test(users_store, link_is_followed_and_stays)
{
	char link[96];
	struct store *s;
	struct stat st;

	file_is("ann::::0:0\n");
	snprintf(link, sizeof(link), "%s/link", here.dir);
	cr_assert_eq(symlink(here.path, link), 0);
	s = store_open(link, here.why);
	cr_assert_eq(put(s, "bob", STORE_ADD), 0, "%s", here.why);
	cr_assert_eq(lstat(link, &st), 0);
	cr_assert(S_ISLNK(st.st_mode));
	cr_assert_eq(unlink(link), 0);
	store_free(s);
	s = store_of_file();
	cr_assert_eq(store_count(s), 2);
	store_free(s);
}

Test(users_store, missing_folder_is_told)
{
	struct store *s = store_open("/nonexistent/folder/users", here.why);

	cr_assert_not_null(s);
	cr_assert_lt(put(s, "ann", STORE_ADD), 0);
	cr_assert_not_null(strstr(here.why, "folder"));
	store_free(s);
}

/* What a killed writer left behind is in nobody's way. */
Test(users_store, leftovers_of_a_crash)
{
	struct store *s = store_of_file();
	char left[96];
	FILE *f;

	snprintf(left, sizeof(left), "%s.new", here.path);
	f = fopen(left, "w");
	fputs("half a li", f);
	fclose(f);
	cr_assert_eq(put(s, "ann", STORE_ADD), 0, "%s", here.why);
	cr_assert_eq(access(left, F_OK), -1);
	cr_assert(has(s, "ann"));
	store_free(s);
}

Test(users_store, failed_write_changes_nothing)
{
	struct store *s = store_of_file();
	char name[96];
	struct stat before, after;

	cr_assert_eq(put(s, "ann", STORE_ADD), 0);
	cr_assert_eq(stat(here.path, &before), 0);
	/* A folder in the place of the new file: it cannot be written, whoever we are. */
	snprintf(name, sizeof(name), "%s.new", here.path);
	cr_assert_eq(mkdir(name, 0700), 0);
	cr_assert_lt(put(s, "bob", STORE_ADD), 0);
	cr_assert_eq(rmdir(name), 0);
	cr_assert_eq(stat(here.path, &after), 0);
	cr_assert_eq(before.st_ino, after.st_ino);
	cr_assert(has(s, "ann") && !has(s, "bob"));
	store_free(s);
}

Test(users_store, writers_take_turns)
{
	enum { WRITERS = 8, EACH = 10 };
	struct store *s;

	for (int i = 0; i < WRITERS; i++) {
		if (fork() == 0) {
			struct store *mine = store_open(here.path, here.why);
			char name[32];
			int bad = !mine;

			for (int n = 0; n < EACH && !bad; n++) {
				snprintf(name, sizeof(name), "user %d %d", i, n);
				bad = put(mine, name, STORE_ADD) != 0;
			}
			_exit(bad);
		}
	}
	for (int i = 0; i < WRITERS; i++) {
		int status;

		cr_assert(wait(&status) > 0);
		cr_assert_eq(status, 0);
	}
	s = store_of_file();
	cr_assert_eq(store_count(s), WRITERS * EACH);
	store_free(s);
}

static void one_more(struct smb3_account *account, void *arg)
{
	account->nt_hash[0]++;
	account->disabled = !account->disabled;
}

/* Changes of one account are made on what the one before has left. */
Test(users_store, no_change_is_lost)
{
	enum { WRITERS = 6, EACH = 10 };
	struct store *s = store_of_file();
	struct smb3_account a;

	cr_assert_eq(put(s, "ann", STORE_ADD), 0);
	cr_assert_eq(store_modify(s, "bob", one_more, NULL, here.why), -ENOENT);
	for (int i = 0; i < WRITERS; i++) {
		if (fork() == 0) {
			int bad = 0;

			for (int n = 0; n < EACH && !bad; n++)
				bad = store_modify(s, "ANN", one_more, NULL, here.why) != 0;
			_exit(bad);
		}
	}
	for (int i = 0; i < WRITERS; i++) {
		int status;

		cr_assert(wait(&status) > 0);
		cr_assert_eq(status, 0);
	}
	cr_assert_eq(store_find(s, "ann", &a), 0);
	cr_assert_eq(a.nt_hash[0], WRITERS * EACH);
	cr_assert_str_eq(a.name, "ann");
	store_free(s);
}

Test(users_conf, readable_store_stops_the_server)
{
	struct test_mods *own;
	char groups[160];

	store_setup();
	file_is("ann::::0:0\n");
	cr_assert_eq(chmod(here.path, 0644), 0);
	snprintf(groups, sizeof(groups), "users = { file = \"%s\"; };", here.path);
	own = test_mods_start("\"users\"", groups);
	cr_assert_null(own->server);
	test_mods_stop(own);
	cr_assert_eq(chmod(here.path, 0600), 0);
	own = test_mods_start("\"users\"", groups);
	cr_assert_not_null(own->server);
	test_mods_stop(own);
	store_teardown();
}
