// SPDX-License-Identifier: Apache-2.0
/*
 * rpcpdu.h: PDUs of DCE/RPC as clients write them. [C706] 12.6
 */
#ifndef SMB3_TESTS_RPCPDU_H
#define SMB3_TESTS_RPCPDU_H

#include <smb3/rpc.h>

extern const struct smb3_guid rpc_ndr32;

struct rpc_head {
	uint8_t type, flags;
	uint32_t call_id;
	uint16_t auth_len;
};

/* body_len: all that follows the header. */
void rpc_put_head(struct smb3_builder *b, const struct rpc_head *head, size_t body_len);

struct rpc_binding {
	uint32_t group;
	uint16_t takes; /* bytes of a fragment; 0: 4,280 */
	const struct smb3_guid *uuid;
	uint32_t version;                 /* the minor one in the upper half */
	const struct smb3_guid *transfer; /* NULL: NDR, version 2 */
	uint32_t transfer_version;
};

/* The body of a bind or alter, with one context, whose number is 0. */
void rpc_put_binding(struct smb3_builder *b, const struct rpc_binding *how);
/* The body of a request in that context. */
void rpc_put_request(struct smb3_builder *b, uint16_t opnum, const void *data, size_t len);

#endif
