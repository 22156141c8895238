// SPDX-License-Identifier: Apache-2.0
/*
 * wire.h: the client library as Lua sees it.
 *
 *   conn     a connection                     smb.connect() wraps it
 *   session  a session on one connection      freed with its connection
 *   request  one request, keeps its connection alive
 *   reply    a plain table: the header's fields, `body` and `pdu` as strings
 *
 * Everything else (objects, defaults, decoding, expectations) is Lua: tests/wire/lib/.
 */
#pragma once

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "cmd.h"

#define WIRE_CONN    "wire.conn"
#define WIRE_SESSION "wire.session"
#define WIRE_REQUEST "wire.request"

/* A message that answered no request, kept until a scenario asks for it. */
struct wire_stray {
	struct wire_stray *next;
	struct smbc_reply reply;
	uint8_t pdu[];
};

struct wire_conn {
	struct smbc_conn *conn;
	struct wire_stray *strays;
};

/* conn.c */
int wire_connect(lua_State *L);
void wire_conn_register(lua_State *L);
struct wire_conn *wire_conn_check(lua_State *L, int idx);
/* "timeout", "closed" or the system's text. */
const char *wire_error(int err);

/* session.c */
void wire_session_register(lua_State *L);
int wire_session_new(lua_State *L);
struct smbc_session *wire_session_check(lua_State *L, int idx);

/* request.c */
void wire_request_register(lua_State *L);
int wire_request_new(lua_State *L);
int wire_submit(lua_State *L);
int wire_encode(lua_State *L);
void wire_push_reply(lua_State *L, const struct smbc_reply *reply);

/* fields.c: fields of the table at idx; the default when they are nil. */
lua_Integer wire_int(lua_State *L, int idx, const char *name, lua_Integer def);
bool wire_has(lua_State *L, int idx, const char *name);
bool wire_bool(lua_State *L, int idx, const char *name);
/* Stays valid as long as the table holds the string. */
const char *wire_str(lua_State *L, int idx, const char *name, const char *def);
struct smbc_part wire_bytes(lua_State *L, int idx, const char *name);
struct smbc_fid wire_fid(lua_State *L, int idx);
/* A list of small numbers; returns how many, at most max. */
size_t wire_list(lua_State *L, int idx, const char *name, uint16_t *ret_list, size_t max);

/* body.c: fills the body of req from the table at idx. */
void wire_body(lua_State *L, int idx, struct smbc_req *req);
