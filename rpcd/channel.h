// SPDX-License-Identifier: Apache-2.0
/*
 * channel.h: what smb3d and smb3-rpcd say to each other over their socket pair. Both sides decode it
 * with a cursor and believe nothing.
 *
 * A message is a head, 16 bytes: length of what follows (4), type (2), zero (2), id (8); and its body.
 * t: text (rpc.h), b: byte, 2, 4, 8: numbers, ...: the rest.
 *
 * smb3d sends at most one DATA, LATE or CLOSE of a pipe at a time, and waits for its DONE; and not more
 * of them in all than smb3-rpcd has threads. So nothing queues up in smb3-rpcd, and whoever takes too
 * long is known.
 */
#ifndef RPCD_CHANNEL_H
#define RPCD_CHANNEL_H

#include <smb3/cursor.h>

#define CHANNEL_VERSION 2
#define CHANNEL_FD      3 /* in smb3-rpcd */
#define CHANNEL_HEAD    16
#define CHANNEL_MAX     (2u << 20) /* bytes of a body */

enum channel_type {
	/* to smb3-rpcd */
	CHANNEL_SETUP = 1, /* first of all: struct channel_setup */
	CHANNEL_OPEN,      /* id: a new pipe. t pipe, t user, t domain, t address, 8 session, b
			  flags (SMB3_RPC_CALLER_...) */
	CHANNEL_DATA,      /* id: the pipe. ...: what its client wrote */
	CHANNEL_CLOSE,     /* id: the pipe, which is gone */
	CHANNEL_ANSWER,    /* id: the question's. 4 errno, ...: the answer */
	/* to smb3d */
	CHANNEL_READY, /* locked in. 4 interfaces */
	CHANNEL_REPLY, /* id: the pipe. ...: one PDU */
	CHANNEL_DONE,  /* id: the pipe. b: 1, or 0: it is to be broken */
	CHANNEL_ASK,   /* id: the question's. 8 pipe, 4 question, ...: its input */
	CHANNEL_LOG,   /* b level, t text */
	/* to smb3-rpcd */
	CHANNEL_LATE, /* id: the pipe. 4 key, 4 errno, ...: the answer to a question of a call that
			 waits */
};

struct channel_head {
	uint32_t len;
	uint16_t type;
	uint64_t id;
};

/* False: this is no head of such a message. */
static inline bool channel_get_head(const uint8_t bytes[CHANNEL_HEAD],
				    struct channel_head *ret_head)
{
	struct smb3_cursor c = smb3_cursor_init(bytes, CHANNEL_HEAD);
	uint16_t zero;

	ret_head->len = smb3_get_u32(&c);
	ret_head->type = smb3_get_u16(&c);
	zero = smb3_get_u16(&c);
	ret_head->id = smb3_get_u64(&c);
	return ret_head->len <= CHANNEL_MAX && !zero;
}

static inline void channel_put_head(struct smb3_builder *b, const struct channel_head *head)
{
	smb3_put_u32(b, head->len);
	smb3_put_u16(b, head->type);
	smb3_put_u16(b, 0);
	smb3_put_u64(b, head->id);
}

#endif
