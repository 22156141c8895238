// SPDX-License-Identifier: Apache-2.0
/*
 * group_ctl.c: smb3ctl group add, delete, set, list, members, join, leave.
 */
#include "users_ctl.h"

#include <errno.h>
#include <smb3/group.h>
#include <string.h>

/* Members as words of the command; groups by name. */
struct group_task {
	struct task task; /* the command's state begins with it */
	const char *name;
	struct smb3_group_change change;
};

static struct group_task *group_task(struct smb3_ctl *ctl)
{
	struct group_task *g = smb3_ctl_state(ctl, sizeof(*g));

	g->task.ctl = ctl;
	g->task.store = smb3_ctl_mod(ctl)->data;
	g->name = smb3_ctl_arg(ctl, 0);
	return g;
}

static int group_there(struct group_task *g, struct smb3_group *ret_group)
{
	int err = store_group_find(g->task.store, 0, g->name, ret_group);

	if (err)
		snprintf(g->task.why, sizeof(g->task.why),
			 "there is no group \"%.64s\"; smb3ctl group list shows all", g->name);
	return err;
}

static int change_one(struct group_task *g)
{
	struct smb3_group after;

	return groups_change(smb3_ctl_mod(g->task.ctl), &g->change, &after, g->task.why);
}

/* ---- add, set, delete ---- */

/* local, comment=TEXT, name=NAME */
static bool group_word(struct group_task *g, const char *word)
{
	bool new = g->change.op == SMB3_GROUP_ADD;

	if (!strncmp(word, "comment=", 8))
		g->change.comment = word + 8;
	else if (new && !strcmp(word, "local"))
		g->change.alias = true;
	else if (!new && !strncmp(word, "name=", 5))
		g->change.name = word + 5;
	else
		return false;
	return true;
}

static bool group_words(struct group_task *g)
{
	struct smb3_ctl *ctl = g->task.ctl;

	for (int i = 1; i < smb3_ctl_argc(ctl); i++) {
		if (group_word(g, smb3_ctl_arg(ctl, i)))
			continue;
		smb3_ctl_done(ctl, "\"%s\" is neither %s nor comment=TEXT", smb3_ctl_arg(ctl, i),
			      g->change.op == SMB3_GROUP_ADD ? "local" : "name=NAME");
		return false;
	}
	return true;
}

static int add_work(struct task *task)
{
	return change_one(SMB3_CONTAINER(task, struct group_task, task));
}

static void add_run(struct smb3_ctl *ctl)
{
	struct group_task *g = group_task(ctl);

	g->change.op = SMB3_GROUP_ADD;
	g->change.name = g->name;
	if (group_words(g))
		task_start(&g->task, add_work);
}

static int change_work(struct task *task)
{
	struct group_task *g = SMB3_CONTAINER(task, struct group_task, task);
	struct smb3_group there;
	int err = group_there(g, &there);

	g->change.rid = there.rid;
	return err ? err : change_one(g);
}

static void set_run(struct smb3_ctl *ctl)
{
	struct group_task *g = group_task(ctl);

	g->change.op = SMB3_GROUP_SET;
	if (group_words(g))
		task_start(&g->task, change_work);
}

static void delete_run(struct smb3_ctl *ctl)
{
	struct group_task *g = group_task(ctl);

	g->change.op = SMB3_GROUP_REMOVE;
	task_start(&g->task, change_work);
}

/* ---- join, leave ---- */

static void member_run(struct smb3_ctl *ctl, enum smb3_group_op op)
{
	struct group_task *g = group_task(ctl);

	g->change.op = op;
	g->change.member = smb3_ctl_arg(ctl, 1);
	task_start(&g->task, change_work);
}

static void join_run(struct smb3_ctl *ctl)
{
	member_run(ctl, SMB3_GROUP_JOIN);
}

static void leave_run(struct smb3_ctl *ctl)
{
	member_run(ctl, SMB3_GROUP_LEAVE);
}

/* ---- list, members ---- */

static bool list_one(const struct smb3_group *group, void *arg)
{
	struct smb3_ctl *ctl = arg;
	struct smb3_rpc_sid machine = smb3_machine_sid(smb3_server_guid(smb3_ctl_server(ctl)));

	smb3_ctl_row(ctl);
	smb3_ctl_text(ctl, "group", group->name);
	smb3_ctl_text(ctl, "kind", group->alias ? "local" : "global");
	smb3_ctl_number(ctl, "members", group->members);
	smb3_ctl_printf(ctl, "sid", "S-1-5-21-%u-%u-%u-%u", machine.auths[1], machine.auths[2],
			machine.auths[3], group->rid);
	smb3_ctl_text(ctl, "comment", group->comment);
	return true;
}

static int list_work(struct task *task)
{
	store_group_each(task->store, NULL, list_one, task->ctl);
	return 0;
}

static void list_run(struct smb3_ctl *ctl)
{
	task_start(&group_task(ctl)->task, list_work);
}

static bool member_one(const char *account, void *arg)
{
	smb3_ctl_row(arg);
	smb3_ctl_text(arg, "user", account);
	return true;
}

static int members_work(struct task *task)
{
	struct group_task *g = SMB3_CONTAINER(task, struct group_task, task);
	struct smb3_group there;
	int err = group_there(g, &there);

	return err ? err : store_group_members(task->store, there.rid, member_one, task->ctl);
}

static void members_run(struct smb3_ctl *ctl)
{
	task_start(&group_task(ctl)->task, members_work);
}

const struct smb3_ctl_command group_add = {
	.name = "group add",
	.args = "NAME [local] [comment=TEXT]",
	.help = "Makes a group of accounts, for ACLs and rules of shares.",
	.min_args = 1,
	.max_args = 3,
	.offline = true,
	.run = add_run,
};

const struct smb3_ctl_command group_set = {
	.name = "group set",
	.args = "NAME [name=NAME] [comment=TEXT]",
	.help = "Gives a group another name or description; its SID stays.",
	.min_args = 2,
	.max_args = 3,
	.offline = true,
	.run = set_run,
};

#define DELETE_COMMAND(words)                                                                 \
	{                                                                                     \
		.name = words, .args = "NAME",                                                \
		.help = "Removes a group. Its SID is never given to another.", .min_args = 1, \
		.max_args = 1, .offline = true, .run = delete_run,                            \
	}
const struct smb3_ctl_command group_delete = DELETE_COMMAND("group delete");
const struct smb3_ctl_command group_del = DELETE_COMMAND("group del");

const struct smb3_ctl_command group_list = {
	.name = "group list",
	.args = "",
	.help = "Lists the groups, with their SIDs.",
	.offline = true,
	.run = list_run,
};

const struct smb3_ctl_command group_members = {
	.name = "group members",
	.args = "NAME",
	.help = "Lists the accounts that are in a group.",
	.min_args = 1,
	.max_args = 1,
	.offline = true,
	.run = members_run,
};

const struct smb3_ctl_command group_join = {
	.name = "group join",
	.args = "NAME USER",
	.help = "Puts an account into a group, from its next log-on on.",
	.min_args = 2,
	.max_args = 2,
	.offline = true,
	.run = join_run,
};

const struct smb3_ctl_command group_leave = {
	.name = "group leave",
	.args = "NAME USER",
	.help = "Takes an account out of a group, from its next log-on on.",
	.min_args = 2,
	.max_args = 2,
	.offline = true,
	.run = leave_run,
};
