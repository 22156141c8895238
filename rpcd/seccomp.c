// SPDX-License-Identifier: Apache-2.0
/*
 * seccomp.c: the system calls that smb3-rpcd may still make: it reads and writes its channel, takes
 * memory that is never executable, waits, and asks for the time. What a library tries politely (a file,
 * a socket, a program) is answered EPERM; everything else ends the process.
 */
#include "process.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#define ARCH 0 /* no filter is known for it */
#endif

#define FILTER_MAX 192

static const int allowed[] = {
	SYS_brk,
	SYS_clock_gettime,
	SYS_clock_nanosleep,
	SYS_close,
	SYS_exit,
	SYS_exit_group,
	SYS_futex,
	SYS_getpid,
	SYS_getrandom,
	SYS_gettid,
	SYS_gettimeofday,
	SYS_madvise,
	SYS_mremap,
	SYS_munmap,
	SYS_nanosleep,
	SYS_restart_syscall,
	SYS_rseq,
	SYS_rt_sigaction,
	SYS_rt_sigprocmask,
	SYS_rt_sigreturn,
	SYS_sched_getaffinity,
	SYS_sched_yield,
	SYS_set_robust_list,
	SYS_sigaltstack,
};

/* With these a thread that was started before this filter goes on, too. */
static const int refused[] = {
#ifdef SYS_open
	SYS_open,
	SYS_stat,
	SYS_lstat,
	SYS_access,
	SYS_readlink,
	SYS_fork,
	SYS_vfork,
	SYS_unlink,
	SYS_rename,
	SYS_mkdir,
	SYS_poll,
#endif
	SYS_openat,
	SYS_openat2,
	SYS_newfstatat,
	SYS_statx,
	SYS_fstat,
	SYS_faccessat,
	SYS_readlinkat,
	SYS_execve,
	SYS_execveat,
	SYS_clone,
	SYS_clone3,
	SYS_socket,
	SYS_socketpair,
	SYS_connect,
	SYS_bind,
	SYS_listen,
	SYS_accept4,
	SYS_sendto,
	SYS_recvfrom,
	SYS_sendmsg,
	SYS_recvmsg,
	SYS_ioctl,
	SYS_fcntl,
	SYS_lseek,
	SYS_unlinkat,
	SYS_renameat2,
	SYS_mkdirat,
	SYS_ptrace,
	SYS_kill,
	SYS_tkill,
	SYS_setuid,
	SYS_setresuid,
	SYS_prlimit64,
	SYS_prctl,
	SYS_uname,
	SYS_sysinfo,
	SYS_process_vm_readv,
};

struct filter {
	struct sock_filter code[FILTER_MAX];
	unsigned short len;
};

static void put(struct filter *f, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	if (f->len == FILTER_MAX)
		give_up("the filter of system calls is too long");
	f->code[f->len++] = (struct sock_filter)BPF_JUMP(code, k, yes, no);
}

static void load(struct filter *f, size_t at)
{
	put(f, BPF_LD | BPF_W | BPF_ABS, (uint32_t)at, 0, 0);
}

static void answer(struct filter *f, uint32_t action)
{
	put(f, BPF_RET | BPF_K, action, 0, 0);
}

static void on_call(struct filter *f, int nr, uint32_t action)
{
	put(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 1);
	answer(f, action);
}

#define ARG_LOW(n) (offsetof(struct seccomp_data, args) + 8 * (n)) /* both are little-endian */

/* nr only with a descriptor from low to high. */
static void on_descriptor(struct filter *f, int nr, uint32_t low, uint32_t high)
{
	put(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 5);
	load(f, ARG_LOW(0));
	put(f, BPF_JMP | BPF_JGE | BPF_K, low, 0, 2);
	put(f, BPF_JMP | BPF_JGT | BPF_K, high, 1, 0);
	answer(f, SECCOMP_RET_ALLOW);
	answer(f, SECCOMP_RET_ERRNO | EPERM);
}

/* nr only when argument n has none of these bits. */
static void on_bits(struct filter *f, int nr, unsigned int n, uint32_t bits)
{
	put(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 4);
	load(f, ARG_LOW(n));
	put(f, BPF_JMP | BPF_JSET | BPF_K, bits, 1, 0);
	answer(f, SECCOMP_RET_ALLOW);
	answer(f, SECCOMP_RET_ERRNO | EPERM);
}

static void filter_build(struct filter *f)
{
	load(f, offsetof(struct seccomp_data, arch));
	put(f, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	answer(f, SECCOMP_RET_KILL_PROCESS);
	load(f, offsetof(struct seccomp_data, nr));
	on_descriptor(f, SYS_read, CHANNEL_FD, CHANNEL_FD);
	on_descriptor(f, SYS_write, STDERR_FILENO, CHANNEL_FD);
	on_bits(f, SYS_mmap, 2, PROT_EXEC);
	on_bits(f, SYS_mprotect, 2, PROT_EXEC);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(allowed); i++)
		on_call(f, allowed[i], SECCOMP_RET_ALLOW);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(refused); i++)
		on_call(f, refused[i], SECCOMP_RET_ERRNO | EPERM);
	answer(f, SECCOMP_RET_KILL_PROCESS);
}

void confine_calls(void)
{
	struct filter f = { .len = 0 };
	struct sock_fprog prog = { .filter = f.code };

	if (!ARCH)
		give_up("no filter of system calls is known for this machine");
	filter_build(&f);
	prog.len = f.len;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &prog) != 0)
		give_up("the filter of system calls: %s", strerror(errno));
}
