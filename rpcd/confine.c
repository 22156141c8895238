// SPDX-License-Identifier: Apache-2.0
/*
 * confine.c: everything that smb3-rpcd gives up before it listens to a client's bytes: descriptors,
 * resources, privileges, the file system. Each of these would do for most of it; together they leave
 * the channel, memory and a clock.
 */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY 65534

static void limit(int what, const char *name, rlim_t value)
{
	struct rlimit r = { .rlim_cur = value, .rlim_max = value };

	if (setrlimit(what, &r) < 0)
		give_up("limit %s: %s", name, strerror(errno));
}

/* A sanitizer maps terabytes that it never touches. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

void confine_limits(const struct setup *setup)
{
	int null = open("/dev/null", O_RDWR);

	/* Standard error stays: a reason to give up goes to the log. */
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
		give_up("/dev/null: %s", strerror(errno));
	if (null > CHANNEL_FD)
		close(null);
	if (syscall(SYS_close_range, CHANNEL_FD + 1, ~0u, 0) < 0)
		give_up("descriptors do not close: %s", strerror(errno));
	if (!SANITIZED && setup->memory)
		limit(RLIMIT_AS, "memory", setup->memory);
	limit(RLIMIT_CPU, "CPU time", setup->cpu);
	limit(RLIMIT_FSIZE, "file size", 0);
	limit(RLIMIT_CORE, "core", 0);
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	if (syscall(SYS_capset, &head, none) < 0)
		give_up("capabilities: %s", strerror(errno));
}

void confine_user(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		give_up("prctl: %s", strerror(errno));
	if (geteuid() == 0) {
		for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
			if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno != EPERM)
				give_up("capability %d: %s", cap, strerror(errno));
		/* EINVAL: a container without that user. It has no capabilities then, either. */
		if ((setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
		     setresuid(NOBODY, NOBODY, NOBODY) < 0) &&
		    errno != EINVAL)
			give_up("cannot become nobody: %s", strerror(errno));
	}
	drop_capabilities();
}

/* A rule set that handles everything and allows nothing. Kernels without Landlock: the system call
 * filter alone keeps it from files. */
void confine_files(void)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs =
						      (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1 };
	long fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

	limit(RLIMIT_NOFILE, "descriptors", 0);
	if (fd < 0 && (errno == ENOSYS || errno == EOPNOTSUPP))
		return;
	if (fd < 0 || syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		give_up("Landlock: %s", strerror(errno));
	close((int)fd);
}
