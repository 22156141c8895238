// SPDX-License-Identifier: Apache-2.0
/*
 * reload.c: a new configuration while the server runs, all or nothing. The file is read on the
 * I/O pool, since it and the shares' folders may be on a slow disk; worker 0 then asks the
 * modules and swaps.
 */
#include "conf_file.h"

#include <stdlib.h>
#include <string.h>

struct reload {
	struct smb3_job job;
	struct smb3_server *server;
	struct smb3_config *config;
	char *refused;       /* NULL: accepted so far */
	unsigned int number; /* of its look at the file */
	void (*then)(void *arg, const char *refused);
	void *arg;
};

static int reload_refuse(struct reload *r, const char *fmt, ...) SMB3_PRINTF(2, 3);

static int reload_refuse(struct reload *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&r->refused, fmt, ap) < 0)
		r->refused = smb3_strdup("out of memory");
	va_end(ap);
	return -EINVAL;
}

/* Reads only what is constant while the server runs: rows and modules. */
static int reload_read(struct reload *r)
{
	int err = smb3_config_open(r->server, atomic_load(&r->server->config)->path, &r->config);

	if (!err)
		err = smb3_config_finish(r->server, r->config);
	if (err)
		reload_refuse(r, "%s", r->config->report->text);
	return err;
}

static bool listen_same(const struct smb3_config *a, const struct smb3_config *b)
{
	if (a->n_listen != b->n_listen)
		return false;
	for (unsigned int i = 0; i < a->n_listen; i++)
		if (!conf_same(conf_listen_options, &a->listen[i], &b->listen[i]))
			return false;
	return true;
}

/* Names the first setting that cannot change under a running server, or NULL. */
static const char *fixed_changed(const struct smb3_config *a, const struct smb3_config *b)
{
	if (!listen_same(a, b))
		return "listen";
	if (!conf_list_same(a->modules, b->modules))
		return "modules";
	if (strcmp(a->server.state_dir, b->server.state_dir))
		return "server.state_dir";
	if (strcmp(a->server.run_dir, b->server.run_dir))
		return "server.run_dir";
	if (a->server.workers != b->server.workers)
		return "server.workers";
	if (a->server.io_threads != b->server.io_threads)
		return "server.io_threads";
	return NULL;
}

static int reload_check(struct reload *r)
{
	const char *fixed = fixed_changed(atomic_load(&r->server->config), r->config);

	if (fixed)
		return reload_refuse(
			r, "%s has changed, which needs a restart; nothing was changed", fixed);
	for (unsigned int i = 0; i < r->server->n_mods; i++) {
		struct smb3_mod *mod = r->server->mods[i];
		int err = mod->module->reload ? mod->module->reload(mod, r->config->mod_confs[i]) :
						0;

		if (err)
			return reload_refuse(r,
					     "module %s refuses the new configuration: %s; its "
					     "log line says why, nothing was changed",
					     mod->module->name, strerror(-err));
	}
	return 0;
}

static void reload_swap(struct reload *r)
{
	struct smb3_event event = { .point = SMB3_HOOK_RELOAD, .server = r->server };

	smb3_config_use(r->server, r->config);
	r->config = NULL;
	smb3_log_setup(&atomic_load(&r->server->config)->log);
	if (r->server->n_workers)
		event.worker = r->server->workers[0];
	smb3_hook_run(&event);
	smb3_log(SMB3_LOG_NOTICE, "the configuration was loaded again");
}

/* The message has a line for each problem. */
static void reload_tell(struct reload *r)
{
	size_t len = strlen(r->refused);
	const char *line = r->refused;

	if (len && line[len - 1] == '\n')
		r->refused[len - 1] = '\0';
	while (*line) {
		size_t n = strcspn(line, "\n");

		smb3_log(SMB3_LOG_ERROR, "the new configuration is refused: %.*s", (int)n, line);
		line += n + (line[n] == '\n');
	}
}

static void reload_decide(struct reload *r)
{
	bool good;

	r->server->config_next = r->config;
	good = !r->refused && !reload_check(r);
	r->server->config_next = NULL;
	if (good)
		reload_swap(r);
	else
		reload_tell(r);
	smb3_config_free(r->config);
	r->config = NULL;
}

static void reload_work(struct smb3_job *job)
{
	reload_read(SMB3_CONTAINER(job, struct reload, job));
}

static void reload_end(struct reload *r)
{
	reload_decide(r);
	r->server->reloaded = r->number;
	r->then(r->arg, r->refused);
	free(r->refused);
	free(r);
}

static void reload_begin(struct reload *r)
{
	r->number = ++r->server->reloads;
	smb3_job_start(r->server->workers[0], &r->job);
}

static void reload_done(struct smb3_worker *w, struct smb3_job *job)
{
	struct reload *r = SMB3_CONTAINER(job, struct reload, job);

	/* What was read before another reload began, which has ended, may be older than what that one
	 * found, and would undo it. */
	if (r->number < r->server->reloaded) {
		smb3_config_free(r->config);
		free(r->refused);
		r->config = NULL;
		r->refused = NULL;
		reload_begin(r);
		return;
	}
	/* A log is opened as the server, not as whom this thread served last. */
	if (smb3_become(r->server, &w->acting_as, NULL) < 0 && !r->refused)
		reload_refuse(r, "the server cannot act as itself");
	reload_end(r);
}

void smb3_server_reload(struct smb3_server *server, void (*then)(void *arg, const char *refused),
			void *arg)
{
	struct reload *r = smb3_alloc(sizeof(*r));

	r->server = server;
	r->then = then;
	r->arg = arg;
	r->job.work = reload_work;
	r->job.done = reload_done;
	if (server->n_workers) {
		reload_begin(r);
		return;
	}
	reload_read(r);
	reload_end(r);
}
