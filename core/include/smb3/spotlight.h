// SPDX-License-Identifier: Apache-2.0
/*
 * spotlight.h: rows of kind SPOTLIGHT, which find files for clients that search a share (macOS).
 * Module rpc_mdssvc asks them, and decides who may see what: whatever a row finds is told only when
 * the user could list it, and is looked up again for that.
 *
 *   query    terms below folders of a share
 *   term     a comparison, or terms put together
 *
 * All functions run in smb3d, on the I/O pool, as the user who searches, one at a time for a query.
 */
#ifndef SMB3_SPOTLIGHT_H
#define SMB3_SPOTLIGHT_H

#include <smb3/base.h>
#include <smb3/time.h>
#include <smb3/vfs.h>
#include <stdatomic.h>

enum smb3_term_op {
	SMB3_TERM_ALL, /* everything fits */
	SMB3_TERM_AND, /* left, right */
	SMB3_TERM_OR,
	SMB3_TERM_NOT, /* left */
	SMB3_TERM_COMPARE,
	SMB3_TERM_OPS
};

enum smb3_term_relation {
	SMB3_TERM_EQ,
	SMB3_TERM_NE,
	SMB3_TERM_LT,
	SMB3_TERM_LE,
	SMB3_TERM_GT,
	SMB3_TERM_GE,
	SMB3_TERM_RELATIONS
};

enum smb3_term_kind { SMB3_TERM_TEXT, SMB3_TERM_NUMBER, SMB3_TERM_DATE, SMB3_TERM_KINDS };

#define SMB3_TERM_CASE   0x1 /* "c": upper and lower case are the same */
#define SMB3_TERM_ACCENT 0x2 /* "d": letters with accents are the same as those without */
#define SMB3_TERM_WORD   0x4 /* "w": from the beginning of a word on */

struct smb3_term {
	enum smb3_term_op op;
	const struct smb3_term *left, *right;
	/* COMPARE: attribute "kMDItemFSName", or "*" for any of them; with what */
	const char *attribute;
	enum smb3_term_relation relation;
	enum smb3_term_kind kind;
	uint32_t flags;   /* of TEXT */
	const char *text; /* UTF-8; '*' is any number of characters, unless '\' stands before it */
	int64_t number;
	smb3_nttime when;
};

struct smb3_query {
	struct smb3_share *share;
	struct smb3_mount *mount;
	const struct smb3_identity *who; /* whom the share makes of the user: calls run as he */
	/* Where: folders below the share, "" is all of it; NULL at the end. None lies in another */
	const char *const *paths;
	const struct smb3_term *where;
	/* Of one more(): give back about here, that others get the thread (smb3_clock()); at once,
	 * when stop says so */
	uint64_t until;
	const _Atomic bool *stop;
	/* Whether the user may list the folder dir at path ("": the share's), as far as hooks and options say: readdir() has the
	 * rest from the file system. Who walks through folders does not go in where he may not. */
	bool (*lists)(const struct smb3_query *query, const struct smb3_ctx *ctx, const char *path,
		      struct smb3_handle *dir);
};

/* One of the results: a path below the share, '/' between names, as clients would call it. False:
 * take no more for now; this one was not taken. */
typedef bool (*smb3_found_fn)(void *arg, const char *path);

struct smb3_spotlight {
	const char *name; /* "mds_names" */
	/* Whether it is this row that answers for the share; the first one of all does. NULL: for
	 * every share. Any thread, does not block. */
	bool (*wanted)(const struct smb3_mod *mod, const struct smb3_share *share);
	/* Takes a query, which stays as it is until end(), but for until. -EOPNOTSUPP: it asks for
	 * what this row does not know. */
	int (*start)(struct smb3_mod *mod, const struct smb3_query *query, void **ret_state);
	/* The next results. 1: there may be more; 0: that was all; or a negative errno. */
	int (*more)(struct smb3_mod *mod, const struct smb3_query *query, void *state,
		    smb3_found_fn found, void *arg);
	/* Nobody wants more of it. As the server itself, perhaps on a loop: does not block. */
	void (*end)(struct smb3_mod *mod, void *state);
};

#endif
