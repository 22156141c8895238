// SPDX-License-Identifier: Apache-2.0
/*
 * quota.c: module quota: how much of the disk users have and may have, as the file system of the
 * share keeps it. Any open of the share stands for its file system.
 * [MS-SMB2] 3.3.5.20.4, 3.3.5.21.4; [MS-FSCC] 2.4.40, 2.5.2; [MS-FSA] 2.1.5.13.6, 2.1.5.16.6
 */
#include "quota.h"

#include <errno.h>
#include <smb3/smb3.h>

#define FILE_VC_QUOTA_TRACK   0x1u
#define FILE_VC_QUOTA_ENFORCE 0x2u
#define FILE_VC_QUOTA_MASK    0x3u

#define CONTROL_FREE_SPACE 24 /* three fields for content indexing */

struct quota_conf {
	int64_t max_sids;
};

/* Where the next question of a handle goes on. */
struct quota_scan {
	_Atomic uint64_t next;
};

static struct smb3_slot quota_scan_slot = {
	.kind = SMB3_SLOT_OPEN,
	.size = sizeof(struct quota_scan),
};

/* Named streams that have no descriptor of their own: their file system is asked for elsewhere. */
static int state_of(const struct smb3_info_call *call, int *ret_fd, bool *ret_enforced)
{
	struct smb3_handle *h = call->open->handle;
	int fd = h ? smb3_vfs_fd(h->mount->top, h) : -EOPNOTSUPP;

	if (fd < 0)
		return -EOPNOTSUPP;
	*ret_fd = fd;
	return quota_disk_state(fd, ret_enforced);
}

static bool is_admin(const struct smb3_info_call *call)
{
	return call->open->identity->admin || call->open->identity->uid == 0;
}

static ntstatus asker_of(const struct smb3_info_call *call, struct quota_asker *ret_who)
{
	struct smb3_mod *mod = smb3_module_find(call->req->server, "quota");
	const struct quota_conf *conf = smb3_conf_of(mod, call->req->tree->share);
	struct quota_asker who = {
		.uid = call->open->identity->uid,
		.admin = is_admin(call),
		.max_sids = (uint32_t)conf->max_sids,
	};
	bool enforced;

	if (state_of(call, &who.fd, &enforced))
		return STATUS_NOT_SUPPORTED;
	*ret_who = who;
	return STATUS_SUCCESS;
}

static ntstatus query_quota(struct smb3_info_call *call)
{
	struct quota_scan *scan = smb3_slot(&quota_scan_slot, call->open);
	uint64_t next = atomic_load(&scan->next);
	struct quota_asker who;
	ntstatus status = asker_of(call, &who);

	if (status)
		return status;
	status = quota_answer(&who, call->in, call->out, call->max, &next);
	atomic_store(&scan->next, next);
	return status;
}

static ntstatus set_quota(struct smb3_info_call *call)
{
	struct quota_asker who;
	ntstatus status = asker_of(call, &who);

	if (!status && call->req->tree->read_only)
		status = STATUS_ACCESS_DENIED;
	return status ? status : quota_change(&who, call->in);
}

/* ---- FileFsControlInformation ---- */

/* Linux keeps no limits for those of whom it knows nothing. */
static ntstatus query_control(struct smb3_info_call *call)
{
	bool enforced;
	int fd;

	if (state_of(call, &fd, &enforced))
		return STATUS_VOLUME_NOT_UPGRADED;
	smb3_put_zero(call->out, CONTROL_FREE_SPACE);
	smb3_put_u64(call->out, QUOTA_NONE); /* DefaultQuotaThreshold */
	smb3_put_u64(call->out, QUOTA_NONE); /* DefaultQuotaLimit */
	smb3_put_u32(call->out, enforced ? FILE_VC_QUOTA_ENFORCE : FILE_VC_QUOTA_TRACK);
	smb3_put_u32(call->out, 0); /* Padding */
	return STATUS_SUCCESS;
}

/* How a file system is mounted is for its machine to say: only what is so already can be set. */
static ntstatus set_control(struct smb3_info_call *call)
{
	struct smb3_cursor in = call->in;
	uint64_t threshold, limit;
	uint32_t flags;
	bool enforced;
	int fd;

	if (state_of(call, &fd, &enforced))
		return STATUS_VOLUME_NOT_UPGRADED;
	if (!is_admin(call))
		return STATUS_ACCESS_DENIED;
	smb3_get_skip(&in, CONTROL_FREE_SPACE);
	threshold = smb3_get_u64(&in);
	limit = smb3_get_u64(&in);
	flags = smb3_get_u32(&in) & FILE_VC_QUOTA_MASK;
	if (!smb3_cursor_ok(&in))
		return STATUS_INFO_LENGTH_MISMATCH;
	if (flags & FILE_VC_QUOTA_TRACK)
		flags = FILE_VC_QUOTA_TRACK; /* both: the other is ignored */
	if (threshold != QUOTA_NONE || limit != QUOTA_NONE ||
	    flags != (enforced ? FILE_VC_QUOTA_ENFORCE : FILE_VC_QUOTA_TRACK))
		return STATUS_NOT_SUPPORTED;
	return STATUS_SUCCESS;
}

static const struct smb3_info quota_info = {
	.name = "FILE_QUOTA_INFORMATION",
	.query = query_quota,
	.set = set_quota,
};

static const struct smb3_info quota_control = {
	.name = "quotas of FileFsControlInformation",
	.query = query_control,
	.set = set_control,
};

static const struct smb3_provide quota_provides[] = {
	SMB3_INFO(SMB2_0_INFO_QUOTA, 0, &quota_info),
	SMB3_INFO(SMB3_INFO_QUOTA_CONTROL, 0, &quota_control),
	SMB3_SLOT(&quota_scan_slot),
	SMB3_END,
};

static const struct smb3_option quota_options[] = {
	{ .name = "max_sids",
	  .type = SMB3_OPT_INT,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct quota_conf, max_sids),
	  .value = "1024",
	  .min = 1,
	  .max = 65536,
	  .help = "Most users that one request may ask about or set quotas of." },
	SMB3_OPTION_END,
};

static const char *const quota_calls[] = { "quotactl", "quotactl_fd", NULL };
static const char *const quota_reads[] = { "/dev/block", NULL };
static const struct smb3_needs quota_needs = {
	.raise = QUOTA_RAISES,
	.calls = quota_calls,
	.reads = quota_reads,
};

SMB3_MODULE(quota, .summary = "shows and sets the disk quotas of users", .options = quota_options,
	    .conf_size = sizeof(struct quota_conf), .provides = quota_provides,
	    .system = &quota_needs);
