// SPDX-License-Identifier: Apache-2.0
/*
 * ctl.c: smb3ctl lua, lua check and lua test: what scripts there are, whether one can be loaded, and
 * what it would say to an event that is made up.
 */
#include "script.h"

#include <stdlib.h>
#include <string.h>

/* ---- smb3ctl lua ---- */

struct sum {
	uint64_t calls, errors, denials, ns;
};

/* The same function in every state; they have all been loaded alike. */
static struct sum handler_sum(const struct set *set, int point, size_t at)
{
	struct sum sum = { 0 };

	for (unsigned int i = 0; i < set->n; i++) {
		const struct handlers *h = &set->states[i]->points[point];

		if (at >= h->n)
			continue;
		sum.calls += atomic_load_explicit(&h->list[at]->calls, memory_order_relaxed);
		sum.errors += atomic_load_explicit(&h->list[at]->errors, memory_order_relaxed);
		sum.denials += atomic_load_explicit(&h->list[at]->denials, memory_order_relaxed);
		sum.ns += atomic_load_explicit(&h->list[at]->ns, memory_order_relaxed);
	}
	return sum;
}

static void handler_row(struct smb3_ctl *ctl, const struct set *set, int point, size_t at)
{
	const struct handler *h = set->states[0]->points[point].list[at];
	struct sum sum = handler_sum(set, point, at);

	smb3_ctl_row(ctl);
	smb3_ctl_text(ctl, "function", h->where);
	smb3_ctl_text(ctl, "point", point_name(point));
	smb3_ctl_number(ctl, "order", h->order);
	smb3_ctl_number(ctl, "calls", (int64_t)sum.calls);
	smb3_ctl_number(ctl, "errors", (int64_t)sum.errors);
	smb3_ctl_number(ctl, "denials", (int64_t)sum.denials);
	smb3_ctl_number(ctl, "mean_us", sum.calls ? (int64_t)(sum.ns / sum.calls / 1000) : 0);
}

static void run_lua(struct smb3_ctl *ctl)
{
	struct host *host = smb3_ctl_mod(ctl)->data;
	const struct set *set = atomic_load(&host->set);

	for (int p = 0; p < POINTS; p++)
		for (size_t i = 0; i < set->states[0]->points[p].n; i++)
			handler_row(ctl, set, p, i);
	smb3_ctl_done(ctl, NULL);
}

/* ---- smb3ctl lua check ---- */

static struct state *scratch_state(struct smb3_ctl *ctl)
{
	struct smb3_mod *mod = smb3_ctl_mod(ctl);
	const struct state_place place = { .mod = mod, .conf = atomic_load(&mod->conf) };

	return state_empty(NULL, &place);
}

static size_t count_handlers(const struct state *st)
{
	size_t n = 0;

	for (int p = 0; p < POINTS; p++)
		n += st->points[p].n;
	return n;
}

static bool check_one(struct smb3_ctl *ctl, const char *name)
{
	struct state *st = scratch_state(ctl);
	char why[512] = "lua.memory is too small for a Lua state";
	bool good = st && !state_load(st, name, why, sizeof(why));

	if (good) {
		smb3_ctl_row(ctl);
		smb3_ctl_text(ctl, "script", name);
		smb3_ctl_number(ctl, "hooks", (int64_t)count_handlers(st));
	}
	state_free(st);
	if (!good)
		smb3_ctl_done(ctl, "%s", why);
	return good;
}

static void run_check(struct smb3_ctl *ctl)
{
	const struct script_conf *conf = atomic_load(&smb3_ctl_mod(ctl)->conf);
	bool good = true;

	for (int i = 0; good && i < smb3_ctl_argc(ctl); i++)
		good = check_one(ctl, smb3_ctl_arg(ctl, i));
	for (size_t i = 0; good && !smb3_ctl_argc(ctl) && conf->scripts[i]; i++)
		good = check_one(ctl, conf->scripts[i]);
	if (good)
		smb3_ctl_done(ctl, NULL);
}

/* ---- smb3ctl lua test ---- */

/* "12", "true" or text. */
static void push_value(lua_State *L, const char *text)
{
	if (!strcmp(text, "true") || !strcmp(text, "false"))
		lua_pushboolean(L, *text == 't');
	else if (!lua_stringtonumber(L, text))
		lua_pushstring(L, text);
}

/* "a,b" as a list and as a set. */
static void push_groups(lua_State *L, const char *text)
{
	lua_Integer n = 0;

	lua_newtable(L);
	while (*text) {
		size_t len = strcspn(text, ",");

		lua_pushlstring(L, text, len);
		lua_pushvalue(L, -1);
		lua_rawseti(L, -3, ++n);
		lua_pushboolean(L, true);
		lua_rawset(L, -3);
		text += len + (text[len] == ',');
	}
}

/* One word "field=value" into the event, which is on top. */
static bool fill_word(lua_State *L, const char *word)
{
	const char *equals = strchr(word, '='), *dot = strchr(word, '.');

	if (!equals || equals == word)
		return false;
	if (dot && dot < equals && !strncmp(word, "vars.", 5)) {
		lua_getfield(L, -1, "vars");
		lua_pushlstring(L, dot + 1, (size_t)(equals - dot - 1));
		lua_pushstring(L, equals + 1);
		lua_rawset(L, -3);
		lua_pop(L, 1);
		return true;
	}
	lua_pushlstring(L, word, (size_t)(equals - word));
	if (!strncmp(word, "groups=", 7))
		push_groups(L, equals + 1);
	else
		push_value(L, equals + 1);
	lua_rawset(L, -3);
	return true;
}

static void fill_share(struct smb3_ctl *ctl, lua_State *L)
{
	struct smb3_share *share = NULL;

	for (int i = 0; i < smb3_ctl_argc(ctl) && !share; i++)
		if (!strncmp(smb3_ctl_arg(ctl, i), "share=", 6))
			share = smb3_share_find(smb3_ctl_server(ctl), smb3_ctl_arg(ctl, i) + 6);
	vars_push(L, share);
	lua_setfield(L, -2, "vars");
	smb3_share_unref(share);
}

/* ctl as light userdata, number of the first word: leaves the event on the stack. */
static int build(lua_State *L)
{
	struct smb3_ctl *ctl = lua_touserdata(L, 1);
	int first = (int)lua_tointeger(L, 2);
	struct state *st = state_of(L);

	lua_newtable(L);
	st->table = lua_topointer(L, -1);
	lua_pushstring(L, point_name(st->point));
	lua_setfield(L, -2, "point");
	fill_share(ctl, L);
	for (int i = first; i < smb3_ctl_argc(ctl); i++)
		if (!fill_word(L, smb3_ctl_arg(ctl, i)))
			return luaL_error(L, "\"%s\" is not of the form field=value",
					  smb3_ctl_arg(ctl, i));
	lua_rawgeti(L, LUA_REGISTRYINDEX, st->event_meta);
	lua_setmetatable(L, -2);
	return 1;
}

static void test_row(struct smb3_ctl *ctl, const struct handler *h, const char *answer,
		     const char *reason)
{
	smb3_ctl_row(ctl);
	smb3_ctl_text(ctl, "function", h->where);
	smb3_ctl_text(ctl, "answer", answer);
	smb3_ctl_text(ctl, "reason", reason);
}

/* Asks one function; true when its answer is the last. */
static bool test_one(struct smb3_ctl *ctl, struct state *st, struct handler *h)
{
	struct smb3_event e = { .point = SMB3_HOOK_POINTS };
	static const char *const answers[] = { "pass", "allow", "deny" };
	enum smb3_verdict v;

	lua_settop(st->L, 1);
	v = hooks_ask_one(st, h, &e);
	if (v == SMB3_PASS && *e.reason)
		test_row(ctl, h, "error", e.reason);
	else if (v != SMB3_PASS && !point_is_policy(st->point))
		test_row(ctl, h, "ignored", e.reason); /* what has happened cannot be denied */
	else
		test_row(ctl, h, v < SMB3_ARRAY_SIZE(answers) ? answers[v] : "wait", e.reason);
	return v != SMB3_PASS && point_is_policy(st->point);
}

static void test_ask(struct smb3_ctl *ctl, struct state *st)
{
	struct handlers *h = &st->points[st->point];
	bool last = false;

	for (size_t i = 0; i < h->n && !last; i++)
		last = test_one(ctl, st, h->list[i]);
	if (h->n)
		smb3_ctl_done(ctl, NULL);
	else
		smb3_ctl_done(ctl, "the script has no function at %s", point_name(st->point));
}

static void test_event(struct smb3_ctl *ctl, struct state *st, int first)
{
	char why[512];

	lua_pushcfunction(st->L, build);
	lua_pushlightuserdata(st->L, ctl);
	lua_pushinteger(st->L, first);
	if (lua_pcall(st->L, 2, 1, 0)) {
		state_error(st->L, why, sizeof(why));
		smb3_ctl_done(ctl, "%s", why);
		return;
	}
	test_ask(ctl, st);
}

/* SCRIPT [--event] POINT FIELD=VALUE... */
static void run_test(struct smb3_ctl *ctl)
{
	int at = !strcmp(smb3_ctl_arg(ctl, 1), "--event") ? 2 : 1;
	const char *name = smb3_ctl_arg(ctl, at);
	int point = name ? point_find(name) : -1;
	char why[512] = "lua.memory is too small for a Lua state";
	struct state *st = point < 0 ? NULL : scratch_state(ctl);

	if (point < 0) {
		smb3_ctl_done(ctl, "\"%s\" is no hook point; smb3-hooks(7) lists them",
			      name ? name : "");
		return;
	}
	if (!st || state_load(st, smb3_ctl_arg(ctl, 0), why, sizeof(why))) {
		smb3_ctl_done(ctl, "%s", why);
	} else {
		st->point = point;
		test_event(ctl, st, at + 1);
	}
	state_free(st);
}

const struct smb3_ctl_command ctl_lua = {
	.name = "lua",
	.help = "functions of scripts at hook points: calls, errors, denials and time",
	.run = run_lua,
};

const struct smb3_ctl_command ctl_check = {
	.name = "lua check",
	.args = "[SCRIPT]...",
	.help = "load scripts without using them",
	.max_args = -1,
	.offline = true,
	.run = run_check,
};

const struct smb3_ctl_command ctl_test = {
	.name = "lua test",
	.args = "SCRIPT --event POINT [FIELD=VALUE]...",
	.help = "what a script says to an event, without a client",
	.min_args = 2,
	.max_args = -1,
	.offline = true,
	.run = run_test,
};
