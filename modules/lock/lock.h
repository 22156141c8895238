// SPDX-License-Identifier: Apache-2.0
/*
 * lock.h: what the files of the module lock share.
 *   range    a granted lock; also one that is waited for, outside of the file's sets
 *   waiter   a LOCK request that waits for its one range
 */
#ifndef LOCK_H
#define LOCK_H

#include "ranges.h"

#include <smb3/smb3.h>

enum lock_replay {
	LOCK_REPLAY_OFF,
	LOCK_REPLAY_SPEC, /* opens that outlive a connection, and connections with multichannel */
	LOCK_REPLAY_ALL,  /* every connection of 3.0 and later */
};

struct lock_conf {
	int64_t per_open, per_file;
	int replay;
	bool posix;
};

#define LOCK_SEQUENCES 64 /* LockSequenceIndex is 1 to 64 */

/* On the file, under its mutex. */
struct lock_file {
	struct ranges exclusive, shared;
	struct smb3_list waiters; /* of lock_waiter.link; who came first stands first */
	int64_t count;            /* granted and waited for */
};

/* On the open; sequence is its worker's, all else under the file's mutex. */
struct lock_open {
	struct smb3_list ranges; /* granted: range.owner_link, oldest first */
	uint64_t n_exclusive, n_shared;
	int64_t count;      /* with those that are waited for */
	bool closed;        /* nothing is granted any more */
	bool asked;         /* the next three are what they are */
	bool reads, writes; /* what the descriptor is open for */
	int fd;             /* on which the kernel is told of its locks; -1: it is not */
	uint8_t sequence[LOCK_SEQUENCES + 1]; /* number + 1; 0: not valid */
};

struct lock_waiter {
	struct smb3_list link; /* lock_file.waiters; on none once granted */
	struct smb3_req *req;
	struct smb3_file *file; /* a reference: the open may be gone before its request is */
	struct range *range;
	struct smb3_timer timer; /* runs when local programs may be in the way */
};

/* What is asked of a file. */
struct lock_ask {
	struct smb3_open *open;
	uint64_t offset, length;
	bool exclusive;
};

extern struct smb3_slot lock_file_slot, lock_open_slot;
extern const struct smb3_command lock_command;

/* All under the file's mutex. */

/* What stands in the way of one more lock, or of bytes being read (shared) or written (exclusive);
 * or NULL. */
const struct range *lock_in_the_way(struct smb3_file *f, const struct lock_ask *ask);
const struct range *lock_in_the_way_of_io(struct smb3_file *f, const struct lock_ask *ask);
/* A range that counts, but is not granted yet. */
struct range *lock_range_new(struct smb3_file *f, const struct lock_ask *ask);
void lock_range_free(struct smb3_file *f, struct range *r);
/* False: a local program is in the way. */
bool lock_grant(struct smb3_file *f, struct range *r);
void lock_release(struct smb3_file *f, struct range *r);
/* The owner's lock of exactly that range; an exclusive one first. NULL: none. */
struct range *lock_find(struct smb3_file *f, const struct lock_ask *ask);
/* After a release: those who wait and may have theirs now are told so by mail. */
void lock_wake(struct smb3_file *f);
/* The same for one of them. */
void lock_try(struct smb3_file *f, struct lock_waiter *w);

/* posix.c; under the mutex but for posix_begin, which is called on the open's worker before its
 * first lock. posix_take: -errno when the kernel refuses; r is among its owner's locks, and for
 * posix_give it is so no longer. posix_end: all at once, and no more from now on. */
void posix_begin(const struct smb3_mod *mod, struct smb3_open *o);
int posix_take(const struct range *r);
void posix_give(const struct range *r);
void posix_end(struct lock_open *lo);

/* The mail that lock_wake() posts, on the request's worker. */
void lock_granted(struct smb3_worker *w, struct smb3_mail *mail);

#endif
