// SPDX-License-Identifier: Apache-2.0
/*
 * files.c: scripts on disk. Whoever can write a script decides what the server does; so the file and
 * its folder must belong to root or to the server's user, and nobody else may write to them.
 */
#include "script.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOURCE_MAX (1024 * 1024)

/* A name is one component, or an absolute path. */
static bool name_sound(const char *name)
{
	if (*name == '/')
		return true;
	return *name && *name != '.' && !strchr(name, '/');
}

static bool trusted(const struct stat *st)
{
	return (st->st_uid == 0 || st->st_uid == geteuid()) && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

static int refuse(char *why, size_t size, const char *path, const char *what, int err)
{
	snprintf(why, size, "%s: %s", path, what);
	return err;
}

static int folder_check(const char *path, char *why, size_t size)
{
	const char *slash = strrchr(path, '/');
	struct stat st;
	char folder[4096];

	snprintf(folder, sizeof(folder), "%.*s", slash > path ? (int)(slash - path) : 1, path);
	if (stat(folder, &st) < 0)
		return refuse(why, size, folder, strerror(errno), -errno);
	if (!trusted(&st))
		return refuse(why, size, folder,
			      "the folder must belong to root or to the server's user, and nobody "
			      "else may write to it (chown, chmod go-w)",
			      -EPERM);
	return 0;
}

static int text_read(int fd, const char *path, struct source *s, char *why, size_t size)
{
	struct stat st;
	ssize_t n = 1;

	if (fstat(fd, &st) < 0)
		return refuse(why, size, path, strerror(errno), -errno);
	if (!S_ISREG(st.st_mode))
		return refuse(why, size, path, "is not a plain file", -EINVAL);
	if (!trusted(&st))
		return refuse(why, size, path,
			      "must belong to root or to the server's user, and nobody else may "
			      "write to it (chown, chmod go-w)",
			      -EPERM);
	if (st.st_size > SOURCE_MAX)
		return refuse(why, size, path, "is larger than 1 MB", -EFBIG);
	s->text = smb3_alloc((size_t)st.st_size + 1);
	for (s->len = 0; n > 0 && s->len<(size_t)st.st_size; s->len += n> 0 ? (size_t)n : 0)
		n = read(fd, s->text + s->len, (size_t)st.st_size - s->len);
	if (n >= 0)
		return 0;
	n = -errno;
	free(s->text);
	s->text = NULL;
	return refuse(why, size, path, strerror((int)-n), (int)n);
}

/* The open file, or -errno; path is where it was found or looked for last. */
static int source_open(const struct script_conf *conf, const char *name, char *path, size_t size)
{
	const char *end = strlen(name) > 4 && !strcmp(name + strlen(name) - 4, ".lua") ? "" :
											 ".lua";
	int fd = -ENOENT;

	if (*name == '/') {
		snprintf(path, size, "%s", name);
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		return fd < 0 ? -errno : fd;
	}
	snprintf(path, size, "%s%s", name, end);
	for (size_t i = 0; conf->folders[i] && fd == -ENOENT; i++) {
		snprintf(path, size, "%s/%s%s", conf->folders[i], name, end);
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		fd = fd < 0 ? -errno : fd;
	}
	return fd;
}

int source_read(const struct script_conf *conf, const char *name, struct source *ret_source,
		char *ret_why, size_t size)
{
	struct source s = { .text = NULL };
	char path[4096];
	int fd, err;

	if (!name_sound(name))
		return refuse(ret_why, size, name,
			      "a script is named without its folder, or by its whole path",
			      -EINVAL);
	fd = source_open(conf, name, path, sizeof(path));
	if (fd == -ENOENT && *name != '/')
		return refuse(ret_why, size, name, "no such script in the folders of lua.folders",
			      fd);
	if (fd < 0)
		return refuse(ret_why, size, path, strerror(-fd), fd);
	err = folder_check(path, ret_why, size);
	if (!err)
		err = text_read(fd, path, &s, ret_why, size);
	close(fd);
	if (err)
		return err;
	snprintf(s.name, sizeof(s.name), "%s", strrchr(path, '/') + 1);
	*ret_source = s;
	return 0;
}
