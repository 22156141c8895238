// SPDX-License-Identifier: Apache-2.0
/*
 * facts.c: what smb3-rpcd may ask about the server: shares, sessions, trees, opens. Lists about
 * sessions are put together on every worker in turn.
 */
#include "rpc.h"

#include <errno.h>

static uint32_t age_s(uint64_t born)
{
	return (uint32_t)((smb3_clock() - born) / 1000000000u);
}

static const char *user_name(const struct smb3_session *s)
{
	return s->identity && !s->anonymous ? s->identity->name : "";
}

static const char *session_address(const struct smb3_session *s)
{
	if (smb3_list_empty(&s->channels))
		return "";
	return SMB3_CONTAINER(s->channels.next, struct smb3_channel, session_link)->conn->peer_name;
}

/* ---- shares ---- */

struct share_list {
	struct smb3_rpc_asking *asking;
	const char *only; /* "": all */
};

static bool share_row(struct smb3_share *share, void *arg)
{
	const struct share_list *l = arg;
	struct smb3_builder *out = &l->asking->out;

	if ((*l->only && !smb3_name_equal(l->only, share->name)) || share->origin)
		return true;
	if (!smb3_rpc_row(l->asking))
		return false;
	smb3_put_text(out, share->name);
	smb3_put_text(out, l->asking->who->admin ? share->path : "");
	smb3_put_text(out, share->comment);
	smb3_put_u32(out, (share->pipe ? SMB3_RPC_SHARE_PIPE : 0) |
				  (share->browseable ? 0 : SMB3_RPC_SHARE_HIDDEN) |
				  (share->read_only ? SMB3_RPC_SHARE_READONLY : 0) |
				  (share->guest ? SMB3_RPC_SHARE_GUEST : 0));
	return true;
}

static int ask_shares(struct smb3_rpc_asking *asking)
{
	struct share_list l = { asking, smb3_get_text(&asking->in, asking->arena) };

	if (!l.only)
		return -EINVAL;
	smb3_share_each(asking->server, share_row, &l);
	smb3_put_u8(&asking->out, asking->cut ? SMB3_RPC_LIST_CUT : SMB3_RPC_LIST_END);
	return 0;
}

/* ---- sessions ---- */

static bool session_row(struct smb3_session *s, void *arg)
{
	struct smb3_rpc_asking *asking = arg;
	struct smb3_builder *out = &asking->out;

	if (s->state != SMB3_SESSION_VALID ||
	    (!asking->who->admin && !smb3_identity_same(s->identity, asking->who)))
		return true;
	if (!smb3_rpc_row(asking))
		return false;
	smb3_put_u64(out, s->id);
	smb3_put_text(out, user_name(s));
	smb3_put_text(out, session_address(s));
	smb3_put_u32(out, (uint32_t)s->opens.count);
	smb3_put_u32(out, age_s(s->born));
	smb3_put_u32(out, 0);
	smb3_put_u32(out, s->guest ? SMB3_RPC_SESSION_GUEST : 0);
	return true;
}

static int ask_sessions(struct smb3_rpc_asking *asking)
{
	smb3_worker_each_session(asking->worker, session_row, asking);
	return 0;
}

static bool tree_row(struct smb3_hash_node *node, void *arg)
{
	const struct smb3_tree *t = SMB3_CONTAINER(node, struct smb3_tree, node);
	struct smb3_rpc_asking *asking = arg;
	struct smb3_builder *out = &asking->out;

	if (!smb3_rpc_row(asking))
		return false;
	smb3_put_u64(out, t->session->id);
	smb3_put_u32(out, t->id);
	smb3_put_text(out, t->share->name);
	smb3_put_text(out, user_name(t->session));
	smb3_put_text(out, session_address(t->session));
	smb3_put_u32(out, t->n_opens);
	smb3_put_u32(out, age_s(t->session->born));
	return true;
}

static bool session_trees(struct smb3_session *s, void *arg)
{
	smb3_hash_each(&s->trees, tree_row, arg);
	return !((struct smb3_rpc_asking *)arg)->cut;
}

static int ask_trees(struct smb3_rpc_asking *asking)
{
	smb3_worker_each_session(asking->worker, session_trees, asking);
	return 0;
}

/* ---- opens ---- */

static bool open_row(struct smb3_hash_node *node, void *arg)
{
	struct smb3_open *o = SMB3_CONTAINER(node, struct smb3_open, node);
	struct smb3_rpc_asking *asking = arg;
	struct smb3_builder *out = &asking->out;

	if (!smb3_rpc_row(asking))
		return false;
	smb3_put_u64(out, o->volatile_id);
	smb3_put_u64(out, o->session->id);
	smb3_put_text(out, user_name(o->session));
	smb3_put_text(out, o->tree->share->name);
	smb3_put_text(out, smb3_open_path(o, asking->arena));
	smb3_put_u32(out, o->access);
	smb3_put_u32(out, 0);
	return true;
}

static bool session_opens(struct smb3_session *s, void *arg)
{
	smb3_hash_each(&s->opens, open_row, arg);
	return !((struct smb3_rpc_asking *)arg)->cut;
}

static int ask_opens(struct smb3_rpc_asking *asking)
{
	smb3_worker_each_session(asking->worker, session_opens, asking);
	return 0;
}

/* ---- closing ---- */

struct closing {
	uint64_t id;
	bool done;
};

static bool close_one(struct smb3_session *s, void *arg)
{
	struct closing *c = arg;
	struct smb3_hash_node *n = smb3_hash_find(&s->opens, c->id);

	if (!n)
		return true;
	smb3_open_close(SMB3_CONTAINER(n, struct smb3_open, node));
	c->done = true;
	return false;
}

static int ask_close_open(struct smb3_rpc_asking *asking)
{
	struct closing c = { .id = smb3_get_u64(&asking->in) };

	if (!smb3_cursor_ok(&asking->in))
		return -EINVAL;
	smb3_worker_each_session(asking->worker, close_one, &c);
	return c.done ? 0 : -ENOENT;
}

static int ask_close_session(struct smb3_rpc_asking *asking)
{
	struct smb3_session *s = smb3_worker_session(asking->worker, smb3_get_u64(&asking->in));

	if (!smb3_cursor_ok(&asking->in))
		return -EINVAL;
	if (!s || s->state == SMB3_SESSION_CLOSED)
		return -ENOENT;
	smb3_session_close(s, "closed by an administrator's RPC");
	return 0;
}

const struct smb3_rpc_question rpc_ask_shares = { .name = "shares", .answer = ask_shares };
const struct smb3_rpc_question rpc_ask_sessions = { .name = "sessions",
						    .flags = SMB3_ASK_EACH,
						    .answer = ask_sessions };
const struct smb3_rpc_question rpc_ask_trees = { .name = "trees",
						 .flags = SMB3_ASK_EACH | SMB3_ASK_ADMIN,
						 .answer = ask_trees };
const struct smb3_rpc_question rpc_ask_opens = { .name = "opens",
						 .flags = SMB3_ASK_EACH | SMB3_ASK_ADMIN,
						 .answer = ask_opens };
const struct smb3_rpc_question rpc_ask_close_open = { .name = "close open",
						      .flags = SMB3_ASK_EACH | SMB3_ASK_ADMIN,
						      .answer = ask_close_open };
const struct smb3_rpc_question rpc_ask_close_session = { .name = "close session",
							 .flags = SMB3_ASK_EACH | SMB3_ASK_ADMIN,
							 .answer = ask_close_session };
