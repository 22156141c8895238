// SPDX-License-Identifier: Apache-2.0
/*
 * test_lines.c: passwords, the lines of the file of accounts, and those of other servers' files.
 */
#include "import.h"
#include "testmods.h"
#include "users.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* ---- passwords ---- */

Test(users_hash, known_hashes)
{
	uint8_t hash[16];

	/* [MS-NLMP] 4.2.2.1.2 */
	cr_assert_null(nt_hash("Password", hash));
	cr_assert(test_is_hex(hash, 16, "a4f49c406510bdcab6824ee7c30fd852"));
	/* beyond the BMP: two UTF-16 units, by another program */
	cr_assert_null(nt_hash("😀🎉", hash));
	cr_assert(test_is_hex(hash, 16, "2fbb8f1dd0af8617944c0fbf4cf893ab"));
}

Test(users_hash, unfit_passwords)
{
	char longest[514];
	uint8_t hash[16];

	cr_assert_not_null(strstr(nt_hash("", hash), "empty"));
	cr_assert_not_null(strstr(nt_hash("\xff", hash), "UTF-8"));
	memset(longest, 'x', 513);
	longest[513] = '\0';
	cr_assert_not_null(strstr(nt_hash(longest, hash), "longer"));
	longest[512] = '\0';
	cr_assert_null(nt_hash(longest, hash));
}

/* ---- lines ---- */

Test(users_line, there_and_back)
{
	static const char *const lines[] = {
		"alice:::::0", /* no: five fields */
		"alice:::: 0:0",
		"alice::::0:0",
		"Ann Lee:ann:a4f49c406510bdcab6824ee7c30fd852:DLA:1700000000:1900000000",
		"jürgen:DOM\\jürgen:00000000000000000000000000000000:A:0:0",
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(lines); i++) {
		char *copy = smb3_strdup(lines[i]), *back = NULL;
		struct smb3_account a;
		size_t len;
		FILE *f;

		if (i < 2) {
			cr_assert_not_null(line_parse(copy, &a), "%s", lines[i]);
			free(copy);
			continue;
		}
		cr_assert_null(line_parse(copy, &a), "%s", lines[i]);
		f = open_memstream(&back, &len);
		line_write(f, &a);
		fclose(f);
		cr_assert_eq(back[len - 1], '\n');
		back[len - 1] = '\0';
		cr_assert_str_eq(back, lines[i]);
		free(back);
		free(copy);
	}
}

Test(users_line, fields)
{
	char line[] = "Ann Lee:ann:a4f49c406510bdcab6824ee7c30fd852:DA:1700000000:0";
	struct smb3_account a;

	cr_assert_null(line_parse(line, &a));
	cr_assert_str_eq(a.name, "Ann Lee");
	cr_assert_str_eq(a.unix_name, "ann");
	cr_assert(a.has_password && a.disabled && a.admin && !a.locked);
	cr_assert(test_is_hex(a.nt_hash, 16, "a4f49c406510bdcab6824ee7c30fd852"));
	cr_assert_eq(smb3_nttime_to_timespec(a.changed).tv_sec, 1700000000);
	cr_assert_eq(a.expires, 0);
}

Test(users_line, bad_ones)
{
	static const char *const bad[] = {
		"",
		"ann",
		":x::::0:0",
		"ann:ann:12::0:0",
		"ann:ann::X:0:0",
		"ann:ann:::0",
		"ann:ann:::0:0:0",
		"ann:ann:::a:0",
		"ann:ann:::0:-1",
		"ann:ann:::0:99999999999999999999",
		"ann:ann:::0:999999999999",
		"a/b:ann:::0:0",
		"ann:a b:::0:0",
		"ann:ann:g4f49c406510bdcab6824ee7c30fd852::0:0",
		"ann:ann:a4f49c406510bdcab6824ee7c30fd85::0:0",
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(bad); i++) {
		char *copy = smb3_strdup(bad[i]);
		struct smb3_account a;

		cr_expect_not_null(line_parse(copy, &a), "%s", bad[i]);
		free(copy);
	}
}

Test(users_line, names)
{
	static const char *const good[] = { "ann", "Ann Lee", "Ärzte", "日本", "a.b-c_d$", "😀" };
	static const char *const bad[] = { "",     " ann", "ann ",  "a:b",  "a\nroot:0",
					   "\xff", "..",   "#ann",  "-ann", "a\\b",
					   "a/b",  "a@b",  "a\x7f", "a,b" };
	char longest[260];

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(good); i++)
		cr_expect_null(name_problem(good[i]), "%s", good[i]);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(bad); i++)
		cr_expect_not_null(name_problem(bad[i]), "%s", bad[i]);
	memset(longest, 'x', sizeof(longest));
	longest[64] = '\0';
	cr_expect_null(name_problem(longest));
	longest[64] = 'x';
	longest[65] = '\0';
	cr_expect_not_null(name_problem(longest));
	cr_expect_not_null(unix_name_problem("a:b"));
	cr_expect_not_null(unix_name_problem("a b"));
	cr_expect_not_null(unix_name_problem(""));
	cr_expect_null(unix_name_problem("DOM\\ann"));
}

/* ---- what other servers write ---- */

struct import_case {
	const char *line, *name, *hash; /* hash: NULL for no password */
	enum import_format format;
	bool disabled, locked;
	long changed;
};

Test(users_import, accounts)
{
	static const struct import_case cases[] = {
		{ "alice:1000:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:878D8014606CDA29677A44EFA1353FC7:"
		  "[U          ]:LCT-65432100:",
		  "alice", "878d8014606cda29677a44efa1353fc7", IMPORT_SMBPASSWD, false, false,
		  0x65432100 },
		{ "bob:4294967295:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:878D8014606CDA29677A44EFA1353FC7:"
		  "[DUL        ]:LCT-00000000:Bob B.:x\r",
		  "bob", "878d8014606cda29677a44efa1353fc7", IMPORT_SMBPASSWD, true, true, 0 },
		{ "carol:1:NO PASSWORDXXXXXXXXXXXXXXXXXXXXX:NO PASSWORDXXXXXXXXXXXXXXXXXXXXX:"
		  "[NU         ]:LCT-FFFFFFFF:",
		  "carol", NULL, IMPORT_SMBPASSWD, false, false, 0 },
		{ "dave:1:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:31D6CFE0D16AE931B73C59D7E0C089C0:[U ]:",
		  "dave", NULL, IMPORT_SMBPASSWD, false, false, 0 },
		{ "erin:h42AFGBs2ilnekTvoTU/xw==", "erin", "878d8014606cda29677a44efa1353fc7",
		  IMPORT_KSMBD, false, false, 0 },
		{ "frank:MdbP4NFq6TG3PFnX4MCJwA==", "frank", NULL, IMPORT_KSMBD, false, false, 0 },
		{ "gina::878d8014606cda29677a44efa1353fc7:D:1700000000:0", "gina",
		  "878d8014606cda29677a44efa1353fc7", IMPORT_SMB3, true, false, 1700000000 },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		const struct import_case *c = &cases[i];
		char *copy = smb3_strdup(c->line);
		struct smb3_account a;
		const char *reason;

		cr_expect_eq(import_guess(copy), c->format, "%s", c->line);
		cr_assert_eq(import_line(c->format, copy, &a, &reason), IMPORT_ACCOUNT, "%s: %s",
			     c->line, reason);
		cr_expect_str_eq(a.name, c->name);
		cr_expect_eq(a.has_password, c->hash != NULL);
		cr_expect(!c->hash || test_is_hex(a.nt_hash, 16, c->hash));
		cr_expect_eq(!c->hash, reason != NULL, "no password is worth a word");
		cr_expect_eq(a.disabled, c->disabled);
		cr_expect_eq(a.locked, c->locked);
		cr_expect_eq(a.changed ? smb3_nttime_to_timespec(a.changed).tv_sec : 0, c->changed);
		free(copy);
	}
}

Test(users_import, what_is_not_taken)
{
	static const struct {
		enum import_format format;
		enum import_kind kind;
		const char *line;
	} cases[] = {
		{ IMPORT_SMBPASSWD, IMPORT_EMPTY, "" },
		{ IMPORT_KSMBD, IMPORT_EMPTY, "# alice:x" },
		{ IMPORT_SMBPASSWD, IMPORT_SKIPPED,
		  "ws1$:1:X:878D8014606CDA29677A44EFA1353FC7:[W          ]:LCT-65432100:" },
		{ IMPORT_SMBPASSWD, IMPORT_SKIPPED,
		  "dom:1:X:878D8014606CDA29677A44EFA1353FC7:[I          ]:LCT-65432100:" },
		{ IMPORT_SMBPASSWD, IMPORT_WRONG, "alice:1000:Alice" },
		{ IMPORT_SMBPASSWD, IMPORT_WRONG,
		  "alice:1:X:878D8014606CDA29677A44EFA1353FC:[U ]:" },
		{ IMPORT_SMBPASSWD, IMPORT_WRONG,
		  "alice:1:X:878D8014606CDA29677A44EFA1353FC7:[Q]:" },
		{ IMPORT_SMBPASSWD, IMPORT_WRONG, "alice:1:X:878D8014606CDA29677A44EFA1353FC7:U:" },
		{ IMPORT_SMBPASSWD, IMPORT_WRONG,
		  "alice:1:X:878D8014606CDA29677A44EFA1353FC7:[U ]:LCT-X5432100:" },
		{ IMPORT_SMBPASSWD, IMPORT_WRONG,
		  "a/b:1:X:878D8014606CDA29677A44EFA1353FC7:[U ]:" },
		{ IMPORT_KSMBD, IMPORT_WRONG, "alice" },
		{ IMPORT_KSMBD, IMPORT_WRONG, "alice:h42AFGBs2ilnekTvoTU/xw=" },
		{ IMPORT_KSMBD, IMPORT_WRONG, "alice:h42AFGBs2ilnekTvoTU/x===" },
		{ IMPORT_KSMBD, IMPORT_WRONG, "alice:h42AFGBs2ilnekTvoT*/xw==" },
		{ IMPORT_SMB3, IMPORT_WRONG, "alice:h42AFGBs2ilnekTvoTU/xw==" },
		{ IMPORT_AUTO, IMPORT_WRONG, "alice" },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		char *copy = smb3_strdup(cases[i].line);
		const char *reason = NULL;
		struct smb3_account a;

		cr_expect_eq(import_line(cases[i].format, copy, &a, &reason), cases[i].kind, "%s",
			     cases[i].line);
		cr_expect_eq(cases[i].kind != IMPORT_EMPTY, reason != NULL, "%s", cases[i].line);
		free(copy);
	}
}
