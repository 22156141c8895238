// SPDX-License-Identifier: Apache-2.0
/*
 * test_witness.c: registrations: who is told what, and when; addresses.
 */
#include "witness.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

static struct witness_registry registry;
static const struct witness_limits limits = { 5, 3 };
static struct smb3_identity alice = {
	.magic = SMB3_IDENTITY_MAGIC, .refs = 1, .name = "alice", .domain = ""
};
static struct smb3_identity bob = {
	.magic = SMB3_IDENTITY_MAGIC, .refs = 1, .name = "bob", .domain = "", .uid = 1
};

/* A call that waits, and what became of it. */
struct call {
	struct smb3_rpc_asking asking;
	int err;
	bool done;
};

static void on_finish(struct smb3_rpc_asking *asking, int err)
{
	struct call *c = SMB3_CONTAINER(asking, struct call, asking);

	cr_assert_not(c->done);
	c->done = true;
	c->err = err;
}

static struct call call_new(void)
{
	struct call c = { .done = false };

	c.asking.arena = smb3_arena_new();
	c.asking.out = smb3_builder_arena(c.asking.arena, 10000);
	c.asking.finish = on_finish;
	return c;
}

static struct witness_address address(const char *text)
{
	struct witness_address a;

	cr_assert(witness_address_parse(text, &a), "%s", text);
	return a;
}

static struct witness_registration *add(struct smb3_identity *who, const char *client,
					uint32_t version, uint32_t flags)
{
	const struct witness_registration what = {
		.pipe = 7,
		.who = who,
		.version = version,
		.flags = flags,
		.seconds = 100,
		.net_name = "FILES",
		.share = "data",
		.client = client,
		.peer = "198.51.100.9",
		.address_text = "192.0.2.1",
		.address = address("192.0.2.1"),
	};
	uint64_t id;

	return witness_register(&registry, &what, &limits, &id) ? NULL :
								  witness_find(&registry, id);
}

static void setup(void)
{
	witness_registry_init(&registry);
}

static void teardown(void)
{
	witness_registry_free(&registry);
	cr_expect_eq(registry.n, 0u);
	cr_expect_eq(alice.refs, 1u);
}

TestSuite(witness, .init = setup, .fini = teardown, .timeout = 60);

static struct smb3_cursor told(const struct call *c)
{
	return smb3_cursor_init(c->asking.out.data, c->asking.out.len);
}

/* Type, one message, its length in front, and how many addresses. */
static void expect_list(const struct call *c, uint32_t type, uint32_t n, uint32_t flags)
{
	struct smb3_cursor in = told(c);

	cr_expect_eq(smb3_get_u32(&in), type);
	cr_expect_eq(smb3_get_u32(&in), 1u);
	cr_expect_eq(smb3_cursor_left(&in), 12 + 24 * n);
	cr_expect_eq(smb3_get_u32(&in), 12 + 24 * n);
	cr_expect_eq(smb3_get_u32(&in), 0u);
	cr_expect_eq(smb3_get_u32(&in), n);
	cr_expect_eq(smb3_get_u32(&in), flags);
}

Test(witness, moves_a_client_that_waits)
{
	struct witness_registration *reg = add(&alice, "PC1.example.org", WITNESS_V1, 0);
	const struct witness_address to = address("192.0.2.77");
	const struct witness_whom whom = { "pc1.EXAMPLE.org", NULL }, other = { "pc2", NULL };
	struct call c = call_new();
	size_t at_once;

	cr_expect_eq(witness_wait(reg, &c.asking), -EINPROGRESS);
	cr_expect_eq(witness_move(&registry, &other, &to, &at_once), 0u);
	cr_expect_not(c.done);
	cr_expect_eq(witness_move(&registry, &whom, &to, &at_once), 1u);
	cr_expect_eq(at_once, 1u);
	cr_expect(c.done);
	cr_expect_eq(c.err, 0);
	expect_list(&c, WITNESS_CLIENT_MOVE, 1, 0x09);
	cr_expect_arr_eq(c.asking.out.data + 8 + 12 + 4, to.bytes, 4);
	smb3_arena_free(c.asking.arena);
}

Test(witness, keeps_the_newest_move)
{
	struct witness_registration *reg = add(&alice, "pc", WITNESS_V2, 0);
	const struct witness_address first = address("192.0.2.77"), second = address("2001:db8::1");
	const struct witness_whom from = { "198.51.100.9", NULL }, all = { NULL, NULL };
	struct call c = call_new(), again = call_new();
	size_t at_once;

	cr_expect_eq(witness_move(&registry, &from, &first, &at_once), 1u);
	cr_expect_eq(witness_move(&registry, &all, &second, &at_once), 1u);
	cr_expect_eq(at_once, 0u);
	cr_expect_eq(witness_wait(reg, &c.asking), 0);
	expect_list(&c, WITNESS_CLIENT_MOVE, 1, 0x0a);
	cr_expect_arr_eq(c.asking.out.data + 8 + 12 + 8, second.bytes, 16);
	reg->version = WITNESS_V1; /* without a timer: there is no worker */
	cr_expect_eq(witness_wait(reg, &again.asking), -EINPROGRESS, "it was told once");
	witness_wait_ends(reg);
	smb3_arena_free(c.asking.arena);
	smb3_arena_free(again.asking.arena);
}

Test(witness, a_share_moves_for_its_own)
{
	struct witness_registration *reg = add(&alice, "pc", WITNESS_V2, 0);
	const struct witness_address to = address("192.0.2.77");
	const struct witness_whom mine = { NULL, "DATA" }, other = { NULL, "else" };
	struct call c = call_new();
	size_t at_once;

	add(&alice, "old", WITNESS_V1, 0);
	cr_expect_eq(witness_move(&registry, &other, &to, &at_once), 0u);
	cr_expect_eq(witness_move(&registry, &mine, &to, &at_once), 1u, "not those of version 1");
	cr_expect_eq(witness_wait(reg, &c.asking), 0);
	expect_list(&c, WITNESS_SHARE_MOVE, 1, 0x09);
	smb3_arena_free(c.asking.arena);
}

Test(witness, one_waits_for_each)
{
	struct witness_registration *reg = add(&alice, "pc", WITNESS_V1, 0);
	struct call c = call_new(), second = call_new();

	cr_expect_eq(witness_wait(reg, &c.asking), -EINPROGRESS);
	cr_expect_eq(witness_wait(reg, &second.asking), -EBUSY);
	witness_unregister(&registry, reg);
	cr_expect(c.done);
	cr_expect_eq(c.err, -ENOENT);
	cr_expect_not(second.done);
	smb3_arena_free(c.asking.arena);
	smb3_arena_free(second.asking.arena);
}

Test(witness, limits_of_all_and_of_a_user)
{
	for (int i = 0; i < 3; i++)
		cr_expect(add(&alice, "pc", WITNESS_V1, 0));
	cr_expect_null(add(&alice, "pc", WITNESS_V1, 0));
	cr_expect(add(&bob, "pc", WITNESS_V1, 0));
	cr_expect(add(&bob, "pc", WITNESS_V1, 0));
	cr_expect_null(add(&bob, "pc", WITNESS_V1, 0));
	witness_forget_pipe(&registry, 8);
	cr_expect_eq(registry.n, 5u);
	witness_forget_pipe(&registry, 7);
	cr_expect_eq(registry.n, 0u);
	cr_expect(add(&alice, "pc", WITNESS_V1, 0));
}

Test(witness, forgets_who_does_not_wait)
{
	struct witness_registration *waits = add(&alice, "pc", WITNESS_V1, 0);
	struct call c = call_new();

	add(&alice, "gone", WITNESS_V1, 0);
	cr_expect_eq(witness_wait(waits, &c.asking), -EINPROGRESS);
	witness_forget_unused(&registry, 3600 * 1000);
	cr_expect_eq(registry.n, 2u);
	witness_forget_unused(&registry, 0);
	cr_expect_eq(registry.n, 1u);
	witness_wait_ends(waits);
	smb3_arena_free(c.asking.arena);
}

Test(witness, addresses_come_and_go)
{
	struct witness_registration *one = add(&alice, "pc", WITNESS_V1, 0);
	struct witness_registration *any = add(&alice, "pc2", WITNESS_V2, WITNESS_WANTS_IP);
	const struct witness_addresses before = { 2,
						  { address("192.0.2.1"), address("192.0.2.2") } };
	const struct witness_addresses now = { 2,
					       { address("192.0.2.2"), address("2001:db8::1") } };
	struct call c = call_new(), d = call_new(), e = call_new();
	struct smb3_cursor in;

	witness_addresses_changed(&registry, &before, &now);
	cr_expect_eq(witness_wait(one, &c.asking), 0);
	in = told(&c);
	cr_expect_eq(smb3_get_u32(&in), (uint32_t)WITNESS_RESOURCE_CHANGE);
	cr_expect_eq(smb3_get_u32(&in), 1u);
	cr_expect_eq(smb3_get_u32(&in), 8u + 2 * sizeof("192.0.2.1"));
	cr_expect_eq(smb3_get_u32(&in), (uint32_t)WITNESS_UNAVAILABLE);
	cr_expect_eq(witness_wait(any, &d.asking), 0);
	cr_expect_eq(witness_wait(any, &e.asking), 0, "and of all addresses");
	expect_list(&e, WITNESS_IP_CHANGE, 2, 0x11);
	smb3_arena_free(c.asking.arena);
	smb3_arena_free(d.asking.arena);
	smb3_arena_free(e.asking.arena);
}

/* However many come and go before the client asks. */
Test(witness, changes_are_limited)
{
	struct witness_registration *any = add(&alice, "pc", WITNESS_V2, WITNESS_WANTS_IP);
	struct witness_addresses none = { .n = 0 }, some = { .n = 1 };
	char text[32];

	for (int round = 0; round < 3; round++)
		for (int i = 1; i < 60; i++) {
			snprintf(text, sizeof(text), "198.51.100.%d", i);
			some.list[0] = address(text);
			witness_addresses_changed(&registry, &none, &some);
			witness_addresses_changed(&registry, &some, &none);
		}
	cr_expect_eq(any->n_changes, (size_t)WITNESS_CHANGES);
	cr_expect(witness_address_same(&any->changes[WITNESS_CHANGES - 1].address, &some.list[0]));
	cr_expect_not(any->changes[WITNESS_CHANGES - 1].online);
}

Test(witness, addresses_of_machines)
{
	static const char *const bad[] = {
		"",   "x",       "192.0.2",          "0.0.0.0",      "224.0.0.1", "255.255.255.255",
		"::", "ff02::1", "::ffff:192.0.2.1", "fe80::1%eth0", "1.2.3.4 "
	};
	struct witness_address a;

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(bad); i++)
		cr_expect_not(witness_address_parse(bad[i], &a), "%s", bad[i]);
	a = address("2001:db8::1");
	cr_expect_eq(a.family, 6);
	a = address("127.0.0.1");
	cr_expect_eq(a.family, 4);
}
