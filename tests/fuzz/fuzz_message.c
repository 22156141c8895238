// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_message.c: whole messages as they come from an unknown peer: layers, headers, compounds,
 * message ids. Input: messages, each behind its length in two bytes. [MS-SMB2] 3.3.5.1, 3.3.5.2
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
	struct fuzz_peer peer;

	fuzz_reset();
	fuzz_connect(&peer);
	while (smb3_cursor_left(&c) > 2) {
		size_t n = smb3_get_u16(&c), left = smb3_cursor_left(&c);

		n = n < left ? n : left;
		fuzz_send(&peer, smb3_get_bytes(&c, n), n);
	}
	fuzz_end(&peer);
	return 0;
}
