// SPDX-License-Identifier: Apache-2.0
/*
 * disk.c: files that the server keeps for itself. A crash leaves the old one or the new one, never half
 * of one.
 */
#include <smb3/disk.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct content {
	const void *data;
	size_t len;
};

int smb3_disk_read(int fd, void *buf, size_t len)
{
	uint8_t *p = buf;

	while (len) {
		ssize_t n = read(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int content_write(int fd, void *arg)
{
	const struct content *content = arg;
	const uint8_t *p = content->data;
	size_t len = content->len;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Some file systems have nothing to do for a folder, and say so with EINVAL. */
int smb3_disk_sync_folder(const char *path)
{
	char *folder = smb3_strdup(path), *slash = strrchr(folder, '/');
	int fd, err = 0;

	if (slash)
		slash[1] = '\0';
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || (fsync(fd) < 0 && errno != EINVAL))
		err = -errno;
	if (fd >= 0)
		close(fd);
	free(folder);
	return err;
}

int smb3_disk_replace_by(const char *path, mode_t mode, int (*write)(int fd, void *arg), void *arg)
{
	char *new;
	int fd, err;

	if (asprintf(&new, "%s.new", path) < 0)
		return -ENOMEM;
	unlink(new);
	fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	err = fd < 0 ? -errno : write(fd, arg);
	if (!err && fsync(fd) < 0)
		err = -errno;
	if (!err && rename(new, path) < 0)
		err = -errno;
	if (err && fd >= 0)
		unlink(new);
	if (fd >= 0)
		close(fd);
	free(new);
	return err ? err : smb3_disk_sync_folder(path);
}

int smb3_disk_replace(const char *path, mode_t mode, const void *data, size_t len)
{
	struct content content = { .data = data, .len = len };

	return smb3_disk_replace_by(path, mode, content_write, &content);
}
