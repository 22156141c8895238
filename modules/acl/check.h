// SPDX-License-Identifier: Apache-2.0
/*
 * check.h: who may what by a security descriptor. [MS-DTYP] 2.5.3.2
 */
#ifndef ACL_CHECK_H
#define ACL_CHECK_H

#include "sd.h"

#include <smb3/auth.h>

/* Who asks: a user with all groups, and what the object has to do with it. */
struct acl_who {
	const struct smb3_identity *id;
	const struct acl_sid *machine;
	/* The object's owner and group, when their SIDs are of a domain that nobody here knows:
	 * then whoever is the file's Unix owner (is in its Unix group) is meant. */
	const struct acl_sid *owner, *group;
};

/* Is the user that SID, or in that group? */
bool acl_who_has(const struct acl_who *who, const struct acl_sid *sid);

/* All that the descriptor grants, ACCESS_SYSTEM_SECURITY of administrators included. */
uint32_t acl_granted(const struct acl_sd *sd, const struct acl_who *who);
/* The entry that takes a bit of missing away, or NULL: none grants it. */
const struct acl_ace *acl_denier(const struct acl_sd *sd, const struct acl_who *who,
				 uint32_t missing);
/* "deny S-1-1-0 0x2" or "no entry grants 0x2 to S-1-22-1-1000" */
void acl_denial(const struct acl_sd *sd, const struct acl_who *who, uint32_t missing, char *buf,
		size_t size);

/* Permission bits that say about the same: read, write, execute for whoever is in one of the n
 * sids. */
uint32_t acl_permission(const struct acl_sd *sd, const struct acl_sid *const *sids, size_t n,
			bool directory);

#endif
