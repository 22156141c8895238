// SPDX-License-Identifier: Apache-2.0
/*
 * smb3ctl.h: what the files of smb3ctl share.
 */
#ifndef SMB3CTL_H
#define SMB3CTL_H

#include <stdbool.h>
#include <stddef.h>

#define EXIT_USAGE 2

/* How to reach the server, and how to do without one. */
struct target {
	const char *config; /* smb3.conf */
	bool config_given;
	const char *socket; /* NULL: <server.run_dir>/control */
	const char *smb3d;  /* NULL: beside smb3ctl, or in ../sbin */
	const char *module_dir;
};

/* A command and its arguments. */
struct request {
	char **argv;
	const char *secret; /* NULL: none */
};

/* Says on standard error what is wrong: "smb3ctl: ...". */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* call.c: sends the request to the server, or runs smb3d when there is none. 0 with the whole
 * answer (NUL-terminated, to be freed), or -1 after a complaint. */
int call(const struct target *target, const struct request *request, char **ret_answer);

/* module.c: what follows "module" on the command line; comes back only when that cannot be done, with
 * the exit status. */
int module_tool(const struct target *target, char **argv);

/* top.c: what the server does, again and again. Exit status. */
int top(const struct target *target, char **argv);

/* secret.c: a password from the terminal, asked for twice without echo, or a line of standard
 * input. 0, or -1 after a complaint. */
int secret_read(char *buf, size_t size);
/* The text of a file ("-": standard input), at most so many bytes, to be wiped and freed; NULL after
 * a complaint. */
char *file_read(const char *path, size_t most);

/* json.c: one object of an answer, with plain values only. */
struct field {
	char *key, *value; /* value: as text; control characters as \xNN */
	bool number;
};
struct row {
	struct field *fields;
	size_t n_fields;
};
/* Takes one line; false when it is not such an object. */
bool row_parse(const char *line, size_t len, struct row *ret_row);
void row_free(struct row *row);
const char *row_get(const struct row *row, const char *key); /* NULL: no such field */

/* smb3ctl.c: all rows of an answer; the last one is the status. */
struct row *rows_parse(const char *answer, size_t *ret_count);
void rows_free(struct row *rows, size_t n);

/* table.c: rows that begin with the same key make a table with aligned columns. */
void table_print(const struct row *rows, size_t n_rows);
/* Columns that a text takes on a terminal. */
int text_width(const char *s);

#endif
