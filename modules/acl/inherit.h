// SPDX-License-Identifier: Apache-2.0
/*
 * inherit.h: the descriptor of a new object. [MS-DTYP] 2.5.3.4
 */
#ifndef ACL_INHERIT_H
#define ACL_INHERIT_H

#include "sd.h"

struct acl_birth {
	const struct acl_sd *parent;  /* NULL: it has none that is stored */
	const struct acl_sd *creator; /* what the client asked for; NULL: nothing */
	struct acl_sid owner, group;  /* of whoever makes it */
	bool directory;
	bool keep_flags; /* inherited flags as the client set them */
};

/* Never fails; all in the arena. */
void acl_inherit(struct smb3_arena *a, const struct acl_birth *birth, struct acl_sd *ret_sd);

/* The control bits of a list that a client sets. [MS-DTYP] 2.5.3.4.3: "auto-inherited" is believed
 * only together with the request for it. */
uint16_t acl_control_of_dacl(uint16_t control, bool keep_flags);
uint16_t acl_control_of_sacl(uint16_t control, bool keep_flags);

#endif
