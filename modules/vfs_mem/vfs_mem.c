// SPDX-License-Identifier: Apache-2.0
/*
 * vfs_mem.c: the backend "mem": a file system in memory, for tests. It is empty at start and gone
 * at the end, never blocks, ignores case, and asks for no rights.
 */
#include "mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct mem_conf {
	uint64_t size;
};

static const struct smb3_option mem_options[] = {
	{ .name = "size",
	  .type = SMB3_OPT_SIZE,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct mem_conf, size),
	  .value = "64M",
	  .min = 65536,
	  .max = (int64_t)1 << 40,
	  .help = "How much a share may hold." },
	SMB3_OPTION_END,
};

static struct mem_node *mem_data(struct smb3_vfs *self, struct smb3_handle *h)
{
	return ((struct mem_handle *)smb3_vfs_of(self, h))->data;
}

static int mem_mount(struct smb3_vfs *self, const struct smb3_share *share)
{
	const struct mem_conf *conf = smb3_conf_of(self->mod, share);
	static const struct smb3_ctx ctx = { 0 };
	struct mem_mount *m = self->data;

	m->limit = conf->size;
	smb3_random(&m->dev, sizeof(m->dev));
	pthread_mutex_init(&m->lock, NULL);
	m->root = mem_node_new(m, &ctx, S_IFDIR | 0755);
	m->root->st.attributes = FILE_ATTRIBUTE_DIRECTORY;
	m->root->st.links = 1;
	return 0;
}

static void mem_unmount(struct smb3_vfs *self)
{
	struct mem_mount *m = self->data;

	mem_node_unref(m, m->root);
	pthread_mutex_destroy(&m->lock);
}

/* ---- handles ---- */

static void mem_take(struct smb3_vfs *self, struct smb3_handle *h, struct mem_node *node,
		     struct mem_node *data)
{
	struct mem_handle *mh = smb3_vfs_of(self, h);

	node->refs++;
	data->refs++;
	mh->node = node;
	mh->data = data;
	h->directory = S_ISDIR(data->st.mode);
}

static int mem_root(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	struct mem_mount *m = mem_lock(self);

	mem_take(self, h, m->root, m->root);
	smb3_handle_name(h, "");
	mem_unlock(m);
	return 0;
}

static void mem_close(struct smb3_vfs *self, struct smb3_handle *h)
{
	struct mem_handle *mh = smb3_vfs_of(self, h);
	struct mem_mount *m = mem_lock(self);

	mem_node_unref(m, mh->data);
	mem_node_unref(m, mh->node);
	*mh = (struct mem_handle){ 0 };
	mem_unlock(m);
}

/* The mutex is held where there is an m. */
static int mem_open_new(struct mem_mount *m, const struct smb3_ctx *ctx, struct mem_node *dir,
			const char *name, const struct smb3_how *how, struct mem_node **ret_node)
{
	uint32_t type = how->flags & SMB3_O_DIRECTORY ? S_IFDIR : S_IFREG;
	struct mem_node *node;
	int err;

	if (how->alloc > m->limit - m->used)
		return -ENOSPC;
	err = mem_create(m, ctx, dir, name, type | (how->mode & 07777), &node);
	if (err)
		return err;
	node->st.attributes = mem_attributes(type, how->attributes);
	if (type == S_IFREG)
		node->st.alloc = how->alloc;
	*ret_node = node;
	return 0;
}

static int mem_open_check(const struct mem_node *node, const struct smb3_how *how)
{
	if (how->flags & SMB3_O_DIRECTORY && !S_ISDIR(node->st.mode))
		return -ENOTDIR;
	if (S_ISLNK(node->st.mode) && !(how->flags & SMB3_O_NOFOLLOW))
		return -ELOOP;
	if (!S_ISREG(node->st.mode) && !S_ISDIR(node->st.mode) && !S_ISLNK(node->st.mode) &&
	    how->flags & (SMB3_O_READ | SMB3_O_WRITE))
		return -EACCES;
	return 0;
}

static int mem_open(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		    const char *name, const struct smb3_how *how, struct smb3_handle *h)
{
	struct mem_mount *m = mem_lock(self);
	struct mem_node *at = mem_of(self, dir), *node;
	const struct mem_entry *entry;
	int err = mem_check_name(self, dir, name);

	if (!err && how->flags & SMB3_O_CREATE)
		err = mem_open_new(m, ctx, at, name, how, &node);
	if (!err) {
		entry = mem_find(&at->entries, name, how->flags & SMB3_O_EXACT);
		err = entry ? mem_open_check(entry->node, how) : -ENOENT;
	}
	if (!err) {
		mem_take(self, h, entry->node, entry->node);
		smb3_handle_name(h, entry->name);
	}
	mem_unlock(m);
	return err;
}

static int mem_open_stream(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			   struct smb3_handle *base, const char *stream, const struct smb3_how *how,
			   struct smb3_handle *h)
{
	struct mem_mount *m = mem_lock(self);
	struct mem_node *node = mem_of(self, base), *made = NULL;
	const struct mem_entry *entry;
	int err = how->flags & SMB3_O_DIRECTORY ? -ENOTDIR : 0;

	if (!err && how->flags & SMB3_O_CREATE) {
		made = mem_node_new(m, ctx, S_IFREG);
		err = made ? mem_add(m, &node->streams, stream, made) : -ENOSPC;
		mem_node_unref(m, made);
	}
	entry = err ? NULL : mem_find(&node->streams, stream, false);
	if (!err && !entry)
		err = -ENOENT;
	if (!err) {
		mem_take(self, h, node, entry->node);
		smb3_handle_name(h, entry->name);
	}
	mem_unlock(m);
	return err;
}

static int mem_clone(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *from,
		     struct smb3_handle *h)
{
	struct mem_mount *m = mem_lock(self);

	mem_take(self, h, mem_of(self, from), mem_data(self, from));
	smb3_handle_name(h, from->name);
	mem_unlock(m);
	return 0;
}

/* ---- what an object is ---- */

static int mem_stat(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		    struct smb3_stat *ret_stat)
{
	struct mem_mount *m = mem_lock(self);

	mem_fill(mem_of(self, h), mem_data(self, h), ret_stat);
	mem_unlock(m);
	return 0;
}

static int mem_setattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       const struct smb3_setattr *set)
{
	struct mem_mount *m = mem_lock(self);
	struct smb3_stat *st = &mem_of(self, h)->st;

	if (set->mask & SMB3_SET_CREATED)
		st->created = set->created;
	if (set->mask & SMB3_SET_ACCESSED)
		st->accessed = set->accessed;
	if (set->mask & SMB3_SET_WRITTEN)
		st->written = set->written;
	st->changed = set->mask & SMB3_SET_CHANGED ? set->changed : smb3_now();
	if (set->mask & SMB3_SET_ATTRIBUTES)
		st->attributes = (st->attributes & ~MEM_SETTABLE) |
				 (set->attributes & MEM_SETTABLE);
	if (set->mask & SMB3_SET_MODE)
		st->mode = (st->mode & S_IFMT) | (set->mode & 07777);
	if (set->mask & SMB3_SET_OWNER && set->uid != (uid_t)-1)
		st->uid = set->uid;
	if (set->mask & SMB3_SET_GROUP && set->gid != (gid_t)-1)
		st->gid = set->gid;
	mem_unlock(m);
	return 0;
}

/* ---- contents ---- */

static ssize_t mem_pread(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			 void *buf, size_t len, uint64_t offset)
{
	struct mem_mount *m = mem_lock(self);
	const struct mem_node *data = mem_data(self, h);
	size_t here = 0;

	if (S_ISDIR(data->st.mode)) {
		mem_unlock(m);
		return -EISDIR;
	}
	if (offset >= data->st.size)
		len = 0;
	else if (len > data->st.size - offset)
		len = data->st.size - offset;
	if (offset < data->room)
		here = len < data->room - offset ? len : data->room - offset;
	if (here)
		memcpy(buf, data->bytes + offset, here);
	memset((char *)buf + here, 0, len - here);
	mem_unlock(m);
	return (ssize_t)len;
}

static ssize_t mem_pwrite(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  const void *buf, size_t len, uint64_t offset)
{
	struct mem_mount *m = mem_lock(self);
	struct mem_node *data = mem_data(self, h);
	int err = offset > INT64_MAX || len > INT64_MAX - offset ? -EFBIG : 0;

	if (!err && S_ISDIR(data->st.mode))
		err = -EISDIR;
	if (!err && len)
		err = mem_grow(m, data, offset + len);
	if (!err && len) {
		memcpy(data->bytes + offset, buf, len);
		if (data->st.size < offset + len)
			data->st.size = offset + len;
		mem_touch(mem_of(self, h));
	}
	mem_unlock(m);
	return err ? err : (ssize_t)len;
}

static int mem_flush(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	return 0; /* there is no disk that could lag behind */
}

static int mem_truncate(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			uint64_t size)
{
	struct mem_mount *m;

	if (size > INT64_MAX)
		return -EFBIG;
	m = mem_lock(self);
	mem_cut(m, mem_data(self, h), size);
	mem_data(self, h)->st.alloc = 0;
	mem_touch(mem_of(self, h));
	mem_unlock(m);
	return 0;
}

static int mem_alloc(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		     uint64_t offset, uint64_t len, uint32_t flags)
{
	struct mem_mount *m = mem_lock(self);
	struct mem_node *data = mem_data(self, h);
	uint64_t end = offset + len;
	int err = offset > INT64_MAX || len > INT64_MAX - offset ? -EFBIG : 0;

	if (!err && flags & (SMB3_ALLOC_ZERO | SMB3_ALLOC_PUNCH)) {
		if (offset < data->room)
			memset(data->bytes + offset, 0,
			       (end < data->room ? end : data->room) - offset);
		mem_touch(mem_of(self, h));
	} else if (!err && end > data->room && end - data->room > m->limit - m->used) {
		err = -ENOSPC;
	} else if (!err && end > data->st.alloc) {
		data->st.alloc = (end + MEM_CLUSTER - 1) / MEM_CLUSTER * MEM_CLUSTER;
	}
	mem_unlock(m);
	return err;
}

static int mem_next_data(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			 uint64_t *offset, uint64_t *len)
{
	struct mem_mount *m = mem_lock(self);
	const struct mem_node *data = mem_data(self, h);
	uint64_t end = data->st.size < data->room ? data->st.size : data->room;
	int err = *offset < end ? 0 : -ENXIO;

	if (!err)
		*len = end - *offset;
	mem_unlock(m);
	return err;
}

/* ---- the rest ---- */

static ssize_t mem_getxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			    struct smb3_handle *h, const char *name, void *buf, size_t size)
{
	struct mem_mount *m = mem_lock(self);
	const struct mem_entry *entry = mem_find(&mem_of(self, h)->xattrs, name, false);
	ssize_t n = entry ? (ssize_t)entry->node->st.size : -ENODATA;

	if (n > 0 && size && size < (size_t)n)
		n = -ERANGE;
	else if (n > 0 && size)
		memcpy(buf, entry->node->bytes, (size_t)n);
	mem_unlock(m);
	return n;
}

static int mem_put_xattr(struct mem_mount *m, const struct smb3_ctx *ctx, struct mem_list *list,
			 const char *name, const void *value, size_t len)
{
	struct mem_node *node = mem_node_new(m, ctx, S_IFREG);
	struct mem_entry *old;
	int err = node ? mem_grow(m, node, len) : -ENOSPC;

	if (!err) {
		old = mem_find(list, name, false);
		if (old)
			mem_drop(m, list, old);
		if (len)
			memcpy(node->bytes, value, len);
		node->st.size = len;
		err = mem_add(m, list, name, node);
	}
	mem_node_unref(m, node);
	return err;
}

static int mem_setxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			const char *name, const void *value, size_t len)
{
	struct mem_mount *m = mem_lock(self);
	struct mem_list *list = &mem_of(self, h)->xattrs;
	struct mem_entry *old = mem_find(list, name, false);
	int err = 0;

	if (value)
		err = mem_put_xattr(m, ctx, list, name, value, len);
	else if (old)
		mem_drop(m, list, old);
	else
		err = -ENODATA;
	mem_unlock(m);
	return err;
}

static ssize_t mem_listxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			     struct smb3_handle *h, char *buf, size_t size)
{
	struct mem_mount *m = mem_lock(self);
	const struct mem_list *list = &mem_of(self, h)->xattrs;
	ssize_t used = 0;

	for (size_t i = 0; i < list->count && used >= 0; i++) {
		size_t len = strlen(list->entry[i].name) + 1;

		if (size && (size_t)used + len > size)
			used = -ERANGE;
		else if (size)
			memcpy(buf + used, list->entry[i].name, len);
		used += used < 0 ? 0 : (ssize_t)len;
	}
	mem_unlock(m);
	return used;
}

static int mem_list_streams(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			    struct smb3_handle *h, smb3_emit_stream_fn emit, void *arg)
{
	struct mem_mount *m = mem_lock(self);
	const struct mem_list *list = &mem_of(self, h)->streams;

	for (size_t i = 0; i < list->count; i++) {
		struct smb3_stat st;

		mem_fill(list->entry[i].node, list->entry[i].node, &st);
		if (!emit(arg, list->entry[i].name, st.size, st.alloc))
			break;
	}
	mem_unlock(m);
	return 0;
}

/* The entry of the stream that h is; NULL when that has gone. */
static struct mem_entry *mem_stream_entry(struct mem_list *list, const struct mem_node *data)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->entry[i].node == data)
			return &list->entry[i];
	return NULL;
}

static int mem_remove_stream(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			     struct smb3_handle *h)
{
	struct mem_mount *m = mem_lock(self);
	struct mem_node *node = mem_of(self, h), *data = mem_data(self, h);
	struct mem_entry *entry = mem_stream_entry(&node->streams, data);

	if (entry)
		mem_drop(m, &node->streams, entry);
	while (node == data && node->streams.count)
		mem_drop(m, &node->streams, &node->streams.entry[0]);
	mem_unlock(m);
	return entry || node == data ? 0 : -ESTALE;
}

/* The contents of data become those of node, which has none. */
static int mem_unname(struct mem_mount *m, struct mem_node *node, struct mem_node *data)
{
	if (S_ISDIR(node->st.mode))
		return -EINVAL;
	if (node->st.size)
		return -ENOTEMPTY;
	mem_cut(m, node, 0);
	free(node->bytes);
	node->bytes = data->bytes;
	node->room = data->room;
	node->st.size = data->st.size;
	data->bytes = NULL;
	data->room = 0;
	data->st.size = 0;
	mem_drop(m, &node->streams, mem_stream_entry(&node->streams, data));
	return 0;
}

static int mem_rename_entry(struct mem_mount *m, struct mem_node *node, struct mem_node *data,
			    const char *to, uint32_t flags)
{
	struct mem_entry *target = mem_find(&node->streams, to, false);

	if (target && target->node != data) {
		if (!(flags & SMB3_RENAME_REPLACE))
			return -EEXIST;
		if (target->node->st.size)
			return -ENOTEMPTY;
		mem_drop(m, &node->streams, target);
	}
	mem_drop(m, &node->streams, mem_stream_entry(&node->streams, data));
	return mem_add(m, &node->streams, to, data);
}

static int mem_rename_stream(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			     struct smb3_handle *h, const char *to, uint32_t flags)
{
	struct mem_mount *m = mem_lock(self);
	struct mem_node *node = mem_of(self, h), *data = mem_data(self, h);
	int err = -ESTALE;

	if (!mem_stream_entry(&node->streams, data))
		err = node == data ? -EINVAL : -ESTALE;
	else if (!*to)
		err = flags & SMB3_RENAME_REPLACE ? mem_unname(m, node, data) : -EEXIST;
	else
		err = mem_rename_entry(m, node, data, to, flags);
	if (!err)
		smb3_handle_name(h, to);
	mem_unlock(m);
	return err;
}

static int mem_statfs(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      struct smb3_fsinfo *ret_info)
{
	struct mem_mount *m = mem_lock(self);
	uint64_t left = m->limit - m->used;

	*ret_info = (struct smb3_fsinfo){
		.total = m->limit,
		.available = left,
		.free = left,
		.block = MEM_CLUSTER,
		.sector = 512,
		.serial = m->dev,
		.type = "NTFS",
		.features = FILE_CASE_PRESERVED_NAMES | FILE_UNICODE_ON_DISK |
			    FILE_SUPPORTS_SPARSE_FILES | FILE_NAMED_STREAMS |
			    FILE_SUPPORTS_HARD_LINKS | FILE_SUPPORTS_EXTENDED_ATTRIBUTES,
		.max_name = 255,
		.created = m->root->st.created,
	};
	mem_unlock(m);
	return 0;
}

static const struct smb3_vfs_ops mem_ops = {
	.name = "mem",
	.mount_size = sizeof(struct mem_mount),
	.handle_size = sizeof(struct mem_handle),
	.mount = mem_mount,
	.unmount = mem_unmount,
	.root = mem_root,
	.open = mem_open,
	.open_stream = mem_open_stream,
	.clone = mem_clone,
	.close = mem_close,
	.stat = mem_stat,
	.lookup = mem_lookup,
	.setattr = mem_setattr,
	.pread = mem_pread,
	.pwrite = mem_pwrite,
	.flush = mem_flush,
	.truncate = mem_truncate,
	.alloc = mem_alloc,
	.next_data = mem_next_data,
	.readdir = mem_readdir,
	.remove = mem_remove,
	.rename = mem_rename,
	.link = mem_link,
	.make = mem_make,
	.readlink = mem_readlink,
	.getxattr = mem_getxattr,
	.setxattr = mem_setxattr,
	.listxattr = mem_listxattr,
	.list_streams = mem_list_streams,
	.remove_stream = mem_remove_stream,
	.rename_stream = mem_rename_stream,
	.statfs = mem_statfs,
};

static const struct smb3_provide mem_provides[] = {
	SMB3_VFS(&mem_ops),
	SMB3_END,
};

SMB3_MODULE(vfs_mem, .summary = "a file system in memory, for tests", .options = mem_options,
	    .conf_size = sizeof(struct mem_conf), .provides = mem_provides);
