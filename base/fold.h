// SPDX-License-Identifier: Apache-2.0
/*
 * fold.h: the upper-case table of file names. Private to core; ask smb3_fold().
 */
#ifndef SMB3_CORE_FOLD_H
#define SMB3_CORE_FOLD_H

#include <smb3/base.h>

/* first, first + step ... last become upper case by adding delta. */
struct fold_row {
	uint32_t first, last;
	int32_t delta;
	uint32_t step;
};

extern const struct fold_row fold_rows[]; /* in ascending order, not overlapping */
extern const size_t fold_row_count;

#endif
