// SPDX-License-Identifier: Apache-2.0
/*
 * confine_probe.c: a module for the test of module confine: an intruder inside of the server. The
 * command `smb3ctl probe WHAT [WORD]` tries one thing and tells how it ended: "done", or the error.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <smb3/smb3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static bool try_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char byte;

	return fd >= 0 && read(fd, &byte, 1) >= 0 && close(fd) == 0;
}

static bool try_list(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && close(fd) == 0;
}

static bool try_write(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	return fd >= 0 && close(fd) == 0;
}

static bool try_exec(const char *path)
{
	int status = 0;
	pid_t child = (pid_t)syscall(SYS_clone, CLONE_VFORK | SIGCHLD, 0, 0, 0, 0);

	if (child == 0) {
		execl(path, path, (char *)NULL);
		_exit(errno);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return false;
	errno = WEXITSTATUS(status);
	return errno == 0;
}

static bool try_run(const char *path)
{
	execl(path, path, (char *)NULL);
	return false;
}

static bool try_ptrace(const char *pid)
{
	return ptrace(PTRACE_ATTACH, (pid_t)atoi(pid), NULL, NULL) == 0;
}

static bool try_kill(const char *pid)
{
	return kill((pid_t)atoi(pid), 0) == 0;
}

static bool try_mount(const char *path)
{
	return mount("none", path, "tmpfs", 0, NULL) == 0;
}

static bool try_socket(const char *family)
{
	int fd = socket(atoi(family), SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd >= 0 && close(fd) == 0;
}

static bool inet(const char *port, int (*fn)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)atoi(port)),
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool done = fd >= 0 && fn(fd, (struct sockaddr *)&to, sizeof(to)) == 0;
	int err = errno;

	close(fd);
	errno = err;
	return done;
}

static bool try_connect(const char *port)
{
	return inet(port, connect);
}

static bool try_bind(const char *port)
{
	return inet(port, bind);
}

static bool try_unshare(const char *word)
{
	return unshare(CLONE_NEWUSER) == 0;
}

static bool try_clone(const char *word)
{
	pid_t child = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

	if (child == 0)
		_exit(0);
	return child > 0 && waitpid(child, NULL, 0) == child;
}

static bool try_bpf(const char *word)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
	};

	return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)) >= 0;
}

static bool try_code(const char *word)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	return p != MAP_FAILED && munmap(p, 4096) == 0;
}

static bool try_code_later(const char *word)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p != MAP_FAILED && mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool try_root(const char *word)
{
	return setuid(0) == 0 && chroot("/") == 0;
}

static bool try_device(const char *path)
{
	return mknod(path, S_IFCHR | 0600, (1 << 8) | 3) == 0;
}

static bool try_setuid_file(const char *path)
{
	return setxattr(path, "security.capability", "", 0, 0) == 0;
}

static bool try_reboot(const char *word)
{
	return syscall(SYS_reboot, 0, 0, 0, NULL) == 0;
}

static bool try_abort(const char *word)
{
	signal(SIGABRT, SIG_DFL);
	abort();
}

static const struct {
	const char *name;
	bool (*fn)(const char *word);
} tries[] = {
	{ "read", try_read },
	{ "list", try_list },
	{ "write", try_write },
	{ "exec", try_exec },
	{ "run", try_run },
	{ "ptrace", try_ptrace },
	{ "kill", try_kill },
	{ "mount", try_mount },
	{ "socket", try_socket },
	{ "connect", try_connect },
	{ "bind", try_bind },
	{ "unshare", try_unshare },
	{ "clone", try_clone },
	{ "bpf", try_bpf },
	{ "code", try_code },
	{ "code-later", try_code_later },
	{ "root", try_root },
	{ "device", try_device },
	{ "capability", try_setuid_file },
	{ "reboot", try_reboot },
	{ "abort", try_abort },
};

static void probe(struct smb3_ctl *ctl)
{
	const char *word = smb3_ctl_argc(ctl) > 1 ? smb3_ctl_arg(ctl, 1) : "";

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(tries); i++) {
		if (strcmp(tries[i].name, smb3_ctl_arg(ctl, 0)))
			continue;
		errno = 0;
		smb3_ctl_row(ctl);
		smb3_ctl_text(ctl, "result", tries[i].fn(word) ? "done" : strerrorname_np(errno));
		smb3_ctl_done(ctl, NULL);
		return;
	}
	smb3_ctl_done(ctl, "there is no probe %s", smb3_ctl_arg(ctl, 0));
}

static const struct smb3_ctl_command probe_command = {
	.name = "probe",
	.args = "WHAT [WORD]",
	.help = "Tries what an intruder would.",
	.min_args = 1,
	.max_args = 2,
	.run = probe,
};

static const struct smb3_provide probe_provides[] = {
	SMB3_CTL(&probe_command),
	SMB3_END,
};

SMB3_MODULE(confine_probe, .summary = "an intruder, for tests", .provides = probe_provides);
