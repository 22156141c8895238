// SPDX-License-Identifier: Apache-2.0
/*
 * negotiate.c: controls about the connection and the server.
 * [MS-SMB2] 2.2.31.4, 2.2.32.6, 3.3.5.15.2, 3.3.5.15.12
 */
#include "ioctl.h"

#define VALIDATE_REPLY 24

/* What the client says it sent must be what arrived: somebody between may have changed it. */
static bool same_negotiation(const struct smb3_conn *conn, struct smb3_cursor *in)
{
	bool same = smb3_get_u32(in) == conn->client_capabilities;
	struct smb3_guid guid = smb3_get_guid(in);
	uint16_t count;

	same &= !memcmp(&guid, &conn->client_guid, sizeof(guid));
	same &= smb3_get_u16(in) == conn->client_security_mode;
	count = smb3_get_u16(in);
	same &= count == conn->n_client_dialects;
	for (uint16_t i = 0; i < count && same; i++)
		same = smb3_get_u16(in) == conn->client_dialects[i];
	return same && smb3_cursor_ok(in);
}

/* A mismatch ends the connection without a reply; 3.1.1 has something better. */
static ntstatus validate_negotiate_info(struct smb3_fsctl_call *call)
{
	struct smb3_conn *conn = call->req->conn;

	if (conn->revision >= SMB2_DIALECT_0311 || !same_negotiation(conn, &call->in)) {
		smb3_conn_close(conn, "the negotiation was tampered with");
		return STATUS_ACCESS_DENIED;
	}
	if (call->max_out < VALIDATE_REPLY)
		return STATUS_BUFFER_TOO_SMALL;
	smb3_put_u32(call->out, conn->server_capabilities);
	smb3_put_guid(call->out, smb3_server_guid(call->req->server));
	smb3_put_u16(call->out, conn->server_security_mode);
	smb3_put_u16(call->out, conn->revision);
	return STATUS_SUCCESS;
}

/* There is no DFS here. */
static ntstatus dfs_get_referrals(struct smb3_fsctl_call *call)
{
	return STATUS_FS_DRIVER_REQUIRED;
}

/* Handles that live on while the client is away are the business of another module; 2.0.2 does not
 * know the code. [MS-SMB2] 3.3.5.15.9 */
static ntstatus lmr_request_resiliency(struct smb3_fsctl_call *call)
{
	return call->req->conn->revision <= SMB2_DIALECT_0202 ? STATUS_INVALID_DEVICE_REQUEST :
								STATUS_NOT_SUPPORTED;
}

const struct smb3_fsctl fsctl_validate_negotiate_info = {
	.name = "FSCTL_VALIDATE_NEGOTIATE_INFO",
	.flags = SMB3_FSCTL_NO_OPEN,
	.run = validate_negotiate_info,
};

const struct smb3_fsctl fsctl_dfs_get_referrals = {
	.name = "FSCTL_DFS_GET_REFERRALS",
	.flags = SMB3_FSCTL_NO_OPEN,
	.run = dfs_get_referrals,
};

const struct smb3_fsctl fsctl_lmr_request_resiliency = {
	.name = "FSCTL_LMR_REQUEST_RESILIENCY",
	.flags = SMB3_FSCTL_FILE,
	.run = lmr_request_resiliency,
};
