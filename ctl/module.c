// SPDX-License-Identifier: Apache-2.0
/*
 * module.c: smb3ctl module: what authors of modules need is a script beside its templates. It is told
 * where the parts of this installation are, also when that was installed below another root.
 */
#include "smb3ctl.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *variable, *path;
} parts[] = {
	{ "SMB3D_SDK", SMB3D_DATA_DIR "/sdk" },
	{ "SMB3D_WIRE", SMB3D_DATA_DIR "/wire" },
	{ "SMB3D", SMB3D_SBIN_DIR "/smb3d" },
	{ "SMB3_RPCD", SMB3D_LIBEXEC_DIR "/smb3-rpcd" },
	{ "SMB3WIRE", SMB3D_LIBEXEC_DIR "/smb3wire" },
	{ "SMB3D_MODULE_DIR", SMB3D_MODULE_DIR },
};

/* What stands before the folder that smb3ctl was made for: "" as a rule. */
static void root_find(char *exe)
{
	static const char own[] = SMB3D_BIN_DIR "/smb3ctl";
	size_t len = strlen(exe);

	if (len >= sizeof(own) - 1 && !strcmp(exe + len - (sizeof(own) - 1), own))
		exe[len - (sizeof(own) - 1)] = '\0';
	else
		exe[0] = '\0';
}

/* A variable that is set already is left as it is. */
static void part_tell(const char *root, const char *variable, const char *path)
{
	char full[2 * PATH_MAX];

	snprintf(full, sizeof(full), "%s%s", root, path);
	setenv(variable, full, 0);
}

int module_tool(const struct target *target, char **argv)
{
	char exe[PATH_MAX] = "", script[PATH_MAX];
	const char *dir;

	if (readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0)
		setenv("SMB3CTL", exe, 0);
	if (target->smb3d)
		setenv("SMB3D", target->smb3d, 1);
	if (target->module_dir)
		setenv("SMB3D_MODULE_DIR", target->module_dir, 1);
	root_find(exe);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		part_tell(exe, parts[i].variable, parts[i].path);
	dir = getenv("SMB3D_SDK");
	snprintf(script, sizeof(script), "%s/smb3-module", dir);
	execv(script, argv);
	complain("%s: %s; it comes with the headers of smb3d (SMB3D_SDK names another folder)",
		 script, strerror(errno));
	return EXIT_FAILURE;
}
