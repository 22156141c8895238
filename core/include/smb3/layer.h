// SPDX-License-Identifier: Apache-2.0
/*
 * layer.h: a row of kind LAYER changes whole messages: encryption, compression.
 * On input the layer whose magic a message begins with unwraps it, again and again until a plain
 * SMB2 message is left (each layer at most once). On output layers wrap in order of `order`:
 * compression first, encryption last.
 */
#ifndef SMB3_LAYER_H
#define SMB3_LAYER_H

#include <smb3/base.h>
#include <smb3/transport.h>

/* A message on its way in. Layers work in place or replace buf. */
struct smb3_in {
	struct smb3_buf *buf;
	uint8_t *data; /* the message inside buf */
	size_t len;
	bool encrypted;
	uint64_t session_id;      /* of the transform header; with encrypted */
	struct smb3_inner *inner; /* core's: the server's own requests, of that session; or NULL */
};

struct smb3_layer {
	const char *name;
	uint32_t magic; /* first four bytes, little-endian */
	int order;      /* on output, ascending */
	/* A message that it refuses ends the connection: non-zero status. max is the largest
	 * message that may come out. */
	ntstatus (*unwrap)(struct smb3_conn *conn, struct smb3_in *in, size_t max);
	/* Optional, both or none: unwrap in two parts, of which the second runs on any thread, for several
	 * messages at once. opener, on the worker, tells whose keys open the message, or NULL: unwrap would
	 * refuse it; in is not changed. open does what unwrap does then; what it reads of the message's
	 * header stays, for opener is asked again before the message is believed. */
	struct smb3_session *(*opener)(struct smb3_conn *conn, const struct smb3_in *in,
				       size_t max);
	ntstatus (*open)(struct smb3_session *opener, struct smb3_in *in);
	/* Called for every reply; wraps when it applies, but never one in clear of which a piece has no
	 * iov_base (see smb3_transport's tube). session is the chain's (may be NULL),
	 * encrypt tells whether the reply has to be encrypted. 0 or -errno (the reply is lost and
	 * the connection closed). Large replies are wrapped on the pool, several at once: of conn and
	 * session it touches only what never changes, and what of its own is made for that. */
	int (*wrap)(struct smb3_conn *conn, struct smb3_session *session, bool encrypt,
		    struct smb3_out *out);
};

#endif
