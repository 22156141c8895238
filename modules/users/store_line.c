// SPDX-License-Identifier: Apache-2.0
/*
 * store_line.c: one account as a line of text:
 *
 *	name:unix-name:nt-hash:flags:changed:expires
 *
 * An empty unix-name is the same as name. nt-hash is 32 hexadecimal digits, or nothing for no
 * password. flags are letters: D disabled, L locked, A administrator, M the password must be
 * changed. The times are seconds since 1970, and 0 is never.
 */
#include "users.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <smb3/utf16.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS     6
#define NAME_CHARS 64 /* what an account's name may have at most */

/* The characters that Windows bars from names of accounts, and the colon is the file's. */
static const char barred[] = "\"/\\[]:;|=,+*?<>@";

static bool has_control(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return true;
	return false;
}

const char *name_problem(const char *name)
{
	size_t len = strlen(name), chars = 0;

	if (!len)
		return "it is empty";
	if (len >= sizeof(((struct smb3_account *)0)->name))
		return "it is too long";
	if (!smb3_utf8_valid(name))
		return "it is not valid UTF-8";
	for (const char *p = name; *p; chars++)
		smb3_utf8_next(&p);
	if (chars > NAME_CHARS)
		return "it has more than 64 characters";
	if (has_control(name))
		return "it has control characters";
	if (strpbrk(name, barred))
		return "it has one of the characters \" / \\ [ ] : ; | = , + * ? < > @";
	if (name[0] == ' ' || name[len - 1] == ' ')
		return "it begins or ends with a blank";
	if (name[0] == '#' || name[0] == '-')
		return "it begins with # or -";
	if (strspn(name, ". ") == len)
		return "it has nothing but dots and blanks";
	return NULL;
}

const char *unix_name_problem(const char *name)
{
	if (!*name)
		return "it is empty";
	if (strlen(name) >= sizeof(((struct smb3_account *)0)->unix_name))
		return "it is too long";
	if (has_control(name) || strpbrk(name, ": \t/"))
		return "no Unix user has such a name";
	return NULL;
}

/* ---- reading ---- */

static bool hash_parse(const char *s, struct smb3_account *a)
{
	if (!*s)
		return true;
	if (strlen(s) != 32 || strspn(s, "0123456789abcdefABCDEF") != 32)
		return false;
	for (size_t i = 0; i < 16; i++) {
		const char digits[] = { s[2 * i], s[2 * i + 1], '\0' };

		a->nt_hash[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	a->has_password = true;
	return true;
}

static bool flags_parse(const char *s, struct smb3_account *a)
{
	for (; *s; s++) {
		if (*s == 'D')
			a->disabled = true;
		else if (*s == 'L')
			a->locked = true;
		else if (*s == 'A')
			a->admin = true;
		else if (*s == 'M')
			a->must_change = true;
		else
			return false;
	}
	return true;
}

static bool time_parse(const char *s, smb3_nttime *ret_time)
{
	struct timespec ts = { 0 };
	char *end;

	if (!isdigit((unsigned char)*s))
		return false;
	errno = 0;
	ts.tv_sec = strtoll(s, &end, 10);
	if (errno || *end || ts.tv_sec > 253402300799) /* the end of the year 9999 */
		return false;
	*ret_time = ts.tv_sec ? smb3_nttime_from_timespec(&ts) : 0;
	return true;
}

const char *line_parse(char *line, struct smb3_account *ret_account)
{
	struct smb3_account a = { .disabled = false };
	char *field[FIELDS], *rest = line;
	const char *problem;
	int n = 0;

	while (n < FIELDS && (field[n] = strsep(&rest, ":")))
		n++;
	if (n < FIELDS || rest)
		return "it has not six fields with colons between them";
	problem = name_problem(field[0]);
	if (!problem && *field[1])
		problem = unix_name_problem(field[1]);
	if (problem)
		return problem;
	snprintf(a.name, sizeof(a.name), "%s", field[0]);
	snprintf(a.unix_name, sizeof(a.unix_name), "%s", field[1]);
	if (!hash_parse(field[2], &a))
		problem = "its third field is not an NT hash";
	else if (!flags_parse(field[3], &a))
		problem = "its flags are not among D, L, A and M";
	else if (!time_parse(field[4], &a.changed) || !time_parse(field[5], &a.expires))
		problem = "one of its times is not a number";
	else
		*ret_account = a;
	smb3_wipe(&a, sizeof(a));
	return problem;
}

/* ---- writing ---- */

static intmax_t seconds(smb3_nttime t)
{
	return t ? (intmax_t)smb3_nttime_to_timespec(t).tv_sec : 0;
}

void line_write(FILE *f, const struct smb3_account *a)
{
	fprintf(f, "%s:%s:", a->name, a->unix_name);
	for (size_t i = 0; a->has_password && i < sizeof(a->nt_hash); i++)
		fprintf(f, "%02x", a->nt_hash[i]);
	fprintf(f, ":%s%s%s%s:%jd:%jd\n", a->disabled ? "D" : "", a->locked ? "L" : "",
		a->admin ? "A" : "", a->must_change ? "M" : "", seconds(a->changed),
		seconds(a->expires));
}
