// SPDX-License-Identifier: Apache-2.0
/*
 * store.c: the security descriptor of an object: what is stored for it, or what its permissions
 * say. One that was stored before somebody changed owner, mode or POSIX ACL behind the server's back
 * is not believed any more.
 */
#include "acl.h"

#include <errno.h>
#include <sys/stat.h>

#define ACCESS_XATTR  "system.posix_acl_access"
#define DEFAULT_XATTR "system.posix_acl_default"
#define XATTR_FIRST   1024 /* most descriptors are shorter */

struct smb3_vfs *acl_layer(const struct smb3_mount *mount)
{
	struct smb3_vfs *vfs = mount->top;

	while (vfs && vfs->ops != &acl_vfs)
		vfs = vfs->next;
	return vfs;
}

/* ---- reading ---- */

/* In the arena; length 0: not there. */
static ssize_t read_xattr(struct smb3_vfs *below, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  const char *name, void **ret_value)
{
	size_t size = XATTR_FIRST;
	char first[XATTR_FIRST];
	void *buf = first;
	ssize_t n = smb3_vfs_getxattr(below, ctx, h, name, buf, size);

	if (n == -ERANGE) {
		size = NTACL_ROOM;
		buf = smb3_arena_alloc(ctx->arena, size);
		n = smb3_vfs_getxattr(below, ctx, h, name, buf, size);
	}
	if (n == -ENODATA || n == -EOPNOTSUPP)
		n = 0;
	*ret_value = n > 0 && buf == first ? smb3_arena_copy(ctx->arena, buf, (size_t)n) : buf;
	return n;
}

static int read_posix_acl(struct smb3_vfs *below, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  const char *name, struct posix_acl **ret_acl)
{
	void *blob;
	ssize_t n = read_xattr(below, ctx, h, name, &blob);
	size_t entries = n > 4 ? ((size_t)n - 4) / 8 : 0;

	if (n < 0)
		return (int)n;
	if (entries > POSIX_ACL_ENTRIES)
		return -EINVAL;
	*ret_acl = smb3_arena_alloc(ctx->arena, offsetof(struct posix_acl, entries[entries]));
	return posix_acl_parse(blob, (size_t)n, *ret_acl);
}

static int read_unix(struct smb3_vfs *below, const struct smb3_ctx *ctx, struct smb3_handle *h,
		     const struct smb3_stat *st, struct ntacl_unix *ret_unix)
{
	static const struct posix_acl none = { 0 };
	struct posix_acl *access, *standard;
	struct ntacl_unix u = { .mode = st->mode, .uid = st->uid, .gid = st->gid };
	int err = read_posix_acl(below, ctx, h, ACCESS_XATTR, &access);

	if (err)
		return err;
	u.access = access;
	u.standard = &none;
	if (h->directory) {
		err = read_posix_acl(below, ctx, h, DEFAULT_XATTR, &standard);
		if (err)
			return err;
		u.standard = standard;
	}
	*ret_unix = u;
	return 0;
}

/* Older formats carry no hash that could be compared. */
static int still_fits(struct smb3_vfs *below, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      const struct ntacl *acl, const struct smb3_stat *st, bool *ret_fits)
{
	uint8_t hash[NTACL_HASH];
	struct ntacl_unix u;
	int err;

	*ret_fits = !acl->hashed;
	if (!acl->hashed)
		return 0;
	err = read_unix(below, ctx, h, st, &u);
	if (err)
		return err;
	ntacl_hash(&u, hash);
	*ret_fits = !memcmp(hash, acl->unix_hash, sizeof(hash));
	return 0;
}

static int parse_stored(struct smb3_vfs *below, const struct smb3_ctx *ctx, struct smb3_handle *h,
			const void *blob, size_t len, struct acl_object *o)
{
	struct ntacl acl;
	bool fits = false;
	int err = ntacl_parse(blob, len, &acl);

	if (!err)
		err = acl_sd_parse(ctx->arena, blob, len, acl.sd_at, &o->sd);
	if (err) {
		SMB3_DEBUG(SMB3_DBG_VFS, NULL, "acl: what is stored for %s is in no known format",
			   h->name);
		return 0;
	}
	err = still_fits(below, ctx, h, &acl, &o->stat, &fits);
	o->stored = fits;
	if (!err && !fits)
		SMB3_DEBUG(SMB3_DBG_VFS, NULL,
			   "acl: %s: permissions were changed since its ACL was stored", h->name);
	return err;
}

/* As whoever asks: security attributes may be read by all. user.* ones not, by those who may not
 * read the file. */
static ssize_t read_stored(struct smb3_vfs *layer, const struct smb3_ctx *ctx,
			   struct smb3_handle *h, void **ret_blob)
{
	const struct acl_mount *m = acl_mount_of(layer);
	ssize_t n = read_xattr(layer->next, ctx, h, m->xattr, ret_blob);
	struct acl_raised raised;

	if (n != -EACCES)
		return n;
	raised = acl_raise(m);
	if (raised.on)
		n = read_xattr(layer->next, ctx, h, m->xattr, ret_blob);
	acl_lower(raised);
	/* A server that reads as one user cannot see what that user may not. */
	return n == -EACCES ? 0 : n;
}

int acl_load_stored(struct smb3_vfs *layer, const struct smb3_ctx *ctx, struct smb3_handle *h,
		    struct acl_object *ret_object)
{
	void *blob;
	ssize_t n = read_stored(layer, ctx, h, &blob);
	int err;

	ret_object->stored = false;
	if (n <= 0)
		return (int)n;
	err = smb3_vfs_stat(layer->next, ctx, h, &ret_object->stat);
	return err ? err : parse_stored(layer->next, ctx, h, blob, (size_t)n, ret_object);
}

int acl_load(struct smb3_vfs *layer, const struct smb3_ctx *ctx, struct smb3_handle *h,
	     struct acl_object *ret_object)
{
	struct ntacl_unix u;
	int err = acl_load_stored(layer, ctx, h, ret_object);

	if (err || ret_object->stored)
		return err;
	err = smb3_vfs_stat(layer->next, ctx, h, &ret_object->stat);
	if (!err)
		err = read_unix(layer->next, ctx, h, &ret_object->stat, &u);
	if (!err)
		acl_synthesize(ctx->arena, &u, &ret_object->sd);
	return err;
}

/* ---- asking ---- */

static bool in_group(const struct smb3_identity *id, gid_t gid)
{
	for (size_t i = 0; i < id->n_groups; i++)
		if (id->groups[i] == gid)
			return true;
	return id->gid == gid;
}

/* What stands below the machine's SID and is no Unix user or group is a group of a store: nobody stands
 * for that. */
static bool foreign(const struct acl_sid *sid, const struct acl_sid *machine)
{
	return acl_sid_domain(sid) && !acl_sid_in(sid, machine);
}

struct acl_who acl_who_of(const struct smb3_vfs *layer, const struct smb3_identity *id,
			  const struct acl_object *o)
{
	const struct acl_sid *machine = &acl_mount_of(layer)->state->machine;
	struct acl_who who = { .id = id, .machine = machine };

	if (o->sd.has_owner && o->stat.uid == id->uid && foreign(&o->sd.owner, machine))
		who.owner = &o->sd.owner;
	if (o->sd.has_group && in_group(id, o->stat.gid) && foreign(&o->sd.group, machine))
		who.group = &o->sd.group;
	return who;
}

bool acl_allows(struct smb3_vfs *layer, const struct smb3_ctx *ctx, struct smb3_handle *h,
		uint32_t need)
{
	struct acl_object o;
	struct acl_who who;

	if (!ctx->who || acl_load_stored(layer, ctx, h, &o) || !o.stored)
		return false;
	who = acl_who_of(layer, ctx->who, &o);
	return !(need & ~acl_granted(&o.sd, &who));
}

/* ---- writing ---- */

/* The accounts are the server's to read: only who acts as it asks for them. */
static bool uid_of(const struct acl_mount *m, const struct acl_sid *sid, uid_t *ret_uid)
{
	return acl_sid_uid(sid, &m->state->machine, ret_uid) ||
	       (m->raises && acl_account_uid(m->state, sid, ret_uid));
}

/* What of the Unix side is to follow. A SID that is no local user or group leaves it as it is. */
static void plan(const struct acl_mount *m, const struct acl_sd *sd, const struct smb3_stat *st,
		 uint32_t change, struct smb3_setattr *set)
{
	*set = (struct smb3_setattr){ .uid = st->uid, .gid = st->gid };
	/* A server without rights has one user, whom all files belong to. */
	if (!m->state->can_switch)
		change &= SMB3_SET_MODE;
	if (change & SMB3_SET_OWNER && sd->has_owner && uid_of(m, &sd->owner, &set->uid) &&
	    set->uid != st->uid)
		set->mask |= SMB3_SET_OWNER;
	if (change & SMB3_SET_GROUP && sd->has_group &&
	    acl_sid_gid(&sd->group, &m->state->machine, &set->gid) && set->gid != st->gid)
		set->mask |= SMB3_SET_GROUP;
	set->mode = acl_mode_of(sd, st);
	/* Programs do not act for those to whom they are given. */
	if (set->mask && !S_ISDIR(st->mode))
		set->mode &= ~06000u;
	if (change & SMB3_SET_MODE && m->conf->map_mode && set->mode != (st->mode & 07777))
		set->mask |= SMB3_SET_MODE;
}

static int write_blob(struct smb3_vfs *layer, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      const struct acl_sd *sd)
{
	struct smb3_builder out = smb3_builder_arena(ctx->arena, NTACL_ROOM);
	uint8_t hash[NTACL_HASH];
	struct ntacl_unix u;
	struct smb3_stat st;
	int err = smb3_vfs_stat(layer->next, ctx, h, &st);

	if (!err)
		err = read_unix(layer->next, ctx, h, &st, &u);
	if (err)
		return err;
	ntacl_hash(&u, hash);
	ntacl_put(&out, smb3_now(), hash);
	acl_sd_put(&out, 0, sd);
	if (!smb3_builder_ok(&out))
		return -E2BIG;
	return smb3_vfs_setxattr(layer->next, ctx, h, acl_mount_of(layer)->xattr, out.data,
				 out.len);
}

static int store(struct smb3_vfs *layer, const struct smb3_ctx *ctx, struct smb3_handle *h,
		 const struct acl_sd *sd, uint32_t change)
{
	struct smb3_setattr set, back;
	struct smb3_stat st;
	int err = smb3_vfs_stat(layer->next, ctx, h, &st);

	if (err)
		return err;
	plan(acl_mount_of(layer), sd, &st, change, &set);
	if (set.mask)
		err = smb3_vfs_setattr(layer->next, ctx, h, &set);
	if (!err)
		err = write_blob(layer, ctx, h, sd);
	if (err && set.mask) {
		back = (struct smb3_setattr){
			.mask = set.mask, .mode = st.mode & 07777, .uid = st.uid, .gid = st.gid
		};
		smb3_vfs_setattr(layer->next, ctx, h, &back);
	}
	return err;
}

int acl_store(struct smb3_vfs *layer, const struct smb3_ctx *ctx, struct smb3_handle *h,
	      const struct acl_sd *sd, uint32_t change)
{
	struct acl_raised raised = acl_raise(acl_mount_of(layer));
	int err = store(layer, ctx, h, sd, change);

	acl_lower(raised);
	return err;
}
