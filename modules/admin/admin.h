// SPDX-License-Identifier: Apache-2.0
/*
 * admin.h: the commands that list what lives on the workers.
 */
#ifndef SMB3_ADMIN_H
#define SMB3_ADMIN_H

#include <smb3/smb3.h>

void admin_status(struct smb3_ctl *ctl);
void admin_conns(struct smb3_ctl *ctl);
void admin_sessions(struct smb3_ctl *ctl);
void admin_trees(struct smb3_ctl *ctl);
void admin_opens(struct smb3_ctl *ctl);

#endif
