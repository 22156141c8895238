// SPDX-License-Identifier: Apache-2.0
/*
 * sid.h: security identifiers: who an entry of an ACL is about. [MS-DTYP] 2.4.2
 */
#ifndef ACL_SID_H
#define ACL_SID_H

#include <smb3/cursor.h>

#define ACL_SID_SUBS 15
#define ACL_SID_TEXT 192 /* "S-1-", six bytes of authority and all sub-authorities */

struct acl_sid {
	uint8_t n;          /* sub-authorities in use */
	uint64_t authority; /* 48 bits */
	uint32_t sub[ACL_SID_SUBS];
};

/* Moves c over one SID; false when it is none. */
bool acl_sid_parse(struct smb3_cursor *c, struct acl_sid *ret_sid);
void acl_sid_put(struct smb3_builder *out, const struct acl_sid *sid);
static inline size_t acl_sid_size(const struct acl_sid *sid)
{
	return 8 + (size_t)sid->n * 4;
}
bool acl_sid_equal(const struct acl_sid *a, const struct acl_sid *b);
const char *acl_sid_text(const struct acl_sid *sid, char buf[ACL_SID_TEXT]);

/* Users and groups of the machine: S-1-22-1-uid, S-1-22-2-gid. */
struct acl_sid acl_sid_of_uid(uid_t uid);
struct acl_sid acl_sid_of_gid(gid_t gid);
/* And back; there the machine's own S-1-5-21-...-(1000 + 2 * uid) and -(1001 + 2 * gid) are
 * understood as well. */
bool acl_sid_uid(const struct acl_sid *sid, const struct acl_sid *machine, uid_t *ret_uid);
bool acl_sid_gid(const struct acl_sid *sid, const struct acl_sid *machine, gid_t *ret_gid);
/* Does it stand right below that one? */
bool acl_sid_in(const struct acl_sid *sid, const struct acl_sid *domain);
/* An account of some domain: S-1-5-21-... */
bool acl_sid_domain(const struct acl_sid *sid);
/* The machine's SID: it lasts as long as the server's GUID. */
struct acl_sid acl_sid_machine(const struct smb3_guid *guid);

/* Well-known ones. [MS-DTYP] 2.4.2.4 */
extern const struct acl_sid acl_everyone, acl_creator_owner, acl_creator_group, acl_owner_rights,
	acl_network, acl_anonymous, acl_authenticated, acl_system, acl_administrators, acl_users,
	acl_guests;

#endif
