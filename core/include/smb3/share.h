// SPDX-License-Identifier: Apache-2.0
/*
 * share.h: a share of smb3.conf. Constant once loaded, counted, swapped whole by a reload.
 */
#ifndef SMB3_SHARE_H
#define SMB3_SHARE_H

#include <smb3/base.h>
#include <smb3/time.h>
#include <pthread.h>
#include <stdatomic.h>

#define SMB3_SHARE_MAGIC SMB3_MAGIC('S', 'H', 'A', 'R')

/* After a % in a path: user, Unix user, domain, group, share, address of the client, home folder.
 * The tree module replaces them. */
#define SMB3_SHARE_LETTERS "UuDGSMIH%"

struct smb3_share {
	uint32_t magic;
	_Atomic uint32_t refs;
	struct smb3_server *server;
	const char *name;
	const char *path;       /* "" for IPC$ */
	const char *comment;    /* shown in listings */
	const char *backend;    /* VFS row at the bottom: "posix" */
	const char *const *vfs; /* filters, top first */
	bool pipe;              /* IPC$ */
	bool read_only, guest, browseable;
	void *const *confs;        /* core's: per module, NULL: nothing of it is per share */
	struct smb3_share *origin; /* a reference: the share it was derived from, or NULL */
	smb3_nttime version;       /* it shows only what its origin was then; 0: what it is now */
	struct smb3_share *derived, *next_derived; /* core's: shares derived from it, in use */
	pthread_mutex_t mount_lock;                /* core's */
	struct smb3_mount *mount; /* core's: made at the first use; smb3_share_mount() */
};

/* Ignores case; a reference, or NULL. From any thread. */
struct smb3_share *smb3_share_find(struct smb3_server *server, const char *name);
struct smb3_share *smb3_share_ref(struct smb3_share *share);
void smb3_share_unref(struct smb3_share *share); /* NULL is allowed */
/* A share with origin's options under another name, on another folder, or of a previous version,
 * which is read-only; the one that is in use already when there is one. A reference; it goes, with
 * its mount, with the last. Any thread. */
struct smb3_share *smb3_share_derive(struct smb3_share *origin, const char *name, const char *path,
				     smb3_nttime version);
/* Calls fn for each share, the derived ones in use included, with a reference held during the call;
 * stops on false. */
void smb3_share_each(struct smb3_server *server, bool (*fn)(struct smb3_share *, void *),
		     void *arg);
/* The same for the shares of the configuration that a reload is about to take, for a module's
 * reload(), on its thread. */
void smb3_share_each_next(struct smb3_server *server, bool (*fn)(struct smb3_share *, void *),
			  void *arg);

#endif
