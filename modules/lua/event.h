// SPDX-License-Identifier: Apache-2.0
/*
 * event.h: fields of events, of which each file has a table.
 */
#ifndef LUA_EVENT_H
#define LUA_EVENT_H

#include "script.h"

struct field {
	const char *name;
	/* Pushes one value, or nothing: there is none. */
	void (*get)(lua_State *L, struct state *st, const struct smb3_event *e);
	/* The value is at index 3. NULL: scripts cannot set it. */
	void (*set)(lua_State *L, struct smb3_event *e);
	uint64_t settable; /* points, as bits */
};

#define AT(point) (1ull << SMB3_HOOK_##point)

/* The last row has no name. */
extern const struct field fields_who[], fields_what[], fields_how[], fields_rpc[];

/* What the request under way says it is about. */
const struct smb3_peek *event_peek(struct state *st);
const struct smb3_stat *event_stat(const struct smb3_event *e, struct smb3_stat *room);

#endif
