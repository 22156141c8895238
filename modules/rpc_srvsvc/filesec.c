// SPDX-License-Identifier: Apache-2.0
/*
 * filesec.c: security descriptors of files. [MS-SRVS] 3.1.4.27, 3.1.4.28, 2.2.4.104
 */
#include "filesec.h"

#include "srvsvc.h"

#include <errno.h>

/* NTSTATUS and what Windows makes of it, [MS-ERREF] 2.2 */
static const struct {
	ntstatus status;
	uint32_t error;
} errors[] = {
	{ STATUS_SUCCESS, NERR_SUCCESS },
	{ STATUS_BAD_NETWORK_NAME, NERR_NET_NAME_NOT_FOUND },
	{ STATUS_OBJECT_NAME_NOT_FOUND, 2 }, /* ERROR_FILE_NOT_FOUND */
	{ STATUS_NO_SUCH_FILE, 2 },
	{ STATUS_OBJECT_PATH_NOT_FOUND, 3 }, /* ERROR_PATH_NOT_FOUND */
	{ STATUS_OBJECT_PATH_SYNTAX_BAD, 161 },
	{ STATUS_OBJECT_NAME_INVALID, ERROR_INVALID_NAME },
	{ STATUS_ACCESS_DENIED, ERROR_ACCESS_DENIED },
	{ STATUS_NETWORK_ACCESS_DENIED, ERROR_ACCESS_DENIED },
	{ STATUS_DELETE_PENDING, ERROR_ACCESS_DENIED },
	{ STATUS_MEDIA_WRITE_PROTECTED, 19 },
	{ STATUS_SHARING_VIOLATION, 32 },
	{ STATUS_NOT_SUPPORTED, ERROR_NOT_SUPPORTED },
	{ STATUS_INVALID_PARAMETER, ERROR_INVALID_PARAMETER },
	{ STATUS_BUFFER_TOO_SMALL, 122 },
	{ STATUS_INVALID_OWNER, 1307 },
	{ STATUS_PRIVILEGE_NOT_HELD, 1314 },
	{ STATUS_INVALID_SECURITY_DESCR, 1338 },
	{ STATUS_INSUFFICIENT_RESOURCES, 1450 },
};
#define ERROR_GEN_FAILURE 31u
#define ERROR_BUSY        170u

static uint32_t error_of(ntstatus status)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(errors); i++)
		if (errors[i].status == status)
			return errors[i].error;
	return ERROR_GEN_FAILURE;
}

static uint32_t judge(int err, struct smb3_cursor *answer)
{
	ntstatus status;

	if (err == -EBUSY)
		return ERROR_BUSY;
	if (err)
		return srvsvc_error(err, ERROR_ACCESS_DENIED);
	status = smb3_get_u32(answer);
	return smb3_cursor_ok(answer) ? error_of(status) : ERROR_GEN_FAILURE;
}

/* [out] ADT_SECURITY_DESCRIPTOR **: null with an error. */
static uint32_t got(struct smb3_rpc_call *call, int err, struct smb3_cursor *answer)
{
	uint32_t error = judge(err, answer);

	smb3_ndr_put_ptr(call->out, !error);
	if (!error)
		smb3_ndr_put_blob(call->out, answer->pos, smb3_cursor_left(answer));
	smb3_ndr_put_u32(call->out, error);
	return SMB3_RPC_OK;
}

static uint32_t was_set(struct smb3_rpc_call *call, int err, struct smb3_cursor *answer)
{
	smb3_ndr_put_u32(call->out, judge(err, answer));
	return SMB3_RPC_OK;
}

static uint32_t ask(struct smb3_rpc_call *call, const struct filesec *f)
{
	struct smb3_builder in = smb3_builder_arena(call->arena, SMB3_RPC_ANSWER_MAX);

	smb3_put_text(&in, f->share);
	smb3_put_text(&in, f->path);
	smb3_put_u32(&in, f->which);
	smb3_put_u8(&in, f->sets);
	smb3_put_bytes(&in, f->sd, f->len);
	return smb3_rpc_ask_later(call, SMB3_ASK_FILE_SECURITY, &in, f->sets ? was_set : got);
}

static void get_names(struct smb3_rpc_call *call, struct filesec *f)
{
	(void)smb3_ndr_wstring_ptr(call->in); /* ServerName */
	f->share = smb3_ndr_wstring_ptr(call->in);
	f->path = smb3_ndr_wstring(call->in);
	f->which = smb3_ndr_u32(call->in);
}

/* Without a share the path would be one of the server's own. */
uint32_t srvsvc_get_file_security(struct smb3_rpc_call *call)
{
	struct filesec f = { 0 };

	get_names(call, &f);
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (f.share)
		return ask(call, &f);
	smb3_ndr_put_ptr(call->out, false);
	smb3_ndr_put_u32(call->out, NERR_NET_NAME_NOT_FOUND);
	return SMB3_RPC_OK;
}

static uint32_t set_error(struct smb3_rpc_call *call, uint32_t error)
{
	smb3_ndr_put_u32(call->out, error);
	return SMB3_RPC_OK;
}

uint32_t srvsvc_set_file_security(struct smb3_rpc_call *call)
{
	struct filesec f = { .sets = true };
	uint32_t len;

	get_names(call, &f);
	len = smb3_ndr_u32(call->in);
	if (smb3_ndr_ptr(call->in)) {
		if (smb3_ndr_conformance(call->in, UINT32_MAX) != len)
			smb3_ndr_bad(call->in);
		f.len = len;
		f.sd = smb3_ndr_bytes(call->in, f.len);
	} else if (len) {
		smb3_ndr_bad(call->in);
	}
	if (!smb3_ndr_ok(call->in))
		return SMB3_RPC_FAULT_NDR;
	if (!f.share)
		return set_error(call, NERR_NET_NAME_NOT_FOUND);
	if (!f.len || f.len > FILESEC_SET_MAX)
		return set_error(call, ERROR_INVALID_PARAMETER);
	return ask(call, &f);
}
