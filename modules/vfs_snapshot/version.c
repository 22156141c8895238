// SPDX-License-Identifier: Apache-2.0
/*
 * version.c: snapshots in use. Each is a mount of its own of the layers below this one, on the
 * snapshot's folder: what those layers let nobody out of is then the snapshot, and nothing in it can
 * lead into the live share.
 */
#include "snap.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ALIGN 16

static size_t round_up(size_t size)
{
	return (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

/* ---- mounts ---- */

static void unmount_from(struct smb3_vfs *vfs)
{
	for (; vfs; vfs = vfs->next) {
		if (vfs->ops->unmount)
			vfs->ops->unmount(vfs);
		free(vfs->data);
	}
}

/* The layers below `below`, again, with the first of them on top. */
static struct smb3_mount *lay_out(const struct smb3_vfs *below)
{
	size_t n = 0, head = round_up(sizeof(struct smb3_mount));
	struct smb3_mount *mount;
	struct smb3_vfs *layers;

	for (const struct smb3_vfs *vfs = below; vfs; vfs = vfs->next)
		n++;
	mount = smb3_alloc(head + n * sizeof(*layers));
	layers = (void *)((char *)mount + head);
	mount->server = below->mount->server;
	mount->share = below->mount->share;
	mount->top = layers;
	mount->handle_size = round_up(sizeof(struct smb3_handle));
	for (size_t i = 0; i < n; i++, below = below->next) {
		layers[i] = (struct smb3_vfs){ .ops = below->ops,
					       .next = i + 1 < n ? &layers[i + 1] : NULL,
					       .mount = mount,
					       .mod = below->mod,
					       .handle_offset = mount->handle_size };
		mount->handle_size += round_up(below->ops->handle_size);
	}
	return mount;
}

/* From the bottom up. */
static int mount_from(struct smb3_vfs *vfs, const struct smb3_share *view)
{
	int err = vfs->next ? mount_from(vfs->next, view) : 0;

	if (err)
		return err;
	vfs->data = smb3_alloc(vfs->ops->mount_size);
	err = vfs->ops->mount ? vfs->ops->mount(vfs, view) : 0;
	if (!err)
		return 0;
	free(vfs->data);
	unmount_from(vfs->next);
	return err;
}

/* The share as it is configured, but for its folder. Only what does not change is copied. */
static void view_fill(struct smb3_share *view, const struct smb3_share *share, const char *path)
{
	view->magic = share->magic;
	view->server = share->server;
	view->name = share->name;
	view->path = path;
	view->comment = share->comment;
	view->backend = share->backend;
	view->vfs = share->vfs;
	view->read_only = true;
	view->guest = share->guest;
	view->browseable = share->browseable;
	view->confs = share->confs;
	view->origin = share->origin;
}

/* ---- versions ---- */

static void version_free(struct version *v)
{
	unmount_from(v->mount->top);
	free(v->mount);
	close(v->fd);
	free(v);
}

/* Where in the folder of snapshots the share's own folder is. */
static void path_of(const struct snap_conf *conf, const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s%s%s%s", name, conf->layout == SNAP_SNAPPER ? "/snapshot" : "",
		 *conf->base ? "/" : "", conf->base);
}

static int version_fd(const struct snap_mount *m, const char *name)
{
	char path[PATH_MAX];
	int folder = snap_folder(m), fd = folder;

	path_of(m->conf, name, path);
	if (folder >= 0) {
		fd = snap_below(folder, path);
		close(folder);
	}
	/* A link or a file in the place of a snapshot is none. */
	return fd == -ELOOP || fd == -EXDEV || fd == -ENOTDIR ? -ENOENT : fd;
}

/* The same after a restart, for clients that remember files by their numbers. */
static uint64_t scatter(uint64_t x)
{
	x *= 0x9e3779b97f4a7c15u;
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93u;
	return x ^ x >> 29;
}

static int version_new(struct snap_mount *m, const char *name, smb3_nttime when,
		       struct version **ret_version)
{
	struct version *v;
	int fd = version_fd(m, name), err;

	if (fd < 0)
		return fd;
	v = smb3_alloc(sizeof(*v));
	smb3_list_init(&v->link);
	v->owner = m;
	v->when = when;
	v->fd = fd;
	snprintf(v->path, sizeof(v->path), "/proc/self/fd/%d", fd);
	view_fill(&v->view, m->share, v->path);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(v->mix); i++) {
		v->mix[i] = scatter(v->when + i);
	}
	v->mount = lay_out(m->self->next);
	err = mount_from(v->mount->top, &v->view);
	if (err) {
		free(v->mount);
		close(fd);
		free(v);
		return err;
	}
	*ret_version = v;
	return 0;
}

static const struct snap_entry *entry_of(const struct snap_mount *m, smb3_nttime when)
{
	for (size_t i = 0; i < m->list.n; i++)
		if (m->list.entries[i].when == when)
			return &m->list.entries[i];
	return NULL;
}

static struct version *version_find(struct snap_mount *m, smb3_nttime when)
{
	SMB3_LIST_EACH(&m->versions, node) {
		struct version *v = SMB3_CONTAINER(node, struct version, link);

		if (v->when == when && !v->gone)
			return v;
	}
	return NULL;
}

/* A reference of one that is in use, or NULL: then *ret_name is that of its snapshot, to be freed, or
 * NULL, too. */
static struct version *version_ref(struct snap_mount *m, smb3_nttime when, char **ret_name)
{
	const struct snap_entry *entry;
	struct version *v = NULL;

	*ret_name = NULL;
	pthread_mutex_lock(&m->lock);
	entry = entry_of(m, when);
	if (entry)
		v = version_find(m, when);
	if (v)
		v->refs++;
	else if (entry)
		*ret_name = smb3_strdup(entry->name);
	pthread_mutex_unlock(&m->lock);
	return v;
}

/* Who comes at the same time waits, and finds it made. */
static int version_make(struct snap_mount *m, smb3_nttime when, struct version **ret_version)
{
	struct version *v;
	char *name;
	uid_t user;
	int err;

	pthread_mutex_lock(&m->looking);
	v = version_ref(m, when, &name);
	err = v || name ? 0 : -ENOENT;
	if (name) {
		user = snap_enter();
		err = version_new(m, name, when, &v);
		snap_leave(user);
		free(name);
		if (!err) {
			v->refs = 1;
			pthread_mutex_lock(&m->lock);
			smb3_list_add(&m->versions, &v->link);
			pthread_mutex_unlock(&m->lock);
		}
	}
	pthread_mutex_unlock(&m->looking);
	if (!err)
		*ret_version = v;
	return err;
}

int version_get(struct snap_mount *m, const struct smb3_ctx *ctx, smb3_nttime when,
		struct version **ret_version)
{
	struct version *v;
	char *name;
	int err = snap_refresh(m, ctx);

	if (err)
		return err;
	/* Clients ask for a time with its fractions of a second, too. */
	when -= when % 10000000;
	v = version_ref(m, when, &name);
	if (v) {
		*ret_version = v;
		return 0;
	}
	if (!name)
		return -ENOENT;
	free(name);
	return ctx->nowait ? -EAGAIN : version_make(m, when, ret_version);
}

void version_put(struct version *v)
{
	struct snap_mount *m = v->owner;
	bool last;

	pthread_mutex_lock(&m->lock);
	last = !--v->refs;
	if (last)
		smb3_list_remove(&v->link);
	pthread_mutex_unlock(&m->lock);
	if (last)
		version_free(v);
}

void version_sweep(struct snap_mount *m)
{
	SMB3_LIST_EACH(&m->versions, node) {
		struct version *v = SMB3_CONTAINER(node, struct version, link);

		v->gone |= !entry_of(m, v->when);
	}
}

/* ---- numbers ---- */

uint64_t version_ino(const struct version *v, uint64_t ino)
{
	uint64_t mixed = ino ^ v->mix[0];

	return mixed ? mixed : v->mix[0];
}

void version_stat(const struct version *v, struct smb3_stat *st)
{
	st->dev ^= v->mix[1];
	st->ino = version_ino(v, st->ino);
}
