// SPDX-License-Identifier: Apache-2.0
/*
 * test_never.c: tests/never/promises names tests that exist; and promises that are about the sources.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *source(void)
{
	const char *dir = getenv("SMB3_SRCDIR");

	if (!dir)
		cr_skip_test("SMB3_SRCDIR does not say where the sources are");
	return dir;
}

static char *file_text(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text;
	size_t n;

	if (!f)
		return NULL;
	text = calloc(1, 1 << 20);
	n = fread(text, 1, (1 << 20) - 1, f);
	fclose(f);
	text[n] = '\0';
	return text;
}

static bool is_there(const char *folder, const char *name, const char *suffix)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/tests/%s%s%s", source(), folder, name, suffix);
	return access(path, F_OK) == 0;
}

/* FILE.c/NAME. A folder of modules may have been taken out, with its tests. */
static bool criterion_has(char *word)
{
	char *slash = strrchr(word, '/'), path[512], want[256], *text, *end;
	bool found;

	*slash = '\0';
	snprintf(path, sizeof(path), "%s/%s", source(), word);
	snprintf(want, sizeof(want), ", %s", slash + 1);
	text = file_text(path);
	if (!text) {
		*strrchr(path, '/') = '\0';
		return access(path, F_OK) < 0;
	}
	end = strstr(text, want);
	found = end && strchr(",)", end[strlen(want)]);
	free(text);
	return found;
}

static bool exists(char *word)
{
	if (!strncmp(word, "wire/", 5))
		return is_there("wire/", word + 5, ".lua");
	if (!strncmp(word, "live/", 5))
		return is_there("live/", word + 5, ".sh");
	if (!strncmp(word, "fuzz/", 5))
		return is_there("fuzz/fuzz_", word + 5, ".c");
	return strstr(word, ".c/") && criterion_has(word);
}

Test(never, every_promise_has_tests_that_exist)
{
	char path[512], *text, *rest, *line, *word;
	int promises = 0;

	snprintf(path, sizeof(path), "%s/tests/never/promises", source());
	text = rest = file_text(path);
	cr_assert_not_null(text);
	while ((line = strsep(&rest, "\n"))) {
		char *tests = strstr(line, ": ");

		if (*line == '#' || !*line)
			continue;
		cr_assert_not_null(tests, "no tests: %s", line);
		promises++;
		tests += 2;
		while ((word = strsep(&tests, " "))) {
			char *copy = strdup(word);

			cr_expect(exists(copy), "there is no test %s", word);
			free(copy);
		}
	}
	cr_expect_geq(promises, 20);
	free(text);
}

/* ---- no shell ---- */

static int scan_file(const char *path, const regex_t *re)
{
	char *text = file_text(path), *rest = text, *line;
	int found = 0;

	while (text && (line = strsep(&rest, "\n")))
		if (regexec(re, line, 0, NULL, 0) == 0) {
			found++;
			cr_log_error("%s: %s", path, line);
		}
	free(text);
	return found;
}

/* Sources below dir that are no tests. */
static int scan(const char *dir, const regex_t *re, int *files)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int found = 0;

	while (d && (e = readdir(d))) {
		size_t len = strlen(e->d_name);
		char path[1024];
		struct stat st;

		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (*e->d_name == '.' || !strncmp(e->d_name, "test_", 5) || stat(path, &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode)) {
			found += scan(path, re, files);
		} else if (len > 2 && !strcmp(e->d_name + len - 2, ".c")) {
			++*files;
			found += scan_file(path, re);
		}
	}
	if (d)
		closedir(d);
	return found;
}

/* Nothing that serves clients can run a shell: there is no call of what could. */
Test(never, no_name_reaches_a_shell)
{
	static const char *const folders[] = { "core", "modules", "transports" };
	int files = 0, found = 0;
	regex_t re;

	cr_assert_eq(
		regcomp(&re,
			"(^|[^a-zA-Z0-9_])(system|popen|execl|execlp|execle|execvp|execvpe|wordexp|"
			"posix_spawnp)[ \t]*\\(",
			REG_EXTENDED | REG_NOSUB),
		0);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s", source(), folders[i]);
		found += scan(path, &re, &files);
	}
	regfree(&re);
	cr_expect_gt(files, 50, "the sources were not found");
	cr_expect_eq(found, 0);
}
