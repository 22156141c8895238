// SPDX-License-Identifier: Apache-2.0
/*
 * basic.c: FileBasicInformation: times and attributes. [MS-FSCC] 2.4.7, [MS-FSA] 2.1.5.15.2
 */
#include "info.h"

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

/* False for a value that is no time. */
static bool take_time(struct smb3_setattr *set, uint32_t bit, uint64_t value, smb3_nttime *to)
{
	if (value == 0 || value == TIME_KEEP || value == TIME_RESUME)
		return true;
	set->mask |= bit;
	*to = value;
	return value <= INT64_MAX;
}

/* What clients cannot choose stays as it is. */
static ntstatus take_attributes(const struct smb3_info_call *call, struct smb3_setattr *set,
				uint32_t attributes)
{
	struct smb3_handle *h = call->open->handle;
	struct smb3_stat st;
	int err;

	if (!attributes)
		return STATUS_SUCCESS;
	if (attributes &
	    (call->open->directory ? FILE_ATTRIBUTE_TEMPORARY : FILE_ATTRIBUTE_DIRECTORY))
		return STATUS_INVALID_PARAMETER;
	err = smb3_vfs_stat(h->mount->top, &call->req->ctx, h, &st);
	set->mask |= SMB3_SET_ATTRIBUTES;
	set->attributes = (attributes & SMB3_ATTRIBUTES_SETTABLE) |
			  (st.attributes & ~SMB3_ATTRIBUTES_SETTABLE);
	return smb3_status_from_errno(err);
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

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(time); i++)
		time[i] = smb3_get_u64(&call->in);
	if (!take_time(&set, SMB3_SET_CREATED, time[0], &set.created) ||
	    !take_time(&set, SMB3_SET_ACCESSED, time[1], &set.accessed) ||
	    !take_time(&set, SMB3_SET_WRITTEN, time[2], &set.written) ||
	    !take_time(&set, SMB3_SET_CHANGED, time[3], &set.changed))
		return STATUS_INVALID_PARAMETER;
	status = take_attributes(call, &set, smb3_get_u32(&call->in));
	if (status || !set.mask)
		return status;
	status = smb3_status_from_errno(smb3_vfs_setattr(h->mount->top, &call->req->ctx, h, &set));
	if (!status)
		smb3_changed(call->open, FILE_ACTION_MODIFIED, changes_of(&set));
	return status;
}

const struct smb3_info info_basic = {
	.name = "FileBasicInformation",
	.min_in = 40,
	.min_out = 40,
	.flags = SMB3_INFO_WANTS_STAT,
	.query_access = FILE_READ_ATTRIBUTES,
	.set_access = FILE_WRITE_ATTRIBUTES,
	.query = query_basic,
	.set = set_basic,
};
