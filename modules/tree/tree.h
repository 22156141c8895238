// SPDX-License-Identifier: Apache-2.0
/*
 * tree.h: what the files of module tree share.
 */
#ifndef TREE_TREE_H
#define TREE_TREE_H

#include <smb3/smb3.h>

struct tree_conf {
	const char *homes;
};

/* One TREE_CONNECT under way. run fills in what belongs to the worker, so that work, which may ask
 * name services, touches neither the session nor the connection's state. */
struct connect {
	const char *name;              /* the share, as the client spells it */
	struct smb3_share *share;      /* a reference, or NULL: smb3.conf has none of that name */
	struct smb3_identity *who;     /* a reference: the session's user */
	struct smb3_identity *becomes; /* a reference: who the share makes of him; NULL: the same */
	struct smb3_mount *mount;
	uint32_t max_access;
	bool encrypt;
	uint32_t share_flags;
};

/* find.c: the share that is meant. In work. */
ntstatus connect_find(struct smb3_req *req, struct connect *c);

/* expand.c: a path with letters, for this user. In work. malloc'd, or NULL with the reason. */
char *expand_path(const struct smb3_share *share, const struct smb3_identity *who,
		  const struct smb3_conn *conn, char *ret_why, size_t size);

#endif
