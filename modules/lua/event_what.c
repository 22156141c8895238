// SPDX-License-Identifier: Apache-2.0
/*
 * event_what.c: fields of events about what is asked for, and what that is.
 */
#include "event.h"

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>

/* ---- what is asked ---- */

static void get_command(lua_State *L, struct state *st, const struct smb3_event *e)
{
	if (e->req && e->req->command)
		lua_pushstring(L, e->req->command->name);
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
	/* Before CREATE runs its body is all that is known. */
	return e->point == SMB3_HOOK_REQUEST ? event_peek(st)->path : NULL;
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
const struct smb3_stat *event_stat(const struct smb3_event *e, struct smb3_stat *room)
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
	stat = event_stat(e, &room);
	if (stat)
		lua_pushboolean(L, S_ISDIR(stat->mode));
	else if (e->open)
		lua_pushboolean(L, e->open->directory);
}

static void get_size(lua_State *L, struct state *st, const struct smb3_event *e)
{
	struct smb3_stat room;
	const struct smb3_stat *stat = event_stat(e, &room);

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
	const struct smb3_stat *stat = event_stat(e, &room);

	if (stat)
		push_time(L, stat->written);
}

static void get_created(lua_State *L, struct state *st, const struct smb3_event *e)
{
	struct smb3_stat room;
	const struct smb3_stat *stat = event_stat(e, &room);

	if (stat)
		push_time(L, stat->created);
}

static void get_owner(lua_State *L, struct state *st, const struct smb3_event *e)
{
	struct smb3_stat room;
	const struct smb3_stat *stat = event_stat(e, &room);

	if (stat)
		lua_pushinteger(L, stat->uid);
}

/* ---- the table ---- */

const struct field fields_what[] = {
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
	{ .name = NULL },
};
