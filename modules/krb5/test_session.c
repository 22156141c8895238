// SPDX-License-Identifier: Apache-2.0
/*
 * test_session.c: sessions that live as long as a ticket: their end, and how they go on.
 * [MS-SMB2] 3.3.5.2.9, 3.3.5.5.3
 */
#include "ask.h"
#include "test_ticket.h"
#include "testserver.h"

#include <criterion/criterion.h>
#include <smb3/module.h>
#include <smb3/status.h>
#include <smb3/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WAIT     10000
#define SECOND   10000000ull
#define SHARE    "\\\\s\\share"
#define EVERY    0x1f01ffu
#define READ     0x120089u
#define OPEN     1
#define OPEN_IF  3
#define INFO_SEC 3
#define DACL     4

static struct realm *realm;
static struct test_server *server;
static struct smbc_lib *lib;

static void serve(const char *groups, const char *shares)
{
	static const char modules[] =
		"\"loop\", \"smb2\", \"smb3\", \"smb311\", \"sign\", \"setup\", \"tree\", \"file\", \"info\", "
		"\"spnego\", \"ntlm\", \"krb5\", \"users\", \"vfs_posix\", \"vfs_mem\"";
	char text[1024], loaded[512];
	const char *built = getenv("SMB3_MODULE_DIR");
	static const char *const more[] = { "acl", "lock" };

	snprintf(loaded, sizeof(loaded), "%s", modules);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(more); i++) {
		snprintf(text, sizeof(text), "%s/%s.so", built ? built : SMB3D_MODULE_DIR, more[i]);
		if (access(text, F_OK) == 0)
			snprintf(loaded + strlen(loaded), sizeof(loaded) - strlen(loaded),
				 ", \"%s\"", more[i]);
	}
	snprintf(text, sizeof(text), "krb5 = { keytab = \"%s\"; };\n%s", realm_keytab(realm),
		 groups);
	server = test_server_start(
		&(struct test_server_conf){ .modules = loaded, .groups = text, .shares = shares });
}

static void setup(void)
{
	realm = realm_new();
	cr_assert_eq(smbc_lib_new(&lib), 0);
}

static void teardown(void)
{
	smb3_now_set(0);
	test_server_stop(server);
	smbc_lib_free(lib);
	realm_free(realm);
}

TestSuite(session, .init = setup, .fini = teardown, .timeout = 60);

/* ---- a client ---- */

static struct smbc_session *session_on_new_connection(uint16_t dialect)
{
	return smbc_session_new(smbc_ask_dialect(lib, test_server_connect(server), dialect));
}

static void keys_take(struct smbc_session *s, struct gss_client *client,
		      const struct smbc_reply *reply)
{
	struct smbc_part blob;
	struct bytes rest;
	uint8_t key[32];

	cr_assert_eq(smbc_session_blob(reply, &s->flags, &blob), 0);
	rest = gss_client_step(client, blob.p, blob.n);
	bytes_free(&rest);
	if (s->signer.ready)
		return; /* keys are the first log-on's */
	s->id = reply->hdr.sid;
	gss_client_key(client, key);
	memcpy(s->key, key, sizeof(s->key));
	smbc_session_keys(s);
}

/* Kerberos without SPNEGO: one round trip. */
static uint32_t log_on(struct smbc_session *s, const struct ticket_plan *plan)
{
	struct smbc_req *req = smbc_req_new(s->conn, s, SMB2_SESSION_SETUP);
	struct gss_client client;
	struct bytes token;
	uint32_t status;

	gss_client_init(realm, plan, &client);
	token = gss_client_step(&client, NULL, 0);
	smbc_put_session_setup(req, (struct smbc_part){ token.data, token.len });
	if (!s->signer.ready) {
		memcpy(s->preauth, s->conn->preauth, sizeof(s->preauth));
		req->preauth = s->preauth;
	}
	status = smbc_ask(req);
	if (status == STATUS_SUCCESS)
		keys_take(s, &client, &req->reply);
	smbc_req_free(req);
	bytes_free(&token);
	gss_client_done(realm, &client);
	return status;
}

static uint32_t tree_connect(struct smbc_session *s, const char *path, uint32_t *ret_tid)
{
	struct smbc_req *req = smbc_req_new(s->conn, s, SMB2_TREE_CONNECT);
	struct smbc_tree_info info;
	uint32_t status;

	smbc_put_tree_connect(req, path);
	status = smbc_ask(req);
	cr_expect_eq(req->reply.sig, SMBC_SIG_GOOD);
	if (!status && !smbc_tree_reply(&req->reply, &info) && ret_tid)
		*ret_tid = info.tid;
	smbc_req_free(req);
	return status;
}

static uint32_t open_file(struct smbc_session *s, uint32_t tid, uint32_t access,
			  struct smbc_fid *ret_fid)
{
	struct smbc_req *req = smbc_tree_req(s, tid, SMB2_CREATE);
	struct smbc_created made;
	uint32_t status;

	smbc_put_create(req, &(struct smbc_create){ .name = "file",
						    .impersonation = 2,
						    .access = access,
						    .share = 7,
						    .disposition = ret_fid ? OPEN_IF : OPEN });
	status = smbc_ask(req);
	cr_expect_eq(req->reply.sig, SMBC_SIG_GOOD);
	if (!status && !smbc_create_reply(&req->reply, &made) && ret_fid)
		*ret_fid = made.fid;
	smbc_req_free(req);
	return status;
}

static uint32_t close_file(struct smbc_session *s, uint32_t tid, struct smbc_fid fid)
{
	struct smbc_req *req = smbc_tree_req(s, tid, SMB2_CLOSE);

	smbc_put_close(req, fid, 0);
	return smbc_ask_free(req);
}

static uint32_t read_file(struct smbc_session *s, uint32_t tid, struct smbc_fid fid)
{
	struct smbc_req *req = smbc_tree_req(s, tid, SMB2_READ);
	uint32_t status;

	smbc_put_read(req, &(struct smbc_io){ .fid = fid, .length = 10 });
	status = smbc_ask(req);
	cr_expect_eq(req->reply.sig, SMBC_SIG_GOOD, "the client believes only what is signed");
	smbc_req_free(req);
	return status;
}

static uint32_t empty(struct smbc_session *s, uint16_t command)
{
	struct smbc_req *req = smbc_req_new(s->conn, s, command);

	smbc_put_empty(req);
	return smbc_ask_free(req);
}

/* ---- the end of a ticket ---- */

static const uint16_t dialects[] = { 0x0210, 0x0300, 0x0311 };

/* Only what ends things is taken, until the user has logged on again. Tickets end at whole seconds, and
 * time() may be a tick behind. */
static void expire(uint16_t dialect)
{
	struct smbc_session *s = session_on_new_connection(dialect);
	smb3_nttime now = smb3_now();
	struct smbc_fid fid, second;
	uint32_t tid = 0;

	cr_assert_eq(log_on(s, &(struct ticket_plan){ .ends = 60 }), (uint32_t)STATUS_SUCCESS);
	s->sign = true;
	cr_assert_eq(tree_connect(s, SHARE, &tid), (uint32_t)STATUS_SUCCESS);
	cr_assert_eq(open_file(s, tid, EVERY, &fid), (uint32_t)STATUS_SUCCESS);
	cr_assert_eq(open_file(s, tid, EVERY, &second), (uint32_t)STATUS_SUCCESS);
	smb3_now_set(now + 58 * SECOND);
	cr_expect_eq(read_file(s, tid, fid), STATUS_END_OF_FILE);
	smb3_now_set(now + 62 * SECOND);
	cr_expect_eq(read_file(s, tid, fid), STATUS_NETWORK_SESSION_EXPIRED);
	cr_expect_eq(open_file(s, tid, EVERY, &second), STATUS_NETWORK_SESSION_EXPIRED);
	cr_expect_eq(tree_connect(s, SHARE, NULL), STATUS_NETWORK_SESSION_EXPIRED);
	cr_expect_eq(empty(s, SMB2_ECHO), (uint32_t)STATUS_SUCCESS);
	cr_expect_eq(close_file(s, tid, second), (uint32_t)STATUS_SUCCESS);
	smb3_now_set(now + 58 * SECOND);
	cr_expect_eq(read_file(s, tid, fid), STATUS_NETWORK_SESSION_EXPIRED,
		     "a clock that is set back gives no time");
	cr_assert_eq(log_on(s, &(struct ticket_plan){ .ends = 3600 }), (uint32_t)STATUS_SUCCESS);
	smb3_now_set(now + 62 * SECOND);
	cr_expect_eq(read_file(s, tid, fid), STATUS_END_OF_FILE, "the file has stayed open");
	smb3_now_set(now + 3700 * SECOND);
	cr_expect_eq(read_file(s, tid, fid), STATUS_NETWORK_SESSION_EXPIRED);
	cr_expect_eq(empty(s, SMB2_LOGOFF), (uint32_t)STATUS_SUCCESS);
	smb3_now_set(0);
	smbc_conn_free(s->conn);
}

Test(session, ends_with_its_ticket_and_goes_on_with_a_new_one)
{
	serve("", NULL);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(dialects); i++)
		expire(dialects[i]);
}

static uint32_t lock_file(struct smbc_session *s, uint32_t tid, struct smbc_fid fid, uint32_t flags)
{
	struct smbc_req *req = smbc_tree_req(s, tid, SMB2_LOCK);

	smbc_put_lock(req, fid, 0, &(struct smbc_lock){ .offset = 0, .length = 1, .flags = flags },
		      1);
	return smbc_ask_free(req);
}

Test(session, locks_can_be_given_up_after_its_end)
{
	struct smbc_session *s;
	struct smbc_fid fid;
	uint32_t tid = 0;

	serve("", NULL);
	if (!smb3_module_find(test_server_core(server), "lock"))
		cr_skip_test("the module lock is not built");
	s = session_on_new_connection(0x0311);
	cr_assert_eq(log_on(s, &(struct ticket_plan){ .ends = 60 }), (uint32_t)STATUS_SUCCESS);
	cr_assert_eq(tree_connect(s, SHARE, &tid), (uint32_t)STATUS_SUCCESS);
	cr_assert_eq(open_file(s, tid, EVERY, &fid), (uint32_t)STATUS_SUCCESS);
	cr_assert_eq(lock_file(s, tid, fid, 0x12), (uint32_t)STATUS_SUCCESS);
	smb3_now_set(smb3_now() + 62 * SECOND);
	cr_expect_eq(lock_file(s, tid, fid, 0x12), STATUS_NETWORK_SESSION_EXPIRED);
	cr_expect_eq(lock_file(s, tid, fid, 0x04), (uint32_t)STATUS_SUCCESS);
	smbc_conn_free(s->conn);
}

/* A log-on that fails ends the session, also one that has expired. */
Test(session, ends_when_logging_on_again_fails)
{
	struct smbc_session *s;

	serve("", NULL);
	s = session_on_new_connection(0x0311);
	cr_assert_eq(log_on(s, &(struct ticket_plan){ .ends = 3600 }), (uint32_t)STATUS_SUCCESS);
	cr_expect_eq(log_on(s, &(struct ticket_plan){ .client = "alice@OTHER.REALM" }),
		     STATUS_LOGON_FAILURE);
	cr_expect_eq(empty(s, SMB2_LOGOFF), STATUS_USER_SESSION_DELETED);
	smbc_conn_free(s->conn);
}

/* ---- groups ---- */

/* Members of S-1-5-21-1000-2000-3000-1200 may read, nobody else anything. */
static const uint8_t members_read[] = {
	1,    0,    4,    0x80, 0,    0,    0,  0, 0,    0,    0, 0, 0,    0, 0,  0,
	20,   0,    0,    0,    2,    0,    44, 0, 1,    0,    0, 0, 0,    0, 36, 0,
	0x89, 0,    0x12, 0,    1,    5,    0,  0, 0,    0,    0, 5, 21,   0, 0,  0,
	0xe8, 0x03, 0,    0,    0xd0, 0x07, 0,  0, 0xb8, 0x0b, 0, 0, 0xb0, 4, 0,  0,
};

static uint32_t dacl_set(struct smbc_session *s, uint32_t tid, struct smbc_fid fid)
{
	struct smbc_req *req = smbc_tree_req(s, tid, SMB2_SET_INFO);

	smbc_put_set_info(req, &(struct smbc_info){ .fid = fid,
						    .type = INFO_SEC,
						    .additional = DACL,
						    .in = { members_read, sizeof(members_read) } });
	return smbc_ask_free(req);
}

/* What a ticket says of groups counts from its log-on on, and no longer than to the next. */
Test(session, logging_on_again_takes_the_new_groups)
{
	struct ticket_plan member = { .kvno = 1 }, stranger = { .kvno = 1 };
	struct smbc_session *s;
	struct smbc_fid fid;
	uint32_t tid = 0;
	uint8_t data[512];

	serve("", NULL);
	if (!smb3_module_find(test_server_core(server), "acl"))
		cr_skip_test("the module acl is not built");
	member.logon = data;
	member.logon_len = ticket_logon(data);
	s = session_on_new_connection(0x0311);
	cr_assert_eq(log_on(s, &stranger), (uint32_t)STATUS_SUCCESS);
	cr_assert_eq(tree_connect(s, SHARE, &tid), (uint32_t)STATUS_SUCCESS);
	cr_assert_eq(open_file(s, tid, EVERY, &fid), (uint32_t)STATUS_SUCCESS);
	cr_assert_eq(dacl_set(s, tid, fid), (uint32_t)STATUS_SUCCESS);
	cr_assert_eq(close_file(s, tid, fid), (uint32_t)STATUS_SUCCESS);
	cr_expect_eq(open_file(s, tid, READ, NULL), STATUS_ACCESS_DENIED);
	cr_assert_eq(log_on(s, &member), (uint32_t)STATUS_SUCCESS);
	cr_expect_eq(open_file(s, tid, READ, NULL), (uint32_t)STATUS_SUCCESS);
	cr_assert_eq(log_on(s, &stranger), (uint32_t)STATUS_SUCCESS);
	cr_expect_eq(open_file(s, tid, READ, NULL), STATUS_ACCESS_DENIED);
	smbc_conn_free(s->conn);
}

/* ---- shares without NTLM ---- */

Test(session, shares_can_refuse_who_came_by_ntlm)
{
	struct smbc_cred cred = { .user = "alice", .domain = "", .password = "secret" };
	struct smbc_session *s;
	char shares[256];
	uint32_t status;

	snprintf(shares, sizeof(shares),
		 ", { name = \"strict\"; path = \"%s\"; ntlm = { enabled = false; }; }",
		 realm_dir(realm));
	serve("", shares);
	s = session_on_new_connection(0x0311);
	cr_assert_eq(smbc_session_setup(s, &cred, WAIT, &status), 0);
	cr_assert_eq(status, (uint32_t)STATUS_SUCCESS);
	cr_expect_eq(tree_connect(s, "\\\\s\\strict", NULL), STATUS_ACCESS_DENIED);
	cr_expect_eq(tree_connect(s, SHARE, NULL), (uint32_t)STATUS_SUCCESS);
	smbc_conn_free(s->conn);
	s = session_on_new_connection(0x0311);
	cr_assert_eq(log_on(s, &(struct ticket_plan){ .kvno = 1 }), (uint32_t)STATUS_SUCCESS);
	cr_expect_eq(tree_connect(s, "\\\\s\\strict", NULL), (uint32_t)STATUS_SUCCESS);
	cr_assert_eq(smbc_session_setup(s, &cred, WAIT, &status), 0);
	cr_expect_eq(status, STATUS_ACCESS_DENIED, "nor does a session become one by NTLM");
	smbc_conn_free(s->conn);
}
