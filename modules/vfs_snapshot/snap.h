// SPDX-License-Identifier: Apache-2.0
/*
 * snap.h: what the files of vfs_snapshot share.
 *
 *   snapshot  a folder that shows what the share was at some time
 *   version   a snapshot that somebody uses: a mount of its own of the layers below, on that folder
 *   inner     the handle below that a version's handle stands for; NULL: it is of the live share
 *
 * All functions answer 0 or a count, or a negative errno.
 */
#ifndef VFS_SNAPSHOT_SNAP_H
#define VFS_SNAPSHOT_SNAP_H

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <regex.h>
#include <smb3/smb3.h>

enum snap_layout { SNAP_NAMES, SNAP_SNAPPER };
enum snap_order { SNAP_NEWEST, SNAP_OLDEST };
enum snap_taker { SNAP_TAKE_NONE, SNAP_TAKE_BTRFS, SNAP_TAKE_COPY };

struct snap_conf {
	bool enabled, visible, local_time;
	const char *folder, *pattern, *format, *base;
	int layout; /* enum snap_layout */
	int order;  /* enum snap_order */
	int take;   /* enum snap_taker */
	int64_t most, keep;
	uint64_t cache;
};

/* ---- stamp.c: from names to times ---- */

#define SNAP_STAMP_MAX 128 /* characters of a name that tell its time */

/* The time that text tells, all of it, in format; 0: none. */
smb3_nttime snap_stamp(const char *text, const char *format, bool local);
/* The same for a snapshot's name: the last parenthesised part of the pattern that fits it. */
smb3_nttime snap_stamp_name(const char *name, const regex_t *pattern, const char *format,
			    bool local);
/* The date in snapper's info.xml. */
smb3_nttime snap_stamp_info(const char *xml);

/* ---- list.c: which snapshots there are ---- */

struct snap_entry {
	smb3_nttime when;
	char *name; /* below the folder of snapshots */
};

struct snap_list {
	struct snap_entry *entries; /* newest first, one for each time */
	size_t n;
};

struct snap_mount {
	const struct snap_conf *conf; /* lives as long as the share */
	struct smb3_vfs *self;
	const struct smb3_share *share;
	regex_t pattern;
	bool has_pattern;
	char *hidden; /* a name in the root that clients do not see; NULL: none */
	/* Held while the disk is looked at, by who may wait; the lock below comes under it. */
	pthread_mutex_t looking;
	pthread_mutex_t lock; /* of what follows: nobody waits for a disk with it */
	struct snap_list list;
	uint64_t listed_until;     /* smb3_clock(): the list holds until then; 0: there is none */
	struct smb3_list versions; /* struct version */
	/* Held while a snapshot is taken or removed; the locks above come below it. */
	pthread_mutex_t taking;
};

/* Acts as the server itself, where a user has no business; what enter returns, leave wants. */
uid_t snap_enter(void);
void snap_leave(uid_t user);
/* A descriptor of the folder of snapshots, -ENOENT when there is none. */
int snap_folder(const struct snap_mount *m);
/* A folder below it, by a path of names that are followed through no link. */
int snap_below(int folder, const char *path);
/* Without any lock: reads the list anew when it is too old. -EAGAIN when that would block; a folder that
 * cannot be read has none, for now. */
int snap_refresh(struct snap_mount *m, const struct smb3_ctx *ctx);
void snap_list_free(struct snap_list *list);

/* ---- version.c ---- */

struct version {
	struct smb3_list link;
	struct snap_mount *owner;
	smb3_nttime when;
	unsigned int refs;
	bool gone; /* its snapshot is not listed any more: not for new handles */
	int fd;    /* of its folder */
	char path[32];
	uint64_t mix[2]; /* what makes its file numbers differ from all others' */
	struct smb3_share view;
	struct smb3_mount *mount;
};

/* A reference. -ENOENT: there is no such version. */
int version_get(struct snap_mount *m, const struct smb3_ctx *ctx, smb3_nttime when,
		struct version **ret_version);
void version_put(struct version *v);
/* Under the owner's lock: takes note of those that are not listed any more. */
void version_sweep(struct snap_mount *m);
/* A number that is the same for each handle of the object, and none of the live share's. */
uint64_t version_ino(const struct version *v, uint64_t ino);
void version_stat(const struct version *v, struct smb3_stat *st);

/* ---- handles ---- */

struct snap_handle {
	struct version *version; /* a reference, or NULL */
	struct smb3_handle *inner;
	bool root; /* of the live share */
};

static inline struct snap_mount *snap_mount_of(const struct smb3_vfs *self)
{
	return self->data;
}

static inline struct snap_handle *snap_of(const struct smb3_vfs *self, struct smb3_handle *h)
{
	return smb3_vfs_of(self, h);
}

static inline struct smb3_handle *inner_of(const struct smb3_vfs *self, struct smb3_handle *h)
{
	return snap_of(self, h)->inner;
}

/* ---- names.c: from names to handles ---- */

int snap_root(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h);
int snap_walk(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
	      const char *path, struct smb3_handle *h);
int snap_open(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
	      const char *name, const struct smb3_how *how, struct smb3_handle *h);
int snap_open_stream(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *base,
		     const char *stream, const struct smb3_how *how, struct smb3_handle *h);
int snap_clone(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *from,
	       struct smb3_handle *h);
void snap_close(struct smb3_vfs *self, struct smb3_handle *h);
int snap_lookup(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		const char *name, struct smb3_stat *ret_stat);
int snap_readdir(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		 uint64_t *cookie, smb3_emit_fn emit, void *arg);
/* Whether this is what clients do not see, by whatever way they came to dir. */
bool snap_hidden(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		 const char *name);
/* Whether a component of path is called so, and where the first one begins. */
bool snap_names_hidden(const struct smb3_vfs *self, const char *path, size_t *ret_at);

/* ---- data.c: all that is done with handles ---- */

int snap_stat(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
	      struct smb3_stat *ret_stat);
int snap_setattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		 const struct smb3_setattr *set);
ssize_t snap_pread(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		   void *buf, size_t len, uint64_t offset);
ssize_t snap_splice(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		    struct smb3_tube *tube, size_t len, uint64_t offset);
ssize_t snap_pwrite(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		    const void *buf, size_t len, uint64_t offset);
int snap_flush(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h);
int snap_truncate(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		  uint64_t size);
int snap_alloc(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
	       uint64_t offset, uint64_t len, uint32_t flags);
int snap_next_data(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		   uint64_t *offset, uint64_t *len);
ssize_t snap_copy(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *from,
		  uint64_t from_offset, struct smb3_handle *to, uint64_t to_offset, size_t len,
		  uint32_t flags);
int snap_remove(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		const char *name, bool directory);
int snap_rename(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		const char *name, struct smb3_handle *to_dir, const char *to_name, uint32_t flags);
int snap_link(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
	      struct smb3_handle *to_dir, const char *to_name);
int snap_make(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
	      const char *name, uint32_t mode, uint64_t rdev, const char *target);
int snap_become(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		const char *name, struct smb3_handle *h, const char *target);
ssize_t snap_readlink(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      char *buf, size_t size);
ssize_t snap_getxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      const char *name, void *buf, size_t size);
int snap_setxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		  const char *name, const void *value, size_t len);
ssize_t snap_listxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       char *buf, size_t size);
int snap_list_streams(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      smb3_emit_stream_fn emit, void *arg);
int snap_remove_stream(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h);
int snap_rename_stream(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       const char *to, uint32_t flags);
int snap_statfs(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		struct smb3_fsinfo *ret_info);
int snap_fd(struct smb3_vfs *self, struct smb3_handle *h);

#endif
