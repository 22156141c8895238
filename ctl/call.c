// SPDX-License-Identifier: Apache-2.0
/*
 * call.c: carries a request to the control socket, or, when no server listens there, to a short
 * run of smb3d. The module admin describes the request, smb3/ctl.h the answer.
 */
#include "smb3ctl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libconfig.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define HAS_SECRET 0x01

/* ---- where the socket is ---- */

static void include_dir(config_t *config, const char *path)
{
	char *dir = strdup(path), *slash = dir ? strrchr(dir, '/') : NULL;

	if (slash) {
		slash[slash == dir] = '\0';
		config_set_include_dir(config, dir);
	}
	free(dir);
}

/* "control" in the folder that smb3.conf names. A host without smb3.conf has the default. */
static char *socket_path(const struct target *target)
{
	FILE *in = fopen(target->config, "re");
	const char *dir = SMB3D_RUN_DIR;
	char *path = NULL;
	config_t config;

	if (!in && (target->config_given || errno != ENOENT)) {
		complain("%s: %s; name the configuration with -c or the socket with --socket",
			 target->config, strerror(errno));
		return NULL;
	}
	config_init(&config);
	include_dir(&config, target->config);
	if (in && config_read(&config, in) == CONFIG_FALSE)
		complain("%s:%d: %s; name the socket with --socket", target->config,
			 config_error_line(&config), config_error_text(&config));
	else if (config_lookup_string(&config, "server.run_dir", &dir) < 0 ||
		 asprintf(&path, "%s/control", dir) < 0)
		path = NULL;
	config_destroy(&config);
	if (in)
		fclose(in);
	return path;
}

/* ---- bytes ---- */

/* The request in one block, to be freed; *ret_len its length. */
static char *request_build(const struct request *request, size_t *ret_len)
{
	size_t len = sizeof(uint32_t) + 1;
	char *block, *p;
	uint32_t size;

	for (char **arg = request->argv; *arg; arg++)
		len += strlen(*arg) + 1;
	if (request->secret)
		len += strlen(request->secret) + 1;
	block = calloc(1, len);
	if (!block)
		abort();
	size = htonl((uint32_t)(len - sizeof(size)));
	memcpy(block, &size, sizeof(size));
	p = block + sizeof(size);
	*p++ = request->secret ? HAS_SECRET : 0;
	for (char **arg = request->argv; *arg; arg++)
		p = stpcpy(p, *arg) + 1;
	if (request->secret)
		stpcpy(p, request->secret);
	*ret_len = len;
	return block;
}

static bool send_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* Everything up to the end, NUL-terminated; to be freed. */
static char *read_all(int fd)
{
	char *text = malloc(1);
	size_t len = 0, size = 1;
	ssize_t n = 1;

	while (text && n > 0) {
		if (len + 1 == size) {
			size = size * 2 + 4096;
			text = realloc(text, size);
			if (!text)
				break;
		}
		do
			n = read(fd, text + len, size - len - 1);
		while (n < 0 && errno == EINTR);
		if (n > 0)
			len += (size_t)n;
	}
	if (!text)
		abort();
	text[len] = '\0';
	return text;
}

/* ---- with a server ---- */

static int socket_connect(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	if (strlen(path) < sizeof(name.sun_path)) {
		strcpy(name.sun_path, path);
		if (connect(fd, (struct sockaddr *)&name, sizeof(name)) == 0)
			return fd;
	} else {
		errno = ENAMETOOLONG;
	}
	err = -errno;
	close(fd);
	return err;
}

static int exchange(int fd, const struct request *request, char **ret_answer)
{
	size_t len;
	char *block = request_build(request, &len);
	bool sent = send_all(fd, block, len);

	explicit_bzero(block, len);
	free(block);
	if (!sent) {
		complain("cannot send to the server: %s", strerror(errno));
		return -1;
	}
	*ret_answer = read_all(fd);
	if (**ret_answer)
		return 0;
	complain("the server closed the connection without an answer; it hears only root and the "
		 "user that runs it");
	free(*ret_answer);
	return -1;
}

/* ---- without one ---- */

static char *beside(const char *name)
{
	char self[4096], *slash, *path = NULL;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = '\0';
	slash = strrchr(self, '/');
	if (!slash || asprintf(&path, "%.*s/%s", (int)(slash - self), self, name) < 0)
		return NULL;
	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return NULL;
}

static void run_smb3d(const struct target *target, const struct request *request)
{
	const char *args[128], *modules = target->module_dir;
	char *smb3d = target->smb3d ? strdup(target->smb3d) : beside("smb3d");
	int n = 0;

	/* In the build folder the modules lie beside the programs. */
	if (smb3d && !modules)
		modules = beside("modules.d");
	if (!smb3d)
		smb3d = beside("../sbin/smb3d");
	if (!smb3d) {
		complain(
			"no server is running, and the program smb3d is not where smb3ctl is; name "
			"it with --smb3d");
		_exit(EXIT_FAILURE);
	}
	args[n++] = smb3d;
	args[n++] = "-c";
	args[n++] = target->config;
	if (modules) {
		args[n++] = "--module-dir";
		args[n++] = modules;
	}
	args[n++] = "--command";
	for (char **arg = request->argv; *arg && n < 127; arg++)
		args[n++] = *arg;
	args[n] = NULL;
	execv(smb3d, (char **)args);
	complain("%s: %s", smb3d, strerror(errno));
	_exit(EXIT_FAILURE);
}

/* Its standard input is the password or nothing; its standard output the answer. */
static int offline(const struct target *target, const struct request *request, char **ret_answer)
{
	int in[2], out[2];
	pid_t child;

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || (child = fork()) < 0) {
		complain("cannot start smb3d: %s", strerror(errno));
		return -1;
	}
	if (child == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		run_smb3d(target, request);
	}
	close(in[0]);
	close(out[1]);
	if (request->secret && !(send_all(in[1], request->secret, strlen(request->secret)) &&
				 send_all(in[1], "\n", 1)))
		complain("cannot hand the password over: %s", strerror(errno));
	close(in[1]);
	*ret_answer = read_all(out[0]);
	close(out[0]);
	waitpid(child, NULL, 0);
	return 0;
}

int call(const struct target *target, const struct request *request, char **ret_answer)
{
	char *path = target->socket ? strdup(target->socket) : socket_path(target);
	int fd = path ? socket_connect(path) : -1, result = -1;

	if (!path)
		return -1;
	if (fd >= 0) {
		result = exchange(fd, request, ret_answer);
		close(fd);
	} else if (fd == -EACCES || fd == -EPERM) {
		complain(
			"%s: permission denied: run smb3ctl as root or as the user that runs smb3d",
			path);
	} else if (target->socket || (fd != -ENOENT && fd != -ECONNREFUSED)) {
		complain("%s: %s: no server is running there", path, strerror(-fd));
	} else {
		result = offline(target, request, ret_answer);
	}
	free(path);
	return result;
}
