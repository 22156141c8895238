// SPDX-License-Identifier: Apache-2.0
/*
 * loop.c: a transport inside the process, for tests: whole messages in two queues.
 *
 * An end is shared by the test's thread and the connection's worker; everything in it stands
 * under its mutex. A poke is mail that tells the worker to look into the queue.
 */
#include "loop.h"
#include <pthread.h>
#include <smb3/smb3.h>
#include <stdlib.h>
#include <string.h>

struct message {
	struct message *next;
	size_t len;
	uint8_t data[];
};

struct queue {
	struct message *first, **last;
};

struct smb3_loop_end {
	pthread_mutex_t lock;
	pthread_cond_t news;
	uint32_t refs; /* the test, the connection, a poke under way */
	struct queue to_server, to_client;
	struct smb3_conn *conn;     /* NULL before it is accepted and after it is closed */
	struct smb3_worker *worker; /* NULL while moving */
	const struct smb3_listener *listener;
	bool poked, paused, hung_up, closed;
	struct smb3_mail poke;
};

static void queue_init(struct queue *q)
{
	q->first = NULL;
	q->last = &q->first;
}

static void queue_put(struct queue *q, struct message *m)
{
	m->next = NULL;
	*q->last = m;
	q->last = &m->next;
}

static struct message *queue_take(struct queue *q)
{
	struct message *m = q->first;

	if (!m)
		return NULL;
	q->first = m->next;
	if (!q->first)
		q->last = &q->first;
	return m;
}

static void end_unref(struct smb3_loop_end *end)
{
	struct message *m;
	bool last;

	pthread_mutex_lock(&end->lock);
	last = --end->refs == 0;
	pthread_mutex_unlock(&end->lock);
	if (!last)
		return;
	while ((m = queue_take(&end->to_server)) || (m = queue_take(&end->to_client)))
		free(m);
	pthread_cond_destroy(&end->news);
	pthread_mutex_destroy(&end->lock);
	free(end);
}

/* ---- the worker's side ---- */

static void on_poke(struct smb3_worker *w, struct smb3_mail *mail);

/* With the lock held. */
static void poke(struct smb3_loop_end *end)
{
	if (end->poked || !end->worker)
		return;
	end->poked = true;
	end->refs++;
	end->poke.fn = on_poke;
	smb3_mail_post(end->worker, &end->poke);
}

static struct smb3_loop_end *end_of(const struct smb3_conn *conn)
{
	return *(struct smb3_loop_end **)conn->transport_data;
}

static void end_closed(struct smb3_loop_end *end)
{
	pthread_mutex_lock(&end->lock);
	end->closed = true;
	end->conn = NULL;
	pthread_cond_broadcast(&end->news);
	pthread_mutex_unlock(&end->lock);
}

static bool end_accept(struct smb3_loop_end *end, struct smb3_worker *w)
{
	struct smb3_conn *conn = smb3_conn_new(w, end->listener, NULL, NULL);

	if (!conn) {
		end_closed(end);
		return false;
	}
	*(struct smb3_loop_end **)conn->transport_data = end;
	pthread_mutex_lock(&end->lock);
	end->conn = conn;
	end->refs++;
	pthread_mutex_unlock(&end->lock);
	return true;
}

static struct message *end_next(struct smb3_loop_end *end, struct smb3_worker *w, bool *ret_gone)
{
	struct message *m = NULL;

	pthread_mutex_lock(&end->lock);
	*ret_gone = end->hung_up && end->conn && end->worker == w && !end->to_server.first;
	if (end->conn && end->worker == w && !end->paused)
		m = queue_take(&end->to_server);
	if (m)
		end->conn->more = end->to_server.first != NULL;
	pthread_mutex_unlock(&end->lock);
	return m;
}

static void end_deliver(struct smb3_loop_end *end, struct smb3_worker *w)
{
	struct message *m;
	bool gone = false;

	while ((m = end_next(end, w, &gone))) {
		struct smb3_buf *buf = smb3_buf_get(smb3_worker_bufs(w), m->len);

		memcpy(buf->data, m->data, m->len);
		buf->len = m->len;
		free(m);
		if (buf->len > smb3_conn_limit(end->conn)) {
			smb3_buf_put(smb3_worker_bufs(w), buf);
			smb3_conn_lost(end->conn, "a message longer than allowed");
			return;
		}
		if (!smb3_conn_received(end->conn, buf))
			return;
	}
	if (gone)
		smb3_conn_lost(end->conn, NULL);
}

static void on_poke(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct smb3_loop_end *end = SMB3_CONTAINER(mail, struct smb3_loop_end, poke);
	bool fresh;

	pthread_mutex_lock(&end->lock);
	end->poked = false;
	fresh = !end->conn && !end->closed;
	if (end->worker != w)
		poke(end); /* it has moved while this was on its way */
	pthread_mutex_unlock(&end->lock);
	if (!fresh || end_accept(end, w))
		end_deliver(end, w);
	end_unref(end);
}

static void loop_send(struct smb3_conn *conn, struct smb3_out *out)
{
	struct smb3_loop_end *end = end_of(conn);
	struct message *m = smb3_alloc(sizeof(*m) + out->len);

	for (int i = 0; i < out->n_iov; i++) {
		memcpy(m->data + m->len, out->iov[i].iov_base, out->iov[i].iov_len);
		m->len += out->iov[i].iov_len;
	}
	smb3_out_free(out);
	pthread_mutex_lock(&end->lock);
	queue_put(&end->to_client, m);
	pthread_cond_broadcast(&end->news);
	pthread_mutex_unlock(&end->lock);
}

static void loop_pause(struct smb3_conn *conn)
{
	struct smb3_loop_end *end = end_of(conn);

	pthread_mutex_lock(&end->lock);
	end->paused = true;
	pthread_mutex_unlock(&end->lock);
}

static void loop_resume(struct smb3_conn *conn)
{
	struct smb3_loop_end *end = end_of(conn);

	pthread_mutex_lock(&end->lock);
	end->paused = false;
	poke(end);
	pthread_mutex_unlock(&end->lock);
}

static void loop_detach(struct smb3_conn *conn)
{
	struct smb3_loop_end *end = end_of(conn);

	pthread_mutex_lock(&end->lock);
	end->worker = NULL;
	pthread_mutex_unlock(&end->lock);
}

static void loop_attach(struct smb3_conn *conn)
{
	struct smb3_loop_end *end = end_of(conn);

	pthread_mutex_lock(&end->lock);
	end->worker = conn->worker;
	poke(end);
	pthread_mutex_unlock(&end->lock);
}

static void loop_close(struct smb3_conn *conn, bool flush)
{
	struct smb3_loop_end *end = end_of(conn);

	end_closed(end);
	end_unref(end);
}

/* ---- the listener ---- */

static int loop_listen(struct smb3_listener *l, struct smb3_worker *w)
{
	l->data = w;
	smb3_module_find(l->server, "loop")->data = l;
	return 0;
}

static void loop_unlisten(struct smb3_listener *l)
{
	smb3_module_find(l->server, "loop")->data = NULL;
	l->data = NULL;
}

/* ---- the client's side ---- */

static struct smb3_loop_end *client_connect(struct smb3_server *server)
{
	struct smb3_listener *l = smb3_module_find(server, "loop")->data;
	struct smb3_loop_end *end;

	if (!l)
		return NULL;
	end = smb3_alloc(sizeof(*end));
	pthread_mutex_init(&end->lock, NULL);
	pthread_cond_init(&end->news, NULL);
	queue_init(&end->to_server);
	queue_init(&end->to_client);
	end->refs = 1;
	end->listener = l;
	end->worker = l->data;
	pthread_mutex_lock(&end->lock);
	poke(end);
	pthread_mutex_unlock(&end->lock);
	return end;
}

static void client_send(struct smb3_loop_end *end, const void *data, size_t len)
{
	struct message *m = smb3_alloc(sizeof(*m) + len);

	m->len = len;
	memcpy(m->data, data, len);
	pthread_mutex_lock(&end->lock);
	queue_put(&end->to_server, m);
	poke(end);
	pthread_mutex_unlock(&end->lock);
}

static void *client_receive(struct smb3_loop_end *end, unsigned int ms, size_t *ret_len)
{
	struct timespec until;
	struct message *m;
	void *data = NULL;
	int err = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	pthread_mutex_lock(&end->lock);
	while (!end->to_client.first && !end->closed && !err)
		err = pthread_cond_timedwait(&end->news, &end->lock, &until);
	m = queue_take(&end->to_client);
	pthread_mutex_unlock(&end->lock);
	if (m) {
		data = smb3_alloc(m->len + 1);
		memcpy(data, m->data, m->len);
		*ret_len = m->len;
		free(m);
	}
	return data;
}

static bool client_closed(struct smb3_loop_end *end)
{
	bool closed;

	pthread_mutex_lock(&end->lock);
	closed = end->closed && !end->to_client.first;
	pthread_mutex_unlock(&end->lock);
	return closed;
}

static void client_shut(struct smb3_loop_end *end)
{
	pthread_mutex_lock(&end->lock);
	end->hung_up = true;
	poke(end);
	pthread_mutex_unlock(&end->lock);
}

static void client_hang_up(struct smb3_loop_end *end)
{
	client_shut(end);
	end_unref(end);
}

static const struct smb3_loop_transport loop_transport = {
	.base = {
		.scheme = "loop",
		.conn_size = sizeof(struct smb3_loop_end *),
		.listen = loop_listen,
		.unlisten = loop_unlisten,
		.send = loop_send,
		.pause = loop_pause,
		.resume = loop_resume,
		.detach = loop_detach,
		.attach = loop_attach,
		.close = loop_close,
	},
	.connect = client_connect,
	.send = client_send,
	.receive = client_receive,
	.closed = client_closed,
	.shut = client_shut,
	.hang_up = client_hang_up,
};

static const struct smb3_provide loop_provides[] = {
	SMB3_TRANSPORT(&loop_transport.base),
	SMB3_END,
};

SMB3_MODULE(loop, .summary = "a transport inside the process, for tests",
	    .provides = loop_provides);
