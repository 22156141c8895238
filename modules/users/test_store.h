// SPDX-License-Identifier: Apache-2.0
/*
 * test_store.h: a store on a file in a folder of its own, and the commands of a server with the module.
 */
#ifndef USERS_TEST_STORE_H
#define USERS_TEST_STORE_H

#include "testmods.h"
#include "users.h"

struct test_store {
	char dir[64], path[80];   /* the file's */
	char why[USERS_WHY_SIZE]; /* what the store said last */
};

extern struct test_store here;

void store_setup(void);
/* Nothing may be left but what the store and its tests make. */
void store_teardown(void);

/* The store on that file, which must be sound. */
struct store *store_of_file(void);
void file_is(const char *text);
/* An account with a password. */
int put(struct store *s, const char *name, enum store_how how);

/* ---- the module ---- */

struct test_answer {
	bool ok;
	char text[4096];
};

extern struct test_mods *t;
extern struct test_answer said;

void module_setup(void);
void module_teardown(void);
/* Whether it went well; said has the answer. */
bool command(const char *secret, const char *line);

#endif
