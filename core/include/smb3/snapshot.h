// SPDX-License-Identifier: Apache-2.0
/*
 * snapshot.h: previous versions of shares. How a version is called, and rows of kind SNAPSHOTS, which
 * take versions when a script or an administrator asks for one. [MS-SMB2] 2.2.32.2, 3.3.5.9
 */
#ifndef SMB3_SNAPSHOT_H
#define SMB3_SNAPSHOT_H

#include <smb3/base.h>
#include <smb3/module.h>
#include <smb3/time.h>
#include <stdio.h>
#include <string.h>

#define SMB3_VERSION_PREFIX "@GMT-"
#define SMB3_VERSION_NAME   25 /* "@GMT-YYYY.MM.DD-HH.MM.SS" */

/* "": no version can have that time. */
static inline void smb3_version_name(smb3_nttime when, char ret_name[SMB3_VERSION_NAME])
{
	struct timespec ts = smb3_nttime_to_timespec(when);
	struct tm tm = { 0 };

	ret_name[0] = '\0';
	if (!gmtime_r(&ts.tv_sec, &tm) || tm.tm_year < 0 || tm.tm_year > 9999 - 1900)
		return;
	strftime(ret_name, SMB3_VERSION_NAME, SMB3_VERSION_PREFIX "%Y.%m.%d-%H.%M.%S", &tm);
}

/* The time of the version that name[0, len) stands for; 0: it is no such name. Only what
 * smb3_version_name() gives: a second way to write it would be a second name of each file. */
static inline smb3_nttime smb3_version_parse(const char *name, size_t len)
{
	char copy[SMB3_VERSION_NAME], again[SMB3_VERSION_NAME];
	struct tm tm = { 0 };
	struct timespec ts = { 0 };
	smb3_nttime when;

	if (len != SMB3_VERSION_NAME - 1 || memcmp(name, SMB3_VERSION_PREFIX, 5) != 0)
		return 0;
	memcpy(copy, name, len);
	copy[len] = '\0';
	if (sscanf(copy, SMB3_VERSION_PREFIX "%4d.%2d.%2d-%2d.%2d.%2d", &tm.tm_year, &tm.tm_mon,
		   &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
		return 0;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	ts.tv_sec = timegm(&tm);
	when = smb3_nttime_from_timespec(&ts);
	smb3_version_name(when, again);
	return strcmp(copy, again) == 0 ? when : 0;
}

struct smb3_snapshots {
	const char *name; /* "btrfs" */
	/* Whether it is this row that takes them of that share; NULL: of every share. Any thread. */
	bool (*wanted)(const struct smb3_mod *mod, const struct smb3_share *share);
	/* Takes one now, as the server, on the I/O pool. label says what for; ret_name is what it is
	 * called. 0, or a negative errno. */
	int (*take)(struct smb3_mod *mod, struct smb3_share *share, const char *label,
		    char *ret_name, size_t size);
	/* Removes the one of that time, likewise. NULL: cannot be. */
	int (*remove)(struct smb3_mod *mod, struct smb3_share *share, smb3_nttime when);
};

/* The row that takes snapshots of a share; NULL: none does. smb3_module_of() has its module. */
static inline const struct smb3_snapshots *smb3_snapshots_of(struct smb3_server *server,
							     const struct smb3_share *share)
{
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(server, SMB3_KIND_SNAPSHOTS, &n);

	for (size_t i = 0; i < n; i++) {
		const struct smb3_snapshots *row = rows[i]->row;

		if (!row->wanted || row->wanted(smb3_module_of(server, row), share))
			return row;
	}
	return NULL;
}

#endif
