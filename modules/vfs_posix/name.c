// SPDX-License-Identifier: Apache-2.0
/*
 * name.c: names without case over a file system that minds it. A name is first tried as it is;
 * only when it is not there the folder is searched for another spelling.
 */
#include "posix.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#define NAME_SCAN_BYTES  32768
#define NAME_BACKSLASH   0xf026 /* where Services for Macintosh, and Linux after it, put it */
#define NAME_REPLACEMENT 0xfffd

int posix_name_check(const char *name)
{
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return -EINVAL;
	return strpbrk(name, "/\\") ? -EINVAL : 0;
}

const char *posix_shown(const char *disk, char buf[POSIX_SHOWN_SIZE])
{
	char *to = buf;

	if (!strchr(disk, '\\'))
		return disk;
	for (; *disk && to - buf < POSIX_SHOWN_SIZE - 3; disk++) {
		if (*disk == '\\')
			to = stpcpy(to, "\xef\x80\xa6");
		else
			*to++ = *disk;
	}
	*to = '\0';
	return buf;
}

/* Could an entry be called so although its bytes differ? */
static bool name_has_spellings(const char *name, bool exact)
{
	for (const char *s = name; *s;) {
		uint32_t cp = smb3_utf8_next(&s);

		if (cp == NAME_BACKSLASH || cp == NAME_REPLACEMENT)
			return true;
		if (!exact && (cp >= 0x80 || smb3_fold(cp) != cp || (cp >= 'A' && cp <= 'Z')))
			return true;
	}
	return false;
}

/* Character by character: what is not UTF-8 equals U+FFFD, as which it is shown. */
static bool name_same(const char *a, const char *b)
{
	uint32_t x, y;

	do {
		x = smb3_utf8_next(&a);
		y = smb3_utf8_next(&b);
	} while (x == y && x);
	return x == y;
}

struct name_search {
	const char *name;
	bool exact, found;
	char *ret_found;
};

/* True: searched enough. The very name wins over other spellings. */
static bool name_consider(struct name_search *s, const char *entry)
{
	char buf[POSIX_SHOWN_SIZE];
	const char *shown;

	if (!strcmp(entry, s->name)) {
		strcpy(s->ret_found, entry);
		return s->found = true;
	}
	if (s->found)
		return false;
	shown = posix_shown(entry, buf);
	if (s->exact ? !name_same(shown, s->name) : !smb3_name_equal(shown, s->name))
		return false;
	strcpy(s->ret_found, entry);
	s->found = true;
	return false;
}

static int name_scan(int fd, struct name_search *s)
{
	_Alignas(struct dirent64) char buf[NAME_SCAN_BYTES];

	for (;;) {
		ssize_t n = getdents64(fd, buf, sizeof(buf));

		if (n < 0)
			return -errno;
		if (n == 0)
			return s->found ? 0 : -ENOENT;
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *entry = (const void *)(buf + at);

			if (name_consider(s, entry->d_name))
				return 0;
			at += entry->d_reclen;
		}
	}
}

int posix_find(const struct posix_mount *m, const struct smb3_ctx *ctx, int dirfd, const char *name,
	       bool exact, char ret_found[NAME_MAX + 1])
{
	struct name_search s = { .name = name,
				 .exact = exact || m->sensitive,
				 .ret_found = ret_found };
	int fd, err;

	if (!name_has_spellings(name, s.exact))
		return -ENOENT;
	if (ctx->nowait)
		return -EAGAIN;
	fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == EACCES ? -ENOENT : -errno; /* a folder that may not be listed */
	err = name_scan(fd, &s);
	close(fd);
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
