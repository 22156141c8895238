// SPDX-License-Identifier: Apache-2.0
/*
 * test_ticket.c: tickets by hand. RFC 4120 5.3, 5.5.1, RFC 4121 4.1, [MS-PAC] 2
 */
#include "test_ticket.h"
#include "testmods.h"

#include <criterion/criterion.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <smb3/smb3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DER_SIZE 65536
#define AES256   ENCTYPE_AES256_CTS_HMAC_SHA1_96
#define AES128   ENCTYPE_AES128_CTS_HMAC_SHA1_96

struct realm {
	krb5_context ctx;
	krb5_keyblock key, weak_key, other_key;
	char dir[64], conf[80], keytab[80];
};

static void must(krb5_error_code err, const char *what)
{
	cr_assert_eq(err, 0, "%s: error %d", what, (int)err);
}

void bytes_free(struct bytes *b)
{
	free(b->data);
	*b = (struct bytes){ NULL, 0 };
}

size_t ticket_logon(uint8_t ret_data[512])
{
	static const char hex[] =
		"01100800cccccccc0c01000000000000000002000000000000000000000000000000000000000000"
		"00000000000000000000000000000000000000000000000000000000000000000000000000000000"
		"00000000000000000000000000000000000000000000000000000000000000000000000000000000"
		"51040000010200000200000008000200000000000000000000000000000000000000000000000000"
		"0000000000000000000000000c000200000000000000000000000000000000000000000000000000"
		"00000000000000000000000000000000000000000000000000000000000000000000000002000000"
		"0102000007000000b00400000700000004000000010400000000000515000000e8030000d0070000"
		"b80b0000";

	return test_hex(hex, ret_data, 512);
}

/* ---- DER, written from the end ---- */

struct der {
	uint8_t data[DER_SIZE];
	size_t at;
};

static struct der *der_new(void)
{
	struct der *d = smb3_alloc(sizeof(*d));

	d->at = DER_SIZE;
	return d;
}

static void der_bytes(struct der *d, const void *data, size_t len)
{
	cr_assert_leq(len, d->at);
	d->at -= len;
	memcpy(d->data + d->at, data, len);
}

static void der_byte(struct der *d, size_t byte)
{
	uint8_t b = (uint8_t)byte;

	der_bytes(d, &b, 1);
}

/* Everything since end (a value of d->at) becomes the inside of an element. */
static void der_wrap(struct der *d, uint8_t tag, size_t end)
{
	size_t len = end - d->at, n = 0;

	if (len >= 0x80) {
		for (size_t rest = len; rest; rest >>= 8, n++)
			der_byte(d, rest & 0xff);
		der_byte(d, 0x80 | n);
	} else {
		der_byte(d, len);
	}
	der_byte(d, tag);
}

static void der_value(struct der *d, int field, uint8_t tag, const void *data, size_t len)
{
	size_t end = d->at;

	der_bytes(d, data, len);
	der_wrap(d, tag, end);
	der_wrap(d, (uint8_t)(0xa0 | field), end);
}

static void der_int(struct der *d, int field, int32_t value)
{
	uint8_t be[4] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
			  (uint8_t)value };
	size_t skip = 0;

	while (skip < 3 && !be[skip] && !(be[skip + 1] & 0x80))
		skip++;
	der_value(d, field, 0x02, be + skip, sizeof(be) - skip);
}

static void der_time(struct der *d, int field, int64_t seconds)
{
	time_t t = seconds;
	struct tm tm;
	char text[32];

	gmtime_r(&t, &tm);
	der_value(d, field, 0x18, text, strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &tm));
}

static void der_name(struct der *d, int field, const krb5_principal_data *name)
{
	size_t end = d->at;

	for (int i = name->length; i > 0; i--) {
		size_t part = d->at;

		der_bytes(d, name->data[i - 1].data, name->data[i - 1].length);
		der_wrap(d, 0x1b, part);
	}
	der_wrap(d, 0x30, end);
	der_wrap(d, 0xa1, end);
	der_int(d, 0, KRB5_NT_PRINCIPAL);
	der_wrap(d, 0x30, end);
	der_wrap(d, (uint8_t)(0xa0 | field), end);
}

/* ---- tickets ---- */

static krb5_principal principal(struct realm *r, const char *name)
{
	krb5_principal p;

	must(krb5_parse_name(r->ctx, name, &p), name);
	return p;
}

static krb5_principal client_of(struct realm *r, const struct ticket_plan *plan)
{
	return principal(r, plan->client ? plan->client : "alice@TEST.REALM");
}

static krb5_principal service_of(struct realm *r, const struct ticket_plan *plan)
{
	return principal(r, plan->service ? plan->service : "cifs/files@TEST.REALM");
}

static const krb5_keyblock *key_of(const struct realm *r, const struct ticket_plan *plan)
{
	return plan->other_key ? &r->other_key : plan->weak ? &r->weak_key : &r->key;
}

static krb5_ticket_times times_of(const struct ticket_plan *plan)
{
	int64_t now = time(NULL);
	int64_t begins = now + (plan->begins ? plan->begins : -600);
	int64_t ends = now + (plan->ends ? plan->ends : 3600);

	return (krb5_ticket_times){ .authtime = (krb5_timestamp)begins,
				    .starttime = (krb5_timestamp)begins,
				    .endtime = (krb5_timestamp)ends };
}

static void put_pac(struct realm *r, struct der *d, const struct ticket_plan *plan,
		    krb5_principal client, krb5_timestamp authtime)
{
	krb5_data logon = { .data = (char *)(uintptr_t)plan->logon,
			    .length = (unsigned int)plan->logon_len };
	const krb5_keyblock *key = plan->pac_forged ? &r->other_key : key_of(r, plan);
	size_t end = d->at;
	krb5_data data;
	krb5_pac pac;

	must(krb5_pac_init(r->ctx, &pac), "PAC");
	must(krb5_pac_add_buffer(r->ctx, pac, KRB5_PAC_LOGON_INFO, &logon), "PAC");
	must(krb5_pac_sign(r->ctx, pac, authtime, client, key, key, &data), "PAC");
	der_value(d, 1, 0x04, data.data, data.length);
	der_int(d, 0, KRB5_AUTHDATA_WIN2K_PAC);
	der_wrap(d, 0x30, end); /* one of a list, in AD-IF-RELEVANT, in the list of the ticket */
	der_wrap(d, 0x30, end);
	der_wrap(d, 0x04, end);
	der_wrap(d, 0xa1, end);
	der_int(d, 0, KRB5_AUTHDATA_IF_RELEVANT);
	der_wrap(d, 0x30, end);
	der_wrap(d, 0x30, end);
	der_wrap(d, 0xaa, end);
	krb5_free_data_contents(r->ctx, &data);
	krb5_pac_free(r->ctx, pac);
}

static void put_inside(struct realm *r, struct der *d, const struct ticket_plan *plan,
		       const krb5_keyblock *session)
{
	krb5_ticket_times times = times_of(plan);
	krb5_principal client = client_of(r, plan);
	size_t end = d->at, part;

	if (plan->logon)
		put_pac(r, d, plan, client, times.authtime);
	der_time(d, 7, times.endtime);
	der_time(d, 6, times.starttime);
	der_time(d, 5, times.authtime);
	part = d->at;
	der_value(d, 1, 0x04, "", 0);
	der_int(d, 0, 0);
	der_wrap(d, 0x30, part);
	der_wrap(d, 0xa4, part);
	der_name(d, 3, client);
	der_value(d, 2, 0x1b, client->realm.data, client->realm.length);
	part = d->at;
	der_value(d, 1, 0x04, session->contents, session->length);
	der_int(d, 0, session->enctype);
	der_wrap(d, 0x30, part);
	der_wrap(d, 0xa1, part);
	der_value(d, 0, 0x03, "\0\0\0\0\0", 5);
	der_wrap(d, 0x30, end);
	der_wrap(d, 0x63, end);
	krb5_free_principal(r->ctx, client);
}

static void seal(struct realm *r, const krb5_keyblock *key, const struct der *plain,
		 struct bytes *ret_sealed)
{
	krb5_data in = { .data = (char *)(uintptr_t)plain->data + plain->at,
			 .length = (unsigned int)(DER_SIZE - plain->at) };
	krb5_enc_data out = { .enctype = key->enctype };
	size_t len;

	must(krb5_c_encrypt_length(r->ctx, key->enctype, in.length, &len), "length");
	ret_sealed->data = smb3_alloc(len);
	out.ciphertext.data = (char *)ret_sealed->data;
	out.ciphertext.length = (unsigned int)len;
	must(krb5_c_encrypt(r->ctx, key, 2 /* KDC-REP ticket */, NULL, &in, &out), "encrypt");
	ret_sealed->len = out.ciphertext.length;
}

/* The ticket, with its session key and whom it is for. */
static void creds_make(struct realm *r, const struct ticket_plan *plan, krb5_creds *ret_creds)
{
	const krb5_keyblock *key = key_of(r, plan);
	struct der *inside = der_new(), *d = der_new();
	krb5_principal service = service_of(r, plan);
	struct bytes sealed;
	size_t end = d->at;

	*ret_creds = (krb5_creds){ .client = client_of(r, plan), .times = times_of(plan) };
	must(krb5_c_make_random_key(r->ctx, key->enctype, &ret_creds->keyblock), "session key");
	put_inside(r, inside, plan, &ret_creds->keyblock);
	seal(r, key, inside, &sealed);
	der_value(d, 2, 0x04, sealed.data, sealed.len);
	der_int(d, 1, plan->kvno ? plan->kvno : 1);
	der_int(d, 0, key->enctype);
	der_wrap(d, 0x30, end);
	der_wrap(d, 0xa3, end);
	der_name(d, 2, service);
	der_value(d, 1, 0x1b, service->realm.data, service->realm.length);
	der_int(d, 0, 5);
	der_wrap(d, 0x30, end);
	der_wrap(d, 0x61, end);
	ret_creds->server = service;
	ret_creds->ticket.length = (unsigned int)(DER_SIZE - d->at);
	ret_creds->ticket.data = smb3_alloc(ret_creds->ticket.length);
	memcpy(ret_creds->ticket.data, d->data + d->at, ret_creds->ticket.length);
	bytes_free(&sealed);
	free(inside);
	free(d);
}

/* ---- a request by hand ---- */

struct bytes ticket_request(struct realm *r, const struct ticket_plan *plan)
{
	/* Length of the bindings, no bindings, GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG. RFC 4121 4.1.1 */
	uint8_t checksum[24] = { 16, [20] = 0x22 };
	krb5_data in = { .data = (char *)checksum, .length = sizeof(checksum) }, request;
	krb5_auth_context ac = NULL;
	struct der *d = der_new();
	size_t end = d->at;
	krb5_creds creds;
	struct bytes token;

	creds_make(r, plan, &creds);
	/* The library uses no ticket that it sees to be out of date. */
	creds.times.starttime = creds.times.authtime = (krb5_timestamp)(time(NULL) - 86400);
	creds.times.endtime = (krb5_timestamp)(time(NULL) + 86400);
	must(krb5_set_real_time(r->ctx, (krb5_timestamp)(time(NULL) + plan->clock), 0), "clock");
	must(krb5_auth_con_init(r->ctx, &ac), "request");
	must(krb5_auth_con_setflags(r->ctx, ac, KRB5_AUTH_CONTEXT_DO_SEQUENCE), "request");
	must(krb5_auth_con_set_req_cksumtype(r->ctx, ac, 0x8003), "request");
	must(krb5_mk_req_extended(r->ctx, &ac, AP_OPTS_MUTUAL_REQUIRED | AP_OPTS_USE_SUBKEY, &in,
				  &creds, &request),
	     "request");
	der_bytes(d, request.data, request.length);
	der_bytes(d, "\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01\x00", 13);
	der_wrap(d, 0x60, end);
	token.len = DER_SIZE - d->at;
	token.data = memcpy(smb3_alloc(token.len), d->data + d->at, token.len);
	krb5_auth_con_free(r->ctx, ac);
	krb5_free_data_contents(r->ctx, &request);
	krb5_free_cred_contents(r->ctx, &creds);
	free(d);
	return token;
}

/* ---- a client of GSSAPI's ---- */

void gss_client_init(struct realm *r, const struct ticket_plan *plan, struct gss_client *ret_client)
{
	gss_buffer_desc text = { 0, (void *)(uintptr_t)(plan->service ? plan->service :
									"cifs/files@TEST.REALM") };
	gss_key_value_element_desc element = { "ccache", NULL };
	gss_key_value_set_desc store = { 1, &element };
	struct gss_client c = { .gss = GSS_C_NO_CONTEXT };
	char name[64];
	krb5_creds creds;
	OM_uint32 minor;

	text.length = strlen(text.value);
	creds_make(r, plan, &creds);
	must(krb5_cc_new_unique(r->ctx, "MEMORY", NULL, &c.cache), "cache");
	must(krb5_cc_initialize(r->ctx, c.cache, creds.client), "cache");
	must(krb5_cc_store_cred(r->ctx, c.cache, &creds), "cache");
	snprintf(name, sizeof(name), "MEMORY:%s", krb5_cc_get_name(r->ctx, c.cache));
	element.value = name;
	must((int)gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, GSS_C_NO_OID_SET,
					GSS_C_INITIATE, &store, &c.cred, NULL, NULL),
	     "credentials");
	must((int)gss_import_name(&minor, &text, (gss_OID)GSS_KRB5_NT_PRINCIPAL_NAME, &c.target),
	     "service");
	krb5_free_cred_contents(r->ctx, &creds);
	*ret_client = c;
}

struct bytes gss_client_step(struct gss_client *c, const void *in, size_t len)
{
	gss_buffer_desc got = { len, (void *)(uintptr_t)in }, made = GSS_C_EMPTY_BUFFER;
	struct bytes token = { NULL, 0 };
	OM_uint32 minor, major;

	major = gss_init_sec_context(&minor, c->cred, &c->gss, c->target, (gss_OID)gss_mech_krb5,
				     GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG, 0,
				     GSS_C_NO_CHANNEL_BINDINGS, &got, NULL, &made, NULL, NULL);
	cr_assert_not(GSS_ERROR(major), "gss_init_sec_context: %#x, %d", major, (int)minor);
	token.len = made.length;
	token.data =
		memcpy(smb3_alloc(made.length + 1), made.length ? made.value : "", made.length);
	gss_release_buffer(&minor, &made);
	return token;
}

size_t gss_client_key(struct gss_client *c, uint8_t ret_key[32])
{
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	OM_uint32 minor;
	size_t len;

	must((int)gss_inquire_sec_context_by_oid(&minor, c->gss, GSS_C_INQ_SSPI_SESSION_KEY, &set),
	     "session key");
	len = set->elements[0].length;
	memcpy(ret_key, set->elements[0].value, len < 32 ? len : 32);
	gss_release_buffer_set(&minor, &set);
	return len;
}

void gss_client_done(struct realm *r, struct gss_client *c)
{
	OM_uint32 minor;

	gss_delete_sec_context(&minor, &c->gss, NULL);
	gss_release_cred(&minor, &c->cred);
	gss_release_name(&minor, &c->target);
	krb5_cc_destroy(r->ctx, c->cache);
}

/* ---- the realm ---- */

static void keytab_add(struct realm *r, krb5_keytab kt, const char *name, int kvno,
		       const krb5_keyblock *key)
{
	krb5_keytab_entry entry = { .principal = principal(r, name),
				    .timestamp = (krb5_timestamp)time(NULL),
				    .vno = (krb5_kvno)kvno,
				    .key = *key };

	must(krb5_kt_add_entry(r->ctx, kt, &entry), "keytab");
	krb5_free_principal(r->ctx, entry.principal);
}

void realm_keytab_add(struct realm *r, const char *name)
{
	krb5_keytab kt;
	char full[160];

	snprintf(full, sizeof(full), "FILE:%s", r->keytab);
	must(krb5_kt_resolve(r->ctx, full, &kt), "keytab");
	keytab_add(r, kt, name, 1, &r->other_key);
	krb5_kt_close(r->ctx, kt);
}

void realm_keytab_write(struct realm *r, const char *name, int kvno)
{
	char full[160];
	krb5_keytab kt;

	unlink(r->keytab);
	snprintf(full, sizeof(full), "FILE:%s", r->keytab);
	must(krb5_kt_resolve(r->ctx, full, &kt), "keytab");
	keytab_add(r, kt, name, kvno, &r->key);
	keytab_add(r, kt, name, kvno, &r->weak_key);
	krb5_kt_close(r->ctx, kt);
}

struct realm *realm_new(void)
{
	struct realm *r = smb3_alloc(sizeof(*r));
	FILE *f;

	snprintf(r->dir, sizeof(r->dir), "/tmp/smb3-krb5.XXXXXX");
	cr_assert_not_null(mkdtemp(r->dir));
	snprintf(r->conf, sizeof(r->conf), "%s/krb5.conf", r->dir);
	snprintf(r->keytab, sizeof(r->keytab), "%s/keytab", r->dir);
	f = fopen(r->conf, "w");
	cr_assert_not_null(f);
	fputs("[libdefaults]\n\tdefault_realm = TEST.REALM\n\tdns_lookup_kdc = false\n"
	      "\tdns_canonicalize_hostname = false\n\trdns = false\n",
	      f);
	fclose(f);
	setenv("KRB5_CONFIG", r->conf, 1);
	must(krb5_init_context(&r->ctx), "krb5.conf");
	must(krb5_c_make_random_key(r->ctx, AES256, &r->key), "key");
	must(krb5_c_make_random_key(r->ctx, AES128, &r->weak_key), "key");
	must(krb5_c_make_random_key(r->ctx, AES256, &r->other_key), "key");
	realm_keytab_write(r, "cifs/files@TEST.REALM", 1);
	return r;
}

const char *realm_dir(const struct realm *r)
{
	return r->dir;
}

const char *realm_keytab(const struct realm *r)
{
	return r->keytab;
}

void realm_free(struct realm *r)
{
	unlink(r->keytab);
	unlink(r->conf);
	rmdir(r->dir);
	krb5_free_keyblock_contents(r->ctx, &r->key);
	krb5_free_keyblock_contents(r->ctx, &r->weak_key);
	krb5_free_keyblock_contents(r->ctx, &r->other_key);
	krb5_free_context(r->ctx);
	free(r);
}
