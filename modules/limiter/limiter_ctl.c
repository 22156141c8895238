// SPDX-License-Identifier: Apache-2.0
/*
 * limiter_ctl.c: smb3ctl limiter list, bans, show, unban.
 */
#include "limiter.h"

#include <string.h>

struct listing {
	struct smb3_ctl *ctl;
	struct limiter_policy policy;
	uint64_t now;
	const char *kind, *only; /* only: NULL, or the one to be shown */
	bool banned_only;
	unsigned int shown;
};

static int64_t seconds_left(uint64_t until, uint64_t now)
{
	return until > now ? (int64_t)((until - now + 999) / 1000) : 0;
}

static bool is_meant(const struct listing *l, const struct limiter_record *r)
{
	if (l->only)
		return !strcmp(r->name, l->only) || limiter_key_is(r->name, l->only);
	if (l->banned_only)
		return r->banned > l->now;
	return r->banned > l->now || r->debt > l->now ||
	       limiter_failures(r, &l->policy, l->now) > 0;
}

static bool record_row(struct smb3_hash_node *node, void *arg)
{
	const struct limiter_record *r = SMB3_CONTAINER(node, struct limiter_record, node);
	struct listing *l = arg;

	if (!is_meant(l, r))
		return true;
	l->shown++;
	smb3_ctl_row(l->ctl);
	smb3_ctl_text(l->ctl, "kind", l->kind);
	smb3_ctl_text(l->ctl, "name", r->name);
	smb3_ctl_number(l->ctl, "failures", limiter_failures(r, &l->policy, l->now));
	smb3_ctl_number(l->ctl, "waits_s", seconds_left(r->debt, l->now));
	smb3_ctl_number(l->ctl, "banned_s", seconds_left(r->banned, l->now));
	return true;
}

static void list_tables(struct listing *l)
{
	struct smb3_mod *mod = smb3_ctl_mod(l->ctl);
	struct limiter *limiter = mod->data;

	l->policy = limiter_policy(mod);
	l->now = limiter_now();
	pthread_mutex_lock(&limiter->lock);
	l->kind = "address";
	smb3_hash_each(&limiter->addresses.hash, record_row, l);
	l->kind = "account";
	if (!l->banned_only)
		smb3_hash_each(&limiter->accounts.hash, record_row, l);
	pthread_mutex_unlock(&limiter->lock);
}

static void list_run(struct smb3_ctl *ctl)
{
	struct listing l = { .ctl = ctl };

	list_tables(&l);
	smb3_ctl_done(ctl, NULL);
}

static void bans_run(struct smb3_ctl *ctl)
{
	struct listing l = { .ctl = ctl, .banned_only = true };

	list_tables(&l);
	smb3_ctl_done(ctl, NULL);
}

static void show_run(struct smb3_ctl *ctl)
{
	struct listing l = { .ctl = ctl, .only = smb3_ctl_arg(ctl, 0) };

	list_tables(&l);
	if (l.shown)
		smb3_ctl_done(ctl, NULL);
	else
		smb3_ctl_done(ctl, "nothing is held against \"%s\"; smb3ctl limiter list shows all",
			      l.only);
}

/* ---- unban ---- */

struct pardon {
	struct limiter_table *table;
	const char *who; /* NULL: all */
	unsigned int count;
};

static bool pardon_one(struct smb3_hash_node *node, void *arg)
{
	struct limiter_record *r = SMB3_CONTAINER(node, struct limiter_record, node);
	struct pardon *p = arg;

	if (p->who && !limiter_key_is(r->name, p->who))
		return true;
	p->count++;
	if (!r->in_work) {
		limiter_forget(p->table, r);
		return true;
	}
	r->failures = r->debt = r->banned = 0;
	smb3_list_remove(&r->link);
	smb3_list_add(&p->table->open, &r->link);
	return true;
}

static void unban_run(struct smb3_ctl *ctl)
{
	struct limiter *limiter = smb3_ctl_mod(ctl)->data;
	const char *who = smb3_ctl_arg(ctl, 0);
	struct pardon p = { .table = &limiter->addresses, .who = strcmp(who, "all") ? who : NULL };

	pthread_mutex_lock(&limiter->lock);
	smb3_hash_each(&limiter->addresses.hash, pardon_one, &p);
	pthread_mutex_unlock(&limiter->lock);
	if (p.count || !p.who)
		smb3_ctl_done(ctl, NULL);
	else
		smb3_ctl_done(ctl,
			      "nothing is held against \"%s\"; smb3ctl limiter bans lists bans",
			      who);
}

const struct smb3_ctl_command limiter_list = {
	.name = "limiter list",
	.help = "addresses and accounts with failed log-ons that still count",
	.run = list_run,
};

const struct smb3_ctl_command limiter_bans = {
	.name = "limiter bans",
	.help = "addresses that are banned",
	.run = bans_run,
};

const struct smb3_ctl_command limiter_show = {
	.name = "limiter show",
	.args = "ADDRESS | ACCOUNT",
	.help = "what is held against an address or an account",
	.min_args = 1,
	.max_args = 1,
	.run = show_run,
};

const struct smb3_ctl_command limiter_unban = {
	.name = "limiter unban",
	.args = "ADDRESS | all",
	.help = "forgets what is held against an address, or against all",
	.min_args = 1,
	.max_args = 1,
	.run = unban_run,
};
