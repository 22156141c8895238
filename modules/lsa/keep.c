// SPDX-License-Identifier: Apache-2.0
/*
 * keep.c: files that only the server reads and writes. A change goes to a new file that then takes the
 * old one's place.
 */
#include "lsa.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void lsa_text_free(char *text, size_t len)
{
	if (text)
		smb3_wipe(text, len);
	free(text);
}

/* ---- reading ---- */

static int file_is_ours(const struct stat *st, const char *path)
{
	const char *why = NULL;

	if (!S_ISREG(st->st_mode))
		why = "is not a regular file";
	else if (st->st_uid != geteuid() && st->st_uid != 0)
		why = "belongs to somebody else than the user that runs smb3d: chown it";
	else if (st->st_mode & 077)
		why = "may be read or written by others than its owner: chmod 600 it";
	else if (st->st_size > LSA_FILE_MAX)
		why = "has more than 64 MiB";
	if (!why)
		return 0;
	smb3_log(SMB3_LOG_ERROR, "lsa: %s %s", path, why);
	return -EPERM;
}

static int read_all(int fd, char *buf, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t n = read(fd, buf + at, len - at);

		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		at += (size_t)n;
	}
	return 0;
}

int lsa_file_read(const char *path, char **ret_text, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW), err;
	char *text = NULL;
	struct stat st = { .st_size = 0 };

	err = fd < 0 ? -errno : fstat(fd, &st) < 0 ? -errno : file_is_ours(&st, path);
	if (!err) {
		text = smb3_alloc((size_t)st.st_size + 1);
		err = read_all(fd, text, (size_t)st.st_size);
	}
	if (fd >= 0)
		close(fd);
	if (fd < 0 && err == -ENOENT) {
		text = smb3_alloc(1);
		err = 0;
	}
	if (err) {
		if (err != -EPERM)
			smb3_log(SMB3_LOG_ERROR, "lsa: cannot read %s: %s", path, strerror(-err));
		lsa_text_free(text, (size_t)st.st_size);
		return err;
	}
	*ret_text = text;
	*ret_len = (size_t)st.st_size;
	return 0;
}

/* ---- writing ---- */

static int write_all(int fd, const uint8_t *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

static int folder_sync(const char *path)
{
	char *folder = smb3_strdup(path);
	int fd, err = 0;

	*strrchr(folder, '/') = '\0';
	fd = open(*folder ? folder : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		err = -errno;
	if (fd >= 0)
		close(fd);
	free(folder);
	return err;
}

static int replace(const char *path, const char *new, const struct smb3_builder *text)
{
	int fd, err;

	unlink(new); /* of a server that was killed */
	fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	err = write_all(fd, text->data, text->len);
	close(fd);
	if (!err && rename(new, path) < 0)
		err = -errno;
	if (err)
		unlink(new);
	return err ? err : folder_sync(path);
}

int lsa_file_write(const char *path, const struct smb3_builder *text)
{
	size_t size = strlen(path) + sizeof(".new");
	char *new = smb3_alloc(size);
	int err = smb3_builder_ok(text) ? 0 : -EFBIG;

	snprintf(new, size, "%s.new", path);
	if (!err)
		err = replace(path, new, text);
	free(new);
	if (err)
		smb3_log(SMB3_LOG_ERROR, "lsa: cannot write %s: %s", path, strerror(-err));
	return err ? -EIO : 0;
}
