// SPDX-License-Identifier: Apache-2.0
/*
 * script.h: what the files of module lua share.
 *
 *   host    the module's own: what all scripts have in common, and who runs them
 *   set     all scripts of one configuration, loaded into every state; a reload makes a new one
 *   state   one Lua state with all scripts in it; a thread uses one at a time
 *   seat    a state's place: each worker has one, the threads of the I/O pool share some. Whoever
 *           runs Lua holds the seat's lock; a loop's own seat is contended by nobody that waits
 *   point   a hook point of core, or POINT_MODIFY
 *   band    a range of orders; core has a row per point and band
 */
#ifndef LUA_SCRIPT_H
#define LUA_SCRIPT_H

#include <lauxlib.h>
#include <lua.h>
#include <pthread.h>
#include <smb3/smb3.h>
#include <stdatomic.h>
#include <stdio.h>

#define WHERE_MAX  96
#define REASON_MAX 160
#define POOL_SEATS 8

/* What lets a user change anything. */
#define CHANGE_RIGHTS                                                                 \
	(FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_WRITE_EA | FILE_WRITE_ATTRIBUTES | \
	 FILE_DELETE_CHILD | SMB3_DELETE | WRITE_DAC | WRITE_OWNER)

enum { POINT_MODIFY = SMB3_HOOK_POINTS, POINTS };
enum { BAND_GUARD, BAND_POLICY, BAND_FEATURE, BAND_AUDIT, BANDS };

struct script_conf {
	const char *const *scripts, *const *folders, *const *vars, *const *roots;
	int64_t instructions;
	uint64_t memory;
};

/* One function that a script has registered at a point. */
struct handler {
	int order, ref;        /* ref: in the state's registry */
	char where[WHERE_MAX]; /* "script:line" of its first line */
	_Atomic uint64_t calls, errors, denials, ns;
	uint64_t logged; /* smb3_clock() of the last error that was */
};

struct handlers {
	struct handler **list; /* by order */
	size_t n;
};

struct timer {
	struct timer *next;
	uint64_t due, every; /* ns; every 0: once */
	int ref;
	char where[WHERE_MAX];
};

/* A command that a script brings. */
struct verb {
	struct verb *next;
	int ref;
	char *name, *args, *help;
	char where[WHERE_MAX];
};

struct host;

struct state {
	struct host *host; /* NULL: a dry run */
	struct smb3_mod *mod;
	struct script_conf conf; /* a copy: a configuration that is refused goes before its states */
	lua_State *L;
	unsigned int index;
	size_t used;  /* bytes that Lua has */
	size_t large; /* ... in large pieces */
	bool loading;
	/* the call under way */
	int64_t left;       /* instructions */
	bool hide;          /* what is denied is not there, for who asks */
	bool exceeded;      /* none are */
	int step;           /* instructions between two looks */
	uint64_t cpu;       /* processor time of the thread when last looked at; 0: not yet */
	lua_Number matched; /* steps that patterns may have taken since */
	lua_State *running; /* the state's or a coroutine; whatever ran last */
	struct smb3_event *event;
	struct smb3_peek peek; /* what its request is about, once peeked */
	bool peeked;
	const void *table; /* the event's, as the script sees it */
	int point;
	lua_Number wait; /* seconds that a hook wants the request to wait */
	int line;        /* where the outermost function returned */
	int fields;      /* registry references: names of fields, ... */
	int event_meta;  /* ... and the events' metatable */
	char *scratch;   /* text on its way into Lua */
	size_t scratch_size;
	struct handlers points[POINTS];
	struct set *set;
	struct shared *shared; /* the host's; a dry run has one of its own */
	struct timer *timers;
	unsigned int n_timers;
	struct verb *verbs;
	struct resolver *resolvers;
	int vars; /* registry reference: tables of vars by where they come from */
};

struct set {
	struct set *older;
	struct state **states; /* by seat */
	unsigned int n;
	unsigned int busy; /* commands under way; worker 0's */
};

struct seat {
	pthread_mutex_t lock;
	_Atomic uintptr_t thread; /* pthread_self() of who has it, or 0 */
};

struct host {
	struct smb3_mod *mod;
	struct set *_Atomic set;
	struct set *next; /* accepted by a reload that has not happened yet */
	struct set *old;  /* replaced; freed when nobody is in them any more */
	struct seat *seats;
	unsigned int n_seats, n_workers;
	pthread_key_t key; /* of a thread: its seat's number and one */
	_Atomic unsigned int next_pool;
	_Atomic bool stopping;
	struct shared *shared;
	struct verb_row *rows;               /* of commands, also of those that are gone */
	pthread_mutex_t frozen_lock;         /* of the three below */
	bool wants[SMB3_HOOK_POINTS][BANDS]; /* rows that the scripts in use need */
	struct frozen *frozen;               /* shares that nobody may change */
	_Atomic unsigned int n_frozen;
};

/* ---- files.c: scripts on disk ---- */

struct source {
	char *text;
	size_t len;
	char name[64]; /* for messages: "office-hours.lua" */
};

/* Finds and reads a script; only files that nobody but the owner, who must be root or the server's
 * user, can write. 0, or -errno with the reason. */
int source_read(const struct script_conf *conf, const char *name, struct source *ret_source,
		char *ret_why, size_t size);

/* ---- state.c ---- */

/* What a state is made for; set is NULL in a dry run. */
struct state_place {
	struct smb3_mod *mod;
	const struct script_conf *conf;
	struct set *set;
	unsigned int index;
};

/* All scripts of the configuration loaded; NULL: why has script:line. index: the seat. */
struct state *state_new(struct host *host, const struct state_place *place, char *ret_why,
			size_t size);
/* The same without scripts. */
struct state *state_empty(struct host *host, const struct state_place *place);
int state_load(struct state *st, const char *name, char *ret_why, size_t size);
void state_free(struct state *st);
struct state *state_of(lua_State *L);
/* A new call begins: its instructions are counted from here. */
void state_limits(struct state *st, lua_State *L);
/* lua_pcall() under the limits. */
int state_call(struct state *st, lua_State *L, int n_args, int n_results);
/* The message of an error on top of the stack, which is popped. */
void state_error(lua_State *L, char *ret_why, size_t size);
/* The text or number on top, which stays there; needs no memory of the state. */
void state_text(lua_State *L, const char *otherwise, char *ret_text, size_t size);
/* Counts a share of the instructions of a call for work done in C. Raises when they are used up. */
void state_charge(lua_State *L, int64_t instructions);
/* Before and after a pattern is matched that takes that many steps at worst; as state_charge(). */
void state_pattern(lua_State *L, lua_Number worst);
/* "script:line" of who calls the C function that runs; level 0 is that itself. */
void state_where(lua_State *L, int level, char ret_where[WHERE_MAX]);
/* Room for text that lives until the next call of this. */
char *state_scratch(struct state *st, size_t size);

/* ---- sandbox.c: what of Lua's library scripts have ---- */

void sandbox_open(lua_State *L);

/* ---- api.c: the table smb3 ---- */

void api_open(lua_State *L);

/* ---- event.c: events as scripts see them ---- */

void event_open(lua_State *L);
/* Pushes the table of an event. */
void event_push(struct state *st);
/* "tree_connect"; NULL beyond the last. */
const char *point_name(int point);
int point_find(const char *name); /* -1: none */
bool point_is_policy(int point);

/* ---- values.c: values that take some finding ---- */

/* A table of names, as list and as set. */
void groups_push(lua_State *L, const struct smb3_identity *who);
extern struct smb3_slot groups_slot; /* of an identity: its groups' names */
/* The vars of a share, over those of the server; share may be NULL. */
void vars_push(lua_State *L, const struct smb3_share *share);
bool vars_sound(const char *const *vars, char *ret_why, size_t size);

/* ---- hooks.c ---- */

int band_of(int order);
/* The functions of one point, in order: the first that has an opinion gives the verdict. */
enum smb3_verdict hooks_ask(struct state *st, int point, int band, struct smb3_event *event);
/* One function; the event's table is the stack's first value. */
enum smb3_verdict hooks_ask_one(struct state *st, struct handler *h, struct smb3_event *e);
void hooks_add(struct state *st, int point, int order, int ref, const char *where);
void hooks_free(struct state *st);
extern const struct smb3_hook hook_rows[SMB3_HOOK_POINTS][BANDS];
/* Switches the rows as that set needs them, which has come into use. */
void hooks_enable(struct host *host, const struct state *st);
/* The same again, because shares were frozen or are no more; with frozen_lock. */
void hooks_switch(struct host *host);

/* ---- host.c ---- */

int host_new(struct smb3_mod *mod, const struct script_conf *conf, struct host **ret_host);
void host_free(struct host *host);
/* The calling thread's state, which host_leave() gives back; NULL when it has it already. */
struct state *host_enter(struct host *host);
void host_leave(struct host *host, struct state *st);
/* Worker 0 takes its seat for a state of an older set. */
struct state *host_enter_at(struct host *host, struct state *st);
/* False: somebody has that seat. */
bool host_try(struct host *host, unsigned int seat);
/* Loads the scripts aside, into every state. */
int host_prepare(struct host *host, const struct script_conf *conf, struct set **ret_set,
		 char *ret_why, size_t size);
/* Puts the set that was prepared in use; or forgets it. */
void host_swap(struct host *host);
void host_drop_next(struct host *host);
/* Frees sets that nobody is in; on worker 0. */
void host_sweep(struct host *host);

/* ---- shared.c ---- */

struct shared *shared_new(void);
void shared_free(struct shared *s); /* NULL is allowed */
void shared_open(lua_State *L);

/* ---- timers.c ---- */

int api_every(lua_State *L);
int api_after(lua_State *L);
/* On the seat's thread, or with its lock. */
void timers_run(struct host *host, struct state *st);
void timers_free(struct state *st);

/* ---- tasks.c: functions that may wait for answers of other workers ---- */

/* Calls the function. On worker 0's seat it may ask all workers, and goes on when they have
 * answered. ctl: the command whose function it is, which is ended with its results; or NULL. */
void task_start(struct host *host, struct state *st, int ref, const char *where,
		struct smb3_ctl *ctl, const struct verb *verb);
int api_sessions(lua_State *L);
int api_trees(lua_State *L);
int api_opens(lua_State *L);
int api_conns(lua_State *L);

/* ---- verbs.c: admin commands of scripts ---- */

int api_command(lua_State *L);
/* Pushes the arguments as the verb declares them; raises when they do not fit. */
int verb_push_args(lua_State *L, const struct verb *verb, struct smb3_ctl *ctl);
/* The results at the stack's index 2 and on become rows. */
void verb_rows(lua_State *L, struct smb3_ctl *ctl);
void verbs_free(struct state *st);
void verbs_enable(struct host *host);
void verb_rows_free(struct host *host);
size_t verbs_count(const struct state *st);

/* ---- shares.c: shares that scripts compute ---- */

int api_share(lua_State *L);
enum smb3_verdict shares_ask(struct state *st, struct smb3_event *event);
void resolvers_free(struct state *st);

/* ---- actions.c ---- */

int api_kick(lua_State *L);
int api_close(lua_State *L);
int api_read_only(lua_State *L);
int api_event(lua_State *L);
int api_snapshot(lua_State *L);
int api_metric(lua_State *L);
/* Whether the share may not be changed now. */
bool frozen_has(struct host *host, const struct smb3_share *share);
void frozen_free(struct host *host);

/* ---- hold.c: requests that wait ---- */

extern struct smb3_slot hold_slot; /* of a request */
/* Where this band's functions have been asked until the request had to wait: the first to ask now. */
size_t hold_first(const struct state *st, const struct smb3_event *event, int band);
/* The function at that place wants the event to wait; false: it cannot. */
bool hold_begin(struct state *st, struct smb3_event *event, lua_Number seconds, int band,
		size_t at);

/* ---- metrics: lua.c ---- */

extern struct smb3_metric metric_calls, metric_errors, metric_denials;

/* ---- ctl.c ---- */

extern const struct smb3_ctl_command ctl_lua, ctl_check, ctl_test;

#endif
