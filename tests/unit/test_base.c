// SPDX-License-Identifier: Apache-2.0
/*
 * test_base.c: randomness, secrets, memory.
 */
#include <criterion/criterion.h>
#include <sched.h>
#include <smb3/base.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

Test(base, random_fills_everything_and_only_that)
{
	uint8_t seen[300] = { 0 }, buf[302];

	/* A byte that stays 0 in 40 rounds by chance: 1 in 256^40. */
	for (int round = 0; round < 40; round++) {
		memset(buf, 0, sizeof(buf));
		smb3_random(buf + 1, 300);
		cr_assert_eq(buf[0], 0);
		cr_assert_eq(buf[301], 0);
		for (size_t i = 0; i < 300; i++)
			seen[i] |= buf[i + 1];
	}
	for (size_t i = 0; i < 300; i++)
		cr_assert_neq(seen[i], 0, "byte %zu was never filled", i);
}

Test(base, random_is_not_repeated)
{
	uint8_t a[16], b[16];

	smb3_random(a, sizeof(a));
	smb3_random(b, sizeof(b));
	cr_assert(memcmp(a, b, sizeof(a)) != 0);
}

Test(base, wipe_clears_len_bytes)
{
	char secret[8] = "secret!";

	smb3_wipe(secret, 6);
	cr_assert_arr_eq(secret, "\0\0\0\0\0\0!", 8);
}

Test(base, same_sees_every_byte)
{
	uint8_t a[33], b[33];

	memset(a, 0x5a, sizeof(a));
	memcpy(b, a, sizeof(a));
	cr_assert(smb3_same(a, b, sizeof(a)));
	cr_assert(smb3_same(a, b, 0));
	for (size_t i = 0; i < sizeof(a); i++) {
		b[i] ^= 0x80;
		cr_assert_not(smb3_same(a, b, sizeof(a)), "byte %zu", i);
		cr_assert(smb3_same(a, b, i));
		b[i] ^= 0x80;
	}
}

Test(base, alloc_is_zeroed)
{
	uint8_t *p = smb3_alloc(5000);

	for (size_t i = 0; i < 5000; i++)
		cr_assert_eq(p[i], 0);
	free(p);
}

Test(base, alloc_of_nothing_is_a_pointer)
{
	void *p = smb3_alloc(0), *q = smb3_realloc(NULL, 0);

	cr_assert_not_null(p);
	cr_assert_not_null(q);
	free(p);
	free(q);
}

Test(base, realloc_keeps_content)
{
	char *p = smb3_strdup("content");

	p = smb3_realloc(p, 100000);
	cr_assert_str_eq(p, "content");
	free(p);
}

Test(base, container_finds_the_outer_struct)
{
	struct outer {
		int before;
		int inner;
	} o;
	int *inner = &o.inner;

	cr_assert_eq(SMB3_CONTAINER(inner, struct outer, inner), &o);
}

/* The sanitizers' allocators end the process before our own message can; clang has no macro that
 * says so. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__)
static _Noreturn void ask_for_too_much(int fd)
{
	dup2(fd, STDERR_FILENO);
	smb3_alloc((size_t)1 << 46);
	_exit(99);
}

Test(base, out_of_memory_ends_with_a_message)
{
	char text[200] = { 0 };
	int fds[2], status;
	pid_t pid;

	cr_assert_eq(pipe(fds), 0);
	pid = fork();
	if (pid == 0)
		ask_for_too_much(fds[1]);
	close(fds[1]);
	cr_assert_gt(read(fds[0], text, sizeof(text) - 1), 0);
	close(fds[0]);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFEXITED(status));
	cr_assert_eq(WEXITSTATUS(status), EXIT_FAILURE);
	cr_assert_str_eq(text, "smb3d: out of memory\n");
}
#endif

Test(base, processors_are_those_that_may_be_used)
{
	cpu_set_t one;

	cr_expect_leq((long)smb3_processors(), sysconf(_SC_NPROCESSORS_CONF));
	cr_assert_geq(smb3_processors(), 1);
	CPU_ZERO(&one);
	CPU_SET((unsigned int)sched_getcpu(), &one);
	cr_assert_eq(sched_setaffinity(0, sizeof(one), &one), 0);
	cr_expect_eq(smb3_processors(), 1);
}
