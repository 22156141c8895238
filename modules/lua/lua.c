// SPDX-License-Identifier: Apache-2.0
/*
 * lua.c: the module that runs scripts of the administrator's; smb3-lua(7) is their manual.
 */
#include "script.h"

#include <string.h>
#include <time.h>

struct smb3_metric metric_calls = {
	.name = "lua_calls",
	.help = "calls of functions of scripts at hook points",
	.type = SMB3_COUNTER,
};

struct smb3_metric metric_errors = {
	.name = "lua_errors",
	.help = "errors that scripts raised",
	.type = SMB3_COUNTER,
};

struct smb3_metric metric_denials = {
	.name = "lua_denials",
	.help = "what scripts have denied",
	.type = SMB3_COUNTER,
};

/* ---- life ---- */

/* Loads the scripts once: smb3d -t tells what is wrong with them, and a reload is refused before any
 * module is asked. What a share says has no scripts of its own. */
static bool script_check(struct smb3_mod *mod, const void *new_conf, struct smb3_conf_wrong *wrong)
{
	const struct script_conf *conf = new_conf;
	const struct state_place place = { .mod = mod, .conf = conf };
	struct state *st;

	wrong->option = "vars";
	if (!vars_sound(conf->vars, wrong->why, sizeof(wrong->why)))
		return false;
	wrong->option = "scripts";
	st = state_new(NULL, &place, wrong->why, sizeof(wrong->why));
	state_free(st);
	return st != NULL;
}

static int script_init(struct smb3_mod *mod)
{
	struct host *host;
	int err = host_new(mod, atomic_load(&mod->conf), &host);

	if (err)
		return err;
	mod->data = host;
	hooks_enable(host, atomic_load(&host->set)->states[0]);
	verbs_enable(host);
	tzset(); /* a server that is confined may not find the time zone later */
	return 0;
}

static void script_stop(struct smb3_mod *mod)
{
	struct host *host = mod->data;

	if (host)
		atomic_store(&host->stopping, true);
}

/* On worker 0: loads everything aside. The hook RELOAD puts it in use, once all modules agree. */
static int script_reload(struct smb3_mod *mod, const void *new_conf)
{
	struct host *host = mod->data;
	struct set *set;
	char why[512];
	int err = host_prepare(host, new_conf, &set, why, sizeof(why));

	if (err) {
		smb3_log(SMB3_LOG_ERROR, "lua: %s", why);
		return err;
	}
	host_drop_next(host);
	host->next = set;
	return 0;
}

static enum smb3_verdict script_swap(struct smb3_mod *mod, struct smb3_event *event)
{
	host_swap(mod->data);
	return SMB3_PASS;
}

/* A seat of the pool may be taken: its timers have time until the next tick. */
static void seat_tick(struct host *host, unsigned int seat)
{
	struct state *st;

	if (seat >= host->n_seats || !host_try(host, seat))
		return;
	st = atomic_load(&host->set)->states[seat];
	if (st->timers)
		timers_run(host, st);
	host_leave(host, st);
}

static enum smb3_verdict script_tick(struct smb3_mod *mod, struct smb3_event *event)
{
	struct host *host = mod->data;
	unsigned int index = smb3_worker_index(event->worker);

	if (atomic_load(&host->stopping))
		return SMB3_PASS;
	seat_tick(host, index);
	for (unsigned int i = host->n_workers; i < host->n_seats && index == 0; i++)
		seat_tick(host, i);
	if (index == 0)
		host_sweep(host);
	return SMB3_PASS;
}

static void script_fini(struct smb3_mod *mod)
{
	host_free(mod->data);
	mod->data = NULL;
}

/* ---- tables ---- */

static const struct smb3_option script_options[] = {
	{ .name = "scripts",
	  .type = SMB3_OPT_LIST,
	  .scope = SMB3_GLOBAL | SMB3_USE_READ,
	  .offset = offsetof(struct script_conf, scripts),
	  .help = "The scripts, in the order in which they are loaded: names of files in folders, "
		  "or whole paths." },
	{ .name = "folders",
	  .type = SMB3_OPT_LIST,
	  .scope = SMB3_GLOBAL | SMB3_USE_READ,
	  .offset = offsetof(struct script_conf, folders),
	  .value = SMB3D_SYSCONF_DIR "/lua, " SMB3D_SCRIPT_DIR,
	  .help = "Where scripts are looked for, one after the other." },
	{ .name = "roots",
	  .type = SMB3_OPT_LIST,
	  .scope = SMB3_GLOBAL | SMB3_USE_FOLDER,
	  .offset = offsetof(struct script_conf, roots),
	  .help = "Folders below which the shares that scripts compute must lie." },
	{ .name = "vars",
	  .type = SMB3_OPT_LIST,
	  .scope = SMB3_SHARE,
	  .offset = offsetof(struct script_conf, vars),
	  .help = "Settings for scripts, each \"name=value\". What a share sets goes before what is "
		  "set at the top." },
	{ .name = "instructions",
	  .type = SMB3_OPT_INT,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct script_conf, instructions),
	  .value = "1000000",
	  .min = 1000,
	  .max = 1000000000,
	  .help = "How many instructions of Lua one call of a script may take. Each stands for "
		  "100 ns of processor time at most." },
	{ .name = "memory",
	  .type = SMB3_OPT_SIZE,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct script_conf, memory),
	  .value = "16M",
	  .min = 256 * 1024,
	  .max = 1024 * 1024 * 1024,
	  .help = "How much memory the scripts may have, on each worker." },
	SMB3_OPTION_END,
};

/* Before the sets are changed a script's own hook hears of the reload; after, the new ones. */
static const struct smb3_hook swap_hook = {
	.point = SMB3_HOOK_RELOAD,
	.order = 1,
	.name = "lua",
	.run = script_swap,
};

static const struct smb3_hook tick_hook = {
	.point = SMB3_HOOK_TICK,
	.order = 1,
	.name = "lua",
	.run = script_tick,
};

#define HOOKS(p)                                                                          \
	SMB3_HOOK(&hook_rows[SMB3_HOOK_##p][0]), SMB3_HOOK(&hook_rows[SMB3_HOOK_##p][1]), \
		SMB3_HOOK(&hook_rows[SMB3_HOOK_##p][2]), SMB3_HOOK(&hook_rows[SMB3_HOOK_##p][3])

static const struct smb3_provide script_provides[] = {
	SMB3_SLOT(&groups_slot),
	SMB3_SLOT(&hold_slot),
	SMB3_METRIC(&metric_calls),
	SMB3_METRIC(&metric_errors),
	SMB3_METRIC(&metric_denials),
	SMB3_HOOK(&swap_hook),
	SMB3_HOOK(&tick_hook),
	HOOKS(CONN_OPEN),
	HOOKS(CONN_CLOSE),
	HOOKS(NEGOTIATED),
	HOOKS(AUTH),
	HOOKS(AUTH_DONE),
	HOOKS(AUTHENTICATED),
	HOOKS(LOGOFF),
	HOOKS(SHARE),
	HOOKS(TREE_CONNECT),
	HOOKS(TREE_CONNECTED),
	HOOKS(TREE_DISCONNECT),
	HOOKS(REQUEST),
	HOOKS(BIND),
	HOOKS(ACCESS),
	HOOKS(ENTRY),
	HOOKS(MADE),
	HOOKS(OPEN_CONFLICT),
	HOOKS(OPENED),
	HOOKS(CLOSING),
	HOOKS(IO),
	HOOKS(RENAMED),
	HOOKS(REMOVED),
	HOOKS(CHANGED),
	HOOKS(DOOMED),
	HOOKS(RESPONSE),
	HOOKS(LIMIT),
	HOOKS(NOTE),
	HOOKS(RELOAD),
	HOOKS(DENIED),
	HOOKS(CTL),
	HOOKS(TICK),
	SMB3_CTL(&ctl_lua),
	SMB3_CTL(&ctl_check),
	SMB3_CTL(&ctl_test),
	SMB3_END,
};

SMB3_MODULE(lua, .summary = "policy and admin commands in scripts", .options = script_options,
	    .conf_size = sizeof(struct script_conf), .provides = script_provides,
	    .check = script_check, .init = script_init, .reload = script_reload,
	    .stop = script_stop, .fini = script_fini);
