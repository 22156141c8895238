// SPDX-License-Identifier: Apache-2.0
/*
 * late.c: questions that are answered later, when something has happened: so calls of clients wait that
 * nothing in smb3-rpcd runs for. On worker 0.
 *
 * smb3-rpcd hears at once that such a question is kept; the answer is a message to the pipe, which waits
 * for its turn as what clients write does. Who owns the question ends it, or is told that nobody waits
 * any more; whatever smb3-rpcd makes of it, it cannot keep more than the limits say.
 */
#include "rpc.h"

#include <errno.h>
#include <stdlib.h>

static void late_remove(struct rpc_answering *an)
{
	smb3_list_remove(&an->link);
	an->pipe->n_late--;
	an->rpc->n_late--;
}

/* Walks what is bounded by rpc.waiting. */
static bool is_room(const struct rpc_pipe *p)
{
	const struct rpc *rpc = p->rpc;
	const struct rpc_conf *conf = rpc_conf(rpc);
	int64_t n = 0;

	SMB3_LIST_EACH(&rpc->late, node)
		n += SMB3_CONTAINER(node, struct rpc_answering, link)->pipe->session == p->session;
	return rpc->n_late < conf->waiting && n < conf->waiting_session &&
	       p->n_late < conf->waiting_pipe;
}

static void late_finish(struct smb3_rpc_asking *asking, int err)
{
	struct rpc_answering *an = rpc_answering_of(asking);

	an->err = err;
	an->answered = true;
	rpc_broker_ready(an->pipe);
}

void rpc_late_begin(struct rpc_answering *an)
{
	struct rpc_pipe *p = an->pipe;

	an->key = smb3_get_u32(&an->asking.in);
	an->asking.worker = an->rpc->worker;
	an->asking.finish = late_finish;
	an->err = -EBUSY;
	if (an->question->cancel && !p->closing && !p->dead && is_room(p))
		an->err = an->question->answer(&an->asking);
	if (an->err != -EINPROGRESS) {
		rpc_answer_send(an);
		return;
	}
	smb3_list_add(&an->rpc->late, &an->link);
	p->n_late++;
	an->rpc->n_late++;
	rpc_answer_tell(an);
}

static struct rpc_answering *late_answered(const struct rpc_pipe *p)
{
	if (!p->n_late)
		return NULL;
	SMB3_LIST_EACH(&p->rpc->late, node) {
		struct rpc_answering *an = SMB3_CONTAINER(node, struct rpc_answering, link);

		if (an->pipe == p && an->answered)
			return an;
	}
	return NULL;
}

bool rpc_late_ready(const struct rpc_pipe *p)
{
	return late_answered(p);
}

void rpc_late_send(struct rpc_pipe *p)
{
	struct rpc_answering *an = late_answered(p);
	struct smb3_builder answer = rpc_answer_build(an);
	struct smb3_builder b = smb3_builder_arena(an->asking.arena, CHANNEL_MAX);

	smb3_put_u32(&b, an->key);
	smb3_put_bytes(&b, answer.data, answer.len);
	rpc_child_send(p->rpc, &(struct channel_head){ (uint32_t)b.len, CHANNEL_LATE, p->id },
		       b.data);
	late_remove(an);
	rpc_answer_free(an);
}

static void late_end(struct rpc_answering *an)
{
	if (!an->answered)
		an->question->cancel(&an->asking);
	late_remove(an);
	rpc_answer_free(an);
}

/* All are answered before one is sent: the list stays as it is while it is walked. */
void rpc_late_cancel(struct rpc_pipe *p, int err)
{
	if (!p->n_late)
		return;
	SMB3_LIST_EACH(&p->rpc->late, node) {
		struct rpc_answering *an = SMB3_CONTAINER(node, struct rpc_answering, link);

		if (an->pipe != p)
			continue;
		if (!err) {
			late_end(an);
		} else if (!an->answered) {
			an->question->cancel(&an->asking);
			an->err = err;
			an->answered = true;
		}
	}
	if (err)
		rpc_broker_ready(p);
}

void rpc_late_closed(struct rpc_pipe *p)
{
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(p->rpc->server, SMB3_KIND_ASK, &n);

	for (size_t i = 0; i < n && p->kept; i++) {
		const struct smb3_rpc_question *q = rows[i]->row;

		if (q->closed)
			q->closed(p->rpc->server, p->id);
	}
	p->kept = false;
}

static int answer_forget(struct smb3_rpc_asking *asking)
{
	struct rpc_pipe *p = rpc_answering_of(asking)->pipe;
	uint32_t key = smb3_get_u32(&asking->in);

	SMB3_LIST_EACH(&p->rpc->late, node) {
		struct rpc_answering *an = SMB3_CONTAINER(node, struct rpc_answering, link);

		if (an->pipe != p || an->key != key)
			continue;
		late_end(an);
		return 0;
	}
	return -ENOENT;
}

/* ---- one that only takes time ---- */

#define SLEEP_MAX (3600u * 1000)

struct sleeping {
	struct smb3_timer timer;
	struct smb3_rpc_asking *asking;
};

static void on_time(struct smb3_timer *t)
{
	struct smb3_rpc_asking *asking = SMB3_CONTAINER(t, struct sleeping, timer)->asking;

	smb3_timer_stop(t); /* its memory is the question's */
	asking->finish(asking, 0);
}

static int answer_sleep(struct smb3_rpc_asking *asking)
{
	uint32_t ms = smb3_get_u32(&asking->in);
	struct sleeping *s = smb3_arena_alloc(asking->arena, sizeof(*s));

	if (!smb3_cursor_ok(&asking->in) || ms > SLEEP_MAX)
		return -EINVAL;
	s->asking = asking;
	asking->state = s;
	smb3_timer_start(&s->timer, asking->worker, on_time, ms);
	return -EINPROGRESS;
}

static void cancel_sleep(struct smb3_rpc_asking *asking)
{
	struct sleeping *s = asking->state;

	smb3_timer_stop(&s->timer);
}

const struct smb3_rpc_question rpc_ask_forget = { .name = "forget", .answer = answer_forget };
const struct smb3_rpc_question rpc_ask_sleep = {
	.name = "sleep", .flags = SMB3_ASK_LATER, .answer = answer_sleep, .cancel = cancel_sleep
};
