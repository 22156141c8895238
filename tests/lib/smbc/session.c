// SPDX-License-Identifier: Apache-2.0
/*
 * session.c: SESSION_SETUP as a small state machine, and the keys that come of it.
 * [MS-SMB2] 2.2.5, 2.2.6, 3.1.4.2, 3.2.5.3
 */
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

struct smbc_session *smbc_session_new(struct smbc_conn *conn)
{
	struct smbc_session *s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	s->conn = conn;
	s->sign = conn->sign_required;
	s->security_mode = conn->sign_required ? SMB2_NEGOTIATE_SIGNING_REQUIRED :
						 SMB2_NEGOTIATE_SIGNING_ENABLED;
	s->next = conn->sessions;
	conn->sessions = s;
	return s;
}

void smbc_session_free(struct smbc_session *session)
{
	struct smbc_session **at = &session->conn->sessions;

	while (*at && *at != session)
		at = &(*at)->next;
	if (*at)
		*at = session->next;
	smbc_signer_done(&session->signer);
	smbc_sealer_done(&session->sealer);
	ntlm_free(&session->ntlm);
	free(session);
}

struct smbc_session *session_find(const struct smbc_conn *conn, uint64_t id)
{
	struct smbc_session *s = conn->sessions;

	while (s && s->id != id)
		s = s->next;
	return s;
}

static struct smbc_part text(const char *s)
{
	return (struct smbc_part){ s, strlen(s) + 1 }; /* labels count their terminator */
}

static void derive(const struct smbc_session *s, const char *label, const char *context,
		   size_t size, uint8_t *ret_key)
{
	struct smbc_part ctx = s->conn->dialect >= SMB2_DIALECT_311 ?
				       (struct smbc_part){ s->preauth, sizeof(s->preauth) } :
				       text(context);

	smbc_kdf(s->conn->lib, (struct smbc_part){ s->key, sizeof(s->key) }, text(label), ctx,
		 ret_key, size);
}

static void keys_seal(struct smbc_session *s, bool is311)
{
	enum smb2_cipher cipher = s->conn->cipher;
	size_t size = cipher >= SMB2_CIPHER_AES256_CCM ? 32 : 16;
	uint8_t send[32], receive[32];

	derive(s, is311 ? "SMBC2SCipherKey" : "SMB2AESCCM", "ServerIn ", size, send);
	derive(s, is311 ? "SMBS2CCipherKey" : "SMB2AESCCM", "ServerOut", size, receive);
	smbc_sealer_init(&s->sealer, s->conn->lib, cipher, send, receive);
}

void smbc_session_keys(struct smbc_session *s)
{
	bool is311 = s->conn->dialect >= SMB2_DIALECT_311;
	uint8_t key[16];

	if (s->conn->dialect < SMB2_DIALECT_300)
		memcpy(key, s->key, sizeof(key));
	else
		derive(s, is311 ? "SMBSigningKey" : "SMB2AESCMAC", "SmbSign", 16, key);
	smbc_signer_init(&s->signer, s->conn->lib, s->conn->signing, key);
	if (s->conn->cipher && !s->binding)
		keys_seal(s, is311);
}

void smbc_put_session_setup(struct smbc_req *req, struct smbc_part blob)
{
	const struct smbc_session *s = req->session;
	struct smbc_buf *b = &req->body;

	smbc_put16(b, 25);
	smbc_put8(b, s->binding ? SMB2_SESSION_FLAG_BINDING : 0);
	smbc_put8(b, s->security_mode);
	smbc_put32(b, SMB2_GLOBAL_CAP_DFS);
	smbc_put32(b, 0);
	smbc_put16(b, SMB2_HEADER_SIZE + 24);
	smbc_put16(b, (uint16_t)blob.n);
	smbc_put64(b, s->previous);
	smbc_put_bytes(b, blob.p, blob.n);
}

int smbc_session_blob(const struct smbc_reply *reply, uint16_t *ret_flags,
		      struct smbc_part *ret_blob)
{
	struct smbc_rd r = smbc_rd(reply->pdu, reply->len), blob;
	uint16_t flags, at, n;

	smbc_get_skip(&r, SMB2_HEADER_SIZE);
	if (smbc_get16(&r) != 9)
		return -EPROTO;
	flags = smbc_get16(&r);
	at = smbc_get16(&r);
	n = smbc_get16(&r);
	blob = n ? smbc_rd_sub(&r, at, n) : smbc_rd("", 0);
	if (r.bad)
		return -EPROTO;
	*ret_flags = flags;
	*ret_blob = (struct smbc_part){ blob.p, blob.len };
	return 0;
}

static void finish(struct smbc_session *s, int err, uint32_t status)
{
	ntlm_free(&s->ntlm);
	s->cred = (struct smbc_cred){ 0 };
	s->done(s, err, status);
}

/* Whether this login makes keys: not a repeated one, not for a guest. [MS-SMB2] 3.2.5.3 */
static bool wants_keys(const struct smbc_session *s)
{
	if (s->flags & (SMB2_SESSION_FLAG_IS_GUEST | SMB2_SESSION_FLAG_IS_NULL))
		return false;
	return s->binding || !s->signer.ready;
}

/* The server's mechListMIC in the last token, when it sent one. [RFC4178] 5 */
static void list_mic_check(struct smbc_session *s, struct smbc_part blob)
{
	struct smbc_part token, mic;
	uint8_t wanted[16];

	s->list_mic = SMBC_SIG_NONE;
	if (s->cred.raw || spnego_parse(blob, &token, &mic) || !mic.n)
		return;
	ntlm_get_mic(s->conn->lib, &s->ntlm, true, spnego_mech_list, wanted);
	s->list_mic = mic.n == 16 && !memcmp(mic.p, wanted, 16) ? SMBC_SIG_GOOD : SMBC_SIG_BAD;
}

/* The last response is signed with the keys that it completes. */
static void succeed(struct smbc_session *s, struct smbc_reply *reply)
{
	uint8_t signature[16];

	if (wants_keys(s)) {
		memcpy(s->key, s->ntlm.session_key, sizeof(s->key));
		smbc_session_keys(s);
		s->binding = false;
		s->seal = s->seal || s->flags & SMB2_SESSION_FLAG_ENCRYPT_DATA;
	}
	s->final_sig = reply->hdr.flags & SMB2_FLAGS_SIGNED ? SMBC_SIG_UNKNOWN : SMBC_SIG_NONE;
	if (s->final_sig == SMBC_SIG_UNKNOWN && s->signer.ready) {
		smbc_signer_run(&s->signer, (struct smbc_part){ reply->pdu, reply->len },
				(struct smbc_part){ "", 0 }, signature);
		s->final_sig = memcmp(signature, reply->hdr.signature, 16) ? SMBC_SIG_BAD :
									     SMBC_SIG_GOOD;
	}
	finish(s, 0, SMBC_STATUS_SUCCESS);
}

static void step_done(struct smbc_req *req, int err);

/* The token as it goes into SESSION_SETUP: bare, or in SPNEGO with mechListMIC. */
static void wrap(struct smbc_session *s, struct smbc_part token, bool first, struct smbc_buf *blob)
{
	bool has_mic = !s->cred.anonymous && !(s->cred.tweak & SMBC_NTLM_NO_LIST_MIC);
	uint8_t mic[16];

	if (s->cred.raw) {
		smbc_put_bytes(blob, token.p, token.n);
	} else if (first) {
		spnego_init(blob, token);
	} else {
		ntlm_get_mic(s->conn->lib, &s->ntlm, false, spnego_mech_list, mic);
		if (s->cred.tweak & SMBC_NTLM_BAD_LIST_MIC)
			mic[4] ^= 0xff;
		spnego_resp(blob, token, (struct smbc_part){ mic, has_mic ? sizeof(mic) : 0 });
	}
}

static int step_send(struct smbc_session *s, struct smbc_part token, bool first)
{
	struct smbc_req *req = smbc_req_new(s->conn, s, SMB2_SESSION_SETUP);
	struct smbc_buf blob = { 0 };
	int err;

	wrap(s, token, first, &blob);
	smbc_put_session_setup(req, (struct smbc_part){ blob.p, blob.len });
	smbc_buf_free(&blob);
	req->preauth = s->preauth;
	req->done = step_done;
	if (s->binding)
		req->sign = SMBC_ALWAYS;
	err = smbc_submit(req);
	if (err)
		smbc_req_free(req);
	return err;
}

static int answer(struct smbc_session *s, const struct smbc_reply *reply)
{
	struct smbc_part blob, token, mic;
	struct smbc_buf out = { 0 };
	uint16_t flags;
	int err = smbc_session_blob(reply, &flags, &blob);

	if (err)
		return err;
	s->id = reply->hdr.sid;
	smbc_preauth(s->conn->lib, s->preauth, reply->pdu, reply->len);
	token = blob;
	if (!s->cred.raw)
		err = spnego_parse(blob, &token, &mic);
	if (!err)
		err = ntlm_authenticate(s->conn->lib, &s->ntlm, &s->cred, token, &out);
	if (!err)
		err = step_send(s, (struct smbc_part){ out.p, out.len }, false);
	smbc_buf_free(&out);
	return err;
}

static void step_done(struct smbc_req *req, int err)
{
	struct smbc_session *s = req->session;
	uint32_t status = err ? 0 : req->reply.hdr.status;
	struct smbc_part blob;

	if (err) {
		finish(s, err, 0);
	} else if (status == SMBC_STATUS_MORE_PROCESSING_REQUIRED) {
		err = answer(s, &req->reply);
		if (err)
			finish(s, err, status);
	} else if (status != SMBC_STATUS_SUCCESS) {
		finish(s, 0, status);
	} else {
		err = smbc_session_blob(&req->reply, &s->flags, &blob);
		if (err) {
			finish(s, err, status);
		} else {
			list_mic_check(s, blob);
			succeed(s, &req->reply);
		}
	}
	smbc_req_free(req);
}

int smbc_session_start(struct smbc_session *s, const struct smbc_cred *cred, smbc_session_fn *done,
		       void *arg)
{
	s->cred = *cred;
	s->done = done;
	s->arg = arg;
	memcpy(s->preauth, s->conn->preauth, sizeof(s->preauth));
	ntlm_negotiate(&s->ntlm);
	return step_send(s, (struct smbc_part){ s->ntlm.negotiate.p, s->ntlm.negotiate.len }, true);
}

struct smbc_session *smbc_session_bind(struct smbc_conn *conn, const struct smbc_session *of)
{
	struct smbc_session *s = smbc_session_new(conn);
	uint8_t key[16];

	s->id = of->id;
	s->binding = true;
	s->sign = of->sign;
	s->seal = of->seal;
	memcpy(s->key, of->key, sizeof(s->key));
	memcpy(s->preauth, of->preauth, sizeof(s->preauth));
	/* Until this channel has a key of its own, the session's signs. [MS-SMB2] 3.2.4.1.1 */
	if (conn->dialect < SMB2_DIALECT_300)
		memcpy(key, s->key, sizeof(key));
	else
		derive(s, conn->dialect >= SMB2_DIALECT_311 ? "SMBSigningKey" : "SMB2AESCMAC",
		       "SmbSign", 16, key);
	smbc_signer_init(&s->signer, conn->lib, of->conn->signing, key);
	if (conn->cipher)
		keys_seal(s, conn->dialect >= SMB2_DIALECT_311);
	return s;
}

struct waiter {
	bool over;
	int err;
	uint32_t status;
};

static void wake(struct smbc_session *s, int err, uint32_t status)
{
	*(struct waiter *)s->arg = (struct waiter){ true, err, status };
}

static void nobody(struct smbc_session *s, int err, uint32_t status)
{
	(void)s;
	(void)err;
	(void)status;
}

int smbc_session_setup(struct smbc_session *session, const struct smbc_cred *cred, int timeout_ms,
		       uint32_t *ret_status)
{
	int64_t end = smbc_now_ms() + timeout_ms;
	struct waiter w = { 0 };
	int err = smbc_session_start(session, cred, wake, &w);

	while (!err && !w.over) {
		int64_t left = end - smbc_now_ms();

		err = smbc_pump(session->conn, left > 0 ? (int)left : 0);
	}
	session->done = nobody;
	if (!w.over)
		return err;
	if (!w.err)
		*ret_status = w.status;
	return w.err;
}
