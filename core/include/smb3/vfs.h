// SPDX-License-Identifier: Apache-2.0
/*
 * vfs.h: file systems. A row of kind VFS is a backend (posix, mem) or a filter (recycle, ...).
 *
 *   mount    the stack of layers of one share: filters on top, one backend at the bottom
 *   layer    struct smb3_vfs: one row in one mount, with the layer below in next
 *   handle   an object that was opened; one block, in which each layer has room of its own
 *
 * Operations are plain synchronous functions: they may block (core keeps them off the loops
 * when they do), return 0 or a negative errno, and work on handles or on a directory handle and
 * one name. A filter calls smb3_vfs_...(self->next, ...) to pass on; an entry that it leaves NULL
 * is passed on for it. At the bottom a NULL entry answers -EOPNOTSUPP or the default noted.
 *
 * Names are UTF-8, one component, never "", "." or ".."; backends match them without case but
 * keep the case on disk (unless ctx or how say otherwise).
 */
#ifndef SMB3_VFS_H
#define SMB3_VFS_H

#include <smb3/base.h>
#include <smb3/buf.h>
#include <smb3/req.h>
#include <smb3/time.h>

#define SMB3_HANDLE_MAGIC SMB3_MAGIC('H', 'N', 'D', 'L')

/* What an object is and has. */
struct smb3_stat {
	uint64_t dev, ino;
	uint64_t size;  /* of the stream that is open; 0 for directories */
	uint64_t alloc; /* bytes on disk, a multiple of the cluster size; 0 when empty */
	uint32_t links;
	uint32_t mode; /* S_IFMT and permission bits */
	uid_t uid;
	gid_t gid;
	uint64_t rdev;
	uint32_t attributes;  /* FILE_ATTRIBUTE_..., DIRECTORY included, never NORMAL */
	uint32_t implied;     /* of attributes: those that come from the name, and are not stored */
	uint32_t reparse_tag; /* with FILE_ATTRIBUTE_REPARSE_POINT */
	uint32_t ea_size;
	smb3_nttime created, accessed, written, changed;
};

/* What SMB3_SET_ says is changed. */
#define SMB3_SET_CREATED     0x01
#define SMB3_SET_ACCESSED    0x02
#define SMB3_SET_WRITTEN     0x04
#define SMB3_SET_CHANGED     0x08 /* may be ignored: POSIX keeps ctime itself */
#define SMB3_SET_ATTRIBUTES  0x10
#define SMB3_SET_MODE        0x20
#define SMB3_SET_OWNER       0x40 /* uid; (uid_t)-1 stays */
#define SMB3_SET_GROUP       0x80
#define SMB3_SET_COMPRESSION 0x100 /* as attributes has FILE_ATTRIBUTE_COMPRESSED; alone */

struct smb3_setattr {
	uint32_t mask;
	uint32_t attributes; /* FILE_ATTRIBUTE_READONLY, HIDDEN, SYSTEM, ARCHIVE, ... */
	uint32_t mode;
	uid_t uid;
	gid_t gid;
	smb3_nttime created, accessed, written, changed;
};

/* How to open. */
#define SMB3_O_READ      0x01
#define SMB3_O_WRITE     0x02
#define SMB3_O_CREATE    0x04  /* make it; always exclusive: -EEXIST when the name is there */
#define SMB3_O_DIRECTORY 0x08  /* with CREATE: make a directory; else must be one (-ENOTDIR) */
#define SMB3_O_NOFOLLOW  0x10  /* a symbolic link itself, not what it points to */
#define SMB3_O_META      0x20  /* attributes only: neither read nor write; never blocks on a FIFO */
#define SMB3_O_EXACT     0x40  /* match the case */
#define SMB3_O_LISTED    0x80  /* for a listing: what those leave out is -ENOENT */
#define SMB3_O_WHOLE     0x100 /* its listing leaves nothing out: is the folder empty? */

struct smb3_how {
	uint32_t flags;
	uint32_t mode;       /* permission bits with CREATE */
	uint32_t attributes; /* FILE_ATTRIBUTE_... with CREATE */
	uint64_t alloc;      /* allocation size with CREATE; 0: none */
};

/* Core makes it, the layers fill it. The creator owns it. */
struct smb3_handle {
	uint32_t magic;
	struct smb3_mount *mount;
	bool opened; /* layers have something to close */
	bool directory;
	char *name; /* last component as it stands on disk; set by the backend with
			   smb3_handle_name(); "" for the root */
		    /* layers' room follows */
};

/* One entry of a folder, while emit runs. */
struct smb3_dirent {
	const char *name;
	uint64_t ino;
	unsigned char type; /* DT_... or DT_UNKNOWN */
	uint64_t cookie;    /* reading on from here gives the next entry */
};

/* False: stop; this entry was not taken. */
typedef bool (*smb3_emit_fn)(void *arg, const struct smb3_dirent *entry);
/* size and alloc for streams; names for EAs. False: stop. */
typedef bool (*smb3_emit_stream_fn)(void *arg, const char *name, uint64_t size, uint64_t alloc);
/* A previous version, by its time. False: stop. */
typedef bool (*smb3_emit_version_fn)(void *arg, smb3_nttime when);

struct smb3_fsinfo {
	uint64_t total, available, free; /* bytes; available: for this user */
	uint32_t block;                  /* cluster size */
	uint32_t sector;
	uint64_t serial;            /* volume id */
	const char *type;           /* "NTFS" is what clients are told unless configured */
	uint32_t features;          /* FILE_SUPPORTS_... of fscc.h */
	uint32_t max_name;          /* characters of a component */
	uint64_t files, files_free; /* inodes; 0: unknown */
	smb3_nttime created;
};

#define SMB3_RENAME_REPLACE 0x1
#define SMB3_COPY_CLONE     0x1 /* share blocks or fail with -EOPNOTSUPP */
#define SMB3_ALLOC_ZERO     0x1 /* alloc: the range reads as zeros afterwards, blocks kept */
#define SMB3_ALLOC_PUNCH    0x2 /* alloc: the range becomes a hole */

#define SMB3_SHORT_NAME 13 /* "ABCDEFGH.EXT" */

#define SMB3_VFS_BLOCKS 0x1 /* may block for long: never tried on a loop */
#define SMB3_VFS_FILTER 0x2 /* cannot stand at the bottom */
#define SMB3_VFS_LOCAL  0x4 /* backend: the share's path is a folder of this machine */

struct smb3_vfs_ops {
	const char *name; /* as smb3.conf names it */
	uint32_t flags;
	size_t mount_size;  /* the layer's data per mount: self->data, zeroed */
	size_t handle_size; /* the layer's data per handle: smb3_vfs_of(self, h), zeroed */

	/* A filter with this puts itself into every share for which it answers true, as its options
	 * say (smb3_conf_of), above the filters that the share names; a smaller order is nearer
	 * to the client. Without: it filters where vfs names it. */
	bool (*wanted)(const struct smb3_mod *mod, const struct smb3_share *share);
	int order;

	int (*mount)(struct smb3_vfs *self, const struct smb3_share *share);
	void (*unmount)(struct smb3_vfs *self);

	/* Fill h. root: the share's folder. walk: the directory at a path of several components
	 * ('/' between them) below dir; the one operation that takes a path, because one system
	 * call can do it; default: open each. That is also done for a filter that has open but no
	 * walk: what it hides is not walked through. */
	int (*root)(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h);
	int (*walk)(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		    const char *path, struct smb3_handle *h);
	/* Sets h->directory and the name. A symbolic link that is not followed answers -ELOOP, one
	 * that leads out of the share -EXDEV. After a failure h is as before. */
	int (*open)(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		    const char *name, const struct smb3_how *how, struct smb3_handle *h);
	/* A named stream of an object; how as for open. */
	int (*open_stream)(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			   struct smb3_handle *base, const char *stream, const struct smb3_how *how,
			   struct smb3_handle *h);
	/* h becomes one more handle of what from is, for its attributes only (SMB3_O_META). What a
	 * filter for streams needs of what is below it. */
	int (*clone)(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *from,
		     struct smb3_handle *h);
	void (*close)(struct smb3_vfs *self, struct smb3_handle *h);

	int (*stat)(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		    struct smb3_stat *ret_stat);
	/* Without opening; symbolic links are followed when they stay inside, else described. */
	int (*lookup)(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		      const char *name, struct smb3_stat *ret_stat);
	int (*setattr)(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       const struct smb3_setattr *set);

	ssize_t (*pread)(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			 void *buf, size_t len, uint64_t offset);
	/* Like pread, but into kernel pipes, which have room for all, without copying. -EOPNOTSUPP:
	 * read it by pread; that is also done for a filter that has pread but not this, for it wants
	 * to see or change what is read. Nothing is in the pipes after -EAGAIN and -EOPNOTSUPP. */
	ssize_t (*splice)(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  struct smb3_tube *tube, size_t len, uint64_t offset);
	ssize_t (*pwrite)(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  const void *buf, size_t len, uint64_t offset);
	int (*flush)(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h);
	int (*truncate)(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			uint64_t size);
	/* Reserves (flags 0: the size stays), zeroes or punches a range. */
	int (*alloc)(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		     uint64_t offset, uint64_t len, uint32_t flags);
	/* The first range with data at or after *offset: *offset moves there, *len is its length;
	 * -ENXIO when there is none. Default, also for -EOPNOTSUPP: the whole file is one range. */
	int (*next_data)(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			 uint64_t *offset, uint64_t *len);
	/* Bytes copied (may be short), between handles of one mount. Default, also for -EOPNOTSUPP
	 * without CLONE: read and write. */
	ssize_t (*copy)(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *from,
			uint64_t from_offset, struct smb3_handle *to, uint64_t to_offset,
			size_t len, uint32_t flags);

	/* Entries after *cookie (0: from the start), without "." and ".."; *cookie ends after the
	 * last one taken. 0 at the end of the folder, 1 when emit stopped it. */
	int (*readdir)(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       uint64_t *cookie, smb3_emit_fn emit, void *arg);

	/* Unlinks a file or an empty directory. */
	int (*remove)(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		      const char *name, bool directory);
	int (*rename)(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		      const char *name, struct smb3_handle *to_dir, const char *to_name,
		      uint32_t flags);
	int (*link)(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		    struct smb3_handle *to_dir, const char *to_name);
	/* A symbolic link (target given), device, FIFO or socket (mode has the type). */
	int (*make)(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		    const char *name, uint32_t mode, uint64_t rdev, const char *target);
	/* The object h, whose entry is dir's name, becomes a symbolic link; target NULL: an empty file
	 * again. h is the new object from then on. */
	int (*become)(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		      const char *name, struct smb3_handle *h, const char *target);
	ssize_t (*readlink)(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			    struct smb3_handle *h, char *buf, size_t size);

	/* Extended attributes by their raw name ("user.x"). get: the length, -ERANGE when size is
	 * too small. set with NULL removes. */
	ssize_t (*getxattr)(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			    struct smb3_handle *h, const char *name, void *buf, size_t size);
	int (*setxattr)(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			const char *name, const void *value, size_t len);
	ssize_t (*listxattr)(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			     struct smb3_handle *h, char *buf, size_t size);
	int (*list_streams)(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			    struct smb3_handle *h, smb3_emit_stream_fn emit, void *arg);
	/* Removes the stream that h is; of a file or folder, all the streams that it has. */
	int (*remove_stream)(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			     struct smb3_handle *h);
	/* Gives the stream that h is another name, "" for the unnamed stream. -EEXIST when that
	 * exists, unless REPLACE and it is empty: -ENOTEMPTY. */
	int (*rename_stream)(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			     struct smb3_handle *h, const char *to, uint32_t flags);

	int (*statfs)(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      struct smb3_fsinfo *ret_info);
	/* The previous versions of what the share shows, in the order in which clients are told. A
	 * layer that has this takes the name that smb3_version_name() gives a version, in the root,
	 * for a folder that shows the share as it was then. On a share that has a version (share.h)
	 * its root is that folder, and there are none. Default: there are none. */
	int (*versions)(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			smb3_emit_version_fn emit, void *arg);
	/* The 8.3 name of an entry that is called so, by which it can be opened too; a function of
	 * the name alone. Default: there are none, -EOPNOTSUPP. */
	int (*short_name)(struct smb3_vfs *self, const char *name, char ret_short[SMB3_SHORT_NAME]);
	/* What clients call an entry that has this name on disk, to be freed; NULL: for them there is
	 * none. A function of the name alone. Default: the same. */
	char *(*client_name)(struct smb3_vfs *self, const char *disk);
	/* A file descriptor for sendfile, inotify and the like, owned by the handle; -EOPNOTSUPP. */
	int (*fd)(struct smb3_vfs *self, struct smb3_handle *h);
};

/* A layer of a mount. */
struct smb3_vfs {
	const struct smb3_vfs_ops *ops;
	struct smb3_vfs *next; /* NULL: the backend */
	struct smb3_mount *mount;
	struct smb3_mod *mod;
	void *data;           /* ops->mount_size bytes */
	size_t handle_offset; /* of its room in a handle */
};

struct smb3_mount {
	struct smb3_server *server;
	struct smb3_share *share; /* not counted: the share owns its mount */
	struct smb3_vfs *top;
	size_t handle_size;
	_Atomic bool blocks; /* a layer said SMB3_VFS_BLOCKS, or sets it for as long as it does */
	/* smb3_clock(): inline work took long, look why; it waited too often, use the pool; until when its waits
	 * so far are a fiftieth of the time */
	_Atomic uint64_t watched_until, slow_until, strained_until;
	unsigned int running; /* of the pool's threads; under its lock */
};

/* The layer that has previous versions; NULL: there are none. */
static inline struct smb3_vfs *smb3_vfs_versioned(const struct smb3_mount *mount)
{
	struct smb3_vfs *vfs = mount->top;

	while (vfs && !vfs->ops->versions)
		vfs = vfs->next;
	return vfs;
}

static inline void *smb3_vfs_of(const struct smb3_vfs *self, struct smb3_handle *h)
{
	return (char *)h + self->handle_offset;
}

/* The share's mount, mounted at the first use (may block: call it in work). 0 or -errno, the
 * reason logged. Lives as long as the share. */
int smb3_share_mount(struct smb3_share *share, struct smb3_mount **ret_mount);

struct smb3_handle *smb3_handle_new(struct smb3_mount *mount);
void smb3_handle_free(struct smb3_handle *h); /* closes it; NULL is allowed */
void smb3_handle_name(struct smb3_handle *h, const char *name);

/* One wrapper per operation: the first layer from vfs on that has it, or the default. Callers
 * outside a stack pass mount->top. */
int smb3_vfs_root(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h);
int smb3_vfs_walk(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		  const char *path, struct smb3_handle *h);
int smb3_vfs_open(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		  const char *name, const struct smb3_how *how, struct smb3_handle *h);
int smb3_vfs_open_stream(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *base,
			 const char *stream, const struct smb3_how *how, struct smb3_handle *h);
int smb3_vfs_clone(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *from,
		   struct smb3_handle *h);
void smb3_vfs_close(struct smb3_vfs *vfs, struct smb3_handle *h);
int smb3_vfs_stat(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		  struct smb3_stat *ret_stat);
int smb3_vfs_lookup(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		    const char *name, struct smb3_stat *ret_stat);
int smb3_vfs_setattr(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		     const struct smb3_setattr *set);
ssize_t smb3_vfs_pread(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       void *buf, size_t len, uint64_t offset);
ssize_t smb3_vfs_splice(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
			struct smb3_tube *tube, size_t len, uint64_t offset);
ssize_t smb3_vfs_pwrite(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
			const void *buf, size_t len, uint64_t offset);
int smb3_vfs_flush(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h);
int smb3_vfs_truncate(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      uint64_t size);
int smb3_vfs_alloc(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		   uint64_t offset, uint64_t len, uint32_t flags);
int smb3_vfs_next_data(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       uint64_t *offset, uint64_t *len);
ssize_t smb3_vfs_copy(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *from,
		      uint64_t from_offset, struct smb3_handle *to, uint64_t to_offset, size_t len,
		      uint32_t flags);
int smb3_vfs_readdir(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		     uint64_t *cookie, smb3_emit_fn emit, void *arg);
int smb3_vfs_remove(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		    const char *name, bool directory);
int smb3_vfs_rename(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		    const char *name, struct smb3_handle *to_dir, const char *to_name,
		    uint32_t flags);
int smb3_vfs_link(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		  struct smb3_handle *to_dir, const char *to_name);
int smb3_vfs_make(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		  const char *name, uint32_t mode, uint64_t rdev, const char *target);
int smb3_vfs_become(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		    const char *name, struct smb3_handle *h, const char *target);
ssize_t smb3_vfs_readlink(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  char *buf, size_t size);
ssize_t smb3_vfs_getxattr(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  const char *name, void *buf, size_t size);
int smb3_vfs_setxattr(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      const char *name, const void *value, size_t len);
ssize_t smb3_vfs_listxattr(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
			   char *buf, size_t size);
int smb3_vfs_list_streams(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  smb3_emit_stream_fn emit, void *arg);
int smb3_vfs_remove_stream(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h);
int smb3_vfs_rename_stream(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
			   const char *to, uint32_t flags);
int smb3_vfs_statfs(struct smb3_vfs *vfs, const struct smb3_ctx *ctx, struct smb3_handle *h,
		    struct smb3_fsinfo *ret_info);
int smb3_vfs_short_name(struct smb3_vfs *vfs, const char *name, char ret_short[SMB3_SHORT_NAME]);
char *smb3_vfs_client_name(struct smb3_vfs *vfs, const char *disk);
int smb3_vfs_fd(struct smb3_vfs *vfs, struct smb3_handle *h);

#endif
