// SPDX-License-Identifier: Apache-2.0
/*
 * example_backend.c: a VFS backend: a file system that is no folder of this machine.
 * Here: a share whose files stand in smb3.conf; clients read them and change nothing.
 */
#include <smb3/smb3.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Filled by core from the group "example_backend" of smb3.conf: the global one, and those of shares. */
struct example_backend_conf {
	const char *const *files; /* "NAME=CONTENT" */
};

struct example_backend_mount {
	const char *const *files;
	uint64_t dev;
	smb3_nttime born;
};

/* Which file a handle is: 0 is the folder, 1 the first file. */
struct example_backend_handle {
	size_t number;
};

static const char *content_of(const char *file)
{
	return strchr(file, '=') + 1;
}

static int example_backend_mount(struct smb3_vfs *self, const struct smb3_share *share)
{
	const struct example_backend_conf *conf = smb3_conf_of(self->mod, share);
	struct example_backend_mount *m = self->data;

	m->files = conf->files; /* lives as long as the share, and so longer than this */
	m->born = smb3_now();
	smb3_random(&m->dev, sizeof(m->dev)); /* device and number together name a file */
	return 0;
}

/* The number of the file of that name, whatever its case; -ENOENT. */
static ssize_t file_find(const struct example_backend_mount *m, struct smb3_arena *a,
			 const char *name)
{
	for (size_t i = 0; m->files[i]; i++) {
		const char *own =
			smb3_arena_printf(a, "%.*s", (int)strcspn(m->files[i], "="), m->files[i]);

		if (smb3_name_equal(own, name))
			return (ssize_t)i + 1;
	}
	return -ENOENT;
}

static int example_backend_root(struct smb3_vfs *self, const struct smb3_ctx *ctx,
				struct smb3_handle *h)
{
	h->directory = true;
	smb3_handle_name(h, "");
	return 0;
}

static int example_backend_open(struct smb3_vfs *self, const struct smb3_ctx *ctx,
				struct smb3_handle *dir, const char *name,
				const struct smb3_how *how, struct smb3_handle *h)
{
	const struct example_backend_mount *m = self->data;
	struct example_backend_handle *own = smb3_vfs_of(self, h);
	ssize_t number = file_find(m, ctx->arena, name);

	if (how->flags & SMB3_O_CREATE)
		return number < 0 ? -EROFS : -EEXIST;
	if (number < 0)
		return (int)number;
	if (how->flags & SMB3_O_DIRECTORY)
		return -ENOTDIR;
	if (how->flags & SMB3_O_WRITE)
		return -EROFS;
	own->number = (size_t)number;
	/* As it stands on disk, which the client may have written in another case. */
	smb3_handle_name(h, smb3_arena_printf(ctx->arena, "%.*s",
					      (int)strcspn(m->files[number - 1], "="),
					      m->files[number - 1]));
	return 0;
}

static void stat_fill(const struct example_backend_mount *m, size_t number, struct smb3_stat *st)
{
	*st = (struct smb3_stat){ .dev = m->dev,
				  .ino = number + 1,
				  .links = 1,
				  .mode = number ? S_IFREG | 0444 : S_IFDIR | 0555,
				  .attributes = number ? 0 : FILE_ATTRIBUTE_DIRECTORY,
				  .created = m->born,
				  .accessed = m->born,
				  .written = m->born,
				  .changed = m->born };
	if (!number)
		return;
	st->size = strlen(content_of(m->files[number - 1]));
	st->alloc = (st->size + 4095) / 4096 * 4096;
}

static int example_backend_stat(struct smb3_vfs *self, const struct smb3_ctx *ctx,
				struct smb3_handle *h, struct smb3_stat *ret_stat)
{
	const struct example_backend_handle *own = smb3_vfs_of(self, h);

	stat_fill(self->data, own->number, ret_stat);
	return 0;
}

static int example_backend_lookup(struct smb3_vfs *self, const struct smb3_ctx *ctx,
				  struct smb3_handle *dir, const char *name,
				  struct smb3_stat *ret_stat)
{
	ssize_t number = file_find(self->data, ctx->arena, name);

	if (number < 0)
		return (int)number;
	stat_fill(self->data, (size_t)number, ret_stat);
	return 0;
}

static ssize_t example_backend_pread(struct smb3_vfs *self, const struct smb3_ctx *ctx,
				     struct smb3_handle *h, void *buf, size_t len, uint64_t offset)
{
	const struct example_backend_mount *m = self->data;
	const struct example_backend_handle *own = smb3_vfs_of(self, h);
	const char *text = content_of(m->files[own->number - 1]);
	size_t size = strlen(text);

	if (offset >= size)
		return 0;
	if (len > size - offset)
		len = size - offset;
	memcpy(buf, text + offset, len);
	return (ssize_t)len;
}

/* The cookie is the number of the file that was taken last. */
static int example_backend_readdir(struct smb3_vfs *self, const struct smb3_ctx *ctx,
				   struct smb3_handle *h, uint64_t *cookie, smb3_emit_fn emit,
				   void *arg)
{
	const struct example_backend_mount *m = self->data;

	for (size_t i = 0; m->files[i]; i++) {
		struct smb3_dirent entry = { .ino = i + 2, .type = DT_REG, .cookie = i + 1 };

		if (i < *cookie)
			continue;
		entry.name = smb3_arena_printf(ctx->arena, "%.*s", (int)strcspn(m->files[i], "="),
					       m->files[i]);
		if (!emit(arg, &entry))
			return 1;
		*cookie = i + 1;
	}
	return 0;
}

static int example_backend_statfs(struct smb3_vfs *self, const struct smb3_ctx *ctx,
				  struct smb3_handle *h, struct smb3_fsinfo *ret_info)
{
	const struct example_backend_mount *m = self->data;

	*ret_info = (struct smb3_fsinfo){ .block = 4096,
					  .sector = 512,
					  .serial = m->dev,
					  .type = "NTFS",
					  .features = FILE_CASE_PRESERVED_NAMES |
						      FILE_UNICODE_ON_DISK | FILE_READ_ONLY_VOLUME,
					  .max_name = 255,
					  .created = m->born };
	return 0;
}

/* Operations that are NULL answer that there is no such thing. */
static const struct smb3_vfs_ops example_backend_ops = {
	.name = "example_backend",
	.mount_size = sizeof(struct example_backend_mount),
	.handle_size = sizeof(struct example_backend_handle),
	.mount = example_backend_mount,
	.root = example_backend_root,
	.open = example_backend_open,
	.stat = example_backend_stat,
	.lookup = example_backend_lookup,
	.pread = example_backend_pread,
	.readdir = example_backend_readdir,
	.statfs = example_backend_statfs,
};

/* What the types of options cannot say. Runs before the server starts, and for smb3d -t. */
static bool example_backend_check(struct smb3_mod *mod, const void *new_conf,
				  struct smb3_conf_wrong *wrong)
{
	const struct example_backend_conf *conf = new_conf;

	wrong->option = "files";
	for (const char *const *file = conf->files; *file; file++) {
		size_t len = strcspn(*file, "=");

		if (len && (*file)[len] && len < 255 && !memchr(*file, '/', len))
			continue;
		snprintf(wrong->why, sizeof(wrong->why),
			 "\"%s\" is no file: write NAME=CONTENT, the name without slash", *file);
		return false;
	}
	return true;
}

static const struct smb3_option example_backend_options[] = {
	{ .name = "files",
	  .type = SMB3_OPT_LIST,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct example_backend_conf, files),
	  .help = "The files of the share, as NAME=CONTENT." },
	SMB3_OPTION_END,
};

static const struct smb3_provide example_backend_provides[] = {
	SMB3_VFS(&example_backend_ops),
	SMB3_END,
};

SMB3_MODULE(example_backend, .summary = "files that stand in smb3.conf",
	    .options = example_backend_options, .conf_size = sizeof(struct example_backend_conf),
	    .provides = example_backend_provides, .check = example_backend_check);
