// SPDX-License-Identifier: Apache-2.0
/*
 * shared.c: a small table of keys and values that all states of all threads see, and token buckets in
 * it. It outlives reloads. What it returns is copied before Lua sees it: Lua may raise an error
 * anywhere, and must not do so with the lock held.
 */
#include "script.h"

#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAX 16384
#define BUCKETS     4096
#define KEY_MAX     256
#define VALUE_MAX   4096
#define SECOND      1000000000.0

struct entry {
	struct entry *next;
	char *key;
	int type; /* LUA_T... */
	bool whole;
	union {
		lua_Integer i;
		lua_Number n;
		bool b;
		double paid; /* of a bucket: ns until which it is used up */
	} v;
	char *text;
	size_t len;
	uint64_t expires; /* smb3_clock(); 0: never */
};

struct shared {
	pthread_mutex_t lock;
	size_t n;
	uint64_t swept; /* smb3_clock() */
	struct entry *buckets[BUCKETS];
};

struct shared *shared_new(void)
{
	struct shared *s = smb3_alloc(sizeof(*s));

	pthread_mutex_init(&s->lock, NULL);
	return s;
}

static void entry_free(struct entry *e)
{
	free(e->key);
	free(e->text);
	free(e);
}

void shared_free(struct shared *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (s->buckets[i]) {
			struct entry *e = s->buckets[i];

			s->buckets[i] = e->next;
			entry_free(e);
		}
	}
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* ---- under the lock ---- */

static struct entry **place_of(struct shared *s, const char *key)
{
	uint32_t hash = 2166136261u;

	for (const char *p = key; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619u;
	return &s->buckets[hash % BUCKETS];
}

/* Where the key's entry hangs, or would. What has expired on the way goes. */
static struct entry **entry_at(struct shared *s, const char *key)
{
	struct entry **at = place_of(s, key);
	uint64_t now = smb3_clock();

	while (*at) {
		struct entry *e = *at;

		if (e->expires && e->expires <= now) {
			*at = e->next;
			s->n--;
			entry_free(e);
		} else if (!strcmp(e->key, key)) {
			break;
		} else {
			at = &e->next;
		}
	}
	return at;
}

/* All that has expired goes; once a second, since it takes as long as some hundred other calls. */
static void sweep(struct shared *s)
{
	uint64_t now = smb3_clock();

	if (s->swept && now - s->swept < (uint64_t)SECOND)
		return;
	s->swept = now;
	for (size_t i = 0; i < BUCKETS; i++) {
		struct entry **at = &s->buckets[i];

		while (*at) {
			struct entry *e = *at;

			if (!e->expires || e->expires > now) {
				at = &e->next;
				continue;
			}
			*at = e->next;
			s->n--;
			entry_free(e);
		}
	}
}

/* NULL: it is full. */
static struct entry *entry_get(struct shared *s, const char *key)
{
	struct entry **at = entry_at(s, key), *e = *at;

	if (e)
		return e;
	if (s->n >= ENTRIES_MAX)
		sweep(s);
	if (s->n >= ENTRIES_MAX)
		return NULL;
	e = smb3_alloc(sizeof(*e));
	e->key = smb3_strdup(key);
	e->type = LUA_TNIL;
	/* The sweep may have moved the end of the chain. */
	at = place_of(s, key);
	e->next = *at;
	*at = e;
	s->n++;
	return e;
}

static uint64_t until(lua_Number seconds)
{
	return seconds > 0 ? smb3_clock() + (uint64_t)(seconds * SECOND) : 0;
}

/* ---- the functions ---- */

static const char *check_key(lua_State *L)
{
	size_t len;
	const char *key = luaL_checklstring(L, 1, &len);

	luaL_argcheck(L, len && len <= KEY_MAX && !memchr(key, 0, len), 1, "not a key");
	return key;
}

static int full(lua_State *L)
{
	return luaL_error(L, "smb3.shared is full (%d keys)", ENTRIES_MAX);
}

/* smb3.shared.get(key) */
static int shared_get(lua_State *L)
{
	struct state *st = state_of(L);
	const char *key = check_key(L);
	struct entry copy = { .type = LUA_TNIL }, *e;

	pthread_mutex_lock(&st->shared->lock);
	e = *entry_at(st->shared, key);
	if (e) {
		copy = *e;
		if (e->text)
			copy.text = memcpy(state_scratch(st, e->len), e->text, e->len);
	}
	pthread_mutex_unlock(&st->shared->lock);
	if (copy.type == LUA_TSTRING)
		lua_pushlstring(L, copy.text, copy.len);
	else if (copy.type == LUA_TBOOLEAN)
		lua_pushboolean(L, copy.v.b);
	else if (copy.type == LUA_TNUMBER && copy.whole)
		lua_pushinteger(L, copy.v.i);
	else if (copy.type == LUA_TNUMBER)
		lua_pushnumber(L, copy.v.n);
	else
		lua_pushnil(L);
	return 1;
}

static void entry_remove(struct shared *s, const char *key)
{
	struct entry **at = entry_at(s, key), *e = *at;

	if (!e)
		return;
	*at = e->next;
	s->n--;
	entry_free(e);
}

static void entry_fill(struct entry *e, lua_State *L, const char *text, size_t len)
{
	free(e->text);
	e->text = NULL;
	e->type = lua_type(L, 2);
	e->len = len;
	e->whole = lua_isinteger(L, 2);
	if (e->type == LUA_TSTRING)
		e->text = memcpy(smb3_alloc(len + 1), text, len);
	else if (e->type == LUA_TBOOLEAN)
		e->v.b = lua_toboolean(L, 2);
	else if (e->whole)
		e->v.i = lua_tointeger(L, 2);
	else
		e->v.n = lua_tonumber(L, 2);
}

/* smb3.shared.set(key, value [, seconds]) */
static int shared_set(lua_State *L)
{
	struct shared *s = state_of(L)->shared;
	const char *key = check_key(L), *text = NULL;
	lua_Number seconds = luaL_optnumber(L, 3, 0);
	int type = lua_type(L, 2);
	struct entry *e = NULL;
	size_t len = 0;

	luaL_argcheck(L,
		      type == LUA_TNIL || type == LUA_TSTRING || type == LUA_TNUMBER ||
			      type == LUA_TBOOLEAN,
		      2, "only nil, a text, a number, true or false");
	if (type == LUA_TSTRING)
		text = lua_tolstring(L, 2, &len);
	luaL_argcheck(L, len <= VALUE_MAX, 2, "too long");
	pthread_mutex_lock(&s->lock);
	if (type == LUA_TNIL)
		entry_remove(s, key);
	else
		e = entry_get(s, key);
	if (e) {
		entry_fill(e, L, text, len);
		e->expires = until(seconds);
	}
	pthread_mutex_unlock(&s->lock);
	return type != LUA_TNIL && !e ? full(L) : 0;
}

/* smb3.shared.add(key, n [, seconds]): adds to a whole number, which begins as 0 and then lives that
 * long; the sum. */
static int shared_add(lua_State *L)
{
	struct shared *s = state_of(L)->shared;
	const char *key = check_key(L);
	lua_Integer n = luaL_optinteger(L, 2, 1), sum = 0;
	lua_Number seconds = luaL_optnumber(L, 3, 0);
	bool number = true;
	struct entry *e;

	pthread_mutex_lock(&s->lock);
	e = entry_get(s, key);
	if (e && e->type == LUA_TNIL) {
		e->type = LUA_TNUMBER;
		e->whole = true;
		e->expires = until(seconds);
	}
	number = !e || (e->type == LUA_TNUMBER && e->whole);
	if (e && number)
		sum = e->v.i = (lua_Integer)((lua_Unsigned)e->v.i + (lua_Unsigned)n);
	pthread_mutex_unlock(&s->lock);
	if (!e)
		return full(L);
	if (!number)
		return luaL_error(L, "%s is no whole number", key);
	lua_pushinteger(L, sum);
	return 1;
}

/* smb3.limit(name, rate, amount [, burst]): seconds to wait until amount is within rate per second.
 * It is taken from the bucket at once. */
static int shared_limit(lua_State *L)
{
	struct shared *s = state_of(L)->shared;
	const char *key = check_key(L);
	lua_Number rate = luaL_checknumber(L, 2), amount = luaL_optnumber(L, 3, 1);
	lua_Number burst = luaL_optnumber(L, 4, rate), now, wait = 0;
	char name[KEY_MAX + 8];
	struct entry *e;

	luaL_argcheck(L, rate > 0, 2, "a rate is more than 0");
	luaL_argcheck(L, amount >= 0 && burst >= 0, 3, "less than 0");
	snprintf(name, sizeof(name), "\1limit\1%s", key);
	pthread_mutex_lock(&s->lock);
	e = entry_get(s, name);
	if (e) {
		now = (lua_Number)smb3_clock();
		if (e->v.paid < now - burst / rate * SECOND)
			e->v.paid = now - burst / rate * SECOND;
		e->v.paid += amount / rate * SECOND;
		wait = e->v.paid > now ? (e->v.paid - now) / SECOND : 0;
		e->expires = (uint64_t)((e->v.paid > now ? e->v.paid : now) +
					(burst / rate + 1) * SECOND);
	}
	pthread_mutex_unlock(&s->lock);
	if (!e)
		return full(L);
	lua_pushnumber(L, wait);
	return 1;
}

/* On top of the stack: the table smb3. */
void shared_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{ "get", shared_get },
		{ "set", shared_set },
		{ "add", shared_add },
		{ NULL, NULL },
	};

	luaL_newlib(L, functions);
	lua_setfield(L, -2, "shared");
	lua_pushcfunction(L, shared_limit);
	lua_setfield(L, -2, "limit");
}
