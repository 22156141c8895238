// SPDX-License-Identifier: Apache-2.0
/*
 * test_connect.c: hooks that give a share for a name, say what a tree may do and as whom, or close
 * one again.
 */
#include "core.h"
#include "test_client.h"
#include "testserver.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct test_server *server;
static struct test_client *client;

/* What the hook does, and what it saw. One request at a time. */
static struct {
	enum smb3_verdict verdict;
	uint32_t access; /* 0: as it is */
	uint32_t share_flags;
	const char *gives; /* a share derived from "mem" for this name */
	bool becomes;      /* the user becomes somebody else */
	_Atomic int asked;
	_Atomic int disconnected;
} play;

static enum smb3_verdict act(struct smb3_mod *mod, struct smb3_event *event)
{
	play.asked++;
	if (event->point == SMB3_HOOK_TREE_DISCONNECT) {
		play.disconnected++;
		return SMB3_PASS;
	}
	if (event->point == SMB3_HOOK_SHARE) {
		struct smb3_share *origin = smb3_share_find(event->server, "mem");

		if (play.gives && smb3_name_equal(event->path, play.gives))
			event->share = smb3_share_derive(origin, play.gives, "/", 0);
		smb3_share_unref(origin);
	}
	if (play.access)
		event->access = play.access;
	event->share_flags = play.share_flags;
	if (play.becomes)
		smb3_identity_new(event->server, "alice", "", event->who->unix_name,
				  &event->identity);
	snprintf(event->reason, sizeof(event->reason), "the test says so");
	return play.verdict;
}

static const struct smb3_hook actor = { .order = 300, .name = "test", .run = act };

/* The worker asks it about what is closed at the end, too. */
static void stage(enum smb3_hook_point point, enum smb3_verdict verdict)
{
	play.verdict = verdict;
	test_server_hook(server, point, &actor);
}

static void setup(void)
{
	static const struct test_server_conf conf = {
		.modules =
			"\"loop\", \"smb2\", \"smb3\", \"smb311\", \"sign\", \"setup\", \"tree\", "
			"\"spnego\", \"ntlm\", \"users\", \"vfs_posix\", \"vfs_mem\"",
	};

	server = test_server_start(&conf);
	client = test_client_new(server);
}

static void teardown(void)
{
	test_client_free(client);
	test_server_stop(server);
}

TestSuite(connect, .init = setup, .fini = teardown, .timeout = 60);

static bool count_one(struct smb3_share *share, void *arg)
{
	*(int *)arg += share->origin != NULL;
	return true;
}

static int derived(void)
{
	int n = 0;

	smb3_share_each(test_server_core(server), count_one, &n);
	return n;
}

Test(connect, a_hook_gives_a_share_for_a_name)
{
	struct test_tree tree;

	play.gives = "given";
	stage(SMB3_HOOK_SHARE, SMB3_ALLOW);
	cr_assert_eq(test_connect(client, "mem", &tree), 0u);
	cr_assert_eq(play.asked, 0, "smb3.conf has it");
	cr_assert_eq(test_connect(client, "Given", &tree), 0u);
	cr_assert_eq(play.asked, 1);
	cr_assert_eq(derived(), 1);
	cr_assert_eq(test_disconnect(client, &tree), 0u);
	cr_assert_eq(test_connect(client, "other", &tree), (uint32_t)STATUS_BAD_NETWORK_NAME);
}

Test(connect, what_is_not_allowed_is_not_given)
{
	struct test_tree tree;

	play.gives = "given";
	stage(SMB3_HOOK_SHARE, SMB3_PASS);
	cr_assert_eq(test_connect(client, "given", &tree), (uint32_t)STATUS_BAD_NETWORK_NAME);
	cr_assert_eq(derived(), 0, "its reference is given back");
}

Test(connect, a_hook_says_with_what_access)
{
	struct test_tree tree;

	stage(SMB3_HOOK_TREE_CONNECT, SMB3_PASS);
	cr_assert_eq(test_connect(client, "ro", &tree), 0u);
	cr_assert_eq(tree.max_access & FILE_WRITE_DATA, 0u);
	play.access = FILE_ALL_ACCESS;
	cr_assert_eq(test_connect(client, "ro", &tree), 0u);
	cr_assert_eq(tree.max_access, FILE_ALL_ACCESS, "more than read_only says");
	play.access = FILE_GENERIC_READ;
	play.share_flags = SMB2_SHAREFLAG_ACCESS_BASED_DIRECTORY_ENUM;
	cr_assert_eq(test_connect(client, "mem", &tree), 0u);
	cr_assert_eq(tree.max_access, FILE_GENERIC_READ);
	cr_assert_eq(tree.flags, SMB2_SHAREFLAG_ACCESS_BASED_DIRECTORY_ENUM);
}

Test(connect, whom_a_hook_makes_is_given_back)
{
	struct test_tree tree;

	play.becomes = true;
	stage(SMB3_HOOK_TREE_CONNECT, SMB3_PASS);
	cr_assert_eq(test_connect(client, "mem", &tree), 0u);
	cr_assert_eq(test_disconnect(client, &tree), 0u);
	play.verdict = SMB3_DENY;
	cr_assert_eq(test_connect(client, "mem", &tree), (uint32_t)STATUS_ACCESS_DENIED);
}

Test(connect, one_too_many_is_closed_again)
{
	struct test_tree tree;

	stage(SMB3_HOOK_TREE_DISCONNECT, SMB3_DENY);
	stage(SMB3_HOOK_TREE_CONNECTED, SMB3_DENY);
	cr_assert_eq(test_connect(client, "mem", &tree), (uint32_t)STATUS_ACCESS_DENIED);
	cr_assert_eq(play.disconnected, 1);
	play.verdict = SMB3_PASS;
	cr_assert_eq(test_connect(client, "mem", &tree), 0u);
	cr_assert_eq(test_disconnect(client, &tree), 0u);
	cr_assert_eq(play.disconnected, 2);
}
