// SPDX-License-Identifier: Apache-2.0
/*
 * names.c: from names to handles, in the live share and in its versions.
 */
#include "snap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- what clients do not see of the live share ---- */

/* A handle that was opened below this layer. */
static void close_below(struct smb3_vfs *self, struct smb3_handle *h)
{
	if (h->opened)
		smb3_vfs_close(self->next, h);
	smb3_handle_free(h);
}

/* A link may lead back to the share's folder, whose handle then has another name. What cannot be looked
 * at may be it. */
static bool is_root(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir)
{
	struct smb3_ctx wait = *ctx;
	struct smb3_handle *root;
	struct smb3_stat a, b;
	bool is = true;

	if (snap_of(self, dir)->root)
		return true;
	wait.nowait = false;
	root = smb3_handle_new(self->mount);
	if (!smb3_vfs_root(self->next, &wait, root) &&
	    !smb3_vfs_stat(self->next, &wait, root, &a) &&
	    !smb3_vfs_stat(self->next, &wait, dir, &b))
		is = a.dev == b.dev && a.ino == b.ino;
	close_below(self, root);
	return is;
}

bool snap_hidden(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		 const char *name)
{
	const char *hidden = snap_mount_of(self)->hidden;

	return hidden && smb3_name_equal(name, hidden) && is_root(self, ctx, dir);
}

bool snap_names_hidden(const struct smb3_vfs *self, const char *path, size_t *ret_at)
{
	const char *hidden = snap_mount_of(self)->hidden;
	char name[NAME_MAX + 1];

	for (const char *p = path; hidden && *p;) {
		size_t len = strcspn(p, "/");

		if (len < sizeof(name)) {
			memcpy(name, p, len);
			name[len] = '\0';
			if (smb3_name_equal(name, hidden)) {
				*ret_at = (size_t)(p - path);
				return true;
			}
		}
		p += len + (p[len] == '/');
	}
	return false;
}

/* ---- handles of a version ---- */

/* h stands for inner from now on. */
static void adopt(struct smb3_vfs *self, struct smb3_handle *h, struct version *v,
		  struct smb3_handle *inner)
{
	struct snap_handle *sh = snap_of(self, h);

	sh->version = v;
	sh->inner = inner;
	h->directory = inner->directory;
	smb3_handle_name(h, inner->name ? inner->name : "");
}

/* The same after an operation that fills inner; takes the reference of v. */
static int settle(struct smb3_vfs *self, struct smb3_handle *h, struct version *v,
		  struct smb3_handle *inner, int err)
{
	if (!err) {
		adopt(self, h, v, inner);
		return 0;
	}
	smb3_handle_free(inner);
	version_put(v);
	return err;
}

static struct version *again(struct version *v)
{
	pthread_mutex_lock(&v->owner->lock);
	v->refs++;
	pthread_mutex_unlock(&v->owner->lock);
	return v;
}

/* path "": the version's root. Takes the reference of v. */
static int enter(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct version *v,
		 const char *path, struct smb3_handle *h)
{
	struct smb3_vfs *top = v->mount->top;
	struct smb3_handle *root = smb3_handle_new(v->mount), *below;
	int err = smb3_vfs_root(top, ctx, root);

	if (err || !*path)
		return settle(self, h, v, root, err);
	below = smb3_handle_new(v->mount);
	err = smb3_vfs_walk(top, ctx, root, path, below);
	smb3_handle_free(root);
	return settle(self, h, v, below, err);
}

/* Takes the name of a version out of the front of a path. */
static smb3_nttime named(const struct smb3_vfs *self, struct smb3_handle *dir, const char **path)
{
	size_t len = strcspn(*path, "/");
	smb3_nttime when = snap_of(self, dir)->root ? smb3_version_parse(*path, len) : 0;

	if (when)
		*path += len + ((*path)[len] == '/');
	return when;
}

int snap_root(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	smb3_nttime when = snap_mount_of(self)->share->version;
	struct version *v;
	int err;

	if (when) {
		err = version_get(snap_mount_of(self), ctx, when, &v);
		return err ? err : enter(self, ctx, v, "", h);
	}
	snap_of(self, h)->root = true;
	return smb3_vfs_root(self->next, ctx, h);
}

/* One step to where a component begins, and on from there. */
static int walk_on(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		   const char *path, size_t at, struct smb3_handle *h);

/* Where a component has the hidden name, it is asked of the folder itself what it is. */
static int walk_live(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		     const char *path, struct smb3_handle *h)
{
	size_t at, len;

	if (!snap_names_hidden(self, path, &at))
		return smb3_vfs_walk(self->next, ctx, dir, path, h);
	if (at)
		return walk_on(self, ctx, dir, path, at, h);
	if (is_root(self, ctx, dir))
		return -ENOENT;
	len = strcspn(path, "/");
	if (!path[len])
		return smb3_vfs_walk(self->next, ctx, dir, path, h);
	return walk_on(self, ctx, dir, path, len + 1, h);
}

static int walk_on(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		   const char *path, size_t at, struct smb3_handle *h)
{
	struct smb3_handle *mid = smb3_handle_new(self->mount);
	char *head = smb3_strdup(path);
	int err;

	head[at - 1] = '\0';
	err = smb3_vfs_walk(self->next, ctx, dir, head, mid);
	free(head);
	if (!err)
		err = walk_live(self, ctx, mid, path + at, h);
	close_below(self, mid);
	return err;
}

int snap_walk(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
	      const char *path, struct smb3_handle *h)
{
	struct snap_handle *at = snap_of(self, dir);
	struct smb3_handle *below;
	struct version *v;
	smb3_nttime when;
	int err;

	if (at->inner) {
		below = smb3_handle_new(at->version->mount);
		err = smb3_vfs_walk(below->mount->top, ctx, at->inner, path, below);
		return settle(self, h, again(at->version), below, err);
	}
	when = named(self, dir, &path);
	if (!when)
		return walk_live(self, ctx, dir, path, h);
	err = version_get(snap_mount_of(self), ctx, when, &v);
	return err ? err : enter(self, ctx, v, path, h);
}

/* Whether the user might write if this were no version. Only the kernel knows; on a file system that is
 * read-only itself it says so first. */
static int may_write(struct smb3_handle *inner)
{
	int fd = smb3_vfs_fd(inner->mount->top, inner);

	if (fd < 0 || inner->directory)
		return 0;
	if (!faccessat(fd, "", W_OK, AT_EACCESS | AT_EMPTY_PATH) || errno == EROFS)
		return 0;
	return -errno;
}

/* Who may write to the live file may open a version of it for writing, as clients do that only want to
 * copy it; what fails is the writing. */
static struct smb3_how tamed(const struct smb3_how *how)
{
	struct smb3_how tame = *how;

	tame.flags &= ~(uint32_t)SMB3_O_WRITE;
	if (!(tame.flags & SMB3_O_READ))
		tame.flags |= SMB3_O_META;
	return tame;
}

static int open_inside(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct snap_handle *at,
		       const char *name, const struct smb3_how *how, struct smb3_handle *h)
{
	struct smb3_handle *inner = smb3_handle_new(at->version->mount);
	const struct smb3_how tame = tamed(how);
	int err = how->flags & SMB3_O_CREATE ?
			  -EROFS :
			  smb3_vfs_open(inner->mount->top, ctx, at->inner, name, &tame, inner);

	if (!err && how->flags & SMB3_O_WRITE)
		err = may_write(inner);
	return settle(self, h, again(at->version), inner, err);
}

int snap_open(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
	      const char *name, const struct smb3_how *how, struct smb3_handle *h)
{
	struct snap_handle *at = snap_of(self, dir);
	const char *rest = name;
	struct version *v;
	smb3_nttime when;
	int err;

	if (at->inner)
		return open_inside(self, ctx, at, name, how, h);
	when = named(self, dir, &rest);
	if (when) {
		err = version_get(snap_mount_of(self), ctx, when, &v);
		if (err)
			return err == -ENOENT && how->flags & SMB3_O_CREATE ? -EACCES : err;
		if (!(how->flags & SMB3_O_CREATE))
			return enter(self, ctx, v, "", h);
		version_put(v);
		return -EEXIST;
	}
	if (snap_hidden(self, ctx, dir, name))
		return how->flags & SMB3_O_CREATE ? -EACCES : -ENOENT;
	return smb3_vfs_open(self->next, ctx, dir, name, how, h);
}

int snap_open_stream(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *base,
		     const char *stream, const struct smb3_how *how, struct smb3_handle *h)
{
	struct snap_handle *at = snap_of(self, base);
	const struct smb3_how tame = tamed(how);
	struct smb3_handle *inner;
	int err;

	if (!at->inner)
		return smb3_vfs_open_stream(self->next, ctx, base, stream, how, h);
	if (how->flags & SMB3_O_CREATE)
		return -EROFS;
	inner = smb3_handle_new(at->version->mount);
	err = smb3_vfs_open_stream(inner->mount->top, ctx, at->inner, stream, &tame, inner);
	return settle(self, h, again(at->version), inner, err);
}

int snap_clone(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *from,
	       struct smb3_handle *h)
{
	struct snap_handle *at = snap_of(self, from);
	struct smb3_handle *inner;
	int err;

	if (!at->inner) {
		err = smb3_vfs_clone(self->next, ctx, from, h);
		if (!err)
			snap_of(self, h)->root = at->root;
		return err;
	}
	inner = smb3_handle_new(at->version->mount);
	err = smb3_vfs_clone(inner->mount->top, ctx, at->inner, inner);
	return settle(self, h, again(at->version), inner, err);
}

void snap_close(struct smb3_vfs *self, struct smb3_handle *h)
{
	struct snap_handle *sh = snap_of(self, h);

	if (sh->inner) {
		smb3_handle_free(sh->inner);
		version_put(sh->version);
	} else {
		smb3_vfs_close(self->next, h);
	}
	*sh = (struct snap_handle){ 0 };
}

/* ---- without opening ---- */

static int lookup_version(struct smb3_vfs *self, const struct smb3_ctx *ctx, smb3_nttime when,
			  struct smb3_stat *ret_stat)
{
	struct smb3_handle *root;
	struct version *v;
	int err = version_get(snap_mount_of(self), ctx, when, &v);

	if (err)
		return err;
	root = smb3_handle_new(v->mount);
	err = smb3_vfs_root(v->mount->top, ctx, root);
	if (!err)
		err = smb3_vfs_stat(v->mount->top, ctx, root, ret_stat);
	if (!err)
		version_stat(v, ret_stat);
	smb3_handle_free(root);
	version_put(v);
	return err;
}

int snap_lookup(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		const char *name, struct smb3_stat *ret_stat)
{
	struct snap_handle *at = snap_of(self, dir);
	const char *rest = name;
	smb3_nttime when;
	int err;

	if (at->inner) {
		err = smb3_vfs_lookup(at->version->mount->top, ctx, at->inner, name, ret_stat);
		if (!err)
			version_stat(at->version, ret_stat);
		return err;
	}
	when = named(self, dir, &rest);
	if (when)
		return lookup_version(self, ctx, when, ret_stat);
	if (snap_hidden(self, ctx, dir, name))
		return -ENOENT;
	return smb3_vfs_lookup(self->next, ctx, dir, name, ret_stat);
}

struct listing {
	struct smb3_vfs *self;
	const struct smb3_ctx *ctx;
	struct smb3_handle *dir;
	smb3_emit_fn emit;
	void *arg;
};

static bool emit_version(void *arg, const struct smb3_dirent *entry)
{
	struct listing *l = arg;
	struct smb3_dirent e = *entry;

	e.ino = version_ino(snap_of(l->self, l->dir)->version, entry->ino);
	return l->emit(l->arg, &e);
}

static bool emit_live(void *arg, const struct smb3_dirent *entry)
{
	struct listing *l = arg;

	return snap_hidden(l->self, l->ctx, l->dir, entry->name) || l->emit(l->arg, entry);
}

int snap_readdir(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		 uint64_t *cookie, smb3_emit_fn emit, void *arg)
{
	struct snap_handle *sh = snap_of(self, h);
	struct listing l = { .self = self, .ctx = ctx, .dir = h, .emit = emit, .arg = arg };

	if (sh->inner)
		return smb3_vfs_readdir(sh->version->mount->top, ctx, sh->inner, cookie,
					emit_version, &l);
	if (!snap_mount_of(self)->hidden)
		return smb3_vfs_readdir(self->next, ctx, h, cookie, emit, arg);
	return smb3_vfs_readdir(self->next, ctx, h, cookie, emit_live, &l);
}
