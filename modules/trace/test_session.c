// SPDX-License-Identifier: Apache-2.0
/*
 * test_session.c: the life of a session, hook by hook and call by call, from the connection to its
 * end. A hook that is forgotten, or comes in another order, fails here.
 */
#include "ask.h"
#include "crypto.h"
#include "testserver.h"

#include <criterion/criterion.h>
#include <smb3/status.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WAIT 10000

static void done(struct smbc_req *req)
{
	uint32_t status = smbc_ask(req);

	cr_assert_eq(status, (uint32_t)STATUS_SUCCESS, "%s", smb3_status_name(status));
}

static struct smbc_fid create(struct smbc_session *s, uint32_t tid)
{
	struct smbc_req *req = smbc_tree_req(s, tid, SMB2_CREATE);
	struct smbc_create c = { .name = "plan.txt",
				 .impersonation = 2,
				 .access = 0x00010003, /* read, write, delete */
				 .share = 7,
				 .disposition = 2,    /* create */
				 .options = 0x1000 }; /* delete on close */
	struct smbc_created out;

	smbc_put_create(req, &c);
	done(req);
	cr_assert_eq(smbc_create_reply(&req->reply, &out), 0);
	smbc_req_free(req);
	return out.fid;
}

static void play(struct smbc_conn *c)
{
	struct smbc_negotiate n = smbc_negotiate_default;
	struct smbc_session *s;
	struct smbc_io io = { .data = "text", .length = 4 };
	struct smbc_req *req;
	uint32_t status, tid;

	cr_assert_eq(smbc_negotiate(c, &n, WAIT, &status), 0);
	s = smbc_ask_session(c);
	tid = smbc_ask_tid(s, "traced");
	io.fid = create(s, tid);
	req = smbc_tree_req(s, tid, SMB2_WRITE);
	smbc_put_write(req, &io);
	done(req);
	smbc_req_free(req);
	req = smbc_tree_req(s, tid, SMB2_CLOSE);
	smbc_put_close(req, io.fid, 0);
	done(req);
	smbc_req_free(req);
	req = smbc_tree_req(s, tid, SMB2_TREE_DISCONNECT);
	smbc_put_empty(req);
	done(req);
	smbc_req_free(req);
	req = smbc_req_new(c, s, SMB2_LOGOFF);
	smbc_put_empty(req);
	done(req);
	smbc_req_free(req);
}

static char *whole_file(const char *path)
{
	char *text = calloc(1, 65536);
	FILE *f = fopen(path, "r");

	cr_assert_not_null(f);
	cr_assert_lt(fread(text, 1, 65535, f), 65535u);
	fclose(f);
	return text;
}

static const char life[] = "hook CONN_OPEN\n"
			   "hook REQUEST NEGOTIATE\n"
			   "hook NEGOTIATED NEGOTIATE\n"
			   "hook RESPONSE NEGOTIATE\n"
			   "hook REQUEST SESSION_SETUP\n"
			   "hook AUTH SESSION_SETUP\n"
			   "hook AUTH_DONE SESSION_SETUP STATUS_MORE_PROCESSING_REQUIRED\n"
			   "hook RESPONSE SESSION_SETUP STATUS_MORE_PROCESSING_REQUIRED\n"
			   "hook REQUEST SESSION_SETUP\n"
			   "hook AUTH SESSION_SETUP\n"
			   "hook AUTH_DONE SESSION_SETUP user \"alice\"\n"
			   "hook AUTHENTICATED SESSION_SETUP user \"alice\"\n"
			   "hook RESPONSE SESSION_SETUP user \"alice\"\n"
			   "hook REQUEST TREE_CONNECT user \"alice\"\n"
			   "hook TREE_CONNECT TREE_CONNECT user \"alice\" share \"traced\"\n"
			   "vfs mount \"traced\" = 0\n"
			   "hook TREE_CONNECTED TREE_CONNECT user \"alice\" share \"traced\"\n"
			   "hook RESPONSE TREE_CONNECT user \"alice\"\n"
			   "hook REQUEST CREATE user \"alice\" share \"traced\"\n"
			   "vfs root \"\" = 0\n"
			   "hook ENTRY CREATE user \"alice\" share \"traced\" path \"plan.txt\"\n"
			   "vfs create \"plan.txt\" = 0\n"
			   "vfs stat \"plan.txt\" = 0\n"
			   "vfs stat \"\" = 0\n"
			   "hook MADE CREATE user \"alice\" share \"traced\" path \"plan.txt\"\n"
			   "hook ACCESS CREATE user \"alice\" share \"traced\" path \"plan.txt\"\n"
			   "vfs stat \"plan.txt\" = 0\n"
			   "vfs close \"\" = 0\n"
			   "hook CHANGED user \"alice\" share \"traced\"\n"
			   "hook OPENED CREATE user \"alice\" share \"traced\" path \"plan.txt\"\n"
			   "hook RESPONSE CREATE user \"alice\" share \"traced\"\n"
			   "hook REQUEST WRITE user \"alice\" share \"traced\"\n"
			   "vfs stat \"plan.txt\" = 0\n"
			   "vfs pwrite \"plan.txt\" 4 at 0 = 4\n"
			   "hook CHANGED user \"alice\" share \"traced\"\n"
			   "hook RESPONSE WRITE user \"alice\" share \"traced\"\n"
			   "hook REQUEST CLOSE user \"alice\" share \"traced\"\n"
			   "hook CLOSING user \"alice\" share \"traced\" path \"plan.txt\"\n"
			   "hook DOOMED user \"alice\" share \"traced\" path \"plan.txt\"\n"
			   "vfs root \"\" = 0\n"
			   "vfs lookup \"plan.txt\" = 0\n"
			   "vfs remove \"plan.txt\" = 0\n"
			   "vfs close \"\" = 0\n"
			   "hook REMOVED user \"alice\" share \"traced\" path \"plan.txt\"\n"
			   "vfs close \"plan.txt\" = 0\n"
			   "hook RESPONSE CLOSE user \"alice\" share \"traced\"\n"
			   "hook REQUEST TREE_DISCONNECT user \"alice\" share \"traced\"\n"
			   "hook TREE_DISCONNECT user \"alice\" share \"traced\"\n"
			   "hook RESPONSE TREE_DISCONNECT user \"alice\" share \"traced\"\n"
			   "hook REQUEST LOGOFF user \"alice\"\n"
			   "hook LOGOFF user \"alice\"\n"
			   "hook RESPONSE LOGOFF user \"alice\"\n"
			   "hook CONN_CLOSE\n"
			   "vfs unmount \"traced\" = 0\n";

Test(session, from_connection_to_its_end, .timeout = 60)
{
	const char *tmp = getenv("TMPDIR");
	char path[256], groups[400];
	struct test_server_conf conf = {
		.modules = "\"loop\", \"smb2\", \"smb3\", \"smb311\", \"sign\", \"setup\", "
			   "\"tree\", \"file\", \"spnego\", \"ntlm\", \"users\", \"vfs_posix\", "
			   "\"vfs_mem\", \"trace\"",
		.groups = groups,
		.shares = ", { name = \"traced\"; path = \"/\"; backend = \"mem\"; "
			  "vfs = [ \"trace\" ]; }",
	};
	struct test_server *t;
	struct smbc_lib *lib;
	struct smbc_conn *c;
	char *text;

	snprintf(path, sizeof(path), "%s/trace.%d", tmp ? tmp : "/tmp", (int)getpid());
	snprintf(groups, sizeof(groups), "trace = { file = \"%s\"; };", path);
	t = test_server_start(&conf);
	cr_assert_eq(smbc_lib_new(&lib), 0);
	c = smbc_conn_new(lib, test_server_connect(t));
	play(c);
	smbc_conn_free(c);
	test_server_stop(t);
	smbc_lib_free(lib);
	text = whole_file(path);
	unlink(path);
	cr_assert_str_eq(text, life);
	free(text);
}
