// SPDX-License-Identifier: Apache-2.0
/*
 * test_lsarpc.c: what a client may send to lsarpc that makes no sense or is not his to send: through the
 * runtime, with a server that answers as the test says.
 */
#include "lsarpc.h"
#include "rpccall.h"

#include <criterion/criterion.h>
#include <errno.h>

static struct rpc_rig rig;
static uint32_t asked; /* how many questions */
static int answers;    /* the errno of all of them */

/* What has no errno gets an answer that is cut short. */
static int answer(struct smb3_rpc_assoc *a, struct smb3_arena *arena, uint32_t question,
		  const struct smb3_builder *in, struct smb3_cursor *ret_answer)
{
	asked++;
	*ret_answer = smb3_cursor_init(smb3_arena_copy(arena, "\1\1\2", 3), 3);
	return answers;
}

TestSuite(lsarpc, .timeout = 60);

static void open_policy(uint8_t handle[RPC_HANDLE])
{
	uint8_t args[32] = { 0 };

	args[4] = 24; /* Length; the name is NULL, and so are all pointers */
	args[31] = 2; /* maximum allowed */
	rpc_rig_send(&rig, 44, args, sizeof(args));
	rpc_rig_handle(&rig, handle);
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
	uint8_t policy[20], args[256];

	rpc_rig_open(&rig, RPC_ALICE, answer);
	open_policy(policy);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(writers); i++) {
		size_t len = arguments(writers[i].args, policy, args);

		rpc_rig_send(&rig, writers[i].op, args, len);
		cr_expect_eq(rpc_rig_status(&rig), (uint32_t)STATUS_ACCESS_DENIED, "%u",
			     writers[i].op);
	}
	cr_expect_eq(asked, 0u, "nothing was asked of the server");
	rpc_rig_close(&rig);
}

/* The module that keeps it may not be there. */
Test(lsarpc, nothing_is_kept_without_somebody_who_does)
{
	uint8_t policy[20], args[256];

	rpc_rig_open(&rig, RPC_ADMIN, answer);
	answers = -ENOSYS;
	open_policy(policy);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(writers); i++) {
		size_t len = arguments(writers[i].args, policy, args);

		rpc_rig_send(&rig, writers[i].op, args, len);
		cr_expect_eq(rpc_rig_status(&rig), (uint32_t)STATUS_NOT_SUPPORTED, "%u",
			     writers[i].op);
	}
	rpc_rig_close(&rig);
}

Test(lsarpc, what_the_server_does_by_itself_cannot_be_taken_away)
{
	uint8_t policy[20], args[256];
	struct smb3_builder b = smb3_builder_init(args, sizeof(args));

	rpc_rig_open(&rig, RPC_ADMIN, answer);
	open_policy(policy);
	smb3_put_bytes(&b, policy, 20);
	put_sid(&b, &admins);
	smb3_put_u32(&b, 1); /* all */
	smb3_put_u32(&b, 0);
	smb3_put_u32(&b, 0);
	rpc_rig_send(&rig, 38, args, b.len);
	cr_expect_eq(rpc_rig_status(&rig), (uint32_t)STATUS_NOT_SUPPORTED);
	cr_expect_eq(asked, 0u);
	rpc_rig_close(&rig);
}

Test(lsarpc, nothing_is_taken_without_a_handle)
{
	static const uint16_t without[] = { 1, 6, 44, 45, 76, 77, 130 };

	rpc_rig_open(&rig, RPC_ADMIN, answer);
	rpc_rig_no_handle(&rig, without, SMB3_ARRAY_SIZE(without));
	rpc_rig_close(&rig);
}

/* With a handle of each sort, and for all procedures but those that end it. */
Test(lsarpc, arguments_that_make_no_sense)
{
	enum { CLOSE = 0, DELETE = 34, POLICY = 0, ACCOUNTS, SECRETS, SORTS };
	uint8_t handles[SORTS][RPC_HANDLE], made[256];

	rpc_rig_open(&rig, RPC_ADMIN, answer);
	open_policy(handles[POLICY]);
	rpc_rig_send(&rig, 10, made, arguments(ACCOUNT, handles[POLICY], made));
	rpc_rig_handle(&rig, handles[ACCOUNTS]);
	rpc_rig_send(&rig, 28, made, arguments(SECRET, handles[POLICY], made));
	rpc_rig_handle(&rig, handles[SECRETS]);
	for (uint16_t op = CLOSE + 1; op < rig.host.interfaces[0]->n_ops; op++)
		for (int sort = POLICY; sort < SORTS && op != DELETE; sort++)
			rpc_rig_rubbish(&rig, op, handles[sort]);
	rpc_rig_close(&rig);
}
