// SPDX-License-Identifier: Apache-2.0
/*
 * quota.h: what the files of module quota share.
 *
 *   entry   what the file system keeps for one user, with or without limits
 */
#ifndef QUOTA_QUOTA_H
#define QUOTA_QUOTA_H

#include "lists.h"

#include <linux/capability.h>
#include <smb3/server.h>

/* Others' quotas are the administrator's business. */
#define QUOTA_RAISES SMB3_CAP(CAP_SYS_ADMIN)

/* ---- disk.c: quotas of the file system on which fd is. 0 or a negative errno. ---- */

/* -EOPNOTSUPP: none are kept there. */
int quota_disk_state(int fd, bool *ret_enforced);
/* -ENOENT: nothing is kept for that user. */
int quota_disk_get(int fd, uid_t uid, struct quota_entry *ret_entry);
/* The first entry of this or a larger uid; -ENOENT: there are no more. */
int quota_disk_next(int fd, uid_t from, uid_t *ret_uid, struct quota_entry *ret_entry);
/* threshold and limit of entry. */
int quota_disk_set(int fd, uid_t uid, const struct quota_entry *entry);

/* ---- answer.c: what is asked, by whom ---- */

struct quota_asker {
	int fd;
	uid_t uid;
	bool admin; /* may see and change what is others' */
	uint32_t max_sids;
};

/* At most max bytes. *next is where a scan goes on: a uid, or past the last of them. */
ntstatus quota_answer(const struct quota_asker *who, struct smb3_cursor in,
		      struct smb3_builder *out, size_t max, uint64_t *next);
ntstatus quota_change(const struct quota_asker *who, struct smb3_cursor in);

#endif
