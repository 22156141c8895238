// SPDX-License-Identifier: Apache-2.0
/*
 * posix.c: locks that local programs see, and whose own are respected: open file description locks
 * of fcntl(2), for shares with the option posix.
 *
 * The kernel keeps one kind of lock for each byte and description, so an open's locks that lie on
 * top of each other are one to it: where one of them ends, what is left decides. Nothing here waits;
 * it is for file systems where the kernel itself knows who has a lock.
 */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

/* What of a range exists for the kernel, whose offsets end at 2^63 - 1. */
struct span {
	uint64_t first, last;
};

/* Here an open's locks begin or end. */
struct edge {
	uint64_t at;
	int exclusive, shared;
};

static bool span_of(const struct range *r, struct span *ret_span)
{
	if (!r->length || r->offset > INT64_MAX)
		return false;
	ret_span->first = r->offset;
	ret_span->last = r->offset + (r->length - 1);
	if (ret_span->last > INT64_MAX)
		ret_span->last = INT64_MAX;
	return true;
}

static int set(const struct lock_open *lo, int type, struct span span)
{
	struct flock l = { .l_type = (short)type,
			   .l_whence = SEEK_SET,
			   .l_start = (off_t)span.first };

	if (span.last != INT64_MAX) /* else 0, which means without end */
		l.l_len = (off_t)(span.last - span.first + 1);
	return fcntl(lo->fd, F_OFD_SETLK, &l) ? -errno : 0;
}

/* The kernel wants a descriptor for writing under a write lock and one for reading under a read
 * lock: the nearest that it can have. */
static int type_of(const struct lock_open *lo, bool exclusive, bool shared)
{
	if (exclusive && lo->writes)
		return F_WRLCK;
	return (exclusive || shared) && lo->reads ? F_RDLCK : F_UNLCK;
}

/* The part of span that r covers; false: none. */
static bool clip(const struct range *r, struct span span, struct span *ret_part)
{
	if (!span_of(r, ret_part) || ret_part->first > span.last || ret_part->last < span.first)
		return false;
	if (ret_part->first < span.first)
		ret_part->first = span.first;
	if (ret_part->last > span.last)
		ret_part->last = span.last;
	return true;
}

static int compare_edges(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* At edges[0..], of the locks of the open that reach into span; NULL: only count them. */
static size_t collect(const struct lock_open *lo, struct span span, struct edge *edges)
{
	size_t n = 0;

	SMB3_LIST_EACH(&lo->ranges, node) {
		const struct range *r = SMB3_CONTAINER(node, struct range, owner_link);
		struct span part;

		if (!clip(r, span, &part))
			continue;
		if (edges) {
			edges[n] = (struct edge){ part.first, r->exclusive, !r->exclusive };
			edges[n + 1] =
				(struct edge){ part.last + 1, -r->exclusive, -!r->exclusive };
		}
		n += 2;
	}
	return n;
}

/* Makes the kernel's view of span what the open's locks are. */
static int settle(const struct lock_open *lo, struct span span)
{
	size_t n = collect(lo, span, NULL);
	struct edge *edges, now = { .at = span.first };
	int err = 0;

	if (!n)
		return set(lo, F_UNLCK, span);
	edges = smb3_alloc((n + 1) * sizeof(*edges));
	collect(lo, span, edges);
	edges[n] = (struct edge){ .at = span.last + 1 };
	qsort(edges, n + 1, sizeof(*edges), compare_edges);
	for (size_t i = 0; i <= n && !err; i++) {
		if (edges[i].at > now.at)
			err = set(lo, type_of(lo, now.exclusive, now.shared),
				  (struct span){ now.at, edges[i].at - 1 });
		now.at = edges[i].at;
		now.exclusive += edges[i].exclusive;
		now.shared += edges[i].shared;
	}
	free(edges);
	return err;
}

int posix_take(const struct range *r)
{
	const struct lock_open *lo = smb3_slot(&lock_open_slot, r->owner);
	struct span span;

	if (lo->fd < 0 || !span_of(r, &span))
		return 0;
	if (r->exclusive || !lo->n_exclusive)
		return set(lo, type_of(lo, r->exclusive, !r->exclusive), span);
	return settle(lo, span); /* a shared one must not weaken an exclusive one below it */
}

/* Giving up meets nobody's lock; what the kernel keeps for want of memory ends with the handle. */
void posix_give(const struct range *r)
{
	const struct lock_open *lo = smb3_slot(&lock_open_slot, r->owner);
	struct span span;

	if (lo->fd >= 0 && span_of(r, &span))
		settle(lo, span);
}

void posix_begin(const struct smb3_mod *mod, struct smb3_open *o)
{
	const struct lock_conf *conf = smb3_conf_of(mod, o->tree->share);
	struct lock_open *lo = smb3_slot(&lock_open_slot, o);
	int mode, fd;

	if (lo->asked || !conf->posix)
		return;
	lo->asked = true;
	fd = smb3_vfs_fd(o->handle->mount->top, o->handle);
	mode = fd < 0 ? -1 : fcntl(fd, F_GETFL);
	if (mode < 0 || mode & O_PATH)
		return;
	lo->reads = (mode & O_ACCMODE) != O_WRONLY;
	lo->writes = (mode & O_ACCMODE) != O_RDONLY;
	lo->fd = fd;
}

void posix_end(struct lock_open *lo)
{
	if (lo->fd >= 0 && !smb3_list_empty(&lo->ranges))
		set(lo, F_UNLCK, (struct span){ 0, INT64_MAX });
	lo->asked = true;
	lo->fd = -1;
}
