// SPDX-License-Identifier: Apache-2.0
/*
 * acl.h: what the files of module acl share.
 */
#ifndef ACL_ACL_H
#define ACL_ACL_H

#include "check.h"
#include "inherit.h"
#include "ntacl.h"
#include "sd.h"

#include <smb3/smb3.h>

struct acl_conf {
	bool enabled;
	const char *xattr; /* "": as the server's rights allow */
	bool keep_inherited_flags;
	bool map_mode;
};

/* The module's own: mod->data. */
struct acl_state {
	struct smb3_server *server;
	struct acl_sid machine;
	bool can_switch;
	const char *default_xattr;
};

/* The filter's data per mount. */
struct acl_mount {
	const struct acl_state *state;
	const struct acl_conf *conf;
	const char *xattr;
	/* The server acts for users: not by attributes that they can write themselves. */
	bool raises;
};

extern const struct smb3_vfs_ops acl_vfs;

/* The module's layer in a mount; NULL: ACLs are off there. */
struct smb3_vfs *acl_layer(const struct smb3_mount *mount);
static inline const struct acl_mount *acl_mount_of(const struct smb3_vfs *layer)
{
	return layer->data;
}

/* ---- raise.c: acting as the server for one call ---- */

struct acl_raised {
	bool on;
	uint32_t uid;
};
/* From here to acl_lower() the thread touches files as the server's own user; only after the ACL has
 * been asked. Nothing happens when the server cannot change users, or users could forge ACLs. */
struct acl_raised acl_raise(const struct acl_mount *m);
void acl_lower(struct acl_raised raised);

/* ---- store.c ---- */

/* The security of one object. Everything is in the arena of ctx. */
struct acl_object {
	struct acl_sd sd;
	bool stored;           /* or else made up from the permissions */
	struct smb3_stat stat; /* filled */
};

/* What is stored for h and still fits; stored false: there is no such thing. 0 or -errno. */
int acl_load_stored(struct smb3_vfs *layer, const struct smb3_ctx *ctx, struct smb3_handle *h,
		    struct acl_object *ret_object);
/* The same, or what the permissions say. */
int acl_load(struct smb3_vfs *layer, const struct smb3_ctx *ctx, struct smb3_handle *h,
	     struct acl_object *ret_object);
/* Writes sd, after owner, group and permission bits have been made to fit. change: SMB3_SET_OWNER,
 * SMB3_SET_GROUP, SMB3_SET_MODE: what follows the descriptor. After a failure nothing has
 * changed. */
int acl_store(struct smb3_vfs *layer, const struct smb3_ctx *ctx, struct smb3_handle *h,
	      const struct acl_sd *sd, uint32_t change);
struct acl_who acl_who_of(const struct smb3_vfs *layer, const struct smb3_identity *id,
			  const struct acl_object *object);
/* True when a descriptor is stored for h and grants all of need. */
bool acl_allows(struct smb3_vfs *layer, const struct smb3_ctx *ctx, struct smb3_handle *h,
		uint32_t need);

/* ---- account.c: accounts with another name than their Unix user's ---- */

/* Whether a SID may be that of such an account: who it is has to be looked up. */
bool acl_sid_account(const struct acl_sid *sid, const struct acl_sid *machine);
/* The Unix user that it acts as; false: there is none. May block. */
bool acl_account_uid(const struct acl_state *state, const struct acl_sid *sid, uid_t *ret_uid);

/* ---- synth.c: from permissions ---- */

void acl_synthesize(struct smb3_arena *a, const struct ntacl_unix *u, struct acl_sd *ret_sd);
/* Permission bits for a descriptor. */
uint32_t acl_mode_of(const struct acl_sd *sd, const struct smb3_stat *st);

/* ---- rows ---- */

extern const struct smb3_info acl_security;
extern const struct smb3_createctx acl_secd;
extern struct smb3_slot acl_making_slot;
extern const struct smb3_hook acl_access_hook, acl_entry_hook, acl_made_hook;

#endif
