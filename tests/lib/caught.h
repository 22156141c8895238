// SPDX-License-Identifier: Apache-2.0
/*
 * caught.h: what is written to standard error, for tests of messages.
 */
#ifndef CAUGHT_H
#define CAUGHT_H

/* From now on standard error goes to a file. */
void caught_begin(void);
/* What was written since the last call. */
const char *caught(void);

#endif
