// SPDX-License-Identifier: Apache-2.0
/*
 * event.c: events as scripts see them: a table of plain values, each of which is found out when it is
 * asked for the first time. When the hooks have been asked the event is over: what a script has read
 * stays in the table, anything else is nil.
 */
#include "event.h"

#include <string.h>

static const char *const points[POINTS + 1] = {
	[SMB3_HOOK_CONN_OPEN] = "conn_open",
	[SMB3_HOOK_CONN_CLOSE] = "conn_close",
	[SMB3_HOOK_NEGOTIATED] = "negotiated",
	[SMB3_HOOK_AUTH] = "auth",
	[SMB3_HOOK_AUTH_DONE] = "auth_done",
	[SMB3_HOOK_AUTHENTICATED] = "authenticated",
	[SMB3_HOOK_LOGOFF] = "logoff",
	[SMB3_HOOK_SHARE] = "share",
	[SMB3_HOOK_TREE_CONNECT] = "tree_connect",
	[SMB3_HOOK_TREE_CONNECTED] = "tree_connected",
	[SMB3_HOOK_TREE_DISCONNECT] = "tree_disconnect",
	[SMB3_HOOK_REQUEST] = "request",
	[SMB3_HOOK_BIND] = "bind",
	[SMB3_HOOK_DENIED] = "denied",
	[SMB3_HOOK_CTL] = "ctl",
	[SMB3_HOOK_ACCESS] = "access",
	[SMB3_HOOK_ENTRY] = "entry",
	[SMB3_HOOK_MADE] = "made",
	[SMB3_HOOK_OPEN_CONFLICT] = "open_conflict",
	[SMB3_HOOK_OPENED] = "opened",
	[SMB3_HOOK_CLOSING] = "closing",
	[SMB3_HOOK_IO] = "io",
	[SMB3_HOOK_RENAMED] = "renamed",
	[SMB3_HOOK_REMOVED] = "removed",
	[SMB3_HOOK_CHANGED] = "changed",
	[SMB3_HOOK_DOOMED] = "doomed",
	[SMB3_HOOK_RESPONSE] = "response",
	[SMB3_HOOK_LIMIT] = "limit",
	[SMB3_HOOK_NOTE] = "note",
	[SMB3_HOOK_RELOAD] = "reload",
	[SMB3_HOOK_TICK] = "tick",
	[POINT_MODIFY] = "modify",
};

const char *point_name(int point)
{
	return point < POINTS ? points[point] : NULL;
}

int point_find(const char *name)
{
	for (int i = 0; i < POINTS; i++)
		if (points[i] && !strcmp(points[i], name))
			return i;
	return -1;
}

/* Where an answer decides, and an error denies. */
bool point_is_policy(int point)
{
	const uint64_t policy = AT(CONN_OPEN) | AT(NEGOTIATED) | AT(AUTH) | AT(AUTHENTICATED) |
				AT(SHARE) | AT(TREE_CONNECT) | AT(TREE_CONNECTED) | AT(REQUEST) |
				AT(BIND) | AT(ACCESS) | AT(ENTRY) | AT(MADE) | AT(OPEN_CONFLICT) |
				AT(IO) | 1ull << POINT_MODIFY;

	return policy & 1ull << point;
}

const struct smb3_peek *event_peek(struct state *st)
{
	const struct smb3_req *req = st->event ? st->event->req : NULL;

	if (!st->peeked) {
		st->peek = (struct smb3_peek){ .path = NULL };
		if (req && req->command && req->command->peek)
			req->command->peek(req, &st->peek);
		st->peeked = true;
	}
	return &st->peek;
}

static void get_point(lua_State *L, struct state *st, const struct smb3_event *e)
{
	lua_pushstring(L, points[st->point]);
}

/* ---- the table ---- */

static const struct field fields_own[] = {
	{ .name = "point", .get = get_point },
	{ .name = NULL },
};

static const struct field *const tables[] = { fields_own, fields_who, fields_what, fields_how,
					      fields_rpc };

/* The key's field, or NULL. */
static const struct field *field_find(lua_State *L, struct state *st, int key)
{
	const struct field *f = NULL;

	lua_rawgeti(L, LUA_REGISTRYINDEX, st->fields);
	lua_pushvalue(L, key);
	if (lua_rawget(L, -2) == LUA_TLIGHTUSERDATA)
		f = lua_touserdata(L, -1);
	lua_pop(L, 2);
	return f;
}

static void field_get(lua_State *L, struct state *st, const struct field *f)
{
	int top = lua_gettop(L);

	f->get(L, st, st->event);
	if (lua_gettop(L) == top)
		lua_pushnil(L);
}

/* __index: table, key */
static int event_index(lua_State *L)
{
	struct state *st = state_of(L);
	const struct field *f;

	if (!st->event || lua_topointer(L, 1) != st->table)
		return 0;
	f = field_find(L, st, 2);
	if (!f)
		return 0;
	field_get(L, st, f);
	if (f->set)
		return 1;
	lua_pushvalue(L, 2);
	lua_pushvalue(L, -2);
	lua_rawset(L, 1);
	return 1;
}

/* __newindex: table, key, value */
static int event_newindex(lua_State *L)
{
	struct state *st = state_of(L);
	const struct field *f = NULL;

	if ((st->event || !st->host) && lua_topointer(L, 1) == st->table)
		f = field_find(L, st, 2);
	if (f && f->set && !st->host && f->settable & 1ull << st->point) {
		lua_rawset(L, 1); /* a dry run has nothing behind the table */
		return 0;
	}
	if (!f || !f->set || !(f->settable & 1ull << st->point))
		return luaL_error(L, "%s cannot be set at %s", luaL_tolstring(L, 2, NULL),
				  st->point >= 0 ? points[st->point] : "an event that is over");
	f->set(L, st->event);
	return 0;
}

static void field_copy(lua_State *L, const struct field *f)
{
	lua_getfield(L, 1, f->name);
	lua_pushstring(L, f->name);
	lua_insert(L, -2);
	lua_rawset(L, 1);
}

/* __pairs: everything that is known. */
static int event_pairs(lua_State *L)
{
	struct state *st = state_of(L);

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(tables) && st->event; i++)
		for (const struct field *f = tables[i]; f->name; f++)
			if (!f->set) /* a copy would hide it from being set */
				field_copy(L, f);
	lua_getglobal(L, "next");
	lua_pushvalue(L, 1);
	lua_pushnil(L);
	return 3;
}

void event_open(lua_State *L)
{
	static const luaL_Reg meta[] = {
		{ "__index", event_index },
		{ "__newindex", event_newindex },
		{ "__pairs", event_pairs },
		{ NULL, NULL },
	};
	struct state *st = state_of(L);

	lua_newtable(L);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(tables); i++) {
		for (const struct field *f = tables[i]; f->name; f++) {
			lua_pushlightuserdata(L, (void *)(uintptr_t)f);
			lua_setfield(L, -2, f->name);
		}
	}
	st->fields = luaL_ref(L, LUA_REGISTRYINDEX);
	luaL_newlib(L, meta);
	lua_pushboolean(L, false);
	lua_setfield(L, -2, "__metatable");
	st->event_meta = luaL_ref(L, LUA_REGISTRYINDEX);
}

void event_push(struct state *st)
{
	lua_createtable(st->L, 0, 8);
	st->table = lua_topointer(st->L, -1);
	lua_rawgeti(st->L, LUA_REGISTRYINDEX, st->event_meta);
	lua_setmetatable(st->L, -2);
}
