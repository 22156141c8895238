// SPDX-License-Identifier: Apache-2.0
/*
 * vfs_fault.c: the filter "fault": storage that is slow, fails, falls short or takes the client's
 * connection along, for tests. It stands right above the backend, so that all else of the server
 * sees what bad storage would show it.
 *
 * Each handle knows the path by which it was opened.
 */
#include "fault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ORDER 1000

struct fault_conf {
	bool enabled;
	const char *const *rules;
};

struct fault_handle {
	char *path;
};

/* A request's connection is to be cut with its answer. */
static struct smb3_slot fault_slot = { .kind = SMB3_SLOT_REQ, .size = sizeof(_Atomic bool) };

static struct fault_handle *fault_of(const struct smb3_vfs *self, struct smb3_handle *h)
{
	return smb3_vfs_of(self, h);
}

static const char *path_of(const struct smb3_vfs *self, struct smb3_handle *h)
{
	const char *path = fault_of(self, h)->path;

	return path ? path : "";
}

static char *join(const char *parent, char between, const char *name)
{
	char *path = NULL;

	if (!*parent && between == '/')
		return smb3_strdup(name);
	if (asprintf(&path, "%s%c%s", parent, between, name) < 0)
		return smb3_strdup(name);
	return path;
}

/* Takes path; h is kept as it was when it has not been opened. */
static int opened(struct smb3_vfs *self, struct smb3_handle *h, char *path, int err)
{
	if (err) {
		free(path);
		return err;
	}
	free(fault_of(self, h)->path);
	fault_of(self, h)->path = path;
	return 0;
}

/* ---- what happens to a call ---- */

static bool watched(const struct smb3_vfs *self, enum fault_op op)
{
	const struct fault_mount *m = self->data;

	return atomic_load_explicit(&m->ops, memory_order_relaxed) & 1u << op;
}

static int call_hit(struct smb3_vfs *self, const struct smb3_ctx *ctx, enum fault_op op,
		    const char *path, const char *other, size_t *len)
{
	struct fault_verdict v = { .error = 0 };
	int err = fault_table_call(self->mod->data, self, ctx->nowait, op, path, other, &v);

	if (err)
		return err;
	if (v.cut && ctx->req)
		atomic_store((_Atomic bool *)smb3_slot(&fault_slot, ctx->req), true);
	if (len && v.shortened && *len > v.most)
		*len = v.most;
	return v.error || !v.cut ? v.error : -ECONNRESET;
}

/* A call on what is open. */
static int hit(struct smb3_vfs *self, const struct smb3_ctx *ctx, enum fault_op op,
	       struct smb3_handle *h, size_t *len)
{
	return watched(self, op) ? call_hit(self, ctx, op, path_of(self, h), NULL, len) : 0;
}

/* A call on a name. */
static int hit_name(struct smb3_vfs *self, const struct smb3_ctx *ctx, enum fault_op op,
		    struct smb3_handle *dir, const char *name)
{
	char *path;
	int err;

	if (!watched(self, op))
		return 0;
	path = join(path_of(self, dir), '/', name);
	err = call_hit(self, ctx, op, path, NULL, NULL);
	free(path);
	return err;
}

/* ---- opening ---- */

static int fault_root(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	return opened(self, h, smb3_strdup(""), smb3_vfs_root(self->next, ctx, h));
}

static int fault_walk(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		      const char *path, struct smb3_handle *h)
{
	int err = hit_name(self, ctx, FAULT_WALK, dir, path);

	if (!err)
		err = smb3_vfs_walk(self->next, ctx, dir, path, h);
	return opened(self, h, join(path_of(self, dir), '/', path), err);
}

static int fault_open(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		      const char *name, const struct smb3_how *how, struct smb3_handle *h)
{
	int err = hit_name(self, ctx, how->flags & SMB3_O_CREATE ? FAULT_CREATE : FAULT_OPEN, dir,
			   name);

	if (!err)
		err = smb3_vfs_open(self->next, ctx, dir, name, how, h);
	return opened(self, h, join(path_of(self, dir), '/', name), err);
}

static int fault_open_stream(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			     struct smb3_handle *base, const char *stream,
			     const struct smb3_how *how, struct smb3_handle *h)
{
	int err =
		hit(self, ctx, how->flags & SMB3_O_CREATE ? FAULT_CREATE : FAULT_OPEN, base, NULL);

	if (!err)
		err = smb3_vfs_open_stream(self->next, ctx, base, stream, how, h);
	return opened(self, h, join(path_of(self, base), ':', stream), err);
}

static int fault_clone(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *from,
		       struct smb3_handle *h)
{
	return opened(self, h, smb3_strdup(path_of(self, from)),
		      smb3_vfs_clone(self->next, ctx, from, h));
}

static void fault_close(struct smb3_vfs *self, struct smb3_handle *h)
{
	free(fault_of(self, h)->path);
	fault_of(self, h)->path = NULL;
	smb3_vfs_close(self->next, h);
}

/* ---- attributes ---- */

static int fault_stat(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      struct smb3_stat *ret_stat)
{
	int err = hit(self, ctx, FAULT_GETATTR, h, NULL);

	return err ? err : smb3_vfs_stat(self->next, ctx, h, ret_stat);
}

static int fault_lookup(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			const char *name, struct smb3_stat *ret_stat)
{
	int err = hit_name(self, ctx, FAULT_GETATTR, dir, name);

	return err ? err : smb3_vfs_lookup(self->next, ctx, dir, name, ret_stat);
}

static int fault_setattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			 const struct smb3_setattr *set)
{
	int err = hit(self, ctx, FAULT_SETATTR, h, NULL);

	return err ? err : smb3_vfs_setattr(self->next, ctx, h, set);
}

/* ---- data ---- */

static ssize_t fault_pread(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			   void *buf, size_t len, uint64_t offset)
{
	int err = hit(self, ctx, FAULT_READ, h, &len);

	if (err || !len)
		return err;
	return smb3_vfs_pread(self->next, ctx, h, buf, len, offset);
}

static ssize_t fault_pwrite(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			    struct smb3_handle *h, const void *buf, size_t len, uint64_t offset)
{
	int err = hit(self, ctx, FAULT_WRITE, h, &len);

	if (err || !len)
		return err;
	return smb3_vfs_pwrite(self->next, ctx, h, buf, len, offset);
}

static int fault_flush(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	int err = hit(self, ctx, FAULT_FLUSH, h, NULL);

	return err ? err : smb3_vfs_flush(self->next, ctx, h);
}

static int fault_truncate(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  uint64_t size)
{
	int err = hit(self, ctx, FAULT_TRUNCATE, h, NULL);

	return err ? err : smb3_vfs_truncate(self->next, ctx, h, size);
}

static int fault_alloc(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       uint64_t offset, uint64_t len, uint32_t flags)
{
	int err = hit(self, ctx, FAULT_ALLOC, h, NULL);

	return err ? err : smb3_vfs_alloc(self->next, ctx, h, offset, len, flags);
}

static int fault_next_data(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			   uint64_t *offset, uint64_t *len)
{
	int err = hit(self, ctx, FAULT_RANGES, h, NULL);

	return err ? err : smb3_vfs_next_data(self->next, ctx, h, offset, len);
}

static ssize_t fault_copy(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			  struct smb3_handle *from, uint64_t from_offset, struct smb3_handle *to,
			  uint64_t to_offset, size_t len, uint32_t flags)
{
	int err = hit(self, ctx, FAULT_COPY, to, &len);

	if (err || !len)
		return err;
	return smb3_vfs_copy(self->next, ctx, from, from_offset, to, to_offset, len, flags);
}

/* ---- names ---- */

static int fault_readdir(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			 uint64_t *cookie, smb3_emit_fn emit, void *arg)
{
	int err = hit(self, ctx, FAULT_LIST, h, NULL);

	return err ? err : smb3_vfs_readdir(self->next, ctx, h, cookie, emit, arg);
}

static int fault_remove(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			const char *name, bool directory)
{
	int err = hit_name(self, ctx, FAULT_DELETE, dir, name);

	return err ? err : smb3_vfs_remove(self->next, ctx, dir, name, directory);
}

static int fault_rename(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			const char *name, struct smb3_handle *to_dir, const char *to_name,
			uint32_t flags)
{
	int err = 0;

	if (watched(self, FAULT_RENAME)) {
		char *from = join(path_of(self, dir), '/', name);
		char *to = join(path_of(self, to_dir), '/', to_name);

		err = call_hit(self, ctx, FAULT_RENAME, from, to, NULL);
		free(from);
		free(to);
	}
	return err ? err : smb3_vfs_rename(self->next, ctx, dir, name, to_dir, to_name, flags);
}

static int fault_link(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      struct smb3_handle *to_dir, const char *to_name)
{
	int err = hit_name(self, ctx, FAULT_LINK, to_dir, to_name);

	return err ? err : smb3_vfs_link(self->next, ctx, h, to_dir, to_name);
}

static int fault_make(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		      const char *name, uint32_t mode, uint64_t rdev, const char *target)
{
	int err = hit_name(self, ctx, FAULT_MAKE, dir, name);

	return err ? err : smb3_vfs_make(self->next, ctx, dir, name, mode, rdev, target);
}

static int fault_become(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			const char *name, struct smb3_handle *h, const char *target)
{
	int err = hit_name(self, ctx, FAULT_MAKE, dir, name);

	return err ? err : smb3_vfs_become(self->next, ctx, dir, name, h, target);
}

static ssize_t fault_readlink(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			      struct smb3_handle *h, char *buf, size_t size)
{
	int err = hit(self, ctx, FAULT_READLINK, h, NULL);

	return err ? err : smb3_vfs_readlink(self->next, ctx, h, buf, size);
}

/* ---- what else a file has ---- */

static ssize_t fault_getxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			      struct smb3_handle *h, const char *name, void *buf, size_t size)
{
	int err = hit(self, ctx, FAULT_GETXATTR, h, NULL);

	return err ? err : smb3_vfs_getxattr(self->next, ctx, h, name, buf, size);
}

static int fault_setxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  const char *name, const void *value, size_t len)
{
	int err = hit(self, ctx, FAULT_SETXATTR, h, NULL);

	return err ? err : smb3_vfs_setxattr(self->next, ctx, h, name, value, len);
}

static ssize_t fault_listxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			       struct smb3_handle *h, char *buf, size_t size)
{
	int err = hit(self, ctx, FAULT_GETXATTR, h, NULL);

	return err ? err : smb3_vfs_listxattr(self->next, ctx, h, buf, size);
}

static int fault_list_streams(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			      struct smb3_handle *h, smb3_emit_stream_fn emit, void *arg)
{
	int err = hit(self, ctx, FAULT_STREAMS, h, NULL);

	return err ? err : smb3_vfs_list_streams(self->next, ctx, h, emit, arg);
}

static int fault_remove_stream(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			       struct smb3_handle *h)
{
	int err = hit(self, ctx, FAULT_DELETE, h, NULL);

	return err ? err : smb3_vfs_remove_stream(self->next, ctx, h);
}

static int fault_rename_stream(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			       struct smb3_handle *h, const char *to, uint32_t flags)
{
	int err = hit(self, ctx, FAULT_RENAME, h, NULL);

	return err ? err : smb3_vfs_rename_stream(self->next, ctx, h, to, flags);
}

static int fault_statfs(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			struct smb3_fsinfo *ret_info)
{
	int err = hit(self, ctx, FAULT_STATFS, h, NULL);

	return err ? err : smb3_vfs_statfs(self->next, ctx, h, ret_info);
}

/* Bytes that go past the filter would have no faults. */
static int fault_fd(struct smb3_vfs *self, struct smb3_handle *h)
{
	if (!h->directory && (watched(self, FAULT_READ) || watched(self, FAULT_WRITE)))
		return -EOPNOTSUPP;
	return smb3_vfs_fd(self->next, h);
}

/* ---- the filter ---- */

static void fault_unmount(struct smb3_vfs *self)
{
	fault_table_unmount(self->mod->data, self);
}

static int fault_mount(struct smb3_vfs *self, const struct smb3_share *share)
{
	const struct fault_conf *conf = smb3_conf_of(self->mod, share);
	char why[300];
	int err = 0;

	fault_table_mount(self->mod->data, self);
	for (const char *const *text = conf->rules; *text && !err; text++) {
		struct fault_rule *rule = fault_rule_parse(*text, why, sizeof(why));

		if (!rule || !fault_table_add(self->mod->data, rule, share->name, self))
			err = -EINVAL;
	}
	if (err)
		fault_unmount(self);
	return err;
}

static bool fault_wanted(const struct smb3_mod *mod, const struct smb3_share *share)
{
	const struct fault_conf *conf = smb3_conf_of(mod, share);

	return conf->enabled || *conf->rules;
}

static const struct smb3_vfs_ops fault_ops = {
	.name = "fault",
	.flags = SMB3_VFS_FILTER,
	.mount_size = sizeof(struct fault_mount),
	.handle_size = sizeof(struct fault_handle),
	.wanted = fault_wanted,
	.order = ORDER,
	.mount = fault_mount,
	.unmount = fault_unmount,
	.root = fault_root,
	.walk = fault_walk,
	.open = fault_open,
	.open_stream = fault_open_stream,
	.clone = fault_clone,
	.close = fault_close,
	.stat = fault_stat,
	.lookup = fault_lookup,
	.setattr = fault_setattr,
	.pread = fault_pread,
	.pwrite = fault_pwrite,
	.flush = fault_flush,
	.truncate = fault_truncate,
	.alloc = fault_alloc,
	.next_data = fault_next_data,
	.copy = fault_copy,
	.readdir = fault_readdir,
	.remove = fault_remove,
	.rename = fault_rename,
	.link = fault_link,
	.make = fault_make,
	.become = fault_become,
	.readlink = fault_readlink,
	.getxattr = fault_getxattr,
	.setxattr = fault_setxattr,
	.listxattr = fault_listxattr,
	.list_streams = fault_list_streams,
	.remove_stream = fault_remove_stream,
	.rename_stream = fault_rename_stream,
	.statfs = fault_statfs,
	.fd = fault_fd,
};

bool fault_share_has(const struct smb3_mod *mod, const struct smb3_share *share)
{
	for (const char *const *name = share->vfs; name && *name; name++)
		if (!strcasecmp(*name, fault_ops.name))
			return true;
	return !share->pipe && fault_wanted(mod, share);
}

/* ---- the module ---- */

/* The answer goes nowhere: the client finds its connection closed. */
static enum smb3_verdict fault_cut(struct smb3_mod *mod, struct smb3_event *event)
{
	if (event->req && event->conn &&
	    atomic_load((_Atomic bool *)smb3_slot(&fault_slot, event->req)))
		smb3_conn_close(event->conn, "a fault of vfs_fault");
	return SMB3_PASS;
}

static const struct smb3_hook fault_hook = {
	.point = SMB3_HOOK_RESPONSE,
	.order = 500,
	.name = "vfs_fault",
	.run = fault_cut,
};

static bool fault_check(struct smb3_mod *mod, const void *new_conf, struct smb3_conf_wrong *wrong)
{
	const struct fault_conf *conf = new_conf;
	char why[sizeof(wrong->why)];

	for (const char *const *text = conf->rules; *text; text++) {
		struct fault_rule *rule = fault_rule_parse(*text, why, sizeof(why));

		if (!rule) {
			wrong->option = "rules";
			snprintf(wrong->why, sizeof(wrong->why), "%s", why);
			return false;
		}
		fault_rule_free(rule);
	}
	return true;
}

static int fault_init(struct smb3_mod *mod)
{
	mod->data = fault_table_new();
	return 0;
}

static void fault_stop(struct smb3_mod *mod)
{
	fault_table_end(mod->data);
}

static void fault_fini(struct smb3_mod *mod)
{
	fault_table_free(mod->data);
	mod->data = NULL;
}

static const struct smb3_option fault_options[] = {
	{ .name = "enabled",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct fault_conf, enabled),
	  .value = "false",
	  .help = "The filter stands in the share, ready for smb3ctl fault add." },
	{ .name = "rules",
	  .type = SMB3_OPT_LIST,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct fault_conf, rules),
	  .help = "Faults from the start on, such as \"read delay=20ms-50ms path=*.db\"." },
	SMB3_OPTION_END,
};

static const struct smb3_provide fault_provides[] = {
	SMB3_VFS(&fault_ops),
	SMB3_SLOT(&fault_slot),
	SMB3_HOOK(&fault_hook),
	SMB3_CTL(&fault_add_command),
	SMB3_CTL(&fault_list_command),
	SMB3_CTL(&fault_clear_command),
	SMB3_END,
};

SMB3_MODULE(vfs_fault, .summary = "slow and failing storage, for tests", .options = fault_options,
	    .conf_size = sizeof(struct fault_conf), .provides = fault_provides,
	    .check = fault_check, .init = fault_init, .stop = fault_stop, .fini = fault_fini);
