// SPDX-License-Identifier: Apache-2.0
/*
 * example_fsctl.c: a control code: what clients ask of an open file with IOCTL.
 * Here: a checksum of a range, so that two copies are compared without sending them.
 *
 *   request  uint64 offset, uint32 length     at most 1 MiB
 *   reply    uint32 bytes read, uint32 FNV-1a of them
 */
#include <smb3/smb3.h>

/* A code that no specification uses: CTL_CODE(FILE_DEVICE_NETWORK_FILE_SYSTEM, 0x801,
 * METHOD_BUFFERED, FILE_READ_ACCESS). [MS-FSCC] 2.3 */
#define FSCTL_EXAMPLE_FSCTL 0x00146004u
#define RANGE_MAX           (1u << 20)

static uint32_t fnv1a(const uint8_t *p, size_t len)
{
	uint32_t hash = 0x811c9dc5;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ p[i]) * 0x01000193;
	return hash;
}

/* In work, which may wait for the disk. The input comes from a stranger. */
static ntstatus example_fsctl_run(struct smb3_fsctl_call *call)
{
	struct smb3_req *req = call->req;
	struct smb3_handle *h = call->open->handle;
	uint64_t offset = smb3_get_u64(&call->in);
	uint32_t len = smb3_get_u32(&call->in);
	ntstatus status;
	uint8_t *buf;
	ssize_t n;

	if (!smb3_cursor_ok(&call->in) || len > RANGE_MAX || offset > (uint64_t)INT64_MAX - len)
		return STATUS_INVALID_PARAMETER;
	/* Ranges that others have locked are theirs. */
	status = smb3_io_check(req, call->open, FILE_READ_DATA, offset, len);
	if (status != STATUS_SUCCESS)
		return status;
	buf = smb3_arena_alloc(req->arena, len);
	n = smb3_vfs_pread(h->mount->top, &req->ctx, h, buf, len, offset);
	if (n < 0)
		return smb3_status_from_errno((int)n);
	smb3_put_u32(call->out, (uint32_t)n);
	smb3_put_u32(call->out, fnv1a(buf, (size_t)n));
	return STATUS_SUCCESS;
}

/* Core's module ioctl has looked at the sizes, the kind of open, and its access. */
static const struct smb3_fsctl example_fsctl_row = {
	.name = "EXAMPLE_FSCTL",
	.flags = SMB3_FSCTL_FILE | SMB3_FSCTL_WORK | SMB3_FSCTL_SLOW,
	.min_in = 12,
	.min_out = 8,
	.access = FILE_READ_DATA,
	.run = example_fsctl_run,
};

static const struct smb3_provide example_fsctl_provides[] = {
	SMB3_FSCTL(FSCTL_EXAMPLE_FSCTL, &example_fsctl_row),
	SMB3_END,
};

SMB3_MODULE(example_fsctl, .summary = "checksums of ranges", .provides = example_fsctl_provides);
