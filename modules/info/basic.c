// SPDX-License-Identifier: Apache-2.0
/*
 * basic.c: FileBasicInformation: times and attributes. [MS-FSCC] 2.4.7, [MS-FSA] 2.1.5.15.2
 */
#include "info.h"

#include <smb3/times.h>

/* A time of -1 or -2 changes nothing now: they say whether later work on this handle does. */
#define TIME_KEEP   UINT64_MAX
#define TIME_RESUME (UINT64_MAX - 1)

void info_put_basic(const struct smb3_info_call *call)
{
	smb3_put_times(call->out, call->stat);
	smb3_put_u32(call->out, smb3_stat_attributes(call->stat));
	smb3_put_u32(call->out, 0); /* Reserved */
}

static ntstatus query_basic(struct smb3_info_call *call)
{
	info_put_basic(call);
	return STATUS_SUCCESS;
}

/* What a request says about one time. The creation time has no implicit changes: bit 0. */
struct asked {
	uint32_t bit;
	uint64_t value;
	smb3_nttime now; /* as it is */
	smb3_nttime *set, *kept;
};

/* Under the file's mutex. -1 freezes, -2 thaws, a time does what it says and freezes. */
static void take_time(struct smb3_times *times, struct smb3_setattr *set, const struct asked *a)
{
	uint32_t kept = atomic_load(&times->kept);

	if (a->value == TIME_RESUME)
		atomic_store(&times->kept, kept & ~a->bit);
	if (!a->value || a->value == TIME_RESUME)
		return;
	*a->kept = a->value == TIME_KEEP ? a->now : a->value;
	atomic_store(&times->kept, kept | a->bit);
	if (a->value == TIME_KEEP)
		return;
	set->mask |= a->bit;
	*a->set = a->value;
}

static void take_times(struct smb3_open *o, struct smb3_setattr *set, const uint64_t value[4],
		       const struct smb3_stat *st)
{
	struct smb3_times *times = &o->times;
	const struct asked asked[] = {
		{ SMB3_SET_ACCESSED, value[1], st->accessed, &set->accessed, &times->accessed },
		{ SMB3_SET_WRITTEN, value[2], st->written, &set->written, &times->written },
		{ SMB3_SET_CHANGED, value[3], st->changed, &set->changed, &times->changed },
	};

	if (value[0] && value[0] < TIME_RESUME) {
		set->mask |= SMB3_SET_CREATED;
		set->created = value[0];
	}
	smb3_file_lock(o->file);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(asked); i++)
		take_time(times, set, &asked[i]);
	if (set->mask & SMB3_SET_WRITTEN)
		o->file->times_set++;
	/* What is set here is a change of its own. */
	if (set->mask && atomic_load(&times->kept) & SMB3_SET_CHANGED) {
		set->mask |= SMB3_SET_CHANGED;
		set->changed = times->changed;
	}
	smb3_file_unlock(o->file);
}

/* What clients cannot choose stays as it is; nobody hides the root of a share. */
static ntstatus take_attributes(const struct smb3_info_call *call, struct smb3_setattr *set,
				uint32_t attributes)
{
	uint32_t settable = SMB3_ATTRIBUTES_SETTABLE;

	if (!attributes)
		return STATUS_SUCCESS;
	if (attributes &
	    (call->open->directory ? FILE_ATTRIBUTE_TEMPORARY : FILE_ATTRIBUTE_DIRECTORY))
		return STATUS_INVALID_PARAMETER;
	if (!*info_path(call))
		settable &= ~(FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM);
	set->mask |= SMB3_SET_ATTRIBUTES;
	set->attributes = (attributes & settable) | (call->stat->attributes & ~settable);
	return STATUS_SUCCESS;
}

static uint32_t changes_of(const struct smb3_setattr *set)
{
	uint32_t filter = 0;

	if (set->mask & SMB3_SET_CREATED)
		filter |= FILE_NOTIFY_CHANGE_CREATION;
	if (set->mask & SMB3_SET_ACCESSED)
		filter |= FILE_NOTIFY_CHANGE_LAST_ACCESS;
	if (set->mask & SMB3_SET_WRITTEN)
		filter |= FILE_NOTIFY_CHANGE_LAST_WRITE;
	if (set->mask & (SMB3_SET_ATTRIBUTES | SMB3_SET_CHANGED))
		filter |= FILE_NOTIFY_CHANGE_ATTRIBUTES;
	return filter;
}

static ntstatus set_basic(struct smb3_info_call *call)
{
	struct smb3_handle *h = call->open->handle;
	struct smb3_setattr set = { 0 };
	uint64_t time[4];
	ntstatus status;
	int err;

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(time); i++) {
		time[i] = smb3_get_u64(&call->in);
		if (time[i] > INT64_MAX && time[i] < TIME_RESUME)
			return STATUS_INVALID_PARAMETER;
	}
	status = take_attributes(call, &set, smb3_get_u32(&call->in));
	if (status)
		return status;
	err = smb3_times_settle(call->open, &call->req->ctx);
	take_times(call->open, &set, time, call->stat);
	if (!err && set.mask)
		err = smb3_vfs_setattr(h->mount->top, &call->req->ctx, h, &set);
	if (!err && set.mask)
		smb3_changed(call->open, FILE_ACTION_MODIFIED, changes_of(&set));
	return smb3_status_from_errno(err);
}

const struct smb3_info info_basic = {
	.name = "FileBasicInformation",
	.min_in = 40,
	.min_out = 40,
	.flags = SMB3_INFO_WANTS_STAT | SMB3_INFO_PIPE_OK,
	.query_access = FILE_READ_ATTRIBUTES,
	.set_access = FILE_WRITE_ATTRIBUTES,
	.query = query_basic,
	.set = set_basic,
};
