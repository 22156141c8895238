// SPDX-License-Identifier: Apache-2.0
/*
 * main.c: the program smb3d: what the command line wants, and going into the background.
 */
#include "daemon.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	OPT_MODULES = 256,
	OPT_OPTIONS,
	OPT_COMMAND,
	OPT_MODULE_DIR,
	OPT_JSON,
	OPT_VERSION,
	OPT_HELP
};

struct wishes {
	char *config;
	char *module_dir;
	int what; /* an OPT_, 't', or 0: serve */
	bool foreground, json, config_given;
	int argc; /* what is left of the command line */
	char **argv;
};

static const char usage_text[] =
	"usage: smb3d [-f] [-c FILE] [--module-dir DIR]\n"
	"       smb3d -t [-c FILE]\n"
	"       smb3d --modules [--json] [-c FILE]\n"
	"       smb3d --options [MODULE | core]...\n"
	"       smb3d [-c FILE] --command COMMAND [ARGUMENT]...\n"
	"\n"
	"  -c, --config FILE    configuration (" SMB3D_SYSCONF_DIR "/smb3.conf)\n"
	"  -f, --foreground     do not go into the background\n"
	"  -t, --check          check the configuration and end\n"
	"      --modules        show the modules of the module folder and what they provide;\n"
	"                       with -c only those that the configuration loads\n"
	"      --options        print the reference of all options, for the manual\n"
	"      --command        run an admin command that needs no running server\n"
	"      --module-dir DIR where modules are (" SMB3D_MODULE_DIR ")\n"
	"      --json           print JSON\n"
	"      --version        print the version\n"
	"      --help           print this text\n";

/* ---- the command line ---- */

static bool parse(int argc, char **argv, struct wishes *w)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "foreground", no_argument, NULL, 'f' },
		{ "check", no_argument, NULL, 't' },
		{ "modules", no_argument, NULL, OPT_MODULES },
		{ "options", no_argument, NULL, OPT_OPTIONS },
		{ "command", no_argument, NULL, OPT_COMMAND },
		{ "module-dir", required_argument, NULL, OPT_MODULE_DIR },
		{ "json", no_argument, NULL, OPT_JSON },
		{ "version", no_argument, NULL, OPT_VERSION },
		{ "help", no_argument, NULL, OPT_HELP },
		{ NULL, 0, NULL, 0 },
	};
	int c = 0;

	while (w->what != OPT_COMMAND &&
	       (c = getopt_long(argc, argv, "+c:ft", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			w->config = optarg;
			w->config_given = true;
			break;
		case 'f':
			w->foreground = true;
			break;
		case OPT_MODULE_DIR:
			w->module_dir = optarg;
			break;
		case OPT_JSON:
			w->json = true;
			break;
		case '?':
			return false;
		default:
			w->what = c;
		}
	}
	w->argc = argc - optind;
	w->argv = argv + optind;
	if (w->argc == 0 || w->what == OPT_OPTIONS || w->what == OPT_COMMAND)
		return true;
	fprintf(stderr, "smb3d: %s is one word too many\n", w->argv[0]);
	return false;
}

/* The server changes its folder; a reload must find the file all the same. */
static char *absolute(const char *path)
{
	char *dir = path[0] == '/' ? NULL : getcwd(NULL, 0), *result = NULL;

	if (!dir || asprintf(&result, "%s/%s", dir, path) < 0)
		result = smb3_strdup(path);
	free(dir);
	return result;
}

/* ---- what needs no running server ---- */

static int options_named(struct smb3_server *server, const char *name)
{
	const struct smb3_mod *mod = smb3_module_find(server, name);

	if (!mod && strcmp(name, "core")) {
		fprintf(stderr, "smb3d: no module %s in %s\n", name, server->module_dir);
		return EXIT_FAILURE;
	}
	options_print(mod ? mod->module : NULL, stdout);
	return EXIT_SUCCESS;
}

static int options(struct smb3_server *server, const struct wishes *w)
{
	int status = EXIT_SUCCESS;

	for (int i = 0; i < w->argc; i++)
		status |= options_named(server, w->argv[i]);
	if (w->argc == 0)
		options_print(NULL, stdout);
	for (unsigned int i = 0; w->argc == 0 && i < server->n_mods; i++)
		if (server->mods[i]->module->options)
			options_print(server->mods[i]->module, stdout);
	return status;
}

static int look(const struct wishes *w)
{
	bool all = w->what == OPT_OPTIONS || (w->what == OPT_MODULES && !w->config_given);
	struct smb3_server *server = smb3_server_check(all ? NULL : w->config, w->module_dir);
	int status = EXIT_SUCCESS;

	if (!server)
		return EXIT_FAILURE;
	if (w->what == OPT_MODULES)
		modules_print(server, stdout, w->json);
	else if (w->what == OPT_OPTIONS)
		status = options(server, w);
	else if (w->what == OPT_COMMAND)
		status = command(server, w->argc, w->argv);
	else
		printf("%s: good\n", w->config);
	smb3_server_free(server);
	return status;
}

/* ---- serving ---- */

/* The child goes on; the parent waits until the child is ready, or has said why it is not. The
 * result is the pipe on which the child reports. */
static int background(void)
{
	int ends[2], status = 0;
	char ready;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0 || (child = fork()) < 0) {
		fprintf(stderr, "smb3d: cannot go into the background: %s\n", strerror(errno));
		exit(EXIT_FAILURE);
	}
	if (child == 0) {
		close(ends[0]);
		setsid();
		return ends[1];
	}
	close(ends[1]);
	if (read(ends[0], &ready, 1) == 1)
		_exit(EXIT_SUCCESS);
	waitpid(child, &status, 0);
	_exit(EXIT_FAILURE);
}

static void report_ready(int report, bool has_log)
{
	int null = open("/dev/null", O_RDWR);

	if (report < 0)
		return;
	if (!has_log)
		fprintf(stderr,
			"smb3d: warning: log.file is not set: nothing more will be logged\n");
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	if (null > STDERR_FILENO)
		close(null);
	if (write(report, "r", 1) != 1)
		smb3_log(SMB3_LOG_WARNING, "whoever started smb3d did not wait for it");
	close(report);
}

static int serve(const struct wishes *w)
{
	int report = w->foreground ? -1 : background();
	struct process *process = process_new();
	struct smb3_server *server = smb3_server_new(w->config, w->module_dir);
	int status = EXIT_FAILURE;

	if (server && chdir("/") == 0 && process_claim(process, server) == 0 &&
	    smb3_server_start(server) == 0 && process_listen(process, server) == 0) {
		missing_tell(server);
		smb3_log_echo(false);
		report_ready(report, atomic_load(&server->config)->log.file[0]);
		smb3_server_run(server);
		status = EXIT_SUCCESS;
	}
	process_deafen(process);
	if (server)
		smb3_server_free(server);
	process_free(process);
	return status;
}

int main(int argc, char **argv)
{
	struct wishes w = { .config = (char *)(uintptr_t)SMB3D_SYSCONF_DIR "/smb3.conf",
			    .module_dir = (char *)(uintptr_t)SMB3D_MODULE_DIR };
	int status = EXIT_SUCCESS;

	if (!parse(argc, argv, &w)) {
		fputs("Try smb3d --help.\n", stderr);
		return 2;
	}
	w.config = absolute(w.config);
	w.module_dir = absolute(w.module_dir);
	if (w.what == OPT_VERSION)
		printf("smb3d %s (module ABI %d)\n", SMB3D_VERSION, SMB3_ABI);
	else if (w.what == OPT_HELP)
		fputs(usage_text, stdout);
	else
		status = w.what ? look(&w) : serve(&w);
	free(w.config);
	free(w.module_dir);
	return status;
}
