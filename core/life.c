// SPDX-License-Identifier: Apache-2.0
/*
 * life.c: what a server process needs around it: its folders, its pid file, its GUID, signals and
 * the number of files it may have open.
 */
#include "core.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct smb3_life {
	int pid_fd; /* holds a lock on the pid file; -1: none */
	char *pid_path;
	ev_signal watchers[3]; /* of life_signals */
	bool signals;
};

static const int life_signals[] = { SIGTERM, SIGINT, SIGHUP };

struct smb3_life *smb3_life_new(void)
{
	struct smb3_life *life = smb3_alloc(sizeof(*life));

	life->pid_fd = -1;
	return life;
}

void smb3_life_free(struct smb3_life *life)
{
	if (!life)
		return;
	if (life->pid_fd >= 0) {
		unlink(life->pid_path);
		close(life->pid_fd);
	}
	free(life->pid_path);
	free(life);
}

/* ---- folders and the pid file ---- */

static int folder_make(const char *path, mode_t mode, const char *option)
{
	if (mkdir(path, mode) == 0 || (errno == EEXIST && access(path, W_OK | X_OK) == 0))
		return 0;
	return smb3_fail(-errno,
			 "%s: cannot %s: %s; make it writable for the user that runs smb3d, "
			 "or name another folder in %s",
			 path, errno == EEXIST ? "write there" : "make it", strerror(errno),
			 option);
}

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
static int pid_lock(struct smb3_life *life, const char *run_dir)
{
	int fd;

	if (asprintf(&life->pid_path, "%s/smb3d.pid", run_dir) < 0)
		return -ENOMEM;
	fd = open(life->pid_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return smb3_fail(-errno, "%s: %s", life->pid_path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return pid_refuse(run_dir, fd);
	if (ftruncate(fd, 0) < 0 || dprintf(fd, "%ld\n", (long)getpid()) < 0)
		smb3_log(SMB3_LOG_WARNING, "%s: %s", life->pid_path, strerror(errno));
	life->pid_fd = fd;
	return 0;
}

/* ---- the GUID ---- */

static bool guid_read(const char *path, struct smb3_guid *ret_guid)
{
	FILE *in = fopen(path, "re");
	unsigned int byte[16];
	bool ok = in != NULL;

	for (int i = 0; ok && i < 16; i++)
		ok = fscanf(in, "%2x", &byte[i]) == 1;
	for (int i = 0; ok && i < 16; i++)
		ret_guid->bytes[i] = (uint8_t)byte[i];
	if (in)
		fclose(in);
	return ok;
}

/* A crash leaves the old file or the new one, never half of one. */
static int guid_write(const char *path, const struct smb3_guid *guid)
{
	char *temporary = NULL;
	int fd = -1, err = 0;

	if (asprintf(&temporary, "%s.new", path) < 0)
		return -ENOMEM;
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	for (int i = 0; fd >= 0 && i < 16; i++)
		dprintf(fd, "%02x", guid->bytes[i]);
	if (fd < 0 || dprintf(fd, "\n") != 1 || fsync(fd) < 0 || rename(temporary, path) < 0)
		err = -errno;
	if (fd >= 0)
		close(fd);
	free(temporary);
	return err;
}

static int guid_get(struct smb3_server *server, const char *state_dir)
{
	char *path = NULL;
	int err = 0;

	if (asprintf(&path, "%s/guid", state_dir) < 0)
		return -ENOMEM;
	if (!guid_read(path, &server->guid)) {
		smb3_random(&server->guid, sizeof(server->guid));
		err = guid_write(path, &server->guid);
	}
	if (err)
		smb3_log(SMB3_LOG_ERROR,
			 "%s: %s; make server.state_dir writable for the user that "
			 "runs smb3d",
			 path, strerror(-err));
	free(path);
	return err;
}

/* ---- rights and limits of the process ---- */

static void raise_open_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int smb3_life_begin(struct smb3_server *server)
{
	const struct smb3_server_conf *conf = smb3_server_conf(server);
	int err;

	/* Every file is made with the mode it is meant to have; users' files get theirs from the
	 * client or the share. */
	umask(0);
	signal(SIGPIPE, SIG_IGN);
	raise_open_files();
	err = folder_make(conf->run_dir, 0755, "server.run_dir");
	if (!err)
		err = pid_lock(server->life, conf->run_dir);
	if (!err)
		err = folder_make(conf->state_dir, 0700, "server.state_dir");
	return err ? err : guid_get(server, conf->state_dir);
}

/* ---- signals ---- */

static void on_end(struct ev_loop *loop, ev_signal *watcher, int events)
{
	struct smb3_server *server = watcher->data;

	smb3_log(SMB3_LOG_NOTICE, "stopping: got signal %d", watcher->signum);
	smb3_server_stop(server);
}

static void hup_done(void *arg, const char *refused)
{
}

static void on_hup(struct ev_loop *loop, ev_signal *watcher, int events)
{
	struct smb3_server *server = watcher->data;

	/* A rotated log is opened again even if the new configuration is refused; as the server,
	 * not as whom this thread served last. */
	if (smb3_become(server, &server->workers[0]->acting_as, NULL) == 0)
		smb3_log_setup(&atomic_load(&server->config)->log);
	smb3_server_reload(server, hup_done, NULL);
}

static void mask_signals(int how)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(life_signals); i++)
		sigaddset(&set, life_signals[i]);
	pthread_sigmask(how, &set, NULL);
}

void smb3_life_threads_begin(void)
{
	mask_signals(SIG_BLOCK);
}

void smb3_life_listen(struct smb3_server *server)
{
	struct smb3_life *life = server->life;
	struct ev_loop *loop = server->workers[0]->loop;

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(life_signals); i++) {
		ev_signal *watcher = &life->watchers[i];

		watcher->data = server;
		ev_signal_init(watcher, life_signals[i] == SIGHUP ? on_hup : on_end,
			       life_signals[i]);
		ev_signal_start(loop, watcher);
	}
	life->signals = true;
	mask_signals(SIG_UNBLOCK);
}

void smb3_life_deafen(struct smb3_server *server)
{
	struct smb3_life *life = server->life;

	if (!life || !life->signals)
		return;
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(life_signals); i++)
		ev_signal_stop(server->workers[0]->loop, &life->watchers[i]);
	/* A second Ctrl-C while the server ends is no reason to end in disorder. */
	mask_signals(SIG_BLOCK);
	life->signals = false;
}
