// SPDX-License-Identifier: Apache-2.0
/*
 * vfs.c: one function per file system operation: the first layer that has it answers, and at the
 * bottom the default.
 */
#include "core.h"

#include <string.h>

#define VFS_COPY_CHUNK (256 * 1024)

/* Moves vfs down to the first layer with that operation; NULL when there is none. */
#define VFS_SEEK(vfs, op)                    \
	do {                                 \
		while (vfs && !vfs->ops->op) \
			vfs = vfs->next;     \
	} while (0)

/* What it answers there; -EOPNOTSUPP when there is none. */
#define VFS_ASK(vfs, op, ...)                                       \
	({                                                          \
		VFS_SEEK(vfs, op);                                  \
		vfs ? vfs->ops->op(vfs, __VA_ARGS__) : -EOPNOTSUPP; \
	})

/* For the operations that fill a handle. */
static int vfs_opened(struct smb3_handle *h, int err)
{
	h->opened = err == 0;
	return err;
}

int smb3_vfs_root(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	return vfs_opened(h, VFS_ASK(vfs, root, ctx, h));
}

/* Gives back a handle that was opened from layer vfs on: those above know nothing of it. */
static void vfs_walked(struct smb3_vfs *vfs, struct smb3_handle *h)
{
	if (h->opened)
		smb3_vfs_close(vfs, h);
	smb3_handle_free(h);
}

static int vfs_walk_each(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			 const char *path, struct smb3_handle *h)
{
	const struct smb3_how how = { .flags = SMB3_O_META | SMB3_O_DIRECTORY };
	char *copy = smb3_strdup(path), *rest = copy, *name;
	struct smb3_handle *at = dir;
	int err = *path ? 0 : -EINVAL;

	while (!err && (name = strsep(&rest, "/"))) {
		struct smb3_handle *next = rest ? smb3_handle_new(dir->mount) : h;

		err = smb3_vfs_open(vfs, ctx, at, name, &how, next);
		if (at != dir)
			vfs_walked(vfs, at);
		at = next;
	}
	if (at != dir && at != h)
		vfs_walked(vfs, at);
	free(copy);
	return err;
}

/* A filter that has open but not walk must see each component, or what it hides could still be
 * walked through. */
int smb3_vfs_walk(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		  const char *path, struct smb3_handle *h)
{
	while (vfs && !vfs->ops->walk && !vfs->ops->open)
		vfs = vfs->next;
	if (!vfs)
		return vfs_opened(h, -EOPNOTSUPP);
	if (!vfs->ops->walk)
		return vfs_walk_each(vfs, ctx, dir, path, h);
	return vfs_opened(h, vfs->ops->walk(vfs, ctx, dir, path, h));
}

int smb3_vfs_open(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		  const char *name, const struct smb3_how *how, struct smb3_handle *h)
{
	return vfs_opened(h, VFS_ASK(vfs, open, ctx, dir, name, how, h));
}

int smb3_vfs_open_stream(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *base,
			 const char *stream, const struct smb3_how *how, struct smb3_handle *h)
{
	return vfs_opened(h, VFS_ASK(vfs, open_stream, ctx, base, stream, how, h));
}

int smb3_vfs_clone(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *from,
		   struct smb3_handle *h)
{
	return vfs_opened(h, VFS_ASK(vfs, clone, ctx, from, h));
}

void smb3_vfs_close(struct smb3_vfs *vfs, struct smb3_handle *h)
{
	SMB3_CHECK(h, SMB3_HANDLE_MAGIC);
	VFS_SEEK(vfs, close);
	if (vfs)
		vfs->ops->close(vfs, h);
	h->opened = false;
}

int smb3_vfs_stat(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		  struct smb3_stat *ret_stat)
{
	return VFS_ASK(vfs, stat, ctx, h, ret_stat);
}

static int vfs_lookup_by_open(struct smb3_vfs *vfs, const struct smb3_ctx *ctx,
			      struct smb3_handle *dir, const char *name, struct smb3_stat *ret_stat)
{
	const struct smb3_how how = { .flags = SMB3_O_META };
	struct smb3_handle *h = smb3_handle_new(dir->mount);
	int err = smb3_vfs_open(vfs, ctx, dir, name, &how, h);

	if (!err)
		err = smb3_vfs_stat(vfs, ctx, h, ret_stat);
	vfs_walked(vfs, h);
	return err;
}

int smb3_vfs_lookup(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		    const char *name, struct smb3_stat *ret_stat)
{
	struct smb3_vfs *first = vfs;

	VFS_SEEK(vfs, lookup);
	if (!vfs)
		return vfs_lookup_by_open(first, ctx, dir, name, ret_stat);
	return vfs->ops->lookup(vfs, ctx, dir, name, ret_stat);
}

int smb3_vfs_setattr(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		     const struct smb3_setattr *set)
{
	return VFS_ASK(vfs, setattr, ctx, h, set);
}

ssize_t smb3_vfs_pread(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       void *buf, size_t len, uint64_t offset)
{
	return VFS_ASK(vfs, pread, ctx, h, buf, len, offset);
}

ssize_t smb3_vfs_splice(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
			struct smb3_tube *tube, size_t len, uint64_t offset)
{
	while (vfs && !vfs->ops->splice && !vfs->ops->pread)
		vfs = vfs->next;
	return vfs && vfs->ops->splice ? vfs->ops->splice(vfs, ctx, h, tube, len, offset) :
					 -EOPNOTSUPP;
}

ssize_t smb3_vfs_pwrite(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
			const void *buf, size_t len, uint64_t offset)
{
	return VFS_ASK(vfs, pwrite, ctx, h, buf, len, offset);
}

int smb3_vfs_flush(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	return VFS_ASK(vfs, flush, ctx, h);
}

int smb3_vfs_truncate(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      uint64_t size)
{
	return VFS_ASK(vfs, truncate, ctx, h, size);
}

int smb3_vfs_alloc(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		   uint64_t offset, uint64_t len, uint32_t flags)
{
	return VFS_ASK(vfs, alloc, ctx, h, offset, len, flags);
}

static int vfs_all_data(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
			uint64_t *offset, uint64_t *len)
{
	struct smb3_stat st;
	int err = smb3_vfs_stat(vfs, ctx, h, &st);

	if (err)
		return err;
	if (*offset >= st.size)
		return -ENXIO;
	*len = st.size - *offset;
	return 0;
}

int smb3_vfs_next_data(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       uint64_t *offset, uint64_t *len)
{
	struct smb3_vfs *first = vfs;
	int err;

	VFS_SEEK(vfs, next_data);
	err = vfs ? vfs->ops->next_data(vfs, ctx, h, offset, len) : -EOPNOTSUPP;
	return err == -EOPNOTSUPP ? vfs_all_data(first, ctx, h, offset, len) : err;
}

/* A chunk is read whole before it is written, so ranges of one file may overlap inside it. */
static ssize_t vfs_copy_chunk(struct smb3_vfs *vfs, const struct smb3_ctx *ctx,
			      struct smb3_handle *from, uint64_t from_offset,
			      struct smb3_handle *to, uint64_t to_offset, size_t len)
{
	void *buf;
	ssize_t n;

	if (ctx->nowait)
		return -EAGAIN;
	if (len > VFS_COPY_CHUNK)
		len = VFS_COPY_CHUNK;
	buf = smb3_realloc(NULL, len);
	n = smb3_vfs_pread(vfs, ctx, from, buf, len, from_offset);
	if (n > 0)
		n = smb3_vfs_pwrite(vfs, ctx, to, buf, (size_t)n, to_offset);
	free(buf);
	return n;
}

ssize_t smb3_vfs_copy(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *from,
		      uint64_t from_offset, struct smb3_handle *to, uint64_t to_offset, size_t len,
		      uint32_t flags)
{
	struct smb3_vfs *first = vfs;
	ssize_t n = -EOPNOTSUPP;

	VFS_SEEK(vfs, copy);
	if (vfs)
		n = vfs->ops->copy(vfs, ctx, from, from_offset, to, to_offset, len, flags);
	if (n == -EOPNOTSUPP && !(flags & SMB3_COPY_CLONE))
		n = vfs_copy_chunk(first, ctx, from, from_offset, to, to_offset, len);
	return n;
}

int smb3_vfs_readdir(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		     uint64_t *cookie, smb3_emit_fn emit, void *arg)
{
	return VFS_ASK(vfs, readdir, ctx, h, cookie, emit, arg);
}

int smb3_vfs_remove(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		    const char *name, bool directory)
{
	return VFS_ASK(vfs, remove, ctx, dir, name, directory);
}

int smb3_vfs_rename(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		    const char *name, struct smb3_handle *to_dir, const char *to_name,
		    uint32_t flags)
{
	return VFS_ASK(vfs, rename, ctx, dir, name, to_dir, to_name, flags);
}

int smb3_vfs_link(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		  struct smb3_handle *to_dir, const char *to_name)
{
	return VFS_ASK(vfs, link, ctx, h, to_dir, to_name);
}

int smb3_vfs_make(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		  const char *name, uint32_t mode, uint64_t rdev, const char *target)
{
	return VFS_ASK(vfs, make, ctx, dir, name, mode, rdev, target);
}

int smb3_vfs_become(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		    const char *name, struct smb3_handle *h, const char *target)
{
	return VFS_ASK(vfs, become, ctx, dir, name, h, target);
}

ssize_t smb3_vfs_readlink(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  char *buf, size_t size)
{
	return VFS_ASK(vfs, readlink, ctx, h, buf, size);
}

ssize_t smb3_vfs_getxattr(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  const char *name, void *buf, size_t size)
{
	return VFS_ASK(vfs, getxattr, ctx, h, name, buf, size);
}

int smb3_vfs_setxattr(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      const char *name, const void *value, size_t len)
{
	return VFS_ASK(vfs, setxattr, ctx, h, name, value, len);
}

ssize_t smb3_vfs_listxattr(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
			   char *buf, size_t size)
{
	return VFS_ASK(vfs, listxattr, ctx, h, buf, size);
}

int smb3_vfs_list_streams(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  smb3_emit_stream_fn emit, void *arg)
{
	return VFS_ASK(vfs, list_streams, ctx, h, emit, arg);
}

int smb3_vfs_remove_stream(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	return VFS_ASK(vfs, remove_stream, ctx, h);
}

int smb3_vfs_rename_stream(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
			   const char *to, uint32_t flags)
{
	return VFS_ASK(vfs, rename_stream, ctx, h, to, flags);
}

int smb3_vfs_statfs(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		    struct smb3_fsinfo *ret_info)
{
	return VFS_ASK(vfs, statfs, ctx, h, ret_info);
}

int smb3_vfs_short_name(struct smb3_vfs *vfs, const char *name, char ret_short[SMB3_SHORT_NAME])
{
	return VFS_ASK(vfs, short_name, name, ret_short);
}

char *smb3_vfs_client_name(struct smb3_vfs *vfs, const char *disk)
{
	VFS_SEEK(vfs, client_name);
	return vfs ? vfs->ops->client_name(vfs, disk) : smb3_strdup(disk);
}

int smb3_vfs_fd(struct smb3_vfs *vfs, struct smb3_handle *h)
{
	return VFS_ASK(vfs, fd, h);
}
