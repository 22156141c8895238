// SPDX-License-Identifier: Apache-2.0
/*
 * users_ctl.c: smb3ctl user add, passwd, del, list. They touch the disk, so that with a running
 * server their work is done on the I/O pool.
 */
#include "users.h"

#include <errno.h>
#include <pwd.h>
#include <smb3/smb3.h>
#include <stdlib.h>
#include <string.h>

/* A command under way. */
struct task {
	struct smb3_job job;
	struct smb3_ctl *ctl;
	struct store *store;
	bool check_unix; /* the account's Unix user must exist */
	struct smb3_account account;
	int (*work)(struct task *task);
	int err;
	char why[USERS_WHY_SIZE];
};

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

static struct task *task_of(struct smb3_ctl *ctl)
{
	struct task *task = smb3_ctl_state(ctl, sizeof(*task));

	task->ctl = ctl;
	task->store = smb3_ctl_mod(ctl)->data;
	return task;
}

static void task_start(struct task *task, int (*work)(struct task *task))
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

/* False after an answer. */
static bool name_take(struct task *task, const char *name)
{
	const char *bad = name_problem(name);

	if (!bad) {
		snprintf(task->account.name, sizeof(task->account.name), "%s", name);
		return true;
	}
	smb3_ctl_done(task->ctl, "no account can be called \"%s\": %s", name, bad);
	return false;
}

static bool password_take(struct task *task)
{
	const char *secret = smb3_ctl_secret(task->ctl);
	const char *bad = nt_hash(secret ? secret : "", task->account.nt_hash);

	task->account.has_password = true;
	task->account.changed = smb3_now();
	if (bad)
		smb3_ctl_done(task->ctl, "%s", bad);
	return !bad;
}

/* ---- add ---- */

static bool unix_user_exists(const char *name)
{
	struct passwd pw, *found = NULL;
	size_t size = 4096;
	char *buf = smb3_alloc(size);

	while (getpwnam_r(name, &pw, buf, size, &found) == ERANGE && size < 1u << 20)
		buf = smb3_realloc(buf, size *= 2);
	free(buf);
	return found != NULL;
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
			 "smb3ctl user passwd",
			 a->name);
	return err;
}

/* unix=USER, or admin. */
static bool add_word(struct task *task, const char *word)
{
	const char *bad;

	if (!strcmp(word, "admin")) {
		task->account.admin = true;
		return true;
	}
	if (strncmp(word, "unix=", 5)) {
		smb3_ctl_done(task->ctl, "\"%s\" is neither unix=USER nor admin", word);
		return false;
	}
	bad = unix_name_problem(word + 5);
	if (bad) {
		smb3_ctl_done(task->ctl, "\"%s\" is no Unix user: %s", word + 5, bad);
		return false;
	}
	snprintf(task->account.unix_name, sizeof(task->account.unix_name), "%s", word + 5);
	return true;
}

static void add_run(struct smb3_ctl *ctl)
{
	struct task *task = task_of(ctl);

	if (!name_take(task, smb3_ctl_arg(ctl, 0)))
		return;
	for (int i = 1; i < smb3_ctl_argc(ctl); i++)
		if (!add_word(task, smb3_ctl_arg(ctl, i)))
			return;
	task->check_unix = smb3_server_can_switch(smb3_ctl_server(ctl));
	if (password_take(task))
		task_start(task, add_work);
}

/* ---- passwd ---- */

static void password_change(struct smb3_account *account, void *arg)
{
	const struct task *task = arg;

	memcpy(account->nt_hash, task->account.nt_hash, sizeof(account->nt_hash));
	account->has_password = true;
	account->changed = task->account.changed;
}

static int passwd_work(struct task *task)
{
	return store_modify(task->store, task->account.name, password_change, task, task->why);
}

static void passwd_run(struct smb3_ctl *ctl)
{
	struct task *task = task_of(ctl);

	if (name_take(task, smb3_ctl_arg(ctl, 0)) && password_take(task))
		task_start(task, passwd_work);
}

/* ---- del ---- */

static int del_work(struct task *task)
{
	return store_remove(task->store, task->account.name, task->why);
}

static void del_run(struct smb3_ctl *ctl)
{
	struct task *task = task_of(ctl);

	if (name_take(task, smb3_ctl_arg(ctl, 0)))
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

static bool list_one(const struct smb3_account *a, void *arg)
{
	struct smb3_ctl *ctl = arg;

	smb3_ctl_row(ctl);
	smb3_ctl_text(ctl, "user", a->name);
	smb3_ctl_text(ctl, "unix", a->unix_name[0] ? a->unix_name : a->name);
	smb3_ctl_bool(ctl, "admin", a->admin);
	smb3_ctl_text(ctl, "state",
		      a->disabled      ? "disabled" :
		      a->locked        ? "locked" :
		      !a->has_password ? "no password" :
					 "active");
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

const struct smb3_ctl_command users_passwd = {
	.name = "user passwd",
	.args = "NAME",
	.help = "Gives an account a new password.",
	.min_args = 1,
	.max_args = 1,
	.offline = true,
	.secret = true,
	.run = passwd_run,
};

const struct smb3_ctl_command users_del = {
	.name = "user del",
	.args = "NAME",
	.help = "Removes an account. Who is logged on stays so.",
	.min_args = 1,
	.max_args = 1,
	.offline = true,
	.run = del_run,
};

const struct smb3_ctl_command users_list = {
	.name = "user list",
	.args = "",
	.help = "Lists the accounts.",
	.offline = true,
	.run = list_run,
};
