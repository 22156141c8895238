// SPDX-License-Identifier: Apache-2.0
/*
 * ask.c: questions of smb3-rpcd. Each comes from a call on some pipe, and is answered as far as the
 * user of that pipe may know: what smb3-rpcd says about who asks is not listened to.
 */
#include "rpc.h"

#include <errno.h>
#include <stdlib.h>

void rpc_answer_free(struct rpc_answering *an)
{
	rpc_pipe_unref(an->pipe);
	smb3_identity_unref(an->who);
	smb3_arena_free(an->asking.arena);
	free(an);
}

struct smb3_builder rpc_answer_build(struct rpc_answering *an)
{
	const struct smb3_builder *out = &an->asking.out;
	struct smb3_builder b = smb3_builder_arena(an->asking.arena, CHANNEL_MAX);

	if (!an->err && !smb3_builder_ok(out))
		an->err = -EMSGSIZE;
	smb3_put_u32(&b, (uint32_t)-an->err);
	if (!an->err)
		smb3_put_bytes(&b, out->data, out->len);
	if (!an->err && an->question && an->question->flags & SMB3_ASK_EACH)
		smb3_put_u8(&b, an->asking.cut ? SMB3_RPC_LIST_CUT : SMB3_RPC_LIST_END);
	return b;
}

void rpc_answer_tell(struct rpc_answering *an)
{
	struct rpc *rpc = an->rpc;
	struct smb3_builder b;

	if (an->generation != rpc->child.generation)
		return;
	b = rpc_answer_build(an);
	an->pipe->asking--;
	an->pipe->since = smb3_clock();
	rpc_child_send(rpc, &(struct channel_head){ (uint32_t)b.len, CHANNEL_ANSWER, an->id },
		       b.data);
}

void rpc_answer_send(struct rpc_answering *an)
{
	rpc_answer_tell(an);
	rpc_answer_free(an);
}

struct smb3_conn *rpc_asking_conn(const struct rpc_answering *an)
{
	const struct smb3_open *o = an->pipe->open;

	return o && o->session ? smb3_session_conn(o->session, an->asking.address) : NULL;
}

/* ---- where it runs ---- */

static void on_pool(struct smb3_job *job)
{
	struct rpc_answering *an = SMB3_CONTAINER(job, struct rpc_answering, job);

	an->err = an->question->answer(&an->asking);
}

static void pool_begin(struct rpc_answering *an, void (*work)(struct smb3_job *job),
		       void (*done)(struct smb3_worker *w, struct smb3_job *job))
{
	an->job.work = work;
	an->job.done = done;
	smb3_job_start(an->rpc->worker, &an->job);
}

static void off_pool(struct smb3_worker *w, struct smb3_job *job)
{
	rpc_answer_send(SMB3_CONTAINER(job, struct rpc_answering, job));
}

/* ---- answers that change what smb3.conf includes: one after the other ---- */

static void change_off_pool(struct smb3_worker *w, struct smb3_job *job);

static void change_next(struct rpc *rpc)
{
	struct rpc_answering *an;

	if (rpc->changing || smb3_list_empty(&rpc->changes))
		return;
	an = SMB3_CONTAINER(rpc->changes.next, struct rpc_answering, link);
	smb3_list_remove(&an->link);
	rpc->changing = true;
	pool_begin(an, on_pool, change_off_pool);
}

static void change_end(struct rpc_answering *an)
{
	struct rpc *rpc = an->rpc;

	rpc->changing = false;
	rpc_answer_send(an);
	change_next(rpc);
}

static void judge_on_pool(struct smb3_job *job)
{
	struct rpc_answering *an = SMB3_CONTAINER(job, struct rpc_answering, job);

	an->err = an->question->reloaded(&an->asking, an->refused);
}

static void judge_off_pool(struct smb3_worker *w, struct smb3_job *job)
{
	change_end(SMB3_CONTAINER(job, struct rpc_answering, job));
}

static void on_reloaded(void *arg, const char *refused)
{
	struct rpc_answering *an = arg;

	an->refused = refused ? smb3_arena_strdup(an->asking.arena, refused) : NULL;
	pool_begin(an, judge_on_pool, judge_off_pool);
}

static void change_off_pool(struct smb3_worker *w, struct smb3_job *job)
{
	struct rpc_answering *an = SMB3_CONTAINER(job, struct rpc_answering, job);

	if (!an->err && !an->rpc->stopped) {
		smb3_server_reload(an->rpc->server, on_reloaded, an);
		return;
	}
	if (!an->err)
		an->err = an->question->reloaded(&an->asking, "the server ends");
	change_end(an);
}

void rpc_changes_stop(struct rpc *rpc)
{
	SMB3_LIST_EACH(&rpc->changes, node) {
		struct rpc_answering *an = SMB3_CONTAINER(node, struct rpc_answering, link);

		smb3_list_remove(node);
		an->err = -ESHUTDOWN;
		rpc_answer_send(an);
	}
}

/* From worker to worker, and then to the first. An id is known to one of them only: -ENOENT of the
 * others does not count. */
static void on_worker(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct rpc_answering *an = SMB3_CONTAINER(mail, struct rpc_answering, mail);
	int err;

	if (an->worker == smb3_server_workers(an->rpc->server)) {
		rpc_answer_send(an);
		return;
	}
	an->asking.worker = w;
	an->asking.in.pos = an->asking.in.base;
	an->asking.in.bad = false;
	err = an->question->answer(&an->asking);
	if (!an->worker || an->err == -ENOENT)
		an->err = err;
	else if (err && err != -ENOENT)
		an->err = err;
	an->worker++;
	w = smb3_server_worker(an->rpc->server, an->worker % smb3_server_workers(an->rpc->server));
	smb3_mail_post(w, &an->mail);
}

static void answer_begin(struct rpc_answering *an)
{
	const struct smb3_rpc_question *q = an->question;

	if (!q) {
		an->err = -ENOSYS;
	} else if (q->flags & SMB3_ASK_ADMIN && !an->asking.who->admin) {
		an->err = -EACCES;
	} else if (q == &rpc_ask_logon) {
		rpc_logon_begin(an);
		return;
	} else if (q->flags & SMB3_ASK_LATER) {
		rpc_late_begin(an);
		return;
	} else if (q == &rpc_ask_bind) {
		rpc_bind_begin(an);
		return;
	} else if (q->flags & SMB3_ASK_PROVES) {
		rpc_prove_begin(an);
		return;
	} else if (q->reloaded) {
		smb3_list_add(&an->rpc->changes, &an->link);
		change_next(an->rpc);
		return;
	} else if (q->flags & SMB3_ASK_WORK) {
		pool_begin(an, on_pool, off_pool);
		return;
	} else if (q->flags & SMB3_ASK_EACH) {
		an->mail.fn = on_worker;
		smb3_mail_post(an->rpc->worker, &an->mail);
		return;
	} else {
		an->asking.worker = an->rpc->worker;
		an->err = q->answer(&an->asking);
		if (an->err == -EINPROGRESS)
			return;
	}
	rpc_answer_send(an);
}

static void on_finish(struct smb3_rpc_asking *asking, int err)
{
	struct rpc_answering *an = rpc_answering_of(asking);

	an->err = err;
	rpc_answer_send(an);
}

void rpc_ask(struct rpc *rpc, struct rpc_pipe *p, const struct channel_head *head,
	     struct smb3_cursor *in)
{
	struct rpc_answering *an = smb3_alloc(sizeof(*an));
	struct smb3_rpc_asking *asking = &an->asking;
	uint32_t number = smb3_get_u32(in);
	size_t len = smb3_cursor_left(in);

	an->rpc = rpc;
	an->pipe = rpc_pipe_ref(p);
	an->question = smb3_row(rpc->server, SMB3_KIND_ASK, number);
	an->generation = rpc->child.generation;
	an->id = head->id;
	asking->server = rpc->server;
	asking->finish = on_finish;
	asking->who = an->who = smb3_identity_ref(rpc_logon_who(p));
	asking->session = p->session;
	asking->pipe = p->id;
	asking->key = rpc_logon_key(p, &asking->key_len);
	asking->arena = smb3_arena_new();
	asking->address = smb3_arena_strdup(asking->arena, p->address);
	asking->in = smb3_cursor_init(smb3_arena_copy(asking->arena, in->pos, len), len);
	asking->out = smb3_builder_arena(asking->arena, SMB3_RPC_ANSWER_MAX);
	p->asking++;
	p->kept |= an->question && an->question->closed;
	answer_begin(an);
}
