// SPDX-License-Identifier: Apache-2.0
/*
 * vfsrig.c: a mounted share without any protocol.
 */
#include "vfsrig.h"

#include "../../core/core.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define RIG_TEXT  65536
#define RIG_NAMES 100000

static void rig_die(const char *what, int err)
{
	fprintf(stderr, "vfsrig: %s: %s\n", what, strerror(err < 0 ? -err : err));
	exit(99);
}

static void rig_configure(struct vfsrig *rig, const char *path, const char *modules,
			  const char *share, const char *groups)
{
	FILE *f = fopen(path, "w");

	if (!f)
		rig_die(path, errno);
	fprintf(f,
		"server = { name = \"RIG\"; workers = 1; state_dir = \"%s/state\"; run_dir = "
		"\"%s/run\"; };\nmodules = [ %s ];\n%s\nshares = ( { name = \"rig\"; %s",
		rig->home, rig->home, modules, groups ? groups : "", share ? share : "");
	if (!share || !strstr(share, "path ="))
		fprintf(f, " path = \"%s\";", rig->folder);
	fprintf(f, " } );\n");
	fclose(f);
	chmod(path, 0600);
}

/* Everything up to mounting. */
static struct vfsrig *rig_prepare(const char *modules, const char *share, const char *groups)
{
	const char *module_dir = getenv("SMB3_MODULE_DIR"), *tmp = getenv("TMPDIR");
	struct vfsrig *rig = smb3_alloc(sizeof(*rig));
	char conf[100];

	snprintf(rig->home, sizeof(rig->home), "%.50s/smb3v.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(rig->home))
		rig_die(rig->home, errno);
	snprintf(rig->folder, sizeof(rig->folder), "%s/share", rig->home);
	snprintf(conf, sizeof(conf), "%s/smb3.conf", rig->home);
	mkdir(rig->folder, 0755);
	rig_configure(rig, conf, modules, share, groups);
	rig->server = smb3_server_new(conf, module_dir ? module_dir : SMB3D_MODULE_DIR);
	if (!rig->server)
		rig_die("the server does not accept its configuration", EINVAL);
	rig->share = smb3_share_find(rig->server, "rig");
	rig->ctx.arena = smb3_arena_new();
	return rig;
}

struct vfsrig *vfsrig_new(const char *modules, const char *share, const char *groups)
{
	struct vfsrig *rig = rig_prepare(modules, share, groups);
	int err = smb3_share_mount(rig->share, &rig->mount);

	if (err)
		rig_die("the share cannot be mounted", err);
	rig->top = rig->mount->top;
	rig->root = smb3_handle_new(rig->mount);
	err = smb3_vfs_root(rig->top, &rig->ctx, rig->root);
	if (err)
		rig_die("the root cannot be opened", err);
	return rig;
}

int vfsrig_mount(const char *modules, const char *share, const char *groups)
{
	struct vfsrig *rig = rig_prepare(modules, share, groups);
	int err = smb3_share_mount(rig->share, &rig->mount);

	vfsrig_free(rig);
	return err;
}

static int rig_remove(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	return remove(path);
}

void vfsrig_free(struct vfsrig *rig)
{
	smb3_handle_free(rig->root);
	smb3_share_unref(rig->share);
	smb3_server_free(rig->server);
	smb3_arena_free(rig->ctx.arena);
	nftw(rig->home, rig_remove, 16, FTW_DEPTH | FTW_PHYS);
	free(rig);
}

const char *vfsrig_path(struct vfsrig *rig, const char *name)
{
	return smb3_arena_printf(rig->ctx.arena, "%s/%s", rig->folder, name);
}

struct smb3_handle *vfsrig_open_how(struct vfsrig *rig, struct smb3_handle *dir, const char *name,
				    const struct smb3_how *how, int *ret_err)
{
	struct smb3_handle *h = smb3_handle_new(rig->mount);
	int err = smb3_vfs_open(rig->top, &rig->ctx, dir ? dir : rig->root, name, how, h);

	if (ret_err)
		*ret_err = err;
	if (!err)
		return h;
	smb3_handle_free(h);
	return NULL;
}

struct smb3_handle *vfsrig_open(struct vfsrig *rig, struct smb3_handle *dir, const char *name,
				uint32_t flags, int *ret_err)
{
	const struct smb3_how how = {
		.flags = flags,
		.mode = flags & SMB3_O_DIRECTORY ? 0755 : 0644,
	};

	return vfsrig_open_how(rig, dir, name, &how, ret_err);
}

int vfsrig_make(struct vfsrig *rig, const char *name, const char *text)
{
	uint32_t flags = SMB3_O_CREATE | (text ? SMB3_O_WRITE : SMB3_O_DIRECTORY | SMB3_O_META);
	int err;
	struct smb3_handle *h = vfsrig_open(rig, NULL, name, flags, &err);
	size_t len = text ? strlen(text) : 0;

	if (!h)
		return err;
	if (len && smb3_vfs_pwrite(rig->top, &rig->ctx, h, text, len, 0) != (ssize_t)len)
		err = -EIO;
	smb3_handle_free(h);
	return err;
}

void vfsrig_local(struct vfsrig *rig, const char *name, const char *text)
{
	FILE *f = fopen(vfsrig_path(rig, name), "w");

	if (!f)
		rig_die(name, errno);
	fputs(text, f);
	if (fclose(f))
		rig_die(name, errno);
}

struct rig_names {
	struct vfsrig *rig;
	char **name;
	size_t count;
};

static bool rig_collect(void *arg, const struct smb3_dirent *entry)
{
	struct rig_names *names = arg;

	names->name[names->count++] = smb3_arena_strdup(names->rig->ctx.arena, entry->name);
	return names->count < RIG_NAMES;
}

static int rig_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

const char *vfsrig_list(struct vfsrig *rig, struct smb3_handle *dir)
{
	struct rig_names names = { rig, smb3_alloc(RIG_NAMES * sizeof(char *)), 0 };
	uint64_t cookie = 0;
	size_t size = 1;
	char *text, *to;
	int err = smb3_vfs_readdir(rig->top, &rig->ctx, dir ? dir : rig->root, &cookie, rig_collect,
				   &names);

	if (err < 0)
		rig_die("readdir", err);
	for (size_t i = 0; i < names.count; i++)
		size += strlen(names.name[i]) + 1;
	qsort(names.name, names.count, sizeof(char *), rig_order);
	text = to = smb3_arena_alloc(rig->ctx.arena, size);
	for (size_t i = 0; i < names.count; i++)
		to = stpcpy(stpcpy(to, names.name[i]), " ");
	free(names.name);
	return text;
}

struct smb3_stat vfsrig_lookup(struct vfsrig *rig, const char *name)
{
	struct smb3_stat st = { 0 };

	(void)smb3_vfs_lookup(rig->top, &rig->ctx, rig->root, name, &st);
	return st;
}

const char *vfsrig_read(struct vfsrig *rig, const char *name)
{
	struct smb3_handle *h = vfsrig_open(rig, NULL, name, SMB3_O_READ, NULL);
	char *text;
	ssize_t n;

	if (!h)
		return NULL;
	text = smb3_arena_alloc(rig->ctx.arena, RIG_TEXT + 1);
	n = smb3_vfs_pread(rig->top, &rig->ctx, h, text, RIG_TEXT, 0);
	smb3_handle_free(h);
	return n < 0 ? NULL : text;
}
