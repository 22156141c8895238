// SPDX-License-Identifier: Apache-2.0
/*
 * smb3ctl.c: the admin client of smb3d. It knows no commands: the server has them, core's and
 * those of its modules, and says what was wrong with a request.
 */
#include "smb3ctl.h"

#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET_MAX 1024
#define FILE_MAX   (8 << 20)

/* What an answer wants, besides an exit status. */
enum { WANTS_SECRET = -1, WANTS_FILE = -2 };

enum { OPT_SOCKET = 256, OPT_JSON, OPT_SMB3D, OPT_MODULE_DIR, OPT_VERSION, OPT_HELP };

static const char usage_text[] =
	"usage: smb3ctl [-c FILE | --socket PATH] [--json] COMMAND [ARGUMENT]...\n"
	"\n"
	"  -c, --config FILE    configuration of the server (" SMB3D_SYSCONF_DIR "/smb3.conf)\n"
	"      --socket PATH    control socket (\"control\" in server.run_dir)\n"
	"      --json           print JSON\n"
	"      --smb3d PATH     program for commands that need no running server\n"
	"      --module-dir DIR its modules\n"
	"      --version        print the version\n"
	"      --help           print this text\n"
	"\n"
	"smb3ctl help lists the commands, COMMAND --help tells of one; smb3ctl module is for authors of\n"
	"modules, smb3ctl top shows what goes on. Passwords are asked for, or read from standard input.\n";

void complain(const char *fmt, ...)
{
	va_list ap;

	fputs("smb3ctl: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

/* ---- the answer ---- */

static const char *line_end(const char *line)
{
	const char *end = strchr(line, '\n');

	return end ? end : line + strlen(line);
}

struct row *rows_parse(const char *answer, size_t *ret_count)
{
	struct row *rows = NULL;
	size_t n = 0;

	for (const char *line = answer; *line; line = line_end(line) + (*line_end(line) == '\n')) {
		struct row row;

		if (!row_parse(line, (size_t)(line_end(line) - line), &row))
			continue;
		rows = realloc(rows, (n + 1) * sizeof(*rows));
		if (!rows)
			abort();
		rows[n++] = row;
	}
	*ret_count = n;
	return rows;
}

void rows_free(struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		row_free(&rows[i]);
	free(rows);
}

/* The lines are JSON already; what is missing makes them an array. */
static void json_print(const char *answer, size_t n_rows)
{
	const char *line = answer;

	puts("[");
	for (size_t i = 0; i < n_rows; i++, line = line_end(line) + 1)
		printf("%.*s%s\n", (int)(line_end(line) - line), line, i + 1 < n_rows ? "," : "");
	puts("]");
}

/* Exit status; or what the server wants, the file's name to be freed. */
static int answer_show(const char *answer, bool json, char **ret_file)
{
	size_t n = 0;
	struct row *rows = rows_parse(answer, &n);
	const char *status = n ? row_get(&rows[n - 1], "status") : NULL;
	const char *message = n ? row_get(&rows[n - 1], "message") : NULL;
	int result = EXIT_FAILURE;

	if (status && !strcmp(status, "secret")) {
		result = WANTS_SECRET;
	} else if (status && message && !strcmp(status, "file")) {
		*ret_file = strdup(message);
		result = *ret_file ? WANTS_FILE : EXIT_FAILURE;
	} else if (status && !strcmp(status, "ok")) {
		if (json)
			json_print(answer, n - 1);
		else
			table_print(rows, n - 1);
		result = EXIT_SUCCESS;
	} else if (message) {
		complain("%s", message);
		result = !strcmp(status, "usage") ? EXIT_USAGE : EXIT_FAILURE;
	} else if (n) {
		complain("the answer is cut off");
	}
	rows_free(rows, n);
	return result;
}

static int ask(const struct target *target, struct request *request, bool json, char **ret_file)
{
	char *answer = NULL;
	int status;

	if (call(target, request, &answer) < 0)
		return EXIT_FAILURE;
	status = answer_show(answer, json, ret_file);
	explicit_bzero(answer, strlen(answer));
	free(answer);
	return status;
}

/* The password or the file's text, to be wiped and freed. NULL after a complaint. */
static char *fetch(int wanted, const char *file)
{
	char *secret;

	if (wanted == WANTS_FILE)
		return file_read(file, FILE_MAX);
	secret = malloc(SECRET_MAX);
	if (secret && secret_read(secret, SECRET_MAX) == 0)
		return secret;
	free(secret);
	return NULL;
}

static int run(const struct target *target, char **argv, bool json)
{
	struct request request = { .argv = argv };
	char *file = NULL, *secret;
	int status = ask(target, &request, json, &file);

	if (status >= 0)
		return status;
	secret = fetch(status, file);
	free(file);
	if (!secret)
		return EXIT_FAILURE;
	request.secret = secret;
	status = ask(target, &request, json, &file);
	explicit_bzero(secret, strlen(secret));
	free(secret);
	if (status < 0)
		complain("the server does not take what it asked for");
	return status < 0 ? EXIT_FAILURE : status;
}

/* ---- the command line ---- */

/* What follows the command is the command's own, but for this. */
static bool take_own(char **argv, const char *option)
{
	bool found = false;
	char **to = argv;

	for (; *argv; argv++)
		if (strcmp(*argv, option))
			*to++ = *argv;
		else
			found = true;
	*to = NULL;
	return found;
}

/* False: end now, with *ret_status. */
static bool parse(int argc, char **argv, struct target *target, bool *ret_json, int *ret_status)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "socket", required_argument, NULL, OPT_SOCKET },
		{ "json", no_argument, NULL, OPT_JSON },
		{ "smb3d", required_argument, NULL, OPT_SMB3D },
		{ "module-dir", required_argument, NULL, OPT_MODULE_DIR },
		{ "version", no_argument, NULL, OPT_VERSION },
		{ "help", no_argument, NULL, OPT_HELP },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "+c:", longs, NULL)) != -1) {
		*ret_status = c == '?' ? EXIT_USAGE : EXIT_SUCCESS;
		switch (c) {
		case 'c':
			target->config = optarg;
			target->config_given = true;
			break;
		case OPT_SOCKET:
			target->socket = optarg;
			break;
		case OPT_JSON:
			*ret_json = true;
			break;
		case OPT_SMB3D:
			target->smb3d = optarg;
			break;
		case OPT_MODULE_DIR:
			target->module_dir = optarg;
			break;
		case OPT_VERSION:
			puts("smb3ctl " SMB3D_VERSION);
			return false;
		default:
			fputs(usage_text, c == '?' ? stderr : stdout);
			return false;
		}
	}
	*ret_json |= take_own(argv + optind, "--json");
	*ret_status = EXIT_USAGE;
	if (!argv[optind])
		fputs(usage_text, stderr);
	return argv[optind];
}

/* --help behind a command is about that. */
static int help(const struct target *target, char **argv, bool json)
{
	char word[] = "help", *words[64] = { word };

	for (size_t i = 0; argv[i] && i + 2 < sizeof(words) / sizeof(words[0]); i++)
		words[i + 1] = argv[i];
	return run(target, words, json);
}

int main(int argc, char **argv)
{
	struct target target = { .config = SMB3D_SYSCONF_DIR "/smb3.conf",
				 .smb3d = getenv("SMB3D"),
				 .module_dir = getenv("SMB3D_MODULE_DIR") };
	bool json = false;
	int status;

	/* Column widths are those of UTF-8 whatever the user's locale says. */
	setlocale(LC_CTYPE, "C.UTF-8");
	signal(SIGPIPE, SIG_IGN); /* a peer that went away is an answer that is missing */
	if (!parse(argc, argv, &target, &json, &status))
		return status;
	if (!strcmp(argv[optind], "module"))
		return module_tool(&target, argv + optind);
	if (!strcmp(argv[optind], "top"))
		return top(&target, argv + optind);
	if (take_own(argv + optind, "--help"))
		return help(&target, argv + optind, json);
	return run(&target, argv + optind, json);
}
