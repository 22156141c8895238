// SPDX-License-Identifier: Apache-2.0
/*
 * ctl.c: what an admin command works with: its arguments, the rows of its answer, visits to the
 * workers; and the way from words to the command.
 */
#include "core.h"

#include <string.h>

/* A command under way. */
struct smb3_ctl {
	struct smb3_server *server;
	struct smb3_ctl_request *request;
	struct smb3_mod *mod;
	const struct smb3_ctl_command *command;
	int argc; /* without the words of the command */
	char **argv;
	FILE *out; /* fills text */
	char *text;
	size_t len;
	bool in_row, has_field;
	void *state; /* the command's */
	/* smb3_ctl_each_worker() */
	struct smb3_mail mail;
	void (*visit)(struct smb3_ctl *ctl, struct smb3_worker *w);
	void (*then)(struct smb3_ctl *ctl);
};

/* ---- JSON ---- */

void smb3_json_string(FILE *out, const char *s)
{
	fputc('"', out);
	while (*s) {
		const char *start = s;
		uint32_t c = smb3_utf8_next(&s);

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", (char)c);
		else if (c < 0x20 || c == 0x7f)
			fprintf(out, "\\u%04x", c);
		else if (c == 0xfffd)
			fputs("\xef\xbf\xbd", out);
		else
			fwrite(start, 1, (size_t)(s - start), out);
	}
	fputc('"', out);
}

static void row_close(struct smb3_ctl *ctl)
{
	if (ctl->in_row)
		fputs("}\n", ctl->out);
	ctl->in_row = false;
}

void smb3_ctl_row(struct smb3_ctl *ctl)
{
	row_close(ctl);
	fputc('{', ctl->out);
	ctl->in_row = true;
	ctl->has_field = false;
}

static void field(struct smb3_ctl *ctl, const char *key)
{
	if (ctl->has_field)
		fputc(',', ctl->out);
	ctl->has_field = true;
	smb3_json_string(ctl->out, key);
	fputc(':', ctl->out);
}

void smb3_ctl_text(struct smb3_ctl *ctl, const char *key, const char *value)
{
	field(ctl, key);
	smb3_json_string(ctl->out, value ? value : "");
}

void smb3_ctl_printf(struct smb3_ctl *ctl, const char *key, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	smb3_ctl_text(ctl, key, len < 0 ? "" : text);
	if (len >= 0)
		free(text);
}

void smb3_ctl_number(struct smb3_ctl *ctl, const char *key, int64_t value)
{
	field(ctl, key);
	fprintf(ctl->out, "%lld", (long long)value);
}

void smb3_ctl_bool(struct smb3_ctl *ctl, const char *key, bool value)
{
	field(ctl, key);
	fputs(value ? "true" : "false", ctl->out);
}

static void ended_hook(struct smb3_ctl *ctl, const char *status, const char *message)
{
	struct smb3_event event = { .point = SMB3_HOOK_CTL,
				    .server = ctl->server,
				    .ctl = ctl->request,
				    .status = strcmp(status, "ok") ? STATUS_UNSUCCESSFUL :
								     STATUS_SUCCESS };

	if (!ctl->command || !strcmp(status, "secret") || !smb3_hooked(ctl->server, SMB3_HOOK_CTL))
		return;
	snprintf(event.reason, sizeof(event.reason), "%.159s", message ? message : "");
	smb3_hook_run(&event);
}

static void finish(struct smb3_ctl *ctl, const char *status, const char *message)
{
	ended_hook(ctl, status, message);
	smb3_ctl_row(ctl);
	smb3_ctl_text(ctl, "status", status);
	if (message)
		smb3_ctl_text(ctl, "message", message);
	row_close(ctl);
	fclose(ctl->out);
	ctl->request->finished(ctl->request, ctl->text, ctl->len, !strcmp(status, "ok"));
	free(ctl->state);
	free(ctl);
}

SMB3_PRINTF(3, 0)
static void finish_printf(struct smb3_ctl *ctl, const char *status, const char *fmt, va_list ap)
{
	char *message = NULL;

	if (vasprintf(&message, fmt, ap) < 0)
		message = NULL;
	finish(ctl, status, message ? message : "out of memory");
	free(message);
}

void smb3_ctl_done(struct smb3_ctl *ctl, const char *error, ...)
{
	va_list ap;

	if (!error) {
		finish(ctl, "ok", NULL);
		return;
	}
	va_start(ap, error);
	finish_printf(ctl, "error", error, ap);
	va_end(ap);
}

static void usage(struct smb3_ctl *ctl, const char *fmt, ...) SMB3_PRINTF(2, 3);

static void usage(struct smb3_ctl *ctl, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	finish_printf(ctl, "usage", fmt, ap);
	va_end(ap);
}

/* ---- arguments ---- */

struct smb3_server *smb3_ctl_server(const struct smb3_ctl *ctl)
{
	return ctl->server;
}

const char *smb3_ctl_name(const struct smb3_ctl *ctl)
{
	return ctl->command->name;
}

struct smb3_mod *smb3_ctl_mod(const struct smb3_ctl *ctl)
{
	return ctl->mod;
}

int smb3_ctl_argc(const struct smb3_ctl *ctl)
{
	return ctl->argc;
}

const char *smb3_ctl_arg(const struct smb3_ctl *ctl, int index)
{
	return index >= 0 && index < ctl->argc ? ctl->argv[index] : NULL;
}

const char *smb3_ctl_secret(const struct smb3_ctl *ctl)
{
	return ctl->request->secret;
}

void *smb3_ctl_state(struct smb3_ctl *ctl, size_t size)
{
	if (!ctl->state)
		ctl->state = smb3_alloc(size);
	return ctl->state;
}

/* ---- workers ---- */

/* The thread may still wear the identity of the client that it served last. */
static bool as_ourselves(struct smb3_ctl *ctl)
{
	struct smb3_worker *w = ctl->server->n_workers ? ctl->server->workers[0] : NULL;
	int err = w ? smb3_become(ctl->server, &w->acting_as, NULL) : 0;

	if (err)
		smb3_ctl_done(ctl, "the server cannot act as itself: %s", strerror(-err));
	return !err;
}

static void back(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct smb3_ctl *ctl = SMB3_CONTAINER(mail, struct smb3_ctl, mail);

	if (as_ourselves(ctl))
		ctl->then(ctl);
}

static void visit(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct smb3_ctl *ctl = SMB3_CONTAINER(mail, struct smb3_ctl, mail);
	unsigned int next = w->index + 1;

	ctl->visit(ctl, w);
	if (next == ctl->server->n_workers) {
		ctl->mail.fn = back;
		next = 0;
	}
	smb3_mail_post(ctl->server->workers[next], &ctl->mail);
}

void smb3_ctl_each_worker(struct smb3_ctl *ctl,
			  void (*fn)(struct smb3_ctl *ctl, struct smb3_worker *w),
			  void (*then)(struct smb3_ctl *ctl))
{
	ctl->visit = fn;
	ctl->then = then;
	ctl->mail.fn = visit;
	if (ctl->server->n_workers)
		smb3_mail_post(ctl->server->workers[0], &ctl->mail);
	else
		then(ctl);
}

/* ---- from words to the command ---- */

/* Two words first: "user add"; *ret_words says how many were the command's. */
static const struct smb3_ctl_command *command_find(struct smb3_server *server, int argc,
						   char **argv, int *ret_words)
{
	const struct smb3_ctl_command *command = NULL;
	char two[128];

	*ret_words = 2;
	if (argc > 1 && snprintf(two, sizeof(two), "%s %s", argv[0], argv[1]) < (int)sizeof(two))
		command = smb3_row_name(server, SMB3_KIND_CTL, two);
	if (command)
		return command;
	*ret_words = 1;
	return smb3_row_name(server, SMB3_KIND_CTL, argv[0]);
}

static void unknown(struct smb3_ctl *ctl, int argc, char **argv)
{
	const char *names[256], *near = NULL;
	char two[128];
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(ctl->server, SMB3_KIND_CTL, &n);

	n = n < SMB3_ARRAY_SIZE(names) ? n : SMB3_ARRAY_SIZE(names);
	for (size_t i = 0; i < n; i++)
		names[i] = ((const struct smb3_ctl_command *)rows[i]->row)->name;
	snprintf(two, sizeof(two), "%s %s", argv[0], argc > 1 ? argv[1] : "");
	if (argc > 1)
		near = smb3_nearest(two, names, n);
	if (!near)
		near = smb3_nearest(argv[0], names, n);
	if (near)
		usage(ctl, "no command \"%s\"; did you mean \"%s\"?", argv[0], near);
	else if (!smb3_row_name(ctl->server, SMB3_KIND_CTL, "help"))
		usage(ctl, "no command \"%s\"; is the module admin in modules?", argv[0]);
	else
		usage(ctl, "no command \"%s\"; smb3ctl help lists them all", argv[0]);
}

/* The first argument that is no option. */
static const char *file_named(const struct smb3_ctl *ctl)
{
	int i = 0;

	while (i + 1 < ctl->argc && !strncmp(ctl->argv[i], "--", 2))
		i++;
	return ctl->argv[i];
}

/* False after an answer: it cannot run. */
static bool command_fits(struct smb3_ctl *ctl)
{
	const struct smb3_ctl_command *c = ctl->command;

	if (ctl->argc < c->min_args || (c->max_args >= 0 && ctl->argc > c->max_args)) {
		usage(ctl, "usage: smb3ctl %s%s%s", c->name, c->args && *c->args ? " " : "",
		      c->args ? c->args : "");
		return false;
	}
	if (!ctl->server->n_workers && !c->offline) {
		smb3_ctl_done(ctl,
			      "no server listens on %s/control: start it with smb3d -c %s; if one "
			      "is running, is the module admin in modules?",
			      smb3_server_conf(ctl->server)->run_dir,
			      atomic_load(&ctl->server->config)->path);
		return false;
	}
	if ((c->secret || c->file) && !ctl->request->secret) {
		finish(ctl, c->file ? "file" : "secret", c->file ? file_named(ctl) : NULL);
		return false;
	}
	return true;
}

void smb3_ctl_run(struct smb3_server *server, struct smb3_ctl_request *request)
{
	struct smb3_ctl *ctl = smb3_alloc(sizeof(*ctl));
	int words;

	ctl->server = server;
	ctl->request = request;
	ctl->out = open_memstream(&ctl->text, &ctl->len);
	if (request->argc < 1) {
		usage(ctl, "no command; smb3ctl help lists them all");
		return;
	}
	ctl->command = command_find(server, request->argc, request->argv, &words);
	if (!ctl->command) {
		unknown(ctl, request->argc, request->argv);
		return;
	}
	ctl->mod = smb3_module_of(server, ctl->command);
	ctl->argc = request->argc - words;
	ctl->argv = request->argv + words;
	if (server->n_workers)
		server->workers[0]->busy_with = ctl->command->name;
	if (command_fits(ctl) && as_ourselves(ctl))
		ctl->command->run(ctl);
}
