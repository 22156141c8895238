// SPDX-License-Identifier: Apache-2.0
/*
 * command.c: an admin command that needs no running server: smb3d --command.
 */
#include "daemon.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	struct offline o = { .request = { .argc = argc,
					  .argv = argv,
					  .secret = secret,
					  .uid = getuid(),
					  .finished = offline_finished } };

	smb3_ctl_run(server, &o.request);
	return o.ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* A password, or the text of a file, comes on standard input, never as an argument. NULL: there is
 * none. To be wiped and freed. */
static char *secret_read(void)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t len = isatty(STDIN_FILENO) ? -1 : getdelim(&text, &size, '\0', stdin);

	if (len <= 0) {
		free(text);
		return NULL;
	}
	if (text[len - 1] == '\n')
		text[len - 1] = '\0';
	return text;
}

int command(struct smb3_server *server, int argc, char **argv)
{
	int status = EXIT_FAILURE;
	char *secret;

	if (smb3_modules_init(server) < 0)
		return status;
	secret = secret_read();
	status = command_run(server, argc, argv, secret);
	if (secret)
		smb3_wipe(secret, strlen(secret));
	free(secret);
	return status;
}
