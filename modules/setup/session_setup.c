// SPDX-License-Identifier: Apache-2.0
/*
 * session_setup.c: SESSION_SETUP: round trips of a log-on, until a session is valid.
 * [MS-SMB2] 2.2.5, 2.2.6, 3.3.5.5
 *
 * A further connection joins a session by a log-on of its own, see bind.c; everything that this log-on
 * comes to concerns its channel only.
 *
 * While a round trip is in work the request owns the log-on (ch->auth is NULL), so that the end of
 * the session or connection meanwhile cannot free it.
 */
#include "setup.h"

#include <stdio.h>
#include <string.h>

#define BLOB_MAX 65535

static ntstatus setup_decode(struct smb3_req *req, struct setup *s)
{
	struct smb3_cursor c = req->body, token;
	uint16_t offset, len;

	smb3_get_u16(&c);
	s->flags = smb3_get_u8(&c);
	s->security_mode = smb3_get_u8(&c);
	smb3_get_u32(&c);
	smb3_get_u32(&c);
	offset = smb3_get_u16(&c);
	len = smb3_get_u16(&c);
	s->previous = smb3_get_u64(&c);
	token = smb3_cursor_sub(&c, offset, len);
	s->token = token.pos;
	s->token_len = smb3_cursor_left(&token);
	return smb3_cursor_ok(&c) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

/* ---- which session ---- */

static ntstatus session_begin(struct smb3_req *req)
{
	struct smb3_session *s = smb3_session_new(req->conn);

	if (!s)
		return STATUS_INSUFFICIENT_RESOURCES;
	req->session = smb3_session_ref(s);
	req->channel = smb3_channel_ref(smb3_channel_find(s, req->conn));
	req->hdr.session_id = s->id;
	memcpy(req->channel->preauth, req->conn->preauth, sizeof(req->channel->preauth));
	return STATUS_SUCCESS;
}

/* A log-on that goes on, or begins anew on a valid session (core has found that one). */
static ntstatus session_resume(struct smb3_req *req)
{
	struct smb3_session *s = req->session;
	struct smb3_channel *ch;

	if (!s)
		s = smb3_session_find(req->conn->client, req->hdr.session_id);
	ch = s ? smb3_channel_find(s, req->conn) : NULL;
	if (!ch)
		return bind_begin(req); /* which says how that is to be refused */
	if (!req->session) {
		req->session = smb3_session_ref(s);
		req->channel = smb3_channel_ref(ch);
	}
	return ch->binding ? bind_resume(req) : STATUS_SUCCESS;
}

static bool is_under_way(const struct smb3_req *req)
{
	struct smb3_session *s = smb3_session_find(req->conn->client, req->hdr.session_id);
	struct smb3_channel *ch = s ? smb3_channel_find(s, req->conn) : NULL;

	return ch && ch->binding;
}

static ntstatus session_choose(struct smb3_req *req, const struct setup *s)
{
	if (s->flags & SMB2_SESSION_FLAG_BINDING && !is_under_way(req))
		return bind_begin(req);
	if (req->hdr.session_id == 0)
		return session_begin(req);
	return session_resume(req);
}

/* ---- a round trip ---- */

static ntstatus auth_take(struct smb3_req *req, struct setup *s)
{
	struct smb3_channel *ch = req->channel;

	if (ch->auth_busy)
		return STATUS_REQUEST_NOT_ACCEPTED;
	s->fresh = req->session->state == SMB3_SESSION_SETUP;
	s->hashed = (s->fresh || ch->binding) && req->conn->dialect->transcript;
	if (!ch->auth)
		ch->auth = smb3_auth_new(req->server, req->conn->peer_name, s->token, s->token_len);
	if (!ch->auth)
		return smb3_req_deny(req, STATUS_INVALID_PARAMETER,
				     "the security token is of no mechanism that is loaded");
	s->auth = ch->auth;
	ch->auth = NULL;
	ch->auth_busy = true;
	return STATUS_SUCCESS;
}

static ntstatus setup_work(struct smb3_req *req)
{
	struct setup *s = req->state;

	return s->auth->mech->step(s->auth, s->token, s->token_len, &s->blob);
}

static void setup_reply(struct smb3_req *req, uint16_t flags)
{
	struct setup *s = req->state;
	struct smb3_builder *out = &req->out;

	smb3_put_u16(out, 9);
	smb3_put_u16(out, flags);
	smb3_put_u16(out, SMB2_HEADER_SIZE + 8);
	smb3_put_u16(out, (uint16_t)s->blob.len);
	smb3_put_bytes(out, s->blob.data, s->blob.len);
}

/* ---- success ---- */

static ntstatus authenticated_hook(struct smb3_req *req, struct smb3_auth *auth, ntstatus status)
{
	struct setup *s = req->state;
	struct smb3_event event = { .point = SMB3_HOOK_AUTHENTICATED,
				    .server = req->server,
				    .worker = req->worker,
				    .conn = req->conn,
				    .session = req->session,
				    .req = req,
				    .who = auth->identity,
				    .user = auth->who,
				    .mech = auth->inner ? auth->inner->name : auth->mech->name,
				    .status = status };

	if (!smb3_hooked(req->server, SMB3_HOOK_AUTHENTICATED))
		return status;
	snprintf(event.reason, sizeof(event.reason), "%s", auth->reason);
	if (smb3_hook_run(&event) != SMB3_DENY || status != STATUS_SUCCESS) {
		s->encrypt = event.encrypt;
		return status;
	}
	snprintf(auth->reason, sizeof(auth->reason), "%s", event.reason);
	return smb3_req_deny(req, event.status, "%s", event.reason);
}

/* Shares have been opened to the user who was there first: nobody else takes the session over. Who gives
 * no name may, and has less. */
static ntstatus user_check(struct smb3_req *req, struct smb3_auth *auth)
{
	struct setup_session *s = smb3_slot(&setup_session_slot, req->session);

	if (auth->identity->guest || auth->identity->anonymous)
		return STATUS_SUCCESS;
	/* It has no key and never will: whoever relays a user's log-on could use it without one. */
	if (req->session->guest || req->session->anonymous) {
		snprintf(auth->reason, sizeof(auth->reason),
			 "the session began without a name, and cannot be signed");
		return smb3_req_deny(req, STATUS_ACCESS_DENIED, "%s", auth->reason);
	}
	if (!s->user)
		s->user = smb3_identity_ref(auth->identity);
	if (smb3_identity_same(s->user, auth->identity))
		return STATUS_SUCCESS;
	snprintf(auth->reason, sizeof(auth->reason), "the session is another user's (%.80s)",
		 s->user->name);
	return smb3_req_deny(req, STATUS_ACCESS_DENIED, "%s", auth->reason);
}

static ntstatus session_key(struct smb3_req *req, const struct setup *s)
{
	const struct smb3_auth *auth = s->auth;
	struct smb3_session *session = req->session;
	struct smb3_conn *conn = req->conn;

	session->guest = auth->identity->guest;
	session->anonymous = auth->identity->anonymous;
	session->key_len = auth->key_len;
	memcpy(session->key, auth->key, sizeof(session->key));
	/* Nobody can sign with a key that nobody has, and a guest's is known to all. */
	if (session->guest || session->anonymous || !auth->key_len)
		return STATUS_SUCCESS;
	if (conn->dialect->derive(req->channel, false) < 0)
		return STATUS_INTERNAL_ERROR;
	if (conn->sign && !smb3_channel_key(req->channel))
		return STATUS_INTERNAL_ERROR;
	session->sign = conn->sign;
	if (conn->sign &&
	    (!conn->sign->nonce || conn->server_capabilities & SMB2_GLOBAL_CAP_MULTI_CHANNEL))
		session->sign_elsewhere = conn->sign;
	memcpy(session->sign_key, req->channel->sign_key, sizeof(session->sign_key));
	session->sign_required = conn->client_signs ||
				 (s->security_mode | conn->server_security_mode) &
					 SMB2_NEGOTIATE_SIGNING_REQUIRED;
	return STATUS_SUCCESS;
}

static uint16_t session_flags(const struct smb3_session *s)
{
	uint16_t flags = 0;

	if (s->guest)
		flags |= SMB2_SESSION_FLAG_IS_GUEST;
	if (s->anonymous)
		flags |= SMB2_SESSION_FLAG_IS_NULL;
	if (s->encrypt_required)
		flags |= SMB2_SESSION_FLAG_ENCRYPT_DATA;
	return flags;
}

static void session_take(struct smb3_session *session, struct smb3_auth *auth)
{
	smb3_session_valid(session, auth->identity);
	auth->identity = NULL;
	session->expires = auth->expires;
}

static void setup_succeed(struct smb3_req *req)
{
	struct setup *s = req->state;
	struct smb3_session *session = req->session;

	if (req->channel->binding)
		req->conn->logged_on = true;
	else
		session_take(session, s->auth);
	session->encrypt_required |= s->encrypt;
	req->channel->binding = false;
	req->channel->bound = true;
	/* The last reply of a 3.x log-on is signed: it proves the server's knowledge. 3.3.5.5.3 */
	if (session->sign_required || req->conn->revision >= SMB2_DIALECT_0300)
		req->sign_reply = true;
	SMB3_DEBUG(SMB3_DBG_AUTH, req->conn, "session 0x%llx: %s logged on%s",
		   (unsigned long long)session->id, session->identity->name,
		   session->guest ? " as guest" : "");
	smb3_auth_free(s->auth);
	s->auth = NULL;
	setup_reply(req, session_flags(session));
}

static void replaced(struct smb3_req *req)
{
	struct setup *s = req->state;

	if (req->conn->closing || req->session->state == SMB3_SESSION_CLOSED) {
		smb3_auth_free(s->auth);
		smb3_req_finish(req, STATUS_USER_SESSION_DELETED);
		return;
	}
	setup_succeed(req);
	smb3_req_finish(req, STATUS_SUCCESS);
}

/* ---- the end of a round trip ---- */

/* A log-on that failed ends its session, also when that was valid; one that only wanted to join a
 * session leaves it as it was. */
static void setup_end(struct smb3_req *req)
{
	if (req->channel->binding)
		smb3_channel_close(req->channel);
	else
		smb3_session_close(req->session, NULL);
}

static ntstatus setup_fail(struct smb3_req *req, ntstatus status)
{
	struct setup *s = req->state;

	smb3_log_conn(req->conn, SMB3_LOG_INFO, "log-on of \"%s\" failed: %s (%s)", s->auth->who,
		      s->auth->reason[0] ? s->auth->reason : "refused", smb3_status_name(status));
	smb3_auth_free(s->auth);
	s->auth = NULL;
	setup_end(req);
	return status;
}

void setup_abandon(struct smb3_req *req)
{
	struct setup *s = req->state;

	req->channel->auth_busy = false;
	smb3_auth_free(s->auth);
	s->auth = NULL;
}

ntstatus setup_refuse(struct smb3_req *req, ntstatus status)
{
	struct setup *s = req->state;

	req->channel->auth_busy = false;
	return setup_fail(req, authenticated_hook(req, s->auth, status));
}

static ntstatus setup_done(struct smb3_req *req)
{
	struct setup *s = req->state;
	struct smb3_channel *ch = req->channel;
	ntstatus status = req->status;

	gate_leave(req, status);
	ch->auth_busy = false;
	if (req->conn->closing || req->session->state == SMB3_SESSION_CLOSED) {
		setup_abandon(req);
		return STATUS_USER_SESSION_DELETED;
	}
	if (status == STATUS_MORE_PROCESSING_REQUIRED) {
		ch->auth = s->auth;
		setup_reply(req, 0);
		return status;
	}
	if (status == STATUS_SUCCESS && ch->binding)
		status = bind_check(req);
	else if (status == STATUS_SUCCESS)
		status = user_check(req, s->auth);
	status = authenticated_hook(req, s->auth, status);
	if (status == STATUS_SUCCESS && s->fresh)
		status = session_key(req, s);
	else if (status == STATUS_SUCCESS && ch->binding)
		status = bind_succeed(req);
	if (status != STATUS_SUCCESS)
		return gate_answer(req, setup_fail(req, status));
	if (s->fresh && s->previous && s->previous != req->session->id) {
		session_replace(req, s->previous, s->auth->identity, replaced);
		return STATUS_PENDING;
	}
	setup_succeed(req);
	return STATUS_SUCCESS;
}

ntstatus setup_step(struct smb3_req *req)
{
	return smb3_req_work(req, setup_work, setup_done, SMB3_WORK_SLOW);
}

/* Whether a request that went no further takes the channel or session with it that it began. */
static bool is_half_done(const struct smb3_req *req)
{
	if (!req->session || req->channel->auth_busy)
		return false;
	return req->channel->binding || req->session->state == SMB3_SESSION_SETUP;
}

static ntstatus setup_run(struct smb3_req *req)
{
	struct setup *s = smb3_arena_alloc(req->arena, sizeof(*s));
	ntstatus status = setup_decode(req, s);

	req->state = s;
	s->blob = smb3_builder_arena(req->arena, BLOB_MAX);
	if (status == STATUS_SUCCESS)
		status = session_choose(req, s);
	if (status == STATUS_PENDING)
		return status;
	if (status == STATUS_SUCCESS)
		status = auth_take(req, s);
	if (status != STATUS_SUCCESS) {
		if (is_half_done(req))
			setup_end(req);
		return status;
	}
	if (s->hashed)
		req->conn->dialect->transcript(req->channel->preauth, req->pdu, req->pdu_len);
	return gate_enter(req);
}

/* 3.1.1: every reply but the last one goes into the hash. */
static void setup_built(struct smb3_req *req, const uint8_t *pdu, size_t len)
{
	struct setup *s = req->state;

	if (req->status == STATUS_MORE_PROCESSING_REQUIRED && s->hashed)
		req->conn->dialect->transcript(req->channel->preauth, pdu, len);
}

const struct smb3_command session_setup_command = {
	.name = "SESSION_SETUP",
	.body_size = 25,
	.run = setup_run,
	.built = setup_built,
};
