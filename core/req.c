// SPDX-License-Identifier: Apache-2.0
/*
 * req.c: a request's life between run and reply: work on the loop or the pool, pending, parking,
 * cancelling, finishing.
 */
#include "core.h"

#include <sys/resource.h>
#include <sys/time.h>

#define LATE_NS     500000000ull  /* an interim reply is sent when the answer is really late */
#define SLOW_FOR_NS 1000000000ull /* a slow mount's work goes to the pool for this time */
#define SLOW_PART   50 /* it is slow when loops wait for it for more than this part of the time */

/* ---- finishing ---- */

static void req_unlink(struct smb3_req *req)
{
	smb3_list_remove(&req->open_link);
	smb3_list_remove(&req->late_link);
	if (req->async_id && req->async_node.key)
		smb3_hash_remove(&req->conn->async, &req->async_node);
	req->async_node.key = 0;
	req->pended = req->ready = false;
	req->on_cancel = NULL;
}

/* A session's identity is the loop's business: work has its own. */
struct smb3_event smb3_req_event(struct smb3_req *req, enum smb3_hook_point point)
{
	return (struct smb3_event){ .point = point,
				    .server = req->server,
				    .worker = req->worker,
				    .conn = req->conn,
				    .session = req->session,
				    .tree = req->tree,
				    .share = req->tree ? req->tree->share : NULL,
				    .open = req->open,
				    .req = req,
				    .who = req->in_work || !req->session ? req->ctx.who :
									   req->session->identity,
				    .status = req->status };
}

static void response_hook(struct smb3_req *req)
{
	struct smb3_event event;

	if (!smb3_hooked(req->server, SMB3_HOOK_RESPONSE))
		return;
	event = smb3_req_event(req, SMB3_HOOK_RESPONSE);
	smb3_hook_run(&event);
}

/* What later members of the compound inherit. */
static void chain_inherit(struct smb3_req *req)
{
	struct smb3_chain *chain = req->chain;

	chain->session_id = req->hdr.session_id;
	chain->tree_id = req->hdr.tree_id;
	if (smb3_status_is_error(req->status)) {
		if (req->hdr.command == SMB2_CREATE)
			chain->have_fileid = false;
		if (!chain->have_fileid)
			chain->create_status = req->status;
		return;
	}
	if (req->inner && req->hdr.command == SMB2_TREE_CONNECT)
		chain->own_tree = req->hdr.tree_id;
	if (!req->open)
		return;
	chain->persistent_id = req->open->persistent_id;
	chain->volatile_id = req->open->volatile_id;
	chain->have_fileid = true;
	chain->create_status = STATUS_SUCCESS;
}

void smb3_req_done(struct smb3_req *req, ntstatus status)
{
	SMB3_CHECK(req, SMB3_REQ_MAGIC);
	req->status = status;
	req_unlink(req);
	chain_inherit(req);
	req->conn->n_requests--;
	smb3_stats_request(req->worker, req->hdr.command, status, smb3_clock() - req->began);
	response_hook(req);
	SMB3_DEBUG(SMB3_DBG_SMB, req->conn, "%s mid %llu: %s",
		   req->command ? req->command->name : "?", (unsigned long long)req->hdr.message_id,
		   smb3_status_name(status));
	if (req->hdr.command != SMB2_CANCEL)
		smb3_reply_add(req);
	req->chain->current = req->next;
}

void smb3_req_finish(struct smb3_req *req, ntstatus status)
{
	SMB3_CHECK(req, SMB3_REQ_MAGIC);
	if (req->complete) {
		req->status = status;
		status = req->complete(req);
	}
	if (req->running) { /* run has not returned yet: the loop in dispatch.c takes it */
		req->finished = true;
		req->status = status;
		return;
	}
	smb3_req_done(req, status);
	smb3_chain_run(req->chain);
}

/* ---- pending ---- */

static void req_wait(struct smb3_req *req)
{
	if (!req->waiting)
		req->waiting = smb3_clock();
	if (smb3_list_empty(&req->late_link))
		smb3_list_add(&req->worker->waiting, &req->late_link);
}

ntstatus smb3_req_pend(struct smb3_req *req, void (*on_cancel)(struct smb3_req *), bool now)
{
	req->pended = true;
	req->on_cancel = on_cancel;
	req_wait(req);
	if (req->open && smb3_list_empty(&req->open_link))
		smb3_list_add(&req->open->reqs, &req->open_link);
	if (now)
		smb3_reply_interim(req);
	return STATUS_PENDING;
}

void smb3_req_cancel(struct smb3_req *req, ntstatus status)
{
	if (!req->pended) {
		req->cancelled = true; /* in work: its end is waited for */
		return;
	}
	req->cancelled = true;
	req->status = status;
	if (req->on_cancel)
		req->on_cancel(req);
	else
		smb3_req_finish(req, status);
}

void smb3_reqs_cancel(struct smb3_conn *conn, const struct smb3_session *s,
		      const struct smb3_tree *t, ntstatus status)
{
	SMB3_LIST_EACH(&conn->chains, node) {
		struct smb3_chain *chain = SMB3_CONTAINER(node, struct smb3_chain, link);
		struct smb3_req *req = chain->current;

		if (req && req->pended && (!s || req->session == s) && (!t || req->tree == t))
			smb3_req_cancel(req, status);
	}
}

/* Once a second: who waits longer than half a second is told so. */
void smb3_reqs_tick(struct smb3_worker *w)
{
	uint64_t now = smb3_clock();

	SMB3_LIST_EACH(&w->waiting, node) {
		struct smb3_req *req = SMB3_CONTAINER(node, struct smb3_req, late_link);

		if (now - req->waiting < LATE_NS)
			break;
		smb3_list_remove(&req->late_link);
		smb3_reply_interim(req);
	}
}

void smb3_req_resume(struct smb3_req *req)
{
	smb3_list_remove(&req->open_link);
	req->pended = false;
	req->on_cancel = NULL;
	req->ready = true;
	smb3_chain_run(req->chain);
}

/* ---- parking on a file ---- */

static void park_resume(struct smb3_req *req)
{
	smb3_file_unref(req->parked);
	req->parked = NULL;
	req->woken = false;
	if (req->cancelled) {
		smb3_req_finish(req, req->status ? req->status : STATUS_CANCELLED);
		return;
	}
	smb3_req_resume(req);
}

static void park_mail(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct smb3_req *req = SMB3_CONTAINER(mail, struct smb3_req, mail);

	if (req->in_work || req->running)
		req->woken = true; /* woken before it lay down: work_over() sees it */
	else
		park_resume(req);
}

static void park_cancel(struct smb3_req *req)
{
	struct smb3_file *file = req->parked;
	bool parked;

	smb3_file_lock(file);
	parked = !smb3_list_empty(&req->wait_link);
	smb3_list_remove(&req->wait_link);
	smb3_file_unlock(file);
	if (!parked)
		return; /* its mail is under way and finds it cancelled */
	park_resume(req);
}

ntstatus smb3_req_park(struct smb3_req *req, struct smb3_file *file)
{
	req->parked = smb3_file_ref(file);
	smb3_list_add(&file->waiters, &req->wait_link);
	return STATUS_PENDING;
}

void smb3_file_wake(struct smb3_file *file)
{
	SMB3_LIST_EACH(&file->waiters, node) {
		struct smb3_req *req = SMB3_CONTAINER(node, struct smb3_req, wait_link);

		smb3_list_remove(&req->wait_link);
		req->mail.fn = park_mail;
		smb3_mail_post(req->worker, &req->mail);
	}
}

/* ---- work ---- */

/* Work has ended with status: what becomes of the request. On the loop. */
static ntstatus work_over(struct smb3_req *req, ntstatus status)
{
	if (req->parked) {
		bool woken = req->woken;

		smb3_req_pend(req, park_cancel, false);
		if (woken) {
			req->running = false;
			req->mail.fn = park_mail;
			smb3_mail_post(req->worker, &req->mail);
		}
		return STATUS_PENDING;
	}
	req->status = status;
	return req->done ? req->done(req) : status;
}

static struct smb3_mount *req_mount(const struct smb3_req *req)
{
	if (req->open && req->open->handle)
		return req->open->handle->mount;
	return req->tree ? req->tree->mount : NULL;
}

static void pool_work(struct smb3_job *job)
{
	struct smb3_req *req = SMB3_CONTAINER(job, struct smb3_req, job);

	req->status = job->refused ? STATUS_ACCESS_DENIED : req->work(req);
}

static void pool_done(struct smb3_worker *w, struct smb3_job *job)
{
	struct smb3_req *req = SMB3_CONTAINER(job, struct smb3_req, job);
	struct smb3_open *open = req->counted_open ? smb3_open_ref(req->open) : NULL;
	ntstatus status;

	w->busy_with = req->command->name;
	req->in_work = false;
	smb3_list_remove(&req->late_link);
	req->running = true;
	status = work_over(req, req->status);
	req->running = false;
	if (req->finished)
		status = req->status;
	if (status != STATUS_PENDING || req->finished) {
		req->finished = false;
		smb3_req_finish(req, status);
	}
	/* Only now: what waits for this request's end is answered after it. */
	if (open)
		smb3_open_work_end(open);
	smb3_open_unref(open);
}

static ntstatus work_pool(struct smb3_req *req, struct smb3_mount *mount)
{
	req->ctx.nowait = false;
	req->in_work = true;
	req->counted_open = req->open != NULL;
	if (req->open)
		smb3_open_work_begin(req->open);
	req_wait(req);
	req->job.work = pool_work;
	req->job.done = pool_done;
	req->job.who = (struct smb3_identity *)(uintptr_t)req->ctx.who;
	req->job.mount = mount;
	req->job.lane = &req->conn->lane;
	smb3_job_start(req->worker, &req->job);
	return STATUS_PENDING;
}

/* Did what this thread has done since then keep it for long: asleep, or at work? A busy machine does
 * neither. */
static bool was_slow(const struct rusage *then, uint64_t limit)
{
	struct rusage now = { 0 };

	getrusage(RUSAGE_THREAD, &now);
	timersub(&now.ru_utime, &then->ru_utime, &now.ru_utime);
	timersub(&now.ru_stime, &then->ru_stime, &now.ru_stime);
	timeradd(&now.ru_utime, &now.ru_stime, &now.ru_utime);
	return now.ru_nvcsw != then->ru_nvcsw || now.ru_utime.tv_sec ||
	       (uint64_t)now.ru_utime.tv_usec >= limit / 1000;
}

void smb3_mount_took(struct smb3_mount *mount, uint64_t took, bool waited)
{
	uint64_t now = smb3_clock(), strained = atomic_load(&mount->strained_until);

	atomic_store(&mount->watched_until, now + 2 * SLOW_FOR_NS);
	if (!waited)
		return;
	strained = (strained > now ? strained : now) + SLOW_PART * took;
	if (strained >= now + SLOW_FOR_NS) {
		strained = now + SLOW_FOR_NS;
		atomic_store(&mount->slow_until, strained);
	}
	atomic_store(&mount->strained_until, strained);
}

static ntstatus work_inline(struct smb3_req *req, struct smb3_mount *mount, bool nowait)
{
	struct smb3_worker *w = req->worker;
	uint64_t began = smb3_clock(), took;
	bool watched = mount && began < atomic_load(&mount->watched_until);
	uint64_t limit = smb3_server_conf(req->server)->inline_time * 1000000;
	struct rusage then = { 0 };
	ntstatus status;

	if (smb3_become(req->server, &w->acting_as,
			(struct smb3_identity *)(uintptr_t)req->ctx.who) < 0)
		return STATUS_ACCESS_DENIED;
	if (watched)
		getrusage(RUSAGE_THREAD, &then);
	req->ctx.nowait = nowait;
	status = req->work(req);
	took = smb3_clock() - began;
	if (mount && took > limit)
		smb3_mount_took(mount, took, watched && was_slow(&then, limit));
	return status;
}

ntstatus smb3_req_work(struct smb3_req *req, smb3_run_fn work, smb3_run_fn done,
		       enum smb3_work_kind kind)
{
	struct smb3_mount *mount = req_mount(req);
	ntstatus status;
	bool pool;

	req->work = work;
	req->done = done;
	/* A new log-on may replace the tree's identity before the request ends. */
	if (!req->open && req->tree && req->who != req->tree->identity) {
		smb3_identity_unref(req->who);
		req->who = smb3_identity_ref(req->tree->identity);
	}
	req->ctx.who = req->open ? req->open->identity : req->who;
	pool = kind == SMB3_WORK_SLOW || !mount || mount->blocks ||
	       (kind == SMB3_WORK_QUICK && smb3_clock() < atomic_load(&mount->slow_until));
	if (pool)
		return work_pool(req, mount);
	status = work_inline(req, mount, kind == SMB3_WORK_NOWAIT);
	if (status == STATUS_RETRY)
		return work_pool(req, mount);
	return work_over(req, status);
}

/* ---- odds and ends ---- */

struct smb3_buf *smb3_req_payload(struct smb3_req *req, size_t size)
{
	if (req->payload && req->payload->size >= size)
		return req->payload;
	smb3_buf_put(NULL, req->payload);
	req->payload = smb3_buf_get(req->in_work ? NULL : req->worker->bufs, size);
	return req->payload;
}

ntstatus smb3_req_charge(const struct smb3_req *req, uint64_t len)
{
	const struct smb3_dialect *d = req->conn->dialect;
	uint64_t charge = req->hdr.credit_charge ? req->hdr.credit_charge : 1;

	if (d && d->multi_credit && len > charge * 65536)
		return STATUS_INVALID_PARAMETER;
	return STATUS_SUCCESS;
}

static void denied_hook(struct smb3_req *req, ntstatus status, const char *reason)
{
	struct smb3_event event;

	if (!smb3_hooked(req->server, SMB3_HOOK_DENIED))
		return;
	event = smb3_req_event(req, SMB3_HOOK_DENIED);
	event.worker = NULL; /* also in work, on any thread */
	if (req->ctx.who)
		event.who = req->ctx.who;
	event.path = req->path;
	event.status = status;
	snprintf(event.reason, sizeof(event.reason), "%.159s", reason);
	smb3_hook_run(&event);
}

ntstatus smb3_req_deny(struct smb3_req *req, ntstatus status, const char *fmt, ...)
{
	va_list ap;
	char reason[256];

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	denied_hook(req, status, reason);
	SMB3_DEBUG(SMB3_DBG_SMB, req->conn, "%s denied: %s (%s)",
		   req->command ? req->command->name : "?", reason, smb3_status_name(status));
	return status;
}
