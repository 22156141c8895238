// SPDX-License-Identifier: Apache-2.0
/*
 * test_ctl.c: admin commands without a running server. How they come to one that runs is the
 * business of the module admin, and tested there.
 */
#include "daemon.h"
#include "testmods.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct asking {
	struct smb3_ctl_request request;
	unsigned int finished;
	bool ok;
	char *text;
};

static void asked(struct smb3_ctl_request *request, char *text, size_t len, bool ok)
{
	struct asking *a = SMB3_CONTAINER(request, struct asking, request);

	cr_expect_eq(strlen(text), len);
	a->finished++;
	a->ok = ok;
	a->text = text;
}

static void test_secret(struct smb3_ctl *ctl)
{
	smb3_ctl_row(ctl);
	smb3_ctl_printf(ctl, "length", "%zu", strlen(smb3_ctl_secret(ctl)));
	smb3_ctl_done(ctl, NULL);
}

static void test_state(struct smb3_ctl *ctl)
{
	cr_expect_eq(smb3_ctl_state(ctl, 16), smb3_ctl_state(ctl, 16));
	cr_expect_str_eq(smb3_ctl_arg(ctl, 0), "word");
	cr_expect_null(smb3_ctl_arg(ctl, 1));
	smb3_ctl_done(ctl, "%d of %d", 1, 2);
}

static const struct smb3_ctl_command secret = {
	.name = "test secret",
	.secret = true,
	.offline = true,
	.run = test_secret,
};
static const struct smb3_ctl_command state = {
	.name = "test state",
	.max_args = -1,
	.offline = true,
	.run = test_state,
};
static const struct smb3_ctl_command online = { .name = "test online", .run = test_secret };
static const struct smb3_provide rows[] = {
	SMB3_CTL(&secret),
	SMB3_CTL(&state),
	SMB3_CTL(&online),
	SMB3_END,
};

static void answers(struct test_mods *t, char *second, const char *password, const char *wanted)
{
	char first[] = "test", third[] = "word";
	char *argv[] = { first, second, third };
	struct asking a = { .request = { strcmp(second, "state") ? 2 : 3, argv, password, asked,
					 0 } };

	smb3_ctl_run(t->server, &a.request);
	cr_assert_eq(a.finished, 1u);
	cr_expect(strstr(a.text, wanted), "%s: %s", second, a.text);
	cr_expect_eq(a.ok, strstr(a.text, "{\"status\":\"ok\"}\n") != NULL);
	free(a.text);
}

Test(ctl, without_a_server, .timeout = 20)
{
	struct test_mods *t = test_mods_start("", "");
	char is_secret[] = "secret", is_state[] = "state", is_online[] = "online",
	     is_no[] = "xyzzy";

	cr_assert_not_null(t->server);
	test_mods_add(t, rows);
	answers(t, is_secret, "x", "{\"length\":\"1\"}\n{\"status\":\"ok\"}\n");
	answers(t, is_secret, NULL, "{\"status\":\"secret\"}\n");
	answers(t, is_state, NULL, "{\"status\":\"error\",\"message\":\"1 of 2\"}\n");
	answers(t, is_online, NULL, "\"message\":\"no server listens on ");
	answers(t, is_online, NULL, "is the module admin in modules?\"}\n");
	answers(t, is_no, NULL, "no command \\\"test\\\"");
	test_mods_stop(t);
}

Test(ctl, exit_status, .timeout = 20)
{
	struct test_mods *t = test_mods_start("", "");
	char test[] = "test", word[] = "secret";
	char *argv[] = { test, word };

	cr_assert_not_null(t->server);
	test_mods_add(t, rows);
	cr_expect_eq(command_run(t->server, 2, argv, "x"), 0);
	cr_expect_eq(command_run(t->server, 2, argv, NULL), 1);
	cr_expect_eq(command_run(t->server, 0, NULL, NULL), 1);
	test_mods_stop(t);
}
