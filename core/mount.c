// SPDX-License-Identifier: Apache-2.0
/*
 * mount.c: the stack of file system layers below a share, and the handles that it opens.
 */
#include "core.h"

#include <string.h>

#define MOUNT_ALIGN 16

static size_t mount_round(size_t size)
{
	return (size + MOUNT_ALIGN - 1) & ~(size_t)(MOUNT_ALIGN - 1);
}

/* Unmounts from `from` downwards. */
static void mount_undo(struct smb3_vfs *from)
{
	for (struct smb3_vfs *vfs = from; vfs; vfs = vfs->next) {
		if (vfs->ops->unmount)
			vfs->ops->unmount(vfs);
		free(vfs->data);
		vfs->data = NULL;
	}
}

static const char *mount_advice(int err)
{
	switch (-err) {
	case ENOENT:
	case ENOTDIR:
		return "; make the folder, or correct the share's path";
	case EACCES:
	case EPERM:
		return "; let the server's user reach the folder (execute on each one above it)";
	default:
		return "";
	}
}

/* From the bottom up: a filter finds what is below it ready. */
static int mount_layer(struct smb3_vfs *vfs)
{
	const struct smb3_share *share = vfs->mount->share;
	int err;

	vfs->data = smb3_alloc(vfs->ops->mount_size);
	err = vfs->ops->mount ? vfs->ops->mount(vfs, share) : 0;
	if (!err)
		return 0;
	free(vfs->data);
	vfs->data = NULL;
	return smb3_fail(err, "share %s: \"%s\" cannot serve %s: %s%s", share->name, vfs->ops->name,
			 share->path, strerror(-err), mount_advice(err));
}

static int mount_find(const struct smb3_share *share, const char *name, bool filter,
		      struct smb3_vfs *vfs)
{
	const struct smb3_vfs_ops *ops = smb3_row_name(share->server, SMB3_KIND_VFS, name);

	if (!ops)
		return smb3_fail(
			-ENOENT,
			"share %s: no loaded module has the file system \"%s\"; add the one "
			"that has it to modules, or correct the share",
			share->name, name);
	if (!(ops->flags & SMB3_VFS_FILTER) == filter)
		return smb3_fail(
			-EINVAL,
			filter ? "share %s: \"%s\" is no filter; name it as backend, not in vfs" :
				 "share %s: \"%s\" is a filter; name it in vfs, not as backend",
			share->name, name);
	vfs->ops = ops;
	vfs->mod = smb3_module_of(share->server, ops);
	return 0;
}

/* A filter that puts itself into the share, which does not name it. */
static bool mount_wanted(const struct smb3_share *share, const struct smb3_vfs_ops *ops)
{
	if (!ops->wanted || !ops->wanted(smb3_module_of(share->server, ops), share))
		return false;
	for (const char *const *name = share->vfs; name && *name; name++)
		if (strcasecmp(*name, ops->name) == 0)
			return false;
	return true;
}

/* By their order, then the filters that the share names. How many; at most one per row. */
static size_t mount_add_wanted(const struct smb3_share *share, struct smb3_vfs *layers)
{
	size_t n_rows, n = 0;
	const struct smb3_provide *const *rows = smb3_rows(share->server, SMB3_KIND_VFS, &n_rows);

	for (size_t i = 0; i < n_rows; i++) {
		const struct smb3_vfs_ops *ops = rows[i]->row;
		size_t at = n;

		if (!mount_wanted(share, ops))
			continue;
		for (; at && layers[at - 1].ops->order > ops->order; at--)
			layers[at] = layers[at - 1];
		layers[at].ops = ops;
		layers[at].mod = smb3_module_of(share->server, ops);
		n++;
	}
	return n;
}

static int mount_find_all(const struct smb3_share *share, struct smb3_vfs *layers, size_t *ret_n)
{
	size_t n = mount_add_wanted(share, layers);
	int err = 0;

	for (const char *const *name = share->vfs; name && *name && !err; name++)
		err = mount_find(share, *name, true, &layers[n++]);
	if (!err)
		err = mount_find(share, share->backend, false, &layers[n++]);
	*ret_n = n;
	return err;
}

static void mount_layout(struct smb3_mount *mount, struct smb3_vfs *layers, size_t n)
{
	mount->top = layers;
	mount->handle_size = mount_round(sizeof(struct smb3_handle));
	for (size_t i = 0; i < n; i++) {
		layers[i].mount = mount;
		layers[i].next = i + 1 < n ? &layers[i + 1] : NULL;
		layers[i].handle_offset = mount->handle_size;
		mount->handle_size += mount_round(layers[i].ops->handle_size);
		mount->blocks |= (layers[i].ops->flags & SMB3_VFS_BLOCKS) != 0;
	}
}

/* More layers than these a share cannot have. */
static size_t mount_most(const struct smb3_share *share)
{
	size_t n;

	smb3_rows(share->server, SMB3_KIND_VFS, &n);
	for (const char *const *name = share->vfs; name && *name; name++)
		n++;
	return n;
}

static int mount_new(struct smb3_share *share, struct smb3_mount **ret_mount)
{
	size_t n = mount_most(share), head = mount_round(sizeof(struct smb3_mount));
	struct smb3_mount *mount = smb3_alloc(head + n * sizeof(struct smb3_vfs));
	struct smb3_vfs *layers = (void *)((char *)mount + head);
	int err = mount_find_all(share, layers, &n);

	if (err)
		goto failed;
	mount->server = share->server;
	mount->share = share;
	mount_layout(mount, layers, n);
	for (size_t i = n; i-- > 0;) {
		err = mount_layer(&layers[i]);
		if (err) {
			mount_undo(layers[i].next);
			goto failed;
		}
	}
	*ret_mount = mount;
	return 0;
failed:
	free(mount);
	return err;
}

int smb3_share_mount(struct smb3_share *share, struct smb3_mount **ret_mount)
{
	int err = 0;

	SMB3_CHECK(share, SMB3_SHARE_MAGIC);
	if (share->pipe)
		return -ENODEV;
	pthread_mutex_lock(&share->mount_lock);
	if (!share->mount)
		err = mount_new(share, &share->mount);
	if (!err)
		*ret_mount = share->mount;
	pthread_mutex_unlock(&share->mount_lock);
	return err;
}

void smb3_mount_free(struct smb3_mount *mount)
{
	if (!mount)
		return;
	mount_undo(mount->top);
	free(mount);
}

struct smb3_handle *smb3_handle_new(struct smb3_mount *mount)
{
	struct smb3_handle *h = smb3_alloc(mount->handle_size);

	h->magic = SMB3_HANDLE_MAGIC;
	h->mount = mount;
	return h;
}

void smb3_handle_free(struct smb3_handle *h)
{
	if (!h)
		return;
	SMB3_CHECK(h, SMB3_HANDLE_MAGIC);
	if (h->opened)
		smb3_vfs_close(h->mount->top, h);
	h->magic = 0;
	free(h->name);
	free(h);
}

void smb3_handle_name(struct smb3_handle *h, const char *name)
{
	char *copy = smb3_strdup(name);

	free(h->name);
	h->name = copy;
}
