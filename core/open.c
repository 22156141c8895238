// SPDX-License-Identifier: Apache-2.0
/*
 * open.c: opens: birth, look-up, and an end that may take a turn on the I/O pool.
 *
 * The end has three steps: detach (on the worker: nobody finds it any more), finish (in work:
 * leaves the file, deletes it when that is due, closes the handle), and the last reference.
 */
#include "core.h"

static struct smb3_server *server_of(const struct smb3_open *o)
{
	return o->worker->server;
}

/* ---- birth ---- */

struct smb3_open *smb3_open_new(struct smb3_req *req)
{
	struct smb3_server *server = req->server;
	struct smb3_open *o;

	if ((int64_t)req->session->opens.count >= smb3_server_limits(server)->opens) {
		smb3_limit_hit(req->conn, req->session, "limits.opens",
			       STATUS_INSUFFICIENT_RESOURCES);
		return NULL;
	}
	o = smb3_object_alloc(server, SMB3_SLOT_OPEN);
	o->magic = SMB3_OPEN_MAGIC;
	o->refs = 1;
	o->worker = req->worker;
	o->session = req->session;
	o->tree = smb3_tree_ref(req->tree);
	o->identity = smb3_identity_ref(req->tree->identity);
	o->path = smb3_strdup("");
	o->born = smb3_clock();
	smb3_list_init(&o->file_link);
	smb3_list_init(&o->drain);
	smb3_list_init(&o->reqs);
	smb3_slots_init(server, SMB3_SLOT_OPEN, o);
	return o;
}

void smb3_open_publish(struct smb3_open *o)
{
	o->volatile_id = o->persistent_id = 1 + atomic_fetch_add(&server_of(o)->next_open_id, 1);
	o->published = true;
	o->tree->n_opens++;
	smb3_hash_add(&o->session->opens, &o->node, o->volatile_id);
	smb3_open_ref(o); /* the table's */
}

struct smb3_open *smb3_open_find(const struct smb3_session *s, uint64_t persistent,
				 uint64_t volatile_id)
{
	struct smb3_hash_node *n = smb3_hash_find(&s->opens, volatile_id);
	struct smb3_open *o = n ? SMB3_CONTAINER(n, struct smb3_open, node) : NULL;

	return o && o->persistent_id == persistent ? smb3_open_ref(o) : NULL;
}

struct smb3_open *smb3_open_ref(struct smb3_open *o)
{
	SMB3_CHECK(o, SMB3_OPEN_MAGIC);
	atomic_fetch_add(&o->refs, 1);
	return o;
}

char *smb3_open_path(struct smb3_open *o, struct smb3_arena *a)
{
	char *path;

	if (!o->file)
		return smb3_arena_strdup(a, o->path);
	smb3_file_lock(o->file);
	path = smb3_arena_strdup(a, o->path);
	smb3_file_unlock(o->file);
	return path;
}

/* ---- the end ---- */

/* On the worker, with the handle closed. */
static void open_free(struct smb3_open *o)
{
	smb3_slots_fini(server_of(o), SMB3_SLOT_OPEN, o);
	if (o->pipe) {
		o->pipe->service->close(o->pipe);
		free(o->pipe);
	}
	if (o->dir)
		o->dir_free(o->dir);
	smb3_identity_unref(o->identity);
	smb3_tree_unref(o->tree);
	free(o->path);
	o->magic = 0;
	free(o);
}

struct open_end {
	struct smb3_job job;
	struct smb3_open *open;
};

static void end_work(struct smb3_job *job)
{
	struct open_end *end = SMB3_CONTAINER(job, struct open_end, job);

	smb3_open_finish(end->open);
}

static void end_done(struct smb3_worker *w, struct smb3_job *job)
{
	struct open_end *end = SMB3_CONTAINER(job, struct open_end, job);
	struct smb3_open *o = end->open;

	free(end);
	if (o->ending)
		smb3_session_open_ended(o->tree->session);
	o->ending = false;
	smb3_open_unref(o);
}

/* finish on the pool; takes a reference over. */
static void open_end_start(struct smb3_open *o)
{
	struct open_end *end = smb3_alloc(sizeof(*end));

	end->open = o;
	end->job.work = end_work;
	end->job.done = end_done;
	end->job.who = o->identity;
	smb3_job_start(o->worker, &end->job);
}

static void free_mail(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct open_end *end = SMB3_CONTAINER(mail, struct open_end, job.mail);

	open_free(end->open);
	free(end);
}

void smb3_open_unref(struct smb3_open *o)
{
	struct open_end *end;

	if (!o)
		return;
	SMB3_CHECK(o, SMB3_OPEN_MAGIC);
	if (atomic_fetch_sub(&o->refs, 1) > 1)
		return;
	if (o->handle || o->file) { /* nobody finished it: a CREATE that failed half-way */
		atomic_store(&o->refs, 1);
		open_end_start(o);
		return;
	}
	if (smb3_worker_here(o->worker)) {
		open_free(o);
		return;
	}
	end = smb3_alloc(sizeof(*end));
	end->open = o;
	end->job.mail.fn = free_mail;
	smb3_mail_post(o->worker, &end->job.mail);
}

static void closing_hook(struct smb3_open *o)
{
	struct smb3_event event = { .point = SMB3_HOOK_CLOSING,
				    .server = server_of(o),
				    .worker = o->worker,
				    .session = o->session,
				    .tree = o->tree,
				    .share = o->tree->share,
				    .open = o,
				    .file = o->file,
				    .who = o->identity };
	struct smb3_arena *arena;

	if (!smb3_hooked(event.server, SMB3_HOOK_CLOSING))
		return;
	arena = smb3_worker_arena(o->worker);
	event.path = smb3_open_path(o, arena);
	smb3_hook_run(&event);
	smb3_worker_arena_put(o->worker, arena);
}

void smb3_open_detach(struct smb3_open *o)
{
	SMB3_CHECK(o, SMB3_OPEN_MAGIC);
	if (o->closing)
		return;
	o->closing = true;
	closing_hook(o);
	SMB3_LIST_EACH(&o->reqs, node)
		smb3_req_cancel(SMB3_CONTAINER(node, struct smb3_req, open_link),
				STATUS_FILE_CLOSED);
	if (!o->published)
		return;
	o->published = false;
	smb3_hash_remove(&o->session->opens, &o->node);
	o->session = NULL;
	o->tree->n_opens--;
	smb3_open_unref(o); /* the table's */
}

static void removed_hook(struct smb3_open *o, const struct smb3_delete *d)
{
	struct smb3_event event = { .point = SMB3_HOOK_REMOVED,
				    .server = server_of(o),
				    .share = d->share,
				    .open = o,
				    .file = o->file,
				    .who = d->who,
				    .path = d->path };

	if (smb3_hooked(event.server, SMB3_HOOK_REMOVED))
		smb3_hook_run(&event);
}

/* By what it points to, or, as a symbolic link, by itself. */
static bool name_leads_to(struct smb3_mount *mount, const struct smb3_ctx *ctx,
			  struct smb3_handle *dir, const char *name,
			  const struct smb3_file_key *key)
{
	struct smb3_how how = { .flags = SMB3_O_META | SMB3_O_NOFOLLOW };
	struct smb3_ctx bare = *ctx;
	struct smb3_handle *h;
	struct smb3_stat st;
	bool same;

	bare.bare = true;
	if (smb3_vfs_lookup(mount->top, &bare, dir, name, &st) == 0 && st.dev == key->dev &&
	    st.ino == key->ino)
		return true;
	h = smb3_handle_new(mount);
	same = smb3_vfs_open(mount->top, ctx, dir, name, &how, h) == 0 &&
	       smb3_vfs_stat(mount->top, ctx, h, &st) == 0 && st.dev == key->dev &&
	       st.ino == key->ino;
	smb3_handle_free(h);
	return same;
}

/* Only if the name still leads to the file that was to go: a local process may have put
 * another one there. */
static int delete_name(struct smb3_mount *mount, const struct smb3_ctx *ctx,
		       const struct smb3_delete *d, const struct smb3_file_key *key)
{
	const char *slash = strrchr(d->path, '/');
	const char *name = slash ? slash + 1 : d->path;
	struct smb3_handle *root = smb3_handle_new(mount), *parent = smb3_handle_new(mount);
	struct smb3_handle *dir = root;
	int err = smb3_vfs_root(mount->top, ctx, root);

	if (!err && slash) {
		char *up = smb3_arena_strdup(ctx->arena, d->path);

		up[slash - d->path] = 0;
		dir = parent;
		err = smb3_vfs_walk(mount->top, ctx, root, up, parent);
	}
	if (!err && !name_leads_to(mount, ctx, dir, name, key))
		err = -ESTALE;
	if (!err)
		err = smb3_vfs_remove(mount->top, ctx, dir, name, d->directory);
	smb3_handle_free(parent);
	smb3_handle_free(root);
	return err;
}

/* The deletion that the last close of a file brings. Owns due and a reference of the file, which
 * keeps the deletion pending for new opens until the name is gone. */
struct deletion {
	struct smb3_job job;
	struct smb3_delete *due;
	struct smb3_open *open;
	struct smb3_file *file;
	struct smb3_handle *handle; /* of the last open */
};

/* The handle stays open to the end: while it is, the file system cannot give the inode to a new
 * file, which would meet this one's pending deletion. */
static int delete_carry_out(const struct deletion *d)
{
	struct smb3_delete *due = d->due;
	struct smb3_arena *arena = smb3_arena_new();
	struct smb3_ctx ctx = { .who = due->who, .arena = arena };
	struct smb3_mount *mount;
	int err = smb3_share_mount(due->share, &mount);

	if (!err && d->file->key.stream)
		err = smb3_vfs_remove_stream(d->handle->mount->top, &ctx, d->handle);
	else if (!err)
		err = delete_name(mount, &ctx, due, &d->file->key);
	if (err)
		smb3_log(SMB3_LOG_WARNING, "share %s: %s could not be deleted: %s",
			 due->share->name, due->path, strerror(-err));
	else
		removed_hook(d->open, due);
	smb3_arena_free(arena);
	smb3_delete_free(due);
	smb3_file_disturb(d->file->server, &d->file->key);
	smb3_file_lock(d->file);
	d->file->delete_pending = false; /* whoever still holds a reference */
	smb3_file_unlock(d->file);
	smb3_file_unref(d->file);
	smb3_handle_free(d->handle);
	return err;
}

static void deletion_work(struct smb3_job *job)
{
	struct deletion *d = SMB3_CONTAINER(job, struct deletion, job);

	delete_carry_out(d);
}

static void deletion_done(struct smb3_worker *w, struct smb3_job *job)
{
	struct deletion *d = SMB3_CONTAINER(job, struct deletion, job);

	smb3_open_unref(d->open);
	free(d);
}

/* Somebody else than the user of the last open asked for it: it is done as that user. */
static void deletion_start(const struct deletion *due_now)
{
	struct deletion *d = smb3_alloc(sizeof(*d));

	*d = *due_now;
	smb3_open_ref(d->open);
	d->job.work = deletion_work;
	d->job.done = deletion_done;
	d->job.who = d->due->who;
	smb3_job_start(d->open->worker, &d->job);
}

/* A stream has left its own file; now the one that it belongs to, whose deletion takes the stream
 * along. */
static void leave_base(struct deletion *d)
{
	struct smb3_file *base = d->open->base;
	struct smb3_delete *due;

	smb3_file_lock(base);
	due = smb3_file_leave(base, d->open);
	smb3_file_unlock(base);
	d->open->base = NULL;
	if (!due) {
		smb3_file_unref(base);
		return;
	}
	smb3_delete_free(d->due);
	smb3_file_unref(d->file);
	d->due = due;
	d->file = base;
}

ntstatus smb3_open_finish(struct smb3_open *o)
{
	struct deletion d = { .open = o, .file = o->file, .handle = o->handle };

	SMB3_CHECK(o, SMB3_OPEN_MAGIC);
	if (d.file) {
		smb3_file_lock(d.file); /* the link changes with its neighbours */
		if (!smb3_list_empty(&o->file_link))
			d.due = smb3_file_leave(d.file, o);
		smb3_file_unlock(d.file);
	}
	if (o->base)
		leave_base(&d);
	o->handle = NULL;
	o->file = NULL;
	if (d.due && smb3_identity_same(d.due->who, o->identity))
		return smb3_status_from_errno(delete_carry_out(&d));
	if (d.due) {
		deletion_start(&d);
		return STATUS_SUCCESS;
	}
	smb3_file_unref(d.file);
	smb3_handle_free(d.handle);
	return STATUS_SUCCESS;
}

void smb3_open_close(struct smb3_open *o)
{
	smb3_open_ref(o);
	o->ending = true;
	o->tree->session->ending++;
	smb3_open_detach(o);
	if (o->in_work)
		o->close_later = true;
	else
		open_end_start(o);
}

/* ---- requests on the pool ---- */

void smb3_open_work_begin(struct smb3_open *o)
{
	o->in_work++;
}

void smb3_open_work_end(struct smb3_open *o)
{
	if (--o->in_work)
		return;
	while (!smb3_list_empty(&o->drain) && !o->in_work) {
		struct smb3_req *req = SMB3_CONTAINER(o->drain.next, struct smb3_req, open_link);

		smb3_list_remove(&req->open_link);
		req->pended = false;
		req->ready = true;
		smb3_chain_run(req->chain);
	}
	if (o->close_later && !o->in_work) {
		o->close_later = false;
		open_end_start(o);
	}
}
