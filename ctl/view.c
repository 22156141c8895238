// SPDX-License-Identifier: Apache-2.0
/*
 * view.c: two samples as text: what happened between them, a second.
 */
#include "top.h"

#include <stdlib.h>
#include <string.h>

#define SHARES_MAX   200
#define COMMANDS_MAX 64

const char *const sort_names[SORTS] = { "ops", "in", "out", "opens", "user", "age" };

struct view {
	const struct sample *before, *now;
	double seconds;
	enum sort sort;
	FILE *out;
};

/* What a counter has gained a second; one that was not there before began at nothing. */
static double rate(const struct view *v, const struct row *before, const struct row *now,
		   const char *key)
{
	double gain = row_number(now, key) - row_number(before, key);

	return v->seconds > 0 && gain > 0 ? gain / v->seconds : 0;
}

/* "1.5M": four or five characters. */
static const char *bytes(double n, char buf[16])
{
	static const char units[] = "BKMGTPE";
	int unit = 0;

	while (n >= 1000 && units[unit + 1]) {
		n /= 1024;
		unit++;
	}
	snprintf(buf, 16, unit && n < 10 ? "%.1f%c" : "%.0f%c", n, units[unit]);
	return buf;
}

static const char *age(double seconds, char buf[24])
{
	unsigned long s = (unsigned long)seconds;

	if (s >= 86400)
		snprintf(buf, 24, "%lud%02luh", s / 86400, s / 3600 % 24);
	else
		snprintf(buf, 24, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
	return buf;
}

static const char *text_of(const struct row *row, const char *key)
{
	const char *value = row ? row_get(row, key) : NULL;

	return value && *value ? value : "-";
}

/* Left-aligned in its columns, by what it takes on a terminal. */
static void put_text(FILE *out, const char *text, int width)
{
	int pad = width - text_width(text);

	fprintf(out, "%s%*s  ", text, pad > 0 ? pad : 0, "");
}

/* ---- the server ---- */

static void put_server(const struct view *v)
{
	const struct answer *status = &v->now->parts[PART_STATUS];
	const struct row *server = status->n ? &status->rows[0] : NULL;
	double late = 0;
	char up[24];

	for (size_t i = 1; i < status->n; i++)
		late += row_number(&status->rows[i], "late");
	fprintf(v->out, "smb3d %s on %s, up %s, %.0f workers, %.0f times late\n",
		text_of(server, "version"), text_of(server, "server"),
		age(row_number(server, "uptime_s"), up), row_number(server, "workers"), late);
	fprintf(v->out, "%.0f connections, %.0f sessions, %.0f opens of %.0f files\n",
		row_number(server, "connections"), row_number(server, "sessions"),
		row_number(server, "opens"), row_number(server, "files"));
}

/* Connections that have ended in between are not among them. */
static void put_sums(const struct view *v)
{
	const struct answer *metrics = &v->now->parts[PART_METRICS];
	const struct answer *was = &v->before->parts[PART_METRICS];
	const struct answer *conns = &v->now->parts[PART_CONNS];
	double ops = 0, errors = 0, in = 0, sent = 0;
	char a[16], b[16];

	for (size_t i = 0; i < metrics->n && i < was->n; i++) {
		if (!row_get(&metrics->rows[i], "command"))
			continue;
		ops += rate(v, &was->rows[i], &metrics->rows[i], "count");
		errors += rate(v, &was->rows[i], &metrics->rows[i], "errors");
	}
	for (size_t i = 0; i < conns->n; i++) {
		const struct row *conn = &conns->rows[i];
		const struct row *old = sample_find(v->before, PART_CONNS, row_number(conn, "id"));

		in += rate(v, old, conn, "bytes_in");
		sent += rate(v, old, conn, "bytes_out");
	}
	fprintf(v->out, "%.0f operations/s, %.0f errors/s, %s/s in, %s/s out\n", ops, errors,
		bytes(in, a), bytes(sent, b));
}

/* ---- commands ---- */

struct command {
	const struct row *row;
	double ops, errors, mean;
};

static int busier(const void *a, const void *b)
{
	const struct command *x = a, *y = b;

	return x->ops > y->ops ? -1 : x->ops < y->ops;
}

static void put_commands(const struct view *v)
{
	const struct answer *metrics = &v->now->parts[PART_METRICS];
	const struct answer *was = &v->before->parts[PART_METRICS];
	struct command list[COMMANDS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < metrics->n && i < was->n && n < COMMANDS_MAX; i++) {
		const struct row *row = &metrics->rows[i], *old = &was->rows[i];
		double ops = rate(v, old, row, "count");

		if (!row_get(row, "command") || ops <= 0)
			continue;
		list[n++] = (struct command){ row, ops, rate(v, old, row, "errors"),
					      rate(v, old, row, "total_us") / ops };
	}
	qsort(list, n, sizeof(*list), busier);
	fprintf(v->out, "\n%-16s  %9s  %9s  %9s\n", "COMMAND", "OPS/S", "ERRORS/S", "MEAN_US");
	for (size_t i = 0; i < n; i++) {
		put_text(v->out, text_of(list[i].row, "command"), 16);
		fprintf(v->out, "%9.1f  %9.1f  %9.0f\n", list[i].ops, list[i].errors, list[i].mean);
	}
}

/* ---- shares ---- */

struct share {
	const char *name;
	double sessions, opens;
};

static int more_opens(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	return x->opens > y->opens ? -1 : x->opens < y->opens ? 1 : strcmp(x->name, y->name);
}

static void put_shares(const struct view *v)
{
	const struct answer *trees = &v->now->parts[PART_TREES];
	struct share list[SHARES_MAX];
	size_t n = 0;

	for (size_t i = 0; i < trees->n; i++) {
		const char *name = text_of(&trees->rows[i], "share");
		size_t at = 0;

		while (at < n && strcmp(list[at].name, name))
			at++;
		if (at == SHARES_MAX)
			continue;
		if (at == n)
			list[n++] = (struct share){ .name = name };
		list[at].sessions++;
		list[at].opens += row_number(&trees->rows[i], "opens");
	}
	qsort(list, n, sizeof(*list), more_opens);
	fprintf(v->out, "\n%-16s  %9s  %9s\n", "SHARE", "SESSIONS", "OPENS");
	for (size_t i = 0; i < n; i++) {
		put_text(v->out, list[i].name, 16);
		fprintf(v->out, "%9.0f  %9.0f\n", list[i].sessions, list[i].opens);
	}
}

/* ---- sessions ---- */

struct session {
	const struct row *row;
	enum sort sort;
	double ops, in, out;
};

static double weight(const struct session *s)
{
	switch (s->sort) {
	case SORT_IN:
		return s->in;
	case SORT_OUT:
		return s->out;
	case SORT_OPENS:
		return row_number(s->row, "opens");
	case SORT_AGE:
		return row_number(s->row, "age_s");
	case SORT_USER:
		return 0;
	default:
		return s->ops;
	}
}

static int heavier(const void *a, const void *b)
{
	const struct session *s = a, *t = b;
	double x = weight(s), y = weight(t);

	if (x != y)
		return x > y ? -1 : 1;
	return strcmp(text_of(s->row, "user"), text_of(t->row, "user"));
}

static void put_session(const struct view *v, const struct session *s)
{
	char in[16], sent[16], old[24];

	put_text(v->out, text_of(s->row, "user"), 16);
	put_text(v->out, text_of(s->row, "address"), 22);
	put_text(v->out, text_of(s->row, "dialect"), 7);
	fprintf(v->out, "%8.1f  %6s  %6s  %6.0f  %9s\n", s->ops, bytes(s->in, in),
		bytes(s->out, sent), row_number(s->row, "opens"),
		age(row_number(s->row, "age_s"), old));
}

/* A session with several connections is shown with what its first one does. */
static void put_sessions(const struct view *v)
{
	const struct answer *sessions = &v->now->parts[PART_SESSIONS];
	struct session *list = calloc(sessions->n + 1, sizeof(*list));

	if (!list)
		abort();
	for (size_t i = 0; i < sessions->n; i++) {
		const struct row *row = &sessions->rows[i];
		double id = row_number(row, "conn");
		const struct row *conn = sample_find(v->now, PART_CONNS, id);
		const struct row *old = sample_find(v->before, PART_CONNS, id);

		list[i] = (struct session){ row, v->sort, rate(v, old, conn, "requests"),
					    rate(v, old, conn, "bytes_in"),
					    rate(v, old, conn, "bytes_out") };
	}
	qsort(list, sessions->n, sizeof(*list), heavier);
	fprintf(v->out, "\nsessions by %s\n%-16s  %-22s  %-7s  %8s  %6s  %6s  %6s  %9s\n",
		sort_names[v->sort], "USER", "ADDRESS", "DIALECT", "OPS/S", "IN/S", "OUT/S",
		"OPENS", "AGE");
	for (size_t i = 0; i < sessions->n; i++)
		put_session(v, &list[i]);
	free(list);
}

void view_write(const struct sample *before, const struct sample *now, enum sort sort, FILE *out)
{
	const struct view v = { before, now, (double)(now->at - before->at) / 1e9, sort, out };

	put_server(&v);
	put_sums(&v);
	put_commands(&v);
	put_shares(&v);
	put_sessions(&v);
}
