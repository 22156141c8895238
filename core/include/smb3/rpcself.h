// SPDX-License-Identifier: Apache-2.0
/*
 * rpcself.h: what a procedure may ask the runtime that it runs in. Only interfaces about interfaces want
 * that, so smb3.h leaves it out.
 */
#ifndef SMB3_RPCSELF_H
#define SMB3_RPCSELF_H

#include <smb3/rpc.h>

/* The interfaces that are loaded and that the caller may use, *ret_n of them, in the order of their
 * modules; in the call's arena. */
const struct smb3_rpc_interface *const *smb3_rpc_interfaces(const struct smb3_rpc_call *call,
							    size_t *ret_n);

#endif
