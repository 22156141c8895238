// SPDX-License-Identifier: Apache-2.0
/*
 * ndr_in.c: reading NDR. [C706] 14.2, 14.3, [MS-RPCE] 2.2.5
 */
#include <smb3/arena.h>
#include <smb3/ndr.h>
#include <smb3/utf16.h>

#define NDR_BUDGET      (4u << 20)
#define NDR_STRING_MAX  32768u /* characters */
#define NDR_FULL_MAX    256
#define NDR_UTF8_GROWTH 3 /* bytes at most that a UTF-16 unit becomes */

struct smb3_ndr_in smb3_ndr_in_init(struct smb3_arena *a, const void *data, size_t len)
{
	return (struct smb3_ndr_in){ .c = smb3_cursor_init(data, len),
				     .arena = a,
				     .budget = NDR_BUDGET };
}

void smb3_ndr_align(struct smb3_ndr_in *in, size_t to)
{
	smb3_get_skip(&in->c, -smb3_cursor_at(&in->c) & (to - 1));
}

uint8_t smb3_ndr_u8(struct smb3_ndr_in *in)
{
	return smb3_get_u8(&in->c);
}

uint16_t smb3_ndr_u16(struct smb3_ndr_in *in)
{
	uint16_t v;

	smb3_ndr_align(in, 2);
	v = smb3_get_u16(&in->c);
	return in->big ? __builtin_bswap16(v) : v;
}

uint32_t smb3_ndr_u32(struct smb3_ndr_in *in)
{
	uint32_t v;

	smb3_ndr_align(in, 4);
	v = smb3_get_u32(&in->c);
	return in->big ? __builtin_bswap32(v) : v;
}

uint64_t smb3_ndr_u64(struct smb3_ndr_in *in)
{
	uint64_t v;

	smb3_ndr_align(in, 8);
	v = smb3_get_u64(&in->c);
	return in->big ? __builtin_bswap64(v) : v;
}

uint64_t smb3_ndr_udlong(struct smb3_ndr_in *in)
{
	uint64_t low = smb3_ndr_u32(in);

	return low | (uint64_t)smb3_ndr_u32(in) << 32;
}

struct smb3_guid smb3_ndr_guid(struct smb3_ndr_in *in)
{
	struct smb3_guid g = { { 0 } };
	uint32_t a = smb3_ndr_u32(in);
	uint16_t b = smb3_ndr_u16(in), c = smb3_ndr_u16(in);
	const uint8_t *rest = smb3_ndr_bytes(in, 8);

	if (!rest)
		return g;
	smb3_store_u32(g.bytes, a);
	smb3_store_u16(g.bytes + 4, b);
	smb3_store_u16(g.bytes + 6, c);
	memcpy(g.bytes + 8, rest, 8);
	return g;
}

const uint8_t *smb3_ndr_bytes(struct smb3_ndr_in *in, size_t len)
{
	return smb3_get_bytes(&in->c, len);
}

struct smb3_ndr_full *smb3_ndr_full(struct smb3_ndr_in *in, bool *ret_first)
{
	uint32_t id = smb3_ndr_u32(in);
	struct smb3_ndr_full *f = in->full;

	if (!id)
		return NULL;
	while (f && f->id != id)
		f = f->next;
	*ret_first = !f;
	if (f)
		return f;
	if (in->n_full++ >= NDR_FULL_MAX) {
		smb3_ndr_bad(in);
		return NULL;
	}
	f = smb3_arena_alloc(in->arena, sizeof(*f));
	f->id = id;
	f->next = in->full;
	in->full = f;
	return f;
}

void smb3_ndr_switch(struct smb3_ndr_in *in, uint32_t expected)
{
	if (smb3_ndr_u32(in) != expected)
		smb3_ndr_bad(in);
}

uint32_t smb3_ndr_conformance(struct smb3_ndr_in *in, uint32_t max)
{
	uint32_t n = smb3_ndr_u32(in);

	if (n <= max)
		return n;
	smb3_ndr_bad(in);
	return 0;
}

uint32_t smb3_ndr_variance(struct smb3_ndr_in *in, uint32_t max)
{
	uint32_t offset = smb3_ndr_u32(in), n = smb3_ndr_u32(in);

	if (!offset && n <= max)
		return n;
	smb3_ndr_bad(in);
	return 0;
}

void *smb3_ndr_alloc(struct smb3_ndr_in *in, uint32_t count, size_t wire, size_t mem)
{
	if (!smb3_ndr_ok(in) || !count)
		return NULL;
	if ((wire && count > smb3_cursor_left(&in->c) / wire) ||
	    (mem && count > in->budget / mem)) {
		smb3_ndr_bad(in);
		return NULL;
	}
	in->budget -= count * mem;
	return smb3_arena_alloc(in->arena, count * mem);
}

void *smb3_ndr_array(struct smb3_ndr_in *in, uint32_t count, size_t wire, size_t mem)
{
	if (smb3_ndr_u32(in) != count)
		smb3_ndr_bad(in);
	return smb3_ndr_alloc(in, count, wire, mem);
}

/* ---- strings ---- */

/* units UTF-16 characters that stand next, in the byte order of the call. */
static char *wide_text(struct smb3_ndr_in *in, uint32_t units)
{
	const uint8_t *p = smb3_ndr_bytes(in, (size_t)units * 2);
	size_t takes = (size_t)units * NDR_UTF8_GROWTH + 1;
	uint8_t *swapped;
	char *s;

	if (!p || takes > in->budget) {
		smb3_ndr_bad(in);
		return NULL;
	}
	in->budget -= takes;
	if (in->big) {
		swapped = smb3_arena_copy(in->arena, p, (size_t)units * 2);
		for (size_t i = 0; i < units; i++)
			smb3_store_u16(swapped + 2 * i, (uint16_t)(p[2 * i] << 8 | p[2 * i + 1]));
		p = swapped;
	}
	s = smb3_utf16_to_utf8(in->arena, p, (size_t)units * 2);
	if (!s)
		smb3_ndr_bad(in);
	return s;
}

/* Conformance and variance of a string; the terminator is part of the count. */
static uint32_t string_count(struct smb3_ndr_in *in)
{
	uint32_t max = smb3_ndr_conformance(in, NDR_STRING_MAX);
	uint32_t n = smb3_ndr_variance(in, max);

	if (!n)
		smb3_ndr_bad(in);
	return n;
}

/* How many of the n characters that stand next are not terminators at their end: some clients send
 * more than one. */
static uint32_t text_length(const struct smb3_ndr_in *in, uint32_t n)
{
	struct smb3_cursor c = in->c;
	const uint8_t *p = smb3_get_bytes(&c, (size_t)n * 2);

	while (p && n && !p[2 * n - 2] && !p[2 * n - 1])
		n--;
	return n;
}

char *smb3_ndr_wstring(struct smb3_ndr_in *in)
{
	uint32_t n = string_count(in), len = text_length(in, n);
	char *s = smb3_ndr_ok(in) && len < n ? wide_text(in, len) : NULL;

	if (smb3_ndr_bytes(in, (size_t)(n - len) * 2) && s)
		return s;
	smb3_ndr_bad(in);
	return NULL;
}

char *smb3_ndr_string(struct smb3_ndr_in *in)
{
	uint32_t n = string_count(in);
	const uint8_t *p = smb3_ndr_bytes(in, n);
	char *s = smb3_ndr_ok(in) && !p[n - 1] ? smb3_arena_copy(in->arena, p, n) : NULL;

	if (s && strlen(s) == n - 1 && smb3_utf8_valid(s))
		return s;
	smb3_ndr_bad(in);
	return NULL;
}

char *smb3_ndr_wstring_ptr(struct smb3_ndr_in *in)
{
	return smb3_ndr_ptr(in) ? smb3_ndr_wstring(in) : NULL;
}

struct smb3_ndr_counted smb3_ndr_counted(struct smb3_ndr_in *in)
{
	struct smb3_ndr_counted head;

	smb3_ndr_align(in, 4);
	head.len = smb3_ndr_u16(in);
	head.max = smb3_ndr_u16(in);
	head.present = smb3_ndr_ptr(in);
	if (head.len > head.max || head.len % 2)
		smb3_ndr_bad(in);
	return head;
}

char *smb3_ndr_counted_text(struct smb3_ndr_in *in, const struct smb3_ndr_counted *head)
{
	uint32_t max, n;

	if (!head->present)
		return NULL;
	max = smb3_ndr_conformance(in, UINT16_MAX / 2);
	n = smb3_ndr_variance(in, max);
	if (n != head->len / 2u)
		smb3_ndr_bad(in);
	return smb3_ndr_ok(in) ? wide_text(in, n) : NULL;
}

/* ---- structures of their own ---- */

struct smb3_rpc_sid smb3_ndr_sid(struct smb3_ndr_in *in)
{
	struct smb3_rpc_sid sid = { 0 };
	uint32_t n = smb3_ndr_conformance(in, SMB3_SID_AUTHS);
	const uint8_t *authority;

	sid.revision = smb3_ndr_u8(in);
	sid.n_auths = smb3_ndr_u8(in);
	authority = smb3_ndr_bytes(in, sizeof(sid.authority));
	if (sid.n_auths != n || sid.revision != 1)
		smb3_ndr_bad(in);
	if (authority)
		memcpy(sid.authority, authority, sizeof(sid.authority));
	for (uint32_t i = 0; i < n; i++)
		sid.auths[i] = smb3_ndr_u32(in);
	return smb3_ndr_ok(in) ? sid : (struct smb3_rpc_sid){ 0 };
}

/* attributes and UUID; what we gave out has no attributes, and is compared as it stands. */
struct smb3_rpc_handle smb3_ndr_handle(struct smb3_ndr_in *in)
{
	struct smb3_rpc_handle h = { { 0 } };
	uint32_t attributes = smb3_ndr_u32(in);
	struct smb3_guid uuid = smb3_ndr_guid(in);

	smb3_store_u32(h.bytes, attributes);
	memcpy(h.bytes + 4, uuid.bytes, sizeof(uuid.bytes));
	return h;
}

bool smb3_ndr_enter(struct smb3_ndr_in *in)
{
	if (in->depth == SMB3_NDR_DEPTH_MAX)
		smb3_ndr_bad(in);
	if (!smb3_ndr_ok(in))
		return false;
	in->depth++;
	return true;
}

void smb3_ndr_leave(struct smb3_ndr_in *in)
{
	in->depth--;
}
