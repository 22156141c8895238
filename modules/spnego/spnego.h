// SPDX-License-Identifier: Apache-2.0
/*
 * spnego.h: the parts of the SPNEGO module. RFC 4178, [MS-SPNG]
 *   der    tag, length, value: read within bounds, and written
 *   token  NegTokenInit and NegTokenResp taken apart and built
 *   spnego.c  the negotiation
 */
#ifndef SPNEGO_H
#define SPNEGO_H

#include <smb3/base.h>
#include <smb3/cursor.h>

/* ---- der.c ---- */

#define DER_ENUMERATED     0x0A
#define DER_OCTET_STRING   0x04
#define DER_OID            0x06
#define DER_GENERAL_STRING 0x1B
#define DER_SEQUENCE       0x30
#define DER_APPLICATION_0  0x60
#define DER_CONTEXT(n)     (0xA0 | (n))

struct der_value {
	const uint8_t *data;
	size_t len;
};

/* The next element, of any tag (of one byte); false at the end or when it does not fit. Lengths
 * are definite, of at most four bytes. Nothing here recurses: what is nested is read by the
 * caller, level by level. */
bool der_next(struct smb3_cursor *c, uint8_t *ret_tag, struct der_value *ret_value);
/* The same, but it must have that tag. */
bool der_expect(struct smb3_cursor *c, uint8_t tag, struct der_value *ret_value);
struct smb3_cursor der_inside(struct der_value v);
/* Bytes of an element with len bytes inside. */
size_t der_size(size_t len);
/* Tag and length; the caller appends len bytes. */
void der_put_head(struct smb3_builder *b, uint8_t tag, size_t len);
void der_put(struct smb3_builder *b, uint8_t tag, const void *data, size_t len);

/* ---- spnego_token.c ---- */

#define SPNEGO_MECHS_MAX 32

/* negState, RFC 4178 4.2.2 */
enum spnego_result {
	SPNEGO_ACCEPT_COMPLETED = 0,
	SPNEGO_ACCEPT_INCOMPLETE = 1,
	SPNEGO_REJECT = 2,
	SPNEGO_REQUEST_MIC = 3,
	SPNEGO_NO_RESULT = -1
};

/* Values point into the token; data is NULL where the token has none. */
struct spnego_init {
	struct der_value list; /* MechTypeList with its tag: what mechListMIC covers */
	struct der_value mechs[SPNEGO_MECHS_MAX];
	size_t n_mechs;
	struct der_value token, mic;
};

struct spnego_resp {
	int result; /* enum spnego_result */
	struct der_value mech, token, mic;
};

/* False: not such a token. */
bool spnego_init_parse(const uint8_t *data, size_t len, struct spnego_init *ret_init);
bool spnego_resp_parse(const uint8_t *data, size_t len, struct spnego_resp *ret_resp);
/* NegTokenInit2 with the hint that clients expect, [MS-SPNG] 2.2.1. */
void spnego_offer_build(const struct der_value *mechs, size_t n_mechs, struct smb3_builder *out);
void spnego_resp_build(const struct spnego_resp *resp, struct smb3_builder *out);
/* True when the token begins as SPNEGO's first one does. */
bool spnego_begins(const uint8_t *data, size_t len);

#endif
