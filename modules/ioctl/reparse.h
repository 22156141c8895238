// SPDX-License-Identifier: Apache-2.0
/*
 * reparse.h: what is in a reparse point. [MS-FSCC] 2.1.2
 */
#ifndef IOCTL_REPARSE_H
#define IOCTL_REPARSE_H

#include <smb3/reparse.h>
#include <smb3/smb3.h>

struct reparse {
	uint32_t tag;
	bool has_guid; /* not one of Microsoft's tags */
	struct smb3_guid guid;
	const uint8_t *data; /* points into the buffer */
	uint16_t len;
};

/* STATUS_IO_REPARSE_DATA_INVALID, STATUS_IO_REPARSE_TAG_INVALID. [MS-FSA] 2.1.5.10.37 */
ntstatus reparse_parse(const uint8_t *buf, size_t len, struct reparse *ret_point);
/* The target of a symbolic link, as it is written; false: damaged. In the arena. */
bool reparse_link(const struct reparse *rp, struct smb3_arena *a, const char **ret_target,
		  bool *ret_relative);
/* That target as a Unix link has it, for a link at path; NULL when it leads out of the share, or
 * could. In the arena. */
char *reparse_unix(struct smb3_arena *a, const char *path, const char *target);

#endif
