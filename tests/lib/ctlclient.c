// SPDX-License-Identifier: Apache-2.0
/*
 * ctlclient.c: admin commands to a server that runs in the test's process.
 */
#include "ctlclient.h"

#include "core.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void *run(void *arg)
{
	smb3_server_run(arg);
	return NULL;
}

void ctl_run_start(struct smb3_server *server, pthread_t *ret_thread)
{
	if (!server || smb3_server_start(server) < 0 ||
	    pthread_create(ret_thread, NULL, run, server)) {
		fprintf(stderr, "ctlclient: the server does not start\n");
		exit(99);
	}
}

void ctl_run_stop(struct smb3_server *server, pthread_t thread)
{
	smb3_server_stop(server);
	pthread_join(thread, NULL);
}

int ctl_connect(struct smb3_server *server)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(name.sun_path, sizeof(name.sun_path), "%.90s/control",
		 smb3_server_conf(server)->run_dir);
	if (connect(fd, (struct sockaddr *)&name, sizeof(name)) < 0) {
		fprintf(stderr, "ctlclient: %s: %s\n", name.sun_path, strerror(errno));
		exit(99);
	}
	return fd;
}

char *ctl_read(int fd)
{
	char *text = calloc(1, 1 << 20);
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, text + len, (1 << 20) - 1 - len)) > 0)
		len += (size_t)n;
	close(fd);
	return text;
}

char *ctl_ask(struct smb3_server *server, const char *words, const char *secret)
{
	char block[1024] = "";
	size_t len = 5;
	int fd = ctl_connect(server);
	uint32_t size;

	block[4] = secret ? 1 : 0;
	for (const char *p = words; *p; p++)
		block[len++] = *p == ' ' ? '\0' : *p;
	len++;
	if (secret)
		len += (size_t)snprintf(block + len, sizeof(block) - len, "%s", secret) + 1;
	size = htonl((uint32_t)(len - 4));
	memcpy(block, &size, sizeof(size));
	if (write(fd, block, len) != (ssize_t)len)
		fprintf(stderr, "ctlclient: %s\n", strerror(errno));
	return ctl_read(fd);
}
