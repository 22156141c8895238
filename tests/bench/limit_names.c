// SPDX-License-Identifier: Apache-2.0
/*
 * limit_names.c: what the kernel takes for the system calls that work on names cannot do without.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "limit.h"

#define ENTRIES 10000
#define SMALL   4096

static int folder; /* of ENTRIES files "entry-N" */

static int must(int result, const char *what)
{
	if (result < 0)
		limit_fail(what);
	return result;
}

static void name_of(char name[32], const char *kind, uint32_t n)
{
	snprintf(name, 32, "%s-%u", kind, n);
}

static void one_open(uint32_t n)
{
	struct statx stx;
	char name[32];
	int fd;

	name_of(name, "entry", n * 7919 % ENTRIES);
	fd = must(openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), "openat");
	must(statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &stx), "statx");
	close(fd);
}

static void one_absent(uint32_t n)
{
	if (openat(folder, n % 2 ? "desktop.ini" : "Thumbs.db", O_RDONLY | O_CLOEXEC) >= 0)
		limit_fail("a name that should not be there");
}

static void one_create(uint32_t n)
{
	static uint8_t data[SMALL];
	char name[32];
	int fd;

	name_of(name, "new", n);
	fd = must(openat(folder, name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0644), "create");
	must((int)pwrite(fd, data, SMALL, 0), "pwrite");
	close(fd);
}

static void one_delete(uint32_t n)
{
	char name[32];

	name_of(name, "new", n);
	must(unlinkat(folder, name, 0), "unlinkat");
}

static void one_listing(uint32_t n)
{
	static char buffer[1u << 16];
	long len;

	must((int)lseek(folder, 0, SEEK_SET), "lseek");
	while ((len = syscall(SYS_getdents64, folder, buffer, sizeof(buffer))) > 0)
		for (long at = 0; at < len;) {
			const struct dirent64 *e = (const void *)(buffer + at);
			struct statx stx;

			must(statx(folder, e->d_name, AT_SYMLINK_NOFOLLOW,
				   STATX_BASIC_STATS | STATX_BTIME, &stx),
			     "statx");
			at += e->d_reclen;
		}
	must((int)len, "getdents64");
}

static void measure(const char *what, void (*one)(uint32_t n), uint32_t n, uint32_t each)
{
	double began = limit_cpu();

	for (uint32_t i = 0; i < n; i++)
		one(i);
	limit_say(what, (limit_cpu() - began) / n / each * 1e6, "us");
}

void limit_names(const char *in)
{
	char path[4096], name[32];

	snprintf(path, sizeof(path), "%s/limit-XXXXXX", in);
	if (!mkdtemp(path))
		limit_fail(path);
	folder = must(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), path);
	for (uint32_t i = 0; i < ENTRIES; i++) {
		name_of(name, "entry", i);
		close(must(openat(folder, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644),
			   name));
	}
	measure("openat, statx, close", one_open, 200000, 1);
	measure("openat of what is not there", one_absent, 200000, 1);
	measure("list: getdents64, statx; an entry", one_listing, 20, ENTRIES);
	measure("openat, pwrite of 4 KiB, close; new", one_create, 5000, 1);
	measure("unlinkat of that", one_delete, 5000, 1);
	for (uint32_t i = 0; i < ENTRIES; i++) {
		name_of(name, "entry", i);
		unlinkat(folder, name, 0);
	}
	close(folder);
	rmdir(path);
}
