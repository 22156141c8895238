// SPDX-License-Identifier: Apache-2.0
/*
 * sd.c: security descriptors as they stand on the wire and on disk. [MS-DTYP] 2.4.4 to 2.4.6
 */
#include "sd.h"

#include <errno.h>
#include <smb3/smb2.h>

#define SD_REVISION    1
#define SD_HEADER      20
#define ACL_HEADER     8
#define ACE_HEADER     4
#define ACL_REVISION   2 /* of lists that are made here; later ones know more types */
#define ACL_REVISION_4 4
#define GUID_SIZE      16

/* ---- parsing ---- */

/* Types with an object's and an inheriting object's GUID in front of the SID. */
static bool ace_of_object(uint8_t type)
{
	return (type >= ACE_ALLOWED_OBJECT && type <= 0x08) || type == 0x0B || type == 0x0C ||
	       type == 0x0F || type == 0x10;
}

/* Types without a meaning here are kept as they came. */
static bool ace_known(uint8_t type)
{
	return type <= 0x13 && type != 0x04;
}

/* body: after the mask. */
static bool ace_parse_sid(struct acl_ace *ace, struct smb3_cursor body)
{
	struct smb3_cursor start = body;
	uint32_t objects;

	if (ace_of_object(ace->type)) {
		objects = smb3_get_u32(&body) & 3;
		smb3_get_skip(&body, GUID_SIZE * ((objects & 1) + (objects >> 1)));
		ace->whole = true;
	}
	if (!acl_sid_parse(&body, &ace->sid))
		return false;
	if (ace->whole)
		body = start;
	ace->rest = body.pos;
	ace->rest_len = (uint16_t)smb3_cursor_left(&body);
	return true;
}

static bool ace_parse(struct smb3_cursor *list, struct acl_ace *ace)
{
	struct smb3_cursor c;
	const uint8_t *body;
	uint16_t size;

	ace->type = smb3_get_u8(list);
	ace->flags = smb3_get_u8(list);
	size = smb3_get_u16(list);
	if (size < ACE_HEADER + 4 || size % 4)
		return false;
	body = smb3_get_bytes(list, size - ACE_HEADER);
	if (!body)
		return false;
	c = smb3_cursor_init(body, size - ACE_HEADER);
	ace->mask = smb3_get_u32(&c);
	if (ace_known(ace->type))
		return ace_parse_sid(ace, c);
	ace->whole = true;
	ace->rest = c.pos;
	ace->rest_len = (uint16_t)smb3_cursor_left(&c);
	return true;
}

static struct acl_list *list_parse(struct smb3_arena *a, struct smb3_cursor *sd, uint32_t at)
{
	struct smb3_cursor c = *sd;
	struct acl_list *list = smb3_arena_alloc(a, sizeof(*list));
	uint16_t size;

	smb3_cursor_seek(&c, at);
	list->revision = smb3_get_u8(&c);
	smb3_get_skip(&c, 1); /* Sbz1 */
	size = smb3_get_u16(&c);
	list->n = smb3_get_u16(&c);
	if (at < SD_HEADER || list->revision < ACL_REVISION || list->revision > ACL_REVISION_4 ||
	    size < ACL_HEADER)
		return NULL;
	c = smb3_cursor_sub(sd, at, size);
	smb3_get_skip(&c, ACL_HEADER);
	if (!smb3_cursor_ok(&c) || list->n > smb3_cursor_left(&c) / (ACE_HEADER + 4))
		return NULL;
	list->aces = smb3_arena_alloc(a, list->n * sizeof(list->aces[0]) + 1);
	for (uint16_t i = 0; i < list->n; i++)
		if (!ace_parse(&c, &list->aces[i]))
			return NULL;
	return list;
}

/* A list that is said to be present but has no place is NULL: no rule at all. */
static bool sd_parse_list(struct smb3_arena *a, struct smb3_cursor *c, uint32_t at,
			  struct acl_list **ret_list)
{
	*ret_list = at ? list_parse(a, c, at) : NULL;
	return !at || *ret_list;
}

static bool sd_parse_sid(const struct smb3_cursor *c, uint32_t at, struct acl_sid *ret_sid)
{
	struct smb3_cursor sid = *c;

	smb3_cursor_seek(&sid, at);
	return at >= SD_HEADER && acl_sid_parse(&sid, ret_sid);
}

int acl_sd_parse(struct smb3_arena *a, const void *data, size_t len, size_t at,
		 struct acl_sd *ret_sd)
{
	struct smb3_cursor c = smb3_cursor_init(data, len);
	struct acl_sd sd = { 0 };
	uint32_t owner, group, sacl, dacl;
	uint8_t revision;
	bool good;

	smb3_cursor_seek(&c, at);
	if (smb3_cursor_left(&c) > ACL_SD_MAX)
		return -E2BIG;
	revision = smb3_get_u8(&c);
	smb3_get_skip(&c, 1); /* Sbz1: resource manager */
	sd.control = smb3_get_u16(&c);
	owner = smb3_get_u32(&c);
	group = smb3_get_u32(&c);
	sacl = smb3_get_u32(&c);
	dacl = smb3_get_u32(&c);
	if (!smb3_cursor_ok(&c) || revision != SD_REVISION || !(sd.control & SE_SELF_RELATIVE))
		return -EINVAL;
	sd.has_owner = owner != 0;
	sd.has_group = group != 0;
	good = (!owner || sd_parse_sid(&c, owner, &sd.owner)) &&
	       (!group || sd_parse_sid(&c, group, &sd.group));
	if (good && sd.control & SE_SACL_PRESENT)
		good = sd_parse_list(a, &c, sacl, &sd.sacl);
	if (good && sd.control & SE_DACL_PRESENT)
		good = sd_parse_list(a, &c, dacl, &sd.dacl);
	if (!good)
		return -EINVAL;
	*ret_sd = sd;
	return 0;
}

/* ---- building ---- */

static void ace_put(struct smb3_builder *out, const struct acl_ace *ace)
{
	size_t start = out->len;

	smb3_put_u8(out, ace->type);
	smb3_put_u8(out, ace->flags);
	smb3_put_u16(out, 0); /* AceSize, below */
	smb3_put_u32(out, ace->mask);
	if (!ace->whole)
		acl_sid_put(out, &ace->sid);
	smb3_put_bytes(out, ace->rest, ace->rest_len);
	smb3_set_u16(out, start + 2, (uint16_t)(out->len - start));
}

static void list_put(struct smb3_builder *out, const struct acl_list *list)
{
	size_t start = out->len;

	smb3_put_u8(out, list->revision);
	smb3_put_u8(out, 0);
	smb3_put_u16(out, 0); /* AclSize, below */
	smb3_put_u16(out, list->n);
	smb3_put_u16(out, 0);
	for (uint16_t i = 0; i < list->n; i++)
		ace_put(out, &list->aces[i]);
	if (out->len - start > UINT16_MAX)
		out->bad = true;
	smb3_set_u16(out, start + 2, (uint16_t)(out->len - start));
}

void acl_sd_put(struct smb3_builder *out, size_t base, const struct acl_sd *sd)
{
	size_t start = out->len;

	smb3_put_u8(out, SD_REVISION);
	smb3_put_u8(out, 0);
	smb3_put_u16(out, sd->control | SE_SELF_RELATIVE);
	smb3_put_zero(out, 16); /* the offsets */
	if (sd->has_owner) {
		smb3_set_u32(out, start + 4, (uint32_t)(out->len - base));
		acl_sid_put(out, &sd->owner);
	}
	if (sd->has_group) {
		smb3_set_u32(out, start + 8, (uint32_t)(out->len - base));
		acl_sid_put(out, &sd->group);
	}
	if (sd->sacl) {
		smb3_set_u32(out, start + 12, (uint32_t)(out->len - base));
		list_put(out, sd->sacl);
	}
	if (sd->dacl) {
		smb3_set_u32(out, start + 16, (uint32_t)(out->len - base));
		list_put(out, sd->dacl);
	}
}

struct acl_list *acl_list_new(struct smb3_arena *a, uint16_t room)
{
	struct acl_list *list = smb3_arena_alloc(a, sizeof(*list));

	list->revision = ACL_REVISION;
	list->aces = smb3_arena_alloc(a, room * sizeof(list->aces[0]) + 1);
	return list;
}

void acl_list_add(struct acl_list *list, uint8_t type, uint8_t flags, uint32_t mask,
		  const struct acl_sid *sid)
{
	list->aces[list->n++] =
		(struct acl_ace){ .type = type, .flags = flags, .mask = mask, .sid = *sid };
}

/* ---- generic rights ---- */

uint32_t acl_map_generic(uint32_t mask)
{
	if (mask & GENERIC_READ)
		mask |= FILE_GENERIC_READ;
	if (mask & GENERIC_WRITE)
		mask |= FILE_GENERIC_WRITE;
	if (mask & GENERIC_EXECUTE)
		mask |= FILE_GENERIC_EXECUTE;
	if (mask & GENERIC_ALL)
		mask |= FILE_ALL_ACCESS;
	return mask & ~(GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE | GENERIC_ALL);
}

static void list_map_generic(struct acl_list *list)
{
	for (uint16_t i = 0; list && i < list->n; i++)
		list->aces[i].mask = acl_map_generic(list->aces[i].mask);
}

void acl_sd_map_generic(struct acl_sd *sd)
{
	list_map_generic(sd->dacl);
	list_map_generic(sd->sacl);
}
