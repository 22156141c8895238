// SPDX-License-Identifier: Apache-2.0
/*
 * rpc_lsarpc.c: module rpc_lsarpc: the local security authority: what this machine is, and names of
 * SIDs. [MS-LSAD], [MS-LSAT]
 */
#include "lsarpc.h"

#include <errno.h>
#include <stdlib.h>

#define GENERIC_ALL     0x10000000u
#define GENERIC_EXECUTE 0x20000000u
#define GENERIC_WRITE   0x40000000u
#define GENERIC_READ    0x80000000u
#define MAXIMUM_ALLOWED 0x02000000u

const struct lsa_access lsa_policy_rights = {
	.all = 0x000F1FFF, .read = 0x00020006, .write = 0x000207F8, .execute = 0x00020801
};
const struct lsa_access lsa_account_rights = {
	.all = 0x000F000F, .read = 0x00020001, .write = 0x0002000E, .execute = 0x00020000
};
const struct lsa_access lsa_secret_rights = {
	.all = 0x000F0003, .read = 0x00020002, .write = 0x00020001, .execute = 0x00020000
};
const struct smb3_rpc_handle_type lsa_policy_type = { .name = "policy", .free = free };
const struct smb3_rpc_handle_type lsa_account_type = { .name = "account", .free = free };
const struct smb3_rpc_handle_type lsa_secret_type = { .name = "secret", .free = free };

ntstatus lsa_status(int err)
{
	switch (err) {
	case 0:
		return STATUS_SUCCESS;
	case -EACCES:
		return STATUS_ACCESS_DENIED;
	case -ENOENT:
		return STATUS_OBJECT_NAME_NOT_FOUND;
	case -EEXIST:
		return STATUS_OBJECT_NAME_COLLISION;
	case -EINVAL:
		return STATUS_INVALID_PARAMETER;
	case -ENOSYS:
		return STATUS_NOT_SUPPORTED;
	default:
		return STATUS_INSUFFICIENT_RESOURCES;
	}
}

struct lsa_policy *lsa_get_policy(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);

	return smb3_rpc_handle_find(call, &lsa_policy_type, &h);
}

bool lsa_access(const struct smb3_rpc_caller *who, uint32_t wanted, const struct lsa_access *rights,
		uint32_t *ret_access)
{
	uint32_t may = who->admin ? rights->all : rights->execute;
	uint32_t access = wanted & ~(GENERIC_ALL | GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE |
				     MAXIMUM_ALLOWED);

	if (who->anonymous)
		may &= POLICY_VIEW_LOCAL;
	access |= wanted & GENERIC_ALL ? rights->all : 0;
	access |= wanted & GENERIC_READ ? rights->read : 0;
	access |= wanted & GENERIC_WRITE ? rights->write : 0;
	access |= wanted & GENERIC_EXECUTE ? rights->execute : 0;
	access |= wanted & MAXIMUM_ALLOWED ? may : 0;
	*ret_access = access;
	return !(access & ~may);
}

/* LSAPR_OBJECT_ATTRIBUTES [MS-LSAD] 2.2.9: nothing of it has a meaning. A name or a descriptor, which
 * nobody sends, would have to be NULL. */
static void get_attributes(struct smb3_ndr_in *in)
{
	bool root, qos;

	(void)smb3_ndr_u32(in); /* Length */
	root = smb3_ndr_ptr(in);
	if (smb3_ndr_ptr(in))
		smb3_ndr_bad(in);
	(void)smb3_ndr_u32(in); /* Attributes */
	if (smb3_ndr_ptr(in))
		smb3_ndr_bad(in);
	qos = smb3_ndr_ptr(in);
	if (root)
		(void)smb3_ndr_u8(in);
	if (!qos)
		return;
	(void)smb3_ndr_u32(in);
	(void)smb3_ndr_u16(in);
	(void)smb3_ndr_u8(in);
	(void)smb3_ndr_u8(in);
}

/* Who is nobody learns by a policy what the machine and its workgroup are called, which NTLM told him
 * before. */
static uint32_t open_policy(struct smb3_rpc_call *call, uint32_t wanted)
{
	struct smb3_rpc_handle h = { { 0 } };
	ntstatus status = STATUS_SUCCESS;
	struct lsa_policy *policy;
	uint32_t access;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!lsa_access(call->caller, wanted, &lsa_policy_rights, &access)) {
		status = STATUS_ACCESS_DENIED;
	} else {
		policy = smb3_alloc(sizeof(*policy));
		policy->access = access;
		if (!smb3_rpc_handle_new(call, &lsa_policy_type, policy, &h)) {
			free(policy);
			status = STATUS_INSUFFICIENT_RESOURCES;
		}
	}
	smb3_ndr_put_handle(call->out, &h);
	return lsa_end(call, status);
}

/* The name is of one character: [MS-LSAD] 3.1.4.4.2. */
static uint32_t lsa_open(struct smb3_rpc_call *call)
{
	if (smb3_ndr_ptr(call->in))
		(void)smb3_ndr_u16(call->in);
	smb3_ndr_align(call->in, 4);
	get_attributes(call->in);
	return open_policy(call, smb3_ndr_u32(call->in));
}

static uint32_t lsa_open2(struct smb3_rpc_call *call)
{
	(void)smb3_ndr_wstring_ptr(call->in);
	smb3_ndr_align(call->in, 4);
	get_attributes(call->in);
	return open_policy(call, smb3_ndr_u32(call->in));
}

/* [MS-LSAD] 3.1.4.4.9: tells which features there are: none. */
static uint32_t lsa_open3(struct smb3_rpc_call *call)
{
	uint32_t version, wanted;

	(void)smb3_ndr_wstring_ptr(call->in);
	smb3_ndr_align(call->in, 4);
	get_attributes(call->in);
	wanted = smb3_ndr_u32(call->in);
	version = smb3_ndr_u32(call->in);
	smb3_ndr_switch(call->in, version);
	if (version != 1)
		smb3_ndr_bad(call->in);
	(void)smb3_ndr_u32(call->in); /* SupportedFeatures */
	smb3_ndr_put_u32(call->out, 1);
	smb3_ndr_put_u32(call->out, 1);
	smb3_ndr_put_u32(call->out, 0);
	return open_policy(call, wanted);
}

static uint32_t lsa_close(struct smb3_rpc_call *call)
{
	const struct smb3_rpc_handle none = { { 0 } };
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!smb3_rpc_handle_close(call, &lsa_policy_type, &h) &&
	    !smb3_rpc_handle_close(call, &lsa_account_type, &h) &&
	    !smb3_rpc_handle_close(call, &lsa_secret_type, &h))
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	smb3_ndr_put_handle(call->out, &none);
	return lsa_end(call, STATUS_SUCCESS);
}

static const struct smb3_rpc_op lsa_ops[] = {
	[0] = { "LsarClose", lsa_close },
	[1] = { "LsarDelete", lsa_delete },
	[2] = { "LsarEnumeratePrivileges", lsa_enum_privileges },
	[3] = { "LsarQuerySecurityObject", lsa_query_security },
	[6] = { "LsarOpenPolicy", lsa_open },
	[7] = { "LsarQueryInformationPolicy", lsa_query_policy },
	[10] = { "LsarCreateAccount", lsa_create_account },
	[11] = { "LsarEnumerateAccounts", lsa_enum_accounts },
	[13] = { "LsarEnumerateTrustedDomains", lsa_enum_trusts },
	[14] = { "LsarLookupNames", lsa_lookup_names },
	[15] = { "LsarLookupSids", lsa_lookup_sids },
	[16] = { "LsarCreateSecret", lsa_create_secret },
	[17] = { "LsarOpenAccount", lsa_open_account },
	[18] = { "LsarEnumeratePrivilegesAccount", lsa_account_privileges },
	[19] = { "LsarAddPrivilegesToAccount", lsa_account_add_privileges },
	[20] = { "LsarRemovePrivilegesFromAccount", lsa_account_remove_privileges },
	[23] = { "LsarGetSystemAccessAccount", lsa_account_system_access },
	[24] = { "LsarSetSystemAccessAccount", lsa_account_set_system_access },
	[28] = { "LsarOpenSecret", lsa_open_secret },
	[29] = { "LsarSetSecret", lsa_set_secret },
	[30] = { "LsarQuerySecret", lsa_query_secret },
	[31] = { "LsarLookupPrivilegeValue", lsa_privilege_value },
	[32] = { "LsarLookupPrivilegeName", lsa_privilege_name },
	[33] = { "LsarLookupPrivilegeDisplayName", lsa_privilege_display },
	[34] = { "LsarDeleteObject", lsa_delete_object },
	[35] = { "LsarEnumerateAccountsWithUserRight", lsa_enum_accounts_with_right },
	[36] = { "LsarEnumerateAccountRights", lsa_enum_account_rights },
	[37] = { "LsarAddAccountRights", lsa_add_account_rights },
	[38] = { "LsarRemoveAccountRights", lsa_remove_account_rights },
	[42] = { "LsarStorePrivateData", lsa_store_private },
	[43] = { "LsarRetrievePrivateData", lsa_retrieve_private },
	[44] = { "LsarOpenPolicy2", lsa_open2 },
	[45] = { "LsarGetUserName", lsa_get_user_name },
	[46] = { "LsarQueryInformationPolicy2", lsa_query_policy2 },
	[50] = { "LsarEnumerateTrustedDomainsEx", lsa_enum_trusts_ex },
	[53] = { "LsarQueryDomainInformationPolicy", lsa_query_domain_policy },
	[57] = { "LsarLookupSids2", lsa_lookup_sids2 },
	[58] = { "LsarLookupNames2", lsa_lookup_names2 },
	[68] = { "LsarLookupNames3", lsa_lookup_names3 },
	[76] = { "LsarLookupSids3", lsa_lookup_secure },
	[77] = { "LsarLookupNames4", lsa_lookup_secure },
	[130] = { "LsarOpenPolicy3", lsa_open3 },
};

static const char *const lsa_pipes[] = { "lsarpc", NULL };

static const struct smb3_rpc_interface lsarpc = {
	.name = "lsarpc",
	.uuid = SMB3_RPC_UUID(0x12345778, 0x1234, 0xabcd, 0xef, 0x00, 0x01, 0x23, 0x45, 0x67, 0x89,
			      0xab),
	.major = 0,
	.pipes = lsa_pipes,
	.ops = lsa_ops,
	.n_ops = SMB3_ARRAY_SIZE(lsa_ops),
};

static const struct smb3_provide lsa_provides[] = {
	SMB3_RPC(&lsarpc),
	SMB3_RPC(&lsa_dssetup),
	SMB3_END,
};
static const char *const lsa_needs[] = { "rpc", "sam", NULL };

SMB3_MODULE(rpc_lsarpc, .summary = "names of SIDs, and what this machine is, for clients",
	    .needs = lsa_needs, .provides = lsa_provides);
