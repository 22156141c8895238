// SPDX-License-Identifier: Apache-2.0
/*
 * session.c: sessions as Lua values. A session is freed with its connection, which it keeps alive.
 */
#include <errno.h>
#include <string.h>

#include "wire.h"

struct smbc_session *wire_session_check(lua_State *L, int idx)
{
	return *(struct smbc_session **)luaL_checkudata(L, idx, WIRE_SESSION);
}

/* conn:session([session]): a new one, or a further channel of one that exists. */
int wire_session_new(lua_State *L)
{
	struct wire_conn *w = wire_conn_check(L, 1);
	const struct smbc_session *of = lua_isnoneornil(L, 2) ? NULL : wire_session_check(L, 2);
	struct smbc_session **s = lua_newuserdatauv(L, sizeof(struct smbc_session *), 1);

	*s = of ? smbc_session_bind(w->conn, of) : smbc_session_new(w->conn);
	luaL_setmetatable(L, WIRE_SESSION);
	lua_pushvalue(L, 1);
	lua_setiuservalue(L, -2, 1);
	return 1;
}

static unsigned tweaks(lua_State *L, int t)
{
	static const char *const names[] = {
		"no_mic",    "bad_mic",     "no_key_exchange", "ntlmv1",
		"bad_proof", "no_list_mic", "bad_list_mic",
	};
	unsigned bits = 0;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		bits |= wire_bool(L, t, names[i]) ? 1u << i : 0;
	return bits;
}

/* session:setup(table, ms): the last status, or nil and why there is none. */
static int session_setup(lua_State *L)
{
	struct smbc_session *s = wire_session_check(L, 1);
	struct smbc_cred cred = {
		.user = wire_str(L, 2, "user", ""),
		.domain = wire_str(L, 2, "domain", ""),
		.password = wire_str(L, 2, "password", ""),
		.anonymous = wire_bool(L, 2, "anonymous"),
		.raw = wire_bool(L, 2, "raw"),
		.tweak = tweaks(L, 2),
	};
	uint32_t status;
	int err;

	s->previous = (uint64_t)wire_int(L, 2, "previous", 0);
	err = smbc_session_setup(s, &cred, (int)luaL_checkinteger(L, 3), &status);
	if (err) {
		lua_pushnil(L);
		lua_pushstring(L, wire_error(err));
		return 2;
	}
	lua_pushinteger(L, status);
	return 1;
}

/* session:info(): id, flags, and how the last response was signed. */
static int session_info(lua_State *L)
{
	static const char *const sigs[] = { "none", "good", "bad", "unknown" };
	struct smbc_session *s = wire_session_check(L, 1);

	lua_createtable(L, 0, 6);
	lua_pushinteger(L, (lua_Integer)s->id);
	lua_setfield(L, -2, "id");
	lua_pushinteger(L, s->flags);
	lua_setfield(L, -2, "flags");
	lua_pushstring(L, sigs[s->final_sig]);
	lua_setfield(L, -2, "sig");
	lua_pushstring(L, sigs[s->list_mic]);
	lua_setfield(L, -2, "list_mic");
	lua_pushboolean(L, s->signer.ready);
	lua_setfield(L, -2, "can_sign");
	lua_pushboolean(L, s->sealer.ready);
	lua_setfield(L, -2, "can_seal");
	return 1;
}

/* session:set{sign=, seal=, id=} */
static int session_set(lua_State *L)
{
	struct smbc_session *s = wire_session_check(L, 1);

	if (wire_has(L, 2, "sign"))
		s->sign = wire_bool(L, 2, "sign");
	if (wire_has(L, 2, "seal"))
		s->seal = wire_bool(L, 2, "seal");
	s->id = (uint64_t)wire_int(L, 2, "id", (lua_Integer)s->id);
	return 0;
}

static const luaL_Reg methods[] = {
	{ "setup", session_setup },
	{ "info", session_info },
	{ "set", session_set },
	{ NULL, NULL },
};

void wire_session_register(lua_State *L)
{
	luaL_newmetatable(L, WIRE_SESSION);
	luaL_newlib(L, methods);
	lua_setfield(L, -2, "__index");
	lua_pop(L, 1);
}
