// SPDX-License-Identifier: Apache-2.0
/*
 * auth.h: who somebody is. Rows of kind AUTH are mechanisms (spnego, ntlm, krb5), rows of kind
 * ACCOUNTS are account stores; an identity is their result.
 */
#ifndef SMB3_AUTH_H
#define SMB3_AUTH_H

#include <smb3/base.h>
#include <smb3/cursor.h>
#include <smb3/status.h>
#include <smb3/time.h>
#include <stdatomic.h>

#define SMB3_IDENTITY_MAGIC SMB3_MAGIC('I', 'D', 'N', 'T')

/* Constant once made; counted from any thread. */
struct smb3_identity {
	uint32_t magic;
	_Atomic uint32_t refs;
	const char *name;   /* account, as the store spells it */
	const char *domain; /* "" when local */
	const char *unix_name;
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* supplementary */
	size_t n_groups;
	const char *mech; /* the log-on's: "ntlm", "krb5"; NULL: unknown. Static, set by the maker */
	/* SIDs that a domain's controller vouches for, the user's first, and those of smb3_identity_join()
	 * (group.h), in the form of the wire one after the other; set by the maker, freed with the
	 * identity. [MS-DTYP] 2.4.2.2 */
	uint8_t *sids;
	size_t sids_len;
	/* Groups of the account's store, by name, each with its zero byte, one after the other; by
	 * smb3_identity_join(), too */
	char *groups_of_store;
	size_t groups_of_store_len;
	bool guest, anonymous, admin; /* set by the maker, before anybody else sees it */
	struct smb3_server *server;
	/* slots follow */
};

/* Looks the Unix user up by nsswitch (may block) and makes an identity with one reference. When
 * the server cannot change users it serves as its own user whoever logs on. -ENOENT: no such
 * Unix user. */
int smb3_identity_new(struct smb3_server *server, const char *name, const char *domain,
		      const char *unix_name, struct smb3_identity **ret_identity);
struct smb3_identity *smb3_identity_ref(struct smb3_identity *id);
void smb3_identity_unref(struct smb3_identity *id); /* NULL is allowed */
/* The same account. Guests and anonymous users are the same as nobody but themselves. */
bool smb3_identity_same(const struct smb3_identity *a, const struct smb3_identity *b);

/* An account of a store. */
struct smb3_account {
	char name[256];
	char unix_name[256]; /* "" : the same as name */
	uint8_t nt_hash[16]; /* MD4 of the UTF-16LE password; wiped by whoever holds the struct */
	bool has_password, disabled, locked, admin;
	bool must_change;             /* the password, before anything else */
	smb3_nttime changed;          /* password */
	smb3_nttime expires;          /* 0: never */
	smb3_nttime password_expires; /* 0: never; as the store sees it, not kept */
};

/* Whether somebody who has proved to be that account's user may log on: STATUS_SUCCESS, or what keeps
 * him out, with the reason for the log. Never to be told to anybody else. */
static inline ntstatus smb3_account_status(const struct smb3_account *account,
					   const char **ret_reason)
{
	smb3_nttime now = smb3_now();
	const struct {
		bool so;
		ntstatus status;
		const char *reason;
	} table[] = {
		{ account->disabled, STATUS_ACCOUNT_DISABLED, "the account is disabled" },
		{ account->locked, STATUS_ACCOUNT_LOCKED_OUT, "the account is locked" },
		{ account->expires && account->expires <= now, STATUS_ACCOUNT_EXPIRED,
		  "the account has expired" },
		{ account->must_change, STATUS_PASSWORD_MUST_CHANGE,
		  "the password must be changed" },
		{ account->password_expires && account->password_expires <= now,
		  STATUS_PASSWORD_EXPIRED, "the password has expired" },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(table); i++) {
		if (!table[i].so)
			continue;
		*ret_reason = table[i].reason;
		return table[i].status;
	}
	return STATUS_SUCCESS;
}

/* A group that a store keeps. The file system knows nothing of it: it counts in ACLs and in the rules of
 * shares. Numbers (RIDs) stand below the machine's SID and are never given to a second group. */
#define SMB3_GROUP_RIDS     0xEF000000u
#define SMB3_GROUP_RIDS_END 0xF0000000u
struct smb3_group {
	char name[256], comment[256];
	uint32_t rid;
	bool alias; /* to clients a local group of the machine, and not a global one */
	uint32_t members;
};

enum smb3_group_op {
	SMB3_GROUP_ADD,    /* name, comment, alias */
	SMB3_GROUP_REMOVE, /* with its members */
	SMB3_GROUP_SET,    /* name, comment */
	SMB3_GROUP_JOIN,   /* member */
	SMB3_GROUP_LEAVE,  /* member */
};
struct smb3_group_change {
	enum smb3_group_op op;
	uint32_t rid;               /* of what is there */
	const char *name, *comment; /* NULL: as it is */
	bool alias;
	const char *member; /* an account */
};

struct smb3_accounts {
	const char *name;
	/* 0, -ENOENT, or another negative errno. Names are compared without case. Any thread.
	 * NULL: it keeps no accounts. */
	int (*find)(struct smb3_mod *mod, const char *name, struct smb3_account *ret_account);
	/* Adds; written to disk before it returns. -EEXIST: there is one of that name. NULL: cannot
	 * be. */
	int (*put)(struct smb3_mod *mod, const struct smb3_account *account);
	int (*remove)(struct smb3_mod *mod, const char *name);
	/* Changes an account as it is then, for nobody else changes it meanwhile; its name stays. On
	 * disk when it returns; may block. -ENOENT. NULL: cannot be. */
	int (*modify)(struct smb3_mod *mod, const char *name,
		      void (*change)(struct smb3_account *account, void *arg), void *arg);
	/* Marks it as locked, on disk: too many failed log-ons. May block. NULL: cannot be. */
	int (*lock)(struct smb3_mod *mod, const char *name);
	/* Stops when fn returns false. */
	int (*each)(struct smb3_mod *mod, bool (*fn)(const struct smb3_account *, void *),
		    void *arg);
	/* Whom an unknown user (claimed) or an anonymous log-on becomes: a guest or anonymous
	 * identity, or -EACCES. May block. NULL: this store has no say. */
	int (*guest)(struct smb3_mod *mod, const char *claimed, bool anonymous,
		     struct smb3_identity **ret_identity);
	/* Groups of its accounts; all four, or NULL: it keeps none. Any thread, may block; fn must not ask
	 * the store. By name, or by number when that is NULL: -ENOENT; -EAGAIN while smb3.conf is read for the
	 * first time. */
	int (*group_find)(struct smb3_mod *mod, uint32_t rid, const char *name,
			  struct smb3_group *ret_group);
	/* With member: those that this account is in. Stops when fn returns false. */
	int (*group_each)(struct smb3_mod *mod, const char *member,
			  bool (*fn)(const struct smb3_group *, void *), void *arg);
	int (*group_members)(struct smb3_mod *mod, uint32_t rid,
			     bool (*fn)(const char *account, void *), void *arg);
	/* On disk when it returns, with the group as it is then (or was). -ENOENT: no such group; -EEXIST:
	 * the name is taken, or the member in it; -ESRCH: no such account, or it is not in it; -EINVAL: it
	 * cannot have that name; -ENOSPC: a limit. */
	int (*group_change)(struct smb3_mod *mod, const struct smb3_group_change *change,
			    struct smb3_group *ret_group);
};

/* Asks the stores in load order. */
int smb3_account_find(struct smb3_server *server, const char *name,
		      struct smb3_account *ret_account);
/* -EACCES when no store grants it. */
int smb3_account_guest(struct smb3_server *server, const char *claimed, bool anonymous,
		       struct smb3_identity **ret_identity);

/* A log-on in progress. Lives on its channel; step runs in work (it may block). */
struct smb3_auth {
	const struct smb3_auth_mech *mech;
	const struct smb3_auth_mech *inner; /* SPNEGO's: what was agreed on; else NULL */
	struct smb3_server *server;
	struct smb3_arena *arena; /* the log-on's own: lives as long as it */
	void *state;              /* mech->state_size bytes, zeroed */
	char peer_name[64];       /* for logs and rules */
	bool tls;
	/* Results, when a step answers STATUS_SUCCESS: */
	struct smb3_identity *identity; /* a reference; whoever takes it sets this NULL */
	uint8_t key[32];                /* session key; wiped with the log-on */
	size_t key_len;                 /* 16, or more from Kerberos; 0: none (anonymous) */
	smb3_nttime expires;            /* ticket's end; 0: never */
	char reason[160];               /* why it failed, for the log (never for the peer) */
	char who[320];                  /* account as claimed, for the log */
};

/* A PDU of DCE/RPC between the two sides of a log-on. [MS-RPCE] 3.3.1.5.2.2 */
struct smb3_auth_message {
	uint8_t *pdu; /* up to the head of its security trailer, and with that */
	size_t len;
	size_t at, data_len; /* the part that is sealed, in place: the stub with its padding */
	bool seal;           /* else it is only signed */
	bool whole;          /* headers were agreed on: for who would sign that part only */
};

struct smb3_auth_mech {
	const char *name;   /* "ntlm" */
	const uint8_t *oid; /* DER value bytes of the mechanism's OID; NULL: it wraps others */
	size_t oid_len;
	int order; /* preference inside SPNEGO, ascending */
	size_t state_size;
	/* True when a first token is of this mechanism (SPNEGO, raw NTLMSSP, raw Kerberos). */
	bool (*match)(const uint8_t *token, size_t len);
	/* NEGOTIATE's security blob (SPNEGO only); false: none. */
	bool (*offer)(struct smb3_server *server, struct smb3_builder *out);
	/* One round trip. STATUS_MORE_PROCESSING_REQUIRED, STATUS_SUCCESS, or the failure. */
	ntstatus (*step)(struct smb3_auth *auth, const uint8_t *in, size_t len,
			 struct smb3_builder *out);
	void (*done)(struct smb3_auth *auth); /* free and wipe state; may be NULL */
	/* For SPNEGO's mechListMIC over the mechanism list, once the mech has succeeded: makes the
	 * server's, checks the client's. 0; -ENOKEY when the log-on gave no key to do it with;
	 * -EBADMSG when the client's is wrong. Both NULL: the mech has no such thing. */
	int (*mic_make)(struct smb3_auth *auth, const void *data, size_t len,
			struct smb3_builder *ret_mic);
	int (*mic_check)(struct smb3_auth *auth, const void *data, size_t len, const void *mic,
			 size_t mic_len);
	/* Whether SPNEGO may offer and take it now; on any thread, does not block. NULL: always. */
	bool (*available)(struct smb3_server *server);
	/* True when the log-on went so that a mechListMIC must be checked and sent. May be NULL. */
	bool (*wants_mic)(const struct smb3_auth *auth);
	/* Messages after the log-on, once the mech has succeeded; in order, one at a time, does not
	 * block. wrap_size: bytes of a signature for data of a multiple of 16 bytes; 0: what was
	 * agreed on cannot sign, or not seal. wrap: our message; 0 with the signature of that size.
	 * unwrap: the client's; -EBADMSG when it is not as it was sent. All three NULL: the mech has
	 * no such thing. */
	size_t (*wrap_size)(const struct smb3_auth *auth, bool seal);
	int (*wrap)(struct smb3_auth *auth, const struct smb3_auth_message *m, uint8_t *ret_sign);
	int (*unwrap)(struct smb3_auth *auth, const struct smb3_auth_message *m,
		      const uint8_t *sign, size_t sign_len);
};

/* Picks the mechanism that matches the token; NULL when none does. */
struct smb3_auth *smb3_auth_new(struct smb3_server *server, const char *peer_name,
				const uint8_t *token, size_t len);
/* A nested log-on of a given mechanism, inside outer (SPNEGO). */
struct smb3_auth *smb3_auth_new_mech(struct smb3_auth *outer, const struct smb3_auth_mech *mech);
void smb3_auth_free(struct smb3_auth *auth); /* NULL is allowed; wipes */

#endif
