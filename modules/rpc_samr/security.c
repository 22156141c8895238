// SPDX-License-Identifier: Apache-2.0
/*
 * security.c: security descriptors of handles: they say what the access checks do. [MS-SAMR] 3.1.5.12.2
 */
#include "samr.h"

#define OWNER_INFORMATION 0x1u
#define GROUP_INFORMATION 0x2u
#define DACL_INFORMATION  0x4u
#define SD_HEAD           20u
#define SELF_RELATIVE     0x8000u
#define DACL_PRESENT      0x0004u

static const struct smb3_rpc_sid admins = { 1, 2, { 0, 0, 0, 0, 0, 5 }, { 32, RID_ADMINS } };
static const struct smb3_rpc_sid everyone = { 1, 1, { 0, 0, 0, 0, 0, 1 }, { 0 } };

static void put_ace(struct smb3_builder *b, uint32_t access, const struct smb3_rpc_sid *sid)
{
	smb3_put_u16(b, 0); /* ACCESS_ALLOWED_ACE_TYPE, no flags */
	smb3_put_u16(b, (uint16_t)(16 + 4 * sid->n_auths));
	smb3_put_u32(b, access);
	smb3_put_rpc_sid(b, sid);
}

static void build(struct smb3_builder *b, const struct samr_rights *rights, uint32_t which)
{
	size_t dacl;

	smb3_put_u16(b, 1);
	smb3_put_u16(b, SELF_RELATIVE | (which & DACL_INFORMATION ? DACL_PRESENT : 0));
	smb3_put_zero(b, SD_HEAD - 4);
	if (which & OWNER_INFORMATION) {
		smb3_set_u32(b, 4, (uint32_t)b->len);
		smb3_put_rpc_sid(b, &admins);
	}
	if (which & GROUP_INFORMATION) {
		smb3_set_u32(b, 8, (uint32_t)b->len);
		smb3_put_rpc_sid(b, &admins);
	}
	if (!(which & DACL_INFORMATION))
		return;
	dacl = b->len;
	smb3_set_u32(b, 16, (uint32_t)dacl);
	smb3_put_u16(b, 2); /* revision */
	smb3_put_u16(b, 0);
	smb3_put_u32(b, 2);
	put_ace(b, rights->all, &admins);
	put_ace(b, rights->read | rights->execute, &everyone);
	smb3_set_u16(b, dacl + 2, (uint16_t)(b->len - dacl));
}

uint32_t samr_query_security(struct smb3_rpc_call *call)
{
	struct samr_object *o = samr_get_any(call);
	uint32_t which = smb3_ndr_u32(call->in);
	struct smb3_builder b = smb3_builder_arena(call->arena, 1024);
	bool good;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!o)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	good = samr_may(o, SAMR_READ_CONTROL);
	smb3_ndr_put_ptr(call->out, good);
	if (good) {
		build(&b, &samr_rights[o->kind], which);
		smb3_ndr_put_u32(call->out, (uint32_t)b.len);
		smb3_ndr_put_ptr(call->out, true);
		smb3_ndr_put_u32(call->out, (uint32_t)b.len);
		smb3_ndr_put_bytes(call->out, b.data, b.len);
	}
	return samr_end(call, good ? STATUS_SUCCESS : STATUS_ACCESS_DENIED);
}
