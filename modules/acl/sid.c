// SPDX-License-Identifier: Apache-2.0
/*
 * sid.c: security identifiers. [MS-DTYP] 2.4.2
 */
#include "sid.h"

#include <smb3/auth.h>
#include <stdio.h>

#define SID_REVISION 1
#define AUTHORITY_NT 5

/* Unix users and groups, as Samba numbers them too. */
#define AUTHORITY_UNIX 22
#define UNIX_USERS     1
#define UNIX_GROUPS    2

#define SUB_DOMAIN 21
#define RID_BASE   1000

bool acl_sid_parse(struct smb3_cursor *c, struct acl_sid *ret_sid)
{
	struct acl_sid sid = { 0 };
	uint8_t revision = smb3_get_u8(c);

	sid.n = smb3_get_u8(c);
	if (revision != SID_REVISION || sid.n > ACL_SID_SUBS)
		return false;
	for (int i = 0; i < 6; i++)
		sid.authority = sid.authority << 8 | smb3_get_u8(c);
	for (uint8_t i = 0; i < sid.n; i++)
		sid.sub[i] = smb3_get_u32(c);
	if (!smb3_cursor_ok(c))
		return false;
	*ret_sid = sid;
	return true;
}

void acl_sid_put(struct smb3_builder *out, const struct acl_sid *sid)
{
	smb3_put_u8(out, SID_REVISION);
	smb3_put_u8(out, sid->n);
	for (int shift = 40; shift >= 0; shift -= 8)
		smb3_put_u8(out, (uint8_t)(sid->authority >> shift));
	for (uint8_t i = 0; i < sid->n; i++)
		smb3_put_u32(out, sid->sub[i]);
}

bool acl_sid_equal(const struct acl_sid *a, const struct acl_sid *b)
{
	return a->n == b->n && a->authority == b->authority &&
	       !memcmp(a->sub, b->sub, a->n * sizeof(a->sub[0]));
}

/* An authority that needs more than 32 bits is written in hexadecimal. */
const char *acl_sid_text(const struct acl_sid *sid, char buf[ACL_SID_TEXT])
{
	unsigned long long authority = sid->authority;
	int len;

	if (authority >> 32)
		len = snprintf(buf, ACL_SID_TEXT, "S-1-0x%012llx", authority);
	else
		len = snprintf(buf, ACL_SID_TEXT, "S-1-%llu", authority);
	for (uint8_t i = 0; i < sid->n; i++)
		len += snprintf(buf + len, ACL_SID_TEXT - (size_t)len, "-%u", sid->sub[i]);
	return buf;
}

struct acl_sid acl_sid_of_uid(uid_t uid)
{
	return (struct acl_sid){ 2, AUTHORITY_UNIX, { UNIX_USERS, uid } };
}

struct acl_sid acl_sid_of_gid(gid_t gid)
{
	return (struct acl_sid){ 2, AUTHORITY_UNIX, { UNIX_GROUPS, gid } };
}

bool acl_sid_in(const struct acl_sid *sid, const struct acl_sid *domain)
{
	return sid->n == domain->n + 1 && sid->authority == domain->authority &&
	       !memcmp(sid->sub, domain->sub, domain->n * sizeof(sid->sub[0]));
}

/* The number of a user (odd: 0) or a group (odd: 1). From SMB3_GROUP_RIDS on there are none of those. */
static bool sid_number(const struct acl_sid *sid, const struct acl_sid *machine, uint32_t odd,
		       uint32_t *ret_number)
{
	uint32_t rid = sid->n ? sid->sub[sid->n - 1] : 0;

	if (sid->n == 2 && sid->authority == AUTHORITY_UNIX && sid->sub[0] == UNIX_USERS + odd) {
		*ret_number = rid;
		return true;
	}
	if (!acl_sid_in(sid, machine) || rid < RID_BASE || rid >= SMB3_GROUP_RIDS ||
	    (rid - RID_BASE) % 2 != odd)
		return false;
	*ret_number = (rid - RID_BASE) / 2;
	return true;
}

bool acl_sid_uid(const struct acl_sid *sid, const struct acl_sid *machine, uid_t *ret_uid)
{
	return sid_number(sid, machine, 0, ret_uid);
}

bool acl_sid_gid(const struct acl_sid *sid, const struct acl_sid *machine, gid_t *ret_gid)
{
	return sid_number(sid, machine, 1, ret_gid);
}

bool acl_sid_domain(const struct acl_sid *sid)
{
	return sid->authority == AUTHORITY_NT && sid->n == 5 && sid->sub[0] == SUB_DOMAIN;
}

struct acl_sid acl_sid_machine(const struct smb3_guid *guid)
{
	struct smb3_cursor c = smb3_cursor_init(guid->bytes, sizeof(guid->bytes));
	struct acl_sid sid = { 4, AUTHORITY_NT, { SUB_DOMAIN } };

	for (int i = 1; i < 4; i++)
		sid.sub[i] = smb3_get_u32(&c);
	return sid;
}

const struct acl_sid acl_everyone = { 1, 1, { 0 } };
const struct acl_sid acl_creator_owner = { 1, 3, { 0 } };
const struct acl_sid acl_creator_group = { 1, 3, { 1 } };
const struct acl_sid acl_owner_rights = { 1, 3, { 4 } };
const struct acl_sid acl_network = { 1, AUTHORITY_NT, { 2 } };
const struct acl_sid acl_anonymous = { 1, AUTHORITY_NT, { 7 } };
const struct acl_sid acl_authenticated = { 1, AUTHORITY_NT, { 11 } };
const struct acl_sid acl_system = { 1, AUTHORITY_NT, { 18 } };
const struct acl_sid acl_administrators = { 2, AUTHORITY_NT, { 32, 544 } };
const struct acl_sid acl_users = { 2, AUTHORITY_NT, { 32, 545 } };
const struct acl_sid acl_guests = { 2, AUTHORITY_NT, { 32, 546 } };
