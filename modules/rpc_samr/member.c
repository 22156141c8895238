// SPDX-License-Identifier: Apache-2.0
/*
 * member.c: who is in which group. [MS-SAMR] 3.1.5.8.3, 3.1.5.8.6, 3.1.5.9
 */
#include "samr.h"

#define MEMBERS_MAX 65536u
#define SIDS_MAX    1024u

struct numbers {
	struct smb3_arena *arena;
	uint32_t *rids, n, size;
	uint32_t alias; /* of BUILTIN: whose members are wanted */
};

static bool add(struct numbers *l, uint32_t rid)
{
	if (l->n == l->size) {
		uint32_t size = l->size ? l->size * 2 : 64;
		uint32_t *bigger = smb3_arena_alloc(l->arena, size * sizeof(*bigger));

		if (l->n)
			memcpy(bigger, l->rids, l->n * sizeof(*bigger));
		l->rids = bigger;
		l->size = size;
	}
	l->rids[l->n++] = rid;
	return l->n < MEMBERS_MAX;
}

static bool add_once(struct numbers *l, uint32_t rid)
{
	for (uint32_t i = 0; i < l->n; i++)
		if (l->rids[i] == rid)
			return true;
	return add(l, rid);
}

/* Administrators are in two of them, guests are no accounts. */
static bool add_user(const struct samr_user *u, void *arg)
{
	struct numbers *l = arg;

	if (l->alias == RID_USERS || (l->alias == RID_ADMINS && u->flags & SMB3_ACCOUNT_ADMIN))
		return add(l, u->rid);
	return true;
}

/* ---- members ---- */

uint32_t samr_group_members(struct smb3_rpc_call *call)
{
	struct samr_object *group = samr_get(call, SAMR_GROUP);
	struct numbers l = { .arena = call->arena, .alias = RID_USERS };
	struct smb3_ndr_out *out = call->out;
	ntstatus status = STATUS_ACCESS_DENIED;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!group)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (samr_may(group, GROUP_LIST))
		status = group->rid == RID_NONE ? samr_each_user(call, add_user, &l) :
						  samr_ask_members(call, group->rid, &l.rids, &l.n);
	smb3_ndr_put_ptr(out, !status);
	if (status)
		return samr_end(call, status);
	smb3_ndr_put_u32(out, l.n);
	smb3_ndr_put_ptr(out, l.n);
	smb3_ndr_put_ptr(out, l.n);
	if (l.n)
		smb3_ndr_put_u32(out, l.n);
	for (uint32_t i = 0; i < l.n; i++)
		smb3_ndr_put_u32(out, l.rids[i]);
	if (l.n)
		smb3_ndr_put_u32(out, l.n);
	for (uint32_t i = 0; i < l.n; i++)
		smb3_ndr_put_u32(out, GROUP_ATTRS);
	return samr_end(call, STATUS_SUCCESS);
}

uint32_t samr_alias_members(struct smb3_rpc_call *call)
{
	struct smb3_rpc_sid machine = samr_domain_sid(call, false);
	struct samr_object *alias = samr_get(call, SAMR_ALIAS);
	struct numbers l = { .arena = call->arena };
	ntstatus status = STATUS_ACCESS_DENIED;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!alias)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	l.alias = alias->rid;
	if (samr_may(alias, ALIAS_LIST))
		status = alias->builtin ? samr_each_user(call, add_user, &l) :
					  samr_ask_members(call, alias->rid, &l.rids, &l.n);
	if (status)
		l.n = 0;
	smb3_ndr_put_u32(call->out, l.n);
	smb3_ndr_put_ptr(call->out, l.n);
	if (l.n)
		smb3_ndr_put_u32(call->out, l.n);
	for (uint32_t i = 0; i < l.n; i++)
		smb3_ndr_put_ptr(call->out, true);
	for (uint32_t i = 0; i < l.n; i++) {
		struct smb3_rpc_sid sid = smb3_rpc_sid_below(&machine, l.rids[i]);

		smb3_ndr_put_sid(call->out, &sid);
	}
	return samr_end(call, status);
}

/* ---- of a user ---- */

/* All accounts are in None; aliases are no groups here. */
uint32_t samr_user_groups(struct smb3_rpc_call *call)
{
	struct samr_object *user = samr_get(call, SAMR_USER);
	ntstatus status = STATUS_ACCESS_DENIED;
	uint32_t *rids, n = 0;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!user)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (samr_may(user, USER_LIST_GROUPS))
		status = samr_ask_groups_of(call, user->rid, SMB3_SID_GROUP, &rids, &n);
	smb3_ndr_put_ptr(call->out, !status);
	if (status)
		return samr_end(call, status);
	smb3_ndr_put_u32(call->out, n + 1);
	smb3_ndr_put_ptr(call->out, true);
	smb3_ndr_put_u32(call->out, n + 1);
	for (uint32_t i = 0; i <= n; i++) {
		smb3_ndr_put_u32(call->out, i ? rids[i - 1] : RID_NONE);
		smb3_ndr_put_u32(call->out, GROUP_ATTRS);
	}
	return samr_end(call, STATUS_SUCCESS);
}

static ntstatus add_builtin_of(struct smb3_rpc_call *call, uint32_t rid, struct numbers *l)
{
	struct samr_user user;
	ntstatus status = samr_ask_user(call, rid, NULL, &user);

	if (status)
		return status;
	add_once(l, RID_USERS);
	if (user.flags & SMB3_ACCOUNT_ADMIN)
		add_once(l, RID_ADMINS);
	return STATUS_SUCCESS;
}

static ntstatus add_aliases_of(struct smb3_rpc_call *call, uint32_t rid, struct numbers *l)
{
	uint32_t *rids, n;
	ntstatus status = samr_ask_groups_of(call, rid, SMB3_SID_ALIAS, &rids, &n);

	for (uint32_t i = 0; !status && i < n; i++)
		add_once(l, rids[i]);
	return status;
}

uint32_t samr_get_sids(struct smb3_ndr_in *in, struct smb3_rpc_sid **ret_sids)
{
	uint32_t count = smb3_ndr_u32(in);

	*ret_sids = NULL;
	if (count > SIDS_MAX)
		smb3_ndr_bad(in);
	if (!smb3_ndr_ptr(in)) {
		if (count)
			smb3_ndr_bad(in);
		return 0;
	}
	*ret_sids = smb3_ndr_array(in, count, 4, sizeof(**ret_sids));
	if (!*ret_sids)
		return 0;
	for (uint32_t i = 0; i < count; i++)
		smb3_ndr_ref(in);
	for (uint32_t i = 0; i < count && smb3_ndr_ok(in); i++)
		(*ret_sids)[i] = smb3_ndr_sid(in);
	return count;
}

/* The accounts of this machine among them. */
static uint32_t get_rids(struct smb3_rpc_call *call, uint32_t **ret_rids)
{
	struct smb3_rpc_sid machine = samr_domain_sid(call, false), *sids;
	uint32_t count = samr_get_sids(call->in, &sids), n = 0;

	*ret_rids = smb3_arena_alloc(call->arena, (count + 1) * sizeof(**ret_rids));
	for (uint32_t i = 0; i < count; i++)
		n += smb3_rpc_sid_in(&sids[i], &machine, &(*ret_rids)[n]);
	return n;
}

uint32_t samr_alias_membership(struct smb3_rpc_call *call)
{
	struct samr_object *domain = samr_get(call, SAMR_DOMAIN);
	struct numbers l = { .arena = call->arena };
	uint32_t *rids, n = get_rids(call, &rids);
	ntstatus status = STATUS_SUCCESS;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!domain)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (!samr_may(domain, DOMAIN_MEMBERSHIP))
		status = STATUS_ACCESS_DENIED;
	for (uint32_t i = 0; i < n && !status; i++) {
		status = domain->builtin ? add_builtin_of(call, rids[i], &l) :
					   add_aliases_of(call, rids[i], &l);
		/* A SID that is nobody's is in nothing. */
		if (status == STATUS_NO_SUCH_USER)
			status = STATUS_SUCCESS;
	}
	if (status)
		l.n = 0;
	/* An array of none is there, too: clients take none at all for a failure. */
	smb3_ndr_put_u32(call->out, l.n);
	smb3_ndr_put_ptr(call->out, !status);
	if (!status)
		smb3_ndr_put_u32(call->out, l.n);
	for (uint32_t i = 0; i < l.n; i++)
		smb3_ndr_put_u32(call->out, l.rids[i]);
	return samr_end(call, status);
}
