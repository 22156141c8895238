// SPDX-License-Identifier: Apache-2.0
/*
 * runner.c: runs Criterion tests under ThreadSanitizer, where Criterion's own runner cannot start (its
 * sandbox maps memory at addresses that the sanitizer keeps for itself).
 *
 * Linked before libcriterion only by --enable-tsan. It finds the tests where Criterion's macros put them,
 * runs each in a forked process and writes TAP; the assertions of the tests come here instead of going
 * to Criterion's runner.
 */
#include <criterion/criterion.h>
#include <criterion/event.h>
#include <criterion/parameterized.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_FAILED_TEST = 81, EXIT_SKIPPED = 82, TEST_SECONDS = 240 };

extern struct criterion_test *__start_cr_tst[], *__stop_cr_tst[];
extern struct criterion_suite *__start_cr_sts[] __attribute__((weak));
extern struct criterion_suite *__stop_cr_sts[] __attribute__((weak));

/* What the process of one test knows about itself. */
static struct {
	const struct criterion_test *test;
	void *param;
	bool failed;
} now;

static const struct criterion_suite *suite_of(const struct criterion_test *test)
{
	for (struct criterion_suite **s = __start_cr_sts; s < __stop_cr_sts; s++) {
		if (*s && strcmp((*s)->name, test->category) == 0)
			return *s;
	}
	return NULL;
}

/* ---- what Criterion's macros call inside a test ---- */

void criterion_internal_test_setup(void)
{
	const struct criterion_suite *suite = suite_of(now.test);

	if (suite && suite->data && suite->data->init)
		suite->data->init();
	if (now.test->data->init)
		now.test->data->init();
}

void criterion_internal_test_main(void (*fn)(void))
{
	if (now.test->data->kind_ == CR_TEST_PARAMETERIZED)
		((void (*)(void *))(void *)fn)(now.param);
	else
		fn();
}

void criterion_internal_test_teardown(void)
{
	const struct criterion_suite *suite = suite_of(now.test);

	if (now.test->data->fini)
		now.test->data->fini();
	if (suite && suite->data && suite->data->fini)
		suite->data->fini();
}

void criterion_send_assert(struct criterion_assert_stats *stats)
{
	if (stats->passed)
		return;
	now.failed = true;
	fprintf(stderr, "%s:%u: %s\n", stats->file, stats->line,
		stats->message ? stats->message : "assertion failed");
}

void cri_asserts_passed_incr(void)
{
}

/* Not exit(): what the test left undone is not the sanitizer's business. */
void criterion_abort_test(void)
{
	_exit(EXIT_FAILED_TEST);
}

void criterion_continue_test(void)
{
}

void criterion_skip_test(const char *format, ...)
{
	_exit(EXIT_SKIPPED);
}

/* ---- running ---- */

static void child(const struct criterion_test *test, void *param)
{
	alarm(test->data->timeout > 0 ? (unsigned)test->data->timeout * 4 + 1 : TEST_SECONDS);
	now.test = test;
	now.param = param;
	test->test();
	exit(now.failed ? EXIT_FAILED_TEST : 0);
}

/* The exit status, or 128 + signal. */
static int run(const struct criterion_test *test, void *param)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		child(test, param);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 127;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static bool report(FILE *tap, const struct criterion_test *test, int status)
{
	int want = test->data->signal ? 128 + test->data->signal : test->data->exit_code;
	bool skipped = status == EXIT_SKIPPED;
	bool good = skipped || status == want;

	fprintf(tap, "%s - %s::%s", good ? "ok" : "not ok", test->category, test->name);
	if (skipped)
		fprintf(tap, " # SKIP");
	else if (!good && status != EXIT_FAILED_TEST)
		fprintf(tap, " (ended with status %d)", status);
	fprintf(tap, "\n");
	return good;
}

/* Returns the number of failures; adds to the number of tests. */
static int run_test(FILE *tap, const struct criterion_test *test, int *count)
{
	struct criterion_test_params params = { .length = 1 };
	bool many = test->data->kind_ == CR_TEST_PARAMETERIZED;
	int failed = 0;

	if (test->data->disabled) {
		++*count;
		report(tap, test, EXIT_SKIPPED);
		return 0;
	}
	if (many)
		params = test->data->param_();
	for (size_t i = 0; i < params.length; i++) {
		void *param = many ? (char *)params.params + i * params.size : NULL;

		++*count;
		failed += !report(tap, test, run(test, param));
	}
	if (many && params.cleanup)
		params.cleanup(&params);
	return failed;
}

int main(int argc, char **argv)
{
	const char *path = "/dev/stdout";
	int count = 0, failed = 0;
	FILE *tap;

	if (argc > 1 && strncmp(argv[1], "--tap=", 6) == 0)
		path = argv[1] + 6;
	tap = fopen(path, "w");
	if (!tap) {
		perror(path);
		return 2;
	}
	setlinebuf(tap);
	for (struct criterion_test **t = __start_cr_tst; t < __stop_cr_tst; t++) {
		if (*t)
			failed += run_test(tap, *t, &count);
	}
	fprintf(tap, "1..%d\n", count);
	return fclose(tap) != 0 || failed != 0;
}
