// SPDX-License-Identifier: Apache-2.0
/*
 * store_group.c: groups of the store: found, listed, changed.
 */
#include "store.h"

#include <errno.h>
#include <string.h>

/* ---- reading ---- */

int store_group_find(struct store *s, uint32_t rid, const char *name, struct smb3_group *ret_group)
{
	const struct group *g;

	store_refresh(s);
	pthread_rwlock_rdlock(&s->lock);
	g = name ? table_group(s->table, name) : table_group_by_rid(s->table, rid);
	if (g)
		*ret_group = g->group;
	pthread_rwlock_unlock(&s->lock);
	return g ? 0 : -ENOENT;
}

static void each_of(const struct entry *e, bool (*fn)(const struct smb3_group *, void *), void *arg)
{
	for (const struct member *m = e ? e->groups : NULL; m && fn(&m->group->group, arg);
	     m = m->next_of_entry)
		;
}

void store_group_each(struct store *s, const char *member,
		      bool (*fn)(const struct smb3_group *, void *), void *arg)
{
	store_refresh(s);
	pthread_rwlock_rdlock(&s->lock);
	if (member)
		each_of(table_find(s->table, member), fn, arg);
	else
		for (const struct group *g = s->table->first_group; g && fn(&g->group, arg);
		     g = g->next)
			;
	pthread_rwlock_unlock(&s->lock);
}

int store_group_members(struct store *s, uint32_t rid, bool (*fn)(const char *account, void *),
			void *arg)
{
	const struct group *g;

	store_refresh(s);
	pthread_rwlock_rdlock(&s->lock);
	g = table_group_by_rid(s->table, rid);
	for (const struct member *m = g ? g->first : NULL; m && fn(m->entry->account.name, arg);
	     m = m->next_in_group)
		;
	pthread_rwlock_unlock(&s->lock);
	return g ? 0 : -ENOENT;
}

/* ---- changing ---- */

struct group_edit {
	const struct smb3_group_change *change;
	const struct group_limits *limits;
	struct smb3_group *ret_group;
};

static int name_free(const struct store_edit *edit, const char *name, const struct group *self)
{
	const struct group *there = table_group(edit->table, name);

	if ((!there || there == self) && !table_find(edit->table, name))
		return 0;
	store_problem(edit->why, "there is %s \"%.64s\" already", there ? "a group" : "an account",
		      name);
	return -EEXIST;
}

static int add(struct store_edit *edit, const struct group_edit *ge, struct group **ret_group)
{
	const struct smb3_group_change *c = ge->change;
	struct smb3_group g = { .rid = edit->table->next_rid, .alias = c->alias };
	int err = name_free(edit, c->name, NULL);

	if (err)
		return err;
	if (edit->table->n_groups >= ge->limits->groups || g.rid >= SMB3_GROUP_RIDS_END) {
		store_problem(edit->why, "there are %zu groups already (users.max_groups)",
			      edit->table->n_groups);
		return -ENOSPC;
	}
	snprintf(g.name, sizeof(g.name), "%s", c->name);
	snprintf(g.comment, sizeof(g.comment), "%s", c->comment ? c->comment : "");
	*ret_group = table_group_add(edit->table, &g);
	return 0;
}

static int set(struct store_edit *edit, const struct smb3_group_change *c, struct group *g)
{
	int err = c->name ? name_free(edit, c->name, g) : 0;

	if (err)
		return err;
	if (c->name)
		table_group_rename(edit->table, g, c->name);
	if (c->comment)
		snprintf(g->group.comment, sizeof(g->group.comment), "%s", c->comment);
	return 0;
}

static size_t memberships(const struct entry *e)
{
	size_t n = 0;

	for (const struct member *m = e->groups; m; m = m->next_of_entry)
		n++;
	return n;
}

static int join(const struct store_edit *edit, const struct group_edit *ge, struct group *g)
{
	struct entry *e = table_find(edit->table, ge->change->member);

	if (!e) {
		store_problem(edit->why, "there is no account \"%.64s\"", ge->change->member);
		return -ESRCH;
	}
	if (table_member(e, g)) {
		store_problem(edit->why, "%.64s is in it already", e->account.name);
		return -EEXIST;
	}
	if (g->group.members >= ge->limits->members) {
		store_problem(edit->why, "it has %u members already (users.max_members)",
			      g->group.members);
		return -ENOSPC;
	}
	if (memberships(e) >= ge->limits->memberships) {
		store_problem(edit->why, "%.64s is in %zu groups already (users.max_memberships)",
			      e->account.name, memberships(e));
		return -ENOSPC;
	}
	table_join(e, g);
	return 0;
}

static int leave(const struct store_edit *edit, const char *name, const struct group *g)
{
	const struct entry *e = table_find(edit->table, name);
	struct member *m = e ? table_member(e, g) : NULL;

	if (!m) {
		store_problem(edit->why, "\"%.64s\" is not in it", name);
		return -ESRCH;
	}
	table_leave(m);
	return 0;
}

static int change_there(struct store_edit *edit, const struct group_edit *ge, struct group *g)
{
	switch (ge->change->op) {
	case SMB3_GROUP_SET:
		return set(edit, ge->change, g);
	case SMB3_GROUP_JOIN:
		return join(edit, ge, g);
	case SMB3_GROUP_LEAVE:
		return leave(edit, ge->change->member, g);
	default:
		return 0;
	}
}

static int change_group(struct store_edit *edit, void *arg)
{
	const struct group_edit *ge = arg;
	struct group *g = table_group_by_rid(edit->table, ge->change->rid);
	int err;

	if (ge->change->op == SMB3_GROUP_ADD) {
		err = add(edit, ge, &g);
	} else if (g) {
		err = change_there(edit, ge, g);
	} else {
		store_problem(edit->why, "there is no such group");
		err = -ENOENT;
	}
	if (err)
		return err;
	*ge->ret_group = g->group;
	if (ge->change->op == SMB3_GROUP_REMOVE)
		table_group_remove(edit->table, g);
	return 0;
}

static bool sound(const struct smb3_group_change *c, char why[USERS_WHY_SIZE])
{
	const char *bad = c->name ? group_name_problem(c->name) : NULL;

	if (bad)
		store_problem(why, "no group can be called \"%.64s\": %s", c->name, bad);
	if (!bad && c->comment) {
		bad = group_comment_problem(c->comment);
		if (bad)
			store_problem(why, "no group can be described so: %s", bad);
	}
	return !bad;
}

int store_group_change(struct store *s, const struct smb3_group_change *change,
		       const struct group_limits *limits, struct smb3_group *ret_group,
		       char why[USERS_WHY_SIZE])
{
	struct smb3_group result = { .rid = 0 };
	struct group_edit ge = { change, limits, &result };
	int err;

	if (!sound(change, why))
		return -EINVAL;
	err = store_edit(s, change_group, &ge, why);
	if (!err)
		*ret_group = result;
	return err;
}
