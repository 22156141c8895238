// SPDX-License-Identifier: Apache-2.0
/*
 * ntlm.c: NTLMv2 with MIC and channel keys, from the client's side. [MS-NLMP] 2.2.1, 3.1.5, 3.3.2
 */
#include "ntlm.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define NTLM_UNICODE                  0x00000001u
#define NTLM_REQUEST_TARGET           0x00000004u
#define NTLM_SIGN                     0x00000010u
#define NTLM_SEAL                     0x00000020u
#define NTLM_NTLM                     0x00000200u
#define NTLM_ANONYMOUS                0x00000800u
#define NTLM_ALWAYS_SIGN              0x00008000u
#define NTLM_EXTENDED_SESSIONSECURITY 0x00080000u
#define NTLM_TARGET_INFO              0x00800000u
#define NTLM_VERSION                  0x02000000u
#define NTLM_128                      0x20000000u
#define NTLM_KEY_EXCH                 0x40000000u
#define NTLM_56                       0x80000000u

#define NTLM_OFFERED                                                                          \
	(NTLM_UNICODE | NTLM_REQUEST_TARGET | NTLM_SIGN | NTLM_SEAL | NTLM_NTLM |             \
	 NTLM_ALWAYS_SIGN | NTLM_EXTENDED_SESSIONSECURITY | NTLM_TARGET_INFO | NTLM_VERSION | \
	 NTLM_128 | NTLM_KEY_EXCH | NTLM_56)

/* 2.2.2.1 AV_PAIR ids */
#define AV_EOL       0
#define AV_FLAGS     6
#define AV_TIMESTAMP 7
#define AV_FLAG_MIC  2u

#define AUTHENTICATE_SIZE 88 /* fixed part with VERSION and MIC */
#define MIC_OFFSET        72

/* What the challenge says. */
struct challenge {
	uint32_t flags;
	uint8_t nonce[8];
	struct smbc_rd info; /* the AV pairs */
};

/* What an answer is made of. */
struct answer {
	struct smbc_buf nt, lm;
	uint8_t base_key[16], encrypted_key[16];
	uint32_t flags;
};

void ntlm_free(struct smbc_ntlm *n)
{
	smbc_buf_free(&n->negotiate);
	smbc_buf_free(&n->challenge);
	*n = (struct smbc_ntlm){ 0 };
}

static void put_version(struct smbc_buf *b)
{
	smbc_put_bytes(b, "\x0a\0\x63\x45\0\0\0\x0f", 8); /* 10.0, NTLMSSP revision 15 */
}

void ntlm_negotiate(struct smbc_ntlm *n)
{
	struct smbc_buf *b = &n->negotiate;

	b->len = 0;
	smbc_put_bytes(b, "NTLMSSP\0\1\0\0\0", 12);
	smbc_put32(b, NTLM_OFFERED);
	smbc_put_zero(b, 16); /* no domain, no workstation */
	put_version(b);
}

static int challenge_parse(struct smbc_part msg, struct challenge *ret)
{
	struct smbc_rd r = smbc_rd(msg.p, msg.n);
	const uint8_t *sig = smbc_get_bytes(&r, 12), *nonce;
	size_t len, at;

	smbc_get_skip(&r, 8); /* target name */
	ret->flags = smbc_get32(&r);
	nonce = smbc_get_bytes(&r, 8);
	smbc_get_skip(&r, 8);
	len = smbc_get16(&r);
	smbc_get_skip(&r, 2);
	at = smbc_get32(&r);
	ret->info = smbc_rd_sub(&r, at, len);
	if (r.bad || memcmp(sig, "NTLMSSP\0\2\0\0\0", 12))
		return -EPROTO;
	memcpy(ret->nonce, nonce, 8);
	return 0;
}

/* ASCII and Latin-1 only: enough for the accounts of a test. */
static void put_upper(struct smbc_buf *b, const char *s)
{
	size_t at = b->len, n = smbc_put_utf16(b, s);

	for (size_t i = at; i < at + n; i += 2) {
		uint16_t c = smbc_load16(b->p + i);

		if ((c >= 'a' && c <= 'z') || (c >= 0xe0 && c <= 0xfe && c != 0xf7))
			smbc_store16(b->p + i, (uint16_t)(c - 32));
	}
}

/* NTOWFv2. [MS-NLMP] 3.3.2 */
static void response_key(const struct smbc_lib *lib, const struct smbc_cred *cred,
			 uint8_t ret_key[16])
{
	struct smbc_buf text = { 0 };
	uint8_t hash[16];

	smbc_put_utf16(&text, cred->password);
	smbc_md4(lib, text.len ? text.p : (const uint8_t *)"", text.len, hash);
	text.len = 0;
	put_upper(&text, cred->user);
	smbc_put_utf16(&text, cred->domain);
	smbc_hmac(lib, "MD5", (struct smbc_part){ hash, 16 },
		  (struct smbc_part[]){ { text.p ? text.p : hash, text.len }, { 0 } }, ret_key);
	smbc_buf_free(&text);
}

/* Copies the server's AV pairs without end and flags; gives the time among them, or our own. */
static uint64_t info_copy(struct smbc_rd info, struct smbc_buf *out, bool *ret_has_time)
{
	uint64_t now = ((uint64_t)time(NULL) + 11644473600u) * 10000000u;

	while (!info.bad && info.pos < info.len) {
		uint16_t id = smbc_get16(&info), n = smbc_get16(&info);
		const uint8_t *p = smbc_get_bytes(&info, n);

		if (!p || id == AV_EOL)
			break;
		if (id == AV_TIMESTAMP && n == 8) {
			now = smbc_load64(p);
			*ret_has_time = true;
		}
		if (id == AV_FLAGS)
			continue;
		smbc_put16(out, id);
		smbc_put16(out, n);
		smbc_put_bytes(out, p, n);
	}
	return now;
}

/* The client's blob after the proof: "temp" in 3.3.2. */
static bool put_temp(const struct smbc_lib *lib, const struct challenge *ch, unsigned tweak,
		     struct smbc_buf *out)
{
	struct smbc_buf info = { 0 };
	uint8_t nonce[8];
	bool has_time = false;
	uint64_t now = info_copy(ch->info, &info, &has_time);

	smbc_random(lib, nonce, 8);
	smbc_put_bytes(out, "\1\1\0\0\0\0\0\0", 8);
	smbc_put64(out, now);
	smbc_put_bytes(out, nonce, 8);
	smbc_put32(out, 0);
	smbc_put_bytes(out, info.p, info.len);
	if (!(tweak & SMBC_NTLM_NO_MIC)) {
		smbc_put16(out, AV_FLAGS);
		smbc_put16(out, 4);
		smbc_put32(out, AV_FLAG_MIC);
	}
	smbc_put32(out, AV_EOL);
	smbc_put32(out, 0);
	smbc_buf_free(&info);
	return has_time;
}

static void put_lmv2(const struct smbc_lib *lib, const uint8_t *key, const struct challenge *ch,
		     struct smbc_buf *out)
{
	uint8_t nonce[8], mac[16];

	smbc_random(lib, nonce, 8);
	smbc_hmac(lib, "MD5", (struct smbc_part){ key, 16 },
		  (struct smbc_part[]){ { ch->nonce, 8 }, { nonce, 8 }, { 0 } }, mac);
	smbc_put_bytes(out, mac, 16);
	smbc_put_bytes(out, nonce, 8);
}

static void answer_v2(const struct smbc_lib *lib, const struct smbc_cred *cred,
		      const struct challenge *ch, struct answer *a)
{
	struct smbc_part key;
	uint8_t owf[16], proof[16];
	bool has_time;

	response_key(lib, cred, owf);
	key = (struct smbc_part){ owf, 16 };
	smbc_put_zero(&a->nt, 16);
	has_time = put_temp(lib, ch, cred->tweak, &a->nt);
	smbc_hmac(lib, "MD5", key,
		  (struct smbc_part[]){ { ch->nonce, 8 }, { a->nt.p + 16, a->nt.len - 16 }, { 0 } },
		  proof);
	memcpy(a->nt.p, proof, 16);
	smbc_hmac(lib, "MD5", key, (struct smbc_part[]){ { proof, 16 }, { 0 } }, a->base_key);
	if (cred->tweak & SMBC_NTLM_BAD_PROOF)
		a->nt.p[0] ^= 0xff;
	if (has_time)
		smbc_put_zero(&a->lm, 24);
	else
		put_lmv2(lib, owf, ch, &a->lm);
}

static void answer_make(const struct smbc_lib *lib, const struct smbc_cred *cred,
			const struct challenge *ch, struct answer *a, uint8_t *ret_session_key)
{
	a->flags = ch->flags & NTLM_OFFERED;
	if (cred->tweak & SMBC_NTLM_NO_KEY_EXCH)
		a->flags &= ~NTLM_KEY_EXCH;
	if (cred->anonymous) {
		a->flags |= NTLM_ANONYMOUS;
		smbc_put_zero(&a->lm, 1);
	} else if (cred->tweak & SMBC_NTLM_V1) {
		smbc_random(lib, smbc_buf_grow(&a->nt, 24), 24);
		smbc_random(lib, smbc_buf_grow(&a->lm, 24), 24);
	} else {
		answer_v2(lib, cred, ch, a);
	}
	memcpy(ret_session_key, a->base_key, 16);
	if (a->flags & NTLM_KEY_EXCH) {
		smbc_random(lib, ret_session_key, 16);
		smbc_rc4(lib, a->base_key, ret_session_key, 16, a->encrypted_key);
	}
}

/* A field (length, length, offset) in the fixed part, its bytes at the end. */
static void put_field(struct smbc_buf *out, size_t start, size_t at, struct smbc_part value)
{
	smbc_set16(out, start + at, (uint16_t)value.n);
	smbc_set16(out, start + at + 2, (uint16_t)value.n);
	smbc_set32(out, start + at + 4, (uint32_t)(out->len - start));
	smbc_put_bytes(out, value.p, value.n);
}

static void put_text(struct smbc_buf *out, size_t start, size_t at, const char *text)
{
	struct smbc_buf b = { 0 };

	smbc_put_utf16(&b, text);
	put_field(out, start, at, (struct smbc_part){ b.p, b.len });
	smbc_buf_free(&b);
}

static void put_authenticate(struct smbc_buf *out, const struct smbc_cred *cred,
			     const struct answer *a)
{
	size_t start = out->len;
	bool key = a->flags & NTLM_KEY_EXCH;

	smbc_put_bytes(out, "NTLMSSP\0\3\0\0\0", 12);
	smbc_put_zero(out, AUTHENTICATE_SIZE - 12);
	smbc_set32(out, start + 60, a->flags);
	memcpy(out->p + start + 64, "\x0a\0\x63\x45\0\0\0\x0f", 8);
	put_text(out, start, 28, cred->anonymous ? "" : cred->domain);
	put_text(out, start, 36, cred->anonymous ? "" : cred->user);
	put_text(out, start, 44, "SMBC");
	put_field(out, start, 12, (struct smbc_part){ a->lm.p, a->lm.len });
	put_field(out, start, 20, (struct smbc_part){ a->nt.p, a->nt.len });
	put_field(out, start, 52, (struct smbc_part){ a->encrypted_key, key ? 16 : 0 });
}

static void mic_set(const struct smbc_lib *lib, const struct smbc_ntlm *n, unsigned tweak,
		    struct smbc_buf *out, size_t start)
{
	uint8_t mic[16];

	smbc_hmac(lib, "MD5", (struct smbc_part){ n->session_key, 16 },
		  (struct smbc_part[]){ { n->negotiate.p, n->negotiate.len },
					{ n->challenge.p, n->challenge.len },
					{ out->p + start, out->len - start },
					{ 0 } },
		  mic);
	if (tweak & SMBC_NTLM_BAD_MIC)
		mic[0] ^= 0xff;
	memcpy(out->p + start + MIC_OFFSET, mic, 16);
}

int ntlm_authenticate(const struct smbc_lib *lib, struct smbc_ntlm *n, const struct smbc_cred *cred,
		      struct smbc_part challenge, struct smbc_buf *out)
{
	struct challenge ch;
	struct answer a = { 0 };
	size_t start = out->len;
	int err = challenge_parse(challenge, &ch);

	if (err)
		return err;
	n->challenge.len = 0;
	smbc_put_bytes(&n->challenge, challenge.p, challenge.n);
	answer_make(lib, cred, &ch, &a, n->session_key);
	n->key_exchange = a.flags & NTLM_KEY_EXCH;
	put_authenticate(out, cred, &a);
	if (!cred->anonymous && !(cred->tweak & SMBC_NTLM_NO_MIC))
		mic_set(lib, n, cred->tweak, out, start);
	smbc_buf_free(&a.nt);
	smbc_buf_free(&a.lm);
	return 0;
}

/* SIGNKEY and SEALKEY for 128 bits. [MS-NLMP] 3.4.5.2, 3.4.5.3 */
static void direction_key(const struct smbc_lib *lib, const struct smbc_ntlm *n, const char *magic,
			  uint8_t ret_key[16])
{
	struct smbc_buf b = { 0 };

	smbc_put_bytes(&b, n->session_key, 16);
	smbc_put_bytes(&b, magic, strlen(magic) + 1);
	smbc_md5(lib, b.p, b.len, ret_key);
	smbc_buf_free(&b);
}

void ntlm_get_mic(const struct smbc_lib *lib, const struct smbc_ntlm *n, bool from_server,
		  struct smbc_part message, uint8_t ret_mic[16])
{
	uint8_t sign[16], seal[16], mac[16];

	direction_key(lib, n,
		      from_server ? "session key to server-to-client signing key magic constant" :
				    "session key to client-to-server signing key magic constant",
		      sign);
	direction_key(lib, n,
		      from_server ? "session key to server-to-client sealing key magic constant" :
				    "session key to client-to-server sealing key magic constant",
		      seal);
	smbc_hmac(lib, "MD5", (struct smbc_part){ sign, 16 },
		  (struct smbc_part[]){ { "\0\0\0\0", 4 }, message, { 0 } }, mac);
	if (n->key_exchange)
		smbc_rc4(lib, seal, mac, 8, mac);
	smbc_store32(ret_mic, 1);
	memcpy(ret_mic + 4, mac, 8);
	smbc_store32(ret_mic + 12, 0);
}
