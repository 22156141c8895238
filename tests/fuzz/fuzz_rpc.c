// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_rpc.c: what clients write into a pipe: PDUs, and the arguments of every interface that is built,
 * through the real bind. Input: which interface (1 byte; fuzz_interface()), which procedure (1), a byte of flags, then the
 * arguments of one request; or, with FLAG_PDUS, PDUs as they are, after the bind; or, with FLAG_CALLS,
 * calls, in which handles that the server has given out are put into the place of the first argument:
 * procedure (1), handle (1; 255: none), 2 bytes of arguments, 2 of answers, those bytes. The answers to
 * procedures' questions are bytes of the input, too (FLAG_REFUSED: none is answered; FLAG_LATE: that
 * of the first call is answered after it, or given up, FLAG_GIVE_UP).
 */
#include "fuzz_rpc.h"

#include <errno.h>

#define FLAG_PDUS    1
#define FLAG_REFUSED 2
#define FLAG_ADMIN   4
#define FLAG_CALLS   8
#define FLAG_LATE    16
#define FLAG_GIVE_UP 32

#define HANDLE      20
#define HANDLES_MAX 8
#define STUB_AT     24 /* in a response */

static struct rpcd_host host;
static const struct smb3_rpc_interface *bound;
static struct smb3_cursor answers;
static bool answers_none, answers_late;
static uint8_t handles[HANDLES_MAX][HANDLE];
static unsigned int n_handles;

/* A handle's first four bytes are zero, and not all of the others. */
static void handle_note(const uint8_t *p)
{
	static const uint8_t zero[HANDLE];

	if (!memcmp(p, zero, 4) && memcmp(p, zero, HANDLE))
		memcpy(handles[n_handles++ % HANDLES_MAX], p, HANDLE);
}

/* They stand first in most answers, and before the status in the others. */
static void take(struct smb3_rpc_assoc *a, const uint8_t *pdu, size_t len)
{
	CHECK(len >= PDU_HEADER && pdu[0] == 5);
	if (pdu[2] != PDU_RESPONSE || len < STUB_AT + HANDLE + 4)
		return;
	handle_note(pdu + STUB_AT);
	handle_note(pdu + len - HANDLE - 4);
}

static int ask(struct smb3_rpc_assoc *a, struct smb3_arena *arena, uint32_t question,
	       const struct smb3_builder *in, struct smb3_cursor *ret_answer)
{
	size_t len = smb3_cursor_left(&answers);
	uint8_t room[64];
	struct smb3_builder logon = smb3_builder_init(room, sizeof(room));

	if (fuzz_answer_logon(question, &logon)) {
		*ret_answer = smb3_cursor_init(smb3_arena_copy(arena, room, logon.len), logon.len);
		return 0;
	}
	/* An interface that is denied has nothing to be found. */
	if (question == SMB3_ASK_BIND)
		len = 0;
	else if (answers_none)
		return -EACCES;
	else if (answers_late)
		return -EINPROGRESS;
	*ret_answer = smb3_cursor_init(smb3_arena_copy(arena, answers.pos, len), len);
	return 0;
}

static const struct rpcd_host_ops ops = { .send = take, .ask = ask };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	rpcd_host_init(&host, &ops);
	host.limits = (struct rpcd_limits){ 1 << 20, 1 << 20, 16 };
	host.facts = (struct smb3_rpc_facts){ "FILES", "WORKGROUP", "", "1", .started = 1 };
	fuzz_interfaces_load(&host);
	return 0;
}

static void bind_to(struct smb3_rpc_assoc *a)
{
	uint8_t pdu[FUZZ_PDU_MAX];
	struct smb3_builder b = smb3_builder_init(pdu, sizeof(pdu));

	fuzz_put_bind(&b, bound);
	CHECK(rpcd_assoc_input(a, pdu, b.len));
}

static void request(struct smb3_rpc_assoc *a, uint16_t opnum, const uint8_t *data, size_t len)
{
	uint8_t pdu[FUZZ_PDU_MAX];
	struct smb3_builder b = smb3_builder_init(pdu, sizeof(pdu));

	fuzz_put_request(&b, bound, &(struct fuzz_stub){ opnum, data, len });
	(void)rpcd_assoc_input(a, pdu, b.len);
}

static size_t piece(struct smb3_cursor *c, size_t len, const uint8_t **ret_data)
{
	if (len > smb3_cursor_left(c))
		len = smb3_cursor_left(c);
	if (len > FUZZ_STUB_MAX)
		len = FUZZ_STUB_MAX;
	*ret_data = smb3_get_bytes(c, len);
	return len;
}

static void calls(struct smb3_rpc_assoc *a, struct smb3_cursor *c)
{
	uint8_t stub[FUZZ_STUB_MAX];

	n_handles = 0;
	while (smb3_cursor_left(c) >= 6) {
		uint8_t opnum = smb3_get_u8(c), handle = smb3_get_u8(c);
		size_t in = smb3_get_u16(c), out = smb3_get_u16(c);
		unsigned int known = n_handles < HANDLES_MAX ? n_handles : HANDLES_MAX;
		const uint8_t *data;

		in = piece(c, in, &data);
		memcpy(stub, data, in);
		if (known && handle != 0xff && in >= HANDLE)
			memcpy(stub, handles[handle % known], HANDLE);
		out = piece(c, out, &data);
		answers = smb3_cursor_init(data, out);
		request(a, opnum, stub, in);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct smb3_cursor c = smb3_cursor_init(data, len);
	uint8_t which = smb3_get_u8(&c), opnum = smb3_get_u8(&c), flags = smb3_get_u8(&c);
	struct smb3_rpc_caller who = { "alice", "", "192.0.2.1", 1, .guest = false };
	struct smb3_rpc_assoc *a;

	if (!smb3_cursor_ok(&c))
		return 0;
	who.admin = flags & FLAG_ADMIN;
	answers = c;
	answers_none = flags & FLAG_REFUSED;
	answers_late = false;
	bound = fuzz_interface(&host, which);
	a = rpcd_assoc_new(&host, bound->pipes[0], &who);
	bind_to(a);
	answers_late = flags & FLAG_LATE;
	if (flags & FLAG_PDUS)
		(void)rpcd_assoc_input(a, c.pos, smb3_cursor_left(&c));
	else if (flags & FLAG_CALLS)
		calls(a, &c);
	else
		request(a, opnum, c.pos, smb3_cursor_left(&c));
	answers_late = false;
	if (flags & FLAG_LATE)
		(void)rpcd_assoc_late(a, 1, flags & FLAG_GIVE_UP ? -ECANCELED : 0, &answers);
	rpcd_assoc_free(a);
	return 0;
}
