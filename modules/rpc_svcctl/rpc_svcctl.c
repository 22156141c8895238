// SPDX-License-Identifier: Apache-2.0
/*
 * rpc_svcctl.c: module rpc_svcctl: the server as services that run, and that nobody controls from
 * afar. [MS-SCMR]
 */
#include "svcctl.h"

#include <stdlib.h>

#define CONTROL_INTERROGATE 4u
#define CONTROL_LAST        255u
#define NAME_MAX_CHARS      256

#define MANAGER_READ \
	(SC_MANAGER_CONNECT | SC_MANAGER_ENUMERATE | SC_MANAGER_QUERY_LOCK | RIGHT_READ_CONTROL)
#define MANAGER_ALL 0x000F003Fu
#define SERVICE_READ                                                                             \
	(SERVICE_QUERY_CONFIG | SERVICE_QUERY_STATUS | SERVICE_ENUMERATE | SERVICE_INTERROGATE | \
	 RIGHT_READ_CONTROL)
#define SERVICE_ALL 0x000F01FFu

/* ---- handles ---- */

static void opened_free(void *object)
{
	struct opened *o = object;

	free(o->name);
	free(o);
}

const struct smb3_rpc_handle_type svcctl_manager = { .name = "manager", .free = free };
const struct smb3_rpc_handle_type svcctl_service = { .name = "service", .free = opened_free };

const struct service *service_get(struct smb3_rpc_call *call, const struct smb3_rpc_handle *h,
				  uint32_t right, uint32_t *ret_status)
{
	const struct opened *o = smb3_rpc_handle_find(call, &svcctl_service, h);
	const struct service *s = o ? service_find(call, o->name) : NULL;

	*ret_status = ERROR_SUCCESS;
	if (!o)
		*ret_status = ERROR_INVALID_HANDLE;
	else if (!(o->access & right))
		*ret_status = ERROR_ACCESS_DENIED;
	else if (!s)
		*ret_status = ERROR_SERVICE_DOES_NOT_EXIST;
	return *ret_status ? NULL : s;
}

/* Generic rights and MAXIMUM_ALLOWED, as rights of that sort of object. Administrators have all, which
 * does not mean that controls do anything. False: denied. */
static bool access_grant(const struct smb3_rpc_call *call, uint32_t wanted, uint32_t all,
			 uint32_t read, uint32_t *ret_granted)
{
	uint32_t mine = call->caller->admin ? all : read, specific = wanted & all;

	if (call->caller->anonymous || call->caller->guest)
		return false;
	if (wanted & 0x10000000u)
		specific |= all;
	if (wanted & 0xC0000000u)
		specific |= wanted & 0x40000000u ? all : read;
	if (wanted & 0x20000000u)
		specific |= RIGHT_READ_CONTROL;
	if (specific & ~mine)
		return false;
	*ret_granted = wanted & RIGHT_MAXIMUM_ALLOWED ? mine : specific;
	return true;
}

static uint32_t put_handle(struct smb3_rpc_call *call, const struct smb3_rpc_handle *h,
			   uint32_t status)
{
	smb3_ndr_put_handle(call->out, h);
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

static uint32_t close_handle(struct smb3_rpc_call *call)
{
	static const struct smb3_rpc_handle none;
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (smb3_rpc_handle_close(call, &svcctl_service, &h) ||
	    smb3_rpc_handle_close(call, &svcctl_manager, &h))
		return put_handle(call, &none, ERROR_SUCCESS);
	return put_handle(call, &h, ERROR_INVALID_HANDLE);
}

/* ---- opening ---- */

static uint32_t open_manager(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = { { 0 } };
	struct manager *m;
	const char *database;
	uint32_t wanted, granted = 0;

	(void)smb3_ndr_wstring_ptr(call->in); /* lpMachineName */
	database = smb3_ndr_wstring_ptr(call->in);
	wanted = smb3_ndr_u32(call->in);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (database && *database && !smb3_name_equal(database, "ServicesActive"))
		return put_handle(call, &h,
				  smb3_name_equal(database, "ServicesFailed") ?
					  ERROR_DATABASE_DOES_NOT_EXIST :
					  ERROR_INVALID_NAME);
	if (!access_grant(call, wanted, MANAGER_ALL, MANAGER_READ, &granted))
		return put_handle(call, &h, ERROR_ACCESS_DENIED);
	m = smb3_alloc(sizeof(*m));
	m->access = granted;
	if (smb3_rpc_handle_new(call, &svcctl_manager, m, &h))
		return put_handle(call, &h, ERROR_SUCCESS);
	free(m);
	return put_handle(call, &h, ERROR_NOT_ENOUGH_MEMORY);
}

static uint32_t open_status(struct smb3_rpc_call *call, const struct smb3_rpc_handle *manager,
			    const char *name)
{
	if (!smb3_rpc_handle_find(call, &svcctl_manager, manager))
		return ERROR_INVALID_HANDLE;
	if (!*name || smb3_utf16_size(name) / 2 > NAME_MAX_CHARS)
		return ERROR_INVALID_NAME;
	return service_find(call, name) ? ERROR_SUCCESS : ERROR_SERVICE_DOES_NOT_EXIST;
}

static uint32_t open_service(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle manager = smb3_ndr_handle(call->in), h = { { 0 } };
	const char *name = smb3_ndr_wstring(call->in);
	uint32_t wanted = smb3_ndr_u32(call->in), granted = 0, status;
	struct opened *o;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	status = open_status(call, &manager, name);
	if (!status && !access_grant(call, wanted, SERVICE_ALL, SERVICE_READ, &granted))
		status = ERROR_ACCESS_DENIED;
	if (status)
		return put_handle(call, &h, status);
	o = smb3_alloc(sizeof(*o));
	o->access = granted;
	o->name = smb3_strdup(name);
	if (smb3_rpc_handle_new(call, &svcctl_service, o, &h))
		return put_handle(call, &h, ERROR_SUCCESS);
	opened_free(o);
	return put_handle(call, &h, ERROR_NOT_ENOUGH_MEMORY);
}

/* ---- status and controls ---- */

static uint32_t put_status_or(struct smb3_rpc_call *call, uint32_t status)
{
	if (status)
		smb3_put_zero(&call->out->b, 28);
	else
		put_status(&call->out->b, false);
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

static uint32_t query_status(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	uint32_t status;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	service_get(call, &h, SERVICE_QUERY_STATUS, &status);
	return put_status_or(call, status);
}

/* To ask how it does is the one control that is obeyed. */
static uint32_t control(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	uint32_t what = smb3_ndr_u32(call->in), status;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (service_get(call, &h, ~0u, &status) && (!what || what > CONTROL_LAST))
		status = ERROR_INVALID_PARAMETER;
	else if (!status && what != CONTROL_INTERROGATE)
		status = ERROR_ACCESS_DENIED;
	return put_status_or(call, status);
}

static uint32_t start(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	uint32_t status;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (service_get(call, &h, SERVICE_START, &status))
		status = ERROR_SERVICE_ALREADY_RUNNING;
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

/* Deleting, and what else takes one handle and changes something. */
static uint32_t denied(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	uint32_t status;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (smb3_rpc_handle_find(call, &svcctl_manager, &h) || service_get(call, &h, ~0u, &status))
		status = ERROR_ACCESS_DENIED;
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

/* TagId stands before the status; and behind it, when a service is created, its handle. */
static uint32_t change_config(struct smb3_rpc_call *call)
{
	smb3_ndr_put_ptr(call->out, false);
	return denied(call);
}

static uint32_t create(struct smb3_rpc_call *call)
{
	static const struct smb3_rpc_handle none;

	smb3_ndr_put_ptr(call->out, false);
	smb3_ndr_put_handle(call->out, &none);
	return denied(call);
}

/* ---- names ---- */

/* One name of a service for the other: [out] text, [in, out] its length in characters. */
static uint32_t put_name(struct smb3_rpc_call *call, const char *name, uint32_t room)
{
	uint32_t chars = name ? (uint32_t)(smb3_utf16_size(name) / 2) : 0;
	uint32_t status = name ? ERROR_SUCCESS : ERROR_SERVICE_DOES_NOT_EXIST;

	if (name && chars > room)
		status = ERROR_INSUFFICIENT_BUFFER;
	smb3_ndr_put_wstring(call->out, status ? "" : name);
	smb3_ndr_put_u32(call->out, chars);
	smb3_ndr_put_u32(call->out, status);
	return SMB3_RPC_OK;
}

static uint32_t display_name(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	const char *name = smb3_ndr_wstring(call->in);
	uint32_t room = smb3_ndr_u32(call->in);
	const struct service *s;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!smb3_rpc_handle_find(call, &svcctl_manager, &h))
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	s = service_find(call, name);
	return put_name(call, s ? s->display : NULL, room);
}

static uint32_t key_name(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	const char *display = smb3_ndr_wstring(call->in), *name = NULL;
	uint32_t room = smb3_ndr_u32(call->in);
	struct services all;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!smb3_rpc_handle_find(call, &svcctl_manager, &h))
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	all = services_all(call);
	for (uint32_t i = 0; i < all.n && !name; i++)
		if (smb3_name_equal(all.list[i].display, display))
			name = all.list[i].name;
	return put_name(call, name, room);
}

/* ---- the interface ---- */

static const struct smb3_rpc_op ops[] = {
	[0] = { "RCloseServiceHandle", close_handle },
	[1] = { "RControlService", control },
	[2] = { "RDeleteService", denied },
	[4] = { "RQueryServiceObjectSecurity", svcctl_query_security },
	[5] = { "RSetServiceObjectSecurity", svcctl_set_security },
	[6] = { "RQueryServiceStatus", query_status },
	[11] = { "RChangeServiceConfigW", change_config },
	[12] = { "RCreateServiceW", create },
	[13] = { "REnumDependentServicesW", svcctl_enum_dependent },
	[14] = { "REnumServicesStatusW", svcctl_enum_status },
	[15] = { "ROpenSCManagerW", open_manager },
	[16] = { "ROpenServiceW", open_service },
	[17] = { "RQueryServiceConfigW", svcctl_query_config },
	[19] = { "RStartServiceW", start },
	[20] = { "RGetServiceDisplayNameW", display_name },
	[21] = { "RGetServiceKeyNameW", key_name },
	[37] = { "RChangeServiceConfig2W", denied },
	[39] = { "RQueryServiceConfig2W", svcctl_query_config2 },
	[40] = { "RQueryServiceStatusEx", svcctl_query_status_ex },
	[42] = { "REnumServicesStatusExW", svcctl_enum_status_ex },
};

static const char *const pipes[] = { "svcctl", NULL };

static const struct smb3_rpc_interface svcctl = {
	.name = "svcctl",
	.uuid = SMB3_RPC_UUID(0x367abb81, 0x9844, 0x35f1, 0xad, 0x32, 0x98, 0xf0, 0x38, 0x00, 0x10,
			      0x03),
	.major = 2,
	.pipes = pipes,
	.ops = ops,
	.n_ops = SMB3_ARRAY_SIZE(ops),
};

static const struct smb3_provide provides[] = {
	SMB3_RPC(&svcctl),
	SMB3_ASK(SMB3_ASK_SERVICES, &svcctl_ask_services),
	SMB3_END,
};
static const char *const needs[] = { "rpc", NULL };

SMB3_MODULE(rpc_svcctl, .summary = "the server as services that run", .needs = needs,
	    .options = svcctl_options, .conf_size = sizeof(struct svcctl_conf),
	    .provides = provides);
