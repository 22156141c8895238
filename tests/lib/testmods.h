// SPDX-License-Identifier: Apache-2.0
/*
 * testmods.h: a server with a few modules, initialised but not started: for tests that call the
 * rows of one module directly.
 */
#ifndef TESTMODS_H
#define TESTMODS_H

#include <smb3/smb3.h>

struct test_mods {
	struct smb3_server *server; /* NULL: it refused to start */
	char dir[64];               /* its folder; smb3.conf is in it, and state/ */
	struct smb3_mod *own;       /* of test_mods_add() */
};

/* modules as they stand in smb3.conf: "\"sign\", \"smb311\""; groups: further groups, or "". */
struct test_mods *test_mods_start(const char *modules, const char *groups);
void test_mods_stop(struct test_mods *t);
/* Adds rows of the test's own, once. */
void test_mods_add(struct test_mods *t, const struct smb3_provide *provides);
/* The account's name of the user that runs the test: a Unix user that is sure to exist. */
const char *test_mods_user(void);

/* A connection, or a session with one channel on it, of which only memory and slots are there. */
struct smb3_conn *test_mods_conn(struct test_mods *t);
struct smb3_channel *test_mods_channel(struct test_mods *t);
void test_mods_channel_free(struct test_mods *t, struct smb3_channel *ch); /* and its session */

/* "0a1b" to bytes; spaces are skipped. Returns their number; ends the test beyond size. */
size_t test_hex(const char *hex, void *ret_bytes, size_t size);
struct test_bytes {
	uint8_t data[1024];
	size_t len;
};
struct test_bytes test_bytes(const char *hex);
/* True when the bytes are those; prints both when not. */
bool test_is_hex(const void *bytes, size_t len, const char *hex);

#endif
