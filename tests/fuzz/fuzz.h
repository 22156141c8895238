// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz.h: what the fuzz targets share.
 *   peer     a connection into a whole server that runs inside the target, without sockets
 *   fix      to put into a message what no fuzzer could guess: ids that the server gave out
 * The server has one worker, whose loop runs on the target's own thread; random bytes and the
 * time are the same in each run, so that an input does the same each time.
 * Environment: SMB3D_FUZZ_SHARE=posix  the share is a folder, not memory
 *              SMB3D_FUZZ_TRACE=1      prints each reply
 */
#ifndef SMB3_FUZZ_H
#define SMB3_FUZZ_H

#include <smb3/smb3.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define CHECK(what)                                                                        \
	do {                                                                               \
		if (!(what)) {                                                             \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what); \
			abort();                                                           \
		}                                                                          \
	} while (0)

#define FUZZ_OPENS 8
#define FUZZ_USERS 2

struct fuzz_user {
	uint64_t session_id;
	uint32_t tree, ipc;
};

struct fuzz_peer {
	struct smb3_conn *conn;
	bool gone;   /* the server closed the connection */
	bool paused; /* it wants no more for now */
	uint64_t next_message_id;
	/* Of the harness's own requests, and of fixed ones unless there are users. */
	uint64_t session_id;
	uint32_t tree, ipc;
	/* Fixed messages are of one of them, by a byte of their own. */
	struct fuzz_user users[FUZZ_USERS];
	unsigned int n_users;
	struct fuzz_id {
		uint64_t persistent_id, volatile_id;
	} opens[FUZZ_OPENS];
	unsigned int n_opens;
	/* The last reply */
	uint16_t command;
	ntstatus status;
	uint32_t tree_id;
	bool reply_sealed;
	/* Optional. Signs a request of the harness's own. */
	void (*prove)(struct fuzz_peer *p, uint8_t *data, size_t len);
	/* Optional. Opens an encrypted message in place: where the plain one begins. */
	size_t (*unseal)(struct fuzz_peer *p, uint8_t *data, size_t len);
	/* Optional. Looks at each reply of a message. */
	void (*look)(struct fuzz_peer *p, const uint8_t *pdu, size_t len);
};

/* SMB3_MODULE_DIR, or where a build puts the modules. */
void fuzz_module_dir(char *dir, size_t size);
/* Before the start: more modules (NULL at the end), and text for smb3.conf, in which %s is the folder
 * of the server's state. */
void fuzz_server_more(const char *const *modules, const char *conf);
/* Starts the server with those of the usual modules that are built; ends the process when that
 * fails. listen: an entry of the listen group, or NULL. */
struct smb3_server *fuzz_server_start(const char *listen);

/* The folder that is the share, when it is one. */
const char *fuzz_files(void);

/* A new connection that has said nothing yet. */
void fuzz_connect(struct fuzz_peer *p);
/* One message; it is handled when this returns, unless it waits for something. */
void fuzz_send(struct fuzz_peer *p, const void *data, size_t len);
/* The peer goes away. Afterwards nothing may be left of it. */
void fuzz_end(struct fuzz_peer *p);
/* Runs the server's loop until nothing is in work. */
void fuzz_settle(struct fuzz_peer *p);
/* A tree or an open has it: an open that has left its file may still have to close its handle. */
bool fuzz_share_in_use(void);
/* Accounts that clients or commands have made are gone again. */
void fuzz_accounts_forget(void);
/* Random bytes start anew, the share is empty again. Nobody may use it. */
void fuzz_reset(void);

/* A request of the harness's own; body without the header. */
void fuzz_request(struct fuzz_peer *p, uint16_t command, uint32_t tree, const void *body,
		  size_t len);
/* NEGOTIATE with one dialect. */
void fuzz_negotiate(struct fuzz_peer *p, uint16_t dialect);
/* A guest's session, without a log-on. */
void fuzz_log_on(struct fuzz_peer *p);
/* Connects tree (the disk share) and ipc. */
void fuzz_tree_connect(struct fuzz_peer *p);
/* A CREATE in the disk share with that disposition and options; contexts may be NULL. */
void fuzz_create(struct fuzz_peer *p, const char *name, uint32_t disposition, uint32_t options,
		 const void *contexts, size_t len);
/* Fixes all requests of a message in place. */
void fuzz_fix(struct fuzz_peer *p, uint8_t *data, size_t len);

#endif
