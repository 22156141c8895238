// SPDX-License-Identifier: Apache-2.0
/*
 * values.c: values of events that take some finding: the names of a user's groups, and the vars that
 * smb3.conf sets for a share.
 *
 * Group names are looked up when somebody logs on, where that may block, and kept with the identity:
 * hooks on a loop must not ask name services.
 */
#include "script.h"

#include <smb3/group.h>
#include <smb3/lookup.h>
#include <stdlib.h>
#include <string.h>

/* ---- groups: of the system, and of the account's store ---- */

struct groups {
	char **names;
	size_t n;
};

/* A group without a name is called by its number. */
static char *group_name(gid_t gid)
{
	struct group gr;
	char *buf, *name;

	if (smb3_lookup_group(NULL, gid, &gr, &buf)) {
		name = smb3_alloc(16);
		snprintf(name, 16, "%u", (unsigned int)gid);
		return name;
	}
	name = smb3_strdup(gr.gr_name);
	free(buf);
	return name;
}

static void groups_init(void *slot, void *object)
{
	const struct smb3_identity *id = object;
	struct groups *g = slot;

	g->names = smb3_alloc((id->n_groups + 1) * sizeof(*g->names));
	g->names[g->n++] = group_name(id->gid);
	for (size_t i = 0; i < id->n_groups; i++)
		if (id->groups[i] != id->gid)
			g->names[g->n++] = group_name(id->groups[i]);
}

static void groups_fini(void *slot, void *object)
{
	struct groups *g = slot;

	for (size_t i = 0; i < g->n; i++)
		free(g->names[i]);
	free(g->names);
}

struct smb3_slot groups_slot = {
	.kind = SMB3_SLOT_IDENTITY,
	.size = sizeof(struct groups),
	.init = groups_init,
	.fini = groups_fini,
};

/* Into the list and the set on top. */
static void group_push(lua_State *L, const char *name)
{
	lua_pushstring(L, name);
	lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
	lua_pushboolean(L, true);
	lua_setfield(L, -2, name);
}

void groups_push(lua_State *L, const struct smb3_identity *who)
{
	const struct groups *g = smb3_slot(&groups_slot, who);
	const char *name = smb3_identity_group(who, NULL);

	lua_createtable(L, (int)g->n, (int)g->n);
	for (size_t i = 0; i < g->n; i++)
		group_push(L, g->names[i]);
	for (; name; name = smb3_identity_group(who, name))
		group_push(L, name);
}

/* ---- vars ---- */

bool vars_sound(const char *const *vars, char *ret_why, size_t size)
{
	for (; *vars; vars++) {
		const char *equals = strchr(*vars, '=');

		if (equals && equals > *vars)
			continue;
		snprintf(ret_why, size, "\"%s\" is not of the form \"name=value\"", *vars);
		return false;
	}
	return true;
}

static void vars_fill(lua_State *L, const char *const *vars)
{
	for (; *vars; vars++) {
		const char *equals = strchr(*vars, '=');

		if (!equals)
			continue;
		lua_pushlstring(L, *vars, (size_t)(equals - *vars));
		lua_pushstring(L, equals + 1);
		lua_rawset(L, -3);
	}
}

/* One table per configuration of a share and state; those stay until the server ends. */
void vars_push(lua_State *L, const struct smb3_share *share)
{
	struct state *st = state_of(L);
	const struct script_conf *own = share ? smb3_conf_of(st->mod, share) : &st->conf;

	lua_rawgeti(L, LUA_REGISTRYINDEX, st->vars);
	if (lua_rawgetp(L, -1, own) == LUA_TNIL) {
		lua_pop(L, 1);
		lua_newtable(L);
		vars_fill(L, st->conf.vars);
		vars_fill(L, own->vars);
		lua_pushvalue(L, -1);
		lua_rawsetp(L, -3, own);
	}
	lua_remove(L, -2);
}
