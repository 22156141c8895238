// SPDX-License-Identifier: Apache-2.0
/*
 * sign.h: a row of kind SIGN is a signing algorithm. [MS-SMB2] 3.1.4.1
 * Core zeroes the signature field, calls sign over the whole PDU, and compares or stores.
 */
#ifndef SMB3_SIGN_H
#define SMB3_SIGN_H

#include <smb3/base.h>
#include <sys/uio.h>

/* What the GMAC nonce is made of. */
struct smb3_sign_info {
	uint64_t message_id;
	bool from_server;
	bool cancel; /* the PDU is a CANCEL request */
};

struct smb3_sign {
	uint16_t id;
	const char *name; /* "aes-128-gmac" */
	/* The message id is the nonce: a key should sign what goes over one connection only. */
	bool nonce;
	/* A context for one channel, keyed once; NULL when that failed. */
	void *(*key)(const uint8_t key[16]);
	void (*free)(void *ctx);
	/* On any thread, on several at once with one ctx. 0 or -errno. */
	int (*sign)(void *ctx, const struct smb3_sign_info *info, const struct iovec *iov,
		    int n_iov, uint8_t ret_signature[16]);
};

#endif
