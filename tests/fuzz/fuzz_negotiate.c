// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_negotiate.c: NEGOTIATE: dialects and negotiate contexts. Input: the body after the header.
 * [MS-SMB2] 2.2.3, 3.3.5.4
 */
#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	fuzz_server_start(NULL);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_peer peer;

	fuzz_reset();
	fuzz_connect(&peer);
	fuzz_request(&peer, SMB2_NEGOTIATE, 0, data, len);
	/* What was agreed is in use with the next request. */
	fuzz_request(&peer, SMB2_ECHO, 0, "\4\0\0\0", 4);
	fuzz_end(&peer);
	return 0;
}
