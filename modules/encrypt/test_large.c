// SPDX-License-Identifier: Apache-2.0
/*
 * test_large.c: large replies are encrypted and signed by several threads at once: every one arrives
 * whole, no nonce comes twice, and a client that goes away meanwhile takes nothing along.
 */
#include "ask.h"
#include "crypto.h"
#include "testserver.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <smb3/status.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WAIT  20000
#define MIB   (1u << 20)
#define READS 12
#define ROUND 3 /* of READS */
#define FEW   3 /* that two workers leave to the pool */
#define LONG  4 /* MiB, which take longer than closing a file */
#define NONCE 16

/* ---- a server, and a file of as many MiB as reads ---- */

struct rig {
	struct test_server *server;
	struct smbc_lib *lib;
	struct smbc_conn *c;
	struct smbc_session *s;
	struct smbc_conn
		*other; /* on the same worker: who does not have it alone sends more to the pool */
	uint32_t tid;
	struct smbc_fid fid;
};

/* Replies of READ so far, and when that of LOGOFF came. */
static int reads_seen, reads_at_logoff;

static struct smbc_reply *play(struct smbc_req *req)
{
	uint32_t status = smbc_ask(req);

	cr_assert_eq(status, (uint32_t)STATUS_SUCCESS, "%s", smb3_status_name(status));
	return &req->reply;
}

static void on_message(struct smbc_conn *c, bool sent, const uint8_t *pdu, size_t len)
{
	struct smbc_hdr hdr;

	smbc_hdr_parse(pdu, &hdr);
	if (!sent && hdr.command == SMB2_READ)
		reads_seen++;
	if (!sent && hdr.command == SMB2_LOGOFF)
		reads_at_logoff = reads_seen;
}

static struct smbc_conn *neighbour(struct rig *r)
{
	struct smbc_conn *c = smbc_conn_new(r->lib, test_server_connect(r->server));
	struct smbc_negotiate n = smbc_negotiate_default;
	uint32_t status = 1;

	memcpy(c->client_guid, r->c->client_guid, sizeof(c->client_guid));
	cr_assert_eq(smbc_negotiate(c, &n, WAIT, &status), 0);
	return c;
}

/* cipher 0: signed. */
static void log_on(struct rig *r, uint16_t cipher, uint16_t signing)
{
	struct smbc_negotiate n = smbc_negotiate_default;
	struct smbc_create create = { .name = "large",
				      .impersonation = 2,
				      .access = 0x0012019f,
				      .share = 7,
				      .disposition = 1 };
	struct smbc_created made;
	struct smbc_req *req;
	uint32_t status = 1;

	r->c = smbc_conn_new(r->lib, test_server_connect(r->server));
	r->c->credits_goal = 16 * READS + 32;
	n.dialects[0] = 0x0311;
	n.dialect_count = 1;
	n.ciphers[0] = cipher;
	n.cipher_count = cipher ? 1 : 0;
	n.signing[0] = signing;
	n.signing_count = 1;
	cr_assert_eq(smbc_negotiate(r->c, &n, WAIT, &status), 0);
	r->other = neighbour(r);
	r->s = smbc_ask_session(r->c);
	r->s->seal = cipher != 0;
	r->tid = smbc_ask_tid(r->s, "share");
	req = smbc_tree_req(r->s, r->tid, SMB2_CREATE);
	smbc_put_create(req, &create);
	cr_assert_eq(smbc_create_reply(play(req), &made), 0);
	smbc_req_free(req);
	r->fid = made.fid;
}

static void go_away(struct rig *r)
{
	smbc_conn_free(r->c);
	smbc_conn_free(r->other);
}

static void rig_start(struct rig *r)
{
	char path[512];
	uint8_t *block = calloc(1, MIB);
	int fd;

	*r = (struct rig){ .server = test_server_start(NULL) };
	cr_assert_eq(smbc_lib_new(&r->lib), 0);
	snprintf(path, sizeof(path), "%s/large", test_server_dir(r->server));
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	for (int i = 0; i < READS; i++) {
		memset(block, 'a' + i, MIB);
		cr_assert_eq(write(fd, block, MIB), (ssize_t)MIB);
	}
	close(fd);
	free(block);
}

static void rig_stop(struct rig *r)
{
	test_server_stop(r->server);
	smbc_lib_free(r->lib);
}

static struct smbc_req *ask_for(struct rig *r, int i, uint32_t length)
{
	struct smbc_req *req = smbc_tree_req(r->s, r->tid, SMB2_READ);
	struct smbc_io io = { .fid = r->fid, .offset = (uint64_t)i * MIB, .length = length };

	smbc_put_read(req, &io);
	cr_assert_eq(smbc_submit_wait(req, WAIT), 0);
	return req;
}

static struct smbc_req *ask(struct rig *r, int i)
{
	return ask_for(r, i, MIB);
}

static bool is_block(const struct smbc_part *data, int i)
{
	const uint8_t *p = data->p;

	if (data->n != MIB)
		return false;
	for (size_t at = 0; at < MIB; at++)
		if (p[at] != 'a' + i)
			return false;
	return true;
}

static void check_whole(struct rig *r, const char *what)
{
	struct smbc_req *reqs[READS];

	for (int i = 0; i < READS; i++)
		reqs[i] = ask(r, i);
	for (int i = 0; i < READS; i++) {
		struct smbc_part data;

		cr_assert_eq(smbc_wait(reqs[i], WAIT), 0, "%s, read %d", what, i);
		cr_expect_eq(reqs[i]->reply.sealed, r->s->seal);
		cr_expect(r->s->seal || reqs[i]->reply.sig == SMBC_SIG_GOOD, "%s", what);
		cr_assert_eq(smbc_read_reply(&reqs[i]->reply, &data), 0);
		cr_expect(is_block(&data, i), "%s, read %d", what, i);
		smbc_req_free(reqs[i]);
	}
}

Test(large, every_reply_is_whole, .timeout = 120)
{
	struct rig r;
	char what[32];

	rig_start(&r);
	for (uint16_t i = 1; i <= 7; i++) {
		snprintf(what, sizeof(what), "%s %u", i <= 4 ? "cipher" : "signing",
			 i <= 4 ? i : i - 5);
		log_on(&r, i <= 4 ? i : 0, i <= 4 ? 0 : i - 5);
		for (int round = 0; round < ROUND; round++)
			check_whole(&r, what);
		go_away(&r);
	}
	rig_stop(&r);
}

/* ---- nonces ---- */

static void take(int fd, uint8_t *to, size_t len)
{
	while (len) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t n;

		cr_assert_eq(poll(&p, 1, WAIT), 1);
		n = read(fd, to, len);
		cr_assert_gt(n, 0);
		to += n;
		len -= (size_t)n;
	}
}

static void take_nonce(int fd, uint8_t ret_nonce[NONCE])
{
	uint8_t frame[4], *message;
	size_t len;

	take(fd, frame, sizeof(frame));
	len = (size_t)frame[1] << 16 | (size_t)frame[2] << 8 | frame[3];
	cr_assert_gt(len, MIB);
	message = calloc(1, len);
	take(fd, message, len);
	cr_assert_eq(memcmp(message, "\xfdSMB", 4), 0);
	memcpy(ret_nonce, message + 20, NONCE);
	free(message);
}

Test(large, no_nonce_comes_twice, .timeout = 120)
{
	uint8_t seen[READS][NONCE];
	struct rig r;

	rig_start(&r);
	log_on(&r, SMB2_CIPHER_AES128_CCM, 0);
	for (int i = 0; i < READS; i++)
		smbc_req_free(ask(&r, i));
	while (!smbc_flush(r.c))
		continue;
	for (int i = 0; i < READS; i++) {
		take_nonce(r.c->fd, seen[i]);
		for (int k = 0; k < i; k++)
			cr_expect_neq(memcmp(seen[i], seen[k], NONCE), 0, "%d, %d", k, i);
	}
	go_away(&r);
	rig_stop(&r);
}

/* ---- going away ---- */

static void leave(struct rig *r, uint16_t command)
{
	struct smbc_req *req = command == SMB2_LOGOFF ? smbc_req_new(r->c, r->s, command) :
							smbc_tree_req(r->s, r->tid, command);

	if (command == SMB2_CLOSE)
		smbc_put_close(req, r->fid, 0);
	else
		smbc_put_empty(req);
	cr_assert_eq(smbc_submit_wait(req, WAIT), 0);
	cr_expect_eq(smbc_wait(req, WAIT), 0);
	cr_expect_eq(req->reply.hdr.status, (uint32_t)STATUS_SUCCESS);
	smbc_req_free(req);
}

/* ---- large requests: opened by several threads, taken in the order of their arrival ---- */

static struct smbc_req *put(struct rig *r, int i)
{
	static uint8_t block[MIB];
	struct smbc_req *req = smbc_tree_req(r->s, r->tid, SMB2_WRITE);
	struct smbc_io io = {
		.fid = r->fid, .offset = (uint64_t)i * MIB, .length = MIB, .data = block
	};

	memset(block, 'A' + i, MIB);
	smbc_put_write(req, &io);
	cr_assert_eq(smbc_submit(req), 0);
	return req;
}

/* How many blocks of the file are as put() would have them, from the first one on. */
static int blocks_put(struct rig *r)
{
	uint8_t *block = calloc(1, MIB);
	char path[512];
	int fd, n = 0;

	snprintf(path, sizeof(path), "%s/large", test_server_dir(r->server));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (n < READS && read(fd, block, MIB) == (ssize_t)MIB && block[0] == 'A' + n &&
	       !memcmp(block, block + 1, MIB - 1))
		n++;
	close(fd);
	free(block);
	return n;
}

Test(large, requests_are_taken_in_order, .timeout = 120)
{
	struct rig r;

	rig_start(&r);
	for (uint16_t cipher = 1; cipher <= 4; cipher++) {
		struct smbc_req *reqs[READS];

		log_on(&r, cipher, 0);
		for (int i = 0; i < READS; i++)
			reqs[i] = put(&r, i);
		leave(&r, SMB2_LOGOFF); /* would end the session for those that it overtakes */
		for (int i = 0; i < READS; i++) {
			cr_expect_eq(smbc_wait(reqs[i], WAIT), 0);
			cr_expect_eq(reqs[i]->reply.hdr.status, (uint32_t)STATUS_SUCCESS, "%u: %s",
				     cipher, smb3_status_name(reqs[i]->reply.hdr.status));
			smbc_req_free(reqs[i]);
		}
		cr_expect_eq(blocks_put(&r), READS);
		go_away(&r);
		rig_stop(&r);
		rig_start(&r);
	}
	rig_stop(&r);
}

/* One byte is wrong in one of them: neither it nor what follows is carried out, and the connection ends. */
Test(large, a_forged_request_ends_the_connection, .timeout = 120)
{
	struct rig r;

	for (int forged = 0; forged < READS; forged += 3) {
		struct smbc_req *last = NULL;

		rig_start(&r);
		log_on(&r, SMB2_CIPHER_AES128_GCM, 0);
		for (int i = 0; i < READS; i++) {
			smbc_req_free(last);
			last = put(&r, i);
			if (i == forged)
				r.c->out.p[r.c->out.len - MIB / 2] ^= 1;
		}
		cr_expect_neq(smbc_wait(last, WAIT), 0);
		smbc_req_free(last);
		cr_expect_leq(blocks_put(&r), forged);
		go_away(&r);
		rig_stop(&r);
	}
}

Test(large, requests_of_who_goes_away, .timeout = 120)
{
	struct rig r;

	rig_start(&r);
	for (int i = 0; i < 10; i++) {
		log_on(&r, i & 1 ? SMB2_CIPHER_AES128_GCM : SMB2_CIPHER_AES128_CCM, 0);
		for (int k = 0; k < READS; k++)
			smbc_req_free(put(&r, k));
		smbc_flush(r.c);
		go_away(&r);
	}
	log_on(&r, SMB2_CIPHER_AES128_GCM, 0);
	smbc_req_free(ask(&r, 0));
	go_away(&r);
	rig_stop(&r);
}

/* A client that has logged off has no keys for what comes after that. */
Test(large, nothing_comes_after_logoff, .timeout = 120)
{
	struct rig r;

	rig_start(&r);
	for (int i = 0; i < 10; i++) {
		log_on(&r, i & 1 ? 0 : SMB2_CIPHER_AES128_CCM, SMB2_SIGN_HMAC_SHA256);
		r.c->trace = on_message;
		reads_seen = reads_at_logoff = 0;
		for (int k = 0; k < FEW; k++)
			smbc_req_free(ask_for(&r, k, LONG * MIB));
		leave(&r, SMB2_LOGOFF);
		cr_expect_eq(reads_at_logoff, FEW, "%d of %d", reads_at_logoff, FEW);
		go_away(&r);
	}
	rig_stop(&r);
}

/* Replies are under way when the file, the tree, the session or the connection ends. */
Test(large, the_end_meanwhile, .timeout = 120)
{
	static const uint16_t ends[] = { SMB2_CLOSE, SMB2_TREE_DISCONNECT, SMB2_LOGOFF, 0 };
	struct rig r;

	rig_start(&r);
	for (size_t i = 0; i < 5 * SMB3_ARRAY_SIZE(ends); i++) {
		uint16_t end = ends[i % SMB3_ARRAY_SIZE(ends)];

		log_on(&r, i & 4 ? 0 : SMB2_CIPHER_AES128_CCM, SMB2_SIGN_HMAC_SHA256);
		for (int k = 0; k < READS; k++)
			smbc_req_free(ask(&r, k));
		if (end)
			leave(&r, end);
		else
			smbc_flush(r.c);
		go_away(&r);
	}
	log_on(&r, SMB2_CIPHER_AES128_GCM, 0);
	check_whole(&r, "afterwards");
	go_away(&r);
	rig_stop(&r);
}
