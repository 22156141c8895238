// SPDX-License-Identifier: Apache-2.0
/*
 * test_admin.c: the admin commands, asked of a server that has a client with an open file.
 */
#include "ask.h"
#include "ctlclient.h"
#include "testserver.h"

#include <criterion/criterion.h>
#include <smb3/log.h>
#include <smb3/status.h>
#include <stdlib.h>
#include <string.h>

#define WAIT 20000

static struct test_server *t;
static struct smbc_lib *lib;
static struct smbc_conn *conn;
static struct smbc_session *session;
static uint32_t tid;

static void up(void)
{
	t = test_server_start(&(struct test_server_conf){
		.modules =
			"\"loop\", \"smb2\", \"smb3\", \"smb311\", \"sign\", \"setup\", \"tree\", "
			"\"file\", \"spnego\", \"ntlm\", \"users\", \"vfs_posix\", \"vfs_mem\", "
			"\"admin\"" });
	cr_assert_eq(smbc_lib_new(&lib), 0);
}

static void down(void)
{
	if (conn)
		smbc_conn_free(conn);
	smbc_lib_free(lib);
	test_server_stop(t);
}

TestSuite(admin, .init = up, .fini = down, .timeout = 60);

/* alice, on share, with the file "held" open. */
static void client(void)
{
	struct smbc_create create = { .name = "held",
				      .access = 1 /* FILE_READ_DATA */,
				      .share = 1 /* FILE_SHARE_READ */,
				      .disposition = 3 /* FILE_OPEN_IF */,
				      .impersonation = 2 };
	struct smbc_req *req;

	conn = smbc_ask_conn(lib, test_server_connect(t));
	session = smbc_ask_session(conn);
	tid = smbc_ask_tid(session, "share");
	req = smbc_tree_req(session, tid, SMB2_CREATE);
	smbc_put_create(req, &create);
	cr_assert_eq(smbc_ask(req), 0u);
	smbc_req_free(req);
}

static uint32_t echo(void)
{
	struct smbc_req *req = smbc_tree_req(session, tid, SMB2_TREE_DISCONNECT);

	smbc_put_empty(req);
	return smbc_ask_free(req);
}

static void says(const char *words, const char *wanted)
{
	char *text = ctl_ask(test_server_core(t), words, NULL);

	cr_expect(strstr(text, wanted), "%s: wanted %s in %s", words, wanted, text);
	free(text);
}

static void not_says(const char *words, const char *unwanted)
{
	char *text = ctl_ask(test_server_core(t), words, NULL);

	cr_expect_not(strstr(text, unwanted), "%s: %s", words, text);
	cr_expect(strstr(text, "{\"status\":\"ok\"}\n"), "%s: %s", words, text);
	free(text);
}

Test(admin, nobody_is_there)
{
	says("status", "{\"server\":\"TEST\",\"version\":\"");
	says("status", "\"workers\":2,\"connections\":0,\"sessions\":0,\"opens\":0,\"files\":0}\n"
		       "{\"worker\":0,\"connections\":0,\"sessions\":0,\"opens\":0,\"late\":");
	says("status", "{\"worker\":1,");
	not_says("conns", "address");
	not_says("sessions", "user");
	not_says("trees", "share");
	not_says("opens", "path");
	not_says("why", "reason");
}

Test(admin, a_client_in_all_listings)
{
	char id[32], words[64];

	client();
	snprintf(id, sizeof(id), "0x%llx", (unsigned long long)session->id);
	says("status", "\"connections\":1,\"sessions\":1,\"opens\":1,\"files\":1}\n");
	says("conns", "\"transport\":\"loop\",\"dialect\":\"3.1.1\",\"signing\":\"aes-128-");
	says("conns", "\"sessions\":1,\"outstanding\":0,");
	says("sessions", id);
	says("sessions", "\"user\":\"alice\",\"address\":\"");
	says("sessions", "\"state\":\"valid\",\"channels\":1,\"trees\":1,\"opens\":1,");
	says("trees", "\"user\":\"alice\",\"share\":\"share\",\"opens\":1}");
	says("opens", "\"share\":\"share\",\"path\":\"held\",\"access\":\"0x");
	snprintf(words, sizeof(words), "opens %s", id);
	says(words, "\"path\":\"held\"");
	not_says("opens 0x7777", "held");
}

Test(admin, kill_a_session)
{
	char words[64];

	client();
	says("kill 0x7777", "there is no session 0x7777; smb3ctl sessions lists them");
	says("kill session x", "\\\"x\\\" is not an id");
	says("kill share 1", "\\\"share\\\" cannot be killed");
	cr_expect_eq(echo(), 0u, "the wrong ones did nothing");
	snprintf(words, sizeof(words), "kill 0x%llx", (unsigned long long)session->id);
	says(words, "{\"status\":\"ok\"}");
	not_says("sessions", "alice");
	not_says("opens", "held");
	cr_expect_eq(echo(), STATUS_USER_SESSION_DELETED);
}

Test(admin, kill_a_connection)
{
	client();
	says("kill conn 999", "there is no connection 999; smb3ctl conns lists them");
	says("kill conn 1", "{\"status\":\"ok\"}");
	cr_expect_lt(smbc_pump(conn, WAIT), 0, "the client sees the end");
	not_says("conns", "loop");
	not_says("sessions", "alice");
}

Test(admin, metrics_count)
{
	says("metrics",
	     "{\"command\":\"CREATE\",\"count\":0,\"errors\":0,\"mean_us\":0,\"total_us\":0,\"p50_us\":0,"
	     "\"p99_us\":0}");
	client();
	says("metrics", "{\"command\":\"CREATE\",\"count\":1,\"errors\":0,\"mean_us\":");
}

Test(admin, modules)
{
	says("modules", "{\"module\":\"admin\",\"version\":\"1.0\",\"rows\":15,\"summary\":");
	says("modules file", "{\"kind\":\"command\",\"key\":\"0x05\",\"name\":\"CREATE\"}");
	says("modules nothere", "no module nothere is loaded");
}

Test(admin, debug_is_switched)
{
	says("debug", "{\"component\":\"vfs\",\"debug\":\"off\"}");
	says("debug vfs", "{\"component\":\"vfs\",\"debug\":\"on\"}");
	cr_expect(smb3_debugging(SMB3_DBG_VFS));
	says("debug all", "{\"component\":\"smb\",\"debug\":\"on\"}");
	says("debug", "{\"component\":\"vfs\",\"debug\":\"on\"}");
	says("debug vfs smb", "{\"component\":\"vfs\",\"debug\":\"off\"}");
	says("debug vfs nonsense", "no debug component \\\"nonsense\\\"");
	says("debug", "{\"component\":\"vfs\",\"debug\":\"off\"}");
	says("debug all", "{\"component\":\"vfs\",\"debug\":\"on\"}");
	says("debug all", "{\"component\":\"vfs\",\"debug\":\"off\"}");
	cr_expect_eq(atomic_load(&smb3_debug_mask), 0u);
}

Test(admin, shares)
{
	says("share list", "{\"name\":\"ro\",\"path\":\"");
	says("share list", "\"backend\":\"posix\",\"read_only\":true,");
	says("share list", "{\"name\":\"IPC$\",\"path\":\"\",");
}

/* A denial is kept with its reason. */
Test(admin, why)
{
	struct smbc_req *req;

	client();
	req = smbc_req_new(conn, session, SMB2_TREE_CONNECT);
	smbc_put_tree_connect(req, "\\\\s\\nothere");
	cr_expect_eq(smbc_ask(req), STATUS_BAD_NETWORK_NAME);
	smbc_req_free(req);
	says("why", "\"user\":\"alice\",\"share\":\"\",\"command\":\"TREE_CONNECT\","
		    "\"status\":\"STATUS_BAD_NETWORK_NAME\",\"reason\":");
}
