// SPDX-License-Identifier: Apache-2.0
/*
 * ctl.h: a row of kind CTL is an admin command of smb3ctl.
 * A command answers rows of named fields. The client prints them as a table, or as JSON.
 */
#ifndef SMB3_CTL_H
#define SMB3_CTL_H

#include <smb3/base.h>
#include <smb3/module.h>
#include <smb3/time.h>

struct smb3_ctl_command {
	const char *name;       /* "sessions", "user add": one or two words */
	const char *args;       /* for help: "NAME [UNIX-NAME]" */
	const char *help;       /* one line */
	int min_args, max_args; /* max -1: any number */
	bool offline;           /* works without a running server: smb3d --command */
	bool secret;            /* smb3ctl asks for a password and sends it along */
	bool file; /* smb3ctl sends a file's text as secret: of the first argument without "--" */
	/* On worker 0. Finishes with smb3_ctl_done(), now or later. */
	void (*run)(struct smb3_ctl *ctl);
	/* Rows of its module (mod) that stand in smb3ctl status as well. On worker 0. Optional. */
	void (*status)(struct smb3_ctl *ctl, struct smb3_mod *mod);
};

/* Commands that come and go while the server runs, besides those that the module declares as rows.
 * Before the workers run, or on worker 0. -EEXIST: there is one of that name. A row that was taken
 * away must stay as it is until its module ends. */
int smb3_ctl_add(struct smb3_mod *mod, const struct smb3_provide *row);
void smb3_ctl_remove(struct smb3_mod *mod, const struct smb3_provide *row);

/* The command under way. */
struct smb3_server *smb3_ctl_server(const struct smb3_ctl *ctl);
const char *smb3_ctl_name(const struct smb3_ctl *ctl); /* the command's */
struct smb3_mod *smb3_ctl_mod(const struct smb3_ctl *ctl);
int smb3_ctl_argc(const struct smb3_ctl *ctl);
const char *smb3_ctl_arg(const struct smb3_ctl *ctl, int index); /* NULL beyond the last */
const char *smb3_ctl_secret(const struct smb3_ctl *ctl);         /* NULL when none was sent */

/* Zeroed memory of the command's own: the same at each call, gone when it has ended. */
void *smb3_ctl_state(struct smb3_ctl *ctl, size_t size);

/* A row is a list of fields between row and the next row or done. Keys are constants. */
void smb3_ctl_row(struct smb3_ctl *ctl);
void smb3_ctl_text(struct smb3_ctl *ctl, const char *key, const char *value);
void smb3_ctl_printf(struct smb3_ctl *ctl, const char *key, const char *fmt, ...) SMB3_PRINTF(3, 4);
void smb3_ctl_number(struct smb3_ctl *ctl, const char *key, int64_t value);
void smb3_ctl_bool(struct smb3_ctl *ctl, const char *key, bool value);

/* Runs fn on every worker, one after the other (so that it may add rows), then then() on
 * worker 0. */
void smb3_ctl_each_worker(struct smb3_ctl *ctl,
			  void (*fn)(struct smb3_ctl *ctl, struct smb3_worker *w),
			  void (*then)(struct smb3_ctl *ctl));

/* Ends it. error NULL: success; else a message that says what to do. */
void smb3_ctl_done(struct smb3_ctl *ctl, const char *error, ...) SMB3_PRINTF(2, 3);

/* Words for a command, from whoever brings them: the socket of the module admin, smb3d --command. */
struct smb3_ctl_request {
	int argc;
	char **argv;        /* they stay until finished is called */
	const char *secret; /* the password or text that came along; may be NULL */
	/* Now or later, on worker 0. The answer is one JSON object a line: the rows, and at last
	 * {"status": "ok" | "error" | "usage" | "secret", "message": ...}; "secret" asks for the
	 * same request with a password, "file" for one with the text of the file `message`. text is malloc'd and now the receiver's. */
	void (*finished)(struct smb3_ctl_request *request, char *text, size_t len, bool ok);
	uid_t uid; /* who asks */
};

/* Finds the command and runs it. On worker 0, or without any worker. */
void smb3_ctl_run(struct smb3_server *server, struct smb3_ctl_request *request);

#endif
