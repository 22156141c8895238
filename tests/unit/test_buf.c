// SPDX-License-Identifier: Apache-2.0
/*
 * test_buf.c: pooled buffers.
 */
#include <criterion/criterion.h>
#include <smb3/buf.h>
#include <pthread.h>
#include <string.h>

static const struct {
	size_t asked, size;
	uint32_t class;
} classes[] = {
	{ 0, 512, 0 },
	{ 1, 512, 0 },
	{ 512, 512, 0 },
	{ 513, 1024, 1 },
	{ 4096, 4096, 3 },
	{ 4097, 8192, 4 },
	{ 8192, 8192, 4 },
	{ 65536, 65536, 7 },
	{ 65537, 131072, 8 },
	{ 8 << 20, 8 << 20, 14 },
	{ (8 << 20) + 1, 16 << 20, 15 },
	{ (16 << 20) + 1, 32 << 20, 16 },
};

Test(buf, size_classes_with_and_without_a_pool)
{
	struct smb3_buf_pool *pool = smb3_buf_pool_new(64 << 20);

	for (size_t i = 0; i < 2 * SMB3_ARRAY_SIZE(classes); i++) {
		struct smb3_buf_pool *from = i % 2 ? pool : NULL;
		struct smb3_buf *b = smb3_buf_get(from, classes[i / 2].asked);

		cr_expect_eq(b->size, classes[i / 2].size, "%zu", classes[i / 2].asked);
		cr_expect_eq(b->class, classes[i / 2].class, "%zu", classes[i / 2].asked);
		cr_expect_eq(b->len, 0);
		cr_expect_null(b->next);
		cr_expect_eq((uintptr_t)b->data % 64, 0);
		memset(b->data, 0xaa, b->size);
		smb3_buf_put(from, b);
	}
	smb3_buf_pool_free(pool);
}

Test(buf, pool_gives_back_the_same_buffer)
{
	struct smb3_buf_pool *pool = smb3_buf_pool_new(1 << 20);
	struct smb3_buf *a = smb3_buf_get(pool, 5000), *b = smb3_buf_get(pool, 5000), *c;

	a->len = 77;
	a->next = b;
	smb3_buf_put(pool, b);
	smb3_buf_put(pool, a);
	c = smb3_buf_get(pool, 8192);
	cr_assert_eq(c, a);
	cr_assert_eq(c->len, 0);
	cr_assert_null(c->next);
	cr_assert_eq(smb3_buf_get(pool, 4097), b);
	smb3_buf_put(pool, a);
	smb3_buf_put(pool, b);
	smb3_buf_pool_free(pool);
}

/* What the pool keeps is seen by what it gives again: at most 3 of 5 buffers fit its limit. */
Test(buf, pool_keeps_no_more_than_its_limit)
{
	struct smb3_buf_pool *pool = smb3_buf_pool_new(3 * 512 + 100);
	struct smb3_buf *b[5];

	for (int i = 0; i < 5; i++) {
		b[i] = smb3_buf_get(pool, 1);
		memset(b[i]->data, 'a', b[i]->size);
	}
	for (int i = 0; i < 5; i++)
		smb3_buf_put(pool, b[i]);
	for (int i = 2; i >= 0; i--)
		cr_assert_eq(smb3_buf_get(pool, 1), b[i]);
	for (int i = 0; i < 3; i++)
		smb3_buf_put(pool, b[i]);
	smb3_buf_pool_free(pool);
}

Test(buf, nothing_is_allowed)
{
	struct smb3_buf_pool *pool = smb3_buf_pool_new(0);
	struct smb3_buf *b = smb3_buf_get(pool, 10);

	smb3_buf_put(pool, b);
	smb3_buf_put(pool, NULL);
	smb3_buf_put(NULL, NULL);
	smb3_buf_pool_free(pool);
	smb3_buf_pool_free(NULL);
}

static void *put_elsewhere(void *buf)
{
	smb3_buf_put(NULL, buf);
	return NULL;
}

Test(buf, may_be_freed_on_another_thread)
{
	struct smb3_buf_pool *pool = smb3_buf_pool_new(1 << 20);
	pthread_t thread;

	cr_assert_eq(pthread_create(&thread, NULL, put_elsewhere, smb3_buf_get(pool, 10)), 0);
	cr_assert_eq(pthread_join(thread, NULL), 0);
	smb3_buf_pool_free(pool);
}
