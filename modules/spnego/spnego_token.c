// SPDX-License-Identifier: Apache-2.0
/*
 * spnego_token.c: NegTokenInit and NegTokenResp. RFC 4178 4.2, [MS-SPNG] 2.2.1
 */
#include "spnego.h"

/* 1.3.6.1.5.5.2 */
static const uint8_t spnego_oid[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02 };

/* What a server says that knows better than to tell its name, [MS-SPNG] 3.2.5.2. */
static const char hint[] = "not_defined_in_RFC4178@please_ignore";

/* The initial token of GSSAPI: RFC 2743 3.1. What follows the OID is left in c. */
static bool gss_begins(struct smb3_cursor *c)
{
	struct der_value token, oid;

	if (!der_expect(c, DER_APPLICATION_0, &token))
		return false;
	*c = der_inside(token);
	return der_expect(c, DER_OID, &oid) && oid.len == sizeof(spnego_oid) &&
	       !memcmp(oid.data, spnego_oid, sizeof(spnego_oid));
}

bool spnego_begins(const uint8_t *data, size_t len)
{
	struct smb3_cursor c = smb3_cursor_init(data, len);

	return gss_begins(&c);
}

/* A field that holds exactly one element of that tag, and is there once. */
static bool field_take(struct der_value field, uint8_t tag, struct der_value *ret_value)
{
	struct smb3_cursor c = der_inside(field);

	return !ret_value->data && der_expect(&c, tag, ret_value) && !smb3_cursor_left(&c);
}

static bool mechs_take(struct der_value field, struct spnego_init *init)
{
	struct der_value sequence = { NULL, 0 };
	struct smb3_cursor c;

	if (init->list.data || !field_take(field, DER_SEQUENCE, &sequence))
		return false;
	init->list = field;
	c = der_inside(sequence);
	while (smb3_cursor_left(&c)) {
		if (init->n_mechs == SPNEGO_MECHS_MAX ||
		    !der_expect(&c, DER_OID, &init->mechs[init->n_mechs]))
			return false;
		init->n_mechs++;
	}
	return init->n_mechs > 0;
}

/* Fields that we have no use for, such as flags and hints, are passed over. */
bool spnego_init_parse(const uint8_t *data, size_t len, struct spnego_init *ret_init)
{
	struct smb3_cursor c = smb3_cursor_init(data, len);
	struct spnego_init init = { .n_mechs = 0 };
	struct der_value choice, sequence;
	uint8_t tag;

	if (!gss_begins(&c) || !der_expect(&c, DER_CONTEXT(0), &choice))
		return false;
	c = der_inside(choice);
	if (!der_expect(&c, DER_SEQUENCE, &sequence))
		return false;
	c = der_inside(sequence);
	while (smb3_cursor_left(&c)) {
		struct der_value field;

		if (!der_next(&c, &tag, &field))
			return false;
		if (tag == DER_CONTEXT(0) && !mechs_take(field, &init))
			return false;
		if (tag == DER_CONTEXT(2) && !field_take(field, DER_OCTET_STRING, &init.token))
			return false;
	}
	if (!init.n_mechs)
		return false;
	*ret_init = init;
	return true;
}

static bool resp_field(uint8_t tag, struct der_value field, struct spnego_resp *resp)
{
	struct der_value result = { NULL, 0 };

	switch (tag) {
	case DER_CONTEXT(0):
		if (resp->result != SPNEGO_NO_RESULT ||
		    !field_take(field, DER_ENUMERATED, &result) || result.len != 1 ||
		    result.data[0] > SPNEGO_REQUEST_MIC)
			return false;
		resp->result = result.data[0];
		return true;
	case DER_CONTEXT(1):
		return field_take(field, DER_OID, &resp->mech);
	case DER_CONTEXT(2):
		return field_take(field, DER_OCTET_STRING, &resp->token);
	case DER_CONTEXT(3):
		return field_take(field, DER_OCTET_STRING, &resp->mic);
	default:
		return true;
	}
}

bool spnego_resp_parse(const uint8_t *data, size_t len, struct spnego_resp *ret_resp)
{
	struct smb3_cursor c = smb3_cursor_init(data, len);
	struct spnego_resp resp = { .result = SPNEGO_NO_RESULT };
	struct der_value choice, sequence, field;
	uint8_t tag;

	if (!der_expect(&c, DER_CONTEXT(1), &choice))
		return false;
	c = der_inside(choice);
	if (!der_expect(&c, DER_SEQUENCE, &sequence))
		return false;
	c = der_inside(sequence);
	while (smb3_cursor_left(&c))
		if (!der_next(&c, &tag, &field) || !resp_field(tag, field, &resp))
			return false;
	*ret_resp = resp;
	return true;
}

void spnego_offer_build(const struct der_value *mechs, size_t n_mechs, struct smb3_builder *out)
{
	size_t list = 0, hints, fields;

	for (size_t i = 0; i < n_mechs; i++)
		list += der_size(mechs[i].len);
	hints = der_size(der_size(sizeof(hint) - 1));
	fields = der_size(der_size(list)) + der_size(der_size(hints));

	der_put_head(out, DER_APPLICATION_0,
		     der_size(sizeof(spnego_oid)) + der_size(der_size(fields)));
	der_put(out, DER_OID, spnego_oid, sizeof(spnego_oid));
	der_put_head(out, DER_CONTEXT(0), der_size(fields));
	der_put_head(out, DER_SEQUENCE, fields);
	der_put_head(out, DER_CONTEXT(0), der_size(list));
	der_put_head(out, DER_SEQUENCE, list);
	for (size_t i = 0; i < n_mechs; i++)
		der_put(out, DER_OID, mechs[i].data, mechs[i].len);
	der_put_head(out, DER_CONTEXT(3), der_size(hints));
	der_put_head(out, DER_SEQUENCE, hints);
	der_put_head(out, DER_CONTEXT(0), der_size(sizeof(hint) - 1));
	der_put(out, DER_GENERAL_STRING, hint, sizeof(hint) - 1);
}

static size_t field_size(const struct der_value *v)
{
	return v->data ? der_size(der_size(v->len)) : 0;
}

static void field_put(struct smb3_builder *b, int number, uint8_t tag, const struct der_value *v)
{
	if (!v->data)
		return;
	der_put_head(b, (uint8_t)DER_CONTEXT(number), der_size(v->len));
	der_put(b, tag, v->data, v->len);
}

void spnego_resp_build(const struct spnego_resp *resp, struct smb3_builder *out)
{
	uint8_t result = (uint8_t)resp->result;
	struct der_value state = { resp->result == SPNEGO_NO_RESULT ? NULL : &result, 1 };
	size_t fields = field_size(&state) + field_size(&resp->mech) + field_size(&resp->token) +
			field_size(&resp->mic);

	der_put_head(out, DER_CONTEXT(1), der_size(fields));
	der_put_head(out, DER_SEQUENCE, fields);
	field_put(out, 0, DER_ENUMERATED, &state);
	field_put(out, 1, DER_OID, &resp->mech);
	field_put(out, 2, DER_OCTET_STRING, &resp->token);
	field_put(out, 3, DER_OCTET_STRING, &resp->mic);
}
