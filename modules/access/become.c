// SPDX-License-Identifier: Apache-2.0
/*
 * become.c: force_user, force_group and admin_users: the identity that a tree has instead of its
 * session's. The name stays the user's, for logs and listings; what changes is who touches files.
 */
#include "access.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ROOT "root"

/* "+group" is for those who are in it already. */
static int force_group(const char *entry, struct smb3_identity *id)
{
	bool members = *entry == '+';
	gid_t gid;
	int err = names_group(entry + members, &gid);

	if (!err && (!members || names_member(id, gid)))
		id->gid = gid;
	return err;
}

int access_become(const struct access_conf *conf, const struct smb3_identity *who, bool admin,
		  struct smb3_identity **ret_identity, char *ret_why, size_t size)
{
	const char *user = admin ? ROOT : *conf->force_user ? conf->force_user : who->unix_name;
	struct smb3_identity *id;
	int err;

	if (!smb3_server_can_switch(who->server) ||
	    (!admin && !*conf->force_user && !*conf->force_group))
		return 0;
	err = smb3_identity_new(who->server, who->name, who->domain, user, &id);
	if (err) {
		snprintf(ret_why, size, "force_user: the Unix user \"%s\" cannot be looked up: %s",
			 user, strerror(-err));
		return err;
	}
	id->guest = who->guest;
	id->anonymous = who->anonymous;
	id->admin = who->admin || admin;
	/* Who acts as another user has that one's groups alone. */
	if (admin || !*conf->force_user)
		smb3_identity_share_groups(id, who);
	err = *conf->force_group ? force_group(conf->force_group, id) : 0;
	if (err) {
		snprintf(ret_why, size, "force_group: the group \"%s\" cannot be looked up: %s",
			 conf->force_group, strerror(-err));
		smb3_identity_unref(id);
		return err;
	}
	*ret_identity = id;
	return 0;
}
