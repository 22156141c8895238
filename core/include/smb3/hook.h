// SPDX-License-Identifier: Apache-2.0
/*
 * hook.h: a row of kind HOOK watches or decides at one point of a request's life.
 *
 * Order bands: 100 guards, 300 policy, 500 features, 900 audit. Hooks of one point run in order;
 * the first DENY or WAIT ends the walk for all below 900, which see the verdict; ALLOW ends it
 * for policy (later policy hooks are not asked), PASS has no opinion.
 */
#ifndef SMB3_HOOK_H
#define SMB3_HOOK_H

#include <smb3/base.h>

enum smb3_hook_point {
	SMB3_HOOK_CONN_OPEN,
	SMB3_HOOK_CONN_CLOSE,
	SMB3_HOOK_NEGOTIATED,
	/* A round trip of a log-on is about to be looked into (nothing is known of the user yet). DENY
	 * refuses it unseen; WAIT: asked again after delay. When it was let through, AUTH_DONE follows
	 * with what it came to, also when the client has gone meanwhile: status
	 * (STATUS_MORE_PROCESSING_REQUIRED: not the last one), user, who. WAIT there holds the answer
	 * to a failure back for delay. */
	SMB3_HOOK_AUTH,
	SMB3_HOOK_AUTH_DONE,
	/* success or failure (status): DENY refuses a success. Without req: a log-on inside of a remote
	 * procedure call, on a session that stays what it is */
	SMB3_HOOK_AUTHENTICATED,
	SMB3_HOOK_LOGOFF,
	SMB3_HOOK_SHARE, /* in work: no share of smb3.conf has the name `path`; ALLOW gives one */
	SMB3_HOOK_TREE_CONNECT,   /* in work: DENY refuses; says with what access, and as whom */
	SMB3_HOOK_TREE_CONNECTED, /* the tree is there; DENY closes it again and answers status */
	SMB3_HOOK_TREE_DISCONNECT,
	SMB3_HOOK_REQUEST, /* before run; DENY answers with status. WAIT: the hook has pended the
			    * request with smb3_req_pend(); after smb3_req_resume() the hooks are asked
			    * again */
	/* A client is about to use an interface of an open pipe (rpc, path: the pipe): at a bind, and once
	 * more for each log-on inside of the pipe (who) that makes a call. DENY refuses; with the status
	 * STATUS_OBJECT_NAME_NOT_FOUND as if the pipe did not have it */
	SMB3_HOOK_BIND,
	/* smb3_req_deny() was called: status, reason; nothing to decide. On the loop, or in work. Also
	 * after a BIND that was denied, without req, with rpc */
	SMB3_HOOK_DENIED,
	/* In work: access is all that may be had of handle (stat), found by permission bits; the hook
	 * takes rights away, or replaces it by what it knows better. wanted: without these there is
	 * no open. create and open are NULL when somebody asks without opening. */
	SMB3_HOOK_ACCESS,
	/* In work: may the folder parent get a new entry (access FILE_ADD_FILE or
	 * FILE_ADD_SUBDIRECTORY), or lose the one that is handle (SMB3_DELETE)? */
	SMB3_HOOK_ENTRY,
	/* In work: handle is a new object in parent that nobody else has open. DENY takes it away
	 * again and fails the CREATE. */
	SMB3_HOOK_MADE,
	SMB3_HOOK_OPEN_CONFLICT, /* under file's mutex: an open meets others; WAIT parks it */
	SMB3_HOOK_OPENED,
	SMB3_HOOK_CLOSING, /* an open goes: features end their pended requests */
	SMB3_HOOK_IO,      /* bytes of a guarded file are touched: smb3_io_check(); DENY refuses */
	SMB3_HOOK_RENAMED, /* in work */
	SMB3_HOOK_REMOVED, /* in work or on the pool */
	SMB3_HOOK_CHANGED, /* other changes: smb3_changed(). On any thread, with nothing locked */
	SMB3_HOOK_DOOMED,  /* under file's mutex: its name goes with its last open */
	SMB3_HOOK_RESPONSE,
	SMB3_HOOK_LIMIT, /* a limit of smb3.conf stops a peer: smb3_limit_hit(); reason may be "" */
	SMB3_HOOK_NOTE,  /* a module or script has something for who listens: note and details */
	SMB3_HOOK_RELOAD,
	SMB3_HOOK_CTL,  /* an admin command (ctl) has ended; status, reason: why not well */
	SMB3_HOOK_TICK, /* once a second on each worker */
	SMB3_HOOK_POINTS
};

enum smb3_verdict { SMB3_PASS, SMB3_ALLOW, SMB3_DENY, SMB3_WAIT };

/* A named value of a NOTE. */
struct smb3_detail {
	const char *key, *value;
};

/* What happened; fields that a point does not name are NULL or 0. The hook may change only the
 * ones marked (out). */
struct smb3_event {
	enum smb3_hook_point point;
	struct smb3_server *server;
	struct smb3_worker *worker; /* NULL on a pool thread */
	struct smb3_conn *conn;
	struct smb3_session *session;
	struct smb3_tree *tree;
	struct smb3_share *share; /* (out for SHARE: a reference) */
	struct smb3_open *open;
	struct smb3_file *file;
	struct smb3_req *req;       /* ACCESS: NULL when a file system asks, for a listing */
	const struct smb3_ctx *ctx; /* ACCESS: to make VFS calls with */
	struct smb3_create *create;
	const struct smb3_io *io;           /* IO */
	const struct smb3_rpc_use *rpc;     /* BIND, DENIED */
	const struct smb3_ctl_request *ctl; /* CTL */
	const struct smb3_identity *who;
	struct smb3_handle *handle, *parent;        /* ACCESS, ENTRY, MADE; may be NULL */
	const struct smb3_stat *stat, *parent_stat; /* of these; may be NULL */
	const char *user;                  /* account as claimed: AUTH_DONE, AUTHENTICATED, LIMIT */
	const char *mech;                  /* that proved it, or did not: AUTHENTICATED */
	uint64_t delay;                    /* (out with WAIT) AUTH, AUTH_DONE: ms */
	const char *path;                  /* below the share */
	const char *new_path;              /* RENAMED */
	const char *note;                  /* NOTE: what is told, "tripwire" */
	const struct smb3_detail *details; /* NOTE */
	size_t n_details;
	const char *limit; /* LIMIT: "limits.opens" */
	uint32_t action;   /* CHANGED: FILE_ACTION_... of fscc.h */
	uint32_t filter;   /* CHANGED: FILE_NOTIFY_CHANGE_... of fscc.h */
	/* (out for ACCESS; for TREE_CONNECT: what the tree may give at most, more than read_only
	 * says, too) */
	uint32_t access;
	uint32_t wanted; /* ACCESS */
	bool maximal;    /* ACCESS: all of access matters, not only what is wanted of it */
	uint32_t mode;   /* (out for ENTRY) permission bits that a new object is made with */
	/* (out) AUTHENTICATED, TREE_CONNECT: everything below it must be encrypted; a hook of a
	 * later order may find that the client cannot, and deny */
	bool encrypt;
	uint32_t share_flags; /* (out) TREE_CONNECT: SMB2_SHAREFLAG_... that the client is told */
	/* (out for TREE_CONNECT) a reference: who the share makes of the user; NULL: the same */
	struct smb3_identity *identity;
	ntstatus status; /* the result so far; (out) with DENY: what to answer */
	/* (out) with DENY: why, for the log and `smb3ctl why`. AUTHENTICATED: why it failed; LOGOFF:
	 * why the session ends when its client did not ask for that */
	char reason[160];
};

struct smb3_hook {
	enum smb3_hook_point point;
	int order;
	const char *name; /* for traces: "acl" */
	enum smb3_verdict (*run)(struct smb3_mod *mod, struct smb3_event *event);
};

/* True when some hook is registered there: callers build events only then. */
bool smb3_hooked(const struct smb3_server *server, enum smb3_hook_point point);
/* A hook of one's own that has nothing to do for now is switched off, and on again: it is not asked,
 * and a point of which all are off costs what one without hooks does. From any thread. */
void smb3_hook_enable(struct smb3_server *server, const struct smb3_hook *hook, bool on);

/* Walks the hooks. event->status is set to STATUS_ACCESS_DENIED for a DENY that left it 0. */
enum smb3_verdict smb3_hook_run(struct smb3_event *event);

/* Who has changed something that clients can see tells so, when it is done and the file system shows
 * it: what happened (FILE_ACTION_ADDED, REMOVED, MODIFIED) and which facts are new
 * (FILE_NOTIFY_CHANGE_...; of an object with a stream's path, its stream is meant). Renames and
 * deletions by core and by module info run RENAMED and REMOVED instead.
 * From any thread, no file's mutex held. The first is about what is open, the second about a name
 * below a share. Costs nothing when nobody listens. */
void smb3_changed(struct smb3_open *o, uint32_t action, uint32_t filter);
void smb3_name_changed(struct smb3_share *share, const char *path, uint32_t action,
		       uint32_t filter);

/* A limit of smb3.conf stops a peer: logs its name, "limits.opens" (not every time in a flood, see
 * log.rate), and runs LIMIT. status is what the peer is answered, STATUS_PENDING when it has to wait,
 * 0 when the connection is refused or ends. session may
 * be NULL. On conn's worker. */
void smb3_limit_hit(struct smb3_conn *conn, struct smb3_session *session, const char *limit,
		    ntstatus status);

#endif
