// SPDX-License-Identifier: Apache-2.0
/*
 * bind.c: BIND and ALTER_CONTEXT: which interfaces, in which transfer syntax, with fragments of what
 * size. [C706] 12.6.4.1 to 12.6.4.5; [MS-RPCE] 2.2.2.13, 2.2.2.14, 3.3.1.5.3
 */
#include "runtime.h"

#include <errno.h>

#define RESULT_ACCEPTED  0
#define RESULT_REJECTED  2 /* by the provider */
#define RESULT_NEGOTIATE 3 /* bind time features: the reason is their bits */

#define REASON_NOT_SAID 0
#define REASON_ABSTRACT 1 /* no such interface here */
#define REASON_TRANSFER 2 /* in none of these transfer syntaxes */
#define REASON_LIMIT    3

#define NAK_NOT_SAID     0
#define NAK_AUTH_TYPE    8
#define NAK_AUTH_INVALID 9 /* the checksum, or whatever the token was good for */

#define FEATURE_KEEP_ON_ORPHAN 0x2
#define SYNTAXES_MAX           64
#define SYNTAX                 20 /* bytes: UUID and version */

static const struct smb3_guid ndr32 =
	SMB3_RPC_UUID(0x8a885d04, 0x1ceb, 0x11c9, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60);
/* The first eight bytes of the syntax by which a client offers features; the others are bits. */
static const uint8_t feature_prefix[8] = { 0x2c, 0x1c, 0xb7, 0x6c, 0x12, 0x98, 0x40, 0x45 };

struct syntax {
	struct smb3_guid uuid;
	uint16_t major, minor;
};

/* What one presentation context is answered with. */
struct result {
	uint16_t result, reason;
	bool ndr32;
	bool broken; /* the client may not even ask */
};

static struct syntax get_syntax(struct pdu *p)
{
	struct syntax s;
	uint32_t version;

	s.uuid = smb3_get_guid(&p->body);
	if (p->big) {
		struct smb3_guid g = s.uuid;

		smb3_store_u32(s.uuid.bytes,
			       __builtin_bswap32((uint32_t)g.bytes[0] | (uint32_t)g.bytes[1] << 8 |
						 (uint32_t)g.bytes[2] << 16 |
						 (uint32_t)g.bytes[3] << 24));
		s.uuid.bytes[4] = g.bytes[5];
		s.uuid.bytes[5] = g.bytes[4];
		s.uuid.bytes[6] = g.bytes[7];
		s.uuid.bytes[7] = g.bytes[6];
	}
	version = pdu_u32(p);
	s.major = (uint16_t)version;
	s.minor = (uint16_t)(version >> 16);
	return s;
}

static bool same_guid(const struct smb3_guid *a, const struct smb3_guid *b)
{
	return !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

bool interface_on_pipe(const struct smb3_rpc_interface *i, const char *pipe)
{
	for (const char *const *name = i->pipes; *name; name++)
		if (smb3_name_equal(*name, pipe))
			return true;
	return false;
}

static bool is_interface(const struct smb3_rpc_interface *i, const struct syntax *s)
{
	return same_guid(&i->uuid, &s->uuid) && i->major == s->major && s->minor <= i->minor;
}

static const struct smb3_rpc_interface *interface_find(const struct smb3_rpc_assoc *a,
						       const struct syntax *s)
{
	if (is_interface(&rpcd_mgmt, s))
		return &rpcd_mgmt;
	for (size_t n = 0; n < a->host->n_interfaces; n++) {
		const struct smb3_rpc_interface *i = a->host->interfaces[n];

		if (is_interface(i, s) && interface_on_pipe(i, a->pipe))
			return i;
	}
	return NULL;
}

/* ---- who may use it ---- */

#define ADMITTED_PIPE 0x1u

int interface_ask(struct smb3_rpc_assoc *a, const struct smb3_rpc_interface *i, uint8_t level,
		  bool looks)
{
	struct smb3_builder in = smb3_builder_arena(a->arena, 64);
	struct smb3_cursor answer;

	smb3_put_guid(&in, &i->uuid);
	smb3_put_u16(&in, i->major);
	smb3_put_u16(&in, i->minor);
	smb3_put_u8(&in, level);
	smb3_put_u8(&in, looks);
	return a->host->ops->ask(a, a->arena, SMB3_ASK_BIND, &in, &answer);
}

int context_admits(struct smb3_rpc_assoc *a, struct rpcd_context *c)
{
	const struct rpcd_auth *auth = a->request.auth;
	uint16_t bit = auth ? (uint16_t)(ADMITTED_PIPE << (auth - a->auths + 1)) : ADMITTED_PIPE;

	int err = 0;

	if (!(c->admitted & bit))
		err = interface_ask(a, c->interface, auth ? auth->level : SMB3_RPC_LEVEL_NONE,
				    false);
	if (!err)
		c->admitted |= bit;
	return err;
}

/* Who has begun to log on is nobody yet: he is asked about when he calls. */
static int bind_ask(struct smb3_rpc_assoc *a, const struct smb3_rpc_interface *i,
		    const struct pdu *p)
{
	const struct rpcd_auth *last = a->n_auths ? &a->auths[a->n_auths - 1] : NULL;

	if (last && last->state == AUTH_BEGUN)
		return 0;
	return interface_ask(a, i, p->auth_len ? p->auth_level : SMB3_RPC_LEVEL_NONE, false);
}

/* Takes it under that id. An id stays what it is: handles and calls under way would become those of
 * another interface. */
static int context_set(struct smb3_rpc_assoc *a, uint16_t id, const struct smb3_rpc_interface *i)
{
	for (size_t n = 0; n < a->n_contexts; n++)
		if (a->contexts[n].id == id)
			return a->contexts[n].interface == i ? 0 : -EPROTO;
	if (a->n_contexts == CONTEXTS_MAX)
		return -ENOSPC;
	/* Without a log-on, who binds is who calls. */
	a->contexts[a->n_contexts++] = (struct rpcd_context){
		.id = id, .admitted = a->n_auths ? 0 : ADMITTED_PIPE, .interface = i
	};
	return 0;
}

static struct result result_no(uint16_t result, uint16_t reason)
{
	return (struct result){ .result = result, .reason = reason };
}

static struct result context_judge(struct smb3_rpc_assoc *a, struct pdu *p, bool over)
{
	uint16_t id = pdu_u16(p);
	uint8_t n = smb3_get_u8(&p->body);
	const struct smb3_rpc_interface *i;
	struct syntax abstract, transfer;
	bool has_ndr32 = false, features = false;
	int err;

	smb3_get_skip(&p->body, 1);
	abstract = get_syntax(p);
	for (uint8_t k = 0; k < n; k++) {
		transfer = get_syntax(p);
		has_ndr32 |= same_guid(&transfer.uuid, &ndr32) && transfer.major == 2;
		features |= n == 1 && transfer.major == 1 &&
			    !memcmp(transfer.uuid.bytes, feature_prefix, sizeof(feature_prefix));
	}
	if (features)
		return result_no(RESULT_NEGOTIATE, FEATURE_KEEP_ON_ORPHAN);
	i = interface_find(a, &abstract);
	if (!smb3_cursor_ok(&p->body) || !i)
		return result_no(RESULT_REJECTED, REASON_ABSTRACT);
	if (!has_ndr32)
		return result_no(RESULT_REJECTED, REASON_TRANSFER);
	if (over)
		return result_no(RESULT_REJECTED, REASON_LIMIT);
	err = bind_ask(a, i, p);
	if (err)
		return result_no(RESULT_REJECTED,
				 err == -ENOENT ? REASON_ABSTRACT : REASON_NOT_SAID);
	err = context_set(a, id, i);
	if (err == -EPROTO)
		return (struct result){ .broken = true };
	if (err)
		return result_no(RESULT_REJECTED, REASON_LIMIT);
	return (struct result){ .result = RESULT_ACCEPTED, .ndr32 = true };
}

static void put_result(struct smb3_builder *b, const struct result *r)
{
	static const struct smb3_guid none;

	smb3_put_u16(b, r->result);
	smb3_put_u16(b, r->reason);
	smb3_put_guid(b, r->ndr32 ? &ndr32 : &none);
	smb3_put_u32(b, r->ndr32 ? 2 : 0);
}

/* p_context_elem. False: it does not decode, or wants what cannot be. */
static bool put_results(struct smb3_rpc_assoc *a, struct pdu *p, struct smb3_builder *b)
{
	uint8_t n = smb3_get_u8(&p->body);

	smb3_get_skip(&p->body, 3);
	smb3_put_u8(b, n);
	smb3_put_zero(b, 3);
	for (uint8_t k = 0; k < n && smb3_cursor_ok(&p->body); k++) {
		struct result r = context_judge(a, p, k >= CONTEXTS_MAX);

		if (r.broken)
			return false;
		put_result(b, &r);
	}
	return n && smb3_cursor_ok(&p->body);
}

static bool bind_nak(struct smb3_rpc_assoc *a, const struct pdu *p, uint16_t reason)
{
	struct smb3_builder b = pdu_begin(a->arena, PDU_BIND_NAK, PFC_FIRST | PFC_LAST, p->call_id);

	smb3_put_u16(&b, reason);
	smb3_put_u8(&b, 1); /* one version: 5.0 */
	smb3_put_u8(&b, 5);
	smb3_put_u8(&b, 0);
	smb3_put_zero(&b, 3);
	pdu_end(a, &b);
	return true;
}

static uint16_t frag_size(uint16_t wanted)
{
	if (wanted < PDU_FRAG_MIN)
		return PDU_FRAG_MIN;
	return wanted < PDU_FRAG ? wanted : PDU_FRAG;
}

/* The address by which the client finds this endpoint again: the pipe, with its terminator. */
static void put_address(struct smb3_rpc_assoc *a, struct smb3_builder *b)
{
	const char *name = smb3_arena_printf(a->arena, "\\PIPE\\%s", a->pipe);

	smb3_put_u16(b, (uint16_t)(strlen(name) + 1));
	smb3_put_bytes(b, name, strlen(name) + 1);
	smb3_put_align(b, 4);
}

static struct smb3_builder ack_begin(struct smb3_rpc_assoc *a, const struct pdu *p, uint8_t type)
{
	uint8_t flags = PFC_FIRST | PFC_LAST | (p->flags & PFC_CONC_MPX) |
			(a->header_sign ? p->flags & PFC_HEADER_SIGN : 0);
	struct smb3_builder b = pdu_begin(a->arena, type, flags, p->call_id);

	smb3_put_u16(&b, a->max_send);
	smb3_put_u16(&b, a->max_receive);
	smb3_put_u32(&b, a->group->id);
	return b;
}

bool assoc_bind(struct smb3_rpc_assoc *a, struct pdu *p)
{
	uint16_t xmit = pdu_u16(p), recv = pdu_u16(p);
	uint32_t group = pdu_u32(p);
	struct smb3_cursor token = smb3_cursor_init(NULL, 0);
	struct smb3_builder b;
	int err;

	/* [MS-RPCE] 3.3.1.5.3: only as the first PDU. */
	if (a->group) {
		assoc_fault(a, p, SMB3_RPC_FAULT_PROTOCOL, PFC_DID_NOT_EXECUTE);
		return false;
	}
	a->group = group_join(a->host, group, &a->caller);
	if (!a->group)
		return bind_nak(a, p, NAK_NOT_SAID);
	a->max_send = frag_size(recv);
	a->max_receive = frag_size(xmit);
	a->header_sign = p->flags & PFC_HEADER_SIGN;
	err = p->auth_len ? auth_step(a, p, &token) : 0;
	if (err)
		return bind_nak(a, p, err == -EPROTONOSUPPORT ? NAK_AUTH_TYPE : NAK_AUTH_INVALID),
		       false;
	b = ack_begin(a, p, PDU_BIND_ACK);
	put_address(a, &b);
	if (!put_results(a, p, &b))
		return bind_nak(a, p, NAK_NOT_SAID), false;
	auth_put_token(p, &b, &token);
	pdu_end(a, &b);
	return true;
}

bool assoc_alter(struct smb3_rpc_assoc *a, struct pdu *p)
{
	struct smb3_cursor token = smb3_cursor_init(NULL, 0);
	struct smb3_builder b;

	smb3_get_skip(&p->body, 8); /* sizes and group stay as they are */
	if (!a->group || a->request.begun) {
		assoc_fault(a, p, SMB3_RPC_FAULT_PROTOCOL, PFC_DID_NOT_EXECUTE);
		return false;
	}
	/* Once something is signed in one way, it stays so. */
	if (!a->n_auths && p->auth_len)
		a->header_sign |= p->flags & PFC_HEADER_SIGN;
	if (p->auth_len && auth_step(a, p, &token)) {
		assoc_fault(a, p, SMB3_RPC_FAULT_ACCESS_DENIED, PFC_DID_NOT_EXECUTE);
		return true;
	}
	b = ack_begin(a, p, PDU_ALTER_RESP);
	smb3_put_u16(&b, 0); /* no secondary address */
	smb3_put_align(&b, 4);
	if (!put_results(a, p, &b)) {
		assoc_fault(a, p, SMB3_RPC_FAULT_PROTOCOL, PFC_DID_NOT_EXECUTE);
		return false;
	}
	auth_put_token(p, &b, &token);
	pdu_end(a, &b);
	return true;
}
