// SPDX-License-Identifier: Apache-2.0
/*
 * auth.c: security contexts of associations. Associations without one only: whoever wants one is told
 * that its type is not known. [MS-RPCE] 2.2.2.11, 3.3.1.5.2
 */
#include "runtime.h"

#include <errno.h>

int auth_step(struct smb3_rpc_assoc *a, const struct pdu *p, struct smb3_cursor *ret_reply)
{
	return -EPROTONOSUPPORT;
}

void auth_put_token(struct smb3_rpc_assoc *a, struct smb3_builder *b, struct smb3_cursor *token)
{
}

uint32_t auth_check(struct smb3_rpc_assoc *a, struct pdu *p)
{
	return p->auth_len ? SMB3_RPC_FAULT_SEC_PKG : SMB3_RPC_OK;
}

size_t auth_room(const struct smb3_rpc_assoc *a)
{
	return 0;
}

bool auth_protect(struct smb3_rpc_assoc *a, struct smb3_builder *b, size_t stub)
{
	return true;
}
