// SPDX-License-Identifier: Apache-2.0
/*
 * queue.c: lines on their way from those who see events to the thread that writes them. Two
 * buffers: one is filled while the other is written.
 *
 * What does not fit is counted, and said by an event "lost" at the place where it is missing. While
 * writing fails the thread keeps what it has and tries again every second.
 */
#include "audit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOST_ROOM 256 /* for the event "lost", at the end of a buffer */

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	bool started, ending, moved;
	char *filling, *writing;
	size_t len, size; /* of filling; of each */
	uint64_t missing; /* lost since the thread took a buffer */
	struct sink sink; /* the thread's, apart from: */
	enum audit_to new_to;
	char *new_path;
	_Atomic bool failing, pressed;
	_Atomic int error;
	_Atomic uint64_t written, lost;
	_Atomic size_t held; /* bytes of writing that are not written yet */
};

/* ---- the side of the events ---- */

void queue_push(struct queue *q, const char *line, size_t len)
{
	pthread_mutex_lock(&q->lock);
	if (q->len + len > q->size) {
		q->missing++;
		atomic_fetch_add(&q->lost, 1);
	} else {
		memcpy(q->filling + q->len, line, len);
		if (!q->len)
			pthread_cond_signal(&q->wake);
		q->len += len;
	}
	if (q->len > q->size / 4 * 3)
		atomic_store(&q->pressed, true);
	pthread_mutex_unlock(&q->lock);
}

bool queue_in_trouble(struct queue *q)
{
	return atomic_load_explicit(&q->failing, memory_order_relaxed) ||
	       atomic_load_explicit(&q->pressed, memory_order_relaxed);
}

void queue_move(struct queue *q, enum audit_to to, const char *path)
{
	pthread_mutex_lock(&q->lock);
	free(q->new_path);
	q->new_to = to;
	q->new_path = smb3_strdup(path);
	q->moved = true;
	pthread_cond_signal(&q->wake);
	pthread_mutex_unlock(&q->lock);
}

void queue_state(struct queue *q, struct audit_state *ret_state)
{
	pthread_mutex_lock(&q->lock);
	ret_state->waiting = q->len + atomic_load(&q->held);
	pthread_mutex_unlock(&q->lock);
	ret_state->failing = atomic_load(&q->failing);
	ret_state->error = atomic_load(&q->error);
	ret_state->written = atomic_load(&q->written);
	ret_state->lost = atomic_load(&q->lost);
}

/* ---- the thread ---- */

static uint64_t lines_in(const char *text, size_t len)
{
	uint64_t n = 0;

	for (const char *end = text + len; (text = memchr(text, '\n', (size_t)(end - text)));
	     text++)
		n++;
	return n;
}

static void result(struct queue *q, int err)
{
	if (err && !atomic_exchange(&q->failing, true)) {
		atomic_store(&q->error, -err);
		smb3_log(
			SMB3_LOG_ERROR,
			"audit: events cannot be written to %s: %s; they wait in memory, and those "
			"that do not fit are lost",
			q->sink.path, strerror(-err));
	}
	if (!err && atomic_exchange(&q->failing, false))
		smb3_log(SMB3_LOG_NOTICE, "audit: events are written to %s again", q->sink.path);
}

/* Under the lock: sleeps for a second, or until the server ends. */
static void wait_a_moment(struct queue *q)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec++;
	while (!q->ending && !q->moved &&
	       pthread_cond_timedwait(&q->wake, &q->lock, &until) != ETIMEDOUT)
		;
}

/* Under the lock: what queue_move() has asked for. The old place stays when there is no way to the
 * new one. */
static void move(struct queue *q)
{
	struct sink to = { .to = q->new_to, .path = q->new_path, .fd = -1 };
	int err;

	q->moved = false;
	q->new_path = NULL;
	pthread_mutex_unlock(&q->lock);
	err = sink_open(&to);
	if (err) {
		smb3_log(SMB3_LOG_ERROR,
			 "audit: %s: %s; events go to %s as before: correct the group audit and "
			 "reload",
			 to.path, strerror(-err), q->sink.path);
		free(to.path);
	} else {
		sink_close(&q->sink);
		free(q->sink.path);
		q->sink = to;
	}
	pthread_mutex_lock(&q->lock);
}

/* Without the lock: writes writing, all of it, however long it takes; but at the end only once. */
static void write_out(struct queue *q, size_t len)
{
	size_t at = 0, done;
	bool over = false;

	atomic_store(&q->held, len);
	while (at < len && !over) {
		int err = sink_write(&q->sink, q->writing + at, len - at, &done);

		atomic_fetch_add(&q->written, lines_in(q->writing + at, done));
		at += done;
		atomic_store(&q->held, len - at);
		result(q, err);
		if (!err)
			continue;
		pthread_mutex_lock(&q->lock);
		over = q->ending;
		wait_a_moment(q);
		if (q->moved)
			move(q);
		pthread_mutex_unlock(&q->lock);
	}
	if (over)
		atomic_fetch_add(&q->lost, lines_in(q->writing + at, len - at));
}

/* Under the lock: the buffers change places, and what was lost meanwhile is said after the lines
 * that were not. */
static size_t take(struct queue *q)
{
	char *full = q->filling;
	size_t len = q->len;
	uint64_t missing = q->missing;
	struct audit_line *l;

	q->filling = q->writing;
	q->writing = full;
	q->len = 0;
	q->missing = 0;
	atomic_store(&q->pressed, false);
	if (!missing)
		return len;
	l = smb3_alloc(sizeof(*l));
	line_begin(l, "lost");
	line_number(l, "count", missing);
	line_end(l);
	memcpy(full + len, l->text, l->len);
	len += l->len;
	free(l);
	return len;
}

static void *run(void *arg)
{
	struct queue *q = arg;

	pthread_mutex_lock(&q->lock);
	while (!q->ending || q->len || q->missing) {
		size_t len;

		if (!q->len && !q->missing && !q->moved) {
			pthread_cond_wait(&q->wake, &q->lock);
			continue;
		}
		len = take(q);
		pthread_mutex_unlock(&q->lock);
		write_out(q, len);
		pthread_mutex_lock(&q->lock);
		if (q->moved)
			move(q);
	}
	pthread_mutex_unlock(&q->lock);
	return NULL;
}

/* ---- life ---- */

int queue_new(enum audit_to to, const char *path, size_t size, struct queue **ret_queue)
{
	struct sink sink = { .to = to, .path = smb3_strdup(path), .fd = -1 };
	pthread_condattr_t attr;
	struct queue *q;
	int err = sink_open(&sink);

	if (err) {
		free(sink.path);
		return err;
	}
	q = smb3_alloc(sizeof(*q));
	q->sink = sink;
	q->size = size;
	q->filling = smb3_alloc(size + LOST_ROOM);
	q->writing = smb3_alloc(size + LOST_ROOM);
	pthread_mutex_init(&q->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&q->wake, &attr);
	pthread_condattr_destroy(&attr);
	*ret_queue = q;
	return 0;
}

int queue_start(struct queue *q)
{
	q->started = pthread_create(&q->thread, NULL, run, q) == 0;
	return q->started ? 0 : -EAGAIN;
}

bool queue_started(const struct queue *q)
{
	return q->started;
}

void queue_free(struct queue *q)
{
	if (!q)
		return;
	pthread_mutex_lock(&q->lock);
	q->ending = true;
	pthread_cond_signal(&q->wake);
	pthread_mutex_unlock(&q->lock);
	/* A command without a server has no thread. */
	if (q->started)
		pthread_join(q->thread, NULL);
	else
		run(q);
	sink_close(&q->sink);
	free(q->sink.path);
	free(q->new_path);
	free(q->filling);
	free(q->writing);
	pthread_cond_destroy(&q->wake);
	pthread_mutex_destroy(&q->lock);
	free(q);
}
