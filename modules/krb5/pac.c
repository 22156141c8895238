// SPDX-License-Identifier: Apache-2.0
/*
 * pac.c: SIDs out of the logon information of a PAC: KERB_VALIDATION_INFO in NDR. [MS-PAC] 2.5,
 * [MS-RPCE] 2.2.6
 *
 * Only SIDs of domains (S-1-5-21-...) are taken: what somebody is on this machine is decided here and
 * not by a controller.
 */
#include "kerberos.h"

#include <errno.h>
#include <stdlib.h>

#define USER_EXTRA_SIDS      0x0020u /* UserFlags, [MS-PAC] 2.5 */
#define USER_RESOURCE_GROUPS 0x0200u
#define GROUP_ENABLED        0x0004u /* attributes of a membership, [MS-PAC] 2.2.1 */
#define GROUP_DENY_ONLY      0x0010u

#define SUBS_MAX    15
#define DOMAIN_SUBS 4 /* 21 and three numbers */
#define SID_SIZE    (8 + 4 * (DOMAIN_SUBS + 1))

struct sid {
	uint8_t n;
	uint64_t authority;
	uint32_t sub[SUBS_MAX];
};

/* The fixed part. References are 0 where nothing is meant. */
struct logon {
	uint32_t names[6], server, domain;
	uint32_t user, group, n_groups, groups, flags, domain_id;
	uint32_t n_extra, extra, resource_domain, n_resources, resources;
};

struct pac {
	struct smb3_cursor c;
	struct smb3_builder out;
	int err;
};

static void wrong(struct pac *p, int err)
{
	if (!p->err)
		p->err = err;
	p->c.bad = true;
}

/* ---- NDR ---- */

/* Everything here is aligned to four bytes or less; the object begins at 0. */
static uint32_t get(struct pac *p)
{
	smb3_get_skip(&p->c, -smb3_cursor_at(&p->c) & 3);
	return smb3_get_u32(&p->c);
}

/* RPC_UNICODE_STRING: two lengths, and a reference. */
static uint32_t get_string(struct pac *p)
{
	get(p);
	return get(p);
}

/* What the reference of a string leads to. */
static void skip_string(struct pac *p, uint32_t reference)
{
	uint32_t room, offset, count;

	if (!reference)
		return;
	room = get(p);
	offset = get(p);
	count = get(p);
	if (offset || count > room || count > smb3_cursor_left(&p->c) / 2)
		wrong(p, -EBADMSG);
	smb3_get_skip(&p->c, (size_t)count * 2);
}

static void get_sid(struct pac *p, struct sid *ret_sid)
{
	struct sid sid = { 0 };
	uint32_t count = get(p);
	uint8_t revision = smb3_get_u8(&p->c);

	sid.n = smb3_get_u8(&p->c);
	if (revision != 1 || sid.n > SUBS_MAX || sid.n != count)
		wrong(p, -EBADMSG);
	for (int i = 0; i < 6; i++)
		sid.authority = sid.authority << 8 | smb3_get_u8(&p->c);
	for (uint8_t i = 0; i < sid.n && smb3_cursor_ok(&p->c); i++)
		sid.sub[i] = smb3_get_u32(&p->c);
	*ret_sid = sid;
}

/* The count that stands before an array must be the one of the fixed part. */
static void get_array(struct pac *p, uint32_t count)
{
	if (get(p) != count)
		wrong(p, -EBADMSG);
	if (count > PAC_SIDS_MAX)
		wrong(p, -E2BIG);
}

/* ---- SIDs ---- */

static void put_sid(struct pac *p, const struct sid *sid)
{
	if (sid->authority != 5 || sid->n != DOMAIN_SUBS + 1 || sid->sub[0] != 21)
		return;
	smb3_put_u8(&p->out, 1);
	smb3_put_u8(&p->out, sid->n);
	smb3_put_bytes(&p->out, "\0\0\0\0\0\5", 6);
	for (uint8_t i = 0; i < sid->n; i++)
		smb3_put_u32(&p->out, sid->sub[i]);
	if (!smb3_builder_ok(&p->out))
		wrong(p, -E2BIG);
}

static void put_member(struct pac *p, const struct sid *domain, uint32_t rid)
{
	struct sid sid = *domain;

	if (sid.n != DOMAIN_SUBS)
		return;
	sid.sub[sid.n++] = rid;
	put_sid(p, &sid);
}

/* Controllers send no groups that only deny; they would have to be told from others in each ACL. */
static bool counts(struct pac *p, uint32_t attributes)
{
	if (attributes & GROUP_DENY_ONLY)
		wrong(p, -EBADMSG);
	return attributes & GROUP_ENABLED;
}

/* ---- the structure ---- */

static bool get_head(struct pac *p)
{
	uint8_t version = smb3_get_u8(&p->c), endian = smb3_get_u8(&p->c);
	uint16_t size = smb3_get_u16(&p->c);
	uint32_t len;

	smb3_get_u32(&p->c);
	len = smb3_get_u32(&p->c);
	smb3_get_u32(&p->c);
	if (version != 1 || endian != 0x10 || size != 8 || len > smb3_cursor_left(&p->c))
		return false;
	p->c = smb3_cursor_init(p->c.pos, len);
	return get(p) != 0;
}

static void get_fixed(struct pac *p, struct logon *l)
{
	smb3_get_skip(&p->c, 6 * 8); /* times */
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(l->names); i++)
		l->names[i] = get_string(p);
	get(p); /* counts of log-ons */
	l->user = get(p);
	l->group = get(p);
	l->n_groups = get(p);
	l->groups = get(p);
	l->flags = get(p);
	smb3_get_skip(&p->c, 16); /* session key */
	l->server = get_string(p);
	l->domain = get_string(p);
	l->domain_id = get(p);
	smb3_get_skip(&p->c, 8 + 4 + 4 + 8 + 8 + 4 + 4); /* reserved, and the account's state */
	l->n_extra = get(p);
	l->extra = get(p);
	l->resource_domain = get(p);
	l->n_resources = get(p);
	l->resources = get(p);
}

/* GROUP_MEMBERSHIP: RIDs. They come before their domain does: marks where, for a second look. */
static struct smb3_cursor skip_members(struct pac *p, uint32_t count, uint32_t reference)
{
	struct smb3_cursor at;

	if (!reference) {
		if (count)
			wrong(p, -EBADMSG);
		return smb3_cursor_init(NULL, 0);
	}
	get_array(p, count);
	at = p->c;
	smb3_get_skip(&p->c, (size_t)count * 8);
	at.end = p->c.pos;
	at.bad = p->c.bad;
	return at;
}

static void take_members(struct pac *p, struct smb3_cursor members, const struct sid *domain)
{
	while (smb3_cursor_left(&members) >= 8) {
		uint32_t rid = smb3_get_u32(&members);

		if (counts(p, smb3_get_u32(&members)))
			put_member(p, domain, rid);
	}
}

/* KERB_SID_AND_ATTRIBUTES: references and attributes, then what the references lead to. */
static void take_extra(struct pac *p, const struct logon *l)
{
	struct smb3_cursor heads;

	if (!l->extra) {
		if (l->n_extra)
			wrong(p, -EBADMSG);
		return;
	}
	get_array(p, l->n_extra);
	heads = p->c;
	smb3_get_skip(&p->c, (size_t)l->n_extra * 8);
	for (uint32_t i = 0; i < l->n_extra && smb3_cursor_ok(&p->c); i++) {
		uint32_t reference = smb3_get_u32(&heads), attributes = smb3_get_u32(&heads);
		struct sid sid;

		if (!reference)
			continue;
		get_sid(p, &sid);
		if (l->flags & USER_EXTRA_SIDS && counts(p, attributes))
			put_sid(p, &sid);
	}
}

static void take_resources(struct pac *p, const struct logon *l)
{
	struct sid domain = { 0 };
	struct smb3_cursor members;

	if (l->resource_domain)
		get_sid(p, &domain);
	members = skip_members(p, l->n_resources, l->resources);
	if (l->flags & USER_RESOURCE_GROUPS)
		take_members(p, members, &domain);
}

static void take(struct pac *p)
{
	struct smb3_cursor groups;
	struct sid domain = { 0 };
	struct logon l;

	get_fixed(p, &l);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(l.names); i++)
		skip_string(p, l.names[i]);
	groups = skip_members(p, l.n_groups, l.groups);
	skip_string(p, l.server);
	skip_string(p, l.domain);
	if (l.domain_id)
		get_sid(p, &domain);
	if (l.user) /* 0: the user is the first of the further SIDs */
		put_member(p, &domain, l.user);
	if (l.group)
		put_member(p, &domain, l.group);
	take_members(p, groups, &domain);
	take_extra(p, &l);
	take_resources(p, &l);
}

int pac_sids(const void *data, size_t len, uint8_t **ret_sids, size_t *ret_len)
{
	const size_t size = (size_t)PAC_SIDS_MAX * SID_SIZE;
	uint8_t *sids = smb3_alloc(size);
	struct pac p = { .c = smb3_cursor_init(data, len), .out = smb3_builder_init(sids, size) };

	if (!get_head(&p))
		wrong(&p, -EBADMSG);
	else
		take(&p);
	if (!smb3_cursor_ok(&p.c)) {
		free(sids);
		return p.err ? p.err : -EBADMSG;
	}
	*ret_sids = smb3_realloc(sids, p.out.len ? p.out.len : 1);
	*ret_len = p.out.len;
	return 0;
}
