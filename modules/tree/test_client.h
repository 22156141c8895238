// SPDX-License-Identifier: Apache-2.0
/*
 * test_client.h: a client of the test server that connects to shares, apart from the tests because
 * its constants are its own.
 */
#ifndef TREE_TEST_CLIENT_H
#define TREE_TEST_CLIENT_H

#include <stdint.h>

struct test_client;
struct test_server;

struct test_tree {
	uint32_t tid, flags, max_access;
};

/* Logged on as alice. */
struct test_client *test_client_new(struct test_server *server);
void test_client_free(struct test_client *c); /* NULL is allowed */
/* The status; *ret_tree is filled on success. */
uint32_t test_connect(struct test_client *c, const char *share, struct test_tree *ret_tree);
uint32_t test_disconnect(struct test_client *c, const struct test_tree *tree);

#endif
