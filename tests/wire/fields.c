// SPDX-License-Identifier: Apache-2.0
/*
 * fields.c: reads the fields of the tables with which a scenario describes requests.
 */
#include <string.h>

#include "wire.h"

lua_Integer wire_int(lua_State *L, int idx, const char *name, lua_Integer def)
{
	lua_Integer v = def;
	int ok = 1;

	if (lua_getfield(L, idx, name) != LUA_TNIL)
		v = lua_tointegerx(L, -1, &ok);
	if (!ok)
		luaL_error(L, "field '%s': a whole number is wanted", name);
	lua_pop(L, 1);
	return v;
}

bool wire_has(lua_State *L, int idx, const char *name)
{
	bool has = lua_getfield(L, idx, name) != LUA_TNIL;

	lua_pop(L, 1);
	return has;
}

bool wire_bool(lua_State *L, int idx, const char *name)
{
	bool v;

	lua_getfield(L, idx, name);
	v = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return v;
}

struct smbc_part wire_bytes(lua_State *L, int idx, const char *name)
{
	struct smbc_part part = { NULL, 0 };
	int type = lua_getfield(L, idx, name);

	if (type != LUA_TNIL && type != LUA_TSTRING)
		luaL_error(L, "field '%s': a string is wanted", name);
	if (type == LUA_TSTRING)
		part.p = lua_tolstring(L, -1, &part.n);
	lua_pop(L, 1);
	return part;
}

const char *wire_str(lua_State *L, int idx, const char *name, const char *def)
{
	struct smbc_part part = wire_bytes(L, idx, name);

	return part.p ? part.p : def;
}

struct smbc_fid wire_fid(lua_State *L, int idx)
{
	struct smbc_part part = wire_bytes(L, idx, "fid");

	if (!part.p)
		return SMBC_FID_RELATED;
	if (part.n != 16)
		luaL_error(L, "field 'fid': 16 bytes are wanted");
	return (struct smbc_fid){ smbc_load64(part.p), smbc_load64((const uint8_t *)part.p + 8) };
}

size_t wire_list(lua_State *L, int idx, const char *name, uint16_t *ret_list, size_t max)
{
	size_t n = 0;

	if (lua_getfield(L, idx, name) == LUA_TTABLE) {
		while (n < max && lua_rawgeti(L, -1, (lua_Integer)n + 1) != LUA_TNIL) {
			ret_list[n++] = (uint16_t)luaL_checkinteger(L, -1);
			lua_pop(L, 1);
		}
		if (n < max)
			lua_pop(L, 1);
	}
	lua_pop(L, 1);
	return n;
}
