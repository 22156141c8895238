// SPDX-License-Identifier: Apache-2.0
/*
 * conf_tables.c: what may stand in core's own groups.
 */
#include "conf_file.h"

const char *const smb3_dialect_names[] = { "2.0.2", "2.1", "3.0", "3.0.2", "3.1.1", NULL };
const uint16_t smb3_dialect_revisions[] = { 0x0202, 0x0210, 0x0300, 0x0302, 0x0311 };

static const char *const level_choices[] = { "error", "warning", "notice", "info", NULL };

#define SERVER(field) SMB3_GLOBAL, offsetof(struct smb3_server_conf, field)
#define LIMIT(field)  SMB3_GLOBAL, offsetof(struct smb3_limits, field)
#define LOG(field)    SMB3_GLOBAL, offsetof(struct smb3_log_conf, field)
#define LISTEN(field) SMB3_GLOBAL, offsetof(struct smb3_listen_conf, field)
#define SHARE(field)  SMB3_SHARE, offsetof(struct smb3_share, field)
#define MILLION       1000000

const struct smb3_option conf_server_options[] = {
	{ "name", SMB3_OPT_STRING, SERVER(name), "", 0, 0, NULL,
	  "How the server calls itself, at most 15 characters; empty is the name of the host." },
	{ "workgroup", SMB3_OPT_STRING, SERVER(workgroup), "WORKGROUP", 0, 0, NULL,
	  "Workgroup or domain that is shown to clients." },
	{ "state_dir", SMB3_OPT_STRING, SERVER(state_dir), SMB3D_STATE_DIR, 0, 0, NULL,
	  "Folder for what outlives a restart. Takes effect at a restart." },
	{ "run_dir", SMB3_OPT_STRING, SERVER(run_dir), SMB3D_RUN_DIR, 0, 0, NULL,
	  "Folder of the control socket and the pid file. Takes effect at a restart." },
	{ "workers", SMB3_OPT_INT, SERVER(workers), "0", 0, SMB3_WORKERS_MAX, NULL,
	  "Threads that serve clients; 0 is one per processor that the server may run on. "
	  "Takes effect at a restart." },
	{ "io_threads", SMB3_OPT_INT, SERVER(io_threads), "0", 0, 256, NULL,
	  "Threads that wait for disks; 0 is four, or two per processor that the server may run on if that is more. "
	  "Takes effect at a restart." },
	{ "late", SMB3_OPT_TIME, SERVER(late), "500ms", 0, 60000, NULL,
	  "A worker that was held up for longer than this is logged with what held it up; 0 is "
	  "never." },
	{ "inline_time", SMB3_OPT_TIME, SERVER(inline_time), "3ms", 1, 60000, NULL,
	  "File system calls that should be quick are made by the worker itself. When a request's took "
	  "longer than this, by waiting or working and not for want of a processor, and that happens for "
	  "more than a fiftieth of the time (20 ms in a second), those of its share are left to the I/O threads "
	  "for a second." },
	{ "busy_poll", SMB3_OPT_INT, SERVER(busy_poll), "50", 0, 1000, NULL,
	  "A worker that has answered and expects the next request at once looks for it for so many microseconds before "
	  "it sleeps, as waking up takes time and a processor, most of all in virtual machines. It "
	  "leaves its processor to whoever else wants it, and gives this up where requests come later. 0 is not at all." },
	{ "user_cache", SMB3_OPT_TIME, SERVER(user_cache), "5s", 0, 3600000, NULL,
	  "What the system says of users who log on, the groups they are in included, is kept for this time "
	  "(that there is no such user for a second at most); 0 is not at all. Whoever is taken out of a group may log on with "
	  "it for so long, unless the configuration is loaded again." },
	{ "min_dialect", SMB3_OPT_ENUM, SERVER(min_dialect), "2.0.2", 0, 0, smb3_dialect_names,
	  "Oldest dialect that a client may choose." },
	{ "max_dialect", SMB3_OPT_ENUM, SERVER(max_dialect), "3.1.1", 0, 0, smb3_dialect_names,
	  "Newest dialect that a client may choose." },
	SMB3_OPTION_END,
};

const struct smb3_option conf_limits_options[] = {
	{ "connections", SMB3_OPT_INT, LIMIT(connections), "16384", 1, MILLION, NULL,
	  "Connections in all." },
	{ "sessions", SMB3_OPT_INT, LIMIT(sessions), "64", 1, 65536, NULL,
	  "Sessions on one connection." },
	{ "trees", SMB3_OPT_INT, LIMIT(trees), "256", 1, 65536, NULL,
	  "Shares that one session may be connected to." },
	{ "opens", SMB3_OPT_INT, LIMIT(opens), "65536", 1, MILLION, NULL,
	  "Files that one session may have open." },
	{ "requests", SMB3_OPT_INT, LIMIT(requests), "1024", 1, SMB3_CREDITS_MAX, NULL,
	  "Requests of one connection that may be outstanding, those that wait for a lock or a "
	  "change included." },
	{ "credits", SMB3_OPT_INT, LIMIT(credits), "8192", 16, SMB3_CREDITS_MAX, NULL,
	  "Credits that one connection may hold; a transfer takes one per 64 KiB." },
	{ "compound", SMB3_OPT_INT, LIMIT(compound), "64", 1, 1024, NULL,
	  "Requests in one message." },
	{ "max_io", SMB3_OPT_SIZE, LIMIT(max_io), "8M", 65536, 8 << 20, NULL,
	  "Largest read, write or transaction." },
	{ "memory", SMB3_OPT_SIZE, LIMIT(memory), "64M", 1 << 20, 1ll << 40, NULL,
	  "Memory for messages of one connection: half for what it sent, half for unread replies." },
	{ "memory_in_all", SMB3_OPT_SIZE, LIMIT(memory_in_all), "1G", 1 << 20, 1ll << 50, NULL,
	  "The same of all connections. When it is reached, messages beyond 128 KiB wait." },
	{ "negotiate_time", SMB3_OPT_TIME, LIMIT(negotiate_time), "10s", 100, 3600000, NULL,
	  "A connection that has not negotiated is closed after this time." },
	{ "logon_time", SMB3_OPT_TIME, LIMIT(logon_time), "30s", 100, 3600000, NULL,
	  "A connection on which nobody has logged on is closed after this time." },
	{ "idle_time", SMB3_OPT_TIME, LIMIT(idle_time), "0", 0, 30ll * 86400000, NULL,
	  "A connection without open files that has been silent for this time is closed; 0 is "
	  "never." },
	{ "receive_time", SMB3_OPT_TIME, LIMIT(receive_time), "60s", 100, 3600000, NULL,
	  "A message that has begun to arrive must go on within this time, and after it be at least "
	  "as fast as 1 KiB a second. Before log-on it must be whole within a sixth of it." },
	{ "send_time", SMB3_OPT_TIME, LIMIT(send_time), "2m", 100, 3600000, NULL,
	  "A client that has read nothing of its replies for this time is cut off. When memory is "
	  "short (memory_in_all), it must read 64 KiB in ten seconds." },
	SMB3_OPTION_END,
};

const struct smb3_option conf_log_options[] = {
	{ "file", SMB3_OPT_STRING, LOG(file), "", 0, 0, NULL,
	  "File that is written to; empty is standard error." },
	{ "level", SMB3_OPT_ENUM, LOG(level), "notice", 0, 0, level_choices,
	  "Least important kind of line that is written." },
	{ "rate", SMB3_OPT_INT, LOG(rate), "5", 0, MILLION, NULL,
	  "Of lines of one kind that clients cause, the first 200 are written and then so many a "
	  "second; the next one tells how many were left out. 0 is all." },
	{ "debug", SMB3_OPT_LIST, LOG(debug), "", 0, 0, smb3_debug_names,
	  "Components that are traced from the start; smb3ctl debug switches them at run time." },
	SMB3_OPTION_END,
};

const struct smb3_option conf_listen_options[] = {
	{ "transport", SMB3_OPT_STRING, LISTEN(transport), "tcp", 0, 0, NULL,
	  "How messages are carried; a module provides it." },
	{ "address", SMB3_OPT_STRING, LISTEN(address), "*", 0, 0, NULL,
	  "Numeric IPv4 or IPv6 address of this machine; \"*\" is every address." },
	{ "port", SMB3_OPT_INT, LISTEN(port), "445", 0, 65535, NULL,
	  "Port; 0 lets the system choose one." },
	SMB3_OPTION_END,
};

const struct smb3_option conf_share_options[] = {
	{ "name", SMB3_OPT_STRING, SHARE(name), "", 0, 0, NULL,
	  "Name that clients connect to, at most 80 characters. Must be given." },
	{ "path", SMB3_OPT_STRING, SHARE(path), "", 0, 0, NULL,
	  "Folder that is shared; begins with a slash. %U and other letters stand for who connects." },
	{ "comment", SMB3_OPT_STRING, SHARE(comment), "", 0, 0, NULL,
	  "Text that listings show beside the name." },
	{ "read_only", SMB3_OPT_BOOL, SHARE(read_only), "false", 0, 0, NULL,
	  "Nothing can be changed through this share." },
	{ "guest", SMB3_OPT_BOOL, SHARE(guest), "false", 0, 0, NULL,
	  "Guests and anonymous users may connect." },
	{ "browseable", SMB3_OPT_BOOL, SHARE(browseable), "true", 0, 0, NULL,
	  "The share is shown in listings." },
	{ "backend", SMB3_OPT_STRING, SHARE(backend), "posix", 0, 0, NULL,
	  "Where the files are; a module provides it." },
	{ "vfs", SMB3_OPT_LIST, SHARE(vfs), "", 0, 0, NULL,
	  "Filters between client and backend, the outermost first; modules provide them." },
	SMB3_OPTION_END,
};
