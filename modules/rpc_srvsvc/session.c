// SPDX-License-Identifier: Apache-2.0
/*
 * session.c: who is connected, to what, with which files open. [MS-SRVS] 3.1.4.1 to 3.1.4.6;
 * structures 2.2.4.1 to 2.2.4.21
 */
#include "srvsvc.h"

#include <errno.h>

#define ENTRY_SIZE    128
#define SESS_GUEST    0x1u
#define FILE_RIGHTS   0x7u /* read, write, create: the low bits of an access mask */
#define CLIENT_PREFIX "\\\\"

/* An entry of any of the lists: numbers in the order of the wire, then texts. */
struct entry {
	uint64_t session;
	uint32_t numbers[6];
	const char *texts[4];
};

struct entries {
	struct entry *list;
	uint32_t n;
};

/* The numbers and texts that a level has, by place; a letter each: 0 to 9 a number, a to d a text. */
struct layout {
	uint32_t level;
	bool admin;
	const char *places;
};

static void entries_add(struct smb3_rpc_call *call, struct entries *all, const struct entry *e)
{
	if (!(all->n & (all->n - 1))) {
		struct entry *list =
			smb3_arena_alloc(call->arena, (all->n ? 2 * all->n : 1) * sizeof(*list));

		if (all->n)
			memcpy(list, all->list, all->n * sizeof(*list));
		all->list = list;
	}
	all->list[all->n++] = *e;
}

static bool wanted(const char *filter, const char *value)
{
	return !*filter || smb3_name_equal(filter, value);
}

/* ---- what the server says ---- */

static int ask_sessions(struct smb3_rpc_call *call, const char *client, const char *user,
			struct entries *all)
{
	struct smb3_cursor c;
	int err = smb3_rpc_ask(call, SMB3_ASK_SESSIONS, NULL, &c);

	while (!err && smb3_rpc_next(&c, NULL)) {
		struct entry e = { .session = smb3_get_u64(&c) };

		e.texts[1] = smb3_get_text(&c, call->arena);
		e.texts[0] = smb3_get_text(&c, call->arena);
		e.numbers[0] = smb3_get_u32(&c); /* opens, time, idle, flags */
		e.numbers[1] = smb3_get_u32(&c);
		e.numbers[2] = smb3_get_u32(&c);
		e.numbers[3] = smb3_get_u32(&c) & SMB3_RPC_SESSION_GUEST ? SESS_GUEST : 0;
		e.texts[2] = e.texts[3] = "";
		if (!smb3_cursor_ok(&c))
			return -EBADMSG;
		if (wanted(client, e.texts[0]) && wanted(user, e.texts[1]))
			entries_add(call, all, &e);
	}
	return err;
}

/* qualifier: a share, or a client when it begins with two backslashes. */
static int ask_trees(struct smb3_rpc_call *call, const char *qualifier, struct entries *all)
{
	bool client = !strncmp(qualifier, CLIENT_PREFIX, 2);
	struct smb3_cursor c;
	int err = smb3_rpc_ask(call, SMB3_ASK_TREES, NULL, &c);

	while (!err && smb3_rpc_next(&c, NULL)) {
		struct entry e = { .session = smb3_get_u64(&c) };
		const char *share, *address;

		e.numbers[0] = smb3_get_u32(&c); /* id, type, opens, users, time */
		share = smb3_get_text(&c, call->arena);
		e.texts[0] = smb3_get_text(&c, call->arena);
		address = smb3_get_text(&c, call->arena);
		e.numbers[2] = smb3_get_u32(&c);
		e.numbers[3] = 1;
		e.numbers[4] = smb3_get_u32(&c);
		if (!smb3_cursor_ok(&c))
			return -EBADMSG;
		e.texts[1] = client ? share : address;
		if (client ? wanted(srvsvc_name(qualifier), address) : wanted(qualifier, share))
			entries_add(call, all, &e);
	}
	return err;
}

static const char *file_path(struct smb3_rpc_call *call, const char *share, const char *path)
{
	char *p = smb3_arena_printf(call->arena, "%s\\%s", share, path);

	for (char *c = p; *c; c++)
		if (*c == '/')
			*c = '\\';
	return p;
}

static bool below(const char *base, const char *path)
{
	return !strncmp(base, path, strlen(base));
}

static int ask_opens(struct smb3_rpc_call *call, const char *base, const char *user,
		     struct entries *all)
{
	struct smb3_cursor c;
	int err = smb3_rpc_ask(call, SMB3_ASK_OPENS, NULL, &c);

	while (!err && smb3_rpc_next(&c, NULL)) {
		struct entry e = { .numbers[0] = (uint32_t)smb3_get_u64(&c) };
		const char *share;

		e.session = smb3_get_u64(&c);
		e.texts[1] = smb3_get_text(&c, call->arena);
		share = smb3_get_text(&c, call->arena);
		e.texts[0] = smb3_get_text(&c, call->arena);
		e.numbers[1] = smb3_get_u32(&c) & FILE_RIGHTS;
		e.numbers[2] = smb3_get_u32(&c);
		if (!smb3_cursor_ok(&c))
			return -EBADMSG;
		e.texts[0] = file_path(call, share, e.texts[0]);
		if (below(base, e.texts[0]) && wanted(user, e.texts[1]))
			entries_add(call, all, &e);
	}
	return err;
}

/* ---- on the wire ---- */

static void put_entry(struct smb3_ndr_out *out, const struct layout *l, const struct entry *e)
{
	for (const char *p = l->places; *p; p++)
		if (*p >= 'a')
			smb3_ndr_put_ptr(out, true);
		else
			smb3_ndr_put_u32(out, e->numbers[*p - '0']);
}

static void put_deferred(struct smb3_ndr_out *out, const struct layout *l, const struct entry *e)
{
	for (const char *p = l->places; *p; p++)
		if (*p >= 'a')
			smb3_ndr_put_wstring(out, e->texts[*p - 'a']);
}

static const struct layout *layout_find(const struct layout *layouts, size_t n, uint32_t level)
{
	for (size_t i = 0; i < n; i++)
		if (layouts[i].level == level)
			return &layouts[i];
	return NULL;
}

/* Level, union, container, preferred length and resume handle; the level's layout, or NULL: a fault. */
static const struct layout *get_enum(struct smb3_rpc_call *call, struct srvsvc_list *list,
				     const struct layout *layouts, size_t n)
{
	uint32_t levels[8];

	for (size_t i = 0; i < n; i++)
		levels[i] = layouts[i].level;
	srvsvc_get_list(call, list, levels, n);
	srvsvc_get_resume(call, list);
	return smb3_ndr_ok(call->in) ? layout_find(layouts, n, list->level) : NULL;
}

static uint32_t put_enum(struct smb3_rpc_call *call, struct srvsvc_list *list,
			 const struct layout *l, const struct entries *all, uint32_t status)
{
	if (!status) {
		srvsvc_choose(list, all->n, ENTRY_SIZE);
		if (list->n < list->total)
			status = ERROR_MORE_DATA;
	}
	srvsvc_put_list(call, list, status);
	for (uint32_t i = 0; i < list->n; i++)
		put_entry(call->out, l, &all->list[list->first + i]);
	for (uint32_t i = 0; i < list->n; i++)
		put_deferred(call->out, l, &all->list[list->first + i]);
	srvsvc_put_end(call, list, status);
	return SMB3_RPC_OK;
}

/* ---- procedures ---- */

uint32_t srvsvc_connection_enum(struct smb3_rpc_call *call)
{
	static const struct layout layouts[] = { { 0, true, "0" }, { 1, true, "01234ab" } };
	struct srvsvc_list list;
	struct entries all = { .n = 0 };
	const struct layout *l;
	const char *qualifier;
	uint32_t status = ERROR_ACCESS_DENIED;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	qualifier = smb3_ndr_wstring_ptr(call->in);
	l = get_enum(call, &list, layouts, SMB3_ARRAY_SIZE(layouts));
	if (!l)
		return SMB3_RPC_FAULT_NDR;
	if (!qualifier || !*qualifier)
		status = ERROR_INVALID_PARAMETER;
	else if (call->caller->admin)
		status = srvsvc_error(ask_trees(call, qualifier, &all), NERR_NET_NAME_NOT_FOUND);
	return put_enum(call, &list, l, &all, status);
}

uint32_t srvsvc_session_enum(struct smb3_rpc_call *call)
{
	static const struct layout layouts[] = { { 0, false, "a" },
						 { 1, true, "ab0123" },
						 { 2, true, "ab0123c" },
						 { 10, false, "ab12" },
						 { 502, true, "ab0123cd" } };
	struct srvsvc_list list;
	struct entries all = { .n = 0 };
	const struct layout *l;
	const char *client, *user;
	uint32_t status = ERROR_ACCESS_DENIED;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	client = srvsvc_name(smb3_ndr_wstring_ptr(call->in));
	user = srvsvc_name(smb3_ndr_wstring_ptr(call->in));
	l = get_enum(call, &list, layouts, SMB3_ARRAY_SIZE(layouts));
	if (!l)
		return SMB3_RPC_FAULT_NDR;
	if (!l->admin || call->caller->admin)
		status = srvsvc_error(ask_sessions(call, client, user, &all),
				      NERR_CLIENT_NAME_NOT_FOUND);
	return put_enum(call, &list, l, &all, status);
}

static uint32_t close_sessions(struct smb3_rpc_call *call, const struct entries *all)
{
	uint32_t status = NERR_CLIENT_NAME_NOT_FOUND;

	for (uint32_t i = 0; i < all->n; i++) {
		struct smb3_builder in = smb3_builder_arena(call->arena, 64);
		struct smb3_cursor c;

		/* Not the one that the answer has to go back on. */
		if (all->list[i].session == call->caller->session)
			continue;
		smb3_put_u64(&in, all->list[i].session);
		status = srvsvc_error(smb3_rpc_ask(call, SMB3_ASK_CLOSE_SESSION, &in, &c),
				      NERR_SUCCESS);
		if (status)
			return status;
	}
	return status;
}

uint32_t srvsvc_session_del(struct smb3_rpc_call *call)
{
	struct entries all = { .n = 0 };
	const char *client, *user;
	uint32_t status = ERROR_ACCESS_DENIED;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	client = srvsvc_name(smb3_ndr_wstring_ptr(call->in));
	user = srvsvc_name(smb3_ndr_wstring_ptr(call->in));
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (call->caller->admin && !*client && !*user)
		status = ERROR_INVALID_PARAMETER;
	else if (call->caller->admin)
		status = srvsvc_error(ask_sessions(call, client, user, &all),
				      NERR_CLIENT_NAME_NOT_FOUND);
	if (!status)
		status = close_sessions(call, &all);
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

static const struct layout file_layouts[] = { { 2, true, "0" }, { 3, true, "012ab" } };

uint32_t srvsvc_file_enum(struct smb3_rpc_call *call)
{
	struct srvsvc_list list;
	struct entries all = { .n = 0 };
	const struct layout *l;
	const char *base, *user;
	uint32_t status = ERROR_ACCESS_DENIED;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	base = smb3_ndr_wstring_ptr(call->in);
	user = srvsvc_name(smb3_ndr_wstring_ptr(call->in));
	l = get_enum(call, &list, file_layouts, SMB3_ARRAY_SIZE(file_layouts));
	if (!l)
		return SMB3_RPC_FAULT_NDR;
	if (call->caller->admin)
		status = srvsvc_error(ask_opens(call, base ? base : "", user, &all),
				      NERR_FILE_ID_NOT_FOUND);
	return put_enum(call, &list, l, &all, status);
}

static const struct entry *file_find(const struct entries *all, uint32_t id)
{
	for (uint32_t i = 0; i < all->n; i++)
		if (all->list[i].numbers[0] == id)
			return &all->list[i];
	return NULL;
}

uint32_t srvsvc_file_get_info(struct smb3_rpc_call *call)
{
	struct entries all = { .n = 0 };
	const struct entry *e = NULL;
	const struct layout *l;
	uint32_t id, level, status = ERROR_ACCESS_DENIED;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	id = smb3_ndr_u32(call->in);
	level = smb3_ndr_u32(call->in);
	l = layout_find(file_layouts, SMB3_ARRAY_SIZE(file_layouts), level);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!l)
		status = ERROR_INVALID_LEVEL;
	else if (call->caller->admin)
		status = srvsvc_error(ask_opens(call, "", "", &all), NERR_FILE_ID_NOT_FOUND);
	if (!status && !(e = file_find(&all, id)))
		status = NERR_FILE_ID_NOT_FOUND;
	smb3_ndr_put_u32(call->out, level);
	smb3_ndr_put_ptr(call->out, !status);
	if (!status) {
		put_entry(call->out, l, e);
		put_deferred(call->out, l, e);
	}
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

uint32_t srvsvc_file_close(struct smb3_rpc_call *call)
{
	struct smb3_builder in = smb3_builder_arena(call->arena, 64);
	struct smb3_cursor c;
	uint32_t id;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	id = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_put_u64(&in, id);
	smb3_ndr_put_u32(call->out, srvsvc_error(smb3_rpc_ask(call, SMB3_ASK_CLOSE_OPEN, &in, &c),
						 NERR_FILE_ID_NOT_FOUND));
	return SMB3_RPC_OK;
}
