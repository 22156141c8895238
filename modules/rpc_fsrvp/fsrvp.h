// SPDX-License-Identifier: Apache-2.0
/*
 * fsrvp.h: what the files of module rpc_fsrvp share. [MS-FSRVP]
 */
#ifndef RPC_FSRVP_FSRVP_H
#define RPC_FSRVP_FSRVP_H

#include <smb3/smb3.h>

/* [MS-FSRVP] 2.2.4 and HRESULTs of [MS-ERREF] 2.1 */
#define FSRVP_OK               0u
#define FSRVP_BAD_STATE        0x80042301u
#define FSRVP_OBJECT_NOT_FOUND 0x80042308u
#define FSRVP_NOT_SUPPORTED    0x8004230Cu
#define FSRVP_IN_PROGRESS      0x80042316u
#define FSRVP_BAD_CONTEXT      0x8004231Bu
#define E_ACCESS_DENIED        0x80070005u
#define E_INVALID_ARGUMENT     0x80070057u
#define E_FAIL                 0x80004005u

/* The module's own question: 4 step, what it needs -> 4 status, what it answers. */
#define SMB3_ASK_SHADOW 0x41

enum fsrvp_step {
	STEP_CONTEXT = 1, /* 4 context */
	STEP_START,       /* -> the set's GUID */
	STEP_ADD,         /* GUID of the set, t share */
	STEP_NEXT,        /* GUID of the set: prepare, commit, expose, recovery complete */
	STEP_ABORT,       /* GUID of the set */
};

struct fsrvp_conf {
	uint64_t sequence_time;
};

/* ---- state.c: in smb3d ---- */

extern const struct smb3_rpc_question fsrvp_ask_step;
int fsrvp_init(struct smb3_mod *mod);
void fsrvp_stop(struct smb3_mod *mod);
void fsrvp_fini(struct smb3_mod *mod);

#endif
