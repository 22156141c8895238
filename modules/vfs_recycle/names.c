// SPDX-License-Identifier: Apache-2.0
/*
 * names.c: names of bins and of what lies in them.
 */
#include "recycle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_BYTES      255 /* of a component, on disk */
#define EXTENSION_BYTES 32

static const char *letter_value(const struct smb3_share *share, const struct smb3_identity *who,
				char letter)
{
	switch (letter) {
	case 'U':
		return who ? who->name : "";
	case 'u':
		return who ? who->unix_name : "";
	case 'D':
		return who && *who->domain ? who->domain :
					     smb3_server_conf(share->server)->workgroup;
	case 'S':
		return share->name;
	default:
		return "%";
	}
}

/* One component that leads nowhere else. */
static bool value_sound(const char *value)
{
	return *value && !strchr(value, '/') && strcmp(value, ".") && strcmp(value, "..");
}

char *recycle_bin(const struct smb3_share *share, const char *repository,
		  const struct smb3_identity *who)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	bool sound = out;

	for (const char *p = repository; sound && *p; p++) {
		const char *value;

		if (*p != '%' || !p[1]) {
			fputc(*p, out);
			continue;
		}
		value = letter_value(share, who, *++p);
		sound = value_sound(value);
		fputs(value, out);
	}
	if (out)
		fclose(out);
	if (sound)
		return text;
	free(text);
	return NULL;
}

/* Where the extension begins; a name that begins with a dot has none there. */
static size_t stem_length(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && dot != name ? (size_t)(dot - name) : strlen(name);
}

/* A long name gives up the end of what stands before the number, whole characters of it. */
char *recycle_version(const char *name, uint64_t n)
{
	size_t stem = stem_length(name), room;
	const char *extension = name + stem;
	char number[24], *text = NULL;
	int len = snprintf(number, sizeof(number), " #%llu", (unsigned long long)n);

	if (strlen(extension) > EXTENSION_BYTES) {
		stem = strlen(name);
		extension = "";
	}
	room = NAME_BYTES - (size_t)len - strlen(extension);
	if (stem > room) {
		stem = room;
		while (stem && (name[stem] & 0xc0) == 0x80)
			stem--;
	}
	if (asprintf(&text, "%.*s%s%s", (int)stem, name, number, extension) < 0)
		return smb3_strdup(number);
	return text;
}

bool recycle_inside(const char *path, const char *folder)
{
	while (*folder) {
		uint32_t a = smb3_utf8_next(&path), b = smb3_utf8_next(&folder);

		if (smb3_fold(a) != smb3_fold(b))
			return false;
	}
	return !*path || *path == '/';
}
