// SPDX-License-Identifier: Apache-2.0
/*
 * child.c: smb3-rpcd as a process: started when the first pipe wants it, watched, killed, reaped, and
 * started again. On worker 0; what blocks (spawn, wait) on the I/O pool.
 */
#include "rpc.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SENDING_MAX  (16u << 20) /* bytes that smb3-rpcd has not taken: it does not read any more */
#define READ_SIZE    65536u
#define LIVED_WELL   10000000000ull /* ns: who lives that long has not failed at once */
#define BACK_OFF_MS  100u
#define BACK_OFF_MAX 5000u

/* ---- starting ---- */

struct spawn {
	struct smb3_job job;
	struct rpc *rpc;
	char program[256];
	pid_t pid;
	int fd; /* ours */
	int err;
};

/* Nothing of our environment is the child's, but what the run-time libraries of a test build want; not
 * TSAN_OPTIONS: that library ends a process which cannot read the file that they name. */
static void spawn_environment(char *env[8], char *room, size_t size)
{
	static const char *const kept[] = { "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS",
					    "TZ" };
	size_t n = 0;

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(kept); i++) {
		const char *value = secure_getenv(kept[i]);
		int len = value ? snprintf(room, size, "%s=%s", kept[i], value) : -1;

		if (len < 0 || (size_t)len >= size)
			continue;
		env[n++] = room;
		room += len + 1;
		size -= (size_t)len + 1;
	}
	env[n] = NULL;
}

static int spawn_program(struct spawn *s, int theirs)
{
	char name[] = "smb3-rpcd", room[4096];
	char *argv[] = { name, NULL }, *env[8];
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int err;

	spawn_environment(env, room, sizeof(room));
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_adddup2(&files, theirs, CHANNEL_FD);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	err = posix_spawn(&s->pid, s->program, &files, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return -err;
}

static void spawn_work(struct smb3_job *job)
{
	struct spawn *s = SMB3_CONTAINER(job, struct spawn, job);
	int pair[2];

	s->fd = -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		s->err = -errno;
		return;
	}
	/* dup2 to the same number would leave it to be closed on exec. */
	if (pair[1] == CHANNEL_FD) {
		int other = fcntl(pair[1], F_DUPFD_CLOEXEC, CHANNEL_FD + 1);

		close(pair[1]);
		pair[1] = other;
	}
	s->err = pair[1] < 0 ? -errno : spawn_program(s, pair[1]);
	close(pair[1]);
	if (s->err)
		close(pair[0]);
	else
		s->fd = pair[0];
}

/* ---- the end ---- */

struct reap {
	struct smb3_job job;
	struct rpc *rpc;
	pid_t pid;
	int status;
};

static void reap_work(struct smb3_job *job)
{
	struct reap *r = SMB3_CONTAINER(job, struct reap, job);

	while (waitpid(r->pid, &r->status, 0) < 0 && errno == EINTR)
		continue;
}

static void on_again(struct smb3_timer *t)
{
	struct rpc *rpc = SMB3_CONTAINER(t, struct rpc, child.again);

	rpc->child.state = CHILD_NONE;
	rpc_broker_run(rpc);
}

/* The first one after a good time starts at once. */
static void back_off(struct rpc *rpc)
{
	struct child *c = &rpc->child;
	unsigned int ms = 0;

	if (smb3_clock() - c->began >= LIVED_WELL)
		c->fails = 0;
	if (c->fails)
		ms = c->fails > 6 ? BACK_OFF_MAX : BACK_OFF_MS << (c->fails - 1);
	c->fails++;
	c->state = CHILD_WAITING;
	c->again_at = smb3_clock() + ms * 1000000ull;
	if (!rpc->stopped)
		smb3_timer_start(&c->again, rpc->worker, on_again, ms);
}

static void reap_done(struct smb3_worker *w, struct smb3_job *job)
{
	struct reap *r = SMB3_CONTAINER(job, struct reap, job);
	struct rpc *rpc = r->rpc;
	struct child *c = &rpc->child;

	if (WIFSIGNALED(r->status))
		snprintf(c->last_end + strlen(c->last_end),
			 sizeof(c->last_end) - strlen(c->last_end), " (signal %d)",
			 WTERMSIG(r->status));
	else
		snprintf(c->last_end + strlen(c->last_end),
			 sizeof(c->last_end) - strlen(c->last_end), " (status %d)",
			 WEXITSTATUS(r->status));
	if (!rpc->stopped)
		smb3_log(SMB3_LOG_WARNING, "smb3-rpcd %d has ended: %s", (int)r->pid, c->last_end);
	c->pid = 0;
	free(r);
	back_off(rpc);
}

static void chunks_free(struct smb3_list *list)
{
	SMB3_LIST_EACH(list, node) {
		smb3_list_remove(node);
		free(SMB3_CONTAINER(node, struct rpc_chunk, link));
	}
}

static void channel_close(struct rpc *rpc)
{
	struct child *c = &rpc->child;
	struct ev_loop *loop = smb3_worker_loop(rpc->worker);

	ev_io_stop(loop, &c->in);
	ev_io_stop(loop, &c->out);
	close(c->fd);
	c->fd = -1;
	chunks_free(&c->sending);
	c->sending_bytes = 0;
	free(c->buf);
	c->buf = NULL;
	c->len = c->size = 0;
}

void rpc_child_end(struct rpc *rpc, const char *why)
{
	struct child *c = &rpc->child;
	struct reap *r;
	uint64_t raised;
	bool all;

	if (c->fd < 0)
		return;
	r = smb3_alloc(sizeof(*r));
	r->job.work = reap_work;
	r->job.done = reap_done;
	r->rpc = rpc;
	r->pid = c->pid;
	snprintf(c->last_end, sizeof(c->last_end), "%s", why);
	/* It is another user's process by now. */
	raised = smb3_caps_raise(RPC_RAISES);
	kill(c->pid, SIGKILL);
	smb3_caps_lower(raised);
	channel_close(rpc);
	c->generation++;
	c->ends++;
	/* Who waits for the first one that never came would wait for ever. */
	all = c->state == CHILD_STARTING || rpc->stopped;
	/* What ends of its own accord with the pipes that are lost goes to nobody. */
	c->state = CHILD_ENDING;
	rpc_broker_lost(rpc, all, STATUS_PIPE_DISCONNECTED);
	smb3_job_start(rpc->worker, &r->job);
}

/* ---- the channel ---- */

static void channel_flush(struct rpc *rpc)
{
	struct child *c = &rpc->child;
	struct ev_loop *loop = smb3_worker_loop(rpc->worker);

	while (!smb3_list_empty(&c->sending)) {
		struct rpc_chunk *k = SMB3_CONTAINER(c->sending.next, struct rpc_chunk, link);
		ssize_t n = send(c->fd, k->data + k->at, k->len - k->at, MSG_NOSIGNAL);

		if (n < 0) {
			/* That it is gone is heard by reading. */
			if (errno == EAGAIN)
				ev_io_start(loop, &c->out);
			return;
		}
		k->at += (size_t)n;
		c->sending_bytes -= (size_t)n;
		if (k->at < k->len)
			continue;
		smb3_list_remove(&k->link);
		free(k);
	}
	ev_io_stop(loop, &c->out);
}

static void on_out(struct ev_loop *loop, ev_io *watcher, int events)
{
	channel_flush(watcher->data);
}

void rpc_child_send(struct rpc *rpc, const struct channel_head *head, const void *body)
{
	struct child *c = &rpc->child;
	struct rpc_chunk *k;
	struct smb3_builder b;

	if (c->fd < 0 || c->sending_bytes > SENDING_MAX)
		return;
	k = smb3_realloc(NULL, sizeof(*k) + CHANNEL_HEAD + head->len);
	k->len = CHANNEL_HEAD + head->len;
	k->at = 0;
	b = smb3_builder_init(k->data, k->len);
	channel_put_head(&b, head);
	smb3_put_bytes(&b, body, head->len);
	smb3_list_add(&c->sending, &k->link);
	c->sending_bytes += k->len;
	channel_flush(rpc);
}

/* Whole messages in the buffer. Each may be the process's last. */
static void channel_messages(struct rpc *rpc)
{
	struct child *c = &rpc->child;
	uint64_t generation = c->generation;
	struct channel_head head;
	size_t at = 0;

	while (c->len - at >= CHANNEL_HEAD) {
		if (!channel_get_head(c->buf + at, &head)) {
			rpc_child_end(rpc, "it sends what is no message");
			return;
		}
		if (c->len - at - CHANNEL_HEAD < head.len)
			break;
		rpc_broker_message(rpc, &head, c->buf + at + CHANNEL_HEAD);
		if (c->generation != generation)
			return;
		at += CHANNEL_HEAD + head.len;
	}
	c->len -= at;
	memmove(c->buf, c->buf + at, c->len);
}

static void on_in(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct rpc *rpc = watcher->data;
	struct child *c = &rpc->child;
	ssize_t n;

	if (c->size - c->len < READ_SIZE) {
		c->size = c->len + READ_SIZE;
		c->buf = smb3_realloc(c->buf, c->size);
	}
	n = recv(c->fd, c->buf + c->len, c->size - c->len, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		rpc_child_end(rpc, "it has gone");
		return;
	}
	c->len += (size_t)n;
	channel_messages(rpc);
}

/* ---- the first message ---- */

/* Modules that offer an interface. */
static void put_modules(struct rpc *rpc, struct smb3_builder *b)
{
	size_t count, at = b->len, n = 0;
	const struct smb3_provide *const *rows = smb3_rows(rpc->server, SMB3_KIND_RPC, &count);
	const struct smb3_mod *last = NULL;
	Dl_info file;

	smb3_put_u32(b, 0);
	for (size_t i = 0; i < count; i++) {
		const struct smb3_mod *mod = smb3_module_of(rpc->server, rows[i]->row);

		/* The very file that was looked at and loaded here. */
		if (mod != last && dladdr(rows[i]->row, &file)) {
			smb3_put_text(b, file.dli_fname);
			n++;
		}
		last = mod;
	}
	smb3_set_u32(b, at, (uint32_t)n);
}

static void send_setup(struct rpc *rpc)
{
	const struct rpc_conf *conf = rpc_conf(rpc);
	const struct smb3_server_conf *server = smb3_server_conf(rpc->server);
	struct smb3_arena *a = smb3_arena_new();
	struct smb3_builder b = smb3_builder_arena(a, CHANNEL_MAX);

	smb3_put_u32(&b, CHANNEL_VERSION);
	smb3_put_u32(&b, (uint32_t)conf->threads);
	smb3_put_u64(&b, conf->memory);
	smb3_put_u64(&b, conf->cpu / 1000);
	smb3_put_u32(&b, (uint32_t)conf->request_size);
	smb3_put_u32(&b, (uint32_t)conf->response_size);
	smb3_put_u32(&b, (uint32_t)conf->handles);
	smb3_put_text(&b, server->name);
	smb3_put_text(&b, server->workgroup);
	smb3_put_text(&b, conf->comment);
	smb3_put_text(&b, SMB3D_VERSION);
	smb3_put_guid(&b, smb3_server_guid(rpc->server));
	smb3_put_u64(&b, smb3_server_started(rpc->server));
	put_modules(rpc, &b);
	rpc_child_send(rpc, &(struct channel_head){ (uint32_t)b.len, CHANNEL_SETUP, 0 }, b.data);
	smb3_arena_free(a);
}

static void spawn_failed(struct rpc *rpc, const struct spawn *s)
{
	struct child *c = &rpc->child;

	smb3_log(SMB3_LOG_ERROR, "%s does not start: %s; install it or set rpc.program", s->program,
		 strerror(-s->err));
	snprintf(c->last_end, sizeof(c->last_end), "it does not start: %s", strerror(-s->err));
	rpc_broker_lost(rpc, true, STATUS_PIPE_NOT_AVAILABLE);
	back_off(rpc);
}

static void spawn_done(struct smb3_worker *w, struct smb3_job *job)
{
	struct spawn *s = SMB3_CONTAINER(job, struct spawn, job);
	struct rpc *rpc = s->rpc;
	struct child *c = &rpc->child;

	if (s->err) {
		spawn_failed(rpc, s);
		free(s);
		return;
	}
	c->pid = s->pid;
	c->fd = s->fd;
	c->starts++;
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	c->in.data = c->out.data = rpc;
	ev_io_init(&c->in, on_in, c->fd, EV_READ);
	ev_io_init(&c->out, on_out, c->fd, EV_WRITE);
	if (rpc->stopped) {
		rpc_child_end(rpc, "the server ends");
	} else {
		ev_io_start(smb3_worker_loop(rpc->worker), &c->in);
		send_setup(rpc);
	}
	free(s);
}

void rpc_child_want(struct rpc *rpc)
{
	struct child *c = &rpc->child;
	struct spawn *s;

	if (c->state != CHILD_NONE || rpc->stopped)
		return;
	c->state = CHILD_STARTING;
	c->began = smb3_clock();
	s = smb3_alloc(sizeof(*s));
	s->job.work = spawn_work;
	s->job.done = spawn_done;
	s->rpc = rpc;
	snprintf(s->program, sizeof(s->program), "%s", rpc_conf(rpc)->program);
	smb3_job_start(rpc->worker, &s->job);
}

void rpc_child_ready(struct rpc *rpc)
{
	rpc->child.state = CHILD_READY;
	smb3_log(SMB3_LOG_INFO, "smb3-rpcd %d is ready", (int)rpc->child.pid);
	rpc_broker_run(rpc);
}
