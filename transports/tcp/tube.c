// SPDX-License-Identifier: Apache-2.0
/*
 * tube.c: kernel pipes by which data go from the page cache to a socket without being copied.
 *
 * Not sendfile(): it would send what the file has by then, and a file that is cut short meanwhile
 * would leave a message without its end. What is in a pipe stays: its length is known before the
 * header that tells it is written.
 *
 * Pipes are kept, for all workers; a release may come from any thread.
 */
#include "tcp.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define PIPE_SIZE (1u << 20) /* what users who are not root may have by default */
#define PAGE      4096u
#define LEAST     (64u << 10) /* less is copied as quickly */

struct tcp_tube {
	struct smb3_tube tube;
	struct smb3_buf buf;
	struct tcp_tubes *home;
	struct tcp_tube *next;
};

struct tcp_tubes {
	pthread_mutex_t lock;
	struct tcp_tube *kept;
	int64_t pipes; /* kept or in use */
	int64_t most;  /* of these, as the system has told */
};

struct tcp_tubes *tcp_tubes_new(void)
{
	struct tcp_tubes *tubes = smb3_alloc(sizeof(*tubes));

	pthread_mutex_init(&tubes->lock, NULL);
	tubes->most = INT64_MAX;
	return tubes;
}

static void tube_free(struct tcp_tube *t)
{
	for (unsigned int i = 0; i < t->tube.n; i++) {
		close(t->tube.in[i]);
		close(t->tube.out[i]);
	}
	free(t);
}

void tcp_tubes_free(struct tcp_tubes *tubes)
{
	while (tubes->kept) {
		struct tcp_tube *t = tubes->kept;

		tubes->kept = t->next;
		tube_free(t);
	}
	pthread_mutex_destroy(&tubes->lock);
	free(tubes);
}

static bool tube_empty(const struct smb3_tube *tube)
{
	for (unsigned int i = 0; i < tube->n; i++)
		if (tube->has[i])
			return false;
	return !tube->spoiled;
}

/* One whose bytes were not all sent is not used again. */
static void tube_release(struct smb3_buf *buf)
{
	struct tcp_tube *t = SMB3_CONTAINER(buf, struct tcp_tube, buf);
	struct tcp_tubes *home = t->home;
	bool keep = tube_empty(&t->tube);

	buf->len = 0;
	pthread_mutex_lock(&home->lock);
	if (keep) {
		t->next = home->kept;
		home->kept = t;
	} else {
		home->pipes -= t->tube.n;
	}
	pthread_mutex_unlock(&home->lock);
	if (!keep)
		tube_free(t);
}

static struct tcp_tube *tube_take(struct tcp_tubes *home)
{
	struct tcp_tube *t;

	pthread_mutex_lock(&home->lock);
	t = home->kept;
	if (t)
		home->kept = t->next;
	pthread_mutex_unlock(&home->lock);
	if (t)
		return t;
	t = smb3_alloc(sizeof(*t));
	t->home = home;
	t->tube.size = PIPE_SIZE;
	t->tube.release = tube_release;
	t->buf.tube = &t->tube;
	return t;
}

static bool pipe_make(struct smb3_tube *tube)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC | O_NONBLOCK) < 0)
		return false;
	if (fcntl(fd[1], F_SETPIPE_SZ, PIPE_SIZE) < (int)PIPE_SIZE) {
		close(fd[0]);
		close(fd[1]);
		return false;
	}
	tube->in[tube->n] = fd[1];
	tube->out[tube->n++] = fd[0];
	return true;
}

/* One more pipe, when there may be one. */
static bool tube_grow(struct tcp_tube *t, int64_t most)
{
	struct tcp_tubes *home = t->home;
	bool may, made;

	pthread_mutex_lock(&home->lock);
	may = home->pipes < most && home->pipes < home->most;
	home->pipes += may;
	pthread_mutex_unlock(&home->lock);
	made = may && pipe_make(&t->tube);
	if (made || !may)
		return made;
	pthread_mutex_lock(&home->lock);
	home->most = --home->pipes;
	pthread_mutex_unlock(&home->lock);
	return false;
}

struct smb3_buf *tcp_tube(struct smb3_conn *conn, uint64_t offset, size_t len)
{
	struct smb3_mod *mod = smb3_module_find(conn->server, "tcp");
	const struct tcp_conf *conf = mod->conf;
	/* A page of the file, whole or not, takes the place of one in a pipe. */
	size_t want = (offset % PAGE + len + PIPE_SIZE - 1) / PIPE_SIZE;
	struct tcp_tube *t;

	if (!conf->pipes || len < LEAST || want > SMB3_TUBE_PIPES)
		return NULL;
	t = tube_take(((struct tcp_room *)mod->data)->tubes);
	while (t->tube.n < want && tube_grow(t, conf->pipes))
		;
	if (t->tube.n >= want)
		return &t->buf;
	tube_release(&t->buf);
	return NULL;
}

ssize_t tcp_tube_send(struct tcp_conn *t, struct smb3_buf *buf, size_t len, bool more)
{
	struct smb3_tube *tube = buf->tube;
	unsigned int flags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK, i = 0;
	ssize_t n;

	while (i < tube->n && !tube->has[i])
		i++;
	if (i == tube->n)
		return -EIO; /* they have less than was said */
	if (more || tube->has[i] < len)
		flags |= SPLICE_F_MORE;
	n = splice(tube->out[i], NULL, t->fd, NULL, tube->has[i], flags);
	if (n <= 0)
		return n == 0 ? -EIO : errno == EWOULDBLOCK ? -EAGAIN : -errno;
	tube->has[i] -= (size_t)n;
	smb3_count(t->conn->worker, &tcp_uncopied, n);
	return n;
}

struct smb3_metric tcp_uncopied = { .name = "tcp_uncopied_bytes",
				    .help = "Bytes of reads that were sent without being copied",
				    .type = SMB3_COUNTER };
