// SPDX-License-Identifier: Apache-2.0
/*
 * session.h: an authenticated user on a client, its channels, and its trees.
 *   channel   the pair (session, conn): has a signing key and, while the user logs on, the
 *             authentication in progress
 * Touched by the client's worker only.
 */
#ifndef SMB3_SESSION_H
#define SMB3_SESSION_H

#include <smb3/auth.h>
#include <smb3/base.h>
#include <smb3/hash.h>
#include <smb3/list.h>
#include <smb3/time.h>

#define SMB3_SESSION_MAGIC SMB3_MAGIC('S', 'E', 'S', 'S')
#define SMB3_CHANNEL_MAGIC SMB3_MAGIC('C', 'H', 'A', 'N')
#define SMB3_TREE_MAGIC    SMB3_MAGIC('T', 'R', 'E', 'E')

enum smb3_session_state {
	SMB3_SESSION_SETUP,   /* logging on for the first time */
	SMB3_SESSION_VALID,   /* in use, perhaps logging on again */
	SMB3_SESSION_EXPIRED, /* wants re-authentication */
	SMB3_SESSION_CLOSED,  /* logged off: found by nobody, kept by references only */
};

struct smb3_channel {
	uint32_t magic;
	uint32_t refs; /* worker-local: the session's list, requests */
	struct smb3_session *session;
	struct smb3_conn *conn;
	struct smb3_list session_link, conn_link;
	bool bound;             /* proved: its requests are taken */
	bool binding;           /* of a further connection that is about to join the session */
	struct smb3_auth *auth; /* log-on in progress, or NULL */
	bool auth_busy;         /* a request has it in work */
	uint8_t preauth[64];    /* 3.1.1 hash of conn's NEGOTIATE and this log-on */
	uint8_t sign_key[16];
	const struct smb3_sign *sign; /* NULL: not signed (guest, anonymous) */
	void *sign_ctx;               /* of sign->key() */
};

struct smb3_session {
	uint32_t magic;
	uint32_t refs; /* worker-local: table, channels, trees, requests */
	uint64_t id;
	enum smb3_session_state state;
	struct smb3_client *client;
	struct smb3_hash_node client_node, worker_node;
	struct smb3_identity *identity; /* NULL while SETUP; replaced whole by a new log-on */
	struct smb3_list channels;
	uint16_t revision;  /* dialect of the first channel: others must match */
	uint16_t cipher_id; /* and cipher */
	struct smb3_guid client_guid;
	uint32_t n_inner; /* compounds that the server has made for it and that go on */
	bool sign_required, encrypt_required, guest, anonymous;
	bool encrypts;   /* its client has sent encrypted messages */
	uint8_t key[32]; /* session key of the authentication; first 16 bytes, or 32 */
	size_t key_len;
	const struct smb3_sign *sign; /* of the first channel; NULL: it does not sign */
	/* The same for refusals on connections that are not its own. NULL: not signed, for whoever
	 * repeats there what he overheard would be given a second signature with the same nonce. */
	const struct smb3_sign *sign_elsewhere;
	uint8_t sign_key[16];             /* with which a further channel must be asked for */
	uint8_t app_key[32];              /* 3.x application key (RPC) */
	uint8_t enc_key[32], dec_key[32]; /* server to client, client to server */
	struct smb3_hash trees;           /* of smb3_tree.node, by tree id */
	struct smb3_hash opens;           /* of smb3_open.node, by volatile id */
	uint32_t last_tree_id;
	uint32_t ending;  /* opens of closed trees that are still being finished, */
	uint32_t sealing; /* and, once it is closed, replies that are on the pool: these */
	struct smb3_mail *awaiting; /* core's: posted when ending is 0 */
	uint64_t born;              /* smb3_clock() */
	smb3_nttime expires;        /* 0: never; slots follow */
};

/* The log-on (its ticket) has ended: until the user has logged on again only what ends things is taken.
 * [MS-SMB2] 3.3.5.2.9 */
static inline bool smb3_session_expired(const struct smb3_session *s)
{
	return s->state == SMB3_SESSION_EXPIRED ||
	       (s->state == SMB3_SESSION_VALID && s->expires && smb3_now() > s->expires);
}

struct smb3_tree {
	uint32_t magic;
	uint32_t refs; /* worker-local: table, opens, requests */
	uint32_t id;
	bool closed; /* disconnected: found by nobody */
	struct smb3_session *session;
	struct smb3_hash_node node;
	struct smb3_share *share;
	struct smb3_mount *mount;       /* NULL for pipes */
	struct smb3_identity *identity; /* who the share makes of the user (force_user) */
	bool follows;                   /* identity is the session's, also after a new log-on */
	uint32_t max_access;            /* granted at most, of FILE_ALL_ACCESS */
	bool read_only, encrypt_required;
	uint32_t n_opens;
	/* slots follow */
};

/* For the setup module. A new session in state SETUP with one channel; NULL at the limit. */
struct smb3_session *smb3_session_new(struct smb3_conn *conn);
struct smb3_session *smb3_session_find(const struct smb3_client *client, uint64_t id);
/* The channel of this session on that connection, or NULL. */
struct smb3_channel *smb3_channel_find(const struct smb3_session *s, const struct smb3_conn *conn);
struct smb3_channel *smb3_channel_new(struct smb3_session *s, struct smb3_conn *conn);
/* The session that the client named is not to be had on this connection, or not with that key: when
 * the request is signed with the session's first one (sign, key) the error reply will be, too, for
 * the client believes no other. sign may be NULL. */
void smb3_req_sign_as(struct smb3_req *req, const struct smb3_sign *sign, const uint8_t key[16]);
/* Drops the channel; the session's last one takes the session along. */
void smb3_channel_close(struct smb3_channel *ch);
/* Keys the channel's signing from sign_key with conn->sign. False: the algorithm refused. */
bool smb3_channel_key(struct smb3_channel *ch);
/* The log-on succeeded: takes over identity (reference moves) and makes the session valid. */
void smb3_session_valid(struct smb3_session *s, struct smb3_identity *identity);
/* Log-off, replacement, kill, expiry: finishes pending requests, closes trees and opens, and
 * takes the session out of every table. References keep the memory only. */
void smb3_session_close(struct smb3_session *s, const char *why);
struct smb3_session *smb3_session_ref(struct smb3_session *s);
void smb3_session_unref(struct smb3_session *s); /* NULL is allowed */
struct smb3_channel *smb3_channel_ref(struct smb3_channel *ch);
void smb3_channel_unref(struct smb3_channel *ch); /* NULL is allowed */
/* Ends a request that closed the session or trees of it: with STATUS_SUCCESS, once all their opens
 * have left their files (a delete on close is done, share modes are free). Return what it does. */
ntstatus smb3_session_settle(struct smb3_session *s, struct smb3_req *req);
/* The worker on which a session of that id would live (ids say so), or NULL; and, there, the
 * session or NULL. */
struct smb3_worker *smb3_session_worker(struct smb3_server *server, uint64_t id);
struct smb3_session *smb3_worker_session(const struct smb3_worker *w, uint64_t id);
/* On its worker: a connection of it that is not ending, or NULL; of that peer (peer_name) if it has one. */
struct smb3_conn *smb3_session_conn(const struct smb3_session *s, const char *peer);
/* Mail for the session's worker, posted when none of its opens is being finished any more. */
void smb3_session_await(struct smb3_session *s, struct smb3_mail *mail);

/* For listings, on w's thread: calls fn for each session; stops on false. fn may close it. */
void smb3_worker_each_session(struct smb3_worker *w, bool (*fn)(struct smb3_session *s, void *arg),
			      void *arg);

/* For the tree module. NULL at the limit. Takes a reference of share; mount may be NULL. */
struct smb3_tree *smb3_tree_new(struct smb3_session *s, struct smb3_share *share,
				struct smb3_mount *mount);
struct smb3_tree *smb3_tree_ref(struct smb3_tree *t);
struct smb3_tree *smb3_tree_find(const struct smb3_session *s, uint32_t id);
/* Closes its opens, finishes its pending requests, and takes it out of the table. */
void smb3_tree_close(struct smb3_tree *t);
/* All trees of s of which goes() says so. */
void smb3_trees_close(struct smb3_session *s, bool (*goes)(const struct smb3_tree *t, void *arg),
		      void *arg);

#endif
