// SPDX-License-Identifier: Apache-2.0
/*
 * conf.c: a whole configuration: read in two steps around the loading of modules, put into use,
 * and replaced by a reload. A configuration never changes once it is in use; replaced ones are
 * kept, because other threads may still read them.
 */
#include "conf_file.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const core_groups[] = {
	"server", "limits", "log", "listen", "modules", "shares",
};

/* ---- step one ---- */

static struct smb3_config *config_new(const char *path)
{
	struct smb3_config *c = smb3_alloc(sizeof(*c));

	c->path = smb3_strdup(path);
	c->arena = smb3_arena_new();
	c->lib = smb3_alloc(sizeof(*c->lib));
	config_init(c->lib);
	c->report = smb3_alloc(sizeof(*c->report));
	c->report->out = open_memstream(&c->report->text, &c->report->len);
	fflush(c->report->out); /* text is there even when nothing is wrong */
	return c;
}

/* What was only needed to build it. */
static void config_built(struct smb3_config *c)
{
	if (c->lib) {
		config_destroy(c->lib);
		free(c->lib);
		c->lib = NULL;
	}
	if (c->report) {
		fclose(c->report->out);
		free(c->report->text);
		free(c->report);
		c->report = NULL;
	}
}

void smb3_config_free(struct smb3_config *config)
{
	while (config) {
		struct smb3_config *older = config->older;

		config_built(config);
		smb3_config_drop_shares(config);
		free(config->shares);
		smb3_arena_free(config->arena);
		free(config->path);
		free(config);
		config = older;
	}
}

static struct conf_group read_group(struct smb3_config *c, const char *name,
				    const struct smb3_option *options, void *base)
{
	struct conf_group g = { .config = c,
				.setting = config_lookup(c->lib, name),
				.name = name,
				.options = options,
				.scope = SMB3_GLOBAL | SMB3_SHARE };

	conf_defaults(c, options, base);
	conf_read(&g, base);
	return g;
}

static void host_name(struct smb3_config *c)
{
	char name[256] = "";

	gethostname(name, sizeof(name) - 1);
	name[strcspn(name, ".")] = '\0';
	name[15] = '\0';
	for (char *p = name; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	c->server.name = smb3_arena_strdup(c->arena, name[0] ? name : "SMB3D");
}

static void check_server(struct smb3_config *c)
{
	const config_setting_t *at = config_lookup(c->lib, "server");

	if (!c->server.name[0])
		host_name(c);
	if (strlen(c->server.name) > 15 || strpbrk(c->server.name, "\\/:*?\"<>| "))
		conf_problem(c, at,
			     "name in server: \"%s\" is not a server's name: at most 15 "
			     "characters, no spaces and none of \\ / : * ? \" < > |",
			     c->server.name);
	if (c->server.state_dir[0] != '/' || c->server.run_dir[0] != '/')
		conf_problem(c, at, "state_dir and run_dir in server must begin with a slash");
	if (c->server.min_dialect > c->server.max_dialect)
		conf_problem(c, at, "min_dialect in server is newer than max_dialect");
}

/* "*", or digits that an address is made of; interface scopes ("fe80::1%eth0") are left to
 * the transport. */
static bool address_sound(const char *address)
{
	uint8_t raw[16];
	char bare[64];
	size_t len = strcspn(address, "%");

	if (!strcmp(address, "*"))
		return true;
	if (len >= sizeof(bare))
		return false;
	memcpy(bare, address, len);
	bare[len] = '\0';
	return inet_pton(AF_INET, address, raw) == 1 || inet_pton(AF_INET6, bare, raw) == 1;
}

static void read_listen(struct smb3_config *c)
{
	config_setting_t *list = config_lookup(c->lib, "listen");
	int n = list ? config_setting_length(list) : 0;

	if (list && !config_setting_is_list(list)) {
		conf_problem(c, list,
			     "listen must be a list of groups, for example: listen = ( { "
			     "transport = \"tcp\"; port = 445; } );");
		return;
	}
	c->listen = smb3_arena_alloc(c->arena, (size_t)n * sizeof(*c->listen));
	for (int i = 0; i < n; i++) {
		struct smb3_listen_conf *entry = &c->listen[c->n_listen++];
		struct conf_group g = { .config = c,
					.setting = config_setting_get_elem(list, (unsigned int)i),
					.name = "listen",
					.options = conf_listen_options,
					.scope = SMB3_GLOBAL };

		conf_defaults(c, conf_listen_options, entry);
		conf_read(&g, entry);
		if (!address_sound(entry->address))
			conf_problem(c, g.setting,
				     "address in listen: \"%s\" is not a numeric "
				     "address; \"*\" is every address",
				     entry->address);
	}
}

static void read_modules(struct smb3_config *c)
{
	static const char *const none[] = { NULL };
	config_setting_t *list = config_lookup(c->lib, "modules");

	c->modules = list ? conf_strings(c, list) : NULL;
	if (c->modules)
		return;
	c->modules = none;
	conf_problem(c, list,
		     "modules must be a list of names, for example: modules = [ \"tcp\", "
		     "\"smb2\", \"smb3\" ];");
}

int smb3_config_open(struct smb3_server *server, const char *path, struct smb3_config **ret_config)
{
	struct smb3_config *c = config_new(path);
	int err = conf_parse(c);

	*ret_config = c;
	if (err)
		return err;
	read_group(c, "server", conf_server_options, &c->server);
	read_group(c, "limits", conf_limits_options, &c->limits);
	read_group(c, "log", conf_log_options, &c->log);
	check_server(c);
	read_listen(c);
	read_modules(c);
	return 0;
}

void smb3_config_complain(const struct smb3_config *config)
{
	if (config->report)
		fputs(config->report->text, stderr);
}

/* ---- step two ---- */

static void read_module_confs(struct smb3_server *server, struct smb3_config *c)
{
	c->mod_confs = smb3_arena_alloc(c->arena, server->n_mods * sizeof(void *));
	for (unsigned int i = 0; i < server->n_mods; i++) {
		const struct smb3_module *m = server->mods[i]->module;
		struct conf_group g;

		c->mod_confs[i] = smb3_arena_alloc(c->arena, m->conf_size);
		g = read_group(c, m->name, m->options, c->mod_confs[i]);
		conf_check(server->mods[i], &g, c->mod_confs[i]);
	}
}

static bool is_known(const char *name, const char *const *known, size_t n)
{
	while (n && strcmp(name, known[n - 1]))
		n--;
	return n > 0;
}

/* A group of a module that exists but is switched off may stay in the file. */
static bool module_exists(const struct smb3_server *server, const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s.so", server->module_dir, name);
	return access(path, F_OK) == 0;
}

static void check_top(struct smb3_server *server, struct smb3_config *c)
{
	config_setting_t *root = config_root_setting(c->lib);
	const char *known[SMB3_ARRAY_SIZE(core_groups) + SMB3_MODULES_MAX];
	size_t n = 0;

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(core_groups); i++)
		known[n++] = core_groups[i];
	for (unsigned int i = 0; i < server->n_mods; i++)
		known[n++] = server->mods[i]->module->name;
	for (int i = 0; i < config_setting_length(root); i++) {
		config_setting_t *s = config_setting_get_elem(root, (unsigned int)i);
		const char *name = config_setting_name(s);

		if (is_known(name, known, n))
			continue;
		if (module_exists(server, name))
			smb3_log(SMB3_LOG_WARNING,
				 "%s:%u: the group %s is not used: \"%s\" is not "
				 "in modules",
				 c->path, config_setting_source_line(s), name, name);
		else
			conf_unknown(c, s, "smb3.conf", known, n);
	}
}

static void check_transports(struct smb3_server *server, struct smb3_config *c)
{
	config_setting_t *list = config_lookup(c->lib, "listen");

	for (unsigned int i = 0; i < c->n_listen; i++)
		if (!smb3_row_name(server, SMB3_KIND_TRANSPORT, c->listen[i].transport))
			conf_problem(c, config_setting_get_elem(list, i),
				     "transport in listen: no "
				     "module provides \"%s\"; add the one that does to modules",
				     c->listen[i].transport);
}

int smb3_config_finish(struct smb3_server *server, struct smb3_config *config)
{
	read_module_confs(server, config);
	check_top(server, config);
	check_transports(server, config);
	conf_read_shares(server, config);
	return config->report->problems ? -EINVAL : 0;
}

void smb3_config_use(struct smb3_server *server, struct smb3_config *config)
{
	config_built(config);
	pthread_mutex_lock(&server->config_lock);
	config->older = atomic_load(&server->config);
	if (config->older)
		conf_keep_shares(server, config->older, config);
	for (unsigned int i = 0; i < server->n_mods; i++)
		atomic_store(&server->mods[i]->conf, config->mod_confs[i]);
	atomic_store(&server->config, config);
	pthread_mutex_unlock(&server->config_lock);
	smb3_people_reset(server->people, config->server.user_cache);
	/* Outside of the lock: the last reference to a share unmounts it. */
	if (config->older)
		smb3_config_drop_shares(config->older);
}

/* ---- for everybody ---- */

static const struct smb3_config *config_of(const struct smb3_server *server)
{
	return atomic_load_explicit(&server->config, memory_order_acquire);
}

const struct smb3_server_conf *smb3_server_conf(const struct smb3_server *server)
{
	return &config_of(server)->server;
}

const struct smb3_limits *smb3_server_limits(const struct smb3_server *server)
{
	return &config_of(server)->limits;
}
