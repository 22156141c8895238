// SPDX-License-Identifier: Apache-2.0
/*
 * test_security.c: log-ons inside of a pipe, and calls that are signed and sealed.
 */
#include "test_pipe.h"

#include <criterion/criterion.h>
#include <errno.h>

TestSuite(rpc_security, .init = pipe_setup, .fini = pipe_teardown, .timeout = 60);

struct verifier {
	uint8_t type, level, pad;
	uint32_t id;
	const void *value;
	uint16_t len;
};

/* Body, padding, and a trailer whose value may be left for later (NULL). */
static bool put_with(uint8_t type, uint8_t flags, struct smb3_builder *body,
		     const struct verifier *v)
{
	static uint8_t pdu[65536];
	struct smb3_builder b = smb3_builder_init(pdu, sizeof(pdu));
	bool seal = type == PDU_REQUEST && v->level == SMB3_RPC_LEVEL_PRIVACY;
	size_t stub = 24;
	uint32_t sum;

	smb3_put_zero(body, v->pad);
	rpc_put_head(&b, &(struct rpc_head){ type, flags, 7, v->len },
		     body->len + PDU_TRAILER + v->len);
	smb3_put_bytes(&b, body->data, body->len);
	smb3_put_u8(&b, v->type);
	smb3_put_u8(&b, v->level);
	smb3_put_u8(&b, v->pad);
	smb3_put_u8(&b, 0);
	smb3_put_u32(&b, v->id);
	sum = pipe_sum(pdu, b.len);
	for (; seal && stub < 16 + body->len; stub++)
		pdu[stub] ^= 0xff;
	if (v->value)
		smb3_put_bytes(&b, v->value, v->len);
	else
		smb3_put_u32(&b, sum);
	rpc.sent_len = rpc.n_sent = 0;
	return rpcd_assoc_input(rpc.assoc, pdu, b.len);
}

static bool log_on(uint8_t type, uint32_t id, uint8_t level, const char *token)
{
	const struct rpc_binding how = { .takes = PIPE_TAKES,
					 .uuid = &test_interface.uuid,
					 .version = 1 };
	uint8_t data[128];
	struct smb3_builder body = smb3_builder_init(data, sizeof(data));

	rpc_put_binding(&body, &how);
	return put_with(type, WHOLE | PFC_HEADER_SIGN, &body,
			&(struct verifier){ .type = 10,
					    .level = level,
					    .id = id,
					    .value = token,
					    .len = (uint16_t)strlen(token) });
}

static bool request_with(uint8_t flags, uint16_t opnum, const void *data, size_t len,
			 const struct verifier *v)
{
	static uint8_t room[4096];
	struct smb3_builder body = smb3_builder_init(room, sizeof(room));

	rpc_put_request(&body, opnum, data, len);
	return put_with(PDU_REQUEST, flags, &body, v);
}

#define VERIFIER(n, lev, ...)                               \
	(&(struct verifier){ .type = 10,                    \
			     .level = SMB3_RPC_LEVEL_##lev, \
			     .id = (n),                     \
			     .len = SIGN_LEN,               \
			     __VA_ARGS__ })

Test(rpc_security, a_log_on_is_asked_about_when_it_calls)
{
	rpc.policy.err = -EACCES;
	rpc.policy.boss = true;
	cr_assert(log_on(PDU_BIND, 5, SMB3_RPC_LEVEL_CONNECT, "go"));
	cr_assert_eq(rpc.sent[2], PDU_BIND_ACK);
	cr_expect_eq(pipe_u32(RESULT_AT), 0u, "nobody knows yet who that is");
	cr_expect_eq(rpc.policy.asked, 0u);
	cr_assert(log_on(PDU_ALTER, 5, SMB3_RPC_LEVEL_CONNECT, "in"));
	cr_assert(pipe_request(rpc.assoc, WHOLE, ECHO, "\0\0\0\0", 4));
	pipe_expect_fault(SMB3_RPC_FAULT_ACCESS_DENIED);
	cr_expect_eq(rpc.policy.level, SMB3_RPC_LEVEL_CONNECT);
	rpc.policy.err = 0;
	cr_assert(pipe_request(rpc.assoc, WHOLE, ECHO, "\0\0\0\0", 4));
	cr_expect_eq(rpc.sent[2], PDU_RESPONSE);
}

Test(rpc_security, sealed_calls)
{
	cr_assert(log_on(PDU_BIND, 5, SMB3_RPC_LEVEL_PRIVACY, "go"));
	cr_assert_eq(rpc.sent[2], PDU_BIND_ACK);
	cr_expect(rpc.sent[3] & PFC_HEADER_SIGN);
	cr_expect_arr_eq(rpc.sent + rpc.sent_len - 5, "token", 5);
	cr_assert(log_on(PDU_ALTER, 5, SMB3_RPC_LEVEL_PRIVACY, "in"));
	cr_assert_eq(rpc.sent[2], PDU_ALTER_RESP);
	cr_assert(request_with(WHOLE, WHO, "", 0, VERIFIER(5, PRIVACY)));
	cr_assert_eq(rpc.sent[2], PDU_RESPONSE);
	cr_expect_eq(pipe_u32(24), ~(uint32_t)SMB3_RPC_LEVEL_PRIVACY, "turned over");
	cr_expect_eq(pipe_u32(28), ~1u, "the administrator who logged on, not alice");
	cr_expect_eq(rpc.sent[10], SIGN_LEN);
	/* Fragments, padded each. */
	cr_assert(
		request_with(PFC_FIRST, ECHO, "\x06\0\0\0ab", 6, VERIFIER(5, PRIVACY, .pad = 10)));
	cr_assert(request_with(PFC_LAST, ECHO, "cdef", 4, VERIFIER(5, PRIVACY, .pad = 12)));
	cr_assert_eq(rpc.sent[2], PDU_RESPONSE);
	cr_expect_eq(rpc.sent[28] ^ 0xff, 'a');
	cr_expect_eq(rpc.sent[33] ^ 0xff, 'f');
}

Test(rpc_security, wrong_verifiers_end_it)
{
	cr_assert(log_on(PDU_BIND, 1, SMB3_RPC_LEVEL_INTEGRITY, "in"));
	cr_assert(request_with(WHOLE, WHO, "", 0, VERIFIER(1, INTEGRITY)));
	cr_assert_eq(pipe_u32(24), SMB3_RPC_LEVEL_INTEGRITY);
	cr_assert_not(request_with(WHOLE, WHO, "", 0, VERIFIER(1, INTEGRITY, .value = "abcd")));
	pipe_expect_fault(SMB3_RPC_FAULT_SEC_PKG);
	cr_assert_not(request_with(WHOLE, WHO, "", 0, VERIFIER(1, INTEGRITY)), "it is over");
}

Test(rpc_security, missing_verifiers_are_refused)
{
	cr_assert(log_on(PDU_BIND, 1, SMB3_RPC_LEVEL_PACKET, "in"));
	cr_assert_not(pipe_request(rpc.assoc, WHOLE, WHO, "", 0));
	pipe_expect_fault(SMB3_RPC_FAULT_ACCESS_DENIED);
}

Test(rpc_security, another_level_is_refused)
{
	cr_assert(log_on(PDU_BIND, 1, SMB3_RPC_LEVEL_PRIVACY, "in"));
	cr_assert_not(request_with(WHOLE, WHO, "", 0, VERIFIER(1, INTEGRITY)));
	pipe_expect_fault(SMB3_RPC_FAULT_ACCESS_DENIED);
}

Test(rpc_security, unknown_contexts_are_refused)
{
	pipe_bind(rpc.assoc, 0);
	cr_assert_not(request_with(WHOLE, WHO, "", 0, VERIFIER(1, INTEGRITY)));
	pipe_expect_fault(SMB3_RPC_FAULT_SEC_PKG);
}

Test(rpc_security, logons_that_fail)
{
	cr_assert_not(log_on(PDU_BIND, 1, SMB3_RPC_LEVEL_CONNECT, "no"));
	cr_expect_eq(rpc.sent[2], PDU_BIND_NAK);
}

/* AUTH3 has no answer: that it failed shows at the next request. */
Test(rpc_security, logons_that_fail_late)
{
	cr_assert(log_on(PDU_BIND, 1, SMB3_RPC_LEVEL_CONNECT, "go"));
	cr_assert(log_on(PDU_AUTH3, 1, SMB3_RPC_LEVEL_CONNECT, "no"));
	cr_expect_eq(rpc.n_sent, 0u);
	cr_assert_not(pipe_request(rpc.assoc, WHOLE, WHO, "", 0));
	pipe_expect_fault(SMB3_RPC_FAULT_ACCESS_DENIED);
}

Test(rpc_security, several_contexts)
{
	cr_assert(log_on(PDU_BIND, 1, SMB3_RPC_LEVEL_CONNECT, "in"));
	cr_assert(pipe_request(rpc.assoc, WHOLE, WHO, "", 0));
	cr_expect_eq(pipe_u32(24), SMB3_RPC_LEVEL_CONNECT);
	for (uint32_t id = 2; id <= AUTHS_MAX; id++) {
		cr_assert(log_on(PDU_ALTER, id, SMB3_RPC_LEVEL_INTEGRITY, "in"));
		cr_assert_eq(rpc.sent[2], PDU_ALTER_RESP);
	}
	cr_assert(log_on(PDU_ALTER, 99, SMB3_RPC_LEVEL_INTEGRITY, "in"));
	pipe_expect_fault(SMB3_RPC_FAULT_ACCESS_DENIED);
	cr_assert(request_with(WHOLE, WHO, "", 0, VERIFIER(2, INTEGRITY)));
	cr_expect_eq(pipe_u32(24), SMB3_RPC_LEVEL_INTEGRITY);
	cr_assert(pipe_request(rpc.assoc, WHOLE, WHO, "", 0));
	cr_expect_eq(pipe_u32(24), SMB3_RPC_LEVEL_CONNECT);
	cr_assert(request_with(PFC_FIRST, WHO, "", 0, VERIFIER(2, INTEGRITY)));
	cr_assert_not(request_with(PFC_LAST, WHO, "", 0, VERIFIER(3, INTEGRITY)), "half and half");
	pipe_expect_fault(SMB3_RPC_FAULT_ACCESS_DENIED);
}
