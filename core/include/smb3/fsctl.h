// SPDX-License-Identifier: Apache-2.0
/*
 * fsctl.h: a row of kind FSCTL answers one control code of IOCTL. [MS-SMB2] 3.3.5.15, [MS-FSCC] 2.3
 * Codes that no row owns answer STATUS_INVALID_DEVICE_REQUEST.
 */
#ifndef SMB3_FSCTL_H
#define SMB3_FSCTL_H

#include <smb3/base.h>
#include <smb3/req.h>

struct smb3_fsctl_call {
	struct smb3_req *req;
	struct smb3_open *open; /* NULL with SMB3_FSCTL_NO_OPEN */
	struct smb3_cursor in;  /* base: its first byte */
	struct smb3_builder *out;
	uint32_t max_out;
};

#define SMB3_FSCTL_NO_OPEN 0x1  /* file id is all ones: the code is about the tree or server */
#define SMB3_FSCTL_PIPE    0x2  /* only on named pipes */
#define SMB3_FSCTL_FILE    0x4  /* only on files and directories */
#define SMB3_FSCTL_WORK    0x8  /* runs in work: makes VFS calls; else on the loop */
#define SMB3_FSCTL_SLOW    0x10 /* with WORK: always on the pool (copies) */

struct smb3_fsctl {
	const char *name;
	uint32_t flags;
	uint32_t min_in, min_out; /* shorter: INVALID_PARAMETER, BUFFER_TOO_SMALL */
	uint32_t access;          /* FILE_... bits of the open, all of them; 0: none */
	uint32_t any_access;      /* one of these at least; 0: none */
	ntstatus (*run)(struct smb3_fsctl_call *call);
	/* With WORK, optional: on the loop after run, whose status is req->status; answers the final
	 * one. */
	ntstatus (*done)(struct smb3_fsctl_call *call);
};

#endif
