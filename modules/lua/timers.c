// SPDX-License-Identifier: Apache-2.0
/*
 * timers.c: smb3.every and smb3.after. A second is the finest they know; they run in the ticks of
 * the workers. What a script starts while it is loaded runs once, on worker 0, and not in each of
 * its states; what a hook starts runs in that hook's state.
 */
#include "script.h"

#include <stdlib.h>

#define TIMERS_MAX 1000
#define SECOND     1000000000.0

static int timer_add(lua_State *L, bool again)
{
	lua_Number seconds = luaL_checknumber(L, 1);
	struct state *st = state_of(L);
	struct timer *t;
	int ref;

	luaL_checktype(L, 2, LUA_TFUNCTION);
	luaL_argcheck(L, seconds >= (again ? 1 : 0) && seconds < 1e9, 1,
		      again ? "at least 1 second" : "not a time");
	if (st->loading && st->index != 0)
		return 0;
	if (st->n_timers >= TIMERS_MAX)
		return luaL_error(L, "more than %d timers", TIMERS_MAX);
	lua_pushvalue(L, 2);
	ref = luaL_ref(L, LUA_REGISTRYINDEX);
	t = smb3_alloc(sizeof(*t));
	t->ref = ref;
	state_where(L, 1, t->where);
	t->due = smb3_clock() + (uint64_t)(seconds * SECOND);
	t->every = again ? (uint64_t)(seconds * SECOND) : 0;
	t->next = st->timers;
	st->timers = t;
	st->n_timers++;
	return 0;
}

/* smb3.every(seconds, fn) */
int api_every(lua_State *L)
{
	if (!state_of(L)->loading)
		return luaL_error(L, "smb3.every can be called only while the script is loaded");
	return timer_add(L, true);
}

/* smb3.after(seconds, fn) */
int api_after(lua_State *L)
{
	return timer_add(L, false);
}

static struct timer *timer_due(struct state *st, uint64_t now)
{
	struct timer **at = &st->timers, *t;

	while (*at && (*at)->due > now)
		at = &(*at)->next;
	t = *at;
	if (!t)
		return NULL;
	if (t->every) {
		t->due = now + t->every;
		return t;
	}
	*at = t->next;
	st->n_timers--;
	return t;
}

/* A timer that fires once is the caller's then. */
void timers_run(struct host *host, struct state *st)
{
	uint64_t now = smb3_clock();
	struct timer *t;

	while ((t = timer_due(st, now))) {
		task_start(host, st, t->ref, t->where, NULL, NULL);
		if (t->every)
			continue;
		luaL_unref(st->L, LUA_REGISTRYINDEX, t->ref);
		free(t);
	}
}

void timers_free(struct state *st)
{
	while (st->timers) {
		struct timer *t = st->timers;

		st->timers = t->next;
		free(t);
	}
}
