// SPDX-License-Identifier: Apache-2.0
/*
 * answer.c: questions about quotas, and changes of them. Who is no administrator sees what is his
 * own. [MS-SMB2] 3.3.5.20.4, 3.3.5.21.4
 */
#include "quota.h"

#include <errno.h>
#include <smb3/smb3.h>

struct answer {
	const struct quota_asker *who;
	struct smb3_builder *out;
	size_t max, last;
	bool any;
};

/* The one that does not fit is for the next question; the first has to. */
static ntstatus put(struct answer *a, const struct quota_entry *entry)
{
	if (quota_put(a->out, a->max, entry, &a->last)) {
		a->any = true;
		return STATUS_SUCCESS;
	}
	return a->any ? STATUS_BUFFER_OVERFLOW : STATUS_BUFFER_TOO_SMALL;
}

/* Of whom nothing is kept, all is zero. */
static ntstatus put_user(struct answer *a, const struct quota_sid *sid)
{
	struct quota_entry entry = { 0 };
	int err;

	if (!a->who->admin && (!sid->user || sid->uid != a->who->uid))
		return STATUS_ACCESS_DENIED;
	err = sid->user ? quota_disk_get(a->who->fd, sid->uid, &entry) : -ENOENT;
	if (err && err != -ENOENT)
		return smb3_status_from_errno(err);
	entry.sid = *sid;
	return put(a, &entry);
}

static ntstatus answer_list(struct answer *a, struct smb3_cursor in, bool single)
{
	ntstatus status = quota_list_check(in, false, a->who->max_sids);

	while (!status && smb3_cursor_left(&in) && !(single && a->any)) {
		struct quota_entry asked;

		status = quota_list_next(&in, false, &asked);
		if (!status)
			status = put_user(a, &asked.sid);
	}
	return status;
}

static ntstatus answer_scan(struct answer *a, bool single, uint64_t *next)
{
	while (*next < (uid_t)-1 && !(single && a->any)) {
		uint8_t buf[QUOTA_SID_MAX];
		struct quota_entry entry;
		ntstatus status;
		uid_t uid;
		int err = quota_disk_next(a->who->fd, (uid_t)*next, &uid, &entry);

		if (err == -ENOENT) {
			*next = UINT64_MAX;
			break;
		}
		if (err)
			return smb3_status_from_errno(err);
		entry.sid = quota_sid_of(uid, buf);
		status = put(a, &entry);
		if (status)
			/* More come with the next question. */
			return status == STATUS_BUFFER_OVERFLOW ? STATUS_SUCCESS : status;
		*next = (uint64_t)uid + 1;
	}
	return a->any ? STATUS_SUCCESS : STATUS_NO_MORE_ENTRIES;
}

/* A start that is no user of the machine is behind all that are. */
static uint64_t scan_start(const struct quota_question *q, uint64_t next)
{
	if (q->from)
		return q->start.user ? q->start.uid : UINT64_MAX;
	return q->restart ? 0 : next;
}

ntstatus quota_answer(const struct quota_asker *who, struct smb3_cursor in,
		      struct smb3_builder *out, size_t max, uint64_t *next)
{
	struct answer a = { .who = who, .out = out, .max = max, .last = SIZE_MAX };
	struct quota_question q;
	ntstatus status = quota_question_parse(in, &q);

	if (status)
		return status;
	if (smb3_cursor_left(&q.sids))
		return answer_list(&a, q.sids, q.single);
	if (!who->admin)
		return STATUS_ACCESS_DENIED;
	*next = scan_start(&q, *next);
	return answer_scan(&a, q.single, next);
}

/* Numbers are signed, and only these two may be negative. */
static bool sound(uint64_t bytes)
{
	return bytes <= INT64_MAX || bytes == QUOTA_NONE || bytes == QUOTA_DELETE;
}

static ntstatus change(const struct quota_asker *who, struct quota_entry *entry)
{
	if (entry->limit == QUOTA_DELETE || entry->threshold == QUOTA_DELETE)
		entry->threshold = entry->limit = QUOTA_NONE;
	return smb3_status_from_errno(quota_disk_set(who->fd, entry->sid.uid, entry));
}

/* Nothing is changed unless all of the list is sound. */
static ntstatus change_check(struct smb3_cursor in, uint32_t max_sids)
{
	ntstatus status = quota_list_check(in, true, max_sids);

	while (!status && smb3_cursor_left(&in)) {
		struct quota_entry entry;

		status = quota_list_next(&in, true, &entry);
		if (!status && !entry.sid.user)
			status = STATUS_INVALID_SID;
		else if (!status && (!sound(entry.limit) || !sound(entry.threshold)))
			status = STATUS_INVALID_PARAMETER;
	}
	return status;
}

ntstatus quota_change(const struct quota_asker *who, struct smb3_cursor in)
{
	ntstatus status = who->admin ? change_check(in, who->max_sids) : STATUS_ACCESS_DENIED;

	while (!status && smb3_cursor_left(&in)) {
		struct quota_entry entry;

		status = quota_list_next(&in, true, &entry);
		if (!status)
			status = change(who, &entry);
	}
	return status;
}
