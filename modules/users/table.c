// SPDX-License-Identifier: Apache-2.0
/*
 * table.c: accounts and groups of one version of the file, and who is in which.
 */
#include "store.h"

#include <smb3/utf16.h>
#include <stdlib.h>
#include <string.h>

struct table *table_new(void)
{
	struct table *t = smb3_alloc(sizeof(*t));

	smb3_hash_init(&t->hash);
	smb3_hash_init(&t->groups);
	t->last = &t->first;
	t->last_group = &t->first_group;
	t->next_rid = SMB3_GROUP_RIDS;
	return t;
}

void table_free(struct table *t)
{
	if (!t)
		return;
	for (struct group *g = t->first_group, *next; g; g = next) {
		next = g->next;
		for (struct member *m = g->first, *after; m; m = after) {
			after = m->next_in_group;
			free(m);
		}
		free(g);
	}
	for (struct entry *e = t->first, *next; e; e = next) {
		next = e->next;
		smb3_wipe(e, sizeof(*e));
		free(e);
	}
	smb3_hash_done(&t->groups);
	smb3_hash_done(&t->hash);
	free(t);
}

/* ---- accounts ---- */

struct entry *table_find(const struct table *t, const char *name)
{
	struct smb3_hash_node *node = smb3_hash_find(&t->hash, smb3_name_hash(name));

	for (; node; node = smb3_hash_next_same(node)) {
		struct entry *e = SMB3_CONTAINER(node, struct entry, node);

		if (smb3_name_equal(e->account.name, name))
			return e;
	}
	return NULL;
}

void table_add(struct table *t, const struct smb3_account *account)
{
	struct entry *e = smb3_alloc(sizeof(*e));

	e->account = *account;
	smb3_hash_add(&t->hash, &e->node, smb3_name_hash(account->name));
	*t->last = e;
	t->last = &e->next;
	t->count++;
}

/* It leaves its groups: another account of that name is not in them. */
void table_remove(struct table *t, struct entry *gone)
{
	struct entry **at = &t->first;

	while (gone->groups)
		table_leave(gone->groups);
	while (*at != gone)
		at = &(*at)->next;
	*at = gone->next;
	if (t->last == &gone->next)
		t->last = at;
	smb3_hash_remove(&t->hash, &gone->node);
	t->count--;
	smb3_wipe(gone, sizeof(*gone));
	free(gone);
}

/* ---- groups ---- */

struct group *table_group(const struct table *t, const char *name)
{
	struct smb3_hash_node *node = smb3_hash_find(&t->groups, smb3_name_hash(name));

	for (; node; node = smb3_hash_next_same(node)) {
		struct group *g = SMB3_CONTAINER(node, struct group, node);

		if (smb3_name_equal(g->group.name, name))
			return g;
	}
	return NULL;
}

struct group *table_group_by_rid(const struct table *t, uint32_t rid)
{
	struct group *g = t->first_group;

	while (g && g->group.rid != rid)
		g = g->next;
	return g;
}

struct group *table_group_add(struct table *t, const struct smb3_group *group)
{
	struct group *g = smb3_alloc(sizeof(*g));

	g->group = *group;
	g->group.members = 0;
	g->last = &g->first;
	smb3_hash_add(&t->groups, &g->node, smb3_name_hash(group->name));
	*t->last_group = g;
	t->last_group = &g->next;
	t->n_groups++;
	if (group->rid >= t->next_rid)
		t->next_rid = group->rid + 1;
	return g;
}

void table_group_rename(struct table *t, struct group *g, const char *name)
{
	smb3_hash_remove(&t->groups, &g->node);
	snprintf(g->group.name, sizeof(g->group.name), "%s", name);
	smb3_hash_add(&t->groups, &g->node, smb3_name_hash(name));
}

void table_group_remove(struct table *t, struct group *gone)
{
	struct group **at = &t->first_group;

	while (gone->first)
		table_leave(gone->first);
	while (*at != gone)
		at = &(*at)->next;
	*at = gone->next;
	if (t->last_group == &gone->next)
		t->last_group = at;
	smb3_hash_remove(&t->groups, &gone->node);
	t->n_groups--;
	free(gone);
}

/* ---- members ---- */

/* By the list of the account, which is the shorter one as a rule. */
struct member *table_member(const struct entry *e, const struct group *g)
{
	struct member *m = e->groups;

	while (m && m->group != g)
		m = m->next_of_entry;
	return m;
}

void table_join(struct entry *e, struct group *g)
{
	struct member *m = smb3_alloc(sizeof(*m));

	*m = (struct member){ e, g, e->groups, NULL };
	e->groups = m;
	*g->last = m;
	g->last = &m->next_in_group;
	g->group.members++;
}

void table_leave(struct member *m)
{
	struct member **at = &m->entry->groups;

	while (*at != m)
		at = &(*at)->next_of_entry;
	*at = m->next_of_entry;
	at = &m->group->first;
	while (*at != m)
		at = &(*at)->next_in_group;
	*at = m->next_in_group;
	if (m->group->last == &m->next_in_group)
		m->group->last = at;
	m->group->group.members--;
	free(m);
}
