// SPDX-License-Identifier: Apache-2.0
/*
 * smb3.c: the dialects 3.0 and 3.0.2. [MS-SMB2] 1.7, 3.1.4.2, 3.3.5.5.3
 * Each purpose has a key of its own, derived from the session key with constant labels.
 */
#include <smb3/smb3.h>

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define KEY_SIZE 16 /* these dialects have AES-128 only */

/* SP800-108 in counter mode over HMAC-SHA256, one block. Label and context bring their own
 * terminating NUL; the NUL between them is the method's. */
static bool smb3_kdf(const uint8_t key[KEY_SIZE], const char *label, const char *context,
		     uint8_t ret_key[KEY_SIZE])
{
	uint8_t input[64], mac[EVP_MAX_MD_SIZE];
	struct smb3_builder b = smb3_builder_init(input, sizeof(input));
	unsigned int mac_len = 0;
	bool ok;

	smb3_put_bytes(&b, "\0\0\0\1", 4); /* the counter, big-endian */
	smb3_put_bytes(&b, label, strlen(label) + 1);
	smb3_put_u8(&b, 0);
	smb3_put_bytes(&b, context, strlen(context) + 1);
	smb3_put_bytes(&b, "\0\0\0\200", 4); /* bits of output, big-endian */
	ok = smb3_builder_ok(&b) &&
	     HMAC(EVP_sha256(), key, KEY_SIZE, b.data, b.len, mac, &mac_len) && mac_len >= KEY_SIZE;
	if (ok)
		memcpy(ret_key, mac, KEY_SIZE);
	smb3_wipe(mac, sizeof(mac));
	return ok;
}

/* A further channel takes its signing key from its own log-on; everything else is the session's. */
static int smb3_derive(struct smb3_channel *ch, bool binding)
{
	struct smb3_session *s = ch->session;
	const uint8_t *from = s->key;
	size_t len = s->key_len;
	uint8_t key[KEY_SIZE] = { 0 };
	bool ok;

	if (binding) {
		from = ch->auth ? ch->auth->key : NULL;
		len = ch->auth ? ch->auth->key_len : 0;
	}
	if (!len)
		return -ENOKEY;
	memcpy(key, from, len < KEY_SIZE ? len : KEY_SIZE);
	ok = smb3_kdf(key, "SMB2AESCMAC", "SmbSign", ch->sign_key);
	if (ok && !binding)
		ok = smb3_kdf(key, "SMB2APP", "SmbRpc", s->app_key) &&
		     smb3_kdf(key, "SMB2AESCCM", "ServerOut", s->enc_key) &&
		     smb3_kdf(key, "SMB2AESCCM", "ServerIn ", s->dec_key);
	smb3_wipe(key, sizeof(key));
	return ok ? 0 : -EIO;
}

#define SMB3_CAPABILITIES                                                            \
	(SMB2_GLOBAL_CAP_DFS | SMB2_GLOBAL_CAP_LEASING | SMB2_GLOBAL_CAP_LARGE_MTU | \
	 SMB2_GLOBAL_CAP_MULTI_CHANNEL | SMB2_GLOBAL_CAP_PERSISTENT_HANDLES |        \
	 SMB2_GLOBAL_CAP_DIRECTORY_LEASING | SMB2_GLOBAL_CAP_ENCRYPTION)

static const struct smb3_dialect smb3_000 = {
	.revision = SMB2_DIALECT_0300,
	.name = "3.0",
	.capabilities = SMB3_CAPABILITIES,
	.max_transact = 8 << 20,
	.max_read = 8 << 20,
	.max_write = 8 << 20,
	.multi_credit = true,
	.sign_id = SMB2_SIGNING_AES_CMAC,
	.derive = smb3_derive,
};

static const struct smb3_dialect smb3_002 = {
	.revision = SMB2_DIALECT_0302,
	.name = "3.0.2",
	.capabilities = SMB3_CAPABILITIES,
	.max_transact = 8 << 20,
	.max_read = 8 << 20,
	.max_write = 8 << 20,
	.multi_credit = true,
	.sign_id = SMB2_SIGNING_AES_CMAC,
	.derive = smb3_derive,
};

static const char *const smb3_needs[] = { "sign", NULL };

static const struct smb3_provide smb3_provides[] = {
	SMB3_DIALECT(SMB2_DIALECT_0300, &smb3_000),
	SMB3_DIALECT(SMB2_DIALECT_0302, &smb3_002),
	SMB3_END,
};

SMB3_MODULE(smb3, .summary = "the dialects SMB 3.0 and 3.0.2", .needs = smb3_needs,
	    .provides = smb3_provides);
