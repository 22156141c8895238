// SPDX-License-Identifier: Apache-2.0
/*
 * arena.c: memory that dies together, from a chain of blocks.
 * Under AddressSanitizer what is not handed out is poisoned, and allocations lie apart.
 */
#include <smb3/arena.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define ARENA_GAP 16
#else
#define ASAN_POISON_MEMORY_REGION(addr, size)   ((void)(addr), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(addr, size) ((void)(addr), (void)(size))
#define ARENA_GAP                               0
#endif

#define ARENA_MAGIC       SMB3_MAGIC('A', 'R', 'E', 'N')
#define ARENA_ALIGN       16
#define ARENA_FIRST       1664 /* block sizes with their heads: one request that needs little */
#define ARENA_BLOCK       16384
#define ARENA_LARGE       (ARENA_BLOCK / 4)
#define ARENA_ROUND(size) (((size) + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1))

struct block {
	struct block *next;
	size_t size, used; /* of data */
	_Alignas(ARENA_ALIGN) uint8_t data[];
};

struct smb3_arena {
	uint32_t magic;
	struct block *open; /* where small allocations come from */
	struct block *full; /* others, but not the first */
	struct block *first;
	struct block *spare; /* kept by a reset, or NULL */
};

static struct block *block_new(size_t size)
{
	struct block *b = smb3_realloc(NULL, sizeof(*b) + size);

	*b = (struct block){ .size = size };
	ASAN_POISON_MEMORY_REGION(b->data, size);
	return b;
}

static void block_free(struct block *b)
{
	ASAN_UNPOISON_MEMORY_REGION(b->data, b->size);
	free(b);
}

/* NULL when it does not fit. */
static void *block_take(struct block *b, size_t size)
{
	uint8_t *p = b->data + b->used;
	size_t need = ARENA_ROUND(size) + ARENA_GAP;

	if (need > b->size - b->used)
		return NULL;
	b->used += need;
	ASAN_UNPOISON_MEMORY_REGION(p, size);
	return memset(p, 0, size);
}

struct smb3_arena *smb3_arena_new(void)
{
	struct block *b = block_new(ARENA_FIRST - sizeof(*b));
	struct smb3_arena *a = block_take(b, sizeof(*a));

	assert(a);
	a->magic = ARENA_MAGIC;
	a->first = a->open = b;
	return a;
}

static void arena_drop_blocks(struct smb3_arena *a)
{
	while (a->full) {
		struct block *b = a->full;

		a->full = b->next;
		block_free(b);
	}
	if (a->open != a->first)
		a->spare = a->open;
	a->open = a->first;
}

void smb3_arena_free(struct smb3_arena *a)
{
	if (!a)
		return;
	SMB3_CHECK(a, ARENA_MAGIC);
	arena_drop_blocks(a);
	if (a->spare)
		block_free(a->spare);
	a->magic = 0;
	block_free(a->first);
}

void smb3_arena_reset(struct smb3_arena *a)
{
	size_t head = ARENA_ROUND(sizeof(*a)) + ARENA_GAP;

	SMB3_CHECK(a, ARENA_MAGIC);
	arena_drop_blocks(a);
	a->first->used = head;
	ASAN_POISON_MEMORY_REGION(a->first->data + head, a->first->size - head);
	if (a->spare) {
		a->spare->used = 0;
		ASAN_POISON_MEMORY_REGION(a->spare->data, a->spare->size);
	}
}

/* A block of its own for what is large, so that the rest of the open block stays in use. */
static void *arena_alloc_large(struct smb3_arena *a, size_t size)
{
	struct block *b = block_new(ARENA_ROUND(size) + ARENA_GAP);

	b->next = a->full;
	a->full = b;
	return block_take(b, size);
}

static void arena_open_block(struct smb3_arena *a)
{
	if (a->open != a->first) {
		a->open->next = a->full;
		a->full = a->open;
	}
	a->open = a->spare ? a->spare : block_new(ARENA_BLOCK - sizeof(struct block));
	a->spare = NULL;
}

void *smb3_arena_alloc(struct smb3_arena *a, size_t size)
{
	void *p;

	SMB3_CHECK(a, ARENA_MAGIC);
	p = size <= SIZE_MAX / 2 ? block_take(a->open, size) : NULL;
	if (p)
		return p;
	if (size > ARENA_LARGE)
		return arena_alloc_large(a, size);
	arena_open_block(a);
	return block_take(a->open, size);
}

void *smb3_arena_copy(struct smb3_arena *a, const void *data, size_t len)
{
	void *p = smb3_arena_alloc(a, len);

	return len ? memcpy(p, data, len) : p;
}

char *smb3_arena_strdup(struct smb3_arena *a, const char *s)
{
	return smb3_arena_copy(a, s, strlen(s) + 1);
}

char *smb3_arena_printf(struct smb3_arena *a, const char *fmt, ...)
{
	va_list args, again;
	size_t size;
	char *s;
	int n;

	va_start(args, fmt);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, args);
	size = n < 0 ? 1 : (size_t)n + 1;
	s = smb3_arena_alloc(a, size);
	if (n > 0)
		vsnprintf(s, size, fmt, again);
	va_end(again);
	va_end(args);
	return s;
}
