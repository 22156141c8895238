// SPDX-License-Identifier: Apache-2.0
/*
 * event_who.c: fields of events about who asks, from where, and of which share.
 */
#include "event.h"

/* ---- who ---- */

/* On the pool a session's identity may be replaced meanwhile; there the event has it. */
static const struct smb3_identity *who_of(const struct smb3_event *e)
{
	if (e->who)
		return e->who;
	return e->session && e->worker ? e->session->identity : NULL;
}

static void get_user(lua_State *L, struct state *st, const struct smb3_event *e)
{
	const struct smb3_identity *who = who_of(e);

	if (who)
		lua_pushstring(L, who->name);
	else if (e->user)
		lua_pushstring(L, e->user);
}

static void get_domain(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (who_of(e))
		lua_pushstring(L, who_of(e)->domain);
}

static void get_unix_user(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (who_of(e))
		lua_pushstring(L, who_of(e)->unix_name);
}

static void get_uid(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (who_of(e))
		lua_pushinteger(L, who_of(e)->uid);
}

static void get_guest(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (who_of(e))
		lua_pushboolean(L, who_of(e)->guest || who_of(e)->anonymous);
}

static void get_admin(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (who_of(e))
		lua_pushboolean(L, who_of(e)->admin);
}

static void get_groups(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (who_of(e))
		groups_push(L, who_of(e));
}

/* ---- where from ---- */

static void get_address(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->conn)
		lua_pushstring(L, e->conn->peer_name);
}

static void get_conn(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->conn)
		lua_pushinteger(L, (lua_Integer)e->conn->id);
}

static void get_dialect(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->conn && e->conn->dialect)
		lua_pushstring(L, e->conn->dialect->name);
}

static void get_encrypted(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->req)
		lua_pushboolean(L, e->req->encrypted);
}

static void get_signed(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->req)
		lua_pushboolean(L, e->req->signed_ok);
}

static void get_session(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->session)
		lua_pushinteger(L, (lua_Integer)e->session->id);
}

static void get_tree(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->tree)
		lua_pushinteger(L, e->tree->id);
}

/* ---- which share ---- */

static void get_share(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->share)
		lua_pushstring(L, e->share->name);
	else if (e->point == SMB3_HOOK_SHARE)
		lua_pushstring(L, e->path);
}

static void get_share_path(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->share)
		lua_pushstring(L, e->share->path);
}

/* The share that a home or a resolver's share was made of, else itself. */
static void get_origin(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->share)
		lua_pushstring(L, e->share->origin ? e->share->origin->name : e->share->name);
}

static void get_is_pipe(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->share)
		lua_pushboolean(L, e->share->pipe);
}

static void get_vars(lua_State *L, struct state *st, const struct smb3_event *e)
{
	vars_push(L, e->share);
}

/* ---- the table ---- */

const struct field fields_who[] = {
	{ .name = "user", .get = get_user },
	{ .name = "domain", .get = get_domain },
	{ .name = "unix_user", .get = get_unix_user },
	{ .name = "uid", .get = get_uid },
	{ .name = "guest", .get = get_guest },
	{ .name = "admin", .get = get_admin },
	{ .name = "groups", .get = get_groups },
	{ .name = "address", .get = get_address },
	{ .name = "conn", .get = get_conn },
	{ .name = "dialect", .get = get_dialect },
	{ .name = "encrypted", .get = get_encrypted },
	{ .name = "signed", .get = get_signed },
	{ .name = "session", .get = get_session },
	{ .name = "tree", .get = get_tree },
	{ .name = "share", .get = get_share },
	{ .name = "share_path", .get = get_share_path },
	{ .name = "origin", .get = get_origin },
	{ .name = "is_pipe", .get = get_is_pipe },
	{ .name = "vars", .get = get_vars },
	{ .name = NULL },
};
