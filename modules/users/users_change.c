// SPDX-License-Identifier: Apache-2.0
/*
 * users_change.c: smb3ctl user enable, disable, lock, unlock, expire, set.
 */
#include "users_ctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void modify_run(struct smb3_ctl *ctl,
		       void (*change)(struct smb3_account *account, const struct task *task))
{
	struct task *task = task_of(ctl);

	task->change = change;
	if (task_name(task, smb3_ctl_arg(ctl, 0)))
		task_start(task, task_modify);
}

/* ---- one flag ---- */

static void enable(struct smb3_account *account, const struct task *task)
{
	(void)task;
	account->disabled = false;
}

static void enable_run(struct smb3_ctl *ctl)
{
	modify_run(ctl, enable);
}

static void disable(struct smb3_account *account, const struct task *task)
{
	(void)task;
	account->disabled = true;
}

static void disable_run(struct smb3_ctl *ctl)
{
	modify_run(ctl, disable);
}

static void lock(struct smb3_account *account, const struct task *task)
{
	(void)task;
	account->locked = true;
}

static void lock_run(struct smb3_ctl *ctl)
{
	modify_run(ctl, lock);
}

static void unlock(struct smb3_account *account, const struct task *task)
{
	(void)task;
	account->locked = false;
}

static void unlock_run(struct smb3_ctl *ctl)
{
	modify_run(ctl, unlock);
}

/* ---- expire ---- */

#define DAY 86400

/* A day of the calendar, and perhaps a time of it, both of UTC. */
static bool date_parse(const char *text, time_t *ret_time)
{
	static const char *const forms[] = { "%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ" };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(forms); i++) {
		struct tm tm = { 0 };
		const char *end = strptime(text, forms[i], &tm);
		struct tm day = tm;

		if (!end || *end)
			continue;
		*ret_time = timegm(&tm);
		/* The 31st of February is none. */
		return tm.tm_mday == day.tm_mday && *ret_time > 0;
	}
	return false;
}

static bool days_parse(const char *text, time_t now, time_t *ret_time)
{
	char *end;
	long days;

	if (*text != '+' || text[1] < '0' || text[1] > '9')
		return false;
	days = strtol(text + 1, &end, 10);
	if (days > 36500 || strcmp(end, "d"))
		return false;
	*ret_time = now + days * DAY;
	return true;
}

static bool expiry_parse(const char *text, smb3_nttime *ret_expires)
{
	struct timespec ts = smb3_nttime_to_timespec(smb3_now());

	ts.tv_nsec = 0;
	if (!strcmp(text, "never")) {
		*ret_expires = 0;
		return true;
	}
	if (strcmp(text, "now") != 0 && !days_parse(text, ts.tv_sec, &ts.tv_sec) &&
	    !date_parse(text, &ts.tv_sec))
		return false;
	*ret_expires = smb3_nttime_from_timespec(&ts);
	return true;
}

static void expire(struct smb3_account *account, const struct task *task)
{
	account->expires = task->account.expires;
}

static void expire_run(struct smb3_ctl *ctl)
{
	const char *when = smb3_ctl_arg(ctl, 1);
	struct task *task = task_of(ctl);

	if (expiry_parse(when, &task->account.expires))
		modify_run(ctl, expire);
	else
		smb3_ctl_done(
			ctl,
			"\"%s\" is no day; write never, now, +30d, 2027-01-31 (its beginning, "
			"in UTC) or 2027-01-31T18:00:00Z",
			when);
}

/* ---- set ---- */

enum { SET_UNIX = 1, SET_ADMIN = 2, SET_NOT_ADMIN = 4, SET_MUST_CHANGE = 8, SET_NEED_NOT = 16 };

static const struct {
	const char *word;
	unsigned int bit, unless;
} set_words[] = {
	{ "admin", SET_ADMIN, SET_NOT_ADMIN },
	{ "no-admin", SET_NOT_ADMIN, SET_ADMIN },
	{ "must-change", SET_MUST_CHANGE, SET_NEED_NOT },
	{ "no-must-change", SET_NEED_NOT, SET_MUST_CHANGE },
};

static void set(struct smb3_account *account, const struct task *task)
{
	if (task->words & SET_UNIX)
		memcpy(account->unix_name, task->account.unix_name, sizeof(account->unix_name));
	if (task->words & (SET_ADMIN | SET_NOT_ADMIN))
		account->admin = task->words & SET_ADMIN;
	if (task->words & (SET_MUST_CHANGE | SET_NEED_NOT))
		account->must_change = task->words & SET_MUST_CHANGE;
}

static int set_work(struct task *task)
{
	const char *unix_name = task->account.unix_name;

	if (!task->check_unix || !*unix_name || unix_user_exists(unix_name))
		return task_modify(task);
	snprintf(task->why, sizeof(task->why), "there is no Unix user \"%.64s\" to act as",
		 unix_name);
	return -ENOENT;
}

/* unix= alone: the one of the same name again. */
static bool set_word(struct task *task, const char *word)
{
	if (!strncmp(word, "unix=", 5)) {
		task->words |= SET_UNIX;
		return !word[5] || task_unix(task, word + 5);
	}
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(set_words); i++) {
		if (strcmp(word, set_words[i].word) != 0 || task->words & set_words[i].unless)
			continue;
		task->words |= set_words[i].bit;
		return true;
	}
	smb3_ctl_done(task->ctl,
		      "\"%s\": say unix=USER, admin or no-admin, must-change or no-must-change",
		      word);
	return false;
}

static void set_run(struct smb3_ctl *ctl)
{
	struct task *task = task_of(ctl);

	task->change = set;
	task->check_unix = smb3_server_can_switch(smb3_ctl_server(ctl));
	for (int i = 1; i < smb3_ctl_argc(ctl); i++)
		if (!set_word(task, smb3_ctl_arg(ctl, i)))
			return;
	if (task_name(task, smb3_ctl_arg(ctl, 0)))
		task_start(task, set_work);
}

#define NAME_COMMAND(words, what, fn)                                                      \
	{                                                                                  \
		.name = words, .args = "NAME", .help = what, .min_args = 1, .max_args = 1, \
		.offline = true, .run = fn,                                                \
	}

const struct smb3_ctl_command users_enable =
	NAME_COMMAND("user enable", "Lets a disabled account log on again.", enable_run);
const struct smb3_ctl_command users_disable =
	NAME_COMMAND("user disable", "Keeps an account from logging on.", disable_run);
const struct smb3_ctl_command users_lock =
	NAME_COMMAND("user lock", "Locks an account, as too many failures may.", lock_run);
const struct smb3_ctl_command users_unlock =
	NAME_COMMAND("user unlock", "Opens a locked account.", unlock_run);

const struct smb3_ctl_command users_expire = {
	.name = "user expire",
	.args = "NAME never | now | +DAYSd | DATE",
	.help = "Says when an account ends, with the sessions of its user.",
	.min_args = 2,
	.max_args = 2,
	.offline = true,
	.run = expire_run,
};

const struct smb3_ctl_command users_set = {
	.name = "user set",
	.args = "NAME [unix=[USER]] [admin | no-admin] [must-change | no-must-change]",
	.help = "Changes whom an account acts as, and what it may.",
	.min_args = 2,
	.max_args = 4,
	.offline = true,
	.run = set_run,
};
