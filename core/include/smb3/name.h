// SPDX-License-Identifier: Apache-2.0
/*
 * name.h: file names as they come in CREATE and in rename and link requests.
 * [MS-FSCC] 2.1.5, [MS-SMB2] 2.2.13, [MS-FSA] 2.1.5.1
 *
 *   path     the name below the share, '/' between components; "" is the share's root
 *   leaf     its last component; "" for the root
 *   parent   what stands in front of it; "" when the leaf lies in the root
 */
#ifndef SMB3_NAME_H
#define SMB3_NAME_H

#include <smb3/base.h>

/* UTF-16 units of one component. */
#define SMB3_NAME_MAX 255

struct smb3_name {
	const char *path, *parent, *leaf;
	const char *stream; /* name:stream; NULL: the unnamed stream */
	bool directory;     /* asked for by a trailing backslash or by $INDEX_ALLOCATION */
	bool data;          /* asked for by "::$DATA": not a directory */
};

/* From the wire; all strings are in the arena.
 *   STATUS_INVALID_PARAMETER        odd length, leading backslash
 *   STATUS_OBJECT_NAME_INVALID      not UTF-16, reserved characters, an empty or too long
 *                                   component, ".", a bad stream part
 *   STATUS_OBJECT_PATH_SYNTAX_BAD   ".." that leads out of the share; others are resolved */
ntstatus smb3_name_parse(struct smb3_arena *a, const uint8_t *utf16, size_t len,
			 struct smb3_name *ret_name);

/* parent "/" leaf, or leaf alone; in the arena. */
char *smb3_name_join(struct smb3_arena *a, const char *parent, const char *leaf);

/* Splits a path; both parts are in the arena. */
void smb3_name_split(struct smb3_arena *a, const char *path, const char **ret_parent,
		     const char **ret_leaf);

#endif
