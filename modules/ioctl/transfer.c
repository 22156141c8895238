// SPDX-License-Identifier: Apache-2.0
/*
 * transfer.c: bytes that go from one open to another without a client in between.
 */
#include "ioctl.h"

#include <errno.h>

#define PIECE (1u << 20)

ntstatus ioctl_transfer_check(const struct smb3_open *source, const struct smb3_open *dest,
			      bool read_dest)
{
	const uint32_t write = FILE_WRITE_DATA | FILE_APPEND_DATA;
	const uint32_t read = FILE_READ_DATA | FILE_EXECUTE;

	if (source->directory || source->pipe || dest->directory || dest->pipe)
		return STATUS_INVALID_DEVICE_REQUEST;
	if (!(source->access & read) || !(dest->access & write) ||
	    (read_dest && !(dest->access & FILE_READ_DATA)))
		return STATUS_ACCESS_DENIED;
	return STATUS_SUCCESS;
}

static bool overlap(const struct ioctl_transfer *tr, const struct ioctl_range *r)
{
	return tr->source->file == tr->dest->file && r->from < r->to + r->len &&
	       r->to < r->from + r->len;
}

/* Bytes read, fewer at the end of the file. */
static ssize_t read_whole(const struct ioctl_transfer *tr, uint64_t at, size_t len)
{
	struct smb3_handle *h = tr->source->handle;
	size_t got = 0;

	while (got < len) {
		ssize_t n = smb3_vfs_pread(h->mount->top, &tr->req->ctx, h, tr->buf + got,
					   len - got, at + got);

		if (n < 0)
			return n;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

static int write_whole(const struct ioctl_transfer *tr, uint64_t at, size_t len)
{
	struct smb3_handle *h = tr->dest->handle;
	size_t put = 0;

	while (put < len) {
		ssize_t n = smb3_vfs_pwrite(h->mount->top, &tr->req->ctx, h, tr->buf + put,
					    len - put, at + put);

		if (n <= 0)
			return n ? (int)n : -ENOSPC;
		put += (size_t)n;
	}
	return 0;
}

/* Through memory, a piece after the other: from the end where the ranges overlap that way. */
static int move_through(struct ioctl_transfer *tr, const struct ioctl_range *r)
{
	bool backwards = overlap(tr, r) && r->to > r->from;

	if (!tr->buf)
		tr->buf = smb3_arena_alloc(tr->req->arena, PIECE);
	while (tr->put < r->len) {
		size_t len = r->len - tr->put < PIECE ? r->len - tr->put : PIECE;
		uint64_t at = backwards ? r->len - tr->put - len : tr->put;
		ssize_t got = read_whole(tr, r->from + at, len);
		int err = got < 0 ? (int)got : write_whole(tr, r->to + at, (size_t)got);

		if (err)
			return err;
		if ((size_t)got < len)
			return -EIO; /* cut off meanwhile */
		tr->put += len;
	}
	return 0;
}

static int move_below(struct ioctl_transfer *tr, const struct ioctl_range *r)
{
	struct smb3_handle *from = tr->source->handle, *to = tr->dest->handle;

	while (tr->put < r->len) {
		ssize_t n = smb3_vfs_copy(to->mount->top, &tr->req->ctx, from, r->from + tr->put,
					  to, r->to + tr->put, r->len - tr->put, 0);

		if (n <= 0)
			return n ? (int)n : -EIO;
		tr->put += (size_t)n;
	}
	return 0;
}

ntstatus ioctl_transfer(struct ioctl_transfer *tr, const struct ioctl_range *r)
{
	ntstatus status;

	tr->put = 0;
	status = smb3_io_check(tr->req, tr->source, FILE_READ_DATA, r->from, r->len);
	if (!status)
		status = smb3_io_check(tr->req, tr->dest, FILE_WRITE_DATA, r->to, r->len);
	if (status)
		return status;
	if (tr->source->handle->mount == tr->dest->handle->mount && !overlap(tr, r))
		return smb3_status_from_errno(move_below(tr, r));
	return smb3_status_from_errno(move_through(tr, r));
}
