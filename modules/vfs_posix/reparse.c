// SPDX-License-Identifier: Apache-2.0
/*
 * reparse.c: reparse points that are kept as data, and objects that become symbolic links.
 */
#include "posix.h"

#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define REPARSE_TRIES 8

uint32_t posix_reparse_tag(const void *blob, size_t len)
{
	struct smb3_cursor c = smb3_cursor_init(blob, len);
	uint32_t tag = smb3_get_u32(&c);

	smb3_get_skip(&c, 4); /* ReparseDataLength, Reserved */
	return smb3_cursor_ok(&c) ? tag : 0;
}

uint32_t posix_reparse_get(struct posix_mount *m, const struct posix_handle *ph)
{
	uint8_t blob[POSIX_REPARSE_SIZE];
	ssize_t len = posix_xattr_get(m, ph, POSIX_REPARSE_NAME, blob, sizeof(blob));

	return len > 0 ? posix_reparse_tag(blob, (size_t)len) : 0;
}

uint32_t posix_reparse_get_at(struct posix_mount *m, int dirfd, const char *name)
{
	uint8_t blob[POSIX_REPARSE_SIZE];
	ssize_t len = posix_xattr_get_at(m, dirfd, name, POSIX_REPARSE_NAME, blob, sizeof(blob));

	return len > 0 ? posix_reparse_tag(blob, (size_t)len) : 0;
}

/* ---- becoming ---- */

/* Makes the new object under a name that nobody looks for, and gives a bare descriptor of it. */
static int reparse_make(int dirfd, const char *target, char ret_name[32])
{
	int err = -EEXIST, fd;

	for (int i = 0; i < REPARSE_TRIES && err == -EEXIST; i++) {
		uint64_t number;

		smb3_random(&number, sizeof(number));
		snprintf(ret_name, 32, ".smb3-%016llx", (unsigned long long)number);
		if (target)
			err = symlinkat(target, dirfd, ret_name) ? -errno : 0;
		else
			err = mknodat(dirfd, ret_name, S_IFREG | 0666, 0) ? -errno : 0;
	}
	if (err)
		return err;
	fd = openat(dirfd, ret_name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	err = -errno;
	unlinkat(dirfd, ret_name, 0);
	return err;
}

/* A folder cannot be replaced by anything else in one step: it goes first, if it is empty. */
static int reparse_replace(int dirfd, const char *from, const char *to, bool directory)
{
	if (directory && unlinkat(dirfd, to, AT_REMOVEDIR))
		return -errno;
	return renameat(dirfd, from, dirfd, to) ? -errno : 0;
}

/* The entry must still be this object. */
static int reparse_same(const struct posix_handle *ph, int dirfd, const char *name,
			struct stat *ret_stat)
{
	struct stat entry;

	if (fstat(ph->fd, ret_stat) || fstatat(dirfd, name, &entry, AT_SYMLINK_NOFOLLOW))
		return -errno;
	return entry.st_dev == ret_stat->st_dev && entry.st_ino == ret_stat->st_ino ? 0 : -ESTALE;
}

/* The handle goes over in one step, whoever uses it meanwhile. What it was stays open: its inode
 * number must not be given to a new file while others know it by this one. */
static int reparse_take_over(struct posix_handle *ph, int fd)
{
	int former = fcntl(ph->fd, F_DUPFD_CLOEXEC, 0), none = 0;

	if (former < 0 || dup3(fd, ph->fd, O_CLOEXEC) < 0) {
		int err = -errno;

		if (former >= 0)
			close(former);
		return err;
	}
	if (!atomic_compare_exchange_strong(&ph->former, &none, former + 1))
		close(former); /* the first one is what others know */
	ph->bare = true;
	return 0;
}

int posix_become(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		 const char *name, struct smb3_handle *h, const char *target)
{
	struct posix_handle *ph = posix_of(self, h);
	int dirfd = posix_of(self, dir)->fd, err = posix_name_check(name), fd;
	char temporary[32];
	struct stat st;

	if (!err && ctx->nowait)
		err = -EAGAIN;
	/* A link that stays inside where it is made may lead out from where it is moved to. */
	if (!err && target && !(posix_mount_of(self)->resolve & RESOLVE_BENEATH))
		err = -EOPNOTSUPP;
	if (!err)
		err = ph->borrowed ? -EPERM : reparse_same(ph, dirfd, name, &st);
	if (err)
		return err;
	posix_stale(ph);
	fd = reparse_make(dirfd, target, temporary);
	if (fd < 0)
		return fd;
	err = reparse_replace(dirfd, temporary, name, S_ISDIR(st.st_mode));
	if (err)
		unlinkat(dirfd, temporary, 0);
	else
		err = reparse_take_over(ph, fd);
	close(fd);
	return err;
}
