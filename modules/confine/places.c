// SPDX-License-Identifier: Apache-2.0
/*
 * places.c: which files and folders the server has to do with: from its shares, from the options of
 * core and of the modules that name paths, and from what modules declare.
 */
#include "confine.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEPS_MAX 256 /* folders above a path that are looked at */

/* What every process reads: libraries that name services load, their settings, time zones. */
static const char *const base_reads[] = {
	"/usr",
	"/lib",
	"/lib64",
	"/proc",
	"/dev/urandom",
	"/dev/random",
	"/sys/devices/system/cpu",
	"/var/lib/sss",
	"/var/lib/extrausers",
	NULL,
};

/* Of /etc, when not all of it: no hash of a password, no private key. */
static const char *const etc_reads[] = {
	"/etc/alternatives",
	"/etc/group",
	"/etc/gss",
	"/etc/host.conf",
	"/etc/hosts",
	"/etc/idmapd.conf",
	"/etc/krb5.conf",
	"/etc/krb5.conf.d",
	"/etc/ld.so.cache",
	"/etc/ld.so.preload",
	"/etc/localtime",
	"/etc/locale.alias",
	"/etc/nslcd.conf",
	"/etc/nsswitch.conf",
	"/etc/passwd",
	"/etc/protocols",
	"/etc/resolv.conf",
	"/etc/services",
	"/etc/ssl/openssl.cnf",
	NULL,
};

struct finder {
	struct smb3_server *server;
	const struct smb3_server_conf *conf;
	struct confine_places *places;
	const char *kind, *name; /* on whose behalf: "share", "music" */
};

/* ---- putting the list together ---- */

/* Takes path over. */
static void place_add(struct finder *f, char *path, unsigned int may)
{
	struct confine_places *p = f->places;

	p->list = smb3_realloc(p->list, (p->n + 1) * sizeof(*p->list));
	p->list[p->n] = (struct confine_place){ .path = path, .may = may };
	snprintf(p->list[p->n].what, sizeof(p->list->what), "%s %s", f->kind, f->name);
	p->n++;
}

static char *path_below(const char *folder, const char *path)
{
	char *whole;

	if (path[0] == '/')
		return smb3_strdup(path);
	if (asprintf(&whole, "%s/%s", folder, path) < 0)
		abort();
	return whole;
}

/* "/var/log/x" is "/var/log". */
static char *path_parent(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == path)
		slash++;
	if (slash)
		*slash = '\0';
	return path;
}

/* A file may be replaced by a new one, by us or by whoever edits it: its folder counts. But not the
 * folder where everybody's are. */
static char *path_replaced(char *path)
{
	char *parent = path_parent(smb3_strdup(path));
	bool shared = !strcmp(parent, "/etc") || !strcmp(parent, "/");

	free(shared ? parent : path);
	return shared ? path : parent;
}

static void add_list(struct finder *f, const char *const *paths, unsigned int may)
{
	for (; paths && *paths; paths++)
		place_add(f, path_below(f->conf->state_dir, *paths), may);
}

/* ---- options ---- */

static bool is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static void use_path(struct finder *f, const char *value, int scope)
{
	char *path;

	if (!value || !*value)
		return;
	path = path_below(f->conf->state_dir, value);
	if (scope & SMB3_USE_FILE || (scope & SMB3_USE_READ && is_file(path)))
		path = path_replaced(path);
	if (scope & SMB3_USE_EXEC)
		place_add(f, path, PLACE_READ | PLACE_EXEC);
	else
		place_add(f, path, scope & SMB3_USE_READ ? PLACE_READ : PLACE_READ | PLACE_WRITE);
}

static void use_option(struct finder *f, const struct smb3_option *o, const void *conf)
{
	const void *value = (const char *)conf + o->offset;

	if (!(o->scope & (SMB3_USE_READ | SMB3_USE_FILE | SMB3_USE_FOLDER | SMB3_USE_EXEC)))
		return;
	if (o->type == SMB3_OPT_STRING)
		use_path(f, *(const char *const *)value, o->scope);
	if (o->type == SMB3_OPT_LIST)
		for (const char *const *s = *(const char *const *const *)value; s && *s; s++)
			use_path(f, *s, o->scope);
}

static void use_options(struct finder *f, const struct smb3_mod *mod, const void *conf)
{
	for (const struct smb3_option *o = mod->module->options; conf && o && o->name; o++)
		use_option(f, o, conf);
}

static void add_module(struct finder *f, const struct smb3_mod *mod)
{
	const struct smb3_needs *needs = mod->module->system;

	f->kind = "module";
	f->name = mod->module->name;
	use_options(f, mod, atomic_load(&mod->conf));
	if (!needs)
		return;
	add_list(f, needs->reads, PLACE_READ);
	add_list(f, needs->writes, PLACE_READ | PLACE_WRITE);
	add_list(f, needs->execs, PLACE_READ | PLACE_EXEC);
}

/* ---- shares ---- */

char *confine_share_folder(const struct smb3_share *share)
{
	const struct smb3_vfs_ops *ops =
		smb3_row_name(share->server, SMB3_KIND_VFS, share->backend);
	char *path, *letter;

	if (share->pipe || !ops || !(ops->flags & SMB3_VFS_LOCAL))
		return NULL;
	path = smb3_strdup(share->path);
	letter = strchr(path, '%');
	if (!letter)
		return path;
	*letter = '\0';
	if (strchr(path, '/'))
		return path_parent(path);
	free(path);
	return NULL;
}

static bool option_set(const struct smb3_option *o, const void *conf)
{
	const void *value = (const char *)conf + o->offset;

	switch (o->type) {
	case SMB3_OPT_STRING:
		return **(const char *const *)value != '\0';
	case SMB3_OPT_LIST:
		return **(const char *const *const *)value != NULL;
	case SMB3_OPT_BOOL:
		return *(const bool *)value;
	default:
		return false;
	}
}

/* Some user may write through a share that is read-only for the others. */
static bool share_has_writers(const struct smb3_share *share)
{
	size_t n;
	struct smb3_mod *const *mods = smb3_modules(share->server, &n);

	for (size_t i = 0; i < n; i++) {
		const void *conf = smb3_conf_of(mods[i], share);

		for (const struct smb3_option *o = mods[i]->module->options; o && o->name; o++)
			if (o->scope & SMB3_USE_WRITERS && conf && option_set(o, conf))
				return true;
	}
	return false;
}

unsigned int confine_share_may(const struct smb3_share *share)
{
	if (share->read_only && !share_has_writers(share))
		return PLACE_READ;
	return PLACE_READ | PLACE_WRITE;
}

static bool add_share(struct smb3_share *share, void *arg)
{
	struct finder *f = arg;
	char *folder = confine_share_folder(share);
	size_t n;
	struct smb3_mod *const *mods = smb3_modules(f->server, &n);

	f->kind = "share";
	f->name = share->name;
	if (folder)
		place_add(f, folder, confine_share_may(share));
	for (size_t i = 0; i < n; i++)
		if (smb3_conf_of(mods[i], share) != atomic_load(&mods[i]->conf))
			use_options(f, mods[i], smb3_conf_of(mods[i], share));
	return true;
}

/* ---- all ---- */

static void add_core(struct finder *f)
{
	struct smb3_server_paths paths;

	smb3_server_paths(f->server, &paths);
	f->kind = "every";
	f->name = "server";
	add_list(f, base_reads, PLACE_READ);
	place_add(f, smb3_strdup("/dev/null"), PLACE_READ | PLACE_APPEND);
	place_add(f, smb3_strdup(paths.module_dir), PLACE_READ);
	place_add(f, smb3_strdup(f->conf->state_dir), PLACE_READ | PLACE_WRITE);
	place_add(f, smb3_strdup(f->conf->run_dir), PLACE_READ | PLACE_WRITE);
	place_add(f, path_replaced(smb3_strdup(paths.config)), PLACE_READ);
	if (*paths.log)
		place_add(f, path_parent(smb3_strdup(paths.log)), PLACE_APPEND);
}

static void note_identity(struct confine_place *place)
{
	struct stat st;

	place->there = stat(place->path, &st) == 0;
	if (!place->there)
		return;
	place->dev = st.st_dev;
	place->ino = st.st_ino;
}

void confine_places_find(struct smb3_server *server, const struct confine_conf *conf,
			 struct confine_places *ret_places)
{
	struct finder f = { .server = server,
			    .conf = smb3_server_conf(server),
			    .places = ret_places };
	size_t n;
	struct smb3_mod *const *mods = smb3_modules(server, &n);

	*ret_places = (struct confine_places){ 0 };
	add_core(&f);
	if (conf->etc == CONFINE_ETC_FILES)
		add_list(&f, etc_reads, PLACE_READ);
	else
		place_add(&f, smb3_strdup("/etc"), PLACE_READ);
	for (size_t i = 0; i < n; i++)
		add_module(&f, mods[i]);
	smb3_share_each(server, add_share, &f);
	f.kind = "option";
	f.name = "paths";
	add_list(&f, conf->paths, PLACE_READ | PLACE_WRITE);
	f.name = "read_paths";
	add_list(&f, conf->read_paths, PLACE_READ);
	f.name = "homes";
	add_list(&f, conf->homes, PLACE_READ | PLACE_WRITE);
	for (size_t i = 0; i < ret_places->n; i++)
		note_identity(&ret_places->list[i]);
}

void confine_places_free(struct confine_places *places)
{
	for (size_t i = 0; i < places->n; i++)
		free(places->list[i].path);
	free(places->list);
	*places = (struct confine_places){ 0 };
}

/* ---- may this be reached? ---- */

static unsigned int may_at(const struct confine_places *places, const struct stat *st)
{
	unsigned int may = 0;

	for (size_t i = 0; i < places->n; i++) {
		const struct confine_place *p = &places->list[i];

		if (p->there && p->dev == st->st_dev && p->ino == st->st_ino)
			may |= p->may;
	}
	return may;
}

/* The folders above it by their names; a link is followed to where it leads first. */
static enum confine_reach walk_up(const struct confine_places *places, char *path,
				  unsigned int want)
{
	enum confine_reach no = REACH_NO;
	unsigned int may = 0;
	struct stat st;

	for (int step = 0; step < STEPS_MAX; step++) {
		if (stat(path, &st) == 0)
			may |= may_at(places, &st);
		else if (errno != ENOENT && errno != ENOTDIR)
			no = REACH_UNKNOWN;
		if ((may & want) == want)
			return REACH_YES;
		if (!strcmp(path, "/") || !strchr(path, '/'))
			break;
		path_parent(path);
	}
	return no;
}

enum confine_reach confine_reaches(const struct confine_places *places, const char *path,
				   unsigned int may)
{
	char *real = realpath(path, NULL);
	enum confine_reach reach;

	if (!real)
		real = smb3_strdup(path);
	reach = walk_up(places, real, may);
	free(real);
	return reach;
}
