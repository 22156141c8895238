// SPDX-License-Identifier: Apache-2.0
/*
 * conn.h: connections and clients. A client is all connections with one ClientGuid; it lives
 * on one worker with everything below it. A conn is touched by its worker only.
 */
#ifndef SMB3_CONN_H
#define SMB3_CONN_H

#include <smb3/base.h>
#include <smb3/credit.h>
#include <smb3/hash.h>
#include <smb3/list.h>
#include <smb3/transport.h>
#include <smb3/worker.h>

#define SMB3_CLIENT_MAGIC SMB3_MAGIC('C', 'L', 'N', 'T')
#define SMB3_CONN_MAGIC   SMB3_MAGIC('C', 'O', 'N', 'N')

struct smb3_client {
	uint32_t magic;
	uint32_t refs; /* conns and sessions; worker-local */
	struct smb3_worker *worker;
	struct smb3_guid guid;          /* zero: not shared with another connection */
	struct smb3_list conns;         /* of smb3_conn.client_link */
	struct smb3_hash sessions;      /* of smb3_session.client_node, by session id */
	struct smb3_list link;          /* worker's */
	struct smb3_place_entry *place; /* core's */
					/* slots follow */
};

struct smb3_conn {
	uint32_t magic;
	uint32_t refs; /* the worker's list, and each chain in flight; worker-local */
	uint64_t id;
	struct smb3_server *server;
	struct smb3_worker *worker;
	struct smb3_client *client; /* NULL until smb3_conn_settle() */
	struct smb3_list client_link, worker_link;
	struct smb3_lane lane;      /* of its requests on the pool */
	struct smb3_lane seal_lane; /* of its messages there: they wait for no disk */
	const struct smb3_transport *transport;
	void *transport_data;
	struct sockaddr_storage peer, local;
	char peer_name[64]; /* numeric address, for logs and rules */
	bool closing;       /* no more input; the rest dies with the last chain */

	/* What NEGOTIATE agreed; all zero before. Filled by the setup, dialect and negctx modules */
	const struct smb3_dialect *dialect; /* NULL: not negotiated */
	uint16_t revision;                  /* SMB2_DIALECT_... */
	bool negotiated;
	uint16_t client_security_mode, server_security_mode;
	uint32_t client_capabilities, server_capabilities;
	uint16_t client_dialects[64]; /* as offered, for VALIDATE_NEGOTIATE_INFO */
	unsigned int n_client_dialects;
	struct smb3_guid client_guid;
	bool client_signs; /* the client requires signing */
	uint32_t max_transact, max_read, max_write;
	const struct smb3_sign *sign;    /* algorithm for sessions of 3.x; chosen per dialect */
	const struct smb3_layer *cipher; /* encryption layer, NULL: none agreed */
	uint16_t cipher_id;              /* 0: none */
	const char *cipher_name;         /* of cipher_id, for listings; NULL with 0 */
	uint8_t preauth[64];             /* 3.1.1 hash of the NEGOTIATE exchange */

	struct smb3_credits credits;
	struct smb3_list arrivals; /* core's: messages that wait for those before them to be opened */
	struct smb3_list chains;   /* messages in flight */
	struct smb3_list channels; /* of smb3_channel.conn_link: sessions that use this conn */
	uint64_t ended_id;         /* the session that ended last here, and its channel's key: */
	const struct smb3_sign *ended_sign; /* that it has ended is said under that key */
	uint8_t ended_key[16];
	struct smb3_hash async; /* of smb3_req.async_node, by async id */
	uint64_t last_async_id;
	uint32_t n_requests;                  /* outstanding now */
	uint32_t n_arrivals;                  /* in arrivals */
	bool paused;                          /* input held back: too much outstanding */
	size_t out_bytes, in_bytes, arriving; /* memory: unsent, held by requests, half read */
	bool starved;                         /* a message waits for memory that others hold */
	bool relieved;                        /* it may go on, there is never more */
	struct smb3_chain *delayed;           /* that one, when it has been read */
	bool more;          /* the transport's: it has read more than it has delivered */
	uint64_t seal_cost; /* core's: ns to sign or encrypt a MiB, by what it took so far */
	bool logged_on;     /* some session has been valid here */
	uint64_t bytes_in, bytes_out, requests; /* for status listings */
	uint64_t born, active;                  /* smb3_clock(): accepted, last input */
	struct smb3_worker *moving_to;          /* core's: smb3_conn_settle() */
	struct smb3_place_entry *place;         /* core's: a reference until the client has it */
						/* slots follow */
};

/* For NEGOTIATE, once it knows the ClientGuid: joins the client of that guid (a zero guid
 * makes one of its own). False: the client lives on another worker; run() must return
 * STATUS_RETRY at once, and the request is run again there. */
bool smb3_conn_settle(struct smb3_conn *conn, const struct smb3_guid *guid);

/* Ends the connection: the reason goes to the log (NULL: nothing to say). Sessions that have no
 * other channel go with it. Safe from inside run(); everything stays valid until it returns. */
void smb3_conn_close(struct smb3_conn *conn, const char *why);
/* For who works on after the call that named it. On the connection's worker only. */
struct smb3_conn *smb3_conn_ref(struct smb3_conn *conn);
void smb3_conn_unref(struct smb3_conn *conn);

/* Ends it at a limit, named as for smb3_limit_hit(). Of a crowd, one tick ends only so many. */
#define SMB3_TICK_ENDS 1000
void smb3_conn_expire(struct smb3_conn *conn, const char *limit);

/* Sends a message that answers no request (oplock break, notification); pdu is a whole SMB2
 * message, copied. Never signed (their message ids are all the same, and clients do not look);
 * encrypted when session is given and its client encrypts. */
void smb3_conn_notify(struct smb3_conn *conn, struct smb3_session *session, const void *pdu,
		      size_t len);

/* For listings, on w's thread: calls fn for each connection; stops on false. fn may close it. */
void smb3_worker_each_conn(struct smb3_worker *w, bool (*fn)(struct smb3_conn *conn, void *arg),
			   void *arg);

static inline bool smb3_guid_is_zero(const struct smb3_guid *g)
{
	for (size_t i = 0; i < sizeof(g->bytes); i++)
		if (g->bytes[i])
			return false;
	return true;
}

#endif
