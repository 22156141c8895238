// SPDX-License-Identifier: Apache-2.0
/*
 * setup.h: what the files of module setup share.
 */
#ifndef SETUP_H
#define SETUP_H

#include <smb3/smb3.h>

/* On each connection. */
struct setup_conn {
	bool multi_protocol; /* NEGOTIATE came as SMB1: the wildcard dialect may be answered */
};

/* On each session. */
struct setup_session {
	struct smb3_identity *user; /* a reference: the user by name that logged on first, or NULL */
};

struct setup_conf {
	bool multichannel;
	int64_t channels; /* of a session */
};

/* A session that a client wants to join, as it was when it was looked up. */
struct bind_target {
	bool found, here; /* here: it belongs to this connection's client */
	bool expired, nameless;
	uint16_t revision, cipher_id;
	const struct smb3_sign *sign, *sign_elsewhere;
	uint8_t sign_key[16];
};

/* A SESSION_SETUP request. */
struct setup {
	struct smb3_auth *auth;
	const uint8_t *token;
	size_t token_len;
	uint64_t previous;
	uint8_t flags, security_mode;
	bool fresh;   /* not a log-on of a session that is valid already */
	bool hashed;  /* goes into the preauth hash of its channel */
	bool encrypt; /* a policy wants the session encrypted */
	struct smb3_builder blob;
	struct bind_target target;
	struct smb3_req *req; /* back to it from the timer */
	struct smb3_timer timer;
	uint64_t due;     /* smb3_clock(): when the timer's time has come */
	uint64_t delay;   /* ms: to hold the answer to a failure back */
	ntstatus verdict; /* which is that */
};

extern struct smb3_slot setup_conn_slot, setup_session_slot;

extern const struct smb3_command negotiate_command;
extern const struct smb3_command session_setup_command;
extern const struct smb3_command logoff_command;
extern const struct smb3_command echo_command;
extern const struct smb3_layer smb1_layer;

/* A request that names a session which is not this connection's. With SMB2_SESSION_FLAG_BINDING
 * STATUS_SUCCESS when the log-on may go on, with req's session and channel set; STATUS_PENDING, or
 * why not. 3.3.5.5.2 */
ntstatus bind_begin(struct smb3_req *req);
/* It goes no further: a key that was copied for it is wiped. */
void bind_forget(struct smb3_req *req);
/* A further round trip of it: still signed with the session's key? */
ntstatus bind_resume(struct smb3_req *req);
/* The log-on is over: the same user? Then the channel gets its own key. */
ntstatus bind_check(struct smb3_req *req); /* may who has logged on have the session? */
ntstatus bind_succeed(struct smb3_req *req);

/* ---- session_setup.c ---- */

/* The round trip in work. */
ntstatus setup_step(struct smb3_req *req);
/* It is not to be: the log-on ends with status. */
ntstatus setup_refuse(struct smb3_req *req, ntstatus status);
/* Nobody waits for it any more: gives the log-on back. */
void setup_abandon(struct smb3_req *req);

/* ---- gate.c ---- */

/* Asks whether the round trip may begin, and begins it, at once or later. */
ntstatus gate_enter(struct smb3_req *req);
/* Tells what it came to. */
void gate_leave(struct smb3_req *req, ntstatus status);
/* The log-on has failed with status: answers, at once or later. */
ntstatus gate_answer(struct smb3_req *req, ntstatus status);

/* ---- reach.c ---- */

/* A client came back (PreviousSessionId): closes that session wherever it lives if it belongs to
 * the same user as identity, then calls done on req's worker. Pends req: return STATUS_PENDING;
 * done must end in smb3_req_finish(). [MS-SMB2] 3.3.5.5.3 */
void session_replace(struct smb3_req *req, uint64_t previous_id, struct smb3_identity *identity,
		     void (*done)(struct smb3_req *req));

/* Shows the session of that id to `look` on the worker where it lives (s is NULL when there is
 * none, or none that is valid), then calls done on req's worker. look may copy what it sees to
 * req->state, no more. Pends req: return STATUS_PENDING; done must end in smb3_req_finish(). */
void session_visit(struct smb3_req *req, uint64_t id,
		   void (*look)(const struct smb3_session *s, struct smb3_req *req),
		   void (*done)(struct smb3_req *req));

/* The negotiate contexts of a 3.1.1 request; count of them start at offset. */
ntstatus contexts_parse(struct smb3_req *req, uint32_t offset, uint16_t count);
/* Appends those of the reply; their number. */
uint16_t contexts_build(struct smb3_req *req);

#endif
