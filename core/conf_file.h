// SPDX-License-Identifier: Apache-2.0
/*
 * conf_file.h: reading smb3.conf against tables of options. Private to conf*.c and share.c.
 */
#ifndef SMB3_CONF_FILE_H
#define SMB3_CONF_FILE_H

#include "core.h"

/* What is wrong with a configuration: "file:line: what; what to do", one a line. */
struct conf_report {
	FILE *out;
	char *text;
	size_t len;
	unsigned int problems;
};

/* A group of the file and what may stand in it. */
struct conf_group {
	struct smb3_config *config;
	config_setting_t *setting; /* NULL: the file has no such group */
	const char *name;          /* for messages: "server", "share projects" */
	const struct smb3_option *options;
	int scope;       /* options without this bit may not stand here */
	bool has_groups; /* groups inside are the caller's business */
};

/* Parses the file. 0 or -errno, with the problem in config->report. */
int conf_parse(struct smb3_config *config);

/* at gives file and line; NULL: the whole file. */
void conf_problem(struct smb3_config *config, const config_setting_t *at, const char *fmt, ...)
	SMB3_PRINTF(3, 4);
/* "unknown key x in server", with the nearest of the names that are known. */
void conf_unknown(struct smb3_config *config, const config_setting_t *at, const char *where,
		  const char *const *known, size_t n_known);

/* Sets every option to its default, then to what the group says. Problems are reported. */
void conf_defaults(struct smb3_config *config, const struct smb3_option *options, void *base);
void conf_read(const struct conf_group *group, void *base);
/* Whether two conf structs say the same. */
bool conf_same(const struct smb3_option *options, const void *a, const void *b);

/* What the module itself says of values that the group has set. */
void conf_check(struct smb3_mod *mod, const struct conf_group *group, const void *base);

bool conf_list_same(const char *const *a, const char *const *b);

/* "a number from 0 to 64", and how it would stand in the file: workers = 4. */
void conf_type_text(const struct smb3_option *o, char *buf, size_t size);
void conf_value_text(const struct smb3_option *o, char *buf, size_t size);

/* A list of strings in the arena; NULL after a report. where: "modules". */
const char *const *conf_strings(struct smb3_config *config, config_setting_t *setting);

/* Core's own tables. */
extern const struct smb3_option conf_server_options[], conf_limits_options[], conf_log_options[],
	conf_listen_options[], conf_share_options[];

/* share.c: reads shares = ( ... ) and adds IPC$. */
void conf_read_shares(struct smb3_server *server, struct smb3_config *config);
/* Puts shares of old that are the same in new_config into new_config, so that they live on. */
void conf_keep_shares(struct smb3_server *server, struct smb3_config *old,
		      struct smb3_config *new_config);

#endif
