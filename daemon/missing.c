// SPDX-License-Identifier: Apache-2.0
/*
 * missing.c: what the server that is about to serve cannot do for want of a module, or of descriptors.
 */
#include "daemon.h"

#include <string.h>
#include <sys/resource.h>

#define FILES_BESIDES 1024 /* descriptors for open files, at the very least */

static const char *const command_names[SMB2_COMMANDS] = {
	"NEGOTIATE",     "SESSION_SETUP", "LOGOFF",   "TREE_CONNECT", "TREE_DISCONNECT",
	"CREATE",        "CLOSE",         "FLUSH",    "READ",         "WRITE",
	"LOCK",          "IOCTL",         "CANCEL",   "ECHO",         "QUERY_DIRECTORY",
	"CHANGE_NOTIFY", "QUERY_INFO",    "SET_INFO", "OPLOCK_BREAK",
};

/* The soft limit has been raised to the hard one. */
static void descriptors_tell(const struct smb3_server *server)
{
	rlim_t wanted = (rlim_t)smb3_server_limits(server)->connections + FILES_BESIDES;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < wanted)
		smb3_log(SMB3_LOG_WARNING,
			 "only %llu descriptors for limits.connections (%lld) and open files: "
			 "raise the hard limit (ulimit -Hn, LimitNOFILE of the service)",
			 (unsigned long long)limit.rlim_cur,
			 (long long)smb3_server_limits(server)->connections);
}

/* CANCEL is core's. A server may well do without some of these, but should say so. */
void missing_tell(struct smb3_server *server)
{
	const struct smb3_registry *r = &server->registry;
	char list[256] = "";

	for (unsigned int i = 0; i < SMB2_COMMANDS; i++) {
		size_t len = strlen(list);

		if (!r->commands[i] && command_names[i] && i != SMB2_CANCEL)
			snprintf(list + len, sizeof(list) - len, " %s", command_names[i]);
	}
	if (*list)
		smb3_log(SMB3_LOG_NOTICE, "no module answers these commands:%s", list);
	if (!smb3_row_name(server, SMB3_KIND_CTL, "shutdown"))
		smb3_log(SMB3_LOG_NOTICE, "no module takes commands from smb3ctl (admin does)");
	if (!server->n_listeners)
		smb3_log(SMB3_LOG_WARNING, "nothing to listen on: listen is empty");
	if (!r->count[SMB3_KIND_DIALECT])
		smb3_log(SMB3_LOG_WARNING, "no module speaks a dialect: nobody can connect");
	if (!r->count[SMB3_KIND_AUTH])
		smb3_log(SMB3_LOG_WARNING, "no module can log users in: nobody can connect");
	if (!smb3_module_find(server, "guard"))
		smb3_log(SMB3_LOG_NOTICE,
			 "no module limits connections of one address (guard does)");
	descriptors_tell(server);
}
