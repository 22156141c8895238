// SPDX-License-Identifier: Apache-2.0
/*
 * wkssvc.h: what the files of module rpc_wkssvc share. [MS-WKST]
 */
#ifndef RPC_WKSSVC_WKSSVC_H
#define RPC_WKSSVC_WKSSVC_H

#include <smb3/smb3.h>

/* NET_API_STATUS and HRESULT [MS-ERREF] 2.1, 2.2 */
#define NERR_SUCCESS                0u
#define ERROR_ACCESS_DENIED         5u
#define ERROR_NOT_SUPPORTED         50u
#define ERROR_INVALID_PARAMETER     87u
#define ERROR_INVALID_LEVEL         124u
#define ERROR_MORE_DATA             234u
#define ERROR_NO_SUCH_LOGON_SESSION 1312u
#define NERR_USE_NOT_FOUND          2250u
#define RPC_E_REMOTE_DISABLED       0x8001011Cu

/* ---- lists ---- */

/* An enumeration: a level, an empty container, how much is wanted, where to go on. */
struct wkssvc_list {
	uint32_t level, preferred, resume;
	bool has_resume;
	uint32_t first, n, left; /* entries that are told; all from the first on */
};

/* Reads it all. False: a fault. */
bool wkssvc_get_list(struct smb3_rpc_call *call, struct wkssvc_list *list, uint32_t highest);
/* Chooses among total entries of some size, and begins the answer: the entries follow. */
void wkssvc_put_list(struct smb3_rpc_call *call, struct wkssvc_list *list, uint32_t total);
/* What stands behind them; status NERR_SUCCESS may become ERROR_MORE_DATA. */
uint32_t wkssvc_put_end(struct smb3_rpc_call *call, const struct wkssvc_list *list,
			uint32_t status);

/* ---- users: who has a session ---- */

struct wkssvc_users {
	uint32_t n, size;
	const char **names;
};

/* Each user once; those that the caller may know. False: the server does not answer. */
bool wkssvc_users(struct smb3_rpc_call *call, struct wkssvc_users *ret_users);
uint32_t wkssvc_count_sessions(struct smb3_rpc_call *call);

uint32_t wkssvc_user_enum(struct smb3_rpc_call *call);
uint32_t wkssvc_user_get_info(struct smb3_rpc_call *call);

/* ---- the machine as a client: it has none ---- */

uint32_t wkssvc_use_add(struct smb3_rpc_call *call);
uint32_t wkssvc_use_get_info(struct smb3_rpc_call *call);
uint32_t wkssvc_use_del(struct smb3_rpc_call *call);
uint32_t wkssvc_use_enum(struct smb3_rpc_call *call);
uint32_t wkssvc_statistics(struct smb3_rpc_call *call);
uint32_t wkssvc_transport_enum(struct smb3_rpc_call *call);
uint32_t wkssvc_transport_add(struct smb3_rpc_call *call);
uint32_t wkssvc_transport_del(struct smb3_rpc_call *call);

#endif
