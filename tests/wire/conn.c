// SPDX-License-Identifier: Apache-2.0
/*
 * conn.c: connections as Lua values.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "wire.h"

struct wire_conn *wire_conn_check(lua_State *L, int idx)
{
	return luaL_checkudata(L, idx, WIRE_CONN);
}

const char *wire_error(int err)
{
	switch (err) {
	case -ETIMEDOUT:
		return "timeout";
	case -ENOTCONN:
	case -ECONNRESET:
	case -EPIPE:
		return "closed";
	case -EPROTO:
		return "malformed answer";
	case -EBADMSG:
		return "answer cannot be decrypted";
	default:
		return strerror(-err);
	}
}

static void stray(struct smbc_conn *conn, const struct smbc_reply *reply, void *arg)
{
	struct wire_conn *w = arg;
	struct wire_stray **at = &w->strays, *s = malloc(sizeof(*s) + reply->len);

	if (!s)
		abort();
	s->next = NULL;
	s->reply = *reply;
	memcpy(s->pdu, reply->pdu, reply->len);
	s->reply.pdu = s->pdu;
	while (*at)
		at = &(*at)->next;
	*at = s;
}

static void trace(struct smbc_conn *conn, bool sent, const uint8_t *pdu, size_t len)
{
	struct smbc_hdr h;

	smbc_hdr_parse(pdu, &h);
	fprintf(stderr,
		"%p %s cmd %2u mid %llu status %08x flags %x credits %u charge %u next %u "
		"tid %x sid %llx len %zu\n",
		(void *)conn, sent ? ">" : "<", h.command, (unsigned long long)h.mid, h.status,
		h.flags, h.credits, h.charge, h.next, h.tid, (unsigned long long)h.sid, len);
}

/* connect(lib, host, port, ms): the connection, or nil and why not. */
int wire_connect(lua_State *L)
{
	const struct smbc_lib *lib = lua_touserdata(L, 1);
	struct wire_conn *w = lua_newuserdatauv(L, sizeof(*w), 0);
	int err;

	*w = (struct wire_conn){ 0 };
	luaL_setmetatable(L, WIRE_CONN);
	err = smbc_connect(lib, luaL_checkstring(L, 2), luaL_checkstring(L, 3),
			   (int)luaL_checkinteger(L, 4), &w->conn);
	if (err) {
		lua_pushnil(L);
		lua_pushstring(L, strerror(-err));
		return 2;
	}
	w->conn->stray = stray;
	w->conn->stray_arg = w;
	if (getenv("SMB3WIRE_TRACE"))
		w->conn->trace = trace;
	return 1;
}

/* conn:send(bytes): as they stand. */
static int conn_send(lua_State *L)
{
	struct wire_conn *w = wire_conn_check(L, 1);
	size_t n;
	const char *p = luaL_checklstring(L, 2, &n);

	smbc_send_bytes(w->conn, p, n);
	smbc_flush(w->conn);
	return 0;
}

/* conn:stray(ms): the next message that answers no request, or nil and why there is none. */
static int conn_stray(lua_State *L)
{
	struct wire_conn *w = wire_conn_check(L, 1);
	int64_t end = smbc_now_ms() + luaL_checkinteger(L, 2);
	struct wire_stray *s;
	int err = 0;

	while (!w->strays && !err)
		err = smbc_pump(w->conn, (int)(end - smbc_now_ms()));
	s = w->strays;
	if (!s) {
		lua_pushnil(L);
		lua_pushstring(L, wire_error(err));
		return 2;
	}
	w->strays = s->next;
	wire_push_reply(L, &s->reply);
	free(s);
	return 1;
}

/* conn:closed(ms): true when the peer closes within that time, else false and why. */
static int conn_closed(lua_State *L)
{
	struct wire_conn *w = wire_conn_check(L, 1);
	int64_t end = smbc_now_ms() + luaL_checkinteger(L, 2);
	int err = 0;

	while (!err)
		err = smbc_pump(w->conn, (int)(end - smbc_now_ms()));
	lua_pushboolean(L, !strcmp(wire_error(err), "closed"));
	lua_pushstring(L, wire_error(err));
	return 2;
}

/* conn:drain(ms): sends all that is queued; true, or nil and why not. */
static int conn_drain(lua_State *L)
{
	struct wire_conn *w = wire_conn_check(L, 1);
	int64_t end = smbc_now_ms() + luaL_checkinteger(L, 2);
	int err = w->conn->err;

	while (!err && !smbc_flush(w->conn) && smbc_now_ms() < end) {
		err = smbc_pump(w->conn, 1);
		if (err == -ETIMEDOUT)
			err = 0;
	}
	lua_pushboolean(L, !err && smbc_flush(w->conn));
	lua_pushstring(L, err ? wire_error(err) : NULL);
	return 2;
}

static int conn_close(lua_State *L)
{
	struct wire_conn *w = wire_conn_check(L, 1);

	smbc_flush(w->conn);
	shutdown(w->conn->fd, SHUT_RDWR);
	w->conn->err = -ENOTCONN;
	return 0;
}

/* conn:negotiated(reply): takes a NEGOTIATE response over; true, or nil and why not. */
static int conn_negotiated(lua_State *L)
{
	struct wire_conn *w = wire_conn_check(L, 1);
	struct smbc_part pdu = wire_bytes(L, 2, "pdu");
	struct smbc_reply reply = { .pdu = pdu.p, .len = pdu.n };
	int err = smbc_negotiated(w->conn, &reply);

	lua_pushboolean(L, !err);
	lua_pushstring(L, err ? wire_error(err) : NULL);
	return 2;
}

static void set(lua_State *L, const char *name, uint64_t v)
{
	lua_pushinteger(L, (lua_Integer)v);
	lua_setfield(L, -2, name);
}

/* conn:info(): what was negotiated, message ids, credits. */
static int conn_info(lua_State *L)
{
	const struct smbc_conn *c = wire_conn_check(L, 1)->conn;

	lua_createtable(L, 0, 12);
	set(L, "dialect", c->dialect);
	set(L, "signing", c->signing);
	set(L, "cipher", c->cipher);
	set(L, "security_mode", c->server_security_mode);
	set(L, "capabilities", c->server_capabilities);
	set(L, "max_transact", c->max_transact);
	set(L, "max_read", c->max_read);
	set(L, "max_write", c->max_write);
	set(L, "next_mid", c->next_mid);
	set(L, "credits", c->credits);
	lua_pushlstring(L, (const char *)c->client_guid, 16);
	lua_setfield(L, -2, "client_guid");
	lua_pushlstring(L, (const char *)c->server_guid, 16);
	lua_setfield(L, -2, "server_guid");
	return 1;
}

/* conn:set{next_mid=, credits=, credits_goal=, client_guid=, dialect=, capabilities=} */
static int conn_set(lua_State *L)
{
	struct smbc_conn *c = wire_conn_check(L, 1)->conn;
	struct smbc_part guid = wire_bytes(L, 2, "client_guid");

	c->next_mid = (uint64_t)wire_int(L, 2, "next_mid", (lua_Integer)c->next_mid);
	c->credits = (uint32_t)wire_int(L, 2, "credits", c->credits);
	c->credits_goal = (uint32_t)wire_int(L, 2, "credits_goal", c->credits_goal);
	c->dialect = (uint16_t)wire_int(L, 2, "dialect", c->dialect);
	c->server_capabilities = (uint32_t)wire_int(L, 2, "capabilities", c->server_capabilities);
	if (guid.n == 16)
		memcpy(c->client_guid, guid.p, 16);
	return 0;
}

static int conn_gc(lua_State *L)
{
	struct wire_conn *w = wire_conn_check(L, 1);

	smbc_conn_free(w->conn);
	w->conn = NULL;
	while (w->strays) {
		struct wire_stray *s = w->strays;

		w->strays = s->next;
		free(s);
	}
	return 0;
}

static const luaL_Reg methods[] = {
	{ "send", conn_send },
	{ "stray", conn_stray },
	{ "closed", conn_closed },
	{ "drain", conn_drain },
	{ "close", conn_close },
	{ "negotiated", conn_negotiated },
	{ "info", conn_info },
	{ "set", conn_set },
	{ "session", wire_session_new },
	{ "request", wire_request_new },
	{ "submit", wire_submit },
	{ "encode", wire_encode },
	{ NULL, NULL },
};

void wire_conn_register(lua_State *L)
{
	luaL_newmetatable(L, WIRE_CONN);
	lua_pushcfunction(L, conn_gc);
	lua_setfield(L, -2, "__gc");
	luaL_newlib(L, methods);
	lua_setfield(L, -2, "__index");
	lua_pop(L, 1);
}
