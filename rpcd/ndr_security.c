// SPDX-License-Identifier: Apache-2.0
/*
 * ndr_security.c: security descriptors in answers: what is asked for of an owner, a group and a DACL
 * that allows. [MS-DTYP] 2.4.4.2, 2.4.5, 2.4.6
 */
#include <smb3/rpc.h>

#define OWNER_INFORMATION 0x1u
#define GROUP_INFORMATION 0x2u
#define DACL_INFORMATION  0x4u
#define SELF_RELATIVE     0x8000u
#define DACL_PRESENT      0x0004u
#define HEAD              20u
#define AT_OWNER          4u
#define AT_GROUP          8u
#define AT_DACL           16u
#define ACE_HEAD          8u
#define SID_HEAD          8u

static uint8_t n_auths(const struct smb3_rpc_sid *sid)
{
	return sid->n_auths < SMB3_SID_AUTHS ? sid->n_auths : SMB3_SID_AUTHS;
}

static void put_ace(struct smb3_builder *b, const struct smb3_rpc_ace *ace)
{
	smb3_put_u16(b, 0); /* ACCESS_ALLOWED_ACE_TYPE, no flags */
	smb3_put_u16(b, (uint16_t)(ACE_HEAD + SID_HEAD + 4u * n_auths(&ace->sid)));
	smb3_put_u32(b, ace->access);
	smb3_put_rpc_sid(b, &ace->sid);
}

static void put_dacl(struct smb3_builder *b, const struct smb3_rpc_security *sd)
{
	size_t dacl = b->len;

	smb3_put_u16(b, 2); /* revision */
	smb3_put_u16(b, 0);
	smb3_put_u16(b, sd->n_aces);
	smb3_put_u16(b, 0);
	for (uint16_t i = 0; i < sd->n_aces; i++)
		put_ace(b, &sd->aces[i]);
	smb3_set_u16(b, dacl + 2, (uint16_t)(b->len - dacl));
}

static void put_descriptor(struct smb3_builder *b, const struct smb3_rpc_security *sd,
			   uint32_t which)
{
	smb3_put_u16(b, 1); /* revision */
	smb3_put_u16(b, SELF_RELATIVE | (which & DACL_INFORMATION ? DACL_PRESENT : 0));
	smb3_put_zero(b, HEAD - 4);
	if (which & OWNER_INFORMATION) {
		smb3_set_u32(b, AT_OWNER, (uint32_t)b->len);
		smb3_put_rpc_sid(b, &sd->owner);
	}
	if (which & GROUP_INFORMATION) {
		smb3_set_u32(b, AT_GROUP, (uint32_t)b->len);
		smb3_put_rpc_sid(b, &sd->group);
	}
	if (!(which & DACL_INFORMATION))
		return;
	smb3_set_u32(b, AT_DACL, (uint32_t)b->len);
	put_dacl(b, sd);
}

void smb3_ndr_put_security(struct smb3_ndr_out *out, const struct smb3_rpc_security *sd,
			   uint32_t which)
{
	struct smb3_builder b = smb3_builder_arena(out->b.arena, UINT16_MAX);

	put_descriptor(&b, sd, which);
	if (!smb3_builder_ok(&b))
		out->b.bad = true;
	smb3_ndr_put_blob(out, b.data, b.len);
}
