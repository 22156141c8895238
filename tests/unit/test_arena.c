// SPDX-License-Identifier: Apache-2.0
/*
 * test_arena.c: memory that dies together.
 */
#include <criterion/criterion.h>
#include <smb3/arena.h>
#include <stdio.h>
#include <string.h>

static const size_t sizes[] = { 0,    1,    15,   16,    17,    100,    4000,   4096,
				4097, 5000, 8192, 16383, 16384, 100000, 1 << 20 };

Test(arena, memory_is_zeroed_aligned_and_apart)
{
	struct smb3_arena *a = smb3_arena_new();
	uint8_t *got[SMB3_ARRAY_SIZE(sizes)];

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < SMB3_ARRAY_SIZE(sizes); i++) {
			got[i] = smb3_arena_alloc(a, sizes[i]);
			cr_assert_not_null(got[i]);
			cr_assert_eq((uintptr_t)got[i] % 16, 0, "size %zu", sizes[i]);
			for (size_t j = 0; j < sizes[i]; j++)
				cr_assert_eq(got[i][j], 0, "size %zu, byte %zu", sizes[i], j);
			memset(got[i], (int)i + 1, sizes[i]);
		}
		for (size_t i = 0; i < SMB3_ARRAY_SIZE(sizes); i++)
			for (size_t j = 0; j < sizes[i]; j++)
				cr_assert_eq(got[i][j], i + 1, "size %zu, byte %zu", sizes[i], j);
		/* Round 1 goes on in the same arena, round 2 after a reset. */
		if (round == 1)
			smb3_arena_reset(a);
	}
	smb3_arena_free(a);
}

Test(arena, reset_gives_the_first_block_again)
{
	struct smb3_arena *a = smb3_arena_new();
	void *first = smb3_arena_alloc(a, 10);

	for (int i = 0; i < 1000; i++)
		smb3_arena_alloc(a, 1000);
	smb3_arena_reset(a);
	cr_assert_eq(smb3_arena_alloc(a, 10), first);
	smb3_arena_free(a);
}

Test(arena, large_ones_do_not_end_the_open_block)
{
	struct smb3_arena *a = smb3_arena_new();
	uint8_t *before = smb3_arena_alloc(a, 16), *after;

	smb3_arena_alloc(a, 1 << 20);
	after = smb3_arena_alloc(a, 16);
	cr_assert(after > before && after - before <= 64);
	smb3_arena_free(a);
}

Test(arena, copies)
{
	struct smb3_arena *a = smb3_arena_new();
	char data[] = "some\0data", *copy = smb3_arena_copy(a, data, sizeof(data)), *s;

	data[0] = 'x';
	cr_assert_arr_eq(copy, "some\0data", sizeof(data));
	cr_assert_not_null(smb3_arena_copy(a, NULL, 0));
	s = smb3_arena_strdup(a, "a string");
	cr_assert_str_eq(s, "a string");
	cr_assert_str_eq(smb3_arena_strdup(a, ""), "");
	smb3_arena_free(a);
}

Test(arena, printf_of_any_length)
{
	struct smb3_arena *a = smb3_arena_new();
	char want[20001];

	cr_assert_str_eq(smb3_arena_printf(a, "%s", ""), "");
	cr_assert_str_eq(smb3_arena_printf(a, "%d-%s-%x", 7, "x", 255u), "7-x-ff");
	memset(want, ' ', sizeof(want) - 1);
	want[0] = '!';
	want[sizeof(want) - 1] = 0;
	cr_assert_str_eq(smb3_arena_printf(a, "%-20000s", "!"), want);
	smb3_arena_free(a);
}

Test(arena, free_of_nothing)
{
	smb3_arena_free(NULL);
}
