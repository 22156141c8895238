// SPDX-License-Identifier: Apache-2.0
/*
 * create_link.c: what reparse points answer. Links that are not followed here are the client's to
 * follow: it is told where they lead. [MS-SMB2] 2.2.2.2.1, 3.3.5.9; [MS-FSA] 2.1.5.1
 */
#include "file.h"

#include <errno.h>
#include <limits.h>
#include <smb3/reparse.h>
#include <sys/stat.h>

#define SYMLINK_ERROR_TAG 0x4C4D5953u
#define SYMLINK_FIELDS    12 /* before PathBuffer */

static bool is_link(const struct smb3_stat *st)
{
	return st->attributes & FILE_ATTRIBUTE_REPARSE_POINT &&
	       st->reparse_tag == IO_REPARSE_TAG_SYMLINK;
}

/* The fields of a link, from SubstituteNameOffset on; a link that is data is told as it was set. */
static int put_target(struct create *cr, struct smb3_handle *h, const struct smb3_stat *st,
		      struct smb3_builder *out)
{
	const struct smb3_ctx *ctx = &cr->c.req->ctx;
	char target[PATH_MAX + 1];
	uint8_t *blob;
	ssize_t n;

	if (S_ISLNK(st->mode)) {
		n = smb3_vfs_readlink(h->mount->top, ctx, h, target, PATH_MAX);
		if (n < 0)
			return (int)n;
		target[n] = '\0';
		smb3_put_symlink(out, target);
		return 0;
	}
	blob = smb3_arena_alloc(cr->c.req->arena, SMB3_REPARSE_MAX);
	n = smb3_vfs_getxattr(h->mount->top, ctx, h, SMB3_REPARSE_XATTR, blob, SMB3_REPARSE_MAX);
	if (n < SMB3_REPARSE_HEAD + SYMLINK_FIELDS)
		return n < 0 ? (int)n : -EINVAL;
	smb3_put_bytes(out, blob + SMB3_REPARSE_HEAD, (size_t)n - SMB3_REPARSE_HEAD);
	return 0;
}

/* rest: what of the path comes behind the link, with its separator; "" for nothing. */
static ntstatus put_stopped(struct create *cr, struct smb3_handle *h, const struct smb3_stat *st,
			    const char *rest)
{
	struct smb3_req *req = cr->c.req;
	struct smb3_builder b = smb3_builder_arena(req->arena, 4 * SMB3_REPARSE_MAX);
	size_t unparsed = smb3_utf16_size(rest);
	int err;

	if (cr->name.stream)
		unparsed += 2 + smb3_utf16_size(cr->name.stream);
	smb3_put_u32(&b, 0); /* SymLinkLength: of what follows */
	smb3_put_u32(&b, SYMLINK_ERROR_TAG);
	smb3_put_u32(&b, IO_REPARSE_TAG_SYMLINK);
	smb3_put_u16(&b, 0); /* ReparseDataLength */
	smb3_put_u16(&b, (uint16_t)unparsed);
	err = put_target(cr, h, st, &b);
	if (err || !smb3_builder_ok(&b))
		return smb3_status_from_errno(err ? err : -ENAMETOOLONG);
	smb3_set_u32(&b, 0, (uint32_t)b.len - 4);
	smb3_set_u16(&b, 12, (uint16_t)(b.len - 16));
	req->error_data = b.data;
	req->error_len = b.len;
	return smb3_req_deny(req, STATUS_STOPPED_ON_SYMLINK,
			     "%s: a symbolic link on the way is not followed", cr->name.path);
}

/* One step: *at moves to name below it. -ELOOP: name is the link, and *at is it. */
static int step(struct create *cr, struct smb3_handle **at, const char *name, struct smb3_stat *st)
{
	static const struct smb3_how follow = { .flags = SMB3_O_META };
	static const struct smb3_how itself = { .flags = SMB3_O_META | SMB3_O_NOFOLLOW };
	const struct smb3_ctx *ctx = &cr->c.req->ctx;
	struct smb3_handle *next = smb3_handle_new((*at)->mount);
	int err = smb3_vfs_open(next->mount->top, ctx, *at, name, &follow, next);

	if (err == -ELOOP || err == -EXDEV)
		err = smb3_vfs_open(next->mount->top, ctx, *at, name, &itself, next);
	if (!err)
		err = smb3_vfs_stat(next->mount->top, ctx, next, st);
	smb3_handle_free(*at);
	*at = next;
	return !err && is_link(st) ? -ELOOP : err;
}

ntstatus create_stopped(struct create *cr, int err)
{
	struct smb3_req *req = cr->c.req;
	struct smb3_handle *at = smb3_handle_new(req->tree->mount);
	char *path = smb3_arena_strdup(req->arena, cr->name.path), *rest = path, *name;
	ntstatus status = smb3_status_from_errno(err);
	struct smb3_stat st;

	err = smb3_vfs_root(at->mount->top, &req->ctx, at);
	while (!err && (name = strsep(&rest, "/")))
		err = step(cr, &at, name, &st);
	if (err == -ELOOP)
		status = put_stopped(cr, at, &st, rest ? cr->name.path + (rest - path) - 1 : "");
	else if (err == -EAGAIN)
		status = STATUS_RETRY;
	smb3_handle_free(at);
	return status;
}

/* A FIFO, socket or device of the server may still be deleted and renamed by clients that have
 * never heard of reparse points. */
static bool for_its_name(const struct create *cr)
{
	return !S_ISREG(cr->c.stat.mode) && !S_ISDIR(cr->c.stat.mode) && cr->wanted & SMB3_DELETE &&
	       !(cr->wanted & (ACCESS_READS | ACCESS_WRITES));
}

ntstatus create_check_reparse(struct create *cr)
{
	const struct smb3_stat *st = &cr->c.stat;

	if (!(st->attributes & FILE_ATTRIBUTE_REPARSE_POINT) || cr->made ||
	    cr->c.options & FILE_OPEN_REPARSE_POINT)
		return STATUS_SUCCESS;
	if (is_link(st) && !cr->base)
		return put_stopped(cr, cr->handle, st, "");
	return for_its_name(cr) ? STATUS_SUCCESS : STATUS_IO_REPARSE_TAG_NOT_HANDLED;
}
