// SPDX-License-Identifier: Apache-2.0
/*
 * limiter.c: failed log-ons cost time, and in the end access: those who guess, and nobody else.
 *
 * What counts is a wrong password or name, no more: a refused anonymous log-on is what clients try
 * when they have nothing better, and who is told that the account is disabled knew its password.
 * A log-on that succeeds takes the two last mistakes of its address back, for clients begin with
 * the name under which their user logged on there.
 */
#include "limiter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct smb3_metric failed_metric = { .name = "limiter_failed",
					    .help = "log-ons that failed, and counted" };
static struct smb3_metric delayed_metric = {
	.name = "limiter_delayed", .help = "log-ons that had to wait for an earlier one"
};
static struct smb3_metric banned_metric = { .name = "limiter_bans",
					    .help = "addresses that were banned" };
static struct smb3_metric refused_metric = {
	.name = "limiter_refused", .help = "connections and log-ons of banned addresses"
};

uint64_t limiter_now(void)
{
	return smb3_clock() / 1000000;
}

struct limiter_policy limiter_policy(const struct smb3_mod *mod)
{
	const struct limiter_conf *conf = atomic_load(&mod->conf);

	return (struct limiter_policy){ .delay = conf->delay,
					.window = conf->window,
					.ban_time = conf->ban_time,
					.ban_after = (uint32_t)conf->ban_after,
					.lock_after = (uint32_t)conf->lock_after,
					.most = (size_t)conf->table };
}

static bool is_exempt(const struct smb3_mod *mod, const struct smb3_conn *conn)
{
	const struct limiter_conf *conf = atomic_load(&mod->conf);

	return limiter_listed(&conn->peer, conf->exempt);
}

static void in_words(uint64_t ms, char *ret_text, size_t size)
{
	uint64_t s = (ms + 999) / 1000;

	if (s < 120)
		snprintf(ret_text, size, "%llu s", (unsigned long long)s);
	else
		snprintf(ret_text, size, "%llu min", (unsigned long long)(s + 59) / 60);
}

/* ---- before: connections and attempts ---- */

static bool is_banned(struct limiter *l, const struct limiter_key *keys, uint64_t *ret_left)
{
	uint64_t now = limiter_now(), until = 0;

	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; keys[i].name[0]; i++) {
		const struct limiter_record *r = limiter_find(&l->addresses, keys[i].name);

		if (r && r->banned > until)
			until = r->banned;
	}
	pthread_mutex_unlock(&l->lock);
	if (until > now)
		*ret_left = until - now;
	return until > now;
}

static enum smb3_verdict refuse(struct smb3_event *event, uint64_t left)
{
	char time[32];

	in_words(left, time, sizeof(time));
	event->status = STATUS_ACCESS_DENIED;
	snprintf(event->reason, sizeof(event->reason),
		 "the address is banned for another %s, for failed log-ons (smb3ctl limiter unban)",
		 time);
	smb3_count(event->worker, &refused_metric, 1);
	return SMB3_DENY;
}

static enum smb3_verdict conn_open(struct smb3_mod *mod, struct smb3_event *event)
{
	struct limiter_key keys[LIMITER_KEYS + 1];
	uint64_t left;

	limiter_keys(event->conn, keys);
	if (!is_banned(mod->data, keys, &left) || is_exempt(mod, event->conn))
		return SMB3_PASS;
	return refuse(event, left);
}

/* Who has been logged on and only proves it again is not shut out, but may not hurry either. */
static bool is_again(const struct smb3_event *event)
{
	return event->session && event->session->identity && !event->session->guest &&
	       !event->session->anonymous;
}

static enum smb3_verdict auth_begin(struct smb3_mod *mod, struct smb3_event *event)
{
	struct limiter *l = mod->data;
	struct limiter_policy p = limiter_policy(mod);
	struct limiter_key keys[LIMITER_KEYS + 1];
	enum smb3_verdict verdict;
	uint64_t ms;

	if (is_exempt(mod, event->conn))
		return SMB3_PASS;
	p.spare = is_again(event);
	limiter_keys(event->conn, keys);
	pthread_mutex_lock(&l->lock);
	verdict = limiter_enter(&l->addresses, &p, keys, limiter_now(), &ms);
	pthread_mutex_unlock(&l->lock);
	if (verdict == SMB3_DENY)
		return refuse(event, ms);
	if (verdict == SMB3_WAIT) {
		event->delay = ms;
		smb3_count(event->worker, &delayed_metric, 1);
		return SMB3_WAIT;
	}
	return SMB3_PASS;
}

/* ---- after ---- */

static void tell(struct smb3_event *event, const char *limit, const char *why)
{
	struct smb3_event limited = { .point = SMB3_HOOK_LIMIT,
				      .server = event->server,
				      .worker = event->worker,
				      .conn = event->conn,
				      .user = event->user,
				      .limit = limit };

	smb3_log_conn(event->conn, SMB3_LOG_NOTICE, "limiter: %s", why);
	if (!smb3_hooked(event->server, SMB3_HOOK_LIMIT))
		return;
	snprintf(limited.reason, sizeof(limited.reason), "%s", why);
	smb3_hook_run(&limited);
}

struct lock_task {
	struct smb3_job job;
	struct smb3_server *server;
	char name[];
};

static void lock_work(struct smb3_job *job)
{
	struct lock_task *task = SMB3_CONTAINER(job, struct lock_task, job);
	size_t count;
	const struct smb3_provide *const *rows =
		smb3_rows(task->server, SMB3_KIND_ACCOUNTS, &count);

	for (size_t i = 0; i < count; i++) {
		const struct smb3_accounts *store = rows[i]->row;
		int err = -ENOENT;

		if (store->lock)
			err = store->lock(smb3_module_of(task->server, store), task->name);
		if (err == 0)
			smb3_log(SMB3_LOG_NOTICE,
				 "limiter: the account %s is locked; smb3ctl user unlock opens it",
				 task->name);
		if (err != -ENOENT)
			break;
	}
}

static void lock_done(struct smb3_worker *w, struct smb3_job *job)
{
	(void)w;
	free(SMB3_CONTAINER(job, struct lock_task, job));
}

static void account_lock(struct smb3_event *event, const char *name)
{
	struct lock_task *task = smb3_alloc(sizeof(*task) + strlen(name) + 1);
	char why[160];

	task->server = event->server;
	strcpy(task->name, name);
	task->job.work = lock_work;
	task->job.done = lock_done;
	smb3_job_start(event->worker, &task->job);
	snprintf(why, sizeof(why), "too many failed log-ons of the account %.60s", name);
	tell(event, "limiter.lock_after", why);
}

/* The name without a domain: an account has one record however it is written. */
static const char *account_of(const struct smb3_event *event)
{
	const char *slash = strrchr(event->user, '\\');

	return slash ? slash + 1 : event->user;
}

/* A wrong name or password. Nothing else is a guess. */
static bool is_guess(const struct smb3_event *event)
{
	return event->user && *account_of(event) &&
	       (event->status == STATUS_LOGON_FAILURE || event->status == STATUS_WRONG_PASSWORD ||
		event->status == STATUS_NO_SUCH_USER);
}

struct outcome {
	uint64_t until; /* the answer is held back */
	const struct limiter_key *banned;
	bool lock;
};

static void account_count(struct smb3_mod *mod, const struct smb3_event *event,
			  const struct limiter_key *keys, uint64_t now, struct outcome *o)
{
	const struct limiter_conf *conf = atomic_load(&mod->conf);
	struct limiter *l = mod->data;
	struct limiter_policy p = limiter_policy(mod);
	struct limiter_record *r;
	uint64_t debt = 0;

	o->lock = limiter_account_fail(&l->accounts, &p, account_of(event), now, &debt);
	r = limiter_find(&l->addresses, keys[0].name);
	/* All who guess at one account stand in one queue; nobody else does. */
	if (conf->per_account && r && r->debt < debt)
		r->debt = debt;
}

static struct outcome failed(struct smb3_mod *mod, const struct smb3_event *event,
			     const struct limiter_key *keys, uint64_t now)
{
	struct limiter *l = mod->data;
	struct limiter_policy p = limiter_policy(mod);
	struct outcome o;

	o.until = limiter_fail(&l->addresses, &p, keys, now, &o.banned);
	account_count(mod, event, keys, now, &o);
	return o;
}

static void succeeded(struct smb3_mod *mod, const struct smb3_event *event,
		      const struct limiter_key *keys, uint64_t now)
{
	struct limiter *l = mod->data;
	struct limiter_policy p = limiter_policy(mod);
	struct limiter_record *account = limiter_find(&l->accounts, event->who->name);

	limiter_forgive(&l->addresses, &p, keys, now);
	if (account)
		limiter_forget(&l->accounts, account);
}

static void tell_ban(struct smb3_mod *mod, struct smb3_event *event, const char *key)
{
	char why[160], time[32];

	in_words(limiter_policy(mod).ban_time, time, sizeof(time));
	snprintf(why, sizeof(why), "%.60s is banned for %s: too many failed log-ons", key, time);
	smb3_count(event->worker, &banned_metric, 1);
	tell(event, "limiter.ban_after", why);
}

static enum smb3_verdict auth_end(struct smb3_mod *mod, struct smb3_event *event)
{
	struct limiter *l = mod->data;
	struct limiter_policy p = limiter_policy(mod);
	struct limiter_key keys[LIMITER_KEYS + 1];
	bool guess = is_guess(event) && !is_exempt(mod, event->conn);
	struct outcome o = { 0 };
	uint64_t now = limiter_now();

	limiter_keys(event->conn, keys);
	pthread_mutex_lock(&l->lock);
	if (guess)
		o = failed(mod, event, keys, now);
	else if (event->status == STATUS_SUCCESS && !event->who->guest && !event->who->anonymous)
		succeeded(mod, event, keys, now);
	limiter_leave(&l->addresses, &p, keys, now);
	pthread_mutex_unlock(&l->lock);
	if (guess)
		smb3_count(event->worker, &failed_metric, 1);
	if (o.banned)
		tell_ban(mod, event, o.banned->name);
	if (o.lock)
		account_lock(event, account_of(event));
	if (o.until <= now)
		return SMB3_PASS;
	event->delay = o.until - now;
	return SMB3_WAIT;
}

/* ---- the module ---- */

static bool limiter_check(struct smb3_mod *mod, const void *conf, struct smb3_conf_wrong *wrong)
{
	const struct limiter_conf *c = conf;
	const char *bad;

	(void)mod;
	if (limiter_list_sound(c->exempt, &bad))
		return true;
	wrong->option = "exempt";
	snprintf(wrong->why, sizeof(wrong->why),
		 "\"%.60s\" is no address and no network; write 192.0.2.7, 10.0.0.0/8 or "
		 "2001:db8::/32",
		 bad);
	return false;
}

static int limiter_init(struct smb3_mod *mod)
{
	struct limiter *l = smb3_alloc(sizeof(*l));

	pthread_mutex_init(&l->lock, NULL);
	limiter_table_init(&l->addresses);
	limiter_table_init(&l->accounts);
	mod->data = l;
	return 0;
}

static void limiter_fini(struct smb3_mod *mod)
{
	struct limiter *l = mod->data;

	limiter_table_done(&l->addresses);
	limiter_table_done(&l->accounts);
	pthread_mutex_destroy(&l->lock);
	free(l);
	mod->data = NULL;
}

#define MINUTE 60000

static const struct smb3_option limiter_options[] = {
	{ .name = "delay",
	  .type = SMB3_OPT_TIME,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct limiter_conf, delay),
	  .value = "2s",
	  .max = MINUTE,
	  .help = "What a failed log-on costs: its answer comes that much later, and until then its "
		  "address gets no further answer to a log-on. 0: nothing." },
	{ .name = "window",
	  .type = SMB3_OPT_TIME,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct limiter_conf, window),
	  .value = "10m",
	  .min = 1000,
	  .max = 1440 * MINUTE,
	  .help = "How long a failed log-on counts; what has been counted fades meanwhile." },
	{ .name = "ban_after",
	  .type = SMB3_OPT_INT,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct limiter_conf, ban_after),
	  .value = "50",
	  .max = 1000000,
	  .help = "So many failed log-ons within the window ban an address. 0: never." },
	{ .name = "ban_time",
	  .type = SMB3_OPT_TIME,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct limiter_conf, ban_time),
	  .value = "10m",
	  .min = 1000,
	  .max = 43200LL * MINUTE,
	  .help = "For how long new connections and log-ons of a banned address are refused." },
	{ .name = "lock_after",
	  .type = SMB3_OPT_INT,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct limiter_conf, lock_after),
	  .value = "0",
	  .max = 1000000,
	  .help = "So many failed log-ons within the window, from wherever, lock the account until "
		  "smb3ctl user unlock. 0: never, as otherwise whoever knows a name can lock its "
		  "user out." },
	{ .name = "per_account",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct limiter_conf, per_account),
	  .value = "true",
	  .help = "Addresses that have failed at the same account wait for one another, for up to "
		  "five delays. Others are not held up." },
	{ .name = "exempt",
	  .type = SMB3_OPT_LIST,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct limiter_conf, exempt),
	  .value = "",
	  .help = "Addresses and networks whose failed log-ons do not count." },
	{ .name = "table",
	  .type = SMB3_OPT_INT,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct limiter_conf, table),
	  .value = "16384",
	  .min = 64,
	  .max = 1 << 24,
	  .help = "How many addresses, and how many accounts, are remembered. When there are more, "
		  "the one that failed longest ago is forgotten, banned ones last." },
	SMB3_OPTION_END,
};

static const struct smb3_hook conn_open_hook = {
	.point = SMB3_HOOK_CONN_OPEN, .order = 100, .name = "limiter", .run = conn_open
};
/* The last guard: what another one refuses after it would never leave. */
static const struct smb3_hook auth_hook = {
	.point = SMB3_HOOK_AUTH, .order = 899, .name = "limiter", .run = auth_begin
};
static const struct smb3_hook auth_done_hook = {
	.point = SMB3_HOOK_AUTH_DONE, .order = 100, .name = "limiter", .run = auth_end
};

static const struct smb3_provide limiter_provides[] = {
	SMB3_HOOK(&conn_open_hook),  SMB3_HOOK(&auth_hook),        SMB3_HOOK(&auth_done_hook),
	SMB3_CTL(&limiter_list),     SMB3_CTL(&limiter_bans),      SMB3_CTL(&limiter_show),
	SMB3_CTL(&limiter_unban),    SMB3_METRIC(&failed_metric),  SMB3_METRIC(&delayed_metric),
	SMB3_METRIC(&banned_metric), SMB3_METRIC(&refused_metric), SMB3_END,
};

SMB3_MODULE(limiter, .summary = "failed log-ons cost time, and in the end access",
	    .options = limiter_options, .conf_size = sizeof(struct limiter_conf),
	    .provides = limiter_provides, .check = limiter_check, .init = limiter_init,
	    .fini = limiter_fini);
