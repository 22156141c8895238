// SPDX-License-Identifier: Apache-2.0
/*
 * filesec.h: what smb3-rpcd asks smb3d about security descriptors of files.
 */
#ifndef RPC_SRVSVC_FILESEC_H
#define RPC_SRVSVC_FILESEC_H

#include <smb3/smb3.h>

/* later: t share, t path, 4 which (SECURITY_INFORMATION), b sets, ... descriptor -> 4 NTSTATUS, ...
 * descriptor. -EACCES: who calls is not the session's user */
#define SMB3_ASK_FILE_SECURITY 0x45

/* A call that waits may bring 64 KiB, its names included; a descriptor that is read may have 64 KiB. */
#define FILESEC_SET_MAX  (48u << 10)
#define FILESEC_GET_MAX  (64u << 10)
#define FILESEC_PATH_MAX 4096u /* bytes of UTF-16; much more than file systems take */

struct filesec {
	const char *share, *path;
	uint32_t which;
	bool sets;
	const uint8_t *sd;
	size_t len;
};

/* The compound that asks for it over SMB; relative to a session. False: nobody can ask for that. */
bool filesec_compound(const struct filesec *f, struct smb3_builder *out);
/* What the replies to it say: the first error, or the descriptor in ret_sd. */
ntstatus filesec_result(const uint8_t *replies, size_t len, struct smb3_cursor *ret_sd);

extern const struct smb3_rpc_question srvsvc_ask_security;

#endif
