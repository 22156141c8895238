// SPDX-License-Identifier: Apache-2.0
/*
 * attr.c: what an object is: statx() and, for DOS attributes and the creation time, an xattr that
 * exists only where something differs from the default.
 */
#include "known.h"

#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

/* Two changes of an inode that are less apart than this are taken for one: half a millisecond. */
#define ATTR_AT_ONCE (5 * 1000)
#define ATTR_TRIES   8

#define ATTR_STATX (STATX_BASIC_STATS | STATX_BTIME)

static smb3_nttime attr_time(const struct statx_timestamp *t)
{
	const struct timespec ts = { .tv_sec = t->tv_sec, .tv_nsec = t->tv_nsec };

	return smb3_nttime_from_timespec(&ts);
}

uint32_t posix_default_attributes(mode_t mode)
{
	if (S_ISDIR(mode))
		return FILE_ATTRIBUTE_DIRECTORY;
	return S_ISREG(mode) ? FILE_ATTRIBUTE_ARCHIVE : FILE_ATTRIBUTE_REPARSE_POINT;
}

/* Whole clusters; fewer where there are holes. Blocks beyond the end do not count: on many file
 * systems they are those of an xattr. */
static uint64_t attr_alloc(uint64_t size, uint64_t blocks, uint32_t cluster)
{
	uint64_t full = (size + cluster - 1) / cluster * cluster;
	uint64_t real = (blocks * 512 + cluster - 1) / cluster * cluster;

	return real < full ? real : full;
}

static void attr_fill(const struct posix_mount *m, const struct statx *x, struct smb3_stat *st)
{
	*st = (struct smb3_stat){
		.dev = makedev(x->stx_dev_major, x->stx_dev_minor),
		.ino = x->stx_ino,
		.links = x->stx_nlink,
		.mode = x->stx_mode,
		.uid = x->stx_uid,
		.gid = x->stx_gid,
		.rdev = makedev(x->stx_rdev_major, x->stx_rdev_minor),
		.attributes = posix_default_attributes(x->stx_mode),
		.accessed = attr_time(&x->stx_atime),
		.written = attr_time(&x->stx_mtime),
		.changed = attr_time(&x->stx_ctime),
	};
	if (S_ISREG(x->stx_mode)) {
		st->size = x->stx_size;
		st->alloc = attr_alloc(x->stx_size, x->stx_blocks, m->cluster);
	} else if (S_ISLNK(x->stx_mode)) {
		st->size = x->stx_size;
		st->reparse_tag = IO_REPARSE_TAG_SYMLINK;
	} else if (!S_ISDIR(x->stx_mode)) {
		st->reparse_tag = IO_REPARSE_TAG_NFS;
	}
	if (x->stx_attributes & STATX_ATTR_COMPRESSED)
		st->attributes |= FILE_ATTRIBUTE_COMPRESSED;
	if (x->stx_mask & STATX_BTIME)
		st->created = attr_time(&x->stx_btime);
	else
		st->created = st->written < st->changed ? st->written : st->changed;
}

static int attr_statx(const struct posix_mount *m, int dirfd, const char *name, int flags,
		      struct smb3_stat *ret_stat)
{
	struct statx x;

	if (statx(dirfd, name, flags, ATTR_STATX, &x))
		return -errno;
	attr_fill(m, &x, ret_stat);
	return 0;
}

int posix_stat_fd(const struct posix_mount *m, int fd, struct smb3_stat *ret_stat)
{
	return attr_statx(m, fd, "", AT_EMPTY_PATH, ret_stat);
}

/* Only files and folders can have user.* attributes. */
static bool attr_stores(const struct posix_mount *m, uint32_t mode)
{
	return m->store && (S_ISREG(mode) || S_ISDIR(mode));
}

static void attr_apply(const struct posix_dos *dos, struct smb3_stat *st)
{
	if (dos->has_attributes)
		st->attributes = (st->attributes & POSIX_DOS_FOUND) |
				 (dos->attributes & POSIX_DOS_SETTABLE);
	if (st->attributes & FILE_ATTRIBUTE_REPARSE_POINT)
		st->reparse_tag = dos->reparse_tag;
	if (dos->has_created)
		st->created = dos->created;
	if (dos->has_changed && st->changed - dos->changed_at <= ATTR_AT_ONCE)
		st->changed = dos->changed;
}

/* The attribute alone, without a reparse point, means nothing. */
static void attr_reparse(struct posix_dos *dos, uint32_t tag)
{
	dos->reparse_tag = tag;
	if (!tag)
		dos->attributes &= ~FILE_ATTRIBUTE_REPARSE_POINT;
}

/* What cannot be read counts as not there: a user may not read the xattrs of another's files. */
static void attr_parse(const uint8_t *blob, ssize_t len, struct posix_dos *ret_dos)
{
	*ret_dos = (struct posix_dos){ 0 };
	if (len > 0 && posix_dos_parse(blob, (size_t)len, ret_dos))
		SMB3_DEBUG(SMB3_DBG_VFS, NULL, "posix: %zd bytes of %s are in no known format", len,
			   POSIX_DOS_NAME);
}

/* That nothing is stored may be kept, not that it could not be read. */
static bool attr_answered(ssize_t len)
{
	return len >= 0 || len == -ENODATA;
}

/* st: what statx() has just said. What one user may read all are shown: who sees a file in its folder
 * sees its attributes. */
static void attr_dos_get(struct posix_mount *m, const struct posix_handle *ph,
			 const struct smb3_stat *st, struct posix_dos *ret_dos)
{
	const struct posix_known_id id = posix_known_id(st);
	uint8_t blob[POSIX_DOS_READ];
	ssize_t len;
	bool keep;

	if (posix_known_dos(m, &id, ret_dos))
		return;
	keep = posix_known_may(m, &id);
	len = -EACCES;
	if (ph->bare &&
	    S_ISDIR(st->mode)) /* saves the way through /proc where the user may enter */
		len = posix_xattr_get_at(m, ph->fd, ".", POSIX_DOS_NAME, blob, sizeof(blob));
	if (len == -EACCES)
		len = posix_xattr_get(m, ph, POSIX_DOS_NAME, blob, sizeof(blob));
	attr_parse(blob, len, ret_dos);
	if (ret_dos->attributes & FILE_ATTRIBUTE_REPARSE_POINT)
		attr_reparse(ret_dos, posix_reparse_get(m, ph));
	if (keep && attr_answered(len))
		posix_known_keep_dos(m, &id, ret_dos);
}

/* By its name. When that leads to another object meanwhile, the one that st is about has lost a name:
 * that moves its change time, and what is kept here is of no use to anybody. */
static void attr_dos_get_at(struct posix_mount *m, int dirfd, const char *name,
			    const struct smb3_stat *st, struct posix_dos *ret_dos)
{
	const struct posix_known_id id = posix_known_id(st);
	uint8_t blob[POSIX_DOS_READ];
	ssize_t len;
	bool keep;

	if (posix_known_dos(m, &id, ret_dos))
		return;
	keep = posix_known_may(m, &id);
	len = posix_xattr_get_at(m, dirfd, name, POSIX_DOS_NAME, blob, sizeof(blob));
	attr_parse(blob, len, ret_dos);
	if (ret_dos->attributes & FILE_ATTRIBUTE_REPARSE_POINT)
		attr_reparse(ret_dos, posix_reparse_get_at(m, dirfd, name));
	if (keep && attr_answered(len))
		posix_known_keep_dos(m, &id, ret_dos);
}

void posix_dos_complete(struct posix_mount *m, int dirfd, const char *name, struct smb3_stat *st)
{
	struct posix_dos dos;

	if (!attr_stores(m, st->mode))
		return;
	attr_dos_get_at(m, dirfd, name, st, &dos);
	attr_apply(&dos, st);
}

/* May what open found be said again? The first to ask at once has it; and all of a CREATE. */
static bool attr_fresh(const struct smb3_ctx *ctx, struct posix_handle *ph)
{
	uint64_t until = atomic_exchange_explicit(&ph->fresh_until, 0, memory_order_relaxed);

	if (ctx->opening && atomic_load_explicit(&ph->as_opened, memory_order_relaxed))
		return true;
	return until && smb3_clock() < until;
}

int posix_stat(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
	       struct smb3_stat *ret_stat)
{
	struct posix_mount *m = posix_mount_of(self);
	struct posix_handle *ph = posix_of(self, h);
	bool fresh = attr_fresh(ctx, ph);
	struct posix_dos dos;
	struct smb3_stat st;
	int err = 0;

	if (fresh)
		st = ph->fresh;
	else
		err = posix_stat_fd(m, ph->fd, &st);
	if (err)
		return err;
	if (!ctx->bare && attr_stores(m, st.mode) && !(fresh && ph->complete)) {
		attr_dos_get(m, ph, &st, &dos);
		attr_apply(&dos, &st);
	}
	if (fresh && !ctx->bare &&
	    !ph->complete) { /* whoever finds it fresh is alone with the handle */
		ph->fresh = st;
		ph->complete = true;
	}
	if (S_ISREG(st.mode) && st.alloc < ph->reserved)
		st.alloc = ph->reserved;
	*ret_stat = st;
	return 0;
}

/* By a bare descriptor, which lives no longer than this call. */
static int attr_lookup_fd(struct posix_mount *m, int fd, struct smb3_stat *ret_stat)
{
	struct posix_handle ph = { .fd = fd, .bare = true };
	struct posix_dos dos;
	int err = posix_stat_fd(m, fd, ret_stat);

	if (!err && attr_stores(m, ret_stat->mode)) {
		attr_dos_get(m, &ph, ret_stat, &dos);
		attr_apply(&dos, ret_stat);
	}
	close(fd);
	return err;
}

/* An entry under its very name. */
static int attr_lookup(struct posix_mount *m, const struct smb3_ctx *ctx, int dirfd,
		       const char *name, struct smb3_stat *ret_stat)
{
	int err = attr_statx(m, dirfd, name, AT_SYMLINK_NOFOLLOW, ret_stat), fd;

	if (err)
		return err;
	if (S_ISLNK(ret_stat->mode)) {
		fd = m->follow ? posix_openat(m, ctx, dirfd, name, O_PATH, 0) : -ELOOP;
		if (fd >= 0)
			return attr_lookup_fd(m, fd, ret_stat);
		return fd == -EAGAIN ? fd : 0;
	}
	if (!ctx->bare)
		posix_dos_complete(m, dirfd, name, ret_stat);
	return 0;
}

int posix_lookup(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		 const char *name, struct smb3_stat *ret_stat)
{
	struct posix_mount *m = posix_mount_of(self);
	int dirfd = posix_of(self, dir)->fd, err = posix_name_check(name);
	char found[NAME_MAX + 1];
	struct smb3_stat st;

	if (err)
		return err;
	err = attr_lookup(m, ctx, dirfd, name, &st);
	if (posix_missing(err)) {
		err = posix_find(m, ctx, dirfd, name, false, found);
		if (!err)
			err = attr_lookup(m, ctx, dirfd, found, &st);
	}
	if (!err)
		*ret_stat = st;
	return err;
}

int posix_dos_set(struct posix_mount *m, const struct posix_handle *ph, const struct posix_dos *dos)
{
	uint8_t blob[POSIX_DOS_SIZE];
	size_t len = posix_dos_build(dos, blob);

	if (!m->store)
		return -EOPNOTSUPP;
	return posix_xattr_set(m, ph, POSIX_DOS_NAME, blob, len);
}

/* Nothing is written when nothing changes; so what is the default is never stored first. */
static int attr_set_dos(struct posix_mount *m, const struct posix_handle *ph,
			const struct smb3_setattr *set)
{
	struct smb3_stat st;
	struct posix_dos dos = { 0 };
	bool changed = false;
	int err = posix_stat_fd(m, ph->fd, &st);

	if (err)
		return err;
	if (attr_stores(m, st.mode)) {
		attr_dos_get(m, ph, &st, &dos);
		attr_apply(&dos, &st);
	}
	dos.has_changed = false;
	if (set->mask & SMB3_SET_ATTRIBUTES &&
	    (set->attributes ^ st.attributes) & POSIX_DOS_SETTABLE) {
		dos.attributes = set->attributes & POSIX_DOS_SETTABLE;
		dos.has_attributes = changed = true;
	}
	if (set->mask & SMB3_SET_CREATED && set->created != st.created) {
		dos.created = set->created;
		dos.has_created = changed = true;
	}
	if (!changed)
		return 0;
	return attr_stores(m, st.mode) ? posix_dos_set(m, ph, &dos) : -EOPNOTSUPP;
}

/* Storing it changes the inode once more: the time of that is not known before. */
static int attr_set_changed(struct posix_mount *m, const struct posix_handle *ph,
			    smb3_nttime changed)
{
	struct posix_dos dos;
	struct smb3_stat st;
	int err = posix_stat_fd(m, ph->fd, &st);

	if (err || !attr_stores(m, st.mode))
		return err;
	attr_dos_get(m, ph, &st, &dos);
	dos.has_changed = true;
	dos.changed = changed;
	dos.changed_at = st.changed;
	for (int i = 0; i < ATTR_TRIES && !err; i++) {
		err = posix_dos_set(m, ph, &dos);
		if (!err)
			err = posix_stat_fd(m, ph->fd, &st);
		if (st.changed - dos.changed_at <= ATTR_AT_ONCE)
			break;
		dos.changed_at = st.changed;
	}
	return err == -EOPNOTSUPP ? 0 : err;
}

static int attr_set_mode(const struct posix_handle *ph, mode_t mode)
{
	char proc[POSIX_PROC_SIZE];

	mode &= 07777;
	if (!ph->bare)
		return fchmod(ph->fd, mode) ? -errno : 0;
	if (!syscall(SYS_fchmodat2, ph->fd, "", mode, AT_EMPTY_PATH))
		return 0;
	/* ENOSYS, or EPERM from a container's filter that does not know the call */
	return chmod(posix_proc(ph->fd, proc), mode) ? -errno : 0;
}

static int attr_set_times(const struct posix_handle *ph, const struct smb3_setattr *set)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_nsec = UTIME_OMIT } };

	if (set->mask & SMB3_SET_ACCESSED)
		times[0] = smb3_nttime_to_timespec(set->accessed);
	if (set->mask & SMB3_SET_WRITTEN)
		times[1] = smb3_nttime_to_timespec(set->written);
	return utimensat(ph->fd, "", times, AT_EMPTY_PATH) ? -errno : 0;
}

int posix_setattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		  const struct smb3_setattr *set)
{
	struct posix_handle *ph = posix_of(self, h);
	int err = 0;

	posix_stale(ph);
	if (set->mask & SMB3_SET_COMPRESSION)
		return posix_compress(ph, set->attributes & FILE_ATTRIBUTE_COMPRESSED);
	if (set->mask & (SMB3_SET_ATTRIBUTES | SMB3_SET_CREATED))
		err = attr_set_dos(posix_mount_of(self), ph, set);
	if (!err && set->mask & (SMB3_SET_OWNER | SMB3_SET_GROUP) &&
	    fchownat(ph->fd, "", set->mask & SMB3_SET_OWNER ? set->uid : (uid_t)-1,
		     set->mask & SMB3_SET_GROUP ? set->gid : (gid_t)-1, AT_EMPTY_PATH))
		err = -errno;
	if (!err && set->mask & SMB3_SET_MODE)
		err = attr_set_mode(ph, set->mode);
	if (!err && set->mask & (SMB3_SET_ACCESSED | SMB3_SET_WRITTEN))
		err = attr_set_times(ph, set);
	if (!err && set->mask & SMB3_SET_CHANGED)
		err = attr_set_changed(posix_mount_of(self), ph, set->changed);
	return err;
}
