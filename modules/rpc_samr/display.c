// SPDX-License-Identifier: Apache-2.0
/*
 * display.c: lists for people. [MS-SAMR] 3.1.5.3, 2.2.8
 */
#include "samr.h"

enum { DISPLAY_USER = 1, DISPLAY_MACHINE, DISPLAY_GROUP, DISPLAY_OEM_USER, DISPLAY_OEM_GROUP };

#define ENTRY_SIZE 64u

/* A row of any level. */
struct row {
	uint32_t rid, control;
	const char *name, *comment, *full_name;
};

static void put_head(struct smb3_ndr_out *out, uint16_t level, uint32_t index, const struct row *r)
{
	smb3_ndr_put_u32(out, index);
	if (level >= DISPLAY_OEM_USER) {
		smb3_ndr_put_u16(out, (uint16_t)strlen(r->name));
		smb3_ndr_put_u16(out, (uint16_t)strlen(r->name));
		smb3_ndr_put_ptr(out, true);
		return;
	}
	smb3_ndr_put_u32(out, r->rid);
	smb3_ndr_put_u32(out, r->control);
	smb3_ndr_put_counted(out, r->name);
	smb3_ndr_put_counted(out, r->comment);
	if (level == DISPLAY_USER)
		smb3_ndr_put_counted(out, r->full_name);
}

/* RPC_STRING: 8-bit characters without a terminator. */
static void put_oem(struct smb3_ndr_out *out, const char *s)
{
	uint32_t n = (uint32_t)strlen(s);

	smb3_ndr_put_u32(out, n);
	smb3_ndr_put_u32(out, 0);
	smb3_ndr_put_u32(out, n);
	smb3_ndr_put_bytes(out, s, n);
}

static void put_text(struct smb3_ndr_out *out, uint16_t level, const struct row *r)
{
	if (level >= DISPLAY_OEM_USER) {
		put_oem(out, r->name);
		return;
	}
	smb3_ndr_put_counted_text(out, r->name);
	smb3_ndr_put_counted_text(out, r->comment);
	if (level == DISPLAY_USER)
		smb3_ndr_put_counted_text(out, r->full_name);
}

static void put_rows(struct smb3_ndr_out *out, uint16_t level, uint32_t at,
		     const struct row *rows_n[2])
{
	const struct row *rows = rows_n[0];
	uint32_t n = (uint32_t)(rows_n[1] - rows_n[0]);

	smb3_ndr_put_u32(out, n * ENTRY_SIZE); /* TotalAvailable, TotalReturned: bytes */
	smb3_ndr_put_u32(out, n * ENTRY_SIZE);
	smb3_ndr_put_u16(out, level);
	smb3_ndr_put_align(out, 4);
	smb3_ndr_put_u32(out, n);
	smb3_ndr_put_ptr(out, n);
	if (n)
		smb3_ndr_put_u32(out, n);
	for (uint32_t i = 0; i < n; i++)
		put_head(out, level, at + i + 1, &rows[i]);
	for (uint32_t i = 0; i < n; i++)
		put_text(out, level, &rows[i]);
}

/* Accounts; machines there are none. */
static ntstatus find_users(struct smb3_rpc_call *call, const uint32_t at_most[2],
			   struct row **ret_rows, uint32_t *ret_n)
{
	struct samr_user *users;
	bool more;
	ntstatus status = samr_ask_users(call, at_most[0], at_most[1], &users, ret_n, &more);

	*ret_rows = smb3_arena_alloc(call->arena, (*ret_n + 1) * sizeof(**ret_rows));
	for (uint32_t i = 0; i < *ret_n; i++)
		(*ret_rows)[i] = (struct row){ users[i].rid, samr_user_control(&users[i]),
					       users[i].name, "", users[i].full_name };
	return status ? status : more ? STATUS_MORE_ENTRIES : STATUS_SUCCESS;
}

static ntstatus find_groups(struct smb3_rpc_call *call, const uint32_t at_most[2],
			    struct row **ret_rows, uint32_t *ret_n)
{
	struct samr_group *groups = NULL;
	bool more;
	ntstatus status = samr_all_groups(call, at_most[0], at_most[1], &groups, ret_n, &more);

	*ret_rows = smb3_arena_alloc(call->arena, (*ret_n + 1) * sizeof(**ret_rows));
	for (uint32_t i = 0; i < *ret_n; i++)
		(*ret_rows)[i] = (struct row){ groups[i].rid, GROUP_ATTRS, groups[i].name,
					       groups[i].comment, "" };
	return status ? status : more ? STATUS_MORE_ENTRIES : STATUS_SUCCESS;
}

static ntstatus find_rows(struct smb3_rpc_call *call, uint16_t level, const uint32_t at_most[2],
			  struct row **ret_rows, uint32_t *ret_n)
{
	if (level == DISPLAY_MACHINE)
		return STATUS_SUCCESS;
	if (level == DISPLAY_GROUP || level == DISPLAY_OEM_GROUP)
		return find_groups(call, at_most, ret_rows, ret_n);
	return find_users(call, at_most, ret_rows, ret_n);
}

uint32_t samr_query_display(struct smb3_rpc_call *call)
{
	struct samr_object *domain = samr_get(call, SAMR_DOMAIN);
	uint16_t level = smb3_ndr_u16(call->in);
	uint32_t at = smb3_ndr_u32(call->in), most = smb3_ndr_u32(call->in);
	uint32_t bytes = smb3_ndr_u32(call->in), fit = bytes / ENTRY_SIZE ? bytes / ENTRY_SIZE : 1;
	struct row *rows = NULL;
	ntstatus status;
	uint32_t n = 0;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!domain)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	/* A union without such an arm cannot be answered. */
	if (level < DISPLAY_USER || level > DISPLAY_OEM_GROUP)
		return SMB3_RPC_FAULT_NDR;
	status = samr_may(domain, DOMAIN_LIST) ? STATUS_SUCCESS : STATUS_ACCESS_DENIED;
	if (!status && !domain->builtin)
		status = find_rows(call, level, (uint32_t[]){ at, most < fit ? most : fit }, &rows,
				   &n);
	put_rows(call->out, level, at, (const struct row *[]){ rows, rows + n });
	return samr_end(call, status);
}

/* ---- by the beginning of a name ---- */

struct search {
	const char *prefix;
	uint32_t index, found;
	bool any;
};

static bool begins(const char *name, const char *prefix)
{
	while (*prefix)
		if (smb3_fold(smb3_utf8_next(&name)) != smb3_fold(smb3_utf8_next(&prefix)))
			return false;
	return true;
}

static bool search_name(struct search *s, const char *name)
{
	s->index++;
	if (!begins(name, s->prefix))
		return true;
	s->found = s->index;
	s->any = true;
	return false;
}

static bool search_user(const struct samr_user *u, void *arg)
{
	return search_name(arg, u->name);
}

static ntstatus search_groups(struct smb3_rpc_call *call, struct search *s)
{
	struct samr_group *groups;
	bool more = true;
	uint32_t n;

	while (more && !s->any) {
		ntstatus status = samr_all_groups(call, s->index, UINT32_MAX, &groups, &n, &more);

		if (status)
			return status;
		for (uint32_t i = 0; i < n && search_name(s, groups[i].name); i++)
			continue;
		more = more && n;
	}
	return STATUS_SUCCESS;
}

uint32_t samr_display_index(struct smb3_rpc_call *call)
{
	struct samr_object *domain = samr_get(call, SAMR_DOMAIN);
	uint16_t level = smb3_ndr_u16(call->in);
	struct search s = { .prefix = samr_get_string(call->in) };
	ntstatus status = STATUS_NO_MORE_ENTRIES;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!domain)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (!samr_may(domain, DOMAIN_LIST))
		status = STATUS_ACCESS_DENIED;
	else if (level < DISPLAY_USER || level > DISPLAY_OEM_GROUP)
		status = STATUS_INVALID_INFO_CLASS;
	else if (s.prefix && !domain->builtin &&
		 (level == DISPLAY_GROUP || level == DISPLAY_OEM_GROUP))
		status = search_groups(call, &s);
	else if (s.prefix && !domain->builtin && level != DISPLAY_MACHINE)
		status = samr_each_user(call, search_user, &s);
	if (!status && !s.any)
		status = STATUS_NO_MORE_ENTRIES;
	smb3_ndr_put_u32(call->out, s.found);
	return samr_end(call, status);
}
