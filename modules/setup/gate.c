// SPDX-License-Identifier: Apache-2.0
/*
 * gate.c: who may try to log on, and when: the hooks AUTH and AUTH_DONE around each round trip.
 *
 * A request that has to wait is pended, with a timer of its own; neither its connection nor any
 * other waits with it. It gets no interim reply: clients do not expect one here, and some take it
 * into their preauthentication hash.
 */
#include "setup.h"

#include <stdio.h>

static uint64_t clock_in(uint64_t ms)
{
	return smb3_clock() + ms * 1000000;
}

/* The clock that timers go by lags behind by what the loop has done since it woke up. */
static uint64_t ms_left(const struct setup *s)
{
	uint64_t now = smb3_clock();

	return now < s->due ? (s->due - now) / 1000000 + 1 : 0;
}

static void wait_for(struct smb3_req *req, void (*on_time)(struct smb3_timer *),
		     void (*on_cancel)(struct smb3_req *))
{
	struct setup *s = req->state;

	s->req = req;
	smb3_timer_start(&s->timer, req->worker, on_time, ms_left(s));
	smb3_req_pend(req, on_cancel, false);
	smb3_req_no_interim(req);
}

static struct smb3_event event_of(struct smb3_req *req, enum smb3_hook_point point)
{
	const struct setup *s = req->state;

	return (struct smb3_event){ .point = point,
				    .server = req->server,
				    .worker = req->worker,
				    .conn = req->conn,
				    .session = req->session,
				    .req = req,
				    .who = s->auth->identity,
				    .user = s->auth->who[0] ? s->auth->who : NULL };
}

/* ---- before ---- */

static void enter_cancelled(struct smb3_req *req)
{
	struct setup *s = req->state;

	smb3_timer_stop(&s->timer);
	setup_abandon(req);
	smb3_req_finish(req, req->status);
}

static void enter_again(struct smb3_timer *t)
{
	struct setup *s = SMB3_CONTAINER(t, struct setup, timer);
	struct smb3_req *req = s->req;
	ntstatus status;

	smb3_timer_stop(t);
	smb3_req_unpend(req);
	status = gate_enter(req);
	if (status != STATUS_PENDING)
		smb3_req_finish(req, status);
}

ntstatus gate_enter(struct smb3_req *req)
{
	struct setup *s = req->state;
	struct smb3_event event;

	if (!smb3_hooked(req->server, SMB3_HOOK_AUTH))
		return setup_step(req);
	event = event_of(req, SMB3_HOOK_AUTH);
	switch (smb3_hook_run(&event)) {
	case SMB3_DENY:
		snprintf(s->auth->reason, sizeof(s->auth->reason), "%s", event.reason);
		smb3_req_deny(req, event.status, "%s", event.reason);
		return setup_refuse(req, event.status);
	case SMB3_WAIT:
		s->due = clock_in(event.delay);
		wait_for(req, enter_again, enter_cancelled);
		return STATUS_PENDING;
	default:
		return setup_step(req);
	}
}

/* ---- after ---- */

void gate_leave(struct smb3_req *req, ntstatus status)
{
	struct setup *s = req->state;
	struct smb3_event event = event_of(req, SMB3_HOOK_AUTH_DONE);

	if (!smb3_hooked(req->server, SMB3_HOOK_AUTH_DONE))
		return;
	event.status = status;
	if (smb3_hook_run(&event) == SMB3_WAIT)
		s->delay = event.delay;
}

/* No CANCEL makes it come sooner; only the end of the connection does. */
static void answer_cancelled(struct smb3_req *req)
{
	struct setup *s = req->state;

	if (!req->conn->closing)
		return;
	smb3_timer_stop(&s->timer);
	smb3_req_finish(req, s->verdict);
}

static void answer_now(struct smb3_timer *t)
{
	struct setup *s = SMB3_CONTAINER(t, struct setup, timer);
	uint64_t left = ms_left(s);

	if (left) {
		smb3_timer_start(t, s->req->worker, answer_now, left);
		return;
	}
	smb3_timer_stop(t);
	smb3_req_finish(s->req, s->verdict);
}

ntstatus gate_answer(struct smb3_req *req, ntstatus status)
{
	struct setup *s = req->state;

	if (!s->delay || req->conn->closing)
		return status;
	s->verdict = status;
	s->due = clock_in(s->delay);
	wait_for(req, answer_now, answer_cancelled);
	return STATUS_PENDING;
}
