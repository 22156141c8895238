// SPDX-License-Identifier: Apache-2.0
/*
 * text.c: metrics as text: https://prometheus.io/docs/instrumenting/exposition_formats/
 */
#include "metrics.h"

#include <string.h>

#define NT_SECOND 10000000u
#define NT_1970   116444736000000000ull

static void head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s ", name);
	for (; *help; help++) {
		if (*help == '\\' || *help == '\n')
			fputs(*help == '\n' ? "\\n" : "\\\\", out);
		else
			fputc(*help, out);
	}
	fprintf(out, "\n# TYPE %s %s\n", name, type);
}

static void number(FILE *out, const char *name, const char *type, const char *help, uint64_t value)
{
	head(out, name, type, help);
	fprintf(out, "%s %llu\n", name, (unsigned long long)value);
}

/* ---- the server ---- */

static uint64_t never_back(_Atomic uint64_t *shown, uint64_t now)
{
	uint64_t before = atomic_load(shown);

	while (before < now && !atomic_compare_exchange_weak(shown, &before, now))
		;
	return before < now ? now : before;
}

static void put_server(struct metrics *m, FILE *out)
{
	uint64_t conns = 0, sessions = 0, trees = 0, opens = 0, in = 0, sent = 0;

	for (unsigned int i = 0; i < smb3_server_workers(m->server); i++) {
		const struct metrics_worker *w = &m->workers[i];

		conns += atomic_load(&w->conns);
		sessions += atomic_load(&w->sessions);
		trees += atomic_load(&w->trees);
		opens += atomic_load(&w->opens);
		in += atomic_load(&w->bytes_in);
		sent += atomic_load(&w->bytes_out);
	}
	head(out, "smb3d_build_info", "gauge", "Version of the server.");
	fprintf(out, "smb3d_build_info{version=\"%s\"} 1\n", SMB3D_VERSION);
	head(out, "smb3d_start_time_seconds", "gauge", "When the server started, since 1970.");
	fprintf(out, "smb3d_start_time_seconds %.3f\n",
		(double)(smb3_server_started(m->server) - NT_1970) / NT_SECOND);
	number(out, "smb3d_workers", "gauge", "Threads that serve clients.",
	       smb3_server_workers(m->server));
	number(out, "smb3d_connections", "gauge", "Connections of clients.", conns);
	number(out, "smb3d_sessions", "gauge", "Users that are logged on.", sessions);
	number(out, "smb3d_trees", "gauge", "Shares that sessions use.", trees);
	number(out, "smb3d_opens", "gauge", "Files and folders that clients have open.", opens);
	number(out, "smb3d_files", "gauge", "Different files among them.",
	       smb3_server_files(m->server));
	number(out, "smb3d_received_bytes_total", "counter", "Bytes that came from clients.",
	       never_back(&m->shown_in, in));
	number(out, "smb3d_sent_bytes_total", "counter", "Bytes that went to clients.",
	       never_back(&m->shown_out, sent));
}

/* ---- commands ---- */

#define BUCKETS SMB3_ARRAY_SIZE(((struct smb3_command_stats *)NULL)->bucket)

typedef void (*put_fn)(FILE *out, const char *command, const struct smb3_command_stats *s);

static void each_command(struct metrics *m, FILE *out, put_fn put)
{
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(m->server, SMB3_KIND_COMMAND, &n);

	for (size_t i = 0; i < n; i++) {
		struct smb3_command_stats s;

		smb3_command_sum(m->server, (uint16_t)rows[i]->key, &s);
		put(out, ((const struct smb3_command *)rows[i]->row)->name, &s);
	}
}

static void put_count(FILE *out, const char *command, const struct smb3_command_stats *s)
{
	fprintf(out, "smb3d_requests_total{command=\"%s\"} %llu\n", command,
		(unsigned long long)s->count);
}

static void put_errors(FILE *out, const char *command, const struct smb3_command_stats *s)
{
	fprintf(out, "smb3d_request_errors_total{command=\"%s\"} %llu\n", command,
		(unsigned long long)s->errors);
}

/* The workers count on meanwhile: the count is that of these buckets. */
static void put_latency(FILE *out, const char *command, const struct smb3_command_stats *s)
{
	unsigned long long sum = 0;

	for (size_t b = 0; b < BUCKETS; b++) {
		sum += s->bucket[b];
		if (b + 1 < BUCKETS)
			fprintf(out,
				"smb3d_request_duration_seconds_bucket{command=\"%s\",le=\"%.6f\"} "
				"%llu\n",
				command, (double)(1ull << b) / 1e6, sum);
	}
	fprintf(out, "smb3d_request_duration_seconds_bucket{command=\"%s\",le=\"+Inf\"} %llu\n",
		command, sum);
	fprintf(out, "smb3d_request_duration_seconds_sum{command=\"%s\"} %.6f\n", command,
		(double)s->total_us / 1e6);
	fprintf(out, "smb3d_request_duration_seconds_count{command=\"%s\"} %llu\n", command, sum);
}

/* ---- modules ---- */

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len >= n && !strcmp(text + len - n, end);
}

static void put_module(struct metrics *m, FILE *out, const struct smb3_metric *metric)
{
	bool counter = metric->type == SMB3_COUNTER;
	char name[160];

	snprintf(name, sizeof(name), "smb3d_%.100s%s", metric->name,
		 counter && !ends_with(metric->name, "_total") ? "_total" : "");
	head(out, name, counter ? "counter" : "gauge", metric->help ? metric->help : metric->name);
	fprintf(out, "%s %lld\n", name, (long long)smb3_metric_sum(m->server, metric));
}

void metrics_text(struct metrics *m, FILE *out)
{
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(m->server, SMB3_KIND_METRIC, &n);

	put_server(m, out);
	head(out, "smb3d_requests_total", "counter", "Requests that were answered.");
	each_command(m, out, put_count);
	head(out, "smb3d_request_errors_total", "counter",
	     "Requests that were answered with errors.");
	each_command(m, out, put_errors);
	head(out, "smb3d_request_duration_seconds", "histogram",
	     "Time from the arrival of a request to its answer.");
	each_command(m, out, put_latency);
	for (size_t i = 0; i < n; i++)
		put_module(m, out, rows[i]->row);
}
