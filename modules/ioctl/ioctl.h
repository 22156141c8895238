// SPDX-License-Identifier: Apache-2.0
/*
 * ioctl.h: what the files of module ioctl share. A code is one row at the bottom of the file that
 * answers it; ioctl.c lists them.
 */
#ifndef IOCTL_IOCTL_H
#define IOCTL_IOCTL_H

#include <smb3/smb3.h>
#include <smb3/stat.h>

struct ioctl_conf {
	int64_t copy_chunks;
	uint64_t copy_chunk_size, copy_size;
	uint64_t offload_size, offload_time;
	int64_t offload_tokens;
};

/* One IOCTL under way. */
struct ioctl_req {
	struct smb3_fsctl_call call;
	const struct smb3_fsctl *row;
	const struct ioctl_conf *conf;
	uint32_t code;
	uint64_t persistent_id, volatile_id;
	struct smb3_builder out;
	void *state; /* the row's own, in the arena */
};

/* Builds the reply from req->status and the output; for rows that hand over to work by
 * themselves. */
ntstatus ioctl_done(struct smb3_req *req);
/* A row's done, for codes that change contents. */
ntstatus ioctl_modified(struct smb3_fsctl_call *call);
/* What the open is now. */
ntstatus ioctl_stat(struct smb3_fsctl_call *call, struct smb3_stat *ret_stat);
/* The same, where only a file will do: STATUS_INVALID_PARAMETER. */
ntstatus ioctl_stat_file(struct smb3_fsctl_call *call, struct smb3_stat *ret_stat);

static inline const struct ioctl_conf *ioctl_conf(const struct smb3_fsctl_call *call)
{
	return ((const struct ioctl_req *)call->req->state)->conf;
}

/* refused.c: what is not offered, and what it answers, a row each. X(code, status) */
#define IOCTL_REFUSED_LIST(X)                                               \
	X(QUERY_FAT_BPB, STATUS_INVALID_DEVICE_REQUEST)                     \
	X(FILESYSTEM_GET_STATISTICS, STATUS_INVALID_DEVICE_REQUEST)         \
	X(GET_RETRIEVAL_POINTERS, STATUS_INVALID_DEVICE_REQUEST)            \
	X(FIND_FILES_BY_SID, STATUS_INVALID_DEVICE_REQUEST)                 \
	X(SET_ENCRYPTION, STATUS_INVALID_DEVICE_REQUEST)                    \
	X(WRITE_RAW_ENCRYPTED, STATUS_INVALID_DEVICE_REQUEST)               \
	X(READ_RAW_ENCRYPTED, STATUS_INVALID_DEVICE_REQUEST)                \
	X(READ_FILE_USN_DATA, STATUS_INVALID_DEVICE_REQUEST)                \
	X(WRITE_USN_CLOSE_RECORD, STATUS_INVALID_DEVICE_REQUEST)            \
	X(MARK_HANDLE, STATUS_INVALID_DEVICE_REQUEST)                       \
	X(SIS_COPYFILE, STATUS_INVALID_DEVICE_REQUEST)                      \
	X(RECALL_FILE, STATUS_INVALID_DEVICE_REQUEST)                       \
	X(SET_DEFECT_MANAGEMENT, STATUS_INVALID_DEVICE_REQUEST)             \
	X(QUERY_SPARING_INFO, STATUS_INVALID_DEVICE_REQUEST)                \
	X(QUERY_ON_DISK_VOLUME_INFO, STATUS_INVALID_DEVICE_REQUEST)         \
	X(SET_ZERO_ON_DEALLOCATION, STATUS_INVALID_DEVICE_REQUEST)          \
	X(QUERY_SHARED_VIRTUAL_DISK_SUPPORT, STATUS_INVALID_DEVICE_REQUEST) \
	X(SVHDX_SYNC_TUNNEL_REQUEST, STATUS_INVALID_DEVICE_REQUEST)         \
	X(SVHDX_ASYNC_TUNNEL_REQUEST, STATUS_INVALID_DEVICE_REQUEST)        \
	X(STORAGE_QOS_CONTROL, STATUS_INVALID_DEVICE_REQUEST)               \
	X(REFS_STREAM_SNAPSHOT_MANAGEMENT, STATUS_INVALID_DEVICE_REQUEST)   \
	X(LMR_SET_LINK_TRACKING_INFORMATION, STATUS_INVALID_DEVICE_REQUEST) \
	X(SRV_NOTIFY_TRANSACTION, STATUS_INVALID_DEVICE_REQUEST)            \
	X(SRV_READ_HASH, STATUS_HASH_NOT_SUPPORTED)

struct ioctl_refused {
	struct smb3_fsctl row;
	ntstatus status;
};

#define IOCTL_REFUSED_DECLARE(code, answer) extern const struct ioctl_refused ioctl_refused_##code;
IOCTL_REFUSED_LIST(IOCTL_REFUSED_DECLARE)

/* negotiate.c */
extern const struct smb3_fsctl fsctl_validate_negotiate_info, fsctl_dfs_get_referrals,
	fsctl_lmr_request_resiliency;
/* network.c */
extern const struct smb3_fsctl fsctl_query_network_interface_info;
/* pipe.c */
extern const struct smb3_fsctl fsctl_pipe_transceive, fsctl_pipe_peek, fsctl_pipe_wait;
/* sparse.c */
extern const struct smb3_fsctl fsctl_set_sparse, fsctl_set_zero_data, fsctl_query_allocated_ranges;
/* region.c */
extern const struct smb3_fsctl fsctl_file_level_trim, fsctl_query_file_regions;
/* object.c */
extern const struct smb3_fsctl fsctl_create_or_get_object_id, fsctl_get_object_id,
	fsctl_set_object_id, fsctl_set_object_id_extended, fsctl_delete_object_id;
/* reparse.c */
extern const struct smb3_fsctl fsctl_get_reparse_point, fsctl_set_reparse_point,
	fsctl_delete_reparse_point;
/* store.c: how contents are stored */
extern const struct smb3_fsctl fsctl_get_compression, fsctl_set_compression,
	fsctl_get_integrity_information, fsctl_set_integrity_information,
	fsctl_set_integrity_information_ex;
/* volume.c */
extern const struct smb3_fsctl fsctl_get_ntfs_volume_data, fsctl_is_pathname_valid,
	fsctl_is_volume_dirty, fsctl_srv_enumerate_snapshots;
/* copy.c */
extern const struct smb3_fsctl fsctl_srv_request_resume_key, fsctl_srv_copychunk,
	fsctl_srv_copychunk_write;
/* offload.c */
#define STATUS_OFFLOAD_READ_FILE_NOT_SUPPORTED  0xC000A2A3u
#define STATUS_OFFLOAD_WRITE_FILE_NOT_SUPPORTED 0xC000A2A4u
extern const struct smb3_fsctl fsctl_offload_read, fsctl_offload_write;
extern struct smb3_slot offload_slot;
/* clone.c */
extern const struct smb3_fsctl fsctl_duplicate_extents, fsctl_duplicate_extents_ex;

/* ---- reading and writing inside the server: transfer.c ---- */

/* len bytes at from, to be put at to. */
struct ioctl_range {
	uint64_t from, to;
	uint32_t len;
};

struct ioctl_transfer {
	struct smb3_req *req;
	struct smb3_open *source, *dest;
	uint8_t *buf; /* for what cannot be copied below */
	size_t put;   /* bytes of the range that arrived */
};

/* In work. Asks for both ranges whether somebody guards them, then copies; also right when they
 * overlap. */
ntstatus ioctl_transfer(struct ioctl_transfer *tr, const struct ioctl_range *range);
/* The source may be read and the destination written, and both have contents. */
ntstatus ioctl_transfer_check(const struct smb3_open *source, const struct smb3_open *dest,
			      bool read_dest);

#endif
