// SPDX-License-Identifier: Apache-2.0
/*
 * vfs_readonly.c: the filter "readonly": a share, or some paths of it, that cannot be changed,
 * always or at some times. Every operation that changes something answers -EROFS there, as a file
 * system does that is mounted read-only; so does a handle that was opened for writing before.
 *
 * Below what finds files by other names than their own (8.3), or those would be a way around it;
 * above what writes names in another way on disk.
 */
#include "readonly.h"

#include <errno.h>
#include <pthread.h>
#include <smb3/smb3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ORDER       150
#define WINDOWS_MAX 64
#define CHANGES                                                                               \
	(FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_WRITE_EA | FILE_DELETE_CHILD | WRITE_DAC | \
	 FILE_WRITE_ATTRIBUTES | SMB3_DELETE | WRITE_OWNER)

struct readonly_conf {
	bool enabled;
	const char *const *times, *const *paths, *const *except;
};

struct readonly_mount {
	const struct readonly_conf *conf; /* lives as long as the share */
	size_t n_windows;
	struct readonly_window windows[WINDOWS_MAX];
	_Atomic uint64_t looked;  /* minutes since 1970, twice, and whether it was in a window */
	pthread_mutex_t lock;     /* of the paths of handles */
	struct smb3_list handles; /* struct readonly_handle, where paths matter at some times */
};

struct readonly_handle {
	char *path; /* by which it was opened, or to which it was renamed, where paths matter */
	bool listed;
	struct smb3_list link;
};

static struct readonly_mount *mount_of(const struct smb3_vfs *self)
{
	return self->data;
}

static bool by_path(const struct smb3_vfs *self)
{
	const struct readonly_conf *conf = mount_of(self)->conf;

	return *conf->paths || *conf->except;
}

/* ---- when ---- */

static bool in_window(const struct readonly_mount *m, time_t now)
{
	struct tm tm;

	if (!localtime_r(&now, &tm))
		return true;
	for (size_t i = 0; i < m->n_windows; i++)
		if (readonly_window_has(&m->windows[i], tm.tm_wday, tm.tm_hour * 60 + tm.tm_min))
			return true;
	return false;
}

/* Looked up once a minute: the time of the day costs more than reading a word. */
static bool is_time(const struct smb3_vfs *self)
{
	struct readonly_mount *m = mount_of(self);
	time_t now = smb3_nttime_to_timespec(smb3_now()).tv_sec;
	uint64_t minute = (uint64_t)now / 60 << 1, looked;

	if (!m->n_windows)
		return true;
	looked = atomic_load_explicit(&m->looked, memory_order_relaxed);
	if ((looked & ~1ull) != minute) {
		looked = minute | in_window(m, now);
		atomic_store_explicit(&m->looked, looked, memory_order_relaxed);
	}
	return looked & 1;
}

/* ---- where ---- */

/* The pattern fits the path, or a folder that it is in. */
static bool covers(const char *pattern, const char *path)
{
	char *part = smb3_strdup(path), *slash;
	bool covered = smb3_match_path(pattern, part);

	while (!covered && (slash = strrchr(part, '/'))) {
		*slash = '\0';
		covered = smb3_match_path(pattern, part);
	}
	free(part);
	return covered;
}

static bool one_covers(const char *const *patterns, const char *path)
{
	while (*patterns && !covers(*patterns, path))
		patterns++;
	return *patterns;
}

static bool covered(const struct smb3_vfs *self, const char *path)
{
	const struct readonly_conf *conf = mount_of(self)->conf;

	return (!*conf->paths || one_covers(conf->paths, path)) && !one_covers(conf->except, path);
}

/* path NULL: nothing goes by paths here. */
static bool frozen(const struct smb3_vfs *self, const char *path)
{
	return is_time(self) && (!path || covered(self, path));
}

/* What a pattern protects may lie below this folder: with its name that would go. */
static bool leads_to_frozen(const struct smb3_vfs *self, const char *path)
{
	if (!path || !is_time(self))
		return false;
	for (const char *const *p = mount_of(self)->conf->paths; *p; p++)
		for (const char *slash = strchr(*p, '/'); slash; slash = strchr(slash + 1, '/')) {
			char *head = smb3_strdup(*p);
			bool leads;

			head[slash - *p] = '\0';
			leads = smb3_match(head, path);
			free(head);
			if (leads)
				return true;
		}
	return false;
}

/* ---- paths of handles ---- */

/* To be freed; NULL where paths do not matter. The root's is "". */
static char *path_of(const struct smb3_vfs *self, struct smb3_handle *h)
{
	const struct readonly_handle *rh = smb3_vfs_of(self, h);
	struct readonly_mount *m = mount_of(self);
	char *path;

	if (!by_path(self))
		return NULL;
	pthread_mutex_lock(&m->lock);
	path = smb3_strdup(rh->path ? rh->path : "");
	pthread_mutex_unlock(&m->lock);
	return path;
}

static char *path_in(const struct smb3_vfs *self, struct smb3_handle *dir, const char *name)
{
	char *parent = path_of(self, dir), *path = NULL;

	if (!parent)
		return NULL;
	if (!*parent || asprintf(&path, "%s/%s", parent, name) < 0)
		path = smb3_strdup(name);
	free(parent);
	return path;
}

/* What follows folder in a path that is the same or lies in it, whatever the case; or NULL. */
static const char *rest_in(const char *path, const char *folder)
{
	while (*folder) {
		uint32_t a = smb3_utf8_next(&path), b = smb3_utf8_next(&folder);

		if (smb3_fold(a) != smb3_fold(b))
			return NULL;
	}
	return !*path || *path == '/' ? path : NULL;
}

/* What is open goes by its new path: it must not be written any more where and when that is covered. */
static void paths_moved(const struct smb3_vfs *self, const char *from, const char *to)
{
	struct readonly_mount *m = mount_of(self);

	pthread_mutex_lock(&m->lock);
	SMB3_LIST_EACH(&m->handles, node) {
		struct readonly_handle *rh = SMB3_CONTAINER(node, struct readonly_handle, link);
		const char *rest = rest_in(rh->path, from);
		char *path;

		if (!rest || asprintf(&path, "%s%s", to, rest) < 0)
			continue;
		free(rh->path);
		rh->path = path;
	}
	pthread_mutex_unlock(&m->lock);
}

/* Without times nothing comes from where it may be changed to where it may not. */
static void path_set(const struct smb3_vfs *self, struct smb3_handle *h, char *path)
{
	struct readonly_handle *rh = smb3_vfs_of(self, h);
	struct readonly_mount *m = mount_of(self);

	if (!path && !rh->path)
		return;
	pthread_mutex_lock(&m->lock);
	free(rh->path);
	rh->path = path;
	if (rh->listed && !path)
		smb3_list_remove(&rh->link);
	else if (!rh->listed && path && m->n_windows)
		smb3_list_add(&m->handles, &rh->link);
	rh->listed = path && m->n_windows;
	pthread_mutex_unlock(&m->lock);
}

static int change(const struct smb3_vfs *self, struct smb3_handle *h)
{
	char *path = path_of(self, h);
	int err = frozen(self, path) ? -EROFS : 0;

	free(path);
	return err;
}

static int change_name(const struct smb3_vfs *self, struct smb3_handle *dir, const char *name)
{
	char *path = path_in(self, dir, name);
	int err = frozen(self, path) ? -EROFS : 0;

	free(path);
	return err;
}

/* ---- opening ---- */

static int opened(const struct smb3_vfs *self, struct smb3_handle *h, char *path, int err)
{
	if (err)
		free(path);
	else
		path_set(self, h, path);
	return err;
}

static int readonly_walk(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			 const char *path, struct smb3_handle *h)
{
	return opened(self, h, path_in(self, dir, path),
		      smb3_vfs_walk(self->next, ctx, dir, path, h));
}

static int readonly_open(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			 const char *name, const struct smb3_how *how, struct smb3_handle *h)
{
	char *path = path_in(self, dir, name);
	int err = 0;

	if (how->flags & (SMB3_O_WRITE | SMB3_O_CREATE) && frozen(self, path))
		err = -EROFS;
	if (!err)
		err = smb3_vfs_open(self->next, ctx, dir, name, how, h);
	else if (how->flags & SMB3_O_CREATE) {
		struct smb3_stat st;

		/* What is there is found there, whether it could be made or not. */
		if (!smb3_vfs_lookup(self->next, ctx, dir, name, &st))
			err = -EEXIST;
	}
	return opened(self, h, path, err);
}

static int readonly_open_stream(struct smb3_vfs *self, const struct smb3_ctx *ctx,
				struct smb3_handle *base, const char *stream,
				const struct smb3_how *how, struct smb3_handle *h)
{
	int err = how->flags & (SMB3_O_WRITE | SMB3_O_CREATE) ? change(self, base) : 0;

	if (!err)
		err = smb3_vfs_open_stream(self->next, ctx, base, stream, how, h);
	return opened(self, h, path_of(self, base), err);
}

static int readonly_clone(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			  struct smb3_handle *from, struct smb3_handle *h)
{
	return opened(self, h, path_of(self, from), smb3_vfs_clone(self->next, ctx, from, h));
}

static void readonly_close(struct smb3_vfs *self, struct smb3_handle *h)
{
	path_set(self, h, NULL);
	smb3_vfs_close(self->next, h);
}

/* ---- changes ---- */

static int readonly_setattr(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			    struct smb3_handle *h, const struct smb3_setattr *set)
{
	int err = change(self, h);

	return err ? err : smb3_vfs_setattr(self->next, ctx, h, set);
}

static ssize_t readonly_pwrite(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			       struct smb3_handle *h, const void *buf, size_t len, uint64_t offset)
{
	int err = change(self, h);

	return err ? err : smb3_vfs_pwrite(self->next, ctx, h, buf, len, offset);
}

static int readonly_truncate(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			     struct smb3_handle *h, uint64_t size)
{
	int err = change(self, h);

	return err ? err : smb3_vfs_truncate(self->next, ctx, h, size);
}

static int readonly_alloc(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  uint64_t offset, uint64_t len, uint32_t flags)
{
	int err = change(self, h);

	return err ? err : smb3_vfs_alloc(self->next, ctx, h, offset, len, flags);
}

static ssize_t readonly_copy(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			     struct smb3_handle *from, uint64_t from_offset, struct smb3_handle *to,
			     uint64_t to_offset, size_t len, uint32_t flags)
{
	int err = change(self, to);

	return err ? err :
		     smb3_vfs_copy(self->next, ctx, from, from_offset, to, to_offset, len, flags);
}

static int readonly_remove(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			   struct smb3_handle *dir, const char *name, bool directory)
{
	int err = change_name(self, dir, name);

	return err ? err : smb3_vfs_remove(self->next, ctx, dir, name, directory);
}

static int readonly_rename(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			   struct smb3_handle *dir, const char *name, struct smb3_handle *to_dir,
			   const char *to_name, uint32_t flags)
{
	char *from = path_in(self, dir, name), *to = path_in(self, to_dir, to_name);
	int err = frozen(self, from) || frozen(self, to) || leads_to_frozen(self, from) ? -EROFS :
											  0;

	if (!err)
		err = smb3_vfs_rename(self->next, ctx, dir, name, to_dir, to_name, flags);
	if (!err && from && mount_of(self)->n_windows)
		paths_moved(self, from, to);
	free(from);
	free(to);
	return err;
}

/* A second name for what is protected would be a way to change it; one that is made when it is not
 * protected would be, too, when it is. */
static int readonly_link(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			 struct smb3_handle *to_dir, const char *to_name)
{
	char *from = path_of(self, h), *to = path_in(self, to_dir, to_name);
	int err = frozen(self, from) || frozen(self, to) ? -EROFS : 0;

	if (from && covered(self, from) != covered(self, to))
		err = -EROFS;
	free(from);
	free(to);
	return err ? err : smb3_vfs_link(self->next, ctx, h, to_dir, to_name);
}

/* So would a link to it: where paths matter, the client keeps links as data and follows them by
 * itself. */
static int readonly_make(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			 const char *name, uint32_t mode, uint64_t rdev, const char *target)
{
	int err = change_name(self, dir, name);

	if (!err && target && by_path(self))
		err = -EOPNOTSUPP;
	return err ? err : smb3_vfs_make(self->next, ctx, dir, name, mode, rdev, target);
}

static int readonly_become(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			   struct smb3_handle *dir, const char *name, struct smb3_handle *h,
			   const char *target)
{
	int err = change_name(self, dir, name);

	if (!err && target && by_path(self))
		err = -EOPNOTSUPP;
	return err ? err : smb3_vfs_become(self->next, ctx, dir, name, h, target);
}

static int readonly_setxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			     struct smb3_handle *h, const char *name, const void *value, size_t len)
{
	int err = change(self, h);

	return err ? err : smb3_vfs_setxattr(self->next, ctx, h, name, value, len);
}

static int readonly_remove_stream(struct smb3_vfs *self, const struct smb3_ctx *ctx,
				  struct smb3_handle *h)
{
	int err = change(self, h);

	return err ? err : smb3_vfs_remove_stream(self->next, ctx, h);
}

static int readonly_rename_stream(struct smb3_vfs *self, const struct smb3_ctx *ctx,
				  struct smb3_handle *h, const char *to, uint32_t flags)
{
	int err = change(self, h);

	return err ? err : smb3_vfs_rename_stream(self->next, ctx, h, to, flags);
}

/* Who wants to delete is told at the open, not at a close that nobody hears of. */
static int readonly_statfs(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			   struct smb3_fsinfo *ret_info)
{
	int err = smb3_vfs_statfs(self->next, ctx, h, ret_info);

	if (!err && change(self, h))
		ret_info->features |= FILE_READ_ONLY_VOLUME;
	return err;
}

/* ---- the filter ---- */

static void readonly_unmount(struct smb3_vfs *self)
{
	pthread_mutex_destroy(&mount_of(self)->lock);
}

static int readonly_mount(struct smb3_vfs *self, const struct smb3_share *share)
{
	struct readonly_mount *m = mount_of(self);

	pthread_mutex_init(&m->lock, NULL);
	smb3_list_init(&m->handles);
	m->conf = smb3_conf_of(self->mod, share);
	for (const char *const *t = m->conf->times; *t; t++) {
		if (m->n_windows == WINDOWS_MAX)
			return -E2BIG;
		if (!readonly_window_parse(*t, &m->windows[m->n_windows++]))
			return -EINVAL;
	}
	return 0;
}

static bool readonly_wanted(const struct smb3_mod *mod, const struct smb3_share *share)
{
	const struct readonly_conf *conf = smb3_conf_of(mod, share);

	return conf->enabled || *conf->times || *conf->paths;
}

static const struct smb3_vfs_ops readonly_ops = {
	.name = "readonly",
	.flags = SMB3_VFS_FILTER,
	.mount_size = sizeof(struct readonly_mount),
	.handle_size = sizeof(struct readonly_handle),
	.wanted = readonly_wanted,
	.order = ORDER,
	.mount = readonly_mount,
	.unmount = readonly_unmount,
	.walk = readonly_walk,
	.open = readonly_open,
	.open_stream = readonly_open_stream,
	.clone = readonly_clone,
	.close = readonly_close,
	.setattr = readonly_setattr,
	.pwrite = readonly_pwrite,
	.truncate = readonly_truncate,
	.alloc = readonly_alloc,
	.copy = readonly_copy,
	.remove = readonly_remove,
	.rename = readonly_rename,
	.link = readonly_link,
	.make = readonly_make,
	.become = readonly_become,
	.setxattr = readonly_setxattr,
	.remove_stream = readonly_remove_stream,
	.rename_stream = readonly_rename_stream,
	.statfs = readonly_statfs,
};

/* Clients are told beforehand what they may do. */
static enum smb3_verdict readonly_access(struct smb3_mod *mod, struct smb3_event *event)
{
	struct smb3_vfs *vfs = event->handle ? event->handle->mount->top : NULL;

	while (vfs && vfs->ops != &readonly_ops)
		vfs = vfs->next;
	if (vfs && change(vfs, event->handle))
		event->access &= ~CHANGES;
	return SMB3_PASS;
}

static const struct smb3_hook readonly_hook = {
	.point = SMB3_HOOK_ACCESS,
	.order = 600, /* after who knows better what the user may do */
	.name = "vfs_readonly",
	.run = readonly_access,
};

/* ---- the module ---- */

static bool readonly_check(struct smb3_mod *mod, const void *new_conf,
			   struct smb3_conf_wrong *wrong)
{
	const struct readonly_conf *conf = new_conf;
	struct readonly_window window;
	size_t n = 0;

	wrong->option = "times";
	for (const char *const *t = conf->times; *t; t++) {
		if (readonly_window_parse(*t, &window) && ++n <= WINDOWS_MAX)
			continue;
		snprintf(wrong->why, sizeof(wrong->why),
			 "\"%s\" is no time: write days, a time of the day, or both, such as "
			 "\"mon-fri 18:00-08:00\" or \"sat,sun\" (at most %d of them)",
			 *t, WINDOWS_MAX);
		return false;
	}
	wrong->option = "paths";
	for (const char *const *p = conf->paths; *p; p++) {
		size_t len = strlen(*p);

		if (len && **p != '/' && (*p)[len - 1] != '/' && !strchr(*p, '\\'))
			continue;
		snprintf(
			wrong->why, sizeof(wrong->why),
			"\"%s\" is no path below a share: write it as \"folder/file\", with no / at "
			"its ends",
			*p);
		return false;
	}
	return true;
}

#define SHARE_OPTION(kind, field, text)                               \
	.name = #field, .type = SMB3_OPT_##kind, .scope = SMB3_SHARE, \
	.offset = offsetof(struct readonly_conf, field), .help = text

static const struct smb3_option readonly_options[] = {
	{ SHARE_OPTION(BOOL, enabled, "Nothing in the share can be changed, by nobody.") },
	{ SHARE_OPTION(
		LIST, times,
		"Only at these times of the server's clock, such as \"mon-fri 18:00-08:00\".") },
	{ SHARE_OPTION(LIST, paths,
		       "Only what such a pattern fits, with all that is below it: \"archive/*\".") },
	{ SHARE_OPTION(LIST, except, "Not what such a pattern fits, with all that is below it.") },
	SMB3_OPTION_END,
};

static const struct smb3_provide readonly_provides[] = {
	SMB3_VFS(&readonly_ops),
	SMB3_HOOK(&readonly_hook),
	SMB3_END,
};

SMB3_MODULE(vfs_readonly, .summary = "shares and paths that cannot be changed",
	    .options = readonly_options, .conf_size = sizeof(struct readonly_conf),
	    .provides = readonly_provides, .check = readonly_check);
