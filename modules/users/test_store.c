// SPDX-License-Identifier: Apache-2.0
/*
 * test_store.c: see test_store.h.
 */
#include "test_store.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct test_store here;
struct test_mods *t;
struct test_answer said;

void store_setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(here.dir, sizeof(here.dir), "%.40s/users.XXXXXX", tmp ? tmp : "/tmp");
	cr_assert_not_null(mkdtemp(here.dir));
	snprintf(here.path, sizeof(here.path), "%s/users", here.dir);
}

void store_teardown(void)
{
	char lock[96];

	snprintf(lock, sizeof(lock), "%s.lock", here.path);
	unlink(lock);
	unlink(here.path);
	cr_assert_eq(rmdir(here.dir), 0, "something else was left behind");
}

struct store *store_of_file(void)
{
	struct store *s = store_open(here.path, here.why);

	cr_assert_not_null(s, "%s", here.why);
	return s;
}

void file_is(const char *text)
{
	FILE *f = fopen(here.path, "w");

	cr_assert_not_null(f);
	fchmod(fileno(f), 0600);
	fputs(text, f);
	fclose(f);
}

int put(struct store *s, const char *name, enum store_how how)
{
	struct smb3_account a = { .has_password = true };

	snprintf(a.name, sizeof(a.name), "%s", name);
	return store_put(s, &a, how, here.why);
}

/* ---- the module ---- */

void module_setup(void)
{
	t = test_mods_start("\"users\"", "");
	cr_assert_not_null(t->server);
}

void module_teardown(void)
{
	test_mods_stop(t);
}

static void finished(struct smb3_ctl_request *request, char *text, size_t len, bool ok)
{
	said.ok = ok;
	snprintf(said.text, sizeof(said.text), "%.*s", (int)len, text);
	free(text);
}

bool command(const char *secret, const char *line)
{
	char copy[256], *argv[8], *rest = copy;
	int argc = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	while (argc < 8 && (argv[argc] = strsep(&rest, " ")))
		argc++;
	smb3_ctl_run(t->server, &(struct smb3_ctl_request){ argc, argv, secret, finished, 0 });
	return said.ok;
}
