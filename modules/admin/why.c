// SPDX-License-Identifier: Apache-2.0
/*
 * why.c: the last denials and their reasons.
 */
#include "admin.h"

#include <stdio.h>
#include <time.h>

enum smb3_verdict why_note(struct smb3_mod *mod, struct smb3_event *event)
{
	const struct smb3_req *req = event->req;
	struct why *why = &((struct admin *)mod->data)->why;
	struct denial *d;

	pthread_mutex_lock(&why->lock);
	d = &why->ring[why->count++ % WHY_KEPT];
	*d = (struct denial){ .when = smb3_now(), .status = event->status };
	if (req && req->command)
		snprintf(d->command, sizeof(d->command), "%s", req->command->name);
	else if (event->rpc)
		snprintf(d->command, sizeof(d->command), "BIND");
	if (event->conn)
		snprintf(d->address, sizeof(d->address), "%s", event->conn->peer_name);
	if (event->who)
		snprintf(d->user, sizeof(d->user), "%s", event->who->name);
	if (event->share)
		snprintf(d->share, sizeof(d->share), "%s", event->share->name);
	snprintf(d->reason, sizeof(d->reason), "%s", event->reason);
	pthread_mutex_unlock(&why->lock);
	return SMB3_PASS;
}

static void denial_row(struct smb3_ctl *ctl, const struct denial *d)
{
	struct timespec ts = smb3_nttime_to_timespec(d->when);
	struct tm tm;
	char when[32];

	gmtime_r(&ts.tv_sec, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	smb3_ctl_row(ctl);
	smb3_ctl_text(ctl, "time", when);
	smb3_ctl_text(ctl, "address", d->address);
	smb3_ctl_text(ctl, "user", d->user);
	smb3_ctl_text(ctl, "share", d->share);
	smb3_ctl_text(ctl, "command", d->command);
	smb3_ctl_text(ctl, "status", smb3_status_name(d->status));
	smb3_ctl_text(ctl, "reason", d->reason);
}

void admin_why(struct smb3_ctl *ctl)
{
	struct why *why = &((struct admin *)smb3_ctl_mod(ctl)->data)->why;
	unsigned long i;

	pthread_mutex_lock(&why->lock);
	for (i = why->count > WHY_KEPT ? why->count - WHY_KEPT : 0; i < why->count; i++)
		denial_row(ctl, &why->ring[i % WHY_KEPT]);
	pthread_mutex_unlock(&why->lock);
	smb3_ctl_done(ctl, NULL);
}
