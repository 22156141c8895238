// SPDX-License-Identifier: Apache-2.0
/*
 * vfs_catia.c: the filter "catia": characters that have one look on disk and another one for
 * clients, named in pairs as Samba's module catia has them.
 *
 * A backend may show stand-ins for characters that clients could not read; so what is on disk is
 * translated under both looks, and what clients send into the true one.
 */
#include <smb3/smb3.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CATIA_PAIRS    64
#define CATIA_RESERVED "\"*:<>?\\|" /* shown as U+F020 and following */

struct catia_conf {
	const char *mappings;
};

struct catia_pair {
	uint32_t disk, shown; /* shown: by the backend; or disk again */
	uint32_t client;
};

struct catia_mount {
	size_t count;
	struct catia_pair pairs[CATIA_PAIRS];
};

/* ---- the table ---- */

static uint32_t catia_stand_in(uint32_t cp)
{
	const char *at = cp && cp < 0x80 ? strchr(CATIA_RESERVED, (int)cp) : NULL;

	if (cp && cp < 0x20)
		return 0xf000 + cp;
	return at ? 0xf020 + (uint32_t)(at - CATIA_RESERVED) : cp;
}

/* "0x22", at the start of s; NULL when there is none. */
static const char *catia_number(const char *s, uint32_t *ret_cp)
{
	char *end;
	unsigned long cp;

	s += strspn(s, " \t");
	if (strncmp(s, "0x", 2) && strncmp(s, "0X", 2))
		return NULL;
	cp = strtoul(s, &end, 16);
	/* '/' parts folders; a surrogate is half a character. */
	if (end == s + 2 || !cp || cp == '/' || cp > 0x10ffff || cp >> 11 == 0xd800 >> 11)
		return NULL;
	*ret_cp = (uint32_t)cp;
	return end + strspn(end, " \t");
}

/* "0x22:0xa8,0x2a:0xa4": 0, or -EINVAL. */
static int catia_parse(const char *text, struct catia_mount *m)
{
	while (*text) {
		struct catia_pair *pair = &m->pairs[m->count];

		if (m->count == CATIA_PAIRS)
			return -EINVAL;
		text = catia_number(text, &pair->disk);
		if (!text || *text != ':')
			return -EINVAL;
		text = catia_number(text + 1, &pair->client);
		if (!text || (*text && *text != ','))
			return -EINVAL;
		/* What a client would take for the end of a folder's name is no name. */
		if (pair->client == '\\')
			return -EINVAL;
		pair->shown = catia_stand_in(pair->disk);
		m->count++;
		text += *text == ',';
	}
	return 0;
}

static uint32_t catia_to_client(const struct catia_mount *m, uint32_t cp)
{
	for (size_t i = 0; i < m->count; i++)
		if (cp == m->pairs[i].disk || cp == m->pairs[i].shown)
			return m->pairs[i].client;
	return cp;
}

static uint32_t catia_to_disk(const struct catia_mount *m, uint32_t cp)
{
	for (size_t i = 0; i < m->count; i++)
		if (cp == m->pairs[i].client)
			return m->pairs[i].disk;
	return cp;
}

/* ---- names ---- */

static char *catia_put(char *to, uint32_t cp)
{
	static const uint8_t lead[] = { 0, 0xc0, 0xe0, 0xf0 };
	unsigned int more = (cp >= 0x80) + (cp >= 0x800) + (cp >= 0x10000);

	*to++ = (char)(lead[more] | cp >> 6 * more);
	while (more--)
		*to++ = (char)(0x80 | (cp >> 6 * more & 0x3f));
	return to;
}

typedef uint32_t (*catia_fn)(const struct catia_mount *m, uint32_t cp);

/* The name in its other look: itself, or one to be freed. */
static char *catia_translate(const struct catia_mount *m, const char *name, catia_fn fn)
{
	char *text = smb3_alloc(strlen(name) * 4 + 1), *to = text;

	while (*name)
		to = catia_put(to, fn(m, smb3_utf8_next(&name)));
	*to = '\0';
	return text;
}

/* A character that clients are never shown: what it leads to has another name for them, and filters
 * above that go by names (a veto) would not know it. The backend may not care for case. */
static bool catia_never_shown(const struct catia_mount *m, uint32_t cp)
{
	bool hidden = false;

	for (size_t i = 0; i < m->count; i++) {
		if (cp == m->pairs[i].client)
			return false;
		if (smb3_fold(cp) == smb3_fold(m->pairs[i].disk) || cp == m->pairs[i].shown)
			hidden = true;
	}
	return hidden;
}

/* To be freed; NULL for what cannot be a client's name. */
static char *catia_disk(const struct smb3_vfs *self, const char *name)
{
	const char *at = name;

	while (*at)
		if (catia_never_shown(self->data, smb3_utf8_next(&at)))
			return NULL;
	return catia_translate(self->data, name, catia_to_disk);
}

static void catia_named(const struct smb3_vfs *self, struct smb3_handle *h)
{
	char *name;

	if (!h->name)
		return;
	name = catia_translate(self->data, h->name, catia_to_client);
	smb3_handle_name(h, name);
	free(name);
}

/* ---- operations ---- */

static int catia_walk(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		      const char *path, struct smb3_handle *h)
{
	char *disk = catia_disk(self, path);
	int err = !disk ? -EILSEQ : smb3_vfs_walk(self->next, ctx, dir, disk, h);

	free(disk);
	if (!err)
		catia_named(self, h);
	return err;
}

static int catia_open(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		      const char *name, const struct smb3_how *how, struct smb3_handle *h)
{
	char *disk = catia_disk(self, name);
	int err = !disk ? -EILSEQ : smb3_vfs_open(self->next, ctx, dir, disk, how, h);

	free(disk);
	if (!err)
		catia_named(self, h);
	return err;
}

static int catia_lookup(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			const char *name, struct smb3_stat *ret_stat)
{
	char *disk = catia_disk(self, name);
	int err = !disk ? -EILSEQ : smb3_vfs_lookup(self->next, ctx, dir, disk, ret_stat);

	free(disk);
	return err;
}

struct catia_listing {
	const struct catia_mount *mount;
	smb3_emit_fn emit;
	void *arg;
};

static bool catia_emit(void *arg, const struct smb3_dirent *entry)
{
	const struct catia_listing *l = arg;
	char *name = catia_translate(l->mount, entry->name, catia_to_client);
	struct smb3_dirent out = *entry;
	bool more;

	out.name = name;
	more = l->emit(l->arg, &out);
	free(name);
	return more;
}

static int catia_readdir(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			 uint64_t *cookie, smb3_emit_fn emit, void *arg)
{
	struct catia_listing l = { .mount = self->data, .emit = emit, .arg = arg };

	return smb3_vfs_readdir(self->next, ctx, h, cookie, catia_emit, &l);
}

static int catia_remove(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			const char *name, bool directory)
{
	char *disk = catia_disk(self, name);
	int err = !disk ? -EILSEQ : smb3_vfs_remove(self->next, ctx, dir, disk, directory);

	free(disk);
	return err;
}

static int catia_rename(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			const char *name, struct smb3_handle *to_dir, const char *to_name,
			uint32_t flags)
{
	char *disk = catia_disk(self, name), *to_disk = catia_disk(self, to_name);
	int err = !disk || !to_disk ?
			  -EILSEQ :
			  smb3_vfs_rename(self->next, ctx, dir, disk, to_dir, to_disk, flags);

	free(disk);
	free(to_disk);
	return err;
}

static int catia_link(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      struct smb3_handle *to_dir, const char *to_name)
{
	char *disk = catia_disk(self, to_name);
	int err = !disk ? -EILSEQ : smb3_vfs_link(self->next, ctx, h, to_dir, disk);

	free(disk);
	return err;
}

static int catia_make(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		      const char *name, uint32_t mode, uint64_t rdev, const char *target)
{
	char *disk = catia_disk(self, name);
	int err = !disk ? -EILSEQ : smb3_vfs_make(self->next, ctx, dir, disk, mode, rdev, target);

	free(disk);
	return err;
}

static int catia_become(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			const char *name, struct smb3_handle *h, const char *target)
{
	char *disk = catia_disk(self, name);
	int err = !disk ? -EILSEQ : smb3_vfs_become(self->next, ctx, dir, disk, h, target);

	free(disk);
	return err;
}

static char *catia_client_name(struct smb3_vfs *self, const char *disk)
{
	char *below = smb3_vfs_client_name(self->next, disk);
	char *name = below ? catia_translate(self->data, below, catia_to_client) : NULL;

	free(below);
	return name;
}

static int catia_mount(struct smb3_vfs *self, const struct smb3_share *share)
{
	const struct catia_conf *conf = smb3_conf_of(self->mod, share);
	int err = catia_parse(conf->mappings, self->data);

	if (err)
		smb3_log(SMB3_LOG_ERROR,
			 "share %s: mappings of vfs_catia \"%s\" are not pairs like "
			 "0x22:0xa8,0x2a:0xa4, at most %d, without / and with no \\ for clients",
			 share->name, conf->mappings, CATIA_PAIRS);
	return err;
}

static bool catia_wanted(const struct smb3_mod *mod, const struct smb3_share *share)
{
	const struct catia_conf *conf = smb3_conf_of(mod, share);

	return *conf->mappings;
}

/* Next to the backend: all other filters see names as clients do. */
static const struct smb3_vfs_ops catia_ops = {
	.name = "catia",
	.flags = SMB3_VFS_FILTER,
	.mount_size = sizeof(struct catia_mount),
	.wanted = catia_wanted,
	.order = 900,
	.mount = catia_mount,
	.walk = catia_walk,
	.open = catia_open,
	.lookup = catia_lookup,
	.readdir = catia_readdir,
	.remove = catia_remove,
	.rename = catia_rename,
	.link = catia_link,
	.make = catia_make,
	.become = catia_become,
	.client_name = catia_client_name,
};

static const struct smb3_option catia_options[] = {
	{ .name = "mappings",
	  .type = SMB3_OPT_STRING,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct catia_conf, mappings),
	  .value = "",
	  .help = "Pairs of characters, on disk and for clients: \"0x22:0xa8,0x2a:0xa4\"." },
	SMB3_OPTION_END,
};

static const struct smb3_provide catia_provides[] = {
	SMB3_VFS(&catia_ops),
	SMB3_END,
};

SMB3_MODULE(vfs_catia, .summary = "other characters on disk than for clients",
	    .options = catia_options, .conf_size = sizeof(struct catia_conf),
	    .provides = catia_provides);
