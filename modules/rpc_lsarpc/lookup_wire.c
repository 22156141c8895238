// SPDX-License-Identifier: Apache-2.0
/*
 * lookup_wire.c: LsarLookupSids, LsarLookupNames and their later forms. [MS-LSAT] 2.2.12 to 2.2.23,
 * 3.1.4.5 to 3.1.4.11
 */
#include "lsarpc.h"

#define LEVEL_MAX 8 /* LSAP_LOOKUP_LEVEL */

/* What a lookup says beside names or SIDs. */
struct request {
	const struct lsa_policy *policy;
	uint16_t level;
	int form; /* 1, 2, 3 */
};

/* In-out arrays come empty: what clients put there means nothing. */
static void get_empty(struct smb3_ndr_in *in)
{
	(void)smb3_ndr_u32(in);
	if (smb3_ndr_ptr(in) && smb3_ndr_conformance(in, 0))
		smb3_ndr_bad(in);
}

static void get_rest(struct smb3_ndr_in *in, struct request *r)
{
	r->level = smb3_ndr_u16(in);
	(void)smb3_ndr_u32(in); /* MappedCount */
	if (r->form == 1)
		return;
	(void)smb3_ndr_u32(in); /* LookupOptions */
	(void)smb3_ndr_u32(in); /* ClientRevision */
}

/* The call may be served: else a fault, or a status for its answer. */
static ntstatus request_status(const struct request *r)
{
	if (!(r->policy->access & POLICY_LOOKUP_NAMES))
		return STATUS_ACCESS_DENIED;
	return r->level && r->level <= LEVEL_MAX ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

/* LSAPR_REFERENCED_DOMAIN_LIST, behind its pointer. */
static void put_domains(struct smb3_ndr_out *out, const struct lsa_lookup *l)
{
	smb3_ndr_put_ptr(out, true);
	smb3_ndr_put_u32(out, l->n_domains);
	smb3_ndr_put_ptr(out, l->n_domains);
	smb3_ndr_put_u32(out, 32); /* MaxEntries: ignored by all */
	if (!l->n_domains)
		return;
	smb3_ndr_put_u32(out, l->n_domains);
	for (uint32_t i = 0; i < l->n_domains; i++) {
		smb3_ndr_put_counted_z(out, l->domains[i].name);
		smb3_ndr_put_ptr(out, true);
	}
	for (uint32_t i = 0; i < l->n_domains; i++) {
		smb3_ndr_put_counted_text_z(out, l->domains[i].name);
		smb3_ndr_put_sid(out, &l->domains[i].sid);
	}
}

static bool answered(ntstatus status)
{
	return status == STATUS_SUCCESS || status == STATUS_SOME_NOT_MAPPED ||
	       status == STATUS_NONE_MAPPED;
}

/* ---- SIDs to names ---- */

/* LSAPR_SID_ENUM_BUFFER */
static void get_sids(struct smb3_rpc_call *call, struct lsa_lookup *l)
{
	struct smb3_ndr_in *in = call->in;
	uint32_t n = smb3_ndr_u32(in);
	bool present = smb3_ndr_ptr(in);

	if (n > LSA_NAMES_MAX || (n && !present))
		smb3_ndr_bad(in);
	if (!present)
		return;
	l->names = smb3_ndr_array(in, n, 4, sizeof(*l->names));
	for (uint32_t i = 0; l->names && i < n; i++)
		smb3_ndr_ref(in);
	for (uint32_t i = 0; l->names && i < n && smb3_ndr_ok(in); i++)
		l->names[i].sid = smb3_ndr_sid(in);
	l->n = smb3_ndr_ok(in) ? n : 0;
}

/* What is not known is called by its SID. */
static const char *name_of(struct smb3_rpc_call *call, const struct lsa_name *n)
{
	char text[LSA_SID_TEXT];

	if (n->type != SMB3_SID_UNKNOWN)
		return n->name;
	return smb3_arena_strdup(call->arena, lsa_sid_text(&n->sid, text));
}

static void put_names(struct smb3_rpc_call *call, const struct lsa_lookup *l, int form)
{
	struct smb3_ndr_out *out = call->out;

	smb3_ndr_put_u32(out, l->n);
	smb3_ndr_put_ptr(out, l->n);
	if (!l->n)
		return;
	smb3_ndr_put_u32(out, l->n);
	for (uint32_t i = 0; i < l->n; i++) {
		smb3_ndr_put_align(out, 4);
		smb3_ndr_put_u16(out, l->names[i].type);
		smb3_ndr_put_counted(out, name_of(call, &l->names[i]));
		smb3_ndr_put_u32(out, l->names[i].index);
		if (form > 1)
			smb3_ndr_put_u32(out, 0); /* Flags */
	}
	for (uint32_t i = 0; i < l->n; i++)
		smb3_ndr_put_counted_text(out, name_of(call, &l->names[i]));
}

/* What is different between looking up SIDs and names. */
struct direction {
	void (*get)(struct smb3_rpc_call *call, struct lsa_lookup *l);
	ntstatus (*find)(struct smb3_rpc_call *call, struct lsa_lookup *l);
	void (*put)(struct smb3_rpc_call *call, const struct lsa_lookup *l, int form);
};

static uint32_t lookup(struct smb3_rpc_call *call, int form, const struct direction *d)
{
	struct request r = { .policy = lsa_get_policy(call), .form = form };
	struct lsa_lookup l = { 0 };
	ntstatus status;

	d->get(call, &l);
	get_empty(call->in);
	get_rest(call->in, &r);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!r.policy)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	status = request_status(&r);
	if (!status)
		status = d->find(call, &l);
	if (!answered(status))
		l.n = l.n_domains = l.found = 0;
	put_domains(call->out, &l);
	d->put(call, &l, form);
	smb3_ndr_put_u32(call->out, l.found);
	return lsa_end(call, status);
}

static uint32_t lookup_sids(struct smb3_rpc_call *call, int form)
{
	static const struct direction sids = { get_sids, lsa_find_sids, put_names };

	return lookup(call, form, &sids);
}

uint32_t lsa_lookup_sids(struct smb3_rpc_call *call)
{
	return lookup_sids(call, 1);
}

uint32_t lsa_lookup_sids2(struct smb3_rpc_call *call)
{
	return lookup_sids(call, 2);
}

/* 3.1.4.9, 3.1.4.5: only over NETLOGON's secure channel, which is for domains. */
uint32_t lsa_lookup_secure(struct smb3_rpc_call *call)
{
	return SMB3_RPC_FAULT_ACCESS_DENIED;
}

/* ---- names to SIDs ---- */

static void get_names(struct smb3_rpc_call *call, struct lsa_lookup *l)
{
	struct smb3_ndr_in *in = call->in;
	uint32_t n = smb3_ndr_u32(in);
	struct smb3_ndr_counted *heads;

	if (n > LSA_NAMES_MAX)
		smb3_ndr_bad(in);
	heads = smb3_ndr_array(in, n, 8, sizeof(*heads));
	l->names = smb3_ndr_alloc(in, n, 8, sizeof(*l->names));
	for (uint32_t i = 0; heads && i < n; i++)
		heads[i] = smb3_ndr_counted(in);
	for (uint32_t i = 0; heads && l->names && i < n; i++) {
		const char *name = smb3_ndr_counted_text(in, &heads[i]);

		l->names[i].asked = name ? name : "";
	}
	l->n = smb3_ndr_ok(in) ? n : 0;
}

static uint32_t rid_of(const struct lsa_name *n)
{
	if (n->type == SMB3_SID_UNKNOWN)
		return 0;
	if (n->type == SMB3_SID_DOMAIN || !n->sid.n_auths)
		return UINT32_MAX;
	return n->sid.auths[n->sid.n_auths - 1];
}

static void put_sids(struct smb3_rpc_call *call, const struct lsa_lookup *l, int form)
{
	struct smb3_ndr_out *out = call->out;

	smb3_ndr_put_u32(out, l->n);
	smb3_ndr_put_ptr(out, l->n);
	if (!l->n)
		return;
	smb3_ndr_put_u32(out, l->n);
	for (uint32_t i = 0; i < l->n; i++) {
		const struct lsa_name *n = &l->names[i];

		smb3_ndr_put_align(out, 4);
		smb3_ndr_put_u16(out, n->type);
		if (form == 3)
			smb3_ndr_put_ptr(out, n->type != SMB3_SID_UNKNOWN);
		else
			smb3_ndr_put_u32(out, rid_of(n));
		smb3_ndr_put_u32(out, n->index);
		if (form > 1)
			smb3_ndr_put_u32(out, 0); /* Flags */
	}
	for (uint32_t i = 0; form == 3 && i < l->n; i++)
		if (l->names[i].type != SMB3_SID_UNKNOWN)
			smb3_ndr_put_sid(out, &l->names[i].sid);
}

static uint32_t lookup_names(struct smb3_rpc_call *call, int form)
{
	static const struct direction names = { get_names, lsa_find_names, put_sids };

	return lookup(call, form, &names);
}

uint32_t lsa_lookup_names(struct smb3_rpc_call *call)
{
	return lookup_names(call, 1);
}

uint32_t lsa_lookup_names2(struct smb3_rpc_call *call)
{
	return lookup_names(call, 2);
}

uint32_t lsa_lookup_names3(struct smb3_rpc_call *call)
{
	return lookup_names(call, 3);
}
