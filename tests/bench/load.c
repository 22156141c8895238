// SPDX-License-Identifier: Apache-2.0
/*
 * load.c: connections, and lanes that keep them busy, on one thread with one epoll set.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "bench.h"

#define LARGE (64u << 10)

uint64_t bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* xorshift64 */
uint64_t bench_random(struct bench_lane *l)
{
	l->random ^= l->random << 13;
	l->random ^= l->random >> 7;
	l->random ^= l->random << 17;
	return l->random;
}

void bench_ask(struct smbc_req *req, const char *what)
{
	int err = smbc_submit_wait(req, BENCH_WAIT);

	if (!err)
		err = smbc_wait(req, BENCH_WAIT);
	if (err)
		bench_die("%s: %s", what, strerror(-err));
	if (req->reply.hdr.status)
		bench_die("%s: status 0x%08x", what, req->reply.hdr.status);
}

/* ---- logging in ---- */

static const struct {
	const char *name;
	uint16_t signing, cipher, dialect;
} algorithms[] = {
	{ "hmac-sha256", SMB2_SIGN_HMAC_SHA256, 0, 0 },
	{ "aes-128-cmac", SMB2_SIGN_AES_CMAC, 0, 0 },
	{ "aes-128-gmac", SMB2_SIGN_AES_GMAC, 0, 0 },
	{ "aes-128-ccm", 0, SMB2_CIPHER_AES128_CCM, 0 },
	{ "aes-128-gcm", 0, SMB2_CIPHER_AES128_GCM, 0 },
	{ "aes-256-ccm", 0, SMB2_CIPHER_AES256_CCM, 0 },
	{ "aes-256-gcm", 0, SMB2_CIPHER_AES256_GCM, 0 },
	{ "2.0.2", 0, 0, SMB2_DIALECT_202 },
	{ "2.1", 0, 0, SMB2_DIALECT_210 },
	{ "3.0", 0, 0, SMB2_DIALECT_300 },
	{ "3.0.2", 0, 0, SMB2_DIALECT_302 },
	{ "3.1.1", 0, 0, SMB2_DIALECT_311 },
};

static size_t algorithm(const char *name)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (!strcmp(algorithms[i].name, name))
			return i;
	bench_die("%s: no such algorithm or dialect", name);
}

static bool signs(const struct bench_options *o)
{
	return strcmp(o->signing, "none") != 0;
}

static bool seals(const struct bench_options *o)
{
	return strcmp(o->cipher, "none") != 0;
}

/* Only 3.1.1 lets the client choose. */
const char *bench_signing(const struct bench *b)
{
	if (!b->peers[0].session->sign)
		return "none";
	if (b->peers[0].conn->dialect >= SMB2_DIALECT_311)
		return b->o->signing;
	return b->peers[0].conn->dialect >= SMB2_DIALECT_300 ? "aes-128-cmac" : "hmac-sha256";
}

static void negotiate(struct bench_peer *p)
{
	const struct bench_options *o = p->bench->o;
	struct smbc_negotiate n = smbc_negotiate_default;
	uint32_t status = 0;
	int err;

	n.dialects[0] = algorithms[algorithm(o->dialect)].dialect;
	n.dialect_count = 1;
	if (signs(o)) {
		n.signing[0] = algorithms[algorithm(o->signing)].signing;
		n.signing_count = 1;
	}
	if (seals(o)) {
		n.ciphers[0] = algorithms[algorithm(o->cipher)].cipher;
		n.cipher_count = 1;
	}
	err = smbc_negotiate(p->conn, &n, BENCH_WAIT, &status);
	if (err || status)
		bench_die("NEGOTIATE: %s, status 0x%08x", strerror(-err), status);
	if (signs(o) && p->conn->dialect >= SMB2_DIALECT_311 && p->conn->signing != n.signing[0])
		bench_die("the server does not sign with %s", o->signing);
	if (seals(o) && p->conn->cipher != algorithms[algorithm(o->cipher)].cipher)
		bench_die("the server does not encrypt with %s", o->cipher);
}

struct smbc_cred bench_cred(const struct bench_options *o)
{
	return (struct smbc_cred){ .user = o->user, .domain = o->domain, .password = o->password };
}

static void log_on(struct bench_peer *p, const struct bench_peer *of)
{
	const struct bench_options *o = p->bench->o;
	struct smbc_cred cred = bench_cred(o);
	uint32_t status = 0;
	int err;

	p->session = of ? smbc_session_bind(p->conn, of->session) : smbc_session_new(p->conn);
	err = smbc_session_setup(p->session, &cred, BENCH_WAIT, &status);
	if (err || status)
		bench_die("SESSION_SETUP: %s, status 0x%08x", strerror(-err), status);
	if (!signs(o) && !seals(o) && p->conn->sign_required)
		bench_die("the server wants signatures; say with what: --sign");
	p->session->sign = signs(o) && !seals(o);
	p->session->seal = seals(o);
}

static void tree_connect(struct bench_peer *p)
{
	struct smbc_req *req = smbc_req_new(p->conn, p->session, SMB2_TREE_CONNECT);
	struct smbc_tree_info info;
	char path[512];

	snprintf(path, sizeof(path), "\\\\%s\\%s", p->bench->o->host, p->bench->o->share);
	smbc_put_tree_connect(req, path);
	bench_ask(req, path);
	if (smbc_tree_reply(&req->reply, &info))
		bench_die("%s: the reply makes no sense", path);
	p->tid = info.tid;
	smbc_req_free(req);
}

static void peer_connect(struct bench *b, struct bench_peer *p, const struct bench_peer *of)
{
	const struct bench_options *o = b->o;
	uint32_t credits = o->depth * (o->size / 65536 + 2) * 2 + 64;
	int err = smbc_connect(b->lib, o->host, o->port, BENCH_WAIT, &p->conn);

	if (err)
		bench_die("%s port %s: %s", o->host, o->port, strerror(-err));
	p->bench = b;
	if (of)
		memcpy(p->conn->client_guid, of->conn->client_guid, 16);
	p->conn->credits_goal = credits < 8000 ? credits : 8000;
	negotiate(p);
	log_on(p, of);
	if (of)
		p->tid = of->tid;
	else
		tree_connect(p);
}

void bench_peer_open(struct bench *b, struct bench_peer *p)
{
	peer_connect(b, p, NULL);
}

static void lanes_new(struct bench *b, struct bench_peer *p)
{
	p->lanes = calloc(b->o->depth, sizeof(*p->lanes));
	if (!p->lanes)
		bench_die("no memory");
	for (unsigned i = 0; i < b->o->depth; i++) {
		struct bench_lane *l = &p->lanes[i];

		l->peer = p;
		l->index = p->index * b->o->depth + i;
		l->random = 0x9e3779b97f4a7c15u * (l->index + 1);
	}
}

void bench_connect(struct bench *b)
{
	b->epoll = epoll_create1(EPOLL_CLOEXEC);
	b->peers = calloc(b->o->peers, sizeof(*b->peers));
	if (b->epoll < 0 || !b->peers)
		bench_die("no memory");
	for (unsigned i = 0; i < b->o->peers; i++) {
		struct bench_peer *p = &b->peers[i];
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = p };

		p->index = i;
		peer_connect(b, p, i % b->o->channels ? p - i % b->o->channels : NULL);
		p->conn->spares = &b->spares;
		if (epoll_ctl(b->epoll, EPOLL_CTL_ADD, p->conn->fd, &event))
			bench_die("epoll: %s", strerror(errno));
		lanes_new(b, p);
	}
}

void bench_disconnect(struct bench *b)
{
	for (unsigned i = 0; i < b->o->peers; i++) {
		smbc_conn_free(b->peers[i].conn);
		free(b->peers[i].lanes);
	}
	free(b->peers);
	while (b->spares.n)
		smbc_buf_free(&b->spares.bufs[--b->spares.n]);
}

/* ---- lanes ---- */

static void lane_go(struct bench_lane *l);

struct smbc_req *bench_req(struct bench_lane *l, uint16_t command)
{
	struct smbc_req *req = smbc_tree_req(l->peer->session, l->peer->tid, command);

	l->chain[l->n++] = req;
	return req;
}

static uint64_t own_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* What came before was to warm up. */
static void measure(struct bench *b)
{
	b->measuring = true;
	memset(&b->tally, 0, sizeof(b->tally));
	if (b->o->pid)
		bench_cost_read(b->o->pid, false, &b->before);
	b->own_us = own_us();
	b->begins = bench_now();
	b->ends = b->begins + (uint64_t)(b->o->seconds * 1e9);
}

/* One operation at least is counted, however long it takes. */
static bool time_is_up(struct bench *b, uint64_t now)
{
	if (!b->measuring && now >= b->begins)
		measure(b);
	if (b->work->all)
		return false;
	return b->o->ops ? b->started >= b->o->ops : now >= b->ends && b->tally.ops > 0;
}

/* The next operation; false when there is none. */
static bool lane_begin(struct bench_lane *l)
{
	struct bench *b = l->peer->bench;

	l->row = b->work;
	l->step = 0;
	l->began = bench_now();
	if (l->over || time_is_up(b, l->began)) {
		b->busy--;
		return false;
	}
	b->started++;
	return true;
}

static void lane_end(struct bench_lane *l)
{
	struct bench *b = l->peer->bench;

	if (b->measuring && !l->over)
		bench_tally_add(&b->tally, bench_now() - l->began);
}

void bench_step_done(struct bench_lane *l)
{
	if (--l->waiting)
		return;
	l->step++;
	lane_go(l);
}

static void on_done(struct smbc_req *req, int err)
{
	struct bench_lane *l = req->arg;
	const struct bench_work *row = l->row;

	if (err && row->waits) {
		smbc_req_free(req);
		return;
	}
	if (err)
		bench_die("%s: the connection ended: %s", row->name, strerror(-err));
	if (req->reply.sig == SMBC_SIG_BAD)
		bench_die("%s: a reply is signed wrongly", row->name);
	if (!row->reply(l, l->step, req))
		bench_die("%s, step %u: command %u was answered with status 0x%08x", row->name,
			  l->step, req->hdr.command, req->reply.hdr.status);
	smbc_req_free(req);
	bench_step_done(l);
}

static void peer_flush(struct bench_peer *p)
{
	bool writing = !smbc_flush(p->conn);
	struct epoll_event event = { .events = EPOLLIN | (writing ? EPOLLOUT : 0), .data.ptr = p };

	if (writing == p->writing)
		return;
	p->writing = writing;
	epoll_ctl(p->bench->epoll, EPOLL_CTL_MOD, p->conn->fd, &event);
}

/* The requests of a step go out together or, without credits, when there are some. What is large goes at once, while
 * it is in the processor's caches. */
static void lane_submit(struct bench_lane *l)
{
	struct bench_peer *p = l->peer;
	int err = smbc_submit_chain(l->chain, l->n);

	if (err == -EAGAIN) {
		l->next = p->starved;
		p->starved = l;
	} else if (err) {
		bench_die("%s: %s", l->row->name, strerror(-err));
	} else if (p->conn->out.len >= LARGE) {
		peer_flush(p);
	}
}

static void lane_send(struct bench_lane *l)
{
	for (unsigned i = 0; i < l->n; i++) {
		l->chain[i]->done = on_done;
		l->chain[i]->arg = l;
		if (i)
			l->chain[i]->hdr.flags |= SMB2_FLAGS_RELATED_OPERATIONS;
	}
	if (l->n)
		lane_submit(l);
}

static void lane_go(struct bench_lane *l)
{
	bool more = true;

	while (more) {
		l->n = 0;
		l->waiting = l->row->step(l, l->step);
		if (l->waiting) {
			lane_send(l);
			return;
		}
		lane_end(l);
		more = lane_begin(l);
	}
}

static void feed(struct bench_peer *p)
{
	struct bench_lane *l = p->starved;

	p->starved = NULL;
	while (l) {
		struct bench_lane *next = l->next;

		lane_submit(l);
		l = next;
	}
}

/* ---- the loop ---- */

static int await(struct bench *b, struct epoll_event *events, int max)
{
	int wait = b->o->busy_poll ? 0 : BENCH_WAIT;
	uint64_t began = bench_now();
	int n = epoll_wait(b->epoll, events, max, wait);

	/* The kernel's own thread for the network may wait for this processor. */
	while (n == 0 && bench_now() - began < (uint64_t)BENCH_WAIT * 1000000) {
		sched_yield();
		n = epoll_wait(b->epoll, events, max, wait);
	}
	if (n == 0)
		bench_die("nothing was answered for %d seconds", BENCH_WAIT / 1000);
	return n;
}

static void turn(struct bench *b)
{
	struct epoll_event events[64];
	int n = await(b, events, 64);

	for (int i = 0; i < n; i++) {
		struct bench_peer *p = events[i].data.ptr;

		if (events[i].events & ~(uint32_t)EPOLLOUT && smbc_receive(p->conn))
			bench_die("a connection ended: %s", strerror(-p->conn->err));
		feed(p);
		peer_flush(p);
	}
}

static void start_all(struct bench *b)
{
	for (unsigned i = 0; i < b->o->peers; i++) {
		struct bench_peer *p = &b->peers[i];

		for (unsigned k = 0; k < b->o->depth; k++) {
			b->busy++;
			p->lanes[k].over = false;
			if (lane_begin(&p->lanes[k]))
				lane_go(&p->lanes[k]);
		}
		peer_flush(p);
	}
}

static bool all_wait(const struct bench *b)
{
	for (unsigned i = 0; i < b->o->peers; i++)
		for (unsigned k = 0; k < b->o->depth; k++)
			if (!b->peers[i].lanes[k].chain[0]->interim)
				return false;
	return true;
}

void bench_prepare(struct bench *b, const struct bench_work *work)
{
	for (unsigned i = 0; i < b->o->peers && work->prepare; i++)
		work->prepare(b->peers[i].lanes);
}

/* With many connections large replies would come in turns, a piece of each, and none be in the processor's
 * caches when its end is there: each is taken in when it is whole. */
static void expect(struct bench *b, size_t bytes)
{
	for (unsigned i = 0; i < b->o->peers; i++)
		smbc_bulk(b->peers[i].conn, bytes >= LARGE ? bytes : 0);
}

void bench_run(struct bench *b, const struct bench_work *work)
{
	bool counted = work->all || b->o->ops;

	b->work = work;
	b->started = 0;
	b->measuring = false;
	b->begins = bench_now() + (counted ? 0 : (uint64_t)(b->o->warm * 1e9));
	b->ends = UINT64_MAX;
	memset(&b->tally, 0, sizeof(b->tally));
	expect(b, work->bulk ? b->o->size : 0);
	start_all(b);
	while (b->busy && !(work->waits && all_wait(b)))
		turn(b);
	b->done = bench_now();
	b->own_us = own_us() - b->own_us;
	if (b->o->pid)
		bench_cost_read(b->o->pid, false, &b->after);
	expect(b, 0);
}
