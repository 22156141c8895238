// SPDX-License-Identifier: Apache-2.0
/*
 * pool.c: the I/O pool: threads that run the blocking part of requests.
 * Any thread takes any job, so that the I/O of one file is never tied to one. Connections take turns,
 * so that nobody waits behind all that another one has asked for; and a mount has three quarters of
 * the threads at most, so that slow storage leaves some to others.
 */
#include "core.h"

#include <fcntl.h>

#define POOL_THREADS_MAX 256
#define CROWD_SPAN       16    /* times that it was asked */
#define CROWD_LITTLE     0.25f /* of a thread: does not count */

struct smb3_pool {
	struct smb3_server *server;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct smb3_list ring; /* of lanes that have jobs */
	struct smb3_lane lane; /* of jobs without one */
	bool stopping;
	int load;                          /* /proc/loadavg; -1: there is none */
	_Atomic unsigned int idle, queued; /* threads; jobs that no thread has yet */
	unsigned int n_threads, per_mount;
	long online; /* processors of the machine, as /proc/loadavg tells of all of it */
	pthread_t threads[POOL_THREADS_MAX];
};

static void job_finished(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct smb3_job *job = SMB3_CONTAINER(mail, struct smb3_job, mail);

	job->done(w, job);
}

void smb3_lane_init(struct smb3_lane *lane)
{
	smb3_list_init(&lane->jobs);
	smb3_list_init(&lane->link);
}

static void lane_add(struct smb3_pool *pool, struct smb3_lane *lane, struct smb3_job *job)
{
	if (smb3_list_empty(&lane->jobs))
		smb3_list_add(&pool->ring, &lane->link);
	smb3_list_add(&lane->jobs, &job->link);
	pool->queued++;
	pthread_cond_signal(&pool->more);
}

/* The first job of the lane whose turn it is. A lane whose first job is for a mount that has its share
 * of the threads keeps its place. */
static struct smb3_job *pool_next(struct smb3_pool *pool)
{
	SMB3_LIST_EACH(&pool->ring, node) {
		struct smb3_lane *lane = SMB3_CONTAINER(node, struct smb3_lane, link);
		struct smb3_job *job = SMB3_CONTAINER(lane->jobs.next, struct smb3_job, link);

		if (job->mount && job->mount->running == pool->per_mount)
			continue;
		if (job->mount)
			job->mount->running++;
		smb3_list_remove(&job->link);
		smb3_list_remove(&lane->link);
		pool->queued--;
		if (!smb3_list_empty(&lane->jobs)) {
			smb3_list_add(&pool->ring, &lane->link);
			/* Who was woken for what stands first now may have found it held up. */
			pthread_cond_signal(&pool->more);
		}
		return job;
	}
	return NULL;
}

static struct smb3_job *pool_take(struct smb3_pool *pool)
{
	struct smb3_job *job;

	pthread_mutex_lock(&pool->lock);
	while (!(job = pool_next(pool)) && !pool->stopping) {
		pool->idle++;
		pthread_cond_wait(&pool->more, &pool->lock);
		pool->idle--;
	}
	pthread_mutex_unlock(&pool->lock);
	return job;
}

/* Its thread looks for the next job, so nobody need be woken. */
static void mount_leave(struct smb3_pool *pool, struct smb3_mount *m)
{
	pthread_mutex_lock(&pool->lock);
	m->running--;
	pthread_mutex_unlock(&pool->lock);
}

static void *pool_thread(void *arg)
{
	struct smb3_pool *pool = arg;
	struct smb3_identity *worn = NULL;
	struct smb3_job *job;

	while ((job = pool_take(pool))) {
		struct smb3_worker *w = job->worker;

		job->refused = !job->aloof && smb3_become(pool->server, &worn, job->who) < 0;
		job->work(job);
		if (job->mount)
			mount_leave(pool, job->mount);
		job->mail.fn = job_finished;
		smb3_mail_post(w, &job->mail);
	}
	smb3_identity_unref(worn);
	return NULL;
}

int smb3_pool_start(struct smb3_server *server, unsigned int threads)
{
	struct smb3_pool *pool = smb3_alloc(sizeof(*pool));
	int err = 0;

	pool->server = server;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->more, NULL);
	smb3_list_init(&pool->ring);
	smb3_lane_init(&pool->lane);
	server->pool = pool;
	pool->load = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
	pool->online = sysconf(_SC_NPROCESSORS_ONLN);
	server->processors = smb3_processors();
	if (threads > POOL_THREADS_MAX)
		threads = POOL_THREADS_MAX;
	while (pool->n_threads < threads && !err) {
		err = pthread_create(&pool->threads[pool->n_threads], NULL, pool_thread, pool);
		if (!err)
			pool->n_threads++;
	}
	pool->per_mount = pool->n_threads - pool->n_threads / 4;
	if (!pool->n_threads) {
		smb3_log(SMB3_LOG_ERROR, "cannot start any I/O thread: %s", strerror(err));
		return -err;
	}
	return 0;
}

void smb3_pool_stop(struct smb3_server *server)
{
	struct smb3_pool *pool = server->pool;

	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->stopping = true;
	pthread_cond_broadcast(&pool->more);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned int i = 0; i < pool->n_threads; i++)
		pthread_join(pool->threads[i], NULL);
	pthread_cond_destroy(&pool->more);
	pthread_mutex_destroy(&pool->lock);
	if (pool->load >= 0)
		close(pool->load);
	free(pool);
	server->pool = NULL;
}

bool smb3_pool_is_idle(struct smb3_server *server)
{
	return server->pool && server->pool->idle > server->pool->queued;
}

/* Threads of the whole machine that run or want to; 0: unknown. proc_loadavg(5) */
static unsigned int threads_running(const struct smb3_pool *pool)
{
	char text[64] = "";
	unsigned int n = 0;

	if (pread(pool->load, text, sizeof(text) - 1, 0) > 0)
		sscanf(text, "%*s %*s %*s %u/", &n);
	return n;
}

bool smb3_processor_free(struct smb3_worker *w, unsigned int own)
{
	struct smb3_pool *pool = w->server->pool;
	unsigned int n = threads_running(pool);

	own += (unsigned int)atomic_load_explicit(&w->server->n_polling, memory_order_relaxed) -
	       ev_is_active(&w->polling);
	n = n > own ? n - own : 0;
	w->crowd += (float)n / CROWD_SPAN - w->crowd / CROWD_SPAN;
	return w->server->processors > 1 && w->crowd + 2 <= (float)pool->online + CROWD_LITTLE;
}

void smb3_pool_put(struct smb3_pool *pool, struct smb3_job *job)
{
	pthread_mutex_lock(&pool->lock);
	lane_add(pool, job->lane ? job->lane : &pool->lane, job);
	pthread_mutex_unlock(&pool->lock);
}

void smb3_job_start(struct smb3_worker *w, struct smb3_job *job)
{
	job->worker = w;
	if (w->server->pool) {
		smb3_pool_put(w->server->pool, job);
		return;
	}
	/* The server begins or ends: there is no other thread. */
	job->refused = smb3_become(w->server, &w->acting_as, job->who) < 0;
	job->work(job);
	job->done(w, job);
}
