// SPDX-License-Identifier: Apache-2.0
/*
 * worker.c: threads with an event loop, their mail, their timers, and the watchdog that names
 * what held a loop up.
 */
#include "core.h"

#include <sched.h>

#define ARENAS_KEPT  SMB3_ARRAY_SIZE(((struct smb3_worker *)NULL)->arenas)
#define MAIL_NS      500000u
#define IDLE_BUFFERS (32u << 20)

/* ---- mail ---- */

void smb3_mail_post(struct smb3_worker *to, struct smb3_mail *mail)
{
	bool wake;

	SMB3_CHECK(to, SMB3_WORKER_MAGIC);
	mail->next = NULL;
	pthread_mutex_lock(&to->mail_lock);
	wake = !to->mail_first;
	*to->mail_last = mail;
	to->mail_last = &mail->next;
	pthread_mutex_unlock(&to->mail_lock);
	if (wake)
		ev_async_send(to->loop, &to->wake);
}

static struct smb3_mail *mail_take(struct smb3_worker *w)
{
	struct smb3_mail *first;

	pthread_mutex_lock(&w->mail_lock);
	first = w->mail_first;
	w->mail_first = first ? first->next : NULL;
	if (!w->mail_first)
		w->mail_last = &w->mail_first;
	pthread_mutex_unlock(&w->mail_lock);
	return first;
}

/* For a while; then clients have their turn. */
void smb3_worker_read_mail(struct smb3_worker *w)
{
	uint64_t ends = smb3_clock() + MAIL_NS;
	struct smb3_mail *mail;

	while ((mail = mail_take(w))) {
		w->busy_with = "mail";
		mail->fn(w, mail);
		if (smb3_clock() >= ends) {
			ev_async_send(w->loop, &w->wake);
			return;
		}
	}
}

static void on_wake(struct ev_loop *loop, ev_async *watcher, int events)
{
	smb3_worker_read_mail(watcher->data);
}

/* ---- to sleep, or not yet ---- */

static uint64_t poll_limit(const struct smb3_worker *w)
{
	return (uint64_t)smb3_server_conf(w->server)->busy_poll * 1000;
}

/* Those who poll want no processor that somebody else wants. */
static void poll_set(struct smb3_worker *w, bool on)
{
	if (on == ev_is_active(&w->polling))
		return;
	if (on)
		ev_idle_start(w->loop, &w->polling);
	else
		ev_idle_stop(w->loop, &w->polling);
	atomic_fetch_add_explicit(&w->server->n_polling, on ? 1 : -1, memory_order_relaxed);
}

/* Something was done in this turn. While the pool encrypts or decrypts for it, a worker leaves its processor to that. */
static void wait_begins(struct smb3_worker *w)
{
	uint64_t limit = w->sealing ? 0 : poll_limit(w);

	poll_set(w, smb3_busy_poll_wait(&w->busy_poll, limit, w->loop_began, smb3_clock()));
}

/* Nothing came. Whoever else wants this processor has it first, which does not hold this loop up. */
static void on_idle(struct ev_loop *loop, ev_idle *watcher, int events)
{
	struct smb3_worker *w = watcher->data;

	w->loop_began = 0;
	poll_set(w, smb3_busy_poll_again(&w->busy_poll, poll_limit(w), smb3_clock()));
	if (ev_is_active(watcher))
		sched_yield();
}

/* ---- watchdog ---- */

static const char tick[] = "tick"; /* after which nobody waits for more */

/* Before the loop sleeps: how long did this turn take? */
static void on_prepare(struct ev_loop *loop, ev_prepare *watcher, int events)
{
	struct smb3_worker *w = watcher->data;
	uint64_t late = smb3_server_conf(w->server)->late;
	uint64_t ms = w->loop_began ? (smb3_clock() - w->loop_began) / 1000000 : 0;

	if (late && ms > late) {
		w->late_count++;
		w->late_last = w->busy_with;
		smb3_log(SMB3_LOG_WARNING, "worker %u: the loop was late: held up %llu ms by %s",
			 w->index, (unsigned long long)ms, w->busy_with ? w->busy_with : "?");
	}
	if (w->busy_with && w->busy_with != tick)
		wait_begins(w);
	w->loop_began = 0;
	w->busy_with = NULL;
}

static void on_check(struct ev_loop *loop, ev_check *watcher, int events)
{
	struct smb3_worker *w = watcher->data;

	w->loop_began = smb3_clock();
}

/* Inline work leaves its user's identity on; what follows is the server's own business. */
static void wear_nobody(struct smb3_worker *w)
{
	if (smb3_become(w->server, &w->acting_as, NULL) < 0)
		smb3_log(SMB3_LOG_ERROR, "worker %u: cannot take its own identity back", w->index);
}

static void on_tick(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct smb3_worker *w = watcher->data;

	w->busy_with = tick;
	wear_nobody(w);
	smb3_reqs_tick(w);
	smb3_conns_tick(w);
	wear_nobody(w);
	if (smb3_hooked(w->server, SMB3_HOOK_TICK)) {
		struct smb3_event event = { .point = SMB3_HOOK_TICK,
					    .server = w->server,
					    .worker = w };

		smb3_hook_run(&event);
	}
}

/* ---- life ---- */

static struct smb3_worker *worker_new(struct smb3_server *server, unsigned int index)
{
	struct smb3_worker *w = smb3_alloc(sizeof(*w));

	w->magic = SMB3_WORKER_MAGIC;
	w->index = index;
	w->server = server;
	w->loop = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);
	if (!w->loop) {
		free(w);
		return NULL;
	}
	pthread_mutex_init(&w->mail_lock, NULL);
	w->mail_last = &w->mail_first;
	w->bufs = smb3_buf_pool_new(IDLE_BUFFERS);
	smb3_list_init(&w->conns);
	smb3_list_init(&w->clients);
	smb3_list_init(&w->waiting);
	smb3_hash_init(&w->sessions);
	w->wake.data = w->prepare.data = w->check.data = w->tick.data = w->polling.data = w;
	ev_async_init(&w->wake, on_wake);
	ev_prepare_init(&w->prepare, on_prepare);
	ev_check_init(&w->check, on_check);
	ev_idle_init(&w->polling, on_idle);
	ev_set_priority(&w->polling, EV_MINPRI); /* nothing else waits for its turn */
	ev_timer_init(&w->tick, on_tick, 1., 1.);
	ev_async_start(w->loop, &w->wake);
	ev_prepare_start(w->loop, &w->prepare);
	ev_check_start(w->loop, &w->check);
	ev_timer_start(w->loop, &w->tick);
	return w;
}

static void worker_free(struct smb3_worker *w)
{
	if (!w)
		return;
	while (w->n_arenas)
		smb3_arena_free(w->arenas[--w->n_arenas]);
	smb3_buf_pool_free(w->bufs);
	smb3_hash_done(&w->sessions);
	smb3_identity_unref(w->acting_as);
	ev_loop_destroy(w->loop);
	pthread_mutex_destroy(&w->mail_lock);
	w->magic = 0;
	free(w);
}

void smb3_worker_run(struct smb3_worker *w)
{
	atomic_store(&w->self, (uintptr_t)pthread_self());
	ev_run(w->loop, 0);
	atomic_store(&w->self, 0);
}

static void *worker_thread(void *arg)
{
	smb3_worker_run(arg);
	return NULL;
}

int smb3_workers_make(struct smb3_server *server)
{
	int64_t want = smb3_server_conf(server)->workers;
	unsigned int n = want > 0 ? (unsigned int)want : smb3_processors();

	server->n_workers = 0;
	if (n > SMB3_WORKERS_MAX)
		n = SMB3_WORKERS_MAX;
	for (unsigned int i = 0; i < n; i++) {
		server->workers[i] = worker_new(server, i);
		if (!server->workers[i])
			return -ENOMEM;
		server->n_workers++;
	}
	return 0;
}

int smb3_workers_start(struct smb3_server *server)
{
	for (unsigned int i = 1; i < server->n_workers; i++) {
		struct smb3_worker *w = server->workers[i];
		int err = pthread_create(&w->thread, NULL, worker_thread, w);

		if (err) {
			smb3_log(SMB3_LOG_ERROR, "cannot start worker %u: %s", i, strerror(err));
			return -err;
		}
		w->joinable = true;
	}
	return 0;
}

static void stop_mail(struct smb3_worker *w, struct smb3_mail *mail)
{
	free(mail);
	smb3_conns_close(w);
	ev_break(w->loop, EVBREAK_ALL);
}

static void worker_join(struct smb3_worker *w)
{
	struct smb3_mail *mail = smb3_alloc(sizeof(*mail));

	mail->fn = stop_mail;
	smb3_mail_post(w, mail);
	pthread_join(w->thread, NULL);
	w->joinable = false;
}

static bool mail_waits(const struct smb3_server *server)
{
	bool waits = false;

	for (unsigned int i = 0; i < server->n_workers && !waits; i++) {
		struct smb3_worker *w = server->workers[i];

		pthread_mutex_lock(&w->mail_lock); /* whoever stopped the server may post yet */
		waits = w->mail_first != NULL;
		pthread_mutex_unlock(&w->mail_lock);
	}
	return waits;
}

void smb3_workers_stop(struct smb3_server *server)
{
	for (unsigned int i = 1; i < server->n_workers; i++)
		if (server->workers[i]->joinable)
			worker_join(server->workers[i]);
	if (server->n_workers)
		smb3_conns_close(server->workers[0]);
	smb3_pool_stop(server);
	/* What was posted late still owns memory; all other threads are gone, deliver it here. */
	while (mail_waits(server))
		for (unsigned int i = 0; i < server->n_workers; i++)
			smb3_worker_read_mail(server->workers[i]);
}

void smb3_workers_free(struct smb3_server *server)
{
	for (unsigned int i = 0; i < server->n_workers; i++) {
		worker_free(server->workers[i]);
		server->workers[i] = NULL;
	}
	server->n_workers = 0;
}

/* ---- for everybody ---- */

unsigned int smb3_worker_index(const struct smb3_worker *w)
{
	return w->index;
}

struct ev_loop *smb3_worker_loop(const struct smb3_worker *w)
{
	return w->loop;
}

struct smb3_buf_pool *smb3_worker_bufs(const struct smb3_worker *w)
{
	return w->bufs;
}

bool smb3_worker_here(const struct smb3_worker *w)
{
	uintptr_t self = atomic_load(&w->self);

	return self == 0 || self == (uintptr_t)pthread_self();
}

unsigned int smb3_server_workers(const struct smb3_server *server)
{
	return server->n_workers;
}

struct smb3_worker *smb3_server_worker(const struct smb3_server *server, unsigned int index)
{
	return index < server->n_workers ? server->workers[index] : NULL;
}

struct smb3_arena *smb3_worker_arena(struct smb3_worker *w)
{
	return w->n_arenas ? w->arenas[--w->n_arenas] : smb3_arena_new();
}

void smb3_worker_arena_put(struct smb3_worker *w, struct smb3_arena *a)
{
	if (w->n_arenas == ARENAS_KEPT) {
		smb3_arena_free(a);
		return;
	}
	smb3_arena_reset(a);
	w->arenas[w->n_arenas++] = a;
}

static void on_timer(struct ev_loop *loop, ev_timer *ev, int events)
{
	struct smb3_timer *t = ev->data;

	t->worker->busy_with = "timer";
	wear_nobody(t->worker);
	t->fn(t);
}

void smb3_timer_start(struct smb3_timer *t, struct smb3_worker *w, void (*fn)(struct smb3_timer *),
		      uint64_t ms)
{
	if (t->ev && t->worker != w)
		smb3_timer_stop(t);
	if (!t->ev) {
		t->ev = smb3_alloc(sizeof(*t->ev));
		t->ev->data = t;
	}
	ev_timer_stop(w->loop, t->ev);
	t->worker = w;
	t->fn = fn;
	ev_timer_init(t->ev, on_timer, 0., 0.);
	ev_now_update(w->loop);
	ev_timer_set(t->ev, (double)ms / 1000., 0.);
	ev_timer_start(w->loop, t->ev);
}

void smb3_timer_stop(struct smb3_timer *t)
{
	if (!t->ev)
		return;
	ev_timer_stop(t->worker->loop, t->ev);
	free(t->ev);
	t->ev = NULL;
}
