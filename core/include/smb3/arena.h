// SPDX-License-Identifier: Apache-2.0
/*
 * arena.h: memory that dies together. A request has one: what a command allocates there is
 * never freed by hand. One thread at a time.
 */
#ifndef SMB3_ARENA_H
#define SMB3_ARENA_H

#include <smb3/base.h>

struct smb3_arena *smb3_arena_new(void);
void smb3_arena_free(struct smb3_arena *a); /* NULL is allowed */
/* Forgets everything but keeps the first block, for reuse. */
void smb3_arena_reset(struct smb3_arena *a);

/* Zeroed, aligned to 16. Never NULL; callers limit sizes that come from a peer. */
void *smb3_arena_alloc(struct smb3_arena *a, size_t size);
void *smb3_arena_copy(struct smb3_arena *a, const void *data, size_t len);
char *smb3_arena_strdup(struct smb3_arena *a, const char *s);
char *smb3_arena_printf(struct smb3_arena *a, const char *fmt, ...) SMB3_PRINTF(2, 3);

#endif
