// SPDX-License-Identifier: Apache-2.0
/*
 * commands.c: smb3ctl user add, passwd, del, list.
 */
#include "nthash.h"
#include "users.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool unix_user_exists(const char *name)
{
	struct passwd pw, *found = NULL;
	char buf[16384];

	return getpwnam_r(name, &pw, buf, sizeof(buf), &found) == 0 && found;
}

/* Words after the name: unix=NAME, admin. NULL, or the word that is none of them. */
static const char *words_take(struct smb3_ctl *ctl, struct smb3_account *a)
{
	for (int i = 1; i < smb3_ctl_argc(ctl); i++) {
		const char *word = smb3_ctl_arg(ctl, i);

		if (!strcmp(word, "admin"))
			a->admin = true;
		else if (!strncmp(word, "unix=", 5) && strlen(word) < sizeof(a->unix_name))
			snprintf(a->unix_name, sizeof(a->unix_name), "%s", word + 5);
		else
			return word;
	}
	return NULL;
}

/* False: ctl has been told why. */
static bool password_set(struct smb3_ctl *ctl, struct smb3_account *a)
{
	const char *secret = smb3_ctl_secret(ctl);
	int err = secret && *secret ? nthash(secret, a->nt_hash) : -ENODATA;

	if (err == -ENODATA)
		smb3_ctl_done(ctl, "a password is needed, and it cannot be empty");
	else if (err == -EINVAL)
		smb3_ctl_done(ctl, "the password is not UTF-8");
	else if (err)
		smb3_ctl_done(
			ctl, "OpenSSL has no MD4 here: its legacy provider (legacy.so) is missing");
	a->has_password = !err;
	a->changed = smb3_now();
	return !err;
}

static void store_done(struct smb3_ctl *ctl, int err)
{
	if (err == -EACCES || err == -EPERM)
		smb3_ctl_done(
			ctl,
			"the store cannot be written: run smb3ctl as the user that runs smb3d");
	else if (err)
		smb3_ctl_done(ctl, "the store could not be written: %s", strerror(-err));
	else
		smb3_ctl_done(ctl, NULL);
}

static void users_add(struct smb3_ctl *ctl)
{
	struct smb3_account a = { .name = "" }, old;
	const char *name = smb3_ctl_arg(ctl, 0), *fault = account_name_fault(name);
	const char *word = words_take(ctl, &a), *unix_name = a.unix_name[0] ? a.unix_name : name;

	if (fault)
		smb3_ctl_done(ctl, "\"%s\" is no name: %s", name, fault);
	else if (word)
		smb3_ctl_done(ctl,
			      "\"%s\" is not understood; after the name stand unix=NAME or admin",
			      word);
	else if (users_find(smb3_ctl_mod(ctl), name, &old) == 0)
		smb3_ctl_done(ctl, "user %s exists; smb3ctl user passwd changes the password",
			      old.name);
	else if (smb3_server_can_switch(smb3_ctl_server(ctl)) && !unix_user_exists(unix_name))
		smb3_ctl_done(ctl,
			      "there is no Unix user %s to act as: make one (useradd -M -s "
			      "/usr/sbin/nologin %s) or name another with unix=NAME",
			      unix_name, unix_name);
	else if (password_set(ctl, &a)) {
		snprintf(a.name, sizeof(a.name), "%s", name);
		store_done(ctl, users_put(smb3_ctl_mod(ctl), &a));
	}
	smb3_wipe(&a, sizeof(a));
	smb3_wipe(&old, sizeof(old));
}

static void no_user(struct smb3_ctl *ctl, const char *name)
{
	smb3_ctl_done(ctl, "there is no user %s; smb3ctl user list names them", name);
}

static void users_passwd(struct smb3_ctl *ctl)
{
	const char *name = smb3_ctl_arg(ctl, 0);
	struct smb3_account a;

	if (users_find(smb3_ctl_mod(ctl), name, &a) < 0)
		no_user(ctl, name);
	else if (password_set(ctl, &a))
		store_done(ctl, users_put(smb3_ctl_mod(ctl), &a));
	smb3_wipe(&a, sizeof(a));
}

static void users_del(struct smb3_ctl *ctl)
{
	const char *name = smb3_ctl_arg(ctl, 0);
	int err = users_remove(smb3_ctl_mod(ctl), name);

	if (err == -ENOENT)
		no_user(ctl, name);
	else
		store_done(ctl, err);
}

static bool list_one(const struct smb3_account *a, void *arg)
{
	struct smb3_ctl *ctl = arg;

	smb3_ctl_row(ctl);
	smb3_ctl_text(ctl, "user", a->name);
	smb3_ctl_text(ctl, "unix", a->unix_name[0] ? a->unix_name : a->name);
	smb3_ctl_text(ctl, "state",
		      a->disabled     ? "disabled" :
		      a->locked       ? "locked" :
		      a->has_password ? "active" :
					"no password");
	smb3_ctl_bool(ctl, "admin", a->admin);
	return true;
}

static void users_list(struct smb3_ctl *ctl)
{
	int err = users_each(smb3_ctl_mod(ctl), list_one, ctl);

	if (err)
		smb3_ctl_done(ctl, "the store could not be read: %s", strerror(-err));
	else
		smb3_ctl_done(ctl, NULL);
}

const struct smb3_ctl_command users_add_command = {
	.name = "user add",
	.args = "NAME [unix=NAME] [admin]",
	.help = "Adds a user; the password comes from the terminal or standard input.",
	.min_args = 1,
	.max_args = 3,
	.offline = true,
	.secret = true,
	.run = users_add,
};

const struct smb3_ctl_command users_passwd_command = {
	.name = "user passwd",
	.args = "NAME",
	.help = "Changes a user's password.",
	.min_args = 1,
	.max_args = 1,
	.offline = true,
	.secret = true,
	.run = users_passwd,
};

const struct smb3_ctl_command users_del_command = {
	.name = "user del",
	.args = "NAME",
	.help = "Removes a user; sessions that are open go on.",
	.min_args = 1,
	.max_args = 1,
	.offline = true,
	.run = users_del,
};

const struct smb3_ctl_command users_list_command = {
	.name = "user list",
	.args = "",
	.help = "Lists the users.",
	.min_args = 0,
	.max_args = 0,
	.offline = true,
	.run = users_list,
};
