// SPDX-License-Identifier: Apache-2.0
/*
 * server.c: the order in which a server comes up, and in which it goes down again.
 */
#include "core.h"

#include <string.h>
#include <unistd.h>

/* ---- up ---- */

static struct smb3_server *server_alloc(const char *module_dir)
{
	struct smb3_server *server = smb3_alloc(sizeof(*server));

	server->magic = SMB3_SERVER_MAGIC;
	server->module_dir = smb3_strdup(module_dir);
	smb3_own_init(server);
	server->started = smb3_now();
	atomic_init(&server->next_conn_id, 1);
	pthread_mutex_init(&server->config_lock, NULL);
	server->place = smb3_place_new();
	server->files = smb3_files_new();
	server->people = smb3_people_new();
	return server;
}

/* Everything that can be said without running a function of a module. */
static int server_check(struct smb3_server *server, const char *path)
{
	struct smb3_config *config;
	int err = smb3_config_open(server, path, &config);

	if (!err)
		err = smb3_modules_load(server, config);
	if (!err)
		err = smb3_config_finish(server, config);
	if (err) {
		smb3_config_complain(config);
		smb3_config_free(config);
		return err;
	}
	smb3_slots_layout(server);
	smb3_hooks_build(server);
	smb3_config_use(server, config);
	return 0;
}

struct smb3_server *smb3_server_check(const char *config_path, const char *module_dir)
{
	struct smb3_server *server = server_alloc(module_dir);
	int err = config_path ? server_check(server, config_path) : smb3_modules_look(server);

	/* A broken module in the folder has been named; the others can still be shown. */
	if (!err || !config_path)
		return server;
	smb3_server_free(server);
	return NULL;
}

struct smb3_server *smb3_server_new(const char *config_path, const char *module_dir)
{
	struct smb3_server *server = smb3_server_check(config_path, module_dir);
	int err;

	if (!server)
		return NULL;
	err = smb3_log_setup(&atomic_load(&server->config)->log);
	if (!err)
		err = smb3_life_begin(server);
	if (!err)
		err = smb3_modules_init(server);
	if (!err)
		return server;
	smb3_server_free(server);
	return NULL;
}

static int listen_all(struct smb3_server *server)
{
	const struct smb3_config *c = atomic_load(&server->config);

	server->listeners = smb3_alloc(c->n_listen * sizeof(*server->listeners));
	for (unsigned int i = 0; i < c->n_listen; i++) {
		struct smb3_listener *l = &server->listeners[i];
		int err;

		l->transport = smb3_row_name(server, SMB3_KIND_TRANSPORT, c->listen[i].transport);
		l->server = server;
		l->address = c->listen[i].address;
		l->port = (uint16_t)c->listen[i].port;
		err = l->transport->listen(l, server->workers[0]);
		if (err)
			return err;
		server->n_listeners++;
		smb3_log(SMB3_LOG_NOTICE, "listening on %s port %u (%s)", l->address, l->port,
			 l->transport->scheme);
	}
	return 0;
}

void smb3_server_each_listener(const struct smb3_server *server,
			       bool (*fn)(const struct smb3_listener *l, void *arg), void *arg)
{
	for (unsigned int i = 0; i < server->n_listeners && fn(&server->listeners[i], arg); i++)
		continue;
}

static unsigned int pool_threads(const struct smb3_server *server)
{
	int64_t wanted = smb3_server_conf(server)->io_threads;
	unsigned int cores = smb3_processors();

	if (wanted > 0)
		return (unsigned int)wanted;
	return cores > 2 ? 2 * cores : 4;
}

int smb3_server_start(struct smb3_server *server)
{
	int err;

	/* A thread inherits what a module has the process give up when all have started. */
	err = smb3_workers_make(server);
	if (!err)
		err = listen_all(server);
	if (!err)
		err = smb3_modules_start(server);
	if (!err)
		err = smb3_pool_start(server, pool_threads(server));
	if (!err)
		err = smb3_workers_start(server);
	if (err)
		return err;
	smb3_log(SMB3_LOG_NOTICE, "smb3d %s is ready: %u modules, %u workers", SMB3D_VERSION,
		 server->n_mods, server->n_workers);
	return 0;
}

/* ---- down ---- */

/* Each step does nothing when its part never came up. */
static void server_down(struct smb3_server *server)
{
	atomic_store(&server->stopping, true);
	while (server->n_listeners) {
		struct smb3_listener *l = &server->listeners[--server->n_listeners];

		l->transport->unlisten(l);
	}
	smb3_modules_stop(server);
	if (server->n_workers)
		smb3_workers_stop(server);
	else if (server->pool)
		smb3_pool_stop(server);
}

void smb3_server_run(struct smb3_server *server)
{
	if (!atomic_load(&server->stopping))
		smb3_worker_run(server->workers[0]);
	server_down(server);
	smb3_log(SMB3_LOG_NOTICE, "smb3d has stopped");
}

static void stop_mail(struct smb3_worker *w, struct smb3_mail *mail)
{
	free(mail);
	ev_break(w->loop, EVBREAK_ALL);
}

void smb3_server_stop(struct smb3_server *server)
{
	struct smb3_mail *mail;

	if (atomic_exchange(&server->stopping, true))
		return;
	mail = smb3_alloc(sizeof(*mail));
	mail->fn = stop_mail;
	smb3_mail_post(server->workers[0], mail);
}

void smb3_server_free(struct smb3_server *server)
{
	struct smb3_config *config = atomic_load(&server->config);

	server_down(server);
	free(server->listeners);
	if (config)
		smb3_config_drop_shares(config);
	smb3_modules_fini(server);
	smb3_workers_free(server);
	smb3_hooks_free(&server->hooks);
	smb3_slots_free(&server->slots);
	smb3_registry_free(&server->registry);
	smb3_modules_free(server);
	smb3_config_free(config);
	smb3_place_free(server->place);
	smb3_files_free(server->files);
	smb3_own_done(server);
	smb3_log_close();
	smb3_people_free(server->people);
	pthread_mutex_destroy(&server->config_lock);
	free((char *)(uintptr_t)server->module_dir);
	server->magic = 0;
	free(server);
}

/* ---- for everybody ---- */

const struct smb3_guid *smb3_server_guid(const struct smb3_server *server)
{
	return &server->guid;
}

smb3_nttime smb3_server_started(const struct smb3_server *server)
{
	return server->started;
}

void smb3_server_paths(const struct smb3_server *server, struct smb3_server_paths *ret_paths)
{
	const struct smb3_config *c = atomic_load(&server->config);

	*ret_paths = (struct smb3_server_paths){ c->path, server->module_dir, c->log.file };
}

bool smb3_server_can_switch(const struct smb3_server *server)
{
	return server->can_switch;
}
