// SPDX-License-Identifier: Apache-2.0
/*
 * smb311.c: the dialect 3.1.1, with preauthentication integrity: a hash over everything that was
 * said before the keys exist goes into the keys. [MS-SMB2] 3.1.4.2, 3.3.5.4, 3.3.5.5
 */
#include <smb3/smb3.h>

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define HASH_SIZE     64
#define HASH_SHA512   0x0001 /* 2.2.3.1.1 */
#define SALT_SIZE     32
#define KEY_SIZE      16
#define LONG_KEY_SIZE 32 /* of AES-256 */

/* SP800-108 in counter mode over HMAC-SHA256, one block. The label brings its terminating NUL;
 * the one after it is the method's. */
static bool smb311_kdf(const uint8_t *key, size_t key_len, const char *label,
		       const uint8_t context[HASH_SIZE], size_t size, uint8_t *ret_key)
{
	uint8_t input[128], mac[EVP_MAX_MD_SIZE];
	struct smb3_builder b = smb3_builder_init(input, sizeof(input));
	unsigned int mac_len = 0;
	bool ok;

	smb3_put_bytes(&b, "\0\0\0\1", 4); /* the counter, big-endian */
	smb3_put_bytes(&b, label, strlen(label) + 1);
	smb3_put_u8(&b, 0);
	smb3_put_bytes(&b, context, HASH_SIZE);
	smb3_put_zero(&b, 2); /* bits of output, big-endian */
	smb3_put_u8(&b, (uint8_t)(size * 8 >> 8));
	smb3_put_u8(&b, (uint8_t)(size * 8));
	ok = smb3_builder_ok(&b) &&
	     HMAC(EVP_sha256(), key, (int)key_len, b.data, b.len, mac, &mac_len) && mac_len >= size;
	if (ok)
		memcpy(ret_key, mac, size);
	smb3_wipe(mac, sizeof(mac));
	return ok;
}

/* Keys of AES-256 are made from the whole key of the log-on, all others from its first half:
 * Session.FullSessionKey and Session.SessionKey of 3.3.1.8. */
static bool derive_session(struct smb3_session *s, const uint8_t key[KEY_SIZE],
			   const uint8_t hash[HASH_SIZE])
{
	bool full = s->cipher_id == SMB2_ENCRYPTION_AES256_CCM ||
		    s->cipher_id == SMB2_ENCRYPTION_AES256_GCM;
	const uint8_t *from = full ? s->key : key;
	size_t len = full ? s->key_len : KEY_SIZE, size = full ? LONG_KEY_SIZE : KEY_SIZE;

	return smb311_kdf(key, KEY_SIZE, "SMBAppKey", hash, KEY_SIZE, s->app_key) &&
	       smb311_kdf(from, len, "SMBS2CCipherKey", hash, size, s->enc_key) &&
	       smb311_kdf(from, len, "SMBC2SCipherKey", hash, size, s->dec_key);
}

/* A further channel takes its signing key from its own log-on; everything else is the session's. */
static int smb311_derive(struct smb3_channel *ch, bool binding)
{
	const uint8_t *from = ch->session->key;
	size_t len = ch->session->key_len;
	uint8_t key[KEY_SIZE] = { 0 };
	bool ok;

	if (binding) {
		from = ch->auth ? ch->auth->key : NULL;
		len = ch->auth ? ch->auth->key_len : 0;
	}
	if (!len)
		return -ENOKEY;
	memcpy(key, from, len < KEY_SIZE ? len : KEY_SIZE);
	ok = smb311_kdf(key, KEY_SIZE, "SMBSigningKey", ch->preauth, KEY_SIZE, ch->sign_key) &&
	     (binding || derive_session(ch->session, key, ch->preauth));
	smb3_wipe(key, sizeof(key));
	return ok ? 0 : -EIO;
}

/* hash = SHA-512(hash, pdu). Should that fail, the hash becomes one that no client can have, so
 * that the log-on fails. */
static void smb311_transcript(uint8_t hash[HASH_SIZE], const void *pdu, size_t len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (!ctx || !EVP_DigestInit_ex(ctx, EVP_sha512(), NULL) ||
	    !EVP_DigestUpdate(ctx, hash, HASH_SIZE) || !EVP_DigestUpdate(ctx, pdu, len) ||
	    !EVP_DigestFinal_ex(ctx, hash, NULL))
		smb3_random(hash, HASH_SIZE);
	EVP_MD_CTX_free(ctx);
}

/* ---- negotiate contexts ---- */

static ntstatus preauth_parse(struct smb3_conn *conn, struct smb3_cursor *data)
{
	size_t count = smb3_get_u16(data), salt = smb3_get_u16(data);
	bool found = false;

	(void)conn;
	if (!smb3_cursor_ok(data) || !count)
		return STATUS_INVALID_PARAMETER;
	while (count-- && smb3_cursor_ok(data))
		found |= smb3_get_u16(data) == HASH_SHA512;
	smb3_get_skip(data, salt);
	if (!smb3_cursor_ok(data))
		return STATUS_INVALID_PARAMETER;
	return found ? STATUS_SUCCESS : STATUS_SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP;
}

static bool preauth_build(struct smb3_conn *conn, struct smb3_builder *out)
{
	uint8_t salt[SALT_SIZE];

	(void)conn;
	smb3_random(salt, sizeof(salt));
	smb3_put_u16(out, 1);
	smb3_put_u16(out, sizeof(salt));
	smb3_put_u16(out, HASH_SHA512);
	smb3_put_bytes(out, salt, sizeof(salt));
	return true;
}

/* The name that the client thinks we have. A server of one name has no use for it. 2.2.3.1.4 */
static ntstatus netname_parse(struct smb3_conn *conn, struct smb3_cursor *data)
{
	(void)conn;
	(void)data;
	return STATUS_SUCCESS;
}

static bool netname_build(struct smb3_conn *conn, struct smb3_builder *out)
{
	(void)conn;
	(void)out;
	return false;
}

static const struct smb3_negctx preauth_negctx = { .type = SMB2_PREAUTH_INTEGRITY_CAPABILITIES,
						   .name = "preauthentication integrity",
						   .required = true,
						   .parse = preauth_parse,
						   .build = preauth_build };

static const struct smb3_negctx netname_negctx = { .type = SMB2_NETNAME_NEGOTIATE_CONTEXT_ID,
						   .name = "netname",
						   .parse = netname_parse,
						   .build = netname_build };

/* Encryption has no capability bit here: a context negotiates it. */
static const struct smb3_dialect smb311 = {
	.revision = SMB2_DIALECT_0311,
	.name = "3.1.1",
	.capabilities = SMB2_GLOBAL_CAP_DFS | SMB2_GLOBAL_CAP_LEASING | SMB2_GLOBAL_CAP_LARGE_MTU |
			SMB2_GLOBAL_CAP_MULTI_CHANNEL | SMB2_GLOBAL_CAP_PERSISTENT_HANDLES |
			SMB2_GLOBAL_CAP_DIRECTORY_LEASING | SMB2_GLOBAL_CAP_NOTIFICATIONS,
	.max_transact = 8 << 20,
	.max_read = 8 << 20,
	.max_write = 8 << 20,
	.multi_credit = true,
	.contexts = true,
	.sign_id = SMB2_SIGNING_AES_CMAC,
	.derive = smb311_derive,
	.transcript = smb311_transcript,
};

static const char *const smb311_needs[] = { "sign", NULL };

static const struct smb3_provide smb311_provides[] = {
	SMB3_DIALECT(SMB2_DIALECT_0311, &smb311),
	SMB3_NEGCTX(SMB2_PREAUTH_INTEGRITY_CAPABILITIES, &preauth_negctx),
	SMB3_NEGCTX(SMB2_NETNAME_NEGOTIATE_CONTEXT_ID, &netname_negctx),
	SMB3_END,
};

SMB3_MODULE(smb311, .summary = "the dialect SMB 3.1.1", .needs = smb311_needs,
	    .provides = smb311_provides);
