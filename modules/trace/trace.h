// SPDX-License-Identifier: Apache-2.0
/*
 * trace.h: the log of calls. A test may look at it through the module's data:
 * smb3_module_find(server, "trace")->data is a struct trace.
 */
#ifndef TRACE_H
#define TRACE_H

#include <pthread.h>
#include <smb3/smb3.h>
#include <stdio.h>

struct trace {
	pthread_mutex_t lock;
	FILE *file;  /* NULL: none */
	char *text;  /* the last lines, each with a newline; NUL-terminated */
	size_t len;  /* of text */
	size_t size; /* bytes at text; the older half is forgotten when it is full */
};

struct trace_conf {
	const char *file;
	uint64_t memory;
	bool durations;
	const char *const *calls, *const *names;
};

/* One line; lines of several threads do not mix. */
void trace_line(struct smb3_mod *mod, const char *fmt, ...) SMB3_PRINTF(2, 3);

/* name in quotes, with what is not plain as \xNN; cut when long. "-" for NULL. */
#define TRACE_NAME_SIZE 320
const char *trace_name(const char *name, char buf[TRACE_NAME_SIZE]);

/* A count, or the name of an error: "ENOENT". */
#define TRACE_RESULT_SIZE 32
const char *trace_result(ssize_t n, char buf[TRACE_RESULT_SIZE]);

extern const struct smb3_vfs_ops trace_vfs_ops;

#endif
