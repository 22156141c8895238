// SPDX-License-Identifier: Apache-2.0
/*
 * transport.h: a row of kind TRANSPORT moves whole messages to and from a peer.
 * It frames (4-byte length, RDMA credits, QUIC stream); it never looks inside a message.
 */
#ifndef SMB3_TRANSPORT_H
#define SMB3_TRANSPORT_H

#include <smb3/base.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* A message on its way out. Core builds it; the transport owns it from send() on and gives it
 * back with smb3_out_free() when the last byte is gone or the connection is. */
struct smb3_out {
	struct iovec *iov; /* iov[0] has SMB3_OUT_HEADROOM bytes free before it */
	int n_iov, max_iov;
	size_t len;             /* sum of iov */
	struct smb3_buf **bufs; /* what the iov points into besides the arena, to be put back */
	int n_bufs;
	struct smb3_out *next; /* for the transport's queue */
	size_t queued;         /* core's */
	size_t sent;           /* for the transport */
	struct smb3_conn *conn;
	struct smb3_arena *arena; /* holds all of this, struct smb3_out included */
	/* Core's: who has still to sign what begins at iov[sign_from]; a reference, or NULL */
	struct smb3_channel *signer;
	int sign_from;
	bool at_once; /* does not take the way by the pool: nothing may overtake it */
};

#define SMB3_OUT_HEADROOM 64 /* room for a frame or transform header in front of iov[0] */

void smb3_out_free(struct smb3_out *out);

/* A listener of smb3.conf: listen = ( { transport; address; port; } ). */
struct smb3_listener {
	const struct smb3_transport *transport;
	struct smb3_server *server;
	const char *address; /* "*", or a numeric address */
	uint16_t port;       /* 0 is replaced by the port that was bound */
	void *data;          /* the transport's */
};

/* Calls fn for each listener that is open; stops on false. */
void smb3_server_each_listener(const struct smb3_server *server,
			       bool (*fn)(const struct smb3_listener *l, void *arg), void *arg);

struct smb3_transport {
	const char *scheme; /* "tcp" */
	size_t conn_size;   /* bytes of per-connection data, zeroed, at conn->transport_data */
	/* Binds and listens; connections are accepted on worker w (core calls once per listener).
	 * A negative errno with the reason logged ("port 445 is in use: ..."). */
	int (*listen)(struct smb3_listener *l, struct smb3_worker *w);
	void (*unlisten)(struct smb3_listener *l);
	/* On the connection's worker. send takes ownership whatever happens; errors come back
	 * later as smb3_conn_lost(). */
	void (*send)(struct smb3_conn *conn, struct smb3_out *out);
	/* Optional: a buffer for the payload of a reply that is smb3_req_bare(), which takes len bytes
	 * of a file at offset into kernel pipes (struct smb3_tube) and needs no copy of them. NULL:
	 * not for these, or not now. In a message its piece is the last one, and has no iov_base. */
	struct smb3_buf *(*tube)(struct smb3_conn *conn, uint64_t offset, size_t len);
	/* Stop or go on delivering messages (flow control); both are idempotent. */
	void (*pause)(struct smb3_conn *conn);
	void (*resume)(struct smb3_conn *conn);
	/* Moving to another worker: detach on the old thread, attach on the new one. Nothing is
	 * delivered in between; bytes that were read already stay with the connection. */
	void (*detach)(struct smb3_conn *conn);
	void (*attach)(struct smb3_conn *conn);
	/* Ends the connection and frees what hangs on transport_data. No calls back into core
	 * after it returns. flush: try to send what is queued without waiting. */
	void (*close)(struct smb3_conn *conn, bool flush);
};

/* For transports. A new connection on worker w; NULL when a limit is reached (close the socket).
 * peer and local may be NULL. */
struct smb3_conn *smb3_conn_new(struct smb3_worker *w, const struct smb3_listener *l,
				const struct sockaddr *peer, const struct sockaddr *local);
/* The longest message that the peer may send now (small before authentication). */
size_t smb3_conn_limit(const struct smb3_conn *conn);
/* Whether a message of this length may be received now; false: its connection has been paused, ask
 * again when it goes on. */
bool smb3_conn_room(struct smb3_conn *conn, size_t len);
/* What one of conn's counters of memory is now. A transport tells conn->arriving, what the part of a
 * message that has arrived takes up; 0 again by smb3_conn_received(). */
void smb3_conn_hold(struct smb3_conn *conn, size_t *counter, size_t now);
/* Memory for messages has run out: who moves no bytes must go soon. */
bool smb3_memory_short(const struct smb3_worker *w);
/* A whole message has arrived; takes ownership of buf. conn may be gone, or moved to another
 * worker, when this returns false: touch nothing then. */
bool smb3_conn_received(struct smb3_conn *conn, struct smb3_buf *buf);
/* The peer went away, or broke the framing (why is for the log; NULL: plain end). Core closes
 * the connection; touch nothing afterwards. */
void smb3_conn_lost(struct smb3_conn *conn, const char *why);

#endif
