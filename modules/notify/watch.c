// SPDX-License-Identifier: Apache-2.0
/*
 * watch.c: what an open's first CHANGE_NOTIFY makes. Filter, tree and the size of the queue are fixed
 * by it until the open is closed; later requests take what has come since. [MS-FSA] 2.1.5.11
 */
#include "kernel.h"

#include <stdlib.h>
#include <string.h>

struct watch *watch_ref(struct watch *w)
{
	atomic_fetch_add(&w->refs, 1);
	return w;
}

void watch_unref(struct watch *w)
{
	if (atomic_fetch_sub(&w->refs, 1) > 1)
		return;
	queue_clear(&w->queue);
	pthread_mutex_destroy(&w->lock);
	smb3_identity_unref(w->who);
	smb3_share_unref(w->share);
	free(w->path);
	free(w);
}

/* ---- telling ---- */

static void wake_mail(struct smb3_worker *worker, struct smb3_mail *mail)
{
	struct watch *w = SMB3_CONTAINER(mail, struct watch, mail);

	atomic_store(&w->posted, false);
	if (!atomic_load(&w->ended))
		notify_answer(w);
	watch_unref(w);
}

void watch_wake(struct watch *w)
{
	if (atomic_exchange(&w->posted, true))
		return;
	watch_ref(w);
	smb3_mail_post(w->worker, &w->mail);
}

void watch_tell(struct watch *w, const struct told *told, size_t depth)
{
	bool wake;

	if (!(w->filter & told->filter))
		return;
	pthread_mutex_lock(&w->lock);
	queue_add(&w->queue, told, depth, w);
	wake = w->waiting;
	pthread_mutex_unlock(&w->lock);
	if (wake)
		watch_wake(w);
}

void watch_overflow(struct watch *w)
{
	pthread_mutex_lock(&w->lock);
	queue_overflow(&w->queue);
	pthread_mutex_unlock(&w->lock);
	watch_wake(w);
}

/* ---- birth ---- */

/* A client can make watches grow in number only as far as this. */
static bool room_for_one(struct notify *n, const struct notify_session *s)
{
	const struct notify_conf *conf = notify_conf(n, NULL);

	if (s->watches < conf->session_watches && atomic_load(&n->n_watches) < conf->watches)
		return true;
	if (!atomic_exchange(&n->said_full, true))
		smb3_log(SMB3_LOG_WARNING,
			 "notify.session_watches or notify.watches is reached: more are refused");
	return false;
}

static struct watch *watch_new(struct notify *n, struct smb3_req *req)
{
	struct watch *w = smb3_alloc(sizeof(*w));
	struct smb3_open *o = req->open;

	w->refs = 1;
	w->notify = n;
	w->worker = req->worker;
	w->share = smb3_share_ref(req->tree->share);
	w->who = smb3_identity_ref(o->identity);
	w->root = notify_root(w->share);
	w->mail.fn = wake_mail;
	w->max_count = (uint32_t)notify_conf(n, NULL)->changes;
	smb3_list_init(&w->file_link);
	smb3_list_init(&w->reqs);
	smb3_list_init(&w->folder_link);
	pthread_mutex_init(&w->lock, NULL);
	return w;
}

static void watch_publish(struct watch *w, struct smb3_open *o)
{
	struct notify *n = w->notify;
	struct notify_file *file = smb3_slot(&notify_file_slot, o->file);

	smb3_file_lock(o->file);
	w->path = smb3_strdup(o->path);
	smb3_list_add(&file->watches, &w->file_link);
	smb3_file_unlock(o->file);
	pthread_rwlock_wrlock(&n->index);
	smb3_hash_add(&n->watches, &w->node, notify_key(w->root, w->path));
	pthread_rwlock_unlock(&n->index);
	atomic_fetch_add(&n->n_watches, 1);
	if (w->tree)
		atomic_fetch_add(&n->n_trees, 1);
}

ntstatus watch_get(struct smb3_req *req, uint32_t filter, bool tree, uint32_t max,
		   struct watch **ret_watch)
{
	struct notify_open *open = smb3_slot(&notify_open_slot, req->open);
	struct notify_session *s = smb3_slot(&notify_session_slot, req->session);
	struct notify *n = smb3_module_find(req->server, "notify")->data;

	if (!open->watch) {
		if (!room_for_one(n, s))
			return STATUS_INSUFFICIENT_RESOURCES;
		open->watch = watch_new(n, req);
		open->watch->filter = filter;
		open->watch->tree = tree;
		open->watch->room = max;
		s->watches++;
		watch_publish(open->watch, req->open);
	}
	*ret_watch = open->watch;
	return STATUS_SUCCESS;
}

/* ---- the end ---- */

struct leaving {
	struct smb3_job job;
	struct watch *watch;
};

static void leave_work(struct smb3_job *job)
{
	struct watch *w = SMB3_CONTAINER(job, struct leaving, job)->watch;

	kernel_unwatch(w->notify->kernel, w);
}

static void leave_done(struct smb3_worker *worker, struct smb3_job *job)
{
	struct leaving *leaving = SMB3_CONTAINER(job, struct leaving, job);

	watch_unref(leaving->watch);
	free(leaving);
}

/* A tree may have many folders. Takes the open's reference over. */
static void watch_leave(struct watch *w)
{
	struct leaving *leaving;

	if (!w->tree) {
		kernel_unwatch(w->notify->kernel, w);
		watch_unref(w);
		return;
	}
	leaving = smb3_alloc(sizeof(*leaving));
	leaving->watch = w;
	leaving->job.work = leave_work;
	leaving->job.done = leave_done;
	smb3_job_start(w->worker, &leaving->job);
}

void watch_end(struct smb3_open *o)
{
	struct notify_open *open = smb3_slot(&notify_open_slot, o);
	struct watch *w = open->watch;
	struct notify *n = w->notify;
	struct notify_session *s = smb3_slot(&notify_session_slot, o->tree->session);

	open->watch = NULL;
	atomic_store(&w->ended, true);
	s->watches--;
	smb3_file_lock(o->file);
	smb3_list_remove(&w->file_link);
	smb3_file_unlock(o->file);
	pthread_rwlock_wrlock(&n->index);
	smb3_hash_remove(&n->watches, &w->node);
	pthread_rwlock_unlock(&n->index);
	atomic_fetch_sub(&n->n_watches, 1);
	if (w->tree)
		atomic_fetch_sub(&n->n_trees, 1);
	watch_leave(w);
}

/* ---- renames ---- */

void watch_renamed(struct notify *n, struct smb3_share *share, const char *old, const char *to)
{
	uint64_t root = notify_root(share);
	struct smb3_hash_node *node;

	if (!atomic_load(&n->n_watches))
		return;
	pthread_rwlock_wrlock(&n->index);
	pthread_mutex_lock(&n->kernel->lock); /* walks read paths under it */
	node = smb3_hash_find(&n->watches, notify_key(root, old));
	while (node) {
		struct watch *w = SMB3_CONTAINER(node, struct watch, node);

		node = smb3_hash_next_same(node);
		if (w->root != root || !smb3_name_equal(w->path, old))
			continue;
		smb3_hash_remove(&n->watches, &w->node);
		free(w->path);
		w->path = smb3_strdup(to);
		smb3_hash_add(&n->watches, &w->node, notify_key(root, to));
	}
	pthread_mutex_unlock(&n->kernel->lock);
	pthread_rwlock_unlock(&n->index);
}
