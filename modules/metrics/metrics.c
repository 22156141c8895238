// SPDX-License-Identifier: Apache-2.0
/*
 * metrics.c: all counters of the server for Prometheus, on an HTTP address that is off unless it is
 * configured, and for smb3ctl metrics text.
 *
 * Connections, sessions and opens are counted by each worker once a second, so that who reads them
 * asks no worker.
 */
#include "metrics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- what a worker has ---- */

struct tally {
	uint64_t conns, sessions, trees, opens, in, out;
};

static bool count_conn(struct smb3_conn *conn, void *arg)
{
	struct tally *t = arg;

	t->conns++;
	t->in += conn->bytes_in;
	t->out += conn->bytes_out;
	return true;
}

static bool count_session(struct smb3_session *s, void *arg)
{
	struct tally *t = arg;

	t->sessions++;
	t->trees += s->trees.count;
	t->opens += s->opens.count;
	return true;
}

static enum smb3_verdict metrics_tick(struct smb3_mod *mod, struct smb3_event *event)
{
	struct metrics *m = mod->data;
	struct metrics_worker *w = &m->workers[smb3_worker_index(event->worker)];
	struct tally t = { .in = w->ended_in, .out = w->ended_out };

	smb3_worker_each_conn(event->worker, count_conn, &t);
	smb3_worker_each_session(event->worker, count_session, &t);
	atomic_store(&w->conns, t.conns);
	atomic_store(&w->sessions, t.sessions);
	atomic_store(&w->trees, t.trees);
	atomic_store(&w->opens, t.opens);
	atomic_store(&w->bytes_in, t.in);
	atomic_store(&w->bytes_out, t.out);
	return SMB3_PASS;
}

static enum smb3_verdict metrics_ended(struct smb3_mod *mod, struct smb3_event *event)
{
	struct metrics *m = mod->data;
	struct metrics_worker *w = &m->workers[smb3_worker_index(event->conn->worker)];

	w->ended_in += event->conn->bytes_in;
	w->ended_out += event->conn->bytes_out;
	return SMB3_PASS;
}

static const struct smb3_hook tick_hook = {
	.point = SMB3_HOOK_TICK,
	.order = 900,
	.name = "metrics",
	.run = metrics_tick,
};

static const struct smb3_hook ended_hook = {
	.point = SMB3_HOOK_CONN_CLOSE,
	.order = 900,
	.name = "metrics",
	.run = metrics_ended,
};

/* ---- smb3ctl metrics text ---- */

static void metrics_show(struct smb3_ctl *ctl)
{
	char *text = NULL, *rest, *line;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out) {
		smb3_ctl_done(ctl, "out of memory");
		return;
	}
	metrics_text(smb3_ctl_mod(ctl)->data, out);
	fclose(out);
	rest = text;
	while ((line = strsep(&rest, "\n")) && rest) {
		smb3_ctl_row(ctl);
		smb3_ctl_text(ctl, "line", line);
	}
	free(text);
	smb3_ctl_done(ctl, NULL);
}

static const struct smb3_ctl_command metrics_command = {
	.name = "metrics text",
	.help = "all metrics as Prometheus reads them",
	.run = metrics_show,
};

static void metrics_where(struct smb3_ctl *ctl)
{
	const struct metrics *m = smb3_ctl_mod(ctl)->data;
	const struct metrics_conf *conf = smb3_ctl_mod(ctl)->conf;

	if (m->fd < 0) {
		smb3_ctl_done(ctl, "metrics are served nowhere: set metrics = { address = "
				   "\"127.0.0.1\"; }; and restart");
		return;
	}
	smb3_ctl_row(ctl);
	smb3_ctl_text(ctl, "address", conf->address);
	smb3_ctl_number(ctl, "port", metrics_port(m));
	smb3_ctl_done(ctl, NULL);
}

static const struct smb3_ctl_command address_command = {
	.name = "metrics address",
	.help = "where Prometheus finds them",
	.run = metrics_where,
};

/* ---- the module ---- */

static bool metrics_check(struct smb3_mod *mod, const void *new_conf, struct smb3_conf_wrong *wrong)
{
	const struct metrics_conf *conf = new_conf;
	bool loopback, good;

	if (!*conf->address)
		return true;
	good = metrics_address(conf->address, &loopback);
	wrong->option = "address";
	if (!good)
		snprintf(wrong->why, sizeof(wrong->why),
			 "\"%s\" is no address: write one as 127.0.0.1 or ::1", conf->address);
	else if (!loopback && !conf->remote)
		snprintf(
			wrong->why, sizeof(wrong->why),
			"\"%s\" is not an address of this machine only, and whoever connects reads all; "
			"set remote = true if that is meant",
			conf->address);
	return good && (loopback || conf->remote);
}

static int metrics_init(struct smb3_mod *mod)
{
	struct metrics *m = smb3_alloc(sizeof(*m));

	m->server = mod->server;
	m->fd = m->wake = -1;
	mod->data = m;
	return 0;
}

static int metrics_start(struct smb3_mod *mod)
{
	const struct metrics_conf *conf = mod->conf;

	return *conf->address ? metrics_listen(mod->data, conf) : 0;
}

static int metrics_started(struct smb3_mod *mod)
{
	struct metrics *m = mod->data;

	return m->fd >= 0 ? metrics_serve(m) : 0;
}

/* Its thread and its socket stay as they are. */
static int metrics_reload(struct smb3_mod *mod, const void *new_conf)
{
	const struct metrics_conf *old = mod->conf, *now = new_conf;

	if (strcmp(old->address, now->address) || old->port != now->port ||
	    old->connections != now->connections || old->timeout != now->timeout) {
		smb3_log(SMB3_LOG_ERROR, "metrics: a new address, port or limit needs a restart");
		return -EINVAL;
	}
	return 0;
}

static void metrics_stop(struct smb3_mod *mod)
{
	metrics_end(mod->data);
}

static void metrics_fini(struct smb3_mod *mod)
{
	metrics_end(mod->data);
	free(mod->data);
	mod->data = NULL;
}

static const struct smb3_option metrics_options[] = {
	{ .name = "address",
	  .type = SMB3_OPT_STRING,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct metrics_conf, address),
	  .value = "",
	  .help = "Where /metrics is served over HTTP, such as \"127.0.0.1\"; empty: nowhere." },
	{ .name = "port",
	  .type = SMB3_OPT_INT,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct metrics_conf, port),
	  .value = "9445",
	  .min = 0,
	  .max = 65535,
	  .help = "The port there; 0: one that is free, see smb3ctl metrics address." },
	{ .name = "remote",
	  .type = SMB3_OPT_BOOL,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct metrics_conf, remote),
	  .value = "false",
	  .help = "The address may be one that other machines reach." },
	{ .name = "connections",
	  .type = SMB3_OPT_INT,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct metrics_conf, connections),
	  .value = "8",
	  .min = 1,
	  .max = 256,
	  .help = "So many at once; others are closed." },
	{ .name = "timeout",
	  .type = SMB3_OPT_TIME,
	  .scope = SMB3_GLOBAL,
	  .offset = offsetof(struct metrics_conf, timeout),
	  .value = "10s",
	  .min = 100,
	  .max = 600000,
	  .help = "How long a connection may last." },
	SMB3_OPTION_END,
};

static const char *const metrics_calls[] = { "poll",   "ppoll",    "accept4", "recvfrom",
					     "sendto", "shutdown", NULL };

static const struct smb3_needs metrics_needs = { .calls = metrics_calls };

static const struct smb3_provide metrics_provides[] = {
	SMB3_HOOK(&tick_hook),
	SMB3_HOOK(&ended_hook),
	SMB3_CTL(&metrics_command),
	SMB3_CTL(&address_command),
	SMB3_END,
};

SMB3_MODULE(metrics, .summary = "counters for Prometheus", .options = metrics_options,
	    .conf_size = sizeof(struct metrics_conf), .provides = metrics_provides,
	    .system = &metrics_needs, .check = metrics_check, .init = metrics_init,
	    .start = metrics_start, .started = metrics_started, .reload = metrics_reload,
	    .stop = metrics_stop, .fini = metrics_fini);
