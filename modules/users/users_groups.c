// SPDX-License-Identifier: Apache-2.0
/*
 * users_groups.c: groups of the store, for core and for the commands: whoever looks a name up must find
 * one thing, so a group is called like nobody and nothing else.
 */
#include "users_ctl.h"

#include <errno.h>
#include <smb3/lookup.h>
#include <stdlib.h>
#include <string.h>

/* ---- names ---- */

/* 0, -EEXIST with the reason, or another errno. */
static int unix_name_free(const char *name, char why[USERS_WHY_SIZE])
{
	struct passwd pw;
	struct group gr;
	char *buf = NULL;
	int user = smb3_lookup_user(name, 0, &pw, &buf), group;

	free(buf);
	buf = NULL;
	group = smb3_lookup_group(name, 0, &gr, &buf);
	free(buf);
	if (user == -ENOENT && group == -ENOENT)
		return 0;
	if (user && group) {
		snprintf(why, USERS_WHY_SIZE,
			 "\"%.64s\" cannot be looked up among users and groups", name);
		return user == -ENOENT ? group : user;
	}
	snprintf(why, USERS_WHY_SIZE, "there is a Unix %s \"%.64s\" already",
		 user ? "group" : "user", name);
	return -EEXIST;
}

/* Unix has case, clients have none: as it is, and in small letters. */
static int unix_names_free(const char *name, char why[USERS_WHY_SIZE])
{
	char small[256];
	size_t i = 0;
	int err = unix_name_free(name, why);

	for (; name[i] && i < sizeof(small) - 1; i++)
		small[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
	small[i] = '\0';
	return err || !strcmp(small, name) ? err : unix_name_free(small, why);
}

static int name_check(struct smb3_mod *mod, const struct smb3_group_change *c,
		      char why[USERS_WHY_SIZE])
{
	const struct smb3_server_conf *conf = smb3_server_conf(mod->server);
	struct smb3_group there;

	if (group_name_problem(c->name))
		return 0; /* the store says it */
	if (smb3_name_equal(c->name, conf->name) || smb3_name_equal(c->name, conf->workgroup)) {
		snprintf(why, USERS_WHY_SIZE, "\"%.64s\" is the server's name, or its workgroup's",
			 c->name);
		return -EINVAL;
	}
	/* What it is called already it may be called, however large the letters. */
	if (c->op == SMB3_GROUP_SET && !store_group_find(mod->data, c->rid, NULL, &there) &&
	    smb3_name_equal(there.name, c->name))
		return 0;
	return unix_names_free(c->name, why);
}

int groups_change(struct smb3_mod *mod, const struct smb3_group_change *change,
		  struct smb3_group *ret_group, char why[USERS_WHY_SIZE])
{
	const struct users_conf *conf = atomic_load(&mod->conf);
	const struct group_limits limits = { (uint64_t)conf->max_groups,
					     (uint64_t)conf->max_members,
					     (uint64_t)conf->max_memberships };
	int err = change->name ? name_check(mod, change, why) : 0;

	return err ? err : store_group_change(mod->data, change, &limits, ret_group, why);
}

/* ---- of the row ---- */

int users_group_find(struct smb3_mod *mod, uint32_t rid, const char *name,
		     struct smb3_group *ret_group)
{
	if (!mod->data)
		return -EAGAIN;
	return store_group_find(mod->data, rid, name, ret_group);
}

int users_group_each(struct smb3_mod *mod, const char *member,
		     bool (*fn)(const struct smb3_group *, void *), void *arg)
{
	store_group_each(mod->data, member, fn, arg);
	return 0;
}

int users_group_members(struct smb3_mod *mod, uint32_t rid, bool (*fn)(const char *, void *),
			void *arg)
{
	return store_group_members(mod->data, rid, fn, arg);
}

int users_group_change(struct smb3_mod *mod, const struct smb3_group_change *change,
		       struct smb3_group *ret_group)
{
	char why[USERS_WHY_SIZE];
	int err = groups_change(mod, change, ret_group, why);

	if (err)
		smb3_log(err == -EEXIST || err == -ENOENT || err == -ESRCH || err == -EINVAL ?
				 SMB3_LOG_INFO :
				 SMB3_LOG_ERROR,
			 "users: a group is not changed: %s", why);
	return err;
}
