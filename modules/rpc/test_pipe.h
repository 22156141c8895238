// SPDX-License-Identifier: Apache-2.0
/*
 * test_pipe.h: one pipe of the runtime, without a process: a client that writes PDUs into it, an interface,
 * and a server that answers questions as the test says.
 */
#ifndef RPC_TEST_PIPE_H
#define RPC_TEST_PIPE_H

#include "rpcpdu.h"
#include "runtime.h"

#define WHOLE (PFC_FIRST | PFC_LAST)
/* The server's verifiers are a number, the sum of all bytes before it; sealing turns each byte of the stub
 * over. */
#define SIGN_LEN 4

/* Result and reason of the one context; the address "\PIPE\test" ends at a multiple of 4. */
#define RESULT_AT (16 + 8 + 2 + 11 + 3 + 4)

#define PIPE_TAKES 2000 /* bytes of a fragment */

enum { ECHO, MAKE, USE, CLOSE, NONE, WHO }; /* the interface's procedures */

struct test_pipe {
	struct rpcd_host host;
	struct smb3_rpc_assoc *assoc; /* alice's */
	uint8_t sent[1 << 20];        /* the PDUs since something was written */
	size_t sent_len, n_sent;
	/* Whether the interface is denied, or hidden; and how often that was asked. */
	struct {
		int err;
		bool boss; /* he is refused, others are not */
		unsigned int asked;
		uint8_t level;
		bool logged_on;
	} policy;
};

extern struct test_pipe rpc;
extern const struct smb3_rpc_interface test_interface;

void pipe_setup(void);
void pipe_teardown(void);

/* ---- what the client writes: false when the pipe is closed for it ---- */

/* What how leaves out: the test's interface, version 1.0. */
bool pipe_bind_as(struct smb3_rpc_assoc *a, uint8_t type, struct rpc_binding how);
/* Must go well. */
void pipe_bind(struct smb3_rpc_assoc *a, uint32_t group);
bool pipe_request(struct smb3_rpc_assoc *a, uint8_t flags, uint16_t opnum, const void *data,
		  size_t len);

/* ---- what comes back ---- */

uint32_t pipe_u32(size_t at);
void pipe_expect_fault(uint32_t fault);

/* What a verifier must be. */
uint32_t pipe_sum(const uint8_t *p, size_t len);

#endif
