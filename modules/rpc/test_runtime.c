// SPDX-License-Identifier: Apache-2.0
/*
 * test_runtime.c: the DCE/RPC runtime without a process: what a client writes, and the PDUs that come
 * back; context handles.
 */
#include "test_pipe.h"

#include <criterion/criterion.h>
#include <errno.h>

static const struct smb3_guid ndr64 =
	SMB3_RPC_UUID(0x71710533, 0xbeba, 0x4937, 0x83, 0x19, 0xb5, 0xdb, 0xef, 0x9c, 0xcc, 0x36);
static const struct smb3_guid features =
	SMB3_RPC_UUID(0x6cb71c2c, 0x9812, 0x4540, 3, 0, 0, 0, 0, 0, 0, 0);

TestSuite(rpc_runtime, .init = pipe_setup, .fini = pipe_teardown, .timeout = 60);

Test(rpc_runtime, bind_answers)
{
	pipe_bind(rpc.assoc, 0);
	cr_expect_eq(pipe_u32(RESULT_AT), 0u);
	cr_expect_eq(pipe_u32(16), 2000u | 4280u << 16, "fragments as large as both may");
	cr_expect_neq(pipe_u32(20), 0u);
}

Test(rpc_runtime, bind_refuses)
{
	cr_assert(pipe_bind_as(rpc.assoc, PDU_BIND,
			       (struct rpc_binding){ .transfer = &ndr64, .transfer_version = 1 }));
	cr_expect_eq(pipe_u32(RESULT_AT), 2u | 2u << 16, "NDR64");
	cr_assert(
		pipe_bind_as(rpc.assoc, PDU_ALTER,
			     (struct rpc_binding){ .transfer = &features, .transfer_version = 1 }));
	cr_expect_eq(pipe_u32(32), 3u | 2u << 16, "features");
	cr_assert(pipe_bind_as(rpc.assoc, PDU_ALTER,
			       (struct rpc_binding){ .version = 1 | 3u << 16 }));
	cr_expect_eq(pipe_u32(32), 2u | 1u << 16, "a later version");
	cr_assert(pipe_request(rpc.assoc, WHOLE, ECHO, "\0\0\0\0", 4));
	pipe_expect_fault(SMB3_RPC_FAULT_UNKNOWN_IF);
	cr_assert(pipe_bind_as(rpc.assoc, PDU_ALTER,
			       (struct rpc_binding){ .version = 1 | 2u << 16 }));
	cr_expect_eq(pipe_u32(32), 0u);
	cr_assert(pipe_request(rpc.assoc, WHOLE, ECHO, "\0\0\0\0", 4));
	cr_expect_eq(rpc.sent[2], PDU_RESPONSE);
}

Test(rpc_runtime, the_server_may_refuse_or_hide_an_interface)
{
	rpc.policy.err = -EACCES;
	cr_assert(pipe_bind_as(rpc.assoc, PDU_BIND, (struct rpc_binding){ 0 }));
	cr_expect_eq(pipe_u32(RESULT_AT), 2u, "refused by the provider, who does not say why");
	cr_expect_eq(rpc.policy.level, SMB3_RPC_LEVEL_NONE);
	cr_assert(pipe_request(rpc.assoc, WHOLE, ECHO, "\0\0\0\0", 4));
	pipe_expect_fault(SMB3_RPC_FAULT_UNKNOWN_IF);
	rpc.policy.err = -ENOENT;
	cr_assert(pipe_bind_as(rpc.assoc, PDU_ALTER, (struct rpc_binding){ 0 }));
	cr_expect_eq(pipe_u32(32), 2u | 1u << 16, "as if there were no such interface");
	rpc.policy.err = 0;
	cr_assert(pipe_bind_as(rpc.assoc, PDU_ALTER, (struct rpc_binding){ 0 }));
	cr_expect_eq(pipe_u32(32), 0u);
	cr_expect_eq(rpc.policy.asked, 3u);
	for (int i = 0; i < 3; i++) {
		cr_assert(pipe_request(rpc.assoc, WHOLE, ECHO, "\0\0\0\0", 4));
		cr_expect_eq(rpc.sent[2], PDU_RESPONSE);
	}
	cr_expect_eq(rpc.policy.asked, 3u, "who has bound it is not asked about again");
}

/* Binds context 0, or alters it, to the interface of the runtime itself. */
static bool bind_mgmt(struct smb3_rpc_assoc *a, uint8_t type)
{
	return pipe_bind_as(a, type, (struct rpc_binding){ .uuid = &rpcd_mgmt.uuid });
}

Test(rpc_runtime, a_context_stays_what_it_is)
{
	pipe_bind(rpc.assoc, 0);
	cr_assert(pipe_bind_as(rpc.assoc, PDU_ALTER,
			       (struct rpc_binding){ .version = 1 | 1u << 16 }),
		  "the same");
	cr_expect_eq(pipe_u32(32), 0u);
	cr_assert_not(bind_mgmt(rpc.assoc, PDU_ALTER));
	pipe_expect_fault(SMB3_RPC_FAULT_PROTOCOL);
}

Test(rpc_runtime, management)
{
	enum { INTERFACES, STATISTICS, LISTENING, STOP, NAME };

	cr_assert(bind_mgmt(rpc.assoc, PDU_BIND));
	cr_assert_eq(rpc.sent[2], PDU_BIND_ACK);
	cr_assert(pipe_request(rpc.assoc, WHOLE, INTERFACES, "", 0));
	cr_expect_eq(pipe_u32(28), 1u);
	cr_expect_eq(pipe_u32(32), 1u);
	cr_expect_arr_eq(rpc.sent + 40, test_interface.uuid.bytes, 16);
	cr_expect_eq(pipe_u32(56), 1u | 2u << 16);
	cr_expect_eq(pipe_u32(60), 0u);
	cr_assert(pipe_request(rpc.assoc, WHOLE, STATISTICS, "\xff\0\0\0", 4));
	cr_expect_eq(pipe_u32(24), 4u, "as many as there are");
	cr_expect_eq(pipe_u32(32), 2u, "calls");
	cr_expect_eq(pipe_u32(40), 3u, "PDUs that came");
	cr_expect_eq(pipe_u32(44), 2u, "PDUs that went, this one not yet");
	cr_assert(pipe_request(rpc.assoc, WHOLE, STATISTICS, "\0\0\0\0", 4));
	cr_expect_eq(rpc.sent_len, 24u + 12);
	cr_assert(pipe_request(rpc.assoc, WHOLE, LISTENING, "", 0));
	cr_expect_eq(pipe_u32(28), 1u, "it listens");
	cr_assert(pipe_request(rpc.assoc, WHOLE, STOP, "", 0));
	cr_expect_eq(pipe_u32(24), 5u, "and is not stopped");
	cr_assert(pipe_request(rpc.assoc, WHOLE, NAME, "\x0a\0\0\0\x10\0\0\0", 8));
	cr_expect_eq(pipe_u32(32), 1u, "an empty name");
	cr_expect_eq(pipe_u32(40), 1747u);
	cr_assert(pipe_request(rpc.assoc, WHOLE, NAME, "\x0a\0\0\0\0\0\0\0", 8));
	cr_expect_eq(pipe_u32(32), 0u, "no room for one");
	cr_assert(pipe_request(rpc.assoc, WHOLE, NAME, "", 0));
	pipe_expect_fault(SMB3_RPC_FAULT_NDR);
}

Test(rpc_runtime, calls_fail)
{
	pipe_bind(rpc.assoc, 0);
	cr_assert(pipe_request(rpc.assoc, WHOLE, NONE, "", 0));
	pipe_expect_fault(SMB3_RPC_FAULT_OP_RANGE);
	cr_assert(pipe_request(rpc.assoc, WHOLE, 999, "", 0));
	pipe_expect_fault(SMB3_RPC_FAULT_OP_RANGE);
	cr_assert(pipe_request(rpc.assoc, WHOLE, ECHO, "\x10\0\0\0short", 9));
	pipe_expect_fault(SMB3_RPC_FAULT_NDR);
	cr_assert(pipe_request(rpc.assoc, WHOLE, ECHO, "\x01\0\0\0x", 5),
		  "the association goes on");
	cr_expect_eq(rpc.sent[2], PDU_RESPONSE);
}

Test(rpc_runtime, requests_before_bind_end_it)
{
	cr_assert_not(pipe_request(rpc.assoc, WHOLE, ECHO, "", 0));
	pipe_expect_fault(SMB3_RPC_FAULT_PROTOCOL);
	cr_assert_not(pipe_bind_as(rpc.assoc, PDU_BIND, (struct rpc_binding){ 0 }));
}

Test(rpc_runtime, fragments)
{
	static uint8_t data[50004];

	for (size_t i = 4; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	smb3_store_u32(data, 50000);
	pipe_bind(rpc.assoc, 0);
	for (size_t at = 0; at < sizeof(data); at += 4167) {
		size_t n = sizeof(data) - at < 4167 ? sizeof(data) - at : 4167;
		uint8_t flags = (at ? 0 : PFC_FIRST) | (at + n == sizeof(data) ? PFC_LAST : 0);

		cr_assert(pipe_request(rpc.assoc, flags, ECHO, data + at, n));
	}
	cr_assert_gt(rpc.n_sent, 20u);
	for (size_t at = 0, got = 0; at < rpc.sent_len;) {
		size_t len = rpc.sent[at + 8] | (size_t)rpc.sent[at + 9] << 8;

		cr_assert_leq(len, 2000u, "more than the client takes");
		cr_assert_eq(!!(rpc.sent[at + 3] & PFC_FIRST), at == 0);
		cr_assert_eq(!!(rpc.sent[at + 3] & PFC_LAST), at + len == rpc.sent_len);
		cr_assert_arr_eq(rpc.sent + at + 24, data + got, len - 24);
		got += len - 24;
		at += len;
	}
}

Test(rpc_runtime, fragments_that_do_not_belong)
{
	pipe_bind(rpc.assoc, 0);
	cr_assert(pipe_request(rpc.assoc, PFC_FIRST, ECHO, "1234", 4));
	cr_assert_not(pipe_request(rpc.assoc, PFC_LAST, MAKE, "1234", 4), "another procedure");
	pipe_expect_fault(SMB3_RPC_FAULT_PROTOCOL);
}

Test(rpc_runtime, a_request_is_limited)
{
	static uint8_t data[60000];

	pipe_bind(rpc.assoc, 0);
	cr_assert(pipe_request(rpc.assoc, PFC_FIRST, ECHO, data, sizeof(data)));
	cr_assert_not(pipe_request(rpc.assoc, 0, ECHO, data, sizeof(data)));
	pipe_expect_fault(SMB3_RPC_FAULT_NO_MEMORY);
}

Test(rpc_runtime, bytes_one_by_one)
{
	static const uint8_t rubbish[32] = { 4, 0, 0, 3, 0x10, 0, 0, 0, 32, 0 };

	pipe_bind(rpc.assoc, 0);
	for (size_t i = 0; i < 31; i++)
		cr_assert(rpcd_assoc_input(rpc.assoc, rubbish + i, 1));
	cr_assert_not(rpcd_assoc_input(rpc.assoc, rubbish + 31, 1), "version 4");
}

static struct smb3_rpc_handle make(struct smb3_rpc_assoc *a)
{
	struct smb3_rpc_handle h;

	cr_assert(pipe_request(a, WHOLE, MAKE, "", 0));
	cr_assert_eq(rpc.sent[2], PDU_RESPONSE);
	memcpy(h.bytes, rpc.sent + 24, sizeof(h.bytes));
	return h;
}

Test(rpc_runtime, handles)
{
	struct smb3_rpc_handle h, forged;

	pipe_bind(rpc.assoc, 0);
	h = forged = make(rpc.assoc);
	forged.bytes[19] ^= 1;
	cr_assert(pipe_request(rpc.assoc, WHOLE, USE, h.bytes, 20));
	cr_expect_eq(rpc.sent[2], PDU_RESPONSE);
	cr_assert(pipe_request(rpc.assoc, WHOLE, USE, forged.bytes, 20));
	pipe_expect_fault(SMB3_RPC_FAULT_CONTEXT_MISMATCH);
	cr_assert(pipe_request(rpc.assoc, WHOLE, CLOSE, h.bytes, 20));
	cr_assert(pipe_request(rpc.assoc, WHOLE, USE, h.bytes, 20));
	pipe_expect_fault(SMB3_RPC_FAULT_CONTEXT_MISMATCH);
	for (int i = 0; i < 3; i++)
		make(rpc.assoc);
	cr_assert(pipe_request(rpc.assoc, WHOLE, MAKE, "", 0));
	pipe_expect_fault(SMB3_RPC_FAULT_NO_MEMORY);
}

Test(rpc_runtime, groups_share_handles_with_nobody_else)
{
	const struct smb3_rpc_caller others[] = {
		{ "mallory", "", "192.0.2.2", .session = 2 },
		{ "alice", "elsewhere", "192.0.2.1", .session = 2 },
		{ "alice", "", "192.0.2.1", .session = 2, .admin = true },
		{ "alice", "", "192.0.2.1", .session = 2, .guest = true },
	};
	const struct smb3_rpc_caller again = { "alice", "", "192.0.2.1", .session = 3 };
	struct smb3_rpc_assoc *second = rpcd_assoc_new(&rpc.host, "test", &again), *third;
	struct smb3_rpc_handle h;
	uint32_t group;

	pipe_bind(rpc.assoc, 0);
	group = pipe_u32(20);
	h = make(rpc.assoc);
	pipe_bind(second, group);
	cr_assert(pipe_request(second, WHOLE, USE, h.bytes, 20));
	cr_expect_eq(rpc.sent[2], PDU_RESPONSE);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(others); i++) {
		third = rpcd_assoc_new(&rpc.host, "test", &others[i]);
		pipe_bind_as(third, PDU_BIND, (struct rpc_binding){ .group = group });
		cr_expect_eq(rpc.sent[2], PDU_BIND_NAK, "%zu", i);
		rpcd_assoc_free(third);
	}
	rpcd_assoc_free(second);
}
