// SPDX-License-Identifier: Apache-2.0
/*
 * test_logon.h: log-ons with tickets, straight into the mechanisms of a server without connections.
 */
#ifndef KRB5_TEST_LOGON_H
#define KRB5_TEST_LOGON_H

#include "test_ticket.h"
#include "testmods.h"

extern struct realm *realm;
extern struct test_mods *mods; /* of serve() */

void logon_setup(void);
void logon_teardown(void);

/* A server with these options of krb5, and groups beside it. */
void serve(const char *options, const char *groups);
void serve_alice(const char *options);
/* An account that acts as the user that runs the test. */
void account(const char *name, bool disabled);

/* A log-on, one step of it, and what the server answered. */
struct attempt {
	struct smb3_auth *auth;
	struct smb3_builder out;
	ntstatus status;
};

void step(struct attempt *a, const void *data, size_t len);
/* The first step, with such a ticket. */
struct attempt attempt(const struct ticket_plan *plan);
void done(struct attempt *a);

#endif
