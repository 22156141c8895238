// SPDX-License-Identifier: Apache-2.0
/*
 * slpack.h: packets of Spotlight: trees of values, as clients and servers of macOS send them to
 * each other. Apple has not documented them; this is what is seen on the wire.
 *
 *   packet   magic, 8 bytes; then words of 8 bytes: lengths, data, table of contents
 *   tag      a word before each value: 16 bits size in words with it, 16 bits type, 32 bits more
 *   complex  a tag whose further 32 bits say which entry of the table tells what follows it: an
 *            array, a dictionary, a text, ids, or a packet in the packet
 *
 * A value stands where its tag is, and the reader only moves forward: nothing can be read twice,
 * and offsets of the table, which say the same once more, are not followed.
 */
#ifndef RPC_MDSSVC_SLPACK_H
#define RPC_MDSSVC_SLPACK_H

#include <smb3/arena.h>
#include <smb3/cursor.h>
#include <smb3/time.h>

#define SL_DEPTH_MAX  16
#define SL_VALUES_MAX 16384      /* in one packet */
#define SL_PACKET_MAX (1u << 18) /* that we make: sizes in it have 16 bits */

enum sl_type {
	SL_NIL,
	SL_BOOL,  /* number */
	SL_INT,   /* number */
	SL_FLOAT, /* number: as it stands on the wire, IEEE 754 */
	SL_DATE,  /* number: as it stands on the wire; sl_date() */
	SL_UUID,  /* uuid */
	SL_TEXT,  /* text, UTF-8 */
	SL_WIDE,  /* text, which is UTF-16 on the wire; read as SL_TEXT */
	SL_ARRAY, /* values */
	SL_DICT,  /* values: key, value, key, value ... */
	SL_IDS,   /* ids, number: 16 bits kind, 16 bits 0, 32 bits context; 0 without ids */
	SL_META,  /* values: those of the packet in it */
};

struct sl_value {
	enum sl_type type;
	uint32_t count; /* values, ids */
	uint64_t number;
	struct sl_value *first, *last; /* ARRAY, DICT, META */
	struct sl_value *next;         /* in that */
	union {
		const char *text;
		const uint64_t *ids;
		struct smb3_guid uuid;
	};
};

/* The values of a packet, an array; NULL for what is none. All is in the arena. */
struct sl_value *sl_decode(struct smb3_arena *a, const void *data, size_t len);
/* A packet with the values of root, an array; of max bytes at most, else the builder is bad. */
struct smb3_builder sl_encode(struct smb3_arena *a, const struct sl_value *root, size_t max);

/* ---- looking at values ---- */

/* The value at that place, if it is of that type; NULL, also for a list that is NULL. */
const struct sl_value *sl_at(const struct sl_value *list, uint32_t index, enum sl_type type);
/* What a dictionary has under key, if it is of that type; else NULL. */
const struct sl_value *sl_get(const struct sl_value *dict, const char *key, enum sl_type type);

/* ---- making values ---- */

/* Each is added at the end of list, and given back. */
struct sl_value *sl_add(struct smb3_arena *a, struct sl_value *list, enum sl_type type);
struct sl_value *sl_add_number(struct smb3_arena *a, struct sl_value *list, enum sl_type type,
			       uint64_t number);
struct sl_value *sl_add_text(struct smb3_arena *a, struct sl_value *list, const char *text);
/* A key of a dictionary; its value is added after it. */
static inline struct sl_value *sl_key(struct smb3_arena *a, struct sl_value *dict, const char *key)
{
	(void)sl_add_text(a, dict, key);
	return dict;
}

uint64_t sl_date(smb3_nttime when);

#endif
