// SPDX-License-Identifier: Apache-2.0
/*
 * index.c: indexes of large folders, and inotify that keeps them current. inotify(7)
 *
 *   building   one thread reads the folder without the lock; events are kept in a log meanwhile
 *   ready      events are applied as they are taken in
 *   refused    too large, or inotify did not want it; not tried again for a while
 *
 * A name without an event in the log was there, or not, all the time while the folder was read; of
 * the others the last event decides.
 */
#include "index.h"

#include "names.h"

#include <dirent.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#define INDEX_READ     32768                /* bytes of a folder, or of events, at a time */
#define INDEX_ROUNDS   256                  /* of reading events; the kernel queues far less */
#define INDEX_LOG      65536                /* events while a folder is read */
#define INDEX_PATIENCE (60ull * 1000000000) /* ns, after a refusal */
/* File systems shared between machines that linux/magic.h does not name. */
#define INDEX_GFS2     0x01161970
#define INDEX_LUSTRE   0x0bd00bd0
#define INDEX_GPFS     0x47504653
#define INDEX_VBOX     0x786f4256
#define INDEX_ORANGEFS 0x20030528

#define INDEX_EVENTS (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)
#define INDEX_ONE    (sizeof(struct inotify_event) + NAME_MAX + 1)

enum index_state { INDEX_BUILDING, INDEX_READY, INDEX_REFUSED };

struct index_change {
	struct index_change *next;
	bool added;
	char name[];
};

struct index_folder {
	struct smb3_hash_node by_inode, by_watch;
	struct smb3_list used; /* but while it is built; the one used last stands last */
	dev_t dev;
	ino_t ino;
	int watch; /* -1: none */
	enum index_state state;
	uint64_t until; /* refused */
	struct posix_names names;
	struct index_change *log, **log_end; /* building */
	size_t logged;
	bool lost; /* building: the log is not complete */
};

struct posix_index {
	int fd; /* inotify */
	pthread_mutex_t lock;
	pthread_cond_t built;
	struct smb3_hash by_inode, by_watch;
	struct smb3_list used, rubbish; /* rubbish is freed without the lock */
	uint64_t memory, bytes;
	struct posix_index_figures figures;
	_Alignas(struct inotify_event) char events[INDEX_READ];
};

static void folder_free(struct index_folder *f)
{
	while (f->log) {
		struct index_change *change = f->log;

		f->log = change->next;
		free(change);
	}
	posix_names_done(&f->names);
	free(f);
}

static void index_unlock(struct posix_index *ix)
{
	struct smb3_list rubbish;

	smb3_list_init(&rubbish);
	SMB3_LIST_EACH(&ix->rubbish, node) {
		smb3_list_remove(node);
		smb3_list_add(&rubbish, node);
	}
	pthread_mutex_unlock(&ix->lock);
	SMB3_LIST_EACH(&rubbish, node)
		folder_free(SMB3_CONTAINER(node, struct index_folder, used));
}

/* Ends an index; the memory goes when the lock does. */
static void index_drop(struct posix_index *ix, struct index_folder *f)
{
	smb3_hash_remove(&ix->by_inode, &f->by_inode);
	if (f->watch >= 0) {
		smb3_hash_remove(&ix->by_watch, &f->by_watch);
		inotify_rm_watch(ix->fd, f->watch);
	}
	if (f->state != INDEX_BUILDING)
		ix->bytes -= sizeof(*f) + f->names.bytes;
	smb3_list_remove(&f->used);
	smb3_list_add(&ix->rubbish, &f->used);
}

/* It is no longer being built. */
static void index_settle(struct posix_index *ix, struct index_folder *f, enum index_state state)
{
	f->state = state;
	ix->bytes += sizeof(*f) + f->names.bytes;
	smb3_list_add(&ix->used, &f->used);
}

/* The ones used longest ago go. */
static void index_trim(struct posix_index *ix)
{
	while (ix->bytes > ix->memory && !smb3_list_empty(&ix->used)) {
		index_drop(ix, SMB3_CONTAINER(ix->used.next, struct index_folder, used));
		ix->figures.evicted++;
	}
}

static uint64_t index_key(dev_t dev, ino_t ino)
{
	return (uint64_t)ino ^ (uint64_t)dev << 40;
}

static struct index_folder *index_get(const struct posix_index *ix, dev_t dev, ino_t ino)
{
	struct smb3_hash_node *node = smb3_hash_find(&ix->by_inode, index_key(dev, ino));

	for (; node; node = smb3_hash_next_same(node)) {
		struct index_folder *f = SMB3_CONTAINER(node, struct index_folder, by_inode);

		if (f->dev == dev && f->ino == ino)
			return f;
	}
	return NULL;
}

/* ---- events ---- */

static bool index_lose(struct smb3_hash_node *node, void *arg)
{
	struct index_folder *f = SMB3_CONTAINER(node, struct index_folder, by_inode);

	if (f->state == INDEX_BUILDING)
		f->lost = true;
	else
		index_drop(arg, f);
	return true;
}

static void index_lose_all(struct posix_index *ix)
{
	ix->figures.lost++;
	smb3_hash_each(&ix->by_inode, index_lose, ix);
}

static void index_log(struct index_folder *f, const char *name, bool added)
{
	size_t len = strlen(name);
	struct index_change *change;

	if (++f->logged > INDEX_LOG)
		f->lost = true;
	if (f->lost)
		return;
	change = smb3_alloc(sizeof(*change) + len + 1);
	change->added = added;
	memcpy(change->name, name, len);
	*f->log_end = change;
	f->log_end = &change->next;
}

static void index_change(struct posix_index *ix, struct index_folder *f, const char *name,
			 bool added)
{
	size_t before = f->names.bytes;

	if (added)
		posix_names_add(&f->names, name);
	else
		posix_names_remove(&f->names, name);
	ix->bytes += f->names.bytes - before;
}

/* The folder is gone, or its file system. */
static void index_ignored(struct posix_index *ix, struct index_folder *f)
{
	smb3_hash_remove(&ix->by_watch, &f->by_watch);
	f->watch = -1;
	if (f->state == INDEX_BUILDING)
		f->lost = true;
	else
		index_drop(ix, f);
}

static void index_event(struct posix_index *ix, const struct inotify_event *event)
{
	struct smb3_hash_node *node;
	struct index_folder *f;
	bool added = event->mask & (IN_CREATE | IN_MOVED_TO);

	if (event->mask & IN_Q_OVERFLOW) {
		index_lose_all(ix);
		return;
	}
	node = smb3_hash_find(&ix->by_watch, (uint64_t)event->wd);
	if (!node)
		return; /* dropped */
	f = SMB3_CONTAINER(node, struct index_folder, by_watch);
	if (event->mask & IN_IGNORED)
		index_ignored(ix, f);
	else if (!(event->mask & INDEX_EVENTS) || !event->len)
		return;
	else if (f->state == INDEX_BUILDING)
		index_log(f, event->name, added);
	else
		index_change(ix, f, event->name, added);
}

/* Takes in what is queued. A read that leaves room for one more event emptied the queue. */
static void index_take_in(struct posix_index *ix)
{
	for (int i = 0; i < INDEX_ROUNDS; i++) {
		ssize_t n = read(ix->fd, ix->events, sizeof(ix->events));

		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *event = (const void *)(ix->events + at);

			at += (ssize_t)(sizeof(*event) + event->len);
			index_event(ix, event);
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < (ssize_t)(sizeof(ix->events) - INDEX_ONE))
			return;
	}
	index_lose_all(ix); /* others make changes faster than they can be read */
}

/* ---- looking ---- */

/* With the lock held, of a folder that was ready before the events were taken in. */
static int index_answer(struct posix_index *ix, dev_t dev, ino_t ino, const struct posix_search *s)
{
	struct index_folder *f;

	index_take_in(ix);
	f = index_get(ix, dev, ino);
	if (!f || f->state != INDEX_READY)
		return -EAGAIN;
	smb3_list_remove(&f->used);
	smb3_list_add(&ix->used, &f->used);
	index_trim(ix);
	if (index_get(ix, dev, ino) != f)
		return -EAGAIN;
	ix->figures.answered++;
	return posix_names_find(&f->names, s);
}

int posix_index_find(struct posix_index *ix, uint64_t dev, uint64_t ino,
		     const struct posix_search *s)
{
	struct index_folder *f;
	int err = -EAGAIN;

	pthread_mutex_lock(&ix->lock);
	f = index_get(ix, dev, ino);
	if (f && f->state == INDEX_READY)
		err = index_answer(ix, dev, ino, s);
	index_unlock(ix);
	return err;
}

/* ---- building ---- */

static void index_refuse(struct posix_index *ix, struct index_folder *f)
{
	if (f->watch >= 0) {
		smb3_hash_remove(&ix->by_watch, &f->by_watch);
		inotify_rm_watch(ix->fd, f->watch);
		f->watch = -1;
	}
	f->until = smb3_clock() + INDEX_PATIENCE;
	index_settle(ix, f, INDEX_REFUSED);
	index_trim(ix);
}

static int index_watch(struct posix_index *ix, int fd)
{
	char proc[POSIX_PROC_SIZE];
	int watch = inotify_add_watch(ix->fd, posix_proc(fd, proc), INDEX_EVENTS | IN_ONLYDIR);

	if (watch < 0 && errno == ENOSPC && !smb3_list_empty(&ix->used)) {
		index_drop(ix, SMB3_CONTAINER(ix->used.next, struct index_folder, used));
		ix->figures.evicted++;
		watch = inotify_add_watch(ix->fd, posix_proc(fd, proc), INDEX_EVENTS | IN_ONLYDIR);
	}
	return watch;
}

static struct index_folder *index_begin(struct posix_index *ix, int fd, const struct stat *st)
{
	struct index_folder *f = smb3_alloc(sizeof(*f));

	f->dev = st->st_dev;
	f->ino = st->st_ino;
	f->log_end = &f->log;
	smb3_list_init(&f->used);
	smb3_hash_add(&ix->by_inode, &f->by_inode, index_key(f->dev, f->ino));
	f->watch = index_watch(ix, fd);
	if (f->watch >= 0)
		smb3_hash_add(&ix->by_watch, &f->by_watch, (uint64_t)f->watch);
	return f;
}

/* False: there are too many, or the folder cannot be read. */
static bool index_read_names(struct posix_names *names, int fd, uint64_t memory)
{
	_Alignas(struct dirent64) char buf[INDEX_READ];
	ssize_t n;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return false;
	while ((n = getdents64(fd, buf, sizeof(buf))) > 0) {
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *entry = (const void *)(buf + at);

			if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
				posix_names_add(names, entry->d_name);
			at += entry->d_reclen;
		}
		if (names->bytes > memory)
			return false;
	}
	return n == 0;
}

static void index_ready(struct posix_index *ix, struct index_folder *f)
{
	index_settle(ix, f, INDEX_READY);
	for (const struct index_change *change = f->log; change; change = change->next)
		index_change(ix, f, change->name, change->added);
	ix->figures.built++;
}

/* Lock held, but not while the folder is read: only its builder touches the names then. */
static void index_fill(struct posix_index *ix, struct index_folder *f, int fd)
{
	uint64_t memory = ix->memory;
	bool good = f->watch >= 0;

	if (good) {
		index_unlock(ix);
		good = index_read_names(&f->names, fd, memory);
		if (!good)
			posix_names_done(&f->names);
		pthread_mutex_lock(&ix->lock);
	}
	if (!good)
		index_refuse(ix, f);
	else if (f->lost)
		index_drop(ix, f);
	else
		index_ready(ix, f);
	pthread_cond_broadcast(&ix->built);
}

/* The folder that is ready or refused, or a new one to be built; waits for other builders. */
static struct index_folder *index_claim(struct posix_index *ix, int fd, const struct stat *st)
{
	struct index_folder *f;

	while ((f = index_get(ix, st->st_dev, st->st_ino)) && f->state == INDEX_BUILDING)
		pthread_cond_wait(&ix->built, &ix->lock);
	if (f && f->state == INDEX_REFUSED && smb3_clock() >= f->until) {
		index_drop(ix, f);
		f = NULL;
	}
	return f ? f : index_begin(ix, fd, st);
}

int posix_index_build(struct posix_index *ix, int fd, const struct posix_search *s)
{
	struct index_folder *f;
	struct stat st;
	int err = -EAGAIN;

	if (fstat(fd, &st))
		return -EAGAIN;
	pthread_mutex_lock(&ix->lock);
	f = index_claim(ix, fd, &st);
	if (f->state == INDEX_BUILDING)
		index_fill(ix, f, fd);
	f = index_get(ix, st.st_dev, st.st_ino);
	if (f && f->state == INDEX_READY)
		err = index_answer(ix, st.st_dev, st.st_ino, s);
	index_unlock(ix);
	return err;
}

/* ---- all of them ---- */

struct posix_index *posix_index_new(uint64_t memory)
{
	struct posix_index *ix;
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (fd < 0) {
		smb3_log(SMB3_LOG_WARNING,
			 "vfs_posix: no inotify (%s): large folders are read whenever a name is "
			 "not there; raise fs.inotify.max_user_instances",
			 strerror(errno));
		return NULL;
	}
	ix = smb3_alloc(sizeof(*ix));
	ix->fd = fd;
	ix->memory = memory;
	pthread_mutex_init(&ix->lock, NULL);
	pthread_cond_init(&ix->built, NULL);
	smb3_hash_init(&ix->by_inode);
	smb3_hash_init(&ix->by_watch);
	smb3_list_init(&ix->used);
	smb3_list_init(&ix->rubbish);
	return ix;
}

void posix_index_free(struct posix_index *ix)
{
	if (!ix)
		return;
	pthread_mutex_lock(&ix->lock);
	ix->memory = 0;
	while (!smb3_list_empty(&ix->used))
		index_drop(ix, SMB3_CONTAINER(ix->used.next, struct index_folder, used));
	index_unlock(ix);
	smb3_hash_done(&ix->by_inode);
	smb3_hash_done(&ix->by_watch);
	pthread_cond_destroy(&ix->built);
	pthread_mutex_destroy(&ix->lock);
	close(ix->fd);
	free(ix);
}

void posix_index_limit(struct posix_index *ix, uint64_t memory)
{
	pthread_mutex_lock(&ix->lock);
	ix->memory = memory;
	index_trim(ix);
	index_unlock(ix);
}

bool posix_index_sees(int fd)
{
	static const uint32_t remote[] = {
		NFS_SUPER_MAGIC, SMB_SUPER_MAGIC,  CIFS_SUPER_MAGIC,  SMB2_SUPER_MAGIC,
		V9FS_MAGIC,      FUSE_SUPER_MAGIC, CEPH_SUPER_MAGIC,  AFS_SUPER_MAGIC,
		AFS_FS_MAGIC,    CODA_SUPER_MAGIC, OCFS2_SUPER_MAGIC, INDEX_GFS2,
		INDEX_LUSTRE,    INDEX_GPFS,       INDEX_VBOX,        INDEX_ORANGEFS,
	};
	struct statfs fs;

	if (fstatfs(fd, &fs))
		return false;
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(remote); i++)
		if ((uint32_t)fs.f_type == remote[i])
			return false;
	return true;
}

static bool index_count(struct smb3_hash_node *node, void *arg)
{
	const struct index_folder *f = SMB3_CONTAINER(node, struct index_folder, by_inode);
	struct posix_index_figures *figures = arg;

	if (f->state == INDEX_READY) {
		figures->folders++;
		figures->names += f->names.count;
	}
	return true;
}

void posix_index_figures(struct posix_index *ix, struct posix_index_figures *ret_figures)
{
	pthread_mutex_lock(&ix->lock);
	*ret_figures = ix->figures;
	ret_figures->bytes = ix->bytes;
	smb3_hash_each(&ix->by_inode, index_count, ret_figures);
	index_unlock(ix);
}
