// SPDX-License-Identifier: Apache-2.0
/*
 * test_file.c: the rules of module file that need no server: access masks, fields, attributes.
 */
#include "file.h"

#include <criterion/criterion.h>
#include <sys/stat.h>

/* ---- access masks ---- */

Test(file, generic_access_is_mapped)
{
	cr_expect_eq(access_map(GENERIC_READ), FILE_GENERIC_READ);
	cr_expect_eq(access_map(GENERIC_WRITE), FILE_GENERIC_WRITE);
	cr_expect_eq(access_map(GENERIC_EXECUTE), FILE_GENERIC_EXECUTE);
	cr_expect_eq(access_map(GENERIC_ALL), FILE_ALL_ACCESS);
	cr_expect_eq(access_map(FILE_READ_DATA | MAXIMUM_ALLOWED),
		     FILE_READ_DATA | MAXIMUM_ALLOWED);
}

#define SOME(mode_bits) .mode = S_IFREG | (mode_bits), .uid = 10, .gid = 20

static gid_t groups[] = { 20, 30 };
static const struct smb3_identity owner = { .uid = 10, .gid = 99 };
static const struct smb3_identity member = { .uid = 11, .gid = 99, .groups = groups, .n_groups = 2 };
static const struct smb3_identity other = { .uid = 12, .gid = 98 };
static const struct smb3_identity root = { .uid = 0 };

static bool can(const struct smb3_identity *who, uint32_t mode, uint32_t access)
{
	struct smb3_stat st = { SOME(mode) };

	return !(access & ~access_of_mode(&st, NULL, who));
}

Test(file, mode_bits_go_by_class)
{
	cr_expect(can(&owner, 0600, FILE_READ_DATA | FILE_WRITE_DATA | FILE_EXECUTE));
	cr_expect_not(can(&owner, 0066, FILE_READ_DATA), "the owner's class is the owner's only");
	cr_expect(can(&member, 0040, FILE_READ_DATA));
	cr_expect_not(can(&member, 0040, FILE_APPEND_DATA));
	cr_expect(can(&other, 0002, FILE_APPEND_DATA));
	cr_expect_not(can(&other, 0770, FILE_READ_DATA));
	cr_expect(can(&root, 0, FILE_READ_DATA | FILE_WRITE_DATA | WRITE_OWNER));
	cr_expect(can(&other, 0, FILE_READ_ATTRIBUTES | READ_CONTROL | SYNCHRONIZE));
	cr_expect(can(&owner, 0, WRITE_DAC | FILE_WRITE_ATTRIBUTES));
	cr_expect_not(can(&member, 0770, WRITE_DAC));
}

static bool deletes(const struct smb3_identity *who, mode_t folder_mode, uid_t folder_owner)
{
	struct smb3_stat st = { SOME(0600) };
	struct smb3_stat folder = { .mode = S_IFDIR | folder_mode, .uid = folder_owner, .gid = 20 };

	return access_of_mode(&st, &folder, who) & SMB3_DELETE;
}

Test(file, the_folder_decides_about_deleting)
{
	cr_expect(deletes(&member, 0775, 1));
	cr_expect_not(deletes(&other, 0775, 1));
	cr_expect_not(deletes(&owner, 0755, 1), "not even the file's owner");
	cr_expect_not(deletes(&member, 01777, 1), "sticky");
	cr_expect(deletes(&owner, 01777, 1), "sticky, but one's own file");
	cr_expect(deletes(&member, 01777, 11), "sticky, but one's own folder");
	cr_expect(deletes(&root, 0, 1));
}

/* ---- fields ---- */

static struct smb3_share share = { .name = "share" };
static struct smb3_tree tree = { .share = &share, .max_access = FILE_ALL_ACCESS };

struct fields {
	uint32_t access, attributes, sharing, disposition, options, impersonation;
};

static ntstatus check(const struct fields *f)
{
	struct smb3_req req = { .tree = &tree };
	struct create cr = {
		.c = { .req = &req,
		       .desired_access = f->access,
		       .attributes = f->attributes,
		       .share_access = f->sharing,
		       .disposition = f->disposition,
		       .options = f->options },
		.impersonation = f->impersonation,
		.wanted = access_map(f->access) & ~MAXIMUM_ALLOWED,
		.maximum = f->access & MAXIMUM_ALLOWED,
	};

	return create_check(&cr);
}

static ntstatus check_options(uint32_t access, uint32_t disposition, uint32_t options)
{
	return check(&(struct fields){
		.access = access, .disposition = disposition, .options = options });
}

Test(file, each_bit_of_each_field)
{
	const uint32_t read = FILE_READ_DATA;

	for (unsigned int i = 0; i < 32; i++) {
		uint32_t bit = 1u << i;
		bool known = bit & FILE_ALL_ACCESS || bit & 0xF3000000u;

		cr_expect_eq(check(&(struct fields){ .access = bit, .disposition = FILE_OPEN }),
			     known ? STATUS_SUCCESS : STATUS_ACCESS_DENIED, "access %#x", bit);
		cr_expect_eq(check(&(struct fields){
				     .access = read, .disposition = FILE_OPEN, .sharing = bit }),
			     i < 3 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER, "share %#x", bit);
		cr_expect_eq(check(&(struct fields){
				     .access = read, .disposition = FILE_OPEN, .attributes = bit }),
			     bit & 0x7FB7 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER,
			     "attributes %#x", bit);
		if (i >= 24)
			cr_expect_eq(check_options(read, FILE_OPEN, bit), STATUS_INVALID_PARAMETER,
				     "options %#x", bit);
	}
	cr_expect_eq(check(&(struct fields){ .disposition = FILE_OPEN }), STATUS_ACCESS_DENIED);
	for (uint32_t d = 0; d < 8; d++)
		cr_expect_eq(check_options(read, d, 0),
			     d <= FILE_OVERWRITE_IF ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER);
	for (uint32_t level = 0; level < 6; level++)
		cr_expect_eq(check(&(struct fields){ .access = read,
						     .disposition = FILE_OPEN,
						     .impersonation = level }),
			     level < 4 ? STATUS_SUCCESS : STATUS_BAD_IMPERSONATION_LEVEL);
}

Test(file, options_that_do_not_go_together)
{
	static const struct {
		uint32_t access, disposition, options;
		ntstatus status;
	} cases[] = {
		{ FILE_READ_DATA, FILE_OPEN, FILE_DIRECTORY_FILE | FILE_NON_DIRECTORY_FILE,
		  STATUS_INVALID_PARAMETER },
		{ FILE_READ_DATA, FILE_OVERWRITE, FILE_DIRECTORY_FILE, STATUS_INVALID_PARAMETER },
		{ FILE_READ_DATA, FILE_SUPERSEDE, FILE_DIRECTORY_FILE, STATUS_INVALID_PARAMETER },
		{ FILE_READ_DATA, FILE_OPEN_IF, FILE_DIRECTORY_FILE, STATUS_SUCCESS },
		{ FILE_READ_DATA, FILE_OPEN, FILE_OPEN_BY_FILE_ID, STATUS_NOT_SUPPORTED },
		{ FILE_READ_DATA, FILE_OPEN, FILE_CREATE_TREE_CONNECTION, STATUS_NOT_SUPPORTED },
		{ FILE_READ_DATA, FILE_OPEN, FILE_RESERVE_OPFILTER, STATUS_NOT_SUPPORTED },
		{ FILE_READ_DATA, FILE_OPEN, FILE_DELETE_ON_CLOSE, STATUS_INVALID_PARAMETER },
		{ SMB3_DELETE, FILE_OPEN, FILE_DELETE_ON_CLOSE, STATUS_SUCCESS },
		{ GENERIC_ALL, FILE_OPEN, FILE_DELETE_ON_CLOSE, STATUS_SUCCESS },
		{ MAXIMUM_ALLOWED, FILE_OPEN, FILE_DELETE_ON_CLOSE, STATUS_SUCCESS },
		{ FILE_READ_DATA, FILE_OPEN, FILE_WRITE_THROUGH | FILE_RANDOM_ACCESS,
		  STATUS_SUCCESS },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++)
		cr_expect_eq(check_options(cases[i].access, cases[i].disposition, cases[i].options),
			     cases[i].status, "case %zu", i);
}

/* ---- attributes ---- */

#define RO  FILE_ATTRIBUTE_READONLY
#define HID FILE_ATTRIBUTE_HIDDEN
#define SYS FILE_ATTRIBUTE_SYSTEM
#define ARC FILE_ATTRIBUTE_ARCHIVE
#define DIR FILE_ATTRIBUTE_DIRECTORY

Test(file, what_attributes_forbid)
{
	static const struct {
		uint32_t has, asked, disposition, wanted, options;
		ntstatus status;
	} cases[] = {
		{ RO, 0, FILE_OPEN, FILE_READ_DATA, 0, STATUS_SUCCESS },
		{ RO, 0, FILE_OPEN, FILE_WRITE_DATA, 0, STATUS_ACCESS_DENIED },
		{ RO, 0, FILE_OPEN, FILE_APPEND_DATA, 0, STATUS_ACCESS_DENIED },
		{ RO, 0, FILE_OVERWRITE, FILE_READ_DATA, 0, STATUS_ACCESS_DENIED },
		{ RO | DIR, 0, FILE_OPEN, FILE_WRITE_DATA, 0, STATUS_SUCCESS },
		{ RO, 0, FILE_OPEN, SMB3_DELETE, 0, STATUS_SUCCESS },
		{ RO, 0, FILE_OPEN, SMB3_DELETE, FILE_DELETE_ON_CLOSE, STATUS_CANNOT_DELETE },
		{ RO | DIR, 0, FILE_OPEN, SMB3_DELETE, FILE_DELETE_ON_CLOSE, STATUS_CANNOT_DELETE },
		{ HID, 0, FILE_OPEN, FILE_WRITE_DATA, 0, STATUS_SUCCESS },
		{ HID, 0, FILE_OVERWRITE, FILE_WRITE_DATA, 0, STATUS_ACCESS_DENIED },
		{ HID, HID, FILE_OVERWRITE, FILE_WRITE_DATA, 0, STATUS_SUCCESS },
		{ HID | SYS, HID, FILE_SUPERSEDE, FILE_WRITE_DATA, 0, STATUS_ACCESS_DENIED },
		{ ARC, HID | SYS, FILE_OVERWRITE_IF, FILE_WRITE_DATA, 0, STATUS_SUCCESS },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct create cr = { .wanted = cases[i].wanted };

		cr.c.stat.attributes = cases[i].has;
		cr.c.attributes = cases[i].asked;
		cr.c.disposition = cases[i].disposition;
		cr.c.options = cases[i].options;
		cr_expect_eq(create_check_attributes(&cr), cases[i].status, "case %zu", i);
	}
}

Test(file, attributes_of_new_objects)
{
	struct create cr = { .c.attributes = FILE_ATTRIBUTE_NORMAL };

	cr_expect_eq(create_attributes(&cr), ARC);
	cr.c.attributes = HID | RO | DIR | FILE_ATTRIBUTE_SPARSE_FILE | FILE_ATTRIBUTE_COMPRESSED;
	cr_expect_eq(create_attributes(&cr), HID | RO | ARC, "the rest is not for clients to say");
	cr.c.options = FILE_DIRECTORY_FILE;
	cr_expect_eq(create_attributes(&cr), HID | RO);
}
