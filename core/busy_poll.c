// SPDX-License-Identifier: Apache-2.0
/*
 * busy_poll.c: whether a worker that has nothing to do looks for work again for a moment, before its loop
 * sleeps. Waking a thread takes some 2 us of a processor, in virtual machines ten times as much, and the
 * client waits for it. So a worker polls while, of late, the next request came soon; otherwise one wait in
 * 16 finds out whether that has changed. How soon it comes depends on what was asked before: a client
 * computes between the messages of a logon, and takes in the data of a READ.
 */
#include "core.h"

#define SPAN  8  /* waits that the average remembers */
#define PROBE 16 /* waits */

static void learn(struct smb3_busy_poll *p, uint64_t cost)
{
	double *mean = &p->after[p->last].cost;

	*mean += ((double)cost - *mean) / SPAN;
}

bool smb3_busy_poll_wait(struct smb3_busy_poll *p, uint64_t limit, uint64_t came, uint64_t now)
{
	uint64_t took = came - p->began;

	if (p->on)
		learn(p, took < limit ? took : limit);
	p->last = p->command;
	p->on = limit && (p->after[p->last].cost <= (double)limit * 3 / 4 ||
			  ++p->after[p->last].waits >= PROBE);
	if (p->on)
		p->after[p->last].waits = 0;
	p->began = now;
	return p->on;
}

bool smb3_busy_poll_again(struct smb3_busy_poll *p, uint64_t limit, uint64_t now)
{
	if (now - p->began < limit)
		return true;
	learn(p, limit);
	p->on = false;
	return false;
}
