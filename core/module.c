// SPDX-License-Identifier: Apache-2.0
/*
 * module.c: the lives of loaded modules.
 */
#include "core.h"

#include <string.h>

struct smb3_mod *smb3_module_find(struct smb3_server *server, const char *name)
{
	for (unsigned int i = 0; i < server->n_mods; i++)
		if (!strcmp(server->mods[i]->module->name, name))
			return server->mods[i];
	return NULL;
}

struct smb3_mod *const *smb3_modules(struct smb3_server *server, size_t *ret_count)
{
	*ret_count = server->n_mods;
	return server->mods;
}

/* ---- life ---- */

static int module_call(struct smb3_mod *mod, int (*fn)(struct smb3_mod *))
{
	int err = fn ? fn(mod) : 0;

	return !err ? 0 :
		      smb3_fail(err, "module %s cannot start: %s", mod->module->name,
				strerror(-err));
}

int smb3_modules_init(struct smb3_server *server)
{
	for (; server->n_inited < server->n_mods; server->n_inited++) {
		struct smb3_mod *mod = server->mods[server->n_inited];
		int err = module_call(mod, mod->module->init);

		if (err) {
			smb3_modules_fini(server);
			return err;
		}
	}
	return 0;
}

int smb3_modules_start(struct smb3_server *server)
{
	for (; server->n_running < server->n_mods; server->n_running++) {
		struct smb3_mod *mod = server->mods[server->n_running];
		int err = module_call(mod, mod->module->start);

		if (err) {
			smb3_modules_stop(server);
			return err;
		}
	}
	for (unsigned int i = 0; i < server->n_mods; i++) {
		struct smb3_mod *mod = server->mods[i];
		int err = module_call(mod, mod->module->started);

		if (err)
			return err;
	}
	return 0;
}

void smb3_modules_stop(struct smb3_server *server)
{
	while (server->n_running) {
		struct smb3_mod *mod = server->mods[--server->n_running];

		if (mod->module->stop)
			mod->module->stop(mod);
	}
}

void smb3_modules_fini(struct smb3_server *server)
{
	while (server->n_inited) {
		struct smb3_mod *mod = server->mods[--server->n_inited];

		if (mod->module->fini)
			mod->module->fini(mod);
	}
}

void smb3_modules_free(struct smb3_server *server)
{
	/* The code stays mapped: a leak checker and a late thread want to find it there. */
	while (server->n_mods)
		free(server->mods[--server->n_mods]);
}
