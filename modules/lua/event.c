// SPDX-License-Identifier: Apache-2.0
/*
 * event.c: events as scripts see them: a table of plain values, each of which is found out when it is
 * asked for the first time. When the hooks have been asked the event is over: what a script has read
 * stays in the table, anything else is nil.
 */
#include "script.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define READ_RIGHTS   (FILE_GENERIC_READ | FILE_GENERIC_EXECUTE)
#define SAMPLE_MAX    4096
#define TRANSFER_LEN  4  /* in the bodies of READ and WRITE: Length, and */
#define TRANSFER_AT   8  /* Offset. [MS-SMB2] 2.2.19, 2.2.21 */
#define WRITE_DATA_AT 2  /* DataOffset */
#define CREATE_NAME   44 /* NameOffset, NameLength. 2.2.13 */

struct field {
	const char *name;
	/* Pushes one value, or nothing: there is none. */
	void (*get)(lua_State *L, struct state *st, const struct smb3_event *e);
	/* The value is at index 3. NULL: scripts cannot set it. */
	void (*set)(lua_State *L, struct smb3_event *e);
	uint64_t settable; /* points, as bits */
};

#define AT(point) (1ull << SMB3_HOOK_##point)

static const char *const points[POINTS + 1] = {
	[SMB3_HOOK_CONN_OPEN] = "conn_open",
	[SMB3_HOOK_CONN_CLOSE] = "conn_close",
	[SMB3_HOOK_NEGOTIATED] = "negotiated",
	[SMB3_HOOK_AUTH] = "auth",
	[SMB3_HOOK_AUTH_DONE] = "auth_done",
	[SMB3_HOOK_AUTHENTICATED] = "authenticated",
	[SMB3_HOOK_LOGOFF] = "logoff",
	[SMB3_HOOK_SHARE] = "share",
	[SMB3_HOOK_TREE_CONNECT] = "tree_connect",
	[SMB3_HOOK_TREE_CONNECTED] = "tree_connected",
	[SMB3_HOOK_TREE_DISCONNECT] = "tree_disconnect",
	[SMB3_HOOK_REQUEST] = "request",
	[SMB3_HOOK_DENIED] = "denied",
	[SMB3_HOOK_CTL] = "ctl",
	[SMB3_HOOK_ACCESS] = "access",
	[SMB3_HOOK_ENTRY] = "entry",
	[SMB3_HOOK_MADE] = "made",
	[SMB3_HOOK_OPEN_CONFLICT] = "open_conflict",
	[SMB3_HOOK_OPENED] = "opened",
	[SMB3_HOOK_CLOSING] = "closing",
	[SMB3_HOOK_IO] = "io",
	[SMB3_HOOK_RENAMED] = "renamed",
	[SMB3_HOOK_REMOVED] = "removed",
	[SMB3_HOOK_CHANGED] = "changed",
	[SMB3_HOOK_DOOMED] = "doomed",
	[SMB3_HOOK_RESPONSE] = "response",
	[SMB3_HOOK_LIMIT] = "limit",
	[SMB3_HOOK_NOTE] = "note",
	[SMB3_HOOK_RELOAD] = "reload",
	[SMB3_HOOK_TICK] = "tick",
	[POINT_MODIFY] = "modify",
};

const char *point_name(int point)
{
	return point < POINTS ? points[point] : NULL;
}

int point_find(const char *name)
{
	for (int i = 0; i < POINTS; i++)
		if (points[i] && !strcmp(points[i], name))
			return i;
	return -1;
}

/* Where an answer decides, and an error denies. */
bool point_is_policy(int point)
{
	const uint64_t policy = AT(CONN_OPEN) | AT(NEGOTIATED) | AT(AUTH) | AT(AUTHENTICATED) |
				AT(SHARE) | AT(TREE_CONNECT) | AT(TREE_CONNECTED) | AT(REQUEST) |
				AT(ACCESS) | AT(ENTRY) | AT(MADE) | AT(OPEN_CONFLICT) | AT(IO) |
				1ull << POINT_MODIFY;

	return policy & 1ull << point;
}

/* ---- who ---- */

/* On the pool a session's identity may be replaced meanwhile; there the event has it. */
static const struct smb3_identity *who_of(const struct smb3_event *e)
{
	if (e->who)
		return e->who;
	return e->session && e->worker ? e->session->identity : NULL;
}

static void get_user(lua_State *L, struct state *st, const struct smb3_event *e)
{
	const struct smb3_identity *who = who_of(e);

	if (who)
		lua_pushstring(L, who->name);
	else if (e->user)
		lua_pushstring(L, e->user);
}

static void get_domain(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (who_of(e))
		lua_pushstring(L, who_of(e)->domain);
}

static void get_unix_user(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (who_of(e))
		lua_pushstring(L, who_of(e)->unix_name);
}

static void get_uid(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (who_of(e))
		lua_pushinteger(L, who_of(e)->uid);
}

static void get_guest(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (who_of(e))
		lua_pushboolean(L, who_of(e)->guest || who_of(e)->anonymous);
}

static void get_admin(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (who_of(e))
		lua_pushboolean(L, who_of(e)->admin);
}

static void get_groups(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (who_of(e))
		groups_push(L, who_of(e));
}

/* ---- where from ---- */

static void get_address(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->conn)
		lua_pushstring(L, e->conn->peer_name);
}

static void get_conn(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->conn)
		lua_pushinteger(L, (lua_Integer)e->conn->id);
}

static void get_dialect(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->conn && e->conn->dialect)
		lua_pushstring(L, e->conn->dialect->name);
}

static void get_encrypted(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->req)
		lua_pushboolean(L, e->req->encrypted);
}

static void get_signed(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->req)
		lua_pushboolean(L, e->req->signed_ok);
}

static void get_session(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->session)
		lua_pushinteger(L, (lua_Integer)e->session->id);
}

static void get_tree(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->tree)
		lua_pushinteger(L, e->tree->id);
}

/* ---- which share ---- */

static void get_share(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->share)
		lua_pushstring(L, e->share->name);
	else if (e->point == SMB3_HOOK_SHARE)
		lua_pushstring(L, e->path);
}

static void get_share_path(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->share)
		lua_pushstring(L, e->share->path);
}

/* The share that a home or a resolver's share was made of, else itself. */
static void get_origin(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->share)
		lua_pushstring(L, e->share->origin ? e->share->origin->name : e->share->name);
}

static void get_is_pipe(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->share)
		lua_pushboolean(L, e->share->pipe);
}

static void get_vars(lua_State *L, struct state *st, const struct smb3_event *e)
{
	vars_push(L, e->share);
}

/* ---- what is asked ---- */

static void get_command(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->req && e->req->command)
		lua_pushstring(L, e->req->command->name);
}

static bool is_command(const struct smb3_event *e, uint16_t command)
{
	return e->req && e->req->command && e->req->hdr.command == command;
}

/* CREATE is not decoded when requests are asked about. */
static const char *create_path(const struct smb3_event *e)
{
	struct smb3_cursor c = e->req->body, name;
	uint16_t offset, len;
	char *path;

	smb3_get_skip(&c, CREATE_NAME);
	offset = smb3_get_u16(&c);
	len = smb3_get_u16(&c);
	name = smb3_cursor_sub(&c, offset, len);
	if (!smb3_cursor_ok(&c) || len % 2)
		return NULL;
	path = smb3_utf16_to_utf8(e->req->arena, name.base, len);
	for (char *p = path; p && *p; p++)
		if (*p == '\\')
			*p = '/';
	return path;
}

/* Its path may be changed by a rename on another thread. */
static const char *open_path(struct state *st, struct smb3_open *o)
{
	size_t len;
	char *path;

	if (o->file)
		smb3_file_lock(o->file);
	len = strlen(o->path);
	path = state_scratch(st, len + 1);
	memcpy(path, o->path, len + 1);
	if (o->file)
		smb3_file_unlock(o->file);
	return path;
}

static const char *path_of(struct state *st, const struct smb3_event *e)
{
	if (e->path)
		return e->path;
	/* Under the file's mutex the event has the path. */
	if (e->point == SMB3_HOOK_OPEN_CONFLICT || e->point == SMB3_HOOK_DOOMED)
		return NULL;
	if (e->open)
		return open_path(st, e->open);
	if (e->point == SMB3_HOOK_REQUEST && is_command(e, SMB2_CREATE))
		return create_path(e);
	return NULL;
}

static void get_path(lua_State *L, struct state *st, const struct smb3_event *e)
{
	const char *path = path_of(st, e);

	if (path)
		lua_pushstring(L, path);
}

/* The last component, without a stream. */
static const char *leaf_of(const char *path, size_t *ret_len)
{
	const char *slash = strrchr(path, '/');
	const char *leaf = slash ? slash + 1 : path;

	*ret_len = strcspn(leaf, ":");
	return leaf;
}

static void get_name(lua_State *L, struct state *st, const struct smb3_event *e)
{
	const char *path = path_of(st, e);
	size_t len;

	if (path)
		path = leaf_of(path, &len);
	if (path)
		lua_pushlstring(L, path, len);
}

static void push_extension(lua_State *L, const char *path)
{
	size_t len, at;
	const char *leaf = leaf_of(path, &len);
	luaL_Buffer b;

	for (at = len; at > 0 && leaf[at - 1] != '.'; at--)
		continue;
	luaL_buffinit(L, &b);
	for (; at > 0 && at < len; at++)
		luaL_addchar(&b, (char)tolower((unsigned char)leaf[at]));
	luaL_pushresult(&b);
}

static void get_extension(lua_State *L, struct state *st, const struct smb3_event *e)
{
	const char *path = path_of(st, e);

	if (path)
		push_extension(L, path);
}

static void get_new_path(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->new_path)
		lua_pushstring(L, e->new_path);
}

static void get_new_extension(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->new_path)
		push_extension(L, e->new_path);
}

static void get_stream(lua_State *L, struct state *st, const struct smb3_event *e)
{
	const char *path, *colon;

	if (e->create && e->create->stream) {
		lua_pushstring(L, e->create->stream);
		return;
	}
	path = path_of(st, e);
	colon = path ? strrchr(path, ':') : NULL;
	if (colon)
		lua_pushstring(L, colon + 1);
}

static void get_disposition(lua_State *L, struct state *st, const struct smb3_event *e)
{
	static const char *const names[] = { "supersede", "open",      "create",
					     "open_if",   "overwrite", "overwrite_if" };

	if (e->create && e->create->disposition < SMB3_ARRAY_SIZE(names))
		lua_pushstring(L, names[e->create->disposition]);
}

static void get_is_new(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->create)
		lua_pushboolean(L, e->create->action == FILE_CREATED);
}

static void get_action(lua_State *L, struct state *st, const struct smb3_event *e)
{
	static const char *const changed[] = { "", "added", "removed", "modified" };
	static const char *const made[] = { "superseded", "opened", "created", "overwritten" };

	if (e->point == SMB3_HOOK_CHANGED && e->action < SMB3_ARRAY_SIZE(changed))
		lua_pushstring(L, changed[e->action]);
	else if (e->point == SMB3_HOOK_OPENED && e->create &&
		 e->create->action < SMB3_ARRAY_SIZE(made))
		lua_pushstring(L, made[e->create->action]);
}

static void get_open(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->open)
		lua_pushinteger(L, (lua_Integer)e->open->volatile_id);
}

/* ---- what it is ---- */

/* What the handle is, asked for when nobody has yet: in work only. */
static const struct smb3_stat *stat_of(const struct smb3_event *e, struct smb3_stat *room)
{
	const struct smb3_ctx *ctx = e->ctx ? e->ctx : e->req ? &e->req->ctx : NULL;

	if (e->stat)
		return e->stat;
	if (e->create && (e->point == SMB3_HOOK_OPENED || e->point == SMB3_HOOK_OPEN_CONFLICT))
		return &e->create->stat;
	if (e->handle && ctx && !smb3_vfs_stat(e->handle->mount->top, ctx, e->handle, room))
		return room;
	return NULL;
}

static void get_directory(lua_State *L, struct state *st, const struct smb3_event *e)
{
	struct smb3_stat room;
	const struct smb3_stat *stat;

	if (e->point == SMB3_HOOK_ENTRY && e->access != SMB3_DELETE) {
		lua_pushboolean(L, e->access == FILE_ADD_SUBDIRECTORY);
		return;
	}
	stat = stat_of(e, &room);
	if (stat)
		lua_pushboolean(L, S_ISDIR(stat->mode));
	else if (e->open)
		lua_pushboolean(L, e->open->directory);
}

static void get_size(lua_State *L, struct state *st, const struct smb3_event *e)
{
	struct smb3_stat room;
	const struct smb3_stat *stat = stat_of(e, &room);

	if (stat)
		lua_pushinteger(L, (lua_Integer)stat->size);
}

static void push_time(lua_State *L, smb3_nttime t)
{
	struct timespec ts = smb3_nttime_to_timespec(t);

	lua_pushnumber(L, (lua_Number)ts.tv_sec + (lua_Number)ts.tv_nsec / 1e9);
}

static void get_written(lua_State *L, struct state *st, const struct smb3_event *e)
{
	struct smb3_stat room;
	const struct smb3_stat *stat = stat_of(e, &room);

	if (stat)
		push_time(L, stat->written);
}

static void get_created(lua_State *L, struct state *st, const struct smb3_event *e)
{
	struct smb3_stat room;
	const struct smb3_stat *stat = stat_of(e, &room);

	if (stat)
		push_time(L, stat->created);
}

static void get_owner(lua_State *L, struct state *st, const struct smb3_event *e)
{
	struct smb3_stat room;
	const struct smb3_stat *stat = stat_of(e, &room);

	if (stat)
		lua_pushinteger(L, stat->uid);
}

/* ---- rights ---- */

static void get_wanted(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->point == SMB3_HOOK_ACCESS)
		lua_pushinteger(L, e->wanted);
	else if (e->create)
		lua_pushinteger(L, e->create->desired_access);
}

static void get_writes(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->point == SMB3_HOOK_ACCESS)
		lua_pushboolean(L, (e->wanted & CHANGE_RIGHTS) != 0);
	else if (e->open)
		lua_pushboolean(L, (e->open->access & CHANGE_RIGHTS) != 0);
}

static void get_deletes(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->point == SMB3_HOOK_ACCESS)
		lua_pushboolean(L, (e->wanted & SMB3_DELETE) != 0);
	else if (e->point == SMB3_HOOK_ENTRY)
		lua_pushboolean(L, e->access == SMB3_DELETE);
}

static void get_access(lua_State *L, struct state *st, const struct smb3_event *e)
{
	lua_pushinteger(L, e->access);
}

static void set_access(lua_State *L, struct smb3_event *e)
{
	e->access = (uint32_t)luaL_checkinteger(L, 3);
}

static void get_read_only(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->point == SMB3_HOOK_ACCESS || e->point == SMB3_HOOK_TREE_CONNECT)
		lua_pushboolean(L, !(e->access & CHANGE_RIGHTS));
	else if (e->share)
		lua_pushboolean(L, e->tree ? e->tree->read_only : e->share->read_only);
}

static void set_read_only(lua_State *L, struct smb3_event *e)
{
	luaL_checktype(L, 3, LUA_TBOOLEAN);
	if (!lua_toboolean(L, 3))
		luaL_error(L, "read_only can be set to true only; see access");
	e->access &= e->point == SMB3_HOOK_ACCESS ? ~CHANGE_RIGHTS : READ_RIGHTS;
}

static void get_encrypt(lua_State *L, struct state *st, const struct smb3_event *e)
{
	lua_pushboolean(L, e->encrypt);
}

static void set_encrypt(lua_State *L, struct smb3_event *e)
{
	luaL_checktype(L, 3, LUA_TBOOLEAN);
	e->encrypt = lua_toboolean(L, 3);
}

static void get_mode(lua_State *L, struct state *st, const struct smb3_event *e)
{
	struct smb3_stat room;
	const struct smb3_stat *stat = e->point == SMB3_HOOK_ENTRY ? NULL : stat_of(e, &room);

	if (stat)
		lua_pushinteger(L, stat->mode & 07777);
	else if (e->point == SMB3_HOOK_ENTRY)
		lua_pushinteger(L, e->mode);
}

static void set_mode(lua_State *L, struct smb3_event *e)
{
	lua_Integer mode = luaL_checkinteger(L, 3);

	luaL_argcheck(L, mode >= 0 && mode <= 07777, 3, "permission bits");
	e->mode = (uint32_t)mode;
}

/* ---- what came of it ---- */

static void get_status(lua_State *L, struct state *st, const struct smb3_event *e)
{
	lua_pushstring(L, smb3_status_name(e->status));
}

static void get_failed(lua_State *L, struct state *st, const struct smb3_event *e)
{
	lua_pushboolean(L, smb3_status_is_error(e->status));
}

static void get_reason(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (*e->reason)
		lua_pushstring(L, e->reason);
}

/* ---- bytes ---- */

static bool is_transfer(const struct smb3_event *e)
{
	return is_command(e, SMB2_READ) || is_command(e, SMB2_WRITE);
}

static void get_bytes(lua_State *L, struct state *st, const struct smb3_event *e)
{
	struct smb3_cursor c;

	if (e->io) {
		lua_pushinteger(L, (lua_Integer)e->io->len);
	} else if (is_transfer(e)) {
		c = e->req->body;
		smb3_get_skip(&c, TRANSFER_LEN);
		lua_pushinteger(L, smb3_get_u32(&c));
	}
}

static void get_offset(lua_State *L, struct state *st, const struct smb3_event *e)
{
	struct smb3_cursor c;

	if (e->io) {
		lua_pushinteger(L, (lua_Integer)e->io->offset);
	} else if (is_transfer(e)) {
		c = e->req->body;
		smb3_get_skip(&c, TRANSFER_AT);
		lua_pushinteger(L, (lua_Integer)smb3_get_u64(&c));
	}
}

/* The first bytes that a WRITE brings. */
static struct smb3_cursor sample_of(const struct smb3_event *e)
{
	struct smb3_cursor c = smb3_cursor_init(NULL, 0);
	uint32_t len;
	uint16_t at;

	if (!is_command(e, SMB2_WRITE))
		return c;
	c = e->req->body;
	smb3_get_skip(&c, WRITE_DATA_AT);
	at = smb3_get_u16(&c);
	len = smb3_get_u32(&c);
	return smb3_cursor_sub(&c, at, len < SAMPLE_MAX ? len : SAMPLE_MAX);
}

static void get_sample(lua_State *L, struct state *st, const struct smb3_event *e)
{
	struct smb3_cursor c = sample_of(e);

	if (smb3_cursor_left(&c))
		lua_pushlstring(L, (const char *)c.pos, smb3_cursor_left(&c));
}

/* Bits per byte, 0 to 8: what is compressed or encrypted comes near to 8. */
static void get_entropy(lua_State *L, struct state *st, const struct smb3_event *e)
{
	struct smb3_cursor c = sample_of(e);
	size_t len = smb3_cursor_left(&c);
	uint32_t seen[256] = { 0 };
	double sum = 0;

	if (!len)
		return;
	for (size_t i = 0; i < len; i++)
		seen[c.pos[i]]++;
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(seen); i++)
		if (seen[i])
			sum -= seen[i] * log2((double)seen[i] / (double)len);
	lua_pushnumber(L, sum / (double)len);
}

static void get_limit(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->limit)
		lua_pushstring(L, e->limit);
}

static void get_note(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->note)
		lua_pushstring(L, e->note);
}

static void get_details(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (!e->note)
		return;
	lua_newtable(L);
	for (size_t i = 0; i < e->n_details; i++) {
		lua_pushstring(L, e->details[i].value);
		lua_setfield(L, -2, e->details[i].key);
	}
}

static void get_point(lua_State *L, struct state *st, const struct smb3_event *e)
{
	lua_pushstring(L, points[st->point]);
}

/* ---- the table ---- */

static const struct field fields[] = {
	{ .name = "point", .get = get_point },
	{ .name = "user", .get = get_user },
	{ .name = "domain", .get = get_domain },
	{ .name = "unix_user", .get = get_unix_user },
	{ .name = "uid", .get = get_uid },
	{ .name = "guest", .get = get_guest },
	{ .name = "admin", .get = get_admin },
	{ .name = "groups", .get = get_groups },
	{ .name = "address", .get = get_address },
	{ .name = "conn", .get = get_conn },
	{ .name = "dialect", .get = get_dialect },
	{ .name = "encrypted", .get = get_encrypted },
	{ .name = "signed", .get = get_signed },
	{ .name = "session", .get = get_session },
	{ .name = "tree", .get = get_tree },
	{ .name = "share", .get = get_share },
	{ .name = "share_path", .get = get_share_path },
	{ .name = "origin", .get = get_origin },
	{ .name = "is_pipe", .get = get_is_pipe },
	{ .name = "vars", .get = get_vars },
	{ .name = "command", .get = get_command },
	{ .name = "path", .get = get_path },
	{ .name = "name", .get = get_name },
	{ .name = "extension", .get = get_extension },
	{ .name = "new_path", .get = get_new_path },
	{ .name = "new_extension", .get = get_new_extension },
	{ .name = "stream", .get = get_stream },
	{ .name = "disposition", .get = get_disposition },
	{ .name = "action", .get = get_action },
	{ .name = "is_new", .get = get_is_new },
	{ .name = "open", .get = get_open },
	{ .name = "directory", .get = get_directory },
	{ .name = "size", .get = get_size },
	{ .name = "written", .get = get_written },
	{ .name = "created", .get = get_created },
	{ .name = "owner", .get = get_owner },
	{ .name = "wanted", .get = get_wanted },
	{ .name = "writes", .get = get_writes },
	{ .name = "deletes", .get = get_deletes },
	{ .name = "access",
	  .get = get_access,
	  .set = set_access,
	  .settable = AT(ACCESS) | AT(TREE_CONNECT) },
	{ .name = "read_only",
	  .get = get_read_only,
	  .set = set_read_only,
	  .settable = AT(ACCESS) | AT(TREE_CONNECT) },
	{ .name = "encrypt",
	  .get = get_encrypt,
	  .set = set_encrypt,
	  .settable = AT(AUTHENTICATED) | AT(TREE_CONNECT) },
	{ .name = "mode", .get = get_mode, .set = set_mode, .settable = AT(ENTRY) },
	{ .name = "status", .get = get_status },
	{ .name = "failed", .get = get_failed },
	{ .name = "reason", .get = get_reason },
	{ .name = "limit", .get = get_limit },
	{ .name = "note", .get = get_note },
	{ .name = "details", .get = get_details },
	{ .name = "bytes", .get = get_bytes },
	{ .name = "offset", .get = get_offset },
	{ .name = "sample", .get = get_sample },
	{ .name = "entropy", .get = get_entropy },
};

/* The key's field, or NULL. */
static const struct field *field_find(lua_State *L, struct state *st, int key)
{
	const struct field *f = NULL;

	lua_rawgeti(L, LUA_REGISTRYINDEX, st->fields);
	lua_pushvalue(L, key);
	if (lua_rawget(L, -2) == LUA_TLIGHTUSERDATA)
		f = lua_touserdata(L, -1);
	lua_pop(L, 2);
	return f;
}

static void field_get(lua_State *L, struct state *st, const struct field *f)
{
	int top = lua_gettop(L);

	f->get(L, st, st->event);
	if (lua_gettop(L) == top)
		lua_pushnil(L);
}

/* __index: table, key */
static int event_index(lua_State *L)
{
	struct state *st = state_of(L);
	const struct field *f;

	if (!st->event || lua_topointer(L, 1) != st->table)
		return 0;
	f = field_find(L, st, 2);
	if (!f)
		return 0;
	field_get(L, st, f);
	if (f->set)
		return 1;
	lua_pushvalue(L, 2);
	lua_pushvalue(L, -2);
	lua_rawset(L, 1);
	return 1;
}

/* __newindex: table, key, value */
static int event_newindex(lua_State *L)
{
	struct state *st = state_of(L);
	const struct field *f = NULL;

	if ((st->event || !st->host) && lua_topointer(L, 1) == st->table)
		f = field_find(L, st, 2);
	if (f && f->set && !st->host && f->settable & 1ull << st->point) {
		lua_rawset(L, 1); /* a dry run has nothing behind the table */
		return 0;
	}
	if (!f || !f->set || !(f->settable & 1ull << st->point))
		return luaL_error(L, "%s cannot be set at %s", luaL_tolstring(L, 2, NULL),
				  st->point >= 0 ? points[st->point] : "an event that is over");
	f->set(L, st->event);
	return 0;
}

/* __pairs: everything that is known. */
static int event_pairs(lua_State *L)
{
	struct state *st = state_of(L);

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(fields) && st->event; i++) {
		if (fields[i].set)
			continue; /* a copy would hide it from being set */
		lua_getfield(L, 1, fields[i].name);
		lua_pushstring(L, fields[i].name);
		lua_insert(L, -2);
		lua_rawset(L, 1);
	}
	lua_getglobal(L, "next");
	lua_pushvalue(L, 1);
	lua_pushnil(L);
	return 3;
}

void event_open(lua_State *L)
{
	static const luaL_Reg meta[] = {
		{ "__index", event_index },
		{ "__newindex", event_newindex },
		{ "__pairs", event_pairs },
		{ NULL, NULL },
	};
	struct state *st = state_of(L);

	lua_createtable(L, 0, (int)SMB3_ARRAY_SIZE(fields));
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(fields); i++) {
		lua_pushlightuserdata(L, (void *)(uintptr_t)&fields[i]);
		lua_setfield(L, -2, fields[i].name);
	}
	st->fields = luaL_ref(L, LUA_REGISTRYINDEX);
	luaL_newlib(L, meta);
	lua_pushboolean(L, false);
	lua_setfield(L, -2, "__metatable");
	st->event_meta = luaL_ref(L, LUA_REGISTRYINDEX);
}

void event_push(struct state *st)
{
	lua_createtable(st->L, 0, 8);
	st->table = lua_topointer(st->L, -1);
	lua_rawgeti(st->L, LUA_REGISTRYINDEX, st->event_meta);
	lua_setmetatable(st->L, -2);
}
