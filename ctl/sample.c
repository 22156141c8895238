// SPDX-License-Identifier: Apache-2.0
/*
 * sample.c: what the server answers at one time.
 */
#include "top.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const commands[PARTS] = {
	[PART_STATUS] = "status",     [PART_METRICS] = "metrics", [PART_CONNS] = "conns",
	[PART_SESSIONS] = "sessions", [PART_TREES] = "trees",
};

double row_number(const struct row *row, const char *key)
{
	const char *value = row ? row_get(row, key) : NULL;

	return value ? strtod(value, NULL) : 0;
}

/* Ids are hexadecimal in some answers; strtod() reads both. */
static int by_id(const void *a, const void *b)
{
	double x = row_number(*(const struct row *const *)a, "id");
	double y = row_number(*(const struct row *const *)b, "id");

	return x < y ? -1 : x > y;
}

static bool answer_take(const struct target *target, const char *command, struct answer *ret)
{
	char word[16], *argv[] = { word, NULL }, *text = NULL;
	const struct request request = { .argv = argv };
	const char *status, *message;

	snprintf(word, sizeof(word), "%s", command);
	if (call(target, &request, &text) < 0)
		return false;
	ret->rows = rows_parse(text, &ret->all);
	free(text);
	status = ret->all ? row_get(&ret->rows[ret->all - 1], "status") : NULL;
	if (!status || strcmp(status, "ok")) {
		message = ret->all ? row_get(&ret->rows[ret->all - 1], "message") : NULL;
		complain("%s: %s", command, message ? message : "the answer is cut off");
		return false;
	}
	ret->n = ret->all - 1;
	ret->by_id = calloc(ret->n + 1, sizeof(*ret->by_id));
	if (!ret->by_id)
		abort();
	for (size_t i = 0; i < ret->n; i++)
		ret->by_id[i] = &ret->rows[i];
	qsort(ret->by_id, ret->n, sizeof(*ret->by_id), by_id);
	return true;
}

bool sample_take(const struct target *target, struct sample *ret_sample)
{
	struct timespec now;

	memset(ret_sample, 0, sizeof(*ret_sample));
	clock_gettime(CLOCK_MONOTONIC, &now);
	ret_sample->at = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	for (int part = 0; part < PARTS; part++) {
		if (answer_take(target, commands[part], &ret_sample->parts[part]))
			continue;
		sample_free(ret_sample);
		return false;
	}
	return true;
}

void sample_free(struct sample *sample)
{
	for (int part = 0; part < PARTS; part++) {
		rows_free(sample->parts[part].rows, sample->parts[part].all);
		free(sample->parts[part].by_id);
	}
	memset(sample, 0, sizeof(*sample));
}

const struct row *sample_find(const struct sample *sample, enum part part, double id)
{
	const struct answer *a = &sample->parts[part];
	size_t low = 0, high = a->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		double have = row_number(a->by_id[middle], "id");

		if (have == id)
			return a->by_id[middle];
		if (have < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
