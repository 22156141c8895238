// SPDX-License-Identifier: Apache-2.0
/*
 * smb2.c: the dialects 2.0.2 and 2.1. [MS-SMB2] 1.7
 * They sign with the session key itself and know neither encryption nor further channels.
 */
#include <smb3/smb3.h>

#include <errno.h>

/* A shorter key is padded with zeros: [MS-SMB2] 3.3.1.8, Session.SessionKey. */
static int smb2_derive(struct smb3_channel *ch, bool binding)
{
	const struct smb3_session *s = ch->session;

	if (binding)
		return -EOPNOTSUPP;
	if (!s->key_len)
		return -ENOKEY;
	memset(ch->sign_key, 0, sizeof(ch->sign_key));
	memcpy(ch->sign_key, s->key,
	       s->key_len < sizeof(ch->sign_key) ? s->key_len : sizeof(ch->sign_key));
	return 0;
}

static const struct smb3_dialect smb2_002 = {
	.revision = SMB2_DIALECT_0202,
	.name = "2.0.2",
	.capabilities = SMB2_GLOBAL_CAP_DFS,
	.max_transact = 64 << 10,
	.max_read = 64 << 10,
	.max_write = 64 << 10,
	.sign_id = SMB2_SIGNING_HMAC_SHA256,
	.derive = smb2_derive,
};

static const struct smb3_dialect smb2_010 = {
	.revision = SMB2_DIALECT_0210,
	.name = "2.1",
	.capabilities = SMB2_GLOBAL_CAP_DFS | SMB2_GLOBAL_CAP_LEASING | SMB2_GLOBAL_CAP_LARGE_MTU,
	.max_transact = 8 << 20,
	.max_read = 8 << 20,
	.max_write = 8 << 20,
	.multi_credit = true,
	.sign_id = SMB2_SIGNING_HMAC_SHA256,
	.derive = smb2_derive,
};

static const char *const smb2_needs[] = { "sign", NULL };

static const struct smb3_provide smb2_provides[] = {
	SMB3_DIALECT(SMB2_DIALECT_0202, &smb2_002),
	SMB3_DIALECT(SMB2_DIALECT_0210, &smb2_010),
	SMB3_END,
};

SMB3_MODULE(smb2, .summary = "the dialects SMB 2.0.2 and 2.1", .needs = smb2_needs,
	    .provides = smb2_provides);
