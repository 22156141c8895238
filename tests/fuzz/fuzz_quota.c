// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_quota.c: questions about quotas and lists of them. Input: one byte (bit 0: entries that are
 * to be set; bit 1: a question in front of the list), then what a client sends. Whatever it is:
 * SIDs lie inside, lists end, and what was taken apart is put together again.
 * [MS-SMB2] 2.2.37.1, [MS-FSCC] 2.4.40
 */
#include "../../modules/quota/lists.h"
#include "fuzz.h"

#define MOST 64

static void inside(const struct quota_sid *sid, const uint8_t *data, size_t len)
{
	CHECK(sid->bytes >= data && sid->bytes + sid->len <= data + len);
	CHECK(sid->len >= 8 && sid->len <= QUOTA_SID_MAX);
}

static void again(const struct quota_entry *entry)
{
	uint8_t room[40 + QUOTA_SID_MAX];
	struct smb3_builder out = smb3_builder_init(room, sizeof(room));
	struct quota_entry second;
	struct smb3_cursor in;
	size_t last = SIZE_MAX;

	CHECK(quota_put(&out, sizeof(room), entry, &last));
	in = smb3_cursor_init(room, out.len);
	CHECK(!quota_list_next(&in, true, &second) && !smb3_cursor_left(&in));
	CHECK(second.limit == entry->limit && second.used == entry->used);
	CHECK(second.sid.len == entry->sid.len && second.sid.uid == entry->sid.uid);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct smb3_cursor in = smb3_cursor_init(data, len);
	uint8_t kind = smb3_get_u8(&in);
	struct quota_question q = { 0 };
	bool full = kind & 1;
	ntstatus status;

	if (kind & 2) {
		if (quota_question_parse(in, &q))
			return 0;
		if (q.from)
			inside(&q.start, data, len);
		in = q.sids;
	}
	status = quota_list_check(in, full, MOST);
	for (unsigned int n = 0; smb3_cursor_left(&in); n++) {
		size_t before = smb3_cursor_left(&in);
		struct quota_entry entry;

		if (n == MOST || quota_list_next(&in, full, &entry)) {
			CHECK(status);
			break;
		}
		CHECK(smb3_cursor_left(&in) < before);
		inside(&entry.sid, data, len);
		again(&entry);
	}
	return 0;
}
