// SPDX-License-Identifier: Apache-2.0
/*
 * security.c: security descriptors of handles: they say what the access checks do. [MS-SAMR] 3.1.5.12.2
 */
#include "samr.h"

static const struct smb3_rpc_sid admins = { 1, 2, { 0, 0, 0, 0, 0, 5 }, { 32, RID_ADMINS } };
static const struct smb3_rpc_sid everyone = { 1, 1, { 0, 0, 0, 0, 0, 1 }, { 0 } };

uint32_t samr_query_security(struct smb3_rpc_call *call)
{
	struct samr_object *o = samr_get_any(call);
	uint32_t which = smb3_ndr_u32(call->in);
	bool good;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!o)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	good = samr_may(o, SAMR_READ_CONTROL);
	smb3_ndr_put_ptr(call->out, good);
	if (good) {
		const struct samr_rights *r = &samr_rights[o->kind];
		const struct smb3_rpc_ace aces[] = { { r->all, admins },
						     { r->read | r->execute, everyone } };
		const struct smb3_rpc_security sd = { admins, admins, aces, SMB3_ARRAY_SIZE(aces) };

		smb3_ndr_put_security(call->out, &sd, which);
	}
	return samr_end(call, good ? STATUS_SUCCESS : STATUS_ACCESS_DENIED);
}
