// SPDX-License-Identifier: Apache-2.0
/*
 * fsrvp.h: what the files of module rpc_fsrvp share. [MS-FSRVP]
 *
 *   set   what one sequence of calls makes: copies of some shares
 *   copy  a snapshot of a share, and the share "NAME@{GUID}" by which clients read it once the set is
 *         exposed
 */
#ifndef RPC_FSRVP_FSRVP_H
#define RPC_FSRVP_FSRVP_H

#include <pthread.h>
#include <smb3/smb3.h>
#include <stdatomic.h>

/* [MS-FSRVP] 2.2.4 and HRESULTs of [MS-ERREF] 2.1 */
#define FSRVP_OK               0u
#define FSRVP_WAIT_TIMEOUT     0x00000102u
#define FSRVP_BAD_STATE        0x80042301u
#define FSRVP_OBJECT_NOT_FOUND 0x80042308u
#define FSRVP_NOT_SUPPORTED    0x8004230Cu
#define FSRVP_OBJECT_EXISTS    0x8004230Du
#define FSRVP_IN_PROGRESS      0x80042316u
#define FSRVP_BAD_CONTEXT      0x8004231Bu
#define E_OUT_OF_MEMORY        0x80000002u
#define E_ACCESS_DENIED        0x80070005u
#define E_INVALID_ARGUMENT     0x80070057u
#define E_FAIL                 0x80004005u

/* The module's own questions. The first one: b step, set's GUID, copy's GUID, 4 number, t share -> 4
 * status, what it answers; the second: - -> -, trees of copies that are gone are closed. */
#define SMB3_ASK_SHADOW       0x41
#define SMB3_ASK_SHADOW_LEAVE 0x44
/* later: the same as the first one, for steps that make or remove snapshots */
#define SMB3_ASK_SHADOW_SLOW 0x46

enum fsrvp_step {
	STEP_NONE,      /* whether he may at all */
	STEP_CONTEXT,   /* number: the context */
	STEP_START,     /* -> the set's GUID */
	STEP_ADD,       /* set, share -> the copy's GUID */
	STEP_PREPARE,   /* set */
	STEP_COMMIT,    /* set; number: milliseconds */
	STEP_EXPOSE,    /* set */
	STEP_RECOVERED, /* set */
	STEP_ABORT,     /* set */
	STEP_SUPPORTED, /* share -> b whether */
	STEP_COPIED,    /* share -> b whether */
	STEP_MAPPING,   /* set, copy, share -> t the copy's share, 8 time */
	STEP_DELETE,    /* set, copy, share */
	STEPS
};

struct fsrvp_conf {
	uint64_t sequence_time, prepare_time, exposed_time;
	int64_t copies;
	const char *const *operators;
};

/* ---- in smb3d ---- */

#define FSRVP_NAME_MAX 80 /* characters of a share's name, [MS-SRVS] 2.2.4 */
#define FSRVP_TAIL     39 /* "@{GUID}" */

enum fsrvp_status {
	SET_STARTED,
	SET_ADDED,
	SET_BUSY, /* its snapshots are being taken, without the lock: nobody else touches it */
	SET_COMMITTED,
	SET_EXPOSED,
	SET_RECOVERED,
};

struct fsrvp_copy {
	struct smb3_list link;
	struct smb3_guid id;
	char *share;
	char *name;       /* of the share that shows it */
	smb3_nttime when; /* 0: not taken yet */
	bool leaving;     /* being removed, without the lock */
};

struct fsrvp_set {
	struct smb3_list link;
	struct smb3_guid id;
	enum fsrvp_status status;
	uint64_t seen; /* smb3_clock(): SET_EXPOSED stays for a while from then on; 0: not begun yet */
	struct smb3_list copies;
};

struct fsrvp {
	struct smb3_mod *mod;
	pthread_mutex_t lock; /* of what follows; no disk is waited for with it */
	bool context;         /* SetContext was called */
	uint64_t deadline;    /* smb3_clock(): until then the sequence goes on */
	struct fsrvp_set *making;
	struct smb3_list sets;    /* that are exposed */
	size_t n_copies;          /* of all sets */
	struct smb3_list dropped; /* sets of which the disk still holds something */
	uint64_t drop_again;      /* smb3_clock(): some were in use */
	struct smb3_job sweep;    /* forgets sequences and sets whose clients are silent */
	bool sweeping;
	int64_t n_slow;                  /* steps on the pool of SHADOW_SLOW; worker 0's */
	_Atomic uint32_t gone;           /* counts when copies go */
	uint32_t left[SMB3_WORKERS_MAX]; /* each worker's: gone, at its last tick */
	bool changed;                    /* exposed sets, since they were kept */
	uint64_t keep_again;             /* smb3_clock(): they could not be */
	pthread_mutex_t keeping; /* held while the file is written; the other lock comes below it */
	char *file;
};

/* ---- copies.c ---- */

struct fsrvp_set *fsrvp_set_new(const struct smb3_guid *id);
struct fsrvp_copy *fsrvp_copy_add(struct fsrvp_set *set, const char *share,
				  const struct smb3_guid *id);
void fsrvp_copy_free(struct fsrvp_copy *copy);
void fsrvp_set_free(struct fsrvp_set *set);
size_t fsrvp_set_count(const struct fsrvp_set *set);
/* By its id; NULL. */
struct fsrvp_copy *fsrvp_copy_find(const struct fsrvp_set *set, const struct smb3_guid *id);
/* FSRVP_OK: snapshots of that share can be taken, and shown. */
uint32_t fsrvp_supported(struct smb3_server *server, const char *share);
/* On the pool. Takes all snapshots of a set in so many milliseconds (0: any); after an error those that
 * were taken are to be taken back. */
uint32_t fsrvp_take(struct smb3_server *server, struct fsrvp_set *set, uint32_t ms,
		    const char *label);
/* On the pool. 0, also when it is gone; or a negative errno. */
int fsrvp_untake(struct smb3_server *server, const struct fsrvp_copy *copy);
/* On the pool. Takes the snapshots of a set back, which stays. A set of those that somebody else works with
 * just now: to be tried again; NULL: none. */
struct fsrvp_set *fsrvp_untake_all(struct smb3_server *server, struct fsrvp_set *set);
/* The same for one that nobody else knows, and that is freed. */
struct fsrvp_set *fsrvp_set_drop(struct smb3_server *server, struct fsrvp_set *set);

/* ---- expose.c ---- */

/* Whether somebody may make copies and read them; may block. */
bool fsrvp_admits(const struct smb3_mod *mod, const struct smb3_identity *who);
extern const struct smb3_hook fsrvp_hook_share, fsrvp_hook_tree;
extern const struct smb3_rpc_question fsrvp_ask_leave;
/* At its tick: closes the worker's trees of copies that have gone since the last one, whoever removed
 * them, and though nobody may wait for it any more. */
void fsrvp_leave(struct fsrvp *f, struct smb3_worker *worker);

/* ---- state.c ---- */

extern const struct smb3_rpc_question fsrvp_ask_step, fsrvp_ask_slow;
/* On the pool: a step as smb3-rpcd asks for it. */
int fsrvp_step_run(struct smb3_rpc_asking *asking);
extern const struct smb3_hook fsrvp_hook_tick;
static inline struct fsrvp *fsrvp_of(const struct smb3_mod *mod)
{
	return mod->data;
}

static inline bool fsrvp_same(const struct smb3_guid *a, const struct smb3_guid *b)
{
	return !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

/* ---- keep.c: exposed sets outlast the server ---- */

/* If they have changed. May block. */
void fsrvp_keep(struct fsrvp *f);
int fsrvp_load(struct fsrvp *f);
char *fsrvp_build(const struct smb3_list *sets); /* to be freed; NULL: no memory */
/* What text says, added to sets. False: it is not what fsrvp_keep() writes; what came before is. */
bool fsrvp_parse(const char *text, size_t len, struct smb3_list *sets);

#endif
