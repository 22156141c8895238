// SPDX-License-Identifier: Apache-2.0
/*
 * lease.h: what the parts of this module share.
 *
 *   oplock   the server's promise to one open: you will be told before anybody else sees or
 *            changes this file. Level II: nobody writes. Exclusive: nobody else has it open.
 *            Batch: exclusive, and the client may close late.
 *   break    taking a promise back: the client is told, writes what it holds, and acknowledges.
 *            Level II goes at once, without an acknowledgement.
 *
 * smb3_open.oplock is the level held. It and struct oplock are read and changed under the file's
 * mutex, apart from the fields marked (W), which are the open's worker's.
 */
#ifndef LEASE_LEASE_H
#define LEASE_LEASE_H

#include <smb3/smb3.h>

struct lease_conf {
	int64_t break_time; /* ms */
	bool oplocks;
};

/* Of each worker, touched there only: breaks that wait for their client. */
struct lease_worker {
	struct smb3_list breaking; /* of oplock.link */
};

/* Of each open. */
struct oplock {
	bool breaking; /* the client has been asked to go down to `to` */
	bool leaving;  /* the open is being closed: it is gone when it has left the file */
	uint8_t to;
	uint64_t deadline;     /* (W) smb3_clock() */
	struct smb3_list link; /* (W) lease_worker.breaking */
	struct smb3_open *open;
};

extern struct smb3_slot oplock_slot;

static inline struct oplock *oplock_of(const struct smb3_open *o)
{
	return smb3_slot(&oplock_slot, o);
}

/* ---- oplock.c: who is promised what ---- */

/* Under the file's mutex: o holds that level from now on. */
void oplock_set(struct smb3_open *o, uint8_t level);
enum smb3_verdict oplock_conflict(struct smb3_mod *mod, struct smb3_event *event);
enum smb3_verdict oplock_opened(struct smb3_mod *mod, struct smb3_event *event);
enum smb3_verdict oplock_closing(struct smb3_mod *mod, struct smb3_event *event);
enum smb3_verdict oplock_io(struct smb3_mod *mod, struct smb3_event *event);
enum smb3_verdict oplock_changed(struct smb3_mod *mod, struct smb3_event *event);

/* ---- break.c: taking it back ---- */

/* Under the file's mutex. From exclusive or batch to `to`: the level stays until the client has
 * acknowledged, has closed, or has let the time pass; waiters of the file are woken then. From
 * level II: at once. */
void break_start(struct smb3_mod *mod, struct smb3_open *o, uint8_t to);
/* On the open's worker, under the file's mutex: nobody waits for its client any more. */
void break_forget(struct smb3_open *o);
enum smb3_verdict break_tick(struct smb3_mod *mod, struct smb3_event *event);
extern const struct smb3_command break_command;

#endif
