// SPDX-License-Identifier: Apache-2.0
/*
 * cmd.h: the bodies of the commands after login, and what their responses hold.
 * smbc_put_… fills the body of a fresh request; smbc_…_reply takes a successful response apart
 * and answers -EPROTO when it does not keep to its own lengths. Strings are UTF-8.
 * [MS-SMB2] 2.2.9-2.2.39
 */
#pragma once

#include "session.h"

struct smbc_fid {
	uint64_t persistent, temporary; /* "Volatile" in the specification, a keyword here */
};

/* In a related compound: the file of the request before. [MS-SMB2] 3.2.4.1.4 */
#define SMBC_FID_RELATED ((struct smbc_fid){ UINT64_MAX, UINT64_MAX })

/* A request under a session and a tree. */
struct smbc_req *smbc_tree_req(struct smbc_session *session, uint32_t tid, uint16_t command);

/* LOGOFF, TREE_DISCONNECT, ECHO: nothing but their size. */
void smbc_put_empty(struct smbc_req *req);

/* path is \\server\share */
void smbc_put_tree_connect(struct smbc_req *req, const char *path);

struct smbc_tree_info {
	uint32_t tid;
	uint8_t type;
	uint32_t flags, capabilities, max_access;
};

int smbc_tree_reply(const struct smbc_reply *reply, struct smbc_tree_info *ret);

struct smbc_create {
	const char *name;
	struct smbc_part raw_name; /* UTF-16LE as it stands, instead of name */
	uint8_t oplock;
	uint32_t impersonation, access, attributes, share, disposition, options;
	struct smbc_part contexts; /* as smbc_put_context() built them */
};

void smbc_put_create(struct smbc_req *req, const struct smbc_create *c);
/* Appends a create context and links it to the one at *last; *last is SIZE_MAX before the first. */
void smbc_put_context(struct smbc_buf *b, size_t *last, struct smbc_part tag,
		      struct smbc_part data);

struct smbc_created {
	uint8_t oplock, flags;
	uint32_t action, attributes;
	uint64_t times[4]; /* creation, access, write, change */
	uint64_t allocation, size;
	struct smbc_fid fid;
	struct smbc_part contexts;
};

int smbc_create_reply(const struct smbc_reply *reply, struct smbc_created *ret);

void smbc_put_close(struct smbc_req *req, struct smbc_fid fid, uint16_t flags);
void smbc_put_flush(struct smbc_req *req, struct smbc_fid fid);

struct smbc_io {
	struct smbc_fid fid;
	uint64_t offset;
	uint32_t length, minimum, remaining, flags;
	const void *data; /* WRITE: borrowed until the request is done */
};

void smbc_put_read(struct smbc_req *req, const struct smbc_io *io);
void smbc_put_write(struct smbc_req *req, const struct smbc_io *io);
int smbc_read_reply(const struct smbc_reply *reply, struct smbc_part *ret_data);
int smbc_write_reply(const struct smbc_reply *reply, uint32_t *ret_count);

struct smbc_lock {
	uint64_t offset, length;
	uint32_t flags;
};

void smbc_put_lock(struct smbc_req *req, struct smbc_fid fid, uint32_t sequence,
		   const struct smbc_lock *locks, uint16_t n);

struct smbc_ioctl {
	struct smbc_fid fid;
	uint32_t code, max_in, max_out, flags;
	struct smbc_part in;
};

void smbc_put_ioctl(struct smbc_req *req, const struct smbc_ioctl *i);
int smbc_ioctl_reply(const struct smbc_reply *reply, struct smbc_part *ret_out);

struct smbc_query_directory {
	struct smbc_fid fid;
	uint8_t info_class, flags;
	uint32_t index, max_out;
	const char *pattern;
};

void smbc_put_query_directory(struct smbc_req *req, const struct smbc_query_directory *q);
void smbc_put_change_notify(struct smbc_req *req, struct smbc_fid fid, uint16_t flags,
			    uint32_t filter, uint32_t max_out);

struct smbc_info {
	struct smbc_fid fid;
	uint8_t type, info_class;
	uint32_t additional, flags, max_out;
	struct smbc_part in;
};

void smbc_put_query_info(struct smbc_req *req, const struct smbc_info *i);
void smbc_put_set_info(struct smbc_req *req, const struct smbc_info *i);
/* The output buffer of QUERY_INFO, QUERY_DIRECTORY and CHANGE_NOTIFY. */
int smbc_output_reply(const struct smbc_reply *reply, struct smbc_part *ret_out);

/* Acknowledges an oplock break, or a lease break. [MS-SMB2] 2.2.24 */
void smbc_put_oplock_ack(struct smbc_req *req, struct smbc_fid fid, uint8_t level);
void smbc_put_lease_ack(struct smbc_req *req, const uint8_t key[16], uint32_t state);
