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
	const struct smb3_rpc_interface **list =
		smb3_arena_alloc(call->arena, (host->n_interfaces + 1) * sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < host->n_interfaces; i++)
		if (!interface_ask(call->assoc, host->interfaces[i], call->auth_level, true))
			list[n++] = host->interfaces[i];
	*ret_n = n;
	return list;
}
