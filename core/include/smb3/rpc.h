// SPDX-License-Identifier: Apache-2.0
/*
 * rpc.h: remote procedures over named pipes. [MS-RPCE], [C706]
 *
 * Marshalling code runs in a process of its own, smb3-rpcd, which has no files, no network and no
 * privileges. A module may have two halves, that never call each other:
 *
 *   row of kind RPC   an interface: its procedures run in smb3-rpcd. A thread of its own runs a call;
 *                     it may wait (smb3_rpc_ask; for long: smb3_rpc_ask_later) and must not keep
 *                     state outside of context handles.
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

/* Levels of authentication, [MS-RPCE] 2.2.1.1.8 */
enum smb3_rpc_level {
	SMB3_RPC_LEVEL_NONE = 1,
	SMB3_RPC_LEVEL_CONNECT = 2,   /* who somebody is, at the beginning */
	SMB3_RPC_LEVEL_CALL = 3,      /* as the next one */
	SMB3_RPC_LEVEL_PACKET = 4,    /* every fragment is his ... */
	SMB3_RPC_LEVEL_INTEGRITY = 5, /* ... and as he sent it; both are signed */
	SMB3_RPC_LEVEL_PRIVACY = 6,   /* and sealed */
};

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
	SMB3_RPC_PENDING = 0xffffffff, /* none: smb3_rpc_ask_later() */
};

/* An interface that somebody is about to use: SMB3_HOOK_BIND. */
struct smb3_rpc_use {
	const char *interface, *module, *pipe; /* names */
	struct smb3_guid uuid;
	uint16_t major, minor;
	uint8_t level; /* enum smb3_rpc_level */
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
	void *state;                  /* the procedure's, for smb3_rpc_ask_later(); in arena */
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

/* Calls over several pipes of one client run side by side; a handle that one of them has found is its
 * alone until it ends (or waits), others wait for it. A call that has one does not wait for a second
 * one, which is then not found: two could wait for each other. */

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
	/* The runtime's own, about security contexts ([MS-RPCE] 3.3.1.5.2): keys stay with the server. 4
	 * context: the client's number; PDU: b flags, 2 where the stub begins, 2 its bytes with padding,
	 * 2 bytes up to the signature, those bytes */
	SMB3_ASK_LOGON =
		16, /* rpc: 4 context, b type, b level, ... token -> b 0 (goes on), ... token; or
				b 1, b flags of the caller, 2 bytes of a signature, t user, t domain,
				... token */
	SMB3_ASK_UNWRAP, /* rpc: 4 context, PDU, ... signature -> ... stub when it was sealed */
	SMB3_ASK_WRAP,   /* rpc: 4 context, PDU -> ... stub when it is to be sealed, signature */
	SMB3_ASK_CALLER, /* rpc: 4 context, or nothing: the pipe's user -> -. Whose questions the next ones are */
	SMB3_ASK_BIND, /* rpc: UUID, 2 major, 2 minor, b level, b looks -> -. Whether the interface may be
			    used; looks: by a list. -EACCES; -ENOENT: as if there were none */
	/* The runtime's, about questions that are answered later */
	SMB3_ASK_FORGET = 24, /* rpc: 4 key -> -. One is not to be answered any more */
	SMB3_ASK_SLEEP,       /* rpc, later: 4 milliseconds, at most an hour -> - */
	/* Accounts, groups and their names; module sam, whose header says what an account's row is. SIDs
	 * stand as on the wire, [MS-DTYP] 2.4.2.2. Not for anonymous users, and not all for guests */
	SMB3_ASK_SIDS = 32, /* sam: 4 n, n SIDs -> n times: b type, t domain, t name */
	SMB3_ASK_NAMES,     /* sam: 4 n, n times: b where, t name -> n times: b type, SID, t domain,
				t name */
	SMB3_ASK_ACCOUNTS,  /* sam: 4 skip, 4 most -> list of accounts, in the store's order */
	SMB3_ASK_ACCOUNT,   /* sam: 4 RID or 0, t name -> an account */
	SMB3_ASK_GROUPS,  /* sam: 4 skip, 4 most, b SMB3_SID_GROUP or ..._ALIAS -> list of groups */
	SMB3_ASK_MEMBERS, /* sam: 4 RID of a group -> list: 4 RID, t name */
	SMB3_ASK_GROUPS_OF,      /* sam: 4 RID of an account -> list: 4 RID, b type */
	SMB3_ASK_RULES,          /* sam: - -> 4 characters that a password needs */
	SMB3_ASK_CREATE_ACCOUNT, /* sam: t name -> an account. Administrators only, and all below */
	SMB3_ASK_DELETE_ACCOUNT, /* sam: 4 RID -> - */
	SMB3_ASK_CHANGE_ACCOUNT, /* sam: 4 RID, 4 which, 4 flags, 8 expires -> - */
	SMB3_ASK_SET_PASSWORD,   /* sam: 4 RID, b form, 4 length, its bytes -> 4 NTSTATUS */
	SMB3_ASK_NEW_PASSWORD,   /* sam: t name, b form, 4 length, its bytes -> 4 NTSTATUS. Whoever
				     knows the old one */
	SMB3_ASK_GROUP,          /* sam: 4 RID -> a group */
	SMB3_ASK_CHANGE_GROUP, /* sam: b enum smb3_group_op, 4 RID, b which, t name, t comment, b type,
				     4 RID of a member -> a group. Administrators only. -EROFS: it is none
				     of a store; -EEXIST, -ESRCH, -EINVAL, -ENOSPC as in auth.h */
	/* What administrators keep on the server, for them only; module lsa. Rights are their names, a blank
	 * between two; values of secrets are sealed with the session's key, [MS-LSAD] 5.1.2 */
	SMB3_ASK_HOLDERS = 0x70, /* lsa: 4 skip -> list: SID, t rights */
	SMB3_ASK_RIGHTS,         /* lsa: SID -> t rights */
	SMB3_ASK_CHANGE_RIGHTS,  /* lsa: b how, SID, t rights to give, t to take -> - */
	SMB3_ASK_MAKE_SECRET,    /* lsa: t name -> -. -ENOSYS, here and below: there are none */
	SMB3_ASK_FIND_SECRET,    /* lsa: t name -> - */
	SMB3_ASK_SET_SECRET, /* lsa: t name, b which, for each 4 length, its bytes -> 4 NTSTATUS */
	SMB3_ASK_GET_SECRET, /* lsa: t name -> twice, now and before: b there, 8 time, and when there
				4 length, its bytes */
	SMB3_ASK_DELETE_SECRET, /* lsa: t name -> - */
};

/* A group in answers: 4 RID, b type, t name, t comment, 4 members (0 for those of the system in lists).
 * "which" of SMB3_ASK_CHANGE_GROUP: */
#define SMB3_GROUP_NAME    0x1
#define SMB3_GROUP_COMMENT 0x2

/* "how" of SMB3_ASK_CHANGE_RIGHTS */
enum smb3_rights_change {
	SMB3_RIGHTS_MAKE,   /* an account: -EEXIST when it is there */
	SMB3_RIGHTS_CHANGE, /* one that is there */
	SMB3_RIGHTS_PUT,    /* it is made when it is to have rights, and goes with its last */
	SMB3_RIGHTS_DELETE,
};

/* "which" of SMB3_ASK_SET_SECRET: what is not given there is none of; the old one is that of before
 * unless it is given. */
#define SMB3_SECRET_NOW 0x1
#define SMB3_SECRET_OLD 0x2

/* "where" of SMB3_ASK_NAMES, and types of names there and in SMB3_ASK_SIDS: [MS-SAMR] 2.2.2.3 */
enum { SMB3_NAME_ANY, SMB3_NAME_MACHINE, SMB3_NAME_UNIX_USER, SMB3_NAME_UNIX_GROUP };
enum smb3_sid_type {
	SMB3_SID_NONE = 0, /* nobody knows it */
	SMB3_SID_USER = 1,
	SMB3_SID_GROUP = 2,
	SMB3_SID_DOMAIN = 3,
	SMB3_SID_ALIAS = 4,
	SMB3_SID_WELL_KNOWN = 5,
	SMB3_SID_INVALID = 7,
	SMB3_SID_UNKNOWN = 8,
};

#define SMB3_RPC_NAMES_MAX 1024 /* SIDs or names in one question */

/* An account of the server, in answers: 4 RID, t name, t full name, 4 flags, 4 RID of the primary
 * group, 8 time of the password, 8 its expiry, 8 the account's (NT times; 0: never). */
#define SMB3_ACCOUNT_DISABLED    0x01
#define SMB3_ACCOUNT_LOCKED      0x02
#define SMB3_ACCOUNT_ADMIN       0x04
#define SMB3_ACCOUNT_MUST_CHANGE 0x08
#define SMB3_ACCOUNT_NO_PASSWORD 0x10
/* "which" of SMB3_ASK_CHANGE_ACCOUNT: those flags, and: */
#define SMB3_ACCOUNT_EXPIRES 0x100

/* "form" of SMB3_ASK_SET_PASSWORD, with the session's key: [MS-SAMR] 2.2.6.21, 2.2.6.22, 2.2.6.32 */
enum { SMB3_PASSWORD_RC4, SMB3_PASSWORD_RC4_SALT, SMB3_PASSWORD_AES };
/* "form" of SMB3_ASK_NEW_PASSWORD, with the old password: buffer and proof of
 * SamrUnicodeChangePasswordUser2, 3.1.5.10.3; or, of ...4, salt, iterations (8), authenticator, and the
 * rest: what was sealed. */
enum { SMB3_CHANGE_RC4, SMB3_CHANGE_AES };

#define SMB3_RPC_CALLER_GUEST     0x1 /* flags of SMB3_ASK_LOGON */
#define SMB3_RPC_CALLER_ANONYMOUS 0x2
#define SMB3_RPC_CALLER_ADMIN     0x4
#define SMB3_RPC_PDU_SEAL         0x1 /* flags of a PDU */
#define SMB3_RPC_PDU_WHOLE        0x2 /* the signature is over headers, too */
#define SMB3_RPC_SHARE_PIPE       0x1
#define SMB3_RPC_SHARE_HIDDEN     0x2 /* not in lists */
#define SMB3_RPC_SHARE_READONLY   0x4
#define SMB3_RPC_SHARE_GUEST      0x8
#define SMB3_RPC_SESSION_GUEST    0x1

#define SMB3_RPC_ANSWER_MAX (1u << 20)

/* Puts a question; waits: for the server's work, not for an event. 0, or the negative errno that the server answered (-EACCES, -ENOENT,
 * -ENOSYS when nobody answers such questions ...). The answer lives as long as the call. */
int smb3_rpc_ask(struct smb3_rpc_call *call, uint32_t question, const struct smb3_builder *in,
		 struct smb3_cursor *ret_answer);

/* A call that waits for something that may take any time takes no thread, no rpc.call_time and no
 * handle meanwhile: it puts a question that is answered later (SMB3_ASK_LATER) and goes on in then(),
 * perhaps on another thread, with the same call: arena, arguments, results, state. err and answer are as
 * of smb3_rpc_ask(): -EBUSY when too many wait (rpc.waiting...). When the client gives the call up, or is
 * gone, the server forgets the question and then() is not called; so what it holds is in the arena. */
typedef uint32_t (*smb3_rpc_then)(struct smb3_rpc_call *call, int err, struct smb3_cursor *answer);

/* Puts it. What a procedure (or then) returns is what this returns, which may be what then() does. */
uint32_t smb3_rpc_ask_later(struct smb3_rpc_call *call, uint32_t question,
			    const struct smb3_builder *in, smb3_rpc_then then);

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

/* A SID as on the wire of SMB, without the conformance that NDR puts before it. */
static inline void smb3_put_rpc_sid(struct smb3_builder *b, const struct smb3_rpc_sid *sid)
{
	smb3_put_u8(b, sid->revision);
	smb3_put_u8(b, sid->n_auths);
	smb3_put_bytes(b, sid->authority, sizeof(sid->authority));
	for (uint8_t i = 0; i < sid->n_auths && i < SMB3_SID_AUTHS; i++)
		smb3_put_u32(b, sid->auths[i]);
}

static inline struct smb3_rpc_sid smb3_get_rpc_sid(struct smb3_cursor *c)
{
	struct smb3_rpc_sid sid = { .revision = smb3_get_u8(c), .n_auths = smb3_get_u8(c) };
	const uint8_t *authority = smb3_get_bytes(c, sizeof(sid.authority));

	if (!authority || sid.revision != 1 || sid.n_auths > SMB3_SID_AUTHS) {
		c->bad = true;
		return (struct smb3_rpc_sid){ 0 };
	}
	memcpy(sid.authority, authority, sizeof(sid.authority));
	for (uint8_t i = 0; i < sid.n_auths; i++)
		sid.auths[i] = smb3_get_u32(c);
	return sid;
}

static inline bool smb3_rpc_sid_equal(const struct smb3_rpc_sid *a, const struct smb3_rpc_sid *b)
{
	return a->n_auths == b->n_auths && !memcmp(a->authority, b->authority, 6) &&
	       !memcmp(a->auths, b->auths, a->n_auths * sizeof(a->auths[0]));
}

/* S-1-authority-... with one more number at its end. */
static inline struct smb3_rpc_sid smb3_rpc_sid_below(const struct smb3_rpc_sid *domain,
						     uint32_t rid)
{
	struct smb3_rpc_sid sid = *domain;

	if (sid.n_auths < SMB3_SID_AUTHS)
		sid.auths[sid.n_auths++] = rid;
	return sid;
}

/* True, with the last number: sid stands directly below domain. */
static inline bool smb3_rpc_sid_in(const struct smb3_rpc_sid *sid,
				   const struct smb3_rpc_sid *domain, uint32_t *ret_rid)
{
	struct smb3_rpc_sid above = *sid;

	if (!sid->n_auths)
		return false;
	above.n_auths--;
	if (!smb3_rpc_sid_equal(&above, domain))
		return false;
	*ret_rid = sid->auths[above.n_auths];
	return true;
}

/* The SID of the machine, below which its accounts stand: it lasts as long as the server's GUID. */
static inline struct smb3_rpc_sid smb3_machine_sid(const struct smb3_guid *guid)
{
	struct smb3_cursor c = smb3_cursor_init(guid->bytes, sizeof(guid->bytes));
	struct smb3_rpc_sid sid = { 1, 4, { 0, 0, 0, 0, 0, 5 }, { 21 } };

	for (int i = 1; i < 4; i++)
		sid.auths[i] = smb3_get_u32(&c);
	return sid;
}

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
	uint64_t pipe;            /* over which the call came: a number that does not return */
	struct smb3_arena *arena; /* until the answer is sent */
	bool cut;                 /* smb3_rpc_row() has refused one */
	/* The key that is the client's and the server's for what RPC keeps secret, [MS-SMB2] 3.3.4.18;
	 * all zero for anonymous users. Never to be put into out */
	const uint8_t *key;
	size_t key_len;
	void *state;         /* the answer's own, for reloaded(); in arena */
	ntstatus attempt;    /* (out) PROVES: STATUS_WRONG_PASSWORD and such are failures */
	const char *account; /* (out) PROVES: whose password; in arena */
	/* Ends a question whose answer() was -EINPROGRESS. On worker 0; asking is gone then. */
	void (*finish)(struct smb3_rpc_asking *asking, int err);
};

#define SMB3_ASK_ADMIN 0x1 /* others than administrators get -EACCES */
#define SMB3_ASK_WORK  0x2 /* may block: on the I/O pool, as the server itself */
#define SMB3_ASK_PROVES \
	0x8 /* checks a password: with WORK. As a log-on does, it waits for nobody but is
			       refused (-EAGAIN) while its address owes for earlier failures; the answer
			       says by attempt and account how it went */
#define SMB3_ASK_EACH 0x4 /* a list: called on every worker, one after the other; each adds rows */
/* For smb3_rpc_ask_later(): answer() says -EINPROGRESS, and finish() ends it whenever it likes, on worker
 * 0, unless cancel() is called first. As many may wait as rpc.waiting, rpc.waiting_session and
 * rpc.waiting_pipe allow; others get -EBUSY. Not with WORK, EACH, PROVES. */
#define SMB3_ASK_LATER 0x10

/* A row of kind ASK. Runs on some worker's loop unless flags say otherwise. Without WORK, EACH and PROVES
 * that is worker 0's, and answer() may say -EINPROGRESS: work that it has begun elsewhere then comes to
 * finish(), soon, for a thread of smb3-rpcd waits. */
struct smb3_rpc_question {
	const char *name; /* "shares": for listings */
	uint32_t flags;
	int (*answer)(struct smb3_rpc_asking *asking); /* 0 or a negative errno */
	/* With WORK, for answers that change what smb3.conf includes: after an answer of 0 the
	 * configuration is read again, and this called, on the I/O pool, with the reason of a refusal,
	 * or NULL. It undoes what was refused, and has the last word. Such questions wait for each
	 * other. */
	int (*reloaded)(struct smb3_rpc_asking *asking, const char *refused);
	/* LATER: the client has given it up, or is gone: asking is gone after this. On worker 0. */
	void (*cancel)(struct smb3_rpc_asking *asking);
	/* A pipe over which this was asked is gone, and with it whatever was kept for it. On worker 0;
	 * for questions that are answered there (without WORK and EACH). Optional. */
	void (*closed)(struct smb3_server *server, uint64_t pipe);
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
