// SPDX-License-Identifier: Apache-2.0
/*
 * serve.c: the threads of smb3-rpcd. The first one reads the channel; the others take pipes that have
 * something to do, one pipe each, and run it to its end: a call that waits for the server's answer
 * holds up its own thread only.
 */
#include "process.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct pipe {
	struct smb3_hash_node node;
	struct smb3_list job_link;
	struct smb3_rpc_assoc *assoc;
	uint64_t id;
	bool busy;     /* a job is queued or runs */
	uint16_t type; /* of the job: DATA, LATE, CLOSE */
	uint8_t *data;
	size_t len;
};

struct question {
	struct smb3_list link;
	uint64_t id;
	pthread_cond_t answered;
	bool done;
	uint8_t *body; /* of the ANSWER; the asker's now */
	size_t len;
};

static struct process *process_of(const struct smb3_rpc_assoc *a)
{
	return SMB3_CONTAINER(a->host, struct process, host);
}

/* ---- what the runtime wants of its host ---- */

static void host_send(struct smb3_rpc_assoc *a, const uint8_t *pdu, size_t len)
{
	const struct pipe *pipe = a->owner;

	channel_write(process_of(a),
		      &(struct channel_head){ (uint32_t)len, CHANNEL_REPLY, pipe->id }, pdu);
}

static void question_send(struct process *p, const struct question *q, const struct pipe *pipe,
			  const struct smb3_builder *ask)
{
	channel_write(p, &(struct channel_head){ (uint32_t)ask->len, CHANNEL_ASK, q->id },
		      ask->data);
}

static void question_wait(struct process *p, struct question *q)
{
	pthread_mutex_lock(&p->lock);
	while (!q->done)
		pthread_cond_wait(&q->answered, &p->lock);
	smb3_list_remove(&q->link);
	pthread_mutex_unlock(&p->lock);
}

/* As it stands in answers: its negative; what is none is one. */
static int get_error(struct smb3_cursor *c)
{
	uint32_t err = smb3_get_u32(c);

	return err <= INT32_MAX ? -(int)err : -EBADMSG;
}

static int host_ask(struct smb3_rpc_assoc *a, struct smb3_arena *arena, uint32_t question,
		    const struct smb3_builder *in, struct smb3_cursor *ret_answer)
{
	struct process *p = process_of(a);
	const struct pipe *pipe = a->owner;
	struct smb3_builder ask = smb3_builder_arena(arena, CHANNEL_MAX);
	struct question q = { .answered = PTHREAD_COND_INITIALIZER };
	struct smb3_cursor c;
	int err;

	smb3_put_u64(&ask, pipe->id);
	smb3_put_u32(&ask, question);
	if (in)
		smb3_put_bytes(&ask, in->data, in->len);
	if ((in && !smb3_builder_ok(in)) || !smb3_builder_ok(&ask))
		return -EMSGSIZE;
	pthread_mutex_lock(&p->lock);
	q.id = ++p->last_question;
	smb3_list_add(&p->questions, &q.link);
	pthread_mutex_unlock(&p->lock);
	question_send(p, &q, pipe, &ask);
	question_wait(p, &q);
	c = smb3_cursor_init(smb3_arena_copy(arena, q.body, q.len), q.len);
	free(q.body);
	err = get_error(&c);
	if (!smb3_cursor_ok(&c))
		return -EBADMSG;
	*ret_answer = smb3_cursor_init(c.pos, smb3_cursor_left(&c));
	return err;
}

const struct rpcd_host_ops process_ops = { .send = host_send, .ask = host_ask };

/* ---- threads that run calls ---- */

static struct pipe *job_take(struct process *p)
{
	struct pipe *pipe;

	pthread_mutex_lock(&p->lock);
	while (smb3_list_empty(&p->jobs))
		pthread_cond_wait(&p->more, &p->lock);
	pipe = SMB3_CONTAINER(p->jobs.next, struct pipe, job_link);
	smb3_list_remove(&pipe->job_link);
	pthread_mutex_unlock(&p->lock);
	return pipe;
}

static void job_done(struct process *p, struct pipe *pipe, bool good)
{
	uint8_t body = good;
	uint64_t id = pipe->id;

	free(pipe->data);
	pthread_mutex_lock(&p->lock);
	pipe->data = NULL;
	pipe->busy = false;
	pthread_mutex_unlock(&p->lock);
	channel_write(p, &(struct channel_head){ 1, CHANNEL_DONE, id }, &body);
}

static void pipe_free(struct process *p, struct pipe *pipe)
{
	uint8_t body = true;

	rpcd_assoc_free(pipe->assoc);
	free(pipe->data);
	pthread_mutex_lock(&p->lock);
	smb3_hash_remove(&p->pipes, &pipe->node);
	pthread_mutex_unlock(&p->lock);
	channel_write(p, &(struct channel_head){ 1, CHANNEL_DONE, pipe->id }, &body);
	free(pipe);
}

static bool run_late(struct pipe *pipe)
{
	struct smb3_cursor c = smb3_cursor_init(pipe->data, pipe->len);
	uint32_t key = smb3_get_u32(&c);
	int err = get_error(&c);
	struct smb3_cursor answer = smb3_cursor_init(c.pos, smb3_cursor_left(&c));

	return smb3_cursor_ok(&c) && rpcd_assoc_late(pipe->assoc, key, err, &answer);
}

static void *run_calls(void *arg)
{
	struct process *p = arg;

	for (;;) {
		struct pipe *pipe = job_take(p);

		if (pipe->type == CHANNEL_DATA)
			job_done(p, pipe, rpcd_assoc_input(pipe->assoc, pipe->data, pipe->len));
		else if (pipe->type == CHANNEL_LATE)
			job_done(p, pipe, run_late(pipe));
		else
			pipe_free(p, pipe);
	}
	return NULL;
}

int process_threads_start(struct process *p)
{
	for (uint32_t i = 0; i < p->setup.threads; i++) {
		pthread_t thread;
		int err = pthread_create(&thread, NULL, run_calls, p);

		if (err)
			return -err;
		pthread_detach(thread);
	}
	return 0;
}

/* ---- the thread that reads the channel ---- */

/* NULL: it does not decode. */
static struct smb3_rpc_assoc *assoc_read(struct process *p, struct smb3_cursor *c)
{
	struct smb3_arena *arena = smb3_arena_new();
	struct smb3_rpc_caller who = { .user = NULL };
	struct smb3_rpc_assoc *assoc = NULL;
	const char *name = smb3_get_text(c, arena);
	uint8_t flags;

	who.user = smb3_get_text(c, arena);
	who.domain = smb3_get_text(c, arena);
	who.address = smb3_get_text(c, arena);
	who.session = smb3_get_u64(c);
	flags = smb3_get_u8(c);
	who.guest = flags & SMB3_RPC_CALLER_GUEST;
	who.anonymous = flags & SMB3_RPC_CALLER_ANONYMOUS;
	who.admin = flags & SMB3_RPC_CALLER_ADMIN;
	if (smb3_cursor_ok(c))
		assoc = rpcd_assoc_new(&p->host, name, &who);
	smb3_arena_free(arena);
	return assoc;
}

static void take_open(struct process *p, const struct channel_head *head, const uint8_t *body)
{
	struct smb3_cursor c = smb3_cursor_init(body, head->len);
	bool known = smb3_hash_find(&p->pipes, head->id);
	struct smb3_rpc_assoc *assoc = known ? NULL : assoc_read(p, &c);
	struct pipe *pipe;

	if (!assoc)
		give_up("an OPEN does not decode");
	pipe = smb3_alloc(sizeof(*pipe));
	pipe->id = head->id;
	smb3_list_init(&pipe->job_link);
	pipe->assoc = assoc;
	pipe->assoc->owner = pipe;
	smb3_hash_add(&p->pipes, &pipe->node, pipe->id);
}

/* DATA, LATE and CLOSE; data is the pipe's now. */
static void take_job(struct process *p, const struct channel_head *head, uint8_t *data)
{
	struct smb3_hash_node *n = smb3_hash_find(&p->pipes, head->id);
	struct pipe *pipe = n ? SMB3_CONTAINER(n, struct pipe, node) : NULL;

	if (!pipe || pipe->busy)
		give_up("a message about a pipe that is %s", pipe ? "busy" : "not open");
	pipe->busy = true;
	pipe->type = head->type;
	pipe->data = data;
	pipe->len = head->len;
	smb3_list_add(&p->jobs, &pipe->job_link);
	pthread_cond_signal(&p->more);
}

static void take_answer(struct process *p, const struct channel_head *head, uint8_t *body)
{
	SMB3_LIST_EACH(&p->questions, node) {
		struct question *q = SMB3_CONTAINER(node, struct question, link);

		if (q->id != head->id || q->done)
			continue;
		q->body = body;
		q->len = head->len;
		q->done = true;
		pthread_cond_signal(&q->answered);
		return;
	}
	give_up("an answer to no question");
}

/* The body is freed here, or is somebody's. */
static void take(struct process *p, const struct channel_head *head, uint8_t *body)
{
	switch (head->type) {
	case CHANNEL_OPEN:
		take_open(p, head, body);
		free(body);
		break;
	case CHANNEL_DATA:
	case CHANNEL_LATE:
	case CHANNEL_CLOSE:
		take_job(p, head, body);
		break;
	case CHANNEL_ANSWER:
		take_answer(p, head, body);
		break;
	default:
		give_up("a message of type %u", head->type);
	}
}

void process_serve(struct process *p)
{
	for (;;) {
		struct channel_head head;
		uint8_t *body = channel_next(&head);

		pthread_mutex_lock(&p->lock);
		take(p, &head, body);
		pthread_mutex_unlock(&p->lock);
	}
}
