// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_config.c: smb3.conf: parsed, checked against the schemas of all modules that are built,
 * and complained about.
 */
#include "fuzz.h"
#include "core.h"
#include <sys/mman.h>

static struct smb3_server *server;
static FILE *nowhere;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char dir[4096];

	fuzz_module_dir(dir, sizeof(dir));
	server = smb3_server_check(NULL, dir);
	nowhere = fopen("/dev/null", "w");
	if (!server || !nowhere)
		exit(1);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	int fd = memfd_create("smb3.conf", MFD_CLOEXEC);
	struct smb3_config *config = NULL;
	FILE *real = stderr;
	char path[32];
	int err;

	CHECK(fd >= 0 && write(fd, data, len) == (ssize_t)len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	stderr = nowhere;
	err = smb3_config_open(server, path, &config);
	if (!err)
		err = smb3_config_finish(server, config);
	if (err)
		smb3_config_complain(config);
	else
		CHECK(config->server.name && config->shares);
	smb3_config_free(config);
	stderr = real;
	close(fd);
	return 0;
}
