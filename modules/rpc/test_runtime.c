// SPDX-License-Identifier: Apache-2.0
/*
 * test_runtime.c: the DCE/RPC runtime without a process: what a client writes, and the PDUs that come
 * back; NDR; context handles.
 */
#include "runtime.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

static struct rpcd_host host;
static struct smb3_rpc_assoc *assoc;
static uint8_t sent[1 << 20];
static size_t sent_len, n_sent;

static void keep(struct smb3_rpc_assoc *a, const uint8_t *pdu, size_t len)
{
	cr_assert_leq(sent_len + len, sizeof(sent));
	memcpy(sent + sent_len, pdu, len);
	sent_len += len;
	n_sent++;
}

/* The server's side of a log-on: a token "no" fails, "go" goes on, others succeed. A signature is a number,
 * the sum of all bytes before it; sealing turns each byte of the stub over. */
#define SIGN_LEN 4

/* Which interface nobody may use, or who may not; and how often that was asked. */
static struct {
	int err;
	bool boss; /* he is refused, others are not */
	unsigned int asked;
	uint8_t level;
	bool logged_on;
} policy;

static int answer_logon(struct smb3_cursor *in, struct smb3_builder *out)
{
	const uint8_t *token;

	smb3_get_skip(in, 6);
	token = smb3_get_bytes(in, 2);
	if (!token || !memcmp(token, "no", 2))
		return -EACCES;
	policy.logged_on = memcmp(token, "go", 2) != 0;
	smb3_put_u8(out, policy.logged_on);
	if (memcmp(token, "go", 2)) {
		smb3_put_u8(out, SMB3_RPC_CALLER_ADMIN);
		smb3_put_u16(out, SIGN_LEN);
		smb3_put_text(out, "boss");
		smb3_put_text(out, "");
	}
	smb3_put_bytes(out, "token", 5);
	return 0;
}

static uint32_t sum_of(const uint8_t *p, size_t len)
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
	sum = sum_of(pdu, len);
	cr_assert_eq(len, at + stub + PDU_TRAILER);
	for (size_t i = 0; i < stub && seal; i++)
		pdu[at + i] ^= 0xff;
	if (!wrap && smb3_get_u32(in) != (seal ? sum_of(pdu, len) : sum))
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
	policy.level = smb3_get_u8(in);
	policy.asked++;
	return policy.boss && !policy.logged_on ? 0 : policy.err;
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

static uint32_t op_who(struct smb3_rpc_call *call);

static const struct smb3_rpc_op ops[] = {
	{ "Echo", op_echo },   { "Make", op_make }, { "Use", op_use },
	{ "Close", op_close }, { "None", NULL },    { "Who", op_who },
};
static const char *const pipes[] = { "test", NULL };
static const struct smb3_rpc_interface interface = {
	.name = "test",
	.uuid = SMB3_RPC_UUID(0x01020304, 0x0506, 0x0708, 9, 10, 11, 12, 13, 14, 15, 16),
	.major = 1,
	.minor = 2,
	.pipes = pipes,
	.ops = ops,
	.n_ops = SMB3_ARRAY_SIZE(ops),
};
static const struct smb3_guid ndr32 =
	SMB3_RPC_UUID(0x8a885d04, 0x1ceb, 0x11c9, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60);
static const struct smb3_guid ndr64 =
	SMB3_RPC_UUID(0x71710533, 0xbeba, 0x4937, 0x83, 0x19, 0xb5, 0xdb, 0xef, 0x9c, 0xcc, 0x36);
static const struct smb3_guid features =
	SMB3_RPC_UUID(0x6cb71c2c, 0x9812, 0x4540, 3, 0, 0, 0, 0, 0, 0, 0);

/* ---- a client ---- */

static const struct smb3_rpc_caller alice = { "alice", "", "192.0.2.1", .session = 1 };
static const struct smb3_rpc_interface *one = &interface;

static void setup(void)
{
	rpcd_host_init(&host, &host_ops);
	host.limits = (struct rpcd_limits){ 100000, 100000, 3 };
	host.interfaces = &one;
	host.n_interfaces = 1;
	assoc = rpcd_assoc_new(&host, "test", &alice);
	sent_len = n_sent = 0;
}

static void teardown(void)
{
	rpcd_assoc_free(assoc);
	cr_assert(smb3_list_empty(&host.groups));
}

TestSuite(rpc_runtime, .init = setup, .fini = teardown, .timeout = 60);

static bool put_pdu(struct smb3_rpc_assoc *a, uint8_t type, uint8_t flags, const void *body,
		    size_t len)
{
	static uint8_t pdu[65536];
	struct smb3_builder b = smb3_builder_init(pdu, sizeof(pdu));

	smb3_put_u32(&b, 5 | (uint32_t)type << 16 | (uint32_t)flags << 24);
	smb3_put_u32(&b, 0x10);
	smb3_put_u16(&b, (uint16_t)(16 + len));
	smb3_put_u16(&b, 0);
	smb3_put_u32(&b, 7);
	smb3_put_bytes(&b, body, len);
	sent_len = n_sent = 0;
	return rpcd_assoc_input(a, pdu, b.len);
}

struct binding {
	uint32_t group;
	uint16_t minor;
	const struct smb3_guid *transfer;
	uint32_t version;
};

static bool bind_with(struct smb3_rpc_assoc *a, uint8_t type, const struct binding *how)
{
	uint8_t body[128];
	struct smb3_builder b = smb3_builder_init(body, sizeof(body));

	smb3_put_u32(&b, 4280 | 2000u << 16);
	smb3_put_u32(&b, how->group);
	smb3_put_u32(&b, 1);
	smb3_put_u32(&b, 1u << 16);
	smb3_put_guid(&b, &interface.uuid);
	smb3_put_u32(&b, 1 | (uint32_t)how->minor << 16);
	smb3_put_guid(&b, how->transfer);
	smb3_put_u32(&b, how->version);
	return put_pdu(a, type, PFC_FIRST | PFC_LAST, body, b.len);
}

static void bind_good(struct smb3_rpc_assoc *a, uint32_t group)
{
	cr_assert(bind_with(a, PDU_BIND, &(struct binding){ group, 0, &ndr32, 2 }));
	cr_assert_eq(sent[2], PDU_BIND_ACK);
}

static uint32_t u32_at(size_t at)
{
	struct smb3_cursor c = smb3_cursor_init(sent, sent_len);

	smb3_cursor_seek(&c, at);
	return smb3_get_u32(&c);
}

/* Result and reason of the one context; the address "\PIPE\test" ends at a multiple of 4. */
#define RESULT_AT (16 + 8 + 2 + 11 + 3 + 4)

static bool request(struct smb3_rpc_assoc *a, uint8_t flags, uint16_t opnum, const void *data,
		    size_t len)
{
	static uint8_t body[65536];
	struct smb3_builder b = smb3_builder_init(body, sizeof(body));

	smb3_put_u32(&b, (uint32_t)len);
	smb3_put_u16(&b, 0);
	smb3_put_u16(&b, opnum);
	smb3_put_bytes(&b, data, len);
	return put_pdu(a, PDU_REQUEST, flags, body, b.len);
}

#define WHOLE (PFC_FIRST | PFC_LAST)

static void expect_fault(uint32_t fault)
{
	cr_assert_eq(sent[2], PDU_FAULT);
	cr_expect_eq(u32_at(24), fault, "%#x instead of %#x", u32_at(24), fault);
}

Test(rpc_runtime, bind_answers)
{
	bind_good(assoc, 0);
	cr_expect_eq(u32_at(RESULT_AT), 0u);
	cr_expect_eq(u32_at(16), 2000u | 4280u << 16, "fragments as large as both may");
	cr_expect_neq(u32_at(20), 0u);
}

Test(rpc_runtime, bind_refuses)
{
	cr_assert(bind_with(assoc, PDU_BIND, &(struct binding){ 0, 0, &ndr64, 1 }));
	cr_expect_eq(u32_at(RESULT_AT), 2u | 2u << 16, "NDR64");
	cr_assert(bind_with(assoc, PDU_ALTER, &(struct binding){ 0, 0, &features, 1 }));
	cr_expect_eq(u32_at(32), 3u | 2u << 16, "features");
	cr_assert(bind_with(assoc, PDU_ALTER, &(struct binding){ 0, 3, &ndr32, 2 }));
	cr_expect_eq(u32_at(32), 2u | 1u << 16, "a later version");
	cr_assert(request(assoc, WHOLE, 0, "\0\0\0\0", 4));
	expect_fault(SMB3_RPC_FAULT_UNKNOWN_IF);
	cr_assert(bind_with(assoc, PDU_ALTER, &(struct binding){ 0, 2, &ndr32, 2 }));
	cr_expect_eq(u32_at(32), 0u);
	cr_assert(request(assoc, WHOLE, 0, "\0\0\0\0", 4));
	cr_expect_eq(sent[2], PDU_RESPONSE);
}

Test(rpc_runtime, the_server_may_refuse_or_hide_an_interface)
{
	policy.err = -EACCES;
	cr_assert(bind_with(assoc, PDU_BIND, &(struct binding){ 0, 0, &ndr32, 2 }));
	cr_expect_eq(u32_at(RESULT_AT), 2u, "refused by the provider, who does not say why");
	cr_expect_eq(policy.level, SMB3_RPC_LEVEL_NONE);
	cr_assert(request(assoc, WHOLE, 0, "\0\0\0\0", 4));
	expect_fault(SMB3_RPC_FAULT_UNKNOWN_IF);
	policy.err = -ENOENT;
	cr_assert(bind_with(assoc, PDU_ALTER, &(struct binding){ 0, 0, &ndr32, 2 }));
	cr_expect_eq(u32_at(32), 2u | 1u << 16, "as if there were no such interface");
	policy.err = 0;
	cr_assert(bind_with(assoc, PDU_ALTER, &(struct binding){ 0, 0, &ndr32, 2 }));
	cr_expect_eq(u32_at(32), 0u);
	cr_expect_eq(policy.asked, 3u);
	for (int i = 0; i < 3; i++) {
		cr_assert(request(assoc, WHOLE, 0, "\0\0\0\0", 4));
		cr_expect_eq(sent[2], PDU_RESPONSE);
	}
	cr_expect_eq(policy.asked, 3u, "who has bound it is not asked about again");
}

/* Binds context 0, or alters it, to the interface of the runtime itself. */
static bool bind_mgmt(struct smb3_rpc_assoc *a, uint8_t type)
{
	uint8_t body[128];
	struct smb3_builder b = smb3_builder_init(body, sizeof(body));

	smb3_put_u32(&b, 4280 | 2000u << 16);
	smb3_put_u32(&b, 0);
	smb3_put_u32(&b, 1);
	smb3_put_u32(&b, 1u << 16);
	smb3_put_guid(&b, &rpcd_mgmt.uuid);
	smb3_put_u32(&b, 1);
	smb3_put_guid(&b, &ndr32);
	smb3_put_u32(&b, 2);
	return put_pdu(a, type, PFC_FIRST | PFC_LAST, body, b.len);
}

Test(rpc_runtime, a_context_stays_what_it_is)
{
	bind_good(assoc, 0);
	cr_assert(bind_with(assoc, PDU_ALTER, &(struct binding){ 0, 1, &ndr32, 2 }), "the same");
	cr_expect_eq(u32_at(32), 0u);
	cr_assert_not(bind_mgmt(assoc, PDU_ALTER));
	expect_fault(SMB3_RPC_FAULT_PROTOCOL);
}

Test(rpc_runtime, management)
{
	cr_assert(bind_mgmt(assoc, PDU_BIND));
	cr_assert_eq(sent[2], PDU_BIND_ACK);
	cr_assert(request(assoc, WHOLE, 0, "", 0));
	cr_expect_eq(u32_at(28), 1u);
	cr_expect_eq(u32_at(32), 1u);
	cr_expect_arr_eq(sent + 40, interface.uuid.bytes, 16);
	cr_expect_eq(u32_at(56), 1u | 2u << 16);
	cr_expect_eq(u32_at(60), 0u);
	cr_assert(request(assoc, WHOLE, 1, "\xff\0\0\0", 4));
	cr_expect_eq(u32_at(24), 4u, "as many as there are");
	cr_expect_eq(u32_at(32), 2u, "calls");
	cr_expect_eq(u32_at(40), 3u, "PDUs that came");
	cr_expect_eq(u32_at(44), 2u, "PDUs that went, this one not yet");
	cr_assert(request(assoc, WHOLE, 1, "\0\0\0\0", 4));
	cr_expect_eq(sent_len, 24u + 12);
	cr_assert(request(assoc, WHOLE, 2, "", 0));
	cr_expect_eq(u32_at(28), 1u, "it listens");
	cr_assert(request(assoc, WHOLE, 3, "", 0));
	cr_expect_eq(u32_at(24), 5u, "and is not stopped");
	cr_assert(request(assoc, WHOLE, 4, "\x0a\0\0\0\x10\0\0\0", 8));
	cr_expect_eq(u32_at(32), 1u, "an empty name");
	cr_expect_eq(u32_at(40), 1747u);
	cr_assert(request(assoc, WHOLE, 4, "\x0a\0\0\0\0\0\0\0", 8));
	cr_expect_eq(u32_at(32), 0u, "no room for one");
	cr_assert(request(assoc, WHOLE, 4, "", 0));
	expect_fault(SMB3_RPC_FAULT_NDR);
}

Test(rpc_runtime, calls_fail)
{
	bind_good(assoc, 0);
	cr_assert(request(assoc, WHOLE, 4, "", 0));
	expect_fault(SMB3_RPC_FAULT_OP_RANGE);
	cr_assert(request(assoc, WHOLE, 999, "", 0));
	expect_fault(SMB3_RPC_FAULT_OP_RANGE);
	cr_assert(request(assoc, WHOLE, 0, "\x10\0\0\0short", 9));
	expect_fault(SMB3_RPC_FAULT_NDR);
	cr_assert(request(assoc, WHOLE, 0, "\x01\0\0\0x", 5), "the association goes on");
	cr_expect_eq(sent[2], PDU_RESPONSE);
}

Test(rpc_runtime, requests_before_bind_end_it)
{
	cr_assert_not(request(assoc, WHOLE, 0, "", 0));
	expect_fault(SMB3_RPC_FAULT_PROTOCOL);
	cr_assert_not(bind_with(assoc, PDU_BIND, &(struct binding){ 0, 0, &ndr32, 2 }));
}

Test(rpc_runtime, fragments)
{
	static uint8_t data[50004];

	for (size_t i = 4; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	smb3_store_u32(data, 50000);
	bind_good(assoc, 0);
	for (size_t at = 0; at < sizeof(data); at += 4167) {
		size_t n = sizeof(data) - at < 4167 ? sizeof(data) - at : 4167;
		uint8_t flags = (at ? 0 : PFC_FIRST) | (at + n == sizeof(data) ? PFC_LAST : 0);

		cr_assert(request(assoc, flags, 0, data + at, n));
	}
	cr_assert_gt(n_sent, 20u);
	for (size_t at = 0, got = 0; at < sent_len;) {
		size_t len = sent[at + 8] | (size_t)sent[at + 9] << 8;

		cr_assert_leq(len, 2000u, "more than the client takes");
		cr_assert_eq(!!(sent[at + 3] & PFC_FIRST), at == 0);
		cr_assert_eq(!!(sent[at + 3] & PFC_LAST), at + len == sent_len);
		cr_assert_arr_eq(sent + at + 24, data + got, len - 24);
		got += len - 24;
		at += len;
	}
}

Test(rpc_runtime, fragments_that_do_not_belong)
{
	bind_good(assoc, 0);
	cr_assert(request(assoc, PFC_FIRST, 0, "1234", 4));
	cr_assert_not(request(assoc, PFC_LAST, 1, "1234", 4), "another procedure");
	expect_fault(SMB3_RPC_FAULT_PROTOCOL);
}

Test(rpc_runtime, a_request_is_limited)
{
	static uint8_t data[60000];

	bind_good(assoc, 0);
	cr_assert(request(assoc, PFC_FIRST, 0, data, sizeof(data)));
	cr_assert_not(request(assoc, 0, 0, data, sizeof(data)));
	expect_fault(SMB3_RPC_FAULT_NO_MEMORY);
}

Test(rpc_runtime, bytes_one_by_one)
{
	static const uint8_t rubbish[32] = { 4, 0, 0, 3, 0x10, 0, 0, 0, 32, 0 };

	bind_good(assoc, 0);
	for (size_t i = 0; i < 31; i++)
		cr_assert(rpcd_assoc_input(assoc, rubbish + i, 1));
	cr_assert_not(rpcd_assoc_input(assoc, rubbish + 31, 1), "version 4");
}

static struct smb3_rpc_handle make(struct smb3_rpc_assoc *a)
{
	struct smb3_rpc_handle h;

	cr_assert(request(a, WHOLE, 1, "", 0));
	cr_assert_eq(sent[2], PDU_RESPONSE);
	memcpy(h.bytes, sent + 24, sizeof(h.bytes));
	return h;
}

Test(rpc_runtime, handles)
{
	struct smb3_rpc_handle h, forged;

	bind_good(assoc, 0);
	h = forged = make(assoc);
	forged.bytes[19] ^= 1;
	cr_assert(request(assoc, WHOLE, 2, h.bytes, 20));
	cr_expect_eq(sent[2], PDU_RESPONSE);
	cr_assert(request(assoc, WHOLE, 2, forged.bytes, 20));
	expect_fault(SMB3_RPC_FAULT_CONTEXT_MISMATCH);
	cr_assert(request(assoc, WHOLE, 3, h.bytes, 20));
	cr_assert(request(assoc, WHOLE, 2, h.bytes, 20));
	expect_fault(SMB3_RPC_FAULT_CONTEXT_MISMATCH);
	for (int i = 0; i < 3; i++)
		make(assoc);
	cr_assert(request(assoc, WHOLE, 1, "", 0));
	expect_fault(SMB3_RPC_FAULT_NO_MEMORY);
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
	struct smb3_rpc_assoc *second = rpcd_assoc_new(&host, "test", &again), *third;
	struct smb3_rpc_handle h;
	uint32_t group;

	bind_good(assoc, 0);
	group = u32_at(20);
	h = make(assoc);
	bind_good(second, group);
	cr_assert(request(second, WHOLE, 2, h.bytes, 20));
	cr_expect_eq(sent[2], PDU_RESPONSE);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(others); i++) {
		third = rpcd_assoc_new(&host, "test", &others[i]);
		bind_with(third, PDU_BIND, &(struct binding){ group, 0, &ndr32, 2 });
		cr_expect_eq(sent[2], PDU_BIND_NAK, "%zu", i);
		rpcd_assoc_free(third);
	}
	rpcd_assoc_free(second);
}

/* ---- security contexts ---- */

static uint32_t op_who(struct smb3_rpc_call *call)
{
	smb3_ndr_put_u32(call->out, call->auth_level);
	smb3_ndr_put_u32(call->out, call->caller->admin);
	return SMB3_RPC_OK;
}

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
	smb3_put_u32(&b, 5 | (uint32_t)type << 16 | (uint32_t)flags << 24);
	smb3_put_u32(&b, 0x10);
	smb3_put_u16(&b, (uint16_t)(16 + body->len + 8 + v->len));
	smb3_put_u16(&b, v->len);
	smb3_put_u32(&b, 7);
	smb3_put_bytes(&b, body->data, body->len);
	smb3_put_u8(&b, v->type);
	smb3_put_u8(&b, v->level);
	smb3_put_u8(&b, v->pad);
	smb3_put_u8(&b, 0);
	smb3_put_u32(&b, v->id);
	sum = sum_of(pdu, b.len);
	for (; seal && stub < 16 + body->len; stub++)
		pdu[stub] ^= 0xff;
	if (v->value)
		smb3_put_bytes(&b, v->value, v->len);
	else
		smb3_put_u32(&b, sum);
	sent_len = n_sent = 0;
	return rpcd_assoc_input(assoc, pdu, b.len);
}

static bool log_on(uint8_t type, uint32_t id, uint8_t level, const char *token)
{
	uint8_t data[128];
	struct smb3_builder body = smb3_builder_init(data, sizeof(data));

	smb3_put_u32(&body, 4280 | 2000u << 16);
	smb3_put_u32(&body, 0);
	smb3_put_u32(&body, 1);
	smb3_put_u32(&body, 1u << 16);
	smb3_put_guid(&body, &interface.uuid);
	smb3_put_u32(&body, 1);
	smb3_put_guid(&body, &ndr32);
	smb3_put_u32(&body, 2);
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

	smb3_put_u32(&body, (uint32_t)len);
	smb3_put_u16(&body, 0);
	smb3_put_u16(&body, opnum);
	smb3_put_bytes(&body, data, len);
	return put_with(PDU_REQUEST, flags, &body, v);
}

#define VERIFIER(n, lev, ...)                               \
	(&(struct verifier){ .type = 10,                    \
			     .level = SMB3_RPC_LEVEL_##lev, \
			     .id = (n),                     \
			     .len = SIGN_LEN,               \
			     __VA_ARGS__ })

Test(rpc_runtime, a_log_on_is_asked_about_when_it_calls)
{
	policy.err = -EACCES;
	policy.boss = true;
	cr_assert(log_on(PDU_BIND, 5, SMB3_RPC_LEVEL_CONNECT, "go"));
	cr_assert_eq(sent[2], PDU_BIND_ACK);
	cr_expect_eq(u32_at(RESULT_AT), 0u, "nobody knows yet who that is");
	cr_expect_eq(policy.asked, 0u);
	cr_assert(log_on(PDU_ALTER, 5, SMB3_RPC_LEVEL_CONNECT, "in"));
	cr_assert(request(assoc, WHOLE, 0, "\0\0\0\0", 4));
	expect_fault(SMB3_RPC_FAULT_ACCESS_DENIED);
	cr_expect_eq(policy.level, SMB3_RPC_LEVEL_CONNECT);
	policy.err = 0;
	cr_assert(request(assoc, WHOLE, 0, "\0\0\0\0", 4));
	cr_expect_eq(sent[2], PDU_RESPONSE);
}

Test(rpc_runtime, sealed_calls)
{
	cr_assert(log_on(PDU_BIND, 5, SMB3_RPC_LEVEL_PRIVACY, "go"));
	cr_assert_eq(sent[2], PDU_BIND_ACK);
	cr_expect(sent[3] & PFC_HEADER_SIGN);
	cr_expect_arr_eq(sent + sent_len - 5, "token", 5);
	cr_assert(log_on(PDU_ALTER, 5, SMB3_RPC_LEVEL_PRIVACY, "in"));
	cr_assert_eq(sent[2], PDU_ALTER_RESP);
	cr_assert(request_with(WHOLE, 5, "", 0, VERIFIER(5, PRIVACY)));
	cr_assert_eq(sent[2], PDU_RESPONSE);
	cr_expect_eq(u32_at(24), ~(uint32_t)SMB3_RPC_LEVEL_PRIVACY, "turned over");
	cr_expect_eq(u32_at(28), ~1u, "the administrator who logged on, not alice");
	cr_expect_eq(sent[10], SIGN_LEN);
	/* Fragments, padded each. */
	cr_assert(request_with(PFC_FIRST, 0, "\x06\0\0\0ab", 6, VERIFIER(5, PRIVACY, .pad = 10)));
	cr_assert(request_with(PFC_LAST, 0, "cdef", 4, VERIFIER(5, PRIVACY, .pad = 12)));
	cr_assert_eq(sent[2], PDU_RESPONSE);
	cr_expect_eq(sent[28] ^ 0xff, 'a');
	cr_expect_eq(sent[33] ^ 0xff, 'f');
}

Test(rpc_runtime, wrong_verifiers_end_it)
{
	cr_assert(log_on(PDU_BIND, 1, SMB3_RPC_LEVEL_INTEGRITY, "in"));
	cr_assert(request_with(WHOLE, 5, "", 0, VERIFIER(1, INTEGRITY)));
	cr_assert_eq(u32_at(24), SMB3_RPC_LEVEL_INTEGRITY);
	cr_assert_not(request_with(WHOLE, 5, "", 0, VERIFIER(1, INTEGRITY, .value = "abcd")));
	expect_fault(SMB3_RPC_FAULT_SEC_PKG);
	cr_assert_not(request_with(WHOLE, 5, "", 0, VERIFIER(1, INTEGRITY)), "it is over");
}

Test(rpc_runtime, missing_verifiers_are_refused)
{
	cr_assert(log_on(PDU_BIND, 1, SMB3_RPC_LEVEL_PACKET, "in"));
	cr_assert_not(request(assoc, WHOLE, 5, "", 0));
	expect_fault(SMB3_RPC_FAULT_ACCESS_DENIED);
}

Test(rpc_runtime, another_level_is_refused)
{
	cr_assert(log_on(PDU_BIND, 1, SMB3_RPC_LEVEL_PRIVACY, "in"));
	cr_assert_not(request_with(WHOLE, 5, "", 0, VERIFIER(1, INTEGRITY)));
	expect_fault(SMB3_RPC_FAULT_ACCESS_DENIED);
}

Test(rpc_runtime, unknown_contexts_are_refused)
{
	bind_good(assoc, 0);
	cr_assert_not(request_with(WHOLE, 5, "", 0, VERIFIER(1, INTEGRITY)));
	expect_fault(SMB3_RPC_FAULT_SEC_PKG);
}

Test(rpc_runtime, logons_that_fail)
{
	cr_assert_not(log_on(PDU_BIND, 1, SMB3_RPC_LEVEL_CONNECT, "no"));
	cr_expect_eq(sent[2], PDU_BIND_NAK);
}

/* AUTH3 has no answer: that it failed shows at the next request. */
Test(rpc_runtime, logons_that_fail_late)
{
	cr_assert(log_on(PDU_BIND, 1, SMB3_RPC_LEVEL_CONNECT, "go"));
	cr_assert(log_on(PDU_AUTH3, 1, SMB3_RPC_LEVEL_CONNECT, "no"));
	cr_expect_eq(n_sent, 0u);
	cr_assert_not(request(assoc, WHOLE, 5, "", 0));
	expect_fault(SMB3_RPC_FAULT_ACCESS_DENIED);
}

Test(rpc_runtime, several_contexts)
{
	cr_assert(log_on(PDU_BIND, 1, SMB3_RPC_LEVEL_CONNECT, "in"));
	cr_assert(request(assoc, WHOLE, 5, "", 0));
	cr_expect_eq(u32_at(24), SMB3_RPC_LEVEL_CONNECT);
	for (uint32_t id = 2; id <= AUTHS_MAX; id++) {
		cr_assert(log_on(PDU_ALTER, id, SMB3_RPC_LEVEL_INTEGRITY, "in"));
		cr_assert_eq(sent[2], PDU_ALTER_RESP);
	}
	cr_assert(log_on(PDU_ALTER, 99, SMB3_RPC_LEVEL_INTEGRITY, "in"));
	expect_fault(SMB3_RPC_FAULT_ACCESS_DENIED);
	cr_assert(request_with(WHOLE, 5, "", 0, VERIFIER(2, INTEGRITY)));
	cr_expect_eq(u32_at(24), SMB3_RPC_LEVEL_INTEGRITY);
	cr_assert(request(assoc, WHOLE, 5, "", 0));
	cr_expect_eq(u32_at(24), SMB3_RPC_LEVEL_CONNECT);
	cr_assert(request_with(PFC_FIRST, 5, "", 0, VERIFIER(2, INTEGRITY)));
	cr_assert_not(request_with(PFC_LAST, 5, "", 0, VERIFIER(3, INTEGRITY)), "half and half");
	expect_fault(SMB3_RPC_FAULT_ACCESS_DENIED);
}

/* ---- NDR ---- */

Test(rpc_runtime, strings_and_pointers)
{
	struct smb3_arena *a = smb3_arena_new();
	struct smb3_ndr_out out = smb3_ndr_out_init(a, 4096);
	struct smb3_rpc_sid sid = { 1, 2, { 0, 0, 0, 0, 0, 5 }, { 32, 544 } }, back;
	struct smb3_ndr_counted head;
	struct smb3_ndr_in in;

	smb3_ndr_put_u8(&out, 1);
	smb3_ndr_put_wstring_ptr(&out, "größe");
	smb3_ndr_put_wstring_ptr(&out, NULL);
	smb3_ndr_put_counted(&out, "name");
	smb3_ndr_put_counted_text(&out, "name");
	smb3_ndr_put_sid(&out, &sid);
	smb3_ndr_put_u64(&out, 1ull << 40);
	cr_assert(smb3_builder_ok(&out.b));
	in = smb3_ndr_in_init(a, out.b.data, out.b.len);
	cr_expect_eq(smb3_ndr_u8(&in), 1);
	cr_expect_str_eq(smb3_ndr_wstring_ptr(&in), "größe");
	cr_expect_null(smb3_ndr_wstring_ptr(&in));
	head = smb3_ndr_counted(&in);
	cr_expect_str_eq(smb3_ndr_counted_text(&in, &head), "name");
	back = smb3_ndr_sid(&in);
	cr_expect_eq(memcmp(&back, &sid, sizeof(sid)), 0);
	cr_expect_eq(smb3_ndr_u64(&in), 1ull << 40);
	cr_expect(smb3_ndr_ok(&in));
	cr_expect_eq(smb3_cursor_left(&in.c), 0u);
	for (size_t len = 0; len < out.b.len; len++) {
		in = smb3_ndr_in_init(a, out.b.data, len);
		smb3_ndr_u8(&in);
		smb3_ndr_wstring_ptr(&in);
		smb3_ndr_wstring_ptr(&in);
		head = smb3_ndr_counted(&in);
		smb3_ndr_counted_text(&in, &head);
		smb3_ndr_sid(&in);
		smb3_ndr_u64(&in);
		cr_assert_not(smb3_ndr_ok(&in), "cut at %zu", len);
	}
	smb3_arena_free(a);
}

/* Clients may end a string more than once; what they may not do is to go on behind the end. */
Test(rpc_runtime, strings_end_once_or_more)
{
	uint8_t wire[] = { 4, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 'a', 0, 0, 0, 0, 0, 0, 0 };
	struct smb3_arena *a = smb3_arena_new();
	struct smb3_ndr_in in = smb3_ndr_in_init(a, wire, sizeof(wire));

	cr_expect_str_eq(smb3_ndr_wstring(&in), "a");
	cr_expect_eq(smb3_cursor_left(&in.c), 0u);
	wire[16] = 'b';
	in = smb3_ndr_in_init(a, wire, sizeof(wire));
	cr_expect_null(smb3_ndr_wstring(&in), "goes on behind its end");
	cr_expect_not(smb3_ndr_ok(&in));
	wire[14] = 'b';
	wire[18] = 'c';
	in = smb3_ndr_in_init(a, wire, sizeof(wire));
	cr_expect_null(smb3_ndr_wstring(&in), "does not end");
	wire[12] = wire[14] = wire[16] = wire[18] = 0;
	in = smb3_ndr_in_init(a, wire, sizeof(wire));
	cr_expect_str_eq(smb3_ndr_wstring(&in), "");
	smb3_arena_free(a);
}

Test(rpc_runtime, highest_byte_first)
{
	static const uint8_t wire[] = {
		1, 2, 3, 4, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 'A', 0, 0
	};
	struct smb3_arena *a = smb3_arena_new();
	struct smb3_ndr_in in = smb3_ndr_in_init(a, wire, sizeof(wire));

	in.big = true;
	cr_expect_eq(smb3_ndr_u32(&in), 0x01020304u);
	cr_expect_str_eq(smb3_ndr_wstring(&in), "A");
	smb3_arena_free(a);
}

Test(rpc_runtime, numbers_get_no_memory)
{
	uint8_t wire[64] = { 0xff, 0xff, 0xff, 0x7f };
	struct smb3_arena *a = smb3_arena_new();
	struct smb3_ndr_in in = smb3_ndr_in_init(a, wire, sizeof(wire));

	cr_expect_null(smb3_ndr_array(&in, 0x7fffffff, 1, 64));
	cr_expect_not(smb3_ndr_ok(&in));
	in = smb3_ndr_in_init(a, wire + 4, 60);
	cr_expect_null(smb3_ndr_alloc(&in, 60, 1, 1 << 20), "more than the budget");
	in = smb3_ndr_in_init(a, wire, sizeof(wire));
	for (int i = 0; i < SMB3_NDR_DEPTH_MAX; i++)
		cr_assert(smb3_ndr_enter(&in));
	cr_expect_not(smb3_ndr_enter(&in));
	smb3_arena_free(a);
}
