// SPDX-License-Identifier: Apache-2.0
/*
 * search.c: answers the questions of smb3-rpcd: opens shares for searching, begins searches, and
 * goes on with them for a moment each time when somebody asks for results. So a client that has
 * gone away costs nothing, and one that searches everything no more than a thread for moments.
 */
#include "mdssvc.h"

#include <errno.h>
#include <stdlib.h>

#define STEP_NS (100u * 1000 * 1000) /* of work at a time */
/* A question for results waits so long for the first one: some clients take "none yet" for the end.
 * */
#define WAIT_NS (3000u * 1000 * 1000)

/* A question in work; in its arena. */
struct op {
	struct spot_admit admit;
	struct smb3_job job;
	struct spot *spot;
	struct smb3_rpc_asking *asking;
	enum spot_step step;
	struct spot_volume *v;
	struct spot_query *query; /* START, MORE */
	struct spot_look look;
	int err;
	bool more;
	uint64_t began;
	uint32_t most, n;
	struct spot_file files[SPOT_MOST];
	bool known[SPOT_MOST];  /* FILES */
	struct smb3_query once; /* FILES: what look.c wants to know */
};

static const struct spot_conf *conf_of(const struct op *op)
{
	return atomic_load(&op->spot->mod->conf);
}

static void op_end(struct op *op, int err)
{
	struct smb3_rpc_asking *asking = op->asking;

	if (op->spot->waits == op)
		op->spot->waits = NULL;
	admit_done(&op->admit);
	volume_leave(op->v);
	asking->finish(asking, err);
}

/* ---- answers ---- */

static void put_file(struct smb3_builder *out, const struct spot_file *file)
{
	smb3_put_u64(out, file->id);
	smb3_put_text(out, file->path);
	smb3_put_u64(out, file->size);
	smb3_put_u64(out, file->created);
	smb3_put_u64(out, file->written);
	smb3_put_u64(out, file->accessed);
	smb3_put_u32(out, file->uid);
	smb3_put_u32(out, file->gid);
	smb3_put_u8(out, file->directory);
}

static void run(struct op *op, void (*work)(struct smb3_job *job),
		void (*done)(struct smb3_worker *w, struct smb3_job *job), struct smb3_mount *mount,
		struct smb3_identity *who)
{
	op->job.work = work;
	op->job.done = done;
	op->job.mount = mount;
	op->job.who = who;
	smb3_job_start(smb3_server_worker(op->spot->mod->server, 0), &op->job);
}

/* ---- START ---- */

static const struct smb3_spotlight *index_for(struct smb3_server *server,
					      const struct smb3_share *share)
{
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(server, SMB3_KIND_SPOTLIGHT, &n);

	for (size_t i = 0; i < n; i++) {
		const struct smb3_spotlight *row = rows[i]->row;

		if (!row->wanted || row->wanted(smb3_module_of(server, row), share))
			return row;
	}
	return NULL;
}

/* Whether path lies in (or is) above. */
static bool lies_in(const char *path, const char *above)
{
	size_t len = strlen(above);

	return !len || (!strncmp(path, above, len) && (!path[len] || path[len] == '/'));
}

/* Each folder once: not also as part of another. */
static uint32_t paths_add(const char **paths, uint32_t n, const char *path)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n; i++)
		if (lies_in(path, paths[i]))
			return n;
	for (uint32_t i = 0; i < n; i++)
		if (!lies_in(paths[i], path))
			paths[kept++] = paths[i];
	paths[kept++] = path;
	return kept;
}

static int get_query(struct op *op, struct spot_query *q)
{
	struct smb3_cursor *in = &op->asking->in;
	uint32_t n_paths = smb3_get_u32(in), n = 0;
	const char **paths;

	if (!n_paths || n_paths > SPOT_PATHS_MAX)
		return -EINVAL;
	paths = smb3_arena_alloc(q->arena, (n_paths + 1) * sizeof(*paths));
	for (uint32_t i = 0; i < n_paths; i++) {
		const char *path = smb3_get_text(in, q->arena);

		if (!path || !path_sound(path))
			return -EINVAL;
		n = paths_add(paths, n, path);
	}
	paths[n] = NULL;
	q->q.paths = paths;
	q->q.where = terms_decode(q->arena, in);
	return q->q.where && !smb3_cursor_left(in) ? 0 : -EINVAL;
}

/* Folders as they stand there: two that a client calls differently may be one. */
static void find_folders(struct op *op, struct spot_query *q)
{
	const char **paths = smb3_arena_alloc(q->arena, (SPOT_PATHS_MAX + 1) * sizeof(*paths));
	uint32_t n = 0;

	look_begin(&op->look, &q->q, q->arena);
	for (const char *const *p = q->q.paths; *p; p++)
		n = paths_add(paths, n, look_name(&op->look, *p));
	look_end(&op->look);
	paths[n] = NULL;
	q->q.paths = paths;
}

static void start_work(struct smb3_job *job)
{
	struct op *op = SMB3_CONTAINER(job, struct op, job);
	struct spot_query *q = op->query;

	op->err = job->refused ? -EACCES : 0;
	if (!op->err)
		find_folders(op, q);
	if (!op->err && q->index->start)
		op->err = q->index->start(q->index_mod, &q->q, &q->state);
}

/* The pool has given the query back. True: nobody wants it any more, and it is gone. */
static bool query_back(struct op *op)
{
	op->query->busy = false;
	if (!op->query->over)
		return false;
	query_end(op->v, op->query);
	return true;
}

static void start_done(struct smb3_worker *w, struct smb3_job *job)
{
	struct op *op = SMB3_CONTAINER(job, struct op, job);

	if (!query_back(op) && op->err)
		query_end(op->v, op->query);
	op_end(op, op->err);
}

/* A share that nobody searches has an index in which there is nothing. */
static void start_admitted(struct op *op, struct spot_query *q)
{
	struct smb3_server *server = op->spot->mod->server;

	q->share = op->admit.share;
	q->who = op->admit.who;
	op->admit.share = NULL;
	op->admit.who = NULL;
	q->q.share = q->share;
	q->q.who = q->who;
	q->q.mount = op->admit.mount;
	q->q.stop = &q->stop;
	q->q.lists = look_lists;
	q->index = index_for(server, q->share);
	if (!q->index) {
		q->ended = true;
		op_end(op, 0);
		return;
	}
	q->index_mod = smb3_module_of(server, q->index);
	q->busy = true;
	run(op, start_work, start_done, q->q.mount, q->who);
}

static void start(struct op *op)
{
	uint64_t id = smb3_get_u64(&op->asking->in);
	struct spot_query *q = volume_query(op->v, id);
	int err;

	if (q)
		query_end(op->v, q);
	q = query_new(op->spot, op->v, id);
	if (!q) {
		op_end(op, -EBUSY);
		return;
	}
	op->query = q;
	err = get_query(op, q);
	if (!err) {
		start_admitted(op, q);
		return;
	}
	query_end(op->v, q);
	op_end(op, err);
}

/* ---- MORE ---- */

static bool on_found(void *arg, const char *path)
{
	struct op *op = arg;

	if (op->n == op->most || op->query->found + op->n >= conf_of(op)->results)
		return false;
	if (look_at(&op->look, path, &op->files[op->n])) {
		op->files[op->n].path = smb3_arena_strdup(op->asking->arena, path);
		op->n++;
	}
	return true;
}

static void more_work(struct smb3_job *job)
{
	struct op *op = SMB3_CONTAINER(job, struct op, job);
	struct spot_query *q = op->query;
	uint64_t began = smb3_clock();

	if (job->refused) {
		op->err = -EACCES;
		return;
	}
	q->q.until = began + STEP_NS;
	look_begin(&op->look, &q->q, op->asking->arena);
	op->err = q->index->more(q->index_mod, &q->q, q->state, on_found, op);
	look_end(&op->look);
	q->spent += smb3_clock() - began;
	op->more = op->err > 0;
	if (op->err > 0)
		op->err = 0;
}

static void put_found(struct op *op)
{
	struct smb3_builder *out = &op->asking->out;

	smb3_put_u8(out, op->more);
	for (uint32_t i = 0; i < op->n && smb3_rpc_row(op->asking); i++) {
		put_file(out, &op->files[i]);
		volume_tell(op->spot, op->v, op->files[i].id, op->files[i].path);
	}
	smb3_put_u8(out, SMB3_RPC_LIST_END);
}

static void more_done(struct smb3_worker *w, struct smb3_job *job);

static void more_run(struct op *op)
{
	op->query->busy = true;
	run(op, more_work, more_done, op->query->q.mount, op->query->who);
}

/* One at a time: the others' threads are for the calls of all. */
static bool may_wait(const struct op *op)
{
	return (!op->spot->waits || op->spot->waits == op) && !atomic_load(&op->spot->stop) &&
	       !op->query->over && smb3_clock() - op->began < WAIT_NS;
}

static void more_done(struct smb3_worker *w, struct smb3_job *job)
{
	struct op *op = SMB3_CONTAINER(job, struct op, job);
	struct spot_query *q = op->query;
	const struct spot_conf *conf = conf_of(op);

	if (query_back(op)) {
		op_end(op, -ENOENT);
		return;
	}
	q->found += op->n;
	if (q->spent / 1000000 >= conf->query_time || q->found >= conf->results)
		op->more = false;
	if (op->more && !op->n && may_wait(op)) {
		op->spot->waits = op;
		more_run(op); /* behind what others have asked of the pool meanwhile */
		return;
	}
	q->ended = !op->more;
	put_found(op);
	op_end(op, op->err);
}

static void more(struct op *op)
{
	struct spot_query *q = volume_query(op->v, smb3_get_u64(&op->asking->in));
	uint32_t most = smb3_get_u32(&op->asking->in);

	if (!q || q->busy || !smb3_cursor_ok(&op->asking->in)) {
		op_end(op, q ? -EBUSY : -ENOENT);
		return;
	}
	op->query = q;
	op->most = !most || most > SPOT_MOST ? SPOT_MOST : most;
	if (q->ended) {
		put_found(op);
		op_end(op, 0);
		return;
	}
	op->began = smb3_clock();
	more_run(op);
}

/* ---- FILES ---- */

static void files_work(struct smb3_job *job)
{
	struct op *op = SMB3_CONTAINER(job, struct op, job);

	if (job->refused)
		return;
	look_begin(&op->look, &op->once, op->asking->arena);
	for (uint32_t i = 0; i < op->n; i++) {
		struct spot_file *file = &op->files[i];
		uint64_t id = file->id;

		op->known[i] = file->path && look_at(&op->look, file->path, file) && file->id == id;
	}
	look_end(&op->look);
}

static void files_done(struct smb3_worker *w, struct smb3_job *job)
{
	struct op *op = SMB3_CONTAINER(job, struct op, job);

	for (uint32_t i = 0; i < op->n; i++) {
		smb3_put_u8(&op->asking->out, op->known[i]);
		if (op->known[i])
			put_file(&op->asking->out, &op->files[i]);
	}
	op_end(op, 0);
}

static void files(struct op *op)
{
	struct smb3_cursor *in = &op->asking->in;
	uint32_t n = smb3_get_u32(in);

	for (; op->n < n && op->n < SPOT_MOST; op->n++) {
		struct spot_file *file = &op->files[op->n];
		const char *path;

		file->id = smb3_get_u64(in);
		path = volume_told(op->v, file->id);
		file->path = path ? smb3_arena_strdup(op->asking->arena, path) : NULL;
	}
	if (!smb3_cursor_ok(in) || n > SPOT_MOST) {
		op_end(op, -EINVAL);
		return;
	}
	op->once = (struct smb3_query){ .share = op->admit.share,
					.mount = op->admit.mount,
					.who = op->admit.who };
	run(op, files_work, files_done, op->admit.mount, op->admit.who);
}

/* ---- questions ---- */

static void admitted(struct spot_admit *admit)
{
	struct op *op = SMB3_CONTAINER(admit, struct op, admit);

	if (admit->err || op->v->closed || atomic_load(&op->spot->stop))
		op_end(op, admit->err ? admit->err : -ENOENT);
	else if (op->step == SPOT_START)
		start(op);
	else if (op->step == SPOT_MORE)
		more(op);
	else if (op->step == SPOT_FILES)
		files(op);
	else
		op_end(op, 0);
}

/* What ends something is done at once. */
static int end(struct spot_volume *v, struct smb3_rpc_asking *asking, enum spot_step step)
{
	struct spot_query *q;

	if (step == SPOT_CLOSE) {
		volume_close(v);
		return 0;
	}
	q = volume_query(v, smb3_get_u64(&asking->in));
	if (!q)
		return -ENOENT;
	query_end(v, q);
	return 0;
}

static int answer(struct smb3_rpc_asking *asking)
{
	struct spot *spot = smb3_module_of(asking->server, &spot_ask)->data;
	uint8_t step = smb3_get_u8(&asking->in);
	uint64_t id = smb3_get_u64(&asking->in);
	const char *share = smb3_get_text(&asking->in, asking->arena);
	struct spot_volume *v;
	struct op *op;

	if (!share || step < SPOT_OPEN || step > SPOT_CLOSE)
		return -EINVAL;
	if (atomic_load(&spot->stop))
		return -ESHUTDOWN;
	v = volume_get(spot, asking, id, share);
	if (!v)
		return -EBUSY;
	if (step == SPOT_END || step == SPOT_CLOSE)
		return end(v, asking, step);
	volume_enter(v);
	op = smb3_arena_alloc(asking->arena, sizeof(*op));
	op->spot = spot;
	op->asking = asking;
	op->step = step;
	op->v = v;
	op->admit.server = asking->server;
	op->admit.asking = asking;
	op->admit.name = share;
	op->admit.then = admitted;
	admit_begin(&op->admit);
	return -EINPROGRESS;
}

/* A client's pipe is gone, and with it what it has opened: what it opened over others stays. */
static void closed(struct smb3_server *server, uint64_t pipe)
{
	struct spot *spot = smb3_module_of(server, &spot_ask)->data;

	if (spot)
		volumes_close(spot, pipe);
}

const struct smb3_rpc_question spot_ask = { .name = "spotlight",
					    .answer = answer,
					    .closed = closed };

/* ---- the module ---- */

static enum smb3_verdict tick(struct smb3_mod *mod, struct smb3_event *event)
{
	if (smb3_worker_index(event->worker) == 0)
		volumes_tick(mod->data);
	return SMB3_PASS;
}

const struct smb3_hook spot_tick = {
	.point = SMB3_HOOK_TICK, .order = 500, .name = "rpc_mdssvc", .run = tick
};

int spot_init(struct smb3_mod *mod)
{
	struct spot *spot = smb3_alloc(sizeof(*spot));

	spot->mod = mod;
	smb3_list_init(&spot->volumes);
	mod->data = spot;
	return 0;
}

/* What is in work ends at its next step. */
void spot_stop(struct smb3_mod *mod)
{
	struct spot *spot = mod->data;

	atomic_store(&spot->stop, true);
	SMB3_LIST_EACH(&spot->volumes, node) {
		struct spot_volume *v = SMB3_CONTAINER(node, struct spot_volume, link);

		SMB3_LIST_EACH(&v->queries, n)
			atomic_store(&SMB3_CONTAINER(n, struct spot_query, link)->stop, true);
	}
}

void spot_fini(struct smb3_mod *mod)
{
	volumes_free(mod->data);
	free(mod->data);
	mod->data = NULL;
}
