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

#define INCLUDES_MAX 10 /* one inside of the other; libconfig's own limit */

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

/* ---- files that are included: they are looked for beside the configuration ---- */

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = smb3_strdup(slash ? path : ".");

	if (slash)
		dir[slash == path ? 1 : slash - path] = '\0';
	return dir;
}

/* The name in a line "@include \"name\"", in place; NULL: another line. */
static char *included(char *line)
{
	char *p = line + strspn(line, " \t"), *end;

	if (strncmp(p, "@include", 8))
		return NULL;
	p += 8 + strspn(p + 8, " \t");
	if (*p != '"')
		return NULL;
	end = strchr(p + 1, '"');
	if (!end)
		return strchr(p, '\0'); /* libconfig would read on in the next line */
	*end = '\0';
	return p + 1;
}

/* libconfig ends the whole process when it cannot read from what it has opened, so folders and the
 * like are found before. */
static int includes_check(struct smb3_config *config, const char *dir, const char *path, int depth)
{
	FILE *in = fopen(path, "re");
	char *line = NULL, *name, *file = NULL;
	unsigned int number = 0;
	size_t size = 0;
	ssize_t len;
	struct stat st;
	int err = 0;

	while (in && !err && (len = getline(&line, &size, in)) >= 0) {
		number++;
		if (strlen(line) != (size_t)len) {
			fprintf(config->report->out,
				"%s:%u: a zero byte; this is not a text file\n", path, number);
			config->report->problems++;
			err = -EINVAL;
			break;
		}
		name = included(line);
		if (!name || asprintf(&file, "%s/%s", dir, name) < 0)
			continue;
		if (*name == '/' || depth == INCLUDES_MAX || stat(file, &st) < 0 ||
		    !S_ISREG(st.st_mode)) {
			fprintf(config->report->out,
				"%s:%u: \"%s\" cannot be included: it must be a "
				"file, named from the folder %s\n",
				path, number, name, dir);
			config->report->problems++;
			err = -EINVAL;
		} else {
			err = includes_check(config, dir, file, depth + 1);
		}
		free(file);
	}
	fflush(config->report->out);
	free(line);
	if (in)
		fclose(in);
	return err;
}

static int parse(struct smb3_config *config, FILE *in)
{
	const char *file, *text;

	if (config_read(config->lib, in) == CONFIG_TRUE)
		return 0;
	file = config_error_file(config->lib);
	text = config_error_text(config->lib);
	fprintf(config->report->out, "%s:%d: %s%s\n", file ? file : config->path,
		config_error_line(config->lib), text,
		strcmp(text, "syntax error") ? "" :
					       "; look at this line and the one before it: "
					       "each setting ends with a semicolon");
	fflush(config->report->out);
	config->report->problems++;
	return -EINVAL;
}

int conf_parse(struct smb3_config *config)
{
	char *dir = folder_of(config->path);
	int err = 0;
	FILE *in = conf_fopen(config, &err);

	/* A pipe can be read once only; whoever hands one over answers for what it includes. */
	if (in && fseek(in, 0, SEEK_CUR) == 0)
		err = includes_check(config, dir, config->path, 0);
	config_set_include_dir(config->lib, dir);
	if (in && !err)
		err = parse(config, in);
	if (in)
		fclose(in);
	free(dir);
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
