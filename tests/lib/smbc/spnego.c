// SPDX-License-Identifier: Apache-2.0
/*
 * spnego.c: as much DER as two SPNEGO messages need. [RFC4178] 4.2, [MS-SPNG] 2.2
 */
#include <errno.h>

#include "ntlm.h"

static const uint8_t oid_spnego[] = { 0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02 };
/* mechTypes: a sequence of NTLMSSP's OID, 1.3.6.1.4.1.311.2.2.10 */
static const uint8_t mech_types[] = { 0xa0, 0x0e, 0x30, 0x0c, 0x06, 0x0a, 0x2b, 0x06,
				      0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a };

const struct smbc_part spnego_mech_list = { mech_types + 2, sizeof(mech_types) - 2 };

static size_t length_size(size_t n)
{
	return n < 0x80 ? 1 : n < 0x100 ? 2 : 3;
}

static size_t der_size(size_t n)
{
	return 1 + length_size(n) + n;
}

static void put_tag(struct smbc_buf *out, uint8_t tag, size_t n)
{
	smbc_put8(out, tag);
	if (n >= 0x100)
		smbc_put8(out, 0x82);
	else if (n >= 0x80)
		smbc_put8(out, 0x81);
	if (n >= 0x100)
		smbc_put8(out, (uint8_t)(n >> 8));
	smbc_put8(out, (uint8_t)n);
}

static void put_octets(struct smbc_buf *out, uint8_t tag, struct smbc_part p)
{
	put_tag(out, tag, der_size(p.n));
	put_tag(out, 0x04, p.n);
	smbc_put_bytes(out, p.p, p.n);
}

void spnego_init(struct smbc_buf *out, struct smbc_part token)
{
	size_t seq = sizeof(mech_types) + der_size(der_size(token.n));

	put_tag(out, 0x60, sizeof(oid_spnego) + der_size(der_size(seq)));
	smbc_put_bytes(out, oid_spnego, sizeof(oid_spnego));
	put_tag(out, 0xa0, der_size(seq));
	put_tag(out, 0x30, seq);
	smbc_put_bytes(out, mech_types, sizeof(mech_types));
	put_octets(out, 0xa2, token);
}

void spnego_resp(struct smbc_buf *out, struct smbc_part token, struct smbc_part mic)
{
	size_t seq = der_size(der_size(token.n)) + (mic.n ? der_size(der_size(mic.n)) : 0);

	put_tag(out, 0xa1, der_size(seq));
	put_tag(out, 0x30, seq);
	put_octets(out, 0xa2, token);
	if (mic.n)
		put_octets(out, 0xa3, mic);
}

/* A definite length of up to two bytes, which is all that these messages need. */
static size_t der_length(struct smbc_rd *r)
{
	uint8_t first = smbc_get8(r);
	size_t n;

	if (first < 0x80)
		return first;
	if (first != 0x81 && first != 0x82)
		r->bad = true;
	n = smbc_get8(r);
	return first == 0x82 ? n << 8 | smbc_get8(r) : n;
}

/* Opens the next element and gives its tag; 0 at the end or when it is malformed. */
static uint8_t der_next(struct smbc_rd *r, struct smbc_rd *ret_value)
{
	uint8_t tag = smbc_get8(r);
	size_t n = der_length(r);
	const uint8_t *p = smbc_get_bytes(r, n);

	if (!p)
		return 0;
	*ret_value = smbc_rd(p, n);
	return tag;
}

int spnego_parse(struct smbc_part blob, struct smbc_part *ret_token, struct smbc_part *ret_mic)
{
	struct smbc_rd r = smbc_rd(blob.p, blob.n), resp, seq, field, octets;

	if (der_next(&r, &resp) != 0xa1 || der_next(&resp, &seq) != 0x30)
		return -EPROTO;
	*ret_token = *ret_mic = (struct smbc_part){ "", 0 };
	while (seq.pos < seq.len) {
		uint8_t tag = der_next(&seq, &field);

		if (!tag)
			return -EPROTO;
		if (tag != 0xa2 && tag != 0xa3)
			continue;
		if (der_next(&field, &octets) != 0x04)
			return -EPROTO;
		*(tag == 0xa2 ? ret_token : ret_mic) = (struct smbc_part){ octets.p, octets.len };
	}
	return 0;
}
