// SPDX-License-Identifier: Apache-2.0
/*
 * conn.c: the TCP connection: bytes out, bytes in, its end. [MS-SMB2] 2.1
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"
#include "session.h"

#define READ_SIZE 65536
#define FRAME_MAX (17u << 20)
#define READS     8 /* at once, as long as there is more */

int64_t smbc_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

struct smbc_conn *smbc_conn_new(const struct smbc_lib *lib, int fd)
{
	struct smbc_conn *conn = calloc(1, sizeof(*conn));
	int one = 1;

	if (!conn)
		return NULL;
	conn->lib = lib;
	conn->fd = fd;
	conn->credits = 1;
	conn->credits_goal = 128;
	smbc_random(lib, conn->client_guid, sizeof(conn->client_guid));
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return conn;
}

void smbc_conn_free(struct smbc_conn *conn)
{
	if (!conn)
		return;
	conn_fail(conn, -ECANCELED);
	while (conn->sessions)
		smbc_session_free(conn->sessions);
	req_pool_free(conn);
	free(conn->table);
	smbc_buf_free(&conn->in);
	smbc_buf_free(&conn->out);
	close(conn->fd);
	free(conn);
}

static int connect_one(const struct addrinfo *ai, int timeout_ms, int *ret_fd)
{
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int err = 0;
	socklen_t n = sizeof(err);

	if (fd < 0)
		return -errno;
	if (connect(fd, ai->ai_addr, ai->ai_addrlen) < 0)
		err = errno;
	if (err == EINPROGRESS) {
		err = ETIMEDOUT;
		if (poll(&p, 1, timeout_ms) > 0)
			getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &n);
	}
	if (err) {
		close(fd);
		return -err;
	}
	*ret_fd = fd;
	return 0;
}

int smbc_connect(const struct smbc_lib *lib, const char *host, const char *port, int timeout_ms,
		 struct smbc_conn **ret_conn)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list;
	int fd = -1, err = -EHOSTUNREACH;

	if (getaddrinfo(host, port, &hints, &list))
		return err;
	for (struct addrinfo *ai = list; ai && err; ai = ai->ai_next)
		err = connect_one(ai, timeout_ms, &fd);
	freeaddrinfo(list);
	if (err)
		return err;
	*ret_conn = smbc_conn_new(lib, fd);
	return *ret_conn ? 0 : -ENOMEM;
}

int conn_fail(struct smbc_conn *conn, int err)
{
	if (!conn->err)
		conn->err = err;
	req_fail_all(conn, conn->err);
	return conn->err;
}

void conn_spare_take(struct smbc_conn *conn, struct smbc_buf *buf)
{
	if (conn->spares && !buf->p && conn->spares->n)
		*buf = conn->spares->bufs[--conn->spares->n];
}

static void spare_put(struct smbc_conn *conn, struct smbc_buf *buf)
{
	struct smbc_spares *spares = conn->spares;

	if (!spares || !buf->p || buf->len || spares->n == SMBC_SPARES)
		return;
	spares->bufs[spares->n++] = *buf;
	*buf = (struct smbc_buf){ 0 };
}

void conn_compact(struct smbc_conn *conn)
{
	size_t left = conn->out.len - conn->out_done;

	if (conn->out_done < left || !conn->out_done)
		return;
	memmove(conn->out.p, conn->out.p + conn->out_done, left);
	conn->out.len = left;
	conn->out_done = 0;
}

void smbc_send_bytes(struct smbc_conn *conn, const void *p, size_t n)
{
	conn_compact(conn);
	smbc_put_bytes(&conn->out, p, n);
}

bool smbc_flush(struct smbc_conn *conn)
{
	while (conn->out_done < conn->out.len && !conn->err) {
		ssize_t n = send(conn->fd, conn->out.p + conn->out_done,
				 conn->out.len - conn->out_done, MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return false;
		if (n < 0) {
			/* The peer may have said why before it closed: keep reading until its end. */
			conn->out.len = conn->out_done = 0;
			return true;
		}
		conn->out_done += (size_t)n;
	}
	conn->out.len = conn->out_done = 0;
	spare_put(conn, &conn->out);
	return true;
}

/* How much to read at once: the rest of a large message exactly, so that nothing is moved about. */
static size_t read_size(const struct smbc_conn *conn)
{
	size_t have = conn->in.len - conn->in_done;
	const uint8_t *p = conn->in.p + conn->in_done;
	size_t need;

	if (have < 4)
		return READ_SIZE;
	need = 4 + ((size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3]) - have;
	return need > READ_SIZE && need < FRAME_MAX ? need : READ_SIZE;
}

/* Moves what is left of the input to the front of the buffer. */
static void in_compact(struct smbc_conn *conn)
{
	size_t left = conn->in.len - conn->in_done;

	if (!conn->in_done)
		return;
	if (left)
		memmove(conn->in.p, conn->in.p + conn->in_done, left);
	conn->in.len = left;
	conn->in_done = 0;
}

/* One read. *ret_more: all that was asked for was there. */
static int receive_some(struct smbc_conn *conn, bool *ret_more)
{
	size_t want = read_size(conn);
	ssize_t n = recv(conn->fd, smbc_buf_room(&conn->in, want), want, 0);
	int err;

	*ret_more = n == (ssize_t)want;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return conn_fail(conn, n < 0 ? -errno : -ENOTCONN);
	conn->in.len += (size_t)n;
	err = recv_deliver(conn);
	in_compact(conn);
	return err ? conn_fail(conn, err) : 0;
}

/* The socket is ready with the next message, or with what is missing of this one. */
static void lowat_set(struct smbc_conn *conn)
{
	int least = conn->bulk;

	if (least && conn->in.len)
		least = read_size(conn) == READ_SIZE ? 0 : (int)read_size(conn);
	if (least == conn->lowat ||
	    setsockopt(conn->fd, SOL_SOCKET, SO_RCVLOWAT, &least, sizeof(least)))
		return;
	conn->lowat = least;
}

int smbc_receive(struct smbc_conn *conn)
{
	bool more = true;

	conn_spare_take(conn, &conn->in);
	for (int i = 0; more && !conn->err && i < READS; i++)
		(void)receive_some(conn, &more);
	spare_put(conn, &conn->in);
	lowat_set(conn);
	return conn->err;
}

void smbc_bulk(struct smbc_conn *conn, size_t bytes)
{
	conn->bulk = (int)bytes;
	lowat_set(conn);
}

int smbc_pump(struct smbc_conn *conn, int timeout_ms)
{
	int64_t end = smbc_now_ms() + timeout_ms;

	while (!conn->err) {
		struct pollfd p = { .fd = conn->fd, .events = POLLIN };
		int64_t left = end - smbc_now_ms();

		if (!smbc_flush(conn))
			p.events |= POLLOUT;
		if (poll(&p, 1, left > 0 ? (int)left : 0) == 0)
			return -ETIMEDOUT;
		if (p.revents & ~POLLOUT)
			return smbc_receive(conn);
	}
	return conn->err;
}
