// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_fsctl.c: the input of control codes: pieces to copy, clones, tokens, reparse points, ranges.
 * Input, again and again: which code, which open, where in the input the ids of an open are put
 * (255: nowhere), the length; then the input itself. [MS-SMB2] 2.2.31
 */
#include "fuzz.h"

#define INPUT_AT (SMB2_HEADER_SIZE + 56)

static const uint32_t codes[] = {
	FSCTL_SRV_REQUEST_RESUME_KEY,
	FSCTL_SRV_COPYCHUNK,
	FSCTL_SRV_COPYCHUNK_WRITE,
	FSCTL_DUPLICATE_EXTENTS_TO_FILE,
	FSCTL_DUPLICATE_EXTENTS_TO_FILE_EX,
	FSCTL_OFFLOAD_READ,
	FSCTL_OFFLOAD_WRITE,
	FSCTL_SET_REPARSE_POINT,
	FSCTL_GET_REPARSE_POINT,
	FSCTL_DELETE_REPARSE_POINT,
	FSCTL_SET_SPARSE,
	FSCTL_SET_ZERO_DATA,
	FSCTL_QUERY_ALLOCATED_RANGES,
	FSCTL_QUERY_FILE_REGIONS,
	FSCTL_FILE_LEVEL_TRIM,
	FSCTL_SET_COMPRESSION,
	FSCTL_SET_OBJECT_ID,
	FSCTL_SET_OBJECT_ID_EXTENDED,
	FSCTL_IS_PATHNAME_VALID,
	FSCTL_PIPE_WAIT,
	FSCTL_VALIDATE_NEGOTIATE_INFO,
	FSCTL_QUERY_NETWORK_INTERFACE_INFO,
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	fuzz_server_start(NULL);
	return 0;
}

static void prepare(struct fuzz_peer *p)
{
	fuzz_reset();
	fuzz_connect(p);
	fuzz_negotiate(p, SMB2_DIALECT_0311);
	if (p->gone || p->status != STATUS_SUCCESS)
		return;
	fuzz_log_on(p);
	fuzz_tree_connect(p);
	fuzz_create(p, "a", FILE_OPEN_IF, FILE_NON_DIRECTORY_FILE, NULL, 0);
	fuzz_create(p, "b", FILE_OPEN_IF, FILE_NON_DIRECTORY_FILE, NULL, 0);
	fuzz_create(p, "folder", FILE_OPEN_IF, FILE_DIRECTORY_FILE, NULL, 0);
}

static void put_ids(const struct fuzz_peer *p, uint8_t which, uint8_t *to)
{
	const struct fuzz_id *id = &p->opens[which % p->n_opens];

	smb3_store_u64(to, id->persistent_id);
	smb3_store_u64(to + 8, id->volatile_id);
}

static void send_one(struct fuzz_peer *p, struct smb3_cursor *c)
{
	uint8_t code = smb3_get_u8(c), open = smb3_get_u8(c), at = smb3_get_u8(c);
	size_t len = smb3_get_u16(c), left = smb3_cursor_left(c);
	uint8_t *body;

	len = len < left ? len : left;
	body = calloc(1, 56 + len + 1);
	memcpy(body + 56, smb3_get_bytes(c, len), len);
	smb3_store_u16(body, 57);
	smb3_store_u32(body + 4, codes[code % SMB3_ARRAY_SIZE(codes)]);
	if (open == 255)
		memset(body + 8, 0xFF, 16);
	else
		put_ids(p, open, body + 8);
	if (at != 255 && (size_t)at + 16 <= len)
		put_ids(p, open >> 4, body + 56 + at);
	smb3_store_u32(body + 24, INPUT_AT);
	smb3_store_u32(body + 28, (uint32_t)len);
	smb3_store_u32(body + 44, 65536); /* MaxOutputResponse */
	smb3_store_u32(body + 48, SMB2_0_IOCTL_IS_FSCTL);
	fuzz_request(p, SMB2_IOCTL, p->tree, body, 56 + len);
	free(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct smb3_cursor c = smb3_cursor_init(data, len);
	struct fuzz_peer peer;

	prepare(&peer);
	while (peer.n_opens && !peer.gone && smb3_cursor_left(&c) > 5)
		send_one(&peer, &c);
	fuzz_end(&peer);
	return 0;
}
