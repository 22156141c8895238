// SPDX-License-Identifier: Apache-2.0
/*
 * hold.c: requests that a script lets wait: pended, with a timer of their own; no thread waits with
 * them. When the time has come the hooks are asked again, but not those functions that have had their
 * say: a limit is not charged twice.
 */
#include "script.h"

#define WAIT_MAX 10.0 /* seconds: clients give up on servers that take much longer */

struct hold {
	struct smb3_timer timer;
	struct smb3_req *req;
	const struct set *set; /* whose functions were asked; compared only */
	int band;
	size_t next;
};

static void hold_fini(void *slot, void *object)
{
	smb3_timer_stop(&((struct hold *)slot)->timer);
}

struct smb3_slot hold_slot = {
	.kind = SMB3_SLOT_REQ,
	.size = sizeof(struct hold),
	.fini = hold_fini,
};

size_t hold_first(const struct state *st, const struct smb3_event *event, int band)
{
	const struct hold *hold;

	if (st->point != SMB3_HOOK_REQUEST || !event->req || !st->host)
		return 0;
	hold = smb3_slot(&hold_slot, event->req);
	if (!hold->req || hold->set != st->set || band > hold->band)
		return 0;
	return band < hold->band ? SIZE_MAX : hold->next;
}

static void hold_over(struct smb3_timer *t)
{
	struct hold *hold = SMB3_CONTAINER(t, struct hold, timer);

	smb3_req_resume(hold->req);
}

static void hold_cancel(struct smb3_req *req)
{
	struct hold *hold = smb3_slot(&hold_slot, req);

	smb3_timer_stop(&hold->timer);
	smb3_req_finish(req, req->status);
}

/* Only what is about files waits: clients take no interim answer to a log-on. */
bool hold_begin(struct state *st, struct smb3_event *event, lua_Number seconds, int band, size_t at)
{
	struct smb3_req *req = event->req;
	struct hold *hold;

	seconds = seconds < WAIT_MAX ? seconds : WAIT_MAX;
	event->delay = (uint64_t)(seconds * 1000) + 1;
	if (st->point == SMB3_HOOK_AUTH || st->point == SMB3_HOOK_AUTH_DONE)
		return true;
	if (st->point != SMB3_HOOK_REQUEST || !req->tree || req->hdr.command == SMB2_CANCEL)
		return false;
	hold = smb3_slot(&hold_slot, req);
	hold->req = req;
	hold->set = st->set;
	hold->band = band;
	hold->next = at;
	smb3_timer_start(&hold->timer, req->worker, hold_over, event->delay);
	smb3_req_pend(req, hold_cancel, false);
	return true;
}
