// SPDX-License-Identifier: Apache-2.0
/*
 * life.c: what a server needs around it: its folders and its GUID.
 */
#include "core.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* ---- the GUID ---- */

static bool guid_read(const char *path, struct smb3_guid *guid)
{
	FILE *in = fopen(path, "re");
	int n = 0;

	while (in && n < 16 && fscanf(in, "%2hhx", &guid->bytes[n]) == 1)
		n++;
	if (in)
		fclose(in);
	return n == 16;
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

int smb3_life_begin(struct smb3_server *server)
{
	const struct smb3_server_conf *conf = smb3_server_conf(server);
	int err;

	/* Every file is made with the mode it is meant to have; users' files get theirs from the
	 * client or the share. */
	umask(0);
	signal(SIGPIPE, SIG_IGN);
	err = folder_make(conf->run_dir, 0755, "server.run_dir");
	if (!err)
		err = folder_make(conf->state_dir, 0700, "server.state_dir");
	return err ? err : guid_get(server, conf->state_dir);
}
