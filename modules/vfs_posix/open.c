// SPDX-License-Identifier: Apache-2.0
/*
 * open.c: opening, creating and closing. An open is one openat2() and one statx(), whose result
 * also answers the stat() that follows.
 */
#include "posix.h"

#include <string.h>
#include <unistd.h>

#define OPEN_FRESH (2 * 1000 * 1000) /* ns */

int posix_root(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	struct posix_handle *ph = posix_of(self, h);

	ph->fd = posix_mount_of(self)->root;
	ph->bare = ph->borrowed = true;
	h->directory = true;
	smb3_handle_name(h, "");
	return 0;
}

static void open_drop(struct posix_handle *ph)
{
	int list = atomic_load(&ph->list);

	if (list)
		close(list - 1);
	if (!ph->borrowed)
		close(ph->fd);
	if (ph->former)
		close(ph->former - 1);
	memset(ph, 0, sizeof(*ph));
}

void posix_close(struct smb3_vfs *self, struct smb3_handle *h)
{
	open_drop(posix_of(self, h));
}

int posix_clone(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *from,
		struct smb3_handle *h)
{
	const struct posix_handle *old = posix_of(self, from);
	struct posix_handle *ph = posix_of(self, h);
	int fd = fcntl(old->fd, F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	ph->fd = fd;
	ph->bare = old->bare;
	h->directory = from->directory;
	smb3_handle_name(h, from->name);
	return 0;
}

int posix_fd(struct smb3_vfs *self, struct smb3_handle *h)
{
	return posix_of(self, h)->fd;
}

char *posix_client_name(struct smb3_vfs *self, const char *disk)
{
	char shown[POSIX_SHOWN_SIZE];

	return smb3_strdup(posix_shown(disk, shown));
}

/* Directories are only read: the right to change them is checked when they are changed. */
static int open_flags(const struct smb3_how *how, bool directory)
{
	int flags = how->flags & SMB3_O_NOFOLLOW ? O_NOFOLLOW : 0;

	if (directory)
		flags |= O_DIRECTORY;
	if (how->flags & SMB3_O_META || !(how->flags & (SMB3_O_READ | SMB3_O_WRITE)))
		return flags | O_PATH;
	if (directory)
		return flags | (how->flags & SMB3_O_READ ? O_RDONLY : O_PATH);
	flags |= O_NOCTTY | O_NONBLOCK;
	if (!(how->flags & SMB3_O_WRITE))
		return flags | O_RDONLY;
	return flags | (how->flags & SMB3_O_READ ? O_RDWR : O_WRONLY);
}

/* FIFOs, sockets and devices are described and deleted, but never read or written. */
static bool open_has_data(mode_t mode)
{
	return S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode);
}

/* Takes fd over, also when it fails. */
static int open_fill(const struct posix_mount *m, struct smb3_handle *h, struct posix_handle *ph,
		     int fd, int flags)
{
	int err = posix_stat_fd(m, fd, &ph->fresh);

	ph->fd = fd;
	ph->bare = flags & O_PATH;
	if (!err && !ph->bare && !open_has_data(ph->fresh.mode))
		err = -EACCES;
	if (err) {
		open_drop(ph);
		return err;
	}
	h->directory = S_ISDIR(ph->fresh.mode);
	ph->inode_changed = ph->fresh.changed;
	ph->as_opened = true;
	ph->fresh_until = smb3_clock() + OPEN_FRESH;
	return 0;
}

/* What is only described, and no link, as most things are. Its attributes are read by its name: the
 * way through a bare descriptor costs as much as all the rest. An entry that is exchanged in just
 * this moment may lend its attributes to this one stat. */
static int open_described(struct posix_mount *m, const struct smb3_ctx *ctx, int dirfd,
			  const char *name, const struct smb3_how *how, struct smb3_handle *h,
			  struct posix_handle *ph)
{
	int flags = open_flags(how, how->flags & SMB3_O_DIRECTORY) | O_NOFOLLOW, fd, err;
	char shown[POSIX_SHOWN_SIZE];

	fd = posix_openat(m, ctx, dirfd, name, flags, 0);
	if (fd < 0)
		return fd;
	err = open_fill(m, h, ph, fd, flags);
	if (err)
		return err;
	if (S_ISLNK(ph->fresh.mode) && !(how->flags & SMB3_O_NOFOLLOW)) {
		open_drop(ph);
		return -ELOOP;
	}
	posix_dos_complete(m, dirfd, name, &ph->fresh);
	ph->complete = true;
	smb3_handle_name(h, posix_shown(name, shown));
	return 0;
}

static int open_found(const struct posix_mount *m, const struct smb3_ctx *ctx, int dirfd,
		      const char *name, const struct smb3_how *how, struct smb3_handle *h,
		      struct posix_handle *ph)
{
	int flags = open_flags(how, how->flags & SMB3_O_DIRECTORY);
	bool exact = how->flags & SMB3_O_EXACT;
	char found[NAME_MAX + 1], shown[POSIX_SHOWN_SIZE];
	int fd = posix_open_name(m, ctx, dirfd, name, flags, exact, found), err;

	if (fd == -EISDIR) {
		flags = open_flags(how, true);
		fd = posix_open_name(m, ctx, dirfd, name, flags, exact, found);
	} else if (fd == -ELOOP && how->flags & SMB3_O_NOFOLLOW && !(flags & O_PATH)) {
		flags = O_PATH | O_NOFOLLOW;
		fd = posix_open_name(m, ctx, dirfd, name, flags, exact, found);
	}
	if (fd < 0)
		return fd == -ENXIO ? -EACCES : fd; /* a socket, or a FIFO that nobody reads */
	err = open_fill(m, h, ph, fd, flags);
	if (!err)
		smb3_handle_name(h, posix_shown(found, shown));
	return err;
}

static int open_old(struct posix_mount *m, const struct smb3_ctx *ctx, int dirfd, const char *name,
		    const struct smb3_how *how, struct smb3_handle *h, struct posix_handle *ph)
{
	char found[NAME_MAX + 1];
	int err = -ELOOP;

	if (open_flags(how, false) & O_PATH &&
	    !atomic_load_explicit(&m->no_xattrat, memory_order_relaxed))
		err = open_described(m, ctx, dirfd, name, how, h, ph);
	if (posix_missing(err)) { /* not even as a link */
		err = posix_find(m, ctx, dirfd, name, how->flags & SMB3_O_EXACT, found);
		if (err)
			return err;
		name = found;
		err = open_described(m, ctx, dirfd, name, how, h, ph);
	}
	if (err != -ELOOP && err != -ENOTDIR)
		return err;
	return open_found(m, ctx, dirfd, name, how, h, ph);
}

static int open_make_dir(const struct posix_mount *m, const struct smb3_ctx *ctx, int dirfd,
			 const char *name, mode_t mode)
{
	if (mkdirat(dirfd, name, mode & 07777))
		return -errno;
	return posix_openat(m, ctx, dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
}

/* What the new object must be given besides its mode. Nothing is stored when it is the default. */
static int open_dress(struct posix_mount *m, const struct smb3_how *how, struct posix_handle *ph)
{
	uint32_t usual = posix_default_attributes(ph->fresh.mode);
	struct posix_dos dos = { .has_attributes = true };
	int err = 0;

	if (how->alloc && !(how->flags & SMB3_O_DIRECTORY))
		err = posix_reserve(m, ph, 0, how->alloc);
	dos.attributes = (how->attributes & POSIX_DOS_SETTABLE) | (usual & FILE_ATTRIBUTE_ARCHIVE);
	ph->complete = true;
	if (err || (dos.attributes | (usual & FILE_ATTRIBUTE_DIRECTORY)) == usual)
		return err;
	ph->complete = false;
	err = posix_dos_set(m, ph, &dos);
	return err == -EOPNOTSUPP ? 0 : err; /* logged; a file without them is better than none */
}

static int open_new(struct posix_mount *m, const struct smb3_ctx *ctx, int dirfd, const char *name,
		    const struct smb3_how *how, struct smb3_handle *h, struct posix_handle *ph)
{
	bool directory = how->flags & SMB3_O_DIRECTORY;
	int flags = O_CREAT | O_EXCL | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW, fd, err;
	char shown[POSIX_SHOWN_SIZE];

	flags |= how->alloc || how->flags & SMB3_O_WRITE ? O_RDWR : O_RDONLY;
	fd = directory ? open_make_dir(m, ctx, dirfd, name, how->mode) :
			 posix_openat(m, ctx, dirfd, name, flags, how->mode);
	if (fd < 0)
		return fd;
	err = open_fill(m, h, ph, fd, directory ? O_PATH : flags);
	if (err)
		return err;
	ph->created = true;
	err = open_dress(m, how, ph);
	if (err) {
		unlinkat(dirfd, name, directory ? AT_REMOVEDIR : 0);
		open_drop(ph);
		return err;
	}
	smb3_handle_name(h, posix_shown(name, shown));
	return 0;
}

static int open_create(struct posix_mount *m, const struct smb3_ctx *ctx, struct posix_handle *dir,
		       const char *name, const struct smb3_how *how, struct smb3_handle *h,
		       struct posix_handle *ph)
{
	pthread_mutex_t *lock;
	int err;

	if (ctx->nowait)
		return -EAGAIN;
	lock = posix_naming_lock(m, dir);
	err = posix_name_free(m, ctx, dir->fd, name, how->flags & SMB3_O_EXACT);
	if (!err)
		err = open_new(m, ctx, dir->fd, name, how, h, ph);
	posix_naming_unlock(lock);
	return err;
}

int posix_open(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
	       const char *name, const struct smb3_how *how, struct smb3_handle *h)
{
	struct posix_mount *m = posix_mount_of(self);
	struct posix_handle *ph = posix_of(self, h), *at = posix_of(self, dir);
	int err = posix_name_check(name);

	if (err)
		return err;
	if (how->flags & SMB3_O_CREATE)
		return open_create(m, ctx, at, name, how, h, ph);
	return open_old(m, ctx, at->fd, name, how, h, ph);
}
