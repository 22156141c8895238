// SPDX-License-Identifier: Apache-2.0
/*
 * metric.h: counters. Each worker counts for itself; readers add up.
 * Core itself counts requests, errors and latency (power-of-two microsecond buckets) per command.
 */
#ifndef SMB3_METRIC_H
#define SMB3_METRIC_H

#include <smb3/base.h>
#include <stdatomic.h>

enum smb3_metric_type { SMB3_COUNTER, SMB3_GAUGE };

/* Like a slot, a mutable static of its module: core fills in index at load. */
struct smb3_metric {
	const char *name; /* "lease_breaks": letters, digits, underscores */
	const char *help;
	enum smb3_metric_type type;
	size_t index;            /* core's */
	_Atomic int64_t outside; /* core's: counted outside of workers */
};

/* What core counts by itself for each command. bucket[0]: requests below 1 us; bucket[i]: from
 * 2^(i-1) us to below 2^i us; the last one has no end. */
struct smb3_command_stats {
	uint64_t count, errors, total_us, bucket[24];
};

/* Sums over all workers; from any thread, a moment behind. */
void smb3_command_sum(struct smb3_server *server, uint16_t command,
		      struct smb3_command_stats *ret_sum);
int64_t smb3_metric_sum(struct smb3_server *server, const struct smb3_metric *m);

/* From the worker's own thread, or with worker NULL from any thread (then an atomic one). */
void smb3_count(struct smb3_worker *worker, const struct smb3_metric *m, int64_t by);

#endif
