// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_create.c: create contexts. Input: disposition and dialect in one byte, create options in
 * the next, then the contexts. [MS-SMB2] 2.2.13.2
 */
#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	fuzz_server_start(NULL);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct smb3_cursor c = smb3_cursor_init(data, len);
	uint8_t how = smb3_get_u8(&c), options = smb3_get_u8(&c);
	size_t left = smb3_cursor_left(&c);
	struct fuzz_peer peer;

	if (!left)
		return 0;
	fuzz_reset();
	fuzz_connect(&peer);
	fuzz_negotiate(&peer, how & 0x80 ? SMB2_DIALECT_0210 : SMB2_DIALECT_0311);
	if (!peer.gone && peer.status == STATUS_SUCCESS) {
		const uint8_t *contexts = smb3_get_bytes(&c, left);

		fuzz_log_on(&peer);
		fuzz_tree_connect(&peer);
		/* Twice: once as the first to open, once to meet the first. */
		fuzz_create(&peer, "a", how & 7, options, contexts, left);
		fuzz_create(&peer, "a", FILE_OPEN_IF, options, contexts, left);
	}
	fuzz_end(&peer);
	return 0;
}
