// SPDX-License-Identifier: Apache-2.0
/*
 * calls.c: the system calls that are allowed, by a filter in the kernel: seccomp(2). All others come
 * back to us as a signal on the thread that made them, so that the log can name them; then they fail,
 * or the process ends.
 */
#include "confine.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define NUMBERS 512

#define NAMESPACES                                                                     \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
	 CLONE_NEWPID | CLONE_NEWNET)

/* A signal handler has no other way to what it needs. Written once, before the filter. */
static struct {
	bool kill;
	char *names[NUMBERS];
	_Atomic bool told[NUMBERS];
} trap;

/* ---- a call that is not allowed ---- */

/* What the call shall have returned. False: nobody knows how on this processor. */
static bool answer(ucontext_t *context, long value)
{
#if defined(__x86_64__)
	context->uc_mcontext.gregs[REG_RAX] = value;
	return true;
#elif defined(__aarch64__)
	context->uc_mcontext.regs[0] = (unsigned long long)value;
	return true;
#elif defined(__riscv)
	context->uc_mcontext.__gregs[REG_A0] = (unsigned long)value;
	return true;
#else
	return false;
#endif
}

/* The thread has stopped at the call itself, in none of the log's or the allocator's: those make
 * allowed ones only. So the log can be used here. */
static void on_trap(int number, siginfo_t *info, void *context)
{
	int call = info->si_syscall;
	bool listed = call >= 0 && call < NUMBERS;
	const char *name = listed ? trap.names[call] : NULL;
	/* A C library that is newer than the filter tries a new call, and then the old one. */
	bool denied = !trap.kill && answer(context, name ? -EPERM : -ENOSYS);

	if (!denied || !listed || !atomic_exchange(&trap.told[call], true))
		smb3_log(
			denied ? SMB3_LOG_WARNING : SMB3_LOG_ERROR,
			"confine: the system call %s (number %d) is not allowed and %s; if a module "
			"needs it, add it to confine.allow_calls, and report it",
			name ? name : "without a name", call,
			denied ? "was refused" : "ends the server");
	if (denied)
		return;
	signal(number, SIG_DFL);
	raise(number);
}

static int trap_prepare(bool kill)
{
	struct sigaction action = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO };
	sigset_t set;

	trap.kill = kill;
	for (int i = 0; i < NUMBERS; i++) {
		free(trap.names[i]);
		trap.names[i] = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, i);
	}
	sigemptyset(&set);
	sigaddset(&set, SIGSYS);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	return sigaction(SIGSYS, &action, NULL) < 0 ? -errno : 0;
}

/* ---- the filter ---- */

static int call_resolve(const char *name)
{
	int number = seccomp_syscall_resolve_name(name);

	return number == __NR_SCMP_ERROR ? confine_call_number(name) : number;
}

bool confine_call_known(const char *name)
{
	return call_resolve(name) != -1;
}

static int allow(scmp_filter_ctx ctx, const char *name, unsigned int *count)
{
	int number = call_resolve(name), err;

	/* Negative: there is none on this machine. */
	if (number < 0)
		return 0;
	err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, number, 0);
	if (err)
		return smb3_log(SMB3_LOG_ERROR, "confine: the system call %s: %s", name,
				strerror(-err)),
		       err;
	++*count;
	return 0;
}

static int allow_list(scmp_filter_ctx ctx, const char *const *names, unsigned int *count)
{
	int err = 0;

	for (; names && *names && !err; names++)
		err = allow(ctx, *names, count);
	return err;
}

struct special {
	int call;
	struct scmp_arg_cmp when;
};

/* Calls of which only some uses are allowed. */
static int allow_some(scmp_filter_ctx ctx, unsigned int *count)
{
	const struct special list[] = {
		{ SCMP_SYS(socket), SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0) },
		{ SCMP_SYS(socket), SCMP_A0(SCMP_CMP_EQ, AF_INET, 0) },
		{ SCMP_SYS(socket), SCMP_A0(SCMP_CMP_EQ, AF_INET6, 0) },
		{ SCMP_SYS(socket), SCMP_A0(SCMP_CMP_EQ, AF_NETLINK, 0) },
		{ SCMP_SYS(clone), SCMP_A0(SCMP_CMP_MASKED_EQ, NAMESPACES, 0) },
		/* nothing that was written can be run */
		{ SCMP_SYS(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) },
		{ SCMP_SYS(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC | PROT_WRITE, PROT_EXEC) },
		{ SCMP_SYS(mmap2), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) },
		{ SCMP_SYS(mmap2), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC | PROT_WRITE, PROT_EXEC) },
		{ SCMP_SYS(mprotect), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) },
		{ SCMP_SYS(tgkill), SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0) },
		{ SCMP_SYS(kill), SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0) },
		{ SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0) },
		{ SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_EQ, PR_GET_NAME, 0) },
		{ SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_EQ, PR_GET_DUMPABLE, 0) },
		{ SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_EQ, PR_GET_NO_NEW_PRIVS, 0) },
		{ SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_EQ, PR_CAPBSET_READ, 0) },
		{ SCMP_SYS(prctl),
		  SCMP_A0(SCMP_CMP_EQ, 0x53564d41, 0) },             /* PR_SET_VMA: malloc names */
		{ SCMP_SYS(prlimit64), SCMP_A2(SCMP_CMP_EQ, 0, 0) }, /* asks only */
	};
	int err = 0;

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(list) && !err; i++) {
		err = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, list[i].call, 1, &list[i].when);
		*count += i == 0 || list[i].call != list[i - 1].call;
	}
	/* Its flags are behind a pointer; without it the C library takes clone. */
	if (!err && !CONFINE_SANITIZED)
		err = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return err;
}

/* A terminal takes no input from us. The kernel looks at the lower half of the number only, whatever
 * the upper one has: a comparison of all of it would let the same call through in another dress. So
 * each rule is about one bit that differs. */
static int allow_ioctl(scmp_filter_ctx ctx, unsigned int *count)
{
	int err = 0;

	for (unsigned int bit = 0; bit < 32 && !err; bit++) {
		const scmp_datum_t mask = 1ull << bit;

		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
				       SCMP_A1(SCMP_CMP_MASKED_EQ, mask, ~TIOCSTI & mask));
	}
	++*count;
	return err;
}

static int allow_modules(scmp_filter_ctx ctx, struct smb3_server *server, unsigned int *count)
{
	size_t n;
	struct smb3_mod *const *mods = smb3_modules(server, &n);
	bool programs = false;
	int err = 0;

	for (size_t i = 0; i < n && !err; i++) {
		const struct smb3_needs *needs = mods[i]->module->system;

		if (!needs)
			continue;
		programs |= needs->execs && *needs->execs;
		err = allow_list(ctx, needs->calls, count);
	}
	if (!err && programs)
		err = allow_list(ctx, confine_calls_programs, count);
	if (!err && CONFINE_SANITIZED)
		err = allow_list(ctx, confine_calls_sanitized, count);
	return err;
}

int confine_calls(struct smb3_server *server, const struct confine_conf *conf,
		  unsigned int *ret_count)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_TRAP);
	unsigned int count = 0;
	int err = ctx ? trap_prepare(conf->calls == CONFINE_CALLS_KILL) : -ENOMEM;

	/* All threads, should a module have started some. */
	if (!err)
		err = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!err)
		err = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (!err)
		err = allow_list(ctx, confine_calls_always, &count);
	if (!err)
		err = allow_list(ctx, conf->allow_calls, &count);
	if (!err)
		err = allow_modules(ctx, server, &count);
	if (!err)
		err = allow_some(ctx, &count);
	if (!err)
		err = allow_ioctl(ctx, &count);
	if (!err)
		err = seccomp_load(ctx);
	if (ctx)
		seccomp_release(ctx);
	if (!err)
		*ret_count = count;
	return err;
}
