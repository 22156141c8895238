// SPDX-License-Identifier: Apache-2.0
/*
 * test_demands.c: a client that encrypts, or does not, and a server that demands it, or does not.
 */
#include "ask.h"
#include "crypto.h"
#include "testserver.h"

#include <criterion/criterion.h>
#include <smb3/status.h>

#define WAIT  10000
#define SHARE "\\\\s\\share"

static struct test_server *server;
static struct smbc_lib *lib;

static void serve(const char *groups, const char *shares)
{
	struct test_server_conf conf = { .groups = groups, .shares = shares };

	server = test_server_start(&conf);
	cr_assert_eq(smbc_lib_new(&lib), 0);
}

static void stop(void)
{
	test_server_stop(server);
	smbc_lib_free(lib);
}

static struct smbc_conn *negotiated(uint16_t dialect, uint16_t cipher)
{
	struct smbc_conn *c = smbc_conn_new(lib, test_server_connect(server));
	struct smbc_negotiate n = smbc_negotiate_default;
	uint32_t status;

	n.dialects[0] = dialect;
	n.dialect_count = 1;
	n.ciphers[0] = cipher;
	n.cipher_count = cipher ? 1 : 0;
	if (!cipher)
		n.capabilities &= ~SMB2_GLOBAL_CAP_ENCRYPTION;
	cr_assert_eq(smbc_negotiate(c, &n, WAIT, &status), 0);
	cr_assert_eq(status, (uint32_t)STATUS_SUCCESS);
	return c;
}

static struct smbc_session *logged_on(struct smbc_conn *c, uint32_t wanted)
{
	struct smbc_session *s = smbc_session_new(c);
	struct smbc_cred cred = { .user = "alice", .domain = "", .password = "secret" };
	uint32_t status = 0;

	cr_assert_eq(smbc_session_setup(s, &cred, WAIT, &status), 0);
	cr_assert_eq(status, wanted, "%s", smb3_status_name(status));
	return s;
}

static uint32_t connect_tree(struct smbc_session *s, const char *path, struct smbc_tree_info *ret)
{
	struct smbc_req *req = smbc_req_new(s->conn, s, SMB2_TREE_CONNECT);
	uint32_t status;

	smbc_put_tree_connect(req, path);
	status = smbc_ask(req);
	cr_expect_eq(req->reply.sealed, s->seal);
	if (!status)
		cr_assert_eq(smbc_tree_reply(&req->reply, ret), 0);
	smbc_req_free(req);
	return status;
}

static uint32_t create(struct smbc_session *s, uint32_t tid)
{
	struct smbc_req *req = smbc_tree_req(s, tid, SMB2_CREATE);
	struct smbc_create c = { .name = "sealed",
				 .impersonation = 2,
				 .access = 0x0012019f,
				 .share = 7,
				 .disposition = 3 };
	uint32_t status;

	smbc_put_create(req, &c);
	status = smbc_ask(req);
	cr_expect_eq(req->reply.sealed, s->seal);
	smbc_req_free(req);
	return status;
}

static void check_works(uint16_t dialect, uint16_t cipher)
{
	struct smbc_conn *c = negotiated(dialect, cipher);
	struct smbc_session *s = logged_on(c, STATUS_SUCCESS);
	struct smbc_tree_info tree;

	cr_assert_eq(c->cipher, (enum smb2_cipher)cipher);
	cr_expect_eq(s->flags, 0, "nobody demands it");
	s->seal = true;
	cr_assert_eq(connect_tree(s, SHARE, &tree), (uint32_t)STATUS_SUCCESS);
	cr_expect_eq(create(s, tree.tid), (uint32_t)STATUS_SUCCESS);
	s->seal = false;
	cr_expect_eq(create(s, tree.tid), (uint32_t)STATUS_SUCCESS);
	smbc_conn_free(c);
}

Test(encrypt, every_cipher_works, .timeout = 60)
{
	serve(NULL, NULL);
	for (uint16_t id = 1; id <= 4; id++)
		check_works(0x0311, id);
	check_works(0x0300, SMB2_CIPHER_AES128_CCM);
	check_works(0x0302, SMB2_CIPHER_AES128_CCM);
	stop();
}

Test(encrypt, the_server_s_order_decides, .timeout = 60)
{
	struct smbc_conn *c;
	uint32_t status;

	serve("encrypt = { ciphers = [ \"aes-256-ccm\", \"aes-128-gcm\" ]; };", NULL);
	c = smbc_conn_new(lib, test_server_connect(server));
	cr_assert_eq(smbc_negotiate(c, &smbc_negotiate_default, WAIT, &status), 0);
	cr_expect_eq(c->cipher, SMB2_CIPHER_AES256_CCM);
	smbc_conn_free(c);
	c = negotiated(0x0311, SMB2_CIPHER_AES256_GCM);
	cr_expect_eq(c->cipher, SMB2_CIPHER_NONE, "nothing in common");
	smbc_conn_free(c);
	c = negotiated(0x0302, SMB2_CIPHER_AES128_CCM);
	cr_expect_eq(c->server_capabilities & SMB2_GLOBAL_CAP_ENCRYPTION, 0u);
	smbc_conn_free(c);
	stop();
}

Test(encrypt, a_demanding_server, .timeout = 60)
{
	struct smbc_conn *c;
	struct smbc_session *s;
	struct smbc_tree_info tree;

	serve("encrypt = { require = true; };", NULL);
	c = negotiated(0x0311, SMB2_CIPHER_AES128_GCM);
	s = logged_on(c, STATUS_SUCCESS);
	cr_expect(s->flags & SMB2_SESSION_FLAG_ENCRYPT_DATA);
	s->seal = false;
	cr_expect_eq(connect_tree(s, SHARE, &tree), STATUS_ACCESS_DENIED, "in clear");
	s->seal = true;
	cr_expect_eq(connect_tree(s, SHARE, &tree), (uint32_t)STATUS_SUCCESS);
	smbc_conn_free(c);
	c = negotiated(0x0311, 0);
	logged_on(c, STATUS_ACCESS_DENIED);
	smbc_conn_free(c);
	c = negotiated(0x0210, 0);
	logged_on(c, STATUS_ACCESS_DENIED);
	smbc_conn_free(c);
	stop();
}

Test(encrypt, a_demanding_share, .timeout = 60)
{
	static const char more[] = ", { name = \"safe\"; path = \"/tmp\"; "
				   "encrypt = { require = true; }; }";
	struct smbc_conn *c;
	struct smbc_session *s;
	struct smbc_tree_info open, safe;

	serve(NULL, more);
	c = negotiated(0x0311, SMB2_CIPHER_AES256_GCM);
	s = logged_on(c, STATUS_SUCCESS);
	cr_assert_eq(connect_tree(s, SHARE, &open), (uint32_t)STATUS_SUCCESS);
	cr_expect_eq(open.flags & SMB2_SHAREFLAG_ENCRYPT_DATA, 0u);
	cr_assert_eq(connect_tree(s, "\\\\s\\safe", &safe), (uint32_t)STATUS_SUCCESS);
	cr_expect(safe.flags & SMB2_SHAREFLAG_ENCRYPT_DATA);
	cr_expect_eq(create(s, open.tid), (uint32_t)STATUS_SUCCESS);
	cr_expect_eq(create(s, safe.tid), STATUS_ACCESS_DENIED, "in clear");
	smbc_conn_free(c);
	c = negotiated(0x0311, 0);
	s = logged_on(c, STATUS_SUCCESS);
	cr_expect_eq(connect_tree(s, "\\\\s\\safe", &safe), STATUS_ACCESS_DENIED, "no cipher");
	cr_expect_eq(connect_tree(s, SHARE, &open), (uint32_t)STATUS_SUCCESS);
	smbc_conn_free(c);
	stop();
}

/* The keys of one session do not open what another one's name stands on. */
Test(encrypt, a_message_in_another_session_s_name, .timeout = 60)
{
	struct smbc_conn *c;
	struct smbc_session *one, *two;
	struct smbc_req *req;

	serve(NULL, NULL);
	c = negotiated(0x0311, SMB2_CIPHER_AES128_GCM);
	one = logged_on(c, STATUS_SUCCESS);
	two = logged_on(c, STATUS_SUCCESS);
	req = smbc_req_new(c, one, SMB2_TREE_CONNECT);
	smbc_put_tree_connect(req, SHARE);
	req->hdr.sid = two->id;
	req->seal = SMBC_ALWAYS;
	cr_assert_eq(smbc_submit_wait(req, WAIT), 0);
	/* Either the connection ends, or the answer is a refusal; never a tree of the other's. */
	if (smbc_wait(req, WAIT) == 0)
		cr_expect_eq(req->reply.hdr.status, STATUS_ACCESS_DENIED);
	smbc_req_free(req);
	smbc_conn_free(c);
	stop();
}

/* 3.2.4.1.8: a client logs on again in clear, whatever the session demands; nothing else goes. */
Test(encrypt, in_clear_there_is_only_another_log_on, .timeout = 60)
{
	struct smbc_cred cred = { .user = "alice", .domain = "", .password = "secret" };
	struct smbc_conn *c;
	struct smbc_session *s;
	struct smbc_tree_info tree;
	uint32_t status = 1;

	serve("encrypt = { require = true; };", NULL);
	c = negotiated(0x0311, SMB2_CIPHER_AES128_GCM);
	s = logged_on(c, STATUS_SUCCESS);
	for (uint16_t command = SMB2_LOGOFF; command <= SMB2_OPLOCK_BREAK; command++) {
		struct smbc_req *req;

		if (command == SMB2_CANCEL)
			continue; /* has no answer */
		req = smbc_req_new(c, s, command);
		smbc_put_empty(req);
		req->seal = SMBC_NEVER;
		cr_expect_eq(smbc_ask(req), STATUS_ACCESS_DENIED, "command %u", command);
		cr_expect_not(req->reply.sealed);
		smbc_req_free(req);
	}
	s->seal = false;
	cr_assert_eq(smbc_session_setup(s, &cred, WAIT, &status), 0);
	cr_expect_eq(status, (uint32_t)STATUS_SUCCESS, "%s", smb3_status_name(status));
	s->seal = true;
	cr_expect_eq(connect_tree(s, SHARE, &tree), (uint32_t)STATUS_SUCCESS, "the keys stay");
	smbc_conn_free(c);
	stop();
}
