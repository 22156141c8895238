// SPDX-License-Identifier: Apache-2.0
/*
 * veto.h: what the files of vfs_veto share.
 *
 *   vetoed   does not exist for clients
 *   hidden   exists, but with the attribute HIDDEN
 *   unlisted exists, but listings leave it out
 */
#ifndef VFS_VETO_VETO_H
#define VFS_VETO_VETO_H

#include <smb3/smb3.h>

struct veto_conf {
	const char *const *veto_files, *const *hide_files;
	bool delete_veto_files, hide_dot_files, hide_unreadable, hide_unwriteable,
		hide_special_files;
};

struct veto_mount {
	const struct veto_conf *conf; /* lives as long as the share */
};

struct veto_handle {
	bool whole; /* opened with SMB3_O_WHOLE */
};

static inline const struct veto_conf *veto_conf_of(const struct smb3_vfs *self)
{
	return ((const struct veto_mount *)self->data)->conf;
}

static inline struct veto_handle *veto_of(const struct smb3_vfs *self, struct smb3_handle *h)
{
	return smb3_vfs_of(self, h);
}

static inline bool vetoed(const struct smb3_vfs *self, const char *name)
{
	return smb3_match_any(veto_conf_of(self)->veto_files, name);
}

/* A handle that the layers below opened. */
void veto_close_below(struct smb3_vfs *self, struct smb3_handle *h);

/* list.c */
bool veto_unlisted(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		   const char *name, unsigned char type);
int veto_readdir(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		 uint64_t *cookie, smb3_emit_fn emit, void *arg);

/* remove.c */
int veto_remove(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		const char *name, bool directory);

#endif
