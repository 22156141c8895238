// SPDX-License-Identifier: Apache-2.0
/*
 * test_quota.c: lists of quotas as they are read and written, and who is answered what, over a file
 * system that is a table here. [MS-SMB2] 2.2.37.1, 3.3.5.20.4, 3.3.5.21.4; [MS-FSCC] 2.4.40
 */
#include "quota.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#define MIB (1u << 20)

/* ---- a disk ---- */

static struct kept {
	uid_t uid;
	uint64_t used, threshold, limit;
} disk[] = {
	{ 0, 3 * MIB, QUOTA_NONE, QUOTA_NONE },
	{ 34, MIB, 2 * MIB, 4 * MIB },
	{ 1000, 5, QUOTA_NONE, 100 * MIB },
	{ 4000000000, 0, 7, 8 },
};

static bool broken;

int quota_disk_next(int fd, uid_t from, uid_t *ret_uid, struct quota_entry *ret_entry)
{
	if (broken)
		return -EIO;
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(disk); i++)
		if (disk[i].uid >= from) {
			*ret_uid = disk[i].uid;
			*ret_entry = (struct quota_entry){ .used = disk[i].used,
							   .threshold = disk[i].threshold,
							   .limit = disk[i].limit };
			return 0;
		}
	return -ENOENT;
}

int quota_disk_get(int fd, uid_t uid, struct quota_entry *ret_entry)
{
	struct quota_entry entry;
	uid_t found;
	int err = quota_disk_next(fd, uid, &found, &entry);

	if (err || found != uid)
		return err ? err : -ENOENT;
	*ret_entry = entry;
	return 0;
}

int quota_disk_set(int fd, uid_t uid, const struct quota_entry *entry)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(disk); i++)
		if (disk[i].uid == uid) {
			disk[i].threshold = entry->threshold;
			disk[i].limit = entry->limit;
			return 0;
		}
	return -ESRCH;
}

/* ---- questions and answers ---- */

static uint8_t out_room[4096];
static struct smb3_builder out;
static uint64_t next;
static struct quota_asker asker = { .admin = true, .max_sids = 8 };

static const uint8_t everyone[] = { 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0 };

struct question {
	uint8_t single, restart;
	uint32_t list_len, start_len, start_at;
	const void *buffer;
	size_t len;
};

static ntstatus ask_max(const struct question *q, size_t max)
{
	uint8_t room[1024];
	struct smb3_builder in = smb3_builder_init(room, sizeof(room));

	smb3_put_u8(&in, q->single);
	smb3_put_u8(&in, q->restart);
	smb3_put_u16(&in, 0xffff); /* Reserved: ignored */
	smb3_put_u32(&in, q->list_len);
	smb3_put_u32(&in, q->start_len);
	smb3_put_u32(&in, q->start_at);
	smb3_put_bytes(&in, q->buffer, q->len);
	out = smb3_builder_init(out_room, sizeof(out_room));
	return quota_answer(&asker, smb3_cursor_init(room, in.len), &out, max, &next);
}

static ntstatus ask(const struct question *q)
{
	return ask_max(q, sizeof(out_room));
}

/* One FILE_GET_QUOTA_INFORMATION. */
static void put_sid(struct smb3_builder *list, uint32_t to_next, const void *sid, uint32_t len)
{
	smb3_put_u32(list, to_next);
	smb3_put_u32(list, len);
	smb3_put_bytes(list, sid, len);
}

static void put_uid(struct smb3_builder *list, bool more, uid_t uid)
{
	uint8_t buf[QUOTA_SID_MAX];
	struct quota_sid sid = quota_sid_of(uid, buf);

	put_sid(list, more ? 8 + sid.len : 0, sid.bytes, sid.len);
}

static ntstatus ask_list(const struct smb3_builder *list, bool single)
{
	return ask(&(struct question){ .single = single,
				       .list_len = (uint32_t)list->len,
				       .buffer = list->data,
				       .len = list->len });
}

/* The uids in the answer, in words, and the last entry. */
static const char *uids(struct quota_entry *ret_last)
{
	static char text[256];
	struct smb3_cursor c = smb3_cursor_init(out.data, out.len);
	size_t at = 0;

	text[0] = '\0';
	while (smb3_cursor_left(&c)) {
		cr_assert_eq(quota_list_next(&c, true, ret_last), STATUS_SUCCESS);
		at += (size_t)snprintf(text + at, sizeof(text) - at, at ? " %u" : "%u",
				       ret_last->sid.uid);
	}
	return text;
}

#define ANSWERED(text)                                \
	do {                                          \
		struct quota_entry last_;             \
		cr_expect_str_eq(uids(&last_), text); \
	} while (0)

Test(quota, sid_of_user)
{
	static const uint8_t wire[] = { 1, 2, 0, 0, 0, 0, 0, 22, 1, 0, 0, 0, 0xe8, 3, 0, 0 };
	uint8_t buf[QUOTA_SID_MAX];
	struct quota_sid sid = quota_sid_of(1000, buf);

	cr_expect_eq(sid.len, sizeof(wire));
	cr_expect_arr_eq(sid.bytes, wire, sizeof(wire));
}

Test(quota, entry_as_it_is_sent)
{
	static const uint8_t wire[] = {
		0, 0, 0,  0, 16, 0, 0, 0, /* NextEntryOffset, SidLength */
		0, 0, 0,  0, 0,  0, 0, 0, /* ChangeTime */
		0, 0, 16, 0, 0,  0, 0, 0, /* QuotaUsed */
		0, 0, 32, 0, 0,  0, 0, 0, /* QuotaThreshold */
		0, 0, 64, 0, 0,  0, 0, 0, /* QuotaLimit */
		1, 2, 0,  0, 0,  0, 0, 22, 1, 0, 0, 0, 34, 0, 0, 0,
	};
	uint8_t room[64];
	struct smb3_builder list = smb3_builder_init(room, sizeof(room));

	put_uid(&list, false, 34);
	cr_expect_eq(ask_list(&list, false), STATUS_SUCCESS);
	cr_expect_eq(out.len, sizeof(wire));
	cr_expect_arr_eq(out.data, wire, sizeof(wire));
}

Test(quota, scan_goes_on_where_it_was)
{
	struct question q = { .single = 1, .restart = 1 };

	cr_expect_eq(ask(&q), STATUS_SUCCESS);
	ANSWERED("0");
	q.restart = 0;
	cr_expect_eq(ask(&q), STATUS_SUCCESS);
	ANSWERED("34");
	q.single = 0;
	cr_expect_eq(ask(&q), STATUS_SUCCESS);
	ANSWERED("1000 4000000000");
	cr_expect_eq(ask(&q), STATUS_NO_MORE_ENTRIES);
	cr_expect_eq(ask(&q), STATUS_NO_MORE_ENTRIES);
	q.restart = 1;
	cr_expect_eq(ask(&q), STATUS_SUCCESS);
	ANSWERED("0 34 1000 4000000000");
}

Test(quota, scan_of_what_fits)
{
	struct question q = { .restart = 1 };

	cr_expect_eq(ask_max(&q, 55), STATUS_BUFFER_TOO_SMALL);
	cr_expect_eq(ask_max(&q, 56 + 55), STATUS_SUCCESS);
	ANSWERED("0");
	q.restart = 0;
	cr_expect_eq(ask_max(&q, 56 + 56), STATUS_SUCCESS);
	ANSWERED("34 1000");
}

Test(quota, scan_from_a_sid)
{
	uint8_t room[64];
	struct smb3_builder buffer = smb3_builder_init(room, sizeof(room));
	uint8_t sid[QUOTA_SID_MAX];
	struct question q = { .start_len = 16, .start_at = 4, .buffer = room, .len = 20 };

	smb3_put_u32(&buffer, 0);
	smb3_put_bytes(&buffer, quota_sid_of(35, sid).bytes, 16);
	cr_expect_eq(ask(&q), STATUS_SUCCESS);
	ANSWERED("1000 4000000000");
	q.start_at = 5;
	cr_expect_eq(ask(&q), STATUS_INVALID_PARAMETER, "ends behind the buffer");
	q.start_len = 15;
	cr_expect_eq(ask(&q), STATUS_INVALID_SID);
	q = (struct question){ .start_len = sizeof(everyone),
			       .buffer = everyone,
			       .len = sizeof(everyone) };
	cr_expect_eq(ask(&q), STATUS_NO_MORE_ENTRIES, "no user of the machine");
}

Test(quota, listed_sids)
{
	uint8_t room[256];
	struct smb3_builder list = smb3_builder_init(room, sizeof(room));
	struct quota_entry last;

	put_uid(&list, true, 1000);
	put_sid(&list, 20, everyone, sizeof(everyone));
	put_uid(&list, true, 34);
	put_uid(&list, false, 35);
	cr_expect_eq(ask_list(&list, true), STATUS_SUCCESS);
	ANSWERED("1000");
	cr_expect_eq(ask_list(&list, false), STATUS_SUCCESS);
	uids(&last);
	cr_expect_eq(last.sid.uid, 35);
	cr_expect_eq(last.used | last.threshold | last.limit, 0, "nothing is kept: all zero");
	/* A list wins over a start that is rubbish. */
	cr_expect_eq(ask(&(struct question){ .list_len = (uint32_t)list.len,
					     .start_len = 7,
					     .start_at = 9999,
					     .buffer = room,
					     .len = list.len }),
		     STATUS_SUCCESS);
}

Test(quota, bad_lists)
{
	static const struct {
		uint32_t to_next, sid_len;
		size_t len;
	} bad[] = {
		{ 0, 16, 23 },  { 0, 17, 24 },          { 24, 16, 24 },
		{ 28, 16, 24 }, { 0, 15, 24 },          { 22, 16, 48 },
		{ 4, 16, 24 },  { 0, 0, 24 },           { 0, UINT32_MAX, 24 },
		{ 0, 16, 4 },   { UINT32_MAX, 16, 24 }, { 16, 16, 48 },
		{ 0, 68, 76 },  { 0, 1, 24 },           { 0, 1, 9 },
		{ 0, 8, 24 },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(bad); i++) {
		uint8_t room[128] = { 0 };
		struct smb3_builder list = smb3_builder_init(room, sizeof(room));

		put_uid(&list, false, 34);
		put_uid(&list, false, 35);
		smb3_store_u32(room, bad[i].to_next);
		smb3_store_u32(room + 4, bad[i].sid_len);
		list.len = bad[i].len;
		cr_expect_eq(ask_list(&list, false), STATUS_INVALID_PARAMETER, "case %zu", i);
		cr_expect_eq(out.len, 0);
	}
	cr_expect_eq(ask(&(struct question){ .list_len = 24 }), STATUS_INVALID_PARAMETER);
	cr_expect_eq(quota_answer(&asker, smb3_cursor_init(everyone, sizeof(everyone)), &out, 99,
				  &next),
		     STATUS_INVALID_PARAMETER, "shorter than the structure");
}

Test(quota, too_many_sids)
{
	uint8_t room[512];
	struct smb3_builder list = smb3_builder_init(room, sizeof(room));

	for (int i = 0; i < 8; i++)
		put_uid(&list, i < 7, 34);
	cr_expect_eq(ask_list(&list, false), STATUS_SUCCESS);
	asker.max_sids = 7;
	cr_expect_eq(ask_list(&list, false), STATUS_INSUFFICIENT_RESOURCES);
}

Test(quota, others_see_their_own)
{
	uint8_t room[128];
	struct smb3_builder list = smb3_builder_init(room, sizeof(room));

	asker.admin = false;
	asker.uid = 34;
	put_uid(&list, false, 34);
	cr_expect_eq(ask_list(&list, false), STATUS_SUCCESS);
	ANSWERED("34");
	cr_expect_eq(ask(&(struct question){ .restart = 1 }), STATUS_ACCESS_DENIED);
	list.len = 0;
	put_uid(&list, false, 1000);
	cr_expect_eq(ask_list(&list, false), STATUS_ACCESS_DENIED);
	list.len = 0;
	put_sid(&list, 0, everyone, sizeof(everyone));
	cr_expect_eq(ask_list(&list, false), STATUS_ACCESS_DENIED);
}

Test(quota, disk_fails)
{
	uint8_t room[64];
	struct smb3_builder list = smb3_builder_init(room, sizeof(room));

	broken = true;
	put_uid(&list, false, 34);
	cr_expect(smb3_status_is_error(ask_list(&list, false)));
	cr_expect(smb3_status_is_error(ask(&(struct question){ .restart = 1 })));
}

/* ---- changes ---- */

static void put_change(struct smb3_builder *list, uid_t uid, uint64_t threshold, uint64_t limit,
		       size_t *last)
{
	uint8_t buf[QUOTA_SID_MAX];
	struct quota_entry entry = { .sid = quota_sid_of(uid, buf),
				     .threshold = threshold,
				     .limit = limit };

	cr_assert(quota_put(list, SIZE_MAX, &entry, last));
}

static ntstatus change(const struct smb3_builder *list)
{
	return quota_change(&asker, smb3_cursor_init(list->data, list->len));
}

Test(quota, limits_are_set)
{
	uint8_t room[256];
	struct smb3_builder list = smb3_builder_init(room, sizeof(room));
	size_t last = SIZE_MAX;

	put_change(&list, 34, QUOTA_NONE, 9, &last);
	put_change(&list, 1000, 5, QUOTA_DELETE, &last);
	cr_expect_eq(change(&list), STATUS_SUCCESS);
	cr_expect_eq(disk[1].threshold, QUOTA_NONE);
	cr_expect_eq(disk[1].limit, 9);
	cr_expect_eq(disk[2].threshold, QUOTA_NONE, "deleted");
	cr_expect_eq(disk[2].limit, QUOTA_NONE);
}

Test(quota, all_or_nothing_is_set)
{
	static const uint64_t bad[] = { (uint64_t)INT64_MAX + 1, UINT64_MAX - 2 };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(bad); i++) {
		uint8_t room[256];
		struct smb3_builder list = smb3_builder_init(room, sizeof(room));
		size_t last = SIZE_MAX;

		put_change(&list, 34, 1, 2, &last);
		put_change(&list, 1000, 5, bad[i], &last);
		cr_expect_eq(change(&list), STATUS_INVALID_PARAMETER);
		/* Group 34 and not a user. */
		room[56 + 40 + 8] = 2;
		cr_expect_eq(change(&list), STATUS_INVALID_SID);
		list.len -= 1;
		cr_expect_eq(change(&list), STATUS_INVALID_PARAMETER);
		list.len = 0;
		cr_expect_eq(change(&list), STATUS_INVALID_PARAMETER);
	}
	cr_expect_eq(disk[1].limit, 4 * MIB);
}

Test(quota, only_administrators_set)
{
	uint8_t room[64];
	struct smb3_builder list = smb3_builder_init(room, sizeof(room));
	size_t last = SIZE_MAX;

	asker.admin = false;
	asker.uid = 34;
	put_change(&list, 34, QUOTA_NONE, QUOTA_NONE, &last);
	cr_expect_eq(change(&list), STATUS_ACCESS_DENIED);
	cr_expect_eq(disk[1].limit, 4 * MIB);
}
