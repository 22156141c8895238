// SPDX-License-Identifier: Apache-2.0
/*
 * import.h: accounts as other servers write them down, one line each.
 *   smb3       our own file
 *   smbpasswd  Samba's smbpasswd(5), which pdbedit -L -w prints as well
 *   ksmbd      ksmbdpwd.db: name:base64 of the NT hash
 */
#ifndef IMPORT_H
#define IMPORT_H

#include <smb3/auth.h>

enum import_format { IMPORT_AUTO, IMPORT_SMB3, IMPORT_SMBPASSWD, IMPORT_KSMBD };

enum import_kind {
	IMPORT_ACCOUNT,
	IMPORT_EMPTY,   /* a blank line, or a comment */
	IMPORT_SKIPPED, /* an account that is none of ours: why */
	IMPORT_WRONG,   /* no such line: why, and what to do */
};

/* The names of formats, by enum import_format; NULL at the end. */
extern const char *const import_formats[];

/* The format that a line is in; AUTO: it does not tell (a comment), or it is none. */
enum import_format import_guess(const char *line);
/* Takes one line, which is cut into pieces. *ret_why is set unless it is an account or empty; of an
 * account it may be, with what should be known of it. */
enum import_kind import_line(enum import_format format, char *line,
			     struct smb3_account *ret_account, const char **ret_why);

#endif
