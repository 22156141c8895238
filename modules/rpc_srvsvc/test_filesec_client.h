// SPDX-License-Identifier: Apache-2.0
/*
 * test_filesec_client.h: the client of test_filesec.c: alice, and a file that she has open. smbc and core have
 * the same names for other things, so it is a file of its own.
 */
#ifndef TEST_FILESEC_CLIENT_H
#define TEST_FILESEC_CLIENT_H

#include <stdint.h>

struct test_server;

void client_begin(struct test_server *server);
void client_end(void);
/* One more connection of that client, without a session. */
void client_connects_again(struct test_server *server);
/* Opens a file of the share "share" with a batch oplock; waits until that is broken; gives it back. */
void client_hold(const char *name);
void client_hears_break(void);
void client_lets_go(void);
/* CANCEL of each of the first n message ids. */
void client_cancels(uint64_t n);
void client_echo(void);

#endif
