// SPDX-License-Identifier: Apache-2.0
/*
 * account.c: handles of accounts that hold rights, and what is done with them; the end of what has a
 * handle. [MS-LSAD] 3.1.4.5, 3.1.4.9.3
 */
#include "lsarpc.h"

#include <stdlib.h>

#define PRIVILEGES_AT_ONCE 1000u

static ntstatus account_new(struct smb3_rpc_call *call, const struct smb3_rpc_sid *sid,
			    uint32_t wanted, struct smb3_rpc_handle *ret_handle)
{
	struct lsa_account *account;
	uint32_t access;

	if (!lsa_access(call->caller, wanted, &lsa_account_rights, &access))
		return STATUS_ACCESS_DENIED;
	account = smb3_alloc(sizeof(*account));
	account->access = access;
	account->sid = *sid;
	if (smb3_rpc_handle_new(call, &lsa_account_type, account, ret_handle))
		return STATUS_SUCCESS;
	free(account);
	return STATUS_INSUFFICIENT_RESOURCES;
}

static ntstatus create(struct smb3_rpc_call *call, const struct smb3_rpc_sid *sid)
{
	const struct lsa_holder nothing = { *sid, 0 };

	if (lsa_fixed_rights(sid))
		return STATUS_OBJECT_NAME_COLLISION;
	return lsa_ask_change(call, SMB3_RIGHTS_MAKE, &nothing, 0);
}

/* 3.1.4.5.1 */
uint32_t lsa_create_account(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle handle = { { 0 } };
	struct lsa_policy *policy = lsa_get_policy(call);
	struct smb3_rpc_sid sid = smb3_ndr_sid(call->in);
	uint32_t wanted = smb3_ndr_u32(call->in), access;
	ntstatus status = STATUS_ACCESS_DENIED;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (policy->access & POLICY_CREATE_ACCOUNT &&
	    lsa_access(call->caller, wanted, &lsa_account_rights, &access))
		status = create(call, &sid);
	if (!status)
		status = account_new(call, &sid, wanted, &handle);
	smb3_ndr_put_handle(call->out, &handle);
	return lsa_end(call, status);
}

uint32_t lsa_open_account(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle handle = { { 0 } };
	struct lsa_policy *policy = lsa_get_policy(call);
	struct smb3_rpc_sid sid = smb3_ndr_sid(call->in);
	uint32_t wanted = smb3_ndr_u32(call->in);
	ntstatus status = STATUS_ACCESS_DENIED;
	uint64_t rights;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (policy->access & POLICY_VIEW_LOCAL)
		status = lsa_holder_find(call, &sid, &rights);
	if (!status)
		status = account_new(call, &sid, wanted, &handle);
	smb3_ndr_put_handle(call->out, &handle);
	return lsa_end(call, status);
}

static struct lsa_account *get_account(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);

	return smb3_rpc_handle_find(call, &lsa_account_type, &h);
}

/* What it holds, when the handle lets one see it. */
static ntstatus rights_of(struct smb3_rpc_call *call, const struct lsa_account *account,
			  uint64_t *ret_rights)
{
	if (!(account->access & ACCOUNT_VIEW))
		return STATUS_ACCESS_DENIED;
	return lsa_holder_find(call, &account->sid, ret_rights);
}

/* ---- privileges ---- */

/* LSAPR_PRIVILEGE_SET: its array's size in front of it. */
static void put_privileges(struct smb3_ndr_out *out, uint64_t rights)
{
	uint32_t n = (uint32_t)__builtin_popcountll(rights);

	smb3_ndr_put_u32(out, n);
	smb3_ndr_put_u32(out, n);
	smb3_ndr_put_u32(out, 0); /* Control */
	for (size_t i = 0; i < lsa_n_rights; i++) {
		if (!(rights >> i & 1))
			continue;
		smb3_ndr_put_u32(out, lsa_rights[i].luid);
		smb3_ndr_put_u32(out, 0);
		smb3_ndr_put_u32(out, 0); /* Attributes */
	}
}

uint32_t lsa_account_privileges(struct smb3_rpc_call *call)
{
	struct lsa_account *account = get_account(call);
	uint64_t rights = 0;
	ntstatus status;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!account)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	status = rights_of(call, account, &rights);
	smb3_ndr_put_ptr(call->out, !status);
	if (!status)
		put_privileges(call->out, rights & ~lsa_rights_to_log_on());
	return lsa_end(call, status);
}

static uint64_t bit_by_luid(uint32_t low, uint32_t high)
{
	for (size_t i = 0; low && !high && i < lsa_n_rights; i++)
		if (lsa_rights[i].luid == low)
			return 1ull << i;
	return 0;
}

static uint64_t get_privileges(struct smb3_ndr_in *in, bool *ret_known)
{
	uint32_t room = smb3_ndr_conformance(in, PRIVILEGES_AT_ONCE), n = smb3_ndr_u32(in);
	uint64_t rights = 0;

	(void)smb3_ndr_u32(in); /* Control */
	*ret_known = true;
	if (n != room)
		smb3_ndr_bad(in);
	for (uint32_t i = 0; i < n && smb3_ndr_ok(in); i++) {
		uint32_t low = smb3_ndr_u32(in), high = smb3_ndr_u32(in);
		uint64_t bit = bit_by_luid(low, high);

		(void)smb3_ndr_u32(in); /* Attributes */
		*ret_known = *ret_known && bit;
		rights |= bit;
	}
	return rights;
}

static uint32_t change_privileges(struct smb3_rpc_call *call, const struct lsa_account *account,
				  uint64_t give, uint64_t take)
{
	ntstatus status = STATUS_ACCESS_DENIED;

	if (account->access & ACCOUNT_PRIVILEGES)
		status = lsa_holder_change(call, &account->sid, give, take);
	return lsa_end(call, status);
}

uint32_t lsa_account_add_privileges(struct smb3_rpc_call *call)
{
	struct lsa_account *account = get_account(call);
	bool known;
	uint64_t give = get_privileges(call->in, &known);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!account)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (!known)
		return lsa_end(call, STATUS_NO_SUCH_PRIVILEGE);
	return change_privileges(call, account, give, 0);
}

/* 3.1.4.5.6: all, and then none are named; or those that are. */
uint32_t lsa_account_remove_privileges(struct smb3_rpc_call *call)
{
	struct lsa_account *account = get_account(call);
	bool all = smb3_ndr_u8(call->in), named = smb3_ndr_ptr(call->in), known = true;
	uint64_t take = named ? get_privileges(call->in, &known) : 0;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!account)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (all == named)
		return lsa_end(call, STATUS_INVALID_PARAMETER);
	if (all)
		take = ((1ull << lsa_n_rights) - 1) & ~lsa_rights_to_log_on();
	return change_privileges(call, account, 0, take);
}

/* ---- rights to log on, as bits ---- */

uint32_t lsa_account_system_access(struct smb3_rpc_call *call)
{
	struct lsa_account *account = get_account(call);
	uint32_t access = 0;
	uint64_t rights = 0;
	ntstatus status;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!account)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	status = rights_of(call, account, &rights);
	for (size_t i = 0; !status && i < lsa_n_rights; i++)
		access |= rights >> i & 1 ? lsa_rights[i].access : 0;
	smb3_ndr_put_u32(call->out, access);
	return lsa_end(call, status);
}

uint32_t lsa_account_set_system_access(struct smb3_rpc_call *call)
{
	struct lsa_account *account = get_account(call);
	uint32_t access = smb3_ndr_u32(call->in);
	ntstatus status = STATUS_ACCESS_DENIED;
	uint64_t give = 0;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!account)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	for (size_t i = 0; i < lsa_n_rights; i++) {
		if (!(access & lsa_rights[i].access))
			continue;
		access &= ~lsa_rights[i].access;
		give |= 1ull << i;
	}
	if (access)
		status = STATUS_INVALID_PARAMETER;
	else if (account->access & ACCOUNT_SYSTEM_ACCESS)
		status = lsa_holder_change(call, &account->sid, give,
					   lsa_rights_to_log_on() & ~give);
	return lsa_end(call, status);
}

/* ---- the end of what has a handle ---- */

/* 3.1.4.9.2: of no use to anybody, on any server. */
uint32_t lsa_delete(struct smb3_rpc_call *call)
{
	(void)smb3_ndr_handle(call->in);
	return smb3_ndr_ok(call->in) ? lsa_end(call, STATUS_NOT_SUPPORTED) : SMB3_RPC_FAULT_NDR;
}

static ntstatus delete_account(struct smb3_rpc_call *call, const struct lsa_account *account)
{
	const struct lsa_holder nothing = { account->sid, 0 };

	if (!(account->access & DELETE_ACCESS))
		return STATUS_ACCESS_DENIED;
	if (lsa_fixed_rights(&account->sid))
		return STATUS_NOT_SUPPORTED;
	return lsa_ask_change(call, SMB3_RIGHTS_DELETE, &nothing, 0);
}

static ntstatus delete_secret(struct smb3_rpc_call *call, const struct lsa_secret *secret)
{
	if (!(secret->access & DELETE_ACCESS))
		return STATUS_ACCESS_DENIED;
	return lsa_ask_secret(call, SMB3_ASK_DELETE_SECRET, secret->name);
}

/* A handle whose object somebody else has deleted is good for nothing, either. */
uint32_t lsa_delete_object(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	struct lsa_account *account = smb3_rpc_handle_find(call, &lsa_account_type, &h);
	struct lsa_secret *secret = smb3_rpc_handle_find(call, &lsa_secret_type, &h);
	struct lsa_policy *policy = smb3_rpc_handle_find(call, &lsa_policy_type, &h);
	ntstatus status = STATUS_INVALID_PARAMETER;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!account && !secret && !policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (account)
		status = delete_account(call, account);
	else if (secret)
		status = delete_secret(call, secret);
	if (status == STATUS_OBJECT_NAME_NOT_FOUND)
		status = STATUS_INVALID_HANDLE;
	if (!status) {
		smb3_rpc_handle_close(call, account ? &lsa_account_type : &lsa_secret_type, &h);
		memset(&h, 0, sizeof(h));
	}
	smb3_ndr_put_handle(call->out, &h);
	return lsa_end(call, status);
}
