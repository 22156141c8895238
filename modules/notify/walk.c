// SPDX-License-Identifier: Apache-2.0
/*
 * walk.c: the folders of a tree become known to the kernel, one by one, on the pool and as the user
 * who watches: what he may not read he is not told of. What is made while the walk is under way is
 * seen by it or by the folder's own watch, which is set before the folder is read.
 */
#include "kernel.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 256 /* names that are read before they are looked at */

struct place {
	struct smb3_list link;
	int wd;
	char path[]; /* below the share */
};

struct walk {
	struct smb3_job job;
	struct kernel *kernel;
	struct watch *watch; /* a reference */
	struct smb3_list places;
	struct smb3_ctx ctx;
	struct smb3_mount *mount;
	bool report;
	char *only; /* the one name of the first place that is looked at; NULL: all */
};

/* Names of one folder, as many as are read at once. */
struct names {
	struct walk *walk;
	uint32_t count;
	struct {
		const char *name;
		bool maybe_folder;
	} list[BATCH];
};

static void place_add(struct walk *walk, int wd, const char *parent, const char *name)
{
	size_t len = strlen(parent), more = strlen(name);
	struct place *p = smb3_alloc(sizeof(*p) + len + more + 2);

	p->wd = wd;
	memcpy(p->path, parent, len);
	if (len && more)
		p->path[len++] = '/';
	memcpy(p->path + len, name, more);
	smb3_list_add(&walk->places, &p->link);
}

static bool names_add(void *arg, const struct smb3_dirent *entry)
{
	struct names *names = arg;

	if (names->count == BATCH)
		return false;
	if (!names->walk->report && entry->type != DT_DIR && entry->type != DT_UNKNOWN)
		return true;
	names->list[names->count].name = smb3_arena_strdup(names->walk->ctx.arena, entry->name);
	names->list[names->count++].maybe_folder = entry->type == DT_DIR ||
						   entry->type == DT_UNKNOWN;
	return true;
}

/* Under the lock: told as if it had just been made, which it has. */
static void found(struct walk *walk, struct folder *parent, const char *name, bool folder)
{
	struct told told = { .action = FILE_ACTION_ADDED,
			     .filter = folder ? FILE_NOTIFY_CHANGE_DIR_NAME :
						FILE_NOTIFY_CHANGE_FILE_NAME,
			     .path = name,
			     .listed = true };

	if (walk->report)
		kernel_tell(parent, &told, 0, UINT64_MAX);
}

/* False: the tree is no longer watched, or there is no room for more. */
static bool known(struct walk *walk, const struct place *p, const char *name, int fd)
{
	struct kernel *k = walk->kernel;
	struct folder *parent, *f = NULL;
	uint32_t mask;
	bool more;

	pthread_mutex_lock(&k->lock);
	parent = folder_find(k, p->wd);
	mask = folder_tree_mask(parent);
	if (mask && fd >= 0)
		f = folder_add(k, fd, mask);
	if (f && f != parent) {
		folder_attach(k, f, parent, name);
		place_add(walk, f->wd, p->path, name);
	}
	if (mask)
		found(walk, parent, name, fd >= 0);
	more = mask && !k->full;
	pthread_mutex_unlock(&k->lock);
	return more;
}

static bool visit_name(struct walk *walk, const struct place *p, struct smb3_handle *dir,
		       const char *name, bool maybe_folder)
{
	struct smb3_how how = { .flags = SMB3_O_META | SMB3_O_NOFOLLOW | SMB3_O_EXACT |
					 SMB3_O_DIRECTORY };
	struct smb3_handle *h = smb3_handle_new(walk->mount);
	int fd = -1;
	bool more;

	if (maybe_folder && !smb3_vfs_open(walk->mount->top, &walk->ctx, dir, name, &how, h))
		fd = smb3_vfs_fd(walk->mount->top, h);
	more = fd < 0 && !walk->report ? true : known(walk, p, name, fd);
	smb3_handle_free(h);
	return more;
}

/* Its name has been told already; from here on all is looked at. */
static bool visit_only(struct walk *walk, const struct place *p, struct smb3_handle *dir)
{
	bool report = walk->report, more;

	walk->report = false;
	more = visit_name(walk, p, dir, walk->only, true);
	walk->report = report;
	free(walk->only);
	walk->only = NULL;
	return more;
}

static bool visit(struct walk *walk, const struct place *p)
{
	struct smb3_vfs *top = walk->mount->top;
	struct smb3_handle *root = smb3_handle_new(walk->mount),
			   *below = smb3_handle_new(walk->mount), *dir = *p->path ? below : root;
	struct names *names = smb3_arena_alloc(walk->ctx.arena, sizeof(*names));
	uint64_t cookie = 0;
	bool more = true;
	int err = smb3_vfs_root(top, &walk->ctx, root);

	names->walk = walk;
	if (!err && *p->path)
		err = smb3_vfs_walk(top, &walk->ctx, root, p->path, below);
	if (!err && walk->only) {
		more = visit_only(walk, p, dir);
		err = 1;
	}
	for (int left = !err; left == 1 && more;) {
		names->count = 0;
		left = smb3_vfs_readdir(top, &walk->ctx, dir, &cookie, names_add, names);
		for (uint32_t i = 0; i < names->count && more; i++)
			more = !atomic_load(&walk->watch->ended) &&
			       visit_name(walk, p, dir, names->list[i].name,
					  names->list[i].maybe_folder);
	}
	smb3_handle_free(below);
	smb3_handle_free(root);
	return more;
}

static void walk_work(struct smb3_job *job)
{
	struct walk *walk = SMB3_CONTAINER(job, struct walk, job);
	bool more = !job->refused && !smb3_share_mount(walk->watch->share, &walk->mount);

	while (!smb3_list_empty(&walk->places)) {
		struct place *p = SMB3_CONTAINER(walk->places.next, struct place, link);

		smb3_list_remove(&p->link);
		if (more) {
			walk->ctx.arena = smb3_arena_new();
			walk->ctx.who = walk->watch->who;
			more = visit(walk, p);
			smb3_arena_free(walk->ctx.arena);
		}
		free(p);
	}
}

static void walk_done(struct smb3_worker *worker, struct smb3_job *job)
{
	struct walk *walk = SMB3_CONTAINER(job, struct walk, job);

	watch_unref(walk->watch);
	free(walk->only);
	free(walk);
}

/* A job starts on its worker: mail takes it there. */
static void walk_mail(struct smb3_worker *worker, struct smb3_mail *mail)
{
	struct walk *walk = SMB3_CONTAINER(mail, struct walk, job.mail);

	smb3_job_start(worker, &walk->job);
}

static struct walk *walk_make(struct kernel *k, struct watch *w, bool report)
{
	struct walk *walk = smb3_alloc(sizeof(*walk));

	walk->kernel = k;
	walk->watch = watch_ref(w);
	walk->report = report;
	smb3_list_init(&walk->places);
	walk->job.work = walk_work;
	walk->job.done = walk_done;
	walk->job.who = w->who;
	walk->job.mail.fn = walk_mail;
	return walk;
}

void walk_tree(struct kernel *k, struct watch *w)
{
	struct walk *walk = walk_make(k, w, false);

	pthread_mutex_lock(&k->lock);
	if (w->folder)
		place_add(walk, w->folder->wd, w->path, "");
	pthread_mutex_unlock(&k->lock);
	smb3_mail_post(w->worker, &walk->job.mail);
}

/* f's path in the share of w, which watches it or a folder above. */
static char *path_of(const struct watch *w, const struct folder *f)
{
	char *path = smb3_strdup(w->path);

	if (f != w->folder) {
		char *above = path_of(w, f->parent);
		size_t len = strlen(above), more = strlen(f->name);

		free(path);
		path = smb3_alloc(len + more + 2);
		memcpy(path, above, len);
		if (len)
			path[len++] = '/';
		memcpy(path + len, f->name, more);
		free(above);
	}
	return path;
}

void walk_new(struct kernel *k, const struct folder *f, const char *name, bool report)
{
	struct watch *w = folder_tree_watch(f);
	struct walk *walk;
	char *path;

	if (!w)
		return;
	walk = walk_make(k, w, report);
	path = path_of(w, f);
	place_add(walk, f->wd, path, "");
	walk->only = smb3_strdup(name);
	free(path);
	smb3_mail_post(w->worker, &walk->job.mail);
}
