// SPDX-License-Identifier: Apache-2.0
/*
 * bench.h: the load generator smb3bench.
 *
 *   peer    a connection with its session and tree
 *   lane    one of the `depth` places of a peer in which operations follow one another
 *   work    a kind of operation: steps, each of which sends requests that are waited for together
 *   tally   how many operations were done, and how long each took
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd.h"

#define BENCH_WAIT  60000
#define BENCH_CHAIN 4 /* requests of one step */

struct bench_options {
	const char *host, *port, *share, *user, *domain, *password;
	const char *works, *signing, *cipher, *dialect, *json, *label;
	unsigned peers, channels, depth, entries;
	uint32_t size;
	uint64_t file_size, ops;
	double seconds, warm;
	long pid;
	bool verify, keep, busy_poll, reopen;
};

/* Times in logarithmic classes of 3 %: a power of two in 32 parts. */
struct bench_tally {
	uint64_t ops, bytes, entries, sum_ns, max_ns;
	uint32_t class[64 * 32];
};

void bench_tally_add(struct bench_tally *t, uint64_t ns);
/* The time that `part` (0 to 1) of the operations did not exceed. */
uint64_t bench_tally_at(const struct bench_tally *t, double part);

/* CPU and memory of a process and all its descendants; microseconds and KiB. */
struct bench_cost {
	uint64_t cpu_us, pss_kib;
	unsigned processes;
};

/* With memory the proportional set size is summed up too, which takes a while. */
void bench_cost_read(long pid, bool memory, struct bench_cost *ret);

struct bench;
struct bench_lane;

struct bench_work {
	const char *name, *help;
	/* Once for each peer, before anything is measured; may wait. */
	void (*prepare)(struct bench_lane *first);
	/* Sends what step i wants and gives how many requests; 0: the operation is over. */
	unsigned (*step)(struct bench_lane *l, unsigned i);
	/* Looks at each successful reply of the step; false: it is wrong. */
	bool (*reply)(struct bench_lane *l, unsigned i, const struct smbc_req *req);
	bool all;   /* until the lanes say that they are over, and not for a time */
	bool keeps; /* what an operation makes stays with the server: tell the memory of one */
	bool bulk;  /* each reply carries as many bytes as the options say */
	bool waits; /* requests that are answered by nothing but an interim reply; one a lane */
};

struct bench_peer {
	struct bench *bench;
	struct smbc_conn *conn;
	struct smbc_session *session;
	struct bench_lane *lanes;
	struct bench_lane *starved; /* want credits, linked by next */
	struct smbc_fid fid;        /* of the file that is read and written */
	uint32_t tid;
	unsigned index;
	bool writing; /* the socket is full */
};

struct bench_lane {
	struct bench_peer *peer;
	struct bench_lane *next;
	const struct bench_work *row; /* of this operation; mixed chooses */
	struct smbc_req *chain[BENCH_CHAIN];
	struct smbc_fid fid;
	uint64_t began, random, count, offset;
	unsigned index, step, waiting, n;
	uint64_t made, gone; /* files: create made them, delete took them away */
	struct smbc_session *session;
	bool more, over;
	uint8_t phase, handle[20]; /* pipe.c */
	char name[96];
};

struct bench {
	const struct bench_options *o;
	struct smbc_lib *lib;
	struct bench_peer *peers;
	struct smbc_spares spares;
	const struct bench_work *work;
	struct bench_tally tally;
	uint8_t *pattern; /* of max(size, 64 KiB) bytes and once more */
	size_t pattern_size;
	struct bench_cost before, after;      /* what the server has spent */
	uint64_t begins, ends, done, started; /* of measuring; done: its end */
	uint64_t own_us;                      /* CPU time of smb3bench itself */
	unsigned busy;                        /* lanes with an operation under way */
	int epoll;
	bool measuring;
};

/* Both end with an empty name. */
extern const struct bench_work bench_works[], bench_pipe_works[];

/* list.c: of the work "list". */
unsigned bench_list_step(struct bench_lane *l, unsigned i);
bool bench_list_reply(struct bench_lane *l, unsigned i, const struct smbc_req *req);

const struct bench_work *bench_work_find(const char *name);
uint64_t bench_now(void); /* ns */
uint64_t bench_random(struct bench_lane *l);
/* With what the first connection signs: "none", or the name of an algorithm. */
const char *bench_signing(const struct bench *b);
_Noreturn void bench_die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* load.c: connects, logs in and holds; runs a work; what went over the wire was answered. */
void bench_connect(struct bench *b);
void bench_disconnect(struct bench *b);
void bench_prepare(struct bench *b, const struct bench_work *work);
void bench_run(struct bench *b, const struct bench_work *work);
/* Sends and waits; dies of any status but success. */
void bench_ask(struct smbc_req *req, const char *what);
struct smbc_req *bench_req(struct bench_lane *l, uint16_t command);
/* A step that waits for something else than its requests has what it waits for. */
void bench_step_done(struct bench_lane *l);
/* A connection of its own, from connecting to the share; waits. */
void bench_peer_open(struct bench *b, struct bench_peer *p);
struct smbc_cred bench_cred(const struct bench_options *o);
