// SPDX-License-Identifier: Apache-2.0
/*
 * test_reload.c: reloads that overtake each other. The configuration that one reads is a pipe, so that
 * the test says when it has been read.
 */
#include "core.h"
#include "testserver.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LIMIT 60 /* seconds */

struct wish {
	struct smb3_mail mail;
	struct smb3_server *server;
	_Atomic bool done;
	char refused[200];
};

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
}

static void ended(void *arg, const char *refused)
{
	struct wish *w = arg;

	snprintf(w->refused, sizeof(w->refused), "%s", refused ? refused : "");
	w->done = true;
}

static void on_mail(struct smb3_worker *worker, struct smb3_mail *mail)
{
	struct wish *w = SMB3_CONTAINER(mail, struct wish, mail);

	smb3_server_reload(w->server, ended, w);
}

static void begin(struct wish *w, struct smb3_server *server)
{
	*w = (struct wish){ .mail.fn = on_mail, .server = server };
	smb3_mail_post(server->workers[0], &w->mail);
}

static void await(struct wish *w)
{
	for (int i = 0; !w->done && i < LIMIT * 200; i++)
		nap();
	cr_assert(w->done);
}

static char *text_of(const char *path)
{
	char *text = calloc(1, 65536);
	FILE *f = fopen(path, "r");

	cr_assert_not_null(f);
	cr_assert_gt(fread(text, 1, 65535, f), 0u);
	fclose(f);
	return text;
}

static void write_to(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	cr_assert_not_null(f);
	fputs(text, f);
	fclose(f);
	chmod(path, 0600);
}

/* Its end for writing, as soon as somebody reads from it. */
static int read_begun(const char *pipe)
{
	int fd = -1;

	for (int i = 0; fd < 0 && i < LIMIT * 200; i++) {
		fd = open(pipe, O_WRONLY | O_NONBLOCK);
		if (fd < 0)
			nap();
	}
	cr_assert_geq(fd, 0, "nobody reads it");
	return fd;
}

static const char *comment(struct smb3_server *server)
{
	static char text[100];
	struct smb3_share *share = smb3_share_find(server, "mem");

	snprintf(text, sizeof(text), "%s", share->comment);
	smb3_share_unref(share);
	return text;
}

Test(reload, what_was_read_before_does_not_undo_what_was_read_after, .timeout = 180)
{
	struct test_server *t = test_server_start(NULL);
	struct smb3_server *server = test_server_core(t);
	char path[400], pipe[410], new[410], *old, *changed, *at;
	struct wish first, second;
	int fd;

	snprintf(path, sizeof(path), "%s", atomic_load(&server->config)->path);
	snprintf(pipe, sizeof(pipe), "%s.pipe", path);
	snprintf(new, sizeof(new), "%s.new", path);
	old = text_of(path);
	at = strstr(old, "backend = \"mem\";");
	cr_assert_not_null(at);
	cr_assert_gt(asprintf(&changed, "%.*scomment = \"changed\"; %s", (int)(at - old), old, at),
		     0);

	cr_assert_eq(mkfifo(pipe, 0600), 0);
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(link(pipe, path), 0);
	begin(&first, server);
	fd = read_begun(pipe);

	write_to(new, changed);
	cr_assert_eq(rename(new, path), 0);
	begin(&second, server);
	await(&second);
	cr_assert_str_eq(second.refused, "");
	cr_assert_str_eq(comment(server), "changed");

	cr_assert_eq(write(fd, old, strlen(old)), (ssize_t)strlen(old));
	close(fd);
	await(&first);
	cr_assert_str_eq(first.refused, "");
	cr_assert_str_eq(comment(server), "changed", "the file says so");
	unlink(pipe);
	free(old);
	free(changed);
	test_server_stop(t);
}
