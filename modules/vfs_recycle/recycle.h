// SPDX-License-Identifier: Apache-2.0
/*
 * recycle.h: what the files of vfs_recycle share.
 *
 *   repository  the folder below the share into which deleted files go, with letters: ".recycle/%U"
 *   bin         that folder for one user, with its letters replaced: ".recycle/alice"
 */
#ifndef VFS_RECYCLE_RECYCLE_H
#define VFS_RECYCLE_RECYCLE_H

#include <pthread.h>
#include <smb3/smb3.h>
#include <stdatomic.h>

#define RECYCLE_LETTERS "UuDS%"
#define RECYCLE_DEPTH   64  /* folders in one another, in a bin */
#define RECYCLE_DUES    256 /* bins whose times are remembered */

enum recycle_fallback { RECYCLE_REFUSE, RECYCLE_DELETE };

struct recycle_conf {
	bool enabled, keep_tree, versions, replaced, touch_accessed, touch_written, hidden;
	const char *repository;
	const char *const *exclude, *const *exclude_folders, *const *no_versions;
	uint32_t directory_mode;
	uint64_t min_size, max_file_size, max_size; /* bytes; 0: no limit */
	uint64_t max_age, prune_interval;           /* ms; max_age 0: for ever */
	int fallback;
};

struct recycle_mount {
	const struct recycle_conf *conf; /* lives as long as the share */
	char *base;                      /* first component of the repository */
	_Atomic bool pruning;
	pthread_mutex_t lock;
	struct recycle_due {
		uint64_t bin; /* hash of its path */
		uint64_t at;  /* smb3_clock(): not to be pruned before */
	} due[RECYCLE_DUES];
};

struct recycle_handle {
	char *path; /* by which it was opened */
};

static inline struct recycle_mount *recycle_mount_of(const struct smb3_vfs *self)
{
	return self->data;
}

/* ---- names.c ---- */

/* The repository of this user; NULL when a letter has no value that is a name. To be freed. */
char *recycle_bin(const struct smb3_share *share, const char *repository,
		  const struct smb3_identity *who);
/* "report.txt", 2: "report #2.txt". To be freed. */
char *recycle_version(const char *name, uint64_t n);
/* Whether path is the folder, or lies in it, whatever the case. */
bool recycle_inside(const char *path, const char *folder);

/* ---- keep.c ---- */

/* Where a file has gone. */
struct recycle_kept {
	struct smb3_handle *dir; /* of the bin */
	char *name;
};

void recycle_kept_free(struct smb3_vfs *self, struct recycle_kept *kept);
/* Moves the file that is dir's name, at path below the share, into the bin. */
int recycle_keep(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		 const char *name, const char *path, struct recycle_kept *ret_kept);
/* Opens the folder at path from the share's root, without following links; mode not 0: makes what
 * is missing. */
int recycle_reach(struct smb3_vfs *self, const struct smb3_ctx *ctx, const char *path,
		  uint32_t flags, uint32_t mode, struct smb3_handle **ret_h);
/* A handle that was opened below this layer. NULL is allowed. */
void recycle_close_below(struct smb3_vfs *self, struct smb3_handle *h);
/* The folder of all bins, as far as the server can make it. */
void recycle_make_base(struct smb3_vfs *self);

/* ---- prune.c ---- */

/* Something has come into the bin of this user: looks, on the pool and not all the time, whether
 * older things have to go. */
void recycle_prune(struct smb3_vfs *self, const struct smb3_identity *who);

#endif
