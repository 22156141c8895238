// SPDX-License-Identifier: Apache-2.0
/*
 * keep.h: what smb3-rpcd asks smb3d to do with shares, for administrators.
 */
#ifndef RPC_SRVSVC_KEEP_H
#define RPC_SRVSVC_KEEP_H

#include <smb3/smb3.h>

/* b what, t name, t path, t comment -> -. -EEXIST, -ENOENT; -ENOTDIR: there is no such folder;
 * -EACCES: nobody may; -ENOSPC: too many; -EIO: it could not be kept */
#define SMB3_ASK_CHANGE_SHARE 0x42
/* t name -> -. Trees of a share that is no longer there are closed */
#define SMB3_ASK_LEAVE_SHARE 0x43

enum srvsvc_change { SRVSVC_ADD, SRVSVC_CHANGE, SRVSVC_REMOVE };

struct srvsvc_conf {
	const char *const *share_folders;
	const char *shares_file;
	int64_t shares_max, security_calls;
};

/* The module's. */
struct srvsvc {
	struct smb3_list jobs; /* filesec_ask.c: questions in work; worker 0's */
};

extern const struct smb3_rpc_question srvsvc_ask_change, srvsvc_ask_leave;
extern const struct smb3_option srvsvc_options[];
bool srvsvc_check(struct smb3_mod *mod, const void *conf, struct smb3_conf_wrong *ret_wrong);

#endif
