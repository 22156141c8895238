// SPDX-License-Identifier: Apache-2.0
/*
 * limiter.h: the parts of the limiter of failed log-ons.
 *   record       what is remembered of an address or an account, in a table of bounded size; the
 *                arithmetic, without a clock of its own
 *   address      which records an address has, and lists of addresses
 *   limiter.c    the module and its hooks
 *   limiter_ctl  the commands of smb3ctl
 *
 * How the delay works: a failed attempt makes its address owe one delay more, from now or from
 * where its debt ends. The answer is held back until the debt ends, and nothing of that address is
 * looked into before. A few attempts may be looked into at once while an address owes nothing; each
 * of them that fails then adds its delay, so that many connections are no faster than one.
 */
#ifndef LIMITER_H
#define LIMITER_H

#include <pthread.h>
#include <smb3/smb3.h>

/* ---- record.c; times are in ms of one clock ---- */

#define LIMITER_AT_ONCE 4 /* attempts of one address in work */
#define LIMITER_KEYS    2 /* records that one address has, at most */

struct limiter_policy {
	uint64_t delay, window, ban_time;
	uint32_t ban_after, lock_after; /* 0: never */
	size_t most;                    /* records in a table */
	bool spare;                     /* bans do not count for this attempt, all else does */
};

/* Whose record it is; share: as many attempts as of so many addresses are allowed. */
struct limiter_key {
	char name[264];
	uint32_t share;
};

struct limiter_record {
	struct smb3_hash_node node;
	struct smb3_list link; /* in the table's order */
	uint64_t failures;     /* in 1/1024, fading */
	uint64_t touched;      /* when failures was right */
	uint64_t debt;         /* until when it owes */
	uint64_t banned;       /* until when; 0: not */
	uint32_t in_work;
	char name[];
};

struct limiter_table {
	struct smb3_hash hash;
	/* The one that was touched last stands last. A ban is not forgotten for others' sake as
	 * long as there is something else to forget. */
	struct smb3_list open, banned;
};

void limiter_table_init(struct limiter_table *t);
void limiter_table_done(struct limiter_table *t);
struct limiter_record *limiter_find(const struct limiter_table *t, const char *name);
/* The record, perhaps a new one in the place of the one that matters least. NULL: all are in use. */
struct limiter_record *limiter_get(struct limiter_table *t, const struct limiter_policy *p,
				   const char *name);
void limiter_forget(struct limiter_table *t, struct limiter_record *r);
/* Failures that still count, rounded. */
uint32_t limiter_failures(const struct limiter_record *r, const struct limiter_policy *p,
			  uint64_t now);

/* May an attempt of these keys be looked into? PASS counts it as in work; WAIT: not before
 * *ret_ms; DENY: banned, or no room, for *ret_ms. */
enum smb3_verdict limiter_enter(struct limiter_table *t, const struct limiter_policy *p,
				const struct limiter_key *keys, uint64_t now, uint64_t *ret_ms);
/* It is not in work any more. */
void limiter_leave(struct limiter_table *t, const struct limiter_policy *p,
		   const struct limiter_key *keys, uint64_t now);
/* It failed: until when the answer is held back. *ret_banned: the key that this got banned, or
 * NULL. */
uint64_t limiter_fail(struct limiter_table *t, const struct limiter_policy *p,
		      const struct limiter_key *keys, uint64_t now,
		      const struct limiter_key **ret_banned);
/* It succeeded: up to two failures before it were mistakes. */
void limiter_forgive(struct limiter_table *t, const struct limiter_policy *p,
		     const struct limiter_key *keys, uint64_t now);
/* A failure of an account. What it owes together with others goes to *ret_debt. True: it is to be
 * locked now. */
bool limiter_account_fail(struct limiter_table *t, const struct limiter_policy *p, const char *name,
			  uint64_t now, uint64_t *ret_debt);

/* ---- address.c ---- */

/* An IPv4 address counts for itself; of IPv6 a subnet of 64 bits, and, sixteen times as patiently,
 * one of 48: nobody has a single address there. The last key has an empty name. */
void limiter_keys(const struct smb3_conn *conn, struct limiter_key ret_keys[LIMITER_KEYS + 1]);
/* Whether the address is in one of the networks "192.0.2.7", "10.0.0.0/8", "2001:db8::/32". */
bool limiter_listed(const struct sockaddr_storage *address, const char *const *networks);
/* False, with the entry: no network. */
bool limiter_list_sound(const char *const *networks, const char **ret_bad);
/* Whether key is what an administrator wrote as an address: a name of limiter_keys(), or an address
 * that has such a name. */
bool limiter_key_is(const char *key, const char *written);

/* ---- limiter.c ---- */

struct limiter_conf {
	uint64_t delay, window, ban_time;
	int64_t ban_after, lock_after, table;
	bool per_account;
	const char *const *exempt;
};

struct limiter {
	pthread_mutex_t lock; /* of the tables; nothing is called with it held */
	struct limiter_table addresses, accounts;
};

struct limiter_policy limiter_policy(const struct smb3_mod *mod);
uint64_t limiter_now(void);

/* ---- limiter_ctl.c ---- */

extern const struct smb3_ctl_command limiter_list, limiter_bans, limiter_show, limiter_unban;

#endif
