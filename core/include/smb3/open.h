// SPDX-License-Identifier: Apache-2.0
/*
 * open.h: opens, and the files where they meet. [MS-SMB2] 3.3.1.10, [MS-FSA] 2.1.1
 *
 * An open belongs to one session and is touched by its worker, apart from the fields marked (F),
 * which are read and changed under its file's mutex by anybody.
 * A file exists while it has opens or references. Its mutex is held for short, non-blocking work:
 * never across a VFS call.
 */
#ifndef SMB3_OPEN_H
#define SMB3_OPEN_H

#include <smb3/base.h>
#include <smb3/hash.h>
#include <smb3/list.h>
#include <smb3/pipe.h>
#include <smb3/status.h>
#include <smb3/time.h>
#include <pthread.h>
#include <stdatomic.h>

#define SMB3_OPEN_MAGIC SMB3_MAGIC('O', 'P', 'E', 'N')
#define SMB3_FILE_MAGIC SMB3_MAGIC('F', 'I', 'L', 'E')

/* What makes a file: the same key means the same bytes. */
struct smb3_file_key {
	uint64_t dev, ino;
	uint64_t stream; /* 0: the unnamed stream; else a hash of the folded stream name */
};

struct smb3_file {
	uint32_t magic;
	_Atomic uint32_t refs;
	struct smb3_server *server;
	struct smb3_file_key key;
	struct smb3_hash_node node;
	pthread_mutex_t mutex;
	struct smb3_list opens;       /* (F) of smb3_open.file_link */
	uint32_t n_opens;             /* (F) */
	uint32_t n_streams;           /* (F) of the unnamed stream: opens of named ones, */
	uint32_t n_pinned;            /* (F) and those of them that let nobody delete it */
	bool delete_pending;          /* (F) no new opens; removed with the last one */
	struct smb3_delete *deleting; /* (F) core's: which name, and as whom; with delete_pending */
	struct smb3_list waiters;     /* (F) parked requests: smb3_req_park() */
	_Atomic uint32_t io_guards;   /* features that want SMB3_HOOK_IO for it: smb3_io_check() */
	uint32_t times_set;           /* (F) how often clients have set its write time */
	/* slots follow, under the mutex unless their module says otherwise */
};

/* times.h */
struct smb3_times {
	_Atomic uint32_t kept;       /* SMB3_SET_... of the times below */
	_Atomic uint64_t held_until; /* smb3_clock(); 0: nothing is held */
	/* (F) */
	smb3_nttime accessed, written, changed; /* kept */
	smb3_nttime shown;                      /* held */
	uint32_t set_before;                    /* file->times_set when that began */
};

struct smb3_open {
	uint32_t magic;
	_Atomic uint32_t refs; /* table, requests, work in flight */
	uint64_t persistent_id, volatile_id;
	struct smb3_session *session; /* NULL once closed or while disconnected (durable) */
	struct smb3_tree *tree;       /* a reference */
	struct smb3_hash_node node;   /* in session->opens */
	struct smb3_worker *worker;
	struct smb3_file *file;         /* a reference; NULL for pipes */
	struct smb3_file *base;         /* of a named stream: its file's unnamed one, a reference */
	struct smb3_list file_link;     /* (F) in file->opens */
	struct smb3_handle *handle;     /* VFS; NULL for pipes. Closed with the last reference */
	struct smb3_pipe *pipe;         /* NULL for files */
	struct smb3_identity *identity; /* who opened; I/O runs as this user. A reference */
	char *path; /* (F) below the share, '/' separated, "" is the root; with ":stream"; what is of a
		     * previous version begins with the version's name */
	smb3_nttime snapshot;  /* of which version it is; 0: the live file */
	uint32_t access;       /* granted, FILE_... bits */
	uint32_t share_access; /* FILE_SHARE_... */
	uint32_t options;      /* CreateOptions */
	bool directory;
	bool delete_on_close; /* (F) asked at create or by SET_INFO disposition */
	bool delete_posix;    /* (F) the name goes when this open does, whoever else has the file */
	bool stat_only;       /* attributes access only: no share-mode check */
	bool modified;        /* wrote through this open */
	bool lasting;         /* outlives its connection (durable, resilient, persistent) */
	bool closing;         /* CLOSE has been seen; found by nobody */
	bool published;       /* in its session's table */
	bool ending;          /* core's: its session counts it */
	uint64_t position;    /* FilePositionInformation */
	uint32_t mode;        /* FileModeInformation */
	uint8_t oplock;       /* (F) level held; kept by the module lease */
	uint32_t in_work;     /* requests on the I/O pool that use this open */
	bool close_later;     /* core's: finish when in_work is 0 */
	struct smb3_list drain; /* requests that wait until in_work is 0 */
	struct smb3_list reqs;  /* pended requests: smb3_req.open_link */
	struct smb3_times times;
	struct smb3_dir_state *dir; /* the dir module's enumeration, or NULL */
	void (*dir_free)(struct smb3_dir_state *);
	uint64_t born; /* smb3_clock() */
		       /* slots follow */
};

/* Bytes that are about to be touched. */
struct smb3_io {
	uint32_t access;
	uint64_t offset, len;
	bool locked; /* not touched: the open has locked bytes there */
};

/* The file of that key, made when there is none; a reference. From any thread. */
struct smb3_file *smb3_file_get(struct smb3_server *server, const struct smb3_file_key *key);
struct smb3_file *smb3_file_find(struct smb3_server *server, const struct smb3_file_key *key);
struct smb3_file *smb3_file_ref(struct smb3_file *f);
void smb3_file_unref(struct smb3_file *f); /* NULL is allowed */

/* How many files are open in all; from any thread. */
size_t smb3_server_files(const struct smb3_server *server);

static inline void smb3_file_lock(struct smb3_file *f)
{
	pthread_mutex_lock(&f->mutex);
}

static inline void smb3_file_unlock(struct smb3_file *f)
{
	pthread_mutex_unlock(&f->mutex);
}

/* Under the file's mutex. STATUS_SUCCESS, SHARING_VIOLATION or DELETE_PENDING for one more open
 * with this access and sharing. [MS-FSA] 2.1.5.1.2.2 */
ntstatus smb3_file_check(const struct smb3_file *f, uint32_t access, uint32_t share_access);
/* Under the file's mutex: o joins f's opens. */
void smb3_file_join(struct smb3_file *f, struct smb3_open *o);
/* Under f's mutex, by an open that has just joined it: has nobody else had it open since then (smb3_clock()),
 * and has no name of it been taken away? Then what was found out about it since still holds, as far as
 * clients can know. Sometimes says no although it is so. */
bool smb3_file_alone(const struct smb3_file *f, uint64_t since);
/* Something was done to the file of that key other than through an open of it: what others have found
 * out about it before no longer holds. */
void smb3_file_disturb(struct smb3_server *server, const struct smb3_file_key *key);
/* Takes base's mutex. o, an open of a named stream (not joined yet, access and sharing known),
 * keeps base from being deleted under it, until it is finished; takes the reference over.
 * STATUS_DELETE_PENDING, and then not. [MS-FSA] 2.1.5.1.2 */
ntstatus smb3_file_join_base(struct smb3_file *base, struct smb3_open *o);
/* A stream gets another name: its file another key. False when one with that key exists. */
bool smb3_file_rekey(struct smb3_file *f, uint64_t stream);
/* Under the mutex: the name that o has goes when the file's last open does, or no longer so
 * (FileDispositionInformation). */
void smb3_file_set_delete(struct smb3_file *f, struct smb3_open *o, bool on);
/* Under the mutex: runs every parked request again (on its own worker). */
void smb3_file_wake(struct smb3_file *f);
/* True when some open lives below directory path (not path itself) on that share. Takes the
 * table's lock and each file's; none may be held. */
bool smb3_file_open_below(struct smb3_server *server, const struct smb3_share *share,
			  const char *path);
/* After a rename from old to new on that mount: gives every open of f with the path old its new
 * one. Takes f's mutex. */
void smb3_file_renamed(struct smb3_file *f, const struct smb3_mount *mount, const char *old,
		       const char *new_path);

/* Before bytes are touched through o: FILE_READ_DATA for reading, FILE_WRITE_DATA for changing
 * and zeroing. STATUS_SUCCESS, or STATUS_FILE_LOCK_CONFLICT and the like. From the loop
 * or from work; takes the file's mutex, and costs nothing when nobody guards the file.
 * [MS-FSA] 2.1.4.10 */
ntstatus smb3_io_ask(struct smb3_req *req, struct smb3_open *o, const struct smb3_io *io);

static inline ntstatus smb3_io_check(struct smb3_req *req, struct smb3_open *o, uint32_t access,
				     uint64_t offset, uint64_t len)
{
	if (!o->file || !atomic_load(&o->file->io_guards))
		return STATUS_SUCCESS;
	return smb3_io_ask(req, o,
			   &(struct smb3_io){ .access = access, .offset = offset, .len = len });
}

/* For the file module. NULL at the limit of opens. Not yet in any table. */
struct smb3_open *smb3_open_new(struct smb3_req *req);
/* Gives it ids and puts it into the session's table: from now on clients find it. */
void smb3_open_publish(struct smb3_open *o);
struct smb3_open *smb3_open_find(const struct smb3_session *s, uint64_t persistent,
				 uint64_t volatile_id);
struct smb3_open *smb3_open_ref(struct smb3_open *o);
/* Its path as it is now (a rename by anybody may change it), copied to the arena. Takes the file's
 * mutex. */
char *smb3_open_path(struct smb3_open *o, struct smb3_arena *a);
/* The last reference closes the VFS handle (which may block: core sends that to the pool). */
void smb3_open_unref(struct smb3_open *o); /* NULL is allowed; from any thread */
/* Takes it out of its session's table and runs the CLOSING hooks; pending requests on it end
 * (the hooks' owners choose their status; the rest get STATUS_CANCELLED... FILE_CLOSED).
 * Then leaves the file and, if it was the last one of a file to be deleted, deletes it. The part
 * that touches the disk is smb3_open_finish(). */
void smb3_open_detach(struct smb3_open *o);
/* In work, after detach: leave the file, delete if it is due, close the handle. */
ntstatus smb3_open_finish(struct smb3_open *o);
/* On the worker, around work that uses another open than its request's (server-side copy): what
 * drains or closes that open waits for the end. */
void smb3_open_work_begin(struct smb3_open *o);
void smb3_open_work_end(struct smb3_open *o);
/* detach, and finish on the pool: for log-off, disconnect, lost connections. */
void smb3_open_close(struct smb3_open *o);

#endif
