// SPDX-License-Identifier: Apache-2.0
/*
 * account.c: whose log-on a principal's is: by a rule of krb5.map, else the name in front of the realm
 * when the realm is one whose users are ours; then the account of that name, else the Unix user.
 */
#include "kerberos.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_LEN 255

struct who {
	struct smb3_auth *auth;
	const struct kerberos_conf *conf;
	struct ticket *ticket;
	const char *realm;
	char name[NAME_MAX_LEN + 1]; /* of the account */
	bool mapped;
	struct smb3_account account;
	bool known;
};

static ntstatus refuse(struct who *w, ntstatus status, const char *fmt, ...) SMB3_PRINTF(3, 4);

static ntstatus refuse(struct who *w, ntstatus status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(w->auth->reason, sizeof(w->auth->reason), fmt, ap);
	va_end(ap);
	return status;
}

/* ---- rules ---- */

/* The '=' of a rule: principals may have some of their own, accounts none. */
static const char *rule_middle(const char *rule)
{
	const char *middle = strrchr(rule, '=');

	return middle && middle > rule && strchr(rule, '@') && strchr(rule, '@') < middle ? middle :
											    NULL;
}

bool map_sound(const char *rule, struct kerberos_text *ret_why)
{
	const char *middle = rule_middle(rule);

	if (middle && middle[1] && strlen(middle + 1) <= NAME_MAX_LEN)
		return true;
	snprintf(ret_why->text, sizeof(ret_why->text),
		 "\"%.60s\" is no rule: write \"USER@REALM=ACCOUNT\" or \"*@REALM=ACCOUNT\"", rule);
	return false;
}

static bool rule_fits(const char *rule, size_t len, const struct who *w)
{
	const char *client = w->ticket->client;

	if (len >= 2 && !strncmp(rule, "*@", 2))
		return strlen(w->realm) == len - 2 && !strncmp(rule + 2, w->realm, len - 2);
	return strlen(client) == len && !strncmp(rule, client, len);
}

static bool by_rule(struct who *w)
{
	for (const char *const *rule = w->conf->map; *rule; rule++) {
		const char *middle = rule_middle(*rule);

		if (!rule_fits(*rule, (size_t)(middle - *rule), w))
			continue;
		snprintf(w->name, sizeof(w->name), "%s", middle + 1);
		w->mapped = true;
		return true;
	}
	return false;
}

/* ---- the name ---- */

static bool realm_is_ours(const struct who *w)
{
	const char *own = strrchr(w->ticket->service, '@');

	if (!*w->conf->realms)
		return own && !strcmp(own + 1, w->realm);
	for (const char *const *name = w->conf->realms; *name; name++)
		if (!strcmp(*name, w->realm))
			return true;
	return false;
}

/* alice/admin is another principal than alice, and not for us to judge. */
static ntstatus by_name(struct who *w)
{
	const char *client = w->ticket->client;
	size_t len = (size_t)(w->realm - 1 - client);

	if (!realm_is_ours(w))
		return refuse(w, STATUS_LOGON_FAILURE,
			      "realm %.60s is none whose users are let in: add it to krb5.realms",
			      w->realm);
	if (!len || len > NAME_MAX_LEN || strcspn(client, "/\\") < len)
		return refuse(
			w, STATUS_LOGON_FAILURE,
			"principal %.60s is no plain user: say in krb5.map which account it has",
			client);
	snprintf(w->name, sizeof(w->name), "%.*s", (int)len, client);
	return STATUS_SUCCESS;
}

static ntstatus name_find(struct who *w)
{
	const char *at = strrchr(w->ticket->client, '@');

	/* One behind a backslash is part of a name: of a user, or of a realm that looks like ours. */
	if (!at || (at > w->ticket->client && at[-1] == '\\'))
		return refuse(w, STATUS_LOGON_FAILURE, "principal %.60s has no realm",
			      w->ticket->client);
	w->realm = at + 1;
	return by_rule(w) ? STATUS_SUCCESS : by_name(w);
}

/* ---- the account ---- */

/* A password that nobody used may be as old as it likes. */
static ntstatus account_check(struct who *w)
{
	struct smb3_account *a = &w->account;
	const char *reason;
	ntstatus status;

	a->must_change = false;
	a->password_expires = 0;
	status = smb3_account_status(a, &reason);
	if (status != STATUS_SUCCESS)
		return refuse(w, status, "%s", reason);
	if (a->expires && a->expires < w->ticket->ends)
		w->ticket->ends = a->expires;
	return STATUS_SUCCESS;
}

static ntstatus account_find(struct who *w)
{
	int err = smb3_account_find(w->auth->server, w->name, &w->account);

	smb3_wipe(w->account.nt_hash, sizeof(w->account.nt_hash));
	w->known = !err;
	if (w->known)
		return account_check(w);
	if (err != -ENOENT)
		return refuse(w, STATUS_INTERNAL_ERROR, "the account store fails; see the log");
	if (w->conf->accounts_only)
		return refuse(w, STATUS_LOGON_FAILURE,
			      "no account %.60s (krb5.accounts_only): user add, or krb5.map",
			      w->name);
	/* Whoever has a ticket would be served as the server's own user. */
	if (!w->mapped && !smb3_server_can_switch(w->auth->server))
		return refuse(
			w, STATUS_LOGON_FAILURE,
			"no account %.60s, and a server that is not run by root serves no others: "
			"user add, or krb5.map",
			w->name);
	return STATUS_SUCCESS;
}

static ntstatus identity_check(struct who *w, const struct smb3_identity *id)
{
	if (w->known || w->mapped || (int64_t)id->uid >= w->conf->min_uid)
		return STATUS_SUCCESS;
	return refuse(
		w, STATUS_LOGON_FAILURE,
		"Unix user %.40s has uid %lu, less than krb5.min_uid: give it an account (user add)",
		id->unix_name, (unsigned long)id->uid);
}

/* A user of a store is the same by every mechanism; others are what their realm says. */
static ntstatus identity_make(struct who *w)
{
	const char *name = w->known ? w->account.name : w->name;
	const char *unix_name = w->known && w->account.unix_name[0] ? w->account.unix_name : name;
	struct smb3_identity *id;
	int err =
		smb3_identity_new(w->auth->server, name, w->known ? "" : w->realm, unix_name, &id);
	ntstatus status;

	if (err == -ENOENT)
		return refuse(
			w, STATUS_LOGON_FAILURE,
			"there is no Unix user %.40s; make one (useradd), or map the principal: "
			"krb5.map",
			unix_name);
	if (err < 0)
		return refuse(w, STATUS_INTERNAL_ERROR, "the Unix user cannot be looked up: %s",
			      strerror(-err));
	status = identity_check(w, id);
	if (status != STATUS_SUCCESS) {
		smb3_identity_unref(id);
		return status;
	}
	id->admin = w->known && w->account.admin;
	id->sids = w->ticket->sids;
	id->sids_len = w->ticket->sids_len;
	w->ticket->sids = NULL;
	if (w->known && smb3_identity_join(id) != 0) {
		smb3_identity_unref(id);
		return refuse(w, STATUS_INTERNAL_ERROR, "the account's groups cannot be looked up");
	}
	w->auth->identity = id;
	return STATUS_SUCCESS;
}

ntstatus account_take(struct smb3_auth *auth, const struct kerberos_conf *conf,
		      struct ticket *ticket)
{
	struct who w = { .auth = auth, .conf = conf, .ticket = ticket };
	ntstatus status = name_find(&w);

	if (status == STATUS_SUCCESS)
		status = account_find(&w);
	return status == STATUS_SUCCESS ? identity_make(&w) : status;
}
