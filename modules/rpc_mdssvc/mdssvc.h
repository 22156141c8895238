// SPDX-License-Identifier: Apache-2.0
/*
 * mdssvc.h: what the files of module rpc_mdssvc share. In smb3-rpcd packets of clients are read and
 * written (rpc_mdssvc.c, command.c); in smb3d files are searched (search.c, volume.c, admit.c,
 * look.c).
 *
 *   volume   a share that a client has opened to search in it: what it has asked, and which files
 *            it was told of. smb3-rpcd names it by a number of its own; known by that only to its user
 */
#ifndef RPC_MDSSVC_MDSSVC_H
#define RPC_MDSSVC_MDSSVC_H

#include "slpack.h"
#include "terms.h"

#include <smb3/smb3.h>

/* The module's own question: b step, 8 volume, t share; what it needs -> what it answers. */
#define SMB3_ASK_SPOTLIGHT 0x60

enum spot_step {
	SPOT_OPEN = 1, /* -> -. The share may be searched by this user */
	SPOT_START,    /* 8 query, 4 n paths, t paths, terms -> -. The number is the client's */
	SPOT_MORE,     /* 8 query, 4 most -> b whether there may be more, list of files */
	SPOT_FILES, /* 4 n ids, 8 ids -> for each: b whether it is known, and the file if it is */
	SPOT_END,   /* 8 query -> - */
	SPOT_CLOSE, /* -> - */
};

/* A file, in answers: 8 id, t path below the share, 8 size, 8 created, 8 written, 8 accessed (NT
 * times), 4 uid, 4 gid, b directory. */
struct spot_file {
	uint64_t id;
	const char *path;
	uint64_t size;
	smb3_nttime created, written, accessed;
	uint32_t uid, gid;
	bool directory;
};

#define SPOT_PATHS_MAX 16
#define SPOT_MOST      64 /* files in one answer */
#define SPOT_ASK_MAX   (256u << 10)

/* ---- command.c: in smb3-rpcd ---- */

#define SPOT_ASKED      16
#define SPOT_ATTRIBUTES 32

/* A search, as its client named it, and which attributes of its results it wants to be told. */
struct spot_asked {
	uint64_t id, context;
	uint8_t n, attributes[SPOT_ATTRIBUTES]; /* numbers of attribute.c */
};

/* What a context handle stands for. */
struct spot_handle {
	uint64_t volume;
	char *share;
	struct spot_asked asked[SPOT_ASKED]; /* the newest ones, in a circle */
	size_t n_asked;
};

/* What a packet is answered with, a packet of max bytes at most. A bad builder: nothing. */
struct smb3_builder command_run(struct smb3_rpc_call *call, struct spot_handle *h,
				const struct sl_value *packet, size_t max);

/* ---- attribute.c: in smb3-rpcd ---- */

/* The number of an attribute, 0 for one that is not known here. */
uint8_t attribute_find(const char *name);
/* The names of all: from 1 on; NULL behind the last. */
const char *attribute_name(uint8_t number);
/* Adds its value for that file of that share to list; nil when it has none. */
void attribute_add(struct smb3_arena *a, struct sl_value *list, uint8_t number, const char *share,
		   const struct spot_file *file);

/* ---- volume.c: in smb3d, on worker 0 unless said otherwise ---- */

struct spot_conf {
	bool spotlight;
	int64_t queries, volumes, results;
	uint64_t query_time, idle, remember;
};

struct spot_query {
	struct smb3_list link; /* of its volume */
	uint64_t id;
	bool busy, ended, over; /* busy: a thread of the pool has it; over: to be freed then */
	_Atomic bool stop;
	struct smb3_arena *arena; /* it lies in it */
	struct smb3_mod *index_mod;
	const struct smb3_spotlight *index;
	void *state;
	struct smb3_query q;
	struct smb3_share *share;  /* a reference */
	struct smb3_identity *who; /* a reference */
	uint64_t spent;            /* ns */
	int64_t found;
};

/* A file that the client was told of. */
struct spot_told {
	struct smb3_hash_node node; /* by its id */
	struct smb3_list link;
	char path[];
};

struct spot_volume {
	struct smb3_list link;
	uint64_t id, session, pipe;
	struct smb3_identity *user; /* a reference */
	char *share;
	uint64_t used; /* smb3_clock() */
	struct smb3_list queries;
	size_t n_queries;
	unsigned int busy; /* questions in work */
	bool closed;       /* found by nobody; freed when nothing is busy */
	struct smb3_hash told;
	struct smb3_list told_order; /* the oldest first */
	size_t told_bytes;
};

struct spot {
	struct smb3_mod *mod;
	struct smb3_list volumes;
	_Atomic bool stop;
	const struct op
		*waits; /* a question that has a thread of smb3-rpcd while nothing is found yet */
};

/* The volume of that number and share, of that session and user; made when there is none. NULL at
 * the limit: all that the session has are in use. */
struct spot_volume *volume_get(struct spot *spot, const struct smb3_rpc_asking *asking, uint64_t id,
			       const char *share);
struct spot_query *volume_query(const struct spot_volume *v, uint64_t id);
/* Adds one (NULL at the limit), with an arena; share and who are taken over by query_end() later.
 * */
struct spot_query *query_new(struct spot *spot, struct spot_volume *v, uint64_t id);
void query_end(struct spot_volume *v, struct spot_query *q);
void volume_close(struct spot_volume *v);
/* A question begins, and ends. */
void volume_enter(struct spot_volume *v);
void volume_leave(struct spot_volume *v);
void volume_tell(struct spot *spot, struct spot_volume *v, uint64_t id, const char *path);
const char *volume_told(const struct spot_volume *v, uint64_t id);
void volumes_tick(struct spot *spot);
void volumes_close(struct spot *spot, uint64_t pipe);
void volumes_free(struct spot *spot);

/* ---- admit.c ---- */

/* May who asks search that share, and as whom? From worker to worker and over the pool, then to
 * then(), on worker 0. */
struct spot_admit {
	struct smb3_mail mail;
	struct smb3_job job;
	struct smb3_server *server;
	struct smb3_rpc_asking *asking;
	const char *name; /* of the share */
	void (*then)(struct spot_admit *admit);
	/* Results: references, and 0, -EACCES, -ENOENT ... */
	struct smb3_share *share;
	struct smb3_identity *who;
	struct smb3_mount *mount;
	int err;
	/* while it is under way: references */
	struct smb3_session *session;
	struct smb3_conn *conn;
};

void admit_begin(struct spot_admit *admit);
void admit_done(struct spot_admit *admit); /* gives the references back */

/* ---- look.c: on the pool, as the user ---- */

/* The folder that was looked at last. */
struct spot_look {
	const struct smb3_query *q;
	struct smb3_ctx ctx;
	bool any_case; /* names are found by the share's rule, not as they stand */
	struct smb3_handle *dir;
	char *path; /* of dir; NULL: none */
};

void look_begin(struct spot_look *look, const struct smb3_query *q, struct smb3_arena *a);
void look_end(struct spot_look *look);
/* False: the user would not see it in a listing. */
bool look_at(struct spot_look *look, const char *path, struct spot_file *ret_file);
/* The path of a folder that a client calls so, which may have another case, if the share does not care.
 * path itself when the user would not see it. In the arena. */
const char *look_name(struct spot_look *look, const char *path);
bool look_lists(const struct smb3_query *q, const struct smb3_ctx *ctx, const char *path,
		struct smb3_handle *dir);
/* A path below the share that leads nowhere else. */
bool path_sound(const char *path);

/* ---- search.c ---- */

extern const struct smb3_rpc_question spot_ask;
extern const struct smb3_hook spot_tick;
int spot_init(struct smb3_mod *mod);
void spot_stop(struct smb3_mod *mod);
void spot_fini(struct smb3_mod *mod);

#endif
