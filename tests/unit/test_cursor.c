// SPDX-License-Identifier: Apache-2.0
/*
 * test_cursor.c: reading and building wire data.
 */
#include <criterion/criterion.h>
#include <smb3/arena.h>
#include <smb3/cursor.h>

static const uint8_t bytes[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
				 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff, 0x80 };

Test(cursor, reads_little_endian)
{
	struct smb3_cursor c = smb3_cursor_init(bytes, 16);

	cr_assert_eq(smb3_get_u8(&c), 0x01);
	cr_assert_eq(smb3_get_u16(&c), 0x0302);
	cr_assert_eq(smb3_get_u32(&c), 0x07060504);
	cr_assert_eq(smb3_get_u64(&c), 0xfffefdfcfbfaf908);
	cr_assert_eq(smb3_cursor_at(&c), 15);
	cr_assert_eq(smb3_cursor_left(&c), 1);
	cr_assert_eq(smb3_get_u8(&c), 0x80);
	cr_assert(smb3_cursor_ok(&c));
	c = smb3_cursor_init(bytes + 8, 8);
	cr_assert_eq(smb3_get_u32(&c), 0xfcfbfaf9);
	cr_assert_eq(smb3_get_u16(&c), 0xfefd);
}

Test(cursor, guid_is_not_swapped)
{
	struct smb3_cursor c = smb3_cursor_init(bytes, 16);
	struct smb3_guid g = smb3_get_guid(&c);

	cr_assert_arr_eq(g.bytes, bytes, 16);
	g = smb3_get_guid(&c);
	cr_assert_arr_eq(g.bytes, (uint8_t[16]){ 0 }, 16);
	cr_assert_not(smb3_cursor_ok(&c));
}

Test(cursor, every_read_is_checked)
{
	for (size_t len = 0; len < 16; len++) {
		for (size_t want = 0; want <= 17; want++) {
			struct smb3_cursor c = smb3_cursor_init(bytes, len);
			const uint8_t *p = smb3_get_bytes(&c, want);

			cr_expect_eq(p, want <= len ? bytes : NULL, "%zu of %zu", want, len);
			cr_expect_eq(smb3_cursor_ok(&c), want <= len);
			cr_expect_eq(smb3_cursor_left(&c), want <= len ? len - want : 0);
		}
	}
}

Test(cursor, fields_at_the_edge)
{
	static const struct {
		size_t len;
		bool u8, u16, u32, u64;
	} cases[] = {
		{ 0, false, false, false, false }, { 1, true, false, false, false },
		{ 2, true, true, false, false },   { 3, true, true, false, false },
		{ 4, true, true, true, false },    { 7, true, true, true, false },
		{ 8, true, true, true, true },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct smb3_cursor c = smb3_cursor_init(bytes, cases[i].len), d = c, e = c, f = c;

		cr_expect_eq(smb3_get_u8(&c), cases[i].u8 ? 0x01 : 0);
		cr_expect_eq(smb3_get_u16(&d), cases[i].u16 ? 0x0201 : 0);
		cr_expect_eq(smb3_get_u32(&e), cases[i].u32 ? 0x04030201 : 0);
		cr_expect_eq(smb3_cursor_ok(&c), cases[i].u8);
		cr_expect_eq(smb3_cursor_ok(&d), cases[i].u16);
		cr_expect_eq(smb3_cursor_ok(&e), cases[i].u32);
		smb3_get_u64(&f);
		cr_expect_eq(smb3_cursor_ok(&f), cases[i].u64);
	}
}

Test(cursor, error_stays)
{
	struct smb3_cursor c = smb3_cursor_init(bytes, 4);

	smb3_get_skip(&c, 5);
	cr_assert_not(smb3_cursor_ok(&c));
	cr_assert_eq(smb3_get_u8(&c), 0);
	smb3_cursor_seek(&c, 0);
	cr_assert_eq(smb3_get_u8(&c), 0);
	cr_assert_not(smb3_cursor_ok(&c));
	cr_assert_null(smb3_get_bytes(&c, 0));
	cr_assert_not(smb3_cursor_ok(&(struct smb3_cursor){ .bad = true }));
}

Test(cursor, huge_lengths_do_not_wrap)
{
	struct smb3_cursor c = smb3_cursor_init(bytes, 16);

	smb3_get_u8(&c);
	cr_assert_null(smb3_get_bytes(&c, SIZE_MAX));
	c = smb3_cursor_init(bytes, 16);
	smb3_cursor_sub(&c, SIZE_MAX, 2);
	cr_assert_not(smb3_cursor_ok(&c));
	c = smb3_cursor_init(bytes, 16);
	smb3_cursor_sub(&c, 2, SIZE_MAX);
	cr_assert_not(smb3_cursor_ok(&c));
}

Test(cursor, no_data)
{
	struct smb3_cursor c = smb3_cursor_init(NULL, 0);

	cr_assert_eq(smb3_cursor_left(&c), 0);
	cr_assert_eq(smb3_cursor_at(&c), 0);
	cr_assert(smb3_cursor_ok(&c));
	cr_assert_eq(smb3_get_u32(&c), 0);
	cr_assert_not(smb3_cursor_ok(&c));
}

Test(cursor, sub_is_measured_from_base)
{
	static const struct {
		size_t offset, len;
		bool ok;
	} cases[] = {
		{ 0, 16, true },     { 0, 17, false }, { 15, 1, true },      { 15, 2, false },
		{ 16, 1, false },    { 16, 0, true },  { 4, 4, true },       { 17, 1, false },
		{ 100000, 0, true }, { 0, 0, true },   { 100000, 1, false },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct smb3_cursor c = smb3_cursor_init(bytes, 16), sub;

		smb3_get_skip(&c, 5);
		sub = smb3_cursor_sub(&c, cases[i].offset, cases[i].len);
		cr_expect_eq(smb3_cursor_ok(&sub), cases[i].ok, "case %zu", i);
		cr_expect_eq(smb3_cursor_ok(&c), cases[i].ok, "case %zu", i);
		cr_expect_eq(smb3_cursor_at(&c), 5, "case %zu", i);
		cr_expect_eq(smb3_cursor_left(&sub), cases[i].ok ? cases[i].len : 0);
		cr_expect_eq(smb3_cursor_at(&sub), 0);
		if (cases[i].ok && cases[i].len)
			cr_expect_eq(smb3_get_u8(&sub), bytes[cases[i].offset]);
	}
}

Test(cursor, sub_of_a_sub_and_of_a_bad_one)
{
	struct smb3_cursor c = smb3_cursor_init(bytes, 16), sub, deep;

	sub = smb3_cursor_sub(&c, 4, 8);
	deep = smb3_cursor_sub(&sub, 2, 2);
	cr_assert_eq(smb3_get_u16(&deep), 0x0807);
	deep = smb3_cursor_sub(&sub, 7, 2);
	cr_assert_not(smb3_cursor_ok(&deep));
	cr_assert_not(smb3_cursor_ok(&sub));
	cr_assert(smb3_cursor_ok(&c));
	deep = smb3_cursor_sub(&sub, 0, 0);
	cr_assert_not(smb3_cursor_ok(&deep));
}

Test(cursor, seek)
{
	struct smb3_cursor c = smb3_cursor_init(bytes, 16);

	smb3_cursor_seek(&c, 8);
	cr_assert_eq(smb3_get_u8(&c), 0xf9);
	smb3_cursor_seek(&c, 1);
	cr_assert_eq(smb3_get_u8(&c), 0x02);
	smb3_cursor_seek(&c, 16);
	cr_assert(smb3_cursor_ok(&c));
	cr_assert_eq(smb3_cursor_left(&c), 0);
	smb3_cursor_seek(&c, 17);
	cr_assert_not(smb3_cursor_ok(&c));
}

Test(builder, writes_little_endian)
{
	static const uint8_t want[] = { 0x01, 0x03, 0x02, 0x07, 0x06, 0x05, 0x04, 0x0f, 0x0e,
					0x0d, 0x0c, 0x0b, 0x0a, 0x09, 0x08, 0,    0,    'x' };
	uint8_t mem[18];
	struct smb3_builder b = smb3_builder_init(mem, sizeof(mem));

	memset(mem, 0xee, sizeof(mem));
	smb3_put_u8(&b, 0x01);
	smb3_put_u16(&b, 0x0203);
	smb3_put_u32(&b, 0x04050607);
	smb3_put_u64(&b, 0x08090a0b0c0d0e0f);
	smb3_put_zero(&b, 2);
	smb3_put_bytes(&b, "x", 1);
	cr_assert(smb3_builder_ok(&b));
	cr_assert_eq(b.len, sizeof(want));
	cr_assert_arr_eq(mem, want, sizeof(want));
}

Test(builder, guid_and_nothing)
{
	uint8_t mem[16];
	struct smb3_builder b = smb3_builder_init(mem, sizeof(mem));
	struct smb3_guid g;

	memcpy(g.bytes, bytes, 16);
	smb3_put_guid(&b, &g);
	smb3_put_bytes(&b, NULL, 0);
	smb3_put_zero(&b, 0);
	cr_assert(smb3_builder_ok(&b));
	cr_assert_arr_eq(mem, bytes, 16);
}

Test(builder, full_swallows)
{
	uint8_t mem[8] = { 0 };
	struct smb3_builder b = smb3_builder_init(mem, 7);

	smb3_put_u32(&b, 0x11111111);
	smb3_put_u32(&b, 0x22222222);
	cr_assert_not(smb3_builder_ok(&b));
	cr_assert_eq(b.len, 4);
	smb3_put_u8(&b, 0x33);
	cr_assert_null(smb3_put_space(&b, 0));
	smb3_builder_cut(&b, 0);
	smb3_set_u16(&b, 0, 0x4444);
	cr_assert_not(smb3_builder_ok(&b));
	cr_assert_arr_eq(mem, ((uint8_t[]){ 0x11, 0x11, 0x11, 0x11, 0, 0, 0, 0 }), 8);
}

Test(builder, huge_lengths_do_not_wrap)
{
	uint8_t mem[8];
	struct smb3_builder b = smb3_builder_init(mem, 8);
	volatile size_t huge = SIZE_MAX;

	smb3_put_u8(&b, 1);
	cr_assert_null(smb3_put_space(&b, huge));
	cr_assert_not(smb3_builder_ok(&b));
}

Test(builder, space_is_zeroed)
{
	uint8_t mem[8], *p;
	struct smb3_builder b = smb3_builder_init(mem, sizeof(mem));

	memset(mem, 0xee, sizeof(mem));
	p = smb3_put_space(&b, 5);
	cr_assert_eq(p, mem);
	cr_assert_arr_eq(mem, ((uint8_t[]){ 0, 0, 0, 0, 0, 0xee, 0xee, 0xee }), 8);
}

Test(builder, align)
{
	static const struct {
		size_t len, to, want;
	} cases[] = {
		{ 0, 8, 0 },  { 1, 8, 8 }, { 7, 8, 8 }, { 8, 8, 8 },
		{ 9, 8, 16 }, { 5, 1, 5 }, { 5, 2, 6 }, { 13, 4, 16 },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		uint8_t mem[16];
		struct smb3_builder b = smb3_builder_init(mem, sizeof(mem));

		memset(mem, 0xee, sizeof(mem));
		b.len = cases[i].len;
		smb3_put_align(&b, cases[i].to);
		cr_expect_eq(b.len, cases[i].want, "case %zu", i);
		for (size_t j = cases[i].len; j < b.len; j++)
			cr_expect_eq(mem[j], 0);
	}
}

Test(builder, align_that_does_not_fit)
{
	uint8_t mem[5];
	struct smb3_builder b = smb3_builder_init(mem, sizeof(mem));

	smb3_put_zero(&b, 5);
	smb3_put_align(&b, 8);
	cr_assert_not(smb3_builder_ok(&b));
}

Test(builder, set_stays_within_what_was_written)
{
	static const struct {
		size_t at;
		bool u16, u32, u64;
	} cases[] = {
		{ 0, true, true, true },      { 2, true, true, true },
		{ 3, true, true, false },     { 6, true, true, false },
		{ 7, true, false, false },    { 8, true, false, false },
		{ 9, false, false, false },   { 10, false, false, false },
		{ 999, false, false, false }, { SIZE_MAX, false, false, false },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		uint8_t mem[16] = { 0 };
		struct smb3_builder b = smb3_builder_init(mem, sizeof(mem)), c, d;

		smb3_put_zero(&b, 10);
		c = d = b;
		smb3_set_u16(&b, cases[i].at, 0xffff);
		smb3_set_u32(&c, cases[i].at, 0xffffffff);
		smb3_set_u64(&d, cases[i].at, UINT64_MAX);
		cr_expect_eq(smb3_builder_ok(&b), cases[i].u16, "case %zu", i);
		cr_expect_eq(smb3_builder_ok(&c), cases[i].u32, "case %zu", i);
		cr_expect_eq(smb3_builder_ok(&d), cases[i].u64, "case %zu", i);
		cr_expect_arr_eq(mem + 10, (uint8_t[6]){ 0 }, 6);
	}
}

Test(builder, set_writes_little_endian)
{
	uint8_t mem[14];
	struct smb3_builder b = smb3_builder_init(mem, sizeof(mem));

	smb3_put_zero(&b, 14);
	smb3_set_u16(&b, 0, 0x0201);
	smb3_set_u32(&b, 2, 0x06050403);
	smb3_set_u64(&b, 6, 0x0e0d0c0b0a090807);
	for (size_t i = 0; i < 14; i++)
		cr_assert_eq(mem[i], i + 1);
}

Test(builder, cut)
{
	uint8_t mem[8];
	struct smb3_builder b = smb3_builder_init(mem, sizeof(mem));

	smb3_put_u64(&b, 0);
	smb3_builder_cut(&b, 8);
	smb3_builder_cut(&b, 3);
	cr_assert_eq(b.len, 3);
	smb3_put_u32(&b, 0);
	cr_assert(smb3_builder_ok(&b));
	smb3_builder_cut(&b, 8);
	cr_assert_not(smb3_builder_ok(&b));
}

Test(builder, arena_grows_up_to_max)
{
	static const size_t limits[] = { 0, 1, 100, 511, 512, 513, 1000, 5000, 100000 };
	struct smb3_arena *a = smb3_arena_new();

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(limits); i++) {
		struct smb3_builder b = smb3_builder_arena(a, limits[i]);

		cr_expect_not_null(smb3_put_space(&b, 0));
		for (size_t n = 0; n < limits[i]; n++)
			smb3_put_u8(&b, (uint8_t)n);
		cr_expect(smb3_builder_ok(&b), "max %zu", limits[i]);
		cr_expect_eq(b.len, limits[i]);
		for (size_t n = 0; n < limits[i]; n++)
			cr_assert_eq(b.data[n], (uint8_t)n, "max %zu, byte %zu", limits[i], n);
		smb3_put_u8(&b, 0);
		cr_expect_not(smb3_builder_ok(&b), "max %zu", limits[i]);
	}
	smb3_arena_free(a);
}

Test(builder, arena_takes_a_large_part_at_once)
{
	struct smb3_arena *a = smb3_arena_new();
	struct smb3_builder b = smb3_builder_arena(a, 70000);

	smb3_put_u16(&b, 0xbbaa);
	memset(smb3_put_space(&b, 69998), 0x11, 69998);
	cr_assert(smb3_builder_ok(&b));
	cr_assert_eq(b.data[0], 0xaa);
	cr_assert_eq(b.data[1], 0xbb);
	cr_assert_eq(b.data[69999], 0x11);
	smb3_arena_free(a);
}

Test(builder, store_on_plain_memory)
{
	uint8_t mem[8];

	smb3_store_u64(mem, 0x0807060504030201);
	for (size_t i = 0; i < 8; i++)
		cr_assert_eq(mem[i], i + 1);
}
