// SPDX-License-Identifier: Apache-2.0
/*
 * ea_list.c: lists of extended attributes taken apart. [MS-FSCC] 2.4.15, [MS-FSA] 2.1.5.15.5
 */
#include "ea_list.h"

#include <smb3/cursor.h>
#include <stdio.h>
#include <strings.h>

#define EA_NEED  0x80u /* FILE_NEED_EA */
#define EA_ALIGN 4

/* Streams and the depot's; DOS attributes, reparse points, and the acl module's. */
bool ea_is_ours(const char *xattr)
{
	static const char *const prefixes[] = { "DosStream.", "smb3.", NULL };
	static const char *const names[] = { "DOSATTRIB", "NTACL", "SmbReparse", NULL };
	const char *name = xattr + sizeof(EA_PREFIX) - 1;

	for (size_t i = 0; prefixes[i]; i++)
		if (!strncasecmp(name, prefixes[i], strlen(prefixes[i])))
			return true;
	for (size_t i = 0; names[i]; i++)
		if (!strcasecmp(name, names[i]))
			return true;
	return false;
}

/* No control characters, and none that mean something in a path or a list. */
static bool name_sound(const uint8_t *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (name[i] < 0x20 || strchr("\\/:*?\"<>|,+=[];", name[i]))
			return false;
	return len > 0;
}

static ntstatus take(struct smb3_cursor *entry, bool get, struct ea *ea)
{
	uint8_t flags = get ? 0 : smb3_get_u8(entry), name_len = smb3_get_u8(entry);
	uint16_t len = get ? 0 : smb3_get_u16(entry);
	const uint8_t *name = smb3_get_bytes(entry, name_len);

	smb3_get_skip(entry, 1);
	ea->value = smb3_get_bytes(entry, len);
	ea->len = len;
	if (!smb3_cursor_ok(entry))
		return STATUS_EA_LIST_INCONSISTENT;
	if (!name_sound(name, name_len) || flags & ~EA_NEED)
		return STATUS_INVALID_EA_NAME;
	snprintf(ea->xattr, sizeof(ea->xattr), EA_PREFIX "%.*s", name_len, (const char *)name);
	return STATUS_SUCCESS;
}

/* An entry ends where the next one begins; nothing of it may lie beyond. */
ntstatus ea_next(struct smb3_cursor *in, bool get, struct ea *ret_ea)
{
	struct smb3_cursor peek = *in, entry;
	uint32_t next = smb3_get_u32(&peek), left = (uint32_t)smb3_cursor_left(in);

	if (!smb3_cursor_ok(&peek) || next > left || next % EA_ALIGN ||
	    (next && next < sizeof(next)))
		return STATUS_EA_LIST_INCONSISTENT;
	entry = smb3_cursor_init(in->pos, next ? next : left);
	smb3_get_skip(&entry, sizeof(next));
	smb3_get_skip(in, next ? next : left);
	/* A list does not end with the promise of one more. */
	if (next && !smb3_cursor_left(in))
		return STATUS_EA_LIST_INCONSISTENT;
	return take(&entry, get, ret_ea);
}

ntstatus ea_check(struct smb3_cursor in, bool get)
{
	ntstatus status = smb3_cursor_left(&in) ? STATUS_SUCCESS : STATUS_EA_LIST_INCONSISTENT;

	while (!status && smb3_cursor_left(&in)) {
		struct ea ea;

		status = ea_next(&in, get, &ea);
		if (!status && !get && ea_is_ours(ea.xattr))
			status = STATUS_ACCESS_DENIED;
	}
	return status;
}
