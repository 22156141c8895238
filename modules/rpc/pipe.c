// SPDX-License-Identifier: Apache-2.0
/*
 * pipe.c: named pipes as clients see them. What a client writes goes to smb3-rpcd one message at a
 * time; PDUs that come back are messages of the pipe. Requests that find nothing wait.
 * [MS-SMB2] 3.3.5.12, 3.3.5.13, 3.3.5.15.10; [MS-FSA] 2.1.5.3 does not know pipes: what they do is
 * in [MS-CIFS] 2.2.4 and the documentation of Windows.
 */
#include "rpc.h"

#include <stdio.h>
#include <stdlib.h>

#define INPUT_MAX   65536 /* bytes that a pipe takes before WRITE waits */
#define REPLIES_MAX 65536 /* bytes not read, from which on nothing more is asked of smb3-rpcd */

/* A request that waits; in its arena. */
struct waiting {
	struct smb3_list link;
	struct rpc_pipe *pipe;
	struct smb3_req *req;
	struct smb3_builder *out;
	size_t max;
	const uint8_t *data; /* to be written first; in the request */
	size_t len;
	bool both; /* a transceive */
};

struct rpc_chunk *rpc_chunk_new(const void *data, size_t len)
{
	struct rpc_chunk *c = smb3_realloc(NULL, sizeof(*c) + len);

	smb3_list_init(&c->link);
	c->len = len;
	c->at = 0;
	c->from[0] = '\0';
	if (len)
		memcpy(c->data, data, len);
	return c;
}

static void chunks_free(struct smb3_list *list)
{
	SMB3_LIST_EACH(list, node) {
		smb3_list_remove(node);
		free(SMB3_CONTAINER(node, struct rpc_chunk, link));
	}
}

struct rpc_pipe *rpc_pipe_ref(struct rpc_pipe *p)
{
	atomic_fetch_add(&p->refs, 1);
	return p;
}

void rpc_pipe_unref(struct rpc_pipe *p)
{
	if (atomic_fetch_sub(&p->refs, 1) != 1)
		return;
	chunks_free(&p->input);
	chunks_free(&p->replies);
	free(p->data);
	rpc_logons_free(p);
	smb3_identity_unref(p->identity);
	smb3_wipe(p->key, sizeof(p->key));
	free(p);
}

/* ---- names ---- */

static const char *pipe_known(struct smb3_server *server, const char *name)
{
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(server, SMB3_KIND_RPC, &n);

	for (size_t i = 0; i < n; i++) {
		const struct smb3_rpc_interface *row = rows[i]->row;

		for (const char *const *pipe = row->pipes; *pipe; pipe++)
			if (smb3_name_equal(*pipe, name))
				return *pipe;
	}
	return NULL;
}

static bool pipe_has(struct smb3_server *server, const char *name)
{
	return pipe_known(server, name);
}

/* ---- open and close ---- */

static void pipe_address(const struct smb3_session *s, char *address, size_t size)
{
	const struct smb3_conn *conn = smb3_session_conn(s, NULL);

	if (conn)
		snprintf(address, size, "%s", conn->peer_name);
}

/* [MS-SMB2] 3.3.4.18 */
static void pipe_key(const struct smb3_session *s, struct rpc_pipe *p)
{
	if (s->guest || s->anonymous || !s->key_len)
		return;
	p->key_len = 16;
	memcpy(p->key, s->revision >= 0x300 ? s->app_key : s->key, p->key_len);
}

static ntstatus pipe_open(struct smb3_pipe *pipe)
{
	struct smb3_open *o = pipe->open;
	struct smb3_server *server = o->tree->share->server;
	struct rpc *rpc = smb3_module_of(server, pipe->service)->data;
	struct rpc_pipe *p;

	if (atomic_fetch_add(&rpc->n_pipes, 1) >= rpc_conf(rpc)->pipes) {
		atomic_fetch_sub(&rpc->n_pipes, 1);
		smb3_log(SMB3_LOG_WARNING, "rpc.pipes is reached: pipe %s is not opened", o->path);
		return STATUS_PIPE_NOT_AVAILABLE;
	}
	p = smb3_alloc(sizeof(*p));
	p->refs = 1;
	p->rpc = rpc;
	p->worker = o->worker;
	p->open = o;
	p->id = atomic_fetch_add(&rpc->last_pipe, 1) + 1;
	p->name = pipe_known(server, o->path);
	p->identity = smb3_identity_ref(o->session->identity);
	p->session = o->session->id;
	pipe_address(o->session, p->address, sizeof(p->address));
	pipe_key(o->session, p);
	smb3_list_init(&p->input);
	smb3_list_init(&p->replies);
	smb3_list_init(&p->readers);
	smb3_list_init(&p->writers);
	smb3_list_init(&p->ready);
	smb3_list_init(&p->busy);
	smb3_list_init(&p->logons);
	pipe->data = p;
	return STATUS_SUCCESS;
}

static void pipe_close(struct smb3_pipe *pipe)
{
	struct rpc_pipe *p = pipe->data;

	/* It was never opened: there were too many. */
	if (!p)
		return;
	p->gone = true;
	p->open = NULL;
	atomic_fetch_sub(&p->rpc->n_pipes, 1);
	rpc_broker_close(p);
	rpc_pipe_unref(p);
}

/* ---- reading ---- */

/* Whole messages for a client that reads bytes; one, or the beginning of one, for others. */
static ntstatus replies_take(struct rpc_pipe *p, bool bytes, struct smb3_builder *out, size_t max)
{
	ntstatus status = STATUS_SUCCESS;

	while (!smb3_list_empty(&p->replies)) {
		struct rpc_chunk *c = SMB3_CONTAINER(p->replies.next, struct rpc_chunk, link);
		size_t n = c->len - c->at < max ? c->len - c->at : max;

		smb3_put_bytes(out, c->data + c->at, n);
		c->at += n;
		max -= n;
		p->reply_bytes -= n;
		if (c->at < c->len) {
			status = bytes ? STATUS_SUCCESS : STATUS_BUFFER_OVERFLOW;
			break;
		}
		smb3_list_remove(&c->link);
		free(c);
		if (!bytes || !max)
			break;
	}
	return smb3_builder_ok(out) ? status : STATUS_INSUFFICIENT_RESOURCES;
}

static struct waiting *waiting_find(struct smb3_list *list, const struct smb3_req *req)
{
	SMB3_LIST_EACH(list, node) {
		struct waiting *w = SMB3_CONTAINER(node, struct waiting, link);

		if (w->req == req)
			return w;
	}
	return NULL;
}

/* The calls that wait, also what has not got there yet. told: by what can be read next. */
static void give_up(struct rpc_pipe *p, bool told)
{
	if (smb3_list_empty(&p->input)) {
		rpc_broker_cancel(p, told);
		return;
	}
	p->cancel_after = SMB3_CONTAINER(p->input.prev, struct rpc_chunk, link);
	p->cancel_told = told;
}

/* What waits when a pipe is closed hears that, by whatever it was closed. A client that gives up waiting
 * for an answer gives up the calls that wait: one that has just read is told by what it can read next;
 * of a write that was to be answered in one nothing is left. */
static void on_cancel(struct smb3_req *req)
{
	struct rpc_pipe *p = req->open->pipe->data;
	struct waiting *r = waiting_find(&p->readers, req), *w = waiting_find(&p->writers, req);

	if (r && req->status == STATUS_CANCELLED)
		give_up(p, !r->both);
	if (r)
		smb3_list_remove(&r->link);
	if (w)
		smb3_list_remove(&w->link);
	smb3_req_finish(req, req->status == STATUS_CANCELLED ? req->status : STATUS_PIPE_BROKEN);
}

static ntstatus wait_for(struct smb3_list *list, const struct waiting *how)
{
	struct waiting *w = smb3_arena_copy(how->req->arena, how, sizeof(*how));

	smb3_list_add(list, &w->link);
	return smb3_req_pend(w->req, on_cancel, false);
}

static void input_next(struct rpc_pipe *p);

static ntstatus read_or_wait(struct smb3_pipe *pipe, const struct waiting *how)
{
	struct rpc_pipe *p = pipe->data;
	ntstatus status;

	if (smb3_list_empty(&p->replies) || !smb3_list_empty(&p->readers)) {
		if (p->broken)
			return p->broken;
		return wait_for(&p->readers, how);
	}
	status = replies_take(p, pipe->bytes, how->out, how->max);
	input_next(p);
	return status;
}

static ntstatus pipe_read(struct smb3_pipe *pipe, struct smb3_req *req, struct smb3_builder *out,
			  size_t max)
{
	return read_or_wait(
		pipe, &(struct waiting){ .pipe = pipe->data, .req = req, .out = out, .max = max });
}

static size_t pipe_peek(const struct smb3_pipe *pipe)
{
	const struct rpc_pipe *p = pipe->data;

	return p->reply_bytes;
}

/* ---- writing ---- */

/* The next message goes to worker 0 when the one before it is done and its answers are read. */
static void input_next(struct rpc_pipe *p)
{
	struct rpc_chunk *c;
	bool cancel;

	if (p->under_way || p->broken || p->reply_bytes > REPLIES_MAX || smb3_list_empty(&p->input))
		return;
	c = SMB3_CONTAINER(p->input.next, struct rpc_chunk, link);
	smb3_list_remove(&c->link);
	p->input_bytes -= c->len;
	p->under_way = true;
	cancel = c == p->cancel_after;
	rpc_broker_data(p, c);
	if (cancel) {
		p->cancel_after = NULL;
		rpc_broker_cancel(p, p->cancel_told);
	}
}

static void input_add(struct rpc_pipe *p, const struct smb3_req *req, const uint8_t *data,
		      size_t len)
{
	struct rpc_chunk *c = rpc_chunk_new(data, len);

	memcpy(c->from, req->conn->peer_name, sizeof(c->from));
	smb3_list_add(&p->input, &c->link);
	p->input_bytes += len;
	input_next(p);
}

static bool input_full(const struct rpc_pipe *p)
{
	return p->input_bytes >= INPUT_MAX || !smb3_list_empty(&p->writers);
}

static ntstatus pipe_write(struct smb3_pipe *pipe, struct smb3_req *req, const uint8_t *data,
			   size_t len)
{
	struct rpc_pipe *p = pipe->data;

	if (p->broken)
		return p->broken;
	if (input_full(p))
		return wait_for(
			&p->writers,
			&(struct waiting){ .pipe = p, .req = req, .data = data, .len = len });
	if (len)
		input_add(p, req, data, len);
	return STATUS_SUCCESS;
}

static ntstatus pipe_transceive(struct smb3_pipe *pipe, struct smb3_req *req,
				const struct smb3_cursor *in, struct smb3_builder *out, size_t max)
{
	struct rpc_pipe *p = pipe->data;
	const struct waiting how = { .pipe = p,
				     .req = req,
				     .out = out,
				     .max = max,
				     .data = in->pos,
				     .len = smb3_cursor_left(in),
				     .both = true };

	if (p->broken)
		return p->broken;
	if (!smb3_list_empty(&p->replies) || !smb3_list_empty(&p->readers))
		return STATUS_PIPE_BUSY;
	if (input_full(p))
		return wait_for(&p->writers, &how);
	if (how.len)
		input_add(p, req, how.data, how.len);
	return read_or_wait(pipe, &how);
}

/* ---- what worker 0 tells ---- */

enum note_what { NOTE_REPLY, NOTE_DONE, NOTE_BREAK };

struct note {
	struct smb3_mail mail;
	struct rpc_pipe *pipe; /* a reference */
	enum note_what what;
	struct rpc_chunk *chunk;
	ntstatus status;
};

static struct waiting *waiting_take(struct smb3_list *list)
{
	struct waiting *w;

	if (smb3_list_empty(list))
		return NULL;
	w = SMB3_CONTAINER(list->next, struct waiting, link);
	smb3_list_remove(&w->link);
	return w;
}

static void take_reply(struct rpc_pipe *p, struct rpc_chunk *chunk)
{
	struct waiting *w;

	if (p->gone) {
		free(chunk);
		return;
	}
	smb3_list_add(&p->replies, &chunk->link);
	p->reply_bytes += chunk->len;
	while (!smb3_list_empty(&p->replies) && (w = waiting_take(&p->readers)))
		smb3_req_finish(w->req, replies_take(p, w->req->open->pipe->bytes, w->out, w->max));
}

static void take_done(struct rpc_pipe *p)
{
	struct waiting *w;

	p->under_way = false;
	input_next(p);
	while (p->input_bytes < INPUT_MAX && (w = waiting_take(&p->writers))) {
		if (w->len)
			input_add(p, w->req, w->data, w->len);
		/* A transceive reads as well. */
		if (w->out)
			smb3_list_add(&p->readers, &w->link);
		else
			smb3_req_finish(w->req, STATUS_SUCCESS);
	}
}

/* Replies that are there may still be read. */
static void take_break(struct rpc_pipe *p, ntstatus status)
{
	struct waiting *w;

	p->under_way = false;
	p->broken = status;
	chunks_free(&p->input);
	p->input_bytes = 0;
	while ((w = waiting_take(&p->readers)) || (w = waiting_take(&p->writers)))
		smb3_req_finish(w->req, status);
}

static void take_note(struct smb3_worker *worker, struct smb3_mail *mail)
{
	struct note *n = SMB3_CONTAINER(mail, struct note, mail);
	struct rpc_pipe *p = n->pipe;

	switch (n->what) {
	case NOTE_REPLY:
		take_reply(p, n->chunk);
		break;
	case NOTE_DONE:
		take_done(p);
		break;
	case NOTE_BREAK:
		take_break(p, n->status);
		break;
	}
	free(n);
	rpc_pipe_unref(p);
}

static void note_post(struct rpc_pipe *p, const struct note *what)
{
	struct note *n = smb3_alloc(sizeof(*n));

	*n = *what;
	n->pipe = rpc_pipe_ref(p);
	n->mail.fn = take_note;
	smb3_mail_post(p->worker, &n->mail);
}

void rpc_pipe_reply(struct rpc_pipe *p, struct rpc_chunk *chunk)
{
	note_post(p, &(struct note){ .what = NOTE_REPLY, .chunk = chunk });
}

void rpc_pipe_done(struct rpc_pipe *p)
{
	note_post(p, &(struct note){ .what = NOTE_DONE });
}

void rpc_pipe_break(struct rpc_pipe *p, ntstatus status)
{
	note_post(p, &(struct note){ .what = NOTE_BREAK, .status = status });
}

const struct smb3_pipe_service rpc_pipe_service = {
	.name = "*",
	.has = pipe_has,
	.open = pipe_open,
	.close = pipe_close,
	.write = pipe_write,
	.read = pipe_read,
	.transceive = pipe_transceive,
	.peek = pipe_peek,
};
