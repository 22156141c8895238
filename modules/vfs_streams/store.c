// SPDX-License-Identifier: Apache-2.0
/*
 * store.c: reading and changing what is stored for a stream, under its node's lock.
 *
 * Each change of a value is one setxattr(), which happens whole or not at all; a stream moves to
 * the depot by a ticket that takes the place of its contents when these are safe there. A crash
 * leaves the old stream or the new one, and at the worst a file in the depot that nobody knows.
 */
#include "streams.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int streams_begin(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		  struct streams_call *ret_call)
{
	return streams_begin_node(self, ctx, h, streams_node_of(self, h), ret_call);
}

int streams_begin_node(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       struct streams_node *node, struct streams_call *ret_call)
{
	int err = streams_node_lock(node, ctx);

	if (err)
		return err;
	*ret_call =
		(struct streams_call){ .self = self, .ctx = ctx, .h = h, .node = node, .fd = -1 };
	err = node->gone ? -ESTALE : 0;
	if (!err && !node->unnamed)
		err = streams_xattr(node->name, ret_call->xattr);
	if (err)
		pthread_mutex_unlock(&node->lock);
	return err;
}

void streams_end(struct streams_call *call)
{
	free(call->value);
	pthread_mutex_unlock(&call->node->lock);
}

static struct depot *store_depot(const struct streams_call *call)
{
	return &streams_of(call->self)->streams->depot;
}

int streams_owner(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		  struct depot_owner *ret_owner)
{
	struct smb3_fsinfo info;
	struct smb3_stat st;
	int err = smb3_vfs_statfs(self->next, ctx, h, &info);

	if (!err)
		err = smb3_vfs_stat(self->next, ctx, h, &st);
	if (!err)
		*ret_owner = (struct depot_owner){ .serial = info.serial, .ino = st.ino };
	return err;
}

/* The node forgets its file of the depot. */
static void store_close(struct streams_node *node)
{
	if (node->fd >= 0)
		close(node->fd);
	node->fd = -1;
	node->owned = false;
}

static int store_open(struct streams_call *call, const char *id)
{
	struct streams_node *node = call->node;
	struct depot_owner owner;
	int err = streams_owner(call->self, call->ctx, call->h, &owner), fd;

	if (err)
		return err;
	fd = depot_open(store_depot(call), id);
	if (fd < 0) {
		if (fd == -EIO)
			smb3_log(SMB3_LOG_WARNING,
				 "vfs_streams: %s:%s: its contents, the file %s, are not in %s",
				 call->h->name, node->name, id, store_depot(call)->path);
		return fd;
	}
	store_close(node);
	node->fd = fd;
	node->owned = depot_owned(fd, &owner);
	memcpy(node->id, id, STREAMS_ID_SIZE);
	return 0;
}

/* The contents are in a file: the depot's, or the base itself. */
static int store_use(struct streams_call *call)
{
	struct stat st;

	if (call->ctx->nowait)
		return -EAGAIN;
	if (fstat(call->node->fd, &st))
		return -errno;
	call->fd = call->node->fd;
	call->size = (uint64_t)st.st_size;
	return 0;
}

static int store_take(struct streams_call *call, size_t len)
{
	struct streams_value value;
	int err = 0;

	streams_parse(call->value, len, &value);
	if (!value.ticket) {
		store_close(call->node);
		call->size = value.len;
		return 0;
	}
	if (call->ctx->nowait)
		return -EAGAIN;
	if (call->node->fd < 0 || strcmp(call->node->id, value.id) != 0)
		err = store_open(call, value.id);
	return err ? err : store_use(call);
}

int streams_load(struct streams_call *call)
{
	ssize_t n;

	if (call->node->unnamed)
		return store_use(call);
	call->room = STREAMS_VALUE_MAX;
	call->value = smb3_realloc(call->value, call->room);
	n = smb3_vfs_getxattr(call->self->next, call->ctx, call->h, call->xattr, call->value,
			      call->room);
	if (n == -ENODATA) /* somebody else took it away */
		streams_node_gone(streams_of(call->self)->streams, call->node);
	if (n < 0)
		return n == -ENODATA ? -ESTALE : (int)n;
	return store_take(call, (size_t)n);
}

int streams_measure(struct streams_call *call)
{
	ssize_t n;

	if (call->node->unnamed)
		return store_use(call);
	n = smb3_vfs_getxattr(call->self->next, call->ctx, call->h, call->xattr, NULL, 0);
	if (n < 0 || n == (ssize_t)STREAMS_TICKET_SIZE)
		return streams_load(call);
	call->size = n ? (uint64_t)n - 1 : 0;
	return 0;
}

void streams_grow(struct streams_call *call, size_t size)
{
	if (size + 1 > call->room) {
		call->room = size + 1;
		call->value = smb3_realloc(call->value, call->room);
	}
	if (size > call->size)
		memset(call->value + call->size, 0, size - call->size);
}

static int store_set(struct streams_call *call, const void *value, size_t len)
{
	return smb3_vfs_setxattr(call->self->next, call->ctx, call->h, call->xattr, value, len);
}

/* More than the file system takes, or than this server wants to put there. */
static bool store_full(int err)
{
	return err == -ENOSPC || err == -E2BIG || err == -ERANGE || err == -EDQUOT;
}

static int store_write_all(int fd, const uint8_t *data, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = pwrite(fd, data + done, len - done, (off_t)done);

		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	return 0;
}

/* Fills a new file of the depot; the stream becomes it in the last step. */
static int store_adopt(struct streams_call *call, int fd, const char *id)
{
	char ticket[STREAMS_TICKET_SIZE + 1];
	int err = depot_sync(store_depot(call), fd);

	streams_ticket(id, ticket);
	if (!err)
		err = store_set(call, ticket, STREAMS_TICKET_SIZE);
	if (err)
		return err;
	store_close(call->node);
	call->node->fd = call->fd = fd;
	call->node->owned = true;
	memcpy(call->node->id, id, STREAMS_ID_SIZE);
	return 0;
}

/* A new file of the depot for the stream; fill puts the contents into it. */
static int store_move(struct streams_call *call, int (*fill)(struct streams_call *, int fd))
{
	struct depot_owner owner;
	struct smb3_stat st;
	char id[STREAMS_ID_SIZE];
	int err = call->ctx->nowait ? -EAGAIN : 0, fd;

	if (!err)
		err = streams_owner(call->self, call->ctx, call->h, &owner);
	if (!err)
		err = smb3_vfs_stat(call->self->next, call->ctx, call->h, &st);
	if (err)
		return err;
	fd = depot_new(store_depot(call), &owner, &st, id);
	if (fd < 0)
		return fd;
	err = fill(call, fd);
	if (!err)
		err = store_adopt(call, fd, id);
	if (err) {
		depot_remove(store_depot(call), id, &owner);
		close(fd);
	}
	return store_full(err) ? -ENOSPC : err;
}

static int store_fill_value(struct streams_call *call, int fd)
{
	return store_write_all(fd, call->value, (size_t)call->size);
}

static int store_fill_copy(struct streams_call *call, int fd)
{
	off_t at = 0;

	while ((uint64_t)at < call->size) {
		ssize_t n = copy_file_range(call->fd, &at, fd, NULL, (size_t)call->size, 0);

		if (n < 0)
			return -errno;
		if (n == 0)
			break;
	}
	return 0;
}

int streams_move_out(struct streams_call *call)
{
	return store_move(call, store_fill_value);
}

int streams_make_own(struct streams_call *call)
{
	if (call->node->unnamed || call->node->owned)
		return 0;
	return store_move(call, store_fill_copy);
}

int streams_store(struct streams_call *call, size_t size)
{
	uint64_t most = streams_of(call->self)->conf->xattr_size;
	int err = -ENOSPC;

	call->value[size] = 0;
	call->size = size;
	if (size < most && size < STREAMS_VALUE_MAX)
		err = store_set(call, call->value, size + 1);
	return store_full(err) ? streams_move_out(call) : err;
}

int streams_empty(struct streams_call *call)
{
	struct depot_owner owner;
	int err = streams_owner(call->self, call->ctx, call->h, &owner);

	if (!err)
		err = store_set(call, "", 1);
	if (err)
		return err;
	if (call->node->owned)
		depot_remove(store_depot(call), call->node->id, &owner);
	store_close(call->node);
	call->fd = -1;
	call->size = 0;
	return 0;
}

int streams_drop(struct streams_call *call)
{
	struct depot_owner owner;
	int err = streams_owner(call->self, call->ctx, call->h, &owner);

	if (call->node->unnamed)
		return -EINVAL;
	if (!err)
		err = store_set(call, NULL, 0);
	if (err)
		return err == -ENODATA ? -ESTALE : err;
	if (call->fd >= 0 && call->node->owned)
		depot_remove(store_depot(call), call->node->id, &owner);
	streams_node_gone(streams_of(call->self)->streams, call->node);
	return 0;
}
