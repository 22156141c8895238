// SPDX-License-Identifier: Apache-2.0
/*
 * base.c: randomness, secrets, processors, and memory that is always there.
 */
#include <smb3/base.h>

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define PROCESSORS_MOST (1u << 16) /* in a set that the kernel is asked for */

/* Neither stdio nor the log: both may allocate. */
static _Noreturn void base_give_up(const char *message)
{
	ssize_t n = write(STDERR_FILENO, message, strlen(message));

	(void)n;
	_exit(EXIT_FAILURE);
}

void smb3_random(void *buf, size_t len)
{
	uint8_t *p = buf;

	while (len) {
		ssize_t n = getrandom(p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			base_give_up("smb3d: the kernel gives no random bytes (getrandom)\n");
		p += n;
		len -= (size_t)n;
	}
}

unsigned int smb3_processors(void)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	/* EINVAL: the kernel's own sets are larger, on account of processors that could be added. */
	for (size_t most = CPU_SETSIZE; most <= PROCESSORS_MOST; most *= 2) {
		cpu_set_t *set = CPU_ALLOC(most);
		size_t size = CPU_ALLOC_SIZE(most);
		int n = 0, err = 0;

		if (!set)
			break;
		if (sched_getaffinity(0, size, set) == 0)
			n = CPU_COUNT_S(size, set);
		else
			err = errno;
		CPU_FREE(set);
		if (n > 0)
			return (unsigned int)n;
		if (err != EINVAL)
			break;
	}
	return online > 0 ? (unsigned int)online : 1;
}

void smb3_wipe(void *buf, size_t len)
{
	explicit_bzero(buf, len);
}

bool smb3_same(const void *a, const void *b, size_t len)
{
	/* volatile: the compiler must not stop at the first difference. */
	const volatile uint8_t *x = a, *y = b;
	uint8_t diff = 0;

	for (size_t i = 0; i < len; i++)
		diff |= (uint8_t)(x[i] ^ y[i]);
	return diff == 0;
}

void *smb3_alloc(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p)
		base_give_up("smb3d: out of memory\n");
	return p;
}

void *smb3_realloc(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);

	if (!p)
		base_give_up("smb3d: out of memory\n");
	return p;
}

char *smb3_strdup(const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(smb3_alloc(size), s, size);
}
