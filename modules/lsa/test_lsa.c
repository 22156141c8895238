// SPDX-License-Identifier: Apache-2.0
/*
 * test_lsa.c: the files of rights and secrets, and how the values of secrets stand on the wire.
 */
#include "lsa.h"
#include "testmods.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct smb3_arena *arena;

static void begin(void)
{
	arena = smb3_arena_new();
}

static void end(void)
{
	smb3_arena_free(arena);
}

TestSuite(lsa, .init = begin, .fini = end);

/* ---- SIDs ---- */

Test(lsa, sids_have_one_spelling)
{
	static const char *const good[] = { "S-1-0",
					    "S-1-5-32-544",
					    "S-1-5-21-1-2-4294967295-500",
					    "S-1-0x0100000000ff-7",
					    "S-1-4294967295",
					    "S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15" };
	static const char *const bad[] = { "",
					   "S-1",
					   "S-1-",
					   "s-1-5",
					   "S-2-5-32",
					   "S-1-5-",
					   "S-1-5--1",
					   "S-1-05",
					   "S-1-5-4294967296",
					   "S-1-5 ",
					   "S-1-0x5-1",
					   "S-1-5-+1",
					   "S-1-5-0x10",
					   "S-1-281474976710656",
					   "S-1-5-1x",
					   "S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16" };
	struct smb3_rpc_sid sid;
	char text[LSA_SID_TEXT];

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(good); i++) {
		cr_assert(lsa_sid_parse(good[i], &sid), "%s", good[i]);
		cr_expect_str_eq(lsa_sid_text(&sid, text), good[i]);
	}
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(bad); i++)
		cr_expect_not(lsa_sid_parse(bad[i], &sid), "%s", bad[i]);
}

/* ---- rights ---- */

static int holders(const char *text, struct lsa_holders *h)
{
	return lsa_holders_parse(arena, text, strlen(text), h);
}

Test(lsa, rights_are_read_as_they_were_written)
{
	static const char text[] =
		"# by hand\n\nS-1-5-32-551 SeBackupPrivilege SeRestorePrivilege\n"
		"S-1-5-21-1-2-3-1000\n";
	struct smb3_builder out = smb3_builder_arena(arena, 4096);
	struct lsa_holders h, again;

	cr_assert_eq(holders(text, &h), 0);
	cr_assert_eq(h.n, 2u);
	cr_expect_str_eq(h.list[0].rights, "SeBackupPrivilege SeRestorePrivilege");
	cr_expect_str_eq(h.list[1].rights, "");
	lsa_holders_build(&h, &out);
	cr_assert_eq(lsa_holders_parse(arena, (const char *)out.data, out.len, &again), 0);
	cr_assert_eq(again.n, 2u);
	cr_expect_str_eq(again.list[0].rights, h.list[0].rights);
	cr_expect_eq(lsa_holders_find(&h, &again.list[1].sid), &h.list[1]);
}

Test(lsa, what_somebody_else_wrote_is_refused_with_its_line)
{
	static const char *const bad[] = {
		"S-1-5-32-551",    /* no end */
		"S-1-5-32-551 \n", /* a blank too many */
		"S-1-5-32-551  SeBackupPrivilege\n",
		"S-1-5-32-551 SeBackupPrivilege \n",
		"S-1-5-32-551 SeBackupPrivilege sebackupprivilege\n",
		"S-1-5-32-551 Backup\n",
		"S-1-5-32-551 SeBackup-Privilege\n",
		"S-1-5-32-551 SeDenyNetworkLogonRight\n", /* nobody keeps that */
		"S-1-5-32-551 SeA\nS-1-5-32-551 SeB\n",   /* twice */
		"boss SeBackupPrivilege\n",
	};
	struct lsa_holders h;

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(bad); i++)
		cr_expect_eq(holders(bad[i], &h), -EBADMSG, "%s", bad[i]);
	cr_expect_eq(holders("S-1-1-0\n\nx\n", &h), -EBADMSG);
	cr_expect_eq(h.line, 3u);
	cr_expect_eq(lsa_holders_parse(arena, "S-1-1-0 Se\0A\n", 13, &h), -EBADMSG);
}

Test(lsa, rights_are_given_and_taken)
{
	const char *r = lsa_rights_add(arena, "", "SeB SeA");

	cr_expect_str_eq(r, "SeB SeA");
	r = lsa_rights_add(arena, r, "sea SeC");
	cr_expect_str_eq(r, "SeB SeA SeC", "each once, in whatever case");
	r = lsa_rights_remove(arena, r, "SEA SeX");
	cr_expect_str_eq(r, "SeB SeC");
	cr_expect_str_eq(lsa_rights_remove(arena, r, "SeC SeB"), "");
	cr_expect_not(lsa_rights_sound("SeB SeDenyBatchLogonRight"));
}

Test(lsa, an_account_has_not_more_rights_than_there_may_be)
{
	const char *r = "";

	for (int i = 0; i < LSA_RIGHTS_MAX; i++) {
		const char name[] = { 'S', 'e', (char)('a' + i / 26), (char)('a' + i % 26), '\0' };

		r = lsa_rights_add(arena, r, name);
		cr_assert_not_null(r);
	}
	cr_expect_null(lsa_rights_add(arena, r, "SeOneMore"));
	cr_expect_not_null(lsa_rights_add(arena, r, "Seaa"), "one that is there");
}

/* ---- secrets ---- */

static int secrets(const char *text, struct lsa_secrets *s)
{
	return lsa_secrets_parse(arena, text, strlen(text), s);
}

Test(lsa, secrets_are_read_as_they_were_written)
{
	struct lsa_secrets s, again;
	struct smb3_builder out;

	cr_assert_eq(secrets("00ff10 7 - 0 G$a name: with $\n. 1 aa 2 b\n- 0 - 0 B2\n", &s), 0);
	cr_assert_eq(s.n, 3u);
	cr_expect_str_eq(s.list[0].name, "G$a name: with $");
	cr_expect_arr_eq(s.list[0].now.data, "\x00\xff\x10", 3);
	cr_expect_null(s.list[0].old.data);
	cr_expect(s.list[1].now.data && !s.list[1].now.len, "one of no bytes");
	out = smb3_builder_arena(arena, lsa_secrets_size(&s));
	lsa_secrets_build(&s, &out);
	cr_assert(smb3_builder_ok(&out));
	cr_assert_eq(lsa_secrets_parse(arena, (const char *)out.data, out.len, &again), 0);
	cr_assert_eq(again.n, 3u);
	cr_expect_eq(again.list[0].now.time, 7u);
	cr_expect_eq(again.list[1].old.data[0], 0xaa);
	cr_expect_eq(lsa_secrets_find(&again, "b2"), &again.list[2], "case does not count");
	lsa_secrets_wipe(&again);
	cr_expect_eq(again.list[0].now.data[1], 0);
}

Test(lsa, a_file_of_secrets_that_makes_no_sense_is_refused)
{
	static const char *const bad[] = {
		"- 0 - 0 a",
		"- 0 - 0 \n",
		"- 0 - 0\n",
		"- 0 -\n",
		"x\n",
		"0 0 - 0 a\n",
		"0g 0 - 0 a\n",
		"AA 0 - 0 a\n",
		"- x - 0 a\n",
		"- -1 - 0 a\n",
		" 0 - 0 a\n",
		"- 99999999999999999999999 - 0 a\n",
		"- 0 - 0 a\n- 0 - 0 A\n",
		"- 0 - 0 a\tb\n",
		"- 0 - 0 \xff\n",
	};
	struct lsa_secrets s;

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(bad); i++)
		cr_expect_eq(secrets(bad[i], &s), -EBADMSG, "%s", bad[i]);
}

Test(lsa, names_of_secrets)
{
	char name[LSA_NAME_CHARS + 2];

	memset(name, 'x', sizeof(name));
	name[LSA_NAME_CHARS] = '\0';
	cr_expect(lsa_secret_name_sound(name));
	name[LSA_NAME_CHARS] = 'x';
	name[LSA_NAME_CHARS + 1] = '\0';
	cr_expect_not(lsa_secret_name_sound(name));
	cr_expect_not(lsa_secret_name_sound(""));
	cr_expect_not(lsa_secret_name_sound("a\nb"));
	cr_expect_not(lsa_secret_name_sound("a\x7f"));
}

/* ---- on the wire ---- */

Test(lsa, a_value_opens_with_its_key_only)
{
	static const uint8_t value[] = "abcdef12345699qwerty and 41 bytes in all";
	struct lsa_cipher *c = lsa_cipher_new();
	uint8_t key[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 },
		other[16] = { 0 };
	uint8_t sealed[64], open[64];
	size_t len = 0;

	cr_assert_not_null(c);
	for (size_t n = 0; n <= sizeof(value); n++) {
		cr_assert_leq(lsa_sealed_size(n), sizeof(sealed));
		cr_assert(lsa_seal(c, key, value, n, sealed));
		cr_assert_eq(lsa_unseal(c, key, sealed, lsa_sealed_size(n), open, &len), 0u);
		cr_assert_eq(len, n);
		cr_assert_eq(memcmp(open, value, n), 0);
		cr_expect_eq(lsa_unseal(c, other, sealed, lsa_sealed_size(n), open, &len),
			     (uint32_t)STATUS_UNKNOWN_REVISION);
	}
	sealed[0] ^= 1;
	cr_expect_eq(lsa_unseal(c, key, sealed, lsa_sealed_size(sizeof(value)), open, &len),
		     (uint32_t)STATUS_UNKNOWN_REVISION);
	lsa_cipher_free(c);
}

/* The first blocks, by the pieces of the key that 5.1.4 takes: at 0, 7, 2, 9, 0. */
Test(lsa, pieces_of_the_key)
{
	struct lsa_cipher *c = lsa_cipher_new();
	uint8_t value[32] = { 0 }, key[16], sealed[40], again[40];
	static const int block_of[16] = { 0x01, 0x01, 0x05, 0x05, 0x05, 0x05, 0x05, 0x06,
					  0x06, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x08, 0x08 };

	for (int i = 0; i < 16; i++)
		key[i] = (uint8_t)(17 * i);
	cr_assert(lsa_seal(c, key, value, sizeof(value), sealed));
	for (int i = 0; i < 16; i++) {
		key[i] ^= 0x80;
		cr_assert(lsa_seal(c, key, value, sizeof(value), again));
		for (int b = 0; b < 4; b++)
			cr_expect_eq(memcmp(sealed + 8 * b, again + 8 * b, 8) != 0,
				     block_of[i] >> b & 1, "byte %d, block %d", i, b);
		key[i] ^= 0x80;
	}
	lsa_cipher_free(c);
}

Test(lsa, what_is_no_sealed_value)
{
	struct lsa_cipher *c = lsa_cipher_new();
	uint8_t key[16] = { 1 }, sealed[16], open[16], head[16] = { 0 };
	size_t len = 7;

	/* A length beyond the end: the value's first bytes are where its length stood. */
	cr_assert(lsa_seal(c, key, head, 8, sealed));
	cr_expect_eq(lsa_unseal(c, key, sealed, 8, open, &len), (uint32_t)STATUS_INVALID_PARAMETER);
	for (size_t n = 0; n < 16; n++)
		if (n != 8)
			cr_expect_eq(lsa_unseal(c, key, sealed, n, open, &len),
				     (uint32_t)STATUS_INVALID_PARAMETER);
	cr_expect_eq(len, 7u);
	lsa_cipher_free(c);
}

/* ---- files ---- */

static char path[4096];

static const char *file(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", name);
	return path;
}

Test(lsa, files_are_ours_alone)
{
	struct smb3_builder text = smb3_builder_arena(arena, 64);
	const char *name = file("lsa-file");
	struct stat st;
	size_t len = 9;
	char *got;

	cr_assert_eq(lsa_file_read(name, &got, &len), 0, "none is an empty one");
	cr_expect_eq(len, 0u);
	lsa_text_free(got, len);
	smb3_put_bytes(&text, "some text", 9);
	cr_assert_eq(lsa_file_write(name, &text), 0);
	cr_assert_eq(stat(name, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0600u);
	cr_assert_eq(lsa_file_read(name, &got, &len), 0);
	cr_expect_eq(len, 9u);
	cr_expect_eq(memcmp(got, "some text", 9), 0);
	lsa_text_free(got, len);
	cr_assert_eq(chmod(name, 0640), 0);
	cr_expect_eq(lsa_file_read(name, &got, &len), -EPERM);
	unlink(name);
}
