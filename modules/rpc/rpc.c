// SPDX-License-Identifier: Apache-2.0
/*
 * rpc.c: module rpc: named pipes for remote procedures, which run in a process of their own.
 */
#include "rpc.h"

#include <stdlib.h>

static int rpc_init(struct smb3_mod *mod)
{
	struct rpc *rpc = smb3_alloc(sizeof(*rpc));

	rpc->mod = mod;
	rpc->server = mod->server;
	rpc->child.fd = -1;
	smb3_hash_init(&rpc->pipes);
	smb3_list_init(&rpc->ready);
	smb3_list_init(&rpc->busy);
	smb3_list_init(&rpc->child.sending);
	smb3_list_init(&rpc->changes);
	smb3_list_init(&rpc->late);
	mod->data = rpc;
	return 0;
}

static int rpc_start(struct smb3_mod *mod)
{
	struct rpc *rpc = mod->data;

	rpc->worker = smb3_server_worker(mod->server, 0);
	return 0;
}

static void rpc_stop(struct smb3_mod *mod)
{
	struct rpc *rpc = mod->data;

	rpc->stopped = true;
	smb3_timer_stop(&rpc->child.again);
	rpc_changes_stop(rpc);
	rpc_broker_lost(rpc, true, STATUS_PIPE_DISCONNECTED);
	rpc_child_end(rpc, "the server ends");
}

static void rpc_fini(struct smb3_mod *mod)
{
	struct rpc *rpc = mod->data;

	smb3_hash_done(&rpc->pipes);
	free(rpc);
}

static enum smb3_verdict rpc_tick(struct smb3_mod *mod, struct smb3_event *event)
{
	struct rpc *rpc = mod->data;

	if (event->worker == rpc->worker)
		rpc_broker_tick(rpc);
	return SMB3_PASS;
}

static const struct smb3_hook rpc_hook_tick = {
	.point = SMB3_HOOK_TICK, .order = 500, .name = "rpc", .run = rpc_tick
};

#define OPTION(opt, kind, def, lo, hi, text)                                                  \
	{                                                                                     \
		.name = #opt, .type = kind, .scope = SMB3_GLOBAL,                             \
		.offset = offsetof(struct rpc_conf, opt), .value = def, .min = lo, .max = hi, \
		.help = text                                                                  \
	}

static const struct smb3_option rpc_options[] = {
	{ .name = "program",
	  .type = SMB3_OPT_STRING,
	  .scope = SMB3_GLOBAL | SMB3_USE_EXEC,
	  .offset = offsetof(struct rpc_conf, program),
	  .value = SMB3D_LIBEXEC_DIR "/smb3-rpcd",
	  .help = "The program smb3-rpcd." },
	OPTION(comment, SMB3_OPT_STRING, "smb3d", 0, 0,
	       "What clients are told about the server, beside its name."),
	OPTION(call_time, SMB3_OPT_TIME, "10s", 1000, 600 * 1000,
	       "How long one call may take; then smb3-rpcd is killed and started again."),
	OPTION(threads, SMB3_OPT_INT, "4", 1, 16, "Calls that run at a time."),
	OPTION(pipes, SMB3_OPT_INT, "2000", 1, 100000, "Pipes that may be open at a time."),
	OPTION(handles, SMB3_OPT_INT, "1000", 1, 100000,
	       "Context handles that one client may hold."),
	OPTION(waiting, SMB3_OPT_INT, "1000", 0, 100000,
	       "Calls that may wait for an event at a time; beyond, they fail."),
	OPTION(waiting_session, SMB3_OPT_INT, "64", 0, 100000, "Of them, calls of one session."),
	OPTION(waiting_pipe, SMB3_OPT_INT, "16", 0, 1000, "Of them, calls over one pipe."),
	OPTION(memory, SMB3_OPT_SIZE, "512M", 64 << 20, 1ll << 40,
	       "Address space that smb3-rpcd may have."),
	OPTION(cpu, SMB3_OPT_TIME, "1h", 10000, 30ll * 86400 * 1000,
	       "CPU time of one smb3-rpcd; the next one takes over after it."),
	OPTION(request_size, SMB3_OPT_SIZE, "4M", 65536, 64 << 20,
	       "Bytes that one call may bring, all fragments together."),
	OPTION(response_size, SMB3_OPT_SIZE, "4M", 65536, 64 << 20,
	       "Bytes that one call may answer, all fragments together."),
	SMB3_OPTION_END,
};

static const struct smb3_provide rpc_provides[] = {
	SMB3_PIPE(&rpc_pipe_service),
	SMB3_HOOK(&rpc_hook_tick),
	SMB3_CTL(&rpc_ctl_rpc),
	SMB3_ASK(SMB3_ASK_SHARES, &rpc_ask_shares),
	SMB3_ASK(SMB3_ASK_SESSIONS, &rpc_ask_sessions),
	SMB3_ASK(SMB3_ASK_TREES, &rpc_ask_trees),
	SMB3_ASK(SMB3_ASK_OPENS, &rpc_ask_opens),
	SMB3_ASK(SMB3_ASK_CLOSE_OPEN, &rpc_ask_close_open),
	SMB3_ASK(SMB3_ASK_CLOSE_SESSION, &rpc_ask_close_session),
	SMB3_ASK(SMB3_ASK_LOGON, &rpc_ask_logon),
	SMB3_ASK(SMB3_ASK_UNWRAP, &rpc_ask_unwrap),
	SMB3_ASK(SMB3_ASK_WRAP, &rpc_ask_wrap),
	SMB3_ASK(SMB3_ASK_CALLER, &rpc_ask_caller),
	SMB3_ASK(SMB3_ASK_FORGET, &rpc_ask_forget),
	SMB3_ASK(SMB3_ASK_SLEEP, &rpc_ask_sleep),
	SMB3_ASK(SMB3_ASK_BIND, &rpc_ask_bind),
	SMB3_END,
};

/* smb3-rpcd, the loader that starts it, and what it gives its own rights up with. */
static const char *const rpc_execs[] = {
	SMB3D_LIBEXEC_DIR "/smb3-rpcd", "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1",
	"/lib/ld-musl-x86_64.so.1",     "/lib/ld-musl-aarch64.so.1",   NULL,
};
static const char *const rpc_calls[] = { "capset", "close_range", "setgroups", NULL };
/* The child's loader and clock. */
static const char *const rpc_reads[] = { "/etc/ld.so.cache", "/etc/localtime", NULL };
static const struct smb3_needs rpc_needs = {
	.raise = RPC_RAISES, .calls = rpc_calls, .reads = rpc_reads, .execs = rpc_execs
};

SMB3_MODULE(rpc, .summary = "named pipes for remote procedures, in a process of their own",
	    .system = &rpc_needs, .options = rpc_options, .conf_size = sizeof(struct rpc_conf),
	    .provides = rpc_provides, .init = rpc_init, .start = rpc_start, .stop = rpc_stop,
	    .fini = rpc_fini);
