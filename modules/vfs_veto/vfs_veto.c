// SPDX-License-Identifier: Apache-2.0
/*
 * vfs_veto.c: the filter "veto": names that do not exist for clients, names that are hidden, and what
 * listings leave out. Patterns are for one component, with * and ?, and ignore case.
 */
#include "veto.h"

#include <dirent.h>
#include <errno.h>
#include <smb3/fscc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Below what finds files by other names than their own (8.3), or those would be a way around it;
 * above what writes names in another way on disk: patterns are for names as clients see them. */
#define ORDER 200

void veto_close_below(struct smb3_vfs *self, struct smb3_handle *h)
{
	if (h->opened)
		smb3_vfs_close(self->next, h);
	smb3_handle_free(h);
}

/* ---- names ---- */

/* One component after the other, without a copy of each. */
static bool path_vetoed(const struct smb3_vfs *self, const char *path)
{
	char name[1024];

	while (*path) {
		size_t len = strcspn(path, "/");

		if (len >= sizeof(name))
			return false; /* no file system has it */
		memcpy(name, path, len);
		name[len] = '\0';
		if (vetoed(self, name))
			return true;
		path += len + (path[len] == '/');
	}
	return false;
}

static int veto_walk(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		     const char *path, struct smb3_handle *h)
{
	if (*veto_conf_of(self)->veto_files && path_vetoed(self, path))
		return -ENOENT;
	return smb3_vfs_walk(self->next, ctx, dir, path, h);
}

static int veto_open(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		     const char *name, const struct smb3_how *how, struct smb3_handle *h)
{
	if (vetoed(self, name))
		return how->flags & SMB3_O_CREATE ? -EACCES : -ENOENT;
	if (how->flags & SMB3_O_LISTED && veto_unlisted(self, ctx, dir, name, DT_UNKNOWN))
		return -ENOENT;
	veto_of(self, h)->whole = how->flags & SMB3_O_WHOLE;
	return smb3_vfs_open(self->next, ctx, dir, name, how, h);
}

static int veto_rename(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		       const char *name, struct smb3_handle *to_dir, const char *to_name,
		       uint32_t flags)
{
	if (vetoed(self, name))
		return -ENOENT;
	if (vetoed(self, to_name))
		return -EACCES;
	return smb3_vfs_rename(self->next, ctx, dir, name, to_dir, to_name, flags);
}

static int veto_link(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		     struct smb3_handle *to_dir, const char *to_name)
{
	if (vetoed(self, to_name))
		return -EACCES;
	return smb3_vfs_link(self->next, ctx, h, to_dir, to_name);
}

static int veto_make(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		     const char *name, uint32_t mode, uint64_t rdev, const char *target)
{
	if (vetoed(self, name))
		return -EACCES;
	if (target && path_vetoed(self, target))
		return -EOPNOTSUPP;
	return smb3_vfs_make(self->next, ctx, dir, name, mode, rdev, target);
}

/* A link would be a second name for what has none. The client keeps it as data, and asks for what
 * it says by itself. */
static int veto_become(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		       const char *name, struct smb3_handle *h, const char *target)
{
	if (vetoed(self, name))
		return -ENOENT;
	if (target && path_vetoed(self, target))
		return -EOPNOTSUPP;
	return smb3_vfs_become(self->next, ctx, dir, name, h, target);
}

static char *veto_client_name(struct smb3_vfs *self, const char *disk)
{
	char *name = smb3_vfs_client_name(self->next, disk);

	if (!name || !vetoed(self, name))
		return name;
	free(name);
	return NULL;
}

/* ---- attributes ---- */

static void hide(const struct smb3_vfs *self, const char *name, struct smb3_stat *st)
{
	const struct veto_conf *conf = veto_conf_of(self);

	if (st->attributes & FILE_ATTRIBUTE_HIDDEN)
		return;
	if ((conf->hide_dot_files && *name == '.') || smb3_match_any(conf->hide_files, name)) {
		st->attributes |= FILE_ATTRIBUTE_HIDDEN;
		st->implied |= FILE_ATTRIBUTE_HIDDEN;
	}
}

static int veto_stat(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		     struct smb3_stat *ret_stat)
{
	int err = smb3_vfs_stat(self->next, ctx, h, ret_stat);

	if (!err && h->name)
		hide(self, h->name, ret_stat);
	return err;
}

static int veto_lookup(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		       const char *name, struct smb3_stat *ret_stat)
{
	int err = vetoed(self, name) ? -ENOENT :
				       smb3_vfs_lookup(self->next, ctx, dir, name, ret_stat);

	if (!err)
		hide(self, name, ret_stat);
	return err;
}

/* ---- the filter ---- */

static int veto_mount(struct smb3_vfs *self, const struct smb3_share *share)
{
	((struct veto_mount *)self->data)->conf = smb3_conf_of(self->mod, share);
	return 0;
}

static bool veto_wanted(const struct smb3_mod *mod, const struct smb3_share *share)
{
	const struct veto_conf *conf = smb3_conf_of(mod, share);

	return *conf->veto_files || *conf->hide_files || conf->hide_dot_files ||
	       conf->hide_unreadable || conf->hide_unwriteable || conf->hide_special_files;
}

/* Clients that know of it show the folder in another way. [MS-SMB2] 2.2.10 */
static enum smb3_verdict veto_tree(struct smb3_mod *mod, struct smb3_event *event)
{
	const struct veto_conf *conf = smb3_conf_of(mod, event->share);

	if (conf->hide_unreadable && !event->share->pipe)
		event->share_flags |= SMB2_SHAREFLAG_ACCESS_BASED_DIRECTORY_ENUM;
	return SMB3_PASS;
}

static const struct smb3_hook veto_hook = {
	.point = SMB3_HOOK_TREE_CONNECT,
	.order = 500,
	.name = "vfs_veto",
	.run = veto_tree,
};

static const struct smb3_vfs_ops veto_ops = {
	.name = "veto",
	.flags = SMB3_VFS_FILTER,
	.mount_size = sizeof(struct veto_mount),
	.handle_size = sizeof(struct veto_handle),
	.wanted = veto_wanted,
	.order = ORDER,
	.mount = veto_mount,
	.walk = veto_walk,
	.open = veto_open,
	.stat = veto_stat,
	.lookup = veto_lookup,
	.readdir = veto_readdir,
	.remove = veto_remove,
	.rename = veto_rename,
	.link = veto_link,
	.make = veto_make,
	.become = veto_become,
	.client_name = veto_client_name,
};

/* A pattern that no name can have would protect nothing. */
static bool patterns_sound(const char *option, const char *const *patterns,
			   struct smb3_conf_wrong *wrong)
{
	wrong->option = option;
	for (; *patterns; patterns++) {
		if (**patterns && !strpbrk(*patterns, "/\\"))
			continue;
		snprintf(wrong->why, sizeof(wrong->why),
			 "\"%s\" is no pattern for names: it must not be empty, nor have / or \\ "
			 "(one entry of the list for each pattern)",
			 *patterns);
		return false;
	}
	return true;
}

static bool veto_check(struct smb3_mod *mod, const void *new_conf, struct smb3_conf_wrong *wrong)
{
	const struct veto_conf *conf = new_conf;

	return patterns_sound("veto_files", conf->veto_files, wrong) &&
	       patterns_sound("hide_files", conf->hide_files, wrong);
}

#define SHARE_OPTION(kind, field, text)                               \
	.name = #field, .type = SMB3_OPT_##kind, .scope = SMB3_SHARE, \
	.offset = offsetof(struct veto_conf, field), .help = text

static const struct smb3_option veto_options[] = {
	{ SHARE_OPTION(
		LIST, veto_files,
		"Patterns of names that do not exist for clients: they are not listed, opened, "
		"made or renamed to.") },
	{ SHARE_OPTION(BOOL, delete_veto_files,
		       "A folder in which only such names are left is removed with them; false: it "
		       "is not empty.") },
	{ SHARE_OPTION(LIST, hide_files, "Patterns of names that have the attribute HIDDEN.") },
	{ SHARE_OPTION(BOOL, hide_dot_files,
		       "Names that begin with a dot have the attribute HIDDEN."),
	  .value = "true" },
	{ SHARE_OPTION(BOOL, hide_unreadable, "Listings leave out what the user may not read.") },
	{ SHARE_OPTION(BOOL, hide_unwriteable,
		       "Listings leave out files that the user may not write; folders stay.") },
	{ SHARE_OPTION(BOOL, hide_special_files,
		       "Listings leave out sockets, FIFOs and devices.") },
	SMB3_OPTION_END,
};

static const struct smb3_provide veto_provides[] = {
	SMB3_VFS(&veto_ops),
	SMB3_HOOK(&veto_hook),
	SMB3_END,
};

SMB3_MODULE(vfs_veto, .summary = "names that clients do not see", .options = veto_options,
	    .conf_size = sizeof(struct veto_conf), .provides = veto_provides, .check = veto_check);
