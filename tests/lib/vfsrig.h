// SPDX-License-Identifier: Apache-2.0
/*
 * vfsrig.h: a mounted share without any protocol, for tests of file systems.
 */
#ifndef VFSRIG_H
#define VFSRIG_H

#include <smb3/smb3.h>

struct vfsrig {
	struct smb3_server *server;
	struct smb3_share *share;
	struct smb3_mount *mount;
	struct smb3_vfs *top;
	struct smb3_ctx ctx;
	struct smb3_handle *root;
	char home[80];    /* of the rig, removed at the end */
	char folder[100]; /* the share's, in home */
};

/* modules: "\"vfs_posix\", \"trace\""; share: text inside the share's group of smb3.conf, such as
 * "backend = \"mem\";"; groups: text after the modules. The path is the folder unless share has
 * one. Ends the test with a message on failure. */
struct vfsrig *vfsrig_new(const char *modules, const char *share, const char *groups);
void vfsrig_free(struct vfsrig *rig);
/* What mounting such a share answers; nothing is left behind. */
int vfsrig_mount(const char *modules, const char *share, const char *groups);

/* Path of name in the share's folder; lives until the rig goes. */
const char *vfsrig_path(struct vfsrig *rig, const char *name);

/* Opens in a folder (NULL: the root); NULL with the error in *ret_err (which may be NULL). */
struct smb3_handle *vfsrig_open(struct vfsrig *rig, struct smb3_handle *dir, const char *name,
				uint32_t flags, int *ret_err);
/* The same with all of how. */
struct smb3_handle *vfsrig_open_how(struct vfsrig *rig, struct smb3_handle *dir, const char *name,
				    const struct smb3_how *how, int *ret_err);
/* Makes a file with this text (NULL: a folder). 0 or -errno. */
int vfsrig_make(struct vfsrig *rig, const char *name, const char *text);
/* What a program on the server does: makes a file with this text, or gives it another. */
void vfsrig_local(struct vfsrig *rig, const char *name, const char *text);
/* Names of a folder, sorted, with a space after each; lives until the rig goes. */
const char *vfsrig_list(struct vfsrig *rig, struct smb3_handle *dir);
/* What smb3_vfs_lookup says of a name in the root; zeroed when it fails. */
struct smb3_stat vfsrig_lookup(struct vfsrig *rig, const char *name);
/* Content of a file, NUL-terminated, at most 64 KiB; NULL when it cannot be read. */
const char *vfsrig_read(struct vfsrig *rig, const char *name);

#endif
