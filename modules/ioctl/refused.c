// SPDX-License-Identifier: Apache-2.0
/*
 * refused.c: codes that clients know and that are not offered here. [MS-FSA] 2.1.5.10 leaves each of
 * them to the object store and says what one without it answers; [MS-SMB2] 3.3.5.15.7 what a server
 * without hashes does.
 */
#include "ioctl.h"

static ntstatus refuse(struct smb3_fsctl_call *call)
{
	const struct ioctl_req *io = call->req->state;

	return SMB3_CONTAINER(io->row, const struct ioctl_refused, row)->status;
}

#define IOCTL_REFUSED_DEFINE(code, answer)                        \
	const struct ioctl_refused ioctl_refused_##code = {       \
		.row = { .name = "FSCTL_" #code, .run = refuse }, \
		.status = answer,                                 \
	};
IOCTL_REFUSED_LIST(IOCTL_REFUSED_DEFINE)
