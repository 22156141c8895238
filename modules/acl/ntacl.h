// SPDX-License-Identifier: Apache-2.0
/*
 * ntacl.h: how a security descriptor is kept in an extended attribute, in the format that Samba's
 * vfs_acl_xattr reads and writes, so that data can move both ways.
 */
#ifndef ACL_NTACL_H
#define ACL_NTACL_H

#include <smb3/cursor.h>

#define NTACL_HASH 32    /* SHA-256 */
#define NTACL_ROOM 65792 /* bytes of the largest that is read or written */

/* A list of the kernel's: system.posix_acl_access, system.posix_acl_default. */
#define POSIX_ACL_USER_OBJ  0x01
#define POSIX_ACL_USER      0x02
#define POSIX_ACL_GROUP_OBJ 0x04
#define POSIX_ACL_GROUP     0x08
#define POSIX_ACL_MASK      0x10
#define POSIX_ACL_OTHER     0x20
#define POSIX_ACL_ENTRIES   512 /* more than the file systems keep */

struct posix_acl_entry {
	uint16_t tag, perm;
	uint32_t id;
};

struct posix_acl {
	size_t n; /* 0: there is no such list */
	struct posix_acl_entry entries[];
};

/* What the Unix side of an object says: its hash tells whether it is still as it was. */
struct ntacl_unix {
	uint32_t mode;
	uid_t uid;
	gid_t gid;
	const struct posix_acl *access, *standard; /* standard: the default list of a folder */
};

struct ntacl {
	uint16_t version;
	bool hashed; /* unix_hash means something */
	uint8_t unix_hash[NTACL_HASH];
	size_t sd_at; /* where the descriptor begins; its offsets count from the start of the blob */
};

/* -EINVAL when the blob is in no known format: versions 1 to 4. */
int ntacl_parse(const void *blob, size_t len, struct ntacl *ret_acl);
/* What stands before the descriptor in version 4; out must be empty. */
void ntacl_put(struct smb3_builder *out, uint64_t now, const uint8_t unix_hash[NTACL_HASH]);
/* ret_acl has room for (len - 4) / 8 entries. -EINVAL; a blob of length 0 is no list. */
int posix_acl_parse(const void *blob, size_t len, struct posix_acl *ret_acl);
void ntacl_hash(const struct ntacl_unix *u, uint8_t ret_hash[NTACL_HASH]);

#endif
