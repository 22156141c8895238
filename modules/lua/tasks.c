// SPDX-License-Identifier: Apache-2.0
/*
 * tasks.c: functions of commands and timers. They run as coroutines on worker 0, so that they can ask
 * what lives on the workers: the question goes from worker to worker by mail, each adds its rows, and
 * the function goes on with all of them. Its set of scripts stays until it has ended, also when a
 * reload comes in between.
 */
#include "script.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 10000 /* of one worker: a question must not hold its loop up */

/* A field of a row; key NULL: the row ends. */
struct item {
	const char *key;
	int type; /* LUA_T... */
	lua_Integer number;
	char *text;
};

struct task {
	struct host *host;
	struct set *set;
	struct state *st;
	lua_State *co;
	int ref; /* of co, in the registry */
	char where[WHERE_MAX];
	struct smb3_ctl *ctl;
	const struct verb *verb;
	int fn; /* of the function, in the registry */
	/* a question */
	struct smb3_mail mail;
	const char *what;
	struct item *items;
	size_t n_items, room;
	unsigned int left; /* rows that this worker may still add */
	int n_args;
};

/* ---- rows ---- */

static struct item *item_add(struct task *t, const char *key, int type)
{
	if (t->n_items == t->room) {
		t->room = t->room ? 2 * t->room : 64;
		t->items = smb3_realloc(t->items, t->room * sizeof(*t->items));
	}
	t->items[t->n_items] = (struct item){ .key = key, .type = type };
	return &t->items[t->n_items++];
}

static void add_text(struct task *t, const char *key, const char *text)
{
	item_add(t, key, LUA_TSTRING)->text = smb3_strdup(text ? text : "");
}

static void add_number(struct task *t, const char *key, uint64_t number)
{
	item_add(t, key, LUA_TNUMBER)->number = (lua_Integer)number;
}

static void add_bool(struct task *t, const char *key, bool b)
{
	item_add(t, key, LUA_TBOOLEAN)->number = b;
}

static bool row_end(struct task *t)
{
	item_add(t, NULL, LUA_TNIL);
	return t->left && --t->left;
}

static uint64_t age_s(uint64_t born)
{
	return (smb3_clock() - born) / 1000000000u;
}

static void add_session(struct task *t, const struct smb3_session *s)
{
	add_number(t, "session", s->id);
	add_text(t, "user", s->identity ? s->identity->name : "");
}

static bool session_row(struct smb3_session *s, void *arg)
{
	struct smb3_channel *ch =
		SMB3_CONTAINER(s->channels.next, struct smb3_channel, session_link);
	struct task *t = arg;

	add_session(t, s);
	add_text(t, "domain", s->identity ? s->identity->domain : "");
	if (!smb3_list_empty(&s->channels)) {
		add_number(t, "conn", ch->conn->id);
		add_text(t, "address", ch->conn->peer_name);
		add_text(t, "dialect", ch->conn->dialect ? ch->conn->dialect->name : "");
	}
	add_bool(t, "guest", s->guest || s->anonymous);
	add_bool(t, "encrypted", s->encrypt_required);
	add_number(t, "trees", s->trees.count);
	add_number(t, "opens", s->opens.count);
	add_number(t, "age", age_s(s->born));
	return row_end(t);
}

static bool tree_row(struct smb3_hash_node *node, void *arg)
{
	const struct smb3_tree *tree = SMB3_CONTAINER(node, struct smb3_tree, node);
	struct task *t = arg;

	add_session(t, tree->session);
	add_number(t, "tree", tree->id);
	add_text(t, "share", tree->share->name);
	add_bool(t, "read_only", tree->read_only);
	add_number(t, "opens", tree->n_opens);
	return row_end(t);
}

static bool tree_rows(struct smb3_session *s, void *arg)
{
	smb3_hash_each(&s->trees, tree_row, arg);
	return ((struct task *)arg)->left;
}

static void add_path(struct task *t, struct smb3_open *o)
{
	if (o->file)
		smb3_file_lock(o->file);
	add_text(t, "path", o->path);
	if (o->file)
		smb3_file_unlock(o->file);
}

static bool open_row(struct smb3_hash_node *node, void *arg)
{
	struct smb3_open *o = SMB3_CONTAINER(node, struct smb3_open, node);
	struct task *t = arg;

	add_session(t, o->session);
	add_number(t, "open", o->volatile_id);
	add_text(t, "share", o->tree ? o->tree->share->name : "");
	add_path(t, o);
	add_bool(t, "directory", o->directory);
	add_bool(t, "writes", o->access & CHANGE_RIGHTS);
	add_number(t, "access", o->access);
	add_number(t, "age", age_s(o->born));
	return row_end(t);
}

static bool open_rows(struct smb3_session *s, void *arg)
{
	smb3_hash_each(&s->opens, open_row, arg);
	return ((struct task *)arg)->left;
}

static bool conn_row(struct smb3_conn *conn, void *arg)
{
	struct task *t = arg;

	add_number(t, "conn", conn->id);
	add_text(t, "address", conn->peer_name);
	add_text(t, "dialect", conn->dialect ? conn->dialect->name : "");
	add_number(t, "requests", conn->requests);
	add_number(t, "bytes_in", conn->bytes_in);
	add_number(t, "bytes_out", conn->bytes_out);
	add_number(t, "age", age_s(conn->born));
	return row_end(t);
}

static void collect(struct task *t, struct smb3_worker *w)
{
	t->left = ROWS_MAX;
	if (!strcmp(t->what, "sessions"))
		smb3_worker_each_session(w, session_row, t);
	else if (!strcmp(t->what, "trees"))
		smb3_worker_each_session(w, tree_rows, t);
	else if (!strcmp(t->what, "opens"))
		smb3_worker_each_session(w, open_rows, t);
	else
		smb3_worker_each_conn(w, conn_row, t);
}

static void items_free(struct task *t)
{
	for (size_t i = 0; i < t->n_items; i++)
		free(t->items[i].text);
	free(t->items);
	t->items = NULL;
	t->n_items = t->room = 0;
}

/* The task as light userdata: pushes its rows. */
static int push_rows(lua_State *L)
{
	const struct task *t = lua_touserdata(L, 1);
	lua_Integer n = 0;

	lua_newtable(L);
	for (size_t i = 0; i < t->n_items; i++) {
		lua_newtable(L);
		for (; t->items[i].key; i++) {
			if (t->items[i].type == LUA_TSTRING)
				lua_pushstring(L, t->items[i].text);
			else if (t->items[i].type == LUA_TBOOLEAN)
				lua_pushboolean(L, t->items[i].number != 0);
			else
				lua_pushinteger(L, t->items[i].number);
			lua_setfield(L, -2, t->items[i].key);
		}
		lua_rawseti(L, -2, ++n);
	}
	return 1;
}

/* ---- running ---- */

static void task_over(struct task *t)
{
	luaL_unref(t->st->L, LUA_REGISTRYINDEX, t->ref);
	lua_settop(t->st->L, 0);
	if (t->st->index == 0)
		t->set->busy--;
	items_free(t);
	free(t);
}

/* The message is on top of L. */
static void task_fail(struct task *t, lua_State *L)
{
	char why[512];

	state_error(L, why, sizeof(why));
	smb3_count(NULL, &metric_errors, 1);
	if (t->ctl)
		smb3_ctl_done(t->ctl, "%s", why);
	else
		smb3_log(SMB3_LOG_ERROR, "lua: %s: %s", t->where, why);
}

/* ctl and the results: rows. */
static int give_rows(lua_State *L)
{
	verb_rows(L, lua_touserdata(L, 1));
	return 0;
}

static void task_done(struct task *t, int n)
{
	lua_State *L = t->st->L;

	if (!t->ctl)
		return;
	if (n >= 1 && lua_isboolean(t->co, -n) && !lua_toboolean(t->co, -n)) {
		const char *why = n > 1 ? lua_tostring(t->co, -n + 1) : NULL;

		smb3_ctl_done(t->ctl, "%s", why ? why : "the command failed");
		return;
	}
	lua_pushcfunction(L, give_rows);
	lua_pushlightuserdata(L, t->ctl);
	lua_xmove(t->co, L, n);
	if (state_call(t->st, L, n + 1, 0))
		task_fail(t, L);
	else
		smb3_ctl_done(t->ctl, NULL);
}

static void question_next(struct smb3_worker *w, struct smb3_mail *mail);

/* Goes on with n values on the coroutine's stack, until the end or the next question. */
static void task_step(struct task *t, int n)
{
	int results = 0, rc;

	state_limits(t->st, t->co);
	rc = lua_resume(t->co, t->st->L, n, &results);
	if (rc == LUA_YIELD) {
		t->what = lua_touserdata(t->co, -1);
		lua_pop(t->co, results);
		t->mail.fn = question_next;
		smb3_mail_post(smb3_server_worker(t->host->mod->server, 0), &t->mail);
		return;
	}
	if (rc == LUA_OK)
		task_done(t, results);
	else
		task_fail(t, t->co);
	task_over(t);
}

static void question_answer(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct task *t = SMB3_CONTAINER(mail, struct task, mail);
	struct host *host = t->host;
	struct state *st = t->st;
	lua_State *L = st->L;

	host_enter_at(host, st);
	lua_pushcfunction(L, push_rows);
	lua_pushlightuserdata(L, t);
	if (lua_pcall(L, 1, 1, 0)) {
		task_fail(t, L);
		task_over(t);
	} else {
		items_free(t);
		lua_xmove(L, t->co, 1);
		task_step(t, 1);
	}
	host_leave(host, st);
}

static void question_next(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct task *t = SMB3_CONTAINER(mail, struct task, mail);
	struct smb3_server *server = t->host->mod->server;
	unsigned int next = smb3_worker_index(w) + 1;

	collect(t, w);
	if (next >= smb3_server_workers(server)) {
		t->mail.fn = question_answer;
		next = 0;
	}
	smb3_mail_post(smb3_server_worker(server, next), &t->mail);
}

/* The task as light userdata: a coroutine with the function and its arguments on its stack. */
static int task_make(lua_State *L)
{
	struct task *t = lua_touserdata(L, 1);

	t->co = lua_newthread(L);
	t->ref = luaL_ref(L, LUA_REGISTRYINDEX);
	lua_rawgeti(L, LUA_REGISTRYINDEX, t->fn);
	if (t->verb)
		t->n_args = verb_push_args(L, t->verb, t->ctl);
	lua_xmove(L, t->co, 1 + t->n_args);
	return 0;
}

void task_start(struct host *host, struct state *st, int ref, const char *where,
		struct smb3_ctl *ctl, const struct verb *verb)
{
	struct task *t = smb3_alloc(sizeof(*t));

	t->host = host;
	t->set = st->set;
	t->st = st;
	t->ctl = ctl;
	t->verb = verb;
	t->fn = ref;
	t->ref = LUA_NOREF;
	snprintf(t->where, sizeof(t->where), "%s", where);
	/* Only worker 0's tasks outlast this call. */
	if (st->index == 0)
		t->set->busy++;
	lua_pushcfunction(st->L, task_make);
	lua_pushlightuserdata(st->L, t);
	if (lua_pcall(st->L, 1, 0, 0) == LUA_OK) {
		task_step(t, t->n_args);
		return;
	}
	task_fail(t, st->L);
	task_over(t);
}

/* ---- questions ---- */

static int question(lua_State *L, const char *what)
{
	struct state *st = state_of(L);

	if (!st->host) {
		lua_newtable(L); /* a dry run */
		return 1;
	}
	if (!lua_isyieldable(L) || st->index != 0 || st->event)
		return luaL_error(L, "smb3.%s can be called only by commands and timers", what);
	lua_pushlightuserdata(L, (void *)(uintptr_t)what);
	return lua_yield(L, 1);
}

int api_sessions(lua_State *L)
{
	return question(L, "sessions");
}

int api_trees(lua_State *L)
{
	return question(L, "trees");
}

int api_opens(lua_State *L)
{
	return question(L, "opens");
}

int api_conns(lua_State *L)
{
	return question(L, "conns");
}
