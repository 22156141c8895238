// SPDX-License-Identifier: Apache-2.0
/*
 * srvsvc.h: what the files of module rpc_srvsvc share. [MS-SRVS]
 */
#ifndef RPC_SRVSVC_SRVSVC_H
#define RPC_SRVSVC_SRVSVC_H

#include <smb3/smb3.h>

/* NET_API_STATUS [MS-ERREF] 2.2 */
#define NERR_SUCCESS               0u
#define ERROR_ACCESS_DENIED        5u
#define ERROR_NOT_ENOUGH_MEMORY    8u
#define ERROR_NOT_SUPPORTED        50u
#define ERROR_INVALID_PARAMETER    87u
#define ERROR_INVALID_NAME         123u
#define ERROR_INVALID_LEVEL        124u
#define ERROR_MORE_DATA            234u
#define NERR_CLIENT_NAME_NOT_FOUND 2312u
#define NERR_FILE_ID_NOT_FOUND     2314u
#define NERR_NET_NAME_NOT_FOUND    2310u
#define NERR_DEVICE_NOT_SHARED     2311u
#define NERR_USER_NOT_FOUND        2221u
#define NERR_UNKNOWN_DEVICE        2116u /* NERR_UnknownDevDir */
#define NERR_DUPLICATE_SHARE       2118u
#define NERR_NO_ROOM               2119u
#define NERR_INTERNAL_ERROR        2140u

/* What smb3_rpc_ask() answered, for a client; missing is what -ENOENT means there. */
uint32_t srvsvc_error(int err, uint32_t missing);

/* ---- lists ---- */

/* The in-out structure of the enumerations: a level, and a pointer to a container of entries (which
 * clients send empty). */
struct srvsvc_list {
	uint32_t level;
	uint32_t preferred; /* PreferedMaximumLength */
	bool has_resume;
	uint32_t resume;
	uint32_t first, n, total; /* entries that go out, of how many */
};

/* Reads level, union and container of an enumeration whose levels are these. */
void srvsvc_get_list(struct smb3_rpc_call *call, struct srvsvc_list *list, const uint32_t *levels,
		     size_t n_levels);
/* PreferedMaximumLength, and the resume handle, which stand last. */
void srvsvc_get_resume(struct smb3_rpc_call *call, struct srvsvc_list *list);
/* Chooses entries; each takes size bytes or so. */
void srvsvc_choose(struct srvsvc_list *list, uint32_t total, size_t size);
/* Level, union, container; then conformance, after which the caller puts n entries. With a status that
 * is an error there is no container. */
void srvsvc_put_list(struct smb3_rpc_call *call, const struct srvsvc_list *list, uint32_t status);
/* TotalEntries, resume handle, status. */
void srvsvc_put_end(struct smb3_rpc_call *call, const struct srvsvc_list *list, uint32_t status);

/* A name as in "\\FILES" without the backslashes; "" for NULL. */
const char *srvsvc_name(const char *name);

/* share.c */
uint32_t srvsvc_share_enum(struct smb3_rpc_call *call);
uint32_t srvsvc_share_enum_sticky(struct smb3_rpc_call *call);
uint32_t srvsvc_share_get_info(struct smb3_rpc_call *call);
uint32_t srvsvc_share_check(struct smb3_rpc_call *call);
/* For an administrator: the folder of a share as clients see it, "C:\\srv\\x". */
uint32_t srvsvc_share_path(struct smb3_rpc_call *call, const char *name, const char **ret_path);

/* change.c */
uint32_t srvsvc_share_add(struct smb3_rpc_call *call);
uint32_t srvsvc_share_set_info(struct smb3_rpc_call *call);
uint32_t srvsvc_share_del(struct smb3_rpc_call *call);
uint32_t srvsvc_share_del_sticky(struct smb3_rpc_call *call);

/* session.c */
uint32_t srvsvc_connection_enum(struct smb3_rpc_call *call);
uint32_t srvsvc_file_enum(struct smb3_rpc_call *call);
uint32_t srvsvc_file_get_info(struct smb3_rpc_call *call);
uint32_t srvsvc_file_close(struct smb3_rpc_call *call);
uint32_t srvsvc_session_enum(struct smb3_rpc_call *call);
uint32_t srvsvc_session_del(struct smb3_rpc_call *call);
/* filesec.c */
uint32_t srvsvc_get_file_security(struct smb3_rpc_call *call);
uint32_t srvsvc_set_file_security(struct smb3_rpc_call *call);
/* server.c */
/* A name of that type, [MS-SRVS] 3.1.4.33 */
uint32_t srvsvc_name_judge(const char *name, uint32_t type, uint32_t flags);
uint32_t srvsvc_name_validate(struct smb3_rpc_call *call);
uint32_t srvsvc_server_get_info(struct smb3_rpc_call *call);
uint32_t srvsvc_remote_tod(struct smb3_rpc_call *call);
uint32_t srvsvc_disk_enum(struct smb3_rpc_call *call);
uint32_t srvsvc_transport_enum(struct smb3_rpc_call *call);

#endif
