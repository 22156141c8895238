// SPDX-License-Identifier: Apache-2.0
/*
 * dir.h: what the files of module dir share.
 */
#ifndef DIR_DIR_H
#define DIR_DIR_H

#include <smb3/name.h>
#include <smb3/smb3.h>
#include <smb3/stat.h>

/* Where an enumeration stands; hangs on the open. One request at a time touches it: the command
 * drains the open first. */
struct smb3_dir_state {
	char *pattern;
	bool wild;       /* pattern has wildcards; otherwise it is one name to look up */
	bool answered;   /* a query has been answered since the pattern was set */
	uint32_t dots;   /* of "." and "..", how many have been passed */
	bool ended;      /* the single name has been passed */
	uint64_t cookie; /* of the last entry passed */
};

/* One QUERY_DIRECTORY under way. */
struct dir_query {
	const struct smb3_info *row;
	struct smb3_dir_state *state;
	bool single;
	struct smb3_builder out; /* on the reply's payload */
	size_t last;             /* where the last entry starts */
	uint32_t count;
	bool full, cut;
};

/* scan.c: fills the reply. In work. */
ntstatus dir_scan(struct smb3_req *req);

/* classes.c */
extern const struct smb3_info dir_directory, dir_full, dir_both, dir_names, dir_id_both,
	dir_id_full, dir_id_extd, dir_id_extd_both;

#endif
