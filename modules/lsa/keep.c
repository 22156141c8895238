// SPDX-License-Identifier: Apache-2.0
/*
 * keep.c: files that only the server reads and writes.
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

int lsa_file_read(const char *path, char **ret_text, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW), err;
	char *text = NULL;
	struct stat st = { .st_size = 0 };

	err = fd < 0 ? -errno : fstat(fd, &st) < 0 ? -errno : file_is_ours(&st, path);
	if (!err) {
		text = smb3_alloc((size_t)st.st_size + 1);
		err = smb3_disk_read(fd, text, (size_t)st.st_size);
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

int lsa_file_write(const char *path, const struct smb3_builder *text)
{
	int err = smb3_builder_ok(text) ? 0 : -EFBIG;

	if (!err)
		err = smb3_disk_replace(path, 0600, text->data, text->len);
	if (err)
		smb3_log(SMB3_LOG_ERROR, "lsa: cannot write %s: %s", path, strerror(-err));
	return err ? -EIO : 0;
}
