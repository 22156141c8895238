// SPDX-License-Identifier: Apache-2.0
/*
 * event_rpc.c: fields of events about remote procedures: the interface that a client is about to use.
 */
#include "event.h"

#include <stdio.h>

static void get_interface(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->rpc)
		lua_pushstring(L, e->rpc->interface);
}

static void get_module(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->rpc)
		lua_pushstring(L, e->rpc->module);
}

static void get_pipe(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->rpc)
		lua_pushstring(L, e->rpc->pipe);
}

static void get_uuid(lua_State *L, struct state *st, const struct smb3_event *e)
{
	const uint8_t *b;
	char text[37];

	if (!e->rpc)
		return;
	b = e->rpc->uuid.bytes;
	snprintf(text, sizeof(text),
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[3], b[2],
		 b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
		 b[15]);
	lua_pushstring(L, text);
}

static void get_version(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->rpc)
		lua_pushinteger(L, e->rpc->major);
}

static void get_minor(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->rpc)
		lua_pushinteger(L, e->rpc->minor);
}

static void get_auth_level(lua_State *L, struct state *st, const struct smb3_event *e)
{
	static const char *const names[] = { "none",   "none",      "connect", "call",
					     "packet", "integrity", "privacy" };

	if (e->rpc && e->rpc->level < SMB3_ARRAY_SIZE(names))
		lua_pushstring(L, names[e->rpc->level]);
}

const struct field fields_rpc[] = {
	{ .name = "interface", .get = get_interface },
	{ .name = "module", .get = get_module },
	{ .name = "pipe", .get = get_pipe },
	{ .name = "uuid", .get = get_uuid },
	{ .name = "version", .get = get_version },
	{ .name = "minor", .get = get_minor },
	{ .name = "auth_level", .get = get_auth_level },
	{ .name = NULL },
};
