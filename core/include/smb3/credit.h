// SPDX-License-Identifier: Apache-2.0
/*
 * credit.h: how many requests a client may have outstanding.
 * Pure arithmetic on the sequence window; knows nothing of sockets. [MS-SMB2] 3.3.1.1, 3.3.1.2
 */
#ifndef SMB3_CREDIT_H
#define SMB3_CREDIT_H

#include <smb3/base.h>

#define SMB3_CREDITS_MAX 8192 /* the widest window that can be configured */

struct smb3_credits {
	uint64_t low;                             /* lowest message id not yet used */
	uint64_t high;                            /* first id beyond the window */
	uint32_t granted;                         /* credits that the client holds */
	uint32_t max;                             /* limit of granted and of the window's width */
	uint64_t used[SMB3_CREDITS_MAX * 2 / 64]; /* bit ring: ids used above low */
};

/* One credit, id 0. */
void smb3_credits_init(struct smb3_credits *c, uint32_t max);

/* Takes count ids from id on. False when one is outside the window or used before: the
 * connection is to be closed (3.3.5.2.3). */
bool smb3_credits_take(struct smb3_credits *c, uint64_t id, uint32_t count);

/* Decides what a reply grants: asked by the client, charge just consumed. At least 1 when the
 * client would otherwise hold none. Widens the window. */
uint16_t smb3_credits_grant(struct smb3_credits *c, uint16_t asked, uint16_t charge);

#endif
