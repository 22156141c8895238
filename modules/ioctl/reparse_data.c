// SPDX-License-Identifier: Apache-2.0
/*
 * reparse_data.c: reading reparse points, and making Unix targets of the wire's.
 */
#include "reparse.h"

#define GUID_HEAD     24 /* with ReparseGuid */
#define MICROSOFT     0x80000000u
#define RESERVED_LAST 1u /* IO_REPARSE_TAG_RESERVED_ZERO, _ONE */

ntstatus reparse_parse(const uint8_t *buf, size_t len, struct reparse *ret_point)
{
	struct smb3_cursor c = smb3_cursor_init(buf, len);
	struct reparse rp = { .tag = smb3_get_u32(&c) };
	size_t head;

	rp.len = smb3_get_u16(&c);
	smb3_get_skip(&c, 2); /* Reserved */
	rp.has_guid = !(rp.tag & MICROSOFT);
	head = rp.has_guid ? GUID_HEAD : SMB3_REPARSE_HEAD;
	if (!smb3_cursor_ok(&c) || len > SMB3_REPARSE_MAX || len != head + rp.len)
		return STATUS_IO_REPARSE_DATA_INVALID;
	if (rp.tag <= RESERVED_LAST)
		return STATUS_IO_REPARSE_TAG_INVALID;
	if (rp.has_guid)
		rp.guid = smb3_get_guid(&c);
	rp.data = smb3_get_bytes(&c, rp.len);
	*ret_point = rp;
	return STATUS_SUCCESS;
}

bool reparse_link(const struct reparse *rp, struct smb3_arena *a, const char **ret_target,
		  bool *ret_relative)
{
	struct smb3_cursor c = smb3_cursor_init(rp->data, rp->len), name;
	uint16_t at = smb3_get_u16(&c), len = smb3_get_u16(&c), print_at = smb3_get_u16(&c);
	uint16_t print_len = smb3_get_u16(&c);
	const char *target;

	*ret_relative = smb3_get_u32(&c) & SYMLINK_FLAG_RELATIVE;
	if (!smb3_cursor_ok(&c))
		return false;
	c.base = c.pos;
	name = smb3_cursor_sub(&c, at, len);
	smb3_cursor_sub(&c, print_at, print_len);
	if (!smb3_cursor_ok(&c) || !len)
		return false;
	target = smb3_utf16_to_utf8(a, name.base, len);
	*ret_target = target;
	return target && *target;
}

/* Below the share, how deep the folder of path lies. */
static int depth_of(const char *path)
{
	int depth = 0;

	for (; *path; path++)
		depth += *path == '/';
	return depth;
}

/* Each ".." must have something to leave: folders that are links themselves may still lead
 * elsewhere, but never the server. */
static bool stays_inside(const char *path, const char *target)
{
	int depth = depth_of(path);

	while (*target && depth >= 0) {
		size_t len = strcspn(target, "\\");

		if (len == 2 && !memcmp(target, "..", 2))
			depth--;
		else if (len && !(len == 1 && *target == '.'))
			depth++;
		target += len + (target[len] == '\\');
	}
	return depth >= 0;
}

char *reparse_unix(struct smb3_arena *a, const char *path, const char *target)
{
	char *text, *p;
	size_t at = 0;

	/* A name of the client's file systems, or one that Unix would read differently. */
	if (strpbrk(target, ":/") || !strncmp(target, "\\\\", 2))
		return NULL;
	if (*target != '\\') {
		if (!stays_inside(path, target))
			return NULL;
		text = smb3_arena_strdup(a, target);
	} else { /* from the share's root on */
		if (!stays_inside("", target + 1))
			return NULL;
		text = smb3_arena_alloc(a, 3 * (size_t)depth_of(path) + strlen(target) + 2);
		for (int i = depth_of(path); i > 0; i--, at += 3)
			memcpy(text + at, "../", 3);
		strcpy(text + at, target[1] ? target + 1 : ".");
	}
	for (p = text; *p; p++)
		if (*p == '\\')
			*p = '/';
	return text;
}
