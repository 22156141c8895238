// SPDX-License-Identifier: Apache-2.0
/*
 * command.c: an admin command that needs no running server: smb3d --command.
 */
#include "daemon.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECRET_MAX 1024

struct offline {
	struct smb3_ctl_request request;
	bool ok;
};

static void offline_finished(struct smb3_ctl_request *request, char *text, size_t len, bool ok)
{
	SMB3_CONTAINER(request, struct offline, request)->ok = ok;
	fwrite(text, 1, len, stdout);
	fflush(stdout);
	free(text);
}

int command_run(struct smb3_server *server, int argc, char **argv, const char *secret)
{
	struct offline o = { .request = { argc, argv, secret, offline_finished } };

	smb3_ctl_run(server, &o.request);
	return o.ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* A password comes on standard input, never as an argument. NULL: there is none. */
static const char *secret_read(char buf[SECRET_MAX])
{
	if (isatty(STDIN_FILENO) || !fgets(buf, SECRET_MAX, stdin))
		return NULL;
	buf[strcspn(buf, "\n")] = '\0';
	return buf;
}

int command(struct smb3_server *server, int argc, char **argv)
{
	char buf[SECRET_MAX];
	int status = EXIT_FAILURE;

	if (smb3_modules_init(server) == 0)
		status = command_run(server, argc, argv, secret_read(buf));
	smb3_wipe(buf, sizeof(buf));
	return status;
}
