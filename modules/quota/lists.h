// SPDX-License-Identifier: Apache-2.0
/*
 * lists.h: what clients send and get about quotas, taken apart and put together.
 * [MS-SMB2] 2.2.37.1; [MS-FSCC] 2.4.40, 2.4.40.1
 */
#ifndef QUOTA_LISTS_H
#define QUOTA_LISTS_H

#include <smb3/cursor.h>
#include <smb3/status.h>

#define QUOTA_NONE   UINT64_MAX       /* no limit */
#define QUOTA_DELETE (UINT64_MAX - 1) /* set as a limit: the entry goes */

#define QUOTA_SID_MAX 68 /* bytes: 15 sub-authorities */

struct quota_sid {
	const uint8_t *bytes;
	uint32_t len;
	bool user; /* S-1-22-1-uid: a user of the machine */
	uid_t uid;
};

/* SMB2_QUERY_QUOTA_INFO */
struct quota_question {
	bool single, restart;
	struct smb3_cursor sids; /* what is asked for; empty: a scan */
	bool from;               /* the scan begins at start */
	struct quota_sid start;
};

struct quota_entry {
	struct quota_sid sid;
	uint64_t used, threshold, limit; /* bytes; QUOTA_NONE */
};

/* INVALID_PARAMETER; INVALID_SID for a start that is none. Not the list: see quota_list_check. */
ntstatus quota_question_parse(struct smb3_cursor in, struct quota_question *ret_question);

/* All of a list, of at most max entries: FILE_GET_QUOTA_INFORMATION, or, full, of entries that are
 * to be set. INVALID_PARAMETER; INSUFFICIENT_RESOURCES for too many. */
ntstatus quota_list_check(struct smb3_cursor in, bool full, uint32_t max);
/* The next of a list; sid.bytes stay where they are. */
ntstatus quota_list_next(struct smb3_cursor *in, bool full, struct quota_entry *ret_entry);

/* One entry after the one that begins at *last (SIZE_MAX: none). False when it would end
 * behind max, or what out can hold: out is then as before. */
bool quota_put(struct smb3_builder *out, size_t max, const struct quota_entry *entry, size_t *last);

/* S-1-22-1-uid, in buf. */
struct quota_sid quota_sid_of(uid_t uid, uint8_t buf[QUOTA_SID_MAX]);

#endif
