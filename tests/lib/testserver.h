// SPDX-License-Identifier: Apache-2.0
/*
 * testserver.h: a whole server inside the test's process, reached over the loop transport.
 * It has a folder of its own with the shares "share" (vfs_posix), "ro" (the same folder, read-only)
 * and "mem" (vfs_mem), and the account alice with the password "secret".
 */
#ifndef TESTSERVER_H
#define TESTSERVER_H

#include <smb3/hook.h>

struct test_server;

struct test_server_conf {
	const char *modules; /* "\"tcp\", ..."; NULL: all of the foundation */
	const char *also;    /* further ones: "\"audit\""; NULL: none */
	const char *groups;  /* added to smb3.conf; NULL: nothing */
	const char *shares;  /* further entries of shares, each with a comma before it; or NULL */
};

/* Ends the test with a message when the server does not start. conf may be NULL. */
struct test_server *test_server_start(const struct test_server_conf *conf);
/* Stops it and removes its folder. */
void test_server_stop(struct test_server *t);

struct smb3_server *test_server_core(const struct test_server *t);
const char *test_server_dir(const struct test_server *t); /* that of the share "share" */

/* Puts the hook in the place of all others at its point in the server, which must be idle. It stays there. */
void test_server_hook(struct test_server *t, enum smb3_hook_point point,
		      const struct smb3_hook *hook);

/* A new connection: a socket on which frames are as over TCP. Bridged to the loop transport by a
 * thread; close() it. */
int test_server_connect(struct test_server *t);

#endif
