// SPDX-License-Identifier: Apache-2.0
/*
 * user.c: lists, and the users of this machine: nobody sits at it, so they are those who have a
 * session. [MS-WKST] 3.2.4.3
 */
#include "wkssvc.h"

#define ENTRY_SIZE 64 /* what one takes, for the length that a client prefers */

/* ---- lists ---- */

bool wkssvc_get_list(struct smb3_rpc_call *call, struct wkssvc_list *list, uint32_t highest)
{
	struct smb3_ndr_in *in = call->in;

	(void)smb3_ndr_wstring_ptr(in); /* ServerName */
	*list = (struct wkssvc_list){ .level = smb3_ndr_u32(in) };
	smb3_ndr_switch(in, list->level);
	/* A union without that arm: there is no telling what follows. */
	if (list->level > highest)
		smb3_ndr_bad(in);
	/* Entries that a client sends mean nothing, and none does. */
	if (smb3_ndr_ptr(in) && (smb3_ndr_u32(in) || smb3_ndr_ptr(in)) &&
	    smb3_ndr_conformance(in, 0))
		smb3_ndr_bad(in);
	list->preferred = smb3_ndr_u32(in);
	list->has_resume = smb3_ndr_ptr(in);
	if (list->has_resume)
		list->resume = smb3_ndr_u32(in);
	return smb3_ndr_ok(in);
}

void wkssvc_put_list(struct smb3_rpc_call *call, struct wkssvc_list *list, uint32_t total)
{
	uint32_t most = list->preferred / ENTRY_SIZE;
	struct smb3_ndr_out *out = call->out;

	list->first = list->resume < total ? list->resume : total;
	list->left = total - list->first;
	list->n = most < list->left ? most : list->left;
	if (!list->n && list->left)
		list->n = 1;
	smb3_ndr_put_u32(out, list->level);
	smb3_ndr_put_u32(out, list->level);
	smb3_ndr_put_ptr(out, true);
	smb3_ndr_put_u32(out, list->n);
	smb3_ndr_put_ptr(out, list->n);
	if (list->n)
		smb3_ndr_put_u32(out, list->n);
}

uint32_t wkssvc_put_end(struct smb3_rpc_call *call, const struct wkssvc_list *list, uint32_t status)
{
	struct smb3_ndr_out *out = call->out;
	bool more = !status && list->n < list->left;

	smb3_ndr_put_u32(out, list->left);
	smb3_ndr_put_ptr(out, list->has_resume);
	if (list->has_resume)
		smb3_ndr_put_u32(out, more ? list->first + list->n : 0);
	smb3_ndr_put_u32(out, more ? ERROR_MORE_DATA : status);
	return SMB3_RPC_OK;
}

/* ---- who has a session ---- */

static void users_add(struct smb3_rpc_call *call, struct wkssvc_users *users, const char *name)
{
	const char **names = users->names;

	for (uint32_t i = 0; i < users->n; i++)
		if (!strcmp(names[i], name))
			return;
	if (users->n == users->size) {
		users->size = users->size ? 2 * users->size : 16;
		names = smb3_arena_alloc(call->arena, users->size * sizeof(*names));
		if (users->n)
			memcpy(names, users->names, users->n * sizeof(*names));
		users->names = names;
	}
	names[users->n++] = name;
}

static bool sessions(struct smb3_rpc_call *call, struct wkssvc_users *users, uint32_t *ret_n)
{
	struct smb3_cursor c;
	const char *name;

	if (smb3_rpc_ask(call, SMB3_ASK_SESSIONS, NULL, &c))
		return false;
	for (*ret_n = 0; smb3_rpc_next(&c, NULL) && smb3_cursor_ok(&c); ++*ret_n) {
		smb3_get_skip(&c, 8);
		name = smb3_get_text(&c, call->arena);
		(void)smb3_get_text(&c, call->arena);
		smb3_get_skip(&c, 16);
		if (users && name && *name)
			users_add(call, users, name);
	}
	return smb3_cursor_ok(&c);
}

bool wkssvc_users(struct smb3_rpc_call *call, struct wkssvc_users *ret_users)
{
	uint32_t n;

	*ret_users = (struct wkssvc_users){ .n = 0 };
	return sessions(call, ret_users, &n);
}

uint32_t wkssvc_count_sessions(struct smb3_rpc_call *call)
{
	uint32_t n;

	return sessions(call, NULL, &n) ? n : 0;
}

/* ---- NetrWkstaUserEnum [MS-WKST] 3.2.4.3, 2.2.5.12, 2.2.5.13 ---- */

static void put_user(struct smb3_rpc_call *call, uint32_t level, const char *name)
{
	smb3_ndr_put_wstring(call->out, name);
	if (level == 0)
		return;
	smb3_ndr_put_wstring(call->out, call->facts->workgroup);
	smb3_ndr_put_wstring(call->out, ""); /* other domains */
	smb3_ndr_put_wstring(call->out, call->facts->server);
}

uint32_t wkssvc_user_enum(struct smb3_rpc_call *call)
{
	struct wkssvc_users users = { .n = 0 };
	struct wkssvc_list list;
	uint32_t status = NERR_SUCCESS;

	if (!wkssvc_get_list(call, &list, 1))
		return SMB3_RPC_FAULT_NDR;
	if (!call->caller->admin || !wkssvc_users(call, &users)) {
		status = ERROR_ACCESS_DENIED;
		users.n = 0;
	}
	wkssvc_put_list(call, &list, users.n);
	for (uint32_t i = 0; i < list.n * (list.level ? 4 : 1); i++)
		smb3_ndr_put_ptr(call->out, true);
	for (uint32_t i = 0; i < list.n; i++)
		put_user(call, list.level, users.names[list.first + i]);
	return wkssvc_put_end(call, &list, status);
}

/* Not in the specification any more; it asks who is logged on at the machine, that is, in the
 * process that answers: nobody. */
uint32_t wkssvc_user_get_info(struct smb3_rpc_call *call)
{
	const char *reserved = smb3_ndr_wstring_ptr(call->in);
	uint32_t level = smb3_ndr_u32(call->in), status = ERROR_NO_SUCH_LOGON_SESSION;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (reserved)
		status = ERROR_INVALID_PARAMETER;
	else if (level != 0 && level != 1 && level != 1101)
		status = ERROR_INVALID_LEVEL;
	else if (level == 1101)
		status = NERR_SUCCESS;
	smb3_ndr_put_u32(call->out, level);
	if (level == 0 || level == 1 || level == 1101)
		smb3_ndr_put_ptr(call->out, !status);
	if (!status) {
		smb3_ndr_put_ptr(call->out, true);
		smb3_ndr_put_wstring(call->out, ""); /* other domains */
	}
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}
