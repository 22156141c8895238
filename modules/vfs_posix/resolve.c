// SPDX-License-Identifier: Apache-2.0
/*
 * resolve.c: from names to descriptors, and never out of the share. The kernel is the judge:
 * every path is opened with RESOLVE_BENEATH, below the folder it is relative to or below the
 * share's own, unless the configuration says wide_links. Text is only ever rewritten to be judged again.
 */
#include "posix.h"

#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RESOLVE_TRIES 16 /* when renames race with ".." */
#define RESOLVE_LINKS 40 /* as the kernel has it */

/* Components have been checked for "..": what is left to lead out of the share is links. */
uint64_t posix_resolve(const struct posix_conf *conf)
{
	uint64_t resolve = RESOLVE_NO_MAGICLINKS;

	if (!conf->wide_links)
		resolve |= RESOLVE_BENEATH;
	if (!conf->follow_symlinks)
		resolve |= RESOLVE_NO_SYMLINKS;
	if (conf->one_file_system)
		resolve |= RESOLVE_NO_XDEV;
	return resolve;
}

const char *posix_proc(int fd, char buf[POSIX_PROC_SIZE])
{
	snprintf(buf, POSIX_PROC_SIZE, "/proc/self/fd/%d", fd);
	return buf;
}

static int resolve_beneath(const struct posix_mount *m, const struct smb3_ctx *ctx, int dirfd,
			   const char *path, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC),
		.mode = flags & O_CREAT ? mode & 07777 : 0,
		.resolve = m->resolve,
	};

	if (ctx->nowait)
		how.resolve |= RESOLVE_CACHED;
	for (int i = 0; i < RESOLVE_TRIES; i++) {
		int fd = (int)syscall(SYS_openat2, dirfd, path, &how, sizeof(how));

		if (fd >= 0)
			return fd;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		if (ctx->nowait)
			return -EAGAIN;
	}
	return -EBUSY; /* a lease of another program, which has been told to give it up */
}

/* The rest of path when it is base or below it, without slashes in front; else NULL. */
static const char *resolve_below(const char *path, const char *base)
{
	size_t len = strlen(base);

	while (len && base[len - 1] == '/')
		len--;
	if (strncmp(path, base, len) || (path[len] && path[len] != '/'))
		return NULL;
	return path + len + strspn(path + len, "/");
}

/* Where a descriptor stands, as the kernel tells it. */
static int resolve_where(int fd, char path[PATH_MAX])
{
	char proc[POSIX_PROC_SIZE];
	ssize_t n = readlink(posix_proc(fd, proc), path, PATH_MAX);

	if (n < 0)
		return -errno;
	if (n == PATH_MAX)
		return -ENAMETOOLONG;
	path[n] = '\0';
	return 0;
}

/* Text of a link that points to an absolute place: the same place below the share, or NULL. */
static const char *resolve_absolute(const struct posix_mount *m, const char *target)
{
	char root[PATH_MAX];
	const char *below = resolve_below(target, m->path);

	if (!below && !resolve_where(m->root, root))
		below = resolve_below(target, root);
	return below;
}

/* path[0, upto) cannot be opened beneath the share, what is before its last component can: that
 * is a link. Puts its target in place; -EXDEV when it is no link or leads out. */
static int resolve_replace(const struct posix_mount *m, char path[PATH_MAX], size_t upto)
{
	static const struct smb3_ctx may_wait = { 0 };
	char head[PATH_MAX], target[PATH_MAX], text[PATH_MAX];
	const char *rest = path + upto, *to = target, *parent = head;
	char *slash;
	int dirfd, n;
	ssize_t len;

	memcpy(head, path, upto);
	head[upto] = '\0';
	slash = strrchr(head, '/');
	if (slash)
		*slash = '\0';
	else
		parent = ".";
	dirfd = resolve_beneath(m, &may_wait, m->root, parent, O_PATH | O_DIRECTORY, 0);
	if (dirfd < 0)
		return -EXDEV;
	len = readlinkat(dirfd, slash ? slash + 1 : head, target, sizeof(target) - 1);
	close(dirfd);
	if (len <= 0)
		return -EXDEV;
	target[len] = '\0';
	if (*target == '/') {
		parent = ".";
		to = resolve_absolute(m, target);
		if (!to)
			return -EXDEV;
	}
	n = snprintf(text, sizeof(text), "%s/%s%s", parent, *to ? to : ".", rest);
	if (n < 0 || (size_t)n >= sizeof(text))
		return -ENAMETOOLONG;
	memcpy(path, text, (size_t)n + 1);
	return 0;
}

/* The length of path's shortest part that cannot be opened beneath the share. */
static size_t resolve_culprit(const struct posix_mount *m, char path[PATH_MAX])
{
	static const struct smb3_ctx may_wait = { 0 };

	for (char *end = strchr(path, '/'); end; end = strchr(end + 1, '/')) {
		int fd;

		*end = '\0';
		fd = resolve_beneath(m, &may_wait, m->root, path, O_PATH, 0);
		*end = '/';
		if (fd < 0)
			return (size_t)(end - path);
		close(fd);
	}
	return strlen(path);
}

/* name leads out of dirfd: perhaps by a link to elsewhere in the share, perhaps out of it. */
static int resolve_follow(const struct posix_mount *m, int dirfd, const char *name, int flags)
{
	static const struct smb3_ctx may_wait = { 0 };
	char path[PATH_MAX], root[PATH_MAX], where[PATH_MAX];
	const char *below;
	int err = resolve_where(m->root, root), n, fd = -EXDEV;

	if (!err)
		err = resolve_where(dirfd, where);
	below = err ? NULL : resolve_below(where, root);
	if (!below)
		return -EXDEV;
	n = snprintf(path, sizeof(path), "%s%s%s", below, *below ? "/" : "", name);
	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	for (int links = 0; links < RESOLVE_LINKS; links++) {
		fd = resolve_beneath(m, &may_wait, m->root, path, flags, 0);
		if (fd != -EXDEV)
			return fd;
		err = resolve_replace(m, path, resolve_culprit(m, path));
		if (err)
			return err;
	}
	return -ELOOP;
}

int posix_openat(const struct posix_mount *m, const struct smb3_ctx *ctx, int dirfd,
		 const char *path, int flags, mode_t mode)
{
	int fd = resolve_beneath(m, ctx, dirfd, path, flags, mode);

	if (fd != -EXDEV || !m->follow)
		return fd;
	return ctx->nowait ? -EAGAIN : resolve_follow(m, dirfd, path, flags);
}

/* A link whose target is missing. */
static bool resolve_dangles(const struct posix_mount *m, int dirfd, const char *name, int flags)
{
	struct stat st;

	return m->follow && !(flags & O_NOFOLLOW) &&
	       !fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISLNK(st.st_mode);
}

int posix_open_name(const struct posix_mount *m, const struct smb3_ctx *ctx, int dirfd,
		    const char *name, int flags, bool exact, char ret_found[NAME_MAX + 1])
{
	struct smb3_ctx recall = *ctx;
	int err, fd = posix_openat(m, ctx, dirfd, name, flags, 0);

	if (!posix_missing(fd)) {
		if (strlen(name) <= NAME_MAX)
			strcpy(ret_found, name);
		return fd;
	}
	recall.nowait = true;
	err = posix_look(m, &recall, dirfd, name, exact, ret_found);
	if (err == -EAGAIN && resolve_dangles(m, dirfd, name, flags))
		return -ELOOP;
	if (err == -EAGAIN && !ctx->nowait)
		err = posix_look(m, ctx, dirfd, name, exact, ret_found);
	if (err == -ENODATA)
		return resolve_dangles(m, dirfd, name, flags) ? -ELOOP : fd;
	if (err)
		return err;
	fd = posix_openat(m, ctx, dirfd, ret_found, flags, 0);
	return fd == -ENOENT && resolve_dangles(m, dirfd, ret_found, flags) ? -ELOOP : fd;
}

/* One component after the other, each in any spelling; found is the last one's. */
static int resolve_each(const struct posix_mount *m, const struct smb3_ctx *ctx, int dirfd,
			char *path, char ret_found[NAME_MAX + 1])
{
	int at = dirfd;
	char *name;

	while ((name = strsep(&path, "/"))) {
		int fd = posix_open_name(m, ctx, at, name, O_PATH | O_DIRECTORY, false, ret_found);

		if (at != dirfd)
			close(at);
		if (fd < 0)
			return fd;
		at = fd;
	}
	return at;
}

/* Copies path, and checks each component. */
static int resolve_check(const char *path, char ret_copy[PATH_MAX])
{
	size_t len = strlen(path);
	char *rest = ret_copy, *name;
	int err = 0;

	if (len >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(ret_copy, path, len + 1);
	while (!err && (name = strsep(&rest, "/"))) {
		err = posix_name_check(name);
		if (rest)
			rest[-1] = '/';
	}
	return err;
}

int posix_walk(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
	       const char *path, struct smb3_handle *h)
{
	const struct posix_mount *m = posix_mount_of(self);
	struct posix_handle *ph = posix_of(self, h);
	int dirfd = posix_of(self, dir)->fd, fd;
	char copy[PATH_MAX], found[NAME_MAX + 1], shown[POSIX_SHOWN_SIZE];
	const char *name = strrchr(path, '/');
	int err = resolve_check(path, copy);

	if (err)
		return err;
	name = name ? name + 1 : path;
	fd = posix_openat(m, ctx, dirfd, copy, O_PATH | O_DIRECTORY, 0);
	if (posix_missing(fd)) {
		fd = resolve_each(m, ctx, dirfd, copy, found);
		name = posix_shown(found, shown);
	}
	if (fd < 0)
		return fd;
	ph->fd = fd;
	ph->bare = true;
	h->directory = true;
	smb3_handle_name(h, name);
	return 0;
}
