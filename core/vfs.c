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

/* For the operations that fill a handle. */
static int vfs_opened(struct smb3_handle *h, int err)
{
	h->opened = err == 0;
	return err;
}

int smb3_vfs_root(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	VFS_SEEK(vfs, root);
	return vfs_opened(h, vfs ? vfs->ops->root(vfs, ctx, h) : -EOPNOTSUPP);
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
	VFS_SEEK(vfs, open);
	return vfs_opened(h, vfs ? vfs->ops->open(vfs, ctx, dir, name, how, h) : -EOPNOTSUPP);
}

int smb3_vfs_open_stream(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *base,
			 const char *stream, const struct smb3_how *how, struct smb3_handle *h)
{
	VFS_SEEK(vfs, open_stream);
	return vfs_opened(h, vfs ? vfs->ops->open_stream(vfs, ctx, base, stream, how, h) :
				   -EOPNOTSUPP);
}

int smb3_vfs_clone(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *from,
		   struct smb3_handle *h)
{
	VFS_SEEK(vfs, clone);
	return vfs_opened(h, vfs ? vfs->ops->clone(vfs, ctx, from, h) : -EOPNOTSUPP);
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
	VFS_SEEK(vfs, stat);
	return vfs ? vfs->ops->stat(vfs, ctx, h, ret_stat) : -EOPNOTSUPP;
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
	VFS_SEEK(vfs, setattr);
	return vfs ? vfs->ops->setattr(vfs, ctx, h, set) : -EOPNOTSUPP;
}

ssize_t smb3_vfs_pread(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       void *buf, size_t len, uint64_t offset)
{
	VFS_SEEK(vfs, pread);
	return vfs ? vfs->ops->pread(vfs, ctx, h, buf, len, offset) : -EOPNOTSUPP;
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
	VFS_SEEK(vfs, pwrite);
	return vfs ? vfs->ops->pwrite(vfs, ctx, h, buf, len, offset) : -EOPNOTSUPP;
}

int smb3_vfs_flush(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	VFS_SEEK(vfs, flush);
	return vfs ? vfs->ops->flush(vfs, ctx, h) : -EOPNOTSUPP;
}

int smb3_vfs_truncate(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      uint64_t size)
{
	VFS_SEEK(vfs, truncate);
	return vfs ? vfs->ops->truncate(vfs, ctx, h, size) : -EOPNOTSUPP;
}

int smb3_vfs_alloc(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		   uint64_t offset, uint64_t len, uint32_t flags)
{
	VFS_SEEK(vfs, alloc);
	return vfs ? vfs->ops->alloc(vfs, ctx, h, offset, len, flags) : -EOPNOTSUPP;
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
	VFS_SEEK(vfs, readdir);
	return vfs ? vfs->ops->readdir(vfs, ctx, h, cookie, emit, arg) : -EOPNOTSUPP;
}

int smb3_vfs_remove(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		    const char *name, bool directory)
{
	VFS_SEEK(vfs, remove);
	return vfs ? vfs->ops->remove(vfs, ctx, dir, name, directory) : -EOPNOTSUPP;
}

int smb3_vfs_rename(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		    const char *name, struct smb3_handle *to_dir, const char *to_name,
		    uint32_t flags)
{
	VFS_SEEK(vfs, rename);
	return vfs ? vfs->ops->rename(vfs, ctx, dir, name, to_dir, to_name, flags) : -EOPNOTSUPP;
}

int smb3_vfs_link(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		  struct smb3_handle *to_dir, const char *to_name)
{
	VFS_SEEK(vfs, link);
	return vfs ? vfs->ops->link(vfs, ctx, h, to_dir, to_name) : -EOPNOTSUPP;
}

int smb3_vfs_make(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		  const char *name, uint32_t mode, uint64_t rdev, const char *target)
{
	VFS_SEEK(vfs, make);
	return vfs ? vfs->ops->make(vfs, ctx, dir, name, mode, rdev, target) : -EOPNOTSUPP;
}

int smb3_vfs_become(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		    const char *name, struct smb3_handle *h, const char *target)
{
	VFS_SEEK(vfs, become);
	return vfs ? vfs->ops->become(vfs, ctx, dir, name, h, target) : -EOPNOTSUPP;
}

ssize_t smb3_vfs_readlink(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  char *buf, size_t size)
{
	VFS_SEEK(vfs, readlink);
	return vfs ? vfs->ops->readlink(vfs, ctx, h, buf, size) : -EOPNOTSUPP;
}

ssize_t smb3_vfs_getxattr(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  const char *name, void *buf, size_t size)
{
	VFS_SEEK(vfs, getxattr);
	return vfs ? vfs->ops->getxattr(vfs, ctx, h, name, buf, size) : -EOPNOTSUPP;
}

int smb3_vfs_setxattr(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      const char *name, const void *value, size_t len)
{
	VFS_SEEK(vfs, setxattr);
	return vfs ? vfs->ops->setxattr(vfs, ctx, h, name, value, len) : -EOPNOTSUPP;
}

ssize_t smb3_vfs_listxattr(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
			   char *buf, size_t size)
{
	VFS_SEEK(vfs, listxattr);
	return vfs ? vfs->ops->listxattr(vfs, ctx, h, buf, size) : -EOPNOTSUPP;
}

int smb3_vfs_list_streams(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  smb3_emit_stream_fn emit, void *arg)
{
	VFS_SEEK(vfs, list_streams);
	return vfs ? vfs->ops->list_streams(vfs, ctx, h, emit, arg) : -EOPNOTSUPP;
}

int smb3_vfs_remove_stream(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	VFS_SEEK(vfs, remove_stream);
	return vfs ? vfs->ops->remove_stream(vfs, ctx, h) : -EOPNOTSUPP;
}

int smb3_vfs_rename_stream(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
			   const char *to, uint32_t flags)
{
	VFS_SEEK(vfs, rename_stream);
	return vfs ? vfs->ops->rename_stream(vfs, ctx, h, to, flags) : -EOPNOTSUPP;
}

int smb3_vfs_statfs(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		    struct smb3_fsinfo *ret_info)
{
	VFS_SEEK(vfs, statfs);
	return vfs ? vfs->ops->statfs(vfs, ctx, h, ret_info) : -EOPNOTSUPP;
}

int smb3_vfs_short_name(struct smb3_vfs *vfs, const char *name, char ret_short[SMB3_SHORT_NAME])
{
	VFS_SEEK(vfs, short_name);
	return vfs ? vfs->ops->short_name(vfs, name, ret_short) : -EOPNOTSUPP;
}

char *smb3_vfs_client_name(struct smb3_vfs *vfs, const char *disk)
{
	VFS_SEEK(vfs, client_name);
	return vfs ? vfs->ops->client_name(vfs, disk) : smb3_strdup(disk);
}

int smb3_vfs_fd(struct smb3_vfs *vfs, struct smb3_handle *h)
{
	VFS_SEEK(vfs, fd);
	return vfs ? vfs->ops->fd(vfs, h) : -EOPNOTSUPP;
}
