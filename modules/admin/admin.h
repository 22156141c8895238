// SPDX-License-Identifier: Apache-2.0
/*
 * admin.h: commands that stand in files of their own, and the socket on which they come.
 */
#ifndef SMB3_ADMIN_H
#define SMB3_ADMIN_H

#include <pthread.h>
#include <smb3/smb3.h>

#define WHY_KEPT 64

struct denial {
	smb3_nttime when;
	ntstatus status;
	char command[32], address[64], user[64], share[84], reason[256];
};

/* The last denials. Any thread may add. */
struct why {
	pthread_mutex_t lock;
	unsigned long count; /* ever; the ring holds the last WHY_KEPT */
	struct denial ring[WHY_KEPT];
};

struct control;

struct admin {
	struct why why;
	struct control *control; /* while the socket is open */
};

/* why.c */
void admin_why(struct smb3_ctl *ctl);
enum smb3_verdict why_note(struct smb3_mod *mod, struct smb3_event *event);

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
