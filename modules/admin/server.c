// SPDX-License-Identifier: Apache-2.0
/*
 * server.c: smb3ctl help, reload and shutdown: what concerns the server as a whole.
 */
#include "admin.h"

#include <string.h>

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

/* "user add" begins with the words of "help user", and not with those of "help us". */
static bool begins_with(const char *name, const struct smb3_ctl *ctl)
{
	for (int i = 0; i < smb3_ctl_argc(ctl); i++) {
		const char *word = smb3_ctl_arg(ctl, i);
		size_t len = strlen(word);

		if (!*name)
			return i > 0; /* the rest are arguments */
		if (strncmp(name, word, len) != 0 || (name[len] && name[len] != ' '))
			return false;
		name += len + (name[len] == ' ');
	}
	return true;
}

void admin_help(struct smb3_ctl *ctl)
{
	size_t n, shown = 0;
	const struct smb3_provide *const *rows = smb3_rows(smb3_ctl_server(ctl), SMB3_KIND_CTL, &n);

	for (size_t i = 0; i < n; i++) {
		const struct smb3_ctl_command *c = rows[i]->row;

		if (!begins_with(c->name, ctl))
			continue;
		shown++;
		smb3_ctl_row(ctl);
		smb3_ctl_text(ctl, "command", c->name);
		smb3_ctl_text(ctl, "arguments", c->args);
		smb3_ctl_text(ctl, "help", c->help);
	}
	if (shown)
		smb3_ctl_done(ctl, NULL);
	else
		smb3_ctl_done(ctl, "no command begins with \"%s\"; smb3ctl help lists all",
			      smb3_ctl_arg(ctl, 0));
}
