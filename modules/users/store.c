// SPDX-License-Identifier: Apache-2.0
/*
 * store.c: the file of accounts: read whole, written whole, never half.
 */
#include "users.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024

void store_free(struct user *first)
{
	while (first) {
		struct user *u = first;

		first = u->next;
		smb3_wipe(u, sizeof(*u));
		free(u);
	}
}

int store_check(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISREG(st.st_mode)) {
		smb3_log(SMB3_LOG_ERROR, "users: %s is not a regular file", path);
		return -EINVAL;
	}
	if (st.st_mode & (S_IRWXG | S_IRWXO)) {
		smb3_log(SMB3_LOG_ERROR,
			 "users: %s can be read by others than its owner, and it holds password "
			 "hashes: chmod 600 %s",
			 path, path);
		return -EINVAL;
	}
	return 0;
}

static int lines_read(FILE *f, const char *path, struct user **tail_of)
{
	char line[LINE_MAX_BYTES];
	struct user **tail = tail_of;
	int number = 0, err = 0;

	while (!err && fgets(line, sizeof(line), f)) {
		struct user *u;

		number++;
		line[strcspn(line, "\n")] = 0;
		if (!*line || *line == '#')
			continue;
		u = smb3_alloc(sizeof(*u));
		if (account_parse(line, &u->account)) {
			*tail = u;
			tail = &u->next;
			continue;
		}
		smb3_log(SMB3_LOG_ERROR,
			 "users: %s:%d: not a line of accounts (name:unix name:hash:flags:"
			 "changed:expires); mend it or take it out",
			 path, number);
		free(u);
		err = -EINVAL;
	}
	smb3_wipe(line, sizeof(line));
	return err;
}

int store_read(const char *path, struct user **ret_first, struct stat *ret_st)
{
	struct user *first = NULL;
	FILE *f = fopen(path, "re");
	int err;

	if (!f && errno == ENOENT) {
		memset(ret_st, 0, sizeof(*ret_st));
		*ret_first = NULL;
		return 0;
	}
	if (!f) {
		err = -errno;
		smb3_log(SMB3_LOG_ERROR, "users: %s: %s", path, strerror(-err));
		return err;
	}
	err = fstat(fileno(f), ret_st) < 0 ? -errno : lines_read(f, path, &first);
	fclose(f);
	if (err)
		store_free(first);
	else
		*ret_first = first;
	return err;
}

static int file_fill(int fd, const struct user *first)
{
	FILE *f = fdopen(fd, "w");
	char line[LINE_MAX_BYTES];
	int err = f ? 0 : -errno;

	if (!f) {
		close(fd);
		return err;
	}
	fputs("# accounts of smb3d; change them with smb3ctl user\n", f);
	for (const struct user *u = first; u && !err; u = u->next)
		if (!account_format(&u->account, line, sizeof(line)) || fputs(line, f) == EOF)
			err = -EIO;
	smb3_wipe(line, sizeof(line));
	if (!err && (fflush(f) || fsync(fileno(f)) < 0))
		err = -errno;
	if (fclose(f) && !err)
		err = -errno;
	return err;
}

/* The rename must survive a crash, too. */
static int folder_sync(const char *path)
{
	char *copy = smb3_strdup(path), *slash = strrchr(copy, '/');
	int fd, err = 0;

	if (slash)
		slash[slash == copy ? 1 : 0] = 0;
	fd = open(slash ? copy : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		err = -errno;
	if (fd >= 0)
		close(fd);
	free(copy);
	return err;
}

int store_write(const char *path, const struct user *first)
{
	size_t size = strlen(path) + 8;
	char *temp = smb3_alloc(size);
	int fd, err;

	snprintf(temp, size, "%s.XXXXXX", path);
	fd = mkostemp(temp, O_CLOEXEC); /* mode 0600 */
	err = fd < 0 ? -errno : file_fill(fd, first);
	if (!err && rename(temp, path) < 0)
		err = -errno;
	if (!err)
		err = folder_sync(path);
	else if (fd >= 0)
		unlink(temp);
	free(temp);
	return err;
}

int store_lock(const char *path)
{
	size_t size = strlen(path) + 6;
	char *lock = smb3_alloc(size);
	int fd, err = 0;

	snprintf(lock, size, "%s.lock", path);
	fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	err = fd < 0 ? -errno : 0;
	free(lock);
	if (!err && flock(fd, LOCK_EX) < 0) {
		err = -errno;
		close(fd);
	}
	return err ? err : fd;
}
