// SPDX-License-Identifier: Apache-2.0
/*
 * ask.c: what procedures ask: the server, or the runtime about itself.
 */
#include "runtime.h"

#include <smb3/rpcself.h>

int smb3_rpc_ask(struct smb3_rpc_call *call, uint32_t question, const struct smb3_builder *in,
		 struct smb3_cursor *ret_answer)
{
	struct smb3_rpc_assoc *a = call->assoc;

	return a->host->ops->ask(a, call->arena, question, in, ret_answer);
}

const struct smb3_rpc_interface *const *smb3_rpc_interfaces(const struct smb3_rpc_call *call,
							    size_t *ret_n)
{
	const struct rpcd_host *host = call->assoc->host;

	*ret_n = host->n_interfaces;
	return host->interfaces;
}

bool smb3_rpc_interface_shown(const struct smb3_rpc_call *call, const struct smb3_rpc_interface *i)
{
	return !interface_ask(call->assoc, i, call->auth_level, true);
}
