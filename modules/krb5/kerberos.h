// SPDX-License-Identifier: Apache-2.0
/*
 * kerberos.h: the parts of the Kerberos module. RFC 4120, RFC 4121, [MS-KILE], [MS-PAC]
 *   krb5     the rows, the options, and the log-on: a few steps with what the other parts say
 *   accept   the service's side of GSSAPI
 *   protect  signing and sealing of what follows the log-on
 *   keytab   whether the keys can be used, and by whom else
 *   account  whose log-on a principal's is
 *   pac      SIDs out of the logon information of a PAC
 *   trouble  what an error of the library means for the client and for the administrator
 */
#ifndef KERBEROS_H
#define KERBEROS_H

#include <gssapi/gssapi.h>
#include <smb3/smb3.h>

struct kerberos_conf {
	const char *keytab;
	const char *const *services, *const *realms, *const *map;
	int64_t min_uid;
	bool accounts_only, replay_cache;
};

/* A log-on. */
struct kerberos {
	gss_ctx_id_t gss;
	gss_cred_id_t cred;
	bool ended;
};

struct kerberos_text {
	char text[160]; /* as long as smb3_auth.reason */
};

/* ---- accept.c ---- */

/* Whom a ticket is about. Wiped by whoever holds it. */
struct ticket {
	char client[320], service[320]; /* principals, as GSSAPI displays them */
	uint8_t key[32];
	size_t key_len;
	smb3_nttime ends;
	uint8_t *sids; /* of a PAC that the domain's controller signed; NULL: there is none */
	size_t sids_len;
};

/* One round trip; blocks. STATUS_SUCCESS, STATUS_MORE_PROCESSING_REQUIRED, or the failure and why. */
ntstatus accept_step(struct smb3_auth *auth, const struct kerberos_conf *conf,
		     struct smb3_cursor token, struct smb3_builder *out);
/* After STATUS_SUCCESS: what it came to. */
ntstatus accept_ticket(struct smb3_auth *auth, struct ticket *ret_ticket);
void ticket_done(struct ticket *t);
void accept_done(struct kerberos *k);
/* As struct smb3_auth_mech has them. */
int accept_mic_make(struct smb3_auth *auth, const void *data, size_t len,
		    struct smb3_builder *ret_mic);
int accept_mic_check(struct smb3_auth *auth, const void *data, size_t len, const void *mic,
		     size_t mic_len);

/* ---- protect.c: as struct smb3_auth_mech has them ---- */

size_t protect_size(const struct smb3_auth *auth, bool seal);
int protect_wrap(struct smb3_auth *auth, const struct smb3_auth_message *m, uint8_t *ret_sign);
int protect_unwrap(struct smb3_auth *auth, const struct smb3_auth_message *m, const uint8_t *sign,
		   size_t sign_len);

/* ---- keytab.c ---- */

/* Whether there are keys of such services that nobody else can read; reads the file. */
bool keytab_sound(const struct kerberos_conf *conf, struct kerberos_text *ret_why);
/* A principal is of one of the services, or the account of a machine in a domain. */
bool service_is_ours(const struct kerberos_conf *conf, const char *principal);

/* ---- account.c ---- */

/* "alice@EXAMPLE.COM=alice" */
bool map_sound(const char *rule, struct kerberos_text *ret_why);
/* Makes auth->identity; the ticket's SIDs move there. */
ntstatus account_take(struct smb3_auth *auth, const struct kerberos_conf *conf,
		      struct ticket *ticket);

/* ---- pac.c ---- */

#define PAC_SIDS_MAX 2048 /* of a user: more than domains give, with 57 KB in all */

/* KERB_VALIDATION_INFO, [MS-PAC] 2.5: the SIDs of the user and of his groups, in the form of
 * smb3_identity.sids; the caller frees them. -EBADMSG: malformed; -E2BIG: too many. */
int pac_sids(const void *data, size_t len, uint8_t **ret_sids, size_t *ret_len);

/* ---- trouble.c ---- */

/* Fills in auth->reason; the status for the client. */
ntstatus trouble(struct smb3_auth *auth, OM_uint32 major, OM_uint32 minor);

#endif
