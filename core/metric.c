// SPDX-License-Identifier: Apache-2.0
/*
 * metric.c: counters and latency histograms. A worker's numbers are written by its thread only,
 * so relaxed loads and stores do; readers on other threads may be a moment behind.
 */
#include "core.h"

#define BUCKETS SMB3_ARRAY_SIZE(((struct smb3_command_stats *)NULL)->bucket)

static void add_u64(_Atomic uint64_t *to, uint64_t by)
{
	uint64_t value = atomic_load_explicit(to, memory_order_relaxed);

	atomic_store_explicit(to, value + by, memory_order_relaxed);
}

void smb3_count(struct smb3_worker *worker, const struct smb3_metric *m, int64_t by)
{
	_Atomic int64_t *mine;

	if (!worker) {
		/* The one field of the row that changes; metric.h says so. */
		atomic_fetch_add_explicit((_Atomic int64_t *)(uintptr_t)&m->outside, by,
					  memory_order_relaxed);
		return;
	}
	mine = &worker->stats.value[m->index];
	atomic_store_explicit(mine, atomic_load_explicit(mine, memory_order_relaxed) + by,
			      memory_order_relaxed);
}

int64_t smb3_metric_sum(struct smb3_server *server, const struct smb3_metric *m)
{
	int64_t sum = atomic_load_explicit(&m->outside, memory_order_relaxed);

	for (unsigned int i = 0; i < server->n_workers; i++)
		sum += atomic_load_explicit(&server->workers[i]->stats.value[m->index],
					    memory_order_relaxed);
	return sum;
}

/* Bucket 0 is "below 1 us", bucket i is 2^(i-1) up to 2^i us, the last one has no end. */
static unsigned int bucket_of(uint64_t us)
{
	unsigned int i = us ? 64u - (unsigned int)__builtin_clzll(us) : 0;

	return i < BUCKETS ? i : (unsigned int)BUCKETS - 1;
}

void smb3_stats_request(struct smb3_worker *w, uint16_t command, ntstatus status, uint64_t ns)
{
	if (command >= SMB2_COMMANDS)
		return;
	add_u64(&w->stats.command[command].count, 1);
	add_u64(&w->stats.command[command].errors, status >> 30 == 3);
	add_u64(&w->stats.command[command].total_us, ns / 1000);
	add_u64(&w->stats.command[command].bucket[bucket_of(ns / 1000)], 1);
}

static uint64_t get_u64(const _Atomic uint64_t *from)
{
	return atomic_load_explicit(from, memory_order_relaxed);
}

void smb3_command_sum(struct smb3_server *server, uint16_t command, struct smb3_command_stats *sum)
{
	*sum = (struct smb3_command_stats){ .count = 0 };
	for (unsigned int i = 0; i < server->n_workers; i++) {
		const struct smb3_stats *s = &server->workers[i]->stats;

		sum->count += get_u64(&s->command[command].count);
		sum->errors += get_u64(&s->command[command].errors);
		sum->total_us += get_u64(&s->command[command].total_us);
		for (unsigned int b = 0; b < BUCKETS; b++)
			sum->bucket[b] += get_u64(&s->command[command].bucket[b]);
	}
}
