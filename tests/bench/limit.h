// SPDX-License-Identifier: Apache-2.0
/*
 * limit.h: what the parts of limit share.
 */
#pragma once

_Noreturn void limit_fail(const char *what); /* with what errno says */
double limit_cpu(void);                      /* seconds of this thread */
void limit_say(const char *what, double value, const char *unit);

/* limit_names.c: system calls on names, in a folder that is made below that one. */
void limit_names(const char *in);
