// SPDX-License-Identifier: Apache-2.0
/*
 * list.c: which snapshots a share has. They are looked for as the server itself, which follows no
 * link on the way: who may write to the share could otherwise make one that leads anywhere.
 */
#include "snap.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#define INFO_MAX 65536 /* of snapper's info.xml that is looked at */

uid_t snap_enter(void)
{
	return (uid_t)setfsuid(geteuid());
}

void snap_leave(uid_t user)
{
	setfsuid(user);
}

static int open_beneath(int dirfd, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, dirfd, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

int snap_folder(const struct snap_mount *m)
{
	const char *folder = m->conf->folder;
	int root, fd;

	if (*folder == '/') {
		fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		return fd < 0 ? -errno : fd;
	}
	root = open(m->share->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	fd = open_beneath(root, folder, O_RDONLY | O_DIRECTORY);
	close(root);
	return fd;
}

int snap_below(int folder, const char *path)
{
	return open_beneath(folder, path, O_RDONLY | O_DIRECTORY);
}

/* ---- snapper keeps the time in a file beside the snapshot ---- */

static smb3_nttime stamp_snapper(int folder, const char *name)
{
	char path[NAME_MAX + sizeof("/info.xml")], *xml;
	smb3_nttime when = 0;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/info.xml", name);
	fd = open_beneath(folder, path, O_RDONLY | O_NONBLOCK);
	if (fd < 0)
		return 0;
	xml = smb3_alloc(INFO_MAX + 1);
	n = read(fd, xml, INFO_MAX);
	close(fd);
	if (n > 0)
		when = snap_stamp_info(xml);
	free(xml);
	return when;
}

static smb3_nttime stamp_of(const struct snap_mount *m, int folder, const char *name)
{
	if (m->conf->layout == SNAP_SNAPPER)
		return stamp_snapper(folder, name);
	return snap_stamp_name(name, m->has_pattern ? &m->pattern : NULL, m->conf->format,
			       m->conf->local_time);
}

/* ---- the list ---- */

void snap_list_free(struct snap_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->entries[i].name);
	free(list->entries);
	*list = (struct snap_list){ 0 };
}

static int newest_first(const void *a, const void *b)
{
	const struct snap_entry *x = a, *y = b;

	if (x->when != y->when)
		return x->when < y->when ? 1 : -1;
	return strcmp(x->name, y->name);
}

static void list_add(struct snap_list *list, smb3_nttime when, const char *name)
{
	if (!(list->n & (list->n + 1))) /* full at 2^k - 1 */
		list->entries =
			smb3_realloc(list->entries, 2 * (list->n + 1) * sizeof(*list->entries));
	list->entries[list->n++] = (struct snap_entry){ .when = when, .name = smb3_strdup(name) };
}

/* Clients know versions by their second: of two of the same one the first name counts. */
static void list_settle(struct snap_list *list, size_t most)
{
	size_t kept = 0;

	if (list->n)
		qsort(list->entries, list->n, sizeof(*list->entries), newest_first);
	for (size_t i = 0; i < list->n; i++) {
		struct snap_entry *e = &list->entries[i];

		if (kept == most || (kept && list->entries[kept - 1].when == e->when))
			free(e->name);
		else
			list->entries[kept++] = *e;
	}
	list->n = kept;
}

static int list_read(const struct snap_mount *m, struct snap_list *ret_list)
{
	struct snap_list list = { 0 };
	uid_t user = snap_enter();
	int fd = snap_folder(m);
	const struct dirent *entry;
	DIR *dir;

	snap_leave(user);
	if (fd < 0)
		return fd == -ENOENT || fd == -ENOTDIR ? 0 : fd;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	user = snap_enter();
	while ((entry = readdir(dir))) {
		smb3_nttime when = *entry->d_name == '.' ? 0 : stamp_of(m, fd, entry->d_name);

		if (when)
			list_add(&list, when, entry->d_name);
	}
	snap_leave(user);
	closedir(dir);
	list_settle(&list, (size_t)m->conf->most);
	*ret_list = list;
	return 0;
}

static bool is_fresh(struct snap_mount *m)
{
	bool fresh;

	pthread_mutex_lock(&m->lock);
	fresh = smb3_clock() < m->listed_until;
	pthread_mutex_unlock(&m->lock);
	return fresh;
}

static void list_anew(struct snap_mount *m)
{
	struct snap_list list = { 0 };
	int err = list_read(m, &list);

	if (err)
		smb3_log(
			SMB3_LOG_WARNING,
			"share %s: no previous versions: %s: %s; the server's user must be able to "
			"read that folder, and no symbolic link may lead to it",
			m->share->name, m->conf->folder, strerror(-err));
	pthread_mutex_lock(&m->lock);
	snap_list_free(&m->list);
	m->list = list;
	m->listed_until = smb3_clock() + m->conf->cache * 1000000;
	version_sweep(m);
	pthread_mutex_unlock(&m->lock);
}

int snap_refresh(struct snap_mount *m, const struct smb3_ctx *ctx)
{
	if (is_fresh(m))
		return 0;
	if (ctx && ctx->nowait)
		return -EAGAIN;
	pthread_mutex_lock(&m->looking);
	if (!is_fresh(m))
		list_anew(m);
	pthread_mutex_unlock(&m->looking);
	return 0;
}
