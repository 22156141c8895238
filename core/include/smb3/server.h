// SPDX-License-Identifier: Apache-2.0
/*
 * server.h: the settings of the groups "server" and "limits" that modules may want to know, and what
 * an administrator does to a server as a whole.
 */
#ifndef SMB3_SERVER_H
#define SMB3_SERVER_H

#include <smb3/base.h>
#include <smb3/time.h>

/* Group "server". */
struct smb3_server_conf {
	const char *name;             /* NetBIOS-like server name: "FILES" */
	const char *workgroup;        /* "WORKGROUP" */
	const char *state_dir;        /* keeps what must survive a restart */
	const char *run_dir;          /* control socket, pid file */
	int64_t workers;              /* 0: one per processor that may be used */
	int64_t io_threads;           /* 0: four, or twice these if that is more */
	uint64_t late;                /* ms: a loop that is held up longer is logged */
	uint64_t user_cache;          /* ms: what the system says of users is kept */
	uint64_t inline_time;         /* ms: inline work that takes longer was not from memory */
	int64_t busy_poll;            /* us that a worker looks for work before it sleeps */
	int min_dialect, max_dialect; /* index in smb3_dialect_names */
};

/* Group "limits": everything that a client can make grow. */
struct smb3_limits {
	int64_t connections; /* in all */
	int64_t sessions;    /* per connection */
	int64_t trees;       /* per session */
	int64_t opens;       /* per session */
	int64_t requests;    /* outstanding per connection */
	int64_t credits;     /* per connection, at most SMB3_CREDITS_MAX */
	int64_t compound;    /* requests in one message */
	uint64_t max_io;     /* bytes of MaxRead, MaxWrite, MaxTransact */
	uint64_t memory;     /* bytes of buffers per connection */
	uint64_t memory_in_all;
	uint64_t negotiate_time; /* ms until a connection must have been negotiated */
	uint64_t logon_time;     /* ms until a connection must have a session */
	uint64_t idle_time;      /* ms; 0: never */
	uint64_t receive_time;   /* ms for a message that has begun to arrive; see tcp */
	uint64_t send_time;      /* ms in which a peer must read something */
};

const struct smb3_server_conf *smb3_server_conf(const struct smb3_server *server);
const struct smb3_limits *smb3_server_limits(const struct smb3_server *server);
/* The server's GUID: random, kept in state_dir. */
const struct smb3_guid *smb3_server_guid(const struct smb3_server *server);
smb3_nttime smb3_server_started(const struct smb3_server *server);
/* True when the process may take on other users' identities. */
bool smb3_server_can_switch(const struct smb3_server *server);

/* Files that core reads or writes by itself. */
struct smb3_server_paths {
	const char *config, *module_dir;
	const char *log; /* "": none */
};
void smb3_server_paths(const struct smb3_server *server, struct smb3_server_paths *ret_paths);

/* setfsuid() takes from a thread only those capabilities that are about files. All others are a
 * danger in the hands of a user: who needs one takes it up for a system call or two, if the process
 * may, and lays it down again. What raise returns, which is 0 for nothing, lower wants. */
#define SMB3_CAP(number) (1ull << (number))
uint64_t smb3_caps_raise(uint64_t caps);
void smb3_caps_lower(uint64_t raised);

/* Reads smb3.conf again, all or nothing: asks each module, swaps, and calls then with the reason of a
 * refusal, or NULL. On worker 0, where then is called later. */
void smb3_server_reload(struct smb3_server *server, void (*then)(void *arg, const char *refused),
			void *arg);
/* Ends a server that runs, soon. From any thread. */
void smb3_server_stop(struct smb3_server *server);

extern const char *const smb3_dialect_names[]; /* "2.0.2" ... "3.1.1", NULL at the end */
extern const uint16_t smb3_dialect_revisions[];

#endif
