// SPDX-License-Identifier: Apache-2.0
/*
 * core.h: what the files of core share and modules do not see.
 */
#ifndef SMB3_CORE_H
#define SMB3_CORE_H

#include <errno.h>
#include <ev.h>
#include <libconfig.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <smb3/smb3.h>

#define SMB3_SERVER_MAGIC SMB3_MAGIC('S', 'R', 'V', 'R')
#define SMB3_WORKER_MAGIC SMB3_MAGIC('W', 'O', 'R', 'K')
#define SMB3_CHAIN_MAGIC  SMB3_MAGIC('C', 'H', 'N', ' ')
#define SMB3_MOD_MAGIC    SMB3_MAGIC('M', 'O', 'D', ' ')
#define SMB3_MODULES_MAX  128
#define SMB3_METRICS_MAX  256

/* ---- configuration: conf.c, share.c ---- */

struct smb3_log_conf {
	const char *file;         /* "": standard error */
	int level;                /* enum smb3_log_level */
	const char *const *debug; /* components switched on */
	int64_t rate;             /* lines of one kind per second that peers cause; 0: all */
};

/* One listen entry. */
struct smb3_listen_conf {
	const char *transport, *address;
	int64_t port;
};

/* A whole smb3.conf, constant once built. Replaced ones are kept until the server ends, so
 * that a pointer into one stays valid for readers on other threads. */
struct smb3_config {
	struct smb3_config *older;
	char *path;
	struct smb3_arena *arena; /* strings and conf structs */
	struct smb3_server_conf server;
	struct smb3_limits limits;
	struct smb3_log_conf log;
	struct smb3_listen_conf *listen;
	unsigned int n_listen;
	const char *const *modules;
	void **mod_confs;           /* per loaded module, in the order of server->mods */
	struct smb3_share **shares; /* counted references; IPC$ is the last */
	unsigned int n_shares;
	struct config_t *lib;       /* the parsed file, between open and finish */
	struct conf_report *report; /* what is wrong with it, until finish */
};

/* Step one, before modules are loaded: parses the file, reads the groups server, limits, log,
 * listen and the module list. -errno when the file cannot be read or parsed at all; any other
 * problem is kept for step two, so that all are told at once. Step two, with the modules loaded:
 * checks everything else against the schemas and fills mod_confs and shares; -EINVAL when there
 * was any problem in either step. smb3_config_complain() tells them: "file:line: what; what to
 * do", one a line, to standard error. */
int smb3_config_open(struct smb3_server *server, const char *path, struct smb3_config **ret_config);
int smb3_config_finish(struct smb3_server *server, struct smb3_config *config);
void smb3_config_complain(const struct smb3_config *config);
void smb3_config_free(struct smb3_config *config); /* NULL is allowed */
/* Lets go of its shares: it is no longer in use. share.c */
void smb3_config_drop_shares(struct smb3_config *config);
/* Makes a finished configuration the one in use, at start. */
void smb3_config_use(struct smb3_server *server, struct smb3_config *config);

/* ---- modules: module.c, registry.c, slot.c, hook.c, metric.c ---- */

struct smb3_registry {
	const struct smb3_provide **rows[SMB3_KINDS];
	struct smb3_mod **owners[SMB3_KINDS]; /* parallel to rows */
	size_t count[SMB3_KINDS];
	/* Fast tables for what stands on the path of every request */
	const struct smb3_command *commands[SMB2_COMMANDS];
};

/* Loads config->modules from server->module_dir, checks them, and registers their rows; no
 * module code runs. 0, or -errno with the reason logged (module named, and what it lacks). */
int smb3_modules_load(struct smb3_server *server, const struct smb3_config *config);
int smb3_modules_init(struct smb3_server *server);  /* in order; unwinds in reverse on failure */
int smb3_modules_start(struct smb3_server *server); /* all start, then all started */
void smb3_modules_stop(struct smb3_server *server); /* reverse order */
void smb3_modules_fini(struct smb3_server *server);
void smb3_modules_free(struct smb3_server *server); /* after fini: forgets them; no dlclose */
/* All modules of the folder, for listing them without a configuration: nothing is registered. */
int smb3_modules_look(struct smb3_server *server);
/* Adds the rows of one module; -EEXIST and others: logged. */
int smb3_registry_add(struct smb3_server *server, struct smb3_mod *mod,
		      const struct smb3_provide *provides);
void smb3_registry_free(struct smb3_registry *r);

/* After load: hooks sorted per point. */
struct smb3_hooks {
	struct smb3_hook_entry {
		const struct smb3_hook *hook;
		struct smb3_mod *mod;
		_Atomic bool idle; /* smb3_hook_enable() */
	} * entries[SMB3_HOOK_POINTS];
	size_t count[SMB3_HOOK_POINTS];
	_Atomic size_t live[SMB3_HOOK_POINTS]; /* those that are not idle */
};
void smb3_hooks_build(struct smb3_server *server);
void smb3_hooks_free(struct smb3_hooks *hooks);

struct smb3_slots {
	size_t size[SMB3_SLOT_KINDS]; /* whole object */
	struct smb3_slot **list[SMB3_SLOT_KINDS];
	size_t count[SMB3_SLOT_KINDS];
};

/* After load: offsets of all slots. Sizes start at the core struct's own size. */
void smb3_slots_layout(struct smb3_server *server);
void smb3_slots_free(struct smb3_slots *slots);
/* An object of that kind: core struct of size `size` and its slots, zeroed; init and fini call
 * the slots' functions. */
void *smb3_object_alloc(const struct smb3_server *server, enum smb3_slot_kind kind);
void smb3_slots_init(const struct smb3_server *server, enum smb3_slot_kind kind, void *object);
void smb3_slots_fini(const struct smb3_server *server, enum smb3_slot_kind kind, void *object);

struct smb3_stats { /* one per worker, written by it only (relaxed atomics) */
	_Atomic int64_t value[SMB3_METRICS_MAX];
	struct {
		_Atomic uint64_t count, errors, total_us, bucket[24];
	} command[SMB2_COMMANDS];
};
void smb3_stats_request(struct smb3_worker *w, uint16_t command, ntstatus status, uint64_t ns);

/* ---- workers: worker.c, mail.c, work.c, timer in worker.c ---- */

/* What a worker knows of its waits, all in ns by smb3_clock(). busy_poll.c */
struct smb3_busy_poll {
	bool on;
	uint16_t command; /* that was served last */
	uint16_t last;    /* the one before this wait */
	uint64_t began;   /* when it began */
	uint64_t limit;   /* of this wait */
	struct {
		double cost;        /* of polling in one wait, on average */
		unsigned int waits; /* without polling, since the last one with */
		unsigned int probe; /* after so many of them, one with */
	} after[SMB2_COMMANDS];
};
/* A turn in which something was done, that something having come at came, ends now: true when the worker is
 * to poll, for at most limit. A limit of 0: no. */
bool smb3_busy_poll_wait(struct smb3_busy_poll *p, uint64_t limit, uint64_t came, uint64_t now);
/* It polls and nothing came: true when it is to look again, false when it is to sleep. */
bool smb3_busy_poll_again(struct smb3_busy_poll *p, uint64_t limit, uint64_t now);

struct smb3_worker {
	uint32_t magic;
	unsigned int index;
	struct smb3_server *server;
	pthread_t thread;
	_Atomic uintptr_t self; /* pthread_self() of who runs the loop; 0: nobody does */
	bool joinable;
	struct ev_loop *loop;
	ev_async wake; /* mail has come */
	ev_prepare prepare;
	ev_check check;
	ev_idle polling; /* active: the loop does not sleep */
	struct smb3_busy_poll busy_poll;
	ev_timer tick; /* once a second */
	pthread_mutex_t mail_lock;
	struct smb3_mail *mail_first, **mail_last;
	struct smb3_buf_pool *bufs;
	struct smb3_list conns;    /* of smb3_conn.worker_link */
	struct smb3_list clients;  /* of smb3_client.link */
	struct smb3_hash sessions; /* of smb3_session.worker_node, by session id */
	struct smb3_list waiting;  /* requests pended or on the pool: smb3_req.late_link */
	struct smb3_stats stats;
	struct smb3_arena *arenas[32]; /* reset ones, for reuse */
	unsigned int n_arenas;
	struct smb3_identity *acting_as; /* identity that this thread wears now, or NULL */
	uint64_t loop_began;             /* watchdog: when this turn of the loop began */
	const char *busy_with;           /* and what it runs */
	uint64_t late_count;
	const char *late_last;
	unsigned int sealing; /* replies on the pool to be signed and encrypted */
	float crowd;          /* threads of others that wanted a processor, on average of late */
	_Atomic uint32_t n_clients;
	int64_t memory; /* not told to server->memory yet */
	bool stopping;
};

int smb3_workers_make(struct smb3_server *server);
int smb3_workers_start(struct smb3_server *server); /* the threads of all but worker 0 */
/* After worker 0's loop has ended: closes every connection, joins the threads, stops the pool, and
 * delivers what is left. Afterwards one thread is left, and no object but the workers. */
void smb3_workers_stop(struct smb3_server *server);
void smb3_workers_free(struct smb3_server *server);
void smb3_worker_run(struct smb3_worker *w); /* worker 0 runs on the main thread */

void smb3_worker_read_mail(struct smb3_worker *w);
struct smb3_arena *smb3_worker_arena(struct smb3_worker *w);
void smb3_worker_arena_put(struct smb3_worker *w, struct smb3_arena *a);

/* The I/O pool. */
struct smb3_pool;
int smb3_pool_start(struct smb3_server *server, unsigned int threads);
void smb3_pool_stop(struct smb3_server *server); /* drains, joins; smb3_workers_stop() calls it */
void smb3_lane_init(struct smb3_lane *lane);
bool smb3_pool_is_idle(struct smb3_server *server); /* a thread of it, just now */
/* Had the machine, when this was asked of late, a processor that neither the worker's loop nor anybody
 * else wanted? The client may run on it, too. Of the threads that run now, own are for w. Never when the
 * server may use only one; which of the machine's others are free is not known. */
bool smb3_processor_free(struct smb3_worker *w, unsigned int own);
/* Work on a loop took so many ns, more than inline_time. Only when the mount is watched can be told whether it
 * waited, and only what has been slow is watched. A wait now and then says nothing: the thread may have waited
 * for one of ours that had no processor. */
void smb3_mount_took(struct smb3_mount *mount, uint64_t took, bool waited);
void smb3_pool_put(struct smb3_pool *pool, struct smb3_job *job);

/* Wears an identity on this thread (fsuid, fsgid, groups); NULL: the server's own. Cheap when it
 * is worn already. `worn` remembers what the thread wears (a reference). -errno: the thread wears
 * what it did, and must not touch files. identity.c */
int smb3_become(struct smb3_server *server, struct smb3_identity **worn,
		struct smb3_identity *identity);
/* Notes what the process is (own_uid and so on, can_switch), before it makes threads. */
void smb3_own_init(struct smb3_server *server);
void smb3_own_done(struct smb3_server *server);

/* Unmounts every layer; the last reference to the share has gone. NULL is allowed. vfs.c */
void smb3_mount_free(struct smb3_mount *mount);

/* ---- the server: server.c ---- */

struct smb3_place; /* client.c: which client lives on which worker */
struct smb3_files; /* file.c: the file table */

struct smb3_server {
	uint32_t magic;
	const char *module_dir;
	struct smb3_config *_Atomic config;
	const struct smb3_config *config_next; /* while the modules are asked about it */
	unsigned int reloads, reloaded;        /* begun; the last that has ended. Worker 0 */
	pthread_mutex_t config_lock;           /* reload, and reading the share table */
	struct smb3_mod *mods[SMB3_MODULES_MAX];
	unsigned int n_mods;
	struct smb3_registry registry;
	struct smb3_hooks hooks;
	struct smb3_slots slots;
	const struct smb3_metric *metrics[SMB3_METRICS_MAX];
	unsigned int n_metrics;
	struct smb3_worker *workers[SMB3_WORKERS_MAX];
	unsigned int n_workers;
	unsigned int processors; /* that its threads may run on; when it started */
	struct smb3_pool *pool;
	struct smb3_place *place;
	struct smb3_files *files;
	struct smb3_people *people;
	struct smb3_listener *listeners;
	unsigned int n_listeners;
	unsigned int n_inited, n_running; /* modules whose init, start have been called */
	struct smb3_guid guid;
	smb3_nttime started;
	bool can_switch; /* may act as other users */
	uid_t own_uid;   /* what it is when it acts as nobody else */
	gid_t own_gid, *own_groups;
	size_t n_own_groups;
	_Atomic bool stopping;
	_Atomic uint64_t next_conn_id, next_session_id, next_open_id;
	_Atomic int64_t n_conns;
	_Atomic int n_polling;  /* workers that look for work instead of sleeping */
	_Atomic int64_t memory; /* for messages, of all connections; see also smb3_worker.memory */
};

/* Everything up to listening; NULL with the reason on standard error and in the log. */
struct smb3_server *smb3_server_new(const char *config_path, const char *module_dir);
/* Parses, loads and checks, then stops before init: smb3d -t, --modules, --options, --command.
 * Without a path: loads every module of the folder, for looking at them only. */
struct smb3_server *smb3_server_check(const char *config_path, const char *module_dir);
/* Listens, starts workers and modules; 0 or -errno (logged). */
int smb3_server_start(struct smb3_server *server);
/* Runs worker 0 here until smb3_server_stop(). */
void smb3_server_run(struct smb3_server *server);
void smb3_server_free(struct smb3_server *server);

/* people.c. find: 0 and id's Unix side, -ENOENT, or -EAGAIN: not known. keep: what the look-up that began
 * at asked (smb3_clock()) has answered. reset forgets all; ms: how long answers are kept, 0: not.
 * people may be NULL. */
struct smb3_people *smb3_people_new(void);
void smb3_people_free(struct smb3_people *people);
void smb3_people_reset(struct smb3_people *people, uint64_t ms);
int smb3_people_find(struct smb3_people *people, const char *name, struct smb3_identity *id);
void smb3_people_keep(struct smb3_people *people, const char *name, uint64_t asked, int err,
		      const struct smb3_identity *id);

/* life.c: makes the folders, reads the GUID. 0 or -errno, logged. */
int smb3_life_begin(struct smb3_server *server);

/* Opens the file; again after a rotation or a reload. -errno: the old one stays, reason logged.
 * Before the first call, lines go to standard error without time stamps. */
int smb3_log_setup(const struct smb3_log_conf *conf);
/* smb3_log_req() with what tells lines of one kind from others: a pointer to something constant.
 * Of lines that peers cause, only so many of one kind are written: a flood must not fill a disk. */
void smb3_log_kind(const void *kind, const struct smb3_conn *conn,
		   const struct smb3_session *session, enum smb3_log_level level, const char *fmt,
		   ...) SMB3_PRINTF(5, 6);
/* On until the server has started: errors and warnings are shown on standard error as well. */
void smb3_log_echo(bool on);
void smb3_log_close(void);

/* Logs an error and returns err. log.c */
int smb3_fail(int err, const char *fmt, ...) SMB3_PRINTF(2, 3);

/* A JSON string, quotes included; bytes that are not UTF-8 become U+FFFD. ctl.c */
void smb3_json_string(FILE *out, const char *s);
/* The one of count names that is nearest to what was typed, or NULL. near.c */
const char *smb3_nearest(const char *typed, const char *const *names, size_t count);

/* ---- connections and requests: conn.c client.c session.c tree.c open.c file.c req.c work.c pdu.c
 *      reply.c wire.c dispatch.c ---- */

/* A received message and the replies to it. */
struct smb3_chain {
	uint32_t magic;
	uint32_t count;
	struct smb3_list link;  /* conn->chains */
	size_t cost;            /* its part of conn->in_bytes */
	struct smb3_conn *conn; /* a reference */
	struct smb3_in in;      /* owns in.buf */
	struct smb3_arena *arena;
	struct smb3_req *first, *current;
	struct smb3_session *session; /* a reference: for encryption of the replies */
	struct smb3_out *out;         /* replies so far */
	int reply_iov;                /* iov of the last reply's header; -1: none */
	size_t reply_len;             /* of the last reply */
	struct smb3_req *reply_req;   /* whose reply it is */
	/* What related members inherit */
	uint64_t session_id, persistent_id, volatile_id;
	uint32_t tree_id;
	uint32_t own_tree; /* of inner requests: that they have made; 0: none */
	bool have_fileid;
	ntstatus create_status; /* without a file id: why, and what related members fail with */
};

/* client.c */
struct smb3_place *smb3_place_new(void);
void smb3_place_free(struct smb3_place *p); /* NULL is allowed */
void smb3_client_unref(struct smb3_client *c);
void smb3_client_leave(struct smb3_conn *conn);

/* memory.c */
size_t smb3_chain_cost(const struct smb3_chain *chain); /* of a message, and its replies in work */
size_t smb3_out_cost(const struct smb3_out *out);
bool smb3_conn_full(const struct smb3_conn *conn);         /* no more input for now */
bool smb3_conn_waits_enough(const struct smb3_conn *conn); /* no more requests that pend */

/* conn.c */
void smb3_conns_tick(struct smb3_worker *w);  /* deadlines */
void smb3_conns_close(struct smb3_worker *w); /* the server ends */
void smb3_conn_flow(struct smb3_conn *conn);  /* pauses or resumes input */
void smb3_conn_move(struct smb3_conn *conn, struct smb3_chain *chain);

/* pdu.c: messages into chains. NULL: the peer broke the protocol; *ret_why says how */
struct smb3_chain *smb3_chain_new(struct smb3_conn *conn, struct smb3_in *in, const char **ret_why);
void smb3_chain_free(struct smb3_chain *chain);
void smb3_header_put(uint8_t *p, const struct smb3_header *h);

/* inner.c: instead of sending. */
void smb3_inner_end(struct smb3_chain *chain);

/* wire.c */
int smb3_wire_unwrap(struct smb3_conn *conn, struct smb3_in *in);
/* A message's turn has come. False: the connection has moved. opened: nothing was wrong so far. conn.c */
bool smb3_conn_take(struct smb3_conn *conn, struct smb3_in *in, bool opened);
#define SMB3_ARRIVALS_MAX \
	4 /* of a connection: they all run at once when the first of them has been opened */

/* True: the message's turn comes later; buf is taken over. arrive.c */
bool smb3_arrive(struct smb3_conn *conn, const struct smb3_in *in);
void smb3_arrivals_take(struct smb3_conn *conn); /* those whose turn it is */
void smb3_wire_send(struct smb3_conn *conn, struct smb3_session *session, bool encrypt,
		    struct smb3_out *out);
struct smb3_out *smb3_out_new(struct smb3_arena *arena, struct smb3_conn *conn, int max_iov);

/* reply.c */
void smb3_reply_add(struct smb3_req *req);      /* the finished request's reply joins the chain's */
void smb3_reply_send(struct smb3_chain *chain); /* signs the last and sends all */
void smb3_reply_interim(struct smb3_req *req);  /* STATUS_PENDING, once */
/* Signs what stands in n iovecs; the first begins with the header. On any thread. */
int smb3_pdu_sign(struct smb3_channel *ch, struct iovec *iov, int n);

/* dispatch.c */
/* From chain->current on, as far as it goes. False: the connection has moved to another worker with
 * it, and may not be touched here any more. */
bool smb3_chain_run(struct smb3_chain *chain);

/* req.c, work.c */
void smb3_reqs_tick(struct smb3_worker *w); /* late interim replies */
/* Ends every pended request of that session, tree or open (NULL: any) on conn with a status. */
void smb3_reqs_cancel(struct smb3_conn *conn, const struct smb3_session *s,
		      const struct smb3_tree *t, ntstatus status);
void smb3_req_cancel(struct smb3_req *req, ntstatus status);
/* What a hook is told of a request. */
struct smb3_event smb3_req_event(struct smb3_req *req, enum smb3_hook_point point);
void smb3_req_done(struct smb3_req *req, ntstatus status); /* bookkeeping, then the reply */
/* A request on the pool uses the open: what drains or closes it waits. open.c */
void smb3_open_work_begin(struct smb3_open *o);
void smb3_open_work_end(struct smb3_open *o);

/* session.c, tree.c */
void smb3_session_open_ended(struct smb3_session *s);
void smb3_session_seals(struct smb3_session *s);
void smb3_session_sealed(struct smb3_session *s); /* NULL is allowed */
void smb3_tree_unref(struct smb3_tree *t);        /* NULL is allowed */

/* file.c */
struct smb3_files *smb3_files_new(void);
void smb3_files_free(struct smb3_files *f); /* NULL is allowed */

/* What is to be deleted with the last open of a file. */
struct smb3_delete {
	char *path;
	struct smb3_share *share;  /* a reference */
	struct smb3_identity *who; /* a reference */
	bool directory;
};
/* Under the mutex: o leaves. The deletion that is due now (the caller carries it out and frees
 * it), or NULL. */
struct smb3_delete *smb3_file_leave(struct smb3_file *f, struct smb3_open *o);
void smb3_delete_free(struct smb3_delete *d); /* NULL is allowed */

#endif
