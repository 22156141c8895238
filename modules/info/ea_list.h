// SPDX-License-Identifier: Apache-2.0
/*
 * ea_list.h: lists of extended attributes as clients send them. [MS-FSCC] 2.4.15
 */
#ifndef INFO_EA_LIST_H
#define INFO_EA_LIST_H

#include <smb3/smb3.h>

#define EA_PREFIX "user."
/* "user.", 255 bytes, NUL: longer than any xattr's name */
#define EA_XATTR_SIZE 264

struct ea {
	char xattr[EA_XATTR_SIZE];
	const uint8_t *value;
	uint16_t len; /* 0: the attribute is taken away */
};

/* The next entry of a list of FILE_FULL_EA_INFORMATION (get: of FILE_GET_EA_INFORMATION); *in moves
 * to the one after it, or to the end. STATUS_EA_LIST_INCONSISTENT, STATUS_INVALID_EA_NAME. */
ntstatus ea_next(struct smb3_cursor *in, bool get, struct ea *ret_ea);
/* The whole list is sound, and touches nothing of the server's own. */
ntstatus ea_check(struct smb3_cursor in, bool get);
/* An xattr that holds something of the server, or of a module: no client sees it. */
bool ea_is_ours(const char *xattr);

#endif
