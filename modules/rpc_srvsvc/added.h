// SPDX-License-Identifier: Apache-2.0
/*
 * added.h: shares that administrators made with their clients, and the file that has them.
 */
#ifndef RPC_SRVSVC_ADDED_H
#define RPC_SRVSVC_ADDED_H

#include <smb3/smb3.h>

#define SRVSVC_NAME_MAX    320  /* bytes; 80 characters */
#define SRVSVC_PATH_MAX    4000 /* bytes */
#define SRVSVC_COMMENT_MAX 1000 /* bytes */

struct srvsvc_added {
	const char *name, *path, *comment;
};

struct srvsvc_file {
	struct srvsvc_added *list; /* with room for one more */
	size_t n;
	unsigned int line; /* the last one that was read */
};

/* UTF-8 of at most max bytes, without control characters. */
bool srvsvc_text_sound(const char *s, size_t max);
/* 0, or -EBADMSG: line is not what srvsvc_file_build() writes. */
int srvsvc_file_parse(struct smb3_arena *arena, const char *text, size_t len,
		      struct srvsvc_file *ret_file);
void srvsvc_file_build(const struct srvsvc_file *file, struct smb3_builder *out);
/* NULL: none of that name. */
struct srvsvc_added *srvsvc_added_find(const struct srvsvc_file *file, const char *name);
/* path is folder, or below it. */
bool srvsvc_path_within(const char *path, const char *folder);
/* An absolute path without "." and "..", and without what a share's path could mean. */
bool srvsvc_path_plain(const char *path);

#endif
