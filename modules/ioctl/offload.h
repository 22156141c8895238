// SPDX-License-Identifier: Apache-2.0
/*
 * offload.h: tokens of offloaded copies. [MS-FSCC] 2.1.11
 */
#ifndef IOCTL_OFFLOAD_H
#define IOCTL_OFFLOAD_H

#include <smb3/smb3.h>

#define OFFLOAD_TOKEN_SIZE  512
#define OFFLOAD_SECRET_SIZE 32

enum offload_kind { OFFLOAD_UNKNOWN, OFFLOAD_ZEROS, OFFLOAD_RANGE };

/* What a token says: which open it is of, and the secret by which that open knows it. */
struct offload_token {
	enum offload_kind kind;
	uint64_t persistent_id, volatile_id;
	uint8_t secret[OFFLOAD_SECRET_SIZE];
};

void offload_token_put(struct smb3_builder *b, const struct offload_token *token);
/* Of OFFLOAD_TOKEN_SIZE bytes; anything but ours and the one that means zeros is UNKNOWN. */
struct offload_token offload_token_get(struct smb3_cursor *c);

#endif
