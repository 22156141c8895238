// SPDX-License-Identifier: Apache-2.0
/*
 * shares.c: shares that scripts compute when somebody connects: one of smb3.conf lends its options,
 * the script says which folder.
 */
#include "script.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct resolver {
	struct resolver *next;
	int ref;
	char *pattern;
	char where[WHERE_MAX];
};

/* '*' and '?'; ignores the case of ASCII letters. */
static bool matches(const char *pattern, const char *name)
{
	const char *star = NULL, *again = NULL;

	while (*name) {
		if (*pattern == '*') {
			star = ++pattern;
			again = name;
		} else if (*pattern == '?' ||
			   tolower((unsigned char)*pattern) == tolower((unsigned char)*name)) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star;
			name = ++again;
		} else {
			return false;
		}
	}
	return !pattern[strspn(pattern, "*")];
}

/* smb3.share(pattern, fn) */
int api_share(lua_State *L)
{
	const char *pattern = luaL_checkstring(L, 1);
	struct state *st = state_of(L);
	struct resolver *r, **at = &st->resolvers;
	lua_Debug ar;
	int ref;

	if (!st->loading)
		return luaL_error(L, "smb3.share can be called only while the script is loaded");
	luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_pushvalue(L, 2);
	lua_getinfo(L, ">S", &ar);
	lua_pushvalue(L, 2);
	ref = luaL_ref(L, LUA_REGISTRYINDEX);
	r = smb3_alloc(sizeof(*r));
	r->ref = ref;
	r->pattern = smb3_strdup(pattern);
	snprintf(r->where, sizeof(r->where), "%s:%d", ar.short_src, ar.linedefined);
	while (*at)
		at = &(*at)->next;
	*at = r;
	return 0;
}

void resolvers_free(struct state *st)
{
	while (st->resolvers) {
		struct resolver *r = st->resolvers;

		st->resolvers = r->next;
		free(r->pattern);
		free(r);
	}
}

/* Absolute, and no component leads up: what a client or user is called must not. */
static bool path_sound(const char *path)
{
	if (*path != '/')
		return false;
	for (const char *p = path; *p; p += strcspn(p, "/")) {
		p += strspn(p, "/");
		if ((p[0] == '.' && (p[1] == '/' || !p[1])) ||
		    (p[0] == '.' && p[1] == '.' && (p[2] == '/' || !p[2])))
			return false;
	}
	return true;
}

/* Below one of lua.roots, or one of them. */
static bool path_allowed(const struct state *st, const char *path)
{
	for (const char *const *root = st->conf.roots; *root; root++) {
		size_t len = strlen(*root);

		while (len > 1 && (*root)[len - 1] == '/')
			len--;
		if (!strncmp(path, *root, len) && (path[len] == '/' || !path[len] || len == 1))
			return true;
	}
	return false;
}

static enum smb3_verdict refuse(struct smb3_event *e, const struct resolver *r, const char *what)
{
	smb3_log(SMB3_LOG_ERROR, "%s: share \"%s\": %s", r->where, e->path, what);
	smb3_count(NULL, &metric_errors, 1);
	return SMB3_DENY;
}

/* The table { from = share, path = folder } is on top. */
static enum smb3_verdict derive(struct state *st, const struct resolver *r, struct smb3_event *e)
{
	lua_State *L = st->L;
	struct smb3_share *origin;
	const char *from, *path;
	enum smb3_verdict v = SMB3_ALLOW;

	lua_pushliteral(L, "from");
	lua_rawget(L, -2);
	lua_pushliteral(L, "path");
	lua_rawget(L, -3);
	from = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
	path = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
	if (!from || !path || strlen(path) != lua_rawlen(L, -1))
		return refuse(e, r, "a share wants { from = a share, path = a folder }");
	if (!path_sound(path))
		return refuse(e, r, "the path must be absolute and have no \"..\"");
	if (!path_allowed(st, path))
		return refuse(e, r, "the path is not below one of lua.roots");
	origin = smb3_share_find(e->server, from);
	if (!origin)
		return refuse(e, r, "smb3.conf does not have the share that \"from\" names");
	e->share = smb3_share_derive(origin, e->path, path, 0);
	smb3_share_unref(origin);
	return v;
}

/* Making the table and the names of its fields may fail for want of memory. */
static int prepare(lua_State *L)
{
	event_push(state_of(L));
	lua_pushliteral(L, "from");
	lua_pushliteral(L, "path");
	return 3;
}

static enum smb3_verdict ask(struct state *st, const struct resolver *r, struct smb3_event *e)
{
	enum smb3_verdict v = SMB3_PASS;
	char why[REASON_MAX];

	lua_rawgeti(st->L, LUA_REGISTRYINDEX, r->ref);
	lua_pushvalue(st->L, 1);
	if (state_call(st, st->L, 1, 1)) {
		state_error(st->L, why, sizeof(why));
		return refuse(e, r, why);
	}
	if (lua_istable(st->L, -1))
		v = derive(st, r, e);
	else if (lua_isboolean(st->L, -1) && !lua_toboolean(st->L, -1))
		v = SMB3_DENY;
	else if (!lua_isnil(st->L, -1))
		v = refuse(e, r, "a share wants { from = a share, path = a folder }");
	lua_settop(st->L, 3);
	return v;
}

enum smb3_verdict shares_ask(struct state *st, struct smb3_event *event)
{
	enum smb3_verdict v = SMB3_PASS;
	char why[REASON_MAX];

	if (!st->resolvers)
		return SMB3_PASS;
	st->point = SMB3_HOOK_SHARE;
	st->event = event;
	st->peeked = false;
	lua_pushcfunction(st->L, prepare);
	if (lua_pcall(st->L, 0, 3, 0)) {
		state_error(st->L, why, sizeof(why));
		v = refuse(event, st->resolvers, why);
	}
	for (const struct resolver *r = st->resolvers; r && v == SMB3_PASS; r = r->next)
		if (matches(r->pattern, event->path))
			v = ask(st, r, event);
	st->event = NULL;
	st->table = NULL;
	st->point = -1;
	lua_settop(st->L, 0);
	return v;
}
