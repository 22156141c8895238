// SPDX-License-Identifier: Apache-2.0
/*
 * api.c: the table smb3: what scripts say and ask outside of their hooks' answers.
 */
#include "script.h"

#include <string.h>
#include <time.h>

#define ORDER_DEFAULT 300
#define DATE_MAX      256

/* What a script declares, it declares while it is loaded: afterwards the other states would not
 * know of it. */
static void check_loading(lua_State *L, const char *what)
{
	if (!state_of(L)->loading)
		luaL_error(L, "%s can be called only while the script is loaded", what);
}

/* smb3.on(point, fn, order) */
static int api_on(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);
	lua_Integer order = luaL_optinteger(L, 3, ORDER_DEFAULT);
	int point = point_find(name);
	char where[WHERE_MAX];
	lua_Debug ar;

	check_loading(L, "smb3.on");
	luaL_argcheck(L, point >= 0, 1, "no such hook point; smb3-hooks(7) lists them");
	luaL_checktype(L, 2, LUA_TFUNCTION);
	luaL_argcheck(L, order > 0 && order < 1000, 3, "an order is 1 to 999");
	luaL_argcheck(L, point != POINT_MODIFY || band_of((int)order) == BAND_POLICY, 3,
		      "at modify an order is 300 to 499");
	lua_pushvalue(L, 2);
	lua_getinfo(L, ">S", &ar);
	snprintf(where, sizeof(where), "%s:%d", ar.short_src, ar.linedefined);
	lua_pushvalue(L, 2);
	hooks_add(state_of(L), point, (int)order, luaL_ref(L, LUA_REGISTRYINDEX), where);
	return 0;
}

/* smb3.log([level,] text) */
static int api_log(lua_State *L)
{
	static const char *const levels[] = { "error", "warning", "notice", "info", NULL };
	int level = SMB3_LOG_NOTICE;
	char where[WHERE_MAX];

	if (lua_gettop(L) > 1)
		level = luaL_checkoption(L, 1, NULL, levels);
	state_where(L, 1, where);
	smb3_log((enum smb3_log_level)level, "%s: %s", where,
		 luaL_checkstring(L, lua_gettop(L) > 1 ? 2 : 1));
	return 0;
}

/* smb3.time(): seconds since 1970 */
static int api_time(lua_State *L)
{
	struct timespec ts = smb3_nttime_to_timespec(smb3_now());

	lua_pushnumber(L, (lua_Number)ts.tv_sec + (lua_Number)ts.tv_nsec / 1e9);
	return 1;
}

static int date_table(lua_State *L, const struct tm *tm)
{
	const struct {
		const char *name;
		int value;
	} parts[] = {
		{ "year", tm->tm_year + 1900 }, { "month", tm->tm_mon + 1 }, { "day", tm->tm_mday },
		{ "hour", tm->tm_hour },        { "min", tm->tm_min },       { "sec", tm->tm_sec },
		{ "wday", tm->tm_wday },        { "yday", tm->tm_yday + 1 },
	};

	lua_createtable(L, 0, (int)SMB3_ARRAY_SIZE(parts));
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(parts); i++) {
		lua_pushinteger(L, parts[i].value);
		lua_setfield(L, -2, parts[i].name);
	}
	return 1;
}

/* smb3.date([format [, time]]): local time; without a format, a table */
static int api_date(lua_State *L)
{
	const char *format = luaL_optstring(L, 1, NULL);
	struct timespec ts = smb3_nttime_to_timespec(smb3_now());
	time_t t = (time_t)luaL_optnumber(L, 2, (lua_Number)ts.tv_sec);
	char text[DATE_MAX];
	struct tm tm;

	if (!localtime_r(&t, &tm))
		return luaL_argerror(L, 2, "not a time");
	if (!format)
		return date_table(L, &tm);
	luaL_argcheck(L, strlen(format) < DATE_MAX / 8, 1, "too long");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	lua_pushlstring(L, text, strftime(text, sizeof(text), format, &tm));
#pragma GCC diagnostic pop
	return 1;
}

void api_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{ "on", api_on },
		{ "log", api_log },
		{ "time", api_time },
		{ "date", api_date },
		{ "every", api_every },
		{ "after", api_after },
		{ "command", api_command },
		{ "share", api_share },
		{ "sessions", api_sessions },
		{ "trees", api_trees },
		{ "opens", api_opens },
		{ "conns", api_conns },
		{ "kick", api_kick },
		{ "close", api_close },
		{ "read_only", api_read_only },
		{ "event", api_event },
		{ "snapshot", api_snapshot },
		{ "metric", api_metric },
		{ NULL, NULL },
	};
	struct state *st = state_of(L);

	lua_newtable(L);
	st->vars = luaL_ref(L, LUA_REGISTRYINDEX);
	luaL_newlib(L, functions);
	shared_open(L);
	vars_push(L, NULL);
	lua_setfield(L, -2, "vars");
	lua_setglobal(L, "smb3");
}
