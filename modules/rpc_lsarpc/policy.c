// SPDX-License-Identifier: Apache-2.0
/*
 * policy.c: what the policy says: a machine of its own, in a workgroup, without audit of the policy.
 * [MS-LSAD] 3.1.4.4.3, 3.1.4.4.4, 2.2.4; [MS-LSAT] 3.1.4.2
 */
#include "lsarpc.h"

enum {
	LEVEL_AUDIT_LOG = 1,
	LEVEL_AUDIT_EVENTS = 2,
	LEVEL_PRIMARY = 3,
	LEVEL_PD_ACCOUNT = 4,
	LEVEL_ACCOUNT = 5,
	LEVEL_ROLE = 6,
	LEVEL_REPLICA = 7,
	LEVEL_QUOTA = 8,
	LEVEL_MODIFIED = 9,
	LEVEL_DNS = 12,
	LEVEL_DNS_INT = 13,
	LEVEL_LOCAL_ACCOUNT = 14,
};

#define AUDIT_CATEGORIES 9
#define ROLE_PRIMARY     3
/* Ours in no way, and said as an ordinary machine says it. */
#define QUOTA_PAGED     0x02000000u
#define QUOTA_NON_PAGED 0x00100000u
#define QUOTA_MIN_SET   0x00010000u
#define QUOTA_MAX_SET   0x0F000000u

static void put_audit_log(struct smb3_ndr_out *out)
{
	smb3_ndr_put_u32(out, 0);      /* AuditLogPercentFull */
	smb3_ndr_put_u32(out, 0x2000); /* MaximumLogSize */
	smb3_ndr_put_u64(out, 0);      /* AuditRetentionPeriod */
	smb3_ndr_put_u8(out, 0);       /* AuditLogFullShutdownInProgress */
	smb3_ndr_put_u64(out, 0);      /* TimeToShutdown */
	smb3_ndr_put_u32(out, 0);      /* NextAuditRecordId */
}

static void put_audit_events(struct smb3_ndr_out *out)
{
	smb3_ndr_put_u8(out, 0); /* AuditingMode: off */
	smb3_ndr_put_align(out, 4);
	smb3_ndr_put_ptr(out, true);
	smb3_ndr_put_u32(out, AUDIT_CATEGORIES);
	smb3_ndr_put_u32(out, AUDIT_CATEGORIES);
	for (int i = 0; i < AUDIT_CATEGORIES; i++)
		smb3_ndr_put_u32(out, 0);
}

/* sid may be NULL: a workgroup has none. */
static void put_domain(struct smb3_ndr_out *out, const char *name, const struct smb3_rpc_sid *sid)
{
	smb3_ndr_put_counted_z(out, name);
	smb3_ndr_put_ptr(out, sid);
	smb3_ndr_put_counted_text_z(out, name);
	if (sid)
		smb3_ndr_put_sid(out, sid);
}

static void put_dns(struct smb3_ndr_out *out, const char *workgroup)
{
	const struct smb3_guid none = { { 0 } };

	smb3_ndr_put_counted_z(out, workgroup);
	smb3_ndr_put_counted_z(out, NULL); /* DnsDomainName, DnsForestName */
	smb3_ndr_put_counted_z(out, NULL);
	smb3_ndr_put_guid(out, &none);
	smb3_ndr_put_ptr(out, false); /* Sid */
	smb3_ndr_put_counted_text_z(out, workgroup);
}

static void put_quota(struct smb3_ndr_out *out)
{
	smb3_ndr_put_u32(out, QUOTA_PAGED);
	smb3_ndr_put_u32(out, QUOTA_NON_PAGED);
	smb3_ndr_put_u32(out, QUOTA_MIN_SET);
	smb3_ndr_put_u32(out, QUOTA_MAX_SET);
	smb3_ndr_put_u32(out, 0); /* PagefileLimit */
	smb3_ndr_put_u64(out, 0); /* TimeLimit */
}

static void put_replica(struct smb3_ndr_out *out)
{
	smb3_ndr_put_counted(out, ""); /* ReplicaSource, ReplicaAccountName */
	smb3_ndr_put_counted(out, "");
	smb3_ndr_put_counted_text(out, "");
	smb3_ndr_put_counted_text(out, "");
}

/* The arm of LSAPR_POLICY_INFORMATION. */
static void put_level(struct smb3_rpc_call *call, uint16_t level)
{
	struct smb3_rpc_sid machine = smb3_machine_sid(&call->facts->guid);
	struct smb3_ndr_out *out = call->out;

	/* The discriminant is an enum: 16 bits; the arms with hypers align to 8. */
	smb3_ndr_put_u16(out, level);
	smb3_ndr_put_align(out, level == LEVEL_AUDIT_LOG || level == LEVEL_QUOTA ||
						level == LEVEL_MODIFIED ?
					8 :
					4);
	switch (level) {
	case LEVEL_AUDIT_LOG:
		put_audit_log(out);
		break;
	case LEVEL_AUDIT_EVENTS:
		put_audit_events(out);
		break;
	case LEVEL_PRIMARY:
		put_domain(out, call->facts->workgroup, NULL);
		break;
	case LEVEL_PD_ACCOUNT:
		smb3_ndr_put_counted(out, NULL);
		break;
	case LEVEL_ACCOUNT:
	case LEVEL_LOCAL_ACCOUNT:
		put_domain(out, call->facts->server, &machine);
		break;
	case LEVEL_ROLE:
		smb3_ndr_put_u16(out, ROLE_PRIMARY);
		break;
	case LEVEL_REPLICA:
		put_replica(out);
		break;
	case LEVEL_QUOTA:
		put_quota(out);
		break;
	default:
		put_dns(out, call->facts->workgroup);
	}
}

static uint32_t level_right(uint16_t level)
{
	switch (level) {
	case LEVEL_AUDIT_LOG:
	case LEVEL_AUDIT_EVENTS:
		return POLICY_VIEW_AUDIT;
	case LEVEL_PD_ACCOUNT:
		return POLICY_GET_PRIVATE;
	default:
		return POLICY_VIEW_LOCAL;
	}
}

/* 3.1.4.4.4: audit of full logs can be set only, and the time of changes is not known. */
static ntstatus level_status(const struct lsa_policy *policy, uint16_t level)
{
	if (!level || level > LEVEL_LOCAL_ACCOUNT || (level >= LEVEL_MODIFIED && level < LEVEL_DNS))
		return STATUS_INVALID_PARAMETER;
	return policy->access & level_right(level) ? STATUS_SUCCESS : STATUS_ACCESS_DENIED;
}

static uint32_t query(struct smb3_rpc_call *call, uint16_t most)
{
	struct lsa_policy *policy = lsa_get_policy(call);
	uint16_t level = smb3_ndr_u16(call->in);
	ntstatus status;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	status = level > most ? STATUS_INVALID_PARAMETER : level_status(policy, level);
	smb3_ndr_put_ptr(call->out, !status);
	if (!status)
		put_level(call, level);
	return lsa_end(call, status);
}

uint32_t lsa_query_policy(struct smb3_rpc_call *call)
{
	return query(call, LEVEL_LOCAL_ACCOUNT);
}

uint32_t lsa_query_policy2(struct smb3_rpc_call *call)
{
	return query(call, LEVEL_LOCAL_ACCOUNT);
}

/* [MS-LSAD] 3.1.4.4.7: quality of service, EFS, Kerberos: nothing of it is here. */
uint32_t lsa_query_domain_policy(struct smb3_rpc_call *call)
{
	struct lsa_policy *policy = lsa_get_policy(call);

	(void)smb3_ndr_u16(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	smb3_ndr_put_ptr(call->out, false);
	return lsa_end(call, policy->access & POLICY_VIEW_LOCAL ? STATUS_OBJECT_NAME_NOT_FOUND :
								  STATUS_ACCESS_DENIED);
}

/* ---- security ---- */

/* Access and rights of any handle of this interface. */
static const struct lsa_access *any_handle(struct smb3_rpc_call *call, uint32_t *ret_access)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	struct lsa_policy *policy = smb3_rpc_handle_find(call, &lsa_policy_type, &h);
	struct lsa_account *account = smb3_rpc_handle_find(call, &lsa_account_type, &h);
	struct lsa_secret *secret = smb3_rpc_handle_find(call, &lsa_secret_type, &h);

	*ret_access = policy  ? policy->access :
		      account ? account->access :
		      secret  ? secret->access :
				0;
	return policy  ? &lsa_policy_rights :
	       account ? &lsa_account_rights :
	       secret  ? &lsa_secret_rights :
			 NULL;
}

/* It says what lsa_access() does. [MS-DTYP] 2.4.6 */
static void put_security(struct smb3_rpc_call *call, const struct lsa_access *rights,
			 uint32_t which)
{
	const struct smb3_rpc_ace aces[] = {
		{ rights->all, lsa_sid_parse("S-1-5-32-544") },
		{ rights->execute, lsa_sid_parse("S-1-1-0") },
	};
	const struct smb3_rpc_security sd = { .owner = aces[0].sid,
					      .group = lsa_sid_parse("S-1-5-18"),
					      .aces = aces,
					      .n_aces = SMB3_ARRAY_SIZE(aces) };

	smb3_ndr_put_security(call->out, &sd, which);
}

uint32_t lsa_query_security(struct smb3_rpc_call *call)
{
	uint32_t access, which;
	const struct lsa_access *rights = any_handle(call, &access);
	bool good = access & READ_CONTROL;

	which = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!rights)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	smb3_ndr_put_ptr(call->out, good);
	if (good)
		put_security(call, rights, which);
	return lsa_end(call, good ? STATUS_SUCCESS : STATUS_ACCESS_DENIED);
}

/* ---- who asks ---- */

static void skip_string(struct smb3_ndr_in *in)
{
	struct smb3_ndr_counted head;

	if (!smb3_ndr_ptr(in))
		return;
	head = smb3_ndr_counted(in);
	(void)smb3_ndr_counted_text(in, &head);
}

static void put_string(struct smb3_ndr_out *out, const char *s)
{
	smb3_ndr_put_ptr(out, true);
	smb3_ndr_put_counted(out, s);
	smb3_ndr_put_counted_text(out, s);
}

uint32_t lsa_get_user_name(struct smb3_rpc_call *call)
{
	const struct smb3_rpc_caller *who = call->caller;
	bool wants_domain;

	(void)smb3_ndr_wstring_ptr(call->in); /* SystemName */
	skip_string(call->in);
	wants_domain = smb3_ndr_ptr(call->in);
	if (wants_domain)
		skip_string(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	put_string(call->out, who->anonymous ? "ANONYMOUS LOGON" : who->user);
	smb3_ndr_put_ptr(call->out, wants_domain);
	if (wants_domain)
		put_string(call->out, who->anonymous ? "NT AUTHORITY" :
				      *who->domain   ? who->domain :
						       call->facts->server);
	return lsa_end(call, STATUS_SUCCESS);
}

/* ---- trusts: a machine of its own has none ---- */

static uint32_t no_trusts(struct smb3_rpc_call *call)
{
	struct lsa_policy *policy = lsa_get_policy(call);

	(void)smb3_ndr_u32(call->in); /* EnumerationContext */
	(void)smb3_ndr_u32(call->in); /* PreferedMaximumLength */
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	smb3_ndr_put_u32(call->out, 0); /* EnumerationContext; count and array of the buffer */
	smb3_ndr_put_u32(call->out, 0);
	smb3_ndr_put_ptr(call->out, false);
	return lsa_end(call, policy->access & POLICY_VIEW_LOCAL ? STATUS_NO_MORE_ENTRIES :
								  STATUS_ACCESS_DENIED);
}

uint32_t lsa_enum_trusts(struct smb3_rpc_call *call)
{
	return no_trusts(call);
}

uint32_t lsa_enum_trusts_ex(struct smb3_rpc_call *call)
{
	return no_trusts(call);
}
