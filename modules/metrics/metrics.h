// SPDX-License-Identifier: Apache-2.0
/*
 * metrics.h: what the files of module metrics share.
 */
#ifndef METRICS_METRICS_H
#define METRICS_METRICS_H

#include <pthread.h>
#include <smb3/smb3.h>
#include <stdatomic.h>
#include <stdio.h>

#define METRICS_REQUEST_MAX 4096

struct metrics_conf {
	const char *address;
	int64_t port, connections;
	bool remote;
	uint64_t timeout; /* ms */
};

/* What a worker finds once a second; read by the thread that answers. */
struct metrics_worker {
	_Atomic uint64_t conns, sessions, trees, opens, bytes_in, bytes_out;
	uint64_t ended_in, ended_out; /* the worker's own: of connections that have ended */
};

struct metrics_conn;

struct metrics {
	struct smb3_server *server;
	struct metrics_worker workers[SMB3_WORKERS_MAX];
	_Atomic uint64_t shown_in, shown_out; /* a counter never goes back */
	/* serve.c */
	int fd, wake;
	bool runs;
	pthread_t thread;
	struct metrics_conn *conns; /* the thread's; n_conns of them */
	size_t n_conns;
	uint64_t timeout;   /* ns */
	uint64_t accept_at; /* smb3_clock(): not before */
};

/* ---- text.c ---- */

/* All metrics, in Prometheus' text format 0.0.4. From any thread. */
void metrics_text(struct metrics *m, FILE *out);

/* ---- http.c ---- */

/* What a request comes to: 0 it is not whole yet, else the status to answer. *ret_head: without the
 * text. RFC 9112, as far as a reader of one page needs it: GET and HEAD, no body. */
int metrics_http(const char *data, size_t len, bool *ret_head);
const char *metrics_http_reason(int status);

/* ---- serve.c ---- */

/* 0, or -errno with the reason logged. */
int metrics_listen(struct metrics *m, const struct metrics_conf *conf);
int metrics_port(const struct metrics *m);
int metrics_serve(struct metrics *m);
void metrics_end(struct metrics *m);
/* Whether the address is one; *ret_loopback: of this machine only. */
bool metrics_address(const char *text, bool *ret_loopback);

#endif
