// SPDX-License-Identifier: Apache-2.0
/*
 * ctl_commands.c: the three admin commands that no server can do without.
 */
#include "ctl_call.h"

static void reload_then(void *arg, const char *refused)
{
	smb3_ctl_done(arg, refused ? "%s" : NULL, refused);
}

static void ctl_reload(struct smb3_ctl *ctl)
{
	smb3_config_reload(ctl->server, reload_then, ctl);
}

static void ctl_shutdown(struct smb3_ctl *ctl)
{
	struct smb3_server *server = ctl->server;

	smb3_log(SMB3_LOG_NOTICE, "stopping: smb3ctl shutdown");
	smb3_ctl_done(ctl, NULL);
	smb3_server_stop(server);
}

static void ctl_help(struct smb3_ctl *ctl)
{
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(ctl->server, SMB3_KIND_CTL, &n);

	for (size_t i = 0; i < n; i++) {
		const struct smb3_ctl_command *c = rows[i]->row;

		smb3_ctl_row(ctl);
		smb3_ctl_text(ctl, "command", c->name);
		smb3_ctl_text(ctl, "arguments", c->args);
		smb3_ctl_text(ctl, "help", c->help);
	}
	smb3_ctl_done(ctl, NULL);
}

static const struct smb3_ctl_command reload_command = {
	.name = "reload",
	.help = "read smb3.conf again",
	.run = ctl_reload,
};

static const struct smb3_ctl_command shutdown_command = {
	.name = "shutdown",
	.help = "end the server",
	.run = ctl_shutdown,
};

static const struct smb3_ctl_command help_command = {
	.name = "help",
	.help = "list the commands",
	.offline = true,
	.run = ctl_help,
};

const struct smb3_provide smb3_core_provides[] = {
	SMB3_CTL(&help_command),
	SMB3_CTL(&reload_command),
	SMB3_CTL(&shutdown_command),
	SMB3_END,
};
