// SPDX-License-Identifier: Apache-2.0
/*
 * inner.h: requests that the server makes itself for a session, as if its client had sent them in one
 * compound: what a user may do by another way than SMB's is then just what he may do by SMB, by the same
 * shares, hooks, filters and files.
 */
#ifndef SMB3_INNER_H
#define SMB3_INNER_H

#include <smb3/base.h>

/* All replies, one behind the other as in a compound; what the end of the connection has cut short says
 * so. They are gone when it returns. */
typedef void (*smb3_inner_then)(void *arg, const uint8_t *replies, size_t len);

struct smb3_inner_call {
	const char *peer; /* for whom: of its connection, if the session has one; NULL: of any */
	const void *pdus;
	size_t len;
	smb3_inner_then then;
	void *arg;
};

/* On the session's worker. pdus: one message in clear, copied; its session ids, message ids and signatures
 * mean nothing, related requests are as ever. then() is called once, later, from the loop of that worker.
 * A tree that a TREE_CONNECT among them has made ends before that; at most one may be. The requests take
 * and grant no credits, count as protected as the session demands it of its client's, wait without
 * interim replies, and are not found by CANCEL. They end as others do with the session, or with the
 * connection of it that they have taken: hooks see the address of that one. -ENOTCONN: it
 * has none; -EBUSY: as much goes on as the limits allow, 16 compounds of a session at most; -EINVAL: pdus is no compound. Then then() is not called. */
int smb3_inner_start(struct smb3_session *s, const struct smb3_inner_call *call);

#endif
