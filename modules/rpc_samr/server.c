// SPDX-License-Identifier: Apache-2.0
/*
 * server.c: handles of samr; connecting, and domains by name. [MS-SAMR] 3.1.5.1, 3.1.5.2.1, 3.1.5.11.1
 */
#include "samr.h"

#include <errno.h>
#include <stdlib.h>

#define GENERIC_ALL     0x10000000u
#define GENERIC_EXECUTE 0x20000000u
#define GENERIC_WRITE   0x40000000u
#define GENERIC_READ    0x80000000u
#define MAXIMUM_ALLOWED 0x02000000u
#define SYSTEM_SECURITY 0x01000000u

const struct samr_rights samr_rights[SAMR_KINDS] = {
	[SAMR_SERVER] = { 0x000F003F, 0x00020010, 0x0002000E, 0x00020021 },
	[SAMR_DOMAIN] = { 0x000F07FF, 0x00020084, 0x0002047A, 0x00020301 },
	[SAMR_USER] = { 0x000F07FF, 0x0002031A, 0x00020044, 0x00020041 },
	[SAMR_GROUP] = { 0x000F001F, 0x00020010, 0x0002000E, 0x00020001 },
	[SAMR_ALIAS] = { 0x000F001F, 0x00020004, 0x00020013, 0x00020008 },
};

static const struct smb3_rpc_handle_type types[SAMR_KINDS] = {
	[SAMR_SERVER] = { .name = "server", .free = free },
	[SAMR_DOMAIN] = { .name = "domain", .free = free },
	[SAMR_USER] = { .name = "user", .free = free },
	[SAMR_GROUP] = { .name = "group", .free = free },
	[SAMR_ALIAS] = { .name = "alias", .free = free },
};

/* Administrators may everything, users read; nobody nothing. What administrators could audit, the SACL,
 * is empty, but is theirs to read: 2.2.1.1. */
static uint32_t most_access(const struct smb3_rpc_caller *who, const struct samr_rights *r)
{
	return who->anonymous ? 0 : who->admin ? r->all : r->read | r->execute;
}

static bool access_of(const struct smb3_rpc_caller *who, const struct samr_rights *r,
		      uint32_t wanted, uint32_t *ret_access)
{
	uint32_t may = most_access(who, r);
	uint32_t extra = who->admin ? SYSTEM_SECURITY : 0;
	uint32_t access = wanted & ~(GENERIC_ALL | GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE |
				     MAXIMUM_ALLOWED);

	access |= wanted & GENERIC_ALL ? r->all : 0;
	access |= wanted & GENERIC_READ ? r->read : 0;
	access |= wanted & GENERIC_WRITE ? r->write : 0;
	access |= wanted & GENERIC_EXECUTE ? r->execute : 0;
	access |= wanted & MAXIMUM_ALLOWED ? may : 0;
	*ret_access = access;
	return may && !(access & ~(may | extra));
}

ntstatus samr_open(struct smb3_rpc_call *call, const struct samr_object *what, uint32_t wanted,
		   struct smb3_rpc_handle *ret_handle)
{
	struct samr_object *o;
	uint32_t access;

	if (!access_of(call->caller, &samr_rights[what->kind], wanted, &access))
		return STATUS_ACCESS_DENIED;
	o = smb3_alloc(sizeof(*o));
	*o = *what;
	o->access = access;
	if (smb3_rpc_handle_new(call, &types[what->kind], o, ret_handle))
		return STATUS_SUCCESS;
	free(o);
	return STATUS_INSUFFICIENT_RESOURCES;
}

struct samr_object *samr_get(struct smb3_rpc_call *call, enum samr_kind kind)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);

	return smb3_rpc_handle_find(call, &types[kind], &h);
}

struct samr_object *samr_get_again(struct smb3_rpc_call *call, const struct smb3_rpc_handle *h,
				   enum samr_kind kind)
{
	return smb3_rpc_handle_find(call, &types[kind], h);
}

struct samr_object *samr_get_any(struct smb3_rpc_call *call)
{
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);
	struct samr_object *o = NULL;

	for (int i = 0; i < SAMR_KINDS && !o; i++)
		o = smb3_rpc_handle_find(call, &types[i], &h);
	return o;
}

bool samr_close_handle(struct smb3_rpc_call *call, const struct smb3_rpc_handle *h)
{
	bool done = false;

	for (int i = 0; i < SAMR_KINDS && !done; i++)
		done = smb3_rpc_handle_close(call, &types[i], h);
	return done;
}

uint32_t samr_close(struct smb3_rpc_call *call)
{
	const struct smb3_rpc_handle none = { { 0 } };
	struct smb3_rpc_handle h = smb3_ndr_handle(call->in);

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!samr_close_handle(call, &h))
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	smb3_ndr_put_handle(call->out, &none);
	return samr_end(call, STATUS_SUCCESS);
}

/* ---- connecting ---- */

static uint32_t do_connect(struct smb3_rpc_call *call, uint32_t wanted)
{
	const struct samr_object server = { .kind = SAMR_SERVER };
	struct smb3_rpc_handle h = { { 0 } };
	ntstatus status;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	status = samr_open(call, &server, wanted, &h);
	smb3_ndr_put_handle(call->out, &h);
	return samr_end(call, status);
}

/* The name is of one character: 3.1.5.1.4. */
uint32_t samr_connect(struct smb3_rpc_call *call)
{
	if (smb3_ndr_ptr(call->in))
		(void)smb3_ndr_u16(call->in);
	return do_connect(call, smb3_ndr_u32(call->in));
}

uint32_t samr_connect2(struct smb3_rpc_call *call)
{
	(void)smb3_ndr_wstring_ptr(call->in);
	return do_connect(call, smb3_ndr_u32(call->in));
}

uint32_t samr_connect4(struct smb3_rpc_call *call)
{
	(void)smb3_ndr_wstring_ptr(call->in);
	(void)smb3_ndr_u32(call->in); /* ClientRevision */
	return do_connect(call, smb3_ndr_u32(call->in));
}

/* SAMPR_REVISION_INFO_V1: revision 3, no features (RIDs are not to be told from SIDs). */
uint32_t samr_connect5(struct smb3_rpc_call *call)
{
	uint32_t wanted, version;

	(void)smb3_ndr_wstring_ptr(call->in);
	wanted = smb3_ndr_u32(call->in);
	version = smb3_ndr_u32(call->in);
	smb3_ndr_switch(call->in, version);
	if (version != 1)
		smb3_ndr_bad(call->in);
	(void)smb3_ndr_u32(call->in);
	(void)smb3_ndr_u32(call->in);
	smb3_ndr_put_u32(call->out, 1);
	smb3_ndr_put_u32(call->out, 1);
	smb3_ndr_put_u32(call->out, 3);
	smb3_ndr_put_u32(call->out, 0);
	return do_connect(call, wanted);
}

/* ---- domains ---- */

uint32_t samr_lookup_domain(struct smb3_rpc_call *call)
{
	struct samr_object *server = samr_get(call, SAMR_SERVER);
	const char *name = samr_get_string(call->in);
	bool builtin = name && smb3_name_equal(name, "Builtin");
	struct smb3_rpc_sid sid = samr_domain_sid(call, builtin);
	ntstatus status = STATUS_SUCCESS;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!server)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	if (!samr_may(server, SERVER_LOOKUP))
		status = STATUS_ACCESS_DENIED;
	else if (!name || !*name)
		status = STATUS_INVALID_PARAMETER;
	else if (!builtin && !smb3_name_equal(name, call->facts->server))
		status = STATUS_NO_SUCH_DOMAIN;
	smb3_ndr_put_ptr(call->out, !status);
	if (!status)
		smb3_ndr_put_sid(call->out, &sid);
	return samr_end(call, status);
}

uint32_t samr_enum_domains(struct smb3_rpc_call *call)
{
	struct samr_object *server = samr_get(call, SAMR_SERVER);
	uint32_t at = smb3_ndr_u32(call->in), n;
	struct smb3_ndr_out *out = call->out;
	bool good;

	(void)smb3_ndr_u32(call->in); /* PreferedMaximumLength: both are short */
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!server)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	good = samr_may(server, SERVER_ENUMERATE);
	n = good && at < 2 ? 2 - at : 0;
	smb3_ndr_put_u32(out, good ? 2 : at);
	smb3_ndr_put_ptr(out, good);
	if (good) {
		smb3_ndr_put_u32(out, n);
		smb3_ndr_put_ptr(out, n);
	}
	if (n)
		smb3_ndr_put_u32(out, n);
	for (uint32_t i = at; i < at + n; i++) {
		smb3_ndr_put_u32(out, 0); /* RelativeId */
		smb3_ndr_put_counted(out, samr_domain_name(call, i));
	}
	for (uint32_t i = at; i < at + n; i++)
		smb3_ndr_put_counted_text(out, samr_domain_name(call, i));
	smb3_ndr_put_u32(out, n);
	return samr_end(call, good ? STATUS_SUCCESS : STATUS_ACCESS_DENIED);
}

uint32_t samr_open_domain(struct smb3_rpc_call *call)
{
	struct samr_object *server = samr_get(call, SAMR_SERVER);
	uint32_t wanted = smb3_ndr_u32(call->in);
	struct smb3_rpc_sid sid = smb3_ndr_sid(call->in);
	struct smb3_rpc_sid builtin = samr_domain_sid(call, true);
	struct smb3_rpc_sid machine = samr_domain_sid(call, false);
	struct samr_object domain = { .kind = SAMR_DOMAIN };
	struct smb3_rpc_handle h = { { 0 } };
	ntstatus status;

	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!server)
		return SMB3_RPC_FAULT_CONTEXT_MISMATCH;
	domain.builtin = smb3_rpc_sid_equal(&sid, &builtin);
	if (!samr_may(server, SERVER_LOOKUP))
		status = STATUS_ACCESS_DENIED;
	else if (!domain.builtin && !smb3_rpc_sid_equal(&sid, &machine))
		status = STATUS_NO_SUCH_DOMAIN;
	else
		status = samr_open(call, &domain, wanted, &h);
	smb3_ndr_put_handle(call->out, &h);
	return samr_end(call, status);
}
