// SPDX-License-Identifier: Apache-2.0
/*
 * buf.h: pooled buffers for messages and payloads.
 * A pool belongs to one worker and keeps free buffers by size class (powers of two from 4 KiB).
 * A buffer may be freed on any thread: it then goes back to the allocator, not to a pool.
 */
#ifndef SMB3_BUF_H
#define SMB3_BUF_H

#include <smb3/base.h>

#define SMB3_BUF_ROOM 192

struct smb3_buf_pool;

struct smb3_buf {
	uint32_t magic;
	uint32_t class; /* size class: 4096 << class */
	size_t size;    /* bytes at data */
	size_t len;     /* bytes in use; set by the owner */
	struct smb3_buf *next;
	uint8_t *data; /* aligned to 64; SMB3_BUF_ROOM bytes are free before it, but of a tube */
	struct smb3_tube *tube;
};

#define SMB3_TUBE_PIPES 9

/* Of a transport's buffer whose len bytes are in kernel pipes, one after the other; data is NULL
 * then. Each pipe takes size bytes of a file that begin with a page. */
struct smb3_tube {
	unsigned int n;
	bool spoiled; /* nobody knows what is in it */
	size_t size, has[SMB3_TUBE_PIPES];
	int in[SMB3_TUBE_PIPES], out[SMB3_TUBE_PIPES]; /* where bytes are put, and taken */
	void (*release)(struct smb3_buf *buf);
};

struct smb3_buf_pool *smb3_buf_pool_new(size_t max_idle_bytes);
void smb3_buf_pool_free(struct smb3_buf_pool *pool);

/* At least size bytes, content undefined; len is 0. pool may be NULL (plain allocation). */
struct smb3_buf *smb3_buf_get(struct smb3_buf_pool *pool, size_t size);
/* NULL pool or NULL buf are allowed. Only the pool's own worker may name it. */
void smb3_buf_put(struct smb3_buf_pool *pool, struct smb3_buf *buf);

#endif
