// SPDX-License-Identifier: Apache-2.0
/*
 * dispatch.c: a request meets its command: session, signature, encryption, tree, body size, open,
 * hooks, run. [MS-SMB2] 3.3.5.2
 */
#include "core.h"

static bool related(const struct smb3_req *req)
{
	return req->hdr.flags & SMB2_FLAGS_RELATED_OPERATIONS;
}

/* ---- signatures ---- */

bool smb3_req_verify(struct smb3_req *req, const struct smb3_sign *sign, void *sign_ctx)
{
	static const uint8_t zero[16];
	struct smb3_sign_info info = { .message_id = req->hdr.message_id,
				       .cancel = req->hdr.command == SMB2_CANCEL };
	struct iovec iov[3] = {
		{ (void *)(uintptr_t)req->pdu, 48 },
		{ (void *)(uintptr_t)zero, 16 },
		{ (void *)(uintptr_t)(req->pdu + 64), req->pdu_len - 64 },
	};
	uint8_t signature[16];

	if (!sign || !sign_ctx || sign->sign(sign_ctx, &info, iov, 3, signature) < 0)
		return false;
	return smb3_same(signature, req->hdr.signature, sizeof(signature));
}

static ntstatus check_signature(struct smb3_req *req)
{
	struct smb3_session *s = req->session;
	struct smb3_channel *ch = req->channel;

	if (req->hdr.flags & SMB2_FLAGS_SIGNED) {
		if (!ch->sign_ctx)
			return s->guest || s->anonymous ? STATUS_SUCCESS : STATUS_ACCESS_DENIED;
		if (!smb3_req_verify(req, ch->sign, ch->sign_ctx)) {
			smb3_req_sign_as(req, s->sign_elsewhere, s->sign_key);
			return smb3_req_deny(req, STATUS_ACCESS_DENIED, "bad signature");
		}
		req->signed_ok = req->sign_reply = true;
	} else if (s->sign_required && ch->sign_ctx) {
		return smb3_req_deny(req, STATUS_ACCESS_DENIED,
				     "not signed, but signing is required");
	}
	return STATUS_SUCCESS;
}

/* A client logs on again in clear, also where everything else is encrypted. 3.2.4.1.8, 3.3.5.2.9 */
static ntstatus check_protection(struct smb3_req *req)
{
	struct smb3_session *s = req->session;
	ntstatus status;

	if (req->inner) {
		req->signed_ok = s->sign_required && req->channel->sign_ctx && !req->encrypted;
		return STATUS_SUCCESS;
	}
	if (req->encrypted) {
		s->encrypts = true;
		return STATUS_SUCCESS;
	}
	status = check_signature(req);
	if (status != STATUS_SUCCESS || !s->encrypt_required ||
	    req->hdr.command == SMB2_SESSION_SETUP)
		return status;
	return smb3_req_deny(req, STATUS_ACCESS_DENIED, "the session requires encryption");
}

/* ---- session, tree, open ---- */

static void session_take(struct smb3_req *req, struct smb3_session *s, struct smb3_channel *ch)
{
	req->session = smb3_session_ref(s);
	req->channel = smb3_channel_ref(ch);
	if (!req->chain->session)
		req->chain->session = smb3_session_ref(s);
}

static ntstatus find_session(struct smb3_req *req)
{
	struct smb3_chain *chain = req->chain;
	struct smb3_channel *ch = NULL;
	struct smb3_session *s;
	ntstatus status;

	if (related(req))
		req->hdr.session_id = chain->session_id;
	/* The keys of one session open nothing in another one's name. */
	if (req->encrypted && req->hdr.session_id && req->hdr.session_id != chain->in.session_id)
		return smb3_req_deny(req, STATUS_ACCESS_DENIED,
				     "encrypted with the keys of another session");
	s = req->conn->client ? smb3_session_find(req->conn->client, req->hdr.session_id) : NULL;
	if (s)
		ch = smb3_channel_find(s, req->conn);
	/* ECHO, SESSION_SETUP (logging on again) and CANCEL are given what there is. */
	if (!(req->command->flags & SMB3_NEED_SESSION)) {
		if (ch && ch->bound && req->hdr.command != SMB2_NEGOTIATE)
			session_take(req, s, ch);
		return req->session ? check_protection(req) : STATUS_SUCCESS;
	}
	if (!ch || !ch->bound || s->state == SMB3_SESSION_SETUP) {
		if (s && !ch)
			smb3_req_sign_as(req, s->sign_elsewhere, s->sign_key);
		if (!s && req->hdr.session_id == req->conn->ended_id)
			smb3_req_sign_as(req, req->conn->ended_sign, req->conn->ended_key);
		/* The request that a related one builds on had no session either. 3.3.5.2.7.2 */
		return related(req) ? STATUS_INVALID_PARAMETER : STATUS_USER_SESSION_DELETED;
	}
	session_take(req, s, ch);
	status = check_protection(req);
	if (smb3_session_expired(s))
		s->state = SMB3_SESSION_EXPIRED;
	if (s->state != SMB3_SESSION_EXPIRED || req->command->flags & SMB3_EXPIRED_OK || status)
		return status;
	return STATUS_NETWORK_SESSION_EXPIRED;
}

static ntstatus find_tree(struct smb3_req *req)
{
	struct smb3_tree *t;

	if (!(req->command->flags & SMB3_NEED_TREE))
		return STATUS_SUCCESS;
	if (related(req))
		req->hdr.tree_id = req->chain->tree_id;
	t = smb3_tree_find(req->session, req->hdr.tree_id);
	if (!t)
		return STATUS_NETWORK_NAME_DELETED;
	req->tree = smb3_tree_ref(t);
	if (t->encrypt_required && !req->encrypted)
		return smb3_req_deny(req, STATUS_ACCESS_DENIED, "share %s requires encryption",
				     t->share->name);
	return STATUS_SUCCESS;
}

static ntstatus find_open(struct smb3_req *req)
{
	struct smb3_cursor c = req->body;
	struct smb3_chain *chain = req->chain;
	uint64_t persistent, volatile_id;

	if (!(req->command->flags & SMB3_NEED_OPEN))
		return STATUS_SUCCESS;
	smb3_get_skip(&c, req->command->fileid_offset);
	persistent = smb3_get_u64(&c);
	volatile_id = smb3_get_u64(&c);
	if (!smb3_cursor_ok(&c))
		return STATUS_INVALID_PARAMETER;
	if (related(req)) {
		/* The CREATE that it builds on has failed: it fails the same way. */
		if (!chain->have_fileid)
			return chain->create_status ? chain->create_status :
						      STATUS_INVALID_PARAMETER;
		persistent = chain->persistent_id;
		volatile_id = chain->volatile_id;
	}
	req->open = smb3_open_find(req->session, persistent, volatile_id);
	if (req->open && req->open->tree == req->tree)
		return STATUS_SUCCESS;
	/* What is related to this one has no file either. */
	chain->have_fileid = false;
	chain->create_status = STATUS_FILE_CLOSED;
	smb3_open_unref(req->open);
	req->open = NULL;
	return req->command->flags & SMB3_OPEN_OPTIONAL ? STATUS_SUCCESS : STATUS_FILE_CLOSED;
}

/* No module answers it. The session is looked up all the same: the reply has to be signed. */
static ntstatus missing_run(struct smb3_req *req)
{
	return req->hdr.command < SMB2_COMMANDS ? STATUS_NOT_SUPPORTED : STATUS_INVALID_PARAMETER;
}

static const struct smb3_command missing_command = {
	.name = "?",
	.flags = SMB3_NEED_SESSION,
	.run = missing_run,
};

static ntstatus check_body(struct smb3_req *req)
{
	struct smb3_cursor c = req->body;
	uint16_t size = smb3_get_u16(&c);
	size_t fixed = req->command->body_size & ~1u;

	if (req->command == &missing_command)
		return STATUS_SUCCESS;

	if (size != req->command->body_size || smb3_cursor_left(&req->body) < fixed)
		return STATUS_INVALID_PARAMETER;
	return STATUS_SUCCESS;
}

/* ---- CANCEL ---- */

static struct smb3_req *cancel_target(const struct smb3_req *req)
{
	struct smb3_conn *conn = req->conn;

	if (req->hdr.flags & SMB2_FLAGS_ASYNC_COMMAND) {
		struct smb3_hash_node *n = smb3_hash_find(&conn->async, req->hdr.async_id);

		return n ? SMB3_CONTAINER(n, struct smb3_req, async_node) : NULL;
	}
	SMB3_LIST_EACH(&conn->chains, node) {
		struct smb3_req *r = SMB3_CONTAINER(node, struct smb3_chain, link)->current;

		if (r && r != req && !r->inner && r->hdr.message_id == req->hdr.message_id)
			return r;
	}
	return NULL;
}

/* No reply, whatever comes of it. 3.3.5.16 */
static ntstatus cancel_run(struct smb3_req *req)
{
	struct smb3_req *target = cancel_target(req);

	if (target && target->session == req->session && target->chain != req->chain &&
	    !target->inner)
		smb3_req_cancel(target, STATUS_CANCELLED);
	return STATUS_SUCCESS;
}

static const struct smb3_command cancel_command = {
	.name = "CANCEL",
	.body_size = 4,
	.run = cancel_run,
};

/* ---- dispatch ---- */

static ntstatus request_hook(struct smb3_req *req)
{
	struct smb3_event event;
	enum smb3_verdict verdict;

	req->held = false;
	if (!smb3_hooked(req->server, SMB3_HOOK_REQUEST))
		return STATUS_SUCCESS;
	event = smb3_req_event(req, SMB3_HOOK_REQUEST);
	verdict = smb3_hook_run(&event);
	if (verdict == SMB3_DENY)
		return smb3_req_deny(req, event.status, "%s", event.reason);
	req->held = verdict == SMB3_WAIT;
	return req->held ? STATUS_PENDING : STATUS_SUCCESS;
}

/* Everything that must hold before run. */
static ntstatus req_admit(struct smb3_req *req)
{
	ntstatus status = STATUS_SUCCESS;

	if (related(req) && req->index == 0)
		return STATUS_INVALID_PARAMETER;
	status = find_session(req);
	if (status == STATUS_SUCCESS)
		status = check_body(req);
	if (status == STATUS_SUCCESS)
		status = find_tree(req);
	if (status == STATUS_SUCCESS)
		status = find_open(req);
	if (status == STATUS_SUCCESS)
		status = request_hook(req);
	return status;
}

static ntstatus req_run(struct smb3_req *req)
{
	ntstatus status;

	if ((req->command->flags & SMB3_DRAINS) && req->open && req->open->in_work) {
		smb3_list_add(&req->open->drain, &req->open_link);
		req->pended = true; /* on_cancel NULL: simply finished */
		return STATUS_PENDING;
	}
	req->running = true;
	status = req->command->run(req);
	req->running = false;
	if (req->finished) {
		req->finished = false;
		return req->status;
	}
	return status;
}

static const struct smb3_command *command_of(const struct smb3_req *req)
{
	const struct smb3_command *row = NULL;

	if (req->hdr.command == SMB2_CANCEL)
		return &cancel_command;
	if (req->hdr.command < SMB2_COMMANDS)
		row = req->server->registry.commands[req->hdr.command];
	return row ? row : &missing_command;
}

static ntstatus req_dispatch(struct smb3_req *req)
{
	struct smb3_conn *conn = req->conn;
	ntstatus status;

	if (req->ready) {
		status = req->held ? request_hook(req) : STATUS_SUCCESS;
		return status == STATUS_SUCCESS ? req_run(req) : status;
	}
	if (conn->closing)
		return STATUS_CANCELLED;
	req->command = command_of(req);
	if (!conn->negotiated && req->hdr.command != SMB2_NEGOTIATE) {
		smb3_conn_close(conn, "a request before NEGOTIATE");
		return STATUS_CANCELLED;
	}
	req->worker->busy_with = req->command->name;
	if (req->hdr.command < SMB2_COMMANDS)
		req->worker->busy_poll.command = req->hdr.command;
	status = req_admit(req);
	return status == STATUS_SUCCESS ? req_run(req) : status;
}

bool smb3_chain_run(struct smb3_chain *chain)
{
	struct smb3_conn *conn = chain->conn;

	SMB3_CHECK(chain, SMB3_CHAIN_MAGIC);
	while (chain->current) {
		struct smb3_req *req = chain->current;
		ntstatus status = req_dispatch(req);

		if (conn->moving_to && conn->moving_to != conn->worker) {
			smb3_conn_move(conn, chain);
			return false;
		}
		if (status == STATUS_PENDING) {
			if (req->pended && smb3_conn_waits_enough(conn)) {
				smb3_limit_hit(conn, req->session, "limits.requests",
					       STATUS_INSUFFICIENT_RESOURCES);
				smb3_req_cancel(req, STATUS_INSUFFICIENT_RESOURCES);
			}
			return true;
		}
		smb3_req_done(req, status);
	}
	smb3_reply_send(chain);
	return true;
}
