// SPDX-License-Identifier: Apache-2.0
/*
 * verbs.c: admin commands that scripts bring to smb3ctl. The rows that core knows them by stay until
 * the server ends: a reload takes them away and puts them back.
 */
#include "script.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 64

struct verb_row {
	struct verb_row *next;
	struct smb3_ctl_command command;
	struct smb3_provide provide;
	bool added;
};

/* ---- declared arguments: "SESSION:number [REASON]..." ---- */

struct words {
	int min, max; /* -1: any number */
	bool good;
};

static struct words words_of(const char *args)
{
	struct words w = { .good = true };

	while (*(args += strspn(args, " "))) {
		size_t len = strcspn(args, " ");
		bool optional = *args == '[', more = len > 3 && !strncmp(args + len - 3, "...", 3);

		if (w.max < 0 || (!optional && w.min < w.max))
			w.good = false; /* after one that may be missing, or be many */
		w.min += optional ? 0 : 1;
		w.max = more ? -1 : w.max + 1;
		args += len;
	}
	return w;
}

/* Whether the declared word at that place is a number. */
static bool wants_number(const char *args, int at, char *ret_name, size_t size)
{
	size_t len = 0, name;

	for (; *(args += strspn(args, " ")); at--) {
		len = strcspn(args, " ");
		if (at == 0 || (len > 3 && !strncmp(args + len - 3, "...", 3)))
			break;
		args += len;
	}
	args += *args == '[';
	name = strcspn(args, ":] ");
	snprintf(ret_name, size, "%.*s", (int)name, args);
	return !strncmp(args + name, ":number", 7);
}

int verb_push_args(lua_State *L, const struct verb *verb, struct smb3_ctl *ctl)
{
	int n = smb3_ctl_argc(ctl);
	char name[64];

	luaL_checkstack(L, n + 4, "too many arguments");
	for (int i = 0; i < n; i++) {
		const char *arg = smb3_ctl_arg(ctl, i);

		if (!wants_number(verb->args, i, name, sizeof(name)))
			lua_pushstring(L, arg);
		else if (!lua_stringtonumber(L, arg))
			luaL_error(L, "%s must be a number, not \"%s\"", name, arg);
	}
	return n;
}

/* ---- declaring ---- */

static bool name_sound(const char *name)
{
	const char *space = strchr(name, ' ');

	return *name && strlen(name) < 64 &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789- ") == strlen(name) &&
	       (!space || (space > name && space[1] && !strchr(space + 1, ' ')));
}

/* smb3.command(name, help, fn [, args]) */
int api_command(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1), *help = luaL_checkstring(L, 2);
	const char *args = luaL_optstring(L, 4, "");
	struct state *st = state_of(L);
	struct verb *v;
	int ref;

	if (!st->loading)
		return luaL_error(L, "smb3.command can be called only while the script is loaded");
	luaL_argcheck(L, name_sound(name), 1, "one or two words of small letters, digits and -");
	luaL_checktype(L, 3, LUA_TFUNCTION);
	luaL_argcheck(L, words_of(args).good, 4, "only the last arguments may be left out");
	lua_pushvalue(L, 3);
	ref = luaL_ref(L, LUA_REGISTRYINDEX);
	v = smb3_alloc(sizeof(*v));
	state_where(L, 1, v->where);
	v->ref = ref;
	v->name = smb3_strdup(name);
	v->args = smb3_strdup(args);
	v->help = smb3_strdup(help);
	v->next = st->verbs;
	st->verbs = v;
	return 0;
}

void verbs_free(struct state *st)
{
	while (st->verbs) {
		struct verb *v = st->verbs;

		st->verbs = v->next;
		free(v->name);
		free(v->args);
		free(v->help);
		free(v);
	}
}

size_t verbs_count(const struct state *st)
{
	size_t n = 0;

	for (const struct verb *v = st->verbs; v; v = v->next)
		n++;
	return n;
}

/* ---- results ---- */

static void field_put(lua_State *L, struct smb3_ctl *ctl, const char *key, int index)
{
	if (lua_isboolean(L, index))
		smb3_ctl_bool(ctl, key, lua_toboolean(L, index));
	else if (lua_isinteger(L, index))
		smb3_ctl_number(ctl, key, lua_tointeger(L, index));
	else if (lua_isnil(L, index))
		smb3_ctl_text(ctl, key, "");
	else
		smb3_ctl_text(ctl, key, luaL_tolstring(L, index, NULL));
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The row's keys in the order of the alphabet; they stay on the stack. */
static int keys_of(lua_State *L, int row, const char **keys)
{
	int n = 0;

	luaL_checkstack(L, COLUMNS_MAX + 4, NULL);
	lua_pushnil(L);
	while (lua_next(L, row)) {
		lua_pop(L, 1);
		if (lua_type(L, -1) == LUA_TSTRING && n < COLUMNS_MAX) {
			keys[n++] = lua_tostring(L, -1);
			lua_pushvalue(L, -1);
		}
	}
	qsort(keys, (size_t)n, sizeof(*keys), compare);
	return n;
}

static void row_put(lua_State *L, struct smb3_ctl *ctl, int row, int columns)
{
	const char *keys[COLUMNS_MAX];
	int top = lua_gettop(L), n;

	if (columns) {
		n = (int)luaL_len(L, columns);
		n = n < COLUMNS_MAX ? n : COLUMNS_MAX;
		luaL_checkstack(L, n + 4, NULL);
		for (int i = 0; i < n; i++) {
			lua_geti(L, columns, i + 1);
			keys[i] = luaL_checkstring(L, -1);
		}
	} else {
		n = keys_of(L, row, keys);
	}
	smb3_ctl_row(ctl);
	for (int i = 0; i < n; i++) {
		lua_getfield(L, row, keys[i]);
		field_put(L, ctl, keys[i], lua_gettop(L));
		lua_settop(L, top + n);
	}
	lua_settop(L, top);
}

void verb_rows(lua_State *L, struct smb3_ctl *ctl)
{
	int columns = lua_istable(L, 3) ? 3 : 0;

	if (lua_isnoneornil(L, 2) || lua_isboolean(L, 2))
		return;
	if (!lua_istable(L, 2)) {
		smb3_ctl_row(ctl);
		field_put(L, ctl, "message", 2);
		return;
	}
	lua_settop(L, 3);
	lua_pushnil(L);
	if (!lua_next(L, 2))
		return; /* no rows */
	lua_settop(L, 3);
	if (lua_geti(L, 2, 1) == LUA_TNIL) {
		row_put(L, ctl, 2, columns);
		return;
	}
	for (lua_Integer i = 1; lua_settop(L, 3), lua_geti(L, 2, i) == LUA_TTABLE; i++) {
		state_charge(L, 10);
		row_put(L, ctl, 4, columns);
	}
}

/* ---- rows of core ---- */

static void run(struct smb3_ctl *ctl)
{
	struct host *host = smb3_ctl_mod(ctl)->data;
	struct state *st = atomic_load(&host->set)->states[0];
	const struct verb *v = st->verbs;

	while (v && strcmp(v->name, smb3_ctl_name(ctl)))
		v = v->next;
	if (!v) {
		smb3_ctl_done(ctl, "the command went with a reload");
		return;
	}
	host_enter_at(host, st);
	task_start(host, st, v->ref, v->where, ctl, v);
	host_leave(host, st);
}

static struct verb_row *row_get(struct host *host, const struct verb *v)
{
	struct words w = words_of(v->args);
	struct verb_row *r = host->rows;

	while (r && (r->added || strcmp(r->command.name, v->name) ||
		     strcmp(r->command.args, v->args) || strcmp(r->command.help, v->help)))
		r = r->next;
	if (r)
		return r;
	r = smb3_alloc(sizeof(*r));
	r->command = (struct smb3_ctl_command){ .name = smb3_strdup(v->name),
						.args = smb3_strdup(v->args),
						.help = smb3_strdup(v->help),
						.min_args = w.min,
						.max_args = w.max,
						.run = run };
	r->provide = (struct smb3_provide)SMB3_CTL(&r->command);
	r->next = host->rows;
	host->rows = r;
	return r;
}

/* At start, or on worker 0. */
void verbs_enable(struct host *host)
{
	const struct state *st = atomic_load(&host->set)->states[0];

	for (struct verb_row *r = host->rows; r; r = r->next)
		if (r->added)
			smb3_ctl_remove(host->mod, &r->provide);
	for (struct verb_row *r = host->rows; r; r = r->next)
		r->added = false;
	for (const struct verb *v = st->verbs; v; v = v->next) {
		struct verb_row *r = row_get(host, v);

		r->added = !smb3_ctl_add(host->mod, &r->provide);
		if (!r->added)
			smb3_log(SMB3_LOG_WARNING, "%s: there is a command \"%s\" already",
				 v->where, v->name);
	}
}

void verb_rows_free(struct host *host)
{
	while (host->rows) {
		struct verb_row *r = host->rows;

		host->rows = r->next;
		if (r->added)
			smb3_ctl_remove(host->mod, &r->provide);
		free((char *)(uintptr_t)r->command.name);
		free((char *)(uintptr_t)r->command.args);
		free((char *)(uintptr_t)r->command.help);
		free(r);
	}
}
