// SPDX-License-Identifier: Apache-2.0
/*
 * audit.c: module audit: who did what, for administrators and their tools. Options, the module's
 * life, and smb3ctl audit; smb3-audit(7) has the schema.
 */
#include "audit.h"

#include <stdio.h>
#include <string.h>

static const char *const to_names[] = { "file", "journal", "syslog", NULL };
static const char *const opens_names[] = { "off", "writes", "all", NULL };
static const char *const error_names[] = { "continue", "deny", NULL };

const char *audit_place(const struct audit_conf *conf)
{
	if (conf->to == AUDIT_FILE)
		return conf->file;
	if (*conf->socket)
		return conf->socket;
	return conf->to == AUDIT_JOURNAL ? "/run/systemd/journal/socket" : "/dev/log";
}

/* ---- smb3ctl audit ---- */

static void ctl_state(struct smb3_ctl *ctl)
{
	struct smb3_mod *mod = smb3_ctl_mod(ctl);
	const struct audit_conf *conf = atomic_load(&mod->conf);
	struct audit_state st;

	queue_state(mod->data, &st);
	smb3_ctl_row(ctl);
	smb3_ctl_text(ctl, "to", audit_place(conf));
	smb3_ctl_text(ctl, "state", st.failing ? strerror(st.error) : "ok");
	smb3_ctl_number(ctl, "written", (int64_t)st.written);
	smb3_ctl_number(ctl, "lost", (int64_t)st.lost);
	smb3_ctl_number(ctl, "waiting", (int64_t)st.waiting);
	smb3_ctl_text(ctl, "on_error", error_names[conf->on_error]);
	smb3_ctl_bool(ctl, "refusing", conf->on_error == ERROR_DENY && queue_in_trouble(mod->data));
	smb3_ctl_done(ctl, NULL);
}

const struct smb3_ctl_command audit_command = {
	.name = "audit",
	.args = "",
	.help = "shows where events go, how many were written and lost",
	.run = ctl_state,
};

/* ---- life ---- */

static bool audit_check(struct smb3_mod *mod, const void *new_conf, struct smb3_conf_wrong *wrong)
{
	const struct audit_conf *conf = new_conf;

	(void)mod;
	wrong->option = "file";
	if (conf->to != AUDIT_FILE || *conf->file == '/')
		return true;
	snprintf(wrong->why, sizeof(wrong->why),
		 *conf->file ? "must be a path from the root, such as \"/var/log/smb3d/audit\"" :
			       "is not set: say where events go, such as \"/var/log/smb3d/audit\", "
			       "or set to = \"journal\"");
	return false;
}

static int audit_init(struct smb3_mod *mod)
{
	const struct audit_conf *conf = atomic_load(&mod->conf);
	struct queue *q;
	int err = queue_new(conf->to, audit_place(conf), conf->queue / 2, &q);

	if (err) {
		smb3_log(SMB3_LOG_ERROR, "audit: %s: %s; correct the group audit",
			 audit_place(conf), strerror(-err));
		return err;
	}
	mod->data = q;
	return 0;
}

static int audit_start(struct smb3_mod *mod)
{
	int err = queue_start(mod->data);

	if (!err)
		audit_say(mod, "start");
	return err;
}

static void audit_fini(struct smb3_mod *mod)
{
	if (queue_started(mod->data))
		audit_say(mod, "stop");
	queue_free(mod->data);
	mod->data = NULL;
}

static const struct smb3_option audit_options[] = {
	{ .name = "to",
	  .type = SMB3_OPT_ENUM,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct audit_conf, to),
	  .value = "file",
	  .choices = to_names,
	  .help = "Where events are kept." },
	{ .name = "file",
	  .type = SMB3_OPT_STRING,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct audit_conf, file),
	  .value = "",
	  .help = "The file that events are appended to, made with mode 0600; it may be renamed by "
		  "whoever rotates it." },
	{ .name = "socket",
	  .type = SMB3_OPT_STRING,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct audit_conf, socket),
	  .value = "",
	  .help = "The socket of the journal or the system log, when it is not in its usual "
		  "place." },
	{ .name = "queue",
	  .type = SMB3_OPT_SIZE,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct audit_conf, queue),
	  .value = "4M",
	  .min = 64 * 1024,
	  .max = 1024 * 1024 * 1024,
	  .help = "Memory for events that are not written yet; read at the start." },
	{ .name = "on_error",
	  .type = SMB3_OPT_ENUM,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct audit_conf, on_error),
	  .value = "continue",
	  .choices = error_names,
	  .help = "While events cannot be written: continue, and count what is lost; or deny: no "
		  "log-ons, connections to shares, opens and renames." },
	{ .name = "events",
	  .type = SMB3_OPT_LIST,
	  .scope = SMB3_GLOBAL | SMB3_SHARE,
	  .offset = offsetof(struct audit_conf, events),
	  .value = "connection_refused, unprotected, logon, guest_logon, logon_failed, logoff, "
		   "tree_connect, tree_disconnect, tree_refused, open, denied, delete, rename, "
		   "permissions, limit, admin, note",
	  .choices = audit_events,
	  .help = "Which events are written." },
	{ .name = "opens",
	  .type = SMB3_OPT_ENUM,
	  .scope = SMB3_GLOBAL | SMB3_SHARE,
	  .offset = offsetof(struct audit_conf, opens),
	  .value = "off",
	  .choices = opens_names,
	  .help = "Which opens are events: none, those that may change something, or all." },
	{ .name = "quiet_users",
	  .type = SMB3_OPT_LIST,
	  .scope = SMB3_GLOBAL | SMB3_SHARE,
	  .offset = offsetof(struct audit_conf, quiet_users),
	  .help = "Users, a backup's for example, whose opens, deletions, renames and changes of "
		  "permissions are no events. What they are refused is." },
	SMB3_OPTION_END,
};

SMB3_MODULE(audit, .summary = "writes down who did what", .options = audit_options,
	    .conf_size = sizeof(struct audit_conf), .provides = audit_provides,
	    .check = audit_check, .init = audit_init, .start = audit_start, .fini = audit_fini);
