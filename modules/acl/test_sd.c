// SPDX-License-Identifier: Apache-2.0
/*
 * test_sd.c: SIDs and descriptors as they stand on the wire: what is taken, and what is not.
 */
#include "sd.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <smb3/smb2.h>

/* ---- SIDs ---- */

static void sid_is(const struct acl_sid *sid, const char *text)
{
	char buf[ACL_SID_TEXT];

	cr_expect_str_eq(acl_sid_text(sid, buf), text);
}

Test(acl, sids_in_words)
{
	const struct acl_sid user = acl_sid_of_uid(1000), group = acl_sid_of_gid(4294967294u);
	struct acl_sid most = { ACL_SID_SUBS, 0xFFFFFFFFFFFF, { 0 } };

	sid_is(&acl_everyone, "S-1-1-0");
	sid_is(&acl_administrators, "S-1-5-32-544");
	sid_is(&user, "S-1-22-1-1000");
	sid_is(&group, "S-1-22-2-4294967294");
	for (int i = 0; i < ACL_SID_SUBS; i++)
		most.sub[i] = UINT32_MAX;
	cr_expect_eq(strlen(acl_sid_text(&most, (char[ACL_SID_TEXT]){ 0 })), 4 + 14 + 15 * 11u);
}

Test(acl, sids_of_this_machine)
{
	const struct smb3_guid guid = { { 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0 } };
	struct acl_sid machine = acl_sid_machine(&guid), account = machine;
	struct acl_sid self = acl_sid_of_uid(77);
	uid_t uid = 0;
	gid_t gid = 0;

	sid_is(&machine, "S-1-5-21-1-2-3");
	account.sub[account.n++] = 1000 + 2 * 77;
	cr_expect(acl_sid_uid(&account, &machine, &uid) && uid == 77);
	cr_expect_not(acl_sid_gid(&account, &machine, &gid));
	account.sub[account.n - 1] = 1001 + 2 * 88;
	cr_expect(acl_sid_gid(&account, &machine, &gid) && gid == 88);
	cr_expect(acl_sid_uid(&self, &machine, &uid) && uid == 77);
	cr_expect_not(acl_sid_uid(&acl_everyone, &machine, &uid));
	account.sub[1]++;
	cr_expect_not(acl_sid_gid(&account, &machine, &gid), "another machine's");
	cr_expect(acl_sid_domain(&account));
	cr_expect_not(acl_sid_domain(&acl_everyone));
}

/* ---- descriptors ---- */

struct blob {
	uint8_t data[512];
	struct smb3_builder b;
};

/* Owner, group, DACL with two entries. */
static void build(struct blob *blob, struct smb3_arena *a)
{
	struct acl_sd sd = { .control = SE_DACL_PRESENT,
			     .has_owner = true,
			     .has_group = true,
			     .owner = acl_sid_of_uid(1),
			     .group = acl_sid_of_gid(2),
			     .dacl = acl_list_new(a, 2) };

	acl_list_add(sd.dacl, ACE_DENIED, ACE_OBJECT_INHERIT, 2, &acl_everyone);
	acl_list_add(sd.dacl, ACE_ALLOWED, 0, FILE_ALL_ACCESS, &acl_everyone);
	blob->b = smb3_builder_init(blob->data, sizeof(blob->data));
	acl_sd_put(&blob->b, 0, &sd);
	cr_assert(smb3_builder_ok(&blob->b));
}

#define OWNER_AT 4
#define DACL_AT  16
#define THE_DACL 52 /* header, and two SIDs of 16 bytes */

Test(acl, a_descriptor_comes_back)
{
	struct smb3_arena *a = smb3_arena_new();
	struct blob blob, again;
	struct acl_sd sd;

	build(&blob, a);
	cr_assert_eq(acl_sd_parse(a, blob.data, blob.b.len, 0, &sd), 0);
	cr_expect_eq(sd.control, SE_DACL_PRESENT | SE_SELF_RELATIVE);
	cr_expect_eq(sd.dacl->n, 2);
	cr_expect_eq(sd.dacl->aces[0].type, ACE_DENIED);
	cr_expect_eq(sd.dacl->aces[0].mask, 2u);
	cr_expect(acl_sid_equal(&sd.dacl->aces[1].sid, &acl_everyone));
	sid_is(&sd.owner, "S-1-22-1-1");
	sid_is(&sd.group, "S-1-22-2-2");
	again.b = smb3_builder_init(again.data, sizeof(again.data));
	acl_sd_put(&again.b, 0, &sd);
	cr_expect_arr_eq(again.data, blob.data, blob.b.len);
	smb3_arena_free(a);
}

Test(acl, every_cut_of_a_descriptor_is_refused)
{
	struct smb3_arena *a = smb3_arena_new();
	struct blob blob;
	struct acl_sd sd;

	build(&blob, a);
	for (size_t len = 0; len < blob.b.len; len++) {
		uint8_t *exact = smb3_arena_copy(a, blob.data, len + 1);

		cr_expect_neq(acl_sd_parse(a, exact, len, 0, &sd), 0, "%zu bytes", len);
	}
	smb3_arena_free(a);
}

Test(acl, lies_in_descriptors)
{
	static const struct {
		const char *what;
		size_t at;
		uint8_t size;
		uint32_t value;
		int err;
	} lies[] = {
		{ "revision 0", 0, 1, 0, -EINVAL },
		{ "revision 2", 0, 1, 2, -EINVAL },
		{ "not self-relative", 2, 2, SE_DACL_PRESENT, -EINVAL },
		{ "owner in the header", OWNER_AT, 4, 8, -EINVAL },
		{ "owner behind the end", OWNER_AT, 4, 0x7fffffff, -EINVAL },
		{ "owner at the last byte", OWNER_AT, 4, 99, -EINVAL },
		{ "owner that wraps", OWNER_AT, 4, 0xffffffff, -EINVAL },
		{ "no owner", OWNER_AT, 4, 0, 0 },
		{ "list in the header", DACL_AT, 4, 4, -EINVAL },
		{ "list behind the end", DACL_AT, 4, 0xfffffff0, -EINVAL },
		{ "no list", DACL_AT, 4, 0, 0 },
		{ "list of revision 1", THE_DACL, 1, 1, -EINVAL },
		{ "list of revision 3", THE_DACL, 1, 3, 0 },
		{ "list of revision 5", THE_DACL, 1, 5, -EINVAL },
		{ "list smaller than its header", THE_DACL + 2, 2, 4, -EINVAL },
		{ "list of its header alone", THE_DACL + 2, 2, 8, -EINVAL },
		{ "list larger than all", THE_DACL + 2, 2, 0xffff, -EINVAL },
		{ "more entries than fit", THE_DACL + 4, 2, 3, -EINVAL },
		{ "many more entries than fit", THE_DACL + 4, 2, 0xffff, -EINVAL },
		{ "fewer entries than there", THE_DACL + 4, 2, 1, 0 },
		{ "entry of no size", THE_DACL + 10, 2, 0, -EINVAL },
		{ "entry without a mask", THE_DACL + 10, 2, 4, -EINVAL },
		{ "entry that ends in its SID", THE_DACL + 10, 2, 16, -EINVAL },
		{ "entry of an odd size", THE_DACL + 10, 2, 22, -EINVAL },
		{ "entry larger than its list", THE_DACL + 10, 2, 0xfffc, -EINVAL },
		{ "SID of revision 2", THE_DACL + 16, 1, 2, -EINVAL },
		{ "SID of 2 parts in the room of 1", THE_DACL + 17, 1, 2, -EINVAL },
		{ "SID of 16 parts", THE_DACL + 17, 1, 16, -EINVAL },
		{ "entry of an unknown type", THE_DACL + 8, 1, 0x70, 0 },
		{ "entry of an object without one", THE_DACL + 8, 1, ACE_DENIED_OBJECT, -EINVAL },
	};
	struct smb3_arena *a = smb3_arena_new();

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(lies); i++) {
		struct blob blob;
		struct acl_sd sd;

		build(&blob, a);
		for (uint8_t byte = 0; byte < lies[i].size; byte++)
			blob.data[lies[i].at + byte] = (uint8_t)(lies[i].value >> 8 * byte);
		cr_expect_eq(acl_sd_parse(a, smb3_arena_copy(a, blob.data, blob.b.len), blob.b.len,
					  0, &sd),
			     lies[i].err, "%s", lies[i].what);
	}
	smb3_arena_free(a);
}

Test(acl, a_descriptor_has_a_limit)
{
	struct smb3_arena *a = smb3_arena_new();
	uint8_t *data = smb3_arena_alloc(a, ACL_SD_MAX + 1);
	struct acl_sd sd;

	data[0] = 1;
	data[3] = SE_SELF_RELATIVE >> 8;
	cr_expect_eq(acl_sd_parse(a, data, ACL_SD_MAX, 0, &sd), 0);
	cr_expect_eq(acl_sd_parse(a, data, ACL_SD_MAX + 1, 0, &sd), -E2BIG);
	smb3_arena_free(a);
}

Test(acl, a_list_that_is_too_long_is_not_written)
{
	struct smb3_arena *a = smb3_arena_new();
	struct acl_sd sd = { .control = SE_DACL_PRESENT, .dacl = acl_list_new(a, 4000) };
	struct smb3_builder out = smb3_builder_arena(a, 1 << 20);

	for (int i = 0; i < 4000; i++)
		acl_list_add(sd.dacl, ACE_ALLOWED, 0, 1, &acl_everyone);
	acl_sd_put(&out, 0, &sd);
	cr_expect_not(smb3_builder_ok(&out), "its size does not fit the field");
	smb3_arena_free(a);
}

Test(acl, generic_rights_become_those_of_files)
{
	static const uint32_t map[][2] = {
		{ 0, 0 },
		{ GENERIC_READ, FILE_GENERIC_READ },
		{ GENERIC_WRITE, FILE_GENERIC_WRITE },
		{ GENERIC_EXECUTE, FILE_GENERIC_EXECUTE },
		{ GENERIC_ALL, FILE_ALL_ACCESS },
		{ GENERIC_READ | WRITE_DAC, FILE_GENERIC_READ | WRITE_DAC },
		{ MAXIMUM_ALLOWED, MAXIMUM_ALLOWED },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(map); i++)
		cr_expect_eq(acl_map_generic(map[i][0]), map[i][1], "%#x", map[i][0]);
}
