// SPDX-License-Identifier: Apache-2.0
/*
 * share.c: shares. [MS-SRVS] 3.1.4.8, 3.1.4.10, 3.1.4.13; structures 2.2.4.22 to 2.2.4.38
 */
#include "srvsvc.h"

#include <errno.h>

#define STYPE_DISKTREE 0u
#define STYPE_IPC      3u
#define STYPE_SPECIAL  0x80000000u
#define NO_LIMIT       0xFFFFFFFFu
#define ENTRY_SIZE     128 /* bytes that an entry takes or so */

struct share {
	const char *name, *path, *comment;
	uint32_t type, flags, users;
};

struct shares {
	struct share *list;
	uint32_t n;
};

static uint32_t share_type(const struct share *s)
{
	size_t len = strlen(s->name);
	uint32_t type = s->flags & SMB3_RPC_SHARE_PIPE ? STYPE_IPC : STYPE_DISKTREE;

	return len && s->name[len - 1] == '$' ? type | STYPE_SPECIAL : type;
}

/* Clients know drives: what is below / stands on one. */
static const char *share_path(struct smb3_rpc_call *call, const char *path)
{
	char *p = smb3_arena_printf(call->arena, "%s%s", *path ? "C:" : "", path);

	for (char *c = p; *c; c++)
		if (*c == '/')
			*c = '\\';
	return p;
}

static void shares_add(struct smb3_rpc_call *call, struct shares *all, const struct share *s)
{
	/* Grows by doubling, in the arena: what is left behind dies with the call. */
	if (!(all->n & (all->n - 1))) {
		struct share *list =
			smb3_arena_alloc(call->arena, (all->n ? 2 * all->n : 1) * sizeof(*list));

		if (all->n)
			memcpy(list, all->list, all->n * sizeof(*list));
		all->list = list;
	}
	all->list[all->n++] = *s;
}

/* only: that one, or "" for all; hidden: also those that are not in lists. */
static int shares_ask(struct smb3_rpc_call *call, const char *only, bool hidden, struct shares *all)
{
	struct smb3_builder in = smb3_builder_arena(call->arena, 4096);
	struct smb3_cursor c;
	int err;

	*all = (struct shares){ .n = 0 };
	smb3_put_text(&in, only);
	err = smb3_rpc_ask(call, SMB3_ASK_SHARES, &in, &c);
	while (!err && smb3_rpc_next(&c, NULL)) {
		struct share s = { .name = smb3_get_text(&c, call->arena) };
		const char *path = smb3_get_text(&c, call->arena);

		s.comment = smb3_get_text(&c, call->arena);
		s.flags = smb3_get_u32(&c);
		if (!smb3_cursor_ok(&c))
			return -EBADMSG;
		s.path = share_path(call, path);
		s.type = share_type(&s);
		if (hidden || !(s.flags & SMB3_RPC_SHARE_HIDDEN))
			shares_add(call, all, &s);
	}
	return err;
}

/* How many are connected to each. */
static int shares_users(struct smb3_rpc_call *call, struct shares *all)
{
	struct smb3_cursor c;
	int err = smb3_rpc_ask(call, SMB3_ASK_TREES, NULL, &c);

	while (!err && smb3_rpc_next(&c, NULL)) {
		const char *name;

		smb3_get_skip(&c, 12);
		name = smb3_get_text(&c, call->arena);
		(void)smb3_get_text(&c, call->arena);
		(void)smb3_get_text(&c, call->arena);
		smb3_get_skip(&c, 8);
		if (!smb3_cursor_ok(&c))
			return -EBADMSG;
		for (uint32_t i = 0; i < all->n; i++)
			if (smb3_name_equal(all->list[i].name, name))
				all->list[i].users++;
	}
	return err;
}

/* ---- entries ---- */

/* The levels, and what of a share each has. */
enum {
	HAS_TYPE = 1,
	HAS_COMMENT = 2,
	HAS_USE = 4,
	HAS_FLAGS = 8,
	HAS_SERVER = 16,
	HAS_SD = 32,
	HAS_NAME = 64,
	HAS_MAX = 128,
	HAS_OTHER_NAME = 256,
	ADMIN = 512
};

static const struct level {
	uint32_t level, has;
} levels[] = {
	{ 0, HAS_NAME },
	{ 1, HAS_NAME | HAS_TYPE | HAS_COMMENT },
	{ 2, HAS_NAME | HAS_TYPE | HAS_COMMENT | HAS_USE | ADMIN },
	{ 501, HAS_NAME | HAS_TYPE | HAS_COMMENT | HAS_FLAGS },
	{ 502, HAS_NAME | HAS_TYPE | HAS_COMMENT | HAS_USE | HAS_SD | ADMIN },
	{ 503, HAS_NAME | HAS_TYPE | HAS_COMMENT | HAS_USE | HAS_SERVER | HAS_SD | ADMIN },
	{ 1004, HAS_COMMENT },
	{ 1005, HAS_FLAGS },
	{ 1006, HAS_MAX | ADMIN },
	{ 1007, HAS_FLAGS | HAS_OTHER_NAME },
	{ 1501, HAS_SD | ADMIN },
};

/* 2.2.4.38 has those up to 503. Samba's clients ask for the others, whose entries are those of 2.2.4.27 and
 * those behind it, and for 1007: flags, and another name of the folder, as LAN Manager had it. */
static const uint32_t enum_levels[] = { 0, 1, 2, 501, 502, 503, 1004, 1005, 1006, 1007, 1501 };

static uint32_t level_has(uint32_t level)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(levels); i++)
		if (levels[i].level == level)
			return levels[i].has;
	return 0;
}

static void put_entry(struct smb3_ndr_out *out, const struct share *s, uint32_t has)
{
	if (has & HAS_NAME)
		smb3_ndr_put_ptr(out, true);
	if (has & HAS_TYPE)
		smb3_ndr_put_u32(out, s->type);
	if (has & HAS_COMMENT)
		smb3_ndr_put_ptr(out, true);
	if (has & HAS_FLAGS)
		smb3_ndr_put_u32(out, 0);
	if (has & HAS_OTHER_NAME)
		smb3_ndr_put_ptr(out, true);
	if (has & HAS_MAX)
		smb3_ndr_put_u32(out, NO_LIMIT);
	if (has & HAS_USE) {
		smb3_ndr_put_u32(out, 0); /* permissions: not checked by anybody */
		smb3_ndr_put_u32(out, NO_LIMIT);
		smb3_ndr_put_u32(out, s->users);
		smb3_ndr_put_ptr(out, true);
		smb3_ndr_put_ptr(out, false); /* password */
	}
	if (has & HAS_SERVER)
		smb3_ndr_put_ptr(out, true);
	if (has & HAS_SD) {
		smb3_ndr_put_u32(out, 0);
		smb3_ndr_put_ptr(out, false);
	}
}

/* What the pointers of an entry lead to. */
static void put_deferred(struct smb3_ndr_out *out, const struct share *s, uint32_t has)
{
	if (has & HAS_NAME)
		smb3_ndr_put_wstring(out, s->name);
	if (has & HAS_COMMENT)
		smb3_ndr_put_wstring(out, s->comment);
	if (has & HAS_USE)
		smb3_ndr_put_wstring(out, s->path);
	if (has & HAS_OTHER_NAME)
		smb3_ndr_put_wstring(out, "");
	if (has & HAS_SERVER)
		smb3_ndr_put_wstring(out, "*");
}

/* ---- procedures ---- */

static uint32_t enum_shares(struct smb3_rpc_call *call, struct srvsvc_list *list,
			    struct shares *all)
{
	uint32_t has = level_has(list->level);
	int err;

	if (has & ADMIN && !call->caller->admin)
		return ERROR_ACCESS_DENIED;
	/* Who has no name is told names and comments, and no more. */
	if (list->level == 501 && call->caller->anonymous)
		return ERROR_ACCESS_DENIED;
	err = shares_ask(call, "", has & ADMIN, all);
	if (!err && has & HAS_USE)
		err = shares_users(call, all);
	if (err)
		return srvsvc_error(err, ERROR_INVALID_NAME);
	srvsvc_choose(list, all->n, ENTRY_SIZE);
	return list->n < list->total ? ERROR_MORE_DATA : NERR_SUCCESS;
}

static uint32_t put_enum(struct smb3_rpc_call *call, const struct srvsvc_list *list,
			 const struct shares *all, uint32_t status)
{
	uint32_t has = level_has(list->level);

	srvsvc_put_list(call, list, status);
	if (status != NERR_SUCCESS && status != ERROR_MORE_DATA) {
		srvsvc_put_end(call, list, status);
		return SMB3_RPC_OK;
	}
	for (uint32_t i = 0; i < list->n; i++)
		put_entry(call->out, &all->list[list->first + i], has);
	for (uint32_t i = 0; i < list->n; i++)
		put_deferred(call->out, &all->list[list->first + i], has);
	srvsvc_put_end(call, list, status);
	return SMB3_RPC_OK;
}

static uint32_t share_enum(struct smb3_rpc_call *call, bool sticky)
{
	struct srvsvc_list list;
	struct shares all = { .n = 0 };
	uint32_t status;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	srvsvc_get_list(call, &list, enum_levels, SMB3_ARRAY_SIZE(enum_levels));
	srvsvc_get_resume(call, &list);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	status = sticky && list.level == 501 ? ERROR_INVALID_LEVEL : enum_shares(call, &list, &all);
	return put_enum(call, &list, &all, status);
}

uint32_t srvsvc_share_enum(struct smb3_rpc_call *call)
{
	return share_enum(call, false);
}

/* Shares that outlive a restart: all do. 3.1.4.9: there is no level 501 of them. */
uint32_t srvsvc_share_enum_sticky(struct smb3_rpc_call *call)
{
	return share_enum(call, true);
}

static uint32_t get_share(struct smb3_rpc_call *call, const char *name, uint32_t level,
			  struct shares *all)
{
	uint32_t has = level_has(level);
	int err;

	if (!has)
		return ERROR_INVALID_LEVEL;
	if (has & ADMIN && !call->caller->admin)
		return ERROR_ACCESS_DENIED;
	err = *name ? shares_ask(call, name, true, all) : -ENOENT;
	if (!err && !all->n)
		err = -ENOENT;
	if (!err && has & HAS_USE)
		err = shares_users(call, all);
	return srvsvc_error(err, NERR_NET_NAME_NOT_FOUND);
}

uint32_t srvsvc_share_path(struct smb3_rpc_call *call, const char *name, const char **ret_path)
{
	struct shares all = { .n = 0 };
	uint32_t status = get_share(call, name, 2, &all);

	if (!status)
		*ret_path = all.list[0].path;
	return status;
}

uint32_t srvsvc_share_get_info(struct smb3_rpc_call *call)
{
	struct shares all = { .n = 0 };
	const char *name;
	uint32_t level, status;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	name = smb3_ndr_wstring(call->in);
	level = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	status = get_share(call, name, level, &all);
	smb3_ndr_put_u32(call->out, level);
	smb3_ndr_put_ptr(call->out, !status);
	if (!status) {
		put_entry(call->out, &all.list[0], level_has(level));
		put_deferred(call->out, &all.list[0], level_has(level));
	}
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

/* Whether a folder is shared, 3.1.4.14. Who is not told folders finds none. */
uint32_t srvsvc_share_check(struct smb3_rpc_call *call)
{
	uint32_t status = NERR_DEVICE_NOT_SHARED, type = 0;
	struct shares all = { .n = 0 };
	const char *device;
	int err;

	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	device = smb3_ndr_wstring(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	err = shares_ask(call, "", true, &all);
	if (err)
		status = srvsvc_error(err, NERR_DEVICE_NOT_SHARED);
	for (uint32_t i = 0; i < all.n && status == NERR_DEVICE_NOT_SHARED; i++) {
		const struct share *s = &all.list[i];
		bool told = *s->path || s->flags & SMB3_RPC_SHARE_PIPE; /* IPC$ has no folder */

		if (told && smb3_name_equal(s->path, device)) {
			status = NERR_SUCCESS;
			type = s->type;
		}
	}
	smb3_ndr_put_u32(call->out, type);
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}
