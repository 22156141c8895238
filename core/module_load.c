// SPDX-License-Identifier: Apache-2.0
/*
 * module_load.c: opens shared objects and puts them in order. Only files that nobody but root and
 * the server's own user can change are opened; no function of a module is called here.
 */
#include "core.h"

#include <dirent.h>
#include <dlfcn.h>
#include <string.h>
#include <sys/stat.h>

#define NAME_MAX_BYTES 64

/* ---- which files are trusted ---- */

static bool name_allowed(const char *name)
{
	size_t len =
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return len > 0 && len <= NAME_MAX_BYTES && name[len] == '\0';
}

/* NULL when it may be trusted, else what is wrong and what helps. */
static const char *path_fault(const struct smb3_server *server, const struct stat *st)
{
	if (st->st_uid != 0 && st->st_uid != server->own_uid)
		return "belongs to another user: it must belong to root or to the user that runs "
		       "smb3d (chown it)";
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return "is writable by others than its owner: take the right away (chmod go-w)";
	return NULL;
}

static int folder_check(const struct smb3_server *server)
{
	struct stat st;
	const char *fault;

	if (stat(server->module_dir, &st) < 0)
		return smb3_fail(-EINVAL,
				 "module folder %s: %s; name another one with --module-dir",
				 server->module_dir, strerror(errno));
	fault = S_ISDIR(st.st_mode) ? path_fault(server, &st) : "is not a folder";
	if (!fault)
		return 0;
	return smb3_fail(-EINVAL, "module folder %s %s", server->module_dir, fault);
}

static int file_check(const struct smb3_server *server, const char *name, const char *path)
{
	struct stat st;
	const char *fault;

	if (lstat(path, &st) < 0)
		return smb3_fail(-EINVAL, "module %s: %s: %s; install it or take it out of modules",
				 name, path, strerror(errno));
	fault = S_ISREG(st.st_mode) ? path_fault(server, &st) :
				      "is not a regular file (links are not followed)";
	if (!fault)
		return 0;
	return smb3_fail(-EINVAL, "module %s: %s %s", name, path, fault);
}

/* ---- what the symbol says ---- */

/* All others have eight bytes. */
static const uint8_t option_sizes[SMB3_OPT_MODE + 1] = {
	[SMB3_OPT_BOOL] = sizeof(bool),
	[SMB3_OPT_ENUM] = sizeof(int),
	[SMB3_OPT_MODE] = sizeof(uint32_t),
};

static const char *option_fault(const struct smb3_module *m, const struct smb3_option *o)
{
	if (o->type > SMB3_OPT_MODE || !(o->scope & (SMB3_GLOBAL | SMB3_SHARE)))
		return "has no type or scope that there is: does the table end with "
		       "SMB3_OPTION_END?";
	if (o->type == SMB3_OPT_ENUM && !o->choices)
		return "is an ENUM and has no choices";
	if (o->offset + (option_sizes[o->type] ?: 8u) > m->conf_size)
		return "lies outside of its conf struct: set conf_size";
	return NULL;
}

static int symbol_check(const char *name, const char *path, const struct smb3_module *m)
{
	if (!m || m->magic != SMB3_MODULE_MAGIC)
		return smb3_fail(-EINVAL, "module %s: %s is not a module of smb3d (%s)", name, path,
				 m ? "its magic number is wrong" : "no symbol " SMB3_MODULE_SYMBOL);
	if (m->abi != SMB3_ABI)
		return smb3_fail(-EINVAL,
				 "module %s was built for ABI %u, this smb3d has %u: "
				 "rebuild it against the installed headers",
				 name, m->abi, SMB3_ABI);
	if (!m->name || strcmp(m->name, name))
		return smb3_fail(-EINVAL,
				 "module %s: %s calls itself %s: the file must have the "
				 "module's name",
				 name, path, m->name ? m->name : "nothing");
	for (const struct smb3_option *o = m->options; o && o->name; o++)
		if (option_fault(m, o))
			return smb3_fail(-EINVAL, "module %s: option %s %s", name, o->name,
					 option_fault(m, o));
	return 0;
}

/* What dlopen() complains about, and what its author can do. */
static const char *const advice[][2] = {
	{ "undefined symbol: smb3_", "it was built for another version, or needs libsmb3rpc" },
	{ "undefined symbol",
	  "link it with what it uses; -Wl,-z,defs finds out while it is built" },
	{ "wrong ELF class", "it was built for another machine: build it on this one" },
	{ "shared object file: No such", "a library that it was linked with is missing (ldd tells "
					 "which), or it was built for another machine" },
	{ "", "it is no shared object: build it with -shared -fPIC" },
};

static int dlopen_failed(const char *name)
{
	const char *why = dlerror();
	size_t i = 0;

	while (!strstr(why, advice[i][0]))
		i++;
	return smb3_fail(-EINVAL, "module %s cannot be loaded: %s: %s", name, why, advice[i][1]);
}

static int module_open(struct smb3_server *server, const char *name)
{
	char *path = NULL;
	struct smb3_mod *mod;
	void *handle = NULL;
	int err = -EINVAL;

	if (asprintf(&path, "%s/%s.so", server->module_dir, name) < 0)
		return -ENOMEM;
	if (file_check(server, name, path))
		goto out;
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		dlopen_failed(name);
		goto out;
	}
	err = symbol_check(name, path, dlsym(handle, SMB3_MODULE_SYMBOL));
	if (err)
		goto out;
	mod = smb3_alloc(sizeof(*mod));
	mod->magic = SMB3_MOD_MAGIC;
	mod->module = dlsym(handle, SMB3_MODULE_SYMBOL);
	mod->server = server;
	mod->handle = handle;
	server->mods[server->n_mods++] = mod;
out:
	free(path);
	return err;
}

/* ---- the list ---- */

static int module_add(struct smb3_server *server, const char *name)
{
	if (!name_allowed(name))
		return smb3_fail(-EINVAL,
				 "modules: \"%s\" is not a module's name: letters, digits "
				 "and _ only, without folder and .so",
				 name);
	if (smb3_module_find(server, name))
		return smb3_fail(-EINVAL, "modules: %s is named twice", name);
	if (server->n_mods == SMB3_MODULES_MAX)
		return smb3_fail(-EINVAL, "modules: more than %d", SMB3_MODULES_MAX);
	return module_open(server, name);
}

/* ---- order ---- */

enum { MARK_NEW, MARK_OPEN, MARK_DONE };

/* A walk in depth: what a module needs and wants comes before it, otherwise as configured. */
struct sorting {
	struct smb3_server *server;
	struct smb3_mod *sorted[SMB3_MODULES_MAX];
	unsigned int n_sorted;
	int mark[SMB3_MODULES_MAX];
	unsigned int path[SMB3_MODULES_MAX], depth;
};

static void cycle_log(const struct sorting *s, unsigned int again)
{
	char text[512] = "";
	unsigned int i = 0;

	while (s->path[i] != again)
		i++;
	for (; i < s->depth; i++) {
		size_t len = strlen(text);

		snprintf(text + len, sizeof(text) - len, "%s needs ",
			 s->server->mods[s->path[i]]->module->name);
	}
	smb3_log(SMB3_LOG_ERROR, "modules need each other in a circle: %s%s; take one out", text,
		 s->server->mods[again]->module->name);
}

static int sort_visit(struct sorting *s, unsigned int i);

static int sort_before(struct sorting *s, const char *const *names, const char *needed_by)
{
	int err = 0;

	for (; names && *names && !err; names++) {
		struct smb3_mod *mod = smb3_module_find(s->server, *names);

		if (mod) {
			err = sort_visit(s, mod->index);
		} else if (needed_by) {
			smb3_log(SMB3_LOG_ERROR, "module %s needs module %s: add \"%s\" to modules",
				 needed_by, *names, *names);
			err = -ENOENT;
		}
	}
	return err;
}

static int sort_visit(struct sorting *s, unsigned int i)
{
	const struct smb3_module *m = s->server->mods[i]->module;
	int err;

	if (s->mark[i] == MARK_DONE)
		return 0;
	if (s->mark[i] == MARK_OPEN) {
		cycle_log(s, i);
		return -ELOOP;
	}
	s->mark[i] = MARK_OPEN;
	s->path[s->depth++] = i;
	err = sort_before(s, m->needs, m->name);
	if (!err)
		err = sort_before(s, m->wants, NULL);
	s->depth--;
	s->mark[i] = MARK_DONE;
	s->sorted[s->n_sorted++] = s->server->mods[i];
	return err;
}

static void number(struct smb3_server *server)
{
	for (unsigned int i = 0; i < server->n_mods; i++)
		server->mods[i]->index = i;
}

static int modules_sort(struct smb3_server *server)
{
	struct sorting s = { .server = server };
	int result = 0;

	number(server);
	for (unsigned int i = 0; i < server->n_mods; i++)
		if (sort_visit(&s, i))
			result = -EINVAL;
	memcpy(server->mods, s.sorted, server->n_mods * sizeof(s.sorted[0]));
	number(server);
	return result;
}

static int rows_register(struct smb3_server *server)
{
	int result = 0;

	for (unsigned int i = 0; i < server->n_mods; i++) {
		struct smb3_mod *mod = server->mods[i];

		if (smb3_registry_add(server, mod, mod->module->provides))
			result = -EINVAL;
	}
	return result;
}

int smb3_modules_load(struct smb3_server *server, const struct smb3_config *config)
{
	int result = folder_check(server);

	if (result)
		return result;
	for (const char *const *name = config->modules; *name; name++)
		if (module_add(server, *name))
			result = -EINVAL;
	/* With one missing, others would only be said to need it. */
	if (!result)
		result = modules_sort(server);
	return result ? result : rows_register(server);
}

static int is_module(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 3 && entry->d_name[0] != '.' && !strcmp(entry->d_name + len - 3, ".so");
}

int smb3_modules_look(struct smb3_server *server)
{
	struct dirent **entries = NULL;
	int result = folder_check(server), n;

	if (result)
		return result;
	n = scandir(server->module_dir, &entries, is_module, alphasort);
	for (int i = 0; i < n; i++) {
		char *name = entries[i]->d_name;

		name[strlen(name) - 3] = '\0';
		if (module_add(server, name))
			result = -EINVAL;
		free(entries[i]);
	}
	free(entries);
	number(server);
	return result;
}
