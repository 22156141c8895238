// SPDX-License-Identifier: Apache-2.0
/*
 * admin.h: commands that stand in files of their own, and the socket on which they come.
 */
#ifndef SMB3_ADMIN_H
#define SMB3_ADMIN_H

#include <smb3/smb3.h>

/* lists.c */
void admin_status(struct smb3_ctl *ctl);
void admin_conns(struct smb3_ctl *ctl);
void admin_sessions(struct smb3_ctl *ctl);
void admin_trees(struct smb3_ctl *ctl);
void admin_opens(struct smb3_ctl *ctl);

/* server.c */
void admin_help(struct smb3_ctl *ctl);
void admin_reload(struct smb3_ctl *ctl);
void admin_shutdown(struct smb3_ctl *ctl);

/* socket.c: opens run_dir/control; closes it, but lets commands that run finish. */
int control_start(struct smb3_mod *mod);
void control_stop(struct smb3_mod *mod);

#endif
