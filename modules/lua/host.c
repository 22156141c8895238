// SPDX-License-Identifier: Apache-2.0
/*
 * host.c: which thread runs which state, and the change from one set of scripts to the next.
 *
 * A worker has a seat of its own; a loop never waits for it, since whoever else wants it only tries.
 * Threads of the I/O pool share the other seats and may wait for each other. A reload loads all
 * states of a new set aside and then changes one pointer: from then on everybody who sits down has
 * the new scripts. The old set's states are closed one by one, when their seat is seen empty.
 */
#include "script.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- threads ---- */

/* The workers' indexes are known only to themselves. */
static unsigned int seat_choose(struct host *host)
{
	struct smb3_server *server = host->mod->server;
	unsigned int n = smb3_server_workers(server), pool = host->n_seats - host->n_workers;

	for (unsigned int i = 0; i < n && i < host->n_workers; i++)
		if (smb3_worker_here(smb3_server_worker(server, i)))
			return i;
	return host->n_workers + atomic_fetch_add(&host->next_pool, 1) % pool;
}

static unsigned int seat_of_thread(struct host *host)
{
	uintptr_t known = (uintptr_t)pthread_getspecific(host->key);

	if (!known) {
		known = seat_choose(host) + 1;
		pthread_setspecific(host->key, (void *)known);
	}
	return (unsigned int)known - 1;
}

struct state *host_enter(struct host *host)
{
	unsigned int seat = seat_of_thread(host);

	if (atomic_load_explicit(&host->seats[seat].thread, memory_order_relaxed) ==
	    (uintptr_t)pthread_self())
		return NULL;
	pthread_mutex_lock(&host->seats[seat].lock);
	atomic_store_explicit(&host->seats[seat].thread, (uintptr_t)pthread_self(),
			      memory_order_relaxed);
	return atomic_load(&host->set)->states[seat];
}

struct state *host_enter_at(struct host *host, struct state *st)
{
	pthread_mutex_lock(&host->seats[st->index].lock);
	atomic_store_explicit(&host->seats[st->index].thread, (uintptr_t)pthread_self(),
			      memory_order_relaxed);
	return st;
}

bool host_try(struct host *host, unsigned int seat)
{
	if (pthread_mutex_trylock(&host->seats[seat].lock))
		return false;
	atomic_store_explicit(&host->seats[seat].thread, (uintptr_t)pthread_self(),
			      memory_order_relaxed);
	return true;
}

void host_leave(struct host *host, struct state *st)
{
	atomic_store_explicit(&host->seats[st->index].thread, 0, memory_order_relaxed);
	pthread_mutex_unlock(&host->seats[st->index].lock);
}

/* ---- sets ---- */

static void set_free(struct set *set)
{
	if (!set)
		return;
	for (unsigned int i = 0; i < set->n; i++)
		state_free(set->states[i]);
	free(set->states);
	free(set);
}

int host_prepare(struct host *host, const struct script_conf *conf, struct set **ret_set,
		 char *ret_why, size_t size)
{
	struct set *set = smb3_alloc(sizeof(*set));

	set->states = smb3_alloc(host->n_seats * sizeof(struct state *));
	for (; set->n < host->n_seats; set->n++) {
		const struct state_place place = {
			.mod = host->mod, .conf = conf, .set = set, .index = set->n
		};
		struct state *st = state_new(host, &place, ret_why, size);

		if (!st) {
			set_free(set);
			return -EINVAL;
		}
		set->states[set->n] = st;
	}
	*ret_set = set;
	return 0;
}

void host_drop_next(struct host *host)
{
	set_free(host->next);
	host->next = NULL;
}

void host_swap(struct host *host)
{
	struct set *old = atomic_load(&host->set);

	if (!host->next)
		return;
	old->older = host->old;
	host->old = old;
	atomic_store(&host->set, host->next);
	host->next = NULL;
	hooks_enable(host, atomic_load(&host->set)->states[0]);
	verbs_enable(host);
}

/* True when nothing of it is left. Whoever sits down after the change has another set: a seat that
 * was seen empty since is done with this one. */
static bool set_sweep(struct host *host, struct set *set)
{
	bool left = set->busy != 0;

	for (unsigned int i = 0; i < set->n; i++) {
		if (!set->states[i] || (i == 0 && set->busy))
			continue;
		if (pthread_mutex_trylock(&host->seats[i].lock)) {
			left = true;
			continue;
		}
		pthread_mutex_unlock(&host->seats[i].lock);
		state_free(set->states[i]);
		set->states[i] = NULL;
	}
	return !left;
}

void host_sweep(struct host *host)
{
	struct set **at = &host->old;

	while (*at) {
		struct set *set = *at;

		if (!set_sweep(host, set)) {
			at = &set->older;
			continue;
		}
		*at = set->older;
		set_free(set);
	}
}

/* ---- life ---- */

int host_new(struct smb3_mod *mod, const struct script_conf *conf, struct host **ret_host)
{
	int64_t wanted = smb3_server_conf(mod->server)->workers;
	struct host *host = smb3_alloc(sizeof(*host));
	struct set *set;
	char why[512];
	int err;

	host->mod = mod;
	host->n_workers = wanted > 0 ? (unsigned int)wanted : smb3_processors();
	if (host->n_workers > SMB3_WORKERS_MAX)
		host->n_workers = SMB3_WORKERS_MAX;
	host->n_seats = host->n_workers + POOL_SEATS;
	host->seats = smb3_alloc(host->n_seats * sizeof(*host->seats));
	for (unsigned int i = 0; i < host->n_seats; i++)
		pthread_mutex_init(&host->seats[i].lock, NULL);
	pthread_key_create(&host->key, NULL);
	pthread_mutex_init(&host->frozen_lock, NULL);
	host->shared = shared_new();
	err = host_prepare(host, conf, &set, why, sizeof(why));
	if (err) {
		smb3_log(SMB3_LOG_ERROR, "lua: %s", why);
		host_free(host);
		return err;
	}
	atomic_init(&host->set, set);
	*ret_host = host;
	return 0;
}

void host_free(struct host *host)
{
	if (!host)
		return;
	set_free(atomic_load(&host->set));
	host_drop_next(host);
	while (host->old) {
		struct set *older = host->old->older;

		set_free(host->old);
		host->old = older;
	}
	for (unsigned int i = 0; i < host->n_seats; i++)
		pthread_mutex_destroy(&host->seats[i].lock);
	pthread_key_delete(host->key);
	pthread_mutex_destroy(&host->frozen_lock);
	frozen_free(host);
	verb_rows_free(host);
	shared_free(host->shared);
	free(host->seats);
	free(host);
}
