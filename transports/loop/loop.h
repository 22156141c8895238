// SPDX-License-Identifier: Apache-2.0
/*
 * loop.h: the client's end of the in-process transport. A test finds the row by name and casts:
 *
 *   const struct smb3_loop_transport *loop =
 *           smb3_row_name(server, SMB3_KIND_TRANSPORT, "loop");
 *
 * All functions may be called from any thread that is not a worker.
 */
#ifndef SMB3_LOOP_H
#define SMB3_LOOP_H

#include <smb3/transport.h>

struct smb3_loop_end;

struct smb3_loop_transport {
	struct smb3_transport base;
	/* A new connection to the first loop listener; NULL when there is none. */
	struct smb3_loop_end *(*connect)(struct smb3_server *server);
	/* Sends one whole message, copied. */
	void (*send)(struct smb3_loop_end *end, const void *data, size_t len);
	/* The next message from the server (free() it), waiting at most ms; NULL: none came, or the
	 * server has closed. */
	void *(*receive)(struct smb3_loop_end *end, unsigned int ms, size_t *ret_len);
	/* True once the server has closed and nothing is left to receive. */
	bool (*closed)(struct smb3_loop_end *end);
	void (*shut)(struct smb3_loop_end *end); /* the client goes; what it sent is still taken */
	void (*hang_up)(struct smb3_loop_end *end); /* shut, and frees end */
};

#endif
