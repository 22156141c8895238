// SPDX-License-Identifier: Apache-2.0
/*
 * index.h: what names a large folder has, without case, for all mounts of the process.
 *
 * An index is made by reading the folder once and kept current by inotify. Linux queues the event
 * of a change before the system call that made it returns, and in the order in which the changes of
 * one folder happened. So who takes in all queued events before looking sees every change that is
 * complete, whichever program made it. When the queue ran over, all indexes are dropped.
 *
 * All functions are for any thread.
 */
#ifndef VFS_POSIX_INDEX_H
#define VFS_POSIX_INDEX_H

#include "posix.h"

/* What has been; for tests. */
struct posix_index_figures {
	uint64_t folders, names, bytes; /* now */
	uint64_t built, answered, lost, evicted;
};

/* memory: bytes that all indexes together may take. NULL where there is no inotify (logged). */
struct posix_index *posix_index_new(uint64_t memory);
void posix_index_free(struct posix_index *ix); /* NULL is allowed */
void posix_index_limit(struct posix_index *ix, uint64_t memory);

/* Searches the index of a folder: 0, or -ENOENT; never blocks for long. -EAGAIN: there is none. */
int posix_index_find(struct posix_index *ix, uint64_t dev, uint64_t ino,
		     const struct posix_search *s);
/* Reads the folder (a descriptor that can be read; it is rewound) and then answers like find; waits
 * while another thread reads it. -EAGAIN: it cannot be indexed. */
int posix_index_build(struct posix_index *ix, int fd, const struct posix_search *s);
/* Does inotify tell all changes in this folder? Not when other machines can make them. */
bool posix_index_sees(int fd);
void posix_index_figures(struct posix_index *ix, struct posix_index_figures *ret_figures);

#endif
