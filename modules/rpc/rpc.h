// SPDX-License-Identifier: Apache-2.0
/*
 * rpc.h: what the files of module rpc share.
 *
 * A pipe has two sides. Its worker has what clients see: requests that wait, replies that nobody has
 * read yet. Worker 0 has the channel to smb3-rpcd, and what of each pipe is under way there. The sides
 * tell each other by notes (mail), in order; the pipe itself is counted.
 */
#ifndef RPC_RPC_H
#define RPC_RPC_H

#include "channel.h"

#include <ev.h>
#include <linux/capability.h>
#include <smb3/smb3.h>

#define RPC_RAISES SMB3_CAP(CAP_KILL)

struct rpc_conf {
	const char *program, *comment;
	uint64_t call_time;
	int64_t threads, pipes, handles, waiting, waiting_session, waiting_pipe;
	uint64_t memory, cpu, request_size, response_size;
};

/* Bytes that travel: from a client, or to it. */
struct rpc_chunk {
	struct smb3_list link;
	size_t len, at; /* at: read so far */
	char from[64];  /* input: the address of the connection over which it came */
	uint8_t data[];
};

struct rpc_chunk *rpc_chunk_new(const void *data, size_t len);

struct rpc_pipe {
	_Atomic uint32_t refs;
	struct rpc *rpc;
	struct smb3_worker *worker;
	uint64_t id;
	const char *name; /* the interface's */
	struct smb3_identity *identity;
	uint64_t session;
	char address[64];
	uint8_t key[16]; /* of the session, for what RPC keeps secret */
	size_t key_len;

	/* on its worker */
	struct smb3_open *open;               /* unless gone */
	bool gone;                            /* the client's handle is closed */
	ntstatus broken;                      /* nothing more comes, and why */
	const struct rpc_chunk *cancel_after; /* of input: then calls that wait are given up */
	bool cancel_told;
	bool under_way;         /* a write has been given to worker 0 and is not done */
	struct smb3_list input; /* chunks that wait */
	size_t input_bytes;
	struct smb3_list replies; /* chunks, one PDU each */
	size_t reply_bytes;
	struct smb3_list readers, writers; /* of struct waiting: requests */

	/* on worker 0 */
	struct smb3_hash_node node;   /* of child.pipes, once smb3-rpcd has it */
	struct smb3_list ready, busy; /* of rpc->ready, rpc->busy */
	struct rpc_chunk *data;       /* to be sent */
	bool opened;                  /* smb3-rpcd knows it */
	bool dead;                    /* the client has been told that it is broken */
	bool closing;                 /* to be closed there ... */
	uint16_t sent;                /* busy: the type of the message under way */
	int give_up;               /* an errno for calls that wait when that one is done; 0: none */
	uint32_t n_late;           /* of rpc->late */
	bool kept;                 /* somebody wants to hear when it is gone */
	size_t replied;            /* bytes, to the message under way */
	uint64_t since;            /* busy: smb3_clock(), of the last thing heard */
	uint32_t asking;           /* questions of it that we have not answered */
	struct smb3_list logons;   /* security contexts */
	struct rpc_logon *current; /* of them: who asks; NULL: whoever opened the pipe */
	size_t n_logons;
	bool logon_busy; /* one takes a step */
};

struct rpc_pipe *rpc_pipe_ref(struct rpc_pipe *p);
void rpc_pipe_unref(struct rpc_pipe *p);

enum child_state {
	CHILD_NONE,     /* there is none */
	CHILD_STARTING, /* a job starts the process, or it is not ready yet */
	CHILD_READY,
	CHILD_ENDING,  /* killed; a job waits for its end */
	CHILD_WAITING, /* for the time when it may be started again */
};

struct child {
	enum child_state state;
	pid_t pid;
	int fd; /* -1: none */
	uint64_t generation;
	uint64_t began; /* smb3_clock() */
	ev_io in, out;
	struct smb3_timer again;
	uint64_t again_at; /* smb3_clock(); CHILD_WAITING */
	uint8_t *buf;      /* what has come and makes no message yet */
	size_t len, size;
	struct smb3_list sending; /* chunks */
	size_t sending_bytes;
	unsigned int fails; /* in a row */
	unsigned int lines; /* of its log, in this second */
	uint64_t starts, ends, hangs, calls;
	char last_end[96];
};

struct rpc {
	struct smb3_mod *mod;
	struct smb3_server *server;
	struct smb3_worker *worker; /* 0 */
	_Atomic uint64_t last_pipe;
	_Atomic int64_t n_pipes;
	bool stopped;
	struct child child;
	struct smb3_hash pipes;       /* that smb3-rpcd knows */
	struct smb3_list ready, busy; /* pipes with something to send; with something under way */
	int64_t n_busy;
	struct smb3_list
		changes; /* answerings that change smb3.conf's files and wait for their turn */
	bool changing;   /* one has it */
	struct smb3_list late; /* questions that are answered later, or were and wait to be sent */
	int64_t n_late;
};

static inline const struct rpc_conf *rpc_conf(const struct rpc *rpc)
{
	return rpc->mod->conf;
}

/* ---- pipe.c: the client's side ---- */

extern const struct smb3_pipe_service rpc_pipe_service;

/* From worker 0 to the pipe's worker. */
void rpc_pipe_reply(struct rpc_pipe *p, struct rpc_chunk *chunk);
void rpc_pipe_done(struct rpc_pipe *p);
void rpc_pipe_break(struct rpc_pipe *p, ntstatus status);

/* ---- broker.c: worker 0's side ---- */

/* From the pipe's worker. */
void rpc_broker_data(struct rpc_pipe *p, struct rpc_chunk *chunk);
void rpc_broker_close(struct rpc_pipe *p);
/* The client has given up waiting: calls of it that wait end; told: with an answer. */
void rpc_broker_cancel(struct rpc_pipe *p, bool told);
/* On worker 0. */
/* There is something to be sent. */
void rpc_broker_ready(struct rpc_pipe *p);
void rpc_broker_message(struct rpc *rpc, const struct channel_head *head, const uint8_t *body);
/* Gives what waits to smb3-rpcd, as far as it has threads. */
void rpc_broker_run(struct rpc *rpc);
/* smb3-rpcd is gone, or was never there: pipes that it knew end with status; with all, those that
 * wait, too. */
void rpc_broker_lost(struct rpc *rpc, bool all, ntstatus status);
void rpc_broker_tick(struct rpc *rpc);

/* ---- child.c: the process ---- */

void rpc_child_want(struct rpc *rpc); /* starts it unless it is there or on its way */
void rpc_child_send(struct rpc *rpc, const struct channel_head *head, const void *body);
void rpc_child_ready(struct rpc *rpc);
/* Kills it, for a reason that goes to the log; NULL: the server ends. */
void rpc_child_end(struct rpc *rpc, const char *why);

/* ---- ask.c ---- */

struct rpc_logon;

/* A question in work. */
struct rpc_answering {
	struct smb3_rpc_asking asking;
	struct smb3_job job;
	struct smb3_mail mail;
	struct rpc *rpc;
	struct rpc_pipe *pipe; /* a reference */
	const struct smb3_rpc_question *question;
	struct smb3_identity *who; /* a reference */
	uint64_t generation, id;
	unsigned int worker; /* whose turn it is */
	int err;
	struct smb3_list link; /* of rpc->changes, rpc->late */
	uint32_t key;          /* late.c: the call's */
	bool answered;         /* waits to be sent */
	const char *refused;   /* why smb3.conf could not be read again; NULL: it was */
	/* logon.c */
	struct rpc_logon *logon;
	struct smb3_conn *conn; /* a reference, on the pipe's worker */
	ntstatus status;        /* of the step */
	struct smb3_builder token;
	/* bind.c */
	struct smb3_rpc_use use;
	bool looks;
};

void rpc_ask(struct rpc *rpc, struct rpc_pipe *p, const struct channel_head *head,
	     struct smb3_cursor *in);
/* On worker 0: sends the answer, frees it. */
void rpc_answer_send(struct rpc_answering *an);
/* The same, but it is kept. */
void rpc_answer_tell(struct rpc_answering *an);
void rpc_answer_free(struct rpc_answering *an);
/* On the pipe's worker: the connection over which the call came, or another one of its session; NULL. */
struct smb3_conn *rpc_asking_conn(const struct rpc_answering *an);
/* errno, and what follows it. */
struct smb3_builder rpc_answer_build(struct rpc_answering *an);
/* The server ends: who waits for his turn to change something is refused. */
void rpc_changes_stop(struct rpc *rpc);

static inline struct rpc_answering *rpc_answering_of(struct smb3_rpc_asking *asking)
{
	return SMB3_CONTAINER(asking, struct rpc_answering, asking);
}

/* ---- logon.c: security contexts ---- */

extern const struct smb3_rpc_question rpc_ask_logon, rpc_ask_unwrap, rpc_ask_wrap, rpc_ask_caller;

/* Runs from worker to worker; ends in rpc_answer_send(). */
void rpc_logon_begin(struct rpc_answering *an);
void rpc_logons_free(struct rpc_pipe *p);
/* Who asks, when the pipe asks now. On worker 0. */
struct smb3_identity *rpc_logon_who(const struct rpc_pipe *p);
/* The key between the two. [MS-RPCE] 3.3.1.5.2: of the log-on on the pipe, else of the session. */
const uint8_t *rpc_logon_key(const struct rpc_pipe *p, size_t *ret_len);
uint8_t rpc_caller_flags(const struct smb3_identity *who);

/* ---- late.c: questions that are answered later ---- */

extern const struct smb3_rpc_question rpc_ask_forget, rpc_ask_sleep;

/* As rpc_logon_begin(), for questions with SMB3_ASK_LATER. */
void rpc_late_begin(struct rpc_answering *an);
/* Whether the pipe has one that can be sent; sends it. */
bool rpc_late_ready(const struct rpc_pipe *p);
void rpc_late_send(struct rpc_pipe *p);
/* Ends those of the pipe; err 0: without a word. */
void rpc_late_cancel(struct rpc_pipe *p, int err);
/* smb3-rpcd does not know the pipe any more. */
void rpc_late_closed(struct rpc_pipe *p);

/* ---- bind.c ---- */

extern const struct smb3_rpc_question rpc_ask_bind;
/* Runs where the pipe lives; ends in rpc_answer_send(). */
void rpc_bind_begin(struct rpc_answering *an);
/* The level of the log-on that asks; 0: there is none. On worker 0. */
uint8_t rpc_logon_level(const struct rpc_pipe *p);

/* ---- prove.c ---- */

/* As rpc_logon_begin(), for questions with SMB3_ASK_PROVES. */
void rpc_prove_begin(struct rpc_answering *an);

/* ---- facts.c ---- */

extern const struct smb3_rpc_question rpc_ask_shares, rpc_ask_sessions, rpc_ask_trees,
	rpc_ask_opens, rpc_ask_close_open, rpc_ask_close_session;

/* ---- ctl.c ---- */

extern const struct smb3_ctl_command rpc_ctl_rpc;

#endif
