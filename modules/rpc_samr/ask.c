// SPDX-License-Identifier: Apache-2.0
/*
 * ask.c: what samr asks of the server. Answers are decoded as if they could be wrong.
 */
#include "samr.h"

#include <errno.h>

#define AT_ONCE 512

ntstatus samr_status(int err, ntstatus missing)
{
	switch (err) {
	case 0:
		return STATUS_SUCCESS;
	case -EACCES:
	case -EROFS:
		return STATUS_ACCESS_DENIED;
	case -ENOENT:
		return missing;
	case -EEXIST:
		return STATUS_USER_EXISTS;
	case -EINVAL:
		return STATUS_INVALID_PARAMETER;
	case -EAGAIN:
		return STATUS_RETRY;
	case -ENOSYS:
		return STATUS_NOT_SUPPORTED;
	default:
		return STATUS_INSUFFICIENT_RESOURCES;
	}
}

static struct samr_user get_user(struct smb3_rpc_call *call, struct smb3_cursor *c)
{
	struct samr_user u = { .rid = smb3_get_u32(c) };

	u.name = smb3_get_text(c, call->arena);
	u.full_name = smb3_get_text(c, call->arena);
	u.flags = smb3_get_u32(c);
	u.group = smb3_get_u32(c);
	u.changed = smb3_get_u64(c);
	u.password_expires = smb3_get_u64(c);
	u.expires = smb3_get_u64(c);
	return u;
}

static struct smb3_builder question(struct smb3_rpc_call *call)
{
	return smb3_builder_arena(call->arena, SMB3_RPC_ANSWER_MAX);
}

ntstatus samr_ask_user(struct smb3_rpc_call *call, uint32_t rid, const char *name,
		       struct samr_user *ret_user)
{
	struct smb3_builder b = question(call);
	struct smb3_cursor answer;
	struct samr_user u;
	int err;

	smb3_put_u32(&b, rid);
	smb3_put_text(&b, rid ? "" : name);
	err = smb3_rpc_ask(call, SMB3_ASK_ACCOUNT, &b, &answer);
	if (err)
		return samr_status(err, STATUS_NO_SUCH_USER);
	u = get_user(call, &answer);
	if (!smb3_cursor_ok(&answer))
		return STATUS_INSUFFICIENT_RESOURCES;
	*ret_user = u;
	return STATUS_SUCCESS;
}

/* ---- lists ---- */

static int ask_list(struct smb3_rpc_call *call, uint32_t number, const uint32_t words[2],
		    struct smb3_cursor *ret_answer)
{
	struct smb3_builder b = question(call);

	smb3_put_u32(&b, words[0]);
	if (number == SMB3_ASK_ACCOUNTS)
		smb3_put_u32(&b, words[1]);
	return smb3_rpc_ask(call, number, &b, ret_answer);
}

ntstatus samr_ask_users(struct smb3_rpc_call *call, uint32_t skip, uint32_t most,
			struct samr_user **ret_users, uint32_t *ret_n, bool *ret_more)
{
	uint32_t n = 0, words[2] = { skip, most < AT_ONCE ? most : AT_ONCE };
	struct samr_user *users = smb3_arena_alloc(call->arena, (words[1] + 1) * sizeof(*users));
	struct smb3_cursor answer;
	int err = ask_list(call, SMB3_ASK_ACCOUNTS, words, &answer);

	*ret_more = false;
	while (!err && n < words[1] && smb3_rpc_next(&answer, ret_more))
		users[n++] = get_user(call, &answer);
	if (!err && n == words[1])
		(void)smb3_rpc_next(&answer, ret_more);
	if (!err && !smb3_cursor_ok(&answer))
		err = -EIO;
	*ret_users = users;
	*ret_n = err ? 0 : n;
	return samr_status(err, STATUS_NO_SUCH_USER);
}

static struct samr_group get_group(struct smb3_rpc_call *call, struct smb3_cursor *c)
{
	struct samr_group g = { .rid = smb3_get_u32(c) };

	g.type = smb3_get_u8(c);
	g.name = smb3_get_text(c, call->arena);
	g.comment = smb3_get_text(c, call->arena);
	g.members = smb3_get_u32(c);
	return g;
}

ntstatus samr_ask_groups(struct smb3_rpc_call *call, const struct samr_part *part,
			 struct samr_group **ret_groups, uint32_t *ret_n, bool *ret_more)
{
	uint32_t n = 0, most = part->most < AT_ONCE ? part->most : AT_ONCE;
	struct samr_group *groups = smb3_arena_alloc(call->arena, (most + 1) * sizeof(*groups));
	struct smb3_builder b = question(call);
	struct smb3_cursor answer;
	int err;

	smb3_put_u32(&b, part->skip);
	smb3_put_u32(&b, most);
	smb3_put_u8(&b, part->type);
	err = smb3_rpc_ask(call, SMB3_ASK_GROUPS, &b, &answer);
	*ret_more = false;
	while (!err && n < most && smb3_rpc_next(&answer, ret_more))
		groups[n++] = get_group(call, &answer);
	if (!err && n == most)
		(void)smb3_rpc_next(&answer, ret_more);
	if (!err && !smb3_cursor_ok(&answer))
		err = -EIO;
	*ret_groups = groups;
	*ret_n = err ? 0 : n;
	return samr_status(err, STATUS_NO_SUCH_ALIAS);
}

ntstatus samr_all_groups(struct smb3_rpc_call *call, uint32_t skip, uint32_t most,
			 struct samr_group **ret_groups, uint32_t *ret_n, bool *ret_more)
{
	const struct samr_part part = { skip ? skip - 1 : 0, skip ? most : most - 1,
					SMB3_SID_GROUP };
	struct samr_group *others;
	ntstatus status;

	if (!most) {
		*ret_n = 0;
		*ret_more = true;
		return STATUS_SUCCESS;
	}
	status = samr_ask_groups(call, &part, &others, ret_n, ret_more);
	if (status || skip) {
		*ret_groups = others;
		return status;
	}
	*ret_groups = smb3_arena_alloc(call->arena, (*ret_n + 1) * sizeof(**ret_groups));
	**ret_groups = samr_none;
	memcpy(*ret_groups + 1, others, *ret_n * sizeof(*others));
	++*ret_n;
	return STATUS_SUCCESS;
}

ntstatus samr_ask_group(struct smb3_rpc_call *call, uint32_t rid, struct samr_group *ret_group)
{
	struct smb3_builder b = question(call);
	struct smb3_cursor answer;
	struct samr_group g;
	int err;

	smb3_put_u32(&b, rid);
	err = smb3_rpc_ask(call, SMB3_ASK_GROUP, &b, &answer);
	if (err)
		return samr_status(err, STATUS_NO_SUCH_GROUP);
	g = get_group(call, &answer);
	if (!smb3_cursor_ok(&answer))
		return STATUS_INSUFFICIENT_RESOURCES;
	*ret_group = g;
	return STATUS_SUCCESS;
}

/* Numbers of a list whose rows begin with one; named: a name follows. */
static int ask_rids(struct smb3_rpc_call *call, uint32_t number, uint32_t rid,
		    struct smb3_cursor *c, uint32_t **ret_rids)
{
	const uint32_t words[2] = { rid, 0 };
	int err = ask_list(call, number, words, c);

	if (!err)
		*ret_rids = smb3_arena_alloc(call->arena,
					     (smb3_cursor_left(c) / 5 + 1) * sizeof(uint32_t));
	return err;
}

ntstatus samr_ask_groups_of(struct smb3_rpc_call *call, uint32_t rid, uint8_t type,
			    uint32_t **ret_rids, uint32_t *ret_n)
{
	struct smb3_cursor answer;
	int err = ask_rids(call, SMB3_ASK_GROUPS_OF, rid, &answer, ret_rids);
	uint32_t n = 0;

	while (!err && smb3_rpc_next(&answer, NULL)) {
		(*ret_rids)[n] = smb3_get_u32(&answer);
		n += smb3_get_u8(&answer) == type;
	}
	*ret_n = n;
	return samr_status(!err && !smb3_cursor_ok(&answer) ? -EIO : err, STATUS_NO_SUCH_USER);
}

ntstatus samr_ask_members(struct smb3_rpc_call *call, uint32_t rid, uint32_t **ret_rids,
			  uint32_t *ret_n)
{
	struct smb3_cursor answer;
	int err = ask_rids(call, SMB3_ASK_MEMBERS, rid, &answer, ret_rids);
	uint32_t n = 0;

	while (!err && smb3_rpc_next(&answer, NULL)) {
		(*ret_rids)[n++] = smb3_get_u32(&answer);
		(void)smb3_get_text(&answer, call->arena);
	}
	*ret_n = n;
	return samr_status(!err && !smb3_cursor_ok(&answer) ? -EIO : err, STATUS_NO_SUCH_ALIAS);
}

ntstatus samr_each_user(struct smb3_rpc_call *call,
			bool (*fn)(const struct samr_user *u, void *arg), void *arg)
{
	uint32_t at = 0, n;
	struct samr_user *users;
	bool more = true;

	while (more) {
		ntstatus status = samr_ask_users(call, at, AT_ONCE, &users, &n, &more);

		if (status)
			return status;
		for (uint32_t i = 0; i < n; i++)
			if (!fn(&users[i], arg))
				return STATUS_SUCCESS;
		more = more && n;
		at += n;
	}
	return STATUS_SUCCESS;
}

/* ---- names and numbers ---- */

ntstatus samr_ask_rid(struct smb3_rpc_call *call, uint32_t rid, const char **ret_name,
		      uint8_t *ret_type)
{
	struct smb3_rpc_sid machine = samr_domain_sid(call, false);
	struct smb3_rpc_sid sid = smb3_rpc_sid_below(&machine, rid);
	struct smb3_builder b = question(call);
	struct smb3_cursor answer;
	int err;

	smb3_put_u32(&b, 1);
	smb3_put_rpc_sid(&b, &sid);
	err = smb3_rpc_ask(call, SMB3_ASK_SIDS, &b, &answer);
	if (err)
		return samr_status(err, STATUS_NONE_MAPPED);
	*ret_type = smb3_get_u8(&answer);
	(void)smb3_get_text(&answer, call->arena);
	*ret_name = smb3_get_text(&answer, call->arena);
	return *ret_name ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

/* An account has a number of its own here, also one that acts as another's Unix user. */
ntstatus samr_ask_name(struct smb3_rpc_call *call, const char *name, uint32_t *ret_rid,
		       uint8_t *ret_type)
{
	struct smb3_builder b = question(call);
	struct smb3_cursor answer;
	struct smb3_rpc_sid sid;
	struct samr_user user;
	int err;

	*ret_type = SMB3_SID_NONE;
	*ret_rid = 0;
	if (!*name)
		return STATUS_SUCCESS;
	if (samr_ask_user(call, 0, name, &user) == STATUS_SUCCESS) {
		*ret_type = SMB3_SID_USER;
		*ret_rid = user.rid;
		return STATUS_SUCCESS;
	}
	smb3_put_u32(&b, 1);
	smb3_put_u8(&b, SMB3_NAME_MACHINE);
	smb3_put_text(&b, name);
	err = smb3_rpc_ask(call, SMB3_ASK_NAMES, &b, &answer);
	if (err)
		return samr_status(err, STATUS_NONE_MAPPED);
	*ret_type = smb3_get_u8(&answer);
	sid = smb3_get_rpc_sid(&answer);
	if (*ret_type && sid.n_auths)
		*ret_rid = sid.auths[sid.n_auths - 1];
	return STATUS_SUCCESS;
}

uint32_t samr_user_control(const struct samr_user *u)
{
	return USER_NORMAL | (u->flags & SMB3_ACCOUNT_DISABLED ? USER_DISABLED : 0) |
	       (u->flags & SMB3_ACCOUNT_LOCKED ? USER_AUTO_LOCKED : 0) |
	       (u->password_expires ? 0 : USER_DONT_EXPIRE) |
	       (u->password_expires && u->password_expires <= smb3_now() ? USER_PASSWORD_EXPIRED :
									   0);
}

uint16_t samr_password_length(struct smb3_rpc_call *call)
{
	struct smb3_builder b = question(call);
	struct smb3_cursor answer;
	uint32_t length;

	if (smb3_rpc_ask(call, SMB3_ASK_RULES, &b, &answer) != 0)
		return 0;
	length = smb3_get_u32(&answer);
	return (uint16_t)(length < UINT16_MAX ? length : UINT16_MAX);
}
