// SPDX-License-Identifier: Apache-2.0
/*
 * user_info.c: what is told of a user, by levels. Hashes are never told, in no level.
 * [MS-SAMR] 2.2.6, 3.1.5.5.7
 */
#include "samr.h"

enum {
	INFO_GENERAL = 1,
	INFO_PREFERENCES,
	INFO_LOGON,
	INFO_LOGON_HOURS,
	INFO_ACCOUNT,
	INFO_NAME,
	INFO_ACCOUNT_NAME,
	INFO_FULL_NAME,
	INFO_PRIMARY_GROUP,
	INFO_HOME,
	INFO_SCRIPT,
	INFO_PROFILE,
	INFO_COMMENT,
	INFO_WORKSTATIONS,
	INFO_CONTROL = 16,
	INFO_EXPIRES,
	INFO_PARAMETERS = 20,
	INFO_ALL,
};

#define HOURS_UNITS 168u
#define HOURS_BYTES 21u
#define HOURS_SPACE 1260u
#define NEVER       0x7FFFFFFFFFFFFFFFu
#define ALL_FIELDS  0x00FFFFFFu
#define LATER_MAX   20

/* A structure being written: what its pointers lead to stands behind it. */
struct writer {
	struct smb3_ndr_out *out;
	const struct samr_user *u;
	const char *later[LATER_MAX]; /* NULL: hours */
	size_t n;
};

static void text(struct writer *w, const char *s)
{
	smb3_ndr_put_counted(w->out, s);
	if (w->n < LATER_MAX)
		w->later[w->n++] = s;
}

static void texts(struct writer *w, int n)
{
	while (n--)
		text(w, "");
}

static void hours(struct writer *w)
{
	smb3_ndr_put_align(w->out, 4);
	smb3_ndr_put_u16(w->out, HOURS_UNITS);
	smb3_ndr_put_ptr(w->out, true);
	if (w->n < LATER_MAX)
		w->later[w->n++] = NULL;
}

static void number(struct writer *w, uint32_t v)
{
	smb3_ndr_put_u32(w->out, v);
}

static void when(struct writer *w, uint64_t t)
{
	smb3_ndr_put_udlong(w->out, t);
}

static void flush(struct writer *w)
{
	static const uint8_t all[HOURS_BYTES] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
						  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
						  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	for (size_t i = 0; i < w->n; i++) {
		if (w->later[i]) {
			smb3_ndr_put_counted_text(w->out, w->later[i]);
			continue;
		}
		smb3_ndr_put_u32(w->out, HOURS_SPACE);
		smb3_ndr_put_u32(w->out, 0);
		smb3_ndr_put_u32(w->out, HOURS_BYTES);
		smb3_ndr_put_bytes(w->out, all, HOURS_BYTES);
	}
}

/* ---- levels ---- */

static uint64_t must_change(const struct samr_user *u)
{
	if (u->flags & SMB3_ACCOUNT_MUST_CHANGE)
		return 0;
	return u->password_expires ? u->password_expires : NEVER;
}

static uint64_t last_set(const struct samr_user *u)
{
	return u->flags & SMB3_ACCOUNT_MUST_CHANGE ? 0 : u->changed;
}

static void put_general(struct writer *w)
{
	text(w, w->u->name);
	text(w, w->u->full_name);
	number(w, w->u->group);
	texts(w, 2); /* AdminComment, UserComment */
}

static void put_preferences(struct writer *w)
{
	texts(w, 2);
	smb3_ndr_put_u16(w->out, 0); /* CountryCode, CodePage */
	smb3_ndr_put_u16(w->out, 0);
}

static void put_logon(struct writer *w)
{
	text(w, w->u->name);
	text(w, w->u->full_name);
	number(w, w->u->rid);
	number(w, w->u->group);
	texts(w, 5); /* home, drive, script, profile, workstations */
	when(w, 0);  /* LastLogon, LastLogoff: not kept */
	when(w, 0);
	when(w, last_set(w->u));
	when(w, last_set(w->u)); /* may be changed at once */
	when(w, must_change(w->u));
	hours(w);
	smb3_ndr_put_u16(w->out, 0); /* BadPasswordCount, LogonCount */
	smb3_ndr_put_u16(w->out, 0);
	number(w, samr_user_control(w->u));
}

static void put_account(struct writer *w)
{
	text(w, w->u->name);
	text(w, w->u->full_name);
	number(w, w->u->rid);
	number(w, w->u->group);
	texts(w, 6); /* home, drive, script, profile, comment, workstations */
	when(w, 0);
	when(w, 0);
	hours(w);
	smb3_ndr_put_u16(w->out, 0);
	smb3_ndr_put_u16(w->out, 0);
	when(w, last_set(w->u));
	when(w, w->u->expires ? w->u->expires : NEVER);
	number(w, samr_user_control(w->u));
}

/* SAMPR_SHORT_BLOB without anything in it. */
static void put_no_blob(struct writer *w)
{
	smb3_ndr_put_align(w->out, 4);
	smb3_ndr_put_u16(w->out, 0);
	smb3_ndr_put_u16(w->out, 0);
	smb3_ndr_put_ptr(w->out, false);
}

static void put_all(struct writer *w)
{
	when(w, 0); /* LastLogon, LastLogoff */
	when(w, 0);
	when(w, last_set(w->u));
	when(w, w->u->expires ? w->u->expires : NEVER);
	when(w, last_set(w->u));
	when(w, must_change(w->u));
	text(w, w->u->name);
	text(w, w->u->full_name);
	texts(w, 8);    /* home, drive, script, profile, comments, workstations, parameters */
	put_no_blob(w); /* LmOwfPassword, NtOwfPassword */
	put_no_blob(w);
	texts(w, 1);  /* PrivateData */
	number(w, 0); /* SecurityDescriptor */
	smb3_ndr_put_ptr(w->out, false);
	number(w, w->u->rid);
	number(w, w->u->group);
	number(w, samr_user_control(w->u));
	number(w, ALL_FIELDS);
	hours(w);
	for (int i = 0; i < 4; i++) /* BadPasswordCount, LogonCount, CountryCode, CodePage */
		smb3_ndr_put_u16(w->out, 0);
	for (int i = 0; i < 2; i++) /* LmPasswordPresent, NtPasswordPresent */
		smb3_ndr_put_u8(w->out, 0);
	smb3_ndr_put_u8(w->out, w->u->flags & SMB3_ACCOUNT_MUST_CHANGE ? 1 : 0);
	smb3_ndr_put_u8(w->out, 0);
}

static void put_short(struct writer *w, uint16_t level)
{
	switch (level) {
	case INFO_LOGON_HOURS:
		hours(w);
		break;
	case INFO_NAME:
		text(w, w->u->name);
		text(w, w->u->full_name);
		break;
	case INFO_ACCOUNT_NAME:
		text(w, w->u->name);
		break;
	case INFO_FULL_NAME:
		text(w, w->u->full_name);
		break;
	case INFO_PRIMARY_GROUP:
		number(w, w->u->group);
		break;
	case INFO_HOME:
		texts(w, 2);
		break;
	case INFO_CONTROL:
		number(w, samr_user_control(w->u));
		break;
	case INFO_EXPIRES:
		when(w, w->u->expires ? w->u->expires : NEVER);
		break;
	default: /* script, profile, comment, workstations, parameters */
		texts(w, 1);
		break;
	}
}

static void put_level(struct writer *w, uint16_t level)
{
	smb3_ndr_put_u16(w->out, level);
	smb3_ndr_put_align(w->out, 4);
	if (level == INFO_GENERAL)
		put_general(w);
	else if (level == INFO_PREFERENCES)
		put_preferences(w);
	else if (level == INFO_LOGON)
		put_logon(w);
	else if (level == INFO_ACCOUNT)
		put_account(w);
	else if (level == INFO_ALL)
		put_all(w);
	else
		put_short(w, level);
	flush(w);
}

static bool is_level(uint16_t level)
{
	return (level >= INFO_GENERAL && level <= INFO_WORKSTATIONS) || level == INFO_CONTROL ||
	       level == INFO_EXPIRES || level == INFO_PARAMETERS || level == INFO_ALL;
}

uint32_t samr_query_user(struct smb3_rpc_call *call)
{
	struct samr_object *o = samr_get(call, SAMR_USER);
	uint16_t level = smb3_ndr_u16(call->in);
	struct writer w = { .out = call->out };
	struct samr_user user;
	ntstatus status;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!o)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (!is_level(level))
		status = STATUS_INVALID_INFO_CLASS;
	else if (!samr_may(o, USER_READ_GENERAL) && !samr_may(o, 0x10)) /* general, account */
		status = STATUS_ACCESS_DENIED;
	else
		status = samr_ask_user(call, o->rid, NULL, &user);
	smb3_ndr_put_ptr(call->out, !status);
	if (!status) {
		w.u = &user;
		put_level(&w, level);
	}
	return samr_end(call, status);
}
