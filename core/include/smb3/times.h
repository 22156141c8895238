// SPDX-License-Identifier: Apache-2.0
/*
 * times.h: what an open does to the times of its file. [MS-FSA] 2.1.4.17, 2.1.5.15.2
 *
 *   kept     a time that a client has set through this open, or frozen with -1: work through the
 *            same open leaves it alone until -2 or the close
 *   held     writing moves the file's write time at once; the open that wrote goes on showing the
 *            earlier one for a while, as clients of Windows are used to
 *   pending  something is held: FLUSH, and whatever sets sizes or times, ends that and makes now
 *            the write time
 */
#ifndef SMB3_TIMES_H
#define SMB3_TIMES_H

#include <smb3/open.h>
#include <smb3/stat.h>

#define SMB3_TIMES_UNTIL_CLOSE UINT64_MAX

static inline bool smb3_times_held(const struct smb3_open *o)
{
	uint64_t until = atomic_load_explicit(&o->times.held_until, memory_order_relaxed);

	return until && (until == SMB3_TIMES_UNTIL_CLOSE || until > smb3_clock());
}

/* What the open's client is told. */
static inline void smb3_times_show(struct smb3_open *o, struct smb3_stat *st)
{
	if (!smb3_times_held(o))
		return;
	smb3_file_lock(o->file);
	st->written = o->times.shown;
	smb3_file_unlock(o->file);
}

/* In work, after something was changed through o: times that are kept are put back. */
static inline int smb3_times_restore(struct smb3_open *o, const struct smb3_ctx *ctx)
{
	struct smb3_setattr set = { .mask = atomic_load(&o->times.kept) };

	set.mask &= SMB3_SET_WRITTEN | SMB3_SET_CHANGED;
	if (!set.mask)
		return 0;
	smb3_file_lock(o->file);
	set.written = o->times.written;
	set.changed = o->times.changed;
	smb3_file_unlock(o->file);
	return smb3_vfs_setattr(o->handle->mount->top, ctx, o->handle, &set);
}

/* In work: what is pending happens now; it moves the change time, unless that is kept. */
static inline int smb3_times_settle(struct smb3_open *o, const struct smb3_ctx *ctx)
{
	struct smb3_setattr set = { .mask = SMB3_SET_WRITTEN, .written = smb3_now() };
	bool due = smb3_times_held(o);

	atomic_store(&o->times.held_until, 0);
	if (!due)
		return 0;
	set.mask |= atomic_load(&o->times.kept) & SMB3_SET_CHANGED;
	smb3_file_lock(o->file);
	set.changed = o->times.changed;
	smb3_file_unlock(o->file);
	return smb3_vfs_setattr(o->handle->mount->top, ctx, o->handle, &set);
}

#endif
