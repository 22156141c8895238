// SPDX-License-Identifier: Apache-2.0
/*
 * actions.c: what scripts do: end a session, close an open, make a share read-only, tell an event, take
 * a snapshot. Sessions and opens are their worker's: it gets mail, and acts when no hook runs.
 */
#include "script.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DETAILS_MAX 32
#define FROZEN_MAX  256

/* ---- sessions and opens ---- */

struct action {
	struct smb3_mail mail;
	uint64_t session, open; /* open 0: the session itself */
	char why[REASON_MAX];
};

static void close_open(struct smb3_session *s, const struct action *a)
{
	struct smb3_hash_node *n = smb3_hash_find(&s->opens, a->open);

	if (n)
		smb3_open_close(SMB3_CONTAINER(n, struct smb3_open, node));
}

static void act(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct action *a = SMB3_CONTAINER(mail, struct action, mail);
	struct smb3_session *s = smb3_worker_session(w, a->session);

	if (s && a->open)
		close_open(s, a);
	else if (s)
		smb3_session_close(s, a->why);
	free(a);
}

/* True when there is a worker that such a session would live on. */
static int post(lua_State *L, uint64_t session, uint64_t open, const char *why)
{
	struct state *st = state_of(L);
	struct smb3_worker *w = smb3_session_worker(st->mod->server, session);
	struct action *a;

	if (w && st->host) {
		a = smb3_alloc(sizeof(*a));
		a->session = session;
		a->open = open;
		snprintf(a->why, sizeof(a->why), "%s", why);
		a->mail.fn = act;
		smb3_mail_post(w, &a->mail);
	}
	lua_pushboolean(L, w != NULL);
	return 1;
}

/* smb3.kick(session [, why]) */
int api_kick(lua_State *L)
{
	return post(L, (uint64_t)luaL_checkinteger(L, 1), 0,
		    luaL_optstring(L, 2, "ended by a script"));
}

/* smb3.close(session, open) */
int api_close(lua_State *L)
{
	lua_Integer open = luaL_checkinteger(L, 2);

	luaL_argcheck(L, open != 0, 2, "not an open");
	return post(L, (uint64_t)luaL_checkinteger(L, 1), (uint64_t)open, "");
}

/* ---- shares that nobody may change ---- */

struct frozen {
	struct frozen *next;
	char name[128];
};

static struct frozen **frozen_at(struct host *host, const char *name)
{
	struct frozen **at = &host->frozen;

	while (*at && strcasecmp((*at)->name, name))
		at = &(*at)->next;
	return at;
}

bool frozen_has(struct host *host, const struct smb3_share *share)
{
	bool found;

	if (!share || !atomic_load_explicit(&host->n_frozen, memory_order_relaxed))
		return false;
	pthread_mutex_lock(&host->frozen_lock);
	found = *frozen_at(host, share->name) ||
		(share->origin && *frozen_at(host, share->origin->name));
	pthread_mutex_unlock(&host->frozen_lock);
	return found;
}

/* False: there are too many. */
static bool freeze(struct host *host, const char *name, bool on)
{
	struct frozen **at, *f;
	bool done = true;

	pthread_mutex_lock(&host->frozen_lock);
	at = frozen_at(host, name);
	f = *at;
	if (f && !on) {
		*at = f->next;
		free(f);
		atomic_fetch_sub(&host->n_frozen, 1);
	} else if (!f && on && atomic_load(&host->n_frozen) < FROZEN_MAX) {
		f = smb3_alloc(sizeof(*f));
		snprintf(f->name, sizeof(f->name), "%s", name);
		*at = f;
		atomic_fetch_add(&host->n_frozen, 1);
	} else if (!f && on) {
		done = false;
	}
	/* Under the lock: two who change it must not leave the rows as the first one had them. */
	hooks_switch(host);
	pthread_mutex_unlock(&host->frozen_lock);
	return done;
}

void frozen_free(struct host *host)
{
	while (host->frozen) {
		struct frozen *f = host->frozen;

		host->frozen = f->next;
		free(f);
	}
}

/* smb3.read_only(share, on); without on: whether it is so by a script */
int api_read_only(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);
	struct host *host = state_of(L)->host;
	struct smb3_share share = { .name = name };

	luaL_argcheck(L, strlen(name) < sizeof(((struct frozen *)NULL)->name), 1, "too long");
	if (lua_isnoneornil(L, 2)) {
		lua_pushboolean(L, host && frozen_has(host, &share));
		return 1;
	}
	luaL_checktype(L, 2, LUA_TBOOLEAN);
	if (host && !freeze(host, name, lua_toboolean(L, 2)))
		return luaL_error(L, "more than %d shares", FROZEN_MAX);
	return 0;
}

/* ---- events ---- */

/* Text for each key and value of the table at index 2; they stay on the stack. */
static size_t details_collect(lua_State *L, struct smb3_detail *details)
{
	size_t n = 0;

	lua_pushnil(L);
	while (lua_next(L, 2)) {
		luaL_argcheck(L, n < DETAILS_MAX, 2, "too many fields");
		luaL_argcheck(L, lua_type(L, -2) == LUA_TSTRING, 2, "a key is no text");
		luaL_checkstack(L, 4, NULL);
		luaL_tolstring(L, -1, NULL);
		lua_remove(L, -2);
		details[n].key = lua_tostring(L, -2);
		details[n++].value = lua_tostring(L, -1);
		lua_pushvalue(L, -2);
	}
	return n;
}

/* smb3.event(name, fields) */
int api_event(lua_State *L)
{
	struct state *st = state_of(L);
	struct smb3_detail details[DETAILS_MAX];
	struct smb3_event e = { .point = SMB3_HOOK_NOTE, .server = st->mod->server };

	e.note = luaL_checkstring(L, 1);
	if (!lua_isnoneornil(L, 2)) {
		luaL_checktype(L, 2, LUA_TTABLE);
		lua_settop(L, 2);
		e.n_details = details_collect(L, details);
		e.details = details;
	}
	if (!st->host)
		return 0;
	if (st->event) {
		e.worker = st->event->worker;
		e.conn = st->event->conn;
		e.session = st->event->session;
		e.share = st->event->share;
		e.req = st->event->req;
		e.who = st->event->who;
	}
	if (smb3_hooked(e.server, SMB3_HOOK_NOTE))
		smb3_hook_run(&e);
	return 0;
}

/* ---- snapshots ---- */

struct taking {
	struct smb3_job job;
	struct smb3_server *server;
	struct smb3_share *share;
	const struct smb3_snapshots *row;
	char label[64], name[128];
	int err;
};

static void take(struct smb3_job *job)
{
	struct taking *t = SMB3_CONTAINER(job, struct taking, job);

	t->err = t->row->take(smb3_module_of(t->server, t->row), t->share, t->label, t->name,
			      sizeof(t->name));
}

static void taken(struct smb3_worker *w, struct smb3_job *job)
{
	struct taking *t = SMB3_CONTAINER(job, struct taking, job);

	if (t->err)
		smb3_log(SMB3_LOG_ERROR, "lua: snapshot of share %s: %s", t->share->name,
			 strerror(-t->err));
	else
		smb3_log(SMB3_LOG_NOTICE, "lua: snapshot %s of share %s", t->name, t->share->name);
	smb3_share_unref(t->share);
	free(t);
}

/* smb3.snapshot(share [, label]): true when it is being taken; nil and why not */
int api_snapshot(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1), *label = luaL_optstring(L, 2, "lua");
	struct state *st = state_of(L);
	struct smb3_share *share = smb3_share_find(st->mod->server, name);
	const struct smb3_snapshots *row = share ? smb3_snapshots_of(st->mod->server, share) : NULL;
	struct taking *t;

	if (!row || !st->host) {
		smb3_share_unref(share);
		lua_pushnil(L);
		lua_pushstring(L, share ? "no module takes snapshots of it" : "no such share");
		return 2;
	}
	t = smb3_alloc(sizeof(*t));
	t->server = st->mod->server;
	t->share = share;
	t->row = row;
	snprintf(t->label, sizeof(t->label), "%s", label);
	t->job.work = take;
	t->job.done = taken;
	smb3_job_start(smb3_server_worker(t->server, 0), &t->job);
	lua_pushboolean(L, true);
	return 1;
}

/* ---- metrics ---- */

static bool command_metric(lua_State *L, struct smb3_server *server, const char *name)
{
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(server, SMB3_KIND_COMMAND, &n);

	for (size_t i = 0; i < n; i++) {
		struct smb3_command_stats s;

		if (strcmp(((const struct smb3_command *)rows[i]->row)->name, name))
			continue;
		smb3_command_sum(server, (uint16_t)rows[i]->key, &s);
		lua_pushinteger(L, (lua_Integer)s.count);
		lua_pushinteger(L, (lua_Integer)s.errors);
		return true;
	}
	return false;
}

/* smb3.metric(name): a counter's value; of a command, its count and its errors */
int api_metric(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);
	struct smb3_server *server = state_of(L)->mod->server;
	const struct smb3_metric *m = smb3_row_name(server, SMB3_KIND_METRIC, name);

	if (m) {
		lua_pushinteger(L, smb3_metric_sum(server, m));
		return 1;
	}
	return command_metric(L, server, name) ? 2 : 0;
}
