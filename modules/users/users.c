// SPDX-License-Identifier: Apache-2.0
/*
 * users.c: module users: the project's own store of accounts.
 * The file is the truth: it is read again when it has changed, so that a running server and
 * `smb3d --command user add` agree.
 */
#include "users.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool stale(const struct users *u, const struct stat *st)
{
	return u->inode != st->st_ino || u->size != st->st_size ||
	       u->mtime.tv_sec != st->st_mtim.tv_sec || u->mtime.tv_nsec != st->st_mtim.tv_nsec;
}

/* With the lock held for writing. A file that went bad leaves what was known. */
static int users_load(struct users *u)
{
	struct user *first;
	struct stat st;
	int err = store_check(u->path);

	if (!err)
		err = store_read(u->path, &first, &st);
	if (err)
		return err;
	store_free(u->first);
	u->first = first;
	u->inode = st.st_ino;
	u->size = st.st_size;
	u->mtime = st.st_mtim;
	return 0;
}

static int users_refresh(struct users *u)
{
	struct stat st = { 0 };
	bool old;
	int err = 0;

	if (stat(u->path, &st) < 0 && errno != ENOENT)
		return -errno;
	pthread_rwlock_rdlock(&u->lock);
	old = stale(u, &st);
	pthread_rwlock_unlock(&u->lock);
	if (!old)
		return 0;
	pthread_rwlock_wrlock(&u->lock);
	err = users_load(u);
	pthread_rwlock_unlock(&u->lock);
	return err;
}

static struct user **user_at(struct users *u, const char *name)
{
	struct user **at = &u->first;

	while (*at && !smb3_name_equal((*at)->account.name, name))
		at = &(*at)->next;
	return at;
}

int users_find(struct smb3_mod *mod, const char *name, struct smb3_account *ret_account)
{
	struct users *u = mod->data;
	int err = users_refresh(u);
	struct user *found;

	if (err)
		return err;
	pthread_rwlock_rdlock(&u->lock);
	found = *user_at(u, name);
	if (found)
		*ret_account = found->account;
	pthread_rwlock_unlock(&u->lock);
	return found ? 0 : -ENOENT;
}

/* Changes the list as fn says and writes it; other writers wait. */
static int users_change(struct smb3_mod *mod, int (*fn)(struct users *, const void *),
			const void *arg)
{
	struct users *u = mod->data;
	int lock = store_lock(u->path), err;

	if (lock < 0)
		return lock;
	pthread_rwlock_wrlock(&u->lock);
	err = users_load(u);
	if (!err)
		err = fn(u, arg);
	if (!err)
		err = store_write(u->path, u->first);
	/* What stands in the file now, also when writing failed. */
	if (err != -ENOENT && users_load(u) < 0 && !err)
		err = -EIO;
	pthread_rwlock_unlock(&u->lock);
	close(lock);
	return err;
}

static int change_put(struct users *u, const void *arg)
{
	const struct smb3_account *account = arg;
	struct user **at = user_at(u, account->name);

	if (!*at)
		*at = smb3_alloc(sizeof(**at));
	(*at)->account = *account;
	return 0;
}

int users_put(struct smb3_mod *mod, const struct smb3_account *account)
{
	return users_change(mod, change_put, account);
}

static int change_remove(struct users *u, const void *arg)
{
	struct user **at = user_at(u, arg), *gone = *at;

	if (!gone)
		return -ENOENT;
	*at = gone->next;
	gone->next = NULL;
	store_free(gone);
	return 0;
}

int users_remove(struct smb3_mod *mod, const char *name)
{
	return users_change(mod, change_remove, name);
}

int users_each(struct smb3_mod *mod, bool (*fn)(const struct smb3_account *, void *), void *arg)
{
	struct users *u = mod->data;
	int err = users_refresh(u);

	if (err)
		return err;
	pthread_rwlock_rdlock(&u->lock);
	for (const struct user *user = u->first; user; user = user->next)
		if (!fn(&user->account, arg))
			break;
	pthread_rwlock_unlock(&u->lock);
	return 0;
}

/* ---- the module ---- */

static int users_init(struct smb3_mod *mod)
{
	const struct users_conf *conf = mod->conf;
	const char *dir = smb3_server_conf(mod->server)->state_dir;
	struct users *u = smb3_alloc(sizeof(*u));
	size_t size = strlen(dir) + strlen(conf->file) + 8;
	int err;

	pthread_rwlock_init(&u->lock, NULL);
	u->path = smb3_alloc(size);
	if (*conf->file)
		snprintf(u->path, size, "%s", conf->file);
	else
		snprintf(u->path, size, "%s/users", dir);
	mod->data = u;
	err = users_load(u);
	if (!err && !u->first)
		smb3_log(SMB3_LOG_NOTICE,
			 "users: no accounts in %s yet; smb3ctl user add NAME makes one", u->path);
	return err;
}

static int users_reload(struct smb3_mod *mod, const void *new_conf)
{
	const struct users_conf *old = mod->conf, *new = new_conf;

	if (!strcmp(old->file, new->file))
		return 0;
	smb3_log(SMB3_LOG_ERROR, "users: file cannot change while the server runs; restart it");
	return -EBUSY;
}

static void users_fini(struct smb3_mod *mod)
{
	struct users *u = mod->data;

	if (!u)
		return;
	store_free(u->first);
	pthread_rwlock_destroy(&u->lock);
	free(u->path);
	free(u);
	mod->data = NULL;
}

static const struct smb3_accounts users_accounts = {
	.name = "users",
	.find = users_find,
	.put = users_put,
	.remove = users_remove,
	.each = users_each,
};

static const struct smb3_option users_options[] = {
	{ .name = "file",
	  .type = SMB3_OPT_STRING,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct users_conf, file),
	  .value = "",
	  .help = "The store of accounts, readable by its owner only; empty: users in "
		  "server.state_dir." },
	SMB3_OPTION_END,
};

static const struct smb3_provide users_provides[] = {
	SMB3_ACCOUNTS(&users_accounts),  SMB3_CTL(&users_add_command),
	SMB3_CTL(&users_passwd_command), SMB3_CTL(&users_del_command),
	SMB3_CTL(&users_list_command),   SMB3_END,
};

SMB3_MODULE(users, .summary = "accounts in a file of the project's own", .options = users_options,
	    .conf_size = sizeof(struct users_conf), .provides = users_provides, .init = users_init,
	    .reload = users_reload, .fini = users_fini);
