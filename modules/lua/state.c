// SPDX-License-Identifier: Apache-2.0
/*
 * state.c: a Lua state: its memory, its instructions, and how scripts get into it.
 *
 * A script that never ends is stopped by Lua's count hook. Once the instructions of a call are used
 * up the hook comes with every further one, so that no pcall() of the script goes on; what does work
 * in C on behalf of a script counts it with state_charge().
 *
 * A single instruction may compare or join texts of many megabytes. So the hook looks at the thread's
 * processor time, too, and charges what an instruction took above its share; and it comes the more
 * often the more memory there is in large pieces.
 */
#include "script.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COUNT_STEP         1000
#define NS_PER_INSTRUCTION 100     /* of processor time; most take a tenth of that */
#define LARGE              65536u  /* bytes: COUNT_STEP comparisons of these take milliseconds */
#define PATTERN_LOOK       1000000 /* steps of the pattern matcher between two looks at the time */
#define HOOKS              (LUA_MASKCOUNT | LUA_MASKRET)

struct state *state_of(lua_State *L)
{
	return *(struct state **)lua_getextraspace(L);
}

static void on_hook(lua_State *L, lua_Debug *ar);

static int step_for(size_t large)
{
	size_t step = large ? (size_t)COUNT_STEP * LARGE / large : COUNT_STEP;

	return step ? (int)step : 1;
}

/* The state has more memory in large pieces than when the call began. lua_sethook() is made to be
 * called at any time. */
static void watch_closer(struct state *st)
{
	int step = step_for(st->large);

	if (!st->running || st->exceeded || step >= st->step)
		return;
	st->step = step;
	lua_sethook(st->running, on_hook, HOOKS, step);
}

static void count_memory(struct state *st, size_t had, size_t size)
{
	st->used = st->used - had + size;
	st->large = st->large - (had >= LARGE ? had : 0) + (size >= LARGE ? size : 0);
	if (size >= LARGE && size > had)
		watch_closer(st);
}

static void *state_alloc(void *ud, void *old, size_t old_size, size_t size)
{
	struct state *st = ud;
	size_t had = old ? old_size : 0;
	void *p;

	if (!size) {
		free(old);
		count_memory(st, had, 0);
		return NULL;
	}
	if (size > had && st->used - had + size > st->conf.memory)
		return NULL;
	p = realloc(old, size);
	if (p)
		count_memory(st, had, size);
	return p;
}

char *state_scratch(struct state *st, size_t size)
{
	if (st->scratch_size < size) {
		st->scratch = smb3_realloc(st->scratch, size);
		st->scratch_size = size;
	}
	return st->scratch;
}

/* ---- limits ---- */

static int too_long(lua_State *L, struct state *st, int level)
{
	luaL_where(L, level);
	lua_pushfstring(L, "more than %d instructions (lua.instructions)",
			(int)st->conf.instructions);
	lua_concat(L, 2);
	return lua_error(L);
}

/* Which line the outermost function ended in: what it answered is told by that. */
static void note_return(lua_State *L, struct state *st, lua_Debug *ar)
{
	lua_Debug up;

	if (lua_getstack(L, 1, &up))
		return;
	lua_getinfo(L, "l", ar);
	if (ar->currentline > 0)
		st->line = ar->currentline;
}

/* Processor time and not the clock's: a thread that others hold up is not to blame. */
static uint64_t cpu_time(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* What was used since the last look, above what these instructions may take, is charged. */
static void charge_time(struct state *st, int64_t instructions)
{
	uint64_t now = cpu_time();
	int64_t spent = st->cpu ? (int64_t)((now - st->cpu) / NS_PER_INSTRUCTION) : 0;

	st->cpu = now;
	if (spent > instructions)
		st->left -= spent - instructions;
}

static void on_hook(lua_State *L, lua_Debug *ar)
{
	struct state *st = state_of(L);

	if (ar->event == LUA_HOOKRET) {
		note_return(L, st, ar);
		return;
	}
	if (ar->event != LUA_HOOKCOUNT)
		return;
	st->left -= st->exceeded ? 1 : st->step;
	if (!st->exceeded)
		charge_time(st, st->step);
	if (st->left > 0)
		return;
	st->exceeded = true;
	lua_sethook(L, on_hook, LUA_MASKCOUNT, 1);
	too_long(L, st, 0); /* in a hook level 0 is the function that runs */
}

void state_charge(lua_State *L, int64_t instructions)
{
	struct state *st = state_of(L);

	st->left -= instructions;
	if (st->left > 0)
		return;
	st->exceeded = true;
	lua_sethook(L, on_hook, LUA_MASKCOUNT, 1);
	too_long(L, st, 1);
}

void state_pattern(lua_State *L, lua_Number worst)
{
	struct state *st = state_of(L);

	st->matched += worst;
	if (st->matched < PATTERN_LOOK)
		return;
	st->matched = 0;
	charge_time(st, 0);
	state_charge(L, 0);
}

void state_limits(struct state *st, lua_State *L)
{
	st->left = st->conf.instructions;
	st->exceeded = false;
	st->line = 0;
	st->running = L;
	st->step = step_for(st->large);
	st->cpu = 0; /* a look costs more than most calls take */
	st->matched = 0;
	lua_sethook(L, on_hook, HOOKS, st->step);
}

int state_call(struct state *st, lua_State *L, int n_args, int n_results)
{
	state_limits(st, L);
	return lua_pcall(L, n_args, n_results, 0);
}

/* lua_tostring() makes a new text of a number, and when there is no memory for it outside of a call
 * nothing catches that. */
void state_text(lua_State *L, const char *otherwise, char *ret_text, size_t size)
{
	int type = lua_type(L, -1);

	if (type == LUA_TNUMBER)
		snprintf(ret_text, size, "%.14g", (double)lua_tonumber(L, -1));
	else
		snprintf(ret_text, size, "%s",
			 type == LUA_TSTRING ? lua_tostring(L, -1) : otherwise);
}

void state_error(lua_State *L, char *ret_why, size_t size)
{
	state_text(L, "an error that is no text", ret_why, size);
	lua_pop(L, 1);
}

void state_where(lua_State *L, int level, char ret_where[WHERE_MAX])
{
	lua_Debug ar;

	snprintf(ret_where, WHERE_MAX, "?");
	if (!lua_getstack(L, level, &ar) || !lua_getinfo(L, "Sl", &ar))
		return;
	snprintf(ret_where, WHERE_MAX, "%s:%d", ar.short_src, ar.currentline);
}

/* ---- life ---- */

static int state_boot(lua_State *L)
{
	sandbox_open(L);
	event_open(L);
	api_open(L);
	return 0;
}

struct state *state_empty(struct host *host, const struct state_place *place)
{
	struct state *st = smb3_alloc(sizeof(*st));

	st->host = host;
	st->mod = place->mod;
	st->conf = *place->conf;
	st->set = place->set;
	st->index = place->index;
	st->point = -1;
	st->shared = host ? host->shared : shared_new();
	st->L = lua_newstate(state_alloc, st);
	if (st->L) {
		*(struct state **)lua_getextraspace(st->L) = st;
		lua_pushcfunction(st->L, state_boot);
		if (lua_pcall(st->L, 0, 0, 0) == LUA_OK)
			return st;
	}
	state_free(st);
	return NULL;
}

/* Runs a script's main function. */
int state_load(struct state *st, const char *name, char *ret_why, size_t size)
{
	struct source source;
	char chunk[80];
	int err = source_read(&st->conf, name, &source, ret_why, size);

	if (err)
		return err;
	snprintf(chunk, sizeof(chunk), "@%s", source.name);
	st->loading = true;
	err = luaL_loadbufferx(st->L, source.text, source.len, chunk, "t");
	if (!err)
		err = state_call(st, st->L, 0, 0);
	st->loading = false;
	free(source.text);
	if (!err)
		return 0;
	state_error(st->L, ret_why, size);
	return -EINVAL;
}

struct state *state_new(struct host *host, const struct state_place *place, char *ret_why,
			size_t size)
{
	struct state *st = state_empty(host, place);
	int err = 0;

	if (!st) {
		snprintf(ret_why, size, "lua.memory is too small for a Lua state");
		return NULL;
	}
	for (size_t i = 0; place->conf->scripts[i] && !err; i++)
		err = state_load(st, place->conf->scripts[i], ret_why, size);
	if (!err)
		return st;
	state_free(st);
	return NULL;
}

void state_free(struct state *st)
{
	if (!st)
		return;
	hooks_free(st);
	timers_free(st);
	verbs_free(st);
	resolvers_free(st);
	if (st->L)
		lua_close(st->L);
	if (!st->host)
		shared_free(st->shared);
	free(st->scratch);
	free(st);
}
