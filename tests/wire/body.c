// SPDX-License-Identifier: Apache-2.0
/*
 * body.c: from a scenario's table to the body of a request: one function a command, defaults, and
 * the ways to break it: body (all of it by hand), patch, truncate, append.
 */
#include <string.h>

#include "wire.h"

typedef void fill_fn(lua_State *L, int t, struct smbc_req *req);

static void fill_negotiate(lua_State *L, int t, struct smbc_req *req)
{
	struct smbc_negotiate n = smbc_negotiate_default;

	n.dialect_count = wire_list(L, t, "dialects", n.dialects, 8);
	n.security_mode = (uint16_t)wire_int(L, t, "security_mode", n.security_mode);
	n.capabilities = (uint32_t)wire_int(L, t, "capabilities", n.capabilities);
	if (wire_has(L, t, "signing"))
		n.signing_count = wire_list(L, t, "signing", n.signing, 4);
	if (wire_has(L, t, "ciphers"))
		n.cipher_count = wire_list(L, t, "ciphers", n.ciphers, 4);
	n.netname = wire_str(L, t, "netname", NULL);
	n.no_preauth = wire_bool(L, t, "no_preauth");
	n.extra = wire_bytes(L, t, "extra");
	n.extra_count = (unsigned)wire_int(L, t, "extra_count", n.extra.n ? 1 : 0);
	smbc_put_negotiate(req, &n);
}

static void fill_session_setup(lua_State *L, int t, struct smbc_req *req)
{
	struct smbc_part blob = wire_bytes(L, t, "blob");
	struct smbc_buf *b = &req->body;

	smbc_put16(b, 25);
	smbc_put8(b, (uint8_t)wire_int(L, t, "setup_flags", 0));
	smbc_put8(b, (uint8_t)wire_int(L, t, "security_mode", SMB2_NEGOTIATE_SIGNING_ENABLED));
	smbc_put32(b, SMB2_GLOBAL_CAP_DFS);
	smbc_put32(b, 0);
	smbc_put16(b, SMB2_HEADER_SIZE + 24);
	smbc_put16(b, (uint16_t)blob.n);
	smbc_put64(b, (uint64_t)wire_int(L, t, "previous", 0));
	smbc_put_bytes(b, blob.p, blob.n);
}

static void fill_empty(lua_State *L, int t, struct smbc_req *req)
{
	(void)L;
	(void)t;
	smbc_put_empty(req);
}

static void fill_tree_connect(lua_State *L, int t, struct smbc_req *req)
{
	smbc_put_tree_connect(req, wire_str(L, t, "path", "\\\\server\\share"));
}

/* contexts: a list of {tag, data}. */
static void contexts(lua_State *L, int t, struct smbc_buf *b)
{
	size_t last = SIZE_MAX;

	if (lua_getfield(L, t, "contexts") == LUA_TTABLE) {
		for (int i = 1; lua_rawgeti(L, -1, i) == LUA_TTABLE; i++) {
			struct smbc_part tag, data;

			lua_rawgeti(L, -1, 1);
			lua_rawgeti(L, -2, 2);
			tag.p = luaL_checklstring(L, -2, &tag.n);
			data.p = luaL_optlstring(L, -1, "", &data.n);
			smbc_put_context(b, &last, tag, data);
			lua_pop(L, 3);
		}
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

static void fill_create(lua_State *L, int t, struct smbc_req *req)
{
	struct smbc_buf ctx = { 0 };
	struct smbc_create c = {
		.name = wire_str(L, t, "name", ""),
		.raw_name = wire_bytes(L, t, "raw_name"),
		.oplock = (uint8_t)wire_int(L, t, "oplock", 0),
		.impersonation = (uint32_t)wire_int(L, t, "impersonation", SMB2_IMPERSONATION),
		.access = (uint32_t)wire_int(L, t, "access", SMB2_MAXIMUM_ALLOWED),
		.attributes = (uint32_t)wire_int(L, t, "attributes", 0),
		.share = (uint32_t)wire_int(L, t, "share", SMB2_FILE_SHARE_ALL),
		.disposition = (uint32_t)wire_int(L, t, "disposition", SMB2_FILE_OPEN),
		.options = (uint32_t)wire_int(L, t, "options", 0),
	};

	contexts(L, t, &ctx);
	c.contexts = (struct smbc_part){ ctx.p, ctx.len };
	smbc_put_create(req, &c);
	smbc_buf_free(&ctx);
}

static void fill_close(lua_State *L, int t, struct smbc_req *req)
{
	smbc_put_close(req, wire_fid(L, t), (uint16_t)wire_int(L, t, "close_flags", 0));
}

static void fill_flush(lua_State *L, int t, struct smbc_req *req)
{
	smbc_put_flush(req, wire_fid(L, t));
}

static void fill_read(lua_State *L, int t, struct smbc_req *req)
{
	struct smbc_io io = {
		.fid = wire_fid(L, t),
		.offset = (uint64_t)wire_int(L, t, "offset", 0),
		.length = (uint32_t)wire_int(L, t, "length", 65536),
		.minimum = (uint32_t)wire_int(L, t, "minimum", 0),
		.flags = (uint32_t)wire_int(L, t, "io_flags", 0),
	};

	smbc_put_read(req, &io);
}

static void fill_write(lua_State *L, int t, struct smbc_req *req)
{
	struct smbc_part data = wire_bytes(L, t, "data");
	struct smbc_io io = {
		.fid = wire_fid(L, t),
		.offset = (uint64_t)wire_int(L, t, "offset", 0),
		.length = (uint32_t)data.n,
		.flags = (uint32_t)wire_int(L, t, "io_flags", 0),
		.data = data.p,
	};

	smbc_put_write(req, &io);
}

/* locks: a list of {offset, length, flags}. */
static void fill_lock(lua_State *L, int t, struct smbc_req *req)
{
	struct smbc_lock locks[64];
	uint16_t n = 0;

	if (lua_getfield(L, t, "locks") == LUA_TTABLE) {
		while (n < 64 && lua_rawgeti(L, -1, n + 1) == LUA_TTABLE) {
			for (int i = 1; i <= 3; i++)
				lua_rawgeti(L, -i, i);
			locks[n++] = (struct smbc_lock){
				(uint64_t)luaL_checkinteger(L, -3),
				(uint64_t)luaL_checkinteger(L, -2),
				(uint32_t)luaL_checkinteger(L, -1),
			};
			lua_pop(L, 4);
		}
		lua_pop(L, n < 64);
	}
	lua_pop(L, 1);
	smbc_put_lock(req, wire_fid(L, t), (uint32_t)wire_int(L, t, "lock_sequence", 0), locks, n);
}

static void fill_ioctl(lua_State *L, int t, struct smbc_req *req)
{
	struct smbc_ioctl i = {
		.fid = wire_fid(L, t),
		.code = (uint32_t)wire_int(L, t, "code", 0),
		.max_in = (uint32_t)wire_int(L, t, "max_in", 0),
		.max_out = (uint32_t)wire_int(L, t, "max_out", 65536),
		.flags = (uint32_t)wire_int(L, t, "ioctl_flags", SMB2_0_IOCTL_IS_FSCTL),
		.in = wire_bytes(L, t, "input"),
	};

	smbc_put_ioctl(req, &i);
}

static void fill_query_directory(lua_State *L, int t, struct smbc_req *req)
{
	struct smbc_query_directory q = {
		.fid = wire_fid(L, t),
		.info_class = (uint8_t)wire_int(L, t, "class", 37),
		.flags = (uint8_t)wire_int(L, t, "query_flags", 0),
		.index = (uint32_t)wire_int(L, t, "index", 0),
		.max_out = (uint32_t)wire_int(L, t, "max_out", 65536),
		.pattern = wire_str(L, t, "pattern", "*"),
	};

	smbc_put_query_directory(req, &q);
}

static void fill_change_notify(lua_State *L, int t, struct smbc_req *req)
{
	smbc_put_change_notify(req, wire_fid(L, t), (uint16_t)wire_int(L, t, "notify_flags", 0),
			       (uint32_t)wire_int(L, t, "filter", 0xfff),
			       (uint32_t)wire_int(L, t, "max_out", 65536));
}

static struct smbc_info info_of(lua_State *L, int t)
{
	return (struct smbc_info){
		.fid = wire_fid(L, t),
		.type = (uint8_t)wire_int(L, t, "info_type", SMB2_0_INFO_FILE),
		.info_class = (uint8_t)wire_int(L, t, "class", 0),
		.additional = (uint32_t)wire_int(L, t, "additional", 0),
		.flags = (uint32_t)wire_int(L, t, "query_flags", 0),
		.max_out = (uint32_t)wire_int(L, t, "max_out", 65536),
		.in = wire_bytes(L, t, "input"),
	};
}

static void fill_query_info(lua_State *L, int t, struct smbc_req *req)
{
	struct smbc_info i = info_of(L, t);

	smbc_put_query_info(req, &i);
}

static void fill_set_info(lua_State *L, int t, struct smbc_req *req)
{
	struct smbc_info i = info_of(L, t);

	smbc_put_set_info(req, &i);
}

/* With a lease_key the acknowledgement of a lease break, else of an oplock break. */
static void fill_oplock_break(lua_State *L, int t, struct smbc_req *req)
{
	struct smbc_part key = wire_bytes(L, t, "lease_key");

	if (key.n == 16)
		smbc_put_lease_ack(req, key.p, (uint32_t)wire_int(L, t, "lease_state", 0));
	else
		smbc_put_oplock_ack(req, wire_fid(L, t), (uint8_t)wire_int(L, t, "oplock", 0));
}

static fill_fn *const fills[] = {
	[SMB2_NEGOTIATE] = fill_negotiate,
	[SMB2_SESSION_SETUP] = fill_session_setup,
	[SMB2_LOGOFF] = fill_empty,
	[SMB2_TREE_CONNECT] = fill_tree_connect,
	[SMB2_TREE_DISCONNECT] = fill_empty,
	[SMB2_CREATE] = fill_create,
	[SMB2_CLOSE] = fill_close,
	[SMB2_FLUSH] = fill_flush,
	[SMB2_READ] = fill_read,
	[SMB2_WRITE] = fill_write,
	[SMB2_LOCK] = fill_lock,
	[SMB2_IOCTL] = fill_ioctl,
	[SMB2_CANCEL] = fill_empty,
	[SMB2_ECHO] = fill_empty,
	[SMB2_QUERY_DIRECTORY] = fill_query_directory,
	[SMB2_CHANGE_NOTIFY] = fill_change_notify,
	[SMB2_QUERY_INFO] = fill_query_info,
	[SMB2_SET_INFO] = fill_set_info,
	[SMB2_OPLOCK_BREAK] = fill_oplock_break,
};

/* patch: {[offset] = bytes}, offsets from the body's first byte. */
static void patch(lua_State *L, int t, struct smbc_buf *b)
{
	if (lua_getfield(L, t, "patch") == LUA_TTABLE) {
		for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
			size_t at = (size_t)luaL_checkinteger(L, -2), n;
			const char *p = luaL_checklstring(L, -1, &n);

			if (at + n > b->len)
				luaL_error(L, "patch at %d is outside the body", (int)at);
			memcpy(b->p + at, p, n);
		}
	}
	lua_pop(L, 1);
}

static void spoil(lua_State *L, int t, struct smbc_req *req)
{
	struct smbc_part more = wire_bytes(L, t, "append");
	struct smbc_buf *b = &req->body;
	size_t keep;

	if (!more.n && !wire_has(L, t, "patch") && !wire_has(L, t, "truncate"))
		return;
	smbc_put_bytes(b, req->data, req->data_len);
	req->data_len = 0;
	patch(L, t, b);
	keep = (size_t)wire_int(L, t, "truncate", (lua_Integer)b->len);
	if (keep < b->len)
		b->len = keep;
	smbc_put_bytes(b, more.p, more.n);
}

void wire_body(lua_State *L, int t, struct smbc_req *req)
{
	struct smbc_part body = wire_bytes(L, t, "body");
	uint16_t command = req->hdr.command;

	req->payload = (uint32_t)wire_int(L, t, "payload", 0);
	if (body.p)
		smbc_put_bytes(&req->body, body.p, body.n);
	else if (command < sizeof(fills) / sizeof(fills[0]) && fills[command])
		fills[command](L, t, req);
	spoil(L, t, req);
}
