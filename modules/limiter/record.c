// SPDX-License-Identifier: Apache-2.0
/*
 * record.c: what is remembered of those who failed to log on.
 */
#include "limiter.h"

#include <smb3/utf16.h>
#include <stdlib.h>
#include <string.h>

#define ONE          1024u /* failure */
#define AT_ONCE_MS   25u   /* until somebody who finds too many at work asks again */
#define FORGIVEN     2u
#define ACCOUNT_DEBT 5u  /* delays that an account adds to its guessers' at most */
#define LOOK_AT      64u /* records in use that are passed over to find one that is not */

/* ---- the table ---- */

void limiter_table_init(struct limiter_table *t)
{
	smb3_hash_init(&t->hash);
	smb3_list_init(&t->open);
	smb3_list_init(&t->banned);
}

void limiter_forget(struct limiter_table *t, struct limiter_record *r)
{
	smb3_hash_remove(&t->hash, &r->node);
	smb3_list_remove(&r->link);
	free(r);
}

static void list_empty(struct limiter_table *t, struct smb3_list *list)
{
	SMB3_LIST_EACH(list, node)
		limiter_forget(t, SMB3_CONTAINER(node, struct limiter_record, link));
}

void limiter_table_done(struct limiter_table *t)
{
	list_empty(t, &t->open);
	list_empty(t, &t->banned);
	smb3_hash_done(&t->hash);
}

struct limiter_record *limiter_find(const struct limiter_table *t, const char *name)
{
	struct smb3_hash_node *node = smb3_hash_find(&t->hash, smb3_name_hash(name));

	for (; node; node = smb3_hash_next_same(node)) {
		struct limiter_record *r = SMB3_CONTAINER(node, struct limiter_record, node);

		if (smb3_name_equal(r->name, name))
			return r;
	}
	return NULL;
}

static struct limiter_record *unused(struct smb3_list *list)
{
	unsigned int looked = 0;

	SMB3_LIST_EACH(list, node) {
		struct limiter_record *r = SMB3_CONTAINER(node, struct limiter_record, link);

		if (!r->in_work)
			return r;
		if (++looked == LOOK_AT)
			break;
	}
	return NULL;
}

/* Of the others the one that was touched longest ago; of bans the one that ends first. */
static bool make_room(struct limiter_table *t)
{
	struct limiter_record *r = unused(&t->open);

	if (!r)
		r = unused(&t->banned);
	if (r)
		limiter_forget(t, r);
	return r;
}

struct limiter_record *limiter_get(struct limiter_table *t, const struct limiter_policy *p,
				   const char *name)
{
	struct limiter_record *r = limiter_find(t, name);

	if (r)
		return r;
	if (t->hash.count >= p->most && !make_room(t))
		return NULL;
	r = smb3_alloc(sizeof(*r) + strlen(name) + 1);
	memcpy(r->name, name, strlen(name) + 1);
	smb3_hash_add(&t->hash, &r->node, smb3_name_hash(name));
	smb3_list_add(&t->open, &r->link);
	return r;
}

/* ---- one record ---- */

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* In whole failures: a moment between them does not make three less than three. */
static bool reaches(const struct limiter_record *r, uint64_t most)
{
	return r->failures + ONE / 2 >= most * ONE;
}

/* What it counts fades by its share of the window that has passed. Another worker that read the clock
 * later may have been here first. */
static uint64_t faded(const struct limiter_record *r, const struct limiter_policy *p, uint64_t now)
{
	uint64_t passed = now > r->touched ? now - r->touched : 0;

	if (passed >= p->window)
		return 0;
	return r->failures - r->failures * passed / p->window;
}

uint32_t limiter_failures(const struct limiter_record *r, const struct limiter_policy *p,
			  uint64_t now)
{
	return (uint32_t)((faded(r, p, now) + ONE / 2) / ONE);
}

static void touch(struct limiter_table *t, struct limiter_record *r, const struct limiter_policy *p,
		  uint64_t now)
{
	uint64_t failures = faded(r, p, now);

	/* What is touched often fades as well: time counts until it is enough for one part. */
	if (failures != r->failures || !failures)
		r->touched = later(r->touched, now);
	r->failures = failures;
	if (r->banned && r->banned <= now)
		r->banned = 0;
	smb3_list_remove(&r->link);
	smb3_list_add(r->banned ? &t->banned : &t->open, &r->link);
}

/* A record that says nothing is not kept. */
static void drop_if_clean(struct limiter_table *t, struct limiter_record *r, uint64_t now)
{
	if (!r->in_work && !r->failures && !r->banned && r->debt <= now)
		limiter_forget(t, r);
}

/* ---- an attempt ---- */

static uint64_t wait_of(const struct limiter_record *r, const struct limiter_key *key, uint64_t now)
{
	if (r->debt > now)
		return r->debt - now;
	return r->in_work >= LIMITER_AT_ONCE * key->share ? AT_ONCE_MS : 0;
}

static bool enter(struct limiter_table *t, const struct limiter_policy *p,
		  const struct limiter_key *keys)
{
	for (size_t i = 0; keys[i].name[0]; i++) {
		struct limiter_record *r = limiter_get(t, p, keys[i].name);

		if (r) {
			r->in_work++;
			continue;
		}
		while (i--)
			limiter_find(t, keys[i].name)->in_work--;
		return false;
	}
	return true;
}

enum smb3_verdict limiter_enter(struct limiter_table *t, const struct limiter_policy *p,
				const struct limiter_key *keys, uint64_t now, uint64_t *ret_ms)
{
	uint64_t wait = 0;

	for (size_t i = 0; keys[i].name[0]; i++) {
		struct limiter_record *r = limiter_find(t, keys[i].name);

		if (!r)
			continue;
		if (r->banned > now && !p->spare) {
			*ret_ms = r->banned - now;
			return SMB3_DENY;
		}
		wait = later(wait, wait_of(r, &keys[i], now));
	}
	*ret_ms = wait;
	if (wait)
		return SMB3_WAIT;
	return enter(t, p, keys) ? SMB3_PASS : SMB3_DENY;
}

void limiter_leave(struct limiter_table *t, const struct limiter_policy *p,
		   const struct limiter_key *keys, uint64_t now)
{
	for (size_t i = 0; keys[i].name[0]; i++) {
		struct limiter_record *r = limiter_find(t, keys[i].name);

		if (!r)
			continue;
		if (r->in_work)
			r->in_work--;
		touch(t, r, p, now);
		drop_if_clean(t, r, now);
	}
}

uint64_t limiter_fail(struct limiter_table *t, const struct limiter_policy *p,
		      const struct limiter_key *keys, uint64_t now,
		      const struct limiter_key **ret_banned)
{
	uint64_t until = now;

	*ret_banned = NULL;
	for (size_t i = 0; keys[i].name[0]; i++) {
		struct limiter_record *r = limiter_get(t, p, keys[i].name);

		if (!r)
			continue;
		touch(t, r, p, now);
		r->failures += ONE;
		r->debt = later(r->debt, now) + p->delay / keys[i].share;
		until = later(until, r->debt);
		if (!p->ban_after || r->banned ||
		    !reaches(r, (uint64_t)p->ban_after * keys[i].share))
			continue;
		r->banned = now + p->ban_time;
		r->failures = 0;
		touch(t, r, p, now);
		*ret_banned = &keys[i];
	}
	return until;
}

void limiter_forgive(struct limiter_table *t, const struct limiter_policy *p,
		     const struct limiter_key *keys, uint64_t now)
{
	for (size_t i = 0; keys[i].name[0]; i++) {
		struct limiter_record *r = limiter_find(t, keys[i].name);

		if (!r)
			continue;
		touch(t, r, p, now);
		r->failures -= r->failures < FORGIVEN * ONE ? r->failures : FORGIVEN * ONE;
		drop_if_clean(t, r, now);
	}
}

bool limiter_account_fail(struct limiter_table *t, const struct limiter_policy *p, const char *name,
			  uint64_t now, uint64_t *ret_debt)
{
	struct limiter_record *r = limiter_get(t, p, name);

	if (!r)
		return false;
	touch(t, r, p, now);
	r->failures += ONE;
	r->debt = later(r->debt, now) + p->delay;
	if (r->debt > now + ACCOUNT_DEBT * p->delay)
		r->debt = now + ACCOUNT_DEBT * p->delay;
	*ret_debt = r->debt;
	if (!p->lock_after || !reaches(r, p->lock_after))
		return false;
	r->failures = 0;
	return true;
}
