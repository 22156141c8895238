// SPDX-License-Identifier: Apache-2.0
/*
 * keep.c: moving a file into the bin. It is one rename that never replaces anything, so that
 * whoever comes at the same time with a file of the same name gets another name for it, and a crash
 * leaves the file in one of both places.
 */
#include "recycle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define KEEP_TRIES 1000 /* names that others take at the same time */
#define TREE_TRIES 100  /* names for a folder, of which files have the first ones */
#define BASE_MODE  01777

void recycle_close_below(struct smb3_vfs *self, struct smb3_handle *h)
{
	if (h && h->opened)
		smb3_vfs_close(self->next, h);
	smb3_handle_free(h);
}

void recycle_kept_free(struct smb3_vfs *self, struct recycle_kept *kept)
{
	recycle_close_below(self, kept->dir);
	free(kept->name);
	*kept = (struct recycle_kept){ .dir = NULL };
}

/* ---- folders ---- */

static int folder_open(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		       const char *name, uint32_t flags, struct smb3_handle **ret_h)
{
	const struct smb3_how how = { .flags = flags | SMB3_O_DIRECTORY | SMB3_O_NOFOLLOW };
	struct smb3_handle *h = smb3_handle_new(self->mount);
	int err = smb3_vfs_open(self->next, ctx, dir, name, &how, h);

	if (err)
		smb3_handle_free(h);
	else
		*ret_h = h;
	return err;
}

static int folder_make(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		       const char *name, uint32_t mode)
{
	const struct smb3_how how = {
		.flags = SMB3_O_CREATE | SMB3_O_DIRECTORY | SMB3_O_META,
		.mode = mode,
	};
	struct smb3_handle *h = smb3_handle_new(self->mount);
	int err = smb3_vfs_open(self->next, ctx, dir, name, &how, h);

	recycle_close_below(self, h);
	return err == -EEXIST ? 0 : err;
}

/* Another one may make it, or prune it away, in between. */
static int folder_get(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		      const char *name, uint32_t mode, struct smb3_handle **ret_h)
{
	int err = folder_open(self, ctx, dir, name, SMB3_O_META, ret_h);

	for (int i = 0; i < 3 && err == -ENOENT && mode; i++) {
		err = folder_make(self, ctx, dir, name, mode);
		if (!err)
			err = folder_open(self, ctx, dir, name, SMB3_O_META, ret_h);
	}
	return err;
}

static int reach_root(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle **ret_h)
{
	struct smb3_handle *h = smb3_handle_new(self->mount);
	int err = smb3_vfs_root(self->next, ctx, h);

	if (err)
		smb3_handle_free(h);
	else
		*ret_h = h;
	return err;
}

int recycle_reach(struct smb3_vfs *self, const struct smb3_ctx *ctx, const char *path,
		  uint32_t flags, uint32_t mode, struct smb3_handle **ret_h)
{
	struct smb3_handle *at = NULL, *next;
	char *copy = smb3_strdup(path), *rest = copy, *name;
	int err = reach_root(self, ctx, &at);

	while (!err && (name = strsep(&rest, "/"))) {
		if (!rest && flags)
			err = folder_open(self, ctx, at, name, flags, &next);
		else
			err = folder_get(self, ctx, at, name, mode, &next);
		recycle_close_below(self, at);
		at = err ? NULL : next;
	}
	free(copy);
	if (!err)
		*ret_h = at;
	return err;
}

void recycle_make_base(struct smb3_vfs *self)
{
	struct smb3_ctx ctx = { .arena = smb3_arena_new() };
	struct recycle_mount *m = recycle_mount_of(self);
	bool own = strchr(m->conf->repository, '%');
	struct smb3_handle *h = NULL;

	/* With bins of their own users make them by themselves, in a folder where they can. */
	if (!recycle_reach(self, &ctx, m->base, 0, own ? BASE_MODE : m->conf->directory_mode, &h))
		recycle_close_below(self, h);
	smb3_arena_free(ctx.arena);
}

/* A bin with the user's name that somebody else has made is somebody else's. */
static int bin_check(struct smb3_vfs *self, const struct smb3_ctx *ctx, const char *bin)
{
	struct smb3_handle *h;
	struct smb3_stat st;
	int err;

	if (!strstr(recycle_mount_of(self)->conf->repository, "%U") &&
	    !strstr(recycle_mount_of(self)->conf->repository, "%u"))
		return 0;
	err = recycle_reach(self, ctx, bin, 0, recycle_mount_of(self)->conf->directory_mode, &h);
	if (err)
		return err;
	err = smb3_vfs_stat(self->next, ctx, h, &st);
	if (!err && ctx->who && smb3_server_can_switch(self->mount->server) &&
	    st.uid != ctx->who->uid)
		err = -EPERM;
	recycle_close_below(self, h);
	return err;
}

/* A file that was kept may have the name of a folder: that gets a number, as files do. */
static int folder_of_tree(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			  struct smb3_handle *dir, const char *name, struct smb3_handle **ret_h)
{
	uint32_t mode = recycle_mount_of(self)->conf->directory_mode;
	int err = folder_get(self, ctx, dir, name, mode, ret_h);

	for (uint64_t n = 2; n < TREE_TRIES && (err == -ENOTDIR || err == -ELOOP); n++) {
		char *version = recycle_version(name, n);

		err = folder_get(self, ctx, dir, version, mode, ret_h);
		free(version);
	}
	return err;
}

/* The folder of the bin into which a file of that path goes. */
static int reach_in_bin(struct smb3_vfs *self, const struct smb3_ctx *ctx, const char *bin,
			const char *path, struct smb3_handle **ret_h)
{
	const struct recycle_conf *conf = recycle_mount_of(self)->conf;
	char *copy = smb3_strdup(path), *rest = copy, *name;
	struct smb3_handle *at = NULL, *next;
	int err = recycle_reach(self, ctx, bin, 0, conf->directory_mode, &at);

	while (!err && conf->keep_tree && (name = strsep(&rest, "/")) && rest) {
		err = folder_of_tree(self, ctx, at, name, &next);
		recycle_close_below(self, at);
		at = err ? NULL : next;
	}
	free(copy);
	if (!err)
		*ret_h = at;
	return err;
}

/* ---- names ---- */

static bool taken(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		  const char *name, uint64_t n)
{
	const struct smb3_how how = { .flags = SMB3_O_META | SMB3_O_NOFOLLOW };
	struct smb3_handle *h = smb3_handle_new(self->mount);
	char *version = recycle_version(name, n);
	int err = smb3_vfs_open(self->next, ctx, dir, version, &how, h);

	recycle_close_below(self, h);
	free(version);
	return err != -ENOENT;
}

/* A number that is free, as a rule the lowest: numbers are looked for by doubling and halving, so
 * that the thousandth version costs twenty looks. */
static uint64_t free_number(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			    struct smb3_handle *dir, const char *name)
{
	uint64_t low = 1, high = 2;

	while (high < 1ull << 40 && taken(self, ctx, dir, name, high)) {
		low = high;
		high *= 2;
	}
	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;

		if (taken(self, ctx, dir, name, middle))
			low = middle;
		else
			high = middle;
	}
	return high;
}

struct move {
	struct smb3_vfs *self;
	const struct smb3_ctx *ctx;
	struct smb3_handle *from;
	const char *name;
	struct recycle_kept *kept;
};

static int move_as(const struct move *mv, char *to, uint32_t flags)
{
	int err = smb3_vfs_rename(mv->self->next, mv->ctx, mv->from, mv->name, mv->kept->dir, to,
				  flags);

	if (err)
		free(to);
	else
		mv->kept->name = to;
	return err;
}

static int move_in(const struct move *mv)
{
	const struct recycle_conf *conf = recycle_mount_of(mv->self)->conf;
	bool versions = conf->versions && !smb3_match_any(conf->no_versions, mv->name);
	int err = move_as(mv, smb3_strdup(mv->name), versions ? 0 : SMB3_RENAME_REPLACE);
	uint64_t n;

	if (err != -EEXIST && err != -EISDIR)
		return err;
	err = -EEXIST;
	n = free_number(mv->self, mv->ctx, mv->kept->dir, mv->name);
	for (int i = 0; i < KEEP_TRIES && err == -EEXIST; i++)
		err = move_as(mv, recycle_version(mv->name, n++), 0);
	return err;
}

/* ---- all of it ---- */

static int keep_in(struct move *mv, const char *bin, const char *path)
{
	struct smb3_vfs *self = mv->self;
	const struct smb3_ctx *ctx = mv->ctx;
	struct smb3_stat st;
	int err = -ENOENT;

	/* Pruning takes empty folders away, this one too perhaps. */
	for (int i = 0; i < 8 && err == -ENOENT; i++) {
		err = reach_in_bin(self, ctx, bin, path, &mv->kept->dir);
		if (err)
			continue;
		err = move_in(mv);
		if (!err)
			return 0;
		recycle_kept_free(self, mv->kept);
		if (err == -ENOENT && smb3_vfs_lookup(self->next, ctx, mv->from, mv->name, &st))
			return -ENOENT; /* it was the file that is not there */
	}
	return err;
}

int recycle_keep(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		 const char *name, const char *path, struct recycle_kept *ret_kept)
{
	const struct recycle_conf *conf = recycle_mount_of(self)->conf;
	char *bin = recycle_bin(self->mount->share, conf->repository, ctx->who);
	struct move mv = { self, ctx, dir, name, ret_kept };
	int err;

	*ret_kept = (struct recycle_kept){ .dir = NULL };
	if (!bin)
		return -EINVAL;
	err = bin_check(self, ctx, bin);
	if (!err)
		err = keep_in(&mv, bin, path);
	free(bin);
	return err;
}
