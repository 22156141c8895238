// SPDX-License-Identifier: Apache-2.0
/*
 * ask.h: requests of tests, which have a reply: the process ends with a message when one has none within a
 * minute. The status is what the reply says.
 */
#pragma once

#include "cmd.h"

#define SMBC_ASK_WAIT 60000 /* ms */

/* Sends it and waits; the reply is in req. */
uint32_t smbc_ask(struct smbc_req *req);
/* The same, and frees it. */
uint32_t smbc_ask_free(struct smbc_req *req);
/* Of one that was sent: waits, and frees it. */
uint32_t smbc_ask_end(struct smbc_req *req);

/* A connection over fd that has negotiated. */
struct smbc_conn *smbc_ask_conn(struct smbc_lib *lib, int fd);
/* The same with one dialect, which it then has. */
struct smbc_conn *smbc_ask_dialect(struct smbc_lib *lib, int fd, uint16_t dialect);
/* A session of alice; the process ends when she is not let in. */
struct smbc_session *smbc_ask_session(struct smbc_conn *conn);
/* TREE_CONNECT; share without the server's name. */
uint32_t smbc_ask_tree(struct smbc_session *s, const char *share, struct smbc_tree_info *ret_info);
/* The same where it must go well: the number. */
uint32_t smbc_ask_tid(struct smbc_session *s, const char *share);
