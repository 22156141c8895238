// SPDX-License-Identifier: Apache-2.0
/*
 * buf.c: pooled buffers. Header, room and data are one allocation.
 */
#include <smb3/buf.h>

#include <stdlib.h>

#define BUF_MAGIC      SMB3_MAGIC('B', 'U', 'F', 'U')
#define BUF_MAGIC_IDLE SMB3_MAGIC('B', 'U', 'F', 'I')
#define BUF_POOL_MAGIC SMB3_MAGIC('P', 'O', 'O', 'L')
#define BUF_ALIGN      64
#define BUF_HEAD       (BUF_ALIGN + SMB3_BUF_ROOM)
#define BUF_SMALLEST   512
#define BUF_CLASSES    16 /* up to 16 MiB; larger ones are never kept */

struct smb3_buf_pool {
	uint32_t magic;
	size_t idle, max_idle;              /* bytes */
	struct smb3_buf *free[BUF_CLASSES]; /* most recently used first: warm caches */
};

static_assert(sizeof(struct smb3_buf) <= BUF_ALIGN && BUF_HEAD % BUF_ALIGN == 0,
	      "the header fits before the room, and the data are aligned");

struct smb3_buf_pool *smb3_buf_pool_new(size_t max_idle_bytes)
{
	struct smb3_buf_pool *pool = smb3_alloc(sizeof(*pool));

	pool->magic = BUF_POOL_MAGIC;
	pool->max_idle = max_idle_bytes;
	return pool;
}

void smb3_buf_pool_free(struct smb3_buf_pool *pool)
{
	if (!pool)
		return;
	SMB3_CHECK(pool, BUF_POOL_MAGIC);
	for (size_t class = 0; class < BUF_CLASSES; class ++) {
		while (pool->free[class]) {
			struct smb3_buf *buf = pool->free[class];

			pool->free[class] = buf->next;
			buf->magic = 0;
			free(buf);
		}
	}
	pool->magic = 0;
	free(pool);
}

static uint32_t buf_class(size_t size)
{
	if (size <= BUF_SMALLEST)
		return 0;
	return (uint32_t)(64 - __builtin_clzll((size - 1) / BUF_SMALLEST));
}

static struct smb3_buf *buf_new(uint32_t class)
{
	size_t size = (size_t)BUF_SMALLEST << class;
	void *block = NULL;
	struct smb3_buf *buf;

	/* A failed aligned allocation ends like every other one: in smb3_alloc. */
	if (posix_memalign(&block, BUF_ALIGN, BUF_HEAD + size))
		block = smb3_alloc(SIZE_MAX);
	buf = block;
	*buf = (struct smb3_buf){ .class = class,
				  .size = size,
				  .data = (uint8_t *)block + BUF_HEAD };
	return buf;
}

struct smb3_buf *smb3_buf_get(struct smb3_buf_pool *pool, size_t size)
{
	uint32_t class = buf_class(size);
	struct smb3_buf *buf;

	if (pool && class < BUF_CLASSES && pool->free[class]) {
		SMB3_CHECK(pool, BUF_POOL_MAGIC);
		buf = pool->free[class];
		SMB3_CHECK(buf, BUF_MAGIC_IDLE);
		pool->free[class] = buf->next;
		pool->idle -= buf->size;
	} else {
		buf = buf_new(class);
	}
	buf->magic = BUF_MAGIC;
	buf->len = 0;
	buf->next = NULL;
	return buf;
}

void smb3_buf_put(struct smb3_buf_pool *pool, struct smb3_buf *buf)
{
	if (!buf)
		return;
	if (buf->tube)
		return buf->tube->release(buf);
	SMB3_CHECK(buf, BUF_MAGIC);
	if (!pool || buf->class >= BUF_CLASSES || buf->size > pool->max_idle - pool->idle) {
		buf->magic = 0;
		free(buf);
		return;
	}
	SMB3_CHECK(pool, BUF_POOL_MAGIC);
	buf->magic = BUF_MAGIC_IDLE;
	buf->next = pool->free[buf->class];
	pool->free[buf->class] = buf;
	pool->idle += buf->size;
}
