// SPDX-License-Identifier: Apache-2.0
/*
 * ctlclient.h: admin commands to a server that runs in the test's process.
 */
#ifndef CTLCLIENT_H
#define CTLCLIENT_H

#include <pthread.h>
#include <smb3/base.h>

/* Runs the server on a thread until ctl_run_stop(). */
void ctl_run_start(struct smb3_server *server, pthread_t *ret_thread);
void ctl_run_stop(struct smb3_server *server, pthread_t thread);

/* A connection to its control socket. */
int ctl_connect(struct smb3_server *server);
/* The whole answer to words ("user add x"), to be freed. secret may be NULL. */
char *ctl_ask(struct smb3_server *server, const char *words, const char *secret);
/* Everything up to the end of fd, to be freed; closes it. */
char *ctl_read(int fd);

#endif
