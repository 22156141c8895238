// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_request.c: requests of somebody who is logged on and has a few things open: compounds and
 * every command. Input: the dialect in one byte, then messages, each behind its length in two
 * bytes. Ids are put in: see fuzz_fix().
 */
#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	fuzz_server_start(NULL);
	return 0;
}

static void prepare(struct fuzz_peer *p, uint8_t choice)
{
	static const uint16_t dialects[] = { SMB2_DIALECT_0311, SMB2_DIALECT_0202,
					     SMB2_DIALECT_0210, SMB2_DIALECT_0300,
					     SMB2_DIALECT_0302 };

	fuzz_reset();
	fuzz_connect(p);
	fuzz_negotiate(p, dialects[choice % SMB3_ARRAY_SIZE(dialects)]);
	if (p->gone || p->status != STATUS_SUCCESS)
		return;
	fuzz_log_on(p);
	fuzz_tree_connect(p);
	fuzz_create(p, "", FILE_OPEN, FILE_DIRECTORY_FILE, NULL, 0);
	fuzz_create(p, "file", FILE_OPEN_IF, FILE_NON_DIRECTORY_FILE, NULL, 0);
	fuzz_create(p, "folder", FILE_OPEN_IF, FILE_DIRECTORY_FILE, NULL, 0);
	fuzz_create(p, "folder\\b", FILE_OPEN_IF, FILE_DELETE_ON_CLOSE, NULL, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct smb3_cursor c = smb3_cursor_init(data, len);
	uint8_t choice = smb3_get_u8(&c);
	struct fuzz_peer peer;

	prepare(&peer, choice);
	while (smb3_cursor_left(&c) > 2) {
		size_t n = smb3_get_u16(&c), left = smb3_cursor_left(&c);
		uint8_t *message;

		n = n < left ? n : left;
		message = malloc(n + 1);
		memcpy(message, smb3_get_bytes(&c, n), n);
		fuzz_fix(&peer, message, n);
		fuzz_send(&peer, message, n);
		free(message);
	}
	fuzz_end(&peer);
	return 0;
}
