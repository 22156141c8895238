// SPDX-License-Identifier: Apache-2.0
/*
 * test_samr.c: what a client may send to samr that makes no sense: through the runtime, with a server
 * that answers as the test says.
 */
#include "runtime.h"
#include "samr.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <smb3/module.h>
#include <stdlib.h>

extern const struct smb3_module smb3_module;

static struct rpcd_host host;
static uint8_t sent[65536];
static size_t sent_len;
static uint32_t asked;

static void keep(struct smb3_rpc_assoc *a, const uint8_t *pdu, size_t len)
{
	cr_assert_leq(len, sizeof(sent));
	memcpy(sent, pdu, len);
	sent_len = len;
}

/* Accounts there are none, and whatever else is asked gets an answer that is cut short. */
static int answer(struct smb3_rpc_assoc *a, struct smb3_arena *arena, uint32_t question,
		  const struct smb3_builder *in, struct smb3_cursor *ret_answer)
{
	asked = question;
	if (question == SMB3_ASK_ACCOUNT)
		return -ENOENT;
	*ret_answer = smb3_cursor_init(smb3_arena_copy(arena, "\1\2\3", 3), 3);
	return 0;
}

static const struct rpcd_host_ops ops = { .send = keep, .ask = answer };
static const struct smb3_guid ndr32 =
	SMB3_RPC_UUID(0x8a885d04, 0x1ceb, 0x11c9, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60);

static void put_pdu(struct smb3_rpc_assoc *a, uint8_t type, const struct smb3_builder *body)
{
	static uint8_t pdu[8192];
	struct smb3_builder b = smb3_builder_init(pdu, sizeof(pdu));

	smb3_put_u32(&b, 5 | (uint32_t)type << 16 | (uint32_t)(PFC_FIRST | PFC_LAST) << 24);
	smb3_put_u32(&b, 0x10);
	smb3_put_u16(&b, (uint16_t)(16 + body->len));
	smb3_put_u16(&b, 0);
	smb3_put_u32(&b, 7);
	smb3_put_bytes(&b, body->data, body->len);
	cr_assert(smb3_builder_ok(&b));
	sent_len = 0;
	cr_assert(rpcd_assoc_input(a, pdu, b.len), "the association goes on");
}

static struct smb3_rpc_assoc *open_pipe(bool admin, bool anonymous)
{
	const struct smb3_rpc_caller who = {
		anonymous ? "" : "alice", "", "192.0.2.1", 1, .admin = admin, .anonymous = anonymous
	};
	struct smb3_rpc_assoc *a = rpcd_assoc_new(&host, "samr", &who);
	uint8_t body[128];
	struct smb3_builder b = smb3_builder_init(body, sizeof(body));

	smb3_put_u32(&b, 4280 | 4280u << 16);
	smb3_put_u32(&b, 0);
	smb3_put_u32(&b, 1);
	smb3_put_u32(&b, 1u << 16);
	smb3_put_guid(&b, &host.interfaces[0]->uuid);
	smb3_put_u32(&b, host.interfaces[0]->major);
	smb3_put_guid(&b, &ndr32);
	smb3_put_u32(&b, 2);
	put_pdu(a, PDU_BIND, &b);
	cr_assert_eq(sent[2], PDU_BIND_ACK);
	return a;
}

static void setup(void)
{
	rpcd_host_init(&host, &ops);
	host.limits = (struct rpcd_limits){ 100000, 100000, 100 };
	host.facts = (struct smb3_rpc_facts){ "FILES", "WORKGROUP", "", "1", .started = 1 };
	rpcd_host_add(&host, &smb3_module);
	cr_assert_eq(host.n_interfaces, 1u);
}

TestSuite(samr, .init = setup, .timeout = 60);

static void request(struct smb3_rpc_assoc *a, uint16_t opnum, const void *data, size_t len)
{
	static uint8_t body[8192];
	struct smb3_builder b = smb3_builder_init(body, sizeof(body));

	smb3_put_u32(&b, (uint32_t)len);
	smb3_put_u16(&b, 0);
	smb3_put_u16(&b, opnum);
	smb3_put_bytes(&b, data, len);
	put_pdu(a, PDU_REQUEST, &b);
}

static uint32_t sent_u32(size_t at)
{
	struct smb3_cursor c = smb3_cursor_init(sent, sent_len);

	smb3_cursor_seek(&c, at);
	return smb3_get_u32(&c);
}

/* The status is the last word of every answer. */
static uint32_t status(void)
{
	cr_assert_eq(sent[2], PDU_RESPONSE);
	return sent_u32(sent_len - 4);
}

static void connect_to(struct smb3_rpc_assoc *a, uint8_t handle[20])
{
	static const uint8_t args[] = { 0, 0, 0, 0, 0, 0, 0, 2 }; /* no name; maximum allowed */

	request(a, 57, args, sizeof(args));
	cr_assert_eq(status(), 0u);
	memcpy(handle, sent + 24, 20);
}

static void open_domain(struct smb3_rpc_assoc *a, uint8_t handle[20])
{
	uint8_t args[64];
	struct smb3_builder b = smb3_builder_init(args, sizeof(args));
	struct smb3_rpc_sid machine = smb3_machine_sid(&host.facts.guid);

	connect_to(a, handle);
	smb3_put_bytes(&b, handle, 20);
	smb3_put_u32(&b, 0x02000000);
	smb3_put_u32(&b, machine.n_auths);
	smb3_put_rpc_sid(&b, &machine);
	request(a, 7, args, b.len);
	cr_assert_eq(status(), 0u);
	memcpy(handle, sent + 24, 20);
}

Test(samr, strangers_are_in_no_alias_and_that_is_an_array)
{
	static const struct smb3_rpc_sid stranger = { 1, 3, { 0, 0, 0, 0, 0, 2 }, { 3, 4, 5 } };
	struct smb3_rpc_assoc *a = open_pipe(false, false);
	uint8_t args[96], handle[20];
	struct smb3_builder b = smb3_builder_init(args, sizeof(args));
	struct smb3_cursor c;

	open_domain(a, handle);
	smb3_put_bytes(&b, handle, 20);
	smb3_put_u32(&b, 1);
	smb3_put_u32(&b, 1);
	smb3_put_u32(&b, 1);
	smb3_put_u32(&b, 1);
	smb3_put_u32(&b, stranger.n_auths);
	smb3_put_rpc_sid(&b, &stranger);
	request(a, 16, args, b.len);
	cr_expect_eq(status(), 0u);
	c = smb3_cursor_init(sent + 24, 12);
	cr_expect_eq(smb3_get_u32(&c), 0u);
	cr_expect_neq(smb3_get_u32(&c), 0u);
	cr_expect_eq(smb3_get_u32(&c), 0u);
	rpcd_assoc_free(a);
}

/* The right to read a SACL is the administrators'. */
Test(samr, system_security)
{
	static const uint8_t args[] = { 0, 0, 0, 0, 0, 0, 0, 1 };
	struct smb3_rpc_assoc *a = open_pipe(true, false);

	request(a, 57, args, sizeof(args));
	cr_expect_eq(status(), 0u);
	rpcd_assoc_free(a);
	a = open_pipe(false, false);
	request(a, 57, args, sizeof(args));
	cr_expect_eq(status(), (uint32_t)STATUS_ACCESS_DENIED);
	rpcd_assoc_free(a);
}

Test(samr, anonymous_users_get_no_handle)
{
	static const uint8_t args[] = { 0, 0, 0, 0, 0, 0, 0, 2 };
	struct smb3_rpc_assoc *a = open_pipe(false, true);

	request(a, 57, args, sizeof(args));
	cr_expect_eq(status(), (uint32_t)STATUS_ACCESS_DENIED);
	rpcd_assoc_free(a);
}

Test(samr, users_do_not_write)
{
	struct smb3_rpc_assoc *a = open_pipe(false, false);
	uint8_t args[64], handle[20];
	struct smb3_builder b = smb3_builder_init(args, sizeof(args));

	open_domain(a, handle);
	smb3_put_bytes(&b, handle, 20);
	smb3_put_u32(&b, 2 | 2u << 16);
	smb3_put_u32(&b, 1);
	smb3_put_u32(&b, 1);
	smb3_put_u32(&b, 0);
	smb3_put_u32(&b, 1);
	smb3_put_u32(&b, 'x');
	smb3_put_u32(&b, 0x10);
	smb3_put_u32(&b, 0x02000000);
	asked = 0;
	request(a, 50, args, b.len);
	cr_expect_eq(status(), (uint32_t)STATUS_ACCESS_DENIED);
	cr_expect_eq(asked, 0u, "nothing was asked of the server");
	rpcd_assoc_free(a);
}

Test(samr, nothing_is_taken_without_a_handle)
{
	static const uint16_t without[] = { 0, 55, 56, 57, 61, 62, 63, 64, 73 };
	struct smb3_rpc_assoc *a = open_pipe(true, false);
	uint8_t zeros[256] = { 0 };

	for (uint16_t op = 0; op < host.interfaces[0]->n_ops; op++) {
		bool free = !host.interfaces[0]->ops[op].run;

		for (size_t i = 0; i < SMB3_ARRAY_SIZE(without); i++)
			free |= without[i] == op;
		if (free)
			continue;
		request(a, op, zeros, sizeof(zeros));
		cr_expect_eq(sent[2], PDU_FAULT, "%u", op);
	}
	rpcd_assoc_free(a);
}

/* A handle of a domain and then all lengths of several fillings: whatever comes out is an answer or a
 * fault, and the association goes on. */
Test(samr, arguments_that_make_no_sense)
{
	static const uint8_t fill[] = { 0x00, 0x01, 0x02, 0x10, 0x41, 0xff };
	struct smb3_rpc_assoc *a = open_pipe(true, false);
	uint8_t args[1400];

	for (size_t f = 0; f < sizeof(fill); f++) {
		memset(args, fill[f], sizeof(args));
		open_domain(a, args);
		for (uint16_t op = 2; op < host.interfaces[0]->n_ops; op++) {
			if (!host.interfaces[0]->ops[op].run)
				continue;
			for (size_t len = 0; len < sizeof(args); len += len < 100 ? 1 : 61) {
				request(a, op, args, len);
				cr_assert(sent[2] == PDU_RESPONSE || sent[2] == PDU_FAULT);
			}
		}
	}
	rpcd_assoc_free(a);
}
