// SPDX-License-Identifier: Apache-2.0
/*
 * base.h: what every header of smb3d starts from.
 *
 * Glossary, used in all headers:
 *   worker   a thread with an event loop of its own; owns clients
 *   client   all connections that share a ClientGuid, and the sessions below them
 *   conn     one transport connection (a "channel" when a session uses it)
 *   session  an authenticated user on a client; owns trees and opens
 *   tree     a session's connection to one share
 *   open     one handle that a client holds
 *   file     the object (device, inode, stream) where the opens of all sessions meet
 *   req      one SMB2 request; several form a chain (compound)
 *   row      one entry of a registry, declared by exactly one module
 *   slot     memory that a module reserves in core's objects
 *   layer    a backend or filter of a share's VFS stack; also a wire layer (encrypt, compress)
 *
 * Conventions: plumbing returns 0 or a negative errno, protocol code an ntstatus. Output
 * parameters come last, are named ret_..., and stay untouched on failure. Times on the wire and
 * in smb3_stat are NT times: 100 ns units since 1601-01-01 UTC.
 */
#ifndef SMB3_BASE_H
#define SMB3_BASE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Counts up whenever a public struct or function changes; modules must match it exactly. */
#define SMB3_ABI 36

#define SMB3_PRINTF(fmt, args)            __attribute__((format(printf, fmt, args)))
#define SMB3_ARRAY_SIZE(a)                (sizeof(a) / sizeof((a)[0]))
#define SMB3_CONTAINER(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* "ABCD" as the first word of each heap object; SMB3_CHECK catches stale and mistyped pointers
 * of our own making (never input from a peer). */
#define SMB3_MAGIC(a, b, c, d) \
	((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)
#define SMB3_CHECK(obj, value) assert((obj) != NULL && (obj)->magic == (value))

struct smb3_arena;
struct smb3_auth;
struct smb3_buf;
struct smb3_builder;
struct smb3_chain;
struct smb3_channel;
struct smb3_client;
struct smb3_conn;
struct smb3_create;
struct smb3_ctl;
struct smb3_ctl_request;
struct smb3_cursor;
struct smb3_event;
struct smb3_file;
struct smb3_handle;
struct smb3_identity;
struct smb3_mod;
struct smb3_mount;
struct smb3_open;
struct smb3_req;
struct smb3_server;
struct smb3_session;
struct smb3_share;
struct smb3_sign;
struct smb3_tree;
struct smb3_vfs;
struct smb3_worker;

typedef uint32_t ntstatus;

/* A GUID as it stands on the wire (MS-DTYP 2.3.4.2), never byte-swapped. */
struct smb3_guid {
	uint8_t bytes[16];
};

/* Random bytes from the kernel; the one source of randomness. Tests replace it. */
void smb3_random(void *buf, size_t len);

/* How many processors the calling thread may run on (sched_setaffinity(2)); at least 1. */
unsigned int smb3_processors(void);

/* Overwrites memory that held a secret; not removed by the optimiser. */
void smb3_wipe(void *buf, size_t len);

/* Compares in time that depends on len only; true when equal. */
bool smb3_same(const void *a, const void *b, size_t len);

/* calloc, malloc-and-copy and friends that never return NULL: the server ends with a message
 * when the machine is out of memory. Sizes from a peer must have been limited before. */
void *smb3_alloc(size_t size) __attribute__((malloc, returns_nonnull));
void *smb3_realloc(void *old, size_t size) __attribute__((returns_nonnull));
char *smb3_strdup(const char *s) __attribute__((malloc, returns_nonnull));

#endif
