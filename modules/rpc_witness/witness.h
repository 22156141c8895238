// SPDX-License-Identifier: Apache-2.0
/*
 * witness.h: what the files of module rpc_witness share. [MS-SWN]
 *
 * Who has registered, and what he is still to be told, is known in smb3d, on worker 0; smb3-rpcd has the
 * context handles, which are no more than numbers of registrations.
 */
#ifndef RPC_WITNESS_H
#define RPC_WITNESS_H

#include <smb3/smb3.h>

/* Questions, and what they take and give: */
/* - -> list: b family, 16 address */
#define SMB3_ASK_WITNESS_INTERFACES 0x50
/* 4 version, 4 flags, 4 seconds to wait, t network name, t share or "", t address, t client, ... the
 * addresses that were seen -> 8 id */
#define SMB3_ASK_WITNESS_REGISTER 0x51
/* 8 id -> - */
#define SMB3_ASK_WITNESS_UNREGISTER 0x52
/* later: 8 id -> 4 type, 4 messages, ... their bytes */
#define SMB3_ASK_WITNESS_NOTIFY 0x53

#define WITNESS_V1 0x00010001u
#define WITNESS_V2 0x00020000u

#define WITNESS_WANTS_IP 0x1u /* flag of WitnessrRegisterEx */

#define WITNESS_NAME_MAX  255 /* bytes of names */
#define WITNESS_ADDRESSES 64  /* of one machine that are looked at */

struct witness_conf {
	int64_t registrations, per_user;
	uint64_t unused, watch;
};

/* ---- address.c ---- */

struct witness_address {
	uint8_t family; /* 4, 6; 0: none */
	uint8_t bytes[16];
};

struct witness_addresses {
	size_t n;
	struct witness_address list[WITNESS_ADDRESSES];
};

/* False: it is no numeric address, or none of one machine. */
bool witness_address_parse(const char *text, struct witness_address *ret_address);
bool witness_address_same(const struct witness_address *a, const struct witness_address *b);
bool witness_address_in(const struct witness_addresses *list, const struct witness_address *a);
void witness_address_put(struct smb3_builder *b, const struct witness_address *a);
struct witness_address witness_address_get(struct smb3_cursor *c);
/* Those of this machine that clients can connect to. Asks the kernel; 0 or a negative errno. */
int witness_addresses_read(const struct smb3_server *server, struct witness_addresses *ret_list);

/* ---- registry.c ---- */

/* [MS-SWN] 2.2.2.4 */
enum witness_message {
	WITNESS_RESOURCE_CHANGE = 1,
	WITNESS_CLIENT_MOVE = 2,
	WITNESS_SHARE_MOVE = 3,
	WITNESS_IP_CHANGE = 4,
};

enum witness_state { WITNESS_UNKNOWN = 0, WITNESS_AVAILABLE = 1, WITNESS_UNAVAILABLE = 0xff };

#define WITNESS_CHANGES 16 /* of addresses that one registration is still to be told */

struct witness_change {
	struct witness_address address;
	bool online;
};

/* What one client wants to hear, and has not heard yet. [MS-SWN] 3.1.1.3 */
struct witness_registration {
	struct smb3_list link;
	uint64_t id, pipe;
	struct smb3_identity *who;
	uint32_t version, flags, seconds;
	const char *net_name, *share, *client;
	const char *peer; /* where it came from */
	const char *address_text;
	struct witness_address address;
	uint64_t born, used; /* smb3_clock() */
	struct smb3_rpc_asking *waiting;
	struct smb3_timer patience;
	enum witness_state changed; /* UNKNOWN: not */
	struct witness_address move, share_move;
	struct witness_change changes[WITNESS_CHANGES];
	size_t n_changes;
	struct smb3_arena *arena; /* all of it */
};

struct witness_registry {
	struct smb3_list list;
	size_t n;
	uint64_t last_id;
};

struct witness_limits {
	int64_t all, per_user;
};

void witness_registry_init(struct witness_registry *r);
void witness_registry_free(struct witness_registry *r);
/* what: pipe, who, version, flags, seconds, names, address; all copied. -ENOSPC at a limit. */
int witness_register(struct witness_registry *r, const struct witness_registration *what,
		     const struct witness_limits *limits, uint64_t *ret_id);
struct witness_registration *witness_find(struct witness_registry *r, uint64_t id);
void witness_unregister(struct witness_registry *r, struct witness_registration *reg);
/* The pipe is gone. */
void witness_forget_pipe(struct witness_registry *r, uint64_t pipe);
/* Nobody has waited for so long, in milliseconds. */
void witness_forget_unused(struct witness_registry *r, uint64_t unused);
/* Whoever asks waits until there is something; -EINPROGRESS, or 0 with the answer. */
int witness_wait(struct witness_registration *reg, struct smb3_rpc_asking *asking);
void witness_wait_ends(struct witness_registration *reg);

/* Whom a move is for; share NULL: a client's move. */
struct witness_whom {
	const char *client; /* the name that it has given, or where it came from; NULL: all */
	const char *share;
};

/* How many are told, and of them how many at once. */
size_t witness_move(struct witness_registry *r, const struct witness_whom *whom,
		    const struct witness_address *to, size_t *ret_at_once);
/* The machine's addresses were those, and are these. */
void witness_addresses_changed(struct witness_registry *r, const struct witness_addresses *before,
			       const struct witness_addresses *now);

/* ---- answer.c: in smb3d ---- */

struct witness {
	struct witness_registry registry;
	struct smb3_server *server;
	struct witness_addresses known;
	bool is_known, looking;
	uint64_t looked; /* smb3_clock() */
};

extern const struct smb3_rpc_question witness_ask_interfaces, witness_ask_register,
	witness_ask_unregister, witness_ask_notify;
extern const struct smb3_hook witness_hook_tick;
int witness_init(struct smb3_mod *mod);
void witness_fini(struct smb3_mod *mod);

/* ---- ctl.c ---- */

extern const struct smb3_ctl_command witness_ctl_move, witness_ctl_list;

#endif
