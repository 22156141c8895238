// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_cursor.c: reads the input through a cursor and writes a second copy through a builder,
 * field by field. What the input's own bytes say is done next: any order of calls is right, and
 * what was read must come out again.
 */
#include "fuzz.h"

/* One field from in to out, of the kind that op names. */
static void copy_field(struct smb3_cursor *in, struct smb3_builder *out, uint8_t op)
{
	struct smb3_guid guid;
	const uint8_t *p;
	size_t n = op >> 3;

	switch (op & 7) {
	case 0:
		smb3_put_u8(out, smb3_get_u8(in));
		break;
	case 1:
		smb3_put_u16(out, smb3_get_u16(in));
		break;
	case 2:
		smb3_put_u32(out, smb3_get_u32(in));
		break;
	case 3:
		smb3_put_u64(out, smb3_get_u64(in));
		break;
	case 4:
		guid = smb3_get_guid(in);
		smb3_put_guid(out, &guid);
		break;
	case 5:
		p = smb3_get_bytes(in, n);
		if (p)
			smb3_put_bytes(out, p, n);
		break;
	default:
		p = smb3_get_bytes(in, n);
		if (p && n)
			memcpy(smb3_put_space(out, n), p, n);
		break;
	}
}

/* Everything readable is copied; then both sides must be equal. */
static void copy_all(struct smb3_arena *a, const uint8_t *data, size_t len)
{
	struct smb3_cursor ops = smb3_cursor_init(data, len), in = ops;
	struct smb3_builder out = smb3_builder_arena(a, len);
	size_t before;

	do {
		before = smb3_cursor_at(&in);
		copy_field(&in, &out, smb3_get_u8(&ops));
	} while (smb3_cursor_ok(&in) && smb3_cursor_at(&in) > before);
	CHECK(smb3_cursor_at(&in) <= len);
	if (!smb3_cursor_ok(&in))
		return;
	CHECK(smb3_builder_ok(&out) && out.len == smb3_cursor_at(&in));
	CHECK(out.len == 0 || !memcmp(out.data, data, out.len));
}

/* Offset and length pairs as they stand in messages, each inside the one before. */
static void nest(struct smb3_cursor c, unsigned int depth)
{
	struct smb3_cursor sub;
	size_t offset = smb3_get_u16(&c), len = smb3_get_u16(&c), left;
	const uint8_t *end = c.end;

	sub = smb3_cursor_sub(&c, offset, len);
	CHECK(smb3_cursor_ok(&sub) == smb3_cursor_ok(&c));
	left = smb3_cursor_left(&sub);
	CHECK(left == (smb3_cursor_ok(&sub) ? len : 0));
	if (left)
		CHECK(sub.base >= c.base && sub.end <= end && sub.base + left == sub.end);
	smb3_cursor_seek(&c, len);
	CHECK(smb3_cursor_left(&c) <= (size_t)(end - c.base));
	if (left && depth)
		nest(sub, depth - 1);
}

/* Writing, changing and cutting on memory of a fixed size: never beyond it. */
static void write_fixed(struct smb3_cursor c)
{
	uint8_t *mem = malloc(64);
	struct smb3_builder b = smb3_builder_init(mem, 64);

	while (smb3_cursor_left(&c)) {
		uint8_t op = smb3_get_u8(&c), n = smb3_get_u8(&c);

		switch (op & 7) {
		case 0:
			smb3_set_u16(&b, n, op);
			break;
		case 1:
			smb3_set_u32(&b, n, op);
			break;
		case 2:
			smb3_set_u64(&b, n, op);
			break;
		case 3:
			smb3_builder_cut(&b, n);
			break;
		case 4:
			smb3_put_align(&b, (size_t)1 << n % 8);
			break;
		case 5:
			smb3_put_zero(&b, n);
			break;
		default:
			smb3_put_u16(&b, n);
		}
		CHECK(b.len <= 64);
	}
	free(mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct smb3_arena *a = smb3_arena_new();

	copy_all(a, data, len);
	nest(smb3_cursor_init(data, len), 16);
	write_fixed(smb3_cursor_init(data, len));
	smb3_arena_free(a);
	return 0;
}
