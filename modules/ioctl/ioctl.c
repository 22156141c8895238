// SPDX-License-Identifier: Apache-2.0
/*
 * ioctl.c: module ioctl: IOCTL and its control codes. [MS-SMB2] 2.2.31, 2.2.32, 3.3.5.15
 */
#include "ioctl.h"

#include <smb3/times.h>

#define IOCTL_BUFFER   (SMB2_HEADER_SIZE + 56)
#define IOCTL_REPLY    49 /* StructureSize; 48 bytes and the output */
#define ANY_ID         UINT64_MAX
#define IOCTL_REPLY_AT (SMB2_HEADER_SIZE + 48)

extern const struct smb3_command ioctl_command;

static ntstatus ioctl_decode(struct smb3_req *req, struct ioctl_req *io)
{
	struct smb3_cursor in = req->body;
	struct smb3_fsctl_call *call = &io->call;
	uint32_t in_at, in_len, max_in, flags;

	smb3_get_skip(&in, 4); /* StructureSize, Reserved */
	io->code = smb3_get_u32(&in);
	io->persistent_id = smb3_get_u64(&in);
	io->volatile_id = smb3_get_u64(&in);
	in_at = smb3_get_u32(&in);
	in_len = smb3_get_u32(&in);
	max_in = smb3_get_u32(&in);
	smb3_get_skip(&in, 8); /* OutputOffset, OutputCount: for replies */
	call->max_out = smb3_get_u32(&in);
	flags = smb3_get_u32(&in);
	call->in = smb3_cursor_sub(&in, in_at, in_len);
	if (flags != SMB2_0_IOCTL_IS_FSCTL)
		return STATUS_NOT_SUPPORTED;
	if (!smb3_cursor_ok(&in) || (in_len && in_at < IOCTL_BUFFER))
		return STATUS_INVALID_PARAMETER;
	if (in_len > req->conn->max_transact || call->max_out > req->conn->max_transact ||
	    max_in > req->conn->max_transact)
		return STATUS_INVALID_PARAMETER;
	return smb3_req_charge(req, in_len + (uint64_t)max_in > call->max_out ?
					    in_len + (uint64_t)max_in :
					    call->max_out);
}

/* Does the handle, or its absence, fit the code? */
static ntstatus check_open(const struct ioctl_req *io, const struct smb3_open *o)
{
	bool none = io->row->flags & SMB3_FSCTL_NO_OPEN;

	if (none)
		return io->persistent_id == ANY_ID && io->volatile_id == ANY_ID ?
			       STATUS_SUCCESS :
			       STATUS_INVALID_PARAMETER;
	if (!o)
		return STATUS_FILE_CLOSED;
	if (io->row->flags & SMB3_FSCTL_PIPE && !o->pipe)
		return STATUS_INVALID_DEVICE_REQUEST;
	if (io->row->flags & SMB3_FSCTL_FILE && o->pipe)
		return STATUS_INVALID_DEVICE_REQUEST;
	return STATUS_SUCCESS;
}

static ntstatus check_access(struct smb3_req *req, const struct smb3_fsctl *row)
{
	const struct smb3_open *o = req->open;

	if (!o ||
	    (!(row->access & ~o->access) && (!row->any_access || row->any_access & o->access)))
		return STATUS_SUCCESS;
	return smb3_req_deny(req, STATUS_ACCESS_DENIED,
			     "%s wants %#x, or one of %#x; granted is %#x", row->name, row->access,
			     row->any_access, o->access);
}

static ntstatus ioctl_check(struct smb3_req *req, struct ioctl_req *io)
{
	ntstatus status;

	io->row = smb3_row(req->server, SMB3_KIND_FSCTL, io->code);
	if (!io->row)
		return STATUS_INVALID_DEVICE_REQUEST;
	status = check_open(io, req->open);
	if (status)
		return status;
	if (smb3_cursor_left(&io->call.in) < io->row->min_in)
		return STATUS_INVALID_PARAMETER;
	if (io->call.max_out < io->row->min_out)
		return STATUS_BUFFER_TOO_SMALL;
	return check_access(req, io->row);
}

static ntstatus ioctl_work(struct smb3_req *req)
{
	struct ioctl_req *io = req->state;
	ntstatus status = io->row->run(&io->call);

	if (!smb3_status_is_error(status) && req->open && req->open->handle)
		smb3_times_restore(req->open, &req->ctx);
	return status;
}

ntstatus ioctl_done(struct smb3_req *req)
{
	const struct ioctl_req *io = req->state;
	struct smb3_builder *out = smb3_req_out(req);

	if (smb3_status_is_error(req->status) && !req->keep_body)
		return req->status;
	if (!smb3_builder_ok(&io->out))
		return STATUS_BUFFER_TOO_SMALL;
	smb3_put_u16(out, IOCTL_REPLY);
	smb3_put_u16(out, 0); /* Reserved */
	smb3_put_u32(out, io->code);
	smb3_put_u64(out, io->persistent_id);
	smb3_put_u64(out, io->volatile_id);
	smb3_put_u32(out, IOCTL_REPLY_AT); /* InputOffset */
	smb3_put_u32(out, 0);
	smb3_put_u32(out, IOCTL_REPLY_AT); /* OutputOffset */
	smb3_put_u32(out, (uint32_t)io->out.len);
	smb3_put_zero(out, 8); /* Flags, Reserved2 */
	smb3_put_bytes(out, io->out.data, io->out.len);
	return req->status;
}

static ntstatus ioctl_work_done(struct smb3_req *req)
{
	struct ioctl_req *io = req->state;

	if (io->row->done)
		req->status = io->row->done(&io->call);
	return ioctl_done(req);
}

ntstatus ioctl_modified(struct smb3_fsctl_call *call)
{
	if (call->req->status)
		return call->req->status;
	call->open->modified = true;
	smb3_changed(call->open, FILE_ACTION_MODIFIED, FILE_NOTIFY_CHANGE_LAST_WRITE);
	return STATUS_SUCCESS;
}

ntstatus ioctl_stat(struct smb3_fsctl_call *call, struct smb3_stat *ret_stat)
{
	struct smb3_handle *h = call->open->handle;

	return smb3_status_from_errno(smb3_vfs_stat(h->mount->top, &call->req->ctx, h, ret_stat));
}

ntstatus ioctl_stat_file(struct smb3_fsctl_call *call, struct smb3_stat *ret_stat)
{
	return call->open->directory ? STATUS_INVALID_PARAMETER : ioctl_stat(call, ret_stat);
}

static ntstatus ioctl_run(struct smb3_req *req)
{
	struct ioctl_req *io = smb3_arena_alloc(req->arena, sizeof(*io));
	struct smb3_mod *mod = smb3_module_of(req->server, &ioctl_command);
	ntstatus status;

	req->state = io;
	io->conf = smb3_conf_of(mod, req->tree->share);
	status = ioctl_decode(req, io);
	if (!status)
		status = ioctl_check(req, io);
	if (status)
		return status;
	/* A related request names the open of the one before it. */
	if (req->open) {
		io->persistent_id = req->open->persistent_id;
		io->volatile_id = req->open->volatile_id;
	}
	io->out = smb3_builder_arena(req->arena, io->call.max_out);
	io->call.req = req;
	io->call.open = req->open;
	io->call.out = &io->out;
	if (io->row->flags & SMB3_FSCTL_WORK)
		return smb3_req_work(req, ioctl_work, ioctl_work_done,
				     io->row->flags & SMB3_FSCTL_SLOW ? SMB3_WORK_SLOW :
									SMB3_WORK_QUICK);
	/* Pending: the request may be on another thread by now. */
	status = io->row->run(&io->call);
	if (status == STATUS_PENDING)
		return status;
	req->status = status;
	return ioctl_done(req);
}

static void ioctl_peek(const struct smb3_req *req, struct smb3_peek *peek)
{
	const struct smb3_fsctl *row;
	struct smb3_cursor in = req->body;

	smb3_get_skip(&in, 4); /* StructureSize, Reserved */
	row = smb3_row(req->server, SMB3_KIND_FSCTL, smb3_get_u32(&in));
	if (row)
		peek->changes = row->access | row->any_access;
}

const struct smb3_command ioctl_command = {
	.name = "IOCTL",
	.body_size = 57,
	.fileid_offset = 8,
	.flags = SMB3_NEED_SESSION | SMB3_NEED_TREE | SMB3_NEED_OPEN | SMB3_TRANSFER |
		 SMB3_OPEN_OPTIONAL,
	.run = ioctl_run,
	.peek = ioctl_peek,
};

static const struct smb3_option ioctl_options[] = {
	{ .name = "copy_chunks",
	  .type = SMB3_OPT_INT,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct ioctl_conf, copy_chunks),
	  .value = "256",
	  .min = 1,
	  .max = 4096,
	  .help = "Pieces that one server-side copy may have." },
	{ .name = "copy_chunk_size",
	  .type = SMB3_OPT_SIZE,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct ioctl_conf, copy_chunk_size),
	  .value = "1M",
	  .min = 4096,
	  .max = 1 << 28,
	  .help = "Bytes that one piece of a server-side copy may have." },
	{ .name = "copy_size",
	  .type = SMB3_OPT_SIZE,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct ioctl_conf, copy_size),
	  .value = "16M",
	  .min = 4096,
	  .max = 1 << 30,
	  .help = "Bytes that one server-side copy may have in all." },
	{ .name = "offload_size",
	  .type = SMB3_OPT_SIZE,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct ioctl_conf, offload_size),
	  .value = "64M",
	  .min = 4096,
	  .max = 1 << 30,
	  .help = "Bytes that one token of an offloaded copy stands for." },
	{ .name = "offload_time",
	  .type = SMB3_OPT_TIME,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct ioctl_conf, offload_time),
	  .value = "30s",
	  .min = 1000,
	  .max = 3600 * 1000,
	  .help = "How long a token of an offloaded copy is good for, at most." },
	{ .name = "offload_tokens",
	  .type = SMB3_OPT_INT,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct ioctl_conf, offload_tokens),
	  .value = "64",
	  .min = 1,
	  .max = 4096,
	  .help = "Tokens that one open may have out; the oldest ones end first." },
	SMB3_OPTION_END,
};

#define IOCTL_REFUSED_ROW(code, answer) SMB3_FSCTL(FSCTL_##code, &ioctl_refused_##code.row),

static const struct smb3_provide ioctl_provides[] = {
	SMB3_COMMAND(SMB2_IOCTL, &ioctl_command),
	SMB3_FSCTL(FSCTL_VALIDATE_NEGOTIATE_INFO, &fsctl_validate_negotiate_info),
	SMB3_FSCTL(FSCTL_QUERY_NETWORK_INTERFACE_INFO, &fsctl_query_network_interface_info),
	SMB3_FSCTL(FSCTL_LMR_REQUEST_RESILIENCY, &fsctl_lmr_request_resiliency),
	SMB3_FSCTL(FSCTL_DFS_GET_REFERRALS, &fsctl_dfs_get_referrals),
	SMB3_FSCTL(FSCTL_DFS_GET_REFERRALS_EX, &fsctl_dfs_get_referrals),
	SMB3_FSCTL(FSCTL_PIPE_TRANSCEIVE, &fsctl_pipe_transceive),
	SMB3_FSCTL(FSCTL_PIPE_PEEK, &fsctl_pipe_peek),
	SMB3_FSCTL(FSCTL_PIPE_WAIT, &fsctl_pipe_wait),
	SMB3_FSCTL(FSCTL_SET_SPARSE, &fsctl_set_sparse),
	SMB3_FSCTL(FSCTL_SET_ZERO_DATA, &fsctl_set_zero_data),
	SMB3_FSCTL(FSCTL_QUERY_ALLOCATED_RANGES, &fsctl_query_allocated_ranges),
	SMB3_FSCTL(FSCTL_QUERY_FILE_REGIONS, &fsctl_query_file_regions),
	SMB3_FSCTL(FSCTL_FILE_LEVEL_TRIM, &fsctl_file_level_trim),
	SMB3_FSCTL(FSCTL_CREATE_OR_GET_OBJECT_ID, &fsctl_create_or_get_object_id),
	SMB3_FSCTL(FSCTL_GET_OBJECT_ID, &fsctl_get_object_id),
	SMB3_FSCTL(FSCTL_SET_OBJECT_ID, &fsctl_set_object_id),
	SMB3_FSCTL(FSCTL_SET_OBJECT_ID_EXTENDED, &fsctl_set_object_id_extended),
	SMB3_FSCTL(FSCTL_DELETE_OBJECT_ID, &fsctl_delete_object_id),
	SMB3_FSCTL(FSCTL_GET_REPARSE_POINT, &fsctl_get_reparse_point),
	SMB3_FSCTL(FSCTL_SET_REPARSE_POINT, &fsctl_set_reparse_point),
	SMB3_FSCTL(FSCTL_DELETE_REPARSE_POINT, &fsctl_delete_reparse_point),
	SMB3_FSCTL(FSCTL_GET_COMPRESSION, &fsctl_get_compression),
	SMB3_FSCTL(FSCTL_SET_COMPRESSION, &fsctl_set_compression),
	SMB3_FSCTL(FSCTL_GET_INTEGRITY_INFORMATION, &fsctl_get_integrity_information),
	SMB3_FSCTL(FSCTL_SET_INTEGRITY_INFORMATION, &fsctl_set_integrity_information),
	SMB3_FSCTL(FSCTL_SET_INTEGRITY_INFORMATION_EX, &fsctl_set_integrity_information_ex),
	SMB3_FSCTL(FSCTL_GET_NTFS_VOLUME_DATA, &fsctl_get_ntfs_volume_data),
	SMB3_FSCTL(FSCTL_IS_PATHNAME_VALID, &fsctl_is_pathname_valid),
	SMB3_FSCTL(FSCTL_IS_VOLUME_DIRTY, &fsctl_is_volume_dirty),
	SMB3_FSCTL(FSCTL_SRV_ENUMERATE_SNAPSHOTS, &fsctl_srv_enumerate_snapshots),
	SMB3_FSCTL(FSCTL_SRV_REQUEST_RESUME_KEY, &fsctl_srv_request_resume_key),
	SMB3_FSCTL(FSCTL_SRV_COPYCHUNK, &fsctl_srv_copychunk),
	SMB3_FSCTL(FSCTL_SRV_COPYCHUNK_WRITE, &fsctl_srv_copychunk_write),
	SMB3_SLOT(&offload_slot),
	SMB3_FSCTL(FSCTL_OFFLOAD_READ, &fsctl_offload_read),
	SMB3_FSCTL(FSCTL_OFFLOAD_WRITE, &fsctl_offload_write),
	SMB3_FSCTL(FSCTL_DUPLICATE_EXTENTS_TO_FILE, &fsctl_duplicate_extents),
	SMB3_FSCTL(FSCTL_DUPLICATE_EXTENTS_TO_FILE_EX, &fsctl_duplicate_extents_ex),
	IOCTL_REFUSED_LIST(IOCTL_REFUSED_ROW) /* a comma each */
	SMB3_END,
};

/* /sys/class/net has links only. */
static const char *const ioctl_reads[] = { "/sys/class/net", "/sys/devices", NULL };
static const struct smb3_needs ioctl_needs = { .reads = ioctl_reads };

SMB3_MODULE(ioctl, .summary = "file system controls", .options = ioctl_options,
	    .conf_size = sizeof(struct ioctl_conf), .provides = ioctl_provides,
	    .system = &ioctl_needs);
