// SPDX-License-Identifier: Apache-2.0
/*
 * process.c: the server's process: its pid file, the number of files that it may have open, signals.
 */
#include "daemon.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#define MANY_FILES 1048576

struct process {
	struct smb3_server *server;
	int pid_fd; /* holds a lock on the pid file; -1: none */
	char *pid_path;
	sigset_t signals; /* that the thread waits for */
	pthread_t thread;
	bool listens;
	_Atomic bool ending;
};

static int pid_refuse(const char *run_dir, int fd)
{
	char text[32] = "";
	ssize_t n = read(fd, text, sizeof(text) - 1);

	text[n > 0 ? strcspn(text, "\n") : 0] = '\0';
	smb3_log(SMB3_LOG_ERROR,
		 "%s is in use by another smb3d (pid %s): stop that one (smb3ctl "
		 "shutdown), or name another folder in server.run_dir",
		 run_dir, text);
	close(fd);
	return -EBUSY;
}

/* The lock tells whether a server is alive; it goes with the process, however that ends. */
static int pid_lock(struct process *p, const char *run_dir)
{
	int fd;

	if (asprintf(&p->pid_path, "%s/smb3d.pid", run_dir) < 0)
		return -ENOMEM;
	fd = open(p->pid_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return smb3_fail(-errno, "%s: %s", p->pid_path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return pid_refuse(run_dir, fd);
	if (ftruncate(fd, 0) < 0 || dprintf(fd, "%ld\n", (long)getpid()) < 0)
		smb3_log(SMB3_LOG_WARNING, "%s: %s", p->pid_path, strerror(errno));
	p->pid_fd = fd;
	return 0;
}

/* As far as we may: root up to what fs.nr_open is by default. */
static void raise_open_files(void)
{
	struct rlimit limit = { MANY_FILES, MANY_FILES };

	if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
		return;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* ---- signals: a thread of their own waits for them, all others have them blocked ---- */

static void reloaded(void *arg, const char *refused)
{
}

/* A rotated log is opened again even if the new configuration is refused; as the server, not as
 * whom this thread served last. */
static void reload(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct smb3_server *server = w->server;

	free(mail);
	if (smb3_become(server, &w->acting_as, NULL) == 0)
		smb3_log_setup(&atomic_load(&server->config)->log);
	smb3_server_reload(server, reloaded, NULL);
}

static void got(struct smb3_server *server, int number)
{
	struct smb3_mail *mail;

	if (number != SIGHUP) {
		smb3_log(SMB3_LOG_NOTICE, "stopping: got signal %d", number);
		smb3_server_stop(server);
		return;
	}
	mail = smb3_alloc(sizeof(*mail));
	mail->fn = reload;
	smb3_mail_post(server->workers[0], mail);
}

static void *wait_for_signals(void *arg)
{
	struct process *p = arg;
	int number;

	while (sigwait(&p->signals, &number) == 0 && !atomic_load(&p->ending))
		got(p->server, number);
	return NULL;
}

/* ---- begin and end ---- */

struct process *process_new(void)
{
	struct process *p = smb3_alloc(sizeof(*p));

	p->pid_fd = -1;
	raise_open_files();
	sigemptyset(&p->signals);
	sigaddset(&p->signals, SIGTERM);
	sigaddset(&p->signals, SIGINT);
	sigaddset(&p->signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &p->signals, NULL);
	return p;
}

int process_claim(struct process *p, struct smb3_server *server)
{
	return pid_lock(p, smb3_server_conf(server)->run_dir);
}

int process_listen(struct process *p, struct smb3_server *server)
{
	p->server = server;
	p->listens = pthread_create(&p->thread, NULL, wait_for_signals, p) == 0;
	return p->listens ? 0 : -EAGAIN;
}

void process_deafen(struct process *p)
{
	if (!p->listens)
		return;
	atomic_store(&p->ending, true);
	pthread_kill(p->thread, SIGHUP);
	pthread_join(p->thread, NULL);
	p->listens = false;
}

void process_free(struct process *p)
{
	if (p->pid_fd >= 0) {
		unlink(p->pid_path);
		close(p->pid_fd);
	}
	free(p->pid_path);
	free(p);
}
