// SPDX-License-Identifier: Apache-2.0
/*
 * ask.c: questions of procedures to the server.
 */
#include "runtime.h"

int smb3_rpc_ask(struct smb3_rpc_call *call, uint32_t question, const struct smb3_builder *in,
		 struct smb3_cursor *ret_answer)
{
	struct smb3_rpc_assoc *a = call->assoc;

	return a->host->ops->ask(a, call->arena, question, in, ret_answer);
}
