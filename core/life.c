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

static int guid_write(const char *path, const struct smb3_guid *guid)
{
	char text[2 * sizeof(guid->bytes) + 2];

	for (size_t i = 0; i < sizeof(guid->bytes); i++)
		snprintf(text + 2 * i, 4, "%02x\n", guid->bytes[i]);
	return smb3_disk_replace(path, 0600, text, sizeof(text) - 1);
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
