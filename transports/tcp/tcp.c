// SPDX-License-Identifier: Apache-2.0
/*
 * tcp.c: SMB over TCP: each message behind a zero byte and a 24-bit big-endian length.
 * [MS-SMB2] 2.1
 *
 * Reading: one read call takes as much as there is into the buffer of the message that is
 * arriving or, while its length is unknown, into a small stash.
 */
#include "tcp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define FRAME     4
#define TURN      (1u << 20)  /* bytes that one connection may read before others have their turn */
#define READ_COST (64u << 10) /* of a turn, at least: 8 KiB may be a hundred requests */
#define TURN_NS \
	200000u /* after which requests that have been read, and replies, wait for others, too */
#define IOV_BATCH 64
#define LARGE     (64u << 10) /* replies that leave at once */
#define STRANGER  4096 /* a stranger's message gets room for this much, then as bytes arrive */

/* ---- sending ---- */

static void out_advance(struct tcp_conn *t, size_t n)
{
	t->sent += n;
	t->unsent -= n;
	while (t->first && n >= t->first->len - t->first->sent) {
		struct smb3_out *done = t->first;

		n -= done->len - done->sent;
		t->first = done->next;
		if (!t->first)
			t->last = &t->first;
		smb3_out_free(done);
	}
	if (t->first)
		t->first->sent += n;
}

/* iovecs of what is unsent, over several messages; up to a piece that is in a tube. */
static int out_gather(const struct tcp_conn *t, struct iovec *iov, int max, bool *ret_tube)
{
	int n = 0;

	*ret_tube = false;
	for (const struct smb3_out *out = t->first; out && n < max; out = out->next) {
		size_t skip = out->sent;

		for (int i = 0; i < out->n_iov && n < max; i++) {
			if (skip >= out->iov[i].iov_len) {
				skip -= out->iov[i].iov_len;
				continue;
			}
			if (!out->iov[i].iov_base) {
				*ret_tube = true;
				return n;
			}
			iov[n].iov_base = (uint8_t *)out->iov[i].iov_base + skip;
			iov[n++].iov_len = out->iov[i].iov_len - skip;
			skip = 0;
		}
	}
	return n;
}

/* How many bytes went, or -errno: -EAGAIN when the socket is full. */
static ssize_t out_send(struct tcp_conn *t)
{
	struct smb3_out *first = t->first;
	struct iovec iov[IOV_BATCH];
	struct msghdr msg = { .msg_iov = iov };
	bool tube;
	ssize_t n;

	msg.msg_iovlen = (size_t)out_gather(t, iov, IOV_BATCH, &tube);
	if (tube && !msg.msg_iovlen)
		return tcp_tube_send(t, first->bufs[first->n_bufs - 1], first->len - first->sent,
				     first->next != NULL);
	n = sendmsg(t->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT | (tube ? MSG_MORE : 0));
	if (n < 0)
		return errno == EWOULDBLOCK ? -EAGAIN : -errno;
	return n;
}

/* Until all is sent, the socket is full or, unless `all`, the turn is over. 0, -EAGAIN when there is more to send, or
 * another error. */
static int tcp_flush(struct tcp_conn *t, bool all)
{
	uint64_t ends = all ? UINT64_MAX : smb3_clock() + TURN_NS;

	while (t->first) {
		ssize_t n = out_send(t);

		if (n > 0)
			out_advance(t, (size_t)n);
		else if (n != -EINTR)
			return (int)n;
		if (t->first && !all && smb3_clock() >= ends)
			return -EAGAIN;
	}
	return 0;
}

static void frame_put(struct smb3_out *out)
{
	uint8_t *frame = (uint8_t *)out->iov[0].iov_base - FRAME;

	frame[0] = 0;
	frame[1] = (uint8_t)(out->len >> 16);
	frame[2] = (uint8_t)(out->len >> 8);
	frame[3] = (uint8_t)out->len;
	out->iov[0].iov_base = frame;
	out->iov[0].iov_len += FRAME;
	out->len += FRAME;
}

/* Errors are told by on_out(): the caller of send must find its connection as it was. */
static void flush_or_wait(struct tcp_conn *t)
{
	int err = tcp_flush(t, false);

	if (err == -EAGAIN)
		ev_io_start(t->loop, &t->out);
	else if (err < 0)
		ev_feed_event(t->loop, &t->out, EV_WRITE);
}

/* Small replies to the requests of one read leave together, at the end of tcp_input(). Large ones
 * leave at once: the peer works on one while the next is made, whose data then take the place of
 * this one's in the processor's caches. */
static void tcp_send(struct smb3_conn *conn, struct smb3_out *out)
{
	struct tcp_conn *t = conn->transport_data;

	frame_put(out);
	out->next = NULL;
	*t->last = out;
	t->last = &out->next;
	t->unsent += out->len;
	if (!ev_is_active(&t->out) && (!t->delivering || t->unsent >= LARGE))
		flush_or_wait(t);
}

static void on_out(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct tcp_conn *t = watcher->data;
	int err = tcp_flush(t, false);

	if (err == -EAGAIN) {
		ev_io_start(loop, watcher);
		return;
	}
	ev_io_stop(loop, watcher);
	if (err < 0)
		smb3_conn_lost(t->conn,
			       err == -EPIPE || err == -ECONNRESET ? NULL : strerror(-err));
}

/* ---- receiving ---- */

static size_t stash_take(struct tcp_conn *t, uint8_t *to, size_t want)
{
	size_t n = want < t->stash_len ? want : t->stash_len;

	memcpy(to, t->stash + t->stash_at, n);
	t->stash_at += n;
	t->stash_len -= n;
	if (!t->stash_len)
		t->stash_at = 0;
	return n;
}

static size_t message_room(const struct tcp_conn *t)
{
	size_t end = t->message_len < t->message->size ? t->message_len : t->message->size;

	return end - t->message->len;
}

/* More room for what arrives, at least for its first bytes. */
static void message_grow(struct tcp_conn *t, size_t size)
{
	struct smb3_buf_pool *bufs = smb3_worker_bufs(t->conn->worker);
	struct smb3_buf *old = t->message;

	if (size > t->message_len)
		size = t->message_len;
	t->message = smb3_buf_get(bufs, size);
	if (old) {
		memcpy(t->message->data, old->data, old->len);
		t->message->len = old->len;
		smb3_buf_put(bufs, old);
	}
	smb3_conn_hold(t->conn, &t->conn->arriving, size);
}

/* The length word is here: what now? False: the connection is gone. */
static bool frame_begin(struct tcp_conn *t)
{
	const uint8_t *at = t->stash + t->stash_at;
	size_t len = (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
	uint8_t head[FRAME];

	if (at[0] == 0 && len && len <= smb3_conn_limit(t->conn) && !smb3_conn_room(t->conn, len))
		return t->paused;
	stash_take(t, head, FRAME);
	if (head[0] == 0x85 && len == 0)
		return true; /* a NetBIOS keep-alive */
	if (head[0] != 0 || len == 0 || len > smb3_conn_limit(t->conn)) {
		smb3_conn_lost(t->conn, head[0] ? "not a direct TCP frame" :
					len     ? "a message longer than allowed" :
						  "an empty message");
		return false;
	}
	t->message_len = len;
	message_grow(t, t->conn->logged_on ? len : STRANGER);
	return true;
}

/* From the stash into the message; true when it is whole. */
static bool message_fill(struct tcp_conn *t)
{
	for (;;) {
		t->message->len +=
			stash_take(t, t->message->data + t->message->len, message_room(t));
		if (t->message->len == t->message_len)
			return true;
		if (message_room(t))
			return false;
		message_grow(t, 2 * t->message->size);
	}
}

/* An event that is fed would come before all others, and a client that is paused again and again
 * would have the loop for itself. */
static void deliver_later(struct tcp_conn *t)
{
	if (ev_is_active(&t->again))
		return;
	ev_timer_set(&t->again, 0., 0.);
	ev_timer_start(t->loop, &t->again);
}

static bool turn_over(const struct tcp_conn *t)
{
	return smb3_clock() >= t->turn_ends;
}

/* Delivers the whole messages that have been read, until the turn is over; at least one. False: the
 * connection is gone, or moved. */
static bool tcp_deliver(struct tcp_conn *t)
{
	bool over = false;

	while (!t->paused && !over) {
		struct smb3_buf *buf;

		if (!t->message) {
			if (t->stash_len < FRAME)
				return true;
			if (!frame_begin(t))
				return false;
			continue;
		}
		if (!message_fill(t))
			return true;
		buf = t->message;
		t->message = NULL;
		t->began = 0;
		t->conn->more = t->stash_len > 0;
		if (!smb3_conn_received(t->conn, buf))
			return false;
		over = turn_over(t);
	}
	if (over && t->stash_len && !t->paused)
		deliver_later(t);
	return true;
}

/* Into the message as far as it goes, the rest into the stash. *ret_room: what was asked for. */
static ssize_t tcp_read(struct tcp_conn *t, size_t *ret_room)
{
	struct iovec iov[2];
	int n = 0;

	*ret_room = STASH - t->stash_len;
	if (t->stash_at) {
		memmove(t->stash, t->stash + t->stash_at, t->stash_len);
		t->stash_at = 0;
	}
	if (t->message) {
		iov[n].iov_base = t->message->data + t->message->len;
		iov[n].iov_len = message_room(t);
		*ret_room += iov[n++].iov_len;
	}
	iov[n].iov_base = t->stash + t->stash_len;
	iov[n++].iov_len = STASH - t->stash_len;
	return readv(t->fd, iov, n);
}

static void read_account(struct tcp_conn *t, size_t n)
{
	t->received += n;
	if (t->message) {
		size_t want = message_room(t);
		size_t part = n < want ? n : want;

		t->message->len += part;
		n -= part;
	}
	t->stash_len += n;
}

/* Reads and delivers. False: the connection is gone or moved, t must not be touched. */
static bool tcp_take(struct tcp_conn *t)
{
	size_t total = 0, room;

	t->turn_ends = smb3_clock() + TURN_NS;
	if (!tcp_deliver(t))
		return false;
	while (!t->paused && total < TURN && !turn_over(t)) {
		ssize_t n = tcp_read(t, &room);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return true;
		if (n <= 0) {
			(void)tcp_flush(t, true);
			smb3_conn_lost(t->conn, NULL);
			return false;
		}
		read_account(t, (size_t)n);
		total += (size_t)n > READ_COST ? (size_t)n : READ_COST;
		if (!tcp_deliver(t))
			return false;
		if ((size_t)n < room)
			return true;
	}
	return true;
}

bool tcp_input(struct tcp_conn *t)
{
	t->delivering = true;
	if (!tcp_take(t))
		return false;
	t->delivering = false;
	if (!t->began && (t->message || t->stash_len))
		t->began = smb3_clock();
	if (t->first && !ev_is_active(&t->out))
		flush_or_wait(t);
	return true;
}

/* Nothing of t may be touched after tcp_input(): it may be gone, or on another worker. */
static void on_in(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct tcp_conn *t = watcher->data;

	/* Its turn will come: one for each time round. */
	if (ev_is_active(&t->again) || ev_is_pending(&t->again))
		return;
	(void)tcp_input(t);
}

static void on_again(struct ev_loop *loop, ev_timer *watcher, int events)
{
	(void)tcp_input(watcher->data);
}

/* ---- flow control and moving ---- */

static void watch_start(struct tcp_conn *t)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = t };

	if (t->room < 0)
		ev_io_start(t->loop, &t->in);
	else if (!t->in_room)
		t->in_room = epoll_ctl(t->room, EPOLL_CTL_ADD, t->fd, &event) == 0;
}

static void watch_stop(struct tcp_conn *t)
{
	ev_clear_pending(t->loop, &t->in);
	ev_io_stop(t->loop, &t->in);
	ev_timer_stop(t->loop, &t->again);
	if (t->in_room)
		epoll_ctl(t->room, EPOLL_CTL_DEL, t->fd, NULL);
	t->in_room = false;
}

/* The connection has found its worker. */
void tcp_leave_room(struct tcp_conn *t)
{
	watch_stop(t);
	t->room = -1;
	if (t->paused)
		return;
	watch_start(t);
	if (t->stash_len)
		deliver_later(t);
}

static void tcp_pause(struct smb3_conn *conn)
{
	struct tcp_conn *t = conn->transport_data;

	t->paused = true;
	watch_stop(t);
}

static void tcp_resume(struct smb3_conn *conn)
{
	struct tcp_conn *t = conn->transport_data;

	t->paused = false;
	if (!t->attached)
		return;
	watch_start(t);
	if (t->stash_len)
		deliver_later(t);
}

static void tcp_detach(struct smb3_conn *conn)
{
	struct tcp_conn *t = conn->transport_data;

	watch_stop(t);
	ev_clear_pending(t->loop, &t->out);
	ev_io_stop(t->loop, &t->out);
	t->room = -1;
	t->attached = false;
}

void tcp_attach(struct smb3_conn *conn)
{
	struct tcp_conn *t = conn->transport_data;

	t->loop = smb3_worker_loop(conn->worker);
	t->attached = true;
	t->delivering = false;
	if (!t->paused)
		watch_start(t);
	if (t->first)
		ev_io_start(t->loop, &t->out);
}

static void tcp_close(struct smb3_conn *conn, bool flush)
{
	struct tcp_conn *t = conn->transport_data;

	if (flush)
		(void)tcp_flush(t, true);
	if (t->attached)
		tcp_detach(conn);
	while (t->first) {
		struct smb3_out *out = t->first;

		t->first = out->next;
		smb3_out_free(out);
	}
	smb3_buf_put(smb3_worker_bufs(conn->worker), t->message);
	t->message = NULL;
	close(t->fd);
	t->fd = -1;
}

void tcp_conn_init(struct smb3_conn *conn, int fd, int room)
{
	struct tcp_conn *t = conn->transport_data;

	t->fd = fd;
	t->room = room;
	t->conn = conn;
	t->last = &t->first;
	t->in.data = t->out.data = t->again.data = t;
	ev_timer_init(&t->again, on_again, 0., 0.);
	ev_set_priority(&t->again, EV_MINPRI); /* those who have just asked come first */
	ev_io_init(&t->in, on_in, fd, EV_READ);
	ev_io_init(&t->out, on_out, fd, EV_WRITE);
	tcp_attach(conn);
}

/* ---- the tables ---- */

const struct smb3_transport tcp_transport = {
	.scheme = "tcp",
	.conn_size = sizeof(struct tcp_conn),
	.listen = tcp_listen,
	.unlisten = tcp_unlisten,
	.send = tcp_send,
	.tube = tcp_tube,
	.pause = tcp_pause,
	.resume = tcp_resume,
	.detach = tcp_detach,
	.attach = tcp_attach,
	.close = tcp_close,
};

#define OPTION(member, ...)                                              \
	{                                                                \
		.name = #member, .scope = SMB3_GLOBAL,                   \
		.offset = offsetof(struct tcp_conf, member), __VA_ARGS__ \
	}

static const struct smb3_option tcp_options[] = {
	OPTION(nodelay, .type = SMB3_OPT_BOOL, .value = "true",
	       .help = "Send small replies at once (TCP_NODELAY)."),
	OPTION(backlog, .type = SMB3_OPT_INT, .value = "512", .min = 1, .max = 65535,
	       .help = "Connections that may wait to be accepted."),
	OPTION(keepalive, .type = SMB3_OPT_INT, .value = "120", .min = 0, .max = 86400,
	       .help = "Seconds of silence before the peer is probed; 0: never."),
	OPTION(pipes, .type = SMB3_OPT_INT, .value = "128", .min = 0, .max = 4096,
	       .help = "Kernel pipes by which the data of large reads, neither signed nor encrypted, "
		       "go from the page cache to the network without being copied: one for each MiB "
		       "that is under way, with two file descriptors each. 0: all are copied."),
	SMB3_OPTION_END,
};

static const struct smb3_hook tcp_tick_hook = {
	.point = SMB3_HOOK_TICK, .order = 100, .name = "tcp", .run = tcp_tick
};

static const struct smb3_provide tcp_provides[] = {
	SMB3_TRANSPORT(&tcp_transport),
	SMB3_HOOK(&tcp_tick_hook),
	SMB3_METRIC(&tcp_uncopied),
	SMB3_END,
};

SMB3_MODULE(tcp, .summary = "SMB over TCP", .options = tcp_options,
	    .conf_size = sizeof(struct tcp_conf), .provides = tcp_provides, .init = tcp_init,
	    .fini = tcp_fini);
