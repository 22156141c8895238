// SPDX-License-Identifier: Apache-2.0
/*
 * ctl_commands.c: the admin commands that core itself brings.
 */
#include "ctl_call.h"

#include <stdlib.h>
#include <string.h>

/* ---- kill ---- */

struct kill {
	uint64_t id;
	bool conn;
	const char *what;
	bool found;
};

static bool kill_session(struct smb3_session *s, void *arg)
{
	struct kill *k = arg;

	if (s->id != k->id)
		return true;
	k->found = true;
	smb3_session_close(s, "ended by the administrator");
	return false;
}

static void kill_conn(struct smb3_worker *w, struct kill *k)
{
	SMB3_LIST_EACH(&w->conns, node) {
		struct smb3_conn *conn = SMB3_CONTAINER(node, struct smb3_conn, worker_link);

		if (conn->id == k->id) {
			k->found = true;
			smb3_conn_close(conn, "ended by the administrator");
			return;
		}
	}
}

static void kill_visit(struct smb3_ctl *ctl, struct smb3_worker *w)
{
	struct kill *k = ctl->state;

	if (k->found)
		return;
	if (k->conn)
		kill_conn(w, k);
	else
		ctl_each_session(w, kill_session, k);
}

static void kill_then(struct smb3_ctl *ctl)
{
	struct kill k = *(struct kill *)ctl->state;
	const char *what = k.conn ? "connection" : "session";

	free(ctl->state);
	if (k.found)
		smb3_ctl_done(ctl, NULL);
	else
		smb3_ctl_done(ctl, "there is no %s %s; smb3ctl %s lists them", what, k.what,
			      k.conn ? "conns" : "sessions");
}

/* "kill 0x41" means a session. */
static void ctl_kill(struct smb3_ctl *ctl)
{
	int argc = smb3_ctl_argc(ctl);
	const char *kind = argc > 1 ? smb3_ctl_arg(ctl, 0) : "session";
	const char *text = smb3_ctl_arg(ctl, argc - 1);
	struct kill *k;
	char *end;
	uint64_t id = strtoull(text, &end, 0);

	if (strcmp(kind, "session") && strcmp(kind, "conn")) {
		smb3_ctl_done(ctl, "\"%s\" cannot be killed; only session or conn", kind);
		return;
	}
	if (!*text || *end) {
		smb3_ctl_done(ctl,
			      "\"%s\" is not an id; smb3ctl sessions and smb3ctl conns show them",
			      text);
		return;
	}
	k = smb3_alloc(sizeof(*k));
	k->id = id;
	k->conn = !strcmp(kind, "conn");
	k->what = text;
	ctl->state = k;
	smb3_ctl_each_worker(ctl, kill_visit, kill_then);
}

/* ---- modules ---- */

static void module_rows(struct smb3_ctl *ctl, const struct smb3_module *m)
{
	for (const struct smb3_provide *p = m->provides; p && p->kind; p++) {
		struct smb3_row_text text;

		smb3_row_describe(p, &text);
		smb3_ctl_row(ctl);
		smb3_ctl_text(ctl, "kind", text.kind);
		smb3_ctl_text(ctl, "key", text.key);
		smb3_ctl_text(ctl, "name", text.name);
	}
}

static void module_row(struct smb3_ctl *ctl, const struct smb3_module *m)
{
	size_t n = 0;

	while (m->provides && m->provides[n].kind)
		n++;
	smb3_ctl_row(ctl);
	smb3_ctl_text(ctl, "module", m->name);
	smb3_ctl_text(ctl, "version", m->version);
	smb3_ctl_number(ctl, "rows", (int64_t)n);
	smb3_ctl_text(ctl, "summary", m->summary);
}

static void ctl_modules(struct smb3_ctl *ctl)
{
	const char *name = smb3_ctl_arg(ctl, 0);
	const struct smb3_mod *mod = name ? smb3_module_find(ctl->server, name) : NULL;

	if (name && !mod) {
		smb3_ctl_done(ctl, "no module %s is loaded; smb3ctl modules lists them", name);
		return;
	}
	if (mod)
		module_rows(ctl, mod->module);
	for (unsigned int i = 0; !mod && i < ctl->server->n_mods; i++)
		module_row(ctl, ctl->server->mods[i]->module);
	smb3_ctl_done(ctl, NULL);
}

/* ---- metrics ---- */

static void command_row(struct smb3_ctl *ctl, uint16_t code)
{
	const struct smb3_command *command = ctl->server->registry.commands[code];
	struct smb3_command_stats s;

	if (!command)
		return;
	smb3_command_sum(ctl->server, code, &s);
	smb3_ctl_row(ctl);
	smb3_ctl_text(ctl, "command", command->name);
	smb3_ctl_number(ctl, "count", (int64_t)s.count);
	smb3_ctl_number(ctl, "errors", (int64_t)s.errors);
	smb3_ctl_number(ctl, "mean_us", s.count ? (int64_t)(s.total_us / s.count) : 0);
	smb3_ctl_number(ctl, "p50_us", (int64_t)smb3_command_percentile(&s, 50));
	smb3_ctl_number(ctl, "p99_us", (int64_t)smb3_command_percentile(&s, 99));
}

static void ctl_metrics(struct smb3_ctl *ctl)
{
	for (uint16_t code = 0; code < SMB2_COMMANDS; code++)
		command_row(ctl, code);
	for (unsigned int i = 0; i < ctl->server->n_metrics; i++) {
		const struct smb3_metric *m = ctl->server->metrics[i];

		smb3_ctl_row(ctl);
		smb3_ctl_text(ctl, "metric", m->name);
		smb3_ctl_number(ctl, "value", smb3_metric_sum(ctl->server, m));
		smb3_ctl_text(ctl, "help", m->help);
	}
	smb3_ctl_done(ctl, NULL);
}

/* ---- debug ---- */

static bool debug_bits(const char *name, uint32_t *ret_bits)
{
	if (!strcmp(name, "all")) {
		*ret_bits = (1u << SMB3_DBG_COMPONENTS) - 1;
		return true;
	}
	for (unsigned int c = 0; c < SMB3_DBG_COMPONENTS; c++) {
		if (!strcmp(name, smb3_debug_names[c])) {
			*ret_bits = 1u << c;
			return true;
		}
	}
	return false;
}

static void ctl_debug(struct smb3_ctl *ctl)
{
	uint32_t flip = 0, bits, mask;

	for (int i = 0; i < smb3_ctl_argc(ctl); i++) {
		if (!debug_bits(smb3_ctl_arg(ctl, i), &bits)) {
			smb3_ctl_done(ctl, "no debug component \"%s\"; smb3ctl debug lists them",
				      smb3_ctl_arg(ctl, i));
			return;
		}
		flip ^= bits;
	}
	mask = atomic_fetch_xor(&smb3_debug_mask, flip) ^ flip;
	for (unsigned int c = 0; c < SMB3_DBG_COMPONENTS; c++) {
		smb3_ctl_row(ctl);
		smb3_ctl_text(ctl, "component", smb3_debug_names[c]);
		smb3_ctl_text(ctl, "debug", mask & 1u << c ? "on" : "off");
	}
	smb3_ctl_done(ctl, NULL);
}

/* ---- the server ---- */

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

static bool share_row(struct smb3_share *share, void *arg)
{
	struct smb3_ctl *ctl = arg;

	smb3_ctl_row(ctl);
	smb3_ctl_text(ctl, "name", share->name);
	smb3_ctl_text(ctl, "path", share->path);
	smb3_ctl_text(ctl, "backend", share->backend);
	smb3_ctl_bool(ctl, "read_only", share->read_only);
	smb3_ctl_bool(ctl, "guest", share->guest);
	smb3_ctl_bool(ctl, "browseable", share->browseable);
	smb3_ctl_text(ctl, "comment", share->comment);
	return true;
}

static void ctl_share_list(struct smb3_ctl *ctl)
{
	smb3_share_each(ctl->server, share_row, ctl);
	smb3_ctl_done(ctl, NULL);
}

static void ctl_why(struct smb3_ctl *ctl)
{
	smb3_why_list(ctl->server->why, ctl);
	smb3_ctl_done(ctl, NULL);
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

static const struct smb3_ctl_command commands[] = {
	{ .name = "status", .run = ctl_status, .help = "the server and its workers" },
	{ .name = "conns", .run = ctl_conns, .help = "connections" },
	{ .name = "sessions", .run = ctl_sessions, .help = "users that are logged on" },
	{ .name = "trees", .run = ctl_trees, .help = "shares that are in use" },
	{ .name = "opens",
	  .args = "[SESSION]",
	  .max_args = 1,
	  .run = ctl_opens,
	  .help = "open files" },
	{ .name = "kill",
	  .args = "[session | conn] ID",
	  .min_args = 1,
	  .max_args = 2,
	  .run = ctl_kill,
	  .help = "end a session or a connection" },
	{ .name = "share list",
	  .offline = true,
	  .run = ctl_share_list,
	  .help = "shares that are configured" },
	{ .name = "modules",
	  .args = "[NAME]",
	  .max_args = 1,
	  .offline = true,
	  .run = ctl_modules,
	  .help = "loaded modules, or what one of them provides" },
	{ .name = "metrics",
	  .run = ctl_metrics,
	  .help = "requests, errors and latency per command, and counters of modules" },
	{ .name = "why", .run = ctl_why, .help = "the last requests that were denied, and why" },
	{ .name = "debug",
	  .args = "[COMPONENT | all]...",
	  .max_args = -1,
	  .run = ctl_debug,
	  .help = "switch tracing on, or off again" },
	{ .name = "reload", .run = ctl_reload, .help = "read smb3.conf again" },
	{ .name = "shutdown", .run = ctl_shutdown, .help = "end the server" },
	{ .name = "help", .offline = true, .run = ctl_help, .help = "list the commands" },
};

const struct smb3_provide smb3_core_provides[] = {
	SMB3_CTL(&commands[0]),  SMB3_CTL(&commands[1]),  SMB3_CTL(&commands[2]),
	SMB3_CTL(&commands[3]),  SMB3_CTL(&commands[4]),  SMB3_CTL(&commands[5]),
	SMB3_CTL(&commands[6]),  SMB3_CTL(&commands[7]),  SMB3_CTL(&commands[8]),
	SMB3_CTL(&commands[9]),  SMB3_CTL(&commands[10]), SMB3_CTL(&commands[11]),
	SMB3_CTL(&commands[12]), SMB3_CTL(&commands[13]), SMB3_END,
};
