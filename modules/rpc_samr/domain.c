// SPDX-License-Identifier: Apache-2.0
/*
 * domain.c: what a domain is, and names and numbers in it. [MS-SAMR] 2.2.4, 3.1.5.5, 3.1.5.11
 */
#include "samr.h"

#define NEVER            0x8000000000000000u /* as an interval */
#define SERVER_ENABLED   1u
#define ROLE_PRIMARY     3u
#define ARRAY_CAPACITY   1000u /* of LookupNames, LookupIds: on the wire */
#define LOCKOUT_DURATION ((uint64_t)(-30LL * 60 * 10000000))

const struct samr_group samr_builtin[SAMR_BUILTIN] = {
	{ RID_ADMINS, "Administrators", "", 0, SMB3_SID_ALIAS },
	{ RID_USERS, "Users", "", 0, SMB3_SID_ALIAS },
	{ RID_GUESTS, "Guests", "", 0, SMB3_SID_ALIAS },
};

const struct samr_group samr_none = { RID_NONE, "None", "Ordinary users", 0, SMB3_SID_GROUP };

struct smb3_rpc_sid samr_domain_sid(const struct smb3_rpc_call *call, bool builtin)
{
	if (builtin)
		return (struct smb3_rpc_sid){ 1, 1, { 0, 0, 0, 0, 0, 5 }, { 32 } };
	return smb3_machine_sid(&call->facts->guid);
}

const char *samr_domain_name(const struct smb3_rpc_call *call, bool builtin)
{
	return builtin ? "Builtin" : call->facts->server;
}

char *samr_get_string(struct smb3_ndr_in *in)
{
	struct smb3_ndr_counted head = smb3_ndr_counted(in);

	return smb3_ndr_counted_text(in, &head);
}

void samr_put_string(struct smb3_ndr_out *out, const char *s)
{
	smb3_ndr_put_counted(out, s);
	smb3_ndr_put_counted_text(out, s);
}

/* ---- levels of a domain ---- */

enum {
	LEVEL_PASSWORD = 1,
	LEVEL_GENERAL,
	LEVEL_LOGOFF,
	LEVEL_OEM,
	LEVEL_NAME,
	LEVEL_REPLICATION,
	LEVEL_ROLE,
	LEVEL_MODIFIED,
	LEVEL_STATE,
	LEVEL_GENERAL2 = 11,
	LEVEL_LOCKOUT,
	LEVEL_MODIFIED2,
};

struct counts {
	uint32_t users, groups, aliases;
};

static bool count_user(const struct samr_user *u, void *arg)
{
	((struct counts *)arg)->users++;
	return true;
}

static ntstatus count_groups(struct smb3_rpc_call *call, uint8_t type, uint32_t *ret_count)
{
	struct samr_part part = { 0, UINT32_MAX, type };
	struct samr_group *groups;
	bool more = true;
	uint32_t n;

	while (more) {
		ntstatus status = samr_ask_groups(call, &part, &groups, &n, &more);

		if (status)
			return status;
		part.skip += n;
		more = more && n;
	}
	*ret_count += part.skip;
	return STATUS_SUCCESS;
}

static ntstatus count_all(struct smb3_rpc_call *call, bool builtin, struct counts *c)
{
	ntstatus status;

	if (builtin) {
		c->aliases = SAMR_BUILTIN;
		return STATUS_SUCCESS;
	}
	c->groups = 1;
	status = count_groups(call, SMB3_SID_GROUP, &c->groups);
	if (!status)
		status = count_groups(call, SMB3_SID_ALIAS, &c->aliases);
	return status ? status : samr_each_user(call, count_user, c);
}

static void put_password(struct smb3_rpc_call *call)
{
	smb3_ndr_put_u16(call->out, samr_password_length(call));
	smb3_ndr_put_u16(call->out, 0); /* history */
	smb3_ndr_put_u32(call->out, 0); /* properties */
	smb3_ndr_put_udlong(call->out, NEVER);
	smb3_ndr_put_udlong(call->out, 0);
}

static void put_general(struct smb3_rpc_call *call, bool builtin, const struct counts *c)
{
	const char *name = samr_domain_name(call, builtin);
	struct smb3_ndr_out *out = call->out;

	smb3_ndr_put_udlong(out, NEVER); /* ForceLogoff */
	smb3_ndr_put_counted(out, call->facts->comment);
	smb3_ndr_put_counted(out, name);
	smb3_ndr_put_counted(out, ""); /* ReplicaSourceNodeName */
	smb3_ndr_put_udlong(out, 1);   /* DomainModifiedCount */
	smb3_ndr_put_u32(out, SERVER_ENABLED);
	smb3_ndr_put_u32(out, ROLE_PRIMARY);
	smb3_ndr_put_u8(out, 1); /* UasCompatibilityRequired */
	smb3_ndr_put_u32(out, c->users);
	smb3_ndr_put_u32(out, c->groups);
	smb3_ndr_put_u32(out, c->aliases);
}

static void put_general_text(struct smb3_rpc_call *call, bool builtin)
{
	smb3_ndr_put_counted_text(call->out, call->facts->comment);
	smb3_ndr_put_counted_text(call->out, samr_domain_name(call, builtin));
	smb3_ndr_put_counted_text(call->out, "");
}

/* Module limiter slows guesses down, and does not lock accounts unless it is told to. */
static void put_lockout(struct smb3_ndr_out *out)
{
	smb3_ndr_put_u64(out, LOCKOUT_DURATION);
	smb3_ndr_put_u64(out, LOCKOUT_DURATION); /* window */
	smb3_ndr_put_u16(out, 0);                /* threshold: none */
}

static void put_level(struct smb3_rpc_call *call, bool builtin, uint16_t level,
		      const struct counts *c)
{
	struct smb3_ndr_out *out = call->out;

	smb3_ndr_put_u16(out, level);
	smb3_ndr_put_align(out, level == LEVEL_GENERAL2 || level == LEVEL_LOCKOUT ? 8 : 4);
	switch (level) {
	case LEVEL_PASSWORD:
		put_password(call);
		break;
	case LEVEL_GENERAL:
		put_general(call, builtin, c);
		put_general_text(call, builtin);
		break;
	case LEVEL_LOGOFF:
		smb3_ndr_put_udlong(out, NEVER);
		break;
	case LEVEL_OEM:
		samr_put_string(out, call->facts->comment);
		break;
	case LEVEL_NAME:
		samr_put_string(out, samr_domain_name(call, builtin));
		break;
	case LEVEL_REPLICATION:
		samr_put_string(out, "");
		break;
	case LEVEL_ROLE:
		smb3_ndr_put_u32(out, ROLE_PRIMARY);
		break;
	case LEVEL_STATE:
		smb3_ndr_put_u32(out, SERVER_ENABLED);
		break;
	case LEVEL_GENERAL2:
		put_general(call, builtin, c);
		put_lockout(out);
		put_general_text(call, builtin);
		break;
	case LEVEL_LOCKOUT:
		put_lockout(out);
		break;
	default: /* modified */
		smb3_ndr_put_udlong(out, 1);
		smb3_ndr_put_udlong(out, call->facts->started);
		if (level == LEVEL_MODIFIED2)
			smb3_ndr_put_udlong(out, 0);
	}
}

uint32_t samr_query_domain(struct smb3_rpc_call *call)
{
	struct samr_object *domain = samr_get(call, SAMR_DOMAIN);
	uint16_t level = smb3_ndr_u16(call->in);
	struct counts c = { 0 };
	uint32_t right = level == LEVEL_PASSWORD || level == LEVEL_LOCKOUT ? DOMAIN_READ_PASSWORD :
									     DOMAIN_READ_OTHER;
	ntstatus status = STATUS_SUCCESS;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!domain)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (!level || level == 10 || level > LEVEL_MODIFIED2)
		status = STATUS_INVALID_INFO_CLASS;
	else if (!samr_may(domain, right) && !samr_may(domain, DOMAIN_READ_OTHER))
		status = STATUS_ACCESS_DENIED;
	else if (level == LEVEL_GENERAL || level == LEVEL_GENERAL2)
		status = count_all(call, domain->builtin, &c);
	smb3_ndr_put_ptr(call->out, !status);
	if (!status)
		put_level(call, domain->builtin, level, &c);
	return samr_end(call, status);
}

/* ---- names and numbers ---- */

struct names {
	uint32_t n, found;
	struct {
		const char *name;
		uint32_t rid;
		uint8_t type;
	} * entry;
};

static ntstatus names_status(struct names *l)
{
	for (uint32_t i = 0; i < l->n; i++) {
		if (l->entry[i].type)
			l->found++;
		else
			l->entry[i].type = SMB3_SID_UNKNOWN;
	}
	if (l->found == l->n)
		return STATUS_SUCCESS;
	return l->found ? STATUS_SOME_NOT_MAPPED : STATUS_NONE_MAPPED;
}

/* How many there are, and the array of a thousand that has so many. */
static void get_count(struct smb3_rpc_call *call, struct names *l, size_t wire)
{
	struct smb3_ndr_in *in = call->in;

	l->n = smb3_ndr_u32(in);
	if (l->n > ARRAY_CAPACITY || smb3_ndr_conformance(in, ARRAY_CAPACITY) < l->n ||
	    smb3_ndr_variance(in, ARRAY_CAPACITY) != l->n)
		smb3_ndr_bad(in);
	l->entry = smb3_ndr_alloc(in, l->n, wire, sizeof(*l->entry));
	if (!l->entry)
		l->n = 0;
}

static ntstatus find_builtin(struct names *l, bool by_name)
{
	for (uint32_t i = 0; i < l->n; i++)
		for (size_t j = 0; j < SAMR_BUILTIN; j++) {
			if (by_name ? !smb3_name_equal(samr_builtin[j].name, l->entry[i].name) :
				      samr_builtin[j].rid != l->entry[i].rid)
				continue;
			l->entry[i].name = samr_builtin[j].name;
			l->entry[i].rid = samr_builtin[j].rid;
			l->entry[i].type = SMB3_SID_ALIAS;
		}
	return names_status(l);
}

static ntstatus find_all(struct smb3_rpc_call *call, struct names *l, bool by_name)
{
	for (uint32_t i = 0; i < l->n; i++) {
		ntstatus status = by_name ? samr_ask_name(call, l->entry[i].name, &l->entry[i].rid,
							  &l->entry[i].type) :
					    samr_ask_rid(call, l->entry[i].rid, &l->entry[i].name,
							 &l->entry[i].type);

		if (status)
			return status;
	}
	return names_status(l);
}

static ntstatus find_names(struct smb3_rpc_call *call, const struct samr_object *domain,
			   struct names *l, bool by_name)
{
	if (!samr_may(domain, DOMAIN_LOOKUP))
		return STATUS_ACCESS_DENIED;
	return domain->builtin ? find_builtin(l, by_name) : find_all(call, l, by_name);
}

/* SAMPR_ULONG_ARRAY */
static void put_numbers(struct smb3_ndr_out *out, const struct names *l, bool types)
{
	smb3_ndr_put_u32(out, l->n);
	smb3_ndr_put_ptr(out, l->n);
	if (l->n)
		smb3_ndr_put_u32(out, l->n);
	for (uint32_t i = 0; i < l->n; i++)
		smb3_ndr_put_u32(out, types ? l->entry[i].type : l->entry[i].rid);
}

static bool mapped(ntstatus status)
{
	return status == STATUS_SUCCESS || status == STATUS_SOME_NOT_MAPPED;
}

uint32_t samr_lookup_names(struct smb3_rpc_call *call)
{
	struct samr_object *domain = samr_get(call, SAMR_DOMAIN);
	struct smb3_ndr_counted *heads;
	struct names l = { 0 };
	ntstatus status;

	get_count(call, &l, 8);
	heads = smb3_ndr_alloc(call->in, l.n, 8, sizeof(*heads));
	for (uint32_t i = 0; heads && i < l.n; i++)
		heads[i] = smb3_ndr_counted(call->in);
	for (uint32_t i = 0; heads && i < l.n; i++) {
		const char *name = smb3_ndr_counted_text(call->in, &heads[i]);

		l.entry[i].name = name ? name : "";
	}
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!domain)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	status = find_names(call, domain, &l, true);
	if (!mapped(status))
		l.n = 0;
	put_numbers(call->out, &l, false);
	put_numbers(call->out, &l, true);
	return samr_end(call, status);
}

/* SAMPR_RETURNED_USTRING_ARRAY */
static void put_names(struct smb3_ndr_out *out, const struct names *l)
{
	smb3_ndr_put_u32(out, l->n);
	smb3_ndr_put_ptr(out, l->n);
	if (l->n)
		smb3_ndr_put_u32(out, l->n);
	for (uint32_t i = 0; i < l->n; i++)
		smb3_ndr_put_counted(out, l->entry[i].name);
	for (uint32_t i = 0; i < l->n; i++)
		smb3_ndr_put_counted_text(out, l->entry[i].name);
}

uint32_t samr_lookup_rids(struct smb3_rpc_call *call)
{
	struct samr_object *domain = samr_get(call, SAMR_DOMAIN);
	struct names l = { 0 };
	ntstatus status;

	get_count(call, &l, 4);
	for (uint32_t i = 0; i < l.n; i++)
		l.entry[i].rid = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!domain)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	status = find_names(call, domain, &l, false);
	if (!mapped(status))
		l.n = 0;
	put_names(call->out, &l);
	put_numbers(call->out, &l, true);
	return samr_end(call, status);
}

uint32_t samr_rid_to_sid(struct smb3_rpc_call *call)
{
	struct samr_object *o = samr_get_any(call);
	uint32_t rid = smb3_ndr_u32(call->in);
	struct smb3_rpc_sid domain, sid;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!o || o->kind == SAMR_SERVER)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	domain = samr_domain_sid(call, o->builtin);
	sid = smb3_rpc_sid_below(&domain, rid);
	smb3_ndr_put_ptr(call->out, true);
	smb3_ndr_put_sid(call->out, &sid);
	return samr_end(call, STATUS_SUCCESS);
}

/* ---- rules for passwords ---- */

static uint32_t put_rules(struct smb3_rpc_call *call, ntstatus status)
{
	smb3_ndr_put_u16(call->out, status ? 0 : samr_password_length(call));
	smb3_ndr_put_u32(call->out, 0);
	return samr_end(call, status);
}

/* For anybody, before he has a handle: 3.1.5.13.3. */
uint32_t samr_domain_password(struct smb3_rpc_call *call)
{
	if (smb3_ndr_ptr(call->in))
		(void)samr_get_string(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	return put_rules(call, STATUS_SUCCESS);
}

uint32_t samr_user_password(struct smb3_rpc_call *call)
{
	struct samr_object *user = samr_get(call, SAMR_USER);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!user)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	return put_rules(call, STATUS_SUCCESS);
}
