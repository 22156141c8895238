// SPDX-License-Identifier: Apache-2.0
/*
 * der.c: as much of X.690 as SPNEGO needs.
 */
#include "spnego.h"

static bool length_get(struct smb3_cursor *c, size_t *ret_len)
{
	uint8_t first = smb3_get_u8(c);
	size_t len = 0;

	if (first < 0x80) {
		*ret_len = first;
		return smb3_cursor_ok(c);
	}
	/* 0x80 would be an indefinite length, which DER has not. */
	if (first == 0x80 || first > 0x84)
		return false;
	for (int i = first & 0x7f; i > 0; i--)
		len = len << 8 | smb3_get_u8(c);
	*ret_len = len;
	return smb3_cursor_ok(c);
}

bool der_next(struct smb3_cursor *c, uint8_t *ret_tag, struct der_value *ret_value)
{
	uint8_t tag = smb3_get_u8(c);
	const uint8_t *data;
	size_t len;

	if ((tag & 0x1f) == 0x1f || !length_get(c, &len))
		c->bad = true; /* a tag of several bytes, or no length */
	data = c->bad ? NULL : smb3_get_bytes(c, len);
	if (!data)
		return false;
	*ret_tag = tag;
	*ret_value = (struct der_value){ data, len };
	return true;
}

bool der_expect(struct smb3_cursor *c, uint8_t tag, struct der_value *ret_value)
{
	uint8_t found;

	if (der_next(c, &found, ret_value) && found == tag)
		return true;
	c->bad = true;
	return false;
}

struct smb3_cursor der_inside(struct der_value v)
{
	return smb3_cursor_init(v.data, v.len);
}

static size_t length_size(size_t len)
{
	size_t n = 1;

	if (len >= 0x80)
		for (; len; len >>= 8)
			n++;
	return n;
}

size_t der_size(size_t len)
{
	return 1 + length_size(len) + len;
}

void der_put_head(struct smb3_builder *b, uint8_t tag, size_t len)
{
	size_t n = length_size(len) - 1;

	smb3_put_u8(b, tag);
	if (!n) {
		smb3_put_u8(b, (uint8_t)len);
		return;
	}
	smb3_put_u8(b, (uint8_t)(0x80 | n));
	while (n--)
		smb3_put_u8(b, (uint8_t)(len >> 8 * n));
}

void der_put(struct smb3_builder *b, uint8_t tag, const void *data, size_t len)
{
	der_put_head(b, tag, len);
	smb3_put_bytes(b, data, len);
}
