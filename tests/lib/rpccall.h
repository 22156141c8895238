// SPDX-License-Identifier: Apache-2.0
/*
 * rpccall.h: procedures of one interface, called through the runtime of smb3-rpcd, without a process and
 * without a server: what the module's row of kind RPC answers, bytes for bytes. Link with libsmb3rpc.
 */
#ifndef SMB3_TESTS_RPCCALL_H
#define SMB3_TESTS_RPCCALL_H

#include "../../rpcd/runtime.h"

struct rpc_rig {
	struct rpcd_host host;
	struct smb3_rpc_assoc *assoc;
	uint8_t sent[65536]; /* the last PDU */
	size_t len;
};

/* The module of the program that was linked with it. Its first interface is bound to; questions of its
 * procedures are refused. */
void rpc_rig_open(struct rpc_rig *rig, bool admin);
void rpc_rig_close(struct rpc_rig *rig);
/* The results, to be read; a fault fails the test. */
struct smb3_ndr_in rpc_rig_call(struct rpc_rig *rig, uint16_t opnum, const struct smb3_ndr_out *in);
/* The same for what must be a fault: its code. */
uint32_t rpc_rig_fault(struct rpc_rig *rig, uint16_t opnum, const struct smb3_ndr_out *in);
/* Nothing but answers and faults come of arguments that make no sense: lengths up to 600 bytes of several
 * fillings, for every procedure. */
void rpc_rig_rubbish(struct rpc_rig *rig);

#endif
