// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_rpc.h: what targets share that run the runtime of smb3-rpcd: all interfaces that are built, and
 * the PDUs that no fuzzer need guess.
 */
#ifndef SMB3_FUZZ_RPC_H
#define SMB3_FUZZ_RPC_H

#include "../../rpcd/runtime.h"
#include "fuzz.h"

#define FUZZ_STUB_MAX 4096
#define FUZZ_PDU_MAX  (PDU_HEADER + 8 + FUZZ_STUB_MAX)

/* Adds the interfaces of all modules rpc_* that are built; ends the process when there is none. */
void fuzz_interfaces_load(struct rpcd_host *host);
/* A bind to it, context 0. */
void fuzz_put_bind(struct smb3_builder *b, const struct smb3_rpc_interface *i);
/* A request in that context; more than FUZZ_STUB_MAX bytes are cut. */
void fuzz_put_request(struct smb3_builder *b, uint16_t opnum, const uint8_t *data, size_t len);

#endif
