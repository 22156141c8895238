// SPDX-License-Identifier: Apache-2.0
/*
 * conf_file.c: the file as libconfig reads it, and what is reported about it.
 */
#include "conf_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void conf_problem(struct smb3_config *config, const config_setting_t *at, const char *fmt, ...)
{
	struct conf_report *report = config->report;
	const char *file = at ? config_setting_source_file(at) : NULL;
	va_list ap;

	if (!file)
		file = config->path;
	report->problems++;
	if (at)
		fprintf(report->out, "%s:%u: ", file, config_setting_source_line(at));
	else
		fprintf(report->out, "%s: ", file);
	va_start(ap, fmt);
	vfprintf(report->out, fmt, ap);
	va_end(ap);
	fputc('\n', report->out);
	fflush(report->out);
}

void conf_unknown(struct smb3_config *config, const config_setting_t *at, const char *where,
		  const char *const *known, size_t n_known)
{
	const char *name = config_setting_name(at), *near = smb3_nearest(name, known, n_known);
	char list[512] = "";

	if (near) {
		conf_problem(config, at, "unknown key %s in %s; did you mean %s?", name, where,
			     near);
		return;
	}
	for (size_t i = 0; i < n_known; i++) {
		size_t len = strlen(list);

		snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "", known[i]);
	}
	conf_problem(config, at, "unknown key %s in %s; known are: %s", name, where, list);
}

static FILE *conf_fopen(struct smb3_config *config, int *ret_err)
{
	int fd = open(config->path, O_RDONLY | O_CLOEXEC | O_NOCTTY), err = errno;
	struct stat st;

	if (fd < 0 && err == ENOENT)
		conf_problem(config, NULL,
			     "No such file; name the configuration with -c FILE "
			     "(smb3.conf(5) explains what goes into it)");
	else if (fd < 0)
		conf_problem(config, NULL,
			     "cannot be read: %s; run smb3d as a user who may read "
			     "it, or change its rights",
			     strerror(err));
	else if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		conf_problem(config, NULL, "is a folder; name a file with -c FILE");
	else
		return fdopen(fd, "r");
	if (fd >= 0) {
		close(fd);
		err = EISDIR;
	}
	*ret_err = -err;
	return NULL;
}

/* Files that the configuration includes are looked for beside it. */
static void set_include_dir(struct smb3_config *config)
{
	char *dir = smb3_strdup(config->path), *slash = strrchr(dir, '/');

	if (slash) {
		slash[slash == dir] = '\0';
		config_set_include_dir(config->lib, dir);
	}
	free(dir);
}

int conf_parse(struct smb3_config *config)
{
	int err = 0;
	FILE *in = conf_fopen(config, &err);
	const char *file;

	if (!in)
		return err;
	set_include_dir(config);
	if (config_read(config->lib, in) == CONFIG_FALSE) {
		file = config_error_file(config->lib);
		fprintf(config->report->out,
			"%s:%d: %s; look at this line and the one before it: "
			"each setting ends with a semicolon\n",
			file ? file : config->path, config_error_line(config->lib),
			config_error_text(config->lib));
		fflush(config->report->out);
		config->report->problems++;
		err = -EINVAL;
	}
	fclose(in);
	return err;
}

const char *const *conf_strings(struct smb3_config *config, config_setting_t *setting)
{
	int n = config_setting_length(setting);
	const char **list = smb3_arena_alloc(config->arena, ((size_t)n + 1) * sizeof(*list));

	if (!config_setting_is_array(setting) && !config_setting_is_list(setting))
		return NULL;
	for (int i = 0; i < n; i++) {
		const char *s = config_setting_get_string_elem(setting, i);

		if (!s)
			return NULL;
		list[i] = smb3_arena_strdup(config->arena, s);
	}
	return list;
}
