// SPDX-License-Identifier: Apache-2.0
/*
 * change.c: users made, changed and removed, by administrators; passwords. What is sealed passes
 * through here as it is: keys and hashes are the server's. [MS-SAMR] 3.1.5.4, 3.1.5.6.5, 3.1.5.7.3,
 * 3.1.5.10
 */
#include "samr.h"

#include <errno.h>

#define BUFFER_SIZE 516u /* SAMPR_ENCRYPTED_USER_PASSWORD */
#define SALTED_SIZE 532u /* ..._NEW */
#define HASH_SIZE   16u
#define AUTH_SIZE   64u /* SAMPR_ENCRYPTED_PASSWORD_AES */
#define SALT_SIZE   16u
#define CIPHER_MAX  4096u

static struct smb3_builder question(struct smb3_rpc_call *call)
{
	return smb3_builder_arena(call->arena, 16384);
}

/* ---- making and removing ---- */

static ntstatus create(struct smb3_rpc_call *call, const struct samr_object *domain,
		       const char *name, uint32_t *ret_rid)
{
	struct smb3_builder b = question(call);
	struct smb3_cursor answer;
	int err;

	if (!samr_may(domain, DOMAIN_CREATE_USER) || domain->builtin)
		return STATUS_ACCESS_DENIED;
	if (!name || !*name)
		return STATUS_INVALID_ACCOUNT_NAME;
	smb3_put_text(&b, name);
	err = smb3_rpc_ask(call, SMB3_ASK_CREATE_ACCOUNT, &b, &answer);
	if (err == -EINVAL)
		return STATUS_INVALID_ACCOUNT_NAME;
	if (err)
		return samr_status(err, STATUS_NO_SUCH_USER);
	*ret_rid = smb3_get_u32(&answer);
	return smb3_cursor_ok(&answer) ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

/* two: with the access that was granted. */
static uint32_t create_user(struct smb3_rpc_call *call, bool two)
{
	struct samr_object *domain = samr_get(call, SAMR_DOMAIN);
	const char *name = samr_get_string(call->in);
	uint32_t type = two ? smb3_ndr_u32(call->in) : USER_NORMAL;
	uint32_t wanted = smb3_ndr_u32(call->in);
	struct samr_object user = { .kind = SAMR_USER }, *o;
	struct smb3_rpc_handle h = { { 0 } };
	ntstatus status;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!domain)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	/* Accounts of machines are for domains. */
	if (type != USER_NORMAL)
		status = samr_may(domain, DOMAIN_CREATE_USER) ? STATUS_INVALID_PARAMETER :
								STATUS_ACCESS_DENIED;
	else
		status = create(call, domain, name, &user.rid);
	if (!status)
		status = samr_open(call, &user, wanted, &h);
	smb3_ndr_put_handle(call->out, &h);
	if (two) {
		o = status ? NULL : samr_get_again(call, &h, SAMR_USER);
		smb3_ndr_put_u32(call->out, o ? o->access : 0);
	}
	smb3_ndr_put_u32(call->out, user.rid);
	return samr_end(call, status);
}

uint32_t samr_create_user(struct smb3_rpc_call *call)
{
	return create_user(call, false);
}

uint32_t samr_create_user2(struct smb3_rpc_call *call)
{
	return create_user(call, true);
}

uint32_t samr_delete_user(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	struct smb3_builder b = question(call);
	struct smb3_cursor answer;
	struct samr_object *user;
	ntstatus status;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	user = samr_get_again(call, &h, SAMR_USER);
	if (!user)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	smb3_put_u32(&b, user->rid);
	if (!samr_may(user, SAMR_DELETE))
		status = STATUS_ACCESS_DENIED;
	else
		status = samr_status(smb3_rpc_ask(call, SMB3_ASK_DELETE_ACCOUNT, &b, &answer),
				     STATUS_NO_SUCH_USER);
	if (!status) {
		samr_close_handle(call, &h);
		memset(&h, 0, sizeof(h));
	}
	smb3_ndr_put_handle(call->out, &h);
	return samr_end(call, status);
}

/* ---- setting ---- */

enum {
	SET_CONTROL = 16,
	SET_EXPIRES = 17,
	SET_ALL = 21,
	SET_ALL_RC4 = 23,
	SET_PASSWORD_RC4 = 24,
	SET_ALL_SALTED = 25,
	SET_PASSWORD_SALTED = 26,
	SET_PASSWORD_AES = 31,
	SET_ALL_AES = 32,
};

/* WhichFields of SAMPR_USER_ALL_INFORMATION, [MS-SAMR] 2.2.1.8 */
#define FIELD_EXPIRES  0x00080000u
#define FIELD_CONTROL  0x00100000u
#define FIELD_PASSWORD 0x03000000u /* NT or LM: a new one is there */
#define FIELD_EXPIRED  0x08000000u
#define FIELDS_DONE    (FIELD_EXPIRES | FIELD_CONTROL | FIELD_PASSWORD | FIELD_EXPIRED)
/* Names, comments and such, for which accounts have no place: they are taken only when empty. */
#define FIELDS_TEXT 0x042007F2u
#define FIELD_NAME  0x00000001u
#define NEVER       0x7FFFFFFFFFFFFFFFu

/* What is to be set. */
struct setting {
	bool has_control, has_expires, has_expired, has_password, expired;
	uint32_t control, fields;
	uint64_t expires;
	uint8_t form;
	const uint8_t *password;
	uint32_t len;
	uint32_t texts;   /* fields of those that are not empty */
	const char *name; /* or NULL */
};

#define ALL_TEXTS 11

/* SAMPR_USER_ALL_INFORMATION. Its strings, hashes and logon hours stand behind it; LM and NT hashes
 * that it may bring are not taken. */
struct all {
	struct smb3_ndr_counted texts[ALL_TEXTS];
	struct smb3_ndr_counted lm, nt;
	bool has_security, has_hours;
	uint32_t security;
	uint16_t units;
};

static void get_all_head(struct smb3_ndr_in *in, struct all *a, struct setting *s)
{
	for (int i = 0; i < 3; i++) /* LastLogon, LastLogoff, PasswordLastSet */
		(void)smb3_ndr_udlong(in);
	s->expires = smb3_ndr_udlong(in);
	for (int i = 0; i < 2; i++) /* PasswordCanChange, PasswordMustChange */
		(void)smb3_ndr_udlong(in);
	for (int i = 0; i < 10; i++)
		a->texts[i] = smb3_ndr_counted(in);
	a->lm = smb3_ndr_counted(in);
	a->nt = smb3_ndr_counted(in);
	a->texts[10] = smb3_ndr_counted(in); /* PrivateData */
	a->security = smb3_ndr_u32(in);
	a->has_security = smb3_ndr_ptr(in);
	(void)smb3_ndr_u32(in); /* UserId, PrimaryGroupId */
	(void)smb3_ndr_u32(in);
	s->control = smb3_ndr_u32(in);
	s->fields = smb3_ndr_u32(in);
	smb3_ndr_align(in, 4);
	a->units = smb3_ndr_u16(in);
	a->has_hours = smb3_ndr_ptr(in);
	for (int i = 0; i < 4; i++)
		(void)smb3_ndr_u16(in);
	(void)smb3_ndr_u8(in); /* LmPasswordPresent, NtPasswordPresent */
	(void)smb3_ndr_u8(in);
	s->expired = smb3_ndr_u8(in);
	(void)smb3_ndr_u8(in);
}

static void skip_bytes(struct smb3_ndr_in *in, uint32_t unit)
{
	uint32_t max = smb3_ndr_conformance(in, 65536), n = smb3_ndr_variance(in, max);

	(void)smb3_ndr_bytes(in, (size_t)n * unit);
}

/* Of the strings in their order: name, full name, home, drive, script, profile, comment, workstations,
 * the user's comment, parameters. */
static const uint32_t text_fields[] = { FIELD_NAME, 0x2,  0x40,  0x80, 0x100,
					0x200,      0x10, 0x400, 0x20, 0x200000 };

static void get_all_text(struct smb3_ndr_in *in, struct all *a, struct setting *s)
{
	for (int i = 0; i < 10; i++) {
		const char *text = smb3_ndr_counted_text(in, &a->texts[i]);

		if (text && *text)
			s->texts |= text_fields[i];
		if (text && i == 0)
			s->name = text;
	}
	if (a->lm.present)
		skip_bytes(in, 2);
	if (a->nt.present)
		skip_bytes(in, 2);
	(void)smb3_ndr_counted_text(in, &a->texts[10]);
	if (a->has_security && smb3_ndr_conformance(in, 65536) == a->security)
		(void)smb3_ndr_bytes(in, a->security);
	if (a->has_hours)
		skip_bytes(in, 1);
	s->has_expires = s->fields & FIELD_EXPIRES;
	s->has_control = s->fields & FIELD_CONTROL;
	s->has_expired = s->fields & FIELD_EXPIRED;
}

static void get_buffer(struct smb3_ndr_in *in, struct setting *s, uint8_t form, uint32_t len)
{
	s->form = form;
	s->len = len;
	s->password = smb3_ndr_bytes(in, len);
	s->has_password = true;
}

/* SAMPR_ENCRYPTED_PASSWORD_AES: authenticator, salt, length, pointer, iterations; the cipher text
 * stands behind what is around it. Here they go one after the other: salt, iterations,
 * authenticator, cipher text. */
struct aes {
	const uint8_t *auth, *salt;
	uint32_t len;
	bool present;
	uint64_t iterations;
};

static void get_aes(struct smb3_ndr_in *in, struct aes *a)
{
	smb3_ndr_align(in, 8);
	a->auth = smb3_ndr_bytes(in, AUTH_SIZE);
	a->salt = smb3_ndr_bytes(in, SALT_SIZE);
	a->len = smb3_ndr_u32(in);
	a->present = smb3_ndr_ptr(in);
	a->iterations = smb3_ndr_u64(in);
}

static void get_aes_text(struct smb3_rpc_call *call, const struct aes *a, struct setting *s)
{
	struct smb3_builder b = question(call);
	const uint8_t *cipher;

	if (!a->present || a->len > CIPHER_MAX || smb3_ndr_conformance(call->in, a->len) != a->len)
		smb3_ndr_bad(call->in);
	cipher = smb3_ndr_bytes(call->in, a->len);
	if (!cipher || !smb3_ndr_ok(call->in))
		return;
	smb3_put_bytes(&b, a->salt, SALT_SIZE);
	smb3_put_u64(&b, a->iterations);
	smb3_put_bytes(&b, a->auth, AUTH_SIZE);
	smb3_put_bytes(&b, cipher, a->len);
	s->form = SMB3_PASSWORD_AES;
	s->password = b.data;
	s->len = (uint32_t)b.len;
	s->has_password = true;
}

/* False: a level that is not done. */
static bool get_level(struct smb3_rpc_call *call, uint16_t level, struct setting *s)
{
	struct smb3_ndr_in *in = call->in;
	struct all a = { 0 };
	struct aes aes = { 0 };

	switch (level) {
	case SET_CONTROL:
		s->control = smb3_ndr_u32(in);
		s->has_control = true;
		return true;
	case SET_EXPIRES:
		s->expires = smb3_ndr_udlong(in);
		s->has_expires = true;
		return true;
	case SET_ALL:
		get_all_head(in, &a, s);
		get_all_text(in, &a, s);
		return true;
	case SET_ALL_RC4:
	case SET_ALL_SALTED:
		get_all_head(in, &a, s);
		if (level == SET_ALL_RC4)
			get_buffer(in, s, SMB3_PASSWORD_RC4, BUFFER_SIZE);
		else
			get_buffer(in, s, SMB3_PASSWORD_RC4_SALT, SALTED_SIZE);
		get_all_text(in, &a, s);
		s->has_password = s->fields & FIELD_PASSWORD;
		return true;
	case SET_PASSWORD_RC4:
		get_buffer(in, s, SMB3_PASSWORD_RC4, BUFFER_SIZE);
		break;
	case SET_PASSWORD_SALTED:
		get_buffer(in, s, SMB3_PASSWORD_RC4_SALT, SALTED_SIZE);
		break;
	case SET_PASSWORD_AES:
		get_aes(in, &aes);
		break;
	case SET_ALL_AES:
		get_all_head(in, &a, s);
		get_aes(in, &aes);
		get_all_text(in, &a, s);
		get_aes_text(call, &aes, s);
		s->has_password = s->fields & FIELD_PASSWORD;
		return true;
	default:
		return false;
	}
	s->expired = smb3_ndr_u8(in);
	s->has_expired = true;
	if (level == SET_PASSWORD_AES)
		get_aes_text(call, &aes, s);
	return true;
}

static ntstatus set_password(struct smb3_rpc_call *call, uint32_t rid, const struct setting *s)
{
	struct smb3_builder b = question(call);
	struct smb3_cursor answer;
	ntstatus status;
	int err;

	smb3_put_u32(&b, rid);
	smb3_put_u8(&b, s->form);
	smb3_put_u32(&b, s->len);
	smb3_put_bytes(&b, s->password, s->len);
	err = smb3_rpc_ask(call, SMB3_ASK_SET_PASSWORD, &b, &answer);
	if (err)
		return samr_status(err, STATUS_NO_SUCH_USER);
	status = smb3_get_u32(&answer);
	return smb3_cursor_ok(&answer) ? status : STATUS_INSUFFICIENT_RESOURCES;
}

static ntstatus set_rest(struct smb3_rpc_call *call, uint32_t rid, const struct setting *s)
{
	struct smb3_builder b = question(call);
	struct smb3_cursor answer;
	uint32_t which = 0, flags = 0;

	/* Nobody is locked by hand: the bit can only be taken away. */
	if (s->has_control) {
		which |= SMB3_ACCOUNT_DISABLED;
		flags |= s->control & USER_DISABLED ? SMB3_ACCOUNT_DISABLED : 0;
		which |= s->control & USER_AUTO_LOCKED ? 0 : SMB3_ACCOUNT_LOCKED;
	}
	if (s->has_expired) {
		which |= SMB3_ACCOUNT_MUST_CHANGE;
		flags |= s->expired ? SMB3_ACCOUNT_MUST_CHANGE : 0;
	}
	if (s->has_expires)
		which |= SMB3_ACCOUNT_EXPIRES;
	if (!which)
		return STATUS_SUCCESS;
	smb3_put_u32(&b, rid);
	smb3_put_u32(&b, which);
	smb3_put_u32(&b, flags);
	smb3_put_u64(&b, s->expires >= NEVER ? 0 : s->expires);
	return samr_status(smb3_rpc_ask(call, SMB3_ASK_CHANGE_ACCOUNT, &b, &answer),
			   STATUS_NO_SUCH_USER);
}

/* What there is no place for is not silently left out; the name may be said again. */
static ntstatus judge_fields(struct smb3_rpc_call *call, const struct samr_object *user,
			     const struct setting *s)
{
	struct samr_user found;
	ntstatus status;

	if (s->fields & ~(FIELDS_DONE | FIELDS_TEXT | FIELD_NAME) ||
	    s->fields & s->texts & FIELDS_TEXT || (s->fields & FIELD_PASSWORD && !s->has_password))
		return STATUS_INVALID_PARAMETER;
	if (!(s->fields & s->texts & FIELD_NAME))
		return STATUS_SUCCESS;
	status = samr_ask_user(call, user->rid, NULL, &found);
	if (status)
		return status;
	return smb3_name_equal(found.name, s->name) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

static ntstatus set_user(struct smb3_rpc_call *call, const struct samr_object *user,
			 const struct setting *s)
{
	ntstatus status = STATUS_SUCCESS;

	if (s->has_password && !samr_may(user, USER_SET_PASSWORD))
		return STATUS_ACCESS_DENIED;
	if ((s->has_control || s->has_expires || s->has_expired) &&
	    !samr_may(user, USER_WRITE_ACCOUNT) && !samr_may(user, USER_SET_PASSWORD))
		return STATUS_ACCESS_DENIED;
	status = judge_fields(call, user, s);
	if (status)
		return status;
	if (s->has_password)
		status = set_password(call, user->rid, s);
	return status ? status : set_rest(call, user->rid, s);
}

uint32_t samr_set_user(struct smb3_rpc_call *call)
{
	struct samr_object *user = samr_get(call, SAMR_USER);
	uint16_t level = smb3_ndr_u16(call->in);
	struct setting s = { 0 };
	ntstatus status;
	bool known;

	if (smb3_ndr_u16(call->in) != level)
		smb3_ndr_bad(call->in);
	smb3_ndr_align(call->in, level == SET_PASSWORD_AES || level == SET_ALL_AES ? 8 : 4);
	known = get_level(call, level, &s);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!user)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	status = known ? set_user(call, user, &s) : STATUS_INVALID_INFO_CLASS;
	return samr_end(call, status);
}

/* ---- by whoever knows the old password ---- */

static ntstatus change_password(struct smb3_rpc_call *call, const char *user,
				const struct setting *s)
{
	struct smb3_builder b = question(call);
	struct smb3_cursor answer;
	ntstatus status;
	int err;

	if (!user || !*user)
		return STATUS_INVALID_PARAMETER;
	smb3_put_text(&b, user);
	smb3_put_u8(&b, s->form);
	smb3_put_u32(&b, s->len);
	smb3_put_bytes(&b, s->password, s->len);
	err = smb3_rpc_ask(call, SMB3_ASK_NEW_PASSWORD, &b, &answer);
	if (err)
		return samr_status(err, STATUS_WRONG_PASSWORD);
	status = smb3_get_u32(&answer);
	return smb3_cursor_ok(&answer) ? status : STATUS_INSUFFICIENT_RESOURCES;
}

/* The head of ChangePasswordUser2 and 3: NT buffer and proof, and those of the LM hash, which nothing
 * is done with. */
static const char *get_change(struct smb3_rpc_call *call, struct setting *s)
{
	struct smb3_builder b = question(call);
	struct smb3_ndr_in *in = call->in;
	const uint8_t *buffer = NULL, *proof = NULL;
	const char *user;

	if (smb3_ndr_ptr(in)) /* ServerName */
		(void)samr_get_string(in);
	user = samr_get_string(in);
	smb3_ndr_align(in, 4);
	if (smb3_ndr_ptr(in))
		buffer = smb3_ndr_bytes(in, BUFFER_SIZE);
	smb3_ndr_align(in, 4);
	if (smb3_ndr_ptr(in))
		proof = smb3_ndr_bytes(in, HASH_SIZE);
	(void)smb3_ndr_u8(in); /* LmPresent */
	smb3_ndr_align(in, 4);
	if (smb3_ndr_ptr(in))
		(void)smb3_ndr_bytes(in, BUFFER_SIZE);
	smb3_ndr_align(in, 4);
	if (smb3_ndr_ptr(in))
		(void)smb3_ndr_bytes(in, HASH_SIZE);
	if (!buffer || !proof)
		return NULL;
	smb3_put_bytes(&b, buffer, BUFFER_SIZE);
	smb3_put_bytes(&b, proof, HASH_SIZE);
	s->form = SMB3_CHANGE_RC4;
	s->password = b.data;
	s->len = (uint32_t)b.len;
	return user;
}

uint32_t samr_change_password2(struct smb3_rpc_call *call)
{
	struct setting s = { 0 };
	const char *user = get_change(call, &s);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	return samr_end(call, change_password(call, user, &s));
}

#define REJECT_TOO_SHORT 1u

/* Not in [MS-SAMR], and what clients since Windows 2000 call first: it tells, beside the status, the
 * rules and what of them was not kept. */
uint32_t samr_change_password3(struct smb3_rpc_call *call)
{
	struct smb3_ndr_out *out = call->out;
	struct setting s = { 0 };
	const char *user = get_change(call, &s);
	ntstatus status;
	bool rejected;

	if (smb3_ndr_ptr(call->in))
		(void)smb3_ndr_bytes(call->in, BUFFER_SIZE);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	status = change_password(call, user, &s);
	rejected = status == STATUS_PASSWORD_RESTRICTION;
	smb3_ndr_put_ptr(out, rejected);
	if (rejected) { /* as level 1 of a domain */
		smb3_ndr_put_u16(out, samr_password_length(call));
		smb3_ndr_put_u16(out, 0);
		smb3_ndr_put_u32(out, 0);
		smb3_ndr_put_udlong(out, 0x8000000000000000u);
		smb3_ndr_put_udlong(out, 0);
	}
	smb3_ndr_put_ptr(out, rejected);
	if (rejected) {
		smb3_ndr_put_u32(out, REJECT_TOO_SHORT);
		smb3_ndr_put_u32(out, 0);
		smb3_ndr_put_u32(out, 0);
	}
	return samr_end(call, status);
}

/* 3.1.5.10.4 */
uint32_t samr_change_password4(struct smb3_rpc_call *call)
{
	struct setting s = { 0 };
	struct aes aes = { 0 };
	const char *user;

	if (smb3_ndr_ptr(call->in))
		(void)samr_get_string(call->in);
	user = samr_get_string(call->in);
	get_aes(call->in, &aes);
	get_aes_text(call, &aes, &s);
	s.form = SMB3_CHANGE_AES;
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	return samr_end(call, change_password(call, user, &s));
}
