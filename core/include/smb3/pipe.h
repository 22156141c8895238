// SPDX-License-Identifier: Apache-2.0
/*
 * pipe.h: a row of kind PIPE is a named-pipe service on IPC$. CREATE on a pipe name that no row
 * owns answers STATUS_OBJECT_NAME_NOT_FOUND.
 * All calls come on the open's worker and must not block; what has to wait pends the request
 * (smb3_req_pend) and finishes it later: a read then fills out first, which stays where it is.
 */
#ifndef SMB3_PIPE_H
#define SMB3_PIPE_H

#include <smb3/base.h>
#include <smb3/module.h>

struct smb3_pipe {
	const struct smb3_pipe_service *service;
	struct smb3_open *open;
	void *data;   /* the service's */
	bool bytes;   /* FilePipeInformation: read as a stream of bytes */
	bool no_wait; /* ... a READ that finds nothing ends at once */
};

struct smb3_pipe_service {
	const char *name; /* "srvsvc", without "\pipe\"; "*": the names that has() knows */
	bool (*has)(struct smb3_server *server, const char *name);
	ntstatus (*open)(struct smb3_pipe *pipe);
	void (*close)(struct smb3_pipe *pipe);
	/* Takes one message; may pend. */
	ntstatus (*write)(struct smb3_pipe *pipe, struct smb3_req *req, const uint8_t *data,
			  size_t len);
	/* Gives at most max bytes with smb3_put_bytes into out; STATUS_BUFFER_OVERFLOW when the
	 * message goes on; pends when there is nothing yet. */
	ntstatus (*read)(struct smb3_pipe *pipe, struct smb3_req *req, struct smb3_builder *out,
			 size_t max);
	/* FSCTL_PIPE_TRANSCEIVE: both at once. NULL: a write that does not pend, and a read. */
	ntstatus (*transceive)(struct smb3_pipe *pipe, struct smb3_req *req,
			       const struct smb3_cursor *in, struct smb3_builder *out, size_t max);
	/* FSCTL_PIPE_PEEK: bytes available now. */
	size_t (*peek)(const struct smb3_pipe *pipe);
};

/* Who serves a pipe of that name, or NULL. */
static inline const struct smb3_pipe_service *smb3_pipe_find(struct smb3_server *server,
							     const char *name)
{
	const struct smb3_pipe_service *s = NULL;

	if (name[0] != '*')
		s = smb3_row_name(server, SMB3_KIND_PIPE, name);
	if (s)
		return s;
	s = smb3_row_name(server, SMB3_KIND_PIPE, "*");
	return s && s->has(server, name) ? s : NULL;
}

#endif
