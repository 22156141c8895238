// SPDX-License-Identifier: Apache-2.0
/*
 * mem.h: the tree of a file system in memory. Everything is under the mount's mutex.
 *
 *   node   a file, folder, link or stream; counted by the entries and handles that lead to it
 *   entry  a name in a folder, or of a stream or an xattr of a file
 */
#ifndef VFS_MEM_H
#define VFS_MEM_H

#include <pthread.h>
#include <smb3/smb3.h>
#include <sys/stat.h>

#define MEM_CLUSTER   4096
#define MEM_NODE_COST 512 /* what a node counts against the limit */

struct mem_entry {
	char *name;
	struct mem_node *node;
	uint64_t cookie; /* ascending */
};

struct mem_list {
	struct mem_entry *entry;
	size_t count, room;
};

struct mem_node {
	unsigned int refs;
	struct smb3_stat st; /* links counts entries; size is that of the contents */
	uint8_t *bytes;      /* room of them; what is beyond reads as zeros */
	size_t room;
	struct mem_list entries; /* of a folder */
	struct mem_list streams;
	struct mem_list xattrs; /* a value is the contents of a node */
	char *target;
};

struct mem_mount {
	pthread_mutex_t lock;
	struct mem_node *root;
	uint64_t dev, last_ino, last_cookie;
	uint64_t used, limit;
};

#define MEM_SETTABLE                                                                      \
	(FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM |        \
	 FILE_ATTRIBUTE_ARCHIVE | FILE_ATTRIBUTE_TEMPORARY | FILE_ATTRIBUTE_SPARSE_FILE | \
	 FILE_ATTRIBUTE_OFFLINE | FILE_ATTRIBUTE_NOT_CONTENT_INDEXED)

struct mem_handle {
	struct mem_node *node; /* a reference */
	struct mem_node *data; /* a reference: node, or the stream's */
};

static inline struct mem_mount *mem_lock(struct smb3_vfs *self)
{
	struct mem_mount *m = self->data;

	pthread_mutex_lock(&m->lock);
	return m;
}

static inline void mem_unlock(struct mem_mount *m)
{
	pthread_mutex_unlock(&m->lock);
}

static inline struct mem_node *mem_of(struct smb3_vfs *self, struct smb3_handle *h)
{
	const struct mem_handle *mh = smb3_vfs_of(self, h);

	return mh->node;
}

/* ---- tree.c ---- */

/* One reference; NULL when the limit is reached. */
struct mem_node *mem_node_new(struct mem_mount *m, const struct smb3_ctx *ctx, uint32_t mode);
void mem_node_unref(struct mem_mount *m, struct mem_node *node); /* NULL is allowed */

/* Ignores case unless exact. */
struct mem_entry *mem_find(const struct mem_list *list, const char *name, bool exact);
/* Takes a reference of node. 0, -EEXIST or -ENAMETOOLONG. */
int mem_add(struct mem_mount *m, struct mem_list *list, const char *name, struct mem_node *node);
void mem_drop(struct mem_mount *m, struct mem_list *list, struct mem_entry *entry);
/* The first entry after cookie, or NULL. */
const struct mem_entry *mem_after(const struct mem_list *list, uint64_t cookie);

/* Makes room for bytes up to end; -ENOSPC, -EFBIG. */
int mem_grow(struct mem_mount *m, struct mem_node *node, uint64_t end);
void mem_cut(struct mem_mount *m, struct mem_node *node, uint64_t size);

void mem_touch(struct mem_node *node);
/* What is told of a node, with the size of data. */
void mem_fill(const struct mem_node *node, const struct mem_node *data, struct smb3_stat *ret_stat);
/* What a new node of that type is given. */
uint32_t mem_attributes(uint32_t mode, uint32_t wanted);

/* ---- folder.c ---- */

/* -EINVAL for what is no component, -ENOTDIR when dir is none. */
int mem_check_name(struct smb3_vfs *self, struct smb3_handle *dir, const char *name);
/* A new node under a name; no reference. */
int mem_create(struct mem_mount *m, const struct smb3_ctx *ctx, struct mem_node *dir,
	       const char *name, uint32_t mode, struct mem_node **ret_node);
int mem_lookup(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
	       const char *name, struct smb3_stat *ret_stat);
int mem_readdir(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		uint64_t *cookie, smb3_emit_fn emit, void *arg);
int mem_remove(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
	       const char *name, bool directory);
int mem_rename(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
	       const char *name, struct smb3_handle *to_dir, const char *to_name, uint32_t flags);
int mem_link(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
	     struct smb3_handle *to_dir, const char *to_name);
int mem_make(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
	     const char *name, uint32_t mode, uint64_t rdev, const char *target);
ssize_t mem_readlink(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		     char *buf, size_t size);

#endif
