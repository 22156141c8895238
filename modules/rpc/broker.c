// SPDX-License-Identifier: Apache-2.0
/*
 * broker.c: which pipes have something for smb3-rpcd, and what it says about them. On worker 0.
 *
 * smb3-rpcd gets as many messages at a time as it has threads. So each of them runs from the moment
 * that it is sent, and one that is not answered in rpc.call_time hangs: the process is killed, the pipe
 * is told STATUS_IO_TIMEOUT, and all others STATUS_PIPE_DISCONNECTED. Time in which a call waits for an
 * answer of ours is not its own. A call that waits for an event (late.c) is done with its message, and
 * goes on by another one.
 */
#include "rpc.h"

#include <errno.h>
#include <stdlib.h>

#define LINES_MAX 200 /* of the log of smb3-rpcd, a second */
#define REPLY_SLACK \
	65536 /* with the heads of fragments: one message may be answered by so much more */

/* ---- from the pipes' workers ---- */

enum note_what { NOTE_DATA, NOTE_CLOSE, NOTE_CANCEL, NOTE_CANCEL_SILENT };

struct note {
	struct smb3_mail mail;
	struct rpc_pipe *pipe; /* a reference */
	enum note_what what;
	struct rpc_chunk *chunk;
};

void rpc_broker_ready(struct rpc_pipe *p)
{
	if (smb3_list_empty(&p->ready) && smb3_list_empty(&p->busy)) {
		smb3_list_add(&p->rpc->ready, &p->ready);
		rpc_pipe_ref(p);
	}
	rpc_broker_run(p->rpc);
}

static void take_data(struct rpc_pipe *p, struct rpc_chunk *chunk)
{
	if (p->dead) {
		free(chunk);
		return;
	}
	if (p->rpc->stopped) {
		free(chunk);
		p->dead = true;
		rpc_pipe_break(p, STATUS_PIPE_DISCONNECTED);
		return;
	}
	p->data = chunk;
	rpc_broker_ready(p);
}

static void ready_remove(struct rpc_pipe *p)
{
	if (smb3_list_empty(&p->ready))
		return;
	smb3_list_remove(&p->ready);
	rpc_pipe_unref(p);
}

static void take_close(struct rpc_pipe *p)
{
	p->closing = true;
	free(p->data);
	p->data = NULL;
	rpc_late_cancel(p, 0);
	if (p->opened)
		rpc_broker_ready(p);
	else
		ready_remove(p);
}

/* A call that is under way, or about to be, may be the one that is meant, and may wait only then. */
static void take_cancel(struct rpc_pipe *p, int err)
{
	if (!smb3_list_empty(&p->busy) || p->data)
		p->give_up = err;
	else
		rpc_late_cancel(p, err);
}

static void take_note(struct smb3_worker *worker, struct smb3_mail *mail)
{
	struct note *n = SMB3_CONTAINER(mail, struct note, mail);
	struct rpc_pipe *p = n->pipe;

	if (n->what == NOTE_DATA)
		take_data(p, n->chunk);
	else if (n->what == NOTE_CLOSE)
		take_close(p);
	else
		take_cancel(p, n->what == NOTE_CANCEL ? -ECANCELED : -ECONNABORTED);
	free(n);
	rpc_pipe_unref(p);
}

static void note_post(struct rpc_pipe *p, enum note_what what, struct rpc_chunk *chunk)
{
	struct note *n = smb3_alloc(sizeof(*n));

	*n = (struct note){
		.mail.fn = take_note, .pipe = rpc_pipe_ref(p), .what = what, .chunk = chunk
	};
	smb3_mail_post(p->rpc->worker, &n->mail);
}

void rpc_broker_data(struct rpc_pipe *p, struct rpc_chunk *chunk)
{
	note_post(p, NOTE_DATA, chunk);
}

void rpc_broker_close(struct rpc_pipe *p)
{
	note_post(p, NOTE_CLOSE, NULL);
}

void rpc_broker_cancel(struct rpc_pipe *p, bool told)
{
	note_post(p, told ? NOTE_CANCEL : NOTE_CANCEL_SILENT, NULL);
}

/* ---- to smb3-rpcd ---- */

static void send_open(struct rpc_pipe *p)
{
	const struct smb3_identity *who = p->identity;
	struct smb3_arena *a = smb3_arena_new();
	struct smb3_builder b = smb3_builder_arena(a, CHANNEL_MAX);

	smb3_put_text(&b, p->name);
	smb3_put_text(&b, who->anonymous ? "" : who->name);
	smb3_put_text(&b, who->domain);
	smb3_put_text(&b, p->address);
	smb3_put_u64(&b, p->session);
	smb3_put_u8(&b, rpc_caller_flags(who));
	rpc_child_send(p->rpc, &(struct channel_head){ (uint32_t)b.len, CHANNEL_OPEN, p->id },
		       b.data);
	smb3_arena_free(a);
	p->opened = true;
	smb3_hash_add(&p->rpc->pipes, &p->node, p->id);
}

static void send_data(struct rpc_pipe *p)
{
	struct rpc_chunk *c = p->data;

	p->data = NULL;
	memcpy(p->address, c->from, sizeof(p->address));
	p->rpc->child.calls++;
	rpc_child_send(p->rpc, &(struct channel_head){ (uint32_t)c->len, CHANNEL_DATA, p->id },
		       c->data);
	free(c);
}

/* The reference of the ready list becomes the busy list's. */
static void send_next(struct rpc_pipe *p)
{
	struct rpc *rpc = p->rpc;

	smb3_list_remove(&p->ready);
	if (!p->opened)
		send_open(p);
	smb3_list_add(&rpc->busy, &p->busy);
	rpc->n_busy++;
	p->since = smb3_clock();
	p->replied = 0;
	p->sent = p->closing ? CHANNEL_CLOSE : rpc_late_ready(p) ? CHANNEL_LATE : CHANNEL_DATA;
	if (p->sent == CHANNEL_CLOSE)
		rpc_child_send(rpc, &(struct channel_head){ 0, CHANNEL_CLOSE, p->id }, "");
	else if (p->sent == CHANNEL_LATE)
		rpc_late_send(p);
	else
		send_data(p);
}

void rpc_broker_run(struct rpc *rpc)
{
	if (smb3_list_empty(&rpc->ready) || rpc->stopped)
		return;
	if (rpc->child.state != CHILD_READY) {
		rpc_child_want(rpc);
		return;
	}
	while (!smb3_list_empty(&rpc->ready) && rpc->n_busy < rpc_conf(rpc)->threads &&
	       rpc->child.state == CHILD_READY)
		send_next(SMB3_CONTAINER(rpc->ready.next, struct rpc_pipe, ready));
}

/* ---- from smb3-rpcd ---- */

static struct rpc_pipe *pipe_find(struct rpc *rpc, uint64_t id)
{
	struct smb3_hash_node *n = smb3_hash_find(&rpc->pipes, id);

	return n ? SMB3_CONTAINER(n, struct rpc_pipe, node) : NULL;
}

static void busy_remove(struct rpc_pipe *p)
{
	smb3_list_remove(&p->busy);
	p->rpc->n_busy--;
	rpc_pipe_unref(p);
}

static void pipe_forget(struct rpc_pipe *p)
{
	smb3_hash_remove(&p->rpc->pipes, &p->node);
	p->opened = false;
	rpc_late_cancel(p, 0);
	rpc_late_closed(p);
}

static void pipe_kill(struct rpc_pipe *p, ntstatus status)
{
	if (!p->dead)
		rpc_pipe_break(p, status);
	p->dead = true;
	rpc_late_cancel(p, 0);
}

/* A message was run, or the pipe was closed there. */
static void take_done(struct rpc_pipe *p, bool good)
{
	rpc_pipe_ref(p);
	busy_remove(p);
	if (p->sent == CHANNEL_CLOSE) {
		pipe_forget(p);
	} else {
		if (!good)
			pipe_kill(p, STATUS_PIPE_DISCONNECTED);
		else if (p->sent == CHANNEL_DATA)
			rpc_pipe_done(p);
		if (p->give_up && !p->data)
			rpc_late_cancel(p, p->give_up);
		if (!p->data)
			p->give_up = 0;
		if (p->closing || p->data || rpc_late_ready(p))
			rpc_broker_ready(p);
	}
	rpc_broker_run(p->rpc);
	rpc_pipe_unref(p);
}

static void take_log(struct rpc *rpc, struct smb3_cursor *c)
{
	struct smb3_arena *a = smb3_arena_new();
	uint8_t level = smb3_get_u8(c);
	const char *text = smb3_get_text(c, a);

	if (++rpc->child.lines == LINES_MAX)
		smb3_log(SMB3_LOG_WARNING,
			 "smb3-rpcd says too much: left out until the next second");
	if (text && rpc->child.lines < LINES_MAX)
		smb3_log(level <= SMB3_LOG_INFO ? level : SMB3_LOG_INFO, "smb3-rpcd: %s", text);
	smb3_arena_free(a);
}

/* Of a pipe that is busy. False: smb3-rpcd says what it cannot say. */
static bool take_busy(struct rpc *rpc, const struct channel_head *head, struct smb3_cursor *c)
{
	uint64_t id = head->type == CHANNEL_ASK ? smb3_get_u64(c) : head->id;
	struct rpc_pipe *p = pipe_find(rpc, id);

	if (!p || smb3_list_empty(&p->busy) || !smb3_cursor_ok(c))
		return false;
	p->since = smb3_clock();
	switch (head->type) {
	case CHANNEL_REPLY:
		p->replied += head->len;
		if (p->replied > 2 * rpc_conf(rpc)->response_size + REPLY_SLACK)
			return false;
		rpc_pipe_reply(p, rpc_chunk_new(c->pos, smb3_cursor_left(c)));
		return true;
	case CHANNEL_DONE:
		take_done(p, smb3_get_u8(c));
		return true;
	default:
		/* A pipe has one thread there, which waits for the answer. */
		if (p->asking)
			return false;
		rpc_ask(rpc, p, head, c);
		return true;
	}
}

void rpc_broker_message(struct rpc *rpc, const struct channel_head *head, const uint8_t *body)
{
	struct smb3_cursor c = smb3_cursor_init(body, head->len);
	bool good = true;

	switch (head->type) {
	case CHANNEL_READY:
		good = rpc->child.state == CHILD_STARTING;
		if (good)
			rpc_child_ready(rpc);
		break;
	case CHANNEL_REPLY:
	case CHANNEL_DONE:
	case CHANNEL_ASK:
		good = take_busy(rpc, head, &c);
		break;
	case CHANNEL_LOG:
		take_log(rpc, &c);
		break;
	default:
		good = false;
	}
	if (!good)
		rpc_child_end(rpc, "it says what makes no sense");
}

/* ---- the end of smb3-rpcd ---- */

static bool lose(struct smb3_hash_node *node, void *arg)
{
	struct rpc_pipe *p = SMB3_CONTAINER(node, struct rpc_pipe, node);
	const ntstatus *status = arg;

	rpc_pipe_ref(p);
	pipe_forget(p);
	pipe_kill(p, *status);
	ready_remove(p);
	if (!smb3_list_empty(&p->busy))
		busy_remove(p);
	p->asking = 0;
	rpc_pipe_unref(p);
	return true;
}

void rpc_broker_lost(struct rpc *rpc, bool all, ntstatus status)
{
	smb3_hash_each(&rpc->pipes, lose, &status);
	SMB3_LIST_EACH(&rpc->ready, node) {
		struct rpc_pipe *p = SMB3_CONTAINER(node, struct rpc_pipe, ready);

		if (!all)
			break;
		pipe_kill(p, status);
		ready_remove(p);
	}
}

/* Once a second. */
void rpc_broker_tick(struct rpc *rpc)
{
	uint64_t now = smb3_clock(), patience = rpc_conf(rpc)->call_time * 1000000;

	rpc->child.lines = 0;
	SMB3_LIST_EACH(&rpc->busy, node) {
		struct rpc_pipe *p = SMB3_CONTAINER(node, struct rpc_pipe, busy);

		if (p->asking || now - p->since < patience)
			continue;
		smb3_log(SMB3_LOG_ERROR, "a call on pipe %s of %s [%s] does not end", p->name,
			 p->identity->name, p->address);
		pipe_kill(p, STATUS_IO_TIMEOUT);
		rpc->child.hangs++;
		rpc_child_end(rpc, "a call hangs");
		return;
	}
	if (rpc->child.state == CHILD_STARTING && now - rpc->child.began >= patience)
		rpc_child_end(rpc, "it is not ready in time");
}
