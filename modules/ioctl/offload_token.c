// SPDX-License-Identifier: Apache-2.0
/*
 * offload_token.c: the 512 bytes of a token. [MS-FSCC] 2.1.11
 */
#include "offload.h"

#include <arpa/inet.h>

#define TYPE_OURS  0x534D4233u
#define TYPE_ZEROS 0xFFFF0001u /* STORAGE_OFFLOAD_TOKEN_TYPE_ZERO_DATA */
#define ID_LENGTH  504

void offload_token_put(struct smb3_builder *b, const struct offload_token *token)
{
	smb3_put_u32(b, htonl(TYPE_OURS)); /* big-endian on the wire, as is the length */
	smb3_put_u16(b, 0);
	smb3_put_u16(b, htons(ID_LENGTH));
	smb3_put_u64(b, token->persistent_id);
	smb3_put_u64(b, token->volatile_id);
	smb3_put_bytes(b, token->secret, OFFLOAD_SECRET_SIZE);
	smb3_put_zero(b, ID_LENGTH - 16 - OFFLOAD_SECRET_SIZE);
}

struct offload_token offload_token_get(struct smb3_cursor *c)
{
	struct smb3_cursor in =
		smb3_cursor_init(smb3_get_bytes(c, OFFLOAD_TOKEN_SIZE), OFFLOAD_TOKEN_SIZE);
	struct offload_token token = { .kind = OFFLOAD_UNKNOWN };
	uint32_t type;
	uint16_t len;
	const uint8_t *secret;

	if (!smb3_cursor_ok(c))
		return token;
	type = ntohl(smb3_get_u32(&in));
	smb3_get_skip(&in, 2);
	len = ntohs(smb3_get_u16(&in));
	if (type == TYPE_ZEROS)
		token.kind = OFFLOAD_ZEROS;
	if (type != TYPE_OURS || len != ID_LENGTH)
		return token;
	token.kind = OFFLOAD_RANGE;
	token.persistent_id = smb3_get_u64(&in);
	token.volatile_id = smb3_get_u64(&in);
	secret = smb3_get_bytes(&in, OFFLOAD_SECRET_SIZE);
	memcpy(token.secret, secret, OFFLOAD_SECRET_SIZE);
	return token;
}
