// SPDX-License-Identifier: Apache-2.0
/*
 * pace.c: peers that do not get on: who begins a message and does not end it, and who does not read
 * what he has asked for.
 *
 * Only who moves nothing at all for long is cut off, since a peer may have a slow disk or a thin
 * line; but a stranger must be quick, and so must all be when memory for messages has run out.
 */
#include "tcp.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#define SECOND       1000000000ull
#define HURRY_TIME   (10 * SECOND)
#define HURRY_BYTES  65536
#define SLOWEST      1024 /* bytes a second, of a message that takes long */
#define STRANGER_DIV 6

struct check {
	const struct smb3_limits *limits;
	uint64_t now;
	bool hurry;
	unsigned int ended;
};

static bool pace_slow(struct tcp_pace *p, uint64_t bytes, const struct check *c, uint64_t limit_ms)
{
	uint64_t period = limit_ms * 1000000;

	if (c->hurry && period > HURRY_TIME)
		period = HURRY_TIME;
	if (bytes - p->bytes < (c->hurry ? HURRY_BYTES : 1))
		return c->now - p->since > period;
	p->bytes = bytes;
	p->since = c->now;
	return false;
}

static void pace_reset(struct tcp_pace *p, uint64_t bytes, const struct check *c)
{
	p->bytes = bytes;
	p->since = c->now;
}

static bool sends_slowly(struct tcp_conn *t, const struct check *c)
{
	uint64_t limit = c->limits->receive_time, age, so_far = t->message ? t->message->len : 0;

	if (!t->began || t->paused) {
		pace_reset(&t->in_pace, t->received, c);
		t->began = t->began ? c->now : 0; /* time that was not his */
		return false;
	}
	age = c->now > t->began ? c->now - t->began : 0;
	if (!t->conn->logged_on)
		return age > limit * 1000000 / STRANGER_DIV;
	return pace_slow(&t->in_pace, t->received, c, limit) ||
	       (age > limit * 1000000 && so_far < (age - limit * 1000000) / SECOND * SLOWEST);
}

/* What the peer's machine has taken. What the kernel has still to send does not count: it asks for
 * more only when a third of its buffer is free, which a slow reader may need long for. */
static uint64_t taken(const struct tcp_conn *t)
{
	int unsent = 0;

	if (ioctl(t->fd, SIOCOUTQ, &unsent) < 0 || unsent < 0 || (uint64_t)unsent > t->sent)
		return t->sent;
	return t->sent - (uint64_t)unsent;
}

static bool reads_slowly(struct tcp_conn *t, const struct check *c)
{
	if (t->first)
		return pace_slow(&t->out_pace, taken(t), c, c->limits->send_time);
	pace_reset(&t->out_pace, 0, c);
	return false;
}

static bool check_conn(struct smb3_conn *conn, void *arg)
{
	struct tcp_conn *t = conn->transport_data;
	struct check *c = arg;
	const char *limit = NULL;

	if (conn->transport != &tcp_transport)
		return true;
	if (sends_slowly(t, c))
		limit = "limits.receive_time";
	else if (reads_slowly(t, c))
		limit = "limits.send_time";
	if (!limit)
		return true;
	smb3_conn_expire(conn, limit);
	return ++c->ended < SMB3_TICK_ENDS;
}

enum smb3_verdict tcp_tick(struct smb3_mod *mod, struct smb3_event *event)
{
	struct check c = { .limits = smb3_server_limits(event->server),
			   .now = smb3_clock(),
			   .hurry = smb3_memory_short(event->worker) };

	smb3_worker_each_conn(event->worker, check_conn, &c);
	return SMB3_PASS;
}
