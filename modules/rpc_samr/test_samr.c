// SPDX-License-Identifier: Apache-2.0
/*
 * test_samr.c: what a client may send to samr that makes no sense: through the runtime, with a server
 * that answers as the test says.
 */
#include "rpccall.h"
#include "samr.h"

#include <criterion/criterion.h>
#include <errno.h>

static struct rpc_rig rig;
static uint32_t asked;

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

TestSuite(samr, .timeout = 60);

static void connect_to(uint8_t handle[RPC_HANDLE])
{
	static const uint8_t args[] = { 0, 0, 0, 0, 0, 0, 0, 2 }; /* no name; maximum allowed */

	rpc_rig_send(&rig, 57, args, sizeof(args));
	rpc_rig_handle(&rig, handle);
}

static void open_domain(uint8_t handle[RPC_HANDLE])
{
	uint8_t args[64];
	struct smb3_builder b = smb3_builder_init(args, sizeof(args));
	struct smb3_rpc_sid machine = smb3_machine_sid(&rig.host.facts.guid);

	connect_to(handle);
	smb3_put_bytes(&b, handle, RPC_HANDLE);
	smb3_put_u32(&b, 0x02000000);
	smb3_put_u32(&b, machine.n_auths);
	smb3_put_rpc_sid(&b, &machine);
	rpc_rig_send(&rig, 7, args, b.len);
	rpc_rig_handle(&rig, handle);
}

Test(samr, strangers_are_in_no_alias_and_that_is_an_array)
{
	static const struct smb3_rpc_sid stranger = { 1, 3, { 0, 0, 0, 0, 0, 2 }, { 3, 4, 5 } };
	uint8_t args[96], handle[RPC_HANDLE];
	struct smb3_builder b = smb3_builder_init(args, sizeof(args));
	struct smb3_cursor c;

	rpc_rig_open(&rig, RPC_ALICE, answer);
	open_domain(handle);
	smb3_put_bytes(&b, handle, RPC_HANDLE);
	smb3_put_u32(&b, 1);
	smb3_put_u32(&b, 1);
	smb3_put_u32(&b, 1);
	smb3_put_u32(&b, 1);
	smb3_put_u32(&b, stranger.n_auths);
	smb3_put_rpc_sid(&b, &stranger);
	rpc_rig_send(&rig, 16, args, b.len);
	cr_expect_eq(rpc_rig_status(&rig), 0u);
	c = smb3_cursor_init(rig.sent + RPC_STUB_AT, 12);
	cr_expect_eq(smb3_get_u32(&c), 0u);
	cr_expect_neq(smb3_get_u32(&c), 0u);
	cr_expect_eq(smb3_get_u32(&c), 0u);
	rpc_rig_close(&rig);
}

/* The right to read a SACL is the administrators'. */
Test(samr, system_security)
{
	static const uint8_t args[] = { 0, 0, 0, 0, 0, 0, 0, 1 };

	rpc_rig_open(&rig, RPC_ADMIN, answer);
	rpc_rig_send(&rig, 57, args, sizeof(args));
	cr_expect_eq(rpc_rig_status(&rig), 0u);
	rpc_rig_close(&rig);
	rpc_rig_open(&rig, RPC_ALICE, answer);
	rpc_rig_send(&rig, 57, args, sizeof(args));
	cr_expect_eq(rpc_rig_status(&rig), (uint32_t)STATUS_ACCESS_DENIED);
	rpc_rig_close(&rig);
}

Test(samr, anonymous_users_get_no_handle)
{
	static const uint8_t args[] = { 0, 0, 0, 0, 0, 0, 0, 2 };

	rpc_rig_open(&rig, RPC_ANONYMOUS, answer);
	rpc_rig_send(&rig, 57, args, sizeof(args));
	cr_expect_eq(rpc_rig_status(&rig), (uint32_t)STATUS_ACCESS_DENIED);
	rpc_rig_close(&rig);
}

Test(samr, users_do_not_write)
{
	uint8_t args[64], handle[RPC_HANDLE];
	struct smb3_builder b = smb3_builder_init(args, sizeof(args));

	rpc_rig_open(&rig, RPC_ALICE, answer);
	open_domain(handle);
	smb3_put_bytes(&b, handle, RPC_HANDLE);
	smb3_put_u32(&b, 2 | 2u << 16);
	smb3_put_u32(&b, 1);
	smb3_put_u32(&b, 1);
	smb3_put_u32(&b, 0);
	smb3_put_u32(&b, 1);
	smb3_put_u32(&b, 'x');
	smb3_put_u32(&b, 0x10);
	smb3_put_u32(&b, 0x02000000);
	asked = 0;
	rpc_rig_send(&rig, 50, args, b.len);
	cr_expect_eq(rpc_rig_status(&rig), (uint32_t)STATUS_ACCESS_DENIED);
	cr_expect_eq(asked, 0u, "nothing was asked of the server");
	rpc_rig_close(&rig);
}

Test(samr, nothing_is_taken_without_a_handle)
{
	static const uint16_t without[] = { 0, 55, 56, 57, 61, 62, 63, 64, 73 };

	rpc_rig_open(&rig, RPC_ADMIN, answer);
	rpc_rig_no_handle(&rig, without, SMB3_ARRAY_SIZE(without));
	rpc_rig_close(&rig);
}

/* But for the first two procedures, which make a handle and end it. */
Test(samr, arguments_that_make_no_sense)
{
	uint8_t domain[RPC_HANDLE];

	rpc_rig_open(&rig, RPC_ADMIN, answer);
	open_domain(domain);
	for (uint16_t op = 2; op < rig.host.interfaces[0]->n_ops; op++)
		rpc_rig_rubbish(&rig, op, domain);
	rpc_rig_close(&rig);
}
