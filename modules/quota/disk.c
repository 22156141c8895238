// SPDX-License-Identifier: Apache-2.0
/*
 * disk.c: the file system's quotas, by quotactl_fd(2), which takes any descriptor and knows file
 * systems without a device (tmpfs); before Linux 5.14 by quotactl(2) and the device's number.
 * The generic commands do for XFS, too. A user's own right to do this is not asked: whoever calls
 * has judged.
 */
#include "quota.h"

#include <errno.h>
#include <linux/dqblk_xfs.h>
#include <linux/quota.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#ifndef SYS_quotactl_fd
#define SYS_quotactl_fd 443
#endif

static int control_raised(int fd, unsigned int cmd, uid_t uid, void *data)
{
	char device[64];
	struct stat st;

	cmd = QCMD(cmd, USRQUOTA);
	if (syscall(SYS_quotactl_fd, fd, cmd, uid, data) == 0)
		return 0;
	if (errno != ENOSYS)
		return -errno;
	/* Also what a file system without quotas says: then this says it again. */
	if (fstat(fd, &st) < 0)
		return -errno;
	snprintf(device, sizeof(device), "/dev/block/%u:%u", major(st.st_dev), minor(st.st_dev));
	return syscall(SYS_quotactl, cmd, device, uid, data) == 0 ? 0 : -errno;
}

static int control(int fd, unsigned int cmd, uid_t uid, void *data)
{
	uint64_t raised = smb3_caps_raise(QUOTA_RAISES);
	int err = control_raised(fd, cmd, uid, data);

	smb3_caps_lower(raised);
	return err;
}

int quota_disk_state(int fd, bool *ret_enforced)
{
	struct fs_quota_stat state = { 0 };

	/* Whatever is wrong: nobody who asks can be told more than that there are none. */
	if (control(fd, Q_XGETQSTAT, 0, &state) || !(state.qs_flags & FS_QUOTA_UDQ_ACCT))
		return -EOPNOTSUPP;
	*ret_enforced = state.qs_flags & FS_QUOTA_UDQ_ENFD;
	return 0;
}

/* 0 is no limit there; what is more than we could say is as good as none. */
static uint64_t limit_shown(uint64_t blocks)
{
	return blocks && blocks <= INT64_MAX / QIF_DQBLKSIZE ? blocks * QIF_DQBLKSIZE : QUOTA_NONE;
}

/* A limit of nothing can only be said as one of a single block. */
static uint64_t limit_stored(uint64_t bytes)
{
	if (bytes == QUOTA_NONE)
		return 0;
	return bytes ? bytes / QIF_DQBLKSIZE + !!(bytes % QIF_DQBLKSIZE) : 1;
}

static void show(uint64_t used, uint64_t soft, uint64_t hard, struct quota_entry *ret_entry)
{
	*ret_entry = (struct quota_entry){ .used = used,
					   .threshold = limit_shown(soft),
					   .limit = limit_shown(hard) };
}

int quota_disk_get(int fd, uid_t uid, struct quota_entry *ret_entry)
{
	struct if_dqblk dq = { 0 };
	int err = control(fd, Q_GETQUOTA, uid, &dq);

	/* Asked for a user that it never saw it answers zeros. */
	if (err == -ESRCH || (!err && !dq.dqb_curspace && !dq.dqb_bsoftlimit && !dq.dqb_bhardlimit))
		return -ENOENT;
	if (!err)
		show(dq.dqb_curspace, dq.dqb_bsoftlimit, dq.dqb_bhardlimit, ret_entry);
	return err;
}

int quota_disk_next(int fd, uid_t from, uid_t *ret_uid, struct quota_entry *ret_entry)
{
	struct if_nextdqblk dq = { 0 };
	int err = control(fd, Q_GETNEXTQUOTA, from, &dq);

	if (err)
		return err == -ESRCH ? -ENOENT : err;
	show(dq.dqb_curspace, dq.dqb_bsoftlimit, dq.dqb_bhardlimit, ret_entry);
	*ret_uid = dq.dqb_id;
	return 0;
}

int quota_disk_set(int fd, uid_t uid, const struct quota_entry *entry)
{
	struct if_dqblk dq = {
		.dqb_bsoftlimit = limit_stored(entry->threshold),
		.dqb_bhardlimit = limit_stored(entry->limit),
		.dqb_valid = QIF_BLIMITS,
	};

	return control(fd, Q_SETQUOTA, uid, &dq);
}
