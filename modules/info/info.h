// SPDX-License-Identifier: Apache-2.0
/*
 * info.h: what the files of module info share. A class is one row at the bottom of the file that
 * answers it; info.c lists them.
 */
#ifndef INFO_INFO_H
#define INFO_INFO_H

#include <smb3/name.h>
#include <smb3/smb3.h>
#include <smb3/stat.h>

/* One QUERY_INFO or SET_INFO under way. */
struct info_req {
	struct smb3_info_call call;
	const struct smb3_info *row;
	struct smb3_stat stat;
	struct smb3_builder out;
};

struct info_conf {
	const char *volume_label, *fs_type;
	int64_t volume_serial;
};

extern const struct smb3_command query_info_command, set_info_command;

/* The row, or why there is none: what both commands check alike. class of the wire. */
ntstatus info_find(struct smb3_req *req, uint8_t type, uint8_t class,
		   const struct smb3_info **ret_row);

/* The open's path, copied into the arena while nobody renames it. */
const char *info_path(const struct smb3_info_call *call);
/* What clients are told of it: something of a previous version is called as it was then. */
const char *info_shown(const struct smb3_info_call *call, const char *path);

/* Delete pending, as others would see it. */
bool info_delete_pending(const struct smb3_open *open);

/* reach.c: the folder at that path, as the request's user. In work; free the handle. */
ntstatus info_reach(const struct smb3_info_call *call, const char *parent,
		    struct smb3_handle **ret_dir);

/* file.c */
extern const struct smb3_info info_standard, info_internal, info_ea_size, info_access, info_name,
	info_alignment, info_all, info_alternate, info_stream, info_compression, info_network_open,
	info_attribute_tag, info_standard_link, info_id, info_stat;
ntstatus info_put_stat(struct smb3_info_call *call);
/* The path with backslashes, after its length. */
void info_put_name(const struct smb3_info_call *call, const char *path);
/* normal.c */
extern const struct smb3_info info_normalized;
/* kinds.c */
extern const struct smb3_info info_stat_lx, info_case_sensitive;
/* links.c */
extern const struct smb3_info info_hard_links;
/* pipe.c */
extern const struct smb3_info info_pipe, info_pipe_local, info_pipe_remote;
/* fixed.c */
extern const struct smb3_info info_local_query, info_quota, info_short_name, info_valid_data_length,
	fs_label, fs_local_query;
/* basic.c */
extern const struct smb3_info info_basic;
void info_put_basic(const struct smb3_info_call *call);
/* handle.c: what an open has */
extern const struct smb3_info info_position, info_mode;
/* size.c */
extern const struct smb3_info info_allocation, info_end_of_file;
/* delete.c */
extern const struct smb3_info info_disposition, info_disposition_ex;
/* rename.c */
extern const struct smb3_info info_rename, info_rename_ex;
extern const struct smb3_info info_link, info_link_ex;
/* ea.c */
extern const struct smb3_info info_full_ea;
extern const struct smb3_createctx createctx_exta;
extern struct smb3_slot ea_scan_slot;
/* What all extended attributes take, as FileEaInformation counts it; 0: there are none. */
ntstatus info_ea_total(struct smb3_req *req, struct smb3_handle *h, uint32_t *ret_total);
/* fs.c */
extern const struct smb3_info fs_volume, fs_size, fs_device, fs_attribute, fs_control, fs_full_size,
	fs_object_id, fs_sector_size;

#endif
