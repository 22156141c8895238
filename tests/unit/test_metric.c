// SPDX-License-Identifier: Apache-2.0
/*
 * test_metric.c: counters of workers add up; latencies fall into the right buckets.
 */
#include "core.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct smb3_metric breaks = { .name = "breaks", .help = "h", .type = SMB3_COUNTER };
static struct smb3_metric open_now = { .name = "open_now", .help = "h", .type = SMB3_GAUGE };
static const struct smb3_provide rows[] = {
	SMB3_METRIC(&breaks),
	SMB3_METRIC(&open_now),
	SMB3_END,
};

static struct smb3_server *server;
static struct smb3_worker *one, *two;

static void setup(void)
{
	static const struct smb3_module module = { .name = "m" };
	static struct smb3_mod mod = { .module = &module };

	server = calloc(1, sizeof(*server));
	one = server->workers[0] = calloc(1, sizeof(*one));
	two = server->workers[1] = calloc(1, sizeof(*two));
	server->n_workers = 2;
	cr_assert_eq(smb3_registry_add(server, &mod, rows), 0);
}

static void teardown(void)
{
	smb3_registry_free(&server->registry);
	free(one);
	free(two);
	free(server);
}

TestSuite(metric, .init = setup, .fini = teardown);

Test(metric, counters_add_up)
{
	smb3_count(one, &breaks, 2);
	smb3_count(two, &breaks, 3);
	smb3_count(NULL, &breaks, 5);
	smb3_count(one, &open_now, 4);
	smb3_count(two, &open_now, -1);
	cr_expect_eq(smb3_metric_sum(server, &breaks), 10);
	cr_expect_eq(smb3_metric_sum(server, &open_now), 3);
}

Test(metric, requests_per_command)
{
	struct smb3_command_stats sum;

	smb3_stats_request(one, SMB2_READ, STATUS_SUCCESS, 999);                  /* < 1 us */
	smb3_stats_request(one, SMB2_READ, STATUS_SUCCESS, 1000);                 /* 1 us */
	smb3_stats_request(two, SMB2_READ, STATUS_END_OF_FILE, 3000);             /* 2..4 us */
	smb3_stats_request(two, SMB2_READ, STATUS_BUFFER_OVERFLOW, 4000);         /* 4..8 us */
	smb3_stats_request(two, SMB2_READ, STATUS_SUCCESS, 3600ull * 1000000000); /* an hour */
	smb3_stats_request(two, 0xffff, STATUS_SUCCESS, 1);
	smb3_command_sum(server, SMB2_READ, &sum);
	cr_expect_eq(sum.count, 5);
	cr_expect_eq(sum.errors, 1, "a warning is not an error");
	cr_expect_eq(sum.total_us, 0 + 1 + 3 + 4 + 3600000000ull);
	cr_expect_eq(sum.bucket[0], 1);
	cr_expect_eq(sum.bucket[1], 1);
	cr_expect_eq(sum.bucket[2], 1);
	cr_expect_eq(sum.bucket[3], 1);
	cr_expect_eq(sum.bucket[SMB3_ARRAY_SIZE(sum.bucket) - 1], 1);
	smb3_command_sum(server, SMB2_WRITE, &sum);
	cr_expect_eq(sum.count, 0);
}
