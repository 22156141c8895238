// SPDX-License-Identifier: Apache-2.0
/*
 * ioctl.h: what the files of module ioctl share. A code is one row at the bottom of the file that
 * answers it; ioctl.c lists them.
 */
#ifndef IOCTL_IOCTL_H
#define IOCTL_IOCTL_H

#include <smb3/smb3.h>
#include <smb3/stat.h>

/* One IOCTL under way. */
struct ioctl_req {
	struct smb3_fsctl_call call;
	const struct smb3_fsctl *row;
	uint32_t code;
	uint64_t persistent_id, volatile_id;
	struct smb3_builder out;
	void *state; /* the row's own, in the arena */
};

/* Builds the reply from req->status and the output; for rows that hand over to work by
 * themselves. */
ntstatus ioctl_done(struct smb3_req *req);

/* negotiate.c */
extern const struct smb3_fsctl fsctl_validate_negotiate_info, fsctl_dfs_get_referrals;
/* pipe.c */
extern const struct smb3_fsctl fsctl_pipe_transceive, fsctl_pipe_peek, fsctl_pipe_wait;
/* sparse.c */
extern const struct smb3_fsctl fsctl_set_sparse, fsctl_set_zero_data, fsctl_query_allocated_ranges;
/* object.c: what an object is, or is not */
extern const struct smb3_fsctl fsctl_create_or_get_object_id, fsctl_get_reparse_point,
	fsctl_get_compression, fsctl_set_compression;
/* copy.c */
extern const struct smb3_fsctl fsctl_srv_request_resume_key, fsctl_srv_copychunk,
	fsctl_srv_copychunk_write;

#endif
