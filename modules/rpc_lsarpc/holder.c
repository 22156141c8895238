// SPDX-License-Identifier: Apache-2.0
/*
 * holder.c: accounts of the policy: who holds which rights. Two hold what the server grants by itself;
 * what administrators gave, the server keeps, and tells administrators only. [MS-LSAD] 3.1.4.5
 */
#include "lsarpc.h"

#include <errno.h>

#define ADMINS         "S-1-5-32-544"
#define FIXED_RIGHTS   4
#define RIGHTS_AT_ONCE 256u

/* Administrators take ownership; they and users log on over the network. */
static const struct {
	const char *sid;
	const char *rights[FIXED_RIGHTS]; /* NULL at the end */
} fixed[] = {
	{ ADMINS, { LSA_NETWORK_LOGON, "SeTakeOwnershipPrivilege", NULL } },
	{ "S-1-5-32-545", { LSA_NETWORK_LOGON, NULL } },
};

static uint64_t bits_of(const char *const *names)
{
	uint64_t rights = 0;

	for (; *names; names++)
		rights |= lsa_right_bit(*names);
	return rights;
}

uint64_t lsa_fixed_rights(const struct smb3_rpc_sid *sid)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(fixed); i++) {
		struct smb3_rpc_sid s = lsa_sid_parse(fixed[i].sid);

		if (smb3_rpc_sid_equal(&s, sid))
			return bits_of(fixed[i].rights);
	}
	return 0;
}

/* Administrators see what is audited, too. Who keeps rights knows whether that was taken from them;
 * without anybody who does it cannot be. */
static struct lsa_holder admins_unkept(void)
{
	return (struct lsa_holder){ lsa_sid_parse(ADMINS), lsa_right_bit("SeSecurityPrivilege") };
}

static uint64_t rights_unkept(const struct smb3_rpc_sid *sid)
{
	struct lsa_holder admins = admins_unkept();

	return smb3_rpc_sid_equal(sid, &admins.sid) ? admins.rights : 0;
}

ntstatus lsa_holder_find(struct smb3_rpc_call *call, const struct smb3_rpc_sid *sid,
			 uint64_t *ret_rights)
{
	ntstatus status = STATUS_OBJECT_NAME_NOT_FOUND;
	uint64_t rights = lsa_fixed_rights(sid), kept = 0;

	if (call->caller->admin)
		status = lsa_ask_rights(call, sid, &kept);
	if (status == STATUS_NOT_SUPPORTED) {
		status = STATUS_OBJECT_NAME_NOT_FOUND;
		kept = rights_unkept(sid);
	}
	if (status == STATUS_OBJECT_NAME_NOT_FOUND && rights)
		status = STATUS_SUCCESS;
	*ret_rights = rights | kept;
	return status;
}

ntstatus lsa_holder_change(struct smb3_rpc_call *call, const struct smb3_rpc_sid *sid,
			   uint64_t give, uint64_t take)
{
	uint64_t stays = lsa_fixed_rights(sid);
	const struct lsa_holder to_give = { *sid, give & ~stays };

	if (take & stays)
		return STATUS_NOT_SUPPORTED;
	if (stays && !to_give.rights && !take)
		return STATUS_SUCCESS;
	return lsa_ask_change(call, stays ? SMB3_RIGHTS_PUT : SMB3_RIGHTS_CHANGE, &to_give, take);
}

/* ---- lists ---- */

void lsa_holders_add(struct smb3_arena *a, struct lsa_holders *h, const struct lsa_holder *one)
{
	struct lsa_holder *list;

	/* Only what is fixed may come twice, and stands first. */
	for (uint32_t i = 0; i < h->n && i < SMB3_ARRAY_SIZE(fixed); i++) {
		if (!smb3_rpc_sid_equal(&h->list[i].sid, &one->sid))
			continue;
		h->list[i].rights |= one->rights;
		return;
	}
	if (h->n == h->room) {
		list = smb3_arena_alloc(a, (2 * h->room + 16) * sizeof(*list));
		if (h->n)
			memcpy(list, h->list, h->n * sizeof(*list));
		h->list = list;
		h->room = 2 * h->room + 16;
	}
	h->list[h->n++] = *one;
}

/* All that the caller may know of. */
static ntstatus holders_of(struct smb3_rpc_call *call, struct lsa_holders *ret_holders)
{
	const struct lsa_holder admins = admins_unkept();
	struct lsa_holders h = { .n = 0 };
	ntstatus status = STATUS_SUCCESS;

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(fixed); i++)
		lsa_holders_add(call->arena, &h,
				&(struct lsa_holder){ lsa_sid_parse(fixed[i].sid),
						      bits_of(fixed[i].rights) });
	if (call->caller->admin)
		status = lsa_ask_holders(call, &h);
	if (status == STATUS_NOT_SUPPORTED) {
		lsa_holders_add(call->arena, &h, &admins);
		status = STATUS_SUCCESS;
	}
	*ret_holders = h;
	return status;
}

static void put_holders(struct smb3_ndr_out *out, const struct lsa_holder *list, uint32_t n)
{
	smb3_ndr_put_u32(out, n);
	smb3_ndr_put_ptr(out, n);
	if (!n)
		return;
	smb3_ndr_put_u32(out, n);
	for (uint32_t i = 0; i < n; i++)
		smb3_ndr_put_ptr(out, true);
	for (uint32_t i = 0; i < n; i++)
		smb3_ndr_put_sid(out, &list[i].sid);
}

uint32_t lsa_enum_accounts(struct smb3_rpc_call *call)
{
	struct lsa_policy *policy = lsa_get_policy(call);
	uint32_t at = smb3_ndr_u32(call->in), bytes = smb3_ndr_u32(call->in), n = 0;
	struct lsa_holders h = { .n = 0 };
	ntstatus status = STATUS_ACCESS_DENIED;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (policy->access & POLICY_VIEW_LOCAL)
		status = holders_of(call, &h);
	if (!status) {
		n = lsa_fit(at, h.n, bytes, 28);
		status = !n           ? STATUS_NO_MORE_ENTRIES :
			 at + n < h.n ? STATUS_MORE_ENTRIES :
					STATUS_SUCCESS;
	}
	smb3_ndr_put_u32(call->out, n ? at + n : at);
	put_holders(call->out, n ? h.list + at : NULL, n);
	return lsa_end(call, status);
}

/* 3.1.4.5.14 */
uint32_t lsa_enum_accounts_with_right(struct smb3_rpc_call *call)
{
	struct lsa_policy *policy = lsa_get_policy(call);
	const char *right = smb3_ndr_ptr(call->in) ? lsa_get_string(call->in) : NULL;
	struct lsa_holders h = { .n = 0 };
	ntstatus status = STATUS_SUCCESS;
	uint32_t n = 0;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (!(policy->access & POLICY_VIEW_LOCAL) || !call->caller->admin)
		status = STATUS_ACCESS_DENIED;
	else if (right && !lsa_right_bit(right))
		status = STATUS_NO_SUCH_PRIVILEGE;
	else
		status = holders_of(call, &h);
	for (uint32_t i = 0; !status && i < h.n; i++)
		if (!right || h.list[i].rights & lsa_right_bit(right))
			h.list[n++] = h.list[i];
	put_holders(call->out, h.list, n);
	return lsa_end(call, status ? status : n ? STATUS_SUCCESS : STATUS_NO_MORE_ENTRIES);
}

/* ---- rights of one ---- */

static void put_rights(struct smb3_ndr_out *out, uint64_t rights)
{
	uint32_t n = (uint32_t)__builtin_popcountll(rights);

	smb3_ndr_put_u32(out, n);
	smb3_ndr_put_ptr(out, n);
	if (n)
		smb3_ndr_put_u32(out, n);
	for (size_t i = 0; i < lsa_n_rights; i++)
		if (rights >> i & 1)
			smb3_ndr_put_counted_z(out, lsa_rights[i].name);
	for (size_t i = 0; i < lsa_n_rights; i++)
		if (rights >> i & 1)
			smb3_ndr_put_counted_text_z(out, lsa_rights[i].name);
}

uint32_t lsa_enum_account_rights(struct smb3_rpc_call *call)
{
	struct lsa_policy *policy = lsa_get_policy(call);
	struct smb3_rpc_sid sid = smb3_ndr_sid(call->in);
	ntstatus status = STATUS_ACCESS_DENIED;
	uint64_t rights = 0;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (policy->access & POLICY_LOOKUP_NAMES)
		status = lsa_holder_find(call, &sid, &rights);
	put_rights(call->out, status ? 0 : rights);
	return lsa_end(call, status);
}

/* LSAPR_USER_RIGHT_SET. *ret_known: there are such rights, all of them. */
static uint64_t get_rights(struct smb3_ndr_in *in, bool *ret_known)
{
	uint32_t n = smb3_ndr_u32(in);
	struct smb3_ndr_counted *heads = NULL;
	uint64_t rights = 0;

	*ret_known = true;
	if (n > RIGHTS_AT_ONCE)
		smb3_ndr_bad(in);
	if (smb3_ndr_ptr(in))
		heads = smb3_ndr_array(in, n, 8, sizeof(*heads));
	else if (n)
		smb3_ndr_bad(in);
	for (uint32_t i = 0; heads && i < n; i++)
		heads[i] = smb3_ndr_counted(in);
	for (uint32_t i = 0; heads && i < n; i++) {
		const char *name = smb3_ndr_counted_text(in, &heads[i]);
		uint64_t bit = name ? lsa_right_bit(name) : 0;

		*ret_known = *ret_known && bit;
		rights |= bit;
	}
	return rights;
}

/* 3.1.4.5.11: the account is made when it is not there. */
uint32_t lsa_add_account_rights(struct smb3_rpc_call *call)
{
	struct lsa_policy *policy = lsa_get_policy(call);
	struct lsa_holder to_give = { .sid = smb3_ndr_sid(call->in) };
	ntstatus status;
	bool known;

	to_give.rights = get_rights(call->in, &known);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	to_give.rights &= ~lsa_fixed_rights(&to_give.sid);
	if (!(policy->access & POLICY_CREATE_ACCOUNT))
		status = STATUS_ACCESS_DENIED;
	else if (!known)
		status = STATUS_NO_SUCH_PRIVILEGE;
	else if (!to_give.rights)
		status = STATUS_SUCCESS;
	else
		status = lsa_ask_change(call, SMB3_RIGHTS_PUT, &to_give, 0);
	return lsa_end(call, status);
}

static ntstatus remove_rights(struct smb3_rpc_call *call, const struct lsa_holder *holder, bool all)
{
	uint64_t stays = lsa_fixed_rights(&holder->sid);
	const struct lsa_holder nothing = { holder->sid, 0 };

	if (stays && (all || holder->rights & stays))
		return STATUS_NOT_SUPPORTED;
	if (all)
		return lsa_ask_change(call, SMB3_RIGHTS_DELETE, &nothing, 0);
	return lsa_ask_change(call, SMB3_RIGHTS_PUT, &nothing, holder->rights);
}

/* 3.1.4.5.12: an account goes with its last right. */
uint32_t lsa_remove_account_rights(struct smb3_rpc_call *call)
{
	struct lsa_policy *policy = lsa_get_policy(call);
	struct lsa_holder holder = { .sid = smb3_ndr_sid(call->in) };
	bool all = smb3_ndr_u8(call->in), known;
	ntstatus status;

	holder.rights = get_rights(call->in, &known);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (!(policy->access & POLICY_CREATE_ACCOUNT))
		status = STATUS_ACCESS_DENIED;
	else if (!known)
		status = STATUS_NO_SUCH_PRIVILEGE;
	else
		status = remove_rights(call, &holder, all);
	return lsa_end(call, status);
}
