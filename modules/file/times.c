// SPDX-License-Identifier: Apache-2.0
/*
 * times.c: what writing and closing do to the times of a file. [MS-FSA] 2.1.4.17
 *
 * The first write through an open hides its effect on the write time for two seconds, from that
 * open alone. Writes after that are shown when the open is closed or flushed. (smb3/times.h)
 */
#include "file.h"

#include <errno.h>
#include <smb3/times.h>

#define TIMES_WINDOW (2 * 1000000000ull) /* ns */

/* What is hidden by now stays as it was. */
static void times_hold(struct smb3_open *o, smb3_nttime shown, uint64_t now)
{
	uint64_t until;

	smb3_file_lock(o->file);
	until = atomic_load(&o->times.held_until);
	o->times.shown = shown;
	o->times.set_before = o->file->times_set;
	atomic_store(&o->times.held_until, until ? SMB3_TIMES_UNTIL_CLOSE : now + TIMES_WINDOW);
	smb3_file_unlock(o->file);
}

int file_times_before_write(struct smb3_open *o, const struct smb3_ctx *ctx)
{
	struct smb3_vfs *top = o->handle->mount->top;
	struct smb3_setattr set = { .mask = SMB3_SET_ATTRIBUTES };
	struct smb3_stat st;
	int err;

	if (smb3_times_held(o) || atomic_load(&o->times.kept) & SMB3_SET_WRITTEN)
		return 0;
	err = smb3_vfs_stat(top, ctx, o->handle, &st);
	if (err)
		return err;
	times_hold(o, st.written, smb3_clock());
	if (st.attributes & FILE_ATTRIBUTE_ARCHIVE)
		return 0;
	set.attributes = st.attributes | FILE_ATTRIBUTE_ARCHIVE;
	err = smb3_vfs_setattr(top, ctx, o->handle, &set);
	return err == -EAGAIN ? err : 0; /* a file system without attributes can be written to */
}

/* An access time that is kept was not put back after each read. Where no read has moved it, it is
 * left alone: setting it would move the change time, which another client may have set; so it does
 * where it must be, and then a change time that is kept is put back as well. */
static int times_accessed(struct smb3_open *o, const struct smb3_ctx *ctx)
{
	struct smb3_setattr set = { .mask = SMB3_SET_ACCESSED };
	struct smb3_vfs *top = o->handle->mount->top;
	uint32_t kept = atomic_load(&o->times.kept);
	struct smb3_stat st;
	int err;

	if (!(kept & SMB3_SET_ACCESSED))
		return 0;
	err = smb3_vfs_stat(top, ctx, o->handle, &st);
	if (err)
		return err;
	set.mask |= kept & SMB3_SET_CHANGED;
	smb3_file_lock(o->file);
	set.accessed = o->times.accessed;
	set.changed = o->times.changed;
	smb3_file_unlock(o->file);
	return st.accessed == set.accessed ? 0 : smb3_vfs_setattr(top, ctx, o->handle, &set);
}

void file_times_at_close(struct smb3_open *o, const struct smb3_ctx *ctx)
{
	bool due = atomic_load(&o->times.held_until) == SMB3_TIMES_UNTIL_CLOSE;

	if (due) {
		smb3_file_lock(o->file);
		due = o->times.set_before == o->file->times_set;
		smb3_file_unlock(o->file);
	}
	if (due)
		smb3_times_settle(o, ctx);
	times_accessed(o, ctx);
}
