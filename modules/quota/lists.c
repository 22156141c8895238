// SPDX-License-Identifier: Apache-2.0
/*
 * lists.c: lists of quotas on the wire. [MS-SMB2] 2.2.37.1; [MS-FSCC] 2.4.40, 2.4.40.1;
 * [MS-DTYP] 2.4.2.2
 */
#include "lists.h"

#define GET_ALIGN  4
#define FULL_ALIGN 8
#define FULL_SIZE  40 /* before the SID */

#define SID_REVISION   1
#define SID_SUBS       15
#define AUTHORITY_UNIX 22
#define UNIX_USERS     1

/* All of c is one SID. */
static bool sid_parse(struct smb3_cursor c, struct quota_sid *ret_sid)
{
	struct quota_sid sid = { .bytes = c.pos, .len = (uint32_t)smb3_cursor_left(&c) };
	uint8_t revision = smb3_get_u8(&c), subs = smb3_get_u8(&c);
	uint64_t authority = 0;
	uint32_t first;

	for (int i = 0; i < 6; i++)
		authority = authority << 8 | smb3_get_u8(&c);
	if (!smb3_cursor_ok(&c) || revision != SID_REVISION || subs > SID_SUBS ||
	    smb3_cursor_left(&c) != subs * 4u)
		return false;
	first = smb3_get_u32(&c);
	sid.uid = smb3_get_u32(&c);
	/* The last number means "nobody" to the system. */
	sid.user = subs == 2 && authority == AUTHORITY_UNIX && first == UNIX_USERS &&
		   sid.uid != (uid_t)-1;
	*ret_sid = sid;
	return true;
}

struct quota_sid quota_sid_of(uid_t uid, uint8_t buf[QUOTA_SID_MAX])
{
	struct smb3_builder out = smb3_builder_init(buf, QUOTA_SID_MAX);

	smb3_put_u8(&out, SID_REVISION);
	smb3_put_u8(&out, 2);
	smb3_put_zero(&out, 5);
	smb3_put_u8(&out, AUTHORITY_UNIX);
	smb3_put_u32(&out, UNIX_USERS);
	smb3_put_u32(&out, uid);
	return (struct quota_sid){
		.bytes = buf, .len = (uint32_t)out.len, .user = true, .uid = uid
	};
}

ntstatus quota_question_parse(struct smb3_cursor in, struct quota_question *ret_question)
{
	struct quota_question q = { .single = smb3_get_u8(&in) };
	uint32_t list_len, start_len, start_at;
	struct smb3_cursor buffer, start;

	q.restart = smb3_get_u8(&in);
	smb3_get_skip(&in, 2); /* Reserved */
	list_len = smb3_get_u32(&in);
	start_len = smb3_get_u32(&in);
	start_at = smb3_get_u32(&in);
	/* The offset counts from the SidBuffer. */
	buffer = smb3_cursor_init(in.pos, smb3_cursor_left(&in));
	q.sids = smb3_cursor_sub(&buffer, 0, list_len);
	q.from = !list_len && start_len;
	start = smb3_cursor_sub(&buffer, q.from ? start_at : 0, q.from ? start_len : 0);
	if (!smb3_cursor_ok(&in) || !smb3_cursor_ok(&buffer))
		return STATUS_INVALID_PARAMETER;
	if (q.from && !sid_parse(start, &q.start))
		return STATUS_INVALID_SID;
	*ret_question = q;
	return STATUS_SUCCESS;
}

/* The SID ends at the latest where the entry does; what is behind it pads. */
static ntstatus entry_parse(struct smb3_cursor c, bool full, struct quota_entry *ret_entry)
{
	struct quota_entry entry = { .threshold = QUOTA_NONE, .limit = QUOTA_NONE };
	uint32_t sid_len;

	smb3_get_skip(&c, 4); /* NextEntryOffset */
	sid_len = smb3_get_u32(&c);
	if (full) {
		smb3_get_skip(&c, 8); /* ChangeTime */
		entry.used = smb3_get_u64(&c);
		entry.threshold = smb3_get_u64(&c);
		entry.limit = smb3_get_u64(&c);
	}
	if (sid_len > QUOTA_SID_MAX || sid_len > smb3_cursor_left(&c) ||
	    !sid_parse(smb3_cursor_init(c.pos, sid_len), &entry.sid))
		return STATUS_INVALID_PARAMETER;
	*ret_entry = entry;
	return STATUS_SUCCESS;
}

ntstatus quota_list_next(struct smb3_cursor *in, bool full, struct quota_entry *ret_entry)
{
	struct smb3_cursor peek = *in;
	uint32_t next = smb3_get_u32(&peek), left = (uint32_t)smb3_cursor_left(in);
	uint32_t len = next ? next : left;
	const uint8_t *start = in->pos;

	/* A list does not end with the promise of one more. */
	if (!smb3_cursor_ok(&peek) || next >= left || next % (full ? FULL_ALIGN : GET_ALIGN))
		return STATUS_INVALID_PARAMETER;
	smb3_get_skip(in, len);
	return entry_parse(smb3_cursor_init(start, len), full, ret_entry);
}

ntstatus quota_list_check(struct smb3_cursor in, bool full, uint32_t max)
{
	ntstatus status = smb3_cursor_left(&in) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;

	for (uint32_t n = 0; !status && smb3_cursor_left(&in); n++) {
		struct quota_entry entry;

		status = n < max ? quota_list_next(&in, full, &entry) :
				   STATUS_INSUFFICIENT_RESOURCES;
	}
	return status;
}

bool quota_put(struct smb3_builder *out, size_t max, const struct quota_entry *entry, size_t *last)
{
	size_t at = (out->len + FULL_ALIGN - 1) / FULL_ALIGN * FULL_ALIGN;
	size_t room = max < out->max ? max : out->max;

	if (at > room || FULL_SIZE + entry->sid.len > room - at)
		return false;
	smb3_put_align(out, FULL_ALIGN);
	smb3_put_u32(out, 0); /* NextEntryOffset */
	smb3_put_u32(out, entry->sid.len);
	smb3_put_u64(out, 0); /* ChangeTime: nobody keeps it */
	smb3_put_u64(out, entry->used);
	smb3_put_u64(out, entry->threshold);
	smb3_put_u64(out, entry->limit);
	smb3_put_bytes(out, entry->sid.bytes, entry->sid.len);
	if (*last != SIZE_MAX)
		smb3_set_u32(out, *last, (uint32_t)(at - *last));
	*last = at;
	return true;
}
