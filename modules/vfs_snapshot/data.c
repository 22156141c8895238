// SPDX-License-Identifier: Apache-2.0
/*
 * data.c: what is done with handles. Those of a version are read and described by the layers of its own
 * mount; all that would change something is refused as on a volume that cannot be written.
 */
#include "snap.h"

#include <smb3/fscc.h>
#include <string.h>

/* The layer that answers for h, and the handle that it knows it by. */
static struct smb3_vfs *below(const struct smb3_vfs *self, struct smb3_handle **h)
{
	struct smb3_handle *inner = inner_of(self, *h);

	if (!inner)
		return self->next;
	*h = inner;
	return inner->mount->top;
}

/* ---- reading ---- */

int snap_stat(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
	      struct smb3_stat *ret_stat)
{
	const struct version *v = snap_of(self, h)->version;
	struct smb3_vfs *vfs = below(self, &h);
	int err = smb3_vfs_stat(vfs, ctx, h, ret_stat);

	if (!err && v)
		version_stat(v, ret_stat);
	return err;
}

int snap_statfs(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		struct smb3_fsinfo *ret_info)
{
	bool old = inner_of(self, h);
	struct smb3_vfs *vfs = below(self, &h);
	int err = smb3_vfs_statfs(vfs, ctx, h, ret_info);

	if (!err && old)
		ret_info->features |= FILE_READ_ONLY_VOLUME;
	return err;
}

/* Between a version and the live share the data is read and written; the layers below could take
 * only handles of one mount. */
ssize_t snap_copy(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *from,
		  uint64_t from_offset, struct smb3_handle *to, uint64_t to_offset, size_t len,
		  uint32_t flags)
{
	if (inner_of(self, to))
		return -EROFS;
	if (inner_of(self, from))
		return -EOPNOTSUPP;
	return smb3_vfs_copy(self->next, ctx, from, from_offset, to, to_offset, len, flags);
}

int snap_fd(struct smb3_vfs *self, struct smb3_handle *h)
{
	struct smb3_vfs *vfs = below(self, &h);

	return smb3_vfs_fd(vfs, h);
}

ssize_t snap_pread(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		   void *buf, size_t len, uint64_t offset)
{
	struct smb3_vfs *vfs = below(self, &h);

	return smb3_vfs_pread(vfs, ctx, h, buf, len, offset);
}

ssize_t snap_splice(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		    struct smb3_tube *tube, size_t len, uint64_t offset)
{
	struct smb3_vfs *vfs = below(self, &h);

	return smb3_vfs_splice(vfs, ctx, h, tube, len, offset);
}

int snap_next_data(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		   uint64_t *offset, uint64_t *len)
{
	struct smb3_vfs *vfs = below(self, &h);

	return smb3_vfs_next_data(vfs, ctx, h, offset, len);
}

ssize_t snap_readlink(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      char *buf, size_t size)
{
	struct smb3_vfs *vfs = below(self, &h);

	return smb3_vfs_readlink(vfs, ctx, h, buf, size);
}

ssize_t snap_getxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      const char *name, void *buf, size_t size)
{
	struct smb3_vfs *vfs = below(self, &h);

	return smb3_vfs_getxattr(vfs, ctx, h, name, buf, size);
}

ssize_t snap_listxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       char *buf, size_t size)
{
	struct smb3_vfs *vfs = below(self, &h);

	return smb3_vfs_listxattr(vfs, ctx, h, buf, size);
}

int snap_list_streams(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      smb3_emit_stream_fn emit, void *arg)
{
	struct smb3_vfs *vfs = below(self, &h);

	return smb3_vfs_list_streams(vfs, ctx, h, emit, arg);
}

/* ---- changing ---- */

int snap_setattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		 const struct smb3_setattr *set)
{
	if (inner_of(self, h))
		return -EROFS;
	return smb3_vfs_setattr(self->next, ctx, h, set);
}

ssize_t snap_pwrite(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		    const void *buf, size_t len, uint64_t offset)
{
	if (inner_of(self, h))
		return -EROFS;
	return smb3_vfs_pwrite(self->next, ctx, h, buf, len, offset);
}

int snap_flush(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	if (inner_of(self, h))
		return -EROFS;
	return smb3_vfs_flush(self->next, ctx, h);
}

int snap_truncate(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		  uint64_t size)
{
	if (inner_of(self, h))
		return -EROFS;
	return smb3_vfs_truncate(self->next, ctx, h, size);
}

int snap_alloc(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
	       uint64_t offset, uint64_t len, uint32_t flags)
{
	if (inner_of(self, h))
		return -EROFS;
	return smb3_vfs_alloc(self->next, ctx, h, offset, len, flags);
}

int snap_setxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		  const char *name, const void *value, size_t len)
{
	if (inner_of(self, h))
		return -EROFS;
	return smb3_vfs_setxattr(self->next, ctx, h, name, value, len);
}

int snap_remove_stream(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	if (inner_of(self, h))
		return -EROFS;
	return smb3_vfs_remove_stream(self->next, ctx, h);
}

int snap_rename_stream(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       const char *to, uint32_t flags)
{
	if (inner_of(self, h))
		return -EROFS;
	return smb3_vfs_rename_stream(self->next, ctx, h, to, flags);
}

/* ---- names ---- */

/* What clients do not see, and the names of versions, they cannot make either. */
static int may_change(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		      const char *name)
{
	if (inner_of(self, dir))
		return -EROFS;
	if (snap_hidden(self, ctx, dir, name))
		return -EACCES;
	return snap_of(self, dir)->root && smb3_version_parse(name, strlen(name)) ? -EROFS : 0;
}

int snap_remove(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		const char *name, bool directory)
{
	int err = may_change(self, ctx, dir, name);

	return err ? err : smb3_vfs_remove(self->next, ctx, dir, name, directory);
}

/* A link of a client's may not lead to what clients do not see; it is kept as data. */
static bool leads_to_hidden(const struct smb3_vfs *self, const char *target)
{
	size_t at;

	return target && snap_names_hidden(self, target, &at);
}

int snap_make(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
	      const char *name, uint32_t mode, uint64_t rdev, const char *target)
{
	int err = may_change(self, ctx, dir, name);

	if (!err && leads_to_hidden(self, target))
		err = -EOPNOTSUPP;
	return err ? err : smb3_vfs_make(self->next, ctx, dir, name, mode, rdev, target);
}

int snap_rename(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		const char *name, struct smb3_handle *to_dir, const char *to_name, uint32_t flags)
{
	int err = may_change(self, ctx, dir, name);

	if (!err)
		err = may_change(self, ctx, to_dir, to_name);
	return err ? err : smb3_vfs_rename(self->next, ctx, dir, name, to_dir, to_name, flags);
}

int snap_link(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
	      struct smb3_handle *to_dir, const char *to_name)
{
	int err = inner_of(self, h) ? -EROFS : may_change(self, ctx, to_dir, to_name);

	return err ? err : smb3_vfs_link(self->next, ctx, h, to_dir, to_name);
}

int snap_become(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		const char *name, struct smb3_handle *h, const char *target)
{
	int err = inner_of(self, h) ? -EROFS : may_change(self, ctx, dir, name);

	if (!err && leads_to_hidden(self, target))
		err = -EOPNOTSUPP;
	return err ? err : smb3_vfs_become(self->next, ctx, dir, name, h, target);
}
