// SPDX-License-Identifier: Apache-2.0
/*
 * right.c: privileges and rights, and who holds them. What there is to hold is what the server does by
 * itself (administrators take ownership, everybody passes through folders as their modes say); it
 * cannot be changed by clients. [MS-LSAD] 3.1.4.5, 3.1.4.8
 */
#include "lsarpc.h"

#include <errno.h>
#include <stdlib.h>

struct privilege {
	const char *name, *display;
	uint32_t luid;
};

/* [MS-LSAD] 3.1.1.2.1 */
static const struct privilege privileges[] = {
	{ "SeCreateTokenPrivilege", "Create a token object", 2 },
	{ "SeAssignPrimaryTokenPrivilege", "Replace a process level token", 3 },
	{ "SeLockMemoryPrivilege", "Lock pages in memory", 4 },
	{ "SeIncreaseQuotaPrivilege", "Adjust memory quotas for a process", 5 },
	{ "SeMachineAccountPrivilege", "Add workstations to domain", 6 },
	{ "SeTcbPrivilege", "Act as part of the operating system", 7 },
	{ "SeSecurityPrivilege", "Manage auditing and security log", 8 },
	{ "SeTakeOwnershipPrivilege", "Take ownership of files or other objects", 9 },
	{ "SeLoadDriverPrivilege", "Load and unload device drivers", 10 },
	{ "SeSystemProfilePrivilege", "Profile system performance", 11 },
	{ "SeSystemtimePrivilege", "Change the system time", 12 },
	{ "SeProfileSingleProcessPrivilege", "Profile single process", 13 },
	{ "SeIncreaseBasePriorityPrivilege", "Increase scheduling priority", 14 },
	{ "SeCreatePagefilePrivilege", "Create a pagefile", 15 },
	{ "SeCreatePermanentPrivilege", "Create permanent shared objects", 16 },
	{ "SeBackupPrivilege", "Back up files and directories", 17 },
	{ "SeRestorePrivilege", "Restore files and directories", 18 },
	{ "SeShutdownPrivilege", "Shut down the system", 19 },
	{ "SeDebugPrivilege", "Debug programs", 20 },
	{ "SeAuditPrivilege", "Generate security audits", 21 },
	{ "SeSystemEnvironmentPrivilege", "Modify firmware environment values", 22 },
	{ "SeChangeNotifyPrivilege", "Bypass traverse checking", 23 },
	{ "SeRemoteShutdownPrivilege", "Force shutdown from a remote system", 24 },
	{ "SeUndockPrivilege", "Remove computer from docking station", 25 },
	{ "SeSyncAgentPrivilege", "Synchronize directory service data", 26 },
	{ "SeEnableDelegationPrivilege", "Enable accounts to be trusted for delegation", 27 },
	{ "SeManageVolumePrivilege", "Perform volume maintenance tasks", 28 },
	{ "SeImpersonatePrivilege", "Impersonate a client after authentication", 29 },
	{ "SeCreateGlobalPrivilege", "Create global objects", 30 },
};

#define RIGHT_NETWORK_LOGON  "SeNetworkLogonRight"
#define ACCESS_NETWORK_LOGON 0x2u /* the same as a bit: [MS-LSAD] 2.2.1.2 */
#define RIGHTS_MAX           4

struct lsa_holder {
	const char *sid;
	const char *rights[RIGHTS_MAX]; /* NULL at the end */
};

static const struct lsa_holder holders[] = {
	{ "S-1-5-32-544",
	  { RIGHT_NETWORK_LOGON, "SeSecurityPrivilege", "SeTakeOwnershipPrivilege", NULL } },
	{ "S-1-5-32-545", { RIGHT_NETWORK_LOGON, NULL } },
};

static const struct privilege *privilege_by_name(const char *name)
{
	for (size_t i = 0; name && i < SMB3_ARRAY_SIZE(privileges); i++)
		if (smb3_name_equal(privileges[i].name, name))
			return &privileges[i];
	return NULL;
}

static const struct lsa_holder *holder_by_sid(const struct smb3_rpc_sid *sid)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(holders); i++) {
		struct smb3_rpc_sid s = lsa_sid_parse(holders[i].sid);

		if (smb3_rpc_sid_equal(&s, sid))
			return &holders[i];
	}
	return NULL;
}

static char *get_string(struct smb3_ndr_in *in)
{
	struct smb3_ndr_counted head = smb3_ndr_counted(in);

	return smb3_ndr_counted_text(in, &head);
}

/* ---- privileges ---- */

/* Entries from *at on that fit, each of so many bytes, but one at least. */
static uint32_t fit(uint32_t at, uint32_t total, uint32_t bytes, uint32_t each)
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
		smb3_ndr_put_counted_z(out, privileges[i].name);
		smb3_ndr_put_u32(out, privileges[i].luid);
		smb3_ndr_put_u32(out, 0);
	}
	for (uint32_t i = first; i < first + n; i++)
		smb3_ndr_put_counted_text_z(out, privileges[i].name);
}

uint32_t lsa_enum_privileges(struct smb3_rpc_call *call)
{
	const uint32_t total = SMB3_ARRAY_SIZE(privileges);
	struct lsa_policy *policy = lsa_get_policy(call);
	uint32_t at = smb3_ndr_u32(call->in), bytes = smb3_ndr_u32(call->in), n = 0;
	ntstatus status = STATUS_ACCESS_DENIED;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (policy->access & POLICY_VIEW_LOCAL) {
		n = fit(at, total, bytes, 64);
		status = !n             ? STATUS_NO_MORE_ENTRIES :
			 at + n < total ? STATUS_MORE_ENTRIES :
					  STATUS_SUCCESS;
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
	const struct privilege *p = privilege_by_name(get_string(call->in));

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
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(privileges); i++)
		if (privileges[i].luid == low && !high && policy->access & POLICY_LOOKUP_NAMES)
			name = privileges[i].name;
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
	const struct privilege *p = privilege_by_name(get_string(call->in));

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

/* ---- holders ---- */

static void put_holders(struct smb3_ndr_out *out, const struct lsa_holder *const *list, uint32_t n)
{
	smb3_ndr_put_u32(out, n);
	smb3_ndr_put_ptr(out, n);
	if (!n)
		return;
	smb3_ndr_put_u32(out, n);
	for (uint32_t i = 0; i < n; i++)
		smb3_ndr_put_ptr(out, true);
	for (uint32_t i = 0; i < n; i++) {
		struct smb3_rpc_sid sid = lsa_sid_parse(list[i]->sid);

		smb3_ndr_put_sid(out, &sid);
	}
}

uint32_t lsa_enum_accounts(struct smb3_rpc_call *call)
{
	const struct lsa_holder *list[SMB3_ARRAY_SIZE(holders)] = { NULL };
	const uint32_t total = SMB3_ARRAY_SIZE(holders);
	struct lsa_policy *policy = lsa_get_policy(call);
	uint32_t at = smb3_ndr_u32(call->in), bytes = smb3_ndr_u32(call->in), n = 0;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (policy->access & POLICY_VIEW_LOCAL)
		n = fit(at, total, bytes, 28);
	for (uint32_t i = 0; i < n; i++)
		list[i] = &holders[at + i];
	smb3_ndr_put_u32(call->out, n ? at + n : at);
	put_holders(call->out, list, n);
	return lsa_end(call, !(policy->access & POLICY_VIEW_LOCAL) ? STATUS_ACCESS_DENIED :
			     !n                                    ? STATUS_NO_MORE_ENTRIES :
			     at + n < total                        ? STATUS_MORE_ENTRIES :
								     STATUS_SUCCESS);
}

static bool holds(const struct lsa_holder *h, const char *right)
{
	for (const char *const *r = h->rights; *r; r++)
		if (smb3_name_equal(*r, right))
			return true;
	return false;
}

static bool is_right(const char *name)
{
	return privilege_by_name(name) || smb3_name_equal(name, RIGHT_NETWORK_LOGON);
}

uint32_t lsa_enum_accounts_with_right(struct smb3_rpc_call *call)
{
	const struct lsa_holder *list[SMB3_ARRAY_SIZE(holders)] = { NULL };
	struct lsa_policy *policy = lsa_get_policy(call);
	const char *right = smb3_ndr_ptr(call->in) ? get_string(call->in) : NULL;
	ntstatus status = STATUS_SUCCESS;
	uint32_t n = 0;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	/* 3.1.4.5.14 */
	if (!(policy->access & POLICY_VIEW_LOCAL) || !call->caller->admin)
		status = STATUS_ACCESS_DENIED;
	else if (right && !is_right(right))
		status = STATUS_NO_SUCH_PRIVILEGE;
	for (size_t i = 0; !status && i < SMB3_ARRAY_SIZE(holders); i++)
		if (!right || holds(&holders[i], right))
			list[n++] = &holders[i];
	put_holders(call->out, list, n);
	return lsa_end(call, status ? status : n ? STATUS_SUCCESS : STATUS_NO_MORE_ENTRIES);
}

uint32_t lsa_enum_account_rights(struct smb3_rpc_call *call)
{
	struct lsa_policy *policy = lsa_get_policy(call);
	struct smb3_rpc_sid sid = smb3_ndr_sid(call->in);
	const struct lsa_holder *h = holder_by_sid(&sid);
	uint32_t n = 0;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (!(policy->access & POLICY_LOOKUP_NAMES))
		h = NULL;
	while (h && h->rights[n])
		n++;
	smb3_ndr_put_u32(call->out, n);
	smb3_ndr_put_ptr(call->out, n);
	if (n)
		smb3_ndr_put_u32(call->out, n);
	for (uint32_t i = 0; i < n; i++)
		smb3_ndr_put_counted_z(call->out, h->rights[i]);
	for (uint32_t i = 0; i < n; i++)
		smb3_ndr_put_counted_text_z(call->out, h->rights[i]);
	return lsa_end(call, h                                    ? STATUS_SUCCESS :
			     policy->access & POLICY_LOOKUP_NAMES ? STATUS_OBJECT_NAME_NOT_FOUND :
								    STATUS_ACCESS_DENIED);
}

/* ---- handles of accounts ---- */

static ntstatus account_new(struct smb3_rpc_call *call, const struct lsa_holder *h, uint32_t wanted,
			    struct smb3_rpc_handle *ret_handle)
{
	struct lsa_account *account;
	uint32_t access;

	if (!lsa_access(call->caller, wanted, &lsa_account_rights, &access))
		return STATUS_ACCESS_DENIED;
	account = smb3_alloc(sizeof(*account));
	account->access = access;
	account->holder = h;
	if (smb3_rpc_handle_new(call, &lsa_account_type, account, ret_handle))
		return STATUS_SUCCESS;
	free(account);
	return STATUS_INSUFFICIENT_RESOURCES;
}

uint32_t lsa_open_account(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle handle = { { 0 } };
	struct lsa_policy *policy = lsa_get_policy(call);
	struct smb3_rpc_sid sid = smb3_ndr_sid(call->in);
	uint32_t wanted = smb3_ndr_u32(call->in);
	const struct lsa_holder *h = holder_by_sid(&sid);
	ntstatus status;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (!(policy->access & POLICY_VIEW_LOCAL))
		status = STATUS_ACCESS_DENIED;
	else if (!h)
		status = STATUS_OBJECT_NAME_NOT_FOUND;
	else
		status = account_new(call, h, wanted, &handle);
	smb3_ndr_put_handle(call->out, &handle);
	return lsa_end(call, status);
}

static struct lsa_account *get_account(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);

	return smb3_rpc_handle_find(call, &lsa_account_type, &h);
}

/* LSAPR_PRIVILEGE_SET: its array's size in front of it. */
uint32_t lsa_account_privileges(struct smb3_rpc_call *call)
{
	struct lsa_account *account = get_account(call);
	bool good;
	uint32_t n = 0;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!account)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	good = account->access & ACCOUNT_VIEW;
	smb3_ndr_put_ptr(call->out, good);
	for (const char *const *r = account->holder->rights; *r; r++)
		n += privilege_by_name(*r) != NULL;
	if (good) {
		smb3_ndr_put_u32(call->out, n);
		smb3_ndr_put_u32(call->out, n);
		smb3_ndr_put_u32(call->out, 0); /* Control */
	}
	for (const char *const *r = account->holder->rights; good && *r; r++) {
		const struct privilege *p = privilege_by_name(*r);

		if (!p)
			continue;
		smb3_ndr_put_u32(call->out, p->luid);
		smb3_ndr_put_u32(call->out, 0);
		smb3_ndr_put_u32(call->out, 0); /* Attributes */
	}
	return lsa_end(call, good ? STATUS_SUCCESS : STATUS_ACCESS_DENIED);
}

uint32_t lsa_account_system_access(struct smb3_rpc_call *call)
{
	struct lsa_account *account = get_account(call);
	bool good;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!account)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	good = account->access & ACCOUNT_VIEW;
	smb3_ndr_put_u32(call->out, good && holds(account->holder, RIGHT_NETWORK_LOGON) ?
					    ACCESS_NETWORK_LOGON :
					    0);
	return lsa_end(call, good ? STATUS_SUCCESS : STATUS_ACCESS_DENIED);
}
