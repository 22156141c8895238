// SPDX-License-Identifier: Apache-2.0
/*
 * oplock.c: granting, and what makes a promise void: another open, or a write.
 * [MS-FSA] 2.1.4.12, 2.1.5.18.1, 2.1.5.18.2; [MS-SMB2] 3.3.5.9
 */
#include "lease.h"

/* An open for these alone neither reads nor changes contents: it disturbs nobody. */
#define STAT_ACCESS (FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES | SYNCHRONIZE)

static void oplock_init(void *slot, void *object)
{
	struct oplock *p = slot;

	p->open = object;
	smb3_list_init(&p->link);
}

struct smb3_slot oplock_slot = { .kind = SMB3_SLOT_OPEN,
				 .size = sizeof(struct oplock),
				 .init = oplock_init };

static bool is_exclusive(const struct smb3_open *o)
{
	return o->oplock >= SMB2_OPLOCK_LEVEL_EXCLUSIVE;
}

/* Writes are asked about while somebody holds level II. */
void oplock_set(struct smb3_open *o, uint8_t level)
{
	bool was = o->oplock == SMB2_OPLOCK_LEVEL_II, is = level == SMB2_OPLOCK_LEVEL_II;

	o->oplock = level;
	if (is && !was)
		atomic_fetch_add(&o->file->io_guards, 1);
	if (was && !is)
		atomic_fetch_sub(&o->file->io_guards, 1);
}

/* ---- an open meets others ---- */

static bool overwrites(const struct smb3_create *c)
{
	return c->disposition == FILE_SUPERSEDE || c->disposition == FILE_OVERWRITE ||
	       c->disposition == FILE_OVERWRITE_IF;
}

/* True: the newcomer has to wait for this holder. A batch oplock is taken back before sharing is
 * looked at, for its client may have closed the file long ago; an exclusive one only for somebody
 * who will be let in. */
static bool holder_met(struct smb3_mod *mod, struct smb3_open *holder, struct smb3_event *event)
{
	struct oplock *p = oplock_of(holder);
	uint8_t to = overwrites(event->create) ? SMB2_OPLOCK_LEVEL_NONE : SMB2_OPLOCK_LEVEL_II;

	if (!is_exclusive(holder)) {
		if (holder->oplock && to == SMB2_OPLOCK_LEVEL_NONE)
			break_start(mod, holder, to);
		return false;
	}
	if (p->leaving)
		return true;
	if (holder->oplock == SMB2_OPLOCK_LEVEL_EXCLUSIVE && !p->breaking &&
	    smb3_file_check(event->file, event->access, event->open->share_access))
		return false;
	if (!p->breaking)
		break_start(mod, holder, to);
	return true;
}

enum smb3_verdict oplock_conflict(struct smb3_mod *mod, struct smb3_event *event)
{
	bool wait = false;

	if (!(event->access & ~STAT_ACCESS))
		return SMB3_PASS;
	SMB3_LIST_EACH(&event->file->opens, node)
		wait |= holder_met(mod, SMB3_CONTAINER(node, struct smb3_open, file_link), event);
	return wait ? SMB3_WAIT : SMB3_PASS;
}

/* ---- granting ---- */

/* Exclusive while nobody else can reach the contents, else level II. */
static uint8_t grantable(const struct smb3_open *o, uint8_t wanted)
{
	SMB3_LIST_EACH(&o->file->opens, node) {
		const struct smb3_open *other = SMB3_CONTAINER(node, struct smb3_open, file_link);

		if (other == o || (!(other->access & ~STAT_ACCESS) && !other->oplock))
			continue;
		if (is_exclusive(other))
			return SMB2_OPLOCK_LEVEL_NONE;
		wanted = SMB2_OPLOCK_LEVEL_II;
	}
	return wanted;
}

static bool is_level(uint8_t level)
{
	return level == SMB2_OPLOCK_LEVEL_II || level == SMB2_OPLOCK_LEVEL_EXCLUSIVE ||
	       level == SMB2_OPLOCK_LEVEL_BATCH;
}

enum smb3_verdict oplock_opened(struct smb3_mod *mod, struct smb3_event *event)
{
	const struct lease_conf *conf = smb3_conf_of(mod, event->share);
	struct smb3_create *c = event->create;
	struct smb3_open *o = event->open;

	if (!conf->oplocks || !is_level(c->oplock) || !o->file || o->directory)
		return SMB3_PASS;
	smb3_file_lock(o->file);
	if (!o->file->delete_pending)
		oplock_set(o, grantable(o, c->oplock));
	c->granted_oplock = o->oplock;
	smb3_file_unlock(o->file);
	return SMB3_PASS;
}

/* ---- the end ---- */

/* Who waits for this open is woken when it has left the file. */
enum smb3_verdict oplock_closing(struct smb3_mod *mod, struct smb3_event *event)
{
	struct smb3_open *o = event->open;

	(void)mod;
	if (!o->file)
		return SMB3_PASS;
	smb3_file_lock(o->file);
	break_forget(o);
	if (is_exclusive(o))
		oplock_of(o)->leaving = true;
	else
		oplock_set(o, SMB2_OPLOCK_LEVEL_NONE);
	smb3_file_unlock(o->file);
	return SMB3_PASS;
}

/* ---- writes ---- */

/* What a client has read ahead is no longer what stands in the file: every level II goes, that of
 * whoever writes included. */
static void contents_changed(struct smb3_mod *mod, struct smb3_file *f)
{
	smb3_file_lock(f);
	SMB3_LIST_EACH(&f->opens, node) {
		struct smb3_open *o = SMB3_CONTAINER(node, struct smb3_open, file_link);

		if (o->oplock == SMB2_OPLOCK_LEVEL_II)
			break_start(mod, o, SMB2_OPLOCK_LEVEL_NONE);
	}
	smb3_file_unlock(f);
}

enum smb3_verdict oplock_io(struct smb3_mod *mod, struct smb3_event *event)
{
	if (event->io->locked || event->io->access & (FILE_WRITE_DATA | FILE_APPEND_DATA))
		contents_changed(mod, event->file);
	return SMB3_PASS;
}

/* Sizes are set without a write. */
enum smb3_verdict oplock_changed(struct smb3_mod *mod, struct smb3_event *event)
{
	const uint32_t sizes = FILE_NOTIFY_CHANGE_SIZE | FILE_NOTIFY_CHANGE_STREAM_SIZE;

	if (event->filter & sizes && event->file && atomic_load(&event->file->io_guards))
		contents_changed(mod, event->file);
	return SMB3_PASS;
}
