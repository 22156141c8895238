// SPDX-License-Identifier: Apache-2.0
/*
 * state.c: in smb3d: where the one sequence of calls stands that makes shadow copies, and which there
 * are. It is the server's, not a client's or a pipe's or that of smb3-rpcd, and ends by itself when its
 * client is silent for too long. On the I/O pool. [MS-FSRVP] 3.1.1, 3.1.2, 3.1.4
 */
#include "fsrvp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Contexts [MS-FSRVP] 2.2.2.2, and the bits about recovery. */
#define CONTEXT_BACKUP       0x00u
#define CONTEXT_FILE_SHARE   0x10u
#define CONTEXT_NAS_ROLLBACK 0x19u
#define CONTEXT_APP_ROLLBACK 0x09u
#define ATTR_AUTO_RECOVERY   0x00400000u
#define ATTR_NO_RECOVERY     0x00000002u

#define MS         1000000u
#define DROP_AGAIN (5000ull * MS)

/* What a step was called with. */
struct args {
	struct smb3_rpc_asking *asking;
	const struct fsrvp_conf *conf;
	struct smb3_guid set, copy;
	uint32_t number;
	const char *share;
};

static struct smb3_server *server_of(const struct fsrvp *f)
{
	return f->mod->server;
}

/* ---- the time ---- */

static void go_on(struct fsrvp *f, uint64_t ms)
{
	f->deadline = smb3_clock() + ms * MS;
}

/* Nothing is left of the sequence. The set is the caller's, to be dropped without the lock. */
static struct fsrvp_set *forget(struct fsrvp *f)
{
	struct fsrvp_set *set = f->making;

	if (set)
		f->n_copies -= fsrvp_set_count(set);
	f->making = NULL;
	f->context = false;
	return set;
}

static bool is_late(const struct fsrvp *f)
{
	return f->context && (!f->making || f->making->status != SET_BUSY) &&
	       smb3_clock() >= f->deadline;
}

static bool is_leaving(const struct fsrvp_set *set)
{
	SMB3_LIST_EACH(&set->copies, node)
		if (SMB3_CONTAINER(node, struct fsrvp_copy, link)->leaving)
			return true;
	return false;
}

/* One that is exposed, but was never said to be complete, for too long. The time begins when it is seen
 * first, also by a server that has just started. */
static struct fsrvp_set *overdue(struct fsrvp *f)
{
	const struct fsrvp_conf *conf = atomic_load(&f->mod->conf);
	uint64_t now = smb3_clock();

	SMB3_LIST_EACH(&f->sets, node) {
		struct fsrvp_set *set = SMB3_CONTAINER(node, struct fsrvp_set, link);

		if (set->status != SET_EXPOSED || is_leaving(set))
			continue;
		if (!set->seen)
			set->seen = now;
		if (now >= set->seen + conf->exposed_time * MS)
			return set;
	}
	return NULL;
}

static bool is_to_write(const struct fsrvp *f)
{
	return f->changed && smb3_clock() >= f->keep_again;
}

static void leave(struct fsrvp *f, struct fsrvp_set *set)
{
	smb3_log(SMB3_LOG_NOTICE, "rpc_fsrvp: shadow copies that nobody completed are removed");
	smb3_list_remove(&set->link);
	f->n_copies -= fsrvp_set_count(set);
	f->changed = true;
	f->gone++;
}

/* To be removed from the disk, until when they count. Under the lock; NULL is allowed. */
static void drop_later(struct fsrvp *f, struct fsrvp_set *set)
{
	if (!set)
		return;
	smb3_list_add(&f->dropped, &set->link);
	f->n_copies += fsrvp_set_count(set);
}

/* Of a set that was to go, these are in use. */
static void drop_again(struct fsrvp *f, struct fsrvp_set *left)
{
	if (left)
		f->drop_again = smb3_clock() + DROP_AGAIN;
	drop_later(f, left);
}

static bool is_to_drop(const struct fsrvp *f)
{
	return !smb3_list_empty(&f->dropped) && smb3_clock() >= f->drop_again;
}

/* Removing what is on the disk may take long: no client waits for it. Under the lock. */
static void expire(struct fsrvp *f)
{
	drop_later(f, is_late(f) ? forget(f) : NULL);
}

static struct fsrvp_set *sweep_next(struct fsrvp *f)
{
	struct fsrvp_set *old;

	expire(f);
	old = overdue(f);
	if (old) {
		leave(f, old);
		drop_later(f, old);
	}
	if (!is_to_drop(f))
		return NULL;
	old = SMB3_CONTAINER(f->dropped.next, struct fsrvp_set, link);
	smb3_list_remove(&old->link);
	f->n_copies -= fsrvp_set_count(old);
	return old;
}

static void sweep_work(struct smb3_job *job)
{
	struct fsrvp *f = SMB3_CONTAINER(job, struct fsrvp, sweep);
	struct fsrvp_set *set;

	pthread_mutex_lock(&f->lock);
	while ((set = sweep_next(f))) {
		pthread_mutex_unlock(&f->lock);
		set = fsrvp_set_drop(server_of(f), set);
		pthread_mutex_lock(&f->lock);
		drop_again(f, set);
	}
	pthread_mutex_unlock(&f->lock);
	fsrvp_keep(f);
}

static void sweep_done(struct smb3_worker *w, struct smb3_job *job)
{
	SMB3_CONTAINER(job, struct fsrvp, sweep)->sweeping = false;
}

static enum smb3_verdict tick(struct smb3_mod *mod, struct smb3_event *event)
{
	struct fsrvp *f = fsrvp_of(mod);
	bool late;

	fsrvp_leave(f, event->worker);
	if (event->worker != smb3_server_worker(mod->server, 0) || f->sweeping)
		return SMB3_PASS;
	pthread_mutex_lock(&f->lock);
	late = is_late(f) || overdue(f) || is_to_write(f) || is_to_drop(f);
	pthread_mutex_unlock(&f->lock);
	if (!late)
		return SMB3_PASS;
	f->sweeping = true;
	f->sweep.work = sweep_work;
	f->sweep.done = sweep_done;
	smb3_job_start(event->worker, &f->sweep);
	return SMB3_PASS;
}

const struct smb3_hook fsrvp_hook_tick = {
	.point = SMB3_HOOK_TICK, .order = 500, .name = "rpc_fsrvp", .run = tick
};

/* ---- the sequence: under the lock ---- */

static uint32_t set_context(struct fsrvp *f, const struct args *a)
{
	uint32_t kind = a->number & ~(ATTR_AUTO_RECOVERY | ATTR_NO_RECOVERY);

	if (f->making)
		return FSRVP_IN_PROGRESS;
	if (kind != CONTEXT_BACKUP && kind != CONTEXT_FILE_SHARE && kind != CONTEXT_NAS_ROLLBACK &&
	    kind != CONTEXT_APP_ROLLBACK)
		return FSRVP_BAD_CONTEXT;
	f->context = true;
	go_on(f, a->conf->sequence_time);
	return FSRVP_OK;
}

static uint32_t start(struct fsrvp *f, const struct args *a)
{
	struct smb3_guid id;

	if (f->making)
		return FSRVP_IN_PROGRESS;
	if (!f->context)
		return FSRVP_BAD_STATE;
	smb3_random(id.bytes, sizeof(id.bytes));
	f->making = fsrvp_set_new(&id);
	go_on(f, a->conf->sequence_time);
	smb3_put_u32(&a->asking->out, FSRVP_OK);
	smb3_put_guid(&a->asking->out, &id);
	return FSRVP_OK;
}

static bool has_share(const struct fsrvp_set *set, const char *share)
{
	SMB3_LIST_EACH(&set->copies, node)
		if (smb3_name_equal(SMB3_CONTAINER(node, struct fsrvp_copy, link)->share, share))
			return true;
	return false;
}

/* The set that is being made, if that is the one that is meant. */
static struct fsrvp_set *made(const struct fsrvp *f, const struct args *a)
{
	return f->making && fsrvp_same(&f->making->id, &a->set) ? f->making : NULL;
}

static uint32_t add(struct fsrvp *f, const struct args *a)
{
	struct fsrvp_set *set = made(f, a);
	struct smb3_guid id;
	uint32_t status;

	if (!set)
		return E_INVALID_ARGUMENT;
	if (set->status != SET_STARTED && set->status != SET_ADDED)
		return FSRVP_BAD_STATE;
	status = fsrvp_supported(server_of(f), a->share);
	if (status)
		return status;
	if (has_share(set, a->share))
		return FSRVP_OBJECT_EXISTS;
	if (f->n_copies >= (size_t)a->conf->copies) {
		smb3_log(SMB3_LOG_WARNING, "rpc_fsrvp.copies is reached: share %s is not copied",
			 a->share);
		return E_OUT_OF_MEMORY;
	}
	smb3_random(id.bytes, sizeof(id.bytes));
	fsrvp_copy_add(set, a->share, &id);
	f->n_copies++;
	set->status = SET_ADDED;
	go_on(f, a->conf->prepare_time);
	smb3_put_u32(&a->asking->out, FSRVP_OK);
	smb3_put_guid(&a->asking->out, &id);
	return FSRVP_OK;
}

/* There is nothing to prepare: a snapshot holds nobody up. */
static uint32_t prepare(struct fsrvp *f, const struct args *a)
{
	const struct fsrvp_set *set = made(f, a);

	if (!set)
		return E_INVALID_ARGUMENT;
	if (set->status != SET_ADDED)
		return FSRVP_BAD_STATE;
	go_on(f, a->conf->prepare_time);
	return FSRVP_OK;
}

static uint32_t commit(struct fsrvp *f, const struct args *a)
{
	struct fsrvp_set *set = made(f, a), *left;
	const char *label;
	uint32_t status;

	if (!set)
		return E_INVALID_ARGUMENT;
	if (set->status != SET_ADDED)
		return FSRVP_BAD_STATE;
	label = smb3_arena_printf(a->asking->arena, "a shadow copy for %s [%s]",
				  a->asking->who->name, a->asking->address);
	set->status = SET_BUSY;
	pthread_mutex_unlock(&f->lock);
	status = fsrvp_take(server_of(f), set, a->number, label);
	left = status ? fsrvp_untake_all(server_of(f), set) : NULL;
	pthread_mutex_lock(&f->lock);
	drop_again(f, left);
	set->status = status ? SET_ADDED : SET_COMMITTED;
	go_on(f, a->conf->sequence_time);
	return status;
}

static uint32_t expose(struct fsrvp *f, const struct args *a)
{
	struct fsrvp_set *set = made(f, a);

	if (!set)
		return E_INVALID_ARGUMENT;
	if (set->status != SET_COMMITTED)
		return FSRVP_BAD_STATE;
	set->status = SET_EXPOSED;
	smb3_list_add(&f->sets, &set->link);
	f->making = NULL;
	f->context = false;
	SMB3_LIST_EACH(&set->copies, node)
		smb3_log(SMB3_LOG_NOTICE, "rpc_fsrvp: %s [%s] has made the share %s",
			 a->asking->who->name, a->asking->address,
			 SMB3_CONTAINER(node, struct fsrvp_copy, link)->name);
	f->changed = true;
	return FSRVP_OK;
}

static uint32_t abort_set(struct fsrvp *f, const struct args *a)
{
	struct fsrvp_set *set = made(f, a);

	if (!set)
		return E_INVALID_ARGUMENT;
	if (set->status == SET_BUSY)
		return FSRVP_BAD_STATE;
	set = forget(f);
	pthread_mutex_unlock(&f->lock);
	set = fsrvp_set_drop(server_of(f), set);
	pthread_mutex_lock(&f->lock);
	drop_again(f, set);
	return FSRVP_OK;
}

/* ---- exposed sets: under the lock ---- */

static struct fsrvp_set *exposed(const struct fsrvp *f, const struct args *a)
{
	SMB3_LIST_EACH(&f->sets, node) {
		struct fsrvp_set *set = SMB3_CONTAINER(node, struct fsrvp_set, link);

		if (fsrvp_same(&set->id, &a->set))
			return set;
	}
	return NULL;
}

static uint32_t recovered(struct fsrvp *f, const struct args *a)
{
	struct fsrvp_set *set = exposed(f, a);

	if (!set)
		return made(f, a) ? FSRVP_BAD_STATE : E_INVALID_ARGUMENT;
	if (set->status != SET_EXPOSED)
		return FSRVP_BAD_STATE;
	set->status = SET_RECOVERED;
	f->changed = true;
	return FSRVP_OK;
}

static uint32_t find_copy(const struct fsrvp *f, const struct args *a, struct fsrvp_set **ret_set,
			  struct fsrvp_copy **ret_copy)
{
	struct fsrvp_set *set = exposed(f, a);
	struct fsrvp_copy *copy = set ? fsrvp_copy_find(set, &a->copy) : NULL;

	if (!set)
		return made(f, a) ? FSRVP_BAD_STATE : FSRVP_OBJECT_NOT_FOUND;
	if (!copy || copy->leaving)
		return E_INVALID_ARGUMENT;
	if (!smb3_name_equal(copy->share, a->share))
		return FSRVP_OBJECT_NOT_FOUND;
	*ret_set = set;
	*ret_copy = copy;
	return FSRVP_OK;
}

static uint32_t mapping(struct fsrvp *f, const struct args *a)
{
	struct fsrvp_set *set;
	struct fsrvp_copy *copy;
	uint32_t status = find_copy(f, a, &set, &copy);

	if (status)
		return status;
	smb3_put_u32(&a->asking->out, FSRVP_OK);
	smb3_put_text(&a->asking->out, copy->name);
	smb3_put_u64(&a->asking->out, copy->when);
	return FSRVP_OK;
}

/* 3.1.4.12: with its share the copy goes, and with its last copy the set. */
static uint32_t delete (struct fsrvp *f, const struct args *a)
{
	struct fsrvp_set *set;
	struct fsrvp_copy *copy;
	uint32_t status = find_copy(f, a, &set, &copy);
	int err;

	if (status)
		return status;
	copy->leaving = true;
	pthread_mutex_unlock(&f->lock);
	err = fsrvp_untake(server_of(f), copy);
	pthread_mutex_lock(&f->lock);
	copy->leaving = false;
	if (err)
		return E_FAIL;
	smb3_log(SMB3_LOG_NOTICE, "rpc_fsrvp: %s [%s] has removed the share %s",
		 a->asking->who->name, a->asking->address, copy->name);
	fsrvp_copy_free(copy);
	f->n_copies--;
	f->gone++;
	if (smb3_list_empty(&set->copies)) {
		smb3_list_remove(&set->link);
		fsrvp_set_free(set);
	}
	f->changed = true;
	return FSRVP_OK;
}

static uint32_t copied(struct fsrvp *f, const struct args *a)
{
	uint32_t status = fsrvp_supported(server_of(f), a->share);
	bool has = false;

	if (status == FSRVP_OBJECT_NOT_FOUND)
		return status;
	SMB3_LIST_EACH(&f->sets, node)
		has |= has_share(SMB3_CONTAINER(node, struct fsrvp_set, link), a->share);
	smb3_put_u32(&a->asking->out, FSRVP_OK);
	smb3_put_u8(&a->asking->out, has);
	return FSRVP_OK;
}

static uint32_t supported(struct fsrvp *f, const struct args *a)
{
	uint32_t status = fsrvp_supported(server_of(f), a->share);

	if (status == FSRVP_OBJECT_NOT_FOUND)
		return status;
	smb3_put_u32(&a->asking->out, FSRVP_OK);
	smb3_put_u8(&a->asking->out, status == FSRVP_OK);
	return FSRVP_OK;
}

static uint32_t none(struct fsrvp *f, const struct args *a)
{
	return FSRVP_OK;
}

static uint32_t (*const steps[STEPS])(struct fsrvp *f, const struct args *a) = {
	[STEP_NONE] = none,       [STEP_CONTEXT] = set_context,
	[STEP_START] = start,     [STEP_ADD] = add,
	[STEP_PREPARE] = prepare, [STEP_COMMIT] = commit,
	[STEP_EXPOSE] = expose,   [STEP_RECOVERED] = recovered,
	[STEP_ABORT] = abort_set, [STEP_SUPPORTED] = supported,
	[STEP_COPIED] = copied,   [STEP_MAPPING] = mapping,
	[STEP_DELETE] = delete,
};

/* A step that answers more than a status has put all of it. */
int fsrvp_step_run(struct smb3_rpc_asking *asking)
{
	struct smb3_mod *mod = smb3_module_of(asking->server, &fsrvp_ask_step);
	struct fsrvp *f = fsrvp_of(mod);
	struct args a = { .asking = asking, .conf = atomic_load(&mod->conf) };
	uint8_t step = smb3_get_u8(&asking->in);
	uint32_t status;

	a.set = smb3_get_guid(&asking->in);
	a.copy = smb3_get_guid(&asking->in);
	a.number = smb3_get_u32(&asking->in);
	a.share = smb3_get_text(&asking->in, asking->arena);
	if (!smb3_cursor_ok(&asking->in) || step >= STEPS)
		return -EINVAL;
	if (!fsrvp_admits(mod, asking->who))
		return -EACCES;
	pthread_mutex_lock(&f->lock);
	expire(f);
	status = steps[step](f, &a);
	pthread_mutex_unlock(&f->lock);
	fsrvp_keep(f);
	if (!asking->out.len)
		smb3_put_u32(&asking->out, status);
	return 0;
}

const struct smb3_rpc_question fsrvp_ask_step = { .name = "shadow copies",
						  .flags = SMB3_ASK_WORK,
						  .answer = fsrvp_step_run };
