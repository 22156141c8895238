// SPDX-License-Identifier: Apache-2.0
/*
 * lookup.c: names and SIDs. What every machine knows is known here; the rest is asked of the server, in
 * pieces. [MS-LSAT] 3.1.4
 */
#include "lsarpc.h"

#include <errno.h>

/* ---- domains ---- */

static uint32_t domain_index(struct lsa_lookup *l, const char *name, const struct smb3_rpc_sid *sid)
{
	for (uint32_t i = 0; i < l->n_domains; i++)
		if (smb3_rpc_sid_equal(&l->domains[i].sid, sid))
			return i;
	if (l->n_domains == LSA_DOMAINS_MAX)
		return LSA_NO_DOMAIN;
	l->domains[l->n_domains].name = name;
	l->domains[l->n_domains].sid = *sid;
	return l->n_domains++;
}

/* The SID without its last number; a domain stands for itself. */
static void set_domain(struct lsa_lookup *l, struct lsa_name *n)
{
	struct smb3_rpc_sid domain = n->sid;

	if (domain.n_auths && n->type != SMB3_SID_DOMAIN)
		domain.n_auths--;
	n->index = domain_index(l, n->domain, &domain);
}

static void set_known(struct lsa_name *n, const struct lsa_known *k)
{
	n->type = k->type;
	n->sid = lsa_sid_parse(k->sid);
	n->domain = k->domain;
	n->name = k->name;
}

static ntstatus lookup_status(struct lsa_lookup *l)
{
	for (uint32_t i = 0; i < l->n; i++) {
		struct lsa_name *n = &l->names[i];

		n->index = LSA_NO_DOMAIN;
		if (n->type == SMB3_SID_UNKNOWN)
			continue;
		l->found++;
		set_domain(l, n);
	}
	if (l->found == l->n)
		return STATUS_SUCCESS;
	return l->found ? STATUS_SOME_NOT_MAPPED : STATUS_NONE_MAPPED;
}

/* ---- asking ---- */

/* Puts the names first ... last of the lookup that are not known yet into a question, and takes the
 * answer. */
struct batch {
	void (*put)(struct smb3_rpc_call *call, struct smb3_builder *b, struct lsa_name *n);
	void (*get)(struct smb3_rpc_call *call, struct smb3_cursor *c, struct lsa_name *n);
	uint32_t question;
};

static bool open_still(const struct lsa_name *n)
{
	return n->type == SMB3_SID_NONE;
}

static int ask_batch(struct smb3_rpc_call *call, struct lsa_lookup *l, const struct batch *batch,
		     uint32_t *at)
{
	struct smb3_builder b = smb3_builder_arena(call->arena, SMB3_RPC_ANSWER_MAX);
	uint32_t first = *at, n = 0, i;
	struct smb3_cursor answer;
	int err;

	smb3_put_u32(&b, 0);
	for (i = first; i < l->n && n < SMB3_RPC_NAMES_MAX; i++) {
		if (!open_still(&l->names[i]))
			continue;
		batch->put(call, &b, &l->names[i]);
		n++;
	}
	*at = i;
	smb3_set_u32(&b, 0, n);
	err = n ? smb3_rpc_ask(call, batch->question, &b, &answer) : 0;
	for (uint32_t j = first; n && !err && j < i; j++)
		if (open_still(&l->names[j]))
			batch->get(call, &answer, &l->names[j]);
	return !err && n && !smb3_cursor_ok(&answer) ? -EIO : err;
}

static ntstatus ask_all(struct smb3_rpc_call *call, struct lsa_lookup *l, const struct batch *batch)
{
	uint32_t at = 0;
	int err = 0;

	while (at < l->n && !err)
		err = ask_batch(call, l, batch, &at);
	return err ? lsa_status(err) : lookup_status(l);
}

/* ---- by SID ---- */

static void put_sid(struct smb3_rpc_call *call, struct smb3_builder *b, struct lsa_name *n)
{
	smb3_put_rpc_sid(b, &n->sid);
}

static void get_name(struct smb3_rpc_call *call, struct smb3_cursor *c, struct lsa_name *n)
{
	uint8_t type = smb3_get_u8(c);

	n->domain = smb3_get_text(c, call->arena);
	n->name = smb3_get_text(c, call->arena);
	n->type = type && n->name ? type : SMB3_SID_UNKNOWN;
}

ntstatus lsa_find_sids(struct smb3_rpc_call *call, struct lsa_lookup *l)
{
	static const struct batch batch = { put_sid, get_name, SMB3_ASK_SIDS };

	for (uint32_t i = 0; i < l->n; i++) {
		const struct lsa_known *k = lsa_known_by_sid(&l->names[i].sid);

		if (k)
			set_known(&l->names[i], k);
	}
	return ask_all(call, l, &batch);
}

/* ---- by name ---- */

/* "DOMAIN\name", "name@DOMAIN" and "name"; *ret_domain NULL for the last. */
static const char *split(struct smb3_rpc_call *call, const char *asked, const char **ret_domain)
{
	const char *slash = strchr(asked, '\\'), *at = slash ? NULL : strrchr(asked, '@');

	*ret_domain = NULL;
	if (slash) {
		*ret_domain = smb3_arena_printf(call->arena, "%.*s", (int)(slash - asked), asked);
		return slash + 1;
	}
	if (!at)
		return asked;
	*ret_domain = at + 1;
	return smb3_arena_printf(call->arena, "%.*s", (int)(at - asked), asked);
}

static bool is_machine(const struct smb3_rpc_call *call, const char *domain)
{
	return smb3_name_equal(domain, call->facts->server) || !strcmp(domain, ".") || !*domain;
}

/* Where the server should look; false: nowhere. */
static bool name_where(const struct smb3_rpc_call *call, const char *domain, uint8_t *ret_where)
{
	*ret_where = SMB3_NAME_ANY;
	if (!domain)
		return true;
	if (smb3_name_equal(domain, "Unix User"))
		*ret_where = SMB3_NAME_UNIX_USER;
	else if (smb3_name_equal(domain, "Unix Group"))
		*ret_where = SMB3_NAME_UNIX_GROUP;
	else if (is_machine(call, domain))
		*ret_where = SMB3_NAME_MACHINE;
	else
		return false;
	return true;
}

/* The machine's name, alone or as a domain without a name. */
static bool machine_itself(const struct smb3_rpc_call *call, const char *domain, const char *name)
{
	return domain ? !*name && *domain && is_machine(call, domain) :
			smb3_name_equal(name, call->facts->server);
}

static void name_begin(struct smb3_rpc_call *call, struct lsa_name *n)
{
	const char *domain, *name = split(call, n->asked, &domain);
	const struct lsa_known *k = lsa_known_by_name(domain, name);
	uint8_t where;

	if (k) {
		set_known(n, k);
	} else if (machine_itself(call, domain, name)) {
		n->type = SMB3_SID_DOMAIN;
		n->sid = smb3_machine_sid(&call->facts->guid);
		n->domain = call->facts->server;
		n->name = "";
	} else if (!*name || !name_where(call, domain, &where)) {
		n->type = SMB3_SID_UNKNOWN;
	}
}

static void put_name(struct smb3_rpc_call *call, struct smb3_builder *b, struct lsa_name *n)
{
	const char *domain, *name = split(call, n->asked, &domain);
	uint8_t where = SMB3_NAME_ANY;

	(void)name_where(call, domain, &where);
	smb3_put_u8(b, where);
	smb3_put_text(b, name);
}

static void get_sid(struct smb3_rpc_call *call, struct smb3_cursor *c, struct lsa_name *n)
{
	uint8_t type = smb3_get_u8(c);

	n->sid = smb3_get_rpc_sid(c);
	n->domain = smb3_get_text(c, call->arena);
	n->name = smb3_get_text(c, call->arena);
	n->type = type && n->name ? type : SMB3_SID_UNKNOWN;
}

ntstatus lsa_find_names(struct smb3_rpc_call *call, struct lsa_lookup *l)
{
	static const struct batch batch = { put_name, get_sid, SMB3_ASK_NAMES };

	for (uint32_t i = 0; i < l->n; i++)
		name_begin(call, &l->names[i]);
	return ask_all(call, l, &batch);
}
