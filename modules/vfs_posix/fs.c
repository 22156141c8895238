// SPDX-License-Identifier: Apache-2.0
/*
 * fs.c: extended attributes, and the file system as a whole.
 */
#include "known.h"

#include <linux/fs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#ifndef SYS_getxattrat
#define SYS_getxattrat 464
#endif

#define FS_EXFAT_MAGIC 0x2011bab0
#define FS_SECTOR      512
#define FS_CLUSTER_MAX 65536

/* As the kernel's struct xattr_args. */
struct fs_xattr_args {
	_Alignas(8) uint64_t value;
	uint32_t size, flags;
};

/* -errno; that nothing can be stored is said once. */
static int fs_xattr_failed(struct posix_mount *m)
{
	int err = -errno;

	if (err == -EOPNOTSUPP && !atomic_exchange(&m->no_xattr, true))
		smb3_log(SMB3_LOG_WARNING,
			 "share %s: the file system of %s has no user extended attributes: "
			 "DOS attributes and creation times cannot be stored",
			 m->share, m->path);
	return err;
}

ssize_t posix_xattr_get(struct posix_mount *m, const struct posix_handle *ph, const char *name,
			void *buf, size_t size)
{
	char proc[POSIX_PROC_SIZE];
	ssize_t n = ph->bare ? getxattr(posix_proc(ph->fd, proc), name, buf, size) :
			       fgetxattr(ph->fd, name, buf, size);

	return n < 0 ? fs_xattr_failed(m) : n;
}

ssize_t posix_xattr_get_at(struct posix_mount *m, int dirfd, const char *name, const char *xattr,
			   void *buf, size_t size)
{
	struct fs_xattr_args args = { .value = (uintptr_t)buf, .size = (uint32_t)size };
	char path[POSIX_PROC_SIZE + NAME_MAX + 2];
	ssize_t n;

	if (!atomic_load_explicit(&m->no_xattrat, memory_order_relaxed)) {
		n = syscall(SYS_getxattrat, dirfd, name, AT_SYMLINK_NOFOLLOW, xattr, &args,
			    sizeof(args));
		if (n >= 0)
			return n;
		if (errno != ENOSYS && errno != EPERM)
			return fs_xattr_failed(m);
		atomic_store_explicit(&m->no_xattrat, errno == ENOSYS, memory_order_relaxed);
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dirfd, name);
	n = lgetxattr(path, xattr, buf, size);
	return n < 0 ? fs_xattr_failed(m) : n;
}

int posix_xattr_set(struct posix_mount *m, const struct posix_handle *ph, const char *name,
		    const void *value, size_t len)
{
	char proc[POSIX_PROC_SIZE];
	uint64_t raised;
	int n;

	posix_proc(ph->fd, proc);
	raised = strncmp(name, "user.", 5) ? smb3_caps_raise(POSIX_RAISES) : 0;
	if (value)
		n = ph->bare ? setxattr(proc, name, value, len, 0) :
			       fsetxattr(ph->fd, name, value, len, 0);
	else
		n = ph->bare ? removexattr(proc, name) : fremovexattr(ph->fd, name);
	n = n ? fs_xattr_failed(m) : 0;
	smb3_caps_lower(raised);
	return n;
}

/* Those of these name spaces are shown to everybody. */
static bool fs_is_public(const char *name)
{
	return !strncmp(name, "security.", 9) || !strncmp(name, "system.posix_acl_", 17);
}

/* While the object is being opened, what its stat said about its change time is of now. */
ssize_t posix_getxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       const char *name, void *buf, size_t size)
{
	struct posix_mount *m = posix_mount_of(self);
	const struct posix_handle *ph = posix_of(self, h);
	const struct posix_known_id id = { ph->fresh.dev, ph->fresh.ino, ph->inode_changed };
	bool keep = ctx->opening && atomic_load_explicit(&ph->as_opened, memory_order_relaxed) &&
		    fs_is_public(name);
	ssize_t n;

	if (keep && posix_known_lacks(m, &id, name))
		return -ENODATA;
	keep = keep && posix_known_may(m, &id);
	n = posix_xattr_get(m, ph, name, buf, size);
	if (keep && n == -ENODATA)
		posix_known_keep_lack(m, &id, name);
	return n;
}

int posix_setxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		   const char *name, const void *value, size_t len)
{
	struct posix_handle *ph = posix_of(self, h);

	posix_stale(ph);
	return posix_xattr_set(posix_mount_of(self), ph, name, value, len);
}

ssize_t posix_listxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			char *buf, size_t size)
{
	const struct posix_handle *ph = posix_of(self, h);
	char proc[POSIX_PROC_SIZE];
	ssize_t n = ph->bare ? listxattr(posix_proc(ph->fd, proc), buf, size) :
			       flistxattr(ph->fd, buf, size);

	return n < 0 ? -errno : n;
}

uint32_t posix_cluster(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) || fs.f_frsize < FS_SECTOR || (fs.f_frsize & (fs.f_frsize - 1)))
		return 4096;
	return fs.f_frsize > FS_CLUSTER_MAX ? FS_CLUSTER_MAX : (uint32_t)fs.f_frsize;
}

/* Others keep the flag, and do nothing. */
static bool fs_compresses(int fd)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) &&
	       (fs.f_type == BTRFS_SUPER_MAGIC || fs.f_type == F2FS_SUPER_MAGIC);
}

int posix_compress(const struct posix_handle *ph, bool on)
{
	char proc[POSIX_PROC_SIZE];
	int fd = ph->fd, flags, err = 0;

	if (ph->bare)
		fd = open(posix_proc(ph->fd, proc), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!fs_compresses(fd)) {
		err = -EOPNOTSUPP;
	} else if (ioctl(fd, FS_IOC_GETFLAGS, &flags)) {
		err = -errno;
	} else if (!(flags & FS_COMPR_FL) == on) {
		flags = on ? (flags | FS_COMPR_FL) & ~FS_NOCOMP_FL : flags & ~FS_COMPR_FL;
		err = ioctl(fd, FS_IOC_SETFLAGS, &flags) ? -errno : 0;
	}
	if (ph->bare)
		close(fd);
	return err == -ENOTTY ? -EOPNOTSUPP : err;
}

uint64_t posix_available(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) ? 0 : fs.f_bavail * (uint64_t)fs.f_frsize;
}

/* Whether blocks can be shared is known only to who tries: with two files without names. */
static bool fs_try_reflink(int dirfd, int *ret_answer)
{
	int a = openat(dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	int b = a < 0 ? -1 : openat(dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	bool tried = b >= 0;

	if (tried)
		*ret_answer = ioctl(b, FICLONE, a) ? -1 : 1;
	if (a >= 0)
		close(a);
	if (b >= 0)
		close(b);
	return tried;
}

/* Likewise: a file system may have been made without it. */
static bool fs_try_compress(int dirfd, int *ret_answer)
{
	int fd = openat(dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	const struct posix_handle tmp = { .fd = fd };

	if (fd < 0)
		return false;
	*ret_answer = posix_compress(&tmp, true) ? -1 : 1;
	close(fd);
	return true;
}

static bool fs_has_compression(struct posix_mount *m)
{
	int answer = atomic_load(&m->compress);

	if (!answer && fs_try_compress(m->root, &answer))
		atomic_store(&m->compress, answer);
	return answer > 0;
}

/* A user who may not write here learns nothing, and nothing is remembered. */
static bool fs_has_reflink(struct posix_mount *m)
{
	int answer = atomic_load(&m->reflink);

	if (!answer && fs_try_reflink(m->root, &answer))
		atomic_store(&m->reflink, answer);
	return answer > 0;
}

static uint32_t fs_features(struct posix_mount *m, const struct statfs *fs)
{
	uint32_t features = FILE_CASE_PRESERVED_NAMES | FILE_UNICODE_ON_DISK;

	if (m->sensitive)
		features |= FILE_CASE_SENSITIVE_SEARCH;
	if (fs->f_type != MSDOS_SUPER_MAGIC && fs->f_type != FS_EXFAT_MAGIC)
		features |= FILE_SUPPORTS_SPARSE_FILES | FILE_SUPPORTS_HARD_LINKS |
			    FILE_SUPPORTS_REPARSE_POINTS;
	if (!atomic_load_explicit(&m->no_xattr, memory_order_relaxed))
		features |= FILE_SUPPORTS_EXTENDED_ATTRIBUTES;
	if (fs->f_flags & ST_RDONLY)
		features |= FILE_READ_ONLY_VOLUME;
	else if (fs_has_reflink(m))
		features |= FILE_SUPPORTS_BLOCK_REFCOUNTING;
	if (!(fs->f_flags & ST_RDONLY) && fs_has_compression(m))
		features |= FILE_FILE_COMPRESSION;
	return features;
}

int posix_statfs(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		 struct smb3_fsinfo *ret_info)
{
	struct posix_mount *m = posix_mount_of(self);
	struct statfs fs;
	uint64_t unit;

	if (fstatfs(posix_of(self, h)->fd, &fs))
		return -errno;
	unit = fs.f_frsize > 0 ? (uint64_t)fs.f_frsize : (uint64_t)fs.f_bsize;
	*ret_info = (struct smb3_fsinfo){
		.total = fs.f_blocks * unit,
		.available = fs.f_bavail * unit,
		.free = fs.f_bfree * unit,
		.block = m->cluster,
		.sector = FS_SECTOR,
		.serial = (uint32_t)fs.f_fsid.__val[0] | (uint64_t)fs.f_fsid.__val[1] << 32,
		.type = "NTFS",
		.features = fs_features(m, &fs),
		.max_name = fs.f_namelen > 0 ? (uint32_t)fs.f_namelen : NAME_MAX,
		.files = fs.f_files,
		.files_free = fs.f_ffree,
		.created = m->created,
	};
	if (!ret_info->serial)
		ret_info->serial = m->dev;
	return 0;
}
