// SPDX-License-Identifier: Apache-2.0
/*
 * smb1.c: old clients begin with an SMB1 NEGOTIATE that offers SMB2 dialects. It is turned into
 * an SMB2 NEGOTIATE here; SMB1 itself is never spoken. [MS-SMB2] 3.3.5.3
 */
#include "setup.h"

#include <string.h>

#define SMB1_COM_NEGOTIATE 0x72
#define SMB1_HEADER        32

struct offered {
	bool smb2, wildcard;
};

/* Dialect strings: 0x02, text, NUL. */
static bool dialects_parse(struct smb3_cursor *c, struct offered *ret_offered)
{
	while (smb3_cursor_left(c)) {
		const uint8_t *text, *end;

		if (smb3_get_u8(c) != 2)
			return false;
		text = c->pos;
		end = memchr(text, 0, smb3_cursor_left(c));
		if (!end)
			return false;
		smb3_get_skip(c, (size_t)(end - text) + 1);
		if (!strcmp((const char *)text, "SMB 2.002"))
			ret_offered->smb2 = true;
		else if (!strcmp((const char *)text, "SMB 2.???"))
			ret_offered->wildcard = true;
	}
	return true;
}

static bool smb1_parse(const struct smb3_in *in, struct offered *ret_offered)
{
	struct smb3_cursor c = smb3_cursor_init(in->data, in->len);
	uint16_t bytes;

	smb3_get_u32(&c);
	if (smb3_get_u8(&c) != SMB1_COM_NEGOTIATE)
		return false;
	smb3_cursor_seek(&c, SMB1_HEADER);
	if (smb3_get_u8(&c) != 0) /* word count */
		return false;
	bytes = smb3_get_u16(&c);
	if (!smb3_cursor_ok(&c) || smb3_cursor_left(&c) < bytes)
		return false;
	c.end = c.pos + bytes;
	return dialects_parse(&c, ret_offered);
}

static void smb2_build(struct smb3_buf *buf, uint16_t dialect)
{
	struct smb3_builder b = smb3_builder_init(buf->data, buf->size);

	smb3_put_u32(&b, SMB2_MAGIC);
	smb3_put_u16(&b, SMB2_HEADER_SIZE);
	smb3_put_zero(&b, SMB2_HEADER_SIZE - 6); /* NEGOTIATE is command 0, message id 0 */
	smb3_put_u16(&b, 36);
	smb3_put_u16(&b, 1);
	smb3_put_u16(&b, SMB2_NEGOTIATE_SIGNING_ENABLED);
	smb3_put_zero(&b, 30); /* no capabilities, no ClientGuid */
	smb3_put_u16(&b, dialect);
	buf->len = b.len;
}

static ntstatus smb1_unwrap(struct smb3_conn *conn, struct smb3_in *in, size_t max)
{
	struct setup_conn *sc = smb3_slot(&setup_conn_slot, conn);
	struct smb3_buf_pool *pool = smb3_worker_bufs(conn->worker);
	struct offered offered = { false, false };
	struct smb3_buf *buf;

	if (conn->negotiated || sc->multi_protocol || !smb1_parse(in, &offered))
		return STATUS_INVALID_PARAMETER;
	if (!offered.smb2 && !offered.wildcard) {
		smb3_log_conn(conn, SMB3_LOG_INFO,
			      "the client speaks only SMB1, which is not served");
		return STATUS_NOT_SUPPORTED;
	}
	sc->multi_protocol = true;
	buf = smb3_buf_get(pool, 256);
	smb2_build(buf, offered.wildcard ? SMB2_DIALECT_WILDCARD : SMB2_DIALECT_0202);
	smb3_buf_put(pool, in->buf);
	in->buf = buf;
	in->data = buf->data;
	in->len = buf->len;
	return STATUS_SUCCESS;
}

const struct smb3_layer smb1_layer = {
	.name = "smb1",
	.magic = SMB1_MAGIC,
	.unwrap = smb1_unwrap,
};
