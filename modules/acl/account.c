// SPDX-License-Identifier: Apache-2.0
/*
 * account.c: accounts that are not called like the Unix user that they act as: their SIDs are made of
 * their names (group.h), and files that they own belong to that Unix user.
 */
#include "acl.h"

#include <smb3/group.h>
#include <smb3/lookup.h>
#include <stdlib.h>

static uint32_t last_of(const struct acl_sid *sid)
{
	return sid->sub[sid->n - 1];
}

bool acl_sid_account(const struct acl_sid *sid, const struct acl_sid *machine)
{
	return acl_sid_in(sid, machine) && last_of(sid) >= SMB3_ACCOUNT_RIDS;
}

/* The number of one that is called like its Unix user is another one: then nobody has this one. */
static bool uid_of(const struct smb3_account *a, uint32_t rid, uid_t *ret_uid)
{
	const char *name = a->unix_name[0] ? a->unix_name : a->name;
	struct passwd pw;
	bool good;
	char *buf;

	if (smb3_lookup_user(name, 0, &pw, &buf))
		return false;
	good = smb3_account_rid(a->name, pw.pw_name, pw.pw_uid) == rid;
	if (good)
		*ret_uid = pw.pw_uid;
	free(buf);
	return good;
}

bool acl_account_uid(const struct acl_state *state, const struct acl_sid *sid, uid_t *ret_uid)
{
	struct smb3_account a;
	bool found = acl_sid_account(sid, &state->machine) &&
		     smb3_account_by_rid(state->server, last_of(sid), &a) == 0 &&
		     uid_of(&a, last_of(sid), ret_uid);

	smb3_wipe(&a, sizeof(a));
	return found;
}
