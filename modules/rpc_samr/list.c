// SPDX-License-Identifier: Apache-2.0
/*
 * list.c: enumerations of users, groups and aliases. [MS-SAMR] 3.1.5.2
 */
#include "samr.h"

#define ENTRY_SIZE 32u /* what an entry takes of PreferedMaximumLength */

/* SAMPR_ENUMERATION_BUFFER behind its pointer, the context before it and the count behind. */
static uint32_t put_list(struct smb3_rpc_call *call, const struct samr_group *list, uint32_t n,
			 uint32_t next)
{
	struct smb3_ndr_out *out = call->out;

	smb3_ndr_put_u32(out, next);
	smb3_ndr_put_ptr(out, true);
	smb3_ndr_put_u32(out, n);
	smb3_ndr_put_ptr(out, n);
	if (n)
		smb3_ndr_put_u32(out, n);
	for (uint32_t i = 0; i < n; i++) {
		smb3_ndr_put_u32(out, list[i].rid);
		smb3_ndr_put_counted(out, list[i].name);
	}
	for (uint32_t i = 0; i < n; i++)
		smb3_ndr_put_counted_text(out, list[i].name);
	smb3_ndr_put_u32(out, n);
	return SMB3_RPC_OK;
}

static uint32_t refuse(struct smb3_rpc_call *call, uint32_t at, ntstatus status)
{
	smb3_ndr_put_u32(call->out, at);
	smb3_ndr_put_ptr(call->out, false);
	smb3_ndr_put_u32(call->out, 0);
	return samr_end(call, status);
}

static uint32_t most_entries(uint32_t bytes)
{
	return bytes / ENTRY_SIZE ? bytes / ENTRY_SIZE : 1;
}

static uint32_t answer(struct smb3_rpc_call *call, const struct samr_group *list, uint32_t n,
		       uint32_t at, bool more)
{
	(void)put_list(call, list, n, at + n);
	return samr_end(call, more ? STATUS_MORE_ENTRIES : STATUS_SUCCESS);
}

/* A list that is known here. */
static uint32_t answer_known(struct smb3_rpc_call *call, const struct samr_group *list,
			     const uint32_t at_total[2], uint32_t most)
{
	uint32_t at = at_total[0] < at_total[1] ? at_total[0] : at_total[1];
	uint32_t left = at_total[1] - at, n = left < most ? left : most;

	return answer(call, list + at, n, at, n < left);
}

/* ---- users ---- */

static uint32_t list_users(struct smb3_rpc_call *call, uint32_t at, uint32_t most)
{
	struct samr_user *users;
	struct samr_group *list;
	uint32_t n;
	bool more;
	ntstatus status = samr_ask_users(call, at, most, &users, &n, &more);

	if (status)
		return refuse(call, at, status);
	list = smb3_arena_alloc(call->arena, (n + 1) * sizeof(*list));
	for (uint32_t i = 0; i < n; i++)
		list[i] = (struct samr_group){ .rid = users[i].rid, .name = users[i].name };
	return answer(call, list, n, at, more);
}

uint32_t samr_enum_users(struct smb3_rpc_call *call)
{
	struct samr_object *domain = samr_get(call, SAMR_DOMAIN);
	uint32_t at = smb3_ndr_u32(call->in), only = smb3_ndr_u32(call->in);
	uint32_t most = most_entries(smb3_ndr_u32(call->in));

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!domain)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (!samr_may(domain, DOMAIN_LIST))
		return refuse(call, at, STATUS_ACCESS_DENIED);
	if (domain->builtin || (only && !(only & USER_NORMAL)))
		return answer(call, NULL, 0, at, false);
	return list_users(call, at, most);
}

/* ---- groups and aliases ---- */

/* Groups, or aliases: of BUILTIN there are only those. */
static uint32_t list_groups(struct smb3_rpc_call *call, bool aliases)
{
	struct samr_object *domain = samr_get(call, SAMR_DOMAIN);
	uint32_t at = smb3_ndr_u32(call->in), most = most_entries(smb3_ndr_u32(call->in)), n;
	struct samr_group *groups;
	ntstatus status;
	bool more;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!domain)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (!samr_may(domain, DOMAIN_LIST))
		return refuse(call, at, STATUS_ACCESS_DENIED);
	if (domain->builtin && aliases)
		return answer_known(call, samr_builtin, (uint32_t[]){ at, SAMR_BUILTIN }, most);
	if (domain->builtin)
		return answer(call, NULL, 0, at, false);
	status = aliases ? samr_ask_groups(call, &(struct samr_part){ at, most, SMB3_SID_ALIAS },
					   &groups, &n, &more) :
			   samr_all_groups(call, at, most, &groups, &n, &more);
	return status ? refuse(call, at, status) : answer(call, groups, n, at, more);
}

uint32_t samr_enum_groups(struct smb3_rpc_call *call)
{
	return list_groups(call, false);
}

uint32_t samr_enum_aliases(struct smb3_rpc_call *call)
{
	return list_groups(call, true);
}
