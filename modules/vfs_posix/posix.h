// SPDX-License-Identifier: Apache-2.0
/*
 * posix.h: what the files of vfs_posix share.
 *
 *   bare     a descriptor opened with O_PATH: it names the object and can do nothing else, so
 *            opening it has no effect on FIFOs, devices and leases and needs no right on the file
 *   shown    an entry's name as clients see it, always UTF-8 that Windows can name; show.c
 *   exact    with the case (and the spelling) asked for
 *
 * All functions answer 0, a descriptor or a count; or a negative errno.
 */
#ifndef VFS_POSIX_H
#define VFS_POSIX_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <pthread.h>
#include <smb3/smb3.h>
#include <sys/stat.h>

#define POSIX_LOCKS 16

/* To write the attributes of the name space "security", whose readers trust them. */
#define POSIX_RAISES SMB3_CAP(CAP_SYS_ADMIN)

/* The option name_index. */
enum posix_indexing {
	POSIX_INDEX_AUTO, /* where inotify sees every change */
	POSIX_INDEX_ALWAYS,
	POSIX_INDEX_NEVER,
};

struct posix_conf {
	bool follow_symlinks, wide_links, one_file_system, case_sensitive, store_dos_attributes;
	int name_index; /* enum posix_indexing */
	uint64_t name_index_memory;
	int64_t attribute_cache, absent_cache;
};

struct posix_index;
struct posix_table;
struct posix_absent;

/* What all mounts share; each may be NULL. */
struct posix_shared {
	struct posix_index *index;
	struct posix_table *known;
	struct posix_absent *absent;
};

struct posix_mount {
	int root;         /* bare */
	const char *path; /* as configured */
	const char *share;
	uint32_t cluster;
	bool follow, sensitive, store;
	enum posix_indexing indexing;
	struct posix_index *index;   /* the module's, of all mounts; NULL: none */
	struct posix_table *known;   /* likewise; NULL also where it cannot be relied on */
	struct posix_absent *absent; /* likewise; NULL also where names mind their case */
	uint64_t dev;        /* the root's; the one file system that known and absent are about */
	smb3_nttime created; /* the root's */
	uint64_t resolve;    /* RESOLVE_...: what no name gets past */
	/* What the file system turned out not to have */
	_Atomic bool no_xattr;                /* user.*: logged once */
	_Atomic bool no_xattrat;              /* the kernel: getxattrat() */
	_Atomic bool read_waits, write_waits; /* RWF_NOWAIT */
	bool local;                           /* what is written stays on this machine */
	/* data.c, smb3_clock(): no loop writes before that; how long it last was not to */
	_Atomic uint64_t try_again, try_pause;
	_Atomic int reflink, compress; /* 0: not tried, 1: yes, -1: no */
	/* Held by whoever adds a name to a folder (chosen by inode): nobody adds another spelling
	 * of it in between. */
	pthread_mutex_t naming[POSIX_LOCKS];
};

struct posix_handle {
	int fd;
	_Atomic bool bare;
	bool borrowed; /* fd is the mount's */
	bool complete; /* fresh has the DOS attributes */
	/* Several requests may work on one handle. */
	_Atomic bool created;      /* by this handle, and its name is not flushed yet */
	_Atomic int list;          /* 0, or 1 + a descriptor for readdir */
	_Atomic int former;        /* likewise of what it was before it became something else */
	_Atomic uint64_t reserved; /* bytes allocated through this handle */
	/* The stat that open made answers the first stat() that follows at once, and all while a
	 * CREATE says that it is under way. */
	_Atomic uint64_t fresh_until; /* smb3_clock(); 0: not fresh */
	_Atomic bool as_opened;       /* not changed through this handle since */
	struct smb3_stat fresh;
	smb3_nttime inode_changed;         /* fresh.changed may be what a client has set */
	_Atomic uint64_t dir_dev, dir_ino; /* of a folder, once asked for; ino 0: not yet */
};

/* Whatever changes the object through a handle comes by here. */
static inline void posix_stale(struct posix_handle *ph)
{
	if (!atomic_load_explicit(&ph->as_opened, memory_order_relaxed))
		return;
	atomic_store_explicit(&ph->as_opened, false, memory_order_relaxed);
	atomic_store_explicit(&ph->fresh_until, 0, memory_order_relaxed);
}

static inline struct posix_mount *posix_mount_of(const struct smb3_vfs *self)
{
	return self->data;
}

static inline struct posix_handle *posix_of(const struct smb3_vfs *self, struct smb3_handle *h)
{
	return smb3_vfs_of(self, h);
}

/* No entry has this very name; it may be shown so all the same. */
static inline bool posix_missing(int err)
{
	return err == -ENOENT || err == -ENAMETOOLONG;
}

/* "/proc/self/fd/N": the object of a bare descriptor, for calls that take only a path. */
#define POSIX_PROC_SIZE 32
const char *posix_proc(int fd, char buf[POSIX_PROC_SIZE]);

/* ---- show.c: names on disk that clients could not read or write ---- */

#define POSIX_SHOWN_SIZE (3 * NAME_MAX + 1)

/* disk itself, or buf when it must look different. */
const char *posix_shown(const char *disk, char buf[POSIX_SHOWN_SIZE]);
/* Is it one of the characters that stand for what cannot be shown? */
bool posix_stands_in(uint32_t cp);

/* ---- name.c ---- */

/* Which entry is shown as name? The very name wins; of several others always the same one. */
struct posix_search {
	const char *name, *shown; /* as asked for, and that as it would be shown */
	bool exact;
	char *found; /* NAME_MAX + 1 bytes; "": none so far */
};

/* -EINVAL for what is not one component. */
int posix_name_check(const char *name);
/* Looks at one entry; true: it is the very name. */
bool posix_consider(const struct posix_search *s, const char *entry);
/* The entry of dir that is shown like name: the one place where names are looked for. Only for
 * names that were not found as they are; -ENOENT (-ENAMETOOLONG), or -EAGAIN when that would block.
 * -ENODATA: there was no looking, as no other spelling can be or the folder may not be listed; it may
 * even have this very name, of a link that leads nowhere. */
int posix_look(const struct posix_mount *m, const struct smb3_ctx *ctx, int dirfd, const char *name,
	       bool exact, char ret_found[NAME_MAX + 1]);
/* The same to whom it is all one why there is none. */
int posix_find(const struct posix_mount *m, const struct smb3_ctx *ctx, int dirfd, const char *name,
	       bool exact, char ret_found[NAME_MAX + 1]);
/* Device and inode of a folder, kept in its handle. */
int posix_dir_id(struct posix_handle *dir);
bool posix_same_dir(struct posix_handle *a, struct posix_handle *b);
/* Around adding a name to dir; NULL when names need no protection. */
pthread_mutex_t *posix_naming_lock(struct posix_mount *m, struct posix_handle *dir);
void posix_naming_unlock(pthread_mutex_t *lock);
/* 0; -EEXIST when dir has the name in some spelling. Under the lock. */
int posix_name_free(const struct posix_mount *m, const struct smb3_ctx *ctx, int dirfd,
		    const char *name, bool exact);

/* ---- resolve.c ---- */

uint64_t posix_resolve(const struct posix_conf *conf);
/* A new descriptor for a path of one or more checked components; nothing outside the share is
 * ever reached. -EXDEV: a symbolic link leads out. -ELOOP: one is not followed, leads nowhere, or
 * in a circle. */
int posix_openat(const struct posix_mount *m, const struct smb3_ctx *ctx, int dirfd,
		 const char *path, int flags, mode_t mode);
/* The same for one name in any spelling; found is the entry's name on disk. */
int posix_open_name(const struct posix_mount *m, const struct smb3_ctx *ctx, int dirfd,
		    const char *name, int flags, bool exact, char ret_found[NAME_MAX + 1]);
int posix_walk(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
	       const char *path, struct smb3_handle *h);

/* ---- open.c ---- */

int posix_root(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h);
int posix_open(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
	       const char *name, const struct smb3_how *how, struct smb3_handle *h);
int posix_clone(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *from,
		struct smb3_handle *h);
void posix_close(struct smb3_vfs *self, struct smb3_handle *h);
int posix_fd(struct smb3_vfs *self, struct smb3_handle *h);
char *posix_client_name(struct smb3_vfs *self, const char *disk);

/* ---- dosattrib.c: the xattr user.DOSATTRIB ---- */

#define POSIX_DOS_NAME "user.DOSATTRIB"
#define POSIX_DOS_SIZE 64  /* what is written needs less */
#define POSIX_DOS_READ 512 /* the oldest format may carry a name */

struct posix_dos {
	bool has_attributes, has_created, has_changed;
	uint32_t attributes;
	smb3_nttime created;
	/* A change time that a client has set, and the inode's when that was stored: it holds until
	 * the inode changes again. */
	smb3_nttime changed, changed_at;
	uint32_t reparse_tag; /* not part of the xattr; with FILE_ATTRIBUTE_REPARSE_POINT */
};

/* -EINVAL when it is in no known format. */
int posix_dos_parse(const void *blob, size_t len, struct posix_dos *ret_dos);
size_t posix_dos_build(const struct posix_dos *dos, uint8_t buf[POSIX_DOS_SIZE]);

/* ---- attr.c ---- */

/* Attributes that can be set and kept. */
#define POSIX_DOS_SETTABLE                                                                \
	(FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM |        \
	 FILE_ATTRIBUTE_ARCHIVE | FILE_ATTRIBUTE_TEMPORARY | FILE_ATTRIBUTE_SPARSE_FILE | \
	 FILE_ATTRIBUTE_OFFLINE | FILE_ATTRIBUTE_NOT_CONTENT_INDEXED |                    \
	 FILE_ATTRIBUTE_INTEGRITY_STREAM | FILE_ATTRIBUTE_NO_SCRUB_DATA |                 \
	 FILE_ATTRIBUTE_REPARSE_POINT)

/* Those that the file system itself tells. */
#define POSIX_DOS_FOUND (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_COMPRESSED)

/* Everything but what is in DOS attributes. */
int posix_stat_fd(const struct posix_mount *m, int fd, struct smb3_stat *ret_stat);
/* What an object without stored attributes has. */
uint32_t posix_default_attributes(mode_t mode);
/* Completes st with what is stored for an entry that is no link. */
void posix_dos_complete(struct posix_mount *m, int dirfd, const char *name, struct smb3_stat *st);
int posix_dos_set(struct posix_mount *m, const struct posix_handle *ph,
		  const struct posix_dos *dos);
int posix_stat(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
	       struct smb3_stat *ret_stat);
int posix_lookup(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		 const char *name, struct smb3_stat *ret_stat);
int posix_setattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		  const struct smb3_setattr *set);

/* ---- reparse.c: reparse points that are data, and objects that become links ---- */

/* The whole reparse point as the wire has it, beside the attribute REPARSE_POINT of DOS attributes;
 * as Samba keeps it. */
#define POSIX_REPARSE_NAME "user.SmbReparse"
#define POSIX_REPARSE_SIZE 16384

/* The tag of a stored reparse point; 0: there is none. */
uint32_t posix_reparse_tag(const void *blob, size_t len);
uint32_t posix_reparse_get(struct posix_mount *m, const struct posix_handle *ph);
uint32_t posix_reparse_get_at(struct posix_mount *m, int dirfd, const char *name);
int posix_become(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		 const char *name, struct smb3_handle *h, const char *target);

/* ---- data.c ---- */

ssize_t posix_splice(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		     struct smb3_tube *tube, size_t len, uint64_t offset);
ssize_t posix_pread(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		    void *buf, size_t len, uint64_t offset);
ssize_t posix_pwrite(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		     const void *buf, size_t len, uint64_t offset);
int posix_flush(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h);
int posix_truncate(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		   uint64_t size);

/* ---- space.c ---- */

/* Blocks for a range; the size stays. */
int posix_reserve(const struct posix_mount *m, struct posix_handle *ph, uint64_t offset,
		  uint64_t len);
int posix_alloc(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		uint64_t offset, uint64_t len, uint32_t flags);
int posix_next_data(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		    uint64_t *offset, uint64_t *len);
ssize_t posix_copy(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *from,
		   uint64_t from_offset, struct smb3_handle *to, uint64_t to_offset, size_t len,
		   uint32_t flags);

/* ---- dir.c ---- */

int posix_readdir(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		  uint64_t *cookie, smb3_emit_fn emit, void *arg);
/* A descriptor of the folder that can be read and flushed; owned by the handle. */
int posix_list_fd(struct posix_handle *ph);
int posix_remove(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		 const char *name, bool directory);
int posix_link(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
	       struct smb3_handle *to_dir, const char *to_name);
int posix_make(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
	       const char *name, uint32_t mode, uint64_t rdev, const char *target);
ssize_t posix_readlink(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       char *buf, size_t size);

/* ---- rename.c ---- */

int posix_rename(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		 const char *name, struct smb3_handle *to_dir, const char *to_name, uint32_t flags);

/* ---- fs.c: extended attributes, and the file system as a whole ---- */

/* -EOPNOTSUPP has been logged, once per mount. */
ssize_t posix_xattr_get(struct posix_mount *m, const struct posix_handle *ph, const char *name,
			void *buf, size_t size);
int posix_xattr_set(struct posix_mount *m, const struct posix_handle *ph, const char *name,
		    const void *value, size_t len);
/* Of the entry itself, not what it links to. */
ssize_t posix_xattr_get_at(struct posix_mount *m, int dirfd, const char *name, const char *xattr,
			   void *buf, size_t size);
ssize_t posix_getxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       const char *name, void *buf, size_t size);
int posix_setxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		   const char *name, const void *value, size_t len);
ssize_t posix_listxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			char *buf, size_t size);
uint32_t posix_cluster(int fd);
/* Switches compression of what is written from now on. */
int posix_compress(const struct posix_handle *ph, bool on);
/* Bytes that this user may still write. */
uint64_t posix_available(int fd);
int posix_statfs(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		 struct smb3_fsinfo *ret_info);

#endif
