// SPDX-License-Identifier: Apache-2.0
/*
 * transform.c: the header in front of an encrypted message, and the way of messages in and out.
 * [MS-SMB2] 2.2.41, 3.1.4.3, 3.1.5.1, 3.3.5.2.1.1
 *
 *   0 magic  4 tag  20 nonce  36 length of the message  40 reserved  42 flags  44 session id
 * The tag covers the message and the header from the nonce on.
 */
#include "encrypt.h"

#include <errno.h>

#define HEADER_SIZE 52
#define AT_TAG      4
#define AT_NONCE    20
#define FLAG_SEALED 0x0001 /* in 3.0 the same number means AES-128-CCM */
#define MAGIC       0x424D53FDu

static void transform_fini(void *slot, void *object)
{
	struct transform *t = slot;

	(void)object;
	cipher_key_free(t->seal);
	cipher_key_free(t->open);
}

struct smb3_slot transform_session_slot = { .kind = SMB3_SLOT_SESSION,
					    .size = sizeof(struct transform),
					    .fini = transform_fini };

/* NULL: the session has no keys. */
static struct transform *transform_of(struct smb3_session *s)
{
	struct transform *t = smb3_slot(&transform_session_slot, s);
	const struct cipher *cipher = cipher_find(s->cipher_id);

	if (!t->tried && cipher && s->revision >= SMB2_DIALECT_0300 &&
	    (s->state == SMB3_SESSION_VALID || s->state == SMB3_SESSION_EXPIRED) && s->key_len &&
	    !s->guest && !s->anonymous) {
		t->tried = true;
		t->seal = cipher_key_new(cipher, s->enc_key, true);
		t->open = cipher_key_new(cipher, s->dec_key, false);
	}
	return t->seal && t->open ? t : NULL;
}

/* ---- in ---- */

struct transform_header {
	const uint8_t *nonce, *tag;
	uint32_t len;
	uint16_t flags;
	uint64_t session_id;
};

static bool header_parse(const struct smb3_in *in, struct transform_header *ret_header)
{
	struct smb3_cursor c = smb3_cursor_init(in->data, in->len);

	smb3_get_u32(&c);
	ret_header->tag = smb3_get_bytes(&c, CIPHER_TAG_SIZE);
	ret_header->nonce = smb3_get_bytes(&c, CIPHER_NONCE_SIZE);
	ret_header->len = smb3_get_u32(&c);
	smb3_get_u16(&c);
	ret_header->flags = smb3_get_u16(&c);
	ret_header->session_id = smb3_get_u64(&c);
	return smb3_cursor_ok(&c) && smb3_cursor_left(&c) == ret_header->len &&
	       ret_header->flags == FLAG_SEALED;
}

/* Nothing that is encrypted twice. */
static struct smb3_session *transform_opener(struct smb3_conn *conn, const struct smb3_in *in,
					     size_t max)
{
	struct transform_header h;
	struct smb3_session *s;
	struct smb3_channel *ch;

	if (in->encrypted || !conn->cipher || !conn->client || !header_parse(in, &h) || h.len > max)
		return NULL;
	s = smb3_session_find(conn->client, h.session_id);
	ch = s ? smb3_channel_find(s, conn) : NULL;
	return ch && ch->bound && transform_of(s) ? s : NULL;
}

static ntstatus transform_open(struct smb3_session *opener, struct smb3_in *in)
{
	const struct transform *t = smb3_slot(&transform_session_slot, opener);
	struct transform_header h;
	struct iovec ad, data;

	if (!header_parse(in, &h))
		return STATUS_ACCESS_DENIED;
	ad = (struct iovec){ in->data + AT_NONCE, HEADER_SIZE - AT_NONCE };
	data = (struct iovec){ in->data + HEADER_SIZE, h.len };
	if (cipher_open(t->open, h.nonce, ad, data, h.tag) < 0)
		return STATUS_ACCESS_DENIED;
	in->data += HEADER_SIZE;
	in->len -= HEADER_SIZE;
	in->encrypted = true;
	in->session_id = h.session_id;
	return STATUS_SUCCESS;
}

/* Whatever is wrong here ends the connection: nobody who has the keys sends such a message. */
static ntstatus transform_unwrap(struct smb3_conn *conn, struct smb3_in *in, size_t max)
{
	struct smb3_session *s = transform_opener(conn, in, max);

	return s ? transform_open(s, in) : STATUS_ACCESS_DENIED;
}

/* ---- out ---- */

/* Header and body move in front of the payload, where its buffer has room for them. */
static bool out_join(struct smb3_out *out)
{
	struct iovec *head = &out->iov[0], *data = &out->iov[1];
	const struct smb3_buf *buf = out->n_bufs == 1 ? out->bufs[0] : NULL;
	uint8_t *to;

	if (out->n_iov != 2 || !buf || buf->tube || data->iov_base != buf->data ||
	    head->iov_len > SMB3_BUF_ROOM - SMB3_OUT_HEADROOM)
		return false;
	to = buf->data - head->iov_len;
	memcpy(to, head->iov_base, head->iov_len);
	*head = (struct iovec){ to, out->len };
	out->n_iov = 1;
	return true;
}

/* One piece of memory for CCM; the others must be ours to change: padding between replies stands
 * in constant memory, and everything so short is copied. */
static void out_prepare(struct smb3_out *out, bool whole)
{
	uint8_t *block, *p;

	if (out_join(out))
		return;
	if (!whole) {
		for (int i = 1; i < out->n_iov; i++)
			if (out->iov[i].iov_len <= 8)
				out->iov[i].iov_base = smb3_arena_copy(
					out->arena, out->iov[i].iov_base, out->iov[i].iov_len);
		return;
	}
	block = smb3_arena_alloc(out->arena, SMB3_OUT_HEADROOM + out->len);
	p = block + SMB3_OUT_HEADROOM;
	for (int i = 0; i < out->n_iov; i++) {
		memcpy(p, out->iov[i].iov_base, out->iov[i].iov_len);
		p += out->iov[i].iov_len;
	}
	out->iov[0] = (struct iovec){ block + SMB3_OUT_HEADROOM, out->len };
	out->n_iov = 1;
}

static int transform_wrap(struct smb3_conn *conn, struct smb3_session *session, bool encrypt,
			  struct smb3_out *out)
{
	struct transform *t = encrypt && session ? transform_of(session) : NULL;
	const struct cipher *cipher = session ? cipher_find(session->cipher_id) : NULL;
	uint64_t blocks = out->len / 16 + 3;
	uint8_t *header;
	int err;

	if (!encrypt)
		return 0;
	if (!t)
		return -EIO;
	/* Each message has blocks: the counter in the nonces cannot come round before. */
	if (atomic_fetch_add(&t->blocks, blocks) + blocks > TRANSFORM_BLOCKS_MAX) {
		smb3_log_conn(conn, SMB3_LOG_WARNING,
			      "session 0x%llx: its keys have encrypted all that they may",
			      (unsigned long long)session->id);
		return -EIO;
	}
	out_prepare(out, cipher->ccm);
	header = (uint8_t *)out->iov[0].iov_base - HEADER_SIZE;
	memset(header, 0, HEADER_SIZE);
	smb3_store_u32(header, MAGIC);
	smb3_store_u64(header + AT_NONCE, atomic_fetch_add(&t->sealed, 1));
	smb3_store_u32(header + 36, (uint32_t)out->len);
	smb3_store_u16(header + 42, FLAG_SEALED);
	smb3_store_u64(header + 44, session->id);
	err = cipher_seal(t->seal, header + AT_NONCE,
			  (struct iovec){ header + AT_NONCE, HEADER_SIZE - AT_NONCE }, out->iov,
			  out->n_iov, header + AT_TAG);
	out->iov[0].iov_base = header;
	out->iov[0].iov_len += HEADER_SIZE;
	out->len += HEADER_SIZE;
	return err;
}

const struct smb3_layer transform_layer = { .name = "encryption",
					    .magic = MAGIC,
					    .order = 900,
					    .unwrap = transform_unwrap,
					    .opener = transform_opener,
					    .open = transform_open,
					    .wrap = transform_wrap };
