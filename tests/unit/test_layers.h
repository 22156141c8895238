// SPDX-License-Identifier: Apache-2.0
/*
 * test_layers.h: file systems that say what they are asked.
 */
#ifndef TEST_LAYERS_H
#define TEST_LAYERS_H

#include "core.h"

/* Filters: A, B and C have every operation; late and early, too, and come by themselves where the share's
 * comment has a "w"; gap has none, opener few; lets lets through what is read, nocopy cannot copy.
 * Backends: Z has every operation, none has none, few those that core's defaults are made of, uncopied
 * what splicing takes. */
extern const struct smb3_provide layers[];
/* Every call adds "<layer>.<operation> ". */
extern char layers_said[4096];
/* What mounting answers. */
extern int layers_mount_error;

#define EXPECT_SAID(text)                            \
	do {                                         \
		cr_expect_str_eq(layers_said, text); \
		layers_said[0] = '\0';               \
	} while (0)

#endif
