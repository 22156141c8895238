// SPDX-License-Identifier: Apache-2.0
/*
 * depot.c: a folder of the server's own with the contents of large streams. A file there is named
 * by a random number, which the base's xattr tells: so it needs no change when the base is renamed,
 * and an inode that is used again never finds what its predecessor had. An xattr of the file says
 * whose it is; a base that was copied with its xattrs finds a file that is not its own, may read
 * it, and gets one of its own with its first change.
 *
 * Only the server reaches the folder. Whoever comes here has been let into the base, so files are
 * made, opened and removed as the server itself; their owner is that of the base, for quotas.
 */
#include "streams.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define DEPOT_OWNER      "user.smb3.owner"
#define DEPOT_OWNER_SIZE 40

/* The thread acts as a user; its own rights come back for the time of a call. */
static uid_t depot_enter(void)
{
	return (uid_t)setfsuid(geteuid());
}

static void depot_leave(uid_t user)
{
	setfsuid(user);
}

static bool depot_empty(int fd)
{
	struct stat st;
	char proc[40];

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d/.used", fd);
	return lstat(proc, &st) != 0;
}

/* The folder, when it is there and nobody else's. */
static int depot_folder(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), err;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (!fstat(fd, &st) && st.st_uid == geteuid() && !(st.st_mode & 077))
		return fd;
	err = -EPERM;
	close(fd);
	return err;
}

void depot_init(struct depot *d, const char *path)
{
	int fd = *path ? depot_folder(path) : -1;

	d->path = smb3_strdup(path);
	d->fd = fd < 0 ? -1 : fd;
	d->used = fd >= 0 && !depot_empty(fd);
	pthread_mutex_init(&d->lock, NULL);
}

void depot_done(struct depot *d)
{
	int fd = atomic_load(&d->fd);

	if (fd >= 0)
		close(fd);
	pthread_mutex_destroy(&d->lock);
	free(d->path);
}

/* Made when it is needed for the first time. */
static int depot_make(struct depot *d)
{
	int fd;

	if (!*d->path)
		return -ENOSPC;
	pthread_mutex_lock(&d->lock);
	fd = atomic_load(&d->fd);
	if (fd < 0 && (!mkdir(d->path, 0700) || errno == EEXIST))
		fd = depot_folder(d->path);
	else if (fd < 0)
		fd = -errno;
	if (fd < 0)
		smb3_log(SMB3_LOG_WARNING,
			 "vfs_streams: %s: %s: large streams cannot be kept; the folder must be "
			 "the server's, with mode 0700",
			 d->path, strerror(-fd));
	else
		atomic_store(&d->fd, fd);
	pthread_mutex_unlock(&d->lock);
	return fd < 0 ? -ENOSPC : 0;
}

/* From now on removing a file has to look for what it leaves here, also after a restart. */
static int depot_mark(struct depot *d)
{
	int fd;

	if (atomic_load(&d->used))
		return 0;
	fd = openat(d->fd, ".used", O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	close(fd);
	atomic_store(&d->used, true);
	return 0;
}

static void depot_owner_text(const struct depot_owner *owner, char text[DEPOT_OWNER_SIZE])
{
	snprintf(text, DEPOT_OWNER_SIZE, "%016llx %016llx", (unsigned long long)owner->serial,
		 (unsigned long long)owner->ino);
}

static int depot_create(struct depot *d, const struct depot_owner *owner,
			const struct smb3_stat *base, const char *id)
{
	char text[DEPOT_OWNER_SIZE];
	int fd, err = atomic_load(&d->fd) < 0 ? depot_make(d) : 0;

	if (!err)
		err = depot_mark(d);
	if (err)
		return err;
	fd = openat(d->fd, id, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	depot_owner_text(owner, text);
	if (fsetxattr(fd, DEPOT_OWNER, text, strlen(text), 0)) {
		err = -errno;
		unlinkat(d->fd, id, 0);
		close(fd);
		return err;
	}
	if (geteuid() == 0 && fchown(fd, base->uid, base->gid))
		SMB3_DEBUG(SMB3_DBG_VFS, NULL, "streams: fchown: %s", strerror(errno));
	return fd;
}

int depot_new(struct depot *d, const struct depot_owner *owner, const struct smb3_stat *base,
	      char ret_id[STREAMS_ID_SIZE])
{
	uint64_t random[2];
	uid_t user;
	int fd;

	smb3_random(random, sizeof(random));
	snprintf(ret_id, STREAMS_ID_SIZE, "%016llx%016llx", (unsigned long long)random[0],
		 (unsigned long long)random[1]);
	user = depot_enter();
	fd = depot_create(d, owner, base, ret_id);
	depot_leave(user);
	return fd;
}

int depot_open(struct depot *d, const char *id)
{
	uid_t user;
	int fd;

	if (d->fd < 0)
		return -EIO;
	user = depot_enter();
	fd = openat(d->fd, id, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		fd = errno == ENOENT ? -EIO : -errno;
	depot_leave(user);
	return fd;
}

bool depot_owned(int fd, const struct depot_owner *owner)
{
	char text[DEPOT_OWNER_SIZE], found[DEPOT_OWNER_SIZE];
	uid_t user = depot_enter();
	ssize_t n = fgetxattr(fd, DEPOT_OWNER, found, sizeof(found));

	depot_leave(user);
	depot_owner_text(owner, text);
	return n == (ssize_t)strlen(text) && !memcmp(text, found, (size_t)n);
}

int depot_sync(struct depot *d, int fd)
{
	uid_t user = depot_enter();
	int dir = openat(d->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;

	if (dir < 0 || fsync(fd) || fsync(dir))
		err = -errno;
	if (dir >= 0)
		close(dir);
	depot_leave(user);
	return err;
}

void depot_remove(struct depot *d, const char *id, const struct depot_owner *owner)
{
	int fd = depot_open(d, id);
	uid_t user;

	if (fd < 0)
		return;
	if (depot_owned(fd, owner)) {
		user = depot_enter();
		unlinkat(d->fd, id, 0);
		depot_leave(user);
	}
	close(fd);
}
