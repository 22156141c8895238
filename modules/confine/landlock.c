// SPDX-License-Identifier: Apache-2.0
/*
 * landlock.c: files that the process may open, by the kernel's Landlock: landlock(7), Linux's
 * userspace-api/landlock. The C library has no functions for it, and older headers lack most of it.
 */
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef LANDLOCK_ACCESS_FS_REFER /* version 2 */
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE /* 3 */
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_NET_BIND_TCP /* 4 */
#define LANDLOCK_ACCESS_NET_BIND_TCP    (1ULL << 0)
#define LANDLOCK_ACCESS_NET_CONNECT_TCP (1ULL << 1)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV /* 5 */
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif
#ifndef LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET /* 6 */
#define LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define LANDLOCK_SCOPE_SIGNAL               (1ULL << 1)
#endif

#define ABI_REFER    2
#define ABI_TRUNCATE 3
#define ABI_NET      4
#define ABI_IOCTL    5
#define ABI_SCOPE    6

#define FILE_READ  LANDLOCK_ACCESS_FS_READ_FILE
#define FILE_WRITE (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE)
#define READ       (FILE_READ | LANDLOCK_ACCESS_FS_READ_DIR)
#define APPEND     (FILE_WRITE | LANDLOCK_ACCESS_FS_MAKE_REG)
#define WRITE                                                                      \
	(APPEND | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SOCK |              \
	 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER)
#define ALL                                                                         \
	(READ | WRITE | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | \
	 LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_IOCTL_DEV)
#define FILES (FILE_READ | FILE_WRITE | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_IOCTL_DEV)

/* struct landlock_ruleset_attr of version 6. */
struct ruleset {
	uint64_t fs, net, scoped;
};

int confine_landlock_abi(const char **ret_why)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	*ret_why = NULL;
	if (abi >= ABI_REFER)
		return (int)abi;
	if (abi > 0)
		*ret_why = "this kernel's Landlock would let no file move to another folder "
			   "(Linux 5.19 does)";
	else if (errno == ENOSYS)
		*ret_why = "this kernel has no Landlock (Linux 5.13 has)";
	else
		*ret_why = "Landlock is switched off (the kernel's option lsm= names it)";
	return 0;
}

static uint64_t fs_rights(int abi)
{
	uint64_t all = ALL;

	if (abi < ABI_TRUNCATE)
		all &= ~LANDLOCK_ACCESS_FS_TRUNCATE;
	if (abi < ABI_IOCTL)
		all &= ~LANDLOCK_ACCESS_FS_IOCTL_DEV;
	return all;
}

/* The kernel takes a shorter structure from those who know less. */
static int ruleset_new(int abi, bool network)
{
	struct ruleset set = { .fs = fs_rights(abi) };
	size_t size = sizeof(set.fs);

	if (abi >= ABI_NET) {
		size = offsetof(struct ruleset, scoped);
		if (!network)
			set.net = LANDLOCK_ACCESS_NET_BIND_TCP | LANDLOCK_ACCESS_NET_CONNECT_TCP;
	}
	if (abi >= ABI_SCOPE) {
		size = sizeof(set);
		set.scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL;
	}
	return (int)syscall(SYS_landlock_create_ruleset, &set, size, 0);
}

static uint64_t place_rights(const struct confine_place *place)
{
	uint64_t rights = 0;

	if (place->may & PLACE_READ)
		rights |= READ;
	if (place->may & PLACE_APPEND)
		rights |= APPEND;
	if (place->may & PLACE_WRITE)
		rights |= WRITE;
	if (place->may & PLACE_EXEC)
		rights |= LANDLOCK_ACCESS_FS_EXECUTE;
	return rights;
}

/* A rule is about the object that is there now, not about the name. */
static int rule_add(int set, struct confine_place *place, int abi)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = place_rights(place) & fs_rights(abi),
		.parent_fd = open(place->path, O_PATH | O_CLOEXEC),
	};
	struct stat st;
	int err = 0;

	place->there = rule.parent_fd >= 0 && fstat(rule.parent_fd, &st) == 0;
	if (place->there) {
		place->dev = st.st_dev;
		place->ino = st.st_ino;
		if (!S_ISDIR(st.st_mode))
			rule.allowed_access &= FILES;
		if (syscall(SYS_landlock_add_rule, set, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
			err = -errno;
	}
	if (err)
		smb3_log(SMB3_LOG_ERROR, "confine: %s: Landlock: %s", place->path, strerror(-err));
	if (rule.parent_fd >= 0)
		close(rule.parent_fd);
	return err;
}

int confine_landlock(struct confine_places *places, int abi, bool network)
{
	int set = ruleset_new(abi, network), err = 0;

	if (set < 0)
		return -errno;
	for (size_t i = 0; i < places->n && !err; i++)
		err = rule_add(set, &places->list[i], abi);
	if (!err && syscall(SYS_landlock_restrict_self, set, 0) < 0)
		err = -errno;
	close(set);
	return err;
}
