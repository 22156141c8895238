// SPDX-License-Identifier: Apache-2.0
/*
 * kernel.c: what others change, by inotify: which watches have their folder told, and which events
 * were caused by this server itself.
 */
#include "kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void on_events(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct kernel *k = watcher->data;

	pthread_mutex_lock(&k->lock);
	kernel_drain(k);
	pthread_mutex_unlock(&k->lock);
}

/* ---- our own ---- */

static uint32_t events_of(uint32_t action)
{
	switch (action) {
	case FILE_ACTION_ADDED:
		return IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_MODIFY;
	case FILE_ACTION_REMOVED:
		return IN_DELETE | IN_MOVED_FROM | IN_ATTRIB;
	case FILE_ACTION_RENAMED_OLD_NAME:
		return IN_MOVED_FROM | IN_ATTRIB;
	case FILE_ACTION_RENAMED_NEW_NAME:
		return IN_MOVED_TO | IN_ATTRIB;
	default:
		return IN_MODIFY | IN_ATTRIB;
	}
}

/* Whether somebody is told of changes in f who did not watch through the share with that root. */
static bool others_watch(const struct folder *f, uint64_t root)
{
	for (const struct folder *p = f; p; p = p->parent)
		SMB3_LIST_EACH(&p->watches, node) {
			const struct watch *w = SMB3_CONTAINER(node, struct watch, folder_link);

			if (w->root != root && (p == f || w->tree))
				return true;
		}
	return false;
}

/* name is the client's, what is held has the name on disk. */
static bool same_name(const struct watch *w, const struct held *h, const char *name)
{
	char *seen = smb3_vfs_client_name(w->mount->top, h->name);
	bool same = seen && smb3_name_equal(seen, name);

	free(seen);
	return same;
}

static void claim_name(struct kernel *k, const struct folder *f, const char *name, uint32_t mask,
		       const struct watch *w)
{
	bool others = others_watch(f, w->root);

	SMB3_LIST_EACH(&k->held, node) {
		struct held *h = SMB3_CONTAINER(node, struct held, link);
		bool folder = h->mask & IN_ISDIR && h->mask & (IN_CREATE | IN_MOVED_TO);

		if (h->wd != f->wd || !(h->mask & mask) || h->claimed_by || !same_name(w, h, name))
			continue;
		if (folder && !folder_child(k, f, name))
			walk_new(k, f, h->name, false);
		if (others)
			h->claimed_by = w->root;
		else
			held_free(k, h);
	}
}

/* The folder that holds the last component of path, which starts at from; NULL: not known. */
static struct folder *folder_below(struct kernel *k, struct folder *from, char *path)
{
	char *slash;

	for (; from && (slash = strchr(path, '/')); path = slash + 1) {
		*slash = '\0';
		from = folder_child(k, from, path);
	}
	return from;
}

bool kernel_claim(struct kernel *k, struct watch *w, const struct told *told, size_t depth)
{
	char *path;
	struct folder *f;

	if (k->fd < 0)
		return true;
	path = smb3_strdup(told->path + depth);
	/* A stream's name is not known to the kernel. */
	path[strcspn(path, ":")] = '\0';
	pthread_mutex_lock(&k->lock);
	f = w->folder ? folder_below(k, w->folder, path) : NULL;
	if (f && f->mask & events_of(told->action)) {
		kernel_drain(k);
		f = folder_find(k, f->wd);
	}
	if (f) {
		const char *leaf = told->path + notify_leaf(told->path);

		claim_name(k, f, path + (leaf - told->path - depth), events_of(told->action), w);
		if (told->second)
			claim_name(k, f, told->second + notify_leaf(told->second),
				   events_of(FILE_ACTION_RENAMED_NEW_NAME), w);
	}
	pthread_mutex_unlock(&k->lock);
	free(path);
	return f != NULL;
}

/* ---- watches ---- */

void kernel_watch(struct kernel *k, struct watch *w, struct smb3_handle *h)
{
	int fd = smb3_vfs_fd(h->mount->top, h);

	if (fd < 0 || !notify_conf(k->notify, w->share)->local)
		return;
	pthread_mutex_lock(&k->lock);
	if (k->fd >= 0)
		kernel_drain(k);
	w->mount = h->mount;
	w->since = smb3_clock();
	if (!atomic_load(&w->ended))
		w->folder = folder_add(k, fd, mask_of_filter(w->filter, w->tree));
	if (w->folder)
		smb3_list_add(&w->folder->watches, &w->folder_link);
	pthread_mutex_unlock(&k->lock);
	if (w->tree)
		walk_tree(k, w);
}

void kernel_unwatch(struct kernel *k, struct watch *w)
{
	struct folder *f;

	pthread_mutex_lock(&k->lock);
	f = w->folder;
	w->folder = NULL;
	smb3_list_remove(&w->folder_link);
	if (f)
		folder_settle(k, f);
	pthread_mutex_unlock(&k->lock);
}

/* ---- life ---- */

struct kernel *kernel_new(struct notify *n)
{
	struct kernel *k = smb3_alloc(sizeof(*k));

	k->notify = n;
	k->fd = -1;
	k->mail.fn = kernel_on_mail;
	pthread_mutex_init(&k->lock, NULL);
	smb3_hash_init(&k->by_wd);
	smb3_hash_init(&k->by_name);
	smb3_list_init(&k->held);
	smb3_list_init(&k->moving);
	return k;
}

/* Without it the server runs, and tells what is changed through it. */
void kernel_start(struct kernel *k)
{
	k->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (k->fd < 0) {
		smb3_log(SMB3_LOG_WARNING,
			 "notify: inotify: %s; changes that others make are not told",
			 strerror(errno));
		return;
	}
	k->worker = smb3_server_worker(k->notify->mod->server, 0);
	ev_io_init(&k->watcher, on_events, k->fd, EV_READ);
	k->watcher.data = k;
	ev_io_start(smb3_worker_loop(k->worker), &k->watcher);
}

void kernel_stop(struct kernel *k)
{
	if (k->fd < 0)
		return;
	ev_io_stop(smb3_worker_loop(k->worker), &k->watcher);
	smb3_timer_stop(&k->timer);
	k->stopped = true;
}

static bool free_one(struct smb3_hash_node *node, void *arg)
{
	folder_gone(arg, SMB3_CONTAINER(node, struct folder, by_wd));
	return true;
}

void kernel_free(struct kernel *k)
{
	while (!smb3_list_empty(&k->held))
		held_free(k, SMB3_CONTAINER(k->held.next, struct held, link));
	smb3_hash_each(&k->by_wd, free_one, k);
	smb3_hash_done(&k->by_wd);
	smb3_hash_done(&k->by_name);
	if (k->fd >= 0)
		close(k->fd);
	pthread_mutex_destroy(&k->lock);
	free(k);
}
