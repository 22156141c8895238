// SPDX-License-Identifier: Apache-2.0
/*
 * tree.c: copies of whole folders, for file systems that have no snapshots, and their removal. Users
 * may change what is copied meanwhile: no link is followed, and what is opened is looked at again.
 */
#include "take.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>
#include <unistd.h>

#define DEPTH_MAX   128    /* folders in one another; two descriptors each */
#define ASIDE_TRIES 100000 /* names, of which the folder may have some */
#define XATTRS      65536
#define CHUNK       (256 * 1024)

/* ---- attributes ---- */

/* Rights are among them: without them the copy would be for other eyes than the original. */
static int copy_xattr(int from, int to, const char *name, void *value)
{
	ssize_t n = fgetxattr(from, name, value, XATTRS);
	uint64_t raised;
	int err;

	if (n < 0)
		return errno == ENODATA ? 0 : -errno;
	raised = smb3_caps_raise(SMB3_CAP(CAP_SYS_ADMIN));
	err = fsetxattr(to, name, value, (size_t)n, 0) ? -errno : 0;
	smb3_caps_lower(raised);
	return strcmp(name, "security.selinux") == 0 ? 0 : err;
}

static int copy_xattrs(int from, int to)
{
	char *list = smb3_alloc(2 * XATTRS), *value = list + XATTRS;
	ssize_t n = flistxattr(from, list, XATTRS);
	int err = n < 0 && errno != EOPNOTSUPP ? -errno : 0;

	for (const char *name = list; n > 0 && name < list + n && !err; name += strlen(name) + 1)
		err = copy_xattr(from, to, name, value);
	free(list);
	return err;
}

/* The mode comes after the owner, who loses bits of it; the ACL, which is an xattr, after the mode. */
static int copy_dress(int from, int to, const struct stat *st)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	int err = 0;

	if (fchown(to, st->st_uid, st->st_gid) || fchmod(to, st->st_mode & 07777))
		err = -errno;
	if (!err)
		err = copy_xattrs(from, to);
	if (!err && futimens(to, times))
		err = -errno;
	return err;
}

/* ---- contents ---- */

/* Through memory: the copy may be on another file system. */
static int copy_range(int from, int to, off_t at, off_t end)
{
	char *buf = smb3_alloc(CHUNK);
	int err = 0;

	while (!err && at < end) {
		size_t want = end - at < CHUNK ? (size_t)(end - at) : CHUNK;
		ssize_t n = pread(from, buf, want, at);

		if (n > 0)
			n = pwrite(to, buf, (size_t)n, at);
		if (n < 0 && errno != EINTR)
			err = -errno;
		if (n == 0)
			break; /* it has become shorter */
		at += n > 0 ? n : 0;
	}
	free(buf);
	return err;
}

static int copy_data(int from, int to, off_t size)
{
	off_t at = 0, data = 0;
	int err = 0;

	if (!ioctl(to, FICLONE, from))
		return 0;
	while (!err && at < size && (data = lseek(from, at, SEEK_DATA)) >= 0) {
		at = lseek(from, data, SEEK_HOLE);
		if (at < 0)
			return -errno;
		err = copy_range(from, to, data, at < size ? at : size);
	}
	if (!err && data < 0 && errno != ENXIO)
		err = -errno;
	return !err && ftruncate(to, size) ? -errno : err;
}

static int copy_file(int from_dir, int to_dir, const char *name)
{
	int from = openat(from_dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), to;
	struct stat st;
	int err = 0;

	if (from < 0)
		return errno == ENOENT || errno == ELOOP ? 0 : -errno;
	to = openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (to < 0 || fstat(from, &st))
		err = -errno;
	else if (S_ISREG(st.st_mode))
		err = copy_data(from, to, st.st_size);
	if (!err)
		err = copy_dress(from, to, &st);
	close(from);
	if (to >= 0)
		close(to);
	return err;
}

static int copy_link(int from_dir, int to_dir, const char *name, const struct stat *st)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	char target[PATH_MAX];
	ssize_t n = readlinkat(from_dir, name, target, sizeof(target) - 1);

	if (n < 0)
		return errno == ENOENT || errno == EINVAL ? 0 : -errno;
	target[n] = '\0';
	if (symlinkat(target, to_dir, name) ||
	    fchownat(to_dir, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) ||
	    utimensat(to_dir, name, times, AT_SYMLINK_NOFOLLOW))
		return -errno;
	return 0;
}

/* ---- folders ---- */

struct copying {
	struct stat skip; /* a folder that is left out */
	unsigned int depth;
	uint64_t too_deep; /* folders that are left out */
};

static int copy_folder(struct copying *c, int from, int to_dir, const char *name);

static int copy_below(struct copying *c, int from_dir, int to_dir, const char *name)
{
	int from = openat(from_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), err;

	if (from < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : -errno;
	if (c->depth == DEPTH_MAX) {
		c->too_deep++;
		close(from);
		return 0;
	}
	c->depth++;
	err = copy_folder(c, from, to_dir, name);
	c->depth--;
	close(from);
	return err;
}

static int copy_entry(struct copying *c, int from, int to, const char *name)
{
	struct stat st;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : -errno;
	if (st.st_dev == c->skip.st_dev && st.st_ino == c->skip.st_ino)
		return 0;
	if (S_ISDIR(st.st_mode))
		return copy_below(c, from, to, name);
	if (S_ISREG(st.st_mode))
		return copy_file(from, to, name);
	/* FIFOs, sockets and devices have no content of then. */
	return S_ISLNK(st.st_mode) ? copy_link(from, to, name, &st) : 0;
}

static bool is_dot(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

static DIR *list_of(int fd)
{
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = again < 0 ? NULL : fdopendir(again);

	if (!dir && again >= 0)
		close(again);
	return dir;
}

static int copy_entries(struct copying *c, int from, int to)
{
	const struct dirent *entry;
	DIR *dir = list_of(from);
	int err = dir ? 0 : -errno;

	while (!err && (entry = readdir(dir))) {
		if (!is_dot(entry->d_name))
			err = copy_entry(c, from, to, entry->d_name);
		/* What is renamed meanwhile may be listed twice. */
		if (err == -EEXIST)
			err = 0;
	}
	if (dir)
		closedir(dir);
	return err;
}

static int copy_folder(struct copying *c, int from, int to_dir, const char *name)
{
	struct stat st;
	int to, err;

	if (fstat(from, &st) || mkdirat(to_dir, name, 0700))
		return -errno;
	to = openat(to_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (to < 0)
		return -errno;
	err = copy_entries(c, from, to);
	if (!err)
		err = copy_dress(from, to, &st);
	close(to);
	return err;
}

int tree_copy(int from, int to_dir, const char *name, int skip)
{
	struct copying c = { 0 };
	int err = fstat(skip, &c.skip) ? -errno : copy_folder(&c, from, to_dir, name);

	if (!err && c.too_deep)
		smb3_log(SMB3_LOG_WARNING,
			 "%llu folders are not in the snapshot: more than %d are in one another",
			 (unsigned long long)c.too_deep, DEPTH_MAX);
	return err;
}

/* ---- removal ---- */

struct removing {
	int top;        /* the folder that goes */
	uint64_t aside; /* folders that were moved there */
};

/* What is too deep goes up to the top, to be removed from there: so there is no limit of depth. */
static int set_aside(struct removing *r, int at, const char *name)
{
	char to[24];

	for (int i = 0; i < ASIDE_TRIES; i++) {
		snprintf(to, sizeof(to), "%llu", (unsigned long long)r->aside++);
		if (!renameat2(at, name, r->top, to, RENAME_NOREPLACE))
			return 0;
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

static int remove_entries(struct removing *r, int fd, unsigned int depth);

static int remove_entry(struct removing *r, int at, const char *name, unsigned int depth)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), err;

	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return unlinkat(at, name, 0) ? -errno : 0;
	if (fd < 0)
		return -errno;
	if (depth == DEPTH_MAX) {
		close(fd);
		return set_aside(r, at, name);
	}
	err = remove_entries(r, fd, depth + 1);
	close(fd);
	return !err && unlinkat(at, name, AT_REMOVEDIR) ? -errno : err;
}

static int remove_entries(struct removing *r, int fd, unsigned int depth)
{
	const struct dirent *entry;
	DIR *dir = list_of(fd);
	int err = dir ? 0 : -errno;

	while (!err && (entry = readdir(dir)))
		if (!is_dot(entry->d_name))
			err = remove_entry(r, fd, entry->d_name, depth);
	if (dir)
		closedir(dir);
	return err;
}

int tree_remove(int at, const char *name)
{
	struct removing r = { .top = openat(at, name,
					    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) };
	uint64_t aside;
	int err;

	if (r.top < 0 && (errno == ENOTDIR || errno == ELOOP))
		return unlinkat(at, name, 0) ? -errno : 0;
	if (r.top < 0)
		return -errno;
	do {
		aside = r.aside;
		err = remove_entries(&r, r.top, 1);
		if (!err && unlinkat(at, name, AT_REMOVEDIR))
			err = -errno;
	} while ((err == -ENOTEMPTY || err == -EEXIST) && r.aside != aside);
	close(r.top);
	return err;
}
