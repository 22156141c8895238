// SPDX-License-Identifier: Apache-2.0
/*
 * fault.h: what the files of vfs_fault share.
 *
 *   rule    which calls, and what becomes of them; read from words such as
 *           "read,write error=EIO path=*.db every=3"
 *   table   all rules of the server, those of smb3.conf and those of smb3ctl fault
 *   mount   the filter in one share
 */
#ifndef VFS_FAULT_FAULT_H
#define VFS_FAULT_FAULT_H

#include <pthread.h>
#include <smb3/smb3.h>
#include <stdatomic.h>

#define FAULT_RULES_MAX 256
#define FAULT_DELAY_MAX 600000000000ull /* ns */
#define FAULT_ALWAYS    1000000u

enum fault_op {
	FAULT_OPEN,
	FAULT_CREATE,
	FAULT_WALK,
	FAULT_LIST,
	FAULT_GETATTR,
	FAULT_SETATTR,
	FAULT_READ,
	FAULT_WRITE,
	FAULT_FLUSH,
	FAULT_TRUNCATE,
	FAULT_ALLOC,
	FAULT_RANGES,
	FAULT_COPY,
	FAULT_DELETE,
	FAULT_RENAME,
	FAULT_LINK,
	FAULT_MAKE,
	FAULT_READLINK,
	FAULT_GETXATTR,
	FAULT_SETXATTR,
	FAULT_STREAMS,
	FAULT_STATFS,
	FAULT_OPS
};

struct fault_rule {
	struct smb3_list link; /* in the table */
	uint64_t id;
	const void *owner; /* the layer whose options have it; NULL: smb3ctl */
	char *share, *text;
	uint32_t ops; /* bits 1 << enum fault_op */
	char *path;   /* pattern; NULL: every path */

	uint64_t delay_min, delay_max; /* ns */
	bool hold;                     /* until the rule is cleared */
	int error;                     /* negative errno, or 0 */
	bool shortened, cut;
	uint64_t most; /* bytes, when shortened */

	uint64_t after, every, count; /* count 0: without end */
	uint32_t chance;              /* of FAULT_ALWAYS */
	uint64_t random;              /* the generator's state */
	uint64_t seen, hits;          /* calls that fit; those that were hit */
};

/* From words, which are changed. NULL with the reason in why. */
struct fault_rule *fault_rule_parse(const char *words, char *why, size_t why_size);
void fault_rule_free(struct fault_rule *rule); /* NULL is allowed */
/* Whether the rule is for such a call; other is the second path of a rename or link, or NULL. */
bool fault_rule_fits(const struct fault_rule *rule, enum fault_op op, const char *path,
		     const char *other);
static inline bool fault_rule_waits(const struct fault_rule *rule)
{
	return rule->hold || rule->delay_max;
}
static inline bool fault_rule_spent(const struct fault_rule *rule)
{
	return rule->count && rule->hits == rule->count;
}
/* A call that fits has come: whether it is hit. Counts. */
bool fault_rule_strikes(struct fault_rule *rule);
/* How long it waits: between delay_min and delay_max, of the rule's generator. */
uint64_t fault_rule_delay(struct fault_rule *rule);

/* ---- the table ---- */

struct fault_mount {
	struct smb3_list link; /* table's mounts */
	struct smb3_vfs *self;
	_Atomic uint32_t ops; /* of all rules for this share: nothing else is looked up */
};

struct fault_table {
	pthread_mutex_t lock;
	pthread_cond_t changed; /* a rule has gone, or the end has come */
	struct smb3_list rules, mounts;
	uint64_t last_id;
	unsigned int count;
	bool ending;
};

/* What becomes of a call. */
struct fault_verdict {
	int error;
	bool cut;
	bool shortened;
	uint64_t most;
};

struct fault_table *fault_table_new(void);
void fault_table_free(struct fault_table *t);
/* Nobody waits from now on. */
void fault_table_end(struct fault_table *t);
void fault_table_mount(struct fault_table *t, struct smb3_vfs *self);
void fault_table_unmount(struct fault_table *t, struct smb3_vfs *self);
/* Takes the rule. Its id; 0 when there are too many: it is freed. */
uint64_t fault_table_add(struct fault_table *t, struct fault_rule *rule, const char *share,
			 const void *owner);
/* All that fit: of the id, or of the share, or (0, NULL) all. How many. Who waits goes on. */
unsigned int fault_table_clear(struct fault_table *t, uint64_t id, const char *share);
/* A call of this kind comes through: waits as long as it has to, and says what becomes of it.
 * -EAGAIN when it would wait and must not. */
int fault_table_call(struct fault_table *t, struct smb3_vfs *self, bool nowait, enum fault_op op,
		     const char *path, const char *other, struct fault_verdict *ret_verdict);
/* Calls fn for each rule, under the lock. */
void fault_table_each(struct fault_table *t, void (*fn)(const struct fault_rule *, void *),
		      void *arg);

/* ---- command.c ---- */

extern const struct smb3_ctl_command fault_add_command, fault_list_command, fault_clear_command;

/* vfs_fault.c: whether the filter stands in the share. */
bool fault_share_has(const struct smb3_mod *mod, const struct smb3_share *share);

#endif
