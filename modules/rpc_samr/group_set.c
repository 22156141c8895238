// SPDX-License-Identifier: Apache-2.0
/*
 * group_set.c: groups and aliases made, changed and removed, with their members, by administrators; the
 * server's stores keep them. [MS-SAMR] 3.1.5.4, 3.1.5.6, 3.1.5.7, 3.1.5.8
 */
#include "samr.h"

#include <errno.h>

enum { INFO_NAME = 2, GROUP_INFO_ATTRIBUTE = 3, ALIAS_INFO_COMMENT = 3, GROUP_INFO_COMMENT = 4 };

/* What a change is about, in the words of each of the two, and the levels that one has. */
struct words {
	uint8_t type;
	ntstatus missing, exists, is_member, not_member, nobody;
	uint16_t comment;
	bool attributes;
};

static const struct words group_words = {
	.type = SMB3_SID_GROUP,
	.missing = STATUS_NO_SUCH_GROUP,
	.exists = STATUS_GROUP_EXISTS,
	.is_member = STATUS_MEMBER_IN_GROUP,
	.not_member = STATUS_MEMBER_NOT_IN_GROUP,
	.nobody = STATUS_NO_SUCH_USER,
	.comment = GROUP_INFO_COMMENT,
	.attributes = true,
};
static const struct words alias_words = {
	.type = SMB3_SID_ALIAS,
	.missing = STATUS_NO_SUCH_ALIAS,
	.exists = STATUS_ALIAS_EXISTS,
	.is_member = STATUS_MEMBER_IN_ALIAS,
	.not_member = STATUS_MEMBER_NOT_IN_ALIAS,
	.nobody = STATUS_NO_SUCH_MEMBER,
	.comment = ALIAS_INFO_COMMENT,
};

struct change {
	enum smb3_group_op op;
	uint32_t rid, member;
	const char *name, *comment;
};

/* 0 or -errno, with the group's number. */
static int ask_change(struct smb3_rpc_call *call, const struct change *c, uint8_t type,
		      uint32_t *ret_rid)
{
	struct smb3_builder b = smb3_builder_arena(call->arena, SMB3_RPC_ANSWER_MAX);
	struct smb3_cursor answer;
	int err;

	smb3_put_u8(&b, (uint8_t)c->op);
	smb3_put_u32(&b, c->rid);
	smb3_put_u8(&b, (c->name ? SMB3_GROUP_NAME : 0) | (c->comment ? SMB3_GROUP_COMMENT : 0));
	smb3_put_text(&b, c->name ? c->name : "");
	smb3_put_text(&b, c->comment ? c->comment : "");
	smb3_put_u8(&b, type);
	smb3_put_u32(&b, c->member);
	err = smb3_rpc_ask(call, SMB3_ASK_CHANGE_GROUP, &b, &answer);
	if (err)
		return err;
	*ret_rid = smb3_get_u32(&answer);
	return smb3_cursor_ok(&answer) ? 0 : -EIO;
}

/* The name is somebody's: a user's, a group's or an alias's. */
static ntstatus taken(struct smb3_rpc_call *call, const char *name, const struct words *w)
{
	uint8_t type;
	uint32_t rid;

	if (samr_ask_name(call, name, &rid, &type) != STATUS_SUCCESS)
		return w->exists;
	switch (type) {
	case SMB3_SID_USER:
		return STATUS_USER_EXISTS;
	case SMB3_SID_GROUP:
		return STATUS_GROUP_EXISTS;
	case SMB3_SID_ALIAS:
		return STATUS_ALIAS_EXISTS;
	default:
		return w->exists;
	}
}

static ntstatus change(struct smb3_rpc_call *call, const struct change *c, const struct words *w,
		       uint32_t *ret_rid)
{
	uint32_t rid;
	int err = ask_change(call, c, w->type, &rid);

	if (!err && ret_rid)
		*ret_rid = rid;
	if (err == -EEXIST)
		return c->op == SMB3_GROUP_JOIN ? w->is_member : taken(call, c->name, w);
	if (err == -ESRCH)
		return c->op == SMB3_GROUP_JOIN ? w->nobody : w->not_member;
	if (err == -EINVAL)
		return c->name ? STATUS_INVALID_ACCOUNT_NAME : STATUS_INVALID_PARAMETER;
	return samr_status(err, w->missing);
}

/* ---- making ---- */

static uint32_t create(struct smb3_rpc_call *call, enum samr_kind kind, uint32_t right,
		       const struct words *w)
{
	struct samr_object *domain = samr_get(call, SAMR_DOMAIN);
	struct change c = { .op = SMB3_GROUP_ADD, .name = samr_get_string(call->in) };
	uint32_t wanted = smb3_ndr_u32(call->in);
	struct samr_object o = { .kind = kind };
	struct smb3_rpc_handle h = { { 0 } };
	ntstatus status;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!domain)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (!samr_may(domain, right) || domain->builtin)
		status = STATUS_ACCESS_DENIED;
	else if (!c.name || !*c.name)
		status = STATUS_INVALID_ACCOUNT_NAME;
	else
		status = change(call, &c, w, &o.rid);
	if (!status)
		status = samr_open(call, &o, wanted, &h);
	smb3_ndr_put_handle(call->out, &h);
	smb3_ndr_put_u32(call->out, o.rid);
	return samr_end(call, status);
}

uint32_t samr_create_group(struct smb3_rpc_call *call)
{
	return create(call, SAMR_GROUP, DOMAIN_CREATE_GROUP, &group_words);
}

uint32_t samr_create_alias(struct smb3_rpc_call *call)
{
	return create(call, SAMR_ALIAS, DOMAIN_CREATE_ALIAS, &alias_words);
}

/* ---- removing ---- */

/* None and those of BUILTIN are there for good. */
static bool special(const struct samr_object *o)
{
	return o->builtin || o->rid == RID_NONE;
}

/* A group has to be empty, an alias need not: 3.1.5.7.1, 3.1.5.7.2. */
static ntstatus is_empty(struct smb3_rpc_call *call, const struct samr_object *o)
{
	struct samr_group g;
	ntstatus status = samr_ask_group(call, o->rid, &g);

	return !status && g.members ? STATUS_MEMBER_IN_GROUP : status;
}

static uint32_t delete_it(struct smb3_rpc_call *call, enum samr_kind kind, const struct words *w)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	struct change c = { .op = SMB3_GROUP_REMOVE };
	struct samr_object *o;
	ntstatus status = STATUS_SUCCESS;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	o = samr_get_again(call, &h, kind);
	if (!o)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	c.rid = o->rid;
	if (!samr_may(o, SAMR_DELETE))
		status = STATUS_ACCESS_DENIED;
	else if (special(o))
		status = STATUS_SPECIAL_ACCOUNT;
	else if (kind == SAMR_GROUP)
		status = is_empty(call, o);
	if (!status)
		status = change(call, &c, w, NULL);
	if (!status) {
		samr_close_handle(call, &h);
		memset(&h, 0, sizeof(h));
	}
	smb3_ndr_put_handle(call->out, &h);
	return samr_end(call, status);
}

uint32_t samr_delete_group(struct smb3_rpc_call *call)
{
	return delete_it(call, SAMR_GROUP, &group_words);
}

uint32_t samr_delete_alias(struct smb3_rpc_call *call)
{
	return delete_it(call, SAMR_ALIAS, &alias_words);
}

/* ---- setting ---- */

static ntstatus set(struct smb3_rpc_call *call, const struct samr_object *o, struct change *c,
		    const struct words *w)
{
	if (!samr_may(o, o->kind == SAMR_GROUP ? GROUP_WRITE : ALIAS_WRITE))
		return STATUS_ACCESS_DENIED;
	if (special(o))
		return STATUS_SPECIAL_ACCOUNT;
	if (c->name && !*c->name)
		return STATUS_INVALID_ACCOUNT_NAME;
	c->op = SMB3_GROUP_SET;
	c->rid = o->rid;
	return c->name || c->comment ? change(call, c, w, NULL) : STATUS_SUCCESS;
}

/* The only attributes that a group, or a member, has here. */
static ntstatus judge_attributes(uint32_t attributes)
{
	return attributes == GROUP_ATTRS ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

static void get_switch(struct smb3_rpc_call *call, uint16_t level)
{
	if (smb3_ndr_u16(call->in) != level)
		smb3_ndr_bad(call->in);
	smb3_ndr_align(call->in, 4);
}

static uint32_t set_info(struct smb3_rpc_call *call, enum samr_kind kind, const struct words *w)
{
	struct samr_object *o = samr_get(call, kind);
	uint16_t level = smb3_ndr_u16(call->in);
	struct change c = { .rid = 0 };
	ntstatus status = STATUS_SUCCESS;

	get_switch(call, level);
	if (level == INFO_NAME)
		c.name = samr_get_string(call->in);
	else if (level == w->comment)
		c.comment = samr_get_string(call->in);
	else if (level == GROUP_INFO_ATTRIBUTE && w->attributes)
		status = judge_attributes(smb3_ndr_u32(call->in));
	else
		status = STATUS_INVALID_INFO_CLASS;
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!o)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	return samr_end(call, status ? status : set(call, o, &c, w));
}

uint32_t samr_set_group(struct smb3_rpc_call *call)
{
	return set_info(call, SAMR_GROUP, &group_words);
}

uint32_t samr_set_alias(struct smb3_rpc_call *call)
{
	return set_info(call, SAMR_ALIAS, &alias_words);
}

/* ---- members of groups: numbers ---- */

static uint32_t group_member(struct smb3_rpc_call *call, enum smb3_group_op op, uint32_t right)
{
	struct samr_object *group = samr_get(call, SAMR_GROUP);
	struct change c = { .op = op, .member = smb3_ndr_u32(call->in) };
	ntstatus status;

	if (op == SMB3_GROUP_JOIN) /* Attributes: members have all three, 3.1.5.14.7 */
		(void)smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!group)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	c.rid = group->rid;
	if (!samr_may(group, right))
		status = STATUS_ACCESS_DENIED;
	else if (special(group))
		status = op == SMB3_GROUP_JOIN ? STATUS_MEMBER_IN_GROUP : STATUS_SPECIAL_ACCOUNT;
	else
		status = change(call, &c, &group_words, NULL);
	return samr_end(call, status);
}

uint32_t samr_group_add(struct smb3_rpc_call *call)
{
	return group_member(call, SMB3_GROUP_JOIN, GROUP_ADD);
}

uint32_t samr_group_remove(struct smb3_rpc_call *call)
{
	return group_member(call, SMB3_GROUP_LEAVE, GROUP_REMOVE);
}

static ntstatus is_member(struct smb3_rpc_call *call, uint32_t group, uint32_t member)
{
	uint32_t *rids, n;
	ntstatus status = samr_ask_members(call, group, &rids, &n);

	for (uint32_t i = 0; !status && i < n; i++)
		if (rids[i] == member)
			return STATUS_SUCCESS;
	return status ? status : STATUS_MEMBER_NOT_IN_GROUP;
}

/* Members have the attributes that they have: others cannot be set. */
uint32_t samr_group_attributes(struct smb3_rpc_call *call)
{
	struct samr_object *group = samr_get(call, SAMR_GROUP);
	uint32_t member = smb3_ndr_u32(call->in), attributes = smb3_ndr_u32(call->in);
	ntstatus status;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!group)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (!samr_may(group, GROUP_ADD))
		status = STATUS_ACCESS_DENIED;
	else if (special(group))
		status = judge_attributes(attributes);
	else
		status = is_member(call, group->rid, member);
	return samr_end(call, status ? status : judge_attributes(attributes));
}

/* ---- members of aliases: SIDs ---- */

/* Accounts of this machine; groups and strangers cannot be in an alias here. */
static ntstatus alias_member(struct smb3_rpc_call *call, const struct samr_object *alias,
			     enum smb3_group_op op, const struct smb3_rpc_sid *sid)
{
	struct smb3_rpc_sid machine = samr_domain_sid(call, false);
	struct change c = { .op = op, .rid = alias->rid };
	const char *name;
	uint8_t type;

	if (!samr_may(alias, op == SMB3_GROUP_JOIN ? ALIAS_ADD : ALIAS_REMOVE))
		return STATUS_ACCESS_DENIED;
	if (alias->builtin)
		return STATUS_SPECIAL_ACCOUNT;
	if (!smb3_rpc_sid_in(sid, &machine, &c.member))
		return op == SMB3_GROUP_JOIN ? STATUS_NO_SUCH_MEMBER : STATUS_MEMBER_NOT_IN_ALIAS;
	if (op == SMB3_GROUP_JOIN && samr_ask_rid(call, c.member, &name, &type) == STATUS_SUCCESS &&
	    type && type != SMB3_SID_USER)
		return STATUS_INVALID_MEMBER;
	return change(call, &c, &alias_words, NULL);
}

static uint32_t one_member(struct smb3_rpc_call *call, enum smb3_group_op op)
{
	struct samr_object *alias = samr_get(call, SAMR_ALIAS);
	struct smb3_rpc_sid sid = smb3_ndr_sid(call->in);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!alias)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	return samr_end(call, alias_member(call, alias, op, &sid));
}

uint32_t samr_alias_add(struct smb3_rpc_call *call)
{
	return one_member(call, SMB3_GROUP_JOIN);
}

uint32_t samr_alias_remove(struct smb3_rpc_call *call)
{
	return one_member(call, SMB3_GROUP_LEAVE);
}

/* Who is in it already, or is not, does not matter: 3.1.5.8.7, 3.1.5.8.8. */
static uint32_t many_members(struct smb3_rpc_call *call, enum smb3_group_op op)
{
	struct samr_object *alias = samr_get(call, SAMR_ALIAS);
	ntstatus status = STATUS_SUCCESS;
	struct smb3_rpc_sid *sids;
	uint32_t n = samr_get_sids(call->in, &sids);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!alias)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	for (uint32_t i = 0; i < n && !status; i++) {
		status = alias_member(call, alias, op, &sids[i]);
		if (status == STATUS_MEMBER_IN_ALIAS || status == STATUS_MEMBER_NOT_IN_ALIAS)
			status = STATUS_SUCCESS;
	}
	return samr_end(call, status);
}

uint32_t samr_alias_add_many(struct smb3_rpc_call *call)
{
	return many_members(call, SMB3_GROUP_JOIN);
}

uint32_t samr_alias_remove_many(struct smb3_rpc_call *call)
{
	return many_members(call, SMB3_GROUP_LEAVE);
}

/* Out of all aliases that stores keep; what follows from Unix groups goes with the account, before whose
 * removal clients ask for this. 3.1.5.8.9 */
static ntstatus remove_everywhere(struct smb3_rpc_call *call, uint32_t rid)
{
	uint32_t *rids, n;
	ntstatus status = samr_ask_groups_of(call, rid, SMB3_SID_ALIAS, &rids, &n);

	for (uint32_t i = 0; !status && i < n; i++) {
		const struct change c = { .op = SMB3_GROUP_LEAVE, .rid = rids[i], .member = rid };

		if (rids[i] >= SMB3_GROUP_RIDS)
			status = change(call, &c, &alias_words, NULL);
		if (status == STATUS_MEMBER_NOT_IN_ALIAS)
			status = STATUS_SUCCESS;
	}
	return status == STATUS_NO_SUCH_USER ? STATUS_SUCCESS : status;
}

uint32_t samr_remove_foreign(struct smb3_rpc_call *call)
{
	struct samr_object *domain = samr_get(call, SAMR_DOMAIN);
	struct smb3_rpc_sid machine = samr_domain_sid(call, false);
	struct smb3_rpc_sid sid = smb3_ndr_sid(call->in);
	ntstatus status = STATUS_SUCCESS;
	uint32_t rid;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!domain)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (!samr_may(domain, DOMAIN_LOOKUP) || !call->caller->admin)
		status = STATUS_ACCESS_DENIED;
	else if (!domain->builtin && smb3_rpc_sid_in(&sid, &machine, &rid))
		status = remove_everywhere(call, rid);
	return samr_end(call, status);
}
