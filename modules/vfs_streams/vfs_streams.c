// SPDX-License-Identifier: Apache-2.0
/*
 * vfs_streams.c: the filter "streams": alternate data streams on file systems that have only
 * extended attributes. [MS-FSCC] 2.1.5, [MS-FSA] 2.1.1.5
 *
 * A handle of a stream is a handle of its base for the layers below; here it knows its node.
 */
#include "streams.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Next to the backend: what other filters make of names and users has been done before. */
#define STREAMS_ORDER 900

static const struct smb3_option streams_options[] = {
	{ .name = "enabled",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct streams_conf, enabled),
	  .value = "true",
	  .help = "Files and folders may have alternate data streams." },
	{ .name = "depot",
	  .type = SMB3_OPT_STRING,
	  .scope = SMB3_GLOBAL | SMB3_USE_FOLDER,
	  .offset = offsetof(struct streams_conf, depot),
	  .value = "streams",
	  .help = "The folder for streams that no extended attribute can hold, below "
		  "server.state_dir unless it begins with a slash. When empty, there are none." },
	{ .name = "xattr_size",
	  .type = SMB3_OPT_SIZE,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct streams_conf, xattr_size),
	  .value = "64K",
	  .max = STREAMS_VALUE_MAX,
	  .min = 1,
	  .help = "Streams of this size and more go to the depot at once; smaller ones when the "
		  "file system does not take them." },
	{ .name = "max_size",
	  .type = SMB3_OPT_SIZE,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct streams_conf, max_size),
	  .value = "1G",
	  .min = 1,
	  .max = (int64_t)1 << 50,
	  .help = "The largest stream; a client that wants more is told that the disk is full." },
	SMB3_OPTION_END,
};

/* ---- the layer ---- */

/* Where the backend keeps xattrs, and has no streams of its own. */
static bool streams_wanted(const struct smb3_mod *mod, const struct smb3_share *share)
{
	const struct streams_conf *conf = smb3_conf_of(mod, share);
	const struct smb3_vfs_ops *backend =
		smb3_row_name(share->server, SMB3_KIND_VFS, share->backend);

	return conf->enabled && backend && backend->setxattr && backend->clone &&
	       !backend->open_stream;
}

static int streams_mount(struct smb3_vfs *self, const struct smb3_share *share)
{
	struct streams_mount *m = self->data;

	m->streams = self->mod->data;
	m->conf = smb3_conf_of(self->mod, share);
	return 0;
}

/* ---- handles ---- */

/* A stream is opened for what its base could be opened for. Only the kernel knows that, for it has
 * the last word on ACLs; backends without descriptors ask for no rights. */
static int streams_access(struct smb3_vfs *self, struct smb3_handle *h, uint32_t flags)
{
	int fd = smb3_vfs_fd(self->next, h), mode = 0;

	if (flags & SMB3_O_READ)
		mode |= R_OK;
	if (flags & (SMB3_O_WRITE | SMB3_O_CREATE))
		mode |= W_OK;
	if (fd < 0 || !mode)
		return 0;
	return faccessat(fd, "", mode, AT_EACCESS | AT_EMPTY_PATH) ? -errno : 0;
}

/* Makes the stream; its node is locked. */
static int streams_make(struct streams_call *call)
{
	char found[STREAMS_XATTR_SIZE];
	int err = streams_find(call->self, call->ctx, call->h, call->node->name, found);

	if (!err)
		return -EEXIST;
	if (err != -ENOENT)
		return err;
	return smb3_vfs_setxattr(call->self->next, call->ctx, call->h, call->xattr, "", 1);
}

static int streams_create(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  struct streams_node *node)
{
	struct streams_call call;
	int err = streams_begin_node(self, ctx, h, node, &call);

	if (err)
		return err == -ESTALE ? -EEXIST : err; /* it just went: the caller looks again */
	err = streams_make(&call);
	streams_end(&call);
	return err;
}

/* h is a handle of the base. */
static int streams_attach(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  const char *stream, uint32_t flags)
{
	struct streams_handle *sh = smb3_vfs_of(self, h);
	struct streams *s = streams_of(self)->streams;
	char found[STREAMS_XATTR_SIZE];
	struct smb3_stat st;
	int err = smb3_vfs_stat(self->next, ctx, h, &st);

	if (!err)
		err = streams_access(self, h, flags);
	if (!err && !(flags & SMB3_O_CREATE))
		err = streams_find(self, ctx, h, stream, found);
	if (err)
		return err;
	sh->node = streams_node_get(s, st.dev, st.ino, flags & SMB3_O_CREATE ? stream : found);
	if (flags & SMB3_O_CREATE)
		err = streams_create(self, ctx, h, sh->node);
	if (err) {
		streams_node_put(s, sh->node);
		sh->node = NULL;
		return err;
	}
	h->directory = false;
	smb3_handle_name(h, flags & SMB3_O_CREATE ? stream : found);
	return 0;
}

static int streams_open_stream(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			       struct smb3_handle *base, const char *stream,
			       const struct smb3_how *how, struct smb3_handle *h)
{
	int err = how->flags & SMB3_O_DIRECTORY ? -ENOTDIR : 0;

	if (!err && how->alloc > streams_of(self)->conf->max_size)
		err = -ENOSPC;
	if (!err)
		err = smb3_vfs_clone(self->next, ctx, base, h);
	if (err)
		return err;
	err = streams_attach(self, ctx, h, stream, how->flags);
	if (err)
		smb3_vfs_close(self->next, h);
	return err;
}

static int streams_clone(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			 struct smb3_handle *from, struct smb3_handle *h)
{
	struct streams_node *node = streams_node_of(self, from);
	struct streams *s = streams_of(self)->streams;
	int err = smb3_vfs_clone(self->next, ctx, from, h);

	if (err || !node)
		return err;
	pthread_mutex_lock(&s->lock);
	node->refs++;
	pthread_mutex_unlock(&s->lock);
	((struct streams_handle *)smb3_vfs_of(self, h))->node = node;
	h->directory = false;
	return 0;
}

static void streams_close(struct smb3_vfs *self, struct smb3_handle *h)
{
	struct streams_handle *sh = smb3_vfs_of(self, h);

	streams_node_put(streams_of(self)->streams, sh->node);
	sh->node = NULL;
	smb3_vfs_close(self->next, h);
}

/* ---- what a stream is: its base, apart from the size ---- */

static int streams_stat(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			struct smb3_stat *ret_stat)
{
	struct streams_call call;
	int err = smb3_vfs_stat(self->next, ctx, h, ret_stat);

	if (err || !streams_node_of(self, h))
		return err;
	err = streams_begin(self, ctx, h, &call);
	if (err)
		return err;
	err = streams_measure(&call);
	streams_end(&call);
	if (err)
		return err;
	ret_stat->size = call.size;
	ret_stat->alloc = (call.size + STREAMS_CLUSTER - 1) & ~(uint64_t)(STREAMS_CLUSTER - 1);
	ret_stat->attributes &= ~FILE_ATTRIBUTE_DIRECTORY;
	return 0;
}

static int streams_readdir(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			   uint64_t *cookie, smb3_emit_fn emit, void *arg)
{
	if (streams_node_of(self, h))
		return -ENOTDIR;
	return smb3_vfs_readdir(self->next, ctx, h, cookie, emit, arg);
}

/* The base's descriptor is none of the stream's. */
static int streams_fd(struct smb3_vfs *self, struct smb3_handle *h)
{
	return streams_node_of(self, h) ? -EOPNOTSUPP : smb3_vfs_fd(self->next, h);
}

static int streams_statfs(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  struct smb3_fsinfo *ret_info)
{
	int err = smb3_vfs_statfs(self->next, ctx, h, ret_info);

	if (!err && ret_info->features & FILE_SUPPORTS_EXTENDED_ATTRIBUTES)
		ret_info->features |= FILE_NAMED_STREAMS;
	return err;
}

/* ---- what goes takes its streams along ---- */

static int streams_remove(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			  struct smb3_handle *dir, const char *name, bool directory)
{
	struct streams_leftover *left = streams_before(self, ctx, dir, name);
	int err = smb3_vfs_remove(self->next, ctx, dir, name, directory);

	streams_after(self, left, !err);
	return err;
}

static int streams_rename(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			  struct smb3_handle *dir, const char *name, struct smb3_handle *to_dir,
			  const char *to_name, uint32_t flags)
{
	struct streams_leftover *left =
		flags & SMB3_RENAME_REPLACE ? streams_before(self, ctx, to_dir, to_name) : NULL;
	int err = smb3_vfs_rename(self->next, ctx, dir, name, to_dir, to_name, flags);

	streams_after(self, left, !err);
	return err;
}

static const struct smb3_vfs_ops streams_ops = {
	.name = "streams",
	.flags = SMB3_VFS_FILTER,
	.mount_size = sizeof(struct streams_mount),
	.handle_size = sizeof(struct streams_handle),
	.wanted = streams_wanted,
	.order = STREAMS_ORDER,
	.mount = streams_mount,
	.open_stream = streams_open_stream,
	.clone = streams_clone,
	.close = streams_close,
	.stat = streams_stat,
	.pread = streams_pread,
	.splice = streams_splice,
	.pwrite = streams_pwrite,
	.flush = streams_flush,
	.truncate = streams_truncate,
	.alloc = streams_alloc,
	.next_data = streams_next_data,
	.copy = streams_copy,
	.readdir = streams_readdir,
	.remove = streams_remove,
	.rename = streams_rename,
	.list_streams = streams_list,
	.remove_stream = streams_remove_stream,
	.rename_stream = streams_rename_stream,
	.statfs = streams_statfs,
	.fd = streams_fd,
};

/* ---- the module ---- */

static int streams_init(struct smb3_mod *mod)
{
	const struct streams_conf *conf = smb3_conf_of(mod, NULL);
	const char *state = smb3_server_conf(mod->server)->state_dir;
	struct streams *s = smb3_alloc(sizeof(*s));
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s%s", *conf->depot && *conf->depot != '/' ? state : "",
		 *conf->depot && *conf->depot != '/' ? "/" : "", conf->depot);
	pthread_mutex_init(&s->lock, NULL);
	smb3_hash_init(&s->nodes);
	depot_init(&s->depot, path);
	mod->data = s;
	return 0;
}

static void streams_fini(struct smb3_mod *mod)
{
	struct streams *s = mod->data;

	depot_done(&s->depot);
	smb3_hash_done(&s->nodes);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static const struct smb3_provide streams_provides[] = {
	SMB3_VFS(&streams_ops),
	SMB3_END,
};

SMB3_MODULE(vfs_streams, .summary = "alternate data streams, kept in extended attributes",
	    .options = streams_options, .conf_size = sizeof(struct streams_conf),
	    .provides = streams_provides, .init = streams_init, .fini = streams_fini);
