// SPDX-License-Identifier: Apache-2.0
/*
 * registry.c: who has registered, and what each is still to be told. What is not heard yet is kept by
 * kind, the newest of each; so nothing grows. [MS-SWN] 3.1.1, 3.1.4.4, 3.1.5, 3.1.6
 */
#include "witness.h"

#include <errno.h>

#define ADDRESS_V4      0x01u /* IPADDR_INFO, [MS-SWN] 2.2.2.1 */
#define ADDRESS_V6      0x02u
#define ADDRESS_ONLINE  0x08u
#define ADDRESS_OFFLINE 0x10u
#define ADDRESS_SIZE    24
#define LIST_HEAD       12

void witness_registry_init(struct witness_registry *r)
{
	*r = (struct witness_registry){ .n = 0 };
	smb3_list_init(&r->list);
}

void witness_registry_free(struct witness_registry *r)
{
	SMB3_LIST_EACH(&r->list, node)
		witness_unregister(r, SMB3_CONTAINER(node, struct witness_registration, link));
}

/* ---- coming and going ---- */

static bool is_room(const struct witness_registry *r, const struct smb3_identity *who,
		    const struct witness_limits *limits)
{
	int64_t n = 0;

	SMB3_LIST_EACH(&r->list, node) {
		const struct witness_registration *reg =
			SMB3_CONTAINER(node, struct witness_registration, link);

		n += smb3_identity_same(reg->who, who);
	}
	return (int64_t)r->n < limits->all && n < limits->per_user;
}

int witness_register(struct witness_registry *r, const struct witness_registration *what,
		     const struct witness_limits *limits, uint64_t *ret_id)
{
	struct smb3_arena *arena;
	struct witness_registration *reg;

	if (!is_room(r, what->who, limits))
		return -ENOSPC;
	arena = smb3_arena_new();
	reg = smb3_arena_copy(arena, what, sizeof(*what));
	reg->arena = arena;
	reg->id = *ret_id = ++r->last_id;
	reg->who = smb3_identity_ref(what->who);
	reg->net_name = smb3_arena_strdup(arena, what->net_name);
	reg->share = smb3_arena_strdup(arena, what->share);
	reg->client = smb3_arena_strdup(arena, what->client);
	reg->peer = smb3_arena_strdup(arena, what->peer);
	reg->address_text = smb3_arena_strdup(arena, what->address_text);
	reg->born = reg->used = smb3_clock();
	smb3_list_add(&r->list, &reg->link);
	r->n++;
	return 0;
}

struct witness_registration *witness_find(struct witness_registry *r, uint64_t id)
{
	SMB3_LIST_EACH(&r->list, node) {
		struct witness_registration *reg =
			SMB3_CONTAINER(node, struct witness_registration, link);

		if (reg->id == id)
			return reg;
	}
	return NULL;
}

static void finish(struct witness_registration *reg, int err)
{
	struct smb3_rpc_asking *asking = reg->waiting;

	witness_wait_ends(reg);
	asking->finish(asking, err);
}

void witness_unregister(struct witness_registry *r, struct witness_registration *reg)
{
	if (reg->waiting)
		finish(reg, -ENOENT);
	smb3_list_remove(&reg->link);
	r->n--;
	smb3_identity_unref(reg->who);
	smb3_arena_free(reg->arena);
}

void witness_forget_pipe(struct witness_registry *r, uint64_t pipe)
{
	SMB3_LIST_EACH(&r->list, node) {
		struct witness_registration *reg =
			SMB3_CONTAINER(node, struct witness_registration, link);

		if (reg->pipe == pipe)
			witness_unregister(r, reg);
	}
}

void witness_forget_unused(struct witness_registry *r, uint64_t unused)
{
	uint64_t now = smb3_clock();

	SMB3_LIST_EACH(&r->list, node) {
		struct witness_registration *reg =
			SMB3_CONTAINER(node, struct witness_registration, link);

		if (!reg->waiting && now - reg->used >= unused * 1000000)
			witness_unregister(r, reg);
	}
}

/* ---- what is told ---- */

static void put_message(struct smb3_builder *out, enum witness_message type)
{
	smb3_put_u32(out, type);
	smb3_put_u32(out, 1);
}

/* RESOURCE_CHANGE: a structure whose length is its first field. */
static void put_resource(struct smb3_builder *out, const struct witness_registration *reg)
{
	size_t at;

	put_message(out, WITNESS_RESOURCE_CHANGE);
	at = out->len;
	smb3_put_u32(out, 0);
	smb3_put_u32(out, reg->changed);
	smb3_put_utf16(out, reg->address_text);
	smb3_put_u16(out, 0);
	smb3_set_u32(out, at, (uint32_t)(out->len - at));
}

/* IPADDR_INFO_LIST */
static void put_addresses(struct smb3_builder *out, const struct witness_change *list, size_t n)
{
	static const uint8_t none[16];

	smb3_put_u32(out, (uint32_t)(LIST_HEAD + n * ADDRESS_SIZE));
	smb3_put_u32(out, 0);
	smb3_put_u32(out, (uint32_t)n);
	for (size_t i = 0; i < n; i++) {
		const struct witness_address *a = &list[i].address;

		smb3_put_u32(out, (a->family == 4 ? ADDRESS_V4 : ADDRESS_V6) |
					  (list[i].online ? ADDRESS_ONLINE : ADDRESS_OFFLINE));
		smb3_put_bytes(out, a->family == 4 ? a->bytes : none, 4);
		smb3_put_bytes(out, a->family == 6 ? a->bytes : none, 16);
	}
}

static void put_move(struct smb3_builder *out, enum witness_message type,
		     struct witness_address *to)
{
	const struct witness_change one = { *to, true };

	put_message(out, type);
	put_addresses(out, &one, 1);
	to->family = 0;
}

/* The first thing that there is; false: nothing. */
static bool tell(struct witness_registration *reg, struct smb3_builder *out)
{
	if (reg->changed) {
		put_resource(out, reg);
		reg->changed = WITNESS_UNKNOWN;
	} else if (reg->move.family) {
		put_move(out, WITNESS_CLIENT_MOVE, &reg->move);
	} else if (reg->share_move.family) {
		put_move(out, WITNESS_SHARE_MOVE, &reg->share_move);
	} else if (reg->n_changes) {
		put_message(out, WITNESS_IP_CHANGE);
		put_addresses(out, reg->changes, reg->n_changes);
		reg->n_changes = 0;
	} else {
		return false;
	}
	return true;
}

/* ---- waiting ---- */

static void on_patience(struct smb3_timer *t)
{
	finish(SMB3_CONTAINER(t, struct witness_registration, patience), -ETIMEDOUT);
}

int witness_wait(struct witness_registration *reg, struct smb3_rpc_asking *asking)
{
	reg->used = smb3_clock();
	if (reg->waiting)
		return -EBUSY;
	if (tell(reg, &asking->out))
		return 0;
	reg->waiting = asking;
	if (reg->version == WITNESS_V2)
		smb3_timer_start(&reg->patience, asking->worker, on_patience,
				 (uint64_t)reg->seconds * 1000);
	return -EINPROGRESS;
}

void witness_wait_ends(struct witness_registration *reg)
{
	smb3_timer_stop(&reg->patience);
	reg->waiting = NULL;
	reg->used = smb3_clock();
}

/* True: somebody waited for it. */
static bool wake(struct witness_registration *reg)
{
	if (!reg->waiting || !tell(reg, &reg->waiting->out))
		return false;
	finish(reg, 0);
	return true;
}

/* ---- what happens ---- */

static bool is_meant(const struct witness_registration *reg, const struct witness_whom *whom)
{
	if (whom->share &&
	    (reg->version != WITNESS_V2 || !smb3_name_equal(reg->share, whom->share)))
		return false;
	return !whom->client || smb3_name_equal(reg->client, whom->client) ||
	       !strcmp(reg->peer, whom->client);
}

size_t witness_move(struct witness_registry *r, const struct witness_whom *whom,
		    const struct witness_address *to, size_t *ret_at_once)
{
	size_t n = 0, at_once = 0;

	SMB3_LIST_EACH(&r->list, node) {
		struct witness_registration *reg =
			SMB3_CONTAINER(node, struct witness_registration, link);

		if (!is_meant(reg, whom))
			continue;
		if (whom->share)
			reg->share_move = *to;
		else
			reg->move = *to;
		n++;
		at_once += wake(reg);
	}
	*ret_at_once = at_once;
	return n;
}

/* The oldest go when there are more than fit: the client asks for the interfaces then, as it does
 * anyway. */
static void change_add(struct witness_registration *reg, const struct witness_address *a,
		       bool online)
{
	size_t at = 0;

	while (at < reg->n_changes && !witness_address_same(&reg->changes[at].address, a))
		at++;
	if (at == WITNESS_CHANGES) {
		memmove(reg->changes, reg->changes + 1,
			(WITNESS_CHANGES - 1) * sizeof(reg->changes[0]));
		at--;
	} else if (at == reg->n_changes) {
		reg->n_changes++;
	}
	reg->changes[at] = (struct witness_change){ *a, online };
}

static void tell_change(struct witness_registration *reg, const struct witness_address *a,
			bool online)
{
	if (witness_address_same(&reg->address, a))
		reg->changed = online ? WITNESS_AVAILABLE : WITNESS_UNAVAILABLE;
	if (reg->flags & WITNESS_WANTS_IP)
		change_add(reg, a, online);
}

void witness_addresses_changed(struct witness_registry *r, const struct witness_addresses *before,
			       const struct witness_addresses *now)
{
	SMB3_LIST_EACH(&r->list, node) {
		struct witness_registration *reg =
			SMB3_CONTAINER(node, struct witness_registration, link);

		for (size_t i = 0; i < before->n; i++)
			if (!witness_address_in(now, &before->list[i]))
				tell_change(reg, &before->list[i], false);
		for (size_t i = 0; i < now->n; i++)
			if (!witness_address_in(before, &now->list[i]))
				tell_change(reg, &now->list[i], true);
		wake(reg);
	}
}
