// SPDX-License-Identifier: Apache-2.0
/*
 * smbc.h: a small asynchronous SMB 2/3 client, for tests and load generators.
 * It shares no code with the server, so that the two check each other. [MS-SMB2] 3.2
 *
 *   conn     one TCP connection: bytes out, bytes in, message ids, credits, requests in flight
 *   session  a session as seen on one connection; a second channel is a second struct smbc_session
 *   req      a request: built, submitted, in flight, done. Belongs to its connection's pool.
 *   reply    a response PDU with its header decoded; lives in the receive buffer
 *   chain    requests that are sent as one compound
 *   stray    a message that answers no request: a break notification, or the answer to raw bytes
 *
 * Asynchronous use: give each request a `done`, submit, and call smbc_pump() (or, from an event
 * loop, smbc_flush() and smbc_receive()). Synchronous use: leave `done` NULL, submit, smbc_wait().
 * A connection is for one thread at a time. Functions return 0 or a negative errno.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "crypto.h"
#include "proto.h"

struct smbc_conn;
struct smbc_session;
struct smbc_req;

/* The header, decoded. [MS-SMB2] 2.2.1 */
struct smbc_hdr {
	uint16_t structure_size, charge;
	uint32_t status; /* in requests: ChannelSequence and Reserved */
	uint16_t command, credits;
	uint32_t flags, next;
	uint64_t mid, async_id; /* async_id with SMB2_FLAGS_ASYNC_COMMAND, else pid and tid */
	uint32_t pid, tid;
	uint64_t sid;
	uint8_t signature[16];
};

enum smbc_sig {
	SMBC_SIG_NONE, /* not signed */
	SMBC_SIG_GOOD,
	SMBC_SIG_BAD,
	SMBC_SIG_UNKNOWN, /* signed, and nobody here has the key */
};

struct smbc_reply {
	struct smbc_hdr hdr;
	const uint8_t *pdu; /* from the header on, padding of a compound included */
	size_t len;
	enum smbc_sig sig;
	bool sealed; /* came encrypted */
};

enum smbc_state { SMBC_NEW, SMBC_FLIGHT, SMBC_DONE };
enum smbc_policy { SMBC_AUTO, SMBC_NEVER, SMBC_ALWAYS };

/* Fields of smbc_req.hdr that submit leaves as the caller set them. */
#define SMBC_SET_MID       0x01u
#define SMBC_SET_CHARGE    0x02u
#define SMBC_SET_CREDITS   0x04u
#define SMBC_SET_NEXT      0x08u
#define SMBC_SET_SIGNATURE 0x10u

/* err is 0, or why no reply will come. The request is the caller's again, to free or to keep. */
typedef void smbc_done_fn(struct smbc_req *req, int err);

struct smbc_req {
	struct smbc_conn *conn;
	struct smbc_session *session; /* whose keys; NULL for none */
	enum smbc_state state;
	int err;

	struct smbc_hdr hdr; /* as it will be sent */
	unsigned set;
	struct smbc_buf body; /* from StructureSize on; buffer offsets count from the header */
	const void *data;     /* payload after the body, borrowed until done */
	size_t data_len;
	uint32_t payload; /* what the credit charge pays for: the larger of sent and expected */
	enum smbc_policy sign, seal;
	size_t tamper;    /* flip the byte at this offset of the PDU once signed; 0 for none */
	uint8_t *preauth; /* 64 bytes that the sent PDU is hashed into, or NULL */

	smbc_done_fn *done;
	void *arg;
	struct smbc_reply reply;         /* valid in done, or after smbc_wait() */
	bool interim;                    /* STATUS_PENDING was received */
	struct smbc_reply interim_reply; /* its header; no PDU */
	uint64_t async_id;

	/* private */
	struct smbc_buf copy;
	struct smbc_req *next;
	bool abandoned;
};

typedef void smbc_stray_fn(struct smbc_conn *conn, const struct smbc_reply *reply, void *arg);
/* Sees every PDU sent and received in clear. */
typedef void smbc_trace_fn(struct smbc_conn *conn, bool sent, const uint8_t *pdu, size_t len);

#define SMBC_SPARES 64

/* Buffers in which connections build and take in messages, the one used last first: it is in the processor's caches. A
 * connection has one only while a message has come, or gone, in part. */
struct smbc_spares {
	struct smbc_buf bufs[SMBC_SPARES];
	unsigned n;
};

struct smbc_conn {
	const struct smbc_lib *lib;
	int fd;
	int err; /* 0 while the connection lives; -ENOTCONN when the peer closed it */

	/* negotiated; a scenario may change any of it */
	uint16_t dialect;
	enum smb2_signing signing;
	enum smb2_cipher cipher;
	uint16_t server_security_mode;
	uint32_t server_capabilities;
	uint32_t max_transact, max_read, max_write;
	uint8_t client_guid[16], server_guid[16];
	uint8_t preauth[64];
	bool sign_required; /* by either side */

	uint64_t next_mid;
	uint32_t credits;      /* may be used now */
	uint32_t credits_goal; /* ask for as many as reach this; default 128 */
	uint32_t inflight;

	smbc_stray_fn *stray;
	void *stray_arg;
	smbc_trace_fn *trace;
	struct smbc_spares *spares; /* of connections of one thread, or NULL */
	int bulk;                   /* bytes that each reply has at least, or 0: smbc_bulk() */

	/* private */
	struct smbc_session *sessions;
	struct smbc_buf out, in;
	size_t out_done, in_done;
	int lowat;               /* SO_RCVLOWAT as it is set, or 0 */
	struct smbc_req **table; /* by message id */
	uint32_t table_size;
	struct smbc_req *pool;
};

/* Takes over fd, which it makes non-blocking. */
struct smbc_conn *smbc_conn_new(const struct smbc_lib *lib, int fd);
/* Frees the connection with its sessions and requests; requests in flight end with -ECANCELED. */
void smbc_conn_free(struct smbc_conn *conn);
int smbc_connect(const struct smbc_lib *lib, const char *host, const char *port, int timeout_ms,
		 struct smbc_conn **ret_conn);
/* Any bytes, framing included. */
void smbc_send_bytes(struct smbc_conn *conn, const void *p, size_t n);
/* Writes what the socket takes; true when all is out. */
bool smbc_flush(struct smbc_conn *conn);
/* Reads what is there and delivers whole messages; does not wait. */
int smbc_receive(struct smbc_conn *conn);
/* From now on each reply has that many bytes at least: its socket is ready when it is there. 0: they may have
 * any number. */
void smbc_bulk(struct smbc_conn *conn, size_t bytes);
/* Flushes, waits for input for at most timeout_ms, and delivers it. -ETIMEDOUT when none came. */
int smbc_pump(struct smbc_conn *conn, int timeout_ms);
/* Milliseconds of a clock that only goes forward. */
int64_t smbc_now_ms(void);

struct smbc_req *smbc_req_new(struct smbc_conn *conn, struct smbc_session *session,
			      uint16_t command);
/* A request in flight is given up: its reply will be dropped. */
void smbc_req_free(struct smbc_req *req);
/* Sends; -EAGAIN and nothing done when there are not enough credits. */
int smbc_submit(struct smbc_req *req);
int smbc_submit_chain(struct smbc_req *const *reqs, size_t n);
/* Waits for credits first. */
int smbc_submit_wait(struct smbc_req *req, int timeout_ms);
/* Waits for the reply of a request without `done`. -ETIMEDOUT leaves it in flight. */
int smbc_wait(struct smbc_req *req, int timeout_ms);
/* Sends CANCEL for a request in flight; there is no answer of its own. */
int smbc_cancel(struct smbc_req *target);

void smbc_hdr_parse(const uint8_t *p, struct smbc_hdr *ret_hdr);
void smbc_hdr_build(const struct smbc_hdr *hdr, uint8_t *ret_header);

/* A dialect list and contexts; contexts are sent when the list has 3.1.1. [MS-SMB2] 2.2.3 */
struct smbc_negotiate {
	uint16_t dialects[8];
	size_t dialect_count;
	uint16_t security_mode;
	uint32_t capabilities;
	uint16_t signing[4]; /* algorithms in order of preference */
	size_t signing_count;
	uint16_t ciphers[4];
	size_t cipher_count;
	const char *netname;
	bool no_preauth;
	struct smbc_part extra; /* further contexts, each aligned to 8 and built by hand */
	unsigned extra_count;
};

/* All dialects, all algorithms, signing enabled. */
extern const struct smbc_negotiate smbc_negotiate_default;

void smbc_put_negotiate(struct smbc_req *req, const struct smbc_negotiate *n);
/* Takes the response over into the connection. -EPROTO when it is malformed. */
int smbc_negotiated(struct smbc_conn *conn, const struct smbc_reply *reply);
/* Both, and waits. A status other than success is stored in ret_status and answered with 0. */
int smbc_negotiate(struct smbc_conn *conn, const struct smbc_negotiate *n, int timeout_ms,
		   uint32_t *ret_status);
