// SPDX-License-Identifier: Apache-2.0
/*
 * test_pipe.c: see test_pipe.h.
 */
#include "test_pipe.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

struct test_pipe rpc;

static void keep(struct smb3_rpc_assoc *a, const uint8_t *pdu, size_t len)
{
	cr_assert_leq(rpc.sent_len + len, sizeof(rpc.sent));
	memcpy(rpc.sent + rpc.sent_len, pdu, len);
	rpc.sent_len += len;
	rpc.n_sent++;
}

/* ---- the server ---- */

/* A log-on: a token "no" fails, "go" goes on, others succeed. */
static int answer_logon(struct smb3_cursor *in, struct smb3_builder *out)
{
	const uint8_t *token;

	smb3_get_skip(in, 6);
	token = smb3_get_bytes(in, 2);
	if (!token || !memcmp(token, "no", 2))
		return -EACCES;
	rpc.policy.logged_on = memcmp(token, "go", 2) != 0;
	smb3_put_u8(out, rpc.policy.logged_on);
	if (memcmp(token, "go", 2)) {
		smb3_put_u8(out, SMB3_RPC_CALLER_ADMIN);
		smb3_put_u16(out, SIGN_LEN);
		smb3_put_text(out, "boss");
		smb3_put_text(out, "");
	}
	smb3_put_bytes(out, "token", 5);
	return 0;
}

uint32_t pipe_sum(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += p[i];
	return sum;
}

static int answer_message(struct smb3_arena *arena, bool wrap, struct smb3_cursor *in,
			  struct smb3_builder *out)
{
	bool seal;
	uint16_t at, stub, len;
	uint8_t *pdu;
	uint32_t sum;

	smb3_get_skip(in, 4);
	seal = smb3_get_u8(in) & SMB3_RPC_PDU_SEAL;
	at = smb3_get_u16(in);
	stub = smb3_get_u16(in);
	len = smb3_get_u16(in);
	pdu = smb3_arena_copy(arena, smb3_get_bytes(in, len), len);
	sum = pipe_sum(pdu, len);
	cr_assert_eq(len, at + stub + PDU_TRAILER);
	for (size_t i = 0; i < stub && seal; i++)
		pdu[at + i] ^= 0xff;
	if (!wrap && smb3_get_u32(in) != (seal ? pipe_sum(pdu, len) : sum))
		return -EBADMSG;
	if (seal)
		smb3_put_bytes(out, pdu + at, stub);
	if (wrap)
		smb3_put_u32(out, sum);
	return 0;
}

static int answer_bind(struct smb3_cursor *in)
{
	smb3_get_skip(in, 16 + 4);
	rpc.policy.level = smb3_get_u8(in);
	rpc.policy.asked++;
	return rpc.policy.boss && !rpc.policy.logged_on ? 0 : rpc.policy.err;
}

static int answer(struct smb3_rpc_assoc *a, struct smb3_arena *arena, uint32_t question,
		  const struct smb3_builder *in, struct smb3_cursor *ret_answer)
{
	struct smb3_builder out = smb3_builder_arena(arena, 100000);
	struct smb3_cursor c = smb3_cursor_init(in ? in->data : NULL, in ? in->len : 0);
	int err = question == SMB3_ASK_LOGON  ? answer_logon(&c, &out) :
		  question == SMB3_ASK_UNWRAP ? answer_message(arena, false, &c, &out) :
		  question == SMB3_ASK_WRAP   ? answer_message(arena, true, &c, &out) :
		  question == SMB3_ASK_CALLER ? 0 :
		  question == SMB3_ASK_BIND   ? answer_bind(&c) :
						-ENOSYS;

	if (!err)
		*ret_answer = smb3_cursor_init(out.data, out.len);
	return err;
}

static const struct rpcd_host_ops host_ops = { .send = keep, .ask = answer };

/* ---- an interface ---- */

static const struct smb3_rpc_handle_type thing = { .name = "thing", .free = free };
static const struct smb3_rpc_handle_type other = { .name = "other", .free = free };

static uint32_t op_echo(struct smb3_rpc_call *call)
{
	uint32_t n = smb3_ndr_u32(call->in);
	const uint8_t *p = smb3_ndr_bytes(call->in, n);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	smb3_ndr_put_u32(call->out, n);
	smb3_ndr_put_bytes(call->out, p, n);
	return SMB3_RPC_OK;
}

static uint32_t op_make(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = { { 0 } };
	void *object = smb3_alloc(8);

	if (!smb3_rpc_handle_new(call, &thing, object, &h)) {
		free(object);
		return SMB3_RPC_FAULT_NO_MEMORY;
	}
	smb3_ndr_put_handle(call->out, &h);
	return SMB3_RPC_OK;
}

static uint32_t op_use(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);

	cr_assert_null(smb3_rpc_handle_find(call, &other, &h));
	return smb3_rpc_handle_find(call, &thing, &h) ? SMB3_RPC_OK :
							SMB3_RPC_FAULT_CONTEXT_MISMATCH;
}

static uint32_t op_close(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);

	return smb3_rpc_handle_close(call, &thing, &h) ? SMB3_RPC_OK :
							 SMB3_RPC_FAULT_CONTEXT_MISMATCH;
}

static uint32_t op_who(struct smb3_rpc_call *call)
{
	smb3_ndr_put_u32(call->out, call->auth_level);
	smb3_ndr_put_u32(call->out, call->caller->admin);
	return SMB3_RPC_OK;
}

static const struct smb3_rpc_op ops[] = {
	[ECHO] = { "Echo", op_echo },    [MAKE] = { "Make", op_make }, [USE] = { "Use", op_use },
	[CLOSE] = { "Close", op_close }, [NONE] = { "None", NULL },    [WHO] = { "Who", op_who },
};
static const char *const pipes[] = { "test", NULL };
const struct smb3_rpc_interface test_interface = {
	.name = "test",
	.uuid = SMB3_RPC_UUID(0x01020304, 0x0506, 0x0708, 9, 10, 11, 12, 13, 14, 15, 16),
	.major = 1,
	.minor = 2,
	.pipes = pipes,
	.ops = ops,
	.n_ops = SMB3_ARRAY_SIZE(ops),
};

/* ---- the client ---- */

void pipe_setup(void)
{
	static const struct smb3_rpc_caller alice = { "alice", "", "192.0.2.1", .session = 1 };
	static const struct smb3_rpc_interface *one = &test_interface;

	rpcd_host_init(&rpc.host, &host_ops);
	rpc.host.limits = (struct rpcd_limits){ 100000, 100000, 3 };
	rpc.host.interfaces = &one;
	rpc.host.n_interfaces = 1;
	rpc.assoc = rpcd_assoc_new(&rpc.host, "test", &alice);
	rpc.sent_len = rpc.n_sent = 0;
}

void pipe_teardown(void)
{
	rpcd_assoc_free(rpc.assoc);
	cr_assert(smb3_list_empty(&rpc.host.groups));
}

static bool put_pdu(struct smb3_rpc_assoc *a, const struct rpc_head *head, const void *body,
		    size_t len)
{
	static uint8_t pdu[65536];
	struct smb3_builder b = smb3_builder_init(pdu, sizeof(pdu));

	rpc_put_head(&b, head, len);
	smb3_put_bytes(&b, body, len);
	rpc.sent_len = rpc.n_sent = 0;
	return rpcd_assoc_input(a, pdu, b.len);
}

bool pipe_bind_as(struct smb3_rpc_assoc *a, uint8_t type, struct rpc_binding how)
{
	uint8_t body[128];
	struct smb3_builder b = smb3_builder_init(body, sizeof(body));

	how.takes = PIPE_TAKES;
	how.version = how.version ? how.version : 1;
	how.uuid = how.uuid ? how.uuid : &test_interface.uuid;
	rpc_put_binding(&b, &how);
	return put_pdu(a, &(struct rpc_head){ type, WHOLE, .call_id = 7 }, body, b.len);
}

void pipe_bind(struct smb3_rpc_assoc *a, uint32_t group)
{
	cr_assert(pipe_bind_as(a, PDU_BIND, (struct rpc_binding){ .group = group }));
	cr_assert_eq(rpc.sent[2], PDU_BIND_ACK);
}

bool pipe_request(struct smb3_rpc_assoc *a, uint8_t flags, uint16_t opnum, const void *data,
		  size_t len)
{
	static uint8_t body[65536];
	struct smb3_builder b = smb3_builder_init(body, sizeof(body));

	rpc_put_request(&b, opnum, data, len);
	return put_pdu(a, &(struct rpc_head){ PDU_REQUEST, flags, .call_id = 7 }, body, b.len);
}

uint32_t pipe_u32(size_t at)
{
	struct smb3_cursor c = smb3_cursor_init(rpc.sent, rpc.sent_len);

	smb3_cursor_seek(&c, at);
	return smb3_get_u32(&c);
}

void pipe_expect_fault(uint32_t fault)
{
	cr_assert_eq(rpc.sent[2], PDU_FAULT);
	cr_expect_eq(pipe_u32(24), fault, "%#x instead of %#x", pipe_u32(24), fault);
}
