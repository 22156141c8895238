// SPDX-License-Identifier: Apache-2.0
/*
 * lsarpc.h: the parts of module rpc_lsarpc. [MS-LSAD], [MS-LSAT], [MS-DSSP]
 *   rpc_lsarpc   the tables; handles of the policy
 *   policy       what the policy says; its security
 *   lookup       SIDs to names and back; lookup_wire: how they stand on the wire
 *   known        names that are the same on all machines
 *   right        which privileges and rights there are
 *   holder       who holds them
 *   account      handles of those
 *   secret       secrets
 *   ask          what is asked of the server
 *   dssetup      the interface dssetup
 */
#ifndef RPC_LSARPC_LSARPC_H
#define RPC_LSARPC_LSARPC_H

#include <smb3/smb3.h>

/* Rights: [MS-LSAD] 2.2.1.1.2, 2.2.1.1.3 */
#define POLICY_VIEW_LOCAL     0x001u
#define POLICY_VIEW_AUDIT     0x002u
#define POLICY_GET_PRIVATE    0x004u
#define POLICY_CREATE_ACCOUNT 0x010u
#define POLICY_CREATE_SECRET  0x020u
#define POLICY_LOOKUP_NAMES   0x800u
#define ACCOUNT_VIEW          0x1u
#define ACCOUNT_PRIVILEGES    0x2u
#define ACCOUNT_SYSTEM_ACCESS 0x8u
#define SECRET_SET            0x1u
#define SECRET_QUERY          0x2u
#define DELETE_ACCESS         0x00010000u
#define READ_CONTROL          0x00020000u

/* What may be had of a sort of handle: by administrators all, by users what execute says. */
struct lsa_access {
	uint32_t all, read, write, execute;
};
extern const struct lsa_access lsa_policy_rights, lsa_account_rights, lsa_secret_rights;

/* What stands behind a policy's handle, an account's, and a secret's. */
struct lsa_policy {
	uint32_t access;
};

struct lsa_account {
	uint32_t access;
	struct smb3_rpc_sid sid;
};

struct lsa_secret {
	uint32_t access;
	char name[]; /* the secret may have gone */
};

extern const struct smb3_rpc_handle_type lsa_policy_type, lsa_account_type, lsa_secret_type;

/* Reads a handle that has to be a policy's. NULL with *ret_fault: it is none. */
struct lsa_policy *lsa_get_policy(struct smb3_rpc_call *call);

/* What smb3_rpc_ask() answered. */
ntstatus lsa_status(int err);
static inline uint32_t lsa_end(struct smb3_rpc_call *call, ntstatus status)
{
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

/* What is asked for, of what may be had: false when it is too much. */
bool lsa_access(const struct smb3_rpc_caller *who, uint32_t wanted, const struct lsa_access *rights,
		uint32_t *ret_access);

/* ---- policy.c ---- */

uint32_t lsa_query_policy(struct smb3_rpc_call *call);
uint32_t lsa_query_policy2(struct smb3_rpc_call *call);
uint32_t lsa_query_domain_policy(struct smb3_rpc_call *call);
uint32_t lsa_query_security(struct smb3_rpc_call *call);
uint32_t lsa_get_user_name(struct smb3_rpc_call *call);
uint32_t lsa_enum_trusts(struct smb3_rpc_call *call);
uint32_t lsa_enum_trusts_ex(struct smb3_rpc_call *call);

/* ---- known.c ---- */

/* A name that every machine knows. */
struct lsa_known {
	const char *sid;    /* "S-1-5-32-544" */
	const char *domain; /* "BUILTIN" */
	const char *name;   /* "" for a domain */
	uint8_t type;
};

const struct lsa_known *lsa_known_by_sid(const struct smb3_rpc_sid *sid);
/* domain NULL: any. */
const struct lsa_known *lsa_known_by_name(const char *domain, const char *name);
bool lsa_known_domain(const char *domain);

#define LSA_SID_TEXT 192
struct smb3_rpc_sid lsa_sid_parse(const char *text); /* of tables: it is one */
const char *lsa_sid_text(const struct smb3_rpc_sid *sid, char buf[LSA_SID_TEXT]);

/* ---- lookup.c ---- */

/* One name or SID, looked up. */
struct lsa_name {
	const char *asked; /* by name */
	uint8_t type;      /* enum smb3_sid_type; SMB3_SID_UNKNOWN: not found */
	struct smb3_rpc_sid sid;
	const char *domain, *name;
	uint32_t index; /* of its domain; LSA_NO_DOMAIN */
};

#define LSA_NO_DOMAIN   UINT32_MAX
#define LSA_NAMES_MAX   20480u /* [MS-LSAT] 2.2.4 */
#define LSA_DOMAINS_MAX 64

struct lsa_lookup {
	uint32_t n, found;
	struct lsa_name *names;
	uint32_t n_domains;
	struct {
		const char *name;
		struct smb3_rpc_sid sid;
	} domains[LSA_DOMAINS_MAX];
};

/* Finds them all; STATUS_SUCCESS, STATUS_SOME_NOT_MAPPED, STATUS_NONE_MAPPED or why not. */
ntstatus lsa_find_sids(struct smb3_rpc_call *call, struct lsa_lookup *l);
ntstatus lsa_find_names(struct smb3_rpc_call *call, struct lsa_lookup *l);

/* ---- lookup_wire.c ---- */

uint32_t lsa_lookup_sids(struct smb3_rpc_call *call);
uint32_t lsa_lookup_sids2(struct smb3_rpc_call *call);
uint32_t lsa_lookup_names(struct smb3_rpc_call *call);
uint32_t lsa_lookup_names2(struct smb3_rpc_call *call);
uint32_t lsa_lookup_names3(struct smb3_rpc_call *call);
/* LsarLookupSids3, LsarLookupNames4: for members of a domain over a secure channel only. */
uint32_t lsa_lookup_secure(struct smb3_rpc_call *call);

/* ---- right.c ---- */

#define LSA_NETWORK_LOGON "SeNetworkLogonRight"

struct lsa_right {
	const char *name, *display;
	uint32_t luid;   /* of a privilege */
	uint32_t access; /* of a right to log on: [MS-LSAD] 2.2.1.2 */
};

/* Sets of them are 64 bits, in the table's order. */
extern const struct lsa_right lsa_rights[];
extern const size_t lsa_n_rights;
uint64_t lsa_right_bit(const char *name); /* 0: there is no such right */
uint64_t lsa_rights_to_log_on(void);

char *lsa_get_string(struct smb3_ndr_in *in);
/* Entries from at on that fit, each of so many bytes, but one at least. */
uint32_t lsa_fit(uint32_t at, uint32_t total, uint32_t bytes, uint32_t each);
uint32_t lsa_enum_privileges(struct smb3_rpc_call *call);
uint32_t lsa_privilege_value(struct smb3_rpc_call *call);
uint32_t lsa_privilege_name(struct smb3_rpc_call *call);
uint32_t lsa_privilege_display(struct smb3_rpc_call *call);

/* ---- holder.c ---- */

struct lsa_holder {
	struct smb3_rpc_sid sid;
	uint64_t rights;
};

struct lsa_holders {
	struct lsa_holder *list;
	uint32_t n, room;
	uint32_t asked; /* rows of the server that were looked at */
};

#define LSA_HOLDERS_MAX 20000u

/* What the server grants by itself, and nobody takes away. */
uint64_t lsa_fixed_rights(const struct smb3_rpc_sid *sid);
/* Adds to an account's that is there, or a new one. */
void lsa_holders_add(struct smb3_arena *a, struct lsa_holders *h, const struct lsa_holder *one);
/* STATUS_OBJECT_NAME_NOT_FOUND: it holds nothing, as far as the caller may know. */
ntstatus lsa_holder_find(struct smb3_rpc_call *call, const struct smb3_rpc_sid *sid,
			 uint64_t *ret_rights);
/* Gives and takes, of an account that is there; what is fixed stays. */
ntstatus lsa_holder_change(struct smb3_rpc_call *call, const struct smb3_rpc_sid *sid,
			   uint64_t give, uint64_t take);
uint32_t lsa_enum_accounts(struct smb3_rpc_call *call);
uint32_t lsa_enum_accounts_with_right(struct smb3_rpc_call *call);
uint32_t lsa_enum_account_rights(struct smb3_rpc_call *call);
uint32_t lsa_add_account_rights(struct smb3_rpc_call *call);
uint32_t lsa_remove_account_rights(struct smb3_rpc_call *call);

/* ---- account.c ---- */

uint32_t lsa_create_account(struct smb3_rpc_call *call);
uint32_t lsa_open_account(struct smb3_rpc_call *call);
uint32_t lsa_account_privileges(struct smb3_rpc_call *call);
uint32_t lsa_account_add_privileges(struct smb3_rpc_call *call);
uint32_t lsa_account_remove_privileges(struct smb3_rpc_call *call);
uint32_t lsa_account_system_access(struct smb3_rpc_call *call);
uint32_t lsa_account_set_system_access(struct smb3_rpc_call *call);
uint32_t lsa_delete(struct smb3_rpc_call *call);
uint32_t lsa_delete_object(struct smb3_rpc_call *call);

/* ---- secret.c ---- */

/* LSAPR_CR_CIPHER_VALUE [MS-LSAD] 2.2.6.1, sealed with the session's key, which only the server has. */
struct lsa_sealed {
	const uint8_t *data; /* NULL: none */
	uint32_t len;
	uint64_t time;
};

uint32_t lsa_create_secret(struct smb3_rpc_call *call);
uint32_t lsa_open_secret(struct smb3_rpc_call *call);
uint32_t lsa_set_secret(struct smb3_rpc_call *call);
uint32_t lsa_query_secret(struct smb3_rpc_call *call);
uint32_t lsa_store_private(struct smb3_rpc_call *call);
uint32_t lsa_retrieve_private(struct smb3_rpc_call *call);

/* ---- ask.c ---- */

ntstatus lsa_ask_rights(struct smb3_rpc_call *call, const struct smb3_rpc_sid *sid,
			uint64_t *ret_rights);
/* Behind those that are in h. STATUS_NOT_SUPPORTED: nobody keeps any. */
ntstatus lsa_ask_holders(struct smb3_rpc_call *call, struct lsa_holders *h);
ntstatus lsa_ask_change(struct smb3_rpc_call *call, enum smb3_rights_change how,
			const struct lsa_holder *to_give, uint64_t take);
/* what: SMB3_ASK_MAKE_SECRET, ...FIND..., ...DELETE... */
ntstatus lsa_ask_secret(struct smb3_rpc_call *call, uint32_t what, const char *name);
ntstatus lsa_ask_secret_set(struct smb3_rpc_call *call, const char *name,
			    const struct lsa_sealed *now, const struct lsa_sealed *old);
/* The one of now, and the one of before. */
ntstatus lsa_ask_secret_get(struct smb3_rpc_call *call, const char *name,
			    struct lsa_sealed ret_values[2]);

/* ---- dssetup.c ---- */

extern const struct smb3_rpc_interface lsa_dssetup;

#endif
