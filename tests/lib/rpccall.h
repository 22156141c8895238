// SPDX-License-Identifier: Apache-2.0
/*
 * rpccall.h: procedures of one interface, called through the runtime of smb3-rpcd, without a process and
 * without a server: what the module's row of kind RPC answers, bytes for bytes. Link with libsmb3rpc.
 */
#ifndef SMB3_TESTS_RPCCALL_H
#define SMB3_TESTS_RPCCALL_H

#include "../../rpcd/runtime.h"

#define RPC_STUB_AT 24 /* in a response */
#define RPC_HANDLE  20

/* The server's side of a procedure's question; the answer is in the arena. 0 or -errno. */
typedef int rpc_rig_ask(struct smb3_rpc_assoc *a, struct smb3_arena *arena, uint32_t question,
			const struct smb3_builder *in, struct smb3_cursor *ret_answer);

enum rpc_who { RPC_ALICE, RPC_ADMIN, RPC_ANONYMOUS };

struct rpc_rig {
	struct rpcd_host host;
	struct rpcd_host_ops ops;
	struct smb3_rpc_assoc *assoc;
	struct smb3_arena *arena; /* of arguments */
	uint8_t sent[65536];      /* the last PDU */
	size_t len;
};

/* The module of the program that was linked with it. Its first interface is bound to. Without ask, the
 * questions of its procedures are refused. */
void rpc_rig_open(struct rpc_rig *rig, enum rpc_who who, rpc_rig_ask *ask);
void rpc_rig_close(struct rpc_rig *rig);

/* ---- arguments and results in NDR ---- */

struct smb3_ndr_out rpc_rig_args(struct rpc_rig *rig);
/* The results, to be read; a fault fails the test. */
struct smb3_ndr_in rpc_rig_call(struct rpc_rig *rig, uint16_t opnum, const struct smb3_ndr_out *in);
/* The last number of the results. */
uint32_t rpc_rig_result(struct smb3_ndr_in *in);
/* The same call for what must be a fault: its code. */
uint32_t rpc_rig_fault(struct rpc_rig *rig, uint16_t opnum, const struct smb3_ndr_out *in);

/* ---- bytes ---- */

/* The answer, a response or a fault, is what was sent last. */
void rpc_rig_send(struct rpc_rig *rig, uint16_t opnum, const void *data, size_t len);
/* The last word of the last response. */
uint32_t rpc_rig_status(const struct rpc_rig *rig);
/* The handle with which the last response begins, of a call that went well. */
void rpc_rig_handle(const struct rpc_rig *rig, uint8_t ret_handle[RPC_HANDLE]);

/* ---- what makes no sense ---- */

/* Nothing but answers and faults come of arguments that make no sense: lengths up to 1,400 bytes of
 * several fillings, behind a handle unless that is NULL. */
void rpc_rig_rubbish(struct rpc_rig *rig, uint16_t opnum, const uint8_t *handle);
/* The same without handle, for every procedure. */
void rpc_rig_rubbish_all(struct rpc_rig *rig);
/* Zeros, which are no handle, are a fault for all procedures but these. */
void rpc_rig_no_handle(struct rpc_rig *rig, const uint16_t *without, size_t n);

#endif
