// SPDX-License-Identifier: Apache-2.0
/*
 * rename.c: renaming where two spellings are one name but two entries.
 */
#include "posix.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct renaming {
	const struct posix_mount *m;
	int from, to;          /* folders */
	const char *old, *new; /* entries on disk */
	bool replace;
};

/* A file system that cannot refuse to replace: files are linked and unlinked, folders are only
 * looked for (there is no way to do it at once; an empty one could slip in between). */
static int rename_careful(const struct renaming *r)
{
	struct stat st;

	if (!linkat(r->from, r->old, r->to, r->new, 0))
		return unlinkat(r->from, r->old, 0) ? -errno : 0;
	if (errno != EPERM && errno != EOPNOTSUPP && errno != EMLINK)
		return -errno;
	if (!fstatat(r->to, r->new, &st, AT_SYMLINK_NOFOLLOW))
		return -EEXIST;
	return renameat(r->from, r->old, r->to, r->new) ? -errno : 0;
}

static int rename_plain(const struct renaming *r)
{
	if (!renameat2(r->from, r->old, r->to, r->new, RENAME_NOREPLACE))
		return 0;
	return errno == EINVAL ? rename_careful(r) : -errno;
}

/* rename() does nothing when both names are links of one file; here the old name goes. */
static int rename_over(const struct renaming *r)
{
	struct stat old, new;

	if (renameat(r->from, r->old, r->to, r->new))
		return -errno;
	if (fstatat(r->from, r->old, &old, AT_SYMLINK_NOFOLLOW) ||
	    fstatat(r->to, r->new, &new, AT_SYMLINK_NOFOLLOW))
		return 0;
	if (old.st_dev != new.st_dev || old.st_ino != new.st_ino || S_ISDIR(old.st_mode))
		return 0;
	return unlinkat(r->from, r->old, 0) ? -errno : 0;
}

/* The new name stands there in another spelling: that entry is replaced in one step, and only
 * then gets the spelling that was asked for. */
static int rename_over_spelling(struct renaming *r, const char *spelling, const char *wanted)
{
	int err;

	r->new = spelling;
	err = rename_over(r);
	if (err || !strcmp(spelling, wanted))
		return err;
	r->from = r->to;
	r->old = spelling;
	r->new = wanted;
	return rename_plain(r);
}

static int rename_find_old(const struct posix_mount *m, const struct smb3_ctx *ctx, int dirfd,
			   const char *name, char found[NAME_MAX + 1])
{
	struct stat st;
	int err = fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) ? -errno : 0;

	if (posix_missing(err))
		return posix_find(m, ctx, dirfd, name, false, found);
	if (!err)
		strcpy(found, name);
	return err;
}

/* With the lock held. same: both folders are one. */
static int rename_locked(struct renaming r, const struct smb3_ctx *ctx, bool same)
{
	char old[NAME_MAX + 1], spelling[NAME_MAX + 1];
	const char *wanted = r.new;
	int err = rename_find_old(r.m, ctx, r.from, r.old, old);

	if (err)
		return err;
	r.old = old;
	if (same && !strcmp(old, wanted))
		return 0;
	err = posix_find(r.m, ctx, r.to, wanted, false, spelling);
	if (err && err != -ENOENT)
		return err;
	if (err || (same && !strcmp(old, spelling)))
		return r.replace ? rename_over(&r) : rename_plain(&r);
	return r.replace ? rename_over_spelling(&r, spelling, wanted) : -EEXIST;
}

int posix_rename(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		 const char *name, struct smb3_handle *to_dir, const char *to_name, uint32_t flags)
{
	struct posix_handle *from = posix_of(self, dir), *to = posix_of(self, to_dir);
	struct posix_mount *m = posix_mount_of(self);
	struct renaming r = { .m = m,
			      .from = from->fd,
			      .to = to->fd,
			      .old = name,
			      .new = to_name,
			      .replace = flags &SMB3_RENAME_REPLACE };
	pthread_mutex_t *lock;
	int err = posix_name_check(name);

	if (!err)
		err = posix_name_check(to_name);
	if (err)
		return err;
	if (ctx->nowait)
		return -EAGAIN;
	lock = posix_naming_lock(m, to);
	err = rename_locked(r, ctx, posix_same_dir(from, to));
	posix_naming_unlock(lock);
	return err;
}
