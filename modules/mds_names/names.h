// SPDX-License-Identifier: Apache-2.0
/*
 * names.h: what the files of module mds_names share.
 */
#ifndef MDS_NAMES_NAMES_H
#define MDS_NAMES_NAMES_H

#include <smb3/smb3.h>

/* ---- pattern.c: texts with stars ---- */

#define PATTERN_MAX 255 /* characters */

struct pattern {
	uint32_t flags; /* SMB3_TERM_... */
	size_t n;
	uint32_t chars[PATTERN_MAX]; /* PATTERN_STAR, or folded */
};

/* False: it is too long. */
bool pattern_set(struct pattern *p, const char *text, uint32_t flags);
bool pattern_fits(const struct pattern *p, const char *name);

/* ---- cond.c: terms, as far as they are known here ---- */

enum cond_what {
	COND_NAME,
	COND_NOTHING, /* what there is none of, such as an index of contents */
	COND_SIZE,
	COND_WRITTEN,
	COND_CREATED,
};

struct cond {
	enum smb3_term_op op;
	const struct cond *left, *right;
	enum cond_what what;
	enum smb3_term_relation relation;
	uint64_t number; /* size, time */
	struct pattern *pattern;
};

/* NULL: something in it is not known here. */
const struct cond *cond_of(struct smb3_arena *a, const struct smb3_term *term);
/* Whether it wants more than a name. */
bool cond_wants_stat(const struct cond *c);
/* st may be NULL when it does not. */
bool cond_fits(const struct cond *c, const char *name, const struct smb3_stat *st);

/* ---- walk.c: through folders, a step at a time ---- */

#define WALK_BATCH 64 /* names that are kept of one folder */
#define WALK_DEPTH 64 /* folders deeper than that are not gone into */

struct walk_entry {
	char *name;
	unsigned char type;
	uint64_t cookie;
};

/* A folder on the way. */
struct walk_level {
	struct walk_level *above;
	char *path; /* below the share */
	uint64_t cookie;
	bool begun, read; /* read: to its end */
	unsigned int n, at;
	struct walk_entry entries[WALK_BATCH];
};

struct walk {
	struct smb3_arena *arena; /* of the conditions, and of the walk itself */
	const struct cond *where;
	size_t next_path; /* of the query's */
	struct walk_level *level;
	unsigned int depth;
};

struct names_conf {
	int64_t entries;
};

/* As smb3_spotlight.more: looks at so many entries at most. */
int walk_more(struct walk *w, const struct smb3_query *q, int64_t entries, smb3_found_fn found,
	      void *arg);
void walk_end(struct walk *w);

#endif
