// SPDX-License-Identifier: Apache-2.0
/*
 * ndr_out.c: writing NDR, always with the lowest byte first. [C706] 14.2, 14.3
 */
#include <smb3/ndr.h>
#include <smb3/utf16.h>

#define REFERENT_FIRST 0x00020000u

struct smb3_ndr_out smb3_ndr_out_init(struct smb3_arena *a, size_t max)
{
	return (struct smb3_ndr_out){ .b = smb3_builder_arena(a, max) };
}

void smb3_ndr_put_align(struct smb3_ndr_out *out, size_t to)
{
	smb3_put_align(&out->b, to);
}

void smb3_ndr_put_u8(struct smb3_ndr_out *out, uint8_t v)
{
	smb3_put_u8(&out->b, v);
}

void smb3_ndr_put_u16(struct smb3_ndr_out *out, uint16_t v)
{
	smb3_put_align(&out->b, 2);
	smb3_put_u16(&out->b, v);
}

void smb3_ndr_put_u32(struct smb3_ndr_out *out, uint32_t v)
{
	smb3_put_align(&out->b, 4);
	smb3_put_u32(&out->b, v);
}

void smb3_ndr_put_u64(struct smb3_ndr_out *out, uint64_t v)
{
	smb3_put_align(&out->b, 8);
	smb3_put_u64(&out->b, v);
}

void smb3_ndr_put_udlong(struct smb3_ndr_out *out, uint64_t v)
{
	smb3_put_align(&out->b, 4);
	smb3_put_u64(&out->b, v);
}

void smb3_ndr_put_guid(struct smb3_ndr_out *out, const struct smb3_guid *guid)
{
	smb3_put_align(&out->b, 4);
	smb3_put_guid(&out->b, guid);
}

void smb3_ndr_put_bytes(struct smb3_ndr_out *out, const void *data, size_t len)
{
	smb3_put_bytes(&out->b, data, len);
}

void smb3_ndr_put_ptr(struct smb3_ndr_out *out, bool present)
{
	smb3_ndr_put_u32(out, present ? REFERENT_FIRST + 4 * out->referents++ : 0);
}

static void put_counts(struct smb3_ndr_out *out, size_t max, size_t count)
{
	smb3_ndr_put_u32(out, (uint32_t)max);
	smb3_ndr_put_u32(out, 0);
	smb3_ndr_put_u32(out, (uint32_t)count);
}

void smb3_ndr_put_wstring(struct smb3_ndr_out *out, const char *s)
{
	size_t n = smb3_utf16_size(s) / 2 + 1;

	put_counts(out, n, n);
	smb3_put_utf16(&out->b, s);
	smb3_put_u16(&out->b, 0);
}

void smb3_ndr_put_string(struct smb3_ndr_out *out, const char *s)
{
	size_t n = strlen(s) + 1;

	put_counts(out, n, n);
	smb3_put_bytes(&out->b, s, n);
}

void smb3_ndr_put_wstring_ptr(struct smb3_ndr_out *out, const char *s)
{
	smb3_ndr_put_ptr(out, s);
	if (s)
		smb3_ndr_put_wstring(out, s);
}

/* Lengths are 16 bits: text that does not fit is a mistake of ours. */
static void put_counted(struct smb3_ndr_out *out, const char *s, size_t terminator)
{
	size_t len = s ? smb3_utf16_size(s) : 0;

	if (len + terminator > UINT16_MAX)
		out->b.bad = true;
	smb3_ndr_put_align(out, 4);
	smb3_ndr_put_u16(out, (uint16_t)len);
	smb3_ndr_put_u16(out, (uint16_t)(s ? len + terminator : 0));
	smb3_ndr_put_ptr(out, s);
}

static void put_counted_text(struct smb3_ndr_out *out, const char *s, size_t terminator)
{
	size_t n;

	if (!s)
		return;
	n = smb3_utf16_size(s) / 2;
	put_counts(out, n + terminator, n);
	smb3_put_utf16(&out->b, s);
}

void smb3_ndr_put_counted(struct smb3_ndr_out *out, const char *s)
{
	put_counted(out, s, 0);
}

void smb3_ndr_put_counted_text(struct smb3_ndr_out *out, const char *s)
{
	put_counted_text(out, s, 0);
}

void smb3_ndr_put_counted_z(struct smb3_ndr_out *out, const char *s)
{
	put_counted(out, s, 2);
}

void smb3_ndr_put_counted_text_z(struct smb3_ndr_out *out, const char *s)
{
	put_counted_text(out, s, 1);
}

void smb3_ndr_put_sid(struct smb3_ndr_out *out, const struct smb3_rpc_sid *sid)
{
	uint8_t n = sid->n_auths < SMB3_SID_AUTHS ? sid->n_auths : SMB3_SID_AUTHS;

	smb3_ndr_put_u32(out, n);
	smb3_ndr_put_u8(out, sid->revision);
	smb3_ndr_put_u8(out, n);
	smb3_ndr_put_bytes(out, sid->authority, sizeof(sid->authority));
	for (uint8_t i = 0; i < n; i++)
		smb3_ndr_put_u32(out, sid->auths[i]);
}

void smb3_ndr_put_handle(struct smb3_ndr_out *out, const struct smb3_rpc_handle *h)
{
	smb3_ndr_put_align(out, 4);
	smb3_ndr_put_bytes(out, h->bytes, sizeof(h->bytes));
}

void smb3_ndr_put_blob(struct smb3_ndr_out *out, const void *data, size_t len)
{
	smb3_ndr_put_u32(out, (uint32_t)len);
	smb3_ndr_put_ptr(out, true);
	smb3_ndr_put_u32(out, (uint32_t)len);
	smb3_ndr_put_bytes(out, data, len);
}
