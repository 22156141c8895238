// SPDX-License-Identifier: Apache-2.0
/*
 * busy_poll.c: whether a worker that has nothing to do looks for work again for a moment, before its loop
 * sleeps. Waking a thread takes some 2 us of a processor, in virtual machines ten times as much, and the
 * client waits for it. So a worker polls while, of late, the next request came soon; otherwise a wait now and
 * then finds out whether that has changed, more and more seldom. How soon it comes depends on what was asked
 * before: a client computes between the messages of a logon, and takes in the data of a READ.
 */
#include "core.h"

#define SPAN      8  /* waits that the average remembers */
#define PROBE     16 /* waits */
#define PROBE_MAX 1024

static bool pays(const struct smb3_busy_poll *p)
{
	return p->after[p->last].cost <= (double)p->limit * 3 / 4;
}

static void learn(struct smb3_busy_poll *p, uint64_t cost)
{
	double *mean = &p->after[p->last].cost;

	*mean += ((double)cost - *mean) / SPAN;
}

bool smb3_busy_poll_wait(struct smb3_busy_poll *p, uint64_t limit, uint64_t came, uint64_t now)
{
	uint64_t took = came - p->began;

	if (p->on) {
		learn(p, took < p->limit ? took : p->limit);
		p->after[p->last].probe = PROBE;
	}
	p->last = p->command;
	p->began = now;
	p->limit = limit;
	p->on = limit && (pays(p) || ++p->after[p->last].waits >= p->after[p->last].probe);
	if (p->on)
		p->after[p->last].waits = 0;
	return p->on;
}

bool smb3_busy_poll_again(struct smb3_busy_poll *p, uint64_t limit, uint64_t now)
{
	unsigned int *probe = &p->after[p->last].probe;

	if (limit && now - p->began < p->limit)
		return true;
	p->on = false;
	if (!limit)
		return false;
	if (!pays(p))
		*probe = *probe < PROBE ? PROBE : *probe < PROBE_MAX ? *probe * 2 : PROBE_MAX;
	learn(p, p->limit);
	return false;
}
