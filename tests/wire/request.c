// SPDX-License-Identifier: Apache-2.0
/*
 * request.c: requests and replies as Lua values.
 */
#include <errno.h>
#include <string.h>

#include "wire.h"

static struct smbc_req *check(lua_State *L, int idx)
{
	struct smbc_req **r = luaL_checkudata(L, idx, WIRE_REQUEST);

	if (!*r)
		luaL_error(L, "this request is over");
	return *r;
}

/* A header field that is set by hand stays as it is. */
static lua_Integer fixed(lua_State *L, int t, const char *name, struct smbc_req *r, unsigned bit)
{
	if (!wire_has(L, t, name))
		return 0;
	r->set |= bit;
	return wire_int(L, t, name, 0);
}

static void header(lua_State *L, int t, struct smbc_req *r)
{
	struct smbc_part signature = wire_bytes(L, t, "signature");

	r->hdr.mid = (uint64_t)fixed(L, t, "mid", r, SMBC_SET_MID);
	r->hdr.charge = (uint16_t)fixed(L, t, "charge", r, SMBC_SET_CHARGE);
	r->hdr.credits = (uint16_t)fixed(L, t, "credits", r, SMBC_SET_CREDITS);
	r->hdr.next = (uint32_t)fixed(L, t, "next", r, SMBC_SET_NEXT);
	r->hdr.structure_size = (uint16_t)wire_int(L, t, "header_size", SMB2_HEADER_SIZE);
	r->hdr.status = (uint32_t)wire_int(L, t, "channel_sequence", 0);
	r->hdr.flags = (uint32_t)wire_int(L, t, "flags", 0);
	r->hdr.tid = (uint32_t)wire_int(L, t, "tid", 0);
	r->hdr.sid = (uint64_t)wire_int(L, t, "sid", (lua_Integer)r->hdr.sid);
	r->hdr.async_id = (uint64_t)wire_int(L, t, "async_id", 0);
	r->tamper = (size_t)wire_int(L, t, "tamper", 0);
	if (signature.n == 16) {
		memcpy(r->hdr.signature, signature.p, 16);
		r->set |= SMBC_SET_SIGNATURE;
	}
}

static enum smbc_policy policy(lua_State *L, int t, const char *name)
{
	if (!wire_has(L, t, name))
		return SMBC_AUTO;
	return wire_bool(L, t, name) ? SMBC_ALWAYS : SMBC_NEVER;
}

/* conn:request(table): builds, does not send. */
int wire_request_new(lua_State *L)
{
	struct wire_conn *w = wire_conn_check(L, 1);
	struct smbc_session *session = NULL;
	struct smbc_req **r;

	luaL_checktype(L, 2, LUA_TTABLE);
	lua_settop(L, 2);
	if (lua_getfield(L, 2, "session") != LUA_TNIL)
		session = wire_session_check(L, -1);
	r = lua_newuserdatauv(L, sizeof(struct smbc_req *), 2);
	*r = smbc_req_new(w->conn, session, (uint16_t)wire_int(L, 2, "command", 0));
	luaL_setmetatable(L, WIRE_REQUEST);
	lua_pushvalue(L, 1); /* keeps the connection */
	lua_setiuservalue(L, -2, 1);
	lua_pushvalue(L, 2); /* and the data that is sent */
	lua_setiuservalue(L, -2, 2);
	header(L, 2, *r);
	(*r)->sign = policy(L, 2, "sign");
	(*r)->seal = policy(L, 2, "seal");
	wire_body(L, 2, *r);
	return 1;
}

static int collect(lua_State *L, struct smbc_req **reqs, int max)
{
	int n = lua_gettop(L) - 1;

	if (n < 1 || n > max)
		luaL_error(L, "1 to %d requests are wanted", max);
	for (int i = 0; i < n; i++)
		reqs[i] = check(L, i + 2);
	return n;
}

#define CHAIN_MAX 512

/* conn:submit(request...): one message; true, or nil and why not. Waits for credits. */
int wire_submit(lua_State *L)
{
	struct wire_conn *w = wire_conn_check(L, 1);
	struct smbc_req *reqs[CHAIN_MAX];
	int n = collect(L, reqs, CHAIN_MAX);
	int err = smbc_submit_chain(reqs, (size_t)n);

	while (err == -EAGAIN) {
		err = smbc_pump(w->conn, 2000);
		if (!err)
			err = smbc_submit_chain(reqs, (size_t)n);
	}
	if (!err)
		smbc_flush(w->conn);
	lua_pushboolean(L, !err);
	lua_pushstring(L, err ? wire_error(err) : NULL);
	return 2;
}

/* conn:encode(request...): the frame as bytes instead of sending it; the requests count as sent. */
int wire_encode(lua_State *L)
{
	struct wire_conn *w = wire_conn_check(L, 1);
	struct smbc_req *reqs[CHAIN_MAX];
	int n = collect(L, reqs, CHAIN_MAX);
	size_t unsent = w->conn->out.len - w->conn->out_done, len;
	int err = smbc_submit_chain(reqs, (size_t)n);

	if (err)
		return luaL_error(L, "encode: %s", wire_error(err));
	len = w->conn->out.len - w->conn->out_done - unsent; /* what went before may have moved */
	w->conn->out.len -= len;
	lua_pushlstring(L, (const char *)w->conn->out.p + w->conn->out.len, len);
	return 1;
}

static void set(lua_State *L, const char *name, uint64_t v)
{
	lua_pushinteger(L, (lua_Integer)v);
	lua_setfield(L, -2, name);
}

void wire_push_reply(lua_State *L, const struct smbc_reply *reply)
{
	static const char *const sigs[] = { "none", "good", "bad", "unknown" };
	const struct smbc_hdr *h = &reply->hdr;

	lua_createtable(L, 0, 16);
	set(L, "code", h->status);
	set(L, "command", h->command);
	set(L, "charge", h->charge);
	set(L, "credits", h->credits);
	set(L, "flags", h->flags);
	set(L, "next", h->next);
	set(L, "mid", h->mid);
	set(L, "tid", h->tid);
	set(L, "sid", h->sid);
	set(L, "async_id", h->async_id);
	lua_pushlstring(L, (const char *)h->signature, 16);
	lua_setfield(L, -2, "signature");
	lua_pushstring(L, sigs[reply->sig]);
	lua_setfield(L, -2, "sig");
	lua_pushboolean(L, reply->sealed);
	lua_setfield(L, -2, "sealed");
	if (!reply->pdu)
		return;
	lua_pushlstring(L, (const char *)reply->pdu, reply->len);
	lua_setfield(L, -2, "pdu");
	lua_pushlstring(L, (const char *)reply->pdu + SMB2_HEADER_SIZE,
			reply->len - SMB2_HEADER_SIZE);
	lua_setfield(L, -2, "body");
}

/* request:wait(ms): the reply, or nil and "timeout", "closed"… */
static int request_wait(lua_State *L)
{
	struct smbc_req *r = check(L, 1);
	int err = smbc_wait(r, (int)luaL_checkinteger(L, 2));

	if (!err) {
		wire_push_reply(L, &r->reply);
		return 1;
	}
	lua_pushnil(L);
	lua_pushstring(L, wire_error(err));
	return 2;
}

/* request:interim(ms): waits for STATUS_PENDING; false when the reply came without one. */
static int request_interim(lua_State *L)
{
	struct smbc_req *r = check(L, 1);
	int64_t end = smbc_now_ms() + luaL_checkinteger(L, 2);
	int err = 0;

	while (!err && r->state == SMBC_FLIGHT && !r->interim)
		err = smbc_pump(r->conn, (int)(end - smbc_now_ms()));
	if (err && !r->interim && r->state != SMBC_DONE) {
		lua_pushnil(L);
		lua_pushstring(L, wire_error(err));
		return 2;
	}
	if (r->interim)
		wire_push_reply(L, &r->interim_reply);
	else
		lua_pushboolean(L, 0);
	return 1;
}

static int request_cancel(lua_State *L)
{
	struct smbc_req *r = check(L, 1);

	if (smbc_cancel(r))
		return luaL_error(L, "cancel: the connection is closed");
	smbc_flush(r->conn);
	return 0;
}

static int request_pending(lua_State *L)
{
	lua_pushboolean(L, check(L, 1)->state == SMBC_FLIGHT);
	return 1;
}

static int request_mid(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)check(L, 1)->hdr.mid);
	return 1;
}

static int request_gc(lua_State *L)
{
	struct smbc_req **r = luaL_checkudata(L, 1, WIRE_REQUEST);

	smbc_req_free(*r);
	*r = NULL;
	return 0;
}

static const luaL_Reg methods[] = {
	{ "wait", request_wait },     { "interim", request_interim },
	{ "cancel", request_cancel }, { "pending", request_pending },
	{ "mid", request_mid },       { NULL, NULL },
};

void wire_request_register(lua_State *L)
{
	luaL_newmetatable(L, WIRE_REQUEST);
	lua_pushcfunction(L, request_gc);
	lua_setfield(L, -2, "__gc");
	luaL_newlib(L, methods);
	lua_setfield(L, -2, "__index");
	lua_pop(L, 1);
}
