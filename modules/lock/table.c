// SPDX-License-Identifier: Apache-2.0
/*
 * table.c: the locks of a file: what conflicts, granting, releasing, who waited long enough.
 * [MS-FSA] 2.1.4.10, 2.1.5.8, 2.1.5.9. Everything here is under the file's mutex.
 */
#include "lock.h"

#include <stdlib.h>

static struct ranges *set_of(struct smb3_file *f, bool exclusive)
{
	struct lock_file *lf = smb3_slot(&lock_file_slot, f);

	return exclusive ? &lf->exclusive : &lf->shared;
}

/* ---- conflicts ---- */

/* An open may put a shared lock on top of its exclusive one, but not the other way round. */
const struct range *lock_in_the_way(struct smb3_file *f, const struct lock_ask *ask)
{
	struct lock_file *lf = smb3_slot(&lock_file_slot, f);
	const struct range *r = ranges_overlap(&lf->exclusive, ask->offset, ask->length,
					       ask->exclusive ? NULL : ask->open);

	if (!r && ask->exclusive)
		r = ranges_overlap(&lf->shared, ask->offset, ask->length, NULL);
	return r;
}

/* A shared lock is in the way of writing even to who holds it. */
const struct range *lock_in_the_way_of_io(struct smb3_file *f, const struct lock_ask *ask)
{
	struct lock_file *lf = smb3_slot(&lock_file_slot, f);
	struct lock_open *lo = smb3_slot(&lock_open_slot, ask->open);
	const struct range *r = NULL;

	if (!ask->length)
		return NULL;
	if (lf->exclusive.count != lo->n_exclusive) /* some are not our own */
		r = ranges_overlap(&lf->exclusive, ask->offset, ask->length, ask->open);
	if (!r && ask->exclusive)
		r = ranges_overlap(&lf->shared, ask->offset, ask->length, NULL);
	return r;
}

/* ---- ranges ---- */

struct range *lock_range_new(struct smb3_file *f, const struct lock_ask *ask)
{
	struct lock_file *lf = smb3_slot(&lock_file_slot, f);
	struct lock_open *lo = smb3_slot(&lock_open_slot, ask->open);
	struct range *r = smb3_alloc(sizeof(*r));

	r->offset = ask->offset;
	r->length = ask->length;
	r->exclusive = ask->exclusive;
	r->owner = ask->open;
	smb3_list_init(&r->owner_link);
	lf->count++;
	lo->count++;
	return r;
}

void lock_range_free(struct smb3_file *f, struct range *r)
{
	struct lock_file *lf = smb3_slot(&lock_file_slot, f);
	struct lock_open *lo = smb3_slot(&lock_open_slot, r->owner);

	lf->count--;
	lo->count--;
	free(r);
}

static void add(struct smb3_file *f, struct range *r)
{
	struct lock_file *lf = smb3_slot(&lock_file_slot, f);
	struct lock_open *lo = smb3_slot(&lock_open_slot, r->owner);

	if (!lf->exclusive.count && !lf->shared.count)
		atomic_fetch_add(&f->io_guards, 1);
	ranges_add(set_of(f, r->exclusive), r);
	smb3_list_add(&lo->ranges, &r->owner_link);
	*(r->exclusive ? &lo->n_exclusive : &lo->n_shared) += 1;
}

static void take_out(struct smb3_file *f, struct range *r)
{
	struct lock_file *lf = smb3_slot(&lock_file_slot, f);
	struct lock_open *lo = smb3_slot(&lock_open_slot, r->owner);

	ranges_remove(set_of(f, r->exclusive), r);
	smb3_list_remove(&r->owner_link);
	*(r->exclusive ? &lo->n_exclusive : &lo->n_shared) -= 1;
	if (!lf->exclusive.count && !lf->shared.count)
		atomic_fetch_sub(&f->io_guards, 1);
}

bool lock_grant(struct smb3_file *f, struct range *r)
{
	add(f, r);
	if (!posix_take(r))
		return true;
	take_out(f, r);
	posix_give(r); /* of several parts some may have been had */
	return false;
}

void lock_release(struct smb3_file *f, struct range *r)
{
	take_out(f, r);
	posix_give(r);
	lock_range_free(f, r);
}

struct range *lock_find(struct smb3_file *f, const struct lock_ask *ask)
{
	struct range like = { .offset = ask->offset, .length = ask->length, .owner = ask->open };
	struct range *r = ranges_find(set_of(f, true), &like);

	return r ? r : ranges_find(set_of(f, false), &like);
}

/* ---- waiting ---- */

static bool may_have_it(struct smb3_file *f, const struct range *r)
{
	const struct lock_open *lo = smb3_slot(&lock_open_slot, r->owner);
	struct lock_ask ask = { r->owner, r->offset, r->length, r->exclusive };

	return !lo->closed && !lock_in_the_way(f, &ask);
}

void lock_try(struct smb3_file *f, struct lock_waiter *w)
{
	if (!may_have_it(f, w->range) || !lock_grant(f, w->range))
		return;
	smb3_list_remove(&w->link);
	w->req->mail.fn = lock_granted;
	smb3_mail_post(w->req->worker, &w->req->mail);
}

void lock_wake(struct smb3_file *f)
{
	struct lock_file *lf = smb3_slot(&lock_file_slot, f);

	SMB3_LIST_EACH(&lf->waiters, node)
		lock_try(f, SMB3_CONTAINER(node, struct lock_waiter, link));
}
