// SPDX-License-Identifier: Apache-2.0
/*
 * req.h: requests. A received message is a chain of one or more requests (compound); each runs
 * when the one before it has finished.
 *
 *   run    on the loop: decode, check; may finish at once, hand over to work, or pend
 *   work   the blocking part: plain straight-line VFS calls, on the loop or on the I/O pool
 *   done   on the loop again: build the reply
 *   pend   wait for something that is not work (a lock, a change, a break)
 *
 * run, work and done return a status. STATUS_PENDING from run means "not finished": the request
 * is in work or pended. Any other status finishes it: an error (severity 3) is answered with an
 * error reply whatever was built, unless keep_body is set.
 */
#ifndef SMB3_REQ_H
#define SMB3_REQ_H

#include <smb3/arena.h>
#include <smb3/base.h>
#include <smb3/cursor.h>
#include <smb3/hash.h>
#include <smb3/list.h>
#include <smb3/smb2.h>
#include <smb3/status.h>
#include <smb3/worker.h>

#define SMB3_REQ_MAGIC SMB3_MAGIC('R', 'E', 'Q', ' ')

/* [MS-SMB2] 2.2.1.2, decoded */
struct smb3_header {
	uint16_t credit_charge, command, credits;
	uint32_t status; /* channel sequence in a 3.x request */
	uint32_t flags, next;
	uint64_t message_id, async_id;
	uint32_t tree_id;
	uint64_t session_id;
	uint8_t signature[16];
};

/* What VFS calls are made with; core fills it in before work. */
struct smb3_ctx {
	const struct smb3_identity *who; /* files are touched as this user */
	struct smb3_arena *arena;        /* the request's */
	struct smb3_req *req; /* that it is for; NULL: none, such as the last part of a close */
	bool nowait;          /* answer -EAGAIN rather than block; nothing has been changed then */
	/* A CREATE is under way: what opening a handle has told about the object need not be asked
	 * again, unless it was changed through the handle since. */
	bool opening;
	/* stat and lookup: which object it is, its type, owner and mode will do. DOS attributes and
	 * creation time may be those of an object that has none stored. */
	bool bare;
};

typedef ntstatus (*smb3_run_fn)(struct smb3_req *req);

/* A row of kind COMMAND. */
#define SMB3_NEED_SESSION  0x01 /* a valid session, signature checked */
#define SMB3_NEED_TREE     0x02
#define SMB3_NEED_OPEN     0x04 /* file id at fileid_offset is looked up into req->open */
#define SMB3_MODIFIES      0x08 /* refused on a read-only tree only by the command; for hooks */
#define SMB3_DRAINS        0x10 /* runs when everything in work on the open has ended */
#define SMB3_EXPIRED_OK    0x20 /* allowed on an expired session (LOGOFF, CLOSE, LOCK unlock) */
#define SMB3_TRANSFER      0x40 /* payload counts for the credit charge (READ, WRITE, IOCTL ...) */
#define SMB3_OPEN_OPTIONAL 0x80 /* with NEED_OPEN: runs without one too, and judges by itself */

/* What a request is about, as its body says; nothing of it has been checked. */
struct smb3_peek {
	const char *path; /* CREATE: below the share, '/' between names; in the request's arena */
	bool transfer;    /* READ, WRITE: the rest is known */
	uint32_t bytes;
	uint64_t offset;
	const uint8_t *data; /* WRITE: what comes, as far as it is there; in the request */
	size_t data_len;
	uint32_t changes; /* rights to change something that it takes an open for; of file.h */
};

struct smb3_command {
	const char *name;       /* "CREATE": for logs and counters */
	uint16_t body_size;     /* StructureSize that the request must have */
	uint16_t fileid_offset; /* from the start of the body; with SMB3_NEED_OPEN */
	uint32_t flags;
	smb3_run_fn run;
	/* Optional: the reply PDU is complete, with its signature (preauth hash). */
	void (*built)(struct smb3_req *req, const uint8_t *pdu, size_t len);
	/* Optional: for hooks that are asked before run; ret_peek comes zeroed. */
	void (*peek)(const struct smb3_req *req, struct smb3_peek *ret_peek);
};

struct smb3_req {
	uint32_t magic;
	uint32_t index; /* in its chain */
	struct smb3_chain *chain;
	struct smb3_req *next; /* in its chain */
	struct smb3_server *server;
	struct smb3_worker *worker;
	struct smb3_conn *conn;
	struct smb3_session *session; /* a reference, or NULL */
	struct smb3_channel *channel; /* of session on conn; NULL when conn is closing */
	struct smb3_tree *tree;       /* a reference, or NULL */
	struct smb3_open *open;       /* a reference, or NULL */
	const struct smb3_command *command;
	struct smb3_header hdr;
	const uint8_t *pdu; /* the header's first byte; stays valid until the request is gone */
	size_t pdu_len;     /* header and body, without the padding of a compound */
	struct smb3_cursor body; /* base: header (offsets of the wire count from there); pos: body */
	bool signed_ok, encrypted; /* how it came */
	bool inner;                /* from the server itself: smb3_inner_start() */
	bool sign_reply;           /* as it came, unless the command says otherwise */

	struct smb3_arena *arena; /* dies with the chain */
	struct smb3_ctx ctx;
	void *state; /* the command's own, in the arena */
	/* What CREATE names below the share, and TREE_CONNECT as share: for hooks; in the arena */
	const char *path;
	/* Set by a command that lets somebody else pend its request (a pipe's service): called when
	 * that one finishes it, with req->status; completes the reply and answers the final status. */
	smb3_run_fn complete;

	/* The reply */
	struct smb3_builder out;  /* body after the header; offsets of the wire = 64 + out.len */
	struct smb3_buf *payload; /* appended after out; owned */
	const void *error_data;   /* goes into the error reply; in the arena */
	size_t error_len;
	bool keep_body; /* send out in spite of an error status */
	ntstatus status;

	/* Core's */
	uint64_t async_id;       /* 0: no interim reply sent */
	uint64_t began, waiting; /* smb3_clock(): received; pended or sent to the pool */
	bool running, ready, pended, cancelled, in_work, finished, woken;
	bool held;         /* by a hook at REQUEST */
	bool counted_open; /* open->in_work counts this request */
	uint8_t *head; /* of the reply: room for a frame, the header, and the body's first block */
	smb3_run_fn work, done;
	void (*on_cancel)(struct smb3_req *req);
	struct smb3_hash_node async_node;
	struct smb3_list open_link; /* open->reqs while pended, open->drain while draining */
	struct smb3_list wait_link; /* file->waiters while parked */
	struct smb3_list late_link; /* worker->waiting */
	struct smb3_job job;
	struct smb3_mail mail;
	struct smb3_file *parked;
	struct smb3_identity *who; /* a reference: the tree's identity when work began */
				   /* slots follow */
};

/* How work may be expected to behave. */
enum smb3_work_kind {
	SMB3_WORK_QUICK,  /* from memory as a rule: on the loop unless the mount has been slow */
	SMB3_WORK_NOWAIT, /* tried on the loop with ctx.nowait, else on the pool */
	SMB3_WORK_SLOW,   /* always on the pool (flush, big copies) */
};

/* `return smb3_req_work(req, work, done, kind);` ends run. done gets work's status in
 * req->status and returns the final one; NULL: work's status is final. work may be called a
 * second time when the first try answered STATUS_RETRY; it must not have changed anything then.
 * work may touch the request, the open's handle, and, under its mutex, the file. Once this has
 * answered STATUS_PENDING, run must not touch the request: the pool may be at it. */
ntstatus smb3_req_work(struct smb3_req *req, smb3_run_fn work, smb3_run_fn done,
		       enum smb3_work_kind kind);

/* `return smb3_req_pend(req, on_cancel, now);` ends run or done: the request waits until somebody
 * calls smb3_req_finish() on its worker. on_cancel (CANCEL, closing, session gone) must finish it
 * or arrange that. now: send the interim reply at once (CHANGE_NOTIFY, LOCK) rather than after
 * half a second. */
ntstatus smb3_req_pend(struct smb3_req *req, void (*on_cancel)(struct smb3_req *), bool now);

/* No interim reply, however long it takes: who waits for this answer takes no other for one
 * (SESSION_SETUP). After smb3_req_pend(); a later smb3_req_work() counts anew. */
static inline void smb3_req_no_interim(struct smb3_req *req)
{
	smb3_list_remove(&req->late_link);
	req->waiting = 0;
}

/* A pended request goes on by itself: with smb3_req_work(), or with another smb3_req_pend(). */
static inline void smb3_req_unpend(struct smb3_req *req)
{
	smb3_req_no_interim(req);
	smb3_list_remove(&req->open_link);
	req->pended = false;
	req->on_cancel = NULL;
}

/* Ends a pended request: on its worker only. From on_cancel pass req->status, which core has set
 * (STATUS_CANCELLED, or what ends the open, tree or session gave). */
void smb3_req_finish(struct smb3_req *req, ntstatus status);

/* On its worker: a request that a hook pended at SMB3_HOOK_REQUEST goes on, to the hooks. */
void smb3_req_resume(struct smb3_req *req);

/* Under file's mutex, from run or work: the request is run again from the top (resume) when
 * smb3_file_wake() is called. Returns STATUS_PENDING to be returned. Acquire is try or park. */
ntstatus smb3_req_park(struct smb3_req *req, struct smb3_file *file);

/* The reply goes as it is and alone: neither signed nor encrypted, nor part of a compound. */
static inline bool smb3_req_bare(const struct smb3_req *req)
{
	return !req->sign_reply && !req->encrypted && !req->inner && !req->index && !req->next;
}

/* The reply body starts here: reserves nothing, gives the builder. */
static inline struct smb3_builder *smb3_req_out(struct smb3_req *req)
{
	return &req->out;
}

/* A payload of the pool's for READ and the like: appended after out; owned by the request.
 * len is set by the caller to what is sent. */
struct smb3_buf *smb3_req_payload(struct smb3_req *req, size_t size);

/* STATUS_INVALID_PARAMETER unless the credit charge covers len payload bytes (3.3.5.2.5). */
ntstatus smb3_req_charge(const struct smb3_req *req, uint64_t len);

/* True when the request carries a good signature of that algorithm and key. */
bool smb3_req_verify(struct smb3_req *req, const struct smb3_sign *sign, void *sign_ctx);

/* Denies, and keeps the reason for the debug log and `smb3ctl why`. Returns status. */
ntstatus smb3_req_deny(struct smb3_req *req, ntstatus status, const char *fmt, ...)
	SMB3_PRINTF(3, 4);

#endif
