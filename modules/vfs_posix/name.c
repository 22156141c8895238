// SPDX-License-Identifier: Apache-2.0
/*
 * name.c: names without case over a file system that minds it. A name is first tried as it is;
 * only when it is not there the folder is searched for another spelling.
 */
#include "absent.h"
#include "index.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#define NAME_SCAN_BYTES  32768
#define NAME_SMALL_BYTES 8192 /* a folder with less, some 250 names, is not worth an index */

int posix_name_check(const char *name)
{
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return -EINVAL;
	return strpbrk(name, "/\\") ? -EINVAL : 0;
}

/* Could an entry be shown so although its bytes differ? */
static bool name_has_spellings(const struct posix_search *s)
{
	if (s->shown != s->name)
		return true;
	for (const char *at = s->name; *at;) {
		uint32_t cp = smb3_utf8_next(&at);

		if (posix_stands_in(cp))
			return true;
		if (!s->exact && (cp >= 0x80 || smb3_fold(cp) != cp || (cp >= 'A' && cp <= 'Z')))
			return true;
	}
	return false;
}

bool posix_consider(const struct posix_search *s, const char *entry)
{
	char buf[POSIX_SHOWN_SIZE];
	const char *shown;

	if (!strcmp(entry, s->name)) {
		strcpy(s->found, entry);
		return true;
	}
	if (s->found[0] && strcmp(entry, s->found) > 0)
		return false;
	shown = posix_shown(entry, buf);
	if (s->exact ? !strcmp(shown, s->shown) : smb3_name_equal(shown, s->shown))
		strcpy(s->found, entry);
	return false;
}

/* Searches up to size bytes of a folder: 1 when it goes on behind them. */
static int name_scan_part(int fd, const struct posix_search *s, char *buf, size_t size)
{
	ssize_t n = getdents64(fd, buf, size);

	if (n < 0)
		return -errno;
	if (n == 0)
		return s->found[0] ? 0 : -ENOENT;
	for (ssize_t at = 0; at < n;) {
		const struct dirent64 *entry = (const void *)(buf + at);

		if (posix_consider(s, entry->d_name))
			return 0;
		at += entry->d_reclen;
	}
	return 1;
}

static bool name_indexed(const struct posix_mount *m, int fd)
{
	if (!m->index || m->indexing == POSIX_INDEX_NEVER)
		return false;
	return m->indexing == POSIX_INDEX_ALWAYS || posix_index_sees(fd);
}

static int name_scan(const struct posix_mount *m, int fd, const struct posix_search *s)
{
	_Alignas(struct dirent64) char buf[NAME_SCAN_BYTES];
	int more = name_scan_part(fd, s, buf, NAME_SMALL_BYTES);
	bool first = true;

	while (more > 0) {
		more = name_scan_part(fd, s, buf, sizeof(buf));
		if (more > 0 && first && name_indexed(m, fd)) {
			more = posix_index_build(m->index, fd, s);
			if (more != -EAGAIN)
				return more;
			s->found[0] = '\0';
			if (lseek(fd, 0, SEEK_SET) < 0)
				return -errno;
			more = 1;
		}
		first = false;
	}
	return more;
}

/* 0, or -ENODATA for who may not list the folder: an index is of what somebody else may see. */
static int name_may_list(int dirfd)
{
	if (!faccessat(dirfd, "", R_OK, AT_EACCESS | AT_EMPTY_PATH))
		return 0;
	return errno == EACCES ? -ENODATA : -errno;
}

/* What is known without waiting. -EAGAIN: the folder, which is described, must be read. */
static int name_recall(const struct posix_mount *m, int dirfd, const struct posix_search *s,
		       struct posix_known_id *folder)
{
	bool indexed = m->index && m->indexing != POSIX_INDEX_NEVER;
	int err = -EAGAIN;

	if ((!indexed && !m->absent) || posix_absent_folder(dirfd, folder))
		return -EAGAIN;
	if (indexed)
		err = posix_index_find(m->index, folder->dev, folder->ino, s);
	if (!err)
		return name_may_list(dirfd);
	return err == -EAGAIN && posix_absent_has(m, folder, s) ? -ENOENT : err;
}

static int name_read(const struct posix_mount *m, int dirfd, const struct posix_search *s,
		     const struct posix_known_id *folder)
{
	bool keep = posix_absent_may(m, folder, s);
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;

	if (fd < 0)
		return errno == EACCES ? -ENODATA : -errno; /* it may not be listed */
	err = name_scan(m, fd, s);
	close(fd);
	if (err == -ENOENT && keep)
		posix_absent_keep(m, folder, s);
	return err;
}

int posix_look(const struct posix_mount *m, const struct smb3_ctx *ctx, int dirfd, const char *name,
	       bool exact, char ret_found[NAME_MAX + 1])
{
	char shown[POSIX_SHOWN_SIZE];
	struct posix_search s = { .name = name, .exact = exact || m->sensitive };
	struct posix_known_id folder = { 0 };
	char found[NAME_MAX + 1] = "";
	bool too_long = strlen(name) > NAME_MAX;
	int err;

	s.found = found;
	s.shown = too_long ? name : posix_shown(name, shown);
	if (!name_has_spellings(&s))
		return -ENODATA;
	err = name_recall(m, dirfd, &s, &folder);
	if (err == -EAGAIN && !ctx->nowait)
		err = name_read(m, dirfd, &s, &folder);
	if (!err)
		strcpy(ret_found, found);
	return err == -ENOENT && too_long ? -ENAMETOOLONG : err;
}

int posix_find(const struct posix_mount *m, const struct smb3_ctx *ctx, int dirfd, const char *name,
	       bool exact, char ret_found[NAME_MAX + 1])
{
	int err = posix_look(m, ctx, dirfd, name, exact, ret_found);

	if (err == -ENODATA)
		return strlen(name) > NAME_MAX ? -ENAMETOOLONG : -ENOENT;
	return err;
}

int posix_dir_id(struct posix_handle *dir)
{
	struct stat st;

	if (dir->dir_ino)
		return 0;
	if (fstat(dir->fd, &st))
		return -errno;
	dir->dir_dev = st.st_dev;
	dir->dir_ino = st.st_ino;
	return 0;
}

bool posix_same_dir(struct posix_handle *a, struct posix_handle *b)
{
	if (a == b)
		return true;
	if (posix_dir_id(a) || posix_dir_id(b))
		return false;
	return a->dir_dev == b->dir_dev && a->dir_ino == b->dir_ino;
}

pthread_mutex_t *posix_naming_lock(struct posix_mount *m, struct posix_handle *dir)
{
	pthread_mutex_t *lock;

	if (m->sensitive || posix_dir_id(dir))
		return NULL;
	lock = &m->naming[(dir->dir_ino ^ dir->dir_ino >> 8) % POSIX_LOCKS];
	pthread_mutex_lock(lock);
	return lock;
}

void posix_naming_unlock(pthread_mutex_t *lock)
{
	if (lock)
		pthread_mutex_unlock(lock);
}

int posix_name_free(const struct posix_mount *m, const struct smb3_ctx *ctx, int dirfd,
		    const char *name, bool exact)
{
	char found[NAME_MAX + 1];
	int err = posix_find(m, ctx, dirfd, name, exact, found);

	if (err == 0)
		return -EEXIST;
	return err == -ENOENT ? 0 : err;
}
