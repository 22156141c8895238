// SPDX-License-Identifier: Apache-2.0
/*
 * table.c: all rules of the server and the shares that they are for. Calls on a share without any
 * rule look at one word and take no lock.
 *
 * A share with rules that wait is one that blocks: core then keeps its work off the loops. A call
 * that began on a loop just before such a rule came does not wait.
 */
#include "fault.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

struct fault_table *fault_table_new(void)
{
	struct fault_table *t = smb3_alloc(sizeof(*t));
	pthread_condattr_t attr;

	pthread_mutex_init(&t->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&t->changed, &attr);
	pthread_condattr_destroy(&attr);
	smb3_list_init(&t->rules);
	smb3_list_init(&t->mounts);
	return t;
}

void fault_table_free(struct fault_table *t)
{
	SMB3_LIST_EACH(&t->rules, node)
		fault_rule_free(SMB3_CONTAINER(node, struct fault_rule, link));
	pthread_cond_destroy(&t->changed);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

void fault_table_end(struct fault_table *t)
{
	pthread_mutex_lock(&t->lock);
	t->ending = true;
	pthread_cond_broadcast(&t->changed);
	pthread_mutex_unlock(&t->lock);
}

/* The options of one share are not for another one that goes by the same name after a reload. */
static bool rule_is_for(const struct fault_rule *r, const struct smb3_vfs *self)
{
	const struct smb3_share *share = self->mount->share;

	if (r->owner)
		return r->owner == self;
	return !strcasecmp(r->share, share->name) ||
	       (share->origin && !strcasecmp(r->share, share->origin->name));
}

/* What the rules come to, for one share. Under the lock. */
static void mount_update(struct fault_table *t, struct fault_mount *m)
{
	uint32_t ops = 0;
	bool waits = false;

	SMB3_LIST_EACH(&t->rules, node) {
		const struct fault_rule *r = SMB3_CONTAINER(node, struct fault_rule, link);

		if (!rule_is_for(r, m->self))
			continue;
		ops |= r->ops;
		waits |= fault_rule_waits(r);
	}
	/* First where to run, then what. */
	if (waits)
		atomic_store(&m->self->mount->blocks, true);
	atomic_store(&m->ops, ops);
}

static void update_all(struct fault_table *t)
{
	SMB3_LIST_EACH(&t->mounts, node)
		mount_update(t, SMB3_CONTAINER(node, struct fault_mount, link));
}

void fault_table_mount(struct fault_table *t, struct smb3_vfs *self)
{
	struct fault_mount *m = self->data;

	m->self = self;
	pthread_mutex_lock(&t->lock);
	smb3_list_add(&t->mounts, &m->link);
	mount_update(t, m);
	pthread_mutex_unlock(&t->lock);
}

static bool rule_goes(const struct fault_rule *r, uint64_t id, const char *share)
{
	if (id)
		return r->id == id;
	return !share || !strcasecmp(r->share, share);
}

static void rule_remove(struct fault_table *t, struct fault_rule *r)
{
	smb3_list_remove(&r->link);
	fault_rule_free(r);
	t->count--;
}

void fault_table_unmount(struct fault_table *t, struct smb3_vfs *self)
{
	struct fault_mount *m = self->data;

	pthread_mutex_lock(&t->lock);
	smb3_list_remove(&m->link);
	SMB3_LIST_EACH(&t->rules, node) {
		struct fault_rule *r = SMB3_CONTAINER(node, struct fault_rule, link);

		if (r->owner == self)
			rule_remove(t, r);
	}
	pthread_mutex_unlock(&t->lock);
}

uint64_t fault_table_add(struct fault_table *t, struct fault_rule *rule, const char *share,
			 const void *owner)
{
	uint64_t id = 0;

	pthread_mutex_lock(&t->lock);
	if (t->count < FAULT_RULES_MAX) {
		rule->share = smb3_strdup(share);
		rule->owner = owner;
		rule->id = id = ++t->last_id;
		smb3_list_add(&t->rules, &rule->link);
		t->count++;
		update_all(t);
	}
	pthread_mutex_unlock(&t->lock);
	if (!id)
		fault_rule_free(rule);
	return id;
}

unsigned int fault_table_clear(struct fault_table *t, uint64_t id, const char *share)
{
	unsigned int n = 0;

	pthread_mutex_lock(&t->lock);
	SMB3_LIST_EACH(&t->rules, node) {
		struct fault_rule *r = SMB3_CONTAINER(node, struct fault_rule, link);

		if (!rule_goes(r, id, share))
			continue;
		rule_remove(t, r);
		n++;
	}
	update_all(t);
	pthread_cond_broadcast(&t->changed);
	pthread_mutex_unlock(&t->lock);
	return n;
}

void fault_table_each(struct fault_table *t, void (*fn)(const struct fault_rule *, void *),
		      void *arg)
{
	pthread_mutex_lock(&t->lock);
	SMB3_LIST_EACH(&t->rules, node)
		fn(SMB3_CONTAINER(node, struct fault_rule, link), arg);
	pthread_mutex_unlock(&t->lock);
}

/* ---- a call ---- */

struct waiting {
	uint64_t id; /* the rule's; 0: nobody says to wait */
	uint64_t until;
};

static bool rule_stands(const struct fault_table *t, uint64_t id)
{
	SMB3_LIST_EACH(&t->rules, node) {
		if (SMB3_CONTAINER(node, struct fault_rule, link)->id == id)
			return true;
	}
	return false;
}

static bool on_a_loop(const struct smb3_server *server)
{
	for (unsigned int i = 0; i < smb3_server_workers(server); i++)
		if (smb3_worker_here(smb3_server_worker(server, i)))
			return true;
	return false;
}

/* Under the lock, which is given up meanwhile. */
static void wait_for(struct fault_table *t, const struct waiting *w)
{
	const struct timespec until = { .tv_sec = (time_t)(w->until / 1000000000u),
					.tv_nsec = (long)(w->until % 1000000000u) };

	while (!t->ending && rule_stands(t, w->id) && smb3_clock() < w->until) {
		if (w->until == UINT64_MAX)
			pthread_cond_wait(&t->changed, &t->lock);
		else
			pthread_cond_timedwait(&t->changed, &t->lock, &until);
	}
}

/* A rule that fits: what it does to this call is added to what others do. */
static void rule_apply(struct fault_rule *r, struct waiting *w, struct fault_verdict *v)
{
	uint64_t until = r->hold ? UINT64_MAX : smb3_clock() + fault_rule_delay(r);

	if (fault_rule_waits(r) && (!w->id || until > w->until)) {
		w->id = r->id;
		w->until = until;
	}
	if (!v->error)
		v->error = r->error;
	v->cut |= r->cut;
	if (r->shortened && (!v->shortened || r->most < v->most))
		v->most = r->most;
	v->shortened |= r->shortened;
}

static bool must_wait(const struct fault_table *t, const struct smb3_vfs *self, enum fault_op op,
		      const char *path, const char *other)
{
	SMB3_LIST_EACH(&t->rules, node) {
		const struct fault_rule *r = SMB3_CONTAINER(node, struct fault_rule, link);

		if (fault_rule_waits(r) && rule_is_for(r, self) &&
		    fault_rule_fits(r, op, path, other))
			return true;
	}
	return false;
}

int fault_table_call(struct fault_table *t, struct smb3_vfs *self, bool nowait, enum fault_op op,
		     const char *path, const char *other, struct fault_verdict *ret_verdict)
{
	struct waiting w = { .id = 0 };
	int err = 0;

	pthread_mutex_lock(&t->lock);
	/* It comes again where it may wait; only that time counts. */
	if (nowait && must_wait(t, self, op, path, other))
		err = -EAGAIN;
	SMB3_LIST_EACH(&t->rules, node) {
		struct fault_rule *r = SMB3_CONTAINER(node, struct fault_rule, link);

		if (!err && rule_is_for(r, self) && fault_rule_fits(r, op, path, other) &&
		    fault_rule_strikes(r))
			rule_apply(r, &w, ret_verdict);
	}
	if (w.id && !on_a_loop(self->mount->server))
		wait_for(t, &w);
	pthread_mutex_unlock(&t->lock);
	return err;
}
