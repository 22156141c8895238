// SPDX-License-Identifier: Apache-2.0
/*
 * listen.c: listening, accepting, and the waiting room.
 *
 * libev takes a descriptor out of epoll only when the next event comes for it. A connection moves
 * to another worker's loop at NEGOTIATE, and must not be left behind like that: until then it is
 * watched in an epoll set of our own, the waiting room, which lets it go at once.
 */
#include "tcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define SAY_EVERY    (10 * 1000000000ull)
#define KERNEL_LATER 15000   /* ms */
#define ROOM_TURN    64      /* connections of the room that are read before the loop goes on */
#define ROOM_NS      1000000 /* after which it does, too */

struct tcp_listener {
	int fd;
	ev_io watcher;
	ev_timer pause; /* after running out of descriptors */
	uint64_t said;  /* when that was logged last */
	struct smb3_listener *listener;
	struct smb3_worker *worker;
};

static const struct tcp_conf *conf_of(struct smb3_server *server)
{
	return smb3_module_find(server, "tcp")->conf;
}

static struct tcp_room *room_of(struct smb3_server *server)
{
	return smb3_module_find(server, "tcp")->data;
}

/* ---- the waiting room ---- */

/* One event at a time: what one connection does may end another one. */
static void on_room(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct tcp_room *room = watcher->data;
	struct epoll_event event;
	uint64_t ends = smb3_clock() + ROOM_NS;

	for (int i = 0;
	     i < ROOM_TURN && smb3_clock() < ends && epoll_wait(room->fd, &event, 1, 0) == 1; i++) {
		struct tcp_conn *t = event.data.ptr;

		if (tcp_input(t) && t->conn->client)
			tcp_leave_room(t);
	}
}

int tcp_init(struct smb3_mod *mod)
{
	struct tcp_room *room = smb3_alloc(sizeof(*room));

	room->fd = epoll_create1(EPOLL_CLOEXEC);
	if (room->fd < 0) {
		int err = -errno;

		smb3_log(SMB3_LOG_ERROR, "tcp: epoll: %s", strerror(-err));
		free(room);
		return err;
	}
	room->tubes = tcp_tubes_new();
	room->watcher.data = room;
	ev_io_init(&room->watcher, on_room, room->fd, EV_READ);
	mod->data = room;
	return 0;
}

void tcp_fini(struct smb3_mod *mod)
{
	struct tcp_room *room = mod->data;

	if (!room)
		return;
	close(room->fd);
	tcp_tubes_free(room->tubes);
	free(room);
	mod->data = NULL;
}

/* ---- accepting ---- */

static void socket_options(int fd, const struct tcp_conf *conf, uint64_t send_time)
{
	unsigned int unread = (unsigned int)send_time + KERNEL_LATER;
	int on = 1, idle = (int)conf->keepalive, every = 10, count = 6;

	if (conf->nodelay)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	/* For what waits in the kernel only; what waits here is pace.c's, which says so. */
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unread, sizeof(unread));
	if (!idle)
		return;
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every, sizeof(every));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
}

static void tcp_accepted(struct tcp_listener *l, int fd, const struct sockaddr *peer)
{
	struct sockaddr_storage local = { 0 };
	socklen_t len = sizeof(local);
	struct smb3_conn *conn;

	getsockname(fd, (struct sockaddr *)&local, &len);
	socket_options(fd, conf_of(l->listener->server),
		       smb3_server_limits(l->listener->server)->send_time);
	conn = smb3_conn_new(l->worker, l->listener, peer, (struct sockaddr *)&local);
	if (!conn) {
		close(fd);
		return;
	}
	tcp_conn_init(conn, fd, room_of(l->listener->server)->fd);
}

static void cannot_accept(struct tcp_listener *l, int err)
{
	uint64_t now = smb3_clock();

	if (l->said && now - l->said < SAY_EVERY)
		return;
	l->said = now;
	smb3_log(SMB3_LOG_WARNING, "tcp: cannot accept for now: %s", strerror(err));
}

static void on_accept(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct tcp_listener *l = watcher->data;

	for (int i = 0; i < 64; i++) {
		struct sockaddr_storage peer = { 0 };
		socklen_t len = sizeof(peer);
		int fd = accept4(l->fd, (struct sockaddr *)&peer, &len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			tcp_accepted(l, fd, (struct sockaddr *)&peer);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
			cannot_accept(l, errno);
			ev_io_stop(loop, &l->watcher);
			ev_timer_again(loop, &l->pause);
		}
		return;
	}
}

static void on_pause_over(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct tcp_listener *l = timer->data;

	ev_timer_stop(loop, timer);
	ev_io_start(loop, &l->watcher);
}

/* ---- listening ---- */

static int address_parse(const struct smb3_listener *l, struct sockaddr_storage *ret_sa,
			 socklen_t *ret_len)
{
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret_sa;
	struct sockaddr_in *four = (struct sockaddr_in *)ret_sa;

	memset(ret_sa, 0, sizeof(*ret_sa));
	if (!strcmp(l->address, "*") || inet_pton(AF_INET6, l->address, &six->sin6_addr) == 1) {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(l->port);
		*ret_len = sizeof(*six);
		return 0;
	}
	memset(ret_sa, 0, sizeof(*ret_sa));
	if (inet_pton(AF_INET, l->address, &four->sin_addr) != 1)
		return -EINVAL;
	four->sin_family = AF_INET;
	four->sin_port = htons(l->port);
	*ret_len = sizeof(*four);
	return 0;
}

static int socket_bind(struct smb3_listener *l, const struct sockaddr *sa, socklen_t len)
{
	const struct tcp_conf *conf = conf_of(l->server);
	int on = 1, off = 0, err;
	int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (sa->sa_family == AF_INET6 && !strcmp(l->address, "*"))
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, sa, len) == 0 && listen(fd, (int)conf->backlog) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static void bind_failed(const struct smb3_listener *l, int err)
{
	if (err == -EADDRINUSE)
		smb3_log(SMB3_LOG_ERROR,
			 "port %u of %s is in use: stop the other server (`ss -ltnp` names it) or "
			 "choose another port in listen",
			 l->port, l->address);
	else if (err == -EACCES)
		smb3_log(SMB3_LOG_ERROR,
			 "port %u of %s needs root: start as root or choose a port above 1023",
			 l->port, l->address);
	else
		smb3_log(SMB3_LOG_ERROR, "cannot listen on %s port %u: %s", l->address, l->port,
			 strerror(-err));
}

static int tcp_open(struct smb3_listener *l)
{
	struct sockaddr_storage sa;
	socklen_t len;
	int fd = address_parse(l, &sa, &len);

	if (fd < 0) {
		smb3_log(SMB3_LOG_ERROR, "listen: \"%s\" is neither * nor a numeric address",
			 l->address);
		return fd;
	}
	fd = socket_bind(l, (struct sockaddr *)&sa, len);
	if (fd == -EAFNOSUPPORT && !strcmp(l->address, "*")) { /* a machine without IPv6 */
		struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(l->port) };

		fd = socket_bind(l, (struct sockaddr *)&any, sizeof(any));
	}
	if (fd < 0)
		bind_failed(l, fd);
	return fd;
}

int tcp_listen(struct smb3_listener *l, struct smb3_worker *w)
{
	struct sockaddr_storage bound = { 0 };
	socklen_t len = sizeof(bound);
	struct tcp_room *room = room_of(l->server);
	struct tcp_listener *t;
	int fd = tcp_open(l);

	if (fd < 0)
		return fd;
	if (!getsockname(fd, (struct sockaddr *)&bound, &len))
		l->port = ntohs(((struct sockaddr_in *)&bound)->sin_port);
	t = smb3_alloc(sizeof(*t));
	t->fd = fd;
	t->listener = l;
	t->worker = w;
	t->watcher.data = t->pause.data = t;
	ev_io_init(&t->watcher, on_accept, fd, EV_READ);
	ev_timer_init(&t->pause, on_pause_over, 0., 0.2);
	ev_io_start(smb3_worker_loop(w), &t->watcher);
	if (!room->listeners++)
		ev_io_start(smb3_worker_loop(w), &room->watcher);
	l->data = t;
	return 0;
}

void tcp_unlisten(struct smb3_listener *l)
{
	struct tcp_listener *t = l->data;
	struct tcp_room *room = room_of(l->server);

	if (!t)
		return;
	if (!--room->listeners)
		ev_io_stop(smb3_worker_loop(t->worker), &room->watcher);
	ev_io_stop(smb3_worker_loop(t->worker), &t->watcher);
	ev_timer_stop(smb3_worker_loop(t->worker), &t->pause);
	close(t->fd);
	free(t);
	l->data = NULL;
}
