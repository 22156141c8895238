// SPDX-License-Identifier: Apache-2.0
/*
 * rpcself.h: what a procedure may ask the runtime that it runs in. Only interfaces about interfaces want
 * that, so smb3.h leaves it out.
 */
#ifndef SMB3_RPCSELF_H
#define SMB3_RPCSELF_H

#include <smb3/rpc.h>

/* All interfaces that are loaded, *ret_n of them, in the order of their modules. */
const struct smb3_rpc_interface *const *smb3_rpc_interfaces(const struct smb3_rpc_call *call,
							    size_t *ret_n);
/* Whether the caller may be told of it: policies may hide it from him. Asks smb3d. */
bool smb3_rpc_interface_shown(const struct smb3_rpc_call *call, const struct smb3_rpc_interface *i);

#endif
