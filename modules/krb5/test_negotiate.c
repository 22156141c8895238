// SPDX-License-Identifier: Apache-2.0
/*
 * test_negotiate.c: tickets inside of SPNEGO.
 */
#include "test_logon.h"

#include <criterion/criterion.h>
#include <gssapi/gssapi_krb5.h>
#include <smb3/smb3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(krb5_spnego, .init = logon_setup, .fini = logon_teardown, .timeout = 60);

static void append(struct bytes *b, const void *data, size_t len)
{
	b->data = smb3_realloc(b->data, b->len + len + 1);
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
}

/* All of it becomes the inside of an element. */
static void wrap(struct bytes *b, uint8_t tag)
{
	const uint8_t head[4] = { tag, 0x82, (uint8_t)(b->len >> 8), (uint8_t)b->len };
	struct bytes wrapped = { NULL, 0 };

	append(&wrapped, head, sizeof(head));
	append(&wrapped, b->data, b->len);
	free(b->data);
	*b = wrapped;
}

static void append_field(struct bytes *b, uint8_t field, const void *data, size_t len)
{
	struct bytes octets = { NULL, 0 };

	append(&octets, data, len);
	wrap(&octets, 0x04);
	wrap(&octets, field);
	append(b, octets.data, octets.len);
	bytes_free(&octets);
}

#define KRB5_OID    "06 09 2a864886f712010202"
#define WINDOWS_OID "06 09 2a864882f712010202"
#define NTLM_OID    "06 0a 2b06010401823702020a"
#define NEGOEX_OID  "06 0a 2b06010401823702021e"

/* The MechTypeList, which a mechListMIC covers. */
static struct bytes mech_list(const char *oids)
{
	uint8_t raw[128];
	struct bytes list = { NULL, 0 };

	append(&list, raw, test_hex(oids, raw, sizeof(raw)));
	wrap(&list, 0x30);
	return list;
}

static struct bytes first_token(const struct bytes *list, const struct bytes *token)
{
	struct bytes b = { NULL, 0 }, out = { NULL, 0 };

	append(&b, list->data, list->len);
	wrap(&b, 0xa0);
	if (token)
		append_field(&b, 0xa2, token->data, token->len);
	wrap(&b, 0x30);
	wrap(&b, 0xa0);
	append(&out, "\x06\x06\x2b\x06\x01\x05\x05\x02", 8);
	append(&out, b.data, b.len);
	wrap(&out, 0x60);
	bytes_free(&b);
	return out;
}

static struct bytes next_token(const struct bytes *token, const struct bytes *mic)
{
	struct bytes b = { NULL, 0 };

	if (token)
		append_field(&b, 0xa2, token->data, token->len);
	if (mic)
		append_field(&b, 0xa3, mic->data, mic->len);
	wrap(&b, 0x30);
	wrap(&b, 0xa1);
	return b;
}

/* A part of the server's NegTokenResp: of the field (0xa0: result, 0xa1: mechanism, 0xa2: token,
 * 0xa3: MIC), without its inner head; empty when it is not there. Elements are short of 64 KB. */
static struct bytes answer_part(const struct attempt *a, uint8_t field)
{
	struct smb3_cursor c = smb3_cursor_init(a->out.data, a->out.len);
	unsigned int depth = 0;

	while (smb3_cursor_left(&c)) {
		uint8_t tag = smb3_get_u8(&c);
		size_t n = smb3_get_u8(&c), more = n & 0x80 ? n & 0x7f : 0;

		for (n = more ? 0 : n; more; more--)
			n = n << 8 | smb3_get_u8(&c);
		if (depth++ < 2)
			continue;
		if (tag == field) {
			struct smb3_cursor in = smb3_cursor_init(smb3_get_bytes(&c, n), n);

			smb3_get_u8(&in);
			n = smb3_get_u8(&in);
			smb3_get_skip(&in, n & 0x80 ? n & 0x7f : 0);
			return (struct bytes){ (uint8_t *)(uintptr_t)in.pos,
					       smb3_cursor_left(&in) };
		}
		smb3_get_skip(&c, n);
	}
	return (struct bytes){ NULL, 0 };
}

static void step_bytes(struct attempt *a, struct bytes token)
{
	step(a, token.data, token.len);
	bytes_free(&token);
}

static void expect_mech(const struct attempt *a, const char *oid)
{
	struct bytes mech = answer_part(a, 0xa1);

	cr_expect(test_is_hex(mech.data, mech.len, oid + 5));
}

/* A ticket goes along with the first token, whichever of the two names the client prefers. */
Test(krb5_spnego, takes_the_ticket_of_the_first_token)
{
	static const char *const lists[][2] = {
		{ KRB5_OID, KRB5_OID NTLM_OID },
		{ WINDOWS_OID, WINDOWS_OID KRB5_OID NTLM_OID },
	};

	serve_alice("");
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(lists); i++) {
		struct bytes list = mech_list(lists[i][1]), token, end;
		struct attempt a = { 0 };
		struct gss_client client;

		gss_client_init(realm, &(struct ticket_plan){ .kvno = 1 }, &client);
		token = gss_client_step(&client, NULL, 0);
		step_bytes(&a, first_token(&list, &token));
		cr_assert_eq(a.status, (ntstatus)STATUS_SUCCESS, "%s", a.auth->reason);
		expect_mech(&a, lists[i][0]);
		end = answer_part(&a, 0xa2);
		end = gss_client_step(&client, end.data, end.len);
		cr_expect_eq(a.auth->key_len, 32);
		cr_expect_neq(a.auth->expires, 0);
		bytes_free(&end);
		bytes_free(&token);
		bytes_free(&list);
		gss_client_done(realm, &client);
		done(&a);
	}
}

/* Kerberos is not the first choice: the client is asked for it, and both prove the list. */
static void with_mic(bool honest)
{
	struct bytes list = mech_list(NEGOEX_OID WINDOWS_OID KRB5_OID), token, part, mic;
	struct bytes other = mech_list(WINDOWS_OID KRB5_OID);
	gss_buffer_desc message = { list.len, list.data }, made = GSS_C_EMPTY_BUFFER, got;
	struct attempt a = { 0 };
	struct gss_client client;
	OM_uint32 minor;

	gss_client_init(realm, &(struct ticket_plan){ .kvno = 1 }, &client);
	step_bytes(&a, first_token(&list, &(struct bytes){ (uint8_t *)"negoex", 6 }));
	cr_assert_eq(a.status, STATUS_MORE_PROCESSING_REQUIRED, "%s", a.auth->reason);
	expect_mech(&a, WINDOWS_OID);
	part = answer_part(&a, 0xa0);
	cr_expect(part.len == 1 && part.data[0] == 3, "request-mic");
	token = gss_client_step(&client, NULL, 0);
	step_bytes(&a, next_token(&token, NULL));
	bytes_free(&token);
	cr_assert_eq(a.status, STATUS_MORE_PROCESSING_REQUIRED, "%s", a.auth->reason);
	part = answer_part(&a, 0xa2);
	token = gss_client_step(&client, part.data, part.len);
	bytes_free(&token);
	part = answer_part(&a, 0xa3);
	got = (gss_buffer_desc){ part.len, part.data };
	cr_expect_eq(gss_verify_mic(&minor, client.gss, &message, &got, NULL), GSS_S_COMPLETE);
	if (!honest)
		message = (gss_buffer_desc){ other.len, other.data };
	cr_assert_eq(gss_get_mic(&minor, client.gss, 0, &message, &made), GSS_S_COMPLETE);
	mic = (struct bytes){ made.value, made.length };
	step_bytes(&a, next_token(NULL, &mic));
	cr_expect_eq(a.status, honest ? (ntstatus)STATUS_SUCCESS : STATUS_LOGON_FAILURE, "%s",
		     a.auth->reason);
	cr_expect_eq(a.auth->identity != NULL, honest);
	gss_release_buffer(&minor, &made);
	bytes_free(&list);
	bytes_free(&other);
	gss_client_done(realm, &client);
	done(&a);
}

Test(krb5_spnego, proves_the_list_when_kerberos_was_not_first)
{
	serve_alice("");
	with_mic(true);
	with_mic(false);
}

/* A first token that is of NTLM stays NTLM's; one that is rubbish for Kerberos is refused. */
Test(krb5_spnego, with_tokens_of_other_mechanisms)
{
	static const char ntlm[] = "4e544c4d53535000 01000000 15820862 0000000000000000"
				   "0000000000000000 060100000000000f";
	struct bytes list = mech_list(NTLM_OID KRB5_OID), raw = { smb3_alloc(64), 0 };
	struct attempt a = { 0 }, b = { 0 };

	serve_alice("");
	raw.len = test_hex(ntlm, raw.data, 64);
	step_bytes(&a, first_token(&list, &raw));
	cr_expect_eq(a.status, STATUS_MORE_PROCESSING_REQUIRED, "%s", a.auth->reason);
	expect_mech(&a, NTLM_OID);
	bytes_free(&list);
	list = mech_list(KRB5_OID NTLM_OID);
	step_bytes(&b, first_token(&list, &raw));
	cr_expect_eq(b.status, STATUS_INVALID_PARAMETER, "%s", b.auth->reason);
	bytes_free(&list);
	bytes_free(&raw);
	done(&a);
	done(&b);
}

static bool offers(const char *oid)
{
	const struct smb3_auth_mech *spnego = smb3_row_name(mods->server, SMB3_KIND_AUTH, "spnego");
	uint8_t data[256], wanted[16];
	struct smb3_builder b = smb3_builder_init(data, sizeof(data));
	size_t n = test_hex(oid, wanted, sizeof(wanted));

	return spnego->offer(mods->server, &b) && memmem(data, b.len, wanted, n);
}

/* Without keys there is no Kerberos to offer: clients that can go on with NTLM do. */
Test(krb5_spnego, falls_back_where_that_is_allowed)
{
	struct bytes list = mech_list(KRB5_OID NTLM_OID);
	struct attempt a = { 0 };

	unlink(realm_keytab(realm));
	serve_alice("");
	cr_expect(offers(NTLM_OID));
	cr_expect_not(offers(KRB5_OID));
	step_bytes(&a, first_token(&list, NULL));
	cr_expect_eq(a.status, STATUS_MORE_PROCESSING_REQUIRED, "%s", a.auth->reason);
	expect_mech(&a, NTLM_OID);
	bytes_free(&list);
	done(&a);
}

Test(krb5_spnego, ntlm_can_be_switched_off)
{
	static const char ntlm[] = "4e544c4d53535000 01000000 15820862 0000000000000000"
				   "0000000000000000 060100000000000f";
	struct bytes list = mech_list(NTLM_OID);
	struct attempt a = { 0 }, raw = { 0 };
	uint8_t token[64];

	serve("", "ntlm = { enabled = false; };");
	cr_assert_not_null(mods->server);
	cr_expect(offers(KRB5_OID) && offers(WINDOWS_OID));
	cr_expect_not(offers(NTLM_OID));
	step_bytes(&a, first_token(&list, NULL));
	cr_expect_eq(a.status, STATUS_LOGON_FAILURE, "%s", smb3_status_name(a.status));
	step(&raw, token, test_hex(ntlm, token, sizeof(token)));
	cr_expect_eq(raw.status, STATUS_NTLM_BLOCKED, "%s", smb3_status_name(raw.status));
	cr_expect_not_null(strstr(raw.auth->reason, "ntlm.enabled"));
	bytes_free(&list);
	done(&a);
	done(&raw);
}
