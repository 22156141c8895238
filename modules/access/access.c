// SPDX-License-Identifier: Apache-2.0
/*
 * access.c: which users and machines may connect to a share, how many, with what access and as whom.
 * Everything is decided when a tree is connected; see smb3-access(7) for the rules.
 */
#include "access.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ORDER_GUARD  100
#define ORDER_POLICY 300
#define READ_ONLY    (FILE_GENERIC_READ | FILE_GENERIC_EXECUTE)

/* Whether a tree is among those that are counted. */
static struct smb3_slot tree_slot = {
	.kind = SMB3_SLOT_TREE,
	.size = sizeof(bool),
};

#define SAY(event, ...) snprintf((event)->reason, sizeof((event)->reason), __VA_ARGS__)

/* ---- machines ---- */

static enum smb3_verdict access_conn(struct smb3_mod *mod, struct smb3_event *event)
{
	const struct access_conf *conf = atomic_load(&mod->conf);

	if (hosts_admit(conf, &event->conn->peer, &event->conn->local, event->reason,
			sizeof(event->reason)))
		return SMB3_PASS;
	return SMB3_DENY;
}

static enum smb3_verdict access_guard(struct smb3_mod *mod, struct smb3_event *event)
{
	const struct access_conf *conf = smb3_conf_of(mod, event->share);

	if (!conf->available) {
		SAY(event, "available is false");
		event->status = STATUS_BAD_NETWORK_NAME;
		return SMB3_DENY;
	}
	if (hosts_admit(conf, &event->conn->peer, &event->conn->local, event->reason,
			sizeof(event->reason)))
		return SMB3_PASS;
	return SMB3_DENY;
}

/* ---- users ---- */

/* Lists that cannot be read let nobody in; neither does one that takes something away from a group that is
 * not there any more. */
static bool find(struct smb3_event *event, const char *const *list, bool gives,
		 const char **ret_entry)
{
	int err = names_find(list, event->who, gives, ret_entry);

	if (err)
		SAY(event, "a group cannot be looked up: %s", strerror(-err));
	return !err;
}

static bool users_admit(const struct access_conf *conf, struct smb3_event *event)
{
	const char *entry;

	if (!find(event, conf->invalid_users, false, &entry))
		return false;
	if (entry) {
		SAY(event, "invalid_users has \"%s\"", entry);
		return false;
	}
	if (!*conf->valid_users)
		return true;
	if (!find(event, conf->valid_users, true, &entry))
		return false;
	if (!entry)
		SAY(event, "valid_users does not have %s", event->who->name);
	return entry;
}

/* Who is in both lists may write. */
static bool users_access(const struct access_conf *conf, struct smb3_event *event)
{
	const char *reads, *writes;

	if (!find(event, conf->write_list, true, &writes) ||
	    !find(event, conf->read_list, false, &reads))
		return false;
	if (writes)
		event->access = FILE_ALL_ACCESS;
	else if (reads)
		event->access &= READ_ONLY;
	return true;
}

static enum smb3_verdict access_policy(struct smb3_mod *mod, struct smb3_event *event)
{
	const struct access_conf *conf = smb3_conf_of(mod, event->share);
	const char *admin;

	/* IPC$ is everybody's: who may list shares is the pipe's business. */
	if (event->share->pipe)
		return SMB3_PASS;
	if (!users_admit(conf, event) || !users_access(conf, event) ||
	    !find(event, conf->admin_users, true, &admin) ||
	    access_become(conf, event->who, admin, &event->identity, event->reason,
			  sizeof(event->reason)) < 0)
		return SMB3_DENY;
	return SMB3_PASS;
}

/* ---- how many ---- */

/* A home counts as the share that it was made of. */
static const char *count_name(const struct smb3_share *share)
{
	return share->origin ? share->origin->name : share->name;
}

static enum smb3_verdict access_connected(struct smb3_mod *mod, struct smb3_event *event)
{
	const struct access_conf *conf = smb3_conf_of(mod, event->share);
	bool *counted = smb3_slot(&tree_slot, event->tree);
	int64_t max = conf->max_connections ? conf->max_connections : INT64_MAX;

	if (event->share->pipe)
		return SMB3_PASS;
	*counted = counts_add(mod->data, count_name(event->share), max);
	if (*counted)
		return SMB3_PASS;
	SAY(event, "max_connections (%lld) is reached", (long long)max);
	event->status = STATUS_REQUEST_NOT_ACCEPTED;
	return SMB3_DENY;
}

static enum smb3_verdict access_disconnected(struct smb3_mod *mod, struct smb3_event *event)
{
	bool *counted = smb3_slot(&tree_slot, event->tree);

	if (*counted)
		counts_remove(mod->data, count_name(event->share));
	*counted = false;
	return SMB3_PASS;
}

/* ---- life ---- */

#define N_LISTS 5

static void lists_of(const struct access_conf *conf, const char *ret_options[N_LISTS],
		     const char *const *ret_lists[N_LISTS])
{
	const struct {
		const char *option;
		const char *const *list;
	} lists[N_LISTS] = {
		{ "valid_users", conf->valid_users }, { "invalid_users", conf->invalid_users },
		{ "read_list", conf->read_list },     { "write_list", conf->write_list },
		{ "admin_users", conf->admin_users },
	};

	for (size_t i = 0; i < N_LISTS; i++) {
		ret_options[i] = lists[i].option;
		ret_lists[i] = lists[i].list;
	}
}

static bool lists_sound(struct smb3_mod *mod, const struct access_conf *conf,
			struct smb3_conf_wrong *wrong)
{
	const char *options[N_LISTS], *const *lists[N_LISTS];

	lists_of(conf, options, lists);
	for (size_t i = 0; i < N_LISTS; i++) {
		wrong->option = options[i];
		if (!names_sound(mod->server, lists[i], wrong->why, sizeof(wrong->why)))
			return false;
	}
	return true;
}

static bool access_check(struct smb3_mod *mod, const void *new_conf, struct smb3_conf_wrong *wrong)
{
	const struct access_conf *conf = new_conf;
	const char *group = conf->force_group + (*conf->force_group == '+');

	wrong->option = "hosts_allow";
	if (!hosts_sound(conf->hosts_allow, wrong->why, sizeof(wrong->why)))
		return false;
	wrong->option = "hosts_deny";
	if (!hosts_sound(conf->hosts_deny, wrong->why, sizeof(wrong->why)))
		return false;
	wrong->option = "force_user";
	if (*conf->force_user &&
	    !names_user_sound(conf->force_user, wrong->why, sizeof(wrong->why)))
		return false;
	wrong->option = "force_group";
	if (*conf->force_group && !names_group_sound(group, wrong->why, sizeof(wrong->why)))
		return false;
	return lists_sound(mod, conf, wrong);
}

static bool tell_powerless(struct smb3_share *share, void *arg)
{
	const struct access_conf *conf = smb3_conf_of(arg, share);

	if (*conf->force_user || *conf->force_group || *conf->admin_users)
		smb3_log(SMB3_LOG_WARNING,
			 "share %s: force_user, force_group and admin_users do nothing in a server "
			 "that cannot act as other users; run it as root",
			 share->name);
	return true;
}

/* Groups of stores come and go without the configuration. */
static bool tell_missing(struct smb3_share *share, void *arg)
{
	struct smb3_mod *mod = arg;
	const char *options[N_LISTS], *const *lists[N_LISTS], *missing;

	lists_of(smb3_conf_of(mod, share), options, lists);
	for (size_t i = 0; i < N_LISTS; i++) {
		missing = names_missing(mod->server, lists[i]);
		if (missing)
			smb3_log(SMB3_LOG_WARNING,
				 "share %s: %s: no account store has the group of \"%s\"; smb3ctl "
				 "group add makes one",
				 share->name, options[i], missing);
	}
	return true;
}

static int access_init(struct smb3_mod *mod)
{
	mod->data = counts_new();
	return 0;
}

static int access_start(struct smb3_mod *mod)
{
	if (!smb3_server_can_switch(mod->server))
		smb3_share_each(mod->server, tell_powerless, mod);
	smb3_share_each(mod->server, tell_missing, mod);
	return 0;
}

static void access_fini(struct smb3_mod *mod)
{
	counts_free(mod->data);
	mod->data = NULL;
}

static const struct smb3_hook conn_hook = {
	.point = SMB3_HOOK_CONN_OPEN,
	.order = ORDER_GUARD,
	.name = "access",
	.run = access_conn,
};

static const struct smb3_hook guard_hook = {
	.point = SMB3_HOOK_TREE_CONNECT,
	.order = ORDER_GUARD,
	.name = "access",
	.run = access_guard,
};

static const struct smb3_hook policy_hook = {
	.point = SMB3_HOOK_TREE_CONNECT,
	.order = ORDER_POLICY,
	.name = "access",
	.run = access_policy,
};

static const struct smb3_hook connected_hook = {
	.point = SMB3_HOOK_TREE_CONNECTED,
	.order = ORDER_GUARD,
	.name = "access",
	.run = access_connected,
};

static const struct smb3_hook disconnected_hook = {
	.point = SMB3_HOOK_TREE_DISCONNECT,
	.order = ORDER_GUARD,
	.name = "access",
	.run = access_disconnected,
};

#define SHARE_LIST(field, text)                                              \
	{                                                                    \
		.name = #field, .type = SMB3_OPT_LIST, .scope = SMB3_SHARE,  \
		.offset = offsetof(struct access_conf, field), .help = text, \
	}

static const struct smb3_option access_options[] = {
	{ .name = "available",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct access_conf, available),
	  .value = "true",
	  .help = "False: nobody can connect, as if there were no such share." },
	SHARE_LIST(
		valid_users,
		"Users and groups (\"@staff\", \"@@devs\") that may connect; when empty, everybody "
		"may."),
	SHARE_LIST(invalid_users, "Users and groups that may not connect, whatever else is said."),
	SHARE_LIST(read_list, "Users and groups that may only read."),
	{ .name = "write_list",
	  .type = SMB3_OPT_LIST,
	  .scope = SMB3_SHARE | SMB3_USE_WRITERS,
	  .offset = offsetof(struct access_conf, write_list),
	  .help = "Users and groups that may write, even where read_only is set or read_list has "
		  "them." },
	SHARE_LIST(admin_users, "Users and groups that touch files as root."),
	SHARE_LIST(hosts_allow,
		   "Addresses and networks that may connect; others may not, unless hosts_deny is "
		   "set and does not have them. At the top of the file it goes for the server as a "
		   "whole."),
	SHARE_LIST(hosts_deny, "Addresses and networks that may not connect unless hosts_allow has "
			       "them."),
	{ .name = "max_connections",
	  .type = SMB3_OPT_INT,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct access_conf, max_connections),
	  .value = "0",
	  .max = 1000000,
	  .help = "How many may be connected to the share at a time; 0 is any number." },
	{ .name = "force_user",
	  .type = SMB3_OPT_STRING,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct access_conf, force_user),
	  .help = "The Unix user that touches files, whoever is connected." },
	{ .name = "force_group",
	  .type = SMB3_OPT_STRING,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct access_conf, force_group),
	  .help = "The primary group of whoever touches files; \"+group\" only for its members." },
	SMB3_OPTION_END,
};

static const struct smb3_provide access_provides[] = {
	SMB3_SLOT(&tree_slot),
	SMB3_HOOK(&conn_hook),
	SMB3_HOOK(&guard_hook),
	SMB3_HOOK(&policy_hook),
	SMB3_HOOK(&connected_hook),
	SMB3_HOOK(&disconnected_hook),
	SMB3_END,
};

SMB3_MODULE(access, .summary = "who may connect to a share, from where, and as whom",
	    .options = access_options, .conf_size = sizeof(struct access_conf),
	    .provides = access_provides, .check = access_check, .init = access_init,
	    .start = access_start, .fini = access_fini);
