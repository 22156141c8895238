// SPDX-License-Identifier: Apache-2.0
/*
 * dir.h: what the files of module dir share.
 */
#ifndef DIR_DIR_H
#define DIR_DIR_H

#include <smb3/name.h>
#include <smb3/smb3.h>
#include <smb3/stat.h>

/* How many of the last entries a query may go back to by their FileIndex. */
#define DIR_RECENT 64

/* Where an enumeration stands; hangs on the open. One request at a time touches it: the command
 * drains the open first. */
struct smb3_dir_state {
	char *pattern;
	bool wild;       /* pattern has wildcards; otherwise it is one name to look up */
	bool answered;   /* a query has been answered since the pattern was set */
	uint32_t dots;   /* of "." and "..", how many have been passed */
	bool ended;      /* the single name has been passed */
	uint64_t cookie; /* of the last entry passed */
	uint32_t index;  /* of the last entry returned: they are counted, from 1 on */
	/* Where to read on behind the entries returned last, by index. */
	struct {
		uint32_t dots;
		uint64_t cookie;
	} recent[DIR_RECENT];
};

/* One QUERY_DIRECTORY under way. */
struct dir_query {
	const struct smb3_info *row;
	struct smb3_dir_state *state;
	bool single, short_names;
	struct smb3_builder out; /* on the reply's payload */
	size_t last;             /* where the last entry starts */
	uint32_t count;
	bool full, cut;
};

/* match.c */

/* Matches with the wildcards * ? < > " of [MS-FSA] 2.1.4.4, ignoring case. One code point is one
 * character. Time is at most the product of the lengths, whatever the pattern. */
bool dir_match(const char *pattern, const char *name);
bool dir_wild(const char *pattern);

/* scan.c: fills the reply. In work. */
ntstatus dir_scan(struct smb3_req *req);

/* classes.c */
extern const struct smb3_info dir_directory, dir_full, dir_both, dir_names, dir_id_both,
	dir_id_full, dir_id_extd, dir_id_extd_both, dir_id_64_extd, dir_id_64_extd_both,
	dir_id_all_extd, dir_id_all_extd_both;

#endif
