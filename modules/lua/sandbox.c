// SPDX-License-Identifier: Apache-2.0
/*
 * sandbox.c: what of Lua's library scripts have. There is no way to files, programs, C, bytecode or
 * the debugger; and no function that works in C for longer than its arguments are worth, because the
 * count hook does not see it there.
 */
#include "script.h"

#include <lualib.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_PER_INSTRUCTION 8
#define BYTES_PER_STEP        32  /* that are only copied */
#define PATTERN_WORST         5e7 /* steps; some nanoseconds each */
#define REQUIRED              "smb3.required"

/* ---- base ---- */

/* Text only: bytecode can be made to do anything. */
static int base_load(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);
	const char *name = luaL_optstring(L, 2, "=load");

	state_charge(L, (int64_t)(len / STEPS_PER_INSTRUCTION));
	if (luaL_loadbufferx(L, text, len, name, "t")) {
		lua_pushnil(L);
		lua_insert(L, -2);
		return 2;
	}
	if (!lua_isnoneornil(L, 4)) {
		lua_pushvalue(L, 4);
		lua_setupvalue(L, -2, 1);
	}
	return 1;
}

/* The collector runs __gc where no hook can stop it. */
static int base_setmetatable(lua_State *L)
{
	if (lua_istable(L, 2)) {
		lua_pushliteral(L, "__gc");
		if (lua_rawget(L, 2) != LUA_TNIL)
			return luaL_error(L, "__gc is not available");
		lua_pop(L, 1);
	}
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, lua_gettop(L) - 1, 1);
	return 1;
}

static int base_print(lua_State *L)
{
	char where[WHERE_MAX];
	luaL_Buffer b;
	int n = lua_gettop(L);

	state_where(L, 1, where);
	luaL_buffinit(L, &b);
	for (int i = 1; i <= n; i++) {
		if (i > 1)
			luaL_addchar(&b, '\t');
		luaL_tolstring(L, i, NULL);
		luaL_addvalue(&b);
	}
	luaL_pushresult(&b);
	smb3_log(SMB3_LOG_INFO, "%s: %s", where, lua_tostring(L, -1));
	return 0;
}

/* A script of the same folders, once per state. */
static int base_require(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);
	struct state *st = state_of(L);
	struct source source;
	char why[512], chunk[80];
	int err;

	if (*name == '/')
		return luaL_error(L, "require: only a script of the folders in lua.folders");
	lua_getfield(L, LUA_REGISTRYINDEX, REQUIRED);
	if (lua_getfield(L, -1, name) != LUA_TNIL)
		return 1;
	lua_pop(L, 1);
	if (source_read(&st->conf, name, &source, why, sizeof(why)))
		return luaL_error(L, "require: %s", why);
	snprintf(chunk, sizeof(chunk), "@%s", source.name);
	err = luaL_loadbufferx(L, source.text, source.len, chunk, "t");
	free(source.text);
	if (err)
		return lua_error(L);
	lua_pushvalue(L, 1);
	lua_call(L, 1, 1);
	if (lua_isnil(L, -1)) {
		lua_pop(L, 1);
		lua_pushboolean(L, true);
	}
	lua_pushvalue(L, -1);
	lua_setfield(L, -3, name);
	return 1;
}

/* ---- functions whose work depends on their arguments ---- */

/* Calls the function that was wrapped, once its steps are paid for. */
static int go_on(lua_State *L, lua_Integer steps)
{
	int n = lua_gettop(L);

	if (steps > 0)
		state_charge(L, steps / STEPS_PER_INSTRUCTION + 1);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, n, LUA_MULTRET);
	return lua_gettop(L);
}

/* How many steps from first to last; a subtraction must not run over. */
static lua_Integer span(lua_Integer first, lua_Integer last)
{
	if (last < first)
		return 0;
	if (first < 0 && last > first + LUA_MAXINTEGER)
		return LUA_MAXINTEGER;
	return last - first;
}

static int string_rep(lua_State *L)
{
	lua_Integer n = luaL_checkinteger(L, 2);
	size_t len, between;

	luaL_checklstring(L, 1, &len);
	luaL_optlstring(L, 3, "", &between);
	len = (len + between) / BYTES_PER_STEP;
	return go_on(L, n > 0 && len > (size_t)(LUA_MAXINTEGER / n) - 1 ? LUA_MAXINTEGER :
									  n + n * (lua_Integer)len);
}

/* Lua's own functions ask again what a metamethod answered here, and no hook runs in them. */
static void want_plain(lua_State *L, int at)
{
	static const char *const metamethods[] = { "__len", "__index", "__newindex" };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(metamethods); i++)
		if (luaL_getmetafield(L, at, metamethods[i]) != LUA_TNIL)
			luaL_argerror(L, at, "a table without metamethods is wanted");
}

static int table_move(lua_State *L)
{
	want_plain(L, 1);
	want_plain(L, lua_istable(L, 5) ? 5 : 1);
	return go_on(L, span(luaL_checkinteger(L, 2), luaL_checkinteger(L, 3)));
}

static int table_concat(lua_State *L)
{
	lua_Integer first = luaL_optinteger(L, 3, 1);

	want_plain(L, 1);
	return go_on(L,
		     span(first, lua_isnoneornil(L, 4) ? luaL_len(L, 1) : luaL_checkinteger(L, 4)));
}

static int table_unpack(lua_State *L)
{
	lua_Integer first = luaL_optinteger(L, 2, 1);

	want_plain(L, 1);
	return go_on(L,
		     span(first, lua_isnoneornil(L, 3) ? luaL_len(L, 1) : luaL_checkinteger(L, 3)));
}

/* insert and remove shift what comes after the place. */
static int table_shift(lua_State *L)
{
	lua_Integer n;

	want_plain(L, 1);
	n = luaL_len(L, 1);
	if (lua_gettop(L) < 2 + lua_toboolean(L, lua_upvalueindex(2)))
		return go_on(L, 1);
	return go_on(L, span(luaL_checkinteger(L, 2), n));
}

/* What comparing two of the items may take at most. */
static lua_Integer longest_of(lua_State *L, lua_Integer n)
{
	size_t longest = 0, len;

	for (lua_Integer i = 1; i <= n; i++) {
		if (lua_geti(L, 1, i) == LUA_TSTRING) {
			len = lua_rawlen(L, -1);
			longest = len > longest ? len : longest;
		}
		lua_pop(L, 1);
	}
	return 1 + (lua_Integer)(longest / BYTES_PER_STEP);
}

static int table_sort(lua_State *L)
{
	lua_Integer n, steps = 1, each;

	want_plain(L, 1);
	n = luaL_len(L, 1);
	for (lua_Integer left = n; left > 1; left /= 2)
		steps += n < LUA_MAXINTEGER / 64 ? n : LUA_MAXINTEGER / 64;
	state_charge(L, steps / STEPS_PER_INSTRUCTION);
	each = longest_of(L, n);
	return go_on(L, steps < LUA_MAXINTEGER / each ? steps * each : LUA_MAXINTEGER);
}

/* Whatever reads a whole text. */
static int string_whole(lua_State *L)
{
	size_t len;

	luaL_checklstring(L, 1, &len);
	return go_on(L, (lua_Integer)len);
}

/* ---- patterns ---- */

/* How often the matcher may go back and try again: each repetition may end at each place of the
 * subject, and so may the beginning. */
static lua_Number pattern_worst(const char *p, size_t len, lua_Number subject)
{
	lua_Number worst = 1;
	bool anchored = len && *p == '^';

	for (size_t i = anchored; i < len; i++) {
		if (p[i] == '%' && ++i < len && (p[i] == 'b' || (p[i] >= '1' && p[i] <= '9')))
			worst *= subject;
		else if (i > (size_t)anchored && p[i - 1] != '%' && strchr("*+-", p[i]))
			worst *= subject;
		else if (p[i] == '?')
			worst *= 2;
	}
	return anchored ? worst : worst * subject;
}

/* What matching the pattern at index 2 with the text at 1 may take; raises when that is too much. */
static lua_Number pattern_check(lua_State *L, bool plain)
{
	size_t len, n;
	const char *pattern = luaL_checklstring(L, 2, &len);
	lua_Number worst;

	luaL_checklstring(L, 1, &n);
	if (plain)
		worst = (lua_Number)n * (lua_Number)len / STEPS_PER_INSTRUCTION;
	else
		worst = pattern_worst(pattern, len, (lua_Number)n + 1);
	if (worst > PATTERN_WORST)
		luaL_error(L, "the pattern may take too long on a text of %d bytes", (int)n);
	return worst;
}

/* string.find, match, gsub: refused when the worst case would hold a loop up; what they really took
 * is charged. */
static int string_pattern(lua_State *L)
{
	bool plain = lua_toboolean(L, lua_upvalueindex(2)) && lua_toboolean(L, 4);
	lua_Number worst = pattern_check(L, plain);
	int results;

	state_pattern(L, worst);
	results = go_on(L, 1);
	state_pattern(L, worst);
	return results;
}

/* What string.gmatch gives. Upvalues: Lua's own iterator, the worst case of a step. */
static int gmatch_next(lua_State *L)
{
	lua_Number worst = lua_tonumber(L, lua_upvalueindex(2));
	int results;

	state_pattern(L, worst);
	lua_settop(L, 0);
	results = go_on(L, 1);
	state_pattern(L, worst);
	return results;
}

static int string_gmatch(lua_State *L)
{
	lua_Number worst = pattern_check(L, false);

	go_on(L, 1);
	lua_settop(L, 1);
	lua_pushnumber(L, worst);
	lua_pushcclosure(L, gmatch_next, 2);
	return 1;
}

/* ---- opening ---- */

static void wrap(lua_State *L, const char *name, lua_CFunction fn, bool flag)
{
	lua_getfield(L, -1, name);
	lua_pushboolean(L, flag);
	lua_pushcclosure(L, fn, 2);
	lua_setfield(L, -2, name);
}

static void drop(lua_State *L, const char *const *names)
{
	for (; *names; names++) {
		lua_pushnil(L);
		lua_setfield(L, -2, *names);
	}
}

static void open_base(lua_State *L)
{
	/* What handles an error of xpcall runs without the hook that ends what takes too long. */
	static const char *const unsafe[] = { "dofile", "loadfile", "collectgarbage",
					      "warn",   "xpcall",   NULL };
	static const luaL_Reg own[] = {
		{ "load", base_load },
		{ "print", base_print },
		{ "require", base_require },
		{ NULL, NULL },
	};

	luaL_requiref(L, LUA_GNAME, luaopen_base, 1);
	drop(L, unsafe);
	luaL_setfuncs(L, own, 0);
	wrap(L, "setmetatable", base_setmetatable, false);
	lua_pop(L, 1);
	lua_newtable(L);
	lua_setfield(L, LUA_REGISTRYINDEX, REQUIRED);
}

static void open_string(lua_State *L)
{
	static const char *const unsafe[] = { "dump", NULL };
	static const char *const whole[] = { "upper", "lower", "reverse", NULL };

	luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1);
	drop(L, unsafe);
	wrap(L, "rep", string_rep, false);
	for (size_t i = 0; whole[i]; i++)
		wrap(L, whole[i], string_whole, false);
	wrap(L, "find", string_pattern, true);
	wrap(L, "match", string_pattern, false);
	wrap(L, "gmatch", string_gmatch, false);
	wrap(L, "gsub", string_pattern, false);
	lua_pop(L, 1);
}

static void open_table(lua_State *L)
{
	luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 1);
	wrap(L, "move", table_move, false);
	wrap(L, "concat", table_concat, false);
	wrap(L, "unpack", table_unpack, false);
	wrap(L, "insert", table_shift, true);
	wrap(L, "remove", table_shift, false);
	wrap(L, "sort", table_sort, false);
	lua_pop(L, 1);
}

void sandbox_open(lua_State *L)
{
	open_base(L);
	open_string(L);
	open_table(L);
	luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 1);
	luaL_requiref(L, LUA_UTF8LIBNAME, luaopen_utf8, 1);
	lua_pop(L, 2);
}
