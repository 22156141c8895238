// SPDX-License-Identifier: Apache-2.0
/*
 * kernel.h: changes that others make, told by inotify. Private to the module.
 *
 * What this server changes itself is told by the modules that do it, with the facts that clients ask
 * for, and comes from the kernel a second time. So an event of the kernel is held for a moment; the
 * module's own report, which comes right after the system call, finds it there and takes it away.
 * What nobody claims was done by somebody else and is told when its time is over.
 */
#ifndef NOTIFY_KERNEL_H
#define NOTIFY_KERNEL_H

#include "notify.h"

#include <ev.h>
#include <sys/inotify.h>

/* A directory that the kernel watches for us. It has a parent when it is known as part of a tree;
 * it is kept as long as it has watches or a tree above it is watched. */
struct folder {
	struct smb3_hash_node by_wd, by_name; /* keys: wd; folder_key() */
	int wd;
	uint32_t mask; /* IN_... */
	struct folder *parent;
	char *name; /* in the parent; "" without one */
	struct smb3_list sibling, children;
	struct smb3_list watches; /* of watch.folder_link */
	uint32_t moving;          /* cookie: left its place, and has not come anywhere yet */
};

/* An event that waits to be claimed. */
struct held {
	struct smb3_list link;
	int wd;
	uint32_t mask, cookie;
	uint64_t when, claimed_by; /* the root through which it was told; 0: nobody */
	char name[];
};

struct kernel {
	struct notify *notify;
	int fd; /* -1: not available */
	ev_io watcher;
	struct smb3_worker *worker;
	struct smb3_timer timer;
	struct smb3_mail mail;
	_Atomic bool mailed;
	bool stopped;         /* worker */
	pthread_mutex_t lock; /* all that follows */
	bool timing, full, said_full;
	int64_t n_folders;
	struct smb3_hash by_wd, by_name;
	struct smb3_list held, moving; /* moving: of folder.sibling */
	size_t n_held;
};

struct kernel *kernel_new(struct notify *n);
void kernel_free(struct kernel *k);
void kernel_start(struct kernel *k);
void kernel_stop(struct kernel *k);
/* In work, as the watch's user: h is the open folder. */
void kernel_watch(struct kernel *k, struct watch *w, struct smb3_handle *h);
void kernel_unwatch(struct kernel *k, struct watch *w);
/* The events that told (which w has seen) caused are no longer to be told. False: the kernel does
 * not know the folder through this watch. */
bool kernel_claim(struct kernel *k, struct watch *w, const struct told *told, size_t depth);

/* events.c */

void held_free(struct kernel *k, struct held *h);
/* Starts the time after which held events are told. */
void kernel_on_mail(struct smb3_worker *w, struct smb3_mail *mail);
/* Under the lock: reads what has come. */
void kernel_drain(struct kernel *k);
/* Under the lock: tells who watches that folder or its tree what happened then; not those of root
 * except, nor who did not watch yet. */
void kernel_tell(struct folder *f, const struct told *told, uint64_t except, uint64_t when);

/* folders.c; all under the lock */

struct folder *folder_find(struct kernel *k, int wd);
struct folder *folder_child(struct kernel *k, const struct folder *parent, const char *name);
/* The folder at fd, watched for mask as well; NULL when the kernel refuses or a limit is reached. */
struct folder *folder_add(struct kernel *k, int fd, uint32_t mask);
void folder_attach(struct kernel *k, struct folder *f, struct folder *parent, const char *name);
void folder_detach(struct kernel *k, struct folder *f);
/* Drops f and what is below it as far as nobody needs it any more. */
void folder_settle(struct kernel *k, struct folder *f);
/* The kernel has stopped watching it. */
void folder_gone(struct kernel *k, struct folder *f);
/* What those who watch trees here want to know; 0: nobody watches this as part of a tree. */
uint32_t folder_tree_mask(const struct folder *f);
/* One that watches the tree that f is in, or NULL. */
struct watch *folder_tree_watch(const struct folder *f);
uint32_t mask_of_filter(uint32_t filter, bool tree);
/* What clients call an entry of f that has this name on disk, as a watch of the tree sees it; to be
 * freed. NULL: for them there is none. */
char *folder_client_name(const struct folder *f, const char *disk);

/* walk.c */

/* The folders below f become known, on the pool, as the user of w, which watches f itself. */
void walk_tree(struct kernel *k, struct watch *w);
/* Under the lock: the same with the folder of that name in f, which is new there, for whoever watches
 * the tree. With report, what is found in it is told as new, too. */
void walk_new(struct kernel *k, const struct folder *f, const char *name, bool report);

#endif
