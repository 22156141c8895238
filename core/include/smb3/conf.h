// SPDX-License-Identifier: Apache-2.0
/*
 * conf.h: typed options. A module declares a table of options; core reads them from the config
 * group that has the module's name, checks them, and fills the module's conf struct.
 *
 * GLOBAL options stand in the module's group at the top of smb3.conf; SHARE options may also
 * stand in a group of that name inside a share, which then overrides the global value there.
 * The option reference in the man pages is printed from these tables.
 */
#ifndef SMB3_CONF_H
#define SMB3_CONF_H

#include <smb3/base.h>

enum smb3_option_type {
	SMB3_OPT_BOOL,   /* bool */
	SMB3_OPT_INT,    /* int64_t, between min and max */
	SMB3_OPT_SIZE,   /* uint64_t bytes: number, or "64K", "8M", "1G" */
	SMB3_OPT_TIME,   /* uint64_t milliseconds: "250ms", "30s", "5m", "1h"; a bare number is s */
	SMB3_OPT_STRING, /* const char *, never NULL: "" when unset */
	SMB3_OPT_LIST,   /* const char *const *, NULL-terminated, never NULL */
	SMB3_OPT_ENUM,   /* int: index in choices */
	SMB3_OPT_MODE,   /* uint32_t: octal string "0755" */
};

/* Where it may stand; and with it what its value makes the server touch, for who confines the
 * server. A path that does not begin with a slash is below server.state_dir. */
enum smb3_option_scope {
	SMB3_GLOBAL = 0x1,
	SMB3_SHARE = 0x2,
	SMB3_USE_READ = 0x10,    /* STRING, LIST: files or folders that are read */
	SMB3_USE_FILE = 0x20,    /* STRING, LIST: files that are written or replaced */
	SMB3_USE_FOLDER = 0x40,  /* STRING, LIST: folders in which anything is written */
	SMB3_USE_WRITERS = 0x80, /* when it is set, some users may write to a read-only share */
	SMB3_USE_EXEC = 0x100,   /* STRING, LIST: programs that are run */
};

struct smb3_option {
	const char *name;
	enum smb3_option_type type;
	int scope;         /* SMB3_GLOBAL, SMB3_SHARE (global default and per share), uses */
	size_t offset;     /* in the module's conf struct */
	const char *value; /* default, as it would stand in the file; lists: "a, b" */
	int64_t min, max;  /* INT, SIZE (bytes), TIME (ms); both 0: no limit */
	const char *const *choices; /* ENUM, LIST (what may stand in it): NULL-terminated */
	const char *help;           /* one sentence for the man page */
};

/* What a module finds wrong with values that are of the right type: smb3_module.check. */
struct smb3_conf_wrong {
	const char *option; /* which one: the message has its line */
	char why[240];      /* what is wrong, and what to do */
};

#define SMB3_OPTION_END      \
	{                    \
		.name = NULL \
	}

#endif
