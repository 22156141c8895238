// SPDX-License-Identifier: Apache-2.0
/*
 * test_clients.c: many clients delete files of the same name at once. Each content is found in the
 * bin exactly once, or its deletion failed and it is where it was.
 */
#include "ask.h"
#include "testserver.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <pthread.h>
#include <smb3/status.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CLIENTS 8
#define ROUNDS  40

TestSuite(clients, .timeout = 240);

static struct test_server *server;
static char folder[100]; /* of the share */

struct client {
	pthread_t thread;
	int number;
	struct smbc_lib *lib;
	struct smbc_conn *conn;
	struct smbc_session *session;
	uint32_t tid;
	unsigned int deleted; /* contents that this client has written and deleted */
};

static void log_on(struct client *c)
{
	cr_assert_eq(smbc_lib_new(&c->lib), 0);
	c->conn = smbc_ask_conn(c->lib, test_server_connect(server));
	c->session = smbc_ask_session(c->conn);
	c->tid = smbc_ask_tid(c->session, "bins");
}

static void log_off(struct client *c)
{
	smbc_conn_free(c->conn);
	smbc_lib_free(c->lib);
}

/* options: FILE_DELETE_ON_CLOSE or not; false when somebody else was faster. */
static bool create(struct client *c, const char *name, uint32_t disposition, uint32_t options,
		   struct smbc_fid *ret_fid)
{
	struct smbc_req *req = smbc_tree_req(c->session, c->tid, SMB2_CREATE);
	struct smbc_create cr = { .name = name,
				  .impersonation = 2,
				  .access = 0x00010083,
				  .share = 7,
				  .disposition = disposition,
				  .options = options };
	struct smbc_created out = { 0 };
	bool ok;

	smbc_put_create(req, &cr);
	ok = smbc_ask(req) == STATUS_SUCCESS;
	if (ok)
		cr_assert_eq(smbc_create_reply(&req->reply, &out), 0);
	*ret_fid = out.fid;
	smbc_req_free(req);
	return ok;
}

static void write_text(struct client *c, struct smbc_fid fid, const char *text)
{
	struct smbc_req *req = smbc_tree_req(c->session, c->tid, SMB2_WRITE);

	smbc_put_write(req, &(struct smbc_io){
				    .fid = fid, .data = text, .length = (uint32_t)strlen(text) });
	cr_assert_eq(smbc_ask_free(req), (uint32_t)STATUS_SUCCESS);
}

static void close_file(struct client *c, struct smbc_fid fid)
{
	struct smbc_req *req = smbc_tree_req(c->session, c->tid, SMB2_CLOSE);

	smbc_put_close(req, fid, 0);
	cr_assert_eq(smbc_ask_free(req), (uint32_t)STATUS_SUCCESS);
}

/* Exclusive creates of one name: who wins writes what nobody else writes, and deletes it. */
static void *play(void *arg)
{
	struct client *c = arg;
	struct smbc_fid fid;
	char text[32];

	for (int tries = 0; tries < 100000 && c->deleted < ROUNDS; tries++) {
		if (!create(c, "same.txt", 2, 0x1000, &fid))
			continue;
		snprintf(text, sizeof(text), "%d %u", c->number, c->deleted);
		write_text(c, fid, text);
		close_file(c, fid);
		c->deleted++;
	}
	return NULL;
}

/* Every content in the bin, counted. */
static void count_bin(unsigned int seen[CLIENTS][ROUNDS])
{
	char path[400], text[32];
	unsigned int client, round;
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "%s/.recycle/alice", folder);
	d = opendir(path);
	cr_assert_not_null(d);
	while ((e = readdir(d))) {
		FILE *f;

		if (*e->d_name == '.')
			continue;
		snprintf(path, sizeof(path), "%s/.recycle/alice/%s", folder, e->d_name);
		f = fopen(path, "r");
		cr_assert_not_null(f);
		cr_assert_not_null(fgets(text, sizeof(text), f), "%s is empty", e->d_name);
		fclose(f);
		cr_assert_eq(sscanf(text, "%u %u", &client, &round), 2);
		cr_assert(client < CLIENTS && round < ROUNDS);
		seen[client][round]++;
	}
	closedir(d);
}

static void setup(void)
{
	char shares[300];
	const char *tmp = getenv("TMPDIR");
	const struct test_server_conf conf = { .also = "\"vfs_recycle\"", .shares = shares };

	snprintf(folder, sizeof(folder), "%.60s/recycle.XXXXXX", tmp ? tmp : "/tmp");
	cr_assert_not_null(mkdtemp(folder));
	snprintf(shares, sizeof(shares),
		 ", { name = \"bins\"; path = \"%s\"; vfs_recycle = { enabled = true; }; }",
		 folder);
	server = test_server_start(&conf);
}

Test(clients, nothing_is_lost_when_many_delete_at_once)
{
	static unsigned int seen[CLIENTS][ROUNDS];
	static struct client clients[CLIENTS];
	unsigned int all = 0;

	setup();
	for (int i = 0; i < CLIENTS; i++) {
		clients[i].number = i;
		log_on(&clients[i]);
	}
	for (int i = 0; i < CLIENTS; i++)
		cr_assert_eq(pthread_create(&clients[i].thread, NULL, play, &clients[i]), 0);
	for (int i = 0; i < CLIENTS; i++)
		pthread_join(clients[i].thread, NULL);
	for (int i = 0; i < CLIENTS; i++)
		log_off(&clients[i]);
	count_bin(seen);
	for (int i = 0; i < CLIENTS; i++) {
		all += clients[i].deleted;
		for (unsigned int k = 0; k < ROUNDS; k++)
			cr_expect_eq(seen[i][k], k < clients[i].deleted, "client %d, file %u: %u",
				     i, k, seen[i][k]);
	}
	cr_expect_gt(all, CLIENTS * ROUNDS / 2u);
	test_server_stop(server);
}
