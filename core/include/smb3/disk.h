// SPDX-License-Identifier: Apache-2.0
/*
 * disk.h: files that the server keeps for itself: read whole, and replaced whole. Whoever writes one
 * file from several threads or processes has them take turns.
 */
#ifndef SMB3_DISK_H
#define SMB3_DISK_H

#include <smb3/base.h>

/* The next len bytes of fd; -EIO when it ends before. */
int smb3_disk_read(int fd, void *buf, size_t len);

/* Puts a file with that content in the place of path; 0 when it is on the disk. A crash leaves the old
 * file or the new one, an error the old one. (But for one: when just the folder cannot be written to the
 * disk, the new file is there.) The content goes to "path.new" first: what a process that was killed has
 * left there is removed, and a link there is not followed. mode as for open(2). What is in memory is the
 * caller's to wipe: no copies are made. */
int smb3_disk_replace(const char *path, mode_t mode, const void *data, size_t len);
/* The same, with what write puts into fd, which it leaves open; 0 or -errno. */
int smb3_disk_replace_by(const char *path, mode_t mode, int (*write)(int fd, void *arg), void *arg);

/* Writes to the disk which names the folder has in which path stands. */
int smb3_disk_sync_folder(const char *path);

#endif
