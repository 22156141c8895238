// SPDX-License-Identifier: Apache-2.0
/*
 * ctl_call.h: an admin command under way. Private to ctl*.c.
 *
 * Request: a 4-byte big-endian length, then one flag byte (CTL_HAS_SECRET: the last string is a
 * password) and NUL-terminated strings. Reply: one JSON object a line, the rows; the last line is
 * {"status": "ok" | "error" | "usage" | "secret", "message": ...}; "secret" asks for the same
 * request with a password.
 */
#ifndef SMB3_CTL_CALL_H
#define SMB3_CTL_CALL_H

#include "core.h"

#define CTL_HAS_SECRET  0x01
#define CTL_REQUEST_MAX 65536
#define CTL_ARGS_MAX    64

struct smb3_ctl {
	struct smb3_server *server;
	struct smb3_mod *mod;
	const struct smb3_ctl_command *command;
	int argc; /* without the words of the command */
	char **argv;
	const char *secret;
	FILE *out; /* fills text; NULL once finished */
	char *text;
	size_t len;
	bool in_row, has_field;
	bool ok;
	void *state; /* the command's */
	void (*finished)(struct smb3_ctl *ctl);
	/* smb3_ctl_each_worker() */
	struct smb3_mail mail;
	void (*visit)(struct smb3_ctl *ctl, struct smb3_worker *w);
	void (*then)(struct smb3_ctl *ctl);
};

/* Finds the command and runs it; finished is called, now or later, when text is complete. */
void ctl_run(struct smb3_ctl *ctl, int argc, char **argv);
/* Frees text and out; the struct is the caller's. */
void ctl_done(struct smb3_ctl *ctl);

#endif
