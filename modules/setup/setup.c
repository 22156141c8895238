// SPDX-License-Identifier: Apache-2.0
/*
 * setup.c: module setup: NEGOTIATE, SESSION_SETUP, LOGOFF, ECHO.
 */
#include "setup.h"

/* [MS-SMB2] 3.3.5.6 */
static ntstatus logoff_run(struct smb3_req *req)
{
	smb3_session_close(req->session, NULL);
	smb3_put_u16(&req->out, 4);
	smb3_put_u16(&req->out, 0);
	return smb3_session_settle(req->session, req);
}

const struct smb3_command logoff_command = {
	.name = "LOGOFF",
	.body_size = 4,
	.flags = SMB3_NEED_SESSION | SMB3_EXPIRED_OK,
	.run = logoff_run,
};

/* [MS-SMB2] 3.3.5.17 */
static ntstatus echo_run(struct smb3_req *req)
{
	smb3_put_u16(&req->out, 4);
	smb3_put_u16(&req->out, 0);
	return STATUS_SUCCESS;
}

const struct smb3_command echo_command = {
	.name = "ECHO",
	.body_size = 4,
	.run = echo_run,
};

struct smb3_slot setup_conn_slot = {
	.kind = SMB3_SLOT_CONN,
	.size = sizeof(struct setup_conn),
};

static void session_fini(void *slot, void *object)
{
	struct setup_session *s = slot;

	smb3_identity_unref(s->user);
}

struct smb3_slot setup_session_slot = {
	.kind = SMB3_SLOT_SESSION,
	.size = sizeof(struct setup_session),
	.fini = session_fini,
};

static const struct smb3_option setup_options[] = {
	{
		.name = "multichannel",
		.type = SMB3_OPT_BOOL,
		.scope = SMB3_GLOBAL,
		.offset = offsetof(struct setup_conf, multichannel),
		.value = "false",
		.help = "Clients of SMB 3.0 and later may join further connections to a session.",
	},
	{
		.name = "channels",
		.type = SMB3_OPT_INT,
		.scope = SMB3_GLOBAL,
		.offset = offsetof(struct setup_conf, channels),
		.value = "32",
		.min = 1,
		.max = 1024,
		.help = "Connections that a session may have with multichannel; one more is refused.",
	},
	SMB3_OPTION_END,
};

static const struct smb3_provide setup_provides[] = {
	SMB3_SLOT(&setup_conn_slot),
	SMB3_SLOT(&setup_session_slot),
	SMB3_LAYER(SMB1_MAGIC, &smb1_layer),
	SMB3_COMMAND(SMB2_NEGOTIATE, &negotiate_command),
	SMB3_COMMAND(SMB2_SESSION_SETUP, &session_setup_command),
	SMB3_COMMAND(SMB2_LOGOFF, &logoff_command),
	SMB3_COMMAND(SMB2_ECHO, &echo_command),
	SMB3_END,
};

SMB3_MODULE(setup, .summary = "NEGOTIATE, SESSION_SETUP, LOGOFF, ECHO", .options = setup_options,
	    .conf_size = sizeof(struct setup_conf), .provides = setup_provides);
