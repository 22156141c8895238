// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_accounts.c: accounts in text: lines of our own file, of Samba's and of ksmbd's. Input: one
 * byte (the format), then the text. Whatever it is: an account that is taken has a name that may
 * be, and is the same once it has been written and read again.
 */
#include "../../modules/users/import.h"
#include "../../modules/users/users.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static void again(const struct smb3_account *a)
{
	struct smb3_account second;
	char line[1024];
	FILE *f = fmemopen(line, sizeof(line), "w");

	CHECK(f);
	line_write(f, a);
	fclose(f);
	CHECK(line[strcspn(line, "\n")] == '\n');
	line[strcspn(line, "\n")] = '\0';
	CHECK(!line_parse(line, &second));
	CHECK(!strcmp(a->name, second.name) && !strcmp(a->unix_name, second.unix_name));
	CHECK(a->has_password == second.has_password && a->disabled == second.disabled);
	CHECK(a->locked == second.locked && a->admin == second.admin);
	CHECK(a->changed == second.changed && a->expires == second.expires);
	CHECK(!a->has_password || !memcmp(a->nt_hash, second.nt_hash, sizeof(a->nt_hash)));
}

static void one_line(enum import_format format, char *line)
{
	enum import_format guess = format == IMPORT_AUTO ? import_guess(line) : format;
	struct smb3_account a;
	const char *why;

	switch (import_line(guess, line, &a, &why)) {
	case IMPORT_ACCOUNT:
		CHECK(!name_problem(a.name));
		again(&a);
		break;
	case IMPORT_EMPTY:
		break;
	default:
		CHECK(why && *why);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	enum import_format format = len ? (enum import_format)(data[0] % 4) : IMPORT_AUTO;
	char *text = malloc(len + 1), *rest = text, *line;

	CHECK(text);
	if (len > 1)
		memcpy(text, data + 1, len - 1);
	text[len ? len - 1 : 0] = '\0';
	while ((line = strsep(&rest, "\n")))
		one_line(format, line);
	free(text);
	return 0;
}
