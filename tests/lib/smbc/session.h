// SPDX-License-Identifier: Apache-2.0
/*
 * session.h: logging in, keys, channels. [MS-SMB2] 3.2.4.2.3, 3.2.5.3
 */
#pragma once

#include "ntlm.h"
#include "smbc.h"

/* err as in smbc_done_fn; status is the last one of SESSION_SETUP. */
typedef void smbc_session_fn(struct smbc_session *session, int err, uint32_t status);

struct smbc_session {
	struct smbc_conn *conn;
	struct smbc_session *next;
	uint64_t id;
	uint16_t flags; /* SMB2_SESSION_FLAG_… of the response */
	bool sign;      /* every request; set from the connection's sign_required */
	bool seal;      /* every request */
	bool binding;   /* to become a further channel of another session */
	uint8_t key[16];
	uint8_t preauth[64];
	struct smbc_signer signer;
	struct smbc_sealer sealer;
	enum smbc_sig final_sig; /* of the response that ended the login */
	enum smbc_sig list_mic;  /* its mechListMIC */

	/* the login in progress */
	struct smbc_ntlm ntlm;
	struct smbc_cred cred; /* borrowed until done */
	uint64_t previous;     /* PreviousSessionId to send */
	uint8_t security_mode;
	smbc_session_fn *done;
	void *arg;
};

struct smbc_session *smbc_session_new(struct smbc_conn *conn);
void smbc_session_free(struct smbc_session *session);
/* A second channel of `of`, on conn; then log in with smbc_session_start(). */
struct smbc_session *smbc_session_bind(struct smbc_conn *conn, const struct smbc_session *of);
/* Logs in, or again when it has; cred and its strings stay until done is called. */
int smbc_session_start(struct smbc_session *session, const struct smbc_cred *cred,
		       smbc_session_fn *done, void *arg);
/* The same, and waits. Any final status is stored; 0 when there was one. */
int smbc_session_setup(struct smbc_session *session, const struct smbc_cred *cred, int timeout_ms,
		       uint32_t *ret_status);
/* Keys from session->key, as the dialect wants them. While binding the signing key alone. */
void smbc_session_keys(struct smbc_session *session);
/* One SESSION_SETUP by hand: the body for this security blob. */
void smbc_put_session_setup(struct smbc_req *req, struct smbc_part blob);
/* The security blob of a SESSION_SETUP response; -EPROTO when it does not fit. */
int smbc_session_blob(const struct smbc_reply *reply, uint16_t *ret_flags,
		      struct smbc_part *ret_blob);
