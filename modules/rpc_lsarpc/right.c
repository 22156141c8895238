// SPDX-License-Identifier: Apache-2.0
/*
 * right.c: which privileges and rights there are. [MS-LSAD] 3.1.1.2, 3.1.4.8
 */
#include "lsarpc.h"

/* First privileges, [MS-LSAD] 3.1.1.2.1, then rights to log on, 3.1.1.2.2: those that deny it are not
 * there, for nobody would keep them. */
const struct lsa_right lsa_rights[] = {
	{ "SeCreateTokenPrivilege", "Create a token object", 2, 0 },
	{ "SeAssignPrimaryTokenPrivilege", "Replace a process level token", 3, 0 },
	{ "SeLockMemoryPrivilege", "Lock pages in memory", 4, 0 },
	{ "SeIncreaseQuotaPrivilege", "Adjust memory quotas for a process", 5, 0 },
	{ "SeMachineAccountPrivilege", "Add workstations to domain", 6, 0 },
	{ "SeTcbPrivilege", "Act as part of the operating system", 7, 0 },
	{ "SeSecurityPrivilege", "Manage auditing and security log", 8, 0 },
	{ "SeTakeOwnershipPrivilege", "Take ownership of files or other objects", 9, 0 },
	{ "SeLoadDriverPrivilege", "Load and unload device drivers", 10, 0 },
	{ "SeSystemProfilePrivilege", "Profile system performance", 11, 0 },
	{ "SeSystemtimePrivilege", "Change the system time", 12, 0 },
	{ "SeProfileSingleProcessPrivilege", "Profile single process", 13, 0 },
	{ "SeIncreaseBasePriorityPrivilege", "Increase scheduling priority", 14, 0 },
	{ "SeCreatePagefilePrivilege", "Create a pagefile", 15, 0 },
	{ "SeCreatePermanentPrivilege", "Create permanent shared objects", 16, 0 },
	{ "SeBackupPrivilege", "Back up files and directories", 17, 0 },
	{ "SeRestorePrivilege", "Restore files and directories", 18, 0 },
	{ "SeShutdownPrivilege", "Shut down the system", 19, 0 },
	{ "SeDebugPrivilege", "Debug programs", 20, 0 },
	{ "SeAuditPrivilege", "Generate security audits", 21, 0 },
	{ "SeSystemEnvironmentPrivilege", "Modify firmware environment values", 22, 0 },
	{ "SeChangeNotifyPrivilege", "Bypass traverse checking", 23, 0 },
	{ "SeRemoteShutdownPrivilege", "Force shutdown from a remote system", 24, 0 },
	{ "SeUndockPrivilege", "Remove computer from docking station", 25, 0 },
	{ "SeSyncAgentPrivilege", "Synchronize directory service data", 26, 0 },
	{ "SeEnableDelegationPrivilege", "Enable accounts to be trusted for delegation", 27, 0 },
	{ "SeManageVolumePrivilege", "Perform volume maintenance tasks", 28, 0 },
	{ "SeImpersonatePrivilege", "Impersonate a client after authentication", 29, 0 },
	{ "SeCreateGlobalPrivilege", "Create global objects", 30, 0 },
	{ .name = "SeInteractiveLogonRight", .access = 0x001 },
	{ .name = LSA_NETWORK_LOGON, .access = 0x002 },
	{ .name = "SeBatchLogonRight", .access = 0x004 },
	{ .name = "SeServiceLogonRight", .access = 0x010 },
	{ .name = "SeRemoteInteractiveLogonRight", .access = 0x400 },
};
const size_t lsa_n_rights = SMB3_ARRAY_SIZE(lsa_rights);

#define PRIVILEGES (SMB3_ARRAY_SIZE(lsa_rights) - 5)

_Static_assert(SMB3_ARRAY_SIZE(lsa_rights) <= 64, "one bit for each");

uint64_t lsa_right_bit(const char *name)
{
	for (size_t i = 0; i < lsa_n_rights; i++)
		if (smb3_name_equal(lsa_rights[i].name, name))
			return 1ull << i;
	return 0;
}

uint64_t lsa_rights_to_log_on(void)
{
	return ((1ull << lsa_n_rights) - 1) & ~((1ull << PRIVILEGES) - 1);
}

static const struct lsa_right *privilege_by_name(const char *name)
{
	for (size_t i = 0; name && i < PRIVILEGES; i++)
		if (smb3_name_equal(lsa_rights[i].name, name))
			return &lsa_rights[i];
	return NULL;
}

char *lsa_get_string(struct smb3_ndr_in *in)
{
	struct smb3_ndr_counted head = smb3_ndr_counted(in);

	return smb3_ndr_counted_text(in, &head);
}

/* ---- privileges ---- */

/* Entries from *at on that fit, each of so many bytes, but one at least. */
uint32_t lsa_fit(uint32_t at, uint32_t total, uint32_t bytes, uint32_t each)
{
	uint32_t most = bytes / each ? bytes / each : 1, left = at < total ? total - at : 0;

	return left < most ? left : most;
}

static void put_privileges(struct smb3_ndr_out *out, uint32_t first, uint32_t n)
{
	smb3_ndr_put_u32(out, n);
	smb3_ndr_put_ptr(out, n);
	if (!n)
		return;
	smb3_ndr_put_u32(out, n);
	for (uint32_t i = first; i < first + n; i++) {
		smb3_ndr_put_counted_z(out, lsa_rights[i].name);
		smb3_ndr_put_u32(out, lsa_rights[i].luid);
		smb3_ndr_put_u32(out, 0);
	}
	for (uint32_t i = first; i < first + n; i++)
		smb3_ndr_put_counted_text_z(out, lsa_rights[i].name);
}

uint32_t lsa_enum_privileges(struct smb3_rpc_call *call)
{
	const uint32_t total = PRIVILEGES;
	struct lsa_policy *policy = lsa_get_policy(call);
	uint32_t at = smb3_ndr_u32(call->in), n = 0;
	ntstatus status = STATUS_ACCESS_DENIED;

	/* PreferedMaximumLength is an approximate one: there are never many. */
	(void)smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (policy->access & POLICY_VIEW_LOCAL) {
		n = at < total ? total - at : 0;
		status = n ? STATUS_SUCCESS : STATUS_NO_MORE_ENTRIES;
	}
	smb3_ndr_put_u32(call->out, n ? at + n : at);
	put_privileges(call->out, at, n);
	return lsa_end(call, status);
}

static uint32_t found_end(struct smb3_rpc_call *call, const struct lsa_policy *policy,
			  const void *found)
{
	if (!(policy->access & POLICY_LOOKUP_NAMES))
		return lsa_end(call, STATUS_ACCESS_DENIED);
	return lsa_end(call, found ? STATUS_SUCCESS : STATUS_NO_SUCH_PRIVILEGE);
}

uint32_t lsa_privilege_value(struct smb3_rpc_call *call)
{
	struct lsa_policy *policy = lsa_get_policy(call);
	const struct lsa_right *p = privilege_by_name(lsa_get_string(call->in));

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (!(policy->access & POLICY_LOOKUP_NAMES))
		p = NULL;
	smb3_ndr_put_u32(call->out, p ? p->luid : 0);
	smb3_ndr_put_u32(call->out, 0);
	return found_end(call, policy, p);
}

uint32_t lsa_privilege_name(struct smb3_rpc_call *call)
{
	struct lsa_policy *policy = lsa_get_policy(call);
	uint32_t low = smb3_ndr_u32(call->in), high = smb3_ndr_u32(call->in);
	const char *name = NULL;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	for (size_t i = 0; i < PRIVILEGES; i++)
		if (lsa_rights[i].luid == low && !high && policy->access & POLICY_LOOKUP_NAMES)
			name = lsa_rights[i].name;
	smb3_ndr_put_ptr(call->out, name);
	if (name) {
		smb3_ndr_put_counted_z(call->out, name);
		smb3_ndr_put_counted_text_z(call->out, name);
	}
	return found_end(call, policy, name);
}

uint32_t lsa_privilege_display(struct smb3_rpc_call *call)
{
	struct lsa_policy *policy = lsa_get_policy(call);
	const struct lsa_right *p = privilege_by_name(lsa_get_string(call->in));

	(void)smb3_ndr_u16(call->in); /* languages: the client's, its system's */
	(void)smb3_ndr_u16(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (!(policy->access & POLICY_LOOKUP_NAMES))
		p = NULL;
	smb3_ndr_put_ptr(call->out, p);
	if (p) {
		smb3_ndr_put_counted_z(call->out, p->display);
		smb3_ndr_put_counted_text_z(call->out, p->display);
	}
	smb3_ndr_put_u16(call->out, 0x409); /* the language that it is in: English */
	return found_end(call, policy, p);
}
