// SPDX-License-Identifier: Apache-2.0
/*
 * test_ticket.h: a realm without a KDC. The tests have the service's key, so they make tickets as a KDC
 * would, and wrong ones as none would; and they are the client that uses them.
 */
#ifndef TEST_TICKET_H
#define TEST_TICKET_H

#include <gssapi/gssapi.h>
#include <krb5/krb5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct realm;

struct ticket_plan {
	const char *client;   /* NULL: alice@TEST.REALM */
	const char *service;  /* NULL: cifs/files@TEST.REALM */
	int64_t begins, ends; /* seconds from now; 0: ten minutes ago, in an hour */
	int64_t clock;        /* seconds that the client's clock is wrong */
	int kvno;             /* 0: that of the keytab, 1 */
	bool other_key;       /* sealed with a key that is not the service's */
	bool weak;            /* the ticket and its key are of AES-128 */
	const void *logon;    /* logon information for a PAC; NULL: none */
	size_t logon_len;
	bool pac_forged; /* signed with another key */
};

struct bytes {
	uint8_t *data;
	size_t len;
};
void bytes_free(struct bytes *b);

/* KERB_VALIDATION_INFO of the user 1105 in the groups 513 and 1200 of S-1-5-21-1000-2000-3000; its
 * length. */
size_t ticket_logon(uint8_t ret_data[512]);

/* Makes a keytab and a krb5.conf in a folder of its own, and lets the library use them. */
struct realm *realm_new(void);
void realm_free(struct realm *r);
const char *realm_dir(const struct realm *r);
const char *realm_keytab(const struct realm *r);
/* Writes the keytab: a key of that principal and version. */
void realm_keytab_write(struct realm *r, const char *principal, int kvno);
/* Adds a further principal with the key of ticket_plan.other_key. */
void realm_keytab_add(struct realm *r, const char *principal);

/* The client's first token, made by hand: also with tickets that no library would send. */
struct bytes ticket_request(struct realm *r, const struct ticket_plan *plan);

/* A client that is GSSAPI's. */
struct gss_client {
	gss_ctx_id_t gss;
	gss_cred_id_t cred;
	gss_name_t target;
	krb5_ccache cache;
};
void gss_client_init(struct realm *r, const struct ticket_plan *plan,
		     struct gss_client *ret_client);
/* The next token; in may be empty. Ends the test when it fails. */
struct bytes gss_client_step(struct gss_client *c, const void *in, size_t len);
/* The session key, as much as fits; its length. */
size_t gss_client_key(struct gss_client *c, uint8_t ret_key[32]);
void gss_client_done(struct realm *r, struct gss_client *c);

#endif
