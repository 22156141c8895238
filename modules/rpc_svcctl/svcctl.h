// SPDX-License-Identifier: Apache-2.0
/*
 * svcctl.h: what the files of module rpc_svcctl share. [MS-SCMR]
 */
#ifndef RPC_SVCCTL_SVCCTL_H
#define RPC_SVCCTL_SVCCTL_H

#include <smb3/rpcself.h>
#include <smb3/smb3.h>

/* [MS-ERREF] 2.2 */
#define ERROR_SUCCESS                 0u
#define ERROR_ACCESS_DENIED           5u
#define ERROR_INVALID_HANDLE          6u
#define ERROR_NOT_ENOUGH_MEMORY       8u
#define ERROR_INVALID_PARAMETER       87u
#define ERROR_INSUFFICIENT_BUFFER     122u
#define ERROR_INVALID_NAME            123u
#define ERROR_INVALID_LEVEL           124u
#define ERROR_MORE_DATA               234u
#define ERROR_SERVICE_ALREADY_RUNNING 1056u
#define ERROR_SERVICE_DOES_NOT_EXIST  1060u
#define ERROR_DATABASE_DOES_NOT_EXIST 1065u

/* Rights [MS-SCMR] 3.1.4 */
#define SC_MANAGER_CONNECT      0x0001u
#define SC_MANAGER_ENUMERATE    0x0004u
#define SC_MANAGER_QUERY_LOCK   0x0010u
#define SERVICE_QUERY_CONFIG    0x0001u
#define SERVICE_QUERY_STATUS    0x0004u
#define SERVICE_ENUMERATE       0x0008u
#define SERVICE_START           0x0010u
#define SERVICE_INTERROGATE     0x0080u
#define SERVICE_USER_CONTROL    0x0100u
#define RIGHT_READ_CONTROL      0x00020000u
#define RIGHT_WRITE_DAC         0x00040000u
#define RIGHT_MAXIMUM_ALLOWED   0x02000000u
#define SERVICE_WIN32           0x30u /* types: processes of their own, and shared ones */
#define SERVICE_WIN32_SHARE     0x20u
#define SERVICE_RUNNING         4u
#define SERVICE_ACCEPTS_NOTHING 0u
#define STATE_ACTIVE            1u
#define STATE_ALL               3u
#define BUFFER_MAX              (256u << 10) /* BOUNDED_DWORD_256K */
#define CONFIG_BUFFER_MAX       (8u << 10)

/* The module's own question: - -> list: t name of the configuration. */
#define SMB3_ASK_SERVICES 0x40

struct svcctl_conf {
	const char *const *services;
};

/* A service: this server, an interface of it, or a name of the configuration. All of them run. */
struct service {
	const char *name, *display, *about;
	const char *interface; /* it is there when that one is; NULL: always */
};

/* In the call's arena. */
struct services {
	const struct service *list;
	uint32_t n;
};

struct services services_all(struct smb3_rpc_call *call);
/* NULL: no such service. The name is compared without case. */
const struct service *service_find(struct smb3_rpc_call *call, const char *name);

extern const struct smb3_rpc_question svcctl_ask_services;
extern const struct smb3_option svcctl_options[];

/* What a handle stands for. */
struct manager {
	uint32_t access;
};
struct opened {
	uint32_t access;
	char *name;
};
extern const struct smb3_rpc_handle_type svcctl_manager, svcctl_service;

/* Reads a handle. The service that it was opened for with that right; NULL and a status. */
const struct service *service_get(struct smb3_rpc_call *call, const struct smb3_rpc_handle *h,
				  uint32_t right, uint32_t *ret_status);

/* SERVICE_STATUS [MS-SCMR] 2.2.47, with the last two fields of SERVICE_STATUS_PROCESS 2.2.49. */
void put_status(struct smb3_builder *b, bool process);

/* query.c */
uint32_t svcctl_query_security(struct smb3_rpc_call *call);
uint32_t svcctl_set_security(struct smb3_rpc_call *call);
uint32_t svcctl_query_config(struct smb3_rpc_call *call);
uint32_t svcctl_query_config2(struct smb3_rpc_call *call);
uint32_t svcctl_query_status_ex(struct smb3_rpc_call *call);
uint32_t svcctl_enum_dependent(struct smb3_rpc_call *call);
uint32_t svcctl_enum_status(struct smb3_rpc_call *call);
uint32_t svcctl_enum_status_ex(struct smb3_rpc_call *call);

#endif
