// SPDX-License-Identifier: Apache-2.0
/*
 * sd.h: security descriptors: owner, group, and the lists of who may what. [MS-DTYP] 2.4.4 to
 * 2.4.6. In memory they are decoded; on the wire and on disk self-relative.
 */
#ifndef ACL_SD_H
#define ACL_SD_H

#include "sid.h"

#include <smb3/arena.h>

#define ACL_SD_MAX 65536 /* bytes of one that is taken or stored */

/* Control [MS-DTYP] 2.4.6 */
#define SE_DACL_PRESENT          0x0004u
#define SE_SACL_PRESENT          0x0010u
#define SE_DACL_AUTO_INHERIT_REQ 0x0100u
#define SE_SACL_AUTO_INHERIT_REQ 0x0200u
#define SE_DACL_AUTO_INHERITED   0x0400u
#define SE_SACL_AUTO_INHERITED   0x0800u
#define SE_DACL_PROTECTED        0x1000u
#define SE_SACL_PROTECTED        0x2000u
#define SE_SELF_RELATIVE         0x8000u

/* Entry types and flags [MS-DTYP] 2.4.4.1 */
#define ACE_ALLOWED           0x00
#define ACE_DENIED            0x01
#define ACE_ALLOWED_OBJECT    0x05
#define ACE_DENIED_OBJECT     0x06
#define ACE_DENIED_CALLBACK   0x0A
#define ACE_MANDATORY_LABEL   0x11
#define ACE_OBJECT_INHERIT    0x01u
#define ACE_CONTAINER_INHERIT 0x02u
#define ACE_NO_PROPAGATE      0x04u
#define ACE_INHERIT_ONLY      0x08u
#define ACE_INHERITED         0x10u

struct acl_ace {
	uint8_t type, flags;
	uint32_t mask;
	struct acl_sid sid; /* n 0: the type is not one about a SID */
	/* What stands behind the SID; or, as told by whole, everything after the mask. */
	const uint8_t *rest;
	uint16_t rest_len;
	bool whole;
};

struct acl_list {
	uint8_t revision;
	uint16_t n;
	struct acl_ace *aces;
};

struct acl_sd {
	uint16_t control; /* SE_SELF_RELATIVE is added when it is built */
	bool has_owner, has_group;
	struct acl_sid owner, group;
	struct acl_list *dacl, *sacl; /* NULL though present: everybody may everything */
};

/* Decodes what a peer or a disk says: it stands at `at`, and its offsets count from data.
 * Everything is in the arena, but the rest of entries stays where it was. 0; -EINVAL; -E2BIG. */
int acl_sd_parse(struct smb3_arena *a, const void *data, size_t len, size_t at,
		 struct acl_sd *ret_sd);
/* Appends it, self-relative: owner, group, SACL, DACL. Its offsets count from base. */
void acl_sd_put(struct smb3_builder *out, size_t base, const struct acl_sd *sd);
/* GENERIC_... in the masks become what they mean for files. */
void acl_sd_map_generic(struct acl_sd *sd);
uint32_t acl_map_generic(uint32_t mask);

struct acl_list *acl_list_new(struct smb3_arena *a, uint16_t room);
/* Into the room that the list was made with. */
void acl_list_add(struct acl_list *list, uint8_t type, uint8_t flags, uint32_t mask,
		  const struct acl_sid *sid);

#endif
