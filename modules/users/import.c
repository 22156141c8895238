// SPDX-License-Identifier: Apache-2.0
/*
 * import.c: accounts as other servers write them down.
 */
#include "import.h"

#include "users.h"

#include <smb3/base.h>
#include <smb3/time.h>
#include <stdlib.h>
#include <string.h>

#define HASH_DIGITS 32
#define HEX         "0123456789abcdefABCDEF"
#define FIELDS_MAX  8

/* MD4 of nothing: with it anybody could log on. */
static const uint8_t hash_of_nothing[16] = { 0x31, 0xd6, 0xcf, 0xe0, 0xd1, 0x6a, 0xe9, 0x31,
					     0xb7, 0x3c, 0x59, 0xd7, 0xe0, 0xc0, 0x89, 0xc0 };

static const char no_password[] = "it has no password: nobody can log on as it before "
				  "smb3ctl user password";

static unsigned int fields_split(char *line, char *ret_fields[FIELDS_MAX])
{
	unsigned int n = 0;

	while (n < FIELDS_MAX && line)
		ret_fields[n++] = strsep(&line, ":");
	return n;
}

static const char *name_take(const char *name, struct smb3_account *a)
{
	const char *bad = name_problem(name);

	if (!bad)
		snprintf(a->name, sizeof(a->name), "%s", name);
	return bad;
}

/* An empty password is none. */
static const char *password_check(struct smb3_account *a)
{
	if (a->has_password && smb3_same(a->nt_hash, hash_of_nothing, sizeof(hash_of_nothing))) {
		a->has_password = false;
		smb3_wipe(a->nt_hash, sizeof(a->nt_hash));
	}
	return a->has_password ? NULL : no_password;
}

/* ---- smbpasswd: name:uid:LM-hash:NT-hash:[flags]:LCT-seconds: ---- */

static bool nt_field_parse(const char *s, struct smb3_account *a)
{
	if (strlen(s) != HASH_DIGITS)
		return false;
	if (!strncmp(s, "NO PASSWORD", 11) || strspn(s, "X") == HASH_DIGITS ||
	    strspn(s, "*") == HASH_DIGITS)
		return true;
	if (strspn(s, HEX) != HASH_DIGITS)
		return false;
	for (size_t i = 0; i < sizeof(a->nt_hash); i++) {
		char two[3] = { s[2 * i], s[2 * i + 1], '\0' };

		a->nt_hash[i] = (uint8_t)strtoul(two, NULL, 16);
	}
	a->has_password = true;
	return true;
}

static bool flags_parse(const char *s, struct smb3_account *a, bool *ret_machine)
{
	size_t len = strlen(s);

	if (len < 2 || s[0] != '[' || s[len - 1] != ']')
		return false;
	if (strspn(s + 1, "NDHTUMWSLXI ") != len - 2)
		return false;
	*ret_machine = strpbrk(s, "WSI") != NULL;
	a->disabled = strchr(s, 'D') != NULL;
	a->locked = strchr(s, 'L') != NULL;
	return true;
}

/* When the password was set; 0 and the last of all times mean that nobody knows. */
static bool changed_parse(const char *s, struct smb3_account *a)
{
	struct timespec ts = { 0 };

	if (strncmp(s, "LCT-", 4) || strlen(s) != 12 || strspn(s + 4, HEX) != 8)
		return false;
	ts.tv_sec = (time_t)strtoul(s + 4, NULL, 16);
	if (ts.tv_sec && ts.tv_sec != 0xffffffff)
		a->changed = smb3_nttime_from_timespec(&ts);
	return true;
}

static enum import_kind smbpasswd_line(char *line, struct smb3_account *a, const char **ret_why)
{
	char *field[FIELDS_MAX];
	unsigned int n = fields_split(line, field);
	bool machine = false;
	size_t len;

	if (n < 4) {
		*ret_why = "it has fewer than four fields; take what pdbedit -L -w prints";
		return IMPORT_WRONG;
	}
	len = strlen(field[0]);
	if (n > 4 && *field[4] && !flags_parse(field[4], a, &machine)) {
		*ret_why = "its fifth field is no list of flags, such as [U          ]";
		return IMPORT_WRONG;
	}
	if (machine || (len && field[0][len - 1] == '$')) {
		*ret_why = "it is the account of a machine or a domain";
		return IMPORT_SKIPPED;
	}
	*ret_why = name_take(field[0], a);
	if (*ret_why)
		return IMPORT_WRONG;
	if (!nt_field_parse(field[3], a)) {
		*ret_why =
			"its fourth field is not an NT hash of 32 digits; take what pdbedit -L -w "
			"prints as root (pdbedit -L alone has no hashes)";
		return IMPORT_WRONG;
	}
	if (n > 5 && *field[5] && !changed_parse(field[5], a)) {
		*ret_why = "its sixth field is no time such as LCT-65432100";
		return IMPORT_WRONG;
	}
	*ret_why = password_check(a);
	return IMPORT_ACCOUNT;
}

/* ---- ksmbd: name:base64 ---- */

static int base64_digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Sixteen bytes are 22 digits and two signs that fill up. */
static bool base64_hash(const char *s, uint8_t ret_hash[16])
{
	uint32_t bits = 0;
	size_t out = 0;

	if (strlen(s) != 24 || strcmp(s + 22, "=="))
		return false;
	for (size_t i = 0; i < 22; i++) {
		int digit = base64_digit(s[i]);

		if (digit < 0)
			return false;
		bits = bits << 6 | (uint32_t)digit;
		if (i % 4 == 0)
			continue;
		ret_hash[out++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
	}
	return true;
}

static enum import_kind ksmbd_line(char *line, struct smb3_account *a, const char **ret_why)
{
	char *field[FIELDS_MAX];

	if (fields_split(line, field) != 2) {
		*ret_why = "it is not a name and a hash with a colon between them";
		return IMPORT_WRONG;
	}
	*ret_why = name_take(field[0], a);
	if (*ret_why)
		return IMPORT_WRONG;
	a->has_password = base64_hash(field[1], a->nt_hash);
	if (!a->has_password) {
		*ret_why = "its second field is not the base64 of an NT hash, 24 characters";
		return IMPORT_WRONG;
	}
	*ret_why = password_check(a);
	return IMPORT_ACCOUNT;
}

/* ---- all ---- */

static enum import_kind smb3_line(char *line, struct smb3_account *a, const char **ret_why)
{
	if (*line == '@') {
		*ret_why = "groups are not taken over: make them with group add";
		return IMPORT_SKIPPED;
	}
	*ret_why = line_parse(line, a);
	if (*ret_why)
		return IMPORT_WRONG;
	*ret_why = password_check(a);
	return IMPORT_ACCOUNT;
}

static bool is_empty(const char *line)
{
	line += strspn(line, " \t\r");
	return !*line || *line == '#';
}

enum import_format import_guess(const char *line)
{
	unsigned int colons = 0;

	if (is_empty(line))
		return IMPORT_AUTO;
	if (*line == '@')
		return IMPORT_SMB3;
	for (const char *p = line; *p; p++)
		colons += *p == ':';
	if (colons == 1)
		return IMPORT_KSMBD;
	if (strstr(line, ":[") || strstr(line, ":LCT-"))
		return IMPORT_SMBPASSWD;
	if (colons == 5)
		return IMPORT_SMB3;
	return colons >= 3 ? IMPORT_SMBPASSWD : IMPORT_AUTO;
}

enum import_kind import_line(enum import_format format, char *line,
			     struct smb3_account *ret_account, const char **ret_why)
{
	struct smb3_account a = { .disabled = false };
	enum import_kind kind = IMPORT_WRONG;
	const char *why = NULL;

	line[strcspn(line, "\r")] = '\0';
	if (is_empty(line))
		return IMPORT_EMPTY;
	if (format == IMPORT_SMBPASSWD)
		kind = smbpasswd_line(line, &a, &why);
	else if (format == IMPORT_KSMBD)
		kind = ksmbd_line(line, &a, &why);
	else if (format == IMPORT_SMB3)
		kind = smb3_line(line, &a, &why);
	else
		why = "it is in none of the formats smb3, smbpasswd and ksmbd";
	if (kind == IMPORT_ACCOUNT)
		*ret_account = a;
	*ret_why = why;
	smb3_wipe(&a, sizeof(a));
	return kind;
}

const char *const import_formats[] = { "auto", "smb3", "smbpasswd", "ksmbd", NULL };
