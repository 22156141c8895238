// SPDX-License-Identifier: Apache-2.0
/*
 * tree.c: TREE_CONNECT and TREE_DISCONNECT. [MS-SMB2] 2.2.9, 2.2.10, 3.3.5.7, 3.3.5.8
 */
#include "tree.h"

#include <string.h>

#define SHARE_NAME_MAX   80 /* characters; [MS-SRVS] 2.2.4 */
#define READ_ONLY_ACCESS (FILE_GENERIC_READ | FILE_GENERIC_EXECUTE)

static void connect_fini(void *slot, void *object)
{
	struct connect *c = slot;

	smb3_share_unref(c->share);
	smb3_identity_unref(c->who);
	smb3_identity_unref(c->becomes);
}

static struct smb3_slot connect_slot = {
	.kind = SMB3_SLOT_REQ,
	.size = sizeof(struct connect),
	.fini = connect_fini,
};

/* \\server\share: the last component. NULL: not such a path. */
static const char *share_name(struct smb3_req *req)
{
	struct smb3_cursor c = req->body, path;
	uint16_t offset, len;
	const char *text, *slash;

	smb3_get_u32(&c); /* StructureSize, Flags */
	offset = smb3_get_u16(&c);
	len = smb3_get_u16(&c);
	path = smb3_cursor_sub(&c, offset, len);
	text = smb3_cursor_ok(&c) ? smb3_utf16_to_utf8(req->arena, path.pos, len) : NULL;
	if (!text || strncmp(text, "\\\\", 2) != 0)
		return NULL;
	slash = strchr(text + 2, '\\');
	return slash && slash[1] && !strchr(slash + 1, '\\') ? slash + 1 : NULL;
}

/* A null session or a guest gets nothing on file shares unless the share says so. */
static ntstatus check_guest(struct smb3_req *req, const struct connect *c)
{
	if (c->share->pipe || c->share->guest || !(c->who->guest || c->who->anonymous))
		return STATUS_SUCCESS;
	return smb3_req_deny(req, STATUS_ACCESS_DENIED,
			     "share %s: guest is not set, the user is %s", c->share->name,
			     c->who->anonymous ? "anonymous" : "a guest");
}

static ntstatus check_policy(struct smb3_req *req, struct connect *c)
{
	struct smb3_event event = { .point = SMB3_HOOK_TREE_CONNECT,
				    .server = req->server,
				    .conn = req->conn,
				    .session = req->session,
				    .share = c->share,
				    .req = req,
				    .who = c->who,
				    .access = c->max_access };
	enum smb3_verdict verdict;

	if (!smb3_hooked(req->server, SMB3_HOOK_TREE_CONNECT))
		return STATUS_SUCCESS;
	verdict = smb3_hook_run(&event);
	c->becomes = event.identity;
	if (verdict == SMB3_DENY)
		return smb3_req_deny(req, event.status, "share %s: %s", c->share->name,
				     event.reason);
	c->max_access = event.access;
	c->encrypt = event.encrypt;
	c->share_flags = event.share_flags;
	return STATUS_SUCCESS;
}

static ntstatus connect_work(struct smb3_req *req)
{
	struct connect *c = smb3_slot(&connect_slot, req);
	ntstatus status;

	/* The thread acts as the server; a denial is this user's. */
	req->ctx.who = c->who;
	status = connect_find(req, c);
	if (status == STATUS_SUCCESS)
		status = check_guest(req, c);
	if (status != STATUS_SUCCESS)
		return status;
	c->max_access = c->share->read_only ? READ_ONLY_ACCESS : FILE_ALL_ACCESS;
	status = check_policy(req, c);
	if (status != STATUS_SUCCESS || c->share->pipe)
		return status;
	return smb3_share_mount(c->share, &c->mount) < 0 ? STATUS_BAD_NETWORK_NAME : STATUS_SUCCESS;
}

/* What the tree must be before anybody sees it. */
static void connect_dress(struct connect *c, struct smb3_tree *t)
{
	t->max_access = c->max_access;
	t->encrypt_required = c->encrypt;
	t->read_only = !c->share->pipe && !(c->max_access & ~READ_ONLY_ACCESS);
	if (!c->becomes)
		return;
	smb3_identity_unref(t->identity);
	t->identity = c->becomes;
	t->follows = false;
	c->becomes = NULL;
}

static ntstatus connected_hook(struct smb3_req *req, struct smb3_tree *t)
{
	struct smb3_event event = { .point = SMB3_HOOK_TREE_CONNECTED,
				    .server = req->server,
				    .worker = req->worker,
				    .conn = req->conn,
				    .session = req->session,
				    .tree = t,
				    .share = t->share,
				    .req = req,
				    .who = req->session->identity };

	if (!smb3_hooked(req->server, SMB3_HOOK_TREE_CONNECTED) ||
	    smb3_hook_run(&event) != SMB3_DENY)
		return STATUS_SUCCESS;
	return smb3_req_deny(req, event.status, "share %s: %s", t->share->name, event.reason);
}

static void connect_reply(struct smb3_req *req, const struct smb3_tree *t)
{
	const struct connect *c = smb3_slot(&connect_slot, req);
	struct smb3_builder *out = &req->out;

	smb3_put_u16(out, 16);
	smb3_put_u8(out, t->share->pipe ? SMB2_SHARE_TYPE_PIPE : SMB2_SHARE_TYPE_DISK);
	smb3_put_u8(out, 0);
	smb3_put_u32(out, c->share_flags | (t->share->pipe ? SMB2_SHAREFLAG_NO_CACHING : 0) |
				  (t->encrypt_required ? SMB2_SHAREFLAG_ENCRYPT_DATA : 0));
	smb3_put_u32(out, 0);
	smb3_put_u32(out, t->max_access);
}

static ntstatus connect_done(struct smb3_req *req)
{
	struct connect *c = smb3_slot(&connect_slot, req);
	struct smb3_tree *t;
	ntstatus status;

	if (req->status != STATUS_SUCCESS)
		return req->status;
	if (req->session->state == SMB3_SESSION_CLOSED)
		return STATUS_USER_SESSION_DELETED;
	t = smb3_tree_new(req->session, c->share, c->mount);
	if (!t) {
		smb3_limit_hit(req->conn, req->session, "limits.trees",
			       STATUS_INSUFFICIENT_RESOURCES);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	connect_dress(c, t);
	status = connected_hook(req, t);
	if (status != STATUS_SUCCESS) {
		smb3_tree_close(t);
		return status;
	}
	req->hdr.tree_id = t->id;
	connect_reply(req, t);
	return STATUS_SUCCESS;
}

/* 3.1.1 protects TREE_CONNECT against a man in the middle: it must be signed or encrypted. */
static bool unprotected(const struct smb3_req *req)
{
	const struct smb3_session *s = req->session;

	return !req->inner && req->conn->revision >= SMB2_DIALECT_0311 && req->channel->sign_ctx &&
	       !s->guest && !s->anonymous && !req->signed_ok && !req->encrypted;
}

static ntstatus connect_run(struct smb3_req *req)
{
	struct connect *c = smb3_slot(&connect_slot, req);

	if (unprotected(req)) {
		smb3_conn_close(req->conn, "TREE_CONNECT neither signed nor encrypted in 3.1.1");
		return STATUS_ACCESS_DENIED;
	}
	c->name = share_name(req);
	if (!c->name)
		return STATUS_INVALID_PARAMETER;
	if (smb3_utf16_size(c->name) / 2 > SHARE_NAME_MAX)
		return smb3_req_deny(req, STATUS_BAD_NETWORK_NAME, "no share \"%s\"", c->name);
	req->path = c->name;
	c->share = smb3_share_find(req->server, c->name);
	c->who = smb3_identity_ref(req->session->identity);
	return smb3_req_work(req, connect_work, connect_done, SMB3_WORK_SLOW);
}

static const struct smb3_command connect_command = {
	.name = "TREE_CONNECT",
	.body_size = 9,
	.flags = SMB3_NEED_SESSION,
	.run = connect_run,
};

static ntstatus disconnect_run(struct smb3_req *req)
{
	smb3_tree_close(req->tree);
	smb3_put_u16(&req->out, 4);
	smb3_put_u16(&req->out, 0);
	return smb3_session_settle(req->session, req);
}

static const struct smb3_command disconnect_command = {
	.name = "TREE_DISCONNECT",
	.body_size = 4,
	.flags = SMB3_NEED_SESSION | SMB3_NEED_TREE,
	.run = disconnect_run,
};

static const struct smb3_provide tree_provides[] = {
	SMB3_SLOT(&connect_slot),
	SMB3_COMMAND(SMB2_TREE_CONNECT, &connect_command),
	SMB3_COMMAND(SMB2_TREE_DISCONNECT, &disconnect_command),
	SMB3_END,
};

static const struct smb3_option tree_options[] = {
	{ .name = "homes",
	  .type = SMB3_OPT_STRING,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct tree_conf, homes),
	  .value = "homes",
	  .help = "The share that users reach by their own name, if smb3.conf has it and no share "
		  "of the user's name; its path says which folder each gets, as \"%H\" does." },
	SMB3_OPTION_END,
};

SMB3_MODULE(tree, .summary = "TREE_CONNECT, TREE_DISCONNECT", .options = tree_options,
	    .conf_size = sizeof(struct tree_conf), .provides = tree_provides);
