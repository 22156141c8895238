// SPDX-License-Identifier: Apache-2.0
/*
 * ask.c: what lsarpc asks of the server about what administrators keep there. Answers are decoded as
 * if they could be wrong.
 */
#include "lsarpc.h"

#include <errno.h>

static struct smb3_builder question(struct smb3_rpc_call *call)
{
	return smb3_builder_arena(call->arena, 256u << 10);
}

/* Names that nobody knows here are of a server that came later. */
static uint64_t get_rights(struct smb3_cursor *c, struct smb3_arena *arena)
{
	char *names = smb3_get_text(c, arena), *name;
	uint64_t rights = 0;

	while ((name = strsep(&names, " ")))
		rights |= lsa_right_bit(name);
	return rights;
}

static void put_rights(struct smb3_builder *b, uint64_t rights)
{
	struct smb3_builder names = smb3_builder_init((uint8_t[4096]){ 0 }, 4096);

	for (size_t i = 0; i < lsa_n_rights; i++) {
		if (!(rights >> i & 1))
			continue;
		if (names.len)
			smb3_put_u8(&names, ' ');
		smb3_put_bytes(&names, lsa_rights[i].name, strlen(lsa_rights[i].name));
	}
	smb3_put_u32(b, (uint32_t)names.len);
	smb3_put_bytes(b, names.data, names.len);
}

ntstatus lsa_ask_rights(struct smb3_rpc_call *call, const struct smb3_rpc_sid *sid,
			uint64_t *ret_rights)
{
	struct smb3_builder b = question(call);
	struct smb3_cursor answer;
	int err;

	smb3_put_rpc_sid(&b, sid);
	err = smb3_rpc_ask(call, SMB3_ASK_RIGHTS, &b, &answer);
	if (!err)
		*ret_rights = get_rights(&answer, call->arena);
	return lsa_status(err);
}

ntstatus lsa_ask_change(struct smb3_rpc_call *call, enum smb3_rights_change how,
			const struct lsa_holder *to_give, uint64_t take)
{
	struct smb3_builder b = question(call);
	struct smb3_cursor answer;

	smb3_put_u8(&b, (uint8_t)how);
	smb3_put_rpc_sid(&b, &to_give->sid);
	put_rights(&b, to_give->rights);
	put_rights(&b, take);
	return lsa_status(smb3_rpc_ask(call, SMB3_ASK_CHANGE_RIGHTS, &b, &answer));
}

/* One answer's rows, behind those that are there. */
static ntstatus get_holders(struct smb3_rpc_call *call, struct lsa_holders *h, bool *ret_more)
{
	struct smb3_builder b = question(call);
	struct smb3_cursor answer;
	uint32_t before = h->asked;
	int err;

	smb3_put_u32(&b, h->asked);
	err = smb3_rpc_ask(call, SMB3_ASK_HOLDERS, &b, &answer);
	if (err)
		return lsa_status(err);
	while (h->n < LSA_HOLDERS_MAX && smb3_rpc_next(&answer, ret_more)) {
		struct lsa_holder one = { .sid = smb3_get_rpc_sid(&answer) };

		one.rights = get_rights(&answer, call->arena);
		if (!smb3_cursor_ok(&answer))
			return STATUS_INSUFFICIENT_RESOURCES;
		h->asked++;
		lsa_holders_add(call->arena, h, &one);
	}
	*ret_more = *ret_more && h->asked > before;
	return STATUS_SUCCESS;
}

ntstatus lsa_ask_holders(struct smb3_rpc_call *call, struct lsa_holders *h)
{
	ntstatus status;
	bool more = false;

	do {
		status = get_holders(call, h, &more);
	} while (!status && more);
	return status;
}

/* ---- secrets ---- */

ntstatus lsa_ask_secret(struct smb3_rpc_call *call, uint32_t what, const char *name)
{
	struct smb3_builder b = question(call);
	struct smb3_cursor answer;

	smb3_put_text(&b, name);
	return lsa_status(smb3_rpc_ask(call, what, &b, &answer));
}

ntstatus lsa_ask_secret_set(struct smb3_rpc_call *call, const char *name,
			    const struct lsa_sealed *now, const struct lsa_sealed *old)
{
	const struct lsa_sealed *values[] = { now, old };
	struct smb3_builder b = question(call);
	struct smb3_cursor answer;
	int err;

	smb3_put_text(&b, name);
	smb3_put_u8(&b, (now->data ? SMB3_SECRET_NOW : 0) | (old->data ? SMB3_SECRET_OLD : 0));
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(values); i++) {
		if (!values[i]->data)
			continue;
		smb3_put_u32(&b, values[i]->len);
		smb3_put_bytes(&b, values[i]->data, values[i]->len);
	}
	if (!smb3_builder_ok(&b))
		return STATUS_INVALID_PARAMETER;
	err = smb3_rpc_ask(call, SMB3_ASK_SET_SECRET, &b, &answer);
	return err ? lsa_status(err) : smb3_get_u32(&answer);
}

ntstatus lsa_ask_secret_get(struct smb3_rpc_call *call, const char *name,
			    struct lsa_sealed ret_values[2])
{
	struct smb3_builder b = question(call);
	struct smb3_cursor answer;
	int err;

	smb3_put_text(&b, name);
	err = smb3_rpc_ask(call, SMB3_ASK_GET_SECRET, &b, &answer);
	for (int i = 0; !err && i < 2; i++) {
		struct lsa_sealed *v = &ret_values[i];
		bool there = smb3_get_u8(&answer);

		*v = (struct lsa_sealed){ .time = smb3_get_u64(&answer) };
		if (!there)
			continue;
		v->len = smb3_get_u32(&answer);
		v->data = smb3_get_bytes(&answer, v->len);
	}
	if (!err && !smb3_cursor_ok(&answer))
		err = -EMSGSIZE;
	return lsa_status(err);
}
