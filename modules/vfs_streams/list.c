// SPDX-License-Identifier: Apache-2.0
/*
 * list.c: the streams of a base: finding, listing, removing and renaming them.
 */
#include "streams.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the names ---- */

struct names {
	char list[STREAMS_LIST_MAX + 1];
	const char *at, *end;
	char stream[STREAMS_XATTR_SIZE];
};

static int names_begin(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       struct names *names)
{
	ssize_t len = smb3_vfs_listxattr(self->next, ctx, h, names->list, STREAMS_LIST_MAX);

	if (len < 0)
		return (int)len;
	names->list[len] = '\0';
	names->at = names->list;
	names->end = names->list + len;
	return 0;
}

/* The next xattr that holds a stream, whose name is then in stream; NULL at the end. */
static const char *names_next(struct names *names)
{
	while (names->at < names->end) {
		const char *xattr = names->at;

		names->at += strlen(xattr) + 1;
		if (streams_name(xattr, names->stream))
			return xattr;
	}
	return NULL;
}

static int find_among(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      const char *stream, char ret_found[STREAMS_XATTR_SIZE])
{
	struct names *names = smb3_alloc(sizeof(*names));
	int err = names_begin(self, ctx, h, names);

	if (!err) {
		err = -ENOENT;
		while (err && names_next(names))
			if (smb3_name_equal(names->stream, stream))
				err = 0;
	}
	if (!err)
		memcpy(ret_found, names->stream, STREAMS_XATTR_SIZE);
	free(names);
	return err;
}

int streams_find(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		 const char *stream, char ret_found[STREAMS_XATTR_SIZE])
{
	char xattr[STREAMS_XATTR_SIZE];
	int err = streams_xattr(stream, xattr);
	ssize_t n = err ? err : smb3_vfs_getxattr(self->next, ctx, h, xattr, NULL, 0);

	if (n == -ENODATA)
		return find_among(self, ctx, h, stream, ret_found);
	if (n < 0)
		return (int)n;
	snprintf(ret_found, STREAMS_XATTR_SIZE, "%s", stream);
	return 0;
}

/* ---- each of them ---- */

/* Does something to a stream of h, locked. */
typedef int (*each_fn)(struct streams_call *call, void *arg);

static int each_one(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		    struct streams_node *node, each_fn fn, void *arg)
{
	struct streams_call call;
	int err = streams_begin_node(self, ctx, h, node, &call);

	if (err)
		return err;
	err = fn(&call, arg);
	streams_end(&call);
	return err;
}

/* Stops when fn answers neither 0 nor -ESTALE: what goes meanwhile is not there. */
static int each(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		each_fn fn, void *arg)
{
	struct streams *s = streams_of(self)->streams;
	struct names *names = smb3_alloc(sizeof(*names));
	struct smb3_stat st;
	int err = smb3_vfs_stat(self->next, ctx, h, &st);

	if (!err)
		err = names_begin(self, ctx, h, names);
	while (!err && names_next(names)) {
		struct streams_node *node = streams_node_get(s, st.dev, st.ino, names->stream);

		err = each_one(self, ctx, h, node, fn, arg);
		streams_node_put(s, node);
		err = err == -ESTALE ? 0 : err;
	}
	free(names);
	return err;
}

struct emitting {
	smb3_emit_stream_fn emit;
	void *arg;
};

static int emit_one(struct streams_call *call, void *arg)
{
	const struct emitting *e = arg;
	uint64_t alloc;
	int err = streams_measure(call);

	if (err)
		return err;
	alloc = (call->size + STREAMS_CLUSTER - 1) & ~(uint64_t)(STREAMS_CLUSTER - 1);
	return e->emit(e->arg, call->node->name, call->size, alloc) ? 0 : 1;
}

int streams_list(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		 smb3_emit_stream_fn emit, void *arg)
{
	struct emitting e = { emit, arg };
	int err = each(self, ctx, h, emit_one, &e);

	return err < 0 && err != -EOPNOTSUPP ? err : 0;
}

/* ---- removal ---- */

static int drop_one(struct streams_call *call, void *arg)
{
	int err = streams_load(call);

	/* One whose contents are lost can go, too. */
	return err && err != -EIO ? err : streams_drop(call);
}

int streams_remove_stream(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	struct streams_node *node = streams_node_of(self, h);

	if (node)
		return each_one(self, ctx, h, node, drop_one, NULL);
	return each(self, ctx, h, drop_one, NULL);
}

struct streams_leftover {
	struct depot_owner owner;
	size_t count;
	char id[][STREAMS_ID_SIZE];
};

static int leftover_one(struct streams_call *call, void *arg)
{
	struct streams_leftover **left = arg, *old = *left;
	size_t count = old ? old->count : 0;
	int err = streams_load(call);

	if (err || call->fd < 0 || !call->node->owned)
		return err == -EIO ? 0 : err;
	*left = smb3_realloc(old, sizeof(*old) + (count + 1) * STREAMS_ID_SIZE);
	memcpy((*left)->id[count], call->node->id, STREAMS_ID_SIZE);
	(*left)->count = count + 1;
	return streams_owner(call->self, call->ctx, call->h, &(*left)->owner);
}

struct streams_leftover *streams_before(struct smb3_vfs *self, const struct smb3_ctx *ctx,
					struct smb3_handle *dir, const char *name)
{
	struct smb3_how how = { .flags = SMB3_O_META | SMB3_O_NOFOLLOW };
	struct streams_leftover *left = NULL;
	struct smb3_handle *h;
	struct smb3_stat st;

	if (!atomic_load_explicit(&streams_of(self)->streams->depot.used, memory_order_relaxed))
		return NULL;
	h = smb3_handle_new(dir->mount);
	if (!smb3_vfs_open(self->next, ctx, dir, name, &how, h)) {
		if (!smb3_vfs_stat(self->next, ctx, h, &st) && (h->directory || st.links < 2))
			each(self, ctx, h, leftover_one, &left);
		smb3_vfs_close(self->next, h);
	}
	smb3_handle_free(h);
	return left;
}

void streams_after(struct smb3_vfs *self, struct streams_leftover *left, bool removed)
{
	struct depot *depot = &streams_of(self)->streams->depot;

	if (!left)
		return;
	for (size_t i = 0; removed && i < left->count; i++)
		depot_remove(depot, left->id[i], &left->owner);
	free(left);
}

/* ---- renaming ---- */

/* A stream that is empty may be replaced. [MS-FSA] 2.1.5.15.11.1 */
static int replace_one(struct streams_call *call, void *arg)
{
	int err = streams_load(call);

	if (err)
		return err;
	return call->size ? -ENOTEMPTY : streams_drop(call);
}

/* Locks a second node. Two renames never wait for each other here: who renames has claimed the
 * target's place in the file table, which nobody can who has it open. */
static int rename_target(struct streams_call *call, const char *to, uint32_t flags)
{
	struct streams *s = streams_of(call->self)->streams;
	struct streams_node *target;
	char found[STREAMS_XATTR_SIZE];
	int err = streams_find(call->self, call->ctx, call->h, to, found);

	if (err || smb3_name_equal(found, call->node->name))
		return err == -ENOENT ? 0 : err;
	if (!(flags & SMB3_RENAME_REPLACE))
		return -EEXIST;
	target = streams_node_get(s, call->node->dev, call->node->ino, found);
	err = each_one(call->self, call->ctx, call->h, target, replace_one, NULL);
	streams_node_put(s, target);
	return err == -ESTALE ? 0 : err;
}

/* First the new one, then the old one goes; where both together have no room, the other way. */
static int rename_value(struct streams_call *call, const char *to)
{
	struct smb3_vfs *next = call->self->next;
	uint8_t *value = smb3_realloc(NULL, STREAMS_VALUE_MAX);
	ssize_t n =
		smb3_vfs_getxattr(next, call->ctx, call->h, call->xattr, value, STREAMS_VALUE_MAX);
	int err = n < 0 ? (int)n : 0;

	if (!err)
		err = smb3_vfs_setxattr(next, call->ctx, call->h, to, value, (size_t)n);
	if (!err) {
		err = smb3_vfs_setxattr(next, call->ctx, call->h, call->xattr, NULL, 0);
	} else if (err == -ENOSPC) {
		err = smb3_vfs_setxattr(next, call->ctx, call->h, call->xattr, NULL, 0);
		if (!err)
			err = smb3_vfs_setxattr(next, call->ctx, call->h, to, value, (size_t)n);
		if (err)
			smb3_vfs_setxattr(next, call->ctx, call->h, call->xattr, value, (size_t)n);
	}
	free(value);
	return err;
}

static int rename_named(struct streams_call *call, const char *to, uint32_t flags)
{
	char xattr[STREAMS_XATTR_SIZE];
	int err = streams_xattr(to, xattr);

	if (!err && call->node->unnamed)
		err = -EINVAL;
	if (!err)
		err = rename_target(call, to, flags);
	if (!err && strcmp(xattr, call->xattr) != 0)
		err = rename_value(call, xattr);
	if (!err)
		streams_node_rename(streams_of(call->self)->streams, call->node, to);
	return err;
}

/* The base's own contents, which must be empty, open for writing as this user. */
static int rename_open_base(const struct streams_call *call)
{
	int bare = smb3_vfs_fd(call->self->next, call->h), fd;
	char proc[40];

	if (bare < 0)
		return bare;
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", bare);
	fd = open(proc, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

static int rename_copy(const struct streams_call *call, int to)
{
	uint8_t *buf = call->fd < 0 ? call->value : smb3_realloc(NULL, STREAMS_VALUE_MAX);
	uint64_t done = 0;
	ssize_t n = 0;

	while (done < call->size && n >= 0) {
		size_t len = call->size - done < STREAMS_VALUE_MAX ? (size_t)(call->size - done) :
								     STREAMS_VALUE_MAX;

		n = call->fd < 0 ? (ssize_t)len : pread(call->fd, buf, len, (off_t)done);
		if (n > 0)
			n = pwrite(to, buf, (size_t)n, (off_t)done);
		done += n > 0 ? (uint64_t)n : 0;
		if (n == 0)
			break;
	}
	n = n < 0 || fsync(to) ? -errno : 0;
	if (call->fd >= 0)
		free(buf);
	return (int)n;
}

/* The stream becomes the base's unnamed one. Handles on it go on with that. */
static int rename_unnamed(struct streams_call *call, uint32_t flags)
{
	struct smb3_stat st;
	int err = smb3_vfs_stat(call->self->next, call->ctx, call->h, &st), fd;

	if (err || call->node->unnamed)
		return err;
	if (S_ISDIR(st.mode))
		return -EINVAL;
	if (st.size || !(flags & SMB3_RENAME_REPLACE))
		return st.size ? -ENOTEMPTY : -EEXIST;
	fd = rename_open_base(call);
	if (fd < 0)
		return fd;
	err = streams_load(call);
	if (!err)
		err = rename_copy(call, fd);
	if (!err)
		err = streams_drop(call);
	if (err) {
		close(fd);
		return err;
	}
	if (call->node->fd >= 0)
		close(call->node->fd);
	call->node->fd = fd;
	call->node->gone = false;
	call->node->unnamed = true;
	return 0;
}

int streams_rename_stream(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  const char *to, uint32_t flags)
{
	struct streams_call call;
	int err;

	if (!streams_node_of(self, h))
		return -EINVAL;
	if (ctx->nowait)
		return -EAGAIN;
	err = streams_begin(self, ctx, h, &call);
	if (err)
		return err;
	err = *to ? rename_named(&call, to, flags) : rename_unnamed(&call, flags);
	streams_end(&call);
	if (!err)
		smb3_handle_name(h, to);
	return err;
}
