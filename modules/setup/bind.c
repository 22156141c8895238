// SPDX-License-Identifier: Apache-2.0
/*
 * bind.c: a further connection joins a session: SESSION_SETUP with SMB2_SESSION_FLAG_BINDING.
 * [MS-SMB2] 3.3.5.5.2, 3.3.5.5.3
 *
 * The requests are signed with the session's key, and so are the replies but for the last one: the
 * channel that is being made wears that key until the log-on has given it one of its own. Whoever
 * asks for a session that he cannot join, perhaps of another client and on another worker, is told
 * so under the key of that session if he proved to know it, as his client would not believe it
 * otherwise.
 */
#include "setup.h"

#include <stdio.h>
#include <string.h>

static bool may_have_channels(const struct smb3_conn *conn)
{
	const struct setup_conf *conf = smb3_module_of(conn->server, &negotiate_command)->conf;

	return conf->multichannel && conn->revision >= SMB2_DIALECT_0300;
}

static bool wants_to_join(const struct smb3_req *req)
{
	const struct setup *setup = req->state;

	return setup->flags & SMB2_SESSION_FLAG_BINDING;
}

static void look(const struct smb3_session *s, struct smb3_req *req)
{
	struct setup *setup = req->state;
	struct bind_target *t = &setup->target;

	t->found = s != NULL;
	if (!s)
		return;
	t->expired = smb3_session_expired(s);
	t->nameless = s->guest || s->anonymous;
	t->revision = s->revision;
	t->cipher_id = s->cipher_id;
	t->sign = s->sign;
	t->sign_elsewhere = s->sign_elsewhere;
	memcpy(t->sign_key, s->sign_key, sizeof(t->sign_key));
}

/* AES-GMAC is not mixed with other algorithms; clients tell the two statuses apart. */
static ntstatus check_signing(const struct smb3_conn *conn, const struct bind_target *t)
{
	bool gmac = conn->sign && conn->sign->id == SMB2_SIGNING_AES_GMAC;
	bool was_gmac = t->sign && t->sign->id == SMB2_SIGNING_AES_GMAC;

	if (was_gmac && !gmac)
		return STATUS_REQUEST_OUT_OF_SEQUENCE;
	return gmac && !was_gmac ? STATUS_NOT_SUPPORTED : STATUS_SUCCESS;
}

static ntstatus check(const struct smb3_req *req, const struct bind_target *t)
{
	const struct smb3_conn *conn = req->conn;
	ntstatus status = t->found ? check_signing(conn, t) : STATUS_SUCCESS;

	if (!wants_to_join(req))
		return STATUS_USER_SESSION_DELETED;
	if (status)
		return status;
	if (!may_have_channels(conn))
		return STATUS_REQUEST_NOT_ACCEPTED;
	if (!t->found)
		return STATUS_USER_SESSION_DELETED;
	if (t->revision != conn->revision || t->cipher_id != conn->cipher_id ||
	    !(req->hdr.flags & SMB2_FLAGS_SIGNED))
		return STATUS_INVALID_PARAMETER;
	if (!t->here)
		return STATUS_USER_SESSION_DELETED;
	if (t->expired)
		return STATUS_NETWORK_SESSION_EXPIRED;
	return t->nameless || !t->sign ? STATUS_NOT_SUPPORTED : STATUS_SUCCESS;
}

void bind_forget(struct smb3_req *req)
{
	struct setup *setup = req->state;

	smb3_wipe(setup->target.sign_key, sizeof(setup->target.sign_key));
}

static ntstatus refuse(struct smb3_req *req, ntstatus status)
{
	struct setup *setup = req->state;

	smb3_req_sign_as(req, setup->target.sign_elsewhere, setup->target.sign_key);
	bind_forget(req);
	if (!wants_to_join(req))
		return status;
	return smb3_req_deny(req, status, "no further channel for session 0x%llx",
			     (unsigned long long)req->hdr.session_id);
}

/* The session is another client's, or nobody's: there is no way in. */
static void seen(struct smb3_req *req)
{
	struct setup *setup = req->state;

	smb3_req_finish(req, refuse(req, check(req, &setup->target)));
}

static int64_t count(const struct smb3_list *channels)
{
	int64_t n = 0;

	SMB3_LIST_EACH(channels, node)
		n++;
	return n;
}

static ntstatus check_room(const struct smb3_req *req, struct smb3_session *s)
{
	const struct setup_conf *conf = smb3_module_of(req->server, &negotiate_command)->conf;
	const char *limit = NULL;

	if (count(&req->conn->channels) >= smb3_server_limits(req->server)->sessions)
		limit = "limits.sessions";
	else if (count(&s->channels) >= conf->channels)
		limit = "setup.channels";
	else
		return STATUS_SUCCESS;
	smb3_limit_hit(req->conn, s, limit, STATUS_INSUFFICIENT_RESOURCES);
	return STATUS_INSUFFICIENT_RESOURCES;
}

/* The channel wears the session's key for now. */
static ntstatus join(struct smb3_req *req, struct smb3_session *s)
{
	struct smb3_channel *ch;

	ch = smb3_channel_new(s, req->conn);
	ch->binding = true;
	ch->sign = s->sign;
	ch->sign_ctx = s->sign->key(s->sign_key);
	memcpy(ch->preauth, req->conn->preauth, sizeof(ch->preauth));
	req->session = smb3_session_ref(s);
	req->channel = smb3_channel_ref(ch);
	return bind_resume(req);
}

ntstatus bind_begin(struct smb3_req *req)
{
	struct setup *setup = req->state;
	struct smb3_session *s = smb3_session_find(req->conn->client, req->hdr.session_id);
	ntstatus status;

	if (req->session) /* joined already, and the request was signed well */
		return STATUS_REQUEST_NOT_ACCEPTED;
	if (!s) {
		session_visit(req, req->hdr.session_id, look, seen);
		return STATUS_PENDING;
	}
	if (s->state == SMB3_SESSION_SETUP)
		return wants_to_join(req) ? STATUS_REQUEST_NOT_ACCEPTED :
					    STATUS_USER_SESSION_DELETED;
	look(s, req);
	setup->target.here = true;
	status = check(req, &setup->target);
	if (!status)
		status = check_room(req, s);
	if (status)
		return refuse(req, status);
	bind_forget(req);
	return join(req, s);
}

ntstatus bind_resume(struct smb3_req *req)
{
	struct smb3_channel *ch = req->channel;

	req->sign_reply = true;
	if (req->hdr.flags & SMB2_FLAGS_SIGNED && smb3_req_verify(req, ch->sign, ch->sign_ctx))
		return STATUS_SUCCESS;
	return smb3_req_deny(req, STATUS_ACCESS_DENIED, "joining a session without its signature");
}

ntstatus bind_check(struct smb3_req *req)
{
	struct smb3_auth *auth = ((struct setup *)req->state)->auth;

	if (smb3_identity_same(req->session->identity, auth->identity))
		return STATUS_SUCCESS;
	snprintf(auth->reason, sizeof(auth->reason), "the session is another user's");
	return smb3_req_deny(req, STATUS_ACCESS_DENIED, "%s", auth->reason);
}

ntstatus bind_succeed(struct smb3_req *req)
{
	struct setup *setup = req->state;
	struct smb3_channel *ch = req->channel;
	int err;

	ch->auth = setup->auth;
	err = req->conn->dialect->derive(ch, true);
	ch->auth = NULL;
	return err < 0 || !smb3_channel_key(ch) ? STATUS_INTERNAL_ERROR : STATUS_SUCCESS;
}
