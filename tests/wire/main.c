// SPDX-License-Identifier: Apache-2.0
/*
 * main.c: smb3wire runs one scenario: a Lua program that plays a client.
 *
 *   smb3wire -l LIBDIR -h HOST -p PORT -s SHARE -u USER%PASSWORD [-U USER%PASSWORD] [-t SECONDS] FILE
 *
 * Exit status 0 when the scenario went through, 77 when the server lacks what it is about; else 1.
 * The reason goes to standard error. With the variable SMB3WIRE_TRACE each PDU is told there.
 * Ends by itself after the time-out.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire.h"

#define SKIPPED 77

struct options {
	const char *lib, *host, *port, *share, *user, *second, *file;
	unsigned seconds;
};

static void out_of_time(int signal)
{
	static const char text[] = "time-out: the scenario did not end\n";

	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(1);
}

static int usage(void)
{
	fputs("usage: smb3wire -l LIBDIR -h HOST -p PORT -s SHARE -u USER%PASSWORD "
	      "[-U USER%PASSWORD] [-t SECONDS] FILE\n",
	      stderr);
	return 2;
}

static bool parse(int argc, char **argv, struct options *o)
{
	int c;

	while ((c = getopt(argc, argv, "l:h:p:s:u:U:t:")) != -1) {
		switch (c) {
		case 'l':
			o->lib = optarg;
			break;
		case 'h':
			o->host = optarg;
			break;
		case 'p':
			o->port = optarg;
			break;
		case 's':
			o->share = optarg;
			break;
		case 'u':
			o->user = optarg;
			break;
		case 'U':
			o->second = optarg;
			break;
		case 't':
			o->seconds = (unsigned)atoi(optarg);
			break;
		default:
			return false;
		}
	}
	o->file = argv[optind];
	return o->file && o->lib && o->user;
}

static void set_text(lua_State *L, const char *name, const char *value)
{
	lua_pushstring(L, value);
	lua_setfield(L, -2, name);
}

static void set_user(lua_State *L, const char *user, const char *password, const char *pair)
{
	const char *cut = strchr(pair, '%');

	lua_pushlstring(L, pair, cut ? (size_t)(cut - pair) : strlen(pair));
	lua_setfield(L, -2, user);
	set_text(L, password, cut ? cut + 1 : "");
}

/* now(): milliseconds; for scenarios that measure how long an answer took. */
static int now(lua_State *L)
{
	lua_pushinteger(L, smbc_now_ms());
	return 1;
}

/* The global `wire`: what lib/smb.lua builds on. */
static void open_wire(lua_State *L, struct smbc_lib *lib, const struct options *o)
{
	wire_conn_register(L);
	wire_session_register(L);
	wire_request_register(L);
	lua_newtable(L);
	lua_pushcfunction(L, wire_connect);
	lua_setfield(L, -2, "connect");
	lua_pushcfunction(L, now);
	lua_setfield(L, -2, "now");
	lua_pushlightuserdata(L, lib);
	lua_setfield(L, -2, "lib");
	set_text(L, "host", o->host);
	set_text(L, "port", o->port);
	set_text(L, "share", o->share);
	set_text(L, "file", o->file);
	set_user(L, "user", "password", o->user);
	set_user(L, "user2", "password2", o->second ? o->second : o->user);
	lua_setglobal(L, "wire");
}

static int plain_text(lua_State *L)
{
	luaL_tolstring(L, 1, NULL);
	return 1;
}

static int run(lua_State *L, const struct options *o)
{
	int err;

	lua_pushcfunction(L, plain_text);
	lua_getglobal(L, "package");
	lua_pushfstring(L, "%s/?.lua", o->lib);
	lua_setfield(L, -2, "path");
	lua_pop(L, 1);
	lua_getglobal(L, "require");
	lua_pushstring(L, "smb");
	err = lua_pcall(L, 1, 1, 1);
	if (!err) {
		lua_getfield(L, -1, "play");
		lua_pushstring(L, o->file);
		err = lua_pcall(L, 1, 1, 1);
	}
	if (lua_isnil(L, -1))
		return 0;
	fprintf(stderr, "%s\n", lua_tostring(L, -1));
	return err ? 1 : SKIPPED;
}

int main(int argc, char **argv)
{
	struct options o = { .host = "127.0.0.1", .port = "445", .share = "share", .seconds = 60 };
	struct smbc_lib *lib;
	lua_State *L;
	int status;

	if (!parse(argc, argv, &o))
		return usage();
	if (smbc_lib_new(&lib)) {
		fputs("smb3wire: OpenSSL 3 with its legacy provider is wanted\n", stderr);
		return 2;
	}
	signal(SIGALRM, out_of_time);
	alarm(o.seconds);
	L = luaL_newstate();
	luaL_openlibs(L);
	open_wire(L, lib, &o);
	status = run(L, &o);
	lua_close(L);
	smbc_lib_free(lib);
	return status;
}
