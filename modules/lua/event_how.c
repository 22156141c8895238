// SPDX-License-Identifier: Apache-2.0
/*
 * event_how.c: fields of events about rights, bytes, what came of it and what is told.
 */
#include "event.h"

#include <math.h>
#include <sys/stat.h>

#define READ_RIGHTS (FILE_GENERIC_READ | FILE_GENERIC_EXECUTE)
#define SAMPLE_MAX  4096

/* ---- rights ---- */

static void get_wanted(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->point == SMB3_HOOK_ACCESS)
		lua_pushinteger(L, e->wanted);
	else if (e->create)
		lua_pushinteger(L, e->create->desired_access);
}

static void get_writes(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->point == SMB3_HOOK_ACCESS)
		lua_pushboolean(L, (e->wanted & CHANGE_RIGHTS) != 0);
	else if (e->open)
		lua_pushboolean(L, (e->open->access & CHANGE_RIGHTS) != 0);
}

static void get_deletes(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->point == SMB3_HOOK_ACCESS)
		lua_pushboolean(L, (e->wanted & SMB3_DELETE) != 0);
	else if (e->point == SMB3_HOOK_ENTRY)
		lua_pushboolean(L, e->access == SMB3_DELETE);
}

static void get_access(lua_State *L, struct state *st, const struct smb3_event *e)
{
	lua_pushinteger(L, e->access);
}

static void set_access(lua_State *L, struct smb3_event *e)
{
	e->access = (uint32_t)luaL_checkinteger(L, 3);
}

static void get_read_only(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->point == SMB3_HOOK_ACCESS || e->point == SMB3_HOOK_TREE_CONNECT)
		lua_pushboolean(L, !(e->access & CHANGE_RIGHTS));
	else if (e->share)
		lua_pushboolean(L, e->tree ? e->tree->read_only : e->share->read_only);
}

static void set_read_only(lua_State *L, struct smb3_event *e)
{
	luaL_checktype(L, 3, LUA_TBOOLEAN);
	if (!lua_toboolean(L, 3))
		luaL_error(L, "read_only can be set to true only; see access");
	e->access &= e->point == SMB3_HOOK_ACCESS ? ~CHANGE_RIGHTS : READ_RIGHTS;
}

static void get_encrypt(lua_State *L, struct state *st, const struct smb3_event *e)
{
	lua_pushboolean(L, e->encrypt);
}

static void set_encrypt(lua_State *L, struct smb3_event *e)
{
	luaL_checktype(L, 3, LUA_TBOOLEAN);
	e->encrypt = lua_toboolean(L, 3);
}

static void get_hide(lua_State *L, struct state *st, const struct smb3_event *e)
{
	lua_pushboolean(L, st->hide);
}

static void set_hide(lua_State *L, struct smb3_event *e)
{
	luaL_checktype(L, 3, LUA_TBOOLEAN);
	state_of(L)->hide = lua_toboolean(L, 3);
}

static void get_mode(lua_State *L, struct state *st, const struct smb3_event *e)
{
	struct smb3_stat room;
	const struct smb3_stat *stat = e->point == SMB3_HOOK_ENTRY ? NULL : event_stat(e, &room);

	if (stat)
		lua_pushinteger(L, stat->mode & 07777);
	else if (e->point == SMB3_HOOK_ENTRY)
		lua_pushinteger(L, e->mode);
}

static void set_mode(lua_State *L, struct smb3_event *e)
{
	lua_Integer mode = luaL_checkinteger(L, 3);

	luaL_argcheck(L, mode >= 0 && mode <= 07777, 3, "permission bits");
	e->mode = (uint32_t)mode;
}

/* ---- what came of it ---- */

static void get_status(lua_State *L, struct state *st, const struct smb3_event *e)
{
	lua_pushstring(L, smb3_status_name(e->status));
}

static void get_failed(lua_State *L, struct state *st, const struct smb3_event *e)
{
	lua_pushboolean(L, smb3_status_is_error(e->status));
}

static void get_reason(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (*e->reason)
		lua_pushstring(L, e->reason);
}

/* ---- bytes ---- */

static void get_bytes(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->io)
		lua_pushinteger(L, (lua_Integer)e->io->len);
	else if (event_peek(st)->transfer)
		lua_pushinteger(L, event_peek(st)->bytes);
}

static void get_offset(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->io)
		lua_pushinteger(L, (lua_Integer)e->io->offset);
	else if (event_peek(st)->transfer)
		lua_pushinteger(L, (lua_Integer)event_peek(st)->offset);
}

/* The first bytes that a WRITE brings. */
static size_t sample_of(struct state *st, const uint8_t **ret_data)
{
	const struct smb3_peek *peek = event_peek(st);

	*ret_data = peek->data;
	return peek->data_len < SAMPLE_MAX ? peek->data_len : SAMPLE_MAX;
}

static void get_sample(lua_State *L, struct state *st, const struct smb3_event *e)
{
	const uint8_t *data;
	size_t len = sample_of(st, &data);

	if (len)
		lua_pushlstring(L, (const char *)data, len);
}

/* Bits per byte, 0 to 8: what is compressed or encrypted comes near to 8. */
static void get_entropy(lua_State *L, struct state *st, const struct smb3_event *e)
{
	uint32_t seen[256] = { 0 };
	const uint8_t *data;
	size_t len = sample_of(st, &data);
	double sum = 0;

	if (!len)
		return;
	for (size_t i = 0; i < len; i++)
		seen[data[i]]++;
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(seen); i++)
		if (seen[i])
			sum -= seen[i] * log2((double)seen[i] / (double)len);
	lua_pushnumber(L, sum / (double)len);
}

static void get_limit(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->limit)
		lua_pushstring(L, e->limit);
}

static void get_note(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->note)
		lua_pushstring(L, e->note);
}

static void get_details(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (!e->note)
		return;
	lua_newtable(L);
	for (size_t i = 0; i < e->n_details; i++) {
		lua_pushstring(L, e->details[i].value);
		lua_setfield(L, -2, e->details[i].key);
	}
}

/* ---- the table ---- */

const struct field fields_how[] = {
	{ .name = "wanted", .get = get_wanted },
	{ .name = "writes", .get = get_writes },
	{ .name = "deletes", .get = get_deletes },
	{ .name = "access",
	  .get = get_access,
	  .set = set_access,
	  .settable = AT(ACCESS) | AT(TREE_CONNECT) },
	{ .name = "read_only",
	  .get = get_read_only,
	  .set = set_read_only,
	  .settable = AT(ACCESS) | AT(TREE_CONNECT) },
	{ .name = "encrypt",
	  .get = get_encrypt,
	  .set = set_encrypt,
	  .settable = AT(AUTHENTICATED) | AT(TREE_CONNECT) },
	{ .name = "hide",
	  .get = get_hide,
	  .set = set_hide,
	  .settable = AT(REQUEST) | AT(TREE_CONNECT) | AT(BIND) },
	{ .name = "mode", .get = get_mode, .set = set_mode, .settable = AT(ENTRY) },
	{ .name = "status", .get = get_status },
	{ .name = "failed", .get = get_failed },
	{ .name = "reason", .get = get_reason },
	{ .name = "limit", .get = get_limit },
	{ .name = "note", .get = get_note },
	{ .name = "details", .get = get_details },
	{ .name = "bytes", .get = get_bytes },
	{ .name = "offset", .get = get_offset },
	{ .name = "sample", .get = get_sample },
	{ .name = "entropy", .get = get_entropy },
	{ .name = NULL },
};
