// SPDX-License-Identifier: Apache-2.0
/*
 * lookup.h: entries of this machine's users and groups, however large they are. Name services may
 * take their time: not on a loop.
 */
#ifndef SMB3_LOOKUP_H
#define SMB3_LOOKUP_H

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <smb3/base.h>
#include <stdlib.h>

#define SMB3_LOOKUP_MAX (1u << 20) /* bytes that one entry may need */

static inline bool smb3_lookup_again(int err, size_t size)
{
	return err == EINTR || (err == ERANGE && size < SMB3_LOOKUP_MAX);
}

/* Some name services say "there is none" by an errno. */
static inline int smb3_lookup_end(int err, const void *found, char *buf, char **ret_buf)
{
	if (found) {
		*ret_buf = buf;
		return 0;
	}
	free(buf);
	return !err || err == ESRCH || err == EBADF || err == EPERM ? -ENOENT : -err;
}

/* By name, or by number when name is NULL. 0: what the entry points to is in ret_buf, which the caller
 * frees; -ENOENT: there is none. */
static inline int smb3_lookup_user(const char *name, uid_t uid, struct passwd *ret_pw,
				   char **ret_buf)
{
	struct passwd *found = NULL;
	size_t size = 1024;
	char *buf = NULL;
	int err;

	do {
		size *= 2;
		buf = smb3_realloc(buf, size);
		err = name ? getpwnam_r(name, ret_pw, buf, size, &found) :
			     getpwuid_r(uid, ret_pw, buf, size, &found);
	} while (smb3_lookup_again(err, size));
	return smb3_lookup_end(err, found, buf, ret_buf);
}

static inline int smb3_lookup_group(const char *name, gid_t gid, struct group *ret_gr,
				    char **ret_buf)
{
	struct group *found = NULL;
	size_t size = 1024;
	char *buf = NULL;
	int err;

	do {
		size *= 2;
		buf = smb3_realloc(buf, size);
		err = name ? getgrnam_r(name, ret_gr, buf, size, &found) :
			     getgrgid_r(gid, ret_gr, buf, size, &found);
	} while (smb3_lookup_again(err, size));
	return smb3_lookup_end(err, found, buf, ret_buf);
}

#endif
