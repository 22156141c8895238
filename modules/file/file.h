// SPDX-License-Identifier: Apache-2.0
/*
 * file.h: what the commands of this module share, and the steps of CREATE.
 */
#ifndef FILE_FILE_H
#define FILE_FILE_H

#include <smb3/name.h>
#include <smb3/smb3.h>
#include <smb3/stat.h>

struct file_conf {
	uint32_t create_mask, directory_mask, force_create_mode, force_directory_mode;
	bool inherit_permissions;
};

/* One CREATE under way. run decodes and checks; work takes the steps of create_work.c, each of
 * which may fail, after which create_undo() leaves nothing behind; done publishes the open. */
struct create {
	struct smb3_create c; /* first: what hooks and contexts see */
	uint32_t impersonation;
	struct smb3_name name; /* for VFS calls: a version's name in front, where one is asked for */
	const struct file_conf *conf;
	uint32_t wanted;  /* access, generic bits mapped */
	uint32_t needed;  /* and what the disposition needs besides */
	bool maximum;     /* MAXIMUM_ALLOWED was asked */
	bool made;        /* the object is new, and ours to take away again */
	bool made_stream; /* of an object that was there: only the stream is new */
	bool quotas;      /* the name was that of the quota file */
	bool joined;      /* the open is among its file's */
	bool no_read;     /* the file system refused to open it for reading */
	bool no_write;    /* or for writing */
	uint32_t flags;   /* SMB3_O_... that it was opened with */
	uint32_t mode;    /* permission bits of a new object */
	struct smb3_handle *dir, *base, *handle;
	uint64_t since; /* smb3_clock() before the object was opened */
	struct smb3_stat parent;
};

/* access.c: pure rules on masks */

/* Replaces GENERIC_... by what they stand for on files. */
uint32_t access_map(uint32_t access);
/* What permission bits grant that user; parent NULL: the right to delete is not looked for. */
uint32_t access_of_mode(const struct smb3_stat *st, const struct smb3_stat *parent,
			const struct smb3_identity *who);
/* All that changes something. */
#define ACCESS_CHANGES                                                                \
	(FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_WRITE_EA | FILE_WRITE_ATTRIBUTES | \
	 FILE_DELETE_CHILD | SMB3_DELETE | WRITE_DAC | WRITE_OWNER)
/* Bits that mean the contents are opened, for reading or for writing. */
#define ACCESS_READS  (FILE_READ_DATA | FILE_EXECUTE)
#define ACCESS_WRITES (FILE_WRITE_DATA | FILE_APPEND_DATA)

/* create_check.c: everything that can be said without the disk */
ntstatus create_check(struct create *cr);
static inline bool create_overwrites(const struct create *cr)
{
	uint32_t d = cr->c.disposition;

	return d == FILE_SUPERSEDE || d == FILE_OVERWRITE || d == FILE_OVERWRITE_IF;
}
/* The attributes that a new or overwritten object gets. */
uint32_t create_attributes(const struct create *cr);
/* What attributes of an existing object forbid. [MS-FSA] 2.1.5.1.2, 2.1.5.1.2.1 */
ntstatus create_check_attributes(const struct create *cr);

/* create_context.c */
ntstatus create_parse_contexts(struct create *cr, struct smb3_cursor chain);
void create_put_contexts(struct create *cr, struct smb3_builder *out);

/* create_version.c: previous versions. After the contexts: the name begins with the version's from
 * here on, whichever way it was given. */
ntstatus create_version(struct create *cr);
/* What a missing parent folder answers. */
ntstatus create_path_missing(struct create *cr);
extern const struct smb3_createctx createctx_mxac, createctx_qfid, createctx_alsi, createctx_twrp;

/* create_open.c: finds or makes the object */
ntstatus create_reach(struct create *cr);
ntstatus create_open(struct create *cr);
ntstatus create_stat(struct create *cr);
/* What the hooks of work begin with. */
struct smb3_event create_event(struct create *cr, enum smb3_hook_point point);

/* create_link.c: what reparse points answer */

/* The path could not be opened for a link that is not followed: says which, and where it leads. */
ntstatus create_stopped(struct create *cr, int err);
/* What was opened may be a reparse point only where the client asked for that. */
ntstatus create_check_reparse(struct create *cr);

/* create_work.c */
ntstatus create_work(struct smb3_req *req);

/* times.c, in work */
int file_times_before_write(struct smb3_open *o, const struct smb3_ctx *ctx);
void file_times_at_close(struct smb3_open *o, const struct smb3_ctx *ctx);

extern const struct smb3_command create_command, close_command, read_command, write_command,
	flush_command;

#endif
