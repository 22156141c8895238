// SPDX-License-Identifier: Apache-2.0
/*
 * samr.h: the parts of module rpc_samr. [MS-SAMR]
 *   rpc_samr   the table
 *   server     handles; connecting, domains by name
 *   domain     what a domain is: policies, names and numbers
 *   list       enumerations
 *   display    SamrQueryDisplayInformation
 *   group      groups and aliases: opened, told of
 *   group_set  groups and aliases made, changed, removed, with their members
 *   member     who is in them
 *   user       users: opening, groups, rules for passwords
 *   user_info  levels of SamrQueryInformationUser
 *   change     users made, changed, removed; passwords
 *   ask        what is asked of the server
 *   security   security descriptors of handles
 *
 * There are two domains: the machine, with accounts, the group None, groups and aliases of the stores, and
 * Unix groups as aliases; and BUILTIN, with three aliases.
 */
#ifndef RPC_SAMR_SAMR_H
#define RPC_SAMR_SAMR_H

#include <smb3/smb3.h>

#define RID_NONE    513u
#define RID_ADMINS  544u
#define RID_USERS   545u
#define RID_GUESTS  546u
#define GROUP_ATTRS 7u /* mandatory, enabled by default, enabled */

/* USER_ACCOUNT codes: [MS-SAMR] 2.2.1.12 */
#define USER_DISABLED         0x00000001u
#define USER_PASSWORD_NOT_REQ 0x00000004u
#define USER_NORMAL           0x00000010u
#define USER_DONT_EXPIRE      0x00000200u
#define USER_AUTO_LOCKED      0x00000400u
#define USER_PASSWORD_EXPIRED 0x00020000u

/* ---- handles ---- */

enum samr_kind { SAMR_SERVER, SAMR_DOMAIN, SAMR_USER, SAMR_GROUP, SAMR_ALIAS, SAMR_KINDS };

struct samr_object {
	enum samr_kind kind;
	uint32_t access;
	bool builtin; /* domains and aliases */
	uint32_t rid; /* users, groups, aliases */
};

/* Rights of a sort of handle: [MS-SAMR] 2.2.1.3 to 2.2.1.7 */
struct samr_rights {
	uint32_t all, read, write, execute;
};
extern const struct samr_rights samr_rights[SAMR_KINDS];

#define SERVER_ENUMERATE     0x10u
#define SERVER_LOOKUP        0x20u
#define DOMAIN_READ_PASSWORD 0x001u
#define DOMAIN_READ_OTHER    0x004u
#define DOMAIN_CREATE_USER   0x010u
#define DOMAIN_CREATE_GROUP  0x020u
#define DOMAIN_CREATE_ALIAS  0x040u
#define DOMAIN_MEMBERSHIP    0x080u
#define DOMAIN_LIST          0x100u
#define DOMAIN_LOOKUP        0x200u
#define GROUP_READ           0x01u
#define GROUP_WRITE          0x02u
#define GROUP_ADD            0x04u
#define GROUP_REMOVE         0x08u
#define GROUP_LIST           0x10u
#define ALIAS_ADD            0x01u
#define ALIAS_REMOVE         0x02u
#define ALIAS_LIST           0x04u
#define ALIAS_READ           0x08u
#define ALIAS_WRITE          0x10u
#define USER_READ_GENERAL    0x001u
#define USER_WRITE_ACCOUNT   0x020u
#define USER_SET_PASSWORD    0x080u
#define USER_LIST_GROUPS     0x100u
#define SAMR_READ_CONTROL    0x00020000u
#define SAMR_DELETE          0x00010000u

/* Reads a handle that has to be of that kind, and gives those rights. NULL: *ret_status says why;
 * SAMR_NO_HANDLE: it is none, and the call is a fault. */
#define SAMR_NO_HANDLE ((ntstatus)0xFFFFFFFF)
struct samr_object *samr_get(struct smb3_rpc_call *call, enum samr_kind kind);
static inline bool samr_may(const struct samr_object *o, uint32_t right)
{
	return (o->access & right) == right;
}
/* Any kind. */
struct samr_object *samr_get_any(struct smb3_rpc_call *call);
/* A handle for what is described, with the access that is wanted. */
ntstatus samr_open(struct smb3_rpc_call *call, const struct samr_object *what, uint32_t wanted,
		   struct smb3_rpc_handle *ret_handle);
bool samr_close_handle(struct smb3_rpc_call *call, const struct smb3_rpc_handle *h);

static inline uint32_t samr_end(struct smb3_rpc_call *call, ntstatus status)
{
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

/* ---- ask.c ---- */

struct samr_user {
	uint32_t rid, flags, group;
	const char *name, *full_name;
	smb3_nttime changed, password_expires, expires;
};

struct samr_group {
	uint32_t rid;
	const char *name, *comment;
	uint32_t members;
	uint8_t type; /* SMB3_SID_GROUP, ..._ALIAS */
};

/* What smb3_rpc_ask() answered; missing is what -ENOENT means. */
ntstatus samr_status(int err, ntstatus missing);
/* By number, or by name when rid is 0. */
ntstatus samr_ask_user(struct smb3_rpc_call *call, uint32_t rid, const char *name,
		       struct samr_user *ret_user);
/* Up to most, from skip on; *ret_more: there are others. *ret_users is in the arena. */
ntstatus samr_ask_users(struct smb3_rpc_call *call, uint32_t skip, uint32_t most,
			struct samr_user **ret_users, uint32_t *ret_n, bool *ret_more);
/* Which of them: those from skip on, up to most, of that type. */
struct samr_part {
	uint32_t skip, most;
	uint8_t type;
};
ntstatus samr_ask_groups(struct smb3_rpc_call *call, const struct samr_part *part,
			 struct samr_group **ret_groups, uint32_t *ret_n, bool *ret_more);
ntstatus samr_ask_group(struct smb3_rpc_call *call, uint32_t rid, struct samr_group *ret_group);
/* The group None, whose members are all accounts, and the others. */
ntstatus samr_all_groups(struct smb3_rpc_call *call, uint32_t skip, uint32_t most,
			 struct samr_group **ret_groups, uint32_t *ret_n, bool *ret_more);
/* Groups of that type that a user is in, and members of one: numbers. */
ntstatus samr_ask_groups_of(struct smb3_rpc_call *call, uint32_t rid, uint8_t type,
			    uint32_t **ret_rids, uint32_t *ret_n);
ntstatus samr_ask_members(struct smb3_rpc_call *call, uint32_t rid, uint32_t **ret_rids,
			  uint32_t *ret_n);
/* A number or a name of the machine's domain. type 0: there is none. */
ntstatus samr_ask_rid(struct smb3_rpc_call *call, uint32_t rid, const char **ret_name,
		      uint8_t *ret_type);
ntstatus samr_ask_name(struct smb3_rpc_call *call, const char *name, uint32_t *ret_rid,
		       uint8_t *ret_type);
/* All users, in pieces, until fn answers false. */
ntstatus samr_each_user(struct smb3_rpc_call *call,
			bool (*fn)(const struct samr_user *u, void *arg), void *arg);
uint32_t samr_user_control(const struct samr_user *u);
/* Characters that a password needs. */
uint16_t samr_password_length(struct smb3_rpc_call *call);

/* ---- domain.c ---- */

struct smb3_rpc_sid samr_domain_sid(const struct smb3_rpc_call *call, bool builtin);
const char *samr_domain_name(const struct smb3_rpc_call *call, bool builtin);
/* Aliases of BUILTIN. */
extern const struct samr_group samr_builtin[3];
#define SAMR_BUILTIN 3u

extern const struct samr_group samr_none;

/* SAMPR_PSID_ARRAY, up to its end; how many. */
uint32_t samr_get_sids(struct smb3_ndr_in *in, struct smb3_rpc_sid **ret_sids);
/* The handle once more: those of calls that close it are results, too. */
struct samr_object *samr_get_again(struct smb3_rpc_call *call, const struct smb3_rpc_handle *h,
				   enum samr_kind kind);

char *samr_get_string(struct smb3_ndr_in *in);
void samr_put_string(struct smb3_ndr_out *out, const char *s); /* structure and text */

#define SAMR_OP(name) uint32_t samr_##name(struct smb3_rpc_call *call)

/* server.c */
SAMR_OP(connect);
SAMR_OP(connect2);
SAMR_OP(connect4);
SAMR_OP(connect5);
SAMR_OP(close);
SAMR_OP(lookup_domain);
SAMR_OP(enum_domains);
SAMR_OP(open_domain);
/* domain.c */
SAMR_OP(query_domain);
SAMR_OP(lookup_names);
SAMR_OP(lookup_rids);
SAMR_OP(rid_to_sid);
SAMR_OP(domain_password);
SAMR_OP(user_password);
/* list.c */
SAMR_OP(enum_users);
SAMR_OP(enum_groups);
SAMR_OP(enum_aliases);
/* display.c */
SAMR_OP(query_display);
SAMR_OP(display_index);
/* group.c */
SAMR_OP(open_group);
SAMR_OP(open_alias);
SAMR_OP(query_group);
SAMR_OP(query_alias);
/* group_set.c */
SAMR_OP(create_group);
SAMR_OP(create_alias);
SAMR_OP(set_group);
SAMR_OP(set_alias);
SAMR_OP(delete_group);
SAMR_OP(delete_alias);
SAMR_OP(group_add);
SAMR_OP(group_remove);
SAMR_OP(group_attributes);
SAMR_OP(alias_add);
SAMR_OP(alias_remove);
SAMR_OP(alias_add_many);
SAMR_OP(alias_remove_many);
/* member.c */
SAMR_OP(group_members);
SAMR_OP(alias_members);
SAMR_OP(user_groups);
SAMR_OP(alias_membership);
SAMR_OP(remove_foreign);
/* user.c, user_info.c */
SAMR_OP(open_user);
SAMR_OP(query_user);
/* change.c */
SAMR_OP(create_user);
SAMR_OP(create_user2);
SAMR_OP(delete_user);
SAMR_OP(set_user);
SAMR_OP(change_password2);
SAMR_OP(change_password3);
SAMR_OP(change_password4);
/* security.c */
SAMR_OP(query_security);

#undef SAMR_OP

#endif
