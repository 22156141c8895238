// SPDX-License-Identifier: Apache-2.0
/*
 * vfs_recycle.c: the filter "recycle": files that clients delete, or replace by a rename, go into a
 * folder of the share. What lies in that folder is deleted for good.
 */
#include "recycle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ORDER         300
#define REPLACE_TRIES 8

static const struct recycle_conf *conf_of(const struct smb3_vfs *self)
{
	return recycle_mount_of(self)->conf;
}

static char *path_in(const struct smb3_vfs *self, struct smb3_handle *dir, const char *name)
{
	const char *parent = ((struct recycle_handle *)smb3_vfs_of(self, dir))->path;
	char *path = NULL;

	if (!parent || !*parent || asprintf(&path, "%s/%s", parent, name) < 0)
		return smb3_strdup(name);
	return path;
}

/* ---- opening: handles know their path ---- */

static int opened(const struct smb3_vfs *self, struct smb3_handle *h, char *path, int err)
{
	struct recycle_handle *rh = smb3_vfs_of(self, h);

	if (err) {
		free(path);
		return err;
	}
	free(rh->path);
	rh->path = path;
	return 0;
}

static int recycle_walk(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			const char *path, struct smb3_handle *h)
{
	return opened(self, h, path_in(self, dir, path),
		      smb3_vfs_walk(self->next, ctx, dir, path, h));
}

static bool hides(const struct smb3_vfs *self, struct smb3_handle *dir, const char *name)
{
	const struct recycle_handle *rh = smb3_vfs_of(self, dir);

	return conf_of(self)->hidden && (!rh->path || !*rh->path) &&
	       smb3_name_equal(name, recycle_mount_of(self)->base);
}

static int recycle_open(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			const char *name, const struct smb3_how *how, struct smb3_handle *h)
{
	if (how->flags & SMB3_O_LISTED && hides(self, dir, name))
		return -ENOENT;
	return opened(self, h, path_in(self, dir, name),
		      smb3_vfs_open(self->next, ctx, dir, name, how, h));
}

static int recycle_clone(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			 struct smb3_handle *from, struct smb3_handle *h)
{
	const struct recycle_handle *rh = smb3_vfs_of(self, from);

	return opened(self, h, rh->path ? smb3_strdup(rh->path) : NULL,
		      smb3_vfs_clone(self->next, ctx, from, h));
}

static void recycle_close(struct smb3_vfs *self, struct smb3_handle *h)
{
	struct recycle_handle *rh = smb3_vfs_of(self, h);

	free(rh->path);
	rh->path = NULL;
	smb3_vfs_close(self->next, h);
}

struct listing {
	const struct smb3_vfs *self;
	struct smb3_handle *dir;
	smb3_emit_fn emit;
	void *arg;
};

static bool list_one(void *arg, const struct smb3_dirent *entry)
{
	const struct listing *l = arg;

	return hides(l->self, l->dir, entry->name) || l->emit(l->arg, entry);
}

static int recycle_readdir(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			   uint64_t *cookie, smb3_emit_fn emit, void *arg)
{
	struct listing l = { self, h, emit, arg };

	return smb3_vfs_readdir(self->next, ctx, h, cookie, list_one, &l);
}

/* ---- what is kept ---- */

static bool folder_excluded(const struct recycle_conf *conf, const char *path)
{
	char *part = smb3_strdup(path), *slash;
	bool excluded = false;

	while (!excluded && (slash = strrchr(part, '/'))) {
		*slash = '\0';
		for (const char *const *p = conf->exclude_folders; *p && !excluded; p++)
			excluded = smb3_match_path(*p, part);
	}
	free(part);
	return excluded;
}

/* Links and devices have no content to keep. What would fill the bin by itself would be pruned at
 * once. */
static bool wanted_file(const struct smb3_vfs *self, const char *path, const char *name,
			const struct smb3_stat *st)
{
	const struct recycle_conf *conf = conf_of(self);

	if (!S_ISREG(st->mode) || st->size < conf->min_size)
		return false;
	if ((conf->max_file_size && st->size > conf->max_file_size) ||
	    (conf->max_size && st->size > conf->max_size))
		return false;
	return !recycle_inside(path, recycle_mount_of(self)->base) &&
	       !smb3_match_any(conf->exclude, name) && !folder_excluded(conf, path);
}

/* What a name stands for: a link itself, not what it leads to. */
static int look_at(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		   const char *name, struct smb3_handle *h, struct smb3_stat *ret_stat)
{
	const struct smb3_how how = { .flags = SMB3_O_META | SMB3_O_NOFOLLOW };
	int err = smb3_vfs_open(self->next, ctx, dir, name, &how, h);

	return err ? err : smb3_vfs_stat(self->next, ctx, h, ret_stat);
}

/* The file behind a name, when it is one to be kept; *ret_h NULL: as if this filter were not there.
 * What cannot be looked at may be one to be kept. */
static int find_file(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		     const char *name, const char *path, struct smb3_handle **ret_h,
		     struct smb3_stat *ret_stat)
{
	struct smb3_handle *h = smb3_handle_new(self->mount);
	int err = look_at(self, ctx, dir, name, h, ret_stat);

	*ret_h = NULL;
	if (!err && wanted_file(self, path, h->name && *h->name ? h->name : name, ret_stat)) {
		*ret_h = h;
		return 0;
	}
	recycle_close_below(self, h);
	return err == -ENOENT || err == -ELOOP ? 0 : err;
}

/* Times that do not come out are no reason to fail. */
static void touch(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	const struct recycle_conf *conf = conf_of(self);
	struct smb3_setattr set = { .mask = (conf->touch_accessed ? SMB3_SET_ACCESSED : 0) |
					    (conf->touch_written ? SMB3_SET_WRITTEN : 0) };

	if (!set.mask)
		return;
	set.accessed = set.written = smb3_now();
	(void)smb3_vfs_setattr(self->next, ctx, h, &set);
}

/* Why a file could not be moved, said where it is not refused but deleted for good. */
static bool may_go(const struct smb3_vfs *self, const char *path, int err)
{
	if (conf_of(self)->fallback != RECYCLE_DELETE || err == -ENOENT)
		return false;
	smb3_log(SMB3_LOG_WARNING, "share %s: %s is deleted without being kept: %s",
		 self->mount->share->name, path, strerror(-err));
	return true;
}

static int recycle_remove(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			  struct smb3_handle *dir, const char *name, bool directory)
{
	struct recycle_kept kept;
	struct smb3_handle *h;
	struct smb3_stat st;
	char *path;
	bool plain;
	int err;

	if (ctx->nowait)
		return -EAGAIN;
	if (directory)
		return smb3_vfs_remove(self->next, ctx, dir, name, true);
	path = path_in(self, dir, name);
	err = find_file(self, ctx, dir, name, path, &h, &st);
	plain = !err && !h;
	if (h)
		err = recycle_keep(self, ctx, dir, h->name && *h->name ? h->name : name, path,
				   &kept);
	if (h && !err) {
		touch(self, ctx, h);
		recycle_kept_free(self, &kept);
		recycle_prune(self, ctx->who);
	} else if (plain || may_go(self, path, err)) {
		err = smb3_vfs_remove(self->next, ctx, dir, name, false);
	}
	recycle_close_below(self, h);
	free(path);
	return err;
}

/* ---- what a rename replaces ---- */

struct renaming {
	struct smb3_vfs *self;
	const struct smb3_ctx *ctx;
	struct smb3_handle *dir, *to_dir;
	const char *name, *to_name;
};

/* 1: what is renamed is the target itself, by another spelling or another link. */
static int same_file(const struct renaming *r, const struct smb3_stat *target)
{
	struct smb3_handle *h = smb3_handle_new(r->self->mount);
	struct smb3_stat st;
	int err = look_at(r->self, r->ctx, r->dir, r->name, h, &st);

	recycle_close_below(r->self, h);
	return err ? err : st.dev == target->dev && st.ino == target->ino;
}

static int rename_plain(const struct renaming *r)
{
	return smb3_vfs_rename(r->self->next, r->ctx, r->dir, r->name, r->to_dir, r->to_name,
			       SMB3_RENAME_REPLACE);
}

/* The target goes first, and comes back when the rename fails after all. */
static int rename_over(const struct renaming *r, struct smb3_handle *target, const char *path)
{
	const char *old = target->name && *target->name ? target->name : r->to_name;
	struct recycle_kept kept;
	int err = recycle_keep(r->self, r->ctx, r->to_dir, old, path, &kept);

	if (err)
		return may_go(r->self, path, err) ? rename_plain(r) : err;
	err = smb3_vfs_rename(r->self->next, r->ctx, r->dir, r->name, r->to_dir, r->to_name, 0);
	if (!err)
		touch(r->self, r->ctx, target);
	else if (err != -EEXIST)
		(void)smb3_vfs_rename(r->self->next, r->ctx, kept.dir, kept.name, r->to_dir, old,
				      0);
	recycle_kept_free(r->self, &kept);
	return err;
}

/* -EEXIST: another file has come in between, which is kept as well. */
static int rename_once(const struct renaming *r)
{
	char *path = path_in(r->self, r->to_dir, r->to_name);
	struct smb3_stat st;
	struct smb3_handle *h;
	int err = find_file(r->self, r->ctx, r->to_dir, r->to_name, path, &h, &st), same = 0;

	if (h)
		same = same_file(r, &st);
	if (err)
		err = may_go(r->self, path, err) ? rename_plain(r) : err;
	else if (same < 0)
		err = same;
	else
		err = h && !same ? rename_over(r, h, path) : rename_plain(r);
	recycle_close_below(r->self, h);
	free(path);
	return err;
}

static int recycle_rename(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			  struct smb3_handle *dir, const char *name, struct smb3_handle *to_dir,
			  const char *to_name, uint32_t flags)
{
	struct renaming r = { self, ctx, dir, to_dir, name, to_name };
	int err = -EEXIST;

	if (!(flags & SMB3_RENAME_REPLACE) || !conf_of(self)->replaced)
		return smb3_vfs_rename(self->next, ctx, dir, name, to_dir, to_name, flags);
	if (ctx->nowait)
		return -EAGAIN;
	for (int i = 0; i < REPLACE_TRIES && err == -EEXIST; i++)
		err = rename_once(&r);
	if (!err)
		recycle_prune(self, ctx->who);
	return err;
}

/* ---- the filter ---- */

static void recycle_unmount(struct smb3_vfs *self)
{
	struct recycle_mount *m = recycle_mount_of(self);

	pthread_mutex_destroy(&m->lock);
	free(m->base);
}

static int recycle_mount(struct smb3_vfs *self, const struct smb3_share *share)
{
	struct recycle_mount *m = recycle_mount_of(self);

	m->conf = smb3_conf_of(self->mod, share);
	pthread_mutex_init(&m->lock, NULL);
	m->base = smb3_strdup(m->conf->repository);
	m->base[strcspn(m->base, "/")] = '\0';
	if (!share->read_only)
		recycle_make_base(self);
	return 0;
}

static bool recycle_wanted(const struct smb3_mod *mod, const struct smb3_share *share)
{
	const struct recycle_conf *conf = smb3_conf_of(mod, share);

	return conf->enabled;
}

static const struct smb3_vfs_ops recycle_ops = {
	.name = "recycle",
	.flags = SMB3_VFS_FILTER,
	.mount_size = sizeof(struct recycle_mount),
	.handle_size = sizeof(struct recycle_handle),
	.wanted = recycle_wanted,
	.order = ORDER,
	.mount = recycle_mount,
	.unmount = recycle_unmount,
	.walk = recycle_walk,
	.open = recycle_open,
	.clone = recycle_clone,
	.close = recycle_close,
	.readdir = recycle_readdir,
	.remove = recycle_remove,
	.rename = recycle_rename,
};

/* ---- the module ---- */

static const char *repository_wrong(const char *repository)
{
	size_t len = strlen(repository);

	if (!len || *repository == '/' || repository[len - 1] == '/' || strstr(repository, "//") ||
	    strchr(repository, '\\'))
		return "it is a folder below the share, such as .recycle/%U";
	for (const char *p = repository; *p; p += strcspn(p, "/"), p += *p == '/')
		if (*p == '.' && (!p[1] || p[1] == '/' || (p[1] == '.' && (!p[2] || p[2] == '/'))))
			return "it must not have \".\" or \"..\" in it";
	for (const char *p = strchr(repository, '%'); p; p = strchr(p + 2, '%')) {
		if (!p[1] || !strchr(RECYCLE_LETTERS, p[1]))
			return "the letters are %U, %u, %D, %S and %%";
		if (!memchr(repository, '/', (size_t)(p - repository)))
			return "letters cannot stand in its first folder";
	}
	return NULL;
}

static bool recycle_check(struct smb3_mod *mod, const void *new_conf, struct smb3_conf_wrong *wrong)
{
	const struct recycle_conf *conf = new_conf;
	const char *why = repository_wrong(conf->repository);

	wrong->option = "repository";
	if (why)
		snprintf(wrong->why, sizeof(wrong->why), "\"%s\" cannot take what is deleted: %s",
			 conf->repository, why);
	return !why;
}

static const char *const fallbacks[] = { "refuse", "delete", NULL };

#define SHARE_OPTION(kind, field, text)                               \
	.name = #field, .type = SMB3_OPT_##kind, .scope = SMB3_SHARE, \
	.offset = offsetof(struct recycle_conf, field), .help = text

static const struct smb3_option recycle_options[] = {
	{ SHARE_OPTION(BOOL, enabled, "Files that are deleted go into the repository.") },
	{ SHARE_OPTION(STRING, repository,
		       "Where to, below the share; %U, %u, %D and %S stand for the user, its Unix "
		       "name, its domain and the share."),
	  .value = ".recycle/%U" },
	{ SHARE_OPTION(BOOL, keep_tree, "The folders of a file are made there, too."),
	  .value = "true" },
	{ SHARE_OPTION(BOOL, versions,
		       "A second file of a name gets a number; false: it replaces the first one."),
	  .value = "true" },
	{ SHARE_OPTION(LIST, no_versions, "Patterns of names of which only the last is kept.") },
	{ SHARE_OPTION(BOOL, replaced, "Files that a rename replaces are kept as well."),
	  .value = "true" },
	{ SHARE_OPTION(LIST, exclude, "Patterns of names that are deleted for good.") },
	{ SHARE_OPTION(LIST, exclude_folders,
		       "Patterns of folders in which files are deleted for good.") },
	{ SHARE_OPTION(SIZE, min_size, "Smaller files are deleted for good."), .value = "0" },
	{ SHARE_OPTION(SIZE, max_file_size, "Larger files are deleted for good; 0: no limit."),
	  .value = "0" },
	{ SHARE_OPTION(SIZE, max_size,
		       "When a bin has more than that, the oldest files go; 0: no limit."),
	  .value = "0" },
	{ SHARE_OPTION(TIME, max_age, "Files go after that time; 0: they stay."), .value = "0" },
	{ SHARE_OPTION(TIME, prune_interval,
		       "How often, at most, a deletion looks for files that have to go."),
	  .value = "60s" },
	{ SHARE_OPTION(BOOL, touch_accessed,
		       "The time of deletion becomes the time of the last access.") },
	{ SHARE_OPTION(BOOL, touch_written,
		       "The time of deletion becomes the time of the last write.") },
	{ SHARE_OPTION(BOOL, hidden,
		       "Listings leave the repository out; who knows its name can open it.") },
	{ SHARE_OPTION(MODE, directory_mode, "Permission bits of folders that are made there."),
	  .value = "0700" },
	{ SHARE_OPTION(ENUM, fallback,
		       "A file that cannot be moved there: is not deleted, or is deleted for good."),
	  .value = "refuse", .choices = fallbacks },
	SMB3_OPTION_END,
};

static const struct smb3_provide recycle_provides[] = {
	SMB3_VFS(&recycle_ops),
	SMB3_END,
};

SMB3_MODULE(vfs_recycle, .summary = "keeps what clients delete", .options = recycle_options,
	    .conf_size = sizeof(struct recycle_conf), .provides = recycle_provides,
	    .check = recycle_check);
