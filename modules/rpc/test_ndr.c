// SPDX-License-Identifier: Apache-2.0
/*
 * test_ndr.c: numbers, strings and pointers as they are on the wire.
 */
#include "runtime.h"

#include <criterion/criterion.h>

TestSuite(rpc_ndr, .timeout = 60);

Test(rpc_ndr, strings_and_pointers)
{
	struct smb3_arena *a = smb3_arena_new();
	struct smb3_ndr_out out = smb3_ndr_out_init(a, 4096);
	struct smb3_rpc_sid sid = { 1, 2, { 0, 0, 0, 0, 0, 5 }, { 32, 544 } }, back;
	struct smb3_ndr_counted head;
	struct smb3_ndr_in in;

	smb3_ndr_put_u8(&out, 1);
	smb3_ndr_put_wstring_ptr(&out, "größe");
	smb3_ndr_put_wstring_ptr(&out, NULL);
	smb3_ndr_put_counted(&out, "name");
	smb3_ndr_put_counted_text(&out, "name");
	smb3_ndr_put_sid(&out, &sid);
	smb3_ndr_put_u64(&out, 1ull << 40);
	cr_assert(smb3_builder_ok(&out.b));
	in = smb3_ndr_in_init(a, out.b.data, out.b.len);
	cr_expect_eq(smb3_ndr_u8(&in), 1);
	cr_expect_str_eq(smb3_ndr_wstring_ptr(&in), "größe");
	cr_expect_null(smb3_ndr_wstring_ptr(&in));
	head = smb3_ndr_counted(&in);
	cr_expect_str_eq(smb3_ndr_counted_text(&in, &head), "name");
	back = smb3_ndr_sid(&in);
	cr_expect_eq(memcmp(&back, &sid, sizeof(sid)), 0);
	cr_expect_eq(smb3_ndr_u64(&in), 1ull << 40);
	cr_expect(smb3_ndr_ok(&in));
	cr_expect_eq(smb3_cursor_left(&in.c), 0u);
	for (size_t len = 0; len < out.b.len; len++) {
		in = smb3_ndr_in_init(a, out.b.data, len);
		smb3_ndr_u8(&in);
		smb3_ndr_wstring_ptr(&in);
		smb3_ndr_wstring_ptr(&in);
		head = smb3_ndr_counted(&in);
		smb3_ndr_counted_text(&in, &head);
		smb3_ndr_sid(&in);
		smb3_ndr_u64(&in);
		cr_assert_not(smb3_ndr_ok(&in), "cut at %zu", len);
	}
	smb3_arena_free(a);
}

/* Clients may end a string more than once; what they may not do is to go on behind the end. */
Test(rpc_ndr, strings_end_once_or_more)
{
	uint8_t wire[] = { 4, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 'a', 0, 0, 0, 0, 0, 0, 0 };
	struct smb3_arena *a = smb3_arena_new();
	struct smb3_ndr_in in = smb3_ndr_in_init(a, wire, sizeof(wire));

	cr_expect_str_eq(smb3_ndr_wstring(&in), "a");
	cr_expect_eq(smb3_cursor_left(&in.c), 0u);
	wire[16] = 'b';
	in = smb3_ndr_in_init(a, wire, sizeof(wire));
	cr_expect_null(smb3_ndr_wstring(&in), "goes on behind its end");
	cr_expect_not(smb3_ndr_ok(&in));
	wire[14] = 'b';
	wire[18] = 'c';
	in = smb3_ndr_in_init(a, wire, sizeof(wire));
	cr_expect_null(smb3_ndr_wstring(&in), "does not end");
	wire[12] = wire[14] = wire[16] = wire[18] = 0;
	in = smb3_ndr_in_init(a, wire, sizeof(wire));
	cr_expect_str_eq(smb3_ndr_wstring(&in), "");
	smb3_arena_free(a);
}

Test(rpc_ndr, highest_byte_first)
{
	static const uint8_t wire[] = {
		1, 2, 3, 4, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 'A', 0, 0
	};
	struct smb3_arena *a = smb3_arena_new();
	struct smb3_ndr_in in = smb3_ndr_in_init(a, wire, sizeof(wire));

	in.big = true;
	cr_expect_eq(smb3_ndr_u32(&in), 0x01020304u);
	cr_expect_str_eq(smb3_ndr_wstring(&in), "A");
	smb3_arena_free(a);
}

Test(rpc_ndr, numbers_get_no_memory)
{
	uint8_t wire[64] = { 0xff, 0xff, 0xff, 0x7f };
	struct smb3_arena *a = smb3_arena_new();
	struct smb3_ndr_in in = smb3_ndr_in_init(a, wire, sizeof(wire));

	cr_expect_null(smb3_ndr_array(&in, 0x7fffffff, 1, 64));
	cr_expect_not(smb3_ndr_ok(&in));
	in = smb3_ndr_in_init(a, wire + 4, 60);
	cr_expect_null(smb3_ndr_alloc(&in, 60, 1, 1 << 20), "more than the budget");
	in = smb3_ndr_in_init(a, wire, sizeof(wire));
	for (int i = 0; i < SMB3_NDR_DEPTH_MAX; i++)
		cr_assert(smb3_ndr_enter(&in));
	cr_expect_not(smb3_ndr_enter(&in));
	smb3_arena_free(a);
}
