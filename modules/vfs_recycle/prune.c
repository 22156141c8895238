// SPDX-License-Identifier: Apache-2.0
/*
 * prune.c: what has lain in a bin too long, or is too much, goes; the oldest first. The server does it
 * as itself, on the pool, and follows no links. Age counts from the last change of the inode, which
 * the move into the bin is.
 */
#include "recycle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ITEMS_MAX 100000
#define FILETIME  10000u /* of these in a millisecond */

struct item {
	char *path; /* below the share */
	uint64_t ino, size;
	smb3_nttime changed;
	bool folder;
};

struct prune {
	struct smb3_vfs *self;
	struct smb3_ctx ctx;
	struct item *items; /* a folder stands before what is in it */
	size_t n, room;
	uint64_t total;
};

struct prune_job {
	struct smb3_job job;
	struct smb3_vfs *self; /* lives as long as the share */
	struct smb3_share *share;
	char *bin;
};

/* ---- looking ---- */

struct names {
	char **list;
	size_t n, left;
};

static bool names_add(void *arg, const struct smb3_dirent *entry)
{
	struct names *names = arg;

	if (!names->left)
		return false;
	names->left--;
	names->list = smb3_realloc(names->list, (names->n + 1) * sizeof(char *));
	names->list[names->n++] = smb3_strdup(entry->name);
	return true;
}

static char *below(const char *path, const char *name)
{
	char *text = NULL;

	return asprintf(&text, "%s/%s", path, name) < 0 ? smb3_strdup(name) : text;
}

static bool item_add(struct prune *p, struct smb3_handle *dir, const char *path, const char *name)
{
	const struct smb3_how how = { .flags = SMB3_O_META | SMB3_O_NOFOLLOW };
	struct smb3_handle *h = smb3_handle_new(p->self->mount);
	struct smb3_stat st;
	int err = smb3_vfs_open(p->self->next, &p->ctx, dir, name, &how, h);

	if (!err)
		err = smb3_vfs_stat(p->self->next, &p->ctx, h, &st);
	recycle_close_below(p->self, h);
	if (err)
		return false;
	if (p->n == p->room) {
		p->room = p->room ? p->room * 2 : 64;
		p->items = smb3_realloc(p->items, p->room * sizeof(*p->items));
	}
	p->items[p->n++] = (struct item){
		.path = below(path, name),
		.ino = st.ino,
		.size = S_ISREG(st.mode) ? st.size : 0,
		.changed = st.changed,
		.folder = S_ISDIR(st.mode),
	};
	p->total += p->items[p->n - 1].size;
	return S_ISDIR(st.mode);
}

static void look(struct prune *p, const char *path, unsigned int depth)
{
	struct names names = { .left = ITEMS_MAX - p->n };
	struct smb3_handle *dir;
	uint64_t cookie = 0;
	bool folder;

	if (recycle_reach(p->self, &p->ctx, path, SMB3_O_READ, 0, &dir))
		return;
	(void)smb3_vfs_readdir(p->self->next, &p->ctx, dir, &cookie, names_add, &names);
	for (size_t i = 0; i < names.n; i++) {
		folder = p->n < ITEMS_MAX && item_add(p, dir, path, names.list[i]);
		if (folder && depth < RECYCLE_DEPTH) {
			char *sub = smb3_strdup(p->items[p->n - 1].path);

			look(p, sub, depth + 1);
			free(sub);
		}
		free(names.list[i]);
	}
	free(names.list);
	recycle_close_below(p->self, dir);
}

/* ---- removing ---- */

/* Only what was seen: another file may have come there meanwhile. */
static void item_remove(struct prune *p, const struct item *item)
{
	char *parent = smb3_strdup(item->path), *slash = strrchr(parent, '/');
	struct smb3_handle *dir;
	struct smb3_stat st;

	*slash = '\0';
	if (!recycle_reach(p->self, &p->ctx, parent, 0, 0, &dir)) {
		if (item->folder ||
		    (!smb3_vfs_lookup(p->self->next, &p->ctx, dir, slash + 1, &st) &&
		     st.ino == item->ino && st.changed == item->changed))
			(void)smb3_vfs_remove(p->self->next, &p->ctx, dir, slash + 1, item->folder);
		recycle_close_below(p->self, dir);
	}
	free(parent);
}

static int older_first(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return x->changed < y->changed ? -1 : x->changed > y->changed;
}

static void remove_files(struct prune *p, const struct recycle_conf *conf)
{
	smb3_nttime now = smb3_now(), age = conf->max_age * FILETIME;
	smb3_nttime oldest = conf->max_age && now > age ? now - age : 0;

	qsort(p->items, p->n, sizeof(*p->items), older_first);
	for (size_t i = 0; i < p->n; i++) {
		const struct item *item = &p->items[i];
		bool much = conf->max_size && p->total > conf->max_size;

		if (item->folder || (item->changed >= oldest && !much))
			continue;
		item_remove(p, item);
		p->total -= item->size;
	}
}

static int deeper_first(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	size_t m = strlen(x->path), n = strlen(y->path);

	return m > n ? -1 : m < n;
}

/* One that is not empty stays by itself. */
static void remove_folders(struct prune *p)
{
	qsort(p->items, p->n, sizeof(*p->items), deeper_first);
	for (size_t i = 0; i < p->n; i++)
		if (p->items[i].folder)
			item_remove(p, &p->items[i]);
}

static void prune_bin(struct smb3_vfs *self, const char *bin)
{
	struct prune p = { .self = self, .ctx = { .arena = smb3_arena_new() } };

	look(&p, bin, 0);
	if (p.n) {
		remove_files(&p, recycle_mount_of(self)->conf);
		remove_folders(&p);
	}
	for (size_t i = 0; i < p.n; i++)
		free(p.items[i].path);
	free(p.items);
	smb3_arena_free(p.ctx.arena);
}

/* ---- when ---- */

static void job_work(struct smb3_job *job)
{
	struct prune_job *pj = SMB3_CONTAINER(job, struct prune_job, job);

	if (!job->refused)
		prune_bin(pj->self, pj->bin);
	atomic_store(&recycle_mount_of(pj->self)->pruning, false);
}

static void job_done(struct smb3_worker *w, struct smb3_job *job)
{
	struct prune_job *pj = SMB3_CONTAINER(job, struct prune_job, job);

	smb3_share_unref(pj->share);
	free(pj->bin);
	free(pj);
}

static void job_start(struct smb3_vfs *self, char *bin)
{
	struct smb3_server *server = self->mount->server;
	struct prune_job *pj = smb3_alloc(sizeof(*pj));

	pj->job.work = job_work;
	pj->job.done = job_done;
	pj->self = self;
	pj->share = smb3_share_ref(self->mount->share);
	pj->bin = bin;
	smb3_job_start(smb3_server_worker(server, 0), &pj->job);
}

static uint64_t bin_hash(const char *bin)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (; *bin; bin++)
		hash = (hash ^ (unsigned char)*bin) * 0x100000001b3u;
	return hash;
}

/* Whether it is time for this bin, of which note is taken. The one that is due first makes room for
 * one that is new: at worst it is looked at too early. */
static bool bin_due(struct recycle_mount *m, const char *bin)
{
	uint64_t hash = bin_hash(bin), now = smb3_clock();
	struct recycle_due *due = &m->due[0];
	bool is;

	pthread_mutex_lock(&m->lock);
	for (size_t i = 0; i < RECYCLE_DUES; i++) {
		if (m->due[i].bin == hash) {
			due = &m->due[i];
			break;
		}
		if (m->due[i].at < due->at)
			due = &m->due[i];
	}
	is = due->bin != hash || now >= due->at;
	if (is && !atomic_exchange(&m->pruning, true))
		*due = (struct recycle_due){ hash, now + m->conf->prune_interval * 1000000u };
	else
		is = false;
	pthread_mutex_unlock(&m->lock);
	return is;
}

void recycle_prune(struct smb3_vfs *self, const struct smb3_identity *who)
{
	struct recycle_mount *m = recycle_mount_of(self);
	char *bin;

	if (!m->conf->max_age && !m->conf->max_size)
		return;
	bin = recycle_bin(self->mount->share, m->conf->repository, who);
	if (!bin || !bin_due(m, bin)) {
		free(bin);
		return;
	}
	if (smb3_server_workers(self->mount->server)) {
		job_start(self, bin);
		return;
	}
	/* The server begins or ends: there is no other thread. */
	prune_bin(self, bin);
	free(bin);
	atomic_store(&m->pruning, false);
}
