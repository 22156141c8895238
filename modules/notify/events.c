// SPDX-License-Identifier: Apache-2.0
/*
 * events.c: events of inotify: read, held until our own have been claimed, told.
 */
#include "kernel.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOLD_MS   100   /* how long after the system call our own report may come */
#define HELD_MAX  16384 /* more at once is an overflow */
#define READ_SIZE 16384
#define READS_MAX 64       /* per turn of the loop */
#define OUR_FILES ".smb3-" /* how names begin that the server makes and takes away again */

/* ---- telling ---- */

/* "a/b/name" for a name in the folder b of a, which stands in top. */
static char *join_below(const struct folder *top, const struct folder *f, const char *name)
{
	size_t at = 0;
	char *path;

	for (const struct folder *p = f; p != top; p = p->parent)
		at += strlen(p->name) + 1;
	path = smb3_alloc(at + strlen(name) + 1);
	strcpy(path + at, name);
	for (const struct folder *p = f; p != top; p = p->parent) {
		path[--at] = '/';
		at -= strlen(p->name);
		memcpy(path + at, p->name, strlen(p->name));
	}
	return path;
}

/* Whether clients of that watch, which is of top, can come to f. */
static bool can_reach(const struct watch *w, const struct folder *top, const struct folder *f)
{
	char *seen = NULL;
	bool can = true;

	for (; can && f != top; f = f->parent) {
		seen = smb3_vfs_client_name(w->mount->top, f->name);
		can = seen;
		free(seen);
	}
	return can;
}

/* NULL: the share of that watch does not show it. */
static char *name_for(const struct watch *w, const struct told *told, const char *name)
{
	char *seen = smb3_vfs_client_name(w->mount->top, name);

	if (!seen || !told->listed)
		return seen;
	free(seen);
	return smb3_strdup(name);
}

/* The names are those on disk: of a name that the share does not show nothing is told, and a name
 * that becomes one, or was one, goes or comes. */
static void tell_one(struct watch *w, const struct folder *top, const struct folder *f,
		     const struct told *told)
{
	char *name = name_for(w, told, told->path), *path, *to;
	char *second = told->second ? name_for(w, told, told->second) : NULL;
	struct told seen = *told;

	if (told->second && !name != !second)
		seen.action = name ? FILE_ACTION_REMOVED : FILE_ACTION_ADDED;
	if (!name) {
		name = second;
		second = NULL;
	}
	if (name && can_reach(w, top, f)) {
		path = join_below(top, f, name);
		to = second ? join_below(top, f, second) : NULL;
		seen.path = path;
		seen.second = to;
		watch_tell(w, &seen, 0);
		free(path);
		free(to);
	}
	free(name);
	free(second);
}

void kernel_tell(struct folder *f, const struct told *told, uint64_t except, uint64_t when)
{
	for (const struct folder *p = f; p; p = p->parent)
		SMB3_LIST_EACH(&p->watches, node) {
			struct watch *w = SMB3_CONTAINER(node, struct watch, folder_link);

			if ((p == f || w->tree) && (!except || w->root != except) &&
			    w->since < when)
				tell_one(w, p, f, told);
		}
}

static bool overflow_one(struct smb3_hash_node *node, void *arg)
{
	struct folder *f = SMB3_CONTAINER(node, struct folder, by_wd);

	SMB3_LIST_EACH(&f->watches, link)
		watch_overflow(SMB3_CONTAINER(link, struct watch, folder_link));
	return true;
}

void held_free(struct kernel *k, struct held *h)
{
	smb3_list_remove(&h->link);
	k->n_held--;
	free(h);
}

/* The other half of a rename: the event that follows it, as a rule. */
static struct held *held_partner(struct kernel *k, const struct held *from)
{
	for (struct smb3_list *l = from->link.next; l != &k->held; l = l->next) {
		struct held *h = SMB3_CONTAINER(l, struct held, link);

		if (h->mask & IN_MOVED_TO && h->cookie == from->cookie)
			return h;
	}
	return NULL;
}

static void walk_added(struct kernel *k, const struct folder *f, const char *disk)
{
	char *name = folder_client_name(f, disk);

	if (name && !folder_child(k, f, name))
		walk_new(k, f, name, true);
	free(name);
}

static void held_tell(struct kernel *k, struct held *h)
{
	const uint32_t facts = FILE_NOTIFY_CHANGE_ATTRIBUTES | FILE_NOTIFY_CHANGE_LAST_WRITE |
			       FILE_NOTIFY_CHANGE_LAST_ACCESS | FILE_NOTIFY_CHANGE_CREATION |
			       FILE_NOTIFY_CHANGE_EA | FILE_NOTIFY_CHANGE_SECURITY;
	struct folder *f = folder_find(k, h->wd);
	struct held *to = h->mask & IN_MOVED_FROM ? held_partner(k, h) : NULL;
	struct told told = { .path = h->name,
			     .filter = h->mask & IN_ISDIR ? FILE_NOTIFY_CHANGE_DIR_NAME :
							    FILE_NOTIFY_CHANGE_FILE_NAME };

	if (!f)
		return;
	if (h->mask & IN_MODIFY) {
		told.action = FILE_ACTION_MODIFIED;
		told.filter = FILE_NOTIFY_CHANGE_SIZE | FILE_NOTIFY_CHANGE_LAST_WRITE;
	} else if (h->mask & IN_ATTRIB) {
		told.action = FILE_ACTION_MODIFIED;
		told.filter = facts;
	} else if (to && to->wd == h->wd && to->claimed_by == h->claimed_by) {
		told.action = FILE_ACTION_RENAMED_OLD_NAME;
		told.second = to->name;
	} else {
		told.action = h->mask & (IN_CREATE | IN_MOVED_TO) ? FILE_ACTION_ADDED :
								    FILE_ACTION_REMOVED;
	}
	kernel_tell(f, &told, h->claimed_by, h->when);
	if (told.second)
		held_free(k, to);
	else if (h->mask & IN_ISDIR && told.action == FILE_ACTION_ADDED)
		walk_added(k, f, h->name);
}

/* Folders that have left the tree, and have not come back to it. */
static void moving_settle(struct kernel *k)
{
	while (!smb3_list_empty(&k->moving)) {
		struct folder *f = SMB3_CONTAINER(k->moving.next, struct folder, sibling);

		folder_detach(k, f);
		folder_settle(k, f);
	}
}

/* ---- reading ---- */

static void hold(struct kernel *k, const struct inotify_event *e)
{
	struct held *last = SMB3_CONTAINER(k->held.prev, struct held, link), *h;

	if (!strncmp(e->name, OUR_FILES, strlen(OUR_FILES)))
		return;
	if (!smb3_list_empty(&k->held) && last->wd == e->wd && last->mask == e->mask &&
	    !last->claimed_by && !strcmp(last->name, e->name))
		return;
	if (k->n_held == HELD_MAX) {
		smb3_hash_each(&k->by_wd, overflow_one, NULL);
		while (!smb3_list_empty(&k->held))
			held_free(k, SMB3_CONTAINER(k->held.next, struct held, link));
	}
	h = smb3_alloc(sizeof(*h) + strlen(e->name) + 1);
	h->wd = e->wd;
	h->mask = e->mask;
	h->cookie = e->cookie;
	h->when = smb3_clock();
	strcpy(h->name, e->name);
	smb3_list_add(&k->held, &h->link);
	k->n_held++;
}

static void move_away(struct kernel *k, struct folder *f, const char *name, uint32_t cookie)
{
	struct folder *child = folder_child(k, f, name);

	if (!child)
		return;
	folder_detach(k, child);
	child->moving = cookie;
	smb3_list_add(&k->moving, &child->sibling);
}

static void move_here(struct kernel *k, struct folder *f, const char *name, uint32_t cookie)
{
	SMB3_LIST_EACH(&k->moving, node) {
		struct folder *child = SMB3_CONTAINER(node, struct folder, sibling);

		if (child->moving != cookie || !folder_tree_mask(f))
			continue;
		folder_attach(k, child, f, name);
		return;
	}
}

/* A folder goes from one place of a tree to another one. */
static void follow_move(struct kernel *k, struct folder *f, const struct inotify_event *e)
{
	char *name = folder_client_name(f, e->name);

	if (name && e->mask & IN_MOVED_FROM)
		move_away(k, f, name, e->cookie);
	else if (name)
		move_here(k, f, name, e->cookie);
	free(name);
}

static void take(struct kernel *k, const struct inotify_event *e)
{
	struct folder *f;

	if (e->mask & IN_Q_OVERFLOW) {
		smb3_hash_each(&k->by_wd, overflow_one, NULL);
		return;
	}
	f = folder_find(k, e->wd);
	if (!f)
		return;
	if (e->mask & IN_IGNORED) {
		folder_gone(k, f);
		return;
	}
	if (!e->len)
		return;
	if (e->mask & IN_ISDIR && e->mask & (IN_MOVED_FROM | IN_MOVED_TO))
		follow_move(k, f, e);
	hold(k, e);
}

void kernel_drain(struct kernel *k)
{
	_Alignas(struct inotify_event) char buf[READ_SIZE];

	for (int i = 0; i < READS_MAX; i++) {
		ssize_t n = read(k->fd, buf, sizeof(buf));

		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *e = (const void *)(buf + at);

			take(k, e);
			at += (ssize_t)sizeof(*e) + e->len;
		}
		if (n <= 0)
			break;
	}
	if (k->n_held && !k->timing) {
		k->timing = true;
		if (!atomic_exchange(&k->mailed, true))
			smb3_mail_post(k->worker, &k->mail);
	}
}

static void on_time(struct smb3_timer *t)
{
	struct kernel *k = SMB3_CONTAINER(t, struct kernel, timer);
	uint64_t now = smb3_clock();

	pthread_mutex_lock(&k->lock);
	kernel_drain(k); /* what comes now is later than that */
	while (!smb3_list_empty(&k->held)) {
		struct held *h = SMB3_CONTAINER(k->held.next, struct held, link);

		if (now < h->when + HOLD_MS * 1000000ull)
			break;
		held_tell(k, h);
		held_free(k, h);
	}
	if (!k->n_held)
		moving_settle(k);
	k->timing = k->n_held > 0;
	if (k->timing)
		smb3_timer_start(t, k->worker, on_time, HOLD_MS);
	pthread_mutex_unlock(&k->lock);
}

void kernel_on_mail(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct kernel *k = SMB3_CONTAINER(mail, struct kernel, mail);

	atomic_store(&k->mailed, false);
	if (!k->stopped)
		smb3_timer_start(&k->timer, w, on_time, HOLD_MS);
}
