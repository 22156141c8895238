// SPDX-License-Identifier: Apache-2.0
/*
 * test_queue.c: the way of the lines to a file or a socket, and what happens when that is full, gone or
 * renamed. A limit on the size of files stands for a full disk.
 */
#include "audit.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SIZE     1000 /* of each buffer */
#define PATIENCE 20000

static char dir[64], path[96];
static struct queue *q;

static void setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, sizeof(dir), "%.40s/audit.XXXXXX", tmp ? tmp : "/tmp");
	cr_assert_not_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/log", dir);
	signal(SIGXFSZ, SIG_IGN);
}

static void teardown(void)
{
	char more[112];

	snprintf(more, sizeof(more), "%s.1", path);
	queue_free(q);
	unlink(more);
	unlink(path);
	rmdir(dir);
}

TestSuite(queue, .init = setup, .fini = teardown, .timeout = 120);

static void start(enum audit_to to)
{
	cr_assert_eq(queue_new(to, path, SIZE, &q), 0);
	cr_assert_eq(queue_start(q), 0);
}

static void push(const char *line)
{
	queue_push(q, line, strlen(line));
}

/* Until fn says so. */
static void await(bool (*fn)(const struct audit_state *st))
{
	struct audit_state st;

	for (int i = 0; i < PATIENCE; i++) {
		queue_state(q, &st);
		if (fn(&st))
			return;
		usleep(1000);
	}
	cr_assert_fail("waited in vain: written %llu, lost %llu, waiting %zu",
		       (unsigned long long)st.written, (unsigned long long)st.lost, st.waiting);
}

static bool is_idle(const struct audit_state *st)
{
	return !st->waiting && !st->failing;
}

static bool is_failing(const struct audit_state *st)
{
	return st->failing;
}

static char *contents(const char *of)
{
	char *text = calloc(1, 100001);
	FILE *f = fopen(of, "r");

	cr_assert_not_null(f, "%s", of);
	cr_assert_lt(fread(text, 1, 100000, f), 100000u);
	fclose(f);
	return text;
}

static void expect_contents(const char *of, const char *want)
{
	char *text = contents(of);

	cr_expect_str_eq(text, want);
	free(text);
}

static void limit_files(rlim_t size)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = size;
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

Test(queue, lines_reach_the_file_in_order)
{
	struct stat st;

	start(AUDIT_FILE);
	push("one\n");
	push("two\n");
	await(is_idle);
	push("three\n");
	queue_free(q);
	q = NULL;
	expect_contents(path, "one\ntwo\nthree\n");
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
}

Test(queue, the_file_is_appended_to)
{
	start(AUDIT_FILE);
	push("one\n");
	queue_free(q);
	start(AUDIT_FILE);
	push("two\n");
	queue_free(q);
	q = NULL;
	expect_contents(path, "one\ntwo\n");
}

Test(queue, without_a_thread_the_end_writes)
{
	cr_assert_eq(queue_new(AUDIT_FILE, path, SIZE, &q), 0);
	push("one\n");
	queue_free(q);
	q = NULL;
	expect_contents(path, "one\n");
}

Test(queue, only_plain_files_are_opened)
{
	char to[112];

	cr_expect_eq(queue_new(AUDIT_FILE, dir, SIZE, &q), -EISDIR);
	cr_expect_eq(queue_new(AUDIT_FILE, "/dev/null", SIZE, &q), -EINVAL);
	snprintf(to, sizeof(to), "%s.1", path);
	cr_assert_eq(symlink(to, path), 0);
	cr_expect_eq(queue_new(AUDIT_FILE, path, SIZE, &q), -ELOOP);
}

Test(queue, a_renamed_file_is_followed)
{
	char old[112];

	snprintf(old, sizeof(old), "%s.1", path);
	start(AUDIT_FILE);
	push("one\n");
	await(is_idle);
	cr_assert_eq(rename(path, old), 0);
	push("two\n");
	await(is_idle);
	expect_contents(old, "one\n");
	expect_contents(path, "two\n");
}

Test(queue, a_reload_makes_the_new_file_at_once)
{
	char old[112];

	snprintf(old, sizeof(old), "%s.1", path);
	start(AUDIT_FILE);
	push("one\n");
	await(is_idle);
	cr_assert_eq(rename(path, old), 0);
	queue_move(q, AUDIT_FILE, path);
	for (int i = 0; i < PATIENCE && access(path, F_OK) < 0; i++)
		usleep(1000);
	cr_assert_eq(access(path, F_OK), 0);
}

Test(queue, a_reload_to_a_bad_place_keeps_the_old_one)
{
	start(AUDIT_FILE);
	queue_move(q, AUDIT_FILE, "/no/such/folder/log");
	push("one\n");
	queue_free(q);
	q = NULL;
	expect_contents(path, "one\n");
}

/* The file ends with a whole line, what came meanwhile waits, what does not fit is said where it is
 * missing, and everything comes in order when there is room again. */
Test(queue, a_full_disk_loses_no_order)
{
	struct audit_state st;
	char line[128], *text, *rest;
	uint64_t said = 0, seen = 0;
	int last = -1, n;

	limit_files(150);
	start(AUDIT_FILE);
	for (int i = 0; i < 5; i++) {
		snprintf(line, sizeof(line), "%04d %040d\n", i, 0);
		push(line);
	}
	await(is_failing);
	cr_expect(queue_in_trouble(q));
	text = contents(path);
	cr_expect_eq(strlen(text), 3 * 46u, "whole lines: %s", text);
	free(text);
	for (int i = 5; i < 100; i++) {
		snprintf(line, sizeof(line), "%04d %040d\n", i, 0);
		push(line);
	}
	queue_state(q, &st);
	cr_expect_gt(st.lost, 0u);
	cr_expect_gt(st.waiting, 0u);
	limit_files(RLIM_INFINITY);
	await(is_idle);
	cr_expect_not(queue_in_trouble(q));
	text = rest = contents(path);
	for (char *one; (one = strsep(&rest, "\n")) && *one;) {
		if (strstr(one, "\"event\":\"lost\"")) {
			cr_expect_eq(sscanf(strstr(one, "\"count\":"), "\"count\":%d}", &n), 1);
			said += (uint64_t)n;
			continue;
		}
		cr_expect_eq(sscanf(one, "%04d", &n), 1);
		cr_expect_gt(n, last);
		last = n;
		seen++;
	}
	free(text);
	queue_state(q, &st);
	cr_expect_eq(said, st.lost);
	cr_expect_eq(seen + said, 100u);
}

Test(queue, the_end_does_not_wait_for_a_full_disk)
{
	limit_files(10);
	start(AUDIT_FILE);
	push("much more than fits there\n");
	await(is_failing);
	queue_free(q);
	q = NULL;
	limit_files(RLIM_INFINITY);
	expect_contents(path, "");
}

/* ---- sockets ---- */

static int listen_at(const char *at)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(name.sun_path, sizeof(name.sun_path), "%s", at);
	cr_assert_eq(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	return fd;
}

static void expect_datagram(int fd, const char *want)
{
	char got[256] = "";

	cr_assert_gt(recv(fd, got, sizeof(got) - 1, 0), 0);
	cr_expect_str_eq(got, want);
}

Test(queue, the_journal_gets_an_entry_each)
{
	int fd = listen_at(path);

	start(AUDIT_JOURNAL);
	push("{1}\n{2}\n");
	expect_datagram(fd, "SYSLOG_IDENTIFIER=smb3d\nPRIORITY=5\nMESSAGE={1}\n");
	expect_datagram(fd, "SYSLOG_IDENTIFIER=smb3d\nPRIORITY=5\nMESSAGE={2}\n");
	close(fd);
}

Test(queue, the_system_log_gets_a_message_each)
{
	int fd = listen_at(path);

	start(AUDIT_SYSLOG);
	push("{1}\n");
	expect_datagram(fd, "<85>smb3d: {1}");
	close(fd);
}

Test(queue, a_journal_that_is_started_again_gets_what_waited)
{
	int fd = listen_at(path);

	start(AUDIT_JOURNAL);
	push("{1}\n");
	await(is_idle);
	close(fd);
	unlink(path);
	push("{2}\n");
	await(is_failing);
	fd = listen_at(path);
	expect_datagram(fd, "SYSLOG_IDENTIFIER=smb3d\nPRIORITY=5\nMESSAGE={2}\n");
	close(fd);
}
