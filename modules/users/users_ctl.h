// SPDX-License-Identifier: Apache-2.0
/*
 * users_ctl.h: what the files with commands of smb3ctl user share.
 */
#ifndef USERS_CTL_H
#define USERS_CTL_H

#include "users.h"

#include <smb3/smb3.h>

/* A command under way. They touch the disk: with a running server on the I/O pool. */
struct task {
	struct smb3_job job;
	struct smb3_ctl *ctl;
	struct store *store;
	bool check_unix; /* the account's Unix user must exist */
	struct smb3_account account;
	int (*work)(struct task *task);
	/* With it task_modify() changes the account. */
	void (*change)(struct smb3_account *account, const struct task *task);
	unsigned int words; /* of user set: which were said */
	int err;
	char why[USERS_WHY_SIZE];
};

struct task *task_of(struct smb3_ctl *ctl);
/* work on the pool, and the command has ended: 0, or -errno with why. It may add rows. */
void task_start(struct task *task, int (*work)(struct task *task));
/* Work: change, on the account as it is then. */
int task_modify(struct task *task);
/* The name of the account, the password that came along, unix=USER. False after an answer. */
bool task_name(struct task *task, const char *name);
bool task_password(struct task *task);
bool task_unix(struct task *task, const char *name);

bool unix_user_exists(const char *name);

#endif
