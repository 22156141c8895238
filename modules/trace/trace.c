// SPDX-License-Identifier: Apache-2.0
/*
 * trace.c: writes down every hook and every file system call in the order in which they happen,
 * for tests and for finding out what a server does.
 */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRACE_ORDER 950 /* after the last verdict */
#define TRACE_LINE  2048

static const struct smb3_option trace_options[] = {
	{ .name = "file",
	  .type = SMB3_OPT_STRING,
	  .scope = SMB3_GLOBAL | SMB3_USE_FILE,
	  .offset = offsetof(struct trace_conf, file),
	  .value = "",
	  .help = "The lines are appended to this file; empty: they are kept in memory only." },
	{ .name = "memory",
	  .type = SMB3_OPT_SIZE,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct trace_conf, memory),
	  .value = "1M",
	  .min = 8192,
	  .max = 1024 * 1024 * 1024,
	  .help = "How much of the last lines is kept in memory." },
	{ .name = "durations",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct trace_conf, durations),
	  .value = "false",
	  .help = "Calls to the file system end with the microseconds that they took." },
	{ .name = "calls",
	  .type = SMB3_OPT_LIST,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct trace_conf, calls),
	  .help = "Patterns of calls to the file system that are written down; empty: all." },
	{ .name = "names",
	  .type = SMB3_OPT_LIST,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct trace_conf, names),
	  .help = "Patterns of names whose calls are written down; empty: all." },
	SMB3_OPTION_END,
};

const char *trace_name(const char *name, char buf[TRACE_NAME_SIZE])
{
	char *to = buf, *end = buf + TRACE_NAME_SIZE - 6;

	if (!name)
		return "-";
	*to++ = '"';
	for (; *name && to < end; name++) {
		if ((unsigned char)*name < 0x20 || *name == 0x7f || *name == '"' || *name == '\\')
			to += sprintf(to, "\\x%02x", (unsigned char)*name);
		else
			*to++ = *name;
	}
	*to++ = '"';
	*to = '\0';
	return buf;
}

const char *trace_result(ssize_t n, char buf[TRACE_RESULT_SIZE])
{
	const char *name = n < 0 ? strerrorname_np((int)-n) : NULL;

	if (name)
		return name;
	snprintf(buf, TRACE_RESULT_SIZE, "%zd", n);
	return buf;
}

/* Forgets whole lines, at least half of all. */
static void trace_forget(struct trace *t)
{
	const char *line = memchr(t->text + t->len / 2, '\n', t->len - t->len / 2);
	size_t gone = line ? (size_t)(line + 1 - t->text) : t->len;

	t->len -= gone;
	memmove(t->text, t->text + gone, t->len + 1);
}

void trace_line(struct smb3_mod *mod, const char *fmt, ...)
{
	struct trace *t = mod->data;
	char line[TRACE_LINE];
	size_t len;
	va_list ap;

	if (!t)
		return; /* a server that only checks its configuration */
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line) - 1, fmt, ap);
	va_end(ap);
	len = strlen(line);
	line[len++] = '\n';
	line[len] = '\0';
	pthread_mutex_lock(&t->lock);
	if (t->len + len >= t->size)
		trace_forget(t);
	memcpy(t->text + t->len, line, len + 1);
	t->len += len;
	if (t->file) {
		fputs(line, t->file);
		fflush(t->file);
	}
	pthread_mutex_unlock(&t->lock);
}

/* ---- hooks ---- */

struct trace_words {
	char text[TRACE_LINE];
	size_t len;
};

static void trace_word(struct trace_words *w, const char *key, const char *value)
{
	if (value && w->len < sizeof(w->text))
		w->len += (size_t)snprintf(w->text + w->len, sizeof(w->text) - w->len, " %s%s%s",
					   key, *key ? " " : "", value);
}

static void trace_word_name(struct trace_words *w, const char *key, const char *name)
{
	char buf[TRACE_NAME_SIZE];

	if (name)
		trace_word(w, key, trace_name(name, buf));
}

static const char *const trace_points[SMB3_HOOK_POINTS] = {
	[SMB3_HOOK_CONN_OPEN] = "CONN_OPEN",
	[SMB3_HOOK_CONN_CLOSE] = "CONN_CLOSE",
	[SMB3_HOOK_NEGOTIATED] = "NEGOTIATED",
	[SMB3_HOOK_AUTH] = "AUTH",
	[SMB3_HOOK_AUTH_DONE] = "AUTH_DONE",
	[SMB3_HOOK_AUTHENTICATED] = "AUTHENTICATED",
	[SMB3_HOOK_LOGOFF] = "LOGOFF",
	[SMB3_HOOK_SHARE] = "SHARE",
	[SMB3_HOOK_TREE_CONNECT] = "TREE_CONNECT",
	[SMB3_HOOK_TREE_CONNECTED] = "TREE_CONNECTED",
	[SMB3_HOOK_TREE_DISCONNECT] = "TREE_DISCONNECT",
	[SMB3_HOOK_REQUEST] = "REQUEST",
	[SMB3_HOOK_ACCESS] = "ACCESS",
	[SMB3_HOOK_ENTRY] = "ENTRY",
	[SMB3_HOOK_MADE] = "MADE",
	[SMB3_HOOK_OPEN_CONFLICT] = "OPEN_CONFLICT",
	[SMB3_HOOK_OPENED] = "OPENED",
	[SMB3_HOOK_CLOSING] = "CLOSING",
	[SMB3_HOOK_IO] = "IO",
	[SMB3_HOOK_RENAMED] = "RENAMED",
	[SMB3_HOOK_REMOVED] = "REMOVED",
	[SMB3_HOOK_CHANGED] = "CHANGED",
	[SMB3_HOOK_DOOMED] = "DOOMED",
	[SMB3_HOOK_RESPONSE] = "RESPONSE",
	[SMB3_HOOK_LIMIT] = "LIMIT",
	[SMB3_HOOK_NOTE] = "NOTE",
	[SMB3_HOOK_RELOAD] = "RELOAD",
	[SMB3_HOOK_BIND] = "BIND",
	[SMB3_HOOK_DENIED] = "DENIED",
	[SMB3_HOOK_CTL] = "CTL",
};

static enum smb3_verdict trace_event(struct smb3_mod *mod, struct smb3_event *e)
{
	struct trace_words w = { .text = "" };

	if (e->req && e->req->command)
		trace_word(&w, "", e->req->command->name);
	trace_word_name(&w, "user", e->user ? e->user : e->who ? e->who->name : NULL);
	trace_word_name(&w, "share", e->share ? e->share->name : NULL);
	trace_word_name(&w, "path", e->path);
	trace_word_name(&w, "to", e->new_path);
	trace_word_name(&w, "limit", e->limit);
	if (e->status)
		trace_word(&w, "", smb3_status_name(e->status));
	trace_line(mod, "hook %s%s", trace_points[e->point], w.text);
	return SMB3_PASS;
}

#define TRACE_AT(p)                     \
	[SMB3_HOOK_##p] = {             \
		.point = SMB3_HOOK_##p, \
		.order = TRACE_ORDER,   \
		.name = "trace",        \
		.run = trace_event,     \
	}

/* TICK is left out: it would be most of the log. */
static const struct smb3_hook trace_hooks[SMB3_HOOK_POINTS] = {
	TRACE_AT(CONN_OPEN),
	TRACE_AT(CONN_CLOSE),
	TRACE_AT(NEGOTIATED),
	TRACE_AT(AUTHENTICATED),
	TRACE_AT(LOGOFF),
	TRACE_AT(SHARE),
	TRACE_AT(TREE_CONNECT),
	TRACE_AT(TREE_CONNECTED),
	TRACE_AT(TREE_DISCONNECT),
	TRACE_AT(REQUEST),
	TRACE_AT(ACCESS),
	TRACE_AT(ENTRY),
	TRACE_AT(MADE),
	TRACE_AT(OPEN_CONFLICT),
	TRACE_AT(OPENED),
	TRACE_AT(CLOSING),
	TRACE_AT(RENAMED),
	TRACE_AT(REMOVED),
	TRACE_AT(RESPONSE),
	TRACE_AT(NOTE),
	TRACE_AT(RELOAD),
	TRACE_AT(IO),
	TRACE_AT(CHANGED),
	TRACE_AT(DOOMED),
	TRACE_AT(LIMIT),
	TRACE_AT(AUTH),
	TRACE_AT(AUTH_DONE),
	TRACE_AT(BIND),
	TRACE_AT(DENIED),
	TRACE_AT(CTL),
};

/* ---- smb3ctl trace ---- */

static void trace_ctl(struct smb3_ctl *ctl)
{
	struct trace *t = smb3_ctl_mod(ctl)->data;
	char *copy, *rest, *line;

	pthread_mutex_lock(&t->lock);
	copy = rest = smb3_strdup(t->text);
	t->len = 0;
	t->text[0] = '\0';
	pthread_mutex_unlock(&t->lock);
	while ((line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		smb3_ctl_row(ctl);
		smb3_ctl_text(ctl, "call", line);
	}
	free(copy);
	smb3_ctl_done(ctl, NULL);
}

static const struct smb3_ctl_command trace_command = {
	.name = "trace",
	.args = "",
	.help = "shows the calls since the last time, and forgets them",
	.run = trace_ctl,
};

/* ---- life ---- */

static int trace_init(struct smb3_mod *mod)
{
	const struct trace_conf *conf = atomic_load(&mod->conf);
	struct trace *t;
	FILE *file = NULL;
	int fd, err;

	if (*conf->file) {
		fd = open(conf->file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		file = fd < 0 ? NULL : fdopen(fd, "a");
		if (!file) {
			err = -errno;
			smb3_log(SMB3_LOG_ERROR, "trace: %s: %s; correct trace.file", conf->file,
				 strerror(errno));
			return err;
		}
	}
	t = smb3_alloc(sizeof(*t));
	pthread_mutex_init(&t->lock, NULL);
	t->file = file;
	t->size = conf->memory;
	t->text = smb3_alloc(t->size);
	mod->data = t;
	return 0;
}

static void trace_fini(struct smb3_mod *mod)
{
	struct trace *t = mod->data;

	if (t->file)
		fclose(t->file);
	pthread_mutex_destroy(&t->lock);
	free(t->text);
	free(t);
	mod->data = NULL;
}

static const struct smb3_provide trace_provides[] = {
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_CONN_OPEN]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_CONN_CLOSE]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_NEGOTIATED]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_AUTH]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_AUTH_DONE]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_AUTHENTICATED]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_LOGOFF]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_SHARE]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_TREE_CONNECT]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_TREE_CONNECTED]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_TREE_DISCONNECT]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_REQUEST]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_ACCESS]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_ENTRY]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_MADE]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_OPEN_CONFLICT]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_OPENED]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_CLOSING]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_IO]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_RENAMED]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_REMOVED]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_CHANGED]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_DOOMED]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_RESPONSE]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_LIMIT]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_NOTE]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_RELOAD]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_BIND]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_DENIED]),
	SMB3_HOOK(&trace_hooks[SMB3_HOOK_CTL]),
	SMB3_VFS(&trace_vfs_ops),
	SMB3_CTL(&trace_command),
	SMB3_END,
};

SMB3_MODULE(trace, .summary = "writes down every hook and file system call",
	    .options = trace_options, .conf_size = sizeof(struct trace_conf),
	    .provides = trace_provides, .init = trace_init, .fini = trace_fini);
