// SPDX-License-Identifier: Apache-2.0
/*
 * admin.c: the admin commands that look into a running server, and those that interfere.
 */
#include "admin.h"

#include <stdlib.h>
#include <string.h>

/* ---- kill ---- */

struct kill {
	uint64_t id;
	bool conn, found;
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

static bool kill_conn(struct smb3_conn *conn, void *arg)
{
	struct kill *k = arg;

	if (conn->id != k->id)
		return true;
	k->found = true;
	smb3_conn_close(conn, "ended by the administrator");
	return false;
}

static void kill_visit(struct smb3_ctl *ctl, struct smb3_worker *w)
{
	struct kill *k = smb3_ctl_state(ctl, sizeof(*k));

	if (k->conn && !k->found)
		smb3_worker_each_conn(w, kill_conn, k);
	else if (!k->found)
		smb3_worker_each_session(w, kill_session, k);
}

static void kill_then(struct smb3_ctl *ctl)
{
	const struct kill *k = smb3_ctl_state(ctl, sizeof(*k));
	const char *id = smb3_ctl_arg(ctl, smb3_ctl_argc(ctl) - 1);

	if (k->found)
		smb3_ctl_done(ctl, NULL);
	else if (k->conn)
		smb3_ctl_done(ctl, "there is no connection %s; smb3ctl conns lists them", id);
	else
		smb3_ctl_done(ctl, "there is no session %s; smb3ctl sessions lists them", id);
}

/* "kill 0x41" means a session. */
static void admin_kill(struct smb3_ctl *ctl)
{
	int argc = smb3_ctl_argc(ctl);
	const char *kind = argc > 1 ? smb3_ctl_arg(ctl, 0) : "session";
	const char *id = smb3_ctl_arg(ctl, argc - 1);
	struct kill *k = smb3_ctl_state(ctl, sizeof(*k));
	char *end;

	k->id = strtoull(id, &end, 0);
	k->conn = !strcmp(kind, "conn");
	if (!k->conn && strcmp(kind, "session"))
		smb3_ctl_done(ctl, "\"%s\" cannot be killed; only session or conn", kind);
	else if (!*id || *end)
		smb3_ctl_done(ctl,
			      "\"%s\" is not an id; smb3ctl sessions and smb3ctl conns show "
			      "them",
			      id);
	else
		smb3_ctl_each_worker(ctl, kill_visit, kill_then);
}

/* ---- modules ---- */

static size_t rows_count(const struct smb3_module *m)
{
	size_t n = 0;

	while (m->provides && m->provides[n].kind)
		n++;
	return n;
}

static void module_rows(struct smb3_ctl *ctl, const struct smb3_module *m)
{
	for (size_t i = 0; i < rows_count(m); i++) {
		struct smb3_row_text text;

		smb3_row_describe(&m->provides[i], &text);
		smb3_ctl_row(ctl);
		smb3_ctl_text(ctl, "kind", text.kind);
		smb3_ctl_text(ctl, "key", text.key);
		smb3_ctl_text(ctl, "name", text.name);
	}
}

static void module_list(struct smb3_ctl *ctl)
{
	size_t n;
	struct smb3_mod *const *mods = smb3_modules(smb3_ctl_server(ctl), &n);

	for (size_t i = 0; i < n; i++) {
		const struct smb3_module *m = mods[i]->module;

		smb3_ctl_row(ctl);
		smb3_ctl_text(ctl, "module", m->name);
		smb3_ctl_text(ctl, "version", m->version);
		smb3_ctl_number(ctl, "rows", (int64_t)rows_count(m));
		smb3_ctl_text(ctl, "summary", m->summary);
	}
}

static void admin_modules(struct smb3_ctl *ctl)
{
	const char *name = smb3_ctl_arg(ctl, 0);
	const struct smb3_mod *mod = name ? smb3_module_find(smb3_ctl_server(ctl), name) : NULL;

	if (name && !mod) {
		smb3_ctl_done(ctl, "no module %s is loaded; smb3ctl modules lists them", name);
		return;
	}
	if (mod)
		module_rows(ctl, mod->module);
	else
		module_list(ctl);
	smb3_ctl_done(ctl, NULL);
}

/* ---- metrics ---- */

/* The latency that percent of the requests kept below. Inside of a bucket they are taken to be
 * spread evenly. */
static int64_t percentile(const struct smb3_command_stats *s, unsigned int percent)
{
	uint64_t all = 0, wanted, seen = 0;

	for (size_t b = 0; b < SMB3_ARRAY_SIZE(s->bucket); b++)
		all += s->bucket[b];
	wanted = (all * percent + 99) / 100;
	for (size_t b = 0; b < SMB3_ARRAY_SIZE(s->bucket) && wanted; b++) {
		uint64_t low = b ? 1ull << (b - 1) : 0, high = 1ull << b;

		if (seen + s->bucket[b] >= wanted)
			return (int64_t)(low + (high - low) * (wanted - seen) / s->bucket[b]);
		seen += s->bucket[b];
	}
	return 0;
}

static void command_row(struct smb3_ctl *ctl, const struct smb3_provide *p)
{
	const struct smb3_command *command = p->row;
	struct smb3_command_stats s;

	smb3_command_sum(smb3_ctl_server(ctl), (uint16_t)p->key, &s);
	smb3_ctl_row(ctl);
	smb3_ctl_text(ctl, "command", command->name);
	smb3_ctl_number(ctl, "count", (int64_t)s.count);
	smb3_ctl_number(ctl, "errors", (int64_t)s.errors);
	smb3_ctl_number(ctl, "mean_us", s.count ? (int64_t)(s.total_us / s.count) : 0);
	smb3_ctl_number(ctl, "total_us", (int64_t)s.total_us);
	smb3_ctl_number(ctl, "p50_us", percentile(&s, 50));
	smb3_ctl_number(ctl, "p99_us", percentile(&s, 99));
}

static void metric_row(struct smb3_ctl *ctl, const struct smb3_metric *m)
{
	smb3_ctl_row(ctl);
	smb3_ctl_text(ctl, "metric", m->name);
	smb3_ctl_number(ctl, "value", smb3_metric_sum(smb3_ctl_server(ctl), m));
	smb3_ctl_text(ctl, "help", m->help);
}

static void admin_metrics(struct smb3_ctl *ctl)
{
	struct smb3_server *server = smb3_ctl_server(ctl);
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(server, SMB3_KIND_COMMAND, &n);

	for (size_t i = 0; i < n; i++)
		command_row(ctl, rows[i]);
	rows = smb3_rows(server, SMB3_KIND_METRIC, &n);
	for (size_t i = 0; i < n; i++)
		metric_row(ctl, rows[i]->row);
	smb3_ctl_done(ctl, NULL);
}

/* ---- debug ---- */

#define DEBUG_ALL ((1u << SMB3_DBG_COMPONENTS) - 1)

/* 0: there is no such component. */
static uint32_t debug_bits(const char *name)
{
	if (!strcmp(name, "all"))
		return DEBUG_ALL;
	for (unsigned int c = 0; c < SMB3_DBG_COMPONENTS; c++)
		if (!strcmp(name, smb3_debug_names[c]))
			return 1u << c;
	return 0;
}

static void debug_rows(struct smb3_ctl *ctl, uint32_t mask)
{
	for (unsigned int c = 0; c < SMB3_DBG_COMPONENTS; c++) {
		smb3_ctl_row(ctl);
		smb3_ctl_text(ctl, "component", smb3_debug_names[c]);
		smb3_ctl_text(ctl, "debug", mask & 1u << c ? "on" : "off");
	}
}

/* A component that is on is switched off; "all" is on when every one is. */
static void admin_debug(struct smb3_ctl *ctl)
{
	uint32_t mask = atomic_load(&smb3_debug_mask);

	for (int i = 0; i < smb3_ctl_argc(ctl); i++) {
		uint32_t bits = debug_bits(smb3_ctl_arg(ctl, i));

		if (!bits) {
			smb3_ctl_done(ctl, "no debug component \"%s\"; smb3ctl debug lists them",
				      smb3_ctl_arg(ctl, i));
			return;
		}
		mask = (mask & bits) == bits ? mask & ~bits : mask | bits;
	}
	atomic_store(&smb3_debug_mask, mask);
	debug_rows(ctl, mask);
	smb3_ctl_done(ctl, NULL);
}

/* ---- shares, denials ---- */

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
	smb3_ctl_text(ctl, "made_of", share->origin ? share->origin->name : "");
	return true;
}

static void admin_share_list(struct smb3_ctl *ctl)
{
	smb3_share_each(smb3_ctl_server(ctl), share_row, ctl);
	smb3_ctl_done(ctl, NULL);
}

/* ---- the table ---- */

static const struct smb3_ctl_command help_command = {
	.name = "help",
	.args = "[COMMAND]",
	.help = "list the commands, or what is to be known of some",
	.max_args = -1,
	.offline = true,
	.run = admin_help,
};

static const struct smb3_ctl_command reload_command = {
	.name = "reload",
	.help = "read smb3.conf again",
	.run = admin_reload,
};

static const struct smb3_ctl_command shutdown_command = {
	.name = "shutdown",
	.help = "end the server",
	.run = admin_shutdown,
};

static const struct smb3_ctl_command status_command = {
	.name = "status",
	.help = "the server and its workers",
	.run = admin_status,
};

static const struct smb3_ctl_command conns_command = {
	.name = "conns",
	.help = "connections",
	.run = admin_conns,
};

static const struct smb3_ctl_command sessions_command = {
	.name = "sessions",
	.help = "users that are logged on",
	.run = admin_sessions,
};

static const struct smb3_ctl_command trees_command = {
	.name = "trees",
	.help = "shares that are in use",
	.run = admin_trees,
};

static const struct smb3_ctl_command opens_command = {
	.name = "opens",
	.args = "[SESSION]",
	.help = "open files",
	.max_args = 1,
	.run = admin_opens,
};

static const struct smb3_ctl_command kill_command = {
	.name = "kill",
	.args = "[session | conn] ID",
	.help = "end a session or a connection",
	.min_args = 1,
	.max_args = 2,
	.run = admin_kill,
};

static const struct smb3_ctl_command share_list_command = {
	.name = "share list",
	.help = "shares that are configured",
	.offline = true,
	.run = admin_share_list,
};

static const struct smb3_ctl_command modules_command = {
	.name = "modules",
	.args = "[NAME]",
	.help = "loaded modules, or what one of them provides",
	.max_args = 1,
	.offline = true,
	.run = admin_modules,
};

static const struct smb3_ctl_command metrics_command = {
	.name = "metrics",
	.help = "requests, errors and latency per command, and counters of modules",
	.run = admin_metrics,
};

static const struct smb3_ctl_command why_command = {
	.name = "why",
	.help = "the last requests that were denied, and why",
	.run = admin_why,
};

static const struct smb3_ctl_command debug_command = {
	.name = "debug",
	.args = "[COMPONENT | all]...",
	.help = "switch tracing of a component on, or off again",
	.max_args = -1,
	.run = admin_debug,
};

/* After all that may deny. */
static const struct smb3_hook why_hook = {
	.point = SMB3_HOOK_DENIED,
	.order = 950,
	.name = "admin",
	.run = why_note,
};

static int admin_init(struct smb3_mod *mod)
{
	struct admin *a = smb3_alloc(sizeof(*a));

	pthread_mutex_init(&a->why.lock, NULL);
	mod->data = a;
	return 0;
}

static void admin_fini(struct smb3_mod *mod)
{
	struct admin *a = mod->data;

	pthread_mutex_destroy(&a->why.lock);
	free(a);
	mod->data = NULL;
}

static const struct smb3_provide admin_provides[] = {
	SMB3_CTL(&help_command),     SMB3_CTL(&reload_command),
	SMB3_CTL(&shutdown_command), SMB3_CTL(&status_command),
	SMB3_CTL(&conns_command),    SMB3_CTL(&sessions_command),
	SMB3_CTL(&trees_command),    SMB3_CTL(&opens_command),
	SMB3_CTL(&kill_command),     SMB3_CTL(&share_list_command),
	SMB3_CTL(&modules_command),  SMB3_CTL(&metrics_command),
	SMB3_CTL(&why_command),      SMB3_CTL(&debug_command),
	SMB3_HOOK(&why_hook),        SMB3_END,
};

SMB3_MODULE(admin, .summary = "the control socket, and the admin commands of smb3ctl",
	    .provides = admin_provides, .init = admin_init, .start = control_start,
	    .stop = control_stop, .fini = admin_fini);
