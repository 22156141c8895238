// SPDX-License-Identifier: Apache-2.0
/*
 * streams.h: what the files of vfs_streams share.
 *
 *   base    the file or folder that streams belong to
 *   value   what the xattr of a stream holds: its contents and one more byte, or a ticket
 *   depot   a folder of the server with the contents of streams that no xattr can hold
 *   ticket  in the place of contents: which file of the depot has them
 *   node    a stream that is open; all handles that are open on it share one
 *
 * Functions answer 0 or a count, or a negative errno.
 */
#ifndef VFS_STREAMS_H
#define VFS_STREAMS_H

#include <limits.h>
#include <pthread.h>
#include <smb3/smb3.h>

#define STREAMS_PREFIX "user.DosStream."
#define STREAMS_TYPE   ":$DATA"
/* The kernel's limits of an xattr: its name with the NUL, its value, a list of names. */
#define STREAMS_XATTR_SIZE 256
#define STREAMS_VALUE_MAX  65536
#define STREAMS_LIST_MAX   65536

#define STREAMS_CLUSTER 4096 /* what allocation sizes are multiples of */

/* ---- value.c: what is stored ---- */

#define STREAMS_ID_SIZE     33 /* 32 hexadecimal digits */
#define STREAMS_TICKET      "smb3d-stream-depot-1 "
#define STREAMS_TICKET_SIZE (sizeof(STREAMS_TICKET) - 1 + STREAMS_ID_SIZE - 1)

struct streams_value {
	size_t len;               /* of the contents, at the start of the value */
	bool ticket;              /* the depot has them */
	char id[STREAMS_ID_SIZE]; /* with ticket */
};

/* The xattr of a stream; -ENAMETOOLONG, -EINVAL. */
int streams_xattr(const char *stream, char ret_xattr[STREAMS_XATTR_SIZE]);
/* The stream that an xattr holds; false when it holds none. */
bool streams_name(const char *xattr, char ret_name[STREAMS_XATTR_SIZE]);
void streams_parse(const void *value, size_t len, struct streams_value *ret_value);
void streams_ticket(const char *id, char ret_value[STREAMS_TICKET_SIZE + 1]);

/* ---- depot.c: server-wide ---- */

/* Which inode a file of the depot belongs to. The serial number of the file system outlives a
 * restart, which a device number does not. */
struct depot_owner {
	uint64_t serial, ino;
};

struct depot {
	_Atomic int fd;       /* of the folder; -1: not needed so far */
	char *path;           /* "": there is to be none */
	_Atomic bool used;    /* it holds something */
	pthread_mutex_t lock; /* around making the folder */
};

void depot_init(struct depot *d, const char *path);
void depot_done(struct depot *d);
/* A new file with that owner and content, flushed to disk: an open descriptor, or -errno. */
int depot_new(struct depot *d, const struct depot_owner *owner, const struct smb3_stat *base,
	      char ret_id[STREAMS_ID_SIZE]);
int depot_open(struct depot *d, const char *id);
/* Whether the file belongs to owner, and not to one that owner is a copy of. */
bool depot_owned(int fd, const struct depot_owner *owner);
/* What was written so far is on disk, under its name. */
int depot_sync(struct depot *d, int fd);
/* If it is owner's. */
void depot_remove(struct depot *d, const char *id, const struct depot_owner *owner);

/* ---- node.c ---- */

struct streams {
	pthread_mutex_t lock; /* of the table, and of each node's name and refs */
	struct smb3_hash nodes;
	struct depot depot;
};

struct streams_node {
	struct smb3_hash_node link;
	unsigned int refs;
	bool listed; /* in the table: it can be found */
	uint64_t dev, ino;
	char *name; /* as it is spelled on disk; changed under both mutexes */
	/* Held around reading and changing the value; nothing but the layers below is called. */
	pthread_mutex_t lock;
	bool gone;                /* the stream was removed */
	int fd;                   /* of the contents in the depot, or -1 */
	char id[STREAMS_ID_SIZE]; /* with fd: which file that is */
	bool owned;               /* with fd: it is this base's own */
	bool unnamed; /* with fd: the stream became the base's unnamed one, which fd is */
};

/* Made when there is none. */
struct streams_node *streams_node_get(struct streams *s, uint64_t dev, uint64_t ino,
				      const char *name);
void streams_node_put(struct streams *s, struct streams_node *node); /* NULL is allowed */
/* Under the node's lock: the stream has gone; whoever makes one of that name gets another node. */
void streams_node_gone(struct streams *s, struct streams_node *node);
void streams_node_rename(struct streams *s, struct streams_node *node, const char *name);
/* -EAGAIN when that would block and ctx does not want that. */
int streams_node_lock(struct streams_node *node, const struct smb3_ctx *ctx);

/* ---- store.c: the value of a stream, under its node's lock ---- */

struct streams_conf {
	bool enabled;
	const char *depot;
	uint64_t xattr_size, max_size;
};

struct streams_mount {
	struct streams *streams;
	const struct streams_conf *conf;
};

struct streams_handle {
	struct streams_node *node; /* NULL: no stream */
};

static inline struct streams_mount *streams_of(const struct smb3_vfs *self)
{
	return self->data;
}

static inline struct streams_node *streams_node_of(const struct smb3_vfs *self,
						   struct smb3_handle *h)
{
	return ((struct streams_handle *)smb3_vfs_of(self, h))->node;
}

/* One operation on a stream. */
struct streams_call {
	struct smb3_vfs *self;
	const struct smb3_ctx *ctx;
	struct smb3_handle *h;
	struct streams_node *node; /* locked */
	char xattr[STREAMS_XATTR_SIZE];
	uint8_t *value; /* the contents, where the xattr has them; room for room bytes */
	size_t room;
	uint64_t size;
	int fd; /* where not: the node's; else -1 */
};

/* Locks the node; end the call with streams_end() only if this went well. */
int streams_begin(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		  struct streams_call *ret_call);
/* The same for a stream that h is not open on: h is its base. */
int streams_begin_node(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       struct streams_node *node, struct streams_call *ret_call);
void streams_end(struct streams_call *call);
/* Finds size, and value or fd. */
int streams_load(struct streams_call *call);
/* Only the size. */
int streams_measure(struct streams_call *call);
/* Room for size bytes in value, those after the contents zeroed. */
void streams_grow(struct streams_call *call, size_t size);
/* Stores the value's first size bytes, if need be in the depot. */
int streams_store(struct streams_call *call, size_t size);
/* The contents move to the depot, where they can grow; fd is set. */
int streams_move_out(struct streams_call *call);
/* Makes sure that fd may be changed: a copy of a base gets contents of its own. */
int streams_make_own(struct streams_call *call);
/* The stream is empty again, and needs no depot. */
int streams_empty(struct streams_call *call);
/* Removes the stream. */
int streams_drop(struct streams_call *call);
/* Whose depot files those of h are. */
int streams_owner(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		  struct depot_owner *ret_owner);

/* ---- list.c: the streams of a base ---- */

/* The spelling on disk of a stream; -ENOENT. */
int streams_find(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		 const char *stream, char ret_found[STREAMS_XATTR_SIZE]);
int streams_list(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		 smb3_emit_stream_fn emit, void *arg);
int streams_remove_stream(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h);
int streams_rename_stream(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  const char *to, uint32_t flags);
/* Around the removal of a name: what the depot has for the object, if this was its last name. The
 * list is NULL when there is nothing. */
struct streams_leftover;
struct streams_leftover *streams_before(struct smb3_vfs *self, const struct smb3_ctx *ctx,
					struct smb3_handle *dir, const char *name);
void streams_after(struct smb3_vfs *self, struct streams_leftover *left, bool removed);

/* ---- data.c ---- */

ssize_t streams_splice(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       struct smb3_tube *tube, size_t len, uint64_t offset);
ssize_t streams_pread(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      void *buf, size_t len, uint64_t offset);
ssize_t streams_pwrite(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       const void *buf, size_t len, uint64_t offset);
int streams_flush(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h);
int streams_truncate(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		     uint64_t size);
int streams_alloc(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		  uint64_t offset, uint64_t len, uint32_t flags);
int streams_next_data(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      uint64_t *offset, uint64_t *len);
ssize_t streams_copy(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *from,
		     uint64_t from_offset, struct smb3_handle *to, uint64_t to_offset, size_t len,
		     uint32_t flags);

#endif
