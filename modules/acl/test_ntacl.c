// SPDX-License-Identifier: Apache-2.0
/*
 * test_ntacl.c: attributes as Samba writes them, and the hash over a file's permissions.
 */
#include "ntacl.h"
#include "sd.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

static size_t unhex(const char *hex, uint8_t *out)
{
	size_t n = 0;
	char two[3] = { 0 };

	for (; hex[2 * n]; n++) {
		memcpy(two, hex + 2 * n, 2);
		out[n] = (uint8_t)strtoul(two, NULL, 16);
	}
	return n;
}

/* Written by smbd 4.17 for a file of user 34, mode 0777, to whose list Everyone was added. */
static const char by_smbd[] =
	"0400040000000200040002000100eabb8ee6c19ea7cda0af387b5818b094e3f6c87f0fe67afa0e1b12c30a4e183b"
	"0000000000000000000000000000000000000000000000000000000000000000706f7369785f61636c00"
	"e4ce0962b47add01"
	"fe75125f68b7059173e5d138a5c2d970d1926ee9705c48f5058d3c2886c9d00c"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"01000480b4000000d000000000000000ec000000"
	"0105000000000005150000004c3772a42b1f04624051d64ce8030000"
	"0105000000000005150000004c3772a42b1f04624051d64c01020000"
	"0200780004000000"
	"00001400a9001200010100000000000100000000"
	"00001400ff011f00010100000000000100000000"
	"00002400a90012000105000000000005150000004c3772a42b1f04624051d64c01020000"
	"00002400ff011f000105000000000005150000004c3772a42b1f04624051d64ce8030000";

static const char its_acl[] = "0200000001000700ffffffff020007002200000004000700ffffffff"
			      "080007002200000010000700ffffffff20000700ffffffff";

static struct posix_acl *posix_acl(const char *hex)
{
	uint8_t blob[256];
	size_t len = unhex(hex, blob);
	struct posix_acl *acl = smb3_alloc(sizeof(*acl) + 32 * sizeof(acl->entries[0]));

	cr_assert_eq(posix_acl_parse(blob, len, acl), 0);
	return acl;
}

Test(acl, an_attribute_of_samba)
{
	struct smb3_arena *a = smb3_arena_new();
	uint8_t blob[1024], hash[NTACL_HASH];
	size_t len = unhex(by_smbd, blob);
	struct posix_acl *access = posix_acl(its_acl), *none = posix_acl("");
	struct ntacl_unix u = {
		.mode = S_IFREG | 0777, .uid = 34, .gid = 34, .access = access, .standard = none
	};
	struct ntacl acl;
	struct acl_sd sd;

	cr_assert_eq(ntacl_parse(blob, len, &acl), 0);
	cr_expect(acl.hashed);
	ntacl_hash(&u, hash);
	cr_expect_arr_eq(hash, acl.unix_hash, NTACL_HASH);
	u.mode = S_IFREG | 0775;
	ntacl_hash(&u, hash);
	cr_expect_arr_neq(hash, acl.unix_hash, NTACL_HASH, "somebody changed the mode");
	cr_assert_eq(acl_sd_parse(a, blob, len, acl.sd_at, &sd), 0);
	cr_expect_eq(sd.dacl->n, 4);
	cr_expect_eq(sd.owner.sub[4], 1000u);
	free(access);
	free(none);
	smb3_arena_free(a);
}

/* A folder of smbd's, mode 0775, with the same entries twice. */
Test(acl, the_hash_of_a_folder)
{
	static const char list[] = "0200000001000700ffffffff020007002200000004000500ffffffff"
				   "080005002200000010000700ffffffff20000500ffffffff";
	static const char want[] =
		"02a27391e542d35f2a99ad60cdfe64649e430d0d1acd5a688f37d28800914228";
	uint8_t hash[NTACL_HASH], wanted[NTACL_HASH];
	struct posix_acl *acl = posix_acl(list);
	struct ntacl_unix u = {
		.mode = S_IFDIR | 0775, .uid = 34, .gid = 34, .access = acl, .standard = acl
	};

	unhex(want, wanted);
	ntacl_hash(&u, hash);
	cr_expect_arr_eq(hash, wanted, NTACL_HASH);
	free(acl);
}

Test(acl, older_versions_are_read)
{
	static const struct {
		const char *what, *hex;
		int err;
		size_t at;
	} cases[] = {
		{ "1",
		  "0100010000000200"
		  "01000480",
		  0, 8 },
		{ "2",
		  "020002000000020004000200"
		  "00000000000000000000000000000000"
		  "01000480",
		  0, 28 },
		{ "3",
		  "030003000000020004000200"
		  "0100"
		  "0000000000000000000000000000000000000000000000000000000000000000"
		  "0000000000000000000000000000000000000000000000000000000000000000"
		  "0000"
		  "01000480",
		  0, 80 },
		{ "0", "0000000000000200", -EINVAL, 0 },
		{ "5", "0500050000000200", -EINVAL, 0 },
		{ "two versions", "0300040000000200", -EINVAL, 0 },
		{ "nothing in it", "0100010000000000", -EINVAL, 0 },
		{ "cut", "020002000000020004000200", -EINVAL, 0 },
		{ "empty", "", -EINVAL, 0 },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		uint8_t blob[256];
		size_t len = unhex(cases[i].hex, blob);
		struct ntacl acl = { 0 };

		cr_expect_eq(ntacl_parse(blob, len, &acl), cases[i].err, "%s", cases[i].what);
		cr_expect_eq(acl.sd_at, cases[i].at, "%s", cases[i].what);
		cr_expect_not(acl.hashed);
	}
}

Test(acl, what_is_written_is_read)
{
	const uint8_t hash[NTACL_HASH] = { 1, 2, 3 };
	uint8_t room[512];
	struct smb3_builder b = smb3_builder_init(room, sizeof(room));
	struct ntacl acl;

	ntacl_put(&b, 0x0102030405060708, hash);
	cr_assert_eq(ntacl_parse(b.data, b.len, &acl), 0);
	cr_expect_eq(acl.version, 4);
	cr_expect(acl.hashed);
	cr_expect_arr_eq(acl.unix_hash, hash, NTACL_HASH);
	cr_expect_eq(acl.sd_at, b.len);
	for (size_t len = 0; len < b.len; len++) {
		uint8_t *exact = smb3_realloc(NULL, len + 1);

		memcpy(exact, b.data, len);
		cr_expect_eq(ntacl_parse(exact, len, &acl), -EINVAL, "%zu bytes", len);
		free(exact);
	}
}

Test(acl, posix_lists)
{
	struct posix_acl *acl = posix_acl(its_acl);
	uint8_t blob[64];

	cr_expect_eq(acl->n, 6u);
	cr_expect_eq(acl->entries[1].tag, POSIX_ACL_USER);
	cr_expect_eq(acl->entries[1].id, 34u);
	cr_expect_eq(posix_acl_parse(blob, unhex("01000000", blob), acl), -EINVAL, "version 1");
	cr_expect_eq(posix_acl_parse(blob, unhex("0200", blob), acl), -EINVAL);
	cr_expect_eq(posix_acl_parse(blob, unhex("020000000100", blob), acl), -EINVAL);
	cr_expect_eq(posix_acl_parse(blob, 0, acl), 0);
	cr_expect_eq(acl->n, 0u);
	free(acl);
}
