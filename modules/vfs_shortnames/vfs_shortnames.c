// SPDX-License-Identifier: Apache-2.0
/*
 * vfs_shortnames.c: the filter "shortnames": names of DOS for old programs. [MS-FSCC] 2.1.5.2.1
 *
 * A name that is no 8.3 name has one that is made of its first character, a hash and the start of
 * its extension: "Plan of the year.html" is "P0K3QF~1.HTM". Nothing is stored: a name that is not
 * there and looks made is searched for among the made names of the folder.
 *
 * Old programs save a file by deleting it and making it anew, by its short name. So what is deleted
 * or renamed is remembered for a while, and a file that is made by its short name in the same folder
 * gets its long one back. [MS-FSA] 2.1.1.1, TunnelCacheList
 */
#include <smb3/name.h>
#include <smb3/smb3.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SHORT_BASE   8
#define SHORT_EXT    3
#define SHORT_LONG   (4 * SMB3_NAME_MAX + 1)
#define SHORT_DIGITS 5 /* of the hash, to the base of 36 */

#define TUNNEL_NAMES 64
#define TUNNEL_AGE   (15ull * 1000000000) /* ns; as on Windows */

struct shortnames_conf {
	bool enabled;
};

/* A name that is gone. */
struct tunnel_name {
	uint64_t dev, ino; /* of the folder */
	uint64_t until;
	char *name;
};

struct shortnames_mount {
	pthread_mutex_t lock;
	struct tunnel_name names[TUNNEL_NAMES];
	size_t next;
};

/* ---- the names ---- */

static bool short_char(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c > ' ' && c < 0x7f && strchr("!#$%&'()-@^_`{}~", c));
}

static char short_upper(char c)
{
	return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

/* How many characters from s on may stand in an 8.3 name. */
static size_t short_span(const char *s)
{
	size_t n = 0;

	while (short_char((unsigned char)s[n]))
		n++;
	return n;
}

static bool short_already(const char *name)
{
	size_t base = short_span(name), ext;

	if (!base || base > SHORT_BASE)
		return false;
	if (!name[base])
		return true;
	ext = short_span(name + base + 1);
	return name[base] == '.' && ext && ext <= SHORT_EXT && !name[base + 1 + ext];
}

/* The same in every process, unlike those of tables: clients may keep such names. FNV-1a */
static uint64_t short_hash(const char *name)
{
	uint64_t hash = 0xcbf29ce484222325u;

	while (*name) {
		hash ^= smb3_fold(smb3_utf8_next(&name));
		hash *= 0x100000001b3u;
	}
	return hash ^ hash >> 32;
}

static char *short_put_ext(char *to, const char *name)
{
	const char *dot = strrchr(name, '.');
	size_t n = 0;

	if (!dot || dot == name)
		return to;
	*to++ = '.';
	for (dot++; *dot && n < SHORT_EXT; dot++)
		if (short_char((unsigned char)*dot)) {
			*to++ = short_upper(*dot);
			n++;
		}
	return n ? to : to - 1;
}

static void short_make(const char *name, char ret_short[SMB3_SHORT_NAME])
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	uint64_t hash = short_hash(name);
	char *to = ret_short;

	if (short_already(name)) {
		while (*name)
			*to++ = short_upper(*name++);
		*to = '\0';
		return;
	}
	*to++ = short_char((unsigned char)*name) ? short_upper(*name) : '_';
	for (int i = 0; i < SHORT_DIGITS; i++, hash /= 36)
		*to++ = digits[hash % 36];
	*to++ = '~';
	*to++ = '1';
	*short_put_ext(to, name) = '\0';
}

/* Could short_make() have made it? */
static bool short_made(const char *name)
{
	return short_already(name) && strlen(name) >= SHORT_BASE &&
	       !strncmp(name + 1 + SHORT_DIGITS, "~1", 2) &&
	       (!name[SHORT_BASE] || name[SHORT_BASE] == '.');
}

static int shortnames_short_name(struct smb3_vfs *self, const char *name,
				 char ret_short[SMB3_SHORT_NAME])
{
	short_make(name, ret_short);
	return 0;
}

/* ---- the search ---- */

struct search {
	const char *wanted;
	char *found; /* the first in the order of bytes, so that it is always the same */
};

static bool search_emit(void *arg, const struct smb3_dirent *entry)
{
	struct search *s = arg;
	char made[SMB3_SHORT_NAME];

	if (short_already(entry->name))
		return true;
	short_make(entry->name, made);
	if (strcasecmp(made, s->wanted) || (*s->found && strcmp(entry->name, s->found) > 0))
		return true;
	if (strlen(entry->name) < SHORT_LONG)
		strcpy(s->found, entry->name);
	return true;
}

/* The entry whose made name this is; -ENOENT. */
static int search_folder(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			 const char *name, char ret_found[SHORT_LONG])
{
	struct search s = { .wanted = name, .found = ret_found };
	uint64_t cookie = 0;
	int err;

	ret_found[0] = '\0';
	if (!short_made(name))
		return -ENOENT;
	if (ctx->nowait)
		return -EAGAIN;
	err = smb3_vfs_readdir(self->next, ctx, dir, &cookie, search_emit, &s);
	if (err < 0)
		return err == -EACCES ? -ENOENT : err;
	return *ret_found ? 0 : -ENOENT;
}

/* ---- names that are gone ---- */

static void tunnel_remember(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			    struct smb3_handle *dir, const char *name)
{
	struct shortnames_mount *m = self->data;
	struct tunnel_name *slot;
	struct smb3_stat st;

	if (short_already(name) || smb3_vfs_stat(self->next, ctx, dir, &st))
		return;
	pthread_mutex_lock(&m->lock);
	slot = &m->names[m->next++ % TUNNEL_NAMES];
	free(slot->name);
	slot->name = smb3_strdup(name);
	slot->dev = st.dev;
	slot->ino = st.ino;
	slot->until = smb3_clock() + TUNNEL_AGE;
	pthread_mutex_unlock(&m->lock);
}

/* The long name that a made one had in this folder just now; NULL, or to be freed. */
static char *tunnel_recall(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			   struct smb3_handle *dir, const char *name)
{
	struct shortnames_mount *m = self->data;
	char made[SMB3_SHORT_NAME], *found = NULL;
	uint64_t now = smb3_clock();
	struct smb3_stat st;

	if (!short_made(name) || smb3_vfs_stat(self->next, ctx, dir, &st))
		return NULL;
	pthread_mutex_lock(&m->lock);
	for (size_t i = 0; i < TUNNEL_NAMES && !found; i++) {
		const struct tunnel_name *old = &m->names[i];

		if (!old->name || old->until < now || old->dev != st.dev || old->ino != st.ino)
			continue;
		short_make(old->name, made);
		if (!strcasecmp(made, name))
			found = smb3_strdup(old->name);
	}
	pthread_mutex_unlock(&m->lock);
	return found;
}

/* ---- operations ---- */

static int shortnames_create(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			     struct smb3_handle *dir, const char *name, const struct smb3_how *how,
			     struct smb3_handle *h)
{
	char found[SHORT_LONG], *recalled;
	int err = search_folder(self, ctx, dir, name, found);

	if (err != -ENOENT)
		return err ? err : -EEXIST;
	recalled = tunnel_recall(self, ctx, dir, name);
	err = smb3_vfs_open(self->next, ctx, dir, recalled ? recalled : name, how, h);
	free(recalled);
	return err;
}

static int shortnames_open(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			   struct smb3_handle *dir, const char *name, const struct smb3_how *how,
			   struct smb3_handle *h)
{
	char found[SHORT_LONG];
	int err;

	if (how->flags & SMB3_O_CREATE)
		return shortnames_create(self, ctx, dir, name, how, h);
	err = smb3_vfs_open(self->next, ctx, dir, name, how, h);
	if (err != -ENOENT)
		return err;
	err = search_folder(self, ctx, dir, name, found);
	return err ? err : smb3_vfs_open(self->next, ctx, dir, found, how, h);
}

static int shortnames_lookup(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			     struct smb3_handle *dir, const char *name, struct smb3_stat *ret_stat)
{
	char found[SHORT_LONG];
	int err = smb3_vfs_lookup(self->next, ctx, dir, name, ret_stat);

	if (err != -ENOENT)
		return err;
	err = search_folder(self, ctx, dir, name, found);
	return err ? err : smb3_vfs_lookup(self->next, ctx, dir, found, ret_stat);
}

static int shortnames_remove(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			     struct smb3_handle *dir, const char *name, bool directory)
{
	char found[SHORT_LONG];
	int err = smb3_vfs_remove(self->next, ctx, dir, name, directory);

	if (err == -ENOENT) {
		err = search_folder(self, ctx, dir, name, found);
		if (err)
			return err;
		name = found;
		err = smb3_vfs_remove(self->next, ctx, dir, name, directory);
	}
	if (!err)
		tunnel_remember(self, ctx, dir, name);
	return err;
}

static int shortnames_rename(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			     struct smb3_handle *dir, const char *name, struct smb3_handle *to_dir,
			     const char *to_name, uint32_t flags)
{
	char found[SHORT_LONG];
	int err = smb3_vfs_rename(self->next, ctx, dir, name, to_dir, to_name, flags);

	if (err == -ENOENT) {
		err = search_folder(self, ctx, dir, name, found);
		if (err)
			return err;
		name = found;
		err = smb3_vfs_rename(self->next, ctx, dir, name, to_dir, to_name, flags);
	}
	if (!err)
		tunnel_remember(self, ctx, dir, name);
	return err;
}

static int shortnames_mount(struct smb3_vfs *self, const struct smb3_share *share)
{
	struct shortnames_mount *m = self->data;

	pthread_mutex_init(&m->lock, NULL);
	return 0;
}

static void shortnames_unmount(struct smb3_vfs *self)
{
	struct shortnames_mount *m = self->data;

	for (size_t i = 0; i < TUNNEL_NAMES; i++)
		free(m->names[i].name);
	pthread_mutex_destroy(&m->lock);
}

static bool shortnames_wanted(const struct smb3_mod *mod, const struct smb3_share *share)
{
	const struct shortnames_conf *conf = smb3_conf_of(mod, share);

	return conf->enabled;
}

/* No walk: each component may be a short name. */
static const struct smb3_vfs_ops shortnames_ops = {
	.name = "shortnames",
	.flags = SMB3_VFS_FILTER,
	.mount_size = sizeof(struct shortnames_mount),
	.mount = shortnames_mount,
	.unmount = shortnames_unmount,
	.wanted = shortnames_wanted,
	.order = 100,
	.open = shortnames_open,
	.lookup = shortnames_lookup,
	.remove = shortnames_remove,
	.rename = shortnames_rename,
	.short_name = shortnames_short_name,
};

static const struct smb3_option shortnames_options[] = {
	{ .name = "enabled",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct shortnames_conf, enabled),
	  .value = "false",
	  .help = "Every file has an 8.3 name as well, for programs of DOS and early Windows." },
	SMB3_OPTION_END,
};

static const struct smb3_provide shortnames_provides[] = {
	SMB3_VFS(&shortnames_ops),
	SMB3_END,
};

SMB3_MODULE(vfs_shortnames, .summary = "8.3 names", .options = shortnames_options,
	    .conf_size = sizeof(struct shortnames_conf), .provides = shortnames_provides);
