// SPDX-License-Identifier: Apache-2.0
/*
 * user.c: handles of users. [MS-SAMR] 3.1.5.1.9
 */
#include "samr.h"

uint32_t samr_open_user(struct smb3_rpc_call *call)
{
	struct samr_object *domain = samr_get(call, SAMR_DOMAIN);
	uint32_t wanted = smb3_ndr_u32(call->in);
	struct samr_object user = { .kind = SAMR_USER, .rid = smb3_ndr_u32(call->in) };
	struct smb3_rpc_handle h = { { 0 } };
	struct samr_user found;
	ntstatus status;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!domain)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (!samr_may(domain, DOMAIN_LOOKUP))
		status = STATUS_ACCESS_DENIED;
	else if (domain->builtin || !user.rid)
		status = STATUS_NO_SUCH_USER;
	else
		status = samr_ask_user(call, user.rid, NULL, &found);
	if (!status)
		status = samr_open(call, &user, wanted, &h);
	smb3_ndr_put_handle(call->out, &h);
	return samr_end(call, status);
}
