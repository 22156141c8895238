// SPDX-License-Identifier: Apache-2.0
/*
 * runtime.h: the DCE/RPC runtime of smb3-rpcd, which knows neither processes nor pipes: bytes of a
 * client go in, PDUs come out, questions go to whoever hosts it (the process, a test, a fuzz target).
 * [C706] chapters 9, 12, 13; [MS-RPCE] 3.3
 *
 * An association is one open pipe. One thread at a time works for it; associations of one group share
 * their context handles, each of which one call at a time uses.
 */
#ifndef RPCD_RUNTIME_H
#define RPCD_RUNTIME_H

#include <pthread.h>
#include <smb3/list.h>
#include <smb3/rpc.h>
#include <stdatomic.h>

#define PDU_HEADER   16
#define PDU_FRAG     5840 /* what we send and take at most, as others do */
#define PDU_TRAILER  8    /* head of a security trailer */
#define PDU_FRAG_MIN 1432 /* [C706] 12.6.3.1: everybody takes that much */

enum pdu_type {
	PDU_REQUEST = 0,
	PDU_RESPONSE = 2,
	PDU_FAULT = 3,
	PDU_BIND = 11,
	PDU_BIND_ACK = 12,
	PDU_BIND_NAK = 13,
	PDU_ALTER = 14,
	PDU_ALTER_RESP = 15,
	PDU_AUTH3 = 16,
	PDU_SHUTDOWN = 17,
	PDU_CANCEL = 18,
	PDU_ORPHANED = 19,
};

#define PFC_FIRST           0x01
#define PFC_LAST            0x02
#define PFC_HEADER_SIGN     0x04 /* in bind, alter and their answers */
#define PFC_CONC_MPX        0x10
#define PFC_DID_NOT_EXECUTE 0x20
#define PFC_OBJECT          0x80

/* A received PDU, header decoded. body stands after the header and ends before the verifier. */
struct pdu {
	uint8_t type, flags;
	bool big;
	uint16_t frag_len, auth_len;
	uint32_t call_id;
	uint8_t *data; /* all of it; in the association's buffer */
	struct smb3_cursor body;
	/* The security trailer, with auth_len: [MS-RPCE] 2.2.2.11 */
	uint8_t auth_type, auth_level, auth_pad;
	uint32_t auth_id;
	const uint8_t *auth_value;
};

/* False: this is no PDU that can be answered. */
bool pdu_parse(struct pdu *p, uint8_t *data, size_t len);
uint16_t pdu_u16(struct pdu *p);
uint32_t pdu_u32(struct pdu *p);
/* Begins a PDU; pdu_end() sends it. */
struct smb3_builder pdu_begin(struct smb3_arena *a, uint8_t type, uint8_t flags, uint32_t call_id);
void pdu_end(struct smb3_rpc_assoc *a, struct smb3_builder *b);
/* The head of a trailer, when value_len more bytes are to follow. */
void pdu_put_trailer(struct smb3_builder *b, const struct pdu *like, uint8_t pad, size_t value_len);

/* ---- who hosts it ---- */

struct rpcd_host;
struct smb3_module;

struct rpcd_host_ops {
	/* One PDU for the client. */
	void (*send)(struct smb3_rpc_assoc *a, const uint8_t *pdu, size_t len);
	/* The answer is in the arena. */
	int (*ask)(struct smb3_rpc_assoc *a, struct smb3_arena *arena, uint32_t question,
		   const struct smb3_builder *in, struct smb3_cursor *ret_answer);
};

struct rpcd_limits {
	uint32_t request, response; /* bytes of one call, reassembled */
	uint32_t handles;           /* per group */
};

/* Since the process began; they wrap. */
struct rpcd_counts {
	_Atomic uint32_t calls, pdus_in, pdus_out;
};

struct rpcd_host {
	const struct rpcd_host_ops *ops;
	struct smb3_rpc_facts facts;
	struct rpcd_limits limits;
	const struct smb3_rpc_interface **interfaces;
	size_t n_interfaces;
	pthread_mutex_t lock; /* of groups */
	struct smb3_list groups;
	uint32_t last_group;
	struct rpcd_counts counts;
};

void rpcd_host_init(struct rpcd_host *host, const struct rpcd_host_ops *ops);
/* Adds the interfaces of a module's rows. */
void rpcd_host_add(struct rpcd_host *host, const struct smb3_module *module);
void rpcd_host_done(struct rpcd_host *host);

/* ---- handles ---- */

/* Associations of one client that share handles. [C706] 9.3, [MS-RPCE] 3.3.1.5.6 */
struct rpcd_group {
	struct smb3_list link;
	uint32_t id, refs; /* under the host's lock */
	uint64_t session;  /* whose: nobody else may join */
	char *user, *domain;
	bool nobody, admin;   /* nobody: a guest, or without a name */
	pthread_mutex_t lock; /* of what follows; not held while a call runs */
	pthread_cond_t released;
	struct smb3_list handles;
	uint32_t n_handles;
};

/* A new one for id 0; the one of that id, if it is the caller's; else NULL. */
struct rpcd_group *group_join(struct rpcd_host *host, uint32_t id,
			      const struct smb3_rpc_caller *caller);
void group_leave(struct rpcd_host *host, struct rpcd_group *g);
/* The call that runs has ended: what it held is free for others. */
void handles_release(struct smb3_rpc_assoc *a);

/* ---- associations ---- */

#define CONTEXTS_MAX 32

struct rpcd_context {
	uint16_t id;
	uint16_t admitted; /* bits: 0: the pipe's user; n + 1: whom auths[n] is */
	const struct smb3_rpc_interface *interface;
};

/* A request whose fragments are being put together. */
struct rpcd_request {
	bool begun;
	bool big;
	uint16_t context, opnum;
	uint32_t call_id;
	bool has_object;
	struct smb3_guid object;
	struct rpcd_auth *auth; /* that all of its fragments are protected by; may be NULL */
	uint8_t *data;
	size_t len, size;
};

/* A call, from its last fragment to its answer; in its arena. */
struct rpcd_call {
	struct smb3_rpc_call call;
	struct smb3_ndr_in in;
	struct smb3_ndr_out out;
	/* while it waits */
	struct smb3_list link; /* of assoc.waiting */
	uint32_t key;          /* of the question */
	smb3_rpc_then then;
	struct rpcd_request request;
	struct smb3_arena *arena;
};

#define WAITING_REQUEST_MAX 65536u /* bytes of a request that may wait */

/* auth.c: security contexts of an association. [MS-RPCE] 3.3.1.5.2 */
enum auth_state { AUTH_BEGUN, AUTH_DONE, AUTH_FAILED };

#define AUTHS_MAX 8

struct rpcd_auth {
	enum auth_state state;
	uint8_t type, level;
	uint32_t id;                   /* the client's */
	uint16_t sign_len;             /* of a verifier's value; 0: requests have none */
	struct smb3_rpc_caller caller; /* once done; user and domain are its own */
};

struct smb3_rpc_assoc {
	struct rpcd_host *host;
	void *owner; /* the host's */
	char *pipe;
	struct smb3_rpc_caller caller; /* its strings are the association's */
	struct rpcd_group *group;      /* NULL before bind */
	struct rpcd_context contexts[CONTEXTS_MAX];
	size_t n_contexts;
	uint16_t max_send, max_receive; /* fragments */
	uint8_t *input;                 /* a PDU that is not all there */
	size_t input_len, input_size;
	struct rpcd_request request;
	struct rpcd_auth auths[AUTHS_MAX]; /* the first one is that of requests without verifier */
	size_t n_auths;
	const struct rpcd_auth
		*asks_as; /* whose questions the server takes ours for; NULL: the pipe's user's */
	bool header_sign; /* signatures are over headers, too */
	struct smb3_arena *arena; /* of what is going on now */
	struct smb3_list waiting; /* of rpcd_call.link */
	uint32_t last_key;
	uint32_t n_held; /* handles that the call which runs has; under the group's lock */
	bool broken;
};

/* caller is copied. */
struct smb3_rpc_assoc *rpcd_assoc_new(struct rpcd_host *host, const char *pipe,
				      const struct smb3_rpc_caller *caller);
/* Frees its handles when it was the last of its group. */
void rpcd_assoc_free(struct smb3_rpc_assoc *a);
/* Bytes of the client; answers come by send. False: the client has broken the protocol, nothing more
 * is taken. */
bool rpcd_assoc_input(struct smb3_rpc_assoc *a, const uint8_t *data, size_t len);
/* The answer to a question of a call that waits: the call goes on. err -ECANCELED: its client gives it
 * up, and is told; -ECONNABORTED: and is not. False as above. */
bool rpcd_assoc_late(struct smb3_rpc_assoc *a, uint32_t key, int err,
		     const struct smb3_cursor *answer);

/* mgmt.c */
extern const struct smb3_rpc_interface rpcd_mgmt;

/* bind.c */
bool interface_on_pipe(const struct smb3_rpc_interface *i, const char *pipe);
bool assoc_bind(struct smb3_rpc_assoc *a, struct pdu *p);
bool assoc_alter(struct smb3_rpc_assoc *a, struct pdu *p);
/* Whether the server lets the one who asks use it: 0, -EACCES, or -ENOENT: it is hidden. */
int interface_ask(struct smb3_rpc_assoc *a, const struct smb3_rpc_interface *i, uint8_t level,
		  bool looks);
/* The same for the request that came, asked once for each log-on; 0: yes. */
int context_admits(struct smb3_rpc_assoc *a, struct rpcd_context *c);

/* call.c */
bool assoc_request(struct smb3_rpc_assoc *a, struct pdu *p);
void assoc_fault(struct smb3_rpc_assoc *a, const struct pdu *p, uint32_t status, uint8_t flags);
void assoc_request_forget(struct smb3_rpc_assoc *a);
/* Ends the call that a->request is about: answers it; or keeps it, when fault says so. */
void call_end(struct smb3_rpc_assoc *a, struct rpcd_call *c, uint32_t fault);
/* What a procedure says, or what must be said instead. */
uint32_t call_judge(const struct smb3_rpc_call *call, uint32_t fault);

/* ---- wait.c: calls that wait ---- */

void wait_keep(struct smb3_rpc_assoc *a, struct rpcd_call *c);
/* CANCEL and ORPHANED: the client gives a call up. */
void wait_cancel(struct smb3_rpc_assoc *a, uint32_t call_id, bool told);
void wait_forget(struct smb3_rpc_assoc *a);

/* ---- auth.c ---- */

/* The token of a bind, alter or auth3: puts it to the server. 0 with *ret_reply (bytes in a->arena,
 * may be empty); or a negative errno: not accepted. */
int auth_step(struct smb3_rpc_assoc *a, const struct pdu *p, struct smb3_cursor *ret_reply);
/* Appends a trailer with that value, when there is one, to the answer to p. */
void auth_put_token(const struct pdu *p, struct smb3_builder *b, struct smb3_cursor *token);
/* A request's verifier is there, as it must be, and right: a->request.auth is set, what was sealed is
 * open, what follows the stub is cut off. Else a fault. */
uint32_t auth_check(struct smb3_rpc_assoc *a, struct pdu *p);
/* How many bytes of a response's fragment the trailer takes, padding not counted; 0: there is none. */
size_t auth_room(const struct smb3_rpc_assoc *a);
/* A call of that context goes on: the questions of the pipe are its user's again. */
uint32_t auth_resume(struct smb3_rpc_assoc *a, const struct rpcd_auth *auth);
/* Ends a response's PDU whose stub stands at stub: pads, seals, signs. False: it cannot be sent. */
bool auth_protect(struct smb3_rpc_assoc *a, struct smb3_builder *b, size_t stub);
void auth_forget(struct smb3_rpc_assoc *a);

#endif
