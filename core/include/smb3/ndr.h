// SPDX-License-Identifier: Apache-2.0
/*
 * ndr.h: how arguments of remote procedures stand on the wire: NDR, transfer syntax version 2.
 * [C706] chapter 14, [MS-RPCE] 2.2.4, 2.2.5
 *
 * A reader and a writer over the cursor and the builder of cursor.h: the same sticky error, with
 * alignment. An interface reads its arguments in the order of the wire and tests once: the runtime
 * answers a fault by itself when the reader has gone wrong.
 *
 * What NDR defers stands where it is deferred to: read the scalar parts of a structure (a pointer is
 * its referent, smb3_ndr_ptr()), then what the pointers lead to, in their order.
 *
 *   [unique] wchar_t *server    if (smb3_ndr_ptr(in)) name = smb3_ndr_wstring(in);
 *   [ref] at top level          nothing: what it points to stands at once
 *   [ref] in a structure        like unique, but never null: smb3_ndr_ref(in)
 *   [size_is(n)] T *array       n; smb3_ndr_ptr(in); later smb3_ndr_array(in, n, ...), elements
 *   [switch_is(x)] union        smb3_ndr_switch(in, x); the arm
 *
 * A client can make nothing grow by a number: an array is given memory only when the bytes of its
 * elements are there, or against the call's budget.
 */
#ifndef SMB3_NDR_H
#define SMB3_NDR_H

#include <smb3/base.h>
#include <smb3/cursor.h>
#include <smb3/time.h>

#define SMB3_NDR_DEPTH_MAX  32
#define SMB3_NDR_HANDLE_LEN 20
#define SMB3_SID_AUTHS      15

/* ---- reading ---- */

struct smb3_ndr_in {
	struct smb3_cursor c; /* base: the first byte of the arguments; alignment counts from there */
	struct smb3_arena *arena;
	bool big;                   /* integers stand with the highest byte first */
	size_t budget;              /* bytes that arrays may still take in memory */
	unsigned int depth;         /* smb3_ndr_enter() */
	struct smb3_ndr_full *full; /* of smb3_ndr_full(), newest first */
	unsigned int n_full;
};

struct smb3_ndr_in smb3_ndr_in_init(struct smb3_arena *a, const void *data, size_t len);

static inline bool smb3_ndr_ok(const struct smb3_ndr_in *in)
{
	return !in->c.bad;
}

/* What was read makes no sense: like running out of bytes. */
static inline void smb3_ndr_bad(struct smb3_ndr_in *in)
{
	in->c.bad = true;
}

/* Steps to a multiple of to (a power of two). Structures align to their widest member. */
void smb3_ndr_align(struct smb3_ndr_in *in, size_t to);
uint8_t smb3_ndr_u8(struct smb3_ndr_in *in);
uint16_t smb3_ndr_u16(struct smb3_ndr_in *in);
uint32_t smb3_ndr_u32(struct smb3_ndr_in *in);
uint64_t smb3_ndr_u64(struct smb3_ndr_in *in);    /* hyper: aligned to 8 */
uint64_t smb3_ndr_udlong(struct smb3_ndr_in *in); /* two u32, low first: aligned to 4 */
struct smb3_guid smb3_ndr_guid(struct smb3_ndr_in *in);
const uint8_t *smb3_ndr_bytes(struct smb3_ndr_in *in, size_t len); /* NULL when bad */

/* A unique pointer: true when it leads somewhere. */
static inline bool smb3_ndr_ptr(struct smb3_ndr_in *in)
{
	return smb3_ndr_u32(in) != 0;
}

/* A reference pointer inside of a structure: null makes the reader bad. */
static inline void smb3_ndr_ref(struct smb3_ndr_in *in)
{
	if (!smb3_ndr_u32(in))
		smb3_ndr_bad(in);
}

/* A full pointer: null, the first that leads to its object (which is to be read where it is deferred
 * to, and told by smb3_ndr_full_is), or one more that leads to an object that was read. */
struct smb3_ndr_full {
	struct smb3_ndr_full *next;
	uint32_t id;
	void *object; /* NULL until it was read */
};
struct smb3_ndr_full *smb3_ndr_full(struct smb3_ndr_in *in, bool *ret_first); /* NULL: null */

/* The tag of a union, 32 bits; must be the value of its [switch_is]. */
void smb3_ndr_switch(struct smb3_ndr_in *in, uint32_t expected);

/* The maximum count of a conformant array, at most max. */
uint32_t smb3_ndr_conformance(struct smb3_ndr_in *in, uint32_t max);
/* Offset (which has to be 0) and actual count of a varying array, at most max. */
uint32_t smb3_ndr_variance(struct smb3_ndr_in *in, uint32_t max);
/* Memory for count elements of mem bytes each, zeroed, that take wire bytes each at least; NULL when
 * they cannot be there, and the reader is bad. Also NULL, and good, for none. */
void *smb3_ndr_alloc(struct smb3_ndr_in *in, uint32_t count, size_t wire, size_t mem);
/* A conformant array of count elements, as its [size_is] said: the conformance, checked, and the
 * memory. */
void *smb3_ndr_array(struct smb3_ndr_in *in, uint32_t count, size_t wire, size_t mem);

/* [string] wchar_t: conformant and varying, with its terminator; UTF-8 in the arena. NULL and bad for
 * what is no string. */
char *smb3_ndr_wstring(struct smb3_ndr_in *in);
/* The same with 8-bit characters, which have to be UTF-8. */
char *smb3_ndr_string(struct smb3_ndr_in *in);
/* A unique pointer at top level and its string; NULL for null, too. */
char *smb3_ndr_wstring_ptr(struct smb3_ndr_in *in);

/* RPC_UNICODE_STRING [MS-DTYP] 2.3.10: the structure, and later what its pointer leads to. */
struct smb3_ndr_counted {
	uint16_t len, max; /* bytes */
	bool present;
};
struct smb3_ndr_counted smb3_ndr_counted(struct smb3_ndr_in *in);
/* UTF-8, "" when it is empty; NULL when the pointer is null (or bad). */
char *smb3_ndr_counted_text(struct smb3_ndr_in *in, const struct smb3_ndr_counted *head);

/* RPC_SID [MS-DTYP] 2.4.2.3, with its conformance. */
struct smb3_rpc_sid {
	uint8_t revision, n_auths;
	uint8_t authority[6];
	uint32_t auths[SMB3_SID_AUTHS];
};
struct smb3_rpc_sid smb3_ndr_sid(struct smb3_ndr_in *in);

/* A context handle; rpc.h finds what it stands for. */
struct smb3_rpc_handle {
	uint8_t bytes[SMB3_NDR_HANDLE_LEN]; /* as on the wire; all zero: none */
};
struct smb3_rpc_handle smb3_ndr_handle(struct smb3_ndr_in *in);

/* Around a structure that holds structures of its own kind. False: too deep, and the reader is bad. */
bool smb3_ndr_enter(struct smb3_ndr_in *in);
void smb3_ndr_leave(struct smb3_ndr_in *in);

/* ---- writing ---- */

struct smb3_ndr_out {
	struct smb3_builder b;
	uint32_t referents; /* pointers written so far */
};

struct smb3_ndr_out smb3_ndr_out_init(struct smb3_arena *a, size_t max);

void smb3_ndr_put_align(struct smb3_ndr_out *out, size_t to);
void smb3_ndr_put_u8(struct smb3_ndr_out *out, uint8_t v);
void smb3_ndr_put_u16(struct smb3_ndr_out *out, uint16_t v);
void smb3_ndr_put_u32(struct smb3_ndr_out *out, uint32_t v);
void smb3_ndr_put_u64(struct smb3_ndr_out *out, uint64_t v);
void smb3_ndr_put_udlong(struct smb3_ndr_out *out, uint64_t v);
void smb3_ndr_put_guid(struct smb3_ndr_out *out, const struct smb3_guid *guid);
void smb3_ndr_put_bytes(struct smb3_ndr_out *out, const void *data, size_t len);
/* A pointer: a referent of its own, or null. What it leads to follows where it is deferred to. */
void smb3_ndr_put_ptr(struct smb3_ndr_out *out, bool present);
/* [string] wchar_t, with conformance, variance and terminator. */
void smb3_ndr_put_wstring(struct smb3_ndr_out *out, const char *s);
void smb3_ndr_put_string(struct smb3_ndr_out *out, const char *s);
/* A unique pointer at top level and its string; null for NULL. */
void smb3_ndr_put_wstring_ptr(struct smb3_ndr_out *out, const char *s);
/* RPC_UNICODE_STRING: the structure, and later its characters (nothing for NULL). The second pair has
 * the terminator within MaximumLength, as some procedures want it (LSA_UNICODE_STRING of names). */
void smb3_ndr_put_counted(struct smb3_ndr_out *out, const char *s);
void smb3_ndr_put_counted_text(struct smb3_ndr_out *out, const char *s);
void smb3_ndr_put_counted_z(struct smb3_ndr_out *out, const char *s);
void smb3_ndr_put_counted_text_z(struct smb3_ndr_out *out, const char *s);
void smb3_ndr_put_sid(struct smb3_ndr_out *out, const struct smb3_rpc_sid *sid);
void smb3_ndr_put_handle(struct smb3_ndr_out *out, const struct smb3_rpc_handle *h);

/* A security descriptor whose DACL allows only. */
struct smb3_rpc_ace {
	uint32_t access;
	struct smb3_rpc_sid sid;
};
struct smb3_rpc_security {
	struct smb3_rpc_sid owner, group;
	const struct smb3_rpc_ace *aces;
	uint16_t n_aces;
};
/* Bytes by their length: DWORD, and a unique pointer to a conformant array; both at once. What
 * LSAPR_SR_SECURITY_DESCRIPTOR, SAMPR_... and ADT_SECURITY_DESCRIPTOR are. */
void smb3_ndr_put_blob(struct smb3_ndr_out *out, const void *data, size_t len);
/* The parts of it that which asks for (SECURITY_INFORMATION, [MS-DTYP] 2.4.7), self-relative. */
void smb3_ndr_put_security(struct smb3_ndr_out *out, const struct smb3_rpc_security *sd,
			   uint32_t which);

#endif
