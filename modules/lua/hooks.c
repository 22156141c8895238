// SPDX-License-Identifier: Apache-2.0
/*
 * hooks.c: the functions of scripts at hook points, in their order, and what their answers mean.
 */
#include "script.h"

#include <stdlib.h>
#include <string.h>

#define ERROR_EVERY 1000000000u /* ns: a function's errors are logged that often at most */

/* ---- registering ---- */

int band_of(int order)
{
	if (order < 300)
		return BAND_GUARD;
	if (order < 500)
		return BAND_POLICY;
	return order < 900 ? BAND_FEATURE : BAND_AUDIT;
}

void hooks_add(struct state *st, int point, int order, int ref, const char *where)
{
	struct handlers *h = &st->points[point];
	struct handler *new = smb3_alloc(sizeof(*new));
	size_t at = h->n;

	new->order = order;
	new->ref = ref;
	snprintf(new->where, sizeof(new->where), "%s", where);
	h->list = smb3_realloc(h->list, (h->n + 1) * sizeof(struct handler *));
	for (; at > 0 && h->list[at - 1]->order > order; at--)
		h->list[at] = h->list[at - 1];
	h->list[at] = new;
	h->n++;
}

void hooks_free(struct state *st)
{
	for (int p = 0; p < POINTS; p++) {
		for (size_t i = 0; i < st->points[p].n; i++)
			free(st->points[p].list[i]);
		free(st->points[p].list);
		st->points[p] = (struct handlers){ .list = NULL };
	}
}

/* ---- asking ---- */

static void count(const struct smb3_event *e, _Atomic uint64_t *own,
		  const struct smb3_metric *metric, uint64_t by)
{
	atomic_store_explicit(own, atomic_load_explicit(own, memory_order_relaxed) + by,
			      memory_order_relaxed);
	if (metric)
		smb3_count(e ? e->worker : NULL, metric, (int64_t)by);
}

/* "script:line" of the answer, as far as it is known. */
static void where(struct state *st, const struct handler *h, char ret_where[WHERE_MAX])
{
	size_t len = strcspn(h->where, ":");

	if (st->line)
		snprintf(ret_where, WHERE_MAX, "%.*s:%d", (int)len, h->where, st->line);
	else
		snprintf(ret_where, WHERE_MAX, "%s", h->where);
}

static enum smb3_verdict deny(struct state *st, struct handler *h, struct smb3_event *e)
{
	char at[WHERE_MAX];
	int len;

	count(e, &h->denials, &metric_denials, 1);
	if (st->hide)
		e->status = st->point == SMB3_HOOK_TREE_CONNECT ? STATUS_BAD_NETWORK_NAME :
								  STATUS_OBJECT_NAME_NOT_FOUND;
	where(st, h, at);
	len = snprintf(e->reason, sizeof(e->reason), "%s: ", at);
	state_text(st->L, "denied", e->reason + len, sizeof(e->reason) - (size_t)len);
	return SMB3_DENY;
}

/* An error denies where answers decide, unless the function only watches. */
static enum smb3_verdict failed(struct state *st, struct handler *h, struct smb3_event *e,
				const char *text)
{
	uint64_t now = smb3_clock();
	char why[REASON_MAX + WHERE_MAX + 4];

	/* Lua says that memory is short without saying where. */
	snprintf(why, sizeof(why), "%s%s%s", strchr(text, ':') ? "" : h->where,
		 strchr(text, ':') ? "" : ": ", text);
	count(e, &h->errors, &metric_errors, 1);
	if (st->host && (!h->logged || now - h->logged > ERROR_EVERY)) {
		smb3_log(SMB3_LOG_ERROR, "lua: %s: %s", point_name(st->point), why);
		h->logged = now;
	}
	if (st->host && (!point_is_policy(st->point) || band_of(h->order) == BAND_AUDIT))
		return SMB3_PASS;
	snprintf(e->reason, sizeof(e->reason), "%.*s", REASON_MAX - 1, why);
	e->status = STATUS_ACCESS_DENIED;
	return SMB3_DENY;
}

/* The two results are on the stack. */
static enum smb3_verdict verdict(struct state *st, struct handler *h, struct smb3_event *e)
{
	lua_State *L = st->L;
	enum smb3_verdict v = SMB3_PASS;

	if (lua_isboolean(L, -2)) {
		v = lua_toboolean(L, -2) ? SMB3_ALLOW : deny(st, h, e);
	} else if (lua_type(L, -2) == LUA_TNUMBER) {
		st->wait = lua_tonumber(L, -2);
		v = st->wait > 0 ? SMB3_WAIT : SMB3_PASS;
	} else if (!lua_isnil(L, -2)) {
		char at[WHERE_MAX], text[REASON_MAX];

		where(st, h, at);
		snprintf(text, sizeof(text),
			 "%s: a hook answers nil, true, false or seconds, not a %s", at,
			 luaL_typename(L, -2));
		v = failed(st, h, e, text);
	}
	lua_pop(L, 2);
	return v;
}

enum smb3_verdict hooks_ask_one(struct state *st, struct handler *h, struct smb3_event *e)
{
	uint64_t began = smb3_clock();
	char text[REASON_MAX];
	enum smb3_verdict v;

	st->hide = false;
	lua_rawgeti(st->L, LUA_REGISTRYINDEX, h->ref);
	lua_pushvalue(st->L, 1);
	if (state_call(st, st->L, 1, 2)) {
		state_error(st->L, text, sizeof(text));
		v = failed(st, h, e, text);
	} else {
		v = verdict(st, h, e);
	}
	count(e, &h->calls, &metric_calls, 1);
	count(e, &h->ns, NULL, smb3_clock() - began);
	return v;
}

/* Making the table may fail for want of memory: nothing may be raised outside of a call. */
static int push_event(lua_State *L)
{
	event_push(state_of(L));
	return 1;
}

static enum smb3_verdict no_memory(struct state *st, struct smb3_event *e)
{
	state_error(st->L, e->reason, sizeof(e->reason));
	smb3_log(SMB3_LOG_ERROR, "lua: %s: %s (lua.memory)", point_name(st->point), e->reason);
	smb3_count(e->worker, &metric_errors, 1);
	return point_is_policy(st->point) ? SMB3_DENY : SMB3_PASS;
}

enum smb3_verdict hooks_ask(struct state *st, int point, int band, struct smb3_event *event)
{
	const struct handlers *h = &st->points[point];
	enum smb3_verdict v = SMB3_PASS;
	bool begun = false;

	st->point = point;
	st->event = event;
	st->peeked = false;
	for (size_t i = hold_first(st, event, band); i < h->n && v == SMB3_PASS; i++) {
		if (band_of(h->list[i]->order) != band)
			continue;
		if (!begun) {
			lua_pushcfunction(st->L, push_event);
			if (lua_pcall(st->L, 0, 1, 0)) {
				v = no_memory(st, event);
				break;
			}
			begun = true;
		}
		v = hooks_ask_one(st, h->list[i], event);
		if (v == SMB3_WAIT && !hold_begin(st, event, st->wait, band, i + 1))
			v = SMB3_PASS;
		if (band == BAND_AUDIT)
			v = SMB3_PASS;
	}
	st->event = NULL;
	st->table = NULL;
	st->point = -1;
	lua_settop(st->L, 0);
	return v;
}

/* ---- the rows ---- */

/* Requests that change what is below a share through an open that is there already. */
static bool request_modifies(const struct smb3_event *e)
{
	struct smb3_peek peek = { .path = NULL };

	if (!e->req || !e->open || e->open->pipe || !e->req->command->peek)
		return false;
	e->req->command->peek(e->req, &peek);
	return peek.changes & CHANGE_RIGHTS;
}

static enum smb3_verdict say_frozen(struct smb3_event *e)
{
	snprintf(e->reason, sizeof(e->reason), "a script has made share %s read-only",
		 e->share->name);
	e->status = STATUS_ACCESS_DENIED;
	return SMB3_DENY;
}

/* The point "modify" is asked at three of core's. Who did not ask for rights to change anything is
 * not refused, but does not get them either. */
static enum smb3_verdict modify(struct state *st, struct smb3_event *e)
{
	enum smb3_verdict v;

	if (e->point == SMB3_HOOK_REQUEST && !request_modifies(e))
		return SMB3_PASS;
	if (e->point == SMB3_HOOK_ACCESS && !(e->wanted & CHANGE_RIGHTS) && !e->maximal)
		return SMB3_PASS;
	if (frozen_has(st->host, e->share))
		v = say_frozen(e);
	else
		v = hooks_ask(st, POINT_MODIFY, BAND_POLICY, e);
	if (v != SMB3_DENY || e->point != SMB3_HOOK_ACCESS || e->wanted & CHANGE_RIGHTS)
		return v == SMB3_DENY ? v : SMB3_PASS;
	e->access &= ~CHANGE_RIGHTS;
	*e->reason = '\0';
	e->status = STATUS_SUCCESS;
	return SMB3_PASS;
}

static bool asks_modify(enum smb3_hook_point point)
{
	return point == SMB3_HOOK_ACCESS || point == SMB3_HOOK_ENTRY || point == SMB3_HOOK_REQUEST;
}

/* A script wants this user's session encrypted. */
static enum smb3_verdict demand_encryption(struct smb3_event *e)
{
	if (e->who->guest || e->who->anonymous || !e->conn->cipher) {
		snprintf(e->reason, sizeof(e->reason), "a script requires encryption, and %s",
			 e->conn->cipher ? "guests and anonymous users have no key" :
					   "the client shares no cipher with the server");
		e->status = STATUS_ACCESS_DENIED;
		return SMB3_DENY;
	}
	e->session->encrypt_required = true;
	return SMB3_PASS;
}

/* Where nobody waits for an answer, one must not keep others from hearing of the event. */
static bool heard(const struct smb3_event *e)
{
	if (e->point == SMB3_HOOK_AUTHENTICATED && e->status != STATUS_SUCCESS)
		return false;
	return point_is_policy((int)e->point);
}

/* A script has this thread, and what it does leads here. */
static enum smb3_verdict nested(struct smb3_event *e)
{
	if (!heard(e))
		return SMB3_PASS;
	snprintf(e->reason, sizeof(e->reason),
		 "lua: scripts cannot be asked by what a script does");
	e->status = STATUS_ACCESS_DENIED;
	return SMB3_DENY;
}

static enum smb3_verdict run(struct smb3_mod *mod, struct smb3_event *event, int band)
{
	struct host *host = mod->data;
	bool counts = heard(event);
	enum smb3_verdict v;
	struct state *st;

	if (!host)
		return SMB3_PASS; /* a server that only checks its configuration */
	st = host_enter(host);
	if (!st)
		return nested(event);
	v = hooks_ask(st, (int)event->point, band, event);
	if (v == SMB3_PASS && band == BAND_POLICY && asks_modify(event->point))
		v = modify(st, event);
	if (v == SMB3_PASS && band == BAND_POLICY && event->point == SMB3_HOOK_SHARE)
		v = shares_ask(st, event);
	host_leave(host, st);
	if (!counts)
		return SMB3_PASS;
	if (v != SMB3_DENY && event->point == SMB3_HOOK_AUTHENTICATED && event->encrypt)
		return demand_encryption(event);
	return v;
}

#define RUN(name, band)                                                                     \
	static enum smb3_verdict run_##name(struct smb3_mod *mod, struct smb3_event *event) \
	{                                                                                   \
		return run(mod, event, band);                                               \
	}

RUN(guard, BAND_GUARD)
RUN(policy, BAND_POLICY)
RUN(feature, BAND_FEATURE)
RUN(audit, BAND_AUDIT)

#define ROW(p, ord, fn)                                                                \
	{                                                                              \
		.point = SMB3_HOOK_##p, .order = (ord), .name = "lua", .run = run_##fn \
	}
#define ROWS(p)                                                                            \
	[SMB3_HOOK_##p] = { ROW(p, 150, guard), ROW(p, 350, policy), ROW(p, 650, feature), \
			    ROW(p, 910, audit) }

const struct smb3_hook hook_rows[SMB3_HOOK_POINTS][BANDS] = {
	ROWS(CONN_OPEN),
	ROWS(CONN_CLOSE),
	ROWS(NEGOTIATED),
	ROWS(AUTH),
	ROWS(AUTH_DONE),
	ROWS(AUTHENTICATED),
	ROWS(LOGOFF),
	ROWS(SHARE),
	ROWS(TREE_CONNECT),
	ROWS(TREE_CONNECTED),
	ROWS(TREE_DISCONNECT),
	ROWS(REQUEST),
	ROWS(BIND),
	ROWS(ACCESS),
	ROWS(ENTRY),
	ROWS(MADE),
	ROWS(OPEN_CONFLICT),
	ROWS(OPENED),
	ROWS(CLOSING),
	ROWS(IO),
	ROWS(RENAMED),
	ROWS(REMOVED),
	ROWS(CHANGED),
	ROWS(DOOMED),
	ROWS(RESPONSE),
	ROWS(LIMIT),
	ROWS(NOTE),
	ROWS(RELOAD),
	ROWS(DENIED),
	ROWS(CTL),
	ROWS(TICK),
};

static bool wanted(const struct state *st, int point, int band)
{
	const struct handlers *h = &st->points[point];

	if (band == BAND_POLICY && asks_modify((enum smb3_hook_point)point) &&
	    st->points[POINT_MODIFY].n)
		return true;
	if (band == BAND_POLICY && point == SMB3_HOOK_SHARE && st->resolvers)
		return true;
	for (size_t i = 0; i < h->n; i++)
		if (band_of(h->list[i]->order) == band)
			return true;
	return false;
}

void hooks_switch(struct host *host)
{
	bool frozen = atomic_load(&host->n_frozen) != 0;

	for (int p = 0; p < SMB3_HOOK_POINTS; p++)
		for (int band = 0; band < BANDS; band++)
			smb3_hook_enable(host->mod->server, &hook_rows[p][band],
					 host->wants[p][band] ||
						 (frozen && band == BAND_POLICY &&
						  asks_modify((enum smb3_hook_point)p)));
}

void hooks_enable(struct host *host, const struct state *st)
{
	pthread_mutex_lock(&host->frozen_lock);
	for (int p = 0; p < SMB3_HOOK_POINTS; p++)
		for (int band = 0; band < BANDS; band++)
			host->wants[p][band] = wanted(st, p, band);
	hooks_switch(host);
	pthread_mutex_unlock(&host->frozen_lock);
}
