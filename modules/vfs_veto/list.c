// SPDX-License-Identifier: Apache-2.0
/*
 * list.c: what listings leave out. Rights are asked of the kernel, as the user, so that POSIX ACLs
 * count; of backends without descriptors the permission bits are taken.
 */
#include "veto.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool in_group(const struct smb3_identity *who, gid_t gid)
{
	for (size_t i = 0; i < who->n_groups; i++)
		if (who->groups[i] == gid)
			return true;
	return who->gid == gid;
}

/* want: R_OK, W_OK or both, which are the bits of a mode. */
static bool mode_grants(const struct smb3_stat *st, const struct smb3_identity *who, uint32_t want)
{
	uint32_t bits = st->mode;

	if (!who || who->uid == 0)
		return true;
	if (who->uid == st->uid)
		bits >>= 6;
	else if (in_group(who, st->gid))
		bits >>= 3;
	return (bits & want) == want;
}

/* What the kernel lets this user do. A folder that cannot be changed may still have something to
 * read in it. */
static bool kernel_grants(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  const struct smb3_stat *st, uint32_t want)
{
	int fd = smb3_vfs_fd(self->next, h);

	if (fd >= 0 && !syscall(SYS_faccessat2, fd, "", want, AT_EMPTY_PATH | AT_EACCESS))
		return true;
	if (fd >= 0 && errno != ENOSYS && errno != EPERM)
		return false;
	return mode_grants(st, ctx->who, want);
}

/* Who knows better, such as a module with ACLs of its own, is asked as for an open. */
static bool hooks_grant(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			struct smb3_event *event)
{
	event->point = SMB3_HOOK_ACCESS;
	event->server = self->mount->server;
	event->share = self->mount->share;
	event->ctx = ctx;
	event->who = ctx->who;
	event->handle = h;
	if (smb3_hooked(event->server, SMB3_HOOK_ACCESS) && smb3_hook_run(event) == SMB3_DENY)
		return false;
	return !(event->wanted & ~event->access);
}

/* [MS-SMB2] 3.3.5.18: to be listed is to be readable, attributes and security included. */
static bool handle_grants(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  uint32_t want)
{
	struct smb3_stat st;
	struct smb3_event event = { .stat = &st };

	if (h->directory)
		want &= ~(uint32_t)W_OK;
	if (!want || smb3_vfs_stat(self->next, ctx, h, &st))
		return true;
	if (want & R_OK)
		event.wanted |= FILE_GENERIC_READ & ~SYNCHRONIZE;
	if (want & W_OK)
		event.wanted |= FILE_WRITE_DATA | FILE_APPEND_DATA;
	if (kernel_grants(self, ctx, h, &st, want))
		event.access = event.wanted;
	return hooks_grant(self, ctx, h, &event);
}

/* What cannot be looked at, such as a link to nowhere, has no rights to be asked for. */
static bool name_grants(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			const char *name, uint32_t want)
{
	const struct smb3_how how = { .flags = SMB3_O_META };
	struct smb3_handle *h = smb3_handle_new(dir->mount);
	bool grants = smb3_vfs_open(self->next, ctx, dir, name, &how, h) != 0 ||
		      handle_grants(self, ctx, h, want);

	veto_close_below(self, h);
	return grants;
}

static bool is_special(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		       const char *name, unsigned char type)
{
	struct smb3_stat st;

	if (type != DT_UNKNOWN)
		return type != DT_REG && type != DT_DIR && type != DT_LNK;
	if (smb3_vfs_lookup(self->next, ctx, dir, name, &st))
		return false;
	return !S_ISREG(st.mode) && !S_ISDIR(st.mode) && !S_ISLNK(st.mode);
}

bool veto_unlisted(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		   const char *name, unsigned char type)
{
	const struct veto_conf *conf = veto_conf_of(self);
	uint32_t want = (conf->hide_unreadable ? R_OK : 0) | (conf->hide_unwriteable ? W_OK : 0);

	if (conf->hide_special_files && is_special(self, ctx, dir, name, type))
		return true;
	return want && !name_grants(self, ctx, dir, name, want);
}

struct listing {
	struct smb3_vfs *self;
	const struct smb3_ctx *ctx;
	struct smb3_handle *dir;
	smb3_emit_fn emit;
	void *arg;
};

static bool list_one(void *arg, const struct smb3_dirent *entry)
{
	const struct listing *l = arg;
	bool whole = veto_of(l->self, l->dir)->whole;

	if (vetoed(l->self, entry->name)) {
		/* They go along with a folder that is removed, or else keep it. */
		if (!whole || veto_conf_of(l->self)->delete_veto_files)
			return true;
	} else if (!whole && veto_unlisted(l->self, l->ctx, l->dir, entry->name, entry->type)) {
		return true;
	}
	return l->emit(l->arg, entry);
}

int veto_readdir(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		 uint64_t *cookie, smb3_emit_fn emit, void *arg)
{
	struct listing l = { self, ctx, h, emit, arg };

	return smb3_vfs_readdir(self->next, ctx, h, cookie, list_one, &l);
}
