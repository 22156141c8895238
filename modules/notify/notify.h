// SPDX-License-Identifier: Apache-2.0
/*
 * notify.h: what the files of module notify share.
 *
 *   watch    what an open's first CHANGE_NOTIFY made: filter, queue, waiting requests
 *   told     one change, on its way to the watches that want it
 *   folder   a directory of which the kernel tells us (kernel.h)
 *
 * Locks, none of which is held while another thread is waited for: index (which watch is where), then
 * kernel->lock; that, then a watch's; a watch's is the last. Under a file's mutex only the list in
 * its slot is touched.
 */
#ifndef NOTIFY_NOTIFY_H
#define NOTIFY_NOTIFY_H

#include <smb3/list.h>
#include <smb3/smb3.h>

#include <pthread.h>
#include <stdatomic.h>

struct notify_conf {
	bool enabled, local;
	int64_t changes, watches, session_watches, folders;
};

/* The module's data. */
struct notify {
	struct smb3_mod *mod;
	struct kernel *kernel;
	pthread_rwlock_t index;
	struct smb3_hash watches; /* of watch.node, by notify_key() */
	_Atomic uint32_t n_watches, n_trees;
	_Atomic bool said_full;
};

/* path, of a name below a share, has changed. With second, a pair in one folder: a rename. */
struct told {
	uint32_t action, filter;
	const char *path;
	const char *second; /* FILE_ACTION_RENAMED_NEW_NAME of it follows; NULL: none */
	bool listed;        /* kernel_tell: the name is as clients see it, and not as on disk */
};

struct change; /* in a queue: queue.c */

struct queue {
	struct change *first, *last;
	size_t size; /* bytes of the reply that it would fill */
	uint32_t count;
	bool overflow;
};

struct watch {
	_Atomic uint32_t refs; /* the open's, mail, jobs, whoever tells it something */
	struct notify *notify;
	struct smb3_worker *worker;
	struct smb3_share *share;   /* a reference */
	struct smb3_identity *who;  /* a reference */
	struct smb3_hash_node node; /* index */
	uint64_t root;              /* index: which share, however often it was loaded */
	char *path;                 /* index, changed under kernel->lock too: of the folder */
	struct smb3_list file_link; /* under the file's mutex */
	struct smb3_list reqs;      /* worker: those that wait */
	struct folder *folder;      /* kernel->lock; NULL: the kernel does not tell */
	struct smb3_list folder_link;
	struct smb3_mount *mount; /* kernel->lock; of the share */
	uint64_t since;           /* smb3_clock(): what happened before is not told */
	uint32_t filter;
	bool tree;
	size_t room;        /* bytes that the queue holds */
	uint32_t max_count; /* and changes */
	pthread_mutex_t lock;
	struct queue queue;  /* lock */
	bool waiting;        /* lock: a request waits for the next change */
	_Atomic bool doomed; /* the folder is to be deleted */
	_Atomic bool ended;  /* the open is closed */
	_Atomic bool posted; /* mail is under way */
	struct smb3_mail mail;
};

/* A request that waits; req->state. */
struct waiting {
	struct smb3_list link;
	struct smb3_req *req;
	uint32_t max;
};

extern struct smb3_slot notify_open_slot, notify_file_slot, notify_session_slot;

struct notify_open {
	struct watch *watch;
	_Atomic bool renamed; /* told as a change of attributes when it is closed */
};
struct notify_file {
	struct smb3_list watches;
};
struct notify_session {
	int64_t watches;
};

const struct notify_conf *notify_conf(const struct notify *n, const struct smb3_share *share);

/* queue.c: [MS-FSCC] 2.7.1 */

/* The part of told that one sees who watches `depth` bytes of its path. False: does not fit in room
 * bytes or max changes; the queue is emptied and has overflowed. */
bool queue_add(struct queue *q, const struct told *told, size_t depth, const struct watch *w);
void queue_overflow(struct queue *q);
void queue_clear(struct queue *q);
static inline bool queue_empty(const struct queue *q)
{
	return !q->first && !q->overflow;
}
/* Writes and empties it; STATUS_NOTIFY_ENUM_DIR when there is more than fits in max. */
ntstatus queue_put(struct queue *q, struct smb3_builder *out, size_t max);

/* watch.c */

/* The open's watch, made by its first request. */
ntstatus watch_get(struct smb3_req *req, uint32_t filter, bool tree, uint32_t max,
		   struct watch **ret_watch);
void watch_end(struct smb3_open *o);
struct watch *watch_ref(struct watch *w);
void watch_unref(struct watch *w);
/* From any thread. */
void watch_tell(struct watch *w, const struct told *told, size_t depth);
void watch_overflow(struct watch *w);
/* Its worker looks at it soon. */
void watch_wake(struct watch *w);
/* The folder of that share at old has a new name. */
void watch_renamed(struct notify *n, struct smb3_share *share, const char *old, const char *to);

/* match.c: a change that this server has made goes to the watches that it concerns. */
void notify_tell(struct notify *n, const struct smb3_share *share, const struct told *told);
void notify_tell_rename(struct notify *n, struct smb3_event *event);
uint64_t notify_root(const struct smb3_share *share);
uint64_t notify_key(uint64_t root, const char *path);
/* Where the last component of a path begins. */
size_t notify_leaf(const char *path);

/* notify.c: on the watch's worker, something has come */
void notify_answer(struct watch *w);

#endif
