// SPDX-License-Identifier: Apache-2.0
/*
 * rpcpdu.c: see rpcpdu.h.
 */
#include "rpcpdu.h"

#include "../../rpcd/runtime.h"

#define FRAGMENT 4280

const struct smb3_guid rpc_ndr32 =
	SMB3_RPC_UUID(0x8a885d04, 0x1ceb, 0x11c9, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60);

void rpc_put_head(struct smb3_builder *b, const struct rpc_head *head, size_t body_len)
{
	smb3_put_u32(b, 5 | (uint32_t)head->type << 16 | (uint32_t)head->flags << 24);
	smb3_put_u32(b, 0x10);
	smb3_put_u16(b, (uint16_t)(PDU_HEADER + body_len));
	smb3_put_u16(b, head->auth_len);
	smb3_put_u32(b, head->call_id);
}

void rpc_put_binding(struct smb3_builder *b, const struct rpc_binding *how)
{
	smb3_put_u16(b, FRAGMENT);
	smb3_put_u16(b, how->takes ? how->takes : FRAGMENT);
	smb3_put_u32(b, how->group);
	smb3_put_u32(b, 1);
	smb3_put_u32(b, 1u << 16);
	smb3_put_guid(b, how->uuid);
	smb3_put_u32(b, how->version);
	smb3_put_guid(b, how->transfer ? how->transfer : &rpc_ndr32);
	smb3_put_u32(b, how->transfer ? how->transfer_version : 2);
}

void rpc_put_request(struct smb3_builder *b, uint16_t opnum, const void *data, size_t len)
{
	smb3_put_u32(b, (uint32_t)len);
	smb3_put_u16(b, 0);
	smb3_put_u16(b, opnum);
	smb3_put_bytes(b, data, len);
}
