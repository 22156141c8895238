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
#define FUZZ_SIGN_LEN 16
#define FUZZ_PDU_MAX  (PDU_HEADER + 8 + FUZZ_STUB_MAX + PDU_TRAILER + FUZZ_SIGN_LEN + 16)

/* Adds the interfaces of all modules rpc_* that are built; ends the process when there is none. */
void fuzz_interfaces_load(struct rpcd_host *host);
/* A number of inputs: the interface whose UUID has that sum of bytes (so seeds stay what they are when
 * modules come and go); of other numbers, any. */
const struct smb3_rpc_interface *fuzz_interface(const struct rpcd_host *host, uint8_t number);
/* A bind to it, context 0; with a log-on when calls without one are denied. */
void fuzz_put_bind(struct smb3_builder *b, const struct smb3_rpc_interface *i);
/* A request in that context, signed as the interface wants it; more than FUZZ_STUB_MAX bytes are cut. */
struct fuzz_stub {
	uint16_t opnum;
	const uint8_t *data;
	size_t len;
};
void fuzz_put_request(struct smb3_builder *b, const struct smb3_rpc_interface *i,
		      const struct fuzz_stub *stub);
/* True: a question about that log-on and its signatures, which are all right. What it is answered with. */
bool fuzz_answer_logon(uint32_t question, struct smb3_builder *answer);

#endif
