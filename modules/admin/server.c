// SPDX-License-Identifier: Apache-2.0
/*
 * server.c: smb3ctl help, reload and shutdown: what concerns the server as a whole.
 */
#include "admin.h"

static void reload_then(void *arg, const char *refused)
{
	smb3_ctl_done(arg, refused ? "%s" : NULL, refused);
}

void admin_reload(struct smb3_ctl *ctl)
{
	smb3_server_reload(smb3_ctl_server(ctl), reload_then, ctl);
}

void admin_shutdown(struct smb3_ctl *ctl)
{
	struct smb3_server *server = smb3_ctl_server(ctl);

	smb3_log(SMB3_LOG_NOTICE, "stopping: smb3ctl shutdown");
	smb3_ctl_done(ctl, NULL);
	smb3_server_stop(server);
}

void admin_help(struct smb3_ctl *ctl)
{
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(smb3_ctl_server(ctl), SMB3_KIND_CTL, &n);

	for (size_t i = 0; i < n; i++) {
		const struct smb3_ctl_command *c = rows[i]->row;

		smb3_ctl_row(ctl);
		smb3_ctl_text(ctl, "command", c->name);
		smb3_ctl_text(ctl, "arguments", c->args);
		smb3_ctl_text(ctl, "help", c->help);
	}
	smb3_ctl_done(ctl, NULL);
}
