// SPDX-License-Identifier: Apache-2.0
/*
 * worker.h: threads. A worker owns its clients and runs their requests on its event loop; it
 * talks to other workers by mail only. The I/O pool runs the blocking part of requests.
 * On a loop nothing waits and no loop is unbounded.
 */
#ifndef SMB3_WORKER_H
#define SMB3_WORKER_H

#include <smb3/base.h>
#include <smb3/list.h>

struct ev_loop;

/* Workers have indexes below this. */
#define SMB3_WORKERS_MAX 64

/* A message to a worker. Embed it in what is sent; it is not touched after fn was called. */
struct smb3_mail {
	void (*fn)(struct smb3_worker *worker, struct smb3_mail *mail);
	struct smb3_mail *next;
};

/* From any thread. fn runs on the worker's loop, in the order of posting per sender. Mail
 * posted before the server stops is always delivered. */
void smb3_mail_post(struct smb3_worker *to, struct smb3_mail *mail);

unsigned int smb3_worker_index(const struct smb3_worker *w);
struct ev_loop *smb3_worker_loop(const struct smb3_worker *w);
struct smb3_buf_pool *smb3_worker_bufs(const struct smb3_worker *w);
/* How often the loop was held up (server.late); *ret_last is what did so last, or NULL. On the
 * worker's thread. */
uint64_t smb3_worker_late(const struct smb3_worker *w, const char **ret_last);
/* True on the thread that runs w's loop (for assertions). */
bool smb3_worker_here(const struct smb3_worker *w);

unsigned int smb3_server_workers(const struct smb3_server *server);
struct smb3_worker *smb3_server_worker(const struct smb3_server *server, unsigned int index);

/* One-shot timer on a worker's loop; start again to move it, from the worker's thread only. */
struct smb3_timer {
	void (*fn)(struct smb3_timer *t);
	struct smb3_worker *worker;
	struct ev_timer *ev; /* core's */
};

void smb3_timer_start(struct smb3_timer *t, struct smb3_worker *w, void (*fn)(struct smb3_timer *),
		      uint64_t ms);
void smb3_timer_stop(struct smb3_timer *t); /* also on one never started (zeroed) */

/* Jobs that wait for the pool take turns by lane: a connection has two. Core's. */
struct smb3_lane {
	struct smb3_list jobs, link; /* link: in the pool's ring while there are jobs */
};

/* A job for the I/O pool that belongs to no request: work on a pool thread, then done on w. */
struct smb3_job {
	void (*work)(struct smb3_job *job);
	void (*done)(struct smb3_worker *w, struct smb3_job *job);
	struct smb3_identity *who; /* work runs as this user; NULL: the server's own. Not counted */
	bool refused;              /* the thread could not become who: work must touch no file */
	bool aloof; /* work has to do with no user's things: it runs as whoever the thread is just now */
	/* Core's */
	struct smb3_mount *mount; /* whose threads it takes; NULL: nobody's */
	struct smb3_lane *lane; /* whose turn it is; NULL: one that all such jobs have in common */
	struct smb3_worker *worker;
	struct smb3_mail mail;
	struct smb3_list link;
};

void smb3_job_start(struct smb3_worker *w, struct smb3_job *job);

#endif
