// SPDX-License-Identifier: Apache-2.0
/*
 * test_socket.c: the control socket: what it takes, what it answers, and how a server ends by it.
 */
#include "ctlclient.h"
#include "testmods.h"

#include "core.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static struct test_mods *t;
static pthread_t thread;

/* Commands of the test, with all that a command may be. */
static void test_echo(struct smb3_ctl *ctl)
{
	for (int i = 0; i < smb3_ctl_argc(ctl); i++) {
		smb3_ctl_row(ctl);
		smb3_ctl_number(ctl, "index", i);
		smb3_ctl_text(ctl, "text", smb3_ctl_arg(ctl, i));
		smb3_ctl_bool(ctl, "last", !smb3_ctl_arg(ctl, i + 1));
	}
	smb3_ctl_done(ctl, NULL);
}

static void test_secret(struct smb3_ctl *ctl)
{
	smb3_ctl_row(ctl);
	smb3_ctl_printf(ctl, "length", "%zu", strlen(smb3_ctl_secret(ctl)));
	smb3_ctl_done(ctl, NULL);
}

static void workers_visit(struct smb3_ctl *ctl, struct smb3_worker *w)
{
	unsigned int *sum = smb3_ctl_state(ctl, sizeof(*sum));

	*sum += smb3_worker_here(w);
	smb3_ctl_row(ctl);
	smb3_ctl_number(ctl, "worker", smb3_worker_index(w));
}

static void workers_then(struct smb3_ctl *ctl)
{
	unsigned int *sum = smb3_ctl_state(ctl, sizeof(*sum));

	smb3_ctl_done(ctl,
		      smb3_worker_here(smb3_server_worker(smb3_ctl_server(ctl), 0)) ? "%u of 2" :
										      "elsewhere",
		      *sum);
}

static void test_workers(struct smb3_ctl *ctl)
{
	smb3_ctl_each_worker(ctl, workers_visit, workers_then);
}

static const struct smb3_ctl_command echo = {
	.name = "test echo",
	.args = "WORD...",
	.help = "h",
	.min_args = 1,
	.max_args = 3,
	.run = test_echo,
};
static const struct smb3_ctl_command secret = {
	.name = "test secret",
	.help = "h",
	.secret = true,
	.offline = true,
	.run = test_secret,
};
static const struct smb3_ctl_command workers = {
	.name = "test workers",
	.help = "h",
	.run = test_workers,
};
static const struct smb3_provide rows[] = {
	SMB3_CTL(&echo),
	SMB3_CTL(&secret),
	SMB3_CTL(&workers),
	SMB3_END,
};

static void up(void)
{
	t = test_mods_start("\"admin\"", "log = { level = \"error\"; };");
	cr_assert_not_null(t->server);
	test_mods_add(t, rows);
	/* Two workers whatever the machine has. */
	atomic_load(&t->server->config)->server.workers = 2;
	ctl_run_start(t->server, &thread);
}

static void down(void)
{
	if (!t)
		return;
	ctl_run_stop(t->server, thread);
	test_mods_stop(t);
}

TestSuite(socket, .init = up, .fini = down, .timeout = 20);

static void answers(const char *words, const char *password, const char *wanted)
{
	char *text = ctl_ask(t->server, words, password);

	cr_expect_str_eq(text, wanted, "%s: %s", words, text);
	free(text);
}

Test(socket, rows_and_arguments)
{
	answers("test echo a\"b \\\x01\xff\xc3\xa4", NULL,
		"{\"index\":0,\"text\":\"a\\\"b\",\"last\":false}\n"
		"{\"index\":1,\"text\":\"\\\\\\u0001\xef\xbf\xbd\xc3\xa4\",\"last\":true}\n"
		"{\"status\":\"ok\"}\n");
}

Test(socket, wrong_words)
{
	answers("test ehco", NULL,
		"{\"status\":\"usage\",\"message\":\"no command \\\"test\\\"; did you mean "
		"\\\"test echo\\\"?\"}\n");
	answers("xyzzy", NULL,
		"{\"status\":\"usage\",\"message\":\"no command \\\"xyzzy\\\"; smb3ctl help lists "
		"them all\"}\n");
	answers("test echo", NULL,
		"{\"status\":\"usage\",\"message\":\"usage: smb3ctl test echo WORD...\"}\n");
	answers("test echo 1 2 3 4", NULL,
		"{\"status\":\"usage\",\"message\":\"usage: smb3ctl test echo WORD...\"}\n");
	answers("", NULL,
		"{\"status\":\"usage\",\"message\":\"no command \\\"\\\"; smb3ctl help lists them "
		"all\"}\n");
}

Test(socket, secrets_are_asked_for)
{
	answers("test secret", NULL, "{\"status\":\"secret\"}\n");
	answers("test secret", "p\xc3\xa4ss", "{\"length\":\"5\"}\n{\"status\":\"ok\"}\n");
	answers("test secret", "", "{\"length\":\"0\"}\n{\"status\":\"ok\"}\n");
}

Test(socket, every_worker_is_visited_on_its_thread)
{
	answers("test workers", NULL,
		"{\"worker\":0}\n{\"worker\":1}\n{\"status\":\"error\",\"message\":\"2 of 2\"}\n");
}

Test(socket, help_lists_what_is_there)
{
	char *text = ctl_ask(t->server, "help", NULL);

	cr_expect(strstr(text, "{\"command\":\"reload\",\"arguments\":\"\",\"help\":"));
	cr_expect(strstr(text,
			 "{\"command\":\"test echo\",\"arguments\":\"WORD...\",\"help\":\"h\"}"));
	free(text);
}

/* Each of these loses its connection without an answer, and nobody else notices. */
Test(socket, rubbish)
{
	static const struct {
		const char *bytes;
		size_t len;
	} cases[] = {
		{ "\0\0\0\0", 4 },         /* no flags */
		{ "\xff\xff\xff\xff", 4 }, /* too long */
		{ "\0\1\0\1", 4 },         /* one too long */
		{ "\0\0\0\5\0help", 9 },   /* no NUL at the end */
		{ "\0\0\0\2\0", 5 },       /* cut off */
		{ "", 0 },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		int fd = ctl_connect(t->server);
		char *text;

		cr_assert_eq(write(fd, cases[i].bytes, cases[i].len), (ssize_t)cases[i].len);
		shutdown(fd, SHUT_WR);
		text = ctl_read(fd);
		cr_expect_str_eq(text, "", "case %zu: %s", i, text);
		free(text);
	}
	answers("test echo x", NULL,
		"{\"index\":0,\"text\":\"x\",\"last\":true}\n{\"status\":\"ok\"}\n");
}

Test(socket, too_many_arguments)
{
	char block[4 + 1 + 140] = { 0, 0, 0, sizeof(block) - 4 };
	int fd = ctl_connect(t->server);
	char *text;

	cr_assert_eq(write(fd, block, sizeof(block)), (ssize_t)sizeof(block));
	text = ctl_read(fd);
	cr_expect_str_eq(text, "");
	free(text);
}

Test(socket, too_many_connections)
{
	int fds[40];

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(fds); i++)
		fds[i] = ctl_connect(t->server);
	/* The last ones are closed at once; the first 32 only hold their places. */
	for (size_t i = 32; i < SMB3_ARRAY_SIZE(fds); i++) {
		char *text = ctl_read(fds[i]);

		cr_expect_str_eq(text, "");
		free(text);
	}
	for (size_t i = 0; i < 32; i++)
		close(fds[i]);
}

Test(socket, socket_is_private)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/run/control", t->dir);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0600);
}

Test(socket, reload)
{
	char conf[128];
	char *text;
	FILE *f;

	snprintf(conf, sizeof(conf), "%s/smb3.conf", t->dir);
	f = fopen(conf, "a");
	fputs("serverr = { };\n", f);
	fclose(f);
	text = ctl_ask(t->server, "reload", NULL);
	cr_expect(strstr(text, "\"status\":\"error\",\"message\":\""), "%s", text);
	cr_expect(strstr(text, "unknown key serverr in smb3.conf; did you mean server?"), "%s",
		  text);
	free(text);
}

Test(socket, shutdown_answers_first)
{
	char path[128];

	answers("shutdown", NULL, "{\"status\":\"ok\"}\n");
	pthread_join(thread, NULL);
	snprintf(path, sizeof(path), "%s/run/control", t->dir);
	cr_expect_eq(access(path, F_OK), -1);
	test_mods_stop(t);
	t = NULL;
}
