// SPDX-License-Identifier: Apache-2.0
/*
 * test_wait.c: calls that wait, and calls of one client side by side: the runtime without a process.
 */
#include "rpcpdu.h"
#include "runtime.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>

static struct rpcd_host host;
static struct smb3_rpc_assoc *assoc;
static uint8_t sent[65536]; /* of the last PDU */
static size_t n_sent, n_forgotten;
static size_t n_callers, caller_len; /* how often it was said who asks, and the last time's bytes */
static bool refuse;
static sem_t inside, leave;
static pthread_mutex_t sending = PTHREAD_MUTEX_INITIALIZER;

static void keep(struct smb3_rpc_assoc *a, const uint8_t *pdu, size_t len)
{
	(void)a;
	cr_assert_leq(len, sizeof(sent));
	pthread_mutex_lock(&sending);
	memcpy(sent, pdu, len);
	n_sent++;
	pthread_mutex_unlock(&sending);
}

/* Done at once; there is nothing to be signed. */
static void answer_logon(struct smb3_arena *arena, struct smb3_cursor *ret_answer)
{
	struct smb3_builder b = smb3_builder_arena(arena, 64);

	smb3_put_u8(&b, 1);
	smb3_put_u8(&b, 0);
	smb3_put_u16(&b, 0);
	smb3_put_text(&b, "bob");
	smb3_put_text(&b, "");
	*ret_answer = smb3_cursor_init(b.data, b.len);
}

static int answer(struct smb3_rpc_assoc *a, struct smb3_arena *arena, uint32_t question,
		  const struct smb3_builder *in, struct smb3_cursor *ret_answer)
{
	(void)a;
	*ret_answer = smb3_cursor_init(NULL, 0);
	if (question == SMB3_ASK_LOGON)
		answer_logon(arena, ret_answer);
	if (question == SMB3_ASK_CALLER) {
		n_callers++;
		caller_len = in->len;
	}
	if (question == SMB3_ASK_FORGET)
		n_forgotten++;
	if (question == SMB3_ASK_SLEEP)
		return refuse ? -EBUSY : -EINPROGRESS;
	return 0;
}

static const struct rpcd_host_ops host_ops = { .send = keep, .ask = answer };

/* ---- an interface ---- */

static const struct smb3_rpc_handle_type thing = { .name = "thing", .free = free };

static uint32_t op_wait_ends(struct smb3_rpc_call *call, int err, struct smb3_cursor *in)
{
	const uint32_t *n = call->state;

	if (err)
		return SMB3_RPC_FAULT_BUSY;
	smb3_ndr_put_u32(call->out, *n + smb3_get_u32(in));
	return SMB3_RPC_OK;
}

/* A number, to which the answer adds one. */
static uint32_t op_wait(struct smb3_rpc_call *call)
{
	uint32_t n = smb3_ndr_u32(call->in);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	call->state = smb3_arena_copy(call->arena, &n, sizeof(n));
	return smb3_rpc_ask_later(call, SMB3_ASK_SLEEP, NULL, op_wait_ends);
}

static uint32_t op_make(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = { { 0 } };

	cr_assert(smb3_rpc_handle_new(call, &thing, smb3_alloc(8), &h));
	smb3_ndr_put_handle(call->out, &h);
	return SMB3_RPC_OK;
}

/* Holds a handle until it is told to leave. */
static uint32_t op_hold(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);

	if (!smb3_rpc_handle_find(call, &thing, &h))
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	sem_post(&inside);
	sem_wait(&leave);
	return SMB3_RPC_OK;
}

static uint32_t op_close(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);

	return smb3_rpc_handle_close(call, &thing, &h) ? SMB3_RPC_OK :
							 SMB3_RPC_FAULT_CONTEXT_MISMATCH;
}

enum { WAIT, MAKE, HOLD, CLOSE };
static const struct smb3_rpc_op ops[] = {
	[WAIT] = { "Wait", op_wait },
	[MAKE] = { "Make", op_make },
	[HOLD] = { "Hold", op_hold },
	[CLOSE] = { "Close", op_close },
};
static const char *const pipes[] = { "test", NULL };
static const struct smb3_rpc_interface interface = {
	.name = "test",
	.uuid = SMB3_RPC_UUID(0x01020304, 0x0506, 0x0708, 9, 10, 11, 12, 13, 14, 15, 16),
	.major = 1,
	.pipes = pipes,
	.ops = ops,
	.n_ops = SMB3_ARRAY_SIZE(ops),
};

/* ---- a client ---- */

static const struct smb3_rpc_caller alice = { "alice", "", "192.0.2.1", .session = 1 };
static const struct smb3_rpc_interface *one = &interface;

static bool put_pdu_auth(struct smb3_rpc_assoc *a, uint8_t type, uint32_t id,
			 const struct smb3_builder *body, uint16_t auth_len)
{
	uint8_t pdu[256];
	struct smb3_builder b = smb3_builder_init(pdu, sizeof(pdu));

	rpc_put_head(&b, &(struct rpc_head){ type, PFC_FIRST | PFC_LAST, id, auth_len }, body->len);
	smb3_put_bytes(&b, body->data, body->len);
	return rpcd_assoc_input(a, pdu, b.len);
}

static bool put_pdu(struct smb3_rpc_assoc *a, uint8_t type, uint32_t id,
		    const struct smb3_builder *body)
{
	return put_pdu_auth(a, type, id, body, 0);
}

static uint32_t u32_at(size_t at)
{
	struct smb3_cursor c = smb3_cursor_init(sent, sizeof(sent));

	smb3_cursor_seek(&c, at);
	return smb3_get_u32(&c);
}

static void put_context(struct smb3_builder *b, uint32_t group)
{
	rpc_put_binding(
		b, &(struct rpc_binding){ .group = group, .uuid = &interface.uuid, .version = 1 });
}

/* As bob, at the level connect. */
static void log_on(struct smb3_rpc_assoc *a)
{
	uint8_t body[96];
	struct smb3_builder b = smb3_builder_init(body, sizeof(body));

	put_context(&b, 0);
	smb3_put_u8(&b, 10);
	smb3_put_u8(&b, SMB3_RPC_LEVEL_CONNECT);
	smb3_put_u16(&b, 0); /* padding, reserved */
	smb3_put_u32(&b, 77);
	smb3_put_u32(&b, 0); /* the token */
	cr_assert(put_pdu_auth(a, PDU_ALTER, 9, &b, 4));
	cr_assert_eq(sent[2], PDU_ALTER_RESP);
}

static uint32_t bind_to(struct smb3_rpc_assoc *a, uint32_t group)
{
	uint8_t body[64];
	struct smb3_builder b = smb3_builder_init(body, sizeof(body));

	put_context(&b, group);
	cr_assert(put_pdu(a, PDU_BIND, 1, &b));
	cr_assert_eq(sent[2], PDU_BIND_ACK);
	return u32_at(20);
}

static bool request(struct smb3_rpc_assoc *a, uint32_t id, uint16_t opnum, const void *data,
		    size_t len)
{
	uint8_t body[64];
	struct smb3_builder b = smb3_builder_init(body, sizeof(body));

	rpc_put_request(&b, opnum, data, len);
	return put_pdu(a, PDU_REQUEST, id, &b);
}

static void wait_number(uint32_t id, uint32_t number)
{
	cr_assert(request(assoc, id, WAIT, &number, sizeof(number)));
}

static void end(uint32_t key, int err)
{
	uint8_t one_more[4] = { 1 };
	struct smb3_cursor c = smb3_cursor_init(one_more, sizeof(one_more));

	cr_assert(rpcd_assoc_late(assoc, key, err, &c));
}

static void expect_response(uint32_t id, uint32_t number)
{
	cr_expect_eq(sent[2], PDU_RESPONSE);
	cr_expect_eq(u32_at(12), id, "call %u", u32_at(12));
	cr_expect_eq(u32_at(24), number, "%u", u32_at(24));
}

static void expect_fault(uint32_t id, uint32_t fault)
{
	cr_expect_eq(sent[2], PDU_FAULT);
	cr_expect_eq(u32_at(12), id, "call %u", u32_at(12));
	cr_expect_eq(u32_at(24), fault, "%#x", u32_at(24));
}

static void setup(void)
{
	rpcd_host_init(&host, &host_ops);
	host.limits = (struct rpcd_limits){ 200000, 100000, 8 };
	host.interfaces = &one;
	host.n_interfaces = 1;
	assoc = rpcd_assoc_new(&host, "test", &alice);
	sem_init(&inside, 0, 0);
	sem_init(&leave, 0, 0);
}

static void teardown(void)
{
	rpcd_assoc_free(assoc);
	cr_assert(smb3_list_empty(&host.groups));
}

TestSuite(rpc_wait, .init = setup, .fini = teardown, .timeout = 60);

Test(rpc_wait, others_are_answered_meanwhile)
{
	bind_to(assoc, 0);
	n_sent = 0;
	wait_number(2, 10);
	wait_number(3, 20);
	cr_expect_eq(n_sent, 0u);
	cr_assert(request(assoc, 4, MAKE, "", 0));
	cr_expect_eq(n_sent, 1u);
	end(2, 0);
	expect_response(3, 21);
	end(1, 0);
	expect_response(2, 11);
	n_sent = 0;
	end(1, 0);
	end(77, 0);
	cr_expect_eq(n_sent, 0u, "nothing waits any more");
}

Test(rpc_wait, a_failure_is_the_procedures)
{
	bind_to(assoc, 0);
	refuse = true;
	wait_number(2, 10);
	expect_fault(2, SMB3_RPC_FAULT_BUSY);
	refuse = false;
	wait_number(3, 10);
	end(2, -EIO);
	expect_fault(3, SMB3_RPC_FAULT_BUSY);
}

/* An answer comes while a request is not complete: both are what they were. */
Test(rpc_wait, between_fragments)
{
	uint8_t pdu[32] = { 5, 0, PDU_REQUEST, PFC_FIRST, 0x10, 0, 0, 0, 28, 0, 0, 0, 3 };
	uint8_t rest[32] = { 5, 0, PDU_REQUEST, PFC_LAST, 0x10, 0, 0, 0, 26, 0, 0, 0, 3 };

	bind_to(assoc, 0);
	wait_number(2, 10);
	pdu[24] = 0x11;
	pdu[25] = 0x22;
	cr_assert(rpcd_assoc_input(assoc, pdu, 28));
	end(1, 0);
	expect_response(2, 11);
	cr_assert(rpcd_assoc_input(assoc, rest, 26));
	end(2, 0);
	expect_response(3, 0x2212);
}

/* Somebody logs on while it waits: that is not who asked. */
Test(rpc_wait, goes_on_as_who_asked)
{
	bind_to(assoc, 0);
	wait_number(2, 10);
	log_on(assoc);
	cr_assert(request(assoc, 3, MAKE, "", 0));
	cr_expect_eq(n_callers, 0u, "bob is who asks since he has logged on");
	end(1, 0);
	expect_response(2, 11);
	cr_expect_eq(n_callers, 1u);
	cr_expect_eq(caller_len, 0u, "the pipe's own user");
	cr_assert(request(assoc, 4, MAKE, "", 0));
	cr_expect_eq(n_callers, 2u);
	cr_expect_eq(caller_len, 4u, "bob");
	cr_assert(request(assoc, 5, MAKE, "", 0));
	cr_expect_eq(n_callers, 2u);
}

Test(rpc_wait, the_client_gives_it_up)
{
	const struct smb3_builder none = { .data = NULL };

	bind_to(assoc, 0);
	wait_number(2, 10);
	wait_number(3, 20);
	wait_number(4, 30);
	wait_number(5, 40);
	n_sent = 0;
	cr_assert(put_pdu(assoc, PDU_CANCEL, 3, &none));
	cr_expect_eq(n_sent, 1u);
	cr_expect_eq(n_forgotten, 1u);
	expect_fault(3, SMB3_RPC_FAULT_CANCEL);
	cr_assert(put_pdu(assoc, PDU_ORPHANED, 2, &none));
	cr_assert(put_pdu(assoc, PDU_CANCEL, 99, &none));
	end(3, -ECONNABORTED);
	cr_expect_eq(n_sent, 1u);
	cr_expect_eq(n_forgotten, 2u);
	end(4, -ECANCELED);
	expect_fault(5, SMB3_RPC_FAULT_CANCEL);
	cr_expect(smb3_list_empty(&assoc->waiting));
}

/* teardown() closes the pipe: a leak checker sees what would be left. */
Test(rpc_wait, closed_while_it_waits)
{
	bind_to(assoc, 0);
	wait_number(2, 10);
	wait_number(3, 10);
	cr_expect_not(smb3_list_empty(&assoc->waiting));
}

/* Megabytes of arguments do not wait. */
Test(rpc_wait, large_ones_do_not)
{
	static uint8_t pdu[5840];
	struct smb3_builder b = smb3_builder_init(pdu, sizeof(pdu));

	bind_to(assoc, 0);
	for (int i = 0; i < 20; i++) {
		b.len = 0;
		smb3_put_u32(&b, 5 | (uint32_t)(i == 0 ? PFC_FIRST : i == 19 ? PFC_LAST : 0) << 24);
		smb3_put_u32(&b, 0x10);
		smb3_put_u32(&b, sizeof(pdu));
		smb3_put_u32(&b, 2);
		smb3_put_zero(&b, sizeof(pdu) - 16);
		cr_assert(rpcd_assoc_input(assoc, pdu, sizeof(pdu)));
	}
	expect_fault(2, SMB3_RPC_FAULT_NO_MEMORY);
}

/* ---- side by side ---- */

struct caller {
	pthread_t thread;
	struct smb3_rpc_assoc *assoc;
	uint16_t opnum;
	uint8_t handle[20];
	bool done;
};

static void *call_it(void *arg)
{
	struct caller *c = arg;

	c->done = request(c->assoc, 5, c->opnum, c->handle, sizeof(c->handle));
	return NULL;
}

static void begin(struct caller *c, uint16_t opnum, uint32_t group, const uint8_t *handle)
{
	c->assoc = rpcd_assoc_new(&host, "test", &alice);
	c->opnum = opnum;
	memcpy(c->handle, handle, sizeof(c->handle));
	bind_to(c->assoc, group);
	cr_assert_eq(pthread_create(&c->thread, NULL, call_it, c), 0);
}

static void finish(struct caller *c)
{
	cr_assert_eq(pthread_join(c->thread, NULL), 0);
	cr_expect(c->done);
	rpcd_assoc_free(c->assoc);
}

Test(rpc_wait, pipes_of_one_client_side_by_side)
{
	struct caller first, second;
	uint8_t handle[20], other[20];
	uint32_t group = bind_to(assoc, 0);

	cr_assert(request(assoc, 2, MAKE, "", 0));
	memcpy(handle, sent + 24, sizeof(handle));
	cr_assert(request(assoc, 3, MAKE, "", 0));
	memcpy(other, sent + 24, sizeof(other));
	begin(&first, HOLD, group, handle);
	sem_wait(&inside);
	/* Neither is waited for: a call without a handle, one with another handle. */
	cr_assert(request(assoc, 4, MAKE, "", 0));
	cr_assert(request(assoc, 5, CLOSE, other, sizeof(other)));
	/* This one waits, and then finds what the first has left. */
	begin(&second, CLOSE, group, handle);
	sem_post(&leave);
	finish(&first);
	finish(&second);
	cr_assert(request(assoc, 6, CLOSE, handle, sizeof(handle)));
	expect_fault(6, SMB3_RPC_FAULT_CONTEXT_MISMATCH);
}
