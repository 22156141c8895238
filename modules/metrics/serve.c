// SPDX-License-Identifier: Apache-2.0
/*
 * serve.c: the address for Prometheus: one thread with a few connections, one request on each. It
 * shares nothing with the workers but numbers that can be read at any time.
 */
#include "metrics.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG      16
#define ACCEPT_PAUSE 1000000000u /* ns */

struct metrics_conn {
	int fd; /* -1: free */
	uint64_t until;
	size_t have, sent, len;
	char in[METRICS_REQUEST_MAX];
	char *out;     /* NULL: the request is not whole yet */
	bool answered; /* what still comes is dropped, until the peer closes: or it loses the answer */
};

/* ---- the address ---- */

static bool address_parse(const char *text, int64_t port, struct sockaddr_storage *ret_to,
			  socklen_t *ret_len)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
		memcpy(ret_to, &v4, sizeof(v4));
		*ret_len = sizeof(v4);
		return true;
	}
	if (inet_pton(AF_INET6, text, &v6.sin6_addr) != 1)
		return false;
	memcpy(ret_to, &v6, sizeof(v6));
	*ret_len = sizeof(v6);
	return true;
}

bool metrics_address(const char *text, bool *ret_loopback)
{
	struct in6_addr v6;
	struct in_addr v4;

	if (inet_pton(AF_INET, text, &v4) == 1) {
		*ret_loopback = ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
		return true;
	}
	*ret_loopback = inet_pton(AF_INET6, text, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
	return inet_pton(AF_INET6, text, &v6) == 1;
}

int metrics_listen(struct metrics *m, const struct metrics_conf *conf)
{
	struct sockaddr_storage to = { .ss_family = AF_UNSPEC };
	const int on = 1;
	socklen_t len = 0;
	int err = 0;

	m->timeout = conf->timeout * 1000000u;
	m->n_conns = (size_t)conf->connections;
	m->conns = smb3_alloc(m->n_conns * sizeof(*m->conns));
	for (size_t i = 0; i < m->n_conns; i++)
		m->conns[i].fd = -1;
	if (!address_parse(conf->address, conf->port, &to, &len))
		return -EINVAL;
	m->fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (m->fd < 0 || setsockopt(m->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(m->fd, (struct sockaddr *)&to, len) || listen(m->fd, BACKLOG))
		err = -errno;
	if (!err) {
		m->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		err = m->wake < 0 ? -errno : 0;
	}
	if (err)
		smb3_log(SMB3_LOG_ERROR,
			 "metrics: cannot listen on %s port %lld: %s; choose another address or "
			 "port in the group metrics",
			 conf->address, (long long)conf->port, strerror(-err));
	return err;
}

int metrics_port(const struct metrics *m)
{
	struct sockaddr_storage at = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(at);

	if (getsockname(m->fd, (struct sockaddr *)&at, &len))
		return 0;
	return ntohs(at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port :
						((struct sockaddr_in *)&at)->sin_port);
}

/* ---- connections ---- */

static void conn_close(struct metrics_conn *c)
{
	close(c->fd);
	free(c->out);
	c->fd = -1;
	c->out = NULL;
	c->have = c->sent = c->len = 0;
	c->answered = false;
}

/* What comes when all places are taken is closed: nothing waits. */
static void conn_accept(struct metrics *m, uint64_t now)
{
	int fd = accept4(m->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0) {
		/* Without descriptors left it would be tried without end. */
		m->accept_at = errno == EAGAIN || errno == EINTR ? 0 : now + ACCEPT_PAUSE;
		return;
	}
	for (size_t i = 0; i < m->n_conns; i++) {
		if (m->conns[i].fd >= 0)
			continue;
		m->conns[i].fd = fd;
		m->conns[i].until = now + m->timeout;
		return;
	}
	close(fd);
}

static void conn_answer(struct metrics *m, struct metrics_conn *c, int status, bool only_head)
{
	char *text = NULL;
	size_t len = 0;
	FILE *body = open_memstream(&text, &len), *out = open_memstream(&c->out, &c->len);

	if (body && status == 200)
		metrics_text(m, body);
	else if (body)
		fprintf(body, "%d %s\n", status, metrics_http_reason(status));
	if (body)
		fclose(body);
	if (out) {
		fprintf(out,
			"HTTP/1.1 %d %s\r\nContent-Type: text/plain; version=0.0.4; "
			"charset=utf-8\r\nContent-Length: %zu\r\n%sConnection: close\r\n\r\n",
			status, metrics_http_reason(status), len,
			status == 405 ? "Allow: GET, HEAD\r\n" : "");
		if (!only_head && text)
			fwrite(text, 1, len, out);
		fclose(out);
	}
	free(text);
}

static bool gone(ssize_t n)
{
	return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

static void conn_read(struct metrics *m, struct metrics_conn *c)
{
	ssize_t n = recv(c->fd, c->in + c->have, sizeof(c->in) - c->have, 0);
	bool only_head;
	int status;

	if (gone(n)) {
		conn_close(c);
		return;
	}
	if (n < 0)
		return;
	c->have += (size_t)n;
	status = metrics_http(c->in, c->have, &only_head);
	if (!status)
		return;
	conn_answer(m, c, status, only_head);
	if (!c->out)
		conn_close(c);
}

static void conn_write(struct metrics_conn *c)
{
	ssize_t n = send(c->fd, c->out + c->sent, c->len - c->sent, MSG_NOSIGNAL);

	if (gone(n)) {
		conn_close(c);
		return;
	}
	if (n > 0)
		c->sent += (size_t)n;
	if (c->sent == c->len) {
		shutdown(c->fd, SHUT_WR);
		c->answered = true;
	}
}

static void conn_drain(struct metrics_conn *c)
{
	if (gone(recv(c->fd, c->in, sizeof(c->in), 0)))
		conn_close(c);
}

/* ---- the thread ---- */

/* Milliseconds until the next connection has had its time; -1: there is none. */
static int patience(const struct metrics *m, uint64_t now)
{
	uint64_t next = m->accept_at > now ? m->accept_at : UINT64_MAX;

	for (size_t i = 0; i < m->n_conns; i++)
		if (m->conns[i].fd >= 0 && m->conns[i].until < next)
			next = m->conns[i].until;
	if (next == UINT64_MAX)
		return -1;
	return next <= now ? 0 : (int)((next - now) / 1000000u) + 1;
}

static void turn(struct metrics *m, const struct pollfd *fds)
{
	uint64_t now = smb3_clock();

	for (size_t i = 0; i < m->n_conns; i++) {
		struct metrics_conn *c = &m->conns[i];

		if (c->fd < 0 || fds[i + 2].fd != c->fd)
			continue;
		if (now >= c->until)
			conn_close(c);
		else if (fds[i + 2].revents && c->answered)
			conn_drain(c);
		else if (fds[i + 2].revents && c->out)
			conn_write(c);
		else if (fds[i + 2].revents)
			conn_read(m, c);
	}
	if (fds[1].revents)
		conn_accept(m, now);
}

static void wanted(const struct metrics *m, struct pollfd *fds)
{
	bool accepts = m->accept_at <= smb3_clock();

	fds[0] = (struct pollfd){ .fd = m->wake, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = accepts ? m->fd : -1, .events = POLLIN };
	for (size_t i = 0; i < m->n_conns; i++) {
		const struct metrics_conn *c = &m->conns[i];

		fds[i + 2] = (struct pollfd){ .fd = c->fd,
					      .events = c->out && !c->answered ? POLLOUT : POLLIN };
	}
}

static void *serve(void *arg)
{
	struct metrics *m = arg;
	struct pollfd *fds = smb3_alloc((m->n_conns + 2) * sizeof(*fds));
	int n = 0;

	while (n >= 0 || errno == EINTR) {
		wanted(m, fds);
		n = poll(fds, m->n_conns + 2, patience(m, smb3_clock()));
		if (n > 0 && fds[0].revents)
			break;
		if (n >= 0)
			turn(m, fds);
	}
	free(fds);
	return NULL;
}

int metrics_serve(struct metrics *m)
{
	sigset_t all, old;
	int err;

	/* Signals are for the threads that wait for them. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = -pthread_create(&m->thread, NULL, serve, m);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	m->runs = !err;
	if (err)
		smb3_log(SMB3_LOG_ERROR, "metrics: no thread: %s", strerror(-err));
	return err;
}

void metrics_end(struct metrics *m)
{
	const uint64_t one = 1;

	if (m->runs && write(m->wake, &one, sizeof(one)) == sizeof(one))
		pthread_join(m->thread, NULL);
	m->runs = false;
	for (size_t i = 0; i < m->n_conns; i++)
		if (m->conns[i].fd >= 0)
			conn_close(&m->conns[i]);
	if (m->fd >= 0)
		close(m->fd);
	if (m->wake >= 0)
		close(m->wake);
	m->fd = m->wake = -1;
	free(m->conns);
	m->conns = NULL;
	m->n_conns = 0;
}
