// SPDX-License-Identifier: Apache-2.0
/*
 * socket.c: the control socket, on worker 0's loop: one request and one answer per connection. Only
 * root and the user that runs the server are heard.
 *
 * Request: a 4-byte big-endian length, then one flag byte (HAS_SECRET: the last string is a
 * password) and NUL-terminated strings. Reply: what smb3_ctl_run() answers.
 */
#include "admin.h"

#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CONNS_MAX   32
#define PATIENCE_S  30. /* for the peer to send, or to take, the next bytes */
#define HAS_SECRET  0x01
#define HEADER_SIZE 4
#define REQUEST_MAX (9 << 20) /* a file may be sent along */
#define ARGS_MAX    64

struct control {
	struct smb3_server *server;
	struct ev_loop *loop;
	int fd;
	char *path;
	ev_io accept;
	struct smb3_list conns;
	unsigned int n_conns;
};

struct ctl_conn {
	struct control *owner; /* NULL: the socket is gone, the command still runs */
	struct smb3_list link;
	int fd;
	ev_io io;
	ev_timer patience;
	struct smb3_ctl_request request;
	bool running;
	char *argv[ARGS_MAX];
	char *answer; /* NULL: not yet */
	size_t have, answer_len, sent;
	uint8_t *in; /* size bytes */
	size_t size;
};

/* ---- end of a connection ---- */

static void conn_free(struct ctl_conn *c)
{
	free(c->answer);
	smb3_wipe(c->in, c->size);
	free(c->in);
	free(c);
}

/* A command that runs keeps the memory until it has finished. */
static void conn_close(struct ctl_conn *c)
{
	struct control *s = c->owner;

	ev_io_stop(s->loop, &c->io);
	ev_timer_stop(s->loop, &c->patience);
	smb3_list_remove(&c->link);
	s->n_conns--;
	close(c->fd);
	c->owner = NULL;
	if (!c->running)
		conn_free(c);
}

static void on_patience(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct ctl_conn *c = watcher->data;

	(void)events;
	if (c->running)
		ev_timer_again(loop, watcher);
	else
		conn_close(c);
}

/* ---- the answer ---- */

static void conn_write(struct ctl_conn *c)
{
	while (c->sent < c->answer_len) {
		ssize_t n = send(c->fd, c->answer + c->sent, c->answer_len - c->sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			break;
		c->sent += (size_t)n;
		ev_timer_again(c->owner->loop, &c->patience);
	}
	conn_close(c);
}

static void conn_finished(struct smb3_ctl_request *request, char *text, size_t len, bool ok)
{
	struct ctl_conn *c = SMB3_CONTAINER(request, struct ctl_conn, request);

	(void)ok;
	c->running = false;
	c->answer = text;
	c->answer_len = len;
	smb3_wipe(c->in, c->size);
	if (!c->owner) {
		conn_free(c);
		return;
	}
	ev_io_stop(c->owner->loop, &c->io);
	ev_io_set(&c->io, c->fd, EV_WRITE);
	ev_io_start(c->owner->loop, &c->io);
	/* At once if it goes: what comes next may be the end of the server. */
	conn_write(c);
}

/* ---- the request ---- */

static uint32_t request_len(const struct ctl_conn *c)
{
	const uint8_t *p = c->in;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The strings of a complete request; -1: it is not well-formed. */
static int request_split(struct ctl_conn *c, uint32_t len)
{
	char *p = (char *)c->in + HEADER_SIZE, *end = p + len;
	bool secret = len && *p++ & HAS_SECRET;
	int argc = 0;

	if (!len || end[-1] != '\0')
		return -1;
	for (; p < end; p += strlen(p) + 1) {
		if (argc == ARGS_MAX)
			return -1;
		c->argv[argc++] = p;
	}
	if (secret && argc)
		c->request.secret = c->argv[--argc];
	return argc;
}

static void request_run(struct ctl_conn *c, uint32_t len)
{
	int argc = request_split(c, len);

	if (argc < 0) {
		conn_close(c);
		return;
	}
	c->running = true;
	c->request.argc = argc;
	c->request.argv = c->argv;
	c->request.finished = conn_finished;
	smb3_ctl_run(c->owner->server, &c->request);
}

static void conn_read(struct ctl_conn *c)
{
	size_t want = HEADER_SIZE;
	ssize_t n;

	if (c->have >= HEADER_SIZE)
		want += request_len(c);
	n = recv(c->fd, c->in + c->have, want - c->have, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		conn_close(c);
		return;
	}
	c->have += (size_t)n;
	if (c->have < HEADER_SIZE)
		return;
	if (request_len(c) > REQUEST_MAX) {
		conn_close(c);
		return;
	}
	/* Nothing but the length has been read when it grows. */
	if (c->size < HEADER_SIZE + request_len(c)) {
		c->size = HEADER_SIZE + request_len(c);
		c->in = smb3_realloc(c->in, c->size);
	}
	if (c->have == HEADER_SIZE + request_len(c))
		request_run(c, request_len(c));
}

static void on_io(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct ctl_conn *c = watcher->data;

	(void)events;
	if (c->answer)
		conn_write(c);
	else if (!c->running)
		conn_read(c);
	else
		/* Nothing is expected while the command runs; its end will find out. */
		ev_io_stop(loop, watcher);
}

/* ---- the socket ---- */

static bool peer_allowed(int fd, uid_t *ret_uid)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0 ||
	    !(cred.uid == 0 || cred.uid == geteuid()))
		return false;
	*ret_uid = cred.uid;
	return true;
}

static void on_accept(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct control *s = watcher->data;
	int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ctl_conn *c;
	uid_t uid;

	(void)events;
	if (fd < 0)
		return;
	if (s->n_conns == CONNS_MAX || !peer_allowed(fd, &uid)) {
		close(fd);
		return;
	}
	c = smb3_alloc(sizeof(*c));
	c->owner = s;
	c->fd = fd;
	c->size = HEADER_SIZE;
	c->in = smb3_alloc(c->size);
	c->request.uid = uid;
	c->io.data = c->patience.data = c;
	smb3_list_add(&s->conns, &c->link);
	s->n_conns++;
	ev_io_init(&c->io, on_io, fd, EV_READ);
	ev_io_start(loop, &c->io);
	ev_init(&c->patience, on_patience);
	c->patience.repeat = PATIENCE_S;
	ev_timer_again(loop, &c->patience);
}

static int socket_bind(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), err;

	if (fd < 0)
		return -errno;
	if (strlen(path) >= sizeof(name.sun_path)) {
		close(fd);
		return -ENAMETOOLONG;
	}
	memcpy(name.sun_path, path, strlen(path) + 1);
	/* The lock on the pid file says that whoever left this socket is dead. On Linux the
	 * socket's own mode becomes the file's, without a moment in between. */
	unlink(path);
	if (fchmod(fd, 0600) == 0 && bind(fd, (struct sockaddr *)&name, sizeof(name)) == 0 &&
	    listen(fd, CONNS_MAX) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int control_start(struct smb3_mod *mod)
{
	struct control *s = smb3_alloc(sizeof(*s));
	int fd = -ENOMEM;

	if (asprintf(&s->path, "%s/control", smb3_server_conf(mod->server)->run_dir) < 0)
		s->path = NULL;
	if (s->path)
		fd = socket_bind(s->path);
	if (fd < 0) {
		smb3_log(SMB3_LOG_ERROR, "control socket %s: %s; choose another server.run_dir",
			 s->path ? s->path : "", strerror(-fd));
		free(s->path);
		free(s);
		return fd;
	}
	s->server = mod->server;
	s->loop = smb3_worker_loop(smb3_server_worker(mod->server, 0));
	s->fd = fd;
	smb3_list_init(&s->conns);
	s->accept.data = s;
	ev_io_init(&s->accept, on_accept, fd, EV_READ);
	ev_io_start(s->loop, &s->accept);
	((struct admin *)mod->data)->control = s;
	return 0;
}

void control_stop(struct smb3_mod *mod)
{
	struct admin *a = mod->data;
	struct control *s = a->control;

	a->control = NULL;
	ev_io_stop(s->loop, &s->accept);
	SMB3_LIST_EACH(&s->conns, node)
		conn_close(SMB3_CONTAINER(node, struct ctl_conn, link));
	close(s->fd);
	unlink(s->path);
	free(s->path);
	free(s);
}
