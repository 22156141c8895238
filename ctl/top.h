// SPDX-License-Identifier: Apache-2.0
/*
 * top.h: what the files of smb3ctl top share.
 *
 *   sample  the answers of the server to a few commands, taken at one time
 *   view    two samples as lines of text: what happened between them
 */
#ifndef SMB3CTL_TOP_H
#define SMB3CTL_TOP_H

#include "smb3ctl.h"

#include <stdint.h>
#include <stdio.h>

enum part { PART_STATUS, PART_METRICS, PART_CONNS, PART_SESSIONS, PART_TREES, PARTS };

struct answer {
	struct row *rows; /* without the status */
	size_t n, all;
	const struct row **by_id; /* sorted by the field "id" */
};

struct sample {
	uint64_t at; /* ns, of a clock that only goes forward */
	struct answer parts[PARTS];
};

/* False after a complaint. */
bool sample_take(const struct target *target, struct sample *ret_sample);
void sample_free(struct sample *sample);
/* The row of that part with this id; NULL: there is none. */
const struct row *sample_find(const struct sample *sample, enum part part, double id);
double row_number(const struct row *row, const char *key); /* 0 without a row or field */

enum sort { SORT_OPS, SORT_IN, SORT_OUT, SORT_OPENS, SORT_USER, SORT_AGE, SORTS };
extern const char *const sort_names[SORTS];

/* before may be the same sample: then nothing has happened. */
void view_write(const struct sample *before, const struct sample *now, enum sort sort, FILE *out);

#endif
