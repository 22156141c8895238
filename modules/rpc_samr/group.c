// SPDX-License-Identifier: Apache-2.0
/*
 * group.c: groups and aliases, opened and told of. The group None, those of BUILTIN and Unix groups are
 * changed by no procedure. [MS-SAMR] 3.1.5.1.7, 3.1.5.1.8, 3.1.5.5.3, 3.1.5.5.5
 */
#include "samr.h"

enum { INFO_GENERAL = 1, INFO_NAME = 2, INFO_ATTRIBUTE = 3, INFO_COMMENT = 4, INFO_GENERAL2 = 5 };
#define ALIAS_INFO_COMMENT 3

static uint32_t open_in(struct smb3_rpc_call *call, enum samr_kind kind,
			ntstatus (*there)(struct smb3_rpc_call *call, const struct samr_object *o))
{
	struct samr_object *domain = samr_get(call, SAMR_DOMAIN);
	uint32_t wanted = smb3_ndr_u32(call->in);
	struct samr_object o = { .kind = kind, .rid = smb3_ndr_u32(call->in) };
	struct smb3_rpc_handle h = { { 0 } };
	ntstatus status;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!domain)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	o.builtin = domain->builtin;
	status = samr_may(domain, DOMAIN_LOOKUP) ? there(call, &o) : STATUS_ACCESS_DENIED;
	if (!status)
		status = samr_open(call, &o, wanted, &h);
	smb3_ndr_put_handle(call->out, &h);
	return samr_end(call, status);
}

/* The group of the machine that a handle stands for. */
static ntstatus find_group(struct smb3_rpc_call *call, const struct samr_object *o,
			   struct samr_group *ret_group)
{
	ntstatus status;

	if (o->builtin)
		return STATUS_NO_SUCH_GROUP;
	if (o->rid == RID_NONE) {
		*ret_group = samr_none;
		return STATUS_SUCCESS;
	}
	status = samr_ask_group(call, o->rid, ret_group);
	return !status && ret_group->type != SMB3_SID_GROUP ? STATUS_NO_SUCH_GROUP : status;
}

static ntstatus group_there(struct smb3_rpc_call *call, const struct samr_object *o)
{
	struct samr_group g;

	return find_group(call, o, &g);
}

static ntstatus find_alias(struct smb3_rpc_call *call, const struct samr_object *o,
			   struct samr_group *ret_alias)
{
	ntstatus status;

	for (size_t i = 0; o->builtin && i < SAMR_BUILTIN; i++) {
		if (samr_builtin[i].rid != o->rid)
			continue;
		*ret_alias = samr_builtin[i];
		return STATUS_SUCCESS;
	}
	if (o->builtin)
		return STATUS_NO_SUCH_ALIAS;
	status = samr_ask_group(call, o->rid, ret_alias);
	if (status == STATUS_NO_SUCH_GROUP || (!status && ret_alias->type != SMB3_SID_ALIAS))
		return STATUS_NO_SUCH_ALIAS;
	return status;
}

static ntstatus alias_there(struct smb3_rpc_call *call, const struct samr_object *o)
{
	struct samr_group alias;

	return find_alias(call, o, &alias);
}

uint32_t samr_open_group(struct smb3_rpc_call *call)
{
	return open_in(call, SAMR_GROUP, group_there);
}

uint32_t samr_open_alias(struct smb3_rpc_call *call)
{
	return open_in(call, SAMR_ALIAS, alias_there);
}

/* ---- levels ---- */

static bool count_one(const struct samr_user *u, void *arg)
{
	++*(uint32_t *)arg;
	return true;
}

static ntstatus count_group(struct smb3_rpc_call *call, struct samr_group *g)
{
	return g->rid == RID_NONE ? samr_each_user(call, count_one, &g->members) : STATUS_SUCCESS;
}

uint32_t samr_query_group(struct smb3_rpc_call *call)
{
	struct samr_object *group = samr_get(call, SAMR_GROUP);
	uint16_t level = smb3_ndr_u16(call->in);
	bool general = level == INFO_GENERAL || level == INFO_GENERAL2;
	struct smb3_ndr_out *out = call->out;
	struct samr_group g;
	ntstatus status;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!group)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (level < INFO_GENERAL || level > INFO_GENERAL2)
		status = STATUS_INVALID_INFO_CLASS;
	else if (!samr_may(group, GROUP_READ))
		status = STATUS_ACCESS_DENIED;
	else
		status = find_group(call, group, &g);
	if (!status && level == INFO_GENERAL)
		status = count_group(call, &g);
	smb3_ndr_put_ptr(out, !status);
	if (status)
		return samr_end(call, status);
	smb3_ndr_put_u16(out, level);
	smb3_ndr_put_align(out, 4);
	if (general || level == INFO_NAME)
		smb3_ndr_put_counted(out, g.name);
	if (general || level == INFO_ATTRIBUTE)
		smb3_ndr_put_u32(out, GROUP_ATTRS);
	if (general)
		smb3_ndr_put_u32(out, level == INFO_GENERAL ? g.members : 0);
	if (general || level == INFO_COMMENT)
		smb3_ndr_put_counted(out, g.comment);
	if (general || level == INFO_NAME)
		smb3_ndr_put_counted_text(out, g.name);
	if (general || level == INFO_COMMENT)
		smb3_ndr_put_counted_text(out, g.comment);
	return samr_end(call, STATUS_SUCCESS);
}

static uint32_t count_members(struct smb3_rpc_call *call, const struct samr_object *alias)
{
	uint32_t n = 0, *rids;

	if (!alias->builtin)
		(void)samr_ask_members(call, alias->rid, &rids, &n);
	return n;
}

uint32_t samr_query_alias(struct smb3_rpc_call *call)
{
	struct samr_object *alias = samr_get(call, SAMR_ALIAS);
	uint16_t level = smb3_ndr_u16(call->in);
	struct smb3_ndr_out *out = call->out;
	struct samr_group g;
	ntstatus status;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!alias)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (level < INFO_GENERAL || level > ALIAS_INFO_COMMENT)
		status = STATUS_INVALID_INFO_CLASS;
	else if (!samr_may(alias, ALIAS_READ))
		status = STATUS_ACCESS_DENIED;
	else
		status = find_alias(call, alias, &g);
	smb3_ndr_put_ptr(out, !status);
	if (status)
		return samr_end(call, status);
	smb3_ndr_put_u16(out, level);
	smb3_ndr_put_align(out, 4);
	if (level == INFO_GENERAL || level == INFO_NAME)
		smb3_ndr_put_counted(out, g.name);
	if (level == INFO_GENERAL)
		smb3_ndr_put_u32(out, count_members(call, alias));
	if (level == INFO_GENERAL || level == ALIAS_INFO_COMMENT)
		smb3_ndr_put_counted(out, g.comment);
	if (level == INFO_GENERAL || level == INFO_NAME)
		smb3_ndr_put_counted_text(out, g.name);
	if (level == INFO_GENERAL || level == ALIAS_INFO_COMMENT)
		smb3_ndr_put_counted_text(out, g.comment);
	return samr_end(call, STATUS_SUCCESS);
}
