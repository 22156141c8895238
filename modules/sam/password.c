// SPDX-License-Identifier: Apache-2.0
/*
 * password.c: passwords that come over the wire: set by administrators, sealed with the session's key, or
 * changed by whoever knows the old one. [MS-SAMR] 3.1.5.6.5, 3.1.5.10
 */
#include "sam.h"

#include <errno.h>

#define BUFFER_SIZE    516u /* 2.2.6.21: the password at the end of 512 bytes, and its length */
#define BUFFER_TEXT    512u
#define SALT_SIZE      16u
#define HASH_SIZE      16u
#define AUTH_SIZE      64u
#define CIPHER_MAX     4096u
#define AES_TEXT       512u /* 2.2.6.33: a length, 16 bits, and the password */
#define ITERATIONS_MIN 5000u

/* A new password, as it came. */
struct fresh {
	uint8_t hash[HASH_SIZE];
	size_t units; /* UTF-16 */
};

static ntstatus fresh_from(const struct sam *sam, const uint8_t *utf16, size_t len,
			   struct fresh *ret_fresh)
{
	if (len % 2 || !sam_md4(sam->crypto, utf16, len, ret_fresh->hash))
		return STATUS_WRONG_PASSWORD;
	ret_fresh->units = len / 2;
	return STATUS_SUCCESS;
}

/* A wrong key shows by a length that makes no sense, most of the time. */
static ntstatus from_buffer(const struct sam *sam, const uint8_t key[16], const uint8_t *sealed,
			    struct fresh *ret_fresh)
{
	const struct sam_bytes in = { sealed, BUFFER_SIZE };
	uint8_t open[BUFFER_SIZE] = { 0 };
	ntstatus status = STATUS_WRONG_PASSWORD;
	struct smb3_cursor c = smb3_cursor_init(open, sizeof(open));
	uint32_t len;

	if (sam_rc4(sam->crypto, key, &in, open)) {
		smb3_cursor_seek(&c, BUFFER_TEXT);
		len = smb3_get_u32(&c);
		if (len <= BUFFER_TEXT)
			status = fresh_from(sam, open + BUFFER_TEXT - len, len, ret_fresh);
	}
	smb3_wipe(open, sizeof(open));
	return status;
}

static ntstatus from_sealed(const struct sam *sam, const uint8_t key[16],
			    const struct sam_sealed *s, struct fresh *ret_fresh)
{
	uint8_t open[CIPHER_MAX];
	ntstatus status = STATUS_WRONG_PASSWORD;
	struct smb3_cursor c;
	size_t n = 0;
	uint16_t len;

	if (sam_open(sam->crypto, key, s, open, &n)) {
		c = smb3_cursor_init(open, n);
		len = smb3_get_u16(&c);
		if (smb3_cursor_ok(&c) && len <= AES_TEXT && len <= smb3_cursor_left(&c))
			status = fresh_from(sam, c.pos, len, ret_fresh);
	}
	smb3_wipe(open, sizeof(open));
	return status;
}

/* salt, iterations, authenticator, cipher text */
static bool sealed_get(struct smb3_cursor *c, struct sam_sealed *ret_sealed)
{
	struct sam_sealed *s = ret_sealed;

	s->salt = smb3_get_bytes(c, SALT_SIZE);
	s->iterations = smb3_get_u64(c);
	s->auth = smb3_get_bytes(c, AUTH_SIZE);
	s->len = smb3_cursor_left(c);
	s->cipher = smb3_get_bytes(c, s->len);
	return s->cipher && s->auth && s->salt && s->len <= CIPHER_MAX;
}

/* What users set for themselves and administrators for them. An empty one is none. */
static ntstatus rules(const struct sam *sam, const struct fresh *f)
{
	if (!f->units || f->units < (size_t)sam_conf(sam)->password_length)
		return STATUS_PASSWORD_RESTRICTION;
	return STATUS_SUCCESS;
}

/* ---- storing ---- */

struct storing {
	const struct sam *sam;
	const struct fresh *fresh;
	const uint8_t *old; /* it must still be this; NULL: whatever it is */
	bool done;
};

static void store_it(struct smb3_account *a, void *arg)
{
	struct storing *s = arg;

	if (s->old && (!a->has_password || !sam_same(a->nt_hash, s->old)))
		return;
	memcpy(a->nt_hash, s->fresh->hash, sizeof(a->nt_hash));
	a->has_password = true;
	a->must_change = false;
	a->changed = smb3_now();
	s->done = true;
}

static int store_password(struct smb3_rpc_asking *asking, const char *name, struct storing *s)
{
	const struct smb3_accounts *store = smb3_account_store(asking->server, name);

	if (!store || !store->modify)
		return -EROFS;
	return store->modify(smb3_module_of(asking->server, store), name, store_it, s);
}

/* ---- by an administrator ---- */

static ntstatus open_set(struct smb3_rpc_asking *asking, uint8_t form, struct smb3_cursor *c,
			 struct fresh *ret_fresh)
{
	struct sam *sam = sam_of(asking, &sam_set_password);
	uint8_t salted[SALT_SIZE + HASH_SIZE], key[HASH_SIZE];
	const uint8_t *buffer = NULL, *salt = NULL;
	struct sam_sealed sealed;
	ntstatus status = STATUS_INVALID_PARAMETER;

	if (form == SMB3_PASSWORD_AES)
		return sealed_get(c, &sealed) ? from_sealed(sam, asking->key, &sealed, ret_fresh) :
						STATUS_INVALID_PARAMETER;
	buffer = smb3_get_bytes(c, BUFFER_SIZE);
	if (form == SMB3_PASSWORD_RC4 && buffer)
		return from_buffer(sam, asking->key, buffer, ret_fresh);
	salt = smb3_get_bytes(c, SALT_SIZE);
	if (form != SMB3_PASSWORD_RC4_SALT || !salt)
		return STATUS_INVALID_PARAMETER;
	memcpy(salted, salt, SALT_SIZE);
	memcpy(salted + SALT_SIZE, asking->key, HASH_SIZE);
	if (sam_md5(sam->crypto, salted, sizeof(salted), key))
		status = from_buffer(sam, key, buffer, ret_fresh);
	smb3_wipe(salted, sizeof(salted));
	smb3_wipe(key, sizeof(key));
	return status;
}

static int ask_set_password(struct smb3_rpc_asking *asking)
{
	uint32_t rid = smb3_get_u32(&asking->in);
	uint8_t form = smb3_get_u8(&asking->in);
	struct smb3_cursor c = smb3_cursor_init(NULL, 0);
	struct sam *sam = sam_of(asking, &sam_set_password);
	uint32_t len = smb3_get_u32(&asking->in);
	struct fresh fresh = { .units = 0 };
	struct storing s = { .sam = sam, .fresh = &fresh };
	struct sam_account a;
	ntstatus status;
	int err = -EINVAL;

	if (smb3_cursor_ok(&asking->in) && smb3_cursor_left(&asking->in) == len)
		err = sam->crypto && asking->key_len >= HASH_SIZE ? 0 : -ENOSYS;
	if (!err)
		err = sam_account_by_rid(asking->server, rid, &a);
	if (err)
		return err;
	c = asking->in;
	status = open_set(asking, form, &c, &fresh);
	if (!status)
		status = rules(sam, &fresh);
	if (!status)
		err = store_password(asking, a.account.name, &s);
	smb3_wipe(&fresh, sizeof(fresh));
	if (err)
		return err;
	if (!status)
		sam_tell(asking, "has given a new password to", a.account.name);
	smb3_put_u32(&asking->out, status);
	return 0;
}

/* ---- by whoever knows the old one ---- */

/* The new password sealed with the old hash, and the old hash with the new one: whoever can make both
 * knows the old password. */
static ntstatus open_rc4(const struct sam *sam, const uint8_t old[HASH_SIZE], struct smb3_cursor *c,
			 struct fresh *ret_fresh)
{
	const uint8_t *buffer = smb3_get_bytes(c, BUFFER_SIZE);
	const uint8_t *sealed = smb3_get_bytes(c, HASH_SIZE);
	uint8_t proof[HASH_SIZE];
	ntstatus status;

	if (!buffer || !sealed)
		return STATUS_INVALID_PARAMETER;
	status = from_buffer(sam, old, buffer, ret_fresh);
	if (status)
		return status;
	if (!sam_des_hash(sam->crypto, ret_fresh->hash, sealed, proof) || !sam_same(proof, old))
		status = STATUS_WRONG_PASSWORD;
	smb3_wipe(proof, sizeof(proof));
	return status;
}

static ntstatus open_aes(struct sam *sam, const uint8_t old[HASH_SIZE], struct smb3_cursor *c,
			 struct fresh *ret_fresh)
{
	struct sam_sealed sealed;
	uint8_t key[HASH_SIZE];
	ntstatus status;
	bool derived;

	if (!sealed_get(c, &sealed) || sealed.iterations < ITERATIONS_MIN ||
	    sealed.iterations > (uint64_t)sam_conf(sam)->rounds)
		return STATUS_INVALID_PARAMETER;
	if (!sam_derive_begin(&sam->deriving, sealed.iterations))
		return STATUS_INSUFFICIENT_RESOURCES;
	derived = sam_derive(sam->crypto, old, &sealed, key);
	sam_derive_end(&sam->deriving, sealed.iterations);
	if (!derived)
		return STATUS_WRONG_PASSWORD;
	status = from_sealed(sam, key, &sealed, ret_fresh);
	smb3_wipe(key, sizeof(key));
	return status;
}

/* An account that is not there takes as long as one that is. */
static ntstatus prove(struct smb3_rpc_asking *asking, const char *name, uint8_t form,
		      uint8_t old[HASH_SIZE], struct fresh *ret_fresh)
{
	struct sam *sam = sam_of(asking, &sam_new_password);
	struct smb3_cursor c = asking->in;
	struct smb3_account a = { .has_password = false };
	bool there = smb3_account_find(asking->server, name, &a) == 0 && a.has_password;
	const char *reason;
	ntstatus status;

	memcpy(old, a.nt_hash, HASH_SIZE);
	if (!there)
		smb3_random(old, HASH_SIZE);
	status = form == SMB3_CHANGE_RC4 ? open_rc4(sam, old, &c, ret_fresh) :
		 form == SMB3_CHANGE_AES ? open_aes(sam, old, &c, ret_fresh) :
					   STATUS_INVALID_PARAMETER;
	if (!status && !there)
		status = STATUS_WRONG_PASSWORD;
	if (!status) {
		status = smb3_account_status(&a, &reason);
		if (status == STATUS_PASSWORD_MUST_CHANGE || status == STATUS_PASSWORD_EXPIRED)
			status = STATUS_SUCCESS;
	}
	smb3_wipe(&a, sizeof(a));
	return status;
}

static int ask_new_password(struct smb3_rpc_asking *asking)
{
	struct sam *sam = sam_of(asking, &sam_new_password);
	const char *name = smb3_get_text(&asking->in, asking->arena);
	uint8_t form = smb3_get_u8(&asking->in), old[HASH_SIZE];
	uint32_t len = smb3_get_u32(&asking->in);
	struct fresh fresh = { .units = 0 };
	struct storing s = { .sam = sam, .fresh = &fresh, .old = old };
	ntstatus status;
	int err = 0;

	if (!name || !smb3_cursor_ok(&asking->in) || smb3_cursor_left(&asking->in) != len)
		return -EINVAL;
	if (!sam->crypto)
		return -ENOSYS;
	status = prove(asking, name, form, old, &fresh);
	asking->account = name;
	asking->attempt = status == STATUS_INVALID_PARAMETER ? STATUS_WRONG_PASSWORD : status;
	if (!status)
		status = rules(sam, &fresh);
	if (!status)
		err = store_password(asking, name, &s);
	if (!status && !err)
		status = s.done ? STATUS_SUCCESS : STATUS_WRONG_PASSWORD;
	smb3_wipe(&fresh, sizeof(fresh));
	smb3_wipe(old, sizeof(old));
	if (err)
		return err;
	if (!status)
		sam_tell(asking, "has changed the password of", name);
	smb3_put_u32(&asking->out, status);
	return 0;
}

static int ask_rules(struct smb3_rpc_asking *asking)
{
	smb3_put_u32(&asking->out, (uint32_t)sam_conf(sam_of(asking, &sam_rules))->password_length);
	return 0;
}

const struct smb3_rpc_question sam_rules = { .name = "rules for passwords", .answer = ask_rules };
const struct smb3_rpc_question sam_set_password = { .name = "set a password",
						    .flags = SMB3_ASK_WORK | SMB3_ASK_ADMIN,
						    .answer = ask_set_password };
const struct smb3_rpc_question sam_new_password = { .name = "change a password",
						    .flags = SMB3_ASK_WORK | SMB3_ASK_PROVES,
						    .answer = ask_new_password };
