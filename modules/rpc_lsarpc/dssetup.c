// SPDX-License-Identifier: Apache-2.0
/*
 * dssetup.c: the interface dssetup: which role this machine has in which domain. [MS-DSSP]
 */
#include "lsarpc.h"

#define ERROR_INVALID_PARAMETER 87u

enum { LEVEL_BASIC = 1, LEVEL_UPGRADE = 2, LEVEL_OPERATION = 3 };

#define ROLE_STANDALONE_SERVER 2

static void put_basic(struct smb3_rpc_call *call)
{
	const struct smb3_guid none = { { 0 } };

	smb3_ndr_put_u16(call->out, ROLE_STANDALONE_SERVER);
	smb3_ndr_put_u32(call->out, 0); /* Flags: no directory, and no GUID of a domain */
	smb3_ndr_put_ptr(call->out, true);
	smb3_ndr_put_ptr(call->out, false); /* DomainNameDns, DomainForestName */
	smb3_ndr_put_ptr(call->out, false);
	smb3_ndr_put_guid(call->out, &none);
	smb3_ndr_put_wstring(call->out, call->facts->workgroup);
}

/* [MS-DSSP] 3.2.5.1 */
static uint32_t get_domain_information(struct smb3_rpc_call *call)
{
	uint16_t level = smb3_ndr_u16(call->in);
	bool good = level >= LEVEL_BASIC && level <= LEVEL_OPERATION;
	struct smb3_ndr_out *out = call->out;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_ptr(out, good);
	if (good) {
		smb3_ndr_put_u16(out, level);
		smb3_ndr_put_align(out, 4);
	}
	if (good && level == LEVEL_BASIC) {
		put_basic(call);
	} else if (good && level == LEVEL_UPGRADE) {
		smb3_ndr_put_u32(out, 0); /* OperationState: none */
		smb3_ndr_put_u16(out, 0); /* PreviousServerState: not known */
	} else if (good) {
		smb3_ndr_put_u16(out, 0); /* OperationState: idle */
	}
	smb3_ndr_put_u32(out, good ? 0 : ERROR_INVALID_PARAMETER);
	return SMB3_RPC_OK;
}

static const struct smb3_rpc_op dssetup_ops[] = {
	[0] = { "DsRolerGetPrimaryDomainInformation", get_domain_information },
};

static const char *const dssetup_pipes[] = { "lsarpc", NULL };

const struct smb3_rpc_interface lsa_dssetup = {
	.name = "dssetup",
	.uuid = SMB3_RPC_UUID(0x3919286a, 0xb10c, 0x11d0, 0x9b, 0xa8, 0x00, 0xc0, 0x4f, 0xd9, 0x2e,
			      0xf5),
	.major = 0,
	.pipes = dssetup_pipes,
	.ops = dssetup_ops,
	.n_ops = SMB3_ARRAY_SIZE(dssetup_ops),
};
