// SPDX-License-Identifier: Apache-2.0
/*
 * slow.c: in smb3d: steps that make or remove snapshots, which may take minutes: the call of smb3-rpcd
 * waits without a thread. A step that was begun goes to its end, whoever still waits for it.
 */
#include "fsrvp.h"

#include <errno.h>
#include <stdlib.h>

#define ANSWER_MAX 4096

struct slow {
	struct smb3_job job;
	struct fsrvp *f;
	struct smb3_rpc_asking own;     /* what the step works with: outlives the question */
	struct smb3_identity *who;      /* a reference */
	struct smb3_rpc_asking *asking; /* NULL: nobody waits any more. Worker 0's */
	int err;
};

static void slow_work(struct smb3_job *job)
{
	struct slow *s = SMB3_CONTAINER(job, struct slow, job);

	s->err = fsrvp_step_run(&s->own);
}

static void slow_done(struct smb3_worker *w, struct smb3_job *job)
{
	struct slow *s = SMB3_CONTAINER(job, struct slow, job);
	struct smb3_rpc_asking *asking = s->asking;

	(void)w;
	s->f->n_slow--;
	if (asking) {
		smb3_put_bytes(&asking->out, s->own.out.data, s->own.out.len);
		asking->finish(asking, s->err);
	}
	smb3_identity_unref(s->who);
	smb3_arena_free(s->own.arena);
	free(s);
}

/* The question's own memory goes when it is given up. */
static struct smb3_rpc_asking copy_of(const struct smb3_rpc_asking *asking)
{
	struct smb3_arena *arena = smb3_arena_new();
	size_t len = smb3_cursor_left(&asking->in);

	return (struct smb3_rpc_asking){
		.server = asking->server,
		.who = asking->who,
		.address = smb3_arena_strdup(arena, asking->address),
		.session = asking->session,
		.in = smb3_cursor_init(smb3_arena_copy(arena, asking->in.pos, len), len),
		.out = smb3_builder_arena(arena, ANSWER_MAX),
		.pipe = asking->pipe,
		.arena = arena,
	};
}

/* Each is about a set or a copy, of which there are so many at most. */
static int answer_slow(struct smb3_rpc_asking *asking)
{
	struct smb3_mod *mod = smb3_module_of(asking->server, &fsrvp_ask_slow);
	const struct fsrvp_conf *conf = atomic_load(&mod->conf);
	struct fsrvp *f = fsrvp_of(mod);
	struct slow *s;

	if (f->n_slow >= conf->copies)
		return -EBUSY;
	s = smb3_alloc(sizeof(*s));
	s->f = f;
	s->asking = asking;
	s->who = smb3_identity_ref((struct smb3_identity *)(uintptr_t)asking->who);
	s->own = copy_of(asking);
	s->job.work = slow_work;
	s->job.done = slow_done;
	f->n_slow++;
	asking->state = s;
	smb3_job_start(asking->worker, &s->job);
	return -EINPROGRESS;
}

static void cancel_slow(struct smb3_rpc_asking *asking)
{
	struct slow *s = asking->state;

	s->asking = NULL;
}

const struct smb3_rpc_question fsrvp_ask_slow = { .name = "make and remove shadow copies",
						  .flags = SMB3_ASK_LATER,
						  .answer = answer_slow,
						  .cancel = cancel_slow };
