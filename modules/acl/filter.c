// SPDX-License-Identifier: Apache-2.0
/*
 * filter.c: the layer in each share with ACLs. It hides the attribute that keeps them, and where the
 * kernel refuses by permission bits what a stored ACL grants, it does as the ACL says. What nobody
 * stored an ACL for is never touched with other rights than the user's.
 */
#include "acl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool may_raise(const struct smb3_vfs *self, const struct smb3_ctx *ctx, int err)
{
	return (err == -EACCES || err == -EPERM) && acl_mount_of(self)->raises && ctx->who &&
	       ctx->who->uid;
}

/* ---- mount ---- */

static bool filter_wanted(const struct smb3_mod *mod, const struct smb3_share *share)
{
	const struct acl_conf *conf = smb3_conf_of(mod, share);

	return conf->enabled && !share->pipe;
}

static int filter_mount(struct smb3_vfs *self, const struct smb3_share *share)
{
	struct acl_mount *m = self->data;

	m->state = self->mod->data;
	m->conf = smb3_conf_of(self->mod, share);
	m->xattr = *m->conf->xattr ? m->conf->xattr : m->state->default_xattr;
	m->raises = m->state->can_switch && strncmp(m->xattr, "user.", 5) != 0;
	return 0;
}

/* ---- finding and opening ---- */

/* Through a folder that permission bits keep the user out of: where ACLs rule, everybody may pass,
 * as on Windows, and what lies there must allow the rest by an ACL of its own. */
static bool may_pass(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir)
{
	return acl_allows(self, ctx, dir, 0);
}

/* The kernel's own check of the folder, without opening anything in it. */
static bool kernel_passes(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			  struct smb3_handle *dir, const char *name)
{
	struct smb3_stat st;
	int err = smb3_vfs_lookup(self->next, ctx, dir, name, &st);

	return err != -EACCES && err != -EPERM;
}

/* Whether the object, now open, may be opened like this. */
static bool opened_rightly(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			   uint32_t flags)
{
	struct acl_object o;
	struct acl_who who;
	uint32_t granted;

	if (acl_load_stored(self, ctx, h, &o) || !o.stored)
		return false;
	who = acl_who_of(self, ctx->who, &o);
	granted = acl_granted(&o.sd, &who);
	if (flags & SMB3_O_READ && !(granted & (FILE_READ_DATA | FILE_EXECUTE)))
		return false;
	return !(flags & SMB3_O_WRITE) || granted & (FILE_WRITE_DATA | FILE_APPEND_DATA);
}

/* Devices are never opened with rights that the user lacks. */
static int check_harmless(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			  struct smb3_handle *dir, const char *name)
{
	struct smb3_stat st;
	int err = smb3_vfs_lookup(self->next, ctx, dir, name, &st);

	if (err)
		return err;
	return S_ISREG(st.mode) || S_ISDIR(st.mode) ? 0 : -EACCES;
}

static int open_raised(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		       const char *name, const struct smb3_how *how, struct smb3_handle *h)
{
	struct smb3_how direct = *how;
	struct acl_raised raised;
	int err;

	if (!kernel_passes(self, ctx, dir, name) && !may_pass(self, ctx, dir))
		return -EACCES;
	/* A link could lead where only the server can go. */
	direct.flags |= SMB3_O_NOFOLLOW;
	raised = acl_raise(acl_mount_of(self));
	err = check_harmless(self, ctx, dir, name);
	if (!err)
		err = smb3_vfs_open(self->next, ctx, dir, name, &direct, h);
	acl_lower(raised);
	if (err)
		return err == -ELOOP ? -EACCES : err;
	if (opened_rightly(self, ctx, h, how->flags))
		return 0;
	smb3_vfs_close(self->next, h);
	return -EACCES;
}

/* The new object is given to the user before anything else can be done with it. A folder is made and
 * then opened: what took its place between is left alone. */
static int give_new(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		    const char *name, struct smb3_handle *h)
{
	struct smb3_setattr give = { .mask = SMB3_SET_OWNER, .uid = ctx->who->uid };
	struct smb3_stat st;
	int err = smb3_vfs_stat(self->next, ctx, h, &st);

	if (!err && (st.uid || st.links > 2))
		return -EACCES;
	if (!err)
		err = smb3_vfs_setattr(self->next, ctx, h, &give);
	if (err)
		smb3_vfs_remove(self->next, ctx, dir, name, h->directory);
	return err;
}

static int create_raised(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			 const char *name, const struct smb3_how *how, struct smb3_handle *h)
{
	bool directory = how->flags & SMB3_O_DIRECTORY;
	struct acl_raised raised;
	int err;

	if (!acl_allows(self, ctx, dir, directory ? FILE_ADD_SUBDIRECTORY : FILE_ADD_FILE))
		return -EACCES;
	raised = acl_raise(acl_mount_of(self));
	err = smb3_vfs_open(self->next, ctx, dir, name, how, h);
	if (!err) {
		err = give_new(self, ctx, dir, name, h);
		if (err)
			smb3_vfs_close(self->next, h);
	}
	acl_lower(raised);
	return err;
}

static int filter_open(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		       const char *name, const struct smb3_how *how, struct smb3_handle *h)
{
	int err = smb3_vfs_open(self->next, ctx, dir, name, how, h);

	if (!may_raise(self, ctx, err))
		return err;
	if (how->flags & SMB3_O_CREATE)
		return create_raised(self, ctx, dir, name, how, h);
	return open_raised(self, ctx, dir, name, how, h);
}

static int filter_walk(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		       const char *path, struct smb3_handle *h)
{
	const struct smb3_how how = { .flags = SMB3_O_META | SMB3_O_DIRECTORY };
	int err = smb3_vfs_walk(self->next, ctx, dir, path, h);
	char *rest, *name;

	if (!may_raise(self, ctx, err))
		return err;
	err = 0;
	rest = smb3_arena_strdup(ctx->arena, path);
	for (struct smb3_handle *at = dir, *next; !err && (name = strsep(&rest, "/")); at = next) {
		next = rest ? smb3_handle_new(dir->mount) : h;
		err = filter_open(self, ctx, at, name, &how, next);
		if (at != dir) {
			smb3_vfs_close(self->next, at);
			smb3_handle_free(at);
		}
		if (err && next != h)
			smb3_handle_free(next);
	}
	return err;
}

static int filter_lookup(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			 const char *name, struct smb3_stat *ret_stat)
{
	int err = smb3_vfs_lookup(self->next, ctx, dir, name, ret_stat);
	struct acl_raised raised;

	if (!may_raise(self, ctx, err) || !may_pass(self, ctx, dir))
		return err;
	raised = acl_raise(acl_mount_of(self));
	err = smb3_vfs_lookup(self->next, ctx, dir, name, ret_stat);
	acl_lower(raised);
	return err;
}

/* ---- changing ---- */

/* The open was granted the right to change attributes. Modes and owners follow descriptors and
 * nothing else. */
static int filter_setattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  const struct smb3_setattr *set)
{
	const uint32_t never = SMB3_SET_MODE | SMB3_SET_OWNER | SMB3_SET_GROUP;
	int err = smb3_vfs_setattr(self->next, ctx, h, set);
	struct acl_raised raised;

	if (!may_raise(self, ctx, err) || set->mask & never || !acl_allows(self, ctx, h, 0))
		return err;
	raised = acl_raise(acl_mount_of(self));
	err = smb3_vfs_setattr(self->next, ctx, h, set);
	acl_lower(raised);
	return err;
}

/* DELETE, or whoever owns it: an open that has just made it takes it away when it fails. */
static bool object_goes(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	struct acl_object o;
	struct acl_who who;

	if (acl_load_stored(self, ctx, h, &o) || !o.stored)
		return false;
	who = acl_who_of(self, ctx->who, &o);
	return o.stat.uid == ctx->who->uid || acl_granted(&o.sd, &who) & SMB3_DELETE;
}

/* Whether an ACL, the folder's or the entry's own, lets the entry go. */
static bool acl_lets_go(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			const char *name)
{
	const struct smb3_how how = { .flags = SMB3_O_META | SMB3_O_NOFOLLOW };
	struct smb3_handle *h;
	struct acl_raised raised;
	bool goes = acl_allows(self, ctx, dir, FILE_DELETE_CHILD);

	if (goes)
		return true;
	h = smb3_handle_new(dir->mount);
	raised = acl_raise(acl_mount_of(self));
	goes = !smb3_vfs_open(self->next, ctx, dir, name, &how, h);
	acl_lower(raised);
	if (goes) {
		goes = object_goes(self, ctx, h);
		smb3_vfs_close(self->next, h);
	}
	smb3_handle_free(h);
	return goes;
}

static int filter_remove(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			 const char *name, bool directory)
{
	int err = smb3_vfs_remove(self->next, ctx, dir, name, directory);
	struct acl_raised raised;

	if (!may_raise(self, ctx, err) || !acl_lets_go(self, ctx, dir, name))
		return err;
	raised = acl_raise(acl_mount_of(self));
	err = smb3_vfs_remove(self->next, ctx, dir, name, directory);
	acl_lower(raised);
	return err;
}

/* What the kernel says for sure of a folder and its entries; rename tells not which of its two folders
 * refused. */
static bool kernel_writes(const struct smb3_vfs *self, const struct smb3_ctx *ctx,
			  struct smb3_handle *dir)
{
	int fd = smb3_vfs_fd(self->next, dir);
	struct smb3_stat st;

	if (fd < 0 || smb3_vfs_stat(self->next, ctx, dir, &st) || st.mode & S_ISVTX)
		return false;
	return !faccessat(fd, "", W_OK | X_OK, AT_EACCESS | AT_EMPTY_PATH);
}

/* A folder that goes elsewhere must be writable itself, for its "..". */
static bool kernel_lets_go(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			   struct smb3_handle *dir, const char *name)
{
	struct smb3_stat st;

	return kernel_writes(self, ctx, dir) && !smb3_vfs_lookup(self->next, ctx, dir, name, &st) &&
	       !S_ISDIR(st.mode);
}

static bool may_rename(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		       const char *name, struct smb3_handle *to_dir)
{
	if (!kernel_lets_go(self, ctx, dir, name) && !acl_lets_go(self, ctx, dir, name))
		return false;
	return kernel_writes(self, ctx, to_dir) || acl_allows(self, ctx, to_dir, FILE_ADD_FILE);
}

static int filter_rename(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			 const char *name, struct smb3_handle *to_dir, const char *to_name,
			 uint32_t flags)
{
	int err = smb3_vfs_rename(self->next, ctx, dir, name, to_dir, to_name, flags);
	struct acl_raised raised;

	if (!may_raise(self, ctx, err) || !may_rename(self, ctx, dir, name, to_dir))
		return err;
	if (flags & SMB3_RENAME_REPLACE && !kernel_writes(self, ctx, to_dir) &&
	    !acl_lets_go(self, ctx, to_dir, to_name))
		return err;
	raised = acl_raise(acl_mount_of(self));
	err = smb3_vfs_rename(self->next, ctx, dir, name, to_dir, to_name, flags);
	acl_lower(raised);
	return err;
}

/* ---- extended attributes ---- */

static bool hidden(const struct smb3_vfs *self, const char *name)
{
	return !strcmp(name, acl_mount_of(self)->xattr);
}

static ssize_t filter_getxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			       struct smb3_handle *h, const char *name, void *buf, size_t size)
{
	struct acl_raised raised;
	ssize_t n;

	if (hidden(self, name))
		return -ENODATA;
	n = smb3_vfs_getxattr(self->next, ctx, h, name, buf, size);
	if (n >= 0 || !may_raise(self, ctx, (int)n) || !acl_allows(self, ctx, h, FILE_READ_EA))
		return n;
	raised = acl_raise(acl_mount_of(self));
	n = smb3_vfs_getxattr(self->next, ctx, h, name, buf, size);
	acl_lower(raised);
	return n;
}

static int filter_setxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			   const char *name, const void *value, size_t len)
{
	struct acl_raised raised;
	int err;

	if (hidden(self, name))
		return -EACCES;
	err = smb3_vfs_setxattr(self->next, ctx, h, name, value, len);
	if (!may_raise(self, ctx, err) || strncmp(name, "user.", 5) ||
	    !acl_allows(self, ctx, h, FILE_WRITE_EA))
		return err;
	raised = acl_raise(acl_mount_of(self));
	err = smb3_vfs_setxattr(self->next, ctx, h, name, value, len);
	acl_lower(raised);
	return err;
}

/* Takes name out of a list of strings; the new length. */
static size_t list_without(char *list, size_t len, const char *name)
{
	for (size_t at = 0, n; at < len; at += n) {
		n = strnlen(list + at, len - at) + 1;
		if (n > len - at || strcmp(list + at, name))
			continue;
		memmove(list + at, list + at + n, len - at - n);
		return len - n;
	}
	return len;
}

static ssize_t filter_listxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx,
				struct smb3_handle *h, char *buf, size_t size)
{
	ssize_t n = smb3_vfs_listxattr(self->next, ctx, h, buf, size);

	if (n <= 0 || !size)
		return n;
	return (ssize_t)list_without(buf, (size_t)n, acl_mount_of(self)->xattr);
}

/* ---- the file system ---- */

static int filter_statfs(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			 struct smb3_fsinfo *ret_info)
{
	int err = smb3_vfs_statfs(self->next, ctx, h, ret_info);

	if (!err)
		ret_info->features |= FILE_PERSISTENT_ACLS;
	return err;
}

const struct smb3_vfs_ops acl_vfs = {
	.name = "acl",
	.flags = SMB3_VFS_FILTER,
	.mount_size = sizeof(struct acl_mount),
	.wanted = filter_wanted,
	.order = 100,
	.mount = filter_mount,
	.open = filter_open,
	.walk = filter_walk,
	.lookup = filter_lookup,
	.setattr = filter_setattr,
	.remove = filter_remove,
	.rename = filter_rename,
	.getxattr = filter_getxattr,
	.setxattr = filter_setxattr,
	.listxattr = filter_listxattr,
	.statfs = filter_statfs,
};
