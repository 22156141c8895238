// SPDX-License-Identifier: Apache-2.0
/*
 * dir.c: listing folders, and adding and removing entries.
 */
#include "posix.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#define DIR_BYTES 32768

int posix_list_fd(struct posix_handle *ph)
{
	int list = atomic_load(&ph->list), fd;

	if (!ph->bare)
		return ph->fd;
	if (list)
		return list - 1;
	fd = openat(ph->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (atomic_compare_exchange_strong(&ph->list, &list, fd + 1))
		return fd;
	close(fd);
	return list - 1;
}

/* False: emit has enough. */
static bool dir_emit(const struct dirent64 *entry, uint64_t *cookie, smb3_emit_fn emit, void *arg)
{
	char buf[POSIX_SHOWN_SIZE];
	struct smb3_dirent out = {
		.ino = entry->d_ino,
		.type = entry->d_type,
		.cookie = (uint64_t)entry->d_off,
	};

	if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) {
		out.name = posix_shown(entry->d_name, buf);
		if (!emit(arg, &out))
			return false;
	}
	*cookie = out.cookie;
	return true;
}

int posix_readdir(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		  uint64_t *cookie, smb3_emit_fn emit, void *arg)
{
	_Alignas(struct dirent64) char buf[DIR_BYTES];
	int fd;

	if (ctx->nowait)
		return -EAGAIN;
	fd = posix_list_fd(posix_of(self, h));
	if (fd < 0)
		return fd;
	if (lseek(fd, (off_t)*cookie, SEEK_SET) < 0)
		return -errno;
	for (;;) {
		ssize_t n = getdents64(fd, buf, sizeof(buf));

		if (n <= 0)
			return n ? -errno : 0;
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *entry = (const void *)(buf + at);

			if (!dir_emit(entry, cookie, emit, arg))
				return 1;
			at += entry->d_reclen;
		}
	}
}

/* A link to a folder is removed like one, but it is only a link. */
static int dir_unlink(int dirfd, const char *name, bool directory)
{
	struct stat st;

	if (!unlinkat(dirfd, name, directory ? AT_REMOVEDIR : 0))
		return 0;
	if (errno != ENOTDIR || !directory)
		return -errno;
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW))
		return -errno;
	if (!S_ISLNK(st.st_mode))
		return -ENOTDIR;
	return unlinkat(dirfd, name, 0) ? -errno : 0;
}

int posix_remove(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		 const char *name, bool directory)
{
	const struct posix_mount *m = posix_mount_of(self);
	int dirfd = posix_of(self, dir)->fd, err = posix_name_check(name);
	char found[NAME_MAX + 1];

	if (err)
		return err;
	if (ctx->nowait)
		return -EAGAIN;
	err = dir_unlink(dirfd, name, directory);
	if (!posix_missing(err))
		return err;
	err = posix_find(m, ctx, dirfd, name, false, found);
	return err ? err : dir_unlink(dirfd, found, directory);
}

/* Before a name is added: takes the lock (to be given back also on failure). */
static int dir_claim(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct posix_handle *dir,
		     const char *name, pthread_mutex_t **ret_lock)
{
	struct posix_mount *m = posix_mount_of(self);
	int err = posix_name_check(name);

	*ret_lock = NULL;
	if (err)
		return err;
	if (ctx->nowait)
		return -EAGAIN;
	*ret_lock = posix_naming_lock(m, dir);
	return posix_name_free(m, ctx, dir->fd, name, false);
}

int posix_link(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
	       struct smb3_handle *to_dir, const char *to_name)
{
	struct posix_handle *ph = posix_of(self, h), *to = posix_of(self, to_dir);
	char proc[POSIX_PROC_SIZE];
	pthread_mutex_t *lock;
	int err = dir_claim(self, ctx, to, to_name, &lock);

	if (!err && linkat(AT_FDCWD, posix_proc(ph->fd, proc), to->fd, to_name, AT_SYMLINK_FOLLOW))
		err = -errno;
	posix_naming_unlock(lock);
	posix_stale(ph);
	return err;
}

int posix_make(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
	       const char *name, uint32_t mode, uint64_t rdev, const char *target)
{
	struct posix_handle *at = posix_of(self, dir);
	pthread_mutex_t *lock;
	int err = dir_claim(self, ctx, at, name, &lock);

	if (!err &&
	    (target ? symlinkat(target, at->fd, name) : mknodat(at->fd, name, mode, (dev_t)rdev)))
		err = -errno;
	posix_naming_unlock(lock);
	return err;
}

ssize_t posix_readlink(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       char *buf, size_t size)
{
	ssize_t n = readlinkat(posix_of(self, h)->fd, "", buf, size);

	if (n < 0)
		return errno == ENOENT ? -EINVAL : -errno; /* no link */
	return (size_t)n == size ? -ERANGE : n;
}
