// SPDX-License-Identifier: Apache-2.0
/*
 * names.c: SIDs to names and back, of what this machine has: its accounts and groups, and Unix users
 * and groups, S-1-22-1-uid and S-1-22-2-gid. What is the same on all machines (BUILTIN\..., NT
 * AUTHORITY\...) the interfaces know by themselves.
 */
#include "sam.h"

#include <errno.h>
#include <stdio.h>

#define AUTHORITY_UNIX 22
#define UNIX_USERS     1
#define UNIX_GROUPS    2

struct named {
	uint8_t type; /* enum smb3_sid_type */
	struct smb3_rpc_sid sid;
	const char *domain;
	char name[256];
};

static struct smb3_rpc_sid machine_sid(const struct smb3_server *server)
{
	return smb3_machine_sid(smb3_server_guid(server));
}

static struct smb3_rpc_sid unix_sid(uint32_t which, uint32_t id)
{
	return (struct smb3_rpc_sid){ 1, 2, { 0, 0, 0, 0, 0, AUTHORITY_UNIX }, { which, id } };
}

static void name_it(struct named *n, uint8_t type, const char *domain, const char *name)
{
	n->type = type;
	n->domain = domain;
	snprintf(n->name, sizeof(n->name), "%s", name);
}

/* ---- by SID ---- */

static void unix_by_id(uint32_t which, uint32_t id, struct named *n)
{
	struct sam_unix found;

	if (which == UNIX_USERS && sam_user_by_id(id, &found) == 0)
		name_it(n, SMB3_SID_USER, "Unix User", found.name);
	else if (which == UNIX_GROUPS && sam_group_by_id(id, &found) == 0)
		name_it(n, SMB3_SID_ALIAS, "Unix Group", found.name);
}

/* A Unix user without an account has his number, too: ACLs may have it. */
static void machine_by_rid(struct smb3_server *server, uint32_t rid, struct named *n)
{
	const char *domain = smb3_server_conf(server)->name;
	struct smb3_group group;
	struct sam_account a;
	struct sam_unix found;
	uint32_t uid, gid;

	if (rid == SAM_RID_NONE_GROUP)
		name_it(n, SMB3_SID_GROUP, domain, "None");
	else if (sam_account_by_rid(server, rid, &a) == 0)
		name_it(n, SMB3_SID_USER, domain, a.account.name);
	else if (sam_gid_of_rid(rid, &gid) && sam_group_by_id(gid, &found) == 0)
		name_it(n, SMB3_SID_ALIAS, domain, found.name);
	else if (sam_group_of_store(server, rid, NULL, &group, NULL) == 0)
		name_it(n, sam_group_type(&group), domain, group.name);
	else if (sam_uid_of_rid(rid, &uid) && sam_user_by_id(uid, &found) == 0)
		name_it(n, SMB3_SID_USER, domain, found.name);
}

static struct named by_sid(struct smb3_server *server, const struct smb3_rpc_sid *sid)
{
	struct smb3_rpc_sid machine = machine_sid(server);
	struct named n = { .domain = "" };
	uint32_t rid;

	if (smb3_rpc_sid_in(sid, &machine, &rid))
		machine_by_rid(server, rid, &n);
	else if (smb3_rpc_sid_equal(sid, &machine))
		name_it(&n, SMB3_SID_DOMAIN, smb3_server_conf(server)->name, "");
	else if (sid->n_auths == 2 && sid->authority[5] == AUTHORITY_UNIX &&
		 !memcmp(sid->authority, "\0\0\0\0", 5))
		unix_by_id(sid->auths[0], sid->auths[1], &n);
	return n;
}

/* How many there are, at most as many as may be. */
static uint32_t get_count(struct smb3_cursor *in)
{
	uint32_t n = smb3_get_u32(in);

	if (n > SMB3_RPC_NAMES_MAX)
		in->bad = true;
	return in->bad ? 0 : n;
}

static int ask_sids(struct smb3_rpc_asking *asking)
{
	uint32_t count = get_count(&asking->in);

	if (asking->who->anonymous)
		return -EACCES;
	for (uint32_t i = 0; i < count; i++) {
		struct smb3_rpc_sid sid = smb3_get_rpc_sid(&asking->in);
		struct named n;

		if (!smb3_cursor_ok(&asking->in))
			return -EINVAL;
		n = by_sid(asking->server, &sid);
		smb3_put_u8(&asking->out, n.type);
		smb3_put_text(&asking->out, n.domain);
		smb3_put_text(&asking->out, n.name);
	}
	return smb3_cursor_ok(&asking->in) ? 0 : -EINVAL;
}

/* ---- by name ---- */

static bool unix_user(const char *name, struct named *n)
{
	struct sam_unix u;

	if (sam_user_by_name(name, &u) != 0)
		return false;
	name_it(n, SMB3_SID_USER, "Unix User", u.name);
	n->sid = unix_sid(UNIX_USERS, u.id);
	return true;
}

/* By its own SID, which who logs on as it has: others may act as the same Unix user. */
static bool machine_user(struct smb3_server *server, const char *name, struct named *n)
{
	struct smb3_rpc_sid machine = machine_sid(server);
	struct sam_account a;

	if (sam_account_by_name(server, name, &a) != 0)
		return false;
	name_it(n, SMB3_SID_USER, smb3_server_conf(server)->name, a.account.name);
	n->sid = smb3_rpc_sid_below(&machine, a.rid);
	return true;
}

static bool machine_group(struct smb3_server *server, const char *name, struct named *n)
{
	struct smb3_rpc_sid machine = machine_sid(server);
	struct smb3_group group;
	struct sam_unix g;

	if (smb3_name_equal(name, "None")) {
		name_it(n, SMB3_SID_GROUP, smb3_server_conf(server)->name, "None");
		n->sid = smb3_rpc_sid_below(&machine, SAM_RID_NONE_GROUP);
		return true;
	}
	if (sam_group_of_store(server, 0, name, &group, NULL) == 0) {
		name_it(n, sam_group_type(&group), smb3_server_conf(server)->name, group.name);
		n->sid = smb3_rpc_sid_below(&machine, group.rid);
		return true;
	}
	if (sam_group_by_name(name, &g) != 0 || g.id > SAM_UNIX_MAX)
		return false;
	name_it(n, SMB3_SID_ALIAS, smb3_server_conf(server)->name, g.name);
	n->sid = smb3_rpc_sid_below(&machine, sam_rid_of_gid(g.id));
	return true;
}

static bool unix_group(const char *name, struct named *n)
{
	struct sam_unix g;

	if (sam_group_by_name(name, &g) != 0)
		return false;
	name_it(n, SMB3_SID_ALIAS, "Unix Group", g.name);
	n->sid = unix_sid(UNIX_GROUPS, g.id);
	return true;
}

static struct named by_name(struct smb3_server *server, uint8_t where, const char *name)
{
	struct named n = { .sid.revision = 1, .domain = "" };

	if (!*name || strlen(name) >= sizeof(n.name))
		return n;
	if (where == SMB3_NAME_UNIX_USER) {
		unix_user(name, &n);
	} else if (where == SMB3_NAME_UNIX_GROUP) {
		unix_group(name, &n);
	} else if (!machine_user(server, name, &n) && !machine_group(server, name, &n) &&
		   where == SMB3_NAME_ANY) {
		unix_user(name, &n);
	}
	return n;
}

static int ask_names(struct smb3_rpc_asking *asking)
{
	uint32_t count = get_count(&asking->in);

	if (!sam_may_list(sam_conf(sam_of(asking, &sam_names)), asking->who))
		return -EACCES;
	for (uint32_t i = 0; i < count; i++) {
		uint8_t where = smb3_get_u8(&asking->in);
		const char *name = smb3_get_text(&asking->in, asking->arena);
		struct named n;

		if (!name)
			return -EINVAL;
		n = by_name(asking->server, where, name);
		smb3_put_u8(&asking->out, n.type);
		smb3_put_rpc_sid(&asking->out, &n.sid);
		smb3_put_text(&asking->out, n.domain);
		smb3_put_text(&asking->out, n.name);
	}
	return smb3_cursor_ok(&asking->in) ? 0 : -EINVAL;
}

const struct smb3_rpc_question sam_sids = { .name = "names of SIDs",
					    .flags = SMB3_ASK_WORK,
					    .answer = ask_sids };
const struct smb3_rpc_question sam_names = { .name = "SIDs of names",
					     .flags = SMB3_ASK_WORK,
					     .answer = ask_names };
