// SPDX-License-Identifier: Apache-2.0
/*
 * account.c: one account as a line of text, and the rules for names.
 */
#include "users.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 104 /* as long as Windows has them */

static smb3_nttime nttime_of_unix(long long seconds)
{
	struct timespec ts = { .tv_sec = (time_t)seconds };

	return seconds > 0 ? smb3_nttime_from_timespec(&ts) : 0;
}

static long long unix_of_nttime(smb3_nttime t)
{
	return t ? (long long)smb3_nttime_to_timespec(t).tv_sec : 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool hash_parse(const char *text, struct smb3_account *a)
{
	if (!*text)
		return true;
	if (strlen(text) != 32)
		return false;
	for (size_t i = 0; i < 16; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		a->nt_hash[i] = (uint8_t)(high << 4 | low);
	}
	a->has_password = true;
	return true;
}

static bool flags_parse(const char *text, struct smb3_account *a)
{
	for (; *text; text++) {
		if (*text == 'D')
			a->disabled = true;
		else if (*text == 'L')
			a->locked = true;
		else if (*text == 'A')
			a->admin = true;
		else
			return false;
	}
	return true;
}

static bool number_parse(const char *text, smb3_nttime *ret_time)
{
	char *end;
	long long seconds = strtoll(text, &end, 10);

	if (end == text || *end || seconds < 0)
		return false;
	*ret_time = nttime_of_unix(seconds);
	return true;
}

const char *account_name_fault(const char *name)
{
	if (!*name)
		return "it is empty";
	if (strlen(name) > NAME_MAX_BYTES)
		return "it is too long";
	if (!smb3_utf8_valid(name))
		return "it is not UTF-8";
	if (strpbrk(name, "\"/\\[]:;|=,+*?<>@#\n\r\t") || name[0] == ' ')
		return "it has a character that names cannot have (\" / \\ [ ] : ; | = , + * ? < > "
		       "@ #)";
	for (const char *p = name; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7F)
			return "it has a control character";
	return NULL;
}

bool account_parse(const char *line, struct smb3_account *ret_account)
{
	struct smb3_account a = { .name = "" };
	char copy[1024], *field[6], *rest = copy;
	bool ok = strlen(line) < sizeof(copy);

	if (!ok)
		return false;
	strcpy(copy, line);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(field); i++)
		field[i] = strsep(&rest, ":");
	ok = !rest && field[5] && !account_name_fault(field[0]) &&
	     strlen(field[1]) < sizeof(a.unix_name) && hash_parse(field[2], &a) &&
	     flags_parse(field[3], &a) && number_parse(field[4], &a.changed) &&
	     number_parse(field[5], &a.expires);
	if (ok) {
		strcpy(a.name, field[0]);
		strcpy(a.unix_name, field[1]);
		*ret_account = a;
	}
	smb3_wipe(copy, sizeof(copy));
	smb3_wipe(&a, sizeof(a));
	return ok;
}

bool account_format(const struct smb3_account *a, char *buf, size_t size)
{
	char hash[33] = "";
	int n;

	for (size_t i = 0; a->has_password && i < 16; i++)
		snprintf(hash + 2 * i, 3, "%02x", a->nt_hash[i]);
	n = snprintf(buf, size, "%s:%s:%s:%s%s%s:%lld:%lld\n", a->name, a->unix_name, hash,
		     a->disabled ? "D" : "", a->locked ? "L" : "", a->admin ? "A" : "",
		     unix_of_nttime(a->changed), unix_of_nttime(a->expires));
	smb3_wipe(hash, sizeof(hash));
	return n > 0 && (size_t)n < size;
}
