// SPDX-License-Identifier: Apache-2.0
/*
 * test_lsarpc.c: what a client may send to lsarpc that makes no sense or is not his to send: through the
 * runtime, with a server that answers as the test says.
 */
#include "lsarpc.h"
#include "runtime.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <smb3/module.h>

extern const struct smb3_module smb3_module;

static struct rpcd_host host;
static uint8_t sent[65536];
static size_t sent_len;
static uint32_t asked; /* how many questions */
static int answers;    /* the errno of all of them */

static void keep(struct smb3_rpc_assoc *a, const uint8_t *pdu, size_t len)
{
	cr_assert_leq(len, sizeof(sent));
	memcpy(sent, pdu, len);
	sent_len = len;
}

/* What has no errno gets an answer that is cut short. */
static int answer(struct smb3_rpc_assoc *a, struct smb3_arena *arena, uint32_t question,
		  const struct smb3_builder *in, struct smb3_cursor *ret_answer)
{
	asked++;
	*ret_answer = smb3_cursor_init(smb3_arena_copy(arena, "\1\1\2", 3), 3);
	return answers;
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

static struct smb3_rpc_assoc *open_pipe(bool admin)
{
	const struct smb3_rpc_caller who = { "alice", "", "192.0.2.1", 1, .admin = admin };
	struct smb3_rpc_assoc *a = rpcd_assoc_new(&host, "lsarpc", &who);
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
	cr_assert_str_eq(host.interfaces[0]->name, "lsarpc");
	asked = 0;
	answers = 0;
}

TestSuite(lsarpc, .init = setup, .timeout = 60);

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

/* The status is the last word of every answer. */
static uint32_t status(void)
{
	struct smb3_cursor c = smb3_cursor_init(sent, sent_len);

	cr_assert_eq(sent[2], PDU_RESPONSE);
	smb3_cursor_seek(&c, sent_len - 4);
	return smb3_get_u32(&c);
}

static void open_policy(struct smb3_rpc_assoc *a, uint8_t handle[20])
{
	uint8_t args[32] = { 0 };

	args[4] = 24; /* Length; the name is NULL, and so are all pointers */
	args[31] = 2; /* maximum allowed */
	request(a, 44, args, sizeof(args));
	cr_assert_eq(status(), 0u);
	memcpy(handle, sent + 24, 20);
	asked = 0;
}

/* ---- arguments ---- */

static const struct smb3_rpc_sid someone = { 1, 2, { 0, 0, 0, 0, 0, 5 }, { 32, 551 } };
static const struct smb3_rpc_sid admins = { 1, 2, { 0, 0, 0, 0, 0, 5 }, { 32, 544 } };

static void put_sid(struct smb3_builder *b, const struct smb3_rpc_sid *sid)
{
	smb3_put_u32(b, sid->n_auths);
	smb3_put_rpc_sid(b, sid);
}

/* RPC_UNICODE_STRING and its text, ASCII; what follows wants an even number of characters. */
static void put_name(struct smb3_builder *b, const char *name)
{
	uint16_t len = (uint16_t)(2 * strlen(name));

	smb3_put_u16(b, len);
	smb3_put_u16(b, len);
	smb3_put_u32(b, 1);
	smb3_put_u32(b, len / 2);
	smb3_put_u32(b, 0);
	smb3_put_u32(b, len / 2);
	for (; *name; name++)
		smb3_put_u16(b, (uint8_t)*name);
}

/* LSAPR_USER_RIGHT_SET of one */
static void put_right(struct smb3_builder *b, const char *name)
{
	smb3_put_u32(b, 1);
	smb3_put_u32(b, 1);
	smb3_put_u32(b, 1);
	put_name(b, name);
}

/* LSAPR_CR_CIPHER_VALUE behind its pointer */
static void put_value(struct smb3_builder *b)
{
	static const uint32_t value[] = { 1, 8, 8, 1, 8, 0, 8, 0x41414141, 0x41414141 };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(value); i++)
		smb3_put_u32(b, value[i]);
}

enum args { ACCOUNT, GIVE, TAKE, SECRET, STORE, RETRIEVE };

static size_t arguments(enum args what, const uint8_t policy[20], uint8_t out[256])
{
	struct smb3_builder b = smb3_builder_init(out, 256);

	smb3_put_bytes(&b, policy, 20);
	if (what == ACCOUNT || what == GIVE || what == TAKE)
		put_sid(&b, &someone);
	else
		put_name(&b, "secret");
	if (what == ACCOUNT || what == SECRET)
		smb3_put_u32(&b, 0x02000000);
	if (what == TAKE)
		smb3_put_u32(&b, 0); /* AllRights, and its padding */
	if (what == GIVE || what == TAKE)
		put_right(&b, "SeBackupPrivilege");
	if (what == STORE)
		put_value(&b);
	if (what == RETRIEVE)
		smb3_put_u32(&b, 0);
	cr_assert(smb3_builder_ok(&b));
	return b.len;
}

static const struct {
	uint16_t op;
	enum args args;
} writers[] = {
	{ 10, ACCOUNT }, { 16, SECRET }, { 28, SECRET },   { 37, GIVE },
	{ 38, TAKE },    { 42, STORE },  { 43, RETRIEVE },
};

/* ---- tests ---- */

Test(lsarpc, users_neither_write_nor_read_what_administrators_keep)
{
	struct smb3_rpc_assoc *a = open_pipe(false);
	uint8_t policy[20], args[256];

	open_policy(a, policy);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(writers); i++) {
		size_t len = arguments(writers[i].args, policy, args);

		request(a, writers[i].op, args, len);
		cr_expect_eq(status(), (uint32_t)STATUS_ACCESS_DENIED, "%u", writers[i].op);
	}
	cr_expect_eq(asked, 0u, "nothing was asked of the server");
	rpcd_assoc_free(a);
}

/* The module that keeps it may not be there. */
Test(lsarpc, nothing_is_kept_without_somebody_who_does)
{
	struct smb3_rpc_assoc *a = open_pipe(true);
	uint8_t policy[20], args[256];

	answers = -ENOSYS;
	open_policy(a, policy);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(writers); i++) {
		size_t len = arguments(writers[i].args, policy, args);

		request(a, writers[i].op, args, len);
		cr_expect_eq(status(), (uint32_t)STATUS_NOT_SUPPORTED, "%u", writers[i].op);
	}
	rpcd_assoc_free(a);
}

Test(lsarpc, what_the_server_does_by_itself_cannot_be_taken_away)
{
	struct smb3_rpc_assoc *a = open_pipe(true);
	uint8_t policy[20], args[256];
	struct smb3_builder b = smb3_builder_init(args, sizeof(args));

	open_policy(a, policy);
	smb3_put_bytes(&b, policy, 20);
	put_sid(&b, &admins);
	smb3_put_u32(&b, 1); /* all */
	smb3_put_u32(&b, 0);
	smb3_put_u32(&b, 0);
	request(a, 38, args, b.len);
	cr_expect_eq(status(), (uint32_t)STATUS_NOT_SUPPORTED);
	cr_expect_eq(asked, 0u);
	rpcd_assoc_free(a);
}

Test(lsarpc, nothing_is_taken_without_a_handle)
{
	static const uint16_t without[] = { 1, 6, 44, 45, 76, 77, 130 };
	struct smb3_rpc_assoc *a = open_pipe(true);
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

/* A handle of each sort and then all lengths of several fillings: whatever comes out is an answer or a
 * fault, and the association goes on. */
Test(lsarpc, arguments_that_make_no_sense)
{
	static const uint8_t fill[] = { 0x00, 0x01, 0x02, 0x10, 0x41, 0xff };
	static const enum args makes[] = { ACCOUNT, SECRET };
	struct smb3_rpc_assoc *a = open_pipe(true);
	uint8_t args[1400], handles[3][20], made[256];

	open_policy(a, handles[0]);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(makes); i++) {
		size_t len = arguments(makes[i], handles[0], made);

		request(a, i ? 28 : 10, made, len);
		cr_assert_eq(status(), 0u);
		memcpy(handles[i + 1], sent + 24, 20);
	}
	for (size_t f = 0; f < 3 * sizeof(fill); f++) {
		memset(args, fill[f / 3], sizeof(args));
		memcpy(args, handles[f % 3], 20);
		for (uint16_t op = 1; op < host.interfaces[0]->n_ops; op++) {
			if (!host.interfaces[0]->ops[op].run || op == 34)
				continue;
			for (size_t len = 0; len < sizeof(args); len += len < 100 ? 1 : 61) {
				request(a, op, args, len);
				cr_assert(sent[2] == PDU_RESPONSE || sent[2] == PDU_FAULT);
			}
		}
	}
	rpcd_assoc_free(a);
}
