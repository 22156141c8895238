// SPDX-License-Identifier: Apache-2.0
/*
 * notify.c: module notify: CHANGE_NOTIFY. [MS-SMB2] 2.2.35, 2.2.36, 3.3.5.19; [MS-FSA] 2.1.5.11
 */
#include "kernel.h"

#include <stdlib.h>
#include <string.h>

#define SMB2_WATCH_TREE 0x0001u
#define NOTIFY_REPLY    9 /* StructureSize; 8 bytes and the changes */
#define NOTIFY_REPLY_AT (SMB2_HEADER_SIZE + 8)

static void file_slot_init(void *slot, void *object)
{
	struct notify_file *file = slot;

	smb3_list_init(&file->watches);
}

struct smb3_slot notify_open_slot = {
	.kind = SMB3_SLOT_OPEN,
	.size = sizeof(struct notify_open),
};

struct smb3_slot notify_file_slot = {
	.kind = SMB3_SLOT_FILE,
	.size = sizeof(struct notify_file),
	.init = file_slot_init,
};

struct smb3_slot notify_session_slot = {
	.kind = SMB3_SLOT_SESSION,
	.size = sizeof(struct notify_session),
};

const struct notify_conf *notify_conf(const struct notify *n, const struct smb3_share *share)
{
	return smb3_conf_of(n->mod, share);
}

/* ---- answers ---- */

/* Under the watch's lock, with something in its queue. */
static ntstatus put_changes(struct watch *w, struct smb3_req *req, uint32_t max)
{
	struct smb3_builder *out = smb3_req_out(req);
	size_t room = max < w->room ? max : w->room;
	ntstatus status;

	smb3_put_u16(out, NOTIFY_REPLY);
	smb3_put_u16(out, NOTIFY_REPLY_AT);
	smb3_put_u32(out, 0);
	status = queue_put(&w->queue, out, room);
	smb3_set_u32(out, 4, (uint32_t)out->len - 8);
	if (out->len == 8)
		smb3_put_u8(out, 0); /* a buffer has at least one byte */
	return status;
}

static void put_nothing(struct smb3_req *req)
{
	struct smb3_builder *out = smb3_req_out(req);

	smb3_put_u16(out, NOTIFY_REPLY);
	smb3_put_zero(out, NOTIFY_REPLY - 2);
}

static void finish(struct waiting *wait, ntstatus status)
{
	smb3_list_remove(&wait->link);
	if (!smb3_status_is_error(status) && !wait->req->out.len)
		put_nothing(wait->req);
	smb3_req_finish(wait->req, status);
}

/* CANCEL, and all that ends what the request belongs to. 3.3.5.16, 3.3.5.6 */
static void on_cancel(struct smb3_req *req)
{
	ntstatus status = req->status;

	if (status == STATUS_FILE_CLOSED || status == STATUS_USER_SESSION_DELETED)
		status = STATUS_NOTIFY_CLEANUP;
	finish(req->state, status);
}

/* The request that has waited longest takes all that has come. */
static bool answer_first(struct watch *w, bool doomed)
{
	struct waiting *wait;
	ntstatus status = STATUS_DELETE_PENDING;

	if (smb3_list_empty(&w->reqs))
		return false;
	wait = SMB3_CONTAINER(w->reqs.next, struct waiting, link);
	if (!doomed) {
		pthread_mutex_lock(&w->lock);
		if (queue_empty(&w->queue)) {
			pthread_mutex_unlock(&w->lock);
			return false;
		}
		status = put_changes(w, wait->req, wait->max);
		pthread_mutex_unlock(&w->lock);
	}
	finish(wait, status);
	return true;
}

void notify_answer(struct watch *w)
{
	bool doomed = atomic_exchange(&w->doomed, false);

	while (answer_first(w, doomed))
		;
	pthread_mutex_lock(&w->lock);
	w->waiting = !smb3_list_empty(&w->reqs);
	pthread_mutex_unlock(&w->lock);
}

/* ---- the request ---- */

struct asked {
	struct waiting wait; /* first: req->state */
	bool tree;
	uint32_t filter;
	struct watch *watch;
};

static ntstatus notify_decode(struct smb3_req *req, struct asked *a)
{
	struct smb3_cursor in = req->body;

	smb3_get_skip(&in, 2); /* StructureSize */
	a->tree = smb3_get_u16(&in) & SMB2_WATCH_TREE;
	a->wait.max = smb3_get_u32(&in);
	smb3_get_skip(&in, 16); /* FileId */
	a->filter = smb3_get_u32(&in);
	return smb3_cursor_ok(&in) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

static ntstatus notify_check(struct smb3_req *req, const struct asked *a)
{
	const struct smb3_open *o = req->open;
	bool pending;

	if (a->wait.max > req->conn->max_transact)
		return STATUS_INVALID_PARAMETER;
	if (o->pipe || !o->directory)
		return STATUS_INVALID_PARAMETER;
	if (!(o->access & FILE_LIST_DIRECTORY))
		return STATUS_ACCESS_DENIED;
	smb3_file_lock(o->file);
	pending = o->file->delete_pending;
	smb3_file_unlock(o->file);
	return pending ? STATUS_DELETE_PENDING : smb3_req_charge(req, a->wait.max);
}

/* The queue is looked at under the lock that who fills it takes: no change is missed. */
static ntstatus notify_wait(struct smb3_req *req)
{
	struct asked *a = req->state;
	struct watch *w = a->watch;
	ntstatus status;

	pthread_mutex_lock(&w->lock);
	if (!queue_empty(&w->queue) && smb3_list_empty(&w->reqs)) {
		status = put_changes(w, req, a->wait.max);
		pthread_mutex_unlock(&w->lock);
		return status;
	}
	/* What stands behind it in the compound would have to wait for a change. 3.3.5.2.7 */
	if (req->next) {
		pthread_mutex_unlock(&w->lock);
		return STATUS_INTERNAL_ERROR;
	}
	w->waiting = true;
	pthread_mutex_unlock(&w->lock);
	smb3_list_add(&w->reqs, &a->wait.link);
	return smb3_req_pend(req, on_cancel, true);
}

/* The disk was at work meanwhile, perhaps; the watch is the open's, if that is still there. */
static ntstatus notify_begun(struct smb3_req *req)
{
	struct asked *a = req->state;
	bool ended = atomic_load(&a->watch->ended);

	watch_unref(a->watch);
	if (ended) {
		put_nothing(req);
		return STATUS_NOTIFY_CLEANUP;
	}
	return req->cancelled ? STATUS_CANCELLED : notify_wait(req);
}

static ntstatus notify_begin(struct smb3_req *req)
{
	struct asked *a = req->state;

	kernel_watch(a->watch->notify->kernel, a->watch, req->open->handle);
	return STATUS_SUCCESS;
}

static ntstatus notify_run(struct smb3_req *req)
{
	struct asked *a = smb3_arena_alloc(req->arena, sizeof(*a));
	struct notify *n = smb3_module_find(req->server, "notify")->data;
	const struct notify_open *open = smb3_slot(&notify_open_slot, req->open);
	bool first = !open->watch;
	ntstatus status;

	req->state = a;
	a->wait.req = req;
	smb3_list_init(&a->wait.link);
	if (!notify_conf(n, req->tree->share)->enabled)
		return STATUS_NOT_IMPLEMENTED;
	status = notify_decode(req, a);
	if (!status)
		status = notify_check(req, a);
	if (!status)
		status = watch_get(req, a->filter, a->tree, a->wait.max, &a->watch);
	if (status)
		return status;
	if (!first)
		return notify_wait(req);
	watch_ref(a->watch);
	return smb3_req_work(req, notify_begin, notify_begun, SMB3_WORK_QUICK);
}

static const struct smb3_command change_notify_command = {
	.name = "CHANGE_NOTIFY",
	.body_size = 32,
	.fileid_offset = 8,
	.flags = SMB3_NEED_SESSION | SMB3_NEED_TREE | SMB3_NEED_OPEN | SMB3_TRANSFER,
	.run = notify_run,
};

/* ---- what others do ---- */

static bool is_stream(const char *path)
{
	return strchr(path, ':');
}

/* A stream changes: other actions, other bits; not seen by who asks for the facts of files. */
static void as_stream(struct told *told)
{
	const uint32_t size = FILE_NOTIFY_CHANGE_SIZE;

	if (told->action != FILE_ACTION_MODIFIED) {
		told->action = told->action == FILE_ACTION_ADDED ? FILE_ACTION_ADDED_STREAM :
								   FILE_ACTION_REMOVED_STREAM;
		told->filter = FILE_NOTIFY_CHANGE_STREAM_NAME;
		return;
	}
	if (!(told->filter & (size | FILE_NOTIFY_CHANGE_LAST_WRITE)))
		return; /* attributes and the like are the file's */
	told->action = FILE_ACTION_MODIFIED_STREAM;
	told->filter = (told->filter & size ? FILE_NOTIFY_CHANGE_STREAM_SIZE : 0) |
		       FILE_NOTIFY_CHANGE_STREAM_WRITE;
}

static char *path_of_event(const struct smb3_event *event)
{
	char *path;

	if (event->path)
		return smb3_strdup(event->path);
	if (!event->file)
		return NULL;
	smb3_file_lock(event->file);
	path = smb3_strdup(event->open->path);
	smb3_file_unlock(event->file);
	return path;
}

static enum smb3_verdict tell(struct notify *n, struct smb3_event *event, struct told *told)
{
	char *path;

	if (!atomic_load_explicit(&n->n_watches, memory_order_relaxed))
		return SMB3_PASS;
	path = path_of_event(event);
	if (!path)
		return SMB3_PASS;
	told->path = path;
	if (is_stream(path))
		as_stream(told);
	if (told->action == FILE_ACTION_MODIFIED)
		path[strcspn(path, ":")] = '\0';
	notify_tell(n, event->share, told);
	free(path);
	return SMB3_PASS;
}

static enum smb3_verdict on_changed(struct smb3_mod *mod, struct smb3_event *event)
{
	struct told told = { .action = event->action, .filter = event->filter };

	return tell(mod->data, event, &told);
}

static enum smb3_verdict on_removed(struct smb3_mod *mod, struct smb3_event *event)
{
	struct told told = { .action = FILE_ACTION_REMOVED,
			     .filter = event->open->directory ? FILE_NOTIFY_CHANGE_DIR_NAME :
								FILE_NOTIFY_CHANGE_FILE_NAME };

	return tell(mod->data, event, &told);
}

/* A file that was renamed has its attribute ARCHIVE set, which is told when it is closed. */
static enum smb3_verdict on_renamed(struct smb3_mod *mod, struct smb3_event *event)
{
	struct notify_open *open = smb3_slot(&notify_open_slot, event->open);
	struct notify *n = mod->data;

	if (event->open->directory)
		watch_renamed(n, event->share, event->path, event->new_path);
	else
		atomic_store(&open->renamed, true);
	if (atomic_load(&n->n_watches))
		notify_tell_rename(n, event);
	return SMB3_PASS;
}

static enum smb3_verdict on_closing(struct smb3_mod *mod, struct smb3_event *event)
{
	struct notify_open *open = smb3_slot(&notify_open_slot, event->open);
	struct told told = { .action = FILE_ACTION_MODIFIED,
			     .filter = FILE_NOTIFY_CHANGE_ATTRIBUTES };

	if (atomic_load(&open->renamed))
		tell(mod->data, event, &told);
	if (!open->watch)
		return SMB3_PASS;
	while (!smb3_list_empty(&open->watch->reqs))
		finish(SMB3_CONTAINER(open->watch->reqs.next, struct waiting, link),
		       STATUS_NOTIFY_CLEANUP);
	watch_end(event->open);
	return SMB3_PASS;
}

/* Under the file's mutex. [MS-FSA] 2.1.5.15.3 */
static enum smb3_verdict on_doomed(struct smb3_mod *mod, struct smb3_event *event)
{
	struct notify_file *file = smb3_slot(&notify_file_slot, event->file);

	SMB3_LIST_EACH(&file->watches, node) {
		struct watch *w = SMB3_CONTAINER(node, struct watch, file_link);

		atomic_store(&w->doomed, true);
		watch_wake(w);
	}
	return SMB3_PASS;
}

#define NOTIFY_AT(lower, upper)                                                               \
	static const struct smb3_hook hook_##lower = {                                        \
		.point = SMB3_HOOK_##upper, .order = 500, .name = "notify", .run = on_##lower \
	}

NOTIFY_AT(changed, CHANGED);
NOTIFY_AT(removed, REMOVED);
NOTIFY_AT(renamed, RENAMED);
NOTIFY_AT(closing, CLOSING);
NOTIFY_AT(doomed, DOOMED);

/* ---- life ---- */

static int notify_init(struct smb3_mod *mod)
{
	struct notify *n = smb3_alloc(sizeof(*n));

	n->mod = mod;
	n->kernel = kernel_new(n);
	pthread_rwlock_init(&n->index, NULL);
	smb3_hash_init(&n->watches);
	mod->data = n;
	return 0;
}

static int notify_start(struct smb3_mod *mod)
{
	struct notify *n = mod->data;

	kernel_start(n->kernel);
	return 0;
}

static void notify_stop(struct smb3_mod *mod)
{
	struct notify *n = mod->data;

	kernel_stop(n->kernel);
}

static void notify_fini(struct smb3_mod *mod)
{
	struct notify *n = mod->data;

	kernel_free(n->kernel);
	smb3_hash_done(&n->watches);
	pthread_rwlock_destroy(&n->index);
	free(n);
}

static const struct smb3_option notify_options[] = {
	{ .name = "enabled",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct notify_conf, enabled),
	  .value = "true",
	  .help = "Whether clients may wait for changes in folders; otherwise they are told that "
		  "this is not implemented." },
	{ .name = "local",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct notify_conf, local),
	  .value = "true",
	  .help = "Whether they are also told what local programs change, or other servers of "
		  "the same folder." },
	{ .name = "changes",
	  .type = SMB3_OPT_INT,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct notify_conf, changes),
	  .value = "4096",
	  .min = 1,
	  .max = 1000000,
	  .help = "How many changes are kept for an open that does not ask for them; when there "
		  "are more, the client is told to list the folder." },
	{ .name = "watches",
	  .type = SMB3_OPT_INT,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct notify_conf, watches),
	  .value = "65536",
	  .min = 1,
	  .max = 10000000,
	  .help = "How many opens may wait for changes in all." },
	{ .name = "session_watches",
	  .type = SMB3_OPT_INT,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct notify_conf, session_watches),
	  .value = "4096",
	  .min = 1,
	  .max = 10000000,
	  .help = "How many opens of one session may wait for changes." },
	{ .name = "folders",
	  .type = SMB3_OPT_INT,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct notify_conf, folders),
	  .value = "65536",
	  .min = 0,
	  .max = 10000000,
	  .help = "How many folders the kernel is asked to watch; fs.inotify.max_user_watches is "
		  "its own limit. What others change in more folders is not told." },
	SMB3_OPTION_END,
};

static const struct smb3_provide notify_provides[] = {
	SMB3_COMMAND(SMB2_CHANGE_NOTIFY, &change_notify_command),
	SMB3_SLOT(&notify_open_slot),
	SMB3_SLOT(&notify_file_slot),
	SMB3_SLOT(&notify_session_slot),
	SMB3_HOOK(&hook_changed),
	SMB3_HOOK(&hook_removed),
	SMB3_HOOK(&hook_renamed),
	SMB3_HOOK(&hook_closing),
	SMB3_HOOK(&hook_doomed),
	SMB3_END,
};

SMB3_MODULE(notify, .summary = "tells clients what changes in folders", .options = notify_options,
	    .conf_size = sizeof(struct notify_conf), .provides = notify_provides,
	    .init = notify_init, .start = notify_start, .stop = notify_stop, .fini = notify_fini);
