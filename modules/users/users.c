// SPDX-License-Identifier: Apache-2.0
/*
 * users.c: accounts and groups of the server's own, in a file of its own.
 */
#include "users.h"

#include <errno.h>
#include <smb3/smb3.h>
#include <string.h>

static int users_find(struct smb3_mod *mod, const char *name, struct smb3_account *ret_account)
{
	const struct users_conf *conf = atomic_load(&mod->conf);
	int err = store_find(mod->data, name, ret_account);

	if (!err && conf->password_age && ret_account->changed)
		ret_account->password_expires = ret_account->changed + conf->password_age * 10000;
	return err;
}

static int tell(int err, const char *why)
{
	if (err < 0)
		smb3_log(SMB3_LOG_ERROR, "users: %s", why);
	return err;
}

static int users_put(struct smb3_mod *mod, const struct smb3_account *account)
{
	char why[USERS_WHY_SIZE];
	int err = store_put(mod->data, account, STORE_ADD, why);

	return err == -EEXIST ? err : tell(err, why);
}

static int users_modify(struct smb3_mod *mod, const char *name,
			void (*change)(struct smb3_account *account, void *arg), void *arg)
{
	char why[USERS_WHY_SIZE];
	int err = store_modify(mod->data, name, change, arg, why);

	return err == -ENOENT ? err : tell(err, why);
}

static int users_remove(struct smb3_mod *mod, const char *name)
{
	char why[USERS_WHY_SIZE];
	int err = store_remove(mod->data, name, why);

	return err == -ENOENT ? err : tell(err, why);
}

static void lock_it(struct smb3_account *account, void *arg)
{
	(void)arg;
	account->locked = true;
}

static int users_lock_account(struct smb3_mod *mod, const char *name)
{
	char why[USERS_WHY_SIZE];
	int err = store_modify(mod->data, name, lock_it, NULL, why);

	return err == -ENOENT ? err : tell(err, why);
}

static int users_each(struct smb3_mod *mod, bool (*fn)(const struct smb3_account *, void *),
		      void *arg)
{
	store_each(mod->data, fn, arg);
	return 0;
}

/* ---- the module ---- */

static void file_name(const struct smb3_server *server, const struct users_conf *conf,
		      char *ret_path, size_t size)
{
	if (*conf->file)
		snprintf(ret_path, size, "%s", conf->file);
	else
		snprintf(ret_path, size, "%s/users", smb3_server_conf(server)->state_dir);
}

static int users_init(struct smb3_mod *mod)
{
	char path[4096], why[USERS_WHY_SIZE];

	file_name(mod->server, mod->conf, path, sizeof(path));
	mod->data = store_open(path, why);
	return mod->data ? 0 : tell(-EINVAL, why);
}

static int users_start(struct smb3_mod *mod)
{
	if (!store_count(mod->data))
		smb3_log(SMB3_LOG_NOTICE, "users: no accounts in %s yet: smb3ctl user add NAME",
			 store_path(mod->data));
	return 0;
}

static int users_reload(struct smb3_mod *mod, const void *new_conf)
{
	const struct users_conf *old = mod->conf, *new = new_conf;

	if (!strcmp(old->file, new->file))
		return 0;
	smb3_log(SMB3_LOG_ERROR, "users.file cannot change while the server runs: restart it");
	return -EBUSY;
}

static void users_fini(struct smb3_mod *mod)
{
	store_free(mod->data);
	mod->data = NULL;
}

static const struct smb3_accounts users_accounts = {
	.name = "users",
	.find = users_find,
	.put = users_put,
	.remove = users_remove,
	.modify = users_modify,
	.lock = users_lock_account,
	.each = users_each,
	.group_find = users_group_find,
	.group_each = users_group_each,
	.group_members = users_group_members,
	.group_change = users_group_change,
};

static const struct smb3_option users_options[] = {
	{ .name = "file",
	  .type = SMB3_OPT_STRING,
	  .scope = SMB3_GLOBAL | SMB3_USE_FILE,
	  .offset = offsetof(struct users_conf, file),
	  .value = "",
	  .help = "The file of the accounts. Only the user that runs the server may have access to "
		  "it. When empty, it is users in server.state_dir." },
	{ .name = "password_age",
	  .type = SMB3_OPT_TIME,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct users_conf, password_age),
	  .value = "0",
	  .help = "Passwords that are older have expired: who knows one is told so, and not let in. "
		  "0: never. Their users change them by remote procedures (module rpc_samr); smb3ctl user password does, too." },
#define LIMIT(opt, def, what)                                                           \
	{                                                                               \
		.name = #opt, .type = SMB3_OPT_INT, .scope = SMB3_GLOBAL,               \
		.offset = offsetof(struct users_conf, opt), .value = def, .max = 65536, \
		.help = what " What is there already stays."                            \
	}
	LIMIT(max_groups, "4096", "How many groups may be made."),
	LIMIT(max_members, "4096", "How many members a group may be given."),
	LIMIT(max_memberships, "256", "How many groups a user may be put into."),
	SMB3_OPTION_END,
};

static const struct smb3_provide users_provides[] = {
	SMB3_ACCOUNTS(&users_accounts),
	SMB3_CTL(&users_add),
	SMB3_CTL(&users_password),
	SMB3_CTL(&users_passwd),
	SMB3_CTL(&users_delete),
	SMB3_CTL(&users_del),
	SMB3_CTL(&users_list),
	SMB3_CTL(&users_show),
	SMB3_CTL(&users_export),
	SMB3_CTL(&users_enable),
	SMB3_CTL(&users_disable),
	SMB3_CTL(&users_lock),
	SMB3_CTL(&users_unlock),
	SMB3_CTL(&users_expire),
	SMB3_CTL(&users_set),
	SMB3_CTL(&users_import),
	SMB3_CTL(&group_add),
	SMB3_CTL(&group_delete),
	SMB3_CTL(&group_del),
	SMB3_CTL(&group_list),
	SMB3_CTL(&group_members),
	SMB3_CTL(&group_join),
	SMB3_CTL(&group_leave),
	SMB3_CTL(&group_set),
	SMB3_END,
};

SMB3_MODULE(users, .summary = "accounts in a file of the server's own", .options = users_options,
	    .conf_size = sizeof(struct users_conf), .provides = users_provides, .init = users_init,
	    .start = users_start, .reload = users_reload, .fini = users_fini);
