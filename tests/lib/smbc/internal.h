// SPDX-License-Identifier: Apache-2.0
/*
 * internal.h: what the files of the client library tell each other and nobody else.
 */
#pragma once

#include "smbc.h"

/* recv.c: delivers every whole message in conn->in. */
int recv_deliver(struct smbc_conn *conn);

/* req.c */
void req_add(struct smbc_req *req);
struct smbc_req *req_take(struct smbc_conn *conn, uint64_t mid);
struct smbc_req *req_find(const struct smbc_conn *conn, uint64_t mid);
void req_finish(struct smbc_req *req, int err);
/* Ends every request in flight with err. */
void req_fail_all(struct smbc_conn *conn, int err);
void req_pool_free(struct smbc_conn *conn);

/* conn.c: the connection is of no more use; everything in flight ends. */
int conn_fail(struct smbc_conn *conn, int err);
/* What has been sent makes room, also where there always is more to send. */
void conn_compact(struct smbc_conn *conn);
/* A buffer that was used before, where `buf` has none and there is one. */
void conn_spare_take(struct smbc_conn *conn, struct smbc_buf *buf);

/* session.c */
struct smbc_session *session_find(const struct smbc_conn *conn, uint64_t id);
