// SPDX-License-Identifier: Apache-2.0
/*
 * info.h: a row of kind INFO is one information class, for QUERY_INFO, SET_INFO and
 * QUERY_DIRECTORY. [MS-FSCC] 2.4, 2.5; [MS-SMB2] 3.3.5.18, 3.3.5.20, 3.3.5.21
 */
#ifndef SMB3_INFO_H
#define SMB3_INFO_H

#include <smb3/base.h>
#include <smb3/vfs.h>

/* Info types of the wire (SMB2_0_INFO_...), and one of our own for directory entries, whose
 * class numbers are those of SMB2_0_INFO_FILE. */
#define SMB3_INFO_DIRECTORY 0x10
/* And one that no client can ask for: class 0 answers FileFsControlInformation where the file
 * system keeps quotas, and STATUS_VOLUME_NOT_UPGRADED elsewhere. */
#define SMB3_INFO_QUOTA_CONTROL 0x11

struct smb3_info_call {
	struct smb3_req *req;
	struct smb3_open *open; /* also in req */
	uint32_t additional;    /* AdditionalInformation */
	uint32_t flags;
	struct smb3_cursor in;    /* query: extra input; set: the buffer (base: its first byte) */
	struct smb3_builder *out; /* query: at most OutputBufferLength bytes are sent; a class that
				     writes more than that overflows as `overflow` says */
	size_t max;               /* OutputBufferLength */
	struct smb3_stat *stat;   /* with SMB3_INFO_WANTS_STAT: filled */
	uint64_t position;        /* open's, as it was when the request began: work may not read */
	uint32_t mode;            /* them there */
};

/* One entry of QUERY_DIRECTORY. */
struct smb3_info_entry {
	const char *name;
	const char *short_name;       /* its 8.3 name; NULL: none, or name is one */
	uint32_t index;               /* FileIndex */
	const struct smb3_stat *stat; /* NULL when the row does not want it */
	struct smb3_open *open;       /* the directory */
	struct smb3_req *req;
};

#define SMB3_INFO_WANTS_STAT  0x1 /* stat before query and set; per entry for directories */
#define SMB3_INFO_PIPE_OK     0x2 /* may be asked of a named pipe, with ON_LOOP also set there */
#define SMB3_INFO_ROOT_ONLY   0x4
#define SMB3_INFO_NO_OVERFLOW 0x8  /* output that does not fit: INFO_LENGTH_MISMATCH, not a cut */
#define SMB3_INFO_ON_LOOP     0x10 /* query and set touch the open, not the disk: not in work */
#define SMB3_INFO_SLOW        0x20 /* query takes long: never tried on a loop */

struct smb3_info {
	const char *name;
	uint32_t min_in, min_out; /* shorter buffers: INFO_LENGTH_MISMATCH */
	uint32_t flags;
	uint32_t query_access, set_access; /* FILE_... bits of the open, all of them; 0: none */
	/* In work (see ON_LOOP). query may leave STATUS_BUFFER_OVERFLOW to the caller (see out). */
	ntstatus (*query)(struct smb3_info_call *call);
	ntstatus (*set)(struct smb3_info_call *call);
	/* The entry from NextEntryOffset on (which the caller fills in); name included. */
	void (*entry)(const struct smb3_info_entry *entry, struct smb3_builder *out);
};

#endif
