// SPDX-License-Identifier: Apache-2.0
/*
 * users_ctl.c: smb3ctl user add, password, delete, list, show, export; and what all commands do.
 */
#include "users_ctl.h"

#include <errno.h>
#include <smb3/lookup.h>
#include <stdlib.h>
#include <string.h>

static void task_end(struct task *task)
{
	smb3_wipe(&task->account, sizeof(task->account));
	if (task->err)
		smb3_ctl_done(task->ctl, "%s", task->why);
	else
		smb3_ctl_done(task->ctl, NULL);
}

static void task_work(struct smb3_job *job)
{
	struct task *task = SMB3_CONTAINER(job, struct task, job);

	task->err = task->work(task);
}

static void task_done(struct smb3_worker *w, struct smb3_job *job)
{
	(void)w;
	task_end(SMB3_CONTAINER(job, struct task, job));
}

struct task *task_of(struct smb3_ctl *ctl)
{
	struct task *task = smb3_ctl_state(ctl, sizeof(*task));

	task->ctl = ctl;
	task->store = smb3_ctl_mod(ctl)->data;
	return task;
}

void task_start(struct task *task, int (*work)(struct task *task))
{
	struct smb3_server *server = smb3_ctl_server(task->ctl);

	task->work = work;
	if (!smb3_server_workers(server)) {
		task_work(&task->job);
		task_end(task);
		return;
	}
	task->job.work = task_work;
	task->job.done = task_done;
	smb3_job_start(smb3_server_worker(server, 0), &task->job);
}

bool task_name(struct task *task, const char *name)
{
	const char *bad = name_problem(name);

	if (!bad) {
		snprintf(task->account.name, sizeof(task->account.name), "%s", name);
		return true;
	}
	smb3_ctl_done(task->ctl, "no account can be called \"%s\": %s", name, bad);
	return false;
}

bool task_password(struct task *task)
{
	const char *secret = smb3_ctl_secret(task->ctl);
	const char *bad = nt_hash(secret ? secret : "", task->account.nt_hash);

	task->account.has_password = true;
	task->account.changed = smb3_now();
	if (bad)
		smb3_ctl_done(task->ctl, "%s", bad);
	return !bad;
}

bool task_unix(struct task *task, const char *name)
{
	const char *bad = unix_name_problem(name);

	if (bad) {
		smb3_ctl_done(task->ctl, "\"%s\" is no Unix user: %s", name, bad);
		return false;
	}
	snprintf(task->account.unix_name, sizeof(task->account.unix_name), "%s", name);
	return true;
}

static void change_one(struct smb3_account *account, void *arg)
{
	const struct task *task = arg;

	task->change(account, task);
}

int task_modify(struct task *task)
{
	return store_modify(task->store, task->account.name, change_one, task, task->why);
}

/* ---- add ---- */

bool unix_user_exists(const char *name)
{
	struct passwd pw;
	char *buf;

	if (smb3_lookup_user(name, 0, &pw, &buf))
		return false;
	free(buf);
	return true;
}

static int add_work(struct task *task)
{
	const struct smb3_account *a = &task->account;
	const char *unix_name = a->unix_name[0] ? a->unix_name : a->name;
	int err;

	if (task->check_unix && !unix_user_exists(unix_name)) {
		snprintf(task->why, sizeof(task->why),
			 "there is no Unix user \"%.64s\" to act as: make one (useradd "
			 "--no-create-home --shell /usr/sbin/nologin NAME), or name another with "
			 "unix=USER",
			 unix_name);
		return -ENOENT;
	}
	err = store_put(task->store, a, STORE_ADD, task->why);
	if (err == -EEXIST)
		snprintf(task->why, sizeof(task->why),
			 "there is an account \"%.64s\" already; its password is changed with: "
			 "smb3ctl user password",
			 a->name);
	return err;
}

/* unix=USER, or admin. */
static bool add_word(struct task *task, const char *word)
{
	if (!strcmp(word, "admin")) {
		task->account.admin = true;
		return true;
	}
	if (!strncmp(word, "unix=", 5))
		return task_unix(task, word + 5);
	smb3_ctl_done(task->ctl, "\"%s\" is neither unix=USER nor admin", word);
	return false;
}

static void add_run(struct smb3_ctl *ctl)
{
	struct task *task = task_of(ctl);

	if (!task_name(task, smb3_ctl_arg(ctl, 0)))
		return;
	for (int i = 1; i < smb3_ctl_argc(ctl); i++)
		if (!add_word(task, smb3_ctl_arg(ctl, i)))
			return;
	task->check_unix = smb3_server_can_switch(smb3_ctl_server(ctl));
	if (task_password(task))
		task_start(task, add_work);
}

/* ---- passwd ---- */

static void password_change(struct smb3_account *account, const struct task *task)
{
	memcpy(account->nt_hash, task->account.nt_hash, sizeof(account->nt_hash));
	account->has_password = true;
	account->must_change = false;
	account->changed = task->account.changed;
}

static void passwd_run(struct smb3_ctl *ctl)
{
	struct task *task = task_of(ctl);

	task->change = password_change;
	if (task_name(task, smb3_ctl_arg(ctl, 0)) && task_password(task))
		task_start(task, task_modify);
}

/* ---- del ---- */

static int del_work(struct task *task)
{
	return store_remove(task->store, task->account.name, task->why);
}

static void del_run(struct smb3_ctl *ctl)
{
	struct task *task = task_of(ctl);

	if (task_name(task, smb3_ctl_arg(ctl, 0)))
		task_start(task, del_work);
}

/* ---- list ---- */

static void time_field(struct smb3_ctl *ctl, const char *key, smb3_nttime t, const char *none)
{
	struct timespec ts = smb3_nttime_to_timespec(t);
	char text[32];
	struct tm tm;

	if (!t || !gmtime_r(&ts.tv_sec, &tm) ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		snprintf(text, sizeof(text), "%s", none);
	smb3_ctl_text(ctl, key, text);
}

static const char *state_of(const struct smb3_account *a)
{
	const char *reason;

	switch (smb3_account_status(a, &reason)) {
	case STATUS_ACCOUNT_DISABLED:
		return "disabled";
	case STATUS_ACCOUNT_LOCKED_OUT:
		return "locked";
	case STATUS_ACCOUNT_EXPIRED:
		return "expired";
	case STATUS_PASSWORD_MUST_CHANGE:
		return "password must change";
	default:
		return a->has_password ? "active" : "no password";
	}
}

static bool list_one(const struct smb3_account *a, void *arg)
{
	struct smb3_ctl *ctl = arg;

	smb3_ctl_row(ctl);
	smb3_ctl_text(ctl, "user", a->name);
	smb3_ctl_text(ctl, "unix", a->unix_name[0] ? a->unix_name : a->name);
	smb3_ctl_bool(ctl, "admin", a->admin);
	smb3_ctl_text(ctl, "state", state_of(a));
	time_field(ctl, "changed", a->changed, "");
	time_field(ctl, "expires", a->expires, "never");
	return true;
}

/* Rows may be added on any thread, one at a time. */
static int list_work(struct task *task)
{
	store_each(task->store, list_one, task->ctl);
	return 0;
}

static void list_run(struct smb3_ctl *ctl)
{
	task_start(task_of(ctl), list_work);
}

/* ---- show ---- */

static void groups_field(struct smb3_ctl *ctl, const struct smb3_identity *who)
{
	char text[512] = "";
	size_t len = 0;

	for (size_t i = 0; i < who->n_groups && len < sizeof(text); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%u", i ? " " : "",
					(unsigned int)who->groups[i]);
	smb3_ctl_text(ctl, "groups", text);
}

struct group_names {
	char text[512];
	size_t len;
};

static bool add_group_name(const struct smb3_group *g, void *arg)
{
	struct group_names *n = arg;

	if (n->len < sizeof(n->text))
		n->len += (size_t)snprintf(n->text + n->len, sizeof(n->text) - n->len, "%s%s",
					   n->len ? ", " : "", g->name);
	return n->len < sizeof(n->text);
}

/* Whom the account acts as, by nsswitch. */
static void identity_fields(struct smb3_ctl *ctl, const struct smb3_account *a)
{
	const char *unix_name = a->unix_name[0] ? a->unix_name : a->name;
	struct smb3_identity *who = NULL;
	int err = smb3_identity_new(smb3_ctl_server(ctl), a->name, "", unix_name, &who);

	smb3_ctl_row(ctl);
	smb3_ctl_text(ctl, "acts_as", unix_name);
	smb3_ctl_text(ctl, "found",
		      !err           ? "yes" :
		      err == -ENOENT ? "no: there is no such Unix user, so it cannot log on" :
				       strerror(-err));
	if (err)
		return;
	smb3_ctl_number(ctl, "uid", who->uid);
	smb3_ctl_number(ctl, "gid", who->gid);
	groups_field(ctl, who);
	smb3_identity_unref(who);
}

static int show_work(struct task *task)
{
	struct group_names names = { .len = 0 };
	struct smb3_account a;
	int err = store_find(task->store, task->account.name, &a);

	if (err) {
		snprintf(task->why, sizeof(task->why),
			 "there is no account \"%.64s\"; smb3ctl user list shows all",
			 task->account.name);
		return err;
	}
	list_one(&a, task->ctl);
	store_group_each(task->store, a.name, add_group_name, &names);
	smb3_ctl_text(task->ctl, "groups_of_store", names.text);
	identity_fields(task->ctl, &a);
	smb3_wipe(&a, sizeof(a));
	return 0;
}

static void show_run(struct smb3_ctl *ctl)
{
	struct task *task = task_of(ctl);

	if (task_name(task, smb3_ctl_arg(ctl, 0)))
		task_start(task, show_work);
}

/* ---- export ---- */

static bool export_one(const struct smb3_account *a, void *arg)
{
	char line[1024];
	FILE *f = fmemopen(line, sizeof(line), "w");

	if (!f)
		return false;
	line_write(f, a);
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
	smb3_ctl_row(arg);
	smb3_ctl_text(arg, "line", line);
	smb3_wipe(line, sizeof(line));
	return true;
}

static int export_work(struct task *task)
{
	store_each(task->store, export_one, task->ctl);
	return 0;
}

static void export_run(struct smb3_ctl *ctl)
{
	task_start(task_of(ctl), export_work);
}

const struct smb3_ctl_command users_add = {
	.name = "user add",
	.args = "NAME [unix=USER] [admin]",
	.help = "Adds an account that acts as a Unix user (of the same name, if none is named).",
	.min_args = 1,
	.max_args = 3,
	.offline = true,
	.secret = true,
	.run = add_run,
};

#define PASSWORD_COMMAND(words)                                                                   \
	{                                                                                         \
		.name = words, .args = "NAME", .help = "Gives an account a new password.",        \
		.min_args = 1, .max_args = 1, .offline = true, .secret = true, .run = passwd_run, \
	}
const struct smb3_ctl_command users_password = PASSWORD_COMMAND("user password");
const struct smb3_ctl_command users_passwd = PASSWORD_COMMAND("user passwd");

#define DELETE_COMMAND(words)                                                            \
	{                                                                                \
		.name = words, .args = "NAME",                                           \
		.help = "Removes an account. Who is logged on stays so.", .min_args = 1, \
		.max_args = 1, .offline = true, .run = del_run,                          \
	}
const struct smb3_ctl_command users_delete = DELETE_COMMAND("user delete");
const struct smb3_ctl_command users_del = DELETE_COMMAND("user del");

const struct smb3_ctl_command users_list = {
	.name = "user list",
	.args = "",
	.help = "Lists the accounts.",
	.offline = true,
	.run = list_run,
};

const struct smb3_ctl_command users_show = {
	.name = "user show",
	.args = "NAME",
	.help = "Shows an account, and the Unix user and groups that it acts as.",
	.min_args = 1,
	.max_args = 1,
	.offline = true,
	.run = show_run,
};

const struct smb3_ctl_command users_export = {
	.name = "user export",
	.args = "",
	.help = "Prints the accounts with their hashes, for user import. As secret as passwords.",
	.offline = true,
	.run = export_run,
};
