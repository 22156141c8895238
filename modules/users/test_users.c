// SPDX-License-Identifier: Apache-2.0
/*
 * test_users.c: the file of accounts: its lines, its rights, that it is written whole and by one
 * at a time; and the commands on it.
 */
#include "testmods.h"
#include "import.h"
#include "users.h"

#include "core.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- passwords ---- */

Test(users_hash, known_hashes)
{
	uint8_t hash[16];

	/* [MS-NLMP] 4.2.2.1.2 */
	cr_assert_null(nt_hash("Password", hash));
	cr_assert(test_is_hex(hash, 16, "a4f49c406510bdcab6824ee7c30fd852"));
	/* beyond the BMP: two UTF-16 units, by another program */
	cr_assert_null(nt_hash("😀🎉", hash));
	cr_assert(test_is_hex(hash, 16, "2fbb8f1dd0af8617944c0fbf4cf893ab"));
}

Test(users_hash, unfit_passwords)
{
	char longest[514];
	uint8_t hash[16];

	cr_assert_not_null(strstr(nt_hash("", hash), "empty"));
	cr_assert_not_null(strstr(nt_hash("\xff", hash), "UTF-8"));
	memset(longest, 'x', 513);
	longest[513] = '\0';
	cr_assert_not_null(strstr(nt_hash(longest, hash), "longer"));
	longest[512] = '\0';
	cr_assert_null(nt_hash(longest, hash));
}

/* ---- lines ---- */

Test(users_line, there_and_back)
{
	static const char *const lines[] = {
		"alice:::::0", /* no: five fields */
		"alice:::: 0:0",
		"alice::::0:0",
		"Ann Lee:ann:a4f49c406510bdcab6824ee7c30fd852:DLA:1700000000:1900000000",
		"jürgen:DOM\\jürgen:00000000000000000000000000000000:A:0:0",
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(lines); i++) {
		char *copy = smb3_strdup(lines[i]), *back = NULL;
		struct smb3_account a;
		size_t len;
		FILE *f;

		if (i < 2) {
			cr_assert_not_null(line_parse(copy, &a), "%s", lines[i]);
			free(copy);
			continue;
		}
		cr_assert_null(line_parse(copy, &a), "%s", lines[i]);
		f = open_memstream(&back, &len);
		line_write(f, &a);
		fclose(f);
		cr_assert_eq(back[len - 1], '\n');
		back[len - 1] = '\0';
		cr_assert_str_eq(back, lines[i]);
		free(back);
		free(copy);
	}
}

Test(users_line, fields)
{
	char line[] = "Ann Lee:ann:a4f49c406510bdcab6824ee7c30fd852:DA:1700000000:0";
	struct smb3_account a;

	cr_assert_null(line_parse(line, &a));
	cr_assert_str_eq(a.name, "Ann Lee");
	cr_assert_str_eq(a.unix_name, "ann");
	cr_assert(a.has_password && a.disabled && a.admin && !a.locked);
	cr_assert(test_is_hex(a.nt_hash, 16, "a4f49c406510bdcab6824ee7c30fd852"));
	cr_assert_eq(smb3_nttime_to_timespec(a.changed).tv_sec, 1700000000);
	cr_assert_eq(a.expires, 0);
}

Test(users_line, bad_ones)
{
	static const char *const bad[] = {
		"",
		"ann",
		":x::::0:0",
		"ann:ann:12::0:0",
		"ann:ann::X:0:0",
		"ann:ann:::0",
		"ann:ann:::0:0:0",
		"ann:ann:::a:0",
		"ann:ann:::0:-1",
		"ann:ann:::0:99999999999999999999",
		"ann:ann:::0:999999999999",
		"a/b:ann:::0:0",
		"ann:a b:::0:0",
		"ann:ann:g4f49c406510bdcab6824ee7c30fd852::0:0",
		"ann:ann:a4f49c406510bdcab6824ee7c30fd85::0:0",
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(bad); i++) {
		char *copy = smb3_strdup(bad[i]);
		struct smb3_account a;

		cr_expect_not_null(line_parse(copy, &a), "%s", bad[i]);
		free(copy);
	}
}

Test(users_line, names)
{
	static const char *const good[] = { "ann", "Ann Lee", "Ärzte", "日本", "a.b-c_d$", "😀" };
	static const char *const bad[] = { "",     " ann", "ann ",  "a:b",  "a\nroot:0",
					   "\xff", "..",   "#ann",  "-ann", "a\\b",
					   "a/b",  "a@b",  "a\x7f", "a,b" };
	char longest[260];

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(good); i++)
		cr_expect_null(name_problem(good[i]), "%s", good[i]);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(bad); i++)
		cr_expect_not_null(name_problem(bad[i]), "%s", bad[i]);
	memset(longest, 'x', sizeof(longest));
	longest[64] = '\0';
	cr_expect_null(name_problem(longest));
	longest[64] = 'x';
	longest[65] = '\0';
	cr_expect_not_null(name_problem(longest));
	cr_expect_not_null(unix_name_problem("a:b"));
	cr_expect_not_null(unix_name_problem("a b"));
	cr_expect_not_null(unix_name_problem(""));
	cr_expect_null(unix_name_problem("DOM\\ann"));
}

/* ---- what other servers write ---- */

struct import_case {
	const char *line, *name, *hash; /* hash: NULL for no password */
	enum import_format format;
	bool disabled, locked;
	long changed;
};

Test(users_import, accounts)
{
	static const struct import_case cases[] = {
		{ "alice:1000:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:878D8014606CDA29677A44EFA1353FC7:"
		  "[U          ]:LCT-65432100:",
		  "alice", "878d8014606cda29677a44efa1353fc7", IMPORT_SMBPASSWD, false, false,
		  0x65432100 },
		{ "bob:4294967295:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:878D8014606CDA29677A44EFA1353FC7:"
		  "[DUL        ]:LCT-00000000:Bob B.:x\r",
		  "bob", "878d8014606cda29677a44efa1353fc7", IMPORT_SMBPASSWD, true, true, 0 },
		{ "carol:1:NO PASSWORDXXXXXXXXXXXXXXXXXXXXX:NO PASSWORDXXXXXXXXXXXXXXXXXXXXX:"
		  "[NU         ]:LCT-FFFFFFFF:",
		  "carol", NULL, IMPORT_SMBPASSWD, false, false, 0 },
		{ "dave:1:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:31D6CFE0D16AE931B73C59D7E0C089C0:[U ]:",
		  "dave", NULL, IMPORT_SMBPASSWD, false, false, 0 },
		{ "erin:h42AFGBs2ilnekTvoTU/xw==", "erin", "878d8014606cda29677a44efa1353fc7",
		  IMPORT_KSMBD, false, false, 0 },
		{ "frank:MdbP4NFq6TG3PFnX4MCJwA==", "frank", NULL, IMPORT_KSMBD, false, false, 0 },
		{ "gina::878d8014606cda29677a44efa1353fc7:D:1700000000:0", "gina",
		  "878d8014606cda29677a44efa1353fc7", IMPORT_SMB3, true, false, 1700000000 },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		const struct import_case *c = &cases[i];
		char *copy = smb3_strdup(c->line);
		struct smb3_account a;
		const char *reason;

		cr_expect_eq(import_guess(copy), c->format, "%s", c->line);
		cr_assert_eq(import_line(c->format, copy, &a, &reason), IMPORT_ACCOUNT, "%s: %s",
			     c->line, reason);
		cr_expect_str_eq(a.name, c->name);
		cr_expect_eq(a.has_password, c->hash != NULL);
		cr_expect(!c->hash || test_is_hex(a.nt_hash, 16, c->hash));
		cr_expect_eq(!c->hash, reason != NULL, "no password is worth a word");
		cr_expect_eq(a.disabled, c->disabled);
		cr_expect_eq(a.locked, c->locked);
		cr_expect_eq(a.changed ? smb3_nttime_to_timespec(a.changed).tv_sec : 0, c->changed);
		free(copy);
	}
}

Test(users_import, what_is_not_taken)
{
	static const struct {
		enum import_format format;
		enum import_kind kind;
		const char *line;
	} cases[] = {
		{ IMPORT_SMBPASSWD, IMPORT_EMPTY, "" },
		{ IMPORT_KSMBD, IMPORT_EMPTY, "# alice:x" },
		{ IMPORT_SMBPASSWD, IMPORT_SKIPPED,
		  "ws1$:1:X:878D8014606CDA29677A44EFA1353FC7:[W          ]:LCT-65432100:" },
		{ IMPORT_SMBPASSWD, IMPORT_SKIPPED,
		  "dom:1:X:878D8014606CDA29677A44EFA1353FC7:[I          ]:LCT-65432100:" },
		{ IMPORT_SMBPASSWD, IMPORT_WRONG, "alice:1000:Alice" },
		{ IMPORT_SMBPASSWD, IMPORT_WRONG,
		  "alice:1:X:878D8014606CDA29677A44EFA1353FC:[U ]:" },
		{ IMPORT_SMBPASSWD, IMPORT_WRONG,
		  "alice:1:X:878D8014606CDA29677A44EFA1353FC7:[Q]:" },
		{ IMPORT_SMBPASSWD, IMPORT_WRONG, "alice:1:X:878D8014606CDA29677A44EFA1353FC7:U:" },
		{ IMPORT_SMBPASSWD, IMPORT_WRONG,
		  "alice:1:X:878D8014606CDA29677A44EFA1353FC7:[U ]:LCT-X5432100:" },
		{ IMPORT_SMBPASSWD, IMPORT_WRONG,
		  "a/b:1:X:878D8014606CDA29677A44EFA1353FC7:[U ]:" },
		{ IMPORT_KSMBD, IMPORT_WRONG, "alice" },
		{ IMPORT_KSMBD, IMPORT_WRONG, "alice:h42AFGBs2ilnekTvoTU/xw=" },
		{ IMPORT_KSMBD, IMPORT_WRONG, "alice:h42AFGBs2ilnekTvoTU/x===" },
		{ IMPORT_KSMBD, IMPORT_WRONG, "alice:h42AFGBs2ilnekTvoT*/xw==" },
		{ IMPORT_SMB3, IMPORT_WRONG, "alice:h42AFGBs2ilnekTvoTU/xw==" },
		{ IMPORT_AUTO, IMPORT_WRONG, "alice" },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		char *copy = smb3_strdup(cases[i].line);
		const char *reason = NULL;
		struct smb3_account a;

		cr_expect_eq(import_line(cases[i].format, copy, &a, &reason), cases[i].kind, "%s",
			     cases[i].line);
		cr_expect_eq(cases[i].kind != IMPORT_EMPTY, reason != NULL, "%s", cases[i].line);
		free(copy);
	}
}

/* ---- the store ---- */

static char dir[64], path[80], why[USERS_WHY_SIZE];

static void setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, sizeof(dir), "%.40s/users.XXXXXX", tmp ? tmp : "/tmp");
	cr_assert_not_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/users", dir);
}

static void teardown(void)
{
	static const char *const files[] = { "users", "users.lock", "users.new", "link" };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(files); i++) {
		char name[96];

		snprintf(name, sizeof(name), "%s/%s", dir, files[i]);
		unlink(name);
	}
	cr_assert_eq(rmdir(dir), 0, "something else was left behind");
}

TestSuite(users_store, .init = setup, .fini = teardown);

static struct store *open_store(void)
{
	struct store *s = store_open(path, why);

	cr_assert_not_null(s, "%s", why);
	return s;
}

static void file_is(const char *text)
{
	FILE *f = fopen(path, "w");

	cr_assert_not_null(f);
	fchmod(fileno(f), 0600);
	fputs(text, f);
	fclose(f);
}

static int put(struct store *s, const char *name, enum store_how how)
{
	struct smb3_account a = { .has_password = true };

	snprintf(a.name, sizeof(a.name), "%s", name);
	return store_put(s, &a, how, why);
}

static bool has(struct store *s, const char *name)
{
	struct smb3_account a;

	return store_find(s, name, &a) == 0;
}

Test(users_store, missing_file_is_an_empty_store)
{
	struct store *s = open_store();

	cr_assert_eq(store_count(s), 0);
	cr_assert_not(has(s, "ann"));
	cr_assert_eq(access(path, F_OK), -1, "looking makes no file");
	store_free(s);
}

Test(users_store, written_for_its_owner_only_and_read_again)
{
	struct store *s = open_store(), *again;
	struct stat st;

	umask(0);
	cr_assert_eq(put(s, "Ann", STORE_ADD), 0, "%s", why);
	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0600);
	cr_assert(has(s, "ANN"), "names have no case");
	again = open_store();
	cr_assert(has(again, "ann"));
	store_free(again);
	store_free(s);
}

Test(users_store, add_change_remove)
{
	struct store *s = open_store();

	cr_assert_eq(put(s, "ann", STORE_CHANGE), -ENOENT);
	cr_assert_eq(store_remove(s, "ann", why), -ENOENT);
	cr_assert_eq(put(s, "ann", STORE_ADD), 0);
	cr_assert_eq(put(s, "ANN", STORE_ADD), -EEXIST);
	cr_assert_eq(put(s, "ann", STORE_CHANGE), 0);
	cr_assert_eq(put(s, "bob", STORE_PUT), 0);
	cr_assert_eq(put(s, "bob", STORE_PUT), 0);
	cr_assert_eq(put(s, "b/b", STORE_PUT), -EINVAL);
	cr_assert_eq(store_count(s), 2);
	cr_assert_eq(store_remove(s, "ANN", why), 0);
	cr_assert_eq(put(s, "carol", STORE_ADD), 0);
	cr_assert_eq(store_count(s), 2);
	cr_assert(has(s, "bob") && has(s, "carol") && !has(s, "ann"));
	store_free(s);
}

Test(users_store, change_by_another_is_seen)
{
	struct store *s = open_store(), *other = open_store();

	cr_assert_eq(put(other, "ann", STORE_ADD), 0);
	cr_assert(has(s, "ann"));
	cr_assert_eq(store_remove(other, "ann", why), 0);
	cr_assert_not(has(s, "ann"));
	/* by hand, in place */
	file_is("bob::::0:0\n");
	cr_assert(has(s, "bob"));
	cr_assert_eq(unlink(path), 0);
	cr_assert_not(has(s, "bob"));
	store_free(other);
	store_free(s);
}

/* A mistake of the administrator locks nobody out, and lets nobody in. */
Test(users_store, bad_change_leaves_the_accounts_as_they_were)
{
	struct store *s = open_store();

	cr_assert_eq(put(s, "ann", STORE_ADD), 0);
	file_is("bob::::0:0\nrubbish\n");
	cr_assert(has(s, "ann"));
	cr_assert_not(has(s, "bob"));
	cr_assert_lt(put(s, "carol", STORE_ADD), 0, "it would overwrite what somebody wrote");
	cr_assert_not_null(strstr(why, "line 2"));
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
		cr_assert_eq(chmod(path, cases[i].mode), 0);
		cr_assert_null(store_open(path, why), "case %zu", i);
		cr_assert_not_null(strstr(why, cases[i].why), "%s", why);
	}
}

Test(users_store, byte_zero_is_refused)
{
	FILE *f;

	file_is("");
	f = fopen(path, "a");
	fwrite("ann::::0:0\0bob::::0:0\n", 1, 22, f);
	fclose(f);
	cr_assert_null(store_open(path, why));
	cr_assert_not_null(strstr(why, "byte zero"));
}

Test(users_store, file_of_somebody_else_is_refused)
{
	if (geteuid() != 0)
		cr_skip_test("only root can make a file of somebody else");
	file_is("ann::::0:0\n");
	cr_assert_eq(chown(path, 65534, 65534), 0);
	cr_assert_null(store_open(path, why));
	cr_assert_not_null(strstr(why, "65534"));
}

Test(users_store, folder_is_no_store)
{
	cr_assert_eq(mkdir(path, 0700), 0);
	cr_assert_null(store_open(path, why));
	cr_assert_not_null(strstr(why, "regular file"));
	cr_assert_eq(rmdir(path), 0);
}

Test(users_store, link_is_followed_and_stays)
{
	char link[96];
	struct store *s;
	struct stat st;

	file_is("ann::::0:0\n");
	snprintf(link, sizeof(link), "%s/link", dir);
	cr_assert_eq(symlink(path, link), 0);
	s = store_open(link, why);
	cr_assert_eq(put(s, "bob", STORE_ADD), 0, "%s", why);
	cr_assert_eq(lstat(link, &st), 0);
	cr_assert(S_ISLNK(st.st_mode));
	store_free(s);
	s = open_store();
	cr_assert_eq(store_count(s), 2);
	store_free(s);
}

Test(users_store, missing_folder_is_told)
{
	struct store *s = store_open("/nonexistent/folder/users", why);

	cr_assert_not_null(s);
	cr_assert_lt(put(s, "ann", STORE_ADD), 0);
	cr_assert_not_null(strstr(why, "folder"));
	store_free(s);
}

/* What a killed writer left behind is in nobody's way. */
Test(users_store, leftovers_of_a_crash)
{
	struct store *s = open_store();
	char left[96];
	FILE *f;

	snprintf(left, sizeof(left), "%s.new", path);
	f = fopen(left, "w");
	fputs("half a li", f);
	fclose(f);
	cr_assert_eq(put(s, "ann", STORE_ADD), 0, "%s", why);
	cr_assert_eq(access(left, F_OK), -1);
	cr_assert(has(s, "ann"));
	store_free(s);
}

Test(users_store, failed_write_changes_nothing)
{
	struct store *s = open_store();
	char name[96];
	struct stat before, after;

	cr_assert_eq(put(s, "ann", STORE_ADD), 0);
	cr_assert_eq(stat(path, &before), 0);
	/* A folder in the place of the new file: it cannot be written, whoever we are. */
	snprintf(name, sizeof(name), "%s.new", path);
	cr_assert_eq(mkdir(name, 0700), 0);
	cr_assert_lt(put(s, "bob", STORE_ADD), 0);
	cr_assert_eq(rmdir(name), 0);
	cr_assert_eq(stat(path, &after), 0);
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
			struct store *mine = store_open(path, why);
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
	s = open_store();
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
	struct store *s = open_store();
	struct smb3_account a;

	cr_assert_eq(put(s, "ann", STORE_ADD), 0);
	cr_assert_eq(store_modify(s, "bob", one_more, NULL, why), -ENOENT);
	for (int i = 0; i < WRITERS; i++) {
		if (fork() == 0) {
			int bad = 0;

			for (int n = 0; n < EACH && !bad; n++)
				bad = store_modify(s, "ANN", one_more, NULL, why) != 0;
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

/* ---- the module ---- */

static struct test_mods *t;

static int answered;

static void finished(struct smb3_ctl_request *request, char *text, size_t len, bool ok)
{
	answered = ok ? 0 : 1;
	free(text);
}

static int command(const char *secret, const char *line)
{
	char copy[256], *argv[8], *rest = copy;
	int argc = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	while ((argv[argc] = strsep(&rest, " ")))
		argc++;
	smb3_ctl_run(t->server, &(struct smb3_ctl_request){ argc, argv, secret, finished, 0 });
	return answered;
}

static void module_setup(void)
{
	t = test_mods_start("\"users\"", "");
	cr_assert_not_null(t->server);
}

static void module_teardown(void)
{
	test_mods_stop(t);
}

TestSuite(users, .init = module_setup, .fini = module_teardown);

Test(users, commands)
{
	struct smb3_account a;
	char line[128];

	snprintf(line, sizeof(line), "user add Alice unix=%s admin", test_mods_user());
	cr_assert_eq(command("Password", line), 0);
	cr_assert_neq(command("Password", line), 0, "she exists");
	cr_assert_eq(smb3_account_find(t->server, "alice", &a), 0);
	cr_assert_str_eq(a.name, "Alice");
	cr_assert_str_eq(a.unix_name, test_mods_user());
	cr_assert(a.admin && a.has_password);
	cr_assert(test_is_hex(a.nt_hash, 16, "a4f49c406510bdcab6824ee7c30fd852"));

	cr_assert_eq(command("other", "user passwd ALICE"), 0);
	cr_assert_eq(smb3_account_find(t->server, "alice", &a), 0);
	cr_assert_str_eq(a.name, "Alice");
	cr_assert(a.admin);
	cr_assert_neq(a.nt_hash[0], 0xa4);
	cr_assert_eq(command(NULL, "user list"), 0);
	cr_assert_eq(command(NULL, "user del alice"), 0);
	cr_assert_eq(smb3_account_find(t->server, "alice", &a), -ENOENT);
	cr_assert_neq(command(NULL, "user del alice"), 0);
	cr_assert_neq(command("x", "user passwd alice"), 0);
}

Test(users, states)
{
	struct smb3_account a;
	const char *reason;
	char line[128];

	snprintf(line, sizeof(line), "user add ann unix=%s", test_mods_user());
	cr_assert_eq(command("Password", line), 0);
	cr_assert_eq(command(NULL, "user disable ANN"), 0);
	cr_assert_eq(command(NULL, "user lock ann"), 0);
	cr_assert_eq(command(NULL, "user expire ann now"), 0);
	cr_assert_eq(command(NULL, "user set ann must-change admin"), 0);
	cr_assert_eq(smb3_account_find(t->server, "ann", &a), 0);
	cr_expect(a.disabled && a.locked && a.must_change && a.admin && a.expires);
	cr_expect_eq(smb3_account_status(&a, &reason), STATUS_ACCOUNT_DISABLED);
	cr_assert_eq(command(NULL, "user enable ann"), 0);
	cr_assert_eq(smb3_account_find(t->server, "ann", &a), 0);
	cr_expect_eq(smb3_account_status(&a, &reason), STATUS_ACCOUNT_LOCKED_OUT);
	cr_assert_eq(command(NULL, "user unlock ann"), 0);
	cr_assert_eq(smb3_account_find(t->server, "ann", &a), 0);
	cr_expect_eq(smb3_account_status(&a, &reason), STATUS_ACCOUNT_EXPIRED);
	cr_assert_eq(command(NULL, "user expire ann +1d"), 0);
	cr_assert_eq(smb3_account_find(t->server, "ann", &a), 0);
	cr_expect_eq(smb3_account_status(&a, &reason), STATUS_PASSWORD_MUST_CHANGE);
	cr_assert_eq(command("other", "user password ann"), 0);
	cr_assert_eq(smb3_account_find(t->server, "ann", &a), 0);
	cr_expect_eq(smb3_account_status(&a, &reason), (ntstatus)STATUS_SUCCESS);
	a.password_expires = 1;
	cr_expect_eq(smb3_account_status(&a, &reason), STATUS_PASSWORD_EXPIRED);
	cr_assert_eq(command(NULL, "user expire ann 2030-02-28"), 0);
	cr_assert_eq(smb3_account_find(t->server, "ann", &a), 0);
	cr_expect_eq(smb3_nttime_to_timespec(a.expires).tv_sec, 1898467200);
	cr_assert_eq(command(NULL, "user expire ann never"), 0);
	cr_assert_eq(command(NULL, "user set ann no-admin"), 0);
	cr_assert_eq(smb3_account_find(t->server, "ann", &a), 0);
	cr_expect(!a.expires && !a.admin);
	cr_assert_neq(command(NULL, "user expire ann 2030-02-30"), 0);
	cr_assert_neq(command(NULL, "user expire ann +1"), 0);
	cr_assert_neq(command(NULL, "user set ann admin no-admin"), 0);
	cr_assert_neq(command(NULL, "user enable nobody-here"), 0);
	cr_assert_eq(command(NULL, "user show ann"), 0);
	cr_assert_neq(command(NULL, "user show nobody-here"), 0);
	cr_assert_eq(command(NULL, "user delete ann"), 0);
}

#define ALICE "alice:h42AFGBs2ilnekTvoTU/xw==\n"
#define BOB   "bob:pPScQGUQvcq2gk7nwg/YUg==\n"

Test(users, import_all_or_none)
{
	struct smb3_account a;

	cr_assert_neq(command(NULL, "user import x"), 0, "the text has to come along");
	cr_assert_neq(command(ALICE BOB "carol:rubbish\n", "user import x"), 0);
	cr_expect_eq(smb3_account_find(t->server, "alice", &a), -ENOENT);
	cr_assert_neq(command(ALICE BOB "ALICE:h42AFGBs2ilnekTvoTU/xw==\n", "user import x"), 0,
		      "twice");
	cr_assert_eq(command(ALICE BOB, "user import x dry-run"), 0);
	cr_expect_eq(smb3_account_find(t->server, "alice", &a), -ENOENT);
	cr_assert_eq(command(ALICE "carol:rubbish\n", "user import x skip-wrong"), 0);
	cr_expect_eq(smb3_account_find(t->server, "alice", &a), 0);
	cr_expect_eq(smb3_account_find(t->server, "carol", &a), -ENOENT);
	cr_assert_neq(command(ALICE, "user import x format=excel"), 0);
	cr_assert_neq(command(ALICE, "user import x format=smbpasswd"), 0);
}

Test(users, import_overwrites_when_told_to)
{
	struct smb3_account a;

	cr_assert_eq(command(ALICE, "user import x"), 0);
	cr_assert_eq(command(NULL, "user set alice unix= admin"), 0);
	cr_assert_eq(command(NULL, "user disable alice"), 0);
	cr_assert_eq(command("Alice:pPScQGUQvcq2gk7nwg/YUg==\n", "user import x"), 0);
	cr_assert_eq(smb3_account_find(t->server, "alice", &a), 0);
	cr_expect(test_is_hex(a.nt_hash, 16, "878d8014606cda29677a44efa1353fc7"), "kept");
	cr_assert_eq(command("Alice:pPScQGUQvcq2gk7nwg/YUg==\n", "user import x overwrite"), 0);
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
		cr_assert_neq(command(cases[i].secret, cases[i].line), 0, "%s", cases[i].line);
	cr_assert_eq(smb3_account_find(t->server, "ann", &a), -ENOENT);
}

Test(users, unix_user_must_exist_when_the_server_acts_as_it)
{
	bool root = smb3_server_can_switch(t->server);

	cr_assert_eq(command("x", "user add no-such-unix-user") != 0, root);
	cr_assert_eq(command("x", "user add ann unix=no-such-unix-user") != 0, root);
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

Test(users_conf, readable_store_stops_the_server)
{
	struct test_mods *own;
	char groups[160];

	setup();
	file_is("ann::::0:0\n");
	cr_assert_eq(chmod(path, 0644), 0);
	snprintf(groups, sizeof(groups), "users = { file = \"%s\"; };", path);
	own = test_mods_start("\"users\"", groups);
	cr_assert_null(own->server);
	test_mods_stop(own);
	cr_assert_eq(chmod(path, 0600), 0);
	own = test_mods_start("\"users\"", groups);
	cr_assert_not_null(own->server);
	test_mods_stop(own);
	teardown();
}
