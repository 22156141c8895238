// SPDX-License-Identifier: Apache-2.0
/*
 * test_pool.c: whether a thread of the pool is of use: is there a processor for it?
 */
#include "core.h"

#include <criterion/criterion.h>
#include <sched.h>
#include <stdlib.h>

#define CROWD 1000
#define OFTEN 1000

Test(pool, a_crowd_leaves_no_processor_free)
{
	struct smb3_server *server = calloc(1, sizeof(*server));
	struct smb3_worker w = { .server = server, .crowd = CROWD };
	bool several = smb3_processors() > 1;

	cr_assert_eq(smb3_pool_start(server, 1), 0);
	cr_expect_not(smb3_processor_free(&w, 0));
	/* All threads that run are our own: it is forgotten by and by. */
	for (int i = 0; i < OFTEN; i++)
		smb3_processor_free(&w, UINT32_MAX);
	cr_expect_lt(w.crowd, 0.01f);
	cr_expect_eq(smb3_processor_free(&w, UINT32_MAX), several);
	/* This thread is one that runs. */
	for (int i = 0; i < OFTEN; i++)
		smb3_processor_free(&w, 0);
	cr_expect_gt(w.crowd, 0.9f);
	smb3_pool_stop(server);
	free(server);
}

/* Whose only processor a thread of the pool would take from the loop, however idle the machine. */
Test(pool, who_may_use_one_processor_has_none_free)
{
	struct smb3_server *server = calloc(1, sizeof(*server));
	struct smb3_worker w = { .server = server };
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	cr_assert_eq(sched_setaffinity(0, sizeof(one), &one), 0);
	cr_assert_eq(smb3_processors(), 1);
	cr_assert_eq(smb3_pool_start(server, 1), 0);
	cr_expect_not(smb3_processor_free(&w, UINT32_MAX));
	cr_expect_eq(w.crowd, 0.0f);
	smb3_pool_stop(server);
	free(server);
}
