// SPDX-License-Identifier: Apache-2.0
/*
 * names.c: lists of users and groups: "@name" or "+name" is a group of the system, "@@name" one of an account
 * store: whoever may make groups there cannot step into the place of one of the system. Who is in a group is
 * what the user's log-on found; here only its number is looked up, so that a reload is not needed when that
 * changes.
 */
#include "access.h"

#include <errno.h>
#include <smb3/group.h>
#include <smb3/lookup.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int names_group(const char *name, gid_t *ret_gid)
{
	struct group gr;
	char *buf;
	int err = smb3_lookup_group(name, 0, &gr, &buf);

	if (err)
		return err;
	*ret_gid = gr.gr_gid;
	free(buf);
	return 0;
}

static int user_exists(const char *name)
{
	struct passwd pw;
	char *buf;
	int err = smb3_lookup_user(name, 0, &pw, &buf);

	if (!err)
		free(buf);
	return err;
}

bool names_member(const struct smb3_identity *who, gid_t gid)
{
	for (size_t i = 0; i < who->n_groups; i++)
		if (who->groups[i] == gid)
			return true;
	return who->gid == gid;
}

static const char *store_group_name(const char *entry)
{
	return entry[0] == '@' && entry[1] == '@' ? entry + 2 : NULL;
}

static const char *group_name(const char *entry)
{
	return *entry == '@' || *entry == '+' ? entry + 1 : NULL;
}

/* ---- at load ---- */

static bool told(int err, const char *what, const char *name, char *ret_why, size_t size)
{
	if (err == -ENOENT)
		snprintf(ret_why, size,
			 "there is no Unix %s \"%s\"; correct the name, or make the %s", what, name,
			 what);
	else if (err)
		snprintf(ret_why, size, "the Unix %s \"%s\" cannot be looked up: %s", what, name,
			 strerror(-err));
	return !err;
}

bool names_user_sound(const char *name, char *ret_why, size_t size)
{
	return told(user_exists(name), "user", name, ret_why, size);
}

bool names_group_sound(const char *name, char *ret_why, size_t size)
{
	gid_t gid;

	return told(names_group(name, &gid), "group", name, ret_why, size);
}

const char *names_missing(struct smb3_server *server, const char *const *list)
{
	struct smb3_group group;

	for (; *list; list++) {
		const char *name = store_group_name(*list);

		if (name && smb3_group_find(server, 0, name, &group, NULL) == -ENOENT)
			return *list;
	}
	return NULL;
}

/* A server that cannot change users has accounts that are nobody on the machine. Groups of stores come and go
 * without the configuration. */
bool names_sound(struct smb3_server *server, const char *const *list, char *ret_why, size_t size)
{
	bool users = smb3_server_can_switch(server), sound = true;

	for (; sound && *list; list++) {
		const char *group = group_name(*list);

		if (store_group_name(*list))
			continue;
		if (group)
			sound = names_group_sound(group, ret_why, size);
		else if (users && !strchr(*list, '\\'))
			sound = names_user_sound(*list, ret_why, size);
	}
	return sound;
}

/* ---- matching ---- */

/* DOMAIN\name, the name of an account of this server, or the Unix user that is acted as. */
static bool is_user(const char *entry, const struct smb3_identity *who)
{
	const char *slash = strchr(entry, '\\');
	size_t len = slash ? (size_t)(slash - entry) : 0;

	if (slash)
		return strlen(who->domain) == len && !strncasecmp(entry, who->domain, len) &&
		       smb3_name_equal(slash + 1, who->name);
	if (!*who->domain && smb3_name_equal(entry, who->name))
		return true;
	return smb3_server_can_switch(who->server) && !strcmp(entry, who->unix_name);
}

/* By its number: another group may have got its name since the log-on. */
static int in_group_of_store(const struct smb3_identity *who, const char *name)
{
	struct smb3_group group;
	int err = smb3_group_find(who->server, 0, name, &group, NULL);

	return err ? err : smb3_identity_has_rid(who, group.rid);
}

static int in_group_of_system(const struct smb3_identity *who, const char *name)
{
	gid_t gid;
	int err = names_group(name, &gid);

	return err ? err : names_member(who, gid);
}

/* A negative errno, or whether the entry means him. */
static int is_meant(const char *entry, const struct smb3_identity *who)
{
	if (store_group_name(entry))
		return in_group_of_store(who, store_group_name(entry));
	return group_name(entry) ? in_group_of_system(who, group_name(entry)) : is_user(entry, who);
}

int names_find(const char *const *list, const struct smb3_identity *who, bool gives,
	       const char **ret_entry)
{
	const char *found = NULL;

	for (; *list && !found; list++) {
		int is = is_meant(*list, who);

		if (is == -ENOENT && gives && store_group_name(*list))
			continue;
		if (is < 0)
			return is;
		if (is)
			found = *list;
	}
	*ret_entry = found;
	return 0;
}
