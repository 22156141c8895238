// SPDX-License-Identifier: Apache-2.0
/*
 * rpc.h: remote procedures over named pipes. [MS-RPCE], [C706]
 *
 * Marshalling code runs in a process of its own, smb3-rpcd, which has no files, no network and no
 * privileges. A module may have two halves, that never call each other:
 *
 *   row of kind RPC   an interface: its procedures run in smb3-rpcd. Its own thread runs a call from
 *                     begin to end; it may wait (smb3_rpc_ask) and must not keep state outside of
 *                     context handles.
 *   row of kind ASK   a question that procedures may put to the server: runs in smb3d, where the
 *                     shares, sessions and accounts are. Its input is not to be trusted: it comes
 *                     from a process that talks to strangers all day.
 *
 * smb3d loads the module too, for its rows (which pipes there are) and its questions; it calls
 * nothing of the interface. Modules with interfaces link with libsmb3rpc and need module rpc.
 * smb3-rpc(7) walks through one; modules/rpc_echo is a complete one.
 */
#ifndef SMB3_RPC_H
#define SMB3_RPC_H

#include <smb3/arena.h>
#include <smb3/base.h>
#include <smb3/cursor.h>
#include <smb3/ndr.h>
#include <smb3/utf16.h>
#include <string.h>

/* ---- interfaces: in smb3-rpcd ---- */

/* As in "4b324fc8-1670-01d3-1278-5a47bf6ee188": SMB3_RPC_UUID(0x4b324fc8, 0x1670, 0x01d3, 0x12,
 * 0x78, 0x5a, 0x47, 0xbf, 0x6e, 0xe1, 0x88). */
#define SMB3_RPC_UUID(a, b, c, ...)                                                      \
	{                                                                                \
		{                                                                        \
			(uint8_t)(a), (uint8_t)((a) >> 8), (uint8_t)((a) >> 16),         \
				(uint8_t)((a) >> 24), (uint8_t)(b), (uint8_t)((b) >> 8), \
				(uint8_t)(c), (uint8_t)((c) >> 8), __VA_ARGS__           \
		}                                                                        \
	}

/* What a call is answered with instead of results. [MS-RPCE] 2.2.1.1, [C706] appendix E */
enum smb3_rpc_fault {
	SMB3_RPC_OK = 0,
	SMB3_RPC_FAULT_ACCESS_DENIED = 0x00000005,
	SMB3_RPC_FAULT_NDR = 0x000006F7, /* arguments that do not decode */
	SMB3_RPC_FAULT_SEC_PKG = 0x00000721,
	SMB3_RPC_FAULT_CANCEL = 0x1C00000D,
	SMB3_RPC_FAULT_CONTEXT_MISMATCH = 0x1C00001A, /* no such context handle */
	SMB3_RPC_FAULT_NO_MEMORY = 0x1C00001B,
	SMB3_RPC_FAULT_OP_RANGE = 0x1C010002, /* no such procedure */
	SMB3_RPC_FAULT_UNKNOWN_IF = 0x1C010003,
	SMB3_RPC_FAULT_PROTOCOL = 0x1C01000B,
	SMB3_RPC_FAULT_BUSY = 0x1C010014,
};

/* Who calls: whoever opened the pipe, or logged on at its bind. */
struct smb3_rpc_caller {
	const char *user, *domain; /* "" for anonymous */
	const char *address;       /* of the client */
	uint64_t session;          /* the SMB session's id */
	bool guest, anonymous, admin;
};

/* What does not change while smb3-rpcd runs. */
struct smb3_rpc_facts {
	const char *server, *workgroup; /* names */
	const char *comment;            /* rpc.comment */
	const char *version;            /* of smb3d */
	struct smb3_guid guid;          /* the server's */
	uint64_t started;               /* NT time */
};

struct smb3_rpc_call {
	const struct smb3_rpc_interface *interface;
	uint16_t opnum;
	uint8_t auth_level;             /* 0: none; [MS-RPCE] 2.2.1.1.8 */
	struct smb3_arena *arena;       /* dies with the call */
	struct smb3_ndr_in *in;         /* the arguments */
	struct smb3_ndr_out *out;       /* the results */
	const char *pipe;               /* name of the pipe that it came over */
	const struct smb3_guid *object; /* UUID of an object, or NULL */
	const struct smb3_rpc_caller *caller;
	const struct smb3_rpc_facts *facts;
	struct smb3_rpc_assoc *assoc; /* the runtime's */
};

/* Reads arguments from in, writes results to out. SMB3_RPC_OK, or a fault (then nothing of out is
 * sent). Arguments that did not decode are a fault whatever it answers, but it must see that by
 * itself (smb3_ndr_ok) before it acts on them. */
typedef uint32_t (*smb3_rpc_run)(struct smb3_rpc_call *call);

struct smb3_rpc_op {
	const char *name; /* "NetrShareEnum" */
	smb3_rpc_run run; /* NULL: a fault, SMB3_RPC_FAULT_OP_RANGE */
};

/* A row of kind RPC. */
struct smb3_rpc_interface {
	const char *name; /* "srvsvc" */
	struct smb3_guid uuid;
	uint16_t major, minor;    /* a client's minor version may be lower */
	const char *const *pipes; /* where it is found: "srvsvc"; NULL-terminated. Interfaces may
				      share pipes */
	const struct smb3_rpc_op *ops; /* by opnum */
	size_t n_ops;
	uint8_t min_auth; /* calls with a lower level of authentication are denied; 0: any */
};

/* ---- context handles ---- */

/* One constant per sort of thing that a handle may stand for. */
struct smb3_rpc_handle_type {
	const char *name;
	void (*free)(void *object); /* closed, or its client is gone. May be NULL */
};

/* A new handle, until it is closed or the association of its client ends. False at the limit
 * (rpc.handles): object stays the caller's. */
bool smb3_rpc_handle_new(struct smb3_rpc_call *call, const struct smb3_rpc_handle_type *type,
			 void *object, struct smb3_rpc_handle *ret_handle);
/* What it stands for; NULL when it is no handle of this client, interface and type (answer
 * SMB3_RPC_FAULT_CONTEXT_MISMATCH). Stays valid during the call. */
void *smb3_rpc_handle_find(struct smb3_rpc_call *call, const struct smb3_rpc_handle_type *type,
			   const struct smb3_rpc_handle *handle);
/* Frees the object, too. False: no such handle. */
bool smb3_rpc_handle_close(struct smb3_rpc_call *call, const struct smb3_rpc_handle_type *type,
			   const struct smb3_rpc_handle *handle);

/* ---- asking the server: from a procedure ---- */

/* Questions; who answers them is said after the colon. Numbers from 0x8000 on are for modules from
 * elsewhere. A question takes and gives what stands beside it; lists are rows, each after a byte 1,
 * closed by a byte 0 (all) or 2 (cut short): smb3_rpc_next(). t: text, b: byte, 4, 8: numbers. */
enum smb3_rpc_question_id {
	SMB3_ASK_SHARES =
		1, /* rpc: t name or "" -> list: t name, t path, t comment, 4 flags. The path
				is told to administrators only */
	SMB3_ASK_SESSIONS, /* rpc: - -> list: 8 id, t user, t address, 4 opens, 4 age, 4 idle
				seconds, 4 flags. Users are told of their own only */
	SMB3_ASK_TREES,    /* rpc: - -> list: 8 session, 4 id, t share, t user, t address, 4 opens,
				4 age. Administrators only */
	SMB3_ASK_OPENS,    /* rpc: - -> list: 8 id, 8 session, t user, t share, t path, 4 access,
				4 locks. Administrators only */
	SMB3_ASK_CLOSE_OPEN,    /* rpc: 8 id -> -. Administrators only */
	SMB3_ASK_CLOSE_SESSION, /* rpc: 8 id -> -. Administrators only */
};

#define SMB3_RPC_SHARE_PIPE     0x1
#define SMB3_RPC_SHARE_HIDDEN   0x2 /* not in lists */
#define SMB3_RPC_SHARE_READONLY 0x4
#define SMB3_RPC_SHARE_GUEST    0x8
#define SMB3_RPC_SESSION_GUEST  0x1

#define SMB3_RPC_ANSWER_MAX (1u << 20)

/* Puts a question; waits. 0, or the negative errno that the server answered (-EACCES, -ENOENT,
 * -ENOSYS when nobody answers such questions ...). The answer lives as long as the call. */
int smb3_rpc_ask(struct smb3_rpc_call *call, uint32_t question, const struct smb3_builder *in,
		 struct smb3_cursor *ret_answer);

/* Text in questions and answers: its length, 4 bytes, and UTF-8. */
static inline void smb3_put_text(struct smb3_builder *b, const char *s)
{
	size_t len = strlen(s);

	smb3_put_u32(b, (uint32_t)len);
	smb3_put_bytes(b, s, len);
}

#define SMB3_RPC_TEXT_MAX 65536u

/* NULL, and the cursor is bad, for what is no UTF-8 or too long. */
static inline char *smb3_get_text(struct smb3_cursor *c, struct smb3_arena *a)
{
	uint32_t len = smb3_get_u32(c);
	const uint8_t *p = len <= SMB3_RPC_TEXT_MAX ? smb3_get_bytes(c, len) : NULL;
	char *s = p ? smb3_arena_alloc(a, len + 1u) : NULL;

	if (s)
		memcpy(s, p, len);
	if (s && strlen(s) == len && smb3_utf8_valid(s))
		return s;
	c->bad = true;
	return NULL;
}

enum { SMB3_RPC_LIST_END, SMB3_RPC_LIST_ROW, SMB3_RPC_LIST_CUT };

/* True: a row follows. At the end *ret_cut (may be NULL) says whether there was more. */
static inline bool smb3_rpc_next(struct smb3_cursor *answer, bool *ret_cut)
{
	uint8_t what = smb3_get_u8(answer);

	if (what != SMB3_RPC_LIST_ROW && ret_cut)
		*ret_cut = what == SMB3_RPC_LIST_CUT;
	return what == SMB3_RPC_LIST_ROW;
}

/* ---- answering: in smb3d ---- */

struct smb3_rpc_asking {
	struct smb3_server *server;
	struct smb3_worker *worker;      /* on which it runs; NULL on the pool */
	const struct smb3_identity *who; /* for whom the procedure runs */
	const char *address;             /* of the client */
	uint64_t session;                /* SMB session */
	struct smb3_cursor in;           /* not to be trusted */
	struct smb3_builder out;         /* at most SMB3_RPC_ANSWER_MAX */
	struct smb3_arena *arena;        /* until the answer is sent */
	bool cut;                        /* smb3_rpc_row() has refused one */
};

#define SMB3_ASK_ADMIN 0x1 /* others than administrators get -EACCES */
#define SMB3_ASK_WORK  0x2 /* may block: on the I/O pool, as the server itself */
#define SMB3_ASK_EACH  0x4 /* a list: called on every worker, one after the other; each adds rows */

/* A row of kind ASK. Runs on some worker's loop unless flags say otherwise. */
struct smb3_rpc_question {
	const char *name; /* "shares": for listings */
	uint32_t flags;
	int (*answer)(struct smb3_rpc_asking *asking); /* 0 or a negative errno */
};

#define SMB3_RPC_ROW_ROOM 8192u

/* Begins a row of a list, which may take 8 KiB; false when there is no room for one more, and the list
 * will say so. Its end is put by module rpc. */
static inline bool smb3_rpc_row(struct smb3_rpc_asking *asking)
{
	if (asking->cut || asking->out.len + SMB3_RPC_ROW_ROOM > SMB3_RPC_ANSWER_MAX) {
		asking->cut = true;
		return false;
	}
	smb3_put_u8(&asking->out, SMB3_RPC_LIST_ROW);
	return true;
}

#endif
