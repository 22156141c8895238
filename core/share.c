// SPDX-License-Identifier: Apache-2.0
/*
 * share.c: the shares of smb3.conf, and the table in which tree connects find them. A share that
 * a reload does not change stays the same object, so that its mount and its trees go on.
 */
#include "conf_file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SHARE_NAME_MAX 80

/* ---- what a share may be ---- */

/* [MS-FSCC] 2.1.6, and control characters */
static bool name_sound(const char *name)
{
	size_t chars = 0;

	if (!*name || strpbrk(name, "\"/\\[]:|<>+=;,*?") || !smb3_utf8_valid(name))
		return false;
	for (const char *p = name; *p; chars++)
		if (smb3_utf8_next(&p) < 0x20)
			return false;
	return chars <= SHARE_NAME_MAX;
}

static void check_name(struct smb3_config *c, const config_setting_t *at, const char *name)
{
	if (!name_sound(name))
		conf_problem(c, at,
			     "name in a share: \"%s\" is not a share's name: 1 to 80 "
			     "characters, none of \" / \\ [ ] : | < > + = ; , * ?",
			     name);
	if (smb3_name_equal(name, "IPC$"))
		conf_problem(c, at, "name in a share: IPC$ is the server's own; choose another");
	for (unsigned int i = 0; i < c->n_shares; i++)
		if (smb3_name_equal(name, c->shares[i]->name))
			conf_problem(c, at,
				     "the share %s is there twice (case does not count); "
				     "rename one",
				     name);
}

/* What stands for somebody is known when he connects. False after a report, or when it is not. */
static bool check_letters(struct smb3_config *c, const config_setting_t *at,
			  const struct smb3_share *share)
{
	const char *letter = strchr(share->path, '%');

	for (const char *p = letter; p; p = strchr(p + 2, '%')) {
		if (p[1] && strchr(SMB3_SHARE_LETTERS, p[1]) && (p[1] != 'H' || p == share->path))
			continue;
		conf_problem(c, at,
			     "path in share %s: \"%.2s\" stands for nothing here; what does is "
			     "%%U %%u %%D %%G %%S %%M, %%H at the start, and %%%% for %%",
			     share->name, p);
		break;
	}
	return letter;
}

/* A folder that is missing may be on a disk that comes later; what is no folder never works. */
static void check_path(struct smb3_config *c, const config_setting_t *at,
		       const struct smb3_share *share)
{
	struct stat st;

	if (!*share->path && strcmp(share->backend, "posix"))
		return;
	if (check_letters(c, at, share) &&
	    (share->path[0] == '/' || !strncmp(share->path, "%H", 2)))
		return;
	if (share->path[0] != '/')
		conf_problem(c, at,
			     "path in share %s must begin with a slash, for example: path = "
			     "\"/srv/%s\";",
			     share->name, share->name);
	else if (stat(share->path, &st) < 0)
		smb3_log(SMB3_LOG_WARNING,
			 "share %s: %s: %s; clients cannot connect to it until the "
			 "folder is there",
			 share->name, share->path, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		conf_problem(c, at, "path in share %s: %s is not a folder", share->name,
			     share->path);
}

static void check_layers(struct smb3_server *server, struct smb3_config *c,
			 const config_setting_t *at, const struct smb3_share *share)
{
	const struct smb3_vfs_ops *ops = smb3_row_name(server, SMB3_KIND_VFS, share->backend);

	if (!ops)
		conf_problem(c, at,
			     "backend in share %s: no module provides \"%s\"; add the one "
			     "that does (vfs_%s) to modules",
			     share->name, share->backend, share->backend);
	else if (ops->flags & SMB3_VFS_FILTER)
		conf_problem(c, at, "backend in share %s: \"%s\" is a filter; name it in vfs",
			     share->name, share->backend);
	for (const char *const *name = share->vfs; *name; name++) {
		ops = smb3_row_name(server, SMB3_KIND_VFS, *name);
		if (!ops || !(ops->flags & SMB3_VFS_FILTER))
			conf_problem(c, at, "vfs in share %s: no module provides a filter \"%s\"",
				     share->name, *name);
	}
}

/* ---- options of modules ---- */

static bool has_share_options(const struct smb3_module *m)
{
	for (const struct smb3_option *o = m->options; o && o->name; o++)
		if (o->scope & SMB3_SHARE)
			return true;
	return false;
}

/* The module's global values, and over them what the group inside the share says. */
static void *share_conf(struct smb3_config *c, struct smb3_mod *mod, config_setting_t *group)
{
	const struct smb3_module *m = mod->module;
	struct conf_group g = { .config = c,
				.setting = group,
				.name = m->name,
				.options = m->options,
				.scope = SMB3_SHARE };
	void *conf;

	if (!group)
		return c->mod_confs[mod->index];
	conf = smb3_arena_copy(c->arena, c->mod_confs[mod->index], m->conf_size);
	conf_read(&g, conf);
	conf_check(mod, &g, conf);
	return conf;
}

static void check_groups(struct smb3_server *server, struct smb3_config *c, const char *where,
			 config_setting_t *setting)
{
	const char *known[SMB3_MODULES_MAX];
	size_t n = 0;

	for (unsigned int i = 0; i < server->n_mods; i++)
		if (has_share_options(server->mods[i]->module))
			known[n++] = server->mods[i]->module->name;
	for (int i = 0; i < config_setting_length(setting); i++) {
		config_setting_t *child = config_setting_get_elem(setting, (unsigned int)i);
		struct smb3_mod *mod = smb3_module_find(server, config_setting_name(child));

		if (config_setting_is_group(child) && (!mod || !has_share_options(mod->module)))
			conf_unknown(c, child, where, known, n);
	}
}

static void share_confs(struct smb3_server *server, struct smb3_config *c, struct smb3_share *share,
			config_setting_t *setting)
{
	void **confs = smb3_arena_alloc(c->arena, server->n_mods * sizeof(*confs));

	for (unsigned int i = 0; i < server->n_mods; i++) {
		struct smb3_mod *mod = server->mods[i];

		if (has_share_options(mod->module))
			confs[i] = share_conf(
				c, mod,
				setting ? config_setting_get_member(setting, mod->module->name) :
					  NULL);
	}
	share->confs = confs;
}

const void *smb3_conf_of(const struct smb3_mod *mod, const struct smb3_share *share)
{
	const void *own = share ? share->confs[mod->index] : NULL;

	return own ? own : atomic_load(&mod->conf);
}

/* ---- the list ---- */

static struct smb3_share *share_alloc(struct smb3_server *server)
{
	struct smb3_share *share = smb3_alloc(sizeof(*share));

	share->magic = SMB3_SHARE_MAGIC;
	atomic_init(&share->refs, 1);
	share->server = server;
	pthread_mutex_init(&share->mount_lock, NULL);
	return share;
}

static struct smb3_share *share_new(struct smb3_server *server, struct smb3_config *c)
{
	struct smb3_share *share = share_alloc(server);

	conf_defaults(c, conf_share_options, share);
	return share;
}

/* "/srv/data/" is "/srv/data". */
static void trim_path(struct smb3_config *c, struct smb3_share *share)
{
	char *path = smb3_arena_strdup(c->arena, share->path);
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
	share->path = path;
}

static void read_share(struct smb3_server *server, struct smb3_config *c, config_setting_t *setting)
{
	struct smb3_share *share = share_new(server, c);
	const char *name = "?";
	struct conf_group g = { .config = c,
				.setting = setting,
				.options = conf_share_options,
				.scope = SMB3_SHARE,
				.has_groups = true };

	config_setting_lookup_string(setting, "name", &name);
	g.name = smb3_arena_printf(c->arena, "share %s", name);
	conf_read(&g, share);
	trim_path(c, share);
	if (config_setting_is_group(setting)) {
		check_name(c, setting, share->name);
		check_path(c, setting, share);
		check_layers(server, c, setting, share);
		check_groups(server, c, g.name, setting);
		share_confs(server, c, share, setting);
	}
	c->shares[c->n_shares++] = share;
}

static void add_ipc(struct smb3_server *server, struct smb3_config *c)
{
	struct smb3_share *share = share_new(server, c);

	share->name = "IPC$";
	share->comment = "Named pipes";
	share->backend = "";
	share->pipe = true;
	share->guest = true;
	share_confs(server, c, share, NULL);
	c->shares[c->n_shares++] = share;
}

void conf_read_shares(struct smb3_server *server, struct smb3_config *c)
{
	config_setting_t *list = config_lookup(c->lib, "shares");
	int n = list ? config_setting_length(list) : 0;

	if (list && !config_setting_is_list(list)) {
		conf_problem(c, list,
			     "shares must be a list of groups, for example: shares = ( { "
			     "name = \"files\"; path = \"/srv/files\"; } );");
		n = 0;
	}
	c->shares = smb3_alloc(((size_t)n + 1) * sizeof(struct smb3_share *));
	for (int i = 0; i < n; i++)
		read_share(server, c, config_setting_get_elem(list, (unsigned int)i));
	add_ipc(server, c);
}

static bool share_same(const struct smb3_server *server, const struct smb3_share *a,
		       const struct smb3_share *b)
{
	if (a->pipe != b->pipe || !conf_same(conf_share_options, a, b))
		return false;
	for (unsigned int i = 0; i < server->n_mods; i++)
		if (a->confs[i] &&
		    !conf_same(server->mods[i]->module->options, a->confs[i], b->confs[i]))
			return false;
	return true;
}

static struct smb3_share *list_find(const struct smb3_config *c, const char *name)
{
	for (unsigned int i = 0; i < c->n_shares; i++)
		if (smb3_name_equal(c->shares[i]->name, name))
			return c->shares[i];
	return NULL;
}

void conf_keep_shares(struct smb3_server *server, struct smb3_config *old,
		      struct smb3_config *new_config)
{
	for (unsigned int i = 0; i < new_config->n_shares; i++) {
		struct smb3_share *fresh = new_config->shares[i];
		struct smb3_share *kept = list_find(old, fresh->name);

		if (!kept || !share_same(server, kept, fresh))
			continue;
		new_config->shares[i] = smb3_share_ref(kept);
		smb3_share_unref(fresh);
	}
}

void smb3_config_drop_shares(struct smb3_config *config)
{
	for (unsigned int i = 0; i < config->n_shares; i++)
		smb3_share_unref(config->shares[i]);
	config->n_shares = 0;
}

/* ---- the table ---- */

struct smb3_share *smb3_share_find(struct smb3_server *server, const char *name)
{
	struct smb3_share *share;

	pthread_mutex_lock(&server->config_lock);
	share = list_find(atomic_load(&server->config), name);
	if (share)
		smb3_share_ref(share);
	pthread_mutex_unlock(&server->config_lock);
	return share;
}

struct smb3_share *smb3_share_ref(struct smb3_share *share)
{
	SMB3_CHECK(share, SMB3_SHARE_MAGIC);
	atomic_fetch_add_explicit(&share->refs, 1, memory_order_relaxed);
	return share;
}

/* True: that was the last reference. */
static bool share_leave(struct smb3_share *share)
{
	struct smb3_share **at;
	bool last;

	if (!share->origin)
		return atomic_fetch_sub_explicit(&share->refs, 1, memory_order_acq_rel) == 1;
	/* Nobody may find it between the last reference's end and its own. */
	pthread_mutex_lock(&share->server->config_lock);
	last = atomic_fetch_sub(&share->refs, 1) == 1;
	at = &share->origin->derived;
	while (last && *at != share)
		at = &(*at)->next_derived;
	if (last)
		*at = share->next_derived;
	pthread_mutex_unlock(&share->server->config_lock);
	return last;
}

void smb3_share_unref(struct smb3_share *share)
{
	if (!share)
		return;
	SMB3_CHECK(share, SMB3_SHARE_MAGIC);
	if (!share_leave(share))
		return;
	smb3_mount_free(share->mount);
	pthread_mutex_destroy(&share->mount_lock);
	if (share->origin) {
		free((char *)(uintptr_t)share->name);
		free((char *)(uintptr_t)share->path);
		smb3_share_unref(share->origin);
	}
	share->magic = 0;
	free(share);
}

/* What origin says goes for it, too: the strings belong to a configuration, which is kept. */
static struct smb3_share *derived_new(struct smb3_share *origin, const char *name, const char *path,
				      smb3_nttime version)
{
	struct smb3_share *share = share_alloc(origin->server);

	share->name = smb3_strdup(name);
	share->path = smb3_strdup(path);
	share->comment = origin->comment;
	share->backend = origin->backend;
	share->vfs = origin->vfs;
	share->read_only = origin->read_only || version;
	share->guest = origin->guest;
	share->browseable = origin->browseable;
	share->confs = origin->confs;
	share->origin = smb3_share_ref(origin);
	share->version = version;
	share->next_derived = origin->derived;
	origin->derived = share;
	return share;
}

struct smb3_share *smb3_share_derive(struct smb3_share *origin, const char *name, const char *path,
				     smb3_nttime version)
{
	struct smb3_share *share;

	pthread_mutex_lock(&origin->server->config_lock);
	share = origin->derived;
	while (share && (share->version != version || strcmp(share->path, path) ||
			 !smb3_name_equal(share->name, name)))
		share = share->next_derived;
	share = share ? smb3_share_ref(share) : derived_new(origin, name, path, version);
	pthread_mutex_unlock(&origin->server->config_lock);
	return share;
}

/* With references, into list when there is one. How many. */
static size_t shares_list(const struct smb3_config *c, struct smb3_share **list)
{
	size_t n = 0;

	for (unsigned int i = 0; i < c->n_shares; i++) {
		if (list)
			list[n] = smb3_share_ref(c->shares[i]);
		n++;
		for (struct smb3_share *d = c->shares[i]->derived; d; d = d->next_derived) {
			if (list)
				list[n] = smb3_share_ref(d);
			n++;
		}
	}
	return n;
}

void smb3_share_each(struct smb3_server *server, bool (*fn)(struct smb3_share *, void *), void *arg)
{
	struct smb3_share **list;
	bool more = true;
	size_t n;

	/* fn may take its time or look shares up: it is called without the lock. */
	pthread_mutex_lock(&server->config_lock);
	n = shares_list(atomic_load(&server->config), NULL);
	list = smb3_alloc(n * sizeof(struct smb3_share *));
	shares_list(atomic_load(&server->config), list);
	pthread_mutex_unlock(&server->config_lock);
	for (size_t i = 0; i < n; i++) {
		more = more && fn(list[i], arg);
		smb3_share_unref(list[i]);
	}
	free(list);
}

void smb3_share_each_next(struct smb3_server *server, bool (*fn)(struct smb3_share *, void *),
			  void *arg)
{
	const struct smb3_config *c = server->config_next;

	for (unsigned int i = 0; c && i < c->n_shares && fn(c->shares[i], arg); i++)
		continue;
}
