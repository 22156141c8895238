// SPDX-License-Identifier: Apache-2.0
/*
 * test_layers.c: see test_layers.h.
 */
#include "test_layers.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

char layers_said[4096];
int layers_mount_error;

static void say(const struct smb3_vfs *self, const char *what)
{
	size_t len = strlen(layers_said);

	snprintf(layers_said + len, sizeof(layers_said) - len, "%s.%s ", self->ops->name, what);
}

/* ---- a layer that has every operation: speaks, and passes on ---- */

static int f_mount(struct smb3_vfs *self, const struct smb3_share *share)
{
	say(self, "mount");
	return strcmp(self->ops->name, "B") ? 0 : layers_mount_error;
}

static void f_unmount(struct smb3_vfs *self)
{
	say(self, "unmount");
}

static int f_root(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	say(self, "root");
	return self->next ? smb3_vfs_root(self->next, ctx, h) : 0;
}

static int f_walk(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		  const char *path, struct smb3_handle *h)
{
	say(self, "walk");
	return self->next ? smb3_vfs_walk(self->next, ctx, dir, path, h) : 0;
}

/* The name tells the bottom what to answer: "!" is an error. */
static int f_open(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		  const char *name, const struct smb3_how *how, struct smb3_handle *h)
{
	say(self, "open");
	if (self->next)
		return smb3_vfs_open(self->next, ctx, dir, name, how, h);
	return *name == '!' ? -EACCES : 0;
}

static int f_open_stream(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			 struct smb3_handle *base, const char *stream, const struct smb3_how *how,
			 struct smb3_handle *h)
{
	say(self, "open_stream");
	return self->next ? smb3_vfs_open_stream(self->next, ctx, base, stream, how, h) : 0;
}

static void f_close(struct smb3_vfs *self, struct smb3_handle *h)
{
	say(self, "close");
	if (self->next)
		smb3_vfs_close(self->next, h);
}

static int f_stat(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		  struct smb3_stat *ret_stat)
{
	say(self, "stat");
	if (self->next)
		return smb3_vfs_stat(self->next, ctx, h, ret_stat);
	*ret_stat = (struct smb3_stat){ .size = 1000 };
	return 0;
}

static int f_lookup(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		    const char *name, struct smb3_stat *ret_stat)
{
	say(self, "lookup");
	return self->next ? smb3_vfs_lookup(self->next, ctx, dir, name, ret_stat) : 0;
}

static int f_setattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		     const struct smb3_setattr *set)
{
	say(self, "setattr");
	return self->next ? smb3_vfs_setattr(self->next, ctx, h, set) : 0;
}

static ssize_t f_pread(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       void *buf, size_t len, uint64_t offset)
{
	say(self, "pread");
	if (self->next)
		return smb3_vfs_pread(self->next, ctx, h, buf, len, offset);
	if (offset >= 1000)
		return 0;
	len = len < 1000 - offset ? len : 1000 - offset;
	memset(buf, 'r', len);
	return (ssize_t)len;
}

static ssize_t f_splice(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			struct smb3_tube *tube, size_t len, uint64_t offset)
{
	say(self, "splice");
	return self->next ? smb3_vfs_splice(self->next, ctx, h, tube, len, offset) : (ssize_t)len;
}

static ssize_t f_pwrite(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			const void *buf, size_t len, uint64_t offset)
{
	say(self, "pwrite");
	if (self->next)
		return smb3_vfs_pwrite(self->next, ctx, h, buf, len, offset);
	cr_expect(!len || *(const char *)buf == 'r');
	return (ssize_t)len;
}

static int f_flush(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	say(self, "flush");
	return self->next ? smb3_vfs_flush(self->next, ctx, h) : 0;
}

static int f_truncate(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      uint64_t size)
{
	say(self, "truncate");
	return self->next ? smb3_vfs_truncate(self->next, ctx, h, size) : 0;
}

static int f_alloc(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		   uint64_t offset, uint64_t len, uint32_t flags)
{
	say(self, "alloc");
	return self->next ? smb3_vfs_alloc(self->next, ctx, h, offset, len, flags) : 0;
}

static int f_next_data(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       uint64_t *offset, uint64_t *len)
{
	say(self, "next_data");
	return self->next ? smb3_vfs_next_data(self->next, ctx, h, offset, len) : -ENXIO;
}

static ssize_t f_copy(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *from,
		      uint64_t from_offset, struct smb3_handle *to, uint64_t to_offset, size_t len,
		      uint32_t flags)
{
	say(self, "copy");
	if (self->next)
		return smb3_vfs_copy(self->next, ctx, from, from_offset, to, to_offset, len, flags);
	return (ssize_t)len;
}

static int f_readdir(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		     uint64_t *cookie, smb3_emit_fn emit, void *arg)
{
	say(self, "readdir");
	return self->next ? smb3_vfs_readdir(self->next, ctx, h, cookie, emit, arg) : 0;
}

static int f_remove(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		    const char *name, bool directory)
{
	say(self, "remove");
	return self->next ? smb3_vfs_remove(self->next, ctx, dir, name, directory) : 0;
}

static int f_rename(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		    const char *name, struct smb3_handle *to_dir, const char *to_name,
		    uint32_t flags)
{
	say(self, "rename");
	return self->next ? smb3_vfs_rename(self->next, ctx, dir, name, to_dir, to_name, flags) : 0;
}

static int f_link(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		  struct smb3_handle *to_dir, const char *to_name)
{
	say(self, "link");
	return self->next ? smb3_vfs_link(self->next, ctx, h, to_dir, to_name) : 0;
}

static int f_make(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		  const char *name, uint32_t mode, uint64_t rdev, const char *target)
{
	say(self, "make");
	return self->next ? smb3_vfs_make(self->next, ctx, dir, name, mode, rdev, target) : 0;
}

static ssize_t f_readlink(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  char *buf, size_t size)
{
	say(self, "readlink");
	return self->next ? smb3_vfs_readlink(self->next, ctx, h, buf, size) : 0;
}

static ssize_t f_getxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  const char *name, void *buf, size_t size)
{
	say(self, "getxattr");
	return self->next ? smb3_vfs_getxattr(self->next, ctx, h, name, buf, size) : 0;
}

static int f_setxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      const char *name, const void *value, size_t len)
{
	say(self, "setxattr");
	return self->next ? smb3_vfs_setxattr(self->next, ctx, h, name, value, len) : 0;
}

static ssize_t f_listxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			   char *buf, size_t size)
{
	say(self, "listxattr");
	return self->next ? smb3_vfs_listxattr(self->next, ctx, h, buf, size) : 0;
}

static int f_list_streams(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  smb3_emit_stream_fn emit, void *arg)
{
	say(self, "list_streams");
	return self->next ? smb3_vfs_list_streams(self->next, ctx, h, emit, arg) : 0;
}

static int f_statfs(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		    struct smb3_fsinfo *ret_info)
{
	say(self, "statfs");
	return self->next ? smb3_vfs_statfs(self->next, ctx, h, ret_info) : 0;
}

static int f_fd(struct smb3_vfs *self, struct smb3_handle *h)
{
	say(self, "fd");
	return self->next ? smb3_vfs_fd(self->next, h) : 7;
}

#define EVERY_OPERATION                                                                         \
	.mount = f_mount, .unmount = f_unmount, .root = f_root, .walk = f_walk, .open = f_open, \
	.open_stream = f_open_stream, .close = f_close, .stat = f_stat, .lookup = f_lookup,     \
	.setattr = f_setattr, .pread = f_pread, .pwrite = f_pwrite, .flush = f_flush,           \
	.truncate = f_truncate, .alloc = f_alloc, .next_data = f_next_data, .copy = f_copy,     \
	.readdir = f_readdir, .remove = f_remove, .rename = f_rename, .link = f_link,           \
	.make = f_make, .readlink = f_readlink, .getxattr = f_getxattr, .setxattr = f_setxattr, \
	.listxattr = f_listxattr, .list_streams = f_list_streams, .statfs = f_statfs, .fd = f_fd

static const struct smb3_vfs_ops ops_a = {
	.name = "A", .flags = SMB3_VFS_FILTER, .handle_size = 1, .mount_size = 3, EVERY_OPERATION
};
static const struct smb3_vfs_ops ops_b = {
	.name = "B", .flags = SMB3_VFS_FILTER, .handle_size = 17, EVERY_OPERATION
};
static const struct smb3_vfs_ops ops_c = {
	.name = "C", .flags = SMB3_VFS_FILTER | SMB3_VFS_BLOCKS, .handle_size = 100, EVERY_OPERATION
};
static const struct smb3_vfs_ops ops_z = { .name = "Z", .handle_size = 40, EVERY_OPERATION };
/* Has nothing, as a filter and as a backend. */
static const struct smb3_vfs_ops ops_gap = { .name = "gap", .flags = SMB3_VFS_FILTER };
static const struct smb3_vfs_ops ops_none = { .name = "none" };
/* Has what core's defaults are made of. */
static const struct smb3_vfs_ops ops_few = {
	.name = "few",
	.root = f_root,
	.open = f_open,
	.close = f_close,
	.stat = f_stat,
	.pread = f_pread,
	.pwrite = f_pwrite,
};
static const struct smb3_vfs_ops ops_opener = {
	.name = "opener", .flags = SMB3_VFS_FILTER, .open = f_open, .close = f_close
};

static ssize_t cannot_copy(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			   struct smb3_handle *from, uint64_t from_offset, struct smb3_handle *to,
			   uint64_t to_offset, size_t len, uint32_t flags)
{
	say(self, "copy");
	return -EOPNOTSUPP;
}

static const struct smb3_vfs_ops ops_nocopy = { .name = "nocopy",
						.flags = SMB3_VFS_FILTER,
						.copy = cannot_copy };

/* These come by themselves where the share's comment names them. */
static bool named_in_comment(const struct smb3_mod *mod, const struct smb3_share *share)
{
	return share->comment && strchr(share->comment, 'w');
}

static const struct smb3_vfs_ops ops_late = { .name = "late",
					      .flags = SMB3_VFS_FILTER,
					      .wanted = named_in_comment,
					      .order = 9,
					      EVERY_OPERATION };
static const struct smb3_vfs_ops ops_early = { .name = "early",
					       .flags = SMB3_VFS_FILTER,
					       .wanted = named_in_comment,
					       .order = 2,
					       EVERY_OPERATION };

/* What is read may go past lets, and comes from uncopied. */
static const struct smb3_vfs_ops ops_uncopied = { .name = "uncopied",
						  .pread = f_pread,
						  .splice = f_splice };
static const struct smb3_vfs_ops ops_lets = {
	.name = "lets", .flags = SMB3_VFS_FILTER, .pread = f_pread, .splice = f_splice
};

const struct smb3_provide layers[] = {
	SMB3_VFS(&ops_late),   SMB3_VFS(&ops_early),
	SMB3_VFS(&ops_a),      SMB3_VFS(&ops_b),
	SMB3_VFS(&ops_c),      SMB3_VFS(&ops_z),
	SMB3_VFS(&ops_gap),    SMB3_VFS(&ops_none),
	SMB3_VFS(&ops_few),    SMB3_VFS(&ops_opener),
	SMB3_VFS(&ops_nocopy), SMB3_VFS(&ops_uncopied),
	SMB3_VFS(&ops_lets),   SMB3_END,
};
